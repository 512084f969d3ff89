"""How long people took, in total, by site and by mode, and who was too fast to have read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from psychometrics.responses import Responses
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.stats.response_style import relative_speed
from psychometrics.validity.frames import group_codes, numeric_columns
from psychometrics.validity.selection import TOTAL

TIME_COLUMNS = (
    "group", "pooling", "mode", "n_rows", "n_timed", "median_seconds", "q25_seconds",
    "q75_seconds", "median_seconds_per_answer", "n_fast", "n_faster_than_others",
)  # fmt: skip

Place = tuple[str, str | None, BoolArray]


@dataclass(frozen=True, eq=False)
class Times:
    """How long each person took.

    Attributes
    ----------
    seconds : ndarray, shape (n,)
        For the whole form; NaN where it isn't known.
    mode : ndarray of int, shape (n,)
        Mode each person answered in; -1 where it isn't known, or nothing is known of modes.
    modes : tuple of str
        Their names.
    """

    seconds: FloatArray
    mode: IntArray
    modes: tuple[str, ...]

    def per_answer(self, answered: IntArray) -> FloatArray:
        """Return the seconds each person took for an answer; NaN without answers."""
        some = np.where(answered > 0, answered, np.nan)
        return np.asarray(self.seconds / some)

    def speed(self, answered: IntArray, fewest: int) -> FloatArray:
        """Return how many times as fast as others of their mode people were."""
        return relative_speed(self.per_answer(answered), self.mode, fewest)


def read_times(
    data: Any, native: nw.DataFrame[Any], response_time: str | None, mode: str | None
) -> Times | None:
    """Return how long people took; None where nothing is known.

    Of Responses the columns ``duration`` and ``mode`` are taken where none are named.
    """
    if isinstance(data, Responses):
        response_time = response_time or ("duration" if "duration" in data.frame else None)
        mode = mode or ("mode" if "mode" in data.frame else None)
    if response_time is None:
        return None
    seconds = numeric_columns(native, [response_time])[:, 0]
    seconds = np.where(seconds > 0, seconds, np.nan)
    if mode is None:
        return Times(seconds, np.full(len(seconds), -1), ())
    codes, names = group_codes(native, mode, None)
    return Times(seconds, np.asarray(codes, dtype=np.int64), tuple(map(str, names)))


def time_table(times: Times | None, people: pd.DataFrame, places: list[Place]) -> pd.DataFrame:
    """Return how long people took in total, at each site, and in each mode."""
    rows = list(_rows(times, people, places)) if times is not None else []
    made = pd.DataFrame(rows, columns=list(TIME_COLUMNS))
    for name in ("group", "mode"):
        made[name] = pd.Series([row[name] for row in rows], index=made.index, dtype=object)
    return made


def _rows(times: Times, people: pd.DataFrame, places: list[Place]) -> Iterator[dict[str, Any]]:
    seconds, each = times.seconds, times.per_answer(people["n_answered"].to_numpy())
    in_modes = [(TOTAL, None, times.mode == at) for at in range(len(times.modes))]
    labels = [*[None] * len(places), *times.modes]
    for (pooling, name, mine), mode in zip([*places, *in_modes], labels, strict=True):
        own = seconds[mine & ~np.isnan(seconds)]
        answer = each[mine & ~np.isnan(each)]
        quarters = np.quantile(own, [0.25, 0.5, 0.75]) if len(own) else np.full(3, np.nan)
        yield {
            "group": name, "pooling": pooling, "mode": mode, "n_rows": int(mine.sum()),
            "n_timed": len(own), "median_seconds": quarters[1], "q25_seconds": quarters[0],
            "q75_seconds": quarters[2],
            "median_seconds_per_answer": np.median(answer) if len(answer) else np.nan,
            "n_fast": int(people.loc[mine, "fast"].sum()),
            "n_faster_than_others": int(people.loc[mine, "faster_than_others"].sum()),
        }  # fmt: skip
