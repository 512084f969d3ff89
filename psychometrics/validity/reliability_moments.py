"""Coefficients that are functions of covariances: alpha and its kin, Guttman's bounds, halves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.stats.alpha_variance import alpha_influence, influence_variance
from psychometrics.stats.guttman import average_correlation, lambda2, lambda6, standardized_alpha
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.reliability import (
    bonett_interval,
    bonett_variance,
    cronbach_alpha,
    feldt_interval,
)
from psychometrics.stats.resampling import stream
from psychometrics.stats.split_half import MAX_SPLITS, SplitHalves, count_splits, split_halves
from psychometrics.validity.coefficients import COEFFICIENTS
from psychometrics.validity.reliability_rows import Limits, on_scale, t_or_normal
from psychometrics.validity.reliability_sample import ScaleSample
from psychometrics.validity.selection import Missing, Units
from psychometrics.validity.small_n import in_force

MISSING = {"listwise": "complete rows", "pairwise": "pairwise covariances"}


@dataclass(frozen=True)
class MomentCoefficients:
    """Coefficients of one scale that need its covariances alone.

    Attributes
    ----------
    items : tuple of str
    units : Units
    missing : {"listwise", "pairwise"}
    sample : ScaleSample or None
        The answers behind the moments, to be resampled; None where only moments are known.
    """

    items: tuple[str, ...]
    units: Units
    missing: Missing
    sample: ScaleSample | None

    def estimate(self, name: str, unit: int) -> float:
        """Return a coefficient of a unit."""
        return float(self._estimates(name)[unit])

    def problem(self, name: str, unit: int) -> Reason:
        """Say why a unit has no such coefficient; empty if it has one."""
        why = alpha_problem(self.units, unit, self.items)
        if why or np.isfinite(self.estimate(name, unit)):
            return why
        if name == "lambda6":
            n_obs = int(self.units.n[unit])
            return reason("covariance_singular", n_obs=n_obs, n_items=len(self.items))
        return reason("negative_total_variance")

    def told(self, name: str, unit: int, interval: str = "") -> str:
        """Say how the estimate was made."""
        parts = [COEFFICIENTS[name].how]
        if name == "split_half":
            found = self.halves(self.units.covariance)
            all_of = "all" if found.exhaustive else "a random"
            parts = [f"Spearman-Brown, mean of {all_of} {found.n_splits} splits"]
        return ", ".join(part for part in (*parts, MISSING[self.missing]) if part)

    def extra(self, name: str, unit: int) -> dict[str, float]:
        """Return what a row tells besides: the range of split halves."""
        if name != "split_half":
            return {}
        found = self.halves(self.units.covariance)
        return {
            "split_min": float(found.lowest[unit]),
            "split_max": float(found.highest[unit]),
            "n_splits": float(found.n_splits),
        }

    def replicates(self, name: str, unit: int) -> FloatArray:
        """Return the coefficient in each bootstrap sample, (n_boot,)."""
        if self.sample is None:
            return np.empty(0)
        place = self.units.pooling[unit], self.units.group[unit]
        return self.kernel(name)(self.sample.boot_covariance(*place))

    def deleted(self, name: str, unit: int) -> list[FloatArray]:
        """Return the coefficient without each person or cluster, one array a stratum."""
        if self.sample is None:
            return []
        place = self.units.pooling[unit], self.units.group[unit]
        return [self.kernel(name)(each) for each in self.sample.deleted_covariance(*place)]

    def analytic(self, name: str, unit: int, interval: str, level: float) -> Limits | None:
        """Return alpha's limits by Feldt, Bonett, or without assumptions."""
        k, alpha = len(self.items), np.array(self.estimate(name, unit))
        df = np.maximum(self.units.df[unit], 2.0)
        if interval == "adf":
            return self._free_limits(float(alpha), unit, level)
        found = (feldt_interval if interval == "feldt" else bonett_interval)(alpha, k, df, level)
        variance = float(bonett_variance(k, df))
        return Limits(float(found.low), float(found.high), "log_complement", variance)

    def _free_limits(self, alpha: float, unit: int, level: float) -> Limits | None:
        """Return the distribution-free limits, from clusters where there are some."""
        if self.sample is None:
            return None
        place = self.units.pooling[unit], self.units.group[unit]
        rows, clusters = self.sample.centred(*place)
        if len(rows) < 3 or (clusters is not None and clusters.max() < 1):
            return None
        moved = alpha_influence(rows, self.units.covariance[unit])
        if self.sample.weights is not None:
            mine = np.isin(self.sample.site, self.sample.members(*place))
            own = self.sample.weights[mine]
            moved = moved * own / own.mean()
        variance = influence_variance(moved, clusters)
        if clusters is None:
            # Deviations from sites' own means are smaller than those from true ones.
            variance *= (len(rows) - 1) / max(float(self.units.df[unit]), 1.0)
        df = np.inf if clusters is None else float(clusters.max())
        low, high = t_or_normal(alpha, variance, df, level)
        scaled = on_scale("log_complement", alpha, variance)
        return Limits(low, min(high, 1.0), "log_complement", scaled)

    def kernel(self, name: str) -> Callable[[FloatArray], FloatArray]:
        """Return the function of covariances (..., k, k) that a coefficient is."""
        if name == "split_half":
            return lambda covariance: self.halves(covariance).mean
        return KERNELS[name]

    def halves(self, covariance: FloatArray) -> SplitHalves:
        """Return the split halves; the same splits each time."""
        label, seed = "", 0
        if self.sample is not None:
            label, seed = self.sample.name, self.sample.how.seed
        most = MAX_SPLITS if count_splits(len(self.items)) <= MAX_SPLITS else MAX_SPLITS // 5
        return split_halves(covariance, stream(seed, "split_half", label), most=most)

    def _estimates(self, name: str) -> FloatArray:
        if name not in self._found:
            self._found[name] = self.kernel(name)(self.units.covariance)
        return self._found[name]

    @cached_property
    def _found(self) -> dict[str, FloatArray]:
        return {}


KERNELS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "alpha": cronbach_alpha,
    "alpha_standardized": standardized_alpha,
    "lambda2": lambda2,
    "lambda6": lambda6,
    "average_r": average_correlation,
}


def alpha_problem(units: Units, unit: int, items: tuple[str, ...]) -> Reason:
    """Say why a unit has no alpha; empty if it has one."""
    if len(items) < 2:
        return reason("too_few_items", n_items=len(items), needed=2)
    if units.n[unit] < 3 or units.df[unit] < 2:
        return reason("too_few_cases", n_obs=int(units.n[unit]), needed=3)
    refused = in_force().refusal("alpha", units.pooling[unit], float(units.n[unit]))
    if refused:
        return refused
    covariance = units.covariance[unit]
    variance = np.diagonal(covariance)
    constant = [item for item, v in zip(items, variance, strict=True) if not v > 0]
    if constant:
        return reason("constant_items", items=", ".join(constant))
    if not covariance.sum() > 0:
        return reason("negative_total_variance")
    return NO_REASON
