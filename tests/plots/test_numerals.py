from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics.plots.numerals import (
    bounds,
    count,
    interval,
    is_missing,
    number,
    p_value,
    percent,
)


@pytest.mark.parametrize("value", [None, "", float("nan"), np.nan, pd.NA, pd.NaT])
def test_what_is_missing(value: object) -> None:
    assert is_missing(value)
    assert number(value) == count(value) == percent(value) == p_value(value) == "—"


@pytest.mark.parametrize("value", [0, 0.0, "x", False, np.float64(1), np.int64(3)])
def test_what_is_not_missing(value: object) -> None:
    assert not is_missing(value)


def test_numbers_have_a_true_minus_and_no_negative_zero() -> None:
    assert number(-0.25) == "−0.25"
    assert number(-0.0001) == "0.00"
    assert number(np.float64(0.8139), 3) == "0.814"
    assert number(float("-inf")) == "−∞"


def test_an_estimate_without_interval_stands_alone() -> None:
    assert interval(0.7, float("nan"), None) == "0.70"
    assert interval(0.7, 0.6, 0.8) == "0.70 [0.60, 0.80]"
    assert interval(None, 0.6, 0.8) == "—"
    assert bounds(-0.1, 0.25) == "[−0.10, 0.25]"


def test_counts_shares_and_p_values() -> None:
    assert count(2800.0) == "2,800"
    assert percent(0.0312, 1) == "3.1%"
    assert p_value(2.3e-19) == "<0.001"
    assert p_value(0.0421) == "0.042"
