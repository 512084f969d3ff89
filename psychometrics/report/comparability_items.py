"""Items that work differently between versions: what kind of difference, and how large."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from psychometrics.plots.dif import plot_dif
from psychometrics.plots.labels import grouped, records, unique
from psychometrics.plots.numerals import count, interval, is_missing, number, p_value
from psychometrics.plots.text import isolated
from psychometrics.report.figures import FigureBlock, drawn_figure
from psychometrics.report.section_tables import heads, notes
from psychometrics.report.source import Source
from psychometrics.report.tables import Rows, Table
from psychometrics.report.wording import CAPTIONS, bdi, label, say, say_html

Row = dict[str, Any]
TABLES = ("dif", "attribution")
DIFFERENT = (
    "version_difference", "same_words_site_difference", "within_site_language_difference",
)  # fmt: skip


def told_rows(source: Source) -> list[Row]:
    """Return the comparisons that have a verdict."""
    return [row for row in records(source.frame("attribution")) if not is_missing(row["verdict"])]


def item_answers(source: Source) -> Iterator[Markup]:
    """Say how many items work differently, of which kind, and what the same words show."""
    rows = [row for row in told_rows(source) if row["kind"] == "uniform"]
    if not rows:
        return
    counts = {name: sum(row["verdict"] == name for row in rows) for name in
              (*DIFFERENT, "equivalent", "undecided")}  # fmt: skip
    yield say_html(
        "items.counted", total=count(len(rows)), version=count(counts[DIFFERENT[0]]),
        same_words=count(counts[DIFFERENT[1]]), within=count(counts[DIFFERENT[2]]),
        equivalent=count(counts["equivalent"]), undecided=count(counts["undecided"]),
    )  # fmt: skip
    same = _same_words(rows)
    if same:
        widest = max(same, key=lambda row: abs(float(row["same_words_estimate"])))
        one, other = (place(source, name) for name in str(widest["same_words_pair"]).split(" - "))
        yield say_html(
            "items.same_words", one=bdi(one), other=bdi(other),
            value=interval(*(widest[f"same_words_{key}"] for key in ("estimate", "low", "high"))),
            item=bdi(str(widest["item"])),
        )  # fmt: skip


def _same_words(rows: list[Row]) -> list[Row]:
    """Return one row an item with the difference of two sites that read the same words."""
    found: dict[str, Row] = {}
    for row in rows:
        if not is_missing(row["same_words_estimate"]):
            found.setdefault(str(row["item"]), row)
    return list(found.values())


def place(source: Source, name: object) -> str:
    """Return the name of a version: its site's name, and what else it is known by."""
    site, _, rest = str(name).partition(", ")
    if name == "others":
        return label("others")
    return source.labels.site(site) + (f", {rest}" if rest else "")


def attribution_table(source: Source) -> Table | None:
    """Return the items that differ, with the kind of difference and what would tell more."""
    made = Rows()
    for row in told_rows(source):
        if row["verdict"] not in DIFFERENT:
            continue
        keys = ("same_words_estimate", "same_words_low", "same_words_high")
        made.add(
            {
                "group": source.labels.scale(row["scale"]),
                "item": str(row["item"]),
                "place": say("items.pair", a=place(source, row["group_a"]),
                             b=place(source, row["group_b"])),
                "kind": label(f"kind.{row['kind']}"),
                "in_sd": interval(row["estimate"], row["low"], row["high"]),
                "p_adjusted": p_value(row["p_adjusted"]),
                "same_words": interval(*(row[key] for key in keys)),
                "verdict": label(f"attribution.{row['verdict']}"),
                "more": " ".join(str(row[key]) for key in ("text", "more")
                                 if not is_missing(row[key])),
            }
        )  # fmt: skip
    if not made.rows:
        return None
    columns = heads("item", "place", "kind", "in_sd", "p_adjusted", "same_words", "verdict",
                    "more")  # fmt: skip
    return made.table(
        "tab-attribution", CAPTIONS["attribution"], columns, group="group",
        left=frozenset({"place", "kind", "verdict", "more"}),
        notes=notes(source, say("note.attribution", level=source.level)),
    )  # fmt: skip


def same_words_table(source: Source) -> Table | None:
    """Return how much two sites differ with the same words, item by item."""
    made = Rows()
    for row in _same_words([row for row in told_rows(source) if row["kind"] == "uniform"]):
        one, other = (place(source, name) for name in str(row["same_words_pair"]).split(" - "))
        keys = ("same_words_estimate", "same_words_low", "same_words_high")
        made.add(
            {
                "group": source.labels.scale(row["scale"]),
                "item": str(row["item"]),
                "place": say("items.pair", a=one, b=other),
                "in_sd": interval(*(row[key] for key in keys)),
                "text": source.labels.item(row["item"]),
            }
        )  # fmt: skip
    if not made.rows:
        return None
    return made.table(
        "tab-same-words", CAPTIONS["same_words"], heads("item", "place", "in_sd", "text"),
        group="group", left=frozenset({"place", "text"}),
        notes=notes(source, say("note.same_words")),
    )  # fmt: skip


def dif_table(source: Source) -> Table | None:
    """Return the items flagged at a site against all others."""
    made = Rows()
    for row in records(source.frame("dif")):
        if is_missing(row["flag"]) or not row["flag"]:
            continue
        made.add(
            {
                "group": source.labels.scale(row["scale"]),
                "item": str(row["item"]),
                "place": place(source, row["group_a"]),
                "kind": label(f"kind.{row['kind']}"),
                "in_sd": interval(row["estimate"], row["low"], row["high"]),
                "points": number(row["estimate_points"]),
                "p_adjusted": p_value(row["p_adjusted"]),
                "n_obs": count(row["n_a"]),
            }
        )
    if not made.rows:
        return None
    columns = heads("item", "place", "kind", "n_obs", "in_sd", "points", "p_adjusted")
    return made.table(
        "tab-dif", CAPTIONS["dif"], columns, group="group", left=frozenset({"place", "kind"}),
        notes=notes(source, say("note.dif", level=source.level)),
    )  # fmt: skip


def dif_figures(source: Source) -> Iterator[FigureBlock]:
    """Return a forest of the items of every scale that has a flagged one."""
    frame = source.frame("dif")
    if frame.empty:
        return
    shown = frame[(frame["kind"] == "uniform") & frame["estimate"].notna()]
    told = zip(shown["scale"], shown["flag"], strict=True)
    flagged = {scale for scale, flag in told if not is_missing(flag) and bool(flag)}
    for at, scale in enumerate(unique(shown["scale"])):
        if scale not in flagged:
            continue
        part = shown[shown["scale"] == scale]
        axes = plot_dif(part, labels=source.labels, simulated=source.simulated)
        alt = [
            say("alt.loading", item=isolated(item), values="; ".join(
                say("alt.loading_value", place=isolated(place(source, row["group_a"])),
                    value=interval(row["estimate"], row["low"], row["high"]))
                for row in rows
            ))
            for item, rows in grouped(records(part), "item").items()
        ]  # fmt: skip
        title = say("figure.dif", scale=isolated(source.labels.scale(scale)))
        yield drawn_figure(source, f"fig-dif-{at}", axes, title, alt)
