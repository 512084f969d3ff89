from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from psychometrics.plots import Labels, plot_responses
from psychometrics.plots.responses import option_colours

FIVE = (0.1, 0.2, 0.3, 0.3, 0.1)
SIX = (0.1, 0.1, 0.2, 0.3, 0.2, 0.1)


def frame(shares: tuple[float, ...], item: str = "a", n_sites: int = 1) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "item": item, "group": f"site_{site}", "pooling": "site", "code": code,
                "option": f"Option {code}", "count": 10, "share": share, "n_obs": 100,
            }
            for site in range(n_sites)
            for code, share in enumerate(shares, 1)
        ]
    )  # fmt: skip


def segments(axes: Axes) -> list[tuple[float, float]]:
    """Start and end of the segments, from the lowest option to the highest."""
    found = []
    for bars in axes.collections:
        if isinstance(bars, PolyCollection) and str(bars.get_gid()).startswith("option"):
            for path in bars.get_paths():
                xs = path.vertices[:, 0]
                found.append((float(xs.min()), float(xs.max())))
    return found


def test_the_middle_answer_lies_across_zero() -> None:
    found = segments(plot_responses(frame(FIVE)))
    assert found[2] == pytest.approx((-15, 15))
    assert [end - start for start, end in found] == pytest.approx([10, 20, 30, 30, 10])
    assert found[0][0] == pytest.approx(-45)


def test_without_a_middle_answer_the_halves_meet_at_zero() -> None:
    found = segments(plot_responses(frame(SIX)))
    assert found[2][1] == pytest.approx(0)
    assert found[3][0] == pytest.approx(0)


def test_an_option_that_nobody_chose_takes_no_room() -> None:
    found = segments(plot_responses(frame((0.5, 0.0, 0.5))))
    assert found == [pytest.approx((-50, 0)), pytest.approx((0, 50))]


def test_a_withheld_row_says_why() -> None:
    withheld = frame(FIVE).assign(
        share=np.nan, n_obs=np.nan, reason="Withheld: fewer than 5 people.", group="small"
    )
    axes = plot_responses(pd.concat([frame(FIVE).assign(reason=""), withheld]))
    reasons = [text.get_text() for text in axes.texts if text.get_gid() == "reason"]
    assert reasons == ["Withheld: fewer than 5 people."]
    assert len(segments(axes)) == 5


def test_a_site_where_nobody_answered_says_so() -> None:
    axes = plot_responses(frame(FIVE).assign(share=np.nan, count=0, n_obs=0))
    texts = [text.get_text() for text in axes.texts]
    assert "no answers" in texts
    assert "n = 0" in texts


def test_headings_name_the_item_and_that_it_is_reversed() -> None:
    labels = Labels(items={"a": "Costs $5 or $6 <script>"})
    axes = plot_responses(frame(FIVE), labels=labels, reversed_items=["a"], title="Training")
    texts = [text.get_text() for text in axes.texts]
    assert {"a (reversed in scoring)", "Costs $5 or $6 <script>", "Training"} <= set(texts)
    assert not any(text.get_parse_math() for text in axes.texts)


def test_percentages_are_written_where_there_is_room() -> None:
    texts = [text.get_text() for text in plot_responses(frame(FIVE)).texts]
    assert {"20", "30"} <= set(texts)


def test_many_bars_keep_the_percentages_of_the_pooled_one() -> None:
    pooled = frame(FIVE).assign(pooling="total", group=None)
    axes = plot_responses(pd.concat([pooled, frame(FIVE, n_sites=20)]))
    assert [text.get_text() for text in axes.texts].count("30") == 2


def test_steps_stay_apart_in_grey() -> None:
    def grey(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    for n_options in (2, 3, 4, 5, 6, 7):
        fills = [grey(fill) for fill, _ in option_colours(n_options)]
        half = n_options // 2
        for side in (fills[:half], fills[::-1][:half]):
            assert all(later - earlier > 12 for earlier, later in pairwise(side))


def test_text_can_be_read_on_its_fill() -> None:
    def luminance(colour: str) -> float:
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for n_options in (5, 6, 7):
        for fill, ink in option_colours(n_options):
            light, dark = sorted((luminance(fill), luminance(ink)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 3.5, (fill, ink)
