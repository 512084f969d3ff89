"""Reliability of a sum of ordinal items from a model of the variables behind them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from psychometrics.stats.bivariate_normal import distribution
from psychometrics.stats.moments import FloatArray


def categorical_omega(
    loadings: npt.ArrayLike,
    thresholds: npt.ArrayLike,
    factor_covariance: npt.ArrayLike | None = None,
    *,
    residual_covariance: npt.ArrayLike | None = None,
    observed_correlation: npt.ArrayLike | None = None,
) -> FloatArray:
    """Return Green and Yang's reliability of the sum of ordinal items.

    The share of the sum's variance that a second, equally related answer to the same items would
    share. Unlike omega from polychoric correlations it is about the answers as given and not about
    the continuous variables behind them.

    Parameters
    ----------
    loadings : array_like, shape (..., p) or (..., p, m)
        Loadings of the variables behind the items on one factor, or on several.
    thresholds : array_like, shape (..., p, K - 1)
        NaN where an item has fewer categories.
    factor_covariance : array_like, shape (..., m, m), optional
        Covariances of the factors; uncorrelated with variance 1 by default.
    residual_covariance : array_like, shape (..., p, p), optional
        Residual covariances; by default what a variance of 1 leaves. Loadings and thresholds are
        scaled to that variance, whatever the parameterisation.
    observed_correlation : array_like, shape (..., p, p), optional
        Polychoric correlations. With them the observed variance of the sum is divided by, without
        them the one that the model implies.

    Returns
    -------
    ndarray, shape (...)
        NaN where the variance behind an item is not positive.

    References
    ----------
    Green, S. B., & Yang, Y. (2009). Reliability of summed item scores using structural equation
    modeling: An alternative to coefficient alpha. Psychometrika, 74, 155-167, equation 21.
    doi:10.1007/s11336-008-9099-3

    Examples
    --------
    >>> round(float(categorical_omega([0.7, 0.7, 0.7], [[0.0], [0.0], [0.0]])), 3)
    0.592
    """
    common = _common(np.asarray(loadings, dtype=float), factor_covariance)
    own = np.diagonal(common, axis1=-2, axis2=-1)
    total = common + _residuals(own, residual_covariance)
    variance = np.diagonal(total, axis1=-2, axis2=-1)
    sd = np.sqrt(np.where(variance > 0, variance, np.nan))
    scale = sd[..., :, None] * sd[..., None, :]
    limits = np.asarray(thresholds, dtype=float) / sd[..., None]
    if observed_correlation is None:
        whole = total / scale
    else:
        whole = np.asarray(observed_correlation, dtype=float)
    return sum_covariance(common / scale, limits) / sum_covariance(
        with_unit_diagonal(whole), limits
    )


def _common(loadings: FloatArray, factor_covariance: npt.ArrayLike | None) -> FloatArray:
    """Return the covariances that the factors make, (..., p, p)."""
    if factor_covariance is None:
        columns = loadings[..., None]
        return np.asarray(columns @ np.swapaxes(columns, -1, -2))
    between = np.asarray(factor_covariance, dtype=float)
    columns = loadings if loadings.shape[-1:] == between.shape[-1:] else loadings[..., None]
    return np.asarray(columns @ between @ np.swapaxes(columns, -1, -2))


def _residuals(own: FloatArray, residual_covariance: npt.ArrayLike | None) -> FloatArray:
    """Return residual covariances, (..., p, p)."""
    if residual_covariance is not None:
        return np.asarray(residual_covariance, dtype=float)
    rest = 1 - own
    return np.where(rest > 0, rest, np.nan)[..., None] * np.eye(own.shape[-1])


def with_unit_diagonal(correlation: FloatArray) -> FloatArray:
    """Return correlations with an exact diagonal, which rounding may have left at 1 - 1e-16."""
    fixed = np.array(correlation)
    place = np.arange(fixed.shape[-1])
    fixed[..., place, place] = np.where(np.isnan(fixed[..., place, place]), np.nan, 1.0)
    return fixed


def sum_covariance(correlation: FloatArray, thresholds: FloatArray) -> FloatArray:
    """Return the summed covariances of items coded 0, 1, 2, ... whose variables correlate so.

    An answer counts the thresholds below its variable, so the covariance of two answers is the
    sum over pairs of thresholds of Phi2(s, t, r) - Phi(s) Phi(t).

    Parameters
    ----------
    correlation : ndarray, shape (..., p, p)
        With 1 on the diagonal it gives the variance of the sum.
    thresholds : ndarray, shape (..., p, K - 1)
        NaN where there is none.

    Returns
    -------
    ndarray, shape (...)
    """
    exists = ~np.isnan(thresholds)
    limit = np.where(exists, thresholds, np.inf)
    one, two = limit[..., :, None, :, None], limit[..., None, :, None, :]
    together = distribution(one, two, correlation[..., None, None])
    excess = together - special.ndtr(one) * special.ndtr(two)
    return np.asarray(excess.sum(axis=(-4, -3, -2, -1)))
