"""Standardised mean differences of two groups, of many variables at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from psychometrics.errors import check_option
from psychometrics.stats.correlation import NEGLIGIBLE
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray

IntervalMethod = Literal["noncentral_t", "large_sample"]
INTERVALS: tuple[IntervalMethod, ...] = ("noncentral_t", "large_sample")


@dataclass(frozen=True, slots=True)
class EffectSize:
    """Hedges' g with its interval; arrays of one shape.

    Attributes
    ----------
    estimate, low, high : ndarray
        g and its limits; NaN where it can't be had.
    variance : ndarray
        Large-sample variance of g, for a synthesis.
    n_higher, n_lower : ndarray
        People in the two groups.
    level : float
        Coverage.
    """

    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    variance: FloatArray
    n_higher: FloatArray
    n_lower: FloatArray
    level: float


@dataclass(frozen=True, slots=True)
class Cells:
    """Size, mean and sum of squares of each stratum's two groups.

    Attributes
    ----------
    n, mean, square : ndarray, shape (stratum, 2, s)
        The first group is the one expected to be higher; `square` is about the cell's mean.
    """

    n: FloatArray
    mean: FloatArray
    square: FloatArray


def two_group_cells(
    values: FloatArray, higher: BoolArray, stratum: IntArray, n_strata: int
) -> Cells:
    """Reduce variables to their cells.

    Parameters
    ----------
    values : ndarray, shape (n, s)
        Rows of the two groups alone; NaN where there is no value.
    higher : ndarray of bool, shape (n,)
        True for the group expected to be higher.
    stratum : ndarray of int, shape (n,)
        Site of each row; rows with -1 are in none.
    n_strata : int
        Number of strata.
    """
    shape = (n_strata, 2, values.shape[1])
    n, mean, square = (np.zeros(shape) for _ in range(3))
    for g in range(n_strata):
        for side, member in enumerate((higher, ~higher)):
            mine = values[(stratum == g) & member]
            seen = ~np.isnan(mine)
            filled = np.where(seen, mine, 0.0)
            n[g, side] = seen.sum(axis=0)
            mean[g, side] = filled.sum(axis=0) / np.maximum(n[g, side], 1)
            about = (np.where(seen, mine - mean[g, side], 0.0) ** 2).sum(axis=0)
            # Equal values leave rounding behind, because their mean isn't always exactly theirs.
            rounding = NEGLIGIBLE**2 * (filled**2).sum(axis=0)
            square[g, side] = np.where(about > rounding, about, 0.0)
    return Cells(n, mean, square)


def hedges_g(
    cells: Cells, *, level: float = 0.95, interval: IntervalMethod = "noncentral_t"
) -> EffectSize:
    """Standardised mean difference of each stratum, corrected for small samples.

    Parameters
    ----------
    cells : Cells
        See :func:`two_group_cells`.
    level : float
        Coverage.
    interval : {"noncentral_t", "large_sample"}
        Exact for normal scores of equal variance, or ``g +- z * sqrt(variance)``.

    Returns
    -------
    EffectSize
        Arrays of shape (stratum, s).

    References
    ----------
    Hedges, L. V. (1981). Distribution theory for Glass's estimator of effect size and related
    estimators. Journal of Educational Statistics, 6, 107-128. doi:10.3102/10769986006002107
    Steiger, J. H., & Fouladi, R. T. (1997). Noncentrality interval estimation and the evaluation
    of statistical models. In What if there were no significance tests? (pp. 221-257).

    Examples
    --------
    >>> import numpy as np
    >>> score = np.array([[5.0], [6.0], [7.0], [3.0], [4.0], [5.0]])
    >>> first = np.array([True, True, True, False, False, False])
    >>> found = hedges_g(two_group_cells(score, first, np.zeros(6, dtype=int), 1))
    >>> round(float(found.estimate[0, 0]), 3)
    1.596
    """
    n = cells.n
    weight = n[:, 0] * n[:, 1] / np.maximum(n[:, 0] + n[:, 1], 1)
    difference = cells.mean[:, 0] - cells.mean[:, 1]
    df = n[:, 0] + n[:, 1] - 2
    return _standardized(
        difference, cells.square.sum(axis=1), weight, df, n[:, 0], n[:, 1], level, interval
    )


def stratified_hedges_g(
    cells: Cells, *, level: float = 0.95, interval: IntervalMethod = "noncentral_t"
) -> EffectSize:
    """Standardised mean difference with strata held constant.

    The difference and the residual variance are those of the linear model with an effect of the
    group and one of each stratum; a stratum with people of one group informs the variance alone.

    Parameters
    ----------
    cells, level, interval
        As for :func:`hedges_g`.

    Returns
    -------
    EffectSize
        Arrays of shape (1, s).
    """
    n = cells.n
    weight = n[:, 0] * n[:, 1] / np.maximum(n[:, 0] + n[:, 1], 1)
    total = weight.sum(axis=0)
    own = cells.mean[:, 0] - cells.mean[:, 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = (weight * own).sum(axis=0) / total
    between = (weight * (own - difference) ** 2).sum(axis=0)
    square = cells.square.sum(axis=(0, 1)) + between
    people = n.sum(axis=0)
    df = people.sum(axis=0) - (n.sum(axis=1) > 0).sum(axis=0) - 1
    return _standardized(
        difference[None],
        square[None],
        total[None],
        df[None],
        people[:1],
        people[1:],
        level,
        interval,
    )


def _standardized(
    difference: FloatArray,
    square: FloatArray,
    weight: FloatArray,
    df: FloatArray,
    n_higher: FloatArray,
    n_lower: FloatArray,
    level: float,
    interval: IntervalMethod,
) -> EffectSize:
    """Return g of a difference whose variance is ``sigma**2 / weight`` with `df` behind it."""
    check_option("interval", interval, INTERVALS)
    possible = (weight > 0) & (df > 1) & (square > 0)
    safe_df = np.where(possible, df, 2.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        d = np.where(possible, difference / np.sqrt(square / safe_df), np.nan)
        g = small_sample_factor(safe_df) * d
        variance = 1 / weight + g**2 / (2 * (n_higher + n_lower))
        if interval == "noncentral_t":
            low, high = noncentral_limits(d * np.sqrt(weight), safe_df, level)
            scale = small_sample_factor(safe_df) / np.sqrt(weight)
            low, high = low * scale, high * scale
        else:
            half = special.ndtri((1 + level) / 2) * np.sqrt(variance)
            low, high = g - half, g + half
    return EffectSize(g, low, high, variance, n_higher, n_lower, level)


def small_sample_factor(df: npt.ArrayLike) -> FloatArray:
    """Return Hedges' exact factor that takes the bias off d.

    Examples
    --------
    >>> round(float(small_sample_factor(10)), 4)
    0.9227
    """
    nu = np.asarray(df, dtype=float)
    log_ratio = special.gammaln(nu / 2) - special.gammaln((nu - 1) / 2)
    return np.asarray(np.exp(log_ratio) / np.sqrt(nu / 2))


def noncentral_limits(
    t: FloatArray, df: FloatArray, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return the noncentralities under which t lies just inside the two tails.

    Parameters
    ----------
    t, df : ndarray
        Statistic and degrees of freedom; NaN gives NaN.
    level : float
        Coverage.
    """
    known = np.isfinite(t)
    statistic = np.where(known, t, 0.0)
    tail = (1 - level) / 2
    low = special.nctdtrinc(df, 1 - tail, statistic)
    high = special.nctdtrinc(df, tail, statistic)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)
