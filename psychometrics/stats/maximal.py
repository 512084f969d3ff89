"""The reliability of the best weighted sum of congeneric items."""

from __future__ import annotations

from typing import Any

import numpy as np


def coefficient_h(loadings: Any, residual_variances: Any) -> Any:
    """Return coefficient H: the reliability of the sum with the weights that make it largest.

    Signs of loadings and units of items don't matter.

    Parameters
    ----------
    loadings, residual_variances : ndarray, shape (..., k)
        On one factor of variance 1.

    Returns
    -------
    ndarray, shape (...)
        1 where an item has no residual variance; NaN where one is negative.

    References
    ----------
    Hancock, G. R., & Mueller, R. O. (2001). Rethinking construct reliability within latent variable
    systems. In Structural equation modeling: Present and future (pp. 195-216).

    Examples
    --------
    >>> round(float(coefficient_h(np.full(4, 0.7), np.full(4, 0.51))), 4)
    0.7935
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        signal = (loadings**2 / residual_variances).sum(axis=-1)
        found = 1 / (1 + 1 / signal)
    return np.where((np.asarray(residual_variances).real < 0).any(axis=-1), np.nan, found)
