"""From a definition to templates and catalogs, and what an edit of it does to them."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from time import perf_counter

import pytest
from babel.messages.extract import extract
from babel.messages.frontend import CommandLineInterface

from psychometrics import load_instrument
from psychometrics.errors import CatalogError
from psychometrics.translation.catalog import load_catalog
from psychometrics.translation.po import parse
from psychometrics.translation.source import source_strings
from psychometrics.translation.template import extract_definition, template
from psychometrics.translation.update import (
    Update,
    target_locales,
    update_catalogs,
    write_update,
)
from tests.translation.sample import GETTEXT, MOOD, mood, put

ROOT = Path(__file__).parents[2]
THEN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
CHANGED = ("text: I feel calm.", "text: I always feel calm.")


def update(folder: Path, *changes: tuple[str, str], write: bool = True) -> Update:
    """Update the German catalog of the sample, with the definition changed."""
    instrument = mood(folder, *changes)
    (made,) = update_catalogs(
        instrument, translations=folder / "tr", file=folder / "mood.yaml", made=THEN
    )
    if write:
        write_update(made, translations=folder / "tr")
    return made


def test_a_new_catalog_has_every_text_and_a_header(tmp_path: Path) -> None:
    (tmp_path / "tr").mkdir()
    made = update(tmp_path)
    assert made.is_new
    catalog = load_catalog("mood", "de_DE", translations=tmp_path / "tr")
    assert [entry.key for entry in catalog.entries] == [
        string.key for string in source_strings(mood(tmp_path))
    ]
    assert catalog.headers["PO-Revision-Date"] == "2026-01-02 03:04+0000"
    assert catalog.headers["Plural-Forms"].startswith("nplurals=2; plural=(")
    calm = catalog.get("item.calm")
    assert calm is not None
    assert calm.notes == ("Quiet, and not bored.",)
    assert calm.places == ("mood.yaml",)


def test_a_second_update_changes_no_byte(tmp_path: Path) -> None:
    put(tmp_path / "tr", GETTEXT)
    update(tmp_path)
    again = update(tmp_path, write=False)
    assert again.made == again.file.read_bytes()
    assert again.changes == ()
    assert not again.rewrites
    assert not write_update(again, translations=tmp_path / "tr")


def test_moving_a_text_in_the_file_touches_no_catalog(tmp_path: Path) -> None:
    put(tmp_path / "tr", GETTEXT)
    before = update(tmp_path).made
    assert update(tmp_path, ("items:\n", "\n\n\nitems:\n")).made == before


def test_an_edit_is_told_before_it_is_made(tmp_path: Path) -> None:
    file = put(tmp_path / "tr", GETTEXT)
    update(tmp_path)
    before = file.read_bytes()
    made = update(tmp_path, CHANGED, write=False)
    assert file.read_bytes() == before
    (change,) = made.marked
    assert (change.key, change.change.size) == ("item.calm", "meaning")
    assert change.change.about == ("frequency: nothing -> always",)


def test_retired_things_take_their_texts_out_of_use(tmp_path: Path) -> None:
    put(tmp_path / "tr", GETTEXT)
    update(tmp_path)
    retired = MOOD.partition("  - key: tense")[2].partition("  - key: glad")[0]
    made = update(
        tmp_path,
        ("  - key: tense" + retired, ""),
        ("items: [calm, tense, glad]", "items: [calm, glad]"),
        ("source_locale: en\n", "source_locale: en\nretired_keys: [tense]\n"),
    )
    assert [(one.key, one.what) for one in made.changes] == [("item.tense", "retired")]
    assert "# Retired: this key is not used again." in made.made.decode()


def test_an_item_takes_its_translation_to_its_new_key(tmp_path: Path) -> None:
    put(tmp_path / "tr", GETTEXT)
    update(tmp_path)
    made = update(
        tmp_path,
        ("  - key: calm\n", "  - key: quiet\n    renamed_from: [calm]\n"),
        ("items: [calm,", "items: [quiet,"),
    )
    assert [(one.key, one.what) for one in made.changes] == [("item.quiet", "renamed")]
    catalog = load_catalog("mood", "de_DE", translations=tmp_path / "tr")
    quiet = catalog.get("item.quiet")
    assert quiet is not None
    assert (quiet.text, quiet.fuzzy) == ("Ich fühle mich ruhig.", False)
    assert "Called item.calm before." in quiet.notes


def test_a_locale_is_no_path(tmp_path: Path) -> None:
    (tmp_path / "tr").mkdir()
    with pytest.raises(CatalogError, match="no name of a locale"):
        list(update_catalogs(mood(tmp_path), ["../../de_DE"], translations=tmp_path / "tr"))
    assert list((tmp_path / "tr").iterdir()) == []


def test_the_locales_are_those_of_the_sites_without_the_source() -> None:
    assert target_locales(load_instrument("hs1939")) == ()


def test_babel_extracts_what_the_template_holds(tmp_path: Path) -> None:
    instrument = mood(tmp_path)
    with (tmp_path / "mood.yaml").open("rb") as file:
        found = list(extract(extract_definition, file, {"pgettext": ((1, "c"), 2)}, [], {}))
    told = [
        (f"mood.yaml:{line}", *message, *note)
        for line, message, note, *_ in (
            (line, (context, text), note) for line, text, note, context in found
        )
    ]
    expected = [
        (s.place, s.key, s.text, s.note)
        for s in source_strings(instrument, file=tmp_path / "mood.yaml")
    ]
    assert told == expected
    entries = template(instrument, file=tmp_path / "mood.yaml").entries[1:]
    assert [
        (*e.told("place"), e.context, e.source, " ".join(e.told("note"))) for e in entries
    ] == expected


def test_pybabel_extract_makes_a_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mood(tmp_path / "instruments")
    (tmp_path / "babel.cfg").write_text(
        "[extractors]\npsychometrics = psychometrics.translation.template:extract_definition\n"
        "[psychometrics: instruments/*.yaml]\n"
    )
    monkeypatch.chdir(tmp_path)
    CommandLineInterface().run(
        [
            "pybabel",
            "-q",
            "extract",
            "-F",
            "babel.cfg",
            "-k",
            "pgettext:1c,2",
            "-c",
            "",
            "-o",
            "mood.pot",
            ".",
        ]
    )
    made = parse((tmp_path / "mood.pot").read_text(encoding="utf-8"))
    assert made.faults == ()
    texts = {entry.context: entry for entry in made.entries[1:]}
    assert set(texts) == {s.key for s in source_strings(mood(tmp_path))}
    assert texts["item.calm"].told("note") == ("Quiet, and not bored.",)


def test_the_extractor_is_an_entry_point() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    module, _, name = project["entry-points"]["babel.extractors"]["psychometrics"].partition(":")
    assert getattr(import_module(module), name) is extract_definition


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="gettext is not installed")
@pytest.mark.parametrize("locale", ["de_DE", "hi_IN", "en_IN", "he_IL", "sw_TZ", "lg_UG", "xx"])
def test_msgfmt_finds_nothing_in_a_new_catalog(tmp_path: Path, locale: str) -> None:
    (tmp_path / "tr").mkdir()
    instrument = load_instrument("peer_support_implementation")
    (made,) = update_catalogs(instrument, [locale], translations=tmp_path / "tr", made=THEN)
    write_update(made, translations=tmp_path / "tr")
    done = subprocess.run(
        ["msgfmt", "-c", "-v", "-o", str(tmp_path / "x.mo"), str(made.file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "warning" not in done.stderr


def test_seven_locales_of_fifty_items_take_little_time(tmp_path: Path) -> None:
    """A twentieth of what has to be done in five seconds, with room for a slow machine."""
    items = "".join(
        f"  - key: q{n}\n    text: I feel number {n}.\n    concept: Number {n}, and no other.\n"
        f"    rationale: A test.\n    response_set: often3\n"
        for n in range(50)
    )
    keys = ", ".join(f"q{n}" for n in range(50))
    instrument = mood(
        tmp_path, ("items:\n", f"items:\n{items}"), ("items: [calm,", f"items: [{keys}, calm,")
    )
    locales = "de_DE hi_IN en_IN he_IL sw_TZ lg_UG gu_IN".split()
    (tmp_path / "tr").mkdir()
    start = perf_counter()
    for made in update_catalogs(instrument, locales, translations=tmp_path / "tr", made=THEN):
        write_update(made, translations=tmp_path / "tr")
    assert perf_counter() - start < 1.5
