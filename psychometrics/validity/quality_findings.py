"""What the answers give reason to look at, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import Finding, finding
from psychometrics.stats.missing_completely import LittleTest
from psychometrics.validity.quality_form import Form
from psychometrics.validity.response_times import Times
from psychometrics.validity.selection import TOTAL

# Chance of a statistic as large from which gaps count as related to the values.
SIGNIFICANCE = 0.05


def quality_findings(
    items: pd.DataFrame,
    scales: pd.DataFrame,
    counts: pd.DataFrame,
    form: Form,
    little: LittleTest | None,
    limits: Any,
    times: Times | None,
) -> Iterator[Finding]:
    """Yield what is to be looked at: people, items, scales, and why answers are missing."""
    for row in counts[counts["pooling"] == TOTAL].to_dict("records"):
        if row["count"]:
            yield finding(
                f"people_{row['flag']}", "warning", "people", count=int(row["count"]),
                n_rows=int(row["n_rows"]), rule=row["rule"],
                by_site=site_counts(counts, str(row["flag"])),
            )  # fmt: skip
    if times is not None and np.isnan(times.seconds).any():
        yield finding(
            "response_time_unknown", "warning", "people", count=int(np.isnan(times.seconds).sum()),
            n_rows=len(times.seconds),
        )  # fmt: skip
    yield from item_findings(items, limits.item_missing)
    yield from scale_findings(scales, form, limits.floor_ceiling)
    yield from little_findings(little)


def site_counts(counts: pd.DataFrame, flag: str) -> str:
    """List the sites where somebody is flagged."""
    mine = counts[(counts["flag"] == flag) & (counts["pooling"] != TOTAL) & (counts["count"] > 0)]
    told = "; ".join(
        f"{row['group']}: {int(row['count'])} of {int(row['n_rows'])}"
        for row in mine.to_dict("records")
    )
    return f" By site: {told}." if told else ""


def place_of(row: dict[Any, Any]) -> str:
    """Return where, as it stands in a sentence."""
    return "" if row["pooling"] == TOTAL else f" at {row['group']}"


def item_findings(items: pd.DataFrame, limit: float) -> Iterator[Finding]:
    """Yield items that are often missing, and options that nobody chose.

    A site is told where the total is not, so that one thing is said once.
    """
    for item, own in items.groupby("item", sort=False):
        rows = own.to_dict("records")
        often = [row for row in rows if row["share_missing"] > limit]
        for row in often[:1] if often and often[0]["pooling"] == TOTAL else often:
            yield finding(
                "item_often_missing", "warning", str(item), key=str(item), item=item,
                place=place_of(row), count=int(row["n_missing"]),
                n_possible=int(row["n_rows"] - row["n_structural"]), share=row["share_missing"],
            )  # fmt: skip
        unused = [row for row in rows if row["n_answered"] and row["n_used"] < row["n_categories"]]
        for row in unused[:1] if unused and unused[0]["pooling"] == TOTAL else unused:
            yield finding(
                "item_options_unused", "warning", str(item), key=str(item), item=item,
                place=place_of(row), count=int(row["n_categories"] - row["n_used"]),
                n_categories=int(row["n_categories"]), n_answered=int(row["n_answered"]),
            )  # fmt: skip


def scale_findings(scales: pd.DataFrame, form: Form, limit: float) -> Iterator[Finding]:
    """Yield scales of which many people have the lowest or the highest possible score."""
    if not form.known_range:
        return
    for row in scales.to_dict("records"):
        for end in ("floor", "ceiling"):
            if row[end] > limit:
                yield finding(
                    f"scale_at_{end}", "warning", str(row["scale"]), scale=row["scale"],
                    place=place_of(row), share=row[end], low=row[f"{end}_low"],
                    high=row[f"{end}_high"], n_scored=int(row["n_scored"]), limit=limit,
                )  # fmt: skip


def little_findings(little: LittleTest | None) -> Iterator[Finding]:
    """Yield what Little's test says, if it says something."""
    if little is None:
        return
    if little.n_patterns == 0 or not little.converged:
        yield finding("little_test_undefined", "warning", "items")
    elif little.p_value < SIGNIFICANCE:
        yield finding(
            "not_missing_completely_at_random", "warning", "items", chi2=little.chi2,
            df=little.df, p_value=little.p_value, n_obs=little.n_obs,
            n_patterns=little.n_patterns,
        )  # fmt: skip
