"""Intervals from replicates: by scipy, by hand, and their edges."""

from __future__ import annotations

from inspect import signature

import numpy as np
import pytest
from scipy import stats

from psychometrics.stats.replicate_intervals import (
    bca,
    jackknife_variance,
    normal_bootstrap,
    percentile,
    t_limits,
)


def skewed(n: int = 40) -> np.ndarray:
    return np.random.default_rng(1).exponential(size=n)


class TestBca:
    def test_is_scipys(self):
        data = skewed()
        # The argument has another name in older versions of scipy.
        named = "rng" if "rng" in signature(stats.bootstrap).parameters else "random_state"
        chance = {named: np.random.default_rng(3)}
        found = stats.bootstrap((data,), np.mean, n_resamples=2000, method="BCa", **chance)
        deleted = np.array([np.delete(data, i).mean() for i in range(len(data))])
        low, high = bca(data.mean(), found.bootstrap_distribution, deleted, 0.95)
        # scipy takes another definition of the quantile between two samples.
        assert low == pytest.approx(found.confidence_interval.low, abs=2e-3)
        assert high == pytest.approx(found.confidence_interval.high, abs=2e-3)

    def test_without_bias_or_bend_is_the_percentile_interval(self):
        replicates = np.concatenate([-np.arange(1.0, 501), np.arange(1.0, 501)])
        deleted = np.array([-1.0, 0.0, 1.0])
        assert bca(0.0, replicates, deleted, 0.9) == pytest.approx(percentile(replicates, 0.9))

    def test_wholly_on_one_side(self):
        low, high = bca(10.0, np.linspace(0, 1, 200), np.array([9.0, 10.0, 11.0]), 0.95)
        assert np.isfinite([low, high]).all()

    def test_nothing_moves(self):
        assert bca(1.0, np.ones(50), np.ones(5), 0.95) == (1.0, 1.0)


class TestNormal:
    def test_by_hand(self):
        replicates = np.random.default_rng(1).normal(size=500)
        low, high, se = normal_bootstrap(0.1, replicates, 0.95)
        assert se == replicates.std(ddof=1)
        assert [low, high] == pytest.approx([0.1 - 1.959964 * se, 0.1 + 1.959964 * se])

    def test_ends_at_the_highest_value(self):
        assert normal_bootstrap(0.9, np.linspace(0.5, 1, 50), 0.95, 1.0)[1] == 1.0


def test_more_than_one_in_twenty_undefined_is_no_interval():
    some = np.linspace(0, 1, 100)
    some[:5] = np.nan
    assert np.isfinite(normal_bootstrap(0.5, some, 0.95)[0])
    assert np.isfinite(bca(0.5, some, np.array([0.4, 0.6]), 0.95)[0])
    some[5] = np.nan
    assert np.isnan(normal_bootstrap(0.5, some, 0.95)[0])
    assert np.isnan(percentile(some, 0.95)[0])
    assert np.isnan(bca(0.5, some, np.array([0.4, 0.6]), 0.95)[0])


class TestJackknife:
    def test_of_a_mean_is_its_usual_error(self):
        data = skewed()
        deleted = (data.sum() - data) / (len(data) - 1)
        variance, df = jackknife_variance([deleted])
        assert variance == pytest.approx(data.var(ddof=1) / len(data))
        assert df == len(data) - 1
        found = stats.ttest_1samp(data, 0).confidence_interval(0.9)
        assert t_limits(data.mean(), variance, df, 0.9) == pytest.approx((found.low, found.high))

    def test_strata_add_up(self):
        one, other = skewed(10), skewed(6)
        # Left out, a value moves a sum by itself.
        total = one.sum() + other.sum()
        variance, df = jackknife_variance([total - one, total - other])
        assert variance == pytest.approx(
            9 * 9 / 10 * one.var(ddof=1) + 5 * 5 / 6 * other.var(ddof=1)
        )
        assert df == 14

    def test_single_units_tell_nothing(self):
        variance, df = jackknife_variance([np.array([1.0]), np.array([2.0])])
        assert np.isnan(variance)
        assert df == 0
