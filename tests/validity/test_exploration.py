"""efa(): against psych and factor_analyzer, its labels and conventions, and bad input."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from factor_analyzer.rotator import Rotator

from psychometrics import EFAResult, Moments, efa, simulate_responses
from psychometrics.errors import (
    DataError,
    DegenerateDataWarning,
    LocalMinimaWarning,
)
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.rotation import RotationSettings, rotate
from tests.reference.load import (
    BFI_ITEMS,
    HS_ITEMS,
    bfi_keyed,
    hs,
    hs_missing,
    load,
    values,
)
from tests.stats.aligned import aligned
from tests.validity.exploratory import ITEMS, PATTERN, coded, pearson_for_polychoric, two_factors

__all__ = ["pearson_for_polychoric"]

RECORDED = load("exploration")
HS, BFI = list(HS_ITEMS), list(BFI_ITEMS)


def data_of(name: str) -> Any:
    if name == "thurstone":
        return Moments(values(RECORDED["correlations"]["thurstone"]), None, 213)
    return hs()[HS] if name == "hs" else bfi_keyed()[BFI]


def arrays(found: EFAResult) -> tuple[FloatArray, FloatArray]:
    return found.loadings.to_numpy(), found.factor_correlations.to_numpy()


# ---- against psych and factor_analyzer ---------------------------------------------------------


@pytest.mark.parametrize("key", list(RECORDED["psych_fa"]))
def test_solutions_are_psych_s(key: str) -> None:
    name, method, rotation = key.split("_")
    recorded = RECORDED["psych_fa"][key]
    # psych normalises (Kaiser) for varimax and promax and for nothing else.
    found = efa(
        data_of(name),
        5 if name == "bfi" else 3,
        method=method,  # type: ignore[arg-type]
        rotation=rotation,  # type: ignore[arg-type]
        kaiser=rotation != "oblimin",
    )
    pattern = values(recorded["loadings"])
    loadings, phi = aligned(*arrays(found), pattern)
    # R's varimax stops at relative changes of 1e-5, which moves bfi by 0.0011.
    tolerance = 1.5e-3 if rotation == "varimax" else 1e-3
    np.testing.assert_allclose(loadings, pattern, atol=tolerance)
    if recorded.get("phi"):
        np.testing.assert_allclose(phi, values(recorded["phi"]), atol=1e-3)
    np.testing.assert_allclose(
        found.uniquenesses, list(recorded["uniquenesses"].values()), atol=1e-3
    )
    # What factors explain, and so their order, is psych's too (it splits what they share).
    explained = np.sort(list(recorded["explained"].values()))[::-1]
    np.testing.assert_allclose(found.explained["variance"], explained, atol=5e-3)


@pytest.mark.parametrize("data", ["hs", "bfi"])
@pytest.mark.parametrize(
    ("theirs", "ours", "options", "constants"),
    [
        ("varimax", "varimax", {"normalize": True}, RotationSettings(kaiser=True)),
        ("varimax", "varimax", {"normalize": False}, RotationSettings()),
        ("promax", "promax", {"normalize": True}, RotationSettings(kaiser=True)),
        ("promax", "promax", {"normalize": False}, RotationSettings()),
        ("oblimin", "oblimin", {}, RotationSettings()),
        ("quartimin", "quartimin", {}, RotationSettings()),
        ("quartimax", "quartimax", {}, RotationSettings()),
        ("geomin_obl", "geomin", {}, RotationSettings()),
        ("geomin_ort", "geomin_orthogonal", {}, RotationSettings()),
    ],
)
def test_rotations_are_factor_analyzer_s(
    data: str, theirs: str, ours: str, options: dict[str, Any], constants: RotationSettings
) -> None:
    unrotated = values(RECORDED["rotation"][data]["unrotated"])
    # Its varimax stops at a relative change, the others at a gradient.
    tol = 1e-8 if theirs in ("varimax", "promax") else 1e-6
    rotator = Rotator(method=theirs, max_iter=1000, tol=tol, **options)
    pattern = rotator.fit_transform(unrotated.copy())
    found = rotate(unrotated, ours, settings=constants)
    loadings, phi = aligned(found.loadings, found.factor_correlations, pattern)
    tolerance = 2e-4 if "max" in theirs else 1e-5
    np.testing.assert_allclose(loadings, pattern, atol=tolerance)
    if rotator.phi_ is not None:
        np.testing.assert_allclose(phi, rotator.phi_, atol=tolerance)


def test_scaled_indices_are_lavaan_s() -> None:
    recorded = RECORDED["lavaan_efa"]["hs_3_mlm"]["fit"]
    found = efa(hs(), 3, items=HS, robust=True).fit_indices
    for ours, theirs in (
        ("chi2_scaled", "chisq.scaled"),
        ("scaling_factor", "chisq.scaling.factor"),
        ("cfi_scaled", "cfi.scaled"),
        ("cfi_robust", "cfi.robust"),
        ("rmsea_robust", "rmsea.robust"),
    ):
        assert found[ours] == pytest.approx(recorded[theirs], rel=2e-6), ours


# ---- what a result holds -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def found() -> EFAResult:
    return efa(hs(), 3, items=HS)


def test_labels(found: EFAResult) -> None:
    assert list(found.loadings.index) == HS
    assert list(found.loadings.columns) == ["F1", "F2", "F3"]
    assert list(found.uniquenesses.index) == HS
    assert found.factor_correlations.index.equals(found.loadings.columns)
    assert (found.n_obs, found.n_missing, found.n_items, found.n_factors) == (301, 0, 9, 3)
    assert found.method == "ML, oblimin, Pearson correlations, complete rows"
    assert found.converged
    assert not found.problem


def test_the_contract(found: EFAResult) -> None:
    assert found.chi2 == pytest.approx(22.897, abs=5e-4)
    assert found.df == 12
    assert found.p_value == pytest.approx(0.0286, abs=5e-5)
    assert found.fit_indices["chi2_bartlett"] == pytest.approx(22.377, abs=5e-4)
    np.testing.assert_allclose(found.communalities + found.uniquenesses, 1.0)


def test_parts_fit_together(found: EFAResult) -> None:
    loadings, phi = arrays(found)
    np.testing.assert_allclose(found.structure.to_numpy(), loadings @ phi)
    assert found.explained["variance"].sum() == pytest.approx(found.communalities.sum())
    assert found.explained["common"].sum() == pytest.approx(1.0)
    residuals = found.residuals()
    np.testing.assert_allclose(np.diagonal(residuals), 0.0, atol=1e-7)
    implied = loadings @ phi @ loadings.T
    observed = hs()[HS].corr().to_numpy()
    off = ~np.eye(9, dtype=bool)
    np.testing.assert_allclose(residuals.to_numpy()[off], (observed - implied)[off], atol=1e-12)


def test_parameters_are_tidy(found: EFAResult) -> None:
    frame = found.parameters
    assert list(frame.columns) == [
        "lhs", "op", "rhs", "estimate", "se", "z", "p_value", "low", "high",
    ]  # fmt: skip
    assert len(frame) == 27 + 3 + 9
    row = frame[(frame["lhs"] == "F1") & (frame["rhs"] == "x5")].iloc[0]
    assert row["estimate"] == found.loadings.loc["x5", "F1"]
    assert row["low"] < row["estimate"] < row["high"]
    unique = frame[(frame["lhs"] == "x5") & (frame["op"] == "~~")].iloc[0]
    assert unique["estimate"] == found.uniquenesses["x5"]
    assert frame["se"].gt(0).all()


def test_orthogonal_factors_have_no_correlations_to_estimate() -> None:
    frame = efa(hs(), 3, items=HS, rotation="varimax").parameters
    assert len(frame) == 27 + 9


def test_level_is_the_coverage_of_the_intervals() -> None:
    wide, narrow = (efa(hs(), 3, items=HS, level=level).parameters for level in (0.99, 0.5))
    assert np.all(wide["high"] - wide["low"] > narrow["high"] - narrow["low"])


def test_text_and_html(found: EFAResult) -> None:
    assert "3 factors, n = 301: chi2(12) = 22.897" in str(found)
    html = found._repr_html_()
    assert html.count("<table") == 2
    assert "0.888" in html
    assert efa(hs(), 3, items=HS, rotation="varimax")._repr_html_().count("<table") == 1
    assert html == efa(hs(), 3, items=HS)._repr_html_()


def test_to_frame_has_a_row_an_item(found: EFAResult) -> None:
    frame = found.to_frame()
    assert list(frame.columns) == ["item", "F1", "F2", "F3", "communality", "uniqueness"]
    assert frame["item"].tolist() == HS


def test_a_bifactor_solution_names_its_general_factor() -> None:
    found = efa(hs(), 3, items=HS, rotation="bifactor")
    assert list(found.loadings.columns) == ["general", "F1", "F2"]


def test_a_target_by_labels() -> None:
    goal = pd.DataFrame(0.0, index=HS[::-1], columns=["visual", "textual", "speed"])
    for at, name in enumerate(goal.columns):
        goal.loc[HS[3 * at : 3 * at + 3], name] = np.nan
    found = efa(hs(), 3, items=HS, rotation="target", target=goal)
    assert list(found.loadings.columns) == ["visual", "textual", "speed"]
    assert found.loadings.abs().idxmax(axis=1).tolist() == [
        *["visual"] * 3, *["textual"] * 3, *["speed"] * 3,
    ]  # fmt: skip


def test_schmid_leiman_is_psych_s_omega() -> None:
    recorded = RECORDED["schmid"]["thurstone_3_minres"]
    found = efa(data_of("thurstone"), 3, method="minres").schmid_leiman()
    assert found.omega_hierarchical_observed == pytest.approx(recorded["omega_h"], abs=1e-3)
    assert found.omega_total_observed == pytest.approx(recorded["omega_tot"], abs=1e-3)
    assert found.omega_hierarchical == pytest.approx(found.omega_hierarchical_observed, abs=2e-3)
    assert list(found.loadings.columns) == ["general", "F1", "F2", "F3"]
    assert found.second_order.between(0.6, 0.9).all()
    assert found.n_obs == 213
    assert "omega hierarchical 0.73" in str(found)
    assert "general_share" in found._repr_html_()


def test_items_that_go_the_other_way_are_turned_in_the_omegas() -> None:
    frame = hs()[HS]
    turned = frame.assign(x1=-frame["x1"], x8=-frame["x8"])
    plain, other = (efa(f, 3).schmid_leiman() for f in (frame, turned))
    assert other.turned == ("x1", "x8")
    assert other.omega_hierarchical == pytest.approx(plain.omega_hierarchical, rel=1e-6)
    assert other.omega_total_observed == pytest.approx(plain.omega_total_observed, rel=1e-6)


def test_two_factors_leave_the_general_one_open() -> None:
    found = efa(two_factors(), 2).schmid_leiman()
    assert found.problem.code == "second_order_undetermined"
    assert "set equal" in found._repr_html_()


# ---- data --------------------------------------------------------------------------------------


def test_frames_moments_and_responses_agree() -> None:
    frame = hs()[HS]
    plain = efa(frame, 3)
    from_moments = efa(Moments(frame.cov(), None, 301), 3)
    # The rotation's search ends at a gradient of 1e-7.
    np.testing.assert_allclose(from_moments.loadings, plain.loadings, atol=1e-6)
    assert from_moments.fit_indices["bic"] == pytest.approx(plain.fit_indices["bic"], rel=1e-9)
    responses = simulate_responses("hs1939", 150, rng=1)
    assert list(efa(responses, 3).loadings.index) == HS


def test_a_scale_s_items_can_be_named_and_turned() -> None:
    frame = hs()
    plain = efa(frame, 2, items=HS[:6])
    turned = efa(frame, 2, items={"visual": ["-x1", "x2", "x3"], "textual": HS[3:6]})
    assert turned.loadings.loc["x1"].abs().to_numpy() == pytest.approx(
        plain.loadings.loc["x1"].abs().to_numpy(), rel=1e-5
    )
    assert np.sign(turned.loadings.loc["x1", "F2"]) == -np.sign(plain.loadings.loc["x1", "F2"])


def test_rows_with_missing_answers_are_counted() -> None:
    found = efa(hs_missing(), 3, items=HS)
    assert found.n_obs + found.n_missing == 301
    assert found.n_obs == int(hs_missing()[HS].notna().all(axis=1).sum())


def test_pairwise_correlations_count_the_scarcest_pair() -> None:
    frame = hs_missing()[HS]
    found = efa(frame, 3, missing="pairwise")
    seen = frame.notna().to_numpy(dtype=float)
    assert found.n_obs == int((seen.T @ seen).min())
    np.testing.assert_allclose(found.sample.correlation, frame.corr(), atol=1e-12)


def test_em_uses_all_answers_and_scales_the_test() -> None:
    found = efa(hs_missing(), 3, items=HS, correlation="em")
    recorded = RECORDED["lavaan_efa"]["hs_missing_3_two_stage"]["fit"]
    assert (found.n_obs, found.n_missing) == (300, 1)
    assert found.chi2 == pytest.approx(recorded["chisq"], rel=1e-5)
    # The scaling factors of the two are 0.4 % apart; ours is checked by simulation.
    assert found.fit_indices["chi2_scaled"] == pytest.approx(recorded["chisq.scaled"], rel=5e-3)
    assert np.isnan(found.fit_indices["bic"])
    assert "(scaled)" in str(found)
    complete = efa(hs(), 3, items=HS)
    both = efa(hs(), 3, items=HS, correlation="em")
    np.testing.assert_allclose(both.loadings, complete.loadings, atol=1e-6)
    assert both.fit_indices["scaling_factor"] == pytest.approx(1.0, abs=0.15)


def test_a_group_takes_its_means_out() -> None:
    frame = pd.concat([two_factors(200, seed=2), two_factors(200, seed=3) + 3.0])
    frame["site"] = ["ulm"] * 200 + ["pune"] * 200
    within = efa(frame, 2, group="site")
    assert within.sample.n == 400 - 2 + 1
    assert within.sample.pooling == "within"
    assert "pooled-within" in within.method
    loadings, _ = aligned(*arrays(within), PATTERN)
    np.testing.assert_allclose(loadings, PATTERN, atol=0.12)
    # Stacked, the difference between sites makes all items go together.
    stacked = efa(frame.drop(columns="site"), 1).sample.correlation
    assert stacked[0, 7] > 0.6 > within.sample.correlation[0, 7] + 0.3


def test_other_frames_give_the_same() -> None:
    frame = hs()[HS]
    other = efa(pl.from_pandas(frame), 3)
    pd.testing.assert_frame_equal(other.loadings, efa(frame, 3).loadings)


def test_polychoric_correlations_come_from_their_module(
    pearson_for_polychoric: list[FloatArray],
) -> None:
    frame = coded()
    frame.iloc[:10, 0] = np.nan
    found = efa(frame, 2, correlation="polychoric", method="minres")
    assert len(pearson_for_polychoric) == 1
    np.testing.assert_array_equal(pearson_for_polychoric[0], frame.to_numpy())
    assert found.n_obs == 390
    off = found.sample.correlation[0, 1]
    assert off == pytest.approx(1.1 * frame.corr().iloc[0, 1])
    # n times the discrepancy is no chi-square for them: nothing pretends to be one.
    assert np.isnan(found.fit_indices[["chi2", "p_value", "rmsea", "cfi", "bic"]]).all()
    assert found.fit_indices["srmr"] < 0.08
    assert found.errors_reason.code == "no_errors_of_polychoric"
    assert found.parameters["se"].isna().all()
    assert "SRMR" in str(found)


def test_recovers_what_was_simulated() -> None:
    found = efa(two_factors(5000), 2)
    loadings, phi = aligned(*arrays(found), PATTERN)
    # Standard errors are .01 to .02 here.
    np.testing.assert_allclose(loadings, PATTERN, atol=0.05)
    assert phi[0, 1] == pytest.approx(0.3, abs=0.07)
    assert found.p_value > 0.001


# ---- warnings and bad input --------------------------------------------------------------------


def test_starts_that_disagree_warn() -> None:
    with pytest.warns(LocalMinimaWarning, match=r"\d+ of 30 starts of the geomin rotation"):
        found = efa(bfi_keyed(), 5, items=BFI, rotation="geomin", epsilon=0.001)
    assert found.rotation.n_minima > 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = efa(bfi_keyed(), 5, items=BFI, rotation="geomin", epsilon=0.001, n_starts=1)
    assert one.rotation.n_starts == 1


def test_a_heywood_case_warns_and_is_a_problem() -> None:
    with pytest.warns(DegenerateDataWarning, match="Heywood case: the uniqueness of x7"):
        found = efa(hs(), 4, items=HS)
    assert found.problem.code == "heywood_case"
    assert found.errors_reason.code == "no_errors_of_improper"
    assert found.parameters["se"].isna().all()
    assert "Heywood" in found._repr_html_()


def test_principal_axes_beyond_the_bound_warn_too() -> None:
    with pytest.warns(DegenerateDataWarning, match="Heywood case"):
        efa(hs(), 4, items=HS, method="pa")


def test_unrotated_factors_have_errors_too() -> None:
    found = efa(hs(), 3, items=HS, rotation="none")
    assert not found.errors_reason
    loadings = found.loadings.to_numpy()
    canonical = loadings.T @ (loadings / found.uniquenesses.to_numpy()[:, None])
    np.testing.assert_allclose(canonical - np.diag(np.diagonal(canonical)), 0.0, atol=1e-6)


def test_a_rotation_without_a_minimum_says_so() -> None:
    with pytest.warns(UserWarning, match="criterion has no minimum here"):
        found = efa(hs(), 3, items=HS, gamma=1.0, n_starts=2)
    assert not found.converged
    assert found.problem.code == "rotation_no_minimum"


def frame_with(**columns: Any) -> pd.DataFrame:
    return two_factors(60).assign(**columns)


@pytest.mark.parametrize(
    ("data", "options", "sentence"),
    [
        (frame_with(d=2.0), {}, "do not vary here.*: d"),
        (frame_with(d=lambda f: 3 - 2 * f["a"]), {}, "perfectly correlated.*a and d"),
        (frame_with(d=lambda f: f["a"] + f["b"]), {}, "not positive definite"),
        (two_factors(8), {}, "more complete answers than items; there are 8 of 8"),
        (two_factors(5), {}, "more complete answers than items; there are 5 of 8"),
        (frame_with(d="often"), {}, "column 'd' holds text such as 'often'"),
        (two_factors()[["a"]], {"n_factors": 1}, "at least 3 items; there are 1"),
        (two_factors()[["a", "b"]], {"n_factors": 1}, "at least 3 items; there are 2"),
        (two_factors(), {"n_factors": 5}, "carry 4 factors at most"),
        (two_factors(), {"n_factors": 0}, "at least one is needed"),
        (two_factors(), {"n_factors": 2.5}, "is no number of factors"),
        (frame_with(d=np.nan), {}, "at least 2 complete answers; there are 0"),
        (two_factors().corr(), {}, "looks like a correlation matrix; pass Moments"),
        (two_factors(), {"items": ["a", "b", "cc"]}, "no column 'cc'"),
        (two_factors(), {"items": "abc"}, "items must be a list of names"),
        (two_factors(), {"method": "gls"}, "method='gls' is not known"),
        (two_factors(), {"rotation": "simplimax"}, "rotation='simplimax' is not known"),
        (two_factors(), {"correlation": "spearman"}, "correlation='spearman' is not known"),
        (two_factors(), {"missing": "fiml"}, "missing='fiml' is not known"),
        (two_factors(), {"level": 95}, "level=95 is no coverage"),
        (two_factors(), {"n_starts": 0}, "needs one start"),
        (two_factors(), {"rotation": "target"}, "needs its target"),
        (two_factors(), {"target": np.zeros((8, 2))}, "A target is for rotation='target'"),
        (
            two_factors(),
            {"rotation": "target", "target": np.zeros((3, 2))},
            r"shape \(3, 2\); \(8, 2\) is needed",
        ),
        (
            two_factors(),
            {"rotation": "target", "target": pd.DataFrame(0.0, index=["a"], columns=["F", "G"])},
            "no row for b, c, d",
        ),
        (two_factors().cov(), {"correlation": "em"}, "more complete|do not vary|at least"),
        (Moments(np.eye(4), None, 50), {"correlation": "em"}, "needs the answers themselves"),
        (Moments(np.eye(4), None, 50), {"missing": "pairwise"}, "needs the answers themselves"),
        (Moments(np.eye(4), None, 50), {"n_factors": 1, "robust": True}, "need complete answers"),
        (two_factors(), {"correlation": "em", "missing": "pairwise"}, "leave missing out"),
        (
            frame_with(site=["ulm", "pune"] * 30),
            {"group": "site", "correlation": "em"},
            "pooled within groups are Pearson's",
        ),
        (frame_with(site=["ulm"] * 60), {"group": "site"}, "needs two groups or more"),
        (frame_with(d=np.nan), {"correlation": "em"}, "do not vary here.*: d"),
        (two_factors(8), {"correlation": "em"}, "there are 8 of 8 items"),
        # Rounding decides whether EM's limit is singular to the last digit or just beyond.
        (
            frame_with(d=lambda f: f["a"] + f["b"]),
            {"correlation": "em"},
            "matrix is singular|not positive definite",
        ),
        ([[1.0, 2.0]], {}, "data is a list; pass a data frame"),
    ],
)
def test_bad_input_is_named(data: Any, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        efa(data, **({"n_factors": 2} | options))


def test_pairs_that_nobody_answered_are_named() -> None:
    frame = two_factors(60)
    frame.loc[:29, "a"] = np.nan
    frame.loc[30:, "b"] = np.nan
    for options in ({"missing": "pairwise"}, {"correlation": "em"}):
        with pytest.raises(DataError, match=r"never answered together.*a.*b"):
            efa(frame, 2, **options)  # type: ignore[arg-type]


def test_pairwise_correlations_may_have_no_likelihood() -> None:
    # a goes with b, b with c, and a against c: each pair is answered by others.
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(size=(120, 4)), columns=list("abcd"))
    frame.loc[:39, "b"] = frame.loc[:39, "a"] + 0.2 * rng.normal(size=40)
    frame.loc[40:79, "c"] = frame.loc[40:79, "b"] + 0.2 * rng.normal(size=40)
    frame.loc[80:, "c"] = -frame.loc[80:, "a"] + 0.2 * rng.normal(size=40)
    for first, last, missing in ((0, 39, "c"), (40, 79, "a"), (80, 119, "b")):
        frame.loc[first:last, missing] = np.nan
    assert np.linalg.eigvalsh(frame.corr())[0] < 0
    with pytest.raises(DataError, match="pairwise correlations are not positive definite"):
        efa(frame, 1, missing="pairwise")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DegenerateDataWarning)
        found = efa(frame, 1, missing="pairwise", method="minres")
    assert np.isnan(found.chi2)
    assert np.isfinite(found.fit_indices["srmr"])


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, other = (efa(bfi_keyed(), 5, items=BFI, rng=3) for _ in range(2))
    assert one.loadings.to_numpy().tobytes() == other.loadings.to_numpy().tobytes()


def test_items_named_by_item() -> None:
    assert list(efa(two_factors(), 2).loadings.index) == list(ITEMS)
