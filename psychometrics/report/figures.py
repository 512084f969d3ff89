"""The figures of the page, each with a text alternative that says its numbers in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes

from psychometrics.plots.htmt import plot_htmt
from psychometrics.plots.labels import place_of, places, records, unique
from psychometrics.plots.loadings import plot_loadings
from psychometrics.plots.numerals import count, interval, is_missing, number, percent
from psychometrics.plots.reliability import plot_reliability
from psychometrics.plots.responses import plot_responses
from psychometrics.plots.svg import figure_svg
from psychometrics.plots.text import isolated
from psychometrics.report.criteria import HTMT_CRITERION
from psychometrics.report.source import Source
from psychometrics.report.wording import label, say
from psychometrics.validity.criteria import CRITERIA


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
    for at, scale in enumerate(source.scales):
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
        alt = [_reliability_words(source, row) for row in _in_order(source, part)]
        if threshold is not None:
            alt.append(say("alt.threshold", label=threshold_label))
        yield _figure(source, f"fig-reliability-{at}", axes, title, alt)


def _axis_limits(frame: pd.DataFrame) -> tuple[float, float]:
    """Return limits for all coefficients: down to the lowest limit in quarters, not below 0."""
    lowest = frame["low"].min() if "low" in frame else float("nan")
    if is_missing(lowest):
        return 0.0, 1.0
    return max(0.0, min(0.5, float(lowest // 0.25) * 0.25)), 1.0


def _in_order(source: Source, part: pd.DataFrame) -> list[dict[str, object]]:
    """Return the rows of a frame in the order in which they are drawn."""
    order = places(part, source.labels)
    return sorted(
        records(part), key=lambda row: order.index(place_of(row["pooling"], row["group"]))
    )


def _reliability_words(source: Source, row: dict[str, object]) -> str:
    place = isolated(source.name(row["pooling"], row["group"]))
    if is_missing(row["estimate"]):
        return say("alt.no_value", place=place, reason=_reason(row))
    value = interval(row["estimate"], row["low"], row["high"])
    named = {"place": place, "coefficient": label(row["coefficient"]).lower(), "value": value}
    if is_missing(row["n_obs"]):
        return say("alt.reliability_no_n", **named)
    return say("alt.reliability", n=count(row["n_obs"]), **named)


def _reason(row: dict[str, object]) -> str:
    return label("unavailable") if is_missing(row.get("reason")) else str(row["reason"])


def response_figures(source: Source) -> Iterator[FigureBlock]:
    """Return diverging bars for each scale; items with other options get a figure of their own."""
    answers = _with_texts(source, source.frame("responses"))
    if answers.empty:
        return
    for at, scale in enumerate(source.scales):
        definition = source.instrument.scales[scale]
        for number_of, items in enumerate(_same_options(answers, list(definition.items))):
            part = answers[answers["item"].isin(items)]
            ordered = part.sort_values(
                "item", key=lambda keys: keys.map(items.index), kind="stable"
            )
            axes = plot_responses(
                ordered,
                labels=source.labels,
                title=source.labels.scale(scale),
                reversed_items=[key for key in items if source.instrument.items[key].keyed == -1],
                simulated=source.simulated,
            )
            title = say("figure.responses", scale=isolated(source.labels.scale(scale)))
            alt = list(_response_words(source, ordered))
            yield _figure(source, f"fig-responses-{at}-{number_of}", axes, title, alt)


def _with_texts(source: Source, answers: pd.DataFrame) -> pd.DataFrame:
    """Return answers with the text of each option instead of its key."""
    texts: dict[tuple[str, str], str] = {}
    for key, item in source.instrument.items.items():
        for option in source.instrument.response_sets[item.response_set].options:
            texts[str(key), str(option.key)] = option.text
    if answers.empty:
        return answers
    pairs = zip(answers["item"].astype(str), answers["option"].astype(str), strict=True)
    return answers.assign(option=[texts.get(pair, pair[1]) for pair in pairs])


def _same_options(answers: pd.DataFrame, items: list[str]) -> list[list[str]]:
    """Return the items that have answers, those with the same options together."""
    found: dict[tuple[tuple[object, object], ...], list[str]] = {}
    for key in items:
        part = answers[answers["item"] == key][["code", "option"]].drop_duplicates()
        if not part.empty:
            options = tuple(zip(part["code"], part["option"], strict=True))
            found.setdefault(options, []).append(key)
    return list(found.values())


def _response_words(source: Source, part: pd.DataFrame) -> Iterator[str]:
    """Say the shares of every item and place."""
    for item in unique(part["item"]):
        rows = part[part["item"] == item]
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


def _by_place(source: Source, rows: pd.DataFrame) -> Iterator[tuple[str, list[dict[str, object]]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for row in _in_order(source, rows):
        name = isolated(source.name(row["pooling"], row["group"]))
        found.setdefault(name, []).append(row)
    yield from found.items()


def loading_figures(source: Source) -> Iterator[FigureBlock]:
    """Return the loadings of each scale."""
    loadings = source.part("convergent", statistic="loading")
    if loadings.empty:
        return
    for at, scale in enumerate(source.scales):
        part = loadings[loadings["scale"] == scale]
        if part.empty:
            continue
        axes = plot_loadings(part, labels=source.labels, simulated=source.simulated)
        title = say("figure.loadings", scale=isolated(source.labels.scale(scale)))
        yield _figure(source, f"fig-loadings-{at}", axes, title, list(_loading_words(source, part)))


def _loading_words(source: Source, part: pd.DataFrame) -> Iterator[str]:
    """Say the loadings of every item, and the reasons of places without any."""
    for item in unique(part["item"]):
        rows = _in_order(source, part[part["item"] == item])
        values = [
            say(
                "alt.loading_value",
                place=isolated(source.name(row["pooling"], row["group"])),
                value=interval(row["estimate"], row["low"], row["high"]),
            )
            for row in rows
            if not is_missing(row["estimate"])
        ]
        if values:
            yield say("alt.loading", item=isolated(item), values="; ".join(values))
    missing = part[part["estimate"].isna()].drop_duplicates(["pooling", "group"])
    for row in _in_order(source, missing):
        place = isolated(source.name(row["pooling"], row["group"]))
        yield say("alt.no_value", place=place, reason=_reason(row))


def htmt_figure(source: Source, pooling: str) -> Iterator[FigureBlock]:
    """Return the heat map of one way of pooling, if there is one."""
    part = source.part("htmt", pooling=pooling, variant="htmt")
    if part.empty:
        return
    cutoff = CRITERIA[HTMT_CRITERION].threshold
    axes = plot_htmt(part, labels=source.labels, cutoff=cutoff, simulated=source.simulated)
    title = say("figure.htmt", place=source.name(pooling, None).lower())
    alt = [say("figure.htmt_legend", level=source.level, cutoff=number(cutoff))]
    alt += [_htmt_words(source, row) for row in records(part)]
    block = _figure(source, "fig-htmt", axes, title, alt)
    yield replace(block, caption=f"{block.caption} {alt[0]}")


def _htmt_words(source: Source, row: dict[str, object]) -> str:
    pair = {
        "a": isolated(source.labels.scale(row["scale_a"])),
        "b": isolated(source.labels.scale(row["scale_b"])),
    }
    if is_missing(row["estimate"]):
        return say("alt.htmt_missing", reason=_reason(row), **pair)
    return say("alt.htmt", value=interval(row["estimate"], row["low"], row["high"]), **pair)
