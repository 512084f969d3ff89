"""What each person adds to means, variances, and correlations with continuous variables.

Unlike those of two ordinal items, these scores differ from person to person, so they are made for
blocks of rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.polyserial import MixedRows, serial_cells


@dataclass(frozen=True, slots=True)
class SerialParts:
    """One group's continuous part: estimates, and sums of products of scores over people.

    Attributes
    ----------
    rows : MixedRows
    variance : ndarray, shape (c,)
    polyserial : ndarray, shape (c, o)
    pearson : ndarray, shape (c, c)
    size : float
        People of the group.
    own_inverse : ndarray, shape (c, 2, 2)
        Inverse of the sum of products of the scores of mean and variance.
    serial_squares : ndarray, shape (c, o)
        Sums of the squared scores of the polyserial correlations.
    serial_own : ndarray, shape (c, o, 2)
        Sums of their products with the scores of mean and variance.
    serial_thresholds : ndarray, shape (c, o, K - 1)
        Sums of their products with the scores of thresholds.
    pearson_squares : ndarray, shape (pair,)
    pearson_first, pearson_second : ndarray, shape (pair, 2)
        The same for the correlations of two continuous variables.
    first, second : ndarray of int, shape (pair,)
        Their variables.
    """

    rows: MixedRows
    variance: FloatArray
    polyserial: FloatArray
    pearson: FloatArray
    size: float
    own_inverse: FloatArray
    serial_squares: FloatArray
    serial_own: FloatArray
    serial_thresholds: FloatArray
    pearson_squares: FloatArray
    pearson_first: FloatArray
    pearson_second: FloatArray
    first: IntArray
    second: IntArray


def serial_parts(
    rows: MixedRows, variance: FloatArray, polyserial: FloatArray, pearson: FloatArray, size: float
) -> SerialParts:
    """Sum what is needed over the rows of one group, in one pass of blocks."""
    c, o = polyserial.shape
    k = rows.limits.shape[1] - 1
    first, second = np.triu_indices(c, 1)
    own = np.zeros((c, 2, 2))
    squares, by_own, by_threshold = np.zeros((c, o)), np.zeros((c, o, 2)), np.zeros((c, o, k - 1))
    pair_squares, pair_first, pair_second = (np.zeros((len(first), *s)) for s in ((), (2,), (2,)))
    for block in rows.blocks():
        weight = rows.weights[block]
        scores = _own_scores(rows, block, variance)
        own += np.einsum("n,nci,ncj->cij", weight, scores, scores)
        serial = _serial_scores(rows, block, variance, polyserial)
        weighted = serial.score * weight[:, None, None]
        squares += (weighted * serial.score).sum(axis=0)
        by_own += np.einsum("nco,ncoi->coi", weighted, serial.own)
        by_threshold += _sum_by_threshold(weighted, serial, rows.codes[block], k)
        pair = _pearson_scores(rows, block, variance, pearson)
        weighted = pair.score * weight[:, None]
        pair_squares += (weighted * pair.score).sum(axis=0)
        pair_first += np.einsum("np,npi->pi", weighted, pair.first)
        pair_second += np.einsum("np,npi->pi", weighted, pair.second)
    own_inverse = np.asarray(np.linalg.inv(own), dtype=float)
    return SerialParts(
        rows, variance, polyserial, pearson, size, own_inverse, squares, by_own, by_threshold,
        pair_squares, pair_first, pair_second, first, second,
    )  # fmt: skip


def _own_scores(rows: MixedRows, block: slice, variance: FloatArray) -> FloatArray:
    """Return the scores of mean and variance, (n, c, 2); 0 where missing."""
    z, seen = rows.z[block], rows.has_z[block]
    scores = np.stack([z / np.sqrt(variance), (z**2 - 1) / (2 * variance)], axis=2)
    return np.where(seen[:, :, None], scores, 0.0)


@dataclass(frozen=True, slots=True)
class _SerialScores:
    """Scores of a block of rows for pairs of a continuous and an ordinal variable.

    By the correlation, (n, c, o), by mean and variance, (n, c, o, 2), and by the thresholds at the
    ends of the category, (n, c, o).
    """

    score: FloatArray
    own: FloatArray
    upper: FloatArray
    lower: FloatArray


def _serial_scores(
    rows: MixedRows, block: slice, variance: FloatArray, r: FloatArray
) -> _SerialScores:
    """Return the scores of the likelihood of a continuous and an ordinal variable."""
    cells = serial_cells(rows, block, r)
    z = rows.z[block][:, :, None]
    s = np.sqrt((1 - r) * (1 + r))
    share = cells.seen / cells.probability
    gap = (cells.upper - cells.lower) * share * r / s
    sd = np.sqrt(variance)[:, None]
    own = np.stack(
        [(z * cells.seen + gap) / sd, ((z**2 - 1) * cells.seen + z * gap) / (2 * sd**2)], axis=3
    )
    return _SerialScores(
        cells.change * share, own, cells.upper * share / s, cells.lower * share / s
    )


def _sum_by_threshold(
    weighted: FloatArray, scores: _SerialScores, codes: IntArray, k: int
) -> FloatArray:
    """Sum products of scores by correlation and thresholds, (c, o, K - 1)."""
    inside = (codes[:, :, None] == np.arange(k)).astype(float)
    upper = np.einsum("nco,nok->cok", weighted * scores.upper, inside)
    lower = np.einsum("nco,nok->cok", weighted * scores.lower, inside)
    return np.asarray(upper[:, :, :-1] - lower[:, :, 1:])


@dataclass(frozen=True, slots=True)
class _PearsonScores:
    """Scores of a block of rows for pairs of continuous variables.

    By the correlation, (n, pair), and by either variable's mean and variance, (n, pair, 2).
    """

    score: FloatArray
    first: FloatArray
    second: FloatArray


def _pearson_scores(
    rows: MixedRows, block: slice, variance: FloatArray, pearson: FloatArray
) -> _PearsonScores:
    """Return the scores of the likelihood of two continuous variables."""
    first, second = np.triu_indices(len(variance), 1)
    r = pearson[first, second]
    z, seen = rows.z[block], rows.has_z[block]
    x, y = z[:, first], z[:, second]
    both = seen[:, first] & seen[:, second]
    rest = (1 - r) * (1 + r)
    score = (r + (x * y * (1 + r**2) - r * (x**2 + y**2)) / rest) / rest
    parts = []
    for one, other, v in ((x, y, variance[first]), (y, x, variance[second])):
        by_mean = (one - r * other) / (rest * np.sqrt(v))
        by_variance = ((one**2 - r * one * other) / rest - 1) / (2 * v)
        parts.append(np.where(both[:, :, None], np.stack([by_mean, by_variance], axis=2), 0.0))
    return _PearsonScores(np.where(both, score, 0.0), *parts)


@dataclass(frozen=True, slots=True)
class SerialInfluence:
    """Influence of a block of rows on the continuous statistics.

    Attributes
    ----------
    mean, variance : ndarray, shape (n, c)
    serial : ndarray, shape (n, c, o)
        On covariances with ordinal items.
    covariance : ndarray, shape (n, pair)
        On covariances of continuous variables.
    """

    mean: FloatArray
    variance: FloatArray
    serial: FloatArray
    covariance: FloatArray


def serial_influence(
    parts: SerialParts, block: slice, threshold_influence: FloatArray
) -> SerialInfluence:
    """Return the influence of a block of rows, before case weights.

    Parameters
    ----------
    parts : SerialParts
        What was summed over all rows.
    block : slice
        The rows.
    threshold_influence : ndarray, shape (n, o, K - 1)
        Of these rows.
    """
    rows, size, variance = parts.rows, parts.size, parts.variance
    own = np.einsum("cij,ncj->nci", parts.own_inverse, _own_scores(rows, block, variance)) * size
    serial = _serial_scores(rows, block, variance, parts.polyserial)
    rest = np.einsum("coi,nci->nco", parts.serial_own, own)
    rest += np.einsum("cok,nok->nco", parts.serial_thresholds, threshold_influence)
    sd = np.sqrt(variance)
    on_r = (serial.score * size - rest) / parts.serial_squares
    on_variance = own[:, :, 1]
    through = on_variance[:, :, None] * parts.polyserial / (2 * sd[:, None])
    covariance = _pearson_influence(parts, block, own)
    return SerialInfluence(own[:, :, 0], on_variance, sd[:, None] * on_r + through, covariance)


def _pearson_influence(parts: SerialParts, block: slice, own: FloatArray) -> FloatArray:
    """Return the influence on covariances of continuous variables, (n, pair)."""
    first, second = parts.first, parts.second
    pair = _pearson_scores(parts.rows, block, parts.variance, parts.pearson)
    rest = np.einsum("pi,npi->np", parts.pearson_first, own[:, first])
    rest += np.einsum("pi,npi->np", parts.pearson_second, own[:, second])
    on_r = (pair.score * parts.size - rest) / parts.pearson_squares
    sd, r = np.sqrt(parts.variance), parts.pearson[first, second]
    ratio = sd[first] / sd[second]
    return np.asarray(
        sd[first] * sd[second] * on_r
        + own[:, first, 1] * r / (2 * ratio)
        + own[:, second, 1] * r * ratio / 2
    )
