"""Difference tests of nested models."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from psychometrics.errors import ModelError
from psychometrics.stats.moments import FloatArray


@dataclass(frozen=True, slots=True)
class Difference:
    """A chi-square difference test.

    Attributes
    ----------
    chi2 : float
        The difference, scaled where the fits are.
    df : int
        Difference of the degrees of freedom.
    p_value : float
        NaN where the scaling factor of the difference is not positive.
    factor : float
        Scaling factor of the difference; 1 for the plain test.
    """

    chi2: float
    df: int
    p_value: float
    factor: float


def difference_test(
    chi2: float,
    df: int,
    chi2_less: float,
    df_less: int,
    factor: float = 1.0,
    factor_less: float = 1.0,
) -> Difference:
    """Test a more restricted model against a less restricted one.

    Parameters
    ----------
    chi2, df, factor
        Unscaled statistic, degrees of freedom and scaling factor of the restricted model.
    chi2_less, df_less, factor_less
        Of the model with fewer restrictions.

    Raises
    ------
    ModelError
        If the restricted model has no more degrees of freedom than the other.

    References
    ----------
    Satorra, A., & Bentler, P. M. (2001). A scaled difference chi-square test statistic for moment
    structure analysis. Psychometrika, 66, 507-514. doi:10.1007/BF02296192

    Examples
    --------
    >>> round(difference_test(124.044, 54, 115.851, 48).p_value, 4)
    0.2243
    """
    lost = df - df_less
    if lost <= 0:
        raise ModelError(
            f"The restricted model has {df} degrees of freedom, the other {df_less}: the first "
            "must have more. Pass the models the other way round, or different ones."
        )
    scale = (df * factor - df_less * factor_less) / lost
    gap = chi2 - chi2_less
    if scale <= 0:
        return Difference(float("nan"), lost, float("nan"), scale)
    statistic = gap / scale
    return Difference(statistic, lost, float(stats.chi2.sf(statistic, lost)), scale)


@dataclass(frozen=True, slots=True)
class Restriction:
    """How a nested model restricts another, in the other's own metric.

    Attributes
    ----------
    df : int
        Number of restrictions m.
    trace, trace_square : float
        Traces of U Gamma of the difference, and of its square.
    """

    df: int
    trace: float
    trace_square: float


def restriction(
    slopes: FloatArray, slopes_restricted: FloatArray, bread: FloatArray, meat: FloatArray
) -> Restriction:
    """Work out the distribution of the difference of two nested models' statistics.

    Parameters
    ----------
    slopes : ndarray, shape (s, q)
        Derivatives of the implied statistics by the parameters of the wider model.
    slopes_restricted : ndarray, shape (s, q0)
        The same of the restricted model.
    bread, meat : ndarray, shape (q, q)
        Covariance of the wider model's estimates if answers were normal, and the spread of its
        scores as it is.

    Raises
    ------
    ModelError
        If the restricted model's statistics are not among those of the wider one.

    References
    ----------
    Satorra, A. (2000). Scaled and adjusted restricted tests in multi-sample analysis of moment
    structures. In R. D. H. Heijmans et al. (Eds.), Innovations in multivariate statistical analysis
    (pp. 233-247). Kluwer.
    """
    through = np.linalg.lstsq(slopes, slopes_restricted, rcond=None)[0]
    left, size, _ = np.linalg.svd(through)
    rank = int((size > 1e-8 * size.max()).sum())
    across = left[:, rank:].T
    lost = len(across)
    if lost == 0:
        raise ModelError(
            "The two models restrict nothing in each other: their parameters span the same moments."
        )
    beside = across @ bread
    inner = np.linalg.solve(beside @ across.T, beside @ meat @ beside.T)
    return Restriction(lost, float(np.trace(inner)), float(np.trace(inner @ inner)))


def shifted_test(gap: float, found: Restriction) -> Difference:
    """Test a difference of unscaled statistics, its mean and variance brought to chi-square's.

    Parameters
    ----------
    gap : float
        Difference of the unscaled statistics.
    found : Restriction
        See :func:`restriction`.

    References
    ----------
    Satorra (2000), as in :func:`restriction`; Asparouhov, T., & Muthén, B. (2010). Simple second
    order chi-square correction.
    """
    m = found.df
    if found.trace <= 0 or found.trace_square <= 0:
        return Difference(float("nan"), m, float("nan"), found.trace / m)
    slope = math.sqrt(m / found.trace_square)
    statistic = slope * gap + m - slope * found.trace
    return Difference(statistic, m, float(stats.chi2.sf(statistic, m)), 1 / slope)
