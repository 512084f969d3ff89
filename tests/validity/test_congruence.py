"""factor_congruence(): sites beside the pooled factors and each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychometrics import Moments, factor_congruence
from psychometrics.errors import DataError
from psychometrics.stats.congruence import procrustes, tucker_phi
from psychometrics.stats.efa import extract
from psychometrics.stats.rotation import rotate
from tests.reference.load import HS_ITEMS, hs
from tests.validity.exploratory import two_factors
from tests.validity.small import only, same_numbers

HS = list(HS_ITEMS)


def sites(**frames: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame.assign(site=name) for name, frame in frames.items()])


def schools(**options: Any) -> pd.DataFrame:
    return factor_congruence(hs(), 3, "school", items=HS, **options)


def test_rows_and_columns() -> None:
    table = schools()
    assert list(table.columns) == [
        "group", "other", "factor", "estimate", "low", "high", "level", "n_obs", "n_other",
        "method", "reason",
    ]  # fmt: skip
    assert table["factor"].tolist() == ["F1", "F2", "F3", "all"] * 3
    assert table[["group", "other"]].drop_duplicates().to_numpy().tolist() == [
        ["Grant-White", "within"], ["Pasteur", "within"], ["Grant-White", "Pasteur"],
    ]  # fmt: skip
    row = only(table, group="Grant-White", other="Pasteur", factor="F1")
    assert (row["n_obs"], row["n_other"]) == (145, 156)
    assert row["method"] == "minres, varimax, Procrustes, no interval"
    assert table["low"].isna().all()


def test_by_hand() -> None:
    frame = hs()
    parts = {name: rows[HS].to_numpy() for name, rows in frame.groupby("school")}
    scatter = sum((x - x.mean(0)).T @ (x - x.mean(0)) for x in parts.values())
    sd = np.sqrt(np.diagonal(scatter))
    pooled = extract((scatter / np.outer(sd, sd))[None], 3, "minres").loadings[0]
    goal = rotate(pooled, "varimax").loadings
    own = {
        name: procrustes(extract(np.corrcoef(x, rowvar=False)[None], 3, "minres").loadings[0], goal)
        for name, x in parts.items()
    }
    table = schools()
    expected = np.diagonal(tucker_phi(own["Pasteur"], goal))
    found = table[(table["group"] == "Pasteur") & (table["other"] == "within")]
    np.testing.assert_allclose(found["estimate"].iloc[:3], expected, atol=1e-6)
    between = np.diagonal(tucker_phi(own["Grant-White"], own["Pasteur"]))
    found = table[table["other"] == "Pasteur"]
    np.testing.assert_allclose(found["estimate"].iloc[:3], between, atol=1e-6)
    whole = tucker_phi(own["Grant-White"].reshape(-1, 1), own["Pasteur"].reshape(-1, 1))[0, 0]
    assert found["estimate"].iloc[3] == pytest.approx(whole, abs=1e-6)


def test_sites_of_one_population_agree_and_others_don_t() -> None:
    same = sites(ulm=two_factors(800, seed=1), pune=two_factors(800, seed=2))
    assert factor_congruence(same, 2, "site")["estimate"].min() > 0.98
    # In one site two items stand for the other factor.
    odd = two_factors(800, seed=2).rename(columns={"a": "e", "e": "a", "b": "f", "f": "b"})
    other = factor_congruence(sites(ulm=two_factors(800, seed=1), pune=odd), 2, "site")
    assert only(other, group="pune", other="ulm", factor="all")["estimate"] < 0.8


def test_intervals_cover_the_congruence_of_the_populations() -> None:
    # Two populations whose loadings differ a little; 24 data sets, so 2 misses are to be expected.
    changed = two_factors
    truth = None
    hits = 0
    for seed in range(24):
        frames = {}
        for place, shift in (("ulm", 0.0), ("pune", 0.6)):
            rows = changed(150, seed=100 * seed + round(10 * shift))
            rows["d"] = rows["d"] + shift * rows["e"]
            frames[place] = rows
        table = factor_congruence(sites(**frames), 2, "site", n_boot=100, rng=seed)
        if truth is None:
            large = {}
            for place, shift in (("ulm", 0.0), ("pune", 0.6)):
                rows = changed(200_000, seed=7)
                rows["d"] = rows["d"] + shift * rows["e"]
                large[place] = rows
            everybody = factor_congruence(sites(**large), 2, "site")
            truth = only(everybody, group="pune", other="ulm", factor="all")["estimate"]
        row = only(table, group="pune", other="ulm", factor="all")
        hits += row["low"] <= truth <= row["high"]
    assert hits >= 20


def test_a_site_without_factors_says_why() -> None:
    frame = sites(
        ulm=two_factors(100, seed=1),
        pune=two_factors(100, seed=2),
        kampala=two_factors(6, seed=3),
        hamburg=two_factors(50, seed=4).assign(a=1.0),
    )
    table = factor_congruence(frame, 2, "site", n_boot=20)
    codes = {
        (row["group"], row["other"]): row["reason"].code
        for _, row in table.iterrows()
        if row["reason"]
    }
    assert codes == {
        ("hamburg", "within"): "constant_items",
        ("kampala", "within"): "more_items_than_people",
        ("hamburg", "kampala"): "constant_items",
        ("hamburg", "pune"): "constant_items",
        ("hamburg", "ulm"): "constant_items",
        ("kampala", "pune"): "more_items_than_people",
        ("kampala", "ulm"): "more_items_than_people",
    }
    assert table.loc[table["reason"] != "", ["estimate", "low", "high"]].isna().all().all()
    assert table.loc[table["reason"] == "", ["estimate", "low", "high"]].notna().all().all()


def test_order_of_people_and_another_site_don_t_matter_to_the_streams() -> None:
    frame = sites(ulm=two_factors(120, seed=1), pune=two_factors(120, seed=2))
    once, again = (factor_congruence(frame, 2, "site", n_boot=30, rng=5) for _ in range(2))
    same_numbers(once, again)
    assert once["low"].notna().all()


@pytest.mark.parametrize("method", ["ml", "pa"])
def test_other_extractions(method: str) -> None:
    table = schools(method=method)
    np.testing.assert_allclose(table["estimate"], schools()["estimate"], atol=0.05)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"rotation": "oblimin"}, "compared after orthogonal rotation"),
        ({"rotation": "target_orthogonal"}, "compared after orthogonal rotation"),
        ({"n_factors": 6}, "carry 4 factors at most"),
        ({"method": "gls"}, "method='gls' is not known"),
        ({"n_boot": -1}, "no number of samples"),
        ({"group": "place"}, "no column 'place'"),
        ({"data": two_factors().assign(site="ulm")}, "two sites or more"),
        ({"data": Moments(np.eye(8), None, 50)}, "bring their own groups"),
    ],
)
def test_bad_input_is_named(options: dict[str, Any], sentence: str) -> None:
    frame = sites(ulm=two_factors(100, seed=1), pune=two_factors(100, seed=2))
    call: dict[str, Any] = {"data": frame, "n_factors": 2, "group": "site"} | options
    with pytest.raises(DataError, match=sentence):
        factor_congruence(**call)
