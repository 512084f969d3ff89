"""Reliability compared between sites: what is tested, with which numbers, and the reasons."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import Moments, reliability, reliability_differences
from psychometrics.errors import DataError
from psychometrics.stats.alpha_differences import (
    difference_limits,
    feldt_test,
    hakstian_whalen,
    holm,
)
from tests.reference.load import BFI_SCALES, bfi
from tests.validity.small import SCALES, answers, only, same_numbers

CALM = {"calm": SCALES["calm"]}


def by_education() -> tuple[pd.DataFrame, pd.DataFrame]:
    scales = {"A": BFI_SCALES["A"]}
    found = reliability_differences(bfi(), scales, "education")
    table = reliability(bfi(), scales, group="education", coefficients=["alpha"])
    return found, table[table.pooling == "site"]


def test_numbers_are_those_of_the_table():
    found, sites = by_education()
    assert (found.comparison == "pair").sum() == 10
    everybody = sites[(sites.pooling == "site") & (sites.coefficient == "alpha")].n_obs.sum()
    assert found[found.comparison == "all"].n_obs.item() == everybody
    for row in found[found.comparison == "pair"].itertuples():
        a, b = (only(sites, group=name) for name in (row.group_a, row.group_b))
        assert (row.estimate_a, row.estimate_b) == (a.estimate, b.estimate)
        assert (row.n_a, row.n_b) == (a.n_obs, b.n_obs)
        assert row.n_obs == a.n_obs + b.n_obs
        assert row.difference == a.estimate - b.estimate
        limits = difference_limits((a.estimate, a.low, a.high), (b.estimate, b.low, b.high))
        assert (row.low, row.high) == limits
        test = feldt_test([a.estimate, b.estimate], [5, 5], [a.n_obs - 1, b.n_obs - 1])
        assert (row.statistic, row.df, row.df2, row.p_value) == (
            test.statistic, test.df1, test.df2, test.p_value
        )  # fmt: skip
        assert row.method.startswith("Feldt F test; interval from the sites' intervals")


def test_all_at_once():
    found, sites = by_education()
    row = only(found, comparison="all")
    test = hakstian_whalen(sites.estimate, [5] * 5, sites.n_obs - 1)
    assert (row.statistic, row.df, row.p_value) == (test.statistic, 4, test.p_value)
    assert row.method == "Hakstian-Whalen test"
    assert row.n_groups == 5


def test_pairs_are_adjusted_together():
    found, _ = by_education()
    pairs = found[found.comparison == "pair"]
    assert pairs.p_adjusted.tolist() == holm(pairs.p_value).tolist()
    assert found.p_adjusted[found.comparison == "all"].isna().all()


def test_other_coefficients_by_wald_on_their_scale():
    frame = answers(300, sites=["x", "y", "z"])
    found = reliability_differences(frame, CALM, "site", coefficients=["omega_total", "average_r"])
    pairs = found[found.comparison == "pair"]
    assert (
        pairs.method[pairs.coefficient == "omega_total"]
        .str.startswith("Wald test on the logit scale")
        .all()
    )
    assert pairs.p_value.between(0, 1).all()
    every = found[found.comparison == "all"]
    assert every.method.tolist() == [
        "Cochran's Q on the logit scale", "Cochran's Q on the Fisher's z scale"
    ]  # fmt: skip


def test_clusters_take_the_place_of_people():
    frame = answers(120, sites=["x", "y"]).assign(unit=np.arange(120) // 4)
    found = reliability_differences(frame, CALM, "site", cluster="unit")
    assert found.method[0] == "Cochran's Q on the log(1 - x) scale"
    assert found.method[1].startswith("Wald test on the log(1 - x) scale")


def test_two_sites_alike_do_not_differ():
    frame = pd.concat([answers(60).assign(site="x"), answers(60).assign(site="y")])
    found = reliability_differences(frame, CALM, "site")
    pair = only(found, comparison="pair")
    assert pair.difference == 0
    assert pair.p_value == pytest.approx(1, abs=0.02)
    assert pair.low == pytest.approx(-pair.high)
    assert only(found, comparison="all").p_value == pytest.approx(1)


def test_a_site_without_an_estimate():
    frame = answers(90, sites=["x", "y", "z"])
    frame.loc[frame.site == "z", "a1"] = 3.0
    found = reliability_differences(frame, CALM, "site")
    assert only(found, comparison="all").n_groups == 2
    lost = found[found.group_b == "z"]
    assert {why.code for why in lost.reason} == {"site_without_estimate"}
    assert lost.p_value.isna().all()
    assert lost.reason.iloc[0].startswith("z has no estimate")
    kept = only(found, group_a="x", group_b="y")
    assert kept.p_adjusted == kept.p_value


def test_five_people_fall_back_on_the_wald_test():
    frame = pd.concat([answers(60).assign(site="x"), answers(5, seed=3).assign(site="y")])
    pair = only(reliability_differences(frame, CALM, "site"), comparison="pair")
    assert "Wald" in pair.method
    assert np.isfinite(pair.p_value)


def test_one_site():
    found = reliability_differences(answers(60, sites=["x"]), CALM, "site")
    assert found.comparison.tolist() == ["all"]
    assert found.reason[0].code == "no_synthesis"


def test_same_seed_same_digits():
    frame = answers(90, sites=["x", "y"])
    one, other = (
        reliability_differences(
            frame, SCALES, "site", coefficients=["omega_total"], n_boot=50, rng=3
        )
        for _ in range(2)
    )
    same_numbers(one, other)


def test_what_cannot_be_compared():
    with pytest.raises(DataError, match=r"omega_subscale can't be compared here"):
        reliability_differences(answers(), SCALES, "site", coefficients=["omega_subscale"])
    moments = Moments(np.eye(2), None, 10, names=("a", "b"))
    with pytest.raises(DataError, match=r"need the answers, with a column"):
        reliability_differences(moments, {"S": ["a", "b"]}, "site")
