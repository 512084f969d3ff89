"""Alignment, from answers to factor means."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import alignment, invariance
from psychometrics.errors import DataError
from tests.reference.load import HS_SCALES, hs, hs_missing

MODEL = {"f": list("uvwxyz")}
MEANS = {"a": 0.0, "b": 0.6, "c": -0.5, "d": 0.3}


def sites(n: int = 250, seed: int = 1) -> pd.DataFrame:
    """Four groups; one intercept and one loading differ in one group each."""
    rng = np.random.default_rng(seed)
    group = np.repeat(list(MEANS), n)
    factor = rng.normal(size=4 * n) * np.where(group == "b", 1.3, 1.0)
    factor += np.repeat(list(MEANS.values()), n)
    loading = np.full((4 * n, 6), 0.9)
    loading[group == "c", 1] = 0.4
    shift = np.zeros((4 * n, 6))
    shift[group == "d", 4] = 1.0
    answers = 3 + shift + loading * factor[:, None] + 0.6 * rng.normal(size=(4 * n, 6))
    return pd.DataFrame(answers, columns=MODEL["f"]).assign(site=group)


@pytest.fixture(scope="module")
def found():
    return alignment(MODEL, sites(), "site", n_boot=80, monte_carlo=60, rng=1)


def test_means_are_those_that_were_planted(found):
    means = found.means.set_index("group")
    for name, mean in MEANS.items():
        assert means.loc[name, "mean"] == pytest.approx(mean, abs=0.2)
        if name != "a":
            assert means.loc[name, "mean_low"] < mean < means.loc[name, "mean_high"]
    assert means.loc["b", "sd"] == pytest.approx(1.3, abs=0.15)
    assert means.loc["a", "mean_se"] == 0


def test_what_was_planted_differs(found):
    rows = found.parameters
    different = rows[~rows["invariant"].astype(bool)]
    named = set(zip(different["item"], different["parameter"], different["group"], strict=True))
    assert {("v", "loading", "c"), ("y", "intercept", "d")} <= named
    assert len(named) <= 4
    assert found.summary["share_different"].iloc[0] < 0.25
    assert found.summary["r2_intercepts"].iloc[0] > 0.5
    assert "differ in some group" in str(found)


def test_means_can_be_trusted_at_this_n(found):
    row = found.monte_carlo.iloc[0]
    assert row["correlation"] > 0.98
    assert row["rmse"] < 0.15
    assert row["n_failed"] == 0
    assert "can be trusted" in row["advice"]


def test_two_groups_agree_with_partial_invariance():
    aligned = alignment(HS_SCALES, hs(), "school")
    partial = invariance(HS_SCALES, hs(), "school").partial().means
    one = aligned.means[aligned.means["group"] == "Grant-White"].set_index("factor")["mean"]
    two = partial[partial["group"] == "Grant-White"].set_index("factor")["estimate"]
    assert (one - two).abs().max() < 0.2
    untested = aligned.summary["advice"].iloc[0]
    assert "n_boot" in untested
    assert "invariant" not in aligned.parameters
    checked = alignment(HS_SCALES, hs(), "school", monte_carlo=20).monte_carlo
    assert checked["correlation"].isna().all()


def test_same_seed_same_numbers(found):
    again = alignment(MODEL, sites(), "site", n_boot=80, rng=1)
    pd.testing.assert_frame_equal(found.means, again.means)


def test_units_of_means():
    first = alignment(MODEL, sites(), "site").means
    product = alignment(MODEL, sites(), "site", metric="product").means
    assert np.prod(product["sd"]) == pytest.approx(1.0)
    np.testing.assert_allclose(first["mean"], product["mean"] / product["sd"].iloc[0], atol=1e-9)


def test_reversed_items_turn_nothing_round():
    frame = sites()
    turned = frame.assign(**{item: -frame[item] for item in MODEL["f"]})
    one, two = (alignment(MODEL, data, "site").means["mean"] for data in (frame, turned))
    np.testing.assert_allclose(one, -two, atol=1e-4)


def test_what_is_refused():
    with pytest.raises(DataError, match="one factor each"):
        alignment("f =~ u + v + w + x\ng =~ x + y + z", sites(60), "site")
    with pytest.raises(DataError, match="power"):
        alignment(MODEL, sites(60), "site", power=3)
    with pytest.raises(DataError, match="maximum likelihood"):
        alignment(MODEL, sites(60), "site", estimator="WLSMV")
    with pytest.raises(DataError, match="complete rows"):
        alignment(HS_SCALES, hs_missing(), "school", missing="fiml", n_boot=20)
    with pytest.raises(DataError, match="30 people"):
        alignment(MODEL, sites(20), "site")
