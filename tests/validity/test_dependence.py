from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from psychometrics import Responses, read_responses
from psychometrics.validity.dependence import dependence, interval_by_cluster
from psychometrics.validity.study import run_study
from tests.validity.small_instrument import small_answers, small_instrument


def with_columns(**columns: Any) -> Responses:
    frame = small_answers().frame.drop(columns="row").assign(**columns)
    return read_responses(frame, small_instrument(), role="role")


def codes(responses: Responses) -> list[str]:
    return [one.code for one in dependence(responses)]


def test_people_in_several_waves_are_told() -> None:
    people, waves = np.arange(90) % 45, np.where(np.arange(90) < 45, "before", "after")
    made = with_columns(respondent=people, wave=waves)
    (found,) = dependence(made)
    assert (found.code, found.severity, found.params["count"]) == ("several_waves", "warning", 2)
    assert "several waves (2)" in found.message
    table = run_study(made.instrument, made, n_boot=0).tables["findings"]
    assert "several_waves" in table["code"].tolist()


def test_waves_of_unknown_people_are_told() -> None:
    assert codes(with_columns(wave=np.arange(90) % 3)) == ["several_waves"]


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"wave": "once"},
        {"wave": np.arange(90) % 2, "respondent": np.arange(90)},
        {"cluster": np.arange(90)},
        {"cluster": None},
    ],
    ids=["nothing known", "one wave", "nobody twice", "everybody alone", "no clusters"],
)
def test_nothing_is_said_of_independent_people(columns: dict[str, Any]) -> None:
    assert codes(with_columns(**columns)) == []


def test_people_in_clusters_are_told_and_numbered_anew_at_each_site() -> None:
    found, few = dependence(with_columns(cluster=np.arange(90) // 3 % 5))
    assert (few.code, few.params["count"]) == ("few_clusters", 15)
    assert found.code == "answers_in_clusters"
    assert found.params["count"] == 15  # five services at each of three sites
    assert "(15, with 6.0 people on average)" in found.message


def test_what_counts_clusters_and_what_does_not_is_told() -> None:
    (found, _) = dependence(with_columns(cluster=np.arange(90) // 3 % 5))
    assert "count clusters" in found.message
    for part in ("fit indices", "multitrait scaling", "comparators", "known groups"):
        assert part in found.message


def test_a_study_counts_clusters() -> None:
    made = with_columns(cluster=np.arange(90) // 3 % 5)
    tables = run_study(made.instrument, made, n_boot=30).tables
    for name, words in (("reliability", "of clusters"), ("htmt", "of whole clusters")):
        rows = tables[name][(tables[name]["reason"] == "") & (tables[name]["pooling"] != "meta")]
        assert len(rows)
        assert rows["method"].str.contains(words).all(), name
    plain = run_study(made.instrument, small_answers(), n_boot=30).tables["reliability"]
    assert not plain["method"].str.contains("cluster").any()


def test_formulas_for_independent_people_give_way() -> None:
    assert interval_by_cluster("feldt", clustered=True) == "jackknife"
    assert interval_by_cluster("feldt", clustered=False) == "feldt"
    assert interval_by_cluster("adf", clustered=True) == "adf"
