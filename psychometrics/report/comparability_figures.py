"""Figures on whether groups may be compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from psychometrics.plots.comparability import plot_groups, plot_ladder
from psychometrics.plots.effects import plot_effects
from psychometrics.plots.labels import WORDS, grouped, records, unique
from psychometrics.plots.numerals import interval, is_missing, number
from psychometrics.plots.text import isolated
from psychometrics.report.figures import FigureBlock, drawn_figure
from psychometrics.report.source import Source
from psychometrics.report.wording import label, say

Row = dict[str, Any]
INDICES = ("cfi", "rmsea", "srmr")


def ladder_figure(source: Source, grouping: str) -> Iterator[FigureBlock]:
    """Return what each level adds to misfit, for the first model that was fitted."""
    frame = source.part("invariance", grouping=grouping)
    fitted = frame[frame["chi2"].notna() & ~frame["model"].astype(str).str.contains(", ")] if len(
        frame
    ) else frame  # fmt: skip
    if fitted.empty or fitted["model"].nunique() > 1 or fitted["delta_cfi"].notna().sum() == 0:
        return
    table = fitted.set_index("level")
    tested = table["permutation_p"].notna().any()
    if tested:
        table = table.assign(delta_p=table["permutation_p"])
    source_of = "critical" if tested else "cutoff"
    cutoffs = pd.DataFrame([
        {"level": level, "index": index, "cutoff": row[f"{source_of}_{index}"], "nearest": True}
        for level, row in table.iterrows()
        for index in INDICES
        if not is_missing(row[f"{source_of}_{index}"])
    ], columns=["level", "index", "cutoff", "nearest"])  # fmt: skip
    axes = plot_ladder(table, cutoffs=cutoffs, simulated=source.simulated)
    if tested:
        axes.set_xlabel(WORDS["change_of_fit_permuted"], parse_math=False)
    alt = [
        say("alt.ladder", level=label(f"level.{level}"),
            values="; ".join(f"{i.upper()} {number(row[f'delta_{i}'], 3)}" for i in INDICES))
        for level, row in table.iterrows()
        if not is_missing(row["delta_cfi"])
    ]  # fmt: skip
    yield drawn_figure(source, f"fig-ladder-{grouping}", axes, say("figure.ladder"), alt)


def effect_figure(source: Source, grouping: str) -> Iterator[FigureBlock]:
    """Return the heat map of the items that work differently somewhere."""
    frame = source.part("invariance_effects", grouping=grouping)
    if frame.empty:
        return
    items = frame[frame["item"].notna()]
    other = set(items.loc[items["signed"].abs() > 0, "item"])
    shown = items[items["item"].isin(other)]
    if shown.empty:
        return
    axes = plot_effects(shown, labels=source.labels, simulated=source.simulated)
    alt = [_values(source, item, own, "signed") for item, own in
           grouped(records(shown), "item").items()]  # fmt: skip
    title = say("figure.effects", reference=source.labels.site(items["reference"].iloc[0]))
    yield drawn_figure(source, f"fig-effects-{grouping}", axes, title, alt)


def mean_figure(source: Source, grouping: str) -> Iterator[FigureBlock]:
    """Return factor means of every group: aligned ones where there are some."""
    frame = source.part("latent_means", grouping=grouping)
    if frame.empty:
        return
    aligned = frame[(frame["statistic"] == "alignment") & frame["low"].notna()]
    shown = aligned if len(aligned) else frame[frame["statistic"] == "partial_scalar"]
    shown = shown[shown["estimate"].notna()].rename(columns={"scale": "factor"})
    if shown.empty:
        return
    how = label(f"means.{shown['statistic'].iloc[0]}")
    axes = plot_groups(
        shown, by="factor", title=WORDS["means_by_site"], axis=WORDS["in_first_sd"],
        labels=source.labels, simulated=source.simulated,
    )  # fmt: skip
    alt = [_values(source, source.labels.scale(scale), own, "estimate")
           for scale, own in grouped(records(shown), "factor").items()]  # fmt: skip
    title = say("figure.latent_means", how=how.lower(), level=source.level)
    yield drawn_figure(source, f"fig-latent-means-{grouping}", axes, title, alt)


def parameter_figures(source: Source, grouping: str) -> Iterator[FigureBlock]:
    """Return loadings and intercepts of the scales with an item that differs somewhere."""
    frame = source.part("alignment", grouping=grouping)
    if frame.empty or "item" not in frame:
        return
    rows = frame[frame["item"].notna() & frame["estimate"].notna()]
    verdicts = source.part("comparability", grouping=grouping)
    uneven = set(verdicts.loc[verdicts["items"].fillna("") != "", "scale"])
    uneven |= set(rows.loc[rows["different"] == True, "scale"])  # noqa: E712 - None is no False
    for at, scale in enumerate(unique(rows["scale"])):
        if scale not in uneven:
            continue
        for what, axis in (("loading", "in_first_sd_items"), ("intercept", "in_item_units")):
            shown = rows[(rows["scale"] == scale) & (rows["statistic"] == what)]
            axes = plot_groups(
                shown, by="item", title=WORDS[f"{what}s_by_site"], axis=WORDS[axis],
                labels=source.labels, simulated=source.simulated,
            )  # fmt: skip
            alt = [_values(source, item, own, "estimate") for item, own in
                   grouped(records(shown), "item").items()]  # fmt: skip
            title = say(f"figure.{what}s_by_group", scale=isolated(source.labels.scale(scale)))
            yield drawn_figure(source, f"fig-{what}s-{grouping}-{at}", axes, title, alt)


def _values(source: Source, name: str, rows: list[Row], column: str) -> str:
    """Say the values of one item or scale in every group."""
    values = [
        say("alt.loading_value", place=place,
            value=interval(row[column], row["low"], row["high"]))
        if column == "estimate"
        else say("alt.effect", place=place, value=number(row[column]),
                 points=interval(row["bias"], row["low"], row["high"]))
        for row in rows
        if not is_missing(row[column])
        for place in [isolated(source.labels.site(row["group"]))]
    ]  # fmt: skip
    return say("alt.loading", item=isolated(name), values="; ".join(values))
