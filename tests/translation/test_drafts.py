"""The drafted translations hold together. Whether they are good, only people can say."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest

from psychometrics.errors import CatalogError
from psychometrics.instrument.shipped import data_folder
from psychometrics.translation.catalog import load_catalog
from psychometrics.translation.locales import load_brief
from psychometrics.translation.release import make_release
from psychometrics.translation.source import source_strings
from psychometrics.translation.status import translation_status
from tests.translation.drafts import (
    CATALOGS,
    INSTRUMENT,
    LOCALES,
    TRANSLATED,
    brief,
    catalog,
    catalog_file,
    instrument,
    reread,
    targets,
)

SCRIPTS = {"hi_IN": "DEVANAGARI", "he_IL": "HEBREW"}  # all others are written in Latin letters
# "Recovery" in brackets, since no other term is settled. "Peer" and "Person" are German words too.
ENGLISH_TERMS = {
    "de_DE": {"recovery", "peer", "person"},
    "sw_TZ": {"recovery"},
    "lg_UG": {"recovery"},
}
FULL_STOP = {"hi_IN": "।"}
BRIEF = (
    "readers register address gender anchors punctuation digits order direction termbase".split()
)

locales = pytest.mark.parametrize("locale", LOCALES)
translated = pytest.mark.parametrize("locale", TRANSLATED)


def test_every_fielded_locale_has_a_catalog():
    assert set(LOCALES) == set(instrument().locales) - {instrument().source_locale}


@locales
def test_catalog_has_the_texts_of_the_instrument(locale):
    entries = [entry for name in CATALOGS for entry in catalog(locale, name)]
    sources = {entry.msgctxt: entry.msgid for entry in entries}
    assert sources == dict(instrument().texts)
    assert len(entries) == len(sources)  # no key twice
    assert {e.msgctxt for e in catalog(locale)} == set(instrument().own_texts)


@locales
def test_a_catalog_has_the_shared_answers_by_id_or_definition(locale):
    for catalog_ in (load_catalog(INSTRUMENT, locale), load_catalog(instrument(), locale)):
        for key, text in targets(locale).items():
            assert catalog_.text(key) == text
        assert [one.instrument_id for one in catalog_.shared] == ["response_sets.agreement5"]


@locales
def test_instrument_gives_every_text(locale):
    for key, text in targets(locale).items():
        assert text.strip() == text != ""
        assert instrument().text(key, locale) == text


@locales
def test_catalog_says_what_it_is(locale):
    for name in CATALOGS:
        head = catalog(locale, name).header
        assert "Status: draft. Origin: machine. Authors: one. Unsigned" in head
        assert catalog(locale, name).metadata["Language"] == locale
    record = brief(locale)
    assert set(BRIEF) <= set(record)
    assert (record["locale"], record["instrument"]) == (locale, instrument().id)
    assert (record["status"], record["origin"], record["authors"]) == ("draft", "machine", 1)
    assert record["signed"] is False
    assert record["relation"] == ("adaptation" if locale == "en_IN" else "translation")
    assert record["sites"] == [s.id for s in instrument().sites.values() if locale in s.locales]


@locales
def test_the_record_says_drafts_by_machine_and_nothing_more(locale):
    status = translation_status(instrument(), locale)
    assert status.counts == {"draft": len(status.texts)}
    assert {text.origins for text in status.texts} == {("machine",)}
    assert not any(text.done for text in status.texts)
    assert not status.can_be_fielded
    told = status.unsigned
    assert told is not None
    assert told.code == "form_unsigned"
    assert "63 of 63 texts are not signed off (63 are by machine alone)" in told.message


@locales
def test_the_brief_has_the_form_that_programs_read(locale):
    read = load_brief(locale, instrument().id)
    assert read is not None
    assert read.direction == ("rtl" if locale == "he_IL" else "ltr")
    assert read.relation == brief(locale)["relation"]
    assert [term.term for term in read.termbase] == [t["term"] for t in brief(locale)["termbase"]]


def test_drafts_are_released_as_drafts_only(tmp_path):
    folder = tmp_path / "translations"
    shutil.copytree(data_folder("translations"), folder)
    with pytest.raises(CatalogError, match="Only signed texts are released"):
        make_release(instrument(), "1.0", translations=folder)
    made = make_release(instrument(), "1.0", allow_draft=True, translations=folder)
    assert made.name == "1.0-draft"
    assert not any(made.locales[locale].signed for locale in LOCALES)


@locales
def test_notes_of_the_definition_stand_in_the_catalog(locale):
    notes = {each.key: " ".join(each.note.split()) for each in source_strings(instrument())}
    for entry in catalog(locale):
        item = instrument().items.get(entry.msgctxt.removeprefix("item."))
        assert " ".join((item.concept if item else "").split()) in notes[entry.msgctxt]
        assert " ".join(entry.comment.split()) == notes[entry.msgctxt]


@locales
def test_files_are_composed_unicode_without_invisible_characters(locale):
    files = [f for f in (data_folder("translations") / locale).rglob("*") if f.is_file()]
    assert len(files) == 5
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert text == unicodedata.normalize("NFC", text), file
        assert not {c for c in text if unicodedata.category(c) in ("Cf", "Co", "Cn")}, file


def scripts(word: str) -> set[str]:
    """Return the scripts of a word's letters, by the first word of their Unicode names."""
    return {unicodedata.name(letter).split()[0] for letter in word if letter.isalpha()}


@locales
def test_words_are_of_the_script_of_the_language(locale):
    expected = {SCRIPTS.get(locale, "LATIN")}
    for key, text in targets(locale).items():
        for word in re.findall(r"[^\W\d_]+", text):
            assert scripts(word) == expected, (key, word)


@translated
def test_english_words_are_declared(locale):
    english = set(re.findall(r"[a-z]{4,}", " ".join(instrument().texts.values()).lower()))
    names = {site.name.lower() for site in instrument().sites.values()}
    found = set(re.findall(r"[a-z]{4,}", " ".join(targets(locale).values()).lower())) & english
    found -= {word for name in names for word in re.findall(r"[a-z]+", name)}
    assert found == ENGLISH_TERMS.get(locale, set())


@locales
def test_answers_of_a_set_differ(locale):
    for answers in instrument().response_sets.values():
        keys = [f"option.{answers.key}.{option.key}" for option in answers.options]
        keys += [f"missing.{answers.key}.{missing.key}" for missing in answers.missing]
        texts = [targets(locale)[key].casefold() for key in keys]
        assert len(set(texts)) == len(texts), answers.key


@locales
def test_one_source_text_has_one_target_and_items_differ(locale):
    pairs = {(instrument().texts[key], text) for key, text in targets(locale).items()}
    assert len(pairs) == len({source for source, _ in pairs})
    items = [text.casefold() for key, text in targets(locale).items() if key.startswith("item.")]
    assert len(set(items)) == len(items)


@locales
def test_numbers_and_placeholders_are_kept(locale):
    for key, text in targets(locale).items():
        source = instrument().texts[key]
        for pattern in (r"\d+", r"[{}<>$%]\w*"):
            assert re.findall(pattern, text) == re.findall(pattern, source), key


@locales
def test_end_marks_follow_the_source(locale):
    stop = FULL_STOP.get(locale, ".")
    for key, text in targets(locale).items():
        source = instrument().texts[key]
        ends = {".": stop, "?": "?"}.get(source[-1], "")
        assert text[-1] == ends if ends else text[-1] not in ".?!।:;", key
        assert text.count("?") == source.count("?"), key
        assert text.count(stop) == source.count("."), key


@locales
def test_no_word_or_space_is_doubled(locale):
    for key, text in targets(locale).items():
        assert "  " not in text, key
        words = [word.strip(".,?()") for word in text.casefold().split()]
        assert not [a for a, b in pairwise(words) if a == b], key


@translated
def test_lengths_are_sane(locale):
    ratios = {
        key: len(text) / len(instrument().texts[key])
        for key, text in targets(locale).items()
        if len(instrument().texts[key]) > 30
    }
    # The longest, item.culture_4, says in Swahili and Luganda what personal recovery is.
    assert {key: ratio for key, ratio in ratios.items() if not 0.5 < ratio < 2.1} == {}


def test_apostrophes_are_those_of_the_briefs():
    for locale, other in (("lg_UG", "’"), ("sw_TZ", "’"), ("de_DE", "'"), ("en_IN", "’")):
        assert not [key for key, text in targets(locale).items() if other in text]


@locales
def test_terms_of_the_brief_are_the_terms_of_the_texts(locale):
    texts = " ".join(targets(locale).values())
    for term in brief(locale)["termbase"]:
        assert {"term", "target"} <= set(term) <= {"term", "target", "also", "avoid", "note"}
        assert term["target"] in texts, term["term"]
        for word in term.get("avoid", ()):
            assert not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", texts), word


@translated
def test_each_text_was_reread(locale):
    record = reread(locale)
    assert (record["status"], record["origin"], record["authors"]) == ("draft", "machine", 1)
    assert record["blind"] is False  # the author knew the source
    seen = {instrument().texts[entry["key"]]: entry for entry in record["texts"]}
    assert len(seen) == len(record["texts"])
    for key, source in instrument().texts.items():
        if not key.startswith("site."):
            assert seen[source]["back"], key
    assert any(entry.get("look_first") for entry in record["texts"])


def test_each_adapted_text_has_a_reason():
    record = reread("en_IN")
    changed = {k: t for k, t in targets("en_IN").items() if t != instrument().texts[k]}
    assert changed == {entry["key"]: entry["adapted"] for entry in record["texts"]}
    assert set(changed) == set(brief("en_IN")["adapted"])
    for entry in record["texts"]:
        assert entry["source"] == instrument().texts[entry["key"]]
        assert entry["reason"]
    assert not set(changed) & {entry["key"] for entry in record["kept"]}


@locales
@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="gettext is not installed")
@pytest.mark.parametrize("name", CATALOGS)
def test_msgfmt_finds_nothing(locale, name, tmp_path):
    made = subprocess.run(
        ["msgfmt", "--check", "-o", str(tmp_path / "x.mo"), str(catalog_file(locale, name))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (made.returncode, made.stderr) == (0, "")


def test_the_page_tells_the_anchors_and_what_to_look_at_first():
    page = (Path(__file__).parents[2] / "docs" / "drafts.md").read_text(encoding="utf-8")
    for answers in ("agreement5", "likelihood5"):
        for part in instrument().response_sets[answers].options:
            key = f"option.{answers}.{part.key}"
            row = [instrument().text(key, loc) for loc in ("en", *TRANSLATED)]
            assert "| " + " | ".join(row) + " |" in page
    for locale in LOCALES:
        section = page.split(f"(`{locale}`)")[1].split("\n## ")[0]
        first = [entry["key"] for entry in reread(locale)["texts"] if entry.get("look_first")]
        items = [key.removeprefix("item.") for key in first if key.startswith("item.")]
        assert items
        assert not [key for key in items if f"`{key}`" not in section]
