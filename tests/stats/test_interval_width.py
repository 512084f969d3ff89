"""Intervals of many samples at once are those that single analyses give."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.interval_width import (
    alpha_limits,
    correlation_limits,
    draw_mean_square_ratios,
    fit_samples,
    htmt_values,
    icc_limits,
    median_error,
    omega_limits,
    usable,
)

RNG = np.random.default_rng(8)
ONE = complete({"f": ["a", "b", "c", "d"]}, std_lv=True)
TWO = complete({"f": ["a", "b", "c"], "g": ["d", "e", "h"]}, std_lv=True)


def samples(n: int, p: int, count: int = 30) -> np.ndarray:
    person = RNG.normal(size=(count, n, 1))
    rows = person + RNG.normal(size=(count, n, p))
    return np.stack([np.cov(one, rowvar=False) for one in rows])


def test_usable_is_what_fits_say_one_by_one() -> None:
    for n in (12, 30):
        fits, _ = fit_samples(ONE, samples(n, 4), n)
        assert usable(fits).tolist() == [not fits.problem(at) for at in range(30)]
    assert not usable(fits).all() or n == 30


def test_samples_that_can_not_carry_a_model_keep_their_place() -> None:
    covariance = samples(40, 4)
    covariance[3, 1, :] = covariance[3, :, 1] = 0.0
    covariance[7] = np.ones((4, 4))
    limits = omega_limits(ONE, covariance, 40, 0.95)
    assert np.isnan(limits.low[[3, 7]]).all()
    alone = omega_limits(ONE, covariance[:3], 40, 0.95)
    assert limits.low[:3] == pytest.approx(alone.low, rel=1e-8)


def test_omega_is_the_same_for_turned_factors() -> None:
    covariance = samples(60, 4)
    limits = omega_limits(ONE, covariance, 60, 0.9)
    good = np.isfinite(limits.low)
    assert good.sum() > 20
    assert np.all((0 < limits.low[good]) & (limits.low[good] < limits.high[good]))


def test_alpha_without_variation_has_no_interval() -> None:
    covariance = samples(20, 3)
    covariance[0] = 0.0
    limits = alpha_limits(covariance, 20, 0.95)
    assert np.isnan(limits.low[0])
    assert np.isfinite(limits.low[1:]).all()
    assert np.isnan(htmt_values(np.zeros((1, 4, 4)), np.kron(np.eye(2), np.ones((2, 1)))))[0]


def test_wider_coverage_is_wider() -> None:
    answers = np.random.default_rng(8).normal(size=(30, 80, 6))
    answers += np.random.default_rng(9).normal(size=(30, 80, 1))
    answers -= answers.mean(axis=1, keepdims=True)
    wide, narrow = (correlation_limits(TWO, answers, level) for level in (0.99, 0.8))
    good = np.isfinite(wide.low)
    assert good.any()
    assert np.all(wide.low[good] < narrow.low[good])


def test_icc_limits_cover_the_population() -> None:
    ratio = draw_mean_square_ratios(0.7, 20, 2, 20_000, np.random.default_rng(2))
    limits = icc_limits(ratio, 20, 2, 0.9)
    covered = np.mean((limits.low < 0.7) & (limits.high > 0.7))
    assert covered == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / 20_000))


def test_the_error_of_a_median() -> None:
    draws = np.random.default_rng(3).normal(size=(400, 1000))
    truth = np.median(draws, axis=1).std()
    told = np.mean([median_error(row) for row in draws])
    assert told == pytest.approx(truth, rel=0.15)
    assert np.isnan(median_error(np.array([1.0, 2.0])))
