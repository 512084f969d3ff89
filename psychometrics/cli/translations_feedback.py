"""``psychometrics translations feedback``: what answers show of texts, to their translators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from psychometrics.cli import options
from psychometrics.cli import translations_project as told
from psychometrics.cli.columns import column_mapping
from psychometrics.cli.console import (
    count_of,
    error_console,
    guarded,
    print_findings,
    print_json,
    progress_shown,
    warnings_told,
)
from psychometrics.cli.translations_record import Instrument

if TYPE_CHECKING:
    from psychometrics.errors import Finding
    from psychometrics.responses import Responses
    from psychometrics.translation.feedback import ItemFeedback
    from psychometrics.translation.feedback_record import FeedbackPlan
    from psychometrics.validity.item_feedback import AnswersFeedback

HELP = (
    "Bring what answers show of single texts to the translators, and show what became of it.\n\n"
    "With --answers, every item is looked at in every site, language and release: whether people "
    "of the same standing answer it differently, whether it runs against its scale, whether it is "
    "left out. What deserves another look goes into the record, as a comment into the catalog, and "
    "into the sheets of reconcilers, reviewers and adjudicators. Where a language is answered at "
    "one site alone, no answers can tell a text from a place, and nothing here says so.\n\n"
    "Without --answers, what is in the record is shown with its state, and the comments of the "
    "catalogs are brought up to date."
)
CODES = (
    "Exit codes: 0 no text waits for another look; 1 at least one does; 2 the command was called "
    "wrongly; 3 a definition, a catalog or the answers can't be used."
)
WAITING = 1


def feedback(
    instrument: Instrument,
    answers: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="CSV, TSV, Excel, Parquet or SPSS file of answers."),
    ] = None,
    who: Annotated[
        str | None,
        typer.Option(metavar="PSEUDONYM", help="Who brings it; needed to record something new."),
    ] = None,
    locale: told.Locales = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")
    ] = False,
    smallest: Annotated[
        float,
        typer.Option(
            min=0.01,
            rich_help_panel=options.NUMBERS,
            help="Smallest difference that matters, in standard deviations of an item.",
        ),
    ] = 0.25,
    site: options.SiteColumn = None,
    language: options.LanguageColumn = None,
    form_version: options.FormVersionColumn = None,
    cluster: options.ClusterColumn = None,
    column: options.ItemColumns = None,
    columns_file: options.ColumnsFile = None,
    sheet: options.Sheet = None,
    translations: told.Translations = None,
    as_json: told.AsJson = False,
    quiet: told.Quiet = False,
) -> None:
    """Bring what answers show to the translators."""
    named = {"site": site, "language": language, "form_version": form_version}
    named |= {"cluster": cluster, "sheet": sheet}
    with guarded(as_json), progress_shown(quiet) as progress, warnings_told(quiet):
        from psychometrics.translation.feedback_record import write_feedback
        from psychometrics.translation.update import target_locales

        opened = told.open_project(instrument, translations, writes=not dry_run)
        locales = _known(locale, target_locales(opened.instrument))
        responses = shown = None
        if answers is not None:
            progress("reading answers", 0, 1)
            columns = column_mapping(column or (), columns_file)
            responses = _read(opened.instrument, answers, named, columns)
            shown = _looked_at(responses, opened.translations, smallest, progress)
        plans = _plans(opened, locales, shown, who if not dry_run else who or "M0")
        written: list[Path] = []
        for plan in () if dry_run else plans:
            written += write_feedback(plan)
            written += _pictures(plan, shown, responses)
    states = [each for plan in plans for each in plan.states]
    code = WAITING if any(each.asks for each in states) else 0
    unplaced = shown.unplaced if shown else ()
    if as_json:
        record = _as_record(plans, states, unplaced, written, dry_run, code)
        seen = {"comparisons": shown.counts, "untold": shown.untold} if shown else {}
        print_json(record | seen)
    elif not quiet:
        _tell(plans, states, unplaced, written, dry_run)
        if shown is not None:
            _tell_limits(shown)
    if responses is not None and not quiet:
        print_findings([each for each in responses.findings if each.severity == "error"])
    raise typer.Exit(code)


def _known(asked: Sequence[str] | None, known: Sequence[str]) -> list[str]:
    """Return the locales that were asked for; all if none was."""
    for each in asked or ():
        if each not in known:
            raise typer.BadParameter(
                f"The definition has no locale {each!r}; it has {', '.join(known)}.",
                param_hint="--locale",
            )
    return list(asked or known)


def _read(instrument: Any, answers: Path, named: dict[str, str | None], columns: Any) -> Responses:
    """Read the answers; an option that was left out is left to the reader's default."""
    from psychometrics.responses import read_responses

    given: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    return read_responses(answers, instrument, columns=dict(columns) or None, **given)


def _looked_at(
    responses: Responses, translations: Path, smallest: float, progress: Any
) -> AnswersFeedback:
    from psychometrics.validity.item_feedback import answers_feedback

    return answers_feedback(
        responses, translations=translations, smallest=smallest, progress=progress
    )


def _plans(
    opened: told.Project, locales: Sequence[str], shown: AnswersFeedback | None, who: str | None
) -> list[FeedbackPlan]:
    """Return what would be written to each locale; one without a catalog has nothing to tell."""
    from psychometrics.translation.feedback_record import plan_feedback
    from psychometrics.translation.files import catalog_file

    findings = shown.findings if shown else ()
    made = []
    for each in locales:
        if catalog_file(opened.translations, each, opened.instrument.id).is_file():
            made.append(
                plan_feedback(
                    opened.instrument, each, findings, who=who, translations=opened.translations
                )
            )
    return made


def _pictures(
    plan: FeedbackPlan, shown: AnswersFeedback | None, responses: Responses | None
) -> list[Path]:
    """Draw the curve of each finding of a locale, and return the files that changed."""
    if shown is None or responses is None:
        return []
    from psychometrics.plots.item_curve import item_curve_svg
    from psychometrics.plots.labels import Labels
    from psychometrics.translation.feedback_record import write_picture

    known, files = responses.instrument, []
    for found in shown.findings:
        points = shown.curve(found)
        if found.locale != plan.locale or points.empty:
            continue
        item = str(found.params["item"])
        names = {each: found.where for each in found.params["groups"]}
        made = item_curve_svg(
            points, prefix=f"curve-{found.text_hash}", description=found.message,
            labels=Labels(sites=names, items={item: known.items[item].text}),
            limits=known.response_range(item), simulated=responses.simulated,
        )  # fmt: skip
        files += write_picture(plan.opened, str(found.key), str(found.text_hash), made)
    return files


def _tell(
    plans: Sequence[FeedbackPlan],
    states: Sequence[ItemFeedback],
    unplaced: Sequence[Finding],
    written: Sequence[Path],
    dry_run: bool,
) -> None:
    """Say what the answers show, locale by locale, and what was written."""
    from psychometrics.translation.feedback import STATE_WORDS, told_lines

    for plan in plans:
        if not plan.states:
            continue
        counts = Counter(each.state for each in plan.states)
        shown = ", ".join(f"{counts[s]} {words}" for s, words in STATE_WORDS.items() if counts[s])
        typer.echo(f"{plan.opened.instrument.id} {plan.locale}: {shown}")
        for each in plan.states:
            typer.echo(f"  {each.key}: {STATE_WORDS[each.state]} (id {each.event})")
            if each.asks:
                for line in told_lines(each):
                    typer.echo(f"    {line}")
    for found in unplaced:
        typer.echo(f"No catalog holds the text of {found.key} in {found.where}: {found.message}")
    new = sum(len(plan.events) for plan in plans)
    known = sum(plan.known for plan in plans)
    verb = "would be recorded" if dry_run else "recorded"
    typer.echo(
        f"{count_of(new, 'new finding')} {verb}, {known} known already; "
        f"{count_of(sum(each.asks for each in states), 'text')} to look at."
    )
    if written:
        said = f"{count_of(len(written), 'file')} written; keep them under git."
        error_console().print(said, markup=False)


def _tell_limits(shown: AnswersFeedback) -> None:
    """Say what the answers are too few to tell: what was not found need not be absent."""
    counts = shown.counts
    undecided, equal = counts.get("undecided", 0), counts.get("equivalent", 0)
    total = sum(counts.values())
    typer.echo(
        f"Of {count_of(total, 'comparison')} of items, {total - undecided - equal} show a "
        f"difference, {equal} none that matters, and {undecided} can't be told either way."
    )
    for group, why in shown.untold.items():
        typer.echo(f"Of {group} nothing can be told: {why}")


def _as_record(
    plans: Sequence[FeedbackPlan],
    states: Sequence[ItemFeedback],
    unplaced: Sequence[Finding],
    written: Sequence[Path],
    dry_run: bool,
    code: int,
) -> dict[str, Any]:
    new = {event.id for plan in plans for event in plan.events}
    return {
        "dry_run": dry_run,
        "new": len(new),
        "known": sum(plan.known for plan in plans),
        "feedback": [
            {
                "key": each.key, "locale": each.locale, "text_hash": each.text_hash,
                "state": each.state, "new": each.event in new, "event": each.event,
                "answer": each.answer, **each.shown.model_dump(mode="json"),
            }
            for each in states
        ],
        "unplaced": [{"key": e.key, "where": e.where, "message": e.message} for e in unplaced],
        "files": [str(file) for file in written],
        "exit_code": code,
    }  # fmt: skip
