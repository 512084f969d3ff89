"""Fit of a solved model: the usual indices, the scaled ones, those corrected for missing rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from psychometrics.stats.cfa.fiml import PatternData
from psychometrics.stats.cfa.fiml_robust import (
    CompleteDataMisfit,
    complete_data_misfit,
    implied_statistics,
)
from psychometrics.stats.cfa.fit_indices import (
    FitIndices,
    bartlett_chi2,
    baseline_chi2,
    close_fit_p,
    comparative_fit,
    rmsea,
    rmsea_interval,
    srmr,
    tucker_lewis,
)
from psychometrics.stats.cfa.inference import (
    count_exogenous,
    degrees_of_freedom,
    jacobian,
    predictors_last,
)
from psychometrics.stats.cfa.kernel import SampleMoments, imply
from psychometrics.stats.cfa.robust_indices import (
    Corrected,
    RobustIndices,
    corrected_indices,
    robust_indices,
)
from psychometrics.stats.cfa.solve import (
    Estimator,
    Mimic,
    Sample,
    Saturated,
    Solved,
    baseline,
    saturated_model,
    solve,
)
from psychometrics.stats.cfa.table import ParameterTable


@dataclass(frozen=True, slots=True)
class Fit:
    """Fit of a solved model.

    Attributes
    ----------
    indices : FitIndices
        The usual indices.
    robust : RobustIndices or None
        What a robust estimator adds.
    corrected : Corrected or None
        Indices corrected for scaling or missing answers, where either applies.
    bartlett : float or None
        Chi-square with Bartlett's small-sample correction, for ML of complete rows.
    """

    indices: FitIndices
    robust: RobustIndices | None
    corrected: Corrected | None
    bartlett: float | None = None


def assess(
    found: Solved, sample: Sample, estimator: Estimator, n_obs: int, mimic: Mimic = "lavaan"
) -> Fit:
    """Return the fit indices of a solved model.

    Parameters
    ----------
    found : Solved
        The model.
    sample : Sample
        What it was fitted to.
    estimator : {"ML", "MLR", "MLM"}
        Its estimator; the baseline model is fitted by the same.
    n_obs : int
        Rows analysed.
    mimic : {"lavaan", "Mplus"}
        See :func:`solve`.
    """
    table, layout = found.table, found.layout
    df = degrees_of_freedom(table, layout)
    # A saturated model is fitted exactly but for rounding.
    chi2 = max(2 * (sample.saturated - found.log_likelihood), 0.0) if df else 0.0
    plain = estimator == "ML" and isinstance(sample.likelihood, SampleMoments)
    base = None if plain else solve(baseline(table), sample, estimator, "observed", mimic=mimic)
    if base is None:
        found_base, df_base = baseline_chi2(
            predictors_last(table, sample.moments), len(table.exogenous)
        )
        chi2_base = max(float(found_base[0]), 0.0)
    else:
        chi2_base = max(2 * (sample.saturated - base.log_likelihood), 0.0)
        df_base = degrees_of_freedom(base.table, base.layout)
    n_parameters = layout.n_free - count_exogenous(table)
    likelihood = float("nan")
    if not sample.moments.unweighted:
        likelihood = found.log_likelihood - exogenous_log_likelihood(table, sample.moments)
    # Least squares counts n - 1 people a group in all that rests on chi-square.
    unweighted = sample.moments.unweighted
    size = float(sample.moments.n.sum()) if unweighted else n_obs
    low, high = rmsea_interval(chi2, df, size, table.n_groups)
    residual = srmr(imply(layout, found.optimum.z), sample.moments, table.mean_structure)
    indices = FitIndices(
        chi2=chi2,
        df=df,
        p_value=float(special.chdtrc(df, chi2)) if df else float("nan"),
        chi2_baseline=chi2_base,
        df_baseline=df_base,
        cfi=comparative_fit(chi2, df, chi2_base, df_base),
        tli=tucker_lewis(chi2, df, chi2_base, df_base),
        rmsea=rmsea(chi2, df, size, table.n_groups),
        rmsea_low=low,
        rmsea_high=high,
        rmsea_p=close_fit_p(chi2, df, size, table.n_groups),
        srmr=float(residual[0]),
        log_likelihood=likelihood,
        aic=-2 * likelihood + 2 * n_parameters,
        bic=-2 * likelihood + float(np.log(n_obs)) * n_parameters,
        n_obs=n_obs,
        n_parameters=n_parameters,
    )
    if (
        base is None
        or df == 0
        or (estimator in ("ML", "ULS") and not isinstance(sample.likelihood, PatternData))
    ):
        small = None
        if df and estimator == "ML":
            fmin, n = found.optimum.fmin[0], sample.moments.n[0]
            small = bartlett_chi2(fmin, n, len(table.observed), len(table.latent))
        return Fit(indices, None, None, small)
    if not isinstance(sample.likelihood, PatternData):
        robust = robust_indices(
            chi2,
            df,
            found.trace / df,
            chi2_base,
            df_base,
            base.trace / df_base,
            size,
            table.n_groups,
        )
        own = Corrected(robust.cfi_robust, robust.tli_robust, robust.rmsea_robust)
        return Fit(indices, robust, own)
    saturated = saturated_model(table, sample, estimator)
    misfit, misfit_base = (complete_misfit(one, sample, saturated) for one in (found, base))
    corrected = corrected_indices(
        misfit.chi2, df, misfit.expected / df,
        misfit_base.chi2, df_base, misfit_base.expected / df_base,
        n_obs, table.n_groups,
    )  # fmt: skip
    if estimator == "ML":
        return Fit(indices, None, corrected)
    trace, trace_base = found.trace + saturated.trace, base.trace + saturated.trace
    robust = robust_indices(
        chi2, df, trace / df, chi2_base, df_base, trace_base / df_base, n_obs, table.n_groups
    )
    robust = replace(
        robust,
        cfi_robust=corrected.cfi_robust,
        tli_robust=corrected.tli_robust,
        rmsea_robust=corrected.rmsea_robust,
    )
    return Fit(indices, robust, corrected)


def complete_misfit(found: Solved, sample: Sample, saturated: Saturated) -> CompleteDataMisfit:
    """Return the complete-data misfit of a model fitted to incomplete rows."""
    return complete_data_misfit(
        found.layout,
        found.z,
        jacobian(lambda point: implied_statistics(found.layout, point), found.z),
        sample.moments,
        saturated.layout,
        saturated.statistics,
        saturated.information,
        saturated.spread,
    )


def exogenous_log_likelihood(table: ParameterTable, moments: SampleMoments) -> float:
    """Log-likelihood of the observed predictors: models are compared given these."""
    place = [table.observed.index(name) for name in table.exogenous]
    if not place:
        return 0.0
    own = moments.covariance[..., np.array(place)[:, None], np.array(place)]
    size = len(place) * (np.log(2 * np.pi) + 1)
    return -float((0.5 * moments.n * (size + np.linalg.slogdet(own)[1])).sum())
