from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.kernel import (
    collect,
    derivatives,
    discrepancy,
    imply,
    invert,
    matrices,
    sample_moments,
    slot_values,
)
from psychometrics.stats.cfa.layout import Layout, lay_out
from psychometrics.stats.cfa.start import start_values
from psychometrics.stats.moments import FloatArray
from tests.stats.cfa.cases import HS_MODEL, KINDS, answers, case, fit, without_definitions

# Loadings, second order, residual covariances, covariates, regressions, means, equalities.
KINDS_OF_MODEL = [
    "hs_three_factor",
    "hs_three_factor_std_lv",
    "hs_three_factor_means",
    "hs_second_order",
    "hs_residual_covariance",
    "hs_fixed_and_equal",
    "bifactor",
    "mimic",
    "mimic_means",
    "latent_regression",
    "latent_mean",
    "path",
    "wheaton ML",
]


def away_from_the_optimum(name: str, seed: int = 1) -> FloatArray:
    """Return estimates moved by about one and a half standard errors each."""
    fits = fit(name)
    size = np.sqrt(np.diagonal(fits.covariance[0]))
    draw = np.random.default_rng(seed).normal(size=size.shape)
    return np.asarray(fits.optimum.z[0] + 1.5 * size * draw)


def central_differences(
    function: Callable[[FloatArray], FloatArray | float], z: FloatArray, step: float = 1e-5
) -> FloatArray:
    """Differentiate by differences whose error is of the fourth order in the step."""
    rows = []
    for direction in np.eye(len(z)) * step:
        near = np.asarray(function(z + direction)) - np.asarray(function(z - direction))
        far = np.asarray(function(z + 2 * direction)) - np.asarray(function(z - 2 * direction))
        rows.append((8 * near - far) / (12 * step))
    return np.array(rows)


def two_groups() -> tuple[Layout, FloatArray, FloatArray, FloatArray]:
    """Return a model of two groups with equal loadings and intercepts, and its moments."""
    text = "visual =~ x1 + l2*x2 + l3*x3\nx1 ~ i1*1\nx2 ~ i2*1\nvisual ~ c(0, NA)*1\nx4 ~ 1"
    table = complete(text + "\nvisual =~ x4", n_groups=2, mean_structure=True)
    rows = [answers("hs", school, table.observed) for school in ("Pasteur", "Grant-White")]
    covariance = np.array([np.cov(r.T) for r in rows])[None]
    mean = np.array([r.mean(axis=0) for r in rows])[None]
    return lay_out(table), covariance, mean, np.array([[len(r) for r in rows]], dtype=float)


# ---- implied moments -------------------------------------------------------------------------


@pytest.mark.parametrize("name", KINDS_OF_MODEL)
def test_implied_moments_by_the_textbook_formula(name: str) -> None:
    layout, z = fit(name).layout, away_from_the_optimum(name)[None]
    paths, spread, level = (m[0, 0] for m in matrices(layout, slot_values(layout, z)))
    effects = np.linalg.inv(np.eye(layout.n_variables) - paths)
    p = layout.n_observed
    implied = imply(layout, z)
    np.testing.assert_allclose(
        implied.covariance[0, 0], (effects @ spread @ effects.T)[:p, :p], rtol=1e-11, atol=1e-12
    )
    np.testing.assert_allclose(implied.mean[0, 0], (effects @ level)[:p], rtol=1e-11, atol=1e-12)


def test_implied_moments_of_a_loop_are_those_of_simulated_answers() -> None:
    text = "y1 ~ 0.4*y2 + 0.5*x1\ny2 ~ 0.3*y1 + 0.6*x2\nx1 ~~ 0.2*x2\ny1 ~~ 0.1*y2"
    layout = lay_out(complete(text))
    assert layout.depth is None
    z = np.ones((1, layout.n_free))
    paths, spread, _ = (m[0, 0] for m in matrices(layout, slot_values(layout, z)))
    rng = np.random.default_rng(1)
    root = np.linalg.cholesky(spread)
    noise = rng.normal(size=(200_000, 4)) @ root.T
    drawn = np.linalg.solve(np.eye(4) - paths, noise.T)
    implied = imply(layout, z).covariance[0, 0]
    # 200,000 draws: standard errors of covariances near 2 are below 0.01.
    np.testing.assert_allclose(implied, np.cov(drawn), atol=0.05)


def test_complex_parameters_are_carried_through() -> None:
    layout, z = fit("hs_second_order").layout, fit("hs_second_order").optimum.z
    moved = z.astype(complex)
    moved[0, 0] += 1e-30j
    slope = imply(layout, moved).covariance[0, 0].imag / 1e-30
    expected = central_differences(lambda p: imply(layout, p[None]).covariance[0, 0], z[0])[0]
    np.testing.assert_allclose(slope, expected, atol=1e-9)


# ---- fit function ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", KINDS_OF_MODEL[:-1])  # Wheaton's is a matrix without rows
def test_fit_function_by_the_normal_likelihood_of_the_rows(name: str) -> None:
    fits, z = fit(name), away_from_the_optimum(name)[None]
    implied = imply(fits.layout, z)
    data = fits.data
    rows = answers("hs", "total", fits.table.observed)
    centre = implied.mean[0, 0] if fits.layout.mean_structure else rows.mean(axis=0)
    model = stats.multivariate_normal(centre, implied.covariance[0, 0]).logpdf(rows).sum()
    free = stats.multivariate_normal(rows.mean(axis=0), data.covariance[0, 0])
    expected = 2 * (free.logpdf(rows).sum() - model) / len(rows)
    found = discrepancy(fits.layout, implied, data)[0, 0]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_fit_function_is_zero_where_the_model_reproduces_the_sample() -> None:
    layout = lay_out(complete("x1 ~~ x2", mean_structure=True))
    rows = answers("hs", "total", ("x1", "x2"))
    data = sample_moments(
        np.cov(rows.T)[None, None], rows.mean(axis=0)[None, None], np.array([[301.0]])
    )
    place = {
        (int(k), int(r), int(c)): s
        for s, (k, r, c) in enumerate(zip(layout.kind, layout.row, layout.column, strict=True))
    }
    slots = np.empty(len(layout.kind))
    for (kind, r, c), s in place.items():
        slots[s] = data.mean[0, 0, r] if kind == 2 else data.covariance[0, 0, r, c]
    z = np.linalg.lstsq(layout.selection[0], slots, rcond=None)[0]
    np.testing.assert_allclose(discrepancy(layout, imply(layout, z[None]), data), 0, atol=1e-14)


def test_fit_function_is_infinite_where_the_model_is_undefined() -> None:
    fits = fit("hs_three_factor")
    z = np.stack([fits.optimum.z[0], -fits.optimum.z[0], np.full(21, np.nan)])
    found = discrepancy(fits.layout, imply(fits.layout, z), fits.data)[:, 0]
    assert np.isfinite(found[0])
    assert np.isposinf(found[1:]).all()


def test_units_leave_the_fit_function_as_it_is() -> None:
    rng = np.random.default_rng(2)
    scale = rng.uniform(0.1, 10, size=9)
    covariance = case("hs_three_factor").covariance
    data = sample_moments(
        np.stack([covariance, covariance * np.outer(scale, scale)])[:, None],
        None,
        np.full((2, 1), 301.0),
    )
    gap = data.log_determinant[1, 0] - data.log_determinant[0, 0]
    np.testing.assert_allclose(gap, 2 * np.log(scale).sum(), rtol=1e-12)


def test_unbiased_covariances_are_brought_to_n() -> None:
    n = np.array([[5.0]])
    for unbiased, expected in ((True, 0.8), (False, 1.0)):
        data = sample_moments(np.eye(2)[None, None], None, n, unbiased=unbiased)
        np.testing.assert_allclose(np.diagonal(data.covariance[0, 0]), expected, rtol=1e-15)


# ---- derivatives -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", KINDS_OF_MODEL)
def test_gradient_by_differences(name: str) -> None:
    fits, z = fit(name), away_from_the_optimum(name)
    gradient, _ = fits.data.slopes(fits.layout, z[None], observed=False)
    expected = central_differences(lambda p: fits.data.objective(fits.layout, p[None])[0], z)
    # The objective is near 1000, known to 1e-13 of that: differences know 1e-5 of a slope of 1.
    np.testing.assert_allclose(gradient[0], expected, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("name", KINDS_OF_MODEL)
def test_observed_information_by_differences(name: str) -> None:
    fits, z = fit(name), away_from_the_optimum(name)
    _, information_arrow = fits.data.slopes(fits.layout, z[None], observed=True)
    information = information_arrow.dense()
    expected = central_differences(
        lambda p: fits.data.slopes(fits.layout, p[None], observed=False)[0][0], z
    )
    size = np.abs(information[0]).max()
    np.testing.assert_allclose(information[0], expected, rtol=1e-7, atol=1e-9 * size)
    np.testing.assert_allclose(information[0], information[0].T, atol=1e-11 * size)


@pytest.mark.parametrize("name", KINDS_OF_MODEL)
def test_expected_information_by_its_closed_form(name: str) -> None:
    fits, z = fit(name), away_from_the_optimum(name)
    _, information_arrow = fits.data.slopes(fits.layout, z[None], observed=False)
    information = information_arrow.dense()
    implied = imply(fits.layout, z[None])
    inverse = np.linalg.inv(implied.covariance[0, 0])
    by_z = central_differences(lambda p: imply(fits.layout, p[None]).covariance[0, 0], z)
    means = central_differences(lambda p: imply(fits.layout, p[None]).mean[0, 0], z)
    # n / 2 tr(K S_k K S_l) + n m_k' K m_l
    half = inverse @ by_z
    expected = 0.5 * np.einsum("kij,lji->kl", half, half)
    if fits.layout.mean_structure:
        expected = expected + means @ inverse @ means.T
    expected *= case(name).n
    size = np.abs(expected).max()
    np.testing.assert_allclose(information[0], expected, rtol=1e-7, atol=1e-9 * size)


def test_expected_information_is_the_average_outer_product_of_scores() -> None:
    fits = fit("hs_three_factor_means")
    layout, z = fits.layout, fits.optimum.z[0]
    implied = imply(layout, z[None])
    rng = np.random.default_rng(6)
    n = 20_000
    rows = rng.multivariate_normal(implied.mean[0, 0], implied.covariance[0, 0], size=n)
    # One person a replicate: their moments are x and a covariance of zero about it.
    gap = rows - implied.mean[0, 0]
    by_z = central_differences(lambda p: imply(layout, p[None]).covariance[0, 0], z)
    means = central_differences(lambda p: imply(layout, p[None]).mean[0, 0], z)
    inverse = np.linalg.inv(implied.covariance[0, 0])
    standard = gap @ inverse
    scores = (
        0.5
        * (
            np.einsum("ni,kij,nj->nk", standard, by_z, standard, optimize=True)
            - np.einsum("ij,kij->k", inverse, by_z)
        )
        + standard @ means.T
    )
    _, information_arrow = fits.data.slopes(layout, z[None], observed=False)
    information = information_arrow.dense()
    scale = np.sqrt(np.diagonal(information[0]) / 301)
    found = scores.T @ scores / n / np.outer(scale, scale)
    expected = information[0] / 301 / np.outer(scale, scale)
    # Monte Carlo: products of two scores have variance near 3 / n, so 0.012; five of them.
    np.testing.assert_allclose(found, expected, atol=0.06)


def test_observed_information_is_the_expected_one_where_the_model_is_exact() -> None:
    fits, z = fit("hs_second_order"), away_from_the_optimum("hs_second_order")[None]
    implied = imply(fits.layout, z)
    data = sample_moments(implied.covariance, implied.mean, np.array([[301.0]]), unbiased=False)
    gradient, expected_arrow = data.slopes(fits.layout, z, observed=False)
    expected = expected_arrow.dense()
    _, observed_arrow = data.slopes(fits.layout, z, observed=True)
    observed = observed_arrow.dense()
    np.testing.assert_allclose(gradient, 0, atol=1e-9)
    np.testing.assert_allclose(observed, expected, atol=1e-9 * np.abs(expected).max())


def test_derivatives_of_two_groups_by_differences() -> None:
    layout, covariance, mean, n = two_groups()
    data = sample_moments(covariance, mean, n)
    z = np.where(np.arange(layout.n_free) % 2, 0.7, 1.1)
    z = z + 0.1 * np.sin(np.arange(layout.n_free))
    assert np.isfinite(data.objective(layout, z[None])).all()
    gradient, information_arrow = data.slopes(layout, z[None], observed=True)
    information = information_arrow.dense()
    slope = central_differences(lambda p: data.objective(layout, p[None])[0], z)
    np.testing.assert_allclose(gradient[0], slope, rtol=1e-6, atol=1e-4)
    curvature = central_differences(lambda p: data.slopes(layout, p[None], observed=False)[0][0], z)
    size = np.abs(curvature).max()
    np.testing.assert_allclose(information[0], curvature, rtol=1e-7, atol=1e-9 * size)


def test_a_loop_by_differences() -> None:
    table = complete("x4 ~ x5 + x1\nx5 ~ x4 + x2")
    layout = lay_out(table)
    rows = answers("hs", "total", table.observed)
    data = sample_moments(np.cov(rows.T)[None, None], None, np.array([[301.0]]))
    z = start_values(table, layout, data)[0] + 0.02 * np.arange(layout.n_free)
    gradient, information_arrow = data.slopes(layout, z[None], observed=True)
    information = information_arrow.dense()
    slope = central_differences(lambda p: data.objective(layout, p[None])[0], z)
    np.testing.assert_allclose(gradient[0], slope, rtol=1e-6, atol=1e-4)
    curvature = central_differences(lambda p: data.slopes(layout, p[None], observed=False)[0][0], z)
    np.testing.assert_allclose(information[0], curvature, rtol=1e-6, atol=1e-4)


def test_groups_are_summed_by_their_size() -> None:
    layout, covariance, mean, n = two_groups()
    data = sample_moments(covariance, mean, n)
    z = np.full((1, layout.n_free), 0.8)
    parts = derivatives(layout.narrow, imply(layout, z), data)
    gradient, arrow = collect(layout, parts, n)
    information = arrow.dense()
    expected = np.zeros(layout.n_free)
    summed = np.zeros((layout.n_free, layout.n_free))
    for g in range(2):
        chosen = layout.narrow.selection[g]
        expected += n[0, g] * parts.gradient[0, g] @ chosen
        summed += n[0, g] * chosen.T @ parts.information[0, g] @ chosen
    np.testing.assert_allclose(gradient[0], expected, rtol=1e-12)
    np.testing.assert_allclose(information[0], summed, rtol=1e-12, atol=1e-9)


# ---- batches ---------------------------------------------------------------------------------


@pytest.mark.parametrize("observed", [False, True])
@pytest.mark.parametrize("name", ["hs_three_factor", "mimic_means", "latent_regression"])
def test_a_batch_is_its_single_ones(name: str, observed: bool) -> None:
    fits = fit(name)
    z = np.stack([away_from_the_optimum(name, seed) for seed in range(4)])
    data = fits.data.take(np.zeros(4, dtype=int))
    gradients, arrows = data.slopes(fits.layout, z, observed=observed)
    batch = gradients, arrows.dense()
    for r in range(4):
        gradient, arrow = fits.data.slopes(fits.layout, z[[r]], observed=observed)
        single = gradient, arrow.dense()
        for together, alone in zip(batch, single, strict=True):
            size = np.abs(alone).max()
            np.testing.assert_allclose(together[r], alone[0], atol=1e-12 * size)


def test_one_bad_replicate_leaves_the_others_alone() -> None:
    good = np.stack([np.eye(3) + 0.3 * seed * np.ones((3, 3)) for seed in (1, 2)])
    bad = np.stack([np.ones((3, 3)), np.full((3, 3), np.nan), -np.eye(3), np.zeros((3, 3))])
    inverse, log_determinant = invert(np.concatenate([good, bad]))
    np.testing.assert_allclose(inverse[:2], np.linalg.inv(good), rtol=1e-12)
    np.testing.assert_allclose(log_determinant[:2], np.linalg.slogdet(good)[1], rtol=1e-12)
    assert np.isnan(inverse[2:]).all()
    assert np.isnan(log_determinant[2:]).all()


def test_a_matrix_on_the_edge_is_no_error() -> None:
    # Cholesky passes where elimination finds a zero: an answer, not an exception.
    edge = np.full((9, 9), 1e18) + np.diag(np.full(9, 150.0))
    inverse, log_determinant = invert(edge[None])
    assert inverse.shape == (1, 9, 9)
    assert log_determinant.shape == (1,)


@pytest.mark.parametrize("key", sorted(KINDS))
def test_models_of_all_kinds_lay_out_without_error(key: str) -> None:
    text = without_definitions(KINDS[key])
    text = "\n".join(line for line in text.splitlines() if "==" not in line)
    layout = lay_out(complete(text))
    assert imply(layout, np.ones((2, layout.n_free))).covariance.shape[0] == 2


def test_log_determinant_of_a_singular_sample_is_undefined() -> None:
    data = sample_moments(np.ones((1, 1, 2, 2)), None, np.array([[10.0]]))
    assert np.isnan(data.log_determinant).all()
    nothing = sample_moments(np.full((1, 1, 2, 2), np.nan), None, np.array([[10.0]]))
    assert np.isnan(nothing.log_determinant).all()


def test_hs_layout_is_what_the_tests_above_rest_on() -> None:
    assert lay_out(complete(HS_MODEL)).n_free == 21
