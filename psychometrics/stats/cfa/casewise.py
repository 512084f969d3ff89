"""Scores of single people, contracted as they stream: what robust corrections are made of.

A person's score by a slot is gathered like every other derivative: with d the person's deviation
and y = W'K d, it is ``c (y_a y_b - (W'KW)_ab)``, and ``(K dmu)'d`` for the means. No matrix of
fourth moments is ever formed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psychometrics.stats.cfa.kernel import Implied, Pieces, SampleMoments, gather_from
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.moments import FloatArray, IntArray

BLOCK = 8192


@dataclass(frozen=True, slots=True)
class Rows:
    """Complete rows of one group.

    Attributes
    ----------
    values : ndarray, shape (n, p)
        Answers in the order of the model's observed variables.
    weights : ndarray, shape (n,), or None
        Case weights.
    clusters : ndarray of int, shape (n,), or None
        Cluster of each row; clusters do not cross groups.
    """

    values: FloatArray
    weights: FloatArray | None = None
    clusters: IntArray | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """How scores vary over the people (or clusters) of one group; sums, not means.

    Attributes
    ----------
    scores : ndarray, shape (m, m)
        Cross products of the scores, at the fitted moments.
    centred : ndarray, shape (m, m)
        The same about the sample moments: the part of the fourth moments that the model sees.
    saturated : float
        Trace of the same for the saturated model, in the metric of the sample moments.
    fitted : float
        The same in the metric of the fitted moments.
    """

    scores: FloatArray
    centred: FloatArray
    saturated: float
    fitted: float


def slot_scores(
    layout: Layout, pieces: Pieces, group: int, deviations: FloatArray, centre: FloatArray
) -> FloatArray:
    """Return casewise scores by the slots, shape (n, m).

    Parameters
    ----------
    deviations : ndarray, shape (n, p)
        From the means that scores are about.
    centre : ndarray, shape (m,)
        What is taken off the products: the fitted or the sample moments' share.
    """
    y = deviations @ pieces.solved[0, group]
    scores = layout.factor * (y[:, layout.left] * y[:, layout.right]) - centre
    if pieces.pushed is not None:
        scores = scores + deviations @ pieces.pushed[0, group]
    return np.asarray(scores)


def summed(scores: FloatArray, rows: Rows) -> FloatArray:
    """Weight the scores and add them up by cluster, with the correction C / (C - 1)."""
    own = scores if rows.weights is None else scores * rows.weights[:, None]
    if rows.clusters is None:
        return own
    _, place = np.unique(rows.clusters, return_inverse=True)
    n_clusters = int(place.max(initial=-1)) + 1
    added = np.zeros((n_clusters, own.shape[1]))
    np.add.at(added, place, own)
    # Few clusters vary less about their own sum than clusters do.
    return added * np.sqrt(n_clusters / (n_clusters - 1)) if n_clusters > 1 else added


def spread_of_group(
    layout: Layout, implied: Implied, data: SampleMoments, rows: Rows, group: int
) -> Spread:
    """Contract one group's casewise scores.

    Parameters
    ----------
    implied, data
        One replicate.
    rows : Rows
        The people of the group.
    """
    pieces = gather_from(layout, implied, data)
    metric, sample = pieces.metric[0, group], data.covariance[0, group]
    left, right, factor = layout.left, layout.right, layout.factor
    about_fit = factor * metric[left, right]
    solved = pieces.solved[0, group]
    about_sample = factor * (solved.T @ sample @ solved)[left, right]
    middle = data.mean[0, group] if layout.mean_structure else rows_mean(rows)
    from_sample = rows.values - middle
    from_fit = rows.values - (implied.mean[0, group] if layout.mean_structure else middle)
    scores = summed(slot_scores(layout, pieces, group, from_fit, about_fit), rows)
    centred = summed(slot_scores(layout, pieces, group, from_sample, about_sample), rows)
    means = layout.mean_structure
    metrics = {
        "identity": np.eye(len(sample)),
        "sample": sample,
        "model": implied.covariance[0, group],
    }
    fitted = metrics[data.weight]
    # lavaan's convention for least squares: covariances over n - 1, their spread over n.
    size = data.n[0, group]
    share = size / (size + 1) if data.unweighted else 1.0
    return Spread(
        share * scores.T @ scores,
        share * centred.T @ centred,
        share * saturated_trace(from_sample, sample, sample, rows, means=means),
        share
        * saturated_trace(
            from_sample,
            sample,
            fitted,
            rows,
            means=means,
        ),
    )


def rows_mean(rows: Rows) -> FloatArray:
    """Return the weighted mean of the rows."""
    return np.asarray(np.average(rows.values, axis=0, weights=rows.weights))


def saturated_trace(
    deviations: FloatArray, sample: FloatArray, metric: FloatArray, rows: Rows, *, means: bool
) -> float:
    """Trace of the information's inverse times the spread of the saturated model's scores.

    For single people it is half the sum of squared Mahalanobis distances, in closed form; for
    clusters the products of their members' scores have to be added.
    """
    root = np.linalg.cholesky(np.linalg.inv(metric))
    white = deviations @ root
    target = root.T @ sample @ root
    if rows.clusters is None:
        weight = np.ones(len(white)) if rows.weights is None else rows.weights**2
        distance = (white**2).sum(axis=1)
        cross = ((white @ target) * white).sum(axis=1)
        each = 0.5 * (distance**2 - 2 * cross + (target**2).sum())
        if means:
            each = each + distance
        return float((weight * each).sum())
    p = white.shape[1]
    low, high = np.tril_indices(p)
    scale = np.where(low == high, np.sqrt(0.5), 1.0)
    total = summed((white[:, low] * white[:, high] - target[low, high]) * scale, rows)
    value = float((total**2).sum())
    if means:
        value += float((summed(white, rows) ** 2).sum())
    return value
