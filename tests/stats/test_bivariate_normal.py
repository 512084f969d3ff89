"""The bivariate normal distribution against quadrature, scipy and its own derivatives."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special
from scipy.stats import multivariate_normal

from psychometrics.stats.bivariate_normal import (
    density,
    density_and_slope,
    distribution,
    far_quadrant,
    increment,
    slope,
)
from tests.stats.quadrature import distribution_by_angle

LIMITS = (-5.0, -2.3, -1.0, -1e-9, 0.0, 1e-12, 0.7, 2.3, 5.0)
CORRELATIONS = (-0.999999, -0.999, -0.95, -0.5, 0.0, 1e-9, 0.3, 0.8, 0.97, 0.9999, 1 - 1e-9)
# What is left is rounding: values are up to 1, and quadrature adds up some dozens of pieces.
ROUNDING = 2e-15

limits = st.floats(-6, 6)
correlations = st.floats(-0.999, 0.999)


class TestDistribution:
    @pytest.mark.parametrize("r", CORRELATIONS)
    def test_quadrature(self, r):
        for h, k in product(LIMITS, LIMITS):
            found = float(distribution(h, k, r))
            assert found == pytest.approx(distribution_by_angle(h, k, r), abs=ROUNDING), (h, k)

    def test_scipy(self):
        rng = np.random.default_rng(0)
        h, k = rng.normal(scale=2, size=(2, 60))
        r = rng.uniform(-1, 1, 60)
        expected = [
            multivariate_normal.cdf([a, b], cov=[[1, c], [c, 1]])
            for a, b, c in zip(h, k, r, strict=True)
        ]
        np.testing.assert_allclose(distribution(h, k, r), expected, rtol=0, atol=1e-14)

    def test_orthant(self):
        r = np.linspace(-1, 1, 41)
        np.testing.assert_allclose(
            distribution(0.0, 0.0, r), 0.25 + np.arcsin(r) / (2 * np.pi), rtol=0, atol=1e-16
        )

    @pytest.mark.parametrize("k", [-np.inf, -1.0, 0.0, 2.0, np.inf])
    def test_an_infinite_limit_leaves_the_other_variable(self, k):
        r = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
        np.testing.assert_array_equal(distribution(np.inf, k, r), special.ndtr(k))
        np.testing.assert_array_equal(distribution(k, np.inf, r), special.ndtr(k))
        np.testing.assert_array_equal(distribution(-np.inf, k, r), 0.0)

    @given(limits, limits)
    def test_at_the_ends_one_variable_is_the_other(self, h, k):
        x, y = float(special.ndtr(h)), float(special.ndtr(k))
        assert float(distribution(h, k, 1.0)) == min(x, y)
        assert float(distribution(h, k, -1.0)) == pytest.approx(max(x + y - 1, 0), abs=1e-15)
        # A correlation a hair away is continuous with it: the gap is of the order of root 1 - r.
        assert float(distribution(h, k, 1 - 1e-12)) == pytest.approx(min(x, y), abs=1e-6)

    @given(limits, limits, correlations)
    def test_symmetries(self, h, k, r):
        whole = float(distribution(h, k, r))
        assert whole == pytest.approx(float(distribution(k, h, r)), abs=1e-16)
        assert whole == pytest.approx(special.ndtr(h) - float(distribution(h, -k, -r)), abs=5e-16)

    def test_small_probabilities_keep_their_digits(self):
        # Independent tails are products; a bivariate tail is bounded by either margin.
        found = distribution(-9.0, np.array([-9.0, 3.0]), np.array([0.0, 0.4]))
        assert found[0] == pytest.approx(special.ndtr(-9.0) ** 2, abs=1e-35)
        assert found[1] == pytest.approx(distribution_by_angle(-9.0, 3.0, 0.4), rel=1e-12)

    def test_arguments_that_are_none(self):
        assert np.isnan(distribution(np.nan, 0.0, 0.5))
        assert np.isnan(distribution(0.0, 0.0, 1.5))
        assert np.isnan(distribution(0.0, 0.0, np.nan))
        assert distribution(np.zeros((2, 1)), np.zeros(3), 0.0).shape == (2, 3)


class TestDerivatives:
    @given(limits, limits, st.floats(-0.95, 0.95))
    def test_by_the_correlation(self, h, k, r):
        step = 1e-5
        rise = (distribution(h, k, r + step) - distribution(h, k, r - step)) / (2 * step)
        assert float(density(h, k, r)) == pytest.approx(float(rise), abs=1e-6)
        bend = (density(h, k, r + step) - density(h, k, r - step)) / (2 * step)
        assert float(density_and_slope(h, k, r)[1]) == pytest.approx(float(bend), abs=1e-5)

    @given(limits, limits, st.floats(-0.95, 0.95))
    def test_by_a_limit(self, h, k, r):
        step = 1e-5
        rise = (distribution(h + step, k, r) - distribution(h - step, k, r)) / (2 * step)
        assert float(slope(h, k, r)) == pytest.approx(float(rise), abs=1e-8)

    def test_density_is_scipys(self):
        expected = multivariate_normal.pdf([0.3, -1.2], cov=[[1, 0.6], [0.6, 1]])
        assert float(density(0.3, -1.2, 0.6)) == pytest.approx(expected, rel=1e-13)

    def test_infinite_limits(self):
        assert density(np.inf, 0.0, 0.5) == 0
        assert slope(-np.inf, 0.0, 0.5) == 0
        np.testing.assert_array_equal(slope(0.0, np.array([-np.inf, np.inf]), 0.5)[0], 0.0)
        assert slope(0.0, np.inf, 0.5) == pytest.approx(1 / np.sqrt(2 * np.pi), rel=1e-15)


class TestIncrement:
    @pytest.mark.parametrize(("top", "nodes"), [(0.9, 16)])
    def test_from_independence(self, top, nodes):
        rng = np.random.default_rng(1)
        h, k = rng.normal(scale=1.7, size=(2, 5000))
        r = rng.uniform(-top, top, 5000)
        found = special.ndtr(h) * special.ndtr(k) + increment(h, k, np.zeros(1), r, nodes)
        np.testing.assert_allclose(found, distribution(h, k, r), rtol=0, atol=ROUNDING)

    def test_a_step(self):
        rng = np.random.default_rng(2)
        h, k = rng.normal(scale=1.7, size=(2, 5000))
        start = rng.uniform(-0.9, 0.9, 5000)
        stop = np.clip(np.sin(np.arcsin(start) + rng.uniform(-0.1, 0.1, 5000)), -0.9, 0.9)
        expected = distribution(h, k, stop) - distribution(h, k, start)
        np.testing.assert_allclose(increment(h, k, start, stop, 6), expected, rtol=0, atol=ROUNDING)


class TestFarQuadrant:
    @pytest.mark.parametrize("r", [0.3, 0.4, 0.6, 0.9, 0.99])
    @pytest.mark.parametrize("distance", [20.0, 40.0, 200.0])
    @pytest.mark.parametrize("h", [-2.5, -0.4, 1.0])
    def test_quadrature_over_the_angle(self, r, distance, h):
        k = h + np.sqrt(distance * (1 - r * r))
        nodes, weights = np.polynomial.legendre.leggauss(400)
        low, high = np.arcsin(r), np.pi / 2 - 1e-9
        angle = (high - low) / 2 * nodes + (high + low) / 2
        power = (h * h - 2 * h * k * np.sin(angle) + k * k) / (2 * np.cos(angle) ** 2)
        expected = (weights * np.exp(-power)).sum() * (high - low) / (4 * np.pi)
        accuracy = 1e-8 if distance == 20 else 1e-9
        assert float(far_quadrant(h, k, r)) == pytest.approx(expected, rel=accuracy)

    def test_nearer_it_is_a_difference_of_distributions(self):
        expected = special.ndtr(-1.0) - distribution(-1.0, 1.5, 0.8)
        assert float(far_quadrant(-1.0, 1.5, 0.8)) == pytest.approx(float(expected), rel=1e-6)
