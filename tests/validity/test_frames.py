"""Columns as numbers: at once where a frame allows it, else one by one, the same either way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from psychometrics.errors import DataError
from psychometrics.validity.frames import numeric_columns, plain_block, to_narwhals

FRAME = pd.DataFrame(
    {"a": [1, 2, 3], "b": [0.5, np.nan, np.inf], "c": [True, False, True], "d": [1.0, 2.0, 3.0]}
)
EXPECTED = np.array([[1, 0.5, 1], [2, np.nan, 0], [3, np.nan, 1]])


def test_numbers_of_numpy_are_taken_at_once() -> None:
    frame = to_narwhals(FRAME)
    assert plain_block(frame, ["a", "b", "c"]) is not None
    np.testing.assert_array_equal(numeric_columns(frame, ["a", "b", "c"]), EXPECTED)
    np.testing.assert_array_equal(numeric_columns(frame, ["c", "a"]), EXPECTED[:, [2, 0]])


@pytest.mark.parametrize(
    "columns",
    [
        {"a": FRAME["a"].astype("Int64")},
        {"a": FRAME["a"].astype(object)},
        {"c": FRAME["c"].astype("boolean")},
    ],
)
def test_other_columns_are_taken_one_by_one(columns: dict[str, pd.Series]) -> None:
    frame = to_narwhals(FRAME.assign(**columns))
    assert plain_block(frame, ["a", "b", "c"]) is None
    np.testing.assert_array_equal(numeric_columns(frame, ["a", "b", "c"]), EXPECTED)


def test_a_frame_of_another_kind_gives_the_same() -> None:
    frame = to_narwhals(pl.from_pandas(FRAME))
    assert plain_block(frame, ["a", "b", "c"]) is None
    np.testing.assert_array_equal(numeric_columns(frame, ["a", "b", "c"]), EXPECTED)


def test_the_frame_of_the_caller_stays_as_it_is() -> None:
    mine = FRAME[["a", "d"]].astype(float)
    block = numeric_columns(to_narwhals(mine), ["a", "d"])
    block[0, 0] = 99.0
    assert mine.iloc[0, 0] == 1.0


def test_all_absent_columns_are_told_with_what_is_near() -> None:
    with pytest.raises(DataError, match=r"no column 'aa'.*Did you mean a\?(.|\n)*no column 'zz'"):
        numeric_columns(to_narwhals(FRAME), ["aa", "b", "zz"])


def test_no_columns_are_no_numbers() -> None:
    assert numeric_columns(to_narwhals(FRAME), []).shape == (3, 0)
