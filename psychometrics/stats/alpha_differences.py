"""Whether the alphas of independent samples differ: two by two, and all at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from psychometrics.stats.moments import FloatArray


@dataclass(frozen=True, slots=True)
class FTest:
    """A test that two alphas are equal.

    Attributes
    ----------
    statistic : float
        ``(1 - alpha_b) / (1 - alpha_a)``: above 1 where the first is larger.
    df1, df2 : float
    p_value : float
        Two-sided: twice the smaller tail.
    """

    statistic: float
    df1: float
    df2: float
    p_value: float


@dataclass(frozen=True, slots=True)
class HomogeneityTest:
    """A test that several values are equal: chi-square, its degrees of freedom, p-value."""

    statistic: float
    df: int
    p_value: float


def feldt_test(alphas: npt.ArrayLike, n_items: npt.ArrayLike, df: npt.ArrayLike) -> FTest:
    """Test whether two independent alphas are equal, by Feldt's F.

    Each ``(1 - rho) / (1 - alpha)`` is an F; the ratio of two of them is near another F, whose
    degrees of freedom give it the same mean and variance. For long scales they are n - 1 and
    n - 1, which many programs take always.

    Parameters
    ----------
    alphas, n_items, df : array_like, shape (2,)
        The alphas, their numbers of items, and the degrees of freedom of their covariances
        (n - 1).

    Returns
    -------
    FTest
        NaN where the second sample is so small that the ratio has no variance (df of 4 or less).

    References
    ----------
    Feldt, L. S. (1969). A test of the hypothesis that Cronbach's alpha or Kuder-Richardson
    coefficient twenty is the same for two tests. Psychometrika, 34, 363-373.
    doi:10.1007/BF02289364
    Feldt, L. S., Woodruff, D. J., & Salih, F. A. (1987). Statistical inference for coefficient
    alpha. Applied Psychological Measurement, 11, 93-103. doi:10.1177/014662168701100107

    Examples
    --------
    >>> found = feldt_test([0.78, 0.71], [1000, 1000], [40, 150])
    >>> round(found.statistic, 3), round(found.p_value, 2)
    (1.318, 0.24)
    """
    a, k, size = (np.asarray(x, dtype=float) for x in (alphas, n_items, df))
    ratio = float((1 - a[1]) / (1 - a[0]))
    # (1 - rho) / (1 - alpha_a) is F(u, v); (1 - alpha_b) / (1 - rho) is F(w, x).
    u, v = size[0], size[0] * (k[0] - 1)
    w, x = size[1] * (k[1] - 1), size[1]
    if v <= 4 or x <= 4:
        return FTest(ratio, np.nan, np.nan, np.nan)
    mean = v / (v - 2) * x / (x - 2)
    square = (v**2 * (u + 2)) / (u * (v - 2) * (v - 4)) * (x**2 * (w + 2)) / (w * (x - 2) * (x - 4))
    df2 = 2 * mean / (mean - 1)
    df1 = 2 * mean**2 / (2 * square - mean * square - mean**2)
    tails = stats.f.sf(ratio, df1, df2), stats.f.cdf(ratio, df1, df2)
    return FTest(ratio, float(df1), float(df2), float(min(1.0, 2 * min(tails))))


def hakstian_whalen(
    alphas: npt.ArrayLike, n_items: npt.ArrayLike, df: npt.ArrayLike
) -> HomogeneityTest:
    """Test whether several independent alphas are equal, on the scale of cube roots.

    Parameters
    ----------
    alphas, n_items, df : array_like, shape (samples,)
        As for :func:`feldt_test`.

    References
    ----------
    Hakstian, A. R., & Whalen, T. E. (1976). A k-sample significance test for independent alpha
    coefficients. Psychometrika, 41, 219-231. doi:10.1007/BF02291840

    Examples
    --------
    >>> round(hakstian_whalen([0.784, 0.875, 0.936], [5, 5, 5], [50, 100, 150]).statistic, 2)
    23.05
    """
    a, k, size = (np.asarray(x, dtype=float) for x in (alphas, n_items, df))
    root = np.cbrt(1 - a)
    variance = 18 * k * size * root**2 / ((k - 1) * (9 * size - 2) ** 2)
    return homogeneity(root, variance)


def feldt_woodruff_salih(
    alphas: npt.ArrayLike, n_items: npt.ArrayLike, n: npt.ArrayLike
) -> HomogeneityTest:
    """Test whether several independent alphas are equal, each sample weighing alike.

    Parameters
    ----------
    alphas, n_items, n : array_like, shape (samples,)
        Alphas, numbers of items and of people.

    References
    ----------
    Feldt, Woodruff & Salih (1987), see :func:`feldt_test`.

    Examples
    --------
    >>> found = feldt_woodruff_salih([0.784, 0.875, 0.936], [5, 5, 5], [51, 101, 151])
    >>> round(found.statistic, 3), found.df
    (22.926, 2)
    """
    a, k, size = (np.asarray(x, dtype=float) for x in (alphas, n_items, n))
    root = 1 / np.cbrt(1 - a)
    effective = size * (k - 1) / (k + 1)
    variance = 2 * root**2 / (9 * (effective - 1))
    statistic = float(((root - root.mean()) ** 2).sum() / variance.mean())
    return HomogeneityTest(statistic, len(a) - 1, float(stats.chi2.sf(statistic, len(a) - 1)))


def homogeneity(values: npt.ArrayLike, variances: npt.ArrayLike) -> HomogeneityTest:
    """Test whether several independent estimates share one value (Cochran's Q).

    Parameters
    ----------
    values, variances : array_like, shape (samples,)
        On a scale where they are near normal.
    """
    y, weight = np.asarray(values, dtype=float), 1 / np.asarray(variances, dtype=float)
    mean = weight @ y / weight.sum()
    statistic, df = float(weight @ (y - mean) ** 2), len(y) - 1
    return HomogeneityTest(statistic, df, float(stats.chi2.sf(statistic, df)))


def difference_limits(
    one: tuple[float, float, float], other: tuple[float, float, float]
) -> tuple[float, float]:
    """Return the interval of a difference of two independent estimates from their intervals.

    Parameters
    ----------
    one, other : (estimate, low, high)

    References
    ----------
    Bonett, D. G., & Wright, T. A. (2015). Cronbach's alpha reliability: Interval estimation,
    hypothesis testing, and sample size planning. Journal of Organizational Behavior, 36, 3-15.
    doi:10.1002/job.1960

    Examples
    --------
    >>> low, high = difference_limits((0.8, 0.7, 0.9), (0.6, 0.5, 0.7))
    >>> round(low, 3), round(high, 3)
    (0.059, 0.341)
    """
    (a, a_low, a_high), (b, b_low, b_high) = one, other
    apart = a - b
    return (
        float(apart - np.hypot(a - a_low, b_high - b)),
        float(apart + np.hypot(a_high - a, b - b_low)),
    )


def holm(p_values: npt.ArrayLike) -> FloatArray:
    """Return p-values adjusted for their number by Holm's method; NaN stays and isn't counted.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal
    of Statistics, 6, 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=float)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    adjusted = np.full(p.shape, np.nan)
    steps = np.maximum.accumulate(p[order] * (len(order) - np.arange(len(order))))
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted
