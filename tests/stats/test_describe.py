"""Item statistics against psych, and where they can't be had."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychometrics.stats.describe import describe
from tests.reference.load import BFI_ITEMS, BFI_REVERSED, HS_ITEMS, array, labels, load

UNITS = [("bfi", "total"), *(("bfi", str(level)) for level in range(1, 6)), ("hs", "Pasteur")]


@pytest.mark.parametrize(("data", "unit"), UNITS)
def test_agrees_with_psych(data: str, unit: str) -> None:
    items, column = (BFI_ITEMS, "education") if data == "bfi" else (HS_ITEMS, "school")
    values = array(data, items, reverse=BFI_REVERSED)
    if unit != "total":
        values = values[labels(data, column) == unit]
    found = describe(values, 1, 6)
    for at, row in enumerate(load("items")[data]["describe"][unit]):
        assert found.n_obs[at] == row["n"]
        assert found.missing[at] == len(values) - row["n"]
        assert found.mean[at] == pytest.approx(row["mean"], rel=1e-13)
        assert found.sd[at] == pytest.approx(row["sd"], rel=1e-12)
        assert found.skew[at] == pytest.approx(row["skew_type_3"], abs=1e-12)


def test_other_kinds_of_skewness_follow() -> None:
    values = array("bfi", BFI_ITEMS)
    found = describe(values, 1, 6)
    n = found.n_obs
    for at, row in enumerate(load("items")["bfi_as_answered"]["total"]):
        second = found.skew[at] * n[at] ** 2 / ((n[at] - 1) * (n[at] - 2))
        assert second == pytest.approx(row["skew_type_2"], rel=1e-10)


def test_floor_and_ceiling_are_shares_of_those_who_answered() -> None:
    values = np.array([[1, 5.0], [1, 3], [5, np.nan], [np.nan, 5]])
    found = describe(values, [1, 1], [5, 5])
    np.testing.assert_allclose(found.floor, [2 / 3, 0])
    np.testing.assert_allclose(found.ceiling, [1 / 3, 2 / 3])
    np.testing.assert_array_equal(found.missing, [1, 1])


@pytest.mark.parametrize("value", [3.0, 0.1, 1e6 + 0.3])
def test_an_item_that_does_not_vary_has_no_shape(value: float) -> None:
    found = describe(np.full((7, 1), value), value, value + 1)
    assert found.mean[0] == pytest.approx(value)
    assert found.sd[0] == 0
    assert np.isnan(found.skew[0])
    assert found.floor[0] == 1


def test_an_item_nobody_answered() -> None:
    found = describe(np.full((3, 1), np.nan), 1, 5)
    assert (found.n_obs[0], found.missing[0]) == (0, 3)
    for name in ("mean", "sd", "skew", "floor", "ceiling"):
        assert np.isnan(getattr(found, name)).all()


def test_one_answer_has_a_mean_alone() -> None:
    found = describe(np.array([[4.0]]), 1, 5)
    assert found.mean[0] == 4
    assert np.isnan([found.sd[0], found.skew[0]]).all()


def test_nobody() -> None:
    assert describe(np.empty((0, 2)), 1, 5).n_obs.tolist() == [0, 0]


@given(st.lists(st.integers(1, 5), min_size=3, max_size=40))
def test_turning_an_item_turns_its_shape(answers: list[int]) -> None:
    values = np.array(answers, dtype=float)[:, None]
    plain, turned = describe(values, 1, 5), describe(6 - values, 1, 5)
    np.testing.assert_allclose(turned.skew, -plain.skew, atol=1e-12)
    np.testing.assert_allclose(turned.floor, plain.ceiling)
    np.testing.assert_allclose(turned.sd, plain.sd, rtol=1e-12)
