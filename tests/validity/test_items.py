"""Item statistics against psych, and what must hold for any answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics import Moments, item_analysis, reliability
from psychometrics.errors import DataError
from tests.reference.load import BFI_SCALES, HS_SCALES, bfi, bfi_keyed, hs, load
from tests.validity.small import SCALES, answers, explained, only, same_numbers, unit

DATA = {"hs": (hs, HS_SCALES, "school"), "bfi": (bfi, BFI_SCALES, "education")}
# Closed forms of the same numbers: only rounding is left.
EXACT = 1e-10


def groups_of(file: str, *keys: str) -> list[tuple[str, str]]:
    cases = []
    for name in DATA:
        found = load(file)[name]
        for key in keys:
            found = found[key]
        cases += [(name, group) for group in found]
    return cases


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return {
        name: item_analysis(
            frame(), scales, group=group, response_range=(1, 6) if name == "bfi" else None
        )
        for name, (frame, scales, group) in DATA.items()
    }


class TestAgainstPsych:
    @pytest.mark.parametrize(("name", "group"), groups_of("items", "describe"))
    def test_describe(self, tables, name, group):
        rows = load("items")[name]["describe"][group]
        people = 301 if name == "hs" else 2800
        for record in rows:
            row = only(tables[name], item=record["item"], **unit(group))
            assert row.n_obs == record["n"]
            if group == "total":
                assert row.missing == pytest.approx(1 - record["n"] / people, rel=1e-12)
            assert [row["mean"], row.sd] == pytest.approx([record["mean"], record["sd"]], rel=EXACT)
            # Skew is a small difference of large numbers, so some come near 0.
            assert row["skew"] == pytest.approx(record["skew_type_3"], rel=1e-8, abs=1e-12)
        assert len(rows) == (tables[name].pooling == "total").sum()

    @pytest.mark.parametrize("missing", ["pairwise", "listwise"])
    @pytest.mark.parametrize("name", DATA)
    def test_item_rest_and_alpha_if_deleted(self, name, missing):
        frame, scales, group = DATA[name]
        table = item_analysis(frame(), scales, group=group, missing=missing)
        recorded = load("reliability")[name]["psych"]
        for group_name, by_scale in recorded.items():
            for scale, record in by_scale.items():
                for item in record["pairwise" if missing == "pairwise" else "complete"]["items"]:
                    row = only(
                        table, scale=scale, item=item["item"].rstrip("-"), **unit(group_name)
                    )
                    assert row.item_rest == pytest.approx(item["r_drop"], rel=EXACT)
                    assert row.alpha_if_deleted == pytest.approx(
                        item["alpha_if_deleted"], rel=EXACT
                    )

    def test_floor_and_ceiling_are_shares_of_the_answers(self, tables):
        frame = bfi()
        a1 = only(tables["bfi"], item="A1", pooling="total")
        # A1 is turned: its highest answers are the scale's lowest.
        assert a1.keyed == -1
        assert a1.floor == pytest.approx((frame.A1 == 6).sum() / frame.A1.notna().sum())
        assert a1.ceiling == pytest.approx((frame.A1 == 1).sum() / frame.A1.notna().sum())
        a2 = only(tables["bfi"], item="A2", pooling="total")
        assert a2.floor == pytest.approx((frame.A2 == 1).sum() / frame.A2.notna().sum())

    def test_group_rows_have_the_groups_people(self, tables):
        frame = bfi()
        for group, people in frame.groupby("education"):
            row = only(tables["bfi"], item="N3", group=str(int(group)))
            assert row.n_obs == people.N3.notna().sum()
            assert row.missing == pytest.approx(people.N3.isna().mean())


class TestPooling:
    def test_within_holds_what_site_means_dont_touch(self):
        frame = answers(sites=["x", "y"])
        before = item_analysis(frame, SCALES, group="site")
        moved = frame.copy()
        moved.loc[moved.site == "x", "a1"] += 3
        after = item_analysis(moved, SCALES, group="site")
        within = before.pooling == "within"
        same_numbers(after[within], before[within], rtol=1e-10)
        assert before[within][["mean", "skew", "floor", "ceiling"]].isna().all(axis=None)
        pooled = np.sqrt(frame.groupby("site").a1.var().mean())  # sites of one size
        assert only(before, item="a1", pooling="within").sd == pytest.approx(pooled)

    def test_total_and_site(self):
        frame = answers(sites=["x", "y"])
        table = item_analysis(frame, SCALES, group="site")
        same_numbers(table[table.pooling == "total"], item_analysis(frame, SCALES))
        alone = item_analysis(frame[frame.site == "x"], SCALES, response_range=(1, 5))
        mine = table[table.group == "x"]
        same_numbers(mine.drop(columns=["group", "pooling"]),
                     alone.drop(columns=["group", "pooling"]))  # fmt: skip

    def test_one_site_has_no_within(self):
        table = item_analysis(answers(sites=["x"]), SCALES, group="site")
        assert set(table.pooling) == {"total", "site"}


class TestKeying:
    def test_keyed_name_is_the_turned_answer(self):
        bare = {scale: [i.lstrip("-") for i in items] for scale, items in BFI_SCALES.items()}
        one = item_analysis(bfi(), BFI_SCALES, group="education", response_range=(1, 6))
        other = item_analysis(bfi_keyed(), bare, group="education", response_range=(1, 6))
        same_numbers(one.drop(columns="keyed"), other.drop(columns="keyed"))
        assert one[one.keyed == -1]["item"].unique().tolist() == [
            "A1", "C4", "C5", "E1", "E2", "O2", "O5"
        ]  # fmt: skip

    def test_alpha_if_deleted_is_alpha_of_the_rest(self):
        table = item_analysis(bfi(), BFI_SCALES, missing="listwise")
        # Listwise means complete on the whole scale, so the rest is taken of those people.
        complete = bfi().dropna(subset=["A1", "A2", "A3", "A4", "A5"])
        rest = reliability(complete, {"A": ["A2", "A3", "A4", "A5"]}, coefficients=["alpha"])
        assert only(table, item="A1").alpha_if_deleted == pytest.approx(rest.estimate[0], rel=1e-12)

    def test_item_rest_is_a_correlation(self):
        frame = answers()
        table = item_analysis(frame, SCALES)
        rest = np.corrcoef(6 - frame.b2, frame.b1 + frame.b3)[0, 1]
        assert only(table, item="b2").item_rest == pytest.approx(rest, rel=1e-12)


class TestWhatCantBeHad:
    def test_two_items_have_a_rest_and_no_alpha_without_one(self):
        table = item_analysis(answers(), {"pair": ["a1", "a2"]})
        assert table.item_rest.notna().all()
        assert table.alpha_if_deleted.isna().all()
        assert {why.code for why in table.reason} == {"too_few_items"}

    def test_one_item_is_still_described(self):
        row = item_analysis(answers(), {"one": ["a1"]}).iloc[0]
        assert np.isfinite([row["mean"], row.sd, row["skew"], row.floor]).all()
        assert np.isnan(row.item_rest)
        assert row.reason == "It needs at least 2 items; there are 1."

    def test_a_constant_item_in_one_site_is_named(self):
        frame = answers(sites=["x", "y"])
        frame.loc[frame.site == "x", "a2"] = 4
        table = item_analysis(frame, SCALES, group="site")
        mine = table[(table.group == "x") & (table.scale == "calm")]
        assert {why.code for why in mine.reason} == {"constant_items"}
        assert {why.params["items"] for why in mine.reason} == {"a2"}
        assert only(table, item="a2", group="x").sd == 0
        rest = table.drop(mine.index)
        assert (rest.reason == "").all()

    def test_moments_are_refused(self):
        moments = Moments(np.eye(3), None, 10, names=("a1", "a2", "a3"))
        with pytest.raises(DataError, match=r"item_analysis\(\) needs the answers"):
            item_analysis(moments, {"calm": ["a1", "a2", "a3"]})

    def test_the_others_cancel_out(self):
        # Two items that are each other's mirror: their sum is the same for everybody.
        frame = pd.DataFrame({"a": [1, 2, 2, 1], "b": [1, 2, 3, 2], "c": [3, 2, 1, 2]})
        table = item_analysis(frame, {"S": ["a", "b", "c"]})
        row = only(table, item="a")
        assert np.isnan([row.item_rest, row.alpha_if_deleted]).all()
        assert row.reason.code == "rest_does_not_vary"
        assert only(table, item="b").item_rest < 0

    def test_nobody_answered_an_item(self):
        frame = answers(50)
        frame["a1"] = np.nan
        row = only(item_analysis(frame, SCALES), item="a1")
        assert (row.n_obs, row.missing) == (0, 1.0)
        assert np.isnan([row["mean"], row.floor, row.item_rest]).all()
        assert row.reason.code == "too_few_cases"


codes = st.one_of(st.integers(1, 3).map(float), st.just(np.nan))


@settings(max_examples=60)
@given(rows=st.lists(st.tuples(codes, codes, codes, st.sampled_from(["x", "y", None])), max_size=9))
def test_every_row_has_a_number_or_a_reason(rows):
    frame = pd.DataFrame(rows, columns=["a", "b", "c", "site"]).astype(dict.fromkeys("abc", float))
    for missing in ("pairwise", "listwise"):
        table = item_analysis(frame, {"S": ["a", "-b", "c"]}, group="site", missing=missing)
        explained(table, "item_rest")
        explained(table, "alpha_if_deleted")
        described = table.pooling != "within"
        seen = table.n_obs > 0
        assert table[described & seen][["mean", "floor", "ceiling"]].notna().all(axis=None)
    assert (table.item_rest.dropna().abs() <= 1 + 1e-9).all()
    assert (table.alpha_if_deleted.dropna() <= 1 + 1e-9).all()


class TestOmegaIfDeleted:
    def test_is_omega_of_the_others(self):
        table = item_analysis(bfi(), {"N": BFI_SCALES["N"]})
        for at, item in enumerate(BFI_SCALES["N"]):
            others = [other for other in BFI_SCALES["N"] if other != item]
            whole = bfi().dropna(subset=BFI_SCALES["N"])
            row = reliability(whole, {"S": others}, coefficients=["omega_total"]).iloc[0]
            assert table.omega_if_deleted[at] == pytest.approx(row.estimate, abs=1e-6)
        assert set(table.omega_reason) == {""}

    def test_reasons(self):
        three = item_analysis(answers(), SCALES)
        assert {why.code for why in three.omega_reason} == {"too_few_items"}
        few = item_analysis(answers(6), {"S": ["a1", "a2", "a3", "b1"]})
        assert {why.code for why in few.omega_reason} == {"fewer_people_than_parameters"}
        assert few.omega_if_deleted.isna().all()
