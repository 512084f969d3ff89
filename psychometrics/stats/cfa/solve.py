"""Fit one model to one data set by any estimator: the way from rows to everything a user reads.

The unrestricted and the baseline model go through the same code as the user's: both are parameter
tables, so that scaling factors, missing values, weights and clusters are treated alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from psychometrics.errors import ModelError
from psychometrics.stats.cfa.arrow import Arrow
from psychometrics.stats.cfa.bounds import BoundKind, parameter_bounds
from psychometrics.stats.cfa.casewise import Rows, summed
from psychometrics.stats.cfa.estimate import Likelihood, Optimum, maximize_likelihood
from psychometrics.stats.cfa.fiml import PatternData, pattern_slot_scores
from psychometrics.stats.cfa.inference import parameter_covariance
from psychometrics.stats.cfa.kernel import SampleMoments, imply, sample_moments
from psychometrics.stats.cfa.layout import MEAN, Layout, lay_out
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData
from psychometrics.stats.cfa.ordinal_robust import OrdinalRobust, ordinal_robust
from psychometrics.stats.cfa.ordinal_search import least_squares
from psychometrics.stats.cfa.robust import Robust, pooled, robust_inference
from psychometrics.stats.cfa.start import start_values
from psychometrics.stats.cfa.table import Parameter, ParameterTable
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.ordinal_moments import OrdinalMoments
from psychometrics.stats.patterns import find_patterns, saturated_moments

Estimator = Literal["ML", "MLR", "MLM", "ULS", "ULSM", "DWLS", "WLSM", "WLSMV", "ULSMV"]
# Estimators of models with ordered items: those whose standard errors take the weights as right,
# and those whose test gets the variance of a chi-square too.
ORDINAL: tuple[Estimator, ...] = ("DWLS", "WLSM", "WLSMV", "ULS", "ULSM", "ULSMV")
PLAIN: tuple[Estimator, ...] = ("DWLS", "ULS")
MEAN_AND_VARIANCE: tuple[Estimator, ...] = ("WLSMV", "ULSMV")
Missing = Literal["listwise", "fiml"]
Mimic = Literal["lavaan", "Mplus"]
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
    ordinal : OrdinalMoments or None
        Thresholds and correlations of ordered items, with their sampling covariance.
    """

    moments: SampleMoments
    likelihood: Likelihood
    rows: tuple[Rows, ...]
    saturated: float
    ordinal: OrdinalMoments | None = None

    @property
    def data(self) -> SampleMoments | OrdinalData:
        """What residuals and score tests are about."""
        return self.likelihood if isinstance(self.likelihood, OrdinalData) else self.moments


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


def least_squares_sample(sample: Sample) -> Sample:
    """Take a complete sample's moments as least squares does: over n - 1, and n - 1 of them."""
    given = sample.moments
    scale = given.n / (given.n - 1)
    p = given.covariance.shape[-1]
    moments = replace(
        given,
        covariance=given.covariance * scale[..., None, None],
        n=given.n - 1,
        log_determinant=given.log_determinant + p * np.log(scale),
        weight="identity",
    )
    return Sample(moments, moments, sample.rows, 0.0)


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
    at_limit : tuple of Parameter
        Parameters that ended at a bound.
    ordinal : OrdinalRobust or None
        What corrections of a model of ordered items are made of.
    """

    table: ParameterTable
    layout: Layout
    optimum: Optimum
    log_likelihood: float
    covariance: FloatArray
    trace: float
    at_limit: tuple[Parameter, ...] = ()
    ordinal: OrdinalRobust | None = None

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
    bounds: BoundKind | None = None,
    mimic: Mimic = "lavaan",
) -> Solved:
    """Fit a model.

    Parameters
    ----------
    table : ParameterTable
        The model; with incomplete rows it needs a mean structure.
    sample : Sample
        What it is fitted to.
    estimator : {"ML", "MLR", "MLM", "ULS", "ULSM", "DWLS", "WLSM", "WLSMV", "ULSMV"}
        Normal-theory standard errors, Huber-White ones with the Yuan-Bentler trace, or
        Satorra-Bentler ones; least squares as if its weights were right, or robust. Ordered items
        take least squares, diagonally weighted or not.
    information : {"expected", "observed"}
        For ML's standard errors.
    start : ndarray, shape (q,), optional
        Where to start.
    bounds : {"pos_var", "standard", "wide"}, optional
        Limits of the parameters. One that ends at a limit is taken as fixed there: it has no
        standard error.
    mimic : {"lavaan", "Mplus"}
        Whose convention MLM follows: weights at the fitted moments, or at the sample moments with
        the spread of scores over n - 1 in the standard errors.
    """
    layout = lay_out(table)
    begin = start_values(table, layout, sample.data) if start is None else start[None, :]
    limits = None if bounds is None else parameter_bounds(layout, sample.moments, bounds)
    if isinstance(sample.likelihood, OrdinalData):
        optimum = least_squares(layout, sample.likelihood, begin, bounds=limits)
    else:
        optimum = maximize_likelihood(layout, sample.likelihood, begin, bounds=limits)
    z = optimum.z
    gradient, expected = sample.likelihood.slopes(layout, z, observed=False)
    at_limit = np.zeros(z.shape, dtype=bool) if limits is None else limits.active(z, gradient)

    def inverse(matrix: Arrow) -> FloatArray:
        held = matrix.held(at_limit) if at_limit.any() else matrix
        found = parameter_covariance(held)[0]
        found[at_limit[0], :] = found[:, at_limit[0]] = 0.0
        return np.asarray(found)

    ordinal: OrdinalRobust | None = None
    if isinstance(sample.likelihood, OrdinalData) and sample.ordinal is not None:
        data, groups = sample.likelihood, sample.ordinal.groups
        if estimator not in PLAIN:
            ordinal = ordinal_robust(layout, z[0], data, groups, inverse)
        covariance = inverse(expected) if ordinal is None else ordinal.corrected
        trace = float("nan") if ordinal is None else ordinal.trace
    elif estimator in ("ML", "ULS"):
        if information == "observed":
            expected = sample.likelihood.slopes(layout, z, observed=True)[1]
        covariance, trace = inverse(expected), float("nan")
    elif isinstance(sample.likelihood, PatternData):
        bread = inverse(sample.likelihood.slopes(layout, z, observed=True)[1])
        meat = score_products(layout, z[0], sample)
        clustered = any(rows.clusters is not None for rows in sample.rows)
        straight = sample.likelihood.slopes(layout, z, observed=True, bends=False)[1]
        tested = inverse(straight) if clustered else bread
        covariance, trace = bread @ meat @ bread, -float(np.sum(tested * meat))
    else:
        as_mplus = mimic == "Mplus" and estimator == "MLM"
        moments = replace(sample.moments, weight="sample") if as_mplus else sample.moments
        found: Robust = robust_inference(layout, z[0], moments, sample.rows, inverse)
        robust = estimator == "MLR"
        covariance = found.sandwich if robust else found.corrected
        if as_mplus:
            covariance = covariance * unbiased_share(layout, float(moments.n.sum()))
        trace = found.yuan_bentler if robust else found.satorra_bentler
    likelihood = log_likelihood_at(layout, z[0], sample)
    stopped = tuple(table.rows[layout.free_rows[i]] for i in np.flatnonzero(at_limit[0]))
    return Solved(table, layout, optimum, likelihood, covariance, trace, stopped, ordinal)


def unbiased_share(layout: Layout, n: float) -> FloatArray:
    """Return what Mplus's fourth moments over n - 1 add to MLM's covariances, shape (q, q).

    Those of means stay over n.
    """
    levels = (layout.selection[:, layout.kind == MEAN] != 0).any(axis=(0, 1))
    scale = np.where(levels, 1.0, np.sqrt(n / (n - len(layout.selection))))
    return np.outer(scale, scale)


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


@dataclass(frozen=True, slots=True)
class Saturated:
    """The unrestricted model of incomplete rows, at its estimates.

    Attributes
    ----------
    layout : Layout
        Its parameters: covariances packed by rows, then means, group by group.
    statistics : ndarray, shape (s,)
    information : ndarray, shape (s, s)
        Observed.
    spread : ndarray, shape (s, s)
        Covariance of the estimates by the estimator's own standard errors.
    trace : float
        What it adds to the Yuan-Bentler factor.
    """

    layout: Layout
    statistics: FloatArray
    information: FloatArray
    spread: FloatArray
    trace: float


def saturated_model(table: ParameterTable, sample: Sample, estimator: Estimator) -> Saturated:
    """Return the unrestricted model's information and spread at the saturated moments."""
    full = unrestricted(table)
    layout = lay_out(full)
    index = {name: i for i, name in enumerate(full.observed)}
    moments = sample.moments
    point = np.array(
        [
            moments.covariance[0, row.group, index[row.lhs], index[row.rhs]]
            if row.op == "~~"
            else moments.mean[0, row.group, index[row.lhs]]
            for row in full.rows
        ]
    )
    observed = sample.likelihood.slopes(layout, point[None, :], observed=True)[1]
    inverse = parameter_covariance(observed)[0]
    if estimator == "ML":
        return Saturated(layout, point, observed.dense()[0], inverse, float("nan"))
    meat = score_products(layout, point, sample)
    spread = inverse @ meat @ inverse
    return Saturated(layout, point, observed.dense()[0], spread, float(np.sum(inverse * meat)))
