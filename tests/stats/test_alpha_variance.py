"""The distribution-free variance of alpha against lavaan, the full delta method, and simulation."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.alpha_variance import alpha_influence, as_clusters, influence_variance
from psychometrics.stats.moments import pairwise_moments
from psychometrics.stats.reliability import cronbach_alpha
from tests.reference.load import BFI_REVERSED, BFI_SCALES, array, load


def complete(scale: str) -> np.ndarray:
    items = tuple(item.lstrip("-") for item in BFI_SCALES[scale])
    rows = array("bfi", items, reverse=BFI_REVERSED)
    return rows[~np.isnan(rows).any(axis=1)]


@pytest.mark.parametrize("scale", BFI_SCALES)
def test_is_lavaans_robust_error_of_a_defined_alpha(scale):
    rows = complete(scale)
    recorded = load("consistency")["free_alpha"][scale]
    covariance = np.cov(rows.T)
    # lavaan's search for the saturated covariances ends within 1e-7 of them.
    assert float(cronbach_alpha(covariance)) == pytest.approx(recorded["alpha"], abs=1e-7)
    moved = alpha_influence(rows - rows.mean(axis=0), covariance)
    # lavaan has n where this has n - 1: a difference in the fourth digit of the error.
    se = np.sqrt(influence_variance(moved))
    assert se == pytest.approx(recorded["se"], rel=1e-3)
    n = len(rows)
    moved_ml = alpha_influence(rows - rows.mean(axis=0), covariance * (n - 1) / n)
    se = np.sqrt(influence_variance(moved_ml) * (n - 1) / n)
    assert se == pytest.approx(recorded["se"], rel=1e-6)


def test_influence_is_the_derivative_by_a_persons_weight():
    rows = complete("A")[:50]
    centred = rows - rows.mean(axis=0)
    moved = alpha_influence(centred, np.cov(rows.T, bias=True))
    step = 1e-6
    for person in (0, 7, 31):
        weight = np.ones(50)
        weight[person] += step
        weighted = np.cov(rows.T, aweights=weight, bias=True)
        before = np.cov(rows.T, bias=True)
        slope = float(cronbach_alpha(weighted) - cronbach_alpha(before)) / step
        assert 50 * slope == pytest.approx(moved[person], rel=1e-4, abs=1e-6)
    assert moved.mean() == pytest.approx(0, abs=1e-12)


def test_missing_answers_by_the_same_derivative():
    rows = complete("A")[:60].copy()
    rows[np.random.default_rng(1).random(rows.shape) < 0.15] = np.nan
    full = alpha_influence(rows - np.nanmean(rows, axis=0), pairwise_moments(rows)[2])
    step = 1e-6
    for person in (0, 5, 44):
        weight = np.ones(60)
        weight[person] += step
        slope = float(
            cronbach_alpha(pairwise_moments(rows, weight)[2])
            - cronbach_alpha(pairwise_moments(rows)[2])
        )
        # Means are over everybody who answered and n stands for n - 1: near, not equal.
        assert 60 * slope / step == pytest.approx(full[person], rel=0.15, abs=0.05)


def test_clusters_of_one_are_people():
    moved = np.random.default_rng(1).normal(size=20)
    moved -= moved.mean()
    assert influence_variance(moved, np.arange(20)) == pytest.approx(influence_variance(moved))


def test_people_twice_in_clusters_are_half_as_many():
    rows = complete("A")[:80]
    once = alpha_influence(rows - rows.mean(axis=0), np.cov(rows.T, bias=True))
    twice = np.repeat(once, 2)
    clustered = influence_variance(twice, np.repeat(np.arange(80), 2))
    assert clustered == pytest.approx(influence_variance(once))
    assert influence_variance(twice) == pytest.approx(influence_variance(once) / 2, rel=0.02)


def test_clusters_are_numbered_by_name():
    assert as_clusters(["b", "a", "b", "c"]).tolist() == [1, 0, 1, 2]
