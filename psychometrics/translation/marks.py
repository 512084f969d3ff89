"""Marks that stand on letters, and how many of them follow each other."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

MARKS = frozenset({"Mn", "Mc", "Me"})


@lru_cache(maxsize=4096)
def is_mark(character: str) -> bool:
    """Return whether a character is a mark on the one before it."""
    return unicodedata.category(character) in MARKS


def most_marks(text: str) -> int:
    r"""Return the largest number of marks that follow each other.

    Examples
    --------
    >>> most_marks("cafe\u0301"), most_marks("क्षत्रिय")
    (1, 1)
    """
    if text.isascii():
        return 0
    most = run = 0
    for each in text:
        run = run + 1 if is_mark(each) else 0
        most = max(most, run)
    return most
