"""Factors and items predicted by covariates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import mimic
from psychometrics.errors import DataError
from tests.reference.load import HS_SCALES, hs, load

RECORD = load("invariance_search")["covariates"]


def people() -> pd.DataFrame:
    frame = hs()
    return frame.assign(
        female=np.where(frame["sex"] == 2, "female", "male"), older=frame["ageyr"].astype(float)
    )


def test_effects_on_factors_and_direct_effects_are_lavaans():
    found = mimic(people(), HS_SCALES, ["female", "older"], references={"female": "male"})
    assert list(found["kind"].unique()) == ["factor", "item"]
    factor = found[found["kind"] == "factor"].set_index(["scale", "covariate"])
    for row in RECORD["effects"]:
        own = factor.loc[(row["lhs"], row["rhs"])]
        assert own["estimate"] == pytest.approx(row["est"], abs=1e-4)
        assert own["se"] == pytest.approx(row["se"], abs=1e-4)
        assert own["low"] == pytest.approx(row["ci.lower"], abs=2e-4)
        assert own["p_value"] == pytest.approx(row["pvalue"], abs=1e-3)
    item = found[found["kind"] == "item"].set_index(["item", "covariate"])
    for row in RECORD["direct"]:
        name, covariate = row["added"].split(" ~ ")
        assert item.loc[(name, covariate), "chi2"] == pytest.approx(row["X2"], rel=1e-3, abs=1e-3)
    assert (item["p_adjusted"] >= item["p_value"]).all()
    assert factor["n_value"]["visual", "female"] == (people()["female"] == "female").sum()


def test_turned_items_and_missing_covariates():
    frame = people()
    frame["x2"] = -frame["x2"]
    frame.loc[:9, "older"] = np.nan
    scales = {"visual": ["x1", "-x2", "x3"], "textual": ["x4", "x5", "x6"]}
    found = mimic(frame, scales, ["older"], estimator="ML")
    assert (found["n_obs"] == len(frame) - 10).all()
    assert found[found["kind"] == "item"]["p_value"].between(0, 1).all()
    assert found["reference"].isna().all()


def test_what_the_design_does_not_separate_is_refused():
    frame = people()
    frame["site"] = np.where(np.arange(len(frame)) % 3 == 0, "ulm", "jerusalem")
    frame["language"] = np.where(frame["site"] == "ulm", "de", "he")
    with pytest.raises(DataError, match="language he can't be told apart"):
        mimic(frame, HS_SCALES, ["site", "language"])
    with pytest.raises(DataError, match="two are needed"):
        mimic(frame.assign(site="ulm"), HS_SCALES, ["site"])
    with pytest.raises(DataError, match="covariates is empty"):
        mimic(frame, HS_SCALES, [])
    with pytest.raises(DataError, match="nowhere"):
        mimic(frame, HS_SCALES, ["nowhere"])
    with pytest.raises(DataError, match="references"):
        mimic(frame, HS_SCALES, ["site"], references={"site": "pune"})
