"""XLIFF 1.2, the format that agencies ask for: a sheet out, and the same sheet back in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from psychometrics.errors import CatalogError, finding
from psychometrics.translation.desk.page import html_lang
from psychometrics.translation.desk.roles import BACK, CHECK, COMMENT, DECISION, ID, TRANSLATION
from psychometrics.translation.desk.sheet import Sheet
from psychometrics.translation.files import read_bytes
from psychometrics.translation.text_hash import text_hash

NAMESPACE: Final = "urn:oasis:names:tc:xliff:document:1.2"
STATES: Final = {
    "missing": "new",
    "outdated": "needs-review-translation",
    "fuzzy": "needs-review-translation",
    "external": "needs-review-translation",
    "draft": "needs-review-translation",
    "in work": "translated",
    "ready": "final",
    "signed": "signed-off",
}
"""What XLIFF calls the states of texts."""
AGREED: Final = ("final", "signed-off")
"""States by which a reviewer says that a text is good."""
NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
XML: Final = "{http://www.w3.org/XML/1998/namespace}"


def sheet_xliff(sheet: Sheet) -> bytes:
    """Return a sheet as XLIFF 1.2: a unit a text, its key as the id, with notes and state.

    What the role of the sheet must not see is not in it either.
    """
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(_name("xliff"), {"version": "1.2"})
    own, other = html_lang(sheet.locale), html_lang(sheet.source_locale)
    back = sheet.role == "back"
    file = ET.SubElement(
        root,
        _name("file"),
        {
            "original": sheet.about["instrument"],
            "product-version": sheet.about["version"],
            "category": sheet.role,
            "source-language": own if back else other,
            "target-language": other if back else own,
            "datatype": "plaintext",
        },
    )
    header = ET.SubElement(file, _name("header"))
    _note(header, sheet.locale, "locale")
    _note(header, sheet.task, "task")
    for name, text in sheet.brief:
        _note(header, f"{name}: {text}", "brief")
    body = ET.SubElement(file, _name("body"))
    for row in sheet.rows:
        _unit(body, row, "target" if back else "source", "back" if back else "translation")
    ET.indent(root)
    raw: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return raw + b"\n"


def _unit(body: ET.Element, row: Mapping[str, str], source: str, target: str) -> None:
    """Add the unit of a text."""
    state = STATES.get(row.get("state", ""), "translated" if row[target] else "new")
    told = {"id": row["id"], "resname": row["id"], f"{XML}space": "preserve"}
    if state == "signed-off":
        told["approved"] = "yes"
    unit = ET.SubElement(body, _name("trans-unit"), told)
    ET.SubElement(unit, _name("source")).text = _allowed(row[source])
    made = ET.SubElement(unit, _name("target"), {"state": state})
    made.text = _allowed(row[target])
    for name in ("note", "remarks", "findings"):
        if row.get(name):
            _note(unit, row[name], "developer" if name == "note" else name)
    _note(unit, row["check"], "check")


def _note(parent: ET.Element, text: str, whose: str) -> None:
    ET.SubElement(parent, _name("note"), {"from": whose}).text = _allowed(text)


def _allowed(text: str) -> str:
    return NOT_IN_XML.sub("\ufffd", text)


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"


def read_xliff(file: Path) -> tuple[dict[str, str], list[dict[str, str]], dict[str, str]]:
    """Read an XLIFF 1.2 file that came back; returns what `read_xlsx` does.

    Raises
    ------
    CatalogError
        If it is too large, no XLIFF 1.2 in UTF-8, or declares a document type or entities.
    """
    raw = read_bytes(file)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(file, "it is not UTF-8") from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise _unreadable(file, "it declares a document type or entities")
    try:
        root = ET.fromstring(text)
    except (ET.ParseError, ValueError, RecursionError) as error:
        raise _unreadable(file, f"it is no XML ({error})"[:200]) from error
    inside = root.findall(_name("file"))
    if root.tag != _name("xliff") or len(inside) != 1:
        raise _unreadable(file, "it is no XLIFF 1.2 of one questionnaire")
    (one,) = inside
    role = one.get("category", "")
    sides = ("source-language", "target-language")
    locale = one.get(sides[role != "back"], "").replace("-", "_")
    noted = one.find(f"{_name('header')}/{_name('note')}[@from='locale']")
    about = {
        "instrument": one.get("original", ""),
        "version": one.get("product-version", ""),
        "locale": noted.text or "" if noted is not None else locale,
        "role": role,
    }
    return about, [_row(unit, role) for unit in one.iter(_name("trans-unit"))], {}


def _row(unit: ET.Element, role: str) -> dict[str, str]:
    """Return a unit as a row by headings."""
    source = _text(unit.find(_name("source")))
    target = unit.find(_name("target"))
    notes = {each.get("from", "translator"): each for each in unit.findall(_name("note"))}
    said = [each for whose, each in notes.items() if whose not in KNOWN]
    # A tool that drops notes leaves the source, by which its half can still be told.
    check = _text(notes.get("check")) or f"{text_hash(source)}-"
    agreed = target is not None and target.get("state") in AGREED
    agreed = agreed or unit.get("approved") == "yes"
    return {
        ID.title: unit.get("id", ""),
        (BACK if role == "back" else TRANSLATION).title: _text(target),
        DECISION.title: "accepted" if agreed and role != "back" else "",
        COMMENT.title: "\n".join(filter(None, map(_text, said))),
        CHECK.title: check,
    }


KNOWN: Final = ("check", "developer", "remarks", "findings")
"""Notes of ours, which are no comments of a translator."""


def _text(part: ET.Element | None) -> str:
    return "" if part is None else "".join(part.itertext())


def _unreadable(file: Path, why: str) -> CatalogError:
    found = finding("sheet_unreadable", "error", str(file), why=why)
    return CatalogError(f"{found.where}: {found.message}", [found])
