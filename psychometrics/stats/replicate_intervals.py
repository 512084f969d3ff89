"""Intervals of a statistic from its replicates: bootstrap samples, or units left out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from psychometrics.stats.moments import FloatArray
from psychometrics.stats.resampling import percentile_interval

# Where more replicates than this have no value there is no interval.
MOST_UNDEFINED = 0.05


def undefined_share(replicates: FloatArray) -> float:
    """Return the share of replicates without a value."""
    return float(np.isnan(replicates).mean()) if len(replicates) else 1.0


def percentile(replicates: FloatArray, level: float) -> tuple[float, float]:
    """Return the percentile interval of one statistic; NaN where too many have no value."""
    low, high = percentile_interval(replicates[:, None], level)
    return float(low[0]), float(high[0])


def normal_bootstrap(
    estimate: float, replicates: FloatArray, level: float, highest: float = np.inf
) -> tuple[float, float, float]:
    """Return the limits estimate -/+ z times the bootstrap standard error, and that error.

    Parameters
    ----------
    estimate : float
    replicates : ndarray, shape (n_boot,)
    level : float
        Coverage.
    highest : float
        What the statistic can't exceed; an upper limit above it says no more than it does.

    References
    ----------
    Padilla, M. A., & Divers, J. (2016). A comparison of composite reliability estimators:
    Coefficient omega confidence intervals in the current literature. Educational and
    Psychological Measurement, 76, 436-453. doi:10.1177/0013164415593776
    """
    if undefined_share(replicates) > MOST_UNDEFINED:
        return np.nan, np.nan, np.nan
    se = float(np.nanstd(replicates, ddof=1))
    width = float(special.ndtri((1 + level) / 2)) * se
    return estimate - width, min(estimate + width, highest), se


def bca(
    estimate: float, replicates: FloatArray, deleted: FloatArray, level: float
) -> tuple[float, float]:
    """Return the bias-corrected and accelerated bootstrap interval.

    Parameters
    ----------
    estimate : float
    replicates : ndarray, shape (n_boot,)
    deleted : ndarray, shape (units,)
        The statistic without each unit (or bundle of units) in turn, for the acceleration.
    level : float
        Coverage.

    References
    ----------
    Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical
    Association, 82, 171-185. doi:10.1080/01621459.1987.10478410
    """
    known = replicates[~np.isnan(replicates)]
    if undefined_share(replicates) > MOST_UNDEFINED or not len(known):
        return np.nan, np.nan
    below = ((known < estimate).sum() + 0.5 * (known == estimate).sum()) / len(known)
    # Never wholly on one side: half a replicate is the least.
    bias = special.ndtri(np.clip(below, 0.5 / len(known), 1 - 0.5 / len(known)))
    apart = np.nanmean(deleted) - deleted[~np.isnan(deleted)]
    square = (apart**2).sum()
    bend = (apart**3).sum() / (6 * square**1.5) if square > 0 else 0.0
    z = special.ndtri(np.array([(1 - level) / 2, (1 + level) / 2]))
    at = special.ndtr(bias + (bias + z) / (1 - bend * (bias + z)))
    low, high = np.quantile(known, at)
    return float(low), float(high)


def jackknife_variance(
    deleted: list[FloatArray],
) -> tuple[float, int]:
    """Return the variance of a statistic from leaving units out, and its degrees of freedom.

    Parameters
    ----------
    deleted : list of ndarray
        For each stratum the statistic without each of its units in turn. A stratum of one unit
        can't tell how units differ and adds nothing.

    Returns
    -------
    variance : float
        NaN where the statistic has no value without some unit.
    df : int
        Units less strata.

    References
    ----------
    Wolter, K. M. (2007). Introduction to variance estimation (2nd ed., ch. 4).
    """
    variance, df = 0.0, 0
    for values in deleted:
        n = len(values)
        if n < 2:
            continue
        variance += (n - 1) / n * float(((values - values.mean()) ** 2).sum())
        df += n - 1
    return (variance if df else np.nan), df


def t_limits(centre: float, variance: float, df: float, level: float) -> tuple[float, float]:
    """Return the limits of a t interval."""
    width = float(special.stdtrit(df, (1 + level) / 2)) * float(np.sqrt(variance))
    return centre - width, centre + width


def normal_limits(centre: float, variance: float, level: float) -> tuple[float, float]:
    """Return the limits of a normal interval."""
    width = float(special.ndtri((1 + level) / 2)) * float(np.sqrt(variance))
    return centre - width, centre + width


def ordered(limits: npt.ArrayLike) -> tuple[float, float]:
    """Return two limits, the lower first."""
    low, high = np.sort(np.asarray(limits, dtype=float))
    return float(low), float(high)
