"""Guttman's lower bounds to reliability, and the average correlation of items.

Every function is batched over the leading axes of the covariance.
"""

from __future__ import annotations

import numpy as np

from psychometrics.stats.moments import FloatArray, correlation_of
from psychometrics.stats.reliability import NEGLIGIBLE


def lambda2(covariance: FloatArray) -> FloatArray:
    """Guttman's lambda 2: at least alpha, and equal to it where all covariances are.

    Parameters
    ----------
    covariance : ndarray, shape (..., k, k)
        Covariances of the k items of one scale, keyed in one direction.

    Returns
    -------
    ndarray, shape (...)
        NaN for k < 2 or a sum score that does not vary.

    References
    ----------
    Guttman, L. (1945). A basis for analyzing test-retest reliability. Psychometrika, 10, 255-282.
    doi:10.1007/BF02288892

    Examples
    --------
    >>> round(float(lambda2(np.array([[1.0, 0.5], [0.5, 1.0]]))), 4)
    0.6667
    """
    k = covariance.shape[-1]
    if k < 2:
        return np.full(covariance.shape[:-2], np.nan)
    total = covariance.sum(axis=(-2, -1))
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    own = variance.sum(axis=-1)
    shared = np.maximum((covariance**2).sum(axis=(-2, -1)) - (variance**2).sum(axis=-1), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (total - own + np.sqrt(k / (k - 1) * shared)) / total
    return np.asarray(np.where(total > NEGLIGIBLE * own, found, np.nan))


def lambda6(covariance: FloatArray) -> FloatArray:
    """Guttman's lambda 6: what the other items predict of each is reliable.

    As psych's ``G6(smc)`` it is that of the items scaled to equal variance: one minus the sum of
    what regressions on the other items leave, over the sum of the correlations.

    Parameters
    ----------
    covariance : ndarray, shape (..., k, k)
        Covariances or correlations.

    Returns
    -------
    ndarray, shape (...)
        NaN for k < 2, an item that does not vary, or items that determine each other.

    References
    ----------
    Guttman (1945), see :func:`lambda2`.
    """
    k = covariance.shape[-1]
    if k < 2:
        return np.full(covariance.shape[:-2], np.nan)
    correlation = correlation_of(covariance)
    known = np.asarray(np.isfinite(correlation).all(axis=(-2, -1)))
    safe = np.where(known[..., None, None], correlation, np.eye(k))
    values, vectors = np.linalg.eigh(safe)
    regular = known & (values[..., 0] > 1e-10)
    spread = np.where(regular[..., None], values, 1.0)
    inverse = ((vectors**2) / spread[..., None, :]).sum(axis=-1)
    total = safe.sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = 1 - (1 / inverse).sum(axis=-1) / total
    return np.asarray(np.where(regular & (total > NEGLIGIBLE * k), found, np.nan))


def average_correlation(covariance: FloatArray) -> FloatArray:
    """Mean correlation of two different items.

    Parameters
    ----------
    covariance : ndarray, shape (..., k, k)

    Returns
    -------
    ndarray, shape (...)
        NaN for k < 2 or an item that does not vary.

    Examples
    --------
    >>> float(average_correlation(np.array([[4.0, 1.0], [1.0, 1.0]])))
    0.5
    """
    k = covariance.shape[-1]
    if k < 2:
        return np.full(covariance.shape[:-2], np.nan)
    correlation = correlation_of(covariance)
    return np.asarray((correlation.sum(axis=(-2, -1)) - k) / (k * (k - 1)))


def standardized_alpha(covariance: FloatArray) -> FloatArray:
    """Alpha of the items scaled to equal variance, from their average correlation."""
    k = covariance.shape[-1]
    mean = average_correlation(covariance)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = k * mean / (1 + (k - 1) * mean)
    return np.asarray(np.where(1 + (k - 1) * mean > NEGLIGIBLE, found, np.nan))
