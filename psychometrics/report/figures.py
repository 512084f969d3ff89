"""The figures of the page, each with a text alternative that says its numbers in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes

from psychometrics.plots.htmt import plot_htmt
from psychometrics.plots.labels import Row, grouped, place_of, places, records
from psychometrics.plots.loadings import plot_loadings
from psychometrics.plots.numerals import count, interval, is_missing, number, percent
from psychometrics.plots.reliability import plot_reliability
from psychometrics.plots.responses import plot_responses
from psychometrics.plots.svg import figure_svg
from psychometrics.plots.text import isolated
from psychometrics.report.criteria import HTMT_CRITERION
from psychometrics.report.source import Source
from psychometrics.report.wording import label, say


@dataclass(frozen=True, slots=True)
class FigureBlock:
    """One figure of the page: its SVG and what stands under it."""

    id: str
    title: str
    svg: Markup
    caption: str
    kind: str = "figure"


def _figure(source: Source, id: str, axes: Axes, title: str, alt: list[str]) -> FigureBlock:
    """Return a drawn figure with its caption; simulated answers say so in both."""
    note = [say("simulated.caption")] if source.simulated else []
    drawn = axes.figure.get_figure(root=True)
    svg = figure_svg(drawn, prefix=id, title=title, description=" ".join([*note, *alt]))
    return FigureBlock(id, title, Markup(svg), " ".join([f"{title}.", *note]))


def reliability_figures(
    source: Source, threshold: float | None, threshold_label: str
) -> Iterator[FigureBlock]:
    """Return a forest for each scale, all with the same axis."""
    limits = _axis_limits(source.frame("reliability"))
    for at, scale in enumerate(source.reflective_scales):
        part = source.part("reliability", scale=scale)
        if part.empty:
            continue
        axes = plot_reliability(
            part,
            labels=source.labels,
            threshold=threshold,
            threshold_label=threshold_label,
            limits=limits,
            simulated=source.simulated,
        )
        title = say("figure.reliability", scale=isolated(source.labels.scale(scale)))
        alt = [_reliability_words(source, row) for row in _in_order(source, records(part))]
        if threshold is not None:
            alt.append(say("alt.threshold", label=threshold_label))
        yield _figure(source, f"fig-reliability-{at}", axes, title, alt)


def _axis_limits(frame: pd.DataFrame) -> tuple[float, float]:
    """Return limits for all coefficients: down to the lowest limit in quarters, not below 0."""
    lowest = frame["low"].min() if "low" in frame else float("nan")
    if is_missing(lowest):
        return 0.0, 1.0
    return max(0.0, min(0.5, float(lowest // 0.25) * 0.25)), 1.0


def _in_order(source: Source, rows: list[Row]) -> list[Row]:
    """Return rows in the order in which they are drawn."""
    order = {place: at for at, place in enumerate(places(rows, source.labels))}
    return sorted(rows, key=lambda row: order[place_of(row["pooling"], row["group"])])


def _reliability_words(source: Source, row: Row) -> str:
    place = isolated(source.name(row["pooling"], row["group"]))
    if is_missing(row["estimate"]):
        return say("alt.no_value", place=place, reason=_reason(row))
    value = interval(row["estimate"], row["low"], row["high"])
    named = {"place": place, "coefficient": label(row["coefficient"]).lower(), "value": value}
    if is_missing(row["n_obs"]):
        return say("alt.reliability_no_n", **named)
    return say("alt.reliability", n=count(row["n_obs"]), **named)


def _reason(row: Row) -> str:
    return label("unavailable") if is_missing(row.get("reason")) else str(row["reason"])


def response_figures(source: Source) -> Iterator[FigureBlock]:
    """Return diverging bars for each scale; items with other options get a figure of their own."""
    answers = _with_texts(source)
    for at, scale in enumerate(source.scales):
        definition = source.instrument.scales[scale]
        for number_of, items in enumerate(_same_options(answers, list(definition.items))):
            part = [row for key in items for row in answers[key]]
            axes = plot_responses(
                pd.DataFrame(part),
                labels=source.labels,
                title=source.labels.scale(scale),
                reversed_items=[key for key in items if source.instrument.items[key].keyed == -1],
                simulated=source.simulated,
            )
            title = say("figure.responses", scale=isolated(source.labels.scale(scale)))
            alt = list(_response_words(source, part))
            yield _figure(source, f"fig-responses-{at}-{number_of}", axes, title, alt)


def _with_texts(source: Source) -> dict[str, list[Row]]:
    """Return the answers to each item, with the text of each option instead of its key."""
    texts: dict[tuple[str, str], str] = {}
    for key, item in source.instrument.items.items():
        for option in source.instrument.response_sets[item.response_set].options:
            texts[str(key), str(option.key)] = option.text
    made: dict[str, list[Row]] = {}
    for row in records(source.frame("responses")):
        text = texts.get((str(row["item"]), str(row["option"])), str(row["option"]))
        made.setdefault(str(row["item"]), []).append({**row, "option": text})
    return made


def _same_options(answers: dict[str, list[Row]], items: list[str]) -> list[list[str]]:
    """Return the items that have answers, those with the same options together."""
    found: dict[tuple[tuple[object, object], ...], list[str]] = {}
    for key in items:
        options = tuple(dict.fromkeys((row["code"], row["option"]) for row in answers.get(key, [])))
        if options:
            found.setdefault(options, []).append(key)
    return list(found.values())


def _response_words(source: Source, part: list[Row]) -> Iterator[str]:
    """Say the shares of every item and place."""
    for item, rows in grouped(part, "item").items():
        for place, here in _by_place(source, rows):
            first = here[0]
            if is_missing(first["share"]):
                yield say("alt.no_value", place=place, reason=_reason(first))
                continue
            answers = "; ".join(
                say("alt.answer", option=isolated(row["option"]), share=percent(row["share"]))
                for row in here
            )
            size = count(first["n_obs"])
            yield say("alt.responses", item=isolated(item), place=place, n=size, answers=answers)


def _by_place(source: Source, rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    found: dict[str, list[Row]] = {}
    for row in _in_order(source, rows):
        name = isolated(source.name(row["pooling"], row["group"]))
        found.setdefault(name, []).append(row)
    yield from found.items()


def loading_figures(source: Source) -> Iterator[FigureBlock]:
    """Return the loadings of each scale."""
    loadings = source.part("convergent", statistic="loading")
    if loadings.empty:
        return
    for at, scale in enumerate(source.reflective_scales):
        part = loadings[loadings["scale"] == scale]
        if part.empty:
            continue
        axes = plot_loadings(part, labels=source.labels, simulated=source.simulated)
        title = say("figure.loadings", scale=isolated(source.labels.scale(scale)))
        yield _figure(
            source, f"fig-loadings-{at}", axes, title, list(_loading_words(source, records(part)))
        )


def _loading_words(source: Source, part: list[Row]) -> Iterator[str]:
    """Say the loadings of every item, and the reasons of places without any."""
    absent: dict[str, str] = {}
    for item, rows in grouped(part, "item").items():
        values = []
        for row in _in_order(source, rows):
            place = isolated(source.name(row["pooling"], row["group"]))
            if is_missing(row["estimate"]):
                absent.setdefault(place, _reason(row))
                continue
            value = interval(row["estimate"], row["low"], row["high"])
            values.append(say("alt.loading_value", place=place, value=value))
        if values:
            yield say("alt.loading", item=isolated(item), values="; ".join(values))
    for place, reason in absent.items():
        yield say("alt.no_value", place=place, reason=reason)


def htmt_figure(source: Source, pooling: str) -> Iterator[FigureBlock]:
    """Return the heat map of one way of pooling, if there is one."""
    part = source.part("htmt", pooling=pooling, variant="htmt")
    for side in ("scale_a", "scale_b"):
        if side in part:
            part = part[part[side].isin(source.reflective_scales)]
    if part.empty:
        return
    cutoff = source.criteria[HTMT_CRITERION].threshold
    axes = plot_htmt(part, labels=source.labels, cutoff=cutoff, simulated=source.simulated)
    title = say("figure.htmt", place=source.name(pooling, None).lower())
    alt = [say("figure.htmt_legend", level=source.level, cutoff=number(cutoff))]
    alt += [_htmt_words(source, row) for row in records(part)]
    block = _figure(source, "fig-htmt", axes, title, alt)
    yield replace(block, caption=f"{block.caption} {alt[0]}")


def _htmt_words(source: Source, row: Row) -> str:
    pair = {
        "a": isolated(source.labels.scale(row["scale_a"])),
        "b": isolated(source.labels.scale(row["scale_b"])),
    }
    if is_missing(row["estimate"]):
        return say("alt.htmt_missing", reason=_reason(row), **pair)
    return say("alt.htmt", value=interval(row["estimate"], row["low"], row["high"]), **pair)
