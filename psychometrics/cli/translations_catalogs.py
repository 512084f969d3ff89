"""``psychometrics translations extract`` and ``update``: templates and catalogs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from psychometrics.cli import translations_project as told
from psychometrics.cli.console import (
    as_records,
    count_of,
    error_console,
    guarded,
    print_findings,
    print_json,
    progress_shown,
)
from psychometrics.cli.places import check_folder

if TYPE_CHECKING:
    from psychometrics.errors import Finding
    from psychometrics.instrument import Instrument
    from psychometrics.translation.update import Update
    from psychometrics.translation.voided import Voided

    Planned = tuple[Instrument, Update, Voided, Path]

EXTRACT_HELP = (
    "Write templates (.pot) with every text of a definition, its note for translators and its "
    "place.\n\n`pybabel extract` finds the same texts; see the page on translations."
)
UPDATE_HELP = (
    "Bring catalogs up to date with their definitions, by key.\n\n"
    "A changed source text keeps its translation, marked fuzzy; nothing is copied from one key to "
    "another, and nothing is lost. What was changed in an editor since is recorded as such. With "
    "--dry-run nothing is written, and it is told which sign-offs would no longer hold."
)
UPDATE_CODES = (
    "Exit codes: 0 the catalogs are up to date (with --dry-run: nothing would change); "
    "1 with --dry-run, something would change; 2 the command was called wrongly; 3 nothing was "
    "written, because a definition or a catalog can't be used."
)
WOULD_CHANGE = 1


def extract(
    instruments: told.Instruments,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for the templates, one a definition.")
    ] = Path("templates"),
    as_json: told.AsJson = False,
) -> None:
    """Write templates."""
    with guarded(as_json):
        from psychometrics.translation.files import write_bytes
        from psychometrics.translation.template import template

        check_folder(out)
        files = {}
        for opened in told.open_definitions(instruments):
            made = template(opened.instrument, file=opened.file)
            path = out / f"{opened.instrument.id}.pot"
            write_bytes(out, path, made.dump().encode("utf-8"))
            files[str(path)] = len(made.entries) - 1
    if as_json:
        print_json({"templates": files, "exit_code": 0})
    else:
        for path_name, count in files.items():
            typer.echo(f"{path_name}: {count_of(count, 'text')}.")


def update(
    instruments: told.Instruments,
    locale: told.Locales = None,
    translations: told.Translations = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing; say what would change.")
    ] = False,
    as_json: told.AsJson = False,
    quiet: told.Quiet = False,
) -> None:
    """Bring catalogs up to date."""
    with guarded(as_json), progress_shown(quiet) as progress:
        from psychometrics.translation.update import write_update

        planned: list[Planned] = []
        external: dict[str, list[str]] = {}
        opened = list(told.open_projects(instruments, translations, writes=True))
        for at, project in enumerate(opened):
            progress("reading catalogs", at, len(opened))
            planned += _planned(project, locale)
        if not dry_run:  # nothing is written before every file was read and found sound
            for done, (instrument, made, _, folder) in enumerate(planned):
                progress("writing catalogs", done, len(planned))
                if not made.is_new and (keys := _record_external(instrument, made, folder)):
                    external[f"{made.instrument_id} {made.locale}"] = keys
                write_update(made, translations=folder)
    updates = [made for _, made, _, _ in planned]
    voided = [each for _, _, each, _ in planned]
    changes = any(each.rewrites for each in updates)
    code = WOULD_CHANGE if dry_run and changes else 0
    findings = [found for each in updates for found in each.findings]
    if as_json:
        print_json(_summary(updates, voided, findings, code) | {"external": external})
    elif not quiet:
        _tell(updates, voided, dry_run)
        _tell_external(external)
    if not quiet:
        print_findings(findings)
    raise typer.Exit(code)


def _planned(project: told.Project, locales: list[str] | None) -> list[Planned]:
    """Return what an update of one definition would do, locale by locale."""
    from psychometrics.translation.update import update_catalogs
    from psychometrics.translation.voided import voided_by

    instrument, folder, users = project.instrument, project.translations, project.users
    made = update_catalogs(instrument, locales, translations=folder, file=project.file)
    return [
        (instrument, each, voided_by(instrument, each, translations=folder, users=users), folder)
        for each in made
    ]


def _record_external(instrument: Instrument, update: Update, folder: Path) -> list[str]:
    """Record what was changed in an editor since the last event; return the keys."""
    from psychometrics.translation.record import add_events, record_of
    from psychometrics.translation.steps import external_edits
    from psychometrics.translation.voided import opened_before

    record = record_of(instrument, update.locale, translations=folder)
    event = external_edits(opened_before(instrument, update, record, translations=folder))
    if event is None:
        return []
    add_events([event], translations=folder)
    return sorted(event.texts)


def _tell_external(external: dict[str, list[str]]) -> None:
    """Say which texts were found changed in another editor."""
    for where, keys in external.items():
        shown = ", ".join(keys[:5]) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")
        error_console().print(
            f"{where}: changed outside of the record, nobody knows by whom: {shown}. "
            "Recorded as external.",
            markup=False,
            soft_wrap=True,
        )


def _words(update: Update) -> str:
    """Return what becomes of a catalog, in words."""
    if update.is_new:
        return f"new, {count_of(len(update.changes), 'text')}"
    parts = [f"{count} {what}" for what, count in sorted(update.counts.items())]
    sizes = Counter(one.change.size for one in update.marked)
    if sizes:
        inner = ", ".join(f"{count} in {size}" for size, count in sorted(sizes.items()))
        parts.append(f"now to be looked at: {inner}")
    if not parts and update.rewrites:
        return "notes for translators brought up to date"
    return "; ".join(parts) if parts else "up to date"


def _tell(updates: list[Update], voided: list[Voided], dry_run: bool) -> None:
    from psychometrics.translation.voided import told_voided

    for each in updates:
        typer.echo(f"{each.instrument_id} {each.locale}: {_words(each)}.")
    console = error_console()
    if any(each.count for each in voided):
        verb = "would no longer hold" if dry_run else "no longer hold"
        console.print(f"{told_voided(voided)} {verb}.", markup=False)
        small = [key for each in voided for key, size in each.texts if size == "punctuation"]
        if small:
            console.print(
                f"For punctuation alone: {len(small)}. `psychometrics translations confirm` "
                "keeps these.",
                markup=False,
            )
    if dry_run:
        console.print("Nothing was written.", markup=False)


def _summary(
    updates: list[Update], voided: list[Voided], findings: list[Finding], code: int
) -> dict[str, Any]:
    """Return the same for scripts."""
    from psychometrics.translation.voided import count_voided

    return {
        "catalogs": [
            {
                "instrument": each.instrument_id,
                "locale": each.locale,
                "file": str(each.file),
                "new": each.is_new,
                "rewritten": each.rewrites,
                "changes": [
                    {
                        "key": one.key,
                        "what": one.what,
                        "size": one.change.size,
                        "about": list(one.change.about),
                        "had_text": one.had_text,
                        "previous_key": one.previous_key,
                    }
                    for one in each.changes
                ],
                "voids": {
                    "texts": [key for key, _ in lost.texts],
                    "form": lost.form,
                    "forms": list(lost.forms),
                },
            }
            for each, lost in zip(updates, voided, strict=True)
        ],
        "voided_sign_offs": count_voided(voided),
        "findings": as_records(findings),
        "exit_code": code,
    }
