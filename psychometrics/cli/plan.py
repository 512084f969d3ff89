"""``psychometrics plan``: write a plan of analysis to fill in, and check one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from psychometrics.cli.console import (
    NO_RESULT,
    WITH_ERROR_FINDINGS,
    count_of,
    error_console,
    guarded,
)
from psychometrics.cli.options import InstrumentName
from psychometrics.cli.places import check_file

app = typer.Typer(
    help="Freeze what is decided before the data: a plan of analysis, and its check.",
    no_args_is_help=True,
)

CHECK_CODES = (
    "Exit codes: 0 no errors, and the hash is printed; 1 at least one error; 2 the command was "
    "called wrongly; 3 a file can't be read."
)


@app.command()
def init(
    instrument: InstrumentName,
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="Where to; a file that is there is kept.")
    ] = Path("plan.yaml"),
) -> None:
    """Write a commented plan for an instrument, with the usual choices, to fill in."""
    with guarded():
        from psychometrics.errors import DocumentError
        from psychometrics.instrument import load_instrument
        from psychometrics.validity.plan_template import plan_template

        text = plan_template(load_instrument(instrument))
        if out.exists():
            raise DocumentError(f"{out} is there already. Choose another name with --out.")
        check_file(out)
        out.write_text(text, encoding="utf-8", newline="\n")
    typer.echo(f"{out}: fill in what is empty, then: psychometrics plan check {out}")


@app.command(epilog=CHECK_CODES)
def check(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="File of the plan.")],
    instrument: Annotated[
        str | None,
        typer.Option(
            metavar="INSTRUMENT",
            help="Id or file of the definition; the id that the plan names if left out.",
        ),
    ] = None,
) -> None:
    """Check a plan, report everything that is wrong by file and line, and print its hash."""
    with guarded():
        from psychometrics.instrument import load_instrument
        from psychometrics.validity.analysis_plan import AnalysisPlan, check_plan, planned_id
        from psychometrics.validity.analysis_plan import read_plan as read

        named = instrument or planned_id(plan)
        definition = load_instrument(named) if named else None
        findings = check_plan(plan, definition)
        made: AnalysisPlan | None = None
        if definition is not None and not any(f.severity == "error" for f in findings):
            made = read(plan, definition)
    console = error_console()
    for each in findings:
        console.print(str(each), markup=False)
    errors = sum(each.severity == "error" for each in findings)
    if errors or made is None:
        unread = any(each.code == "definition_not_found" for each in findings)
        console.print(f"{count_of(errors, 'error')} in {plan}.", markup=False)
        raise typer.Exit(NO_RESULT if unread else WITH_ERROR_FINDINGS)
    typer.echo(f"{plan}: nothing to mend. Hash: {made.hash}")
