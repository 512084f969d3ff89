"""Proportional-odds models of many small tables at once, from counts alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from psychometrics.stats.moments import BoolArray, FloatArray, IntArray

MAX_STEPS = 60
# Newton's decrement at which a search ends.
SMALL = 1e-11
# Log-odds between cells that no data can hold up: the answers are separated.
SEPARATED = 25.0


@dataclass(frozen=True, slots=True)
class OddsModels:
    """Fitted models ``logit P(y >= k) = effects . x - threshold_k``.

    Attributes
    ----------
    log_likelihood : ndarray, shape (model,)
    thresholds : ndarray, shape (model, K - 1)
        NaN beyond an item's own.
    effects : ndarray, shape (model, d)
        0 where not free.
    covariance : ndarray, shape (model, K - 1 + d, K - 1 + d)
        Of thresholds and effects, from the observed information; 0 where not free.
    converged : ndarray of bool, shape (model,)
    separated : ndarray of bool, shape (model,)
        Whether an effect has grown without end: a group's answers lie apart.
    """

    log_likelihood: FloatArray
    thresholds: FloatArray
    effects: FloatArray
    covariance: FloatArray
    converged: BoolArray
    separated: BoolArray


def null_log_likelihood(counts: FloatArray) -> FloatArray:
    """Return the log-likelihood of models of thresholds alone, shape (model,)."""
    total = counts.sum(axis=1)
    n = total.sum(axis=1, keepdims=True)
    return np.asarray(special.xlogy(total, total / np.maximum(n, 1e-300)).sum(axis=1))


def proportional_odds(counts: FloatArray, cells: FloatArray, free: BoolArray) -> OddsModels:
    """Fit proportional-odds models by Newton's method, all at once.

    Parameters
    ----------
    counts : ndarray, shape (model, cell, K)
        How often each answer was given in each cell of equal covariates. Answers of an item with
        fewer categories stand first, and its other columns are empty; no column before is.
    cells : ndarray, shape (model, cell, d)
        Covariates.
    free : ndarray of bool, shape (model, d)
        Which of them a model has.

    References
    ----------
    McCullagh, P. (1980). Regression models for ordinal data. Journal of the Royal Statistical
    Society, Series B, 42, 109-142.

    Examples
    --------
    >>> counts = np.array([[[20.0, 10.0], [10.0, 20.0]]])
    >>> found = proportional_odds(counts, np.array([[[0.0], [1.0]]]), np.array([[True]]))
    >>> bool(np.isclose(found.effects[0, 0], np.log(4)))
    True
    """
    size = (counts.sum(axis=1) > 0).sum(axis=1)
    n_cuts = counts.shape[2] - 1
    used = np.arange(n_cuts) < size[:, None] - 1
    open_ = np.concatenate([used, free], axis=1)
    x = np.where(free[:, None, :], cells, 0.0)
    point = np.concatenate([start_cuts(counts, used), np.zeros(free.shape)], axis=1)
    value, slope, bend = derivatives(counts, x, used, point)
    active = np.arange(len(counts))
    converged = np.zeros(len(counts), dtype=bool)
    for _ in range(MAX_STEPS):
        step = newton(slope[active], bend[active], open_[active])
        decrement = (step * slope[active]).sum(axis=1)
        done = decrement < SMALL
        converged[active[done]] = True
        active, step = active[~done], step[~done]
        if not len(active):
            break
        share = np.ones(len(active))
        wanted = np.ones(len(active), dtype=bool)
        for _ in range(30):
            at = active[wanted]
            trial = point[at] + share[wanted, None] * step[wanted]
            new = derivatives(counts[at], x[at], used[at], trial)
            better = new[0] >= value[at] - 1e-12 * np.abs(value[at])
            good = at[better]
            point[good], value[good] = trial[better], new[0][better]
            slope[good], bend[good] = new[1][better], new[2][better]
            share[wanted] /= 2
            left = np.flatnonzero(wanted)
            wanted[left[better]] = False
            if not wanted.any():
                break
        active = active[~wanted]
    effects = point[:, n_cuts:]
    seen = counts.sum(axis=2) > 0
    line = np.einsum("bcd,bd->bc", x, effects)
    spread = np.where(seen, line, -np.inf).max(axis=1) - np.where(seen, line, np.inf).min(axis=1)
    identity = np.where(open_[:, :, None], 0.0, np.eye(open_.shape[1]))
    with np.errstate(all="ignore"):
        covariance = inverted(np.where(open_[:, :, None] & open_[:, None, :], bend, 0) + identity)
    covariance = np.where(open_[:, :, None] & open_[:, None, :], covariance, 0.0)
    thresholds = np.where(used, point[:, :n_cuts], np.nan)
    return OddsModels(value, thresholds, effects, covariance, converged, spread > SEPARATED)


def start_cuts(counts: FloatArray, used: BoolArray) -> FloatArray:
    """Return thresholds of the margins; beyond an item's own they rise by one."""
    total = counts.sum(axis=1)
    above = 1 - np.cumsum(total, axis=1)[:, :-1] / total.sum(axis=1, keepdims=True)
    own = np.where(used, -special.logit(np.clip(above, 1e-12, 1 - 1e-12)), 0.0)
    return np.asarray(np.where(used, own, 0.0))


def derivatives(
    counts: FloatArray, x: FloatArray, used: BoolArray, point: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return log-likelihoods, gradients and minus second derivatives; -inf if out of order.

    A category's probability is ``c_k (1 - c_(k+1)) (1 - exp(threshold_k - threshold_(k+1)))`` with
    ``c_k`` the chance to lie above threshold k, so that logarithms and derivatives stay exact
    however small it is.
    """
    n_cuts = used.shape[1]
    cuts, effects = point[:, :n_cuts], point[:, n_cuts:]
    both = used[:, :-1] & used[:, 1:]
    gap = np.where(both, np.diff(cuts, axis=1), np.inf)
    ordered = (gap > 0).all(axis=1)
    gap = np.where(gap > 0, gap, 1.0)
    line = (x @ effects[..., None])[..., 0]
    away = line[..., None] - cuts[:, None, :]
    keep = used[:, None, :]
    # Counts above and below each threshold's own categories.
    over, under = counts[:, :, 1:] * keep, counts[:, :, :-1] * keep
    chance = special.expit(away)
    total = counts.sum(axis=1)
    middle = total[:, 1:-1] * both
    with np.errstate(over="ignore", divide="ignore"):
        r = 1 / np.expm1(gap)
    value = (over * special.log_expit(away) + under * special.log_expit(-away)).sum(axis=(1, 2))
    value = value + special.xlogy(middle, -np.expm1(-gap)).sum(axis=1)
    pull = over * (1 - chance) - under * chance
    slope_cuts = -pull.sum(axis=1)
    slope_cuts[:, :-1] -= middle * r
    slope_cuts[:, 1:] += middle * r
    slope_x = (pull.sum(axis=2)[:, None, :] @ x)[:, 0]
    slope = np.concatenate([slope_cuts, slope_x], axis=1)
    weight = (over + under) * chance * (1 - chance)
    bend = np.zeros((len(counts), point.shape[1], point.shape[1]))
    k = np.arange(n_cuts)
    bend[:, k, k] = weight.sum(axis=1)
    curve = middle * r * (1 + r)
    bend[:, k[:-1], k[:-1]] += curve
    bend[:, k[1:], k[1:]] += curve
    bend[:, k[:-1], k[1:]] = bend[:, k[1:], k[:-1]] = -curve
    turned = np.swapaxes(x, 1, 2)
    bend[:, n_cuts:, n_cuts:] = (turned * weight.sum(axis=2)[:, None, :]) @ x
    cross = -np.swapaxes(weight, 1, 2) @ x
    bend[:, :n_cuts, n_cuts:] = cross
    bend[:, n_cuts:, :n_cuts] = np.swapaxes(cross, 1, 2)
    return np.where(ordered, value, -np.inf), slope, bend


def newton(slope: FloatArray, bend: FloatArray, open_: BoolArray) -> FloatArray:
    """Return Newton's steps of the free parameters; the log-likelihood is concave."""
    both = open_[:, :, None] & open_[:, None, :]
    size = np.diagonal(bend, axis1=1, axis2=2)
    # A ridge of rounding size keeps separated models, whose information vanishes, solvable.
    ridge = np.where(open_, 1e-10 * (1 + size), 1.0)
    matrix = np.where(both, bend, 0.0)
    at = np.arange(matrix.shape[1])
    matrix[:, at, at] += ridge
    step = np.linalg.solve(matrix, np.where(open_, slope, 0.0)[..., None])[..., 0]
    longest = np.abs(step).max(axis=1, keepdims=True)
    return np.asarray(step * np.minimum(1.0, 8.0 / np.maximum(longest, 1e-300)))


def inverted(matrix: FloatArray) -> FloatArray:
    """Return the inverse of each matrix; NaN where there is none."""
    sign = np.linalg.slogdet(matrix)
    good = np.isfinite(sign.logabsdet) & (sign.sign > 0)
    safe = np.where(good[:, None, None], matrix, np.eye(matrix.shape[-1]))
    return np.where(good[:, None, None], np.linalg.inv(safe), np.nan)


def expected_category(
    thresholds: FloatArray, effects: FloatArray, cells: FloatArray, codes: FloatArray
) -> FloatArray:
    """Return the expected answer in each cell, (..., cell).

    Parameters
    ----------
    thresholds : ndarray, shape (..., K - 1)
        NaN beyond an item's own.
    effects : ndarray, shape (..., d)
    cells : ndarray, shape (..., cell, d)
    codes : ndarray, shape (..., K)
        The answers' values.
    """
    line = np.einsum("...cd,...d->...c", cells, effects)
    chance = special.expit(line[..., None] - np.nan_to_num(thresholds)[..., None, :])
    rise = np.where(np.isnan(thresholds), 0.0, np.diff(codes, axis=-1))
    return np.asarray(codes[..., :1] + (chance * rise[..., None, :]).sum(axis=-1))


def level_counts(
    score: IntArray, group: IntArray, answer: IntArray, shape: tuple[int, int, int]
) -> FloatArray:
    """Return how often each answer was given at each score in each group."""
    flat = np.ravel_multi_index((score, group, answer), shape)
    return np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape).astype(float)
