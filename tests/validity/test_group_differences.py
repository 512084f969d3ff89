from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychometrics import Moments, group_differences
from psychometrics.errors import DataError
from psychometrics.stats.superiority import superiority
from tests.validity.small import SCALES, answers, explained, only, same_numbers


def people(n: int = 200, *, sites: str = "", shift: float = 0.8) -> pd.DataFrame:
    frame = answers(n, sites=sites)
    role = np.random.default_rng(2).integers(0, 2, n)
    for item in ("a1", "a2", "a3"):
        frame[item] = np.clip(frame[item] + np.round(shift * role), 1, 5)
    frame["role"] = np.where(role == 1, "staff", "user")
    return frame


def run(frame: pd.DataFrame, **settings: Any) -> pd.DataFrame:
    chosen = {"higher": "staff", "lower": "user"} | settings
    return group_differences(frame, SCALES, "role", **chosen)


def test_both_statistics_are_those_of_the_scores() -> None:
    frame = people()
    found = run(frame)
    calm = frame[["a1", "a2", "a3"]].mean(axis=1)
    a, b = calm[frame["role"] == "staff"], calm[frame["role"] == "user"]
    pooled = (((len(a) - 1) * a.var() + (len(b) - 1) * b.var()) / (len(a) + len(b) - 2)) ** 0.5
    d = (a.mean() - b.mean()) / pooled
    g = only(found, scale="calm", statistic="hedges_g")
    # Hedges' approximate factor is right to five digits here.
    assert g["estimate"] == pytest.approx(d * (1 - 3 / (4 * (len(frame) - 2) - 1)), rel=1e-5)
    chance = only(found, scale="calm", statistic="superiority")
    assert chance["estimate"] == pytest.approx(superiority(a.to_numpy(), b.to_numpy()))
    assert (chance["n_higher"], chance["n_lower"]) == (len(a), len(b))
    assert chance["low"] > 0.5
    nothing = only(found, scale="bold", statistic="superiority")
    assert nothing["low"] < 0.5 < nothing["high"]


def test_sites_have_rows_of_their_own_and_are_synthesised() -> None:
    frame = people(300, sites="abc")
    found = run(frame, group="site")
    alone = run(frame[frame["site"] == "b"])
    for statistic in ("hedges_g", "superiority"):
        here = only(found, scale="calm", statistic=statistic, group="b")
        there = only(alone, scale="calm", statistic=statistic)
        assert [here[c] for c in ("estimate", "low", "high")] == pytest.approx(
            [there[c] for c in ("estimate", "low", "high")]
        )
        meta = only(found, scale="calm", statistic=statistic, pooling="meta")
        assert meta["n_groups"] == 3
        assert meta["n_higher"] == (frame["role"] == "staff").sum()
    explained(found)


def test_differences_between_sites_are_not_in_the_within_rows() -> None:
    frame = people(400, sites="ab", shift=0.0)
    # Site b scores higher and has more staff, who don't differ from others there.
    there = (frame["site"] == "b").to_numpy()
    frame.loc[there, ["a1", "a2", "a3"]] += 3
    rng = np.random.default_rng(1)
    frame["role"] = np.where(rng.random(400) < np.where(there, 0.8, 0.2), "staff", "user")
    found = run(frame, group="site")
    for statistic, none in (("hedges_g", 0.0), ("superiority", 0.5)):
        total = only(found, scale="calm", statistic=statistic, pooling="total")
        within = only(found, scale="calm", statistic=statistic, pooling="within")
        assert total["low"] > none
        assert within["low"] < none < within["high"]


def test_turning_the_groups_round_turns_the_estimates() -> None:
    one = run(people())
    two = run(people(), higher="user", lower="staff")
    assert one["estimate"].to_numpy()[::2] == pytest.approx(-two["estimate"].to_numpy()[::2])
    assert one["estimate"].to_numpy()[1::2] == pytest.approx(1 - two["estimate"].to_numpy()[1::2])


def test_numbers_name_groups_too_and_others_take_no_part() -> None:
    frame = people()
    frame["code"] = frame["role"].map({"staff": 1.0, "user": 2.0})
    frame.loc[:9, "code"] = 3.0
    found = group_differences(frame, SCALES, "code", higher="1", lower="2")
    again = run(frame.iloc[10:])
    same_numbers(
        found.drop(columns=["higher", "lower", "reason"]),
        again.drop(columns=["higher", "lower", "reason"]), 1e-12,
    )  # fmt: skip


def test_what_can_not_be_had_has_a_reason() -> None:
    frame = people(200, sites="ab")
    frame.loc[frame["site"] == "a", "role"] = "staff"
    frame.loc[(frame["site"] == "b"), ["b1", "b2", "b3"]] = 3.0
    found = run(frame, group="site")
    assert only(found, scale="calm", statistic="hedges_g", group="a")["reason"].code == (
        "too_few_in_group"
    )
    assert only(found, scale="bold", statistic="hedges_g", group="b")["reason"].code == (
        "no_difference_to_scale"
    )
    assert only(found, scale="bold", statistic="superiority", group="b")["estimate"] == 0.5
    explained(found)


def test_misuse_is_refused() -> None:
    frame = people()
    with pytest.raises(DataError, match="Nobody has 'boss' in the column 'role'; it holds 'staff'"):
        run(frame, higher="boss")
    with pytest.raises(DataError, match="higher and lower are both 'user'"):
        run(frame, higher="user")
    with pytest.raises(DataError, match="statistics='auc' is not known here"):
        run(frame, statistics=["auc"])
    with pytest.raises(DataError, match="no column 'role'"):
        run(frame.drop(columns="role"))
    with pytest.raises(DataError, match="needs the answers themselves"):
        run(Moments(np.eye(2), n=9))  # type: ignore[arg-type]
