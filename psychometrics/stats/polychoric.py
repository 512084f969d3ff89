"""Thresholds and polychoric correlations of many items in many groups, in two steps.

The thresholds come from each item's own answers; the correlations are then found for all pairs of
all groups together, each by maximum likelihood at these thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from psychometrics.errors import DataError, check_option
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.stats.pair_likelihood import Tables
from psychometrics.stats.pair_solver import Solved, solve_tables
from psychometrics.stats.pair_tables import PairTables, tabulate_pairs, whole_codes

EmptyCells = Literal["half", "keep"]


@dataclass(frozen=True, slots=True)
class Polychoric:
    """Polychoric correlations with the thresholds behind them.

    With groups every array but `n_categories` has the group as its first axis.

    Attributes
    ----------
    correlation : ndarray, shape (p, p) or (group, p, p)
        NaN where two items were never answered together or one of them has one category.
    thresholds : ndarray, shape (p, K - 1) or (group, p, K - 1)
        An item of k categories has k - 1; the rest is NaN. Infinite at an end category that a
        group did not use.
    n_categories : ndarray of int, shape (p,)
        Categories of each item, over all groups.
    n_obs : ndarray, shape (p, p) or (group, p, p)
        People (sum of weights) who answered both items.
    empty_cells : ndarray of int, shape (p, p) or (group, p, p)
        Pairs of answers that nobody gave, among the categories that are used.
    converged, boundary : ndarray of bool, shape (p, p) or (group, p, p)
        Whether the search ended, and whether it ended at -.999 or .999: there the answers to one
        item follow from those to the other, and no correlation is the most likely one.
    n_steps : int
        Steps that the slowest pair took.
    """

    correlation: FloatArray
    thresholds: FloatArray
    n_categories: IntArray
    n_obs: FloatArray
    empty_cells: IntArray
    converged: BoolArray
    boundary: BoolArray
    n_steps: int


def polychoric_correlations(
    codes: npt.ArrayLike,
    *,
    groups: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    empty_cells: EmptyCells = "half",
) -> Polychoric:
    """Estimate thresholds and polychoric correlations of all pairs of items.

    Parameters
    ----------
    codes : array_like, shape (n, p)
        Categories 0, 1, 2, ... of each answer; NaN where it is missing. Thresholds use all answers
        to an item, a correlation all people who answered both items.
    groups : array_like of int, shape (n,), optional
        Group of each row, 0, 1, ...; a row with -1 is in none.
    weights : array_like, shape (n,), optional
        Case weights.
    empty_cells : {"half", "keep"}
        What to do with an empty cell of a two-by-two table, whose likelihood has its maximum at
        the boundary: count half a person in it and keep the margins, or leave it. Larger tables
        are always taken as they are.

    Returns
    -------
    Polychoric

    Raises
    ------
    DataError
        Codes that are negative or not whole, lengths that differ, unknown options.

    References
    ----------
    Olsson, U. (1979). Maximum likelihood estimation of the polychoric correlation coefficient.
    Psychometrika, 44, 443-460. doi:10.1007/BF02296207

    Examples
    --------
    >>> import numpy as np
    >>> a, b = np.repeat([0, 0, 1, 1], [30, 5, 8, 12]), np.repeat([0, 1, 0, 1], [30, 5, 8, 12])
    >>> found = polychoric_correlations(np.column_stack([a, b]))
    >>> round(float(found.correlation[0, 1]), 4)
    0.6945
    """
    check_option("empty_cells", empty_cells, ("half", "keep"))
    n = len(np.asarray(codes))
    group, n_groups = group_index(groups, n)
    weight = case_weights(weights, n)
    whole, n_categories = whole_codes(codes, group)
    tables = tabulate_pairs(whole, n_categories, group, n_groups, weight)
    thresholds = thresholds_of(tables.margins)
    solved = solve_pairs(tables, thresholds, empty_cells)
    found = _assemble(tables, thresholds, solved)
    return found if groups is not None else _only_group(found)


def group_index(groups: npt.ArrayLike | None, n: int) -> tuple[IntArray, int]:
    """Return the group of each row and their number; all rows are one group by default."""
    if groups is None:
        return np.zeros(n, dtype=np.int64), 1
    index = np.asarray(groups)
    if index.shape != (n,) or not np.issubdtype(index.dtype, np.integer) or np.any(index < -1):
        raise DataError(f"groups must hold a whole number from -1 up for each of the {n} rows.")
    if not np.any(index >= 0):
        raise DataError("No row is in a group.")
    return index.astype(np.int64), int(index.max()) + 1


def case_weights(weights: npt.ArrayLike | None, n: int) -> FloatArray | None:
    """Return case weights as floats, or None."""
    if weights is None:
        return None
    given = np.asarray(weights, dtype=float)
    if given.shape != (n,) or not np.all(given >= 0):
        raise DataError(f"weights must hold a number from 0 up for each of the {n} rows.")
    return given


def thresholds_of(margins: FloatArray) -> FloatArray:
    """Return the thresholds of items, infinite where nothing lies beyond them.

    Parameters
    ----------
    margins : ndarray, shape (..., p, K + 1)
        People by answer, the missing last.

    Returns
    -------
    ndarray, shape (..., p, K - 1)
        Normal quantiles of the cumulated shares; NaN for an item that nobody answered.
    """
    counts = margins[..., :-1]
    below = np.cumsum(counts, axis=-1)
    total = below[..., -1:]
    share = np.divide(below[..., :-1], total, out=np.full_like(below[..., :-1], np.nan),
                      where=total > 0)  # fmt: skip
    # A weighted sum may end a rounding error below its total; the last category's end is exact.
    beyond = np.flip(np.cumsum(np.flip(counts, axis=-1), axis=-1), axis=-1)[..., 1:]
    share = np.where((beyond == 0) & (total > 0), 1.0, share)
    return np.asarray(special.ndtri(share))


def stack_tables(tables: PairTables, thresholds: FloatArray) -> Tables:
    """Lay the tables of all groups behind one another, with their thresholds."""
    k = tables.answered.shape[-1]
    n = len(thresholds) * len(tables.first)
    return Tables(
        tables.answered.reshape(n, k, k),
        thresholds[:, tables.first].reshape(n, k - 1),
        thresholds[:, tables.second].reshape(n, k - 1),
    )


def solve_pairs(tables: PairTables, thresholds: FloatArray, empty_cells: EmptyCells) -> Solved:
    """Estimate the correlations of all pairs of all groups, stacked group by group."""
    stacked = stack_tables(tables, thresholds)
    if empty_cells == "half":
        binary = np.tile(
            (tables.n_categories[tables.first] == 2) & (tables.n_categories[tables.second] == 2),
            len(thresholds),
        )
        stacked = Tables(fill_two_by_two(stacked.counts, binary), stacked.row, stacked.column)
    return solve_tables(stacked)


def fill_two_by_two(counts: FloatArray, binary: BoolArray) -> FloatArray:
    """Count half a person in a single empty cell of two-by-two tables, keeping the margins."""
    if not binary.any():
        return counts
    small = counts[binary][:, :2, :2]
    empty = small == 0
    single = empty.sum(axis=(1, 2)) == 1
    on_diagonal = empty[:, 0, 0] | empty[:, 1, 1]
    half = np.array([[0.5, -0.5], [-0.5, 0.5]])
    change = np.where(on_diagonal, 1.0, -1.0)[:, None, None] * half
    filled = counts.copy()
    filled[np.flatnonzero(binary), :2, :2] = small + np.where(single[:, None, None], change, 0.0)
    return filled


def _assemble(tables: PairTables, thresholds: FloatArray, solved: Solved) -> Polychoric:
    """Turn what is known of pairs into matrices."""
    n_groups, p = thresholds.shape[:2]
    shape = (n_groups, len(tables.first))
    used = tables.margins[..., :-1] > 0
    possible = used[:, tables.first, :, None] & used[:, tables.second, None, :]
    empty = (possible & (tables.answered == 0)).sum(axis=(2, 3))
    n_pair = tables.answered.sum(axis=(2, 3))
    n_own = tables.margins[..., :-1].sum(axis=-1)
    varies = used.sum(axis=-1) > 1
    number = np.arange(thresholds.shape[-1]) < tables.n_categories[:, None] - 1

    def square(values: FloatArray, own: FloatArray) -> FloatArray:
        return pair_matrix(values.reshape(shape), own, tables.first, tables.second)

    return Polychoric(
        correlation=square(solved.correlation, np.where(varies, 1.0, np.nan)),
        thresholds=np.where(number, thresholds, np.nan),
        n_categories=tables.n_categories,
        n_obs=square(n_pair, n_own),
        empty_cells=square(empty, np.zeros((n_groups, p))).astype(np.int64),
        converged=square(solved.converged.astype(float), varies.astype(float)).astype(bool),
        boundary=square(solved.boundary.astype(float), np.zeros((n_groups, p))).astype(bool),
        n_steps=solved.n_steps,
    )


def pair_matrix(
    values: FloatArray, own: FloatArray, first: IntArray, second: IntArray
) -> FloatArray:
    """Return symmetric matrices of values of pairs, (..., pair), and of the diagonal, (..., p)."""
    p = own.shape[-1]
    matrix = np.zeros((*own.shape, p))
    matrix[..., first, second] = values
    matrix[..., second, first] = values
    matrix[..., np.arange(p), np.arange(p)] = own
    return matrix


def _only_group(found: Polychoric) -> Polychoric:
    """Take the axis of groups away where there are none."""
    return Polychoric(
        found.correlation[0],
        found.thresholds[0],
        found.n_categories,
        found.n_obs[0],
        found.empty_cells[0],
        found.converged[0],
        found.boundary[0],
        found.n_steps,
    )
