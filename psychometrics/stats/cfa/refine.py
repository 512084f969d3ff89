"""From the fit of the saturated moments to that of the incomplete rows behind them.

Moments of maximum likelihood, taken as complete, put the optimum close to that of the rows, and
their information about the parameters is cheap and nearly right. So the search goes on with
gradients alone, by the BFGS formula from that information: an evaluation of the likelihood costs a
fifth of one of its curvature.
"""

from __future__ import annotations

import numpy as np

from psychometrics.stats.cfa.estimate import CHI2_GAP, Optimum
from psychometrics.stats.cfa.free_means import FreeMeans
from psychometrics.stats.cfa.kernel import SampleMoments
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.moments import FloatArray

MOST_STEPS = 60
MOST_HALVINGS = 12


def refine(
    layout: Layout,
    data: FreeMeans,
    moments: SampleMoments,
    start: FloatArray,
    *,
    held: int | None = None,
    gap: float = CHI2_GAP,
) -> Optimum:
    """Search the maximum of the likelihood of incomplete rows from nearby.

    Parameters
    ----------
    layout : Layout
        The model.
    data : FreeMeans
        The rows.
    moments : SampleMoments
        Their saturated moments, one replicate.
    start : ndarray, shape (q,)
        Fit of the model to the moments.
    held : int, optional
        The free parameter that stays where it starts.
    gap : float
        The search ends when chi-square can fall by no more than this.

    Returns
    -------
    Optimum
        Not converged where the information is no use; another search may still find it.

    References
    ----------
    Nocedal, J., & Wright, S. J. (2006). Numerical optimization (2nd ed.), chapter 6. Springer.
    """
    z = np.array(start, dtype=float)
    free = np.ones(len(z), dtype=bool)
    if held is not None:
        free[held] = False
    inverse = starting_inverse(layout, moments, z, free)
    converged, steps = False, 0
    value, gradient = data.value_and_gradient(layout, z)
    while inverse is not None and np.isfinite(value) and steps < MOST_STEPS:
        step = -inverse @ gradient[free]
        fall = -float(gradient[free] @ step)
        if fall < gap:
            converged = True
            break
        moved = shortened(layout, data, z, step, free, value)
        if moved is None:
            break
        steps += 1
        z, value, new = moved
        inverse = updated(inverse, step_taken(z, start, free), new[free] - gradient[free])
        gradient, start = new, z
    fmin = np.array([[2 * value / data.n]])
    return Optimum(z[None, :], fmin, np.array([converged]), np.array([steps]))


def starting_inverse(
    layout: Layout, moments: SampleMoments, z: FloatArray, free: np.ndarray
) -> FloatArray | None:
    """Return the inverse information of the moments; None where it is no covariance."""
    for observed in (True, False):
        matrix = moments.slopes(layout, z[None, :], observed=observed)[1].dense()[0]
        matrix = matrix[np.ix_(free, free)]
        scale = np.sqrt(np.maximum(np.diagonal(matrix), 1e-300))
        try:
            np.linalg.cholesky(matrix / np.outer(scale, scale))
        except np.linalg.LinAlgError:
            continue
        return np.asarray(np.linalg.inv(matrix), dtype=float)
    return None


def step_taken(z: FloatArray, before: FloatArray, free: np.ndarray) -> FloatArray:
    """Return how far the free parameters went."""
    return np.asarray((z - before)[free])


def shortened(
    layout: Layout,
    data: FreeMeans,
    z: FloatArray,
    step: FloatArray,
    free: np.ndarray,
    value: float,
) -> tuple[FloatArray, float, FloatArray] | None:
    """Halve a step until the objective falls; return point, value and gradient there."""
    factor = 1.0
    for _ in range(MOST_HALVINGS):
        trial = z.copy()
        trial[free] += factor * step
        got, gradient = data.value_and_gradient(layout, trial)
        # Rounding lets a step at the optimum raise the value by its last digits.
        if got <= value + 1e-13 * abs(value) + 1e-11:
            return trial, got, gradient
        factor /= 2
    return None


def updated(inverse: FloatArray, step: FloatArray, change: FloatArray) -> FloatArray:
    """Return the inverse information after a step and the change of the gradient along it."""
    along = float(step @ change)
    if along <= 1e-12 * float(np.linalg.norm(step) * np.linalg.norm(change)):
        return inverse
    left = np.eye(len(step)) - np.outer(step, change) / along
    return np.asarray(left @ inverse @ left.T + np.outer(step, step) / along)
