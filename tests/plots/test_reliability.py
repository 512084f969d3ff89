from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from psychometrics.plots import Labels, plot_reliability

REASON = "It needs at least 10 complete answers; there are 3."
LABELS = Labels(
    sites={"ulm": "Ulm", "beer": "באר שבע", "pune": "पुणे"}, scales={"training": "Training"}
)


def row(
    pooling: str, group: str | None, estimate: float, low: float, **more: Any
) -> dict[str, Any]:
    base = {
        "scale": "training", "coefficient": "alpha", "pooling": pooling, "group": group,
        "estimate": estimate, "low": low, "high": estimate + 0.05, "n_obs": 40, "reason": "",
    }  # fmt: skip
    return base | more


@pytest.fixture
def frame() -> pd.DataFrame:
    gone = {"high": np.nan, "n_obs": 3, "reason": REASON}
    rows = [
        row("site", "ulm", 0.84, 0.76),
        row("within", None, 0.81, 0.79, n_obs=281),
        row("site", "beer", np.nan, np.nan, **gone),
        row("site", "pune", 0.62, -0.1),
    ]
    return pd.DataFrame(rows)


def estimates(axes: Axes) -> list[tuple[float, float]]:
    points = [
        (float(x), float(y))
        for line in axes.lines
        if line.get_gid() == "estimate"
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    ]
    return sorted(points, key=lambda point: point[1])


def intervals(axes: Axes) -> list[tuple[float, float]]:
    return [
        (float(segment[0][0]), float(segment[1][0]))
        for lines in axes.collections
        if isinstance(lines, LineCollection) and lines.get_gid() == "interval"
        for segment in lines.get_segments()
    ]


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_pooled_rows_stand_above_the_sites(frame: pd.DataFrame) -> None:
    axes = plot_reliability(frame, labels=LABELS)
    assert [x for x, _ in estimates(axes)] == [0.81, 0.84, 0.62]


def test_intervals_are_drawn_and_cut_at_the_edge(frame: pd.DataFrame) -> None:
    axes = plot_reliability(frame, labels=LABELS)
    found = np.array(sorted(intervals(axes)))
    assert found == pytest.approx(np.array([(0.0, 0.67), (0.76, 0.89), (0.79, 0.86)]))
    arrows = [line for line in axes.lines if line.get_marker() == "<"]
    assert [list(line.get_xdata()) for line in arrows] == [[0.0]]


def test_the_numbers_are_written_beside_the_rows(frame: pd.DataFrame) -> None:
    found = texts(plot_reliability(frame, labels=LABELS))
    assert {"0.81 [0.79, 0.86]", "0.62 [−0.10, 0.67]", "n = 281", "Training"} <= set(found)


def test_a_row_without_result_gives_its_reason_in_words(frame: pd.DataFrame) -> None:
    axes = plot_reliability(frame, labels=LABELS)
    reasons = [text.get_text() for text in axes.texts if text.get_gid() == "reason"]
    assert " ".join(reasons) == REASON


def test_one_coefficient_of_two_may_be_missing(frame: pd.DataFrame) -> None:
    omega = frame.assign(coefficient="omega_total")
    omega.loc[0, ["estimate", "low", "high", "reason"]] = [np.nan, np.nan, np.nan, "No solution."]
    axes = plot_reliability(pd.concat([frame, omega]), labels=LABELS)
    reasons = [text.get_text() for text in axes.texts if text.get_gid() == "reason"]
    assert "No solution." in reasons
    assert len(estimates(axes)) == 5
    assert {"alpha", "omega total"} <= set(texts(axes))


def test_the_threshold_is_drawn_with_its_source(frame: pd.DataFrame) -> None:
    axes = plot_reliability(frame, threshold=0.7, threshold_label="0.70 (Prinsen et al. 2018)")
    lines = [line for line in axes.lines if line.get_gid() == "threshold"]
    assert [list(line.get_xdata()) for line in lines] == [[0.7, 0.7]]
    assert "0.70 (Prinsen et al. 2018)" in texts(axes)


def test_names_keep_their_direction(frame: pd.DataFrame) -> None:
    assert "\u2067באר שבע\u2069" in texts(plot_reliability(frame, labels=LABELS))


def test_it_draws_on_the_axes_it_is_given(frame: pd.DataFrame) -> None:
    axes = Figure().add_subplot()
    assert plot_reliability(frame, ax=axes) is axes


def test_several_scales_stand_one_under_the_other(frame: pd.DataFrame) -> None:
    both = pd.concat([frame, frame.assign(scale="attitudes")])
    axes = plot_reliability(both, labels=LABELS)
    assert len(estimates(axes)) == 6
    assert {"Training", "attitudes"} <= set(texts(axes))


def test_simulated_answers_say_so_in_the_figure(frame: pd.DataFrame) -> None:
    figure = plot_reliability(frame, simulated=True).figure
    assert [text.get_text() for text in figure.texts] == ["Simulated answers"]


def test_an_empty_frame_gives_an_empty_plot(frame: pd.DataFrame) -> None:
    assert estimates(plot_reliability(frame.iloc[:0])) == []


def test_where_a_further_site_is_expected_is_drawn(frame: pd.DataFrame) -> None:
    meta = row("meta", None, 0.75, 0.6) | {"prediction_low": -0.3, "prediction_high": 0.9}
    axes = plot_reliability(pd.concat([frame, pd.DataFrame([meta])]), labels=LABELS)
    lines = [line for line in axes.lines if line.get_gid() == "prediction"]
    assert [list(line.get_xdata()) for line in lines] == [[0.0, 0.9]]
    assert "thin line: where a further site is expected" in [t.get_text() for t in axes.texts]
    plain = plot_reliability(frame, labels=LABELS)
    assert not [line for line in plain.lines if line.get_gid() == "prediction"]


def test_many_coefficients_have_room(frame: pd.DataFrame) -> None:
    names = ["alpha", "omega_total", "lambda2", "split_half", "omega_categorical_observed"]
    many = pd.concat([frame.assign(coefficient=name) for name in names])
    axes = plot_reliability(many, labels=LABELS)
    heights = sorted(y for _, y in estimates(axes))
    assert np.diff(heights).min() > 0.1
    words = [text.get_text() for text in axes.texts]
    assert {"lambda 2", "split half", "categorical omega, observed"} <= set(words)
    figure = axes.figure
    assert isinstance(figure, Figure)
    edge = figure.get_figwidth() * figure.dpi
    figure.canvas.draw()
    assert all(text.get_window_extent().x1 <= edge + 1 for text in axes.texts)
