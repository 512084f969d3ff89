"""`cfa` with ordered items as its users call it: bad input, messages, what a fit can tell."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import psychometrics as pm
from psychometrics.errors import (
    ConvergenceWarning,
    DataError,
    DegenerateDataWarning,
    ModelError,
    PsychometricsError,
)
from psychometrics.validity.compare import compare
from psychometrics.validity.structure import cfa
from tests.stats.cfa.ordinal import MODEL, answers
from tests.validity.ordinal_models import fit as recorded

ITEMS = [f"x{i}" for i in range(1, 7)]


def frame(n: int = 300, seed: int = 1) -> pd.DataFrame:
    """Return answers 1 to 4 of two groups."""
    made = pd.DataFrame(answers(n, seed) + 1, columns=ITEMS).astype(int)
    made["site"] = np.where(np.arange(n) < n // 2, "Ulm", "Pune")
    return made


class TestAnswers:
    def test_an_answer_given_once_is_told(self) -> None:
        data = frame()
        data.loc[0, "x1"] = 5
        found = cfa(MODEL, data, ordered=True)
        assert found.converged
        assert [each.code for each in found.findings] == ["category_answered_once"]

    def test_gaps_are_closed_and_told(self) -> None:
        data = frame()
        wide = data.assign(x1=data["x1"].replace({3: 30, 4: 40}))
        found = cfa(MODEL, wide, ordered=True)
        assert [each.code for each in found.findings] == ["codes_with_gaps"]
        plain = cfa(MODEL, data, ordered=True)
        pd.testing.assert_frame_equal(found.parameters, plain.parameters)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda d: d.assign(x1=2), r"Everybody \(300\) answered 2 to x1"),
            (lambda d: d.assign(x1=np.arange(300) % 40), "x1 has 40 different answers"),
            (lambda d: d.assign(x1=d["x1"] + 0.5), "x1 holds .*which is no whole number"),
            (lambda d: d.assign(x1=np.nan), "No row has all of the answers"),
            (lambda d: d.assign(x1="often"), "The column 'x1' holds text"),
            (lambda d: d.assign(x2=d["x1"]), "x1 and x2: the answers to one follow from those"),
            (lambda d: d.drop(columns="x3"), "x3"),
        ],
    )
    def test_answers_that_can_not_be(self, change, message: str) -> None:
        with pytest.raises(DataError, match=message):
            cfa(MODEL, change(frame()), ordered=True)

    def test_all_faults_come_at_once(self) -> None:
        bad = frame().assign(x1=2, x2=np.arange(300) % 40)
        with pytest.raises(DataError) as caught:
            cfa(MODEL, bad, ordered=True)
        assert "x1" in str(caught.value)
        assert "x2 has 40" in str(caught.value)

    def test_a_category_that_a_site_lacks(self) -> None:
        data = frame()
        data.loc[(data["site"] == "Pune") & (data["x2"] == 4), "x2"] = 3
        with pytest.raises(DataError, match="collapse=True joins such answers") as caught:
            cfa(MODEL, data, ordered=True, group="site")
        assert "Ulm: " in str(caught.value)
        found = cfa(MODEL, data, ordered=True, group="site", collapse=True)
        assert [each.code for each in found.findings] == ["categories_joined"]
        thresholds = found.parameters.query("op == '|' and lhs == 'x2'")
        assert thresholds["group"].value_counts().to_dict() == {"Ulm": 2, "Pune": 2}

    def test_one_category_in_a_site(self) -> None:
        data = frame()
        data.loc[data["site"] == "Pune", "x2"] = 3
        with pytest.raises(DataError, match=r"Everybody in Pune .* answered 3 to x2"):
            cfa(MODEL, data, ordered=True, group="site", collapse=True)

    def test_pairs_that_nobody_answered_together(self) -> None:
        data = frame().astype({"x1": float, "x2": float})
        data.loc[:149, "x1"], data.loc[150:, "x2"] = np.nan, np.nan
        with pytest.raises(DataError, match="x1 and x2: too few people answered both"):
            cfa(MODEL, data, ordered=True, missing="pairwise")

    @pytest.mark.parametrize("n", [2, 5, 12, 30, 47, 93])
    def test_few_people_end_in_a_fit_or_in_words(self, n: int) -> None:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                found = cfa(MODEL, frame(n, seed=n), ordered=True)
            except PsychometricsError:
                return
        assert found.n_obs == n
        if n < 33:
            assert any("people for" in str(each.message) for each in told)

    def test_incomplete_rows_are_counted_or_used(self) -> None:
        data = frame().astype(float, errors="ignore")
        data.loc[:29, "x1"] = np.nan
        listwise = cfa(MODEL, data, ordered=True)
        pairwise = cfa(MODEL, data, ordered=True, missing="pairwise")
        assert (listwise.n_obs, listwise.n_missing) == (270, 30)
        assert (pairwise.n_obs, pairwise.n_missing) == (300, 0)
        assert "missing completely at random" in pairwise.method


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"estimator": "ML"}, "ML takes answers as continuous; with ordered items use 'WLSMV'"),
            ({"missing": "fiml"}, "with ordered items use 'pairwise'"),
            ({"information": "observed"}, "expected information only"),
            ({"bounds": "standard"}, "bounds are for continuous variables"),
            ({"mimic": "Mplus"}, "with ordered items there is one convention"),
            ({"cluster": "site"}, "Clusters with ordered items are not available"),
            ({"estimator": "DWLS", "weights": "x1"}, "DWLS takes people as equal"),
            ({"group_equal": ["thresholds"]}, "name their column: group="),
        ],
    )
    def test_what_does_not_go_together(self, options: dict, message: str) -> None:
        with pytest.raises(DataError, match=message):
            cfa(MODEL, frame(), ordered=True, **options)

    def test_continuous_answers_refuse_what_is_for_ordered_ones(self) -> None:
        with pytest.raises(DataError, match="WLSMV is for ordered items; say which they are"):
            cfa(MODEL, frame(), estimator="WLSMV")
        with pytest.raises(DataError, match="with continuous answers use 'fiml'"):
            cfa(MODEL, frame(), missing="pairwise")

    @pytest.mark.parametrize(
        ("options", "named"),
        [
            ({"parameterization": "theta"}, "parameterization='theta'"),
            ({"identification": "wu_estabrook", "group": "site"}, "identification='wu_estabrook'"),
            ({"collapse": True}, "collapse=True"),
        ],
    )
    def test_options_that_would_do_nothing_are_refused(self, options: dict, named: str) -> None:
        with pytest.raises(DataError, match=f"{named} is for ordered items"):
            cfa(MODEL, frame(), **options)

    def test_neither_names_nor_true(self) -> None:
        with pytest.raises(DataError, match="ordered=None: give True for all items"):
            cfa(MODEL, frame(), ordered=None)  # type: ignore[arg-type]

    def test_moments_do_not_do(self) -> None:
        moments = pm.Moments(np.eye(6), None, 100, names=tuple(ITEMS))
        with pytest.raises(DataError, match="Ordered items need the answers"):
            cfa(MODEL, moments, ordered=True)

    def test_unknown_names(self) -> None:
        with pytest.raises(ModelError, match="ordered names what the model doesn't have: z"):
            cfa(MODEL, frame(), ordered=["x1", "z"])

    def test_one_name_alone_is_a_name(self) -> None:
        found = cfa(MODEL, frame(), ordered="x1")
        assert found.fits.table.ordered == ("x1",)

    def test_items_by_scale(self) -> None:
        scales = {"role clarity": ["x1", "-x2", "x3"], "training": ["x4", "x5", "x6"]}
        found = cfa(scales, frame(), ordered=True)
        loadings = found.parameters.query("op == '=~'").set_index("rhs")["std_all"]
        assert loadings["x2"] < 0 < loadings["x1"]

    def test_a_factor_may_have_one_ordered_item(self) -> None:
        for form in ("delta", "theta"):
            found = cfa("f =~ x1 + x2 + x3\ng =~ x4", frame(), ordered=True, parameterization=form)
            assert found.fit_indices["df"] == 2
            assert found.parameters.query("lhs == 'g' and op == '~~'")["estimate"].tolist() == [1.0]

    def test_a_covariate_varies_with_the_items(self) -> None:
        data = frame().assign(age=np.random.default_rng(1).normal(size=300))
        items = ["x1", "x2", "x3"]
        with pytest.raises(ModelError, match="give it a variance in the model, as in 'age ~~ age'"):
            cfa("f =~ x1 + x2 + x3\nf ~ age", data, ordered=items)
        found = cfa("f =~ x1 + x2 + x3\nf ~ age\nage ~~ age", data, ordered=items)
        assert found.fit_indices["df"] == 2


class TestWhatAFitTells:
    def test_the_scaled_test_is_shown(self) -> None:
        found = cfa(MODEL, frame(), ordered=True)
        assert "WLSMV, robust errors, scaled and shifted test" in str(found)
        assert f"scaled chi2(8) = {found.fit_indices['chi2_scaled']:.3f}" in str(found)
        assert "CFI" in found._repr_html_()

    def test_implied_correlations_less_residuals_are_those_observed(self) -> None:
        found = cfa(MODEL, frame(), ordered=True)
        observed = pm.polychoric(frame(), ITEMS).correlations
        total = found.residuals() + found.implied_covariance()
        np.testing.assert_allclose(total.to_numpy(), observed.to_numpy(), atol=1e-9)

    def test_standardized_residuals_are_about_normal(self) -> None:
        found = cfa(MODEL, frame(), ordered=True)
        z = found.residuals("standardized").to_numpy()[np.triu_indices(6, 1)]
        assert np.isfinite(z).all()
        assert np.abs(z).max() < 4

    def test_released_equalities(self) -> None:
        data = frame(600)
        data.loc[data["site"] == "Pune", "x3"] = np.minimum(
            data.loc[data["site"] == "Pune", "x3"] + 1, 4
        )
        data.loc[data.index[-1], "x3"] = 1
        found = cfa(
            MODEL, data, ordered=True, group="site", group_equal=["thresholds", "loadings"],
            identification="wu_estabrook",
        )  # fmt: skip
        first = found.released_equalities().iloc[0]
        assert (first["lhs"], first["op"]) == ("x3", "|")

    def test_what_needs_continuous_answers_says_so(self) -> None:
        found = cfa(MODEL, frame(), ordered=True)
        with pytest.raises(DataError, match="scores are for continuous variables"):
            found.factor_scores("bartlett")

    def test_cut_offs_are_simulated_with_ordered_answers(self) -> None:
        found = cfa(MODEL, frame(400, seed=4), ordered=True)
        cutoffs = pm.simulate_cutoffs(found, n_samples=200, rng=1)
        assert "200 ordered samples each, WLSMV" in cutoffs.method
        assert max(cutoffs.n_failed) <= 4
        table = cutoffs.table.set_index("index")
        assert table.loc["srmr", "observed"] < table.loc["srmr", "flexible"] < 0.1
        assert table.loc["srmr", "power"] > 0.5
        with pytest.raises(DataError, match="ordered and continuous items together"):
            pm.simulate_cutoffs(recorded("kinds/mixed"))

    @pytest.mark.parametrize("form", ["delta", "theta"])
    def test_what_follows_from_the_others_has_a_standard_error(self, form) -> None:
        found = cfa(MODEL, frame(600, seed=3), ordered=True, parameterization=form)
        op = "~~" if form == "delta" else "~*~"
        rows = found.parameters[(found.parameters["op"] == op) & ~found.parameters["free"]]
        rows = rows[rows["lhs"].isin(ITEMS)]
        assert len(rows) == 6
        loading = found.parameters.query("op == '=~'").set_index("rhs").loc[rows["lhs"]]
        # Residual variance 1 - l^2; scale (1 - l^2)^(1/2), in standardised loadings.
        size = loading["std_all"].to_numpy()
        left = 1 - size**2
        slope = 2 * size if form == "delta" else size / np.sqrt(left)
        value = left if form == "delta" else np.sqrt(left)
        np.testing.assert_allclose(rows["estimate"], value, rtol=1e-5)
        np.testing.assert_allclose(rows["se"], slope * loading["std_se"].to_numpy(), rtol=1e-5)

    @pytest.mark.parametrize("text", ["x1 | 0.5*t1 + -0.5*t2", "x1 | a*t1 + a*t2"])
    def test_thresholds_that_do_not_rise_are_told(self, text: str) -> None:
        with pytest.warns(DegenerateDataWarning, match="thresholds of x1 don't rise"):
            found = cfa(f"{MODEL}\n{text}", frame(), ordered=True)
        assert found.problem.code == "thresholds_out_of_order"

    def test_compare_takes_satorra(self) -> None:
        data = frame()
        free = cfa(MODEL, data, ordered=True)
        equal = cfa("f =~ x1 + a*x2 + a*x3\ng =~ x4 + x5 + x6", data, ordered=True)
        row = compare(free, equal).iloc[1]
        assert row["method"] == "Satorra (2000) difference, scaled and shifted"
        assert row["delta_df"] == 1
        with pytest.raises(DataError, match="use method='satorra_2000'"):
            compare(free, equal, method="satorra_bentler_2001")

    def test_compare_needs_the_same_ordered_answers(self) -> None:
        data, equal = frame(), "f =~ x1 + a*x2 + a*x3\ng =~ x4 + x5 + x6"
        free = cfa(MODEL, data, ordered=True)
        with pytest.raises(DataError, match="take other items as ordered: x1; x1, x2"):
            compare(cfa(MODEL, data, ordered=["x1"]), cfa(equal, data, ordered=True))
        joined = data.assign(x1=data["x1"].replace({4: 3}))
        others = data.sample(frac=1, replace=True, random_state=1)
        for other in (joined, others):
            with pytest.raises(DataError, match="not to the same answers"):
                compare(free, cfa(equal, other, ordered=True))

    def test_compare_has_no_test_of_a_statistic_that_is_no_chi_square(self) -> None:
        equal = "f =~ x1 + a*x2 + a*x3\ng =~ x4 + x5 + x6"
        both = [cfa(m, frame(), ordered=True, estimator="DWLS") for m in (MODEL, equal)]
        row = compare(*both).iloc[1]
        assert np.isnan(row["delta_p"])
        assert "no chi-square" in row["method"]

    def test_defined_parameters(self) -> None:
        found = cfa(
            "f =~ x1 + a*x2 + b*x3\ng =~ x4 + x5 + x6\nratio := a / b", frame(), ordered=True
        )
        row = found.parameters.query("op == ':='").iloc[0]
        assert row["se"] > 0


def never_back(told: list[tuple[int, int]]) -> bool:
    """Tell whether progress rises and ends with everything done."""
    done = [each for each, _ in told]
    return done == sorted(done) and told[-1][0] == told[-1][1] and len({t for _, t in told}) == 1


class TestBootstrap:
    def test_progress_goes_forward_through_all_stages(self) -> None:
        data = frame()
        found = cfa(MODEL, data, ordered=True, group="site")
        told: list[tuple[int, int]] = []
        found.bootstrap(60, rng=1, progress=lambda done, total: told.append((done, total)))
        assert never_back(told)
        assert any(0 < done < 30 for done, _ in told)
        told.clear()
        pm.simulate_cutoffs(
            found, n_samples=60, rng=1, progress=lambda done, total: told.append((done, total))
        )
        assert never_back(told)
        assert any(0 < done < 30 for done, _ in told)
        assert told[-1] == (120, 120)

    def test_samples_of_people_agree_with_the_standard_errors(self) -> None:
        found = cfa(MODEL, frame(600, seed=3), ordered=True)
        drawn = found.bootstrap(400, rng=1)
        assert drawn.n_failed == 0
        both = drawn.parameters.assign(se_formula=found.parameters["se"]).query("se > 0")
        assert len(both) == 25
        np.testing.assert_allclose(both["se"], both["se_formula"], rtol=0.25)

    def test_samples_from_the_model_test_it(self) -> None:
        found = cfa(MODEL, frame(400, seed=4), ordered=True)
        drawn = found.bootstrap(300, kind="parametric", rng=1)
        assert 0.01 < drawn.p_value <= 1
        again = found.bootstrap(300, kind="parametric", rng=1)
        np.testing.assert_array_equal(drawn.chi2, again.chi2)

    def test_groups_and_theta(self) -> None:
        found = cfa(
            MODEL, frame(500, seed=5), ordered=True, group="site", parameterization="theta",
            group_equal=["thresholds", "loadings"],
        )  # fmt: skip
        seen: list[int] = []
        drawn = found.bootstrap(60, rng=1, progress=lambda done, total: seen.append(done))
        assert drawn.n_failed <= 2
        assert seen == sorted(seen) or seen

    def test_what_can_not_be_drawn(self) -> None:
        with pytest.raises(DataError, match="use kind='parametric'"):
            recorded("one_factor/WLSMV_delta").bootstrap(10, kind="bollen_stine")
        with pytest.raises(DataError, match="ordered and continuous items together"):
            recorded("kinds/mixed").bootstrap(10)
        with pytest.raises(DataError, match="With weights"):
            recorded("one_factor/WLSMV_weighted").bootstrap(10)


def test_a_negative_residual_variance_is_named() -> None:
    # With correlations of .8, .8 and .4 the item between them would share more than it has.
    wanted = np.array([[1, 0.8, 0.8], [0.8, 1, 0.4], [0.8, 0.4, 1]])
    latent = np.random.default_rng(7).normal(size=(500, 3)) @ np.linalg.cholesky(wanted).T
    data = pd.DataFrame(np.digitize(latent, [-0.5, 0.5]), columns=["a", "b", "c"])
    with pytest.warns(DegenerateDataWarning, match="estimated variance of a is"):
        found = cfa("f =~ b + a + c", data, ordered=True)
    assert found.problem.code == "improper_solution"


def test_a_search_without_end_is_told() -> None:
    # One pair correlates and nothing else: a loading grows without end.
    rng = np.random.default_rng(7)
    base = rng.normal(size=(60, 1))
    latent = base + rng.normal(size=(60, 3)) * [0.1, 1.0, 3.0]
    data = pd.DataFrame(np.digitize(latent, [-0.5, 0.5]), columns=["a", "b", "c"])
    data["d"] = np.digitize(base[:, 0] * 0.3 + rng.normal(size=60), [0.0])
    with pytest.warns(ConvergenceWarning, match="did not end at an optimum"):
        found = cfa("f =~ a + b + c + d", data, ordered=True)
    assert not found.converged
