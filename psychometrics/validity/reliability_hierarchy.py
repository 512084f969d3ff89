"""Omega hierarchical and omega subscale, from a Schmid-Leiman or a bifactor solution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from psychometrics.errors import NO_REASON, DataError, Reason, reason
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.fit import fit_moments
from psychometrics.stats.cfa.kernel import slot_values
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.efa import LOWEST_UNIQUENESS
from psychometrics.stats.hierarchy_replicates import (
    Reference,
    hierarchies,
    in_step_with,
    reference_solution,
    subscale_omega,
)
from psychometrics.stats.moments import BoolArray, FloatArray, correlation_of
from psychometrics.stats.resampling import stream
from psychometrics.stats.schmid_leiman import omega_hierarchical
from psychometrics.validity.reliability_moments import alpha_problem
from psychometrics.validity.reliability_rows import Limits
from psychometrics.validity.reliability_sample import ScaleSample
from psychometrics.validity.selection import Selection, Units
from psychometrics.validity.units import UnitFits, fit_units

N_GROUP_FACTORS = 3

Subscales = Mapping[str, Sequence[str]]

# Loadings on the general factor (replicate, p), on group factors (replicate, p, m), uniquenesses.
Parts = tuple[FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True)
class HierarchyModels:
    """A general factor above group factors, for every unit of one scale.

    Attributes
    ----------
    items : tuple of str
    units : Units
        Of complete rows.
    sample : ScaleSample or None
    subscales : Mapping or None
        Items by group factor: a bifactor model, fitted by maximum likelihood. Without it three
        group factors are found by minres and oblimin, and a general one by Schmid and Leiman; the
        group factors of a site are put in the order of those of all rows.
    """

    items: tuple[str, ...]
    units: Units
    sample: ScaleSample | None
    subscales: Subscales | None

    def problem(self, unit: int) -> Reason:
        """Say why a unit has no such model; empty if it has one."""
        if self.subscales is not None:
            return self.fitted.reasons[unit]
        if len(self.items) < 2 * N_GROUP_FACTORS:
            needed = 2 * N_GROUP_FACTORS
            return reason("too_few_items", n_items=len(self.items), needed=needed)
        why = alpha_problem(self.units, unit, self.items)
        if why:
            return why
        n_obs = int(self.units.n[unit])
        if not usable(self.units.covariance[unit]) or n_obs <= len(self.items):
            return reason("covariance_singular", n_obs=n_obs, n_items=len(self.items))
        general, _, unique = self.parts(unit)
        if not np.isfinite(general).all():
            return reason("no_hierarchy")
        low = np.flatnonzero(unique[0] <= LOWEST_UNIQUENESS)
        if len(low):
            return reason("heywood_case", items=", ".join(self.items[i] for i in low))
        return NO_REASON

    def parts(self, unit: int) -> Parts:
        """Return the loadings of a unit, one replicate."""
        if unit not in self._parts:
            if self.subscales is None:
                covariance = self.units.covariance[unit][None]
                self._parts[unit] = schmid_leiman_parts(covariance, self.own(unit))
            else:
                self._parts[unit] = self._bifactor(self.fitted.parameters(unit)[0][None])
        return self._parts[unit]

    def replicates(self, unit: int) -> Parts:
        """Return the loadings in each bootstrap sample of a unit."""
        if unit not in self._replicates and self.sample is not None:
            place = self.units.pooling[unit], self.units.group[unit]
            self._replicates[unit] = self.refit(self.sample.boot_covariance(*place), unit)
        return self._replicates[unit]

    def refit(self, covariance: FloatArray, unit: int) -> Parts:
        """Return the loadings of replicates of a unit, from its own solution."""
        if self.subscales is None:
            return schmid_leiman_parts(covariance, self.own(unit))
        return self._refit_bifactor(covariance, unit)

    @cached_property
    def reference(self) -> Reference:
        """Return the solution of the first unit that has one: all rows, where they have."""
        good = np.flatnonzero(usable(self.units.covariance) & (self.units.n > len(self.items)))
        return self._solution(int(good[0]) if len(good) else 0)

    def own(self, unit: int) -> Reference:
        """Return a unit's own solution, from many starts, in step with the reference."""
        if unit not in self._own:
            self._own[unit] = in_step_with(self._solution(unit), self.reference)
        return self._own[unit]

    def _solution(self, unit: int) -> Reference:
        correlation = correlation_of(self.units.covariance[unit])
        return reference_solution(correlation, N_GROUP_FACTORS, stream(0, "schmid_leiman"))

    @cached_property
    def fitted(self) -> UnitFits:
        """Return the bifactor model of every unit."""
        return fit_units(bifactor_table(self.items, self.subscales or {}), self.units, self.items)

    def _bifactor(self, z: FloatArray) -> Parts:
        """Return the loadings of bifactor solutions, (replicate, q)."""
        fitted, subscales = self.fitted, self.subscales or {}
        if fitted.fits is None:
            raise LookupError("no unit could be fitted")
        slots = slot_values(fitted.fits.layout, z)[:, 0]
        general = slots[:, [fitted.slot(GENERAL, "=~", item) for item in self.items]]
        groups = np.zeros((len(z), len(self.items), len(subscales)))
        for at, (name, members) in enumerate(subscales.items()):
            for item in members:
                own = slots[:, fitted.slot(group_of(name), "=~", item)]
                groups[:, self.items.index(item), at] = own
        unique = slots[:, [fitted.slot(item, "~~", item) for item in self.items]]
        return general, groups, unique

    def _refit_bifactor(self, covariance: FloatArray, unit: int) -> Parts:
        """Fit the bifactor model to replicates."""
        fitted, (n, p) = self.fitted, covariance.shape[:2]
        parts: Parts = (
            np.full((n, p), np.nan),
            np.full((n, p, len(self.subscales or {})), np.nan),
            np.full((n, p), np.nan),
        )
        able = np.flatnonzero(usable(covariance))
        if fitted.fits is None or not len(able):
            return parts
        order = [self.items.index(item) for item in fitted.fits.table.observed]
        start = np.repeat(fitted.parameters(unit)[0][None], len(able), axis=0)
        size = np.full(len(able), self.units.df[unit] + 1)
        cut = covariance[able][:, order][:, :, order]
        found = fit_moments(fitted.fits.table, cut, size, start=start, max_iterations=100).optimum
        ended = found.converged
        for whole, part in zip(parts, self._bifactor(found.z[ended]), strict=True):
            whole[able[ended]] = part
        return parts

    @cached_property
    def _parts(self) -> dict[int, Parts]:
        return {}

    @cached_property
    def _replicates(self) -> dict[int, Parts]:
        return {}

    @cached_property
    def _own(self) -> dict[int, Reference]:
        return {}


@dataclass(frozen=True)
class HierarchyCoefficients:
    """Omega hierarchical of one scale, and omega subscale of one of its group factors.

    Attributes
    ----------
    models : HierarchyModels
    at : int
        The group factor that omega subscale is of.
    """

    models: HierarchyModels
    at: int = 0

    @property
    def units(self) -> Units:
        """Return the units."""
        return self.models.units

    @property
    def names(self) -> list[str]:
        """Return the names of the group factors."""
        return list(self.models.subscales or [f"F{at + 1}" for at in range(N_GROUP_FACTORS)])

    @property
    def members(self) -> BoolArray:
        """Return which items belong to the group factor."""
        if self.models.subscales is not None:
            own = list(self.models.subscales.values())[self.at]
            return np.array([item in own for item in self.models.items])
        return np.asarray(self.models.reference.groups == self.at)

    def value(self, name: str, parts: Parts) -> FloatArray:
        """Return a coefficient from loadings."""
        if name == "omega_hierarchical":
            return omega_hierarchical(*parts)
        return subscale_omega(*parts, self.members, self.at)

    def problem(self, name: str, unit: int) -> Reason:
        """Say why a unit has no such coefficient; empty if it has one."""
        why = self.models.problem(unit)
        if not why and name == "omega_subscale" and not self.members.any():
            return reason("no_items_of_group_factor")
        return why

    def estimate(self, name: str, unit: int) -> float:
        """Return a coefficient of a unit."""
        return float(self.value(name, self.models.parts(unit))[0])

    def told(self, name: str, unit: int, interval: str = "") -> str:
        """Say how the estimate was made."""
        if self.models.subscales is not None:
            return "bifactor ML, complete rows"
        return f"Schmid-Leiman of {N_GROUP_FACTORS} minres factors, oblimin rotation, complete rows"

    def extra(self, name: str, unit: int) -> dict[str, float]:
        """Return nothing besides."""
        return {}

    def analytic(self, name: str, unit: int, interval: str, level: float) -> Limits | None:
        """Return nothing: intervals are resampled."""
        return None

    def replicates(self, name: str, unit: int) -> FloatArray:
        """Return a coefficient in each bootstrap sample."""
        if self.models.sample is None:
            return np.empty(0)
        return self.value(name, self.models.replicates(unit))

    def deleted(self, name: str, unit: int) -> list[FloatArray]:
        """Return a coefficient without each person or cluster, one array a stratum."""
        if self.models.sample is None:
            return []
        place = self.units.pooling[unit], self.units.group[unit]
        parts = self.models.sample.deleted_covariance(*place)
        return [self.value(name, self.models.refit(each, unit)) for each in parts]


GENERAL = "general factor"


def group_of(name: str) -> str:
    """Name a group factor, so that it may share its name with an item."""
    return f"group factor of {name}"


def bifactor_table(items: Sequence[str], subscales: Subscales) -> ParameterTable:
    """Return the model: a general factor, group factors, all uncorrelated."""
    factors = {GENERAL: list(items)} | {group_of(k): list(v) for k, v in subscales.items()}
    return complete(factors, std_lv=True, orthogonal=True)


def schmid_leiman_parts(covariance: FloatArray, reference: Reference) -> Parts:
    """Return loadings of Schmid-Leiman solutions; NaN where there is none."""
    n, p = covariance.shape[:2]
    m = reference.pattern.shape[1]
    general, unique = np.full((n, p), np.nan), np.full((n, p), np.nan)
    groups = np.full((n, p, m), np.nan)
    able = np.flatnonzero(usable(covariance))
    if len(able):
        found = hierarchies(correlation_of(covariance[able]), reference)
        at = able[found.converged]
        general[at], groups[at] = found.general[found.converged], found.groups[found.converged]
        unique[at] = found.uniquenesses[found.converged]
    return general, groups, unique


def usable(covariance: FloatArray) -> BoolArray:
    """Tell which covariances are those of items that vary and don't determine each other."""
    correlation = correlation_of(covariance)
    known = np.asarray(np.isfinite(correlation).all(axis=(-2, -1)))
    safe = np.where(known[..., None, None], correlation, np.eye(correlation.shape[-1]))
    return np.asarray(known & (np.linalg.eigvalsh(safe)[..., 0] > 1e-8))


def check_bifactor(chosen: Selection, bifactor: Mapping[str, Subscales] | None) -> None:
    """Refuse group factors that don't belong to a scale.

    Raises
    ------
    DataError
        A scale that isn't there, an item that is not the scale's, two group factors with one item,
        a group factor of fewer than two items.
    """
    for scale, subscales in (bifactor or {}).items():
        if scale not in chosen.keyed.scales:
            raise DataError(f"bifactor names the scale {scale!r}, which scales does not hold.")
        seen: set[str] = set()
        for name, members in subscales.items():
            strange = [m for m in members if m.removeprefix("-") not in chosen.keyed.scales[scale]]
            twice = [m for m in members if m.removeprefix("-") in seen]
            if isinstance(members, str) or strange or twice or len(members) < 2:
                raise DataError(
                    f"bifactor[{scale!r}][{name!r}] must list two items or more of the scale, each "
                    f"in one group factor; found {members!r}."
                )
            seen |= {m.removeprefix("-") for m in members}
