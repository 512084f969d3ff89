"""Three-way decisions about pairs of scales, by whole intervals."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from psychometrics import discriminant_validity, distinctness
from psychometrics.errors import DataError
from tests.reference.load import BFI_SCALES, bfi
from tests.validity.small import SCALES, answers, only


@pytest.fixture(scope="module")
def pairs() -> pd.DataFrame:
    return discriminant_validity(bfi(), BFI_SCALES, n_boot=100)


def changed(pairs: pd.DataFrame, **cells: float) -> pd.DataFrame:
    return pairs.head(1).assign(**cells)


def decision(pairs: pd.DataFrame, statistic: str, threshold: float) -> str:
    return str(only(distinctness(pairs), statistic=statistic, threshold=threshold)["decision"])


def test_every_pair_is_held_against_both_thresholds_the_correlation_first(
    pairs: pd.DataFrame,
) -> None:
    table = distinctness(pairs)
    assert len(table) == 10 * 3 * 2
    assert table["statistic"].head(2).tolist() == ["correlation", "correlation"]
    assert table["threshold"].head(2).tolist() == [0.85, 0.9]
    assert set(table["decision"]) == {"distinct"}


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.5, 0.84, ("distinct", "distinct")),
        (0.5, 0.86, ("undecided", "distinct")),
        (0.86, 0.89, ("not_distinct", "distinct")),
        (0.91, 1.1, ("not_distinct", "not_distinct")),
        # The size counts, and 0 inside an interval is the smallest size.
        (-0.95, -0.5, ("undecided", "undecided")),
        (-0.3, 0.4, ("distinct", "distinct")),
        (np.nan, np.nan, ("unavailable", "unavailable")),
    ],
)
def test_the_whole_interval_decides(
    pairs: pd.DataFrame, low: float, high: float, expected: tuple[str, str]
) -> None:
    given = changed(pairs, low=low, high=high)
    assert (decision(given, "correlation", 0.85), decision(given, "correlation", 0.9)) == expected


def test_only_declared_pairs_are_decided(pairs: pd.DataFrame) -> None:
    table = distinctness(pairs, distinct=[("N", "A")])
    assert set(zip(table["scale_a"], table["scale_b"], strict=True)) == {("A", "N")}
    assert distinctness(pairs, distinct=[]).empty


def test_what_has_no_interval_says_why() -> None:
    frame = answers(12, sites=("x", "y"))
    table = distinctness(discriminant_validity(frame, SCALES, group="site", n_boot=0))
    assert (table["decision"] == "unavailable").sum() > 0
    for _, row in table.iterrows():
        assert (row["decision"] == "unavailable") == bool(row["reason"])


def test_wrong_frames_and_names_are_refused(pairs: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="htmt_low"):
        distinctness(pairs.drop(columns="htmt_low"))
    with pytest.raises(DataError, match="A and Z"):
        distinctness(pairs, distinct=[("A", "Z")])


def test_a_frame_of_all_pairs_covers_each_once(pairs: pd.DataFrame) -> None:
    table = distinctness(pairs).query("statistic == 'htmt' and threshold == 0.9")
    assert list(zip(table["scale_a"], table["scale_b"], strict=True)) == list(
        combinations(BFI_SCALES, 2)
    )
