"""Coefficients of a one-factor model: omega total, and the reliability of the best weighted sum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from psychometrics.errors import Reason
from psychometrics.stats.cfa.inference import delta_method
from psychometrics.stats.efa import extract
from psychometrics.stats.maximal import coefficient_h
from psychometrics.stats.moments import FloatArray, correlation_of
from psychometrics.stats.reliability import logit_interval, omega_from_loadings
from psychometrics.validity.coefficients import COEFFICIENTS
from psychometrics.validity.factors import factor_of
from psychometrics.validity.reliability_rows import Limits
from psychometrics.validity.reliability_sample import ScaleSample
from psychometrics.validity.selection import Units
from psychometrics.validity.units import UnitFits

# Samples that are factored at once.
AT_ONCE = 2_000


@dataclass(frozen=True)
class FactorCoefficients:
    """Coefficients of one scale from its one-factor model, by maximum likelihood.

    Bootstrap samples and samples without some people are fitted by maximum likelihood too, with
    residual variances held at .005 of an item's variance or above.

    Attributes
    ----------
    scale : str
    items : tuple of str
    fitted : UnitFits
        The model of every unit.
    sample : ScaleSample or None
    """

    scale: str
    items: tuple[str, ...]
    fitted: UnitFits
    sample: ScaleSample | None

    @property
    def units(self) -> Units:
        """Return the units."""
        return self.fitted.units

    def problem(self, name: str, unit: int) -> Reason:
        """Say why a unit's model can't be used; empty if it can."""
        return self.fitted.reasons[unit]

    def estimate(self, name: str, unit: int) -> float:
        """Return a coefficient of a unit."""
        k = len(self.items)
        values = self.fitted.slots(unit, self._places)[0][None]
        fits = self.fitted.fits
        if name == "omega_total_observed" and fits is not None:
            observed = fits.data.covariance[self.fitted.replicate[unit], 0].sum()
            return float(values[0, :k].sum() ** 2 / observed)
        return float(SHARES[name](values[:, :k], values[:, k:])[0])

    def told(self, name: str, unit: int, interval: str = "") -> str:
        """Say how the estimate was made, and with missing answers what samples are made of."""
        how = COEFFICIENTS[name].how
        if unit not in self.fitted.incomplete:
            return f"{how}, complete rows"
        samples = "; samples: ML of pairwise covariances" if interval not in ("", "delta") else ""
        return how.replace("ML", "FIML") + samples

    def extra(self, name: str, unit: int) -> dict[str, float]:
        """Return nothing besides."""
        return {}

    def analytic(self, name: str, unit: int, interval: str, level: float) -> Limits | None:
        """Return the delta-method interval on the logit."""
        k = len(self.items)
        values, covariance = self.fitted.slots(unit, self._places)

        def share(point: Any) -> Any:
            return SHARES[name](point[:, :k], point[:, k:])[:, None]

        value, spread = delta_method(share, values, covariance)
        estimate, variance = float(value[0]), float(spread[0, 0])
        if not 0 < estimate < 1 or not variance >= 0:
            return None
        found = logit_interval(np.array(estimate), np.sqrt(np.array(variance)), level)
        scaled = variance / (estimate * (1 - estimate)) ** 2
        return Limits(float(found.low), float(found.high), "logit", scaled)

    def replicates(self, name: str, unit: int) -> FloatArray:
        """Return a coefficient in each bootstrap sample."""
        if self.sample is None:
            return np.empty(0)
        if unit not in self._boot:
            place = self.units.pooling[unit], self.units.group[unit]
            self._boot[unit] = bounded_factor(self.sample.boot_covariance(*place))
        return share_of(name, *self._boot[unit])

    def deleted(self, name: str, unit: int) -> list[FloatArray]:
        """Return a coefficient without each person or cluster, one array a stratum."""
        if self.sample is None:
            return []
        place = self.units.pooling[unit], self.units.group[unit]
        parts = self.sample.deleted_covariance(*place)
        return [share_of(name, *bounded_factor(each)) for each in parts]

    @cached_property
    def _places(self) -> list[int]:
        factor = factor_of(self.scale)
        places = [self.fitted.slot(factor, "=~", item) for item in self.items]
        return places + [self.fitted.slot(item, "~~", item) for item in self.items]

    @cached_property
    def _boot(self) -> dict[int, tuple[FloatArray, FloatArray, FloatArray]]:
        return {}


SHARES: dict[str, Callable[[Any, Any], Any]] = {
    "omega_total": omega_from_loadings,
    "coefficient_h": coefficient_h,
}


def bounded_factor(covariance: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return loadings, residual variances (replicate, k) and observed variance of the sum.

    By maximum likelihood with uniquenesses of .005 or more; NaN where the items of a replicate
    don't vary or determine each other, or the search does not end.
    """
    n, k = covariance.shape[:2]
    loadings, residual = np.full((n, k), np.nan), np.full((n, k), np.nan)
    correlation = correlation_of(covariance)
    known = np.asarray(np.isfinite(correlation).all(axis=(-2, -1)))
    lowest = np.linalg.eigvalsh(np.where(known[:, None, None], correlation, np.eye(k)))[:, 0]
    usable = np.flatnonzero(known & (lowest > 1e-8))
    for start in range(0, len(usable), AT_ONCE):
        at = usable[start : start + AT_ONCE]
        found = extract(correlation[at], 1, "ml")
        sd = np.sqrt(np.diagonal(covariance[at], axis1=-2, axis2=-1))
        ended = found.converged[:, None]
        loadings[at] = np.where(ended, found.loadings[..., 0] * sd, np.nan)
        residual[at] = np.where(ended, found.uniquenesses * sd**2, np.nan)
    return loadings, residual, covariance.sum(axis=(-2, -1))


def share_of(
    name: str, loadings: FloatArray, residual: FloatArray, observed: FloatArray
) -> FloatArray:
    """Return a coefficient of each replicate."""
    if name == "omega_total_observed":
        return np.asarray(loadings.sum(axis=-1) ** 2 / observed)
    return np.asarray(SHARES[name](loadings, residual))


def proportion(value: FloatArray, covariance: FloatArray, level: float) -> dict[str, Any]:
    """Return a share between 0 and 1 with its logit interval, as cells of a row."""
    estimate, variance = float(value[0]), float(covariance[0, 0])
    if not 0 < estimate < 1:
        return {"estimate": estimate}
    limits = logit_interval(np.array(estimate), np.array(np.sqrt(variance)), level)
    return {
        "estimate": estimate,
        "low": float(limits.low),
        "high": float(limits.high),
        "transformed": "logit",
        "transformed_variance": variance / (estimate * (1 - estimate)) ** 2,
    }
