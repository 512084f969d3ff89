"""Score tests of single parameters of single groups, against lavaan and against real falls."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics import invariance
from psychometrics.stats.cfa.fiml import PatternData
from psychometrics.stats.cfa.group_scores import group_scores
from psychometrics.stats.cfa.release_scores import release_scores, scale_factors
from psychometrics.validity.compare import difference
from tests.reference.load import HS_SCALES, hs, hs_missing, load
from tests.validity.ordinal_models import datcat

RECORD = load("invariance_search")
ITEMS = ["u1", "u2", "u3", "u4"]


@pytest.fixture(scope="module")
def ordered():
    return invariance({"f": ITEMS}, datcat(), "g", ordered=True)


@pytest.fixture(scope="module")
def incomplete():
    return invariance(HS_SCALES, hs_missing(), "school", missing="fiml")


def places(fit, wanted, group=1):
    """Return the slots of parameters of a group, found by their names."""
    table = fit.fits.table
    at = [
        next(
            i
            for i, row in enumerate(table.rows)
            if (row.lhs, row.op, row.rhs, row.group) == (*name, group)
        )
        for name in wanted
    ]
    return fit.fits.layout.row_slots[at], np.full(len(at), group)


@pytest.mark.parametrize("level", ["thresholds", "metric", "scalar"])
def test_least_squares_scores_are_lavaans(ordered, level):
    fit, record = ordered.fits[level], RECORD["datcat"][level]
    assert fit.fit_indices["chi2"] == pytest.approx(record["fit"]["chisq"], abs=1e-4)
    rows = record["score"]["tests"]
    names = [(row["lhs"], row["op"], row["rhs"]) for row in rows]
    slots, groups = places(fit, names)
    found = release_scores(fit.fits.layout, fit.fits.optimum.z, fit.fits.data, slots, groups)
    # lavaan's scores are of n - 1 people a group, its information of n.
    n = ordered.n_by_group[0]
    wanted = np.array([row["X2"] for row in rows]) * n / (n - 1)
    np.testing.assert_allclose(found.statistic[0], wanted, rtol=1e-3, atol=2e-4)


def test_fixed_intercepts_are_tested_as_modification_indices(ordered):
    fit = ordered.fits["scalar"]
    rows = [row for row in RECORD["datcat"]["scalar"]["modification"] if row["lhs"] in ITEMS]
    second = [row for row in rows if row["group"] == 2] or rows
    slots, groups = places(fit, [(row["lhs"], "~1", "") for row in second])
    found = release_scores(fit.fits.layout, fit.fits.optimum.z, fit.fits.data, slots, groups)
    n = ordered.n_by_group[0]
    wanted = np.array([row["mi"] for row in second]) * n / (n - 1)
    np.testing.assert_allclose(found.statistic[0], wanted, rtol=1e-3)
    np.testing.assert_allclose(
        np.abs(found.change[0]), [abs(row["epc"]) * n / (n - 1) for row in second], rtol=2e-2
    )


def test_scaled_scores_say_what_the_robust_difference_will_be(ordered):
    fit = ordered.fits["scalar"]
    ladder = ordered.ladder
    slots, groups = places(fit, [(item, "~1", "") for item in ITEMS])
    found = release_scores(fit.fits.layout, fit.fits.optimum.z, fit.fits.data, slots, groups)
    scale = scale_factors(
        fit.fits.layout, fit.fits.optimum.z[0], fit.fits.data,
        fit.fitted.sample.ordinal.groups, slots, groups,
    )  # fmt: skip
    kinds = ("thresholds", "loadings", "intercepts")
    for k, item in enumerate(ITEMS):
        wider = ladder.fit(ladder.table(kinds, [(item, "~1", "", 1)]))
        test = difference(fit, wider, "satorra_2000")
        assert test["delta_df"] == 1
        scaled = found.statistic[0, k] / scale[k]
        assert scaled == pytest.approx(test["delta_chi2"], rel=0.15, abs=0.02)
    ladder.caught.clear()


def test_what_identifies_an_item_cant_be_released(ordered):
    # Thresholds and intercepts of later groups are free together: an intercept more is too many.
    fit = ordered.fits["thresholds"]
    slots, groups = places(fit, [("u1", "~1", "")])
    found = release_scores(fit.fits.layout, fit.fits.optimum.z, fit.fits.data, slots, groups)
    assert np.isnan(found.statistic).all()


@pytest.mark.parametrize("level", ["metric", "scalar"])
@pytest.mark.parametrize("information", ["expected", "observed"])
def test_scores_of_incomplete_rows_are_lavaans(incomplete, level, information):
    fit, rows = incomplete.fits[level], RECORD["hs_missing"][level][information]["tests"]
    slots, groups = places(fit, [(row["lhs"], row["op"], row["rhs"]) for row in rows])
    data = fit.fitted.sample.likelihood
    assert isinstance(data, PatternData)
    found = release_scores(
        fit.fits.layout, fit.fits.optimum.z, data, slots, groups, observed=information == "observed"
    )
    wanted = [row["X2"] for row in rows]
    np.testing.assert_allclose(found.statistic[0], wanted, rtol=2e-3, atol=2e-3)


def test_complete_rows_have_the_scores_of_shared_parameters():
    found = invariance(HS_SCALES, hs(), "school", levels=["configural", "scalar"])
    fit = found.fits["scalar"]
    layout, z, data = fit.fits.layout, fit.fits.optimum.z, fit.fits.moments
    shared = layout.plan.blocks.shared
    known = group_scores(layout, z, data, shared)
    for g in (0, 1):
        slots = np.array([layout.selection[g, :, p].argmax() for p in shared])
        own = release_scores(layout, z, data, slots, np.full(len(slots), g))
        np.testing.assert_allclose(own.statistic, known.statistic[:, g], rtol=1e-6)
        np.testing.assert_allclose(own.change, known.change[:, g], rtol=1e-6, atol=1e-12)
