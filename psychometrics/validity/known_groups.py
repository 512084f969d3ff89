"""Known groups: whether the scales tell groups apart that are known to differ."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.instrument.definition import KnownGroups
from psychometrics.responses import Responses
from psychometrics.stats.effect_size import (
    EffectSize,
    IntervalMethod,
    hedges_g,
    stratified_hedges_g,
    two_group_cells,
)
from psychometrics.stats.moments import BoolArray, FloatArray
from psychometrics.validity.hypotheses import Outcome
from psychometrics.validity.selection import SITE, TOTAL, WITHIN
from psychometrics.validity.sites import Sites, sites_of
from psychometrics.validity.small_n import in_force
from psychometrics.validity.synthesis import synthesize
from psychometrics.validity.units import tidy

KNOWN_GROUPS_COLUMNS = (
    "comparison", "scale", "variable", "higher", "lower", "group", "pooling", "estimate", "low",
    "high", "level", "n_obs", "n_higher", "n_lower", "minimum_d", "verdict", "method", "reason",
    "n_groups", "tau2", "i2", "prediction_low", "prediction_high",
)  # fmt: skip

METHODS: dict[str, str] = {
    "noncentral_t": "Hedges' g, noncentral t interval",
    "large_sample": "Hedges' g, large-sample interval",
}

FEWEST_PEOPLE = 2

Row = dict[str, Any]


def known_groups_table(
    responses: Responses, *, level: float = 0.95, interval: IntervalMethod = "noncentral_t"
) -> pd.DataFrame:
    """Compare the known groups of the definition, scale by scale, pooled and per site.

    The statistic is Hedges' g, positive where the group expected to be higher is. ``within``
    holds the site constant: difference and residual variance are those of a linear model with
    the sites in it. A comparison is confirmed where the whole interval is at least the smallest
    difference the definition states, and refuted where none of it is. Case weights take no part.

    Parameters
    ----------
    responses : Responses
        What was answered.
    level : float
        Coverage of the intervals.
    interval : {"noncentral_t", "large_sample"}
        See :func:`~psychometrics.stats.effect_size.hedges_g`.

    Returns
    -------
    DataFrame
        One row a comparison, scale and unit.
    """
    sites = sites_of(responses)
    scores = responses.scores()
    rows: list[Row] = []
    for one in responses.instrument.known_groups:
        member = members(responses, one)
        for scale in one.scales:
            values = scores[scale].to_numpy(dtype=float)
            own = _comparison(one, scale, values, member, sites, level, interval)
            pooled = synthesize(own, level, at_least=len(sites.names))
            rows += own + [_synthesised(row, own, one) for row in pooled]
    return tidy(rows, KNOWN_GROUPS_COLUMNS)


def members(responses: Responses, one: KnownGroups) -> tuple[BoolArray, BoolArray] | None:
    """Return who is in the higher and who in the lower group; None if the answers don't tell."""
    if one.variable not in responses.frame:
        return None
    column = responses.frame[one.variable]
    if pd.api.types.is_numeric_dtype(column):
        cells = column.to_numpy(dtype=float)
        higher, lower = (_is_code(cells, value) for value in (one.higher, one.lower))
    else:
        words = column.astype(object).where(column.notna(), None)
        higher, lower = (
            np.array([cell is not None and str(cell) == str(value) for cell in words], dtype=bool)
            for value in (one.higher, one.lower)
        )
    return higher, lower


def _is_code(cells: FloatArray, value: int | str) -> BoolArray:
    """Tell which cells hold a code."""
    try:
        return np.asarray(cells == float(value))
    except ValueError:
        return np.zeros(len(cells), dtype=bool)


def _comparison(
    one: KnownGroups,
    scale: str,
    values: FloatArray,
    member: tuple[BoolArray, BoolArray] | None,
    sites: Sites,
    level: float,
    interval: IntervalMethod,
) -> list[Row]:
    """Return the rows of one comparison on one scale: total, within, and each site."""
    absent = NO_REASON
    if member is None:
        absent = reason("group_variable_not_found", variable=one.variable)
        member = (np.zeros(len(values), dtype=bool), np.zeros(len(values), dtype=bool))
    taking_part = (member[0] | member[1]) & ~np.isnan(values)
    score, higher = values[taking_part, None], member[0][taking_part]
    codes = sites.codes[taking_part]
    stacked = two_group_cells(score, higher, np.zeros_like(codes), 1)
    found: list[tuple[str, str | None, EffectSize, int]] = [
        (TOTAL, None, hedges_g(stacked, level=level, interval=interval), 0)
    ]
    if sites.names:
        cells = two_group_cells(score, higher, codes, len(sites.names))
        held = stratified_hedges_g(cells, level=level, interval=interval)
        own = hedges_g(cells, level=level, interval=interval)
        found.append((WITHIN, None, held, 0))
        found += [(SITE, name, own, at) for at, name in enumerate(sites.names)]
    return [
        _row(one, scale, pooling, group, effect, at, absent, METHODS[interval])
        for pooling, group, effect, at in found
    ]


def _row(
    one: KnownGroups,
    scale: str,
    pooling: str,
    group: str | None,
    effect: EffectSize,
    at: int,
    absent: Reason,
    method: str,
) -> Row:
    """Return the row of one unit."""
    estimate = float(effect.estimate[at, 0])
    n_higher, n_lower = int(effect.n_higher[at, 0]), int(effect.n_lower[at, 0])
    why = absent
    if not why and min(n_higher, n_lower) < FEWEST_PEOPLE:
        why = reason("too_few_in_group", needed=FEWEST_PEOPLE, n_higher=n_higher, n_lower=n_lower)
    elif not why:
        why = in_force().refusal("known_groups", pooling, min(n_higher, n_lower))
    if not why and math.isnan(estimate):
        why = reason("constant_variable", variable=scale)
    nan = math.nan
    row: Row = {
        "comparison": one.key, "scale": scale, "variable": one.variable,
        "higher": str(one.higher), "lower": str(one.lower),
        "group": group, "pooling": pooling, "level": effect.level,
        "estimate": nan if why else estimate,
        "low": nan if why else float(effect.low[at, 0]),
        "high": nan if why else float(effect.high[at, 0]),
        "n_obs": n_higher + n_lower, "n_higher": n_higher, "n_lower": n_lower,
        "minimum_d": one.minimum_d, "method": method, "reason": why,
        "transformed": "identity",
        "transformed_variance": nan if why else float(effect.variance[at, 0]),
    }  # fmt: skip
    return row | {"verdict": _verdict(row, one)}


def _synthesised(row: Row, own: list[Row], one: KnownGroups) -> Row:
    """Give the synthesis its verdict, and the people of the sites that took part."""
    used = [site for site in own if site["pooling"] == SITE and not site["reason"]]
    people = {name: sum(site[name] for site in used) for name in ("n_higher", "n_lower")}
    return row | people | {"verdict": _verdict(row, one)}


def _verdict(row: Row, one: KnownGroups) -> Outcome:
    """Hold the interval against the smallest difference that was expected."""
    if row["reason"]:
        return "unavailable"
    if row["low"] >= one.minimum_d:
        return "confirmed"
    return "refuted" if row["high"] < one.minimum_d else "undecided"
