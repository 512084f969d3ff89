from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychometrics import (
    convergent_validity,
    discriminant_validity,
    htmt,
    impute,
    over_imputations,
    reliability,
)
from psychometrics.errors import DataError
from psychometrics.stats.reliability import bonett_variance
from psychometrics.stats.rubin import pool
from psychometrics.validity.over_imputations import scale_for
from tests.validity.small import SCALES, answers, explained, only
from tests.validity.test_imputation import with_gaps


@pytest.fixture(scope="module")
def sets() -> Any:
    return impute(with_gaps(240, sites="abc"), SCALES, 6, group="site", iterations=3)


def alpha(frame: pd.DataFrame) -> pd.DataFrame:
    return reliability(frame, SCALES, group="site", coefficients=["alpha"], interval="bonett")


def test_alphas_are_pooled_on_the_scale_of_their_interval(sets: Any) -> None:
    found = only(over_imputations(alpha, sets), scale="calm", pooling="total")
    tables = [only(alpha(frame), scale="calm", pooling="total") for frame in sets]
    there = np.log(1 - np.array([table["estimate"] for table in tables]))
    # Bonett's interval is symmetric on this scale, so its width gives the variance back exactly.
    expected = pool(there, np.full(6, float(bonett_variance(3, np.array(239.0)))), 240)
    low, high = expected.limits()
    assert found["estimate"] == pytest.approx(1 - np.exp(float(expected.estimate)))
    assert (found["low"], found["high"]) == pytest.approx(
        (1 - np.exp(float(high)), 1 - np.exp(float(low)))
    )
    assert found["df"] == pytest.approx(float(expected.df))
    assert found["fmi"] == pytest.approx(float(expected.fmi))
    assert (found["n_sets"], found["n_obs"]) == (6, 240)


def test_meta_is_the_synthesis_of_the_pooled_sites(sets: Any) -> None:
    table = over_imputations(alpha, sets)
    meta = only(table, scale="calm", pooling="meta")
    sites = table.query("scale == 'calm' and pooling == 'site'")
    assert meta["n_groups"] == 3
    assert sites["low"].min() < meta["estimate"] < sites["high"].max()
    assert "random effects" in meta["method"]
    explained(table)


def test_all_kinds_of_tables_can_be_pooled(sets: Any) -> None:
    ratios = over_imputations(lambda frame: htmt(frame, SCALES, n_boot=60), sets)
    assert "log scale" in ratios["method"].iloc[0]
    shares = over_imputations(lambda frame: convergent_validity(frame, SCALES), sets)
    assert set(shares["statistic"]) == {"loading", "ave", "composite_reliability"}
    pairs = over_imputations(
        lambda frame: discriminant_validity(frame, SCALES, n_boot=0), sets,
        columns=("correlation", "low", "high"),
    )  # fmt: skip
    assert "Fisher's z scale" in pairs["method"].iloc[0]
    for table in (ratios, shares, pairs):
        explained(table)
        assert (table["low"] < table["estimate"]).all()
        assert (table["estimate"] < table["high"]).all()


def test_pooled_intervals_are_wider_than_those_of_one_set(sets: Any) -> None:
    pooled = only(over_imputations(alpha, sets), scale="calm", pooling="total")
    widths = [
        only(alpha(frame), scale="calm", pooling="total")[["low", "high"]].diff().iloc[1]
        for frame in sets
    ]
    assert pooled["high"] - pooled["low"] > np.mean(widths)


def test_without_a_gap_nothing_changes() -> None:
    frame = answers(150)
    same = impute(frame, SCALES, 3)

    def bonett(frame: pd.DataFrame) -> pd.DataFrame:
        return reliability(frame, SCALES, coefficients=["alpha"], interval="bonett")

    pooled, plain = over_imputations(bonett, same).iloc[0], bonett(frame).iloc[0]
    assert pooled["estimate"] == pytest.approx(plain["estimate"])
    # t with about 147 degrees of freedom instead of z.
    assert pooled["low"] == pytest.approx(plain["low"], abs=0.003)
    assert pooled["fmi"] == pytest.approx(2 / (pooled["df"] + 3))


def test_the_level_of_the_tables_and_that_of_the_result_may_differ(sets: Any) -> None:
    wide = over_imputations(alpha, sets, level=0.99)
    narrow = over_imputations(
        lambda frame: reliability(
            frame, SCALES, group="site", coefficients=["alpha"], interval="bonett", level=0.5
        ),
        sets,
        level=0.99,
    )
    assert wide["low"].to_numpy() == pytest.approx(narrow["low"].to_numpy(), nan_ok=True)


@pytest.mark.parametrize(
    ("about", "scale"),
    [
        ({"coefficient": "alpha"}, "log_complement"),
        ({"coefficient": "omega_total"}, "logit"),
        ({"statistic": "correlation"}, "fisher_z"),
        ({"statistic": "ave"}, "logit"),
        ({"statistic": "loading"}, "identity"),
        ({"variant": "htmt", "scale_a": "x", "scale_b": "y"}, "log"),
        ({"scale_a": "x", "scale_b": "y"}, "fisher_z"),
        ({"anything": "else"}, "identity"),
    ],
)
def test_every_statistic_has_its_scale(about: Any, scale: str) -> None:
    assert scale_for(pd.Series(about)) == scale


def frames(values: list[float]) -> list[pd.DataFrame]:
    return [pd.DataFrame({"x": [value]}) for value in values]


def told(value: float, half: float = 0.1) -> pd.DataFrame:
    return pd.DataFrame(
        {"what": ["x"], "estimate": [value], "low": [value - half], "high": [value + half],
         "n_obs": [50]}
    )  # fmt: skip


def run(values: list[float], half: float = 0.1, **settings: Any) -> pd.Series:
    table = over_imputations(lambda f: told(f["x"].iloc[0], half), frames(values), **settings)
    return table.iloc[0]


def test_what_can_not_be_pooled_has_a_reason() -> None:
    assert run([0.5, np.nan, 0.6])["reason"].code == "not_in_every_set"
    assert run([0.5, 0.6], np.nan)["reason"].code == "no_interval_in_every_set"
    assert run([0.5, 1.2], scale="logit")["reason"].code == "outside_the_scale"
    assert run([0.5, 0.6])["estimate"] == pytest.approx(0.55)


def test_a_reason_that_every_set_has_is_the_reason() -> None:
    frame = answers(60).assign(a1=3.0)
    table = over_imputations(lambda f: reliability(f, SCALES), [frame, frame])
    assert set(table.query("scale == 'calm'")["reason"].map(lambda r: r.code)) == {"constant_items"}


def test_misuse_is_refused() -> None:
    with pytest.raises(DataError, match="two completed data sets or more; there are 1"):
        run([0.5])
    with pytest.raises(DataError, match="no column 'r'"):
        run([0.5, 0.6], columns=("r", "low", "high"))
    with pytest.raises(DataError, match="scale='sqrt' is not known here"):
        run([0.5, 0.6], scale="sqrt")
    with pytest.raises(DataError, match="must give the same rows for every set"):
        over_imputations(lambda f: told(0.5).assign(what=str(f["x"].iloc[0])), frames([1.0, 2.0]))
