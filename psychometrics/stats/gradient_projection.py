"""Rotate loadings to the minimum of a criterion, from many starts at once.

Gradient projection on the orthogonal matrices, or on those with columns of length one (oblique
factors). Steps have Barzilai and Borwein's length and must fall below a running average of earlier
values, so that most iterations cost one evaluation; all starts take their steps together.

References
----------
Jennrich, R. I. (2001). A simple general procedure for orthogonal rotation. Psychometrika, 66,
289-306. doi:10.1007/BF02294840
Jennrich, R. I. (2002). A simple general method for oblique rotation. Psychometrika, 67, 7-19.
doi:10.1007/BF02294706
Zhang, H., & Hager, W. W. (2004). A nonmonotone line search technique and its application to
unconstrained optimization. SIAM Journal on Optimization, 14, 1043-1056.
doi:10.1137/S1052623403428208
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.stats.rotation_criteria import Criterion

TOLERANCE = 1e-7
MAX_STEPS = 5000

SUFFICIENT_FALL = 1e-4
MEMORY = 0.85
"""How much of the past the running average of values keeps (Zhang and Hager's eta)."""
STEP_LIMITS = (1e-8, 1e8)


@dataclass(frozen=True, slots=True)
class Projections:
    """Where the search ended from each start.

    Attributes
    ----------
    transformation : ndarray, shape (start, m, m)
        T: rotated loadings are ``A T`` (orthogonal) or ``A inv(T)'`` with factor correlations
        ``T'T`` (oblique).
    value : ndarray, shape (start,)
        The criterion.
    converged : ndarray of bool, shape (start,)
        Whether the projected gradient is shorter than the tolerance.
    n_steps : int
        Steps of the slowest start.
    """

    transformation: FloatArray
    value: FloatArray
    converged: BoolArray
    n_steps: int


@dataclass(slots=True)
class _State:
    """What the starts that are still moving need; leading axis start."""

    index: IntArray
    point: FloatArray
    value: FloatArray
    slope: FloatArray
    step: FloatArray
    average: FloatArray
    weight: FloatArray

    def keep(self, which: BoolArray) -> _State:
        """Return some of the starts."""
        return _State(
            self.index[which], self.point[which], self.value[which], self.slope[which],
            self.step[which], self.average[which], self.weight[which],
        )  # fmt: skip


def project(
    loadings: FloatArray,
    criterion: Criterion,
    starts: FloatArray,
    *,
    oblique: bool,
    tolerance: float = TOLERANCE,
    max_steps: int = MAX_STEPS,
) -> Projections:
    """Minimise a criterion over rotations of some loadings, from each start.

    Parameters
    ----------
    loadings : ndarray, shape (p, m) or (start, p, m)
        Unrotated: one matrix for all starts, or each start its own.
    criterion : Criterion
        See :mod:`psychometrics.stats.rotation_criteria`.
    starts : ndarray, shape (start, m, m)
        Orthogonal matrices.
    oblique : bool
        Whether factors may correlate.
    tolerance : float
        Length of the projected gradient at which a search ends.
    max_steps : int
        Steps at most.
    """
    each = np.broadcast_to(loadings, (len(starts), *loadings.shape[-2:]))
    n = len(starts)
    found, lowest, done = starts.copy(), np.empty(n), np.zeros(n, dtype=bool)
    count = 0
    # What is undefined is infinite or NaN, and no step is taken to it.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        value, slope = evaluate(each, criterion, starts, oblique=oblique)
        now = _State(np.arange(n), starts, value, slope, np.ones(n), value, np.ones(n))
        for count in range(max_steps + 1):
            length = inner(now.slope, now.slope)
            ended = length < tolerance**2
            if ended.any():
                at = now.index[ended]
                found[at], lowest[at], done[at] = now.point[ended], now.value[ended], True
                now, length, each = now.keep(~ended), length[~ended], each[~ended]
            if not len(now.index) or count == max_steps:
                break
            trial = retract(now.point - now.step[:, None, None] * now.slope, oblique=oblique)
            value, slope = evaluate(each, criterion, trial, oblique=oblique)
            _move(now, trial, value, slope, length, count)
    found[now.index], lowest[now.index] = now.point, now.value
    return Projections(found, lowest, done, count)


def inner(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return the sum of products of each start's matrices, (start,)."""
    return np.asarray(np.einsum("sij,sij->s", one, other))


def evaluate(
    loadings: FloatArray, criterion: Criterion, point: FloatArray, *, oblique: bool
) -> tuple[FloatArray, FloatArray]:
    """Return the criterion (start,) and its projected gradient (start, m, m) at some rotations."""
    if not oblique:
        value, slope = criterion(loadings @ point)
        full = loadings.mT @ slope
        across = point.mT @ full
        return value, full - point @ (across + across.mT) / 2
    inverse = np.linalg.inv(point)
    rotated = loadings @ inverse.mT
    value, slope = criterion(rotated)
    full = -(rotated.mT @ slope @ inverse).mT
    return value, full - point * np.einsum("sij,sij->sj", point, full)[:, None, :]


def retract(point: FloatArray, *, oblique: bool) -> FloatArray:
    """Return the nearest orthogonal matrices, or the same columns with length one."""
    if oblique:
        return np.asarray(point / np.sqrt(np.einsum("sij,sij->sj", point, point))[:, None, :])
    left, _, right = np.linalg.svd(point)
    return np.asarray(left @ right)


def _move(
    now: _State,
    trial: FloatArray,
    value: FloatArray,
    slope: FloatArray,
    length: FloatArray,
    count: int,
) -> None:
    """Take the trial where it falls far enough; elsewhere try a quarter of the step next."""
    # At the very end a fall is smaller than the rounding of the value.
    rounding = 4 * np.finfo(float).eps * (1 + np.abs(now.average))
    accept = value <= now.average - SUFFICIENT_FALL * now.step * length + rounding
    moved, bent = trial - now.point, slope - now.slope
    along = np.abs(inner(moved, bent))
    # The two lengths of Barzilai and Borwein take turns.
    above, below = (inner(moved, moved), along) if count % 2 else (along, inner(bent, bent))
    new = np.maximum(above / np.maximum(below, np.finfo(float).tiny), STEP_LIMITS[0])
    new = np.minimum(new, STEP_LIMITS[1])
    weight = MEMORY * now.weight + 1
    average = (MEMORY * now.weight * now.average + value) / weight
    if accept.all():
        now.point, now.slope, now.value = trial, slope, value
        now.average, now.weight, now.step = average, weight, new
        return
    cell = accept[:, None, None]
    now.point, now.slope = np.where(cell, trial, now.point), np.where(cell, slope, now.slope)
    now.value = np.where(accept, value, now.value)
    now.average = np.where(accept, average, now.average)
    now.weight = np.where(accept, weight, now.weight)
    now.step = np.where(accept, new, now.step / 4)


def random_rotations(count: int, size: int, rng: np.random.Generator) -> FloatArray:
    """Return orthogonal matrices drawn uniformly, shape (count, size, size).

    References
    ----------
    Stewart, G. W. (1980). The efficient generation of random orthogonal matrices with an
    application to condition estimators. SIAM Journal on Numerical Analysis, 17, 403-409.
    """
    factor, triangle = np.linalg.qr(rng.standard_normal((count, size, size)))
    sign = np.sign(np.diagonal(triangle, axis1=-2, axis2=-1))
    return np.asarray(factor * sign[:, None, :])


def near_identity(size: int) -> FloatArray:
    """Return a rotation by about a hundredth in every plane.

    Where a pattern is symmetric the unrotated loadings can be a saddle, from which no search moves.
    """
    skew = np.triu(np.full((size, size), 0.01) * (1 + np.arange(size)) / size, 1)
    return retract(np.eye(size) + skew - skew.T, oblique=False)
