"""Faults planted in simulated answers, as they are told on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from psychometrics.instrument import Instrument
    from psychometrics.responses.simulation_plan import NonInvariance

METAVAR = "WHERE:ITEM:WHAT"
HELP = (
    "Let one item work differently in a language or at a site: he_IL:culture_2:reversed, "
    "sw_TZ:training_1:shift=-0.8 (in standard deviations), ulm:culture_1:loading=-0.3. May be "
    "repeated."
)
NUMBERS = ("shift", "loading")


def planted(told: str, instrument: Instrument) -> NonInvariance:
    """Return what is to be planted.

    Raises
    ------
    typer.BadParameter
        If it can't be read, or names what the definition doesn't have.

    Examples
    --------
    >>> from psychometrics import load_instrument
    >>> instrument = load_instrument("peer_support_implementation")
    >>> made = planted("sw_TZ:training_1:shift=-0.8", instrument)
    >>> made.site, made.locale, made.item, made.shift
    (None, 'sw_TZ', 'training_1', -0.8)
    """
    from psychometrics.responses.simulation_plan import NonInvariance

    parts = told.split(":")
    if len(parts) != 3:
        _refuse(told, f"it has to look like {METAVAR}")
    where, item, what = parts
    name, _, value = what.partition("=")
    if where not in instrument.sites and where not in instrument.locales:
        known = ", ".join((*instrument.locales, *instrument.sites))
        _refuse(told, f"{where!r} is no language and no site of {instrument.id}: {known}")
    if item not in instrument.items:
        _refuse(told, f"{instrument.id} has no item {item!r}")
    site = where if where in instrument.sites else None
    locale = None if site else where
    if what == "reversed":
        return NonInvariance(site, item, locale=locale, reversed=True)
    if name not in NUMBERS or not _is_number(value):
        _refuse(told, "what is planted is reversed, shift=NUMBER or loading=NUMBER")
    size = float(value)
    return NonInvariance(
        site, item, loading=size if name == "loading" else 0.0,
        shift=size if name == "shift" else 0.0, locale=locale,
    )  # fmt: skip


def _is_number(value: str) -> bool:
    try:
        return abs(float(value)) < 100
    except ValueError:
        return False


def _refuse(told: str, why: str) -> NoReturn:
    raise typer.BadParameter(f"{told!r}: {why}.", param_hint="--plant")
