from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychometrics import agreement, bland_altman
from psychometrics.errors import DataError
from psychometrics.validity.differences import bin_labels
from tests.validity.small import only
from tests.validity.test_agreement import long, many


def run(frame: pd.DataFrame, **settings: Any) -> Any:
    return bland_altman(frame, "person", "rater", "score", **settings)


def test_limits_are_those_of_the_table() -> None:
    found = run(long(many()))
    table = agreement(long(many()), "person", "rater", "score")
    for _, row in found.limits.iterrows():
        same = only(table, statistic=row["statistic"])
        assert [row[c] for c in ("estimate", "low", "high")] == [
            same[c] for c in ("estimate", "low", "high")
        ]


def test_bins_hold_everybody_and_nobody_alone() -> None:
    found = run(long(many(137)))
    assert found.bins["n_targets"].sum() == 137
    assert found.bins["n_targets"].min() >= 5
    assert len(found.bins) <= 13
    bias = np.average(found.bins["difference"], weights=found.bins["n_targets"])
    assert bias == pytest.approx(found.limits["estimate"].iloc[0])
    assert found.points is None


@pytest.mark.parametrize("n", [5, 6, 9, 10, 23, 500])
def test_bins_are_never_smaller_than_asked(n: int) -> None:
    mean = np.round(np.random.default_rng(n).normal(size=n), 1)
    sizes = np.bincount(bin_labels(mean, 5))
    assert sizes.min() >= 5
    assert sizes.sum() == n


def test_equal_means_stay_in_one_bin() -> None:
    mean = np.repeat([1.0, 2.0, 3.0], [3, 9, 4])
    assert np.bincount(bin_labels(mean, 5)).tolist() == [16]  # the last four can't stand alone
    labels = bin_labels(mean, 5)
    assert all(len(set(labels[mean == v].tolist())) == 1 for v in (1.0, 2.0, 3.0))


def test_too_few_targets_are_not_shown() -> None:
    found = run(long(many(4)))
    assert found.reason.code == "too_few_to_show"
    assert found.limits.empty
    assert found.bins.empty
    assert "fewer than 5" in repr(found)
    assert len(run(long(many(4)), minimum=4).bins) == 1


def test_single_targets_are_there_where_they_are_asked_for() -> None:
    values = many(20)
    values[0, 0] = np.nan
    found = run(long(values), points=True)
    assert (found.n_targets, found.n_dropped, len(found.points)) == (19, 1, 19)
    assert found.points["difference"].mean() == pytest.approx(found.limits["estimate"].iloc[0])


def test_a_pair_is_named_where_there_are_more() -> None:
    frame = long(many(30, 3))
    with pytest.raises(DataError, match=r"holds 3 raters; name two of them: pair=\('a', 'b'\)"):
        run(frame)
    with pytest.raises(DataError, match="must be two different raters; there are a, b, c"):
        run(frame, pair=("a", "d"))
    found = run(frame, pair=("c", "a"))
    assert (found.rater_a, found.rater_b) == ("c", "a")
    other = run(frame, pair=("a", "c"))
    assert found.limits["estimate"].iloc[0] == pytest.approx(-other.limits["estimate"].iloc[0])


def test_a_minimum_of_one_would_show_people() -> None:
    with pytest.raises(DataError, match="minimum=1 is no number of targets"):
        run(long(many()), minimum=1)


def test_no_representation_shows_a_target() -> None:
    found = run(long(many(30)), points=True)
    assert repr(found).startswith("<BlandAltmanResult: a less b, 30 targets")
    assert found._repr_html_().count("<tr>") == 3
    assert list(found.to_frame()["statistic"]) == ["mean_difference", "lower_limit", "upper_limit"]
