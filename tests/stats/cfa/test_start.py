from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.estimate import maximize_likelihood
from psychometrics.stats.cfa.kernel import imply, sample_moments, slot_values
from psychometrics.stats.cfa.layout import lay_out
from psychometrics.stats.cfa.start import LEAST_RESIDUAL, block_loadings, start_values
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import FloatArray
from tests.stats.cfa.cases import BFI_MODEL, CASES, HS_MODEL, answers, case, fit


def begin(table: ParameterTable, covariance: FloatArray, n: float = 301.0) -> FloatArray:
    layout = lay_out(table)
    data = sample_moments(covariance[None, None], None, np.array([[n]]))
    return start_values(table, layout, data)


# ---- block loadings --------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("k", [3, 4, 8])
def test_parallel_items_get_their_loading(k: int, sign: float) -> None:
    loading = np.full(k, 0.7)
    loading[0] *= sign
    covariance = np.outer(loading, loading) + 0.51 * np.eye(k)
    found = block_loadings(covariance)
    np.testing.assert_allclose(np.abs(found), 0.7, rtol=1e-10)
    np.testing.assert_array_equal(np.sign(found), np.sign(loading))


@given(st.integers(0, 2**32 - 1))
def test_units_scale_the_loadings(seed: int) -> None:
    rng = np.random.default_rng(seed)
    covariance = np.cov(answers("hs", "total", ("x4", "x5", "x6")).T)
    scale = rng.uniform(0.01, 100, size=3)
    np.testing.assert_allclose(
        block_loadings(covariance * np.outer(scale, scale)),
        block_loadings(covariance) * scale,
        rtol=1e-9,
    )


def test_one_indicator_takes_most_of_its_variance() -> None:
    np.testing.assert_allclose(block_loadings(np.array([[4.0]])), [1.8])


def test_items_that_nothing_relates_still_get_a_start() -> None:
    found = block_loadings(np.eye(3))
    assert np.isfinite(found).all()
    assert (found != 0).all()


# ---- start values ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_the_model_is_defined_where_the_search_starts(name: str) -> None:
    fits = fit(name)
    start = start_values(fits.table, fits.layout, fits.data)
    assert np.isfinite(fits.data.objective(fits.layout, start)).all()


def test_residuals_start_at_no_less_than_a_share_of_the_variance() -> None:
    covariance = 0.99 * np.ones((3, 3)) + 0.01 * np.eye(3)
    table = complete("f =~ a + b + c", std_lv=True)
    layout = lay_out(table)
    slots = slot_values(layout, begin(table, covariance))[0, 0]
    own = [s for r, s in zip(table.rows, layout.row_slots, strict=True) if r.lhs == r.rhs == "a"]
    assert slots[own[0]] >= LEAST_RESIDUAL * covariance[0, 0] * 300 / 301 - 1e-12


def test_the_users_starts_are_taken() -> None:
    table = complete("f =~ a + start(0.123)*b + c")
    layout = lay_out(table)
    start = begin(table, 0.5 * np.ones((3, 3)) + 0.5 * np.eye(3))
    at = [table.rows[i].name for i in layout.free_rows].index("f=~b")
    assert start[0, at] == 0.123


def test_equal_parameters_start_at_the_mean_of_their_own_starts() -> None:
    table = complete("f =~ a + k*b + k*c + d")
    free = complete("f =~ a + b + c + d")
    covariance = np.cov(answers("hs", "total", ("x1", "x2", "x3", "x4")).T)
    together, apart = begin(table, covariance)[0], begin(free, covariance)[0]
    np.testing.assert_allclose(together[0], apart[:2].mean(), rtol=1e-12)


def test_predictors_start_at_their_sample_moments() -> None:
    table = complete(HS_MODEL + "\nvisual ~ ageyr + sex")
    layout = lay_out(table)
    rows = answers("hs", "total", table.observed)
    start = begin(table, np.cov(rows.T))[0]
    names = [table.rows[i].name for i in layout.free_rows]
    sample = np.cov(rows[:, -2:].T, ddof=0)
    np.testing.assert_allclose(start[names.index("ageyr~~ageyr")], sample[0, 0], rtol=1e-12)
    np.testing.assert_allclose(start[names.index("ageyr~~sex")], sample[0, 1], rtol=1e-12)


def test_free_factor_means_start_where_fixed_intercepts_put_them() -> None:
    fits = fit("latent_mean")
    start = start_values(fits.table, fits.layout, fits.data)
    implied = imply(fits.layout, start).mean[0, 0]
    np.testing.assert_allclose(implied, case("latent_mean").mean, rtol=1e-12)


@pytest.mark.parametrize("level", [-1000.0, 0.0, 1e4])
def test_factor_means_far_from_zero_are_found(level: float) -> None:
    chosen = case("latent_mean")
    data = sample_moments(
        chosen.covariance[None, None], chosen.mean[None, None] + level, np.array([[301.0]])
    )
    layout = fit("latent_mean").layout
    found = maximize_likelihood(layout, data, start_values(chosen.table, layout, data))
    assert found.converged[0]
    np.testing.assert_allclose(
        found.fmin, fit("latent_mean").optimum.fmin, rtol=1e-5 * max(1.0, abs(level) / 1000)
    )


def test_batches_are_single_ones() -> None:
    table = complete(BFI_MODEL)
    layout = lay_out(table)
    covariance = np.stack(
        [np.cov(answers("bfi", group, table.observed).T) for group in ("total", "1", "5")]
    )
    n = np.array([[2436.0], [200.0], [300.0]])
    together = start_values(table, layout, sample_moments(covariance[:, None], None, n))
    for r in range(3):
        alone = sample_moments(covariance[r][None, None], None, n[[r]])
        np.testing.assert_allclose(together[r], start_values(table, layout, alone)[0], rtol=1e-12)


@pytest.mark.parametrize("fill", [0.0, np.nan])
def test_degenerate_moments_are_no_error(fill: float) -> None:
    table = complete(HS_MODEL)
    covariance = case("hs_three_factor").covariance.copy()
    covariance[0], covariance[:, 0] = fill, fill
    assert begin(table, covariance).shape == (1, 21)


# ---- factors of factors ----------------------------------------------------------------------

AGAINST_EACH_OTHER = "\n".join(
    [f"f{k} =~ " + " + ".join(f"x{k}{i}" for i in range(3)) for k in range(4)]
    + ["g =~ f0 + f1 + f2", "g ~~ f3"]
)


def opposed(marker: float) -> FloatArray:
    """Covariances of four factors' items, where the second factor goes against the others."""
    above = np.array([0.8, -0.7, 0.6])
    factors = np.eye(4)
    factors[:3, :3] = np.outer(above, above)
    factors[3, :3] = factors[:3, 3] = -0.5 * above
    np.fill_diagonal(factors, 1.0)
    loadings = np.kron(np.eye(4), np.array([[marker], [0.8], [0.6]]))
    covariance = loadings @ factors @ loadings.T
    np.fill_diagonal(covariance, 1.0)
    return covariance


@pytest.mark.parametrize("std_lv", [False, True])
@pytest.mark.parametrize("marker", [0.7, -0.7])
def test_a_higher_factor_is_found_whose_factors_oppose(marker: float, std_lv: bool) -> None:
    table = complete(AGAINST_EACH_OTHER, std_lv=std_lv)
    layout = lay_out(table)
    covariance = opposed(marker)
    data = sample_moments(covariance[None, None], None, np.array([[300.0]]))
    found = maximize_likelihood(layout, data, start_values(table, layout, data))
    assert found.converged[0]
    implied = imply(layout, found.z).covariance[0, 0]
    np.testing.assert_allclose(implied, covariance * 299 / 300, atol=1e-5)


@pytest.mark.parametrize("std_lv", [False, True])
def test_a_third_order_is_found_too(std_lv: bool) -> None:
    text = ["g =~ h0 + h1 + h2"]
    text += [f"h{k} =~ " + " + ".join(f"f{k}{j}" for j in range(3)) for k in range(3)]
    text += [
        f"f{k}{j} =~ " + " + ".join(f"x{k}{j}{i}" for i in range(3))
        for k in range(3)
        for j in range(3)
    ]
    signs = np.array([1.0, -1.0, 1.0])
    high = 0.49 * np.outer(signs, signs)
    np.fill_diagonal(high, 1.0)
    middle = 0.64 * np.kron(high, np.outer(signs, signs))
    np.fill_diagonal(middle, 1.0)
    loadings = np.kron(np.eye(9), np.array([[0.8], [0.7], [0.6]]))
    covariance = loadings @ middle @ loadings.T
    np.fill_diagonal(covariance, 1.0)
    table = complete("\n".join(text), std_lv=std_lv)
    layout = lay_out(table)
    # The variables stand in the order of the text.
    assert list(table.observed) == [
        f"x{k}{j}{i}" for k in range(3) for j in range(3) for i in range(3)
    ]
    data = sample_moments(covariance[None, None], None, np.array([[300.0]]))
    found = maximize_likelihood(layout, data, start_values(table, layout, data))
    assert found.converged[0]
    implied = imply(layout, found.z).covariance[0, 0]
    np.testing.assert_allclose(implied, covariance * 299 / 300, atol=1e-4)


# ---- constraints -----------------------------------------------------------------------------


@pytest.mark.parametrize("means", [False, True])
def test_effects_coding_fits_as_a_marker_does(means: bool) -> None:
    text = "f =~ x1 + x2 + x3 + x4"
    loadings = np.array([1.5, 1.2, 0.9, 0.4])
    covariance = np.outer(loadings, loadings) + np.diag([0.5, 1.0, 2.0, 1.5])
    mean = np.array([[[3.0, 2.0, 4.0, 1.0]]]) if means else None
    data = sample_moments(covariance[None, None], mean, np.array([[200.0]]))
    coding = ("loadings", "intercepts") if means else ("loadings",)
    table = complete(text, effect_coding=coding, mean_structure=means)
    layout = lay_out(table)
    found = maximize_likelihood(layout, data, start_values(table, layout, data))
    assert found.converged[0]
    assert float(data.n[0, 0] * found.fmin[0, 0]) < 1e-6
    slots = slot_values(layout, found.z)[0, 0]
    np.testing.assert_allclose(slots[layout.row_slots[:4]], loadings, atol=1e-4)
