"""``psychometrics answers``: what came back from the field."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from psychometrics.cli.console import as_records, count_of, guarded, print_findings, print_json
from psychometrics.cli.options import AnswersFile, InstrumentName
from psychometrics.cli.places import check_file

app = typer.Typer(
    name="answers",
    help="Work with answers as survey tools hand them over.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
CONVERT_HELP = (
    "Write an export of a survey tool as a plain table: one column an item, in codes.\n\n"
    "The tool is found out by the file, or told by --source. Words in any language of the release "
    "become codes; what can't be read is told with its count and left blank, never guessed."
)
CONVERT_CODES = (
    "Exit codes: 0 the table is written and no finding is an error; 1 it is written, but some "
    "findings are errors; 2 the command was called wrongly; 3 there is no table."
)


class Source(StrEnum):
    """The tools whose exports are understood."""

    PLAIN = "plain"
    ODK = "odk"
    KOBO = "kobo"
    REDCAP = "redcap"
    LIMESURVEY = "limesurvey"
    WEB = "web"
    FHIR = "fhir"


@app.callback()
def _group() -> None:
    """Work with answers as survey tools hand them over."""


@app.command("convert", help=CONVERT_HELP, epilog=CONVERT_CODES)
def convert(
    instrument: InstrumentName,
    answers: AnswersFile,
    out: Annotated[Path, typer.Option(metavar="FILE", help="CSV file to write.")],
    source: Annotated[
        Source | None, typer.Option(help="The tool that wrote it; found out if left out.")
    ] = None,
    release: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The release that was answered, for words in it."),
    ] = None,
    translations: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the translations.")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of an Excel workbook.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Write an export of a survey tool as a plain table."""
    with guarded(as_json):
        check_file(out)
        from psychometrics.instrument import load_instrument
        from psychometrics.responses import read_responses
        from psychometrics.translation.release import load_release

        known = load_instrument(instrument)
        frozen = load_release(known.id, release, translations=translations) if release else None
        read = read_responses(
            answers, known, tool=source.value if source else None, release=frozen, sheet=sheet
        )
        read.to_csv(out)
    code = int(any(each.severity == "error" for each in read.findings))
    if as_json:
        print_json(
            {"file": str(out), "rows": read.n_obs, "findings": as_records(read.findings),
             "exit_code": code}
        )  # fmt: skip
        raise typer.Exit(code)
    print_findings(read.findings)
    typer.echo(f"{out}: {count_of(read.n_obs, 'row')}.")
    raise typer.Exit(code)
