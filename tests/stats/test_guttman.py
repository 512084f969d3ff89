"""Guttman's bounds and average correlations against psych, and identities."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.guttman import average_correlation, lambda2, lambda6, standardized_alpha
from psychometrics.stats.reliability import cronbach_alpha
from tests.reference.load import BFI_REVERSED, BFI_SCALES, HS_ITEMS, array, load, values

# psych prints what it computes to full precision.
EXACT = 1e-9


def complete(scale: str) -> np.ndarray:
    items = tuple(item.lstrip("-") for item in BFI_SCALES[scale])
    rows = array("bfi", items, reverse=BFI_REVERSED)
    return np.cov(rows[~np.isnan(rows).any(axis=1)].T)


class TestPsych:
    @pytest.mark.parametrize("scale", ["A", "N"])
    def test_of_covariances(self, scale):
        recorded = load("consistency")["halves"][f"bfi_{scale}"]["covariances"]
        assert float(lambda2(complete(scale))) == pytest.approx(recorded["lambda2"], abs=EXACT)

    @pytest.mark.parametrize("scale", BFI_SCALES)
    def test_alphas_table(self, scale):
        recorded = load("reliability")["bfi"]["psych"]["total"][scale]["complete"]["total"]
        covariance = complete(scale)
        assert float(lambda6(covariance)) == pytest.approx(recorded["G6"], abs=EXACT)
        assert float(average_correlation(covariance)) == pytest.approx(
            recorded["average_r"], abs=EXACT
        )
        assert float(standardized_alpha(covariance)) == pytest.approx(
            recorded["std_alpha"], abs=EXACT
        )

    def test_nine_tests(self):
        recorded = load("consistency")["halves"]["hs_nine"]["correlations"]
        r = np.corrcoef(array("hs", HS_ITEMS).T)
        assert float(lambda2(r)) == pytest.approx(recorded["lambda2"], abs=EXACT)
        assert float(lambda6(r)) == pytest.approx(recorded["lambda6"], abs=EXACT)
        assert float(average_correlation(r)) == pytest.approx(recorded["average_r"], abs=EXACT)

    def test_thurstone(self):
        r = values(load("consistency")["thurstone"]["correlation"])
        assert float(lambda6(r)) == pytest.approx(0.9081762, abs=1e-7)
        assert float(lambda2(r)) == pytest.approx(0.8948871, abs=1e-7)


class TestIdentities:
    def test_lambda_2_is_at_least_alpha(self):
        rng = np.random.default_rng(1)
        covariances = np.array([np.cov(rng.normal(size=(20, 5)).T) for _ in range(50)])
        assert (lambda2(covariances) >= cronbach_alpha(covariances) - 1e-12).all()

    def test_all_bounds_meet_for_parallel_items(self):
        r = np.full((6, 6), 0.4) + 0.6 * np.eye(6)
        alpha = float(cronbach_alpha(r))
        assert float(lambda2(r)) == pytest.approx(alpha)
        assert float(standardized_alpha(4 * r)) == pytest.approx(alpha)
        # What five parallel items predict of the sixth: R2 = r'R^-1 r.
        left = 1 - 5 * 0.4**2 / (1 + 4 * 0.4)
        assert float(lambda6(r)) == pytest.approx(1 - 6 * left / r.sum())

    def test_units_of_items_matter_to_lambda_2_alone(self):
        covariance = complete("A")
        scaled = covariance * np.outer([1, 2, 3, 4, 5], [1, 2, 3, 4, 5])
        for function in (lambda6, average_correlation, standardized_alpha):
            assert float(function(scaled)) == pytest.approx(float(function(covariance)))
        assert float(lambda2(scaled)) != pytest.approx(float(lambda2(covariance)), abs=1e-3)

    def test_batched(self):
        two = np.stack([complete("A"), complete("C")])
        for function in (lambda2, lambda6, average_correlation, standardized_alpha):
            assert function(two).tolist() == pytest.approx([float(function(one)) for one in two])


class TestEdges:
    @pytest.mark.parametrize(
        "function", [lambda2, lambda6, average_correlation, standardized_alpha]
    )
    def test_one_item(self, function):
        assert np.isnan(function(np.array([[2.0]])))

    @pytest.mark.parametrize("function", [lambda6, average_correlation, standardized_alpha])
    def test_constant_item(self, function):
        assert np.isnan(function(np.diag([1.0, 0.0, 1.0])))

    def test_items_that_determine_each_other(self):
        assert np.isnan(lambda6(np.ones((3, 3))))

    def test_a_sum_that_does_not_vary(self):
        assert np.isnan(lambda2(np.array([[1.0, -1.0], [-1.0, 1.0]])))
        assert np.isnan(standardized_alpha(np.array([[1.0, -1.0], [-1.0, 1.0]])))
