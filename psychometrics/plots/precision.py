"""How reliably a scale measures people over the trait, one line a site."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import pandas as pd
from matplotlib.axes import Axes

from psychometrics.errors import DataError, check_option
from psychometrics.plots import rows
from psychometrics.plots.curves import (
    Panel,
    Row,
    by_group,
    draw_curve,
    frame_panel,
    name_curve,
    new_panels,
    trait_name,
)
from psychometrics.plots.labels import NO_LABELS, WORDS, Labels, grouped
from psychometrics.plots.numerals import is_missing, number
from psychometrics.plots.style import MUTED, SKY, box, look, series_style, tint

Stretch = tuple[float, float]

PEOPLE = 0.2
"""Share of the panel's height that the people at its foot take."""


def plot_precision(
    result: pd.DataFrame,
    *,
    ax: Axes | None = None,
    labels: Labels = NO_LABELS,
    measure: Literal["reliability", "sem"] = "reliability",
    reliable_at: float = 0.80,
    reference: str | None = None,
    simulated: bool = False,
) -> Axes:
    """Draw reliability or error of measurement over the trait, a panel a factor, a line a site.

    The broken line is the reliability asked for. Where all sites reach it the panel is shaded;
    under it each site has the stretch where it does, in trait values and in mean item scores. At
    the foot stand the people of each site.

    Parameters
    ----------
    result : pandas.DataFrame
        `factor`, `group`, `theta`, `reliability`, `sem`, `expected_score`, `density`, `reason`: the
        table ``information`` of :func:`psychometrics.item_response`.
    ax : matplotlib.axes.Axes, optional
        Where to draw one factor; a new figure with room for all if left out.
    labels : Labels
        Names of sites and factors (as scales).
    measure : {"reliability", "sem"}
        Conditional reliability, or the standard error of measurement of the answers alone.
    reliable_at : float
        Reliability at which a scale measures well.
    reference : str, optional
        Group whose metric the trait values are in; each group's own by default.
    simulated : bool
        Whether the figure says that the answers were simulated.

    Returns
    -------
    matplotlib.axes.Axes
        The first panel; all are in ``ax.figure.axes``.

    Examples
    --------
    >>> frame = pd.DataFrame({"factor": "f", "group": None, "theta": [-1.0, 0.0, 1.0],
    ...     "reliability": [0.7, 0.9, 0.7], "sem": [0.65, 0.33, 0.65], "reason": "",
    ...     "expected_score": [1.5, 2.5, 3.5], "density": [0.24, 0.4, 0.24]})
    >>> axes = plot_precision(frame)
    >>> [text.get_text() for text in axes.texts if text.get_gid() == "more"]
    ['0.80 or better from −0.50 to 0.50, mean scores 2.0 to 3.0']
    """
    check_option("measure", measure, ("reliability", "sem"))
    with look():
        by_factor = grouped(result, "factor")
        if not by_factor:
            raise DataError("The frame has no rows: there is nothing to draw.")
        if ax is not None and len(by_factor) > 1:
            raise DataError(
                f"One Axes holds one factor; the frame has {len(by_factor)}: "
                f"{', '.join(by_factor)}."
            )
        found = {name: by_group(own, labels) for name, own in by_factor.items()}
        panels = [Panel(labels.scale(name), len(own)) for name, own in found.items()]
        made = [ax] if ax is not None else new_panels(panels, marked=simulated)
        for axes, panel, own in zip(made, panels, found.values(), strict=True):
            _draw_panel(axes, panel, own, labels, measure, reliable_at, reference)
        rows.mark_simulated(made[0], simulated)
        return made[0]


def _draw_panel(
    axes: Axes,
    panel: Panel,
    own: dict[str | None, list[Row]],
    labels: Labels,
    measure: str,
    reliable_at: float,
    reference: str | None,
) -> None:
    """Draw one factor."""
    drawn = {name: _with_values(every) for name, every in own.items()}
    theta = [row["theta"] for every in drawn.values() for row in every] or [-3.0, 3.0]
    top = _top(drawn, measure)
    across = trait_name(list(own), reference, labels)
    frame_panel(axes, panel.title, (min(theta), max(theta)), (0, top), (across, WORDS[measure]))
    stretches = {name: _stretches(every, reliable_at) for name, every in drawn.items()}
    _shade(axes, [parts for name, parts in stretches.items() if drawn[name]], top)
    if measure == "reliability":
        axes.axhline(reliable_at, color=MUTED, linewidth=0.8, linestyle=(0, (4, 2)), gid="cutoff")
    most = max((row["density"] for every in drawn.values() for row in every), default=1.0)
    for line, (name, every) in enumerate(drawn.items()):
        if every:
            x = [row["theta"] for row in every]
            _draw_people(axes, line, x, [row["density"] / most * PEOPLE * top for row in every])
            draw_curve(axes, line, x, [min(row[measure], 2 * top) for row in every], gid=measure)
        more = _told(own[name], every, stretches[name], reliable_at)
        shown = labels.site(name) if name is not None else WORDS["all_people"]
        name_curve(axes, line, line if every else None, shown, more, room=68 if every else 52)


def _with_values(every: list[Row]) -> list[Row]:
    """Return the rows that hold a curve."""
    return [row for row in every if not is_missing(row["theta"])]


def _top(drawn: dict[str | None, list[Row]], measure: str) -> float:
    """Return the upper limit: 1 for reliabilities, else a little above twice the lowest error."""
    if measure == "reliability":
        return 1.0
    least = [min(row["sem"] for row in every) for every in drawn.values() if every]
    return 3 * max(least, default=0.5)


def _draw_people(axes: Axes, index: int, x: list[float], height: list[float]) -> None:
    """Draw how the people of a site spread over the trait, at the foot of the panel."""
    colour, _ = series_style(index)
    axes.fill_between(x, height, color=tint(colour, 0.35), alpha=0.35, linewidth=0, gid="people")
    axes.plot(x, height, color=tint(colour, 0.6), linewidth=0.6, gid="people")


def _stretches(every: list[Row], reliable_at: float) -> list[Stretch]:
    """Return between which trait values a curve is at the reliability or above it."""
    found: list[Stretch] = []
    start: float | None = None
    for one, two in pairwise(every):
        before, after = one["reliability"] >= reliable_at, two["reliability"] >= reliable_at
        if before and start is None:
            start = one["theta"]
        if before != after:
            part = (reliable_at - one["reliability"]) / (two["reliability"] - one["reliability"])
            at = one["theta"] + part * (two["theta"] - one["theta"])
            if after:
                start = at
            elif start is not None:
                found.append((start, at))
                start = None
    if start is not None:
        found.append((start, every[-1]["theta"]))
    return found


def _shade(axes: Axes, by_site: list[list[Stretch]], top: float) -> None:
    """Shade where all sites measure well."""
    common = by_site[0] if by_site else []
    for other in by_site[1:]:
        both = [(max(a, c), min(b, d)) for a, b in common for c, d in other]
        common = [(low, high) for low, high in both if low < high]
    for low, high in common:
        box(axes, (low, 0), (high - low, top), facecolor=tint(SKY, 0.22), zorder=0, gid="well")


def _told(own: list[Row], every: list[Row], stretches: list[Stretch], reliable_at: float) -> str:
    """Say where a site is measured well, or why there is no curve."""
    if not every:
        reasons = [str(row["reason"]) for row in own if not is_missing(row["reason"])]
        return reasons[0] if reasons else WORDS["no_value"]
    if not stretches:
        return WORDS["well_nowhere"].format(cutoff=number(reliable_at))
    low, high = stretches[0][0], stretches[-1][1]
    told = WORDS["well"].format(cutoff=number(reliable_at), low=number(low), high=number(high))
    if len(stretches) > 1:
        told = WORDS["well_parts"].format(
            cutoff=number(reliable_at), low=number(low), high=number(high), count=len(stretches)
        )
    scores = [_score_at(every, at) for at in (low, high)]
    if is_missing(scores[0]):
        return told
    return told + WORDS["well_scores"].format(low=number(scores[0], 1), high=number(scores[1], 1))


def _score_at(every: list[Row], theta: float) -> float:
    """Return the expected score at a trait value, between two rows."""
    for one, two in pairwise(every):
        if one["theta"] <= theta <= two["theta"]:
            part = (theta - one["theta"]) / (two["theta"] - one["theta"])
            return float(
                one["expected_score"] + part * (two["expected_score"] - one["expected_score"])
            )
    return float("nan")
