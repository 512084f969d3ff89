"""Nested models side by side, against lavaan's difference tests."""

from __future__ import annotations

import pytest

from psychometrics import cfa, compare
from psychometrics.errors import DataError
from tests.reference.load import HS_SCALES, hs, load

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
        compare(one, cfa(HS_SCALES, hs().head(200), group="school"))
    same = compare(one, one)
    assert same["method"].tolist()[1].startswith("the same degrees of freedom")
