"""Fit of a solved model: the usual indices, the scaled ones, those corrected for missing rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import numpy as np
from scipy import special

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
    estimator : {"ML", "MLR", "MLM", "ULS", "ULSM"}
        Its estimator; the baseline model is fitted by the same.
    n_obs : int
        Rows analysed.
    mimic : {"lavaan", "Mplus"}
        See :func:`solve`.
    """
    complete = isinstance(sample.likelihood, SampleMoments)
    if complete and estimator == "ML":
        base, df_base = baseline_chi2(
            predictors_last(found.table, sample.moments), len(found.table.exogenous)
        )
        indices = usual_indices(found, sample, max(float(base[0]), 0.0), df_base, n_obs)
        return Fit(indices, None, None, small_sample_chi2(found, sample, indices.df))
    null = solve(baseline(found.table), sample, estimator, "observed", mimic=mimic)
    chi2_base = max(2 * (sample.saturated - null.log_likelihood), 0.0)
    df_base = degrees_of_freedom(null.table, null.layout)
    indices = usual_indices(found, sample, chi2_base, df_base, n_obs)
    if indices.df == 0 or estimator == "ULS":
        return Fit(indices, None, None)
    if complete:
        robust = scaled_indices(indices, found.trace, null.trace, sample, found.table.n_groups)
        corrected = Corrected(robust.cfi_robust, robust.tli_robust, robust.rmsea_robust)
        return Fit(indices, robust, corrected)
    return incomplete_fit(found, null, sample, estimator, indices)


def usual_indices(
    found: Solved, sample: Sample, chi2_base: float, df_base: int, n_obs: int
) -> FitIndices:
    """Return the indices that need no correction, given the baseline's chi-square."""
    table, layout, moments = found.table, found.layout, sample.moments
    df = degrees_of_freedom(table, layout)
    # A saturated model is fitted exactly but for rounding.
    chi2 = max(2 * (sample.saturated - found.log_likelihood), 0.0) if df else 0.0
    n_parameters = layout.n_free - count_exogenous(table)
    likelihood = float("nan")
    if not moments.unweighted:
        likelihood = found.log_likelihood - exogenous_log_likelihood(table, moments)
    size = people_behind(sample, n_obs)
    low, high = rmsea_interval(chi2, df, size, table.n_groups)
    residual = srmr(imply(layout, found.optimum.z), moments, table.mean_structure)
    return FitIndices(
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


def people_behind(sample: Sample, n_obs: int) -> float:
    """Return the people that chi-square counts: least squares takes n - 1 a group."""
    return float(sample.moments.n.sum()) if sample.moments.unweighted else n_obs


def small_sample_chi2(found: Solved, sample: Sample, df: int) -> float | None:
    """Return chi-square with Bartlett's correction; None for a saturated model."""
    if df == 0:
        return None
    fmin, n = found.optimum.fmin[0], sample.moments.n[0]
    return bartlett_chi2(fmin, n, len(found.table.observed), len(found.table.latent))


def scaled_indices(
    usual: FitIndices, trace: float, trace_base: float, sample: Sample, n_groups: int
) -> RobustIndices:
    """Return the scaled and robust indices, given the traces of U Gamma."""
    return robust_indices(
        usual.chi2,
        usual.df,
        trace / usual.df,
        usual.chi2_baseline,
        usual.df_baseline,
        trace_base / usual.df_baseline,
        people_behind(sample, usual.n_obs),
        n_groups,
    )


def incomplete_fit(
    found: Solved, null: Solved, sample: Sample, estimator: Estimator, usual: FitIndices
) -> Fit:
    """Return the fit of a model of incomplete rows, its indices corrected for them."""
    saturated = saturated_model(found.table, sample, estimator)
    misfit, misfit_base = (complete_misfit(one, sample, saturated) for one in (found, null))
    corrected = corrected_indices(
        misfit.chi2, usual.df, misfit.expected / usual.df,
        misfit_base.chi2, usual.df_baseline, misfit_base.expected / usual.df_baseline,
        usual.n_obs, found.table.n_groups,
    )  # fmt: skip
    if estimator == "ML":
        return Fit(usual, None, corrected)
    own = saturated.trace
    robust = scaled_indices(
        usual, found.trace + own, null.trace + own, sample, found.table.n_groups
    )
    return Fit(usual, replace(robust, **asdict(corrected)), corrected)


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
