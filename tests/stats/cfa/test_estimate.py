from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import optimize

from psychometrics.stats.cfa.arrow import whole
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.estimate import (
    maximize_likelihood,
    objective,
    scoring_step,
    shorten,
    unit_diagonal,
)
from psychometrics.stats.cfa.fit import fit_moments
from psychometrics.stats.cfa.kernel import sample_moments
from psychometrics.stats.cfa.start import start_values
from psychometrics.stats.moments import (
    FloatArray,
    covariance_of,
    integer_centres,
    pack_products,
    unpack_sums,
)
from psychometrics.stats.resampling import bootstrap_counts
from tests.stats.cfa.cases import BFI_MODEL, HS_MODEL, KINDS, answers, case, fit

MODELS = ["hs_three_factor", "hs_second_order", "mimic_means", "latent_regression", "bifactor"]


def resampled(data: str, model: str, n_boot: int, seed: int) -> FloatArray:
    """Return covariances of bootstrap samples, variables in the model's order."""
    rows = answers(data, "total", complete(model).observed)
    centre = integer_centres(rows)
    counts = bootstrap_counts(len(rows), n_boot, np.random.default_rng(seed))
    sums = unpack_sums((counts @ pack_products(rows, centre))[:, None], centre)
    return covariance_of(sums)[2][:, 0]


# ---- the optimum -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hs_three_factor", "hs_second_order", "mimic", "bifactor"])
def test_another_optimiser_finds_nothing_lower(name: str) -> None:
    fits = fit(name)
    layout, data = fits.layout, fits.data
    start = start_values(fits.table, layout, data)[0]

    def value(z: FloatArray) -> float:
        found = float(objective(layout, z[None], data)[0])
        return found if np.isfinite(found) else 1e10

    def slope(z: FloatArray) -> FloatArray:
        return np.nan_to_num(data.slopes(layout, z[None], observed=False)[0][0])

    found = optimize.minimize(
        value,
        start,
        jac=slope,
        method="L-BFGS-B",
        options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-8},
    )
    ours = value(fits.optimum.z[0])
    assert ours <= found.fun + 1e-9
    # L-BFGS ends within about 1e-6 of chi-square.
    np.testing.assert_allclose(ours, found.fun, rtol=0, atol=1e-4)


@pytest.mark.parametrize("name", MODELS)
def test_starts_around_it_end_at_one_optimum(name: str) -> None:
    fits = fit(name)
    size = np.sqrt(np.diagonal(fits.covariance[0]))
    away = np.random.default_rng(7).uniform(-1, 1, size=(20, len(size)))
    data = fits.data.take(np.zeros(20, dtype=int))
    found = maximize_likelihood(fits.layout, data, fits.optimum.z + size * away)
    assert found.converged.all()
    gap = np.abs(found.z - fits.optimum.z) / size
    assert gap.max() < 1e-5


@pytest.mark.parametrize("name", MODELS)
def test_the_optimum_is_a_minimum(name: str) -> None:
    fits = fit(name)
    _, observed = fits.data.slopes(fits.layout, fits.optimum.z, observed=True)
    assert np.linalg.eigvalsh(unit_diagonal(observed)[0].dense())[0, 0] > 1e-4


def test_it_ends_where_chi_square_can_fall_by_a_millionth_of_a_millionth() -> None:
    fits = fit("bfi_five_factor")
    gradient, observed = fits.data.slopes(fits.layout, fits.optimum.z, observed=True)
    assert gradient[0] @ np.linalg.solve(observed.dense()[0], gradient[0]) < 1e-12


@pytest.mark.parametrize("name", MODELS)
def test_each_iteration_goes_down(name: str) -> None:
    fits = fit(name)
    start = start_values(fits.table, fits.layout, fits.data)
    heights = [
        float(
            objective(
                fits.layout,
                maximize_likelihood(fits.layout, fits.data, start, max_iterations=steps).z,
                fits.data,
            )[0]
        )
        for steps in range(8)
    ]
    assert all(after <= before + 1e-9 for before, after in pairwise(heights))


def test_too_few_iterations_are_no_convergence() -> None:
    fits = fit("hs_three_factor")
    start = start_values(fits.table, fits.layout, fits.data)
    found = maximize_likelihood(fits.layout, fits.data, start, max_iterations=2)
    assert not found.converged[0]
    assert found.iterations[0] == 2


def test_starting_at_the_optimum_takes_no_step() -> None:
    fits = fit("hs_three_factor")
    again = maximize_likelihood(fits.layout, fits.data, fits.optimum.z)
    assert again.converged[0]
    assert again.iterations[0] == 0
    assert again.z.tobytes() == fits.optimum.z.tobytes()


def test_the_start_is_left_as_it_was() -> None:
    fits = fit("hs_three_factor")
    start = start_values(fits.table, fits.layout, fits.data)
    kept = start.copy()
    maximize_likelihood(fits.layout, fits.data, start)
    np.testing.assert_array_equal(start, kept)


# ---- batches ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "model", "options"),
    [
        ("hs", HS_MODEL, {}),
        ("hs", HS_MODEL, {"std_lv": True}),
        ("hs", KINDS["mimic"], {}),
        ("bfi", BFI_MODEL, {"std_lv": True}),
    ],
)
def test_a_batch_is_its_single_fits(data: str, model: str, options: dict[str, bool]) -> None:
    table = complete(model, **options)
    covariance = resampled(data, model, 30, seed=3)
    n = np.full(30, 301.0 if data == "hs" else 2436.0)
    together = fit_moments(table, covariance, n)
    assert together.optimum.converged.all()
    for r in range(0, 30, 5):
        alone = fit_moments(table, covariance[[r]], n[[r]])
        for ours, theirs in (
            (together.optimum.z[r], alone.optimum.z[0]),
            (together.optimum.fmin[r], alone.optimum.fmin[0]),
            (together.covariance[r], alone.covariance[0]),
        ):
            np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-10)


def test_a_warm_start_ends_where_a_cold_one_does() -> None:
    table = complete(HS_MODEL)
    covariance = resampled("hs", HS_MODEL, 40, seed=9)
    n = np.full(40, 301.0)
    pooled = np.repeat(fit("hs_three_factor").optimum.z, 40, axis=0)
    cold, warm = fit_moments(table, covariance, n), fit_moments(table, covariance, n, start=pooled)
    np.testing.assert_array_equal(cold.optimum.converged, warm.optimum.converged)
    np.testing.assert_allclose(warm.optimum.fmin, cold.optimum.fmin, rtol=1e-9)


def test_bad_replicates_leave_the_others_alone() -> None:
    table = complete(HS_MODEL)
    good = case("hs_three_factor").covariance
    bad = {
        "constant": np.where(np.eye(9)[0] + np.eye(9)[0][:, None] > 0, 0.0, good),
        "missing": np.where(np.eye(9)[0] + np.eye(9)[0][:, None] > 0, np.nan, good),
        "singular": np.ones((9, 9)),
        "negative": -good,
    }
    covariance = np.stack([good, *bad.values(), good])
    found = fit_moments(table, covariance, np.full(6, 301.0))
    assert found.optimum.converged.tolist() == [True, False, False, False, False, True]
    for r in (0, 5):
        np.testing.assert_array_equal(found.optimum.z[r], fit("hs_three_factor").optimum.z[0])


def test_one_held_parameter_stays_and_the_others_are_optimal() -> None:
    fits = fit("hs_three_factor_std_lv")
    at = [fits.table.rows[i].name for i in fits.layout.free_rows].index("visual~~textual")
    start = fits.optimum.z.copy()
    start[0, at] = 0.8
    found = maximize_likelihood(fits.layout, fits.data, start, held=np.array([at]))
    assert found.converged[0]
    assert found.z[0, at] == 0.8
    fixed = complete(HS_MODEL + "\nvisual ~~ 0.8*textual", std_lv=True)
    other = fit_moments(fixed, case("hs_three_factor").covariance[None], np.array([301.0]))
    np.testing.assert_allclose(found.fmin, other.optimum.fmin, rtol=1e-10)


# ---- absurd starts ---------------------------------------------------------------------------


@pytest.mark.parametrize("value", [-1.0, 0.0, np.nan, np.inf, -np.inf])
def test_a_start_where_the_model_is_undefined_is_not_used(value: float) -> None:
    found = fit_moments(
        complete(HS_MODEL),
        case("hs_three_factor").covariance[None],
        np.array([301.0]),
        start=np.full((1, 21), value),
    )
    assert found.optimum.converged[0]
    np.testing.assert_array_equal(found.optimum.z, fit("hs_three_factor").optimum.z)


@pytest.mark.parametrize("value", [1e-300, 1e-12, 1e3, 1e6, 1e12, 1e150])
def test_an_absurd_start_is_no_error_and_never_a_false_end(value: float) -> None:
    fits = fit_moments(
        complete(HS_MODEL),
        case("hs_three_factor").covariance[None],
        np.array([301.0]),
        start=np.full((1, 21), value),
    )
    usable = fits.problem(0) == ""
    assert usable == bool(abs(fits.optimum.fmin[0, 0] - 0.2834070491) < 1e-9)


# ---- parts -----------------------------------------------------------------------------------


def test_a_step_solves_the_normal_equations() -> None:
    information = np.array([[[4.0, 1.0], [1.0, 9.0]]])
    gradient = np.array([[1.0, -2.0]])
    step, fall = scoring_step(gradient, whole(information), np.zeros(1))
    expected = -np.linalg.solve(information[0], gradient[0])
    np.testing.assert_allclose(step[0], expected, rtol=1e-12)
    np.testing.assert_allclose(fall, -gradient[0] @ expected, rtol=1e-12)


def test_a_singular_matrix_of_a_batch_changes_no_other_step() -> None:
    information = np.stack([np.diag([4.0, 9.0]), np.ones((2, 2)), np.full((2, 2), np.nan)])
    gradient = np.array([[1.0, -2.0], [1.0, 1.0], [1.0, 1.0]])
    step, _ = scoring_step(gradient, whole(information), np.zeros(3))
    np.testing.assert_allclose(step[0], [-0.25, 2 / 9], rtol=1e-12)
    np.testing.assert_allclose(step[1].sum(), -1.0, rtol=1e-6)  # the shortest of many
    assert np.isnan(step[2]).all()


def test_damping_shortens_the_step() -> None:
    information, gradient = np.diag([4.0, 9.0])[None], np.array([[1.0, 1.0]])
    sizes = [
        np.abs(scoring_step(gradient, whole(information), np.array([d]))[0]).max()
        for d in (0, 1, 1e6)
    ]
    assert sizes[0] > sizes[1] > sizes[2] > 0


def test_positive_definite_by_replicate() -> None:
    given_matrices = np.stack([np.eye(2), np.ones((2, 2)), np.diag([1.0, -1.0]), np.eye(2) * 1e-9])
    assert whole(given_matrices).positive_definite(1e-10).tolist() == [True, False, False, True]
    assert whole(np.full((1, 2, 2), np.nan)).positive_definite(1e-10).tolist() == [False]


def test_a_step_too_far_is_halved() -> None:
    fits = fit("hs_three_factor")
    value = objective(fits.layout, fits.optimum.z, fits.data)
    start = start_values(fits.table, fits.layout, fits.data)
    here = objective(fits.layout, start, fits.data)
    towards = fits.optimum.z - start
    new, height, fell = shorten(fits.layout, start, 64 * towards, here, fits.data)
    assert fell[0]
    assert value[0] <= height[0] <= here[0]
    assert np.abs(new - start).max() < 64 * np.abs(towards).max()


def test_a_step_uphill_is_given_up() -> None:
    fits = fit("hs_three_factor")
    value = objective(fits.layout, fits.optimum.z, fits.data)
    new, _, fell = shorten(fits.layout, fits.optimum.z, np.ones((1, 21)), value, fits.data)
    assert not fell[0]
    assert new.shape == (1, 21)


def test_objective_is_half_of_n_times_the_fit_function() -> None:
    fits = fit("hs_three_factor")
    found = objective(fits.layout, fits.optimum.z, fits.data)
    np.testing.assert_allclose(found, 301 * fits.optimum.fmin[:, 0] / 2, rtol=1e-13)


def test_people_multiply_the_objective_and_leave_the_estimates() -> None:
    covariance = fit("hs_three_factor").data.covariance
    small, large = (
        sample_moments(covariance, None, np.array([[n]]), unbiased=False) for n in (30.0, 3e6)
    )
    layout = fit("hs_three_factor").layout
    start = start_values(complete(HS_MODEL), layout, small)
    found = [maximize_likelihood(layout, data, start).z for data in (small, large)]
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)
