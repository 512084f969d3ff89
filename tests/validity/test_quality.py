from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from psychometrics import Moments, data_quality, load_instrument, read_responses, simulate_responses
from psychometrics.errors import DataError
from psychometrics.validity.quality_tables import QualityLimits
from tests.validity.small import only

ITEMS = [f"{scale}{i}" for scale in "ab" for i in range(1, 6)]
SCALES = {"calm": ["a1", "a2", "-a3", "a4", "a5"], "bold": ["b1", "b2", "b3", "b4", "b5"]}


def answers(n: int = 90, *, sites: str = "") -> pd.DataFrame:
    """Ten answers from 1 to 5 that nobody gives eight times in a row."""
    codes = np.random.default_rng(1).integers(1, 6, (n, 10)).astype(float)
    frame = pd.DataFrame(codes, columns=ITEMS)
    if sites:
        frame["site"] = [sites[i % len(sites)] for i in range(n)]
    return frame


def run(frame: Any, **settings: Any) -> Any:
    return data_quality(frame, SCALES, **{"response_range": (1, 5)} | settings)


def told(found: Any, code: str) -> list[Any]:
    return [one for one in found.findings if one.code == code]


def test_answers_without_a_fault_have_no_findings() -> None:
    found = run(answers())
    assert found.findings == ()
    assert dict(found.exclusions) == {}
    assert found.counts["count"].sum() == 0
    assert "nobody" in repr(found)


def test_straight_lining_is_flagged_and_counted_by_site() -> None:
    frame = answers(sites="xy")
    frame.loc[[0, 2, 4], ITEMS] = 4.0
    frame.loc[7, ITEMS[:7]] = 2.0
    frame.loc[7, "b3"] = 3.0
    found = run(frame, group="site")
    assert np.flatnonzero(found.exclusions["straight_line"]).tolist() == [0, 2, 4]
    assert only(found.counts, flag="straight_line", group="x")["count"] == 3
    assert only(found.counts, flag="straight_line", group="y")["count"] == 0
    assert only(found.counts, flag="straight_line", pooling="total")["share"] == 3 / 90
    (one,) = told(found, "people_straight_line")
    assert "3 of 90 people gave one answer in a row to 8 items or more" in str(one)
    assert "By site: x: 3 of 45." in str(one)
    assert found.people.loc[7, "longest_run"] == 7
    assert found.people["row"].tolist() == list(range(1, 91))


def test_runs_follow_the_order_of_the_form() -> None:
    frame = answers()
    order = ITEMS[::2] + ITEMS[1::2]
    frame.loc[0, order[:8]] = 3.0
    frame.loc[0, order[8:]] = [1.0, 2.0]
    assert run(frame[order]).people.loc[0, "longest_run"] == 8
    assert run(frame[ITEMS]).people.loc[0, "longest_run"] < 8


def test_missing_answers_are_counted_by_item_site_and_pattern() -> None:
    frame = answers(sites="xy")
    frame.loc[:19, "a1"] = np.nan
    frame.loc[:4, ["b1", "b2"]] = np.nan
    found = run(frame, group="site")
    one = only(found.items, item="a1", pooling="total")
    assert (one["n_missing"], one["share_missing"]) == (20, pytest.approx(20 / 90))
    assert only(found.items, item="a1", group="x")["n_missing"] == 10
    assert found.patterns["missing"].tolist() == ["", "a1", "a1, b1, b2"]
    assert found.patterns["count"].tolist() == [70, 15, 5]
    (often,) = told(found, "item_often_missing")
    assert "a1: 20 of 90 answers are missing (22%)" in str(often)


def test_an_item_that_is_often_missing_at_one_site_is_told_there() -> None:
    frame = answers(sites="xyz")
    frame.loc[frame.index[frame["site"] == "z"][:6], "b4"] = np.nan
    (often,) = told(run(frame, group="site"), "item_often_missing")
    assert "b4 at z: 6 of 30" in str(often)


def test_questions_that_did_not_apply_are_set_apart() -> None:
    frame = answers()
    frame.loc[:29, "a1"] = np.nan
    mask = np.zeros((90, 10), dtype=bool)
    mask[:30, 0] = True
    found = run(frame, structural=mask)
    one = only(found.items, item="a1", pooling="total")
    assert (one["n_structural"], one["n_missing"]) == (30, 0)
    assert found.people.loc[0, "n_possible"] == 9
    assert found.patterns["count"].tolist() == [90]
    assert not told(found, "item_often_missing")


def test_responses_know_order_ranges_and_what_did_not_apply() -> None:
    instrument = load_instrument("peer_support_implementation")
    frame = simulate_responses(instrument, 40, rng=1).frame.drop(columns="row")
    item = next(iter(instrument.items))
    answer_set = instrument.response_sets[instrument.items[item].response_set]
    apart = next(one for one in answer_set.missing if one.structural)
    frame[item] = frame[item].astype(object)
    frame.loc[:4, item] = apart.code
    responses = read_responses(frame, instrument)
    scales = {name: list(one.items) for name, one in instrument.scales.items()}
    found = data_quality(responses, scales)
    assert only(found.items, item=item, pooling="total")["n_structural"] >= 5
    assert set(found.items["group"].dropna()) == set(responses.sites)
    assert found.items["n_categories"].tolist()[0] == len(answer_set.options)
    assert found.people["row"].tolist() == responses.frame["row"].tolist()


def test_people_without_most_answers_and_without_any() -> None:
    frame = answers()
    frame.loc[0, ITEMS] = np.nan
    frame.loc[1, ITEMS[:6]] = np.nan
    frame.loc[2, ITEMS[:5]] = np.nan
    found = run(frame)
    assert np.flatnonzero(found.exclusions["no_answers"]).tolist() == [0]
    assert np.flatnonzero(found.exclusions["mostly_missing"]).tolist() == [1]


def test_answers_of_somebody_else_are_flagged_once_they_are_many() -> None:
    frame = answers()
    frame.loc[5] = frame.loc[4]
    frame.loc[10:11, ITEMS] = 3.0  # straight lines are alike anyway
    frame.loc[20:21, ITEMS[3:]] = np.nan
    frame.loc[20:21, ITEMS[:3]] = 1.0
    found = run(frame)
    assert np.flatnonzero(found.exclusions["same_as_another"]).tolist() == [4, 5]


def test_fast_people_are_flagged_where_a_time_is_known() -> None:
    frame = answers().assign(seconds=60.0)
    frame.loc[:2, "seconds"] = [19.9, 20.0, np.nan]
    found = run(frame, response_time="seconds")
    assert np.flatnonzero(found.exclusions["fast"]).tolist() == [0]
    (unknown,) = told(found, "response_time_unknown")
    assert unknown.params["count"] == 1
    slow = run(frame, response_time="seconds", limits=QualityLimits(seconds_per_item=7))
    assert slow.exclusions["fast"].sum() == 89


def test_floor_and_ceiling_are_those_of_turned_scales() -> None:
    frame = answers()
    frame.loc[:17, ["a1", "a2", "a4", "a5"]] = 5.0
    frame.loc[:17, "a3"] = 1.0
    found = run(frame)
    one = only(found.scales, scale="calm")
    assert one["ceiling"] == pytest.approx(18 / 90)
    assert one["floor"] == 0
    assert one["ceiling_low"] < 0.2 < one["ceiling_high"]
    (high,) = told(found, "scale_at_ceiling")
    assert "calm: 20% of 90 people have the highest possible score" in str(high)
    # Without a known range the ends are only what was found, and nothing is claimed.
    assert not told(data_quality(frame, SCALES), "scale_at_ceiling")


def test_options_that_nobody_chose_are_told() -> None:
    frame = answers()
    frame["b5"] = frame["b5"].clip(upper=4)
    (unused,) = told(run(frame), "item_options_unused")
    assert "b5: 1 of 5 options were never chosen by 90 people" in str(unused)
    one = only(run(frame).items, item="b5")
    assert (one["n_used"], one["rarest_count"]) == (4, 0)
    assert np.isnan(only(data_quality(frame, SCALES).items, item="b5")["n_categories"])


def test_little_s_test_is_there_where_it_is_asked_for() -> None:
    frame = answers(300)
    frame.loc[frame["b1"] > 3, "a1"] = np.nan
    assert run(frame).little is None
    found = run(frame, little=True)
    assert found.little.p_value < 1e-6
    (one,) = told(found, "not_missing_completely_at_random")
    assert "see impute()" in str(one)
    assert not told(run(answers(300), little=True), "not_missing_completely_at_random")


def test_little_s_test_that_can_not_be_had_is_told() -> None:
    frame = answers()
    frame["a2"] = frame["a1"]
    frame.loc[:9, "a1"] = np.nan
    frame.loc[10:, "a2"] = np.nan
    assert told(run(frame, little=True), "little_test_undefined")


def test_nothing_shows_a_person_by_itself() -> None:
    found = run(answers())
    assert "share" in found._repr_html_()
    assert "longest_run" not in found._repr_html_()
    assert found.to_frame() is found.counts


def test_misuse_is_refused() -> None:
    with pytest.raises(DataError, match="the data have no rows"):
        run(answers().iloc[:0])
    with pytest.raises(DataError, match="no column 'time'"):
        run(answers(), response_time="time")
    with pytest.raises(DataError, match="structural has the shape"):
        run(answers(), structural=np.zeros((3, 3)))
    with pytest.raises(DataError, match="needs the answers themselves"):
        run(Moments(np.eye(2), n=9))


def test_frames_of_other_kinds_are_looked_at_alike() -> None:
    frame = answers(sites="xy")
    frame.loc[0, ITEMS] = 4.0
    ours, theirs = (run(one, group="site") for one in (frame, pl.from_pandas(frame)))
    pd.testing.assert_frame_equal(ours.people, theirs.people)
    assert [str(one) for one in ours.findings] == [str(one) for one in theirs.findings]
