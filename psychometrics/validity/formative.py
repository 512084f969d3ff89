"""Scales and constructs that their parts make: what is not computed for them, and why."""

from __future__ import annotations

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.instrument import Instrument
from psychometrics.instrument.definition import HigherOrder

FEWEST_SCALES = 3
"""A higher-order factor of two scales is not identified by their correlation alone."""


def not_for_formative(instrument: Instrument, *scales: str) -> Reason:
    """Say that a scale's items need not go together; empty if they should.

    Parameters
    ----------
    instrument : Instrument
        Whose scales they are.
    *scales : str
        Scales that a statistic is about.
    """
    for name in scales:
        scale = instrument.scales.get(name)
        if scale is not None and scale.measurement == "formative":
            return reason("not_for_formative", scale=name)
    return NO_REASON


def formative_scales(instrument: Instrument) -> dict[str, Reason]:
    """Return the scales whose items need not go together, with the reason for their rows."""
    return {name: why for name in instrument.scales if (why := not_for_formative(instrument, name))}


def higher_order_factors(instrument: Instrument) -> dict[str, tuple[HigherOrder, Reason]]:
    """Return the constructs that are factors of scales, with why one can't be estimated.

    Only reflective scales can show a factor above them.
    """
    barred = formative_scales(instrument)
    found: dict[str, tuple[HigherOrder, Reason]] = {}
    for key, node in instrument.higher_order.items():
        if node.measurement == "reflective":
            n_scales = len([scale for scale in node.scales if scale not in barred])
            short = n_scales < FEWEST_SCALES
            told = {"construct": key, "n_scales": n_scales, "needed": FEWEST_SCALES}
            found[key] = node, reason("too_few_scales", **told) if short else NO_REASON
    return found
