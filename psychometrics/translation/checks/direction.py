"""Controls of the writing direction, and number ranges that a reader sees the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterator

from psychometrics.errors import Finding
from psychometrics.translation.checks.letters import code_point, listed
from psychometrics.translation.checks.pair import Pair, error, warning

OVERRIDES = "\u202d\u202e"
EMBEDDINGS = "\u202a\u202b" + OVERRIDES
ISOLATES = "\u2066\u2067\u2068"
POP_EMBEDDING, POP_ISOLATE = "\u202c", "\u2069"
MARKS = "\u200e\u200f\u061c"
CONTROL = re.compile("[\u202a-\u202e\u2066-\u2069]")
# An en dash between digits is neutral, so the digits change sides in text that runs from right to
# left; a hyphen or a slash is not. A mark or an isolate beside it settles the matter.
NEUTRAL_RANGE = re.compile(r"(?<![\d\u200e\u2066])\d{1,6} ?[–—−] ?\d{1,6}(?![\d\u200e\u2069])")


def overrides(pair: Pair) -> Iterator[Finding]:
    """No override: it shows letters in another order than they are read aloud or searched."""
    found = [each for each in pair.target if each in OVERRIDES]
    if found:
        yield error(pair, "bidi_override", found=listed("".join(found)))


def balanced(pair: Pair) -> Iterator[Finding]:
    """Every embedding and isolate is closed in its paragraph, and nothing else is."""
    if not CONTROL.search(pair.target):
        return
    for paragraph in pair.target.split("\n"):
        if (fault := _first_unbalanced(paragraph)) is not None:
            yield error(pair, "bidi_unbalanced", found=code_point(fault))
            return


def shown_reversed(pair: Pair) -> Iterator[Finding]:
    """In text from right to left, a range with a dash has a mark or an isolate around it."""
    if not pair.language.is_rtl or not NEUTRAL_RANGE.search(pair.target):
        return
    hit = NEUTRAL_RANGE.search(_without_isolated(pair.target))
    if hit:
        yield warning(pair, "range_shown_reversed", found=hit.group())


def _first_unbalanced(paragraph: str) -> str | None:
    opened: list[str] = []
    for each in paragraph:
        if each in EMBEDDINGS or each in ISOLATES:
            opened.append(each)
        elif each in (POP_EMBEDDING, POP_ISOLATE):
            closes = EMBEDDINGS if each == POP_EMBEDDING else ISOLATES
            if not opened or opened.pop() not in closes:
                return each
    return opened[-1] if opened else None


def _without_isolated(text: str) -> str:
    """Return a text without what stands between an opening control and its end."""
    kept, depth = [], 0
    for each in text:
        if each in ISOLATES or each in EMBEDDINGS:
            depth += 1
        elif each in (POP_ISOLATE, POP_EMBEDDING):
            depth -= 1
        elif depth <= 0:
            kept.append(each)
    return "".join(kept)
