"""Extraction against factanal and psych, by second routes, and at the edges."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from psychometrics.errors import DataError
from psychometrics.stats.efa import (
    LOWEST_UNIQUENESS,
    METHODS,
    bartlett_multiplier,
    degrees_of_freedom,
    extract,
    implied_correlation,
    likelihood_discrepancy,
    most_factors,
)
from psychometrics.stats.efa_objectives import likelihood_objective, residual_objective
from psychometrics.stats.moments import FloatArray
from tests.reference.load import BFI_ITEMS, BFI_REVERSED, HS_ITEMS, array, load, values
from tests.stats.aligned import aligned

RECORDED = load("exploration")["extraction"]
CASES = [key for key in RECORDED if key != "hs_4_heywood"]


@cache
def correlation(data: str) -> FloatArray:
    if data in ("hs", "bfi"):
        items = HS_ITEMS if data == "hs" else BFI_ITEMS
        rows = array(data, items, reverse=() if data == "hs" else BFI_REVERSED)
        return np.corrcoef(rows[~np.isnan(rows).any(axis=1)], rowvar=False)
    return values(load("exploration")["correlations"][data])


def parts(key: str) -> tuple[FloatArray, int]:
    data, _, number = key.rpartition("_")
    return correlation(data), int(number)


def numbers(recorded: dict[str, float]) -> FloatArray:
    return np.array(list(recorded.values()))


@pytest.mark.parametrize("key", CASES)
def test_likelihood_against_factanal(key: str) -> None:
    r, m = parts(key)
    recorded = RECORDED[key]["factanal"]
    found = extract(r[None], m)
    assert found.converged.all()
    # factanal was told to go on until the last digits of its objective.
    np.testing.assert_allclose(found.uniquenesses[0], numbers(recorded["uniquenesses"]), atol=2e-5)
    pattern = values(recorded["loadings"])
    loadings, _ = aligned(found.loadings[0], np.eye(m), pattern)
    np.testing.assert_allclose(loadings, pattern, atol=5e-5)
    discrepancy = likelihood_discrepancy(
        r, implied_correlation(found.loadings, found.uniquenesses)[0]
    )
    assert discrepancy == pytest.approx(recorded["criteria"]["objective"], rel=1e-9)
    statistic = bartlett_multiplier(RECORDED[key]["n_obs"], len(r), m) * discrepancy
    assert statistic == pytest.approx(recorded["statistic"], rel=1e-9)
    assert degrees_of_freedom(len(r), m) == recorded["dof"]


@pytest.mark.parametrize("key", CASES)
@pytest.mark.parametrize("method", ["ml", "minres", "pa"])
def test_loadings_against_psych(key: str, method: str) -> None:
    r, m = parts(key)
    recorded = RECORDED[key][method]
    found = extract(r[None], m, method)
    pattern = values(recorded["loadings"])
    loadings, _ = aligned(found.loadings[0], np.eye(m), pattern)
    # psych stops at relative changes of its objective; of principal axes it was told not to.
    tolerance = 1e-6 if method == "pa" else 1e-3
    np.testing.assert_allclose(loadings, pattern, atol=tolerance)
    np.testing.assert_allclose(
        found.uniquenesses[0], numbers(recorded["uniquenesses"]), atol=tolerance
    )


@pytest.mark.parametrize("key", CASES)
def test_no_objective_is_above_psych_s(key: str) -> None:
    r, m = parts(key)
    found = extract(r[None], m)
    own = likelihood_discrepancy(r, implied_correlation(found.loadings, found.uniquenesses)[0])
    assert own <= RECORDED[key]["ml"]["objective"] + 1e-10
    residuals = (
        r - extract(r[None], m, "minres").loadings[0] @ extract(r[None], m, "minres").loadings[0].T
    )
    theirs = values(RECORDED[key]["minres"]["loadings"])
    below = np.tril_indices(len(r), -1)
    assert (residuals[below] ** 2).sum() <= ((r - theirs @ theirs.T)[below] ** 2).sum() + 1e-12


# ---- identities --------------------------------------------------------------------------------


@pytest.mark.parametrize("key", CASES)
def test_principal_axes_end_where_minres_does(key: str) -> None:
    # Both leave no residual on the diagonal and the least squares off it (Harman and Jones, 1966).
    r, m = parts(key)
    axes, least = (extract(r[None], m, method) for method in ("pa", "minres"))
    np.testing.assert_allclose(axes.loadings, least.loadings, atol=1e-6)
    assert not axes.improper.any()


@pytest.mark.parametrize("key", CASES)
@pytest.mark.parametrize("method", METHODS)
def test_communality_and_uniqueness_add_up_to_one(key: str, method: str) -> None:
    r, m = parts(key)
    found = extract(r[None], m, method)
    total = (found.loadings**2).sum(axis=-1) + found.uniquenesses
    np.testing.assert_allclose(total, 1.0, atol=1e-7)


def test_a_general_search_finds_no_better_likelihood() -> None:
    r, m = correlation("hs"), 3
    best = extract(r[None], m)

    def objective(vector: FloatArray) -> float:
        loadings, log_unique = vector[:27].reshape(9, m), vector[27:]
        return float(likelihood_discrepancy(r, implied_correlation(loadings, np.exp(log_unique))))

    start = np.concatenate([np.full(27, 0.4) + 0.01 * np.arange(27), np.full(9, -1.0)])
    found = optimize.minimize(objective, start, method="BFGS", options={"gtol": 1e-6})
    own = likelihood_discrepancy(r, implied_correlation(best.loadings, best.uniquenesses)[0])
    assert own == pytest.approx(found.fun, abs=1e-7)


@pytest.mark.parametrize("objective", [likelihood_objective, residual_objective])
@pytest.mark.parametrize("m", [1, 3, 5])
def test_derivatives_are_those_of_the_value(objective, m: int) -> None:  # type: ignore[no-untyped-def]
    r, step = correlation("bfi")[None], 1e-5
    at = np.random.default_rng(1).uniform(0.3, 0.8, (1, 25))
    at = np.log(at) if objective is likelihood_objective else at
    now = objective(r, at, m)
    for item in range(0, 25, 6):
        move = np.zeros((1, 25))
        move[0, item] = step
        up, down = objective(r, at + move, m), objective(r, at - move, m)
        slope = (up.value - down.value) / (2 * step)
        assert now.gradient[0, item] == pytest.approx(slope[0], abs=1e-8)
        bend = (up.gradient - down.gradient)[0] / (2 * step)
        np.testing.assert_allclose(now.hessian[0, item], bend, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_many_matrices_at_once_are_each_by_itself(method: str) -> None:
    rng = np.random.default_rng(1)
    many = np.stack([np.corrcoef(rng.normal(size=(9, 60)) + rng.normal(size=60)) for _ in range(6)])
    together = extract(many, 1, method)
    for at in range(6):
        alone = extract(many[at : at + 1], 1, method)
        np.testing.assert_allclose(together.loadings[at], alone.loadings[0], atol=1e-7)


# ---- what must not matter ----------------------------------------------------------------------


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), method=st.sampled_from(METHODS))
def test_order_and_direction_of_items_don_t_matter(seed: int, method: str) -> None:
    rng = np.random.default_rng(seed)
    r = correlation("thurstone")
    order, flip = rng.permutation(9), rng.choice([-1.0, 1.0], 9)
    plain = extract(r[None], 3, method)
    moved = extract((r * np.outer(flip, flip))[np.ix_(order, order)][None], 3, method)
    back = np.empty_like(moved.loadings[0])
    back[order] = moved.loadings[0]
    loadings, _ = aligned(back * flip[:, None], np.eye(3), plain.loadings[0])
    np.testing.assert_allclose(loadings, plain.loadings[0], atol=1e-6)


def test_columns_add_up_to_something_positive() -> None:
    assert np.all(extract(correlation("bfi")[None], 5).loadings.sum(axis=1) > 0)


@pytest.mark.parametrize("method", METHODS)
def test_recovers_the_model_behind_implied_correlations(method: str) -> None:
    truth = np.array([[0.8, 0.1], [0.7, 0.0], [0.6, 0.2], [0.1, 0.7], [0.0, 0.6], [0.2, 0.5]])
    implied = implied_correlation(truth, 1 - (truth**2).sum(axis=1))
    found = extract(implied[None], 2, method)
    again = implied_correlation(found.loadings, found.uniquenesses)[0]
    np.testing.assert_allclose(again, implied, atol=1e-6)


# ---- edges -------------------------------------------------------------------------------------


def test_a_heywood_case_stops_at_the_bound_as_factanal_s_does() -> None:
    recorded = RECORDED["hs_4_heywood"]["factanal"]
    found = extract(correlation("hs")[None], 4)
    assert found.converged.all()
    assert found.improper[0].sum() == 1
    assert found.uniquenesses.min() == pytest.approx(LOWEST_UNIQUENESS)
    own = likelihood_discrepancy(
        correlation("hs"), implied_correlation(found.loadings, found.uniquenesses)[0]
    )
    # Another item is at the bound there, at a higher minimum of the same objective.
    assert own < recorded["criteria"]["objective"]


def test_principal_axes_have_no_bound_and_say_so() -> None:
    found = extract(correlation("hs")[None], 4, "pa")
    assert found.improper.any()
    assert found.uniquenesses.min() < 0


def test_minres_takes_a_matrix_that_is_not_positive_definite() -> None:
    r = np.array([[1, 0.9, 0.2, 0.3], [0.9, 1, 0.8, 0.3], [0.2, 0.8, 1, 0.3], [0.3, 0.3, 0.3, 1]])
    assert np.linalg.eigvalsh(r)[0] < 0
    found = extract(r[None], 1, "minres")
    assert found.converged.all()
    assert np.isfinite(found.loadings).all()
    implied = implied_correlation(found.loadings, found.uniquenesses)[0]
    assert np.isnan(likelihood_discrepancy(r, implied))


def test_unrelated_items_have_no_common_variance() -> None:
    # A factor of one item is no common factor, and leaves the fit as it is.
    found = extract(np.eye(6)[None], 2, "ml")
    implied = implied_correlation(found.loadings, found.uniquenesses)[0]
    np.testing.assert_allclose(implied, np.eye(6), atol=1e-8)


@pytest.mark.parametrize("m", [0, 6])
def test_more_factors_than_degrees_of_freedom_are_refused(m: int) -> None:
    with pytest.raises(DataError, match="carry 5 factors at most"):
        extract(correlation("hs")[None], m)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(DataError, match="method='gls' is not known"):
        extract(correlation("hs")[None], 1, "gls")


@pytest.mark.parametrize(("p", "m"), [(3, 1), (5, 2), (6, 3), (8, 4), (9, 5), (25, 18)])
def test_the_most_factors_are_the_ledermann_bound(p: int, m: int) -> None:
    assert most_factors(p) == m
    bound = (2 * p + 1 - np.sqrt(8 * p + 1)) / 2
    assert m == int(np.floor(bound + 1e-9))
