"""Populations and samples of ordinal answers: known values, and samples that agree with them."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.ordinal_sampling import (
    ItemShape,
    answer_covariance,
    draw_covariances,
    loading_for_alpha,
    population_covariance,
)
from psychometrics.stats.reliability import cronbach_alpha

BINARY = ItemShape((0.0,), (0.0, 1.0))
FIVE = ItemShape((-1.5, -0.5, 0.5, 1.5), (1.0, 2.0, 3.0, 4.0, 5.0))
SKEWED = ItemShape((-2.0, -1.2, -0.4), (1.0, 2.0, 3.0, 5.0))
RANGE = ItemShape()


@pytest.mark.parametrize("r", [-0.7, 0.0, 0.3, 0.9])
def test_binary_answers_have_the_orthant_covariance(r: float) -> None:
    assert answer_covariance(BINARY, BINARY, r) == pytest.approx(np.arcsin(r) / (2 * np.pi))
    assert answer_covariance(BINARY, RANGE, r) == pytest.approx(r / np.sqrt(2 * np.pi))
    assert answer_covariance(RANGE, RANGE, r) == r


def test_variances_are_those_of_the_shares() -> None:
    from scipy.stats import norm

    for shape in (BINARY, FIVE, SKEWED):
        share = np.diff(norm.cdf([-np.inf, *shape.thresholds, np.inf]))
        mean = share @ np.array(shape.codes)
        variance = share @ np.square(shape.codes) - mean**2
        assert answer_covariance(shape, shape, 1.0) == pytest.approx(variance, rel=1e-12)


def test_samples_come_from_their_population() -> None:
    shapes = (FIVE, SKEWED, BINARY, RANGE)
    loading = np.array([0.8, 0.7, 0.6, 0.5])
    factor = [0, 0, 1, 1]
    between = np.array([[1.0, 0.4], [0.4, 1.0]])[np.ix_(factor, factor)]
    truth = population_covariance(shapes, np.outer(loading, loading) * between)
    blocks = draw_covariances(shapes, loading, factor, 0.4, 50, 4000, 1, "test")
    drawn = np.concatenate(list(blocks))
    error = drawn.std(axis=0) / np.sqrt(len(drawn))
    assert np.all(np.abs(drawn.mean(axis=0) - truth) < 4.5 * error)


def test_more_samples_add_to_those_that_were_there() -> None:
    def draw(n_samples: int) -> np.ndarray:
        blocks = draw_covariances((FIVE,) * 3, np.full(3, 0.7), [0] * 3, 0.0, 20, n_samples, 1, "x")
        return np.concatenate(list(blocks))

    few, many = draw(200), draw(450)
    assert len(many) == 450
    assert np.array_equal(many[:200], few)


@pytest.mark.parametrize("shape", [BINARY, FIVE, SKEWED, RANGE])
def test_the_loading_gives_the_alpha(shape: ItemShape) -> None:
    loading = loading_for_alpha((shape,) * 4, 0.75)
    assert loading is not None
    covariance = population_covariance((shape,) * 4, np.full((4, 4), loading**2))
    assert float(cronbach_alpha(covariance)) == pytest.approx(0.75, abs=1e-8)


def test_what_no_loading_gives() -> None:
    extreme = (ItemShape((-2.5,), (0.0, 1.0)), ItemShape((2.5,), (0.0, 1.0)))
    assert loading_for_alpha(extreme, 0.9) is None
    assert loading_for_alpha((FIVE,) * 4, -0.5) is None
