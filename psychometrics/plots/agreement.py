"""Bland-Altman plot: differences of two measurements beside their mean, with the limits."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from psychometrics.plots import rows
from psychometrics.plots.labels import WORDS, Row, records
from psychometrics.plots.numerals import bounds, is_missing, number
from psychometrics.plots.style import (
    BLUE,
    INK,
    LINE,
    MUTED,
    SMALL,
    TITLE,
    VERMILLION,
    look,
    new_axes,
    plain,
    tint,
    write,
)
from psychometrics.plots.text import isolated, wrapped

HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 2.7, 0.62, 1.02, 0.34, 0.78
DASH = (0, (4, 2))


def plot_agreement(
    result: Any,
    *,
    ax: Axes | None = None,
    names: tuple[str, str] | None = None,
    unit: str = "",
    decimals: int = 1,
    simulated: bool = False,
) -> Axes:
    """Draw differences by mean, the mean difference and the limits of agreement.

    Bars show neighbouring targets together: mean difference and one standard deviation on either
    side. Single targets are drawn where the result holds them, and only then.

    Parameters
    ----------
    result : BlandAltmanResult
        From :func:`psychometrics.bland_altman`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    names : (str, str), optional
        What readers call the two raters, occasions or forms.
    unit : str
        Unit of the ratings, written at the axis.
    decimals : int
        Decimals of the limits that are written beside their lines.
    simulated : bool
        Whether the figure says that the answers were simulated.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes; its figure is ``ax.figure``.

    References
    ----------
    Bland, J. M., & Altman, D. G. (1999). Measuring agreement in method comparison studies.
    Statistical Methods in Medical Research, 8, 135-160. doi:10.1177/096228029900800204

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from psychometrics import bland_altman
    >>> score = np.random.default_rng(1).normal(size=80) + np.arange(40).repeat(2) / 10
    >>> frame = pd.DataFrame({"t": np.arange(40).repeat(2), "r": [1, 2] * 40, "x": score})
    >>> axes = plot_agreement(bland_altman(frame, "t", "r", "x"))
    >>> [line.get_gid() for line in axes.lines if line.get_gid() == "limit"]
    ['limit', 'limit', 'limit']
    """
    with look():
        axes = ax if ax is not None else new_axes(
            HEIGHT, left=LEFT, right=RIGHT, top=TOP, bottom=BOTTOM
        )  # fmt: skip
        first, second = names or (result.rater_a, result.rater_b)
        title = WORDS["difference"].format(first=isolated(first), second=isolated(second))
        write(axes, 0.0, 1.05, title, transform=axes.transAxes, fontsize=TITLE, fontweight="bold")
        if result.reason:
            return _explain(axes, result, simulated=simulated)
        plain(axes, grid="y")
        bins = records(result.bins)
        limits = {str(row["statistic"]): row for row in records(result.limits)}
        points = [] if result.points is None else records(result.points)
        _frame(axes, bins, limits, points)
        _draw_limits(axes, limits, decimals)
        _draw_bins(axes, bins)
        _draw_points(axes, points)
        axis = WORDS["mean_of"].format(first=isolated(first), second=isolated(second))
        axes.set_xlabel(f"{axis} ({isolated(unit)})" if unit else axis, parse_math=False)
        _draw_legend(axes, result, bool(points))
        rows.mark_simulated(axes, simulated)
        return axes


def _explain(axes: Axes, result: Any, *, simulated: bool) -> Axes:
    """Write why there is nothing to see."""
    axes.set_axis_off()
    for index, line in enumerate(wrapped(result.reason, 70, 3)):
        write(
            axes, 0.0, 0.8 - 0.08 * index, line, transform=axes.transAxes, fontsize=SMALL,
            fontstyle="italic", color=MUTED, gid="reason",
        )  # fmt: skip
    rows.mark_simulated(axes, simulated)
    return axes


def _frame(axes: Axes, bins: list[Row], limits: dict[str, Row], points: list[Row]) -> None:
    """Set limits with room for the widest interval."""
    y = [value for row in limits.values() for value in (row["estimate"], row["low"], row["high"])]
    y += [row["difference"] + side * row["sd"] for row in bins for side in (-1, 1)]
    y += [row["difference"] for row in points]
    x = [row["mean"] for row in [*bins, *points]]
    seen = [value for value in y if not is_missing(value)]
    low, high = min(seen, default=-1.0), max(seen, default=1.0)
    edge = 0.06 * (high - low or 1.0)
    axes.set_ylim(low - edge, high + edge)
    left, right = min(x, default=0.0), max(x, default=1.0)
    room = 0.06 * (right - left or 1.0)
    axes.set_xlim(left - room, right + room)


def _draw_limits(axes: Axes, limits: dict[str, Row], decimals: int) -> None:
    """Draw the three lines, their intervals as bands, and their values at the right."""
    axes.axhline(0, color=MUTED, linewidth=0.7, zorder=0.5)
    for statistic, colour in (
        ("upper_limit", VERMILLION),
        ("mean_difference", BLUE),
        ("lower_limit", VERMILLION),
    ):
        row = limits.get(statistic)
        if row is None or is_missing(row["estimate"]):
            continue
        dash = "-" if statistic == "mean_difference" else DASH
        if not is_missing(row["low"]):
            axes.axhspan(
                row["low"], row["high"], color=tint(colour, 0.14), linewidth=0, zorder=0.2,
                gid="interval",
            )  # fmt: skip
        axes.axhline(
            row["estimate"], color=colour, linewidth=1.1, linestyle=dash, zorder=1, gid="limit"
        )
        place = axes.get_yaxis_transform()
        shown = number(row["estimate"], decimals)
        write(axes, 1.02, row["estimate"], shown, transform=place, va="bottom", color=INK)
        if not is_missing(row["low"]):
            text = bounds(row["low"], row["high"], decimals)
            write(
                axes, 1.02, row["estimate"], text, transform=place, va="top", fontsize=SMALL,
                color=MUTED,
            )  # fmt: skip


def _draw_bins(axes: Axes, bins: list[Row]) -> None:
    """Draw neighbouring targets together: one standard deviation on either side."""
    most = max((row["n_targets"] for row in bins), default=1)
    for row in bins:
        spread = 0.0 if is_missing(row["sd"]) else row["sd"]
        axes.plot(
            [row["mean"]] * 2, [row["difference"] - spread, row["difference"] + spread],
            color=tint(INK, 0.45), linewidth=1.4, zorder=2, gid="spread",
        )  # fmt: skip
        axes.plot(
            [row["mean"]], [row["difference"]], "o", color=INK, zorder=3, gid="bin",
            markersize=2.6 + 3.4 * np.sqrt(row["n_targets"] / most), markeredgecolor="white",
            markeredgewidth=0.5,
        )  # fmt: skip


def _draw_points(axes: Axes, points: list[Row]) -> None:
    """Draw every target."""
    if points:
        axes.plot(
            [row["mean"] for row in points], [row["difference"] for row in points], "o",
            color=tint(BLUE, 0.6), markersize=2.4, markeredgewidth=0, zorder=1.5, gid="point",
        )  # fmt: skip


def _draw_legend(axes: Axes, result: Any, points: bool) -> None:
    """Say under the axis what the marks are and how many people they stand for."""
    height = axes.figure.get_size_inches()[1] * axes.get_position().height  # type: ignore[union-attr]
    level = result.limits["level"].iloc[0]
    least = int(result.bins["n_targets"].min()) if len(result.bins) else 0
    lines = [WORDS["agreement_note"].format(n=result.n_targets, share=f"{100 * level:g}")]
    if least:
        lines.append(WORDS["agreement_bins"].format(least=least))
    if points:
        lines.append(WORDS["agreement_points"])
    for index, text in enumerate(lines):
        y = -(0.46 + 0.14 * index) / height
        write(
            axes, 0.0, y, text, transform=axes.transAxes, va="center", fontsize=SMALL, color=MUTED
        )
    axes.axhline(axes.get_ylim()[0], color=LINE, linewidth=0.8, zorder=0)
