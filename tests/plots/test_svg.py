from __future__ import annotations

import re
from xml.etree import ElementTree

import pandas as pd
import pytest
from matplotlib.axes import Axes

from psychometrics.plots import Labels, figure_svg, plot_htmt, plot_reliability, plot_responses

HOSTILE = "<script>alert('x')</script> \"quoted\" & $5 \x00\u202e"


def forest(name: str = "Ulm") -> Axes:
    frame = pd.DataFrame(
        {
            "scale": "training", "group": ["ulm"], "pooling": "site", "coefficient": "alpha",
            "estimate": 0.8, "low": -0.2, "high": 0.87, "n_obs": 47, "reason": "",
        }
    )  # fmt: skip
    return plot_reliability(frame, labels=Labels(sites={"ulm": name}), threshold=0.7)


def svg(axes: Axes, prefix: str = "f", title: str = "T", description: str = "D") -> str:
    return figure_svg(axes.figure, prefix=prefix, title=title, description=description)  # type: ignore[arg-type]


def htmt() -> Axes:
    frame = pd.DataFrame(
        {"scale_a": ["a"], "scale_b": ["b"], "estimate": [0.85], "low": [0.8], "high": [0.9]}
    )
    return plot_htmt(frame.assign(reason=""))


def test_the_same_figure_gives_the_same_bytes() -> None:
    assert svg(forest()) == svg(forest())
    assert svg(htmt()) == svg(htmt())


def test_drawing_leaves_the_figure_as_it_was() -> None:
    axes = forest()
    first = svg(axes)
    assert all(text.get_visible() for text in axes.texts)
    assert svg(axes) == first


def test_ids_of_two_figures_on_one_page_do_not_clash() -> None:
    made = svg(htmt(), "one") + svg(htmt(), "two") + svg(forest(), "three")
    ids = re.findall(r' id="([^"]+)"', made)
    assert len(ids) == len(set(ids))
    assert all(name.split("-")[0] in {"one", "two", "three"} for name in ids)


def test_every_reference_has_its_target() -> None:
    made = svg(htmt(), "x") + svg(forest(), "y")
    targets = set(re.findall(r"url\(#([^)]+)\)", made)) | set(re.findall(r'href="#([^"]+)"', made))
    assert targets
    assert targets <= set(re.findall(r' id="([^"]+)"', made))


def test_the_text_alternative_is_there_and_named() -> None:
    root = ElementTree.fromstring(svg(forest(), "f", "Reliability", "Ulm: alpha 0.80."))
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "f-title f-desc"
    assert [(part.tag, part.text) for part in root[:2]] == [
        ("title", "Reliability"),
        ("desc", "Ulm: alpha 0.80."),
    ]


def test_it_scales_with_its_container() -> None:
    root = ElementTree.fromstring(svg(forest()))
    assert root.attrib["width"] == "100%"
    assert "height" not in root.attrib
    assert len(root.attrib["viewBox"].split()) == 4


def test_hostile_text_stays_text() -> None:
    made = svg(forest(HOSTILE), title=HOSTILE, description=HOSTILE)
    root = ElementTree.fromstring(made)
    assert not list(root.iter("script"))
    assert "<script" not in made
    assert "\x00" not in made
    assert "$5" in made


@pytest.mark.parametrize("tag", ["style", "metadata", "script", "image"])
def test_nothing_inside_reaches_out_of_the_figure(tag: str) -> None:
    assert not list(ElementTree.fromstring(svg(forest())).iter(tag))


def test_ink_and_paper_can_be_turned_over() -> None:
    made = svg(forest())
    assert "var(--ink, #1c1b1a)" in made
    assert not re.search(r"(?<!, )#1c1b1a", made)


def test_no_font_of_this_computer_is_named() -> None:
    assert "DejaVu" not in svg(forest())
    assert "Noto" not in svg(forest("पुणे"))


def test_scripts_without_a_font_here_are_written_without_a_warning() -> None:
    frame = pd.DataFrame(
        {
            "item": "a", "group": "s", "pooling": "site", "code": [1, 2], "option": ["ဟုတ်", "မဟုတ်"],
            "count": 5, "share": 0.5, "n_obs": 10,
        }
    )  # fmt: skip
    labels = Labels(items={"a": "मैं शायद ही कभी चिंता करता हूँ"}, sites={"s": "𐤀𐤁"})
    made = svg(plot_responses(frame, labels=labels))
    assert "मैं शायद ही कभी चिंता करता हूँ" in made
    assert "ဟုတ်" in made


def test_texts_stand_where_matplotlib_puts_them() -> None:
    root = ElementTree.fromstring(svg(forest()))
    found = {text.text: text for text in root.iter("text")}
    right = found["0.80 [−0.20, 0.87]"]
    assert "text-anchor: end" in right.attrib["style"]
    width = float(root.attrib["viewBox"].split()[2])
    assert 0.9 * width < float(right.attrib["x"]) <= width
    assert float(found["Ulm"].attrib["x"]) == pytest.approx(0, abs=1)
