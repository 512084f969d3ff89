"""Comparison data: populations keep what they should, and known factors are found again."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.comparison_data import (
    comparison_data,
    finite_population,
    sampled_spectra,
    take_ranks,
)
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.retention import spectrum


def skewed(n: int, factors: int, seed: int) -> FloatArray:
    """Return codes 1 to 5, skewed, of four items a factor, or of six of one factor."""
    rng = np.random.default_rng(seed)
    person = rng.normal(size=(n, factors)).repeat(6 if factors == 1 else 4, axis=1)
    latent = person + 0.9 * rng.normal(size=person.shape)
    return np.asarray(np.digitize(latent, [-0.5, 0.6, 1.2, 2.0]) + 1.0)


@pytest.mark.parametrize(("factors", "seed"), [(1, 1), (2, 2), (3, 3)])
def test_known_numbers_are_found(factors: int, seed: int) -> None:
    found = comparison_data(
        skewed(400, factors, seed), np.random.default_rng(9), n_population=3000, n_samples=120
    )
    assert found.n_factors == factors
    assert found.stopped
    assert len(found.distances) == factors + 1
    assert np.all(found.p_values[:-1] < 0.3)
    assert found.p_values[-1] >= 0.3


def test_a_population_has_the_items_distributions() -> None:
    rows = skewed(500, 2, 4)
    made = finite_population(rows, 2, 20_000, np.random.default_rng(1))
    for item in range(8):
        own = np.array([(rows[:, item] == code).mean() for code in range(1, 6)])
        others = np.array([(made[:, item] == code).mean() for code in range(1, 6)])
        # A share of 20,000 draws has a standard error of 0.0035 at most.
        np.testing.assert_allclose(others, own, atol=0.015)


def test_a_population_with_enough_factors_has_the_correlations() -> None:
    rows = skewed(500, 2, 4)
    goal = np.corrcoef(rows, rowvar=False)

    def distance(factors: int) -> float:
        made = finite_population(rows, factors, 8000, np.random.default_rng(1))
        gap = np.corrcoef(made, rowvar=False) - goal
        return float(np.sqrt((gap[np.tril_indices(8, -1)] ** 2).mean()))

    assert distance(2) < 0.02
    assert distance(1) > 3 * distance(2)


def test_samples_of_a_population_have_its_eigenvalues_on_average() -> None:
    population = skewed(5000, 1, 6)
    found = sampled_spectra(population, 2000, 60, np.random.default_rng(2))
    assert found.shape == (60, 6)
    np.testing.assert_allclose(found.sum(axis=1), 6.0, rtol=1e-10)
    # Eigenvalues that are near each other spread in samples; the first stands alone.
    expected = spectrum(np.corrcoef(population, rowvar=False))[0]
    assert found[:, 0].mean() == pytest.approx(expected, abs=0.02)


def test_ranks_are_taken_over() -> None:
    scores = np.array([[0.3, 5.0], [-1.0, 7.0], [0.9, 6.0]])
    drawn = np.array([[1.0, 2.0], [2.0, 3.0], [5.0, 3.0]])
    assert take_ranks(scores, drawn).tolist() == [[2.0, 2.0], [1.0, 3.0], [5.0, 3.0]]


def test_the_largest_number_can_be_set() -> None:
    found = comparison_data(
        skewed(300, 3, 5), np.random.default_rng(1), most=2, n_population=2000, n_samples=60
    )
    assert (found.n_factors, found.stopped) == (2, False)


def test_the_same_seed_gives_the_same_numbers() -> None:
    def once() -> FloatArray:
        rng = np.random.default_rng(5)
        rows = skewed(200, 1, 1)
        return comparison_data(rows, rng, n_population=1000, n_samples=40).distances

    np.testing.assert_array_equal(once(), once())
