"""Cells as a file or frame gave them, before anything is decided about their meaning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from psychometrics.errors import DataError, Finding, Severity, finding
from psychometrics.responses.cells import number_text, shown

EXACT = 2**53
"""Whole numbers up to here survive as floating point; longer ids are kept as text."""

FILE = -1
"""Place of a finding that is about the whole file."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column of a file.

    Attributes
    ----------
    name : str
        As in the header; need not be unique.
    values : ndarray, shape (n_rows,)
        Numbers (NaN where a cell is empty) or objects, each a str or None.
    labels : Mapping
        Value labels, where the file format has them.
    user_missing : tuple of (low, high)
        Ranges of numbers that the file declares missing.
    """

    name: str
    values: NDArray[Any]
    labels: Mapping[float, str] = field(default_factory=dict)
    user_missing: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """All columns of a file or frame, with what was odd about the file itself."""

    columns: tuple[Column, ...]
    n_rows: int
    source: str
    findings: tuple[Finding, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    def at(self, position: int) -> str:
        """Say where a column is, for a finding."""
        return f"{self.source}, column {shown(self.columns[position].name)}"

    def spot(self, position: int, name: str) -> Spot:
        """Return the place of a column that holds the item, comparator or role `name`."""
        return Spot(name, self.at(position), position)


class Placed(NamedTuple):
    """A finding and the position of its column (`FILE` for the whole file)."""

    position: int
    finding: Finding


@dataclass(frozen=True, slots=True)
class Spot:
    """The column that findings are about: what it holds, and where it is."""

    name: str
    where: str
    position: int

    def tells(self, code: str, severity: Severity, **params: Any) -> Placed:
        """Make a finding about this column."""
        return place(self.position, code, severity, self.where, name=self.name, **params)


def place(position: int, code: str, severity: Severity, where: str, **params: Any) -> Placed:
    """Make a finding and say at which column it belongs."""
    return Placed(position, finding(code, severity, where, **params))


def in_order(placed: Iterable[Placed]) -> tuple[Finding, ...]:
    """Order findings: errors first, then by column; within a column as they were found."""
    ranked = sorted(placed, key=lambda one: (one.finding.severity != "error", one.position))
    return tuple(one.finding for one in ranked)


def column_of(name: str, cells: Sequence[Any] | NDArray[Any]) -> Column:
    """Make a column of Python values: of numbers where all are, else of texts."""
    values = np.fromiter(cells, dtype=object, count=len(cells))  # a list in a cell stays one
    values[pd.isna(values)] = None
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind in ("string", "empty"):
        return Column(name, values)
    if kind in ("integer", "floating", "mixed-integer-float", "boolean", "decimal"):
        if not any(isinstance(value, int) and abs(value) > EXACT for value in values):
            return Column(name, np.where(pd.isna(values), np.nan, values).astype(np.float64))
    values[:] = [_text(value) for value in values]
    return Column(name, values)


def rectangle(
    rows: Sequence[Sequence[Any]], source: str
) -> tuple[list[str], list[Sequence[Any]], tuple[int, ...]]:
    """Split rows into header and body, each body row as wide as the header.

    Empty rows before the header and after the last answer are dropped; cells beyond the header
    are cut. The third part names the rows (counted from 1, header not counted) that were
    shorter or longer; a row without any cell, and empty cells to the right, are no fault.
    """
    top = next((at for at, row in enumerate(rows) if not _is_bare(row)), None)
    if top is None:
        raise DataError(f"{source} is empty: a header and rows of answers were expected.")
    header = [str(cell).strip() if cell is not None else "" for cell in rows[top]]
    while header and not header[-1]:
        header.pop()
    body = list(rows[top + 1 :])
    while body and _is_bare(body[-1]):
        body.pop()
    if not body:
        raise DataError(f"{source} has a header and no rows of answers below it.")
    width = len(header)
    ragged = []
    for at, row in enumerate(body):
        if len(row) != width:
            if any(cell not in (None, "") for cell in row[width:]) or 0 < len(row) < width:
                ragged.append(at + 1)
            body[at] = [*row[:width], *[None] * (width - len(row))]
    return header, body, tuple(ragged)


def need(module: str, extra: str) -> Any:
    """Import an optional module.

    Raises
    ------
    DataError
        If it isn't installed, naming the extra that brings it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as missing:
        raise DataError(
            f"Reading this kind of file needs {missing.name}, which isn't installed: "
            f'pip install "survey-psychometrics[{extra}]".'
        ) from missing


def _is_bare(row: Sequence[Any]) -> bool:
    """Tell whether a row has no cell at all, or one of white space alone (an empty line)."""
    if len(row) <= 1:
        return not row or row[0] is None or not str(row[0]).strip()
    return all(cell is None for cell in row)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | int | float | np.number):
        return number_text(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
