"""Standardised loadings with their intervals: every item, pooled and by site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from psychometrics.plots import rows
from psychometrics.plots.labels import (
    NO_LABELS,
    WORDS,
    Labels,
    Place,
    by_place,
    grouped,
    place_of,
    places,
    records,
)
from psychometrics.plots.numerals import interval, is_missing
from psychometrics.plots.style import (
    BODY,
    LINE,
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
from psychometrics.plots.text import clean, isolated, wrapped

LEFT, RIGHT = 1.5, 1.22
STEP, HEADING, GAP = 0.1, 0.02, 0.16

Row = dict[str, Any]


def plot_loadings(
    result: pd.DataFrame,
    *,
    ax: Axes | None = None,
    labels: Labels = NO_LABELS,
    limits: tuple[float, float] = (0.0, 1.0),
    simulated: bool = False,
) -> Axes:
    """Draw the standardised loading of each item, pooled and by site.

    Each place has its own line, colour and marker, in the same order for every item. The number
    beside an item is that of its first pooled row. A place without any loading is named under
    the legend with its reason.

    Parameters
    ----------
    result : pandas.DataFrame
        `scale`, `item`, `group`, `pooling`, `estimate`, `low`, `high`, `n_obs`, `reason`; rows
        of :func:`psychometrics.convergent_validity` whose statistic is ``loading``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure, tall enough for all rows, if left out.
    labels : Labels
        Names of sites and texts of items.
    limits : tuple of float
        Lowest and highest loading that is drawn; widened to hold every estimate.
    simulated : bool
        Whether the figure says that the answers were simulated.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes; its figure is ``ax.figure``.

    Examples
    --------
    >>> frame = pd.DataFrame({"scale": "s", "item": ["a", "b"], "group": "ulm",
    ...     "pooling": "site", "estimate": [0.7, 0.6], "low": 0.5, "high": 0.8, "n_obs": 47,
    ...     "reason": ""})
    >>> [f"{limit:g}" for limit in plot_loadings(frame).get_xlim()]
    ['0', '1']
    """
    with look():
        every = records(result)
        by_item = grouped(every, "item")
        items, spots = list(by_item), places(every, labels)
        seen, absent = _split(every, spots)
        height, tops = _layout(items, len(seen))
        legend, notes = _legend_lines(seen, labels), _notes(absent, labels)
        title = ", ".join(labels.scale(key) for key in grouped(every, "scale"))
        axes = ax if ax is not None else _canvas(height, len(legend), len(notes))
        low, high = _limits(result, limits)
        plain(axes)
        axes.set_xlim(low, high)
        axes.set_ylim(height, 0)
        axes.set_yticks([])
        _ticks(axes, low, high)
        found = [by_place(by_item[key]) for key in items]
        for key, top, rows_of in zip(items, tops, found, strict=True):
            pooled = (rows_of.get(place) for place in seen if place.pooled)
            headline = next((row for row in pooled if row is not None), None)
            _name_item(axes, key, top, headline, labels)
        for index, place in enumerate(seen):
            here = [(top, each.get(place)) for top, each in zip(tops, found, strict=True)]
            _draw_place(axes, index, here, place.pooled)
        rows.heading(axes, -0.3, wrapped(title, 60, 1), left=LEFT, size=TITLE)
        _draw_legend(axes, legend, seen, height)
        _draw_notes(axes, notes, height + 0.42 + 0.17 * len(legend))
        rows.mark_simulated(axes, simulated)
        return axes


def _split(every: list[Row], spots: Sequence[Place]) -> tuple[list[Place], dict[Place, str]]:
    """Return the places with a loading, and the reason of every place without one."""
    seen: set[Place] = set()
    reasons: dict[Place, str] = {}
    for row in every:
        place = place_of(row["pooling"], row["group"])
        if not is_missing(row["estimate"]):
            seen.add(place)
        elif not is_missing(row["reason"]):
            reasons.setdefault(place, str(row["reason"]))
    absent = {place: reasons.get(place, WORDS["no_value"]) for place in spots if place not in seen}
    return [place for place in spots if place in seen], absent


def _layout(items: Sequence[str], n_places: int) -> tuple[float, list[float]]:
    """Return the height of all and the top of each item, in inches."""
    block = max(n_places * STEP, 0.36) + HEADING
    tops = [index * (block + GAP) for index in range(len(items))]
    return (tops[-1] + block if tops else 0.3), tops


def _canvas(height: float, legend_lines: int, notes: int) -> Axes:
    """Return a new Axes with the axis, the legend and the notes below."""
    bottom = 0.5 + 0.17 * legend_lines + 0.14 * notes
    return new_axes(height, left=LEFT, right=RIGHT, top=0.32, bottom=bottom)


def _limits(result: pd.DataFrame, limits: tuple[float, float]) -> tuple[float, float]:
    """Return the limits of the axis, widened in quarters until every estimate is inside."""
    low, high = limits
    least, most = result["estimate"].min(), result["estimate"].max()
    while not is_missing(least) and least < low > -1.0:
        low -= 0.25
    while not is_missing(most) and most > high < 2.0:
        high += 0.25
    return low, high


def _ticks(axes: Axes, low: float, high: float) -> None:
    """Label every quarter."""
    steps = [low + 0.25 * part for part in range(round((high - low) / 0.25) + 1)]
    axes.set_xticks(steps, [f"{step:g}".replace("-", "−") for step in steps])
    axes.set_xlabel(WORDS["loading"], parse_math=False)
    if low < 0:
        axes.axvline(0, color=MUTED, linewidth=0.7)


def _name_item(axes: Axes, key: str, top: float, headline: Row | None, labels: Labels) -> None:
    """Write key and text of an item at the left, and its first pooled loading at the right."""
    across = axes.get_yaxis_transform()
    edge = -inches_to_fraction(axes, LEFT)
    lines = [isolated(key)]
    if labels.item(key) != key:
        lines += wrapped(labels.item(key), 25, 2)
    for number, line in enumerate(lines):
        size, weight = (BODY, "bold") if number == 0 else (SMALL - 0.4, "normal")
        y = top + number * 0.125
        write(axes, edge, y, line, transform=across, va="top", fontsize=size, fontweight=weight)
    if headline is not None:
        write(
            axes,
            1 + inches_to_fraction(axes, RIGHT - 0.02),
            top + HEADING + STEP / 2,
            interval(headline["estimate"], headline["low"], headline["high"]),
            transform=across,
            ha="right",
            va="center",
            fontsize=SMALL,
            fontweight="bold",
        )


def _draw_place(
    axes: Axes, index: int, found: Sequence[tuple[float, Row | None]], pooled: bool
) -> None:
    """Draw the loadings of all items at one place."""
    colour, marker = series_style(index)
    points = [
        (row["estimate"], _limit(row["low"]), _limit(row["high"]), _line(top, index))
        for top, row in found
        if row is not None and not is_missing(row["estimate"])
    ]
    width, size = (1.9, 5.2) if pooled else (1.0, 3.8)
    draw_estimates(axes, points, colour, marker, width=width, size=size)


def _line(top: float, index: int) -> float:
    """Return where the line of a place stands in the block of an item."""
    return top + HEADING + (index + 0.5) * STEP


def _limit(value: object) -> float:
    """Return a limit of an interval as a number."""
    return float("nan") if is_missing(value) else float(value)  # type: ignore[arg-type]


def _legend_lines(seen: Sequence[Place], labels: Labels) -> list[list[tuple[int, str]]]:
    """Return the entries of each line of the legend, as many as the width holds."""
    lines: list[list[tuple[int, str]]] = [[]]
    room = 0.0
    for index, place in enumerate(seen):
        text = wrapped(labels.place(place.pooling, place.group), 28, 1)[0]
        needed = 0.34 + text_width(text)
        if room + needed > 4.7 and lines[-1]:
            lines.append([])
            room = 0.0
        lines[-1].append((index, text))
        room += needed
    return lines


def _draw_legend(
    axes: Axes,
    lines: Sequence[Sequence[tuple[int, str]]],
    seen: Sequence[Place],
    height: float,
) -> None:
    """Name the colours and markers under the axis."""
    across = axes.get_yaxis_transform()
    for number, line in enumerate(lines):
        x, y = -inches_to_fraction(axes, LEFT - 0.06), height + 0.42 + 0.17 * number
        for index, text in line:
            colour, marker = series_style(index)
            axes.plot(
                [x], [y], marker, transform=across, color=colour, markersize=4.5, clip_on=False
            )
            weight = "bold" if seen[index].pooled else "normal"
            at = x + inches_to_fraction(axes, 0.09)
            write(
                axes, at, y, text, transform=across, va="center", fontsize=SMALL, fontweight=weight
            )
            x += inches_to_fraction(axes, 0.34 + text_width(text))
    axes.plot((0, 1), (height, height), transform=across, color=LINE, linewidth=0.8)


def _notes(absent: dict[Place, str], labels: Labels) -> list[str]:
    """Return the lines that name the places without a loading, and why."""
    lines: list[str] = []
    for place, reason in absent.items():
        name = labels.place(place.pooling, place.group)
        lines += wrapped(f"{clean(name)}: {clean(reason)}", 84, 2)
    return lines


def _draw_notes(axes: Axes, notes: Sequence[str], top: float) -> None:
    """Write the notes under the legend."""
    for number, line in enumerate(notes):
        write(
            axes,
            -inches_to_fraction(axes, LEFT),
            top + 0.14 * number,
            line,
            transform=axes.get_yaxis_transform(),
            va="center",
            fontsize=SMALL,
            fontstyle="italic",
            color=MUTED,
            gid="reason",
        )
