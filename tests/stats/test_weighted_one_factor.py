"""One factor by weighted least squares: minres with equal weights, any weights, edges."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.efa import extract
from psychometrics.stats.weighted_one_factor import weighted_one_factor


class TestSearch:
    def test_equal_weights_are_minres(self):
        rng = np.random.default_rng(1)
        loading = rng.uniform(0.3, 0.8, size=6)
        latent = rng.normal(size=(80, 1))
        noise = rng.normal(size=(20, 80, 6))
        r = np.array([np.corrcoef((latent * loading + noise[i]).T) for i in range(20)])
        found = weighted_one_factor(r)
        other = extract(r, 1, "minres")
        proper = ~other.improper.any(axis=1) & ~found.improper.any(axis=1)
        assert proper.sum() > 15
        np.testing.assert_allclose(found.loadings[proper], other.loadings[proper, :, 0], atol=1e-6)

    def test_recovers_a_factor_whatever_the_weights(self):
        loading = np.array([0.9, -0.2, 0.5, 0.6])
        r = np.outer(loading, loading)
        np.fill_diagonal(r, 1)
        weights = np.random.default_rng(1).uniform(0.1, 9, size=(4, 4))
        found = weighted_one_factor(r[None], weights + weights.T)
        assert found.loadings[0].tolist() == pytest.approx(loading.tolist(), abs=1e-7)
        assert found.converged.all()

    def test_a_loading_above_one_is_told(self):
        r = np.array([[1, 0.9, 0.9], [0.9, 1, 0.5], [0.9, 0.5, 1]])
        found = weighted_one_factor(r[None])
        assert found.improper[0].tolist() == [True, False, False]

    def test_unknown_correlations(self):
        r = np.eye(3)[None].copy()
        r[0, 0, 1] = r[0, 1, 0] = np.nan
        found = weighted_one_factor(r)
        assert np.isnan(found.loadings).all()
        assert not found.converged.any()
