"""``psychometrics doctor``: what this machine lacks."""

from __future__ import annotations

from typing import Annotated

import typer

from psychometrics.cli.console import print_json

HELP = (
    "Say what this machine has of what the toolkit needs or can use, and what to do about the "
    "rest: packages, fonts for the scripts of the languages, a browser, Java, R."
)
CODES = "Exit codes: 0 everything that is needed is there; 1 something that is needed is not."
SIGNS = {"there": "ok", "lacking": "--", "wrong": "!!"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Say what this machine lacks."""
    from psychometrics.cli.environment import examine

    found = examine()
    code = int(any(each.state == "wrong" for each in found))
    if as_json:
        print_json({
            "examined": [
                {"name": each.name, "state": each.state, "told": each.told, "advice": each.advice}
                for each in found
            ],
            "exit_code": code,
        })  # fmt: skip
        raise typer.Exit(code)
    for each in found:
        typer.echo(f"{SIGNS[each.state]}  {each.name}: {each.told}")
        if each.advice:
            typer.echo(f"      {each.advice}")
    lacking = sum(each.state != "there" for each in found)
    typer.echo(
        "Nothing is lacking." if not lacking else f"{lacking} of {len(found)} are not there."
    )
    raise typer.Exit(code)
