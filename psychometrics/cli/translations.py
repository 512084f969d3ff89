"""``psychometrics translations``: what translators and methodologists do with catalogs."""

from __future__ import annotations

import typer

from psychometrics.cli.translations_check import CHECK_CODES, check

app = typer.Typer(help="Work on translations of instruments.", no_args_is_help=True)
app.command(epilog=CHECK_CODES)(check)
