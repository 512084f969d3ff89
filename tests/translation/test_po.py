"""PO files keep every byte that nobody changed, and say what polib and gettext say they do."""

from __future__ import annotations

from tempfile import NamedTemporaryFile

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychometrics.translation.po import (
    PoEntry,
    PoFile,
    escaped,
    parse,
    string_lines,
    unescaped,
)
from tests.translation.sample import GETTEXT, STYLES, WEBLATE

LETTERS = st.characters(exclude_categories=["Cs"])
TEXTS = st.text(LETTERS | st.sampled_from(' \n\\"\t\r\x85\u2028~#|'), max_size=120)


@pytest.mark.parametrize("style", STYLES)
def test_a_file_is_written_back_byte_for_byte(style: str) -> None:
    read = parse(STYLES[style])
    assert read.faults == ()
    assert read.dump().encode() == STYLES[style].encode()


@given(st.text(st.sampled_from('msgidctxtr "\\\n\r#~|:,.[]0 aß'), max_size=200))
def test_any_text_is_written_back_whatever_it_is(text: str) -> None:
    assert parse(text).dump() == text


@given(TEXTS)
def test_a_text_comes_back_from_its_lines(text: str) -> None:
    lines = string_lines("msgid", text, "source")
    assert unescaped(escaped(text)) == text
    read = parse("".join(line.raw for line in lines) + 'msgstr ""\n')
    assert read.faults == ()
    assert read.entries[0].source == text


# polib knows no \\a, which no translator writes.
@given(TEXTS.filter(lambda text: not set("\a\b\f\v") & set(text)))
def test_polib_reads_what_is_written(text: str) -> None:
    lines = string_lines("msgid", "S", "source") + string_lines("msgstr", text, "text")
    # From a text in memory polib breaks lines at U+2028 and its like; from a file it does not.
    with NamedTemporaryFile(suffix=".po") as file:
        file.write(('msgid ""\nmsgstr ""\n\n' + "".join(line.raw for line in lines)).encode())
        file.flush()
        (entry,) = polib.pofile(file.name, encoding="utf-8")
    assert entry.msgstr == text


@given(
    st.lists(
        st.tuples(TEXTS.filter(bool), TEXTS.filter(bool), TEXTS, st.booleans(), st.booleans()),
        max_size=4,
    )
)
def test_polib_files_are_read_as_polib_meant_them(rows: list[tuple[str, str, str, bool, bool]]):
    made = polib.POFile(wrapwidth=40)
    made.metadata = {"Language": "de_DE"}
    for context, source, text, fuzzy, obsolete in rows:
        flags = ["fuzzy"] if fuzzy and not obsolete else []
        entry = polib.POEntry(msgctxt=context, msgid=source, msgstr=text, flags=flags)
        entry.obsolete = obsolete
        made.append(entry)
    written = str(made)
    read = parse(written)
    assert read.faults == ()
    assert read.dump() == written
    told = [(e.context, e.source, e.text, e.fuzzy, e.obsolete) for e in read.entries[1:]]
    assert sorted(told) == sorted((c, s, t, f and not o, o) for c, s, t, f, o in rows)


def test_what_an_entry_says() -> None:
    header, instructions, calm, tense, good = parse(GETTEXT).entries
    assert header.context is None
    assert instructions.text == "Bitte denken Sie an die vergangene Woche."
    assert calm.flags == ("no-wrap", "x-checked-by-hand")
    assert calm.told("comment") == ("Quiet was discussed with R1.",)
    assert calm.told("note") == ("Quiet, and not bored.",)
    assert (tense.fuzzy, tense.previous_source) == (True, "I am nervous.")
    assert tense.previous_context == "item.nervous"
    assert good.obsolete
    assert (good.source, good.text) == ('It was "good".', "Es war „gut“.\n")
    assert good.previous_source == "Was it good?"


def test_entries_need_no_blank_line_between_them() -> None:
    read = parse(WEBLATE)
    assert [entry.context for entry in read.entries] == [None, "item.calm", "item.tense"]
    assert read.header()["X-Generator"] == "Weblate 5.9"


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("msgid Hello\nmsgstr ''\n", 1, "neither a comment"),
        ('msgid "a"\nmsgid "b"\nmsgstr ""\n', 2, "not expected"),
        ('msgid "a"\n\nmsgid_plural "b"\n', 1, "no msgstr"),
        ('msgctxt "a"\n', 1, "no msgid"),
        ('<<<<<<< HEAD\nmsgid "a"\nmsgstr ""\n', 1, "conflict"),
        ('msgid "a"\nmsgstr "b" "c"\n', 2, "neither a comment"),
        ('"lost"\n', 1, "not expected"),
    ],
)
def test_a_line_that_cannot_be_read_is_told(text: str, line: int, why: str) -> None:
    read = parse(text)
    assert read.dump() == text
    assert why in next(fault.why for fault in read.faults if fault.line == line)


def test_odd_lines_of_old_entries_are_comments() -> None:
    text = '#~ # by R1\n#~\n#~ msgid "a"\n#~ msgstr "b"\n'
    read = parse(text)
    assert read.faults == ()
    assert [(e.source, e.text, e.obsolete) for e in read.entries] == [("a", "b", True)]
    assert read.dump() == text


def test_lines_of_a_field_are_replaced_and_others_kept() -> None:
    read = parse(GETTEXT)
    calm = read.entries[2]
    new = calm.with_lines("source", string_lines("msgid", "I feel quiet.", "source"))
    written = read.replaced({2: new}).dump()
    assert written == GETTEXT.replace('msgid "I feel calm."', 'msgid "I feel quiet."')
    assert isinstance(new, PoEntry)
    assert isinstance(read, PoFile)


def test_a_new_field_goes_where_gettext_puts_it() -> None:
    calm = parse(GETTEXT).entries[2]
    new = calm.with_lines("previous", string_lines("msgid", "I am calm.", "previous", mark="#| "))
    raws = [line.raw for line in new.lines]
    assert raws.index('#| msgid "I am calm."\n') == raws.index('msgctxt "item.calm"\n') - 1


def test_long_texts_are_wrapped_after_spaces() -> None:
    lines = string_lines("msgid", "word " * 40, "source")
    assert lines[0].raw == 'msgid ""\n'
    assert max(len(line.raw) for line in lines) <= 80
