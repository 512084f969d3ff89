"""Item statistics: how each item was answered and how it goes with the rest of its scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, DataError, Reason, check_option, reason
from psychometrics.stats.cfa.fit import sample_problem
from psychometrics.stats.deleted_omega import omega_if_deleted
from psychometrics.stats.describe import Description, describe
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray, Moments
from psychometrics.stats.reliability import alpha_if_deleted, item_rest
from psychometrics.validity.reliability_moments import alpha_problem
from psychometrics.validity.selection import (
    TOTAL,
    WITHIN,
    Missing,
    ModelMissing,
    ResponseRange,
    Scales,
    Selection,
    Units,
    item_range,
    observed_range,
    select,
)
from psychometrics.validity.units import tidy, with_moments

ITEM_COLUMNS = (
    "scale", "group", "pooling", "item", "keyed", "n_obs", "missing", "mean", "sd", "skew",
    "floor", "ceiling", "item_rest", "alpha_if_deleted", "omega_if_deleted", "n_scale", "n_omega",
    "method", "reason", "omega_reason",
)  # fmt: skip


def item_analysis(
    data: Any,
    scales: Scales,
    *,
    group: str | None = None,
    missing: Missing = "pairwise",
    response_range: ResponseRange = None,
    weights: str | None = None,
) -> pd.DataFrame:
    """Describe every item and its relation to the rest of its scale, pooled and per site.

    Parameters
    ----------
    data : frame or Responses
        Answers as given.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one; its statistics are those of the turned
        answers.
    group : str, optional
        Column of the sites.
    missing : {"pairwise", "listwise"}
        Covariances behind the last two statistics.
    response_range : (low, high) or mapping of item to (low, high), optional
        Lowest and highest possible answer: for turning, floor and ceiling. By default the lowest
        and highest answer found among the items of the scale.
    weights : str, optional
        Column of case weights, for the item-rest correlation and alpha.

    Returns
    -------
    DataFrame
        One row a scale, unit and item: n_obs (answers), missing (share of the people without
        one), mean, sd, skew (third kind), floor and ceiling (shares of the answers at the ends),
        item_rest, alpha_if_deleted (with ``n_scale`` people). The ``within`` rows hold what site
        means don't touch: sd, item_rest, alpha_if_deleted. ``omega_if_deleted`` is omega total of
        the other items over the ``n_omega`` complete rows; ``omega_reason`` says why there is none.

    Raises
    ------
    DataError
        Absent or non-numeric columns, scales that make no sense, Moments.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, 2, 4, 4], "c": [2, 1, 3, 5]})
    >>> item_analysis(frame, {"S": ["a", "b", "c"]})["item_rest"].round(2).tolist()
    [0.95, 0.87, 0.8]
    """
    check_option("missing", missing, ("pairwise", "listwise"))
    if isinstance(data, Moments):
        raise DataError(
            "item_analysis() needs the answers: moments don't tell how answers are distributed. "
            "reliability() takes moments."
        )
    chosen = select(data, scales, group=group, weights=weights, response_range=response_range)
    return item_analysis_of(chosen, missing, response_range)


def item_analysis_of(
    chosen: Selection,
    missing: Missing = "pairwise",
    ranges: ResponseRange = None,
    barred: Mapping[str, Reason] = MappingProxyType({}),
    missing_models: ModelMissing = "listwise",
) -> pd.DataFrame:
    """Describe the items of a selection; see :func:`item_analysis`.

    With ``missing_models="fiml"`` omega without an item is of the maximum likelihood moments of all
    answers, in units with missing ones. Scales in `barred` have items that need not go together,
    and why: there is nothing to say of an item and the rest.
    """
    rows: list[dict[str, Any]] = []
    for scale, items in chosen.keyed.scales.items():
        columns = chosen.keyed.positions(scale)
        pooled = observed_range(chosen.values[:, columns])
        limits = np.array([item_range(item, pooled, ranges) for item in items])
        units = chosen.units(columns, missing)
        rest, without = item_rest(units.covariance), alpha_if_deleted(units.covariance)
        whole = with_moments(chosen.units(columns, missing_models))
        omegas, why = omegas_without(whole, items, barred.get(scale, NO_REASON))
        for unit in range(len(units)):
            found = describe_unit(chosen, units, unit, columns, limits)
            problem = barred.get(scale) or alpha_problem(units, unit, items)
            for i, item in enumerate(items):
                lost = not problem and not np.isfinite(rest[unit, i])
                lost |= not problem and len(items) > 2 and not np.isfinite(without[unit, i])
                rows.append(
                    {
                        "scale": scale,
                        "group": units.group[unit],
                        "pooling": units.pooling[unit],
                        "item": item,
                        "keyed": int(chosen.keyed.signs[columns[i]]),
                        **{name: column[i] for name, column in found.items()},
                        "item_rest": np.nan if problem else float(rest[unit, i]),
                        "alpha_if_deleted": np.nan if problem else float(without[unit, i]),
                        "omega_if_deleted": float(omegas[unit, i]),
                        "omega_reason": why[unit][i],
                        "n_omega": int(whole.n[unit]),
                        "n_scale": int(units.n[unit]),
                        "method": METHODS[missing],
                        "reason": problem or deletion_problem(len(items), lost=lost),
                    }
                )
    made = tidy(rows, ITEM_COLUMNS).astype({"n_obs": int})
    # pandas would turn a column of reasons into plain strings, without their codes.
    reasons = [row["omega_reason"] for row in rows]
    made["omega_reason"] = pd.Series(reasons, index=made.index, dtype=object)
    return made


def omegas_without(
    units: Units, items: Sequence[str], barred: Reason
) -> tuple[FloatArray, list[list[Reason]]]:
    """Return omega total without each item, (units, k), and why there is none."""
    k = len(items)
    found = np.full((len(units), k), np.nan)
    if barred or k < 4:
        short = barred or reason("too_few_items", n_items=k, needed=4)
        return found, [[short] * k for _ in range(len(units))]
    why = [[_no_model(units, unit, items)] * k for unit in range(len(units))]
    able = [unit for unit in range(len(units)) if not why[unit][0]]
    if able:
        found[able] = omega_if_deleted(units.covariance[able])
    for unit in able:
        improper = reason("no_omega_without")
        why[unit] = [NO_REASON if np.isfinite(one) else improper for one in found[unit]]
    return found, why


def _no_model(units: Units, unit: int, items: Sequence[str]) -> Reason:
    """Say why a unit can't carry the one-factor model of all but one item."""
    size = min(float(units.n[unit]), float(units.df[unit]) + 1)
    n_parameters = 2 * (len(items) - 1)
    return sample_problem(units.covariance[unit], size, tuple(items), n_parameters)


METHODS = {"pairwise": "pairwise covariances", "listwise": "complete rows"}


def deletion_problem(n_items: int, *, lost: bool) -> Reason:
    """Say why a statistic of an item and the others is not there; empty if all are."""
    if lost:
        return reason("rest_does_not_vary")
    return NO_REASON if n_items > 2 else reason("too_few_items", n_items=n_items, needed=3)


def rows_of_unit(chosen: Selection, pooling: str, name: str | None) -> BoolArray:
    """Return the rows that a unit describes."""
    if pooling == TOTAL:
        return np.ones(len(chosen.group), dtype=bool)
    if pooling == WITHIN:
        return np.asarray(chosen.group >= 0)
    return np.asarray(chosen.group == chosen.groups.index(str(name)))


def describe_unit(
    chosen: Selection, units: Units, unit: int, columns: IntArray, limits: FloatArray
) -> dict[str, FloatArray]:
    """Return the statistics of a scale's items, each over the answers to it."""
    mine = rows_of_unit(chosen, units.pooling[unit], units.group[unit])
    found: Description = describe(chosen.values[mine][:, columns], limits[:, 0], limits[:, 1])
    table = {
        name: getattr(found, name) for name in ("n_obs", "mean", "sd", "skew", "floor", "ceiling")
    }
    table["missing"] = found.missing / max(mine.sum(), 1) if mine.any() else table["mean"]
    if units.pooling[unit] == WITHIN:
        empty = np.full(len(columns), np.nan)
        spread = np.sqrt(np.diagonal(units.covariance[unit]))
        table |= {"mean": empty, "skew": empty, "floor": empty, "ceiling": empty, "sd": spread}
    return table
