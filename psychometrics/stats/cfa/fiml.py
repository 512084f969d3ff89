"""Full-information maximum likelihood: the fit function and derivatives over missing patterns.

With K_p the inverse of the implied covariance over what a pattern has (zero elsewhere), every
sum over patterns runs over small matrices: the gradient over ``sum n_p (K_p - K_p T_p K_p)``,
the information over ``sum n_p K_p (x) K_p``, which is one product of packed triangles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from psychometrics.stats.cfa.arrow import Arrow
from psychometrics.stats.cfa.kernel import (
    Implied,
    gather_blocks,
    imply,
    invert,
    mean_change,
    second_derivative,
    second_mean_derivative,
)
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.patterns import Patterns, pattern_precisions


@dataclass(frozen=True, slots=True)
class GroupSums:
    """Sums over the patterns of one group at given implied moments.

    Attributes
    ----------
    value : float
        Half of minus twice the log-likelihood, without its constant.
    pull : ndarray, shape (p, p)
        ``sum n_p (K_p - K_p T_p K_p)``: the derivative by the covariance, times two.
    push : ndarray, shape (p,)
        ``sum n_p K_p gap_p``: minus the derivative by the means.
    inverse, weight_pull : ndarray, shape (pattern, p, p)
        K_p, and ``K_p - K_p T_p K_p``.
    gaps : ndarray, shape (pattern, p)
        ``K_p gap_p``.
    """

    value: float
    pull: FloatArray
    push: FloatArray
    inverse: FloatArray
    weight_pull: FloatArray
    gaps: FloatArray


def group_sums(patterns: Patterns, covariance: FloatArray, mean: FloatArray) -> GroupSums:
    """Sum over the patterns of one group; an infinite value where Sigma is not a covariance."""
    precision, log_determinant = invert(covariance[None])
    p = len(covariance)
    if not np.isfinite(log_determinant[0]):
        nothing = np.full((p, p), np.nan)
        return GroupSums(np.inf, nothing, nothing[0], nothing[None], nothing[None], nothing[:1])
    inverse, logs = pattern_precisions(patterns, precision[0], float(log_determinant[0]))
    gap = (patterns.mean - mean) * patterns.observed
    target = patterns.covariance + gap[:, :, None] * gap[:, None, :]
    n = patterns.n
    fit = logs + np.einsum("kij,kij->k", inverse, target)
    pulled = inverse - inverse @ target @ inverse
    pushed = (inverse @ gap[..., None])[..., 0]
    return GroupSums(
        float(0.5 * (n * fit).sum()),
        np.tensordot(n, pulled, axes=1),
        n @ pushed,
        inverse,
        pulled,
        pushed,
    )


def slot_covariance_change(layout: Layout, implied: Implied, group: int) -> FloatArray:
    """Return derivatives of the implied covariance by the slots, shape (m, p, p)."""
    p = layout.n_observed
    directions = np.concatenate(
        [implied.effects[0, group, :p, :], implied.full[0, group, :p, :]], axis=-1
    )
    left, right = directions[:, layout.left], directions[:, layout.right]
    change = np.einsum("im,jm->mij", left * layout.factor, right)
    return np.asarray(change + np.swapaxes(change, 1, 2))


def kronecker_sum(first: FloatArray, second: FloatArray, n: FloatArray) -> FloatArray:
    """Return ``sum n_k first_k (x) second_k`` over symmetric matrices, shape (p, p, p, p).

    Entry (i, j, k, l) holds ``first[i, k] * second[j, l]``; packed triangles make it one product.
    """
    p = first.shape[-1]
    low, high = np.tril_indices(p)
    product = (n[:, None] * first[:, low, high]).T @ second[:, low, high]
    place = np.zeros((p, p), dtype=np.intp)
    place[low, high] = place[high, low] = np.arange(len(low))
    return np.asarray(product[place[:, None, :, None], place[None, :, None, :]])


def group_information(
    layout: Layout,
    implied: Implied,
    sums: GroupSums,
    patterns: Patterns,
    group: int,
    *,
    observed: bool,
    bends: bool = True,
) -> FloatArray:
    """Information of one group about the slots, shape (m, m); sums, not means."""
    n, p = patterns.n, layout.n_observed
    change = slot_covariance_change(layout, implied, group)
    flat = change.reshape(len(change), p * p)
    weight = 0.5 * sums.inverse - (sums.weight_pull if observed else 0.0)
    tensor = kronecker_sum(weight, sums.inverse, n).reshape(p * p, p * p)
    information = flat @ tensor @ flat.T
    moved = mean_change(layout, implied)[0, group]
    information += moved.T @ np.tensordot(n, sums.inverse, axes=1) @ moved
    if not observed:
        return np.asarray(information)
    reach = np.einsum("k,kij,kl->ijl", n, sums.inverse, sums.gaps, optimize=True)
    mixed = np.einsum("mjl,ia,ijl->ma", change, moved, reach, optimize=True)
    information += mixed + mixed.T
    if not bends:
        return np.asarray(information)
    pull, reached = gather_group(layout, implied, sums, group)
    one = Implied(*(part[:, group : group + 1] for part in parts_of(implied)))
    information += second_derivative(layout, one, pull)[0, 0]
    information -= second_mean_derivative(layout, one, reached)[0, 0]
    return np.asarray(information)


def parts_of(implied: Implied) -> tuple[FloatArray, ...]:
    """Return the arrays of an :class:`Implied`, in its order."""
    return (
        implied.effects, implied.full, implied.covariance, implied.full_mean, implied.mean,
    )  # fmt: skip


def gather_group(
    layout: Layout, implied: Implied, sums: GroupSums, group: int
) -> tuple[FloatArray, FloatArray]:
    """Return W'GW (1, 1, 2v, 2v) and E'K gap (1, 1, v) of one group, summed over patterns."""
    p = layout.n_observed
    effects = implied.effects[0, group, :p, :]
    directions = np.concatenate([effects, implied.full[0, group, :p, :]], axis=-1)
    return (directions.T @ sums.pull @ directions)[None, None], (effects.T @ sums.push)[None, None]


@dataclass(frozen=True, slots=True)
class PatternData:
    """Incomplete rows of one data set, by group and pattern: what FIML is evaluated on.

    Attributes
    ----------
    groups : tuple of Patterns
        One a group.
    """

    groups: tuple[Patterns, ...]

    def take(self, index: Any) -> PatternData:
        """Return itself: incomplete rows are one replicate."""
        return self

    def objective(self, layout: Layout, z: FloatArray) -> FloatArray:
        """Minus the log-likelihood without its constant, (replicate,)."""
        n = np.array([patterns.n.sum() for patterns in self.groups])
        return np.asarray(0.5 * (n * self.fit_function(layout, z)).sum(axis=-1))

    def fit_function(self, layout: Layout, z: FloatArray) -> FloatArray:
        """Minus twice the log-likelihood a person, without its constant, (replicate, group)."""
        found = np.empty((len(z), len(self.groups)))
        for replicate, point in enumerate(z):
            with np.errstate(all="ignore"):
                implied = imply(layout, point[None, :])
            for g, patterns in enumerate(self.groups):
                sums = group_sums(patterns, implied.covariance[0, g], implied.mean[0, g])
                found[replicate, g] = 2 * sums.value / patterns.n.sum()
        return found

    def slopes(
        self, layout: Layout, z: FloatArray, *, observed: bool, bends: bool = True
    ) -> tuple[FloatArray, Arrow]:
        """Gradient (1, q) of the objective and its information."""
        implied = imply(layout, z[:1])
        narrow = layout.narrow
        gradients, parts = [], []
        for g, patterns in enumerate(self.groups):
            sums = group_sums(patterns, implied.covariance[0, g], implied.mean[0, g])
            pull, _ = gather_group(narrow, implied, sums, g)
            slots = narrow.factor * pull[0, 0][narrow.left, narrow.right]
            gradients.append(slots - mean_change(narrow, implied)[0, g].T @ sums.push)
            parts.append(
                group_information(
                    narrow, implied, sums, patterns, g, observed=observed, bends=bends
                )
            )
        return gather_blocks(layout, np.array(gradients)[None], np.array(parts)[None])


def pattern_slot_scores(
    layout: Layout, implied: Implied, patterns: Patterns, group: int, rows: FloatArray
) -> FloatArray:
    """Return casewise scores by the slots of incomplete rows, shape (n, m).

    A row without any value has scores of zero.
    """
    p = layout.n_observed
    covariance, mean = implied.covariance[0, group], implied.mean[0, group]
    precision, log_determinant = invert(covariance[None])
    inverse, _ = pattern_precisions(patterns, precision[0], float(log_determinant[0]))
    effects = implied.effects[0, group, :p, :]
    directions = np.concatenate([effects, implied.full[0, group, :p, :]], axis=-1)
    moved = mean_change(layout, implied)[0, group]
    scores = np.zeros((len(rows), len(layout.kind)))
    left, right, factor = layout.left, layout.right, layout.factor
    order = np.argsort(patterns.member, kind="stable")
    bounds = np.searchsorted(patterns.member[order], np.arange(len(patterns.n) + 1))
    for k in range(len(patterns.n)):
        mine = order[bounds[k] : bounds[k + 1]]
        gap = np.where(patterns.observed[k], rows[mine] - mean, 0.0)
        solved = inverse[k] @ directions
        y = gap @ solved
        centre = (directions.T @ solved)[left, right]
        scores[mine] = factor * (y[:, left] * y[:, right] - centre) + gap @ inverse[k] @ moved
    return scores
