"""Factor models of one group against lavaan, parameter by parameter, and what can't be fitted."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychometrics import CFAResult, Moments, cfa
from psychometrics.errors import (
    ConvergenceWarning,
    DataError,
    DegenerateDataWarning,
    ModelError,
    ModelSyntaxError,
)
from tests.reference.load import (
    BFI_SCALES,
    HS_ITEMS,
    HS_SCALES,
    bfi,
    bfi_keyed,
    hs,
    load,
    matrix,
    rows,
    values,
)
from tests.validity.small import SCALES, answers, same_numbers

THREE = load("hs")["models"]["three_factor"]
FIVE = load("bfi")["models"]["five_factor"]
ORTHOGONAL = f"{THREE}\nvisual ~~ 0*textual + 0*speed\ntextual ~~ 0*speed"

# Key of the record: file, model text, options, data.
MODELS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "hs_three_factor": ("hs", THREE, {}),
    "hs_three_factor_std_lv": ("hs", THREE, {"std_lv": True}),
    "hs_three_factor_means": ("hs", THREE, {"mean_structure": True}),
    "hs_three_factor_std_lv_means": ("hs", THREE, {"std_lv": True, "mean_structure": True}),
    "hs_one_factor": ("hs", load("hs")["models"]["one_factor"], {}),
    "hs_second_order": ("hs", load("hs")["models"]["second_order"], {}),
    "hs_second_order_std_lv": ("hs", load("hs")["models"]["second_order"], {"std_lv": True}),
    "hs_residual_covariance": ("hs", load("hs")["models"]["residual_covariance"], {}),
    "hs_fixed_and_equal": ("hs", load("hs")["models"]["fixed_and_equal"], {}),
    "hs_free_marker": ("hs", load("hs")["models"]["free_marker"], {}),
    "hs_orthogonal": ("hs", ORTHOGONAL, {}),
    "bfi_five_factor": ("bfi", FIVE, {}),
    "bfi_five_factor_std_lv": ("bfi", FIVE, {"std_lv": True}),
    "bfi_five_factor_means": ("bfi", FIVE, {"mean_structure": True}),
}
FIT = {
    "chi2": "chisq", "df": "df", "p_value": "pvalue", "chi2_baseline": "baseline.chisq",
    "df_baseline": "baseline.df", "cfi": "cfi", "tli": "tli", "rmsea": "rmsea",
    "rmsea_low": "rmsea.ci.lower", "rmsea_high": "rmsea.ci.upper", "rmsea_p": "rmsea.pvalue",
    "srmr": "srmr", "log_likelihood": "logl", "aic": "aic", "bic": "bic", "n_obs": "ntotal",
    "n_parameters": "npar",
}  # fmt: skip

# lavaan's search ends when the fit function changes by less than 1e-10 of itself. Chi-square is
# then right to about 1e-9 of itself, but the estimates lie anywhere where it is that flat: within
# some 1e-4 of a standard error, most with 2,436 people. Ours are within 1e-6 of one.
IN_SE = 5e-4


@pytest.fixture(scope="module")
def fitted() -> dict[str, CFAResult]:
    data = {"hs": hs(), "bfi": bfi_keyed()}
    return {key: cfa(text, data[file], **more) for key, (file, text, more) in MODELS.items()}


def recorded(key: str) -> dict[str, Any]:
    found: dict[str, Any] = load(key.split("_")[0])[key]
    return found


def keyed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.set_index(["lhs", "op", "rhs"]).sort_index()


class TestAgainstLavaan:
    @pytest.mark.parametrize("key", MODELS)
    def test_fit_indices(self, fitted, key):
        found, record = fitted[key].fit_indices, recorded(key)["fit"]
        for ours, theirs in FIT.items():
            # SRMR follows the estimates, the others the fit function; R looks for the limits of
            # RMSEA with a tolerance of 1e-4 of the noncentrality.
            near = {"srmr": 2e-6, "rmsea_low": 1e-6, "rmsea_high": 1e-6}.get(ours, 1e-8)
            assert found[ours] == pytest.approx(record[theirs], rel=near, abs=1e-9), ours
        assert fitted[key].n_obs == recorded(key)["n_obs"]

    @pytest.mark.parametrize("key", MODELS)
    def test_our_maximum_is_no_lower(self, fitted, key):
        assert fitted[key].fit_indices.chi2 <= recorded(key)["fit"]["chisq"] + 1e-9

    @pytest.mark.parametrize("key", MODELS)
    def test_parameters(self, fitted, key):
        ours = keyed(fitted[key].parameters)
        theirs = keyed(rows(recorded(key)["parameters"]))
        assert list(ours.index) == list(theirs.index)
        se = theirs["se"].to_numpy(dtype=float)
        scale = np.maximum(se, 1e-3)
        for mine, theirs_name in (("estimate", "est"), ("low", "ci.lower"), ("high", "ci.upper")):
            gap = ours[mine].to_numpy() - theirs[theirs_name].to_numpy(dtype=float)
            assert np.abs(gap / scale).max() < IN_SE, mine
        np.testing.assert_allclose(ours["se"], se, rtol=1e-4, atol=1e-9)
        np.testing.assert_allclose(
            ours["std_all"], theirs["std.all"].to_numpy(dtype=float), atol=2e-5
        )
        free = se > 0
        np.testing.assert_allclose(
            ours["z"][free], theirs["z"][free].to_numpy(dtype=float), rtol=1e-4, atol=IN_SE
        )
        # lavaan's p-values are 2(1 - Phi(|z|)), which loses digits beyond |z| of 6.
        small = free & (np.abs(ours["z"]) < 6)
        np.testing.assert_allclose(
            ours["p_value"][small], theirs["pvalue"][small].to_numpy(dtype=float),
            rtol=5e-4, atol=1e-12,
        )  # fmt: skip
        assert ours["z"][~free].isna().all()

    @pytest.mark.parametrize("key", [k for k in MODELS if "standardized" in recorded(k)])
    def test_standard_errors_of_the_standardised_solution(self, fitted, key):
        theirs = keyed(rows(recorded(key)["standardized"]["std.all"]))
        ours = keyed(fitted[key].parameters).loc[theirs.index]
        np.testing.assert_allclose(
            ours["std_all"], theirs["est.std"].to_numpy(dtype=float), atol=2e-5
        )
        np.testing.assert_allclose(
            ours["std_se"], theirs["se"].to_numpy(dtype=float), rtol=1e-4, atol=2e-5
        )
        theirs = keyed(rows(recorded(key)["standardized"]["std.lv"]))
        ours = keyed(fitted[key].parameters).loc[theirs.index]
        np.testing.assert_allclose(
            ours["std_lv"], theirs["est.std"].to_numpy(dtype=float), atol=5e-5
        )
        np.testing.assert_allclose(
            ours["std_lv_se"], theirs["se"].to_numpy(dtype=float), rtol=1e-4, atol=5e-5
        )

    @pytest.mark.parametrize("key", [k for k in MODELS if "modification_indices" in recorded(k)])
    def test_modification_indices(self, fitted, key):
        theirs = rows(recorded(key)["modification_indices"])
        # Ours are loadings and residual covariances of observed variables.
        latent = {
            term.split("=~")[0].strip() for term in MODELS[key][1].splitlines() if "=~" in term
        }
        theirs = theirs[~(theirs["rhs"].isin(latent))]
        ours = fitted[key].modification_indices()
        index = {frozenset((r.lhs, r.rhs)) | {r.op}: r for r in ours.itertuples()}
        compared = 0
        for record in theirs.itertuples():
            name = frozenset((record.lhs, record.rhs)) | {record.op}
            if record.mi != record.mi or name not in index or record.op == "~1":
                continue
            mine = index[name]
            assert mine.mi == pytest.approx(record.mi, rel=2e-3, abs=2e-3), name
            assert mine.epc == pytest.approx(record.epc, rel=2e-3, abs=2e-4), name
            compared += 1
        assert compared >= 0.8 * len(theirs)
        assert ours["mi"].is_monotonic_decreasing

    @pytest.mark.parametrize("key", [k for k in MODELS if "residuals" in recorded(k)])
    def test_residuals_and_implied_covariances(self, fitted, key):
        found, record = fitted[key], recorded(key)
        implied = matrix(record["implied"]["cov"])
        ours = found.implied_covariance().loc[implied.index, implied.columns]
        np.testing.assert_allclose(ours, implied, atol=2e-5)
        for kind, name in (("raw", "raw"), ("correlation", "cor")):
            theirs = matrix(record["residuals"][name]["cov"])
            mine = found.residuals(kind).loc[theirs.index, theirs.columns]
            np.testing.assert_allclose(mine, theirs, atol=2e-5)

    # Some educations have fewer people than the 325 moments of 25 items.
    @pytest.mark.filterwarnings(
        "ignore:.* people for 325:psychometrics.errors.DegenerateDataWarning"
    )
    def test_each_school_and_education_alone(self):
        for name, frame, column, text in (
            ("hs_by_school", hs(), "school", THREE),
            ("bfi_by_education", bfi_keyed(), "education", FIVE),
        ):
            for group, record in recorded(name).items():
                mine = frame[frame[column].astype(str).str.removesuffix(".0") == group]
                fit = cfa(text, mine, std_lv=name.startswith("bfi")).fit_indices
                assert fit.n_obs == record["n_obs"]
                assert fit.chi2 == pytest.approx(record["fit"]["chisq"], rel=1e-8)
                assert fit.cfi == pytest.approx(record["fit"]["cfi"], rel=1e-8)
                assert fit.bic == pytest.approx(record["fit"]["bic"], rel=1e-9)

    def test_printed_to_four_digits(self, fitted):
        # What every lavaan tutorial shows of this model.
        found = fitted["hs_three_factor"]
        shown = found.fit_indices[["chi2", "cfi", "rmsea", "srmr", "log_likelihood"]]
        assert shown.round(3).tolist() == [85.306, 0.931, 0.092, 0.065, -3737.745]
        assert str(found).startswith(
            "CFA (ML, expected information, complete rows), n = 301: chi2(24) = 85.306, "
            "p = 8.5e-09, CFI 0.931, RMSEA 0.092 [0.071, 0.114], SRMR 0.065"
        )
        top = found.modification_indices(minimum=10)
        assert top.iloc[0][["lhs", "op", "rhs"]].tolist() == ["visual", "=~", "x9"]
        assert top["mi"].round(3).tolist()[:2] == [36.411, 34.145]
        assert (top["mi"] >= 10).all()


class TestIdentities:
    def test_scaling_of_factors_changes_no_fit(self, fitted):
        for one, other in (
            ("hs_three_factor", "hs_three_factor_std_lv"),
            ("hs_three_factor", "hs_free_marker"),
            ("bfi_five_factor", "bfi_five_factor_std_lv"),
        ):
            a, b = fitted[one], fitted[other]
            np.testing.assert_allclose(a.fit_indices, b.fit_indices, rtol=1e-7)
            loading = a.parameters["op"] == "=~"
            np.testing.assert_allclose(
                a.parameters["std_all"][loading], b.parameters["std_all"][loading], atol=1e-7
            )

    def test_moments_are_enough(self, fitted):
        frame = hs()[list(HS_ITEMS)]
        found = cfa(THREE, Moments(frame.cov(), None, 301))
        same_numbers(found.parameters, fitted["hs_three_factor"].parameters, rtol=1e-6)
        np.testing.assert_allclose(
            found.fit_indices, fitted["hs_three_factor"].fit_indices, rtol=1e-8
        )
        assert found.n_missing == 0
        means = cfa(THREE, Moments(frame.cov(), frame.mean(), 301), mean_structure=True)
        np.testing.assert_allclose(
            means.fit_indices, fitted["hs_three_factor_means"].fit_indices, rtol=1e-8
        )

    def test_scales_are_a_model(self, fitted):
        found = cfa(BFI_SCALES, bfi())
        same_numbers(found.parameters, fitted["bfi_five_factor"].parameters, rtol=1e-7)
        assert found.n_obs + found.n_missing == 2800
        same_numbers(
            cfa(HS_SCALES, hs()).parameters, fitted["hs_three_factor"].parameters, rtol=1e-9
        )

    def test_names_of_scales_and_items_may_be_anything(self):
        frame = answers().rename(columns={"a1": "Q 1", "b1": "Q-2"})
        scales = {"Ruhe & Kraft": ["Q 1", "a2", "a3"], "2. bold": ["Q-2", "-b2", "b3"]}
        found = cfa(scales, frame)
        np.testing.assert_allclose(found.fit_indices, cfa(SCALES, answers()).fit_indices, rtol=1e-9)
        assert found.parameters["lhs"][0] == "Ruhe & Kraft"

    def test_order_of_people_is_irrelevant(self):
        frame = answers()
        turned = cfa(SCALES, frame.iloc[::-1])
        same_numbers(turned.parameters, cfa(SCALES, frame).parameters, rtol=1e-9)

    def test_saturated_model_fits(self):
        found = cfa("f =~ a1 + a2 + a3", answers())
        assert found.fit_indices[["chi2", "df", "cfi", "rmsea"]].tolist() == [0, 0, 1, 0]
        assert np.isnan(found.fit_indices.p_value)
        assert np.abs(found.residuals().to_numpy()).max() < 1e-7

    def test_level_sets_the_intervals(self, fitted):
        wide = cfa(THREE, hs(), level=0.99).parameters
        narrow = fitted["hs_three_factor"].parameters
        free = narrow["se"] > 0
        ratio = (wide["high"] - wide["low"])[free] / (narrow["high"] - narrow["low"])[free]
        np.testing.assert_allclose(ratio, 2.5758293 / 1.9599640, rtol=1e-6)

    def test_loadings_are_what_plots_take(self, fitted):
        table = fitted["hs_three_factor"].loadings()
        assert table["item"].tolist() == list(HS_ITEMS)
        assert (table["low"] < table["estimate"]).all()
        assert set(table["pooling"]) == {"total"}
        assert "85.306" in fitted["hs_three_factor"]._repr_html_()

    @pytest.mark.slow
    def test_simulated_truth_is_covered(self):
        rng, runs, n = np.random.default_rng(8), 300, 200
        truth = {"S": 0.8, "T": 0.6}
        hits = np.zeros(7)
        for _ in range(runs):
            factors = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], n)
            x = np.hstack([
                truth[name] * factors[:, [i]]
                + np.sqrt(1 - truth[name] ** 2) * rng.normal(size=(n, 3))
                for i, name in enumerate("ST")
            ])  # fmt: skip
            found = cfa(
                {"S": ["a", "b", "c"], "T": ["d", "e", "f"]},
                pd.DataFrame(x, columns=list("abcdef")), std_lv=True,
            ).parameters  # fmt: skip
            wanted = found[(found["op"] == "=~") | (found["lhs"].eq("S") & found["rhs"].eq("T"))]
            at = np.array([truth[s] for s in wanted["lhs"][:6]] + [0.5])
            hits += (wanted["low"].to_numpy() <= at) & (at <= wanted["high"].to_numpy())
        # Wald intervals of 200 people: near .95, within four standard errors of 300 runs.
        assert (np.abs(hits / runs - 0.95) < 4 * np.sqrt(0.95 * 0.05 / runs)).all()


class TestWhatCantBeFitted:
    def test_model_text_points_at_the_place(self):
        with pytest.raises(ModelSyntaxError, match=r"(?s)line 2, column 6: .*\n  bold = b1.*\^"):
            cfa("calm =~ a1 + a2 + a3\nbold = b1 + b3", answers())

    def test_absent_column(self):
        with pytest.raises(DataError, match=r"no column 'a_3'. Did you mean a3"):
            cfa("calm =~ a1 + a2 + a_3", answers())

    def test_a_scale_named_like_an_item(self):
        with pytest.raises(ModelError, match="'a1' names a scale and an item"):
            cfa({"a1": ["a1", "a2", "a3"]}, answers())

    def test_too_many_parameters_for_the_moments(self):
        with pytest.raises(ModelError, match="4 free parameters for 3 moments; fix some, or add"):
            cfa("calm =~ a1 + a2", answers())

    def test_not_identified_names_the_parameters(self):
        # Two factors of two items each, unrelated: neither has enough to stand on.
        text = "calm =~ a1 + a2\nbold =~ b1 + b3\ncalm ~~ 0*bold"
        with pytest.raises(
            (ModelError, DataError), match=r"identified|without any effect|free par"
        ):
            cfa(text, answers())

    def test_constant_item(self):
        with pytest.raises(DataError, match=r"These items do not vary here.*: a2"):
            cfa(SCALES, answers().assign(a2=3.0))

    def test_singular(self):
        frame = answers()
        with pytest.raises(DataError, match=r"say the same as others, .*: a1, a2\. Leave one"):
            cfa(SCALES, frame.assign(a2=frame.a1))

    @pytest.mark.parametrize("n", [0, 1, 5])
    def test_too_few_people(self, n):
        with pytest.raises(DataError, match=rf"(there are {n}|with {n} people|not vary)"):
            cfa(SCALES, answers().head(n))

    def test_nobody_answered_everything(self):
        frame = answers(30)
        frame.loc[::2, "a1"] = np.nan
        frame.loc[1::2, "b1"] = np.nan
        with pytest.raises(DataError, match="there are 0"):
            cfa(SCALES, frame)

    def test_negative_variance_is_told_with_its_name(self):
        # The first loading squared is .8 * .7 / .45 = 1.244: more than there is.
        r = np.array([[1, 0.8, 0.7], [0.8, 1, 0.45], [0.7, 0.45, 1]])
        moments = Moments(r, None, 100, names=("a", "b", "c"))
        with pytest.warns(DegenerateDataWarning, match="variance of a is -0.24"):
            found = cfa("f =~ a + b + c", moments)
        assert found.converged
        assert found.problem.code == "improper_solution"

    def test_no_maximum_is_told(self):
        # One correlation of the three is negative: no one factor gives that.
        r = np.array([[1, 0.5, 0.5], [0.5, 1, -0.3], [0.5, -0.3, 1]])
        moments = Moments(r, None, 100, names=("a", "b", "c"))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = cfa("f =~ a + b + c", moments)
        assert found.problem
        assert {w.category for w in caught} <= {ConvergenceWarning, DegenerateDataWarning}
        assert len(caught) == 1

    def test_fewer_people_than_moments_are_told(self):
        with pytest.warns(DegenerateDataWarning, match="44 people for 45 variances"):
            cfa("x1 ~~ x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9", hs().head(44))

    def test_unknown_words_are_listed(self):
        with pytest.raises(DataError, match="estimator='OLS' is not known here; choose one of"):
            cfa(THREE, hs(), estimator="OLS")
        with pytest.raises(DataError, match="parameterization='sigma' is not known here"):
            cfa(THREE, hs(), parameterization="sigma")
        with pytest.raises(DataError, match="bounds='tight' is not known here; choose one of"):
            cfa(THREE, hs(), bounds="tight")
        with pytest.raises(DataError, match="effect_coding='means' is not known here"):
            cfa(THREE, hs(), effect_coding=("means",))
        with pytest.raises(DataError, match="std_lv and effect_coding both scale"):
            cfa(THREE, hs(), std_lv=True, effect_coding=("loadings",))
        with pytest.raises(DataError, match="needs means; these moments have none"):
            cfa(THREE, Moments(hs()[list(HS_ITEMS)].cov(), None, 301), mean_structure=True)


def test_the_record_is_of_the_data_here():
    np.testing.assert_allclose(
        np.cov(hs()[list(HS_ITEMS)].T, ddof=0),
        values(recorded("hs_three_factor")["sample"]["cov"]),
        rtol=1e-12,
    )
