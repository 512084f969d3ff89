"""Verdicts of coefficients: which side of a threshold, and whose it is."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics import reliability
from psychometrics.errors import DataError
from psychometrics.validity.thresholds import side
from tests.validity.small import SCALES, answers


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.7, 0.9, "above"), (0.5, 0.6999, "below"), (0.5, 0.7, "undecided"),
        (0.6, 0.8, "undecided"), (np.nan, 0.9, "unavailable"), (0.8, np.nan, "unavailable"),
    ],
)  # fmt: skip
def test_sides(low, high, expected):
    assert side(low, high, 0.7) == expected


def test_columns():
    table = reliability(
        answers(60), SCALES, coefficients=["alpha", "average_r"], threshold="cosmin", n_boot=50
    )
    alphas = table[table.coefficient == "alpha"]
    assert set(alphas.threshold) == {0.7}
    assert alphas.threshold_source.str.contains("Prinsen").all()
    assert alphas.verdict.tolist() == [side(row.low, row.high, 0.7) for row in alphas.itertuples()]
    rest = table[table.coefficient == "average_r"]
    assert set(rest.verdict) == {"unavailable"}
    assert rest.threshold.isna().all()


def test_a_threshold_of_ones_own():
    table = reliability(answers(), SCALES, coefficients=["alpha"], threshold=0.2)
    assert set(table.verdict) == {"above"}
    assert set(table.threshold_source) == {"given with the call"}


def test_without_a_threshold_there_are_no_verdicts():
    assert "verdict" not in reliability(answers(), SCALES)


@pytest.mark.parametrize("threshold", [1.5, 0, "nunnally", True])
def test_what_is_no_threshold(threshold):
    with pytest.raises(DataError, match=r"threshold=.* is none"):
        reliability(answers(), SCALES, threshold=threshold)


def test_five_people_decide_nothing():
    table = reliability(answers(5), SCALES, coefficients=["alpha"], threshold="cosmin")
    assert set(table.verdict) == {"undecided"}
