"""How much a change of a source text matters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychometrics.translation.change import classify_change, meaning_words


@pytest.mark.parametrize(
    ("old", "new", "size"),
    [
        ("I am calm.", "I  am\ncalm. ", "none"),
        ("I worry, often.", "I worry often.", "punctuation"),
        ("I am calm.", "I am calm", "punctuation"),
        ('the "users" of it', "the 'users' of it", "punctuation"),
        ("I am calm.", "I am calm?", "wording"),
        ("Dear {name}, hello", "Dear name, hello", "wording"),
        ("yes/no", "yes no", "wording"),
        ("I am calm.", "I am quiet.", "wording"),
        ("us", "US", "wording"),
        ("I rarely worry.", "I often worry.", "meaning"),
        ("I am calm.", "I am not calm.", "meaning"),
        ("I am calm.", "I'm not calm.", "meaning"),
        ("I do sleep.", "I don’t sleep.", "meaning"),
        ("I can sleep.", "I cannot sleep.", "meaning"),
        ("They are able to.", "They are unable to.", "meaning"),
        ("It is useful.", "It is useless.", "meaning"),
        ("in the past 2 weeks", "in the past 4 weeks", "meaning"),
        ("in the past two weeks", "in the past four weeks", "meaning"),
        ("from 1.5 to 2", "from 15 to 2", "meaning"),
        ("from -1 to 1", "from 1 to 1", "meaning"),
        ("from 0 to 10", "from 10 to 0", "meaning"),
        ("Most staff agree.", "Some staff agree.", "meaning"),
        ("Staff agree.", "All staff agree.", "meaning"),
        ("never or always", "always or never", "meaning"),
        ("Staff should agree.", "Staff may agree.", "meaning"),
        ("The past week.", "The past month.", "meaning"),
    ],
)
def test_the_class_of_a_change(old: str, new: str, size: str) -> None:
    assert classify_change(old, new).size == size
    assert classify_change(new, old).size == size


def test_it_says_what_was_touched() -> None:
    assert classify_change("I rarely worry.", "I often worry.").about == (
        "frequency: rarely -> often",
    )
    assert classify_change("It helps.", "It never helps 2 people.").about == (
        "number: nothing -> 2",
        "frequency: nothing -> never",
    )


def test_without_word_lists_no_change_of_words_is_taken_lightly() -> None:
    assert classify_change("Ich bin ruhig.", "Ich bin still.", "de_DE").size == "meaning"
    assert classify_change("Ich bin ruhig.", "Ich bin ruhig", "de_DE").size == "punctuation"


WORDS = st.sampled_from(
    "I you often never not two 2 2.5 -1 feel calm {n} <b> , . ? all us US can't ng'".split()
)


@given(st.lists(WORDS), st.lists(WORDS))
def test_both_directions_are_of_one_class(old: list[str], new: list[str]) -> None:
    one, other = " ".join(old), " ".join(new)
    assert classify_change(one, other).size == classify_change(other, one).size
    assert (classify_change(one, other).size == "none") == (one == other)


@given(st.lists(WORDS), st.sampled_from(["not", "never", "always", "7", "all", "nobody"]))
def test_a_meaning_word_more_is_never_missed(sentence: list[str], word: str) -> None:
    assert classify_change(" ".join(sentence), " ".join([*sentence, word])).size == "meaning"


def test_word_lists_are_in_small_letters() -> None:
    for kinds in meaning_words().values():
        for known in kinds.values():
            assert all(word == word.casefold() for word in known)
