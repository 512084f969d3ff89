"""Partial invariance by forward search."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import invariance
from psychometrics.errors import DataError
from psychometrics.validity.invariance_search import adjusted_smallest, keeps_anchors
from tests.reference.load import HS_SCALES, hs, hs_missing, load
from tests.validity.ordinal_models import DATCAT, datcat


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


def test_what_cant_be_searched(schools):
    with pytest.raises(DataError, match="ordered items"):
        invariance(DATCAT, datcat(), "g", ordered=True, levels=["configural"]).partial()
    with pytest.raises(DataError, match="complete rows"):
        invariance(HS_SCALES, hs_missing(), "school", missing="fiml").partial()
    with pytest.raises(DataError, match="min_anchors"):
        schools.partial(min_anchors=0)
    with pytest.raises(DataError, match="until"):
        schools.partial(until="strict")
