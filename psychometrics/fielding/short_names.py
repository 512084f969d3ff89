"""Names for tools that allow fewer letters than a definition does, always made in the same way.

What goes out under a short name comes back under it, so readers make the same names again from the
definition alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable


def short_names(keys: Iterable[str], shorten: Callable[[str], str], most: int) -> dict[str, str]:
    """Return a name for each key: no two are alike, whatever their case, and none is too long.

    Parameters
    ----------
    keys : iterable of str
        In the order of the definition.
    shorten : callable
        Makes a name of one key.
    most : int
        The most letters that a name may have.

    Examples
    --------
    >>> short_names(["a_1", "a1", "A1"], letters_and_digits, 20)
    {'a_1': 'a1', 'a1': 'a1x2', 'A1': 'A1x3'}
    """
    made: dict[str, str] = {}
    taken: set[str] = set()
    for key in keys:
        whole = shorten(key)
        name, count = whole[:most], 1
        while name.casefold() in taken:
            count += 1
            ending = f"x{count}"
            name = whole[: most - len(ending)] + ending
        taken.add(name.casefold())
        made[key] = name
    return made


def letters_and_digits(key: str) -> str:
    """Return a key without anything else; it begins with a letter."""
    kept = re.sub(r"[^A-Za-z0-9]", "", key)
    return kept if kept[:1].isalpha() else f"q{kept}"


def small_letters(key: str) -> str:
    """Return a key in small letters, digits and single underscores; it begins with a letter."""
    kept = re.sub(r"_+", "_", re.sub(r"[^a-z0-9_]", "_", key.lower())).strip("_")
    return kept if kept[:1].isalpha() else f"q{kept}"


def code_name(code: int) -> str:
    """Return a code in letters and digits: no minus sign."""
    return str(code) if code >= 0 else f"m{-code}"
