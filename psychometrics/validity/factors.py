"""The measurement model behind convergent and discriminant validity, fitted to every unit.

All scales' factors together where a unit can carry it; else the scale, or the pair of scales,
alone. Each number says which in its ``method``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from psychometrics.errors import Reason, reason
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import IntArray
from psychometrics.validity.robust_units import with_robust_errors
from psychometrics.validity.selection import ModelMissing, Selection, Units
from psychometrics.validity.units import UnitFits, fit_units

ALL_SCALES = "ML, all scales' factors together"
ONE_SCALE = "ML, the scale's factor alone"
TWO_SCALES = "ML, the two scales' factors alone"

NO_FACTOR_OF_ONE = reason("too_few_items", n_items=1, needed=2)


def factor_of(scale: str) -> str:
    """Name the factor of a scale, so that a scale may share its name with an item."""
    return f"factor of {scale}"


@dataclass(frozen=True)
class FactorModels:
    """Correlated-factors models of a selection; each is fitted when first asked for.

    Attributes
    ----------
    chosen : Selection
        Answers and scales.
    barred : Mapping
        Scales that are no factors, with why: their items need not go together.
    missing : {"listwise", "fiml"}
        Complete rows, or all answers there are; with case weights always complete rows.
    clusters : ndarray of int, shape (n,), or None
        Cluster of each row, -1 for none: standard errors then count clusters.
    """

    chosen: Selection
    barred: Mapping[str, Reason] = field(default_factory=dict)
    missing: ModelMissing = "listwise"
    clusters: IntArray | None = None

    @cached_property
    def scales(self) -> dict[str, tuple[str, ...]]:
        """Return the scales that can be a factor beside others: two items or more."""
        return {
            scale: items
            for scale, items in self.chosen.keyed.scales.items()
            if len(items) >= 2 and scale not in self.barred
        }

    def table(self, *scales: str) -> ParameterTable:
        """Return the correlated-factors model of some scales, factor variances 1."""
        factors = {factor_of(scale): list(self.scales[scale]) for scale in scales}
        return complete(factors, std_lv=True)

    def fit(self, *scales: str, wanted: Collection[int] | None = None) -> UnitFits:
        """Fit the model of some scales to every unit, or to those wanted."""
        table = self.table(*scales)
        return self.fit_table(table, wanted=wanted)

    def fit_table(
        self, table: ParameterTable, *, wanted: Collection[int] | None = None
    ) -> UnitFits:
        """Fit a model of items to every unit, or to those wanted."""
        index = {item: i for i, item in enumerate(self.chosen.keyed.items)}
        columns = np.array([index[name] for name in table.observed], dtype=np.int64)
        return fit_units(table, self.units(columns), table.observed, wanted=wanted)

    def by_cluster(self, fitted: UnitFits) -> UnitFits:
        """Return solutions with standard errors that count clusters, where people come in some."""
        if self.clusters is None:
            return fitted
        if id(fitted) not in self._by_cluster:
            made = with_robust_errors(fitted, self.chosen, self.clusters)
            self._by_cluster[id(fitted)] = fitted, made
        return self._by_cluster[id(fitted)][1]

    @cached_property
    def _by_cluster(self) -> dict[int, tuple[UnitFits, UnitFits]]:
        return {}

    def units(self, columns: IntArray) -> Units:
        """Return the moments of the units for some items; rows are reduced once."""
        key = tuple(int(at) for at in columns)
        if key not in self._units:
            self._units[key] = self.chosen.units(columns, self.missing)
        return self._units[key]

    @cached_property
    def _units(self) -> dict[tuple[int, ...], Units]:
        return {}

    @cached_property
    def together(self) -> UnitFits:
        """Return all scales' factors together, in every unit."""
        if not self.scales:
            units = self.units(np.arange(len(self.chosen.keyed.items)))
            why = reason("no_factors") if self.barred else NO_FACTOR_OF_ONE
            return UnitFits(units, None, (-1,) * len(units), (why,) * len(units))
        return self.fit(*self.scales)

    @cached_property
    def _alone(self) -> dict[tuple[str, ...], UnitFits]:
        return {}

    def alone(self, *scales: str) -> UnitFits:
        """Return the model of one scale, or of a pair in the units that can't carry them all."""
        if scales not in self._alone:
            wanted = None
            if len(scales) > 1:
                wanted = [unit for unit, why in enumerate(self.together.reasons) if why]
            self._alone[scales] = self.fit(*scales, wanted=wanted)
        return self._alone[scales]
