"""Answers from a Parquet file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from psychometrics.errors import DataError
from psychometrics.responses.frames import read_frame
from psychometrics.responses.table import Table, need


def read_parquet(path: Path) -> Table:
    """Read a Parquet file.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    Table
        Columns of numbers or texts, as stored.

    Raises
    ------
    DataError
        If pyarrow isn't installed, or the file can't be read.
    """
    pyarrow = need("pyarrow", "parquet")
    parquet = need("pyarrow.parquet", "parquet")
    try:
        stored = parquet.read_table(path)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError, OSError) as error:
        raise DataError(f"{path.name} can't be read as a Parquet file: {error}") from error
    return replace(read_frame(stored), source=path.name)
