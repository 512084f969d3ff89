"""What a fitted model tells beside estimates and fit: against lavaan's record."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.linalg import block_diag

from psychometrics import Moments, cfa
from psychometrics.errors import DataError
from psychometrics.stats.cfa.fiml import slot_covariance_change
from psychometrics.stats.cfa.kernel import mean_change
from tests.reference.load import HS_ITEMS, HS_SCALES, hs, hs_missing, load

ENGINE = load("engine_hs")
GROUPS = load("engine_groups")


def recorded_scores(record):
    return np.array(record["values"], dtype=float)


@pytest.mark.parametrize(
    ("name", "method", "options"),
    [
        ("regression", "regression", {}),
        ("Bartlett", "bartlett", {}),
        ("regression_std_lv", "regression", {"std_lv": True}),
        ("Bartlett_std_lv", "bartlett", {"std_lv": True}),
    ],
)
def test_factor_scores_are_lavaans(name, method, options):
    found = cfa(HS_SCALES, hs(), **options).factor_scores(method)
    expected = recorded_scores(ENGINE["factor_scores"][name])
    # lavaan's estimates are some 1e-6 from the maximum; scores are five of them deep.
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("method", ["regression", "bartlett"])
def test_incomplete_rows_are_scored_from_what_they_hold(method):
    found = cfa(HS_SCALES, hs_missing(), missing="fiml").factor_scores(method)
    recorded = ENGINE["factor_scores"][
        {"regression": "regression_fiml"}.get(method, "Bartlett_fiml")
    ]
    expected = recorded_scores(recorded)
    assert found.loc[199].isna().all()  # nobody home
    ours = found.to_numpy()
    some = np.isfinite(ours) & np.isfinite(expected)
    np.testing.assert_allclose(ours[some], expected[some], atol=2e-4)
    assert some.all(axis=1).sum() >= 299


def test_scores_stand_at_their_rows():
    frame = hs().sample(frac=1.0, random_state=1).reset_index(drop=True)
    frame.loc[7, "x1"] = np.nan
    found = cfa(HS_SCALES, frame, group="school").factor_scores()
    assert found.loc[7].isna().all()
    assert found.drop(index=7).notna().all(axis=None)
    whole = cfa(HS_SCALES, frame.drop(index=7), group="school").factor_scores()
    np.testing.assert_allclose(found.drop(index=7), whole, atol=1e-9)


def test_determinacy_is_lavaans():
    found = cfa(HS_SCALES, hs()).determinacy()
    for factor, value in ENGINE["factor_scores"]["determinacy"].items():
        assert found[factor] == pytest.approx(value, abs=1e-5)


def test_moments_have_nobody_to_score():
    frame = hs()[list(HS_ITEMS)]
    fit = cfa(HS_SCALES, Moments(frame.cov(), None, 301))
    with pytest.raises(DataError, match="hold no people"):
        fit.factor_scores()


@pytest.mark.parametrize("level", ["metric", "scalar", "strict"])
def test_released_equalities_are_lavaans(level):
    record = GROUPS["ML"][f"score_{level}"]
    named = {
        p["plabel"]: (p["lhs"], p["op"], p["rhs"], ("Pasteur", "Grant-White")[p["group"] - 1])
        for p in record["plabels"]
    }
    kinds = {"metric": 1, "scalar": 2, "strict": 3}[level]
    equal = ("loadings", "intercepts", "residuals")[:kinds]
    found = cfa(HS_SCALES, hs(), group="school", group_equal=equal).released_equalities()
    ours = {
        tuple(r[k] for k in ("lhs", "op", "rhs", "group")): r["chi2"] for _, r in found.iterrows()
    }
    rows = record["univariate"]
    assert len(rows) == len(found)
    for row in rows:
        assert ours[named[row["rhs"]]] == pytest.approx(row["X2"], rel=1e-3, abs=1e-4)


def test_a_model_without_equalities_has_none_to_release():
    assert cfa(HS_SCALES, hs()).released_equalities().empty


def test_standardized_residuals_are_lavaans():
    record = ENGINE["estimators"]["ML"]["residuals_standardized"]["cov"]
    expected = np.array(record["values"], dtype=float)
    found = cfa(HS_SCALES, hs()).residuals("standardized").to_numpy()
    off = ~np.eye(9, dtype=bool)
    assert np.isfinite(found[off]).sum() > 60
    some = off & np.isfinite(found) & np.isfinite(expected)
    np.testing.assert_allclose(found[some], expected[some], atol=2e-4)


def test_standardized_residuals_of_groups_count_what_other_groups_bring():
    """By whole matrices; lavaan leaves the sampling error of the other groups out."""
    fit = cfa(HS_SCALES, hs(), group="school", group_equal=("loadings", "intercepts"))
    layout, implied, data = fit.fits.layout, fit._implied, fit.fits.data
    low, high = np.triu_indices(9)

    def normal_theory(a):
        return a[np.ix_(low, low)] * a[np.ix_(high, high)] + (
            a[np.ix_(low, high)] * a[np.ix_(high, low)]
        )

    slopes, weights, spreads = [], [], []
    for g in range(2):
        chosen = layout.selection[g]
        change = np.tensordot(chosen, slot_covariance_change(layout, implied, g), axes=(0, 0))
        means = mean_change(layout, implied)[0, g] @ chosen
        slopes.append(np.vstack([means, change[:, low, high].T]))
        sigma, sample, n = implied.covariance[0, g], data.covariance[0, g], data.n[0, g]
        weights.append(block_diag(np.linalg.inv(sigma), np.linalg.inv(normal_theory(sigma))) * n)
        spreads.append(block_diag(sample, normal_theory(sample)) / n)
    whole = np.vstack(slopes)
    weight, spread = block_diag(*weights), block_diag(*spreads)
    left = np.eye(108) - whole @ np.linalg.solve(whole.T @ weight @ whole, whole.T @ weight)
    variance = np.diagonal(left @ spread @ left.T).reshape(2, 54)[:, 9:]
    for g, group in enumerate(fit.groups):
        raw = fit.residuals("raw", group=group).to_numpy()[low, high]
        found = fit.residuals("standardized", group=group).to_numpy()[low, high]
        np.testing.assert_allclose(found, raw / np.sqrt(variance[g]), rtol=1e-7)


@pytest.mark.parametrize("kind", ["pos_var", "standard", "wide"])
def test_bounds_are_lavaans(kind):
    record = ENGINE["bounds"]["ML"][kind.replace("_", ".")]
    rows = hs().head(40)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = cfa(HS_SCALES, rows, bounds=kind)
    assert found.converged
    assert found.at_bounds == ("x3~~x3",)
    assert "at a bound: x3~~x3" in str(found)
    assert found.fit_indices["chi2"] == pytest.approx(record["fit"]["chisq"], rel=1e-4)
    printed = {(r["lhs"], r["op"], r["rhs"]): r["est"] for r in record["parameters"]}
    for row in found.parameters.itertuples():
        assert row.estimate == pytest.approx(printed[row.lhs, row.op, row.rhs], abs=1e-3)


def test_bounds_that_nothing_touches_change_nothing():
    free, bound = cfa(HS_SCALES, hs()), cfa(HS_SCALES, hs(), bounds="standard")
    assert bound.at_bounds == ()
    np.testing.assert_allclose(free.parameters.estimate, bound.parameters.estimate, atol=1e-8)


@pytest.mark.parametrize("level", ["configural", "metric", "scalar"])
def test_effects_coding_by_group_is_lavaans(level):
    record = GROUPS["kinds"]["effect_coding"][level]
    equal = {"configural": (), "metric": ("loadings",), "scalar": ("loadings", "intercepts")}
    found = cfa(
        HS_SCALES,
        hs(),
        group="school",
        group_equal=equal[level],
        effect_coding=("loadings", "intercepts"),
    )
    assert found.fit_indices["df"] == record["fit"]["df"]
    assert found.fit_indices["chi2"] == pytest.approx(record["fit"]["chisq"], rel=1e-5)
    printed = {(r["lhs"], r["op"], r["rhs"], r["group"]): r for r in record["parameters"]}
    numbers = {name: i + 1 for i, name in enumerate(found.groups)}
    for row in found.parameters.itertuples():
        theirs = printed[row.lhs, row.op, row.rhs, numbers[row.group]]
        # Ours has the lower discrepancy; lavaan stops 2e-4 short of one intercept.
        assert row.estimate == pytest.approx(theirs["est"], abs=3e-4)
        assert row.se == pytest.approx(theirs["se"] or 0.0, rel=1e-3, abs=1e-6)


def test_observed_information_is_lavaans():
    record = ENGINE["estimators"]["ML_observed"]
    found = cfa(HS_SCALES, hs(), information="observed")
    assert "observed information" in found.method
    printed = {(r["lhs"], r["op"], r["rhs"]): r["se"] for r in record["parameters"]}
    for row in found.parameters.query("free").itertuples():
        assert row.se == pytest.approx(printed[row.lhs, row.op, row.rhs], rel=1e-4)


def test_implied_means():
    fit = cfa(HS_SCALES, hs(), mean_structure=True)
    np.testing.assert_allclose(fit.implied_mean(), hs()[list(HS_ITEMS)].mean(), atol=1e-9)
    np.testing.assert_allclose(
        cfa(HS_SCALES, hs()).implied_mean(), hs()[list(HS_ITEMS)].mean(), atol=1e-9
    )


@pytest.mark.parametrize(("name", "step"), [("total", 1), ("every_third_row", 3)])
def test_bartletts_correction(name, step):
    record = ENGINE["bartlett_correction"][name]
    rows = hs().iloc[step - 1 :: step]
    assert len(rows) == record["n_obs"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = cfa(HS_SCALES, rows).fit_indices
    assert found["chi2_bartlett"] == pytest.approx(record["chisq_corrected"], rel=1e-6)
    assert found["p_bartlett"] == pytest.approx(record["p_corrected"], rel=1e-5)
    assert "chi2_bartlett" not in cfa(HS_SCALES, hs(), estimator="MLR").fit_indices


def test_moments_of_groups_are_fitted_together():
    parts = [rows[list(HS_ITEMS)] for _, rows in hs().groupby("school", sort=False)]
    moments = Moments(
        np.array([part.cov() for part in parts]),
        np.array([part.mean() for part in parts]),
        [len(part) for part in parts],
        names=HS_ITEMS,
        groups=("Pasteur", "Grant-White"),
    )
    equal = ("loadings", "intercepts")
    found = cfa(HS_SCALES, moments, group_equal=equal)
    record = GROUPS["kinds"]["from_moments_scalar"]["fit"]
    assert found.groups == ("Pasteur", "Grant-White")
    assert found.fit_indices["chi2"] == pytest.approx(record["chisq"], rel=1e-5)
    assert found.fit_indices["bic"] == pytest.approx(record["bic"], rel=1e-7)
    rows = cfa(HS_SCALES, hs(), group="school", group_equal=equal)
    np.testing.assert_allclose(found.parameters.se, rows.parameters.se, rtol=1e-6)
    alone = cfa(HS_SCALES, Moments(moments.covariance, None, moments.n, names=HS_ITEMS))
    assert alone.fit_indices["df"] == 48
    assert alone.groups == ("1", "2")
    with pytest.raises(DataError, match="name each once"):
        Moments(moments.covariance, None, moments.n, names=HS_ITEMS, groups=("a", "a"))
