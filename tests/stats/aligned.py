"""Put columns of loadings in the order and direction of others, explicitly and once."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from psychometrics.stats.moments import FloatArray, IntArray


def order_like(loadings: FloatArray, like: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return which columns stand where in `like`, and their signs; all orders are tried."""
    products = loadings.T @ like
    m = products.shape[0]
    best = max(permutations(range(m)), key=lambda o: np.abs(products[list(o), range(m)]).sum())
    order = np.array(best)
    return order, np.where(products[order, np.arange(m)] < 0, -1.0, 1.0)


def aligned(
    loadings: FloatArray, phi: FloatArray, like: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return loadings and factor correlations with the columns of `like`.

    What is left afterwards are differences of the numbers.
    """
    order, sign = order_like(loadings, like)
    return loadings[:, order] * sign, phi[np.ix_(order, order)] * np.outer(sign, sign)
