"""Data quality on the page: whom flags mark, what is missing, which options nobody chose."""

from __future__ import annotations

from typing import Any

from psychometrics.plots.labels import grouped, place_of, places, records
from psychometrics.plots.numerals import NOTHING, count, is_missing, number, percent
from psychometrics.report.blocks import Section, details, downloads, section, table, words
from psychometrics.report.section_tables import heads, in_order, notes, place_name
from psychometrics.report.source import Source
from psychometrics.report.tables import Rows, Table, matrix, methods_note
from psychometrics.report.wording import CAPTIONS, label, say

Row = dict[str, Any]

PATTERNS_SHOWN = 20
"""So many patterns of missing answers are on the page; the download holds them all."""


def quality_section(source: Source) -> Section:
    """Return what the answers give reason to look at, before any result."""
    if source.frame("quality").empty:
        return section("quality", [])
    return section(
        "quality",
        [
            words(say("lead.quality")),
            table(flags_table(source)),
            table(times_table(source)),
            table(extremes_table(source, sites=False)),
            details(
                say("table.all"),
                [
                    table(missing_table(source)),
                    table(options_table(source)),
                    table(patterns_table(source)),
                    table(extremes_table(source, sites=True)),
                ],
            ),
            downloads(
                source,
                "quality",
                "quality_items",
                "quality_patterns",
                "quality_scales",
                *[] if source.frame("quality_times").empty else ["quality_times"],
            ),
        ],
    )


def flags_table(source: Source) -> Table | None:
    """Return how many people each flag marks, one column a place, with the rules below."""
    frame = source.frame("quality")
    every = records(frame)
    lines = [
        ("", label(f"flag.{flag}"), _by_column(rows))
        for flag, rows in grouped(every, "flag").items()
    ]
    made = matrix(lines, _places(source, every), _part_of_all)
    rules = dict(zip(frame["flag"], frame["rule"], strict=True))
    told = [say("note.flag", flag=label(f"flag.{flag}"), rule=rule) for flag, rule in rules.items()]
    return made.table(
        "tab-quality", CAPTIONS["quality"], {"name": label("flag"), **_places(source, every)},
        notes=notes(source, *told), explained=frozenset({"name"}),
    )  # fmt: skip


def _part_of_all(row: Row) -> str:
    """Write a count with its share."""
    if is_missing(row["count"]):
        return NOTHING
    return say("count_of", count=count(row["count"]), share=percent(row["share"], 1))


def times_table(source: Source) -> Table | None:
    """Return how long answering took: in total, in each mode, at each site."""
    frame = source.frame("quality_times")
    if frame.empty:
        return None
    made = Rows()
    for place, row in in_order(frame, source.labels):
        mode = "" if is_missing(row["mode"]) else str(row["mode"])
        cells = {
            "place": f"{label('mode')}: {mode}" if mode else place_name(source, place),
            "n_timed": count(row["n_timed"]),
            "median_seconds": _median_seconds(row),
            "median_seconds_per_answer": number(row["median_seconds_per_answer"], 1),
        }
        cells |= {
            name: NOTHING if is_missing(row[name]) else count(row[name])
            for name in ("n_fast", "n_faster_than_others")
        }
        made.add(cells, strong=place.pooled and not mode)
    columns = heads("place", "n_timed", "median_seconds", "median_seconds_per_answer")
    columns |= {"n_fast": label("flag.fast")}
    columns |= {"n_faster_than_others": label("flag.faster_than_others")}
    told = notes(source, say("note.times"))
    return made.table("tab-quality-times", CAPTIONS["quality_times"], columns, notes=told)


def _median_seconds(row: Row) -> str:
    """Write a median with its quartiles."""
    if is_missing(row["median_seconds"]):
        return NOTHING
    median, low, high = (
        number(row[name], 0) for name in ("median_seconds", "q25_seconds", "q75_seconds")
    )
    return say("median_quartiles", median=median, low=low, high=high)


def missing_table(source: Source) -> Table | None:
    """Return the share of missing answers to each item, one column a place."""
    return _item_matrix(
        source, "quality_missing", lambda row: percent(row["share_missing"], 1), "note.missing"
    )


def options_table(source: Source) -> Table | None:
    """Return how many of its options each item had chosen, one column a place."""
    known = source.frame("quality_items")
    if known.empty or known["n_categories"].isna().all():
        return None
    return _item_matrix(source, "quality_options", _used_of_all, "note.options")


def _used_of_all(row: Row) -> str:
    """Write how many options were chosen, of how many."""
    if is_missing(row["n_used"]) or is_missing(row["n_categories"]):
        return NOTHING
    return say("used_of", used=count(row["n_used"]), every=count(row["n_categories"]))


def _item_matrix(source: Source, name: str, cell: Any, note: str) -> Table | None:
    """Return one line an item, one column a place."""
    every = records(source.frame("quality_items"))
    if not every:
        return None
    lines = [("", str(item), _by_column(rows)) for item, rows in grouped(every, "item").items()]
    columns = _places(source, every)
    made = matrix(lines, columns, cell)
    id = f"tab-{name.replace('_', '-')}"
    heading = {"name": label("item"), **columns}
    return made.table(id, CAPTIONS[name], heading, notes=notes(source, say(note)))


def patterns_table(source: Source) -> Table | None:
    """Return which items are missing together, the most frequent patterns first."""
    frame = source.frame("quality_patterns")
    made = Rows()
    for row in records(frame.head(PATTERNS_SHOWN)):
        made.add(
            {
                "pattern": str(row["missing"]) or say("no_gaps"),
                "n_missing": count(row["n_missing"]),
                "count": count(row["count"]),
                "share": percent(row["share"], 1),
            }
        )
    columns = heads("pattern", "n_missing", "count", "share")
    more = max(len(frame) - PATTERNS_SHOWN, 0)
    told = (say("note.patterns", count=more),) if more else ()
    return made.table(
        "tab-quality-patterns", CAPTIONS["quality_patterns"], columns, notes=notes(source, *told)
    )


def extremes_table(source: Source, *, sites: bool) -> Table | None:
    """Return the shares of people with the lowest and the highest possible score of a scale."""
    frame = source.frame("quality_scales")
    if frame.empty:
        return None
    made = Rows()
    for scale, rows in grouped(frame, "scale").items():
        for place, row in in_order(rows, source.labels):
            if place.pooled == sites:
                continue
            cells = {"place": place_name(source, place)} if sites else {}
            key = "group" if sites else "scale"
            made.add(
                {
                    key: source.labels.scale(scale),
                    **cells,
                    "n_obs": count(row["n_scored"]),
                    "floor": _share(row, "floor"),
                    "ceiling": _share(row, "ceiling"),
                },
                reason=row.get("reason"),
            )
    id = "tab-quality-scales-sites" if sites else "tab-quality-scales"
    columns = heads("place" if sites else "scale", "n_obs", "floor", "ceiling")
    told = notes(
        source,
        say("note.interval", level=source.level),
        *methods_note(frame.assign(about="floor_ceiling"), "about", label),
    )
    caption = CAPTIONS["quality_scales_sites" if sites else "quality_scales"]
    return made.table(id, caption, columns, group="group" if sites else None, notes=told)


def _share(row: Row, end: str) -> str:
    """Write a share with its interval, all in percent."""
    if is_missing(row[end]):
        return NOTHING
    return say(
        "share_interval", share=percent(row[end]), low=percent(row[f"{end}_low"]),
        high=percent(row[f"{end}_high"]),
    )  # fmt: skip


def _column(pooling: object, group: object) -> str:
    place = place_of(pooling, group)
    return f"at:{place.pooling}:{place.group or ''}"


def _by_column(rows: list[Row]) -> dict[str, Row]:
    return {_column(row["pooling"], row["group"]): row for row in rows}


def _places(source: Source, every: list[Row]) -> dict[str, str]:
    """Return one column for each place."""
    return {
        _column(place.pooling, place.group): place_name(source, place)
        for place in places(every, source.labels)
    }
