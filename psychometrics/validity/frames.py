"""Columns of any data frame as numbers, and the group of each row."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np

from psychometrics.errors import DataError, Finding, finding
from psychometrics.stats.moments import FloatArray, IntArray, Moments


def raise_all(faults: list[Finding]) -> None:
    """Raise one error that tells all faults."""
    if faults:
        raise DataError("\n".join(str(f) for f in faults), faults)


def to_narwhals(data: Any) -> nw.DataFrame[Any]:
    """Accept any frame that narwhals knows, lazy ones too, or responses."""
    frame = getattr(data, "frame", data) if hasattr(data, "instrument") else data
    try:
        native = nw.from_native(frame)
    except TypeError as error:
        raise DataError(
            f"data is a {type(data).__name__}; pass a data frame (pandas, Polars, PyArrow, "
            "DuckDB), Responses, or Moments."
        ) from error
    except nw.exceptions.DuplicateError as error:
        raise DataError(
            f"The data have several columns of one name; rename or drop some. {error}"
        ) from error
    return native.collect() if isinstance(native, nw.LazyFrame) else native


def check_columns(frame: nw.DataFrame[Any], names: Sequence[str]) -> None:
    """Raise one error that tells all columns that are not there."""
    faults = []
    present = frame.columns
    known = set(present)
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, present, n=3)
            hint = f" Did you mean {', '.join(close)}?" if close else ""
            faults.append(finding("column_absent", "error", name, column=name, hint=hint))
    raise_all(faults)


def numeric_columns(frame: nw.DataFrame[Any], names: Sequence[str]) -> FloatArray:
    """Return columns as floats, or raise one error that tells all columns that won't do."""
    check_columns(frame, names)
    block = plain_block(frame, names)
    if block is not None:
        return block
    faults: list[Finding] = []
    columns: list[FloatArray] = []
    for name in names:
        series = frame[name]
        if not (series.dtype.is_numeric() or series.dtype == nw.Boolean):
            cells = [None if is_missing(cell) else cell for cell in series.to_list()]
            bad = next((v for v in cells if v is not None and not is_number(v)), None)
            if bad is None:
                columns.append(np.array([np.nan if v is None else float(v) for v in cells]))
            else:
                faults.append(
                    finding("column_not_numeric", "error", name, column=name, example=str(bad)[:40])
                )
            continue
        raw = series.to_numpy()
        # Plain numbers need no cast, which costs more than all the rest.
        numbers = raw if raw.dtype.kind in "fiub" else series.cast(nw.Float64).to_numpy()
        columns.append(np.asarray(numbers, dtype=float))
    raise_all(faults)
    values = np.column_stack(columns) if columns else np.empty((len(frame), 0))
    return np.where(np.isfinite(values), values, np.nan)


def plain_block(frame: nw.DataFrame[Any], names: Sequence[str]) -> FloatArray | None:
    """Return columns of a pandas frame that are numpy's numbers at once; None for any other."""
    native = frame.to_native()
    if not names or not nw.dependencies.is_pandas_dataframe(native):
        return None
    chosen = native if list(native.columns) == list(names) else native[list(names)]
    if not all(isinstance(kind, np.dtype) and kind.kind in "iufb" for kind in chosen.dtypes):
        return None
    values = chosen.to_numpy(dtype=float)
    return np.where(np.isfinite(values), values, np.nan)


def is_number(value: Any) -> bool:
    """Tell whether a cell reads as a number."""
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def group_codes(
    frame: nw.DataFrame[Any], group: str | None, order: Sequence[str] | None
) -> tuple[IntArray, tuple[str, ...]]:
    """Return the group of each row and the groups' names; -1 where the group is missing."""
    if group is None:
        return np.full(len(frame), -1, dtype=np.int64), ()
    check_columns(frame, [group])
    cells = frame[group].to_list()
    labels = [None if is_missing(cell) else group_label(cell) for cell in cells]
    present = {label for label in labels if label is not None}
    # Groups that are asked for stay even where nobody is in them: the tables then say so.
    known = list(order or ())
    rest = sorted(present - set(known), key=natural_order)
    names = (*known, *rest)
    index = {name: i for i, name in enumerate(names)}
    codes = np.array([-1 if lab is None else index[lab] for lab in labels], dtype=np.int64)
    return codes, names


def appearance_order(data: Any, group: str | None) -> list[str] | None:
    """Return the groups in the order in which they first appear, as lavaan numbers them."""
    if group is None or isinstance(data, Moments):
        return None
    frame = to_narwhals(data)
    check_columns(frame, [group])
    cells = [cell for cell in frame[group].to_list() if not is_missing(cell)]
    return list(dict.fromkeys(map(group_label, cells)))


def is_missing(cell: Any) -> bool:
    """Tell whether a cell holds nothing."""
    if cell is None or isinstance(cell, str):
        return not cell
    try:
        return bool(cell != cell)
    except TypeError:  # pandas' NA is neither equal nor unequal to itself
        return True


def group_label(cell: Any) -> str:
    """Name a group: 1.0 and 1 are the same group."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def natural_order(label: str) -> tuple[int, float, str]:
    """Sort numbers as numbers and before words."""
    number = float(label) if is_number(label) else np.nan
    return (0, number, label) if np.isfinite(number) else (1, 0.0, label)
