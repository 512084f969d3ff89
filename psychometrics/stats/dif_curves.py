"""What each group answers to an item on average, over the trait: by the model, and as answered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from psychometrics.stats.dif_model import (
    TraitFit,
    design,
    freed_covariance,
    maximize,
    moved_eta,
)
from psychometrics.stats.dif_rows import ItemModel
from psychometrics.stats.moments import FloatArray


@dataclass(frozen=True, slots=True)
class ItemCurves:
    """Expected answers of groups, with intervals.

    Attributes
    ----------
    trait : ndarray, shape (point,)
    estimate, low, high : ndarray, shape (group, point)
    """

    trait: FloatArray
    estimate: FloatArray
    low: FloatArray
    high: FloatArray


def fitted_curves(
    items: ItemModel, fit: TraitFit, item: int, trait: FloatArray, level: float
) -> ItemCurves:
    """Fit one item in every group by itself, all others as they are, and return its curves.

    Parameters
    ----------
    items : ItemModel
    fit : TraitFit
        A model whose contrasts are each group against the others.
    item : int
    trait : ndarray, shape (point,)
    level : float
    """
    kept = {one for one in fit.design.freed if one[0] != item}
    # Some group is what the others differ from.
    apart = {(item, g, True) for g in range(items.n_groups - 1)}
    wider = design(items, np.eye(items.n_groups, dtype=bool), kept | apart)
    free = maximize(items, wider, moved_eta(wider, fit), fit)
    covariance = freed_covariance(free)
    shape = (items.n_groups, len(trait))
    estimate, se = np.full(shape, np.nan), np.full(shape, np.nan)
    # What the item's own parameters are moved by, whichever model of items it is.
    moving = np.flatnonzero(np.abs(items.directions[item]).sum(axis=0))
    step = 1e-5
    for g in range(items.n_groups if free.converged else 0):
        theta = free.theta[g]
        estimate[g] = items.expected_answer(theta, item, trait)
        slope = np.zeros((len(trait), len(free.eta)))
        for at in moving:
            ends = [
                items.expected_answer(theta + sign * np.eye(len(theta))[at], item, trait)
                for sign in (step, -step)
            ]
            slope += ((ends[0] - ends[1]) / (2 * step))[:, None] * wider.maps[g, at]
        with np.errstate(invalid="ignore"):
            se[g] = np.sqrt(np.einsum("ta,ab,tb->t", slope, np.nan_to_num(covariance), slope))
    width = special.ndtri((1 + level) / 2) * se
    return ItemCurves(trait, estimate, estimate - width, estimate + width)


@dataclass(frozen=True, slots=True)
class Bins:
    """People of about the same standing, by group; each of shape (group, bin), NaN if too few.

    Attributes
    ----------
    trait : ndarray
        Mean standing.
    estimate, low, high : ndarray
        Mean answer with Student's interval.
    n : ndarray
    """

    trait: FloatArray
    estimate: FloatArray
    low: FloatArray
    high: FloatArray
    n: FloatArray


def answers_by_standing(
    items: ItemModel, fit: TraitFit, item: int, n_bins: int, level: float, fewest: int = 5
) -> Bins:
    """Average the answers to an item in each group, people binned by all other items.

    Parameters
    ----------
    items : ItemModel
    fit : TraitFit
    item : int
    n_bins : int
        Bins of equal numbers of people of all groups together.
    level : float
    fewest : int
        People that a group needs in a bin.
    """
    standing = [items.standing(g, fit.theta[g], item) for g in range(items.n_groups)]
    known = [~np.isnan(part.values[:, item]) for part in items.rows]
    everybody = np.concatenate([s[k] for s, k in zip(standing, known, strict=True)])
    edges = np.quantile(everybody, np.linspace(0, 1, n_bins + 1)[1:-1])
    found = np.full((5, items.n_groups, n_bins), np.nan)
    found[4] = 0
    for g, part in enumerate(items.rows):
        where = np.digitize(standing[g], edges)
        for b in range(n_bins):
            mine = known[g] & (where == b)
            n = int(mine.sum())
            found[4, g, b] = n
            if n < max(fewest, 2):
                continue
            answers = part.values[mine, item]
            weight = np.ones(n) if part.weights is None else part.weights[mine]
            mean = float(np.average(answers, weights=weight))
            variance = float(np.average((answers - mean) ** 2, weights=weight)) * n / (n - 1)
            # Unequal weights make fewer people of them (Kish).
            effective = weight.sum() ** 2 / (weight**2).sum()
            width = stats.t.ppf((1 + level) / 2, n - 1) * np.sqrt(variance / effective)
            found[:4, g, b] = standing[g][mine].mean(), mean, mean - width, mean + width
    return Bins(*found)
