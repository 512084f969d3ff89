"""The curve of one item in one group beside the others, over where people stand on the rest.

People are put together by their standing, and a point is a mean of several: nobody is seen.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import stats

from psychometrics.errors import DataError
from psychometrics.stats.item_signals import strata
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.validity.arguments import check_level, need_answers
from psychometrics.validity.selection import ResponseRange, Scales, select

MOST_PLACES: Final = 5
FEWEST_EACH: Final = 5
"""Fewer people than this are no point of a curve."""

COLUMNS: Final = ("scale", "item", "group", "side", "standing", "mean", "low", "high", "n_obs")


def item_curve(
    data: Any,
    scales: Scales,
    group: str,
    *,
    item: str,
    focal: str,
    at_least: int = FEWEST_EACH,
    response_range: ResponseRange = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the mean answer to an item by the standing on the other items, of a group and others.

    Parameters
    ----------
    data : frame or Responses
        Answers as given; the item is shown as answered, the rest as keyed.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one.
    group : str
        Column of the groups.
    item, focal : str
        The item, and the group that is held against all others.
    at_least : int
        People behind every point, of the group and of the others; points of fewer are left out.
    response_range : (low, high) or mapping, optional
        Lowest and highest possible answer, for turning items.
    level : float
        Coverage of the interval of each mean.

    Returns
    -------
    pandas.DataFrame
        A row a point: `side` is "group" or "others", `standing` the mean of the other items of
        those behind it. Empty where too few answered.

    Raises
    ------
    DataError
        If the item is in no scale, or nobody is in the group.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = np.clip(np.round(3 + rng.normal(size=(200, 1)) + rng.normal(size=(200, 3))), 1, 5)
    >>> frame = pd.DataFrame(x, columns=list("abc")).assign(site=["p"] * 60 + ["q"] * 140)
    >>> made = item_curve(frame, {"S": list("abc")}, "site", item="a", focal="p")
    >>> set(made["side"]) == {"group", "others"}, bool((made["n_obs"] >= 5).all())
    (True, True)
    """
    check_level(level)
    need_answers(data, "item_curve()")
    chosen = select(data, scales, group=group, response_range=response_range)
    home = next((name for name, items in chosen.keyed.scales.items() if item in items), None)
    if home is None:
        raise DataError(f"{item!r} is an item of none of the scales.")
    if focal not in chosen.groups:
        raise DataError(f"Nobody is in the group {focal!r}; there are {', '.join(chosen.groups)}.")
    columns = chosen.keyed.positions(home)
    here = chosen.complete(columns) & (chosen.group >= 0)
    at = chosen.keyed.scales[home].index(item)
    values = chosen.values[here][:, columns]
    own = chosen.group[here] == chosen.groups.index(focal)
    standing = np.delete(values, at, axis=1)
    if not standing.shape[1]:
        return pd.DataFrame(columns=list(COLUMNS))
    answer = values[:, at]
    if chosen.keyed.signs[columns[at]] < 0:
        answer = _as_answered(data, item, here)
    place = _places(standing.mean(axis=1), own, at_least)
    rows = []
    for side, mine in (("group", own), ("others", ~own)):
        for row in _points(standing.mean(axis=1)[mine], answer[mine], place[mine], level):
            if row["n_obs"] >= at_least:
                rows.append({"scale": home, "item": item, "group": focal, "side": side, **row})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _as_answered(data: Any, item: str, here: Any) -> FloatArray:
    """Return the answers to an item before it was turned."""
    return select(data, {"item": [item]}).values[here][:, 0]


def _places(standing: FloatArray, own: Any, at_least: int) -> IntArray:
    """Put people together by their standing, so that enough of the group are at each place."""
    for n_places in range(MOST_PLACES, 1, -1):
        cuts = strata(standing[own], n_places)
        if own.any() and np.bincount(cuts)[np.unique(cuts)].min() >= at_least:
            edges = np.unique(np.quantile(standing[own], np.arange(1, n_places) / n_places))
            return np.asarray(np.searchsorted(edges, standing, side="left"), dtype=np.int64)
    return np.zeros(len(standing), dtype=np.int64)


def _points(
    standing: FloatArray, answer: FloatArray, place: IntArray, level: float
) -> list[dict[str, Any]]:
    """Return mean and interval of the answers at each place."""
    size = int(place.max(initial=-1)) + 1
    n = np.bincount(place, minlength=size).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(place, answer, size) / n
        spread = np.bincount(place, (answer - mean[place]) ** 2, size) / (n - 1)
        half = stats.t.ppf((1 + level) / 2, np.maximum(n - 1, 1)) * np.sqrt(spread / n)
        where = np.bincount(place, standing, size) / n
    return [
        {
            "standing": float(where[p]), "mean": float(mean[p]),
            "low": float(mean[p] - half[p]), "high": float(mean[p] + half[p]), "n_obs": int(n[p]),
        }
        for p in np.flatnonzero(n)
    ]  # fmt: skip
