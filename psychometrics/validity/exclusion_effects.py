"""What the exclusions of a plan did to every result: each number with everybody, and without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

EXCLUSION_COLUMNS = (
    "table", "subject", "statistic", "group", "pooling", "estimate_all", "low_all", "high_all",
    "n_all", "verdict_all", "estimate", "low", "high", "n_obs", "verdict", "difference",
)  # fmt: skip

SUBJECTS: dict[str, tuple[str, ...]] = {
    "items": ("scale", "item"),
    "reliability": ("scale",),
    "unidimensionality": ("scale",),
    "group_means": ("scale",),
    "fit": ("model",),
    "convergent": ("scale", "item", "comparator"),
    "htmt": ("scale_a", "scale_b"),
    "discriminant": ("scale_a", "scale_b"),
    "formative": ("scale", "item", "comparator"),
    "hypotheses": ("hypothesis",),
    "known_groups": ("comparison", "scale"),
    "claims": ("property", "subject"),
}
"""What the rows of a table are about, table by table."""

STATISTICS = ("statistic", "coefficient", "variant", "criterion")
"""Columns that name the number in ``estimate``."""

SEVERAL: dict[str, tuple[str, ...]] = {
    "items": ("mean", "sd", "item_rest"),
    "unidimensionality": ("ecv", "cfi", "rmsea", "srmr"),
    "fit": ("cfi", "tli", "rmsea", "srmr"),
    "discriminant": ("correlation",),
}
"""Numbers of tables that hold several in a row."""

Row = dict[str, Any]


def exclusion_effects(
    everybody: Mapping[str, pd.DataFrame] | None, tables: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Set the results with everybody beside those without the people that were left out.

    Parameters
    ----------
    everybody : mapping of str to DataFrame, or None
        Tables of the same study with nobody left out; None where nobody was.
    tables : mapping of str to DataFrame
        Tables of the study.

    Returns
    -------
    DataFrame
        One row a number and unit, ``difference`` is without less with; no rows where nobody was
        left out. What is there on one side alone has NaN on the other.
    """
    if everybody is None:
        return pd.DataFrame(columns=list(EXCLUSION_COLUMNS))
    before = {key: row for name in SUBJECTS for key, row in _numbers(name, everybody)}
    after = {key: row for name in SUBJECTS for key, row in _numbers(name, tables)}
    nothing = {"estimate": np.nan, "low": np.nan, "high": np.nan, "n_obs": np.nan, "verdict": ""}
    rows = []
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key, nothing), after.get(key, nothing)
        table, subject, statistic, group, pooling = key
        rows.append(
            {
                "table": table, "subject": subject, "statistic": statistic, "group": group,
                "pooling": pooling, "estimate_all": old["estimate"], "low_all": old["low"],
                "high_all": old["high"], "n_all": old["n_obs"], "verdict_all": old["verdict"],
                **new, "difference": new["estimate"] - old["estimate"],
            }
        )  # fmt: skip
    made = pd.DataFrame(rows, columns=list(EXCLUSION_COLUMNS))
    made["group"] = pd.Series([row["group"] for row in rows], index=made.index, dtype=object)
    return made


def _numbers(name: str, tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[Any, Row]]:
    """Yield the numbers of a table, by what they are about."""
    frame = tables.get(name)
    if frame is None or frame.empty:
        return
    several = SEVERAL.get(name, ())
    for row in frame.to_dict("records"):
        subject = "|".join(str(row[at]) for at in SUBJECTS[name] if _said(row.get(at)))
        group = row["group"] if _said(row.get("group")) else None
        common = {"n_obs": _number(row, "n_obs"), "verdict": row.get("verdict") or ""}
        for column in several:
            first = column == "correlation"
            limits = ("low", "high") if first else (f"{column}_low", f"{column}_high")
            yield (name, subject, column, group, row["pooling"]), {
                "estimate": _number(row, column), "low": _number(row, limits[0]),
                "high": _number(row, limits[1]), **common,
            }  # fmt: skip
        if not several:
            statistic = next((row[at] for at in STATISTICS if _said(row.get(at))), "estimate")
            yield (name, subject, statistic, group, row["pooling"]), {
                **{at: _number(row, at) for at in ("estimate", "low", "high")}, **common,
            }  # fmt: skip


def _number(row: Mapping[Any, Any], column: str) -> float:
    value = row.get(column)
    return float(value) if value is not None and value == value else float("nan")


def _said(value: Any) -> bool:
    return isinstance(value, str) and bool(value)
