"""Fit of a model of ordered items: tests brought to a chi-square, and indices made of them."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from psychometrics.stats.cfa.assess import Fit
from psychometrics.stats.cfa.fit_indices import (
    FitIndices,
    close_fit_p,
    comparative_fit,
    rmsea,
    rmsea_interval,
    tucker_lewis,
)
from psychometrics.stats.cfa.inference import degrees_of_freedom
from psychometrics.stats.cfa.ordinal_indices import correlation_srmr, ordinal_baseline
from psychometrics.stats.cfa.ordinal_kernel import (
    OrdinalData,
    covariance_of,
    implied_statistics,
)
from psychometrics.stats.cfa.ordinal_robust import OrdinalRobust
from psychometrics.stats.cfa.ordinal_search import restricts_thresholds
from psychometrics.stats.cfa.robust_indices import RobustIndices
from psychometrics.stats.cfa.solve import MEAN_AND_VARIANCE, PLAIN, Estimator, Solved
from psychometrics.stats.moments import FloatArray


def log_determinants(matrices: FloatArray) -> FloatArray:
    """Return log-determinants; NaN where a matrix is not positive definite."""
    smallest = np.linalg.eigvalsh(matrices)[..., 0]
    return np.where(smallest > 0, np.linalg.slogdet(matrices)[1], np.nan)


def assess_ordinal(found: Solved, data: OrdinalData, estimator: Estimator, n_obs: int) -> Fit:
    """Return the fit indices of a solved model of ordered items.

    Parameters
    ----------
    found : Solved
        The model.
    data : OrdinalData
        What it was fitted to, one replicate.
    estimator : {"DWLS", "WLSM", "WLSMV", "ULS", "ULSM", "ULSMV"}
        Its estimator.
    n_obs : int
        Rows analysed.

    Notes
    -----
    The scaled statistic of WLSM and ULSM is divided by the mean of the eigenvalues of U Gamma; that
    of WLSMV and ULSMV is scaled and shifted so that mean and variance are those of a chi-square.
    Indices count n - 1 people a group. ``srmr`` is of the correlations.

    References
    ----------
    Asparouhov, T., & Muthén, B. (2010). Simple second order chi-square correction. Mplus technical
    appendix.
    """
    df = degrees_of_freedom(found.table, found.layout)
    chi2 = max(-2 * found.log_likelihood, 0.0) if df else 0.0
    bases, df_base = ordinal_baseline(data)
    chi2_base = float(bases[0])
    n, n_groups = float(data.n.sum()), found.table.n_groups
    low, high = rmsea_interval(chi2, df, n, n_groups)
    nothing = float("nan")
    indices = FitIndices(
        chi2=chi2,
        df=df,
        p_value=float(special.chdtrc(df, chi2)) if df else nothing,
        chi2_baseline=chi2_base,
        df_baseline=df_base,
        cfi=comparative_fit(chi2, df, chi2_base, df_base),
        tli=tucker_lewis(chi2, df, chi2_base, df_base),
        rmsea=rmsea(chi2, df, n, n_groups),
        rmsea_low=low,
        rmsea_high=high,
        rmsea_p=close_fit_p(chi2, df, n, n_groups),
        srmr=float(correlation_srmr(found.layout, found.z[None, :], data)[0]),
        log_likelihood=nothing,
        aic=nothing,
        bic=nothing,
        n_obs=n_obs,
        n_parameters=found.layout.n_free,
    )
    if estimator in PLAIN or df == 0 or found.ordinal is None:
        return Fit(indices, None, None)
    return Fit(indices, scaled_fit(found, found.ordinal, indices, data, estimator), None)


def corrected_statistic(
    chi2: float, df: int, trace: float, trace_square: float, estimator: Estimator
) -> tuple[float, float]:
    """Return the corrected statistic and the factor it is divided by."""
    if estimator not in MEAN_AND_VARIANCE:
        return chi2 * df / trace, trace / df
    slope = math.sqrt(df / trace_square)
    return slope * chi2 + df - slope * trace, 1 / slope


def scaled_fit(
    found: Solved,
    robust: OrdinalRobust,
    usual: FitIndices,
    data: OrdinalData,
    estimator: Estimator,
) -> RobustIndices:
    """Return the indices of the corrected statistic, and those corrected after Savalei (2021)."""
    df, n, n_groups = usual.df, float(data.n.sum()), found.table.n_groups
    scaled, factor = corrected_statistic(
        usual.chi2, df, robust.trace, robust.trace_square, estimator
    )
    df_base, base = usual.df_baseline, robust.baseline
    scaled_base, _ = corrected_statistic(
        usual.chi2_baseline, df_base, base.trace, base.square, estimator
    )
    cfi, tli, error = savalei_indices(found, robust, data, df, df_base)
    return RobustIndices(
        factor,
        scaled,
        float(df),
        float(special.chdtrc(df, max(scaled, 0.0))),
        comparative_fit(scaled, df, scaled_base, df_base),
        tucker_lewis(scaled, df, scaled_base, df_base),
        rmsea(scaled, df, n, n_groups),
        cfi,
        tli,
        error,
    )


def savalei_indices(
    found: Solved, robust: OrdinalRobust, data: OrdinalData, df: int, df_base: int
) -> tuple[float, float, float]:
    """Return CFI, TLI and RMSEA that estimate what continuous answers would show.

    The least-squares estimates are put into the maximum likelihood discrepancy of the correlations,
    and what that would be on average under the model is taken off. The discrepancy does not see
    thresholds: NaN where the model restricts them, and where a correlation matrix is not positive
    definite.
    """
    restricted = restricts_thresholds(found.layout)
    fitted = covariance_of(
        data.layout, implied_statistics(found.layout, data.layout, found.z[None, :])
    )[0]
    observed = data.covariance[0]
    p = observed.shape[-1]
    sizes = log_determinants(fitted) - log_determinants(observed)
    if restricted or not np.isfinite(sizes).all() or not np.isfinite(robust.likelihood_trace):
        return (float("nan"),) * 3
    misfit = sizes + np.trace(np.linalg.solve(fitted, observed), axis1=-2, axis2=-1) - p
    chi2 = float(((data.n[0] + 1) * misfit).sum())
    variance = np.diagonal(observed, axis1=-2, axis2=-1)
    apart = np.log(variance).sum(axis=-1) - log_determinants(observed)
    excess = max(chi2 - robust.likelihood_trace, 0.0)
    excess_base = float(((data.n[0] + 1) * apart).sum()) - robust.baseline.likelihood
    worst = max(excess, excess_base, 0.0)
    cfi = 1.0 if worst == 0 else 1 - excess / worst
    per_df = (chi2 - robust.likelihood_trace) / df
    tli = 1 - per_df / (excess_base / df_base) if excess_base > 0 else float("nan")
    error = math.sqrt(excess / (float(data.n.sum()) * df) * found.table.n_groups)
    return cfi, tli, error
