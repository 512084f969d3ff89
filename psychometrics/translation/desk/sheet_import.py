"""A sheet that came back: what it changes, shown before anything is written, then recorded."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psychometrics.errors import CatalogError, Finding, finding
from psychometrics.instrument import Instrument
from psychometrics.translation.desk.roles import (
    Role,
    check_role,
    event_of,
)
from psychometrics.translation.desk.sheet import sheet_about
from psychometrics.translation.desk.sheet_rows import Cells, RowReader, clean
from psychometrics.translation.desk.sheet_xlsx import read_xlsx
from psychometrics.translation.desk.xliff import read_xliff
from psychometrics.translation.events import Event, EventKind, Origin
from psychometrics.translation.files import locale_folder, read_bytes
from psychometrics.translation.open_locale import OpenLocale, check_pseudonym
from psychometrics.translation.record import Record
from psychometrics.translation.steps import excluded, record_step


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
        raise CatalogError(f"{found.where}: {found.message}", [found]) from error
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
    reading = RowReader(opened, role, file, reason)
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
        letter = draft or draft_letter(opened.record, who)
        found += _letter_faults(letter, opened.record, who)
        shared = {"origin": origin, "draft": letter}
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


def _letter_faults(letter: str, record: Record, who: str) -> Iterator[Finding]:
    """Yield what is wrong with the letter of a forward translation."""
    if not re.fullmatch("[A-Z]", letter):
        yield finding("draft_letter", "error", "draft", found=letter[:20])
    others = {event.who for event in record.of("forward") if event.draft == letter} - {who}
    if others:
        people = ", ".join(sorted(others))
        yield finding("draft_taken", "error", "draft", letter=letter, people=people)


def _check_about(instrument: Instrument, about: Cells, role: Role, file: Path) -> None:
    """Refuse the sheet of another questionnaire."""
    wanted = sheet_about(instrument, about["locale"], role)
    if about.get("instrument") != wanted["instrument"]:
        found = finding(
            "sheet_other", "error", file.name,
            found=str(about.get("instrument"))[:80], wanted=instrument.id,
        )  # fmt: skip
        raise CatalogError(f"{found.where}: {found.message}", [found])


def _changes(rows: Sequence[Cells], role: Role) -> Iterator[TextChange]:
    """Yield the words that are new or other than before."""
    for row in rows:
        if role == "back":
            yield TextChange(row["key"], "", row["back"])
        elif role == "forward":
            yield TextChange(row["key"], "", row["translation"])
        elif row["translation"] != clean(row["before"]):
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
            changed = role == "forward" or row["translation"] != clean(row["before"])
            groups[changed, said][row["key"]] = row["translation"]
    for (with_words, said), texts in groups.items():
        yield PlannedStep(
            kind, tuple(texts), texts if with_words else None, {**shared, **dict(said)}
        )
