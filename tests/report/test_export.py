from __future__ import annotations

import base64
import csv
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from psychometrics.report.export import (
    csv_bytes,
    csv_text,
    data_uri,
    file_name,
    safe_cell,
    write_csv_files,
)


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://example.org")', "+1+2", "-2+3", "@SUM(A1)", "\t=1", "\r=1",
        "=A1", "-1|cmd", " =1", "\uff1d1", "\uff0d1",
    ],
)  # fmt: skip
def test_what_a_spreadsheet_might_run_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-A1", "-training_1", "Ulm", "3 = 4", "−0.5", "a@b", ""])
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


def test_numbers_are_written_to_their_last_digit() -> None:
    value = 0.1 + 0.2
    frame = pd.DataFrame({"estimate": [value, -value, np.nan], "n_obs": [40.0, np.nan, 3.0]})
    found = list(csv.DictReader(StringIO(csv_text(frame))))
    assert [float(row["estimate"]) for row in found[:2]] == [value, -value]
    assert csv_text(frame).splitlines()[1:] == [f"{value!r},40", f"{-value!r},", ",3"]


def test_texts_survive_with_their_commas_quotes_and_scripts() -> None:
    texts = ["a, b", 'say "yes"', "two\nlines", "באר שבע", "पुणे"]
    rows = list(csv.reader(StringIO(csv_text(pd.DataFrame({"name": texts})), newline="")))
    assert [row[0] for row in rows[1:]] == texts


def test_booleans_and_missing_texts() -> None:
    frame = pd.DataFrame({"a": [True, False, None], "b": ["", None, "x"]}, dtype=object)
    assert csv_text(frame) == "a,b\r\ntrue,\r\nfalse,\r\n,x\r\n"


def test_simulated_answers_say_so_in_every_row() -> None:
    frame = pd.DataFrame({"a": [1, 2]})
    assert csv_text(frame, simulated=True) == (
        "a,data\r\n1,simulated answers\r\n2,simulated answers\r\n"
    )


def test_files_begin_with_a_byte_order_mark() -> None:
    assert csv_bytes(pd.DataFrame({"a": ["ü"]})) == b"\xef\xbb\xbfa\r\n\xc3\xbc\r\n"


def test_a_lone_surrogate_does_not_stop_the_file() -> None:
    assert b"?" in csv_bytes(pd.DataFrame({"a": ["\ud800"]}, dtype=object))


def test_links_hold_the_file() -> None:
    head, content = data_uri(b"a,b").split(",", 1)
    assert head == "data:text/csv;charset=utf-8;base64"
    assert base64.b64decode(content) == b"a,b"


def test_names_of_files_hold_nothing_odd() -> None:
    assert file_name("../x y", "htmt", simulated=True) == "simulated__x_y_htmt.csv"


def test_files_are_written_with_their_folder(tmp_path: Path) -> None:
    tables = {"htmt": pd.DataFrame({"a": [1]}), "fit": pd.DataFrame({"b": []})}
    paths = write_csv_files(tables, tmp_path / "new" / "folder", "hs", simulated=False)
    assert [path.name for path in paths] == ["hs_htmt.csv", "hs_fit.csv"]
    assert paths[1].read_bytes() == b"\xef\xbb\xbfb\r\n"
