"""Items that work differently, and what may be said of why: tables of a study."""

from __future__ import annotations

from typing import Any

import pandas as pd

from psychometrics.errors import NO_REASON, DataError, Reason, reason
from psychometrics.responses import Responses
from psychometrics.validity.attribution import COLUMNS as ATTRIBUTED
from psychometrics.validity.attribution import OBJECTS
from psychometrics.validity.comparability_samples import Scales
from psychometrics.validity.dif import DIF_COLUMNS, dif
from psychometrics.validity.item_feedback import answers_feedback
from psychometrics.validity.selection import SITE

ABOUT = ("grouping", "group", "pooling")
DIF_TABLE = (*ABOUT, *DIF_COLUMNS)
ATTRIBUTION_TABLE = (*ABOUT, "site_a", "site_b", *ATTRIBUTED)
TABLES: dict[str, tuple[str, ...]] = {"dif": DIF_TABLE, "attribution": ATTRIBUTION_TABLE}
"""Columns of the tables, in the order in which a study holds them."""

WORDS = frozenset({"scale", "item", "contrast", "group_a", "group_b", "kind", "method", *ABOUT,
                   "site_a", "site_b", *OBJECTS})  # fmt: skip


def item_tables(
    responses: Responses, scales: Scales, preset: str, level: float
) -> dict[str, pd.DataFrame]:
    """Return items that work differently by site, and the verdicts on versions.

    Parameters
    ----------
    responses : Responses
        What was answered.
    scales : mapping of str to sequence of str
        Keyed items of the reflective scales.
    preset : str
        ``quick`` leaves both out.
    level : float
        Coverage.
    """
    if preset == "quick":
        why = reason("not_in_preset", preset=preset)
        return {name: nothing(name, why) for name in TABLES}
    return {
        "dif": site_differences(responses, scales, level),
        "attribution": attributed(responses, level),
    }


def site_differences(responses: Responses, scales: Scales, level: float) -> pd.DataFrame:
    """Return differential item functioning of every site against the others."""
    if len(responses.sites) < 2 or not scales:
        why = reason("no_grouping", grouping=SITE) if not responses.sites else reason(
            "one_group", grouping=SITE, group=responses.sites[0]
        )  # fmt: skip
        return nothing("dif", why)
    ranges = {
        item: responses.instrument.response_range(item) for item in responses.instrument.items
    }
    try:
        found = dif(
            responses.frame, scales, SITE, level=level, response_range=ranges,
            group_order=[s for s in responses.instrument.sites if s in responses.sites],
        )  # fmt: skip
    except DataError as problem:
        return nothing("dif", reason("dif_failed", problem=str(problem)))
    return placed("dif", found.assign(grouping=SITE, group=None, pooling="pair"), found["reason"])


def attributed(responses: Responses, level: float) -> pd.DataFrame:
    """Return the verdict on every item and version that was held against another."""
    try:
        found = answers_feedback(responses, level=level)
    except DataError as problem:
        return nothing("attribution", reason("dif_failed", problem=str(problem)))
    sites = {name: version.site for name, version in found.versions.groups.items()}
    frame = found.differences.reset_index(drop=True)
    frame = frame.assign(
        grouping="version", group=None, pooling="pair",
        site_a=frame["group_a"].map(sites), site_b=frame["group_b"].map(sites),
    )  # fmt: skip
    return placed("attribution", frame, frame["reason"])


def placed(name: str, frame: pd.DataFrame, reasons: pd.Series) -> pd.DataFrame:
    """Return a table's columns; reasons stay the objects they are."""
    made = frame.reset_index(drop=True).reindex(columns=list(TABLES[name]))
    told = [one if isinstance(one, Reason) else NO_REASON for one in reasons]
    made["reason"] = pd.Series(told, index=made.index, dtype=object)
    for column in ("group", *ABOUT[2:]):
        made[column] = made[column].astype(object)
    return made.astype({count: int for count in ("n_a", "n_b") if made[count].notna().all()})


def nothing(name: str, why: Reason) -> pd.DataFrame:
    """Return the one row that says why there is nothing."""
    row: dict[str, Any] = {
        column: None if column in WORDS else float("nan") for column in TABLES[name]
    }
    row |= {"grouping": SITE, "pooling": "total", "flag": False, "n_a": 0, "n_b": 0, "reason": why}
    return placed(name, pd.DataFrame([row], dtype=object), pd.Series([why], dtype=object))
