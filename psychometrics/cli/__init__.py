"""The command line: arguments, progress and exit codes around the public calls.

Nothing heavy is imported until a command runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from psychometrics.cli.answers import app as answers_app
from psychometrics.cli.console import EXIT_CODES, FaultsOfOurs
from psychometrics.cli.doctor import CODES as DOCTOR_CODES
from psychometrics.cli.doctor import HELP as DOCTOR_HELP
from psychometrics.cli.doctor import doctor
from psychometrics.cli.field import app as field_app
from psychometrics.cli.init import HELP as INIT_HELP
from psychometrics.cli.init import init
from psychometrics.cli.instrument import app as instrument_app
from psychometrics.cli.plan import app as plan_app
from psychometrics.cli.precision import HELP as PRECISION_HELP
from psychometrics.cli.precision import precision
from psychometrics.cli.simulate import HELP as SIMULATE_HELP
from psychometrics.cli.simulate import simulate
from psychometrics.cli.translations import app as translations_app
from psychometrics.cli.validate import HELP as VALIDATE_HELP
from psychometrics.cli.validate import validate

app = typer.Typer(
    name="psychometrics",
    help="Validate a questionnaire across sites and languages.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(help=INIT_HELP)(init)
app.command(help=VALIDATE_HELP, epilog=EXIT_CODES)(validate)
app.command(help=SIMULATE_HELP)(simulate)
app.command(help=PRECISION_HELP)(precision)
app.command(help=DOCTOR_HELP, epilog=DOCTOR_CODES)(doctor)
app.add_typer(instrument_app, name="instrument")
app.add_typer(plan_app, name="plan")
app.add_typer(translations_app, name="translations")
app.add_typer(field_app, name="field")
app.add_typer(answers_app, name="answers")


def _show_version(wanted: bool) -> None:
    if wanted:
        from psychometrics import __version__

        typer.echo(f"survey-psychometrics {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    """Validate a questionnaire across sites and languages."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows the program's name; taken from the process if left out.

    Raises
    ------
    SystemExit
        Always, with the exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that can't show a letter gets a question mark, not a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    with FaultsOfOurs():
        app(args=None if arguments is None else list(arguments), prog_name="psychometrics")
