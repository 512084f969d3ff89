"""Reliability of service means: numbers, sites, clusters, reasons."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import Moments, group_mean_reliability
from psychometrics.errors import DataError
from psychometrics.stats.group_means import icc1, icc2, one_way, scale_agreement
from tests.reference.load import HS_SCALES, hs, load
from tests.validity.small import SCALES, answers, explained, only, same_numbers

CALM = {"calm": SCALES["calm"]}


def services(n: int = 120, size: int = 6, share: float = 0.5, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    unit = np.arange(n) // size
    level = rng.normal(size=n // size + 1)[unit, None] * np.sqrt(share)
    rows = level + np.sqrt(1 - share) * rng.normal(size=(n, 1)) + 0.7 * rng.normal(size=(n, 3))
    codes = np.clip(np.round(3 + rows), 1, 5)
    frame = pd.DataFrame(codes, columns=SCALES["calm"])
    return frame.assign(unit=unit, site=np.where(unit % 2, "x", "y"))


def test_is_aovs():
    frame = hs().assign(service=np.arange(301) % 23)
    table = group_mean_reliability(frame, HS_SCALES, "service")
    for scale in HS_SCALES:
        recorded = load("consistency")["one_way"][scale]
        row = only(table, scale=scale, statistic="icc1")
        assert [row.f, row.df1, row.df2] == pytest.approx(
            [recorded["f"], recorded["df_between"], recorded["df_within"]]
        )
        mean = only(table, scale=scale, statistic="icc2")
        assert mean.estimate == pytest.approx(1 - 1 / recorded["f"])


def test_by_hand():
    frame = services()
    table = group_mean_reliability(frame, CALM, "unit", response_range=(1, 5))
    found = one_way(frame[SCALES["calm"]].mean(axis=1).to_numpy(), frame.unit.to_numpy())
    assert only(table, statistic="icc1").estimate == pytest.approx(icc1(found))
    assert only(table, statistic="icc2").estimate == pytest.approx(icc2(found))
    variances = frame.groupby("unit")[SCALES["calm"]].var().mean(axis=1).to_numpy()
    agreement = scale_agreement(variances, 2.0, 3)
    row = only(table, statistic="r_wg")
    assert row.estimate == pytest.approx(agreement.mean())
    assert row.n_clusters == 20
    assert row.mean_size == 6


def test_within_leaves_differences_between_sites_out():
    frame = services()
    shifted = frame.copy()
    shifted.loc[shifted.site == "x", SCALES["calm"]] += 10
    options = {"group": "site", "response_range": (1, 15)}
    before, after = (group_mean_reliability(f, CALM, "unit", **options) for f in (frame, shifted))
    columns = ["statistic", "estimate", "low", "high", "f", "df1", "df2"]
    kept = (before.pooling != "total").to_numpy()
    same_numbers(after[kept][columns], before[kept][columns], rtol=1e-9)
    assert (
        only(after, pooling="total", statistic="icc1").estimate
        > only(before, pooling="total", statistic="icc1").estimate
    )
    assert only(before, pooling="within", statistic="icc1").df1 == 18


def test_site_is_the_run_of_its_rows():
    frame = services()
    options = {"response_range": (1, 5)}
    grouped = group_mean_reliability(frame, CALM, "unit", group="site", **options)
    alone = group_mean_reliability(frame[frame.site == "x"], CALM, "unit", **options)
    columns = ["statistic", "estimate", "low", "high", "n_obs", "n_clusters"]
    same_numbers(grouped[grouped.group == "x"][columns], alone[columns])


def test_a_null_variance_of_ones_own():
    frame = services()
    uniform = group_mean_reliability(frame, CALM, "unit", response_range=(1, 5))
    skewed = group_mean_reliability(frame, CALM, "unit", null_variance=1.34)
    assert only(skewed, statistic="r_wg").estimate < only(uniform, statistic="r_wg").estimate


def test_real_sizes():
    parts = [services(n, 3, seed=n).assign(site=f"n{n}") for n in (2, 5, 12, 30, 47)]
    frame = pd.concat(parts)
    table = group_mean_reliability(frame, CALM, "unit", group="site")
    explained(table)
    tiny = only(table, group="n2", statistic="icc1")
    assert tiny.reason.code == "too_few_clusters"


def test_reasons():
    alone = group_mean_reliability(answers(20).assign(unit=range(20)), CALM, "unit")
    assert {why.code for why in alone.reason} == {"clusters_of_one"}
    nobody = group_mean_reliability(answers(20).assign(unit=None), CALM, "unit")
    assert {why.code for why in nobody.reason} == {"too_few_clusters"}
    assert set(nobody.n_obs) == {0}
    flat = services().assign(a1=2.0, a2=2.0, a3=2.0)
    table = group_mean_reliability(flat, CALM, "unit", response_range=(1, 5))
    assert only(table, statistic="icc1").reason.code == "means_do_not_vary"
    assert only(table, statistic="r_wg").estimate == 1.0


def test_misuse():
    with pytest.raises(DataError, match=r"null_variance=-1 is none"):
        group_mean_reliability(services(), CALM, "unit", null_variance=-1)
    moments = Moments(np.eye(2), None, 9, names=("a", "b"))
    with pytest.raises(DataError, match=r"moments hold no clusters"):
        group_mean_reliability(moments, {"S": ["a", "b"]}, "unit")
    with pytest.raises(DataError, match=r"no column 'team'"):
        group_mean_reliability(services(), CALM, "team")
