from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from psychometrics.stats.item_signals import (
    against_the_scale,
    correlation_difference,
    matched_shares,
    rest_correlations,
    share_difference,
    strata,
)
from psychometrics.stats.reliability import item_rest


def one_factor(signs: list[float], loading: float = 0.7) -> np.ndarray:
    line = loading * np.array(signs)
    return np.outer(line, line) + (1 - loading**2) * np.eye(len(signs))


def test_with_all_items_sound_it_is_the_item_rest_correlation() -> None:
    rng = np.random.default_rng(1)
    covariance = np.stack([np.cov(rng.normal(size=(60, 5)) @ rng.normal(size=(5, 5)), rowvar=False)
                           for _ in range(3)])  # fmt: skip
    found = rest_correlations(covariance, np.ones((3, 5), dtype=bool))
    np.testing.assert_allclose(found, item_rest(covariance), rtol=1e-12)


def test_an_item_without_a_rest_has_no_correlation() -> None:
    sound = np.array([True, False, False])
    found = rest_correlations(one_factor([1, 1, 1]), sound)
    assert np.isnan(found[0])  # nobody else is sound
    assert np.isfinite(found[1:]).all()
    still = one_factor([1, 1, 1])
    still[0], still[:, 0] = 0.0, 0.0
    assert np.isnan(rest_correlations(still, np.ones(3, dtype=bool))[0])


def test_one_turned_item_is_found_and_the_others_are_not_blamed() -> None:
    covariance = np.stack([one_factor([1, 1, 1, 1]), one_factor([1, -1, 1, 1])])
    found = against_the_scale(covariance, np.array([100.0, 100.0]), 0.05, 8)
    assert found.tolist() == [[False] * 4, [False, True, False, False]]


def test_half_of_a_scale_is_never_told_to_be_turned() -> None:
    covariance = one_factor([1, 1, -1, -1])[None]
    assert against_the_scale(covariance, np.array([200.0]), 0.05, 4).sum() <= 1
    assert not against_the_scale(one_factor([1, -1])[None], np.array([200.0]), 0.05, 2).any()


def test_two_of_five_turned_items_are_found_one_after_the_other() -> None:
    covariance = one_factor([1, -1, 1, 1, -1])[None]
    found = against_the_scale(covariance, np.array([300.0]), 0.05, 5)
    assert found.tolist() == [[False, True, False, False, True]]


def test_few_people_show_nothing() -> None:
    covariance = one_factor([1, -1, 1, 1])[None]
    assert not against_the_scale(covariance, np.array([6.0]), 0.05, 4).any()
    assert not against_the_scale(covariance, np.array([1.0]), 0.05, 4).any()


def test_the_difference_of_equal_correlations_is_zero_and_symmetric() -> None:
    r, df = np.array([[0.3, 0.6]]), np.array([50.0])
    found = correlation_difference(r, df, r, df)
    np.testing.assert_allclose(found.estimate, 0.0)
    np.testing.assert_allclose(found.low, -found.high)
    np.testing.assert_allclose(found.p_value, 1.0)


@pytest.mark.parametrize(
    ("own", "n", "others", "m", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (5, 56, 0, 29, -0.0381, 0.1926),
    ],
)  # fmt: skip
def test_newcombe_published_examples(
    own: int, n: int, others: int, m: int, low: float, high: float
) -> None:
    found = share_difference(own, n, others, m)
    assert (float(found.low), float(found.high)) == pytest.approx((low, high), abs=5e-5)


def test_the_p_value_of_shares_is_fishers() -> None:
    found = share_difference(7, 40, 5, 120)
    smaller = min(fisher_exact([[7, 33], [5, 115]], alternative=side).pvalue
                  for side in ("less", "greater"))  # fmt: skip
    assert float(found.p_value) == pytest.approx(2 * smaller)
    assert np.isnan(float(share_difference(0, 0, 5, 10).p_value))


def test_standardised_shares_are_those_of_the_loop() -> None:
    rng = np.random.default_rng(3)
    counts = rng.integers(0, 20, size=(3, 4, 5)).astype(float)
    counts[1, 2] = 0.0  # nobody of the group stands there
    found = matched_shares(counts)
    for g in range(3):
        own = counts[g]
        others = counts.sum(axis=0) - own
        weight = own.sum(axis=1) / own.sum()
        expected = sum(w * o / o.sum() for w, o in zip(weight, others, strict=True))
        np.testing.assert_allclose(found.estimate[g], own.sum(axis=0) / own.sum() - expected)
    np.testing.assert_allclose(found.estimate.sum(axis=1), 0.0, atol=1e-12)


def test_people_with_one_standing_are_at_one_place() -> None:
    standing = np.array([1.0, 1.0, 1.0, 1.0, 5.0])
    assert strata(standing, 5).tolist() == [0, 0, 0, 0, 2]
    assert strata(np.full(9, 2.0), 5).tolist() == [0] * 9
    assert strata(np.empty(0), 5).size == 0
