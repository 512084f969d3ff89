"""``psychometrics precision``: how wide intervals will be, and how many people are needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from psychometrics.cli.console import guarded, print_json, progress_shown
from psychometrics.cli.options import InstrumentName, Quiet
from psychometrics.cli.places import check_file
from psychometrics.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

HELP = (
    "Simulate how wide intervals will be with so many people a site, before there are any.\n\n"
    "The population has the smallest effect that matters, declared beforehand (the plan's, or "
    ".05 above the threshold of a reliability and .10 below that of a correlation), and the shape "
    "of the measure. It is no power at values that were found."
)


def precision(
    instrument: InstrumentName,
    n: Annotated[
        str, typer.Option("--n", metavar="N,N,...", help="People a site, one number or several.")
    ] = "5,12,30,47,93",
    statistics: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,NAME,...",
            help="Of alpha, omega_total, loading, latent_correlation, htmt, icc; all if left out.",
        ),
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Plan whose smallest effects are declared."),
    ] = None,
    level: Annotated[float, typer.Option(min=0.5, max=0.999, help="Coverage of intervals.")] = 0.95,
    target: Annotated[float, typer.Option(help="Half-width that people are counted for.")] = 0.05,
    samples: Annotated[int, typer.Option(min=100, help="Samples of each size.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same numbers.")] = 0,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the table as CSV.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also draw it: .svg, .png or .pdf.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
    quiet: Quiet = False,
) -> None:
    """Simulate how wide intervals will be with so many people a site, and print a table."""
    with guarded(as_json):
        for file in (out, plot):
            if file is not None:
                check_file(file)
        if plot is not None and plot.suffix.lower() not in (".svg", ".png", ".pdf"):
            raise DataError(f"{plot} must end in .svg, .png or .pdf.")
        from psychometrics.instrument import load_instrument
        from psychometrics.validity.analysis_plan import read_plan
        from psychometrics.validity.precision import STATISTICS
        from psychometrics.validity.precision import precision as run

        definition = load_instrument(instrument)
        with progress_shown(quiet) as progress:
            table = run(
                definition,
                _numbers(n),
                statistics=_words(statistics) or STATISTICS,  # type: ignore[arg-type]
                level=level,
                rng=seed,
                n_sim=samples,
                smallest_effects=read_plan(plan, definition) if plan else None,
                target=target,
                progress=progress,
            )
        if out is not None:
            table.to_csv(out, index=False, encoding="utf-8-sig", lineterminator="\n")
        if plot is not None:
            _draw(table, plot, {key: scale.title for key, scale in definition.scales.items()})
    if as_json:
        from psychometrics.cli.validate import plain

        rows = table.to_dict("records")
        print_json([{str(k): plain(v, str(k)) for k, v in row.items()} for row in rows])
    else:
        for line in _lines(table):
            typer.echo(line)


def _words(text: str | None) -> list[str]:
    """Return the words of a list that is written with commas."""
    return [word.strip() for word in (text or "").split(",") if word.strip()]


def _numbers(text: str) -> list[int]:
    """Return whole numbers that are written with commas."""
    try:
        return [int(word) for word in _words(text)]
    except ValueError:
        raise DataError(f"--n {text} must be whole numbers with commas, as in 12,30,47.") from None


def _lines(table: pd.DataFrame) -> list[str]:
    """Return the table as text: a block a statistic, a line an n."""
    lines: list[str] = []
    for (statistic, subject), part in table.groupby(["statistic", "subject"], sort=False):
        first = part.iloc[0]
        where = "at least" if statistic not in ("latent_correlation", "htmt") else "below"
        head = f"{statistic} ({subject})" if str(subject) else str(statistic)
        told = f"true value {first['truth']:.2f}"
        if first["threshold"] == first["threshold"]:
            told += f", to be {where} {first['threshold']:.2f}"
        lines += ["", f"{head}: {told}", f"  {first['method']}"]
        lines.append("     n  half-width  (error)  decided  no interval")
        for row in part.to_dict("records"):
            width = "         -         " if row["half_width"] != row["half_width"] else (
                f"{row['half_width']:10.3f}  ({row['mc_error']:.3f})"
            )  # fmt: skip
            decided = "      -" if row["decided"] != row["decided"] else f"{row['decided']:7.0%}"
            lines.append(f"{row['n_per_site']:6d}  {width}  {decided}  {row['failed']:11.0%}")
        needed = first["n_needed"]
        reached = "more than 20,000, or never" if needed != needed else (
            f"{int(needed)} (± {2 * first['n_needed_error']:.0f})"
        )  # fmt: skip
        lines.append(f"  People for a half-width of {first['target']:g}: {reached}")
    lines += ["", "Decided: share of samples whose whole interval is on the right side, at the "
              "smallest effect declared."]  # fmt: skip
    return lines[1:]


def _draw(table: pd.DataFrame, file: Path, titles: dict[str, str]) -> None:
    """Draw the table into a file."""
    from psychometrics.plots import Labels, plot_half_widths

    axes = plot_half_widths(table, labels=Labels(scales=titles))
    axes.figure.savefig(file, dpi=200, facecolor="white")  # type: ignore[union-attr]
