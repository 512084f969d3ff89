"""Hypotheses stated before any data were seen: confirmed, refuted, or still open."""

from __future__ import annotations

import math
from typing import Any, Literal

import pandas as pd

from psychometrics.errors import Reason, reason
from psychometrics.instrument import Instrument
from psychometrics.instrument.definition import Hypothesis
from psychometrics.validity.criteria import (
    CRITERIA,
    UNAVAILABLE,
    Criterion,
    Verdict,
    size_limits,
    verdict,
)
from psychometrics.validity.selection import META, TOTAL
from psychometrics.validity.units import tidy

Outcome = Literal["confirmed", "refuted", "undecided", "unavailable"]

HYPOTHESIS_COLUMNS = (
    "hypothesis", "scale", "comparator", "kind", "direction", "minimum", "maximum", "group",
    "pooling", "estimate", "low", "high", "level", "n_obs", "verdict", "method", "reason",
)  # fmt: skip
SHARE_COLUMNS = (
    "group", "pooling", "confirmed", "refuted", "undecided", "unavailable", "share", "verdict",
)  # fmt: skip

Row = dict[str, Any]


def hypotheses_table(convergent: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Judge every hypothesis by the interval of its correlation, pooled and per site.

    Parameters
    ----------
    convergent : DataFrame
        Rows with the statistic ``correlation``, such as
        :func:`~psychometrics.validity.comparators.comparator_correlations` gives; other rows
        are passed over.
    instrument : Instrument
        The hypotheses.

    Returns
    -------
    DataFrame
        One row a hypothesis and unit, ``verdict`` being ``confirmed``, ``refuted``,
        ``undecided`` or ``unavailable``.
    """
    correlations = convergent[convergent["statistic"] == "correlation"].to_dict("records")
    units = list(
        dict.fromkeys(
            (row["pooling"], row["group"] if isinstance(row["group"], str) else None)
            for row in convergent[["pooling", "group"]].to_dict("records")
            if row["pooling"] != META
        )
    ) or [(TOTAL, None)]
    rows: list[Row] = []
    for one in instrument.hypotheses:
        mine: list[Row] = [
            {str(name): cell for name, cell in row.items()}
            for row in correlations
            if row["scale"] == one.scale and row["comparator"] == one.comparator
        ]
        absent = reason("comparator_not_found", comparator=one.comparator)
        mine = mine or [{"pooling": p, "group": g, "reason": absent} for p, g in units]
        rows += [_judged(row, one) for row in mine]
    return tidy(rows, HYPOTHESIS_COLUMNS)


def _judged(row: Row, one: Hypothesis) -> Row:
    """Return the row of a hypothesis in a unit."""
    why: Reason = row["reason"]
    low, high = row.get("low", math.nan), row.get("high", math.nan)
    made: Row = {
        "hypothesis": one.key, "scale": one.scale, "comparator": one.comparator,
        "kind": one.kind, "direction": one.direction,
        "minimum": one.minimum, "maximum": one.maximum,
        "verdict": UNAVAILABLE if why else judge(low, high, one),
    }  # fmt: skip
    taken = ("group", "pooling", "estimate", "low", "high", "level", "n_obs", "method", "reason")
    return made | {name: row.get(name, math.nan) for name in taken} | {"method": _told(row)}


def _told(row: Row) -> str:
    method = row.get("method", "")
    return method if isinstance(method, str) else ""


def judge(low: float, high: float, one: Hypothesis) -> Outcome:
    """Hold the interval of a correlation against a hypothesis.

    Parameters
    ----------
    low, high : float
        Limits; NaN where there is no interval.
    one : Hypothesis
        Convergent: confirmed where all of the interval is at least `minimum` in the expected
        direction, refuted where none of it is. Discriminant: confirmed where all of it is at most
        `maximum` in size, refuted where none of it is.

    Returns
    -------
    {"confirmed", "refuted", "undecided", "unavailable"}
    """
    if math.isnan(low) or math.isnan(high):
        return "unavailable"
    if one.kind == "discriminant":
        smallest, largest = size_limits(low, high)
        bound = math.inf if one.maximum is None else one.maximum
        return _outcome(all_of_it=largest <= bound, some_of_it=smallest <= bound)
    if one.direction == "negative":
        low, high = -high, -low
    bound = 0.0 if one.minimum is None else one.minimum
    return _outcome(all_of_it=low >= bound, some_of_it=high >= bound)


def _outcome(*, all_of_it: bool, some_of_it: bool) -> Outcome:
    if all_of_it:
        return "confirmed"
    return "undecided" if some_of_it else "refuted"


def share_confirmed(
    table: pd.DataFrame, criterion: Criterion = CRITERIA["hypotheses_075"]
) -> pd.DataFrame:
    """Count the verdicts of each unit and hold the share confirmed against COSMIN's 75 %.

    Hypotheses that could not be tried are left out of the share. The share is supported where it
    is reached already, not supported where it can't be reached even if every undecided
    hypothesis were confirmed, and undecided in between.

    Parameters
    ----------
    table : DataFrame
        See :func:`hypotheses_table`.
    criterion : Criterion
        What the share is held against.

    Returns
    -------
    DataFrame
        group, pooling, confirmed, refuted, undecided, unavailable, share, verdict.
    """
    rows: list[Row] = []
    for (pooling, group), part in _by_unit(table).items():
        counts = {
            name: sum(one == name for one in part)
            for name in ("confirmed", "refuted", "undecided", "unavailable")
        }
        tried = len(part) - counts["unavailable"]
        share = counts["confirmed"] / tried if tried else math.nan
        most = (counts["confirmed"] + counts["undecided"]) / tried if tried else math.nan
        found: Verdict = verdict(share, most, criterion)
        rows.append(
            {"group": group, "pooling": pooling, **counts, "share": share, "verdict": found}
        )
    return tidy(rows, SHARE_COLUMNS)


def _by_unit(table: pd.DataFrame) -> dict[tuple[str, str | None], list[str]]:
    """Return the verdicts of each unit, units in order of appearance."""
    found: dict[tuple[str, str | None], list[str]] = {}
    for row in table[["pooling", "group", "verdict"]].to_dict("records"):
        group = row["group"] if isinstance(row["group"], str) else None
        found.setdefault((row["pooling"], group), []).append(row["verdict"])
    return found
