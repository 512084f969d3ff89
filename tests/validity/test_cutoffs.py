"""Simulated cut-offs: the populations are what they say, and the shares come out."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics import Moments, cfa, simulate_cutoffs
from psychometrics.errors import DataError, ModelError
from psychometrics.stats.cfa.kernel import slot_values
from psychometrics.stats.cfa.misspecification import (
    Omission,
    default_omissions,
    misspecified_covariance,
)
from tests.reference.load import HS_SCALES, hs

TEXT = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"


@pytest.fixture(scope="module")
def fit():
    return cfa(HS_SCALES, hs())


def population(fit, *omissions):
    slots = slot_values(fit.fits.layout, fit.fits.optimum.z[:1])[0]
    return misspecified_covariance(fit.fits.layout, slots, fit._implied, omissions)


@pytest.mark.parametrize(
    ("text", "omission"),
    [
        ("speed =~ x4", Omission("=~", "speed", "x4", 0.2)),
        ("x1 ~~ x4", Omission("~~", "x1", "x4", 0.4)),
    ],
)
def test_the_population_obeys_the_model_with_what_was_left_out(fit, text, omission):
    sigma, used = population(fit, omission)
    assert used[0].size == omission.size
    np.testing.assert_allclose(
        np.diagonal(sigma[0]), np.diagonal(fit._implied.covariance[0, 0]), rtol=1e-12
    )
    names = fit.fits.table.observed
    moments = Moments(sigma[0], None, 1000, names=names)
    assert cfa(TEXT, moments).fit_indices.chi2 > 5
    whole = cfa(f"{TEXT}\n{text}", moments)
    assert whole.fit_indices.chi2 == pytest.approx(0, abs=1e-6)
    added = whole.parameters.query("lhs == @omission.left and rhs == @omission.right")
    assert added["std_all"].item() == pytest.approx(omission.size, abs=1e-5)


def test_a_loading_too_large_for_its_item_gets_smaller(fit):
    _, used = population(fit, Omission("=~", "textual", "x1", 0.9))
    assert 0 < used[0].size < 0.9


def test_the_default_is_the_first_level_of_mcneish_and_wolf(fit):
    own = fit.parameters.query("op == '=~'")
    rows = list(zip(own["lhs"], own["rhs"], own["std_all"], strict=True))
    (only,) = default_omissions(fit.fits.layout, rows)
    assert (only.left, only.right) == ("textual", "x2")  # the weakest item of "visual"
    assert only.size == pytest.approx(0.4236, abs=1e-3)
    one = cfa("g =~ x1 + x2 + x3 + x4 + x5 + x6", hs())
    own = one.parameters.query("op == '=~'")
    rows = list(zip(own["lhs"], own["rhs"], own["std_all"], strict=True))
    (pair,) = default_omissions(one.fits.layout, rows)
    assert pair.op == "~~"
    assert pair.size == 0.3


def test_shares_come_out():
    names = [f"x{i}" for i in range(1, 10)]
    fit = cfa(HS_SCALES, Moments(hs()[names].cov(), None, 1000))
    found = simulate_cutoffs(fit, misspecification={"textual =~ x3": 0.5}, n_samples=400, rng=1)
    table = found.table.set_index("index")
    right, wrong = found.correct, found.misspecified
    assert (right["rmsea"] <= table.loc["rmsea", "flexible"]).mean() == pytest.approx(
        0.95, abs=0.01
    )
    assert (wrong["cfi"] < table.loc["cfi", "flexible"]).mean() == pytest.approx(
        table.loc["cfi", "power"], abs=1e-12
    )
    assert right["chi2"].mean() == pytest.approx(24, abs=1.5)
    assert np.isfinite(table.loc["rmsea", "dynamic"])
    assert table.loc["rmsea", "false_alarm"] <= 0.05
    assert found.n_failed == (0, 0)
    assert found.n_obs == 1000
    assert "textual =~ x3 = 0.50" in str(found)


def test_what_cant_be_told_apart_has_no_dynamic_cutoff_and_a_reason():
    few = cfa(HS_SCALES, hs(), group="school", group_equal=("loadings",))
    found = simulate_cutoffs(few, misspecification={"x1 ~~ x4": 0.1}, n_samples=100, rng=1).table
    assert found["dynamic"].isna().all()
    assert found["reason"].str.contains("overlap too much").all()


def test_same_seed_same_cutoffs(fit):
    one, two = (simulate_cutoffs(fit, n_samples=40, rng=5).table for _ in range(2))
    assert one.equals(two)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"visual =~ x1": 0.3}, ModelError, "the model has it already"),
        ({"visual =~ x2": 0.3}, ModelError, "the model has it already"),
        ({"visual =~ y": 0.3}, ModelError, "the model has no y"),
        ({"x1 =~ x2": 0.3}, ModelError, "write a cross-loading"),
        ({"visual ~ textual": 0.3}, DataError, "is no cross-loading"),
        ({"x1 ~~ x4": 3}, DataError, "no standardised size"),
        ({}, DataError, "misspecification is empty"),
    ],
)
def test_misspecifications_that_are_none(fit, wrong, error, message):
    with pytest.raises(error, match=message):
        simulate_cutoffs(fit, misspecification=wrong, n_samples=20)


def test_what_has_no_cutoffs(fit):
    with pytest.raises(DataError, match="A saturated model"):
        simulate_cutoffs(cfa("f =~ x1 + x2 + x3", hs()))
    with pytest.raises(DataError, match="a quantile needs 20"):
        simulate_cutoffs(fit, n_samples=5)
