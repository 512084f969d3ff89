from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from psychometrics import multitrait_scaling
from psychometrics.plots import Labels, plot_multitrait
from psychometrics.plots.numerals import number
from tests.validity.small import SCALES, answers


def result(**settings: Any) -> Any:
    return multitrait_scaling(answers(200, sites="ab"), SCALES, group="site", **settings)


def texts(axes: Axes, gid: str | None = None) -> list[str]:
    return [t.get_text() for t in axes.texts if gid is None or t.get_gid() == gid]


def test_every_item_has_a_number_in_every_column() -> None:
    found = result()
    axes = plot_multitrait(found, pooling="total")
    mine = found.correlations[found.correlations["pooling"] == "total"]
    assert sorted(texts(axes, "correlation")) == sorted(number(r) for r in mine["estimate"])
    boxes = [p for p in axes.patches if isinstance(p, Rectangle)]
    assert sum(p.get_gid() == "own" for p in boxes) == 6
    assert sum(p.get_gid() == "other" for p in boxes) == 6


def test_own_cells_stand_in_the_column_of_their_scale() -> None:
    axes = plot_multitrait(result())
    own = [p for p in axes.patches if isinstance(p, Rectangle) and p.get_gid() == "own"]
    assert [int(p.get_x()) for p in sorted(own, key=lambda p: p.get_y())] == [0, 0, 0, 1, 1, 1]


def test_within_is_drawn_unless_another_unit_is_asked_for() -> None:
    found = result()
    assert "Within sites" in texts(found.plot())
    assert "All together" in texts(plot_multitrait(found, pooling="total"))
    labels = Labels(sites={"b": "Ulm"}, items={"a1": "I stay calm"}, scales={"calm": "Calmness"})
    shown = texts(plot_multitrait(found, group="b", labels=labels))
    assert {"Ulm", "I stay calm", "Calmness"} <= set(shown)


def test_failures_are_marked_and_explained() -> None:
    wrong = {"calm": ["a1", "a2", "b1"], "bold": ["a3", "-b2", "b3"]}
    axes = multitrait_scaling(answers(400), wrong, convergent=0.9).plot(simulated=True)
    assert texts(axes, "mark").count("××") == 2
    assert texts(axes, "mark").count("↓") == 6
    assert "Framed: own scale without the item. ↓: below 0.90." in texts(axes)
    assert any(text.get_text() == "Simulated answers" for text in axes.figure.texts)


def test_what_can_not_be_had_is_a_dash() -> None:
    frame = answers(100)
    frame["a1"] = 3.0
    axes = multitrait_scaling(frame, SCALES).plot()
    # The constant item's two cells; it leaves the others of its scale as they are.
    assert texts(axes, "correlation").count("—") == 2
