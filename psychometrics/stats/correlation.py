"""Correlations of many pairs of variables at once, by group and pooled, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.reliability import Interval

# A sum of squares this small against the values themselves is rounding, not variation.
NEGLIGIBLE = 1e-12


@dataclass(frozen=True, slots=True)
class CrossMoments:
    """Sums of squares and products of x with y, over the people who have both.

    Attributes
    ----------
    n : ndarray, shape (group, s, c)
        People with both variables.
    xx, yy, xy : ndarray, shape (group, s, c)
        Sums about the group's own means of those people; 0 where a variable doesn't vary.
    """

    n: FloatArray
    xx: FloatArray
    yy: FloatArray
    xy: FloatArray


def cross_moments(x: FloatArray, y: FloatArray, group: IntArray, n_groups: int) -> CrossMoments:
    """Reduce two blocks of variables to sums by group, each pair over its complete rows.

    Parameters
    ----------
    x : ndarray, shape (n, s)
        One block, such as scale scores; NaN where there is no value.
    y : ndarray, shape (n, c)
        The other block, such as comparators.
    group : ndarray of int, shape (n,)
        Group of each row; rows with -1 are in none.
    n_groups : int
        Number of groups.

    Returns
    -------
    CrossMoments
    """
    shape = (n_groups, x.shape[1], y.shape[1])
    n, xx, yy, xy = (np.zeros(shape) for _ in range(4))
    for g in range(n_groups):
        mine = group == g
        a, seen_a = _centred(x[mine])
        b, seen_b = _centred(y[mine])
        n[g] = seen_a.T @ seen_b
        count = np.maximum(n[g], 1.0)
        sum_a, sum_b = a.T @ seen_b, seen_a.T @ b
        xx[g] = _about_mean((a**2).T @ seen_b, sum_a, count)
        yy[g] = _about_mean(seen_a.T @ b**2, sum_b, count)
        xy[g] = a.T @ b - sum_a * sum_b / count
    return CrossMoments(n, xx, yy, xy)


def _centred(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return values about their column means, 0 where there is none, and which there are.

    A column of equal values is exactly 0: its mean is not always exactly the value.
    """
    seen = ~np.isnan(values)
    mean = np.where(seen, values, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    about = np.where(seen, values - mean, 0.0)
    size = np.where(seen, np.abs(values), 0.0).max(axis=0, initial=0.0)
    return np.where(np.abs(about).max(axis=0, initial=0.0) > NEGLIGIBLE * size, about, 0.0), (
        seen.astype(float)
    )


def _about_mean(square: FloatArray, total: FloatArray, n: FloatArray) -> FloatArray:
    """Return the sum of squares about the mean; what only rounding left over becomes 0."""
    about = square - total**2 / n
    return np.where(about > NEGLIGIBLE * square, about, 0.0)


def pool_groups(moments: CrossMoments) -> CrossMoments:
    """Add the sums about the groups' own means: what is left when groups are held constant."""
    return CrossMoments(
        moments.n.sum(axis=0, keepdims=True),
        moments.xx.sum(axis=0, keepdims=True),
        moments.yy.sum(axis=0, keepdims=True),
        moments.xy.sum(axis=0, keepdims=True),
    )


def join_moments(*parts: CrossMoments) -> CrossMoments:
    """Lay moments of different groups, or groups and their pools, behind one another."""
    return CrossMoments(
        np.concatenate([part.n for part in parts]),
        np.concatenate([part.xx for part in parts]),
        np.concatenate([part.yy for part in parts]),
        np.concatenate([part.xy for part in parts]),
    )


def pearson(moments: CrossMoments) -> FloatArray:
    """Return the correlations; NaN where a variable does not vary.

    Of pooled moments it is the pooled-within correlation, which is the partial correlation
    given group.

    Examples
    --------
    >>> import numpy as np
    >>> x, y = np.array([[1.0], [2.0], [3.0]]), np.array([[1.0], [3.0], [2.0]])
    >>> float(pearson(cross_moments(x, y, np.zeros(3, dtype=int), 1))[0, 0, 0])
    0.5
    """
    varies = (moments.xx > 0) & (moments.yy > 0)
    scale = np.sqrt(np.where(varies, moments.xx, 1.0) * np.where(varies, moments.yy, 1.0))
    return np.where(varies, np.clip(moments.xy / scale, -1.0, 1.0), np.nan)


def within_ranks(values: FloatArray, group: IntArray) -> FloatArray:
    """Replace the values by their ranks in each group, scaled so that groups of any size agree.

    The pooled-within correlation of these ranks is Spearman's partial correlation given group;
    within one group it is Spearman's correlation.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Without missing values; ties share their mean rank.
    group : ndarray of int, shape (n,)
        Group of each row.

    References
    ----------
    Liu, Q., Li, C., Wanga, V., & Shepherd, B. E. (2018). Covariate-adjusted Spearman's rank
    correlation with probability-scale residuals. Biometrics, 74, 595-605.
    doi:10.1111/biom.12812
    """
    ranks = np.zeros(len(values))
    for g in np.unique(group):
        mine = group == g
        n = int(mine.sum())
        ranks[mine] = (2 * stats.rankdata(values[mine]) - n - 1) / n
    return ranks


def fisher_variance(n_obs: npt.ArrayLike, n_partialled: npt.ArrayLike = 0) -> FloatArray:
    """Return the sampling variance of the z-transformed Pearson correlation.

    Parameters
    ----------
    n_obs : array_like
        People.
    n_partialled : array_like
        Variables held constant: groups minus one for a pooled-within correlation.

    Returns
    -------
    ndarray
        ``1 / (n - n_partialled - 3)``; NaN for fewer than four people more than that.
    """
    spare = np.asarray(n_obs, dtype=float) - np.asarray(n_partialled, dtype=float) - 3
    return np.where(spare > 0, 1 / np.where(spare > 0, spare, 1.0), np.nan)


def bonett_wright_variance(
    correlation: npt.ArrayLike, n_obs: npt.ArrayLike, n_partialled: npt.ArrayLike = 0
) -> FloatArray:
    """Return the sampling variance of the z-transformed Spearman correlation.

    Parameters
    ----------
    correlation : array_like
        Spearman's correlation.
    n_obs, n_partialled
        As for :func:`fisher_variance`.

    References
    ----------
    Bonett, D. G., & Wright, T. A. (2000). Sample size requirements for estimating Pearson,
    Kendall and Spearman correlations. Psychometrika, 65, 23-28. doi:10.1007/BF02294183
    """
    inflation = 1 + np.asarray(correlation, dtype=float) ** 2 / 2
    return np.asarray(inflation * fisher_variance(n_obs, n_partialled))


def fisher_interval(
    correlation: npt.ArrayLike, variance: npt.ArrayLike, level: float = 0.95
) -> Interval:
    """Interval of a correlation on Fisher's z scale.

    Parameters
    ----------
    correlation : array_like
        Correlations; any shape.
    variance : array_like
        Sampling variance of z, see :func:`fisher_variance`.
    level : float
        Coverage.

    References
    ----------
    Fisher, R. A. (1921). On the "probable error" of a coefficient of correlation deduced from a
    small sample. Metron, 1, 3-32.

    Examples
    --------
    >>> limits = fisher_interval(0.5, fisher_variance(103))
    >>> round(float(limits.low), 3), round(float(limits.high), 3)
    (0.339, 0.632)
    """
    half = special.ndtri((1 + level) / 2) * np.sqrt(np.asarray(variance, dtype=float))
    with np.errstate(divide="ignore"):
        z = np.arctanh(np.asarray(correlation, dtype=float))
    return Interval(np.asarray(np.tanh(z - half)), np.asarray(np.tanh(z + half)), level)
