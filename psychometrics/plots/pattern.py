"""Loadings of an exploratory solution: items by factors, every number in its cell."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from psychometrics.plots import rows
from psychometrics.plots.labels import NO_LABELS, WORDS, Labels, records
from psychometrics.plots.numerals import is_missing, number
from psychometrics.plots.style import (
    BLUE,
    BODY,
    INK,
    LINE,
    MUTED,
    ON_DARK,
    ON_LIGHT,
    SMALL,
    TITLE,
    VERMILLION,
    box,
    inches_to_fraction,
    look,
    new_axes,
    text_width,
    tint,
    write,
)
from psychometrics.plots.text import isolated, wrapped

Row = dict[str, Any]

LEFT, LEFT_OF_KEYS, TOP, BOTTOM, EDGE = 1.75, 0.8, 0.62, 0.36, 0.05
ROW, WIDE, MOST_WIDTH = 0.235, 0.62, 7.2
OTHERS = ("item", "communality", "uniqueness")


def plot_pattern(
    result: pd.DataFrame,
    *,
    ax: Axes | None = None,
    labels: Labels = NO_LABELS,
    cutoff: float = 0.3,
    by_factor: bool = False,
    simulated: bool = False,
) -> Axes:
    """Draw the loadings of an exploratory solution as a table of shaded cells.

    The shade grows with the size of a loading; negative ones have another colour and their minus
    sign. Loadings below the cut-off are small and grey, none is left out. The last column is
    the communality.

    Parameters
    ----------
    result : pandas.DataFrame
        `item`, one column a factor, `communality`: ``to_frame()`` of :func:`psychometrics.efa`'s
        result.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure, tall enough for all items, if left out.
    labels : Labels
        Texts of items.
    cutoff : float
        Size from which a loading is written in full ink.
    by_factor : bool
        Sort the items by the factor they load on most, the largest first.
    simulated : bool
        Whether the figure says that the answers were simulated.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes; its figure is ``ax.figure``.

    Examples
    --------
    >>> frame = pd.DataFrame({"item": ["a", "b"], "F1": [0.7, -0.1], "F2": [0.0, 0.6],
    ...     "communality": [0.49, 0.35]})
    >>> [text.get_text() for text in plot_pattern(frame).texts if text.get_gid() == "loading"]
    ['0.70', '0.00', '−0.10', '0.60']
    """
    with look():
        factors = [str(name) for name in result.columns if name not in OTHERS]
        every = records(result)
        if by_factor:
            every = _sorted(every, factors)
        texts = any(labels.item(row["item"]) != str(row["item"]) for row in every)
        left = LEFT if texts else LEFT_OF_KEYS
        axes = ax if ax is not None else _canvas(len(every), len(factors), left)
        axes.set_axis_off()
        axes.set_xlim(0, len(factors) + 1)
        axes.set_ylim(max(len(every), 1), 0)
        for column, name in enumerate([*factors, WORDS["communality"]]):
            _head(axes, column, name, factor=column < len(factors))
        for at, row in enumerate(every):
            item_name(axes, at, str(row["item"]), labels, left)
            for column, name in enumerate(factors):
                _cell(axes, column, at, row[name], cutoff)
            _communality(axes, len(factors), at, row.get("communality"))
        _note(axes, len(every), cutoff, left)
        rows.heading(axes, -TOP / ROW + 0.4, [WORDS["pattern"]], left=left, size=TITLE)
        rows.mark_simulated(axes, simulated)
        return axes


def _canvas(n_items: int, n_factors: int, left: float) -> Axes:
    """Return a new Axes with a row for each item."""
    cells = min(WIDE * (n_factors + 1), MOST_WIDTH - left - EDGE)
    width = max(left + cells + EDGE, 3.6)
    return new_axes(
        ROW * max(n_items, 1), width=width, left=left, right=EDGE, top=TOP, bottom=BOTTOM
    )


def _sorted(every: list[Row], factors: list[str]) -> list[Row]:
    """Return rows by the factor with the largest loading, and by its size."""

    def place(row: Row) -> tuple[int, float]:
        sizes = [abs(float(row[name])) for name in factors]
        return sizes.index(max(sizes)), -max(sizes)

    return sorted(every, key=place)


def _head(axes: Axes, column: int, name: str, *, factor: bool) -> None:
    """Write the name of a column above it."""
    lines = wrapped(name, 9, 2)
    for index, line in enumerate(reversed(lines)):
        write(
            axes, column + 0.5, -0.42 - 0.5 * index, line, ha="center", va="center",
            fontsize=SMALL, fontweight="bold" if factor else "normal",
            color=INK if factor else MUTED,
        )  # fmt: skip


def item_name(axes: Axes, at: int, key: str, labels: Labels, left: float) -> None:
    """Write key and text of an item at the left, as much of the text as there is room for."""
    edge, across = -inches_to_fraction(axes, left), axes.get_yaxis_transform()
    write(axes, edge, at + 0.5, isolated(key), transform=across, va="center", fontweight="bold")
    indent = max(0.3, 1.1 * text_width(key, BODY) + 0.08)
    room = int((left - indent - 0.05) / text_width("n", SMALL - 0.4))
    if labels.item(key) != key and room > 5:
        text = wrapped(labels.item(key), room, 1)[0]
        start = edge + inches_to_fraction(axes, indent)
        write(axes, start, at + 0.5, text, transform=across, va="center", fontsize=SMALL - 0.4)


def _cell(axes: Axes, x: int, y: int, loading: Any, cutoff: float) -> None:
    """Draw one loading."""
    known = not is_missing(loading)
    size = min(abs(float(loading)), 1.0) if known else 0.0
    colour = VERMILLION if known and loading < 0 else BLUE
    box(
        axes, (x + 0.02, y + 0.05), (0.96, 0.9), facecolor=tint(colour, size**1.5),
        edgecolor=LINE, linewidth=0.4, gid="cell",
    )  # fmt: skip
    shown = number(loading)
    strong = size >= cutoff
    ink = (ON_DARK if size > 0.72 else ON_LIGHT) if strong else MUTED
    write(
        axes, x + 0.5, y + 0.5, shown, ha="center", va="center", color=ink,
        fontsize=BODY if strong else SMALL - 0.4, fontweight="bold" if strong else "normal",
        gid="loading",
    )  # fmt: skip


def _communality(axes: Axes, x: int, y: int, value: Any) -> None:
    """Write a communality."""
    write(
        axes, x + 0.5, y + 0.5, number(value), ha="center", va="center", fontsize=SMALL,
        color=MUTED, gid="communality",
    )  # fmt: skip


def _note(axes: Axes, bottom: int, cutoff: float, left: float) -> None:
    """Say what is small and grey."""
    text = WORDS["pattern_note"].format(cutoff=number(cutoff))
    write(
        axes, -inches_to_fraction(axes, left), bottom + 0.7, text,
        transform=axes.get_yaxis_transform(), va="center", fontsize=SMALL, color=MUTED,
    )  # fmt: skip
