"""Standard errors and corrected tests of least squares on thresholds and correlations.

With weights W that are not the inverse of the statistics' asymptotic covariance Gamma, the fit
statistic is a sum of weighted chi-squares with weights the eigenvalues of U Gamma,
``U = W - W D (D'WD)^-1 D'W``. Their sum and the sum of their squares are all that corrections need,
and both come group by group from Gamma D-sized products: the matrix over all groups is never
formed, nor that of a group with fewer people than statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from psychometrics.stats.cfa.arrow import Arrow
from psychometrics.stats.cfa.inference import parameter_covariance
from psychometrics.stats.cfa.kernel import imply_slots, slot_values
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.cfa.ordinal_kernel import (
    OrdinalData,
    covariance_of,
    implied_statistics,
    statistic_slopes,
    statistics_at,
)
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.ordinal_layout import StatisticLayout
from psychometrics.stats.ordinal_moments import GroupMoments

# An implied correlation matrix with a smaller eigenvalue has no likelihood.
LEAST_EIGENVALUE = 1e-8


@dataclass(frozen=True, slots=True)
class OrdinalRobust:
    """What corrections of one fitted data set are made of.

    Attributes
    ----------
    corrected : ndarray, shape (q, q)
        Covariance of the estimates.
    bread, meat : ndarray, shape (q, q)
        ``(D'WD)^-1`` and ``D'W Gamma W D``, each summed over people.
    trace, trace_square : float
        Traces of U Gamma and of its square.
    likelihood_trace : float
        What n times the maximum likelihood discrepancy of the correlations is on average at these
        estimates if the model holds; NaN where an implied correlation matrix is not one.
    baseline : BaselineTraces
        The same of the model in which variables are unrelated.
    """

    corrected: FloatArray
    bread: FloatArray
    meat: FloatArray
    trace: float
    trace_square: float
    likelihood_trace: float
    baseline: BaselineTraces


@dataclass(frozen=True, slots=True)
class BaselineTraces:
    """Traces of the model in which variables are unrelated and nothing else is restricted.

    Attributes
    ----------
    trace, square : float
        Of U Gamma and of its square: U is the weights of the covariances alone.
    likelihood : float
        Mean of n times the ML discrepancy.
    """

    trace: float
    square: float
    likelihood: float


@dataclass(frozen=True, slots=True)
class GammaProducts:
    """Products of one group's Gamma.

    Attributes
    ----------
    times : ndarray, shape (s, k)
        Gamma times the matrix that was asked for.
    trace, square : float
        Traces of W Gamma and of (W Gamma)^2.
    other : float
        Trace of another matrix times Gamma.
    pair_variances : ndarray, shape (pair,)
        Diagonal of Gamma for covariances.
    pair_square : float
        Trace of (W Gamma)^2 of the covariances alone.
    """

    times: FloatArray
    trace: float
    square: float
    other: float
    pair_variances: FloatArray
    pair_square: float


def gamma_products(
    group: GroupMoments, weight: FloatArray, matrix: FloatArray, other: FloatArray
) -> GammaProducts:
    """Multiply a group's Gamma, by whichever of its forms is smaller.

    Parameters
    ----------
    weight : ndarray, shape (s,)
    matrix : ndarray, shape (s, k)
    other : ndarray, shape (r, r)
        About the last r statistics, symmetric.
    """
    last = slice(len(weight) - len(other), None)
    pairs = group.layout.covariances
    people, size = len(group.codes), group.layout.size
    root = np.sqrt(weight)
    if people >= size:
        gamma = group.full()
        variances = np.diagonal(gamma)
        scaled = root[:, None] * gamma * root
        return GammaProducts(
            gamma @ matrix,
            float(np.sum(weight * variances)),
            float(np.vdot(scaled, scaled)),
            float(np.vdot(other, gamma[last, last])),
            variances[pairs],
            float(np.sum(scaled[pairs, pairs] ** 2)),
        )
    influence = np.concatenate([block for _, block in group.influence()])
    times = influence.T @ (influence @ matrix) / group.n
    tail = influence[:, last]
    along = float(np.sum((tail @ other) * tail)) / group.n
    variances = np.einsum("np,np->p", influence[:, pairs], influence[:, pairs]) / group.n
    influence *= root
    of_pairs = influence[:, pairs] @ influence[:, pairs].T / group.n
    levels = influence[:, : pairs.start]
    between = of_pairs + levels @ levels.T / group.n
    return GammaProducts(
        times,
        float(np.trace(between)),
        float(np.vdot(between, between)),
        along,
        variances,
        float(np.vdot(of_pairs, of_pairs)),
    )


def likelihood_weight(layout: StatisticLayout, covariance: FloatArray) -> FloatArray:
    """Return half the second derivatives of the ML discrepancy by variances and covariances.

    Parameters
    ----------
    layout : StatisticLayout
    covariance : ndarray, shape (p, p)
        Where they are taken; ordered items have variance 1.
    """
    own = layout.variance_variable
    row, column = np.concatenate([own, layout.first]), np.concatenate([own, layout.second])
    inverse = np.linalg.inv(covariance)
    found = inverse[row[:, None], row] * inverse[column[:, None], column]
    found += inverse[row[:, None], column] * inverse[column[:, None], row]
    half = np.where(row == column, 0.5, 1.0)
    return np.asarray(found * np.outer(half, half))


def group_slopes(layout: Layout, z: FloatArray, data: OrdinalData) -> list[FloatArray]:
    """Return each group's derivatives of the statistics by the parameters it depends on."""
    slots = slot_values(layout, z[None, :])
    implied = imply_slots(layout, slots)
    at = statistics_at(layout, data.layout, slots, implied)
    change = statistic_slopes(layout.narrow, data.layout, at, implied).whole()[0]
    chosen = layout.narrow.selection
    return [change[g] @ chosen[g][:, layout.plan.blocks.members(g)] for g in range(len(chosen))]


def ordinal_robust(
    layout: Layout,
    z: FloatArray,
    data: OrdinalData,
    groups: Sequence[GroupMoments],
    inverse: Callable[[Arrow], FloatArray] = lambda matrix: parameter_covariance(matrix)[0],
) -> OrdinalRobust:
    """Return the corrections of one fitted data set.

    Parameters
    ----------
    z : ndarray, shape (q,)
        Estimates.
    data : OrdinalData
        One replicate.
    groups : sequence of GroupMoments
        Where the groups' Gamma comes from.
    inverse : callable
        Turns an information into a covariance; parameters at a bound are taken out there.

    References
    ----------
    Muthén, B., du Toit, S. H. C., & Spisic, D. (1997). Robust inference using weighted least
    squares and quadratic estimating equations in latent variable modeling with categorical and
    continuous outcomes. Unpublished technical report.
    Satorra, A., & Bentler, P. M. (1994). Corrections to test statistics and standard errors in
    covariance structure analysis.
    Savalei, V. (2021). Improving fit indices in structural equation modeling with categorical data.
    Multivariate Behavioral Research, 56, 390-407. doi:10.1080/00273171.2020.1717922
    """
    q = layout.n_free
    bread = inverse(data.slopes(layout, z[None, :], observed=False)[1])
    meat, through, corrected = (np.zeros((q, q)) for _ in range(3))
    reached: list[FloatArray] = []
    trace = square = likely = 0.0
    base = np.zeros(3)
    implied = covariance_of(data.layout, implied_statistics(layout, data.layout, z[None, :]))[0]
    proper = bool(np.all(np.linalg.eigvalsh(implied)[..., 0] > LEAST_EIGENVALUE))
    for g, (group, change) in enumerate(zip(groups, group_slopes(layout, z, data), strict=True)):
        n, weight = data.n[0, g], data.weight[0, g]
        members = layout.plan.blocks.members(g)
        weighted = weight[:, None] * change
        other = likelihood_weight(data.layout, implied[g] if proper else np.eye(len(implied[g])))
        found = gamma_products(group, weight, weighted, other)
        own = n * weighted.T @ found.times
        twice = n * found.times.T @ (weight[:, None] * found.times)
        meat[np.ix_(members, members)] += own
        # Without common parameters nothing of one group moves another.
        reach = members if not len(layout.plan.blocks.shared) else np.arange(q)
        through[np.ix_(reach, members)] += bread[np.ix_(reach, members)] @ own
        if len(reach) < q:
            corrected[np.ix_(members, members)] = (
                through[np.ix_(members, members)] @ bread[np.ix_(members, members)]
            )
        mine = bread[np.ix_(members, members)]
        base += baseline_traces(data, g, found)
        trace += found.trace - float(np.sum(mine * own))
        square += found.square - 2 * float(np.sum(mine * twice))
        tail = change[len(change) - len(other) :]
        pulled = other @ tail
        likely += found.other
        likely -= 2 * n * float(np.sum((pulled @ mine) * found.times[len(change) - len(other) :]))
        reached.append(n * tail.T @ pulled)
    square += float(np.sum(through * through.T))
    if len(layout.plan.blocks.shared):
        corrected = through @ bread
    corrected = (corrected + corrected.T) / 2
    for g, own in enumerate(reached):
        members = layout.plan.blocks.members(g)
        likely += float(np.sum(own * corrected[np.ix_(members, members)]))
    return OrdinalRobust(
        corrected,
        bread,
        meat,
        trace,
        square,
        likely if proper else float("nan"),
        BaselineTraces(*base.tolist()),
    )


def baseline_traces(data: OrdinalData, g: int, found: GammaProducts) -> FloatArray:
    """Return what a group adds to the traces of the baseline, shape (3,)."""
    variance = np.diagonal(data.covariance[0, g])
    own = variance[data.layout.first] * variance[data.layout.second]
    weight = data.weight[0, g, data.layout.covariances]
    return np.array(
        [
            np.sum(weight * found.pair_variances),
            found.pair_square,
            np.sum(found.pair_variances / own),
        ]
    )
