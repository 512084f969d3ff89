from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from psychometrics.plots import Labels, plot_htmt
from psychometrics.plots.htmt import position


def frame() -> pd.DataFrame:
    rows = [
        ("a", "b", 0.60, 0.50, 0.70, ""),
        ("a", "c", 0.84, 0.78, 0.90, ""),
        ("b", "c", 0.95, 0.88, 1.02, ""),
        ("a", "d", np.nan, np.nan, np.nan, "A correlation is negative."),
        ("b", "d", np.nan, np.nan, np.nan, "A correlation is negative."),
        ("c", "d", 0.40, np.nan, np.nan, ""),
    ]
    return pd.DataFrame(rows, columns=["scale_a", "scale_b", "estimate", "low", "high", "reason"])


def cells(axes: Axes) -> dict[tuple[int, int], str]:
    return {
        (int(patch.get_x()), int(patch.get_y())): str(patch.get_gid())
        for patch in axes.patches
        if isinstance(patch, Rectangle) and patch.get_gid() and patch.get_y() < 4
    }


def test_the_shade_says_where_the_whole_interval_lies() -> None:
    assert cells(plot_htmt(frame())) == {
        (0, 1): "upper_below",
        (0, 2): "straddles",
        (1, 2): "above",
        (0, 3): "no_interval",
        (1, 3): "no_interval",
        (2, 3): "no_interval",
    }


@pytest.mark.parametrize(
    ("low", "high", "where"),
    [
        (0.5, 0.8499, "upper_below"),
        (0.5, 0.85, "straddles"),
        (0.85, 0.9, "above"),
        (np.nan, 0.9, "no_interval"),
    ],
)
def test_a_cell_on_the_cutoff_counts_as_not_below_it(low: float, high: float, where: str) -> None:
    assert position({"low": low, "high": high}, 0.85) == where


def test_every_cell_holds_its_number_and_interval() -> None:
    texts = [text.get_text() for text in plot_htmt(frame()).texts]
    assert {"0.60", "[0.50, 0.70]", "0.95", "[0.88, 1.02]", "0.40"} <= set(texts)


def test_equal_reasons_share_a_letter() -> None:
    texts = [text.get_text() for text in plot_htmt(frame()).texts]
    assert texts.count("— (a)") == 2
    assert "(a) A correlation is negative." in texts


def test_titles_stand_on_the_diagonal() -> None:
    axes = plot_htmt(frame(), labels=Labels(scales={"a": "Organisational culture"}))
    found = {text.get_text(): text.get_position() for text in axes.texts}
    assert found["Organisational culture"] == pytest.approx((0.06, 0.5))
    assert found["d"] == pytest.approx((3.06, 3.5))


def test_the_shades_are_explained_with_the_cutoff() -> None:
    texts = [text.get_text() for text in plot_htmt(frame(), cutoff=0.9).texts]
    assert "whole interval below 0.90" in texts
    assert "interval includes 0.90" in texts
