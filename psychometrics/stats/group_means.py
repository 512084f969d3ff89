"""How reliably groups are told apart by the means of their people, and how far people agree.

One-way random effects: a person's value is that of their group plus their own deviation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from psychometrics.stats.moments import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class OneWay:
    """Analysis of variance of one variable by groups of one person or more.

    Attributes
    ----------
    ms_between, ms_within : float
        Mean squares.
    df_between, df_within : float
        G - 1 and N - G; with strata, G less their number.
    size : float
        Average size that makes the expected mean squares come out, ``(N - sum n^2 / N)/(G - 1)``.
    sizes : ndarray, shape (G,)
    variance_of_means : float
        Of the groups' means, each counted once.
    """

    ms_between: float
    ms_within: float
    df_between: float
    df_within: float
    size: float
    sizes: FloatArray
    variance_of_means: float

    @property
    def f(self) -> float:
        """Return the F statistic; NaN where nobody differs within groups."""
        return self.ms_between / self.ms_within if self.ms_within > 0 else float("nan")


def one_way(values: FloatArray, group: IntArray, stratum: IntArray | None = None) -> OneWay:
    """Analyse the variance of values by groups, about the means of strata where there are some.

    Parameters
    ----------
    values : ndarray, shape (n,)
        No missing values.
    group : ndarray of int, shape (n,)
        0, 1, ..., each with someone in it.
    stratum : ndarray of int, shape (n,), optional
        Stratum (site) of each person, 0, 1, ...; a group lies in one stratum. What differs between
        strata is then no difference between groups.

    Examples
    --------
    >>> found = one_way(np.array([1.0, 2.0, 4.0, 5.0]), np.array([0, 0, 1, 1]))
    >>> found.ms_between, found.ms_within, found.size
    (9.0, 0.5, 2.0)
    """
    layer = np.zeros(len(values), dtype=np.int64) if stratum is None else stratum
    sizes, whole = np.bincount(group).astype(float), np.bincount(layer).astype(float)
    place = np.zeros(len(sizes), dtype=np.int64)
    place[group] = layer
    means = np.bincount(group, weights=values) / sizes
    level = np.bincount(layer, weights=values) / whole
    unweighted = np.bincount(place, weights=means) / np.bincount(place)
    df_between, df_within = float(len(sizes) - len(whole)), float(len(values) - len(sizes))
    within = float(((values - means[group]) ** 2).sum())
    between = float((sizes * (means - level[place]) ** 2).sum())
    apart = float(((means - unweighted[place]) ** 2).sum())
    shared = float((np.bincount(place, weights=sizes**2) / whole).sum())

    def share(total: float, df: float) -> float:
        return total / df if df > 0 else float("nan")

    return OneWay(
        share(between, df_between),
        share(within, df_within),
        df_between,
        df_within,
        share(len(values) - shared, df_between),
        sizes,
        share(apart, df_between),
    )


def icc1(found: OneWay) -> float:
    """Return ICC(1): the share of a person's variance that lies between groups.

    References
    ----------
    Shrout, P. E., & Fleiss, J. L. (1979). Intraclass correlations: Uses in assessing rater
    reliability. Psychological Bulletin, 86, 420-428. doi:10.1037/0033-2909.86.2.420
    """
    whole = found.ms_between + (found.size - 1) * found.ms_within
    return (found.ms_between - found.ms_within) / whole if whole > 0 else float("nan")


def icc2(found: OneWay) -> float:
    """Return ICC(2): the reliability of the mean of a group of average size.

    References
    ----------
    Bliese, P. D. (2000). Within-group agreement, non-independence, and reliability. In K. J. Klein
    & S. W. J. Kozlowski (Eds.), Multilevel theory, research, and methods in organizations
    (pp. 349-381).
    """
    if not found.ms_between > 0:
        return float("nan")
    return (found.ms_between - found.ms_within) / found.ms_between


def stepped_up(single: float, size: float) -> float:
    """Return the reliability of the mean of `size` people from ICC(1) (Spearman-Brown)."""
    return size * single / (1 + (size - 1) * single)


def icc_limits(found: OneWay, level: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the intervals of ICC(1) and ICC(2).

    Groups of one size have the exact interval of Shrout and Fleiss. For groups of different size it
    is Thomas and Hultquist's, from the variance of the unweighted group means and the harmonic mean
    of the sizes; that of ICC(2) is then of the mean of a group of that size.

    References
    ----------
    Shrout & Fleiss (1979), see :func:`icc1`.
    Thomas, J. D., & Hultquist, R. A. (1978). Interval estimation for the unbalanced case of the
    one-way random effects model. Annals of Statistics, 6, 582-587. doi:10.1214/aos/1176344202
    """
    nothing = (float("nan"), float("nan"))
    if not found.ms_within > 0 or found.df_between < 1 or found.df_within < 1:
        return nothing, nothing
    harmonic = len(found.sizes) / float((1 / found.sizes).sum())
    ratio = harmonic * found.variance_of_means / found.ms_within
    tail = (1 - level) / 2
    low, high = (
        ratio / float(stats.f.isf(t, found.df_between, found.df_within)) for t in (tail, 1 - tail)
    )
    single = ((low - 1) / (low + harmonic - 1), (high - 1) / (high + harmonic - 1))
    return single, ((low - 1) / low, (high - 1) / high) if low > 0 else nothing


def uniform_variance(n_options: int) -> float:
    """Return the variance of answers that are all equally likely, ``(A^2 - 1) / 12``.

    Parameters
    ----------
    n_options : int
        Possible answers A, one apart.

    Examples
    --------
    >>> uniform_variance(5)
    2.0
    """
    return (n_options**2 - 1) / 12


def within_agreement(variances: FloatArray, expected: float) -> FloatArray:
    """Return r_wg of one item in each group: how far answers vary less than without agreement.

    Parameters
    ----------
    variances : ndarray, shape (..., groups)
        Of the answers in each group, denominator n - 1.
    expected : float
        Variance of answers without agreement; see :func:`uniform_variance`.

    Returns
    -------
    ndarray, shape (..., groups)
        Negative where people differ more than by chance; not set to 0.

    References
    ----------
    James, L. R., Demaree, R. G., & Wolf, G. (1984). Estimating within-group interrater reliability
    with and without response bias. Journal of Applied Psychology, 69, 85-98.
    doi:10.1037/0021-9010.69.1.85

    Examples
    --------
    >>> within_agreement(np.array([0.0, 1.0, 2.0]), 2.0).tolist()
    [1.0, 0.5, 0.0]
    """
    return np.asarray(1 - variances / expected)


def scale_agreement(variances: FloatArray, expected: float, n_items: int) -> FloatArray:
    """Return r_wg(j): agreement on the mean of j items, stepped up by Spearman and Brown.

    Parameters
    ----------
    variances : ndarray, shape (..., groups)
        Mean over the items of the variances of the answers in each group.
    expected : float
        Variance of answers without agreement; see :func:`uniform_variance`.
    n_items : int
        j.

    Returns
    -------
    ndarray, shape (..., groups)
        0 where people differ as much as by chance or more: beyond that the formula turns over.

    References
    ----------
    James, Demaree & Wolf (1984), see :func:`within_agreement`.

    Examples
    --------
    >>> scale_agreement(np.array([0.0, 1.0, 2.0, 3.0]), 2.0, 4).round(2).tolist()
    [1.0, 0.8, 0.0, 0.0]
    """
    single = np.maximum(within_agreement(variances, expected), 0.0)
    return np.asarray(n_items * single / (1 + (n_items - 1) * single))
