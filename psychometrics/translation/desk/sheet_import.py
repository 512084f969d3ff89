"""A sheet that came back: what it changes, shown before anything is written, then recorded."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unicodedata import normalize

from psychometrics.errors import CatalogError, Finding, finding
from psychometrics.instrument import Instrument
from psychometrics.translation.desk.roles import (
    JUDGES,
    Column,
    Role,
    check_role,
    columns_of,
    event_of,
)
from psychometrics.translation.desk.sheet import fingerprint, row_id, sheet_about
from psychometrics.translation.desk.sheet_xlsx import read_xlsx
from psychometrics.translation.desk.xliff import read_xliff
from psychometrics.translation.events import Event, EventKind, Origin
from psychometrics.translation.files import locale_folder, read_bytes
from psychometrics.translation.open_locale import OpenLocale, check_pseudonym
from psychometrics.translation.record import Record
from psychometrics.translation.status import texts_of
from psychometrics.translation.steps import excluded, record_step

MOST_TEXT: Final = 20_000
CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TextChange:
    """A text that an import would change or add; `before` is empty where there was none."""

    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One event that an import would record."""

    kind: EventKind
    keys: tuple[str, ...]
    texts: Mapping[str, str] | None
    told: Mapping[str, Any]


@dataclass(frozen=True)
class SheetImport:
    """What a sheet would do.

    Attributes
    ----------
    instrument_id, locale, role, who : str
        Of which texts, from whom.
    changes : tuple of TextChange
        Words that differ from those that are there.
    steps : tuple of PlannedStep
        Events that would be recorded.
    findings : tuple of Finding
        What is wrong with the sheet. With an error among them nothing is recorded.
    """

    instrument_id: str
    locale: str
    role: Role
    who: str
    changes: tuple[TextChange, ...]
    steps: tuple[PlannedStep, ...]
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether it can be recorded."""
        return not any(each.severity == "error" for each in self.findings)


def read_sheet(file: Path) -> tuple[dict[str, str], list[dict[str, str]], dict[str, str]]:
    """Read a sheet that came back: a workbook, XLIFF, or what the page saved; see `read_xlsx`.

    Raises
    ------
    CatalogError
        If it can't be read.
    """
    ending = file.suffix.lower()
    if ending in (".xlf", ".xliff"):
        return read_xliff(file)
    if ending != ".json":
        return read_xlsx(file)
    try:
        told = json.loads(read_bytes(file))
        about = {str(name): str(text) for name, text in told["about"].items()}
        rows = [{str(head): str(text) for head, text in row.items()} for row in told["rows"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        found = finding("sheet_unreadable", "error", str(file), why=type(error).__name__)
        raise CatalogError(str(found), [found]) from error
    return about, rows, {}


def plan_import(
    instrument: Instrument,
    file: Path,
    *,
    who: str,
    origin: Origin = "human",
    draft: str | None = None,
    reason: str | None = None,
    translations: Path | None = None,
) -> SheetImport:
    """Return what a sheet would change and record; nothing is written.

    Parameters
    ----------
    instrument : Instrument
        The definition.
    file : pathlib.Path
        The sheet: `.xlsx`, `.xlf`, or the `.json` that a page saves.
    who : str
        Pseudonym of whoever filled it in.
    origin : {"human", "machine", "published"}
        Where forward translations come from.
    draft : str, optional
        Letter of the forward translation; the person's own, or the next free one, if left out.
    reason : str, optional
        Reason for all rows that have none of their own.
    translations : pathlib.Path, optional
        Folder of the translations; the shipped one if left out.

    Raises
    ------
    CatalogError
        If the file can't be read, or is of another questionnaire.
    """
    check_pseudonym(who)
    about, rows, formulas = read_sheet(file)
    role = check_role(about.get("role", ""))
    locale = about.get("locale", "")
    locale_folder(translations, locale)
    _check_about(instrument, about, role, file)
    opened = OpenLocale.open(instrument, locale, translations)
    reading = _Reading(opened, role, file, reason)
    kept = list(reading.rows(rows))
    found = [
        *(finding("sheet_formula", "error", f"{file.name}, {cell}") for cell in formulas),
        *reading.findings,
    ]
    kind = event_of(role, opened.status.workflow)
    found += excluded(opened, kind, who, [row["key"] for row in kept])
    if not kept and not found:
        found.append(finding("sheet_nothing", "warning", file.name))
    shared: dict[str, Any] = {}
    if kind == "forward":
        shared = {"origin": origin, "draft": draft or draft_letter(opened.record, who)}
    elif kind == "back_translation":
        shared = {"blind": True}
    elif kind == "adaptation":
        shared = {"origin": origin}
    changes = tuple(_changes(kept, role))
    steps = tuple(_steps(kept, role, kind, shared))
    return SheetImport(instrument.id, locale, role, who, changes, steps, tuple(found))


def apply_import(
    instrument: Instrument,
    planned: SheetImport,
    *,
    when: str | None = None,
    translations: Path | None = None,
) -> list[Event]:
    """Record what a sheet says, and put its words into the catalog where its role may.

    Raises
    ------
    CatalogError
        If the plan has errors; then nothing is written.
    """
    if not planned.is_sound:
        listed = [each for each in planned.findings if each.severity == "error"]
        told = "\n".join(f"  {each.where}: {each.message}" for each in listed[:20])
        raise CatalogError(f"Nothing was recorded:\n{told}", listed)
    return [
        record_step(
            instrument, planned.locale, step.kind, who=planned.who, when=when,
            keys=None if step.texts is not None else step.keys, texts=step.texts,
            translations=translations, **step.told,
        )
        for step in planned.steps
    ]  # fmt: skip


def draft_letter(record: Record, who: str) -> str:
    """Return the letter of a person's forward translation: their own, or the next free one."""
    taken = {event.draft: event.who for event in record.of("forward")}
    own = [letter for letter, person in taken.items() if person == who and letter]
    if own:
        return own[-1]
    free = [letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter not in taken]
    if not free:
        raise CatalogError("There are 26 forward translations already; no letter is left.")
    return free[0]


def _check_about(instrument: Instrument, about: Cells, role: Role, file: Path) -> None:
    """Refuse the sheet of another questionnaire."""
    wanted = sheet_about(instrument, about["locale"], role)
    if about.get("instrument") != wanted["instrument"]:
        found = finding(
            "sheet_other", "error", file.name,
            found=str(about.get("instrument"))[:80], wanted=instrument.id,
        )  # fmt: skip
        raise CatalogError(str(found), [found])


class _Reading:
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
        return {c.name: _clean(by_head.get(c.title.casefold(), "")) for c in self.columns}

    def _says_something(self, cells: dict[str, str]) -> bool:
        """Tell whether a row was worked on; a reader who left everything as it was did nothing."""
        if self.role in JUDGES:
            changed = cells["translation"] != _clean(cells["before"])
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
        changed = cells["translation"] != _clean(cells["before"])
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


def _clean(text: str) -> str:
    """Return a text in NFC without control characters, which no form shows and terminals obey."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return normalize("NFC", CONTROL.sub("", lines)).strip()


def _changes(rows: Sequence[Cells], role: Role) -> Iterator[TextChange]:
    """Yield the words that are new or other than before."""
    for row in rows:
        if role == "back":
            yield TextChange(row["key"], "", row["back"])
        elif role == "forward":
            yield TextChange(row["key"], "", row["translation"])
        elif row["translation"] != _clean(row["before"]):
            yield TextChange(row["key"], row["before"], row["translation"])


def _steps(
    rows: Sequence[Cells], role: Role, kind: EventKind, shared: Mapping[str, Any]
) -> Iterator[PlannedStep]:
    """Yield the events: rows of which the same is said are recorded together."""
    groups: dict[tuple[bool, tuple[tuple[str, str], ...]], dict[str, str]] = defaultdict(dict)
    for row in rows:
        names = ("decision", "category", "reason", "comment")
        said = tuple((name, row[name]) for name in names if row.get(name))
        if role == "back":
            groups[True, said][row["key"]] = row["back"]
        else:
            changed = role == "forward" or row["translation"] != _clean(row["before"])
            groups[changed, said][row["key"]] = row["translation"]
    for (with_words, said), texts in groups.items():
        yield PlannedStep(
            kind, tuple(texts), texts if with_words else None, {**shared, **dict(said)}
        )
