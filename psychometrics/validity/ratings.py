"""Ratings as a table of targets by raters, with the group of each target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from psychometrics.errors import DataError, finding
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.validity.arguments import need_answers
from psychometrics.validity.frames import (
    check_columns,
    group_codes,
    numeric_columns,
    raise_all,
    to_narwhals,
)
from psychometrics.validity.selection import SITE, TOTAL


@dataclass(frozen=True)
class Ratings:
    """What every rater gave every target.

    Attributes
    ----------
    values : ndarray, shape (targets, raters)
        NaN where a rater gave a target nothing. For categories without an order, their codes.
    raters : tuple of str
        Names of the columns.
    group : ndarray of int, shape (targets,)
        Group of each target; -1 for none.
    groups : tuple of str
        Names of the groups.
    categories : tuple of str
        What the codes stand for where the ratings are texts; else empty.
    """

    values: FloatArray
    raters: tuple[str, ...]
    group: IntArray
    groups: tuple[str, ...]
    categories: tuple[str, ...] = ()

    def units(self) -> Iterator[tuple[str, str | None, RatingTable]]:
        """Yield pooling, group and ratings of everybody, then of each group."""
        yield TOTAL, None, self._table(np.ones(len(self.values), dtype=bool))
        for at, name in enumerate(self.groups):
            yield SITE, name, self._table(self.group == at)

    def _table(self, mine: Any) -> RatingTable:
        """Return the ratings of some targets by the raters who rated any of them."""
        rows = self.values[mine]
        rows = rows[~np.isnan(rows).all(axis=1)]
        there = ~np.isnan(rows).all(axis=0) if len(rows) else np.zeros(rows.shape[1], dtype=bool)
        names = tuple(name for name, kept in zip(self.raters, there, strict=True) if kept)
        return RatingTable(rows[:, there], names)


@dataclass(frozen=True)
class RatingTable:
    """Ratings of one unit.

    Attributes
    ----------
    values : ndarray, shape (targets, raters)
        Every target has a rating and every rater gave one.
    raters : tuple of str
        Names of the columns.
    """

    values: FloatArray
    raters: tuple[str, ...]

    def crossed(self) -> FloatArray:
        """Return the targets that every rater rated."""
        return self.values[~np.isnan(self.values).any(axis=1)]

    def nested(self) -> FloatArray:
        """Return the ratings of targets that have as many as most have, whoever gave them.

        Of two numbers that are equally common the larger one counts.
        """
        if not self.values.size:
            return np.empty((0, 0))
        count = (~np.isnan(self.values)).sum(axis=1)
        how_many = np.bincount(count)
        how_many[:2] = 0  # a single rating agrees with nothing
        if not how_many.any():
            return np.empty((0, 0))
        k = int(len(how_many) - 1 - np.argmax(how_many[::-1]))
        return np.sort(self.values[count == k], axis=1)[:, :k]

    def pairs(self) -> Iterator[tuple[str, str, FloatArray]]:
        """Yield two raters and the targets (n, 2) that both rated."""
        for a, b in combinations(range(len(self.raters)), 2):
            both = self.values[:, [a, b]]
            yield self.raters[a], self.raters[b], both[~np.isnan(both).any(axis=1)]


def read_ratings(
    data: Any,
    targets: str,
    raters: str,
    ratings: str,
    group: str | None,
    *,
    categorical: bool = False,
) -> Ratings:
    """Lay ratings out as targets by raters.

    A target belongs to its group: the same id in two groups is two targets.

    Raises
    ------
    DataError
        Absent columns; ratings without target or rater; a target that a rater rated twice;
        text where numbers are needed. All faults at once.
    """
    need_answers(data, "Agreement")
    frame = to_narwhals(data)
    check_columns(frame, [targets, raters, ratings, *([group] if group is not None else [])])
    if len(frame) == 0:
        raise DataError("There are no ratings: the data have no rows.")
    target, target_names = group_codes(frame, targets, None)
    rater, rater_names = group_codes(frame, raters, None)
    place, groups = group_codes(frame, group, None)
    cells, categories = _cells(frame, ratings, categorical=categorical)
    lost = (target < 0) | (rater < 0)
    faults = []
    if lost.any():
        faults.append(
            finding("rating_without_place", "error", targets, count=int(lost.sum()),
                    targets=targets, raters=raters)
        )  # fmt: skip
    given = ~np.isnan(cells) & ~lost
    key = (place[given] + 1) * len(target_names) + target[given]
    found, row = np.unique(key, return_inverse=True)
    flat = row * len(rater_names) + rater[given]
    times = np.bincount(flat, minlength=len(found) * len(rater_names))
    if (times > 1).any():
        first = int(np.argmax(times > 1))
        faults.append(
            finding("rated_twice", "error", ratings, count=int((times > 1).sum()),
                    rater=rater_names[first % len(rater_names)])
        )  # fmt: skip
    raise_all(faults)
    values = np.full(len(found) * len(rater_names), np.nan)
    values[flat] = cells[given]
    return Ratings(
        values.reshape(len(found), len(rater_names)),
        rater_names,
        np.asarray(found // max(len(target_names), 1) - 1, dtype=np.int64),
        groups,
        categories,
    )


def _cells(frame: Any, ratings: str, *, categorical: bool) -> tuple[FloatArray, tuple[str, ...]]:
    """Return the ratings as numbers; texts become codes where categories are asked for."""
    try:
        return numeric_columns(frame, [ratings])[:, 0], ()
    except DataError:
        if not categorical:
            raise
    codes, names = group_codes(frame, ratings, None)
    return np.where(codes < 0, np.nan, codes.astype(float)), names
