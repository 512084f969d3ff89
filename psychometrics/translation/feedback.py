"""What answers showed of texts, and what became of it: from the record, nothing is stored twice.

A finding is about one wording. Another wording is another text, which these answers say nothing
about; so a finding about an earlier one is answered by the new text, and no longer asks anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from psychometrics.errors import CatalogError, Finding, finding
from psychometrics.translation.catalog import Catalog
from psychometrics.translation.events import Event, ShownByAnswers
from psychometrics.translation.record import Record
from psychometrics.translation.text_hash import text_hash

CODE: Final = "item_worth_a_look"
"""Code of such a finding; by it one is waived."""

FeedbackState = Literal["open", "answered", "retranslated", "debriefed_again", "closed"]
STATE_WORDS: Final[Mapping[FeedbackState, str]] = {
    "open": "open",
    "answered": "answered",
    "retranslated": "answered by a new text",
    "debriefed_again": "answered by a new text, which was debriefed",
    "closed": "closed",
}
LOOKING: Final = ("review", "harmonisation", "reconciliation", "debriefing_review", "adaptation")
"""Events in which somebody who saw the finding looked at the text again."""
LANGUAGE: Final = ("meaning", "wording", "grammar", "register", "term", "consistency")
"""Categories of remarks that are about words."""


@dataclass(frozen=True, slots=True)
class ItemFeedback:
    """What answers showed of one wording, and how far it is.

    Attributes
    ----------
    key : str
        The text, such as "item.culture_1".
    locale : str
        Of which catalog.
    text_hash : str
        Of the wording that was answered.
    shown : ShownByAnswers
        What the answers show; the last finding about this wording counts.
    state : str
        open; answered: somebody answered it, or looked at the text since; retranslated: the text
        is another one now; debriefed_again: and was debriefed since; closed: it was waived, with
        a reason.
    event : str
        Id of the event, which an answer refers to.
    answer : str
        What was answered, or why it was waived; empty if nothing was.
    """

    key: str
    locale: str
    text_hash: str
    shown: ShownByAnswers
    state: FeedbackState
    event: str
    answer: str = ""

    @property
    def asks(self) -> bool:
        """Whether somebody should look at the text as it is."""
        return self.state == "open"


def shown_of(found: Finding) -> ShownByAnswers:
    """Return what a finding from the answers says.

    Parameters
    ----------
    found : Finding
        With the code "item_worth_a_look"; `params` hold what :class:`ShownByAnswers` has.

    Raises
    ------
    CatalogError
        If it is another kind of finding, or says too little.
    """
    from pydantic import ValidationError

    told = {name: found.params.get(name) for name in ShownByAnswers.model_fields}
    try:
        if found.code != CODE or found.key is None or found.text_hash is None:
            raise CatalogError(f"{found.where}: the finding {found.code!r} is not from answers.")
        return ShownByAnswers(**{name: each for name, each in told.items() if each is not None})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise CatalogError(f"{found.where}: the finding can't be recorded ({why}).") from None


def item_feedback_states(record: Record, catalog: Catalog) -> tuple[ItemFeedback, ...]:
    """Return all findings from answers about the texts of a locale, each with its state.

    Parameters
    ----------
    record : Record
        What was done.
    catalog : Catalog
        The texts as they are.
    """
    last: dict[tuple[str, str], list[tuple[Event, ShownByAnswers]]] = {}
    for event in record.of("feedback"):
        for key, text in event.texts.items():
            if event.shown is not None:
                last.setdefault((key, text.target), []).append((event, event.shown))
    entries = {entry.key: entry for entry in reversed(catalog.entries)}
    made = []
    for (key, target), found in last.items():
        event, shown = found[-1]
        # An answer to what was found before counts as long as the same was found again.
        same = [one for one, told in found if told.signals == shown.signals]
        entry = entries.get(key)
        present = text_hash(entry.text) if entry else ""
        state, answer = _state(record, key, target, present, same)
        made.append(ItemFeedback(key, catalog.locale, target, shown, state, event.id, answer))
    order = {key: at for at, key in enumerate(entries)}
    return tuple(sorted(made, key=lambda each: (order.get(each.key, len(order)), each.event)))


def _state(
    record: Record, key: str, target: str, present: str, events: list[Event]
) -> tuple[FeedbackState, str]:
    since = events[0].when
    if record.waived(CODE, key, target):
        waivers = (e for e in record.of("waiver") if e.code == CODE and key in e.texts)
        return "closed", next(
            (e.reason or "" for e in waivers if e.texts[key].target == target), ""
        )
    if present != target:
        # Times are whole seconds; of another wording, one of the same second came afterwards.
        again = any(
            e.kind == "debriefing" and e.texts[key].target == present and e.when >= since
            for e in record.about(key)
        )
        return ("debriefed_again" if again else "retranslated"), ""
    ids = {event.id for event in events}
    answers = [e for e in record.of("answer") if e.answers in ids]
    looked = [
        e for e in record.about(key)
        if e.kind in LOOKING and e.when > since and e.texts[key].target == target
    ]  # fmt: skip
    said = [_said(e) for e in (*answers, *looked)]
    return ("answered", said[-1]) if said else ("open", "")


def _said(event: Event) -> str:
    parts = (event.decision, event.reason, event.comment)
    return f"{event.who}: {' '.join(part for part in parts if part)}"


def feedback_blocks(record: Record, catalog: Catalog) -> Iterator[Finding]:
    """Yield what a status says about findings from answers; they block nothing."""
    found = item_feedback_states(record, catalog)
    for state, words in STATE_WORDS.items():
        own = [each for each in found if each.state == state != "closed"]
        if own:
            keys = list(dict.fromkeys(each.key for each in own))
            shown = ", ".join(keys[:5]) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")
            simulated = any(each.shown.simulated for each in own)
            yield finding(
                f"status_feedback_{'open' if state == 'open' else 'done'}", "warning",
                catalog.locale, locale=catalog.locale, count=len(own), keys=shown, words=words,
                answers="simulated answers" if simulated else "answers",
            )  # fmt: skip


def confirmed_faults(record: Record) -> Iterator[tuple[str, str, str]]:
    """Yield key, hash and words of what bilingual reviewers found wrong with a wording.

    Who reviews reads source and translation. A remark counts that is about words and led to
    another wording or rejects this one; so does an answer to a finding that accepts it. What a
    machine said counts for nothing.
    """
    for event in record.of("review", "debriefing_review"):
        if event.category not in LANGUAGE or event.origin == "machine":
            continue
        for key, state in event.texts.items():
            wrong = state.before if event.decision == "changed" else state.target
            if event.decision in ("changed", "rejected") and wrong is not None:
                yield key, wrong, _said(event)
    findings = {event.id: event for event in record.of("feedback")}
    for event in record.of("answer"):
        about = findings.get(event.answers or "")
        if about is not None and event.decision == "accepted" and event.category in LANGUAGE:
            for key, state in about.texts.items():
                yield key, state.target, _said(event)


def told_lines(one: ItemFeedback) -> tuple[str, ...]:
    """Return what people are told of a finding, a line each: for sheets, comments and terminals."""
    shown = one.shown
    head = f"From {'simulated ' if shown.simulated else ''}answers, {STATE_WORDS[one.state]}"
    parts = [f"{head}: {' '.join(shown.shows)}", shown.because]
    parts += [shown.beside] if shown.beside else []
    parts += [shown.text] if shown.text else []
    if one.state in ("open", "answered"):
        parts.append(f"To look at: {' '.join(shown.check)}")
        parts.append(shown.more)
    parts += [f"Answer: {one.answer}"] if one.answer else []
    return tuple(parts)


def by_key(found: Iterable[ItemFeedback]) -> dict[str, list[ItemFeedback]]:
    """Return findings by the key of their text."""
    made: dict[str, list[ItemFeedback]] = {}
    for each in found:
        made.setdefault(each.key, []).append(each)
    return made
