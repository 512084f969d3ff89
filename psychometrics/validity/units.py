"""One model fitted to every unit (total, within, each site) that can carry it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, Reason
from psychometrics.stats.cfa.fit import Fits, fit_moments, sample_problem
from psychometrics.stats.cfa.layout import lay_out
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import FloatArray
from psychometrics.validity.selection import Units


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

    def usable(self) -> list[tuple[int, int]]:
        """Return unit and replicate of the solutions that can be used."""
        return [
            (unit, replicate)
            for unit, (replicate, why) in enumerate(zip(self.replicate, self.reasons, strict=True))
            if not why
        ]

    def parameters(self, unit: int) -> tuple[FloatArray, FloatArray]:
        """Return estimates (q,) and their covariance (q, q) of a unit."""
        if self.fits is None:
            raise LookupError("no unit could be fitted")
        at = self.replicate[unit]
        return self.fits.optimum.z[at], self.fits.covariance[at]


def fit_units(
    table: ParameterTable, units: Units, names: Sequence[str], *, start: FloatArray | None = None
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
    start : ndarray, shape (units, q), optional
        Where to start.
    """
    order = np.array([list(names).index(name) for name in table.observed])
    covariance = units.covariance[:, order[:, None], order]
    n_free = lay_out(table).n_free
    before = [
        sample_problem(matrix, n, table.observed, n_free)
        for matrix, n in zip(covariance, units.n, strict=True)
    ]
    able = [i for i, why in enumerate(before) if not why]
    if not able:
        return UnitFits(units, None, (-1,) * len(units), tuple(before))
    fits = fit_moments(
        table,
        covariance[able],
        units.df[able] + 1,
        units.mean[able][:, order],
        start=None if start is None else start[able],
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
    return replace(
        units, mean=units.mean[:, at], covariance=units.covariance[:, at[:, None], at]
    )


def tidy(rows: list[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Make a frame with the given columns; reasons stay the objects they are."""
    frame = pd.DataFrame(rows, columns=list(columns))
    if "reason" in frame:
        reasons = [row.get("reason", NO_REASON) or NO_REASON for row in rows]
        frame["reason"] = pd.Series(reasons, index=frame.index, dtype=object)
    for name in ("group", "item", "comparator"):
        if name in frame:
            cells = [row.get(name) for row in rows]
            frame[name] = pd.Series(cells, index=frame.index, dtype=object)
    return frame
