from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychometrics import Moments, data_quality, effect_of_exclusion, reliability
from psychometrics.errors import DataError
from tests.validity.small import SCALES, answers, only


def alpha(frame: pd.DataFrame) -> pd.DataFrame:
    return reliability(frame, SCALES, group="site", coefficients=["alpha"])


def run(frame: pd.DataFrame, masks: Any) -> pd.DataFrame:
    return effect_of_exclusion(alpha, frame, masks)


def test_both_results_stand_side_by_side() -> None:
    frame = answers(150, sites="ab")
    mask = np.arange(150) < 30
    found = run(frame, {"first": mask})
    whole, kept = alpha(frame), alpha(frame[~mask])
    for table, names in (
        (whole, ("estimate", "low", "high", "n_obs")),
        (kept, ("estimate_without", "low_without", "high_without", "n_obs_without")),
    ):
        for name, column in zip(names, ("estimate", "low", "high", "n_obs"), strict=True):
            assert found[name].to_numpy() == pytest.approx(table[column].to_numpy(), nan_ok=True)
    assert found["difference"].to_numpy() == pytest.approx(
        kept["estimate"].to_numpy() - whole["estimate"].to_numpy()
    )
    assert set(found["n_excluded"]) == {30}


def test_several_exclusions_are_tried_one_by_one_and_together() -> None:
    frame = answers(150, sites="ab")
    first, last = np.arange(150) < 10, np.arange(150) >= 145
    found = run(frame, {"first": first, "last": last})
    assert found.groupby("excluded", sort=False)["n_excluded"].first().to_dict() == {
        "first": 10, "last": 5, "any": 15,
    }  # fmt: skip


def test_flags_of_data_quality_can_be_passed_on() -> None:
    frame = answers(150, sites="ab")
    for name in ("more1", "more2", "more3", "more4"):
        frame[name] = np.random.default_rng(len(frame.columns)).integers(1, 6, 150).astype(float)
    scales = {**SCALES, "more": ["more1", "more2", "more3", "more4"]}
    frame.loc[:4, [item.lstrip("-") for items in scales.values() for item in items]] = 3.0
    found = run(frame, data_quality(frame, scales, response_range=(1, 5)))
    assert set(found["excluded"]) == {"straight_line"}
    assert set(found["n_excluded"]) == {5}


def test_a_site_that_is_gone_has_a_reason() -> None:
    frame = answers(150, sites="ab")
    found = run(frame, {"site b": (frame["site"] == "b").to_numpy()})
    gone = only(found, scale="calm", pooling="site", group="b")
    assert gone["reason"].code == "nobody_left"
    assert np.isfinite(gone["estimate"])
    assert np.isnan(gone["estimate_without"])
    assert np.isfinite(only(found, scale="calm", pooling="total")["estimate_without"])


def test_misuse_is_refused() -> None:
    frame = answers(20, sites="ab")
    with pytest.raises(DataError, match="exclusions is empty"):
        run(frame, {})
    with pytest.raises(DataError, match="first: give a truth value for each of the 20 rows"):
        run(frame, {"first": [True, False]})
    with pytest.raises(DataError, match="no column 'r'"):
        effect_of_exclusion(
            alpha, frame, {"x": np.zeros(20, dtype=bool)}, columns=("r", "low", "high")
        )
    with pytest.raises(DataError, match="needs the answers themselves"):
        effect_of_exclusion(alpha, Moments(np.eye(2), n=9), {"x": [True]})
