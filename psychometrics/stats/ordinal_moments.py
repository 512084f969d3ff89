"""Thresholds and polychoric correlations as statistics with a sampling covariance, by group.

This is what least-squares estimators of ordinal models rest on: the vector of statistics of each
group, and everybody's influence on it. The mean cross-product of the influences is the
asymptotic covariance Gamma of the statistics; its diagonal gives the weights of diagonally
weighted least squares, and its products with a few vectors all that corrected tests and standard
errors need, so the matrix itself is seldom formed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychometrics.errors import DataError
from psychometrics.stats.mixed_correlations import (
    MixedCorrelations,
    MixedFit,
    MixedSample,
    assemble,
    fit_mixed,
    group_rows,
    mixed_sample,
)
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.ordinal_layout import (
    StatisticLayout,
    join_pairs,
    lay_out_statistics,
    statistics_of,
)
from psychometrics.stats.pair_influence import cell_influence, pair_scores, threshold_influence
from psychometrics.stats.pair_solver import BOUNDARY
from psychometrics.stats.pair_tables import PairTables, tabulate_pairs
from psychometrics.stats.polychoric import EmptyCells, stack_tables
from psychometrics.stats.serial_influence import SerialParts, serial_influence, serial_parts

# Entries of the influences that are held at once: 2^18 floats are 2 MB, which stay in the cache.
BLOCK_ENTRIES = 2**18


@dataclass(frozen=True, slots=True)
class GroupMoments:
    """Statistics of one group with everybody's influence on them.

    Attributes
    ----------
    layout : StatisticLayout
    n : float
        People, or the sum of their weights, who have a value of any of the variables.
    statistics : ndarray, shape (s,)
    codes : ndarray of int, shape (n, o)
        Categories of the ordinal items, K where missing.
    weights : ndarray, shape (n,), or None
    threshold_influence : ndarray, shape (o, K + 1, K - 1)
        Influence of each answer on the thresholds of its item; 0 in the last row, of a missing one.
    pair_influence : ndarray, shape (pair, K + 1, K + 1)
        Influence of each pair of answers on the correlation of two ordinal items; NaN where the
        correlation is at the boundary or can't be had.
    margins : ndarray, shape (o, K + 1)
    counts : ndarray, shape (pair, K + 1, K + 1)
        People (sums of squared weights) by answer, and by pair of answers.
    serial : SerialParts or None
        What continuous variables need.
    """

    layout: StatisticLayout
    n: float
    statistics: FloatArray
    codes: IntArray
    weights: FloatArray | None
    threshold_influence: FloatArray
    pair_influence: FloatArray
    margins: FloatArray
    counts: FloatArray
    serial: SerialParts | None

    def diagonal(self) -> FloatArray:
        """Return the diagonal of Gamma, shape (s,), without forming the rest.

        For ordinal items it comes from tables alone.
        """
        if self.serial is not None:
            total = np.zeros(self.layout.size)
            for _, block in self.influence():
                total += np.einsum("ns,ns->s", block, block)
            return total / self.n
        item, number = self.layout.threshold_variable, self.layout.threshold_number
        own = np.einsum("oa,oac->oc", self.margins, self.threshold_influence**2)
        pairs = np.einsum("pab,pab->p", self.counts, self.pair_influence**2)
        return np.concatenate([own[item, number], pairs]) / self.n

    def contract(self, matrix: FloatArray) -> FloatArray:
        """Return Gamma times a matrix, (s, q) -> (s, q), from blocks of people's influences."""
        total = np.zeros((self.layout.size, matrix.shape[1]))
        for _, block in self.influence():
            total += block.T @ (block @ matrix)
        return total / self.n

    def full(self) -> FloatArray:
        """Return Gamma, shape (s, s): the asymptotic covariance of root n times the statistics."""
        total = np.zeros((self.layout.size, self.layout.size))
        for _, block in self.influence():
            total += block.T @ block
        return total / self.n

    def influence(self) -> Iterator[tuple[slice, FloatArray]]:
        """Yield everybody's influence on the statistics, in blocks (rows, s), weights included.

        A statistic differs from its expectation by about the mean of the influences.
        """
        size = max(1, BLOCK_ENTRIES // self.layout.size)
        for start in range(0, len(self.codes), size):
            block = slice(start, min(start + size, len(self.codes)))
            found = self._influence_of(block)
            if self.weights is not None:
                found *= self.weights[block, None]
            yield block, found

    def _influence_of(self, block: slice) -> FloatArray:
        """Return the influence of some rows, before weights."""
        codes, layout = self.codes[block], self.layout
        n_ordinal = codes.shape[1]
        on_thresholds = self.threshold_influence[np.arange(n_ordinal), codes]
        first, second = np.triu_indices(n_ordinal, 1)
        on_pairs = _look_up(self.pair_influence, codes[:, first], codes[:, second])
        if self.serial is None:
            own = on_thresholds[:, layout.threshold_variable, layout.threshold_number]
            return np.concatenate([own, on_pairs], axis=1)
        return self._with_continuous(block, on_thresholds, on_pairs)

    def _with_continuous(
        self, block: slice, on_thresholds: FloatArray, on_pairs: FloatArray
    ) -> FloatArray:
        """Put the influences on ordinal and continuous statistics in order."""
        layout = self.layout
        if self.serial is None:
            raise DataError("There is no continuous variable here.")
        found = serial_influence(self.serial, block, on_thresholds)
        place = layout.place
        out = np.empty((len(on_thresholds), layout.size))
        variable, number = layout.threshold_variable, layout.threshold_number
        is_mean = number < 0
        out[:, : layout.n_thresholds][:, is_mean] = -found.mean[:, place[variable[is_mean]]]
        out[:, : layout.n_thresholds][:, ~is_mean] = on_thresholds[
            :, place[variable[~is_mean]], number[~is_mean]
        ]
        out[:, layout.n_thresholds : layout.n_thresholds + layout.n_variances] = found.variance
        out[:, layout.covariances] = join_pairs(layout, on_pairs, found.serial, found.covariance)
        return out


def _look_up(tables: FloatArray, row: IntArray, column: IntArray) -> FloatArray:
    """Return each person's entry of each pair's table, (n, pair)."""
    n_pairs, k, _ = tables.shape
    at = row * k
    at += column
    at += np.arange(n_pairs) * k**2
    return np.asarray(tables.reshape(-1)[at])


@dataclass(frozen=True, slots=True)
class OrdinalMoments:
    """Statistics of several groups with the influences that their sampling covariance is made of.

    Attributes
    ----------
    layout : StatisticLayout
        The same for all groups.
    groups : tuple of GroupMoments
    correlations : MixedCorrelations
        The same estimates as matrices, with the flags of their search; the group comes first.
    """

    layout: StatisticLayout
    groups: tuple[GroupMoments, ...]
    correlations: MixedCorrelations

    @property
    def n(self) -> FloatArray:
        """Return the people of each group, shape (group,)."""
        return np.array([group.n for group in self.groups])

    @property
    def statistics(self) -> FloatArray:
        """Return the statistics, shape (group, s)."""
        return np.stack([group.statistics for group in self.groups])

    def diagonal(self) -> FloatArray:
        """Return the diagonals of Gamma, shape (group, s)."""
        return np.stack([group.diagonal() for group in self.groups])


def ordinal_moments(
    values: npt.ArrayLike,
    ordered: npt.ArrayLike | None = None,
    *,
    groups: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    empty_cells: EmptyCells = "half",
) -> OrdinalMoments:
    """Estimate thresholds and correlations with everybody's influence on them.

    Parameters
    ----------
    values : array_like, shape (n, p)
        Categories 0, 1, 2, ... of ordinal items and values of continuous variables; NaN where
        missing. A row without any value is left out; otherwise every statistic uses all the rows
        it can, and rows that lack it have no direct influence on it.
    ordered : array_like of bool, shape (p,), optional
        Which variables are ordinal; all by default.
    groups : array_like of int, shape (n,), optional
        Group of each row, 0, 1, ...; a row with -1 is in none.
    weights : array_like, shape (n,), optional
        Case weights. A group's n is the sum of its weights, so scale them to the people there are.
    empty_cells : {"half", "keep"}
        As for :func:`psychometrics.stats.polychoric.polychoric_correlations`.

    Returns
    -------
    OrdinalMoments

    Raises
    ------
    DataError
        Codes that won't do; a category that nobody in some group used, as its threshold would be
        infinite; a continuous variable that doesn't vary.

    Notes
    -----
    Thresholds and correlations solve estimating equations, one after the other, so that their joint
    influence is B^-1 times the scores (Muthén, 1984; Muthén, du Toit & Spisic, 1997; Jöreskog,
    1994). Blocks of B are sums of products of scores over people, as in lavaan, and not expected
    values or derivatives: with few people, and with items that are far from normal, they differ.

    References
    ----------
    Muthén, B. (1984). A general structural equation model with dichotomous, ordered categorical,
    and continuous latent variable indicators. Psychometrika, 49, 115-132. doi:10.1007/BF02294210
    Jöreskog, K. G. (1994). On the estimation of polychoric correlations and their asymptotic
    covariance matrix. Psychometrika, 59, 381-389. doi:10.1007/BF02296131
    Muthén, B., du Toit, S. H. C., & Spisic, D. (1997). Robust inference using weighted least
    squares and quadratic estimating equations in latent variable modeling with categorical and
    continuous outcomes. Unpublished technical report.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> latent = rng.normal(size=(500, 1)) + rng.normal(size=(500, 3))
    >>> found = ordinal_moments((latent > 0).astype(float) + (latent > 1))
    >>> found.groups[0].statistics.shape, found.groups[0].full().shape
    ((9,), (9, 9))
    """
    sample = mixed_sample(values, ordered, groups, weights)
    fit = fit_mixed(sample, empty_cells)
    _refuse_gaps(fit.tables)
    layout = lay_out_statistics(sample.ordered, sample.n_categories)
    correlations = assemble(sample, fit)
    if not np.all(fit.variance > 0):
        raise DataError("A continuous variable does not vary in some group; leave it out.")
    squared = fit.tables
    if sample.weights is not None:
        squared = tabulate_pairs(
            sample.codes, sample.n_categories, sample.group, sample.n_groups, sample.weights**2
        )
    made = tuple(
        _group_moments(sample, fit, squared, layout, correlations, g)
        for g in range(sample.n_groups)
    )
    return OrdinalMoments(layout, made, correlations)


def _refuse_gaps(tables: PairTables) -> None:
    """Refuse a category that some group never used."""
    k = tables.margins.shape[-1] - 1
    exists = np.arange(k) < tables.n_categories[:, None]
    group, item, category = np.nonzero(exists & (tables.margins[..., :-1] == 0))
    if len(group):
        raise DataError(
            f"Nobody in group {group[0]} gave answer {category[0]} to item {item[0]}, so its "
            f"threshold is infinite there ({len(group)} such gaps); clean_codes(collapse=True) "
            "joins categories alike in all groups."
        )
    lone = np.flatnonzero(tables.n_categories < 2)
    if len(lone):
        raise DataError(f"Item {lone[0]} has only one category; leave it out.")


def _group_moments(
    sample: MixedSample,
    fit: MixedFit,
    squared: PairTables,
    layout: StatisticLayout,
    correlations: MixedCorrelations,
    g: int,
) -> GroupMoments:
    """Gather what one group's influences are made of."""
    mine = sample.group == g
    size = float(sample.size[g])
    tables, thresholds = fit.tables, fit.thresholds[g]
    on_thresholds = threshold_influence(tables.margins[g], thresholds, size)
    n_pairs = len(tables.first)
    own = slice(g * n_pairs, (g + 1) * n_pairs)
    # At the boundary a likelihood has no maximum, and so no influence either.
    r = np.where(np.abs(fit.polychoric[g]) < BOUNDARY, fit.polychoric[g], np.nan)
    scores = pair_scores(stack_tables(tables, fit.thresholds).take(own), r)
    serial = None
    if sample.values.shape[1]:
        rows = group_rows(sample, g, fit.mean[g], fit.variance[g], thresholds)
        serial = serial_parts(rows, fit.variance[g], fit.polyserial[g], fit.pearson[g], size)
    return GroupMoments(
        layout,
        size,
        statistics_of(layout, correlations, g),
        sample.codes[mine],
        None if sample.weights is None else sample.weights[mine],
        on_thresholds,
        cell_influence(scores, on_thresholds, tables.first, tables.second, size),
        squared.margins[g],
        squared.counts[g],
        serial,
    )
