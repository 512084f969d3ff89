"""Thresholds and polychoric correlations as frames, with reasons where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from psychometrics.errors import NO_REASON, Finding, Reason, finding, reason
from psychometrics.stats.correlation import fisher_interval
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.ordinal_moments import OrdinalMoments
from psychometrics.validity.ordinal_items import OrdinalItems

THRESHOLD_COLUMNS = (
    "item", "group", "threshold", "below", "above", "estimate", "se", "low", "high", "level",
    "n_obs",
)  # fmt: skip
PAIR_COLUMNS = (
    "item_a", "item_b", "group", "estimate", "se", "low", "high", "level", "n_obs", "empty_cells",
    "method", "reason",
)  # fmt: skip


def matrix_frame(values: Any, items: OrdinalItems, groups: tuple[str, ...]) -> pd.DataFrame:
    """Return matrices, (group, p, p), as a frame of items, with a block of rows a group."""
    names = list(items.names)
    if not groups:
        return pd.DataFrame(values[0], index=names, columns=names)
    index = pd.MultiIndex.from_product([groups, names], names=["group", "item"])
    return pd.DataFrame(values.reshape(-1, len(names)), index=index, columns=names)


def standard_errors(moments: OrdinalMoments) -> FloatArray:
    """Return the standard errors of the statistics, (group, s)."""
    return np.asarray(np.sqrt(moments.diagonal() / moments.n[:, None]))


def standard_error_matrices(moments: OrdinalMoments, errors: FloatArray) -> FloatArray:
    """Return the standard errors of the correlations, (group, p, p); 0 on the diagonal."""
    layout = moments.layout
    p = len(layout.ordered)
    matrix = np.zeros((len(moments.groups), p, p))
    own = errors[:, layout.covariances]
    matrix[:, layout.first, layout.second] = matrix[:, layout.second, layout.first] = own
    return matrix


def threshold_frame(
    moments: OrdinalMoments, errors: FloatArray, items: OrdinalItems, n_obs: IntArray, level: float
) -> pd.DataFrame:
    """Return the thresholds as rows, groups behind one another.

    Parameters
    ----------
    moments : OrdinalMoments
    errors : ndarray, shape (group, s)
        Standard errors of the statistics.
    items : OrdinalItems
    n_obs : ndarray of int, shape (group, p, p)
        People who answered both items.
    level : float
        Coverage of the intervals.
    """
    item, number = moments.layout.threshold_variable, moments.layout.threshold_number
    estimate = moments.statistics[:, : len(item)].ravel()
    se = errors[:, : len(item)].ravel()
    half = special.ndtri((1 + level) / 2) * se
    places = list(zip(item, number, strict=True))
    times = len(moments.groups)
    return pd.DataFrame(
        {
            "item": np.tile(np.array(items.names, dtype=object)[item], times),
            "group": repeated(items, len(item)),
            "threshold": np.tile(number + 1, times),
            "below": [items.category_label(i, c) for i, c in places] * times,
            "above": [items.category_label(i, c + 1) for i, c in places] * times,
            "estimate": estimate,
            "se": se,
            "low": estimate - half,
            "high": estimate + half,
            "level": level,
            "n_obs": n_obs[:, item, item].ravel(),
        }
    )[list(THRESHOLD_COLUMNS)]


def repeated(items: OrdinalItems, times: int) -> pd.Series:
    """Return each group's name as often as it has rows; None where there are no groups."""
    return pd.Series([name for name in items.groups or (None,) for _ in range(times)], dtype=object)


def pair_frame(
    moments: OrdinalMoments,
    errors: FloatArray,
    items: OrdinalItems,
    n_obs: IntArray,
    level: float,
    method: str,
) -> pd.DataFrame:
    """Return the correlations as rows, groups behind one another; see :func:`threshold_frame`."""
    layout, found = moments.layout, moments.correlations
    first, second = layout.first, layout.second
    r = found.correlation[:, first, second].ravel()
    se = errors[:, layout.covariances].ravel()
    with np.errstate(divide="ignore", invalid="ignore"):
        limits = fisher_interval(r, (se / ((1 - r) * (1 + r))) ** 2, level)
    names = np.array(items.names, dtype=object)
    times = len(moments.groups)
    frame = pd.DataFrame(
        {
            "item_a": np.tile(names[first], times),
            "item_b": np.tile(names[second], times),
            "group": repeated(items, len(first)),
            "estimate": r,
            "se": se,
            "low": limits.low,
            "high": limits.high,
            "level": level,
            "n_obs": n_obs[:, first, second].ravel(),
            "empty_cells": np.concatenate([empty_cells(moments, g) for g in range(times)]),
            "method": method,
        }
    )
    flags = (found.converged, found.boundary)
    converged, boundary = (flag[:, first, second].ravel() for flag in flags)
    reasons = [NO_REASON] * len(frame)
    for at in np.flatnonzero(~converged | boundary):
        reasons[at] = pair_problem(frame.iloc[at], boundary=bool(boundary[at]))
    frame["reason"] = pd.Series(reasons, dtype=object)
    return frame[list(PAIR_COLUMNS)]


def empty_cells(moments: OrdinalMoments, g: int) -> IntArray:
    """Return how many pairs of answers nobody gave, for each pair of items."""
    layout, counts = moments.layout, moments.groups[g].counts[:, :-1, :-1]
    category = np.arange(counts.shape[1])
    rows = category < layout.n_categories[layout.first][:, None]
    columns = category < layout.n_categories[layout.second][:, None]
    return np.asarray(
        ((counts == 0) & rows[:, :, None] & columns[:, None, :]).sum(axis=(1, 2)), dtype=np.int64
    )


def pair_problem(row: pd.Series, *, boundary: bool) -> Reason:
    """Say why a correlation can't be had, or what is wrong with it."""
    place = "" if row["group"] is None else f" in {row['group']}"
    named = {"item_a": row["item_a"], "item_b": row["item_b"], "place": place}
    if not row["n_obs"]:
        return reason("pair_never_answered", **named)
    if boundary:
        return reason("pair_perfectly_predicted", value=float(row["estimate"]), **named)
    return reason("no_convergence")


def pair_findings(pairs: pd.DataFrame) -> tuple[Finding, ...]:
    """Return a finding for each pair with a reason."""
    told = zip(pairs["item_a"], pairs["item_b"], pairs["reason"], strict=True)
    return tuple(
        finding(why.code, "warning", f"{a}, {b}", **why.params) for a, b, why in told if why
    )
