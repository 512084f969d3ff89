"""``psychometrics instrument``: check, show and list definitions; the schema for editors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from psychometrics.cli.console import (
    NO_RESULT,
    WITH_ERROR_FINDINGS,
    count_of,
    error_console,
    guarded,
    print_json,
)
from psychometrics.cli.definition import definition_lines
from psychometrics.cli.options import InstrumentName
from psychometrics.errors import CatalogError

if TYPE_CHECKING:
    from psychometrics.instrument import Instrument

app = typer.Typer(help="Check, show and list definitions of instruments.", no_args_is_help=True)

CHECK_CODES = (
    "Exit codes: 0 no errors; 1 at least one error; 2 the command was called wrongly; "
    "3 a file can't be read."
)


@app.command(epilog=CHECK_CODES)
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Definition files.")],
) -> None:
    """Check definition files and report everything that is wrong, by file and line."""
    from psychometrics.instrument import check_instrument

    console = error_console()
    errors, unread = 0, 0
    for path in paths:
        with guarded():
            findings = check_instrument(path)
        for each in findings:
            console.print(str(each), markup=False)
        errors += sum(each.severity == "error" for each in findings)
        unread += sum(each.code == "definition_not_found" for each in findings)
        if not findings:
            typer.echo(f"{path}: nothing to mend.")
    if errors:
        console.print(f"{count_of(errors, 'error')} in {count_of(len(paths), 'file')}.")
        raise typer.Exit(NO_RESULT if unread else WITH_ERROR_FINDINGS)


@app.command()
def show(
    instrument: InstrumentName,
    locale: Annotated[
        str | None,
        typer.Option(metavar="LOCALE", help="Language of the texts, such as de_DE."),
    ] = None,
) -> None:
    """Show a definition: what it measures and how, where, and what is expected of it."""
    with guarded():
        from psychometrics.instrument import load_instrument

        definition = load_instrument(instrument)
        if locale is not None and locale not in definition.locales:
            known = ", ".join(definition.locales)
            raise CatalogError(f"{definition.id} has no locale {locale!r}; it has {known}.")
        untranslated: list[str] = []

        def text(key: str) -> str:
            try:
                return definition.text(key, locale, translations=None)
            except CatalogError:
                untranslated.append(key)
                return f"[{definition.text(key)}]"

        console = Console(highlight=False)
        for line in definition_lines(definition, text):
            if console.is_terminal:
                console.print(line, markup=False)
            else:  # rich would wrap lines, and has an exit code of its own for a closed pipe
                typer.echo(line)
        if locale not in (None, definition.source_locale):
            _tell_if_unsigned(definition, str(locale))
        if untranslated:
            error_console().print(
                f"{count_of(len(untranslated), 'text')} not translated to {locale}; shown in "
                f"square brackets, in {definition.source_locale}.",
                markup=False,
            )


def _tell_if_unsigned(definition: Instrument, locale: str) -> None:
    """Say that texts are drafts, so that nobody takes them for a form."""
    from psychometrics.translation.status import translation_status

    status = translation_status(definition, locale, translations=definition.translations)
    told = status.unsigned
    if told is not None and set(status.counts) != {"missing"}:
        error_console().print(str(told), markup=False)


@app.command()
def schema(
    response_set: Annotated[
        bool,
        typer.Option("--response-set", help="That of response sets which instruments share."),
    ] = False,
) -> None:
    """Print the JSON Schema of definition files, for editors that check while one types."""
    from psychometrics.instrument.schema import json_schema, shared_set_schema

    with guarded():
        print_json(shared_set_schema() if response_set else json_schema())


@app.command("list")
def list_shipped() -> None:
    """List the definitions that come with the toolkit."""
    with guarded():
        from psychometrics.instrument import available_instruments, load_instrument

        for name in available_instruments():
            definition = load_instrument(name)
            told = [
                count_of(len(part), noun)
                for part, noun in (
                    (definition.scales, "scale"),
                    (definition.items, "item"),
                    (definition.sites, "site"),
                )
            ]
            typer.echo(f"{name:<28} {definition.title} ({', '.join(told)})")
