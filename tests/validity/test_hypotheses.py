"""Hypotheses held against intervals, and the share confirmed."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from psychometrics.errors import NO_REASON, reason
from psychometrics.instrument.definition import Hypothesis
from psychometrics.validity.comparators import CORRELATION_COLUMNS, comparator_correlations
from psychometrics.validity.hypotheses import hypotheses_table, judge, share_confirmed
from tests.validity.small_instrument import small_answers, small_instrument


def hypothesis(**changes: Any) -> Hypothesis:
    plain = {
        "key": "h", "scale": "a", "comparator": "age", "kind": "convergent",
        "direction": "positive", "minimum": 0.3, "rationale": "r",
    }  # fmt: skip
    return Hypothesis.model_validate(plain | changes)


DISCRIMINANT = {"kind": "discriminant", "direction": "none", "minimum": None, "maximum": 0.3}


@pytest.mark.parametrize(
    ("changes", "low", "high", "expected"),
    [
        ({}, 0.30, 0.50, "confirmed"),
        ({}, 0.29, 0.50, "undecided"),
        ({}, 0.10, 0.30, "undecided"),
        ({}, 0.10, 0.29, "refuted"),
        ({}, -0.60, -0.40, "refuted"),
        ({"direction": "negative"}, -0.60, -0.31, "confirmed"),
        ({"direction": "negative"}, -0.60, 0.10, "undecided"),
        ({"direction": "negative"}, 0.31, 0.60, "refuted"),
        (DISCRIMINANT, -0.30, 0.30, "confirmed"),
        (DISCRIMINANT, -0.31, 0.10, "undecided"),
        (DISCRIMINANT, 0.31, 0.50, "refuted"),
        (DISCRIMINANT, -0.50, -0.31, "refuted"),
        (DISCRIMINANT, 0.10, 0.40, "undecided"),
        ({}, math.nan, math.nan, "unavailable"),
    ],
)
def test_verdict_by_interval(
    changes: dict[str, Any], low: float, high: float, expected: str
) -> None:
    assert judge(low, high, hypothesis(**changes)) == expected


def test_every_unit_is_judged() -> None:
    answers = small_answers()
    table = hypotheses_table(comparator_correlations(answers), answers.instrument)
    rising = table[table["hypothesis"] == "a_rises"]
    assert rising["pooling"].tolist() == ["total", "within", "site", "site", "site", "meta"]
    assert rising["group"].dropna().tolist() == ["north", "south", "east"]
    assert rising["verdict"].iloc[0] == "confirmed"
    assert rising["method"].str.startswith(("Pearson", "random effects")).all()
    flat = table[table["hypothesis"] == "b_flat"]
    assert flat["verdict"].iloc[0] == "refuted"
    assert flat["maximum"].iloc[0] == 0.3


def test_a_comparator_that_was_not_asked() -> None:
    instrument = small_instrument(
        hypotheses=[
            {"key": "h", "scale": "a", "comparator": "rank", "kind": "convergent",
             "direction": "positive", "minimum": 0.3, "rationale": "r"},
        ]
    )  # fmt: skip
    answers = small_answers(instrument=instrument)
    table = hypotheses_table(comparator_correlations(answers), instrument)
    assert table["pooling"].tolist() == ["total", "within", "site", "site", "site"]
    assert set(table["verdict"]) == {"unavailable"}
    assert table["reason"][0] == "The answers hold no values of rank."


def test_no_correlations_at_all() -> None:
    table = hypotheses_table(pd.DataFrame(columns=list(CORRELATION_COLUMNS)), small_instrument())
    assert table["pooling"].tolist() == ["total", "total"]
    assert {why.code for why in table["reason"]} == {"comparator_not_found"}


def verdicts(*words: str) -> pd.DataFrame:
    return pd.DataFrame({"pooling": "total", "group": None, "verdict": list(words)})


@pytest.mark.parametrize(
    ("words", "share", "expected"),
    [
        (["confirmed"] * 3 + ["refuted"], 0.75, "supported"),
        (["confirmed"] * 2 + ["undecided"] * 2, 0.5, "undecided"),
        (["confirmed"] * 2 + ["refuted"] * 2, 0.5, "not_supported"),
        (["confirmed"] * 3 + ["unavailable"] * 9, 1.0, "supported"),
        (["undecided"] * 3, 0.0, "undecided"),
    ],
)
def test_share_against_three_quarters(words: list[str], share: float, expected: str) -> None:
    found = share_confirmed(verdicts(*words)).iloc[0]
    assert found["share"] == share
    assert found["verdict"] == expected


def test_nothing_that_could_be_tried() -> None:
    found = share_confirmed(verdicts("unavailable", "unavailable")).iloc[0]
    assert found["verdict"] == "unavailable"
    assert math.isnan(found["share"])


def test_reasons_stay_reasons() -> None:
    rows = pd.DataFrame(
        {
            "scale": "a", "comparator": "age", "statistic": "correlation", "group": None,
            "pooling": ["total", "within"], "estimate": [0.5, math.nan], "low": [0.4, math.nan],
            "high": [0.6, math.nan], "level": 0.95, "n_obs": 90, "method": "Pearson",
            "reason": pd.Series(
                [NO_REASON, reason("constant_variable", variable="age")], dtype=object
            ),
        }
    )  # fmt: skip
    table = hypotheses_table(rows, small_instrument(hypotheses=[hypothesis().model_dump()]))
    assert table["verdict"].tolist() == ["confirmed", "unavailable"]
    assert table["reason"][1].code == "constant_variable"
