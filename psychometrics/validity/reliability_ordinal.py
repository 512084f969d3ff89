"""Coefficients of ordinal items: Green and Yang's omega, and alpha of polychoric correlations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from psychometrics.errors import NO_REASON, DataError, Reason, reason
from psychometrics.stats.guttman import standardized_alpha
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.ordinal_moments import ordinal_moments
from psychometrics.stats.ordinal_reliability import (
    OrdinalReplicates,
    one_factor_of_polychorics,
    ordinal_replicates,
    pair_indicators,
    residual_weights,
    sum_variances,
)
from psychometrics.stats.pair_solver import BOUNDARY
from psychometrics.validity.coefficients import COEFFICIENTS
from psychometrics.validity.ordinal_items import ordinal_items
from psychometrics.validity.reliability_rows import Limits
from psychometrics.validity.reliability_sample import ScaleSample
from psychometrics.validity.selection import SITE, WITHIN, Units

MISSING = {"listwise": "complete rows", "pairwise": "pairwise answers"}

# What is known of the sites of a unit: tables summed by stratum, (replicate, stratum, columns).
Packed = FloatArray


@dataclass(frozen=True)
class OrdinalCoefficients:
    """Coefficients of one scale whose items are ordinal.

    Within sites every site has its own thresholds; its correlations are averaged with those of the
    others, by number of people, and one factor fitted to the average. The variances of the sum
    score, true and total, are then added over sites by number of people.

    Attributes
    ----------
    items : tuple of str
    units : Units
    sample : ScaleSample or None
    """

    items: tuple[str, ...]
    units: Units
    sample: ScaleSample | None

    @cached_property
    def codes(self) -> FloatArray | Reason:
        """Return categories 0, 1, ..., or why the answers are none."""
        if self.sample is None:
            return reason("needs_answers")
        rows = self.sample.rows
        varies = [np.unique(column[~np.isnan(column)]).size > 1 for column in rows.T]
        if not all(varies):
            constant = [i for i, v in zip(self.items, varies, strict=True) if not v]
            return reason("constant_items", items=", ".join(constant))
        try:
            return ordinal_items(rows, self.items).clean.codes
        except DataError as error:
            if not error.findings:
                raise
            first = error.findings[0]
            return reason(first.code, **first.params)

    @cached_property
    def n_categories(self) -> IntArray:
        """Return how many categories each item has."""
        return np.asarray(np.nanmax(self._codes(), axis=0).astype(np.int64) + 1)

    def _codes(self) -> FloatArray:
        if isinstance(self.codes, Reason):
            raise LookupError(str(self.codes))
        return self.codes

    @cached_property
    def products(self) -> FloatArray:
        """Return what each row adds to the tables."""
        found = pair_indicators(self._codes(), int(self.n_categories.max()))
        return found if self._sample.weights is None else self._sample.weighted(found)

    @property
    def _sample(self) -> ScaleSample:
        if self.sample is None:
            raise LookupError("no answers")
        return self.sample

    @cached_property
    def _weights(self) -> FloatArray:
        """Return the weights of residuals: from all rows, alike in all units and samples."""
        codes = self._codes()
        return residual_weights(ordinal_moments(codes, weights=self._sample.weights))

    @cached_property
    def _own(self) -> Packed:
        """Return the tables of the answers themselves, one replicate."""
        whole = [self.products[mine].sum(axis=0) for mine in self._sample.strata.rows]
        return np.asarray(np.stack(whole)[None], dtype=float)

    def _unit_values(self, packed: Packed, unit: int, *, bounded: bool) -> dict[str, FloatArray]:
        """Return all coefficients of a unit from packed tables, each (replicate,)."""
        members = self._sample.members(self.units.pooling[unit], self.units.group[unit])
        mine = packed[:, members]
        if self.units.pooling[unit] != WITHIN:
            parts = [self._solve(mine.sum(axis=1))]
        else:
            parts = [self._solve(mine[:, at]) for at in range(len(members))]
        size = np.stack([part.n for part in parts])
        weight = self._site_weights(unit) if self.units.pooling[unit] == SITE else self._weights
        mean = averaged(parts, size)
        found = {"alpha_ordinal": standardized_alpha(mean)}
        if len(self.items) < 3:
            return found
        true, implied, observed = np.zeros((3, len(packed)))
        for part, n in zip(parts, size, strict=True):
            shared = OrdinalReplicates(mean, part.thresholds, n)
            factor = one_factor_of_polychorics(shared, weight, bounded=bounded)
            variances = sum_variances(factor)
            true += np.where(n > 0, n * variances.true, 0.0)
            implied += np.where(n > 0, n * variances.implied, 0.0)
            observed += np.where(n > 0, n * variances.observed, 0.0)
        usable = factor.converged & (bounded | ~factor.improper.any(axis=-1))
        with np.errstate(invalid="ignore", divide="ignore"):
            found["omega_categorical"] = np.where(usable, true / implied, np.nan)
            found["omega_categorical_observed"] = np.where(usable, true / observed, np.nan)
        return found

    def _site_weights(self, unit: int) -> FloatArray:
        """Return the weights of residuals of one site, from its own rows."""
        if unit not in self._weights_of:
            members = self._sample.members(self.units.pooling[unit], self.units.group[unit])
            mine = np.isin(self._sample.site, members)
            codes = self._codes()[mine]
            codes = ordinal_items(codes, self.items).clean.codes
            own = None if self._sample.weights is None else self._sample.weights[mine]
            self._weights_of[unit] = residual_weights(ordinal_moments(codes, weights=own))
        return self._weights_of[unit]

    @cached_property
    def _weights_of(self) -> dict[int, FloatArray]:
        return {}

    def _solve(self, packed: FloatArray) -> OrdinalReplicates:
        return ordinal_replicates(packed, len(self.items), self.n_categories)

    def problem(self, name: str, unit: int) -> Reason:
        """Say why a unit has no such coefficient; empty if it has one."""
        if len(self.items) < COEFFICIENTS[name].needed:
            needed = COEFFICIENTS[name].needed
            return reason("too_few_items", n_items=len(self.items), needed=needed)
        if isinstance(self.codes, Reason):
            return self.codes
        if self.units.n[unit] < 3:
            return reason("too_few_cases", n_obs=int(self.units.n[unit]), needed=3)
        why = self._unit_problem(unit)
        if why or np.isfinite(self.estimate(name, unit)):
            return why
        return reason("no_ordinal_factor")

    def _unit_problem(self, unit: int) -> Reason:
        """Say which items of a unit have no polychoric correlations."""
        whole = self._own[:, self._sample.members(*self._place(unit))]
        if self.units.pooling[unit] == WITHIN:
            return NO_REASON
        found = self._solve(whole.sum(axis=1))
        own = np.diagonal(found.correlation[0])
        constant = [item for item, one in zip(self.items, own, strict=True) if np.isnan(one)]
        if constant:
            return reason("constant_items", items=", ".join(constant))
        apart = np.argwhere(np.triu(np.isnan(found.correlation[0]), 1))
        if len(apart):
            items = ", ".join(self.items[i] for i in sorted(set(apart.ravel().tolist())))
            return reason("never_answered_together", items=items)
        edge = np.argwhere(np.triu(np.abs(found.correlation[0]) >= BOUNDARY, 1))
        if len(edge):
            pairs = "; ".join(f"{self.items[i]} and {self.items[j]}" for i, j in edge[:5])
            return reason("perfectly_correlated", pairs=pairs)
        return NO_REASON

    def _place(self, unit: int) -> tuple[str, str | None]:
        return self.units.pooling[unit], self.units.group[unit]

    def estimate(self, name: str, unit: int) -> float:
        """Return a coefficient of a unit."""
        if unit not in self._estimates:
            self._estimates[unit] = self._unit_values(self._own, unit, bounded=False)
        return float(self._estimates[unit][name][0])

    @cached_property
    def _estimates(self) -> dict[int, dict[str, FloatArray]]:
        return {}

    def told(self, name: str, unit: int, interval: str = "") -> str:
        """Say how the estimate was made."""
        missing = MISSING[self._sample.missing] if self.sample is not None else ""
        within = "thresholds by site" if self.units.pooling[unit] == WITHIN else ""
        return ", ".join(part for part in (COEFFICIENTS[name].how, within, missing) if part)

    def extra(self, name: str, unit: int) -> dict[str, float]:
        """Return nothing besides."""
        return {}

    def analytic(self, name: str, unit: int, interval: str, level: float) -> Limits | None:
        """Return nothing: intervals are resampled."""
        return None

    @cached_property
    def _boot(self) -> FloatArray:
        return self._sample.bootstrap(self.products)

    @cached_property
    def _replicates(self) -> dict[int, dict[str, FloatArray]]:
        return {}

    def replicates(self, name: str, unit: int) -> FloatArray:
        """Return a coefficient in each bootstrap sample."""
        if unit not in self._replicates:
            self._replicates[unit] = self._unit_values(self._boot, unit, bounded=True)
        return self._replicates[unit][name]

    def deleted(self, name: str, unit: int) -> list[FloatArray]:
        """Return a coefficient without each person or cluster, one array a stratum."""
        parts = self._sample.deleted(self.products, *self._place(unit))
        return [self._unit_values(part, unit, bounded=True)[name] for part in parts]


def averaged(parts: list[OrdinalReplicates], size: FloatArray) -> FloatArray:
    """Average correlations over sites by number of people, leaving out what a site lacks."""
    if len(parts) == 1:
        return parts[0].correlation
    stacked = np.stack([part.correlation for part in parts])
    weight = np.where(np.isnan(stacked), 0.0, size[:, :, None, None])
    total = weight.sum(axis=0)
    mean = (np.where(np.isnan(stacked), 0.0, stacked) * weight).sum(axis=0)
    return np.divide(mean, total, out=np.full_like(mean, np.nan), where=total > 0)
