"""Nested models side by side, against lavaan's difference tests."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics import cfa, compare
from psychometrics.errors import DataError
from tests.reference.load import HS_SCALES, hs, hs_missing, load

LEVELS = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}


@pytest.fixture(scope="module")
def ladders():
    return {
        estimator: [
            cfa(HS_SCALES, hs(), group="school", group_equal=equal, estimator=estimator)
            for equal in LEVELS.values()
        ]
        for estimator in ("ML", "MLR")
    }


def test_plain_differences(ladders):
    recorded = load("engine_groups")["ML"]["tests_between"]
    rows = {r["model"]: r for r in (recorded["rows"] if isinstance(recorded, dict) else recorded)}
    table = compare(*reversed(ladders["ML"]), names=list(reversed(LEVELS)))
    assert table["model"].tolist() == list(LEVELS)
    for row in table.iloc[1:].to_dict("records"):
        assert row["delta_chi2"] == pytest.approx(rows[row["model"]]["chisq_diff"], rel=1e-4)
        assert row["delta_p"] == pytest.approx(rows[row["model"]]["pvalue"], rel=1e-3)
    assert set(table["method"]) == {"", "chi-square difference"}


def test_scaled_differences(ladders):
    recorded = load("engine_groups")["MLR"]["tests_between"]["satorra_bentler_2001"]
    rows = {r["model"]: r for r in recorded["rows"]}
    table = compare(*ladders["MLR"], names=list(LEVELS))
    for row in table.iloc[1:].to_dict("records"):
        assert row["delta_chi2"] == pytest.approx(rows[row["model"]]["chisq_diff"], rel=1e-3)


def test_what_cant_be_compared(ladders):
    one, other = ladders["ML"][0], ladders["MLR"][0]
    with pytest.raises(DataError, match="two fits or more"):
        compare(one)
    with pytest.raises(DataError, match="differ in how they were made"):
        compare(one, other)
    with pytest.raises(DataError, match="1 names for 2 fits"):
        compare(one, ladders["ML"][1], names=["a"])
    with pytest.raises(DataError, match="not to the same answers"):
        compare(one, cfa(HS_SCALES, hs().head(250), group="school"))
    same = compare(one, one)
    assert same["method"].tolist()[1].startswith("the same degrees of freedom")


NESTED = load("engine_hs")["nested"]


@pytest.mark.parametrize("estimator", ["MLR", "MLM"])
@pytest.mark.parametrize(
    ("method", "key", "chain"),
    [
        ("satorra_bentler_2001", "satorra_bentler_2001", "free_three_equal"),
        ("satorra_bentler_2001", "satorra_bentler_2001", "three_one"),
        ("satorra_bentler_2010", "satorra_bentler_2010", "free_three_equal"),
        ("satorra_2000", "satorra_2000_delta_shifted", "free_three_equal"),
        ("satorra_2000", "satorra_2000_delta_shifted", "three_one"),
    ],
)
def test_difference_tests_are_lavaans(estimator, method, key, chain):
    recorded = NESTED[estimator][chain][key]["rows"]
    fits = [cfa(NESTED["models"][row["model"]], hs(), estimator=estimator) for row in recorded]
    found = compare(*fits, method=method)
    for at, row in enumerate(recorded[1:], start=1):
        ours = found.loc[at]
        assert ours.delta_df == row["df_diff"]
        if row["chisq_diff"] < 0:
            assert np.isnan(ours.delta_chi2)  # a negative factor: no test
            continue
        # A difference of two factors magnifies the last digits of lavaan's estimates.
        assert ours.delta_chi2 == pytest.approx(row["chisq_diff"], rel=2e-3), method
        assert method.split("_")[0].capitalize() in ours.method


@pytest.mark.parametrize(
    ("method", "key"),
    [
        ("satorra_bentler_2010", "satorra_bentler_2010"),
        ("satorra_2000", "satorra_2000_delta_shifted"),
    ],
)
def test_difference_tests_of_groups_are_lavaans(method, key):
    recorded = load("engine_groups")["MLR"]["tests_between"][key]["rows"]
    equal = ((), ("loadings",), ("loadings", "intercepts"))
    fits = [cfa(HS_SCALES, hs(), group="school", group_equal=e, estimator="MLR") for e in equal]
    found = compare(*fits, method=method)
    for at in (1, 2):
        expected = recorded[at]["chisq_diff"]
        assert found.loc[at, "delta_chi2"] == pytest.approx(expected, rel=1e-3)


def test_tests_that_need_complete_rows_say_so():
    fits = [
        cfa(NESTED["models"][name], hs_missing(), estimator="MLR", missing="fiml")
        for name in ("free", "three")
    ]
    with pytest.raises(DataError, match="needs complete rows"):
        compare(*fits, method="satorra_2000")
    with pytest.raises(DataError, match="method='wald' is not known here"):
        compare(*fits, method="wald")


def test_estimates_that_cant_be_carried_over():
    fits = [cfa(NESTED["models"][n], hs(), estimator="MLR") for n in ("three", "one")]
    with pytest.raises(DataError, match="use method='satorra_2000'"):
        compare(*fits, method="satorra_bentler_2010")
