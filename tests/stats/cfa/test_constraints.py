"""Linear constraints: against lavaan's record, and what they must do."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.errors import ModelError
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.fit import fit_moments
from psychometrics.stats.cfa.inference import degrees_of_freedom, infer
from psychometrics.stats.cfa.kernel import slot_values
from tests.reference.load import load
from tests.stats.cfa.cases import HS_MODEL, answers

ITEMS = tuple(f"x{i}" for i in range(1, 10))


def fitted(text, **options):
    table = complete(text, **options)
    rows = answers("hs", "total", table.observed)
    return fit_moments(table, np.cov(rows.T)[None], np.array([301.0]), rows.mean(axis=0)[None])


CASES = {
    "linear_constraints": (load("engine_hs")["kinds"]["models"]["linear_constraints"], {}),
    "effect_coding_loadings": (HS_MODEL, {"effect_coding": ("loadings",)}),
    "effect_coding_both": (
        HS_MODEL, {"effect_coding": ("loadings", "intercepts"), "mean_structure": True},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_estimates_and_errors_are_lavaans(name):
    record = load("engine_hs")["kinds"][name]
    fits = fitted(CASES[name][0], **CASES[name][1])
    found = infer(fits.table, fits.layout, fits.optimum.z[0], fits.covariance[0])
    printed = {(r["lhs"], r["op"], r["rhs"]): r for r in record["parameters"]}
    for at, row in enumerate(fits.table.rows):
        theirs = printed[row.lhs, row.op, row.rhs]
        assert found.estimate[at] == pytest.approx(theirs["est"], abs=1e-4), row.name
        assert found.se[at] == pytest.approx(theirs["se"] or 0.0, rel=1e-3, abs=1e-6), row.name
    chi2 = float((fits.data.n * fits.optimum.fmin).sum())
    assert chi2 == pytest.approx(record["fit"]["chisq"], abs=1e-4)
    assert degrees_of_freedom(fits.table, fits.layout) == record["fit"]["df"]


def test_effects_coding_is_another_scale_of_the_same_model():
    coded, marked = fitted(HS_MODEL, effect_coding=("loadings",)), fitted(HS_MODEL)
    np.testing.assert_allclose(coded.optimum.fmin, marked.optimum.fmin, rtol=1e-9)
    slots = slot_values(coded.layout, coded.optimum.z)[0, 0]
    for factor in ("visual", "textual", "speed"):
        own = [
            slots[at]
            for row, at in zip(coded.table.rows, coded.layout.row_slots, strict=True)
            if row.op == "=~" and row.lhs == factor
        ]
        assert np.mean(own) == pytest.approx(1.0, abs=1e-12)


def test_a_constraint_that_holds_twice_counts_once():
    text = HS_MODEL + "\nx1 ~~ a*x1\nx2 ~~ b*x2\na == b\n2*a == 2*b"
    once = HS_MODEL + "\nx1 ~~ a*x1\nx2 ~~ a*x2"
    np.testing.assert_allclose(fitted(text).optimum.fmin, fitted(once).optimum.fmin, rtol=1e-9)


def test_a_constraint_may_fix():
    fits = fitted("visual =~ x1 + k*x2 + x3\nk == 0.5")
    slots = slot_values(fits.layout, fits.optimum.z)[0, 0]
    assert slots[fits.layout.row_slots[1]] == 0.5


def test_constraints_that_contradict_each_other():
    with pytest.raises(ModelError, match="'k == 2' can't be met"):
        fitted("visual =~ x1 + k*x2 + x3\nk == 1\nk == 2")
