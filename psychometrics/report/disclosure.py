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
from psychometrics.plots.labels import records, unique
from psychometrics.plots.numerals import is_missing
from psychometrics.report.wording import say
from psychometrics.validity.criteria import CRITERIA

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
    "items": Rule(("scale", "item"), ("n_obs", "n_scale"), ("keyed",)),
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
        ("n_higher", "n_lower", "n_obs"),
        ("variable", "higher", "lower", "minimum_d", "level"),
    ),
}

WITHOUT_VERDICT = {"verdict": "unavailable", "class_": "unavailable", "class": "unavailable"}

SITE_COUNTS = ("sites_supported", "sites_not_supported", "sites_undecided", "sites_unavailable")

CLAIM_SOURCES: dict[str, tuple[str, int]] = {
    "alpha": ("reliability", 1),
    "omega_total": ("reliability", 1),
    "ave": ("convergent", 1),
    "correlation": ("discriminant", 2),
    "htmt": ("htmt", 2),
    "cfi": ("fit", 1),
    "tli": ("fit", 1),
    "rmsea": ("fit", 1),
    "srmr": ("fit", 1),
    "share_confirmed": ("hypotheses", 0),
}
"""Table that a claim on a statistic rests on, and how many keys of a family are its subject."""

GROUP_FINDINGS = frozenset({"no_site", "unknown_site", "undeclared_site", "unknown_language"})
"""Findings whose count is the size of a group of people."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """One row that was withheld: where, about what, and why ("small" or "other")."""

    table: str
    family: tuple[str, ...]
    pooling: str
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


@dataclass(frozen=True, slots=True)
class _Done:
    """What was withheld so far: rows, and pooled rows without their number of people."""

    withheld: list[Withheld]
    unsaid: set[tuple[str, tuple[str, ...], str]]


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
    _check_minimum(minimum)
    order = _site_order(tables)
    everywhere = _close(
        {site: "small" for site, size in order.items() if 0 < size < minimum},
        order,
        [order],
        minimum,
    )
    made: dict[str, pd.DataFrame] = {}
    tables = {name: _plain_texts(frame) for name, frame in tables.items()}
    done = _Done([], set())
    for name, frame in tables.items():
        if name in RULES and {"group", "pooling"} <= set(frame.columns):
            made[name] = _protect_table(name, frame, everywhere, order, minimum, done)
        else:
            made[name] = frame.copy()
    if "findings" in made:
        made["findings"] = _protect_findings(made["findings"], everywhere, names or {}, minimum)
    if "claims" in made:
        made["claims"] = _protect_claims(made["claims"], done, minimum)
    if "settings" in made:
        made["settings"] = _protect_settings(made["settings"], done, minimum)
    return Protected(made, tuple(done.withheld), everywhere, minimum)


def _plain_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose texts are Python's own, which are read one by one many times."""
    texts = {
        name: object
        for name in frame.columns
        if isinstance(frame[name].dtype, pd.StringDtype | pd.CategoricalDtype)
    }
    return frame.astype(texts) if texts else frame


def _check_minimum(minimum: object) -> None:
    """Refuse what is no size of a group."""
    if isinstance(minimum, bool) or not isinstance(minimum, int) or minimum < 0:
        raise DataError(say("minimum_group_size", value=repr(minimum)))


def _site_order(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Return the number of people of each site, from the smallest to the largest."""
    sizes: dict[str, float] = {}
    if "sample" in tables:
        sizes = _sizes(records(tables["sample"]), "n_rows")
    else:
        for name, rule in RULES.items():
            if name in tables and "n_obs" in rule.counts:
                for site, size in _sizes(records(tables[name]), "n_obs").items():
                    sizes[site] = max(size, sizes.get(site, 0.0))
    return dict(sorted(sizes.items(), key=lambda pair: (pair[1], pair[0])))


def _sizes(rows: Iterable[Mapping[str, Any]], column: str) -> dict[str, float]:
    """Return the largest count of each site in some rows; a site without a count has 0."""
    sizes: dict[str, float] = {}
    for row in rows:
        if row["pooling"] == "site":
            size = _size(row, column)
            sizes[str(row["group"])] = max(size, sizes.get(str(row["group"]), 0.0))
    return sizes


def _size(row: Mapping[str, Any], column: str) -> float:
    """Return a count of people; where the cell is empty, the one its reason tells."""
    value = row[column]
    if is_missing(value):
        value = getattr(row.get("reason"), "params", {}).get(column)
    return 0.0 if is_missing(value) else float(value)


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
    done: _Done,
) -> pd.DataFrame:
    """Return one table with its small groups withheld; what was done is added to `done`."""
    rule = RULES[name]
    counts = [column for column in rule.counts if column in frame]
    made = frame.copy().reset_index(drop=True)
    if "reason" not in made:
        made["reason"] = pd.Series([""] * len(made), dtype=object)
    rows = records(made)
    if not everywhere and not any(
        0 < _size(row, column) < minimum for row in rows for column in counts
    ):
        return made
    why = np.full(len(made), "", dtype=object)
    unsaid = np.zeros(len(made), dtype=bool)
    for key, places in _families(rows, [column for column in rule.family if column in made]):
        sizes = [_sizes([rows[at] for at in places], column) for column in counts]
        small = {site: everywhere[site] for site in order if site in everywhere} | {
            site: "small" for each in sizes for site, size in each.items() if 0 < size < minimum
        }
        chosen = _close(small, order, sizes, minimum)
        total = next((rows[at] for at in places if rows[at]["pooling"] == "total"), {})
        for at in places:
            why[at], unsaid[at] = _judge(rows[at], total, chosen, counts, sizes, minimum)
            if why[at]:
                site = None if is_missing(rows[at]["group"]) else str(rows[at]["group"])
                pooling = str(rows[at]["pooling"])
                done.withheld.append(Withheld(name, key, pooling, site, str(why[at])))
            if unsaid[at]:
                done.unsaid.add((name, key, str(rows[at]["pooling"])))
    return _blank(made, rule, why, unsaid, minimum)


def _families(
    rows: Sequence[Mapping[str, Any]], family: Sequence[str]
) -> list[tuple[tuple[str, ...], list[int]]]:
    """Return the key of each family, and where its rows are."""
    found: dict[tuple[str, ...], list[int]] = {}
    for at, row in enumerate(rows):
        key = tuple("" if is_missing(row[column]) else str(row[column]) for column in family)
        found.setdefault(key, []).append(at)
    return list(found.items())


def _judge(
    row: Mapping[str, Any],
    total: Mapping[str, Any],
    chosen: Mapping[str, str],
    counts: Sequence[str],
    sizes: Sequence[Mapping[str, float]],
    minimum: int,
) -> tuple[str, bool]:
    """Say why a row is withheld (empty if it isn't), and whether its number of people is."""
    if row["pooling"] == "site":
        return chosen.get(str(row["group"]), ""), False
    if any(0 < _size(row, column) < minimum for column in counts):
        return "small", False
    return "", bool(chosen) and row["pooling"] != "total" and _tells_apart(
        row, total, counts, sizes
    )


def _tells_apart(
    row: Mapping[str, Any],
    total: Mapping[str, Any],
    counts: Sequence[str],
    sizes: Sequence[Mapping[str, float]],
) -> bool:
    """Say whether the number of people of a pooled row is neither that of all sites nor of all."""
    return any(
        not is_missing(row[column])
        and float(row[column]) not in (sum(each.values()), total.get(column))
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
        made["message"] = (
            made["message"].astype(object).mask(about, say("withheld.finding", minimum=minimum))
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


def _protect_claims(frame: pd.DataFrame, done: _Done, minimum: int) -> pd.DataFrame:
    """Return claims without what rests on withheld rows, and without counts that give it away."""
    made = frame.copy().reset_index(drop=True)
    if not done.withheld:
        return made
    sites, sizes, rows = (np.zeros(len(made), dtype=bool) for _ in range(3))
    for at, row in enumerate(records(made)):
        about = _Subject.of(row)
        pooling = str(row["pooling"])
        touched = [one for one in done.withheld if about.holds(one.table, one.family)]
        sites[at] = any(one.pooling == "site" for one in touched)
        rows[at] = any(one.pooling == pooling for one in touched)
        sizes[at] = any(
            where == pooling and about.holds(table, family) for table, family, where in done.unsaid
        )
    for column in made.columns:
        if column in SITE_COUNTS:
            made[column] = _emptied(made[column], sites | rows)
        elif column in {"verdict", "estimate", "low", "high", "n_obs", "note", "reason"}:
            made[column] = _emptied(made[column], rows | (sizes if column == "n_obs" else rows))
    told = [
        say("withheld.small", minimum=minimum) if gone else reason
        for gone, reason in zip(rows, made["reason"], strict=True)
    ]
    made["reason"] = pd.Series(told, index=made.index, dtype=object)
    return made


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a claim rests on: a table, the keys its families begin with, and the statistic."""

    table: str
    keys: frozenset[str]
    width: int
    statistic: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> _Subject:
        found = CRITERIA.get(str(row["criterion"]))
        statistic = "" if found is None else found.statistic
        table, width = CLAIM_SOURCES.get(statistic, ("", 0))
        return cls(table, frozenset(str(row["subject"]).split("|")), width, statistic)

    def holds(self, table: str, family: tuple[str, ...]) -> bool:
        """Say whether a family of a table is what the claim rests on.

        A claim on something unknown rests on everything, to be on the safe side.
        """
        if not self.table:
            return True
        if table != self.table or (self.width and frozenset(family[: self.width]) != self.keys):
            return False
        named = table in {"reliability", "convergent", "htmt"}
        return not named or family[self.width] == self.statistic


def _protect_settings(frame: pd.DataFrame, done: _Done, minimum: int) -> pd.DataFrame:
    """Return settings without the folder of the data file, and without the size of a small sample.

    The folder is about whoever ran the analysis, and of no use to a reader.
    """
    made = frame.copy()
    gone = any(one.table == "sample" and one.pooling == "total" for one in done.withheld)
    few = say("withheld.fewer", minimum=minimum)
    made["value"] = [
        few if name == "n_rows" and gone else _base_name(value) if name == "source" else value
        for name, value in zip(made["name"], made["value"], strict=True)
    ]
    return made


def _base_name(path: object) -> str:
    """Return the last part of a path as any system writes it."""
    return re.split(r"[\\/]", str(path).rstrip("/\\"))[-1]
