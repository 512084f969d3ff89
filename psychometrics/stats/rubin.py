"""Rubin's rules: one estimate and one variance out of those of several completed data sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from psychometrics.errors import DataError
from psychometrics.stats.moments import FloatArray


@dataclass(frozen=True, slots=True)
class Pooled:
    """Estimates over completed data sets; arrays of one shape.

    Attributes
    ----------
    estimate : ndarray
        Mean of the sets' estimates.
    variance : ndarray
        Within plus between, the latter with its correction for few sets.
    within, between : ndarray
        Mean of the sets' sampling variances; variance of their estimates.
    df : ndarray
        Barnard and Rubin's degrees of freedom.
    riv : ndarray
        Relative increase of the variance by the missing answers.
    fmi : ndarray
        Fraction of missing information, with its correction for few sets.
    n_sets : int
        Number of sets.
    """

    estimate: FloatArray
    variance: FloatArray
    within: FloatArray
    between: FloatArray
    df: FloatArray
    riv: FloatArray
    fmi: FloatArray
    n_sets: int

    def limits(self, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Return the limits of the t interval.

        Parameters
        ----------
        level : float
            Coverage.
        """
        half = special.stdtrit(self.df, (1 + level) / 2) * np.sqrt(self.variance)
        return self.estimate - half, self.estimate + half


def pool(
    estimates: npt.ArrayLike, variances: npt.ArrayLike, n_complete: npt.ArrayLike = np.inf
) -> Pooled:
    """Pool the estimates of completed data sets.

    Parameters
    ----------
    estimates, variances : array_like, shape (m, ...)
        Of each set, on a scale where the estimate is near normal; two sets or more.
    n_complete : array_like
        People in each set; n - 1 are the degrees of freedom there would be without a missing
        answer. Infinite for none to correct for.

    Returns
    -------
    Pooled
        NaN where an estimate or variance is missing in any set.

    Raises
    ------
    DataError
        Fewer than two sets, or shapes that differ.

    References
    ----------
    Rubin, D. B. (1987). Multiple imputation for nonresponse in surveys (ch. 3).
    Barnard, J., & Rubin, D. B. (1999). Small-sample degrees of freedom with multiple imputation.
    Biometrika, 86, 948-955. doi:10.1093/biomet/86.4.948

    Examples
    --------
    >>> found = pool([2.0, 3.0, 4.0], [1.0, 1.0, 1.0], 50)
    >>> float(found.estimate), round(float(found.variance), 4), round(float(found.df), 2)
    (3.0, 2.3333, 4.7)
    """
    value, spread = np.asarray(estimates, dtype=float), np.asarray(variances, dtype=float)
    if value.shape != spread.shape or value.ndim == 0 or len(value) < 2:
        raise DataError(
            f"pool() needs the estimates and variances of two sets or more, in arrays of one "
            f"shape; got shapes {value.shape} and {spread.shape}."
        )
    m = len(value)
    within, between = spread.mean(axis=0), value.var(axis=0, ddof=1)
    extra = (1 + 1 / m) * between
    variance = within + extra
    with np.errstate(invalid="ignore", divide="ignore"):
        share = extra / variance
        df_sets = np.where(extra > 0, (m - 1) / share**2, np.inf)
        complete = np.asarray(n_complete, dtype=float) - 1
        seen = (complete + 1) / (complete + 3) * complete * (1 - share)
        df = np.where(np.isfinite(complete), 1 / (1 / df_sets + 1 / seen), df_sets)
        riv = extra / within
        fmi = (riv + 2 / (df + 3)) / (riv + 1)
    known = np.isfinite(variance) & np.isfinite(value).all(axis=0)
    df, riv, fmi = (np.where(known, part, np.nan) for part in (df, riv, fmi))
    return Pooled(value.mean(axis=0), variance, within, between, df, riv, fmi, m)
