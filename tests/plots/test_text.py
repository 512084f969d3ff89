from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychometrics.plots.text import clean, is_right_to_left, isolated, wrapped


@given(st.text())
def test_clean_leaves_nothing_that_xml_or_bidi_can_stumble_over(text: str) -> None:
    found = clean(text)
    assert all(unicodedata.category(character) not in {"Cc", "Cs"} for character in found)
    assert not set(found) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert clean(found) == found
    found.encode("utf-8")


def test_clean_keeps_joiners_that_indic_scripts_need() -> None:
    assert clean("क्\u200dष र\u200cक") == "क्\u200dष र\u200cक"


@pytest.mark.parametrize(
    ("text", "leftward"),
    [("Ulm", False), ("באר שבע", True), ("GAD-7: האם אתה מרגיש לחוץ?", True), ("", False)],
)
def test_direction_is_that_of_most_letters(text: str, leftward: bool) -> None:
    assert is_right_to_left(text) is leftward


def test_latin_start_does_not_turn_a_hebrew_line_around() -> None:
    assert isolated("GAD-7: האם?") == "\u2067GAD-7: האם?\u2069"
    assert isolated("The word שלום in English") == "\u2066The word שלום in English\u2069"
    assert isolated("Kampala") == "Kampala"


@given(st.text(), st.integers(4, 40), st.integers(1, 3))
def test_wrapped_never_gives_more_lines_than_asked(text: str, width: int, lines: int) -> None:
    found = wrapped(text, width, lines)
    assert 1 <= len(found) <= lines
    assert all(len(line) <= width + 3 for line in found)


def test_wrapped_says_that_something_is_left_out() -> None:
    assert wrapped("one two three four five", 8, 2) == ["one two", "three…"]
