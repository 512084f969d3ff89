"""Difference tests of nested models."""

from __future__ import annotations

from dataclasses import dataclass

from scipy import stats

from psychometrics.errors import ModelError


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
