"""Exploratory factors from correlations: maximum likelihood, minimum residuals, principal axes.

Everything is batched over the leading axis of the correlations: a single analysis is one replicate,
so that bootstrap samples of an analysis are the same call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from psychometrics.errors import DataError, check_option
from psychometrics.stats.efa_objectives import (
    Objective,
    eigen_descending,
    likelihood_objective,
    residual_objective,
)
from psychometrics.stats.moments import BoolArray, FloatArray

METHODS = ("ml", "minres", "uls", "pa")

LOWEST_UNIQUENESS = 0.005
"""No search goes below it, as in R's factanal and psych::fa; principal axes have no bound."""

GRADIENT = 1e-8
MAX_STEPS = 200
AXES_CHANGE = 1e-9
AXES_STEPS = 5_000
SUFFICIENT_FALL = 1e-4
OTHER_STARTS = (0.2, 0.5, 0.8)


@dataclass(frozen=True, slots=True)
class Extraction:
    """Unrotated factors of each replicate.

    Attributes
    ----------
    loadings : ndarray, shape (replicate, p, m)
        Orthogonal factors; each column adds up to a positive number.
    uniquenesses : ndarray, shape (replicate, p)
    converged : ndarray of bool, shape (replicate,)
        Whether the search ended at a minimum.
    improper : ndarray of bool, shape (replicate, p)
        Heywood cases: uniquenesses at the lower bound, or not positive for principal axes.
    """

    loadings: FloatArray
    uniquenesses: FloatArray
    converged: BoolArray
    improper: BoolArray


def degrees_of_freedom(n_items: int, n_factors: int) -> int:
    """Return the moments less the parameters of an exploratory model; negative if too many.

    Examples
    --------
    >>> degrees_of_freedom(9, 3), degrees_of_freedom(6, 4)
    (12, -3)
    """
    return ((n_items - n_factors) ** 2 - n_items - n_factors) // 2


def most_factors(n_items: int) -> int:
    """Return the largest number of factors that leaves no negative degrees of freedom.

    Examples
    --------
    >>> most_factors(9), most_factors(3)
    (5, 1)
    """
    found = [m for m in range(1, n_items) if degrees_of_freedom(n_items, m) >= 0]
    return max(found, default=0)


def extract(correlation: FloatArray, n_factors: int, method: str = "ml") -> Extraction:
    """Extract factors from correlation matrices.

    Parameters
    ----------
    correlation : ndarray, shape (replicate, p, p)
        Positive definite for ``ml``.
    n_factors : int
        m.
    method : {"ml", "minres", "uls", "pa"}
        Maximum likelihood; least squares of the residuals (``minres`` and ``uls`` are the same);
        principal axes, iterated until the communalities stand still.

    Raises
    ------
    DataError
        An unknown method, no factor, or more than the degrees of freedom allow.

    Examples
    --------
    >>> r = np.full((4, 4), 0.49) + 0.51 * np.eye(4)
    >>> extract(r[None], 1).loadings[0, :, 0].round(6).tolist()
    [0.7, 0.7, 0.7, 0.7]
    """
    check_option("method", method, METHODS)
    p = correlation.shape[-1]
    if not 1 <= n_factors <= most_factors(p):
        raise DataError(
            f"n_factors={n_factors} can't be had from {p} items: their correlations carry "
            f"{most_factors(p)} factors at most, and at least one is needed."
        )
    if method == "pa":
        return principal_axes(correlation, n_factors)
    likely = method == "ml"
    objective = likelihood_objective if likely else residual_objective
    lower = float(np.log(LOWEST_UNIQUENESS)) if likely else LOWEST_UNIQUENESS
    start = start_uniquenesses(correlation, n_factors)
    begin = np.log(start) if likely else start
    point, value, converged = bounded_newton(objective, correlation, begin, lower, n_factors)
    doubtful = ~converged | (point <= lower).any(axis=-1)
    if doubtful.any():
        # A Heywood case can be a minimum among others: look from elsewhere, keep the lowest.
        for level in OTHER_STARTS:
            other = np.full((int(doubtful.sum()), p), np.log(level) if likely else level)
            again = bounded_newton(objective, correlation[doubtful], other, lower, n_factors)
            better = again[2] & ((again[1] < value[doubtful] - GRADIENT) | ~converged[doubtful])
            at = np.flatnonzero(doubtful)[better]
            point[at], value[at], converged[at] = again[0][better], again[1][better], True
    unique = np.exp(point) if likely else point
    loadings = (likelihood_loadings if likely else residual_loadings)(
        correlation, unique, n_factors
    )
    return Extraction(turned(loadings), unique, converged, point <= lower)


def start_uniquenesses(correlation: FloatArray, n_factors: int) -> FloatArray:
    """Return Jöreskog's start: a share of what the other items don't explain, (replicate, p)."""
    values, vectors = np.linalg.eigh(correlation)
    inverse = np.einsum("rij,rj->ri", vectors**2, 1 / np.maximum(values, 1e-4))
    p = correlation.shape[-1]
    share = (1 - n_factors / (2 * p)) / inverse
    return np.asarray(np.clip(share, 2 * LOWEST_UNIQUENESS, 0.99))


def bounded_newton(
    objective: Callable[[FloatArray, FloatArray, int], Objective],
    correlation: FloatArray,
    start: FloatArray,
    lower: float,
    n_factors: int,
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Minimise an objective above a lower bound, all replicates in step.

    Returns
    -------
    point : ndarray, shape (replicate, p)
    value : ndarray, shape (replicate,)
    converged : ndarray of bool, shape (replicate,)
    """
    point, active = start.copy(), np.arange(len(start))
    now = objective(correlation, point, n_factors)
    value = now.value.copy()
    converged = np.zeros(len(start), dtype=bool)
    x, share = point.copy(), np.ones(len(start))
    for _ in range(MAX_STEPS):
        free = (x > lower) | (now.gradient < 0)
        done = np.abs(np.where(free, now.gradient, 0.0)).max(axis=-1) < GRADIENT
        if done.any():
            point[active[done]], value[active[done]] = x[done], now.value[done]
            converged[active[done]] = True
            left = ~done
            active, x, share, free = active[left], x[left], share[left], free[left]
            now = Objective(now.value[left], now.gradient[left], now.hessian[left])
        if not len(active):
            return point, value, converged
        step = newton_direction(now, free)
        trial = np.maximum(x + share[:, None] * step, lower)
        then = objective(correlation[active], trial, n_factors)
        fall = SUFFICIENT_FALL * (now.gradient * (trial - x)).sum(axis=-1)
        accept = then.value <= now.value + fall + 1e-15 * (1 + now.value)
        x = np.where(accept[:, None], trial, x)
        now = Objective(
            np.where(accept, then.value, now.value),
            np.where(accept[:, None], then.gradient, now.gradient),
            np.where(accept[:, None, None], then.hessian, now.hessian),
        )
        share = np.where(accept, np.minimum(1.0, 4 * share), share / 4)
    point[active], value[active] = x, now.value
    return point, value, converged


def newton_direction(now: Objective, free: BoolArray) -> FloatArray:
    """Return Newton's step over the free variables, downhill where the objective is not convex."""
    both = free[:, :, None] & free[:, None, :]
    fixed = ~free[:, :, None] * np.eye(free.shape[-1])
    hessian = np.where(both, now.hessian, 0.0) + fixed
    slope = np.where(free, now.gradient, 0.0)
    try:
        np.linalg.cholesky(hessian)
        return np.asarray(-np.linalg.solve(hessian, slope[:, :, None])[:, :, 0])
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(hessian)
    size = np.maximum(np.abs(values), 1e-3 * np.abs(values).max(axis=-1, keepdims=True))
    along = np.einsum("rij,ri->rj", vectors, slope) / size
    return np.where(free, -np.einsum("rij,rj->ri", vectors, along), 0.0)


def likelihood_loadings(correlation: FloatArray, unique: FloatArray, n_factors: int) -> FloatArray:
    """Return the loadings that maximise the likelihood at given uniquenesses."""
    root = np.sqrt(unique)
    theta, omega = eigen_descending(correlation / (root[:, :, None] * root[:, None, :]))
    size = np.sqrt(np.maximum(theta[:, None, :n_factors] - 1, 0.0))
    return np.asarray(root[:, :, None] * omega[:, :, :n_factors] * size)


def residual_loadings(correlation: FloatArray, unique: FloatArray, n_factors: int) -> FloatArray:
    """Return the loadings that minimise the residuals at given uniquenesses."""
    gamma, v = eigen_descending(correlation - unique[:, :, None] * np.eye(unique.shape[-1]))
    return np.asarray(v[:, :, :n_factors] * np.sqrt(np.maximum(gamma[:, None, :n_factors], 0.0)))


def principal_axes(correlation: FloatArray, n_factors: int) -> Extraction:
    """Iterate principal axes from squared multiple correlations until nothing moves."""
    unique = start_uniquenesses(correlation, 0)
    active = np.arange(len(correlation))
    converged = np.zeros(len(correlation), dtype=bool)
    for _ in range(AXES_STEPS):
        loadings = residual_loadings(correlation[active], unique[active], n_factors)
        new = 1 - (loadings**2).sum(axis=-1)
        still = np.abs(new - unique[active]).max(axis=-1) < AXES_CHANGE
        unique[active] = new
        converged[active[still]] = True
        active = active[~still]
        if not len(active):
            break
    loadings = residual_loadings(correlation, unique, n_factors)
    return Extraction(turned(loadings), unique, converged, unique <= 0)


def turned(loadings: FloatArray) -> FloatArray:
    """Turn each column so that it adds up to a positive number."""
    return np.asarray(loadings * np.where(loadings.sum(axis=-2, keepdims=True) < 0, -1.0, 1.0))


def implied_correlation(
    loadings: FloatArray,
    uniquenesses: FloatArray,
    factor_correlations: FloatArray | None = None,
) -> FloatArray:
    """Return ``L Phi L' + Psi``, shape (..., p, p)."""
    weighted = loadings if factor_correlations is None else loadings @ factor_correlations
    common = weighted @ np.swapaxes(loadings, -1, -2)
    return np.asarray(common + uniquenesses[..., :, None] * np.eye(loadings.shape[-2]))


def likelihood_discrepancy(correlation: FloatArray, implied: FloatArray) -> FloatArray:
    """Return ``log|S| - log|R| + tr(R S^-1) - p``, shape (...); NaN where a matrix isn't positive.

    References
    ----------
    Jöreskog (1967): see :mod:`psychometrics.stats.efa_objectives`.
    """
    sign, log_implied = np.linalg.slogdet(implied)
    sign_own, log_own = np.linalg.slogdet(correlation)
    spread = np.trace(np.linalg.solve(implied, correlation), axis1=-2, axis2=-1)
    value = log_implied - log_own + spread - correlation.shape[-1]
    return np.where((sign > 0) & (sign_own > 0), np.maximum(value, 0.0), np.nan)


def bartlett_multiplier(n: float, n_items: int, n_factors: int) -> float:
    """Return what multiplies the discrepancy in Bartlett's chi-square.

    ``n - 1 - (2p + 5) / 6 - 2m / 3``, as R's factanal and psych::fa have it.

    References
    ----------
    Bartlett, M. S. (1950). Tests of significance in factor analysis. British Journal of
    Statistical Psychology, 3, 77-85. doi:10.1111/j.2044-8317.1950.tb00285.x

    Examples
    --------
    >>> round(bartlett_multiplier(301, 9, 3), 3)
    294.167
    """
    return n - 1 - (2 * n_items + 5) / 6 - 2 * n_factors / 3
