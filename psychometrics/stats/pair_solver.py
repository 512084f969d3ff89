"""Maximum likelihood of many polychoric correlations at once, by safeguarded Newton steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from psychometrics.stats.bivariate_normal import normal_density
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.stats.pair_likelihood import (
    Slopes,
    Tables,
    information,
    inner_distribution,
    log_likelihood,
    slopes,
    stepped_distribution,
)

# No correlation is estimated beyond this: a likelihood that still rises here has no maximum inside.
BOUNDARY = 0.999
# Newton's error after a step is about the square of the step, so the next one would be below 1e-12.
STEP_TOLERANCE = 1e-6
MAX_STEPS = 60
# Score and curvature a person, below which a likelihood has come to its plateau: at a boundary.
FLAT = 1e-8
# Cells that are worked on together: keeps the arrays of a block inside the cache.
BLOCK_CELLS = 30_000
# Terms of the series that the first guess is found from.
START_TERMS = 6
START_LIMIT = 0.95
GRID = np.linspace(-0.95, 0.95, 39)


@dataclass(frozen=True, slots=True)
class Solved:
    """Correlations of some tables.

    Attributes
    ----------
    correlation : ndarray, shape (table,)
        NaN where a table has no answers, or an item only one.
    converged : ndarray of bool, shape (table,)
        Whether the search ended at a maximum, or at the boundary.
    boundary : ndarray of bool, shape (table,)
        Whether the likelihood rises up to the boundary of -.999 or .999.
    n_steps : int
        Steps of the table that took most.
    """

    correlation: FloatArray
    converged: BoolArray
    boundary: BoolArray
    n_steps: int


def solve_tables(tables: Tables) -> Solved:
    """Find the correlation of each table at given thresholds.

    Parameters
    ----------
    tables : Tables
        Counts and thresholds.

    Returns
    -------
    Solved

    References
    ----------
    Olsson, U. (1979). Maximum likelihood estimation of the polychoric correlation coefficient.
    Psychometrika, 44, 443-460. doi:10.1007/BF02296207
    """
    n, k = len(tables.counts), tables.counts.shape[-1]
    correlation = np.full(n, np.nan)
    converged, boundary = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    usable = np.flatnonzero(_varies(tables))
    n_steps = 0
    size = max(1, BLOCK_CELLS // k**2)
    for start in range(0, len(usable), size):
        index = usable[start : start + size]
        found = _Search(tables.take(index)).run()
        correlation[index] = found.correlation
        converged[index], boundary[index] = found.converged, found.boundary
        n_steps = max(n_steps, found.n_steps)
    return Solved(correlation, converged, boundary, n_steps)


def _varies(tables: Tables) -> BoolArray:
    """Tell which tables have answers, and a finite threshold for either item."""
    finite = np.isfinite(tables.row).any(axis=1) & np.isfinite(tables.column).any(axis=1)
    return np.asarray(finite & (tables.counts.sum(axis=(1, 2)) > 0))


def _flat(tables: Tables, found: Slopes) -> BoolArray:
    """Tell where a likelihood neither rises nor bends any more, as it does toward a boundary.

    Where answers follow from each other it rises all the way, but soon by less than a float holds.
    """
    little = FLAT * tables.counts.sum(axis=(1, 2))
    return np.asarray((np.abs(found.score) < little) & (np.abs(found.curvature) < little))


class _Search:
    """The search over one block of tables: where each is, and between which bounds."""

    def __init__(self, tables: Tables, start: FloatArray | None = None) -> None:
        n = len(tables.counts)
        self.tables = tables
        self.r = first_guess(tables) if start is None else start
        self.low, self.high = np.full(n, -BOUNDARY), np.full(n, BOUNDARY)
        self.converged, self.boundary = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
        self.doubtful = np.zeros(n, dtype=bool)
        self.n_steps = 0

    def run(self) -> Solved:
        """Step until all tables have their maximum; look around where the way was not concave."""
        self._climb()
        if self.doubtful.any():
            self._look_around(np.flatnonzero(self.doubtful))
        return Solved(self.r, self.converged, self.boundary, self.n_steps)

    def _climb(self) -> None:
        active = np.arange(len(self.r))
        tables, inner = self.tables, inner_distribution(self.tables, self.r)
        for _ in range(MAX_STEPS):
            if not len(active):
                return
            self.n_steps += 1
            before = self.r[active]
            going = ~self._step(active, tables, inner)
            active, inner, before = active[going], inner[going], before[going]
            tables = tables.take(going)
            inner = stepped_distribution(tables, inner, before, self.r[active])

    def _step(self, active: IntArray, tables: Tables, inner: FloatArray) -> BoolArray:
        """Move the active tables by one step; return which of them are done."""
        r = self.r[active]
        found = slopes(tables, inner, r)
        rising = found.score > 0
        at_end = (np.abs(r) >= BOUNDARY) & (rising == (r > 0))
        at_end |= _flat(tables, found)
        self.low[active] = np.where(rising, r, self.low[active])
        self.high[active] = np.where(rising, self.high[active], r)
        concave = found.curvature < 0
        bend = np.where(concave, -found.curvature, 1.0)
        if not concave.all():
            self.doubtful[active[~concave]] = True
            bend = np.where(concave, bend, np.maximum(information(tables, found), 1e-12))
        new = self._inside(active, r + found.score / bend)
        small = np.abs(new - r) < STEP_TOLERANCE * (1 - r) * (1 + r)
        self.r[active] = np.where(at_end, np.copysign(BOUNDARY, r), new)
        self.boundary[active[at_end]] = True
        done = at_end | (small & concave)
        self.converged[active[done]] = True
        return np.asarray(done)

    def _inside(self, active: IntArray, new: FloatArray) -> FloatArray:
        """Keep steps between the bounds: halve them, or try the boundary itself once."""
        low, high = self.low[active], self.high[active]
        middle = (low + high) / 2
        new = np.where(new > high, np.where(high == BOUNDARY, high, middle), new)
        return np.where(new < low, np.where(low == -BOUNDARY, low, middle), new)

    def _look_around(self, index: IntArray) -> None:
        """Start again from the best of a grid, and keep what is better.

        A likelihood may have two maxima where answers gather at both ends of both items.
        """
        tables = self.tables.take(index)
        values = np.stack([log_likelihood(tables, np.full(len(index), r)) for r in GRID])
        again = _Search(tables, GRID[values.argmax(axis=0)])
        again._climb()
        here = np.where(np.isfinite(self.r[index]), self.r[index], 0.0)
        better = again.converged & (
            ~self.converged[index]
            | (log_likelihood(tables, again.r) > log_likelihood(tables, here))
        )
        chosen = index[better]
        self.r[chosen], self.boundary[chosen] = again.r[better], again.boundary[better]
        self.converged[chosen] = True
        self.n_steps += again.n_steps


def first_guess(tables: Tables) -> FloatArray:
    """Return starting values: the correlation of normal scores, corrected for coarseness.

    An answer is scored by the mean of a normal variable between its thresholds. The expected
    product of two scores is a power series of the correlation, whose coefficients are products of
    what each item contributes; six terms of it are solved for the correlation.
    """
    margin_row, margin_column = tables.counts.sum(axis=2), tables.counts.sum(axis=1)
    n = margin_row.sum(axis=1)
    scores_row, terms_row = _scores_and_terms(tables.row)
    scores_column, terms_column = _scores_and_terms(tables.column)
    # Centred on the answers of the pair, so that a shifted margin is not taken for correlation.
    mean_row = (margin_row * scores_row).sum(axis=1) / n
    mean_column = (margin_column * scores_column).sum(axis=1) / n
    by_row = (tables.counts * scores_column[:, None, :]).sum(axis=2)
    product = (by_row * scores_row).sum(axis=1)
    target = product / n - mean_row * mean_column
    terms = terms_row * terms_column
    r = np.clip(target / np.maximum(terms[:, 0], 1e-12), -START_LIMIT, START_LIMIT)
    powers = np.arange(1, START_TERMS + 1)
    for _ in range(3):
        value = (terms * r[:, None] ** powers).sum(axis=1) - target
        rise = (terms * powers * r[:, None] ** (powers - 1)).sum(axis=1)
        step = np.divide(value, rise, out=np.zeros_like(value), where=rise > 1e-6)
        r = np.clip(r - step, -START_LIMIT, START_LIMIT)
    return np.asarray(r)


def _scores_and_terms(thresholds: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the categories' scores, (table, K), and Hermite coefficients, (table, terms).

    The coefficient of order m is the mean of score times He_m(x), over the root of m!.
    """
    n = len(thresholds)
    finite = np.where(np.isfinite(thresholds), thresholds, 0.0)
    height = np.where(np.isfinite(thresholds), normal_density(thresholds), 0.0)
    edge = np.zeros((n, 1))
    density = np.concatenate([edge, height, edge], axis=1)
    cumulated = np.concatenate([edge, special.ndtr(thresholds), edge + 1], axis=1)
    share = np.diff(cumulated, axis=1)
    scores = np.divide(
        -np.diff(density, axis=1), share, out=np.zeros_like(share), where=share > 1e-12
    )
    # The integral of He_m phi up to t is -He_{m-1}(t) phi(t); summed by parts over the categories.
    jumps = np.diff(scores, axis=1) * height
    previous, current = np.zeros_like(finite), np.ones_like(finite)
    terms = np.empty((n, START_TERMS))
    for order in range(1, START_TERMS + 1):
        terms[:, order - 1] = (jumps * current).sum(axis=1) / np.sqrt(special.factorial(order))
        previous, current = current, finite * current - (order - 1) * previous
    return scores, terms
