"""Multitrait scaling on the page: items with their own scale and with the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psychometrics.plots.labels import grouped, records
from psychometrics.plots.multitrait import plot_multitrait
from psychometrics.plots.numerals import NOTHING, count, is_missing, number, percent
from psychometrics.plots.text import isolated
from psychometrics.report.figures import FigureBlock, drawn_figure
from psychometrics.report.section_tables import heads, in_order, notes, place_name
from psychometrics.report.source import Source
from psychometrics.report.tables import Rows, Table, methods_note
from psychometrics.report.wording import CAPTIONS, label, say
from psychometrics.validity.multitrait import CONVERGENT, DEFINITE, OUTCOMES, MultitraitScaling

Row = dict[str, Any]


def scaling_table(source: Source, *, sites: bool) -> Table | None:
    """Return the scaling successes of each scale, pooled or by site."""
    frame = source.frame("multitrait")
    if frame.empty:
        return None
    made = Rows()
    for scale, rows in grouped(frame, "scale").items():
        for place, row in in_order(rows, source.labels):
            if place.pooled == sites:
                continue
            made.add(
                {
                    "group": source.labels.scale(scale),
                    "place": place_name(source, place),
                    "n_obs": count(row["n_obs"]),
                    "own": _range(row, "own"),
                    "n_convergent": _of(row["n_convergent"], row["n_items"]),
                    "other": _range(row, "other"),
                    **{key: count(row[key]) for key in OUTCOMES},
                    "scaling_success": percent(row["scaling_success"]),
                },
                reason=row["reason"],
                strong=place.pooling == "within",
            )
    columns = heads("place", "n_obs", "own", "n_convergent", "other", *OUTCOMES)
    columns |= heads("scaling_success")
    told = notes(
        source,
        say("note.multitrait", convergent=number(CONVERGENT), errors=f"{DEFINITE:g}"),
        *methods_note(frame.assign(about="multitrait"), "about", label),
    )
    id = "tab-multitrait-sites" if sites else "tab-multitrait"
    caption = CAPTIONS["multitrait_sites" if sites else "multitrait"]
    return made.table(id, caption, columns, group="group", notes=told)


def _range(row: Row, which: str) -> str:
    """Write the lowest and the highest of some correlations."""
    low, high = row[f"{which}_lowest"], row[f"{which}_highest"]
    if is_missing(low):
        return NOTHING
    return say("range", low=number(low), high=number(high))


def _of(part: object, every: object) -> str:
    """Write how many of all."""
    return NOTHING if is_missing(part) else say("used_of", used=count(part), every=count(every))


def scaling_figure(source: Source) -> Iterator[FigureBlock]:
    """Return the correlations of items with scales, within sites or else all together."""
    frame = source.frame("multitrait_items")
    if frame.empty:
        return
    pooling = "within" if (frame["pooling"] == "within").any() else "total"
    shown = source.part("multitrait_items", pooling=pooling)
    drawn = MultitraitScaling(shown, source.frame("multitrait"), CONVERGENT, DEFINITE)
    axes = plot_multitrait(drawn, pooling=pooling, labels=source.labels, simulated=source.simulated)
    title = say("figure.multitrait", place=source.name(pooling, None).lower())
    alt = [_words(source, rows) for rows in grouped(records(shown), "scale", "item").values()]
    yield drawn_figure(source, "fig-multitrait", axes, title, alt)


def _words(source: Source, rows: list[Row]) -> str:
    """Say the correlations of one item."""
    values = "; ".join(
        say(
            "alt.loading_value",
            place=isolated(source.labels.scale(row["scale"] if row["own"] else row["other"])),
            value=number(row["estimate"]),
        )
        for row in rows
    )
    return say("alt.loading", item=isolated(rows[0]["item"]), values=values)
