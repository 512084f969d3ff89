"""The answers to one item in one group, beside those of the others who stand the same."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from psychometrics.errors import DataError
from psychometrics.plots import rows
from psychometrics.plots.curves import Panel, frame_panel, name_curve, new_panels
from psychometrics.plots.labels import NO_LABELS, WORDS, Labels, grouped, records
from psychometrics.plots.style import look, series_style
from psychometrics.plots.svg import figure_svg

MARGIN = 0.06
NAMESPACE = "http://www.w3.org/2000/svg"
"""Beside a page's own SVG, a file has to name what it is."""


def plot_item_curve(
    result: pd.DataFrame,
    *,
    ax: Axes | None = None,
    labels: Labels = NO_LABELS,
    limits: tuple[float, float] | None = None,
    simulated: bool = False,
) -> Axes:
    """Draw the mean answer to an item over the standing on the rest of its scale.

    Every point is the mean of several people, with its interval; the line between points is there
    for the eye.

    Parameters
    ----------
    result : pandas.DataFrame
        `item`, `group`, `side` ("group", "others"), `standing`, `mean`, `low`, `high`, `n_obs`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure if left out.
    labels : Labels
        Text of the item, name of the group (as a site).
    limits : (low, high), optional
        Lowest and highest answer; those drawn if left out.
    simulated : bool
        Whether the figure says that the answers were simulated.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> frame = pd.DataFrame({"item": "a", "group": "p", "side": ["group"] * 2 + ["others"] * 2,
    ...     "standing": [2.0, 4.0] * 2, "mean": [4.0, 2.0, 2.0, 4.0], "low": [3.5, 1.5] * 2,
    ...     "high": [4.5, 2.5] * 2, "n_obs": [9, 9, 30, 30]})
    >>> [text.get_text() for text in plot_item_curve(frame).texts if text.get_gid() == "name"]
    ['p', 'the others']
    """
    found = records(result)
    if not found:
        raise DataError("The frame has no rows: there is nothing to draw.")
    items = {(row["item"], row["group"]) for row in found}
    if len(items) != 1:
        raise DataError(f"One figure shows one item in one group; the frame has {len(items)}.")
    ((item, group),) = items
    with look():
        axes = ax if ax is not None else new_panels([Panel("", 2)], marked=simulated)[0]
        ends = [row[name] for row in found for name in ("low", "high", "mean")]
        known = [value for value in ends if value == value]
        y = limits or (min(known), max(known))
        x = [row["standing"] for row in found]
        frame_panel(
            axes, labels.item(item), _wider(min(x), max(x)), _wider(*y),
            (WORDS["standing"], WORDS["mean_answer"]),
        )  # fmt: skip
        names = {"group": labels.site(group), "others": WORDS["the_others"]}
        for line, (side, own) in enumerate(grouped(found, "side").items()):
            colour, marker = series_style(line)
            _draw_side(axes, own, colour, marker)
            people = sum(row["n_obs"] for row in own)
            name_curve(axes, line, line, names.get(side, side), WORDS["n"].format(n=people))
        rows.mark_simulated(axes, simulated)
        return axes


def _wider(low: float, high: float) -> tuple[float, float]:
    """Return limits with some room."""
    room = MARGIN * max(high - low, 0.5)
    return low - room, high + room


def _draw_side(axes: Axes, own: list[dict[str, float]], colour: str, marker: str) -> None:
    """Draw one line: means with their intervals, which stand upright here."""
    ordered = sorted(own, key=lambda row: row["standing"])
    x = [row["standing"] for row in ordered]
    axes.vlines(
        x, [row["low"] for row in ordered], [row["high"] for row in ordered], colors=colour,
        linewidth=1.1, gid="interval", zorder=2,
    )  # fmt: skip
    axes.plot(
        x, [row["mean"] for row in ordered], color=colour, marker=marker, markersize=4,
        linewidth=1.2, gid="curve", zorder=3,
    )  # fmt: skip


def item_curve_svg(
    result: pd.DataFrame,
    *,
    prefix: str,
    description: str,
    labels: Labels = NO_LABELS,
    limits: tuple[float, float] | None = None,
    simulated: bool = False,
) -> str:
    """Return such a figure as the content of a file of its own, which any browser opens.

    Parameters
    ----------
    prefix : str
        Start of the ids inside.
    description : str
        What it shows, in words.
    """
    axes = plot_item_curve(result, labels=labels, limits=limits, simulated=simulated)
    figure = axes.figure
    title = labels.item(records(result)[0]["item"])
    made = figure_svg(figure, prefix=prefix, title=title, description=description)  # type: ignore[arg-type]
    return made.replace("<svg ", f'<svg xmlns="{NAMESPACE}" ', 1)
