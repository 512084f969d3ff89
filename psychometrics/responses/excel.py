"""Answers from an Excel workbook."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from psychometrics.errors import DataError, finding
from psychometrics.responses.cells import shown_names, shown_rows
from psychometrics.responses.table import Table, column_of, need, rectangle


def read_excel(path: Path, sheet: str | None = None) -> Table:
    """Read one sheet of a workbook.

    Parameters
    ----------
    path : pathlib.Path
        An `.xlsx` or `.xlsm` file. Of a formula, the value that was stored with it is read.
    sheet : str, optional
        Name of the sheet; the first one with cells if left out, with a finding where several
        have cells.

    Returns
    -------
    Table
        Columns of numbers where all cells are, else of texts.

    Raises
    ------
    DataError
        If openpyxl isn't installed, the workbook can't be read or has no such sheet.
    """
    sheets = _sheets(path)
    filled = [name for name, rows in sheets.items() if rows]
    if sheet is not None and sheet not in sheets:
        raise DataError(
            f"{path.name} has no sheet {sheet!r}; its sheets are {shown_names(sheets)}."
        )
    if sheet is None and not filled:
        raise DataError(f"{path.name} is empty: a header and rows of answers were expected.")
    name = sheet if sheet is not None else filled[0]
    header, body, ragged = rectangle(sheets[name], f"{path.name}, sheet {name!r}")
    columns = tuple(
        column_of(label, cells)
        for label, cells in zip(header, zip(*body, strict=True), strict=True)
    )
    findings = []
    if sheet is None and len(filled) > 1:
        others = shown_names(filled[1:])
        findings.append(finding("several_sheets", "warning", path.name, sheet=name, others=others))
    if ragged:
        findings.append(
            finding(
                "ragged_rows", "error", path.name, count=len(ragged), width=len(header),
                rows=ragged, rows_text=shown_rows(ragged),
            )
        )  # fmt: skip
    return Table(columns, len(body), path.name, tuple(findings))


def _sheets(path: Path) -> Mapping[str, list[tuple[Any, ...]]]:
    """Return the cells of every sheet, by row."""
    openpyxl = need("openpyxl", "excel")
    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and validations it drops; no answer depends on them.
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            try:
                return {sheet.title: _rows(sheet) for sheet in book.worksheets}
            finally:
                book.close()
    except (BadZipFile, KeyError, ValueError, openpyxl.utils.exceptions.InvalidFileException) as e:
        raise DataError(
            f"{path.name} can't be read as an Excel workbook ({e}); open it in Excel and save it "
            "as .xlsx, or as CSV."
        ) from e


def _rows(sheet: Any) -> list[tuple[Any, ...]]:
    """Return a sheet's rows, all as wide as its last filled cell; none where none is filled."""
    sheet.reset_dimensions()  # the size stored in the file is often wrong
    rows = list(sheet.iter_rows(values_only=True))
    width = max(
        (at + 1 for row in rows for at, cell in enumerate(row) if cell is not None), default=0
    )
    if not width:
        return []
    return [(*row[:width], *(None,) * (width - len(row))) for row in rows]
