"""Forest of reliability coefficients: pooled rows set apart, then every site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from psychometrics.plots import rows
from psychometrics.plots.labels import NO_LABELS, WORDS, Labels, Place, by_place, grouped, places
from psychometrics.plots.numerals import interval, is_missing
from psychometrics.plots.style import (
    BODY,
    INK,
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
    write,
)
from psychometrics.plots.text import wrapped

LEFT, RIGHT = 1.38, 1.22
ROW, HEADING, GAP, APART = 0.33, 0.24, 0.2, 0.1
STEP = 0.125
LEGEND_LINE, LEGEND_WIDTH = 0.2, 4.7

Row = dict[str, Any]


def plot_reliability(
    result: pd.DataFrame,
    *,
    ax: Axes | None = None,
    labels: Labels = NO_LABELS,
    threshold: float | None = None,
    threshold_label: str = "",
    limits: tuple[float, float] = (0.0, 1.0),
    simulated: bool = False,
) -> Axes:
    """Draw each coefficient with its interval, for every scale, pooled and by site.

    A row that could not be had is drawn with its reason in words. An interval that leaves the
    drawing ends in an arrow; the numbers beside it are the whole truth.

    Parameters
    ----------
    result : pandas.DataFrame
        As :func:`psychometrics.reliability` returns it: `scale`, `group`, `pooling`,
        `coefficient`, `estimate`, `low`, `high`, `n_obs`, `reason`; `prediction_low` and
        `prediction_high` of synthesised rows are drawn too.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure, tall enough for all rows, if left out.
    labels : Labels
        Names of sites and scales.
    threshold : float, optional
        Where a criterion lies.
    threshold_label : str
        What it is and who says so.
    limits : tuple of float
        Lowest and highest coefficient that is drawn.
    simulated : bool
        Whether the figure says that the answers were simulated.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes; its figure is ``ax.figure``.

    Examples
    --------
    >>> frame = pd.DataFrame({"scale": "training", "group": ["ulm"], "pooling": "site",
    ...     "coefficient": "alpha", "estimate": 0.8, "low": 0.7, "high": 0.87, "n_obs": 47,
    ...     "reason": ""})
    >>> [text.get_text() for text in plot_reliability(frame).texts][:3]
    ['training', 'ulm', 'n = 47']
    """
    with look():
        by_scale = grouped(result, "scale")
        coefficients = list(grouped(result, "coefficient"))
        parts = [(HEADING, places(part, labels)) for part in by_scale.values()]
        # Two coefficients share a row of the usual height; more need a higher one.
        row_height = max(ROW, STEP * len(coefficients) + 0.08)
        blocks, height = rows.stack(parts, row=row_height, gap=GAP, apart=APART)
        axes = ax if ax is not None else _canvas(height, coefficients, result)
        _prepare(axes, height, limits)
        spots: list[Spot] = []
        for (key, part), block, (_, shown) in zip(by_scale.items(), blocks, parts, strict=True):
            rows.heading(
                axes, block.heading, wrapped(labels.scale(key), 60, 1), left=LEFT, size=TITLE
            )
            rows.separate(axes, block, left=LEFT, right=RIGHT)
            spots += _read_block(axes, part, block, shown, coefficients, labels)
        _draw_spots(axes, spots, limits)
        foreseen = _draw_predictions(axes, spots, limits)
        if threshold is not None:
            _draw_threshold(axes, threshold, threshold_label, height)
        _legend(axes, coefficients, height, foreseen=foreseen)
        rows.mark_simulated(axes, simulated)
        return axes


def _canvas(height: float, coefficients: Sequence[str], result: pd.DataFrame) -> Axes:
    """Return a new Axes with room for names at the left, numbers at the right, the legend below."""
    lines = legend_lines([WORDS.get(key, key) for key in coefficients])
    foreseen = "prediction_low" in result and result["prediction_low"].notna().any()
    below = 0.5 if len(coefficients) > 1 else 0.36
    below += LEGEND_LINE * (lines - 1 + (1 if foreseen else 0))
    return new_axes(height, left=LEFT, right=RIGHT, top=0.22, bottom=below)


def _prepare(axes: Axes, height: float, limits: tuple[float, float]) -> None:
    """Set the limits and a quiet grid."""
    plain(axes)
    axes.set_xlim(*limits)
    axes.set_ylim(height, 0)
    axes.set_yticks([])
    step = 0.1 if limits[1] - limits[0] <= 0.5 else 0.25
    count = round((limits[1] - limits[0]) / step)
    steps = [round(limits[0] + step * part, 3) for part in range(count + 1)]
    axes.set_xticks(steps, [f"{step:g}".replace("-", "−") for step in steps])


Spot = tuple[int, bool, float, Row]


def _read_block(
    axes: Axes,
    part: list[Row],
    block: rows.Block,
    shown: Sequence[Place],
    coefficients: Sequence[str],
    labels: Labels,
) -> Iterator[Spot]:
    """Name the rows of one scale, and yield what is to be drawn in them."""
    found = {key: by_place(same) for key, same in grouped(part, "coefficient").items()}
    for place, y in zip(shown, block.rows, strict=True):
        here = [(at, found.get(key, {}).get(place)) for at, key in enumerate(coefficients)]
        sizes = [row["n_obs"] for _, row in here if row is not None]
        known = next((size for size in sizes if not is_missing(size)), None)
        name = labels.place(place.pooling, place.group)
        rows.name_row(axes, y, name, known, left=LEFT, pooled=place.pooled)
        present = [(at, row) for at, row in here if row and not is_missing(row["estimate"])]
        if not present:
            reasons = [row["reason"] for _, row in here if row and not is_missing(row["reason"])]
            why = reasons[0] if reasons else None
            rows.explain(axes, y, why, width=52, height=ROW)
            continue
        for at, row in here:
            line = y + (at - (len(here) - 1) / 2) * STEP
            if row and is_missing(row["estimate"]):
                rows.explain(axes, line, row["reason"], width=52, height=STEP, lines=1)
            elif row:
                yield at, place.pooled, line, row


def _draw_spots(axes: Axes, spots: Sequence[Spot], limits: tuple[float, float]) -> None:
    """Draw every coefficient: line, marker, and the numbers beside it."""
    for index, pooled in dict.fromkeys((at, pooled) for at, pooled, _, _ in spots):
        colour, marker = series_style(index)
        here = [(y, row) for at, strong, y, row in spots if (at, strong) == (index, pooled)]
        points = [_inside(row, y, limits) for y, row in here]
        width, size = (2.0, 5.5) if pooled else (1.2, 4.2)
        draw_estimates(axes, points, colour, marker, width=width, size=size)
        for end, arrow in ((0, "<"), (1, ">")):
            beyond = [y for y, row in here if _leaves(row, end, limits)]
            if beyond:
                at = [limits[end]] * len(beyond)
                axes.plot(at, beyond, arrow, color=colour, markersize=4, clip_on=False)
    for _, pooled, y, row in spots:
        write(
            axes,
            1 + inches_to_fraction(axes, RIGHT - 0.02),
            y,
            interval(row["estimate"], row["low"], row["high"]),
            transform=axes.get_yaxis_transform(),
            ha="right",
            va="center",
            fontsize=SMALL,
            fontweight="bold" if pooled else "normal",
            color=INK,
        )


def _draw_predictions(axes: Axes, spots: Sequence[Spot], limits: tuple[float, float]) -> bool:
    """Draw where a further site is expected, under the synthesised rows; say if there is any."""
    drawn = False
    for at, _, y, row in spots:
        low, high = row.get("prediction_low"), row.get("prediction_high")
        if is_missing(low) or is_missing(high) or low is None or high is None:
            continue
        ends = [min(max(float(end), limits[0]), limits[1]) for end in (low, high)]
        axes.plot(
            ends,
            [y, y],
            color=series_style(at)[0],
            linewidth=0.7,
            marker="|",
            markersize=5,
            zorder=1.5,
            gid="prediction",
            clip_on=False,
        )
        drawn = True
    return drawn


def _inside(row: Row, y: float, limits: tuple[float, float]) -> tuple[float, float, float, float]:
    """Return estimate and interval of a row, cut at the edges of the drawing."""
    low, high = (
        float("nan") if is_missing(row[key]) else min(max(row[key], limits[0]), limits[1])
        for key in ("low", "high")
    )
    return min(max(row["estimate"], limits[0]), limits[1]), low, high, y


def _leaves(row: Row, end: int, limits: tuple[float, float]) -> bool:
    """Say whether an interval leaves the drawing at one end."""
    value = row["low"] if end == 0 else row["high"]
    return not is_missing(value) and bool(value < limits[0] if end == 0 else value > limits[1])


def _draw_threshold(axes: Axes, threshold: float, label: str, height: float) -> None:
    """Draw the line of the criterion, with its source above it."""
    axes.plot(
        (threshold, threshold),
        (0.2, height),
        color=INK,
        linewidth=0.9,
        linestyle=(0, (4, 2)),
        zorder=1,
        gid="threshold",
    )
    write(
        axes,
        threshold,
        0.0,
        wrapped(label or f"{threshold:g}", 46, 1)[0],
        ha="center",
        va="bottom",
        fontsize=SMALL,
        color=INK,
    )


def _legend(
    axes: Axes, coefficients: Sequence[str], height: float, *, foreseen: bool = False
) -> None:
    """Say which marker is which coefficient, under the axis, in as many lines as it takes."""
    if not coefficients:
        return
    across = axes.get_yaxis_transform()
    axes.plot((0, 1), (height, height), transform=across, color=LINE)
    words = [WORDS.get(key, key) for key in coefficients]
    for index, (column, line) in enumerate(legend_places(words)):
        colour, marker = series_style(index)
        x = -inches_to_fraction(axes, LEFT - 0.05 - column)
        y = height + 0.36 + line * LEGEND_LINE
        axes.plot([x], [y], marker, transform=across, color=colour, markersize=5, clip_on=False)
        place = {"transform": across, "va": "center", "fontsize": BODY, "color": MUTED}
        write(axes, x + inches_to_fraction(axes, 0.1), y, words[index], **place)
    if foreseen:
        y = height + 0.36 + (legend_lines(words)) * LEGEND_LINE
        x = -inches_to_fraction(axes, LEFT - 0.05)
        write(
            axes, x, y, WORDS["prediction"], transform=across, va="center", fontsize=SMALL,
            color=MUTED,
        )  # fmt: skip


def legend_places(words: Sequence[str]) -> list[tuple[float, int]]:
    """Return where each entry of the legend begins: inches from the left, and the line.

    Examples
    --------
    >>> legend_places(["alpha", "omega total"])
    [(0.0, 0), (0.95, 0)]
    """
    found: list[tuple[float, int]] = []
    left, line = 0.0, 0
    for word in words:
        # An entry is its marker and about a fifteenth of an inch a letter.
        width = max(0.95, 0.3 + len(word) / 15)
        if left and left + width > LEGEND_WIDTH:
            left, line = 0.0, line + 1
        found.append((round(left, 3), line))
        left += width
    return found


def legend_lines(words: Sequence[str]) -> int:
    """Return how many lines the legend takes."""
    return 1 + max((line for _, line in legend_places(words)), default=-1)
