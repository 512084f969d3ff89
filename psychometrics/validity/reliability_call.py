"""What one call for reliability is about, and where each scale's coefficients come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from psychometrics.errors import DataError, check_option, reason
from psychometrics.stats.alpha_variance import as_clusters
from psychometrics.stats.moments import IntArray, Moments
from psychometrics.stats.resampling import seed_of
from psychometrics.validity.arguments import check_level, check_samples
from psychometrics.validity.coefficients import (
    COEFFICIENTS,
    IntervalChoice,
    check_coefficients,
    check_interval,
)
from psychometrics.validity.factors import FactorModels
from psychometrics.validity.frames import check_columns, group_label, is_missing, to_narwhals
from psychometrics.validity.reliability_factor import FactorCoefficients
from psychometrics.validity.reliability_hierarchy import (
    HierarchyCoefficients,
    HierarchyModels,
    Subscales,
    check_bifactor,
)
from psychometrics.validity.reliability_moments import MomentCoefficients
from psychometrics.validity.reliability_ordinal import OrdinalCoefficients
from psychometrics.validity.reliability_rows import Row, Settings, barred_rows, coefficient_rows
from psychometrics.validity.reliability_sample import Resampling, ScaleSample
from psychometrics.validity.selection import Missing, Scales, Selection, select

FACTOR_COLUMN = "factor"

Bifactor = Mapping[str, Subscales] | None
Source = MomentCoefficients | FactorCoefficients | OrdinalCoefficients | HierarchyCoefficients


@dataclass(frozen=True)
class Call:
    """The answers and choices of one call.

    Attributes
    ----------
    models : FactorModels
        The selection, and its factor models when they are needed.
    settings : Settings
        Level, intervals, resampling.
    missing : {"listwise", "pairwise"}
        For covariances and polychoric correlations.
    bifactor : Mapping or None
        Items by group factor, by scale.
    rows : dict
        The units' rows of each scale and coefficient that were made so far: two tables of a
        call share them, and their bootstrap samples are drawn once.
    """

    models: FactorModels
    settings: Settings
    missing: Missing = "pairwise"
    bifactor: Bifactor = None
    rows: dict[tuple[str, str], list[list[Row]]] = field(default_factory=dict)


def prepare(
    data: Any,
    scales: Scales,
    coefficients: Sequence[str],
    *,
    group: str | None,
    level: float,
    interval: IntervalChoice,
    missing: Missing,
    weights: str | None,
    cluster: str | None,
    n_boot: int,
    rng: Any,
    bifactor: Bifactor = None,
) -> Call:
    """Check what was asked for, and select the answers; see :func:`psychometrics.reliability`."""
    check_interval(interval, clustered=cluster is not None)
    check_option("missing", missing, ("pairwise", "listwise"))
    check_level(level)
    check_samples(n_boot)
    check_coefficients(coefficients)
    chosen = select(data, scales, group=group, weights=weights)
    check_bifactor(chosen, bifactor)
    clusters = None if cluster is None else cluster_codes(data, cluster, chosen)
    settings = Settings(level, interval, Resampling(n_boot, seed_of(rng), clusters))
    return Call(FactorModels(chosen), settings, missing, bifactor)


def cluster_codes(data: Any, cluster: str, chosen: Selection) -> IntArray:
    """Return the cluster of each row; services numbered anew at each site are different ones."""
    if isinstance(data, Moments):
        raise DataError("Moments hold no clusters; leave cluster out.")
    frame = to_narwhals(data)
    check_columns(frame, [cluster])
    cells = frame[cluster].to_list()
    found = np.full(len(cells), -1, dtype=np.int64)
    known = np.array([not is_missing(cell) for cell in cells], dtype=bool)
    if known.any():
        # A text that sorts alike whatever the order of the rows.
        labels = [
            f"{group_label(cell)}\x00{site}"
            for cell, site, there in zip(cells, chosen.group, known, strict=True)
            if there
        ]
        found[known] = as_clusters(labels)
    return found


@dataclass(frozen=True)
class ScaleCall:
    """One scale of a call, with what its coefficients share: samples, models.

    Attributes
    ----------
    call : Call
    scale : str
    """

    call: Call
    scale: str
    _samples: dict[str, ScaleSample] = field(default_factory=dict)
    _sources: dict[str, Source] = field(default_factory=dict)

    @property
    def chosen(self) -> Selection:
        """Return the selection."""
        return self.call.models.chosen

    @property
    def items(self) -> tuple[str, ...]:
        """Return the scale's items."""
        return self.chosen.keyed.scales[self.scale]

    @property
    def subscales(self) -> Subscales | None:
        """Return the items of the group factors, without directions; None where none are given."""
        given = (self.call.bifactor or {}).get(self.scale)
        if not given:
            return None
        return {name: [item.removeprefix("-") for item in own] for name, own in given.items()}

    def parts(self, coefficient: str) -> list[list[Row]]:
        """Return the rows of a coefficient: one list, or one for each group factor."""
        about, k = COEFFICIENTS[coefficient], len(self.items)
        level, barred = self.call.settings.level, self.call.models.barred.get(self.scale)
        short = about.kind != "moments" and k < about.needed and self.subscales is None
        if barred or short:
            why = barred or reason("too_few_items", n_items=k, needed=about.needed)
            units = self.chosen.units(self.chosen.keyed.positions(self.scale))
            return [barred_rows(units, k, level, why)]
        source = self.source(about.kind)
        if coefficient != "omega_subscale" or not isinstance(source, HierarchyCoefficients):
            return [coefficient_rows(source, coefficient, k, self.call.settings)]
        found = []
        for at, name in enumerate(source.names):
            own = replace(source, at=at)
            rows = coefficient_rows(own, coefficient, k, self.call.settings)
            found.append([row | {FACTOR_COLUMN: name} for row in rows])
        return found

    def source(self, kind: str) -> Source:
        """Return where coefficients of one kind come from."""
        if kind not in self._sources:
            self._sources[kind] = self._new_source(kind)
        return self._sources[kind]

    def _new_source(self, kind: str) -> Source:
        columns = self.chosen.keyed.positions(self.scale)
        if kind == "factor":
            fitted = self.call.models.alone(self.scale)
            rows = self.sample("pairwise" if fitted.incomplete else "listwise")
            return FactorCoefficients(self.scale, self.items, fitted, rows)
        if kind == "hierarchy":
            units = self.chosen.units(columns)
            models = HierarchyModels(self.items, units, self.sample("listwise"), self.subscales)
            return HierarchyCoefficients(models)
        missing = self.call.missing
        units, sample = self.chosen.units(columns, missing), self.sample(missing)
        if kind == "ordinal":
            return OrdinalCoefficients(self.items, units, sample)
        return MomentCoefficients(self.items, units, missing, sample)

    def sample(self, missing: Missing) -> ScaleSample | None:
        """Return the scale's rows, to be resampled; None where there are only moments."""
        if self.chosen.moments is not None:
            return None
        if missing not in self._samples:
            columns = self.chosen.keyed.positions(self.scale)
            self._samples[missing] = ScaleSample(
                self.chosen, columns, missing, self.scale, self.call.settings.how
            )
        return self._samples[missing]
