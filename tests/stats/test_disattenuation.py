from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from psychometrics.stats.disattenuation import disattenuate
from tests.reference.load import BFI_ITEMS, BFI_REVERSED, array, load, values

RECORDED: dict[str, Any] = load("agreement")["attenuation"]


@pytest.mark.parametrize(("a", "b"), [(0, 1), (0, 4), (2, 3)])
def test_corrected_correlations_are_those_of_psych(a: int, b: int) -> None:
    x = array("bfi", BFI_ITEMS, reverse=BFI_REVERSED)
    x = x[~np.isnan(x).any(axis=1)]
    covariance = np.cov(np.hstack([x[:, 5 * a : 5 * a + 5], x[:, 5 * b : 5 * b + 5]]).T)
    found = disattenuate(covariance, 5)
    recorded = values(RECORDED["corrected"])
    assert float(found.observed) == pytest.approx(recorded[b, a], rel=1e-10)
    assert float(found.estimate) == pytest.approx(recorded[a, b], rel=1e-10)
    assert float(found.first_reliability) == pytest.approx(recorded[a, a], rel=1e-10)


def test_tau_equivalent_items_give_back_the_correlation_of_what_they_measure() -> None:
    traits = np.array([[1.0, 0.45], [0.45, 1.0]])
    covariance = np.kron(traits, np.ones((3, 3))) * 0.6 + np.diag([0.3, 0.5, 0.7] * 2)
    found = disattenuate(covariance, 3)
    assert float(found.estimate) == pytest.approx(0.45)
    assert float(found.observed) < 0.45


def test_known_reliabilities_are_used_and_1_leaves_the_correlation() -> None:
    covariance = np.array([[1.0, 0.3], [0.3, 1.0]])
    assert float(disattenuate(covariance, 1, 1.0, 1.0).estimate) == pytest.approx(0.3)
    assert float(disattenuate(covariance, 1, 0.8, 0.5).estimate) == pytest.approx(0.3 / 0.4**0.5)


def test_many_at_once_are_the_same_as_one_by_one() -> None:
    rng = np.random.default_rng(1)
    stack = np.array([np.cov((rng.normal(size=(30, 1)) + rng.normal(size=(30, 5))).T)] * 3)
    stack[1] *= 4
    found = disattenuate(stack, 2).estimate
    assert found == pytest.approx([float(disattenuate(stack[0], 2).estimate)] * 3)


def test_items_that_go_apart_have_nothing_to_correct_with() -> None:
    covariance = np.eye(4)
    covariance[0, 1] = covariance[1, 0] = -0.4
    assert np.isnan(disattenuate(covariance, 2).estimate)
