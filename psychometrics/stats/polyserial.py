"""Correlations of continuous variables with ordinal items and with each other, in two steps.

Means, variances and thresholds come from each variable's own values; a correlation is then the most
likely one at these, over the people who have both. With complete rows that of two continuous
variables is Pearson's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import special

from psychometrics.stats.bivariate_normal import normal_density
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.stats.pair_solver import BOUNDARY, STEP_TOLERANCE

MAX_STEPS = 60
TINY = 1e-300
# Entries (rows x continuous x ordinal) of one block of rows.
BLOCK_ENTRIES = 2**18


@dataclass(frozen=True, slots=True)
class MixedRows:
    """Rows of one group: continuous variables beside ordinal items.

    Attributes
    ----------
    z : ndarray, shape (n, c)
        Standardised by mean and standard deviation; 0 where missing.
    has_z : ndarray of bool, shape (n, c)
    codes : ndarray of int, shape (n, o)
        Categories of the ordinal items; K where missing.
    limits : ndarray, shape (o, K + 1)
        Thresholds between minus and plus infinity.
    weights : ndarray, shape (n,)
        Case weights, 1 by default.
    """

    z: FloatArray
    has_z: BoolArray
    codes: IntArray
    limits: FloatArray
    weights: FloatArray

    def blocks(self) -> Iterator[slice]:
        """Yield slices of rows that are worked on together."""
        size = max(1, BLOCK_ENTRIES // max(1, self.z.shape[1] * self.codes.shape[1]))
        for start in range(0, len(self.z), size):
            yield slice(start, start + size)


def with_infinite_ends(thresholds: FloatArray) -> FloatArray:
    """Put the thresholds of items, (..., o, K - 1), between minus and plus infinity."""
    end = np.full((*thresholds.shape[:-1], 1), np.inf)
    return np.concatenate([-end, thresholds, end], axis=-1)


@dataclass(frozen=True, slots=True)
class SerialCells:
    """Each person's conditional probability of the answer given, and what its slopes need.

    All have shape (n, c, o); `upper` and `lower` are densities at the ends of the category, given
    the continuous variable.

    Attributes
    ----------
    seen : ndarray
        1 where both were observed, else 0.
    probability : ndarray
        Of the answer, given the continuous variable.
    upper, lower : ndarray
        Densities at the ends.
    change, second : ndarray
        First and second derivative of the probability by the correlation.
    """

    seen: FloatArray
    probability: FloatArray
    upper: FloatArray
    lower: FloatArray
    change: FloatArray
    second: FloatArray


def serial_cells(rows: MixedRows, block: slice, r: FloatArray) -> SerialCells:
    """Return the conditional probabilities of a block of rows at correlations `r`, (c, o)."""
    codes = rows.codes[block]
    k = rows.limits.shape[1] - 1
    answered = codes < k
    at = np.where(answered, codes, 0)
    item = np.arange(codes.shape[1])
    seen = (rows.has_z[block][:, :, None] & answered[:, None, :]).astype(float)
    z = rows.z[block][:, :, None]
    s = np.sqrt((1 - r) * (1 + r))
    ends = []
    for limit in (rows.limits[item, at][:, None, :], rows.limits[item, at + 1][:, None, :]):
        u = (limit - r * z) / s
        height = normal_density(u)
        finite = np.where(np.isfinite(limit), limit, 0.0)
        u_finite = np.where(np.isfinite(limit), u, 0.0)
        v = (finite * r - z) / s**3
        w = finite / s**3 + 3 * r * v / s**2
        ends.append((u, height, height * v, height * (w - u_finite * v**2)))
    (u0, low, change0, second0), (u1, high, change1, second1) = ends
    # Differences of small tails keep their digits: above the mean they are taken from above.
    above = u0 > 0
    probability = special.ndtr(np.where(above, -u0, u1)) - special.ndtr(np.where(above, -u1, u0))
    probability = np.maximum(probability, TINY)
    return SerialCells(seen, probability, high, low, change1 - change0, second1 - second0)


@dataclass(frozen=True, slots=True)
class PolyserialSolved:
    """Polyserial correlations, shape (c, o), with what became of the search."""

    correlation: FloatArray
    converged: BoolArray
    boundary: BoolArray


def solve_polyserial(rows: MixedRows) -> PolyserialSolved:
    """Find the correlations of all continuous with all ordinal variables of one group.

    References
    ----------
    Olsson, U., Drasgow, F., & Dorans, N. J. (1982). The polyserial correlation coefficient.
    Psychometrika, 47, 337-347. doi:10.1007/BF02294164
    """
    r, known = _serial_start(rows)
    low, high = np.full(r.shape, -BOUNDARY), np.full(r.shape, BOUNDARY)
    done, boundary = ~known, np.zeros(r.shape, dtype=bool)
    for _ in range(MAX_STEPS):
        if done.all():
            break
        score, curvature, squares = _serial_slopes(rows, r)
        rising = score > 0
        at_end = ~done & (np.abs(r) >= BOUNDARY) & (rising == (r > 0))
        low, high = np.where(rising, r, low), np.where(rising, high, r)
        concave = curvature < 0
        new = r + score / np.where(concave, -curvature, np.maximum(squares, TINY))
        middle = (low + high) / 2
        new = np.where(new > high, np.where(high == BOUNDARY, high, middle), new)
        new = np.where(new < low, np.where(low == -BOUNDARY, low, middle), new)
        small = concave & (np.abs(new - r) < STEP_TOLERANCE * (1 - r) * (1 + r))
        r = np.where(done | at_end, r, new)
        boundary |= at_end
        done = done | at_end | small
    return PolyserialSolved(np.where(known, r, np.nan), known & done, boundary)


def _serial_slopes(rows: MixedRows, r: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return score, curvature and the sum of squared scores of the log-likelihoods, (c, o)."""
    score, curvature, squares = (np.zeros(r.shape) for _ in range(3))
    for block in rows.blocks():
        cells = serial_cells(rows, block, r)
        weight = cells.seen * rows.weights[block][:, None, None]
        ratio = cells.change / cells.probability
        square = weight * ratio**2
        score += (weight * ratio).sum(axis=0)
        squares += square.sum(axis=0)
        curvature += (weight * cells.second / cells.probability - square).sum(axis=0)
    return score, curvature, squares


def _serial_start(rows: MixedRows) -> tuple[FloatArray, BoolArray]:
    """Return first guesses from the correlation with the codes, and where there can be one.

    Olsson, Drasgow and Dorans' ad hoc estimate: the point-polyserial correlation times the codes'
    standard deviation over the sum of the densities at the thresholds.
    """
    k = rows.limits.shape[1] - 1
    answered = rows.codes < k
    has_z, has_code = rows.has_z * rows.weights[:, None], answered.astype(float)
    code = np.where(answered, rows.codes, 0).astype(float)
    z = rows.z * rows.weights[:, None]
    n = has_z.T @ has_code
    size = np.where(n > 0, n, 1.0)
    mean_z, mean_code = z.T @ has_code / size, has_z.T @ code / size
    var_z = (z * rows.z).T @ has_code / size - mean_z**2
    product = z.T @ code / size - mean_z * mean_code
    height = normal_density(rows.limits).sum(axis=1)
    known = (n > 0) & (height > 0) & _varies(rows)[:, None]
    scale = np.sqrt(np.maximum(var_z, 1e-12)) * np.where(height > 0, height, 1.0)
    return np.where(known, np.clip(product / scale, -0.9, 0.9), 0.0), known


def _varies(rows: MixedRows) -> BoolArray:
    """Tell which continuous variables vary."""
    return np.asarray((rows.z != 0).any(axis=0))


def solve_pearson(rows: MixedRows) -> FloatArray:
    """Return the correlations of the continuous variables, (c, c).

    The most likely one at given means and variances solves
    r (1 - r^2) + s12 (1 + r^2) - r (s11 + s22) = 0, with the moments of the people who have both;
    NaN where a variable does not vary or nobody has both.
    """
    seen = rows.has_z.astype(float)
    weighted = seen * rows.weights[:, None]
    n = weighted.T @ seen
    with np.errstate(invalid="ignore", divide="ignore"):
        product = (rows.z * rows.weights[:, None]).T @ rows.z / n
        own = (rows.z**2 * rows.weights[:, None]).T @ seen / n
    both = own + own.T
    known = (n > 0) & _varies(rows)[:, None] & _varies(rows)
    product, both = np.where(known, product, 0.0), np.where(known, both, 2.0)
    low, high = np.full(n.shape, -1.0), np.full(n.shape, 1.0)
    r = np.clip(product, -BOUNDARY, BOUNDARY)
    for _ in range(MAX_STEPS):
        value = r * (1 - r**2) + product * (1 + r**2) - r * both
        low, high = np.where(value > 0, r, low), np.where(value > 0, high, r)
        rise = 1 - 3 * r**2 + 2 * r * product - both
        step = np.divide(-value, rise, out=np.zeros_like(value), where=rise < 0)
        new = r + step
        inside = (rise < 0) & (new > low) & (new < high)
        new = np.where(inside | (value == 0), np.where(value == 0, r, new), (low + high) / 2)
        if np.all(np.abs(new - r) < 1e-14):
            break
        r = new
    np.fill_diagonal(r, 1.0)
    return np.where(known, r, np.nan)
