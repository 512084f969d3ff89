"""Congruence and Procrustes against psych, by definition, and what must not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg

from psychometrics.stats.congruence import matched_columns, procrustes, tucker_phi
from psychometrics.stats.moments import FloatArray
from tests.reference.load import load, values

RECORDED = load("exploration")["congruence"]


def both() -> tuple[FloatArray, FloatArray]:
    return values(RECORDED["one"]), values(RECORDED["other"])


def test_phi_is_psych_s() -> None:
    np.testing.assert_allclose(tucker_phi(*both()), values(RECORDED["phi"]), atol=1e-12)


def test_procrustes_is_psych_s() -> None:
    one, other = both()
    np.testing.assert_allclose(procrustes(one, other), values(RECORDED["procrustes"]), atol=1e-10)


def test_procrustes_is_scipy_s() -> None:
    one, other = both()
    turn, _ = linalg.orthogonal_procrustes(one, other)
    np.testing.assert_allclose(procrustes(one, other), one @ turn, atol=1e-12)


def test_a_published_congruence() -> None:
    # Lorenzo-Seva and ten Berge (2006): phi of proportional columns is 1, whatever their size.
    column = np.array([[0.8], [0.6], [0.4]])
    assert tucker_phi(column, 0.5 * column)[0, 0] == pytest.approx(1.0)
    assert tucker_phi(column, -column)[0, 0] == pytest.approx(-1.0)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_rotating_back_gives_the_goal(seed: int) -> None:
    rng = np.random.default_rng(seed)
    goal = rng.normal(size=(6, 3))
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    np.testing.assert_allclose(procrustes(goal @ turn, goal), goal, atol=1e-10)


def test_many_at_once_are_each_by_itself() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.normal(size=(4, 6, 2)), rng.normal(size=(4, 6, 2))
    phi, turned = tucker_phi(one, other), procrustes(one, other)
    for at in range(4):
        np.testing.assert_allclose(phi[at], tucker_phi(one[at], other[at]))
        np.testing.assert_allclose(turned[at], procrustes(one[at], other[at]), atol=1e-12)


def test_columns_are_matched_with_their_signs() -> None:
    one, other = both()
    moved = other[:, [2, 0, 4, 1, 3]] * np.array([1.0, -1.0, 1.0, 1.0, -1.0])
    order, sign = matched_columns(other, moved)
    np.testing.assert_allclose(moved[:, order] * sign, other)
    assert len(set(matched_columns(one, other)[0].tolist())) == 5


def test_a_column_of_zeros_has_no_congruence() -> None:
    one = np.array([[0.5, 0.0], [0.6, 0.0]])
    phi = tucker_phi(one, one)
    assert phi[0, 0] == pytest.approx(1.0)
    assert np.isnan(phi[1]).all()
    assert matched_columns(one, one)[0].tolist() == [0, 1]
