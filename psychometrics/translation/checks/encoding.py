"""Characters that no translator typed: wrong encodings, other forms of letters, controls."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from psychometrics.errors import Finding
from psychometrics.translation.checks.language import Language
from psychometrics.translation.checks.letters import (
    LETTER,
    LONGEST_TEXT,
    MOST_MARKS,
    code_point,
    listed,
    script_of,
    shown,
)
from psychometrics.translation.checks.pair import Pair, error, warning
from psychometrics.translation.marks import is_mark, most_marks

# Read as Windows-1252, a character of UTF-8 becomes two to four of these.
SUSPECT = re.compile("[\u0080-\u00ffŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]{2,40}")
LOST = re.compile(rf"\?{{3,}}|\?(?={LETTER})(?<={LETTER}.)")
REPLACEMENT, BROKEN = "\ufffd", "ï¿½"
CONTROLS = re.compile("[\u0000-\u0008\u000b-\u000c\u000e-\u001f\u007f-\u009f]")
PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd\ufdd0-\ufdef\ufffe\uffff]")
SURROGATE = re.compile("[\ud800-\udfff]")
PRESENTATION = re.compile(
    "[\ufb00-\ufb4f\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc\uff01-\uff5e\U0001d400-\U0001d7ff]"
)
# Letters that normalisation always takes apart, although keyboards send them in one piece.
NUKTA = {
    0x0929: "\u0928\u093c", 0x0931: "\u0930\u093c", 0x0934: "\u0933\u093c",
    0x0958: "\u0915\u093c", 0x0959: "\u0916\u093c", 0x095A: "\u0917\u093c",
    0x095B: "\u091c\u093c", 0x095C: "\u0921\u093c", 0x095D: "\u0922\u093c",
    0x095E: "\u092b\u093c", 0x095F: "\u092f\u093c", 0x09DC: "\u09a1\u09bc",
    0x09DD: "\u09a2\u09bc", 0x09DF: "\u09af\u09bc", 0x0A33: "\u0a32\u0a3c",
    0x0A36: "\u0a38\u0a3c", 0x0A59: "\u0a16\u0a3c", 0x0A5A: "\u0a17\u0a3c",
    0x0A5B: "\u0a1c\u0a3c", 0x0A5E: "\u0a2b\u0a3c",
}  # fmt: skip


# A letter that is a vowel by itself takes no sign of a vowel: the whole is a letter of its own (A
# with the sign of AA looks like the letter AA). Unicode lists these as not to be used, and no
# normalisation mends them.
VOWEL_ON_VOWEL = re.compile(
    "[\u0904-\u0914\u0972-\u0977][\u093a\u093b\u093e-\u094c\u094f\u0955-\u0957]"  # Devanagari
    "|[\u0985-\u0994][\u09be-\u09cc]|[\u0a85-\u0a94][\u0abe-\u0acc]"  # Bengali, Gujarati
)


def too_much(pair: Pair) -> Iterator[Finding]:
    """A text that can be read: not too long, not buried in marks. Where not, nothing else runs."""
    for text in (pair.target, pair.source):
        if len(text) > LONGEST_TEXT:
            yield error(pair, "text_too_long", length=len(text), limit=LONGEST_TEXT)
            return
        if (count := most_marks(text)) > MOST_MARKS:
            yield error(pair, "too_many_marks", count=count, limit=MOST_MARKS)
            return


def replacement_characters(pair: Pair) -> Iterator[Finding]:
    """No letter was replaced by a sign for "unknown", or by a question mark."""
    if "\ufffd" in pair.target:
        yield error(pair, "replacement_character", found="\ufffd")
    elif "?" in pair.target and (hit := LOST.search(pair.bare_target)):
        if not LOST.search(pair.bare_source):
            yield error(pair, "replacement_character", found=hit.group()[:10])


def mojibake(pair: Pair) -> Iterator[Finding]:
    """No UTF-8 that was read as Windows-1252 or Latin-1."""
    if pair.target.isascii():
        return
    for hit in SUSPECT.finditer(pair.target):
        if meant := _meant(hit.group(), pair.language):
            yield error(pair, "mojibake", found=shown(hit.group()), meant=meant[:10])
            return


def surrogates(pair: Pair) -> Iterator[Finding]:
    """No half of a character."""
    if not pair.target.isascii() and (found := SURROGATE.findall(pair.target)):
        yield error(pair, "lone_surrogate", found=code_point(found[0]), count=len(found))


def control_characters(pair: Pair) -> Iterator[Finding]:
    """No control characters but the line break and the tabulator."""
    if found := CONTROLS.findall(pair.target):
        yield error(pair, "control_character", found=listed("".join(found)))


def private_characters(pair: Pair) -> Iterator[Finding]:
    """No characters that mean something in one font only."""
    if not pair.target.isascii() and (found := PRIVATE.findall(pair.target)):
        yield error(pair, "private_use_character", found=listed("".join(found)))


def composed(pair: Pair) -> Iterator[Finding]:
    """Letters with marks are in composed form (NFC).

    Letters with nukta, which have no composed form, are fine both ways; so are marks on one letter
    in the order of typing, as in pointed Hebrew. Nor is a vowel made of another one and a sign.
    """
    if pair.target.isascii():
        return
    if hit := VOWEL_ON_VOWEL.search(pair.target):
        yield warning(pair, "not_composed", found=shown(hit.group()))
        return
    if unicodedata.is_normalized("NFC", pair.target):
        return
    text = PRESENTATION.sub("", pair.target).translate(NUKTA)
    normal = unicodedata.normalize("NFC", text).translate(NUKTA)
    if normal != text and sorted(normal) != sorted(text):
        at = next(
            (i for i, pair_ in enumerate(zip(text, normal, strict=False)) if len(set(pair_)) > 1), 0
        )
        yield warning(pair, "not_composed", found=shown(text[max(at - 1, 0) : at + 3]))


def presentation_forms(pair: Pair) -> Iterator[Finding]:
    """Letters themselves, and not their forms in old fonts (ligatures, letters with points)."""
    if pair.target.isascii():
        return
    if found := [each for each in PRESENTATION.findall(pair.target) if each not in pair.source]:
        yield warning(pair, "presentation_form", found=listed("".join(found)))


def _meant(run: str, language: Language) -> str:
    """Return what a run of characters says when its bytes are read as UTF-8, if that is text."""
    try:
        text = b"".join(map(_byte, run)).decode("utf-8")
    except ValueError:
        return _meant_inside(run, language)
    if text == REPLACEMENT:
        return text
    if run[0] in language.letters or not all(_plausible(each, language) for each in text):
        return ""
    return text


def _meant_inside(run: str, language: Language) -> str:
    """Return the first character that a part of the run says, where the whole is no UTF-8."""
    for at, lead in enumerate(run):
        is_letter = lead in language.letters and not run.startswith(BROKEN, at)
        if is_letter or lead not in LEADS:
            continue
        part = run[at : at + LEADS[lead]]
        try:
            text = b"".join(map(_byte, part)).decode("utf-8")
        except ValueError:
            continue
        if all(_plausible(each, language) for each in text):
            return text
    return ""


LEADS = {chr(code): 2 for code in range(0xC2, 0xE0)} | {chr(code): 3 for code in range(0xE0, 0xF0)}


@lru_cache(maxsize=512)
def _byte(character: str) -> bytes:
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")  # five bytes have no sign in Windows-1252


def _plausible(character: str, language: Language) -> bool:
    """Return whether the character may well have been in a text of the language."""
    script = script_of(character)
    if script is not None:
        return script in ("LATIN", language.script)
    if is_mark(character):
        return unicodedata.name(character, "").partition(" ")[0] == language.script
    return character in "\u00a0–—‘’‚“”„…€°·«»¿¡§ʼ।־׳״\u200e\u200f\u200c\u200d\ufeff\ufffd"
