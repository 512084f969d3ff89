from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics.plots import Labels, plot_loadings


def frame() -> pd.DataFrame:
    rows = []
    for item, value in (("a", 0.7), ("b", 0.5)):
        for pooling, group, shift in (("within", None, 0.0), ("site", "ulm", 0.1)):
            rows.append((item, pooling, group, value + shift, value + shift - 0.2, ""))
        rows.append((item, "site", "beer", np.nan, np.nan, "Too few people."))
    made = pd.DataFrame(rows, columns=["item", "pooling", "group", "estimate", "low", "reason"])
    return made.assign(scale="training", high=made["estimate"] + 0.1, n_obs=50)


def points(axes: object) -> list[list[float]]:
    return [
        [float(x) for x in line.get_xdata()]
        for line in axes.lines  # type: ignore[attr-defined]
        if line.get_gid() == "estimate"
    ]


def test_each_place_is_one_series_over_all_items() -> None:
    assert points(plot_loadings(frame())) == [pytest.approx([0.7, 0.5]), pytest.approx([0.8, 0.6])]


def test_a_place_without_loadings_is_named_with_its_reason() -> None:
    axes = plot_loadings(frame(), labels=Labels(sites={"beer": "Be'er Sheva"}))
    reasons = [text.get_text() for text in axes.texts if text.get_gid() == "reason"]
    assert reasons == ["Be'er Sheva: Too few people."]


def test_the_pooled_number_is_written_beside_the_item() -> None:
    texts = [text.get_text() for text in plot_loadings(frame()).texts]
    assert {"0.70 [0.50, 0.80]", "0.50 [0.30, 0.60]", "training"} <= set(texts)
    assert "0.80 [0.60, 0.90]" not in texts


def test_the_axis_widens_for_a_negative_loading() -> None:
    made = frame()
    made.loc[0, "estimate"] = -0.3
    assert plot_loadings(made).get_xlim() == (-0.5, 1.0)


def test_nothing_to_draw_is_drawn_as_reasons() -> None:
    made = frame().assign(estimate=np.nan, low=np.nan, high=np.nan, reason="No solution.")
    axes = plot_loadings(made)
    assert points(axes) == []
    assert len([text for text in axes.texts if text.get_gid() == "reason"]) == 3
