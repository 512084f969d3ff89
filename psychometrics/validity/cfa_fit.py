"""From a completed model and answers to a fitted factor model."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np

from psychometrics.errors import (
    ConvergenceWarning,
    DataError,
    DegenerateDataWarning,
    Finding,
    ModelError,
)
from psychometrics.stats.cfa.assess import Fit, assess
from psychometrics.stats.cfa.bounds import BoundKind
from psychometrics.stats.cfa.fit import Fits
from psychometrics.stats.cfa.inference import degrees_of_freedom, infer, information_matrix
from psychometrics.stats.cfa.layout import lay_out
from psychometrics.stats.cfa.ordinal_assess import assess_ordinal
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData
from psychometrics.stats.cfa.solve import (
    Estimator,
    Information,
    Mimic,
    Missing,
    Sample,
    Solved,
    least_squares_sample,
    solve,
)
from psychometrics.stats.cfa.table import Parameter, Parameterization, ParameterTable
from psychometrics.stats.moments import IntArray
from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.cfa_tables import fit_series, parameter_frame, with_definitions
from psychometrics.validity.ordinal_model import (
    OrdinalInput,
    ordinal_fitted,
)
from psychometrics.validity.samples import FittedSample, sample_of
from psychometrics.validity.selection import Selection
from psychometrics.validity.threads import one_blas_thread


@dataclass(frozen=True)
class Settings:
    """How a model is estimated.

    Attributes
    ----------
    estimator, missing, bounds, mimic, information, parameterization
        As in :func:`cfa`; ``information`` is settled.
    level : float
        Coverage of the intervals.
    """

    estimator: Estimator = "ML"
    missing: Missing | Literal["pairwise"] = "listwise"
    information: Information = "expected"
    bounds: BoundKind | None = None
    mimic: Mimic = "lavaan"
    level: float = 0.95
    parameterization: Parameterization = "delta"


ERRORS = {
    "MLR": "Huber-White",
    "MLM": "Satorra-Bentler",
    "ULS": "weights taken as right",
    "ULSM": "Satorra-Bentler",
    "DWLS": "weights taken as right",
    "WLSM": "robust errors, mean-adjusted test",
    "WLSMV": "robust errors, scaled and shifted test",
    "ULSMV": "robust errors, scaled and shifted test",
}
ROWS = {
    "listwise": "complete rows",
    "fiml": "all answers there are (FIML)",
    "pairwise": "all pairs of answers (missing completely at random)",
}


def described(settings: Settings, clustered: bool) -> str:
    """Say how a model was estimated."""
    errors = ERRORS.get(settings.estimator, f"{settings.information} information")
    parts = [settings.estimator, errors]
    if settings.mimic != "lavaan":
        parts.append(f"as {settings.mimic}")
    if clustered:
        parts.append("by cluster")
    if settings.bounds is not None:
        parts.append(f"bounds: {settings.bounds}")
    return ", ".join([*parts, ROWS[settings.missing]])


def fit_selection(
    table: ParameterTable,
    chosen: Selection,
    settings: Settings,
    clusters: IntArray | None = None,
) -> CFAResult:
    """Fit a completed model to selected answers."""
    order = np.array([chosen.keyed.items.index(name) for name in table.observed])
    layout = lay_out(table)
    refuse_saturation(table)
    fitted = sample_of(chosen, order, table.observed, settings.missing, clusters)
    sample = fitted.sample
    warn_of_few(fitted, layout.n_observed)
    if settings.estimator in ("ULS", "ULSM"):
        sample = least_squares_sample(sample)
    if table.mean_structure and not sample.rows and not np.any(sample.moments.mean):
        raise DataError("A model with intercepts needs means; these moments have none.")
    solved = solve(
        table,
        sample,
        settings.estimator,
        settings.information,
        bounds=settings.bounds,
        mimic=settings.mimic,
    )
    n_obs = sum(fitted.n_by_group)
    indices = assess(solved, sample, settings.estimator, n_obs, settings.mimic)
    return result_of(
        solved, sample, fitted, settings, indices, described(settings, clusters is not None)
    )


def refuse_saturation(table: ParameterTable) -> None:
    """Refuse a model with more parameters than moments."""
    layout = lay_out(table)
    df = degrees_of_freedom(table, layout)
    if df < 0:
        raise ModelError(
            f"The model has {layout.n_free} free parameters for {layout.n_free + df} moments; fix "
            "some, or add items."
        )


@one_blas_thread()
def fit_ordinal(table: ParameterTable, given: OrdinalInput, settings: Settings) -> CFAResult:
    """Fit a completed model of ordered items."""
    refuse_saturation(table)
    fitted = ordinal_fitted(given, settings.estimator)
    sample = fitted.sample
    data = sample.data
    if not isinstance(data, OrdinalData):
        raise DataError("There are no ordered items here.")
    warn_of_few_ordered(fitted, data.layout.size)
    solved = solve(table, sample, settings.estimator)
    fit = assess_ordinal(solved, data, settings.estimator, sum(fitted.n_by_group))
    method = described(settings, clustered=False)
    if settings.parameterization == "theta":
        method = f"{method}, theta"
    return result_of(solved, sample, fitted, settings, fit, method, given.findings)


def result_of(
    solved: Solved,
    sample: Sample,
    fitted: FittedSample,
    settings: Settings,
    fit: Fit,
    method: str,
    findings: tuple[Finding, ...] = (),
) -> CFAResult:
    """Make the result of a solved model; warn of what is wrong with it."""
    table = solved.table
    fits = Fits(table, solved.layout, sample.data, solved.optimum, solved.covariance[None])
    problem = fits.problem(0)
    if problem.code == "not_identified":
        raise ModelError(f"{problem} {unidentified(fits)}")
    if problem:
        kind = ConvergenceWarning if problem.code == "no_convergence" else DegenerateDataWarning
        warnings.warn(str(problem), kind, stacklevel=4)
    inference = infer(table, solved.layout, solved.z, solved.covariance)
    frame = parameter_frame(table, inference, settings.level, fitted.groups)
    return CFAResult(
        fit_series(fit),
        with_definitions(frame, solved, settings.level),
        bool(solved.optimum.converged[0]),
        problem,
        sum(fitted.n_by_group),
        fitted.n_missing,
        method,
        settings.level,
        fits,
        fitted,
        tuple(name for name in fitted.groups if name is not None),
        settings.missing,
        tuple(at_bound_name(row, fitted.groups) for row in solved.at_limit),
        findings,
    )


def warn_of_few_ordered(fitted: FittedSample, size: int) -> None:
    """Warn where a group has fewer people than there are thresholds and correlations."""
    few = [
        str(n) if name is None else f"{n} ({name})"
        for n, name in zip(fitted.n_by_group, fitted.groups, strict=True)
        if n < size
    ]
    if few:
        warnings.warn(
            f"{', '.join(few)} people for {size} thresholds and correlations: weights and tests of "
            "ordered items are not to be relied on; use fewer items or categories, or MLR.",
            DegenerateDataWarning,
            stacklevel=5,
        )


def warn_of_few(fitted: FittedSample, p: int) -> None:
    """Warn where a group has fewer people than its covariances have entries."""
    moments = p * (p + 1) // 2
    few = [
        str(n) if name is None else f"{n} ({name})"
        for n, name in zip(fitted.n_by_group, fitted.groups, strict=True)
        if n < moments
    ]
    if few:
        warnings.warn(
            f"{', '.join(few)} people for {moments} variances and covariances: chi-square rejects "
            "too often and standard errors are too small; see chi2_bartlett, or use fewer items.",
            DegenerateDataWarning,
            stacklevel=4,
        )


def at_bound_name(row: Parameter, groups: tuple[str | None, ...]) -> str:
    """Name a parameter with its group."""
    group = groups[row.group]
    return row.name if group is None else f"{row.name} ({group})"


def unidentified(fits: Fits) -> str:
    """Name the parameters that can move without changing the fit."""
    information = information_matrix(fits.layout, fits.optimum.z[:1], fits.data)[0]
    scale = np.sqrt(np.maximum(np.diagonal(information), 1e-300))
    _, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    weak = np.flatnonzero(np.abs(vectors[:, 0]) > 0.1)
    names = [fits.table.rows[fits.layout.free_rows[i]].name for i in weak]
    return f"These can change together without any effect: {', '.join(names[:8])}."
