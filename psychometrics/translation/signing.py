"""Signing texts and forms off, and waiving findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from psychometrics.errors import Finding, finding
from psychometrics.instrument import Instrument
from psychometrics.instrument.rules import did_you_mean
from psychometrics.messages import template
from psychometrics.translation.catalog import Entry
from psychometrics.translation.checks.messages import MESSAGES as CODES
from psychometrics.translation.events import Event, TextState, text_state
from psychometrics.translation.form import form_of
from psychometrics.translation.keys import text_key
from psychometrics.translation.open_locale import (
    OpenLocale,
    about_text,
    check_pseudonym,
    chosen_keys,
    made_event,
    refuse,
    refuse_shared_set,
)
from psychometrics.translation.record import add_events
from psychometrics.translation.status import (
    TextStatus,
    method_of,
    people_before,
)


def sign(
    instrument: Instrument,
    locale: str,
    *,
    who: str,
    keys: Iterable[str] | None = None,
    when: str | None = None,
    comment: str | None = None,
    translations: Path | None = None,
) -> Event:
    """Sign texts off as they stand.

    Parameters are those of :func:`record_step`; without `keys` every text is signed that is ready
    and has no sign-off.

    Raises
    ------
    CatalogError
        If a text is not ready, or the person made the translation; ``findings`` lists all.
    """
    check_pseudonym(who)
    opened = OpenLocale.open(instrument, locale, translations)
    own = [
        text
        for text in opened.status.texts
        if instrument.catalog_id(text_key(text.key).base) == instrument.id
    ]
    by_key = {text.key: text for text in own}
    if keys is None:
        chosen = [text.key for text in own if text.state == "ready"]
        chosen = chosen or [text.key for text in own if text.state != "signed"]
    else:
        chosen = [key for key in chosen_keys(opened, keys) if key in by_key]
    refuse(found for key in chosen for found in _hindrances(opened, by_key[key], who))
    if not chosen:
        refuse([finding("nothing_to_sign", "error", locale, locale=locale)])
    states = {key: _signed_state(opened.entries[key]) for key in chosen}
    event = made_event(opened, "sign_off", who, when, texts=states, comment=comment)
    add_events([event], translations=translations)
    return event


def _signed_state(entry: Entry) -> TextState:
    """Return the state of a text that is signed, with the words of its source."""
    made = text_state(entry.source, entry.text)
    return made.model_copy(update={"source_text": entry.source})


def _hindrances(opened: OpenLocale, text: TextStatus, who: str) -> Iterator[Finding]:
    """Yield why a text can't be signed off, or not by this person."""
    _, method = method_of(opened.instrument, opened.locale, opened.brief)
    key = text.key
    if text.state == "missing":
        yield about_text(opened, "text_missing", key)
    elif text.state in ("outdated", "fuzzy"):
        yield about_text(opened, "text_not_current", key)
    elif text.state == "external":
        yield about_text(opened, "text_external", key)
    elif text.state in ("draft", "in_work"):
        left = [s.title for s in method.steps if s.level == "text" and s.key not in text.done]
        yield about_text(opened, "too_early", key, steps="; ".join(left))
    done = [
        method.step(name).title
        for name in method.sign_off_differs
        if who in people_before(method.step(name), key, opened.record)
    ]
    if done:
        yield about_text(opened, "same_person", key, who=who, steps="; ".join(done))


def sign_form(
    instrument: Instrument,
    locale: str,
    *,
    who: str,
    site: str | None = None,
    when: str | None = None,
    comment: str | None = None,
    translations: Path | None = None,
) -> Event:
    """Sign the whole form off: texts, anchors, instructions, order and direction together.

    Parameters are those of :func:`sign`; `site` is the id of a site with its own wording.

    Raises
    ------
    CatalogError
        If a text of the form is not signed.
    """
    check_pseudonym(who)
    refuse_shared_set(instrument)
    opened = OpenLocale.open(instrument, locale, translations)
    unsigned = [text.key for text in opened.status.texts if text.state != "signed"]
    if unsigned:
        shown = ", ".join(unsigned[:5]) + (" ..." if len(unsigned) > 5 else "")
        refuse([finding("form_too_early", "error", locale, locale=locale, count=len(unsigned),
                         keys=shown)])  # fmt: skip
    form = form_of(instrument, opened.catalog, opened.brief, site)
    event = made_event(
        opened, "form_sign_off", who, when, form=form.hash, site=site, comment=comment
    )
    add_events([event], translations=translations)
    return event


def waive(
    instrument: Instrument,
    locale: str,
    *,
    who: str,
    key: str,
    code: str,
    reason: str,
    when: str | None = None,
    translations: Path | None = None,
) -> Event:
    """Waive a finding about a text, with a reason; it holds until the text changes.

    Parameters
    ----------
    key : str
        The text.
    code : str
        Code of the finding.
    reason : str
        Why it does not matter here.

    Raises
    ------
    CatalogError
        If no finding has this code, or the locale has no such text.
    """
    check_pseudonym(who)
    try:
        template(code)
    except KeyError:
        known = did_you_mean(code, CODES)
        refuse([finding("unknown_code", "error", locale, locale=locale, found=code[:60],
                         known=known)])  # fmt: skip
    opened = OpenLocale.open(instrument, locale, translations)
    (chosen,) = chosen_keys(opened, [key])
    entry = opened.entries[chosen]
    states = {key: text_state(entry.source, entry.text)}
    event = made_event(opened, "waiver", who, when, texts=states, code=code, reason=reason)
    add_events([event], translations=translations)
    return event
