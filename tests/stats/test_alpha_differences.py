"""Comparisons of alphas against the papers' own examples and programs, and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from psychometrics.stats.alpha_differences import (
    difference_limits,
    feldt_test,
    feldt_woodruff_salih,
    hakstian_whalen,
    holm,
    homogeneity,
)
from psychometrics.stats.reliability import cronbach_alpha


class TestFeldt:
    def test_charter_and_feldt(self):
        # Charter & Feldt (1996): .78 of 41 people and .71 of 151; W = 1.318 with 40 and 150 df
        # gives p = .121 in one tail. Their df are those of endlessly long scales.
        found = feldt_test([0.78, 0.71], [1e7, 1e7], [40, 150])
        assert found.statistic == pytest.approx(1.318, abs=5e-4)
        assert [found.df1, found.df2] == pytest.approx([40, 150], rel=1e-4)
        assert found.p_value / 2 == pytest.approx(0.121, abs=5e-4)

    def test_near_the_distribution_of_the_ratio(self):
        # The ratio is a product of two independent F; simulate its tail.
        rng = np.random.default_rng(1)
        k, n = [5, 5], [30, 50]
        u, v, w, x = n[0] - 1, (n[0] - 1) * 4, (n[1] - 1) * 4, n[1] - 1
        ratios = rng.f(u, v, size=400_000) * rng.f(w, x, size=400_000)
        for quantile in (0.025, 0.1, 0.9, 0.975):
            value = np.quantile(ratios, quantile)
            found = feldt_test([0.7, 1 - 0.3 * value], k, [u, x])
            tail = min(quantile, 1 - quantile)
            assert found.p_value / 2 == pytest.approx(tail, rel=0.06)

    def test_exchanging_the_samples(self):
        one = feldt_test([0.8, 0.7], [5, 8], [40, 90])
        other = feldt_test([0.7, 0.8], [8, 5], [90, 40])
        assert one.statistic == pytest.approx(1 / other.statistic)
        # The approximating F is not that of the reciprocal, but near.
        assert one.p_value == pytest.approx(other.p_value, rel=0.05)

    def test_too_few_people(self):
        assert np.isnan(feldt_test([0.8, 0.7], [5, 5], [40, 4]).p_value)

    def test_size_of_the_test(self):
        rng = np.random.default_rng(3)
        rejected = 0
        for _ in range(1000):
            alphas = []
            for n in (12, 47):
                rows = rng.normal(size=(n, 1)) + rng.normal(size=(n, 4))
                alphas.append(float(cronbach_alpha(np.cov(rows.T))))
            rejected += feldt_test(alphas, [4, 4], [11, 46]).p_value < 0.05
        # Three Monte Carlo standard errors are .021.
        assert rejected / 1000 == pytest.approx(0.05, abs=0.021)


class TestSeveral:
    @pytest.mark.parametrize(
        ("alphas", "items", "n", "statistic"),
        [
            # Feldt, Woodruff & Salih (1987, p. 101).
            ([0.784, 0.875, 0.936], [5, 5, 5], [51, 101, 151], 22.926),
            # AlphaTest (Lautenschlager & Meade, 2008).
            ([0.6, 0.7], [50, 100], [150, 200], 3.4535),
            ([0.9, 0.7], [25, 30], [200, 150], 47.559),
            ([0.9, 0.7, 0.8], [15, 15, 12], [100, 150, 130], 31.3795),
            ([0.7, 0.75, 0.7], [10, 10, 10], [100, 120, 130], 1.0553),
            ([0.7, 0.8, 0.75, 0.77], [15, 15, 20, 20], [100, 100, 200, 200], 4.9738),
        ],
    )
    def test_published(self, alphas, items, n, statistic):
        found = feldt_woodruff_salih(alphas, items, n)
        # As many digits as were printed.
        assert found.statistic == pytest.approx(statistic, abs=6e-4)
        assert found.df == len(n) - 1

    def test_hakstian_and_whalen_as_they_write_it(self):
        # Their sums are weighted by (9n - 11)^2 (k - 1) / (18 k (n - 1)).
        alphas, k, n = np.array([0.6, 0.7, 0.75]), np.array([4, 5, 6]), np.array([12, 30, 47])
        weight = (9 * n - 11) ** 2 * (k - 1) / (18 * k * (n - 1))
        root = np.cbrt(1 - alphas)
        expected = weight.sum() - (weight / root).sum() ** 2 / (weight / root**2).sum()
        found = hakstian_whalen(alphas, k, n - 1)
        assert found.statistic == pytest.approx(expected)
        assert found.p_value == pytest.approx(stats.chi2.sf(expected, 2))

    def test_equal_alphas(self):
        assert hakstian_whalen([0.8, 0.8], [5, 5], [20, 50]).statistic == pytest.approx(0)
        assert homogeneity([1.0, 1.0, 1.0], [1, 2, 3]).p_value == 1.0

    def test_size_of_the_test(self):
        rng = np.random.default_rng(4)
        rejected = 0
        for _ in range(600):
            alphas = []
            for n in (12, 30, 47, 93):
                rows = rng.normal(size=(n, 1)) + rng.normal(size=(n, 5))
                alphas.append(float(cronbach_alpha(np.cov(rows.T))))
            found = hakstian_whalen(alphas, [5] * 4, [11, 29, 46, 92])
            rejected += found.p_value < 0.05
        assert rejected / 600 == pytest.approx(0.05, abs=0.027)


class TestInterval:
    def test_bonett_and_wright(self):
        # statpsych's ci.cronbach2(.05, .88, .76, 8, 8, 200, 250), whose second df are n (k - 1).
        sides = []
        for alpha, n in ((0.88, 200), (0.76, 250)):
            low, high = (1 - (1 - alpha) * stats.f.isf(t, n - 1, n * 7) for t in (0.025, 0.975))
            sides.append((alpha, low, high))
        assert difference_limits(*sides) == pytest.approx((0.06973411, 0.173236), abs=1e-7)

    def test_of_a_value_and_itself(self):
        low, high = difference_limits((0.8, 0.7, 0.9), (0.8, 0.7, 0.9))
        assert low == pytest.approx(-high)


class TestHolm:
    def test_by_hand(self):
        assert holm([0.01, 0.02, 0.03, 0.04]).tolist() == pytest.approx([0.04, 0.06, 0.06, 0.06])
        assert holm([0.5, 0.001, 0.9]).tolist() == pytest.approx([1.0, 0.003, 1.0])

    def test_missing_p_values_are_not_counted(self):
        found = holm([0.01, np.nan, 0.04])
        assert found[[0, 2]].tolist() == pytest.approx([0.02, 0.04])
        assert np.isnan(found[1])
        assert len(holm([])) == 0
