"""Effect sizes of unequal items."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from psychometrics.stats.dmacs import (
    OrderedItem,
    continuous_effects,
    expected_score,
    ordered_effects,
    pooled_sd,
)


def by_quadrature(gap, mean: float, sd: float):
    """Integrals of a difference of expected answers and of its square, adaptively."""

    def weighted(power):
        return integrate.quad(
            lambda x: gap(x) ** power * stats.norm.pdf(x, mean, sd), mean - 12 * sd, mean + 12 * sd
        )[0]

    return weighted(1), weighted(2)


def test_closed_form_is_the_integral():
    one = {"intercepts": np.array([2.1]), "loadings": np.array([[0.9]])}
    two = {"reference_intercepts": np.array([1.8]), "reference_loadings": np.array([[1.2]])}
    found = continuous_effects(
        **one, **two, mean=np.array([0.4]), covariance=np.array([[1.7]]), sd=np.array([1.3])
    )
    bias, square = by_quadrature(lambda x: 0.3 - 0.3 * x, 0.4, 1.7**0.5)
    assert found.bias[0] == pytest.approx(bias, abs=1e-9)
    assert found.dmacs[0] == pytest.approx(square**0.5 / 1.3, abs=1e-9)
    assert found.signed[0] == pytest.approx(bias / 1.3, abs=1e-9)


def test_a_shift_alone_is_the_shift_over_the_standard_deviation():
    found = continuous_effects(
        np.array([3.5]), np.array([[1.0]]), np.array([3.0]), np.array([[1.0]]), np.zeros(1),
        np.eye(1), np.array([2.0]),
    )  # fmt: skip
    assert found.dmacs[0] == pytest.approx(0.25)
    assert found.signed[0] == pytest.approx(0.25)


def test_ordered_items_by_another_quadrature():
    one = OrderedItem(0.3, 1.4, np.array([-1.5, -0.2, 0.9]), 1.0)
    two = OrderedItem(0.0, 1.0, np.array([-1.0, 0.0, 1.2]), 0.8)
    dmacs, signed, bias = ordered_effects(one, two, -0.5, 1.4, 0.9)
    points = np.array([0.0])

    def gap(x):
        points[0] = x
        return float(one.expected(points)[0] - two.expected(points)[0])

    mean, square = by_quadrature(gap, -0.5, 1.4**0.5)
    assert bias == pytest.approx(mean, abs=1e-7)
    assert signed == pytest.approx(mean / 0.9, abs=1e-7)
    assert dmacs == pytest.approx(square**0.5 / 0.9, abs=1e-6)


def test_expected_score_is_that_of_many_answers():
    rng = np.random.default_rng(3)
    cuts = np.array([-0.5, 0.5, 1.5])
    latent = 0.2 + 0.8 * 1.1 + 0.7 * rng.standard_normal(400_000)
    answers = np.searchsorted(cuts, latent)
    found = expected_score(np.array([1.1]), 0.2, 0.8, cuts, 0.7)[0]
    assert found == pytest.approx(answers.mean(), abs=4 * answers.std() / 400_000**0.5)


def test_pooled_sd_weighs_by_degrees_of_freedom():
    assert pooled_sd(np.array([2.0]), 11, np.array([1.0]), 31)[0] == pytest.approx(1.25)
