"""Merging by key: no translation is lost, moved to another key, or left unmarked."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics.translation.merge import Merged, merge
from psychometrics.translation.po import PoFile, parse
from psychometrics.translation.po_edit import as_obsolete, new_entry, with_flag, with_previous
from psychometrics.translation.source import SourceString
from psychometrics.translation.text_hash import plain_text
from tests.translation.sample import GETTEXT, STYLES, put


def strings(**texts: str) -> list[SourceString]:
    return [
        SourceString(
            f"item.{key}", text, "item", f"Note of {key}.", f"mood.yaml:{order + 1}", order
        )
        for order, (key, text) in enumerate(texts.items())
    ]


def po(*entries: str) -> PoFile:
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    return parse("\n".join([header, *entries]))


def entry(key: str, source: str, text: str, before: str = "") -> str:
    return f'{before}msgctxt "item.{key}"\nmsgid "{source}"\nmsgstr "{text}"\n'


def told(merged: Merged) -> list[tuple[str, str, str]]:
    return [(one.key, one.what, one.change.size) for one in merged.changes]


def test_a_changed_source_keeps_the_old_translation_marked() -> None:
    made = merge(po(entry("a", "I rarely worry.", "Selten.")), strings(a="I often worry."))
    (one,) = made.file.entries[1:]
    assert (one.text, one.fuzzy, one.source) == ("Selten.", True, "I often worry.")
    assert one.previous_source == "I rarely worry."
    assert told(made) == [("item.a", "changed", "meaning")]
    assert "frequency: rarely -> often" in " ".join(one.told("note"))


def test_the_source_it_was_translated_from_stays_through_two_changes() -> None:
    once = merge(po(entry("a", "One.", "Eins.")), strings(a="Two."))
    twice = merge(once.file, strings(a="Three."))
    assert twice.file.entries[1].previous_source == "One."
    back = merge(twice.file, strings(a="One."))
    assert back.file.entries[1].previous_source is None
    assert back.file.entries[1].fuzzy


def test_white_space_is_no_change() -> None:
    made = merge(po(entry("a", "I am  calm.", "Ruhig.")), strings(a="I am calm."))
    assert told(made) == []
    assert not made.file.entries[1].fuzzy
    assert made.file.entries[1].source == "I am calm."


def test_nothing_is_copied_from_another_key() -> None:
    """Similar or equal texts of other keys give a note at most."""
    old = po(entry("a", "Nearly every day", "Fast jeden Tag"))
    made = merge(old, strings(a="Nearly every day", b="Nearly every day", c="Nearly every week"))
    texts = {one.context: one.text for one in made.file.entries}
    assert (texts["item.b"], texts["item.c"]) == ("", "")
    b = next(one for one in made.file.entries if one.context == "item.b")
    assert "translated there as: Fast jeden Tag" in " ".join(b.told("note"))
    assert not b.fuzzy


def test_a_renamed_key_takes_its_translation_along() -> None:
    old = po(entry("old", "Calm.", "Ruhig."), entry("old@ulm", "Calm.", "Still."))
    made = merge(old, strings(new="Calm."), renamed={"item.new": ["item.old"]})
    assert [(e.context, e.text, e.fuzzy) for e in made.file.entries[1:]] == [
        ("item.new", "Ruhig.", False),
        ("item.new@ulm", "Still.", False),
    ]
    assert told(made)[0][:2] == ("item.new", "renamed")


def test_a_renamed_key_with_another_text_is_marked() -> None:
    made = merge(
        po(entry("old", "Calm.", "Ruhig.")),
        strings(new="Quiet."),
        renamed={"item.new": ["item.old"]},
    )
    (one,) = made.file.entries[1:]
    assert (one.context, one.fuzzy, one.previous_source) == ("item.new", True, "Calm.")


def test_a_removed_key_is_kept_out_of_use_and_comes_back() -> None:
    old = po(entry("a", "A", "Ä"), entry("b", "B", "Bee", "# by R1\n#, no-wrap\n"))
    gone = merge(old, strings(a="A"))
    assert told(gone) == [("item.b", "removed", "none")]
    assert '#~ msgstr "Bee"' in gone.file.dump()
    assert "# by R1" in gone.file.dump()
    back = merge(gone.file, strings(a="A", b="B"))
    assert told(back) == [("item.b", "revived", "none")]
    assert [(e.context, e.text, e.flags) for e in back.file.entries[2:]] == [
        ("item.b", "Bee", ("no-wrap",))
    ]


def test_a_retired_key_is_never_used_again() -> None:
    old = po(entry("a", "A", "Ä"), entry("b", "B", "Bee"))
    gone = merge(old, strings(a="A"), retired=["item.b"])
    assert told(gone) == [("item.b", "retired", "none")]
    back = merge(gone.file, strings(a="A", b="B"))
    live = [e for e in back.file.entries if e.context == "item.b" and not e.obsolete]
    assert [e.text for e in live] == [""]
    assert [one.code for one in back.findings] == ["retired_key_reused"]
    assert '#~ msgstr "Bee"' in back.file.dump()
    moved = merge(gone.file, strings(a="A", c="B"), renamed={"item.c": ["item.b"]})
    assert next(e for e in moved.file.entries if e.context == "item.c").text == ""


def test_headers_comments_and_unknown_flags_survive() -> None:
    source = strings(calm="I feel quiet.", tense="I am tense.", good='It was "good".')
    made = merge(parse(GETTEXT), source).file.dump()
    for kept in (
        "# German of the mood scale.\n# Copyright (C) nobody\n",
        '"X-Reviewed-By: R1\\n"\n',
        "#  Quiet was discussed with R1.\n",
        "#, fuzzy, no-wrap, x-checked-by-hand\n",
        '"Bitte denken Sie an die "\n#~ "vergangene Woche."\n',
        '#| msgid "Was it good?"\nmsgctxt "item.good"\n',
        'msgstr "Es war „gut“.\\n"\n',
    ):
        assert kept in made


def test_new_entries_stand_in_the_order_of_the_definition() -> None:
    old = po(entry("b", "B", "Bee"), entry("d", "D", "Dee"))
    made = merge(old, strings(a="A", b="B", c="C", c2="C2", d="D", e="E"))
    assert [e.context for e in made.file.entries[1:]] == [
        f"item.{key}" for key in ("a", "b", "c", "c2", "d", "e")
    ]


def test_an_entry_without_key_is_left_and_told() -> None:
    old = po('msgid "Who knows?"\nmsgstr "Wer weiß?"\n', entry("a", "A", "Ä"))
    made = merge(old, strings(a="A"))
    assert [one.code for one in made.findings] == ["entry_without_key"]
    assert 'msgid "Who knows?"\nmsgstr "Wer weiß?"\n' in made.file.dump()


def test_a_key_that_is_there_twice_is_marked_twice() -> None:
    made = merge(po(entry("a", "A", "1"), entry("a", "A", "2")), strings(a="B"))
    assert [(e.text, e.fuzzy) for e in made.file.entries[1:]] == [("1", True), ("2", True)]


def test_a_missing_line_end_at_the_end_of_the_file_does_no_harm() -> None:
    made = merge(
        parse('msgid ""\nmsgstr ""\n\nmsgctxt "item.a"\nmsgid "A"\nmsgstr "Ä"'),
        strings(a="A", b="B"),
    )
    assert parse(made.file.dump()).faults == ()
    assert [e.context for e in parse(made.file.dump()).entries[1:]] == ["item.a", "item.b"]


# Random edits of definitions and catalogs

KEYS = "abcdefg"
SOURCES = st.sampled_from(
    ["I often worry.", "I rarely worry.", "I often worry", "I  often worry.", "Yes", 'No "way"\\']
)
TEXTS = st.sampled_from(
    ["", "ja", "nein", "Ich „sorge“ mich.\nOft.", 'a"b\\c', "हाँ", "\u05db\u05df"]
)
DEFINITIONS = st.dictionaries(st.sampled_from(KEYS), SOURCES, max_size=7)


@st.composite
def catalogs(draw: st.DrawFn) -> PoFile:
    """Catalogs of any state: with sites, fuzzy and obsolete entries, in several styles."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = draw(st.sampled_from(["", "\ufeff", 'msgid ""\nmsgstr ""\n', *STYLES.values()]))
    for key in draw(st.lists(st.sampled_from([*KEYS, "a@ulm", "h", "h@ulm"]), unique=True)):
        made = new_entry(f"item.{key}", draw(SOURCES), text=draw(TEXTS))
        if draw(st.booleans()):
            made = with_flag(made, "fuzzy", True)
            if draw(st.booleans()):
                made = with_previous(made, draw(SOURCES))
        if draw(st.integers(0, 3)) == 0:
            made = as_obsolete(made)
        remark = draw(st.sampled_from(["", "# by R1\n", "#, x-mine\n", '#~| msgid "x"\n']))
        text += "\n" * draw(st.integers(0, 2)) + remark + "".join(line.raw for line in made.lines)
    return parse(text.replace("\r\n", "\n").replace("\n", newline))


Texts = dict[str, list[tuple[str, str]]]


def translations(file: PoFile) -> Texts:
    """Return every translation with its source, by key."""
    made: Texts = {}
    for one in file.entries:
        if one.context and one.text:
            made.setdefault(one.context, []).append((one.source, one.text))
    return made


RENAMES = st.sampled_from([{}, {"item.g": ["item.h"]}, {"item.a": ["item.b", "item.h"]}])
RETIRED = st.sets(st.sampled_from(["item.f", "item.h"]))


@settings(max_examples=200, deadline=None)
@given(catalogs(), st.lists(DEFINITIONS, min_size=1, max_size=3), RENAMES, RETIRED)
def test_no_translation_is_lost_moved_or_left_unmarked(
    old: PoFile, definitions: list[dict[str, str]], renamed: dict[str, list[str]], retired: set[str]
) -> None:
    for texts in definitions:
        source = strings(**texts)
        new = merge(old, source, renamed=renamed, retired=retired - {s.key for s in source}).file
        earlier = {
            key: names for key, names in renamed.items() if key.removeprefix("item.") in texts
        }
        _nothing_is_lost(old, new, earlier)
        _nothing_came_from_elsewhere(old, new, earlier)
        _changed_sources_are_marked(old, new, {s.key: s.text for s in source}, earlier)
        assert parse(new.dump()).faults == ()
        assert parse(new.dump()).dump() == new.dump()
        again = merge(
            parse(new.dump()), source, renamed=renamed, retired=retired - {s.key for s in source}
        )
        assert again.file.dump() == new.dump()
        assert [one for one in again.changes if one.what != "added"] == []
        old = parse(new.dump())


def _named(key: str, renamed: dict[str, list[str]]) -> set[str]:
    """Return the key, and the keys that its text may have got it from."""
    base, sign, site = key.partition("@")
    return {key, *(f"{old}{sign}{site}" for old in renamed.get(base, []))}


def _nothing_is_lost(old: PoFile, new: PoFile, renamed: dict[str, list[str]]) -> None:
    after = translations(new)
    for key, pairs in translations(old).items():
        base, sign, site = key.partition("@")
        homes = [key, *(f"{n}{sign}{site}" for n, names in renamed.items() if base in names)]
        kept = [text for home in homes for _, text in after.get(home, [])]
        for _, text in pairs:
            assert text in kept, (key, text)
    assert sum(map(len, after.values())) == sum(map(len, translations(old).values()))


def _nothing_came_from_elsewhere(old: PoFile, new: PoFile, renamed: dict[str, list[str]]) -> None:
    before = translations(old)
    for key, pairs in translations(new).items():
        had = {text for name in _named(key, renamed) for _, text in before.get(name, [])}
        assert {text for _, text in pairs} <= had, key


def _changed_sources_are_marked(
    old: PoFile, new: PoFile, texts: dict[str, str], renamed: dict[str, list[str]]
) -> None:
    before = translations(old)
    for one in new.entries:
        if not one.context or one.obsolete or not one.text:
            continue
        present = texts.get(one.context.partition("@")[0])
        if present is None:
            continue
        assert one.source == present
        pairs = [p for name in _named(one.context, renamed) for p in before.get(name, [])]
        sources = {plain_text(source) for source, text in pairs if text == one.text}
        if plain_text(present) not in sources:
            assert one.fuzzy, one.context


@settings(max_examples=40, deadline=None)
@given(catalogs(), DEFINITIONS)
def test_what_is_up_to_date_keeps_its_bytes(old: PoFile, texts: dict[str, str]) -> None:
    source = strings(**texts)
    done = merge(old, source).file.dump()
    raw = done.encode()
    assert merge(parse(raw.decode()), source).file.dump().encode() == raw


@settings(max_examples=40, deadline=None)
@given(catalogs(), DEFINITIONS, st.sampled_from(KEYS))
def test_an_edit_of_one_text_leaves_the_bytes_of_the_others(
    old: PoFile, texts: dict[str, str], key: str
) -> None:
    done = merge(old, strings(**texts)).file
    edited = merge(done, strings(**{**texts, key: "Quite another text."})).file

    def others(file: PoFile) -> list[list[str]]:
        # A note may tell what another key has, so notes may change with it.
        return [
            [line.raw for line in one.lines if line.role != "note"]
            for one in file.entries
            if not (one.context or "").startswith(f"item.{key}")
        ]

    assert others(edited) == others(done)


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="gettext is not installed")
@pytest.mark.parametrize("style", ["gettext", "weblate"])
def test_msgfmt_finds_nothing_after_a_merge(tmp_path: Path, style: str) -> None:
    source = strings(
        calm="I feel quiet at 50% of the days.", glad="I am glad.", tense="I am tense."
    )
    made = merge(parse(STYLES[style]), source).file.dump()
    file = put(tmp_path, made)
    done = subprocess.run(
        ["msgfmt", "-c", "-o", str(tmp_path / "x.mo"), str(file)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("msgcat") is None, reason="gettext is not installed")
@pytest.mark.parametrize("options", [[], ["--no-wrap"], ["--width=40"], ["--sort-output"]])
def test_what_gettext_saved_is_read_and_kept(tmp_path: Path, options: list[str]) -> None:
    source = strings(calm="I feel calm.", glad="I am glad.", tense="I am tense.")
    ours = merge(parse(GETTEXT), source).file
    file = put(tmp_path, ours.dump())
    saved = subprocess.run(["msgcat", *options, str(file)], capture_output=True, check=True).stdout
    read = parse(saved.decode())
    assert read.faults == ()
    assert translations(read) == translations(ours)
    again = merge(read, source)
    assert [one for one in again.changes] == []
    assert again.file.dump().encode() == saved
