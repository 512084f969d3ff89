"""Standardised mean differences against R, regression and their own definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from psychometrics.errors import DataError
from psychometrics.stats.effect_size import (
    hedges_g,
    noncentral_limits,
    small_sample_factor,
    stratified_hedges_g,
    two_group_cells,
)
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from tests.reference.load import array, load
from tests.stats.test_correlation import UNITS, bfi_scores, education


@pytest.mark.parametrize("at", range(6), ids=UNITS)
def test_agrees_with_r(at: int) -> None:
    women, scores, site = array("bfi", ("gender",))[:, 0] == 2, bfi_scores(), education()
    everyone = np.zeros(len(site), dtype=int)
    stratum, n_strata = (everyone, 1) if at == 0 else (site, 5)
    cells = two_group_cells(scores, women, stratum, n_strata)
    exact, plain = hedges_g(cells), hedges_g(cells, interval="large_sample")
    row_at = max(at - 1, 0)
    for scale, row in enumerate(load("comparators")["bfi_complete"]["gender"][UNITS[at]]):
        assert exact.n_higher[row_at, scale] == row["n_higher"]
        assert exact.n_lower[row_at, scale] == row["n_lower"]
        assert exact.estimate[row_at, scale] == pytest.approx(row["g"], abs=1e-12)
        assert exact.variance[row_at, scale] == pytest.approx(row["metafor_variance"], abs=1e-12)
        assert [plain.low[row_at, scale], plain.high[row_at, scale]] == pytest.approx(
            [row["g_low_hedges_olkin"], row["g_high_hedges_olkin"]], abs=1e-12
        )
        # Noncentralities are found to about 1e-7 here and to 1e-12 by R's root finder.
        assert [exact.low[row_at, scale], exact.high[row_at, scale]] == pytest.approx(
            [row["g_low_noncentral"], row["g_high_noncentral"]], abs=1e-6
        )


def random_groups(seed: int, n: int = 60) -> tuple[FloatArray, BoolArray, IntArray]:
    rng = np.random.default_rng(seed)
    higher, stratum = rng.random(n) < 0.4, rng.integers(0, 4, n)
    values = rng.normal(size=(n, 2)) + 0.7 * higher[:, None] + stratum[:, None]
    values[rng.random(values.shape) < 0.1] = np.nan
    return values, higher, stratum


def test_stratified_is_the_difference_of_the_linear_model() -> None:
    values, higher, stratum = random_groups(1)
    higher[stratum == 3] = True  # a stratum of one group informs the variance alone
    found = stratified_hedges_g(two_group_cells(values, higher, stratum, 4))
    for s in range(2):
        keep = ~np.isnan(values[:, s])
        design = np.column_stack([higher[keep], np.eye(4)[stratum[keep]]]).astype(float)
        weight, residual, *_ = np.linalg.lstsq(design, values[keep, s], rcond=None)
        df = keep.sum() - 5
        d = weight[0] / np.sqrt(residual[0] / df)
        assert found.estimate[0, s] == pytest.approx(d * small_sample_factor(df), rel=1e-12)
        t = weight[0] / np.sqrt(residual[0] / df * np.linalg.inv(design.T @ design)[0, 0])
        low, high = noncentral_limits(np.array(t), np.array(df))
        scale = small_sample_factor(df) * d / t
        assert found.low[0, s] == pytest.approx(low * scale, abs=1e-6)
        assert found.high[0, s] == pytest.approx(high * scale, abs=1e-6)


def test_one_stratum_is_no_stratum() -> None:
    values, higher, _ = random_groups(2)
    cells = two_group_cells(values, higher, np.zeros(60, dtype=int), 1)
    plain, held = hedges_g(cells), stratified_hedges_g(cells)
    np.testing.assert_allclose(plain.estimate, held.estimate, rtol=1e-13)
    np.testing.assert_allclose(plain.low, held.low, rtol=1e-9)


@given(st.floats(0.01, 100), st.floats(-100, 100), st.integers(0, 50))
def test_unit_origin_and_side(scale: float, shift: float, seed: int) -> None:
    values, higher, stratum = random_groups(seed)
    plain = stratified_hedges_g(two_group_cells(values, higher, stratum, 4))
    moved = stratified_hedges_g(two_group_cells(shift + scale * values, ~higher, stratum, 4))
    np.testing.assert_allclose(moved.estimate, -plain.estimate, atol=1e-9)
    np.testing.assert_allclose(moved.low, -plain.high, atol=1e-6)


@pytest.mark.parametrize(("t", "df"), [(0.0, 3.0), (2.5, 10.0), (-4.0, 40.0), (12.0, 500.0)])
def test_limits_put_t_on_the_tails(t: float, df: float) -> None:
    low, high = noncentral_limits(np.array(t), np.array(df), 0.9)
    assert stats.nct.sf(t, df, low) == pytest.approx(0.05, abs=1e-6)
    assert stats.nct.cdf(t, df, high) == pytest.approx(0.05, abs=1e-6)


def test_factor_takes_the_bias_off() -> None:
    # Closed forms of the gamma functions at 2 and 4 degrees of freedom.
    assert small_sample_factor(2) == pytest.approx(np.pi**-0.5, rel=1e-14)
    assert small_sample_factor(4) == pytest.approx((2 / np.pi) ** 0.5, rel=1e-14)
    for row in load("comparators")["bfi_complete"]["gender"]["1"]:
        df = row["n_higher"] + row["n_lower"] - 2
        assert small_sample_factor(df) == pytest.approx(row["correction_exact"], rel=1e-12)


@pytest.mark.parametrize(
    ("values", "higher"),
    [
        ([1.0, 2.0, 3.0], [True, True, True]),  # nobody in the other group
        ([1.0, 2.0], [True, False]),  # no degree of freedom
        ([0.1, 0.1, 0.7, 0.7], [True, True, False, False]),  # no spread in either
        ([np.nan, np.nan, 1.0, 2.0], [True, True, False, False]),
        ([], []),
    ],
)
def test_what_can_t_be_had_is_nan(values: list[float], higher: list[bool]) -> None:
    block = np.array(values, dtype=float).reshape(-1, 1)
    cells = two_group_cells(block, np.array(higher, dtype=bool), np.zeros(len(block), dtype=int), 1)
    for found in (hedges_g(cells), stratified_hedges_g(cells)):
        assert np.isnan(found.estimate).all()
        assert np.isnan(found.low).all()
        assert np.isnan(found.high).all()


def test_unknown_interval() -> None:
    cells = two_group_cells(np.ones((4, 1)), np.ones(4, dtype=bool), np.zeros(4, dtype=int), 1)
    with pytest.raises(DataError, match="choose one of 'noncentral_t', 'large_sample'"):
        hedges_g(cells, interval="bootstrap")  # type: ignore[arg-type]


@pytest.mark.slow
def test_unbiased_and_covering() -> None:
    rng = np.random.default_rng(5)
    trials, delta, higher = 4000, 0.6, np.arange(24) < 9
    values = rng.normal(size=(24, trials)) + delta * higher[:, None]
    found = hedges_g(two_group_cells(values, higher, np.zeros(24, dtype=int), 1))
    assert found.estimate.mean() == pytest.approx(delta, abs=0.03)
    # The interval of g is that of d times the factor, so it is held against that.
    shrunk = delta * small_sample_factor(22)
    covered = (found.low <= shrunk) & (shrunk <= found.high)
    assert covered.mean() == pytest.approx(0.95, abs=0.012)
