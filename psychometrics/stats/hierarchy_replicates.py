"""Schmid-Leiman solutions of many correlation matrices at once, in step with one of them.

Every replicate is rotated from the reference solution, turned to its own factors, and its group
factors are put in the reference's order, so that a group factor is the same thing throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from psychometrics.stats.efa import extract
from psychometrics.stats.gradient_projection import project
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.stats.rotation import PLAIN, criterion_of, rotate
from psychometrics.stats.schmid_leiman import second_order_loadings

ROTATION = "oblimin"


@dataclass(frozen=True, slots=True)
class Reference:
    """The solution that others are brought in step with.

    Attributes
    ----------
    unrotated, pattern : ndarray, shape (p, m)
    transformation : ndarray, shape (m, m)
        ``pattern = unrotated inv(T)'``.
    groups : ndarray of int, shape (p,)
        The group factor each item loads highest on.
    """

    unrotated: FloatArray
    pattern: FloatArray
    transformation: FloatArray
    groups: IntArray


@dataclass(frozen=True, slots=True)
class Hierarchies:
    """Schmid-Leiman solutions; leading axis replicate.

    Attributes
    ----------
    general : ndarray, shape (replicate, p)
    groups : ndarray, shape (replicate, p, m)
    uniquenesses : ndarray, shape (replicate, p)
    converged : ndarray of bool, shape (replicate,)
        Whether extraction and rotation both ended.
    """

    general: FloatArray
    groups: FloatArray
    uniquenesses: FloatArray
    converged: BoolArray


def reference_solution(
    correlation: FloatArray, n_factors: int, rng: np.random.Generator
) -> Reference:
    """Extract by minres and rotate by oblimin from many starts.

    Parameters
    ----------
    correlation : ndarray, shape (p, p)
    n_factors : int
        Group factors, m.
    rng : Generator
        Random starts of the rotation.
    """
    found = extract(correlation[None], n_factors, "minres").loadings[0]
    turned = rotate(found, ROTATION, rng=rng)
    highest = np.abs(turned.loadings).argmax(axis=1).astype(np.int64)
    return Reference(found, turned.loadings, turned.transformation, highest)


def in_step_with(own: Reference, other: Reference) -> Reference:
    """Put the group factors of one solution in the order and direction of another's.

    Items belong to the group factors that the other says.
    """
    order, sign = in_step(own.pattern[None], other.pattern)
    return Reference(
        own.unrotated,
        own.pattern[:, order[0]] * sign[0],
        own.transformation[:, order[0]] * sign[0],
        other.groups,
    )


def hierarchies(correlation: FloatArray, reference: Reference) -> Hierarchies:
    """Return the Schmid-Leiman solution of each matrix, in step with the reference.

    Parameters
    ----------
    correlation : ndarray, shape (replicate, p, p)
        Finite.
    """
    p, m = reference.pattern.shape
    found = extract(correlation, m, "minres")
    # Orthogonal Procrustes: the unrotated factors turned to the reference's.
    left, _, right = np.linalg.svd(found.loadings.mT @ reference.unrotated)
    starts = left @ right @ reference.transformation
    ended = project(found.loadings, criterion_of(ROTATION, PLAIN, p, m), starts, oblique=True)
    turn = ended.transformation
    pattern = found.loadings @ np.linalg.inv(turn).mT
    order, sign = in_step(pattern, reference.pattern)
    turn = np.take_along_axis(turn, order[:, None, :], axis=2) * sign[:, None, :]
    pattern = np.take_along_axis(pattern, order[:, None, :], axis=2) * sign[:, None, :]
    second = second_orders(turn.mT @ turn)
    general = (pattern @ second[..., None])[..., 0]
    flip = np.where(general.sum(axis=1, keepdims=True) < 0, -1.0, 1.0)
    groups = pattern * np.sqrt(1 - second**2)[:, None, :]
    return Hierarchies(
        general * flip, groups, found.uniquenesses, found.converged & ended.converged
    )


def in_step(pattern: FloatArray, goal: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return order and signs (replicate, m) that make columns most like those of a goal."""
    m = goal.shape[1]
    size = np.sqrt((pattern**2).sum(axis=1))
    alike = np.einsum("rpj,pk->rjk", pattern, goal) / np.maximum(size, 1e-12)[..., None]
    orders = np.array(list(permutations(range(m))))
    gain = np.abs(alike[:, orders, np.arange(m)]).sum(axis=-1)
    best = orders[gain.argmax(axis=1)]
    chosen = np.take_along_axis(alike, best[..., None], axis=1)
    sign = np.where(np.diagonal(chosen, axis1=-2, axis2=-1) < 0, -1.0, 1.0)
    return best, sign


def second_orders(factor_correlations: FloatArray) -> FloatArray:
    """Return the first-order factors' loadings on one factor, (replicate, m)."""
    m = factor_correlations.shape[-1]
    if m < 3:
        return np.stack([second_order_loadings(each)[0] for each in factor_correlations])
    safe = np.where(np.isfinite(factor_correlations), factor_correlations, np.eye(m))
    return np.clip(extract(safe, 1, "minres").loadings[..., 0], -1.0, 1.0)


def subscale_omega(
    general: FloatArray, groups: FloatArray, uniquenesses: FloatArray, members: BoolArray, at: int
) -> FloatArray:
    """Return the share of a subscale's variance that its group factor alone carries.

    Parameters
    ----------
    general : ndarray, shape (..., p)
        Loadings on the general factor.
    groups : ndarray, shape (..., p, m)
    uniquenesses : ndarray, shape (..., p)
    members : ndarray of bool, shape (p,)
        The items of the subscale.
    at : int
        Its group factor.

    References
    ----------
    Reise, S. P., Bonifay, W. E., & Haviland, M. G. (2013). Scoring and modeling psychological
    measures in the presence of multidimensionality. Journal of Personality Assessment, 95, 129-140.
    doi:10.1080/00223891.2012.725437
    """
    common = general[..., members].sum(axis=-1) ** 2
    each = groups[..., members, :].sum(axis=-2) ** 2
    whole = common + each.sum(axis=-1) + uniquenesses[..., members].sum(axis=-1)
    return np.asarray(each[..., at] / whole)
