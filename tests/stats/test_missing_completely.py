from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from psychometrics.stats.missing_completely import little_test
from tests.reference.load import HS_ITEMS, array, load

RECORDED: dict[str, Any] = load("quality")


def airquality() -> Any:
    rows = RECORDED["airquality"]["values"]
    return np.array([[np.nan if v is None else v for v in row] for row in rows], dtype=float)


@pytest.mark.parametrize("name", ["airquality", "hs_missing"])
def test_the_statistic_is_that_of_lavaan_s_moments(name: str) -> None:
    x = airquality() if name == "airquality" else array("hs_missing", HS_ITEMS)
    found, recorded = little_test(x), RECORDED[name]
    # Two EM searches end at different sixth digits of the moments.
    assert found.chi2 == pytest.approx(recorded["chi2"], rel=1e-6)
    assert (found.df, found.n_obs, found.n_patterns) == (
        recorded["df"], recorded["n"], recorded["patterns"],
    )  # fmt: skip


def test_naniar_prints_this() -> None:
    """naniar's mcar_test(airquality): 35.1, df 14; it leaves the covariances as ML has them."""
    found = little_test(airquality())
    assert round(found.chi2 * 153 / 152, 1) == 35.1
    assert (found.df, found.n_patterns) == (14, 4)


def test_one_gap_alone_is_a_comparison_of_two_groups() -> None:
    """With y sometimes missing the statistic is that of the difference in x, a chi-square."""
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=100), rng.normal(size=100)
    y[:30] = np.nan
    found = little_test(np.column_stack([x, y]))
    difference = x[:30].mean() - x[30:].mean()
    # The variance is that of everybody, n - 1 below the line.
    expected = difference**2 * (30 * 70 / 100) / x.var(ddof=1)
    assert found.chi2 == pytest.approx(expected, rel=1e-6)
    assert found.df == 1


def test_complete_answers_have_nothing_to_test() -> None:
    found = little_test(np.random.default_rng(2).normal(size=(40, 3)))
    assert np.isnan(found.chi2)
    assert found.n_patterns == 1


def test_the_test_keeps_its_size_and_finds_what_is_there() -> None:
    rng = np.random.default_rng(3)
    small, found = 0, 0
    for _ in range(80):
        x = rng.normal(size=(120, 1)) + rng.normal(size=(120, 3))
        by_chance, by_value = x.copy(), x.copy()
        by_chance[rng.random(120) < 0.3, 0] = np.nan
        by_value[x[:, 1] > 0.7, 0] = np.nan
        small += little_test(by_chance).p_value < 0.05
        found += little_test(by_value).p_value < 0.05
    assert small / 80 <= 0.125
    assert found / 80 > 0.95
