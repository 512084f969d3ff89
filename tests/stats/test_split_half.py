"""Split halves against psych, and what must hold over all splits."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.reliability import cronbach_alpha
from psychometrics.stats.split_half import count_splits, split_halves, splits_of
from tests.reference.load import BFI_REVERSED, BFI_SCALES, array, load


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def covariance_of(*scales: str) -> np.ndarray:
    items = tuple(item.lstrip("-") for scale in scales for item in BFI_SCALES[scale])
    rows = array("bfi", items, reverse=BFI_REVERSED)
    return np.cov(rows[~np.isnan(rows).any(axis=1)].T)


def correlation(covariance: np.ndarray) -> np.ndarray:
    sd = np.sqrt(np.diagonal(covariance))
    return covariance / np.outer(sd, sd)


class TestPsych:
    @pytest.mark.parametrize("kind", ["covariances", "correlations"])
    def test_ten_items(self, kind):
        recorded = load("consistency")["halves"]["bfi_EN"][kind]
        matrix = covariance_of("E", "N")
        if kind == "correlations":
            matrix = correlation(matrix)
        found = split_halves(matrix, rng(), formula="guttman")
        assert found.n_splits == recorded["n_splits"] == 126
        assert float(found.mean) == pytest.approx(recorded["mean"], abs=1e-9)
        assert float(found.lowest) == pytest.approx(recorded["lowest"], abs=1e-9)
        assert float(found.highest) == pytest.approx(recorded["highest"], abs=1e-9)

    def test_five_items(self):
        # psych runs through five of the ten splits; these five are among ours.
        recorded = load("consistency")["halves"]["bfi_N"]["correlations"]
        r = correlation(covariance_of("N"))
        each = [4 * (half @ r @ (1 - half)) / r.sum() for half in splits_of(5, rng())[:10]]
        for value in recorded["raw"]:
            assert min(abs(np.array(each) - value)) < 1e-12
        found = split_halves(r, rng(), formula="guttman")
        assert found.n_splits == 10
        assert float(found.lowest) == pytest.approx(min(each))
        assert float(found.mean) == pytest.approx(np.mean(each))


class TestIdentities:
    def test_mean_of_guttmans_formula_over_equal_halves_is_alpha(self):
        # Cronbach (1951): alpha is the mean of all split-half coefficients (Flanagan and Rulon).
        covariance = covariance_of("E", "N")
        found = split_halves(covariance, rng(), formula="guttman")
        assert float(found.mean) == pytest.approx(float(cronbach_alpha(covariance)))

    @pytest.mark.parametrize("k", [2, 3, 4, 5, 7, 8])
    def test_parallel_items_have_one_reliability(self, k):
        r = np.full((k, k), 0.4) + 0.6 * np.eye(k)
        found = split_halves(r, rng())
        stepped_up = k * 0.4 / (1 + (k - 1) * 0.4)
        assert float(found.mean) == pytest.approx(stepped_up)
        assert float(found.lowest) == pytest.approx(float(found.highest))

    def test_by_hand(self):
        covariance = covariance_of("E", "N")
        values = []
        for half in splits_of(10, rng()):
            one, other = half @ covariance @ half, (1 - half) @ covariance @ (1 - half)
            r = half @ covariance @ (1 - half) / np.sqrt(one * other)
            values.append(2 * r / (1 + r))
        found = split_halves(covariance, rng())
        assert [float(found.lowest), float(found.mean), float(found.highest)] == pytest.approx(
            [min(values), np.mean(values), max(values)]
        )

    def test_each_split_once(self):
        for k in (2, 3, 4, 5, 6, 7):
            halves = splits_of(k, rng())
            seen = {frozenset((tuple(h), tuple(1 - h))) for h in halves.astype(int)}
            assert len(seen) == len(halves) == count_splits(k)
            assert set(halves.sum(axis=1)) == {k // 2}

    def test_batched_in_portions(self, monkeypatch):
        covariances = np.stack([covariance_of("A"), covariance_of("C"), covariance_of("N")])
        whole = split_halves(covariances, rng())
        monkeypatch.setattr("psychometrics.stats.split_half.VALUES_AT_ONCE", 1)
        assert split_halves(covariances, rng()).mean.tolist() == whole.mean.tolist()


class TestSampledSplits:
    def test_same_seed_same_splits(self):
        covariance = covariance_of("A", "C", "E", "N")
        one, other = (split_halves(covariance, rng(), most=500) for _ in range(2))
        assert one.mean.tolist() == other.mean.tolist()
        assert (one.n_splits, one.exhaustive) == (500, False)

    def test_near_all_of_them(self):
        covariance = covariance_of("E", "N")
        few = split_halves(np.array(covariance), rng(), most=100)
        every = split_halves(covariance, rng())
        assert float(few.mean) == pytest.approx(float(every.mean), abs=0.01)


class TestEdges:
    def test_one_item(self):
        found = split_halves(np.array([[1.0]]), rng())
        assert np.isnan(found.mean)
        assert found.n_splits == 0

    def test_a_half_that_does_not_vary(self):
        assert np.isnan(split_halves(np.diag([1.0, 0.0]), rng()).mean)

    def test_halves_that_go_apart(self):
        assert float(split_halves(np.array([[1.0, -0.5], [-0.5, 1.0]]), rng()).mean) == -2.0
