"""Score tests of every equality over groups, for many samples at once.

What a group says about the common parameters once its own are accounted for is a small matrix M_g;
their sum is the information of the restricted model. Everything about releasing one parameter in
one group, or in all, follows from these matrices, so no wider model is laid out or inverted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psychometrics.stats.cfa.kernel import SampleMoments, group_blocks
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class GroupScores:
    """Tests of releasing common parameters from their equality.

    Attributes
    ----------
    parameters : ndarray of int, shape (S,)
        The common parameters, as places among the free ones.
    statistic : ndarray, shape (replicate, group, S)
        Expected fall of chi-square (1 df) if the parameter were free in one group; NaN where that
        is not identified.
    change : ndarray, shape (replicate, group, S)
        Expected change of the parameter in that group.
    together : ndarray, shape (replicate, S)
        Expected fall (groups - 1 df) if it were free in all groups.
    """

    parameters: IntArray
    statistic: FloatArray
    change: FloatArray
    together: FloatArray


def group_scores(
    layout: Layout, z: FloatArray, data: SampleMoments | OrdinalData, parameters: IntArray
) -> GroupScores:
    """Test the release of common parameters at the optimum of the restricted model.

    Parameters
    ----------
    layout : Layout
        The restricted model, of two groups or more.
    z : ndarray, shape (replicate, q)
        Its estimates.
    data : SampleMoments or OrdinalData
        Leading axes (replicate, group). For ordered items the statistics are those of least
        squares and follow no chi-square distribution.
    parameters : ndarray of int, shape (k,)
        Which free parameters, each common to several groups.

    References
    ----------
    Lee, S.-Y., & Bentler, P. M. (1980). Some asymptotic properties of constrained generalized
    least squares estimation in covariance structure models. South African Statistical Journal,
    14, 121-136.
    Sörbom, D. (1989). Model modification. Psychometrika, 54, 371-384. doi:10.1007/BF02294623
    """
    shared = layout.plan.blocks.shared
    place = {int(parameter): at for at, parameter in enumerate(shared)}
    at = np.array([place[int(parameter)] for parameter in parameters], dtype=np.intp)
    score, own = efficient(layout, z, data)
    total = own.sum(axis=1)
    with np.errstate(all="ignore"):
        inverse = inverted(total)
        rows = own[..., at, :] @ inverse[:, None]  # (replicate, group, k, S)
        beside = np.einsum("rgks,rgks->rgk", rows, own[..., at, :])
        size = own[..., at, at]
        left = size - beside
        chosen = score[..., at]
        usable = left > 1e-8 * size
        statistic = np.where(usable, chosen**2 / left, np.nan)
        change = np.where(usable, chosen / left, np.nan)
    return GroupScores(
        np.asarray(parameters),
        statistic,
        change,
        joint_statistic(rows, own[..., at, :], at, chosen),
    )


def efficient(
    layout: Layout, z: FloatArray, data: SampleMoments | OrdinalData
) -> tuple[FloatArray, FloatArray]:
    """Return each group's score and information about the common parameters, its own taken out.

    Shapes (replicate, group, S) and (replicate, group, S, S).
    """
    parts = data.narrow_derivatives(layout, z)
    gradient, information = group_blocks(
        layout, data.n[..., None] * parts.gradient, data.n[..., None, None] * parts.information
    )
    n_local = layout.plan.blocks.local.shape[1]
    common = information[..., n_local:, n_local:]
    score = -gradient[..., n_local:]
    if not n_local:
        return score, common
    cross = information[..., :n_local, n_local:]
    with np.errstate(all="ignore"):
        solved = np.swapaxes(inverted(information[..., :n_local, :n_local]) @ cross, -1, -2)
        own = common - solved @ cross
        score = score + (solved @ gradient[..., :n_local, None])[..., 0]
    return score, own


def inverted(matrix: FloatArray) -> FloatArray:
    """Return the inverse of each matrix; NaN where there is none."""
    try:
        return np.asarray(np.linalg.inv(matrix), dtype=float)
    except np.linalg.LinAlgError:
        flat = matrix.reshape(-1, *matrix.shape[-2:])
        usable: BoolArray = np.asarray(np.isfinite(flat).all(axis=(-2, -1)))
        safe = np.where(usable[:, None, None], flat, np.eye(matrix.shape[-1]))
        good = usable & (np.linalg.matrix_rank(safe) == matrix.shape[-1])
        safe = np.where(good[:, None, None], safe, np.eye(matrix.shape[-1]))
        return np.where(good[:, None, None], np.linalg.inv(safe), np.nan).reshape(matrix.shape)


def joint_statistic(
    rows: FloatArray, own: FloatArray, at: IntArray, score: FloatArray
) -> FloatArray:
    """Return the statistic of releasing each parameter in all groups, (replicate, k)."""
    n_groups, k = score.shape[1:]
    # Covariance of the groups' scores given all else: they sum to nothing, so one is left out.
    across = -np.einsum("rgks,rhks->rkgh", rows, own)
    index = np.arange(n_groups)
    across[..., index, index] += own[..., np.arange(k), at].swapaxes(1, 2)
    inner = inverted(across[..., :-1, :-1])
    part = score[:, :-1].swapaxes(1, 2)
    return np.asarray(np.einsum("rkg,rkgh,rkh->rk", part, inner, part))
