"""Who answered, and how much is missing."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.validity.sample import SAMPLE_COLUMNS, sample_table
from psychometrics.validity.sites import sites_of
from tests.validity.small_instrument import small_answers, small_instrument


def test_structural_answers_are_told_apart() -> None:
    a1 = np.full(90, 2)
    a1[:10] = 8  # does not apply
    a1[10:15] = 9  # refused
    columns = {name: np.full(90, 2.0) for name in ("a2", "b1", "b2")}
    for values in columns.values():
        values[88:] = np.nan  # two people who answered nothing else
    a1[88:] = 9
    found = sample_table(small_answers({"a1": a1, **columns})).iloc[0]
    assert found["n_rows"] == 90
    assert found["n_complete"] == 83  # with the ten the question does not apply to
    assert found["n_partial"] == 5
    assert found["n_empty"] == 2
    assert found["n_listwise"] == 73
    assert found["structural_share"] == pytest.approx(10 / 360)
    assert found["missing_share"] == pytest.approx(13 / 350)


def test_sites_in_the_definition_s_order() -> None:
    found = sample_table(small_answers())
    assert found["pooling"].tolist() == ["total", "site", "site", "site"]
    assert found["group"].tolist() == [None, "north", "south", "east"]
    assert found["n_rows"].tolist() == [90, 30, 30, 30]
    assert list(found.columns) == list(SAMPLE_COLUMNS)


def test_nobody() -> None:
    answers = small_answers()
    empty = sample_table(answers.by_site()["north"]._rows(answers.frame["row"] < 0))
    assert empty["n_rows"].tolist() == [0]
    assert empty[["missing_share", "structural_share"]].isna().all(axis=None)


def test_one_known_site_is_no_grouping() -> None:
    sites = [{"id": "north", "name": "N", "country": "DE", "locales": ["en"]}]
    answers = small_answers({"site": ["north"] * 90}, small_instrument(sites=sites))
    assert sites_of(answers).names == ()
    assert sample_table(answers)["pooling"].tolist() == ["total"]


def test_rows_of_a_site() -> None:
    site = np.resize(np.array(["north", "south", None], dtype=object), 90)
    found = sites_of(small_answers({"site": site}))
    assert found.names == ("north", "south")
    assert found.rows("south").sum() == 30
    assert found.rows(None).all()
    assert (found.codes == -1).sum() == 30
