"""The page of findings and the templates stay in step."""

from __future__ import annotations

import re
from pathlib import Path

from psychometrics.errors import finding
from psychometrics.instrument.messages import MESSAGES as OF_INSTRUMENTS
from psychometrics.messages import GENERAL
from psychometrics.responses import public_message
from psychometrics.responses.cells import BLANKS
from psychometrics.responses.messages import MESSAGES, PUBLIC
from psychometrics.validity.messages import MESSAGES as OF_ANALYSES
from tests.responses.test_findings import CASES

PAGE = (Path(__file__).parents[2] / "docs" / "responses.md").read_text(encoding="utf-8")


def test_the_page_lists_every_code() -> None:
    listed = re.findall(r"^\| `(\w+)` \| (error|warning) \|", PAGE, flags=re.MULTILINE)
    assert sorted(code for code, _ in listed) == sorted(MESSAGES)
    severities = {code: case[0] for code, case in CASES.items()}
    assert {code: severities.get(code, "warning") for code, _ in listed} == dict(listed)


def test_the_page_lists_what_counts_as_blank() -> None:
    line = next(line for line in PAGE.splitlines() if line.startswith("Blank cells:"))
    assert set(re.findall(r"`([^`]+)`", line)) == BLANKS - {""}


def test_codes_are_not_used_elsewhere() -> None:
    for other in (GENERAL, OF_INSTRUMENTS, OF_ANALYSES):
        assert not MESSAGES.keys() & other.keys()


def test_every_code_has_a_public_sentence_that_quotes_nobody() -> None:
    assert PUBLIC.keys() == MESSAGES.keys()
    for sentence in PUBLIC.values():
        assert not re.search(r"\{(rows|rows_text|values|example)\}", sentence)


def test_findings_of_other_areas_keep_their_message() -> None:
    other = finding("too_few_items", "error", "here", needed=2, n_items=1)
    assert public_message(other) == other.message
