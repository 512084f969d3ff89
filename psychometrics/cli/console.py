"""What the commands say on the terminal: errors, findings and progress.

Results go to standard output; everything said along the way goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from traceback import print_exception
from types import TracebackType
from typing import Any

import typer
from rich.console import Console

from psychometrics.errors import Finding, PsychometricsError

EXIT_CODES = (
    "Exit codes: 0 the report is written and no finding is an error; 1 the report is written, "
    "but some findings are errors; 2 the command was called wrongly; 3 there is no report, "
    "because the definition, the answers or the place to write to can't be used."
)
WITH_ERROR_FINDINGS = 1
NO_RESULT = 3
OUR_FAULT = 70
BROKEN_PIPE = 141
MAX_LISTED = 40

Progress = Callable[[str, int, int], None]


def error_console() -> Console:
    """Return a console on standard error, as it stands now."""
    return Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


@contextmanager
def guarded(as_json: bool = False) -> Iterator[None]:
    """Turn what a user can mend into a friendly text and exit code 3.

    Parameters
    ----------
    as_json : bool
        Whether the error also goes to standard output as JSON.
    """
    try:
        yield
    except PsychometricsError as error:
        _give_up(str(error), error.findings, as_json)
    except BrokenPipeError:
        # Whoever read our output has left. Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(BROKEN_PIPE) from None
    except OSError as error:
        _give_up(_told(error), (), as_json)
    except UnicodeError as error:
        text = f"A file is not the text it should be ({error}); save it as UTF-8 and try again."
        _give_up(text, (), as_json)


class FaultsOfOurs:
    """Leave with a code of its own where the program is at fault, and show where.

    Python's own exit code for that is 1, which here means that there is a report.
    """

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Show an exception that nobody expected, and leave."""
        if isinstance(error, Exception):
            print_exception(error)
            error_console().print(
                "This is a fault of the program, not yours, and there is no result. Please report "
                "it with the lines above; leave out what they quote of your data.",
                markup=False,
            )
            raise SystemExit(OUR_FAULT) from None


def _told(error: OSError) -> str:
    """Return what went wrong with a file, and what to do."""
    place = f"{error.filename}: " if error.filename else ""
    if isinstance(error, FileNotFoundError):
        return f"{place}There is no such file. Check the name, and the folder you are in."
    if isinstance(error, PermissionError):
        return f"{place}No permission. Choose another place, or ask for the right to use this one."
    if isinstance(error, IsADirectoryError):
        return f"{place}This is a folder; a file is needed here."
    return f"{place}{error.strerror or error}."


def _give_up(message: str, findings: Sequence[Finding], as_json: bool) -> None:
    if as_json:
        print_json({"error": message, "findings": as_records(findings), "exit_code": NO_RESULT})
    console = error_console()
    # An error that lists its findings in its text would say everything twice.
    listed = [each for each in findings if each.message not in message]
    if console.is_terminal:
        from rich.panel import Panel
        from rich.text import Text

        body = Text("\n".join([message, *("• " + str(each) for each in listed)]))
        console.print(Panel(body, title="No result", title_align="left", border_style="red"))
    else:
        for line in (f"error: {message}", *map(str, listed)):
            console.print(line, markup=False)
    raise typer.Exit(NO_RESULT)


def as_records(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Return findings as plain records for JSON."""
    return [
        {"code": f.code, "severity": f.severity, "where": f.where, "message": f.message}
        for f in findings
    ]


def print_json(content: Any) -> None:
    """Print JSON on standard output, letters of every script as they are."""
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False))


def print_findings(findings: Sequence[Finding]) -> None:
    """Print findings on standard error: a table on a terminal, a line each elsewhere."""
    if not findings:
        return
    console = error_console()
    ordered = sorted(findings, key=lambda each: each.severity)  # "error" before "warning"
    shown = ordered[:MAX_LISTED]
    if console.is_terminal:
        console.print(_findings_table(shown))
    else:
        for each in shown:
            console.print(str(each), markup=False)
    if len(ordered) > len(shown):
        more = Counter(each.code for each in ordered[MAX_LISTED:])
        told = ", ".join(f"{code} ({count})" for code, count in more.items())
        console.print(f"... and {len(ordered) - len(shown)} more: {told}", markup=False)


def _findings_table(findings: Sequence[Finding]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table("", "where", "what", title="Findings", title_justify="left", show_lines=False)
    for each in findings:
        style = "red" if each.severity == "error" else "yellow"
        table.add_row(Text(each.severity, style=style), Text(each.where), Text(each.message))
    return table


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> count_of(1, "error"), count_of(3, "error")
    ('1 error', '3 errors')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


@contextmanager
def progress_shown(quiet: bool) -> Iterator[Progress]:
    """Give a function that shows progress on standard error: a bar, or lines in a log."""
    console = error_console()
    if quiet:
        yield lambda stage, done, total: None
    elif console.is_terminal:
        with _bar(console) as show:
            yield show
    else:
        said: set[str] = set()

        def say(stage: str, done: int, total: int) -> None:
            if stage not in said and done < total:
                said.add(stage)
                console.print(f"{_in_words(stage)} ...", markup=False)

        yield say


@contextmanager
def _bar(console: Console) -> Iterator[Progress]:
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    described = TextColumn("{task.description}", markup=False)
    with Bars(*columns, described, console=console, transient=True) as bars:
        task = bars.add_task("")

        def show(stage: str, done: int, total: int) -> None:
            bars.update(task, description=_in_words(stage), completed=done, total=total)

        yield show


def _in_words(stage: str) -> str:
    return stage.replace("_", " ")


@contextmanager
def warnings_told(quiet: bool) -> Iterator[None]:
    """Print this package's warnings as sentences, each once, instead of as source lines."""
    from psychometrics.errors import ConvergenceWarning, DegenerateDataWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        for kind in (ConvergenceWarning, DegenerateDataWarning):
            warnings.simplefilter("always", kind)
        yield
    if not quiet:
        console = error_console()
        for text in dict.fromkeys(str(each.message) for each in caught):
            console.print(f"note: {text}", markup=False)
