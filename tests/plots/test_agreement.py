from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

from psychometrics import bland_altman
from psychometrics.plots import plot_agreement
from tests.validity.test_agreement import long, many


def result(n: int = 60, **settings: Any) -> Any:
    return bland_altman(long(many(n)), "person", "rater", "score", **settings)


def lines(axes: Axes, gid: str) -> list[Any]:
    return [np.asarray(line.get_xydata()) for line in axes.lines if line.get_gid() == gid]


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_three_lines_at_the_limits_with_their_bands() -> None:
    found = result()
    axes = plot_agreement(found)
    drawn = sorted(float(line[0, 1]) for line in lines(axes, "limit"))
    assert drawn == pytest.approx(sorted(found.limits["estimate"]))
    assert sum(patch.get_gid() == "interval" for patch in axes.patches) == 3


def test_bins_and_their_spread_and_no_single_targets() -> None:
    found = result()
    axes = plot_agreement(found)
    drawn = np.concatenate(lines(axes, "bin"))
    assert drawn == pytest.approx(found.bins[["mean", "difference"]].to_numpy())
    spread = [(line[1, 1] - line[0, 1]) / 2 for line in lines(axes, "spread")]
    assert spread == pytest.approx(found.bins["sd"].tolist())
    assert lines(axes, "point") == []
    assert "Dots: at least 5 targets together, mean ± standard deviation." in texts(axes)


def test_single_targets_only_where_asked_for() -> None:
    found = result(points=True)
    axes = found.plot()
    (drawn,) = lines(axes, "point")
    assert drawn == pytest.approx(found.points.to_numpy())
    assert "Small dots: single targets." in texts(axes)


def test_everything_is_inside_the_limits() -> None:
    found = result(points=True)
    low, high = plot_agreement(found).get_ylim()
    assert low < min(found.limits["low"].min(), found.points["difference"].min())
    assert high > max(found.limits["high"].max(), found.points["difference"].max())


def test_names_units_and_simulated_answers_are_told() -> None:
    axes = plot_agreement(result(), names=("retest", "test"), unit="points", simulated=True)
    assert "Difference: retest less test" in texts(axes)
    assert axes.get_xlabel() == "Mean of retest and test (points)"
    assert any(text.get_text() == "Simulated answers" for text in axes.figure.texts)


def test_right_to_left_names_are_kept_apart() -> None:
    names = ("\u05d0\u05d7\u05d3", "\u05e9\u05e0\u05d9")
    title = texts(plot_agreement(result(), names=names))[0]
    assert title == f"Difference: \u2067{names[0]}\u2069 less \u2067{names[1]}\u2069"


def test_too_few_targets_are_explained_and_not_drawn() -> None:
    axes = plot_agreement(result(4))
    assert lines(axes, "limit") == lines(axes, "bin") == []
    assert any("fewer than 5 are not shown" in text for text in texts(axes))


def test_differences_that_never_vary_have_lines_without_bands() -> None:
    values = many(12)[:, :1] + np.array([0.0, 1.0])
    axes = bland_altman(long(values), "person", "rater", "score").plot()
    assert len(lines(axes, "limit")) == 3
    assert not [patch for patch in axes.patches if patch.get_gid() == "interval"]
