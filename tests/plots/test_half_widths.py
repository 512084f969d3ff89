from __future__ import annotations

import numpy as np
import pandas as pd

from psychometrics.plots import Labels, plot_half_widths

HEBREW, HINDI = "תרבות ארגונית", "प्रशिक्षण"


def frame() -> pd.DataFrame:
    rows = [
        ("alpha", "a, b", 12, 0.26, 0.005, 259.0), ("alpha", "a, b", 93, 0.085, 0.001, 259.0),
        ("alpha", "c", 12, 0.30, 0.005, np.nan), ("alpha", "c", 93, 0.10, 0.001, np.nan),
        ("htmt", "a, b | c", 12, np.nan, np.nan, 1002.0),
        ("htmt", "a, b | c", 93, 0.17, 0.004, 1002.0),
    ]  # fmt: skip
    columns = ["statistic", "subject", "n_per_site", "half_width", "mc_error", "n_needed"]
    return pd.DataFrame(rows, columns=columns).assign(target=0.05)


def test_lines_hold_the_numbers_of_the_frame() -> None:
    axes = plot_half_widths(frame())
    drawn = [line for line in axes.lines if line.get_gid() == "half_width"]
    assert [list(np.asarray(line.get_ydata())) for line in drawn] == [
        [0.26, 0.085], [0.30, 0.10], [0.17]
    ]  # fmt: skip
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["12", "93"]
    low, high = axes.get_ylim()
    assert low < 0.05 < 0.30 < high


def test_the_legend_says_how_many_people_it_takes() -> None:
    labels = Labels(scales={"a": HEBREW, "b": "Training", "c": HINDI})
    texts = [text.get_text() for text in plot_half_widths(frame(), labels=labels).texts]
    told = " ".join(texts)
    assert "259 people for 0.05" in told
    assert "not reached" in told
    assert "1,002 people for 0.05" in told
    assert HEBREW in told
    assert HINDI in told
    assert "Not drawn: sizes at which too many samples have no interval." in texts


def test_a_statistic_with_one_line_needs_no_names_of_scales() -> None:
    only = frame().query("subject == 'a, b'")
    told = " ".join(text.get_text() for text in plot_half_widths(only).texts)
    assert "alpha: 259 people" in told
