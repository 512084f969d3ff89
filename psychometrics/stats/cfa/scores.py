"""Factor scores, and how well they are determined."""

from __future__ import annotations

from typing import Literal

import numpy as np

from psychometrics.stats.cfa.kernel import Implied
from psychometrics.stats.moments import FloatArray, IntArray

ScoreMethod = Literal["regression", "bartlett"]


def score_weights(
    implied: Implied,
    group: int,
    n_observed: int,
    method: ScoreMethod,
    observed: IntArray | None = None,
) -> FloatArray:
    """Weights of the observed variables, shape (factors, p or fewer).

    Parameters
    ----------
    implied : Implied
        One replicate.
    method : {"regression", "bartlett"}
        Thurstone's regression scores, or Bartlett's conditionally unbiased ones.
    observed : ndarray of int, optional
        Places of the variables that were answered; all by default.

    References
    ----------
    Thurstone, L. L. (1935). The vectors of mind.
    Bartlett, M. S. (1937). The statistical conception of mental factors. British Journal of
    Psychology, 28, 97-104.
    """
    p = n_observed
    full = implied.full[0, group]
    at = np.arange(p) if observed is None else observed
    sigma, between, own = full[np.ix_(at, at)], full[p:, at], full[p:, p:]
    if method == "regression":
        return np.asarray(np.linalg.solve(sigma, between.T).T)
    loadings = np.linalg.solve(own, between).T
    residual = sigma - loadings @ own @ loadings.T
    weighted = np.linalg.solve(residual, loadings)
    return np.asarray(np.linalg.solve(loadings.T @ weighted, weighted.T))


def factor_scores(
    implied: Implied, group: int, rows: FloatArray, method: ScoreMethod = "regression"
) -> FloatArray:
    """Score the rows of one group, shape (n, factors).

    A row with missing values is scored from what it holds. Bartlett's scores don't exist for a row
    in which a factor has no answer: NaN.
    """
    p = rows.shape[1]
    mean = implied.full_mean[0, group, p:]
    scores = np.empty((len(rows), len(mean)))
    answered = ~np.isnan(rows)
    patterns, member = np.unique(answered, axis=0, return_inverse=True)
    for k, pattern in enumerate(patterns):
        mine, at = member.reshape(-1) == k, np.flatnonzero(pattern)
        gap = rows[mine][:, at] - implied.mean[0, group, at]
        try:
            weights = score_weights(implied, group, p, method, at)
        except np.linalg.LinAlgError:
            scores[mine] = np.nan
            continue
        scores[mine] = mean + gap @ weights.T
    return scores


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
