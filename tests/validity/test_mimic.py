"""Covariates of factors and items, and intraclass correlations of items by site."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import PsychometricsError, cfa, item_site_icc, mimic
from psychometrics.stats.group_means import icc1, one_way
from tests.reference.load import HS_SCALES, hs

MODEL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6"


def test_a_mimic_model_is_cfa_with_dummies():
    frame = hs()
    found = mimic(MODEL, frame, ["school", "ageyr"], direct=[("x3", "school")])
    by_hand = cfa(
        MODEL + "\nvisual ~ g + ageyr\ntextual ~ g + ageyr\nx3 ~ g",
        frame.assign(g=(frame["school"] == "Pasteur") * 1.0), estimator="MLR", std_lv=True,
    )  # fmt: skip
    own = by_hand.parameters[by_hand.parameters["op"] == "~"]
    np.testing.assert_allclose(found.effects["estimate"], own["estimate"], atol=1e-6)
    np.testing.assert_allclose(found.effects["se"], own["se"], atol=1e-6)
    assert found.effects["kind"].tolist() == ["factor"] * 4 + ["direct"]
    assert found.effects["category"].tolist()[0] == "Pasteur"
    assert found.effects["reference"].tolist()[0] == "Grant-White"
    direct = found.effects.iloc[-1]
    np.testing.assert_allclose(direct["std"], direct["estimate"] / frame["x3"].std(), rtol=0.02)
    assert "MIMIC" in str(found)


def test_the_reference_is_the_caller_s():
    one = mimic({"v": HS_SCALES["visual"]}, hs(), ["school"]).effects
    two = mimic(
        {"v": HS_SCALES["visual"]}, hs(), ["school"], reference={"school": "Pasteur"}
    ).effects
    np.testing.assert_allclose(one["estimate"], -two["estimate"], atol=1e-5)


def test_language_and_site_can_t_be_told_apart():
    frame = hs()
    frame["language"] = np.where(frame["school"] == "Pasteur", "sw", "lg")
    with pytest.raises(PsychometricsError, match="language sw can't be told apart"):
        mimic(MODEL, frame, ["school", "language"])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"covariates": "school"}, "give a list"),
        ({"covariates": ["school"], "direct": [("x9", "school")]}, "direct names 'x9'"),
        ({"covariates": ["school"], "reference": {"school": "Eton"}}, "no category 'Eton'"),
        ({"covariates": ["scholl"]}, "no column 'scholl'"),
    ],
)
def test_what_can_t_be_meant_is_refused(options, told):
    with pytest.raises(PsychometricsError, match=told):
        mimic(MODEL, hs(), **options)


def test_items_intraclass_correlations():
    found = item_site_icc(hs(), HS_SCALES, "school")
    assert found["item"].tolist() == [f"x{k}" for k in range(1, 10)]
    frame = hs()
    own = one_way(frame["x4"].to_numpy(), (frame["school"] == "Pasteur").to_numpy().astype(int))
    row = found.set_index("item").loc["x4"]
    np.testing.assert_allclose(row["estimate"], icc1(own))
    assert row["low"] < row["estimate"] < row["high"]
    assert row["n_groups"] == 2


def test_items_without_an_intraclass_correlation():
    frame = pd.DataFrame({"a": [1.0, 1, 2, 2], "b": [1.0, 2, 3, 4], "site": list("ppqq")})
    found = item_site_icc(frame, ["a", "b"], "site").set_index("item")
    assert found.loc["a", "reason"].code == "interval_of_icc"
    assert np.isfinite(found.loc["b", "estimate"])
    one = item_site_icc(frame.assign(site="p"), ["b"], "site")
    assert one["reason"].iloc[0].code == "too_few_groups"
    alone = item_site_icc(frame.assign(site=list("pqrs")), ["b"], "site")
    assert alone["reason"].iloc[0].code == "clusters_of_one"
