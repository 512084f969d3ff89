"""Data quality as a study tells it: tables by site, and findings without sizes of small groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from psychometrics.errors import Finding, finding
from psychometrics.responses import Responses
from psychometrics.validity.quality import data_quality
from psychometrics.validity.quality_tables import (
    COUNT_COLUMNS,
    DEFAULT_LIMITS,
    ITEM_COLUMNS,
    PATTERN_COLUMNS,
    SCALE_COLUMNS,
)
from psychometrics.validity.response_times import TIME_COLUMNS
from psychometrics.validity.selection import SITE
from psychometrics.validity.units import tidy

BY_ITEM = frozenset({"item_often_missing", "item_options_unused"})
"""Findings on single items; those of single sites are counted by site."""


@dataclass(frozen=True)
class StudyQuality:
    """What a study says about its answers before it analyses them.

    Attributes
    ----------
    tables : dict of str to DataFrame
        ``quality``: people flagged. ``quality_items``: missing answers and options used.
        ``quality_patterns``: which items are missing together. ``quality_scales``: floor and
        ceiling. ``quality_times``: how long people took.
    findings : tuple of Finding
        In words. How many were flagged at which site is in the tables alone, where small counts
        can be withheld, and items of single sites are counted once a site.
    """

    tables: dict[str, pd.DataFrame]
    findings: tuple[Finding, ...]


def study_quality(responses: Responses, level: float) -> StudyQuality:
    """Look at the answers that a study analyses; without any there is nothing to look at."""
    if not len(responses.frame):
        nothing = {
            "quality": COUNT_COLUMNS, "quality_items": ITEM_COLUMNS,
            "quality_patterns": PATTERN_COLUMNS, "quality_scales": SCALE_COLUMNS,
            "quality_times": TIME_COLUMNS,
        }  # fmt: skip
        return StudyQuality({name: tidy([], columns) for name, columns in nothing.items()}, ())
    found = data_quality(responses, responses.instrument.keyed_items, level=level)
    tables = {
        "quality": found.counts, "quality_items": found.items,
        "quality_patterns": found.patterns, "quality_scales": found.scales,
        "quality_times": found.times,
    }  # fmt: skip
    return StudyQuality(tables, tuple(told(found.findings, found.items)))


def told(findings: Iterable[Finding], items: pd.DataFrame) -> Iterator[Finding]:
    """Yield findings without counts of sites within their sentence, and briefly."""
    for one in findings:
        if one.params.get("by_site"):
            yield finding(one.code, one.severity, one.where, **{**one.params, "by_site": ""})
        elif one.code not in BY_ITEM or not one.params["place"]:
            yield one
    yield from items_at_sites(items)


def items_at_sites(items: pd.DataFrame) -> Iterator[Finding]:
    """Yield how many items are often missing, or have unused options, at one site and not in total.

    At a site of 30 with skewed items these are many: a finding an item would bury the rest.
    """
    limit = DEFAULT_LIMITS.item_missing
    seen = {
        "site_items_often_missing": items["share_missing"] > limit,
        "site_options_unused": (items["n_used"] < items["n_categories"])
        & (items["n_answered"] > 0),
    }
    site = items["pooling"] == SITE
    for code, marked in seen.items():
        everywhere = set(items.loc[marked & ~site, "item"])
        here = items.loc[marked & site & ~items["item"].isin(everywhere), "group"].value_counts()
        for name in items.loc[site, "group"].unique():
            if here.get(name, 0):
                yield finding(
                    code, "warning", str(name), site=name, count=int(here[name]), limit=limit
                )
