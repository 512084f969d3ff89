"""One model fitted to every unit (total, within, each site) that can carry it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.stats.cfa.estimate import Optimum, maximize_likelihood
from psychometrics.stats.cfa.fit import Fits, fit_moments, sample_problem, singular, too_little
from psychometrics.stats.cfa.free_means import FreeMeans, free_means
from psychometrics.stats.cfa.inference import delta_method, parameter_covariance, standardize
from psychometrics.stats.cfa.layout import lay_out
from psychometrics.stats.cfa.refine import refine
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.validity.selection import Units
from psychometrics.validity.small_n import in_force

# Solutions that can be used end after 5 to 40 scoring steps. In samples of a few dozen people a
# search often goes on without end, with a loading that grows while the others fall to 0.
ENOUGH_STEPS = 60


# Standard errors by cluster are too small below some number of clusters: 20 to 50, says the
# guide of Cameron, A. C., & Miller, D. L. (2015). A practitioner's guide to cluster-robust
# inference. Journal of Human Resources, 50, 317-372. doi:10.3368/jhr.50.2.317
FEW_CLUSTERS = 50


@dataclass(frozen=True, slots=True)
class Clusters:
    """The clusters that the people of a unit come in.

    Attributes
    ----------
    count : int
    df : int
        Degrees of freedom of what varies between them: one less, or one less for each site.
    """

    count: int
    df: int


@dataclass(frozen=True)
class UnitFits:
    """Fits of the units of one analysis.

    Attributes
    ----------
    units : Units
        What was analysed. Of units with missing answers that could be fitted, the moments are the
        maximum likelihood ones.
    fits : Fits or None
        One replicate for each unit that could be fitted; None where none could.
    replicate : tuple of int
        Replicate of each unit; -1 where there is none.
    reasons : tuple of Reason
        Why a unit's solution can't be used; empty where it can.
    clusters : mapping of int to Clusters
        Of units whose standard errors count clusters.
    """

    units: Units
    fits: Fits | None
    replicate: tuple[int, ...]
    reasons: tuple[Reason, ...]
    clusters: Mapping[int, Clusters] = field(default_factory=dict)

    @cached_property
    def _slots(self) -> dict[tuple[str, frozenset[str]], int]:
        """Return where each parameter stands, by operator and the names beside it."""
        if self.fits is None:
            return {}
        rows = zip(self.fits.table.rows, self.fits.layout.row_slots, strict=True)
        return {(row.op, frozenset((row.lhs, row.rhs))): int(at) for row, at in rows}

    def slot(self, lhs: str, op: str, rhs: str) -> int:
        """Return the slot of a parameter of the model."""
        return self._slots[op, frozenset((lhs, rhs))]

    def usable(self) -> list[tuple[int, int]]:
        """Return unit and replicate of the solutions that can be used."""
        return [
            (unit, replicate)
            for unit, (replicate, why) in enumerate(zip(self.replicate, self.reasons, strict=True))
            if replicate >= 0 and not why
        ]

    def parameters(self, unit: int) -> tuple[FloatArray, FloatArray]:
        """Return estimates (q,) and their covariance (q, q) of a unit."""
        if self.fits is None:
            raise LookupError("no unit could be fitted")
        at = self.replicate[unit]
        return self.fits.optimum.z[at], self.fits.covariance[at]

    def slots(self, unit: int, where: Sequence[int]) -> tuple[FloatArray, FloatArray]:
        """Return the values (k,) of some parameters of a unit and their covariance (k, k)."""
        if self.fits is None:
            raise LookupError("no unit could be fitted")
        z, covariance = self.parameters(unit)
        chosen = self.fits.layout.selection[0, list(where)]
        value = chosen @ z + self.fits.layout.fixed[0, list(where)]
        return value, chosen @ covariance @ chosen.T

    def standardized(self, unit: int) -> tuple[FloatArray, FloatArray]:
        """Return the standardised parameters (m,) of a unit and their standard errors."""
        if unit not in self._standardized and self.fits is not None:
            layout = self.fits.layout
            value, spread = delta_method(
                lambda point: standardize(layout, point), *self.parameters(unit)
            )
            self._standardized[unit] = value, np.sqrt(np.maximum(np.diagonal(spread), 0.0))
        return self._standardized[unit]

    @property
    def incomplete(self) -> Mapping[int, FreeMeans]:
        """Units fitted by full-information maximum likelihood, and their rows."""
        return self.units.incomplete

    def told(self, words: str, unit: int) -> str:
        """Say how a unit was fitted, given the words for complete rows.

        Examples
        --------
        >>> units = Units(("total",), (None,), np.ones(1), np.ones(1), np.ones(1), np.ones(1))
        >>> UnitFits(units, None, (-1,), (NO_REASON,)).told("ML, one factor", 0)
        'ML, one factor'
        """
        return f"FI{words}" if unit in self.incomplete else words

    def errors_told(self, unit: int) -> str:
        """Say what standard errors count, where that is not people."""
        if unit not in self.clusters:
            return ""
        found = self.clusters[unit]
        few = f", few for that: under {FEW_CLUSTERS}" if found.count < FEW_CLUSTERS else ""
        return f", by cluster ({found.count}), t with {found.df} df{few}"

    def normal_level(self, unit: int, level: float) -> float:
        """Return the coverage whose normal quantile is the t quantile of a unit's clusters."""
        if unit not in self.clusters or self.clusters[unit].df < 1:
            return level
        quantile = stats.t.isf((1 - level) / 2, self.clusters[unit].df)
        return float(1 - 2 * stats.norm.sf(quantile))

    def no_errors(self, unit: int) -> Reason:
        """Say why a unit's solution has no standard errors."""
        if unit in self.clusters and self.clusters[unit].df < 1:
            return reason("one_cluster")
        return reason("no_robust_errors")

    @cached_property
    def _standardized(self) -> dict[int, tuple[FloatArray, FloatArray]]:
        return {}


def fit_units(
    table: ParameterTable,
    units: Units,
    names: Sequence[str],
    *,
    wanted: Collection[int] | None = None,
) -> UnitFits:
    """Fit a model to every unit that can carry it.

    Parameters
    ----------
    table : ParameterTable
        Model of one group over the observed variables `names`, in that order.
    units : Units
        Their moments.
    names : sequence of str
        Names of the columns of the units.
    wanted : collection of int, optional
        The units to fit; all by default. The others have no fit and no reason.
    """
    order = np.array([list(names).index(name) for name in table.observed])
    units = ordered(units, order)
    n_free = lay_out(table).n_free
    asked = range(len(units)) if wanted is None else sorted(wanted)
    before = [NO_REASON] * len(units)
    covariance, mean = units.covariance.copy(), units.mean.copy()
    for unit in asked:
        before[unit] = unit_problem(units, unit, table.observed, n_free)
        if unit in units.incomplete and not before[unit]:
            found = units.incomplete[unit].saturated
            size = units.df[unit] + 1
            mean[unit], covariance[unit] = found.mean, found.covariance * (size / (size - 1))
    units = replace(units, mean=mean, covariance=covariance)
    able = [unit for unit in asked if not before[unit]]
    if not able:
        return UnitFits(units, None, (-1,) * len(units), tuple(before))
    fits = fit_moments(
        table, covariance[able], units.df[able] + 1, mean[able], max_iterations=ENOUGH_STEPS
    )
    fits = with_all_answers(fits, {at: units.incomplete.get(unit) for at, unit in enumerate(able)})
    replicate = [-1] * len(units)
    reasons = list(before)
    for at, unit in enumerate(able):
        replicate[unit] = at
        reasons[unit] = fits.problem(at)
    return UnitFits(units, fits, tuple(replicate), tuple(reasons))


def ordered(units: Units, order: IntArray) -> Units:
    """Return units with their columns in another order."""
    if (order == np.arange(units.mean.shape[1])).all():
        return units
    incomplete = {
        unit: free_means(data.rows[:, order], data.row_level)
        for unit, data in units.incomplete.items()
    }
    return replace(subset(units, order), incomplete=incomplete)


def unit_problem(units: Units, unit: int, names: Sequence[str], n_free: int) -> Reason:
    """Say why a model can't be fitted to a unit; empty if it can."""
    # Within sites, what counts as people is one more than the degrees of freedom.
    size = min(float(units.n[unit]), float(units.df[unit]) + 1)
    observed, covariance = tuple(names), units.covariance[unit]
    refused = in_force().refusal("factor_model", units.pooling[unit], size, n_parameters=n_free)
    data = units.incomplete.get(unit)
    if data is None:
        return sample_problem(covariance, size, observed, n_free) or refused
    empty = np.asarray(~data.patterns.observed.any(axis=0))
    if empty.any():
        lacking = [name for name, gone in zip(observed, empty, strict=True) if gone]
        return reason("model_lacks_items", items=", ".join(lacking))
    why = too_little(covariance, size, observed, n_free) or refused
    if why:
        return why
    if not data.saturated.converged:
        return reason("moments_not_found")
    return singular(data.saturated.covariance, size, observed)


def with_all_answers(fits: Fits, incomplete: Mapping[int, FreeMeans | None]) -> Fits:
    """Fit replicates with missing answers by full information, from where their moments' fit is.

    Their standard errors come from the observed information, which holds for answers missing at
    random where the expected one does not (Kenward & Molenberghs, 1998).

    References
    ----------
    Kenward, M. G., & Molenberghs, G. (1998). Likelihood based frequentist inference when data are
    missing at random. Statistical Science, 13, 236-247. doi:10.1214/ss/1028905886
    """
    found = {at: data for at, data in incomplete.items() if data is not None}
    if not found:
        return fits
    optimum, covariance = copied(fits.optimum), np.array(fits.covariance)
    for at, data in found.items():
        start = optimum.z[at : at + 1]
        one = refine(fits.layout, data, fits.moments.take(slice(at, at + 1)), start[0])
        if not one.converged[0]:
            one = maximize_likelihood(fits.layout, data, start, max_iterations=ENOUGH_STEPS)
        put(optimum, np.array([at]), one)
        information = data.slopes(fits.layout, one.z, observed=True)[1]
        covariance[at] = parameter_covariance(information)[0]
    return replace(fits, optimum=optimum, by_estimator=covariance)


def with_moments(units: Units) -> Units:
    """Return units whose incomplete ones have their moments of maximum likelihood, where found."""
    mean, covariance = units.mean.copy(), units.covariance.copy()
    for unit, data in units.incomplete.items():
        known = np.isfinite(covariance[unit]).all() and (np.diagonal(covariance[unit]) > 0).all()
        size = units.df[unit] + 1
        if known and size > len(covariance[unit]) and data.saturated.converged:
            mean[unit] = data.saturated.mean
            covariance[unit] = data.saturated.covariance * (size / (size - 1))
    return replace(units, mean=mean, covariance=covariance)


def copied(optimum: Optimum) -> Optimum:
    """Return a copy that can be written into."""
    return Optimum(
        optimum.z.copy(), optimum.fmin.copy(), optimum.converged.copy(), optimum.iterations.copy()
    )


def put(optimum: Optimum, at: IntArray, other: Optimum) -> None:
    """Replace some of the replicates, in place."""
    optimum.z[at], optimum.fmin[at] = other.z, other.fmin
    optimum.converged[at], optimum.iterations[at] = other.converged, other.iterations


def subset(units: Units, columns: IntArray | FloatArray) -> Units:
    """Return the units' moments of some of their columns."""
    at = np.asarray(columns, dtype=np.intp)
    return replace(units, mean=units.mean[:, at], covariance=units.covariance[:, at[:, None], at])


# What the columns of a table without rows would hold; all others hold numbers.
WORDS = frozenset({
    "assumption", "class_", "coefficient", "comparator", "comparison", "direction", "factor",
    "flag", "group", "group_a", "group_b", "higher", "hypothesis", "item", "kind", "lower",
    "method", "model", "omega_reason", "other", "outcome", "pooling", "reason", "rule", "scale",
    "scale_a", "scale_b", "statistic", "treatment", "variable", "variant", "verdict",
})  # fmt: skip
COUNTS = frozenset({
    "keyed", "n_clusters", "n_complete", "n_empty", "n_higher", "n_items", "n_lower", "n_obs",
    "n_omega", "n_patterns", "n_rows", "n_scale", "scarcest_pair",
})  # fmt: skip


def tidy(rows: list[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Make a frame with the given columns; reasons stay the objects they are."""
    frame = pd.DataFrame(rows, columns=list(columns))
    if not rows:
        frame = frame.astype({c: int if c in COUNTS else float for c in columns if c not in WORDS})
    if "reason" in frame:
        reasons = [row.get("reason", NO_REASON) or NO_REASON for row in rows]
        frame["reason"] = pd.Series(reasons, index=frame.index, dtype=object)
    for name in ("group", "item", "comparator"):
        if name in frame:
            cells = [row.get(name) for row in rows]
            frame[name] = pd.Series(cells, index=frame.index, dtype=object)
    if "fornell_larcker" in frame:
        frame = frame.astype({"fornell_larcker": "boolean"})
    return frame
