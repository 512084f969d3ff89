"""Columns find their items, and where they can't, nothing is guessed."""

from __future__ import annotations

import pandas as pd
import pytest

from psychometrics.errors import DataError
from psychometrics.instrument import Instrument
from psychometrics.responses import read_responses
from tests.responses.tiny import ITEMS, Read, codes, only


def columns_of(**renamed: str) -> pd.DataFrame:
    """One row in which each item has another value; columns renamed as told."""
    row = {"site": "ulm", "calm_1": 1, "calm_2": 2, "calm_3": 3, "skill_1": 4, "skill_2": 5}
    return pd.DataFrame([row]).rename(columns=renamed)


def answers(responses: object) -> list[float]:
    return responses.frame[list(ITEMS)].iloc[0].tolist()  # type: ignore[attr-defined]


def test_a_mapping_wins_over_names(tiny: Instrument) -> None:
    swapped = {"calm_1": "calm_2", "calm_2": "calm_1"}
    responses = read_responses(columns_of(), tiny, columns=swapped)
    assert answers(responses) == [2, 1, 3, 4, 5]


def test_a_mapping_may_name_roles_and_comparators(tiny: Instrument) -> None:
    frame = columns_of(site="Ort").assign(gewicht=1.5, gesund="4,5", weight=80)
    mapping = {"site": "Ort", "weight": "gewicht", "health": "gesund"}
    responses = read_responses(frame, tiny, columns=mapping)
    assert responses.sites == ("ulm",)
    assert responses.frame["weight"].tolist() == [1.5]
    assert responses.frame["health"].tolist() == [4.5]


def test_a_given_name_is_matched_loosely_with_a_finding(tiny: Instrument) -> None:
    responses = read_responses(columns_of(calm_1="Frage 1 "), tiny, columns={"calm_1": "frage 1"})
    assert answers(responses) == [1, 2, 3, 4, 5]
    assert only(responses.findings, "column_matched_loosely").params["column"] == "Frage 1 "


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"clam_1": "x"}, "tiny has no item, comparator or role 'clam_1'. Similar: 'calm_1'"),
        ({"wave": "x"}, "Two columns are given for 'wave': 'w' and 'x'"),
    ],
)
def test_a_mapping_that_makes_no_sense(
    columns: dict[str, str], told: str, tiny: Instrument
) -> None:
    with pytest.raises(DataError, match=told):
        read_responses(columns_of(), tiny, columns=columns, wave="w")


def test_a_given_column_that_is_not_there_is_not_replaced(tiny: Instrument) -> None:
    responses = read_responses(columns_of(), tiny, columns={"calm_1": "Q1"})
    assert pd.isna(answers(responses)[0])
    assert only(responses.findings, "missing_column").params["name"] == "calm_1"
    assert "missing_item" not in codes(responses)


def test_usual_names_of_the_instrument_come_after_the_plain_name(tiny: Instrument) -> None:
    usual = read_responses(columns_of(site="Standort"), tiny)
    assert usual.sites == ("ulm",)
    both = read_responses(columns_of().assign(Standort="pune"), tiny)
    assert both.sites == ("ulm",)
    asked = read_responses(columns_of().assign(Standort="pune"), tiny, site="Standort")
    assert asked.sites == ("pune",)


def test_usual_names_of_items(tiny: Instrument) -> None:
    named = tiny.model_copy(update={"columns": {"calm_1": "Q1", "respondent": "id"}})
    responses = read_responses(columns_of(calm_1="Q1").assign(id=9), named)
    assert answers(responses)[0] == 1
    assert responses.frame["respondent"].tolist() == ["9"]


def test_an_exact_name_wins_over_a_former_one(tiny: Instrument) -> None:
    responses = read_responses(columns_of().assign(rest_1=4), tiny)
    assert answers(responses) == [1, 2, 3, 4, 5]
    assert "column_renamed" not in codes(responses)


def test_loose_matches_that_compete_are_ambiguous(read: Read) -> None:
    responses = read("site,CALM_1,Calm_1,calm_2\nulm,1,2,3\n")
    assert responses.frame["calm_1"].isna().all()
    found = only(responses.findings, "ambiguous_column")
    assert found.params["columns"] == "'CALM_1', 'Calm_1'"
    assert "missing_item" not in [one.code for one in responses.findings
                                  if one.params["name"] == "calm_1"]  # fmt: skip


def test_a_column_claimed_twice_serves_nobody(read: Read) -> None:
    responses = read("site,calm_1,calm_2,calm_3\nulm,1,2,3\n", columns={"calm_1": "calm_2"})
    assert responses.frame["calm_1"].isna().all()
    assert responses.frame["calm_2"].isna().all()
    assert responses.frame["calm_3"].tolist() == [3]
    assert [one.params["name"] for one in responses.findings if one.code == "missing_item"] == [
        "skill_1",
        "skill_2",
    ]


def test_an_ambiguous_site_pools_everything(read: Read) -> None:
    responses = read("site,site,calm_1\nulm,pune,1\n")
    assert responses.sites == ()
    assert only(responses.findings, "ambiguous_column").params["name"] == "site"


def test_a_weight_is_never_taken_for_one_by_its_name(read: Read) -> None:
    responses = read("site,calm_1,weight\nulm,1,80\n")
    assert "weight" not in responses.frame


def test_a_site_is_matched_loosely_and_other_roles_are_not(read: Read) -> None:
    responses = read("Site,calm_1,Wave\nulm,1,2\n")
    assert responses.sites == ("ulm",)
    assert only(responses.findings, "column_matched_loosely").params["column"] == "Site"
    assert "wave" not in responses.frame


def test_column_names_that_are_numbers(tiny: Instrument) -> None:
    frame = pd.DataFrame([["ulm", 3]])
    responses = read_responses(frame, tiny, columns={"site": 0, "calm_1": 1})  # type: ignore[dict-item]
    assert responses.sites == ("ulm",)
    assert responses.frame["calm_1"].tolist() == [3.0]
