"""Letters of the right script, and marks that stand on a letter."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from psychometrics.errors import Finding
from psychometrics.translation.checks.language import SCRIPT_NAMES
from psychometrics.translation.checks.letters import WORD, listed, script_of, shown
from psychometrics.translation.checks.pair import Pair, error, warning
from psychometrics.translation.marks import is_mark

FEWEST_LETTERS = 2
LOWEST_SHARE = 0.5
DOTTED_CIRCLE = "\u25cc"
VEDIC = "\u0951\u0952"
"""Named after Devanagari and used with all scripts of India."""


def share(pair: Pair) -> Iterator[Finding]:
    """At least half of the letters are of the locale's script, apart from words of the source.

    Nor do abbreviations in capitals count, which have them in every script.
    """
    script = pair.language.script
    if script is None or (script == "LATIN" and pair.target.isascii()) or pair.is_copy:
        return
    taken = set(pair.source_words)
    counted: Counter[str] = Counter()
    for word in WORD.findall(pair.bare_target):
        if word.lower() not in taken and not word.isupper():
            counted.update(each for each in map(script_of, word) if each)
    letters = counted.total()
    if letters >= FEWEST_LETTERS and counted[script] < LOWEST_SHARE * letters:
        found = counted.most_common(1)[0][0]
        yield error(pair, "wrong_script", found=found.title(), expected=script.title())


def mixed_words(pair: Pair) -> Iterator[Finding]:
    """No word with letters of two scripts, such as a Cyrillic a in a Latin word.

    A word of Latin letters may carry endings or prefixes of the locale's script (URL).
    """
    if pair.target.isascii():
        return
    for word in pair.target_words:
        if not word.isascii() and _is_mixed(word, pair.language.script):
            found = dict.fromkeys(each for each in map(script_of, word) if each)
            yield error(
                pair, "mixed_script_word", word=shown(word), scripts=", ".join(found).title()
            )
            return
    if hit := _mark_of_another_script(pair.target):
        letter, mark = hit
        told = ", ".join(filter(None, (script_of(letter), _script_of_mark(mark)))).title()
        yield error(pair, "mixed_script_word", word=shown(letter + mark), scripts=told)


def foreign_letters(pair: Pair) -> Iterator[Finding]:
    """No letters of a script that neither the locale nor the source uses."""
    script = pair.language.script
    if script is None or pair.target.isascii():
        return
    known = {script, "LATIN", pair.source_language.script}
    used = dict.fromkeys(each for each in pair.bare_target if script_of(each) not in (None, *known))
    found = [each for each in used if each not in pair.source]
    if found and not any(mixed_words(pair)) and not any(share(pair)):
        yield warning(pair, "foreign_letter", found=listed("".join(found)))


def marks(pair: Pair) -> Iterator[Finding]:
    """A mark stands on a letter, and not twice; a letter such as ü has one already."""
    if pair.target.isascii():
        return
    before = " "
    for each in unicodedata.normalize("NFD", pair.target):
        if is_mark(each):
            if before.isspace() and before != "\u00a0":
                yield warning(pair, "mark_without_letter", found=listed(each))
                return
            if each == before:
                yield warning(pair, "mark_twice", found=listed(each))
                return
        before = each


def _mark_of_another_script(text: str) -> tuple[str, str] | None:
    """Return the first letter with a mark that belongs to another script, and that mark."""
    letter = ""
    for each in text:
        if not is_mark(each):
            letter = each
        elif letter and (script := script_of(letter)):
            if _script_of_mark(each) not in (None, script):
                return letter, each
    return None


@lru_cache(maxsize=4096)
def _script_of_mark(mark: str) -> str | None:
    """Return the script that a mark is named after; None for one that all scripts share."""
    first = unicodedata.name(mark, "").partition(" ")[0]
    return first if first in SCRIPT_NAMES.values() and mark not in VEDIC else None


def _is_mixed(word: str, script: str | None) -> bool:
    runs = [
        (found, len(list(letters)))
        for found, letters in groupby(filter(None, map(script_of, word)))
    ]
    if len(runs) < 2:
        return False
    if script in (None, "LATIN") or {found for found, _ in runs} != {"LATIN", script}:
        return True
    # An acronym with an ending or a prefix; one Latin letter within a word is a look-alike.
    return len(runs) > 3 or any(size < 2 for found, size in runs if found == "LATIN")
