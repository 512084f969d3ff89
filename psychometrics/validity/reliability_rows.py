"""From a source of estimates and replicates to the rows of a table, whatever the coefficient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.replicate_intervals import (
    MOST_UNDEFINED,
    bca,
    jackknife_variance,
    normal_bootstrap,
    normal_limits,
    ordered,
    percentile,
    t_limits,
    undefined_share,
)
from psychometrics.stats.synthesis import TRANSFORMS
from psychometrics.validity.coefficients import (
    COEFFICIENTS,
    NAMES,
    Coefficient,
    IntervalChoice,
    interval_of,
)
from psychometrics.validity.coverage import short_words
from psychometrics.validity.reliability_sample import Resampling
from psychometrics.validity.selection import Units

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """An interval, and the variance that a synthesis over sites needs.

    Attributes
    ----------
    low, high : float
    scale : str
        Scale on which the estimate is synthesised.
    variance : float
        Sampling variance there.
    """

    low: float
    high: float
    scale: str
    variance: float


class Source(Protocol):
    """Where one scale's estimates, limits and replicates of some coefficients come from."""

    @property
    def units(self) -> Units:
        """The units: total, within, sites."""

    def estimate(self, name: str, unit: int) -> float:
        """Return a coefficient of a unit."""

    def problem(self, name: str, unit: int) -> Reason:
        """Say why there is none."""

    def told(self, name: str, unit: int, interval: str = "") -> str:
        """Say how it was made, with the interval named."""

    def extra(self, name: str, unit: int) -> dict[str, float]:
        """Return further columns."""

    def replicates(self, name: str, unit: int) -> FloatArray:
        """Return its bootstrap replicates; empty where there are no answers to draw."""

    def deleted(self, name: str, unit: int) -> list[FloatArray]:
        """Return it without each person or cluster, one array a stratum."""

    def analytic(self, name: str, unit: int, interval: str, level: float) -> Limits | None:
        """Return an interval from a formula; None where it has none."""


@dataclass(frozen=True)
class Settings:
    """What all coefficients of a call share."""

    level: float
    interval: IntervalChoice
    how: Resampling

    @property
    def clustered(self) -> bool:
        """Whether people come in clusters."""
        return self.how.clusters is not None


def row_of_unit(units: Units, unit: int, level: float, n_items: int) -> Row:
    """Begin the row of a unit."""
    n = units.n[unit]
    return {
        "group": units.group[unit],
        "pooling": units.pooling[unit],
        "level": level,
        "n_obs": int(n) if np.isfinite(n) else 0,
        "n_items": n_items,
        "estimate": np.nan,
        "low": np.nan,
        "high": np.nan,
        "method": "",
        "reason": NO_REASON,
    }


def barred_rows(units: Units, n_items: int, level: float, why: Reason) -> list[Row]:
    """Return the rows of a scale whose items need not go together, or are too few."""
    return [
        row_of_unit(units, unit, level, n_items) | {"reason": why} for unit in range(len(units))
    ]


def coefficient_rows(source: Source, name: str, n_items: int, settings: Settings) -> list[Row]:
    """Return a coefficient with its interval for every unit."""
    return [
        unit_row(source, COEFFICIENTS[name], unit, n_items, settings)
        for unit in range(len(source.units))
    ]


def unit_row(
    source: Source, coefficient: Coefficient, unit: int, n_items: int, settings: Settings
) -> Row:
    """Return a coefficient with its interval for one unit."""
    name = coefficient.name
    row = row_of_unit(source.units, unit, settings.level, n_items)
    row["reason"] = source.problem(name, unit)
    row["method"] = source.told(name, unit)
    if row["reason"]:
        return row
    estimate = source.estimate(name, unit)
    row |= {"estimate": estimate, **source.extra(name, unit)}
    interval = interval_of(
        coefficient, settings.interval, row["n_obs"],
        clustered=settings.clustered, n_boot=settings.how.n_boot,
    )  # fmt: skip
    found = limits_of(source, coefficient, unit, interval, settings)
    how = source.told(name, unit, interval)
    row["method"] = f"{interval_words(interval, settings)}, {how}"
    if short := short_words(name, interval, row["n_obs"]):
        row["method"] += f"; {short}"
    if isinstance(found, Reason):
        return row | {"reason": found}
    return row | {
        "low": found.low,
        "high": found.high,
        "transformed": found.scale,
        "transformed_variance": found.variance,
    }


def interval_words(interval: str, settings: Settings) -> str:
    """Name an interval, and what was drawn or left out."""
    words = NAMES[interval].format(n_boot=settings.how.n_boot)
    if not settings.clustered:
        return words
    if interval == "adf":
        return f"{words}, robust to clusters"
    return f"{words} of clusters" if interval == "jackknife" else f"{words} of whole clusters"


def limits_of(
    source: Source, coefficient: Coefficient, unit: int, interval: str, settings: Settings
) -> Limits | Reason:
    """Return a unit's interval, or why there is none."""
    name, level = coefficient.name, settings.level
    estimate = source.estimate(name, unit)
    if interval in coefficient.analytic:
        found = source.analytic(name, unit, interval, level)
        return found if found is not None else reason("interval_needs_answers")
    if interval == "jackknife":
        return jackknifed(source, coefficient, unit, level)
    if not settings.how.n_boot:
        return reason("not_asked_for")
    replicates = finite(source.replicates(name, unit))
    if not len(replicates):
        return reason("interval_needs_answers")
    if undefined_share(replicates) > MOST_UNDEFINED:
        return reason("interval_undefined")
    known = replicates[~np.isnan(replicates)]
    variance = float(known.var(ddof=1))
    if interval == "normal_bootstrap":
        fresh = as_if_fresh(replicates, source.units, unit, settings)
        low, high, _ = normal_bootstrap(estimate, fresh, level, 1.0)
        # A share of variance is never negative, whatever a symmetric interval says.
        low = max(low, 0.0) if coefficient.scale == "logit" else low
    elif interval == "bca":
        left_out = finite(np.concatenate(source.deleted(name, unit)))
        low, high = bca(estimate, replicates, left_out, level)
    else:
        low, high = percentile(replicates, level)
    return Limits(low, high, coefficient.scale, on_scale(coefficient.scale, estimate, variance))


def as_if_fresh(replicates: FloatArray, units: Units, unit: int, settings: Settings) -> FloatArray:
    """Return replicates as far apart as samples from the population would be.

    People drawn within a site of n vary by (n - 1) / n as much as fresh ones: at many small sites
    that is N - G of N, and intervals would be too short (Rao & Wu, 1988, Journal of the American
    Statistical Association, 83, 231-241). Clusters are drawn whole, and have their own number.
    """
    if settings.clustered or units.pooling[unit] != "within" or not units.df[unit] > 0:
        return replicates
    centre = np.nanmean(replicates)
    return np.asarray(centre + (replicates - centre) * np.sqrt(units.n[unit] / units.df[unit]))


def finite(values: FloatArray) -> FloatArray:
    """Return values with NaN for what is infinite: halves that are exact opposites, say."""
    return np.where(np.isfinite(values), values, np.nan)


def on_scale(scale: str, estimate: float, variance: float) -> float:
    """Carry a sampling variance to a scale; NaN where the estimate has no place there."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found = float(TRANSFORMS[scale].variance(estimate, variance))
        placed = bool(np.isfinite(TRANSFORMS[scale].forward(estimate)))
    return found if placed and np.isfinite(found) else np.nan


def jackknifed(
    source: Source, coefficient: Coefficient, unit: int, level: float
) -> Limits | Reason:
    """Return t limits from leaving people or clusters out, on the coefficient's own scale."""
    deleted = source.deleted(coefficient.name, unit)
    if not deleted:
        return reason("interval_needs_answers")
    scale = TRANSFORMS[coefficient.scale]
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = float(scale.forward(source.estimate(coefficient.name, unit)))
        moved = [finite(scale.forward(values)) for values in deleted]
        variance, df = jackknife_variance(moved)
    if not df:
        return reason("one_cluster")
    if not np.isfinite(variance) or not np.isfinite(centre):
        return reason("jackknife_undefined")
    back = scale.backward(np.array(t_limits(centre, variance, df, level)))
    low, high = ordered(back)
    return Limits(low, high, coefficient.scale, variance)


def t_or_normal(centre: float, variance: float, df: float, level: float) -> tuple[float, float]:
    """Return t limits, or normal ones where the degrees of freedom are endless."""
    if np.isfinite(df):
        return t_limits(centre, variance, df, level)
    return normal_limits(centre, variance, level)
