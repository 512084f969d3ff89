"""Internal consistency from covariances: alpha and omega, with their intervals.

Every function is batched over the leading axes of the covariance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from psychometrics.stats.moments import FloatArray

# A variance of a sum this small against what is summed is rounding, not variation.
NEGLIGIBLE = 1e-12


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided interval; arrays of one shape.

    Attributes
    ----------
    low, high : ndarray
        Limits.
    level : float
        Coverage, for example 0.95.
    """

    low: FloatArray
    high: FloatArray
    level: float


def cronbach_alpha(covariance: FloatArray) -> FloatArray:
    """Coefficient alpha.

    Parameters
    ----------
    covariance : ndarray, shape (..., k, k)
        Covariances of the k items of one scale, keyed in one direction.

    Returns
    -------
    ndarray, shape (...)
        ``k / (k - 1) * (1 - trace / sum)``; NaN for k < 2 or a sum score that does not vary.

    References
    ----------
    Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests.
    Psychometrika, 16, 297-334. doi:10.1007/BF02310555

    Examples
    --------
    >>> import numpy as np
    >>> float(cronbach_alpha(np.array([[1.0, 0.5], [0.5, 1.0]])))
    0.6666666666666667
    """
    k = covariance.shape[-1]
    if k < 2:
        return np.full(covariance.shape[:-2], np.nan)
    total = covariance.sum(axis=(-2, -1))
    own = np.trace(covariance, axis1=-2, axis2=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        alpha = k / (k - 1) * (1 - own / total)
    return np.asarray(np.where(total > NEGLIGIBLE * own, alpha, np.nan))


def standardized_alpha(correlation: FloatArray) -> FloatArray:
    """Alpha of the items scaled to equal variance: alpha of the correlation matrix."""
    return cronbach_alpha(correlation)


def feldt_interval(
    alpha: FloatArray, n_items: int, df: FloatArray, level: float = 0.95
) -> Interval:
    """Exact interval of alpha under parallel (compound symmetric) normal items.

    Parameters
    ----------
    alpha : ndarray
        Sample alphas.
    n_items : int
        k.
    df : ndarray
        Degrees of freedom of the covariance: n - 1, or N - G for a pooled-within covariance.
        The second degrees of freedom are ``df * (k - 1)``.
    level : float
        Coverage.

    References
    ----------
    Feldt, L. S. (1965). The approximate sampling distribution of Kuder-Richardson reliability
    coefficient twenty. Psychometrika, 30, 357-370. doi:10.1007/BF02289499

    Examples
    --------
    >>> import numpy as np
    >>> limits = feldt_interval(np.array(0.8), 8, np.array(29.0))
    >>> round(float(limits.low), 3), round(float(limits.high), 3)
    (0.67, 0.892)
    """
    tail = (1 - level) / 2
    second = df * (n_items - 1)
    with np.errstate(invalid="ignore"):
        low = 1 - (1 - alpha) * stats.f.isf(tail, df, second)
        high = 1 - (1 - alpha) * stats.f.isf(1 - tail, df, second)
    return Interval(np.asarray(low), np.asarray(high), level)


def bonett_variance(n_items: int, df: FloatArray) -> FloatArray:
    """Variance of ``log(1 - alpha)``: ``2k / ((k - 1)(n - 2))`` with ``n - 1 = df``.

    References
    ----------
    Bonett, D. G. (2002). Sample size requirements for testing and estimating coefficient alpha.
    Journal of Educational and Behavioral Statistics, 27, 335-340. doi:10.3102/10769986027004335
    """
    df = np.asarray(df, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(df > 1, 2 * n_items / ((n_items - 1) * (df - 1)), np.nan)


def bonett_interval(
    alpha: FloatArray, n_items: int, df: FloatArray, level: float = 0.95
) -> Interval:
    """Large-sample interval of alpha on the scale ``log(1 - alpha)``.

    It needs neither equal variances nor equal covariances to be useful, and leaves out
    Bonett's small-sample correction of the centre, as most programs do.

    References
    ----------
    Bonett, D. G. (2002), see :func:`bonett_variance`.
    """
    width = stats.norm.isf((1 - level) / 2) * np.sqrt(bonett_variance(n_items, df))
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = np.log1p(-alpha)
        return Interval(1 - np.exp(centre + width), 1 - np.exp(centre - width), level)


def omega_from_loadings(
    loadings: FloatArray, residual_variances: FloatArray, factor_variance: FloatArray | float = 1.0
) -> FloatArray:
    """Omega total (composite reliability) with the model-implied variance below the line.

    Parameters
    ----------
    loadings : ndarray, shape (..., k)
        Unstandardised loadings on one factor, of items keyed in one direction.
    residual_variances : ndarray, shape (..., k)
        Residual variances; residuals uncorrelated.
    factor_variance : ndarray, shape (...), or float
        Variance of the factor.

    References
    ----------
    McDonald, R. P. (1999). Test theory: A unified treatment (p. 89).
    Raykov, T. (1997). Estimation of composite reliability for congeneric measures. Applied
    Psychological Measurement, 21, 173-184. doi:10.1177/01466216970212006
    """
    true = loadings.sum(axis=-1) ** 2 * factor_variance
    return np.asarray(true / (true + residual_variances.sum(axis=-1)))


def average_variance_extracted(
    loadings: FloatArray, residual_variances: FloatArray, factor_variance: FloatArray | float = 1.0
) -> FloatArray:
    """Share of the items' variance that the factor carries, in the items' own metric.

    Parameters
    ----------
    loadings, residual_variances, factor_variance
        As for :func:`omega_from_loadings`.

    References
    ----------
    Fornell, C., & Larcker, D. F. (1981). Evaluating structural equation models with
    unobservable variables and measurement error. Journal of Marketing Research, 18, 39-50.
    doi:10.1177/002224378101800104
    """
    captured = (loadings**2).sum(axis=-1) * factor_variance
    return np.asarray(captured / (captured + residual_variances.sum(axis=-1)))


def logit_interval(
    estimate: FloatArray, standard_error: FloatArray, level: float = 0.95
) -> Interval:
    """Delta-method interval on the logit scale: it stays between 0 and 1.

    References
    ----------
    Kelley, K., & Pornprasertmanit, S. (2016). Confidence intervals for population reliability
    coefficients. Psychological Methods, 21, 69-92. doi:10.1037/a0040086
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = np.log(estimate) - np.log1p(-estimate)
        width = stats.norm.isf((1 - level) / 2) * standard_error / (estimate * (1 - estimate))
        low, high = special.expit(centre - width), special.expit(centre + width)
    return Interval(np.asarray(low), np.asarray(high), level)


def item_rest(covariance: FloatArray) -> FloatArray:
    """Correlation of each item with the sum of the others.

    Parameters
    ----------
    covariance : ndarray, shape (..., k, k)

    Returns
    -------
    ndarray, shape (..., k)
        NaN for an item, or a rest, that does not vary.
    """
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    row = covariance.sum(axis=-1)
    total = row.sum(axis=-1)[..., None]
    rest_variance = total - 2 * row + variance
    others = variance.sum(axis=-1)[..., None] - variance
    varies = (variance > 0) & (rest_variance > NEGLIGIBLE * others)
    size = np.sqrt(np.where(varies, variance * rest_variance, 1.0))
    return np.asarray(np.where(varies, (row - variance) / size, np.nan))


def alpha_if_deleted(covariance: FloatArray) -> FloatArray:
    """Alpha of the scale without each item in turn; NaN for fewer than three items."""
    k = covariance.shape[-1]
    if k < 3:
        return np.full(covariance.shape[:-1], np.nan)
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    row = covariance.sum(axis=-1)
    total = row.sum(axis=-1)[..., None] - 2 * row + variance
    own = variance.sum(axis=-1)[..., None] - variance
    with np.errstate(invalid="ignore", divide="ignore"):
        alpha = (k - 1) / (k - 2) * (1 - own / total)
    return np.asarray(np.where(total > NEGLIGIBLE * own, alpha, np.nan))
