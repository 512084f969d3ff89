"""How long answering took: seconds of each row, from a duration or from start and end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from psychometrics.errors import DataError, check_option
from psychometrics.responses.cells import (
    distinct,
    is_blank,
    parse_number,
    shown_counts,
    shown_rows,
    spread,
)
from psychometrics.responses.table import Column, Placed, Spot, Table

Duration = str | tuple[str, str] | None
"""A column of durations, or those of start and end."""

DurationUnit = Literal["seconds", "minutes"]
DURATION_UNITS: tuple[DurationUnit, ...] = ("seconds", "minutes")
DURATION_ROLES = ("duration", "started", "ended")

LONGEST = 24 * 60 * 60.0
"""Seconds from which on a form wasn't answered in one go."""

PLAUSIBLE = (0.5, 300.0)
"""Median seconds an item that a form can take; outside of it the unit is to be doubted."""

_CLOCK = re.compile(r"(\d+):([0-5]\d):([0-5]\d(?:[.,]\d+)?)")


def duration_columns(duration: Duration, unit: str) -> dict[str, str | None]:
    """Return the columns by role, as the caller named them.

    Raises
    ------
    DataError
        A unit that isn't known, or more or fewer than two columns of time stamps.
    """
    check_option("duration_unit", unit, DURATION_UNITS)
    if duration is None or isinstance(duration, str):
        return {"duration": duration}
    if len(duration) != 2:
        raise DataError(
            f"duration={duration!r}: give one column of durations, or two, of start and end."
        )
    return dict(zip(("started", "ended"), duration, strict=True))


def read_durations(
    table: Table, positions: Mapping[str, int], unit: str, n_items: int
) -> tuple[NDArray[Any] | None, list[Placed]]:
    """Return the seconds each row took (None without a column), and what was odd.

    A column of durations goes before start and end. What can't be a duration becomes NaN; one
    of more than a day is kept, since nothing rests on how long it is.
    """
    spots = {
        role: table.spot(positions[role], role) for role in DURATION_ROLES if role in positions
    }
    if "duration" in spots:
        at = spots["duration"]
        per_unit = 60.0 if unit == "minutes" else 1.0
        seconds, placed = _column(
            table.columns[at.position], at, lambda cell: _seconds(cell, per_unit)
        )
    elif {"started", "ended"} <= spots.keys():
        at = spots["ended"]
        seconds, placed = _between(table, spots)
    elif spots:
        (at,) = spots.values()
        other = "ended" if at.name == "started" else "started"
        return None, [at.tells("duration_half_known", "warning", other=other)]
    else:
        return None, []
    return seconds, [*placed, *_judged(seconds, at, n_items)]


def _between(table: Table, spots: Mapping[str, Spot]) -> tuple[NDArray[Any], list[Placed]]:
    """Return the seconds from start to end of each row, and what was odd."""
    stamps, zones = {}, {}
    placed: list[Placed] = []
    for role in ("started", "ended"):
        column = table.columns[spots[role].position]
        stamps[role], found = _column(column, spots[role], _stamp)
        zones[role], _ = _column(column, spots[role], _has_zone)
        placed += found
    seconds = stamps["ended"] - stamps["started"]
    mixed = ~np.isnan(seconds) & (zones["ended"] != zones["started"])
    if mixed.any():
        placed.append(spots["ended"].tells("duration_zones_mixed", "error", **_rows(mixed)))
        seconds[mixed] = np.nan
    return seconds, placed


def _judged(seconds: NDArray[Any], spot: Spot, n_items: int) -> Iterator[Placed]:
    """Yield what can't be a duration, which is taken out, and what is hardly one."""
    impossible = seconds <= 0
    if impossible.any():
        yield spot.tells("duration_impossible", "error", **_rows(impossible))
        seconds[impossible] = np.nan
    known = seconds[~np.isnan(seconds)]
    if not len(known):
        return
    too_long = seconds > LONGEST
    if too_long.any():
        yield spot.tells("duration_over_a_day", "warning", **_rows(too_long))
    each = float(np.median(known)) / n_items
    if not PLAUSIBLE[0] <= each <= PLAUSIBLE[1]:
        yield spot.tells("duration_unit_doubtful", "warning", seconds=each, count=len(known))


def _column(
    column: Column, spot: Spot, read: Callable[[Any], float | None]
) -> tuple[NDArray[Any], list[Placed]]:
    """Return what `read` makes of each cell; what it makes nothing of is a finding."""
    index, found = distinct(column.values)
    made = [np.nan if _is_empty(cell) else read(cell) for cell in found]
    values = np.array([np.nan if one is None else one for one in made], dtype=np.float64)
    unreadable = np.array([one is None for one in made], dtype=np.bool_)
    placed: list[Placed] = []
    if unreadable.any():
        counts = np.bincount(index[index >= 0], minlength=len(found))[unreadable].tolist()
        told = _rows(spread(index, unreadable, False))
        values_told = shown_counts(found[unreadable], counts)
        placed.append(spot.tells("duration_unreadable", "error", values=values_told, **told))
    return spread(index, values, np.nan), placed


def _is_empty(cell: Any) -> bool:
    return is_blank(cell) if isinstance(cell, str) else not np.isfinite(cell)


def _seconds(cell: Any, per_unit: float) -> float | None:
    """Return the seconds of a number, of hours:minutes:seconds, or of ISO's P0DT0H5M30S."""
    if not isinstance(cell, str):
        return float(cell) * per_unit
    number = parse_number(cell)
    if number is not None:
        return number * per_unit if np.isfinite(number) else None
    text = cell.strip()
    clock = _CLOCK.fullmatch(text)
    if clock:
        hours, minutes, seconds = clock.groups()
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))
    if not text.upper().startswith("P"):
        return None
    try:
        return float(pd.Timedelta(text.upper()).total_seconds())
    except ValueError:
        return None


def _stamp(cell: Any) -> float | None:
    """Return the seconds of a day with a time; stamps without a zone count as of one."""
    stamp = _moment(cell)
    if stamp is None:
        return None
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).timestamp()


def _has_zone(cell: Any) -> float | None:
    stamp = _moment(cell)
    return None if stamp is None else float(stamp.tzinfo is not None)


def _moment(cell: Any) -> datetime | None:
    """Return what ISO 8601 says: a day alone has no time, and 05/06/2026 may be two days."""
    if not isinstance(cell, str) or ":" not in cell:
        return None
    try:
        return datetime.fromisoformat(cell.strip())
    except ValueError:
        return None


def _rows(chosen: NDArray[np.bool_]) -> dict[str, Any]:
    """Return what a finding says of some rows."""
    rows = tuple((np.flatnonzero(chosen) + 1).tolist())
    return {"count": len(rows), "rows": rows, "rows_text": shown_rows(rows)}
