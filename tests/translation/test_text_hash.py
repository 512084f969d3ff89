"""The fingerprint of a text: what changes it and what doesn't."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychometrics.translation.text_hash import text_hash

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
