"""Items that may belong to another scale too, the largest expected loadings first."""

from __future__ import annotations

from typing import Any

from psychometrics.plots.labels import grouped, place_of, records
from psychometrics.plots.numerals import NOTHING, count, is_missing, number, p_value
from psychometrics.report.section_tables import heads, notes, place_name
from psychometrics.report.source import Source
from psychometrics.report.tables import Rows, Table, methods_note
from psychometrics.report.wording import CAPTIONS, label, say

Row = dict[str, Any]

CRITERION = "cross_loading_040"
LEAST_SHOWN = 10
MOST_SHOWN = 30
"""So many rows of one table at most, for the page; the download holds all."""


def large(source: Source, row: Row) -> bool:
    """Tell whether an item would load on another scale as strongly as the criterion says."""
    return not is_missing(row["epc"]) and not source.criteria[CRITERION].met_by(abs(row["epc"]))


def by_size(rows: list[Row]) -> list[Row]:
    """Return the rows that have a number, the largest expected loading first."""
    found = [row for row in rows if not is_missing(row["epc"])]
    return sorted(found, key=lambda row: -abs(float(row["epc"])))


def cross_loadings_table(source: Source, pooling: str) -> Table | None:
    """Return the items with the largest expected loadings on other scales, pooled."""
    frame = source.part("cross_loadings", pooling=pooling)
    found = by_size(records(frame))
    shown = max(LEAST_SHOWN, min(sum(large(source, row) for row in found), MOST_SHOWN))
    made = Rows()
    for row in found[:shown]:
        made.add(_cells(source, row), strong=large(source, row))
    columns = heads("item", "text", "scale", "other_scale", "loading", "implied", "epc", "mi")
    columns |= heads("p_value")
    left = frozenset({"text", "scale", "other_scale"})
    told = notes(
        source,
        say("note.cross_loadings", shown=len(made.rows), every=len(found)),
        *methods_note(frame.assign(about="cross_loadings"), "about", label),
    )
    caption = CAPTIONS["cross_loadings"].format(place=source.name(pooling, None).lower())
    return made.table("tab-cross-loadings", caption, columns, left=left, notes=told)


def cross_loadings_sites_table(source: Source) -> Table | None:
    """Return the items that stand out at single sites, and the sites without a model."""
    made = Rows()
    for rows in grouped(source.part("cross_loadings", pooling="site"), "group").values():
        place = place_name(source, place_of("site", rows[0]["group"]))
        found = [row for row in by_size(rows) if large(source, row)]
        for row in found[:LEAST_SHOWN]:
            made.add({"place": place, **_cells(source, row)})
        if not found:
            nothing = NOTHING if is_missing(rows[0]["epc"]) else label("none")
            made.add({"place": place, "item": nothing}, reason=rows[0]["reason"])
    columns = heads("place", "item", "scale", "other_scale", "loading", "implied", "epc", "mi")
    columns |= heads("p_value")
    left = frozenset({"item", "scale", "other_scale"})
    criterion = number(source.criteria[CRITERION].threshold)
    caption = CAPTIONS["cross_loadings_sites"].format(threshold=criterion)
    return made.table("tab-cross-loadings-sites", caption, columns, left=left, notes=notes(source))


def _cells(source: Source, row: Row) -> dict[str, str]:
    return {
        "item": str(row["item"]),
        "text": source.labels.item(row["item"]),
        "scale": source.labels.scale(row["scale"]),
        "other_scale": source.labels.scale(row["other"]),
        "loading": number(row["loading"]),
        "implied": number(row["structure"]),
        "epc": number(row["epc"]),
        "mi": number(row["mi"], 1),
        "p_value": p_value(row["p_value"]),
    }


def cross_loadings_told(source: Source, pooling: str) -> str:
    """Count the items that stand out, of all that were asked; empty where no model was fitted."""
    found = by_size(records(source.part("cross_loadings", pooling=pooling)))
    if not found:
        return ""
    return say(
        "cross_loadings.counted",
        large=sum(large(source, row) for row in found),
        every=count(len(found)),
        threshold=number(source.criteria[CRITERION].threshold),
    )
