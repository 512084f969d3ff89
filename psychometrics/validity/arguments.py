"""Refuse arguments that can't be meant, before any number is computed with them."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

from psychometrics.errors import DataError
from psychometrics.instrument import Instrument
from psychometrics.responses import Responses
from psychometrics.stats.moments import Moments


def check_level(level: Any) -> None:
    """Refuse a coverage that is none, such as 95.

    Raises
    ------
    DataError
        If `level` is no number between 0 and 1.

    Examples
    --------
    >>> check_level(0.95)
    """
    if not isinstance(level, Real) or not 0 < float(level) < 1:
        raise DataError(
            f"level={level!r} is no coverage; give a number between 0 and 1, such as 0.95."
        )


def need_answers(data: Any, what: str) -> None:
    """Refuse moments where people are needed.

    Raises
    ------
    DataError
        If `data` holds moments.

    Examples
    --------
    >>> need_answers([[1, 2]], "agreement()")
    """
    if isinstance(data, Moments):
        raise DataError(f"{what} needs the answers themselves; moments hold no people.")


def check_samples(n_boot: Any) -> None:
    """Refuse a number of bootstrap samples that is none.

    Raises
    ------
    DataError
        If `n_boot` is no whole number, or negative.

    Examples
    --------
    >>> check_samples(0)
    """
    if isinstance(n_boot, bool) or not isinstance(n_boot, Integral) or int(n_boot) < 0:
        raise DataError(
            f"n_boot={n_boot!r} is no number of samples; give a whole number such as 2000, or 0 "
            "for no interval."
        )


def check_responses(instrument: Instrument, responses: Any) -> None:
    """Refuse answers that weren't read, or were given to another instrument.

    Raises
    ------
    DataError
        If `responses` are no Responses, or lack items of `instrument`.
    """
    if not isinstance(responses, Responses):
        raise DataError(
            f"responses is a {type(responses).__name__}; read it first: "
            "read_responses(data, instrument) checks the answers and tells what is odd."
        )
    absent = [item for item in instrument.items if item not in responses.frame]
    if absent:
        raise DataError(
            f"These are answers to {responses.instrument.id}, and {instrument.id} asks for "
            f"{', '.join(absent[:5])}{' ...' if len(absent) > 5 else ''} too. Read them with the "
            "definition that they are validated by."
        )


def need_two_scales(scales: Any) -> None:
    """Refuse a single scale where scales are told apart.

    Raises
    ------
    DataError
        If `scales` holds one.

    Examples
    --------
    >>> need_two_scales({"A": ["a1", "a2"], "B": ["b1", "b2"]})
    """
    if hasattr(scales, "keys") and len(scales) == 1:
        raise DataError(
            f"Discriminant validity needs two scales or more; scales holds {next(iter(scales))!r} "
            "alone."
        )
