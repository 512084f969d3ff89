"""Tests of answers against groups within strata of equal scores, for many items at once.

Tables are shaped (item, stratum, group, category) and padded with zeros; strata in which one group
alone stands say nothing and drop out by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from psychometrics.stats.moments import BoolArray, FloatArray

# ETS's scale of difficulty: minus 2.35 times the log-odds of the reference group.
DELTA = 2.35


@dataclass(frozen=True, slots=True)
class MantelTests:
    """Chi-square tests, each of shape (item,).

    Attributes
    ----------
    statistic, df, p_value : ndarray
        Of mean answers: Mantel's (1963) for two groups, its generalisation for more.
    general, df_general, p_general : ndarray
        Of any difference in the answers, taken as unordered.
    """

    statistic: FloatArray
    df: FloatArray
    p_value: FloatArray
    general: FloatArray
    df_general: FloatArray
    p_general: FloatArray


def mantel_tests(counts: FloatArray, codes: FloatArray) -> MantelTests:
    """Test every item's answers against the groups within strata.

    Parameters
    ----------
    counts : ndarray, shape (item, stratum, group, K)
    codes : ndarray, shape (item, K)
        The answers' values; 0 beyond an item's own.

    References
    ----------
    Mantel, N. (1963). Chi-square tests with one degree of freedom: Extensions of the
    Mantel-Haenszel procedure. Journal of the American Statistical Association, 58, 690-700.
    Landis, J. R., Heyman, E. R., & Koch, G. G. (1978). Average partial association in three-way
    contingency tables: A review and discussion of alternative tests. International Statistical
    Review, 46, 237-254.

    Examples
    --------
    >>> counts = np.array([[[[10.0, 20.0], [20.0, 10.0]], [[5.0, 8.0], [9.0, 4.0]]]])
    >>> found = mantel_tests(counts, np.array([[0.0, 1.0]]))
    >>> bool(np.isclose(found.statistic[0], found.general[0]))
    True
    """
    n = counts.sum(axis=(2, 3))
    sides, answers = counts.sum(axis=3), counts.sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(n > 1, 1 / (n**2 * (n - 1)), 0.0)
        expected = np.where(n > 0, 1 / n, 0.0)[..., None, None] * (
            sides[..., :, None] * answers[..., None, :]
        )
    apart = (counts - expected).sum(axis=1)
    across = spread(sides, n)
    means = np.einsum("igk,ik->ig", apart, codes)
    within = np.einsum(
        "isk,ik,il,iskl->is", np.ones_like(answers), codes, codes, spread(answers, n)
    )
    by_mean = np.einsum("is,isgh->igh", share * within, across)
    statistic, df = quadratic(means, by_mean)
    joint = np.einsum("is,isgh,iskl->igkhl", share, across, spread(answers, n))
    size = counts.shape[2] * counts.shape[3]
    general, df_general = quadratic(
        apart.reshape(len(apart), size), joint.reshape(len(apart), size, size)
    )
    return MantelTests(
        statistic, df, tail(statistic, df), general, df_general, tail(general, df_general)
    )


def spread(margin: FloatArray, n: FloatArray) -> FloatArray:
    """Return ``n diag(margin) - margin margin'`` of every stratum."""
    at = np.arange(margin.shape[-1])
    found = -margin[..., :, None] * margin[..., None, :]
    found[..., at, at] += n[..., None] * margin
    return found


def quadratic(vector: FloatArray, matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return ``v' M^- v`` and the rank of M; the margins' dependencies are left out."""
    values, vectors = np.linalg.eigh(matrix)
    kept = values > 1e-10 * np.maximum(values[:, -1:], 1e-300)
    along = np.einsum("iab,ia->ib", vectors, vector)
    found = np.where(kept, along**2 / np.where(kept, values, 1.0), 0.0).sum(axis=1)
    df = kept.sum(axis=1).astype(float)
    return np.where(df > 0, found, np.nan), df


def tail(statistic: FloatArray, df: FloatArray) -> FloatArray:
    """Return the p-values; NaN where there are no degrees of freedom."""
    return np.where(df > 0, stats.chi2.sf(statistic, np.maximum(df, 1)), np.nan)


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """How much higher the second group answers within strata, each of shape (item,).

    Attributes
    ----------
    estimate, se : ndarray
        Standardized mean difference in points of the answers: strata weighed by the second group.
    """

    estimate: FloatArray
    se: FloatArray


def standardized_mean_difference(counts: FloatArray, codes: FloatArray) -> MeanDifference:
    """Average the strata's mean differences over the second group's distribution.

    The standard error is that of tables with given margins (hypergeometric), so it supposes that
    the groups differ little.

    Parameters
    ----------
    counts : ndarray, shape (item, stratum, 2, K)
    codes : ndarray, shape (item, K)

    References
    ----------
    Dorans, N. J., & Schmitt, A. P. (1991). Constructed response and differential item functioning:
    A pragmatic approach (ETS Research Report 91-47).
    Zwick, R., & Thayer, D. T. (1996). Evaluating the magnitude of differential item functioning in
    polytomous items. Journal of Educational and Behavioral Statistics, 21, 187-201.
    """
    sides = counts.sum(axis=3)
    both = (sides > 0).all(axis=2)
    sums = np.einsum("isgk,ik->isg", counts, codes)
    squares = np.einsum("isgk,ik->is", counts, codes**2)
    n = sides.sum(axis=2)
    weight = np.where(both, sides[..., 1], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = weight / weight.sum(axis=1, keepdims=True)
        means = np.where(both[..., None], sums / sides, 0.0)
        gap = means[..., 1] - means[..., 0]
        whole = squares - sums.sum(axis=2) ** 2 / n
        variance = np.where(
            both & (n > 1), whole / (n - 1) * n / (sides[..., 0] * sides[..., 1]), 0.0
        )
    return MeanDifference((weight * gap).sum(axis=1), np.sqrt((weight**2 * variance).sum(axis=1)))


@dataclass(frozen=True, slots=True)
class CommonOdds:
    """Common log-odds ratio of answering above a threshold, second group against first.

    Attributes
    ----------
    estimate, se : ndarray, shape (item,)
        NaN where it is infinite.
    """

    estimate: FloatArray
    se: FloatArray


def common_log_odds(counts: FloatArray) -> CommonOdds:
    """Estimate Liu and Agresti's common cumulative odds ratio; Mantel-Haenszel's with two answers.

    The variance is that of Robins, Breslow and Greenland for two answers. For more it is the sum of
    the strata's unbiased variances of a two-sample U-statistic, which holds for few large strata
    and for many small ones.

    Parameters
    ----------
    counts : ndarray, shape (item, stratum, 2, K)
        Categories that nobody chose are skipped, so that an item's answers stand side by side.

    References
    ----------
    Liu, I.-M., & Agresti, A. (1996). Mantel-Haenszel-type inference for cumulative odds ratios with
    a stratified ordinal response. Biometrics, 52, 1223-1234.
    Robins, J., Breslow, N., & Greenland, S. (1986). Estimators of the Mantel-Haenszel variance
    consistent in both sparse data and large-strata limiting models. Biometrics, 42, 311-323.

    Examples
    --------
    >>> counts = np.array([[[[20.0, 10.0], [10.0, 20.0]]]])
    >>> bool(np.isclose(common_log_odds(counts).estimate[0], np.log(4)))
    True
    """
    used = counts.sum(axis=(1, 2)) > 0
    rank = np.where(used, np.cumsum(used, axis=1) - 1, 0).astype(float)
    steps = rank[:, :, None] - rank[:, None, :]
    up, down = np.maximum(steps, 0), np.maximum(-steps, 0)
    first, second = counts[:, :, 0], counts[:, :, 1]
    n = counts.sum(axis=(2, 3))
    share = np.where(n > 0, 1 / np.maximum(n, 1), 0.0)
    # Pairs of somebody of the second group and somebody of the first, by how they answer.
    higher = np.einsum("isa,iab,isb->is", second, up, first) * share
    lower = np.einsum("isa,iab,isb->is", second, down, first) * share
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = higher.sum(axis=1) / lower.sum(axis=1)
        g = up - ratio[:, None, None] * down
        one = np.einsum("iab,isb->isa", g, first)
        two = np.einsum("isa,iab->isb", second, g)
        variance = (
            (second * one**2).sum(axis=2) + (first * two**2).sum(axis=2)
            - np.einsum("isa,iab,isb->is", second, g**2, first)
        ) * share**2  # fmt: skip
        dichotomous = rbg_variance(higher, lower, ratio, first, second, used, share)
        variance = np.where((used.sum(axis=1) == 2)[:, None], dichotomous, variance)
        se = np.sqrt(variance.sum(axis=1)) / higher.sum(axis=1)
        estimate = np.log(ratio)
    known = np.isfinite(estimate) & np.isfinite(se)
    return CommonOdds(np.where(known, estimate, np.nan), np.where(known, se, np.nan))


def rbg_variance(
    higher: FloatArray,
    lower: FloatArray,
    ratio: FloatArray,
    first: FloatArray,
    second: FloatArray,
    used: BoolArray,
    share: FloatArray,
) -> FloatArray:
    """Return each stratum's part of Robins, Breslow and Greenland's variance, before scaling."""
    low = np.argmax(used, axis=1)
    high = used.shape[1] - 1 - np.argmax(used[:, ::-1], axis=1)
    item = np.arange(len(used))
    straight = second[item, :, high] + first[item, :, low]
    crossed = second[item, :, low] + first[item, :, high]
    r = ratio[:, None]
    return 0.5 * (higher + r * lower) * (straight + r * crossed) * share


def ets_class(
    log_odds: FloatArray, se: FloatArray, p_value: FloatArray, significance: float = 0.05
) -> list[str]:
    """Return ETS's classes of yes-no items: A negligible, B moderate, C large.

    C: the difference on ETS's scale is 1.5 or more and significantly more than 1. A: it is less
    than 1, or not significant. B: all else.

    References
    ----------
    Zwick, R. (2012). A review of ETS differential item functioning assessment procedures (ETS
    Research Report RR-12-08). doi:10.1002/j.2333-8504.2012.tb02290.x

    Examples
    --------
    >>> ets_class(np.array([0.1, 0.6, 1.2]), np.full(3, 0.1), np.full(3, 0.001))
    ['A', 'B', 'C']
    """
    size, error = DELTA * np.abs(log_odds), DELTA * se
    beyond = (size - 1) / error > special.ndtri(1 - significance)
    large = (size >= 1.5) & beyond
    small = (size < 1) | ~(p_value < significance)
    return [
        "" if np.isnan(value) else "C" if c else "A" if a else "B"
        for value, c, a in zip(size, large & ~small, small, strict=True)
    ]
