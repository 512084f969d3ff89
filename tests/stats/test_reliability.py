from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from psychometrics.stats.moments import FloatArray, correlation_of, pairwise_moments
from psychometrics.stats.reliability import (
    alpha_if_deleted,
    average_variance_extracted,
    bonett_interval,
    bonett_variance,
    cronbach_alpha,
    feldt_interval,
    item_rest,
    logit_interval,
    omega_from_loadings,
    standardized_alpha,
)
from tests.reference.load import (
    BFI_REVERSED,
    BFI_SCALES,
    HS_SCALES,
    array,
    labels,
    load,
    values,
)

SCALES = {"hs": HS_SCALES, "bfi": BFI_SCALES}
GROUPS = {
    "hs": ("total", "Pasteur", "Grant-White"),
    "bfi": ("total", "1", "2", "3", "4", "5"),
}
UNITS = [(data, group, s) for data in SCALES for group in GROUPS[data] for s in SCALES[data]]
# R printed 15 digits; sums of other orders differ in the last ones.
DIGITS = 1e-10


@cache
def rows_of(data: str, group: str, scale: str) -> FloatArray:
    items = tuple(item.lstrip("-") for item in SCALES[data][scale])
    rows = array(data, items, reverse=BFI_REVERSED)
    if group == "total":
        return rows
    return np.asarray(rows[labels(data, "school" if data == "hs" else "education") == group])


def complete(data: str, group: str, scale: str) -> FloatArray:
    rows = rows_of(data, group, scale)
    return np.asarray(rows[~np.isnan(rows).any(axis=1)])


def parallel(k: int, correlation: float) -> FloatArray:
    return np.full((k, k), correlation) + (1 - correlation) * np.eye(k)


answers = hnp.arrays(
    np.float64,
    st.tuples(st.integers(8, 40), st.integers(2, 6)),
    elements=st.integers(1, 7).map(float),
).filter(lambda rows: bool((rows.std(axis=0) > 0).all() and rows.sum(axis=1).std() > 0.1))


# ---- identities ------------------------------------------------------------------------------


@settings(max_examples=40)
@given(answers)
def test_alpha_from_variances_of_scores(rows: FloatArray) -> None:
    k = rows.shape[1]
    parts, total = rows.var(axis=0, ddof=1).sum(), rows.sum(axis=1).var(ddof=1)
    expected = k / (k - 1) * (1 - parts / total)
    np.testing.assert_allclose(cronbach_alpha(np.cov(rows.T)), expected, rtol=1e-9, atol=1e-9)


@settings(max_examples=40)
@given(answers)
def test_alpha_is_hoyts_analysis_of_variance(rows: FloatArray) -> None:
    # Hoyt (1941): 1 - MS(person x item) / MS(person).
    n, k = rows.shape
    person = k * ((rows.mean(axis=1) - rows.mean()) ** 2).sum() / (n - 1)
    residual = rows - rows.mean(axis=1, keepdims=True) - rows.mean(axis=0) + rows.mean()
    error = (residual**2).sum() / ((n - 1) * (k - 1))
    expected = 1 - error / person
    np.testing.assert_allclose(cronbach_alpha(np.cov(rows.T)), expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("k", [2, 3, 10])
@pytest.mark.parametrize("r", [0.0, 0.3, 0.9])
def test_alpha_of_parallel_items_is_spearman_browns(k: int, r: float) -> None:
    np.testing.assert_allclose(cronbach_alpha(parallel(k, r)), k * r / (1 + (k - 1) * r))


@settings(max_examples=40)
@given(answers, st.integers(0, 2**32 - 1))
def test_order_of_people_and_items_changes_nothing(rows: FloatArray, seed: int) -> None:
    rng = np.random.default_rng(seed)
    moved = rng.permutation(rows)[:, rng.permutation(rows.shape[1])]
    np.testing.assert_allclose(
        cronbach_alpha(np.cov(rows.T)), cronbach_alpha(np.cov(moved.T)), rtol=1e-9, atol=1e-12
    )


@settings(max_examples=40)
@given(answers, st.floats(0.01, 100))
def test_units_change_nothing(rows: FloatArray, factor: float) -> None:
    covariance = np.cov(rows.T)
    for statistic in (cronbach_alpha, item_rest, alpha_if_deleted):
        np.testing.assert_allclose(
            statistic(covariance), statistic(covariance * factor), rtol=1e-9, atol=1e-12
        )


@settings(max_examples=40)
@given(answers)
def test_turning_all_items_changes_nothing(rows: FloatArray) -> None:
    for statistic in (cronbach_alpha, item_rest, alpha_if_deleted):
        np.testing.assert_allclose(
            statistic(np.cov(rows.T)), statistic(np.cov(8 - rows.T)), rtol=1e-9, atol=1e-9
        )


def test_batches_are_single_ones() -> None:
    batch = np.stack([np.cov(complete("bfi", group, "A").T) for group in GROUPS["bfi"]])
    for statistic in (cronbach_alpha, item_rest, alpha_if_deleted):
        single = np.stack([statistic(matrix) for matrix in batch])
        np.testing.assert_array_equal(statistic(batch), single)
    shaped = cronbach_alpha(batch.reshape(2, 3, 5, 5))
    np.testing.assert_array_equal(shaped, cronbach_alpha(batch).reshape(2, 3))


def test_item_rest_is_the_correlation_with_the_other_items() -> None:
    rows = complete("bfi", "total", "C")
    found = item_rest(np.cov(rows.T))
    for i in range(5):
        rest = np.delete(rows, i, axis=1).sum(axis=1)
        np.testing.assert_allclose(found[i], np.corrcoef(rows[:, i], rest)[0, 1], rtol=1e-10)


def test_alpha_if_deleted_is_alpha_of_the_others() -> None:
    covariance = np.cov(complete("bfi", "total", "E").T)
    found = alpha_if_deleted(covariance)
    for i in range(5):
        others = np.delete(np.delete(covariance, i, 0), i, 1)
        np.testing.assert_allclose(found[i], cronbach_alpha(others), rtol=1e-12)


def test_omega_of_tau_equivalent_items_is_alpha() -> None:
    loadings, residuals = np.full(6, 0.8), np.linspace(0.3, 1.2, 6)
    covariance = np.outer(loadings, loadings) + np.diag(residuals)
    np.testing.assert_allclose(
        omega_from_loadings(loadings, residuals), cronbach_alpha(covariance), rtol=1e-13
    )


def test_omega_is_the_explained_share_of_the_sum_score() -> None:
    loadings, residuals = np.array([0.9, 0.5, 0.7]), np.array([0.4, 0.8, 0.6])
    implied = 2.0 * np.outer(loadings, loadings) + np.diag(residuals)
    expected = 1 - residuals.sum() / implied.sum()
    np.testing.assert_allclose(omega_from_loadings(loadings, residuals, 2.0), expected)


def test_metric_of_the_factor_changes_neither_omega_nor_ave() -> None:
    loadings, residuals = np.array([0.9, 0.5, 0.7]), np.array([0.4, 0.8, 0.6])
    for statistic in (omega_from_loadings, average_variance_extracted):
        np.testing.assert_allclose(
            statistic(loadings, residuals, 4.0), statistic(2 * loadings, residuals), rtol=1e-14
        )


def test_ave_of_standardised_items_is_the_mean_squared_loading() -> None:
    loadings = np.array([0.9, 0.5, 0.7])
    found = average_variance_extracted(loadings, 1 - loadings**2)
    np.testing.assert_allclose(found, (loadings**2).mean(), rtol=1e-14)


# ---- recorded by R ---------------------------------------------------------------------------


@pytest.mark.parametrize(("data", "group", "scale"), UNITS)
class TestAgainstPsych:
    def recorded(self, data: str, group: str, scale: str, rows: str = "complete") -> dict:
        return load("reliability")[data]["psych"][group][scale][rows]

    def test_alpha(self, data: str, group: str, scale: str) -> None:
        ours = cronbach_alpha(np.cov(complete(data, group, scale).T))
        theirs = self.recorded(data, group, scale)["total"]["raw_alpha"]
        np.testing.assert_allclose(ours, theirs, rtol=DIGITS)

    def test_standardised_alpha(self, data: str, group: str, scale: str) -> None:
        ours = standardized_alpha(np.corrcoef(complete(data, group, scale).T))
        theirs = self.recorded(data, group, scale)["total"]["std_alpha"]
        np.testing.assert_allclose(ours, theirs, rtol=DIGITS)

    def test_alpha_of_pairwise_covariances(self, data: str, group: str, scale: str) -> None:
        _, _, covariance = pairwise_moments(rows_of(data, group, scale))
        theirs = self.recorded(data, group, scale, "pairwise")["total"]
        np.testing.assert_allclose(cronbach_alpha(covariance), theirs["raw_alpha"], rtol=DIGITS)

    def test_standardised_alpha_of_pairwise_correlations(
        self, data: str, group: str, scale: str
    ) -> None:
        # psych scales the pairwise covariances by the variances of all answers (cov2cor).
        correlation = correlation_of(pairwise_moments(rows_of(data, group, scale))[2])
        theirs = self.recorded(data, group, scale, "pairwise")["total"]["std_alpha"]
        np.testing.assert_allclose(standardized_alpha(correlation), theirs, rtol=DIGITS)

    def test_item_rest(self, data: str, group: str, scale: str) -> None:
        ours = item_rest(np.cov(complete(data, group, scale).T))
        theirs = [item["r_drop"] for item in self.recorded(data, group, scale)["items"]]
        np.testing.assert_allclose(ours, theirs, rtol=DIGITS)

    def test_alpha_if_deleted(self, data: str, group: str, scale: str) -> None:
        ours = alpha_if_deleted(np.cov(complete(data, group, scale).T))
        theirs = [item["alpha_if_deleted"] for item in self.recorded(data, group, scale)["items"]]
        np.testing.assert_allclose(ours, theirs, rtol=DIGITS)

    @pytest.mark.parametrize("rows", ["complete", "pairwise"])
    def test_feldt_limits(self, data: str, group: str, scale: str, rows: str) -> None:
        theirs = load("reliability")[data]["psych"][group][scale][f"limits_{rows}"]
        ours = feldt_interval(theirs["alpha"], theirs["n_items"], np.array(theirs["n_obs"] - 1.0))
        np.testing.assert_allclose([ours.low, ours.high], theirs["feldt"], rtol=DIGITS)

    @pytest.mark.parametrize("rows", ["complete", "pairwise"])
    def test_bonett_limits(self, data: str, group: str, scale: str, rows: str) -> None:
        theirs = load("reliability")[data]["psych"][group][scale][f"limits_{rows}"]
        alpha, df = np.array(theirs["alpha"]), np.array(theirs["n_obs"] - 1.0)
        ours = bonett_interval(alpha, theirs["n_items"], df)
        np.testing.assert_allclose([ours.low, ours.high], theirs["bonett"], rtol=DIGITS)


@pytest.mark.parametrize(("data", "scale"), [(d, s) for d in SCALES for s in SCALES[d]])
class TestWithinGroups:
    def recorded(self, data: str, scale: str) -> dict:
        return load("reliability")[data]["within"][scale]

    def test_alpha(self, data: str, scale: str) -> None:
        theirs = self.recorded(data, scale)
        np.testing.assert_allclose(
            cronbach_alpha(values(theirs["cov"])), theirs["alpha"], rtol=DIGITS
        )

    def test_feldt_limits_take_n_minus_groups(self, data: str, scale: str) -> None:
        theirs = self.recorded(data, scale)
        df = np.array(float(theirs["n_obs"] - theirs["n_groups"]))
        limits = theirs["limits_n_minus_groups_plus_1"]
        ours = feldt_interval(theirs["alpha"], limits["n_items"], df)
        np.testing.assert_allclose([ours.low, ours.high], limits["feldt"], rtol=DIGITS)

    def test_bonett_limits_take_n_minus_groups(self, data: str, scale: str) -> None:
        theirs = self.recorded(data, scale)
        df = np.array(float(theirs["n_obs"] - theirs["n_groups"]))
        limits = theirs["limits_n_minus_groups_plus_1"]
        ours = bonett_interval(np.array(theirs["alpha"]), limits["n_items"], df)
        np.testing.assert_allclose([ours.low, ours.high], limits["bonett"], rtol=DIGITS)


def test_psychs_printed_feldt_limits_count_rows_with_missing_answers() -> None:
    theirs = load("reliability")["bfi"]["psych"]["total"]["A"]["pairwise"]
    alpha = np.array(theirs["total"]["raw_alpha"])
    by_all_rows = feldt_interval(alpha, 5, np.array(theirs["n_rows"] - 1.0))
    printed = theirs["feldt_as_printed"]
    np.testing.assert_allclose([by_all_rows.low, by_all_rows.high], printed, rtol=DIGITS)
    by_complete_rows = feldt_interval(alpha, 5, np.array(theirs["n_complete"] - 1.0))
    assert by_complete_rows.low < printed[0]
    assert by_complete_rows.high > printed[1]


# ---- published -------------------------------------------------------------------------------


def test_feldt_limits_printed_on_a_page_of_the_mrc_cognition_and_brain_sciences_unit() -> None:
    # Evans's function: alpha .913, n = 873, 20 items.
    limits = feldt_interval(np.array(0.913), 20, np.array(872.0))
    assert round(float(limits.low), 7) == 0.9044024
    assert round(float(limits.high), 7) == 0.9211588


def test_statpsych_takes_n_where_feldt_takes_n_minus_one() -> None:
    # ci.cronbach(.05, .85, 7, 89) of statpsych 1.x prints .7971254 and .8931436: its second degrees
    # of freedom are n (k - 1); Feldt's are (n - 1)(k - 1). The limits part in the fifth decimal.
    alpha, k, n = 0.85, 7, 89
    df = (n - 1, n * (k - 1))
    theirs = [1 - (1 - alpha) * stats.f.isf(tail, *df) for tail in (0.025, 0.975)]
    assert [round(limit, 7) for limit in theirs] == [0.7971254, 0.8931436]
    ours = feldt_interval(np.array(alpha), k, np.array(n - 1.0))
    np.testing.assert_allclose([ours.low, ours.high], theirs, atol=1e-4)
    assert ours.low != theirs[0]


def test_statpsych_prints_the_standard_error_of_bonetts_interval() -> None:
    # The same call prints SE .02456518: sqrt(Bonett's variance) times 1 - alpha.
    found = np.sqrt(bonett_variance(7, np.array(88.0))) * 0.15
    assert round(float(found), 8) == 0.02456518


# ---- intervals -------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
def test_feldt_limits_are_where_the_f_distribution_puts_them(level: float) -> None:
    alpha, k, df = 0.7, 5, 49.0
    limits = feldt_interval(np.array(alpha), k, np.array(df), level)
    # (1 - alpha_population) / (1 - alpha) is F with (df, df (k - 1)) degrees of freedom.
    below = stats.f.cdf((1 - limits.high) / (1 - alpha), df, df * (k - 1))
    above = stats.f.sf((1 - limits.low) / (1 - alpha), df, df * (k - 1))
    np.testing.assert_allclose([below, above], (1 - level) / 2, rtol=1e-9)
    assert limits.level == level


@given(st.floats(-2, 0.99), st.integers(2, 30), st.integers(5, 5000))
def test_limits_lie_around_alpha(alpha: float, k: int, df: int) -> None:
    bonett = bonett_interval(np.array(alpha), k, np.array(float(df)))
    assert bonett.low < alpha < bonett.high < 1
    feldt = feldt_interval(np.array(alpha), k, np.array(float(df)), 0.99)
    assert feldt.low < alpha < feldt.high < 1


def test_two_intervals_agree_in_large_samples() -> None:
    feldt = feldt_interval(np.array(0.8), 6, np.array(50_000.0))
    bonett = bonett_interval(np.array(0.8), 6, np.array(50_000.0))
    np.testing.assert_allclose([feldt.low, feldt.high], [bonett.low, bonett.high], atol=2e-5)


def test_logit_interval_is_symmetric_on_the_logit_scale() -> None:
    limits = logit_interval(np.array(0.8), np.array(0.03))
    logit = [np.log(x / (1 - x)) for x in (float(limits.low), 0.8, float(limits.high))]
    half = stats.norm.isf(0.025) * 0.03 / (0.8 * 0.2)
    np.testing.assert_allclose(np.diff(logit), half, rtol=1e-12)


@given(st.floats(1e-6, 1 - 1e-6), st.floats(0, 10))
def test_logit_interval_stays_between_0_and_1(estimate: float, error: float) -> None:
    limits = logit_interval(np.array(estimate), np.array(error))
    assert 0 <= limits.low <= estimate * (1 + 1e-12)
    assert estimate * (1 - 1e-12) <= limits.high <= 1


# ---- degenerate ------------------------------------------------------------------------------


def test_one_item_has_no_alpha() -> None:
    assert np.isnan(cronbach_alpha(np.array([[2.0]])))
    assert cronbach_alpha(np.ones((4, 1, 1))).shape == (4,)


def test_two_items_have_no_alpha_if_deleted() -> None:
    assert np.isnan(alpha_if_deleted(np.eye(2))).all()


def test_alpha_of_a_sum_that_does_not_vary_is_undefined() -> None:
    rows = np.random.default_rng(3).normal(size=(60, 2))
    rows = np.column_stack([rows, -rows.sum(axis=1)])
    covariance = np.cov(rows.T)
    assert np.isnan(cronbach_alpha(covariance))
    # The sum of the other two is minus the third: their correlation is -1.
    np.testing.assert_allclose(item_rest(covariance), -1.0, rtol=1e-9)


def test_item_rest_is_undefined_where_the_rest_does_not_vary() -> None:
    rows = np.random.default_rng(4).normal(size=(60, 2)) * 0.1
    rows = np.column_stack([rows, -rows.sum(axis=1), np.arange(60.0)])
    assert np.isnan(item_rest(np.cov(rows.T))[3])
    assert np.isnan(alpha_if_deleted(np.cov(rows.T))[3])


def test_a_constant_item_has_no_correlation_and_leaves_the_others_theirs() -> None:
    covariance = np.zeros((3, 3))
    covariance[:2, :2] = parallel(2, 0.5)
    assert np.isnan(item_rest(covariance)[2])
    np.testing.assert_allclose(item_rest(covariance)[:2], 0.5)
    # A constant item adds nothing but its count: 3/2 (1 - 2/3).
    np.testing.assert_allclose(cronbach_alpha(covariance), 0.5)


def test_negative_alpha_is_reported_as_it_is() -> None:
    np.testing.assert_allclose(cronbach_alpha(parallel(2, -0.5)), -2.0)


def test_perfect_items_have_limits_at_one() -> None:
    alpha = cronbach_alpha(np.ones((3, 3)))
    for interval in (feldt_interval, bonett_interval):
        limits = interval(alpha, 3, np.array(20.0))
        assert (float(limits.low), float(limits.high)) == (1.0, 1.0)


def test_undefined_alpha_has_undefined_limits() -> None:
    nothing = np.array([np.nan, 0.7])
    for interval in (feldt_interval, bonett_interval):
        limits = interval(nothing, 3, np.array([20.0, 20.0]))
        assert np.isnan([limits.low[0], limits.high[0]]).all()
        assert np.isfinite([limits.low[1], limits.high[1]]).all()


def test_too_few_people_leave_no_limits() -> None:
    assert np.isnan(feldt_interval(np.array(0.5), 3, np.array(0.0)).low)
    assert np.isnan(bonett_interval(np.array(0.5), 3, np.array(1.0)).low)


def test_improper_omega_has_no_limits() -> None:
    # A negative residual variance can bring omega above 1: no logit there.
    omega = omega_from_loadings(np.array([1.2, 0.9, 0.8]), np.array([-1.5, 0.3, 0.2]))
    assert omega > 1
    assert np.isnan(logit_interval(omega, np.array(0.1)).low)


def test_missing_correlations_stay_missing() -> None:
    assert np.isnan(standardized_alpha(correlation_of(np.diag([1.0, 0.0]))))
