"""One bad file for each finding code: nothing is odd without being said, with its rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from psychometrics.instrument import Instrument
from psychometrics.responses import read_responses
from psychometrics.responses.messages import MESSAGES, PUBLIC, public_message
from tests.responses.tiny import Read, only

HEAD = "site,respondent,calm_1,calm_2,calm_3,skill_1,skill_2,health,employed,colour\n"
GOOD = "ulm,a,1,2,3,5,19.5,3,1,red\npune,b,2,3,4,6,7,4,0,blue\n"


def timed(*cells: str, n: int = 1) -> str:
    """Return answers with columns of times."""
    names = ",".join(["took", "took2"][:n])
    rows = ["ulm,a,1,2,3,5,19.5,3,1,red", "pune,b,2,3,4,6,7,4,0,blue", "pune,c,1,1,1,6,7,4,0,red"]
    lines = [f"{row},{cell}" for row, cell in zip(rows, cells, strict=False)]
    return "\n".join([HEAD.strip() + "," + names, *lines]) + "\n"


# code: (severity, text, options of read_responses, params that must be so)
CASES: dict[str, tuple[str, str | bytes, dict[str, Any], dict[str, Any]]] = {
    "file_layout": (
        "warning",
        b"\xef\xbb\xbf" + (HEAD + GOOD).encode(),
        {},
        {"encoding": "UTF-8 with a byte order mark", "delimiter": ","},
    ),
    "not_utf8": ("warning", (HEAD + GOOD).replace("red", "grün").encode("cp1252"), {}, {"line": 2}),
    "nul_bytes": ("warning", HEAD + GOOD.replace("red", "re\0d"), {}, {"count": 1}),
    "broken_quotes": ("error", HEAD + GOOD.replace("red", '"red'), {}, {"line": 3}),
    "ragged_rows": (
        "error",
        HEAD + GOOD + "ulm,c,1\nulm,d,1,2,3,5,6,1,1,red,too many\n",
        {},
        {"count": 2, "rows": (3, 4), "width": 10},
    ),
    "repeated_column_name": (
        "warning",
        HEAD.replace("\n", ",age,age\n") + GOOD.replace("\n", ",1,2\n"),
        {},
        {"column": "age", "count": 2},
    ),
    "column_matched_loosely": (
        "warning",
        HEAD.replace("calm_1", " Calm_1") + GOOD,
        {},
        {"name": "calm_1", "column": "Calm_1"},
    ),
    "column_renamed": (
        "warning",
        HEAD.replace("calm_2", "rest_1") + GOOD,
        {},
        {"name": "calm_2", "column": "rest_1"},
    ),
    "ambiguous_column": (
        "error",
        HEAD.replace("calm_3", "calm_1") + GOOD,
        {},
        {"name": "calm_1", "columns": "'calm_1', 'calm_1'"},
    ),
    "shared_column": (
        "error",
        HEAD + GOOD,
        {"columns": {"calm_1": "calm_2"}},
        {"items": "'calm_1', 'calm_2'"},
    ),
    "missing_column": (
        "error",
        HEAD + GOOD,
        {"wave": "waev"},
        {"name": "wave", "column": "waev"},
    ),
    "missing_item": (
        "error",
        HEAD.replace("calm_3", "calm-3") + GOOD,
        {},
        {"name": "calm_3", "similar": "'calm-3'"},
    ),
    "missing_comparator": ("warning", HEAD.replace("health", "x") + GOOD, {}, {"name": "health"}),
    "no_site_column": ("warning", HEAD.replace("site", "place") + GOOD, {}, {}),
    "impossible_code": (
        "error",
        HEAD + GOOD + "ulm,c,7,7,1,1,1,1,1,red\nulm,d,7,2.5,1,1,1,1,1,red\n",
        {"columns": {"calm_2": "calm_3", "calm_3": "calm_2"}},
        {"name": "calm_1", "count": 2, "rows": (3, 4), "values": "7 x2", "expected": "1, 2, 3, 4"},
    ),
    "out_of_range": (
        "error",
        HEAD + GOOD + "ulm,c,1,1,1,20.1,1,1,1,red\n",
        {},
        {"name": "skill_1", "count": 1, "rows": (3,), "expected": "0 … 20"},
    ),
    "unknown_text": (
        "error",
        HEAD + GOOD + "ulm,c,1,1,1,=cmd(),1,1,1,red\n",
        {},
        {"name": "skill_1", "values": "'=cmd()' x1", "rows": (3,)},
    ),
    "decimal_commas": (
        "warning",
        HEAD + GOOD + 'ulm,c,"3,0",1,1,"5,25",1,1,1,red\n',
        {},
        {"count": 2, "columns": "'calm_1', 'skill_1'", "example": "'3,0'"},
    ),
    "item_unanswered": (
        "error",
        HEAD + "ulm,a,1,2,,5,6,3,1,red\npune,b,2,3,NA,6,7,4,0,blue\n",
        {},
        {"name": "calm_3", "n_rows": 2},
    ),
    "item_constant": (
        "warning",
        HEAD + GOOD.replace("b,2", "b,1"),
        {},
        {"name": "calm_1", "count": 2},
    ),
    "row_without_answers": (
        "warning",
        HEAD + GOOD + "ulm,c,,NA,-8,.,-,1,1,red\n",
        {},
        {"count": 1, "rows": (3,)},
    ),
    "unknown_site": (
        "error",
        HEAD + GOOD + "Atlantis,c,1,1,1,1,1,1,1,red\natlantis ,d,1,1,1,1,1,1,1,red\n",
        {},
        {"count": 2, "n_values": 1, "rows": (3, 4)},
    ),
    "undeclared_site": (
        "warning",
        HEAD + GOOD + "Atlantis,c,1,1,1,1,1,1,1,red\n",
        {"allow_undeclared_sites": True},
        {"count": 1, "n_values": 1, "values": "'Atlantis' x1"},
    ),
    "no_site": (
        "warning",
        HEAD + GOOD + ",c,1,1,1,1,1,1,1,red\nNA,d,1,1,1,1,1,1,1,red\n",
        {},
        {"count": 2, "n_rows": 4, "rows": (3, 4)},
    ),
    "empty_site": ("warning", HEAD + GOOD.replace("pune", "ulm"), {}, {"site": "pune"}),
    "unknown_language": (
        "warning",
        HEAD.replace("\n", ",language\n") + GOOD.replace("\n", ",tlh\n"),
        {},
        {"count": 2, "values": "'tlh' x2"},
    ),
    "several_releases": (
        "warning",
        HEAD.replace("\n", ",form_version\n")
        + GOOD.replace("red\n", "red,1.0\n").replace("blue\n", "blue,1.1\n"),
        {},
        {"count": 2, "names": "1.0 (1), 1.1 (1)"},
    ),
    "draft_release": (
        "warning",
        HEAD.replace("\n", ",form_version\n") + GOOD.replace("\n", ",1.0-draft\n"),
        {},
        {"count": 2, "release": "1.0-draft"},
    ),
    "no_respondent": (
        "warning",
        HEAD + GOOD + "ulm,,1,1,1,1,1,1,1,red\n",
        {},
        {"count": 1, "rows": (3,)},
    ),
    "duplicate_respondent": (
        "error",
        HEAD + GOOD + "ulm,a,1,1,1,1,1,1,1,red\n",
        {},
        {"count": 1, "n_rows": 2, "rows": (1, 3)},
    ),
    "respondent_at_several_sites": (
        "warning",
        HEAD + GOOD.replace(",b,", ",a,"),
        {},
        {"count": 1, "rows": (1, 2)},
    ),
    "identical_rows": (
        "warning",
        (HEAD + GOOD + GOOD).replace("respondent", "anything"),
        {},
        {"count": 2},
    ),
    "bad_weight": (
        "error",
        HEAD.replace("\n", ",weight\n") + GOOD.replace("\n", ",-1\n") + "ulm,c,1,1,1,1,1,1,1,r,x\n",
        {"weight": "weight"},
        {"count": 3, "rows": (1, 2, 3)},
    ),
    "duration_unreadable": (
        "error", timed("soon", "60"), {"duration": "took"}, {"count": 1, "values": "'soon' x1"},
    ),
    "duration_impossible": (
        "error", timed("-3", "60"), {"duration": "took"}, {"count": 1, "rows": (1,)},
    ),
    "duration_over_a_day": (
        "warning", timed("90000", "60", "60"), {"duration": "took"}, {"count": 1, "rows": (1,)},
    ),
    "duration_unit_doubtful": (
        "warning", timed("1.5", "2"), {"duration": "took"}, {"seconds": 0.35},
    ),
    "duration_zones_mixed": (
        "error",
        timed("2026-03-05 14:00,2026-03-05 14:02Z", "2026-03-05 14:00,2026-03-05 14:02", n=2),
        {"duration": ("took", "took2")},
        {"count": 1, "rows": (1,)},
    ),
    "duration_half_known": (
        "warning", timed("60", "60"), {"columns": {"started": "took"}}, {"other": "ended"},
    ),
}  # fmt: skip

FROM_OTHER_FILES = {"several_sheets", "user_missing", "recoded_labels", "site_words"}


def test_every_code_has_a_bad_file() -> None:
    assert CASES.keys() | FROM_OTHER_FILES == MESSAGES.keys()


@pytest.mark.parametrize("code", CASES)
def test_finding(code: str, read: Read) -> None:
    severity, text, options, params = CASES[code]

    responses = read(text, **options)

    found = next(one for one in responses.findings if one.code == code)
    assert found.severity == severity
    assert found.where.startswith("answers.csv")
    assert {key: found.params[key] for key in params} == params
    json.dumps(dict(found.params))  # nothing but plain Python values


def test_a_good_file_has_no_findings(read: Read) -> None:
    assert read(HEAD + GOOD).findings == ()


def test_errors_come_first_then_columns_in_order(read: Read) -> None:
    text = HEAD + "ulm,a,9,8,7,x,y,3,1,red\nmars,a,,2,2,5,6,4,0,blue\n"

    found = read(text).findings

    assert [(one.severity, one.code, one.params.get("name")) for one in found] == [
        ("error", "duplicate_respondent", None),
        ("error", "unknown_site", "site"),
        ("error", "impossible_code", "calm_1"),
        ("error", "item_unanswered", "calm_1"),
        ("error", "impossible_code", "calm_2"),
        ("error", "impossible_code", "calm_3"),
        ("error", "unknown_text", "skill_1"),
        ("error", "unknown_text", "skill_2"),
        ("warning", "row_without_answers", None),
        ("warning", "empty_site", "Ulm"),
        ("warning", "empty_site", "Pune"),
    ]


def test_several_sheets(tiny: Instrument, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first, second = book.active, book.create_sheet("wave 2")
    first.title = "wave 1"
    for sheet in (first, second):
        for line in (HEAD + GOOD).splitlines():
            sheet.append(line.split(","))
    book.save(tmp_path / "answers.xlsx")

    found = only(read_responses(tmp_path / "answers.xlsx", tiny).findings, "several_sheets")

    assert (found.severity, found.params["sheet"]) == ("warning", "wave 1")
    assert found.params["others"] == "'wave 2'"


def test_user_missing(tiny: Instrument, tmp_path: Path) -> None:
    frame = pd.DataFrame({"calm_1": [1.0, 2.0, 4.0, 77.0, -9.0]})
    pyreadstat.write_sav(
        frame, tmp_path / "a.sav", missing_ranges={"calm_1": [{"lo": 77, "hi": 99}, 4]}
    )

    responses = read_responses(tmp_path / "a.sav", tiny, site=None)

    found = only(responses.findings, "user_missing")
    assert found.params["rows"] == (3, 4)
    assert responses.answer_status["calm_1"].tolist() == [
        "answered", "answered", "blank", "blank", "refused",
    ]  # fmt: skip


def test_recoded_labels(tiny: Instrument, tmp_path: Path) -> None:
    frame = pd.DataFrame({"calm_1": [1.0, 2.0, 5.0, -9.0], "calm_2": [1.0, 2.0, 9.0, -9.0]})
    labels = {
        "calm_1": {1: "Strongly agree", 2: "agree", 4: "Strongly disagree"},
        "calm_2": {9: "Does not apply"},
    }
    pyreadstat.write_sav(frame, tmp_path / "a.sav", variable_value_labels=labels)

    responses = read_responses(tmp_path / "a.sav", tiny, site=None)

    told = {one.params["name"]: one for one in responses.findings if one.code == "recoded_labels"}
    assert told["calm_1"].params["recoding"] == "1 → 4, 2 → 3, 4 → 1"
    assert told["calm_2"].params["recoding"] == "9 → -8"
    assert responses.frame["calm_1"].tolist()[:2] == [4.0, 3.0]
    assert responses.answer_status["calm_1"].tolist()[2:] == ["impossible", "refused"]
    assert responses.frame["calm_2"].tolist()[:2] == [1.0, 2.0]
    assert responses.answer_status["calm_2"].tolist()[2:] == ["not_applicable", "refused"]


@pytest.mark.parametrize("code", CASES)
def test_public_message_has_no_rows_and_no_cells(code: str, read: Read) -> None:
    _, text, options, _ = CASES[code]
    for found in read(text, **options).findings:
        told = public_message(found)
        assert told == PUBLIC[found.code].format(**found.params)
        assert "rows {rows_text}" not in PUBLIC[found.code].lower()
        assert not any(cell in told for cell in ("Atlantis", "=cmd()", "'x'", "5,25"))
