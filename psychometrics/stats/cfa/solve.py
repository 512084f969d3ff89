"""Fit one model to one data set by any estimator: the way from rows to everything a user reads.

The unrestricted and the baseline model go through the same code as the user's: both are parameter
tables, so that scaling factors, missing values, weights and clusters are treated alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import stats

from psychometrics.errors import ModelError
from psychometrics.stats.cfa.casewise import Rows, summed
from psychometrics.stats.cfa.estimate import Likelihood, Optimum, maximize_likelihood
from psychometrics.stats.cfa.fiml import PatternData, pattern_slot_scores
from psychometrics.stats.cfa.fit_indices import (
    FitIndices,
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
    parameter_covariance,
)
from psychometrics.stats.cfa.kernel import SampleMoments, imply, sample_moments
from psychometrics.stats.cfa.layout import Layout, lay_out
from psychometrics.stats.cfa.robust import Robust, pooled, robust_inference
from psychometrics.stats.cfa.robust_indices import RobustIndices, robust_indices
from psychometrics.stats.cfa.start import start_values
from psychometrics.stats.cfa.table import Parameter, ParameterTable
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.patterns import find_patterns, saturated_moments

Estimator = Literal["ML", "MLR", "MLM"]
Missing = Literal["listwise", "fiml"]
Information = Literal["expected", "observed"]


@dataclass(frozen=True, slots=True)
class Sample:
    """What a model is fitted to.

    Attributes
    ----------
    moments : SampleMoments
        One replicate: sample moments, or the maximum likelihood ones of incomplete rows.
    likelihood : Likelihood
        The moments themselves, or the patterns of missing values.
    rows : tuple of Rows
        The people of each group; empty where only moments are known.
    saturated : float
        Log-likelihood of the unrestricted model.
    """

    moments: SampleMoments
    likelihood: Likelihood
    rows: tuple[Rows, ...]
    saturated: float


def weighted_moments(rows: Rows) -> tuple[FloatArray, FloatArray, float]:
    """Return mean, covariance (denominator n) and n of complete rows."""
    weight = np.ones(len(rows.values)) if rows.weights is None else rows.weights
    n = float(weight.sum())
    mean = weight @ rows.values / n
    centred = rows.values - mean
    return mean, (centred * weight[:, None]).T @ centred / n, n


def complete_sample(groups: Sequence[Rows]) -> Sample:
    """Reduce complete rows of each group to a sample."""
    parts = [weighted_moments(rows) for rows in groups]
    moments = sample_moments(
        np.array([part[1] for part in parts])[None],
        np.array([part[0] for part in parts])[None],
        np.array([[part[2] for part in parts]]),
        unbiased=False,
    )
    return Sample(moments, moments, tuple(groups), normal_log_likelihood(moments))


def normal_log_likelihood(moments: SampleMoments) -> float:
    """Return the log-likelihood of complete rows at their own moments."""
    p = moments.covariance.shape[-1]
    each = p * np.log(2 * np.pi) + moments.log_determinant + p
    return float(-0.5 * (moments.n * each).sum())


def incomplete_sample(groups: Sequence[Rows]) -> Sample:
    """Reduce rows with missing values to patterns and their maximum likelihood moments.

    Raises
    ------
    ModelError
        If the saturated moments can't be estimated, as where two items were never answered
        together.
    """
    patterns = [find_patterns(rows.values, rows.weights) for rows in groups]
    found = [saturated_moments(part) for part in patterns]
    if not all(one.converged for one in found):
        raise ModelError(
            "The means and covariances of the incomplete answers can't be estimated: some items "
            "were hardly ever answered together. Use missing='listwise', or fewer items."
        )
    moments = sample_moments(
        np.array([one.covariance for one in found])[None],
        np.array([one.mean for one in found])[None],
        np.array([[part.n.sum() for part in patterns]]),
        unbiased=False,
    )
    total = sum(one.log_likelihood for one in found)
    return Sample(moments, PatternData(tuple(patterns)), tuple(groups), total)


@dataclass(frozen=True, slots=True)
class Solved:
    """A model fitted to a sample.

    Attributes
    ----------
    table, layout
        The model.
    optimum : Optimum
        One replicate.
    log_likelihood : float
        At the optimum.
    covariance : ndarray, shape (q, q)
        Of the estimates, by the estimator's own standard errors.
    trace : float
        Trace of U Gamma over the unrestricted model's: the scaling factor times df; NaN for ML.
    """

    table: ParameterTable
    layout: Layout
    optimum: Optimum
    log_likelihood: float
    covariance: FloatArray
    trace: float

    @property
    def z(self) -> FloatArray:
        """Estimates of the free parameters, shape (q,)."""
        return np.asarray(self.optimum.z[0])


def log_likelihood_at(layout: Layout, z: FloatArray, sample: Sample) -> float:
    """Return the log-likelihood of the sample at parameter values."""
    if isinstance(sample.likelihood, PatternData):
        size = sum(float((p.n * p.observed.sum(axis=1)).sum()) for p in sample.likelihood.groups)
        constant = 0.5 * size * float(np.log(2 * np.pi))
        return -float(sample.likelihood.objective(layout, z[None, :])[0]) - constant
    return sample.saturated - float(sample.likelihood.objective(layout, z[None, :])[0])


def score_products(layout: Layout, z: FloatArray, sample: Sample) -> FloatArray:
    """Return the summed products of casewise (or cluster) scores, shape (q, q)."""
    if not isinstance(sample.likelihood, PatternData):
        raise TypeError("complete rows have their own way: see robust_inference")
    implied = imply(layout, z[None, :])
    parts = []
    for group, (rows, patterns) in enumerate(
        zip(sample.rows, sample.likelihood.groups, strict=True)
    ):
        scores = summed(pattern_slot_scores(layout, implied, patterns, group, rows.values), rows)
        parts.append(scores.T @ scores)
    return pooled(parts, layout)


def solve(
    table: ParameterTable,
    sample: Sample,
    estimator: Estimator = "ML",
    information: Information = "expected",
    start: FloatArray | None = None,
) -> Solved:
    """Fit a model.

    Parameters
    ----------
    table : ParameterTable
        The model; with incomplete rows it needs a mean structure.
    sample : Sample
        What it is fitted to.
    estimator : {"ML", "MLR", "MLM"}
        Normal-theory standard errors, Huber-White ones with the Yuan-Bentler trace, or
        Satorra-Bentler ones.
    information : {"expected", "observed"}
        For ML's standard errors.
    start : ndarray, shape (q,), optional
        Where to start.
    """
    layout = lay_out(table)
    begin = start_values(table, layout, sample.moments) if start is None else start[None, :]
    optimum = maximize_likelihood(layout, sample.likelihood, begin)
    z = optimum.z
    if estimator == "ML":
        matrix = sample.likelihood.slopes(layout, z, observed=information == "observed")[1]
        covariance, trace = parameter_covariance(matrix)[0], float("nan")
    elif isinstance(sample.likelihood, PatternData):
        bread = parameter_covariance(sample.likelihood.slopes(layout, z, observed=True)[1])[0]
        meat = score_products(layout, z[0], sample)
        clustered = any(rows.clusters is not None for rows in sample.rows)
        straight = sample.likelihood.slopes(layout, z, observed=True, bends=False)[1]
        tested = parameter_covariance(straight)[0] if clustered else bread
        covariance, trace = bread @ meat @ bread, -float(np.sum(tested * meat))
    else:
        found: Robust = robust_inference(layout, z[0], sample.moments, sample.rows)
        robust = estimator == "MLR"
        covariance = found.sandwich if robust else found.corrected
        trace = found.yuan_bentler if robust else found.satorra_bentler
    likelihood = log_likelihood_at(layout, z[0], sample)
    return Solved(table, layout, optimum, likelihood, covariance, trace)


def unrestricted(table: ParameterTable) -> ParameterTable:
    """Return the model in which all means and covariances are free."""
    names = table.observed
    rows: list[Parameter] = []
    for group in range(table.n_groups):
        rows += [Parameter(a, "~~", b, group, True) for i, a in enumerate(names) for b in names[i:]]
        rows += [Parameter(name, "~1", "", group, True) for name in names]
    return ParameterTable(tuple(rows), names, (), (), table.n_groups, True)


def baseline(table: ParameterTable) -> ParameterTable:
    """Return the model in which outcomes are unrelated; predictors keep their covariances."""
    names = table.observed
    rows: list[Parameter] = []
    for group in range(table.n_groups):
        rows += [Parameter(name, "~~", name, group, True) for name in names]
        rows += [
            Parameter(a, "~~", b, group, True, exogenous=True)
            for i, a in enumerate(table.exogenous)
            for b in table.exogenous[i + 1 :]
        ]
        if table.mean_structure:
            rows += [Parameter(name, "~1", "", group, True) for name in names]
    return ParameterTable(
        tuple(rows), names, (), table.exogenous, table.n_groups, table.mean_structure
    )


def unrestricted_trace(table: ParameterTable, sample: Sample) -> float:
    """Trace that the unrestricted model of incomplete rows adds to the Yuan-Bentler factor."""
    full = unrestricted(table)
    layout = lay_out(full)
    index = {name: i for i, name in enumerate(full.observed)}
    moments = sample.moments
    start = np.array(
        [
            moments.covariance[0, row.group, index[row.lhs], index[row.rhs]]
            if row.op == "~~"
            else moments.mean[0, row.group, index[row.lhs]]
            for row in full.rows
        ]
    )
    observed = sample.likelihood.slopes(layout, start[None, :], observed=True)[1]
    meat = score_products(layout, start, sample)
    return float(np.sum(parameter_covariance(observed)[0] * meat))


@dataclass(frozen=True, slots=True)
class Fit:
    """Fit of a solved model.

    Attributes
    ----------
    indices : FitIndices
        The usual indices.
    robust : RobustIndices or None
        What a robust estimator adds.
    """

    indices: FitIndices
    robust: RobustIndices | None


def assess(found: Solved, sample: Sample, estimator: Estimator, n_obs: int) -> Fit:
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
    """
    table, layout = found.table, found.layout
    df = degrees_of_freedom(table, layout)
    # A saturated model is fitted exactly but for rounding.
    chi2 = max(2 * (sample.saturated - found.log_likelihood), 0.0) if df else 0.0
    base = solve(baseline(table), sample, estimator, "observed")
    chi2_base = max(2 * (sample.saturated - base.log_likelihood), 0.0)
    df_base = degrees_of_freedom(base.table, base.layout)
    n_parameters = layout.n_free - count_exogenous(table)
    likelihood = found.log_likelihood - exogenous_log_likelihood(table, sample.moments)
    low, high = rmsea_interval(chi2, df, n_obs, table.n_groups)
    residual = srmr(imply(layout, found.optimum.z), sample.moments, table.mean_structure)
    indices = FitIndices(
        chi2=chi2,
        df=df,
        p_value=float(stats.chi2.sf(chi2, df)) if df else float("nan"),
        chi2_baseline=chi2_base,
        df_baseline=df_base,
        cfi=comparative_fit(chi2, df, chi2_base, df_base),
        tli=tucker_lewis(chi2, df, chi2_base, df_base),
        rmsea=rmsea(chi2, df, n_obs, table.n_groups),
        rmsea_low=low,
        rmsea_high=high,
        rmsea_p=close_fit_p(chi2, df, n_obs, table.n_groups),
        srmr=float(residual[0]),
        log_likelihood=likelihood,
        aic=-2 * likelihood + 2 * n_parameters,
        bic=-2 * likelihood + float(np.log(n_obs)) * n_parameters,
        n_obs=n_obs,
        n_parameters=n_parameters,
    )
    if estimator == "ML" or df == 0:
        return Fit(indices, None)
    trace, trace_base = found.trace, base.trace
    if isinstance(sample.likelihood, PatternData):
        own = unrestricted_trace(table, sample)
        trace, trace_base = trace + own, trace_base + own
    robust = robust_indices(
        chi2, df, trace / df, chi2_base, df_base, trace_base / df_base, n_obs, table.n_groups
    )
    if isinstance(sample.likelihood, PatternData):
        # With missing values they need another correction (Zhang & Savalei, 2023): not here yet.
        nothing = float("nan")
        robust = replace(robust, cfi_robust=nothing, tli_robust=nothing, rmsea_robust=nothing)
    return Fit(indices, robust)


def exogenous_log_likelihood(table: ParameterTable, moments: SampleMoments) -> float:
    """Log-likelihood of the observed predictors: models are compared given these."""
    place = [table.observed.index(name) for name in table.exogenous]
    if not place:
        return 0.0
    own = moments.covariance[..., np.array(place)[:, None], np.array(place)]
    size = len(place) * (np.log(2 * np.pi) + 1)
    return -float((0.5 * moments.n * (size + np.linalg.slogdet(own)[1])).sum())
