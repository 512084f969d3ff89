from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from psychometrics.errors import DataError
from psychometrics.stats import resampling
from psychometrics.stats.moments import FloatArray, IntArray, Sums, covariance_of
from psychometrics.stats.resampling import (
    REPLICATES_AT_ONCE,
    bootstrap_counts,
    bootstrap_sums,
    percentile_interval,
    seed_of,
    stream,
)

SITES = ("ulm", "pune", "kampala")


def coded(n: int = 90) -> tuple[FloatArray, IntArray]:
    rng = np.random.default_rng(4)
    return rng.integers(1, 6, size=(n, 4)).astype(float), np.arange(n) % 3


def collect(parts: list[Sums]) -> Sums:
    return Sums(
        np.concatenate([part.weight for part in parts]),
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.cross for part in parts]),
        parts[0].centre,
    )


def sampled(
    rows: FloatArray,
    strata: IntArray,
    names: tuple[str, ...] = SITES,
    n_boot: int = 20,
    seed: int = 1,
    analysis: str = "htmt",
    weights: FloatArray | None = None,
) -> Sums:
    return collect(list(bootstrap_sums(rows, strata, names, n_boot, seed, analysis, weights)))


# ---- seeds and streams -----------------------------------------------------------------------


def test_a_seed_is_used_as_it_is() -> None:
    assert (seed_of(11), seed_of(np.int64(11)), seed_of(None)) == (11, 11, 0)


def test_a_generator_gives_one_draw() -> None:
    first, second = np.random.default_rng(3), np.random.default_rng(3)
    assert seed_of(first) == seed_of(second)
    assert seed_of(first) != seed_of(np.random.default_rng(3))  # it has moved on


@pytest.mark.parametrize("rng", [-1, 1.5, "seven", [1]])
def test_a_seed_must_be_a_whole_number(rng: object) -> None:
    with pytest.raises(
        DataError, match=re.escape(f"not negative, or a numpy Generator; got {rng!r}")
    ):
        seed_of(rng)  # type: ignore[arg-type]


def test_streams_belong_to_their_names() -> None:
    draws = {
        names: stream(5, *names).random()
        for names in (("htmt", "ulm"), ("htmt", "pune"), ("cfa", "ulm"), ("htmt",), ("ulm", "htmt"))
    }
    assert len(set(draws.values())) == len(draws)
    assert stream(5, "htmt", "ulm").random() == draws["htmt", "ulm"]
    assert stream(6, "htmt", "ulm").random() != draws["htmt", "ulm"]


def test_names_of_any_script_are_streams() -> None:
    assert stream(1, "באר שבע").random() != stream(1, "पुणे").random()


# ---- counts ----------------------------------------------------------------------------------


@given(st.integers(1, 60), st.integers(1, 20), st.integers(0, 1000))
def test_every_sample_has_n_people(n: int, n_boot: int, seed: int) -> None:
    counts = bootstrap_counts(n, n_boot, np.random.default_rng(seed))
    assert counts.shape == (n_boot, n)
    np.testing.assert_array_equal(counts.sum(axis=1), n)
    np.testing.assert_array_equal(counts, np.floor(counts))


def test_people_are_drawn_equally_often() -> None:
    counts = bootstrap_counts(50, 2000, np.random.default_rng(8)).sum(axis=0)
    # 100,000 draws: chi-square of a fair draw; a p below 1e-4 would be one seed in ten thousand.
    assert stats.chisquare(counts).pvalue > 1e-4


# ---- sums ------------------------------------------------------------------------------------


def test_sums_are_those_of_the_rows_drawn() -> None:
    rows, strata = coded()
    sums = sampled(rows, strata, n_boot=5)
    for index, name in enumerate(SITES):
        own = rows[strata == index]
        counts = bootstrap_counts(len(own), 5, stream(1, "htmt", name))
        for b in range(5):
            drawn = np.repeat(own, counts[b].astype(int), axis=0) - sums.centre
            # Whole numbers: exact, not close.
            np.testing.assert_array_equal(sums.cross[b, index], drawn.T @ drawn)
            np.testing.assert_array_equal(sums.first[b, index], drawn.sum(axis=0))
            assert sums.weight[b, index] == len(own)


def test_covariances_are_those_of_the_rows_drawn() -> None:
    rows, strata = coded()
    covariance = covariance_of(sampled(rows, strata, n_boot=3))[2]
    own = rows[strata == 1]
    counts = bootstrap_counts(len(own), 3, stream(1, "htmt", "pune"))
    drawn = np.repeat(own, counts[2].astype(int), axis=0)
    np.testing.assert_allclose(covariance[2, 1], np.cov(drawn.T), rtol=1e-12, atol=1e-14)


def test_the_same_seed_gives_the_same_bytes() -> None:
    rows, strata = coded()
    one, other = sampled(rows, strata), sampled(rows, strata)
    assert one.cross.tobytes() == other.cross.tobytes()
    assert sampled(rows, strata, seed=2).cross.tobytes() != one.cross.tobytes()
    assert sampled(rows, strata, analysis="cfa").cross.tobytes() != one.cross.tobytes()


def test_leaving_a_site_out_changes_no_other() -> None:
    rows, strata = coded()
    every = sampled(rows, strata)
    keep = strata != 1
    fewer = sampled(rows[keep], np.where(strata[keep] == 2, 1, 0), ("ulm", "kampala"))
    # The centre may be another whole number, so the sums are compared about zero, exactly.
    for mine, theirs in ((0, 0), (2, 1)):
        np.testing.assert_array_equal(about_zero(every, mine), about_zero(fewer, theirs))


def about_zero(sums: Sums, index: int) -> FloatArray:
    first, c, n = sums.first[:, index], sums.centre, sums.weight[:, index]
    shift = first[:, :, None] * c + c[:, None] * first[:, None, :]
    return np.asarray(sums.cross[:, index] + shift + n[:, None, None] * np.outer(c, c))


def test_the_order_of_sites_changes_nothing() -> None:
    rows, strata = coded()
    straight = sampled(rows, strata)
    turned = sampled(rows, 2 - strata, SITES[::-1])
    assert straight.cross[:, ::-1].tobytes() == turned.cross.tobytes()


def test_more_samples_begin_with_the_same_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, strata = coded()
    few = sampled(rows, strata, n_boot=30)
    monkeypatch.setattr(resampling, "REPLICATES_AT_ONCE", 7)
    # Streams are read in the same order whatever the size of a portion.
    many = sampled(rows, strata, n_boot=60)
    assert few.cross.tobytes() == many.cross[:30].tobytes()


def test_portions_add_up_to_what_was_asked_for() -> None:
    rows, strata = coded(30)
    sizes = [
        len(part.weight)
        for part in bootstrap_sums(rows, strata, SITES, 2 * REPLICATES_AT_ONCE + 1, 0, "x")
    ]
    assert sizes == [REPLICATES_AT_ONCE, REPLICATES_AT_ONCE, 1]


def test_people_bring_their_weights() -> None:
    rows, strata = coded()
    weights = (np.arange(len(rows)) % 4).astype(float)
    sums = sampled(rows, strata, n_boot=4, weights=weights)
    own, w = rows[strata == 2] - sums.centre, weights[strata == 2]
    counts = bootstrap_counts(len(own), 4, stream(1, "htmt", "kampala"))
    np.testing.assert_array_equal(sums.weight[:, 2], counts @ w)
    np.testing.assert_array_equal(sums.cross[3, 2], (own * (counts[3] * w)[:, None]).T @ own)


def test_weights_of_one_are_no_weights() -> None:
    rows, strata = coded()
    weighted = sampled(rows, strata, weights=np.ones(len(rows)))
    assert weighted.cross.tobytes() == sampled(rows, strata).cross.tobytes()


def test_an_empty_site_gives_zeros() -> None:
    rows, strata = coded()
    sums = sampled(rows[strata != 1], strata[strata != 1])
    np.testing.assert_array_equal(sums.weight[:, 1], 0.0)
    np.testing.assert_array_equal(sums.cross[:, 1], 0.0)


# ---- percentile intervals --------------------------------------------------------------------


def test_interval_is_made_of_quantiles() -> None:
    draws = np.random.default_rng(1).normal(size=(999, 3))
    low, high = percentile_interval(draws, 0.90)
    np.testing.assert_array_equal(low, np.quantile(draws, 0.05, axis=0))
    np.testing.assert_allclose(high, np.quantile(draws, 0.95, axis=0), rtol=1e-14)


def test_few_undefined_samples_are_left_out() -> None:
    draws = np.random.default_rng(2).normal(size=(200, 2))
    draws[:10, 0] = np.nan  # exactly 5 %
    low, high = percentile_interval(draws, 0.95)
    expected = np.quantile(draws[10:, 0], [0.025, 0.975])
    np.testing.assert_allclose([low[0], high[0]], expected, rtol=1e-14)
    np.testing.assert_allclose(low[1], np.quantile(draws[:, 1], 0.025), rtol=1e-14)


def test_many_undefined_samples_leave_no_interval() -> None:
    draws = np.random.default_rng(2).normal(size=(200, 2))
    draws[:11, 0] = np.nan
    low, high = percentile_interval(draws, 0.95)
    assert np.isnan([low[0], high[0]]).all()
    assert np.isfinite([low[1], high[1]]).all()


def test_all_undefined_samples_leave_no_interval() -> None:
    low, high = percentile_interval(np.full((50, 2, 2), np.nan), 0.95)
    assert low.shape == (2, 2)
    assert np.isnan([low, high]).all()
