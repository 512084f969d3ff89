"""The record of a locale: its events, read from files and added to them.

``translations/<locale>/record/<instrument>/`` holds one small file an event, in
``translations/record/<instrument>/`` are those that hold for all locales.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from psychometrics.errors import CatalogError, Finding, finding
from psychometrics.instrument import Instrument, SharedSet, shared_sets
from psychometrics.translation.change import CLASSES, classify_change
from psychometrics.translation.events import CHANGING, Event, EventKind
from psychometrics.translation.files import (
    NAME,
    inside,
    locale_folder,
    read_bytes,
    translations_folder,
    write_bytes,
)
from psychometrics.translation.keys import text_key
from psychometrics.translation.source import renamed_keys
from psychometrics.translation.text_hash import text_hash

Links = dict[str, set[str]]


@dataclass(frozen=True)
class Record:
    """Everything that was done to the texts of one instrument in one locale.

    Attributes
    ----------
    events : tuple of Event
        In order of time. Events whose file was changed afterwards are not among them.
    findings : tuple of Finding
        Files that can't be read, were changed, or say what they can't.
    language : str
        Source language, for the class of confirmed changes.
    """

    events: tuple[Event, ...] = ()
    findings: tuple[Finding, ...] = ()
    language: str = "en"

    def of(self, *kinds: EventKind) -> tuple[Event, ...]:
        """Return the events of some kinds."""
        return tuple(event for event in self.events if event.kind in kinds)

    @cached_property
    def _known(self) -> dict[str, set[str]]:
        """Hashes of the translations that some event is about, by key."""
        made: dict[str, set[str]] = {}
        for event in self.events:
            if event.kind not in ("query", "waiver", "feedback"):
                for key, state in event.texts.items():
                    made.setdefault(key, set()).add(state.target)
        return made

    def knows(self, key: str, target: str) -> bool:
        """Tell whether some event is about this wording of a text."""
        return text_hash(target) in self._known.get(key, set())

    def last_wording(self, key: str) -> str | None:
        """Return the hash of the wording that somebody last answered for; None if nobody has."""
        kinds = ("forward", *CHANGING)
        made = [event.texts[key].target for event in self.about(key) if event.kind in kinds]
        return made[-1] if made else None

    def lineage(self, key: str, target: str) -> frozenset[str]:
        """Return the hashes of a wording, and of those it was made from by recorded changes.

        An external edit ends the line: what was done before says nothing about what came of it.
        """
        return _closure(text_hash(target), self._made_from.get(key, {}))

    def same_sources(self, key: str, source: str) -> frozenset[str]:
        """Return the hashes of a source text, and of earlier ones confirmed to mean the same."""
        return _closure(text_hash(source), self._confirmed.get(key, {}))

    def about(self, key: str) -> tuple[Event, ...]:
        """Return the events about a text, in order of time."""
        return self._by_key.get(key, ())

    @cached_property
    def _by_key(self) -> dict[str, tuple[Event, ...]]:
        made: dict[str, list[Event]] = {}
        for event in self.events:
            for key in event.texts:
                made.setdefault(key, []).append(event)
        return {key: tuple(events) for key, events in made.items()}

    @cached_property
    def _made_from(self) -> dict[str, Links]:
        """Wordings that a wording was made from by recorded changes, by key."""
        made: dict[str, Links] = {}
        for event in self.events:
            for key, state in event.texts.items():
                follows = event.kind != "external" and event.decision != "rejected"
                if state.before is not None and follows:
                    made.setdefault(key, {}).setdefault(state.target, set()).add(state.before)
        return made

    @cached_property
    def _confirmed(self) -> dict[str, Links]:
        """Source texts that were confirmed to mean what a later one means, by key."""
        made: dict[str, Links] = {}
        for event in self.of("confirmation"):
            for change in event.changes:
                if confirmable(event, change.old, change.new, self.language):
                    links = made.setdefault(change.key, {})
                    links.setdefault(text_hash(change.new), set()).add(text_hash(change.old))
        return made

    @cached_property
    def open_queries(self) -> tuple[Event, ...]:
        """Questions that nobody has answered."""
        answered = {event.answers for event in self.of("answer")}
        return tuple(event for event in self.of("query") if event.id not in answered)

    @cached_property
    def _waived(self) -> set[tuple[str | None, str, str]]:
        return {
            (event.code, key, state.target)
            for event in self.of("waiver")
            for key, state in event.texts.items()
        }

    def is_waived(self, found: Finding) -> bool:
        """Tell whether a finding about a text was waived for the text's present wording."""
        return self.waived(found.code, found.key, found.text_hash)

    def waived(self, code: str, key: str | None, target: str | None) -> bool:
        """Tell whether findings of a code were waived for a wording, by its hash."""
        return key is not None and target is not None and (code, key, target) in self._waived


def _closure(start: str, links: Links) -> frozenset[str]:
    seen, left = {start}, [start]
    while left:
        for each in links.get(left.pop(), set()) - seen:
            seen.add(each)
            left.append(each)
    return frozenset(seen)


def confirmable(event: Event, old: str, new: str, language: str) -> bool:
    """Tell whether a change of a source text is small enough to be confirmed.

    For all locales at once only punctuation can be; other wording is judged locale by locale; a
    change of meaning has to be translated.
    """
    most = "punctuation" if event.locale is None else "wording"
    return CLASSES.index(classify_change(old, new, language).size) <= CLASSES.index(most)


def record_folder(translations: Path | None, locale: str | None, instrument_id: str) -> Path:
    """Return the folder of a record, which need not be there; None is that of all locales.

    Raises
    ------
    CatalogError
        If locale or id is no such name.
    """
    if not NAME.fullmatch(instrument_id):
        raise CatalogError(f"{instrument_id[:80]!r} is no id of an instrument.")
    root = translations_folder(translations)
    base = root if locale is None else locale_folder(translations, locale)
    return inside(root, base / "record" / instrument_id)


def record_of(instrument: Instrument, locale: str, *, translations: Path | None = None) -> Record:
    """Read the record of an instrument in a locale; events of earlier keys count for the present.

    What was done to the response sets that it shares with others is part of it.

    Parameters are those of :func:`load_record`.
    """
    own = load_record(
        instrument.id,
        locale,
        translations=translations,
        language=instrument.source_locale,
        renamed=renamed_keys(instrument),
    )
    others = [record_of(one, locale, translations=translations) for one in shared_sets(instrument)]
    if isinstance(instrument, SharedSet):
        others += [_moved(instrument, each, locale, translations) for each in instrument.moved_from]
    return _together(own, others) if others else own


def _moved(shared: SharedSet, instrument_id: str, locale: str, translations: Path | None) -> Record:
    """Return what was done to the texts of a set while an instrument held them itself."""
    there = load_record(
        instrument_id, locale, translations=translations, language=shared.source_locale
    )
    made = []
    for event in there.events:
        texts = {k: v for k, v in event.texts.items() if text_key(k).base in shared.texts}
        changes = tuple(one for one in event.changes if text_key(one.key).base in shared.texts)
        if texts or changes:
            made.append(_with_id(event, {"texts": texts, "changes": changes}))
    return Record(tuple(made), (), there.language)


def _together(own: Record, others: Iterable[Record]) -> Record:
    """Return several records as one; an event that two of them have is the first one's."""
    events = {event.id: event for event in own.events}
    findings = list(own.findings)
    for other in others:
        for event in other.events:
            events.setdefault(event.id, event)
        findings += other.findings
    ordered = sorted(events.values(), key=lambda event: (event.when, event.id))
    return Record(tuple(ordered), tuple(findings), own.language)


def load_record(
    instrument_id: str,
    locale: str,
    *,
    translations: Path | None = None,
    language: str = "en",
    renamed: Mapping[str, Sequence[str]] | None = None,
) -> Record:
    """Read the record of a locale, with the events that hold for all locales.

    Parameters
    ----------
    instrument_id, locale : str
        Of which catalog.
    translations : pathlib.Path, optional
        Folder of the translations; the shipped one if left out.
    language : str
        Source language.
    renamed : mapping, optional
        Earlier keys of texts, by their present key.
    """
    present = {old: key for key, earlier in (renamed or {}).items() for old in earlier}
    events: list[Event] = []
    findings: list[Finding] = []
    for place in (None, locale):
        folder = record_folder(translations, place, instrument_id)
        for file in _files(folder):
            try:
                read = _read(inside(translations_folder(translations), file), place, instrument_id)
                events.append(_under_present_keys(read, present))
            except CatalogError as error:
                findings += error.findings
    events.sort(key=lambda event: (event.when, event.id))
    record = Record(tuple(events), tuple(findings), language)
    refused = [
        finding(
            "confirmation_refused",
            "error",
            event.file_name,
            locale=locale,
            key=change.key,
            name=change.key,
        )
        for event in record.of("confirmation")
        for change in event.changes
        if not confirmable(event, change.old, change.new, language)
    ]
    return Record(record.events, (*findings, *refused), language)


def _under_present_keys(event: Event, present: Mapping[str, str]) -> Event:
    """Return an event with texts under the keys that they have now; its id stays."""
    own = {key: text_key(key) for key in event.texts}
    own |= {change.key: text_key(change.key) for change in event.changes}
    new = {
        key: str(parts._replace(base=present[parts.base]))
        for key, parts in own.items()
        if parts.base in present
    }
    if not new:
        return event
    changes = [one.model_copy(update={"key": new.get(one.key, one.key)}) for one in event.changes]
    texts = {new.get(key, key): state for key, state in event.texts.items()}
    return _with_id(event, {"texts": texts, "changes": tuple(changes)})


def _with_id(event: Event, update: Mapping[str, Any]) -> Event:
    """Return an event that says something else under its old id."""
    made = event.model_copy(update=update)
    made.__dict__["id"] = event.id  # the file's, which other events refer to
    return made


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of events in a folder that may not be there."""
    if folder.is_dir():
        with os.scandir(folder) as found:
            names = sorted(each.name for each in found if each.name.endswith(".json"))
        yield from (folder / name for name in names)


def _read(file: Path, locale: str | None, instrument_id: str) -> Event:
    """Read one event; one that is not what its file's name says is refused."""
    try:
        event = Event.model_validate_json(read_bytes(file))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ")
        _refuse("event_unreadable", file, why=why[:300])
    if not file.stem.endswith(f"-{event.id}"):
        _refuse("event_changed", file)
    if (event.locale, event.instrument) != (locale, instrument_id):
        _refuse("event_misplaced", file, locale=event.locale, instrument=event.instrument)
    return event


def _refuse(code: str, file: Path, **params: Any) -> NoReturn:
    locale = params.pop("locale", None)
    found = finding(code, "error", str(file), locale=locale, **params)
    raise CatalogError(f"{found.where}: {found.message}", [found])


def add_events(events: Iterable[Event], *, translations: Path | None = None) -> list[Path]:
    """Write events to the record, each in a file of its own, and return the files."""
    made = []
    root = translations_folder(translations)
    for event in events:
        file = record_folder(translations, event.locale, event.instrument) / event.file_name
        write_bytes(root, file, event.dump())
        made.append(file)
    return made


def utc(when: datetime | None = None) -> str:
    """Return a time as events have it; the clock's if left out.

    Examples
    --------
    >>> utc(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '2026-01-02T03:04:05Z'
    """
    return (when or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
