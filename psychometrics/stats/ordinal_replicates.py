"""Thresholds and correlations of many samples of ordinal items at once, with their variances.

Samples are stacked where groups stand, so that all tables of all samples are solved together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.ordinal_layout import StatisticLayout
from psychometrics.stats.pair_influence import cell_influence, pair_scores, threshold_influence
from psychometrics.stats.pair_solver import BOUNDARY
from psychometrics.stats.pair_tables import PairTables, item_pairs
from psychometrics.stats.polychoric import EmptyCells, solve_pairs, stack_tables, thresholds_of

# Where a sample lacks a category its threshold is infinite; it is put here, and hardly weighed.
FAR_THRESHOLD = 10.0


@dataclass(frozen=True, slots=True)
class ReplicateStatistics:
    """Statistics of samples.

    Attributes
    ----------
    statistics : ndarray, shape (sample, s)
        In the order of a layout of ordinal items alone.
    variances : ndarray, shape (sample, s)
        Diagonal of Gamma; infinite for an infinite threshold, NaN where a correlation is at the
        boundary or can't be had.
    """

    statistics: FloatArray
    variances: FloatArray


def indicator_matrix(codes: IntArray, n_categories: int) -> FloatArray:
    """Return answers as indicators, (..., n, p) -> (..., n, p (K + 1)); K is a missing answer."""
    width = n_categories + 1
    found = codes[..., None] == np.arange(width)
    return np.asarray(found.reshape(*codes.shape[:-1], -1), dtype=float)


def weighted_tables(
    indicators: FloatArray, weights: FloatArray | None, n_categories: IntArray
) -> PairTables:
    """Count the answers to all pairs of items in each sample.

    Parameters
    ----------
    indicators : ndarray, shape (n, c) or (sample, n, c)
        As :func:`indicator_matrix` gives them.
    weights : ndarray, shape (sample, n), or None
        How often each person is in each sample.
    n_categories : ndarray of int, shape (p,)

    Returns
    -------
    PairTables
        Samples stand where groups do.
    """
    p = len(n_categories)
    taken = indicators if weights is None else indicators * weights[..., None]
    products = np.swapaxes(taken, -1, -2) @ indicators
    k = products.shape[-1] // p
    tables = products.reshape(-1, p, k, p, k)
    first, second = item_pairs(p)
    counts = np.ascontiguousarray(tables.transpose(0, 1, 3, 2, 4)[:, first, second])
    items = np.arange(p)
    margins = np.diagonal(tables[:, items, :, items, :], axis1=2, axis2=3).transpose(1, 0, 2)
    return PairTables(first, second, counts, np.ascontiguousarray(margins), n_categories)


def replicate_statistics(
    tables: PairTables, layout: StatisticLayout, empty_cells: EmptyCells = "half"
) -> ReplicateStatistics:
    """Estimate thresholds and correlations of each sample, and their asymptotic variances.

    Parameters
    ----------
    tables : PairTables
        Samples stand where groups do.
    layout : StatisticLayout
        Of ordinal items alone.
    empty_cells : {"half", "keep"}
        As for :func:`psychometrics.stats.polychoric.polychoric_correlations`.
    """
    thresholds = thresholds_of(tables.margins)
    n_samples, p, _ = thresholds.shape
    n_pairs = len(tables.first)
    solved = solve_pairs(tables, thresholds, empty_cells)
    margins = tables.margins.reshape(n_samples * p, -1)
    size = tables.margins[:, :1].sum(axis=(1, 2))
    influence = threshold_influence(
        margins, thresholds.reshape(n_samples * p, -1), np.repeat(size, p)
    )
    r = np.where(np.abs(solved.correlation) < BOUNDARY, solved.correlation, np.nan)
    shift = np.repeat(np.arange(n_samples) * p, n_pairs)
    on_pairs = cell_influence(
        pair_scores(stack_tables(tables, thresholds), r),
        influence,
        np.tile(tables.first, n_samples) + shift,
        np.tile(tables.second, n_samples) + shift,
        np.repeat(size, n_pairs),
    )
    own = np.einsum("oa,oac->oc", margins, influence**2).reshape(n_samples, p, -1)
    k = tables.counts.shape[-1]
    pairs = np.einsum("pab,pab->p", tables.counts.reshape(-1, k, k), on_pairs**2)
    at = layout.threshold_variable, layout.threshold_number
    chosen = thresholds[:, at[0], at[1]]
    absent = ~np.isfinite(chosen)
    levels = np.where(absent, np.copysign(FAR_THRESHOLD, chosen), chosen)
    return ReplicateStatistics(
        np.concatenate([levels, solved.correlation.reshape(n_samples, -1)], axis=1),
        np.concatenate(
            [
                np.where(absent, np.inf, own[:, at[0], at[1]] / size[:, None]),
                pairs.reshape(n_samples, -1) / size[:, None],
            ],
            axis=1,
        ),
    )
