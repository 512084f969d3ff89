"""Number of factors: against psych, by brute force, and by recovery."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from psychometrics.errors import DataError
from psychometrics.stats.moments import FloatArray, pairwise_moments
from psychometrics.stats.retention import (
    Communalities,
    Parallel,
    eigenvalues,
    empirical_kaiser,
    leading,
    minimum_average_partial,
    normal_reference,
    pairwise_correlations,
    parallel_analysis,
    permuted_correlations,
    permuted_rows,
    spectrum,
)
from tests.reference.load import BFI_ITEMS, BFI_REVERSED, HS_ITEMS, array, load, values

RECORDED = load("exploration")["number"]


def rows_of(data: str) -> FloatArray:
    rows = array("hs", HS_ITEMS)
    if data == "bfi":
        rows = array("bfi", BFI_ITEMS, reverse=BFI_REVERSED)
    return np.asarray(rows[~np.isnan(rows).any(axis=1)])


def correlation(data: str) -> FloatArray:
    if data in ("hs", "bfi"):
        return np.corrcoef(rows_of(data), rowvar=False)
    return values(load("exploration")["correlations"][data])


def two_factors(n: int = 400, seed: int = 1) -> FloatArray:
    rng = np.random.default_rng(seed)
    person = rng.normal(size=(n, 2)).repeat(4, axis=1)
    return person + rng.normal(size=(n, 8))


def analysed(data: str, kind: str, count: int, communalities: Communalities) -> Parallel:
    rows, rng = rows_of(data), np.random.default_rng(1)
    reference: Iterator[FloatArray] = permuted_correlations(rows, count, rng)
    if kind == "normal":
        reference = normal_reference(*rows.shape, count, rng)
    return parallel_analysis(correlation(data), reference, communalities)


# ---- parallel analysis -------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["parallel_hs", "parallel_bfi"])
@pytest.mark.parametrize("communalities", ["one_factor", "smc"])
def test_eigenvalues_of_the_data_are_psych_s(key: str, communalities: Communalities) -> None:
    recorded = RECORDED[key if communalities == "one_factor" else f"{key}_smc"]
    found = eigenvalues(correlation(key.removeprefix("parallel_"))[None], communalities)
    np.testing.assert_allclose(found.components[0], recorded["pc_values"], atol=1e-10)
    # psych's search for the one-factor communalities stops early; its SMC are exact.
    tolerance = 1e-6 if communalities == "one_factor" else 1e-10
    np.testing.assert_allclose(found.factors[0], recorded["fa_values"], atol=tolerance)


@pytest.mark.parametrize("key", ["parallel_hs", "parallel_hs_smc", "parallel_bfi_smc"])
@pytest.mark.parametrize("kind", ["normal", "permuted"])
def test_thresholds_are_psych_s_within_monte_carlo_error(key: str, kind: str) -> None:
    recorded = RECORDED[key]
    data, smc = key.split("_")[1], key.endswith("smc")
    count = 400 if data == "hs" else 150
    found = analysed(data, kind, count, "smc" if smc else "one_factor").reference
    for basis in ("components", "factors"):
        theirs = recorded[f"{basis}_{'normal' if kind == 'normal' else 'resampled'}"]
        ours: FloatArray = getattr(found, basis)
        spread = np.array(theirs["sd"])
        error = spread * np.sqrt(1 / count + 1 / recorded["n_iter"])
        # Largest of 9 or 25 means; a percentile has about twice the error of a mean.
        assert np.all(np.abs(ours.mean(axis=0) - theirs["mean"]) < 4.5 * error)
        gap = np.abs(np.quantile(ours, 0.95, axis=0) - theirs["percentile"])
        assert np.all(gap < 4.5 * 2.2 * error)
        np.testing.assert_allclose(ours.std(axis=0, ddof=1), spread, rtol=0.35)


@pytest.mark.parametrize("key", ["parallel_hs", "parallel_hs_smc", "parallel_bfi_smc"])
def test_the_numbers_of_factors_are_psych_s(key: str) -> None:
    recorded = RECORDED[key]
    found = analysed(
        key.split("_")[1], "normal", 300, "smc" if key.endswith("smc") else "one_factor"
    )
    for basis, number in (("factors", "nfact"), ("components", "ncomp")):
        own: FloatArray = getattr(found.observed, basis)[0]
        others: FloatArray = getattr(found.reference, basis)
        assert leading(own > np.quantile(others, 0.95, axis=0)) == recorded[number]


def test_normal_correlations_have_the_distribution_of_normal_rows() -> None:
    n, p, count = 12, 4, 4000
    rng = np.random.default_rng(3)
    drawn = np.concatenate(list(normal_reference(n, p, count, rng)))
    rows = np.stack([np.corrcoef(rng.normal(size=(n, p)), rowvar=False) for _ in range(count)])
    below = np.tril_indices(p, -1)
    for power in (1, 2, 4):
        ours, theirs = (m[:, below[0], below[1]] ** power for m in (drawn, rows))
        error = np.sqrt((ours.var(axis=0) + theirs.var(axis=0)) / count)
        assert np.all(np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) < 4 * error)
    # Correlations of n normal people have variance 1 / (n - 1) where there are none.
    assert drawn[:, 1, 0].var() == pytest.approx(1 / (n - 1), rel=0.1)


def test_shuffling_keeps_each_column() -> None:
    rows = two_factors(50)
    rows[3, 2] = np.nan
    (made,) = permuted_rows(rows, 7, np.random.default_rng(1))
    assert made.shape == (7, 50, 8)
    for each in made:
        np.testing.assert_array_equal(np.sort(each, axis=0), np.sort(rows, axis=0))
    assert not np.array_equal(made[0], made[1], equal_nan=True)


def test_correlations_of_complete_and_of_incomplete_rows() -> None:
    rows = two_factors(60)
    (quick,) = permuted_correlations(rows, 5, np.random.default_rng(2))
    (made,) = permuted_rows(rows, 5, np.random.default_rng(2))
    np.testing.assert_allclose(quick, pairwise_correlations(made), atol=1e-12)
    rows[np.random.default_rng(3).random(rows.shape) < 0.2] = np.nan
    _, _, covariance = pairwise_moments(rows)
    both = ~np.isnan(rows)
    found = pairwise_correlations(rows[None])[0]
    for i, j in ((0, 1), (2, 5)):
        here = both[:, i] & both[:, j]
        pair = np.corrcoef(rows[here][:, [i, j]], rowvar=False)
        assert found[i, j] == pytest.approx(pair[0, 1], abs=1e-12)
    assert np.sign(covariance[0, 1]) == np.sign(found[0, 1])


def test_unrelated_items_have_no_factor() -> None:
    rng = np.random.default_rng(7)
    (data,) = normal_reference(300, 8, 400, rng)
    found = parallel_analysis(data[0], normal_reference(300, 8, 1000, rng))
    limit = np.quantile(found.reference.components, 0.95, axis=0)
    wrong = np.mean([leading(each > limit) > 0 for each in spectrum(data)])
    # One in twenty by construction, with a standard error of .011.
    assert wrong == pytest.approx(0.05, abs=0.035)


def test_an_unknown_diagonal_is_refused() -> None:
    with pytest.raises(DataError, match="communalities='h2' is not known"):
        eigenvalues(np.eye(3)[None], "h2")  # type: ignore[arg-type]


# ---- minimum average partial -------------------------------------------------------------------


@pytest.mark.parametrize("data", ["hs", "bfi", "harman8", "harman24"])
def test_average_partials_are_psych_s(data: str) -> None:
    recorded = RECORDED[f"map_{data}"]
    found = minimum_average_partial(correlation(data))
    # psych leaves out the case without any component, which comes first here.
    np.testing.assert_allclose(found.squared[1 : len(recorded) + 1], recorded, atol=1e-10)
    assert found.n_factors == int(np.argmin(recorded)) + 1


def test_average_partials_by_their_definition() -> None:
    r = correlation("harman8")
    found = minimum_average_partial(r)
    value, vector = np.linalg.eigh(r)
    for m in range(4):
        load_ = vector[:, ::-1][:, :m] * np.sqrt(value[::-1][:m])
        left = r - load_ @ load_.T
        partial = left / np.sqrt(np.outer(np.diagonal(left), np.diagonal(left)))
        off = partial[~np.eye(8, dtype=bool)]
        assert found.squared[m] == pytest.approx((off**2).mean(), rel=1e-10)
        assert found.fourth[m] == pytest.approx((off**4).mean(), rel=1e-10)


def test_a_component_that_is_an_item_ends_the_average_partials() -> None:
    r = np.eye(5)
    r[0, 1] = r[1, 0] = 0.6
    found = minimum_average_partial(r)
    assert found.n_factors in (0, 1)
    assert not np.isnan(found.squared[0])


# ---- empirical Kaiser criterion ----------------------------------------------------------------


def test_reference_values_by_their_definition() -> None:
    observed, n = spectrum(correlation("hs")), 301
    found = empirical_kaiser(observed, n)
    for j in range(9):
        share = (9 - observed[:j].sum()) / (9 - j)
        assert found[j] == pytest.approx(max(share * (1 + np.sqrt(9 / n)) ** 2, 1), rel=1e-14)
    assert leading(observed > found) == 3


def test_reference_values_are_those_of_marchenko_and_pastur_without_factors() -> None:
    # Every reference of equal eigenvalues is the upper end of the law.
    found = empirical_kaiser(np.ones(20), 500)
    np.testing.assert_allclose(found, (1 + np.sqrt(20 / 500)) ** 2, rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_recovers_two_factors(seed: int) -> None:
    rows = two_factors(300, seed)
    r = np.corrcoef(rows, rowvar=False)
    assert leading(spectrum(r) > empirical_kaiser(spectrum(r), 300)) == 2
    assert minimum_average_partial(r).n_factors == 2


def test_what_comes_after_the_first_failure_doesn_t_count() -> None:
    assert leading(np.array([True, False, True])) == 1
    assert leading(np.array([False, True])) == 0
