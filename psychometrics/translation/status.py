"""How far each text of a locale is, and what keeps its form from being fielded.

A status is computed from the events and the hashes of the texts as they are, and never stored: so
it can't say "signed" of a text that somebody has changed since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from psychometrics.errors import CatalogError, Finding, finding
from psychometrics.instrument import Instrument, SharedSet, shared_sets
from psychometrics.translation.catalog import Catalog, Entry, empty_or_loaded
from psychometrics.translation.events import CHANGING, Event, Origin
from psychometrics.translation.feedback import feedback_blocks
from psychometrics.translation.form import form_of, sites_with_own_words
from psychometrics.translation.locales import Brief, is_adaptation, load_brief
from psychometrics.translation.record import Record, record_of
from psychometrics.translation.text_hash import plain_text, text_hash
from psychometrics.translation.workflow import Step, Workflow, workflow

State = Literal["missing", "outdated", "fuzzy", "external", "draft", "in_work", "ready", "signed"]
STATES: tuple[State, ...] = (
    "missing", "outdated", "fuzzy", "external", "draft", "in_work", "ready", "signed",
)  # fmt: skip


TAKING_OVER: Final = ("forward", *CHANGING)
"""Events by which somebody answers for a wording; others only say something about it."""


@dataclass(frozen=True, slots=True)
class TextStatus:
    """How far one text is.

    Attributes
    ----------
    key : str
        Its key; with site or gender where it is a variant.
    state : str
        missing: there is no text; outdated: the source has changed since; fuzzy: marked in the
        catalog as one to look at; external: changed in an editor, nobody knows by whom; draft: no
        step of the workflow is done; in_work: some are; ready: all are, and nobody has signed;
        signed: signed off as it stands.
    done : tuple of str
        Steps that are done for this wording.
    next_step : str or None
        The first one that is not.
    origins : tuple of str
        Where its wording comes from: human, machine, published.
    text_hash : str
        Of the present wording.
    """

    key: str
    state: State
    done: tuple[str, ...]
    next_step: str | None
    origins: tuple[Origin, ...]
    text_hash: str


@dataclass(frozen=True)
class LocaleStatus:
    """How far a locale is.

    Attributes
    ----------
    instrument_id, locale, workflow : str
        What, where, by which method.
    texts : tuple of TextStatus
        In the order of the instrument.
    form_hash : str
        Of the whole form as it is.
    form_signed : bool
        Whether somebody signed exactly this form.
    blocks : tuple of Finding
        What keeps it from being fielded; errors block, warnings should be looked at.
    """

    instrument_id: str
    locale: str
    workflow: str
    texts: tuple[TextStatus, ...]
    form_hash: str
    form_signed: bool
    blocks: tuple[Finding, ...]

    @property
    def can_be_fielded(self) -> bool:
        """Whether nothing blocks it."""
        return not any(each.severity == "error" for each in self.blocks)

    @property
    def unsigned(self) -> Finding | None:
        """A warning for whoever shows the texts to somebody; None where the form is signed.

        Texts are shown all the same: translators and reviewers need them.
        """
        if self.can_be_fielded:
            return None
        machine = sum(text.origins == ("machine",) for text in self.texts)
        return finding(
            "form_unsigned", "warning", self.locale, locale=self.locale, count=len(self.texts),
            left=sum(text.state != "signed" for text in self.texts), machine=machine,
        )  # fmt: skip

    @property
    def counts(self) -> dict[str, int]:
        """Number of texts by state, in the order of the states."""
        found = Counter(text.state for text in self.texts)
        return {state: found[state] for state in STATES if found[state]}


def translation_status(
    instrument: Instrument, locale: str, *, translations: Path | None = None
) -> LocaleStatus:
    """Return how far each text of a locale is, and what blocks fielding.

    Parameters
    ----------
    instrument : Instrument
        The definition.
    locale : str
        Such as "de_DE".
    translations : pathlib.Path, optional
        Folder of the translations; the shipped one if left out.

    Raises
    ------
    CatalogError
        If catalog or brief can't be read. A locale without a catalog has every text missing.
    """
    catalog = empty_or_loaded(instrument, locale, translations=translations)
    brief = load_brief(locale, instrument.id, translations=translations)
    record = record_of(instrument, locale, translations=translations)
    return status_of(instrument, catalog, brief, record)


def status_of(
    instrument: Instrument, catalog: Catalog, brief: Brief | None, record: Record
) -> LocaleStatus:
    """Return how far a locale is, from its parts."""
    name, method = method_of(instrument, catalog.locale, brief)
    texts = tuple(
        text_status(key, entry, source, record, method)
        for key, entry, source in all_texts_of(instrument, catalog, brief)
    )
    form = form_of(instrument, catalog, brief)
    signed = _form_signed(form.hash, None, record)
    blocks = [*_text_blocks(texts, method, catalog.locale), *_other_blocks(method, record, catalog)]
    # answers that instruments share are signed one by one, and as part of each form
    unsigned = [] if signed or isinstance(instrument, SharedSet) else ["the whole form"]
    for site in sites_with_own_words(catalog):
        if not _form_signed(form_of(instrument, catalog, brief, site).hash, site, record):
            unsigned.append(f"the form of {site}")
    blocks += [
        finding("status_form", "error", catalog.locale, locale=catalog.locale, what=what)
        for what in unsigned
    ]
    return LocaleStatus(
        instrument.id, catalog.locale, name, texts, form.hash, signed, tuple(blocks)
    )


def method_of(instrument: Instrument, locale: str, brief: Brief | None) -> tuple[str, Workflow]:
    """Return the workflow of a locale with its name: its brief's, or that of its relation."""
    name = brief.workflow if brief else None
    if name is None:
        adapted = is_adaptation(locale, instrument.source_locale, brief)
        name = "adaptation" if adapted else "ispor"
    return name, workflow(name)


def all_texts_of(
    instrument: Instrument, catalog: Catalog, brief: Brief | None
) -> Iterator[tuple[str, Entry | None, str]]:
    """Yield the same for all texts that a respondent or reader gets: shared answers come last."""
    yield from texts_of(instrument, catalog, brief)
    catalogs = {one.instrument_id: one for one in catalog.shared}
    for shared in shared_sets(instrument):
        own = catalogs.get(shared.id, Catalog(shared.id, catalog.locale, ()))
        yield from texts_of(shared, own, brief)


def texts_of(
    instrument: Instrument, catalog: Catalog, brief: Brief | None
) -> Iterator[tuple[str, Entry | None, str]]:
    """Yield key, entry and present source of every text that a locale needs, or has.

    Those of response sets that the instrument shares with others are not among them.
    """
    variants: dict[str, list[str]] = brief.variant_keys(instrument.own_texts) if brief else {}
    for entry in catalog.entries:
        known = variants.setdefault(entry.base_key, [])
        if entry.key != entry.base_key and entry.key not in known:
            known.append(entry.key)
    entries = {entry.key: entry for entry in reversed(catalog.entries)}
    for key, source in instrument.own_texts.items():
        if key.startswith("item.") and not instrument.items[key[5:]].translatable:
            continue
        yield key, entries.get(key), source
        for variant in variants.get(key, ()):
            yield variant, entries.get(variant), source


def text_status(
    key: str, entry: Entry | None, source: str, record: Record, method: Workflow
) -> TextStatus:
    """Return how far one text is.

    Parameters
    ----------
    key : str
        Its key.
    entry : Entry or None
        Its entry in the catalog.
    source : str
        The present source text.
    record : Record
        What was done.
    method : Workflow
        What has to be done.
    """
    steps = [step for step in method.steps if step.level == "text"]
    first = steps[0].key if steps else None
    if entry is None or not entry.text.strip():
        return TextStatus(key, "missing", (), first, (), "")
    present = text_hash(entry.text)
    if plain_text(entry.source) != plain_text(source) or _marked_as_changed(entry):
        return TextStatus(key, "outdated", (), first, (), present)
    if entry.fuzzy:
        return TextStatus(key, "fuzzy", (), first, (), present)
    makers = [e for e in record.about(key) if _made(e, key, present)]
    origins = tuple(dict.fromkeys(e.origin for e in makers if e.origin))
    if all(e.kind == "external" for e in makers):
        return TextStatus(key, "external", (), first, origins, present)
    seen = _Seen(key, record.same_sources(key, source), record.lineage(key, entry.text), present)
    done = tuple(step.key for step in steps if _is_done(step, seen, record, method))
    left = next((step.key for step in steps if step.key not in done), None)
    state: State = "draft" if not done else "ready" if left is None else "in_work"
    if _is_signed(seen, record, method):
        state = "signed"
    return TextStatus(key, state, done, left, origins, present)


def _marked_as_changed(entry: Entry) -> bool:
    return entry.fuzzy and entry.previous_source is not None


def _made(event: Event, key: str, present: str) -> bool:
    """Tell whether an event says where a wording comes from; who rejects it doesn't."""
    if event.decision == "rejected":
        return False
    return event.kind in (*TAKING_OVER, "external") and event.texts[key].target == present


@dataclass(frozen=True, slots=True)
class _Seen:
    """A text as it is: which sources and which earlier wordings count as it."""

    key: str
    sources: frozenset[str]
    lineage: frozenset[str]
    present: str


def step_people(step: Step, seen: _Seen, record: Record) -> set[str]:
    """Return who did a step for a text, as far as it counts."""
    people = set()
    for event in record.about(seen.key):
        if event.kind != step.event:
            continue
        state = event.texts[seen.key]
        counts = state.source in seen.sources
        counts &= step.binds == "source" or state.target in seen.lineage
        counts &= not step.origins or event.origin is None or event.origin in step.origins
        counts &= not step.blind or event.blind is True
        counts &= event.decision != "rejected"
        if counts:
            people.add(event.who)
    return people


def _is_done(step: Step, seen: _Seen, record: Record, method: Workflow) -> bool:
    others: set[str] = set()
    for name in step.differs:
        others |= step_people(method.step(name), seen, record)
    return len(step_people(step, seen, record) - others) >= step.people


def _is_signed(seen: _Seen, record: Record, method: Workflow) -> bool:
    """Tell whether somebody who may do so signed exactly this wording of this source."""
    makers: set[str] = set()
    for name in method.sign_off_differs:
        makers |= step_people(method.step(name), seen, record)
    return any(
        event.texts[seen.key].target == seen.present
        and event.texts[seen.key].source in seen.sources
        and event.who not in makers
        for event in record.about(seen.key)
        if event.kind == "sign_off"
    )


def _form_signed(form: str, site: str | None, record: Record) -> bool:
    return any(e.form == form and e.site == site for e in record.of("form_sign_off"))


def _text_blocks(texts: Sequence[TextStatus], method: Workflow, locale: str) -> Iterator[Finding]:
    """Yield what single texts lack, a finding a kind."""
    for state in ("missing", "outdated", "fuzzy", "external"):
        keys = [text.key for text in texts if text.state == state]
        if keys:
            yield _block(f"status_{state}", locale, keys)
    rest = [text for text in texts if STATES.index(text.state) >= STATES.index("draft")]
    untouched: list[str] = []
    for step in method.steps:
        keys = [t.key for t in rest if step.level == "text" and step.key not in t.done]
        if keys and len(keys) == len(rest) > 1:
            untouched.append(step.title)
        elif keys:
            yield _block("status_step", locale, keys, step=step.title)
    if untouched:
        yield _block("status_steps", locale, [t.key for t in rest], steps="; ".join(untouched))
    keys = [text.key for text in rest if text.state != "signed"]
    if keys:
        yield _block("status_unsigned", locale, keys)


def _block(code: str, locale: str, keys: Sequence[str], **params: str) -> Finding:
    shown = ", ".join(keys[:5]) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")
    told: dict[str, Any] = {"count": len(keys), "keys": shown, **params}
    return finding(code, "error", locale, locale=locale, **told)


def _other_blocks(method: Workflow, record: Record, catalog: Catalog) -> Iterator[Finding]:
    """Yield what is lacking for the locale as a whole."""
    locale = catalog.locale
    own = (event for event in record.events if event.instrument == catalog.instrument_id)
    kinds = {event.kind for event in own}
    for step in method.steps:
        if step.level == "once" and step.event not in kinds:
            yield finding("status_once", "warning", locale, locale=locale, step=step.title)
    if record.open_queries:
        count = len(record.open_queries)
        yield finding("status_queries", "warning", locale, locale=locale, count=count)
    yield from feedback_blocks(record, catalog)
    yield from record.findings


def status_of_text(
    instrument: Instrument,
    key: str,
    locale: str,
    site: str | None = None,
    translations: Path | None = None,
) -> TextStatus:
    """Return how far the text is that `Instrument.text` gives: that of a site where it has one.

    Raises
    ------
    CatalogError
        If catalog, brief or record can't be read.
    """
    catalog = empty_or_loaded(instrument, locale, translations=translations)
    brief = load_brief(locale, instrument.id, translations=translations)
    record = record_of(instrument, locale, translations=translations)
    _, method = method_of(instrument, locale, brief)
    entry = catalog.get(key, site=site)
    if entry is not None and entry.site and (entry.fuzzy or entry.source != instrument.texts[key]):
        entry = catalog.get(key)  # words of a site that are out of date are not given
    name = entry.key if entry is not None else key
    return text_status(name, entry, instrument.texts[key], record, method)


def require_text(status: LocaleStatus, key: str) -> TextStatus:
    """Return the status of a text.

    Raises
    ------
    CatalogError
        If the locale has no such text.
    """
    for text in status.texts:
        if text.key == key:
            return text
    raise CatalogError(f"{status.instrument_id}: {status.locale} has no text {key[:200]!r}.")


def people_before(step: Step, key: str, record: Record) -> set[str]:
    """Return who did a step for a text at any time, on whatever wording."""
    return {event.who for event in record.about(key) if event.kind == step.event}
