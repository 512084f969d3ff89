"""Moments of groups whose people were shuffled, all shufflings together."""

from __future__ import annotations

import numpy as np

from psychometrics.stats.cfa.kernel import SampleMoments, sample_moments
from psychometrics.stats.moments import (
    FloatArray,
    IntArray,
    covariance_of,
    integer_centres,
    pack_products,
    unpack_sums,
)
from psychometrics.stats.resampling import as_single

# Entries of the membership indicators of one portion of shufflings.
PORTION_ENTRIES = 4_000_000


def shuffled_groups(group: IntArray, count: int, rng: np.random.Generator) -> IntArray:
    """Shuffle who belongs to which group; sizes stay, shape (count, n).

    Examples
    --------
    >>> found = shuffled_groups(np.array([0, 0, 1]), 4, np.random.default_rng(1))
    >>> found.shape, found.sum(axis=1).tolist()
    ((4, 3), [1, 1, 1, 1])
    """
    rows = np.broadcast_to(group.astype(np.int16), (count, len(group)))
    return np.asarray(rng.permuted(rows, axis=1))


def without_group_means(rows: FloatArray, group: IntArray, n_groups: int) -> FloatArray:
    """Take each group's own means off its rows."""
    found = rows.copy()
    for g in range(n_groups):
        mine = group == g
        found[mine] -= rows[mine].mean(axis=0)
    return found


def permuted_moments(
    rows: FloatArray, group: IntArray, n_groups: int, count: int, rng: np.random.Generator
) -> SampleMoments:
    """Return the moments of the groups after shuffling people over them.

    Parameters
    ----------
    rows : ndarray, shape (n, p)
        Complete rows.
    group : ndarray of int, shape (n,)
    n_groups, count : int
        Groups, and shufflings.

    Returns
    -------
    SampleMoments
        Leading axes (shuffling, group).
    """
    centre = integer_centres(rows)
    products = as_single(pack_products(rows, centre))
    index = np.arange(n_groups, dtype=np.int16)[:, None]
    step = max(1, PORTION_ENTRIES // (n_groups * len(rows)))
    parts = []
    for first in range(0, count, step):
        labels = shuffled_groups(group, min(step, count - first), rng)
        member = (labels[:, None, :] == index).astype(products.dtype)
        packed = member.reshape(-1, len(rows)) @ products
        parts.append(packed.reshape(len(labels), n_groups, -1).astype(float))
    n, mean, covariance = covariance_of(unpack_sums(np.concatenate(parts), centre))
    return sample_moments(covariance, mean, n)
