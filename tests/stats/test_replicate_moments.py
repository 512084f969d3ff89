"""Resampled moments against the same rows repeated, left out, or pooled by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from psychometrics.stats.moments import pairwise_moments
from psychometrics.stats.replicate_moments import (
    Strata,
    add_strata,
    bootstrap_packed,
    canonical_order,
    centres,
    deleted_packed,
    pair_covariance,
    pair_products,
    pair_within,
    unpack_pairs,
)


def answers(n: int = 40, *, missing: bool = False) -> np.ndarray:
    rng = np.random.default_rng(1)
    rows = rng.integers(1, 6, size=(n, 4)).astype(float) + rng.integers(0, 2, size=(n, 1))
    if missing:
        rows[rng.random(rows.shape) < 0.15] = np.nan
    return rows


def strata(sizes: tuple[int, ...], units: tuple[np.ndarray, ...] | None = None) -> Strata:
    edges = np.cumsum((0, *sizes))
    rows = tuple(np.arange(a, b) for a, b in pairwise(edges))
    return Strata(rows, units or tuple(np.arange(len(mine)) for mine in rows))


@pytest.mark.parametrize("missing", [False, True])
class TestSums:
    def test_covariance_is_the_pairwise_one(self, missing):
        rows = answers(missing=missing)
        packed = pair_products(rows, centres(rows)).sum(axis=0)
        found = pair_covariance(unpack_pairs(packed[None, None], 4))[0, 0]
        np.testing.assert_allclose(found, pairwise_moments(rows)[2], rtol=1e-12)

    def test_bootstrap_is_rows_drawn(self, missing):
        rows = answers(missing=missing)
        products = pair_products(rows, centres(rows))
        streams = [np.random.default_rng(5), np.random.default_rng(6)]
        packed = bootstrap_packed(products, strata((25, 15)), streams, 3)
        drawn = [
            np.random.default_rng(5).integers(0, 25, size=(3, 25)),
            25 + np.random.default_rng(6).integers(0, 15, size=(3, 15)),
        ]
        for replicate in range(3):
            sample = rows[np.concatenate([part[replicate] for part in drawn])]
            sums = unpack_pairs(packed[replicate], 4)
            found = pair_covariance(add_strata(sums))[0]
            np.testing.assert_allclose(found, pairwise_moments(sample)[2], rtol=1e-12)
            for at in range(2):
                own = rows[drawn[at][replicate]]
                np.testing.assert_allclose(
                    pair_covariance(sums)[at], pairwise_moments(own)[2], rtol=1e-11
                )

    def test_within_is_about_each_stratums_means(self, missing):
        rows = answers(missing=missing)
        products = pair_products(rows, centres(rows))
        packed = np.stack([products[:25].sum(axis=0), products[25:].sum(axis=0)])
        found = pair_within(unpack_pairs(packed, 4))
        centred = np.concatenate(
            [part - np.nanmean(part, axis=0) for part in (rows[:25], rows[25:])]
        )
        n, _, covariance = pairwise_moments(centred)
        np.testing.assert_allclose(found, covariance * (n - 1) / (n - 2), rtol=1e-11)

    def test_weights_are_repetitions(self, missing):
        rows = answers(missing=missing)
        weight = np.arange(40) % 3
        packed = (pair_products(rows, centres(rows)) * weight[:, None]).sum(axis=0)
        found = pair_covariance(unpack_pairs(packed[None], 4))[0]
        np.testing.assert_allclose(
            found, pairwise_moments(np.repeat(rows, weight, axis=0))[2], rtol=1e-12
        )


class TestUnits:
    def test_rows_left_out_one_by_one(self):
        rows = answers(12)
        products = pair_products(rows, centres(rows))
        packed = deleted_packed(products, strata((12,)), 0)
        found = pair_covariance(unpack_pairs(packed[:, None], 4))[:, 0]
        for at in range(12):
            np.testing.assert_allclose(found[at], np.cov(np.delete(rows, at, axis=0).T), rtol=1e-11)

    def test_clusters_left_out_one_by_one(self):
        rows, cluster = answers(12), np.arange(12) % 3
        products = pair_products(rows, centres(rows))
        packed = deleted_packed(products, strata((12,), (cluster,)), 0)
        found = pair_covariance(unpack_pairs(packed[:, None], 4))[:, 0]
        assert len(found) == 3
        np.testing.assert_allclose(found[1], np.cov(rows[cluster != 1].T), rtol=1e-11)

    def test_bundles(self):
        rows = answers(12)
        products = pair_products(rows, centres(rows))
        packed = deleted_packed(products, strata((12,)), 0, most=4)
        found = pair_covariance(unpack_pairs(packed[:, None], 4))[:, 0]
        assert len(found) == 4
        np.testing.assert_allclose(found[2], np.cov(rows[np.arange(12) % 4 != 2].T), rtol=1e-11)

    def test_clusters_are_drawn_whole(self):
        rows, cluster = answers(30), np.repeat(np.arange(3), 10)
        packed = bootstrap_packed(
            pair_products(rows, centres(rows)), strata((30,), (cluster,)),
            [np.random.default_rng(1)], 20,
        )  # fmt: skip
        n = unpack_pairs(packed, 4).n[:, 0, 0, 0]
        assert set(n) == {30.0}

    def test_an_empty_stratum(self):
        rows = answers(5)
        packed = bootstrap_packed(
            pair_products(rows, centres(rows)), strata((5, 0)),
            [np.random.default_rng(1), np.random.default_rng(2)], 4,
        )  # fmt: skip
        assert (packed[:, 1] == 0).all()
        assert np.isnan(pair_covariance(unpack_pairs(packed, 4))[:, 1]).all()


def test_constant_item_has_exact_zeros():
    rows = np.column_stack([np.full(9, 0.1), np.arange(9)])
    packed = pair_products(rows, np.zeros(2)).sum(axis=0)
    found = pair_covariance(unpack_pairs(packed[None], 2))[0]
    assert (found[0] == 0).all()


def test_order_of_rows_is_forgotten():
    rows = answers(30, missing=True)
    mixed = rows[np.random.default_rng(1).permutation(30)]
    np.testing.assert_array_equal(rows[canonical_order(rows)], mixed[canonical_order(mixed)])
