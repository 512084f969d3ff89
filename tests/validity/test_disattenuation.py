from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychometrics import Moments, disattenuated_correlations, reliability
from psychometrics.errors import DataError
from psychometrics.stats.disattenuation import disattenuate
from psychometrics.stats.resampling import percentile_interval
from tests.validity.small import SCALES, answers, explained, only, same_numbers


def run(frame: pd.DataFrame, **settings: Any) -> pd.DataFrame:
    return disattenuated_correlations(frame, SCALES, **{"n_boot": 300} | settings)


def people(n: int = 300, *, sites: str = "") -> pd.DataFrame:
    frame = answers(n, sites=sites)
    frame["age"] = 30 + 5 * frame["a1"] + 8 * np.random.default_rng(3).normal(size=n)
    return frame


def test_estimates_follow_from_scores_and_alphas() -> None:
    frame = people()
    found = only(run(frame, comparators=["age"]), kind="scale")
    alphas = reliability(frame, SCALES, coefficients=["alpha"]).set_index("scale")["estimate"]
    calm = frame[["a1", "a2", "a3"]].mean(axis=1)
    bold = (frame["b1"] + 6 - frame["b2"] + frame["b3"]) / 3
    r = np.corrcoef(calm, bold)[0, 1]
    assert found["observed"] == pytest.approx(r)
    assert found["estimate"] == pytest.approx(r / np.sqrt(alphas["calm"] * alphas["bold"]))
    assert found["scale_reliability"] == pytest.approx(alphas["calm"])
    assert found["low"] < found["estimate"] < found["high"]


def test_comparators_have_no_error_unless_it_is_known() -> None:
    frame = people()
    plain = only(run(frame, comparators=["age"]), scale="calm", comparator="age")
    alpha = reliability(frame, SCALES, coefficients=["alpha"])["estimate"].iloc[0]
    assert plain["comparator_reliability"] == 1
    assert plain["estimate"] == pytest.approx(plain["observed"] / alpha**0.5)
    table = run(frame, comparators=["age"], reliabilities={"age": 0.64, "calm": 0.81})
    known = only(table, scale="calm", comparator="age")
    assert known["estimate"] == pytest.approx(plain["observed"] / 0.72)


def test_sites_are_those_of_their_own_rows_and_are_synthesised() -> None:
    frame = people(300, sites="abc")
    found = run(frame, group="site")
    alone = run(frame[frame["site"] == "b"])
    here, there = only(found, group="b"), only(alone, pooling="total")
    assert here["estimate"] == pytest.approx(there["estimate"])
    meta = only(found, pooling="meta")
    assert meta["n_groups"] == 3
    assert set(found["pooling"]) == {"total", "within", "site", "meta"}
    explained(found)


def test_another_site_changes_no_interval() -> None:
    frame = people(300, sites="abc")
    more = run(frame, group="site")
    fewer = run(frame[frame["site"] != "c"], group="site")
    assert only(more, group="a")["low"] == only(fewer, group="a")["low"]


def test_the_same_seed_gives_the_same_interval() -> None:
    frame = people(100)
    same_numbers(run(frame, rng=2).drop(columns="reason"), run(frame, rng=2).drop(columns="reason"))
    assert only(run(frame, rng=2))["low"] != only(run(frame, rng=3))["low"]


def test_without_samples_there_is_no_interval() -> None:
    found = only(run(people(), n_boot=0))
    assert np.isfinite(found["estimate"])
    assert np.isnan(found["low"])


def test_rows_without_one_of_the_two_take_no_part_in_that_pair_alone() -> None:
    frame = people()
    frame.loc[:49, "age"] = np.nan
    found = run(frame, comparators=["age"])
    assert found.groupby("kind")["n_obs"].first().to_dict() == {"comparator": 250, "scale": 300}


def test_what_can_not_be_had_has_a_reason() -> None:
    frame = people(200, sites="ab")
    frame.loc[frame["site"] == "b", "a1"] = 3.0
    found = run(frame, group="site")
    assert only(found, group="b")["reason"].code == "constant_items"
    single = disattenuated_correlations(frame, {"one": ["a2"], **SCALES}, n_boot=0)
    assert only(single, scale="one", comparator="bold")["reason"].code == "too_few_items"
    assert only(single, scale="one", comparator="calm")["reason"].code == "shared_items"
    rng = np.random.default_rng(1)
    noise = frame.assign(a1=rng.normal(size=200), a2=lambda f: -f["a1"] + rng.normal(size=200))
    apart = disattenuated_correlations(noise, {"x": ["a1", "a2"], "y": ["b1", "b3"]}, n_boot=0)
    assert only(apart)["reason"].code == "no_reliability"
    explained(found)


def test_misuse_is_refused() -> None:
    with pytest.raises(DataError, match="needs the answers themselves"):
        run(Moments(np.eye(2), n=10))  # type: ignore[arg-type]
    with pytest.raises(DataError, match="'weight', which is no scale or comparator here"):
        run(people(), reliabilities={"weight": 0.9})
    with pytest.raises(DataError, match="90 is no reliability of calm"):
        run(people(), reliabilities={"calm": 90})
    with pytest.raises(DataError, match="calm names a scale and a comparator"):
        run(people().assign(calm=1.0), comparators=["calm"])
    with pytest.raises(DataError, match="no column 'height'"):
        run(people(), comparators=["height"])


def test_percentile_intervals_cover() -> None:
    """200 samples of 150 from two tau-equivalent scales whose traits correlate .5."""
    rng = np.random.default_rng(5)
    root = np.linalg.cholesky([[1.0, 0.5], [0.5, 1.0]])
    inside = 0
    for _ in range(200):
        traits = (rng.normal(size=(150, 2)) @ root.T).repeat(3, axis=1)
        x = traits + rng.normal(size=(150, 6))
        counts = rng.multinomial(150, np.full(150, 1 / 150), size=400).astype(float)
        mean = counts @ x / 150
        products = (x[:, :, None] * x[:, None, :]).reshape(150, 36)
        covariance = (counts @ products).reshape(-1, 6, 6) / 150
        covariance -= mean[:, :, None] * mean[:, None, :]
        low, high = percentile_interval(disattenuate(covariance, 3).estimate, 0.95)
        inside += bool(low <= 0.5 <= high)
    # Three binomial standard errors are .046.
    assert inside / 200 == pytest.approx(0.95, abs=0.046)
