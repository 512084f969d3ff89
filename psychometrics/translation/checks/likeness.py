"""Is the target a translation of this source: its length, and what of the source is left in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from psychometrics.errors import Finding
from psychometrics.translation.checks.letters import LETTER, visible_length
from psychometrics.translation.checks.pair import Pair, error, warning

SLACK = 12
"""Characters by which a short text may be longer or shorter whatever its ratio."""
SENTENCE = 3
"""So many words are no name, if an ordinary one is among them."""
LEFT_WORDS = 3
"""So many words of the source in a row are no loan word."""
SHORTEST_WORD = 4
# The end of a sentence that another one follows; a dot after fewer letters is of an abbreviation.
NEXT_SENTENCE = re.compile(rf"[.!?।؟](?=\s+{LETTER})(?<={LETTER}{{3}}.)")
SIGNS = ".,;:!?()\"'“”„‘’«»"


def length(pair: Pair) -> Iterator[Finding]:
    """The target is about as long as targets in this language usually are.

    One with more sentences than the source may be longer than usual by half as much, for then one
    was probably added.
    """
    if not pair.target.strip() or pair.source_language.code != "en":
        return
    if pair.bare_source.isupper():  # an abbreviation may have to be written out
        return
    source, target = visible_length(pair.bare_source), visible_length(pair.bare_target)
    low, high = pair.language.length if pair.relation == "translation" else (0.5, 2.0)
    if _sentences(pair.bare_target) > _sentences(pair.bare_source):
        high = (low + high) / 2
    if source * low - SLACK <= target <= source * high + SLACK:
        return
    yield warning(
        pair, "length_unusual", source=source, target=target, ratio=target / max(source, 1)
    )


def _sentences(text: str) -> int:
    return len(NEXT_SENTENCE.findall(text))


def untranslated(pair: Pair) -> Iterator[Finding]:
    """The target is not the source itself; an adaptation may be."""
    if pair.relation == "adaptation" or _one_language(pair):
        return
    if pair.part == "site" and pair.language.script == "LATIN":  # the name of a place
        return
    if not pair.is_copy:
        return
    words = [word for word in pair.source_words if word.isalpha() and len(word) > 1]
    other_script = pair.language.script != "LATIN"
    if _has_plain_word(pair) and len(words) >= (1 if other_script else SENTENCE):
        yield error(pair, "untranslated")
    elif words and _may_need_words(pair, len(words), other_script):
        yield warning(pair, "perhaps_untranslated")


def _may_need_words(pair: Pair, n_words: int, other_script: bool) -> bool:
    """Return whether a copy of names, or of few words, should be looked at."""
    if other_script:
        return n_words > 1 and not pair.bare_source.isupper()
    return n_words >= SENTENCE or (n_words == SENTENCE - 1 and _has_plain_word(pair))


def partly_untranslated(pair: Pair) -> Iterator[Finding]:
    """No run of words of the source is left in the target; in another script, no word."""
    if pair.relation == "adaptation" or _one_language(pair) or pair.is_copy:
        return
    in_latin = pair.language.script == "LATIN"
    source, target = (
        _runs(text, LEFT_WORDS) if in_latin else _single_words(text)
        for text in (pair.bare_source, pair.bare_target)
    )
    left = set(source)
    run = next((each for each in target if each in left), None)
    if run:
        yield warning(pair, "partly_untranslated", found=" ".join(run))


def _runs(text: str, size: int) -> Iterator[tuple[str, ...]]:
    """Yield the runs of ordinary words: no names, formats or paths among them."""
    words = [word.strip(SIGNS) for word in text.split()]
    for at in range(len(words) - size + 1):
        run = tuple(words[at : at + size])
        if all(map(str.isalpha, run)) and all(map(str.islower, run[1:])):
            yield tuple(map(str.lower, run))


def _single_words(text: str) -> Iterator[tuple[str]]:
    """Yield the ordinary Latin words, but for those that are quoted or in brackets."""
    for told in text.split():
        word = told.rstrip(".,;:!?।")
        if len(word) >= SHORTEST_WORD and word.isascii() and word.isalpha() and word.islower():
            yield (word,)


def _one_language(pair: Pair) -> bool:
    return pair.language.code == pair.source_language.code


def _has_plain_word(pair: Pair) -> bool:
    """Return whether there is an ordinary word: not a name, an abbreviation or a format."""
    told = pair.bare_source.split()
    if any(word.islower() and word.isalpha() and len(word) > 2 for word in told):
        return True
    # Alone, an ordinary word begins with a capital too; in another script few names stay as is.
    alone = len(told) == 1 and told[0].istitle() and told[0].isalpha() and len(told[0]) > 2
    return alone and pair.language.script != "LATIN"
