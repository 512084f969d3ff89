"""Differential item functioning: effects of all items by group, and one item's curves by group."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from psychometrics.errors import DataError
from psychometrics.plots import rows
from psychometrics.plots.comparability import plot_groups
from psychometrics.plots.curves import (
    Panel,
    Row,
    by_group,
    draw_curve,
    frame_panel,
    name_curve,
    new_panels,
)
from psychometrics.plots.labels import NO_LABELS, WORDS, Labels, records
from psychometrics.plots.numerals import is_missing
from psychometrics.plots.style import look, series_style
from psychometrics.plots.text import isolated


def plot_dif(
    result: pd.DataFrame,
    *,
    kind: str = "uniform",
    ax: Axes | None = None,
    labels: Labels = NO_LABELS,
    simulated: bool = False,
) -> Axes:
    """Draw how much higher each group answers each item than others of the same standing.

    Parameters
    ----------
    result : pandas.DataFrame
        The frame of :func:`psychometrics.dif`, whole or some of its items.
    kind : {"uniform", "nonuniform"}
        Which effect, where the frame has both.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure, tall enough for all rows, if left out.
    labels : Labels
        Names of sites, texts of items.
    simulated : bool
        Whether the figure says that the answers were simulated.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> frame = pd.DataFrame({"item": ["a", "a"], "contrast": ["ulm", "pune"], "kind": "uniform",
    ...     "estimate": [0.0, 0.4], "low": [-0.1, 0.2], "high": [0.1, 0.6], "flag": [False, True]})
    >>> axes = plot_dif(frame)
    >>> len([line for line in axes.lines if line.get_gid() == "different"])
    1
    """
    own = result if "kind" not in result else result[result["kind"] == kind]
    if own.empty:
        raise DataError(f"The frame has no rows of the kind {kind!r}: there is nothing to draw.")
    frame = pd.DataFrame(
        {
            "item": own["item"], "group": own["contrast"], "estimate": own["estimate"],
            "low": own["low"], "high": own["high"],
            "different": [flag is True or bool(flag) for flag in own["flag"].fillna(False)],
        }
    )  # fmt: skip
    return plot_groups(
        frame, by="item", title=WORDS[f"dif_{kind}"], axis=WORDS["dif_axis"], ax=ax, labels=labels,
        simulated=simulated,
    )  # fmt: skip


def plot_dif_curves(
    result: pd.DataFrame,
    *,
    ax: Axes | None = None,
    labels: Labels = NO_LABELS,
    simulated: bool = False,
) -> Axes:
    """Draw what each group answers to one item over the trait: curves, and means of bins.

    Parameters
    ----------
    result : pandas.DataFrame
        The frame of :func:`psychometrics.dif_curves`, of one item.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    labels : Labels
        Names of sites, text of the item; the order of its sites is that of the lines.
    simulated : bool
        Whether the figure says that the answers were simulated.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> frame = pd.DataFrame({"item": "a", "group": "ulm", "kind": ["fitted"] * 3 + ["binned"],
    ...     "theta": [-1.0, 0, 1, 0.1], "estimate": [2.0, 3, 4, 3.2], "low": [1.9, 2.9, 3.9, 3.0],
    ...     "high": [2.1, 3.1, 4.1, 3.4]})
    >>> axes = plot_dif_curves(frame)
    >>> len([line for line in axes.lines if line.get_gid() == "bin"])
    1
    """
    items = list(dict.fromkeys(result["item"].tolist()))
    if len(items) != 1:
        raise DataError(f"One figure shows one item; the frame has {len(items)}.")
    with look():
        found = by_group(records(result), labels)
        axes = ax if ax is not None else new_panels([Panel("", len(found))], marked=simulated)[0]
        every = [row for own in found.values() for row in own if not is_missing(row["estimate"])]
        fitted = [row for row in every if row["kind"] == "fitted"]
        theta = [row["theta"] for row in fitted or every]
        ends = [row[end] for row in every for end in ("low", "high") if not is_missing(row[end])]
        ends += [row["estimate"] for row in every]
        pad = 0.04 * (max(ends) - min(ends)) or 0.5
        frame_panel(
            axes, labels.item(items[0]), (min(theta), max(theta)),
            (min(ends) - pad, max(ends) + pad), (WORDS["dif_trait"], WORDS["dif_answer"]),
        )  # fmt: skip
        for index, (group, own) in enumerate(found.items()):
            _draw_group(axes, index, own)
            name_curve(axes, index, index, isolated(labels.site(group)), _told(own))
        rows.mark_simulated(axes, simulated)
        return axes


def _told(own: list[Row]) -> str:
    """Say how many people are behind a curve."""
    n = next((row.get("n_obs") for row in own if row["kind"] == "fitted"), None)
    return "" if n is None or is_missing(n) else WORDS["n"].format(n=int(n))


def _draw_group(axes: Axes, index: int, own: list[Row]) -> None:
    """Draw one group's curve with its band, and its bins with their intervals."""
    colour, marker = series_style(index)
    curve: list[Any] = [
        row for row in own if row["kind"] == "fitted" and not is_missing(row["estimate"])
    ]
    x = [row["theta"] for row in curve]
    draw_curve(axes, index, x, [row["estimate"] for row in curve], gid="fitted")
    if curve and not any(is_missing(row["low"]) for row in curve):
        axes.fill_between(
            x, [row["low"] for row in curve], [row["high"] for row in curve], color=colour,
            alpha=0.12, linewidth=0, zorder=1, gid="band",
        )  # fmt: skip
    for row in own:
        if row["kind"] != "binned" or is_missing(row["estimate"]):
            continue
        axes.plot(
            [row["theta"]] * 2, [row["low"], row["high"]], color=colour, linewidth=0.7, alpha=0.7,
            zorder=2, gid="interval",
        )  # fmt: skip
        axes.plot(
            [row["theta"]], [row["estimate"]], marker, color=colour, markersize=5,
            markerfacecolor="none", zorder=4, gid="bin",
        )  # fmt: skip
