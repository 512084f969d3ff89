"""Half-widths of intervals over the number of people a site."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from psychometrics.plots.labels import WORDS, Labels, grouped
from psychometrics.plots.numerals import count, is_missing, number
from psychometrics.plots.style import (
    INK,
    LINE,
    MUTED,
    SMALL,
    TITLE,
    look,
    new_axes,
    plain,
    series_style,
    write,
)
from psychometrics.plots.text import isolated, wrapped

Row = dict[str, Any]

HEIGHT, LEFT, RIGHT, TOP = 2.6, 0.62, 0.15, 0.32
LEGEND_LINE = 0.17
WORDS_A_LINE = 68


def plot_half_widths(
    result: pd.DataFrame, *, ax: Axes | None = None, labels: Labels | None = None
) -> Axes:
    """Draw the expected half-width of each statistic over the number of people a site.

    Both axes are logarithmic, on which half-widths that fall as one over the root of n are
    straight; the dashed line is the target. What needs how many people is said below.

    Parameters
    ----------
    result : pandas.DataFrame
        The frame of :func:`psychometrics.precision`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    labels : Labels, optional
        Names of the scales.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes; its figure is ``ax.figure``.

    Examples
    --------
    >>> frame = pd.DataFrame({"statistic": "alpha", "subject": "a", "n_per_site": [12, 93],
    ...     "half_width": [0.26, 0.08], "target": 0.05, "n_needed": 259.0})
    >>> [line.get_gid() for line in plot_half_widths(frame).lines if line.get_gid()]
    ['target', 'half_width']
    """
    with look():
        series = list(grouped(result, "statistic", "subject").values())
        several = _shared(result)
        legend = [line for own in series for line in _legend_lines(own, labels, several)]
        gaps = bool(result["half_width"].isna().any())
        axes = ax if ax is not None else _canvas(len(legend) + gaps)
        plain(axes, grid="y")
        _frame(axes, result)
        for index, own in enumerate(series):
            _draw_series(axes, index, own)
        write(
            axes, 0.0, 1.04, wrapped(WORDS["half_widths"], 60, 1)[0],
            transform=axes.transAxes, fontsize=TITLE, fontweight="bold",
        )  # fmt: skip
        _draw_legend(axes, series, labels, several, gaps=gaps)
        return axes


def _canvas(n_lines: int) -> Axes:
    """Return a new Axes with room for the axis and the legend below."""
    bottom = 0.46 + LEGEND_LINE * (n_lines + 0.5)
    return new_axes(HEIGHT, left=LEFT, right=RIGHT, top=TOP, bottom=bottom)


def _shared(result: pd.DataFrame) -> bool:
    """Say whether some statistic has several lines, so that each has to name its scales."""
    return bool((result.groupby("statistic")["subject"].nunique() > 1).any())


def _frame(axes: Axes, result: pd.DataFrame) -> None:
    """Set scales, limits and ticks, and draw the target."""
    people = sorted(set(result["n_per_site"]))
    widths = [*result["half_width"].dropna(), *result["target"]]
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(people[0] / 1.15, people[-1] * 1.15)
    axes.set_ylim(min(widths) / 1.25, max(widths) * 1.25)
    axes.set_xticks(people, [count(n) for n in people])
    marks = [
        m for m in (0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if min(widths) / 1.25 <= m <= max(widths) * 1.25
    ]
    axes.set_yticks(marks, [number(mark) for mark in marks])
    axes.minorticks_off()
    axes.tick_params(axis="y", labelsize=SMALL)
    axes.set_xlabel(WORDS["people"], parse_math=False)
    axes.set_ylabel(WORDS["half_width"], parse_math=False)
    axes.axhline(
        float(result["target"].iloc[0]), color=MUTED, linewidth=0.9, linestyle=(0, (4, 2)),
        gid="target",
    )  # fmt: skip
    axes.axhline(axes.get_ylim()[0], color=LINE, linewidth=0.8, zorder=0)


def _draw_series(axes: Axes, index: int, own: list[Row]) -> None:
    """Draw the half-widths of one statistic, and twice their simulation error as a bar."""
    colour, marker = series_style(index)
    kept = sorted((row for row in own if not is_missing(row["half_width"])),
                  key=lambda row: row["n_per_site"])  # fmt: skip
    x = np.array([row["n_per_site"] for row in kept], dtype=float)
    y = np.array([row["half_width"] for row in kept], dtype=float)
    axes.plot(
        x, y, marker=marker, color=colour, linewidth=1.0, markersize=4.6,
        markeredgecolor="white", markeredgewidth=0.45, zorder=3, gid="half_width",
    )  # fmt: skip
    error = np.array([row.get("mc_error", np.nan) for row in kept], dtype=float)
    for at, value, half in zip(x, y, 2 * error, strict=True):
        if np.isfinite(half) and half < value:
            axes.plot([at, at], [value - half, value + half], color=colour, linewidth=0.8, zorder=2)


def _legend_lines(own: list[Row], labels: Labels | None, several: bool) -> list[str]:
    """Return what the legend says of a series: what it is, and its scales where that is needed."""
    row = own[0]
    name = WORDS.get(str(row["statistic"]), str(row["statistic"]))
    needed = row.get("n_needed")
    if is_missing(needed):
        text = WORDS["half_widths_beyond"].format(statistic=name)
    else:
        told = {"count": count(needed), "target": number(row["target"])}
        text = WORDS["half_widths_needed"].format(statistic=name, **told)
    lines = wrapped(text, WORDS_A_LINE, 1)
    return lines + _scales(str(row["subject"]), labels) if several and row["subject"] else lines


def _scales(subject: str, labels: Labels | None) -> list[str]:
    """Return the names of the scales of a series in lines, each name in its own direction."""
    known = labels or Labels()
    lines = [""]
    for side, names in enumerate(subject.split(" | ")):
        for at, name in enumerate(names.split(", ")):
            between = "" if side == at == 0 else " × " if at == 0 else ", "
            text = isolated(known.scale(name))
            if lines[-1] and len(lines[-1]) + len(between) + len(text) > WORDS_A_LINE:
                lines[-1] += between.rstrip()
                lines.append(text)
            else:
                lines[-1] += between + text
    return lines


def _draw_legend(
    axes: Axes, series: list[list[Row]], labels: Labels | None, several: bool, *, gaps: bool
) -> None:
    """Say under the axis which line is what, and how many people it takes."""
    height = axes.figure.get_size_inches()[1] * axes.get_position().height  # type: ignore[union-attr]
    place = 0.5
    for index, own in enumerate(series):
        colour, marker = series_style(index)
        y = -place / height
        axes.plot(
            [0.01], [y], marker, transform=axes.transAxes, color=colour, markersize=4.6,
            clip_on=False,
        )  # fmt: skip
        for line in _legend_lines(own, labels, several):
            write(
                axes, 0.035, -place / height, line, transform=axes.transAxes, va="center",
                fontsize=SMALL, color=INK,
            )  # fmt: skip
            place += LEGEND_LINE
    if gaps:
        write(
            axes, 0.0, -place / height, WORDS["half_widths_note"], transform=axes.transAxes,
            va="center", fontsize=SMALL, color=MUTED,
        )  # fmt: skip
