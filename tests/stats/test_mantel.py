"""Mantel's tests and what goes with them."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.mantel import (
    common_log_odds,
    ets_class,
    mantel_tests,
    standardized_mean_difference,
)
from tests.reference.load import load

RECORDED = load("dif")["mantel"]


def table(name):
    """A recorded table as (1, stratum, group, answer): R had answer, group, stratum."""
    found = RECORDED[name]
    counts = np.array(found["table"], dtype=float).reshape(found["shape"][::-1])
    return counts[None], found


@pytest.mark.parametrize("name", ["admissions", "N1", "E4"])
def test_two_answers_are_mantel_and_haenszel_s(name):
    counts, recorded = table(name)
    found = mantel_tests(counts, np.array([[0.0, 1.0]]))
    np.testing.assert_allclose(found.statistic[0], recorded["statistic"], rtol=1e-10)
    np.testing.assert_allclose(found.general[0], recorded["statistic"], rtol=1e-10)
    np.testing.assert_allclose(found.p_value[0], recorded["p_value"], rtol=1e-9)
    odds = common_log_odds(counts)
    np.testing.assert_allclose(np.exp(odds.estimate[0]), recorded["odds_ratio"], rtol=1e-10)
    ends = odds.estimate[0] + np.array([-1, 1]) * 1.959963984540054 * odds.se[0]
    np.testing.assert_allclose(np.exp(ends), recorded["interval"], rtol=1e-9)


def test_several_groups_and_answers():
    # Agresti (2002), p. 297: job satisfaction by income and sex, scores 1 3 4 5. R prints the test
    # of general association; SAS's output there has row means 9.0342 (3 df), p = .0288.
    counts, recorded = table("satisfaction")
    counts = np.swapaxes(counts, 2, 3)
    codes = np.array([[1.0, 3.0, 4.0, 5.0]])
    found = mantel_tests(counts, codes)
    np.testing.assert_allclose(found.general[0], recorded["statistic"], rtol=1e-8)
    assert found.df_general[0] == recorded["df"] == 9
    assert found.df[0] == 3
    np.testing.assert_allclose(found.statistic[0], 9.0342, atol=5e-5)
    np.testing.assert_allclose(found.p_value[0], 0.0288, atol=5e-5)


def ordered(seed=1, n_strata=10, shift=0.6):
    rng = np.random.default_rng(seed)
    counts = np.zeros((1, n_strata, 2, 4))
    for s in range(n_strata):
        for g in range(2):
            latent = rng.normal(size=rng.integers(3, 12)) + shift * g + 0.3 * s
            counts[0, s, g] += np.bincount(np.digitize(latent, [0, 1, 2]), minlength=4)
    return counts


def test_mantel_s_test_by_its_own_words():
    counts, codes = ordered(), np.arange(1.0, 5.0)
    top = bottom = 0.0
    for stratum in counts[0]:
        n, one = stratum.sum(), stratum[1].sum()
        answers = stratum.sum(axis=0)
        mean, square = answers @ codes, answers @ codes**2
        top += stratum[1] @ codes - one * mean / n
        bottom += one * (n - one) * (n * square - mean**2) / (n**2 * (n - 1))
    found = mantel_tests(counts, codes[None])
    np.testing.assert_allclose(found.statistic[0], top**2 / bottom, rtol=1e-12)


def test_the_common_odds_ratio_counts_cut_tables():
    counts = ordered()
    top = bottom = 0.0
    for stratum in counts[0]:
        for cut in range(1, 4):
            above, below = stratum[:, cut:].sum(axis=1), stratum[:, :cut].sum(axis=1)
            top += above[1] * below[0] / stratum.sum()
            bottom += above[0] * below[1] / stratum.sum()
    found = common_log_odds(counts)
    np.testing.assert_allclose(found.estimate[0], np.log(top / bottom), rtol=1e-12)


def test_standard_errors_are_those_of_samples():
    odds, gaps = [], []
    for seed in range(400):
        counts = ordered(seed, n_strata=8, shift=0.3)
        one = common_log_odds(counts)
        two = standardized_mean_difference(counts, np.arange(4.0)[None])
        odds.append([one.estimate[0], one.se[0]])
        gaps.append([two.estimate[0], two.se[0]])
    for found in (np.array(odds), np.array(gaps)):
        # A standard deviation of 400 draws is known to about 4 %.
        np.testing.assert_allclose(found[:, 1].mean(), found[:, 0].std(), rtol=0.12)


def test_mean_difference_and_what_is_left_out():
    counts = ordered()
    alone = np.concatenate([counts, np.zeros((1, 2, 2, 4))], axis=1)
    alone[0, -1, 1, 2] = 5.0
    codes = np.arange(4.0)[None]
    for measure in (
        lambda t: standardized_mean_difference(t, codes).estimate,
        lambda t: mantel_tests(t, codes).statistic,
        lambda t: common_log_odds(t).estimate,
    ):
        np.testing.assert_allclose(measure(counts), measure(alone), rtol=1e-12)
    turned = counts[:, :, ::-1]
    np.testing.assert_allclose(
        common_log_odds(turned).estimate, -common_log_odds(counts).estimate, rtol=1e-10
    )


def test_nothing_in_common():
    counts = np.zeros((1, 2, 2, 2))
    counts[0, 0, 0], counts[0, 1, 1] = [3, 4], [2, 5]
    codes = np.array([[0.0, 1.0]])
    assert np.isnan(mantel_tests(counts, codes).p_value[0])
    assert np.isnan(common_log_odds(counts).estimate[0])
    assert np.isnan(standardized_mean_difference(counts, codes).estimate[0])


def test_classes():
    log_odds = np.array([0.2, -0.5, 0.5, -1.5, 1.5, np.nan])
    se = np.array([0.1, 0.1, 0.4, 0.1, 0.7, 0.1])
    p = np.array([0.04, 0.001, 0.2, 0.001, 0.01, np.nan])
    assert ets_class(log_odds, se, p) == ["A", "B", "A", "C", "B", ""]
