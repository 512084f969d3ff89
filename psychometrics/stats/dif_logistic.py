"""Ordinal logistic regressions of items on a score and groups, from tables of counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from psychometrics.stats.moments import BoolArray, FloatArray
from psychometrics.stats.proportional_odds import (
    OddsModels,
    expected_category,
    null_log_likelihood,
    proportional_odds,
)


@dataclass(frozen=True, slots=True)
class LogisticDif:
    """Nested models of every item: score alone, groups too, and groups with their own slopes.

    Attributes
    ----------
    log_likelihood : ndarray, shape (item, 4)
        Of thresholds alone, with the score, with groups, with their slopes.
    chi2, df, p_value : ndarray, shape (item, 3)
        Uniform (1 - 2), non-uniform (2 - 3) and total (1 - 3).
    r2 : ndarray, shape (item, 3)
        Changes of McFadden's measure likewise.
    level, slope : OddsModels
        The second and third model; effects are the score, the other groups, their slopes.
    usable : ndarray of bool, shape (item,)
        Whether all models have a maximum.
    """

    log_likelihood: FloatArray
    chi2: FloatArray
    df: FloatArray
    p_value: FloatArray
    r2: FloatArray
    level: OddsModels
    slope: OddsModels
    usable: BoolArray


def covariates(scores: FloatArray, n_groups: int) -> FloatArray:
    """Return score, group and product of each cell, (item, score x group, 2 groups - 1).

    The first group is the one that others are compared with.
    """
    n_items, n_scores = scores.shape
    score = np.repeat(scores[:, :, None], n_groups, axis=2)
    group = np.broadcast_to(np.eye(n_groups)[:, 1:], (n_items, n_scores, n_groups, n_groups - 1))
    cells = np.concatenate([score[..., None], group, score[..., None] * group], axis=-1)
    return cells.reshape(n_items, n_scores * n_groups, -1)


def logistic_dif(counts: FloatArray, scores: FloatArray) -> LogisticDif:
    """Fit the three models to every item's table.

    Parameters
    ----------
    counts : ndarray, shape (item, score, group, K)
        An item's own answers stand first.
    scores : ndarray, shape (item, score)
        The matching scores, best centred.

    References
    ----------
    Zumbo, B. D. (1999). A handbook on the theory and methods of differential item functioning:
    Logistic regression modeling as a unitary framework for binary and Likert-type item scores.
    Crane, P. K., Gibbons, L. E., Jolley, L., & van Belle, G. (2006). Differential item functioning
    analysis with ordinal logistic regression techniques. Medical Care, 44, S115-S123.
    McFadden, D. (1974). Conditional logit analysis of qualitative choice behavior.
    """
    n_items, _, n_groups, k = counts.shape
    flat = counts.reshape(n_items, -1, k)
    cells = covariates(scores, n_groups)
    d, more = cells.shape[2], n_groups - 1
    free = np.zeros((3, n_items, d), dtype=bool)
    free[:, :, 0] = True
    free[1:, :, 1 : 1 + more] = True
    free[2, :, 1 + more :] = True
    found = [proportional_odds(flat, cells, one) for one in free]
    null = null_log_likelihood(flat)
    likelihoods = np.stack([null, *(one.log_likelihood for one in found)], axis=1)
    steps = np.array([[1, 2], [2, 3], [1, 3]])
    chi2 = 2 * (likelihoods[:, steps[:, 1]] - likelihoods[:, steps[:, 0]])
    df = np.tile([more, more, 2.0 * more], (n_items, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        r2 = chi2 / (-2 * null[:, None])
    usable = found[0].converged & found[1].converged & found[2].converged & (null < 0)
    chi2 = np.maximum(chi2, 0.0)
    return LogisticDif(
        likelihoods, chi2, df, np.asarray(stats.chi2.sf(chi2, df)), r2, found[1], found[2], usable
    )


@dataclass(frozen=True, slots=True)
class ExpectedGaps:
    """How far two groups' expected answers are apart, each of shape (item,), in points.

    Attributes
    ----------
    estimate, se : ndarray
        Second group less first at equal scores, averaged over the second group's scores; from the
        model without slopes of the groups' own.
    most : ndarray
        The largest difference at any score that somebody of either group has, from the model with
        them.
    """

    estimate: FloatArray
    se: FloatArray
    most: FloatArray


def expected_gaps(
    found: LogisticDif, counts: FloatArray, scores: FloatArray, codes: FloatArray
) -> ExpectedGaps:
    """Turn log-odds of two groups into differences of expected answers, with a delta method.

    Parameters
    ----------
    found : LogisticDif
    counts, scores
        As for :func:`logistic_dif`, of two groups.
    codes : ndarray, shape (item, K)
        The answers' values.
    """
    n_items, n_scores = scores.shape
    cells = covariates(scores, 2).reshape(n_items, n_scores, 2, -1)
    n = counts.sum(axis=3)
    weight = n[:, :, 1] / np.maximum(n[:, :, 1].sum(axis=1, keepdims=True), 1e-300)

    def gaps(thresholds: FloatArray, effects: FloatArray) -> FloatArray:
        return expected_category(thresholds, effects, cells[:, :, 1], codes) - expected_category(
            thresholds, effects, cells[:, :, 0], codes
        )

    model = found.level
    estimate = (weight * gaps(model.thresholds, model.effects)).sum(axis=1)
    n_cuts, step = model.thresholds.shape[1], 1e-5
    slope = np.zeros((n_items, model.covariance.shape[1]))
    for at in range(slope.shape[1]):
        ends = []
        for sign in (step, -step):
            cuts, effects = model.thresholds.copy(), model.effects.copy()
            if at < n_cuts:
                cuts[:, at] += sign
            else:
                effects[:, at - n_cuts] += sign
            ends.append((weight * gaps(cuts, effects)).sum(axis=1))
        slope[:, at] = (ends[0] - ends[1]) / (2 * step)
    variance = np.einsum("ia,iab,ib->i", slope, model.covariance, slope)
    whole = np.abs(gaps(found.slope.thresholds, found.slope.effects))
    most = np.where(n.sum(axis=2) > 0, whole, 0.0).max(axis=1)
    with np.errstate(invalid="ignore"):
        return ExpectedGaps(estimate, np.sqrt(variance), most)
