"""Answers from a frame: pandas, Polars, PyArrow, DuckDB and whatever else narwhals knows."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from psychometrics.errors import DataError
from psychometrics.responses.table import EXACT, Column, Table, column_of

SOURCE = "data frame"


def read_frame(frame: Any) -> Table:
    """Take the columns of a frame.

    Parameters
    ----------
    frame : pandas.DataFrame or any frame that narwhals knows
        A lazy frame is collected.

    Returns
    -------
    Table
        Columns of numbers or texts.

    Raises
    ------
    DataError
        If it is no frame, or has no rows.
    """
    if isinstance(frame, pd.DataFrame):
        columns = tuple(
            _pandas_column(str(name), frame.iloc[:, at]) for at, name in enumerate(frame.columns)
        )
        n_rows = len(frame)
    else:
        collected = _collected(frame)
        columns = tuple(_column(collected[name]) for name in collected.columns)
        n_rows = len(collected)
    if not n_rows:
        raise DataError(f"The {SOURCE} has no rows.")
    return Table(columns, n_rows, SOURCE)


def _collected(frame: Any) -> nw.DataFrame[Any]:
    """Return the frame under narwhals, with its rows in memory."""
    try:
        known = nw.from_native(frame)
    except TypeError as error:
        raise DataError(
            f"Answers of type {type(frame).__name__!r} can't be read; give the path of a file or "
            "a data frame (pandas, Polars, PyArrow, DuckDB)."
        ) from error
    except nw.exceptions.DuplicateError as error:
        raise DataError(f"The {SOURCE} has several columns of the same name: {error}") from error
    if isinstance(known, nw.LazyFrame):
        polars = known.implementation is nw.Implementation.POLARS
        return known.collect() if polars else known.collect(backend="pandas")
    return known


def _pandas_column(name: str, cells: pd.Series[Any]) -> Column:
    if not pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_complex_dtype(cells):
        return column_of(name, cells.astype(object).to_numpy(dtype=object))
    whole = pd.api.types.is_integer_dtype(cells)
    if whole and not cells.isna().any():
        unsigned = pd.api.types.is_unsigned_integer_dtype(cells)
        return Column(name, cells.to_numpy(dtype=np.uint64 if unsigned else np.int64))
    if whole and (cells.abs() > EXACT).any():
        return column_of(name, cells.astype(object).to_numpy(dtype=object))
    return Column(name, cells.to_numpy(dtype=np.float64, na_value=np.nan))


def _column(cells: nw.Series[Any]) -> Column:
    if cells.dtype == nw.Boolean or (cells.dtype.is_numeric() and not cells.dtype.is_integer()):
        return Column(cells.name, cells.cast(nw.Float64).to_numpy())
    if not cells.dtype.is_integer():
        return column_of(cells.name, cells.to_list())
    if not cells.null_count():
        return Column(cells.name, cells.to_numpy())
    if (cells.abs() > EXACT).any():
        return column_of(cells.name, cells.to_list())
    return Column(cells.name, cells.cast(nw.Float64).to_numpy())
