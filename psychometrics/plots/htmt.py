"""Heat map of heterotrait-monotrait ratios: the value and its interval in every cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from psychometrics.plots import rows
from psychometrics.plots.labels import NO_LABELS, WORDS, Labels, records, unique
from psychometrics.plots.numerals import NOTHING, bounds, is_missing, number
from psychometrics.plots.style import (
    BLUE,
    BODY,
    INK,
    LINE,
    MUTED,
    ON_DARK,
    ON_LIGHT,
    PAPER,
    SMALL,
    box,
    look,
    new_axes,
    tint,
    write,
)
from psychometrics.plots.text import isolated, wrapped

Row = dict[str, Any]

MARGIN = 0.3
"""Room at the right for the last title, in cells."""

FILLS = {
    "upper_below": (tint(BLUE, 0.13), ON_LIGHT, ""),
    "straddles": (tint(BLUE, 0.38), ON_LIGHT, "/////"),
    "above": (BLUE, ON_DARK, ""),
    "no_interval": (PAPER, INK, ""),
}
"""Fill, text colour and hatch of a cell, by where its interval lies."""


def position(row: Row, cutoff: float) -> str:
    """Return where the interval of a cell lies: a key of `FILLS`.

    Examples
    --------
    >>> position({"low": 0.5, "high": 0.7}, 0.85), position({"low": 0.8, "high": 0.9}, 0.85)
    ('upper_below', 'straddles')
    """
    if is_missing(row["low"]) or is_missing(row["high"]):
        return "no_interval"
    if row["high"] < cutoff:
        return "upper_below"
    return "above" if row["low"] >= cutoff else "straddles"


def plot_htmt(
    result: pd.DataFrame,
    *,
    ax: Axes | None = None,
    labels: Labels = NO_LABELS,
    cutoff: float = 0.85,
    simulated: bool = False,
) -> Axes:
    """Draw the ratio of every pair of scales with its interval, as a lower triangle.

    The shade of a cell says where its whole interval lies, not where its estimate lies. A pair
    that could not be had has a dash, a letter, and its reason under the drawing.

    Parameters
    ----------
    result : pandas.DataFrame
        One row a pair: `scale_a`, `scale_b`, `estimate`, `low`, `high`, `reason`; one pooling
        or site of :func:`psychometrics.htmt`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    labels : Labels
        Titles of scales, written on the diagonal.
    cutoff : float
        The ratio above which two scales are not told apart.
    simulated : bool
        Whether the figure says that the answers were simulated.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes; its figure is ``ax.figure``.

    References
    ----------
    Henseler, J., Ringle, C. M., & Sarstedt, M. (2015). A new criterion for assessing
    discriminant validity in variance-based structural equation modeling. Journal of the Academy
    of Marketing Science, 43, 115-135. https://doi.org/10.1007/s11747-014-0403-8

    Examples
    --------
    >>> frame = pd.DataFrame({"scale_a": ["a"], "scale_b": ["b"], "estimate": [0.6],
    ...     "low": [0.5], "high": [0.7], "reason": [""]})
    >>> [text.get_text() for text in plot_htmt(frame).texts][:4]
    ['a', '0.60', '[0.50, 0.70]', 'b']
    """
    with look():
        keys = unique([*result["scale_a"], *result["scale_b"]])
        found = {
            frozenset((str(row["scale_a"]), str(row["scale_b"]))): row for row in records(result)
        }
        notes = _notes(found)
        axes = ax if ax is not None else _canvas(len(keys), len(notes))
        axes.set_axis_off()
        axes.set_xlim(0, max(len(keys), 1) + MARGIN)
        axes.set_ylim(max(len(keys), 1), 0)
        for row_at, below in enumerate(keys):
            for column, left in enumerate(keys[:row_at]):
                cell = found.get(frozenset((below, left)))
                _draw_cell(axes, column, row_at, cell, cutoff, notes)
            _draw_title(axes, row_at, labels.scale(below), row_at == len(keys) - 1)
        _legend(axes, cutoff, [position(row, cutoff) for row in found.values()])
        _write_notes(axes, notes)
        rows.mark_simulated(axes, simulated)
        return axes


def _canvas(n_scales: int, notes: int) -> Axes:
    """Return a new Axes whose cells hold an interval in one line."""
    side = max(n_scales, 2)
    width = max(4.8, 0.74 * (side + MARGIN) + 0.1)
    return new_axes(
        0.5 * side, width=width, left=0.05, right=0.05, top=0.05, bottom=0.62 + 0.14 * notes
    )


def _notes(found: dict[frozenset[str], Row]) -> dict[str, str]:
    """Return a letter for each distinct reason."""
    reasons = [row["reason"] for row in found.values() if is_missing(row["estimate"])]
    return {text: chr(ord("a") + index % 26) for index, text in enumerate(unique(reasons))}


def _draw_cell(
    axes: Axes, x: int, y: int, row: Row | None, cutoff: float, notes: dict[str, str]
) -> None:
    """Draw one pair: its shade, its ratio and the interval."""
    if row is None:
        return
    where = position(row, cutoff)
    ink = FILLS[where][1]
    corner, size = (x + 0.02, y + 0.03), (0.96, 0.94)
    _shade(axes, corner, size, where)
    if is_missing(row["estimate"]):
        mark = notes.get(str(row["reason"]), "")
        text = f"{NOTHING} ({mark})" if mark else NOTHING
        write(axes, x + 0.5, y + 0.5, text, ha="center", va="center", color=MUTED)
        return
    lift = 0.17 if where != "no_interval" else 0.0
    shown = number(row["estimate"])
    middle = {"ha": "center", "va": "center", "color": ink}
    write(axes, x + 0.5, y + 0.5 - lift, shown, fontsize=BODY + 0.6, fontweight="bold", **middle)
    if lift:
        text = bounds(row["low"], row["high"])
        write(axes, x + 0.5, y + 0.5 + lift, text, fontsize=SMALL - 0.6, **middle)


def _shade(axes: Axes, corner: tuple[float, float], size: tuple[float, float], where: str) -> None:
    """Draw a rectangle in the fill and hatch of a position."""
    fill, _, hatch = FILLS[where]
    box(axes, corner, size, facecolor=fill, edgecolor=LINE, linewidth=0.5, gid=where)
    if hatch:
        box(axes, corner, size, fill=False, edgecolor=tint(BLUE, 0.55), hatch=hatch)


def _draw_title(axes: Axes, at: int, title: str, last: bool) -> None:
    """Write the title of a scale on the diagonal, where its row and its column meet."""
    lines = wrapped(title, 16 if last else 22, 3)
    for index, line in enumerate(lines):
        write(
            axes,
            at + 0.06,
            at + 0.5 + (index - (len(lines) - 1) / 2) * 0.27,
            line,
            va="center",
            fontsize=SMALL,
            fontweight="bold",
            color=INK,
        )
    if not last:
        axes.plot((at + 0.02, at + 0.98), (at + 0.98, at + 0.98), color=LINE, linewidth=0.8)


def _legend(axes: Axes, cutoff: float, present: Sequence[str]) -> None:
    """Explain the shades that occur, under the drawing."""
    bottom = axes.get_ylim()[0]
    wide = axes.get_xlim()[1]
    line = 0.17 / 0.5
    shown = [key for key in FILLS if key in present]
    for index, key in enumerate(shown):
        x, y = (index % 2) * wide / 2 + 0.02, bottom + 0.28 + (index // 2) * line
        _shade(axes, (x, y), (0.24, 0.24), key)
        text = WORDS[key].format(cutoff=number(cutoff))
        write(axes, x + 0.34, y + 0.13, text, va="center", fontsize=SMALL, color=INK)


def _write_notes(axes: Axes, notes: dict[str, str]) -> None:
    """Write the reasons under the legend, each with its letter."""
    bottom = axes.get_ylim()[0]
    for index, (text, mark) in enumerate(notes.items()):
        y = bottom + 0.28 + 0.85 + index * 0.28
        line = wrapped(f"({mark}) {isolated(text)}", 92, 1)[0]
        write(
            axes,
            0.02,
            y,
            line,
            va="center",
            fontsize=SMALL,
            fontstyle="italic",
            color=MUTED,
            gid="reason",
        )
