"""Models of one trait over groups with some items set free, and tests of setting others free.

All that is asked of an item model is its sums by group. Equalities are a linear map from the
model's parameters to those of each group, so a model with items set free differs from the one
before it by a column, and every test of setting something free follows from the same sums.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from psychometrics.stats.dif_rows import ItemModel, Sums
from psychometrics.stats.moments import BoolArray, FloatArray

MAX_STEPS = 60
MAX_HALVINGS = 12
# Newton's decrement at which a search ends: chi-square is then known to less than this.
SMALL = 1e-9
# Below this decrement curvature is computed, and again where a step leaves more than a share of it.
NEAR = 10.0
SLOW = 0.1
# The longest step of a parameter on a logarithmic scale.
LONGEST = 1.5
UNIFORM, SLOPE = 0, 1

# An item, a contrast, and whether its slope is free too.
Freed = tuple[int, int, bool]


@dataclass(frozen=True, slots=True)
class Design:
    """Which parameters are equal.

    Attributes
    ----------
    members : ndarray of bool, shape (contrast, group)
        Groups that an item can differ in, against all other groups.
    freed : tuple
        What is set free.
    maps : ndarray, shape (group, m, q)
        Parameters of each group as they follow from the model's.
    base : int
        Columns before those of what is set free.
    """

    members: BoolArray
    freed: tuple[Freed, ...]
    maps: FloatArray
    base: int

    def columns(self, one: Freed) -> tuple[int, ...]:
        """Return where the parameters of something set free stand."""
        at = self.base
        for other in self.freed:
            if other == one:
                break
            at += 1 + other[2]
        return (at, at + 1) if one[2] else (at,)


def design(items: ItemModel, members: BoolArray, freed: Iterable[Freed] = ()) -> Design:
    """Lay out a model; on average over people, the trait's mean and log-variance are 0.

    So no group is the reference, and no number depends on which one comes first.

    Parameters
    ----------
    items : ItemModel
    members : ndarray of bool, shape (contrast, group)
    freed : iterable of tuple
    """
    chosen = tuple(sorted(freed))
    n_groups, m = items.n_groups, items.n_parameters
    n_shared, n_own = len(items.shared), len(items.own)
    base = n_shared + n_groups * n_own + 2 * (n_groups - 1)
    q = base + sum(1 + one[2] for one in chosen)
    maps = np.zeros((n_groups, m, q))
    maps[:, items.shared, np.arange(n_shared)] = 1.0
    at = n_shared
    for g in range(n_groups):
        maps[g, items.own, at + np.arange(n_own)] = 1.0
        at += n_own
    apart = sums_to_nothing(np.array([len(part.values) for part in items.rows], dtype=float))
    for where in (items.mean_at, items.variance_at):
        maps[:, where, at : at + n_groups - 1] = apart
        at += n_groups - 1
    for item, contrast, slope in chosen:
        for kind in range(1 + slope):
            maps[members[contrast], :, at] = items.directions[item, kind]
            at += 1
    return Design(members, chosen, maps, base)


def sums_to_nothing(n: FloatArray) -> FloatArray:
    """Return a basis of what adds up to 0 if weighed by n, shape (group, group - 1)."""
    return np.asarray(np.linalg.svd(n[None])[2][1:].T)


@dataclass(frozen=True, slots=True)
class TraitFit:
    """A fitted model.

    Attributes
    ----------
    design : Design
    eta : ndarray, shape (q,)
    theta : ndarray, shape (group, m)
    sums : Sums
        At the estimates.
    bound : ndarray of bool, shape (q,)
        Parameters that lie on a bound, or that nothing is known of.
    converged : bool
    """

    design: Design
    eta: FloatArray
    theta: FloatArray
    sums: Sums
    bound: BoolArray
    converged: bool

    @property
    def log_likelihood(self) -> float:
        """Return the maximum."""
        return float(self.sums.log_likelihood.sum())


def starting_eta(items: ItemModel, made: Design) -> FloatArray:
    """Return a point to start from without an earlier fit."""
    eta = np.zeros(made.maps.shape[-1])
    flat = made.maps[..., : made.base].reshape(-1, made.base)
    eta[: made.base] = np.linalg.lstsq(flat, items.start().ravel(), rcond=None)[0]
    return eta


def moved_eta(made: Design, near: TraitFit) -> FloatArray:
    """Return the estimates of a model with something else set free, as a point to start from."""
    eta = np.zeros(made.maps.shape[-1])
    eta[: made.base] = near.eta[: made.base]
    for one in made.freed:
        for other in near.design.freed:
            if one[:2] == other[:2]:
                pairs = zip(made.columns(one), near.design.columns(other), strict=False)
                for at, there in pairs:
                    eta[at] = near.eta[there]
    return eta


def maximize(
    items: ItemModel, made: Design, eta: FloatArray, near: TraitFit | None = None
) -> TraitFit:
    """Maximize the likelihood by Newton's steps, halved where they lead down.

    Curvature costs more than all else, so one matrix serves while it leads up fast; far from the
    maximum the score products stand in for it.

    Parameters
    ----------
    items : ItemModel
    made : Design
    eta : ndarray, shape (q,)
        Where to start.
    near : TraitFit, optional
        A fit whose curvature is nearly the same.
    """
    lowest = np.full(len(eta), -np.inf)
    first = len(items.shared)
    lowest[first : first + items.n_groups * len(items.own)] = np.tile(items.lowest, items.n_groups)
    eta = np.maximum(eta, lowest)
    logarithmic = np.append(items.own, items.variance_at)
    sums = items.sums(np.asarray(made.maps @ eta), curved=False)
    curvature = None if near is None else near.sums.information
    converged, last = False, np.inf
    bound = np.zeros(len(eta), dtype=bool)
    for _ in range(MAX_STEPS):
        gradient, _, products = reduced(made.maps, sums)
        bound = np.asarray((eta <= lowest + 1e-12) & (gradient < 0))
        # The residual variance of an item that a group didn't answer has no say.
        bound |= np.diagonal(products) == 0
        step = newton_step(gradient, made.maps, curvature, products, ~bound)
        rise = float(gradient @ step)
        if rise < NEAR and (curvature is None or not rise < SLOW * last):
            curvature = items.sums(np.asarray(made.maps @ eta)).information
            step = newton_step(gradient, made.maps, curvature, products, ~bound)
            rise = float(gradient @ step)
        if not np.isfinite(rise):
            break
        if rise < SMALL:
            converged = True
            break
        last = rise
        moved = (made.maps @ step)[:, logarithmic]
        step *= min(1.0, LONGEST / np.abs(moved).max(initial=1e-12))
        value, share = sums.log_likelihood.sum(), 1.0
        for _ in range(MAX_HALVINGS):
            trial = np.maximum(eta + share * step, lowest)
            new = items.sums(np.asarray(made.maps @ trial), curved=False)
            if new.log_likelihood.sum() > value - 1e-12 * abs(value):
                break
            share /= 2
        else:
            break
        eta, sums = trial, new
        if items.endless(np.asarray(made.maps @ eta)):
            break
    sums = items.sums(np.asarray(made.maps @ eta))
    return TraitFit(made, eta, np.asarray(made.maps @ eta), sums, bound, converged)


def turned(maps: FloatArray, blocks: FloatArray) -> FloatArray:
    """Return a matrix of the groups' parameters as one of the model's."""
    return np.asarray((np.swapaxes(maps, -1, -2) @ blocks @ maps).sum(axis=0))


def reduced(maps: FloatArray, sums: Sums) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return gradient, information and score products of the model's parameters."""
    gradient = np.einsum("gmq,gm->q", maps, sums.gradient)
    return gradient, turned(maps, sums.information), turned(maps, sums.products)


def newton_step(
    gradient: FloatArray,
    maps: FloatArray,
    curvature: FloatArray | None,
    products: FloatArray,
    free: BoolArray,
) -> FloatArray:
    """Return a step that leads up: Newton's, or one by the score products where that doesn't."""
    step = np.zeros(len(gradient))
    at = np.ix_(free, free)
    known = [] if curvature is None else [turned(maps, curvature)[at]]
    ridge = products[at] + 1e-3 * np.diag(np.diagonal(products[at]))
    for matrix in (*known, ridge):
        try:
            np.linalg.cholesky(matrix)
        except np.linalg.LinAlgError:
            continue
        step[free] = np.linalg.solve(matrix, gradient[free])
        return step
    return np.full(len(gradient), np.nan)


@dataclass(frozen=True, slots=True)
class FreeingTests:
    """Score tests of setting items free, each of shape (item, contrast, 2).

    The last axis is uniform (the item is answered higher at every standing) and then non-uniform
    (its answers rise more steeply, given that they may be higher everywhere).

    Attributes
    ----------
    statistic : ndarray
        1 df; NaN where something is free already or not identified.
    change : ndarray
        What the freed parameter would be, after one step.
    se : ndarray
        Its standard error.
    """

    statistic: FloatArray
    change: FloatArray
    se: FloatArray


def freeing_tests(items: ItemModel, fit: TraitFit) -> FreeingTests:
    """Test every item in every contrast at the estimates of a model.

    The statistics divide by the variance that the scores have, not by the one that the model
    implies (generalized score tests), so they don't need the model's distribution to be right.

    Parameters
    ----------
    items : ItemModel
    fit : TraitFit

    References
    ----------
    Boos, D. D. (1992). On generalized score tests. The American Statistician, 46, 327-333.
    doi:10.1080/00031305.1992.10475921
    Satorra, A. (1989). Alternative test criteria in covariance structure analysis: A unified
    approach. Psychometrika, 54, 131-151. doi:10.1007/BF02294453
    """
    members = fit.design.members.astype(float)
    p, n_contrasts = items.n_items, len(members)
    # Directions of all tests: (group, m, item x contrast x kind).
    along = np.einsum("cg,jkm->gmjck", members, items.directions)
    along = along.reshape(*along.shape[:2], -1)
    kept = ~fit.bound
    maps = fit.design.maps[..., kept]
    both = np.concatenate([maps, along], axis=-1)
    gradient, information, products = reduced(both, fit.sums)
    shape = (p, n_contrasts, 2)
    found = scored(gradient, information, products, maps.shape[-1], shape)
    lacking = np.isnan(found.statistic)
    if not lacking.any():
        return found
    # Far from its maximum the likelihood may bend the wrong way; score products never do.
    other = scored(gradient, products, products, maps.shape[-1], shape)
    pairs = zip(
        (found.statistic, found.change, found.se), (other.statistic, other.change, other.se),
        strict=True,
    )  # fmt: skip
    return FreeingTests(*(np.where(lacking, second, first) for first, second in pairs))


def scored(
    gradient: FloatArray,
    information: FloatArray,
    products: FloatArray,
    q: int,
    shape: tuple[int, ...],
) -> FreeingTests:
    """Return tests of the directions that stand after q parameters of the model."""
    try:
        solved = np.linalg.solve(information[:q, :q], information[:q, q:]).T
    except np.linalg.LinAlgError:
        nan = np.full(shape, np.nan)
        return FreeingTests(nan, nan, nan)
    left = information[q:, q:] - solved @ information[:q, q:]
    cross = solved @ products[:q, q:]
    spread = products[q:, q:] - cross - cross.T + solved @ products[:q, :q] @ solved.T
    score = gradient[q:] - solved @ gradient[:q]
    size = np.diagonal(information[q:, q:])
    return paired(score, left, spread, size, shape)


def paired(
    score: FloatArray,
    left: FloatArray,
    spread: FloatArray,
    size: FloatArray,
    shape: tuple[int, ...],
) -> FreeingTests:
    """Return tests of each direction; those of slopes with the item's level taken out."""
    first = np.arange(0, len(score), 2)
    second = first + 1
    open_first = left[first, first] > 1e-7 * size[first]
    with np.errstate(all="ignore"):
        share = np.where(open_first, left[second, first] / left[first, first], 0.0)
        own = left[second, second] - share * left[first, second]
        rest = (
            spread[second, second] - 2 * share * spread[first, second]
            + share**2 * spread[first, first]
        )  # fmt: skip
        moved = score[second] - share * score[first]
        scores = np.stack([score[first], moved], axis=-1)
        needed = np.stack([left[first, first], own], axis=-1)
        spreads = np.stack([spread[first, first], rest], axis=-1)
        whole = np.stack([size[first], size[second]], axis=-1)
        usable = (needed > 1e-7 * whole) & (spreads > 0)
        nan = np.nan
        found = (
            np.where(usable, scores**2 / spreads, nan),
            np.where(usable, scores / needed, nan),
            np.where(usable, np.sqrt(spreads) / needed, nan),
        )
    return FreeingTests(*(one.reshape(shape) for one in found))


def freed_covariance(fit: TraitFit) -> FloatArray:
    """Return the covariance of all estimates that needs no distribution, (q, q); NaN on bounds."""
    kept = ~fit.bound
    _, information, products = reduced(fit.design.maps[..., kept], fit.sums)
    found = np.full((len(fit.eta),) * 2, np.nan)
    try:
        inverse = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return found
    found[np.ix_(kept, kept)] = inverse @ products @ inverse
    return found
