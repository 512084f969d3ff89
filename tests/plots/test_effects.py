"""The heat map of item effects: every cell says its sign, and equal items say so."""

from __future__ import annotations

import pandas as pd

from psychometrics.plots import Labels, plot_effects
from psychometrics.plots.effects import fill_of

FRAME = pd.DataFrame(
    {
        "item": ["a1", "a1", "b1", "b1", None],
        "group": ["pune", "kampala"] * 2 + ["pune"],
        "signed": [0.5, 0.0, -0.9, float("nan"), 0.3],
    }
)


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_cells_hold_signed_effects_and_nothing_of_whole_scales():
    axes = plot_effects(FRAME, labels=Labels(sites={"kampala": "Kampala", "pune": "Pune"}))
    told = texts(axes)
    assert told.index("Kampala") < told.index("Pune")
    assert {"+0.50", "=", "−0.90"} <= set(told)
    assert "+0.30" not in told
    assert len([box for box in axes.patches if box.get_gid() == "effect"]) == 4


def test_simulated_answers_say_so():
    figure = plot_effects(FRAME, simulated=True).figure
    assert "Simulated answers" in [text.get_text() for text in figure.texts]


def test_colours_tell_higher_from_lower():
    assert fill_of(0.5)[0] != fill_of(-0.5)[0] != fill_of(0.0)[0]
