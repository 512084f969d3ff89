"""Green and Yang's omega against semTools, counting, and what must hold."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.categorical_omega import categorical_omega, sum_covariance
from tests.reference.load import load, values

RECORDED = load("ordinal_models")["omega"]


def parts(key: str):
    """Return loadings, thresholds, factor and residual covariances, polychorics of a fit."""
    found = RECORDED[key]
    names, limits = found["thresholds"]["rows"], values(found["thresholds"])[:, 0]
    own = [
        [limit for name, limit in zip(names, limits, strict=True) if name.split("|")[0] == item]
        for item in found["loadings"]["rows"]
    ]
    widest = max(map(len, own))
    thresholds = np.array([row + [np.nan] * (widest - len(row)) for row in own])
    return (
        values(found["loadings"]),
        thresholds,
        values(found["factor_covariance"]),
        values(found["residuals"]),
        values(found["sample_correlation"]),
    )


@pytest.mark.parametrize("key", RECORDED)
def test_semtools(key):
    loadings, thresholds, factors, residuals, sample = parts(key)
    for f, name in enumerate(RECORDED[key]["loadings"]["columns"]):
        on = loadings[:, f] != 0
        square = np.ix_(on, on)
        model = (loadings[on][:, [f]], thresholds[on], factors[[f]][:, [f]])
        implied = categorical_omega(*model, residual_covariance=residuals[square])
        # The same formula from the same estimates; only Phi2 differs.
        assert float(implied) == pytest.approx(RECORDED[key]["implied"][name], rel=1e-10)
        observed = categorical_omega(
            *model, residual_covariance=residuals[square], observed_correlation=sample[square]
        )
        assert float(observed) == pytest.approx(RECORDED[key]["observed"][name], rel=1e-10)


def test_published_numbers():
    # bfi N1-N5, one factor by WLSMV; standardised loadings to three digits.
    _, thresholds, _, _, sample = parts("n")
    loadings = [0.861, 0.838, 0.757, 0.618, 0.549]
    assert float(categorical_omega(loadings, thresholds)) == pytest.approx(0.8284, abs=5e-4)
    observed = categorical_omega(loadings, thresholds, observed_correlation=sample)
    assert float(observed) == pytest.approx(0.8388, abs=5e-4)


def test_it_is_the_correlation_of_two_such_sums():
    # Two parallel answers share the factor; their sums correlate by omega.
    rng = np.random.default_rng(3)
    loadings, n = np.array([0.8, 0.6, 0.5]), 200_000
    thresholds = np.array([[-0.5, 0.7], [0.2, np.nan], [-1.0, 1.0]])
    factor = rng.normal(size=(n, 1))

    def total():
        latent = factor * loadings + rng.normal(size=(n, 3)) * np.sqrt(1 - loadings**2)
        return (latent[:, :, None] > np.where(np.isnan(thresholds), np.inf, thresholds)).sum((1, 2))

    found = float(categorical_omega(loadings, thresholds))
    # Three standard errors of a correlation.
    assert found == pytest.approx(np.corrcoef(total(), total())[0, 1], abs=0.006)


def test_the_variance_of_a_sum_is_that_of_its_answers():
    # One binary item: p (1 - p).
    assert float(sum_covariance(np.ones((1, 1)), np.array([[0.0]]))) == pytest.approx(0.25)
    # Two that are independent, of three categories each: the variances add up.
    cuts = np.array([[-1.0, 1.0]])
    one = float(sum_covariance(np.ones((1, 1)), cuts))
    both = float(sum_covariance(np.eye(2), cuts.repeat(2, axis=0)))
    assert both == pytest.approx(2 * one, rel=1e-14)


def test_many_models_at_once():
    loadings, thresholds, *_ = parts("n")
    spread = np.stack([loadings[:, 0] / 1.5, loadings[:, 0] / 2])
    spread /= np.abs(spread).max() / 0.9
    found = categorical_omega(spread, np.stack([thresholds] * 2))
    alone = [float(categorical_omega(own, thresholds)) for own in spread]
    np.testing.assert_allclose(found, alone, rtol=1e-14)


def test_units_of_the_variables_behind_do_not_matter():
    loadings, thresholds, *_ = parts("n")
    own = loadings[:, 0]
    own = own / np.sqrt(1 + own**2)
    scale = np.array([1.0, 2.0, 0.5, 3.0, 1.0])
    expected = categorical_omega(own, thresholds)
    residuals = np.diag(scale**2 * (1 - own**2))
    found = categorical_omega(
        own * scale, thresholds * scale[:, None], residual_covariance=residuals
    )
    assert float(found) == pytest.approx(float(expected), rel=1e-13)


def test_a_residual_variance_below_zero_has_no_omega():
    assert np.isnan(categorical_omega([1.2, 0.5, 0.5], [[0.0]] * 3))
