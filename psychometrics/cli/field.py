"""``psychometrics field``: a release goes out to survey tools."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from psychometrics.cli.translations_record import Instrument

if TYPE_CHECKING:
    from psychometrics.fielding.form_files import ExportedForm
    from psychometrics.translation.release import Release

app = typer.Typer(
    name="field",
    help="Make forms of a release for survey tools, for the web and for paper.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
EXPORT_HELP = (
    "Make the form of a release for a tool.\n\n"
    "All languages of the sites are on it, or those of --site. Text that nobody has signed off is "
    "refused, and with --allow-draft marked as a draft on the form."
)
CHECK_HELP = (
    "Try whether answers come home from a tool.\n\n"
    "Answers are drawn by lot, written in every shape in which the tool exports them, read back, "
    "and compared cell by cell. They measure nothing and are not kept."
)
PAPER_HELP = "Make the form on paper, one page to print for each language. Short for export paper."
EXPORT_CODES = (
    "Exit codes: 0 the form is written; 2 the command was called wrongly; 3 there is no form."
)
CHECK_CODES = (
    "Exit codes: 0 every cell came home; 1 something else came back; 2 the command was called "
    "wrongly; 3 nothing could be tried."
)
DIFFERENT = 1


class Target(StrEnum):
    """The tools."""

    XLSFORM = "xlsform"
    REDCAP = "redcap"
    LIMESURVEY = "limesurvey"
    FHIR_R5 = "fhir-r5"
    FHIR_R4B = "fhir-r4b"
    WEB = "web"
    PAPER = "paper"


TargetName = Annotated[Target, typer.Argument(metavar="TARGET", help=", ".join(Target))]
ReleaseName = Annotated[
    str | None,
    typer.Option("--release", metavar="NAME", help="Such as 1.0; the newest release if left out."),
]
Site = Annotated[
    str | None, typer.Option(metavar="SITE", help="For one site: its languages, its own words.")
]
Mode = Annotated[
    str | None, typer.Option(metavar="WORD", help="How it is answered; noted with the answers.")
]
AllowDraft = Annotated[
    bool, typer.Option("--allow-draft", help="Let unsigned text through, marked on the form.")
]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Folder for the files.")]


@app.command("export", help=EXPORT_HELP, epilog=EXPORT_CODES)
def export(
    target: TargetName,
    instrument: Instrument,
    out: Out,
    release: ReleaseName = None,
    site: Site = None,
    locale: told.Locales = None,
    mode: Mode = None,
    allow_draft: AllowDraft = False,
    random_order: Annotated[
        bool,
        typer.Option("--random-order", help="web: items of a scale in a random, noted order."),
    ] = False,
    together: Annotated[
        bool, typer.Option("--together", help="web: one page with all languages to switch.")
    ] = False,
    no_grids: Annotated[
        bool, typer.Option("--no-grids", help="xlsform: items below each other, not in grids.")
    ] = False,
    translations: told.Translations = None,
    as_json: told.AsJson = False,
) -> None:
    """Make the form of a release for a tool."""
    with guarded(as_json):
        from psychometrics.fielding.targets import export_form, write_form

        frozen = open_release(instrument, release, translations)
        options: dict[str, bool] = {}
        if target is Target.WEB:
            options = {"random_order": random_order, "together": together}
        elif target is Target.XLSFORM:
            options = {"grids": not no_grids}
        made = export_form(
            frozen, target, locales=locale or None, site=site, mode=mode,
            allow_draft=allow_draft, **options,
        )  # fmt: skip
        files = write_form(made, out)
    _tell(made, files, as_json)


@app.command("paper", help=PAPER_HELP, epilog=EXPORT_CODES)
def paper(
    instrument: Instrument,
    out: Out,
    release: ReleaseName = None,
    site: Site = None,
    locale: told.Locales = None,
    mode: Mode = None,
    allow_draft: AllowDraft = False,
    translations: told.Translations = None,
    as_json: told.AsJson = False,
) -> None:
    """Make the form on paper."""
    export(
        Target.PAPER, instrument, out, release, site, locale, mode, allow_draft,
        translations=translations, as_json=as_json,
    )  # fmt: skip


@app.command("check", help=CHECK_HELP, epilog=CHECK_CODES)
def check(
    target: TargetName,
    instrument: Instrument,
    release: ReleaseName = None,
    site: Site = None,
    locale: told.Locales = None,
    n: Annotated[int, typer.Option(min=1, max=100_000, help="How many people answer.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same answers.")] = 0,
    translations: told.Translations = None,
    quiet: told.Quiet = False,
    as_json: told.AsJson = False,
) -> None:
    """Try whether answers come home from a tool."""
    with guarded(as_json):
        from psychometrics.errors import DataError
        from psychometrics.responses.round_trip import round_trips

        if target is Target.PAPER:
            raise DataError(
                "Answers on paper come home by the hand of whoever enters them: as a table with "
                "the keys of the items as names and the codes on the form. Try web instead."
            )
        frozen = open_release(instrument, release, translations)
        with progress_shown(quiet or as_json) as show:
            show("round_trips", 0, 1)
            trips = round_trips(frozen, target, n=n, rng=seed, locales=locale or None, site=site)
            show("round_trips", 1, 1)
    wrong = [trip for trip in trips if trip.differing]
    code = DIFFERENT if wrong else 0
    if as_json:
        told_trips = [
            {"shape": each.shape, "rows": each.n_rows, "cells": each.n_cells,
             "differing": list(each.differing)}
            for each in trips
        ]  # fmt: skip
        print_json({"target": str(target), "trips": told_trips, "exit_code": code})
        raise typer.Exit(code)
    for each in trips:
        said = "all came home" if not each.differing else "; ".join(each.differing)
        typer.echo(f"{each.shape}: {count_of(each.n_cells, 'cell')}, {said}.")
    raise typer.Exit(code)


def open_release(name: str, release: str | None, translations: Path | None) -> Release:
    """Read a release; the newest one where none is named."""
    from psychometrics.errors import CatalogError
    from psychometrics.translation.release import load_release, release_names

    opened = told.open_project(name, translations, writes=False)
    where = opened.translations
    if release is not None:
        return load_release(opened.instrument.id, release, translations=where)
    names = release_names(opened.instrument.id, translations=where)
    if not names:
        raise CatalogError(
            f"{opened.instrument.id} has no release. Make one: psychometrics translations release "
            f"{name} 1.0 (with --allow-draft for text that nobody has signed off)."
        )
    found = [load_release(opened.instrument.id, each, translations=where) for each in names]
    return max(found, key=lambda each: each.when)


def _tell(made: ExportedForm, files: tuple[Path, ...], as_json: bool) -> None:
    if as_json:
        print_json(
            {"target": made.target, "files": [str(file) for file in files],
             "findings": as_records(made.findings), "exit_code": 0}
        )  # fmt: skip
        return
    print_findings(made.findings)
    for file in files:
        typer.echo(str(file))
    error_console().print(f"{made.target}: {count_of(len(files), 'file')}.", markup=False)
