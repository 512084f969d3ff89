"""Recording the steps of a workflow, and what was changed outside of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast, get_args

from psychometrics.errors import CatalogError, Finding
from psychometrics.instrument import Instrument
from psychometrics.instrument.rules import did_you_mean
from psychometrics.translation.edit import with_texts
from psychometrics.translation.events import (
    CHANGING,
    UNKNOWN,
    Event,
    EventKind,
    TextState,
    text_state,
)
from psychometrics.translation.open_locale import (
    OpenLocale,
    about_text,
    check_pseudonym,
    chosen_keys,
    made_event,
    refuse,
    write_catalog,
)
from psychometrics.translation.record import add_events
from psychometrics.translation.source import present_key
from psychometrics.translation.status import (
    method_of,
    people_before,
)
from psychometrics.translation.text_hash import text_hash

OTHERS: Final = ("sign_off", "form_sign_off", "confirmation", "waiver", "external", "feedback")
RECORDED: Final = tuple(kind for kind in get_args(EventKind) if kind not in OTHERS)
"""Kinds of events that `record_step` makes."""
OF_THE_WHOLE: Final = ("preparation", "permission", "final_report", "answer")
"""Events that are about no single text unless it is said."""
KEPT: Final = ("forward", "back_translation")
"""Events whose words stand nowhere else, so that they are kept with the event."""


def check_kind(kind: str) -> EventKind:
    """Return the name of a step as such, refusing what is none.

    Raises
    ------
    CatalogError
        If there is no such step, or it has a function of its own (sign_off, waiver ...).
    """
    if kind not in RECORDED:
        raise CatalogError(
            f"{kind[:60]!r} is nothing that is recorded like this.{did_you_mean(kind, RECORDED)} "
            f"There are: {', '.join(RECORDED)}."
        )
    return cast(EventKind, kind)


def record_step(
    instrument: Instrument,
    locale: str,
    kind: EventKind,
    *,
    who: str,
    keys: Iterable[str] | None = None,
    texts: Mapping[str, str] | None = None,
    when: str | None = None,
    translations: Path | None = None,
    **told: Any,
) -> Event:
    """Record that somebody did a step of the workflow.

    Parameters
    ----------
    instrument : Instrument
        The definition.
    locale : str
        Such as "de_DE".
    kind : str
        What was done: forward, reconciliation, back_translation, review, ...
    who : str
        Pseudonym, such as T1.
    keys : iterable of str, optional
        For which texts; all that have a translation if left out.
    texts : mapping, optional
        Words by key. Of a forward translation or a back-translation they are kept with the event;
        of other steps they are put into the catalog, and the event says what they were before.
    when : str, optional
        UTC, such as "2026-01-02T03:04:05Z"; now if left out.
    translations : pathlib.Path, optional
        Folder of the translations; the shipped one if left out.
    **told
        What the kind needs: origin, draft, blind, category, decision, reason, comment, ...

    Returns
    -------
    Event
        The event, which is written, as is the catalog where words changed.

    Raises
    ------
    CatalogError
        If the person did a step that excludes this one, a text is not there, or the event lacks
        what its kind needs.
    """
    check_kind(kind)
    check_pseudonym(who)
    if texts is not None and kind not in (*KEPT, *CHANGING):
        raise CatalogError(f"Words don't change by the step {kind}; leave `texts` out.")
    opened = OpenLocale.open(instrument, locale, translations)
    about = texts if texts is not None else keys
    if about is None and kind in OF_THE_WHOLE:
        about = ()
    chosen = chosen_keys(opened, about)
    refuse(excluded(opened, kind, who, chosen))
    states = {
        key: _state(opened, kind, key, None if texts is None else texts[key]) for key in chosen
    }
    event = made_event(opened, kind, who, when, texts=states, **told)
    if texts is not None and kind in CHANGING:
        write_catalog(opened, with_texts(opened.file, texts))
    add_events([event], translations=translations)
    return event


def _state(opened: OpenLocale, kind: EventKind, key: str, words: str | None) -> TextState:
    """Return the state of a text after an event, and before it where the event changed it.

    Whoever takes a step that may change words answers for those that stand in the catalog, also
    for what was changed there in an editor since the last event.
    """
    entry = opened.entries[key]
    if kind in KEPT:
        target = entry.text if kind == "back_translation" or words is None else words
        made = text_state(entry.source, target)
        return made.model_copy(update={"text": words})
    made = text_state(entry.source, entry.text if words is None else words)
    before: str | None = None
    if kind in CHANGING and words is not None and words != entry.text and entry.text:
        before = text_hash(entry.text)
    elif kind in CHANGING and words is None and not opened.record.knows(key, entry.text):
        before = opened.record.last_wording(key)
    return made.model_copy(update={"before": before})


def excluded(
    opened: OpenLocale, kind: EventKind, who: str, keys: Sequence[str]
) -> Iterator[Finding]:
    """Yield the texts for which a person did something that excludes a step."""
    _, method = method_of(opened.instrument, opened.locale, opened.brief)
    for step in method.steps:
        if step.event != kind:
            continue
        for key in keys:
            done = [
                method.step(name).title
                for name in step.differs
                if who in people_before(method.step(name), key, opened.record)
            ]
            if done:
                yield about_text(opened, "same_person", key, who=who, steps="; ".join(done))


def external_edits(opened: OpenLocale, when: str | None = None) -> Event | None:
    """Return the event that records what was changed outside of the record; None if nothing was.

    It is not written. Its author is unknown, and it advances no status.
    """
    states = {}
    for entry in opened.catalog.entries:
        # The record is read by present keys; a catalog before its update has earlier ones.
        key = present_key(opened.instrument, entry.key)
        if not entry.text.strip() or opened.record.knows(key, entry.text):
            continue
        about = (e for e in opened.record.about(key) if e.kind != "feedback")
        earlier = [e.texts[key].target for e in about]
        states[key] = TextState(
            source=text_hash(entry.source),
            target=text_hash(entry.text),
            before=earlier[-1] if earlier else None,
        )
    return opened.event("external", UNKNOWN, when, texts=states) if states else None
