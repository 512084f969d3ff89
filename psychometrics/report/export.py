"""Tables as CSV files that Excel opens and that run no formula.

UTF-8 with a byte order mark, CRLF, numbers unrounded, an empty cell for what is not there. A
text cell that a spreadsheet would read as a formula begins with an apostrophe; the name of a
reverse-keyed item such as ``-A1`` is harmless and stays as it is.
"""

from __future__ import annotations

import base64
import csv
import re
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import pandas as pd

from psychometrics.plots.numerals import is_missing
from psychometrics.report.wording import say

# the last four are their full-width forms, which some spreadsheets take for the same
_FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_HARMLESS = re.compile(r"-[^\W\d]\w*")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")
_WHOLE = re.compile(r"(n_.*|count|code|df|df_difference|bartlett_df|keyed|sites_.*)")


def safe_cell(text: str) -> str:
    """Return a text cell, with an apostrophe before it if a spreadsheet might run it.

    Examples
    --------
    >>> safe_cell("=HYPERLINK(1)"), safe_cell("-A1"), safe_cell("-2+3|cmd"), safe_cell("Ulm")
    ("'=HYPERLINK(1)", '-A1', "'-2+3|cmd", 'Ulm')
    """
    plain = text.replace("\x00", "")
    if plain.lstrip(" ").startswith(_FORMULA_STARTS) and not _HARMLESS.fullmatch(plain):
        return f"'{plain}"
    return plain


def cell_text(value: object, *, whole: bool = False) -> str:
    """Return one cell: empty if missing, numbers to their last digit.

    Examples
    --------
    >>> cell_text(0.1 + 0.2), cell_text(40.0, whole=True), cell_text(None), cell_text(True)
    ('0.30000000000000004', '40', '', 'true')
    """
    if is_missing(value):
        return ""
    if isinstance(value, str):
        return safe_cell(str(value))
    if str(value) in {"True", "False"}:
        return str(value).lower()
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return safe_cell(str(value))
    if whole and number.is_integer():
        return str(int(number))
    return str(value) if isinstance(value, int) else repr(number)


def csv_text(frame: pd.DataFrame, *, simulated: bool = False) -> str:
    r"""Return a frame as the text of a CSV file, without its byte order mark.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    simulated : bool
        Whether a last column says in every row that the answers were simulated.

    Examples
    --------
    >>> csv_text(pd.DataFrame({"site": ["ulm"], "estimate": [0.5]}))
    'site,estimate\r\nulm,0.5\r\n'
    """
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    names = [str(name) for name in frame.columns]
    writer.writerow([*(safe_cell(name) for name in names), *(["data"] if simulated else [])])
    columns = [
        [cell_text(value, whole=bool(_WHOLE.fullmatch(name))) for value in frame[name].tolist()]
        for name in frame.columns
    ]
    note = [say("simulated.column")] if simulated else []
    writer.writerows([*row, *note] for row in zip(*columns, strict=True))
    return stream.getvalue()


def csv_bytes(frame: pd.DataFrame, *, simulated: bool = False) -> bytes:
    """Return a frame as the bytes of a CSV file, beginning with a byte order mark."""
    return csv_text(frame, simulated=simulated).encode("utf-8-sig", errors="replace")


def file_name(instrument: str, table: str, *, simulated: bool = False) -> str:
    """Return the name of a file with a table.

    Examples
    --------
    >>> file_name("hs1939", "htmt"), file_name("a/b", "htmt", simulated=True)
    ('hs1939_htmt.csv', 'simulated_a_b_htmt.csv')
    """
    parts = [*(["simulated"] if simulated else []), instrument, table]
    return "_".join(_NOT_IN_NAMES.sub("_", part) for part in parts) + ".csv"


def data_uri(content: bytes) -> str:
    """Return content as a link that needs no network."""
    return "data:text/csv;charset=utf-8;base64," + base64.b64encode(content).decode("ascii")


def write_csv_files(
    tables: Mapping[str, pd.DataFrame], directory: Path, instrument: str, *, simulated: bool
) -> list[Path]:
    """Write every table into a directory, which is made if it isn't there; return the paths."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, frame in tables.items():
        path = directory / file_name(instrument, name, simulated=simulated)
        path.write_bytes(csv_bytes(frame, simulated=simulated))
        paths.append(path)
    return paths
