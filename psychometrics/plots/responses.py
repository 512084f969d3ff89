"""Diverging bars of the answers to items: one bar a site, the neutral answer in the middle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from psychometrics.plots import rows
from psychometrics.plots.labels import (
    NO_LABELS,
    WORDS,
    Labels,
    Place,
    grouped,
    place_of,
    places,
    records,
)
from psychometrics.plots.numerals import is_missing
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
    plain,
    text_width,
    tint,
    write,
)
from psychometrics.plots.text import clean, isolated, wrapped

LEFT, RIGHT = 1.72, 0.1
ROW, GAP, APART = 0.185, 0.14, 0.05
LINE_HEIGHT = 0.145
NEUTRAL = "#c8c6c1"
MANY = 60
"""Segments from which on only pooled bars have their percentages written in."""

Row = dict[str, Any]
Option = tuple[float, str]


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a bar that stands for one option; `start` and `width` are percentages."""

    option: int
    start: float
    width: float
    y: float
    pooled: bool

    @property
    def corners(self) -> list[tuple[float, float]]:
        """The corners of the segment."""
        half = ROW * (0.43 if self.pooled else 0.39)
        end, top, bottom = self.start + self.width, self.y - half, self.y + half
        return [(self.start, top), (end, top), (end, bottom), (self.start, bottom)]


def plot_responses(
    result: pd.DataFrame,
    *,
    ax: Axes | None = None,
    labels: Labels = NO_LABELS,
    title: str = "",
    reversed_items: Sequence[str] = (),
    simulated: bool = False,
) -> Axes:
    """Draw how the answers to each item are spread, pooled and by site.

    Answers below the middle run to the left, those above to the right, and an odd middle answer
    lies across the zero line. Answers are shown as they were given, never reversed. Percentages
    are written into the bars; where there are many bars, into the pooled ones only.

    Parameters
    ----------
    result : pandas.DataFrame
        `item`, `group`, `pooling`, `code`, `option`, `count`, `share`, `n_obs`; all items have
        the same options. A row without a share is drawn with its `reason`, if there is one.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure, tall enough for all rows, if left out.
    labels : Labels
        Names of sites and texts of items.
    title : str
        Written above the legend, such as the title of the scale.
    reversed_items : sequence of str
        Items that are reversed when scored; their heading says so.
    simulated : bool
        Whether the figure says that the answers were simulated.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes; its figure is ``ax.figure``.

    Examples
    --------
    >>> frame = pd.DataFrame({"item": "a", "group": "ulm", "pooling": "site", "code": [1, 2],
    ...     "option": ["No", "Yes"], "count": [10, 30], "share": [0.25, 0.75], "n_obs": 40})
    >>> [round(value) for value in plot_responses(frame).get_xlim()]
    [-28, 78]
    """
    with look():
        by_item, options = grouped(result, "item"), _options(result)
        items = list(by_item)
        spots = {key: places(part, labels) for key, part in by_item.items()}
        texts = {key: _item_lines(key, labels, key in set(reversed_items)) for key in items}
        parts = [(len(texts[key]) * LINE_HEIGHT + 0.03, spots[key]) for key in items]
        blocks, height = rows.stack(parts, row=ROW, gap=GAP, apart=APART)
        legend_rows = _legend_rows(options)
        above = 0.14 + 0.17 * len(legend_rows)
        axes = ax if ax is not None else _canvas(height, above + (0.2 if title else 0.0))
        plain(axes, grid=None)
        axes.set_ylim(height, 0)
        axes.set_yticks([])
        ticks = _axis(axes, records(result), options)
        segments: list[Segment] = []
        for key, block in zip(items, blocks, strict=True):
            rows.heading(axes, block.heading, texts[key], left=LEFT, size=BODY)
            found = _by_place(by_item[key])
            for place, y in zip(spots[key], block.rows, strict=True):
                segments += _read_bar(axes, y, place, found[place], options, labels)
        _guides(axes, blocks, ticks)
        _draw_segments(axes, segments, len(options))
        _legend(axes, options, legend_rows)
        if title:
            rows.heading(axes, -above - 0.12, wrapped(title, 60, 1), left=LEFT, size=TITLE)
        rows.mark_simulated(axes, simulated)
        return axes


def _canvas(height: float, top: float) -> Axes:
    """Return a new Axes with title and legend above and the axis below."""
    return new_axes(height, left=LEFT, right=RIGHT, top=top, bottom=0.42)


def _options(result: pd.DataFrame) -> list[Option]:
    """Return the options as (code, text), in the order of their codes."""
    pairs = result[["code", "option"]].dropna().drop_duplicates("code").sort_values("code")
    return [
        (float(code), clean(text))
        for code, text in zip(pairs["code"], pairs["option"], strict=True)
    ]


def _item_lines(key: str, labels: Labels, turned: bool) -> list[str]:
    """Return the heading of an item: its key, and its text in at most two lines."""
    text = labels.item(key)
    note = f" ({WORDS['reversed']})" if turned else ""
    head = isolated(key) + note
    return [head, *wrapped(text, 64, 2)] if text != key else [head]


def _by_place(part: list[Row]) -> dict[Place, list[Row]]:
    """Return the rows of one item by place."""
    found: dict[Place, list[Row]] = {}
    for row in part:
        found.setdefault(place_of(row["pooling"], row["group"]), []).append(row)
    return found


def option_colours(n_options: int) -> list[tuple[str, str]]:
    """Return fill colour and text colour of each option, from the lowest code to the highest.

    Both ends are dark and the middle is light, so that the steps stay apart in grey; which end
    it is shows in the side of the bar.

    Examples
    --------
    >>> len(option_colours(5)), option_colours(5)[2][0] == NEUTRAL, option_colours(6)[2][0]
    (5, True, '#f2cfb2')
    """
    half = n_options // 2
    shares = [1.0] if half == 1 else [1.0 - 0.7 * step / (half - 1) for step in range(half)]
    left = [tint(VERMILLION, share) for share in shares]
    right = [tint(BLUE, share) for share in reversed(shares)]
    fills = [*left, *([NEUTRAL] if n_options % 2 else []), *right]
    return [(fill, ON_DARK if _is_dark(fill) else ON_LIGHT) for fill in fills]


def _is_dark(colour: str) -> bool:
    """Say whether white is easier to read on a colour than black."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.24


def _read_bar(
    axes: Axes,
    y: float,
    place: Place,
    found: Sequence[Row],
    options: Sequence[Option],
    labels: Labels,
) -> list[Segment]:
    """Name one row and return the parts of its bar, or write the reason why there is none."""
    shares = {float(row["code"]): row["share"] for row in found if not is_missing(row["code"])}
    name = labels.place(place.pooling, place.group)
    rows.name_row(axes, y, name, found[0]["n_obs"], left=LEFT, pooled=place.pooled, lines=1)
    if not shares or all(is_missing(share) for share in shares.values()):
        told = found[0].get("reason")
        text = WORDS["no_answers"] if is_missing(told) else told
        rows.explain(axes, y, text, width=58, height=ROW, lines=1)
        return []
    values = [_share(shares.get(code)) for code, _ in options]
    at, made = _start(values), []
    for index, value in enumerate(values):
        made.append(Segment(index, at, value, y, place.pooled))
        at += value
    return made


def _share(value: object) -> float:
    """Return a share as a percentage; an option nobody chose has none."""
    return 0.0 if is_missing(value) else 100 * float(value)  # type: ignore[arg-type]


def _start(values: Sequence[float]) -> float:
    """Return where a bar begins, so that its middle lies on the zero line."""
    half = len(values) // 2
    middle = values[half] / 2 if len(values) % 2 else 0.0
    return -(sum(values[:half]) + middle)


def _draw_segments(axes: Axes, segments: Sequence[Segment], n_options: int) -> None:
    """Draw all bars, and their percentages where there is room."""
    everywhere = len(segments) <= MANY or not any(part.pooled for part in segments)
    for index, (fill, ink) in enumerate(option_colours(n_options)):
        here = [part for part in segments if part.option == index and part.width > 0]
        bars = PolyCollection(
            [part.corners for part in here],
            facecolors=fill,
            edgecolors="white",
            linewidths=0.4,
            gid=f"option-{index}",
        )
        axes.add_collection(bars, autolim=False)
        for part in here:
            if part.width >= 9.5 and (part.pooled or everywhere):
                write(
                    axes,
                    part.start + part.width / 2,
                    part.y,
                    f"{part.width:.0f}",
                    ha="center",
                    va="center",
                    fontsize=SMALL - 0.6,
                    fontweight="bold" if part.pooled else "normal",
                    color=ink,
                )


def _axis(axes: Axes, every: list[Row], options: Sequence[Option]) -> list[int]:
    """Set limits that hold all bars, and return the ticks: equal steps on both sides of zero."""
    ends = [0.0, 0.0]
    bars: dict[tuple[str, Place], dict[float, Any]] = {}
    for row in every:
        spot = (str(row["item"]), place_of(row["pooling"], row["group"]))
        bars.setdefault(spot, {})[row["code"]] = row["share"]
    for shares in bars.values():
        values = [_share(shares.get(code)) for code, _ in options]
        start = _start(values)
        ends = [min(ends[0], start), max(ends[1], start + sum(values))]
    low, high = ends[0] - 3, ends[1] + 3
    axes.set_xlim(low, high)
    ticks = [tick for tick in range(-100, 101, 50) if low <= tick <= high]
    axes.set_xticks(ticks, [str(abs(tick)) for tick in ticks])
    axes.set_xlabel(WORDS["share"], parse_math=False)
    return ticks


def _guides(axes: Axes, blocks: Sequence[rows.Block], ticks: Sequence[int]) -> None:
    """Draw the zero line and the ticks behind the bars of each item, not through its heading."""
    ends = [(block.rows[0] - ROW / 2, block.rows[-1] + ROW / 2) for block in blocks]
    for is_zero, colour, width, order in ((True, MUTED, 0.8, 3), (False, LINE, 0.5, 0)):
        lines = [
            ((tick, top), (tick, bottom))
            for tick in ticks
            if (tick == 0) == is_zero
            for top, bottom in ends
        ]
        made = LineCollection(lines, colors=colour, linewidths=width, zorder=order, gid="guide")
        axes.add_collection(made, autolim=False)


def _legend_rows(options: Sequence[Option]) -> list[list[int]]:
    """Return the options of each line of the legend, as many as the width holds."""
    rows_made: list[list[int]] = [[]]
    room = 0.0
    for index, (_, text) in enumerate(options):
        needed = 0.34 + text_width(text)
        if room + needed > 4.7 and rows_made[-1]:
            rows_made.append([])
            room = 0.0
        rows_made[-1].append(index)
        room += needed
    return rows_made


def _legend(axes: Axes, options: Sequence[Option], lines: Sequence[Sequence[int]]) -> None:
    """Draw the options with their colours above the bars."""
    fills = option_colours(len(options))
    left = inches_to_fraction(axes, LEFT)
    for number, line in enumerate(lines):
        x = -left
        y = -(0.13 + 0.17 * (len(lines) - 1 - number))
        for index in line:
            text = wrapped(options[index][1], 30, 1)[0]
            _swatch(axes, x, y, fills[index][0])
            at = x + inches_to_fraction(axes, 0.16)
            across = axes.get_yaxis_transform()
            write(axes, at, y, text, transform=across, va="center", fontsize=SMALL, color=INK)
            x += inches_to_fraction(axes, 0.34 + text_width(text))


def _swatch(axes: Axes, x: float, y: float, fill: str) -> None:
    """Draw one colour of the legend."""
    width = inches_to_fraction(axes, 0.12)
    across = axes.get_yaxis_transform()
    box(axes, (x, y - 0.05), (width, 0.1), transform=across, facecolor=fill)
