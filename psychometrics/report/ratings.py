"""The ratings of COSMIN and PAPERS as a section: one table a language version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from psychometrics.plots.labels import records
from psychometrics.plots.numerals import NOTHING, bounds, count, is_missing, number
from psychometrics.report.blocks import Section, details, downloads, section, table, words
from psychometrics.report.criteria import short_source
from psychometrics.report.section_tables import heads, notes
from psychometrics.report.source import Source
from psychometrics.report.tables import Rows, Table
from psychometrics.report.wording import CAPTIONS, label, say
from psychometrics.validity.cosmin_versions import ALL_VERSIONS, VERSION, by_version
from psychometrics.validity.rating_basis import Ratings

Row = dict[str, Any]
HEADLINES = ("within", "total")


def ratings_section(source: Source) -> Section:
    """Return the section of ratings; without blocks where the study has none."""
    frame = _shown(source.frame("cosmin"))
    if frame.empty:
        return section("ratings", [])
    rules: Ratings = getattr(source.study, "ratings", None) or Ratings()
    pooled = next((key for key in HEADLINES if key in set(frame["pooling"])), "total")
    general = frame[(frame["pooling"] == pooled) | _general(frame)]
    versions = by_version(frame, source.instrument, rules.cosmin)
    by_language = [
        _table(source, versions[versions["group"] == group], f"tab-cosmin-{at}", caption, rules)
        for at, (group, caption) in enumerate(_captions(versions), 1)
    ]
    where = source.name(pooled, None).lower()
    first = CAPTIONS["cosmin"].format(place=where)
    sites = frame[frame["pooling"] == "site"]
    return section(
        "ratings",
        [
            words(say("lead.ratings", edition=rules.cosmin.edition)),
            table(_table(source, general, "tab-cosmin", first, rules)),
            *map(table, by_language),
            details(
                say("table.by_site"),
                [
                    table(_sites(source, site, part, rules))
                    for site, part in sites.groupby("group", sort=False)
                ],
            ),
            table(_papers(source, rules, pooled)),
            words(say("lead.papers"), say("note.cosmin_bias"), say("note.cosmin_claims")),
            downloads(source, "cosmin", "papers", "formative"),
        ],
    )


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that aren't withheld."""
    return frame if frame.empty else frame[frame["rating"] != ""]


def _general(frame: pd.DataFrame) -> pd.Series:
    """Say which rows are no number of a unit: what people say, and what nobody rated."""
    return frame["basis"].isin(("people", "entered", "nobody")) & (frame["pooling"] != "site")


def _captions(versions: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Yield each language version with the caption of its table."""
    for group in dict.fromkeys(versions["group"]):
        code = "cosmin_all" if group == ALL_VERSIONS else "cosmin_version"
        yield group, CAPTIONS[code].format(version=group)


def _sites(source: Source, site: Any, part: pd.DataFrame, rules: Ratings) -> Table:
    caption = CAPTIONS["cosmin"].format(place=source.name("site", site))
    at = source.sites.index(str(site)) + 1 if str(site) in source.sites else 0
    return _table(source, part, f"tab-cosmin-site-{at}", caption, rules)


def _table(source: Source, frame: pd.DataFrame, id: str, caption: str, rules: Ratings) -> Table:
    """Return ratings as a table, properties in COSMIN's order."""
    every = (*rules.cosmin.properties, *rules.cosmin.formative)
    titles = {one.key: one.title for one in every}
    order = {key: at for at, key in enumerate(titles)}
    made = Rows()
    rows = sorted(records(frame), key=lambda row: order[row["property"]])
    versions = all(row["pooling"] == VERSION for row in rows)
    for row in rows:
        cells = {"group": titles[row["property"]], "subject": _subject(source, row["subject"])}
        cells["rating"] = label(f"rating.{row['rating']}")
        cells["value"] = _value(row)
        cells["criterion_short"] = _criterion(row, rules)
        cells["n_obs"] = NOTHING if is_missing(row["n_obs"]) else count(row["n_obs"])
        cells["risk_of_bias"] = label(row["risk_of_bias"]) if row["risk_of_bias"] else NOTHING
        cells["quality"] = _quality(row)
        cells["rated_by"] = _who(row)
        why = row["reason"] if not is_missing(row["reason"]) else row["note"]
        made.add(cells, reason=None)
        if not is_missing(why) and str(why):
            made.reasons[len(made.rows) - 1, "rating"] = str(why)
    shown: tuple[str, ...] = ("subject", "rating", "n_obs", "risk_of_bias", "quality")
    if not versions:
        shown = ("subject", "rating", "value", "criterion_short", *shown[2:], "rated_by")
    left = frozenset({"rating", "value", "criterion_short", "risk_of_bias", "quality", "rated_by"})
    return made.table(id, caption, heads(*shown), group="group", left=left, notes=notes(source))


def _subject(source: Source, subject: object) -> str:
    """Return a scale or model by its name."""
    if is_missing(subject) or not str(subject):
        return say("subject.measure")
    if str(subject) in source.labels.scales:
        return source.labels.scale(subject)
    return label(subject)


def _value(row: Row) -> str:
    """Write the index that decided, with its interval."""
    if is_missing(row["estimate"]):
        return NOTHING
    told = f"{label(row['index'])} {number(row['estimate'])}"
    return told if is_missing(row["low"]) else f"{told} {bounds(row['low'], row['high'])}"


def _criterion(row: Row, rules: Ratings) -> str:
    """Write the threshold, whose it is."""
    if is_missing(row["threshold"]):
        return NOTHING
    source = short_source(rules.cosmin.sources[row["source"]])
    return say(f"threshold.{row['direction']}", threshold=number(row["threshold"]), source=source)


def _quality(row: Row) -> str:
    """Write the level of evidence, or that it is at most that."""
    if not row["quality"]:
        return NOTHING
    level = label(f"quality.{row['quality']}")
    return say("quality.at_most", level=level) if row["quality_is"] == "upper_limit" else level


def _who(row: Row) -> str:
    """Write who rated."""
    if row["by"]:
        return say("rated.by", by=row["by"], date=row["date"])
    return label(f"basis.{row['basis']}")


def _papers(source: Source, rules: Ratings, pooled: str) -> Table | None:
    """Return the scores of PAPERS."""
    frame = source.frame("papers")
    if frame.empty:
        return None
    frame = frame[
        (frame["pooling"] == pooled)
        | (frame["basis"] != "data")
        | (frame["criterion"] == "brevity")
    ]
    titles = {one.key: one.title for one in rules.papers.criteria}
    made = Rows()
    for row in records(frame[frame["pooling"] != "site"]):
        scored = not is_missing(row["score"])
        cells = {
            "group": label(row["domain"]),
            "subject": say(
                "papers.about",
                criterion=titles[row["criterion"]],
                subject=_subject(source, row["subject"]),
            ),
            "score": label(f"papers.{int(row['score'])}") if scored else NOTHING,
            "value": NOTHING if is_missing(row["estimate"]) else number(row["estimate"]),
            "rated_by": _who(row),
        }
        made.add(cells)
        why = row["reason"] if not is_missing(row["reason"]) else row["note"]
        if not is_missing(why) and str(why):
            made.reasons[len(made.rows) - 1, "score"] = str(why)
    columns = heads("subject", "score", "value", "rated_by")
    left = frozenset({"score", "rated_by"})
    caption = CAPTIONS["papers"].format(edition=rules.papers.edition)
    return made.table("tab-papers", caption, columns, group="group", left=left, notes=notes(source))
