"""Partial invariance by forward search."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import invariance
from psychometrics.errors import DataError
from psychometrics.validity.invariance_candidates import keeps_anchors
from psychometrics.validity.invariance_search import adjusted_smallest
from tests.reference.load import HS_SCALES, hs, load


@pytest.fixture(scope="module")
def schools():
    return invariance(HS_SCALES, hs(), "school")


@pytest.fixture(scope="module")
def partial(schools):
    return schools.partial()


def test_two_schools_differ_in_two_intercepts(partial):
    record = load("engine_groups")["ML"]
    assert partial.steps["lhs"].tolist() == ["x3", "x7"]
    assert partial.steps["op"].tolist() == ["~1", "~1"]
    assert partial.steps["chi2"].tolist() == pytest.approx([19.193, 15.023], abs=2e-3)
    # The score test says nearly by how much chi-square falls.
    assert partial.steps["fall"].to_numpy() == pytest.approx(partial.steps["chi2"], rel=0.05)
    wanted = record["partial"]["fit"]
    assert partial.fit.fit_indices["chi2"] == pytest.approx(wanted["chisq"], abs=1e-4)
    assert partial.fit.fit_indices["df"] == wanted["df"] == 58
    tests = partial.tests.set_index("restricted")
    row = record["tests_partial"]["rows"][1]
    assert tests.loc["partial", "delta_chi2"] == pytest.approx(row["chisq_diff"], abs=1e-4)
    assert tests.loc["partial", "delta_p"] == pytest.approx(row["pvalue"], abs=1e-5)
    assert tests.loc["scalar", "delta_df"] == 2
    assert "x3~1 (Grant-White), x7~1 (Grant-White)" in str(partial)
    assert "x3" in partial._repr_html_()


def test_factor_means_are_lavaans_in_units_of_the_first_group(partial):
    # lavaan's means of the second school in the markers' units, over the first school's SD.
    rows = load("engine_groups")["ML"]["partial"]["parameters"]
    for factor in HS_SCALES:
        mean = next(
            r["est"] for r in rows if r["lhs"] == factor and r["op"] == "~1" and r["group"] == 2
        )
        spread = next(
            r["est"]
            for r in rows
            if r["lhs"] == r["rhs"] == factor and r["op"] == "~~" and r["group"] == 1
        )
        own = partial.means[(partial.means["factor"] == factor)].set_index("group")
        assert own.loc["Grant-White", "estimate"] == pytest.approx(mean / spread**0.5, abs=1e-4)
        assert own.loc["Pasteur", "estimate"] == 0


def test_repeating_the_search_widens_the_intervals(schools, partial):
    found = schools.partial(resample=30, rng=1)
    assert found.steps["share"].between(0.4, 1).all()
    one = partial.means.set_index(["factor", "group"])
    two = found.means.set_index(["factor", "group"])
    assert (two["estimate"] == one["estimate"]).all()
    width = (two["high"] - two["low"]) / (one["high"] - one["low"])
    # Where items differ, which ones are set free depends on the sample.
    assert width["visual", "Grant-White"] > 1.3
    again = schools.partial(resample=30, rng=1)
    pd.testing.assert_frame_equal(found.means, again.means)


def planted(n: int, seed: int = 3) -> pd.DataFrame:
    """Three groups; in the last one item's loading and another's intercept differ."""
    rng = np.random.default_rng(seed)
    group = np.repeat(["a", "b", "c"], n)
    factor = rng.normal(size=3 * n) + np.repeat([0.0, 0.4, -0.3], n)
    loading = np.full((3 * n, 6), 0.8)
    loading[group == "c", 1] = 0.2
    shift = np.zeros((3 * n, 6))
    shift[group == "b", 4] = 0.6
    answers = shift + loading * factor[:, None] + 0.6 * rng.normal(size=(3 * n, 6))
    return pd.DataFrame(answers, columns=list("uvwxyz")).assign(group=group)


def test_what_was_planted_is_found_in_its_group():
    ladder = invariance("f =~ u + v + w + x + y + z", planted(300), "group")
    found = ladder.partial()
    named = {(r["lhs"], r["op"], r["rhs"], r["group"]) for r in found.steps.to_dict("records")}
    assert named == {("f", "=~", "v", "c"), ("v", "~1", "", "c"), ("y", "~1", "", "b")}
    follows = found.steps.set_index(["lhs", "op"])["consequence"]
    assert follows["v", "~1"]
    assert not follows["y", "~1"]
    means = found.means.set_index("group")["estimate"]
    assert means["b"] == pytest.approx(0.4, abs=0.12)
    assert means["c"] == pytest.approx(-0.3, abs=0.12)
    stopped = invariance("f =~ u + v + w + x + y + z", planted(300), "group").partial(
        until="metric"
    )
    assert stopped.steps["lhs"].tolist() == ["f"]
    assert stopped.means.empty


def test_nothing_to_set_free():
    rng = np.random.default_rng(1)
    answers = rng.normal(size=(400, 1)) + rng.normal(size=(400, 4))
    frame = pd.DataFrame(answers, columns=list("wxyz")).assign(group=["a", "b"] * 200)
    found = invariance("f =~ w + x + y + z", frame, "group").partial()
    assert found.steps.empty
    assert "nothing was set free" in str(found)


def test_every_factor_keeps_anchors():
    members = {"f": ["a", "b", "c"]}
    one = frozenset({("a", "~1", "", 1)})
    assert keeps_anchors(members, "~1", one, 2, 2)
    assert not keeps_anchors(members, "~1", one | {("b", "~1", "", 1)}, 2, 2)
    assert keeps_anchors(members, "~1", one | {("b", "~1", "", 1)}, 2, 1)
    # Free in two of three groups is free in all: nothing is left to be equal to.
    both = frozenset({("a", "~1", "", 1), ("a", "~1", "", 2)})
    assert not keeps_anchors(members, "~1", both | {("b", "~1", "", 0)}, 3, 2)


def test_adjustment():
    p_values = np.array([0.04, np.nan, 0.01, 0.02])
    assert adjusted_smallest(p_values, "holm") == (0.01, pytest.approx(0.03))
    assert adjusted_smallest(np.array([np.nan]), "bh")[1] != 0


def test_a_looser_adjustment_sets_no_less_free(schools):
    assert len(schools.partial(adjust="bh").steps) >= 2
    assert schools.partial(significance=1e-9).steps.empty


def planted_ordered(n: int = 500, seed: int = 5) -> pd.DataFrame:
    """Cut the planted answers into five categories; a last threshold differs as well."""
    frame = planted(n, seed)
    items = list("uvwxyz")
    cuts = np.broadcast_to([-1.0, 0.0, 0.7, 1.4], (len(frame), 6, 4)).copy()
    cuts[frame["group"] == "b", 2, 3] += 0.7
    frame[items] = (frame[items].to_numpy()[:, :, None] > cuts).sum(axis=2)
    return frame


@pytest.fixture(scope="module")
def ordered():
    return invariance("f =~ u + v + w + x + y + z", planted_ordered(), "group", ordered=True)


def test_ordered_items_are_searched_from_thresholds_on(ordered):
    found = ordered.partial()
    named = [(r["lhs"], r["op"], r["rhs"], r["group"]) for r in found.steps.to_dict("records")]
    assert named == [
        ("w", "|", "t4", "b"), ("f", "=~", "v", "c"), ("v", "~1", "", "c"), ("y", "~1", "", "b"),
    ]  # fmt: skip
    told = found.steps[~found.steps["consequence"]]
    assert told["fall"].to_numpy() == pytest.approx(told["chi2"], rel=0.05)
    means = found.means.set_index("group")["estimate"]
    assert means["b"] == pytest.approx(0.4, abs=0.12)
    assert means["c"] == pytest.approx(-0.3, abs=0.12)
    assert "Satorra (2000)" in found.tests["method"].iloc[0]
    wider = found.tests.set_index("restricted").loc["partial"]
    assert wider["wider"] == "metric, partial"
    assert wider["delta_chi2"] > 0
    effects = found.effect_sizes().set_index(["item", "group"])
    assert effects.loc[("y", "b"), "signed"] > 0.4
    assert effects.loc[("u", "b"), "dmacs"] < 0.05
    assert ordered.partial(until="metric").steps["level"].tolist() == ["thresholds", "metric"]


def test_the_search_of_ordered_items_is_repeated(ordered):
    found = ordered.partial(resample=10, rng=1)
    shares = found.steps.set_index(["lhs", "op"])["share"]
    assert shares["y", "~1"] == 1.0
    assert found.n_failed == 0
    assert (found.means["low"] <= found.means["high"]).all()


def test_incomplete_rows_are_searched():
    rng = np.random.default_rng(2)
    frame = planted(300)
    items = list("uvwxyz")
    frame[items] = frame[items].mask(rng.random((len(frame), 6)) < 0.15)
    ladder = invariance("f =~ u + v + w + x + y + z", frame, "group", missing="fiml")
    found = ladder.partial()
    named = {(r["lhs"], r["op"], r["rhs"], r["group"]) for r in found.steps.to_dict("records")}
    assert named == {("f", "=~", "v", "c"), ("v", "~1", "", "c"), ("y", "~1", "", "b")}
    told = found.steps[~found.steps["consequence"]]
    assert told["fall"].to_numpy() == pytest.approx(told["chi2"], rel=0.15)
    assert found.means.set_index("group")["estimate"]["b"] == pytest.approx(0.4, abs=0.15)
    assert found.effect_sizes().set_index(["item", "group"]).loc[("y", "b"), "dmacs"] > 0.3
    with pytest.raises(DataError, match="incomplete rows"):
        ladder.partial(resample=20)


def test_what_cant_be_searched(schools):
    frame = planted_ordered(200)
    two = frame.assign(u=(frame["u"] > 1).astype(int))
    with pytest.raises(DataError, match="two categories"):
        invariance(
            "f =~ u + v + w + x + y + z", two, "group", ordered=True, levels=["configural"]
        ).partial()
    with pytest.raises(DataError, match="min_anchors"):
        schools.partial(min_anchors=0)
    with pytest.raises(DataError, match="until"):
        schools.partial(until="strict")
