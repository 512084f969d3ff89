"""Levels of invariance that are no special cases of each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import compare, invariance
from psychometrics.validity.nesting import last_wider, not_nested, two_categories

ITEMS = list("abcde")
MODEL = "f =~ a + b + c + d + e"


def answers(categories: int = 2) -> pd.DataFrame:
    """Return answers of two groups; the first item may have more categories than two."""
    rng = np.random.default_rng(1)
    factor = rng.normal(size=(600, 1))
    latent = factor * 0.8 + rng.normal(size=(600, 5)) * 0.6
    frame = pd.DataFrame((latent > np.linspace(-0.5, 0.6, 5)).astype(int), columns=ITEMS)
    if categories > 2:
        frame["a"] = np.digitize(latent[:, 0], np.linspace(-0.6, 0.6, categories - 1))
    return frame.assign(group=["p", "q"] * 300)


@pytest.fixture(scope="module")
def yes_no():
    return invariance(MODEL, answers(), "group", ordered=True)


def test_intercepts_of_yes_no_items_are_tested_against_the_last_wider_model(yes_no):
    table = yes_no.table
    # Equal intercepts set five scales and a mean free, and five intercepts equal: one less.
    assert table["df"].tolist() == [10, 10, 14, 13, 18]
    assert table.loc["scalar", "delta_df"] == 3
    assert "tested against 'thresholds'" in table.loc["scalar", "reason"]
    assert table.loc["strict", "delta_df"] == 5
    assert yes_no.verdicts.loc["scalar", "verdict"] == "no_difference_found"


def test_compare_says_so(yes_no):
    rows = compare(*yes_no.fits.values(), names=list(yes_no.fits)).set_index("model")
    assert np.isnan(rows.loc["metric", "delta_p"])
    assert "not nested, as a, b, c, d, e have two categories" in rows.loc["metric", "method"]
    assert np.isfinite(rows.loc["strict", "delta_p"])


def test_samples_are_held_against_the_same_model(yes_no):
    found = invariance(MODEL, answers(), "group", ordered=True, permutations=20, rng=1)
    own = found.permutation.table.set_index(["level", "index"])
    wanted = found.table.loc["scalar", "chi2"] - found.table.loc["thresholds", "chi2"]
    assert own.loc[("scalar", "chi2"), "observed"] == pytest.approx(wanted, abs=1e-6)


def test_items_of_three_categories_are_nested():
    found = invariance(MODEL, answers(3), "group", ordered=True)
    tables = [fit.fits.table for fit in found.fits.values()]
    assert two_categories(tables[0]) == set("bcde")
    assert not_nested(tables[3], tables[2]) == tuple("bcde")
    assert not_nested(tables[2], tables[1]) == ()
    assert last_wider(tables[:4]) == 1
    assert last_wider(tables) == 3
    assert found.table.loc["scalar", "delta_df"] == 4
