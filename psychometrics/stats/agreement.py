"""Agreement of ratings: variance components, intraclass correlations, and errors of measurement.

Everything here starts from the mean squares of a table of targets by raters, so that rows are
reduced once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from psychometrics.errors import check_option
from psychometrics.stats.correlation import NEGLIGIBLE
from psychometrics.stats.moments import FloatArray

IntraclassForm = Literal["1", "A", "C"]
FORMS: tuple[IntraclassForm, ...] = ("1", "A", "C")


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """Mean squares of a table in which every target has a rating from every rater.

    Attributes
    ----------
    n_targets, n_raters : int
        Size of the table.
    targets, raters, residual : float
        Between targets (n - 1 degrees of freedom), between raters (k - 1), and what is left over
        ((n - 1)(k - 1)).
    within : float
        Within targets, raters and residual together (n (k - 1) degrees of freedom).
    """

    n_targets: int
    n_raters: int
    targets: float
    raters: float
    residual: float
    within: float


@dataclass(frozen=True, slots=True)
class Bounded:
    """An estimate between two limits; NaN where there is none."""

    estimate: float
    low: float
    high: float


def mean_squares(ratings: FloatArray) -> MeanSquares:
    """Reduce ratings to the mean squares of the two-way analysis of variance.

    Parameters
    ----------
    ratings : ndarray, shape (n, k)
        Targets by raters, complete; two of each at least.

    Examples
    --------
    >>> import numpy as np
    >>> found = mean_squares(np.array([[1.0, 2.0], [3.0, 5.0], [5.0, 5.0]]))
    >>> found.targets, found.raters, found.residual, found.within
    (6.5, 1.5, 0.5, 0.8333333333333334)
    """
    n, k = ratings.shape
    grand = ratings.mean()
    by_target = ratings.mean(axis=1) - grand
    by_rater = ratings.mean(axis=0) - grand
    left = ratings - grand - by_target[:, None] - by_rater
    # Equal values leave rounding behind, because their mean isn't always exactly theirs.
    rounding = NEGLIGIBLE**2 * float((ratings**2).sum())
    squares = [k * (by_target**2).sum(), n * (by_rater**2).sum(), (left**2).sum()]
    targets, raters, residual = (float(s) if s > rounding else 0.0 for s in squares)
    return MeanSquares(
        n,
        k,
        targets / (n - 1),
        raters / (k - 1),
        residual / ((n - 1) * (k - 1)),
        (raters + residual) / (n * (k - 1)),
    )


def intraclass_correlation(
    table: MeanSquares, form: IntraclassForm, *, average: bool = False, level: float = 0.95
) -> Bounded:
    """Intraclass correlation of one rating, or of the mean of all raters.

    Parameters
    ----------
    table : MeanSquares
        See :func:`mean_squares`.
    form : {"1", "A", "C"}
        One-way random, whose raters are anybody (Shrout and Fleiss's ICC(1,1)); absolute
        agreement of random raters, each of whom rated every target (ICC(2,1)); consistency
        whatever the raters' means (ICC(3,1)).
    average : bool
        Of the mean of the k raters.
    level : float
        Coverage: exact by F for "1" and "C", with Satterthwaite's degrees of freedom for "A".

    Returns
    -------
    Bounded
        All NaN where nothing varies. No limits where nothing but the targets varies: agreement
        without any error has no sampling distribution to speak of.

    References
    ----------
    Shrout, P. E., & Fleiss, J. L. (1979). Intraclass correlations: uses in assessing rater
    reliability. Psychological Bulletin, 86, 420-428. doi:10.1037/0033-2909.86.2.420
    McGraw, K. O., & Wong, S. P. (1996). Forming inferences about some intraclass correlation
    coefficients. Psychological Methods, 1, 30-46. doi:10.1037/1082-989X.1.1.30

    Examples
    --------
    >>> import numpy as np
    >>> table = mean_squares(np.array([[1.0, 2.0], [3.0, 5.0], [5.0, 5.0]]))
    >>> round(intraclass_correlation(table, "C").estimate, 4)
    0.8571
    """
    check_option("form", form, FORMS)
    error = table.within if form == "1" else table.residual
    if not table.targets + table.within > 0:
        return Bounded(np.nan, np.nan, np.nan)
    single = _single(table, form)
    if not error > 0:
        low, high = np.nan, np.nan
    elif form == "A":
        low, high = _agreement_limits(table, single, level)
    else:
        low, high = _f_limits(table, form, level)
    if not average:
        return Bounded(single, low, high)
    return Bounded(*(_stepped_up(value, table.n_raters) for value in (single, low, high)))


def _single(table: MeanSquares, form: IntraclassForm) -> float:
    """Return the intraclass correlation of one rating."""
    n, k = table.n_targets, table.n_raters
    error = table.within if form == "1" else table.residual
    below = table.targets + (k - 1) * error
    if form == "A":
        below += k * (table.raters - error) / n
    return (table.targets - error) / below if below > 0 else np.nan


def _stepped_up(single: float, k: int) -> float:
    """Return the correlation of means of k raters (Spearman and Brown)."""
    below = 1 + (k - 1) * single
    return k * single / below if below > 0 else -np.inf


def _f_limits(table: MeanSquares, form: IntraclassForm, level: float) -> tuple[float, float]:
    """Return the exact limits of the forms that are functions of one F ratio."""
    n, k = table.n_targets, table.n_raters
    first = n - 1
    second = n * (k - 1) if form == "1" else (n - 1) * (k - 1)
    ratio = table.targets / (table.within if form == "1" else table.residual)
    tail = (1 - level) / 2
    low = ratio / float(stats.f.isf(tail, first, second))
    high = ratio * float(stats.f.isf(tail, second, first))
    return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)


def _agreement_limits(table: MeanSquares, single: float, level: float) -> tuple[float, float]:
    """Return the limits of absolute agreement (Shrout and Fleiss, 1979, p. 424)."""
    n, k = table.n_targets, table.n_raters
    raters = table.raters / table.residual
    part = n * (1 + (k - 1) * single) - k * single
    above = (n - 1) * (k - 1) * (k * single * raters + part) ** 2
    df = above / ((n - 1) * k**2 * single**2 * raters**2 + part**2)
    if not df > 0:
        return np.nan, np.nan
    tail = (1 - level) / 2
    upper = float(stats.f.isf(tail, n - 1, df))
    lower = float(stats.f.isf(tail, df, n - 1))
    spread = k * table.raters + (k * n - k - n) * table.residual
    return (
        n * (table.targets - upper * table.residual) / (upper * spread + n * table.targets),
        n * (lower * table.targets - table.residual) / (spread + n * lower * table.targets),
    )


def error_variance(table: MeanSquares, form: IntraclassForm, *, level: float = 0.95) -> Bounded:
    """Variance of one rating about the target's true score, in squared units of the ratings.

    Parameters
    ----------
    table : MeanSquares
        See :func:`mean_squares`.
    form : {"1", "A", "C"}
        Everything within targets; differences between raters counted as error (the square of
        the standard error of measurement for agreement), or left out (for consistency).
    level : float
        Coverage: exact by chi-square for "1" and "C"; for "A", a sum of two mean squares, the
        modified large-sample interval.

    Notes
    -----
    The estimate for agreement is the unbiased ``raters / n + (n - 1) / n * residual``: where
    raters differ by less than chance would have it, it is a little below that for consistency.

    References
    ----------
    de Vet, H. C. W., Terwee, C. B., Knol, D. L., & Bouter, L. M. (2006). When to use agreement
    versus reliability measures. Journal of Clinical Epidemiology, 59, 1033-1039.
    doi:10.1016/j.jclinepi.2005.10.015
    Graybill, F. A., & Wang, C.-M. (1980). Confidence intervals on nonnegative linear
    combinations of variances. Journal of the American Statistical Association, 75, 869-873.
    doi:10.1080/01621459.1980.10477565

    Examples
    --------
    >>> import numpy as np
    >>> table = mean_squares(np.array([[1.0, 2.0], [3.0, 5.0], [5.0, 5.0]]))
    >>> round(error_variance(table, "A").estimate, 4), error_variance(table, "C").estimate
    (0.8333, 0.5)
    """
    check_option("form", form, FORMS)
    n, k = table.n_targets, table.n_raters
    if form == "1":
        parts, df = np.array([table.within]), np.array([n * (k - 1.0)])
    elif form == "C":
        parts, df = np.array([table.residual]), np.array([(n - 1.0) * (k - 1)])
    else:
        parts = np.array([table.raters / n, (n - 1) / n * table.residual])
        df = np.array([k - 1.0, (n - 1.0) * (k - 1)])
    estimate = float(parts.sum())
    if not estimate > 0:
        return Bounded(estimate, np.nan, np.nan)
    tail = (1 - level) / 2
    below = (1 - df / stats.chi2.isf(tail, df)) * parts
    above = (df / stats.chi2.ppf(tail, df) - 1) * parts
    low = estimate - float(np.sqrt((below**2).sum()))
    return Bounded(estimate, max(low, 0.0), estimate + float(np.sqrt((above**2).sum())))
