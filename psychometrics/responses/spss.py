"""Answers from an SPSS file (.sav, .zsav), with value labels and user-missing values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from psychometrics.errors import DataError
from psychometrics.responses.table import Column, Table, column_of, need


def read_spss(path: Path) -> Table:
    """Read an SPSS file; numbers stay codes, their labels and missing declarations are kept.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    Table
        Columns with `labels` and `user_missing`.

    Raises
    ------
    DataError
        If pyreadstat isn't installed, or the file can't be read.
    """
    pyreadstat = need("pyreadstat", "spss")
    try:
        frame, meta = pyreadstat.read_sav(path, user_missing=True, apply_value_formats=False)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError) as error:
        raise DataError(f"{path.name} can't be read as an SPSS file: {error}") from error
    if frame.empty:
        raise DataError(f"{path.name} has no rows of answers.")
    columns = tuple(_column(str(name), frame[name], meta) for name in frame.columns)
    return Table(columns, len(frame), path.name)


def _column(name: str, cells: pd.Series[Any], meta: Any) -> Column:
    stored = column_of(name, cells.tolist())
    labels = meta.variable_value_labels.get(name, {})
    numbers = {float(code): str(text) for code, text in labels.items() if _is_number(code)}
    declared = meta.missing_ranges.get(name, [])
    ranges = tuple(
        (float(one["lo"]), float(one["hi"]))
        for one in declared
        if _is_number(one["lo"]) and _is_number(one["hi"])
    )
    return Column(name, stored.values, numbers, ranges)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)
