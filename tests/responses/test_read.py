"""The whole way: from a file with every fault at once, and from every kind of source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from psychometrics.errors import DataError
from psychometrics.instrument import Instrument
from psychometrics.responses import read_responses
from psychometrics.responses.table import need
from tests.responses.tiny import Read, codes, only

EVERY_FAULT = """\
site;respondent;calm_1;calm_2;skill_1;skill_2;health
ulm;a;1;2;5,25;;3,5
ulm;a;9;3;6;;4
Atlantis;b;2;many;7,5;;<script>alert(1)</script>
1;c;3;4;abc;;=cmd()
"""


@pytest.fixture
def every_fault(read: Read) -> Any:
    return read(b"\xef\xbb\xbf" + EVERY_FAULT.encode())


def test_every_fault_at_once_is_told(every_fault: Any) -> None:
    assert codes(every_fault) == [
        "duplicate_respondent",
        "unknown_site",
        "impossible_code",
        "unknown_text",
        "unknown_text",
        "item_unanswered",
        "unknown_text",
        "missing_item",
        "file_layout",
        "decimal_commas",
        "empty_site",
        "missing_comparator",
        "missing_comparator",
    ]
    assert only(every_fault.findings, "file_layout").params == {
        "encoding": "UTF-8 with a byte order mark",
        "delimiter": ";",
    }


def test_every_fault_at_once_leaves_what_can_be_had(every_fault: Any) -> None:
    frame = every_fault.frame
    nan = np.nan
    np.testing.assert_array_equal(frame["calm_1"], [1, nan, 2, 3])
    np.testing.assert_array_equal(frame["calm_2"], [2, 3, nan, 4])
    np.testing.assert_array_equal(frame["skill_1"], [5.25, 6, 7.5, nan])
    assert frame[["calm_3", "skill_2"]].isna().all(axis=None)
    assert frame["site"].tolist() == ["ulm", "ulm", None, "ulm"]
    assert every_fault.sites == ("ulm",)
    np.testing.assert_array_equal(every_fault.scores()["skill"], [10.5, 12, 15, nan])


def test_cells_are_quoted_in_messages(every_fault: Any) -> None:
    told = [one.message for one in every_fault.findings if one.params.get("name") == "health"]
    assert "'<script>alert(1)</script>' x1" in told[0]
    assert "'=cmd()' x1" in told[0]


def test_long_cells_and_many_rows_are_cut_short(read: Read) -> None:
    lines = ["site,calm_1", *(f"ulm,{'long ' * 50}{at}\x07" for at in range(30)), "ulm,1"]

    found = only(read("\n".join(lines)).findings, "unknown_text")

    assert len(found.params["rows"]) == 30
    assert "10, … (+20)" in found.message
    assert "\x07" not in found.message
    assert len(found.message) < 600


# One table in every kind of source


@pytest.fixture
def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "site": ["1", "Ulm", " PUNE ", None],
            "language": ["de", "de-DE", "hi_IN", None],
            "respondent": ["a", "b", "c", "d"],
            "wave": [1, 1, 2, 2],
            "calm_1": [1.0, 4.0, -8.0, np.nan],
            "calm_2": [2.0, 3.0, -9.0, 1.0],
            "calm_3": [4.0, 3.0, 2.0, 1.0],
            "skill_1": [0.5, 20.0, 7.25, -99.0],
            "skill_2": [1.0, 2.0, 3.0, np.nan],
            "health": [3.0, 2.5, np.nan, 1.0],
            "employed": [1.0, 0.0, 1.0, 0.0],
            "colour": ["red", "blue", None, "green"],
        }
    )


def _csv(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_csv(path / "a.csv", index=False)
    return path / "a.csv"


def _tsv(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_csv(path / "a.tsv", index=False, sep="\t", encoding="utf-8")
    return path / "a.tsv"


def _bars(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_csv(path / "a.txt", index=False, sep="|", na_rep="NA")
    return path / "a.txt"


def _utf16(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_csv(path / "a.csv", index=False, encoding="utf-16")
    return path / "a.csv"


def _utf16_bare(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_csv(path / "a.csv", index=False, encoding="utf-16-be")
    return path / "a.csv"


def _sep_line(frame: pd.DataFrame, path: Path) -> Path:
    (path / "a.csv").write_text("sep=;\r\n" + frame.to_csv(index=False, sep=";"), encoding="utf-8")
    return path / "a.csv"


def _old_mac(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_csv(path / "a.csv", index=False, lineterminator="\r")
    return path / "a.csv"


def _excel(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_excel(path / "a.xlsx", index=False)
    return path / "a.xlsx"


def _parquet(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_parquet(path / "a.parquet")
    return path / "a.parquet"


def _spss(frame: pd.DataFrame, path: Path) -> Path:
    pyreadstat.write_sav(frame, path / "a.sav")
    return path / "a.sav"


def _numbers_as_texts(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    return frame.map(lambda cell: None if cell is None else str(cell)).astype(object)


def _nullable(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    return frame.convert_dtypes().astype({"colour": "category", "employed": "boolean"})


SOURCES: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "csv": _csv,
    "tsv": _tsv,
    "bars": _bars,
    "utf16": _utf16,
    "utf16 without mark": _utf16_bare,
    "sep line": _sep_line,
    "old Mac": _old_mac,
    "excel": _excel,
    "parquet": _parquet,
    "spss": _spss,
    "pandas": lambda frame, path: frame,
    "pandas, reindexed": lambda frame, path: frame.set_index(pd.Index([7, 3, 3, 1])),
    "pandas of texts": _numbers_as_texts,
    "pandas, nullable": _nullable,
    "polars": lambda frame, path: pl.from_pandas(frame),
    "polars, lazy": lambda frame, path: pl.from_pandas(frame).lazy(),
    "pyarrow": lambda frame, path: pa.Table.from_pandas(frame),
    "duckdb": lambda frame, path: duckdb.from_df(frame),
}


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_gives_the_same(
    source: str, table: pd.DataFrame, tiny: Instrument, tmp_path: Path
) -> None:
    responses = read_responses(SOURCES[source](table, tmp_path), tiny)
    expected = read_responses(table, tiny)

    pd.testing.assert_frame_equal(responses.frame, expected.frame)
    pd.testing.assert_frame_equal(responses.answer_status, expected.answer_status)
    assert [one for one in codes(responses) if one != "file_layout"] == codes(expected)


def test_what_the_table_means(table: pd.DataFrame, tiny: Instrument) -> None:
    responses = read_responses(table, tiny)

    frame = responses.frame
    assert list(frame.columns) == [
        "row", "site", "language", "respondent", "wave", "calm_1", "calm_2", "calm_3", "skill_1",
        "skill_2", "health", "employed", "colour",
    ]  # fmt: skip
    assert frame["row"].tolist() == [1, 2, 3, 4]
    assert frame["site"].tolist() == ["ulm", "ulm", "pune", None]
    assert frame["language"].tolist() == ["de_DE", "de_DE", "hi_IN", None]
    assert frame["wave"].tolist() == ["1", "1", "2", "2"]
    assert frame["colour"].tolist() == ["red", "blue", None, "green"]
    assert responses.answer_status["calm_1"].tolist() == [
        "answered", "answered", "not_applicable", "blank",
    ]  # fmt: skip
    assert responses.answer_status["skill_1"].tolist()[-1] == "not_asked"
    assert codes(responses) == ["no_site"]


def test_whole_numbers_with_gaps(tiny: Instrument) -> None:
    frame = pl.DataFrame({"calm_1": [1, None, 3], "respondent": [2**60, 2**60 + 1, None]})

    responses = read_responses(frame, tiny, site=None)

    assert responses.frame["calm_1"].tolist()[::2] == [1.0, 3.0]
    assert responses.frame["respondent"].tolist() == [str(2**60), str(2**60 + 1), None]
    by_pandas = read_responses(frame.to_pandas(use_pyarrow_extension_array=True), tiny, site=None)
    assert by_pandas.frame["respondent"].tolist() == [str(2**60), str(2**60 + 1), None]


def test_whole_numbers_of_which_none_is_there(tiny: Instrument) -> None:
    frame = pd.DataFrame({"calm_1": pd.array([None, None], "Int64"), "calm_2": [1, 2]})
    for given in (frame, pl.from_pandas(frame)):
        responses = read_responses(given, tiny, site=None)
        assert responses.frame["calm_1"].isna().all()
        assert responses.frame["calm_2"].tolist() == [1.0, 2.0]


def test_whole_file_is_pooled_on_purpose(read: Read) -> None:
    responses = read("site,calm_1\nulm,1\npune,2\n", site=None)
    assert responses.sites == ()
    assert not {"no_site_column", "no_site", "empty_site"} & set(codes(responses))


def test_rows_are_counted_without_the_header(read: Read) -> None:
    responses = read("\n\nsite,calm_1,calm_2\nulm,1,2\n\nulm,9,2\n\n\n")
    assert responses.n_obs == 3
    assert only(responses.findings, "impossible_code").params["rows"] == (3,)
    assert only(responses.findings, "row_without_answers").params["rows"] == (2,)


def test_quoted_cells_hold_delimiters_and_lines(read: Read) -> None:
    responses = read('site,calm_1,colour\nulm,1,"red, or\nblue"\nulm,2,"the ""best"""\n')
    assert responses.frame["colour"].tolist() == ["red, or blue", 'the "best"']


def test_header_with_commas_in_a_semicolon_file(read: Read) -> None:
    responses = read("site;calm_1;calm_2;Well, and why\nulm;1;2;a, b\nulm;2;1;c\nulm;2\n")
    assert responses.frame["calm_2"].tolist()[:2] == [2.0, 1.0]
    assert only(responses.findings, "ragged_rows").params["rows"] == (3,)


# What can't be read at all


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "answers.csv is empty"),
        (b"\xef\xbb\xbf\n \n", "answers.csv is empty"),
        (b"site,calm_1\n", "has a header and no rows of answers"),
        (b"a,b\n1,2\n", "has no column for any item of tiny. Its columns are 'a', 'b'; expected"),
        (b"clam_1,b\n1,2\n", r"Did you mean columns=\{'calm_1': 'clam_1'"),
        (b"\xd0\xcf\x11\xe0 old", "old or a password-protected Office file"),
        (b"PK\x03\x04 broken", "can't be read as an Excel workbook"),
        (b"PAR1 broken", "can't be read as a Parquet file"),
        (b"$FL2 broken", "can't be read as an SPSS file"),
    ],
)
def test_unreadable_files(text: bytes, told: str, read: Read) -> None:
    with pytest.raises(DataError, match=told):
        read(text)


def test_unreadable_sources(tiny: Instrument, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.csv can't be opened: No such file"):
        read_responses(tmp_path / "nowhere.csv", tiny)
    with pytest.raises(DataError, match="can't be opened: Is a directory"):
        read_responses(tmp_path, tiny)
    with pytest.raises(DataError, match="type 'list' can't be read"):
        read_responses([1, 2], tiny)
    with pytest.raises(DataError, match="data frame has no rows"):
        read_responses(pd.DataFrame({"calm_1": []}), tiny)
    with pytest.raises(DataError, match="several columns of the same name"):
        read_responses(pa.table([[1], [2]], names=["calm_1", "calm_1"]), tiny)


def test_cells_longer_than_any_answer(read: Read) -> None:
    with pytest.raises(DataError, match="line 2: field larger than field limit"):
        read("site,calm_1\nulm," + "x" * 200_000)


def test_sheets(tiny: Instrument, tmp_path: Path, read: Read) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "data"
    for row in (["calm_1", "calm_2", None], [1, 2.0], [], ["3", "Agree", None, "more"], [None]):
        sheet.append(row)
    book.create_sheet("empty")
    file = tmp_path / "a.xlsx"
    book.save(file)

    responses = read_responses(file, tiny, site=None, sheet="data")

    assert responses.n_obs == 3
    np.testing.assert_array_equal(responses.frame["calm_1"], [1, np.nan, 3])
    np.testing.assert_array_equal(responses.frame["calm_2"], [2, np.nan, 3])
    assert only(responses.findings, "ragged_rows").params["rows"] == (3,)
    with pytest.raises(DataError, match="no sheet 'date'; its sheets are 'data', 'empty'"):
        read_responses(file, tiny, sheet="date")
    with pytest.raises(DataError, match="sheet 'empty' is empty"):
        read_responses(file, tiny, sheet="empty")
    with pytest.raises(DataError, match=r"answers\.csv is no Excel workbook"):
        read("calm_1\n1\n", sheet="data")


def test_an_extra_that_is_missing_is_named() -> None:
    with pytest.raises(DataError, match=r'pip install "survey-psychometrics\[excel\]"'):
        need("no_such_module_anywhere", "excel")


def test_spss_without_rows(tiny: Instrument, tmp_path: Path) -> None:
    pyreadstat.write_sav(pd.DataFrame({"calm_1": pd.Series([], dtype=float)}), tmp_path / "a.sav")
    with pytest.raises(DataError, match=r"a\.sav has no rows"):
        read_responses(tmp_path / "a.sav", tiny)


def test_spss_labels_name_sites(tiny: Instrument, tmp_path: Path) -> None:
    frame = pd.DataFrame({"site": [1.0, 2.0, 3.0], "calm_1": [1.0, 2.0, 3.0]})
    labels = {"site": {1.0: "Pune", 2.0: "Campus B"}}
    pyreadstat.write_sav(frame, tmp_path / "a.sav", variable_value_labels=labels)

    responses = read_responses(tmp_path / "a.sav", tiny)

    # "2" is an alias of Pune, but the file says that its 2 is something else.
    assert responses.frame["site"].tolist() == ["pune", None, None]
    assert only(responses.findings, "unknown_site").params["values"] == "'3' x1, 'Campus B' x1"


def test_parquet_of_decimals_and_dictionaries(tiny: Instrument, tmp_path: Path) -> None:
    from decimal import Decimal

    stored = pa.table(
        {
            "calm_1": pa.array(["Agree", "never", None]).dictionary_encode(),
            "skill_1": pa.array([Decimal("1.50"), None, Decimal("3.25")]),
        }
    )
    pq.write_table(stored, tmp_path / "a.parquet")

    responses = read_responses(tmp_path / "a.parquet", tiny, site=None)

    np.testing.assert_array_equal(responses.frame["calm_1"], [3, 1, np.nan])
    np.testing.assert_array_equal(responses.frame["skill_1"], [1.5, np.nan, 3.25])


def test_odd_objects_in_cells_are_texts(tiny: Instrument) -> None:
    odd = [[1, 2], {"a": 1}, pd.Timestamp("2026-01-02"), True, b"x", 3]
    frame = pd.DataFrame({"calm_1": pd.Series(odd, dtype=object)})

    responses = read_responses(frame, tiny, site=None)

    assert responses.answer_status["calm_1"].tolist() == ["impossible"] * 3 + [
        "answered", "impossible", "answered",
    ]  # fmt: skip
    assert "'2026-01-02T00:00:00' x1" in only(responses.findings, "unknown_text").message


def test_decimal_commas_of_comparators_are_told_with_those_of_items(
    tiny: Instrument, tmp_path: Path
) -> None:
    text = "site;calm_1;skill_1;health\nulm;1;2,5;7,5\nulm;2;3;8,25\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")

    responses = read_responses(tmp_path / "a.csv", tiny)

    np.testing.assert_array_equal(responses.frame["health"], [7.5, 8.25])
    told = only(responses.findings, "decimal_commas").params
    assert told["count"] == 3
    assert told["columns"] == "'skill_1', 'health'"
