"""From any frame to keyed numbers and the moments of every unit, and what is said of bad ones."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from psychometrics import Moments, reliability
from psychometrics.errors import DataError
from psychometrics.validity.frames import group_codes
from psychometrics.validity.selection import Selection, Units, parse_scales, select
from tests.reference.load import BFI_SCALES, bfi
from tests.validity.small import ITEMS, SCALES, answers, same_numbers

ALL = np.arange(6)


def units_of(chosen: Selection, missing: Any = "listwise") -> Units:
    return chosen.units(np.arange(len(chosen.keyed.items)), missing)


def holed(n: int = 60, **options: Any) -> pd.DataFrame:
    frame = answers(n, **options)
    rng = np.random.default_rng(5)
    return frame.mask(pd.DataFrame(rng.random(frame.shape) < 0.08, columns=frame.columns))


class TestScales:
    def test_directions_come_off_the_names(self):
        keyed = parse_scales({"calm": ["a1", "-a2"], "bold": ("b1",), "both": ["-a2", "b1"]})
        assert keyed.scales == {"calm": ("a1", "a2"), "bold": ("b1",), "both": ("a2", "b1")}
        assert keyed.items == ("a1", "a2", "b1")
        assert keyed.signs.tolist() == [1, -1, 1]
        assert keyed.positions("both").tolist() == [1, 2]
        assert keyed.membership.tolist() == [[1, 0, 0], [1, 0, 1], [0, 1, 1]]

    def test_names_in_an_array_or_index(self):
        frame = answers()
        for written in (np.array(["a1", "a2"]), pd.Index(["a1", "a2"]), ("a1", "a2")):
            assert select(frame, {"calm": written}).keyed.items == ("a1", "a2")

    def test_all_faults_come_at_once(self):
        scales = {
            "none": [], "text": "a1", "twice": ["a1", "a1"], "ways": ["a1", "-a2"],
            "other": ["a2"], "number": [3],
        }  # fmt: skip
        with pytest.raises(DataError, match="has no items") as caught:
            parse_scales(scales)
        assert [f.code for f in caught.value.findings] == [
            "scale_has_no_items", "scale_has_no_items", "item_twice_in_scale",
            "item_keyed_both_ways", "item_name_not_text",
        ]  # fmt: skip
        assert str(caught.value).count("\n") == 4
        assert "frame.rename(columns=str)" in str(caught.value)

    @pytest.mark.parametrize("scales", [{}, ["a1", "a2"], None, "a1"])
    def test_anything_but_a_mapping_is_refused(self, scales):
        with pytest.raises(DataError, match=r"must map each scale to its item names, as \{'A'"):
            parse_scales(scales)


class TestKeying:
    def test_turned_within_the_range_of_the_scale(self):
        frame = pd.DataFrame({"a": [1, 2, 5.0], "b": [2, 2, np.nan]})
        chosen = select(frame, {"S": ["a", "-b"]})
        assert chosen.values[:2].tolist() == [[1, 4], [2, 4]]
        assert np.isnan(chosen.values[2, 1])

    def test_turned_within_the_range_given(self):
        frame = pd.DataFrame({"a": [1, 2, 5.0], "b": [2, 2, 3.0]})
        chosen = select(frame, {"S": ["a", "-b"]}, response_range=(0, 10))
        assert chosen.values[:, 1].tolist() == [8, 8, 7]
        chosen = select(frame, {"S": ["-a", "-b"]}, response_range={"b": (1, 7)})
        assert chosen.values.tolist() == [[5, 6], [4, 6], [1, 5]]

    def test_an_item_of_two_scales_is_turned_once(self):
        frame = answers()
        both = select(frame, {"S": ["b1", "-b2"], "T": ["-b2", "b3"]}, response_range=(1, 5))
        once = select(frame, {"S": ["b1", "-b2", "b3"]}, response_range=(1, 5))
        assert np.array_equal(both.values, once.values)

    def test_the_frame_is_left_as_it_was(self):
        frame = answers()
        before = frame.copy()
        select(frame, SCALES)
        pd.testing.assert_frame_equal(frame, before)


class TestFrames:
    """The same numbers, whatever holds them."""

    @pytest.fixture
    def frame(self) -> pd.DataFrame:
        return holed(sites=["x", "y"]).astype(dict.fromkeys(ITEMS, float))

    @pytest.fixture
    def expected(self, frame: pd.DataFrame) -> pd.DataFrame:
        return reliability(frame, SCALES, group="site")

    @pytest.mark.parametrize(
        "convert",
        [
            pl.from_pandas,
            lambda f: pl.from_pandas(f).lazy(),
            # Before pandas 3 a missing text is NaN, which Polars takes for a number.
            lambda f: pl.from_pandas(
                f.assign(site=f["site"].astype(object).where(f["site"].notna(), None)),
                nan_to_null=False,
            ),
            lambda f: pl.from_pandas(f).cast(dict.fromkeys(ITEMS, pl.Int8)),
            pa.Table.from_pandas,
            lambda f: duckdb.from_df(f),
            nw.from_native,
            lambda f: nw.from_native(f).lazy(),
            lambda f: f.convert_dtypes(),
            lambda f: f.convert_dtypes(dtype_backend="pyarrow"),
            lambda f: f.astype(dict.fromkeys(ITEMS, object)),
            lambda f: f.convert_dtypes().astype(object),
            lambda f: f.astype(dict.fromkeys(ITEMS, "Int64")).astype(
                dict.fromkeys(ITEMS, "string")
            ),
            lambda f: f.astype("category"),
            lambda f: f.map(lambda v: Decimal(int(v)) if isinstance(v, float) and v == v else v),
            lambda f: f.astype(dict.fromkeys(ITEMS, "float32")),
            lambda f: f.set_index(pd.Index(range(100, 160)), append=True),
            lambda f: SimpleNamespace(frame=f, instrument="known"),
        ],
        ids=[
            "polars",
            "polars-lazy",
            "polars-nan",
            "polars-int8",
            "pyarrow",
            "duckdb",
            "narwhals",
            "narwhals-lazy",
            "nullable",
            "arrow-backed",
            "object",
            "object-with-NA",
            "text-numbers",
            "category",
            "decimal",
            "float32",
            "multi-index",
            "responses",
        ],
    )
    def test_same_numbers(self, frame, expected, convert):
        same_numbers(reliability(convert(frame), SCALES, group="site"), expected)

    def test_bfi_in_polars_is_bfi_in_pandas(self):
        same_numbers(
            reliability(pl.from_pandas(bfi()), BFI_SCALES, group="education"),
            reliability(bfi(), BFI_SCALES, group="education"),
        )

    def test_true_and_false_are_numbers(self):
        frame = pd.DataFrame({"a": [True, False, True, True], "b": [True, False, False, True]})
        chosen = select(frame, {"S": ["a", "-b"]})
        assert chosen.values.tolist() == [[1, 0], [0, 1], [1, 1], [1, 0]]

    @pytest.mark.parametrize("data", [{"a1": [1]}, [1, 2], None, np.zeros((3, 2)), "file.csv"])
    def test_what_is_no_frame_is_refused(self, data):
        with pytest.raises(DataError, match=r"data is a \w+; pass a data frame \(pandas"):
            select(data, SCALES)


class TestColumns:
    def test_all_absent_columns_at_once_with_near_names(self):
        frame = answers().rename(columns={"a1": "a_1", "b2": "other"})
        with pytest.raises(DataError, match=r"no column 'a1'\. Did you mean .*a_1") as caught:
            select(frame, SCALES, group="sites", weights="weight")
        assert [f.where for f in caught.value.findings] == ["a1", "b2", "sites", "weight"]
        assert {f.code for f in caught.value.findings} == {"column_absent"}

    @pytest.mark.parametrize(
        ("cells", "example"),
        [
            (["1", "2", "agree"], "agree"),
            ([None, np.nan, "n/a"], "n/a"),
            ([1, 2, dt.date(2024, 5, 1)], "2024-05-01"),
            (["3,5", "4", "1"], "3,5"),
            (["x" * 99, 1, 2], "x" * 40),
        ],
    )
    def test_text_is_refused_with_an_example(self, cells, example):
        frame = pd.DataFrame({"a1": cells, "a2": [1, 2, 3], "a3": ["ja", "nein", "ja"]})
        with pytest.raises(DataError, match="such as") as caught:
            select(frame, {"calm": ["a1", "a2", "a3"]})
        assert [f.where for f in caught.value.findings] == ["a1", "a3"]
        assert f"{example!r}" in caught.value.findings[0].message
        assert caught.value.findings[0].params["example"] == example

    def test_dates_and_complex_numbers_are_refused(self):
        frame = pd.DataFrame({"a1": pd.date_range("2024-01-01", periods=3), "a2": [1j, 2, 3]})
        with pytest.raises(DataError, match="items must be numbers") as caught:
            select(frame, {"S": ["a1", "a2"]})
        assert len(caught.value.findings) == 2

    def test_blank_text_is_no_answer(self):
        chosen = select(pd.DataFrame({"a": ["1", "", None], "b": [1, 2, 3]}), {"S": ["a", "b"]})
        assert chosen.observed[:, 0].tolist() == [True, False, False]

    def test_infinite_is_no_answer(self):
        frame = pd.DataFrame({"a": [1, np.inf, -np.inf, 2], "b": [1, 2, 3, 4]})
        chosen = select(frame, {"S": ["-a", "b"]})
        assert chosen.observed[:, 0].tolist() == [True, False, False, True]
        assert chosen.values[[0, 3], 0].tolist() == [4, 3]

    def test_a_column_twice_is_refused(self):
        frame = pd.concat([answers(), answers()[["a1"]]], axis=1)
        with pytest.raises(DataError, match=r"(?s)columns of one name.*'a1' 2 times"):
            select(frame, SCALES)


class TestGroups:
    @pytest.mark.parametrize(
        "cells",
        [
            [1, 2, None],
            [1.0, 2.0, np.nan],
            ["1", "2", ""],
            pd.array([1, 2, None], dtype="Int64"),
            pd.array(["1", "2", None], dtype="string"),
            pd.Categorical(["1", "2", None]),
            pd.array([1, 2, pd.NA], dtype=object),
        ],
    )
    def test_names_and_missing_cells_of_every_kind(self, cells):
        frame = nw.from_native(pd.DataFrame({"g": cells}), eager_only=True)
        codes, names = group_codes(frame, "g", None)
        assert names == ("1", "2")
        assert codes.tolist() == [0, 1, -1]

    def test_numbers_sort_as_numbers_before_words(self):
        frame = nw.from_native(
            pd.DataFrame({"g": ["10", "b", "9", "nan", "a", "-1", "inf"]}), eager_only=True
        )
        assert group_codes(frame, "g", None)[1] == ("-1", "9", "10", "a", "b", "inf", "nan")

    def test_asked_for_sites_come_first_with_people_or_without(self):
        chosen = select(answers(sites=["x", "y"]), SCALES, group="site", group_order=["z", "y"])
        assert chosen.groups == ("z", "y", "x")
        units = units_of(chosen)
        assert units.group == (None, None, "z", "y", "x")
        assert units.n.tolist() == [300, 300, 0, 150, 150]
        assert units.df[:3].tolist() == [299, 298, -1]
        assert np.isnan(units.covariance[2]).all()


class TestUnits:
    def test_listwise_by_hand(self):
        frame = holed(sites=["x", "y"])
        units = units_of(select(frame, {"S": ITEMS}, group="site"))
        full = frame.dropna(subset=list(ITEMS))
        known = full.dropna(subset=["site"])
        assert units.pooling == ("total", "within", "site", "site")
        assert units.group == (None, None, "x", "y")
        assert units.n.tolist() == [
            len(full), len(known), *known.site.value_counts().sort_index()
        ]  # fmt: skip
        items = list(ITEMS)
        centred = known[items] - known.groupby("site")[items].transform("mean")
        expected = [
            full[items].cov(),
            centred.T @ centred / (len(known) - 2),
            known[known.site == "x"][items].cov(),
            known[known.site == "y"][items].cov(),
        ]
        np.testing.assert_allclose(units.covariance, expected, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(units.mean[0], full[items].mean(), rtol=1e-14)
        np.testing.assert_allclose(units.mean[1], known[items].mean(), rtol=1e-14)
        assert units.df.tolist() == [
            len(full) - 1, len(known) - 2, units.n[2] - 1, units.n[3] - 1
        ]  # fmt: skip

    def test_pairwise_by_hand(self):
        frame = holed(sites=["x", "y"])
        units = units_of(select(frame, {"S": ITEMS}, group="site"), "pairwise")
        items = list(ITEMS)
        known = frame.dropna(subset=["site"])
        seen = frame[items].notna().astype(int)
        assert units.n[0] == (seen.T @ seen).to_numpy().min()
        np.testing.assert_allclose(units.covariance[0], frame[items].cov(), rtol=1e-12)
        x = known[known.site == "x"]
        np.testing.assert_allclose(units.covariance[2], x[items].cov(), rtol=1e-12)
        centred = known[items] - known.groupby("site")[items].transform("mean")
        pairs = known[items].notna().astype(int)
        count = pairs.T @ pairs
        np.testing.assert_allclose(
            units.covariance[1], centred.cov() * (count - 1) / (count - 2), rtol=1e-11
        )

    def test_pairwise_of_complete_answers_is_listwise(self):
        chosen = select(answers(sites=["x", "y", "z"]), {"S": ITEMS}, group="site")
        listwise, pairwise = units_of(chosen), units_of(chosen, "pairwise")
        np.testing.assert_allclose(pairwise.covariance, listwise.covariance, rtol=1e-12)
        assert pairwise.n.tolist() == listwise.n.tolist()
        assert pairwise.df.tolist() == listwise.df.tolist()

    def test_one_site_has_no_within(self):
        frame = holed(sites=["x"])
        for missing in ("listwise", "pairwise"):
            units = units_of(select(frame, SCALES, group="site"), missing)
            assert units.pooling == ("total", "site")

    def test_within_of_one_site_with_people_is_that_site(self):
        chosen = select(answers(sites=["x"]), SCALES, group="site", group_order=["x", "y"])
        for missing in ("listwise", "pairwise"):
            units = units_of(chosen, missing)
            assert units.pooling == ("total", "within", "site", "site")
            np.testing.assert_allclose(units.covariance[1], units.covariance[2], rtol=1e-12)
            assert units.df[1] == units.df[2]

    def test_one_person_a_site_leaves_nothing_within(self):
        frame = answers(3, sites=["x", "y", "z"])
        for missing in ("listwise", "pairwise"):
            units = units_of(select(frame, SCALES, group="site"), missing)
            assert units.df.tolist() == [2, 0, 0, 0, 0] or units.df[1] == 0
            assert np.isnan(units.covariance[1]).all()

    def test_nobody(self):
        for missing in ("listwise", "pairwise"):
            units = units_of(select(answers().head(0), SCALES), missing)
            assert units.n.tolist() == [0]
            assert np.isnan(units.covariance).all()

    @pytest.mark.parametrize("missing", ["listwise", "pairwise"])
    def test_weights_by_hand(self, missing):
        frame = answers(120, sites=["x", "y"])
        frame["w"] = np.tile([0, 1, 2.5, np.nan], 30)
        units = units_of(select(frame, {"S": ITEMS}, group="site", weights="w"), missing)
        used = frame[frame.w > 0]
        assert units.n.tolist() == [60, 60, *used.site.value_counts().sort_index()]
        for place, rows in ((0, used), (2, used[used.site == "x"]), (3, used[used.site == "y"])):
            weight = rows.w / rows.w.mean()
            x = rows[list(ITEMS)].to_numpy()
            centred = x - np.average(x, axis=0, weights=weight)
            expected = (centred * weight.to_numpy()[:, None]).T @ centred / (len(rows) - 1)
            np.testing.assert_allclose(units.covariance[place], expected, rtol=1e-11)
            assert units.df[place] == len(rows) - 1
        assert units.df[1] == 58

    def test_equal_weights_are_none(self):
        frame = holed(sites=["x", "y"])
        frame["w"] = 7.0
        for missing in ("listwise", "pairwise"):
            plain = units_of(select(frame, SCALES, group="site"), missing)
            weighted = units_of(select(frame, SCALES, group="site", weights="w"), missing)
            np.testing.assert_allclose(weighted.covariance, plain.covariance, rtol=1e-12)
            assert weighted.n.tolist() == plain.n.tolist()
            assert weighted.df.tolist() == plain.df.tolist()

    @pytest.mark.parametrize(
        ("weights", "message"),
        [
            ([1, -2, -3.0], "w: 2 case weights are negative"),
            ([0, np.nan, 0.0], "No row has a case weight above 0"),
            (["a", "b", "c"], "holds text such as 'a'"),
        ],
    )
    def test_bad_weights(self, weights, message):
        frame = answers(3)
        frame["w"] = weights
        with pytest.raises(DataError, match=message):
            select(frame, SCALES, weights="w")


class TestMoments:
    def moments(self) -> Moments:
        frame = answers()
        return Moments(frame[list(ITEMS)].cov(), frame[list(ITEMS)].mean(), 300)

    def test_covariance_is_that_of_the_answers(self):
        given = units_of(select(self.moments(), SCALES))
        raw = units_of(select(answers(), SCALES))
        np.testing.assert_allclose(given.covariance, raw.covariance, rtol=1e-12, atol=1e-14)
        assert given.n.tolist() == raw.n.tolist()
        assert given.df.tolist() == raw.df.tolist()

    def test_a_turned_mean_is_unknown(self):
        assert np.isnan(units_of(select(self.moments(), SCALES)).mean).all()
        chosen = select(self.moments(), {"calm": ["a3", "a1"]})
        expected = answers()[["a3", "a1"]].mean()
        np.testing.assert_allclose(units_of(chosen).mean[0], expected, rtol=1e-14)

    def test_what_moments_dont_hold(self):
        moments = self.moments()
        with pytest.raises(DataError, match="Moments bring their own groups"):
            select(moments, SCALES, group="site")
        with pytest.raises(DataError, match="Moments hold no weights"):
            select(moments, SCALES, weights="w")
        with pytest.raises(DataError, match=r"no column 'c1'.*\n.*no column 'c2'"):
            select(moments, {"S": ["c1", "c2"]})
        with pytest.raises(DataError, match="Moments need names="):
            select(Moments(np.eye(2), None, 10), {"S": ["a", "b"]})
        several = Moments(np.stack([np.eye(2)] * 2), None, [10, 20], names=("a", "b"))
        with pytest.raises(DataError, match="pass one group"):
            units_of(select(several, {"S": ["a", "b"]}))
