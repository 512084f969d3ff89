"""Read the recorded reference numbers and the data that they were computed from.

`load`, `values` and `array` need numpy alone, so that the tests of the kernels run without
pandas; the rest returns pandas frames and imports pandas when it is called.
"""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

FOLDER = Path(__file__).parent

HS_SCALES: dict[str, list[str]] = {
    "visual": ["x1", "x2", "x3"],
    "textual": ["x4", "x5", "x6"],
    "speed": ["x7", "x8", "x9"],
}
BFI_SCALES: dict[str, list[str]] = {
    "A": ["-A1", "A2", "A3", "A4", "A5"],
    "C": ["C1", "C2", "C3", "-C4", "-C5"],
    "E": ["-E1", "-E2", "E3", "E4", "E5"],
    "N": ["N1", "N2", "N3", "N4", "N5"],
    "O": ["O1", "-O2", "O3", "O4", "-O5"],
}
HS_ITEMS = tuple(item for items in HS_SCALES.values() for item in items)
BFI_ITEMS = tuple(item.lstrip("-") for items in BFI_SCALES.values() for item in items)
BFI_REVERSED = tuple(item[1:] for items in BFI_SCALES.values() for item in items if item[0] == "-")


@cache
def load(name: str) -> dict[str, Any]:
    """Return a recorded file, such as ``load("hs")["hs_three_factor"]["fit"]["chisq"]``.

    The file is read once a run and shared: a test reads it and never writes into it.
    """
    content: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return content


def values(recorded: dict[str, Any]) -> NDArray[np.float64]:
    """Return the numbers of a recorded matrix; what R had as NA is NaN."""
    return np.array(recorded["values"], dtype=float)


@cache
def _text(name: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    with (FOLDER / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return tuple(header), tuple(tuple(row) for row in rows)


def array(
    name: str, items: tuple[str, ...], *, reverse: tuple[str, ...] = ()
) -> NDArray[np.float64]:
    """Return columns of a data file as numbers, (row, item), NA as NaN.

    Columns named in `reverse` are turned as the R scripts turn them in bfi: 7 - answer.
    """
    header, rows = _text(name)
    chosen = [header.index(item) for item in items]
    numbers = np.array(
        [[np.nan if row[i] == "NA" else float(row[i]) for i in chosen] for row in rows]
    )
    turned = [items.index(item) for item in reverse if item in items]
    numbers[:, turned] = 7 - numbers[:, turned]
    return numbers


def labels(name: str, column: str) -> NDArray[np.str_]:
    """Return a column of a data file as text, such as the school of each pupil."""
    header, rows = _text(name)
    return np.array([row[header.index(column)] for row in rows])


def rows(records: list[dict[str, Any]]) -> pd.DataFrame:
    """Return recorded rows as a frame; what R had as NA is missing."""
    import pandas as pd

    return pd.DataFrame.from_records(records)


def matrix(recorded: dict[str, Any]) -> pd.DataFrame:
    """Return a recorded matrix with its row and column names."""
    import pandas as pd

    return pd.DataFrame(
        values(recorded), index=recorded["rows"] or None, columns=recorded["columns"] or None
    )


@cache
def _frame(name: str) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(FOLDER / "data" / f"{name}.csv")


def hs() -> pd.DataFrame:
    """Return Holzinger and Swineford's 301 pupils; a fresh copy at each call."""
    return _frame("hs").copy()


def hs_missing() -> pd.DataFrame:
    """Return the 301 pupils with answers blanked by rule; a fresh copy at each call."""
    return _frame("hs_missing").copy()


def lsat7() -> pd.DataFrame:
    """Return the 1,000 people of Bock and Lieberman's table, one row each."""
    table = _frame("lsat7")
    return table.loc[table.index.repeat(table["n"])].drop(columns="n").reset_index(drop=True)


def bfi() -> pd.DataFrame:
    """Return the 2,800 rows of bfi as answered, reversed items not turned; a fresh copy."""
    return _frame("bfi").copy()


def bfi_keyed() -> pd.DataFrame:
    """Return bfi with the seven reversed items turned (7 - answer), as the R scripts use it."""
    frame = bfi()
    frame[list(BFI_REVERSED)] = 7 - frame[list(BFI_REVERSED)]
    return frame
