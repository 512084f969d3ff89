"""Heat map of item effects: how much higher or lower each group answers an item."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from psychometrics.plots import rows
from psychometrics.plots.labels import NO_LABELS, WORDS, Labels, records, unique
from psychometrics.plots.numerals import NOTHING, is_missing, number
from psychometrics.plots.style import (
    BLUE,
    BODY,
    INK,
    LINE,
    MUTED,
    ON_DARK,
    ON_LIGHT,
    ORANGE,
    PAPER,
    SMALL,
    TITLE,
    box,
    inches_to_fraction,
    look,
    new_axes,
    tint,
    write,
)
from psychometrics.plots.text import isolated, wrapped

LEFT, HEAD, SIDE = 2.0, 0.62, 0.3
DARK = 0.8
"""Effect whose cell has the full colour: large by Cohen's words, as Nye and Drasgow use them."""


def fill_of(value: float) -> tuple[str, str]:
    """Return fill and ink of a cell: blue where a group answers higher, orange where lower.

    Examples
    --------
    >>> fill_of(0.0)[0] == PAPER, fill_of(2.0)[0] == BLUE
    (True, True)
    """
    strength = min(abs(value) / DARK, 1.0)
    if not strength > 0:
        return PAPER, MUTED
    colour = BLUE if value > 0 else ORANGE
    if strength == 1.0:
        return colour, ON_DARK
    return tint(colour, 0.12 + 0.55 * strength), ON_LIGHT


def plot_effects(
    result: pd.DataFrame,
    *,
    ax: Axes | None = None,
    labels: Labels = NO_LABELS,
    simulated: bool = False,
) -> Axes:
    """Draw signed dMACS of every item in every group.

    Parameters
    ----------
    result : pandas.DataFrame
        ``item group signed``, as :meth:`PartialInvariance.effect_sizes` gives them.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure, tall enough for all items, if left out.
    labels : Labels
        Names of sites and texts of items; the order of its sites is that of the columns.
    simulated : bool
        Whether the figure says that the answers were simulated.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> frame = pd.DataFrame({"item": ["a", "b"], "group": "pune", "signed": [0.3, 0.0]})
    >>> [text.get_text() for text in plot_effects(frame).texts][:3]
    ['pune', 'a', '+0.30']
    """
    with look():
        shown = [row for row in records(result) if not is_missing(row["item"])]
        present = unique(row["group"] for row in shown)
        order = [name for name in labels.sites if name in present]
        groups = [*order, *(name for name in present if name not in order)]
        items = unique(row["item"] for row in shown)
        found = {(str(row["item"]), str(row["group"])): row for row in shown}
        height = SIDE * max(len(items), 1)
        axes = ax if ax is not None else new_axes(
            height, left=LEFT, right=0.1, top=HEAD, bottom=0.42
        )  # fmt: skip
        axes.set_axis_off()
        axes.set_xlim(0, max(len(groups), 1))
        axes.set_ylim(max(len(items), 1), 0)
        for at, name in enumerate(groups):
            for line, text in enumerate(reversed(wrapped(labels.site(name), 9, 2))):
                write(axes, at + 0.5, -0.25 - line * 0.42, text, ha="center", fontsize=SMALL)
        for y, item in enumerate(items):
            _name(axes, item, y, labels)
            for x, name in enumerate(groups):
                _cell(axes, x, y, found.get((item, name)))
        under = max(len(items), 1) + 0.75
        edge = -inches_to_fraction(axes, LEFT) * max(len(groups), 1)
        write(axes, edge, under, WORDS["effects_note"], fontsize=SMALL - 0.4, color=MUTED)
        rows.heading(axes, -HEAD / SIDE + 0.4, [WORDS["effects"]], left=LEFT, size=TITLE)
        rows.mark_simulated(axes, simulated)
        return axes


def _name(axes: Axes, item: str, y: int, labels: Labels) -> None:
    """Write an item's key, and the beginning of its text."""
    across = axes.get_yaxis_transform()
    edge = -inches_to_fraction(axes, LEFT)
    write(axes, edge, y + 0.36, isolated(item), transform=across, va="center", fontsize=BODY - 0.4,
          fontweight="bold", color=INK)  # fmt: skip
    text = labels.item(item)
    if text != item:
        line = wrapped(text, 38, 1)[0]
        write(axes, edge, y + 0.76, line, transform=across, va="center", fontsize=SMALL - 1.2,
              color=MUTED)  # fmt: skip


def _cell(axes: Axes, x: int, y: int, row: dict[str, Any] | None) -> None:
    """Draw one effect; exactly 0 is an item whose parameters are the same."""
    missing = row is None or is_missing(row["signed"])
    value = 0.0 if row is None or missing else float(row["signed"])
    fill, ink = fill_of(value)
    box(axes, (x + 0.02, y + 0.04), (0.96, 0.92), facecolor=fill, edgecolor=LINE, linewidth=0.5,
        gid="effect")  # fmt: skip
    sign = "+" if value > 0 else ""
    shown = NOTHING if missing else f"{sign}{number(value)}" if value else "="
    write(axes, x + 0.5, y + 0.5, shown, ha="center", va="center", fontsize=SMALL, color=ink)
