from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from psychometrics.stats.response_style import (
    intra_individual_sd,
    longest_run,
    same_answers,
    wilson_interval,
)
from tests.reference.load import BFI_ITEMS, array, load

RECORDED: dict[str, Any] = load("quality")["style"]


def answers() -> Any:
    return array("bfi", BFI_ITEMS)[:300]


def test_runs_are_those_of_rle_in_r() -> None:
    assert longest_run(answers()).tolist() == RECORDED["longest_run"]


def test_variability_is_that_of_sd_in_r() -> None:
    found = intra_individual_sd(answers())
    expected = np.array([np.nan if v is None else v for v in RECORDED["sd"]], dtype=float)
    assert found == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_gaps_and_other_kinds_of_answers_end_a_run() -> None:
    x = np.array([[3.0, 3, np.nan, 3, 3, 3], [np.nan] * 6, [2, 2, 2, 2, 2, 2]])
    assert longest_run(x).tolist() == [3, 0, 6]
    assert longest_run(x, [0, 0, 0, 0, 1, 1]).tolist() == [2, 0, 4]


def test_variability_of_several_kinds_is_about_the_mean_of_each() -> None:
    x = np.array([[1.0, 2, 3, 10, 20], [5, np.nan, np.nan, 7, np.nan]])
    found = intra_individual_sd(x, [0, 0, 0, 1, 1])
    assert found[0] == pytest.approx(((2 + 50) / 3) ** 0.5)
    assert np.isnan(found[1])


def test_equal_answers_are_counted_with_their_gaps() -> None:
    x = np.array([[1.0, np.nan], [1, np.nan], [1, 1], [np.nan, 1]])
    assert same_answers(x).tolist() == [2, 2, 1, 1]


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_wilson_s_interval_as_printed(count: int, n: int, low: float, high: float) -> None:
    found = wilson_interval(count, n)
    assert round(float(found.low), 4) == low
    assert round(float(found.high), 4) == high


def test_wilson_s_interval_at_the_ends_and_without_anybody() -> None:
    found = wilson_interval([20, 0], [20, 0])
    assert found.high[0] == 1
    assert np.isnan(found.low[1])
