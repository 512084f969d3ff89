"""dMACS and bias of groups' items."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics import cfa, invariance
from psychometrics.errors import DataError
from tests.reference.load import HS_SCALES, hs
from tests.validity.ordinal_models import DATCAT, datcat

# lavaan_dmacs() of the R package dmacs on the configural model with markers, Pasteur as reference.
IN_R = {
    "x1": 0.0097, "x2": 0.2922, "x3": 0.5105, "x4": 0.4341, "x5": 0.5979, "x6": 0.5221,
    "x7": 0.4823, "x8": 0.1003, "x9": 0.1281,
}  # fmt: skip


def test_dmacs_of_the_configural_model_is_rs():
    found = cfa(HS_SCALES, hs(), group="school").effect_sizes("Pasteur")
    own = found[found["item"].notna()].set_index("item")
    for item, value in IN_R.items():
        # R's numbers were noted to four digits.
        assert own.loc[item, "dmacs"] == pytest.approx(value, abs=1e-4)
    assert (own["group"] == "Grant-White").all()
    assert (own["n_obs"] == 145).all()


def test_partial_model_blames_what_was_set_free():
    partial = invariance(HS_SCALES, hs(), "school").partial()
    found = partial.effect_sizes()
    items = found[found["item"].notna()].set_index("item")
    assert (items.drop(index=["x3", "x7"])["dmacs"] == 0).all()
    row = items.loc["x3"]
    shift = partial.fit.parameters.query("lhs == 'x3' and op == '~1'")["estimate"]
    assert row["bias"] == pytest.approx(shift.iloc[1] - shift.iloc[0])
    assert row["low"] < row["bias"] < row["high"] < 0
    scales = found[found["item"].isna()].set_index("scale")
    assert scales.loc["visual", "bias"] == pytest.approx(row["bias"])
    assert scales.loc["textual", "dmacs"] == 0
    other = partial.effect_sizes("Grant-White").set_index("item")
    assert other.loc["x3", "bias"] == pytest.approx(-row["bias"])


def test_error_of_a_bias_is_that_of_the_difference_of_intercepts():
    fit = cfa(
        HS_SCALES, hs(), group="school", std_lv=True, group_equal=["loadings", "intercepts"],
        group_partial=["x3~1"],
    )  # fmt: skip
    own = fit.effect_sizes().set_index("item").loc["x3"]
    rows, layout = fit.fits.table.rows, fit.fits.layout
    at = [
        k
        for k, place in enumerate(layout.free_rows)
        if rows[place].lhs == "x3" and rows[place].op == "~1"
    ]
    covariance = fit.fits.covariance[0][np.ix_(at, at)]
    assert own["se"] == pytest.approx(
        (covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]) ** 0.5, rel=1e-6
    )


def test_ordered_items():
    kept = {
        "group": "g", "ordered": True, "std_lv": True, "identification": "wu_estabrook",
        "parameterization": "theta", "group_equal": ["thresholds", "loadings", "intercepts"],
    }  # fmt: skip
    free = cfa(DATCAT, datcat(), **kept, group_partial=["u1~1"]).effect_sizes()
    own = free[free["item"].notna()].set_index("item")
    assert own["dmacs"].idxmax() == "u1"
    assert own.loc["u1", "bias"] > 0.1
    sums = free[free["item"].isna()].set_index("scale")
    assert sums.loc["FU1", "bias"] == pytest.approx(own["bias"][["u1", "u2", "u3", "u4"]].sum())
    equal = cfa(DATCAT, datcat(), **{**kept, "group_equal": [*kept["group_equal"], "residuals"]})
    assert equal.effect_sizes()["dmacs"].max() == pytest.approx(0, abs=1e-12)


def test_what_has_no_effect_sizes():
    with pytest.raises(DataError, match="several"):
        cfa(HS_SCALES, hs()).effect_sizes()
    with pytest.raises(DataError, match="reference"):
        cfa(HS_SCALES, hs(), group="school").effect_sizes("Ulm")
    with pytest.raises(DataError, match="partial scalar"):
        invariance(HS_SCALES, hs(), "school").partial(until="metric").effect_sizes()
