"""What the page says of the words that people read."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from psychometrics.instrument import load_instrument
from psychometrics.report.limits import _drafts
from psychometrics.report.source import Source
from tests.translation.sample import GETTEXT, mood, put
from tests.translation.test_record import Project, project, signed

__all__ = ["project", "signed"]


def told(instrument: Any, sites: list[str]) -> str:
    stand_in = SimpleNamespace(instrument=instrument, sites=sites)
    return " ".join(map(str, _drafts(cast(Source, stand_in))))


def test_languages_with_drafts_are_named_where_they_were_used() -> None:
    home = load_instrument("peer_support_implementation")
    text = told(home, ["ulm", "beer_sheva"])
    assert "drafts that nobody has signed off" in text
    assert "de_DE" in text
    assert "he_IL" in text
    assert "sw_TZ" not in text
    assert told(home, []) == ""


def test_an_instrument_of_ones_own_is_looked_up_beside_its_file(tmp_path: Path) -> None:
    instrument = mood(tmp_path)
    assert told(instrument, ["ulm"]) == ""  # nobody keeps translations here
    put(tmp_path / "translations", GETTEXT)
    assert "de_DE" in told(instrument, ["ulm"])
    put(tmp_path / "translations", b"\xff")
    assert told(instrument, ["ulm"]) == ""  # no report fails for a broken catalog


def test_signed_texts_are_no_drafts(signed: Project) -> None:
    signed.translations.rename(signed.folder / "translations")
    assert told(signed.instrument, ["ulm"]) == ""
