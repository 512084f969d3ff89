"""Score tests of setting one parameter of one group free, whatever the data are.

Unlike ``group_scores``, which asks about parameters that groups share, this asks about any slot of
any group: equal ones, and those that are fixed, such as the intercepts of ordered items once they
are equal. Ordered items and incomplete rows are answered too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from psychometrics.stats.cfa.fiml import PatternData, gather_group, group_information, group_sums
from psychometrics.stats.cfa.group_scores import inverted
from psychometrics.stats.cfa.kernel import SampleMoments, imply, imply_slots, mean_change
from psychometrics.stats.cfa.kernel import slot_values as values_at
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData, statistic_slopes, statistics_at
from psychometrics.stats.cfa.ordinal_robust import gamma_products
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.ordinal_moments import GroupMoments

# A parameter about which less than this share of the information is its own is not identified.
LEAST_SHARE = 1e-8
PORTION = 20


@dataclass(frozen=True, slots=True)
class ReleaseScores:
    """Tests of setting parameters free one at a time.

    Attributes
    ----------
    statistic : ndarray, shape (replicate, k)
        Expected fall of chi-square, 1 df; NaN where the parameter would not be identified. For
        ordered items divide by `scale`.
    change : ndarray, shape (replicate, k)
        What the parameter is expected to change by.
    """

    statistic: FloatArray
    change: FloatArray


def release_scores(
    layout: Layout,
    z: FloatArray,
    data: SampleMoments | OrdinalData | PatternData,
    slots: IntArray,
    groups: IntArray,
    *,
    observed: bool = False,
) -> ReleaseScores:
    """Test parameters at the optimum of a model that holds them equal, or fixed.

    Parameters
    ----------
    layout : Layout
        The restricted model.
    z : ndarray, shape (replicate, q)
        Its estimates.
    data : SampleMoments, OrdinalData or PatternData
    slots, groups : ndarray of int, shape (k,)
        Which slot of which group.
    observed : bool
        For incomplete rows: take the observed information, which is right where answers are
        missing at random, and not only completely at random (Kenward & Molenberghs, 1998).

    References
    ----------
    Sörbom, D. (1989). Model modification. Psychometrika, 54, 371-384. doi:10.1007/BF02294623
    Kenward, M. G., & Molenberghs, G. (1998). Likelihood based frequentist inference when data are
    missing at random. Statistical Science, 13, 236-247. doi:10.1214/ss/1028905886
    """
    parts = []
    step = len(z) if isinstance(data, PatternData) else PORTION
    for first in range(0, len(z), step):
        own = slice(first, first + step)
        gradient, information = by_slots(layout, z[own], data.take(own), observed=observed)
        parts.append(scores_of(layout, gradient, information, slots, groups))
    return ReleaseScores(
        np.concatenate([part.statistic for part in parts]),
        np.concatenate([part.change for part in parts]),
    )


def by_slots(
    layout: Layout,
    z: FloatArray,
    data: SampleMoments | OrdinalData | PatternData,
    *,
    observed: bool = False,
) -> tuple[FloatArray, FloatArray]:
    """Return gradient (replicate, group, m) and information of each group about all slots."""
    if not isinstance(data, PatternData):
        with np.errstate(all="ignore"):
            found = data.slot_derivatives(layout, z)
        return data.n[..., None] * found.gradient, data.n[..., None, None] * found.information
    implied = imply(layout, z[:1])
    gradients, parts = [], []
    for g, patterns in enumerate(data.groups):
        sums = group_sums(patterns, implied.covariance[0, g], implied.mean[0, g])
        pull, _ = gather_group(layout, implied, sums, g)
        own = layout.factor * pull[0, 0][layout.left, layout.right]
        gradients.append(own - mean_change(layout, implied)[0, g].T @ sums.push)
        parts.append(group_information(layout, implied, sums, patterns, g, observed=observed))
    return np.array(gradients)[None], np.array(parts)[None]


def scores_of(
    layout: Layout,
    gradient: FloatArray,
    information: FloatArray,
    slots: IntArray,
    groups: IntArray,
) -> ReleaseScores:
    """Return the tests, given what each group says about all slots."""
    with np.errstate(all="ignore"):
        mixed, left, size = efficient_size(layout, information, slots, groups)
        # At the optimum the scores of what is free are 0 but for rounding.
        free = np.einsum("gmq,rgm->rq", layout.selection, gradient)
        score = -gradient[:, groups, slots] + (mixed @ free[..., None])[..., 0]
        usable = left > LEAST_SHARE * size
        statistic = np.where(usable, score**2 / left, np.nan)
        change = np.where(usable, score / left, np.nan)
    return ReleaseScores(statistic, change)


def efficient_size(
    layout: Layout, information: FloatArray, slots: IntArray, groups: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return each released parameter's weights on the free ones, own information, and all of it.

    Shapes (replicate, k, q), (replicate, k) and (replicate, k).
    """
    total = 0.0
    for g, chosen in enumerate(layout.selection):
        total = total + chosen.T @ information[:, g] @ chosen
    along = np.stack(
        [
            information[:, g, slot] @ layout.selection[g]
            for slot, g in zip(slots, groups, strict=True)
        ],
        axis=1,
    )
    mixed = along @ inverted(np.asarray(total))
    size = information[:, groups, slots, slots]
    return mixed, size - (mixed * along).sum(axis=-1), size


def scale_factors(
    layout: Layout,
    z: FloatArray,
    data: OrdinalData,
    moments: Sequence[GroupMoments],
    slots: IntArray,
    groups: IntArray,
) -> FloatArray:
    """Return what statistics of least squares are divided by to follow a chi-square, shape (k,).

    The variance of each score by the statistics' asymptotic covariance Gamma, over what it would
    be if the weights were the inverse of Gamma.

    Parameters
    ----------
    z : ndarray, shape (q,)
        Estimates of the restricted model.
    data : OrdinalData
        One replicate.
    moments : sequence of GroupMoments
        Where Gamma comes from.

    References
    ----------
    Satorra, A. (1989). Alternative test criteria in covariance structure analysis: A unified
    approach. Psychometrika, 54, 131-151. doi:10.1007/BF02294453
    """
    values = values_at(layout, z[None, :])
    implied = imply_slots(layout, values)
    at = statistics_at(layout, data.layout, values, implied)
    change = statistic_slopes(layout, data.layout, at, implied).whole()[0]
    weight, n = data.weight[0], data.n[0]
    information = np.einsum("gsm,gs,gsl->gml", change, n[:, None] * weight, change, optimize=True)
    mixed, left, _ = efficient_size(layout, information[None], slots, groups)
    nothing = np.zeros((1, 1))
    variance = np.zeros(len(slots))
    for g, group in enumerate(moments):
        weighted = weight[g][:, None] * change[g]
        # Each released parameter's score, once the free ones are taken out, in this group's slots.
        own = -mixed[0] @ layout.selection[g].T
        mine = np.flatnonzero(groups == g)
        own[mine, slots[mine]] += 1.0
        reached = weighted @ own.T
        times = gamma_products(group, weight[g], reached, nothing).times
        variance += n[g] * (reached * times).sum(axis=0)
    with np.errstate(all="ignore"):
        return np.where(left[0] > 0, variance / left[0], np.nan)
