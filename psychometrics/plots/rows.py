"""Rows under headings: where they stand, and what is written beside them.

Plots of several sites are lists. Their vertical axis counts inches from the top, so that a row
is as high as its text however many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from matplotlib.axes import Axes

from psychometrics.plots.labels import WORDS, Place
from psychometrics.plots.numerals import count, is_missing
from psychometrics.plots.style import (
    INK,
    LINE,
    MUTED,
    PAPER,
    SMALL,
    box,
    inches_to_fraction,
    write,
)
from psychometrics.plots.text import wrapped


@dataclass(frozen=True)
class Block:
    """A heading and the rows under it; positions in inches from the top.

    Attributes
    ----------
    heading : float
        Where the first line of the heading stands.
    rows : tuple of float
        The middle of each row.
    separators : tuple of float
        Where a line sets pooled rows apart from sites.
    """

    heading: float
    rows: tuple[float, ...]
    separators: tuple[float, ...]


def stack(
    parts: Sequence[tuple[float, Sequence[Place]]], *, row: float, gap: float, apart: float
) -> tuple[list[Block], float]:
    """Place blocks of rows one under the other.

    Parameters
    ----------
    parts : sequence of (float, sequence of Place)
        Height of the heading in inches, and the rows under it.
    row, gap, apart : float
        Height of a row, space between blocks, space between pooled rows and sites.

    Returns
    -------
    tuple of (list of Block, float)
        The blocks and the height of all, in inches.

    Examples
    --------
    >>> blocks, height = stack([(0.2, [Place("total", None), Place("site", "ulm")])],
    ...                        row=0.3, gap=0.1, apart=0.1)
    >>> [round(at, 2) for at in blocks[0].rows], round(height, 2)
    ([0.35, 0.75], 0.9)
    """
    at, blocks = 0.0, []
    for index, (heading, places) in enumerate(parts):
        top = at = at + (gap if index else 0)
        at += heading
        middles, separators = [], []
        for position, (_, group) in enumerate(groupby(places, key=lambda place: place.pooled)):
            if position:
                separators.append(at + apart / 2)
                at += apart
            for _ in group:
                middles.append(at + row / 2)
                at += row
        blocks.append(Block(top, tuple(middles), tuple(separators)))
    return blocks, max(at, row)


def heading(axes: Axes, y: float, lines: Sequence[str], *, left: float, size: float) -> None:
    """Write the lines of a heading at the left edge of the figure."""
    for index, line in enumerate(lines):
        write(
            axes,
            -inches_to_fraction(axes, left),
            y + index * size * 1.3 / 72,
            line,
            transform=axes.get_yaxis_transform(),
            fontsize=size,
            fontweight="bold" if index == 0 else "normal",
            va="top",
        )


def name_row(
    axes: Axes, y: float, name: str, n_obs: object, *, left: float, pooled: bool, lines: int = 2
) -> None:
    """Write the name of a row at the left edge, and its number of people.

    With two lines the number stands under the name, with one it stands at the right end of the
    margin.
    """
    edge = -inches_to_fraction(axes, left)
    known = not is_missing(n_obs)
    size = WORDS["n"].format(n=count(n_obs)) if known else ""
    at = axes.get_yaxis_transform()
    lift = 0.062 if lines == 2 and known else 0.0
    write(
        axes,
        edge,
        y - lift,
        wrapped(name, 21, 1)[0],
        transform=at,
        va="center",
        fontweight="bold" if pooled else "normal",
        color=INK,
    )
    if known and lines == 2:
        write(axes, edge, y + lift, size, transform=at, va="center", fontsize=SMALL, color=MUTED)
    elif known:
        write(
            axes,
            -inches_to_fraction(axes, 0.08),
            y,
            size,
            transform=at,
            va="center",
            ha="right",
            fontsize=SMALL,
            color=MUTED,
        )


def explain(
    axes: Axes, y: float, reason: object, *, width: int, height: float, lines: int = 2
) -> None:
    """Write in a row of some height why there is nothing to see in it."""
    text = WORDS["no_value"] if is_missing(reason) else str(reason)
    shown = wrapped(text, width, lines)
    lift = 0.105
    box(
        axes,
        (0, y - height / 2),
        (1, height),
        transform=axes.get_yaxis_transform(),
        facecolor=PAPER,
        zorder=3.5,
    )
    for index, line in enumerate(shown):
        write(
            axes,
            0.0,
            y + (index - (len(shown) - 1) / 2) * lift,
            line,
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=SMALL,
            fontstyle="italic",
            color=MUTED,
            gid="reason",
            zorder=4,
        )


def separate(axes: Axes, block: Block, *, left: float, right: float) -> None:
    """Draw the thin lines between pooled rows and sites across the figure."""
    edges = (-inches_to_fraction(axes, left), 1 + inches_to_fraction(axes, right))
    for y in block.separators:
        axes.plot(
            edges,
            (y, y),
            transform=axes.get_yaxis_transform(),
            color=LINE,
            linewidth=0.8,
            clip_on=False,
            zorder=0,
        )


def mark_simulated(axes: Axes, simulated: bool) -> None:
    """Write "Simulated answers" into the lower right corner of the figure."""
    if simulated:
        axes.figure.text(
            0.995,
            0.004,
            WORDS["simulated"],
            ha="right",
            va="bottom",
            fontsize=SMALL,
            fontweight="bold",
            color=MUTED,
            parse_math=False,
        )
