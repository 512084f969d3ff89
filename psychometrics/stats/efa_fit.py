"""How well an exploratory model fits: the indices of confirmatory models, and Bartlett's test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from psychometrics.stats.cfa.fit_indices import (
    baseline_chi2,
    close_fit_p,
    comparative_fit,
    rmsea,
    rmsea_interval,
    srmr,
    tucker_lewis,
)
from psychometrics.stats.cfa.kernel import Implied, SampleMoments, sample_moments
from psychometrics.stats.efa import (
    bartlett_multiplier,
    degrees_of_freedom,
    likelihood_discrepancy,
)
from psychometrics.stats.moments import FloatArray, correlation_of


@dataclass(frozen=True, slots=True)
class ExploratoryFit:
    """Indices of an exploratory model; names as for confirmatory ones, with Bartlett's test.

    ``chi2`` is n times the ML discrepancy, as lavaan and Mplus have it, and goes into RMSEA, CFI
    and TLI. ``chi2_bartlett`` is what R's factanal and psych::fa print: the multiplier is smaller,
    which keeps the test's size in small samples.
    """

    chi2: float
    df: int
    p_value: float
    chi2_bartlett: float
    p_bartlett: float
    chi2_baseline: float
    df_baseline: int
    cfi: float
    tli: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    rmsea_p: float
    srmr: float
    log_likelihood: float
    aic: float
    bic: float
    n_obs: int
    n_parameters: int


def exploratory_fit(
    covariance: FloatArray, n: float, implied: FloatArray, n_factors: int, n_obs: int
) -> ExploratoryFit:
    """Return the fit indices of an exploratory model.

    For least squares and principal axes the ML discrepancy is taken at their solution, as psych
    does; it is then a little larger than its minimum.

    Parameters
    ----------
    covariance : ndarray, shape (p, p)
        Denominator n - 1; correlations will do, the log-likelihood is then theirs.
    n : float
        People; for a pooled-within covariance its degrees of freedom plus one.
    implied : ndarray, shape (p, p)
        Correlations that the model implies.
    n_factors : int
        m.
    n_obs : int
        People to report.
    """
    p = len(covariance)
    data = sample_moments(covariance[None, None], None, np.array([[float(n)]]))
    discrepancy = float(likelihood_discrepancy(correlation_of(covariance), implied))
    df = degrees_of_freedom(p, n_factors)
    chi2, baseline = n * discrepancy, baseline_chi2(data)
    worst, worst_df = float(baseline[0][0]), baseline[1]
    bartlett = bartlett_multiplier(n, p, n_factors) * discrepancy
    n_parameters = p * (p + 1) // 2 - df
    likelihood = normal_log_likelihood(data, discrepancy)
    low, high = rmsea_interval(chi2, df, n)
    return ExploratoryFit(
        chi2=chi2,
        df=df,
        p_value=upper_tail(chi2, df),
        chi2_bartlett=bartlett,
        p_bartlett=upper_tail(bartlett, df),
        chi2_baseline=worst,
        df_baseline=worst_df,
        cfi=comparative_fit(chi2, df, worst, worst_df),
        tli=tucker_lewis(chi2, df, worst, worst_df),
        rmsea=rmsea(chi2, df, n),
        rmsea_low=low,
        rmsea_high=high,
        rmsea_p=close_fit_p(chi2, df, n),
        srmr=residual_size(covariance, implied),
        log_likelihood=likelihood,
        aic=2 * n_parameters - 2 * likelihood,
        bic=float(np.log(n)) * n_parameters - 2 * likelihood,
        n_obs=n_obs,
        n_parameters=n_parameters,
    )


def upper_tail(chi2: float, df: int) -> float:
    """Return the p-value of a chi-square; NaN without degrees of freedom."""
    return float(stats.chi2.sf(chi2, df)) if df > 0 else float("nan")


def residual_size(covariance: FloatArray, implied: FloatArray) -> float:
    """Return SRMR of correlations that a model implies, the diagonal counted as lavaan does."""
    r = correlation_of(covariance)
    nothing = np.zeros(0)
    model = Implied(nothing, nothing, implied[None, None], nothing, nothing)
    moments = SampleMoments(r[None, None], np.zeros((1, 1, len(r))), np.ones((1, 1)), nothing)
    return float(srmr(model, moments, mean_structure=False)[0])


def normal_log_likelihood(data: SampleMoments, discrepancy: float) -> float:
    """Return the log-likelihood of a model with a saturated mean, from its discrepancy."""
    p = data.covariance.shape[-1]
    log_determinant = float(data.log_determinant[0, 0])
    return float(-0.5 * data.n[0, 0] * (p * np.log(2 * np.pi) + log_determinant + discrepancy + p))
