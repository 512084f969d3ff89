"""Fit indices under scaled tests: with the scaled statistic, and corrected for the scaling.

The ``scaled`` indices put the scaled statistic into the usual formula and estimate something that
moves with the kurtosis. The ``robust`` ones estimate what the usual index would be in the
population.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from psychometrics.stats.cfa.fit_indices import comparative_fit, rmsea, tucker_lewis


@dataclass(frozen=True, slots=True)
class RobustIndices:
    """Indices that a robust fit adds; names as in the public table of fit indices."""

    scaling_factor: float
    chi2_scaled: float
    df_scaled: float
    p_scaled: float
    cfi_scaled: float
    tli_scaled: float
    rmsea_scaled: float
    cfi_robust: float
    tli_robust: float
    rmsea_robust: float


@dataclass(frozen=True, slots=True)
class Corrected:
    """Indices corrected for a statistic whose mean under the model is not its df."""

    cfi_robust: float
    tli_robust: float
    rmsea_robust: float


def robust_comparative_fit(
    chi2: float, df: float, factor: float, chi2_base: float, df_base: float, factor_base: float
) -> float:
    """CFI corrected for the scaling.

    References
    ----------
    Brosseau-Liard, P. E., & Savalei, V. (2014). Adjusting incremental fit indices for
    nonnormality. Multivariate Behavioral Research, 49, 460-470. doi:10.1080/00273171.2014.933697

    Examples
    --------
    >>> round(robust_comparative_fit(85.306, 24, .979042, 918.852, 36, 1.044053), 3)
    0.93
    """
    misfit = max(chi2 - factor * df, 0.0)
    worst = max(misfit, chi2_base - factor_base * df_base, 0.0)
    return 1.0 if worst == 0 else 1 - misfit / worst


def robust_tucker_lewis(
    chi2: float, df: float, factor: float, chi2_base: float, df_base: float, factor_base: float
) -> float:
    """TLI corrected for the scaling; see :func:`robust_comparative_fit`."""
    if df == 0:
        return 1.0
    worst = chi2_base - factor_base * df_base
    if worst == 0:
        return float("nan")
    return 1 - (chi2 - factor * df) * df_base / (worst * df)


def robust_rmsea(chi2: float, df: float, factor: float, n: float, n_groups: int = 1) -> float:
    """RMSEA corrected for the scaling.

    References
    ----------
    Brosseau-Liard, P. E., Savalei, V., & Li, L. (2012). An investigation of the sample performance
    of two nonnormality corrections for RMSEA. Multivariate Behavioral Research, 47, 904-930.
    doi:10.1080/00273171.2012.715252
    """
    if df == 0:
        return 0.0
    return float(np.sqrt(max((chi2 - factor * df) / (n * df), 0.0) * n_groups))


def corrected_indices(
    chi2: float,
    df: int,
    factor: float,
    chi2_base: float,
    df_base: int,
    factor_base: float,
    n: float,
    n_groups: int = 1,
) -> Corrected:
    """Return the corrected indices of a model and its baseline.

    Parameters
    ----------
    factor, factor_base : float
        Mean of the statistic under the model, divided by df.
    """
    return Corrected(
        robust_comparative_fit(chi2, df, factor, chi2_base, df_base, factor_base),
        robust_tucker_lewis(chi2, df, factor, chi2_base, df_base, factor_base),
        robust_rmsea(chi2, df, factor, n, n_groups),
    )


def robust_indices(
    chi2: float,
    df: int,
    factor: float,
    chi2_base: float,
    df_base: int,
    factor_base: float,
    n: float,
    n_groups: int = 1,
) -> RobustIndices:
    """Return the scaled and robust indices of a model and its baseline.

    Parameters
    ----------
    chi2, chi2_base : float
        Unscaled statistics.
    factor, factor_base : float
        Scaling factors: statistics are divided by them.
    """
    scaled, scaled_base = chi2 / factor, chi2_base / factor_base
    corrected = corrected_indices(chi2, df, factor, chi2_base, df_base, factor_base, n, n_groups)
    return RobustIndices(
        factor,
        scaled,
        float(df),
        float(special.chdtrc(df, scaled)) if df else float("nan"),
        comparative_fit(scaled, df, scaled_base, df_base),
        tucker_lewis(scaled, df, scaled_base, df_base),
        rmsea(scaled, df, n, n_groups),
        corrected.cfi_robust,
        corrected.tli_robust,
        corrected.rmsea_robust,
    )
