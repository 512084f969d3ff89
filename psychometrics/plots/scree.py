"""Scree: eigenvalues of the data beside those of unrelated items."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from psychometrics.plots import rows
from psychometrics.plots.labels import WORDS, grouped
from psychometrics.plots.style import (
    INK,
    LINE,
    MUTED,
    PAPER,
    SMALL,
    TITLE,
    look,
    new_axes,
    plain,
    series_style,
    tint,
    write,
)
from psychometrics.plots.text import wrapped

Row = dict[str, Any]

HEIGHT, LEFT, RIGHT, TOP = 2.5, 0.62, 0.15, 0.32
LEGEND_LINE = 0.17
BASES = ("components", "factors")
DASHES = ((0, (4, 2)), (0, (1, 1.6)))


def plot_scree(
    result: pd.DataFrame,
    *,
    ax: Axes | None = None,
    most: int = 15,
    simulated: bool = False,
) -> Axes:
    """Draw the eigenvalues of the data, and the percentile that unrelated items reach.

    Filled markers stand above the percentile, and count; after the first hollow one none counts.
    Components and factors differ by colour, marker and the dashes of their percentile.

    Parameters
    ----------
    result : pandas.DataFrame
        `basis`, `number`, `eigenvalue`, `percentile`: the frame of
        :func:`psychometrics.parallel_analysis`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    most : int
        Eigenvalues drawn at most.
    simulated : bool
        Whether the figure says that the answers were simulated.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes; its figure is ``ax.figure``.

    Examples
    --------
    >>> frame = pd.DataFrame({"basis": "components", "number": [1, 2, 3],
    ...     "eigenvalue": [1.9, 0.7, 0.4], "percentile": [1.3, 1.1, 0.9]})
    >>> [line.get_gid() for line in plot_scree(frame).lines if line.get_gid()]
    ['percentile', 'eigenvalue', 'above', 'below']
    """
    with look():
        found = grouped(result[result["number"] <= most], "basis")
        series = [(name, found[name]) for name in BASES if name in found]
        axes = ax if ax is not None else _canvas(len(series))
        plain(axes, grid="y")
        _frame(axes, [row for _, own in series for row in own])
        for name, own in series:
            _draw_series(axes, BASES.index(name), own)
        write(
            axes, 0.0, 1.04, wrapped(WORDS["scree"], 60, 1)[0],
            transform=axes.transAxes, fontsize=TITLE, fontweight="bold",
        )  # fmt: skip
        _draw_legend(axes, series)
        rows.mark_simulated(axes, simulated)
        return axes


def _canvas(n_series: int) -> Axes:
    """Return a new Axes with room for the axis and the legend below."""
    bottom = 0.42 + LEGEND_LINE * (n_series + 1)
    return new_axes(HEIGHT, left=LEFT, right=RIGHT, top=TOP, bottom=bottom)


def _frame(axes: Axes, every: list[Row]) -> None:
    """Set limits and ticks."""
    last = max((int(row["number"]) for row in every), default=1)
    top = max((max(row["eigenvalue"], row["percentile"]) for row in every), default=1.0)
    low = min((min(row["eigenvalue"], row["percentile"]) for row in every), default=0.0)
    axes.set_xlim(0.5, last + 0.5)
    axes.set_ylim(min(0.0, low) - 0.05 * top, 1.08 * top)
    axes.set_xticks(range(1, last + 1), [str(number) for number in range(1, last + 1)])
    axes.set_xlabel(WORDS["number"], parse_math=False)
    axes.set_ylabel(WORDS["eigenvalue"], parse_math=False)
    axes.axhline(0, color=LINE, linewidth=0.8, zorder=0)


def _draw_series(axes: Axes, index: int, own: list[Row]) -> None:
    """Draw eigenvalues of one basis and their percentile."""
    colour, marker = series_style(index)
    x = [row["number"] for row in own]
    y = [row["eigenvalue"] for row in own]
    limit = [row["percentile"] for row in own]
    axes.plot(
        x, limit, color=tint(colour, 0.7), linewidth=1.1, linestyle=DASHES[index], gid="percentile"
    )
    axes.plot(x, y, color=colour, linewidth=1.0, gid="eigenvalue")
    counted = _counted(own)
    for gid, part, fill in (
        ("above", slice(0, counted), colour),
        ("below", slice(counted, None), PAPER),
    ):
        axes.plot(
            x[part], y[part], marker, color=colour, markersize=4.6, markerfacecolor=fill,
            markeredgewidth=0.9, zorder=3, gid=gid,
        )  # fmt: skip


def _counted(own: list[Row]) -> int:
    """Return how many eigenvalues stand above their percentile before the first that doesn't."""
    passes = [row["eigenvalue"] > row["percentile"] for row in own]
    return passes.index(False) if False in passes else len(passes)


def _draw_legend(axes: Axes, series: list[tuple[str, list[Row]]]) -> None:
    """Name the lines under the axis, with how many count."""
    figure_height = axes.figure.get_size_inches()[1]  # type: ignore[union-attr]
    height = figure_height * axes.get_position().height
    for line, (name, own) in enumerate(series):
        colour, marker = series_style(BASES.index(name))
        y = -(0.46 + LEGEND_LINE * line) / height
        axes.plot(
            [0.01], [y], marker, transform=axes.transAxes, color=colour, markersize=4.6,
            clip_on=False,
        )  # fmt: skip
        text = WORDS[f"scree_{name}"].format(count=_counted(own))
        write(
            axes, 0.035, y, text, transform=axes.transAxes, va="center", fontsize=SMALL, color=INK
        )
    y = -(0.46 + LEGEND_LINE * len(series)) / height
    write(
        axes, 0.0, y, WORDS["scree_note"], transform=axes.transAxes, va="center",
        fontsize=SMALL, color=MUTED,
    )  # fmt: skip
