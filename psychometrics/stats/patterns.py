"""Rows with missing values, reduced to one set of moments for each pattern of missingness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psychometrics.errors import DataError
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray

EM_STEPS = 2000
EM_GAP = 1e-9


@dataclass(frozen=True, slots=True)
class Patterns:
    """Moments of the rows that share a pattern of missing values, for one group.

    Attributes
    ----------
    observed : ndarray of bool, shape (pattern, p)
        Which variables a pattern has.
    n : ndarray, shape (pattern,)
        Sum of the weights of its rows.
    mean : ndarray, shape (pattern, p)
        Means; 0 where missing.
    covariance : ndarray, shape (pattern, p, p)
        About the pattern's own mean, denominator n; 0 where missing.
    member : ndarray of int, shape (row,)
        Pattern of each row; -1 for a row without any value.
    missing_sets : tuple of (ndarray of int, ndarray of int)
        Patterns batched by the number missing: their indices (k,) and the missing variables
        (k, count).
    """

    observed: BoolArray
    n: FloatArray
    mean: FloatArray
    covariance: FloatArray
    member: IntArray
    missing_sets: tuple[tuple[IntArray, IntArray], ...]


def find_patterns(rows: FloatArray, weights: FloatArray | None = None) -> Patterns:
    """Reduce rows to patterns; a row without any value belongs to none.

    Parameters
    ----------
    rows : ndarray, shape (n, p)
        NaN where missing.
    weights : ndarray, shape (n,), optional
        Case weights.

    Raises
    ------
    DataError
        If no row has a value.
    """
    seen = ~np.isnan(rows)
    some = seen.any(axis=1)
    if not some.any():
        raise DataError("No row has a value on any of the variables.")
    packed = np.packbits(seen[some], axis=1)
    _, first, inverse = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    inverse = inverse.reshape(-1)
    observed = seen[some][first]
    weight = np.ones(int(some.sum())) if weights is None else weights[some]
    x = np.where(seen[some], rows[some], 0.0)
    order = np.argsort(inverse, kind="stable")
    starts = np.flatnonzero(np.diff(inverse[order], prepend=-1))
    x, w = x[order], weight[order][:, None]
    n = np.add.reduceat(w[:, 0], starts)
    mean = np.add.reduceat(w * x, starts) / np.where(n > 0, n, 1.0)[:, None]
    member = np.full(len(rows), -1, dtype=np.int64)
    member[some] = inverse
    centred = (x - mean[inverse[order]]) * observed[inverse[order]]
    p = rows.shape[1]
    covariance = np.zeros((len(n), p, p))
    low, high = np.tril_indices(p)
    products = np.add.reduceat(w * centred[:, low] * centred[:, high], starts)
    products /= np.where(n > 0, n, 1.0)[:, None]
    covariance[:, low, high] = covariance[:, high, low] = products
    return Patterns(observed, n, mean, covariance, member, batch_by_missing(observed))


def batch_by_missing(observed: BoolArray) -> tuple[tuple[IntArray, IntArray], ...]:
    """Group patterns by how many variables they lack."""
    lacking = (~observed).sum(axis=1)
    sets = []
    for count in np.unique(lacking):
        index = np.flatnonzero(lacking == count)
        _, columns = np.nonzero(~observed[index])
        sets.append((index, columns.reshape(len(index), int(count))))
    return tuple(sets)


def pattern_precisions(
    patterns: Patterns, precision: FloatArray, log_determinant: float
) -> tuple[FloatArray, FloatArray]:
    """Return inverse and log-determinant of each pattern's part of a covariance matrix.

    The inverse over the observed variables is ``K - K_.m K_mm^-1 K_m.``, zero where missing: only
    a small matrix is inverted for each pattern.

    Returns
    -------
    inverse : ndarray, shape (pattern, p, p)
    log_determinant : ndarray, shape (pattern,)
    """
    p = len(precision)
    count = len(patterns.n)
    inverse = np.broadcast_to(precision, (count, p, p)).copy()
    logs = np.full(count, log_determinant)
    for index, columns in patterns.missing_sets:
        if columns.shape[1] == 0:
            continue
        beside = precision[:, columns].transpose(1, 0, 2)  # (k, p, count)
        block = np.take_along_axis(beside, columns[:, :, None], axis=1)
        solved = np.linalg.solve(block, np.swapaxes(beside, 1, 2))
        inverse[index] -= beside @ solved
        logs[index] += np.linalg.slogdet(block)[1]
    both = patterns.observed[:, :, None] & patterns.observed[:, None, :]
    return inverse * both, logs


@dataclass(frozen=True, slots=True)
class Saturated:
    """Maximum likelihood mean and covariance of incomplete rows.

    Attributes
    ----------
    mean : ndarray, shape (p,)
    covariance : ndarray, shape (p, p)
    log_likelihood : float
    converged : bool
    """

    mean: FloatArray
    covariance: FloatArray
    log_likelihood: float
    converged: bool


def pattern_log_likelihood(
    patterns: Patterns, mean: FloatArray, inverse: FloatArray, logs: FloatArray
) -> float:
    """Return the normal log-likelihood of the observed values."""
    gap = (patterns.mean - mean) * patterns.observed
    spread = patterns.covariance + gap[:, :, None] * gap[:, None, :]
    fit = logs + np.einsum("kij,kij->k", inverse, spread)
    size = patterns.observed.sum(axis=1) * np.log(2 * np.pi)
    return float(-0.5 * (patterns.n * (fit + size)).sum())


def saturated_moments(patterns: Patterns) -> Saturated:
    """Estimate mean and covariance by the EM algorithm, sped up by extrapolation.

    References
    ----------
    Dempster, A. P., Laird, N. M., & Rubin, D. B. (1977). Maximum likelihood from incomplete data
    via the EM algorithm. Journal of the Royal Statistical Society B, 39, 1-38.
    Varadhan, R., & Roland, C. (2008). Simple and globally convergent methods for accelerating the
    convergence of any EM algorithm. Scandinavian Journal of Statistics, 35, 335-353.
    doi:10.1111/j.1467-9469.2007.00585.x
    """
    mean, covariance = available_moments(patterns)
    last = -np.inf
    value = -np.inf
    for _ in range(EM_STEPS):
        one, value = em_step(patterns, mean, covariance)
        if abs(value - last) < EM_GAP * (1 + abs(value) * 1e-6):
            return Saturated(mean, covariance, value, True)
        two, last = em_step(patterns, *one)
        mean, covariance = extrapolate((mean, covariance), one, two)
    return Saturated(mean, covariance, value, False)


def available_moments(patterns: Patterns) -> tuple[FloatArray, FloatArray]:
    """Return means and variances of the available values, uncorrelated: a start."""
    n = (patterns.n[:, None] * patterns.observed).sum(axis=0)
    mean = (patterns.n[:, None] * patterns.mean).sum(axis=0) / np.where(n > 0, n, 1.0)
    gap = (patterns.mean - mean) * patterns.observed
    own = np.diagonal(patterns.covariance, axis1=1, axis2=2) + gap**2
    variance = (patterns.n[:, None] * own).sum(axis=0) / np.where(n > 0, n, 1.0)
    return mean, np.diag(variance)


Pair = tuple[FloatArray, FloatArray]


def em_step(patterns: Patterns, mean: FloatArray, covariance: FloatArray) -> tuple[Pair, float]:
    """Return the next mean and covariance, and the log-likelihood at the given ones.

    The expected sufficient statistics are those of ``x_hat = mu + Sigma K_p (x - mu)`` plus the
    conditional covariance ``Sigma - Sigma K_p Sigma``.
    """
    log_determinant = float(np.linalg.slogdet(covariance)[1])
    precision = np.asarray(np.linalg.inv(covariance), dtype=float)
    inverse, logs = pattern_precisions(patterns, precision, log_determinant)
    value = pattern_log_likelihood(patterns, mean, inverse, logs)
    gap = (patterns.mean - mean) * patterns.observed
    spread = patterns.covariance + gap[:, :, None] * gap[:, None, :]
    n = patterns.n
    weighted = n[:, None, None] * (inverse @ spread @ inverse - inverse)
    pull = weighted.sum(axis=0)
    push = (n[:, None] * (inverse @ gap[..., None])[..., 0]).sum(axis=0)
    total = n.sum()
    shift = covariance @ push / total
    new = covariance + covariance @ pull @ covariance / total - np.outer(shift, shift)
    return (mean + shift, (new + new.T) / 2), value


def extrapolate(start: Pair, one: Pair, two: Pair) -> Pair:
    """Jump along two EM steps; fall back to the second where the jump leaves the matrices."""
    first = [b - a for a, b in zip(start, one, strict=True)]
    second = [c - 2 * b + a for a, b, c in zip(start, one, two, strict=True)]
    size = np.sqrt(sum(float((r**2).sum()) for r in first))
    turn = np.sqrt(sum(float((v**2).sum()) for v in second))
    if turn < 1e-14 or size < turn:
        return two
    step = -size / turn
    mean, covariance = (
        a - 2 * step * r + step**2 * v for a, r, v in zip(start, first, second, strict=True)
    )
    try:
        np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        return two
    return mean, covariance
