"""Sheets as Excel workbooks: every cell is text, and none is ever worked out."""

from __future__ import annotations

import re
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from psychometrics.errors import CatalogError, finding
from psychometrics.translation.desk.page import prose_direction
from psychometrics.translation.desk.roles import Column
from psychometrics.translation.desk.sheet import Sheet

TEXTS, BRIEF, ABOUT = "Texts", "Brief", "About"
MOST_PACKED: Final = 8_000_000
MOST_UNPACKED: Final = 40_000_000
MOST_ROWS: Final = 10_000
MOST_COLUMNS: Final = 60
MOST_IN_CELL: Final = 32_767
NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
WIDTHS: Final = {"id": 24, "note": 40, "state": 12, "decision": 12, "category": 14, "check": 12}
EDIT, READ = "FFFDF3D0", "FFF3F3F1"


def sheet_xlsx(sheet: Sheet) -> bytes:
    """Return a sheet as the bytes of a workbook.

    Raises
    ------
    CatalogError
        If openpyxl isn't installed, or a text is longer than a cell can be.
    """
    openpyxl = _openpyxl()
    book = openpyxl.Workbook()
    texts = book.active
    texts.title = TEXTS
    texts.sheet_view.rightToLeft = sheet.direction == "rtl"
    texts.freeze_panes = "B2"
    for at, column in enumerate(sheet.columns, start=1):
        _put(texts.cell(1, at), column.title, bold=True)
        letter = texts.cell(1, at).column_letter
        texts.column_dimensions[letter].width = WIDTHS.get(column.name, 46)
        texts.column_dimensions[letter].hidden = column.name == "check"
        _offer(texts, letter, column, len(sheet.rows))
    for line, row in enumerate(sheet.rows, start=2):
        for at, column in enumerate(sheet.columns, start=1):
            direction = {"source": sheet.source_direction, "target": sheet.direction}
            _put(
                texts.cell(line, at),
                row[column.name],
                fill=EDIT if column.editable else READ,
                direction=direction.get(column.side, "ltr"),
            )
    _list(book, BRIEF, sheet.brief, sheet.source_direction)
    _list(book, ABOUT, (("task", sheet.task), *sheet.about.items()), sheet.source_direction)
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def _list(book: Any, title: str, lines: tuple[tuple[str, str], ...], direction: str) -> None:
    """Add a sheet of names and texts."""
    if not lines:
        return
    page = book.create_sheet(title)
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 28, 100
    for at, (name, text) in enumerate(lines, start=1):
        _put(page.cell(at, 1), name, bold=True)
        _put(page.cell(at, 2), text, direction=prose_direction(text, direction))


def _put(
    cell: Any, text: str, *, bold: bool = False, fill: str | None = None, direction: str = "ltr"
) -> None:
    """Write a text into a cell, whatever it begins with, with the direction of its language."""
    from openpyxl.styles import Alignment, Font, PatternFill

    if len(text) > MOST_IN_CELL:
        raise CatalogError(
            f"A text of {len(text)} characters does not fit into a cell of Excel "
            f"({MOST_IN_CELL} at most); make the sheet in HTML."
        )
    cell.value = NOT_IN_XML.sub("\ufffd", text)
    cell.data_type = "s"  # openpyxl takes what begins with = for a formula
    cell.quotePrefix = True  # and so would Excel, when the cell is edited
    cell.number_format = "@"
    order = {"ltr": 1, "rtl": 2}.get(direction, 0)
    side = {"ltr": "left", "rtl": "right"}.get(direction, "general")
    cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal=side, readingOrder=order)
    if bold:
        cell.font = Font(bold=True)
    if fill:
        cell.fill = PatternFill("solid", start_color=fill, end_color=fill)


def _offer(page: Any, letter: str, column: Column, count: int) -> None:
    """Offer the choices of a column as a list."""
    from openpyxl.worksheet.datavalidation import DataValidation

    if column.choices and count:
        offered = DataValidation(
            type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True
        )
        page.add_data_validation(offered)
        offered.add(f"{letter}2:{letter}{count + 1}")


def read_xlsx(file: Path) -> tuple[dict[str, str], list[dict[str, str]], dict[str, str]]:
    """Read a workbook that came back.

    Returns
    -------
    tuple
        What it says of itself; its rows by heading; and the formulas in it, as "Texts!D7" by cell.

    Raises
    ------
    CatalogError
        If it is too large, no workbook, or has no sheet of texts.
    """
    openpyxl = _openpyxl()
    _check_package(file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(file, read_only=True, keep_links=False)
            try:
                pages = {page.title: page for page in book.worksheets}
                if TEXTS not in pages:
                    raise _unreadable(file, f"it has no sheet {TEXTS}")
                rows, formulas = _rows(pages[TEXTS], file)
                about, more = _rows(pages[ABOUT], file) if ABOUT in pages else ([], {})
            finally:
                book.close()
    except CatalogError:
        raise
    except Exception as error:  # openpyxl raises whatever a broken package leads it to
        raise _unreadable(file, type(error).__name__) from error
    told = {line[0]: line[1] for line in about if len(line) > 1}
    if not rows:
        raise _unreadable(file, f"its sheet {TEXTS} is empty")
    heads = [text.strip() for text in rows[0]]
    body = [dict(zip(heads, (*line, *[""] * len(heads)), strict=False)) for line in rows[1:]]
    return told, [line for line in body if any(line.values())], formulas | more


def _rows(page: Any, file: Path) -> tuple[list[list[str]], dict[str, str]]:
    """Return the cells of a page as text, and those that hold formulas."""
    page.reset_dimensions()
    rows: list[list[str]] = []
    formulas: dict[str, str] = {}
    for line in page.iter_rows(max_col=MOST_COLUMNS):
        if len(rows) > MOST_ROWS:
            raise _too_large(file, f"more than {MOST_ROWS} rows")
        cells = []
        for cell in line:
            if cell.data_type == "f":
                formulas[f"{page.title}!{cell.coordinate}"] = str(cell.value)[:80]
                cells.append("")
            else:
                cells.append("" if cell.value is None else str(cell.value))
        rows.append(cells)
    return rows, formulas


def _check_package(file: Path) -> None:
    """Refuse what no sheet is, before anything of it is unpacked or parsed."""
    try:
        if file.stat().st_size > MOST_PACKED:
            raise _too_large(file, f"more than {MOST_PACKED} bytes")
        with ZipFile(file) as package:
            inside = package.infolist()
            if len(inside) > 500 or sum(each.file_size for each in inside) > MOST_UNPACKED:
                raise _too_large(file, "unpacked")
            for each in inside:
                # A part that says it is small and is not fails its check sum here.
                if each.filename.endswith((".xml", ".rels", ".vml")):
                    check_xml(package.read(each), file)
    except CatalogError:  # which is a ValueError too
        raise
    except OSError as error:
        raise _unreadable(file, error.strerror or "it can't be opened") from error
    except (BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise _unreadable(file, "it is no workbook") from error


def check_xml(raw: bytes, file: Path) -> None:
    """Refuse XML that declares a document type or entities, in whatever encoding.

    Raises
    ------
    CatalogError
        If it does. Files of translations need neither, and entities are the way to make a
        small file large or to read other files.
    """
    declares = b"<!DOCTYPE" in raw or b"<!ENTITY" in raw
    if declares or b"\0" in raw or raw[:2] in (b"\xfe\xff", b"\xff\xfe"):
        raise _unreadable(file, "its XML declares a document type, or is not UTF-8")


def _openpyxl() -> Any:
    try:
        import openpyxl
    except ModuleNotFoundError as missing:
        raise CatalogError(
            "Sheets for Excel need openpyxl, which isn't installed: "
            'pip install "survey-psychometrics[excel]". Sheets in HTML need nothing.'
        ) from missing
    return openpyxl


def _unreadable(file: Path, why: str) -> CatalogError:
    found = finding("sheet_unreadable", "error", str(file), why=why)
    return CatalogError(f"{found.where}: {found.message}", [found])


def _too_large(file: Path, why: str) -> CatalogError:
    found = finding("sheet_too_large", "error", str(file), why=why)
    return CatalogError(f"{found.where}: {found.message}", [found])
