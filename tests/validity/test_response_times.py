"""How long answering took: who is fast, by site and by mode, and what the study tells of it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from psychometrics import Responses, data_quality, simulate_responses, validate
from psychometrics.responses import Durations
from psychometrics.stats.response_style import relative_speed
from psychometrics.validity.quality import DataQuality
from psychometrics.validity.quality_tables import QualityLimits
from psychometrics.validity.sample import forms_table
from tests.validity.small import only


@pytest.fixture(scope="module")
def responses() -> Responses:
    """Two sites; everybody takes 6 s an answer on the web and 10 s on paper, but for two."""
    made = simulate_responses("peer_support_implementation", {"ulm": 40, "pune": 40}, rng=3,
                              missing=0.0, structural=0.0)  # fmt: skip
    frame = made.frame.copy()
    paper = np.arange(80) % 2 == 0
    frame["mode"] = np.where(paper, "paper", "web")
    frame["duration"] = np.where(paper, 240.0, 144.0)
    frame.loc[0, "duration"] = 120.0  # 5 s an answer: half of what others take on paper
    frame.loc[1, "duration"] = 40.0  # 1.7 s an answer
    frame.loc[3, "duration"] = np.nan
    return dataclasses.replace(made, frame=frame)


@pytest.fixture(scope="module")
def quality(responses: Responses) -> DataQuality:
    return data_quality(responses, responses.instrument.keyed_items)


def test_fast_people_are_flagged_by_both_rules(quality: DataQuality) -> None:
    assert np.flatnonzero(quality.exclusions["fast"]).tolist() == [1]
    assert np.flatnonzero(quality.exclusions["faster_than_others"]).tolist() == [0, 1]
    speed = quality.people["relative_speed"].iloc[[0, 1, 2]]
    np.testing.assert_allclose(speed, [2.0, 3.6, 1.0], rtol=1e-12)
    codes = [one.code for one in quality.findings]
    assert {"people_fast", "people_faster_than_others", "response_time_unknown"} <= set(codes)
    assert "relative_speed" in quality.people
    assert "twice" not in only(quality.counts, flag="fast", pooling="total")["rule"]


def test_time_per_item_is_of_answered_items(responses: Responses) -> None:
    frame = responses.frame.copy()
    items = list(responses.instrument.items)
    frame.loc[5, items[12:]] = np.nan
    found = data_quality(dataclasses.replace(responses, frame=frame),
                         responses.instrument.keyed_items)  # fmt: skip
    assert found.people["seconds_per_answer"].iloc[5] == 12.0
    frame.loc[5, items] = np.nan
    found = data_quality(dataclasses.replace(responses, frame=frame),
                         responses.instrument.keyed_items)  # fmt: skip
    assert np.isnan(found.people["seconds_per_answer"].iloc[5])
    assert not found.people["fast"].iloc[5]


def test_times_by_site_and_mode(quality: DataQuality) -> None:
    times = quality.times
    assert times["mode"].dropna().tolist() == ["paper", "web"]
    total = times.iloc[0]
    assert (total["n_rows"], total["n_timed"]) == (80, 79)
    assert (total["n_fast"], total["n_faster_than_others"]) == (1, 2)
    paper = only(times[times["mode"].notna()], mode="paper")
    assert (paper["median_seconds"], paper["median_seconds_per_answer"]) == (240, 10)
    assert only(times[times["mode"].isna()], group="pune")["n_fast"] == 0


def test_a_mode_of_few_people_says_nothing_about_speed(responses: Responses) -> None:
    found = data_quality(responses, responses.instrument.keyed_items,
                         limits=QualityLimits(fewest_timed=60))  # fmt: skip
    assert found.people["relative_speed"].isna().all()
    # Without modes everybody is compared with everybody.
    frame = responses.frame.drop(columns="mode")
    found = data_quality(dataclasses.replace(responses, frame=frame),
                         responses.instrument.keyed_items)  # fmt: skip
    assert found.times["mode"].isna().all()
    assert found.people["relative_speed"].notna().sum() == 79


def test_nothing_is_said_where_nothing_is_known(responses: Responses) -> None:
    frame = responses.frame.drop(columns="duration")
    found = data_quality(dataclasses.replace(responses, frame=frame),
                         responses.instrument.keyed_items)  # fmt: skip
    assert found.times.empty
    assert "fast" not in found.people
    frame = responses.frame.assign(duration=np.nan)
    found = data_quality(dataclasses.replace(responses, frame=frame),
                         responses.instrument.keyed_items)  # fmt: skip
    assert found.times["median_seconds"].isna().all()
    assert not found.people["fast"].any()


def test_relative_speed_of_groups() -> None:
    times = np.array([4.0, 8.0, 8.0, np.nan, 1.0])
    speed = relative_speed(times, np.array([0, 0, 0, 0, 1]), fewest=3)
    np.testing.assert_array_equal(speed, [2.0, 1.0, 1.0, np.nan, np.nan])


def test_languages_and_modes_are_counted(responses: Responses) -> None:
    forms = forms_table(responses)
    assert forms["variable"].unique().tolist() == ["language", "mode"]
    assert only(forms, variable="mode", value="web", group="ulm")["n_rows"] == 20
    total = forms[(forms["pooling"] == "total") & (forms["variable"] == "language")]
    assert total["n_rows"].sum() == 80
    assert total["share"].sum() == pytest.approx(1)
    frame = responses.frame.assign(mode=None)
    unknown = forms_table(dataclasses.replace(responses, frame=frame))
    assert only(unknown, variable="mode", pooling="total")["value"] is None
    bare = responses.frame.drop(columns=["mode", "language"])
    assert forms_table(dataclasses.replace(responses, frame=bare)).empty


def test_the_report_shows_them(responses: Responses) -> None:
    report = validate(responses.instrument, responses, preset="quick", n_boot=20)
    pd.testing.assert_frame_equal(
        report.tables["quality_times"],
        data_quality(responses, responses.instrument.keyed_items).times,
    )
    page = report.to_html()
    for words in ("How long answering took", "Mode: paper", "Much faster than others",
                  "Languages, modes and versions", "hi_IN"):  # fmt: skip
        assert words in page


def test_simulated_durations() -> None:
    sizes = {"ulm": 400, "pune": 30}
    made = simulate_responses("peer_support_implementation", sizes, rng=5, durations=Durations())
    plain = simulate_responses("peer_support_implementation", sizes, rng=5)
    pd.testing.assert_frame_equal(made.frame.drop(columns="duration"), plain.frame)
    found = data_quality(made, made.instrument.keyed_items)
    assert found.times.iloc[0]["median_seconds_per_answer"] == pytest.approx(7.0, rel=0.05)
    assert found.exclusions["fast"].mean() == pytest.approx(0.03, abs=0.02)
    assert made.truth is not None
    assert made.truth["durations"] == Durations()
    with pytest.raises(ValueError, match="no share"):
        simulate_responses("hs1939", 5, rng=1, durations=Durations(hasty=2))
    with pytest.raises(ValueError, match="more than 0"):
        simulate_responses("hs1939", 5, rng=1, durations=Durations(median=0))
