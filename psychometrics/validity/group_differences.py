"""Known groups in any frame: how far the scales tell two groups apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, DataError, Reason, check_option, reason
from psychometrics.stats.agreement import Bounded
from psychometrics.stats.effect_size import (
    INTERVALS,
    IntervalMethod,
    hedges_g,
    stratified_hedges_g,
    two_group_cells,
)
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.stats.superiority import probability_of_superiority, stratified_superiority
from psychometrics.validity.arguments import check_level, need_answers
from psychometrics.validity.frames import check_columns, group_codes, to_narwhals
from psychometrics.validity.known_groups import FEWEST_PEOPLE, METHODS
from psychometrics.validity.selection import SITE, TOTAL, WITHIN, Scales, Selection, select
from psychometrics.validity.synthesis import interval_variance, synthesize
from psychometrics.validity.units import tidy

DifferenceStatistic = Literal["hedges_g", "superiority"]
STATISTICS: tuple[DifferenceStatistic, ...] = ("hedges_g", "superiority")

DIFFERENCE_COLUMNS = (
    "scale", "statistic", "higher", "lower", "group", "pooling", "estimate", "low", "high",
    "level", "n_higher", "n_lower", "n_obs", "method", "reason", "n_groups", "tau2", "i2",
    "prediction_low", "prediction_high",
)  # fmt: skip

Row = dict[str, Any]


def group_differences(
    data: Any,
    scales: Scales,
    by: str,
    *,
    higher: str,
    lower: str,
    group: str | None = None,
    statistics: Sequence[DifferenceStatistic] = STATISTICS,
    interval: IntervalMethod = "noncentral_t",
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the scale scores of two groups, pooled and per site.

    Parameters
    ----------
    data : frame or Responses
        Answers as given, and the column of the groups.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one. A score is the mean of all items of the
        scale, and needs all of them.
    by : str
        Column that says who is in which group.
    higher, lower : str
        Its values, that of the group expected to score higher first.
    group : str, optional
        Column of the sites. ``within`` rows hold the site constant.
    statistics : sequence of {"hedges_g", "superiority"}
        Standardised mean difference, corrected for small samples; chance that somebody of the
        first group scores above somebody of the second, which asks nothing of the scores.
    interval : {"noncentral_t", "large_sample"}
        Of Hedges' g.
    level : float
        Coverage.

    Returns
    -------
    DataFrame
        One row a scale, statistic and unit.

    Raises
    ------
    DataError
        Absent or non-numeric columns, values that nobody has.

    References
    ----------
    Hedges (1981), Steiger & Fouladi (1997): see :mod:`psychometrics.stats.effect_size`. Newcombe
    (2006), van Elteren (1960): see :mod:`psychometrics.stats.superiority`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> x = np.random.default_rng(1).normal(size=(80, 3)) + np.repeat([1, 0], 40)[:, None]
    >>> frame = pd.DataFrame(x, columns=list("abc")).assign(role=["staff"] * 40 + ["user"] * 40)
    >>> found = group_differences(frame, {"S": list("abc")}, "role", higher="staff", lower="user")
    >>> found["statistic"].tolist(), bool((found["low"] > [0, 0.5]).all())
    (['hedges_g', 'superiority'], True)
    """
    check_level(level)
    check_option("interval", interval, INTERVALS)
    for name in statistics:
        check_option("statistics", name, STATISTICS)
    need_answers(data, "group_differences()")
    chosen = select(data, scales, group=group)
    side = members_of(data, by, str(higher), str(lower))
    rows: list[Row] = []
    for scale in chosen.keyed.scales:
        score = chosen.values[:, chosen.keyed.positions(scale)].mean(axis=1)
        here = (side >= 0) & ~np.isnan(score)
        for statistic in statistics:
            own = statistic_rows(
                statistic, chosen, score[here], side[here] == 1, chosen.group[here], level, interval
            )
            about = {"scale": scale, "higher": str(higher), "lower": str(lower)}
            for row in synthesize(own, level, at_least=len(chosen.groups)):
                used = [one for one in own if one["pooling"] == SITE and not one["reason"]]
                people = {name: sum(one[name] for one in used) for name in ("n_higher", "n_lower")}
                own = [*own, row | people]
            rows += [about | row for row in own]
    return tidy(rows, DIFFERENCE_COLUMNS)


def members_of(data: Any, by: str, higher: str, lower: str) -> IntArray:
    """Return 1 for the higher group, 0 for the lower one, -1 for anybody else.

    Raises
    ------
    DataError
        One value twice, or one that nobody has.
    """
    frame = to_narwhals(data)
    check_columns(frame, [by])
    codes, names = group_codes(frame, by, None)
    if higher == lower:
        raise DataError(f"higher and lower are both {higher!r}; name two values of {by!r}.")
    lacking = [value for value in (higher, lower) if value not in names]
    if lacking:
        raise DataError(
            f"Nobody has {' or '.join(map(repr, lacking))} in the column {by!r}; it holds "
            f"{', '.join(map(repr, names[:12]))}."
        )
    side = np.full(len(codes), -1, dtype=np.int64)
    side[codes == names.index(lower)] = 0
    side[codes == names.index(higher)] = 1
    return side


def statistic_rows(
    statistic: str,
    chosen: Selection,
    score: FloatArray,
    higher: BoolArray,
    codes: IntArray,
    level: float,
    interval: IntervalMethod,
) -> list[Row]:
    """Return one statistic in total, within sites, and in every site."""
    n_sites = len(chosen.groups)
    everyone = np.ones(len(score), dtype=bool)
    places: list[tuple[str, str | None, BoolArray]] = [(TOTAL, None, everyone)]
    if n_sites > 1:
        places.append((WITHIN, None, np.asarray(codes >= 0)))
    places += [(SITE, name, np.asarray(codes == g)) for g, name in enumerate(chosen.groups)]
    rows = []
    for pooling, name, mine in places:
        strata = codes[mine] if pooling == WITHIN else np.zeros(int(mine.sum()), dtype=np.int64)
        n_strata = n_sites if pooling == WITHIN else 1
        own = (score[mine], higher[mine], strata, n_strata)
        found, scale, method = (
            standardized(*own, level, interval)
            if statistic == "hedges_g"
            else superior(*own, level)
        )
        rows.append(
            difference_row(statistic, pooling, name, own[1], found, scale, level)
            | {"method": method}
        )
    return rows


def standardized(
    score: FloatArray,
    higher: BoolArray,
    strata: IntArray,
    n_strata: int,
    level: float,
    interval: IntervalMethod,
) -> tuple[Bounded, str, str]:
    """Return Hedges' g, the scale of its synthesis, and its method."""
    cells = two_group_cells(score[:, None], higher, strata, n_strata)
    find = hedges_g if n_strata == 1 else stratified_hedges_g
    found = find(cells, level=level, interval=interval)
    values = (found.estimate[0, 0], found.low[0, 0], found.high[0, 0])
    held = "" if n_strata == 1 else ", site held constant"
    return Bounded(*map(float, values)), "identity", f"{METHODS[interval]}{held}"


def superior(
    score: FloatArray, higher: BoolArray, strata: IntArray, n_strata: int, level: float
) -> tuple[Bounded, str, str]:
    """Return the chance of superiority, the scale of its synthesis, and its method."""
    if n_strata > 1:
        pairs = [
            (score[(strata == g) & higher], score[(strata == g) & ~higher]) for g in range(n_strata)
        ]
        found = stratified_superiority(pairs, level)
        return found, "logit", "superiority within sites, logit interval of placements"
    sides = score[higher], score[~higher]
    if min(map(len, sides)) < FEWEST_PEOPLE:
        return Bounded(np.nan, np.nan, np.nan), "logit", "superiority, Newcombe interval"
    return probability_of_superiority(*sides, level), "logit", "superiority, Newcombe interval"


def difference_row(
    statistic: str,
    pooling: str,
    name: str | None,
    higher: BoolArray,
    found: Bounded,
    scale: str,
    level: float,
) -> Row:
    """Return the row of one unit."""
    n_higher = int(higher.sum())
    n_lower = len(higher) - n_higher
    row: Row = {
        "statistic": statistic, "group": name, "pooling": pooling, "level": level,
        "estimate": np.nan, "low": np.nan, "high": np.nan, "n_higher": n_higher,
        "n_lower": n_lower, "n_obs": n_higher + n_lower,
        "reason": difference_problem(n_higher, n_lower, found),
    }  # fmt: skip
    if row["reason"] and row["reason"].code != "groups_apart":
        return row
    variance = interval_variance(found.low, found.high, scale, level)
    return row | {
        "estimate": found.estimate, "low": found.low, "high": found.high, "transformed": scale,
        "transformed_variance": float(variance),
    }  # fmt: skip


def difference_problem(n_higher: int, n_lower: int, found: Bounded) -> Reason:
    """Say why there is no estimate, or no interval; empty if there are both."""
    if min(n_higher, n_lower) < FEWEST_PEOPLE:
        return reason("too_few_in_group", needed=FEWEST_PEOPLE, n_higher=n_higher, n_lower=n_lower)
    if not np.isfinite(found.estimate):
        return reason("no_difference_to_scale")
    return NO_REASON if np.isfinite(found.low) else reason("groups_apart")
