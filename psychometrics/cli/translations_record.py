"""``psychometrics translations status``, ``record``, ``sign``, ``confirm`` and ``waive``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from psychometrics.cli import translations_project as told
from psychometrics.cli.console import (
    as_records,
    count_of,
    error_console,
    guarded,
    print_json,
    progress_shown,
)

if TYPE_CHECKING:
    from psychometrics.translation.events import Event
    from psychometrics.translation.status import LocaleStatus

STATUS_HELP = (
    "Show how far each locale is, and what keeps its form from being fielded.\n\n"
    "It is computed from the texts as they are and from the record, so it can't be out of date."
)
STATUS_CODES = (
    "Exit codes: 0 every form can be fielded; 1 something is missing; 2 the command was called "
    "wrongly; 3 a definition or a catalog can't be used."
)
RECORD_HELP = (
    "Record that somebody did a step of the workflow on the texts as they are.\n\n"
    "KIND is one of preparation, forward, reconciliation, back_translation, back_review, review, "
    "harmonisation, debriefing, debriefing_review, proofreading, adaptation, permission, "
    "final_report, query and answer."
)
SIGN_HELP = (
    "Sign texts off as they stand, or with --form the whole form: texts, anchors, instructions, "
    "order and direction together.\n\n"
    "Without --key, every text is signed that has been through all steps."
)
CONFIRM_HELP = (
    "Confirm that a changed source text leaves its translations as good as they were.\n\n"
    "Changed punctuation can be confirmed for all locales at once, changed words for one --locale; "
    "a change of meaning (a negation, a number, how often or how much) has to be translated."
)
WAIVE_HELP = "Waive a finding about a text, with a reason. It holds until the text changes."
NOT_READY = 1

Instrument = Annotated[
    str,
    typer.Argument(
        metavar="INSTRUMENT", help="Id of a shipped definition, or path of a definition file."
    ),
]
Comment = Annotated[str | None, typer.Option(metavar="TEXT", help="A remark.")]


def status(
    instruments: told.Instruments,
    locale: told.Locales = None,
    translations: told.Translations = None,
    keys: Annotated[bool, typer.Option("--keys", help="Show every text.")] = False,
    as_json: told.AsJson = False,
    quiet: told.Quiet = False,
) -> None:
    """Show how far each locale is."""
    with guarded(as_json), progress_shown(quiet) as progress:
        from psychometrics.translation.status import translation_status
        from psychometrics.translation.update import target_locales

        found: list[LocaleStatus] = []
        for at, name in enumerate(instruments):
            progress("reading catalogs", at, len(instruments))
            opened = told.open_project(name, translations, writes=False)
            for each in locale or target_locales(opened.instrument):
                found.append(
                    translation_status(opened.instrument, each, translations=opened.translations)
                )
    code = 0 if all(each.can_be_fielded for each in found) else NOT_READY
    if as_json:
        print_json({"locales": [_as_record(each) for each in found], "exit_code": code})
    elif not quiet:
        for one in found:
            _show(one, keys)
    raise typer.Exit(code)


def _show(status: LocaleStatus, keys: bool) -> None:
    counts = ", ".join(
        f"{count} {state.replace('_', ' ')}{_by_machine(status, state)}"
        for state, count in status.counts.items()
    )
    ready = "can be fielded" if status.can_be_fielded else "can't be fielded"
    typer.echo(
        f"{status.instrument_id} {status.locale} ({status.workflow}): {counts}; "
        f"{_form(status)}; {ready}."
    )
    for each in status.blocks:
        typer.echo(f"  {'blocks' if each.severity == 'error' else 'note'}: {each.message}")
    if keys:
        for text in status.texts:
            left = f", next: {text.next_step.replace('_', ' ')}" if text.next_step else ""
            made = f" ({', '.join(text.origins)})" if text.origins else ""
            typer.echo(f"  {text.key}: {text.state.replace('_', ' ')}{made}{left}")


def _form(status: LocaleStatus) -> str:
    if status.instrument_id.startswith("response_sets."):
        return "part of the forms that use it"
    return f"form {'signed' if status.form_signed else 'not signed'}"


def _by_machine(status: LocaleStatus, state: str) -> str:
    """Say how many texts of a state were written by a machine and by nobody else."""
    found = [text for text in status.texts if text.state == state]
    machine = sum(text.origins == ("machine",) for text in found)
    if not machine:
        return ""
    return " (by machine)" if machine == len(found) else f" ({machine} by machine)"


def _as_record(status: LocaleStatus) -> dict[str, Any]:
    return {
        "instrument": status.instrument_id,
        "locale": status.locale,
        "workflow": status.workflow,
        "counts": status.counts,
        "form_hash": status.form_hash,
        "form_signed": status.form_signed,
        "can_be_fielded": status.can_be_fielded,
        "blocks": as_records(status.blocks),
        "texts": [
            {
                "key": text.key,
                "state": text.state,
                "done": list(text.done),
                "next_step": text.next_step,
                "origins": list(text.origins),
                "text_hash": text.text_hash,
            }
            for text in status.texts
        ],
    }


def record(
    instrument: Instrument,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="What was done.")],
    locale: told.OneLocale,
    who: told.Who,
    key: told.Keys = None,
    origin: Annotated[
        str | None, typer.Option(metavar="ORIGIN", help="human, machine or published.")
    ] = None,
    draft: Annotated[
        str | None, typer.Option(metavar="LETTER", help="Which forward translation: A, B ...")
    ] = None,
    blind: Annotated[
        bool | None,
        typer.Option("--blind/--not-blind", help="Whether the source was not seen."),
    ] = None,
    category: Annotated[
        str | None,
        typer.Option(metavar="WORD", help="Kind of remark of a review, such as meaning."),
    ] = None,
    decision: Annotated[
        str | None, typer.Option(metavar="WORD", help="accepted, changed or rejected.")
    ] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why.")] = None,
    comment: Comment = None,
    respondents: Annotated[
        int | None, typer.Option(min=1, help="How many people were interviewed.")
    ] = None,
    answers: Annotated[
        str | None, typer.Option(metavar="ID", help="Id of the query that is answered.")
    ] = None,
    translations: told.Translations = None,
    as_json: told.AsJson = False,
) -> None:
    """Record a step."""
    given: dict[str, Any] = {"origin": origin, "draft": draft, "blind": blind, "category": category}
    given |= {"decision": decision, "reason": reason, "comment": comment}
    given |= {"respondents": respondents, "answers": answers}
    details = {name: value for name, value in given.items() if value is not None}
    with guarded(as_json):
        from psychometrics.translation.steps import check_kind, record_step

        opened = told.open_project(instrument, translations, writes=True)
        event = record_step(
            opened.instrument, locale, check_kind(kind), who=who, keys=key or None,
            translations=opened.translations, **details,
        )  # fmt: skip
    _tell(event, as_json)


def sign(
    instrument: Instrument,
    locale: told.OneLocale,
    who: told.Who,
    key: told.Keys = None,
    form: Annotated[bool, typer.Option("--form", help="Sign the whole form.")] = False,
    site: Annotated[
        str | None,
        typer.Option(metavar="SITE", help="With --form: a site that has words of its own."),
    ] = None,
    comment: Comment = None,
    translations: told.Translations = None,
    as_json: told.AsJson = False,
) -> None:
    """Sign off."""
    if (form and key) or (site and not form):
        raise typer.BadParameter("--form signs everything; it goes with --site, not with --key.")
    with guarded(as_json):
        from psychometrics.translation import signing

        opened = told.open_project(instrument, translations, writes=True)
        folder = opened.translations
        if form:
            event = signing.sign_form(
                opened.instrument, locale, who=who, site=site, comment=comment, translations=folder
            )
        else:
            event = signing.sign(
                opened.instrument, locale, who=who, keys=key or None, comment=comment,
                translations=folder,
            )  # fmt: skip
    _tell(event, as_json)


def confirm(
    instrument: Instrument,
    who: told.Who,
    key: Annotated[
        list[str],
        typer.Option("--key", metavar="KEY", help="Key of a changed text; may be repeated."),
    ],
    locale: Annotated[
        str | None,
        typer.Option(metavar="LOCALE", help="For this locale only; for all if left out."),
    ] = None,
    translations: told.Translations = None,
    as_json: told.AsJson = False,
) -> None:
    """Confirm changes of source texts."""
    with guarded(as_json):
        from psychometrics.translation.confirm import confirm_source_change

        opened = told.open_project(instrument, translations, writes=True)
        event = confirm_source_change(
            opened.instrument, key, who=who, locale=locale, translations=opened.translations
        )
    _tell(event, as_json)


def waive(
    instrument: Instrument,
    locale: told.OneLocale,
    who: told.Who,
    key: Annotated[str, typer.Option(metavar="KEY", help="Key of the text.")],
    code: Annotated[str, typer.Option(metavar="CODE", help="Code of the finding.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why it does not matter here.")],
    translations: told.Translations = None,
    as_json: told.AsJson = False,
) -> None:
    """Waive a finding."""
    with guarded(as_json):
        from psychometrics.translation import signing

        opened = told.open_project(instrument, translations, writes=True)
        event = signing.waive(
            opened.instrument, locale, who=who, key=key, code=code, reason=reason,
            translations=opened.translations,
        )  # fmt: skip
    _tell(event, as_json)


def _tell(event: Event, as_json: bool) -> None:
    """Say what was recorded."""
    n_texts = len(event.texts) or len(event.changes)
    if as_json:
        print_json(
            {"event": event.id, "file": event.file_name, "kind": event.kind, "texts": n_texts,
             "exit_code": 0}
        )  # fmt: skip
        return
    about = f" of {count_of(n_texts, 'text')}" if n_texts else ""
    typer.echo(f"Recorded: {event.kind.replace('_', ' ')}{about} by {event.who}, id {event.id}.")
    error_console().print(f"It is in {event.file_name}; keep the file under git.", markup=False)
