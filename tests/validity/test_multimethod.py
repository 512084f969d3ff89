from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychometrics import Moments, cfa, multitrait_multimethod, reliability
from psychometrics.errors import DataError
from tests.reference.load import load, rows, values
from tests.validity.small import explained, only, same_numbers

BROWN: dict[str, Any] = load("multitrait")["brown"]
DESIGN = {
    method: {"paranoid": f"par{m}", "schizotypal": f"szt{m}", "schizoid": f"szd{m}"}
    for method, m in (("inventory", "i"), ("interview", "c"), ("observer", "o"))
}
SMALL = {m: {"A": f"a{m}", "B": f"b{m}", "C": f"c{m}"} for m in "123"}


def brown() -> Moments:
    names, s = BROWN["correlation"]["columns"], np.array(BROWN["deviation"])
    covariance = values(BROWN["correlation"]) * np.outer(s, s)
    return Moments(pd.DataFrame(covariance, columns=names, index=names), n=BROWN["n"])


def people(n: int = 300, *, seed: int = 1, sites: str = "", method: float = 0.5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=(n, 3)) @ np.linalg.cholesky(0.6 * np.eye(3) + 0.4).T
    by_method = rng.normal(size=(n, 3)).repeat(3, axis=1)
    x = np.tile(trait, 3) + method * by_method + 0.6 * rng.normal(size=(n, 9))
    frame = pd.DataFrame(x, columns=[f"{t}{m}" for m in "123" for t in "abc"])
    if sites:
        frame["site"] = [sites[i % len(sites)] for i in range(n)]
    return frame


@pytest.mark.parametrize(
    ("model", "key"),
    [
        ("correlated_uniquenesses", "uniquenesses"),
        ("no_method_effects", "traits_only"),
        ("one_trait", "one_trait"),
        ("no_traits", "methods_only"),
    ],
)
def test_models_fit_as_lavaan_s_do(model: str, key: str) -> None:
    row = only(multitrait_multimethod(brown(), DESIGN).fit, model=model)
    recorded = BROWN[key]["fit"]
    for name, theirs in (("chi2", "chisq"), ("df", "df"), ("cfi", "cfi"), ("rmsea", "rmsea")):
        assert row[name] == pytest.approx(recorded[theirs], rel=1e-7, abs=1e-12)
    # lavaan's search of one trait ends 7e-8 above our chi-square, its residuals further off.
    assert row["srmr"] == pytest.approx(recorded["srmr"], rel=5e-5)
    if key != "uniquenesses":
        main = BROWN["uniquenesses"]["fit"]
        assert row["chi2_difference"] == pytest.approx(recorded["chisq"] - main["chisq"], rel=1e-7)
        assert row["df_difference"] == recorded["df"] - main["df"]


def test_brown_prints_these() -> None:
    """Brown (2006): chi-square(15) = 14.37, p = .50; traits .38, .36, .31."""
    found = multitrait_multimethod(brown(), DESIGN)
    row = only(found.fit, model="correlated_uniquenesses")
    assert (round(row["chi2"], 2), row["df"], round(row["p_value"], 2)) == (14.37, 15, 0.5)
    assert found.trait_correlations["estimate"].round(2).tolist() == [0.38, 0.36, 0.31]


def test_traits_loadings_and_uniquenesses_are_lavaan_s() -> None:
    found = multitrait_multimethod(brown(), DESIGN)
    recorded = rows(BROWN["uniquenesses"]["standardized"])
    column = {(m, t): name for m, own in DESIGN.items() for t, name in own.items()}
    for _, row in found.trait_correlations.iterrows():
        mine = only(recorded, lhs=row["trait_a"], op="~~", rhs=row["trait_b"])
        # Standard errors of two searches agree to six digits.
        assert row["estimate"] == pytest.approx(mine["est.std"], rel=1e-6)
        assert row["low"] == pytest.approx(mine["ci.lower"], rel=1e-5)
    for _, row in found.parameters.iterrows():
        name = column[row["measured_by"], row["trait"]]
        if row["kind"] == "trait_loading":
            mine = only(recorded, lhs=row["trait"], op="=~", rhs=name)
        else:
            other = column[row["measured_by"], row["other_trait"]]
            mine = only(recorded, lhs=name, op="~~", rhs=other)
        assert row["estimate"] == pytest.approx(mine["est.std"], rel=1e-5, abs=1e-7)
        assert row["high"] == pytest.approx(mine["ci.upper"], rel=1e-4, abs=1e-6)


def test_the_test_against_a_cutoff_is_lavaan_s_difference() -> None:
    row = multitrait_multimethod(brown(), DESIGN).trait_correlations.iloc[0]
    expected = BROWN["correlation_held"]["fit"]["chisq"] - BROWN["uniquenesses"]["fit"]["chisq"]
    assert row["chi2_difference"] == pytest.approx(expected, rel=1e-6)
    assert (row["cutoff"], row["class_"]) == (0.9, "none")


def test_the_model_is_what_cfa_fits() -> None:
    frame = people()
    text = "\n".join(
        [f"{t} =~ {t}1 + {t}2 + {t}3" for t in "abc"]
        + [f"a{m} ~~ b{m} + c{m}\nb{m} ~~ c{m}" for m in "123"]
    ).replace("a =~", "A =~").replace("b =~", "B =~").replace("c =~", "C =~")  # fmt: skip
    fit = cfa(text, frame, std_lv=True)
    found = multitrait_multimethod(frame, SMALL)
    row = only(found.fit, model="correlated_uniquenesses")
    assert row["chi2"] == pytest.approx(fit.fit_indices["chi2"], rel=1e-8)
    mine = only(found.trait_correlations, trait_a="A", trait_b="B")
    theirs = only(fit.parameters, lhs="A", op="~~", rhs="B")
    assert mine["estimate"] == pytest.approx(theirs["estimate"], rel=1e-6)


def test_the_matrix_is_the_correlation_of_scores() -> None:
    frame = people(200)
    frame["extra"] = frame["a1"] + np.random.default_rng(1).normal(size=200)
    design = {**SMALL, "1": {"A": ["a1", "-extra"], "B": "b1", "C": "c1"}}
    found = multitrait_multimethod(frame, design)
    turned = frame["extra"].max() + min(frame["extra"].min(), frame["a1"].min()) - frame["extra"]
    score = (frame["a1"] + turned) / 2
    mine = only(found.correlations, trait_a="A", method_a="1", trait_b="A", method_b="2")
    assert mine["estimate"] == pytest.approx(np.corrcoef(score, frame["a2"])[0, 1])
    assert mine["kind"] == "validity"
    alpha = only(found.correlations, trait_a="A", method_a="1", kind="reliability")["estimate"]
    table = reliability(frame, {"A": ["a1", "-extra"]}, coefficients=["alpha"])
    assert alpha == pytest.approx(table["estimate"].iloc[0])
    one = only(found.correlations, trait_a="B", method_a="1", kind="reliability")
    assert one["reason"].code == "measure_of_one_item"


def test_sites_have_rows_of_their_own_and_a_synthesis() -> None:
    frame = people(600, sites="xyz")
    found = multitrait_multimethod(frame, SMALL, group="site")
    alone = multitrait_multimethod(frame[frame["site"] == "y"], SMALL)
    for name in ("correlations", "criteria", "parameters"):
        mine, own = getattr(found, name), getattr(alone, name)
        mine = mine[mine["group"] == "y"].drop(columns=["group", "pooling", "reason"])
        own = own.drop(columns=["group", "pooling", "reason"])
        same_numbers(mine, own, 1e-7)
    meta = found.trait_correlations.query("pooling == 'meta'")
    assert meta["n_groups"].tolist() == [3, 3, 3]
    assert (meta["class_"] != "unavailable").all()
    for table in (found.correlations, found.trait_correlations, found.parameters):
        explained(table)


def test_method_effects_are_found_where_there_are_some() -> None:
    strong = multitrait_multimethod(people(400, method=0.8), SMALL).fit
    none = multitrait_multimethod(people(400, method=0.0), SMALL).fit
    assert only(strong, model="no_method_effects")["p_difference"] < 1e-6
    assert only(none, model="no_method_effects")["p_difference"] > 0.01


def test_the_matrix_is_laid_out_as_campbell_and_fiske_do() -> None:
    laid = multitrait_multimethod(people(sites="xy"), SMALL, group="site")
    made = laid.matrix(group="x")
    assert made.shape == (9, 9)
    assert made.index[3] == ("2", "A")
    mine = only(laid.correlations, group="x", trait_a="A", method_a="1", trait_b="A", method_b="2")
    assert made.loc[("2", "A"), ("1", "A")] == mine["estimate"]
    assert np.isnan(made.loc[("1", "A"), ("2", "A")])
    with pytest.raises(DataError, match="no unit with pooling='site', group='z'"):
        laid.matrix(group="z")


def test_two_methods_have_a_matrix_and_no_model() -> None:
    found = multitrait_multimethod(people(), {m: SMALL[m] for m in "12"})
    assert only(found.criteria, criterion="validity")["n_comparisons"] == 3
    for table in (found.trait_correlations, found.parameters, found.fit):
        assert set(table["reason"].map(lambda r: r.code)) == {"too_few_methods"}


def test_two_traits_have_no_pattern() -> None:
    design = {m: {t: SMALL[m][t] for t in "AB"} for m in "123"}
    found = multitrait_multimethod(people(), design)
    assert only(found.criteria, criterion="pattern")["reason"].code == "too_few_traits"
    assert found.trait_correlations["estimate"].notna().all()


def test_sites_that_can_not_be_analysed_say_why() -> None:
    frame = people(200, sites="xy")
    still = people(30, seed=2).assign(site="still", a1=1.0)
    tiny = people(3, seed=3).assign(site="tiny")
    found = multitrait_multimethod(pd.concat([frame, still, tiny]), SMALL, group="site")
    for site, code in (("still", "constant_items"), ("tiny", "too_few_cases")):
        for table in (found.correlations, found.criteria, found.trait_correlations, found.fit):
            codes = set(table.loc[table["group"] == site, "reason"].map(lambda r: r.code))
            assert codes == {code}


def test_misuse_is_refused() -> None:
    with pytest.raises(DataError, match="two traits and two methods or more; there are 3 and 1"):
        multitrait_multimethod(people(), {"1": SMALL["1"]})
    with pytest.raises(DataError, match="these are missing: 2: C"):
        multitrait_multimethod(people(), {**SMALL, "2": {"A": "a2", "B": "b2"}})
    with pytest.raises(DataError, match="must map each method to its traits"):
        multitrait_multimethod(people(), {"1": ["a1"]})  # type: ignore[dict-item]
    with pytest.raises(DataError, match="cutoff=2 is no size"):
        multitrait_multimethod(people(), SMALL, cutoff=2)
    with pytest.raises(DataError, match="no column 'zz'"):
        multitrait_multimethod(people(), {**SMALL, "1": {**SMALL["1"], "A": "zz"}})


def test_representations_tell_the_criteria() -> None:
    found = multitrait_multimethod(brown(), DESIGN)
    assert repr(found).startswith("<MultitraitMultimethod: validity 9 of 9, ")
    assert "heterotrait_monomethod" in found._repr_html_()
    assert found.to_frame() is found.correlations
