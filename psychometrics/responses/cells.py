"""What a single cell says: a number, a text, or nothing; and how it is quoted in a message."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from unicodedata import normalize

import numpy as np
import pandas as pd
from numpy.typing import NDArray

BLANKS = frozenset(
    ("", ".", "-", "\u2013", "\u2014", "na", "n/a", "#n/a", "<na>", "nan", "nat", "null", "none")
)
"""Cells (in lower case, stripped) that mean that nothing was entered."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d+)?|[.,]\d+)(?:[eE][+-]?\d+)?")

_STRAIGHT = {0x2018: "'", 0x2019: "'", 0x02BC: "'", 0x201C: '"', 0x201D: '"', 0x201E: '"'}

SHOWN_LENGTH = 40
SHOWN_VALUES = 5
SHOWN_ROWS = 10


def tidy(text: str) -> str:
    """Return a text in Unicode's composed form, white space collapsed and stripped."""
    return " ".join(normalize("NFC", text).split())


def folded(text: str) -> str:
    """Return a text as it is compared: tidy, without case, quotation marks straight.

    Tools straighten curly quotation marks and apostrophes, and people type either.
    """
    return normalize("NFC", tidy(text).translate(_STRAIGHT).casefold())


def is_blank(text: str) -> bool:
    """Tell whether a cell's text means that nothing was entered."""
    return folded(text) in BLANKS


def parse_number(text: str) -> float | None:
    """Return the number a text stands for, or None; digits of every script are understood.

    Examples
    --------
    >>> parse_number(" 3,50 "), parse_number("३"), parse_number("three")
    (3.5, 3.0, None)
    """
    bare = text.strip().replace("\u2212", "-")
    return float(bare.replace(",", ".")) if _NUMBER.fullmatch(bare) else None


def number_text(value: Any) -> str:
    """Write a number the short way: 3 rather than 3.0."""
    number = float(value)
    if number.is_integer():
        return str(int(value))
    return repr(number)


def distinct(values: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Return for each cell the index of its value (-1: empty), and the distinct values.

    Everything that is decided about a cell is decided once for each distinct value; thus no
    loop runs over respondents.
    """
    index, found = pd.factorize(values)
    return index, np.asarray(found)


def spread(index: NDArray[np.intp], by_value: NDArray[Any], empty: Any) -> NDArray[Any]:
    """Return for each cell what was decided for its value; `empty` for an empty cell."""
    # An empty cell has the index -1, which picks the last.
    return np.append(by_value, np.array([empty], dtype=by_value.dtype))[index]


def texts(values: NDArray[Any], labels: Mapping[float, str] | None = None) -> NDArray[Any]:
    """Return cells as tidy texts, None where nothing was entered; labelled numbers as labels."""
    index, found = distinct(values)
    said = np.empty(len(found), dtype=object)
    if found.dtype == object:
        said[:] = [None if is_blank(value) else tidy(value) for value in found]
    else:
        named = labels or {}
        said[:] = [named.get(float(value)) or number_text(value) for value in found]
    return spread(index, said, None)


def shown(value: Any) -> str:
    """Quote a cell for a message: on one line, without control characters, not too long.

    Examples
    --------
    >>> print(shown("=cmd()"), shown(7.0), len(shown("x" * 1000)))
    '=cmd()' 7 42
    """
    if not isinstance(value, str):
        number = float(value)
        return number_text(value) if np.isfinite(number) else str(number)
    return repr(value if len(value) <= SHOWN_LENGTH else value[: SHOWN_LENGTH - 1] + "…")


def shown_counts(values: Iterable[Any], counts: Iterable[int]) -> str:
    """List values with how often each was found: the most frequent ones, the rest counted."""
    told: Counter[str] = Counter()
    for value, count in zip(values, counts, strict=True):
        told[shown(value)] += count
    ranked = sorted(told.items(), key=lambda pair: (-pair[1], pair[0]))
    listed = ", ".join(f"{value} x{count}" for value, count in ranked[:SHOWN_VALUES])
    rest = len(ranked) - SHOWN_VALUES
    return f"{listed}, … (+{rest})" if rest > 0 else listed


def shown_rows(rows: Sequence[int]) -> str:
    """List row numbers: the first ten, the rest counted."""
    listed = ", ".join(map(str, rows[:SHOWN_ROWS]))
    rest = len(rows) - SHOWN_ROWS
    return f"{listed}, … (+{rest})" if rest > 0 else listed


def shown_names(names: Iterable[str], limit: int = 12) -> str:
    """List names in quotes: the first ones, the rest counted; a dash where there are none."""
    every = list(names)
    listed = ", ".join(map(shown, every[:limit])) or "-"
    return f"{listed}, … (+{len(every) - limit})" if len(every) > limit else listed
