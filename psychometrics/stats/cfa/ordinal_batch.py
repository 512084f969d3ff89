"""Samples of ordered answers for models that are fitted again and again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np

from psychometrics.stats.cfa.ordinal_kernel import OrdinalData
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.stats.ordinal_layout import StatisticLayout
from psychometrics.stats.ordinal_moments import GroupMoments
from psychometrics.stats.ordinal_replicates import (
    ReplicateStatistics,
    indicator_matrix,
    replicate_statistics,
    weighted_tables,
)
from psychometrics.stats.pair_tables import PairTables
from psychometrics.stats.resampling import bootstrap_counts

# Entries of the indicators of one portion of samples.
PORTION_ENTRIES = 2**22
MOST_AT_ONCE = 50


def portion_size(n: int, width: int) -> int:
    """Return how many samples of n people are worked on at once."""
    return int(max(1, min(MOST_AT_ONCE, PORTION_ENTRIES // max(1, n * width))))


def resampled_tables(
    group: GroupMoments, count: int, rng: np.random.Generator
) -> Iterator[PairTables]:
    """Yield the tables of samples of people, some at a time."""
    n_categories = group.layout.n_categories
    indicators = indicator_matrix(group.codes, int(n_categories.max()))
    n, width = indicators.shape
    step = portion_size(n, width)
    for first in range(0, count, step):
        drawn = bootstrap_counts(n, min(step, count - first), rng)
        yield weighted_tables(indicators, drawn, n_categories)


def permuted_tables(
    codes: IntArray, member: BoolArray, n_categories: IntArray
) -> Iterator[PairTables]:
    """Yield the tables of one group after shufflings of people over groups, some at a time.

    Parameters
    ----------
    codes : ndarray of int, shape (n, o)
        Categories of everybody; K where missing.
    member : ndarray of bool, shape (count, n)
        Who belongs to the group.
    n_categories : ndarray of int, shape (o,)
    """
    indicators = indicator_matrix(codes, int(n_categories.max()))
    n, width = indicators.shape
    step = portion_size(n, width)
    for first in range(0, len(member), step):
        yield weighted_tables(indicators, member[first : first + step].astype(float), n_categories)


def drawn_tables(
    correlation: FloatArray,
    thresholds: Sequence[FloatArray],
    n: int,
    count: int,
    rng: np.random.Generator,
) -> Iterator[PairTables]:
    """Yield the tables of samples drawn from a normal distribution cut at thresholds.

    Parameters
    ----------
    correlation : ndarray, shape (p, p)
    thresholds : sequence of ndarray
        Of each item.
    n : int
        People in a sample.
    count : int
        Number of samples.
    """
    n_categories = np.array([len(cuts) + 1 for cuts in thresholds])
    root = np.linalg.cholesky(correlation)
    width = len(thresholds) * (int(n_categories.max()) + 1)
    step = portion_size(n, width)
    for first in range(0, count, step):
        size = min(step, count - first)
        latent = rng.standard_normal((size, n, len(root))) @ root.T
        codes = np.empty(latent.shape, dtype=np.int64)
        for item, cuts in enumerate(thresholds):
            codes[..., item] = np.searchsorted(cuts, latent[..., item])
        indicators = indicator_matrix(codes, int(n_categories.max()))
        yield weighted_tables(indicators, None, n_categories)


def samples_of_tables(
    layout: StatisticLayout,
    tables: Sequence[Iterator[PairTables]],
    n: IntArray,
    *,
    weighted: bool,
    progress: Callable[[int], None] | None = None,
) -> OrdinalData:
    """Turn the tables of each group's samples into what least squares fits.

    Parameters
    ----------
    layout : StatisticLayout
    tables : sequence of iterator of PairTables
        One a group.
    n : ndarray of int, shape (group,)
        People of each group.
    weighted : bool
        Weigh by one over the asymptotic variances.
    progress : callable, optional
        Called with the samples of one group that are done.

    Returns
    -------
    OrdinalData
        Leading axes (sample, group). Statistics are NaN where a sample has no correlation of some
        pair; a threshold that a sample lacks is far out and hardly weighed.
    """

    def solve(portion: PairTables) -> ReplicateStatistics:
        return replicate_statistics(portion, layout)

    statistics, weights = [], []
    # Portions don't depend on each other, so the numbers don't depend on the threads.
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for own in tables:
            found = []
            for window in windows(own, 2 * (os.cpu_count() or 1)):
                for part in pool.map(solve, window):
                    found.append(part)
                    if progress is not None:
                        progress(len(part.statistics))
            variances = np.concatenate([part.variances for part in found])
            statistics.append(np.concatenate([part.statistics for part in found]))
            weights.append(weights_of(variances, weighted=weighted))
    values = np.stack(statistics, axis=1)
    people = np.broadcast_to(np.asarray(n, dtype=float) - 1, values.shape[:2])
    return OrdinalData(layout, values, np.stack(weights, axis=1), people)


def weights_of(variances: FloatArray, *, weighted: bool) -> FloatArray:
    """Return one over the variances, or 1; next to nothing for an infinite one."""
    least = 1e-8
    if not weighted:
        return np.where(np.isfinite(variances), 1.0, np.where(np.isnan(variances), np.nan, least))
    with np.errstate(divide="ignore"):
        return np.maximum(1 / variances, least)


def windows(tables: Iterator[PairTables], size: int) -> Iterator[list[PairTables]]:
    """Yield some portions at a time, so that not all have to be held at once."""
    while portion := list(islice(tables, size)):
        yield portion
