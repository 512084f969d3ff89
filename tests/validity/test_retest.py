"""Waves as a test and its repetition, in a study."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from psychometrics import Responses, agreement, simulate_responses, validate
from psychometrics.validity.retest import RETEST_COLUMNS, retest_table
from tests.validity.small import only

SIZES = {"ulm": 30, "pune": 30}


@pytest.fixture(scope="module")
def waves() -> Responses:
    """Sixty people who answered twice, a third of the answers anew the second time."""
    made = simulate_responses("peer_support_implementation", SIZES, rng=1, missing=0.0)
    rng, items = np.random.default_rng(1), list(made.instrument.items)
    first = made.frame.assign(wave="1")
    second = first.assign(wave="2", row=first["row"] + 60)
    x = first[items].to_numpy()
    anew = (rng.random(x.shape) < 0.3) & ~np.isnan(x)
    second[items] = np.where(anew, rng.integers(1, 6, x.shape), x)
    status = pd.concat([made.answer_status] * 2, ignore_index=True)
    frame = pd.concat([first, second], ignore_index=True)
    return dataclasses.replace(made, frame=frame, answer_status=status)


def test_numbers_are_those_of_the_single_call(waves: Responses) -> None:
    table = retest_table(waves, 0.95)
    assert list(table.columns) == list(RETEST_COLUMNS)
    rated = waves.frame.assign(score=waves.scores()["training"])
    single = agreement(rated, "respondent", "wave", "score", group="site")
    for place in ({"pooling": "total"}, {"pooling": "site", "group": "pune"}):
        mine = only(table, scale="training", model="ICC(2,1)", **place)
        other = only(single, model="ICC(2,1)", **place)
        assert mine["estimate"] == pytest.approx(other["estimate"], abs=1e-12)
        assert mine["low"] == pytest.approx(other["low"], abs=1e-12)
        assert mine["n_targets"] == other["n_targets"]
    assert {"ICC(1,1)", "ICC(2,1)", "ICC(3,1)"} == set(
        table.loc[table["statistic"] == "icc", "model"]
    )


def test_ids_of_another_site_are_other_people(waves: Responses) -> None:
    frame = waves.frame.copy()
    frame["respondent"] = frame["respondent"].str.split("-").str[1]
    same = retest_table(dataclasses.replace(waves, frame=frame), 0.95)
    pd.testing.assert_frame_equal(same, retest_table(waves, 0.95))


def test_without_two_waves_there_is_nothing(waves: Responses) -> None:
    frame = waves.frame
    for changed in (
        frame.drop(columns="wave"),
        frame.drop(columns="respondent"),
        frame.assign(wave="1"),
        frame.assign(respondent=[f"p{i}" for i in range(len(frame))]),
        frame.assign(respondent=None),
    ):
        assert retest_table(dataclasses.replace(waves, frame=changed), 0.95).empty


def test_people_who_answered_twice_in_a_wave_take_no_part(waves: Responses) -> None:
    frame = waves.frame.copy()
    frame.loc[1, "respondent"] = frame.loc[0, "respondent"]
    table = retest_table(dataclasses.replace(waves, frame=frame), 0.95)
    n = only(table, scale="training", model="ICC(2,1)", pooling="total")["n_targets"]
    assert n == 58


def test_a_study_tells_it(waves: Responses) -> None:
    report = validate(waves.instrument, waves, preset="quick", n_boot=20)
    assert not report.tables["retest"].empty
    assert "Agreement of waves" in report.to_html()
    rated = report.tables["cosmin"]
    row = only(rated[rated["pooling"] == "total"], property="reliability", subject="training")
    icc = only(report.tables["retest"], scale="training", model="ICC(2,1)", pooling="total")
    assert row["estimate"] == pytest.approx(icc["estimate"])
    assert row["rating"] in "+-?"
