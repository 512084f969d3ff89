"""The likelihood of a polychoric correlation given the thresholds, for many tables at once.

A table has a row of thresholds for each of its two items and counts of their answers. The cells'
probabilities are differences of Phi2 at the four corners; their derivatives by the correlation are
differences of the bivariate density.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from psychometrics.stats.bivariate_normal import (
    density_and_slope,
    distribution,
    far_quadrant,
    increment,
)
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray

# Below this a cell's probability has lost its digits to subtraction and is integrated anew.
FAR = 1e-8
# A far quadrant's integral is good from this correlation and this squared distance on.
FAR_CORRELATION, FAR_DISTANCE = 0.3, 20.0
TINY = 1e-300

# Up to here the path of integration from 0 needs 16 nodes, and a step of this angle 6.
PATH_LIMIT, STEP_LIMIT = 0.9, 0.1
PATH_NODES, STEP_NODES = 16, 6


@dataclass(frozen=True, slots=True)
class Tables:
    """Some tables with the thresholds of their items.

    Attributes
    ----------
    counts : ndarray, shape (table, K, K)
    row, column : ndarray, shape (table, K - 1)
        Thresholds, infinite where a category is not used.
    """

    counts: FloatArray
    row: FloatArray
    column: FloatArray

    def take(self, index: IntArray | BoolArray | slice) -> Tables:
        """Return some of the tables."""
        return Tables(self.counts[index], self.row[index], self.column[index])


def cell_differences(corners: FloatArray) -> FloatArray:
    """Turn values at the corners, (..., K + 1, K + 1), into those of the cells, (..., K, K)."""
    strips = corners[..., 1:, :] - corners[..., :-1, :]
    return np.asarray(strips[..., 1:] - strips[..., :-1])


def bordered(inner: FloatArray) -> FloatArray:
    """Put zeros around values at thresholds, (..., K - 1, K - 1): they are 0 at infinity."""
    *lead, rows, columns = inner.shape
    out = np.zeros((*lead, rows + 2, columns + 2))
    out[..., 1:-1, 1:-1] = inner
    return out


def corner_distribution(tables: Tables, inner: FloatArray) -> FloatArray:
    """Add the margins to Phi2 at the thresholds: (table, K + 1, K + 1)."""
    out = bordered(inner)
    out[:, 1:-1, -1] = special.ndtr(tables.row)
    out[:, -1, 1:-1] = special.ndtr(tables.column)
    out[:, -1, -1] = 1.0
    return out


def inner_distribution(tables: Tables, r: FloatArray) -> FloatArray:
    """Return Phi2 at all pairs of thresholds, (table, K - 1, K - 1).

    Integrating from independence is faster; where the correlation is large it needs Owen's T.
    """
    independent = special.ndtr(tables.row)[:, :, None] * special.ndtr(tables.column)[:, None, :]
    near = np.abs(r) <= PATH_LIMIT
    found = independent + moved(tables, np.zeros_like(r), np.where(near, r, 0.0), PATH_NODES)
    if not near.all():
        far = np.flatnonzero(~near)
        found[far] = distribution(
            tables.row[far, :, None], tables.column[far, None, :], r[far, None, None]
        )
    return found


def moved(tables: Tables, start: FloatArray, stop: FloatArray, nodes: int) -> FloatArray:
    """Return how much Phi2 at the thresholds changes with the correlation."""
    row, column = tables.row[:, :, None], tables.column[:, None, :]
    finite = np.isfinite(row) & np.isfinite(column)
    if finite.all():
        return increment(row, column, start[:, None, None], stop[:, None, None], nodes)
    row = np.where(np.isfinite(row), row, 0.0)
    column = np.where(np.isfinite(column), column, 0.0)
    change = increment(row, column, start[:, None, None], stop[:, None, None], nodes)
    return np.where(finite, change, 0.0)


def stepped_distribution(
    tables: Tables, inner: FloatArray, start: FloatArray, stop: FloatArray
) -> FloatArray:
    """Return Phi2 at the thresholds after a step of the correlation from `start`."""
    wide = np.abs(np.arcsin(stop) - np.arcsin(start)) > STEP_LIMIT
    wide |= np.maximum(np.abs(start), np.abs(stop)) > PATH_LIMIT
    found = inner + moved(tables, start, np.where(wide, start, stop), STEP_NODES)
    if wide.any():
        found[wide] = inner_distribution(tables.take(wide), stop[wide])
    return found


def cell_probabilities(tables: Tables, inner: FloatArray, r: FloatArray) -> FloatArray:
    """Return the cells' probabilities, (table, K, K), with the digits of small ones restored.

    Only cells with answers are restored: the others have no part in the likelihood.
    """
    found = cell_differences(corner_distribution(tables, inner))
    table, a, b = np.nonzero((tables.counts > 0) & (found < FAR))
    if len(table):
        ends = np.full((len(table), 1), np.inf)
        rows = np.concatenate([-ends, tables.row[table], ends], axis=1)
        columns = np.concatenate([-ends, tables.column[table], ends], axis=1)
        at = np.arange(len(table))
        found[table, a, b] = _far_cells(
            (rows[at, a], rows[at, a + 1]),
            (columns[at, b], columns[at, b + 1]),
            r[table],
            found[table, a, b],
        )
    return found


Range = tuple[FloatArray, FloatArray]


def _far_cells(x: Range, y: Range, r: FloatArray, otherwise: FloatArray) -> FloatArray:
    """Return probabilities of cells far from the line that the correlation points along."""
    turned = r < 0
    y = (np.where(turned, -y[1], y[0]), np.where(turned, -y[0], y[1]))
    r = np.abs(r)
    # X and Y exchange their parts where the cell lies below the line instead of above.
    below = x[0] >= y[1]
    (x0, x1), (y0, y1) = (
        tuple(np.where(below, b, a) for a, b in zip(x, y, strict=True)),
        tuple(np.where(below, a, b) for a, b in zip(x, y, strict=True)),
    )
    with np.errstate(invalid="ignore"):
        distance = np.where(y0 > x1, (y0 - x1) ** 2 / ((1 - r) * (1 + r)), 0.0)
    usable = (r >= FAR_CORRELATION) & (distance >= FAR_DISTANCE) & np.isfinite(distance)
    found = np.where(usable, 0.0, np.maximum(otherwise, TINY))
    for h, k, sign in ((x1, y0, 1), (x0, y0, -1), (x1, y1, -1), (x0, y1, 1)):
        some = usable & np.isfinite(h) & np.isfinite(k)
        found[some] += sign * far_quadrant(h[some], k[some], r[some])
    return np.maximum(found, TINY)


@dataclass(frozen=True, slots=True)
class Slopes:
    """First and second derivative of the log-likelihoods, shape (table,), and cells' parts.

    Attributes
    ----------
    score, curvature : ndarray, shape (table,)
    probability, change : ndarray, shape (table, K, K)
        Of the cells; `change` is the derivative by the correlation.
    """

    score: FloatArray
    curvature: FloatArray
    probability: FloatArray
    change: FloatArray


def slopes(tables: Tables, inner: FloatArray, r: FloatArray) -> Slopes:
    """Return the derivatives of the log-likelihoods by the correlation."""
    at, bend = density_and_slope(
        tables.row[:, :, None], tables.column[:, None, :], r[:, None, None]
    )
    change, second = cell_differences(bordered(at)), cell_differences(bordered(bend))
    probability = cell_probabilities(tables, inner, r)
    safe = np.where(tables.counts > 0, probability, 1.0)
    ratio = change / safe
    score = (tables.counts * ratio).sum(axis=(1, 2))
    curvature = (tables.counts * (second / safe - ratio**2)).sum(axis=(1, 2))
    return Slopes(score, curvature, probability, change)


def information(tables: Tables, found: Slopes) -> FloatArray:
    """Return the expected information: always positive, where the curvature may not be."""
    n = tables.counts.sum(axis=(1, 2))
    floor = np.maximum(found.probability, 1e-12)
    return np.asarray(n * (found.change**2 / floor).sum(axis=(1, 2)))


def log_likelihood(tables: Tables, r: FloatArray) -> FloatArray:
    """Return the log-likelihoods of the tables, shape (table,)."""
    probability = cell_probabilities(tables, inner_distribution(tables, r), r)
    used = tables.counts > 0
    return np.asarray((tables.counts * np.log(np.where(used, probability, 1.0))).sum(axis=(1, 2)))
