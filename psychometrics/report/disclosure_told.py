"""Protecting small groups in what is told beside the numbers: claims, findings, settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.plots.labels import records, unique
from psychometrics.plots.numerals import is_missing
from psychometrics.report.disclosure_rules import Done, Mask, Withheld, emptied
from psychometrics.report.wording import say
from psychometrics.validity.criteria import CRITERIA, Criterion, size_limits, verdict

VERDICT_NAMES = ("supported", "not_supported", "undecided", "unavailable")
SITE_COUNTS = tuple(f"sites_{name}" for name in VERDICT_NAMES)

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
    "share_equal": ("comparability", 1),
}
"""Table that a claim on a statistic rests on, and how many keys of a family are its subject."""

INTERVAL_TABLES: dict[str, tuple[str, ...]] = {
    "reliability": ("scale", "coefficient"),
    "convergent": ("scale", "statistic"),
    "discriminant": ("scale_a", "scale_b"),
    "htmt": ("scale_a", "scale_b", "variant"),
}
"""Tables whose rows are judged by one interval, and the columns their families begin with."""

GROUP_FINDINGS = frozenset({
    "no_site", "unknown_site", "undeclared_site", "unknown_language", "people_no_answers",
    "people_mostly_missing", "people_straight_line", "people_same_as_another", "people_fast",
    "people_faster_than_others", "response_time_unknown", "duration_impossible",
    "duration_unreadable", "duration_zones_mixed", "duration_over_a_day",
})  # fmt: skip
"""Findings whose count is the size of a group of people."""

QUALITY_FINDINGS = {
    "quality_items": ("item_often_missing", "item_options_unused"),
    "quality_scales": ("scale_at_floor", "scale_at_ceiling"),
}
"""Findings that tell the numbers of one row of a table, and are withheld with it."""


def protect_findings(
    frame: pd.DataFrame,
    sites: Mapping[str, str],
    names: Mapping[str, str],
    minimum: int,
    withheld: Iterable[Withheld] = (),
) -> pd.DataFrame:
    """Return findings without the sizes of small groups."""
    made = frame.copy().reset_index(drop=True)

    def words_of(site: str) -> list[str]:
        return [str(word) for word in unique((site, names.get(site, site)))]

    about = _mentions(made, [word for site in sites for word in words_of(site)])
    for one in withheld:
        if one.table not in QUALITY_FINDINGS or one.site in sites or "code" not in made:
            continue
        codes = made["code"].isin(QUALITY_FINDINGS[one.table])
        rows = (codes & (made["where"] == one.family[0])).to_numpy()
        about = about | (rows if one.site is None else rows & _mentions(made, words_of(one.site)))
    if "code" in made and "count" in made:
        counts = pd.to_numeric(made["count"], errors="coerce")
        few = (counts > 0) & (counts < minimum) & made["code"].isin(GROUP_FINDINGS)
        about = about | few.to_numpy()
    if about.any():
        made["message"] = (
            made["message"].astype(object).mask(about, say("withheld.finding", minimum=minimum))
        )
        made["count"] = emptied(made["count"], about)
    return made


def _mentions(frame: pd.DataFrame, words: Iterable[str]) -> Mask:
    """Say which findings name one of `words` as a word of its own."""
    found = np.zeros(len(frame), dtype=bool)
    for word in words:
        pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
        for column in ("where", "message"):
            cells = frame[column].astype(str)
            found |= np.array([bool(pattern.search(cell)) for cell in cells], dtype=bool)
    return found


def protect_claims(
    frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame], done: Done, minimum: int
) -> pd.DataFrame:
    """Return claims without what rests on withheld rows; sites are counted anew.

    Parameters
    ----------
    frame : pandas.DataFrame
        The claims.
    tables : mapping of str to pandas.DataFrame
        The other tables, protected: the counts of sites are those of the sites they show.
    done : Done
        What was withheld.
    minimum : int
        Size below which a group is withheld.
    """
    made = frame.copy().reset_index(drop=True)
    if not done.withheld:
        return made
    rows, sizes = np.zeros(len(made), dtype=bool), np.zeros(len(made), dtype=bool)
    counts: dict[int, dict[str, float]] = {}
    for at, row in enumerate(records(made)):
        about = _Subject.of(row)
        pooling = str(row["pooling"])
        touched = [one for one in done.withheld if about.holds(one.table, one.family)]
        rows[at] = any(one.pooling == pooling for one in touched)
        sizes[at] = any(
            where == pooling and about.holds(table, family) for table, family, where in done.unsaid
        )
        if any(one.pooling == "site" for one in touched):
            counts[at] = about.count_shown(row, tables, touched)
    for column in (*SITE_COUNTS, "n_obs", "estimate", "low", "high", "verdict", "note", "reason"):
        if column in SITE_COUNTS and column in made:
            cells = made[column].astype(float)
            made[column] = [
                counts[at][column] if at in counts else value for at, value in enumerate(cells)
            ]
        elif column in made:
            made[column] = emptied(made[column], rows | sizes if column == "n_obs" else rows)
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

    def count_shown(
        self,
        claim: Mapping[str, Any],
        tables: Mapping[str, pd.DataFrame],
        withheld: Iterable[Withheld],
    ) -> dict[str, float]:
        """Return the verdicts of the sites that are shown, by column; NaN if they can't be told.

        Intervals are judged as the claim was; a verdict made of several numbers can't be.
        """
        found = dict.fromkeys(SITE_COUNTS, float("nan"))
        known = CRITERIA.get(str(claim["criterion"]))
        # A plan may have set another threshold than the usual one.
        criterion = known and replace(known, threshold=float(claim["threshold"]))
        columns = INTERVAL_TABLES.get(self.table)
        if criterion is None or columns is None or claim["verdict"] == "unavailable":
            return found
        shown = tables[self.table]
        rows = [
            row
            for row in records(shown[shown["pooling"] == "site"])
            if self.holds(self.table, tuple(str(row[column]) for column in columns))
        ]
        gone = {
            one.site
            for one in withheld
            if one.pooling == "site" and self.holds(one.table, one.family)
        }
        kept = [row for row in rows if str(row["group"]) not in gone]
        verdicts = [_site_verdict(row, criterion) for row in kept]
        return {f"sites_{name}": float(verdicts.count(name)) for name in VERDICT_NAMES}


def _site_verdict(row: Mapping[str, Any], criterion: Criterion) -> str:
    """Return the verdict of one site, as the claims come to it."""
    if not is_missing(row["reason"]) or is_missing(row["low"]) or is_missing(row["high"]):
        return "unavailable"
    low, high = float(row["low"]), float(row["high"])
    held = size_limits(low, high) if criterion.statistic == "correlation" else (low, high)
    return verdict(*held, criterion)


COMPARING = ("invariance", "comparability", "congruence", "dif", "attribution")
"""Tables with rows about several sites at once."""


def protect_comparing(
    frame: pd.DataFrame, sites: Mapping[str, str], minimum: int, done: Done
) -> pd.DataFrame:
    """Return rows about pairs of sites without those of withheld sites, or of few people.

    Where a site is withheld, how many people several sites have together goes too: with the sites
    that are shown it would tell how many the others have.
    """
    made = frame.copy().reset_index(drop=True)
    if made.empty:
        return made
    gone = np.zeros(len(made), dtype=bool)
    over_sites = made["grouping"].isin(("site", "version")).to_numpy(dtype=bool)
    for side in ("group_a", "group_b", "site_a", "site_b"):
        if side in made:
            gone |= over_sites & made[side].isin(list(sites)).to_numpy(dtype=bool)
    for column in ("n_a", "n_b"):
        if column in made:
            counts = pd.to_numeric(made[column], errors="coerce")
            gone |= ((counts > 0) & (counts < minimum)).to_numpy(dtype=bool)
    kept = {"grouping", "model", "scale", "group", "pooling", "group_a", "group_b", "n_items",
            "site_a", "site_b", "item", "kind", "contrast", "level", "reason"}  # fmt: skip
    for column in made.columns:
        if column not in kept:
            made[column] = emptied(made[column], gone)
    together = over_sites & (made["pooling"] != "site").to_numpy(dtype=bool)
    if sites:
        for column in ("n_obs", "n_left_out", "n_b"):
            if column in made:
                made[column] = emptied(made[column], together)
        for row in records(made[together]):
            key = (str(row.get("scale")), str(row["grouping"]), str(row.get("model")))
            done.unsaid.add(("comparability", key, str(row["pooling"])))
    told = [
        say("withheld.other") if hidden else why
        for hidden, why in zip(gone, made["reason"], strict=True)
    ]
    made["reason"] = pd.Series(told, index=made.index, dtype=object)
    return made


def protect_differences(
    frame: pd.DataFrame, sites: Mapping[str, str], done: Done, minimum: int
) -> pd.DataFrame:
    """Return comparisons of sites without those of a site whose reliability is withheld.

    The number of people of a comparison of all sites, less those shown, would be theirs.
    """
    made = frame.copy().reset_index(drop=True)
    hidden: dict[tuple[str, ...], set[str]] = {}
    for one in done.withheld:
        if one.table == "reliability" and one.site is not None:
            hidden.setdefault(one.family, set()).add(one.site)
    rows, sizes = np.zeros(len(made), dtype=bool), np.zeros(len(made), dtype=bool)
    for at, row in enumerate(records(made)):
        gone = set(sites) | hidden.get((str(row["scale"]), str(row["coefficient"])), set())
        rows[at] = bool(gone & {str(row["group_a"]), str(row["group_b"])})
        sizes[at] = bool(gone) and row["comparison"] == "all"
    kept = {"scale", "coefficient", "comparison", "group_a", "group_b", "level", "reason"}
    kept |= {"contrast", "family"}
    for column in made.columns:
        if column not in kept:
            people = column in ("n_obs", "n_groups")
            made[column] = emptied(made[column], rows | sizes if people else rows)
    told = [
        say("withheld.small", minimum=minimum) if gone else reason
        for gone, reason in zip(rows, made["reason"], strict=True)
    ]
    made["reason"] = pd.Series(told, index=made.index, dtype=object)
    return made


def protect_settings(frame: pd.DataFrame, done: Done, minimum: int) -> pd.DataFrame:
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


def protect_patterns(frame: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Return patterns of missing answers without those of few people, who are told together.

    Where these are few even together, the next smallest pattern joins them.
    """
    made = frame.sort_values("count", ascending=False, kind="stable").reset_index(drop=True)
    small = (made["count"] > 0) & (made["count"] < minimum)
    if not small.any():
        return made
    first = int(np.argmax(small.to_numpy()))
    while first > 0 and made["count"][first:].sum() < minimum:
        first -= 1
    gone = made[first:]
    people = float(gone["count"].sum())
    if people < minimum:
        return made.iloc[:0]
    rest = {
        "missing": say("withheld.patterns", patterns=len(gone), minimum=minimum),
        "n_missing": np.nan, "count": people, "share": gone["share"].sum(),
    }  # fmt: skip
    kept = made[:first].astype({"n_missing": float, "count": float})
    return pd.concat([kept, pd.DataFrame([rest])], ignore_index=True)


def protect_plan(frame: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Return the parts of a plan without the sizes of small groups that were left out."""
    made = frame.copy()
    few = [
        str(part).startswith("exclusion ") and str(done).isdigit() and 0 < int(done) < minimum
        for part, done in zip(made["part"], made["done"], strict=True)
    ]
    fewer = say("withheld.fewer", minimum=minimum)
    made["done"] = [fewer if gone else done for gone, done in zip(few, made["done"], strict=True)]
    made["note"] = pd.Series(
        ["" if gone else note for gone, note in zip(few, made["note"], strict=True)],
        index=made.index,
        dtype=object,
    )
    return made


def _base_name(path: object) -> str:
    """Return the last part of a path as any system writes it."""
    return re.split(r"[\\/]", str(path).rstrip("/\\"))[-1]
