"""Protecting small groups: what is withheld, and what else has to go with it.

A group is the people a row describes: a site in one analysis, or one side of a comparison. A
group of 1 to ``minimum - 1`` people is withheld wherever it occurs. Where pooled rows are shown
too, they minus the sites that are left would give it back; so at least two sites are withheld
together, and enough of them that their sum is no small group either. Which site is withheld in
addition is decided once, by the size of the sites in the sample, so that two tables never
withhold different ones and give each other away.

Totals (`total`, `within`) therefore give away sums over two or more withheld sites and nothing
smaller. The number of people of a pooled row is withheld as well where the row does not hold all
sites, since it would otherwise tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import DataError
from psychometrics.plots.labels import unique
from psychometrics.plots.numerals import is_missing
from psychometrics.report.wording import say

DEFAULT_MINIMUM = 5


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
    "sample": Rule((), ("n_rows",)),
    "items": Rule(("scale", "item"), keep=("keyed",)),
    "responses": Rule(("item",), keep=("scale", "code", "option", "key")),
    "reliability": Rule(("scale", "coefficient"), keep=("level", "n_items")),
    "fit": Rule(("model",), keep=("estimator",)),
    "factorability": Rule(()),
    "convergent": Rule(("scale", "statistic", "item", "comparator"), keep=("level",)),
    "htmt": Rule(("scale_a", "scale_b", "variant"), keep=("level",)),
    "discriminant": Rule(("scale_a", "scale_b"), keep=("level", "cutoff")),
    "hypotheses": Rule(
        ("hypothesis",),
        keep=("scale", "comparator", "kind", "direction", "minimum", "maximum", "level"),
    ),
    "known_groups": Rule(
        ("comparison", "scale"),
        ("n_higher", "n_lower"),
        ("variable", "higher", "lower", "minimum_d", "level"),
    ),
}

WITHOUT_VERDICT = {"verdict": "unavailable", "class_": "unavailable", "class": "unavailable"}

SITE_COUNTS = ("sites_supported", "sites_not_supported", "sites_undecided", "sites_unavailable")

CLAIM_SOURCES = {
    "internal_consistency": ("reliability", ("scale",)),
    "convergent": ("convergent", ("scale",)),
    "discriminant": ("discriminant", ("scale_a", "scale_b")),
    "structure": ("fit", ()),
    "hypotheses": ("hypotheses", ()),
}
"""Where the claims of a property come from, and which columns make up their subject."""

GROUP_FINDINGS = frozenset({"no_site", "unknown_site", "undeclared_site", "unknown_language"})
"""Findings whose count is the size of a group of people."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """One row that was withheld: where, about which site, and why ("small" or "other")."""

    table: str
    family: tuple[str, ...]
    site: str | None
    why: str


@dataclass(frozen=True)
class Protected:
    """Tables that may be shown to others.

    Attributes
    ----------
    tables : dict of str to pandas.DataFrame
        As in the study, with the numbers of withheld rows taken out and their reason put in.
    withheld : tuple of Withheld
        Every row that was withheld.
    sites : dict of str to str
        Sites that are withheld everywhere, with why.
    minimum : int
        Size below which a group is withheld; 0 if none is.
    """

    tables: dict[str, pd.DataFrame]
    withheld: tuple[Withheld, ...]
    sites: dict[str, str]
    minimum: int


def protect(
    tables: Mapping[str, pd.DataFrame],
    minimum: int = DEFAULT_MINIMUM,
    *,
    names: Mapping[str, str] | None = None,
) -> Protected:
    """Return the tables of a study with small groups withheld.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        The tables of a study.
    minimum : int
        Groups of 1 to ``minimum - 1`` people are withheld; 0 withholds nothing.
    names : mapping of str to str, optional
        Names of the sites, to find them in the text of findings.

    Returns
    -------
    Protected
        New tables; those given are left as they are.

    Raises
    ------
    DataError
        If `minimum` is no whole number of 0 or more.

    Examples
    --------
    >>> sample = pd.DataFrame({"group": [None, "a", "b", "c"], "n_rows": [60, 3, 20, 37],
    ...                        "pooling": ["total", "site", "site", "site"]})
    >>> list(protect({"sample": sample}).tables["sample"]["n_rows"])
    [60.0, nan, nan, 37.0]
    """
    if isinstance(minimum, bool) or not isinstance(minimum, int) or minimum < 0:
        raise DataError(say("minimum_group_size", value=repr(minimum)))
    order = _site_order(tables)
    everywhere = _close(
        {site: "small" for site, size in order.items() if 0 < size < minimum},
        order,
        [order],
        minimum,
    )
    made: dict[str, pd.DataFrame] = {}
    withheld: list[Withheld] = []
    hidden: set[tuple[str, tuple[str, ...], str]] = set()
    for name, frame in tables.items():
        if name in RULES and {"group", "pooling"} <= set(frame.columns):
            made[name] = _protect_table(
                name, frame, everywhere, order, minimum, withheld, hidden
            )
        else:
            made[name] = frame.copy()
    if "findings" in made:
        made["findings"] = _protect_findings(made["findings"], everywhere, names or {}, minimum)
    if "claims" in made:
        made["claims"] = _protect_claims(made["claims"], withheld, hidden)
    return Protected(made, tuple(withheld), everywhere, minimum)


def _site_order(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Return the number of people of each site, from the smallest to the largest."""
    sizes: dict[str, float] = {}
    if "sample" in tables:
        sizes = _sizes(tables["sample"], "n_rows")
    else:
        for name, rule in RULES.items():
            if name in tables and "n_obs" in rule.counts:
                for site, size in _sizes(tables[name], "n_obs").items():
                    sizes[site] = max(size, sizes.get(site, 0.0))
    return dict(sorted(sizes.items(), key=lambda pair: (pair[1], pair[0])))


def _sizes(frame: pd.DataFrame, column: str) -> dict[str, float]:
    """Return the largest count of each site in a frame; a site without a count has 0."""
    sizes: dict[str, float] = {}
    rows = frame[frame["pooling"] == "site"]
    for group, value in zip(rows["group"], rows[column], strict=True):
        size = 0.0 if is_missing(value) else float(value)
        sizes[str(group)] = max(size, sizes.get(str(group), 0.0))
    return sizes


def _close(
    small: Mapping[str, str],
    order: Mapping[str, float],
    counted: Sequence[Mapping[str, float]],
    minimum: int,
) -> dict[str, str]:
    """Return `small` with the further sites that have to be withheld so that it stays hidden.

    Parameters
    ----------
    small : mapping of str to str
        Sites already withheld, with why.
    order : mapping of str to float
        All sites, the first to be taken first.
    counted : sequence of mappings of str to float
        For each column that counts people: the sites and how many they have.
    minimum : int
        Size from which a group may be shown.
    """
    chosen = dict(small)
    if not chosen:
        return chosen
    for site in order:
        if _is_hidden(chosen, counted, minimum):
            break
        if site not in chosen and any(sizes.get(site, 0) > 0 for sizes in counted):
            chosen[site] = "other"
    return chosen


def _is_hidden(
    chosen: Mapping[str, str], counted: Sequence[Mapping[str, float]], minimum: int
) -> bool:
    """Say whether what the withheld sites have in common is no small group of its own."""
    for sizes in counted:
        people = [sizes[site] for site in chosen if sizes.get(site, 0) > 0]
        if any(0 < size < minimum for size in people) and (
            len(people) < 2 or sum(people) < minimum
        ):
            return False
    return True


def _protect_table(
    name: str,
    frame: pd.DataFrame,
    everywhere: Mapping[str, str],
    order: Mapping[str, float],
    minimum: int,
    withheld: list[Withheld],
    hidden: set[tuple[str, tuple[str, ...], str]],
) -> pd.DataFrame:
    """Return one table with its small groups withheld; what was done is added to the lists."""
    rule = RULES[name]
    counts = [column for column in rule.counts if column in frame]
    family = [column for column in rule.family if column in frame]
    made = frame.copy().reset_index(drop=True)
    if "reason" not in made:
        made["reason"] = pd.Series([""] * len(made), dtype=object)
    why = np.full(len(made), "", dtype=object)
    unsaid = np.zeros(len(made), dtype=bool)
    for key, index in _families(made, family):
        part = made.loc[index]
        sizes = [_sizes(part, column) for column in counts]
        small = {
            site: everywhere[site] for site in order if site in everywhere
        } | {site: "small" for each in sizes for site, size in each.items() if 0 < size < minimum}
        chosen = _close(small, order, sizes, minimum)
        for at, row in zip(index, part.to_dict(orient="records"), strict=True):
            people = [float(row[column]) for column in counts if not is_missing(row[column])]
            if row["pooling"] == "site":
                why[at] = chosen.get(str(row["group"]), "")
            elif any(0 < size < minimum for size in people):
                why[at] = "small"
            elif chosen and row["pooling"] != "total":
                unsaid[at] = _tells_apart(row, counts, sizes)
            if why[at]:
                site = None if is_missing(row["group"]) else str(row["group"])
                withheld.append(Withheld(name, key, site, str(why[at])))
            if why[at] or unsaid[at]:
                hidden.add((name, key, str(row["pooling"])))
    return _blank(made, rule, why, unsaid, minimum)


def _families(frame: pd.DataFrame, family: Sequence[str]) -> list[tuple[tuple[str, ...], pd.Index]]:
    """Return the key and the rows of each family."""
    if not family:
        return [((), frame.index)]
    cells = zip(*(frame[column] for column in family), strict=True)
    keys = ["\x1f".join("" if is_missing(cell) else str(cell) for cell in row) for row in cells]
    grouped = frame.groupby(pd.Series(keys, index=frame.index), sort=False).groups
    return [(tuple(str(key).split("\x1f")), index) for key, index in grouped.items()]


def _tells_apart(
    row: Mapping[str, Any], counts: Sequence[str], sizes: Sequence[Mapping[str, float]]
) -> bool:
    """Say whether the number of people of a pooled row leaves out some of the sites."""
    return any(
        not is_missing(row[column]) and float(row[column]) != sum(each.values())
        for column, each in zip(counts, sizes, strict=True)
    )


def _blank(
    frame: pd.DataFrame, rule: Rule, why: np.ndarray, unsaid: np.ndarray, minimum: int
) -> pd.DataFrame:
    """Take the numbers out of withheld rows and put their reason in."""
    kept = {"group", "pooling", "reason", *rule.family, *rule.keep}
    gone = why != ""
    for column in frame.columns:
        if column not in kept:
            frame[column] = _emptied(frame[column], gone)
    for column in (*rule.counts, "n_groups"):
        if column in frame and unsaid.any():
            frame[column] = _emptied(frame[column], unsaid)
    reasons = [
        say(f"withheld.{cause}", minimum=minimum) if cause else told
        for cause, told in zip(why, frame["reason"], strict=True)
    ]
    frame["reason"] = pd.Series(reasons, index=frame.index, dtype=object)
    return frame


def _emptied(column: pd.Series, where: np.ndarray) -> pd.Series:
    """Return a column without its values in some rows."""
    if not where.any():
        return column
    name = str(column.name)
    if pd.api.types.is_bool_dtype(column):
        return column.astype(object).mask(where, None)
    if pd.api.types.is_numeric_dtype(column):
        return column.astype(float).mask(where, np.nan)
    return column.astype(object).mask(where, WITHOUT_VERDICT.get(name, ""))


def _protect_findings(
    frame: pd.DataFrame, sites: Mapping[str, str], names: Mapping[str, str], minimum: int
) -> pd.DataFrame:
    """Return findings without the sizes of small groups."""
    made = frame.copy().reset_index(drop=True)
    words = [word for site in sites for word in unique((site, names.get(site, site)))]
    about = _mentions(made, words)
    if "code" in made and "count" in made:
        counts = pd.to_numeric(made["count"], errors="coerce")
        few = (counts > 0) & (counts < minimum) & made["code"].isin(GROUP_FINDINGS)
        about = about | few.to_numpy()
    if about.any():
        made["message"] = made["message"].astype(object).mask(
            about, say("withheld.finding", minimum=minimum)
        )
        made["count"] = _emptied(made["count"], about)
    return made


def _mentions(frame: pd.DataFrame, words: Iterable[str]) -> np.ndarray:
    """Say which findings name one of `words` as a word of its own."""
    found = np.zeros(len(frame), dtype=bool)
    for word in words:
        pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
        for column in ("where", "message"):
            cells = frame[column].astype(str)
            found |= np.array([bool(pattern.search(cell)) for cell in cells], dtype=bool)
    return found


def _protect_claims(
    frame: pd.DataFrame,
    withheld: Sequence[Withheld],
    hidden: set[tuple[str, tuple[str, ...], str]],
) -> pd.DataFrame:
    """Return claims without the verdicts of withheld sites and the counts that tell them apart."""
    made = frame.copy().reset_index(drop=True)
    sites_gone, size_gone = [], []
    for row in made.to_dict(orient="records"):
        table, columns = CLAIM_SOURCES.get(str(row["property"]), ("", ()))
        subject = str(row["subject"]).split("|")
        touched = {
            (entry.table, entry.family)
            for entry in withheld
            if entry.table == table and entry.site is not None
        }
        sites_gone.append(any(_about(family, columns, subject) for _, family in touched))
        size_gone.append(
            any(
                where == table and pooling == str(row["pooling"]) and _about(family, columns, subject)
                for where, family, pooling in hidden
            )
        )
    for column in SITE_COUNTS:
        if column in made:
            made[column] = _emptied(made[column], np.array(sites_gone, dtype=bool))
    if "n_obs" in made:
        made["n_obs"] = _emptied(made["n_obs"], np.array(size_gone, dtype=bool))
    return made


def _about(family: tuple[str, ...], columns: Sequence[str], subject: Sequence[str]) -> bool:
    """Say whether a family of rows is what a claim is about; without columns all of a table is."""
    return not columns or set(family[: len(columns)]) == set(subject)
