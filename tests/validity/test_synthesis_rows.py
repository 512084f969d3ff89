"""The meta row: who takes part, on which scale, and why there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.stats.synthesis import TRANSFORMS, random_effects
from psychometrics.validity.synthesis import synthesize


def site(name: str, estimate: float, variance: float = 0.01, **other: Any) -> dict[str, Any]:
    return {
        "group": name, "pooling": "site", "estimate": estimate, "low": 0.0, "high": 1.0,
        "n_obs": 50, "method": "own", "reason": NO_REASON, "transformed": "fisher_z",
        "transformed_variance": variance, **other,
    }  # fmt: skip


TOTAL = site("", 0.5) | {"group": None, "pooling": "total"}


def meta(rows: list[dict[str, Any]], at_least: int = 3) -> dict[str, Any]:
    (made,) = synthesize([TOTAL, *rows], 0.95, at_least=at_least)
    return made


def test_it_is_the_random_effects_mean_on_the_scale_and_back():
    estimates, variances = [0.2, 0.5, 0.45, 0.7], [0.01, 0.02, 0.005, 0.03]
    made = meta(
        [site(str(i), *pair) for i, pair in enumerate(zip(estimates, variances, strict=True))]
    )
    found = random_effects(np.arctanh(estimates), variances, 0.95)
    for key in ("estimate", "low", "high", "prediction_low", "prediction_high"):
        assert made[key] == pytest.approx(np.tanh(getattr(found, key)), rel=1e-12)
    assert (made["tau2"], made["i2"], made["n_groups"]) == (found.tau2, found.i2, 4)
    assert made["n_obs"] == 200
    assert made["pooling"] == "meta"
    assert made["group"] is None
    assert made["reason"] == ""
    assert made["method"].endswith("of the sites' estimates, Fisher's z scale")
    assert not any(key.startswith("transformed") for key in made)


@pytest.mark.parametrize("name", TRANSFORMS)
@given(estimates=st.lists(st.floats(0.05, 0.95), min_size=3, max_size=6))
def test_limits_are_in_order_on_every_scale(name, estimates):
    made = meta([site(str(i), e, transformed=name) for i, e in enumerate(estimates)])
    assert made["low"] <= made["estimate"] + 1e-12
    assert made["estimate"] <= made["high"] + 1e-12
    assert made["prediction_low"] <= made["low"] + 1e-9 or made["tau2"] == 0
    lowest, highest = min(estimates), max(estimates)
    assert lowest - 1e-9 <= made["estimate"] <= highest + 1e-9


def test_one_site_in_the_data_needs_no_synthesis():
    assert synthesize([TOTAL, site("a", 0.3)], 0.95, at_least=1) == []
    assert synthesize([TOTAL], 0.95, at_least=0) == []


def test_sites_with_a_reason_take_no_part():
    bad = site("c", 0.9, reason=reason("no_convergence"))
    empty = site("d", np.nan, reason=reason("too_few_cases", n_obs=0, needed=3), n_obs=0)
    made = meta([site("a", 0.3), site("b", 0.4), bad, empty], at_least=4)
    assert made["n_groups"] == 2
    assert made["n_obs"] == 100
    assert made["estimate"] < 0.4


def test_too_few_sites_with_an_estimate():
    empty = site("b", np.nan, np.nan, reason=reason("too_few_cases", n_obs=0, needed=3))
    made = meta([site("a", 0.3), empty])
    assert np.isnan([made["estimate"], made["low"], made["high"]]).all()
    assert isinstance(made["reason"], Reason)
    assert made["reason"].code == "no_synthesis"
    assert made["reason"] == "A synthesis needs at least 2 sites with an estimate; there are 1."
    assert made["n_groups"] == 1


def test_estimates_without_a_sampling_variance():
    rows = [site("a", 0.3, np.nan), site("b", 0.3), site("c", 0.5, 0.0)]
    del rows[0]["transformed"], rows[0]["transformed_variance"]
    made = meta(rows)
    assert made["reason"].code == "no_synthesis_of_variances"
    assert "n_boot" in made["reason"]
    assert made["n_groups"] == 1


@pytest.mark.parametrize(
    ("scale", "edge"),
    [("log_complement", 1.0), ("logit", 1.0), ("logit", 0.0), ("log", 0.0), ("fisher_z", -1.0),
     ("log", -0.1), ("fisher_z", 1.2)],
)  # fmt: skip
def test_estimates_at_the_edge_of_the_scale_take_no_part(scale, edge):
    rows = [site("a", 0.4, transformed=scale), site("b", 0.6, transformed=scale)]
    made = meta([*rows, site("c", edge, transformed=scale)])
    assert made["n_groups"] == 2
    assert 0.4 < made["estimate"] < 0.6
    lost = meta([rows[0], site("c", edge, transformed=scale)])
    assert lost["reason"].code == "no_synthesis_of_variances"


def test_two_sites_predict_nothing():
    made = meta([site("a", 0.3), site("b", 0.5)])
    assert np.isfinite([made["estimate"], made["low"], made["high"]]).all()
    assert np.isnan([made["prediction_low"], made["prediction_high"]]).all()


@given(order=st.permutations(range(5)))
def test_order_of_sites_is_irrelevant(order):
    rows = [site(str(i), 0.2 + 0.1 * i, 0.01 + 0.004 * i) for i in range(5)]
    one, other = meta(rows), meta([rows[i] for i in order])
    for key in ("estimate", "low", "high", "tau2", "i2"):
        assert one[key] == pytest.approx(other[key], rel=1e-9, abs=1e-12)
