"""One model fitted to every unit (total, within, each site) that can carry it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, Reason
from psychometrics.stats.cfa.fit import Fits, fit_moments, sample_problem
from psychometrics.stats.cfa.inference import delta_method, standardize
from psychometrics.stats.cfa.layout import lay_out
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import FloatArray
from psychometrics.validity.selection import Units
from psychometrics.validity.small_n import in_force

# Solutions that can be used end after 5 to 40 scoring steps. In samples of a few dozen people a
# search often goes on without end, with a loading that grows while the others fall to 0.
ENOUGH_STEPS = 60


@dataclass(frozen=True)
class UnitFits:
    """Fits of the units of one analysis.

    Attributes
    ----------
    units : Units
        What was analysed.
    fits : Fits or None
        One replicate for each unit that could be fitted; None where none could.
    replicate : tuple of int
        Replicate of each unit; -1 where there is none.
    reasons : tuple of Reason
        Why a unit's solution can't be used; empty where it can.
    """

    units: Units
    fits: Fits | None
    replicate: tuple[int, ...]
    reasons: tuple[Reason, ...]

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
    covariance = units.covariance[:, order[:, None], order]
    n_free = lay_out(table).n_free
    asked = range(len(units)) if wanted is None else sorted(wanted)
    before = [NO_REASON] * len(units)
    policy = in_force()
    for unit in asked:
        # Within sites, what counts as people is one more than the degrees of freedom.
        size = min(float(units.n[unit]), float(units.df[unit]) + 1)
        before[unit] = sample_problem(
            covariance[unit], size, table.observed, n_free
        ) or policy.refusal("factor_model", units.pooling[unit], size, n_parameters=n_free)
    able = [unit for unit in asked if not before[unit]]
    if not able:
        return UnitFits(units, None, (-1,) * len(units), tuple(before))
    fits = fit_moments(
        table,
        covariance[able],
        units.df[able] + 1,
        units.mean[able][:, order],
        max_iterations=ENOUGH_STEPS,
    )
    replicate = [-1] * len(units)
    reasons = list(before)
    for at, unit in enumerate(able):
        replicate[unit] = at
        reasons[unit] = fits.problem(at)
    return UnitFits(units, fits, tuple(replicate), tuple(reasons))


def subset(units: Units, columns: FloatArray) -> Units:
    """Return the units' moments of some of their columns."""
    at = np.asarray(columns, dtype=np.intp)
    return replace(units, mean=units.mean[:, at], covariance=units.covariance[:, at[:, None], at])


# What the columns of a table without rows would hold; all others hold numbers.
WORDS = frozenset({
    "class_", "coefficient", "comparator", "comparison", "direction", "factor", "group", "group_a",
    "group_b", "higher", "hypothesis", "item", "kind", "lower", "method", "model", "omega_reason",
    "pooling", "reason", "scale", "scale_a", "scale_b", "statistic", "variable", "variant",
    "verdict",
})  # fmt: skip
COUNTS = frozenset(
    {"keyed", "n_clusters", "n_higher", "n_items", "n_lower", "n_obs", "n_omega", "n_scale"}
)


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
