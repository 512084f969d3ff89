"""Maximum likelihood by scoring, then Newton steps, many data sets at once.

Scoring with the expected information is safe far from the optimum but slow near it where the
model fits badly; the observed information is quick there. Each replicate has its own step, its
own damping and its own end; those that have finished leave the batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np

from psychometrics.stats.cfa.arrow import Arrow
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray

# The search ends when the chi-square statistic can fall by no more than this: estimates are then
# within about a millionth of a standard error of the optimum.
CHI2_GAP = 1e-12
# Scoring steps before the observed information is tried.
FIRST_STEPS = 2
# As many more where the end need not be exact.
COARSE_STEPS = 6
MAX_ITERATIONS = 300
MAX_HALVINGS = 12
# The observed information is used where its eigenvalues, on a unit diagonal, exceed this.
LEAST_CURVATURE = 1e-9


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

    def slopes(self, layout: Layout, z: FloatArray, *, observed: bool) -> tuple[FloatArray, Arrow]:
        """Gradient (replicate, q) of the objective, and information."""
        ...


def objective(layout: Layout, z: FloatArray, data: Likelihood) -> FloatArray:
    """Minus the log-likelihood up to a constant, (replicate,)."""
    return data.objective(layout, z)


def best_information(
    layout: Layout,
    z: FloatArray,
    data: Likelihood,
    *,
    newton: bool,
    frozen: Callable[[FloatArray], BoolArray | None],
) -> tuple[FloatArray, Arrow]:
    """Return gradient and the information to step with: observed where it is a hill's top.

    `frozen` says from the gradient which parameters don't move.
    """

    def held(
        gradient: FloatArray, information: Arrow, index: IntArray | None = None
    ) -> tuple[FloatArray, Arrow]:
        mask = frozen(gradient)
        if mask is None:
            return gradient, information
        mask = mask if index is None else mask[index]
        return np.where(mask, 0.0, gradient), information.held(mask)

    if not newton:
        return held(*data.slopes(layout, z, observed=False))
    slope, matrix = data.slopes(layout, z, observed=True)
    gradient, observed = held(slope, matrix)
    bad = np.flatnonzero(~unit_diagonal(observed)[0].positive_definite(LEAST_CURVATURE))
    if len(bad) == len(z):
        return held(*data.slopes(layout, z, observed=False))
    if len(bad):
        expected = data.take(bad).slopes(layout, z[bad], observed=False)[1]
        mask = frozen(slope)
        observed.put(bad, expected if mask is None else expected.held(mask[bad]))
    return gradient, observed


def unit_diagonal(information: Arrow) -> tuple[Arrow, FloatArray]:
    """Return the matrix scaled to a unit diagonal, and the scale."""
    diagonal = information.diagonal()
    with np.errstate(all="ignore"):
        scale = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
        return information.scaled(scale), scale


def scoring_step(
    gradient: FloatArray, information: Arrow, damping: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return damped scoring steps and the fall in chi-square they promise.

    The information is scaled to a unit diagonal first, so that damping means the same for every
    parameter and a singular matrix is met by a little damping.
    """
    scaled, scale = unit_diagonal(information)
    scaled = scaled.shifted(damping)
    with np.errstate(all="ignore"):  # far from any optimum; what isn't finite is left out below
        right = gradient / scale
    try:
        step = scaled.solve(right)
    except np.linalg.LinAlgError:
        # One singular matrix of the batch must not change the steps of the others.
        step = floored_solution(scaled.dense(), right)
    return -step / scale, (right * step).sum(axis=-1)


def floored_solution(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """Solve with eigenvalues of at least 1e-8; NaN where the matrix is not finite."""
    usable = np.asarray(np.isfinite(matrix).all(axis=(-2, -1)))
    spread, axes = np.linalg.eigh(np.where(usable[:, None, None], matrix, np.eye(matrix.shape[-1])))
    along = (np.swapaxes(axes, -1, -2) @ right[..., None])[..., 0]
    step = (axes @ (along / np.maximum(spread, 1e-8))[..., None])[..., 0]
    return np.where(usable[:, None], step, np.nan)


def shorten(
    layout: Layout,
    z: FloatArray,
    step: FloatArray,
    value: FloatArray,
    data: Likelihood,
    bounds: Bounds | None = None,
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Halve each step until the objective falls; return new points, values and who succeeded."""
    new_z, new_value = z + step, np.full(len(z), np.inf)
    open_ = np.ones(len(z), dtype=bool)
    factor = np.ones(len(z))
    for _ in range(MAX_HALVINGS):
        index = np.flatnonzero(open_)
        trial = z[index] + factor[index, None] * step[index]
        if bounds is not None:
            trial = bounds.clip(trial)
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


def foreseen(fall: FloatArray, before: FloatArray, damping: FloatArray, gap: float) -> BoolArray:
    """Tell which searches are as good as over once their step is taken.

    Undamped steps near the optimum shrink the fall by about the same factor each time; that
    factor is taken twice as large, to be on the safe side.
    """
    with np.errstate(all="ignore"):
        factor = fall / before
        return np.asarray((damping == 0) & (factor < 0.1) & (2 * factor * fall < gap))


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of the free parameters.

    Attributes
    ----------
    low, high : ndarray, shape (q,)
        Infinite where there is none.
    """

    low: FloatArray
    high: FloatArray

    def clip(self, z: FloatArray) -> FloatArray:
        """Bring points inside."""
        return np.clip(z, self.low, self.high)

    def active(self, z: FloatArray, gradient: FloatArray) -> BoolArray:
        """Tell which parameters sit at a limit that the fall of the objective presses against."""
        return np.asarray(((z <= self.low) & (gradient > 0)) | ((z >= self.high) & (gradient < 0)))


def freezer(
    z: FloatArray, held: BoolArray | None, bounds: Bounds | None
) -> Callable[[FloatArray], BoolArray | None]:
    """Return what tells from the gradient which parameters don't move."""

    def frozen(gradient: FloatArray) -> BoolArray | None:
        if bounds is None:
            return held
        active = bounds.active(z, gradient)
        return active if held is None else active | held

    return frozen


def held_mask(held: IntArray | None, shape: tuple[int, ...]) -> BoolArray | None:
    """Turn the parameter that each replicate holds into a mask, shape (replicate, q)."""
    if held is None:
        return None
    mask = np.zeros(shape, dtype=bool)
    mask[np.arange(len(held)), held] = True
    return mask


def maximize_likelihood(
    layout: Layout,
    data: Likelihood,
    start: FloatArray,
    *,
    max_iterations: int = MAX_ITERATIONS,
    held: IntArray | None = None,
    bounds: Bounds | None = None,
    gap: float = CHI2_GAP,
    coarse: bool = False,
) -> Optimum:
    """Find the maximum of the likelihood, or the least discrepancy, for each replicate.

    Parameters
    ----------
    layout : Layout
        The model.
    data : SampleMoments, PatternData or LeastSquares
        What was observed.
    start : ndarray, shape (replicate, q)
        Where to start.
    max_iterations : int
        Scoring steps at most.
    held : ndarray of int, shape (replicate,), optional
        The free parameter of each replicate that stays where it starts.
    bounds : Bounds, optional
        Limits of the parameters.
    gap : float
        The search ends when the chi-square statistic can fall by no more than this.
    coarse : bool
        For gaps so wide that scoring gets there first: the observed information waits longer, and
        a search ends where its last falls foretell that the next one stays below the gap.

    Returns
    -------
    Optimum

    References
    ----------
    Lee, S.-Y., & Jennrich, R. I. (1979). A study of algorithms for covariance structure
    analysis. Psychometrika, 44, 99-113. doi:10.1007/BF02293789
    De Jonckere, J., & Rosseel, Y. (2022). Using bounded estimation to avoid nonconvergence in
    small sample structural equation modeling. Structural Equation Modeling, 29, 412-427.
    doi:10.1080/10705511.2021.1982716
    """
    z = np.array(start, dtype=float)
    if bounds is not None:
        z = bounds.clip(z)
    n_replicates = len(z)
    converged = np.zeros(n_replicates, dtype=bool)
    iterations = np.zeros(n_replicates, dtype=np.int64)
    mask = held_mask(held, z.shape)
    value = data.objective(layout, z)
    damping = np.where(np.isfinite(value), 0.0, 1.0)
    active = np.flatnonzero(np.isfinite(value))
    first_steps = COARSE_STEPS if coarse else FIRST_STEPS
    before = np.full(n_replicates, np.nan)
    for iteration in range(max_iterations):
        if not len(active):
            break
        mine = data.take(active)
        gradient, information = best_information(
            layout,
            z[active],
            mine,
            newton=iteration >= first_steps,
            frozen=freezer(z[active], None if mask is None else mask[active], bounds),
        )
        step, fall = scoring_step(gradient, information, damping[active])
        # Damping shrinks the promised fall, and a singular matrix may promise a rise: neither
        # is an end.
        ended = np.abs(fall) * (1 + damping[active]) < gap
        converged[active[ended]] = True
        stay = ~ended & np.isfinite(fall)
        active, step, fall = active[stay], step[stay], fall[stay]
        if not len(active):
            break
        iterations[active] += 1
        new_z, new_value, fell = shorten(
            layout, z[active], step, value[active], mine.take(stay), bounds
        )
        moved = active[fell]
        whole = (new_z == z[active] + step).all(axis=1)
        foretold = whole & fell & foreseen(fall, before[active], damping[active], gap)
        foretold &= coarse
        before[active] = np.where(fell, fall, np.nan)
        converged[active[foretold]] = True
        z[moved], value[moved] = new_z[fell], new_value[fell]
        damping[moved] /= 10
        damping[moved[damping[moved] < 1e-6]] = 0.0
        # A step that can't be shortened into a fall means a poor local model: damp, or give up.
        stuck = active[~fell]
        damping[stuck] = np.maximum(damping[stuck] * 10, 1e-4)
        active = active[(damping[active] < 1e6) & ~converged[active]]
    return Optimum(z, data.fit_function(layout, z), converged, iterations)
