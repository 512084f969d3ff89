"""polychoric() with labels: what stands where, what is told, what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import Moments, polychoric, simulate_responses
from psychometrics.errors import DataError, DegenerateDataWarning
from psychometrics.stats.polychoric import polychoric_correlations
from psychometrics.validity.polychoric import PolychoricResult
from tests.reference.load import bfi, load, matrix
from tests.validity.small import explained, only

N = ["N1", "N2", "N3", "N4", "N5"]


@pytest.fixture(scope="module")
def complete() -> PolychoricResult:
    return polychoric(bfi(), N, missing="listwise")


@pytest.fixture(scope="module")
def by_education() -> PolychoricResult:
    return polychoric(bfi(), N, group="education")


class TestAgainstLavaan:
    def test_correlations(self, complete):
        recorded = matrix(load("ordinal")["correlations"]["bfi_n_complete"]["lavaan"])
        pd.testing.assert_frame_equal(complete.correlations, recorded, rtol=0, atol=1e-7)

    def test_thresholds(self, complete):
        recorded = load("ordinal")["correlations"]["bfi_n_complete"]["thresholds"]
        names = complete.thresholds["item"] + "|t" + complete.thresholds["threshold"].astype(str)
        assert names.tolist() == list(recorded)
        np.testing.assert_allclose(
            complete.thresholds["estimate"], list(recorded.values()), rtol=0, atol=1e-12
        )

    @pytest.mark.parametrize("missing", ["listwise", "pairwise"])
    def test_standard_errors(self, missing):
        key = {"listwise": "bfi_n_complete", "pairwise": "bfi_n_pairwise"}[missing]
        recorded = load("ordinal")["moments"][key]
        expected = np.sqrt(np.array(recorded["gamma"][0]["diagonal"]) / recorded["n_by_group"][0])
        found = polychoric(bfi(), N, missing=missing)
        np.testing.assert_allclose(found.thresholds["se"], expected[:25], rtol=5e-7)
        np.testing.assert_allclose(found.pairs["se"], expected[25:], rtol=5e-7)

    def test_groups(self, by_education):
        recorded = load("ordinal")["moments"]["bfi_n_education_pairwise"]
        for name, covariance in zip(recorded["groups"], recorded["covariance"], strict=True):
            block = by_education.correlations.loc[name]
            np.testing.assert_allclose(block, matrix(covariance), rtol=0, atol=1e-7)


class TestShape:
    def test_frames_of_items(self, complete):
        for frame in (complete.correlations, complete.standard_errors, complete.n_obs):
            assert frame.index.tolist() == N
            assert frame.columns.tolist() == N
        assert (complete.n_obs == 2694).all(axis=None)
        assert (np.diag(complete.correlations) == 1).all()
        assert (np.diag(complete.standard_errors) == 0).all()

    def test_frames_of_groups(self, by_education):
        assert by_education.correlations.index.names == ["group", "item"]
        assert by_education.correlations.shape == (25, 5)
        assert by_education.n_obs.loc[("3", "N1"), "N2"] == 1225
        assert by_education.thresholds["group"].unique().tolist() == list("12345")
        assert len(by_education.pairs) == 50

    def test_pairs_are_the_same_numbers(self, complete):
        explained(complete.pairs)
        row = only(complete.pairs, item_a="N1", item_b="N3")
        assert row.estimate == complete.correlations.loc["N1", "N3"]
        assert row.se == complete.standard_errors.loc["N3", "N1"]
        assert row.low < row.estimate < row.high
        assert row.n_obs == 2694
        assert row.group is None
        assert row.method == "two-step polychoric, complete rows"

    def test_thresholds_name_the_answers(self, complete):
        own = complete.thresholds[complete.thresholds["item"] == "N4"]
        assert own["below"].tolist() == ["1", "2", "3", "4", "5"]
        assert own["above"].tolist() == ["2", "3", "4", "5", "6"]
        assert (np.diff(own["estimate"]) > 0).all()
        assert (own["n_obs"] == 2694).all()

    def test_people_who_answered_both(self):
        frame = bfi()
        found = polychoric(frame, N)
        seen = frame[N].notna().astype(int)
        assert (found.n_obs == seen.T @ seen).all(axis=None)

    def test_all_columns_are_items_unless_said_otherwise(self):
        frame = bfi()[["N1", "N2", "gender"]].assign(w=1.0)
        found = polychoric(frame, group="gender", weights="w")
        assert found.correlations.columns.tolist() == ["N1", "N2"]

    def test_responses_bring_their_items(self):
        responses = simulate_responses("hs1939", 80, rng=1)
        items = list(responses.instrument.items)[:3]
        cut = pd.DataFrame(
            {item: pd.qcut(responses.frame[item], 3, labels=False) for item in items}
        )
        responses.frame[items] = cut
        with pytest.raises(DataError, match="x4"):
            polychoric(responses)
        assert polychoric(responses, items).correlations.columns.tolist() == items

    def test_print_and_page(self, complete):
        assert str(complete) == (
            "Polychoric correlations of 5 items (two-step polychoric, complete rows), n = 2694"
        )
        page = complete._repr_html_()
        assert "0.764" in page
        assert "<ul>" not in page


class TestWhatMustHold:
    def test_turning_an_item_turns_its_correlations(self, complete):
        found = polychoric(bfi(), ["-N1", *N[1:]], missing="listwise")
        assert found.correlations.columns.tolist() == N
        sign = np.array([-1, 1, 1, 1, 1])
        np.testing.assert_allclose(
            found.correlations, complete.correlations * np.outer(sign, sign), rtol=0, atol=1e-12
        )

    def test_codes_may_be_any_whole_numbers(self, complete):
        found = polychoric(bfi()[N] * 10 - 35, missing="listwise")
        pd.testing.assert_frame_equal(found.correlations, complete.correlations)
        assert {each.code for each in found.findings} == {"codes_with_gaps"}
        assert found.thresholds["below"].iloc[0] == "-25"

    def test_only_ratios_of_weights_matter(self):
        frame = bfi().assign(w=lambda x: 0.5 + (np.arange(1, len(x) + 1) % 5) / 2)
        one = polychoric(frame, N, weights="w")
        ten = polychoric(frame.assign(w=10 * frame["w"]), N, weights="w")
        np.testing.assert_allclose(one.pairs["se"], ten.pairs["se"], rtol=1e-12)
        np.testing.assert_allclose(one.correlations, ten.correlations, rtol=0, atol=1e-12)
        plain = polychoric(frame, N)
        assert (one.n_obs == plain.n_obs).all(axis=None)
        # Unequal weights cost precision.
        assert (one.thresholds["se"] > plain.thresholds["se"]).all()

    def test_weights_are_lavaans(self):
        frame = bfi().assign(w=lambda x: 0.5 + (np.arange(1, len(x) + 1) % 5) / 2)
        found = polychoric(frame, N, weights="w", missing="listwise")
        recorded = load("ordinal")["moments"]["bfi_n_weighted"]
        expected = np.sqrt(np.array(recorded["gamma"][0]["diagonal"]) / 2694)
        np.testing.assert_allclose(found.pairs["se"], expected[25:], rtol=5e-7)

    def test_a_level_widens_the_interval(self, complete):
        wide = polychoric(bfi(), N, missing="listwise", level=0.99)
        assert (wide.pairs["low"] < complete.pairs["low"]).all()
        assert (wide.thresholds["high"] > complete.thresholds["high"]).all()

    def test_intervals_cover(self):
        rng = np.random.default_rng(3)
        latent = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=300 * 200)
        codes = pd.DataFrame(np.searchsorted([-0.7, 0.5], latent), columns=["a", "b"])
        codes["sample"] = np.repeat(np.arange(300), 200)
        found = polychoric(codes, group="sample").pairs
        covered = ((found["low"] < 0.6) & (found["high"] > 0.6)).mean()
        # Three standard errors of a share of 300.
        assert covered == pytest.approx(0.95, abs=0.04)


class TestOddAnswers:
    def test_one_item_follows_from_another(self):
        frame = bfi().assign(again=lambda x: x["N1"])
        with pytest.warns(DegenerateDataWarning, match="answers to again follow from those to N1"):
            found = polychoric(frame, ["N1", "N2", "again"])
        row = only(found.pairs, item_a="N1", item_b="again")
        assert row.estimate == 0.999
        assert np.isnan(row.se)
        assert row.reason.code == "pair_perfectly_predicted"
        assert [each.code for each in found.findings] == ["pair_perfectly_predicted"]
        assert "follow from" in found._repr_html_()
        others = found.pairs[found.pairs["reason"] == ""]
        assert others["se"].notna().all()

    def test_several_such_pairs_are_one_warning(self):
        frame = bfi().assign(b=lambda x: x["N1"], c=lambda x: x["N1"])
        with pytest.warns(DegenerateDataWarning, match="2 more such pairs"):
            polychoric(frame, ["N1", "b", "c"])

    def test_never_answered_together(self):
        frame = pd.DataFrame({"a": [1, 2, 1, 2, None, None], "b": [None] * 4 + [1, 2]}, dtype=float)
        found = polychoric(frame)
        (row,) = found.pairs.itertuples()
        assert row.n_obs == 0
        assert row.reason == "Nobody answered both a and b."
        assert np.isnan(found.correlations.loc["a", "b"])

    def test_a_category_answered_once(self):
        frame = pd.DataFrame({"a": [1, 1, 2, 2, 2, 3], "b": [1, 2, 1, 2, 2, 1]})
        (told,) = polychoric(frame).findings
        assert told.code == "category_answered_once"
        assert told.severity == "warning"
        assert told.message.startswith("One person answered 3 to a;")

    def test_an_answer_that_a_group_lacks(self):
        frame = pd.DataFrame(
            {"a": [1, 1, 2, 2, 3, 3, 1, 2, 2, 1], "b": [1, 2] * 5, "site": list("UUUUUUPPPP")}
        )
        with pytest.raises(DataError, match="P: 2/2/0; U: 2/2/2") as caught:
            polychoric(frame, group="site")
        (told,) = caught.value.findings
        assert told.code == "category_missing_in_group"
        assert told.params["counts"] == [[2, 2, 0], [2, 2, 2]]
        found = polychoric(frame, group="site", collapse=True)
        assert [each.code for each in found.findings] == ["categories_joined"]
        own = found.thresholds[found.thresholds["item"] == "a"]
        assert own["above"].tolist() == ["2, 3", "2, 3"]

    def test_joined_categories_are_the_ones_analysed(self):
        frame = pd.DataFrame(
            {"a": [1, 1, 2, 2, 3, 3, 1, 2, 2, 1], "b": [1, 2] * 5, "site": list("UUUUUUPPPP")}
        )
        found = polychoric(frame, group="site", collapse=True).correlations
        by_hand = polychoric(frame.assign(a=frame["a"].clip(upper=2)), group="site").correlations
        pd.testing.assert_frame_equal(found, by_hand)

    def test_everything_that_is_wrong_at_once(self):
        frame = bfi().assign(
            same=3, half=lambda x: x["N1"] / 2, empty=np.nan,
            one=lambda x: x["N2"].where(x["education"] != 1, 1.0),
        )  # fmt: skip
        with pytest.raises(DataError) as caught:
            polychoric(frame, ["N1", "same", "half", "empty", "one", "age"], group="education")
        assert [each.code for each in caught.value.findings] == [
            "item_with_one_category", "item_codes_not_whole", "item_never_answered",
            "item_with_one_category_in_group", "item_with_too_many_categories",
        ]  # fmt: skip
        assert "61 different answers; thresholds are estimated for up to 20" in str(caught.value)

    def test_nobody_of_a_group_answered_an_item(self):
        frame = pd.DataFrame({"a": [1, 2, 1, 2], "b": [1, 2, np.nan, np.nan], "site": list("UUPP")})
        with pytest.raises(DataError, match="Nobody in P answered b"):
            polychoric(frame, group="site")


class TestEdges:
    def test_one_item(self):
        found = polychoric(bfi(), ["N1"])
        assert found.correlations.shape == (1, 1)
        assert len(found.thresholds) == 5
        assert found.pairs.empty

    def test_no_rows(self):
        with pytest.raises(DataError, match="Nobody answered N1"):
            polychoric(bfi().head(0), ["N1", "N2"])

    def test_binary_items(self):
        frame = (bfi()[N] >= 4).where(bfi()[N].notna())
        found = polychoric(frame)
        codes = frame.to_numpy(dtype=float)
        np.testing.assert_array_equal(
            found.correlations, polychoric_correlations(codes).correlation
        )

    def test_an_empty_cell_of_a_two_by_two_table(self):
        rows = [(1, 1)] * 20 + [(2, 1)] * 10 + [(2, 2)] * 15
        frame = pd.DataFrame(rows, columns=["a", "b"])
        assert polychoric(frame).correlations.loc["a", "b"] == pytest.approx(0.8847, abs=1e-4)
        with pytest.warns(DegenerateDataWarning, match=r"set to 0\.999"):
            found = polychoric(frame, empty_cells="keep")
        assert found.pairs["empty_cells"].tolist() == [1]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"items": ["N1", "Q7"]}, "no column 'Q7'"),
            ({"items": ["N1", "N1"]}, "stands twice"),
            ({"items": []}, "has no items"),
            ({"missing": "fiml"}, "missing='fiml' is not known"),
            ({"empty_cells": "all"}, "empty_cells='all' is not known"),
            ({"level": 95}, "level=95 is no coverage"),
        ],
    )
    def test_refused(self, options, message):
        with pytest.raises(DataError, match=message):
            polychoric(bfi(), **({"items": N} | options))

    def test_moments_are_not_enough(self):
        with pytest.raises(DataError, match="needs the answers"):
            polychoric(Moments(np.eye(2), None, 10, names=("a", "b")))
