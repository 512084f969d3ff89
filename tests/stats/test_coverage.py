"""Simulations with known parameters: bias, and coverage of the intervals.

Every rate stands beside its Monte Carlo error: the standard deviation of a rate p over R
replications is sqrt(p (1 - p) / R). Bounds leave four of them unless the text says otherwise.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import stats

from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.fit import Fits, fit_moments
from psychometrics.stats.cfa.inference import delta_method, infer, standardize
from psychometrics.stats.cfa.kernel import imply, slot_values
from psychometrics.stats.cfa.layout import lay_out
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.reliability import (
    bonett_interval,
    cronbach_alpha,
    feldt_interval,
    logit_interval,
    omega_from_loadings,
)

pytestmark = pytest.mark.slow

REPLICATIONS = 2_000
PEOPLE = 200
Z = stats.norm.isf(0.025)
MODELS = {
    "three factors": (
        "f =~ 0.8*a1 + 0.7*a2 + 0.6*a3 + 0.75*a4\n"
        "g =~ 0.9*b1 + 0.5*b2 + 0.7*b3 + 0.65*b4\n"
        "h =~ 0.7*c1 + 0.7*c2 + 0.6*c3 + 0.8*c4\n"
        "f ~~ 1*f + 0.5*g + 0.3*h\ng ~~ 1*g + 0.4*h\nh ~~ 1*h\n"
        "a1 ~~ 0.36*a1\na2 ~~ 0.51*a2\na3 ~~ 0.64*a3\na4 ~~ 0.4*a4\n"
        "b1 ~~ 0.3*b1\nb2 ~~ 0.75*b2\nb3 ~~ 0.51*b3\nb4 ~~ 0.6*b4\n"
        "c1 ~~ 0.51*c1\nc2 ~~ 0.51*c2\nc3 ~~ 0.64*c3\nc4 ~~ 0.36*c4"
    ),
    "covariate": (
        "f =~ 0.8*a1 + 0.7*a2 + 0.6*a3\ng =~ 0.9*b1 + 0.5*b2 + 0.7*b3\n"
        "f ~ 0.4*x\ng ~ 0.3*f + -0.2*x\nf ~~ 1*f\ng ~~ 1*g\nx ~~ 1*x\n"
        "a1 ~~ 0.36*a1\na2 ~~ 0.51*a2\na3 ~~ 0.64*a3\n"
        "b1 ~~ 0.3*b1\nb2 ~~ 0.75*b2\nb3 ~~ 0.51*b3"
    ),
}
FITTED = {
    "three factors": "f =~ a1 + a2 + a3 + a4\ng =~ b1 + b2 + b3 + b4\nh =~ c1 + c2 + c3 + c4",
    "covariate": "f =~ a1 + a2 + a3\ng =~ b1 + b2 + b3\nf ~ x\ng ~ f + x",
}


def population(model: str) -> tuple[dict[str, float], FloatArray, tuple[str, ...]]:
    """Return the true parameters, the covariance they imply, and the variables."""
    # One parameter is left free so that the model can be laid out; it is set to its own value.
    table = complete(MODELS[model] + "\nspare ~~ spare")
    layout = lay_out(table)
    implied = imply(layout, np.ones((1, 1))).covariance[0, 0]
    kept = [i for i, name in enumerate(table.observed) if name != "spare"]
    truth = {row.name: row.value for row in table.rows if row.value is not None}
    names = tuple(table.observed[i] for i in kept)
    return truth, implied[np.ix_(kept, kept)], names


@cache
def simulated(model: str) -> tuple[Fits, FloatArray, FloatArray]:
    """Fit the model to every replication at once; return the fits, the truth and what is free."""
    truth, covariance, names = population(model)
    table = complete(FITTED[model], std_lv=True)
    place = [names.index(name) for name in table.observed]
    rng = np.random.default_rng(20_260)
    root = np.linalg.cholesky(covariance[np.ix_(place, place)])
    rows = rng.normal(size=(REPLICATIONS, PEOPLE, len(place))) @ root.T
    centred = rows - rows.mean(axis=1, keepdims=True)
    samples = np.swapaxes(centred, 1, 2) @ centred / (PEOPLE - 1)
    fits = fit_moments(table, samples, np.full(REPLICATIONS, float(PEOPLE)))
    wanted = [table.rows[i] for i in fits.layout.free_rows]
    values = np.array([true_value(truth, row.name) for row in wanted])
    estimated = np.array([not row.exogenous for row in wanted])
    return fits, values, estimated


def true_value(truth: dict[str, float], name: str) -> float:
    left, right = name.split("~~") if "~~" in name else (name, "")
    return truth[name] if name in truth else truth[f"{right}~~{left}"]


@pytest.mark.parametrize("model", MODELS)
class TestMaximumLikelihood:
    def test_replications_converge_and_nearly_all_are_proper(self, model: str) -> None:
        fits, _, _ = simulated(model)
        assert fits.optimum.converged.all()
        # Three items a factor and a residual of .3: now and then one comes out negative.
        improper = sum(fits.problem(r) != "" for r in range(REPLICATIONS))
        assert improper <= 0.03 * REPLICATIONS

    def test_estimates_are_where_the_truth_is(self, model: str) -> None:
        fits, truth, estimated = simulated(model)
        z = fits.optimum.z
        error = z.std(axis=0) / np.sqrt(REPLICATIONS)
        bias = z.mean(axis=0) - truth
        # ML's own bias is of the order 1 / n: variances lose about 2 % at 200 people.
        room = 4 * error + 4 * np.maximum(np.abs(truth), 0.25) / PEOPLE
        assert (np.abs(bias) < room)[estimated].all()

    def test_standard_errors_are_the_spread_of_the_estimates(self, model: str) -> None:
        fits, _, estimated = simulated(model)
        spread = fits.optimum.z.std(axis=0)
        stated = np.sqrt(np.einsum("rqq->rq", fits.covariance)).mean(axis=0)
        # 2,000 replications know a standard deviation to 1 / sqrt(4000) = 1.6 %; at 200 people
        # stated errors run low, by 2 % on average and 7 % for a residual that is near zero.
        ratio = (stated / spread)[estimated]
        assert abs(ratio.mean() - 1) < 0.04
        assert abs(ratio - 1).max() < 0.07 + 4 * 0.016

    def test_intervals_cover(self, model: str) -> None:
        fits, truth, estimated = simulated(model)
        se = np.sqrt(np.einsum("rqq->rq", fits.covariance))
        covered = (np.abs(fits.optimum.z - truth) < Z * se).mean(axis=0)[estimated]
        # Monte Carlo error of one rate: .0049; of their mean less.
        assert 0.93 < covered.mean() < 0.97
        assert covered.min() > 0.91

    def test_standardised_intervals_cover(self, model: str) -> None:
        fits, _, _ = simulated(model)
        _, covariance, names = population(model)
        place = [names.index(name) for name in fits.table.observed]
        exact = fit_moments(fits.table, covariance[np.ix_(place, place)][None], np.array([1e6]))
        at = fits.layout.row_slots
        truth = standardize(fits.layout, exact.optimum.z)[0][at]
        found = [
            infer(fits.table, fits.layout, fits.optimum.z[r], fits.covariance[r])
            for r in range(REPLICATIONS)
        ]
        estimate = np.array([f.standardized for f in found])
        se = np.array([f.standardized_se for f in found])
        moving = (se > 1e-8).all(axis=0)
        covered = (np.abs(estimate - truth) < Z * se).mean(axis=0)[moving]
        assert 0.93 < covered.mean() < 0.97
        assert covered.min() > 0.90  # shares near 1 are skewed at 200 people

    def test_chi_square_is_a_chi_square(self, model: str) -> None:
        fits, _, _ = simulated(model)
        chi2 = PEOPLE * fits.optimum.fmin[:, 0]
        p = fits.layout.n_observed
        df = p * (p + 1) // 2 - fits.layout.n_free
        # Mean df, known to sqrt(2 df / 2000); ML's chi-square runs some per cent high at n = 200.
        error = np.sqrt(2 * df / REPLICATIONS)
        assert -4 * error < chi2.mean() - df < 4 * error + 0.05 * df
        rejected = float((stats.chi2.sf(chi2, df) < 0.05).mean())
        assert 0.05 - 4 * 0.0049 < rejected < 0.05 + 4 * 0.0049 + 0.03


# ---- alpha -----------------------------------------------------------------------------------

ALPHAS = 20_000


def covariances(population_matrix: FloatArray, n: int, count: int, seed: int) -> FloatArray:
    """Return sample covariances of normal answers; Wishart, so no rows are drawn."""
    rng = np.random.default_rng(seed)
    drawn = stats.wishart(n - 1, population_matrix / (n - 1)).rvs(size=count, random_state=rng)
    return np.asarray(drawn)


def coverage(low: FloatArray, high: FloatArray, truth: float) -> float:
    return float(((low < truth) & (truth < high)).mean())


@pytest.mark.parametrize("n", [20, 60, 300])
@pytest.mark.parametrize(("k", "r"), [(3, 0.5), (10, 0.2)])
def test_feldts_interval_is_exact_for_parallel_items(k: int, r: float, n: int) -> None:
    matrix = np.full((k, k), r) + (1 - r) * np.eye(k)
    alpha = cronbach_alpha(covariances(matrix, n, ALPHAS, seed=n + k))
    limits = feldt_interval(alpha, k, np.array(n - 1.0))
    # Monte Carlo error: .0015.
    assert abs(coverage(limits.low, limits.high, float(cronbach_alpha(matrix))) - 0.95) < 4 * 0.0015


@pytest.mark.parametrize(("n", "room"), [(60, 0.012), (300, 0.004)])
@pytest.mark.parametrize(("k", "r"), [(3, 0.5), (10, 0.2)])
def test_bonetts_interval_covers_for_parallel_items(k: int, r: float, n: int, room: float) -> None:
    matrix = np.full((k, k), r) + (1 - r) * np.eye(k)
    alpha = cronbach_alpha(covariances(matrix, n, ALPHAS, seed=n * k))
    limits = bonett_interval(alpha, k, np.array(n - 1.0))
    # It leaves Bonett's bias term out, so it is off by a percent at 60 people.
    covered = coverage(limits.low, limits.high, float(cronbach_alpha(matrix)))
    assert abs(covered - 0.95) < room + 4 * 0.0015


def test_both_intervals_stay_near_for_unequal_items() -> None:
    loadings = np.array([0.9, 0.7, 0.5, 0.6, 0.4])
    matrix = np.outer(loadings, loadings) + np.diag([0.4, 0.6, 0.8, 0.5, 0.9])
    alpha = cronbach_alpha(covariances(matrix, 200, ALPHAS, seed=1))
    for interval in (feldt_interval, bonett_interval):
        limits = interval(alpha, 5, np.array(199.0))
        covered = coverage(limits.low, limits.high, float(cronbach_alpha(matrix)))
        # Both assume parallel items; with these they err by a percent or two.
        assert 0.92 < covered < 0.97


# ---- omega -----------------------------------------------------------------------------------

OMEGAS = 1_500


def one_factor_table() -> ParameterTable:
    return complete({"f": ["a", "b", "c", "d", "e"]}, std_lv=True)


@pytest.mark.parametrize(
    "loadings",
    [(0.8, 0.7, 0.6, 0.75, 0.5), (0.9, 0.9, 0.85, 0.95, 0.8), (0.5, 0.4, 0.6, 0.45, 0.5)],
)
def test_logit_intervals_of_omega_cover(loadings: tuple[float, ...]) -> None:
    lam = np.array(loadings)
    theta = 1 - lam**2
    table = one_factor_table()
    samples = covariances(np.outer(lam, lam) + np.diag(theta), PEOPLE, OMEGAS, seed=3)
    fits = fit_moments(table, samples, np.full(OMEGAS, float(PEOPLE)))
    assert fits.optimum.converged.all()
    slots = fits.layout.row_slots
    loading, own = (
        slots[:5],
        [
            s
            for row, s in zip(table.rows, slots, strict=True)
            if row.op == "~~" and row.lhs in table.observed
        ],
    )

    def omega(point: FloatArray) -> FloatArray:
        values = slot_values(fits.layout, point)[:, 0]
        return omega_from_loadings(values[:, loading], values[:, own])[:, None]

    found = [delta_method(omega, fits.optimum.z[r], fits.covariance[r]) for r in range(OMEGAS)]
    estimate = np.array([value[0] for value, _ in found])
    error = np.sqrt([spread[0, 0] for _, spread in found])
    limits = logit_interval(estimate, error)
    truth = float(omega_from_loadings(lam, theta))
    # Monte Carlo error of the rate: .0056; of the mean: the error of one over sqrt(1,500).
    assert abs(coverage(limits.low, limits.high, truth) - 0.95) < 4 * 0.0056
    assert abs(estimate.mean() - truth) < 4 * estimate.std() / np.sqrt(OMEGAS) + 1 / PEOPLE
    np.testing.assert_allclose(error.mean(), estimate.std(), rtol=4 * 0.0183 + 0.03)
