"""Ladders of measurement invariance against lavaan's and semTools' record."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import Moments, invariance
from psychometrics.errors import DataError
from psychometrics.validity.invariance_criteria import CUTOFFS, exceeded, nearest_source
from psychometrics.validity.invariance_levels import equal_kinds
from tests.reference.load import BFI_SCALES, HS_SCALES, bfi, hs, hs_missing, load
from tests.validity.ordinal_models import DATCAT, datcat

LEVELS = ("configural", "metric", "scalar", "strict")
MORE = {"variances": "lv_variances", "covariances": "lv_covariances", "means": "means"}
INDICES = {
    "chi2": "chisq", "df": "df", "p_value": "pvalue", "cfi": "cfi", "tli": "tli",
    "rmsea": "rmsea", "srmr": "srmr",
}  # fmt: skip
SCALED = {
    "chi2_scaled": "chisq.scaled", "p_scaled": "pvalue.scaled", "cfi_scaled": "cfi.scaled",
    "tli_scaled": "tli.scaled", "rmsea_scaled": "rmsea.scaled", "rmsea_robust": "rmsea.robust",
}  # fmt: skip


def compare_rows(
    table: pd.DataFrame, record, levels: dict[str, str], names: dict[str, str]
) -> None:
    """Hold the rows of a ladder against recorded fits; lavaan stops its search about 1e-5 short."""
    for theirs, ours in levels.items():
        for name, key in names.items():
            if (
                record[theirs]["fit"][key] is None
            ):  # lavaan has no robust RMSEA of such small misfit
                continue
            limit = 2e-4 * max(1.0, abs(record[theirs]["fit"][key]))
            assert table.loc[ours, name] == pytest.approx(record[theirs]["fit"][key], abs=limit), (
                ours,
                name,
            )


def compare_differences(table: pd.DataFrame, rows, names: list[str]) -> None:
    for row, name in list(zip(rows, names, strict=True))[1:]:
        assert table.loc[name, "delta_df"] == row["df_diff"]
        assert table.loc[name, "delta_chi2"] == pytest.approx(row["chisq_diff"], rel=1e-3, abs=1e-3)
        assert table.loc[name, "delta_p"] == pytest.approx(row["pvalue"], abs=1e-3)


def test_all_levels_of_two_schools():
    record = load("engine_groups")["ML"]
    names = dict(zip(LEVELS, LEVELS, strict=True)) | MORE
    found = invariance(HS_SCALES, hs(), "school", levels=list(names.values()))
    compare_rows(found.table, record, names, INDICES)
    compare_differences(found.table, record["tests_between"]["rows"], list(names.values()))
    for level, before in zip(found.levels[1:], found.levels, strict=False):
        for index in ("cfi", "rmsea", "srmr"):
            change = found.table.loc[level, index] - found.table.loc[before, index]
            assert found.table.loc[level, f"delta_{index}"] == pytest.approx(change, abs=1e-12)
    assert found.n_by_group == (156, 145)
    assert found.groups == ("Pasteur", "Grant-White")


@pytest.mark.parametrize(
    ("estimator", "record", "tests"),
    [("MLR", "MLR", "satorra_bentler_2001"), ("MLM", "MLM", None)],
)
def test_robust_ladders(estimator, record, tests):
    recorded = load("engine_groups")[record]
    found = invariance(HS_SCALES, hs(), "school", estimator=estimator)
    names = dict(zip(LEVELS, LEVELS, strict=True))
    compare_rows(found.table, recorded, names, INDICES | SCALED)
    if tests:
        compare_differences(found.table, recorded["tests_between"][tests]["rows"], list(LEVELS))
    table = found.table
    assert (table["delta_p_scaled"].dropna() == table["delta_p"].dropna()).all()
    assert np.isfinite(
        table.loc["metric", ["delta_cfi_robust", "delta_rmsea_scaled"]].astype(float)
    ).all()


def test_incomplete_answers():
    recorded = load("engine_groups")["FIML"]
    found = invariance(HS_SCALES, hs_missing(), "school", missing="fiml")
    # SRMR of incomplete rows is another number in lavaan where means are modelled by group.
    names = {name: key for name, key in INDICES.items() if name != "srmr"}
    compare_rows(found.table, recorded, dict(zip(LEVELS, LEVELS, strict=True)), names)


# Two education groups have fewer people than there are variances and covariances.
@pytest.mark.filterwarnings("ignore::psychometrics.errors.DegenerateDataWarning")
@pytest.mark.parametrize(
    ("group", "estimator", "levels"),
    [("gender", "ML", LEVELS), ("gender", "MLR", LEVELS[1:3]), ("education", "ML", LEVELS[:3])],
)
def test_bfi(group, estimator, levels):
    recorded = load("engine_bfi")[f"{group}_{estimator}"]
    found = invariance(BFI_SCALES, bfi(), group, estimator=estimator, levels=levels)
    names = INDICES | (SCALED if estimator == "MLR" else {})
    compare_rows(found.table, recorded, dict(zip(levels, levels, strict=True)), names)
    assert found.n_missing == 2800 - found.n_obs


def test_ladder_of_ordered_items():
    record = load("ordinal_models")["datcat_theta"]
    theirs = ["configural", "thresholds", "loadings", "intercepts", "residuals"]
    ours = ["configural", "thresholds", "metric", "scalar", "strict"]
    found = invariance(DATCAT, datcat(), "g", ordered=True)
    assert list(found.levels) == ours
    names = {k: v for k, v in (INDICES | SCALED).items() if k != "p_value"}
    compare_rows(found.table, record, dict(zip(theirs, ours, strict=True)), names)
    compare_differences(found.table, record["tests_between"]["default"]["rows"], ours)


def test_verdicts():
    found = invariance(HS_SCALES, hs(), "school")
    assert found.verdicts["verdict"].to_dict() == {
        "configural": "base", "metric": "no_difference_found", "scalar": "differs",
        "strict": "mixed",
    }  # fmt: skip
    assert "doesn't show that there is none" in found.verdicts.loc["metric", "explanation"]
    assert "Chen (2007)" in str(found)
    assert "Grant-White 145" in found._repr_html_()
    own = found.cutoffs[found.cutoffs["nearest"]]
    assert set(own["id"]) == {"chen_2007_large"}
    assert found.cutoffs["source"].str.contains("doi:").all()


def test_cutoffs_depend_on_n_groups_and_answers():
    assert nearest_source([100, 100], ordered=False) == "chen_2007_small"
    assert nearest_source([1000, 300], ordered=False) == "chen_2007_small"
    assert nearest_source([1000] * 10, ordered=False) == "rutkowski_svetina_2014"
    assert nearest_source([1000] * 10, ordered=True) == "rutkowski_svetina_2017"
    chen = next(one for one in CUTOFFS if one.id == "chen_2007_large")
    assert exceeded(chen, -0.02, 0.02, 0.0)
    assert exceeded(chen, -0.02, 0.0, 0.04)
    assert not exceeded(chen, -0.02, 0.0, 0.0)
    assert not exceeded(chen, -0.009, 0.02, 0.04)


def test_no_item_is_a_marker():
    found = invariance(HS_SCALES, hs(), "school", levels=["metric"])
    rows = found.fit("metric").parameters
    loadings = rows[rows["op"] == "=~"]
    assert loadings["free"].all()
    variances = rows[(rows["op"] == "~~") & (rows["lhs"] == "visual") & (rows["rhs"] == "visual")]
    assert variances["free"].tolist() == [False, True]


def test_levels_add_up():
    assert equal_kinds(["configural", "means"], ordered=False)[1] == (
        "loadings", "intercepts", "means",
    )  # fmt: skip
    assert equal_kinds(["scalar", "lv_variances"], ordered=True)[1] == (
        "thresholds", "loadings", "intercepts", "lv.variances",
    )  # fmt: skip


def test_moments_of_groups():
    record = load("engine_groups")["ML"]["scalar"]
    frame = hs()
    items = [item for own in HS_SCALES.values() for item in own]
    parts = [part[items] for _, part in frame.groupby("school", sort=False)]
    moments = Moments(
        np.array([part.cov().to_numpy() for part in parts]),
        np.array([part.mean().to_numpy() for part in parts]),
        np.array([len(part) for part in parts]),
        names=items,
        groups=("Pasteur", "Grant-White"),
    )
    found = invariance(HS_SCALES, moments, None)
    assert found.table.loc["scalar", "chi2"] == pytest.approx(record["fit"]["chisq"], abs=1e-4)
    with pytest.raises(DataError, match="needs the groups' means"):
        invariance(
            HS_SCALES,
            Moments(moments.covariance, None, moments.n, names=items, groups=moments.groups),
            None,
        )


def test_samples_that_cant_carry_the_ladder():
    frame = hs()
    few = frame.groupby("school").head(25)
    with pytest.raises(DataError, match=r"Pasteur 25, Grant-White 25.*factor_congruence"):
        invariance(HS_SCALES, few, "school")
    small = pd.concat([part.head(50) for _, part in datcat().groupby("g")])
    with pytest.raises(DataError, match=r"100 people or more.*estimator='MLR'"):
        invariance(DATCAT, small, "g", ordered=True)


@pytest.mark.filterwarnings("ignore::psychometrics.errors.DegenerateDataWarning")
def test_small_groups_can_be_fitted_all_the_same():
    few = hs().groupby("school").head(28)
    found = invariance({"textual": ["x4", "x5", "x6"]}, few, "school", small_groups="fit")
    assert found.n_by_group == (28, 28)
    # Three indicators in two groups: the first level fits perfectly, the second can be tested.
    assert found.table.loc["configural", "df"] == 0


def test_what_is_refused():
    with pytest.raises(DataError, match="holds 1"):
        invariance(HS_SCALES, hs().assign(one="a"), "one")
    with pytest.raises(DataError, match="there are configural"):
        invariance(HS_SCALES, hs(), "school", levels=["weak"])
    with pytest.raises(DataError, match="is for ordered items"):
        invariance(HS_SCALES, hs(), "school", levels=["thresholds"])
    with pytest.raises(DataError, match="twice"):
        invariance(HS_SCALES, hs(), "school", levels=["metric", "metric"])
    with pytest.raises(DataError, match="empty"):
        invariance(HS_SCALES, hs(), "school", levels=[])


def test_a_category_missing_in_one_group_is_joined_everywhere():
    frame = datcat().copy()
    first = frame["g"] == frame["g"].iloc[0]
    frame.loc[first & (frame["u1"] == 5), "u1"] = 4
    found = invariance(DATCAT, frame, "g", ordered=True, levels=["configural"])
    assert any(one.code == "categories_joined" for one in found.findings)
    with pytest.raises(DataError, match="u1"):
        invariance(DATCAT, frame, "g", ordered=True, levels=["configural"], collapse=False)


def test_equivalence_is_not_the_absence_of_a_difference():
    found = invariance(HS_SCALES, hs(), "school").equivalence()
    assert found.loc["configural", "about"] == "model"
    metric = found.loc["metric"]
    assert metric["chi2"] == pytest.approx(8.192, abs=1e-3)
    # No difference was found (p = .22), which is not shown to be next to nothing.
    assert metric["excellent"] < metric["t_rmsea"] < metric["close"]
    assert found["grade"].tolist() == ["mediocre", "close", "poor", "fair"]
    wider = invariance(HS_SCALES, hs(), "school").equivalence(significance=0.2)
    assert wider.loc["metric", "t_rmsea"] < metric["t_rmsea"]
    with pytest.raises(DataError, match="noncentral"):
        invariance(DATCAT, datcat(), "g", ordered=True, levels=["configural"]).equivalence()
