"""Correlations against R, numpy and regression."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from psychometrics.stats.correlation import (
    bonett_wright_variance,
    cross_moments,
    fisher_interval,
    fisher_variance,
    join_moments,
    pearson,
    pool_groups,
    within_ranks,
)
from psychometrics.stats.moments import FloatArray, IntArray
from tests.reference.load import BFI_REVERSED, BFI_SCALES, array, labels, load

UNITS = ("total", "1", "2", "3", "4", "5")


def bfi_scores() -> FloatArray:
    """Return the mean scores of people who answered the whole scale, (person, scale)."""
    scales = [tuple(item.lstrip("-") for item in items) for items in BFI_SCALES.values()]
    return np.column_stack(
        [array("bfi", items, reverse=BFI_REVERSED).mean(axis=1) for items in scales]
    )


def education() -> IntArray:
    """Return the site of each person, -1 where it isn't known."""
    cells = labels("bfi", "education")
    return np.array([-1 if cell == "NA" else int(cell) - 1 for cell in cells])


@pytest.mark.parametrize("at", range(6), ids=UNITS)
def test_pearson_agrees_with_r(at: int) -> None:
    age, scores = array("bfi", ("age",)), bfi_scores()
    total = cross_moments(scores, age, np.zeros(len(age), dtype=int), 1)
    found = join_moments(total, cross_moments(scores, age, education(), 5))
    for scale, row in enumerate(load("comparators")["bfi_complete"]["age"][UNITS[at]]):
        r, n = pearson(found)[at, scale, 0], found.n[at, scale, 0]
        assert n == row["n"]
        assert r == pytest.approx(row["pearson"], abs=1e-12)
        limits = fisher_interval(r, fisher_variance(n))
        assert [limits.low, limits.high] == pytest.approx(
            [row["pearson_low"], row["pearson_high"]], abs=1e-12
        )


@pytest.mark.parametrize("unit", UNITS)
def test_spearman_agrees_with_r(unit: str) -> None:
    site = education()
    mine = np.ones(len(site), dtype=bool) if unit == "total" else site == int(unit) - 1
    age, scores = array("bfi", ("age",))[mine, 0], bfi_scores()[mine]
    for scale, row in enumerate(load("comparators")["bfi_complete"]["age"][unit]):
        keep = ~np.isnan(scores[:, scale])
        one = np.zeros(keep.sum(), dtype=int)
        ranks = [within_ranks(part[keep], one)[:, None] for part in (scores[:, scale], age)]
        rho = pearson(cross_moments(*ranks, one, 1))[0, 0, 0]
        assert rho == pytest.approx(row["spearman"], abs=1e-12)
        limits = fisher_interval(rho, bonett_wright_variance(rho, keep.sum()))
        assert [limits.low, limits.high] == pytest.approx(
            [row["spearman_low_bonett_wright"], row["spearman_high_bonett_wright"]], abs=1e-12
        )


def random_blocks(seed: int, n: int = 60) -> tuple[FloatArray, FloatArray, IntArray]:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(n, 3)), rng.normal(size=(n, 2))
    x[rng.random(x.shape) < 0.1] = np.nan
    y[rng.random(y.shape) < 0.1] = np.nan
    return x, y + np.nan_to_num(x[:, :2]), rng.integers(-1, 4, n)


def test_each_pair_uses_its_own_rows() -> None:
    x, y, group = random_blocks(1)
    found = cross_moments(x, y, group, 4)
    for g, s, c in np.ndindex(4, 3, 2):
        keep = (group == g) & ~np.isnan(x[:, s]) & ~np.isnan(y[:, c])
        assert found.n[g, s, c] == keep.sum()
        expected = np.corrcoef(x[keep, s], y[keep, c])[0, 1]
        assert pearson(found)[g, s, c] == pytest.approx(expected, abs=1e-13)


def test_pooled_within_is_the_partial_correlation_given_group() -> None:
    x, y, group = random_blocks(2)
    r = pearson(pool_groups(cross_moments(x, y, group, 4)))[0, 0, 0]
    keep = (group >= 0) & ~np.isnan(x[:, 0]) & ~np.isnan(y[:, 0])
    dummies = np.eye(4)[group[keep]]
    left_over = [
        part - dummies @ np.linalg.lstsq(dummies, part, rcond=None)[0]
        for part in (x[keep, 0], y[keep, 0])
    ]
    assert r == pytest.approx(np.corrcoef(*left_over)[0, 1], abs=1e-13)


def test_ranks_within_one_group_give_spearman() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.integers(1, 6, 50).astype(float), rng.normal(size=50)
    one = np.zeros(50, dtype=int)
    ranks = [within_ranks(part, one)[:, None] for part in (x, y)]
    rho = pearson(cross_moments(*ranks, one, 1))[0, 0, 0]
    assert rho == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-13)


def test_ranks_within_groups_don_t_see_differences_between_them() -> None:
    rng = np.random.default_rng(4)
    x, group = rng.normal(size=80), rng.integers(0, 3, 80)
    np.testing.assert_array_equal(within_ranks(x, group), within_ranks(x + 10 * group, group))
    for g in range(3):
        assert within_ranks(x, group)[group == g].sum() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("value", [0.1, 3.0, 1e9 + 0.1])
def test_a_constant_has_no_correlation(value: float) -> None:
    x = np.full((7, 1), value)
    y = np.arange(7.0)[:, None]
    assert np.isnan(pearson(cross_moments(x, y, np.zeros(7, dtype=int), 1))).all()


def test_a_constant_among_the_shared_rows_has_no_correlation() -> None:
    x = np.array([[0.1], [0.1], [0.1], [0.7], [0.9]])
    y = np.array([[1.0], [2.0], [3.0], [np.nan], [np.nan]])
    found = cross_moments(x, y, np.zeros(5, dtype=int), 1)
    assert found.n.item() == 3
    assert np.isnan(pearson(found)).all()


def test_an_empty_group_has_no_people() -> None:
    x, y, group = random_blocks(5)
    found = cross_moments(x, y, group, 6)
    assert found.n[5].sum() == 0
    assert np.isnan(pearson(found)[5]).all()


@given(st.floats(0.01, 100), st.floats(-1000, 1000), st.integers(0, 50))
def test_unit_and_origin_don_t_matter(scale: float, shift: float, seed: int) -> None:
    x, y, group = random_blocks(seed)
    plain = pearson(cross_moments(x, y, group, 4))
    moved = pearson(cross_moments(shift - scale * x, y, group, 4))
    np.testing.assert_allclose(moved, -plain, atol=1e-8)


def test_variances_need_people() -> None:
    np.testing.assert_array_equal(fisher_variance([3, 4, 13]), [np.nan, 1, 0.1])
    np.testing.assert_array_equal(fisher_variance([9, 10], n_partialled=6), [np.nan, 1.0])
    assert bonett_wright_variance(0.6, 103) == pytest.approx(1.18 / 100)


def test_the_interval_of_a_perfect_correlation_is_a_point() -> None:
    limits = fisher_interval([1.0, -1.0], [0.1, 0.1])
    np.testing.assert_array_equal(limits.low, [1, -1])
    np.testing.assert_array_equal(limits.high, [1, -1])


@pytest.mark.slow
def test_fisher_intervals_of_partial_correlations_cover() -> None:
    rng = np.random.default_rng(9)
    trials, rho, group = 4000, 0.4, np.repeat(np.arange(5), 6)
    both = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size=(trials, len(group)))
    both += rng.normal(size=(trials, 5, 2))[:, group]
    hits = 0
    for sample in both:
        found = pool_groups(cross_moments(sample[:, :1], sample[:, 1:], group, 5))
        limits = fisher_interval(pearson(found), fisher_variance(found.n, 4))
        hits += bool((limits.low <= rho).all() and (limits.high >= rho).all())
    assert hits / trials == pytest.approx(0.95, abs=0.012)
