"""The look that all plots share: colours, markers, sizes, fonts, and the space they stand on.

Colours are those of Okabe and Ito, which people with any of the usual colour vision
deficiencies can tell apart; every distinction is made a second time by marker, position or
hatch, so that a grey print keeps it. Widths suit one column of a page and a phone.

References
----------
Okabe, M., & Ito, K. (2008). Color universal design: How to make figures and presentations that
are friendly to colorblind people. https://jfly.uni-koeln.de/color/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import get_font_names
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform, TransformedPath

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

INK = "#1c1b1a"
MUTED = "#5d5b57"
LINE = "#cfccc4"
PAPER = "#ffffff"
ON_DARK, ON_LIGHT = "#fefefe", "#1d1c1b"
BLUE = "#0072b2"
VERMILLION = "#d55e00"
GREEN = "#009e73"
ORANGE = "#e69f00"
SKY = "#56b4e9"
PURPLE = "#cc79a7"
BLACK = "#2b2a28"

SERIES = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, BLACK)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")

WIDTH = 4.8
"""Inches; about 460 pixels on a screen, one column of a page."""
SMALL, BODY, TITLE = 6.8, 7.8, 9.2

# Texts are never clipped; saying so spares matplotlib a chain of transforms for each of them.
_NO_CLIP = TransformedPath(Path.unit_rectangle(), IdentityTransform())

_FONTS = (
    "DejaVu Sans",
    "Noto Sans",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Gujarati",
    "Mangal",
    "Nirmala UI",
    "Kohinoor Devanagari",
    "Lohit Devanagari",
)


@cache
def font_stack() -> tuple[str, ...]:
    """Return the fonts that this computer has, of those that cover the scripts of the sites.

    DejaVu Sans comes with matplotlib and covers Latin and Hebrew; the others are used glyph by
    glyph where it has none. A font that isn't there is left out, as matplotlib would warn.
    """
    present = set(get_font_names())
    return tuple(name for name in _FONTS if name in present) or ("DejaVu Sans",)


@contextmanager
def look() -> Iterator[None]:
    """Apply the shared look while a plot is drawn; the settings of the caller come back after."""
    settings: dict[RcKeyType, Any] = {
        "font.family": list(font_stack()),
        "font.size": BODY,
        "text.color": INK,
        "text.parse_math": False,
        "axes.edgecolor": LINE,
        "axes.labelcolor": MUTED,
        "axes.labelsize": SMALL,
        "axes.linewidth": 0.6,
        "axes.facecolor": "none",
        "axes.unicode_minus": True,
        "figure.facecolor": "none",
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.labelsize": SMALL,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "hatch.linewidth": 0.5,
        "lines.solid_capstyle": "butt",
        "svg.fonttype": "none",
    }
    with mpl.rc_context(settings):
        yield


def new_axes(
    height: float, *, width: float = WIDTH, left: float, right: float, top: float, bottom: float
) -> Axes:
    """Return an Axes on a figure of its own, with margins in inches and no pyplot state.

    Parameters
    ----------
    height, width : float
        Size of the drawing area with its margins, in inches; `height` is without margins.
    left, right, top, bottom : float
        Margins in inches.
    """
    total = height + top + bottom
    figure = Figure(figsize=(width, total))
    FigureCanvasAgg(figure)
    box = (left / width, bottom / total, (width - left - right) / width, height / total)
    return figure.add_axes(box)


def plain(axes: Axes, *, grid: str | None = "x") -> None:
    """Take the frame away and leave a quiet grid."""
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_axisbelow(True)
    if grid is not None:
        axes.grid(visible=True, axis="x" if grid == "x" else "y", color=LINE, linewidth=0.5)


def write(axes: Axes, x: float, y: float, text: str, **settings: Any) -> Text:
    """Write a text that is never read as mathematics, so that a ``$`` stays a ``$``."""
    if text.isascii():
        # one font is enough, and looking for the others takes longer than drawing
        settings.setdefault("fontfamily", _FONTS[0])
    return axes.text(x, y, text, parse_math=False, clip_on=False, clip_path=_NO_CLIP, **settings)


def box(
    axes: Axes, corner: tuple[float, float], size: tuple[float, float], **settings: Any
) -> None:
    """Draw a rectangle without looking at the limits of the axes, which are set already."""
    settings.setdefault("linewidth", 0)
    made = Rectangle(corner, *size, **settings)
    made.set_clip_path(_NO_CLIP)
    made.set_clip_on(False)
    axes.add_artist(made)


def draw_estimates(
    axes: Axes,
    points: Sequence[tuple[float, float, float, float]],
    colour: str,
    marker: str,
    *,
    width: float,
    size: float,
) -> None:
    """Draw estimates of one series with their intervals.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    points : sequence of (estimate, low, high, y)
        NaN limits for an estimate without an interval.
    colour, marker : str
        Of the series.
    width, size : float
        Of the lines and of the markers, in points.
    """
    ends = [((low, y), (high, y)) for _, low, high, y in points if low == low and high == high]
    lines = LineCollection(ends, colors=colour, linewidths=width, gid="interval", zorder=2)
    axes.add_collection(lines, autolim=False)
    axes.plot(
        [point[0] for point in points],
        [point[3] for point in points],
        marker,
        color=colour,
        markersize=size,
        markeredgecolor="white",
        markeredgewidth=0.45,
        clip_on=False,
        zorder=3,
        gid="estimate",
    )


def inches_to_fraction(axes: Axes, inches: float) -> float:
    """Return a horizontal distance as a fraction of the width of the Axes."""
    figure = axes.figure
    width = figure.get_size_inches()[0] * axes.get_position().width  # type: ignore[union-attr]
    return float(inches / width)


def text_width(text: str, size: float = SMALL) -> float:
    """Return about how many inches a text takes; enough for placing one after another."""
    return len(text) * 0.56 * size / 72


def series_style(index: int) -> tuple[str, str]:
    """Return colour and marker of the series at `index`; no pair comes back before 63 others."""
    return SERIES[index % len(SERIES)], MARKERS[index % len(MARKERS)]


def tint(colour: str, share: float) -> str:
    """Return `colour` mixed with white; `share` is how much of the colour stays.

    Examples
    --------
    >>> tint("#000000", 0.5)
    '#808080'
    """
    channels = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - share * (255 - value)):02x}" for value in channels)
