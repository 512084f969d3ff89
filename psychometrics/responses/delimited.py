"""Answers from delimited text: comma, semicolon, tab or bar, in UTF-8, UTF-16 or Windows-1252."""

from __future__ import annotations

import csv
from io import StringIO
from itertools import islice
from pathlib import Path

import numpy as np

from psychometrics.errors import DataError, Finding, finding
from psychometrics.responses.cells import shown_rows
from psychometrics.responses.table import Column, Table, rectangle

DELIMITERS = (",", ";", "\t", "|")
EXPECTED = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
SNIFFED_ROWS = 100


def read_delimited(path: Path) -> Table:
    """Read a delimited text file; every cell stays text.

    Parameters
    ----------
    path : pathlib.Path
        The file. Its encoding and delimiter are found out, and said in a finding where they
        aren't what the file's name lets one expect.

    Returns
    -------
    Table
        Columns of texts.

    Raises
    ------
    DataError
        If the file is empty or has no row below its header.
    """
    source = path.name
    text, encoding, findings = _decoded(path.read_bytes(), source)
    text, delimiter = _delimiter(text)
    expected = EXPECTED.get(path.suffix.lower(), delimiter)
    if delimiter != expected or encoding not in ("UTF-8", "Windows-1252"):
        findings.append(
            finding("file_layout", "warning", source, encoding=encoding, delimiter=delimiter)
        )
    rows, broken = _rows(text, delimiter, source)
    header, body, ragged = rectangle(rows, source)
    if ragged:
        findings.append(
            finding(
                "ragged_rows", "error", source, count=len(ragged), width=len(header), rows=ragged,
                rows_text=shown_rows(ragged),
            )
        )  # fmt: skip
    columns = tuple(
        Column(name, np.array(cells, dtype=object))
        for name, cells in zip(header, zip(*body, strict=True), strict=True)
    )
    return Table(columns, len(body), source, (*broken, *findings))


def _decoded(raw: bytes, source: str) -> tuple[str, str, list[Finding]]:
    """Return the text, the name of its encoding, and what was odd about the bytes."""
    findings: list[Finding] = []
    encoding = _encoding(raw)
    if encoding is None:
        try:
            text, encoding = raw.decode("utf-8"), "UTF-8"
        except UnicodeDecodeError as fault:
            text, encoding = raw.decode("cp1252", errors="replace"), "Windows-1252"
            line = raw.count(b"\n", 0, fault.start) + 1
            findings.append(finding("not_utf8", "warning", source, line=line))
    else:
        codec = "utf-8" if encoding.startswith("UTF-8") else encoding.split()[0]
        text = raw.decode(codec, errors="replace").removeprefix("\ufeff")
    nuls = text.count("\0")
    if nuls:
        text = text.replace("\0", "")
        findings.append(finding("nul_bytes", "warning", source, count=nuls))
    return text, encoding, findings


def _encoding(raw: bytes) -> str | None:
    """Tell the encoding from the byte order mark, or from NUL in every other byte."""
    if raw.startswith(b"\xef\xbb\xbf"):
        return "UTF-8 with a byte order mark"
    if raw.startswith(b"\xff\xfe"):
        return "UTF-16-LE"
    if raw.startswith(b"\xfe\xff"):
        return "UTF-16-BE"
    head = raw[:4096]
    if len(head) >= 4 and head[1::2].count(0) > 0.4 * len(head) / 2 > 10 * head[::2].count(0):
        return "UTF-16-LE"
    if len(head) >= 4 and head[::2].count(0) > 0.4 * len(head) / 2 > 10 * head[1::2].count(0):
        return "UTF-16-BE"
    return None


def _delimiter(text: str) -> tuple[str, str]:
    """Return the text without Excel's `sep=` line, and the delimiter it is written with."""
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.strip("\r")) == 5:
        return rest, first[4]

    def width(delimiter: str) -> float:
        """Cells in the header, times the share of rows that have as many."""
        reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
        try:
            lengths = [len(row) for row in islice(reader, SNIFFED_ROWS) if row]
        except csv.Error:
            return 0.0
        return lengths[0] * lengths.count(lengths[0]) / len(lengths) if lengths else 0.0

    return text, max(DELIMITERS, key=width)


def _rows(text: str, delimiter: str, source: str) -> tuple[list[list[str]], list[Finding]]:
    """Split the text into cells; where the quotes don't fit, take them as plain characters."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return list(reader), []
    except csv.Error:
        fault = finding("broken_quotes", "error", source, line=reader.line_num)
    plain = csv.reader(StringIO(text, newline=""), delimiter=delimiter, quoting=csv.QUOTE_NONE)
    try:
        return [[cell.strip().strip('"') for cell in row] for row in plain], [fault]
    except csv.Error as error:
        raise DataError(f"{source}, line {plain.line_num}: {error}; is it a text file?") from error
