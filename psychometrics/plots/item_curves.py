"""Curves of items over the trait: how likely each answer is, and how much the items tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from psychometrics.errors import DataError
from psychometrics.plots import rows
from psychometrics.plots.curves import (
    Panel,
    Row,
    by_group,
    draw_curve,
    frame_panel,
    name_curve,
    new_panels,
    trait_name,
)
from psychometrics.plots.labels import NO_LABELS, WORDS, Labels, grouped, records
from psychometrics.plots.style import BLUE, INK, PAPER, SMALL, look, tint, write
from psychometrics.plots.text import isolated


def plot_category_curves(
    result: pd.DataFrame,
    *,
    ax: Axes | None = None,
    labels: Labels = NO_LABELS,
    reference: str | None = None,
    simulated: bool = False,
) -> Axes:
    """Draw the probability of each answer to one item over the trait, a panel a site.

    A curve bears its answer at its highest point; the higher the answer, the darker the line.

    Parameters
    ----------
    result : pandas.DataFrame
        `item`, `group`, `category`, `theta`, `probability` of one item: ``category_curves()`` of
        :func:`psychometrics.item_response`'s result.
    ax : matplotlib.axes.Axes, optional
        Where to draw one site; a new figure with room for all if left out.
    labels : Labels
        Text of the item, names of sites.
    reference : str, optional
        Group whose metric the trait values are in; each group's own by default.
    simulated : bool
        Whether the figure says that the answers were simulated.

    Returns
    -------
    matplotlib.axes.Axes
        The first panel; all are in ``ax.figure.axes``.

    Examples
    --------
    >>> frame = pd.DataFrame({"item": "a", "group": None, "category": [1, 1, 2, 2],
    ...     "theta": [-1.0, 1.0] * 2, "probability": [0.8, 0.2, 0.2, 0.8]})
    >>> axes = plot_category_curves(frame)
    >>> [text.get_text() for text in axes.texts if text.get_gid() == "answer"]
    ['1', '2']
    """
    items = list(dict.fromkeys(result["item"].tolist()))
    if len(items) != 1:
        raise DataError(f"One figure shows the answers to one item; the frame has {len(items)}.")
    with look():
        found = by_group(records(result), labels)
        made = _axes_for([Panel("", 0)] * len(found), ax, "site", simulated)
        for axes, (group, own) in zip(made, found.items(), strict=True):
            theta = [row["theta"] for row in own]
            title = labels.item(items[0])
            if group is not None:
                title = f"{labels.site(group)}: {title}" if len(found) > 1 else title
            across = trait_name(list(found), reference, labels)
            frame_panel(
                axes, title, (min(theta), max(theta)), (0, 1.08), (across, WORDS["probability"])
            )
            _draw_answers(axes, list(grouped(own, "category").values()))
        rows.mark_simulated(made[0], simulated)
        return made[0]


def _axes_for(panels: Sequence[Panel], ax: Axes | None, what: str, simulated: bool) -> list[Axes]:
    """Return the given Axes, or new ones."""
    if not panels:
        raise DataError("The frame has no rows: there is nothing to draw.")
    if ax is None:
        return new_panels(panels, marked=simulated)
    if len(panels) > 1:
        raise DataError(f"One Axes holds one {what}; the frame has {len(panels)}.")
    return [ax]


def _draw_answers(axes: Axes, answers: Sequence[list[Row]]) -> None:
    """Draw the curves of one site, each with its answer at the highest point."""
    for index, own in enumerate(answers):
        colour = tint(BLUE, 0.35 + 0.65 * index / max(len(answers) - 1, 1))
        x, y = [row["theta"] for row in own], [row["probability"] for row in own]
        axes.plot(x, y, color=colour, linewidth=1.3, gid="curve", zorder=2)
        # At an edge the answer would stand among the numbers of the axis.
        edge = len(x) // 30
        top = min(max(y.index(max(y)), edge), len(x) - 1 - edge)
        axes.plot([x[top]], [y[top]], "o", markersize=8.5, color=PAPER, zorder=3, clip_on=False)
        write(
            axes, x[top], y[top], f"{own[0]['category']:g}", ha="center", va="center",
            fontsize=SMALL, fontweight="bold", color=INK, zorder=4, gid="answer",
        )  # fmt: skip


def plot_item_information(
    result: pd.DataFrame,
    *,
    ax: Axes | None = None,
    labels: Labels = NO_LABELS,
    reference: str | None = None,
    simulated: bool = False,
) -> Axes:
    """Draw how much each item tells of the trait, a panel a factor and site, a line an item.

    Parameters
    ----------
    result : pandas.DataFrame
        `factor`, `item`, `group`, `theta`, `information`: ``item_information()`` of
        :func:`psychometrics.item_response`'s result.
    ax : matplotlib.axes.Axes, optional
        Where to draw one panel; a new figure with room for all if left out.
    labels : Labels
        Texts of items, names of factors (as scales) and sites.
    reference : str, optional
        Group whose metric the trait values are in; each group's own by default.
    simulated : bool
        Whether the figure says that the answers were simulated.

    Returns
    -------
    matplotlib.axes.Axes
        The first panel; all are in ``ax.figure.axes``.

    Examples
    --------
    >>> frame = pd.DataFrame({"factor": "f", "item": ["a", "a", "b", "b"], "group": None,
    ...     "theta": [-1.0, 1.0] * 2, "information": [0.5, 0.2, 0.3, 0.9]})
    >>> [text.get_text() for text in plot_item_information(frame).texts if text.get_gid() == "name"]
    ['a', 'b']
    """
    with look():
        by_factor = {
            factor: by_group(own, labels) for factor, own in grouped(result, "factor").items()
        }
        sites = list(dict.fromkeys(site for own in by_factor.values() for site in own))
        parts = [
            (_title(labels, factor, site), grouped(own, "item"))
            for factor, found in by_factor.items()
            for site, own in found.items()
        ]
        made = _axes_for(
            [Panel(title, len(items)) for title, items in parts], ax, "panel", simulated
        )
        across = trait_name(sites, reference, labels)
        for axes, (title, items) in zip(made, parts, strict=True):
            _draw_items(axes, title, items, labels, across)
        rows.mark_simulated(made[0], simulated)
        return made[0]


def _title(labels: Labels, factor: str, site: str | None) -> str:
    """Return the heading of a panel."""
    return labels.scale(factor) if site is None else f"{labels.scale(factor)}: {labels.site(site)}"


def _draw_items(
    axes: Axes, title: str, items: dict[str, list[Row]], labels: Labels, across: str
) -> None:
    """Draw the items of one panel, and name them under it."""
    every: list[Any] = [row for own in items.values() for row in own]
    theta = [row["theta"] for row in every]
    top = 1.08 * max(row["information"] for row in every)
    frame_panel(axes, title, (min(theta), max(theta)), (0, top), (across, WORDS["information"]))
    for line, (item, own) in enumerate(items.items()):
        draw_curve(
            axes, line, [row["theta"] for row in own], [row["information"] for row in own],
            gid="information",
        )  # fmt: skip
        text = labels.item(item)
        name_curve(axes, line, line, isolated(item), "" if text == item else text)
