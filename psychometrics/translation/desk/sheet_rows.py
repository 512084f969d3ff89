"""The rows of a sheet that came back: which were worked on, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from unicodedata import normalize

from psychometrics.errors import Finding, finding
from psychometrics.translation.desk.roles import JUDGES, Column, Role, columns_of
from psychometrics.translation.desk.sheet import fingerprint, row_id
from psychometrics.translation.open_locale import OpenLocale
from psychometrics.translation.status import texts_of

MOST_TEXT: Final = 20_000
CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
Cells = Mapping[str, str]


class RowReader:
    """Reads the rows of a sheet, and gathers what is wrong with them."""

    def __init__(self, opened: OpenLocale, role: Role, file: Path, reason: str | None) -> None:
        self.role, self.file, self.reason = role, file, reason
        self.findings: list[Finding] = []
        self.by_state = file.suffix.lower() in (".xlf", ".xliff")
        texts = texts_of(opened.instrument, opened.catalog, opened.brief)
        self.known = {
            row_id(key, role): (key, source, entry.text if entry else "")
            for key, entry, source in texts
        }
        self.columns = columns_of(role)

    def found(self, code: str, where: str, key: str | None = None, **params: Any) -> None:
        """Note a fault of a row."""
        self.findings.append(
            finding(code, "error", f"{self.file.name}, {where[:80]}", key=key, **params)
        )

    def rows(self, rows: Sequence[Cells]) -> Iterator[dict[str, str]]:
        """Yield the rows in which somebody wrote something, with key, source and text before."""
        heads = {head.strip().casefold() for row in rows[:1] for head in row}
        missing = [c for c in self.columns if c.title.casefold() not in heads and _needed(c)]
        for column in missing:
            self.found("sheet_column", "headings", name=column.title)
        if missing:
            return
        seen: set[str] = set()
        for row in rows:
            cells = self._cells(row)
            name = cells["id"]
            if name not in self.known:
                self.found("sheet_key_unknown", "Key", name=name[:80])
            elif name in seen:
                self.found("sheet_key_twice", name, name=name)
            else:
                seen.add(name)
                key, source, before = self.known[name]
                cells |= {"key": key, "before": before}
                if self._says_something(cells) and self._is_sound(cells, source):
                    yield cells

    def _cells(self, row: Cells) -> dict[str, str]:
        by_head = {head.strip().casefold(): text for head, text in row.items()}
        return {c.name: clean(by_head.get(c.title.casefold(), "")) for c in self.columns}

    def _says_something(self, cells: dict[str, str]) -> bool:
        """Tell whether a row was worked on; a reader who left everything as it was did nothing."""
        if self.role in JUDGES:
            changed = cells["translation"] != clean(cells["before"])
            own = [cells.get(name, "") for name in ("decision", "reason", "comment", "category")]
            return changed or any(own)
        return bool(cells["translation" if self.role == "forward" else "back"])

    def _is_sound(self, cells: dict[str, str], source: str) -> bool:
        """Tell whether a row can be recorded, and say what hinders it."""
        before, key = len(self.findings), cells["key"]
        shown = cells["id"]
        if cells["check"] != fingerprint(source, cells["before"]) and not self._unaffected(
            cells, source
        ):
            self.found("sheet_row_outdated", shown, key, name=shown)
            return False
        for column in self.columns:
            text = cells[column.name]
            if column.editable and len(text) > MOST_TEXT:
                self.found("sheet_text_too_long", shown, key, size=len(text), most=MOST_TEXT)
            if column.choices and text and text.casefold() not in column.choices:
                allowed = ", ".join(column.choices)
                self.found("sheet_choice", shown, key, found=text[:60], allowed=allowed)
        if self.role in JUDGES:
            self._check_judgement(cells, shown)
        return len(self.findings) == before

    def _unaffected(self, cells: dict[str, str], source: str) -> bool:
        """Tell whether only the catalog's text changed, which forward translators never saw."""
        same_source = cells["check"].partition("-")[0] == fingerprint(source, "").partition("-")[0]
        return self.role == "forward" and same_source

    def _check_judgement(self, cells: dict[str, str], shown: str) -> None:
        key = cells["key"]
        if not cells["translation"]:
            self.found("sheet_empty_translation", shown, key, name=shown)
        changed = cells["translation"] != clean(cells["before"])
        if changed and self.by_state and cells["decision"]:
            cells["decision"] = "changed"  # a tool marks as final whatever was agreed on
        if changed and cells["decision"].casefold() in ("accepted", "rejected"):
            self.found("sheet_decision", shown, key, name=shown)
        if "reason" in cells and not (cells["reason"] or self.reason):
            self.found("sheet_reason", shown, key, name=shown)
        if "reason" in cells and not cells["reason"]:
            cells["reason"] = self.reason or ""
        if "category" in cells and not cells["category"]:
            cells["category"] = "other"
        cells["decision"] = cells["decision"].casefold() or ("changed" if changed else "accepted")


def _needed(column: Column) -> bool:
    """Tell whether a sheet can't be read without a column."""
    return column.name in ("id", "check", "translation", "back", "decision")


def clean(text: str) -> str:
    """Return a text in NFC without control characters, which no form shows and terminals obey."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return normalize("NFC", CONTROL.sub("", lines)).strip()
