from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.fit import fit_moments
from psychometrics.stats.cfa.fit_indices import (
    baseline_chi2,
    close_fit_p,
    comparative_fit,
    noncentrality_limit,
    rmsea,
    rmsea_interval,
    srmr,
    tucker_lewis,
)
from psychometrics.stats.cfa.kernel import Implied, SampleMoments, imply, sample_moments
from tests.stats.cfa.cases import answers, case, fit, indices


def moments(correlation: float = 0.4, p: int = 3, n: float = 100.0) -> SampleMoments:
    matrix = np.full((p, p), correlation) + (1 - correlation) * np.eye(p)
    return sample_moments(matrix[None, None], None, np.array([[n]]), unbiased=False)


# ---- published -------------------------------------------------------------------------------

# Two more outputs as printed: Mplus 8.2 for HS in two groups, lavaan for bfi's five factors.
PRINTED = [
    # chi2, df, baseline chi2, df, n, groups, cfi, tli, rmsea, low, high
    (115.851, 48, 957.769, 72, 301, 2, 0.923, 0.885, 0.097, 0.075, 0.120),
    (85.306, 24, 918.852, 36, 301, 1, 0.931, 0.896, 0.092, 0.071, 0.114),
]


@pytest.mark.parametrize("row", PRINTED)
def test_printed_indices(row: tuple[float, ...]) -> None:
    chi2, df, base, df_base, n, groups, *printed = row
    low, high = rmsea_interval(chi2, df, n, int(groups))
    ours = [
        comparative_fit(chi2, df, base, df_base),
        tucker_lewis(chi2, df, base, df_base),
        rmsea(chi2, df, n, int(groups)),
        low,
        high,
    ]
    assert [round(number, 3) for number in ours] == printed


# ---- comparative indices ---------------------------------------------------------------------


@given(st.floats(0, 1e5), st.integers(1, 500), st.floats(0, 1e6), st.integers(1, 500))
def test_cfi_lies_between_0_and_1(chi2: float, df: int, base: float, df_base: int) -> None:
    assert 0 <= comparative_fit(chi2, df, base, df_base) <= 1


def test_cfi_is_one_where_the_model_fits_better_than_expected() -> None:
    assert comparative_fit(20, 24, 900, 36) == 1
    assert comparative_fit(20, 24, 30, 36) == 1


def test_cfi_is_zero_where_the_baseline_fits_as_well() -> None:
    assert comparative_fit(900, 24, 800, 36) == 0


def test_tli_may_exceed_one() -> None:
    assert tucker_lewis(10, 24, 900, 36) > 1


@pytest.mark.parametrize(("df", "expected"), [(0, 1.0), (1, np.nan)])
def test_tli_at_its_edges(df: int, expected: float) -> None:
    found = tucker_lewis(1.0, df, 36.0, 36)
    np.testing.assert_equal(found, expected)


# ---- RMSEA -----------------------------------------------------------------------------------


@given(st.floats(0, 1e4), st.integers(1, 300), st.integers(20, 5000), st.integers(1, 6))
def test_rmsea_lies_in_its_interval(chi2: float, df: int, n: int, groups: int) -> None:
    low, high = rmsea_interval(chi2, df, n, groups)
    assert 0 <= low <= high
    # Where chi-square lies far below its expectation the whole interval is at zero.
    if high > 0:
        assert low - 1e-9 <= rmsea(chi2, df, n, groups) <= high + 1e-9


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_limits_are_where_the_noncentral_chi_square_puts_them(level: float) -> None:
    chi2, df, n = 85.306, 24, 301
    low, high = rmsea_interval(chi2, df, n, level=level)
    tail = (1 - level) / 2
    np.testing.assert_allclose(stats.ncx2.sf(chi2, df, low**2 * n * df), tail, rtol=1e-6)
    np.testing.assert_allclose(stats.ncx2.cdf(chi2, df, high**2 * n * df), tail, rtol=1e-6)


@pytest.mark.parametrize("tail", [0.05, 0.95])
def test_a_chi_square_on_the_edge_has_a_limit_of_zero(tail: float) -> None:
    edge = float(stats.chi2.isf(tail, 24))
    assert noncentrality_limit(edge, 24, 1 - tail) == pytest.approx(0, abs=1e-9)
    assert rmsea_interval(edge, 24, 300)[0] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("chi2", "df", "n"),
    [(1e5, 265, 5e4), (1e7, 300, 1e6), (5e3, 2, 1e4), (1e-9, 3, 100), (0, 3, 9)],
)
def test_extreme_chi_squares(chi2: float, df: int, n: float) -> None:
    low, high = rmsea_interval(chi2, df, n)
    assert low <= rmsea(chi2, df, n) <= high
    assert 0 <= close_fit_p(chi2, df, n) <= 1


def test_saturated_models_have_an_rmsea_of_zero() -> None:
    assert rmsea(0, 0, 100) == 0
    assert rmsea_interval(0, 0, 100) == (0, 0)
    assert np.isnan(close_fit_p(0, 0, 100))


@pytest.mark.parametrize(("chi2", "df"), [(np.inf, 24), (np.nan, 24), (5.0, -1)])
def test_an_undefined_chi_square_has_no_interval(chi2: float, df: int) -> None:
    assert np.isnan(rmsea_interval(chi2, df, 100)).all()


def test_test_of_close_fit_at_zero_is_the_test_of_exact_fit() -> None:
    np.testing.assert_allclose(
        close_fit_p(36.4, 24, 300, rmsea_null=0.0), stats.chi2.sf(36.4, 24), rtol=1e-10
    )


def test_close_fit_of_several_groups_is_that_of_their_mean_noncentrality() -> None:
    one, two = close_fit_p(60, 24, 300), close_fit_p(60, 24, 600, 2)
    np.testing.assert_allclose(one, two, rtol=1e-12)


# ---- SRMR and the baseline -------------------------------------------------------------------


def test_srmr_by_its_definition() -> None:
    fits = fit("hs_three_factor_means")
    data, implied = fits.data, imply(fits.layout, fits.optimum.z)
    sd = np.sqrt(np.diagonal(data.covariance[0, 0]))
    cells = [
        ((data.covariance[0, 0, i, j] - implied.covariance[0, 0, i, j]) / (sd[i] * sd[j])) ** 2
        for i in range(9)
        for j in range(i + 1)
    ]
    without = np.sqrt(sum(cells) / 45)
    np.testing.assert_allclose(srmr(implied, data, False)[0], without, rtol=1e-12)
    gap = ((data.mean[0, 0] - implied.mean[0, 0]) / sd) ** 2
    with_means = np.sqrt((sum(cells) + gap.sum()) / 54)
    np.testing.assert_allclose(srmr(implied, data, True)[0], with_means, rtol=1e-12)


def test_srmr_of_groups_is_weighted_by_people() -> None:
    one, other = moments(0.4, n=100), moments(0.1, n=300)
    both = SampleMoments(
        *(
            np.concatenate([getattr(one, f), getattr(other, f)], axis=1)
            for f in ("covariance", "mean", "n", "log_determinant")
        )
    )
    flat = Implied(None, None, np.broadcast_to(np.eye(3), (1, 2, 3, 3)), None, None)
    own = [
        srmr(Implied(None, None, np.eye(3)[None, None], None, None), part, False)[0]
        for part in (one, other)
    ]
    np.testing.assert_allclose(srmr(flat, both, False)[0], 0.25 * own[0] + 0.75 * own[1])


def test_baseline_is_the_determinant_of_the_correlations() -> None:
    chi2, df = baseline_chi2(moments(0.4, 4, 120.0))
    r = np.full((4, 4), 0.4) + 0.6 * np.eye(4)
    np.testing.assert_allclose(chi2[0], -120 * np.linalg.slogdet(r)[1], rtol=1e-12)
    assert df == 6


def test_baseline_by_fitting_it() -> None:
    chosen = case("hs_three_factor")
    table = complete("\n".join(f"{item} ~~ {item}" for item in chosen.table.observed))
    fitted = fit_moments(table, chosen.covariance[None], np.array([301.0]))
    np.testing.assert_allclose(
        301 * fitted.optimum.fmin[0, 0], indices("hs_three_factor").chi2_baseline, rtol=1e-10
    )


def test_baseline_with_predictors_by_fitting_it() -> None:
    observed = ("x1", "x2", "x3", "ageyr", "sex")
    rows = answers("hs", "total", observed)
    own = "\n".join(f"{item} ~~ {item}" for item in observed) + "\nageyr ~~ sex"
    fitted = fit_moments(complete(own), np.cov(rows.T)[None], np.array([301.0]))
    data = sample_moments(np.cov(rows.T)[None, None], None, np.array([[301.0]]))
    chi2, df = baseline_chi2(data, 2)
    np.testing.assert_allclose(chi2[0], 301 * fitted.optimum.fmin[0, 0], rtol=1e-10)
    assert df == 9
