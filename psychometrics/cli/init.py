"""``psychometrics init``: a new project, in which all other commands work at once."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from psychometrics.cli.console import error_console, guarded

HELP = (
    "Begin a project: an instrument with example items, a brief and a catalog for each language, a "
    "record, a README.\n\n"
    "What is not said by options is asked for; with --yes, or where nobody answers, the usual is "
    "taken. Nothing that is there already is written over."
)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the project.")],
    name: Annotated[
        str | None,
        typer.Option("--id", metavar="ID", help="Id of the instrument, such as sleep_quality."),
    ] = None,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="Its name for readers.")] = None,
    source_locale: Annotated[
        str | None,
        typer.Option(metavar="LOCALE", help="Language in which it is written; en if left out."),
    ] = None,
    locale: Annotated[
        list[str] | None,
        typer.Option(
            "--locale",
            metavar="LOCALE",
            help="To be translated to, such as he_IL; may be repeated.",
        ),
    ] = None,
    site: Annotated[
        list[str] | None,
        typer.Option(
            "--site",
            metavar="ID:COUNTRY:LOCALES",
            help="Where it is fielded, such as pune:IN:hi_IN,en_IN; may be repeated.",
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing; take the usual for what is not said.")
    ] = False,
) -> None:
    """Begin a project."""
    with guarded():
        from psychometrics.translation.new_project import (
            NewSite,
            id_of,
            plan_project,
            write_project,
        )

        ask = _Asking(yes)
        name = name or ask("Id of the instrument", id_of(folder))
        title = title or ask("Its name for readers", name.replace("_", " ").capitalize())
        source = source_locale or ask("Language in which it is written", "en")
        if not locale and not site:
            answer = ask("Languages to translate to, with a space between", "de_DE")
            locale = answer.replace(",", " ").split()
        sites = [NewSite.read(each) for each in site or ()]
        known = {each for one in sites for each in one.locales}
        sites += [NewSite.of_locale(each) for each in locale or () if each not in known]
        files = plan_project(name, title, source, sites, datetime.now(UTC))
        write_project(folder, files)
    definition = folder / "instruments" / f"{name}.yaml"
    typer.echo(f"{folder}: {len(files)} files. Read {folder / 'README.md'}, and begin with:")
    typer.echo(f"  psychometrics instrument check {definition}")
    typer.echo(f"  psychometrics translations status {definition}")
    if source.partition("_")[0] != "en":
        error_console().print(
            f"The example texts are in English. Write yours in {source}.", markup=False
        )


class _Asking:
    """Asks for what was not said; takes the usual where it shall not, or nobody answers."""

    def __init__(self, silent: bool) -> None:
        self.silent = silent

    def __call__(self, question: str, usual: str) -> str:
        if self.silent:
            return usual
        try:
            return str(typer.prompt(question, default=usual, err=True)).strip()
        except typer.Abort:
            if sys.stdin.isatty():  # somebody pressed Ctrl-C
                raise
            self.silent = True
            error_console().print()
            return usual
