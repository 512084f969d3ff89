"""``psychometrics translations release``: what respondents are given, frozen."""

from __future__ import annotations

from typing import Annotated

import typer

from psychometrics.cli import translations_project as told
from psychometrics.cli.console import error_console, guarded, print_json
from psychometrics.cli.translations_record import Instrument

RELEASE_HELP = (
    "Freeze definition, texts, order and direction under a version.\n\n"
    "Only signed forms are released; with --allow-draft others are too, and the release is named "
    "1.0-draft for ever. Put the name into the column form_version of the answers."
)


def release(
    instrument: Instrument,
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="Numbers with dots, such as 1.0.")
    ],
    locale: told.Locales = None,
    allow_draft: Annotated[
        bool, typer.Option("--allow-draft", help="Let unsigned forms through, marked as a draft.")
    ] = False,
    translations: told.Translations = None,
    as_json: told.AsJson = False,
) -> None:
    """Freeze a release."""
    with guarded(as_json):
        from psychometrics.translation.release import make_release, release_file

        opened = told.open_project(instrument, translations, writes=True)
        made = make_release(
            opened.instrument, version, locales=locale or None, allow_draft=allow_draft,
            translations=opened.translations,
        )  # fmt: skip
        file = release_file(made.instrument, made.name, opened.translations)
    if as_json:
        print_json(
            {"release": made.name, "draft": made.draft, "hash": made.hash, "file": str(file),
             "locales": list(made.locales), "exit_code": 0}
        )  # fmt: skip
        return
    typer.echo(f"{made.instrument} {made.name}: {', '.join(made.locales)}; hash {made.hash[:16]}.")
    error_console().print(f"It is in {file}", markup=False, soft_wrap=True)
