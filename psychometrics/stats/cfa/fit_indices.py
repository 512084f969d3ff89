"""Fit indices: numbers in, numbers out, so that each can be checked against a printed page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from psychometrics.stats.cfa.kernel import Implied, SampleMoments
from psychometrics.stats.moments import FloatArray

CLOSE_FIT = 0.05


@dataclass(frozen=True, slots=True)
class FitIndices:
    """Indices of one fitted model; names as in the public table of fit indices."""

    chi2: float
    df: int
    p_value: float
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


def comparative_fit(chi2: float, df: float, chi2_baseline: float, df_baseline: float) -> float:
    """CFI.

    References
    ----------
    Bentler, P. M. (1990). Comparative fit indexes in structural models. Psychological Bulletin,
    107, 238-246. doi:10.1037/0033-2909.107.2.238

    Examples
    --------
    >>> round(comparative_fit(85.306, 24, 918.852, 36), 3)
    0.931
    """
    misfit = max(chi2 - df, 0.0)
    worst = max(chi2 - df, chi2_baseline - df_baseline, 0.0)
    return 1.0 if worst == 0 else 1 - misfit / worst


def tucker_lewis(chi2: float, df: float, chi2_baseline: float, df_baseline: float) -> float:
    """TLI; 1 for a saturated model.

    References
    ----------
    Tucker, L. R., & Lewis, C. (1973). A reliability coefficient for maximum likelihood factor
    analysis. Psychometrika, 38, 1-10. doi:10.1007/BF02291170

    Examples
    --------
    >>> round(tucker_lewis(85.306, 24, 918.852, 36), 3)
    0.896
    """
    if df == 0:
        return 1.0
    baseline = chi2_baseline / df_baseline
    return (baseline - chi2 / df) / (baseline - 1) if baseline != 1 else float("nan")


def rmsea(chi2: float, df: float, n: float, n_groups: int = 1) -> float:
    """RMSEA with N (not N - 1) below the line, times the root of the number of groups.

    References
    ----------
    Steiger, J. H. (1998). A note on multiple sample extensions of the RMSEA fit index.
    Structural Equation Modeling, 5, 411-419. doi:10.1080/10705519809540115

    Examples
    --------
    >>> round(rmsea(85.306, 24, 301), 3)
    0.092
    """
    if df == 0:
        return 0.0
    return float(np.sqrt(max((chi2 - df) / (n * df), 0.0) * n_groups))


def noncentrality_limit(chi2: float, df: float, probability: float) -> float:
    """Return the noncentrality at which a chi-square this large has the given probability."""

    def gap(noncentrality: float) -> float:
        return float(special.chndtr(chi2, df, noncentrality) - probability)

    if gap(0.0) <= 0:
        return 0.0
    top = max(chi2, 1.0)
    while gap(top) > 0:
        top *= 2
    return float(optimize.brentq(gap, 0.0, top, xtol=1e-10, rtol=1e-12))


def rmsea_interval(
    chi2: float, df: float, n: float, n_groups: int = 1, level: float = 0.90
) -> tuple[float, float]:
    """Interval of RMSEA from the noncentral chi-square; 90 % by custom.

    It is (0, 0) for a saturated model, as the RMSEA itself is 0, and NaN where the search found
    no finite chi-square or the model has more parameters than moments.

    References
    ----------
    Browne, M. W., & Cudeck, R. (1993). Alternative ways of assessing model fit.

    Examples
    --------
    >>> low, high = rmsea_interval(85.306, 24, 301)
    >>> round(low, 3), round(high, 3)
    (0.071, 0.114)
    """
    if df == 0:
        return 0.0, 0.0
    if df < 0 or not np.isfinite(chi2):
        return float("nan"), float("nan")
    tail = (1 - level) / 2
    low = noncentrality_limit(chi2, df, 1 - tail)
    high = noncentrality_limit(chi2, df, tail)
    return (
        float(np.sqrt(low / (n * df) * n_groups)),
        float(np.sqrt(high / (n * df) * n_groups)),
    )


def close_fit_p(
    chi2: float, df: float, n: float, n_groups: int = 1, rmsea_null: float = CLOSE_FIT
) -> float:
    """P value of the hypothesis that RMSEA is at most `rmsea_null` (0.05)."""
    if df == 0:
        return float("nan")
    noncentrality = n * df * rmsea_null**2 / n_groups
    return float(stats.ncx2.sf(chi2, df, noncentrality))


def srmr(implied: Implied, data: SampleMoments, mean_structure: bool) -> FloatArray:
    """Root mean square of the standardised residuals, groups weighted by n; (replicate,).

    Residuals are divided by the observed standard deviations (Bentler's form); means take part
    where they are modelled.

    References
    ----------
    Bentler, P. M. (1995). EQS structural equations program manual.
    """
    p = data.covariance.shape[-1]
    sd = np.sqrt(np.diagonal(data.covariance, axis1=-2, axis2=-1))
    residual = (data.covariance - implied.covariance) / (sd[..., :, None] * sd[..., None, :])
    low = np.tril_indices(p)
    total = (residual[..., low[0], low[1]] ** 2).sum(axis=-1)
    cells = p * (p + 1) / 2
    if mean_structure:
        total = total + (((data.mean - implied.mean) / sd) ** 2).sum(axis=-1)
        cells += p
    share = data.n / data.n.sum(axis=-1, keepdims=True)
    return np.asarray((share * np.sqrt(total / cells)).sum(axis=-1))


def baseline_chi2(data: SampleMoments, n_exogenous: int = 0) -> tuple[FloatArray, int]:
    """Chi-square and degrees of freedom of the model in which outcomes are unrelated.

    Parameters
    ----------
    data : SampleMoments
        Observed predictors stand last.
    n_exogenous : int
        Number of observed predictors; they keep their own covariances.

    Returns
    -------
    chi2 : ndarray, shape (replicate,)
    df : int
    """
    p = data.covariance.shape[-1]
    outcomes = p - n_exogenous
    variance = np.diagonal(data.covariance, axis1=-2, axis2=-1)[..., :outcomes]
    free = np.log(variance).sum(axis=-1)
    if n_exogenous:
        free = free + np.linalg.slogdet(data.covariance[..., outcomes:, outcomes:])[1]
    chi2 = (data.n * (free - data.log_determinant)).sum(axis=-1)
    df = outcomes * (outcomes - 1) // 2 + outcomes * n_exogenous
    return np.asarray(chi2), df * data.n.shape[-1]
