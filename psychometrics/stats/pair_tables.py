"""Contingency tables of all pairs of ordinal items in one go, by group.

Answers become indicators, one column a category; the products of all columns with each other are
the tables of all pairs. Nothing loops over people or pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychometrics.errors import DataError
from psychometrics.stats.moments import BLOCK_ROWS, FloatArray, IntArray

# Entries that the indicators of one block of rows may have: keeps a block inside the memory.
BLOCK_ENTRIES = 2**24


@dataclass(frozen=True, slots=True)
class PairTables:
    """How often each pair of answers was given, by group.

    A category is 0 to K - 1; K itself, the last row and column, is a missing answer. Items with
    fewer categories than K have zeros there.

    Attributes
    ----------
    first, second : ndarray of int, shape (pair,)
        Items of each pair, first < second: (0, 1), (0, 2), ..., (1, 2), ...
    counts : ndarray, shape (group, pair, K + 1, K + 1)
        People, or sums of their weights; the first item's answers in rows.
    margins : ndarray, shape (group, p, K + 1)
        People by item and answer.
    n_categories : ndarray of int, shape (p,)
        Highest category of an item over all groups, plus 1.
    """

    first: IntArray
    second: IntArray
    counts: FloatArray
    margins: FloatArray
    n_categories: IntArray

    @property
    def answered(self) -> FloatArray:
        """Return the tables of the pairs that were answered, (group, pair, K, K)."""
        return self.counts[..., :-1, :-1]


def item_pairs(n_items: int) -> tuple[IntArray, IntArray]:
    """Return the items of all pairs: (0, 1), (0, 2), ..., (1, 2), ..."""
    first, second = np.triu_indices(n_items, 1)
    return first.astype(np.int64), second.astype(np.int64)


def whole_codes(codes: npt.ArrayLike, group: IntArray | None = None) -> tuple[IntArray, IntArray]:
    """Return codes as whole numbers with K for a missing one, and the items' categories.

    Parameters
    ----------
    codes : array_like, shape (n, p)
        0 to K_i - 1, NaN where an answer is missing.
    group : ndarray of int, shape (n,), optional
        Group of each row; the answers of rows with -1 count as missing.

    Raises
    ------
    DataError
        Codes that are negative or not whole.
    """
    given = np.asarray(codes, dtype=float)
    if given.ndim != 2:
        raise DataError(f"codes must be a table (people, items); their shape is {given.shape}.")
    seen = ~np.isnan(given)
    if group is not None:
        seen &= (group >= 0)[:, None]
    filled = np.where(seen, given, 0.0)
    whole = filled.astype(np.int64)
    if np.any(whole != filled) or np.any(whole < 0):
        raise DataError(
            "Codes must be 0, 1, 2, ...; clean_codes() makes such codes of any whole numbers."
        )
    n_categories = whole.max(axis=0, initial=0) + 1
    return np.where(seen, whole, n_categories.max(initial=1)), n_categories


def tabulate_pairs(
    codes: IntArray,
    n_categories: IntArray,
    group: IntArray,
    n_groups: int,
    weights: FloatArray | None = None,
) -> PairTables:
    """Count the answers to all pairs of items.

    Parameters
    ----------
    codes : ndarray of int, shape (n, p)
        As :func:`whole_codes` gives them.
    n_categories : ndarray of int, shape (p,)
        Categories of each item.
    group : ndarray of int, shape (n,)
        Group of each row; rows with -1 are in none.
    n_groups : int
        Number of groups.
    weights : ndarray, shape (n,), optional
        Case weights.

    Returns
    -------
    PairTables

    Examples
    --------
    >>> import numpy as np
    >>> codes, n_categories = whole_codes([[0, 1], [1, 1], [0, np.nan]])
    >>> tables = tabulate_pairs(codes, n_categories, np.zeros(3, dtype=int), 1)
    >>> tables.answered[0, 0].tolist()
    [[0.0, 1.0], [0.0, 1.0]]
    """
    p = codes.shape[1]
    k = int(n_categories.max(initial=1)) + 1
    products = np.zeros((n_groups, p * k, p * k))
    for g in range(n_groups):
        mine = np.flatnonzero(group == g)
        products[g] = _products(codes[mine], k, None if weights is None else weights[mine])
    tables = products.reshape(n_groups, p, k, p, k)
    first, second = item_pairs(p)
    counts = tables.transpose(0, 1, 3, 2, 4)[:, first, second]
    items = np.arange(p)
    margins = np.diagonal(tables[:, items, :, items, :], axis1=2, axis2=3).transpose(1, 0, 2)
    return PairTables(first, second, counts, np.ascontiguousarray(margins), n_categories)


def _products(codes: IntArray, k: int, weights: FloatArray | None) -> FloatArray:
    """Return the (weighted) products of all indicator columns, (p k, p k)."""
    n, p = codes.shape
    total = np.zeros((p * k, p * k))
    # Counts of a block stay below 2^24, up to which float32 is exact.
    precision = np.float32 if weights is None else np.float64
    size = max(1, min(BLOCK_ROWS, BLOCK_ENTRIES // max(1, p * k)))
    column = np.arange(p) * k
    for start in range(0, n, size):
        block = codes[start : start + size] + column
        indicators = np.zeros((len(block), p * k), dtype=precision)
        indicators[np.arange(len(block))[:, None], block] = 1
        if weights is None:
            total += indicators.T @ indicators
        else:
            total += indicators.T @ (indicators * weights[start : start + size, None])
    return total
