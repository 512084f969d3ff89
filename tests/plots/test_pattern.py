from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.axes import Axes

from psychometrics import efa
from psychometrics.plots import Labels, figure_svg, plot_pattern
from psychometrics.plots.style import MUTED
from tests.validity.exploratory import two_factors


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "item": ["a", "b", "c"],
            "F1": [0.1, 0.8, -0.5],
            "F2": [0.7, 0.0, 0.2],
            "communality": [0.5, 0.64, 0.3],
            "uniqueness": [0.5, 0.36, 0.7],
        }
    )


def texts(axes: Axes, gid: str) -> list[str]:
    return [text.get_text() for text in axes.texts if text.get_gid() == gid]


def test_every_loading_and_communality_is_written() -> None:
    axes = plot_pattern(frame())
    assert texts(axes, "loading") == ["0.10", "0.70", "0.80", "0.00", "−0.50", "0.20"]
    assert texts(axes, "communality") == ["0.50", "0.64", "0.30"]
    assert len([patch for patch in axes.patches if patch.get_gid() == "cell"]) == 6


def test_small_loadings_are_grey() -> None:
    axes = plot_pattern(frame(), cutoff=0.6)
    grey = [t.get_text() for t in axes.texts if t.get_gid() == "loading" and t.get_color() == MUTED]
    assert grey == ["0.10", "0.00", "−0.50", "0.20"]


def test_items_can_be_sorted_by_their_factor() -> None:
    axes = plot_pattern(frame(), by_factor=True)
    assert texts(axes, "loading")[::2] == ["0.80", "−0.50", "0.10"]


def test_texts_of_items_are_shortened_to_their_room() -> None:
    labels = Labels(items={"a": "A sentence that is much too long for the room at the left"})
    axes = plot_pattern(frame(), labels=labels)
    shown = [text.get_text() for text in axes.texts]
    assert any(text.startswith("A sentence") and text.endswith("…") for text in shown)
    assert "b" in shown


def test_a_result_draws_itself() -> None:
    axes = efa(two_factors(), 2).plot(by_factor=True)
    assert len(texts(axes, "loading")) == 16


def test_it_draws_on_an_axes_and_says_what_is_simulated() -> None:
    first = plot_pattern(frame())
    again = plot_pattern(frame(), ax=first.figure.add_subplot(), simulated=True)
    assert again.figure is first.figure
    assert any(text.get_text() == "Simulated answers" for text in again.figure.texts)


def test_as_svg_it_is_the_same_each_time() -> None:
    made = [
        figure_svg(plot_pattern(frame()).figure, prefix="p", title="t", description="d")
        for _ in range(2)
    ]
    assert made[0] == made[1]


@pytest.mark.parametrize("m", [1, 9])
def test_few_and_many_factors(m: int) -> None:
    columns = {f"F{f + 1}": [0.5, 0.1] for f in range(m)}
    axes = plot_pattern(pd.DataFrame({"item": ["a", "b"], **columns, "communality": 0.3}))
    assert axes.get_xlim() == (0, m + 1)
    assert axes.figure.get_size_inches()[0] <= 7.3
