"""Bringing findings from answers to the translators: into the record, and into the catalog.

In the catalog a finding is a translator's comment. Comments are no words, so that no sign-off is
voided, and every other byte of the file stays as it is.
"""

from __future__ import annotations

import re
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from psychometrics.errors import CatalogError, Finding
from psychometrics.instrument import Instrument
from psychometrics.translation.events import Event, TextState
from psychometrics.translation.feedback import (
    ItemFeedback,
    by_key,
    item_feedback_states,
    shown_of,
    told_lines,
)
from psychometrics.translation.files import (
    catalog_file,
    inside,
    locale_folder,
    translations_folder,
    write_bytes,
)
from psychometrics.translation.merge import NOTE_WIDTH
from psychometrics.translation.open_locale import (
    OpenLocale,
    check_pseudonym,
    chosen_keys,
    made_event,
    write_catalog,
)
from psychometrics.translation.po import Line, PoEntry, PoFile
from psychometrics.translation.record import Record, add_events
from psychometrics.translation.text_hash import text_hash

MARK: Final = "[answers] "
"""Start of each comment line of ours, by which it is found again."""


@dataclass(frozen=True)
class FeedbackPlan:
    """What bringing findings to one locale would do; nothing is written yet.

    Attributes
    ----------
    opened : OpenLocale
        The locale as it is.
    events : tuple of Event
        New events of the record; findings that are there already have none.
    known : int
        How many findings are in the record already.
    states : tuple of ItemFeedback
        All findings of the locale as they will be.
    file : PoFile
        The catalog as it will be.
    """

    opened: OpenLocale
    events: tuple[Event, ...]
    known: int
    states: tuple[ItemFeedback, ...]
    file: PoFile

    @property
    def locale(self) -> str:
        """The locale."""
        return self.opened.locale

    @property
    def rewrites(self) -> bool:
        """Whether any byte of the catalog will be another one."""
        return self.file.dump() != self.opened.file.dump()


def plan_feedback(
    instrument: Instrument,
    locale: str,
    findings: Iterable[Finding] = (),
    *,
    who: str | None = None,
    when: str | None = None,
    translations: Path | None = None,
) -> FeedbackPlan:
    """Return what findings from answers would add to a locale; nothing is written.

    Parameters
    ----------
    instrument : Instrument
        The definition.
    locale : str
        Such as "he_IL". Findings about other locales are left out.
    findings : iterable of Finding
        Plain findings with the code "item_worth_a_look", whose `params` say what answers show
        (:class:`~psychometrics.translation.events.ShownByAnswers`) and the hash `source`. Without
        any, the comments of the catalog are brought up to date.
    who : str, optional
        Pseudonym of whoever brings them; needed where there is something new.
    when : str, optional
        UTC, such as "2026-01-02T03:04:05Z"; now if left out.
    translations : pathlib.Path, optional
        Folder of the translations; the shipped one if left out.

    Raises
    ------
    CatalogError
        If there is no catalog, a finding says too little, or nobody is named for a new one.
    """
    if not catalog_file(translations, locale, instrument.id).is_file():
        raise CatalogError(f"{instrument.id}: there is no catalog for {locale}.")
    opened = OpenLocale.open(instrument, locale, translations)
    own = [each for each in findings if each.locale == locale]
    new = [each for each in own if not _is_recorded(opened.record, each)]
    if new and who is None:
        raise CatalogError("Say who brings the findings: a pseudonym such as M1.")
    if who is not None:
        check_pseudonym(who)
    events = tuple(_event(opened, each, str(who), when) for each in new)
    record = replace(
        opened.record,
        events=tuple(sorted((*opened.record.events, *events), key=lambda e: (e.when, e.id))),
    )
    states = item_feedback_states(record, opened.catalog)
    return FeedbackPlan(
        opened, events, len(own) - len(new), states, with_comments(opened.file, states)
    )


def write_feedback(plan: FeedbackPlan) -> list[Path]:
    """Write the events and the comments of a plan, and return the files that changed."""
    files = add_events(plan.events, translations=plan.opened.translations)
    if plan.rewrites:
        write_catalog(plan.opened, plan.file)
        files.append(plan.opened.path)
    return files


def _is_recorded(record: Record, found: Finding) -> bool:
    """Tell whether the record says the same of the same wording already."""
    shown = shown_of(found)
    return any(
        event.shown == shown and event.texts[str(found.key)].target == found.text_hash
        for event in record.about(str(found.key))
        if event.kind == "feedback"
    )


def _event(opened: OpenLocale, found: Finding, who: str, when: str | None) -> Event:
    key, source = str(found.key), found.params.get("source")
    if source is None:  # of an earlier release the finding says it; else it is the present one
        (key,) = chosen_keys(opened, [key])
        source = text_hash(opened.entries[key].source)
    state = TextState(source=source, target=str(found.text_hash))
    return made_event(opened, "feedback", who, when, texts={key: state}, shown=shown_of(found))


def with_comments(file: PoFile, states: Sequence[ItemFeedback]) -> PoFile:
    """Return a catalog whose comments say what answers show of the texts as they are.

    Findings about earlier wordings, and closed ones, have no comment: nothing is left to look at.
    """
    shown = by_key(each for each in states if each.state in ("open", "answered"))
    new: dict[int, PoEntry] = {}
    for at, entry in enumerate(file.entries):
        own = [] if entry.obsolete else shown.get(entry.context or "", [])
        lines = [line for one in own for text in told_lines(one) for line in _wrapped(text)]
        made = _with_lines(entry, lines, file.newline)
        if made is not entry:
            new[at] = made
    return file.replaced(new) if new else file


def _wrapped(text: str) -> list[str]:
    width = NOTE_WIDTH - len(MARK)
    plain = " ".join(text.split())  # what people wrote may hold ends of lines of any kind
    lines = textwrap.wrap(plain, width, break_long_words=False, break_on_hyphens=False)
    return [MARK + line for line in lines]


def _with_lines(entry: PoEntry, texts: Sequence[str], newline: str) -> PoEntry:
    """Return an entry with our comment lines replaced; those of people keep their bytes."""
    comments = [line for line in entry.lines if line.role == "comment"]
    ours = [line.value for line in comments if line.value.startswith(MARK.strip())]
    if ours == list(texts):
        return entry
    kept = [line for line in comments if not line.value.startswith(MARK.strip())]
    made = [Line(f"# {text}{newline}", "comment", "", text) for text in texts]
    return entry.with_lines("comment", [*kept, *made])


def findings_by_locale(findings: Iterable[Finding]) -> Mapping[str, list[Finding]]:
    """Return findings by the locale that they are about."""
    made: dict[str, list[Finding]] = defaultdict(list)
    for each in findings:
        if each.locale is not None:
            made[each.locale].append(each)
    return made


def picture_file(opened: OpenLocale, key: str, target: str) -> Path:
    """Return where the picture of a finding lies, which need not be there."""
    name = f"{re.sub('[^A-Za-z0-9_.@]', '_', key)}.{target}.svg"
    folder = locale_folder(opened.translations, opened.locale) / "feedback" / opened.instrument.id
    return inside(translations_folder(opened.translations), folder / name)


def write_picture(opened: OpenLocale, key: str, target: str, svg: str) -> list[Path]:
    """Write the picture of a finding, and return its file if it changed."""
    file = picture_file(opened, key, target)
    root = translations_folder(opened.translations)
    return [file] if write_bytes(root, file, svg.encode("utf-8")) else []
