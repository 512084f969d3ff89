"""How one group answers an item, held against the others: its sign, its categories, its gaps.

Groups are compared where they stand the same: on the rest of the scale, never on a total that
holds the item itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special
from scipy.stats import hypergeom

from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.stats.reliability import NEGLIGIBLE, Interval
from psychometrics.stats.response_style import wilson_interval


def rest_correlations(covariance: FloatArray, sound: BoolArray) -> FloatArray:
    """Correlation of each item with the sum of the others that are sound.

    Parameters
    ----------
    covariance : ndarray, shape (..., k, k)
    sound : ndarray of bool, shape (..., k)
        Which items may be in the rest; an item is never in its own.

    Returns
    -------
    ndarray, shape (..., k)
        NaN for an item, or a rest, that does not vary.

    Examples
    --------
    >>> turned = np.array([1.0, 1.0, -1.0])
    >>> covariance = 0.5 * np.outer(turned, turned) + 0.5 * np.eye(3)
    >>> rest_correlations(covariance, np.array([True, True, False])).round(3).tolist()
    [0.5, 0.5, -0.577]
    """
    k = covariance.shape[-1]
    weight = sound[..., None, :] & ~np.eye(k, dtype=bool)
    used = weight.astype(float)
    with_rest = (used * covariance).sum(axis=-1)
    rest = np.einsum("...ij,...jl,...il->...i", used, covariance, used)
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    size = (used * variance[..., None, :]).sum(axis=-1)
    varies = (variance > 0) & (rest > NEGLIGIBLE * size) & (size > 0)
    spread = np.sqrt(np.where(varies, variance * rest, 1.0))
    return np.where(varies, np.clip(with_rest / spread, -1.0, 1.0), np.nan)


def against_the_scale(
    covariance: FloatArray, df: FloatArray, significance: float, family: int
) -> BoolArray:
    """Tell which items run against the rest of their scale, beyond chance.

    One item a group and step, the one that does so most: an item whose rest holds another that runs
    against it looks worse than it is, and is looked at again without that one.

    Parameters
    ----------
    covariance : ndarray, shape (g, k, k)
        Of each group.
    df : ndarray, shape (g,)
        Degrees of freedom of each.
    significance : float
        Of the whole family, by Bonferroni's inequality.
    family : int
        How many items and groups are looked at.

    Returns
    -------
    ndarray of bool, shape (g, k)
        Never half of a scale or more: which half is turned is nothing that answers can tell.
    """
    sound = np.ones(covariance.shape[:-1], dtype=bool)
    bound = float(special.ndtri(significance / (2 * max(family, 1))))
    most = (covariance.shape[-1] - 1) // 2
    for _ in range(most):
        found = _fisher_z(rest_correlations(covariance, sound), df)
        lowest = np.where(sound & np.isfinite(found), found, np.inf)
        worst = lowest.argmin(axis=-1)
        rows = np.flatnonzero(np.take_along_axis(lowest, worst[:, None], axis=-1)[:, 0] < bound)
        if not rows.size:
            break
        sound[rows, worst[rows]] = False
    return ~sound


def _fisher_z(correlation: FloatArray, df: FloatArray) -> FloatArray:
    """Return Fisher's z over its standard error; a covariance with df has df + 1 people."""
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.where(df > 2, df - 2, np.nan))
        return np.asarray(np.arctanh(correlation) * spread[..., None])


@dataclass(frozen=True, slots=True)
class Compared:
    """What was estimated of groups, held against others.

    Attributes
    ----------
    estimate, low, high : ndarray
        A difference, group minus others, with its interval.
    own, others : ndarray
        What is compared.
    p_value : ndarray
        Two-sided.
    """

    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    own: FloatArray
    others: FloatArray
    p_value: FloatArray


def correlation_difference(
    own: FloatArray,
    own_df: FloatArray,
    others: FloatArray,
    others_df: FloatArray,
    level: float = 0.95,
) -> Compared:
    """Difference of two independent correlations, with Zou's interval.

    Parameters
    ----------
    own, others : ndarray, shape (g, k)
    own_df, others_df : ndarray, shape (g,)
        Degrees of freedom of their covariances.

    References
    ----------
    Zou, G. Y. (2007). Toward using confidence intervals to compare correlations. Psychological
    Methods, 12, 399-413. doi:10.1037/1082-989X.12.4.399

    Examples
    --------
    >>> r, df = np.array([[0.49]]), np.array([144.0])
    >>> found = correlation_difference(r, df, np.array([[0.36]]), np.array([86.0]))
    >>> found.low.round(3).tolist(), found.high.round(3).tolist()
    ([[-0.087]], [[0.359]])
    """
    z = float(special.ndtri((1 + level) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = [
            1 / np.sqrt(np.where(df > 2, df - 2, np.nan))[..., None] for df in (own_df, others_df)
        ]
        middle = [np.arctanh(r) for r in (own, others)]
        lows = [np.tanh(m - z * s) for m, s in zip(middle, spread, strict=True)]
        highs = [np.tanh(m + z * s) for m, s in zip(middle, spread, strict=True)]
        apart = own - others
        low = apart - np.hypot(own - lows[0], highs[1] - others)
        high = apart + np.hypot(highs[0] - own, others - lows[1])
        test = (middle[0] - middle[1]) / np.hypot(*spread)
    return Compared(apart, low, high, own, others, 2 * special.ndtr(-np.abs(test)))


def share_difference(
    own: npt.ArrayLike,
    own_n: npt.ArrayLike,
    others: npt.ArrayLike,
    others_n: npt.ArrayLike,
    level: float = 0.95,
) -> Compared:
    """Difference of two independent shares, with Newcombe's interval.

    Parameters
    ----------
    own, others : array_like
        Counts.
    own_n, others_n : array_like
        Of how many.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions:
    comparison of eleven methods. Statistics in Medicine, 17, 873-890 (method 10).
    The p-value is Fisher's exact one, twice the smaller tail.

    Examples
    --------
    >>> found = share_difference(56, 70, 48, 80)
    >>> round(float(found.low), 4), round(float(found.high), 4)
    (0.0524, 0.3339)
    """
    k, n = np.asarray(own, dtype=float), np.asarray(own_n, dtype=float)
    other_k, other_n = np.asarray(others, dtype=float), np.asarray(others_n, dtype=float)
    one, two = wilson_interval(k, n, level), wilson_interval(other_k, other_n, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        p, q = k / n, other_k / other_n
    apart = p - q
    low = apart - np.hypot(p - one.low, two.high - q)
    high = apart + np.hypot(one.high - p, q - two.low)
    known = (n > 0) & (other_n > 0)
    drawn = hypergeom(n + other_n, k + other_k, n)
    tail = np.minimum(drawn.cdf(k), drawn.sf(k - 1))
    p_value = np.where(known, np.minimum(2 * tail, 1.0), np.nan)
    return Compared(apart, low, high, p, q, p_value)


def matched_shares(counts: FloatArray, level: float = 0.95) -> Compared:
    """Share of each category in a group, held against others who stand the same.

    The others are weighted so that as many stand at each place as in the group (standardisation).

    Parameters
    ----------
    counts : ndarray, shape (groups, strata, categories)
        People by group, place on the rest of the scale, and answer.

    Returns
    -------
    Compared
        Shape (groups, categories). A stratum without anybody else is left out. Intervals are
        normal ones, with the variance of both sides; p-values take that of no difference, with the
        sides pooled in each stratum.

    References
    ----------
    Dorans, N. J., & Kulick, E. (1986). Demonstrating the utility of the standardization approach
    to assessing unexpected differential item performance. Journal of Educational Measurement, 23,
    355-368. doi:10.1111/j.1745-3984.1986.tb00255.x

    Examples
    --------
    >>> counts = np.array([[[30.0, 10.0]], [[20.0, 20.0]]])
    >>> matched_shares(counts).estimate.round(2).tolist()
    [[0.25, -0.25], [-0.25, 0.25]]
    """
    others = counts.sum(axis=0) - counts
    n, n_others = counts.sum(axis=-1), others.sum(axis=-1)
    usable = (n > 0) & (n_others > 0)
    weight = np.where(usable, n, 0.0)
    total = weight.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = weight / total
        own = np.where(usable[..., None], counts / n[..., None], 0.0)
        expected = np.where(usable[..., None], others / n_others[..., None], 0.0)
        both = np.where(
            usable[..., None],
            own * (1 - own) / n[..., None] + expected * (1 - expected) / n_others[..., None],
            0.0,
        )
        everybody = counts.sum(axis=0) / counts.sum(axis=(0, 2))[:, None]
        alike = np.where(
            usable[..., None],
            everybody * (1 - everybody) * (1 / n + 1 / n_others)[..., None],
            0.0,
        )
        error, null = (
            np.sqrt((weight[..., None] ** 2 * each).sum(axis=1)) for each in (both, alike)
        )
        shares = [(weight[..., None] * each).sum(axis=1) for each in (own, expected)]
        apart = shares[0] - shares[1]
        test = np.where(null > 0, apart / null, np.where(apart == 0, 0.0, np.nan))
    half = float(special.ndtri((1 + level) / 2)) * error
    p_value = 2 * special.ndtr(-np.abs(test))
    return Compared(apart, apart - half, apart + half, shares[0], shares[1], p_value)


def strata(standing: FloatArray, n_strata: int) -> IntArray:
    """Return the place of each person among about equally many, by ties together.

    Examples
    --------
    >>> strata(np.array([1.0, 2.0, 2.0, 3.0]), 2).tolist()
    [0, 0, 0, 1]
    """
    values = np.asarray(standing, dtype=float)
    if not values.size:
        return np.empty(0, dtype=np.int64)
    cuts = np.unique(np.quantile(values, np.arange(1, n_strata) / n_strata))
    return np.asarray(np.searchsorted(cuts, values, side="left"), dtype=np.int64)


def sign_interval(correlation: FloatArray, df: FloatArray, level: float = 0.95) -> Interval:
    """Interval of correlations, shape (g, k), by Fisher's z."""
    half = float(special.ndtri((1 + level) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = 1 / np.sqrt(np.where(df > 2, df - 2, np.nan))[..., None]
        middle = np.arctanh(correlation)
        return Interval(np.tanh(middle - half * spread), np.tanh(middle + half * spread), level)


def sign_p_values(correlation: FloatArray, df: FloatArray) -> FloatArray:
    """Two-sided p-values of correlations, shape (g, k), by Fisher's z."""
    return np.asarray(2 * special.ndtr(-np.abs(_fisher_z(correlation, df))))
