"""Little's test of answers that are missing completely at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from psychometrics.stats.moments import FloatArray
from psychometrics.stats.patterns import find_patterns, pattern_precisions, saturated_moments


@dataclass(frozen=True, slots=True)
class LittleTest:
    """Whether the means of rows with different gaps differ by more than chance.

    Attributes
    ----------
    chi2, df, p_value : float
        The statistic, its degrees of freedom, and the chance of one as large if gaps have nothing
        to do with the values.
    n_obs : int
        Rows with a value.
    n_patterns : int
        Patterns of gaps.
    converged : bool
        Whether the means and covariances behind it were found.
    """

    chi2: float
    df: float
    p_value: float
    n_obs: int
    n_patterns: int
    converged: bool


def little_test(rows: FloatArray) -> LittleTest:
    """Test whether values are missing completely at random.

    Parameters
    ----------
    rows : ndarray, shape (n, p)
        NaN where missing; every variable varies and any two have values in common.

    Returns
    -------
    LittleTest
        NaN statistic with a single pattern: there is nothing to compare.

    References
    ----------
    Little, R. J. A. (1988). A test of missing completely at random for multivariate data with
    missing values. Journal of the American Statistical Association, 83, 1198-1202.
    doi:10.1080/01621459.1988.10478722

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(1).normal(size=(200, 3))
    >>> x[:40, 0] = np.nan
    >>> found = little_test(x)
    >>> found.n_patterns, int(found.df), found.p_value > 0.05
    (2, 2, True)
    """
    patterns = find_patterns(rows)
    n, p = int(patterns.n.sum()), rows.shape[1]
    df = float(patterns.observed.sum() - p)
    if len(patterns.n) < 2 or df <= 0:
        return LittleTest(np.nan, df, np.nan, n, len(patterns.n), True)
    found = saturated_moments(patterns)
    covariance = found.covariance * n / (n - 1)
    log_determinant = float(np.linalg.slogdet(covariance)[1])
    precision = np.asarray(np.linalg.inv(covariance), dtype=float)
    inverse, _ = pattern_precisions(patterns, precision, log_determinant)
    gap = (patterns.mean - found.mean) * patterns.observed
    chi2 = float((patterns.n * np.einsum("ki,kij,kj->k", gap, inverse, gap)).sum())
    p_value = float(special.chdtrc(df, chi2))
    return LittleTest(chi2, df, p_value, n, len(patterns.n), found.converged)
