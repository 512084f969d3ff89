"""Implied thresholds and correlations of ordered items, and least squares on them, batched.

An ordered item shows a normal variable with covariances Sigma and means mu through thresholds. What
answers can tell is in units of that variable's standard deviation: thresholds ``(tau - mu) d`` and
correlations ``d Sigma d`` with d one over the standard deviation. Continuous variables keep their
own units (d = 1), means and variances. The order of these statistics is that of
:class:`psychometrics.stats.ordinal_layout.StatisticLayout`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from psychometrics.stats.cfa.arrow import Arrow, IndexArray
from psychometrics.stats.cfa.kernel import (
    Derivatives,
    Implied,
    SampleMoments,
    collect,
    imply_slots,
    mean_change,
    slot_values,
)
from psychometrics.stats.cfa.layout import MEAN, SCALE, THRESHOLD, Layout
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.ordinal_layout import StatisticLayout


@dataclass(frozen=True)
class OrdinalData:
    """What least squares on thresholds and correlations needs of the data.

    Attributes
    ----------
    layout : StatisticLayout
        What stands where.
    statistics : ndarray, shape (replicate, group, s)
    weight : ndarray, shape (replicate, group, s)
        What squared residuals are weighed by; 1 for unweighted least squares.
    n : ndarray, shape (replicate, group)
        People less one, which chi-square counts.
    with_levels : bool
        Whether thresholds and means are fitted; else variances and covariances alone.
    """

    layout: StatisticLayout
    statistics: FloatArray
    weight: FloatArray
    n: FloatArray
    with_levels: bool = True

    # Chi-square counts n - 1 people a group, as unweighted least squares does.
    unweighted = True

    @cached_property
    def covariance(self) -> FloatArray:
        """Correlations of ordered items, covariances of others, (replicate, group, p, p)."""
        return covariance_of(self.layout, self.statistics)

    @cached_property
    def mean(self) -> FloatArray:
        """Means of continuous variables, 0 for ordered items, (replicate, group, p)."""
        found = np.zeros((*self.n.shape, len(self.layout.ordered)))
        at = self.layout.threshold_number < 0
        levels = self.statistics[..., : self.layout.n_thresholds]
        found[..., self.layout.threshold_variable[at]] = -levels[..., at]
        return found

    def thresholds(self, item: int) -> FloatArray:
        """Thresholds of an ordered item, (replicate, group, K - 1)."""
        at = np.flatnonzero(self.layout.threshold_variable == item)
        return np.asarray(self.statistics[..., at])

    def take(self, index: Any) -> OrdinalData:
        """Return some of the replicates."""
        return OrdinalData(
            self.layout,
            self.statistics[index],
            self.weight[index],
            self.n[index],
            self.with_levels,
        )

    def objective(self, layout: Layout, z: FloatArray) -> FloatArray:
        """Half of the weighted squared residuals times n, (replicate,); inf where undefined."""
        return np.asarray(0.5 * (self.n * self.fit_function(layout, z)).sum(axis=-1))

    def fit_function(self, layout: Layout, z: FloatArray) -> FloatArray:
        """Weighted sum of squared residuals of each group, (replicate, group)."""
        with np.errstate(all="ignore"):
            gap = self.statistics - implied_statistics(layout, self.layout, z)
            value = (self.weight * gap**2)[..., self._first :].sum(axis=-1)
        return np.where(np.isnan(value), np.inf, value)

    def slopes(self, layout: Layout, z: FloatArray, *, observed: bool) -> tuple[FloatArray, Arrow]:
        """Gradient (replicate, q) of the objective, and information by Gauss and Newton."""
        return collect(layout, self.narrow_derivatives(layout, z), self.n)

    def slot_derivatives(self, layout: Layout, z: FloatArray) -> Derivatives:
        """Gradient and information by all slots, of one person of each group."""
        return self._derivatives(layout, layout, z)

    def narrow_derivatives(self, layout: Layout, z: FloatArray) -> Derivatives:
        """Gradient and information by the slots of ``layout.narrow``."""
        with np.errstate(all="ignore"):
            return self._derivatives(layout, layout.narrow, z)

    def _derivatives(self, layout: Layout, wanted: Layout, z: FloatArray) -> Derivatives:
        slots = slot_values(layout, z)
        implied = imply_slots(layout, slots)
        found = statistics_at(layout, self.layout, slots, implied)
        change = statistic_slopes(wanted, self.layout, found, implied, levels=self.with_levels)
        gap = self.statistics - found.values
        m, t = len(wanted.kind), self.layout.n_thresholds
        gradient = np.zeros((*self.n.shape, m))
        information = np.zeros((*self.n.shape, m, m))
        if change.levels is not None:
            gradient, information = weighed(change.levels, self.weight[..., :t], gap[..., :t])
        slope, bend = weighed(change.rest, self.weight[..., t:], gap[..., t:])
        gradient[..., change.moving] += slope
        information[..., change.moving[:, None], change.moving] += bend
        return Derivatives(-gradient, information)

    @property
    def _first(self) -> int:
        """Return which statistic is the first that is fitted."""
        return 0 if self.with_levels else self.layout.n_thresholds


def weighed(
    change: FloatArray, weight: FloatArray, gap: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return J'W r and J'W J."""
    weighted = np.swapaxes(weight[..., None] * change, -1, -2)
    return (weighted @ gap[..., None])[..., 0], weighted @ change


@dataclass(frozen=True, slots=True)
class StatisticSlopes:
    """Derivatives of the implied statistics by the slots; axes (replicate, group).

    Attributes
    ----------
    levels : ndarray, shape (..., t, m), or None
        Of thresholds and means.
    rest : ndarray, shape (..., s - t, k)
        Of variances and covariances, by the slots that move them.
    moving : ndarray of int, shape (k,)
        Which slots these are.
    """

    levels: FloatArray | None
    rest: FloatArray
    moving: IndexArray

    def whole(self) -> FloatArray:
        """Return all derivatives by all slots, (..., s, m)."""
        if self.levels is None:
            raise ValueError("thresholds were left out")
        found = np.zeros((*self.rest.shape[:-1], self.levels.shape[-1]))
        found[..., self.moving] = self.rest
        return np.concatenate([self.levels, found], axis=-2)


@dataclass(frozen=True, slots=True)
class StatisticsAt:
    """Implied statistics with what their derivatives are made of; axes (replicate, group).

    Attributes
    ----------
    values : ndarray, shape (..., s)
    scale : ndarray, shape (..., p)
        One over the standard deviation of the variable behind an ordered item; 1 for others.
    beyond : ndarray, shape (..., t)
        Thresholds less means, minus the mean for a continuous variable.
    """

    values: Any
    scale: Any
    beyond: Any


def covariance_of(layout: StatisticLayout, statistics: FloatArray) -> FloatArray:
    """Return statistics as covariance matrices, (..., s) -> (..., p, p)."""
    p = len(layout.ordered)
    found = np.zeros((*statistics.shape[:-1], p, p))
    found[..., np.arange(p), np.arange(p)] = 1.0
    variances = slice(layout.n_thresholds, layout.n_thresholds + layout.n_variances)
    at = layout.variance_variable
    found[..., at, at] = statistics[..., variances]
    between = statistics[..., layout.covariances]
    found[..., layout.first, layout.second] = between
    found[..., layout.second, layout.first] = between
    return found


def implied_statistics(layout: Layout, statistics: StatisticLayout, z: Any) -> Any:
    """Return the implied statistics, (replicate, group, s); complex z is allowed."""
    slots = slot_values(layout, z)
    return statistics_at(layout, statistics, slots, imply_slots(layout, slots)).values


def statistics_at(
    layout: Layout, statistics: StatisticLayout, slots: Any, implied: Implied
) -> StatisticsAt:
    """Return the implied statistics at slots, shape (replicate, group, m)."""
    variance = np.diagonal(implied.covariance, axis1=-2, axis2=-1)
    scale = np.where(layout.ordered, variance**-0.5, 1.0)
    beyond = -implied.mean[..., statistics.threshold_variable]
    at = np.flatnonzero(layout.kind == THRESHOLD)
    beyond[..., threshold_places(layout, statistics)] += slots[..., at]
    first, second = statistics.first, statistics.second
    values = np.concatenate(
        [
            beyond * scale[..., statistics.threshold_variable],
            variance[..., statistics.variance_variable],
            implied.covariance[..., first, second] * scale[..., first] * scale[..., second],
        ],
        axis=-1,
    )
    return StatisticsAt(values, scale, beyond)


def threshold_places(layout: Layout, statistics: StatisticLayout) -> Any:
    """Return where the statistic of each threshold's slot stands."""
    begin = np.flatnonzero(statistics.threshold_number <= 0)
    at = layout.kind == THRESHOLD
    return begin[layout.row[at]] + layout.number[at]


def statistic_slopes(
    layout: Layout,
    statistics: StatisticLayout,
    at: StatisticsAt,
    implied: Implied,
    *,
    levels: bool = True,
) -> StatisticSlopes:
    """Return the derivatives of the statistics by the slots of a layout.

    Thresholds and means move nothing else, so that the many pairs are gone through for the other
    slots alone.
    """
    moving = np.flatnonzero((layout.kind != THRESHOLD) & (layout.kind != MEAN))
    p = layout.n_observed
    directions = np.concatenate([implied.effects[..., :p, :], implied.full[..., :p, :]], axis=-1)
    left = directions[..., layout.left[moving]] * layout.factor[moving]
    right = directions[..., layout.right[moving]]
    scaled = scale_slopes(layout, moving, at, left, right)
    rest = rest_slopes(statistics, at, implied, left, right, scaled)
    if not levels:
        return StatisticSlopes(None, rest, moving)
    own = statistics.threshold_variable
    found = (-mean_change(layout, implied) * at.scale[..., None])[..., own, :]
    found[..., moving] += at.beyond[..., None] * scaled[..., own, :]
    slot = np.flatnonzero(layout.kind == THRESHOLD)
    place = threshold_places(layout, statistics)
    found[..., place, slot] += at.scale[..., own[place]]
    return StatisticSlopes(found, rest, moving)


def rest_slopes(
    statistics: StatisticLayout,
    at: StatisticsAt,
    implied: Implied,
    left: FloatArray,
    right: FloatArray,
    scaled: FloatArray,
) -> FloatArray:
    """Return the derivatives of variances and covariances, (..., s - t, k)."""
    first, second, variable = statistics.first, statistics.second, statistics.variance_variable
    scale, fixed = at.scale[..., None], not np.any(scaled)
    # With the scales taken in, few rows are multiplied instead of many pairs.
    ends, others = left * scale, right * scale
    between = ends[..., first, :] * others[..., second, :]
    between += ends[..., second, :] * others[..., first, :]
    if not fixed:
        share = scaled / scale
        both = implied.covariance[..., first, second] * at.scale[..., first] * at.scale[..., second]
        between += both[..., None] * (share[..., first, :] + share[..., second, :])
    if not len(variable):
        return np.asarray(between)
    variance = 2 * left[..., variable, :] * right[..., variable, :]
    return np.concatenate([variance, between], axis=-2)


def scale_slopes(
    layout: Layout, moving: IndexArray, at: StatisticsAt, left: FloatArray, right: FloatArray
) -> FloatArray:
    """Return the derivatives of the scales of ordered items by the moving slots, (..., p, k)."""
    if layout.theta:
        return np.where(layout.ordered[:, None], -(at.scale[..., None] ** 3) * left * right, 0.0)
    found = np.zeros(left.shape)
    place = np.flatnonzero(layout.kind[moving] == SCALE)
    found[..., layout.row[moving][place], place] = 1.0
    return found


def starting_moments(
    layout: Layout, data: OrdinalData, explained: FloatArray
) -> tuple[SampleMoments, FloatArray]:
    """Return moments that starting values can be made of, in the units of the model.

    Parameters
    ----------
    explained : ndarray, shape (replicate, group, p)
        About the share of each item's variance that factors explain.

    Returns
    -------
    moments : SampleMoments
        The mean of an ordered item is how far its thresholds lie below those of all groups.
    spread : ndarray, shape (replicate, group, p)
        Standard deviations of the variables behind ordered items; 1 for others.
    """
    spread = np.ones(explained.shape)
    if layout.theta:
        spread = np.where(layout.ordered, 1 / np.sqrt(1 - explained), 1.0)
    mean = data.mean.copy()
    for item in np.flatnonzero(layout.ordered):
        thresholds = data.thresholds(int(item))
        mean[..., item] = (thresholds.mean(axis=-2, keepdims=True) - thresholds).mean(axis=-1)
    covariance = data.covariance * spread[..., :, None] * spread[..., None, :]
    none = np.full(data.n.shape, np.nan)
    return SampleMoments(covariance, mean * spread, data.n, none), spread
