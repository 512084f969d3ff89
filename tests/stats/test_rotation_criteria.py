"""Criteria: gradients by differences, identities between criteria, second derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats import rotation_criteria as criteria
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.rotation_criteria import Criterion, gradient_derivative

P, M = 7, 3
GOAL = np.random.default_rng(5).normal(size=(P, M))
OPEN = np.random.default_rng(6).random((P, M)) < 0.5

CRITERIA: dict[str, Criterion] = {
    "quartimin": criteria.oblimin(),
    "oblimin -1": criteria.oblimin(-1.0),
    "oblimin .5": criteria.oblimin(0.5),
    "Crawford-Ferguson": criteria.crawford_ferguson(0.3),
    "varimax": criteria.varimax,
    "quartimax": criteria.quartimax,
    "geomin": criteria.geomin(0.01),
    "target": criteria.target(GOAL, OPEN.astype(float)),
    "biquartimin": criteria.on_group_factors(criteria.oblimin()),
    "bigeomin": criteria.on_group_factors(criteria.geomin(0.1)),
}


def loadings(*shape: int) -> FloatArray:
    return np.random.default_rng(1).normal(scale=0.5, size=(*shape, P, M))


@pytest.mark.parametrize("name", CRITERIA)
def test_the_gradient_is_the_slope_of_the_value(name: str) -> None:
    at, step = loadings(), 1e-5
    _, slope = CRITERIA[name](at)
    for i in range(P):
        for j in range(M):
            move = np.zeros((P, M))
            move[i, j] = step
            up, down = CRITERIA[name](at + move)[0], CRITERIA[name](at - move)[0]
            # Central differences: an error of the size of step squared.
            assert slope[i, j] == pytest.approx((up - down) / (2 * step), abs=1e-8)


@pytest.mark.parametrize("name", CRITERIA)
def test_many_matrices_at_once_are_each_by_itself(name: str) -> None:
    many = loadings(4)
    value, slope = CRITERIA[name](many)
    for at in range(4):
        alone = CRITERIA[name](many[at])
        assert value[at] == pytest.approx(alone[0], rel=1e-14)
        np.testing.assert_allclose(slope[at], alone[1], rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("name", CRITERIA)
def test_second_derivatives_are_symmetric_and_those_of_the_gradient(name: str) -> None:
    at, step = loadings(), 1e-6
    second = gradient_derivative(CRITERIA[name], at).reshape(P * M, P * M)
    np.testing.assert_allclose(second, second.T, atol=1e-13)
    move = np.zeros(P * M)
    move[4] = step
    up = CRITERIA[name](at + move.reshape(P, M))[1]
    down = CRITERIA[name](at - move.reshape(P, M))[1]
    np.testing.assert_allclose(second[:, 4], (up - down).ravel() / (2 * step), atol=1e-7)


def test_orthogonal_rotations_change_oblimin_and_quartimax_alike() -> None:
    # Hartman (1976): with fixed communalities, quartimin and quartimax differ by a constant.
    at = loadings()
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(M, M)))[0]
    gap = [criteria.oblimin()(x)[0] - criteria.quartimax(x)[0] for x in (at, at @ turn)]
    assert gap[0] == pytest.approx(gap[1], rel=1e-12)


def test_orthogonal_rotations_change_varimax_and_its_crawford_ferguson_form_alike() -> None:
    at = loadings()
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(M, M)))[0]
    family = criteria.crawford_ferguson(1 / P)
    gap = [family(x)[0] - criteria.varimax(x)[0] for x in (at, at @ turn)]
    assert gap[0] == pytest.approx(gap[1], rel=1e-12)


def test_geomin_is_a_sum_of_geometric_means() -> None:
    at = loadings()
    plain = sum(np.prod(row**2 + 0.01) ** (1 / M) for row in at)
    assert criteria.geomin(0.01)(at)[0] == pytest.approx(plain, rel=1e-13)


def test_a_bifactor_criterion_does_not_see_the_general_factor() -> None:
    at = loadings()
    other = at.copy()
    other[:, 0] = 9.0
    value, slope = CRITERIA["biquartimin"](at)
    assert CRITERIA["biquartimin"](other)[0] == value
    assert not slope[:, 0].any()
