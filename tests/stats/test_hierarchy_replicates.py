"""Batched Schmid-Leiman solutions against psych and the single one."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.hierarchy_replicates import (
    hierarchies,
    in_step,
    in_step_with,
    reference_solution,
    second_orders,
    subscale_omega,
)
from psychometrics.stats.schmid_leiman import omega_hierarchical
from tests.reference.load import HS_ITEMS, array, load, values


def thurstone() -> np.ndarray:
    return values(load("consistency")["thurstone"]["correlation"])


def solution(r: np.ndarray):
    reference = reference_solution(r, 3, np.random.default_rng(1))
    return reference, hierarchies(r[None], reference)


def test_is_psychs_omega():
    r = thurstone()
    recorded = load("consistency")["psych_omega"]["thurstone"]
    reference, found = solution(r)
    parts = found.general[0], found.groups[0], found.uniquenesses[0]
    # psych stops its minres search early: loadings are off by about 1e-5.
    assert float(omega_hierarchical(*parts, r.sum())) == pytest.approx(
        recorded["omega_h"], abs=1e-4
    )
    groups = values(recorded["groups"])
    for at in range(3):
        members = reference.groups == at
        # psych divides by the observed variance of the subscale.
        mine = found.groups[0][members, at].sum() ** 2 / r[np.ix_(members, members)].sum()
        assert min(abs(groups[1:, 2] - mine)) < 1e-3
        implied = float(subscale_omega(*parts, members, at))
        assert implied == pytest.approx(mine, abs=0.01)


def test_nine_tests():
    r = np.corrcoef(array("hs", HS_ITEMS).T)
    _, found = solution(r)
    observed = omega_hierarchical(found.general, found.groups, found.uniquenesses, r.sum())
    recorded = load("consistency")["psych_omega"]["hs"]["omega_h"]
    assert float(observed[0]) == pytest.approx(recorded, abs=1e-4)


def test_replicates_keep_the_order_of_group_factors():
    rows = array("hs", HS_ITEMS)
    reference, found = solution(np.corrcoef(rows.T))
    rng = np.random.default_rng(2)
    samples = np.array([np.corrcoef(rows[rng.integers(0, 301, 301)].T) for _ in range(50)])
    many = hierarchies(samples, reference)
    alike = np.einsum("rpj,pj->rj", many.groups, found.groups[0])
    size = np.linalg.norm(many.groups, axis=1) * np.linalg.norm(found.groups[0], axis=0)
    assert np.median(alike / size) > 0.95
    one = hierarchies(samples[7][None], reference)
    np.testing.assert_allclose(one.general[0], many.general[7], atol=1e-8)


def test_in_step_undoes_order_and_sign():
    goal = np.random.default_rng(1).normal(size=(9, 3))
    mixed = goal[:, [2, 0, 1]] * np.array([1, -1, 1])
    order, sign = in_step(mixed[None], goal)
    np.testing.assert_allclose(mixed[:, order[0]] * sign[0], goal)


def test_two_factors_share_their_correlation():
    phi = np.array([[[1.0, 0.36], [0.36, 1.0]]])
    assert second_orders(phi)[0].tolist() == pytest.approx([0.6, 0.6])


def test_a_solution_put_in_step_is_the_same_solution():
    r = thurstone()
    own, found = solution(r)
    other = reference_solution(np.corrcoef(array("hs", HS_ITEMS).T), 3, np.random.default_rng(1))
    moved = in_step_with(own, other)
    again = hierarchies(r[None], moved)
    np.testing.assert_allclose(again.general, found.general, atol=1e-6)
    assert (moved.groups == other.groups).all()
    np.testing.assert_allclose(
        moved.unrotated @ np.linalg.inv(moved.transformation).T, moved.pattern
    )
