"""How answers are counted."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics import read_responses
from psychometrics.validity.response_distribution import RESPONSE_COLUMNS, response_distribution
from tests.reference.load import bfi, hs
from tests.validity.small_instrument import small_answers


def test_counts_by_hand() -> None:
    answers = small_answers({"a1": np.resize([1, 2, 2, 8], 90), "site": ["north"] * 90})
    found = response_distribution(answers)
    total = found[(found["item"] == "a1") & (found["pooling"] == "total")]
    assert total["code"].tolist() == [1, 2, 3]
    assert total["option"].tolist() == ["no", "maybe", "yes"]
    assert total["count"].tolist() == [23, 45, 0]
    assert total["share"].tolist() == pytest.approx([23 / 68, 45 / 68, 0])
    assert set(total["n_obs"]) == {68}
    assert list(found.columns) == list(RESPONSE_COLUMNS)


def test_sites_add_up_to_the_rows_that_have_one() -> None:
    answers = read_responses(bfi(), "ipip_bfi25", site="education")
    found = response_distribution(answers)
    sites = found[found["pooling"] == "site"].groupby(["item", "code"])["count"].sum()
    known = answers.frame["site"].notna()
    for item in ("A1", "O5"):
        for code in range(1, 7):
            assert sites[item, code] == (answers.frame.loc[known, item] == code).sum()
    total = found[found["pooling"] == "total"]
    assert total.groupby("item")["share"].sum().to_numpy() == pytest.approx(1.0)
    # Answers are counted as given: A1 is keyed negatively and not turned here.
    assert total.query("item == 'A1' and code == 1")["count"].item() == (bfi()["A1"] == 1).sum()


def test_an_item_nobody_answered_has_no_shares() -> None:
    found = response_distribution(small_answers({"b1": np.nan}))
    rows = found[found["item"] == "b1"]
    assert set(rows["n_obs"]) == {0}
    assert rows["share"].isna().all()


def test_numbers_in_a_range_have_no_options() -> None:
    found = response_distribution(read_responses(hs(), "hs1939", site="school"))
    assert found.empty
    assert list(found.columns) == list(RESPONSE_COLUMNS)
