"""``psychometrics simulate``: answers to try things out with, marked as simulated."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from psychometrics.cli import plants
from psychometrics.cli.console import count_of, guarded
from psychometrics.cli.options import InstrumentName
from psychometrics.cli.places import check_file

HELP = (
    "Write simulated answers to a CSV file.\n\n"
    "They follow the measurement model of the definition, in every site that it declares. The file "
    'has a column "simulated", by which every report made of it says so.'
)


def simulate(
    instrument: InstrumentName,
    out: Annotated[Path, typer.Option(metavar="FILE", help="CSV file to write.")],
    n_per_site: Annotated[
        int, typer.Option(min=1, help="How many people answer in each site.")
    ] = 50,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same answers.")] = 0,
    plant: Annotated[
        list[str] | None, typer.Option(metavar=plants.METAVAR, help=plants.HELP)
    ] = None,
) -> None:
    """Write simulated answers to a CSV file."""
    with guarded():
        check_file(out)
        from psychometrics.instrument import load_instrument
        from psychometrics.responses import simulate_responses

        definition = load_instrument(instrument)
        deviations = [plants.planted(each, definition) for each in plant or ()]
        made = simulate_responses(definition, n_per_site, rng=seed, noninvariance=deviations)
        made.to_csv(out)
    typer.echo(f"{out}: {count_of(len(made.frame), 'row')} of simulated answers.")
