from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from psychometrics.errors import DataError
from psychometrics.stats.rubin import pool
from tests.reference.load import load

RECORDED: list[dict[str, Any]] = load("imputation")["rules"]


@pytest.mark.parametrize("recorded", RECORDED)
def test_rubin_s_rules_are_those_of_mice(recorded: Any) -> None:
    n = np.inf if recorded["n"] is None else recorded["n"]
    found = pool(recorded["estimates"], recorded["variances"], n)
    for ours, theirs in (
        ("estimate", "qbar"), ("within", "ubar"), ("between", "b"), ("variance", "t"),
        ("df", "df"), ("riv", "riv"), ("fmi", "fmi"),
    ):  # fmt: skip
        assert float(getattr(found, ours)) == pytest.approx(recorded[theirs], rel=1e-12)
    assert found.n_sets == len(recorded["estimates"])


def test_limits_are_those_of_t() -> None:
    found = pool([2.0, 3.0, 4.0], [1.0, 1.0, 1.0], 50)
    low, high = found.limits(0.9)
    half = stats.t.ppf(0.95, found.df) * np.sqrt(7 / 3)
    assert (low, high) == (pytest.approx(3 - half), pytest.approx(3 + half))


def test_equal_estimates_have_the_variance_of_one_set_and_its_degrees_of_freedom() -> None:
    found = pool([0.4] * 5, [0.01] * 5, 30)
    assert float(found.variance) == pytest.approx(0.01)
    # Barnard and Rubin: (29 + 1) / (29 + 3) * 29 where nothing is missing.
    assert float(found.df) == pytest.approx(30 / 32 * 29)
    assert float(found.riv) == 0
    assert np.isinf(pool([0.4] * 5, [0.01] * 5).df)


def test_arrays_are_pooled_cell_by_cell() -> None:
    rng = np.random.default_rng(1)
    values, spread = rng.normal(size=(6, 2, 3)), rng.uniform(1, 2, (6, 2, 3))
    found = pool(values, spread, 40)
    one = pool(values[:, 1, 2], spread[:, 1, 2], 40)
    assert found.df[1, 2] == pytest.approx(float(one.df))
    assert found.limits()[0][1, 2] == pytest.approx(float(one.limits()[0]))


def test_a_missing_estimate_leaves_nothing() -> None:
    found = pool([1.0, np.nan, 2.0], [1.0, 1.0, 1.0], 50)
    assert np.isnan([found.estimate, found.df, found.fmi]).all()


def test_two_sets_are_needed() -> None:
    with pytest.raises(DataError, match="two sets or more"):
        pool([1.0], [1.0])
    with pytest.raises(DataError, match=r"got shapes \(2,\) and \(3,\)"):
        pool([1.0, 2.0], [1.0, 2.0, 3.0])
