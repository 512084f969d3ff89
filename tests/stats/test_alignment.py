"""Alignment of groups' factors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from psychometrics.stats.alignment import (
    align,
    explained_share,
    invariant_groups,
    total_variance_share,
)

RNG = np.random.default_rng(11)
N = np.array([200.0, 300.0, 250.0, 150.0])
LOADINGS = RNG.uniform(0.6, 1.2, size=6)
INTERCEPTS = RNG.uniform(2.0, 4.0, size=6)
MEAN = np.array([0.0, 0.5, -0.4, 0.2])
SD = np.array([1.0, 1.3, 0.8, 1.1])


def configural(mean=MEAN, sd=SD, shift=None):
    """What configural models of groups that differ in their factors find: (1, group, item)."""
    levels = INTERCEPTS + (0 if shift is None else shift)
    return (LOADINGS * sd[:, None])[None], (levels + LOADINGS * mean[:, None])[None]


def unit(found):
    """Means and SDs in units of the first group."""
    return found.mean[0] / found.sd[0, 0], found.sd[0] / found.sd[0, 0]


@pytest.mark.parametrize("power", [0.25, 0.5, 1.0, 2.0])
def test_groups_that_differ_in_people_alone_are_recovered(power):
    loadings, intercepts = configural()
    found = align(loadings, intercepts, N, power=(power, power))
    mean, sd = unit(found)
    np.testing.assert_allclose(mean, MEAN, atol=1e-4)
    np.testing.assert_allclose(sd, SD, atol=1e-4)
    np.testing.assert_allclose(np.prod(found.sd), 1.0)
    one, two = explained_share(loadings, intercepts, found)
    np.testing.assert_allclose([one[0], two[0]], 1.0, atol=1e-6)
    np.testing.assert_allclose(total_variance_share(loadings, intercepts, found), 1.0, atol=1e-6)


def test_a_few_different_items_don_t_move_the_means():
    shift = np.zeros((4, 6))
    shift[1, 2], shift[3, 4] = 0.8, -0.6
    given = configural(shift=shift)
    robust = unit(align(*given, N))[0]
    squares = unit(align(*given, N, power=(2.0, 2.0)))[0]
    np.testing.assert_allclose(robust, MEAN, atol=0.02)
    assert np.abs(squares - MEAN).max() > 0.05


def losses(z, loadings, intercepts, power, epsilon):
    """Both losses, written out pair by pair."""
    scale = np.exp(np.concatenate([[0.0], z[:3]]))
    scale = scale / np.prod(scale) ** 0.25
    shift = np.concatenate([[0.0], z[3:]])
    a = loadings * scale[:, None]
    b = intercepts - loadings * shift[:, None]
    total = 0.0
    for g in range(4):
        for h in range(g):
            weight = (N[g] * N[h]) ** 0.5
            for values in (a, b):
                total += weight * (((values[g] - values[h]) ** 2 + epsilon) ** (power / 2)).sum()
    return total


@pytest.mark.parametrize("power", [0.5, 1.0])
def test_no_other_search_ends_lower(power):
    rng = np.random.default_rng(2)
    loadings, intercepts = configural(shift=0.2 * rng.standard_normal((4, 6)))
    loadings = loadings + 0.1 * rng.standard_normal(loadings.shape)
    found = align(loadings, intercepts, N, power=(power, power), epsilon=0.01, n_starts=20)
    ends = [
        optimize.minimize(
            losses, 0.4 * rng.standard_normal(6), (loadings[0], intercepts[0], power, 0.01)
        ).fun
        for _ in range(12)
    ]
    assert found.loss[0] <= min(ends) + 1e-6 * min(ends)
    at = np.concatenate(
        [np.log(found.sd[0, 0] / found.sd[0, 1:]), found.mean[0, 1:] / found.sd[0, 1:]]
    )
    assert found.loss[0] == pytest.approx(losses(at, loadings[0], intercepts[0], power, 0.01))


def test_many_samples_are_aligned_one_by_one():
    rng = np.random.default_rng(4)
    loadings, intercepts = configural()
    many = loadings + 0.05 * rng.standard_normal((5, 4, 6))
    levels = intercepts + 0.05 * rng.standard_normal((5, 4, 6))
    together = align(many, levels, N, n_starts=0)
    for at in range(5):
        alone = align(many[at : at + 1], levels[at : at + 1], N, n_starts=0)
        np.testing.assert_allclose(together.mean[at], alone.mean[0], atol=1e-9)
        np.testing.assert_allclose(together.loss[at], alone.loss[0])


def test_free_lets_the_first_mean_move():
    rng = np.random.default_rng(5)
    loadings, intercepts = configural(shift=0.3 * rng.standard_normal((4, 6)))
    loadings = loadings * rng.uniform(0.7, 1.3, size=loadings.shape)
    fixed, free = (align(loadings, intercepts, N, kind=kind) for kind in ("fixed", "free"))
    assert fixed.mean[0, 0] == 0
    assert free.mean[0, 0] != 0
    assert free.loss[0] <= fixed.loss[0] + 1e-9


def test_order_of_groups_and_items_does_not_matter():
    rng = np.random.default_rng(6)
    loadings, intercepts = configural(shift=0.1 * rng.standard_normal((4, 6)))
    turned = align(loadings[..., ::-1], intercepts[..., ::-1], N, n_starts=20)
    found = align(loadings, intercepts, N, n_starts=20)
    np.testing.assert_allclose(found.mean, turned.mean, atol=1e-5)
    order = [0, 3, 2, 1]
    other = align(loadings[:, order], intercepts[:, order], N[order], n_starts=20)
    np.testing.assert_allclose(found.mean[:, order], other.mean, atol=1e-5)


def test_which_groups_are_alike():
    covariance = np.eye(5) * 0.01
    same = invariant_groups(np.array([1.0, 1.05, 0.95, 1.0, 2.0]), covariance)
    assert same.tolist() == [True, True, True, True, False]
    assert invariant_groups(np.array([1.0, 1.05, 0.95, 1.0, 1.1]), covariance).all()
