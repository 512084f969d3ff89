"""A figure as inline SVG: the same bytes each time, safe beside other figures on one page.

Text stays text, in the fonts of the reader, so that every script can be shown and a page stays
small; plots leave room for DejaVu Sans, which is wider than nearly all of them. Colours
that stand for ink and paper become CSS variables, so that a page can turn them over at night.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import StringIO
from xml.etree import ElementTree

import matplotlib as mpl
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from psychometrics.plots.style import INK, LINE, MUTED, PAPER, look
from psychometrics.plots.text import clean

_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_ROLES = {INK: "--ink", MUTED: "--muted", LINE: "--line", PAPER: "--paper"}
_COLOUR = re.compile("|".join(_ROLES))
_ANCHORS = {"left": "start", "center": "middle", "right": "end"}
_BELOW = {"top": 0.77, "center": 0.36, "center_baseline": 0.36, "baseline": 0.0, "bottom": -0.24}
"""How far the line a text stands on is below the point it is aligned to, in sizes."""
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def figure_svg(figure: Figure, *, prefix: str, title: str, description: str) -> str:
    """Return a figure as an ``<svg>`` element to be put into a page.

    Parameters
    ----------
        figure : matplotlib.figure.Figure
            The figure.
        prefix : str
            Start of every id inside; unique on the page. Letters, digits and hyphens.
        title, description : str
            The text alternative: what the figure is, and what it shows in words and numbers.

    Returns
    -------
        str
            ``<svg role="img" ...>...</svg>`` without date, without style sheet, scaling with its
            container.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> made = figure_svg(Figure(figsize=(1, 1)), prefix="f1", title="A < B", description="One.")
    >>> made.startswith("<svg"), "A &lt; B" in made, 'aria-labelledby="f1-title f1-desc"' in made
    (True, True, True)
    """
    texts = _own_texts(figure)
    root = ElementTree.fromstring(_draw(figure, texts))
    used = _referenced(root)
    for element in list(root.iter()):
        _tidy(element, prefix, used)
    kept = [part for part in root if part.tag != "metadata" and not _is_style(part)]
    made = ElementTree.Element("svg", _frame(root, prefix))
    for name, text in (("title", title), ("desc", description)):
        part = ElementTree.SubElement(made, name, {"id": f"{prefix}-{name}"})
        part.text = clean(text)
    made.extend(kept)
    made.extend(_text_element(figure, text) for text in texts)
    return ElementTree.tostring(made, encoding="unicode", short_empty_elements=True)


def _own_texts(figure: Figure) -> list[Text]:
    """Return the texts that plots wrote, without those that belong to an axis."""
    found = [text for axes in figure.axes for text in axes.texts]
    return [text for text in (*found, *figure.texts) if text.get_visible() and text.get_text()]


def _draw(figure: Figure, texts: Sequence[Text]) -> str:
    """Return matplotlib's SVG of the figure but for `texts`, without a clock and with a fixed salt.

    Laying out a text takes matplotlib longer than drawing all else, and most of what it finds
    out depends on fonts the reader may not have; so texts are written apart.
    """
    stream = StringIO()
    nobody = {"Date": None, "Creator": None, "Format": None, "Type": None}
    for text in texts:
        text.set_visible(False)
    try:
        with look(), mpl.rc_context({"svg.hashsalt": "survey-psychometrics"}):
            figure.savefig(stream, format="svg", metadata=nobody)
    finally:
        for text in texts:
            text.set_visible(True)
    return stream.getvalue()


def _text_element(figure: Figure, text: Text) -> ElementTree.Element:
    """Return one text as an element, where matplotlib would have written it."""
    scale = 72 / figure.dpi
    x, y = text.get_transform().transform(text.get_position()) * scale
    size = float(text.get_fontsize())
    base = figure.get_figheight() * 72 - y + size * _BELOW[text.get_verticalalignment()]
    style = [f"font-size: {size:g}px", f"fill: {_role(to_hex(text.get_color()))}"]
    if text.get_fontweight() == "bold":
        style.append("font-weight: bold")
    if text.get_fontstyle() == "italic":
        style.append("font-style: italic")
    anchor = _ANCHORS[text.get_horizontalalignment()]
    if anchor != "start":
        style.append(f"text-anchor: {anchor}")
    place = {"x": f"{x:.2f}", "y": f"{base:.2f}", "style": "; ".join(style)}
    made = ElementTree.Element("text", place)
    made.text = text.get_text()
    return made


def _role(colour: str) -> str:
    """Return a colour, as a variable of the page where it stands for ink or paper."""
    return f"var({_ROLES[colour]}, {colour})" if colour in _ROLES else colour


def _frame(root: ElementTree.Element, prefix: str) -> dict[str, str]:
    """Return the attributes of the new outermost element."""
    width = root.attrib["viewBox"].split()[2]
    return {
        "role": "img",
        "aria-labelledby": f"{prefix}-title {prefix}-desc",
        "viewBox": root.attrib["viewBox"],
        "width": "100%",
        # 1 pt is 4/3 px; a figure is not blown up far beyond the size it was set in
        "style": f"max-width: {float(width) * 4 / 3 * 1.12:.0f}px",
        "stroke-linejoin": "round",
        "stroke-linecap": "butt",
        "font-family": "sans-serif",
    }


def _is_style(part: ElementTree.Element) -> bool:
    """Say whether a part is matplotlib's style sheet, which would reach the whole page."""
    return part.tag == "defs" and len(part) == 1 and part[0].tag == "style"


def _referenced(root: ElementTree.Element) -> set[str]:
    """Return the ids that something inside refers to."""
    found: set[str] = set()
    for element in root.iter():
        for name, value in element.attrib.items():
            found.update(_REFERENCE.findall(value))
            if name == _XLINK or name == "href":
                found.add(value.removeprefix("#"))
    return found


def _tidy(element: ElementTree.Element, prefix: str, used: set[str]) -> None:
    """Drop namespaces and unused ids, prefix the ids that stay, turn colours into roles."""
    element.tag = element.tag.removeprefix(_SVG)
    attributes: dict[str, str] = {}
    for name, value in element.attrib.items():
        if name == "id":
            if value in used:
                attributes["id"] = f"{prefix}-{value}"
        elif name == _XLINK:
            attributes["href"] = f"#{prefix}-{value.removeprefix('#')}"
        elif name == "transform" and value.startswith(("rotate(-0 ", "rotate(0 ")):
            continue
        elif name == "style":
            attributes["style"] = _styled(value, prefix)
        else:
            attributes[name] = _REFERENCE.sub(rf"url(#{prefix}-\1)", value)
    element.attrib = attributes
    if element.tag != "text":
        element.text = element.text if (element.text or "").strip() else None
    element.tail = None


def _styled(style: str, prefix: str) -> str:
    """Return an inline style with the reader's font, role colours and prefixed references."""
    kept = (part.strip() for part in style.split(";"))
    style = "; ".join(part for part in kept if part and not part.startswith("font-family"))
    style = _COLOUR.sub(lambda found: _role(found[0]), style)
    return _REFERENCE.sub(rf"url(#{prefix}-\1)", style)
