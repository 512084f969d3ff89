"""Moments of groups whose people were shuffled."""

from __future__ import annotations

import numpy as np

from psychometrics.stats.cfa.permutation import (
    permuted_moments,
    shuffled_groups,
    without_group_means,
)

RNG = np.random.default_rng(5)
ROWS = RNG.integers(1, 6, size=(60, 4)).astype(float)
GROUP = np.repeat([0, 1, 2], [10, 20, 30])


def test_moments_are_those_of_the_shuffled_rows():
    found = permuted_moments(ROWS, GROUP, 3, 25, np.random.default_rng(2))
    labels = shuffled_groups(GROUP, 25, np.random.default_rng(2))
    for at, label in enumerate(labels):
        for g in range(3):
            own = ROWS[label == g]
            np.testing.assert_allclose(found.mean[at, g], own.mean(axis=0), atol=1e-12)
            np.testing.assert_allclose(
                found.covariance[at, g], np.cov(own.T, bias=True), atol=1e-12
            )
    assert (found.n == [10, 20, 30]).all()


def test_portions_change_nothing(monkeypatch):
    whole = permuted_moments(ROWS, GROUP, 3, 25, np.random.default_rng(2))
    monkeypatch.setattr("psychometrics.stats.cfa.permutation.PORTION_ENTRIES", 400)
    parts = permuted_moments(ROWS, GROUP, 3, 25, np.random.default_rng(2))
    np.testing.assert_array_equal(whole.covariance, parts.covariance)


def test_group_means_are_taken_off():
    found = without_group_means(ROWS, GROUP, 3)
    for g in range(3):
        np.testing.assert_allclose(found[GROUP == g].mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(np.cov(found[GROUP == g].T), np.cov(ROWS[GROUP == g].T))
