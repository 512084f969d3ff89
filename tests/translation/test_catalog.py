"""Source strings and catalogs: keys, notes, places, and paths that lead nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from psychometrics import load_instrument
from psychometrics.errors import CatalogError
from psychometrics.translation.catalog import load_catalog
from psychometrics.translation.files import catalog_file, write_bytes
from psychometrics.translation.source import source_strings
from tests.translation.sample import GETTEXT, MOOD, POEDIT, mood, put


def test_every_text_is_there_but_those_that_must_stay(tmp_path: Path) -> None:
    instrument = mood(tmp_path)
    strings = source_strings(instrument, file=tmp_path / "mood.yaml")
    assert {s.key for s in strings} == set(instrument.texts) - {"item.code_word"}
    assert [s.order for s in strings] == sorted(s.order for s in strings)
    assert all(s.text == instrument.texts[s.key] for s in strings)
    assert all(s.note for s in strings)


def test_a_place_is_the_line_of_the_text(tmp_path: Path) -> None:
    strings = source_strings(mood(tmp_path), file=tmp_path / "mood.yaml")
    lines = MOOD.splitlines()
    for string in strings:
        line = lines[int(string.place.rpartition(":")[2]) - 1]
        assert string.text in line, string


def test_notes_and_kinds_tell_what_a_text_is(tmp_path: Path) -> None:
    told = {s.key: (s.kind, s.note) for s in source_strings(mood(tmp_path))}
    assert told["item.tense"] == ("item", "Nervous; not about muscles.")
    assert told["option.often3.never"][1] == "Answer 1 of 3: Never | Sometimes | Always"
    assert told["missing.often3.none_given"][0] == "missing"
    assert told["unit.hours"] == ("unit", "Unit of an answer from 0 to 24.")
    assert told["scale.mood"][0] == "scale"


def test_shipped_definitions_know_their_lines() -> None:
    for name in ("hs1939", "peer_support_implementation"):
        strings = source_strings(load_instrument(name))
        assert all(s.place.startswith(f"instruments/{name}.yaml:") for s in strings)


def test_a_catalog_tells_its_entries(tmp_path: Path) -> None:
    put(tmp_path, GETTEXT)
    catalog = load_catalog("mood", "de_DE", translations=tmp_path)
    assert [entry.key for entry in catalog.entries] == ["instructions", "item.calm", "item.tense"]
    assert [entry.key for entry in catalog.obsolete] == ["item.good"]
    assert catalog.text("item.calm") == "Ich fühle mich ruhig."
    assert catalog.text("item.glad") == ""
    tense = catalog.get("item.tense")
    assert tense is not None
    assert (tense.fuzzy, tense.previous_source) == (True, "I am nervous.")
    assert catalog.headers["X-Reviewed-By"] == "R1"


def test_a_byte_order_mark_and_crlf_do_not_hide_the_header(tmp_path: Path) -> None:
    put(tmp_path, POEDIT)
    catalog = load_catalog(mood(tmp_path), "de_DE", translations=tmp_path)
    assert catalog.headers["X-Generator"] == "Poedit 3.4.2"
    assert catalog.text("item.calm") == "Ich fühle mich ruhig."


def test_a_site_can_have_its_own_words(tmp_path: Path) -> None:
    own = '\nmsgctxt "item.calm@ulm"\nmsgid "I feel calm."\nmsgstr "Ich bin ruhig."\n'
    put(tmp_path, GETTEXT + own)
    catalog = load_catalog("mood", "de_DE", translations=tmp_path)
    assert catalog.text("item.calm", site="ulm") == "Ich bin ruhig."
    assert catalog.text("item.calm", site="hamburg") == "Ich fühle mich ruhig."
    assert catalog.words_of("ulm") == ("item.calm",)
    assert catalog.words_of("hamburg") == ()
    instrument = mood(tmp_path)
    told = [
        instrument.text("item.calm", "de_DE", site=site, translations=tmp_path)
        for site in ("ulm", "hamburg", None)
    ]
    assert told == ["Ich bin ruhig.", "Ich fühle mich ruhig.", "Ich fühle mich ruhig."]


@pytest.mark.parametrize(
    "locale",
    ["../de_DE", "de_DE/../../x", "/etc", "", ".", "de-DE", "DE", "de_DE\n", "de_DE\x00", "..\\x"],
)
def test_a_locale_is_no_path(tmp_path: Path, locale: str) -> None:
    with pytest.raises(CatalogError, match="no name of a locale"):
        load_catalog("mood", locale, translations=tmp_path)


def test_an_id_is_no_path(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no id of an instrument"):
        catalog_file(tmp_path, "de_DE", "../mood")


def test_links_that_lead_out_are_not_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "translations", tmp_path / "outside"
    folder.mkdir()
    put(outside, GETTEXT)
    (folder / "de_DE").symlink_to(outside / "de_DE")
    with pytest.raises(CatalogError, match="leads out of the folder"):
        load_catalog("mood", "de_DE", translations=folder)
    with pytest.raises(CatalogError, match="leads out of the folder"):
        write_bytes(folder, folder / "de_DE" / "x.po", b"x")
    assert not (outside / "de_DE" / "x.po").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'msgid "\xff"\nmsgstr ""\n', "not text in UTF-8"),
        (b"x" * 10_000_000, "at most 4000000 are read"),
        (b'msgid ""\nmsgstr oops\n', "mood.po:2"),
    ],
)
def test_a_file_that_is_no_catalog_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    put(tmp_path, content)
    with pytest.raises(CatalogError, match=told) as raised:
        load_catalog("mood", "de_DE", translations=tmp_path)
    assert raised.value.findings


def test_a_missing_catalog_says_where_it_would_be(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"there is no catalog for de_DE; it would be .*mood.po"):
        load_catalog("mood", "de_DE", translations=tmp_path)
