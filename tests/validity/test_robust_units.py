"""Correlations of factors with errors that don't need normal answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import Moments, cfa, discriminant_validity
from psychometrics.errors import DataError
from psychometrics.validity.discriminant import discriminant_of
from psychometrics.validity.factors import FactorModels
from psychometrics.validity.htmt import htmt_of
from psychometrics.validity.selection import select
from tests.reference.load import BFI_SCALES, bfi, load, rows
from tests.validity.small import ITEMS, SCALES, answers, only, same_numbers, unit

KEYED = {"calm": ["a1", "a2", "a3"], "bold": ["b1", "b2", "b3"]}


def turned(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(b2=6 - frame["b2"])


def error_of(row: pd.Series) -> float:
    return float((row["high"] - row["low"]) / 2 / 1.959963984540054)


def test_robust_errors_are_those_of_lavaan() -> None:
    table = discriminant_validity(bfi(), BFI_SCALES, n_boot=0, se="robust")
    recorded = rows(load("engine_bfi")["one_group"]["MLR_std_lv"]["parameters"])
    recorded = recorded[(recorded["op"] == "~~") & (recorded["lhs"] != recorded["rhs"])]
    assert len(recorded) == len(table) == 10
    for r in recorded.to_dict("records"):
        row = only(table, scale_a=r["lhs"], scale_b=r["rhs"])
        np.testing.assert_allclose(row["correlation"], r["est"], atol=5e-5)
        # lavaan stops short of the maximum, and its errors move with its estimates.
        np.testing.assert_allclose(error_of(row), r["se"], rtol=5e-4)


@pytest.mark.parametrize("weights", [None, "weight"])
def test_each_site_has_the_errors_of_its_own_model(weights: str | None) -> None:
    frame = answers(400, sites=("x", "y")).assign(weight=np.tile([1.0, 2.0, 0.5, 1.5], 100))
    chosen = select(frame, SCALES, group="site", weights=weights)
    table = discriminant_of(FactorModels(chosen), htmt_of(chosen), se="robust")
    for name in ("total", "x", "y"):
        own = turned(frame if name == "total" else frame[frame["site"] == name])
        fit = cfa(KEYED, own, std_lv=True, estimator="MLR", weights=weights)
        there = only(fit.parameters, lhs="calm", op="~~", rhs="bold")
        row = only(table, **unit(name))
        np.testing.assert_allclose(error_of(row), there["se"], rtol=1e-4)
        assert "Huber-White" in row["method"]


def test_within_sites_people_deviate_from_their_own_mean() -> None:
    frame = answers(400, sites=("x", "y"))
    apart = frame.copy()
    apart.loc[apart["site"] == "y", list(ITEMS)] += 7
    one, other = (
        discriminant_validity(data, SCALES, group="site", n_boot=0, se="robust")
        for data in (frame, apart)
    )
    columns = ["correlation", "low", "high"]
    same_numbers(
        one.loc[one["pooling"] == "within", columns],
        other.loc[other["pooling"] == "within", columns],
        rtol=1e-8,
    )
    centred = turned(frame)
    centred[list(ITEMS)] -= centred.groupby("site")[list(ITEMS)].transform("mean")
    fit = cfa(KEYED, centred, std_lv=True, estimator="MLR")
    there = only(fit.parameters, lhs="calm", op="~~", rhs="bold")
    # 400 people stand for 399 there, and for N - G + 1 = 399 here.
    np.testing.assert_allclose(error_of(only(one, **unit("within"))), there["se"], rtol=5e-3)


def test_only_the_intervals_change() -> None:
    frame = answers(200)
    plain, robust = (
        discriminant_validity(frame, SCALES, n_boot=0, se=se)  # type: ignore[arg-type]
        for se in ("standard", "robust")
    )
    kept = ["correlation", "htmt", "htmt2", "chi2_difference", "p_value", "ave_a", "ave_b"]
    same_numbers(plain[kept], robust[kept])
    assert plain["low"].iloc[0] != robust["low"].iloc[0]


def test_moments_have_no_robust_errors() -> None:
    frame = turned(answers(200))[list(ITEMS)]
    moments = Moments(frame.cov(), frame.mean(), len(frame))
    with pytest.raises(DataError, match="needs answers"):
        discriminant_validity(moments, KEYED, n_boot=0, se="robust")
    with pytest.raises(DataError, match="se"):
        discriminant_validity(frame, KEYED, n_boot=0, se="wild")  # type: ignore[arg-type]
