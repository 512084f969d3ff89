"""Differential item functioning in frames."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import PsychometricsError, dif
from psychometrics.validity.dif import DIF_COLUMNS

ITEMS = list("abcde")
SCALES = {"S": ITEMS}
SITES = ("ulm", "pune", "kampala", "haifa")


def answers(n=150, sites=SITES, shift=0.8, seed=3, ordered=True):
    """Sites that differ in the trait's mean and variance; ``c`` is answered higher in pune."""
    rng = np.random.default_rng(seed)
    parts = []
    for g, site in enumerate(sites):
        trait = rng.normal(0.3 * g, 0.8 + 0.15 * g, n)
        y = trait[:, None] * [0.8, 1.0, 0.7, 0.9, 1.1] + rng.normal(size=(n, 5)) * 0.8
        y[:, 2] += shift * (site == "pune")
        y = np.clip(np.round(y + 3), 1, 5) if ordered else y
        parts.append(pd.DataFrame(y, columns=ITEMS).assign(site=site))
    return pd.concat(parts, ignore_index=True)


def flagged(found):
    return sorted(
        set(map(tuple, found.loc[found["flag"].fillna(False), ["item", "group_a"]].values))
    )


@pytest.mark.parametrize("ordered", [True, False])
def test_a_shifted_item_is_found_where_it_is(ordered):
    found = dif(answers(), SCALES, "site", ordered=ordered)
    assert tuple(found.columns) == DIF_COLUMNS
    assert len(found) == 5 * 4 * 2
    assert flagged(found) == [("c", "pune")]
    row = found[(found["item"] == "c") & (found["group_a"] == "pune")].iloc[0]
    assert row["kind"] == "uniform"
    assert row["group_b"] == "others"
    assert row["low"] < row["estimate"] < row["high"]
    assert 0.4 < row["estimate"] < 1.1
    assert 0.5 < row["estimate_points"] < 1.1
    assert (row["n_a"], row["n_b"], row["n_anchors"]) == (150, 450, 4)
    assert not found["reason"].astype(bool).any()
    # The other sites are held against those where the item is the same.
    rest = found[(found["item"] == "c") & (found["group_a"] == "ulm")].iloc[0]
    assert rest["n_b"] == 300


def test_pairs_and_sides_of_one_s_own():
    frame = answers()
    pairs = dif(frame, SCALES, "site", contrasts="pairs", ordered=False)
    assert pairs["contrast"].nunique() == 6
    assert {c for c in pairs.loc[pairs["flag"], "contrast"]} >= {"kampala - pune", "pune - ulm"}
    own = dif(
        frame, SCALES, "site", contrasts={"south": (["pune"], ["ulm", "haifa"])}, ordered=False
    )
    assert set(own["group_b"]) == {"ulm+haifa"}
    assert flagged(own) == [("c", "pune")]
    turned = dif(frame, SCALES, "site", contrasts={"x": (["ulm"], ["pune"])}, ordered=False)
    back = dif(frame, SCALES, "site", contrasts={"x": (["pune"], ["ulm"])}, ordered=False)
    uniform = [part[part["kind"] == "uniform"]["estimate"].to_numpy() for part in (turned, back)]
    np.testing.assert_allclose(uniform[0], -uniform[1], atol=0.02)


def test_given_anchors_leave_the_rest_free():
    found = dif(answers(), SCALES, "site", anchors=["a", "b"], ordered=False)
    anchors = found[found["item"].isin(["a", "b"])]
    assert {why.code for why in anchors["reason"]} == {"dif_is_an_anchor"}
    assert anchors["flag"].isna().all()
    rest = found[~found["item"].isin(["a", "b"])]
    assert (rest["n_anchors"] == 2).all()
    assert ("c", "pune") in flagged(found)


def test_units_don_t_matter():
    frame = answers(ordered=False)
    wide = frame.assign(**{name: 3 + 10 * frame[name] for name in ITEMS})
    one, two = (dif(part, SCALES, "site") for part in (frame, wide))
    np.testing.assert_allclose(one["estimate"], two["estimate"], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(
        10 * one["estimate_points"], two["estimate_points"], rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(one["chi2"], two["chi2"], rtol=1e-3, atol=1e-5)


def test_families():
    frame = answers()
    whole = dif(frame, SCALES, "site", ordered=False)
    planned = dif(frame, SCALES, "site", ordered=False, family=400)
    single = dif(frame, SCALES, "site", ordered=False, family="contrast", adjust="bh")
    assert (planned["p_adjusted"] >= whole["p_adjusted"]).all()
    assert (single["p_adjusted"] >= single["p_value"]).all()
    np.testing.assert_array_equal(whole["p_value"], single["p_value"])


# Edges


def codes(found):
    return {why.code for why in found["reason"] if why}


def test_a_small_group_is_told_and_left_out():
    frame = pd.concat([answers(sites=SITES[:3]), answers(n=1, sites=("haifa",))])
    found = dif(frame, SCALES, "site")
    alone = found[found["group_a"] == "haifa"]
    assert codes(alone) == {"dif_small_group"}
    assert alone["flag"].isna().all()
    assert np.isfinite(found.loc[found["group_a"] != "haifa", "p_value"]).all()


def test_a_group_without_rows():
    found = dif(answers(), SCALES, "site", group_order=["nowhere"])
    assert codes(found[found["group_a"] == "nowhere"]) == {"dif_small_group"}
    assert ("c", "pune") in flagged(found)


@pytest.mark.parametrize("ordered", [True, False])
def test_a_constant_item(ordered):
    frame = answers()
    frame.loc[frame["site"] == "ulm", "b"] = 3.0
    found = dif(frame.assign(e=2.0), SCALES, "site", ordered=ordered)
    assert codes(found[found["item"] == "e"]) == {"dif_item_constant"}
    here = found[(found["item"] == "b") & (found["group_a"] == "ulm")]
    assert codes(here) == {"dif_item_constant_in_group"}
    assert ("c", "pune") in flagged(found)


def test_a_category_missing_in_a_group():
    frame = answers()
    frame.loc[frame["site"] == "ulm", "b"] = frame.loc[frame["site"] == "ulm", "b"].clip(2, 4)
    found = dif(frame, SCALES, "site")
    assert not codes(found)


def test_two_items_can_t_be_told_from_the_trait():
    found = dif(answers(), {"S": ["a", "b"]}, "site")
    assert codes(found) == {"dif_needs_items"}


def test_all_items_different_keeps_anchors():
    frame = answers()
    here = frame["site"] == "pune"
    for at, name in enumerate(ITEMS):
        frame.loc[here, name] = (frame.loc[here, name] + 2 * (-1) ** at).clip(1, 5)
    found = dif(frame, SCALES, "site", ordered=False)
    assert found["n_anchors"].min() >= 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"contrasts": {"x": (["ulm"], ["mars"])}}, "names mars"),
        ({"contrasts": {"x": (["ulm"], ["ulm"])}}, "on both sides"),
        ({"contrasts": {"x": (["ulm"], [])}}, "empty side"),
        ({"contrasts": {"x": "ulm"}}, "needs two sides"),
        ({"anchors": ["zzz"]}, "which no scale has"),
        ({"anchors": {"T": ["a"]}}, "anchors names T"),
        ({"family": "all"}, "family='all'"),
        ({"method": "magic"}, "method"),
    ],
)
def test_what_can_t_be_meant_is_refused(options, told):
    with pytest.raises(PsychometricsError, match=told):
        dif(answers(n=20), SCALES, "site", **options)


def test_one_group_is_none():
    with pytest.raises(PsychometricsError, match="held against each other"):
        dif(answers(sites=("ulm",)), SCALES, "site")


def test_a_group_in_which_nothing_varies_is_no_group():
    frame = answers()
    frame.loc[frame["site"] == "ulm", ITEMS] = 3.0
    found = dif(frame, SCALES, "site")
    assert codes(found[found["group_a"] == "ulm"]) == {"dif_small_group"}
    assert ("c", "pune") in flagged(found)


def test_weights_and_clusters_are_counted():
    frame = answers(ordered=False)
    rng = np.random.default_rng(5)
    weighted = dif(frame.assign(w=1.0), SCALES, "site", weights="w")
    plain = dif(frame, SCALES, "site")
    np.testing.assert_allclose(weighted["chi2"], plain["chi2"], rtol=1e-8)
    uneven = dif(frame.assign(w=rng.uniform(0.2, 3, len(frame))), SCALES, "site", weights="w")
    assert (uneven["se"] > plain["se"]).mean() > 0.8
    # Everybody answers twice: clusters know that there are no more people than before.
    twice = pd.concat([frame, frame], ignore_index=True)
    twice["person"] = np.tile(np.arange(len(frame)), 2).astype(str)
    own = dif(twice, SCALES, "site", cluster="person", purify=False)
    once = dif(frame, SCALES, "site", purify=False)
    np.testing.assert_allclose(own["chi2"], once["chi2"], rtol=0.08)
