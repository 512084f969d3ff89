from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from psychometrics.errors import DataError
from psychometrics.stats.agreement import (
    MeanSquares,
    error_variance,
    intraclass_correlation,
    mean_squares,
)
from tests.reference.load import load

RECORDED: dict[str, Any] = load("agreement")["icc"]
FORM = {"ICC1": ("1", False), "ICC2": ("A", False), "ICC3": ("C", False),
        "ICC1k": ("1", True), "ICC2k": ("A", True), "ICC3k": ("C", True)}  # fmt: skip


@pytest.mark.parametrize("name", list(RECORDED))
def test_mean_squares_are_those_of_r(name: str) -> None:
    table = mean_squares(np.array(RECORDED[name]["ratings"], dtype=float))
    recorded = RECORDED[name]["mean_squares"]
    for part in ("targets", "raters", "residual"):
        assert getattr(table, part) == pytest.approx(recorded[part], rel=1e-11)


@pytest.mark.parametrize("name", list(RECORDED))
@pytest.mark.parametrize("kind", list(FORM))
def test_intraclass_correlations_are_those_of_psych(name: str, kind: str) -> None:
    recorded = RECORDED[name]
    table = mean_squares(np.array(recorded["ratings"], dtype=float))
    (row,) = (one for one in recorded["results"] if one["type"] == kind)
    form, average = FORM[kind]
    found = intraclass_correlation(table, form, average=average, level=recorded["level"])
    assert found.estimate == pytest.approx(row["ICC"], rel=1e-10)
    # R's F quantiles of broken degrees of freedom end a little earlier than scipy's.
    assert found.low == pytest.approx(row["lower bound"], rel=1e-7)
    assert found.high == pytest.approx(row["upper bound"], rel=1e-7)


def test_shrout_and_fleiss_print_these() -> None:
    ratings = np.array(RECORDED["shrout_fleiss"]["ratings"], dtype=float)
    table = mean_squares(ratings)
    assert [round(value, 2) for value in (table.targets, table.within)] == [11.24, 6.26]
    single = [round(intraclass_correlation(table, form).estimate, 2) for form in ("1", "A", "C")]
    assert single == [0.17, 0.29, 0.71]
    means = [intraclass_correlation(table, form, average=True).estimate for form in ("1", "A", "C")]
    assert [round(value, 2) for value in means] == [0.44, 0.62, 0.91]


def ratings(seed: int, n: int = 12, k: int = 3) -> Any:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 1)) + rng.normal(scale=0.6, size=(n, k)) + np.arange(k) * 0.4


def test_correlation_and_error_are_two_sides_of_one_thing() -> None:
    table = mean_squares(ratings(1))
    true = (table.targets - table.residual) / table.n_raters
    for form in ("A", "C"):
        error = error_variance(table, form).estimate
        icc = intraclass_correlation(table, form).estimate
        assert icc == pytest.approx(true / (true + error), rel=1e-12)
    error = error_variance(table, "1").estimate
    true = (table.targets - error) / table.n_raters
    assert intraclass_correlation(table, "1").estimate == pytest.approx(true / (true + error))


def test_consistency_of_means_is_alpha_with_feldt_s_interval() -> None:
    from psychometrics.stats.reliability import cronbach_alpha, feldt_interval

    x = ratings(2)
    found = intraclass_correlation(mean_squares(x), "C", average=True, level=0.9)
    alpha = cronbach_alpha(np.cov(x.T))
    limits = feldt_interval(alpha, 3, np.array(11.0), 0.9)
    assert found.estimate == pytest.approx(float(alpha), rel=1e-12)
    assert (found.low, found.high) == pytest.approx((float(limits.low), float(limits.high)))


def test_order_and_units_do_not_matter() -> None:
    x = ratings(3)
    turned = x[np.random.default_rng(1).permutation(len(x))][:, [2, 0, 1]] * 10 - 4
    for form in ("1", "A", "C"):
        one = intraclass_correlation(mean_squares(x), form)
        two = intraclass_correlation(mean_squares(turned), form)
        assert (one.estimate, one.low, one.high) == pytest.approx(
            (two.estimate, two.low, two.high), rel=1e-10
        )
        error = error_variance(mean_squares(turned), form).estimate
        assert error == pytest.approx(100 * error_variance(mean_squares(x), form).estimate)


def test_raters_who_differ_by_a_constant_are_consistent_and_do_not_agree() -> None:
    x = np.array([1.0, 2.0, 4.0, 7.0])[:, None] + np.array([0.0, 3.0])
    table = mean_squares(x)
    consistent = intraclass_correlation(table, "C")
    assert consistent.estimate == 1
    assert np.isnan([consistent.low, consistent.high]).all()
    assert intraclass_correlation(table, "A").estimate < 0.7
    assert error_variance(table, "C").estimate == 0
    assert np.isnan(error_variance(table, "C").low)
    assert error_variance(table, "A").estimate == pytest.approx(4.5)


def test_ratings_that_never_vary_have_no_correlation() -> None:
    table = mean_squares(np.full((5, 3), 0.1))
    assert (table.targets, table.raters, table.residual) == (0, 0, 0)
    assert np.isnan(intraclass_correlation(table, "A").estimate)


def test_targets_alike_give_the_lowest_value_there_is() -> None:
    table = mean_squares(np.array([[1.0, 2.0, 3.0], [2.0, 3.0, 1.0], [3.0, 1.0, 2.0]]))
    assert intraclass_correlation(table, "C").estimate == pytest.approx(-0.5)
    assert intraclass_correlation(table, "C", average=True).estimate == -np.inf


def test_unknown_forms_are_refused() -> None:
    table = mean_squares(ratings(4))
    with pytest.raises(DataError, match="form='2' is not known here"):
        intraclass_correlation(table, "2")  # type: ignore[arg-type]


def test_intervals_of_the_error_hold_what_they_promise() -> None:
    """2,000 tables of 20 targets and 4 raters drawn by their mean squares; error variance 1.5."""
    rng = np.random.default_rng(5)
    n, k, by_rater, left = 20, 4, 0.5, 1.0
    raters = (left + n * by_rater) * rng.chisquare(k - 1, 2000) / (k - 1)
    residual = left * rng.chisquare((n - 1) * (k - 1), 2000) / ((n - 1) * (k - 1))
    inside = {"A": 0, "C": 0}
    for a, e in zip(raters, residual, strict=True):
        table = MeanSquares(n, k, 9.0, float(a), float(e), float(a / n + (n - 1) / n * e))
        for form, truth in (("A", by_rater + left), ("C", left)):
            found = error_variance(table, form)
            inside[form] += found.low <= truth <= found.high
    # Three binomial standard errors are .015.
    assert inside["A"] / 2000 == pytest.approx(0.95, abs=0.015)
    assert inside["C"] / 2000 == pytest.approx(0.95, abs=0.015)


def test_the_interval_of_one_mean_square_is_the_exact_one() -> None:
    table = mean_squares(ratings(6))
    found = error_variance(table, "C", level=0.9)
    df = 11 * 2
    assert found.low == pytest.approx(found.estimate * df / stats.chi2.isf(0.05, df))
    assert found.high == pytest.approx(found.estimate * df / stats.chi2.isf(0.95, df))
