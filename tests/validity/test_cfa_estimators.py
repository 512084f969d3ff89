"""The public cfa() with groups, robust and full-information estimation, against lavaan."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from psychometrics import cfa
from psychometrics.errors import DataError, ModelError, ModelSyntaxError
from psychometrics.stats.moments import Moments
from tests.reference.load import HS_ITEMS, HS_SCALES, hs, hs_missing, load

SCALAR = ("loadings", "intercepts")

INDICES = {
    "chi2": "chisq", "df": "df", "chi2_baseline": "baseline.chisq", "cfi": "cfi", "tli": "tli",
    "rmsea": "rmsea", "rmsea_low": "rmsea.ci.lower", "rmsea_high": "rmsea.ci.upper",
    "srmr": "srmr", "log_likelihood": "logl", "aic": "aic", "bic": "bic", "n_parameters": "npar",
}  # fmt: skip
ROBUST = {
    "scaling_factor": "chisq.scaling.factor", "chi2_scaled": "chisq.scaled",
    "cfi_scaled": "cfi.scaled", "tli_scaled": "tli.scaled", "rmsea_scaled": "rmsea.scaled",
    "cfi_robust": "cfi.robust", "tli_robust": "tli.robust", "rmsea_robust": "rmsea.robust",
}  # fmt: skip

CASES = {
    "mlr": (hs, {"estimator": "MLR"}, ("engine_hs", "estimators", "MLR")),
    "mlm": (hs, {"estimator": "MLM"}, ("engine_hs", "estimators", "MLM")),
    "fiml": (hs_missing, {"missing": "fiml"}, ("engine_hs", "fiml", "ML")),
    "groups": (
        hs, {"group": "school", "group_equal": SCALAR}, ("engine_groups", "ML", "scalar"),
    ),
    "groups_mlr": (
        hs,
        {"group": "school", "group_equal": SCALAR, "estimator": "MLR"},
        ("engine_groups", "MLR", "scalar"),
    ),
    "groups_fiml": (
        hs_missing,
        {"group": "school", "group_equal": ("loadings",), "missing": "fiml"},
        ("engine_groups", "FIML", "metric"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_fit_indices_are_lavaans(case):
    data, options, (file, part, key) = CASES[case]
    recorded = load(file)[part][key]["fit"]
    found = cfa(HS_SCALES, data(), **options).fit_indices
    # lavaan's own optimum is exact to about 1e-5; indices inherit that.
    for ours, theirs in INDICES.items():
        assert found[ours] == pytest.approx(recorded[theirs], rel=1e-5, abs=1e-5), ours
    if "estimator" in options:
        for ours, theirs in ROBUST.items():
            if theirs in recorded:
                assert found[ours] == pytest.approx(recorded[theirs], rel=1e-4, abs=1e-5), ours


def test_groups_stand_in_the_order_in_which_they_appear():
    found = cfa(HS_SCALES, hs(), group="school", group_equal=SCALAR)
    assert found.groups == ("Pasteur", "Grant-White")
    means = found.parameters.query("op == '~1' and lhs == 'textual'").set_index("group")
    assert means.loc["Pasteur", "estimate"] == 0
    assert means.loc["Grant-White", "estimate"] == pytest.approx(0.576, abs=5e-4)


def test_modification_indices_of_each_group():
    recorded = load("engine_groups")["ML"]["scalar"]["modification_indices"]
    printed = {
        (r["lhs"], r["op"], r["rhs"], r["group"]): r["mi"] for r in recorded if r["mi"] is not None
    }
    found = cfa(HS_SCALES, hs(), group="school", group_equal=SCALAR)
    numbers = {name: i + 1 for i, name in enumerate(found.groups)}
    compared = 0
    for row in found.modification_indices().to_dict("records"):
        key = (row["lhs"], row["op"], row["rhs"], numbers[row["group"]])
        if key in printed:
            compared += 1
            assert row["mi"] == pytest.approx(printed[key], rel=1e-3, abs=1e-4), key
    assert compared > 80


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
def test_fiml_indices_are_corrected_as_lavaan_does(estimator):
    recorded = load("engine_hs")["fiml"][estimator]["fit"]
    found = cfa(HS_SCALES, hs_missing(), missing="fiml", estimator=estimator).fit_indices
    # lavaan's saturated moments end at a relative fall of 1e-10, which shows in the fifth digit.
    for ours in ("cfi_robust", "tli_robust", "rmsea_robust"):
        assert found[ours] == pytest.approx(recorded[ours.replace("_", ".")], abs=2e-5), ours


@pytest.mark.parametrize(
    ("data", "missing", "key"),
    [(hs, "listwise", "cluster61"), (hs_missing, "fiml", "cluster61_fiml")],
)
def test_clusters(data, missing, key):
    recorded = load("engine_hs")["sampling"][key]
    frame = data()
    frame["service"] = np.arange(len(frame)) // 5
    found = cfa(HS_SCALES, frame, estimator="MLR", missing=missing, cluster="service")
    assert found.fit_indices["chi2_scaled"] == pytest.approx(
        recorded["fit"]["chisq.scaled"], rel=1e-4
    )
    printed = {(r["lhs"], r["op"], r["rhs"]): r["se"] for r in recorded["parameters"]}
    for row in found.parameters.query("free").to_dict("records"):
        se = printed[row["lhs"], row["op"], row["rhs"]]
        assert row["se"] == pytest.approx(se, abs=1e-5)


def test_weights_are_lavaans():
    recorded = load("engine_hs")["sampling"]["weights"]
    frame = hs()
    frame["weight"] = 0.5 + (np.arange(1, len(frame) + 1) % 5) / 2
    found = cfa(HS_SCALES, frame, estimator="MLR", weights="weight")
    assert found.fit_indices["chi2_scaled"] == pytest.approx(
        recorded["fit"]["chisq.scaled"], rel=1e-4
    )


def test_weights_of_one_change_nothing_and_need_mlr():
    frame = hs().assign(one=1.0)
    plain = cfa(HS_SCALES, frame, estimator="MLR")
    weighted = cfa(HS_SCALES, frame, estimator="MLR", weights="one")
    np.testing.assert_allclose(plain.parameters["se"], weighted.parameters["se"], atol=1e-9)
    with pytest.raises(DataError, match="choose estimator='MLR'"):
        cfa(HS_SCALES, frame, weights="one")


def test_options_that_contradict_each_other():
    with pytest.raises(DataError, match="name their column: group="):
        cfa(HS_SCALES, hs(), group_equal=("loadings",))
    with pytest.raises(DataError, match="choose estimator='MLR'"):
        cfa(HS_SCALES, hs(), estimator="MLM", missing="fiml")
    with pytest.raises(ModelError, match="group_equal does not know 'loading'"):
        cfa(HS_SCALES, hs(), group="school", group_equal=("loading",))
    with pytest.raises(ModelError, match="names what the model doesn't have: x99~1"):
        cfa(HS_SCALES, hs(), group="school", group_equal=SCALAR, group_partial=("x99~1",))
    moments = Moments(hs()[list(HS_ITEMS)].cov(), None, 301)
    with pytest.raises(DataError, match="needs the answers themselves"):
        cfa(HS_SCALES, moments, estimator="MLR")
    with pytest.raises(DataError, match="Weights with missing='fiml' are not available"):
        cfa(HS_SCALES, hs(), estimator="MLR", missing="fiml", weights="grade")
    with pytest.raises(DataError, match="Weights and clusters together"):
        cfa(HS_SCALES, hs(), estimator="MLR", weights="grade", cluster="grade")
    with pytest.raises(DataError, match="need complete rows"):
        cfa(HS_SCALES, hs_missing(), missing="fiml").modification_indices()


def test_clusters_need_to_be_known():
    frame = hs().assign(service="a")
    with pytest.raises(DataError, match="holds one cluster"):
        cfa(HS_SCALES, frame, estimator="MLR", cluster="service")
    frame["service"] = frame["id"].where(frame["id"] > 10)
    with pytest.raises(DataError, match="rows have no value in 'service'"):
        cfa(HS_SCALES, frame, estimator="MLR", cluster="service")


WHEATON = load("engine_hs")["wheaton"]


def test_defined_parameters_of_wheatons_model_from_its_covariance_matrix():
    matrix = WHEATON["cov"]
    covariance = pd.DataFrame(matrix["values"], columns=matrix["columns"])
    found = cfa(WHEATON["model"], Moments(covariance, None, 932))
    assert found.fit_indices["chi2"] == pytest.approx(4.735, abs=5e-4)
    printed = {(r["lhs"], r["op"]): r for r in WHEATON["ML"]["parameters"] if r["op"] == ":="}
    rows = found.parameters.query("op == ':='")
    assert len(rows) == len(printed) == 2
    for row in rows.to_dict("records"):
        reference = printed[row["lhs"], ":="]
        assert row["estimate"] == pytest.approx(reference["est"], abs=1e-4)
        assert row["se"] == pytest.approx(reference["se"], abs=1e-4)


@pytest.mark.parametrize(
    ("expression", "place", "message"),
    [
        ("a*q", "line 2, column 8", "no parameter is labelled 'q'; labels are a, b"),
        ("a*", "line 2, column 8", "the expression stops too early"),
        ("(a+b", "line 2, column 10", "the expression stops too early"),
        ("a b", "line 2, column 8", "'b' does not belong here"),
        ("a + *", "line 2, column 10", "expected a label or a number, found"),
    ],
)
def test_definitions_that_cant_be_read(expression, place, message):
    with pytest.raises(ModelSyntaxError, match=rf"{place}: .*{re.escape(message)}"):
        cfa(f"visual =~ x1 + a*x2 + b*x3\nd := {expression}", hs())


@pytest.mark.parametrize(
    ("expression", "formula"),
    [
        ("2*a - a/2", lambda a: 1.5 * a),
        ("-a^2", lambda a: -(a**2)),
        ("(1 + a)^2/4", lambda a: (1 + a) ** 2 / 4),
        ("sqrt(4*a) + exp(log(a))", lambda a: 2 * np.sqrt(a) + a),
    ],
)
def test_expressions_follow_the_rules_of_precedence(expression, formula):
    found = cfa(f"visual =~ x1 + a*x2 + a*x3\na2 := a\nd := {expression}", hs()).parameters
    a = float(found.query("lhs == 'a2'")["estimate"].iloc[0])
    assert float(found.query("lhs == 'd'")["estimate"].iloc[0]) == pytest.approx(formula(a))


def test_a_constant_item_in_one_group_is_told_with_the_group():
    frame = hs()
    frame.loc[frame["school"] == "Pasteur", "x3"] = 1.0
    with pytest.raises(DataError, match=r"Pasteur: .*x3"):
        cfa(HS_SCALES, frame, group="school")


@pytest.mark.parametrize("estimator", ["ULS", "ULSM"])
def test_least_squares_is_lavaans(estimator):
    record = load("engine_hs")["estimators"][estimator]
    found = cfa(HS_SCALES, hs(), estimator=estimator)
    names = {k: v for k, v in INDICES.items() if k not in ("log_likelihood", "aic", "bic")}
    for ours, theirs in names.items():
        assert found.fit_indices[ours] == pytest.approx(record["fit"][theirs], rel=1e-5, abs=1e-5)
    if estimator == "ULSM":
        for ours, theirs in ROBUST.items():
            expected = record["fit"][theirs]
            assert found.fit_indices[ours] == pytest.approx(expected, rel=1e-4, abs=1e-5), ours
    assert found.fit_indices[["log_likelihood", "aic", "bic"]].isna().all()
    printed = {(r["lhs"], r["op"], r["rhs"]): r for r in record["parameters"]}
    for row in found.parameters.itertuples():
        theirs = printed[row.lhs, row.op, row.rhs]
        assert row.estimate == pytest.approx(theirs["est"], abs=1e-4)
        # lavaan's plain ULS weighs variances twice in the standard errors, not in the estimates.
        if estimator == "ULSM" or row.op == "=~":
            assert row.se == pytest.approx(theirs["se"] or 0.0, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize(("level", "equal"), [("metric", ("loadings",)), ("scalar", SCALAR)])
def test_least_squares_of_groups_is_lavaans(level, equal):
    record = load("engine_groups")["kinds"][f"uls_{level}"]["fit"]
    found = cfa(HS_SCALES, hs(), group="school", group_equal=equal, estimator="ULS").fit_indices
    for ours in ("chi2", "df", "cfi", "rmsea", "srmr"):
        assert found[ours] == pytest.approx(record[INDICES[ours]], rel=1e-5, abs=1e-5), ours


def test_least_squares_of_moments():
    record = load("engine_hs")["wheaton"]
    given = record["cov"]
    moments = Moments(given["values"], None, record["n_obs"], names=given["columns"])
    found = cfa(record["model"], moments, estimator="ULS").fit_indices
    assert found["chi2"] == pytest.approx(record["ULS"]["fit"]["chisq"], rel=1e-4)
    with pytest.raises(DataError, match="ULS needs complete rows"):
        cfa(HS_SCALES, hs_missing(), estimator="ULS", missing="fiml")


def test_mlm_as_mplus():
    record = load("engine_hs")["estimators"]["MLM_mplus"]
    found = cfa(HS_SCALES, hs(), estimator="MLM", mimic="Mplus")
    assert found.fit_indices["chi2_scaled"] == pytest.approx(81.908, abs=5e-4)  # Mplus 8.2
    for ours, theirs in (INDICES | ROBUST).items():
        expected = record["fit"][theirs]
        assert found.fit_indices[ours] == pytest.approx(expected, rel=1e-5, abs=1e-5), ours
    printed = {(r["lhs"], r["op"], r["rhs"]): r["se"] for r in record["parameters"]}
    for row in found.parameters.query("free").itertuples():
        assert row.se == pytest.approx(printed[row.lhs, row.op, row.rhs], rel=1e-3)
    assert "as Mplus" in found.method


@pytest.mark.parametrize(("level", "equal"), [("configural", ()), ("scalar", SCALAR)])
def test_mlm_of_groups_as_mplus(level, equal):
    record = load("engine_groups")["MLM_mplus"][level]["fit"]
    found = cfa(
        HS_SCALES, hs(), group="school", group_equal=equal, estimator="MLM", mimic="Mplus"
    ).fit_indices
    assert found["chi2_scaled"] == pytest.approx(record["chisq.scaled"], rel=1e-5)
    assert found["cfi_scaled"] == pytest.approx(record["cfi.scaled"], abs=1e-5)
