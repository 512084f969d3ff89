"""What is protected how: a rule for each table, and the record of what was withheld."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from psychometrics.plots.numerals import is_missing

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rule:
    """How one table is protected.

    Attributes
    ----------
    family : tuple of str
        Columns that say which rows are about the same thing in different places.
    counts : tuple of str
        Columns that count people.
    keep : tuple of str
        Columns that stay in a withheld row: they come from the definition, not from answers.
    """

    family: tuple[str, ...]
    counts: tuple[str, ...] = ("n_obs",)
    keep: tuple[str, ...] = ()


RULES: dict[str, Rule] = {
    "quality": Rule(("flag",), ("n_rows", "count"), ("rule",)),
    "quality_items": Rule(("item",), ("n_rows", "n_answered"), ("n_categories",)),
    "quality_scales": Rule(
        ("scale",), ("n_scored",), ("lowest_possible", "highest_possible", "level")
    ),
    "sample": Rule((), ("n_rows",)),
    "missing": Rule(("model",), ("n_rows", "n_obs"), ("statistic", "level", "treatment")),
    "items": Rule(("scale", "item"), ("n_obs", "n_scale", "n_omega"), ("keyed",)),
    "responses": Rule(("item",), keep=("scale", "code", "option", "key")),
    "reliability": Rule(("scale", "coefficient"), keep=("level", "n_items")),
    "unidimensionality": Rule(("scale",), keep=("n_items",)),
    "group_means": Rule(("scale", "statistic"), keep=("level", "n_items")),
    "retest": Rule(
        ("scale", "statistic", "model", "rater_a", "rater_b"), ("n_targets",), ("level", "n_raters")
    ),
    "fit": Rule(("model",), keep=("estimator",)),
    "factorability": Rule(()),
    "convergent": Rule(("scale", "statistic", "item", "comparator"), keep=("level",)),
    "multitrait": Rule(("scale",), keep=("n_items",)),
    "multitrait_items": Rule(("scale", "item", "other"), keep=("own", "level")),
    "htmt": Rule(("scale_a", "scale_b", "variant"), keep=("level",)),
    "discriminant": Rule(("scale_a", "scale_b"), keep=("level", "cutoff")),
    "distinctness": Rule(("scale_a", "scale_b", "statistic", "threshold"), keep=("level",)),
    "cross_loadings": Rule(("scale", "item", "other")),
    "hypotheses": Rule(
        ("hypothesis",),
        keep=("scale", "comparator", "kind", "direction", "minimum", "maximum", "level"),
    ),
    "known_groups": Rule(
        ("comparison", "scale"),
        ("n_higher", "n_lower", "n_obs"),
        ("variable", "higher", "lower", "minimum_d", "level"),
    ),
    "formative": Rule(("scale", "statistic", "item", "comparator"), keep=("level",)),
    "invariance_parameters": Rule(
        ("grouping", "model", "level", "scale", "item", "parameter"), keep=("adjusted_by",)
    ),
    "invariance_effects": Rule(("grouping", "model", "scale", "item"), keep=("level", "n_items")),
    "latent_means": Rule(("grouping", "model", "scale", "statistic"), keep=("level",)),
    "alignment": Rule(("grouping", "model", "scale", "statistic", "item"), keep=("level",)),
    "comparability": Rule(
        ("scale", "grouping", "model"), keep=("n_items", "group_a", "group_b", "reference")
    ),
    "cosmin": Rule(
        ("property", "subject"),
        keep=("n_items", "direction", "threshold", "source", "basis", "by", "date"),
    ),
    "papers": Rule(("criterion", "subject"), keep=("domain", "source", "basis", "by", "date")),
}

WITHOUT_VERDICT = dict.fromkeys(
    ("verdict", "class_", "class", "outcome", "decision", "may_compare"), "unavailable"
)


@dataclass(frozen=True, slots=True)
class Withheld:
    """One row that was withheld: where, about what, and why ("small" or "other")."""

    table: str
    family: tuple[str, ...]
    pooling: str
    site: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Done:
    """What was withheld so far: rows, and pooled rows without their number of people."""

    withheld: list[Withheld]
    unsaid: set[tuple[str, tuple[str, ...], str]]


def size_of(row: Mapping[str, Any], column: str) -> float:
    """Return a count of people; where the cell is empty, the one its reason tells."""
    value = row[column]
    if is_missing(value):
        value = getattr(row.get("reason"), "params", {}).get(column)
    return 0.0 if is_missing(value) else float(value)


def emptied(column: pd.Series, where: Mask) -> pd.Series:
    """Return a column without its values in some rows."""
    if not where.any():
        return column
    name = str(column.name)
    if pd.api.types.is_bool_dtype(column):
        return column.astype(object).mask(where, None)
    if pd.api.types.is_numeric_dtype(column):
        return column.astype(float).mask(where, np.nan)
    return column.astype(object).mask(where, WITHOUT_VERDICT.get(name, ""))
