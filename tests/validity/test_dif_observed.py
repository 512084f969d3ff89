"""Ordinal logistic regression and Mantel's tests on matched scores, in frames."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import PsychometricsError, dif
from psychometrics.validity.dif import LOGISTIC_COLUMNS, MANTEL_COLUMNS
from tests.reference.load import BFI_SCALES, bfi, load
from tests.validity.test_dif import ITEMS, SCALES, SITES, answers, codes, flagged

METHODS = ("ordinal_logistic", "mantel")


def alike(n=200, shift=0.8, seed=4):
    """Sites of one distribution; ``c`` is answered higher in pune."""
    rng = np.random.default_rng(seed)
    site = np.repeat(SITES, n)
    y = rng.normal(size=(len(site), 1)) + rng.normal(size=(len(site), 5)) * 0.9
    y[site == "pune", 2] += shift
    frame = pd.DataFrame(np.clip(np.round(y + 3), 1, 5), columns=ITEMS)
    return frame.assign(site=site)


@pytest.mark.parametrize("method", METHODS)
def test_a_shifted_item_is_found_where_it_is(method):
    found = dif(alike(), SCALES, "site", method=method)
    assert tuple(found.columns) == (LOGISTIC_COLUMNS if method != "mantel" else MANTEL_COLUMNS)
    assert ("c", "pune") in flagged(found)
    row = found[(found["item"] == "c") & (found["group_a"] == "pune")].iloc[0]
    assert row["low"] < row["estimate"] < row["high"]
    assert row["log_odds"] > 0
    assert (row["n_a"], row["n_b"]) == (200, 600)
    assert "purified" in row["method"]
    (warned,) = found.attrs["findings"]
    assert warned.code == "dif_observed_score"
    assert "13 to 61 %" in warned.message


def test_logistic_frames_hold_clm_s_numbers():
    recorded = [row for row in load("dif")["logistic"]["gender"] if row["scale"] == "A"]
    found = dif(
        bfi(), {"A": BFI_SCALES["A"]}, "gender", method="ordinal_logistic", purify=False,
        contrasts={"women": (["2"], ["1"])},
    )  # fmt: skip
    likelihood = np.array([row["log_likelihood"] for row in recorded])
    for kind, first, second in (("uniform", 1, 2), ("nonuniform", 2, 3), ("total", 1, 3)):
        chi2 = 2 * (likelihood[:, second] - likelihood[:, first])
        np.testing.assert_allclose(found[f"chi2_{kind}"], chi2, atol=1e-6)
        r2 = (likelihood[:, second] - likelihood[:, first]) / -likelihood[:, 0]
        np.testing.assert_allclose(found[f"r2_{kind}"], r2, atol=1e-9)
    np.testing.assert_allclose(found["log_odds"], [row["group"] for row in recorded], atol=1e-6)
    np.testing.assert_allclose(
        found["log_odds_slope"], [row["product"] for row in recorded], atol=1e-6
    )
    # An effect in points goes with the log-odds.
    assert (np.sign(found["estimate"]) == np.sign(found["log_odds"])).all()


@pytest.mark.parametrize("method", METHODS)
def test_all_groups_at_once(method):
    found = dif(alike(), SCALES, "site", method=method, contrasts="omnibus")
    assert len(found) == 5
    assert (found["group_a"] == "any").all()
    assert found.set_index("item").loc["c", "flag"]
    df = found["df_uniform" if method != "mantel" else "df"]
    assert (df == 3).all()


def test_yes_no_items_have_ets_classes():
    frame = alike(shift=1.2)
    frame[ITEMS] = (frame[ITEMS] > 3).astype(float)
    found = dif(frame, SCALES, "site", method="mantel")
    row = found[(found["item"] == "c") & (found["group_a"] == "pune")].iloc[0]
    assert row["ets_class"] in {"B", "C"}
    np.testing.assert_allclose(row["delta"], 2.35 * row["log_odds"])
    assert row["delta"] > 1


def test_a_sum_without_the_item_itself():
    one = dif(alike(), SCALES, "site", method="mantel", purify=False)
    two = dif(alike(), SCALES, "site", method="mantel", purify=False, matching="rest")
    assert not np.allclose(one["chi2"], two["chi2"])
    assert "item itself" in one["method"].iloc[0]
    assert "item itself" not in two["method"].iloc[0]


@pytest.mark.parametrize("method", METHODS)
def test_edges(method):
    frame = pd.concat([alike(), alike(n=1).iloc[:1].assign(site="alone")])
    frame = frame.assign(e=2.0)
    frame.loc[frame["site"] == "ulm", "b"] = 3.0
    found = dif(frame, SCALES, "site", method=method)
    assert codes(found[found["group_a"] == "alone"]) == {"dif_small_group"}
    assert codes(found[(found["item"] == "e") & (found["group_a"] == "pune")]) == {
        "dif_item_constant"
    }
    assert codes(found[(found["item"] == "b") & (found["group_a"] == "ulm")]) == {
        "dif_item_constant_in_group"
    }
    assert found.loc[found["reason"].astype(bool), "flag"].isna().all()
    assert codes(dif(alike(), {"S": ["a", "b"]}, "site", method=method)) == {"dif_needs_items"}
    whole = dif(alike().assign(site="x"), SCALES, "site", method=method, group_order=["y"])
    assert codes(whole) == {"dif_small_group"}


@pytest.mark.parametrize("method", METHODS)
def test_perfect_separation_is_told(method):
    frame = alike().query("site in ['ulm', 'pune']").copy()
    frame["c"] = np.where(frame["site"] == "pune", 5.0, 1.0)
    # One of each side answers otherwise, so that the item varies in both.
    frame.loc[frame.index[0], "c"] = 2.0
    frame.loc[frame.index[-1], "c"] = 4.0
    found = dif(frame, SCALES, "site", method=method)
    row = found[found["item"] == "c"].iloc[0]
    assert row["reason"].code in {"dif_separated", "dif_nothing_to_match"}


def test_answers_that_are_no_categories():
    frame = answers(ordered=False)
    found = dif(frame, SCALES, "site", method="ordinal_logistic")
    assert codes(found) == {"dif_too_many_answers"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"missing": "fiml"}, "needs all answers"),
        ({"weights": "a"}, "no weights or clusters"),
        ({"cluster": "a"}, "no weights or clusters"),
        ({"matching": "theta"}, "matching"),
    ],
)
def test_what_tables_can_t_do_is_refused(options, told):
    with pytest.raises(PsychometricsError, match=told):
        dif(alike(n=20), SCALES, "site", method="mantel", **options)


def test_a_model_has_no_omnibus_test():
    with pytest.raises(PsychometricsError, match="omnibus"):
        dif(alike(n=20), SCALES, "site", contrasts="omnibus")
