"""Factor scores, and how well they are determined."""

from __future__ import annotations

from typing import Literal

import numpy as np

from psychometrics.stats.cfa.kernel import Implied
from psychometrics.stats.moments import FloatArray

ScoreMethod = Literal["regression", "bartlett"]


def score_weights(implied: Implied, group: int, n_observed: int, method: ScoreMethod) -> FloatArray:
    """Weights of the observed variables, shape (factors, p).

    Parameters
    ----------
    implied : Implied
        One replicate.
    method : {"regression", "bartlett"}
        Thurstone's regression scores, or Bartlett's conditionally unbiased ones.

    References
    ----------
    Thurstone, L. L. (1935). The vectors of mind.
    Bartlett, M. S. (1937). The statistical conception of mental factors. British Journal of
    Psychology, 28, 97-104.
    """
    p = n_observed
    full = implied.full[0, group]
    between, own = full[p:, :p], full[p:, p:]
    if method == "regression":
        return np.asarray(np.linalg.solve(full[:p, :p], between.T).T)
    loadings = np.linalg.solve(own, between).T
    residual = full[:p, :p] - loadings @ own @ loadings.T
    weighted = np.linalg.solve(residual, loadings)
    return np.asarray(np.linalg.solve(loadings.T @ weighted, weighted.T))


def factor_scores(
    implied: Implied, group: int, rows: FloatArray, method: ScoreMethod = "regression"
) -> FloatArray:
    """Score complete rows of one group, shape (n, factors)."""
    p = rows.shape[1]
    weights = score_weights(implied, group, p, method)
    return np.asarray(implied.full_mean[0, group, p:] + (rows - implied.mean[0, group]) @ weights.T)


def determinacy(implied: Implied, group: int, n_observed: int) -> FloatArray:
    """Correlation of regression scores with their factors, shape (factors,).

    References
    ----------
    Grice, J. W. (2001). Computing and evaluating factor scores. Psychological Methods, 6,
    430-450. doi:10.1037/1082-989X.6.4.430
    """
    p = n_observed
    full = implied.full[0, group]
    weights = score_weights(implied, group, p, "regression")
    explained = np.einsum("fi,fi->f", weights, full[p:, :p])
    return np.asarray(np.sqrt(explained / np.diagonal(full)[p:]))
