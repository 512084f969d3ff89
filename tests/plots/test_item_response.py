"""Plots of the item response view: the data of the artists, and what is written."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from psychometrics import ItemResponse, cfa, item_response
from psychometrics.errors import DataError
from psychometrics.plots import (
    Labels,
    figure_svg,
    plot_category_curves,
    plot_item_information,
    plot_precision,
)
from tests.validity.ordered_answers import MODEL, two_sites

LABELS = Labels(
    sites={"pune": "पुणे", "ulm": "באר שבע"},
    scales={"a": "סולם", "b": "Training"},
    items={
        "a1": "האם חשת לחץ",
        "a2": "मैं खुश हूँ",
        "a3": "A sentence far too long for the room under it",
    },
)


@pytest.fixture(scope="module")
def view() -> ItemResponse:
    fit = cfa(
        MODEL, two_sites(), ordered=True, group="site", group_equal=["thresholds", "loadings"]
    )
    return item_response(fit, reference="ulm", reliable_at=0.7)


def small() -> pd.DataFrame:
    """Return two sites, of which one is reliable in two stretches."""
    theta = [-2.0, -1.0, 0.0, 1.0, 2.0]
    base = {"factor": "f", "reason": "", "density": [0.05, 0.24, 0.4, 0.24, 0.05], "theta": theta}
    score = [1.0, 2.0, 3.0, 4.0, 5.0]
    one = pd.DataFrame(
        base | {"group": "ulm", "reliability": [0.6, 0.9, 0.6, 0.9, 0.6], "sem": 0.5}
        | {"expected_score": score}
    )  # fmt: skip
    two = pd.DataFrame(
        base | {"group": "pune", "reliability": [0.7, 0.9, 0.9, 0.9, 0.9], "sem": 0.3}
        | {"expected_score": score}
    )  # fmt: skip
    return pd.concat([one, two], ignore_index=True)


def curves(axes: Axes, gid: str) -> list[list[float]]:
    return [
        [float(y) for y in np.asarray(line.get_ydata())]
        for line in axes.lines
        if line.get_gid() == gid
    ]


def texts(axes: Axes, gid: str) -> list[str]:
    return [text.get_text() for text in axes.texts if text.get_gid() == gid]


def shaded(axes: Axes) -> list[tuple[float, float]]:
    found = [p for p in axes.patches if isinstance(p, Rectangle) and p.get_gid() == "well"]
    return [(p.get_x(), p.get_x() + p.get_width()) for p in found]


def test_reliability_of_each_site_with_its_stretches_in_trait_and_score() -> None:
    axes = plot_precision(small())
    assert curves(axes, "reliability") == [[0.6, 0.9, 0.6, 0.9, 0.6], [0.7, 0.9, 0.9, 0.9, 0.9]]
    assert texts(axes, "name") == ["ulm", "pune"]
    assert texts(axes, "more") == [
        "0.80 or better in 2 parts of −1.33 to 1.33, mean scores 1.7 to 4.3",
        "0.80 or better from −1.50 to 2.00, mean scores 1.5 to 5.0",
    ]


def test_the_shade_lies_where_all_sites_are_measured_well() -> None:
    first, second = shaded(plot_precision(small()))
    assert first == pytest.approx((-4 / 3, -2 / 3))
    assert second == pytest.approx((2 / 3, 4 / 3))
    assert shaded(plot_precision(small(), reliable_at=0.95)) == []


def test_sites_come_in_the_order_of_the_labels() -> None:
    axes = plot_precision(small(), labels=Labels(sites={"pune": "Pune", "ulm": "Ulm"}))
    assert texts(axes, "name") == ["Pune", "Ulm"]


def test_error_of_measurement_has_no_cutoff_line() -> None:
    axes = plot_precision(small(), measure="sem")
    assert curves(axes, "sem") == [[0.5] * 5, [0.3] * 5]
    assert curves(axes, "cutoff") == []
    with pytest.raises(DataError, match="measure='r2' is not known"):
        plot_precision(small(), measure="r2")  # type: ignore[arg-type]


def test_a_site_without_curve_is_told_why() -> None:
    gone = {"factor": "f", "group": "kampala", "theta": np.nan, "reason": "Heywood case."}
    axes = plot_precision(pd.concat([small(), pd.DataFrame([gone])], ignore_index=True))
    assert texts(axes, "more")[-1] == "Heywood case."
    assert len(curves(axes, "reliability")) == 2
    alone = plot_precision(pd.DataFrame([gone]))
    assert texts(alone, "more") == ["Heywood case."]


def test_one_axes_holds_one_factor() -> None:
    both = pd.concat([small(), small().assign(factor="g")])
    axes = plot_precision(both)
    assert len(axes.figure.axes) == 2
    with pytest.raises(DataError, match="One Axes holds one factor; the frame has 2: f, g"):
        plot_precision(both, ax=axes)
    again = plot_precision(small(), ax=axes.figure.add_subplot(), simulated=True)
    assert again.figure is axes.figure
    assert any(text.get_text() == "Simulated answers" for text in again.figure.texts)


def test_nothing_to_draw_is_said() -> None:
    with pytest.raises(DataError, match="no rows"):
        plot_precision(small().iloc[:0])
    with pytest.raises(DataError, match="no rows"):
        plot_item_information(pd.DataFrame({"factor": [], "item": [], "group": [], "theta": []}))


def test_a_result_draws_itself_in_the_readers_scripts(view: ItemResponse) -> None:
    axes = view.plot(labels=LABELS, simulated=True)
    assert len(axes.figure.axes) == 2
    assert axes.get_xlabel() == "Trait, in standard deviations of באר שבע"
    assert texts(axes, "name") == ["पुणे", "\u2067באר שבע\u2069"]
    assert all("0.70 or better" in text for text in texts(axes, "more"))
    assert len(view.plot("b").figure.axes) == 1
    with pytest.raises(DataError, match="factor='z' is not known"):
        view.plot("z")


def test_stretches_in_the_figure_are_those_of_the_table(view: ItemResponse) -> None:
    row = view.measures_well.query("factor == 'a' and group == 'ulm' and threshold == 0.7").iloc[0]
    told = texts(view.plot("a"), "more")[0]
    # Between points .1 apart a curve is all but straight.
    shown = [float(part.strip(",").replace("−", "-")) for part in told.split()[4:7:2]]
    assert shown == pytest.approx([row["low"], row["high"]], abs=0.011)


def test_category_curves_bear_their_answers(view: ItemResponse) -> None:
    axes = view.plot_categories("a1", labels=LABELS)
    assert len(axes.figure.axes) == 2
    assert texts(axes, "answer") == ["1", "2", "3", "4"]
    drawn = np.array(curves(axes, "curve"))
    assert drawn.sum(axis=0) == pytest.approx(1)
    frame = view.category_curves("a1")
    with pytest.raises(DataError, match="One Axes holds one site"):
        plot_category_curves(frame, ax=axes)
    other = view.category_curves("a2")
    with pytest.raises(DataError, match="shows the answers to one item; the frame has 2"):
        plot_category_curves(pd.concat([frame, other]))


def test_item_information_is_drawn_by_factor_and_site(view: ItemResponse) -> None:
    axes = view.plot_item_information(labels=LABELS)
    assert len(axes.figure.axes) == 4
    assert len(curves(axes, "information")) == 4
    assert texts(axes, "name") == ["a1", "a2", "a3", "a4"]
    assert len(texts(axes, "more")) == 3
    assert len(plot_item_information(view.item_information(["b1"])).figure.axes) == 2


def test_as_svg_they_are_the_same_each_time_and_accessible(view: ItemResponse) -> None:
    for draw in (
        lambda: view.plot(labels=LABELS),
        lambda: view.plot_categories("a2", labels=LABELS),
        lambda: view.plot_item_information("a", labels=LABELS),
    ):
        made = [figure_svg(draw().figure, prefix="p", title="t", description="d") for _ in range(2)]
        assert made[0] == made[1]
        root = ElementTree.fromstring(made[0])
        assert root.get("role") == "img"
        assert root.get("aria-labelledby") == "p-title p-desc"


def test_lines_are_told_apart_without_colour(view: ItemResponse) -> None:
    axes = view.plot_item_information("a")
    looks = {
        (str(line.get_marker()), str(line.get_linestyle()))
        for line in axes.lines
        if line.get_gid() == "information"
    }
    assert len(looks) == 4


def test_everything_written_is_inside_the_figure(view: ItemResponse) -> None:
    for axes in (view.plot(labels=LABELS), view.plot_item_information("a", labels=LABELS)):
        figure = axes.figure
        figure.canvas.draw()
        width, height = figure.canvas.get_width_height()
        for panel in figure.axes:
            for text in panel.texts:
                box = text.get_window_extent()
                assert box.x0 >= 0
                assert box.x1 <= width
                assert box.y0 >= 0
                assert box.y1 <= height
