"""Models of the study from all answers there are: against single fits, complete rows, the truth."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from psychometrics import cfa
from psychometrics.validity.convergent import convergent_of, shares_of
from psychometrics.validity.difference_tests import correlation_place, difference_tests
from psychometrics.validity.discriminant import discriminant_of
from psychometrics.validity.factors import FactorModels
from psychometrics.validity.htmt import htmt_of
from psychometrics.validity.internal_consistency import reliability_of
from psychometrics.validity.missing_rows import missing_table
from psychometrics.validity.model_fit import FIT_COLUMNS, fit_rows, judged_indices
from psychometrics.validity.reliability_sample import Resampling
from psychometrics.validity.robust_units import with_robust_errors
from psychometrics.validity.selection import ModelMissing, select
from psychometrics.validity.unidimensionality import unidimensionality_of
from psychometrics.validity.units import FEW_CLUSTERS, tidy
from tests.reference.load import BFI_SCALES, bfi, load, rows
from tests.validity.small import only

SCALES = {"calm": ["a1", "a2", "a3"], "bold": ["b1", "b2", "b3"], "open": ["c1", "c2", "c3"]}
ITEMS = [item for items in SCALES.values() for item in items]
SITES = ("x", "y", "z")


@cache
def blanked(n: int = 480, seed: int = 4) -> pd.DataFrame:
    """Return answers of three sites: x and y with missing ones, z without."""
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=(n, 3)) @ np.linalg.cholesky(0.5 * np.eye(3) + 0.5).T
    values = 0.8 * trait.repeat(3, axis=1) + 0.7 * rng.normal(size=(n, 9))
    site = np.arange(n) % 3
    values += site[:, None] * 0.5
    values[(rng.random(values.shape) < 0.1) & (site < 2)[:, None]] = np.nan
    frame = pd.DataFrame(values, columns=ITEMS).assign(
        site=np.array(SITES)[site], service=np.arange(n) // 3 // 4
    )
    frame.loc[0, ITEMS] = np.nan  # somebody of x who answered nothing
    return frame


@cache
def models(missing: ModelMissing = "fiml", *, clustered: bool = False) -> FactorModels:
    frame = blanked()
    chosen = select(frame, SCALES, group="site")
    clusters = (frame["service"] * 3 + chosen.group).to_numpy() if clustered else None
    return FactorModels(chosen, {}, missing, clusters)


@cache
def alone(name: str, **options: Any) -> Any:
    """Fit a site, or everybody, by itself."""
    frame = blanked()
    own = frame if name == "total" else frame[frame["site"] == name]
    return cfa(SCALES, own[[*ITEMS, "service"]], missing="fiml", std_lv=True, **options)


def unit(name: str) -> dict[str, Any]:
    return {"pooling": name} if name in ("total", "within") else {"group": name}


def fit_frame(found: FactorModels) -> pd.DataFrame:
    return tidy(fit_rows("correlated_factors", found.together), FIT_COLUMNS)


@pytest.mark.parametrize("name", ["total", "x", "y"])
class TestAgainstSingleFits:
    def test_fit(self, name: str) -> None:
        row, fit = only(fit_frame(models()), **unit(name)), alone(name).fit_indices
        assert row["method"] == "FIML, all answers"
        for index in ("chi2", "df", "chi2_baseline", "cfi", "tli", "rmsea", "log_likelihood"):
            assert row[index] == pytest.approx(fit[index], rel=1e-6), index
        for index in ("cfi_robust", "tli_robust", "rmsea_robust"):
            assert row[index] == pytest.approx(fit[index], abs=1e-7), index
        assert row["n_obs"] == fit["n_obs"]

    def test_loadings(self, name: str) -> None:
        table, fit = convergent_of(models()), alone(name)
        row = only(table, scale="calm", statistic="loading", item="a2", **unit(name))
        there = only(fit.parameters, lhs="calm", op="=~", rhs="a2")
        assert row["estimate"] == pytest.approx(there["std_all"], abs=1e-6)
        assert row["method"].startswith("FIML, all scales' factors together")

    def test_correlations_and_robust_errors(self, name: str) -> None:
        table = discriminant_of(models(), htmt_of(models().chosen, missing="fiml"))
        row = only(table, scale_a="calm", scale_b="open", **unit(name))
        there = only(alone(name, estimator="MLR").parameters, lhs="calm", op="~~", rhs="open")
        assert row["correlation"] == pytest.approx(there["estimate"], abs=1e-6)
        error = (row["high"] - row["low"]) / 2 / stats.norm.isf(0.025)
        assert error == pytest.approx(there["se"], rel=1e-5)

    def test_chi_square_difference(self, name: str) -> None:
        pairs = list(combinations(SCALES, 2))
        made = difference_tests(models().together, pairs, 0.9)
        at = next(i for i, u in enumerate(models().together.units.pooling) if u == "total")
        if name != "total":
            at = models().together.units.group.index(name)
        frame = blanked()
        own = frame if name == "total" else frame[frame["site"] == name]
        text = "\n".join(f"{s} =~ {' + '.join(items)}" for s, items in SCALES.items())
        held = cfa(f"{text}\ncalm ~~ 0.9*bold", own[ITEMS], missing="fiml", std_lv=True)
        fall = held.fit_indices["chi2"] - alone(name).fit_indices["chi2"]
        assert made[at, "calm", "bold"]["chi2_difference"] == pytest.approx(fall, abs=1e-5)

    def test_omega(self, name: str) -> None:
        table = reliability_of(models(), ("omega_total",), how=Resampling(50))
        row = only(table, scale="bold", **unit(name))
        frame = blanked()
        own = frame if name == "total" else frame[frame["site"] == name]
        fit = cfa({"bold": SCALES["bold"]}, own[ITEMS], missing="fiml", std_lv=True)
        loadings = fit.parameters.query("op == '=~'")["estimate"]
        residuals = fit.parameters.query("op == '~~' and lhs != 'bold'")["estimate"]
        omega = loadings.sum() ** 2 / (loadings.sum() ** 2 + residuals.sum())
        assert row["estimate"] == pytest.approx(omega, abs=1e-6)
        assert "one-factor FIML" in row["method"]


@cache
def of_bfi() -> FactorModels:
    return FactorModels(select(bfi(), BFI_SCALES, group="education"), {}, "fiml")


@pytest.mark.parametrize("name", ["total", "1", "2", "3", "4", "5"])
@pytest.mark.parametrize("scale", BFI_SCALES)
def test_one_scale_is_lavaans_at_every_site(scale: str, name: str) -> None:
    record = load("all_answers")["scales"][name][scale]
    found, models_of_bfi = of_bfi().alone(scale), of_bfi()
    at = found.units.pooling.index("total") if name == "total" else found.units.group.index(name)
    row = fit_rows(scale, found)[at]
    assert row["n_obs"] == record["n_obs"]
    assert row["chi2"] == pytest.approx(record["chisq"], rel=1e-5)
    assert row["cfi_robust"] == pytest.approx(record["cfi.robust"], abs=1e-5)
    assert row["rmsea_robust"] == pytest.approx(record["rmsea.robust"], abs=1e-5)
    items = models_of_bfi.scales[scale]
    omega = shares_of(found, scale, items, at, 0.95)["composite_reliability"]["estimate"]
    # lavaan's estimates are up to 1e-5 off where its criterion is met.
    assert omega == pytest.approx(record["omega"], abs=2e-6)


@pytest.mark.parametrize("name", ["1", "4"])
def test_all_scales_are_lavaans_at_two_sites(name: str) -> None:
    record = load("all_answers")["together"][name]
    fitted = with_robust_errors(of_bfi().together, of_bfi().chosen)
    at = fitted.units.group.index(name)
    row = fit_rows("correlated_factors", fitted)[at]
    assert row["n_obs"] == record["n_obs"]
    assert row["chi2"] == pytest.approx(record["chisq"], rel=1e-5)
    z, covariance = fitted.parameters(at)
    compared = 0
    for theirs in rows(record["parameters"]).to_dict("records"):
        if theirs["op"] != "~~" or theirs["lhs"] == theirs["rhs"] or not theirs["se"]:
            continue
        place = correlation_place(fitted, theirs["lhs"], theirs["rhs"])
        assert z[place] == pytest.approx(theirs["est"], abs=5e-5)
        assert np.sqrt(covariance[place, place]) == pytest.approx(theirs["se"], rel=1e-3)
        compared += 1
    assert compared == 10


def test_within_sites_is_the_model_of_all_sites_with_means_of_their_own() -> None:
    frame = blanked()
    fit = cfa(
        SCALES, frame[[*ITEMS, "site"]], group="site", missing="fiml", std_lv=True,
        group_equal=("loadings", "residuals", "lv.variances", "lv.covariances"),
    )  # fmt: skip
    found = discriminant_of(models(), htmt_of(models().chosen, missing="fiml"))
    for a, b in combinations(SCALES, 2):
        row = only(found, scale_a=a, scale_b=b, pooling="within")
        there = fit.parameters.query("lhs == @a and op == '~~' and rhs == @b and group == 'x'")
        assert row["correlation"] == pytest.approx(there["estimate"].iloc[0], abs=1e-6)
    row = only(fit_frame(models()), pooling="within")
    assert row["n_obs"] == 479  # everybody but the one who answered nothing


TABLES = {
    "fit": fit_frame,
    "convergent": convergent_of,
    "unidimensionality": unidimensionality_of,
    "discriminant": lambda found: discriminant_of(
        found, htmt_of(found.chosen, n_boot=40, missing=found.missing)
    ),
    "reliability": lambda found: reliability_of(
        found, ("omega_total", "coefficient_h"), how=Resampling(40)
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_site_without_missing_answers_has_the_numbers_of_complete_rows(name: str) -> None:
    mine, theirs = TABLES[name](models("fiml")), TABLES[name](models("listwise"))
    mine, theirs = (table[table["group"] == "z"].reset_index(drop=True) for table in (mine, theirs))
    pd.testing.assert_frame_equal(mine, theirs, check_exact=True)


@pytest.mark.parametrize("name", TABLES)
def test_complete_answers_have_the_numbers_of_complete_rows_everywhere(name: str) -> None:
    frame = blanked().dropna()
    chosen = select(frame, SCALES, group="site")
    mine, theirs = (TABLES[name](FactorModels(chosen, {}, how)) for how in ("fiml", "listwise"))
    pd.testing.assert_frame_equal(mine, theirs, check_exact=True)


def test_missing_at_random_biases_complete_rows_and_not_full_information() -> None:
    """A fifth of the second scale's answers are missing where the first is high.

    The true correlation is .6. Of 20 samples of 400 the mean has a standard error of about .01.
    """
    rng, found = np.random.default_rng(20), []
    for _ in range(20):
        trait = rng.normal(size=(400, 2)) @ np.linalg.cholesky([[1, 0.6], [0.6, 1]]).T
        values = 0.8 * trait.repeat(3, axis=1) + 0.6 * rng.normal(size=(400, 6))
        high = values[:, :3].mean(axis=1) > 0.15
        values[:, 3:][high[:, None] & (rng.random((400, 3)) < 0.5)] = np.nan
        chosen = select(pd.DataFrame(values, columns=list("abcdef")), {
            "one": list("abc"), "two": list("def"),
        })  # fmt: skip
        each = []
        for missing in ("fiml", "listwise"):
            fitted = FactorModels(chosen, {}, missing).together  # type: ignore[arg-type]
            at = fitted.slot("factor of one", "~~", "factor of two")
            each.append(float(fitted.slots(0, [at])[0][0]))
        found.append(each)
    full, complete = np.mean(found, axis=0)
    assert abs(full - 0.6) < 0.03
    assert complete < 0.6 - 0.05


class TestReasons:
    def test_items_never_answered_together(self) -> None:
        frame = blanked().copy()
        at = frame["site"] == "x"
        frame.loc[at & (frame.index % 2 == 0), "a1"] = np.nan
        frame.loc[at & (frame.index % 2 == 1), "b1"] = np.nan
        chosen = select(frame, SCALES, group="site")
        found = FactorModels(chosen, {}, "fiml").together
        why = found.reasons[found.units.group.index("x")]
        assert why.code == "never_answered_together"
        assert {"a1", "b1"} <= set(why.params["items"].split(", "))
        ratios = htmt_of(chosen, missing="fiml", n_boot=20)
        row = only(ratios, scale_a="calm", scale_b="bold", variant="htmt", group="x")
        assert row["reason"].code == "never_answered_together"
        other = only(ratios, scale_a="calm", scale_b="open", variant="htmt", group="x")
        assert not other["reason"]

    def test_an_item_that_nobody_at_a_site_answered(self) -> None:
        frame = blanked().copy()
        frame.loc[frame["site"] == "x", "a1"] = np.nan
        found = FactorModels(select(frame, SCALES, group="site"), {}, "fiml").together
        why = found.reasons[found.units.group.index("x")]
        assert (why.code, why.params["items"]) == ("model_lacks_items", "a1")
        # The other sites speak for it.
        assert not found.reasons[found.units.pooling.index("within")]

    def test_an_item_without_spread(self) -> None:
        frame = blanked().copy()
        frame.loc[(frame["site"] == "x") & frame["a1"].notna(), "a1"] = 3.0
        found = FactorModels(select(frame, SCALES, group="site"), {}, "fiml").together
        assert found.reasons[found.units.group.index("x")].code == "constant_items"

    def test_nobody(self) -> None:
        frame = blanked().copy()
        frame.loc[frame["site"] == "x", ITEMS] = np.nan
        found = FactorModels(select(frame, SCALES, group="site"), {}, "fiml").together
        why = found.reasons[found.units.group.index("x")]
        assert (why.code, why.params["n_obs"]) == ("too_few_cases", 0)


def test_weights_leave_incomplete_rows_out() -> None:
    frame = blanked().assign(weight=1.0)
    chosen = select(frame, SCALES, group="site", weights="weight")
    found = FactorModels(chosen, {}, "fiml").together
    assert not found.incomplete
    assert found.units.n[0] == len(frame.dropna())


class TestClusters:
    def test_errors_are_those_of_a_fit_by_cluster(self) -> None:
        table = discriminant_of(models(clustered=True), htmt_of(models().chosen, missing="fiml"))
        for name in ("x", "z"):
            row = only(table, scale_a="calm", scale_b="bold", **unit(name))
            fit = alone(name, estimator="MLR", cluster="service")
            there = only(fit.parameters, lhs="calm", op="~~", rhs="bold")
            error = (row["high"] - row["low"]) / 2 / stats.t.isf(0.025, 39)
            assert error == pytest.approx(there["se"], rel=1e-5)
            assert (
                f"by cluster (40), t with 39 df, few for that: under {FEW_CLUSTERS}"
                in (row["method"])
            )

    def test_loadings_and_shares_count_clusters(self) -> None:
        mine, theirs = convergent_of(models(clustered=True)), convergent_of(models())
        sites = mine["pooling"] != "meta"
        assert mine.loc[sites, "estimate"].equals(theirs.loc[sites, "estimate"])
        assert mine.loc[sites, "method"].str.contains("by cluster").all()
        assert (mine.loc[sites, "low"] != theirs.loc[sites, "low"]).all()

    def test_within_sites_each_site_costs_a_degree_of_freedom(self) -> None:
        fitted = models(clustered=True).by_cluster(models(clustered=True).together)
        at = fitted.units.pooling.index("within")
        assert (fitted.clusters[at].count, fitted.clusters[at].df) == (120, 117)

    def test_one_cluster_has_no_errors(self) -> None:
        chosen = models().chosen
        clusters = np.where(chosen.group == 0, 1000, np.arange(len(chosen.group)) // 12)
        found = convergent_of(FactorModels(chosen, {}, "fiml", clusters))
        row = only(found, scale="calm", statistic="ave", group="x")
        assert row["reason"].code == "one_cluster"
        assert np.isfinite(row["estimate"])
        assert np.isnan(row["low"])

    def test_htmt_draws_whole_clusters(self) -> None:
        chosen, clusters = models().chosen, models(clustered=True).clusters
        alike = np.repeat(np.arange(len(chosen.group) // 12 + 1), 12)[: len(chosen.group)]
        table = htmt_of(chosen, ("htmt",), 60, missing="fiml", clusters=clusters)
        row = only(table, scale_a="calm", scale_b="bold", group="z")
        assert row["method"].startswith("percentile bootstrap of whole clusters, 60")
        # A copy of everybody in the same cluster changes nothing: there is no more to be known.
        twice = select(pd.concat([blanked(), blanked()]), SCALES, group="site")
        one = htmt_of(chosen, ("htmt",), 400, missing="fiml", clusters=alike)
        two = htmt_of(twice, ("htmt",), 400, missing="fiml", clusters=np.tile(alike, 2))
        for name in ("x", "z"):
            rows = [only(t, scale_a="calm", scale_b="bold", group=name) for t in (one, two)]
            widths = [row["high"] - row["low"] for row in rows]
            assert widths[1] == pytest.approx(widths[0], rel=0.2)


class TestHTMT:
    def test_it_is_made_of_all_pairs_of_answers(self) -> None:
        frame = blanked()
        row = only(
            htmt_of(models().chosen, ("htmt",), missing="fiml"),
            scale_a="calm", scale_b="bold", group="x",
        )  # fmt: skip
        covariance = frame.loc[frame["site"] == "x", ITEMS].cov()
        sd = np.sqrt(np.diagonal(covariance))
        r = (covariance / np.outer(sd, sd)).abs()
        a, b = SCALES["calm"], SCALES["bold"]

        def inside(items: list[str]) -> float:
            return float(np.mean([r.loc[i, j] for i, j in combinations(items, 2)]))

        expected = r.loc[a, b].to_numpy().mean() / np.sqrt(inside(a) * inside(b))
        assert row["estimate"] == pytest.approx(expected, rel=1e-10)
        assert "missing completely at random" in row["method"]
        assert row["n_obs"] == 159

    def test_the_same_seed_gives_the_same_numbers(self) -> None:
        one, two = (htmt_of(models().chosen, n_boot=30, seed=3, missing="fiml") for _ in range(2))
        pd.testing.assert_frame_equal(one, two)


class TestMissingTable:
    def table(self, missing: ModelMissing = "fiml") -> pd.DataFrame:
        found = models(missing)
        structural = np.zeros(found.chosen.values.shape, dtype=bool)
        structural[1, 0] = not found.chosen.observed[1, 0]
        return missing_table(found, structural, 0.95)

    def test_people_are_counted(self) -> None:
        frame = blanked()
        own = frame.loc[frame["site"] == "x", ITEMS]
        row = only(self.table(), model="correlated_factors", group="x")
        assert row["n_rows"] == len(own)
        assert row["n_empty"] == 1
        assert row["n_obs"] == len(own) - 1
        assert row["n_complete"] == len(own.dropna())
        assert row["lost"] == pytest.approx(1 - len(own.dropna()) / (len(own) - 1))
        seen = own.notna().astype(float)
        assert row["scarcest_pair"] == int((seen.T @ seen).to_numpy().min())
        assert row["n_patterns"] == len(seen.drop_duplicates()) - 1
        assert (row["treatment"], row["assumption"]) == ("fiml", "missing_at_random")

    def test_a_site_without_missing_answers(self) -> None:
        row = only(self.table(), model="calm", group="z")
        assert (row["treatment"], row["lost"]) == ("nothing_missing", 0)
        assert row["estimate"] == row["estimate_listwise"]
        assert row["width"] == row["width_listwise"]

    def test_complete_rows_stand_beside(self) -> None:
        row = only(self.table(), model="calm", group="x")
        other = only(self.table("listwise"), model="calm", group="x")
        assert other["estimate"] == row["estimate_listwise"] == other["estimate_listwise"]
        assert other["treatment"] == "listwise"
        assert other["n_obs"] == other["n_complete"]

    def test_littles_test(self) -> None:
        row = only(self.table(), model="correlated_factors", pooling="total")
        assert 0 < row["little_p"] <= 1
        assert np.isnan(only(self.table(), model="calm", group="z")["little_p"])


def test_corrected_indices_are_judged() -> None:
    frame = fit_frame(models())
    made = judged_indices(frame)
    incomplete = frame["cfi_robust"].notna()
    assert incomplete.sum() == 4  # total, within, x, y
    assert (made.loc[incomplete, "cfi"] == frame.loc[incomplete, "cfi_robust"]).all()
    assert (made.loc[~incomplete, "cfi"] == frame.loc[~incomplete, "cfi"]).all()
