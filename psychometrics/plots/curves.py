"""Curves over a trait: panels one under the other, each with its lines named below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from psychometrics.plots.labels import WORDS, Labels
from psychometrics.plots.numerals import is_missing
from psychometrics.plots.style import (
    INK,
    MUTED,
    SMALL,
    TITLE,
    WIDTH,
    inches_to_fraction,
    plain,
    series_style,
    write,
)
from psychometrics.plots.text import wrapped

Row = dict[str, Any]

LEFT, RIGHT, TOP, PLOT, AXIS, LINE_HEIGHT, GAP = 0.55, 0.15, 0.34, 1.7, 0.40, 0.17, 0.22
FOOT, FOOT_WITH_MARK = 0.05, 0.2
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (6, 2, 1, 2)))
N_MARKERS, MORE = 7, 0.3


@dataclass(frozen=True)
class Panel:
    """One panel: its heading and how many lines are named under it."""

    title: str
    n_lines: int

    @property
    def height(self) -> float:
        """Inches from heading to the last name."""
        return TOP + PLOT + AXIS + LINE_HEIGHT * self.n_lines


def new_panels(panels: Sequence[Panel], *, marked: bool) -> list[Axes]:
    """Return an Axes for each panel, on one figure as tall as all of them.

    Parameters
    ----------
    panels : sequence of Panel
    marked : bool
        Whether the foot has room for the mark of simulated answers.
    """
    foot = FOOT_WITH_MARK if marked else FOOT
    total = sum(panel.height for panel in panels) + GAP * (len(panels) - 1) + foot
    figure = Figure(figsize=(WIDTH, total))
    FigureCanvasAgg(figure)
    made, top = [], total
    for panel in panels:
        bottom = top - TOP - PLOT
        width = (WIDTH - LEFT - RIGHT) / WIDTH
        made.append(figure.add_axes((LEFT / WIDTH, bottom / total, width, PLOT / total)))
        top -= panel.height + GAP
    return made


def frame_panel(
    axes: Axes, title: str, x: tuple[float, float], y: tuple[float, float], names: tuple[str, str]
) -> None:
    """Set limits, names of the axes and the heading."""
    plain(axes, grid="y")
    axes.set_xlim(*x)
    axes.set_ylim(*y)
    axes.set_xlabel(names[0], parse_math=False)
    axes.set_ylabel(names[1], parse_math=False)
    axes.tick_params(labelsize=SMALL)
    write(
        axes, -inches_to_fraction(axes, LEFT - 0.05), 1 + 0.12 / plot_height(axes),
        wrapped(title, 60, 1)[0], transform=axes.transAxes, fontsize=TITLE, fontweight="bold",
    )  # fmt: skip


def plot_height(axes: Axes) -> float:
    """Return the height of the drawing area in inches."""
    figure_height = axes.figure.get_size_inches()[1]  # type: ignore[union-attr]
    return float(figure_height * axes.get_position().height)


def draw_curve(axes: Axes, index: int, x: Sequence[float], y: Sequence[float], *, gid: str) -> None:
    """Draw a line whose colour, dashes and markers are its own."""
    colour, marker = series_style(index)
    every = max(len(x) // N_MARKERS, 1)
    axes.plot(
        x, y, color=colour, linewidth=1.3, linestyle=DASHES[index % len(DASHES)], marker=marker,
        markersize=3.2, markevery=(index * every // N_MARKERS + every // 3, every), gid=gid,
        zorder=3,
    )  # fmt: skip


def name_curve(
    axes: Axes, line: int, index: int | None, name: str, more: str, *, room: int = 52
) -> None:
    """Write the name of a line under the axis, with its marker before it and more after it.

    Parameters
    ----------
    line : int
        Which of the lines under the axis.
    index : int or None
        Which of the curves; None where there is none.
    room : int
        How many characters of `more` there is room for.
    """
    y = -(AXIS + LINE_HEIGHT * (line + 0.5)) / plot_height(axes)
    if index is not None:
        colour, marker = series_style(index)
        axes.plot(
            [0.0, 0.018, 0.036], [y] * 3, transform=axes.transAxes, color=colour, linewidth=1.2,
            linestyle=DASHES[index % len(DASHES)], marker=marker, markevery=[1], markersize=3.6,
            clip_on=False, gid="key",
        )  # fmt: skip
    write(
        axes, 0.05, y, wrapped(name, 20, 1)[0], transform=axes.transAxes, va="center",
        fontsize=SMALL, color=INK, gid="name",
    )  # fmt: skip
    if more:
        write(
            axes, MORE, y, wrapped(more, room, 1)[0], transform=axes.transAxes, va="center",
            fontsize=SMALL, color=MUTED, gid="more",
        )  # fmt: skip


def trait_name(groups: Sequence[str | None], reference: str | None, labels: Labels) -> str:
    """Return the name of the horizontal axis."""
    if reference is not None:
        return WORDS["trait_of"].format(site=labels.site(reference))
    return WORDS["trait_own"] if len(groups) > 1 else WORDS["trait"]


def group_of(row: Row) -> str | None:
    """Return the group of a row, None where there is none."""
    return None if is_missing(row["group"]) else str(row["group"])


def by_group(rows: Sequence[Row], labels: Labels) -> dict[str | None, list[Row]]:
    """Return rows by group, in the order of the labels' sites, then as they come."""
    found: dict[str | None, list[Row]] = {}
    for row in rows:
        found.setdefault(group_of(row), []).append(row)
    order = list(labels.sites)
    rank = {key: at for at, key in enumerate(order)}
    return dict(sorted(found.items(), key=lambda item: rank.get(item[0] or "", len(order))))
