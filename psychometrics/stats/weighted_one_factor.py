"""One factor of correlations by (diagonally) weighted least squares, for many matrices at once.

With all thresholds free, diagonally weighted least squares of ordinal items leaves the thresholds
where they are, so that its loadings are the ones that minimise the weighted squared residuals of
the correlations alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psychometrics.stats.moments import BoolArray, FloatArray
from psychometrics.stats.one_factor import start_loadings

GRADIENT = 1e-10
MAX_STEPS = 200


@dataclass(frozen=True, slots=True)
class WeightedFactor:
    """Loadings on one factor of variance 1.

    Attributes
    ----------
    loadings : ndarray, shape (replicate, p)
        Adding up to a positive number; NaN where correlations are unknown.
    converged : ndarray of bool, shape (replicate,)
    improper : ndarray of bool, shape (replicate, p)
        Loadings above 1 in size, which leave a negative residual variance.
    """

    loadings: FloatArray
    converged: BoolArray
    improper: BoolArray


def weighted_one_factor(
    correlation: FloatArray, weights: FloatArray | None = None
) -> WeightedFactor:
    """Fit one factor to correlations.

    Parameters
    ----------
    correlation : ndarray, shape (replicate, p, p)
    weights : ndarray, shape (p, p) or (replicate, p, p), optional
        Of each squared residual, such as one over the sampling variance of the correlation; equal
        by default.

    References
    ----------
    Muthén, B., du Toit, S. H. C., & Spisic, D. (1997). Robust inference using weighted least
    squares and quadratic estimating equations in latent variable modeling with categorical and
    continuous outcomes.

    Examples
    --------
    >>> r = np.full((4, 4), 0.49) + 0.51 * np.eye(4)
    >>> weighted_one_factor(r[None]).loadings[0].round(6).tolist()
    [0.7, 0.7, 0.7, 0.7]
    """
    p = correlation.shape[-1]
    known = np.asarray(np.isfinite(correlation).all(axis=(-2, -1)))
    safe = np.where(known[:, None, None], correlation, np.eye(p))
    weight = np.ones((p, p)) if weights is None else np.asarray(weights, dtype=float)
    weight = np.array(np.broadcast_to(weight, safe.shape))
    weight[:, np.arange(p), np.arange(p)] = 0.0
    weight /= weight.mean(axis=(-2, -1), keepdims=True)
    found, converged = _minimize(safe, weight)
    found = np.where(found.sum(axis=-1, keepdims=True) < 0, -found, found)
    found = np.where(known[:, None], found, np.nan)
    return WeightedFactor(found, converged & known, np.abs(found) > 1)


def _minimize(correlation: FloatArray, weight: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Return where Levenberg and Marquardt's steps end, and whether the gradient is 0 there."""
    found = start_loadings(correlation)
    done = np.zeros(len(found), dtype=bool)
    active, damping = np.arange(len(found)), np.full(len(found), 1e-3)
    x, r, w = found, correlation, weight
    value, slope, bend = _derivatives(x, r, w)
    eye = np.eye(found.shape[-1])
    for _ in range(MAX_STEPS):
        ended = np.abs(slope).max(axis=-1) < GRADIENT
        if ended.any():
            found[active[ended]], done[active[ended]] = x[ended], True
            left = ~ended
            active, x, r, w, damping = (part[left] for part in (active, x, r, w, damping))
            value, slope, bend = value[left], slope[left], bend[left]
        if not len(active):
            break
        # Damped until it is positive definite, a step goes down.
        lowest = np.linalg.eigvalsh(bend)[:, 0]
        size = damping + np.maximum(-1.01 * lowest, 0.0)
        trial = x - np.linalg.solve(bend + size[:, None, None] * eye, slope[..., None])[..., 0]
        new = _derivatives(trial, r, w)
        accept = new[0] <= value + 1e-15
        x = np.where(accept[:, None], trial, x)
        value = np.where(accept, new[0], value)
        slope = np.where(accept[:, None], new[1], slope)
        bend = np.where(accept[:, None, None], new[2], bend)
        damping = np.clip(np.where(accept, damping / 10, damping * 10), 1e-14, 1e10)
    found[active] = x
    return found, done


def _derivatives(
    x: FloatArray, correlation: FloatArray, weight: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return a quarter of the weighted squared residuals, its gradient and Hessian."""
    product = x[:, :, None] * x[:, None, :]
    residual = weight * (correlation - product)
    slope = -(residual @ x[..., None])[..., 0]
    bend = weight * product - residual
    own = np.arange(x.shape[-1])
    bend[:, own, own] += (weight @ (x**2)[..., None])[..., 0]
    value = 0.25 * (residual * (correlation - product)).sum(axis=(-2, -1))
    return value, slope, bend
