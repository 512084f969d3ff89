"""Text that can be drawn safely: cleaned, kept in its own direction, broken into lines.

Labels come from instrument definitions and data files, so they may hold anything. What can't be
written in XML or would turn the order of its neighbours around is taken out here, once.
"""

from __future__ import annotations

import textwrap
import unicodedata

_BIDI_CONTROLS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_ISOLATE, _END = "\u2067", "\u2069"


def clean(text: object) -> str:
    r"""Return `text` as one line without controls, surrogates or marks that redirect text.

    Parameters
    ----------
    text : object
        Anything; it is taken as ``str(text)``.

    Returns
    -------
    str
        One line, with single spaces. Joiners that Indic scripts need are kept.

    Examples
    --------
    >>> clean("two\nlines\x00 and a \u202eturn")
    'two lines and a turn'
    """
    text = str(text)
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = (
        " " if character.isspace() else character
        for character in text
        if character.isspace() or not _unwanted(character)
    )
    return " ".join("".join(kept).split())


def _unwanted(character: str) -> bool:
    """Say whether a character is a control, a surrogate, a noncharacter or a bidi control."""
    if character in _BIDI_CONTROLS or unicodedata.category(character) in {"Cc", "Cs"}:
        return True
    return ord(character) & 0xFFFE == 0xFFFE


def is_right_to_left(text: str) -> bool:
    r"""Say whether at least half of the letters of `text` run from right to left.

    Examples
    --------
    >>> is_right_to_left("GAD-7: \u05d4\u05d0\u05dd \u05d7\u05e9\u05ea")
    True
    """
    strong = [unicodedata.bidirectional(character) for character in text]
    leftward = sum(kind in _RIGHT_TO_LEFT for kind in strong)
    return leftward > 0 and leftward >= strong.count("L")


def isolated(text: object) -> str:
    r"""Return `text` cleaned and, if it has right-to-left letters, kept apart from its neighbours.

    The first strong letter would otherwise set the direction of the whole line ("GAD-7:" before
    Hebrew), and a number after Hebrew would jump to its other side.

    Examples
    --------
    >>> isolated("Ulm"), ascii(isolated("\u05e0\u05d2\u05d1"))
    ('Ulm', "'\\u2067\\u05e0\\u05d2\\u05d1\\u2069'")
    """
    plain = clean(text)
    if not any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in plain):
        return plain
    start = _ISOLATE if is_right_to_left(plain) else "\u2066"
    return f"{start}{plain}{_END}"


def wrapped(text: object, width: int, lines: int = 2) -> list[str]:
    """Return `text` broken into at most `lines` lines of about `width` characters.

    What does not fit is cut at a word and marked with an ellipsis; each line is isolated, so
    that right-to-left lines keep their order.

    Examples
    --------
    >>> wrapped("Am indifferent to the feelings of others", 24)
    ['Am indifferent to the', 'feelings of others']
    >>> wrapped("one two three four", 8)
    ['one two', 'three…']
    """
    broken = textwrap.wrap(clean(text), width, break_long_words=True) or [""]
    if len(broken) > lines:
        last = textwrap.shorten(
            " ".join(broken[lines - 1 :]), max(width, 2), placeholder="…", break_on_hyphens=False
        )
        broken = [*broken[: lines - 1], last]
    return [isolated(line) for line in broken]
