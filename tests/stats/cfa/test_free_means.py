"""Full information with the means taken out: lavaan's fits, derivatives, complete rows."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from psychometrics.stats.cfa.casewise import Rows
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.estimate import Optimum, maximize_likelihood
from psychometrics.stats.cfa.free_means import FreeMeans, free_means, little_of
from psychometrics.stats.cfa.free_means_fit import IncompleteFit, incomplete_fit
from psychometrics.stats.cfa.inference import parameter_covariance
from psychometrics.stats.cfa.kernel import SampleMoments, sample_moments
from psychometrics.stats.cfa.layout import Layout, lay_out
from psychometrics.stats.cfa.robust import robust_inference
from psychometrics.stats.cfa.start import start_values
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.missing_completely import little_test
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.patterns import find_patterns, saturated_moments
from tests.reference.load import HS_ITEMS, array, load
from tests.stats.cfa.cases import HS_MODEL

# lavaan stops where its log-likelihood rises by less than a millionth of a millionth, which leaves
# its estimates up to 1e-5 away.
ESTIMATE, ERROR, CHI2, INDEX = 1e-4, 1e-3, 1e-4, 1e-5


@cache
def blanked() -> tuple[FloatArray, IntArray]:
    """Return the incomplete rows of hs that hold something, and their clusters of five."""
    rows = array("hs_missing", HS_ITEMS)
    some = ~np.isnan(rows).all(axis=1)
    return rows[some], (np.arange(len(rows)) // 5)[some]


def moments_of(data: FreeMeans) -> SampleMoments:
    found = data.saturated
    return sample_moments(
        found.covariance[None, None], found.mean[None, None], np.array([[data.n]]), unbiased=False
    )


def search(table: ParameterTable, data: FreeMeans) -> tuple[Layout, Optimum]:
    layout = lay_out(table)
    start = start_values(table, layout, moments_of(data))
    found = maximize_likelihood(layout, data, start)
    assert found.converged.all()
    return layout, found


def in_levels(seed: int = 1, n: int = 240) -> tuple[ParameterTable, FreeMeans]:
    """Return answers of four levels of different means, a tenth of them missing."""
    rng = np.random.default_rng(seed)
    level = rng.integers(0, 4, n)
    trait = rng.normal(size=(n, 2)) @ np.array([[1.0, 0.4], [0.0, 0.9]])
    rows = trait.repeat(3, axis=1) + rng.normal(size=(n, 6)) + level[:, None]
    rows[rng.random(rows.shape) < 0.1] = np.nan
    rows[:, 0] = np.where(np.isnan(rows).all(axis=1), 0.0, rows[:, 0])
    table = complete({"one": list("abc"), "two": list("def")}, std_lv=True)
    return table, free_means(rows, level)


def recorded(name: str, part: str = "fiml") -> dict[str, Any]:
    record: dict[str, Any] = load("engine_hs")[part][name]
    return record


def of_covariances(table: ParameterTable, record: dict[str, Any], key: str) -> FloatArray:
    """Return lavaan's numbers of the free parameters, in our order."""
    known = {(p["op"], frozenset((p["lhs"], p["rhs"]))): p[key] for p in record["parameters"]}
    layout = lay_out(table)
    rows = [table.rows[at] for at in layout.free_rows]
    return np.array([known[row.op, frozenset((row.lhs, row.rhs))] for row in rows])


class TestAgainstLavaan:
    @pytest.mark.parametrize("std_lv", [False, True])
    def test_estimates_and_errors_of_the_observed_information(self, std_lv: bool) -> None:
        table = complete(HS_MODEL, std_lv=std_lv)
        data = free_means(blanked()[0], np.zeros(len(blanked()[0]), dtype=int))
        layout, found = search(table, data)
        record = recorded("ML_std_lv" if std_lv else "ML")
        np.testing.assert_allclose(
            found.z[0], of_covariances(table, record, "est"), rtol=ESTIMATE, atol=ESTIMATE
        )
        covariance = parameter_covariance(data.slopes(layout, found.z, observed=True)[1])[0]
        theirs = of_covariances(table, record, "se")
        np.testing.assert_allclose(np.sqrt(np.diagonal(covariance)), theirs, rtol=ERROR)

    @pytest.mark.parametrize(("name", "part"), [("MLR", "fiml"), ("cluster61_fiml", "sampling")])
    def test_robust_errors(self, name: str, part: str) -> None:
        rows, clusters = blanked()
        table = complete(HS_MODEL)
        data = free_means(rows, np.zeros(len(rows), dtype=int))
        layout, found = search(table, data)
        sandwich = data.sandwich(layout, found.z[0], clusters if part == "sampling" else None)
        theirs = of_covariances(table, recorded(name, part), "se")
        np.testing.assert_allclose(np.sqrt(np.diagonal(sandwich)), theirs, rtol=ERROR)

    def test_fit(self) -> None:
        fit, record = fit_of(complete(HS_MODEL)), recorded("ML")["fit"]
        usual, corrected = fit.indices, fit.corrected
        assert corrected is not None
        assert usual.chi2 == pytest.approx(record["chisq"], rel=CHI2)
        assert usual.chi2_baseline == pytest.approx(record["baseline.chisq"], rel=CHI2)
        assert (usual.df, usual.df_baseline) == (record["df"], record["baseline.df"])
        assert usual.log_likelihood == pytest.approx(record["logl"], rel=1e-8)
        assert usual.srmr == pytest.approx(record["srmr_bentler_nomean"], abs=INDEX)
        pairs = {
            "cfi": usual.cfi, "tli": usual.tli, "rmsea": usual.rmsea,
            "rmsea.ci.lower": usual.rmsea_low, "rmsea.ci.upper": usual.rmsea_high,
            "cfi.robust": corrected.cfi_robust, "tli.robust": corrected.tli_robust,
            "rmsea.robust": corrected.rmsea_robust,
            "rmsea.ci.lower.robust": fit.rmsea_low,
            "rmsea.ci.upper.robust": fit.rmsea_high,
        }  # fmt: skip
        for name, ours in pairs.items():
            assert ours == pytest.approx(record[name], abs=INDEX), name

    def test_means_count_as_no_parameters(self) -> None:
        fit, record = fit_of(complete(HS_MODEL)), recorded("ML")["fit"]
        assert fit.indices.n_parameters == record["npar"] - len(HS_ITEMS)


def fit_of(table: ParameterTable) -> IncompleteFit:
    rows = blanked()[0]
    data = free_means(rows, np.zeros(len(rows), dtype=int))
    layout, found = search(table, data)
    return incomplete_fit(
        table, layout, found.z[0], float(found.fmin[0, 0]), data, moments_of(data)
    )


class TestDerivatives:
    def test_gradient(self) -> None:
        table, data = in_levels()
        layout, found = search(table, data)
        z, step = found.z + 0.05, 1e-5
        at = np.eye(z.shape[1]) * step
        numeric = [
            (data.objective(layout, z + one)[0] - data.objective(layout, z - one)[0]) / (2 * step)
            for one in at
        ]
        ours = data.slopes(layout, z, observed=True)[0][0]
        np.testing.assert_allclose(ours, numeric, rtol=1e-6, atol=1e-5)

    def test_information(self) -> None:
        table, data = in_levels()
        layout, found = search(table, data)
        z, step = found.z + 0.05, 1e-5

        def gradient(point: FloatArray) -> FloatArray:
            return data.slopes(layout, point, observed=True)[0][0]

        at = np.eye(z.shape[1]) * step
        numeric = [(gradient(z + one) - gradient(z - one)) / (2 * step) for one in at]
        ours = data.slopes(layout, z, observed=True)[1].dense()[0]
        np.testing.assert_allclose(ours, numeric, rtol=1e-5, atol=1e-4)

    def test_scores_sum_to_the_gradient(self) -> None:
        table, data = in_levels()
        one_level = free_means(data.rows, np.zeros(len(data.rows), dtype=int))
        layout, found = search(table, one_level)
        assert abs(one_level.scores(layout, found.z[0]).sum(axis=0)).max() < 1e-3


class TestMoments:
    def test_one_level_has_the_moments_of_the_patterns(self) -> None:
        rows = blanked()[0]
        ours = free_means(rows, np.zeros(len(rows), dtype=int)).saturated
        theirs = saturated_moments(find_patterns(rows))
        assert ours.converged
        np.testing.assert_allclose(ours.covariance, theirs.covariance, atol=1e-5)
        np.testing.assert_allclose(ours.mean, theirs.mean, atol=1e-5)

    def test_no_covariance_does_better(self) -> None:
        _, data = in_levels()
        best = data.saturated.covariance
        assert abs(data.sums(best).pull).max() < 1e-2
        for shift in (0.98, 1.02):
            assert data.sums(best * shift).value > data.sums(best).value

    def test_units_of_the_answers_change_nothing(self) -> None:
        _, data = in_levels()
        scaled = free_means(data.rows * 10 + 3, data.row_level).saturated
        np.testing.assert_allclose(scaled.covariance, data.saturated.covariance * 100, rtol=1e-4)

    def test_order_of_people_changes_nothing(self) -> None:
        table, data = in_levels()
        turn = np.random.default_rng(3).permutation(len(data.rows))
        other = free_means(data.rows[turn], data.row_level[turn])
        layout, found = search(table, data)
        np.testing.assert_allclose(
            other.objective(layout, found.z), data.objective(layout, found.z)
        )
        np.testing.assert_allclose(
            other.sandwich(layout, found.z[0]), data.sandwich(layout, found.z[0]), rtol=1e-8
        )


class TestCompleteRows:
    """With nothing missing it is the likelihood of N - G + 1 people with the within covariance."""

    def complete(self) -> tuple[ParameterTable, FreeMeans, SampleMoments]:
        table, data = in_levels()
        rows = np.where(np.isnan(data.rows), 0.5, data.rows)
        rows += np.random.default_rng(5).normal(scale=0.1, size=rows.shape)
        level = data.row_level
        middle = np.array([rows[level == at].mean(axis=0) for at in range(4)])[level]
        within = (rows - middle).T @ (rows - middle) / (len(rows) - 4)
        moments = sample_moments(
            within[None, None], np.zeros((1, 1, 6)), np.array([[len(rows) - 3.0]])
        )
        return table, free_means(rows, level), moments

    def test_fit_function(self) -> None:
        table, data, moments = self.complete()
        layout = lay_out(table)
        z = start_values(table, layout, moments)
        assert data.n == pytest.approx(moments.n[0, 0])
        np.testing.assert_allclose(
            data.fit_function(layout, z), moments.fit_function(layout, z), rtol=1e-9
        )

    def test_information_and_robust_errors(self) -> None:
        table, data, moments = self.complete()
        layout, found = search(table, data)
        np.testing.assert_allclose(
            data.slopes(layout, found.z, observed=True)[1].dense(),
            moments.slopes(layout, found.z, observed=True)[1].dense(),
            rtol=1e-6, atol=1e-6,
        )  # fmt: skip
        mean = np.array([data.rows[data.row_level == at].mean(axis=0) for at in range(4)])
        rows = Rows(data.rows - mean[data.row_level])
        theirs = robust_inference(layout, found.z[0], moments, [rows]).sandwich
        np.testing.assert_allclose(data.sandwich(layout, found.z[0]), theirs, rtol=1e-6)

    def test_corrected_indices_are_the_usual_ones(self) -> None:
        table, data, _ = self.complete()
        layout, found = search(table, data)
        fit = incomplete_fit(
            table, layout, found.z[0], float(found.fmin[0, 0]), data, moments_of(data)
        )
        assert fit.corrected is not None
        # The complete-data weight is the expected information, the spread the observed one.
        assert fit.corrected.cfi_robust == pytest.approx(fit.indices.cfi, abs=1e-3)
        assert fit.corrected.rmsea_robust == pytest.approx(fit.indices.rmsea, abs=2e-3)


class TestLittle:
    def test_one_level_is_littles_test(self) -> None:
        rows = blanked()[0]
        ours = little_of(free_means(rows, np.zeros(len(rows), dtype=int)))
        theirs = little_test(rows)
        assert (ours.df, ours.n_patterns) == (theirs.df, theirs.n_patterns)
        assert ours.chi2 == pytest.approx(theirs.chi2, rel=1e-6)
        assert ours.p_value == pytest.approx(theirs.p_value, rel=1e-5)

    def test_a_level_is_compared_with_itself(self) -> None:
        _, data = in_levels()
        shifted = free_means(data.rows + 5 * data.row_level[:, None], data.row_level)
        assert little_of(shifted).chi2 == pytest.approx(little_of(data).chi2, rel=1e-5)


class TestEdges:
    def test_an_item_that_a_level_lacks(self) -> None:
        table, data = in_levels()
        rows = data.rows.copy()
        rows[data.row_level == 2, 4] = np.nan
        lacking = free_means(rows, data.row_level)
        assert lacking.saturated.converged
        layout, found = search(table, lacking)
        covariance = lacking.sandwich(layout, found.z[0])
        assert (np.diagonal(covariance) > 0).all()

    def test_too_few_people_for_a_maximum(self) -> None:
        rows = np.array([[1.0, 2.0, np.nan], [2.0, 1.0, 3.0], [np.nan, 2.0, 1.0]])
        found = free_means(rows, np.zeros(3, dtype=int)).saturated
        assert not found.converged
        assert np.isnan(found.mean).all()

    def test_a_matrix_that_is_no_covariance(self) -> None:
        _, data = in_levels()
        assert data.sums(-np.eye(6)).value == np.inf

    def test_one_cluster_has_no_spread_to_speak_of(self) -> None:
        table, levels = in_levels()
        data = free_means(levels.rows, np.zeros(len(levels.rows), dtype=int))
        layout, found = search(table, data)
        alone = data.sandwich(layout, found.z[0], np.zeros(len(data.rows), dtype=int))
        usual = data.sandwich(layout, found.z[0])
        assert np.diagonal(alone).max() < 1e-2 * np.diagonal(usual).min()
