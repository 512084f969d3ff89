"""Confirming that a changed source text leaves its translations as good as they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from psychometrics.errors import Finding, finding
from psychometrics.instrument import Instrument
from psychometrics.translation.catalog import Entry
from psychometrics.translation.change import CLASSES, classify_change
from psychometrics.translation.edit import finished_entry
from psychometrics.translation.events import (
    Event,
    SourceChange,
)
from psychometrics.translation.files import (
    catalog_file,
)
from psychometrics.translation.keys import text_key
from psychometrics.translation.open_locale import (
    OpenLocale,
    check_pseudonym,
    refuse,
    write_catalog,
)
from psychometrics.translation.po import PoFile
from psychometrics.translation.record import add_events, utc
from psychometrics.translation.text_hash import plain_text
from psychometrics.translation.update import target_locales


def confirm_source_change(
    instrument: Instrument,
    keys: Iterable[str],
    *,
    who: str,
    locale: str | None = None,
    when: str | None = None,
    translations: Path | None = None,
) -> Event:
    """Confirm that a changed source text leaves its translations as good as they were.

    Parameters
    ----------
    instrument : Instrument
        The definition.
    keys : iterable of str
        The texts.
    who : str
        Pseudonym.
    locale : str, optional
        The one locale it is confirmed for. For all locales at once, which is the default, only
        changes of punctuation can be confirmed; for one locale also of wording. A change of
        meaning has to be translated.

    Returns
    -------
    Event
        What was recorded; the catalogs no longer mark the texts.

    Raises
    ------
    CatalogError
        If a change is too large, or there is nothing to confirm.
    """
    check_pseudonym(who)
    locales = target_locales(instrument) if locale is None else (locale,)
    there = [each for each in locales if catalog_file(translations, each, instrument.id).is_file()]
    openeds = [OpenLocale.open(instrument, each, translations) for each in there]
    changes: list[SourceChange] = []
    found: list[Finding] = []
    for key in dict.fromkeys(keys):
        made = _changes_of(key, openeds)
        owner = instrument.catalog_id(text_key(key).base)
        if owner != instrument.id:
            found.append(finding("text_shared", "error", instrument.id, name=key, owner=owner))
        elif not made:
            found.append(finding("not_changed", "error", locale or instrument.id, name=key))
        found += _too_large(made, locale, instrument.source_locale)
        changes += made
    refuse(found)
    event = Event(
        kind="confirmation", who=who, when=when or utc(), instrument=instrument.id,
        version=instrument.version, locale=locale, changes=tuple(changes),
    )  # fmt: skip
    add_events([event], translations=translations)
    for opened in openeds:
        write_catalog(opened, _confirmed(opened, changes))
    return event


def _changes_of(key: str, opened_locales: Iterable[OpenLocale]) -> list[SourceChange]:
    """Return the changes of a source text that stand between it and its translations, each once.

    A catalog marks them; where somebody took the mark away in an editor, the last sign-off knows
    the source that it was about.
    """
    made: dict[tuple[str, str], SourceChange] = {}
    for opened in opened_locales:
        entry = opened.entries.get(key)
        if entry is None:
            continue
        old = entry.previous_source if entry.fuzzy else None
        if old is None:
            old = _signed_source(opened, key, entry)
        if old is not None:
            made[old, entry.source] = SourceChange(key=key, old=old, new=entry.source)
    return list(made.values())


def _signed_source(opened: OpenLocale, key: str, entry: Entry) -> str | None:
    """Return the source text of the last sign-off, where it does not hold for the present one."""
    signed = [event.texts[key] for event in opened.record.about(key) if event.kind == "sign_off"]
    if not signed or signed[-1].source in opened.record.same_sources(key, entry.source):
        return None
    return signed[-1].source_text


def _too_large(
    changes: Iterable[SourceChange], locale: str | None, language: str
) -> Iterator[Finding]:
    most = "punctuation" if locale is None else "wording"
    for change in changes:
        told = classify_change(change.old, change.new, language)
        if CLASSES.index(told.size) > CLASSES.index(most):
            what = "looked at in each locale" if told.size == "wording" else "translated again"
            yield finding(
                "change_too_large", "error", locale or "all locales", key=change.key,
                name=change.key, size=told.size, what=what,
                about="; ".join(told.about) or "other words",
                how="for all locales at once" if locale is None else "in one step",
            )  # fmt: skip


def _confirmed(opened: OpenLocale, changes: Iterable[SourceChange]) -> PoFile:
    """Return a catalog without the marks of confirmed changes."""
    pairs = {(one.key, plain_text(one.old), plain_text(one.new)) for one in changes}
    new = {}
    for at, entry in enumerate(opened.file.entries):
        old = entry.previous_source
        if entry.obsolete or not entry.context or old is None:
            continue
        if (entry.context, plain_text(old), plain_text(entry.source)) in pairs:
            new[at] = finished_entry(entry, opened.file.newline)
    return opened.file.replaced(new)
