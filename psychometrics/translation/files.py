"""Where catalogs lie, and the one way in which they are read and written.

A locale or a site comes from a definition, a file name or the command line, and becomes part of a
path: so it is looked at before a path is made of it, and nothing is written through a link that
leads out of the folder of translations.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final, NoReturn

from psychometrics.errors import CatalogError, Finding, finding
from psychometrics.instrument.shipped import data_folder
from psychometrics.translation.po import PoFile, parse

MOST_BYTES: Final = 4_000_000
LOCALE: Final = re.compile(
    r"[a-z]{2,3}(_[A-Z][a-z]{3})?(_([A-Z]{2}|[0-9]{3}))?(@[a-z0-9]{1,8})?", re.ASCII
)
NAME: Final = re.compile(r"(response_sets\.)?[a-z][a-z0-9_]{0,99}", re.ASCII)


def translations_folder(translations: Path | None) -> Path:
    """Return the folder of translations; the shipped one if left out."""
    return translations if translations is not None else data_folder("translations")


def locale_folder(translations: Path | None, locale: str) -> Path:
    """Return the folder of a locale, which need not be there yet.

    Raises
    ------
    CatalogError
        If the name is none of a locale, or the folder is a link that leads elsewhere.
    """
    if not LOCALE.fullmatch(locale):
        _refuse("locale_name", "translations", found=locale[:80])
    return inside(translations_folder(translations), locale)


def catalog_file(translations: Path | None, locale: str, instrument_id: str) -> Path:
    """Return the path of a catalog, which need not be there yet.

    Raises
    ------
    CatalogError
        If locale or id is no such name.
    """
    if not NAME.fullmatch(instrument_id):
        _refuse("instrument_name", "translations", found=instrument_id[:80])
    folder = locale_folder(translations, locale)
    return inside(translations_folder(translations), folder / "LC_MESSAGES" / f"{instrument_id}.po")


def inside(root: Path, path: Path | str) -> Path:
    """Return a path in a folder, refusing one that a link leads out of it.

    Raises
    ------
    CatalogError
        If it lies elsewhere.
    """
    whole = path if isinstance(path, Path) and path.is_relative_to(root) else root / path
    if not whole.resolve().is_relative_to(root.resolve()):
        _refuse("outside_of_folder", str(whole), folder=str(root))
    return whole


def read_po(file: Path) -> PoFile:
    """Read a PO file.

    Raises
    ------
    CatalogError
        If it can't be opened, is too large, is not UTF-8 or has lines that can't be read;
        ``findings`` lists them.
    """
    raw = read_bytes(file)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        _refuse("catalog_not_utf8", f"{file}:{line}")
    read = parse(text)
    if read.faults:
        found = [
            finding("catalog_line", "error", f"{file}:{fault.line}", why=fault.why)
            for fault in read.faults
        ]
        told = "\n".join(f"  {each.where}: {each.message}" for each in found[:20])
        raise CatalogError(f"{file} can't be read as a PO file:\n{told}", found)
    return read


def read_bytes(file: Path) -> bytes:
    """Return what a file holds, refusing what no file of translations can be.

    Raises
    ------
    CatalogError
        If it can't be opened or is too large.
    """
    try:
        size = file.stat().st_size
        if size > MOST_BYTES:
            _refuse("catalog_too_large", str(file), size=size, most=MOST_BYTES)
        return file.read_bytes()
    except OSError as error:
        _refuse("catalog_not_found", str(file), why=error.strerror or type(error).__name__)


def write_bytes(root: Path, file: Path, raw: bytes) -> bool:
    """Write a file in a folder, whole or not at all, and tell whether its bytes changed.

    Raises
    ------
    CatalogError
        If the file lies out of the folder.
    """
    file = inside(root, file)
    if file.is_file() and file.read_bytes() == raw:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as made:
        made.write(raw)
    temporary = Path(made.name)
    temporary.chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
    os.replace(temporary, file)
    return True


def _refuse(code: str, where: str, **params: Any) -> NoReturn:
    found: Finding = finding(code, "error", where, **params)
    raise CatalogError(f"{where}: {found.message}", [found])
