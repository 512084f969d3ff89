"""A sheet: the texts of a locale as one role is to see them, before it is drawn in any format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from psychometrics.errors import Finding
from psychometrics.instrument import Instrument, shared_sets
from psychometrics.translation.catalog import Entry
from psychometrics.translation.desk.roles import (
    JUDGES,
    TASKS,
    Column,
    Role,
    check_role,
    columns_of,
    event_of,
)
from psychometrics.translation.events import Event
from psychometrics.translation.feedback import (
    ItemFeedback,
    by_key,
    item_feedback_states,
    told_lines,
)
from psychometrics.translation.feedback_record import picture_file
from psychometrics.translation.files import read_bytes
from psychometrics.translation.keys import text_key
from psychometrics.translation.locales import Brief, Direction, locale_direction
from psychometrics.translation.open_locale import OpenLocale
from psychometrics.translation.record import Record
from psychometrics.translation.source import source_strings
from psychometrics.translation.status import texts_of
from psychometrics.translation.text_hash import text_hash

PROSE: Final = (
    "readers", "language_register", "address", "gender", "anchors", "punctuation", "digits",
    "order", "orthography", "noun_classes", "rules",
)  # fmt: skip
"""What translators read of a brief, in this order."""


@dataclass(frozen=True)
class Sheet:
    """The texts of a locale as one role sees them.

    Attributes
    ----------
    role : str
        Whose sheet it is.
    about : Mapping
        What an import needs to know: instrument, version, locale, role.
    task : str
        What is to be done.
    columns : tuple of Column
        In the order in which they are shown.
    rows : tuple of Mapping
        Cells by the name of their column.
    brief : tuple of (str, str)
        What was agreed for the locale, and answers that are shared; empty where the role must not
        see it.
    source_locale, locale : str
        Languages of the two sides.
    source_direction, direction : {"ltr", "rtl"}
        In which they are written.
    pictures : Mapping of str to bytes
        By row, what answers show as SVG; nothing for those who must not see it.
    """

    role: Role
    about: Mapping[str, str]
    task: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, str], ...]
    brief: tuple[tuple[str, str], ...]
    source_locale: str
    locale: str
    source_direction: Direction
    direction: Direction
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def file_stem(self) -> str:
        """What to call its file; for back-translators the name says nothing about the content."""
        return f"{self.about['instrument']}.{self.locale}.{self.role}"


def make_sheet(
    instrument: Instrument,
    locale: str,
    role: str,
    *,
    who: str | None = None,
    findings: Iterable[Finding] = (),
    translations: Path | None = None,
) -> Sheet:
    """Return the sheet of a role.

    Parameters
    ----------
    instrument : Instrument
        The definition.
    locale : str
        Such as "he_IL". Its catalog has to be there.
    role : {"forward", "back", "reconciler", "reviewer", "adjudicator"}
        Whose sheet it is.
    who : str, optional
        Pseudonym of a forward translator, who then finds what they handed in before.
    findings : iterable of Finding
        What checks and data say about single texts, for those who judge; waived ones are left out.
    translations : pathlib.Path, optional
        Folder of the translations; the shipped one if left out.

    Raises
    ------
    CatalogError
        If there is no such role, or no catalog that can be read.

    Examples
    --------
    >>> from psychometrics import load_instrument
    >>> sheet = make_sheet(load_instrument("peer_support_implementation"), "he_IL", "back")
    >>> sheet.direction, [column.title for column in sheet.columns[:3]]
    ('rtl', ['Key', 'Text', 'Back-translation'])
    """
    name = check_role(role)
    opened = OpenLocale.open(instrument, locale, translations)
    event_of(name, opened.status.workflow)
    drafts = _drafts(opened.record)
    columns = columns_of(name, tuple(sorted(drafts)))
    notes = {each.key: each.note for each in source_strings(instrument)}
    states = {text.key: text.state.replace("_", " ") for text in opened.status.texts}
    told = _told(findings, opened.record)
    shown = by_key(item_feedback_states(opened.record, opened.catalog))
    rows = []
    for key, entry, source in texts_of(instrument, opened.catalog, opened.brief):
        text = entry.text if entry else ""
        cells = {
            "id": row_id(key, name),
            "check": fingerprint(source, text),
            "source": source,
            "note": _note(key, notes),
            "target": text,
            "translation": text if name in JUDGES else _own(opened.record, key, who),
            "state": states.get(key, ""),
            "back_seen": _last_back(opened.record, key, text),
            "remarks": "\n".join(_remarks(opened.record, key)),
            "findings": "\n".join(told[key]),
            "answers": "\n".join(line for one in shown.get(key, ()) for line in told_lines(one)),
        }
        cells |= {f"draft_{a}": _draft(events, key, entry) for a, events in drafts.items()}
        rows.append({column.name: cells.get(column.name, "") for column in columns})
    if name == "back":
        rows = [row for row in rows if row["target"].strip()]
    return Sheet(
        role=name,
        about=sheet_about(instrument, locale, name),
        task=TASKS[name].format(source=_language(instrument.source_locale)),
        columns=columns,
        rows=tuple(rows),
        brief=tuple(_context(opened, name)) if name != "back" else (),
        source_locale=instrument.source_locale,
        locale=locale,
        source_direction=locale_direction(instrument.source_locale),
        direction=locale_direction(locale, opened.brief),
        pictures=_pictures(opened, shown) if name in JUDGES else {},
    )


def _pictures(opened: OpenLocale, shown: Mapping[str, Sequence[ItemFeedback]]) -> dict[str, bytes]:
    """Return the pictures that lie beside the catalog, of what is still to be looked at."""
    made = {}
    for key, found in shown.items():
        for one in found:
            file = picture_file(opened, key, one.text_hash)
            if one.state in ("open", "answered") and file.is_file():
                made[key] = read_bytes(file)
    return made


def sheet_about(instrument: Instrument, locale: str, role: Role) -> dict[str, str]:
    """Return what a sheet says of itself; that of a back-translator doesn't name the measure."""
    blind = role == "back"
    return {
        "instrument": f"q{text_hash(instrument.id)[:8]}" if blind else instrument.id,
        "version": instrument.version,
        "locale": locale,
        "role": role,
    }


def row_id(key: str, role: Role) -> str:
    """Return what a row is called; keys such as option.agreement5.agree would tell the source.

    Examples
    --------
    >>> row_id("item.calm", "forward"), len(row_id("item.calm", "back"))
    ('item.calm', 11)
    """
    return f"t{text_hash(key)[:10]}" if role == "back" else key


def fingerprint(source: str, text: str) -> str:
    """Return what tells whether source and translation are still those of the sheet."""
    return f"{text_hash(source)}-{text_hash(text)}"


def _language(locale: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(locale.partition("@")[0]).english_name or locale
    except (UnknownLocaleError, ValueError):
        return locale


def _note(key: str, notes: Mapping[str, str]) -> str:
    """Return the note of a text; of a variant it also says whom or where it is for."""
    parts = text_key(key)
    told = [notes.get(parts.base, "")]
    if parts.gender:
        told.append("For a woman." if parts.gender == "f" else "For a man.")
    if parts.site:
        told.append(f"The wording of {parts.site} alone.")
    return " ".join(part for part in told if part)


def _drafts(record: Record) -> dict[str, list[Event]]:
    """Return the forward translations by letter."""
    made: dict[str, list[Event]] = defaultdict(list)
    for event in record.of("forward"):
        made[event.draft or "A"].append(event)
    return made


def _draft(events: Sequence[Event], key: str, entry: Entry | None) -> str:
    """Return the words of a forward translation; those of the catalog where it holds them still."""
    for event in reversed(events):
        state = event.texts.get(key)
        if state is None:
            continue
        if state.text is not None:
            return state.text
        return entry.text if entry and text_hash(entry.text) == state.target else ""
    return ""


def _own(record: Record, key: str, who: str | None) -> str:
    """Return what a translator handed in before."""
    mine = [e.texts[key].text for e in record.about(key) if e.kind == "forward" and e.who == who]
    return next((text for text in reversed(mine) if text), "")


def _last_back(record: Record, key: str, text: str) -> str:
    """Return the last back-translation of the present wording."""
    states = [e.texts[key] for e in record.about(key) if e.kind == "back_translation"]
    fit = [state.text for state in states if state.text and state.target == text_hash(text)]
    return fit[-1] if fit else ""


def _remarks(record: Record, key: str) -> Iterator[str]:
    """Yield what people said about a text, in order of time."""
    for event in record.about(key):
        said = " ".join(part for part in (event.decision, event.reason, event.comment) if part)
        if said and event.kind != "waiver":
            yield f"{event.who}, {event.kind.replace('_', ' ')}: {said}"


def _told(findings: Iterable[Finding], record: Record) -> dict[str, list[str]]:
    """Return messages of findings by key, but for those that were waived."""
    made: dict[str, list[str]] = defaultdict(list)
    for each in findings:
        if each.key is not None and not record.is_waived(each):
            made[each.key].append(f"{each.severity}: {each.message}")
    return made


def _context(opened: OpenLocale, role: Role) -> Iterator[tuple[str, str]]:
    """Yield what is agreed for the locale, and the shared answers that have sheets of their own.

    A forward translator sees words for the answers only if they are signed: before, they are
    somebody else's draft.
    """
    if opened.brief is not None:
        yield from _brief_lines(opened.brief)
    signed = {text.key for text in opened.status.texts if text.state == "signed"}
    for one in shared_sets(opened.instrument):
        lines = []
        for key, source in one.texts.items():
            shown = opened.catalog.text(key) if role in JUDGES or key in signed else ""
            lines.append(f"{source}: {shown or '(not agreed yet)'}")
        told = f"Shared with other questionnaires, and translated in the sheet of {one.id}."
        yield f"Answers {one.key}", "\n".join([told, *lines])


def _brief_lines(brief: Brief) -> Iterator[tuple[str, str]]:
    """Yield what translators read of a brief: its prose, then its terms."""
    for name in PROSE:
        text = getattr(brief, name)
        if text:
            yield name.removeprefix("language_").replace("_", " ").capitalize(), text
    for term in brief.termbase:
        parts = ["; ".join(term.target)]
        parts += [f"also: {'; '.join(term.also)}"] if term.also else []
        parts += [f"not: {'; '.join(term.avoid)}"] if term.avoid else []
        parts += [term.note] if term.note else []
        yield f"Term: {term.term}", "\n".join(parts)
