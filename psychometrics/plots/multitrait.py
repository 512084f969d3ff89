"""Item-scale correlations as a table of shaded cells, an item's own scale framed."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from psychometrics.plots import rows
from psychometrics.plots.labels import NO_LABELS, WORDS, Labels, Row, records, unique
from psychometrics.plots.numerals import is_missing, number
from psychometrics.plots.pattern import item_name
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
    tint,
    write,
)
from psychometrics.plots.text import wrapped

LEFT, LEFT_OF_KEYS, TOP, BOTTOM, EDGE = 1.75, 0.8, 0.78, 0.62, 0.05
ROW, WIDE, MOST_WIDTH = 0.235, 0.72, 7.2
MARKS = {
    "probable_error": "×",
    "definite_error": "××",
    "probable_success": "?",
    "definite_success": "",
    "convergent": "",
    "not_convergent": "↓",
    "unavailable": "",
}
"""Sign in a cell, by outcome."""


def plot_multitrait(
    result: Any,
    *,
    ax: Axes | None = None,
    pooling: str | None = None,
    group: str | None = None,
    labels: Labels = NO_LABELS,
    simulated: bool = False,
) -> Axes:
    """Draw every item's correlation with every scale.

    The shade grows with the size of the correlation; negative ones have another colour and their
    minus sign. The own scale is framed. Signs say what did not succeed: an own correlation that is
    too low, a scaling test that is not definite, or that is an error.

    Parameters
    ----------
    result : MultitraitScaling
        From :func:`psychometrics.multitrait_scaling`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure, tall enough for all items, if left out.
    pooling, group : str, optional
        Which unit; within sites where there are any, or else all together, if left out.
    labels : Labels
        Texts of items, titles of scales, names of sites.
    simulated : bool
        Whether the figure says that the answers were simulated.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes; its figure is ``ax.figure``.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from psychometrics import multitrait_scaling
    >>> x = np.random.default_rng(1).normal(size=(200, 2)).repeat(2, axis=1)
    >>> noise = np.random.default_rng(2).normal(size=(200, 4))
    >>> frame = pd.DataFrame(x + noise, columns=list("abcd"))
    >>> axes = plot_multitrait(multitrait_scaling(frame, {"S": ["a", "b"], "T": ["c", "d"]}))
    >>> sum(text.get_gid() == "correlation" for text in axes.texts)
    8
    """
    with look():
        chosen = _unit(records(result.correlations), pooling, group)
        scales = unique(row["scale"] for row in chosen)
        lines = list(dict.fromkeys((str(row["scale"]), str(row["item"])) for row in chosen))
        cells = {(str(r["scale"]), str(r["item"]), _column(r)): r for r in chosen}
        texts = any(labels.item(item) != item for _, item in lines)
        left = LEFT if texts else LEFT_OF_KEYS
        axes = ax if ax is not None else _canvas(len(lines), len(scales), left)
        axes.set_axis_off()
        axes.set_xlim(0, len(scales))
        axes.set_ylim(max(len(lines), 1), 0)
        for column, scale in enumerate(scales):
            _head(axes, column, labels.scale(scale))
        for at, (scale, item) in enumerate(lines):
            item_name(axes, at, item, labels, left)
            for column, other in enumerate(scales):
                _cell(axes, column, at, cells.get((scale, item, other)))
            if at and lines[at - 1][0] != scale:
                axes.plot((0, len(scales)), (at, at), color=MUTED, linewidth=0.8)
        _notes(axes, len(lines), result, left)
        place = labels.place(chosen[0]["pooling"], chosen[0]["group"]) if chosen else ""
        rows.heading(axes, -TOP / ROW + 0.4, [WORDS["multitrait"]], left=left, size=TITLE)
        _subtitle(axes, place, left)
        rows.mark_simulated(axes, simulated)
        return axes


def _unit(every: list[Row], pooling: str | None, group: str | None) -> list[Row]:
    """Return the rows of one unit."""
    if pooling is None:
        present = {str(row["pooling"]) for row in every}
        pooling = "site" if group is not None else "within" if "within" in present else "total"
    return [
        row
        for row in every
        if row["pooling"] == pooling
        and (pooling != "site" or (not is_missing(row["group"]) and row["group"] == group))
    ]


def _column(row: Row) -> str:
    """Return the scale that a row's correlation is with."""
    return str(row["scale"] if row["own"] else row["other"])


def _canvas(n_items: int, n_scales: int, left: float) -> Axes:
    """Return a new Axes with a row for each item."""
    cells = min(WIDE * n_scales, MOST_WIDTH - left - EDGE)
    width = max(left + cells + EDGE, 4.2)
    return new_axes(
        ROW * max(n_items, 1), width=width, left=left, right=EDGE, top=TOP, bottom=BOTTOM
    )


def _head(axes: Axes, column: int, title: str) -> None:
    """Write the title of a scale above its column."""
    for index, line in enumerate(reversed(wrapped(title, 12, 2))):
        write(
            axes, column + 0.5, -0.42 - 0.5 * index, line, ha="center", va="center",
            fontsize=SMALL, fontweight="bold", color=INK,
        )  # fmt: skip


def _subtitle(axes: Axes, place: str, left: float) -> None:
    """Write which unit the drawing is about under the heading."""
    if place:
        write(
            axes, -inches_to_fraction(axes, left), -TOP / ROW + 1.2, wrapped(place, 60, 1)[0],
            transform=axes.get_yaxis_transform(), va="center", fontsize=SMALL, color=MUTED,
        )  # fmt: skip


def _cell(axes: Axes, x: int, y: int, row: Row | None) -> None:
    """Draw one correlation."""
    if row is None:
        return
    known = not is_missing(row["estimate"])
    size = min(abs(float(row["estimate"])), 1.0) if known else 0.0
    colour = VERMILLION if known and row["estimate"] < 0 else BLUE
    edge, line = (INK, 1.1) if row["own"] else (LINE, 0.4)
    box(
        axes, (x + 0.02, y + 0.05), (0.96, 0.9), facecolor=tint(colour, size**1.5),
        edgecolor=edge, linewidth=line, gid="own" if row["own"] else "other",
    )  # fmt: skip
    ink = ON_DARK if size > 0.72 else ON_LIGHT if known else MUTED
    write(
        axes, x + 0.5, y + 0.5, number(row["estimate"]), ha="center", va="center", color=ink,
        fontsize=BODY if row["own"] else SMALL, fontweight="bold" if row["own"] else "normal",
        gid="correlation",
    )  # fmt: skip
    mark = MARKS[str(row["outcome"])]
    if mark:
        write(
            axes, x + 0.95, y + 0.5, mark, ha="right", va="center", color=ink, fontsize=SMALL,
            fontweight="bold", gid="mark",
        )  # fmt: skip


def _notes(axes: Axes, bottom: int, result: Any, left: float) -> None:
    """Explain the signs."""
    texts = (
        WORDS["multitrait_own"].format(cutoff=number(result.convergent)),
        WORDS["multitrait_tests"].format(errors=f"{result.standard_errors:g}"),
    )
    for index, text in enumerate(texts):
        write(
            axes, -inches_to_fraction(axes, left), bottom + 0.7 + 0.65 * index, text,
            transform=axes.get_yaxis_transform(), va="center", fontsize=SMALL, color=MUTED,
        )  # fmt: skip
