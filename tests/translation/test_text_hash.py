"""The fingerprint of a text: what changes it and what doesn't."""

from __future__ import annotations

from time import process_time
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychometrics.errors import CatalogError
from psychometrics.translation.text_hash import LENGTH, text_hash

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from(" \n\u0915\u093c\u200d\u05e9\u05bc")
)


@given(TEXTS)
def test_wrapping_and_canonical_equivalence_do_not_change_it(text: str) -> None:
    wrapped = "\n " + text.replace(" ", " \n\t") + " "
    assert text_hash(wrapped) == text_hash(text)
    assert text_hash(normalize("NFD", text)) == text_hash(normalize("NFC", text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I am calm.", "I am calm"),
        ("I am calm.", "I am Calm."),
        ("क्ष", "क्\u200dष"),
        ("क्\u200dष", "क्\u200cष"),
        ("ng'enda", "ng\u2019enda"),
        ("5 %", "5\u00a0%"),
        ("\u200f\u05e9\u05dc", "\u05e9\u05dc"),
    ],
)
def test_letters_marks_and_joiners_change_it(one: str, other: str) -> None:
    assert text_hash(one) != text_hash(other)


def test_it_is_the_same_for_ever() -> None:
    """Records of many years hold it, so it may not change with a version of this toolkit."""
    assert text_hash("I feel calm.") == "ddda8f0c04c1a790"


def test_a_text_buried_in_marks_is_refused_before_it_is_normalised() -> None:
    with pytest.raises(CatalogError, match="31 marks follow each other") as told:
        text_hash("I feel \u0301" + "\u0316" * 30 + "calm")
    assert [each.code for each in told.value.findings] == ["text_of_marks"]
    assert text_hash("a" + "\u0301" * 30) == text_hash("\u00e1" + "\u0301" * 29)


def test_time_grows_with_the_number_of_marks_alone() -> None:
    """Ten times the marks take ten times as long if it is linear, a hundred times if square."""
    # U+0F73 has no class of its own and is taken apart into two marks that have.
    for mark in ("\u0301\u0316", "\u0f73"):
        assert seconds_to_refuse(mark * 100_000) < 30 * seconds_to_refuse(mark * 10_000) + 0.02
    many = "a" + "\u0301\u0316" * 15
    assert len(text_hash(many * 10_000)) == LENGTH


def seconds_to_refuse(text: str) -> float:
    """Return the best of some CPU times; the machine may be busy with other things."""
    times = []
    for _ in range(2):
        start = process_time()
        with pytest.raises(CatalogError):
            text_hash(text)
        times.append(process_time() - start)
    return min(times)
