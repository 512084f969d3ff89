"""The sampling variance of alpha without assuming normal or parallel items."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from psychometrics.stats.moments import FloatArray, IntArray


def alpha_influence(rows: FloatArray, covariance: FloatArray) -> FloatArray:
    """Return how much each person moves alpha, times n.

    Alpha is a function of the covariances, so a person moves it by the slope of that function
    times the deviation of their products from the covariances.

    Parameters
    ----------
    rows : ndarray, shape (n, k)
        Answers about the means they are analysed about (the grand mean, or each site's own); NaN
        where missing.
    covariance : ndarray, shape (k, k)
        Covariances alpha is made from.

    Returns
    -------
    ndarray, shape (n,)
        Their mean is 0 but for rounding where all answers are there.

    References
    ----------
    Maydeu-Olivares, A., Coffman, D. L., & Hartmann, W. M. (2007). Asymptotically
    distribution-free (ADF) interval estimation of coefficient alpha. Psychological Methods, 12,
    157-176. doi:10.1037/1082-989X.12.2.157
    """
    k = covariance.shape[-1]
    total, own = covariance.sum(), np.trace(covariance)
    # Slopes of alpha by the covariances: off the diagonal by the sum alone.
    slope = np.full((k, k), own / total**2)
    slope[np.arange(k), np.arange(k)] -= 1 / total
    slope *= k / (k - 1)
    seen = ~np.isnan(rows)
    if seen.all():
        sums = rows.sum(axis=1)
        spread = slope[0, 0] - slope[0, 1] if k > 1 else 0.0
        products = slope[0, 1] * sums**2 + spread * (rows**2).sum(axis=1)
        return np.asarray(products - (slope * covariance).sum())
    x, mask = np.where(seen, rows, 0.0), seen.astype(float)
    share = slope * len(rows) / np.maximum(mask.T @ mask, 1.0)
    moved = np.einsum("ni,ij,nj->n", x, share, x)
    return np.asarray(moved - np.einsum("ni,ij,nj->n", mask, share * covariance, mask))


def influence_variance(influence: FloatArray, clusters: IntArray | None = None) -> float:
    """Return the variance of a statistic from people's influences, or from those of clusters.

    Parameters
    ----------
    influence : ndarray, shape (n,)
        See :func:`alpha_influence`.
    clusters : ndarray of int, shape (n,), optional
        Cluster of each person; people of one cluster may depend on each other.
    """
    n = len(influence)
    if clusters is None:
        return float((influence**2).sum() / (n * (n - 1)))
    size = int(clusters.max()) + 1
    moved = np.bincount(clusters, weights=influence, minlength=size)
    return float(size / (size - 1) * (moved**2).sum() / n**2)


def as_clusters(labels: npt.ArrayLike) -> IntArray:
    """Return numbers 0, 1, ... for clusters, in the order of their names."""
    return np.unique(np.asarray(labels), return_inverse=True)[1].reshape(-1).astype(np.int64)
