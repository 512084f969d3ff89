"""Comparability: fit from level to level, and loadings, intercepts and means of every site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from psychometrics.plots import rows
from psychometrics.plots.labels import NO_LABELS, WORDS, Labels
from psychometrics.plots.numerals import is_missing, p_value
from psychometrics.plots.style import (
    BODY,
    MUTED,
    SMALL,
    TITLE,
    draw_estimates,
    inches_to_fraction,
    look,
    new_axes,
    plain,
    series_style,
    text_width,
    write,
)
from psychometrics.plots.text import isolated, wrapped

LEFT, RIGHT = 1.5, 1.22
STEP, GAP, HEADING = 0.11, 0.14, 0.02
ROW = 0.2
ENDS = ("low", "high")
INDICES = ("cfi", "rmsea", "srmr")
LEVEL_NAMES = {
    "configural": "Configural",
    "thresholds": "Thresholds",
    "metric": "Loadings",
    "scalar": "Intercepts",
    "strict": "Residual variances",
    "lv_variances": "Factor variances",
    "lv_covariances": "Factor covariances",
    "means": "Factor means",
}


def plot_ladder(
    table: pd.DataFrame,
    *,
    cutoffs: pd.DataFrame | None = None,
    ax: Axes | None = None,
    simulated: bool = False,
) -> Axes:
    """Draw how fit changes from level to level, beside the nearest published cut-offs.

    Parameters
    ----------
    table : pandas.DataFrame
        ``InvarianceResult.table``.
    cutoffs : pandas.DataFrame, optional
        ``InvarianceResult.cutoffs``; those of the nearest source are drawn as ticks.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    simulated : bool
        Whether the figure says that the answers were simulated.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> frame = pd.DataFrame({"delta_cfi": [float("nan"), -0.01], "delta_rmsea": [float("nan"), 0],
    ...     "delta_srmr": [float("nan"), 0.01], "delta_p": [float("nan"), 0.2]},
    ...     index=["configural", "metric"])
    >>> [text.get_text() for text in plot_ladder(frame).texts][:2]
    ['Loadings', 'p = 0.200']
    """
    with look():
        levels = [name for name in table.index if not is_missing(table.at[name, "delta_cfi"])]
        block = ROW * len(INDICES)
        height = max(block, len(levels) * (block + GAP) - GAP)
        axes = ax if ax is not None else new_axes(
            height, left=LEFT, right=RIGHT, top=0.3, bottom=0.62
        )  # fmt: skip
        plain(axes)
        axes.set_ylim(height, 0)
        axes.set_yticks([])
        axes.axvline(0, color=MUTED, linewidth=0.7)
        across = axes.get_yaxis_transform()
        edge = -inches_to_fraction(axes, LEFT)
        for at, name in enumerate(levels):
            top = at * (block + GAP)
            words = LEVEL_NAMES.get(str(name), str(name))
            write(axes, edge, top, words, transform=across, va="top", fontweight="bold")
            tested = p_value(table.at[name, "delta_p"])
            told = f"p {tested}" if tested.startswith("<") else f"p = {tested}"
            right = 1 + inches_to_fraction(axes, RIGHT - 0.02)
            write(
                axes, right, top, told, transform=across, va="top", ha="right", fontsize=SMALL,
            )  # fmt: skip
            _draw_changes(axes, table, str(name), top, cutoffs)
        axes.set_xlabel(WORDS["change_of_fit"], parse_math=False)
        low, high = axes.get_xlim()
        widest = max(abs(low), abs(high), 0.02)
        axes.set_xlim(-widest, widest)
        _legend(axes, [index.upper() for index in INDICES], height + 0.42)
        rows.heading(axes, -0.28, [WORDS["ladder"]], left=LEFT, size=TITLE)
        rows.mark_simulated(axes, simulated)
        return axes


def _draw_changes(
    axes: Axes, table: pd.DataFrame, name: str, top: float, cutoffs: pd.DataFrame | None
) -> None:
    """Draw the changes of one level, each with its cut-off."""
    for k, index in enumerate(INDICES):
        colour, marker = series_style(k)
        y = top + (k + 0.5) * ROW
        value = float(table[f"delta_{index}"][name])
        axes.plot([0, value], [y, y], color=colour, linewidth=1.0, zorder=2, gid="change")
        draw_estimates(
            axes, [(value, float("nan"), float("nan"), y)], colour, marker, width=1.0, size=4.5
        )
        if cutoffs is None:
            continue
        own = cutoffs[(cutoffs["level"] == name) & (cutoffs["index"] == index) & cutoffs["nearest"]]
        for limit in own["cutoff"]:
            axes.plot(
                [limit, limit], [y - 0.07, y + 0.07], color=colour, linewidth=1.6, gid="cutoff"
            )


def _legend(axes: Axes, names: Sequence[str], y: float) -> None:
    """Name the series under the axis, as many in a line as the width holds."""
    across = axes.get_yaxis_transform()
    start = -inches_to_fraction(axes, LEFT - 0.06)
    x, room = start, 0.0
    for index, name in enumerate(names):
        needed = 0.34 + text_width(name)
        if room and room + needed > 4.6:
            x, y, room = start, y + 0.17, 0.0
        colour, marker = series_style(index)
        axes.plot([x], [y], marker, transform=across, color=colour, markersize=4.5, clip_on=False)
        at = x + inches_to_fraction(axes, 0.09)
        write(axes, at, y, isolated(name), transform=across, va="center", fontsize=SMALL)
        x += inches_to_fraction(axes, needed)
        room += needed


def _legend_lines(names: Sequence[str]) -> int:
    """Return how many lines the legend takes."""
    lines, room = 1, 0.0
    for name in names:
        needed = 0.34 + text_width(name)
        if room and room + needed > 4.6:
            lines, room = lines + 1, 0.0
        room += needed
    return lines


def plot_groups(
    result: pd.DataFrame,
    *,
    by: str = "item",
    title: str = "",
    axis: str = "",
    ax: Axes | None = None,
    labels: Labels = NO_LABELS,
    simulated: bool = False,
) -> Axes:
    """Draw loadings, intercepts or means of every site, one block an item or factor.

    Parameters
    ----------
    result : pandas.DataFrame
        `by`, ``group``, ``estimate``, ``low``, ``high``; with ``different`` (bool) hollow rings
        mark what differs from the others.
    by : {"item", "factor"}
        What a block is about.
    title, axis : str
        Above the plot, and under its axis.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure, tall enough for all rows, if left out.
    labels : Labels
        Names of sites, items and scales; the order of its sites is that of the lines.
    simulated : bool
        Whether the figure says that the answers were simulated.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> frame = pd.DataFrame({"factor": "f", "group": ["ulm", "pune"], "estimate": [0.0, 0.4],
    ...     "low": [0.0, 0.1], "high": [0.0, 0.7]})
    >>> axes = plot_groups(frame, by="factor")
    >>> len([line for line in axes.lines if line.get_gid() == "estimate"])
    2
    """
    with look():
        present = list(dict.fromkeys(str(name) for name in result["group"]))
        order = [name for name in labels.sites if name in present]
        groups = [*order, *(name for name in present if name not in order)]
        keys = list(dict.fromkeys(result[by]))
        single = len(groups) * STEP + HEADING
        block = max(single, 0.32)
        height = max(block, len(keys) * (block + GAP) - GAP)
        names = [labels.site(name) for name in groups]
        axes = ax if ax is not None else new_axes(
            height, left=LEFT, right=0.3, top=0.32, bottom=0.5 + 0.17 * _legend_lines(names)
        )  # fmt: skip
        plain(axes)
        axes.set_ylim(height, 0)
        axes.set_yticks([])
        for at, key in enumerate(keys):
            top = at * (block + GAP)
            _name_block(axes, key, top, by, labels)
            own = result[result[by] == key].set_index("group")
            for index, group in enumerate(groups):
                if group in own.index:
                    _draw_group(axes, own.loc[group].to_dict(), index, top)
        low, high = result["estimate"].min(), result["estimate"].max()
        low, high = min(low, result["low"].min()), max(high, result["high"].max())
        pad = 0.05 * (high - low) if high > low else 0.5
        axes.set_xlim(low - pad, high + pad)
        if low < 0 < high:
            axes.axvline(0, color=MUTED, linewidth=0.7)
        axes.set_xlabel(axis, parse_math=False)
        _legend(axes, names, height + 0.4)
        if title:
            rows.heading(axes, -0.3, wrapped(title, 60, 1), left=LEFT, size=TITLE)
        rows.mark_simulated(axes, simulated)
        return axes


def _name_block(axes: Axes, key: Any, top: float, by: str, labels: Labels) -> None:
    """Write what a block is about at the left."""
    name = labels.item(key) if by == "item" else labels.scale(key)
    lines = [isolated(key)] if name == str(key) else [isolated(key), *wrapped(name, 25, 2)]
    for at, line in enumerate(lines):
        size, weight = (BODY, "bold") if at == 0 else (SMALL - 0.4, "normal")
        write(
            axes, -inches_to_fraction(axes, LEFT), top + at * 0.125, line,
            transform=axes.get_yaxis_transform(), va="top", fontsize=size, fontweight=weight,
        )  # fmt: skip


def _draw_group(axes: Axes, row: dict[str, Any], index: int, top: float) -> None:
    """Draw the estimate of one group."""
    if is_missing(row["estimate"]):
        return
    colour, marker = series_style(index)
    y = top + HEADING + (index + 0.5) * STEP
    low, high = (float("nan") if is_missing(row[end]) else float(row[end]) for end in ENDS)
    draw_estimates(
        axes, [(float(row["estimate"]), low, high, y)], colour, marker, width=1.0, size=4.2
    )
    if row.get("different") is True:
        axes.plot(
            [row["estimate"]], [y], "o", markersize=8, markerfacecolor="none",
            markeredgecolor=colour, markeredgewidth=0.9, clip_on=False, gid="different",
        )  # fmt: skip
