"""Polychorics and sums of ordinal answers of many samples: lavaan, semTools, the rows drawn."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.categorical_omega import categorical_omega
from psychometrics.stats.ordinal_moments import ordinal_moments
from psychometrics.stats.ordinal_reliability import (
    OrdinalReplicates,
    one_factor_of_polychorics,
    ordinal_replicates,
    pair_indicators,
    residual_weights,
    sum_variances,
)
from psychometrics.stats.polychoric import polychoric_correlations
from psychometrics.stats.resampling import bootstrap_counts
from tests.reference.load import array, load, values

NEUROTICISM = ("N1", "N2", "N3", "N4", "N5")


def neuroticism() -> np.ndarray:
    rows = array("bfi", NEUROTICISM)
    return rows[~np.isnan(rows).any(axis=1)] - 1


def replicates_of(codes: np.ndarray, counts: np.ndarray | None = None) -> OrdinalReplicates:
    n_categories = np.nanmax(codes, axis=0).astype(np.int64) + 1
    indicators = pair_indicators(codes, int(n_categories.max()))
    weight = np.ones((1, len(codes))) if counts is None else counts
    return ordinal_replicates(weight @ indicators, codes.shape[1], n_categories)


class TestLavaan:
    @pytest.mark.parametrize("kind", ["n", "binary"])
    def test_loadings_and_green_yang(self, kind):
        recorded = load("ordinal_models")["omega"][kind]
        codes = neuroticism()
        if kind == "binary":
            codes = (codes > 2).astype(float)
        found = replicates_of(codes)
        weights = residual_weights(ordinal_moments(codes))
        factor = one_factor_of_polychorics(found, weights, bounded=False)
        expected = values(recorded["std_loadings"])[:, 0]
        # lavaan stops its search at relative changes of 1e-10.
        assert factor.loadings[0].tolist() == pytest.approx(expected.tolist(), abs=1e-6)
        variances = sum_variances(factor)
        implied, observed = recorded["implied"]["N"], recorded["observed"]["N"]
        assert float(variances.true[0] / variances.implied[0]) == pytest.approx(implied, abs=1e-6)
        assert float(variances.true[0] / variances.observed[0]) == pytest.approx(observed, abs=1e-6)


class TestReplicates:
    def test_correlations_are_those_of_the_rows_drawn(self):
        codes = neuroticism()[:60]
        counts = bootstrap_counts(60, 4, np.random.default_rng(1))
        found = replicates_of(codes, counts)
        for at in range(4):
            own = polychoric_correlations(np.repeat(codes, counts[at].astype(int), axis=0))
            np.testing.assert_allclose(found.correlation[at], own.correlation, atol=1e-8)

    def test_missing_answers(self):
        codes = neuroticism()[:80].copy()
        codes[np.random.default_rng(1).random(codes.shape) < 0.1] = np.nan
        np.testing.assert_allclose(
            replicates_of(codes).correlation[0],
            polychoric_correlations(codes).correlation, atol=1e-8,
        )  # fmt: skip

    def test_variances_are_those_of_categorical_omega(self):
        codes = neuroticism()[:300]
        found = replicates_of(codes)
        factor = one_factor_of_polychorics(found, None, bounded=False)
        variances = sum_variances(factor)
        for total, observed in ((variances.implied, None), (variances.observed, found.correlation)):
            expected = categorical_omega(
                factor.loadings, found.thresholds, observed_correlation=observed
            )
            assert float(variances.true[0] / total[0]) == pytest.approx(float(expected[0]))

    def test_an_answer_nobody_gave_in_a_sample(self):
        codes = neuroticism()[:60]
        counts = np.where(codes[:, 0] == 5, 0.0, 1.0)[None]
        found = replicates_of(codes, counts)
        assert np.isposinf(found.thresholds[0, 0, -1])
        factor = one_factor_of_polychorics(found, None, bounded=True)
        variances = sum_variances(factor)
        assert 0 < variances.true[0] / variances.implied[0] < 1

    def test_an_item_without_variation(self):
        codes = neuroticism()[:60]
        counts = np.where(codes[:, 0] == 0, 1.0, 0.0)[None]
        found = replicates_of(codes, counts)
        assert np.isnan(found.correlation[0, 0, 0])
        factor = one_factor_of_polychorics(found, None, bounded=True)
        assert np.isnan(factor.loadings).all()
        assert np.isnan(sum_variances(factor).true).all()
