"""Answers name the release they were given; other words are told."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from psychometrics.responses.releases import check_releases
from psychometrics.translation.release import make_release
from psychometrics.translation.update import update_catalogs, write_update
from tests.translation.sample import mood


def release(folder: Path, version: str, *edits: tuple[str, str]) -> None:
    """Release the sample as a draft, every text translated by its source."""
    tr = folder / "tr"
    tr.mkdir(exist_ok=True)
    instrument = mood(folder)
    for made in update_catalogs(instrument, translations=tr):
        write_update(made, translations=tr)
        text = made.file.read_text(encoding="utf-8")
        lines = text.split("\n")
        for at, line in enumerate(lines):
            if line.startswith("msgid ") and lines[at + 1] == 'msgstr ""' and line != 'msgid ""':
                lines[at + 1] = line.replace("msgid", "msgstr")
        text = "\n".join(lines)
        for old, new in edits:
            text = text.replace(old, new) if old else text + new
        made.file.write_text(text, encoding="utf-8")
    make_release(instrument, version, allow_draft=True, translations=tr)


def told(folder: Path, *rows: tuple[str, str]) -> dict[str, str]:
    frame = pd.DataFrame(rows, columns=["site", "form_version"])
    placed = check_releases(frame, mood(folder), "answers.csv", folder / "tr")
    return {one.finding.code: one.finding.message for one in placed}


def test_releases_with_other_words_are_told(tmp_path: Path) -> None:
    release(tmp_path, "1.0")
    release(tmp_path, "1.1", ('msgstr "I feel calm."', 'msgstr "Ich bin ruhig."'))
    found = told(tmp_path, ("ulm", "1.0-draft"), ("ulm", "1.1-draft"))
    assert "Their texts differ in item.calm." in found["several_releases"]
    assert "draft that nobody had signed off" in found["draft_release"]


def test_one_release_is_no_finding_but_a_draft_is(tmp_path: Path) -> None:
    release(tmp_path, "1.0")
    assert set(told(tmp_path, ("ulm", "1.0-draft"))) == {"draft_release"}


def test_a_release_that_is_not_here_is_told(tmp_path: Path) -> None:
    release(tmp_path, "1.0")
    found = told(tmp_path, ("ulm", "1.0-draft"), ("ulm", "../x"))
    assert "not all of the releases are here" in found["several_releases"]


def test_words_of_one_site_are_told(tmp_path: Path) -> None:
    own = '\nmsgctxt "item.calm@ulm"\nmsgid "I feel calm."\nmsgstr "Ich bin ruhig."\n'
    release(tmp_path, "1.0", ("", own))
    assert (
        "ulm reads other words than the rest of de_DE: item.calm"
        in (told(tmp_path, ("ulm", "1.0-draft"))["site_words"])
    )
    assert "site_words" not in told(tmp_path, ("hamburg", "1.0-draft"))
