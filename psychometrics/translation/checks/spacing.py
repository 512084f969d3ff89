"""Spaces, words twice in a row, and characters that nobody sees."""

from __future__ import annotations

import re
from collections.abc import Iterator

from psychometrics.errors import Finding
from psychometrics.translation.checks.language import JOINER_SCRIPTS
from psychometrics.translation.checks.letters import LETTER, listed, script_of, shown
from psychometrics.translation.checks.pair import Pair, warning
from psychometrics.translation.marks import is_mark

JOINERS = "\u200c\u200d"
DIRECTION_MARKS = "\u200e\u200f\u061c"
# Soft hyphen, zero-width space, word joiner and invisible operators, byte-order mark, fillers,
# Mongolian separator, combining grapheme joiner, tag characters.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2028\u2029\u2060-\u2064\u206a-\u206f"
    "\u3164\ufeff\uffa0\U000e0000-\U000e007f]"
)
SPACES = re.compile(r"[ \t\u00a0\u2009\u202f]{2,}")
BEFORE_SIGN = re.compile(rf"[ \t]([,.])(?!\.|\d|\w)(?<={LETTER}..)")
BEFORE_OTHER_SIGN = re.compile(rf"[ \t]([?!:;])(?=\s|$)(?<={LETTER}..)")
# A point before an ending of the other gender belongs to the word in Hebrew.
GENDER_POINT = rf"(?:י?ות|ים|ית)(?!{LETTER})"
AFTER_SIGN = re.compile(
    rf"[,;!?।](?={LETTER})(?<={LETTER}.)"
    rf"|\.(?!{GENDER_POINT})(?={LETTER}{{3}})(?<={LETTER}{{3}}.)"
    # Names of files and sites have dots too, but in Latin letters; abbreviations after few letters.
    rf"|\.(?!{GENDER_POINT})(?=(?:(?![a-zA-Z\u00aa-\u024f]){LETTER}){{2}})(?<={LETTER}{{4}}.)"
    # In a word of Devanagari a colon stands for the visarga, or a space is missing.
    r"|:(?=[\u0904-\u0939\u0958-\u0961])(?<=[\u0900-\u0963].)"
)
# A prefix that lost its vowel (Luganda n', bw', ky') is joined to the vowel of the next word.
AFTER_APOSTROPHE = re.compile(
    r"(?<![^\s(])[bcdfghjklmnpqrstvwyzŋ]{1,4}['’ʼ][ \t]+(?=[aeiou])", re.IGNORECASE
)
TWICE = re.compile(
    r"(?<![^\s(\"'“„])([^\W\d_][^\s.,;:!?।|/()\"]{0,60})[ \t\n]+(?=\1(?:[\s.,;:!?।)\"]|$))"
)


def at_edges(pair: Pair) -> Iterator[Finding]:
    """White space at the beginning or end only where the source has it."""
    if not pair.target.strip():
        return
    for edge, first in (("beginning", True), ("end", False)):
        found, expected = (_edge(text, first) for text in (pair.target, pair.source))
        if bool(found) != bool(expected):
            yield warning(pair, "space_at_edge", edge=edge)
            return


def doubled_spaces(pair: Pair) -> Iterator[Finding]:
    """One space between words, unless the source has more."""
    if SPACES.search(pair.target.strip()) and not SPACES.search(pair.source.strip()):
        yield warning(pair, "space_doubled")


def around_signs(pair: Pair) -> Iterator[Finding]:
    """No space before a comma or full stop, one after a comma or question mark.

    Before question mark and danda a space is usual in Hindi, so it is left alone there.
    """
    text, source = pair.bare_target, pair.bare_source
    hit = BEFORE_SIGN.search(text)
    if not hit and pair.language.script != "DEVANAGARI":
        hit = BEFORE_OTHER_SIGN.search(text)
    if hit and not (BEFORE_SIGN.search(source) or BEFORE_OTHER_SIGN.search(source)):
        yield warning(pair, "space_before_sign", found=hit.group(1))
    hit = AFTER_SIGN.search(text)
    if hit and not AFTER_SIGN.search(source):
        yield warning(pair, "space_after_sign", found=hit.group())
    if pair.language.apostrophe and (hit := AFTER_APOSTROPHE.search(text)):
        yield warning(pair, "space_after_apostrophe", found=shown(hit.group().strip()))


def doubled_words(pair: Pair) -> Iterator[Finding]:
    """No word twice in a row, as far as the language doesn't double words on purpose."""
    word = _doubled(pair)
    if word and _is_slip(word, pair):
        yield warning(pair, "word_doubled", word=shown(word))


def perhaps_doubled_words(pair: Pair) -> Iterator[Finding]:
    """A word twice in a row that the language may double: look whether it is meant."""
    if pair.language.doubling == "unknown":
        return
    word = _doubled(pair)
    if word and not _is_slip(word, pair):
        yield warning(pair, "hint_word_doubled", word=shown(word))


def invisible(pair: Pair) -> Iterator[Finding]:
    """Nothing that can't be seen, but joiners in scripts that are read by them."""
    if pair.target.isascii():
        return
    found = [each for each in INVISIBLE.findall(pair.target) if each not in pair.source]
    if any(each in pair.target for each in JOINERS):
        found += _idle_joiners(pair.target)
    if not pair.language.is_rtl and any(each in pair.target for each in DIRECTION_MARKS):
        found += _idle_direction_marks(pair)
    if found:
        yield warning(pair, "invisible_character", found=listed("".join(found)))


def _edge(text: str, first: bool) -> str:
    """Return the spaces at an edge; line breaks there have a rule of their own."""
    inner = text.strip("\n")
    return inner[: len(inner) - len(inner.lstrip())] if first else inner[len(inner.rstrip()) :]


def _doubled(pair: Pair) -> str:
    """Return the first word that is twice in a row in the target while none is in the source."""
    hit = TWICE.search(pair.bare_target.lower())
    if hit is None or TWICE.search(pair.bare_source.lower()):
        return ""
    return hit.group(1)


def _is_slip(word: str, pair: Pair) -> bool:
    language = pair.language
    if language.doubling == "productive":
        return word in language.doubled
    return language.doubling == "blamed" and word not in language.doubled


def _idle_joiners(text: str) -> list[str]:
    """Return the joiners without a letter or mark beside them that they could act on."""
    return [
        each
        for at, each in enumerate(text)
        if each in JOINERS and not (at > 0 and _joinable(text[at - 1]))
    ]


def _joinable(character: str) -> bool:
    if is_mark(character):
        return True
    script = script_of(character)
    return script in JOINER_SCRIPTS or ord(character) > 0x1F000  # joined emoji


def _idle_direction_marks(pair: Pair) -> list[str]:
    """Return direction marks of a text that has nothing from right to left."""
    if any(script_of(each) in ("HEBREW", "ARABIC") for each in pair.target):
        return []
    return [each for each in pair.target if each in DIRECTION_MARKS and each not in pair.source]
