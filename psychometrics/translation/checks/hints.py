"""Hints: what a person who knows the language should look at, although much of it will be right.

Lists of words mislead: Swahili hu- negates and is also habitual, Hindi मत is "don't" and also
"opinion", and a language may say without a negation what English says with one. So a hint is
never an error, and `psychometrics translations check` leaves hints out of its exit code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from psychometrics.errors import Finding
from psychometrics.translation.checks.language import first_match, opposites
from psychometrics.translation.checks.letters import words_of
from psychometrics.translation.checks.pair import Pair, joined, warning

# "No more than" is "höchstens", "No-referrer" a name, "None" a value: nothing is negated.
NO_NEGATION = re.compile(
    r"\b[Nn]o(?:t)? (?:more|less|fewer|later|earlier) than\b|\b[Nn]o-|(?<=\S )None\b"
)
NUMBERS_IN_WORDS = {
    "two": "2", "twice": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10", "twelve": "12", "fourteen": "14", "twenty": "20",
    "thirty": "30",
}  # fmt: skip


def negation(pair: Pair) -> Iterator[Finding]:
    """A negation of the source seems lost, or there is one that the source hasn't."""
    language = pair.language
    if not language.negates or pair.is_copy:
        return
    english = pair.source_language
    if not english.negates:
        return
    plain = NO_NEGATION.sub(" ", pair.bare_source)
    source = " ".join(word for word in words_of(plain) if word not in english.affirms)
    target = " ".join(word for word in pair.target_words if word not in language.affirms)
    if first_match(source, english.negates):
        if not first_match(target, language.negates + language.may_negate):
            yield warning(pair, "hint_negation_lost")
        return
    may_negate = plain != pair.bare_source or first_match(source, english.may_negate)
    if not may_negate and first_match(target, language.negates):
        yield warning(pair, "hint_negation_added")


def antonyms(pair: Pair) -> Iterator[Finding]:
    """The target seems to say the opposite of a word of the source."""
    code, source_code = pair.language.code, pair.source_language.code
    if pair.is_copy:
        return
    # "Stimme nicht zu" is the opposite of "zu"; negation has a hint of its own.
    source, target = " ".join(pair.source_words), " ".join(pair.target_words)
    negated = first_match(target, pair.language.negates)
    for pair_of_words in opposites():
        if code not in pair_of_words or source_code not in pair_of_words:
            continue
        said = _sides(pair_of_words[source_code], source)
        if len(said) != 1:
            continue
        found = _sides(pair_of_words[code], target)
        if len(found) == 1 and said.keys() != found.keys() and not negated:
            yield warning(
                pair, "hint_antonym", source=joined(said.values()), target=joined(found.values())
            )


def numbers_in_words(pair: Pair) -> Iterator[Finding]:
    """A number that the source has as a word is in the target, as a word or in digits."""
    if not pair.language.numbers or pair.source_language.code != "en" or pair.is_copy:
        return
    target = " ".join(pair.target_words)
    for word in dict.fromkeys(pair.source_words):
        number = NUMBERS_IN_WORDS.get(word)
        if number is None:
            continue
        patterns = tuple(f"{each}*" for each in pair.language.numbers[number])
        if number not in pair.target_words and not first_match(target, patterns):
            yield warning(pair, "hint_number_lost", number=word)
            return


def _sides(words: Sequence[Sequence[str]], found: str) -> Mapping[int, str]:
    """Return which sides of a pair of opposites are there, each with the word that says so."""
    hits = {side: first_match(found, _patterns(tuple(each))) for side, each in enumerate(words)}
    return {side: hit for side, hit in hits.items() if hit}


@lru_cache(maxsize=512)
def _patterns(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a side as patterns: "=" before it means the whole word."""
    return tuple(each[1:] if each.startswith("=") else f"{each}*" for each in words)
