"""What the page says of missing answers."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from psychometrics.report.missing import missing_table, missing_words
from psychometrics.report.source import read_study
from tests.report.study_fixture import FakeStudy, make_study


@pytest.fixture(scope="module")
def study() -> FakeStudy:
    return make_study()


def told(study: FakeStudy, **changes: object) -> str:
    frame = study.tables["missing"].assign(**changes)
    source = read_study(replace(study, tables={**study.tables, "missing": frame}), 5)
    return " ".join(str(text) for text in missing_words(source))


def test_who_is_used_and_what_complete_rows_would_lose(study: FakeStudy) -> None:
    row = study.tables["missing"].query("model == 'correlated_factors' and pooling == 'total'")
    text = told(study)
    assert f"use the {int(row['n_obs'].iloc[0])} people with an answer" in text
    assert f"{int(row['n_complete'].iloc[0])} of them answered every item" in text
    assert "would be 1.10 times as wide" in text
    assert "missing at random" in text


@pytest.mark.parametrize(
    ("treatment", "words"),
    [
        ("listwise", "missing completely at random"),
        ("nothing_missing", "answered every item, so models leave nobody out"),
    ],
)
def test_other_ways_are_told(study: FakeStudy, treatment: str, words: str) -> None:
    text = told(study, treatment=treatment)
    assert words in text
    assert "times as wide" not in text


def test_people_without_an_answer_are_told(study: FakeStudy) -> None:
    assert "answered none of the items (4) take no part" in told(study, n_empty=4)
    assert "none of the items" not in told(study)


def test_the_table_has_every_model_and_place(study: FakeStudy) -> None:
    made = missing_table(read_study(study, 0))
    assert made is not None
    assert len(made.rows) == len(study.tables["missing"])
    assert {row["group"] for row in made.rows} == {
        "Correlated factors: mean correlation of factors", "Training: Omega total",
        "Role clarity & scope: Omega total", "Staff attitudes: Omega total",
    }  # fmt: skip


def test_nothing_is_told_of_nothing(study: FakeStudy) -> None:
    tables = {**study.tables, "missing": pd.DataFrame(columns=study.tables["missing"].columns)}
    source = read_study(replace(study, tables=tables), 5)
    assert missing_words(source) == []
    assert missing_table(source) is None
