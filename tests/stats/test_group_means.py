"""Intraclass correlations of group means against R's aov, Shrout and Fleiss, and simulation."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.group_means import (
    icc1,
    icc2,
    icc_limits,
    one_way,
    scale_agreement,
    stepped_up,
    uniform_variance,
    within_agreement,
)
from tests.reference.load import HS_SCALES, array, load

# Shrout & Fleiss (1979, table 2): six targets, four judges.
RATINGS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float
)


class TestVariance:
    @pytest.mark.parametrize("scale", HS_SCALES)
    def test_is_aovs(self, scale):
        recorded = load("consistency")["one_way"][scale]
        values = array("hs", tuple(HS_SCALES[scale])).mean(axis=1)
        found = one_way(values, np.arange(301) % 23)
        assert found.ms_between == pytest.approx(recorded["ms_between"], rel=1e-9)
        assert found.ms_within == pytest.approx(recorded["ms_within"], rel=1e-9)
        assert (found.df_between, found.df_within) == (
            recorded["df_between"], recorded["df_within"]
        )  # fmt: skip
        assert found.f == pytest.approx(recorded["f"], rel=1e-9)

    def test_strata_take_their_differences_out(self):
        rng = np.random.default_rng(1)
        group = np.repeat(np.arange(8), 5)
        stratum = group // 4
        values = rng.normal(size=40)
        one = one_way(values, group, stratum)
        other = one_way(values + 100 * stratum, group, stratum)
        assert other.ms_between == pytest.approx(one.ms_between)
        assert other.variance_of_means == pytest.approx(one.variance_of_means)
        assert (one.df_between, one.size) == (6, 5)


class TestShroutAndFleiss:
    def found(self):
        return one_way(RATINGS.ravel(), np.repeat(np.arange(6), 4))

    def test_single_and_mean(self):
        assert icc1(self.found()) == pytest.approx(0.1657418, abs=1e-7)
        assert icc2(self.found()) == pytest.approx(0.4427971, abs=1e-7)
        assert stepped_up(icc1(self.found()), 4) == pytest.approx(icc2(self.found()))

    def test_intervals(self):
        # psych's ICC: ICC1 -.133 to .723, ICC1k -.884 to .912.
        single, mean = icc_limits(self.found(), 0.95)
        assert single == pytest.approx((-0.133, 0.723), abs=5e-4)
        assert mean == pytest.approx((-0.884, 0.912), abs=5e-4)


class TestUnequalGroups:
    def test_coverage(self):
        rng = np.random.default_rng(5)
        group = np.repeat(np.arange(15), np.arange(15) % 5 + 2)
        held = 0
        for _ in range(800):
            values = 0.6 * rng.normal(size=15)[group] + rng.normal(size=len(group))
            low, high = icc_limits(one_way(values, group), 0.9)[0]
            held += low <= 0.36 / 1.36 <= high
        # Three Monte Carlo standard errors are .032.
        assert held / 800 == pytest.approx(0.9, abs=0.032)


class TestAgreement:
    def test_published_relation(self):
        # r_wg(j) is r_wg stepped up by Spearman and Brown.
        single = within_agreement(np.array([0.5, 1.0]), 2.0)
        assert scale_agreement(np.array([0.5, 1.0]), 2.0, 6).tolist() == pytest.approx(
            [stepped_up(float(one), 6) for one in single]
        )

    def test_chance(self):
        rng = np.random.default_rng(1)
        answers = rng.integers(1, 6, size=(2000, 200)).astype(float)
        expected = uniform_variance(5)
        assert within_agreement(answers.var(axis=1, ddof=1), expected).mean() == pytest.approx(
            0, abs=0.02
        )


class TestEdges:
    def test_nobody_differs(self):
        found = one_way(np.ones(6), np.array([0, 0, 1, 1, 2, 2]))
        assert np.isnan([icc1(found), icc2(found), found.f]).all()
        assert np.isnan(icc_limits(found, 0.95)[0]).all()

    def test_nobody_differs_within(self):
        found = one_way(np.array([1.0, 1, 2, 2]), np.array([0, 0, 1, 1]))
        assert icc1(found) == icc2(found) == 1.0
        assert np.isnan(icc_limits(found, 0.95)[1]).all()

    def test_one_group(self):
        found = one_way(np.array([1.0, 2.0]), np.array([0, 0]))
        assert np.isnan([found.ms_between, found.size]).all()
        assert np.isnan(icc1(found))
