"""Maximum likelihood by scoring, then Newton steps, many data sets at once.

Scoring with the expected information is safe far from the optimum but slow near it where the
model fits badly; the observed information is quick there. Each replicate has its own step, its
own damping and its own end; those that have finished leave the batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np

from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray

# The search ends when the chi-square statistic can fall by no more than this: estimates are then
# within about a millionth of a standard error of the optimum.
CHI2_GAP = 1e-12
# Scoring steps before the observed information is tried.
FIRST_STEPS = 2
MAX_ITERATIONS = 300
MAX_HALVINGS = 12


@dataclass(frozen=True, slots=True)
class Optimum:
    """Where the search ended, for each replicate.

    Attributes
    ----------
    z : ndarray, shape (replicate, q)
        Free parameters.
    fmin : ndarray, shape (replicate, group)
        Fit function of each group.
    converged : ndarray of bool, shape (replicate,)
        Whether the criterion was met.
    iterations : ndarray of int, shape (replicate,)
        Scoring steps taken.
    """

    z: FloatArray
    fmin: FloatArray
    converged: BoolArray
    iterations: IntArray


class Likelihood(Protocol):
    """What the search needs of the data: complete moments or patterns of missing values."""

    def take(self, index: Any) -> Self:
        """Return some of the replicates."""
        ...

    def objective(self, layout: Layout, z: FloatArray) -> FloatArray:
        """Minus the log-likelihood up to a constant, (replicate,); inf where undefined."""
        ...

    def fit_function(self, layout: Layout, z: FloatArray) -> FloatArray:
        """Fit function of each group, (replicate, group)."""
        ...

    def slopes(
        self, layout: Layout, z: FloatArray, *, observed: bool
    ) -> tuple[FloatArray, FloatArray]:
        """Gradient (replicate, q) and information (replicate, q, q)."""
        ...


def objective(layout: Layout, z: FloatArray, data: Likelihood) -> FloatArray:
    """Minus the log-likelihood up to a constant, (replicate,)."""
    return data.objective(layout, z)


def unit_diagonal(information: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the matrix scaled to a unit diagonal, and the scale."""
    diagonal = np.diagonal(information, axis1=-2, axis2=-1)
    scale = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    return information / (scale[..., :, None] * scale[..., None, :]), scale


def positive_definite(matrix: FloatArray) -> BoolArray:
    """Tell which matrices are positive definite, with room for rounding."""
    scaled, _ = unit_diagonal(matrix)
    q = scaled.shape[-1]
    finite = np.asarray(np.isfinite(scaled).all(axis=(-2, -1)))
    try:
        np.linalg.cholesky(scaled - 1e-9 * np.eye(q))
    except np.linalg.LinAlgError:
        usable = np.where(finite[..., None, None], scaled, 0.0)
        return np.asarray(np.linalg.eigvalsh(usable)[..., 0] > 1e-9)
    return finite


def hold(
    gradient: FloatArray, information: FloatArray, held: IntArray | None
) -> tuple[FloatArray, FloatArray]:
    """Take one parameter of each replicate out of the search: it doesn't move."""
    if held is None:
        return gradient, information
    each = np.arange(len(held))
    gradient[each, held] = 0.0
    information[each, held, :] = 0.0
    information[each, :, held] = 0.0
    information[each, held, held] = 1.0
    return gradient, information


def best_information(
    layout: Layout,
    z: FloatArray,
    data: Likelihood,
    *,
    newton: bool,
    held: IntArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Return gradient and the information to step with: observed where it is a hill's top."""
    if not newton:
        return hold(*data.slopes(layout, z, observed=False), held)
    gradient, observed = hold(*data.slopes(layout, z, observed=True), held)
    good = positive_definite(observed)
    if good.all():
        return gradient, observed
    bad = np.flatnonzero(~good)
    _, observed[bad] = hold(
        *data.take(bad).slopes(layout, z[bad], observed=False),
        None if held is None else held[bad],
    )
    return gradient, observed


def scoring_step(
    gradient: FloatArray, information: FloatArray, damping: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return damped scoring steps and the fall in chi-square they promise.

    The information is scaled to a unit diagonal first, so that damping means the same for every
    parameter and a singular matrix is met by a little damping.
    """
    scaled, scale = unit_diagonal(information)
    q = scaled.shape[-1]
    scaled = scaled + damping[:, None, None] * np.eye(q)
    right = gradient / scale
    try:
        step = np.linalg.solve(scaled, right[..., None])[..., 0]
    except np.linalg.LinAlgError:
        # One singular matrix of the batch must not change the steps of the others.
        usable = np.asarray(np.isfinite(scaled).all(axis=(-2, -1)))
        spread, axes = np.linalg.eigh(np.where(usable[:, None, None], scaled, np.eye(q)))
        along = (np.swapaxes(axes, -1, -2) @ right[..., None])[..., 0]
        step = (axes @ (along / np.maximum(spread, 1e-8))[..., None])[..., 0]
        step = np.where(usable[:, None], step, np.nan)
    return -step / scale, (right * step).sum(axis=-1)


def shorten(
    layout: Layout, z: FloatArray, step: FloatArray, value: FloatArray, data: Likelihood
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Halve each step until the objective falls; return new points, values and who succeeded."""
    new_z, new_value = z + step, np.full(len(z), np.inf)
    open_ = np.ones(len(z), dtype=bool)
    factor = np.ones(len(z))
    for _ in range(MAX_HALVINGS):
        index = np.flatnonzero(open_)
        trial = z[index] + factor[index, None] * step[index]
        got = data.take(index).objective(layout, trial)
        # Rounding lets a step at the optimum raise the value by its last digits.
        fine = got <= value[index] + 1e-13 * np.abs(value[index]) + 1e-11
        done = index[fine]
        new_z[done], new_value[done] = trial[fine], got[fine]
        open_[done] = False
        if not open_.any():
            break
        factor[open_] /= 2
    return new_z, new_value, ~open_


def maximize_likelihood(
    layout: Layout,
    data: Likelihood,
    start: FloatArray,
    *,
    max_iterations: int = MAX_ITERATIONS,
    held: IntArray | None = None,
) -> Optimum:
    """Find the maximum of the normal likelihood for each replicate.

    Parameters
    ----------
    layout : Layout
        The model.
    data : SampleMoments or PatternData
        What was observed.
    start : ndarray, shape (replicate, q)
        Where to start.
    max_iterations : int
        Scoring steps at most.
    held : ndarray of int, shape (replicate,), optional
        The free parameter of each replicate that stays where it starts.

    Returns
    -------
    Optimum

    References
    ----------
    Lee, S.-Y., & Jennrich, R. I. (1979). A study of algorithms for covariance structure
    analysis. Psychometrika, 44, 99-113. doi:10.1007/BF02293789
    """
    z = np.array(start, dtype=float)
    n_replicates = len(z)
    converged = np.zeros(n_replicates, dtype=bool)
    iterations = np.zeros(n_replicates, dtype=np.int64)
    value = data.objective(layout, z)
    damping = np.where(np.isfinite(value), 0.0, 1.0)
    active = np.flatnonzero(np.isfinite(value))
    for iteration in range(max_iterations):
        if not len(active):
            break
        mine = data.take(active)
        gradient, information = best_information(
            layout,
            z[active],
            mine,
            newton=iteration >= FIRST_STEPS,
            held=None if held is None else held[active],
        )
        step, fall = scoring_step(gradient, information, damping[active])
        # Damping shrinks the promised fall, and a singular matrix may promise a rise: neither
        # is an end.
        ended = np.abs(fall) * (1 + damping[active]) < CHI2_GAP
        converged[active[ended]] = True
        stay = ~ended & np.isfinite(fall)
        active, step = active[stay], step[stay]
        if not len(active):
            break
        iterations[active] += 1
        new_z, new_value, fell = shorten(layout, z[active], step, value[active], mine.take(stay))
        moved = active[fell]
        z[moved], value[moved] = new_z[fell], new_value[fell]
        damping[moved] /= 10
        damping[moved[damping[moved] < 1e-6]] = 0.0
        # A step that can't be shortened into a fall means a poor local model: damp, or give up.
        stuck = active[~fell]
        damping[stuck] = np.maximum(damping[stuck] * 10, 1e-4)
        active = active[damping[active] < 1e6]
    return Optimum(z, data.fit_function(layout, z), converged, iterations)
