"""COSMIN ratings of language versions: what the sites that share a language say together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from psychometrics.errors import NO_REASON, reason
from psychometrics.instrument import Instrument
from psychometrics.validity.cosmin_evidence import FACTORS, WHOLE
from psychometrics.validity.evidence_quality import best, lowered, supports
from psychometrics.validity.rating_rules import CosminRules, Property
from psychometrics.validity.selection import SITE

VERSION = "version"
ALL_VERSIONS = "*"
"""Group of the row that takes all sites together."""

RATED = ("+", "-", "±")

Row = dict[str, Any]


def language_versions(instrument: Instrument, sites: Iterable[str]) -> dict[str, list[str]]:
    """Return the sites by the language, or languages, that they are fielded in.

    Answers of a site with two languages are not told apart: its version is both together.

    Examples
    --------
    >>> from psychometrics import load_instrument
    >>> home = load_instrument("peer_support_implementation")
    >>> language_versions(home, ["ulm", "hamburg", "pune"])
    {'de_DE': ['ulm', 'hamburg'], 'hi_IN, en_IN': ['pune']}
    """
    found: dict[str, list[str]] = {}
    for site in sites:
        known = instrument.sites.get(site)
        if known is not None:
            found.setdefault(", ".join(known.locales), []).append(site)
    return found


def by_version(units: pd.DataFrame, instrument: Instrument, rules: CosminRules) -> pd.DataFrame:
    """Summarise the ratings of the sites for each language version, and for all of them.

    Parameters
    ----------
    units : DataFrame
        Ratings of the units; withheld sites may be missing from it.
    instrument : Instrument
        Which languages the sites have.
    rules : CosminRules
        How the quality of evidence is lowered.

    Returns
    -------
    DataFrame
        Rows with pooling ``version``; `group` holds the locales, or ``*`` for all versions. All
        sites alike give their rating, a + and a - give ±. What counts is the evidence of the
        version: several sites of little quality each may be of more together.
    """
    every = [{str(k): v for k, v in row.items()} for row in units.to_dict("records")]
    at_sites = [row for row in every if row["pooling"] == SITE]
    heard = [row for row in at_sites if row["n_obs"] > 0 or row["basis"] == "people"]
    sites = list(dict.fromkeys(str(row["group"]) for row in heard))
    versions = language_versions(instrument, sites)
    if len(versions) > 1:
        versions[ALL_VERSIONS] = sites
    rows: list[Row] = []
    for version, members in versions.items():
        made: list[Row] = []
        for one in (*rules.properties, *rules.formative):
            mine = [r for r in at_sites if r["property"] == one.key and r["group"] in members]
            for subject in dict.fromkeys(row["subject"] for row in mine):
                part = [row for row in mine if row["subject"] == subject]
                made.append(_together(one, version, part, rules, made, every))
        rows += made
    frame = pd.DataFrame(rows, columns=list(units.columns))
    for name in ("reason", "note", "met", "group"):
        cells = [row.get(name) for row in rows]
        frame[name] = pd.Series(cells, index=frame.index, dtype=object)
    return frame


def _together(
    one: Property, version: str, sites: list[Row], rules: CosminRules, made: list[Row],
    every: list[Row],
) -> Row:  # fmt: skip
    """Return what the sites of a version say together of one property and subject."""
    voices = [_voice(row) for row in sites]
    said = [voice for voice in voices if voice in RATED]
    kinds = set(said)
    rating = "?" if not kinds else kinds.pop() if len(kinds) == 1 else "±"
    counted = [row for row, voice in zip(sites, voices, strict=True) if voice in RATED]
    bias = [row["risk_of_bias"] for row in counted if row["risk_of_bias"]]
    sizes = [row["n_obs"] for row in counted if row["n_obs"] == row["n_obs"]]
    n_obs = float(sum(sizes)) if sizes else float("nan")
    why = NO_REASON if counted else sites[0]["reason"]
    subject = sites[0]["subject"]
    if counted and one.requires and not _supported(one.requires, subject, made, every):
        rating, why = "?", reason("requires_structure")
    level = ""
    if rating != "?":
        level = lowered(
            rules.grade, best(bias), n_sites=bias.count(best(bias)),
            n_obs=n_obs if one.imprecision and sizes else None, disagree=rating == "±",
        )  # fmt: skip
    counts = {kind: said.count(kind) for kind in "+-±"}
    note = reason(
        "sites_counted", plus=counts["+"], minus=counts["-"], mixed=counts["±"],
        open=len(sites) - len(said),
    )  # fmt: skip
    judged = any(row["quality_is"] == "judged" for row in counted)
    empty = dict.fromkeys(("carried_by", "index", "direction", "by", "date", "sample"), "")
    nothing = dict.fromkeys(("estimate", "low", "high", "threshold", "n_items"), float("nan"))
    return {
        **empty, **nothing, "property": one.key, "subject": subject, "group": version,
        "pooling": VERSION, "rating": rating, "met": None, "n_obs": n_obs,
        "risk_of_bias": best(bias), "quality": level,
        "quality_is": ("judged" if judged else "upper_limit") if level else "",
        "basis": "sites", "source": one.source, "reason": why, "note": note,
    }  # fmt: skip


def _voice(row: Row) -> str:
    """Return what a site says for its version: whether it meets the criterion, if it can."""
    if row["basis"] == "people":
        return str(row["rating"])
    if row["met"] is None or row["met"] != row["met"]:
        return ""
    return "+" if row["met"] else "-"


def _supported(needed: str, subject: str, made: list[Row], every: list[Row]) -> bool:
    """Tell whether the version has low evidence of a property, or people say so."""
    for row in made:
        if row["property"] == needed and row["subject"] in (FACTORS, subject):
            if row["rating"] == "+" and supports(row["quality"]):
                return True
    return any(
        row["property"] == needed and row["basis"] == "people" and row["rating"] == "+"
        and row["subject"] in (WHOLE, subject) and row["pooling"] != SITE
        and row["risk_of_bias"] not in ("", "inadequate")
        for row in every
    )  # fmt: skip
