"""Letters and words: scripts, marks, words of a text, and how a character is shown in a message.

Python's :mod:`unicodedata` has no property for the script; the names of letters begin with it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from psychometrics.translation.marks import is_mark, most_marks

NOT_SCRIPTS = frozenset(
    {"MODIFIER", "MICRO", "OHM", "KELVIN", "ANGSTROM", "FEMININE", "MASCULINE", "SUPERSCRIPT",
     "SUBSCRIPT", "DOUBLE-STRUCK", "SCRIPT", "TURNED", "INFORMATION", "MATHEMATICAL", "FULLWIDTH",
     "HALFWIDTH", "CIRCLED", "PARENTHESIZED", "SQUARED", "ROMAN", "EULER", "BLACK-LETTER"}
)  # fmt: skip
LONGEST_QUOTE = 40
LONGEST_TEXT = 50_000
MOST_MARKS = 8
"""More marks on one letter than any orthography needs (Hebrew with accents has four).

Putting marks in canonical order takes time that grows with the square of their number, so a text
with more of them isn't normalised at all.
"""

# A letter, or a mark that \w leaves out.
LETTER = (
    r"(?:[^\W\d_]|[\u0591-\u05bd\u05c1\u05c2\u0900-\u0903\u093a-\u094f\u0955-\u0957"
    r"\u0a81-\u0a83\u0abc-\u0acd])"
)
# A word: letters and digits with marks, joiners, and what may stand inside of one (apostrophe,
# geresh, gershayim between letters). Every alternative begins with another character.
WORD = re.compile(
    r"[^\W_](?:[^\W_]|[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    r"\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0a81-\u0a83\u0abc-\u0acd"
    r"\u064b-\u065f\u0670\u200c\u200d\u00ad]|['’ʼ\"״׳‘`´′](?=[^\W_]))*"
)


@lru_cache(maxsize=4096)
def script_of(character: str) -> str | None:
    r"""Return the script of a letter, as its Unicode name begins; None for all but letters.

    Examples
    --------
    >>> script_of("a"), script_of("\u0430"), script_of("ש"), script_of("1"), script_of("µ")
    ('LATIN', 'CYRILLIC', 'HEBREW', None, None)
    """
    if not unicodedata.category(character).startswith("L"):
        return None
    first = unicodedata.name(character, "").partition(" ")[0]
    return None if not first or first in NOT_SCRIPTS else first


def visible_length(text: str) -> int:
    """Return the number of characters that take room: neither marks nor joiners nor controls."""
    if text.isascii():
        return len(text)
    return sum(map(_takes_room, text))


@lru_cache(maxsize=4096)
def _takes_room(character: str) -> bool:
    return not is_mark(character) and unicodedata.category(character) != "Cf"


def words_of(text: str) -> list[str]:
    """Return the words of a text, in lower case.

    Examples
    --------
    >>> words_of("I don't know: 5 times.")
    ['i', "don't", 'know', '5', 'times']
    """
    return WORD.findall(text.lower())


def shown(text: str) -> str:
    r"""Return a text as it can be quoted in a message: short, and nothing invisible left so.

    Examples
    --------
    >>> shown("zero\u200bwidth"), shown("x" * 50)[-3:]
    ('zero<U+200B>width', 'xx…')
    """
    cut = text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(each if each.isprintable() else f"<{code_point(each)}>" for each in cut)


def code_point(character: str) -> str:
    r"""Return a character's number as Unicode writes it.

    Examples
    --------
    >>> code_point("\u200b")
    'U+200B'
    """
    return f"U+{ord(character):04X}"


def listed(characters: str) -> str:
    """Return the distinct characters of a text as code points with their names."""
    told = [
        f"{code_point(each)} {unicodedata.name(each, '').lower()}".strip()
        for each in dict.fromkeys(characters)
    ]
    return ", ".join(told[:5]) + (", ..." if len(told) > 5 else "")


def is_readable(text: str) -> bool:
    """Return whether a text is neither too long nor buried in marks."""
    return len(text) <= LONGEST_TEXT and most_marks(text) <= MOST_MARKS
