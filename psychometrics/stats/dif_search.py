"""Which items are answered differently by people of the same standing: the search for anchors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from psychometrics.stats.dif_adjust import Adjust, adjusted_p_values
from psychometrics.stats.dif_model import (
    SLOPE,
    UNIFORM,
    Design,
    Freed,
    TraitFit,
    design,
    freed_covariance,
    freeing_tests,
    maximize,
    moved_eta,
    starting_eta,
)
from psychometrics.stats.dif_rows import ItemModel
from psychometrics.stats.moments import BoolArray, FloatArray

# Points of the average over a group's trait.
POINTS = np.linspace(-4.0, 4.0, 33)
# Standard deviations of an item beyond which an effect is not taken from one step.
FAR = 0.7


@dataclass(frozen=True, slots=True)
class Rule:
    """When an item is set free.

    Attributes
    ----------
    significance : float
    adjust : {"holm", "bh", "none"}
        Over the tests of one model.
    min_anchors : int
        Items of a contrast that stay equal whatever their tests say.
    purify : bool
        Whether items are set free at all.
    refine : float
        Below this p-value an effect is estimated by a fit and not by one step.
    """

    significance: float = 0.05
    adjust: Adjust = "holm"
    min_anchors: int = 2
    purify: bool = True
    refine: float = 0.01


@dataclass(frozen=True, slots=True)
class TraitDif:
    """Tests and effects of all items in all contrasts.

    The last axis of what has three is uniform, non-uniform.

    Attributes
    ----------
    statistic : ndarray, shape (item, contrast, 2)
        Score tests, 1 df, with all other items as they are in the final model.
    points, se : ndarray, shape (item, contrast, 2)
        Effects in points of the answers, and their standard errors. Uniform: how much higher the
        contrast's groups answer than others of the same standing would, on average over their own
        trait. Non-uniform: by how much that gap grows for one standard deviation of the trait.
    freed : ndarray of int, shape (item, contrast)
        0, 1 (level free) or 2 (level and slope free) in the final model.
    fitted : ndarray of bool, shape (item, contrast)
        Whether the effect was estimated in a fit, or by one step from the final model.
    fit : TraitFit
        The final model.
    unfinished : ndarray of bool, shape (item, contrast)
        Whether a model that the tests need had no maximum.
    """

    statistic: FloatArray
    points: FloatArray
    se: FloatArray
    freed: FloatArray
    fitted: BoolArray
    fit: TraitFit
    unfinished: BoolArray


def search(
    items: ItemModel,
    members: BoolArray,
    rule: Rule,
    eligible: BoolArray | None = None,
    start_free: Sequence[Freed] = (),
) -> TraitDif:
    """Set items free one at a time while a score test says so, then test and estimate them all.

    All others are an item's anchors at first. The smallest adjusted p-value sets its item free in
    its contrast, the model is fitted again, and so on; at the end, what no longer differs given
    all the rest is made equal again.

    Parameters
    ----------
    items : ItemModel
    members : ndarray of bool, shape (contrast, group)
        Groups that an item can differ in, against all other groups.
    rule : Rule
    eligible : ndarray of bool, shape (item, contrast), optional
        What may differ; all by default.
    start_free : sequence of tuple
        What is free from the start and stays so, where anchors are given.
    """
    shape = (items.n_items, len(members))
    allowed = np.ones(shape, dtype=bool) if eligible is None else eligible
    fixed = frozenset(start_free)
    made = design(items, members, fixed)
    fit = maximize(items, made, starting_eta(items, made))
    if rule.purify and not fixed:
        fit = forward(items, fit, rule, allowed)
        fit = backward(items, fit, rule, allowed)
    return assemble(items, fit, allowed, rule.refine)


def forward(items: ItemModel, fit: TraitFit, rule: Rule, allowed: BoolArray) -> TraitFit:
    """Set items free until no test speaks for another one."""
    while fit.converged:
        statistic = freeing_tests(items, fit).statistic
        statistic[~allowed] = np.nan
        p_values = stats.chi2.sf(statistic, 1)
        adjusted = adjusted_p_values(p_values, rule.adjust)
        adjusted[:, exhausted(fit.design, allowed, rule.min_anchors)] = np.nan
        if not np.nanmin(adjusted, initial=1.0) < rule.significance:
            return fit
        ranked = np.where(np.isfinite(adjusted), statistic, -np.inf)
        item, contrast, kind = map(int, np.unravel_index(int(ranked.argmax()), ranked.shape))
        kept = {one for one in fit.design.freed if one[:2] != (item, contrast)}
        wider = design(items, fit.design.members, kept | {(item, contrast, kind == SLOPE)})
        new = maximize(items, wider, moved_eta(wider, fit), fit)
        if not new.converged:
            return fit
        fit = new
    return fit


def exhausted(made: Design, allowed: BoolArray, min_anchors: int) -> BoolArray:
    """Tell which contrasts have no item left to set free, so that enough stay equal."""
    count = np.zeros(allowed.shape[1], dtype=int)
    for _, contrast, _ in made.freed:
        count[contrast] += 1
    return np.asarray(len(allowed) - count <= min_anchors)


def backward(items: ItemModel, fit: TraitFit, rule: Rule, allowed: BoolArray) -> TraitFit:
    """Make equal again what doesn't differ given all the rest."""
    while fit.converged and fit.design.freed:
        dropped = {one: without(items, fit, one) for one in fit.design.freed}
        statistic = freeing_tests(items, fit).statistic
        statistic[~allowed] = np.nan
        for one, tests in dropped.items():
            statistic[one[:2]] = tests.statistic
        adjusted = adjusted_p_values(stats.chi2.sf(statistic, 1), rule.adjust)
        weak = [
            one
            for one in fit.design.freed
            if not np.nanmin(adjusted[one[0], one[1]], initial=1.0) < rule.significance
        ]
        if not weak:
            return fit
        least = min(weak, key=lambda one: float(np.nanmax(statistic[one[0], one[1]], initial=0.0)))
        narrow = design(items, fit.design.members, set(fit.design.freed) - {least})
        fit = maximize(items, narrow, moved_eta(narrow, fit), fit)
    return fit


@dataclass(frozen=True, slots=True)
class Dropped:
    """Tests of one item that is free, each in a model where that parameter is equal."""

    statistic: FloatArray
    change: FloatArray
    se: FloatArray
    converged: bool


def without(items: ItemModel, fit: TraitFit, one: Freed) -> Dropped:
    """Test an item that is free with all else as it is."""
    item, contrast, slope = one
    rest = set(fit.design.freed) - {one}
    narrow = design(items, fit.design.members, rest)
    equal = maximize(items, narrow, moved_eta(narrow, fit), fit)
    tests = freeing_tests(items, equal)
    found = [
        np.array(part[item, contrast]) for part in (tests.statistic, tests.change, tests.se)
    ]  # fmt: skip
    level = fit
    if slope:
        middle = design(items, fit.design.members, rest | {(item, contrast, False)})
        level = maximize(items, middle, moved_eta(middle, fit), fit)
    # The test of the slope supposes that the level is free; that of a fit where it is, is exact.
    own = freeing_tests(items, level)
    for part, exact in zip(found, (own.statistic, own.change, own.se), strict=True):
        part[SLOPE] = exact[item, contrast, SLOPE]
    return Dropped(found[0], found[1], found[2], equal.converged and level.converged)


def assemble(items: ItemModel, fit: TraitFit, allowed: BoolArray, refine: float) -> TraitDif:
    """Test and estimate every item in every contrast, given the final model."""
    if not fit.converged:
        return nothing(fit, allowed)
    tests = freeing_tests(items, fit)
    statistic, change, se = (np.array(one) for one in (tests.statistic, tests.change, tests.se))
    freed = np.zeros(allowed.shape, dtype=int)
    unfinished = np.zeros(allowed.shape, dtype=bool)
    for one in fit.design.freed:
        own = without(items, fit, one)
        statistic[one[:2]], change[one[:2]], se[one[:2]] = own.statistic, own.change, own.se
        freed[one[:2]] = 1 + one[2]
        unfinished[one[:2]] |= not own.converged
    covariance, fitted = freed_covariance(fit), freed > 0
    points, points_se = np.full(statistic.shape, np.nan), np.full(statistic.shape, np.nan)
    spread = np.nanstd(np.concatenate([part.values for part in items.rows]), axis=0)
    for item, contrast in np.argwhere(allowed & ~unfinished):
        at = int(item), int(contrast)
        columns: tuple[int, ...] = ()
        if freed[at]:
            columns = fit.design.columns((*at, freed[at] == 2))
        points[at], points_se[at] = effects(items, fit, at, change[at], se[at], columns, covariance)
        p_values = stats.chi2.sf(statistic[at], 1)
        # One step goes too far where the effect is large or the information about it small.
        far = ~(np.abs(points[at]) < FAR * spread[item])
        if freed[at] or not (far.any() or np.nanmin(p_values, initial=1.0) < refine):
            continue
        slope = bool(far[SLOPE] or p_values[SLOPE] < refine)
        wide = alone(items, fit, at, slope=slope)
        fitted[at], unfinished[at] = wide.converged, not wide.converged
        if wide.converged:
            own_columns = wide.design.columns((*at, slope))
            points[at], points_se[at] = effects(
                items, wide, at, change[at], se[at], own_columns, freed_covariance(wide)
            )
    usable = allowed & ~unfinished
    statistic[~usable] = np.nan
    return TraitDif(statistic, points, points_se, freed, fitted, fit, unfinished)


def nothing(fit: TraitFit, allowed: BoolArray) -> TraitDif:
    """Return what there is without a maximum."""
    nan, none = np.full((*allowed.shape, 2), np.nan), np.zeros(allowed.shape, dtype=int)
    return TraitDif(nan, nan, nan, none, none > 0, fit, none == 0)


def alone(items: ItemModel, fit: TraitFit, at: tuple[int, int], *, slope: bool) -> TraitFit:
    """Fit the model with one more item free."""
    wider = design(items, fit.design.members, {*fit.design.freed, (*at, slope)})
    return maximize(items, wider, moved_eta(wider, fit), fit)


def effects(
    items: ItemModel,
    fit: TraitFit,
    at: tuple[int, int],
    change: FloatArray,
    se: FloatArray,
    columns: tuple[int, ...],
    covariance: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return an item's uniform and non-uniform effect in points, with standard errors."""
    item, contrast = at
    base, mean, sd = plain(items, fit, item, contrast)
    points, errors = np.full(2, np.nan), np.full(2, np.nan)
    estimate = fit.eta[list(columns)] if columns else np.empty(0)
    for kind in (UNIFORM, SLOPE):
        if kind == SLOPE:
            steeper, variance = change[SLOPE], se[SLOPE] ** 2
            if len(columns) > 1:
                steeper, variance = estimate[SLOPE], covariance[columns[1], columns[1]]
            # Turned about the group's mean, a slope leaves the level as it is.
            turn = np.array([-mean, 1.0])
            moved, own = steeper * turn, variance * np.outer(turn, turn)
        elif columns:
            moved = np.concatenate([estimate, np.zeros(2 - len(estimate))])
            own = covariance[np.ix_(columns, columns)]
        else:
            moved, own = np.array([change[UNIFORM], 0.0]), np.array([[se[UNIFORM] ** 2]])
        points[kind], slope = gap(items, base, item, moved, mean, sd, kind)
        slope = slope[: len(own)]
        with np.errstate(invalid="ignore"):
            errors[kind] = np.sqrt(slope @ own @ slope)
    return points, errors


def plain(
    items: ItemModel, fit: TraitFit, item: int, contrast: int
) -> tuple[FloatArray, float, float]:
    """Return the parameters of the other groups, and the mean and SD of the contrast's trait."""
    members = fit.design.members[contrast]
    theta = np.array(fit.theta[int(np.argmax(members))])
    for one in fit.design.freed:
        if one[0] == item and members[fit.design.members[one[1]]].any():
            for kind, column in enumerate(fit.design.columns(one)):
                theta -= fit.eta[column] * items.directions[item, kind]
    n = np.array([len(part) for part in _sizes(items)], dtype=float)[members]
    mean = fit.theta[members, items.mean_at]
    variance = np.exp(fit.theta[members, items.variance_at])
    return theta, float(n @ mean / n.sum()), float(np.sqrt(n @ variance / n.sum()))


def _sizes(items: ItemModel) -> Sequence[FloatArray]:
    return [part.values for part in items.rows]


def gap(
    items: ItemModel,
    theta: FloatArray,
    item: int,
    moved: FloatArray,
    mean: float,
    sd: float,
    kind: int,
) -> tuple[float, FloatArray]:
    """Return an effect in points and how it changes with what is set free."""

    def size(by: FloatArray) -> float:
        other = theta + by @ items.directions[item]
        if kind == UNIFORM:
            trait, share = mean + sd * POINTS, np.exp(-0.5 * POINTS**2)
        else:
            trait, share = mean + sd * np.array([-1.0, 1.0]), np.array([-0.5, 0.5])
        away = items.expected_answer(other, item, trait) - items.expected_answer(theta, item, trait)
        return float(share @ away / (share.sum() if kind == UNIFORM else 1.0))

    step = 1e-4
    slope = [(size(moved + h) - size(moved - h)) / (2 * step) for h in step * np.eye(2)]
    return size(moved), np.array(slope)
