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

People without a site have no row, and still are what the total minus the sites gives. Where they
are few, a site is withheld so that they are told apart from it no more, and so is the number of
people of pooled rows that leave them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from psychometrics.errors import DataError
from psychometrics.plots.labels import records
from psychometrics.plots.numerals import is_missing
from psychometrics.report.disclosure_rules import (
    RULES,
    Done,
    Mask,
    Rule,
    Withheld,
    emptied,
    size_of,
)
from psychometrics.report.disclosure_times import protect_exclusions, protect_forms, protect_times
from psychometrics.report.disclosure_told import (
    COMPARING,
    protect_claims,
    protect_comparing,
    protect_differences,
    protect_findings,
    protect_patterns,
    protect_plan,
    protect_settings,
)
from psychometrics.report.wording import say

DEFAULT_MINIMUM = 5


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
    few_without_site : bool
        Whether a site is withheld because fewer people than that have no site.
    """

    tables: dict[str, pd.DataFrame]
    withheld: tuple[Withheld, ...]
    sites: dict[str, str]
    minimum: int
    few_without_site: bool = False


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
    without_site = _without_site(tables, order)
    everywhere = _close(
        {site: "small" for site, size in order.items() if 0 < size < minimum},
        order,
        [order],
        [without_site],
        minimum,
    )
    made: dict[str, pd.DataFrame] = {}
    tables = {name: _plain_texts(frame) for name, frame in tables.items()}
    done = Done([], set())
    for name, frame in tables.items():
        if name in RULES and {"group", "pooling"} <= set(frame.columns):
            made[name] = _protect_table(
                name, frame, everywhere, order, minimum, done, some_without_site=without_site > 0
            )
        else:
            made[name] = frame.copy()
    for name in COMPARING:
        if name in made:
            made[name] = protect_comparing(made[name], everywhere, minimum, done)
    if "findings" in made:
        made["findings"] = protect_findings(
            made["findings"], everywhere, names or {}, minimum, done.withheld
        )
    if "quality_patterns" in made:
        made["quality_patterns"] = protect_patterns(made["quality_patterns"], minimum)
    for name, protect_table in (
        ("sample_forms", protect_forms), ("quality_times", protect_times),
        ("exclusions", protect_exclusions),
    ):  # fmt: skip
        if name in made and minimum and not made[name].empty:
            made[name] = protect_table(made[name], minimum, everywhere)
    if "contrasts" in made and not made["contrasts"].empty:
        made["contrasts"] = protect_differences(made["contrasts"], everywhere, done, minimum)
    if "reliability_differences" in made:
        made["reliability_differences"] = protect_differences(
            made["reliability_differences"], everywhere, done, minimum
        )
    if "claims" in made:
        made["claims"] = protect_claims(made["claims"], made, done, minimum)
    if "settings" in made:
        made["settings"] = protect_settings(made["settings"], done, minimum)
    if "plan" in made:
        made["plan"] = protect_plan(made["plan"], minimum)
    few = bool(everywhere) and 0 < without_site < minimum
    return Protected(made, tuple(done.withheld), everywhere, minimum, few)


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


def _without_site(tables: Mapping[str, pd.DataFrame], order: Mapping[str, float]) -> float:
    """Return the number of people of the sample who have no site."""
    if "sample" not in tables:
        return 0.0
    rows = records(tables["sample"])
    total = next((row for row in rows if row["pooling"] == "total"), {})
    return _rest(total, "n_rows", order)


def _rest(total: Mapping[str, Any], column: str, sizes: Mapping[str, float]) -> float:
    """Return how many people of a total are at none of the sites; 0 where no site has people."""
    at_sites = sum(sizes.values())
    if is_missing(total.get(column)) or not at_sites:
        return 0.0
    return max(float(total[column]) - at_sites, 0.0)


def _sizes(rows: Iterable[Mapping[str, Any]], column: str) -> dict[str, float]:
    """Return the largest count of each site in some rows; a site without a count has 0."""
    sizes: dict[str, float] = {}
    for row in rows:
        if row["pooling"] == "site":
            size = size_of(row, column)
            sizes[str(row["group"])] = max(size, sizes.get(str(row["group"]), 0.0))
    return sizes


def _close(
    small: Mapping[str, str],
    order: Mapping[str, float],
    counted: Sequence[Mapping[str, float]],
    rests: Sequence[float],
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
    rests : sequence of float
        For each of these columns: how many people are at no site.
    minimum : int
        Size from which a group may be shown.
    """
    chosen = dict(small)
    for site in order:
        if _is_hidden(chosen, counted, rests, minimum):
            break
        if site not in chosen and any(sizes.get(site, 0) > 0 for sizes in counted):
            chosen[site] = "other"
    return chosen


def _is_hidden(
    chosen: Mapping[str, str],
    counted: Sequence[Mapping[str, float]],
    rests: Sequence[float],
    minimum: int,
) -> bool:
    """Say whether neither the withheld sites nor these and the rest are a small group."""
    for sizes, rest in zip(counted, rests, strict=True):
        people = [sizes[site] for site in chosen if sizes.get(site, 0) > 0]
        if any(0 < size < minimum for size in people) and (
            len(people) < 2 or sum(people) < minimum
        ):
            return False
        if 0 < rest < minimum and (not people or rest + sum(people) < minimum):
            return False
    return True


def _protect_table(
    name: str,
    frame: pd.DataFrame,
    everywhere: Mapping[str, str],
    order: Mapping[str, float],
    minimum: int,
    done: Done,
    *,
    some_without_site: bool,
) -> pd.DataFrame:
    """Return one table with its small groups withheld; what was done is added to `done`."""
    rule = RULES[name]
    counts = [column for column in rule.counts if column in frame]
    made = frame.copy().reset_index(drop=True)
    if "reason" not in made:
        made["reason"] = pd.Series([""] * len(made), dtype=object)
    rows = records(made)
    why = np.full(len(made), "", dtype=object)
    unsaid = np.zeros(len(made), dtype=bool)
    for key, places in _families(rows, [column for column in rule.family if column in made]):
        sizes = [_sizes([rows[at] for at in places], column) for column in counts]
        small = {site: everywhere[site] for site in order if site in everywhere} | {
            site: "small" for each in sizes for site, size in each.items() if 0 < size < minimum
        }
        total = next((rows[at] for at in places if rows[at]["pooling"] == "total"), {})
        rests = [
            _rest(total, column, each) if some_without_site else 0.0
            for column, each in zip(counts, sizes, strict=True)
        ]
        few = any(0 < rest < minimum for rest in rests)
        chosen = _close(small, order, sizes, rests, minimum)
        for at in places:
            why[at], unsaid[at] = _judge(
                rows[at], total, chosen, counts, sizes, minimum, few_without_site=few
            )
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
    *,
    few_without_site: bool,
) -> tuple[str, bool]:
    """Say why a row is withheld (empty if it isn't), and whether its number of people is."""
    if row["pooling"] == "site":
        return chosen.get(str(row["group"]), ""), False
    if any(0 < size_of(row, column) < minimum for column in counts):
        return "small", False
    if not chosen or row["pooling"] == "total":
        return "", False
    return "", few_without_site or _tells_apart(row, total, counts, sizes)


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
    frame: pd.DataFrame, rule: Rule, why: npt.NDArray[np.object_], unsaid: Mask, minimum: int
) -> pd.DataFrame:
    """Take the numbers out of withheld rows and put their reason in."""
    kept = {"group", "pooling", "reason", *rule.family, *rule.keep}
    gone = why != ""
    for column in frame.columns:
        if column not in kept:
            frame[column] = emptied(frame[column], gone)
    for column in (*rule.counts, "n_groups"):
        if column in frame and unsaid.any():
            frame[column] = emptied(frame[column], unsaid)
    reasons = [
        say(f"withheld.{cause}", minimum=minimum) if cause else told
        for cause, told in zip(why, frame["reason"], strict=True)
    ]
    frame["reason"] = pd.Series(reasons, index=frame.index, dtype=object)
    return frame
