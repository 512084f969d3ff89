"""Every estimator against what lavaan printed, one group and several, complete and incomplete."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from psychometrics.stats.cfa.casewise import Rows
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.equality import constrain_groups
from psychometrics.stats.cfa.fiml import PatternData
from psychometrics.stats.cfa.inference import degrees_of_freedom, infer
from psychometrics.stats.cfa.kernel import imply
from psychometrics.stats.cfa.nested import difference_test
from psychometrics.stats.cfa.robust_indices import robust_indices
from psychometrics.stats.cfa.scores import determinacy, factor_scores
from psychometrics.stats.cfa.solve import (
    Sample,
    Solved,
    baseline,
    complete_sample,
    incomplete_sample,
    saturated_model,
    solve,
)
from tests.reference.load import HS_ITEMS, HS_SCALES, array, labels, load, values

# lavaan stops where its gradient is under 1e-3 at most: its own estimates carry some 1e-5.
ESTIMATE, ERROR, CHI2, FACTOR = 1e-4, 1e-3, 1e-4, 1e-5

LEVELS: dict[str, tuple[str, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}


def rows_of(name: str, school: str | None = None) -> Rows:
    answers = array(name, HS_ITEMS)
    if school is None:
        return Rows(answers)
    return Rows(answers[labels("hs", "school") == school])


@pytest.fixture(scope="module")
def samples() -> dict[str, Sample]:
    schools = ("Pasteur", "Grant-White")
    return {
        "one": complete_sample([rows_of("hs")]),
        "one_missing": incomplete_sample([rows_of("hs_missing")]),
        "two": complete_sample([rows_of("hs", s) for s in schools]),
        "two_missing": incomplete_sample([rows_of("hs_missing", s) for s in schools]),
    }


def scaling(found: Solved, sample: Sample) -> float:
    trace = found.trace
    if isinstance(sample.likelihood, PatternData):
        trace += saturated_model(found.table, sample, "MLR").trace
    return trace / degrees_of_freedom(found.table, found.layout)


def check(found: Solved, sample: Sample, recorded: dict[str, Any], *, robust: bool) -> None:
    fit = recorded["fit"]
    assert found.optimum.converged.all()
    chi2 = 2 * (sample.saturated - found.log_likelihood)
    assert chi2 == pytest.approx(fit["chisq"], rel=CHI2)
    assert degrees_of_freedom(found.table, found.layout) == fit["df"]
    if robust:
        factor = scaling(found, sample)
        assert factor == pytest.approx(fit["chisq.scaling.factor"], rel=FACTOR)
        assert chi2 / factor == pytest.approx(fit["chisq.scaled"], rel=1e-3)
    inference = infer(found.table, found.layout, found.z, found.covariance)
    printed = {
        (r["lhs"], r["op"], r["rhs"], r.get("group") or 1): r for r in recorded["parameters"]
    }
    compared = 0
    for row, estimate, se in zip(found.table.rows, inference.estimate, inference.se, strict=True):
        reference = printed.get((row.lhs, row.op, row.rhs, row.group + 1))
        if reference is None:
            continue
        compared += 1
        assert estimate == pytest.approx(
            reference["est"], abs=ESTIMATE * max(1, abs(reference["est"]))
        ), row.name
        assert se == pytest.approx(reference["se"] or 0.0, abs=ERROR), row.name
    assert compared >= len([r for r in recorded["parameters"] if r["op"] != ":="]) - 1


ONE_GROUP = [
    ("estimators", "ML", "one", "ML", "expected"),
    ("estimators", "ML_observed", "one", "ML", "observed"),
    ("estimators", "MLR", "one", "MLR", "observed"),
    ("estimators", "MLM", "one", "MLM", "expected"),
    ("fiml", "ML", "one_missing", "ML", "observed"),
    ("fiml", "ML_expected", "one_missing", "ML", "expected"),
    ("fiml", "MLR", "one_missing", "MLR", "observed"),
]


@pytest.mark.parametrize(("part", "key", "data", "estimator", "information"), ONE_GROUP)
def test_one_group(samples, part, key, data, estimator, information):
    recorded = load("engine_hs")[part][key]
    means = any(r["op"] == "~1" for r in recorded["parameters"])
    table = complete(HS_SCALES, mean_structure=means)
    found = solve(table, samples[data], estimator, information)
    check(found, samples[data], recorded, robust=estimator != "ML")


SEVERAL = [
    ("ML", "two", "ML", "expected"),
    ("MLR", "two", "MLR", "observed"),
    ("MLM", "two", "MLM", "expected"),
    ("FIML", "two_missing", "ML", "observed"),
    ("FIML_MLR", "two_missing", "MLR", "observed"),
]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("key", "data", "estimator", "information"), SEVERAL)
def test_two_schools(samples, level, key, data, estimator, information):
    table = complete(HS_SCALES, n_groups=2, mean_structure=True)
    table = constrain_groups(table, LEVELS[level])
    found = solve(table, samples[data], estimator, information)
    check(found, samples[data], load("engine_groups")[key][level], robust=estimator != "ML")


def test_partial_invariance(samples):
    table = complete(HS_SCALES, n_groups=2, mean_structure=True)
    table = constrain_groups(table, LEVELS["scalar"], ("x3~1", "x7~1"))
    found = solve(table, samples["two"])
    check(found, samples["two"], load("engine_groups")["ML"]["partial"], robust=False)


@pytest.mark.parametrize("level", ["configural", "scalar"])
def test_robust_indices(samples, level):
    recorded = load("engine_groups")["MLR"][level]["fit"]
    table = constrain_groups(complete(HS_SCALES, n_groups=2, mean_structure=True), LEVELS[level])
    sample = samples["two"]
    model, base = (solve(t, sample, "MLR") for t in (table, baseline(table)))
    chi2, chi2_base = (2 * (sample.saturated - s.log_likelihood) for s in (model, base))
    df, df_base = (degrees_of_freedom(s.table, s.layout) for s in (model, base))
    found = robust_indices(
        chi2, df, model.trace / df, chi2_base, df_base, base.trace / df_base, 301, 2
    )
    assert df_base == recorded["baseline.df"]
    assert base.trace / df_base == pytest.approx(
        recorded["baseline.chisq.scaling.factor"], rel=FACTOR
    )
    for ours, theirs in (
        ("cfi_scaled", "cfi.scaled"), ("tli_scaled", "tli.scaled"),
        ("rmsea_scaled", "rmsea.scaled"), ("cfi_robust", "cfi.robust"),
        ("tli_robust", "tli.robust"), ("rmsea_robust", "rmsea.robust"),
    ):  # fmt: skip
        assert getattr(found, ours) == pytest.approx(recorded[theirs], abs=1e-5), ours


def test_difference_of_levels(samples):
    recorded = load("engine_groups")["ML"]["tests_between"]
    rows = {r["model"]: r for r in (recorded["rows"] if isinstance(recorded, dict) else recorded)}
    table = complete(HS_SCALES, n_groups=2, mean_structure=True)
    found = {
        level: solve(constrain_groups(table, equal), samples["two"])
        for level, equal in LEVELS.items()
    }

    def chi2(level: str) -> float:
        return 2 * (samples["two"].saturated - found[level].log_likelihood)

    def df(level: str) -> int:
        return degrees_of_freedom(found[level].table, found[level].layout)

    for less, more in (("configural", "metric"), ("metric", "scalar"), ("scalar", "strict")):
        test = difference_test(chi2(more), df(more), chi2(less), df(less))
        assert test.chi2 == pytest.approx(rows[more]["chisq_diff"], rel=1e-4)
        assert test.p_value == pytest.approx(rows[more]["pvalue"], rel=1e-3)


@pytest.mark.parametrize("method", ["regression", "bartlett"])
def test_factor_scores(samples, method):
    found = solve(complete(HS_SCALES), samples["one"])
    layout = found.layout
    means = complete(HS_SCALES, mean_structure=True)
    with_means = solve(means, samples["one"])
    implied = imply(with_means.layout, with_means.optimum.z)
    scores = factor_scores(implied, 0, array("hs", HS_ITEMS), method)
    key = "regression" if method == "regression" else "Bartlett"
    np.testing.assert_allclose(scores, values(load("engine_hs")["factor_scores"][key]), atol=1e-4)
    assert layout.n_observed == 9


def test_determinacy(samples):
    found = solve(complete(HS_SCALES, mean_structure=True), samples["one"])
    implied = imply(found.layout, found.optimum.z)
    recorded = load("engine_hs")["factor_scores"]["determinacy"]
    np.testing.assert_allclose(determinacy(implied, 0, 9), list(recorded.values()), atol=1e-5)


def test_complete_rows_give_the_same_by_patterns(samples):
    rows = rows_of("hs")
    table = complete(HS_SCALES, mean_structure=True)
    by_patterns = incomplete_sample([rows])
    one, other = solve(table, samples["one"]), solve(table, by_patterns)
    np.testing.assert_allclose(one.z, other.z, atol=1e-6)
    np.testing.assert_allclose(one.covariance, other.covariance, atol=1e-8)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-8)
