"""A short fingerprint of a text, by which records know which wording they are about."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final
from unicodedata import normalize

from psychometrics.errors import CatalogError, finding
from psychometrics.translation.marks import most_marks

# Wrapping puts these where a space was. A no-break space was put there on purpose and stays.
WRAPPING: Final = re.compile(r"[ \t\n\r\f\v]+")
LENGTH: Final = 16
MOST_MARKS: Final = 30
"""More marks in a row than any text has.

Normalisation sorts a run of marks in time that grows with the square of its length, so that a file
with a long one would keep the program busy for minutes.
"""


def text_hash(text: str) -> str:
    r"""Return the fingerprint of a text: 16 hexadecimal digits of a SHA-256.

    It is the same however the text is wrapped and whichever canonically equivalent code points
    spell it (Unicode NFC, so a Devanagari nukta letter is one thing in both spellings). A changed
    letter, mark, punctuation or joiner (ZWJ, ZWNJ) gives another one.

    Raises
    ------
    CatalogError
        If more than 30 marks follow each other, which no language writes.

    Examples
    --------
    >>> text_hash("How are  you\n today?") == text_hash(" How are you today?")
    True
    >>> text_hash("\u0958") == text_hash("\u0915\u093c")
    True
    >>> text_hash("क्ष") == text_hash("क्\u200dष")
    False
    """
    return sha256(plain_text(text).encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]


def plain_text(text: str) -> str:
    """Return a text as the fingerprint sees it: NFC, one space for each run of white space.

    Raises
    ------
    CatalogError
        If more than 30 marks follow each other, which no language writes.
    """
    if len(text) > MOST_MARKS and (count := most_marks(text)) > MOST_MARKS:
        start = text[:20].encode("ascii", "backslashreplace").decode("ascii")
        found = finding("text_of_marks", "error", "text", count=count, most=MOST_MARKS, start=start)
        raise CatalogError(f"{found.where}: {found.message}", [found])
    return WRAPPING.sub(" ", normalize("NFC", text)).strip(" ")
