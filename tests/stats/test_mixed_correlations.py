"""Correlations of ordinal with continuous variables: against lavaan and by another route."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, special, stats

from psychometrics.errors import DataError
from psychometrics.stats import polyserial
from psychometrics.stats.mixed_correlations import mixed_correlations
from psychometrics.stats.polychoric import polychoric_correlations
from tests.reference.load import HS_ITEMS, array, values
from tests.stats.ordinal_cases import bfi_case, cases, recorded

MIXED = ("hs_mixed", "hs_mixed_school", "hs_mixed_pairwise", "hs_mixed_weighted")


def fitted(key: str):
    case = cases()[key]
    return mixed_correlations(case.values, case.ordered, groups=case.groups, weights=case.weights)


class TestAgainstLavaan:
    @pytest.mark.parametrize("key", MIXED)
    def test_covariances(self, key):
        found = fitted(key).covariance
        expected = [values(matrix) for matrix in recorded(key)["covariance"]]
        # lavaan's one-dimensional searches end within 1e-7 of the maximum.
        np.testing.assert_allclose(found.reshape(-1, 9, 9), expected, rtol=0, atol=5e-7)

    def test_flags(self):
        found = fitted("hs_mixed")
        assert found.converged.all()
        assert not found.boundary.any()
        assert found.n_obs.tolist() == [[301.0] * 9] * 9


def serial_likelihood(r: float, z, code, thresholds) -> float:
    """Return the log-likelihood of a polyserial correlation, person by person."""
    ends = np.concatenate([[-np.inf], thresholds, [np.inf]])
    s = np.sqrt(1 - r * r)
    upper = special.ndtr((ends[code + 1] - r * z) / s)
    lower = special.ndtr((ends[code] - r * z) / s)
    return float(np.log(upper - lower).sum())


class TestByAnotherRoute:
    def test_polyserial_is_where_the_likelihood_is_highest(self):
        case = cases()["hs_mixed"]
        found = fitted("hs_mixed")
        x, code = case.values[:, 1], case.values[:, 0].astype(int)
        z = (x - x.mean()) / x.std()
        thresholds = found.thresholds[0][np.isfinite(found.thresholds[0])]
        best = optimize.minimize_scalar(
            lambda r: -serial_likelihood(r, z, code, thresholds),
            bounds=(-0.9, 0.9), method="bounded", options={"xatol": 1e-11},
        )  # fmt: skip
        assert found.correlation[0, 1] == pytest.approx(best.x, abs=5e-8)

    def test_complete_continuous_variables_have_pearsons_correlation(self):
        data = array("hs", HS_ITEMS)
        found = mixed_correlations(data, np.zeros(9, dtype=bool))
        np.testing.assert_allclose(
            found.correlation, np.corrcoef(data, rowvar=False), rtol=0, atol=1e-13
        )
        np.testing.assert_allclose(found.covariance, np.cov(data, rowvar=False, ddof=0), rtol=1e-12)
        np.testing.assert_allclose(found.mean, data.mean(axis=0), rtol=1e-13)

    def test_incomplete_ones_have_the_most_likely_one_at_their_own_moments(self):
        rng = np.random.default_rng(2)
        data = rng.normal(size=(150, 2)) @ [[1, 0.5], [0, 0.8]]
        data[:40, 0], data[30:60, 1] = np.nan, np.nan
        found = mixed_correlations(data, [False, False]).correlation[0, 1]
        z = (data - np.nanmean(data, axis=0)) / np.nanstd(data, axis=0)
        both = z[~np.isnan(z).any(axis=1)]
        best = optimize.minimize_scalar(
            lambda r: -stats.multivariate_normal.logpdf(both, cov=[[1, r], [r, 1]]).sum(),
            bounds=(-0.95, 0.95), method="bounded", options={"xatol": 1e-11},
        )  # fmt: skip
        assert found == pytest.approx(best.x, abs=1e-7)

    def test_ordinal_items_alone_are_polychoric(self):
        codes = bfi_case().values
        mixed = mixed_correlations(codes, np.ones(5, dtype=bool))
        alone = polychoric_correlations(codes)
        np.testing.assert_array_equal(mixed.correlation, alone.correlation)
        np.testing.assert_array_equal(mixed.thresholds, alone.thresholds)

    def test_units_and_direction(self):
        case = cases()["hs_mixed"]
        turned = case.values.copy()
        turned[:, 1] = 100 - 7 * turned[:, 1]
        expected = fitted("hs_mixed")
        found = mixed_correlations(turned, case.ordered)
        sign = np.where(np.arange(9) == 1, -1.0, 1.0)
        np.testing.assert_allclose(
            found.correlation, expected.correlation * np.outer(sign, sign), rtol=0, atol=1e-12
        )
        assert found.variance[1] == pytest.approx(49 * expected.variance[1], rel=1e-12)

    def test_blocks_of_rows_make_no_difference(self, monkeypatch):
        expected = fitted("hs_mixed_pairwise").correlation
        monkeypatch.setattr(polyserial, "BLOCK_ENTRIES", 100)
        np.testing.assert_allclose(
            fitted("hs_mixed_pairwise").correlation, expected, rtol=0, atol=1e-13
        )

    def test_recovery(self):
        rng = np.random.default_rng(4)
        x = rng.normal(size=(20_000, 2))
        x[:, 1] = -0.5 * x[:, 0] + np.sqrt(0.75) * x[:, 1]
        data = np.column_stack([10 + 3 * x[:, 0], np.searchsorted([-0.5, 1.0], x[:, 1])])
        # Three standard errors: .0066 each.
        assert mixed_correlations(data, [False, True]).correlation[0, 1] == pytest.approx(
            -0.5, abs=0.02
        )


class TestEdges:
    def test_a_split_of_the_variable_itself_is_at_the_boundary(self):
        x = np.arange(60.0)
        found = mixed_correlations(np.column_stack([x, x >= 30, x < 30]), [False, True, True])
        assert found.boundary[0, 1:].all()
        np.testing.assert_allclose(found.correlation[0], [1, 0.999, -0.999], rtol=0, atol=1e-12)

    def test_what_does_not_vary_has_no_correlation(self):
        found = mixed_correlations(
            np.column_stack([np.full(20, 3.0), np.arange(20) % 2, np.arange(20)]),
            [False, True, False],
        )
        assert np.isnan(found.correlation[0, 1:]).all()
        assert not found.converged[0, 1]
        assert np.isfinite(found.correlation[1, 2])

    def test_never_seen_together(self):
        data = np.array([[1.0, np.nan], [2.5, np.nan], [np.nan, 0], [np.nan, 1]])
        found = mixed_correlations(data, [False, True])
        assert np.isnan(found.correlation[0, 1])
        assert found.n_obs[0, 1] == 0

    @pytest.mark.parametrize("ordered", [[True], [1, 0], [[True, False]]])
    def test_ordered_must_say_which(self, ordered):
        with pytest.raises(DataError, match="ordered must say True or False"):
            mixed_correlations(np.zeros((4, 2)), ordered)
