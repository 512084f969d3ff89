"""What one answer, or one pair of answers, adds to thresholds and polychoric correlations.

The score of a pair depends on nothing but the cell, so it is computed once a cell and looked up for
everybody who is in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psychometrics.stats.bivariate_normal import density, normal_density, slope
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.pair_likelihood import (
    Tables,
    bordered,
    cell_differences,
    cell_probabilities,
    inner_distribution,
)


def threshold_influence(
    margins: FloatArray, thresholds: FloatArray, size: float | FloatArray
) -> FloatArray:
    """Return the influence of each answer on the item's thresholds, (o, K + 1, K - 1).

    A threshold is the normal quantile of the share P of answers at or below it, so an answer moves
    it by (1 - P) or -P over the density there. Scaled to `size` people, of whom some did not
    answer: their influence, in the last row, is 0.

    Parameters
    ----------
    margins : ndarray, shape (o, K + 1)
        People by answer, the missing last.
    thresholds : ndarray, shape (o, K - 1)
    size : float or ndarray, shape (o,)
        People of the group.
    """
    answered = margins[:, :-1].sum(axis=1)
    share = np.cumsum(margins[:, :-2], axis=1) / np.where(answered > 0, answered, 1.0)[:, None]
    height = np.where(np.isfinite(thresholds), normal_density(thresholds), np.inf)
    n_cells = margins.shape[1] - 1
    below = np.arange(n_cells)[:, None] <= np.arange(n_cells - 1)
    scale = size / np.where(answered > 0, answered, np.inf)
    influence = np.zeros((len(margins), n_cells + 1, n_cells - 1))
    influence[:, :-1] = (below - share[:, None]) / height[:, None] * scale[:, None, None]
    return influence


@dataclass(frozen=True, slots=True)
class PairScores:
    """Scores of the cells of some tables and what they sum to over people.

    Attributes
    ----------
    score : ndarray, shape (table, K, K)
        Derivative of a cell's log-probability by the correlation.
    squares : ndarray, shape (table,)
        Sum of the squared scores.
    row, column : ndarray, shape (table, K - 1)
        Sums of the scores times the log-probability's derivatives by the thresholds.
    """

    score: FloatArray
    squares: FloatArray
    row: FloatArray
    column: FloatArray


def pair_scores(tables: Tables, r: FloatArray) -> PairScores:
    """Return the scores of tables at their correlations."""
    corner = (tables.row[:, :, None], tables.column[:, None, :], r[:, None, None])
    probability = cell_probabilities(tables, inner_distribution(tables, r), r)
    probability = np.where(tables.counts > 0, probability, 1.0)
    score = cell_differences(bordered(density(*corner))) / probability
    score = np.where(tables.counts > 0, score, 0.0)
    weight = tables.counts * score / probability
    return PairScores(
        score,
        (tables.counts * score**2).sum(axis=(1, 2)),
        _threshold_sums(weight, tables.row, tables.column, r),
        _threshold_sums(np.swapaxes(weight, 1, 2), tables.column, tables.row, r),
    )


def _threshold_sums(weight: FloatArray, h: FloatArray, k: FloatArray, r: FloatArray) -> FloatArray:
    """Sum weights times the cell probabilities' derivatives by the thresholds of the rows.

    A higher threshold gives to the category below it what it takes from the one above.
    """
    end = np.full((len(k), 1, 1), np.inf)
    ends = np.concatenate([-end, k[:, None, :], end], axis=2)
    strips = np.diff(slope(h[:, :, None], ends, r[:, None, None]), axis=2)
    return np.asarray(((weight[:, :-1] - weight[:, 1:]) * strips).sum(axis=2))


def cell_influence(
    scores: PairScores,
    thresholds: FloatArray,
    first: IntArray,
    second: IntArray,
    size: float | FloatArray,
) -> FloatArray:
    """Return the influence of each pair of answers on the correlation, (pair, K + 1, K + 1).

    The score, less what the answers do to the thresholds that the correlation rests on. With one
    answer missing only the other's thresholds remain; with both, nothing.

    Parameters
    ----------
    scores : PairScores
        Of all pairs of one group.
    thresholds : ndarray, shape (o, K + 1, K - 1)
        As :func:`threshold_influence` gives them.
    first, second : ndarray of int, shape (pair,)
    size : float or ndarray, shape (pair,)
        People of the group.
    """
    n_pairs, k, _ = scores.score.shape
    by_row = np.einsum("pc,pac->pa", scores.row, thresholds[first])
    by_column = np.einsum("pc,pac->pa", scores.column, thresholds[second])
    influence = np.zeros((n_pairs, k + 1, k + 1))
    influence[:, :-1, :-1] = scores.score * np.asarray(size)[..., None, None]
    influence -= by_row[:, :, None]
    influence -= by_column[:, None, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(influence / scores.squares[:, None, None])
