from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from psychometrics.stats.imputation import (
    chained_matching,
    draw_coefficients,
    match_item,
    nearest_donors,
    potential_scale_reduction,
    start_values,
)
from psychometrics.stats.rubin import pool
from tests.reference.load import array, load

RECORDED: dict[str, Any] = load("imputation")["blanked"]
ITEMS = ("E3", "E4", "E5", "N1", "N2", "N3", "N4", "N5")


def complete(
    x: Any, *, wanted: Any = None, n_sets: int = 10, seed: int = 1, **settings: int
) -> Any:
    chosen = {"n_iterations": 5, "n_donors": 5} | settings
    missing = np.isnan(x) if wanted is None else wanted
    constant = np.ones((len(x), 1))
    return chained_matching(
        x, constant, missing, n_sets=n_sets, rng=np.random.default_rng(seed), **chosen
    )


def test_pooled_means_are_those_of_mice() -> None:
    """Answers missing at random given two other items; both by 100 sets, so up to chance."""
    x = array("bfi_blanked", ITEMS)
    sets = complete(x, n_sets=100, n_iterations=10).values
    for item in ("N1", "N3", "N5"):
        column = sets[:, :, ITEMS.index(item)]
        found = pool(column.mean(axis=1), column.var(axis=1, ddof=1) / 500, 500)
        recorded = RECORDED[item]
        # Four Monte Carlo standard errors of a difference of two means of 100 sets.
        chance = 4 * (2 * recorded["b"] / 100) ** 0.5
        assert float(found.estimate) == pytest.approx(recorded["qbar"], abs=chance)
        # A variance of 100 sets has a relative standard error of .14, a difference of two .2.
        assert float(found.between) == pytest.approx(recorded["b"], rel=0.6)
        # What complete rows say is further from the truth.
        listwise = abs(recorded["complete_rows"] - recorded["whole"])
        assert abs(float(found.estimate) - recorded["whole"]) < listwise / 2


def test_only_gaps_change_and_only_answers_are_given() -> None:
    rng = np.random.default_rng(2)
    x = np.clip(np.round(rng.normal(size=(80, 1)) + rng.normal(size=(80, 4)) + 2), 1, 5)
    gap = rng.random(x.shape) < 0.2
    x[gap] = np.nan
    made = complete(x).values
    assert np.array_equal(made[:, ~gap], np.broadcast_to(x[~gap], (10, (~gap).sum())))
    for item in range(4):
        given = set(x[~gap[:, item], item].tolist())
        assert set(made[:, gap[:, item], item].ravel().tolist()) <= given


def test_what_is_not_wanted_stays_missing() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(60, 1)) + rng.normal(size=(60, 3))
    x[:10, 0] = x[20:30, 1] = np.nan
    wanted = np.isnan(x)
    wanted[:, 0] = False
    found = complete(x, wanted=wanted)
    assert np.isnan(found.values[:, :10, 0]).all()
    assert np.isfinite(found.values[:, 20:30, 1]).all()
    assert np.isnan(found.means[:, :, 0]).all()
    assert np.isfinite(found.means[:, :, 1]).all()


def test_answers_that_follow_from_others_are_found() -> None:
    rng = np.random.default_rng(4)
    base = rng.normal(size=(200, 2))
    x = np.column_stack([base, base @ [1.0, -2.0]])
    truth = x[:20, 2].copy()
    x[:20, 2] = np.nan
    made = complete(x, n_donors=1).values[:, :20, 2]
    # The nearest of 180 people is not always near, at the ends.
    assert np.corrcoef(made.mean(axis=0), truth)[0, 1] > 0.99


def test_the_same_seed_gives_the_same_sets() -> None:
    x = array("bfi_blanked", ITEMS)[:100]
    assert np.array_equal(complete(x).values, complete(x).values)
    assert not np.array_equal(complete(x).values, complete(x, seed=2).values)


def test_coefficients_are_least_squares_and_draws_have_their_covariance() -> None:
    rng = np.random.default_rng(5)
    x = np.column_stack([np.ones(50), rng.normal(size=(50, 2))])
    y = x @ [1.0, 2.0, -1.0] + rng.normal(size=50)
    many = 4000
    found = draw_coefficients(
        np.broadcast_to(x, (many, *x.shape)), np.broadcast_to(y, (many, 50)), rng
    )
    expected, square = np.linalg.lstsq(x, y)[:2]
    # The ridge shrinks by one in 100,000.
    assert found.estimate[0] == pytest.approx(expected, rel=1e-4)
    df = 47
    covariance = np.linalg.inv(x.T @ x) * float(square[0]) / (df - 2)  # mean of s2 df / chi2
    # Variances of 4,000 draws have a relative standard error of 2.5 %.
    assert np.mean(found.sigma**-2) == pytest.approx(df / float(square[0]), rel=0.02)
    assert np.cov(found.coefficients.T) == pytest.approx(covariance, rel=0.12, abs=0.002)


def test_a_predictor_that_is_nothing_here_stays_at_nothing() -> None:
    x = np.column_stack([np.ones(20), np.zeros(20)])[None]
    found = draw_coefficients(x, np.arange(20.0)[None], np.random.default_rng(6))
    assert found.estimate[0, 1] == found.coefficients[0, 1] == 0


def test_donors_are_the_nearest() -> None:
    rng = np.random.default_rng(7)
    near, wanted = rng.normal(size=(3, 40)), rng.normal(scale=2, size=(3, 15))
    seen = [set() for _ in range(45)]
    for _ in range(60):
        for at, one in enumerate(nearest_donors(near, wanted, 4, rng).ravel()):
            seen[at].add(int(one))
    for at, chosen in enumerate(seen):
        distance = np.abs(near[at // 15] - wanted.ravel()[at])
        assert chosen == set(np.argsort(distance)[:4].tolist())


def test_fewer_donors_than_asked_are_enough() -> None:
    donor = nearest_donors(
        np.array([[0.0, 1.0]]), np.array([[5.0, -5.0]]), 5, np.random.default_rng(8)
    )
    assert set(donor.ravel().tolist()) <= {0, 1}


def test_starts_are_answers_of_the_item() -> None:
    x = np.array([[1.0, 9.0], [np.nan, 9.0], [3.0, np.nan]])
    made = start_values(x, 50, np.random.default_rng(9))
    assert set(made[:, 1, 0].tolist()) == {1.0, 3.0}
    assert (made[:, 2, 1] == 9).all()


def test_an_item_without_variation_is_imputed_as_it_is() -> None:
    x = np.column_stack([np.full(30, 2.0), np.random.default_rng(1).normal(size=(30, 2))])
    x[:5, 0] = np.nan
    gap = np.isnan(x[:, 0])
    filled = start_values(x, 4, np.random.default_rng(1))
    made = match_item(filled, np.ones((30, 1)), 0, gap, 5, np.random.default_rng(2))
    assert (made == 2).all()


def test_chains_that_differ_are_told() -> None:
    rng = np.random.default_rng(10)
    same = rng.normal(size=(200, 4, 1))
    apart = same + np.arange(4)[:, None] * 3
    assert potential_scale_reduction(same)[0] < 1.05
    assert potential_scale_reduction(apart)[0] > 2
    assert np.isnan(potential_scale_reduction(same[:2])).all()
