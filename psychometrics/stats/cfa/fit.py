"""Fit one model to the moments of many data sets, and say of each what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from psychometrics.errors import NO_REASON, DataError, Reason, reason
from psychometrics.stats.cfa.dependent import complete_slots
from psychometrics.stats.cfa.estimate import MAX_ITERATIONS, Optimum, maximize_likelihood, objective
from psychometrics.stats.cfa.inference import parameter_covariance
from psychometrics.stats.cfa.kernel import SampleMoments, sample_moments
from psychometrics.stats.cfa.layout import COVARIANCE, THRESHOLD, Layout, lay_out
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData
from psychometrics.stats.cfa.start import start_values
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import FloatArray


@dataclass(frozen=True)
class Fits:
    """A model fitted by maximum likelihood to each of several data sets.

    Attributes
    ----------
    table, layout
        The model.
    data : SampleMoments or OrdinalData
        Leading axes (replicate, group).
    optimum : Optimum
        Where each search ended.
    by_estimator : ndarray, shape (replicate, q, q), optional
        Covariance of the estimates; by default it is made from the expected information when it is
        first asked for.
    """

    table: ParameterTable
    layout: Layout
    data: SampleMoments | OrdinalData
    optimum: Optimum
    by_estimator: FloatArray | None = None

    @property
    def moments(self) -> SampleMoments:
        """Moments of continuous variables.

        Raises
        ------
        DataError
            For a model of ordered items, which rests on thresholds and correlations.
        """
        if isinstance(self.data, OrdinalData):
            raise DataError("This is not available for models of ordered items.")
        return self.data

    @cached_property
    def covariance(self) -> FloatArray:
        """Covariance of the estimates, shape (replicate, q, q); NaN where not identified."""
        if self.by_estimator is not None:
            return self.by_estimator
        return parameter_covariance(
            self.data.slopes(self.layout, self.optimum.z, observed=False)[1]
        )

    def problem(self, replicate: int) -> Reason:
        """Say why a replicate's solution can't be used; empty if it can."""
        if not self.optimum.converged[replicate]:
            return reason("no_convergence")
        if not np.isfinite(self.covariance[replicate]).all():
            return reason("not_identified")
        names = self.layout.variables
        values = complete_slots(self.layout, self.optimum.z[replicate][None, :])[0][0]
        variances = (self.layout.kind == COVARIANCE) & (self.layout.row == self.layout.column)
        for group in range(len(values)):
            for slot in np.flatnonzero(variances & (values[group] < 0)):
                name = names[self.layout.row[slot]]
                return reason("improper_solution", parameter=name, value=float(values[group, slot]))
        item = falling_thresholds(self.layout, values)
        return reason("thresholds_out_of_order", item=names[item]) if item >= 0 else NO_REASON

    def slot(self, lhs: str, op: str, rhs: str) -> int:
        """Return the slot of a parameter of the model."""
        for row, at in zip(self.table.rows, self.layout.row_slots, strict=True):
            if row.op == op and {row.lhs, row.rhs} == {lhs, rhs}:
                return int(at)
        raise KeyError(f"{lhs} {op} {rhs}")


def falling_thresholds(layout: Layout, values: FloatArray) -> int:
    """Return the first ordered item whose thresholds don't rise in some group; -1 if all do."""
    slots = np.flatnonzero(layout.kind == THRESHOLD)
    slots = slots[np.lexsort((layout.number[slots], layout.row[slots]))]
    rises = (np.diff(values[:, slots], axis=1) > 0).all(axis=0)
    falls = (np.diff(layout.row[slots]) == 0) & ~rises
    return int(layout.row[slots][:-1][falls][0]) if falls.any() else -1


def fit_moments(
    table: ParameterTable,
    covariance: FloatArray,
    n: FloatArray,
    mean: FloatArray | None = None,
    *,
    start: FloatArray | None = None,
    max_iterations: int = MAX_ITERATIONS,
) -> Fits:
    """Fit a model to each of several data sets of one group or more.

    Parameters
    ----------
    table : ParameterTable
        The model.
    covariance : ndarray, shape (replicate, p, p) or (replicate, group, p, p)
        Denominator n - 1, variables in the order of ``table.observed``.
    n : ndarray, shape (replicate,) or (replicate, group)
        People; for a pooled-within covariance its degrees of freedom plus one.
    mean : ndarray, shape (replicate, p) or (replicate, group, p), optional
        Needed with a mean structure.
    start : ndarray, shape (replicate, q), optional
        Where to start; where the model is undefined there, a start is worked out as without.
    max_iterations : int
        Scoring steps at most.
    """
    layout = lay_out(table)
    size = np.asarray(n, dtype=float)
    if covariance.ndim == 3:
        covariance, size = covariance[:, None], size[:, None]
        mean = None if mean is None else mean[:, None]
    data = sample_moments(covariance, mean, size)
    begin = start_values(table, layout, data)
    if start is not None:
        defined = np.isfinite(objective(layout, start, data))
        begin = np.where(defined[:, None], start, begin)
    optimum = maximize_likelihood(layout, data, begin, max_iterations=max_iterations)
    return Fits(table, layout, data, optimum)


def sample_problem(
    covariance: FloatArray, n: float, names: tuple[str, ...], n_parameters: int
) -> Reason:
    """Say why a model can't be fitted to a sample at all; empty if it can."""
    return too_little(covariance, n, names, n_parameters) or singular(covariance, n, names)


def too_little(
    covariance: FloatArray, n: float, names: tuple[str, ...], n_parameters: int
) -> Reason:
    """Say what a sample lacks, whatever its covariances are; empty if it lacks nothing."""
    if n < 2:
        return reason("too_few_cases", n_obs=int(n), needed=2)
    variance = np.diagonal(covariance)
    constant = [name for name, v in zip(names, variance, strict=True) if not v > 0]
    if constant:
        return reason("constant_items", items=", ".join(constant))
    if n <= n_parameters:
        return reason("fewer_people_than_parameters", n_obs=int(n), n_parameters=n_parameters)
    unknown = np.asarray(np.isnan(covariance).any(axis=0))
    if unknown.any():
        apart = [name for name, gap in zip(names, unknown, strict=True) if gap]
        return reason("never_answered_together", items=", ".join(apart))
    return NO_REASON


def singular(covariance: FloatArray, n: float, names: tuple[str, ...]) -> Reason:
    """Say that a covariance matrix has no inverse; empty if it has one."""
    variance = np.diagonal(covariance)
    sd = np.sqrt(variance)
    spread, axes = np.linalg.eigh(covariance / np.outer(sd, sd))
    if n <= len(names) or spread[0] < -1e-8:
        return reason("covariance_singular", n_obs=int(n), n_items=len(names))
    if spread[0] < 1e-8:
        # What the combination without variance is made of.
        made_of = np.abs(axes[:, 0]) > 1e-4
        involved = [name for name, part in zip(names, made_of, strict=True) if part]
        return reason("items_determined", items=", ".join(involved))
    return NO_REASON
