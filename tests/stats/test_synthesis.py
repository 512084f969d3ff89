"""Random-effects synthesis against metafor, a published example, and identities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from psychometrics.errors import DataError
from psychometrics.stats.synthesis import (
    TRANSFORMS,
    q_profile,
    random_effects,
    reml_variance,
    restricted_log_likelihood,
)
from tests.reference.load import load

# Tuberculosis in vaccinated and not vaccinated people, 13 trials (Colditz et al., 1994, JAMA, 271,
# 698-702): ill and well with the vaccine, ill and well without.
BCG = np.array(
    [
        [4, 119, 11, 128], [6, 300, 29, 274], [3, 228, 11, 209], [62, 13536, 248, 12619],
        [33, 5036, 47, 5761], [180, 1361, 372, 1079], [8, 2537, 10, 619],
        [505, 87886, 499, 87892], [29, 7470, 45, 7232], [17, 1699, 65, 1600],
        [186, 50448, 141, 27197], [5, 2493, 3, 2338], [27, 16886, 29, 17825],
    ],
    dtype=float,
)  # fmt: skip

sites = st.lists(st.tuples(st.floats(-2, 2), st.floats(0.01, 0.5)), min_size=3, max_size=8).filter(
    lambda pairs: np.ptp([y for y, _ in pairs]) > 1e-3
)


def recorded() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every recorded synthesis with its name."""
    for analysis, parts in load("synthesis").items():
        if analysis != "versions":
            yield from ((f"{analysis}-{name}", found) for name, found in parts.items())


RECORDED = dict(recorded())


@pytest.mark.parametrize("name", RECORDED)
def test_agrees_with_metafor(name: str) -> None:
    base, metafor = RECORDED[name]["base"], RECORDED[name]["metafor"]["hartung_knapp"]
    found = random_effects(base["y"], base["v"], at_least_fixed=False)
    # metafor stops at a step of 1e-12 in tau2; both are at the maximum to that.
    assert found.estimate == pytest.approx(metafor["estimate"], rel=1e-10)
    assert found.tau2 == pytest.approx(metafor["tau2"], abs=1e-11)
    assert found.se == pytest.approx(metafor["se"], rel=1e-9)
    assert [found.low, found.high] == pytest.approx(metafor["ci"], rel=1e-9)
    assert found.q == pytest.approx(metafor["Q"], rel=1e-10)
    assert found.p_value == pytest.approx(metafor["Q_p"], rel=1e-9)
    assert 100 * found.i2 == pytest.approx(metafor["I2"], rel=1e-8, abs=1e-8)
    assert found.n_groups == base["k"]


@pytest.mark.parametrize("name", RECORDED)
def test_prediction_interval_is_higgins(name: str) -> None:
    base = RECORDED[name]["base"]
    found = random_effects(base["y"], base["v"])
    expected = np.array(base["prediction_higgins_k_minus_2_wald_se"], dtype=float)
    np.testing.assert_allclose(
        [found.prediction_low, found.prediction_high], expected, rtol=1e-9, atol=1e-9
    )
    assert np.isnan(found.prediction_low) == (base["k"] < 3)


@pytest.mark.parametrize("name", RECORDED)
def test_standard_error_at_least_that_of_the_model(name: str) -> None:
    base, metafor = RECORDED[name]["base"], RECORDED[name]["metafor"]["adhoc"]
    found = random_effects(base["y"], base["v"])
    assert found.se == pytest.approx(metafor["se"], rel=1e-9)
    assert [found.low, found.high] == pytest.approx(metafor["ci"], rel=1e-9)


def test_published_example() -> None:
    # Viechtbauer (2010), Journal of Statistical Software, 36(3), and the same data in
    # Viechtbauer (2007): log relative risks of the 13 trials.
    ill_1, well_1, ill_2, well_2 = BCG.T
    y = np.log(ill_1 / (ill_1 + well_1)) - np.log(ill_2 / (ill_2 + well_2))
    v = 1 / ill_1 - 1 / (ill_1 + well_1) + 1 / ill_2 - 1 / (ill_2 + well_2)
    found = random_effects(y, v)
    assert found.estimate == pytest.approx(-0.7145, abs=5e-5)
    assert found.tau2 == pytest.approx(0.3132, abs=5e-5)
    assert [found.tau2_low, found.tau2_high] == pytest.approx([0.1197, 1.1115], abs=5e-5)
    assert found.q == pytest.approx(152.2330, abs=5e-5)
    assert found.i2 == pytest.approx(0.9222, abs=5e-5)


def test_equal_variances_give_the_t_interval_of_the_mean() -> None:
    y = np.array([0.2, 0.5, 0.9, 0.4, 1.1])
    found = random_effects(y, np.full(5, 0.03))
    assert found.tau2 == pytest.approx(y.var(ddof=1) - 0.03, rel=1e-12)
    assert found.estimate == pytest.approx(y.mean(), rel=1e-12)
    expected = stats.t.interval(0.95, 4, y.mean(), stats.sem(y))
    assert [found.low, found.high] == pytest.approx(expected, rel=1e-12)


def test_without_heterogeneity_it_is_the_common_effect() -> None:
    y, v = np.array([0.30, 0.31, 0.29]), np.array([0.05, 0.02, 0.10])
    found = random_effects(y, v)
    assert found.tau2 == 0
    assert found.tau2_low == 0
    assert found.i2 == 0
    assert found.estimate == pytest.approx((y / v).sum() / (1 / v).sum(), rel=1e-14)
    assert found.se == pytest.approx((1 / v).sum() ** -0.5, rel=1e-14)


@given(sites)
def test_no_grid_point_is_more_likely(pairs: list[tuple[float, float]]) -> None:
    y, v = (np.array(part) for part in zip(*pairs, strict=True))
    tau2 = reml_variance(y, v)
    grid = np.concatenate([[0.0], np.geomspace(1e-5, 50, 3000)])
    best = restricted_log_likelihood(grid, y, v).max()
    assert restricted_log_likelihood(np.array([tau2]), y, v)[0] >= best - 1e-9


def test_a_hill_between_the_points_of_the_grid_is_found() -> None:
    y = np.array([1.900390625, 0.0, 0.0])
    v = np.array([0.5, 0.181640625**2, 0.03125**3])
    tau2 = reml_variance(y, v)
    assert tau2 == pytest.approx(0.6230, abs=1e-3)
    heights = restricted_log_likelihood(np.array([0.0, tau2]), y, v)
    assert heights[1] > heights[0]


@given(sites)
def test_the_higher_of_two_hills_is_found(pairs: list[tuple[float, float]]) -> None:
    # Very unequal variances can give the restricted likelihood two maxima.
    y, v = (np.array(part) for part in zip(*pairs, strict=True))
    v = v ** np.arange(1, len(v) + 1)
    tau2 = reml_variance(y, v)
    grid = np.concatenate([[0.0], np.geomspace(1e-5, 50, 3000)])
    best = restricted_log_likelihood(grid, y, v).max()
    assert restricted_log_likelihood(np.array([tau2]), y, v)[0] >= best - 1e-6


@given(sites)
def test_q_profile_limits_put_q_on_the_quantiles(pairs: list[tuple[float, float]]) -> None:
    y, v = (np.array(part) for part in zip(*pairs, strict=True))

    def q(tau2: float) -> float:
        w = 1 / (v + tau2)
        return float(w @ (y - w @ y / w.sum()) ** 2)

    for limit, quantile in zip(q_profile(y, v, 0.9), (0.95, 0.05), strict=True):
        target = stats.chi2.ppf(quantile, len(y) - 1)
        if limit > 0:
            assert q(limit) == pytest.approx(target, rel=1e-6)
        else:
            assert q(0.0) <= target


@given(sites, st.floats(-3, 3), st.floats(0.2, 5), st.randoms())
def test_moves_with_unit_origin_and_order(
    pairs: list[tuple[float, float]], shift: float, scale: float, shuffler: Any
) -> None:
    y, v = (np.array(part) for part in zip(*pairs, strict=True))
    order = list(range(len(y)))
    shuffler.shuffle(order)
    plain = random_effects(y, v)
    moved = random_effects(shift + scale * y[order], scale**2 * v[order])
    assert moved.tau2 == pytest.approx(scale**2 * plain.tau2, rel=1e-5, abs=1e-8)
    assert moved.estimate == pytest.approx(shift + scale * plain.estimate, rel=1e-5, abs=1e-6)
    assert moved.high == pytest.approx(shift + scale * plain.high, rel=1e-4, abs=1e-5)
    assert moved.i2 == pytest.approx(plain.i2, abs=1e-5)


def test_sites_without_a_value_are_left_out() -> None:
    found = random_effects([0.1, np.nan, 0.4, 0.2, 0.3], [0.01, 0.02, 0.03, np.inf, 0.02])
    assert found == random_effects([0.1, 0.4, 0.3], [0.01, 0.03, 0.02])
    assert found.n_groups == 3


@pytest.mark.parametrize("estimates", [[], [0.4], [np.nan, 0.4]])
def test_fewer_than_two_sites_are_no_synthesis(estimates: list[float]) -> None:
    found = random_effects(estimates, [0.1] * len(estimates))
    assert found.n_groups == len(estimates) - np.isnan(estimates).sum()
    assert np.isnan(found.estimate)
    assert np.isnan(found.tau2)


def test_sites_that_agree_exactly_have_no_spread() -> None:
    found = random_effects([0.4, 0.4, 0.4], [0.1, 0.2, 0.3], at_least_fixed=False)
    assert (found.tau2, found.se) == (0, pytest.approx(0, abs=1e-15))
    assert found.prediction_high > found.high
    assert random_effects([0.4, 0.4, 0.4], [0.1, 0.2, 0.3]).high > found.high


def test_variances_must_be_positive() -> None:
    with pytest.raises(DataError, match="must be positive"):
        random_effects([0.1, 0.2], [0.0, 0.1])


def test_lengths_must_agree() -> None:
    with pytest.raises(DataError, match="two lists of one length"):
        random_effects([0.1, 0.2], [0.1])


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_go_there_and_back(name: str) -> None:
    scale, x = TRANSFORMS[name], np.linspace(0.05, 0.95, 19)
    np.testing.assert_allclose(scale.backward(scale.forward(x)), x, rtol=1e-13)
    step = 1e-6
    slope = (scale.forward(x + step) - scale.forward(x - step)) / (2 * step)
    np.testing.assert_allclose(scale.derivative(x), slope, rtol=1e-7)
    np.testing.assert_allclose(scale.variance(x, 0.04), 0.04 * slope**2, rtol=1e-6)


def test_alpha_comes_back_as_recorded() -> None:
    scale = TRANSFORMS["log_complement"]
    for name in ("A", "C", "E", "N", "O"):
        part = load("synthesis")["bfi_alpha"][name]
        found = random_effects(scale.forward(part["alpha"]), part["base"]["v"])
        limits = sorted([float(scale.backward(found.low)), float(scale.backward(found.high))])
        assert float(scale.backward(found.estimate)) == pytest.approx(
            part["back_transformed"]["estimate"], rel=1e-10
        )
        assert limits == pytest.approx(
            part["back_transformed"]["ci_hartung_knapp_at_least_wald"], rel=1e-9
        )


def covered(people: list[int], tau2: float, *, at_least_fixed: bool) -> tuple[float, float]:
    """Return how often the interval of the mean, and that of tau2, hold the truth."""
    rng = np.random.default_rng(20240607)
    v = 1 / (np.array(people) - 3.0)
    hits = np.zeros(2)
    for _ in range(TRIALS):
        y = 0.4 + rng.normal(0, np.sqrt(tau2 + v))
        found = random_effects(y, v, at_least_fixed=at_least_fixed)
        hits += [found.low <= 0.4 <= found.high, found.tau2_low <= tau2 <= found.tau2_high]
    return hits[0] / TRIALS, hits[1] / TRIALS


# Three standard errors of a proportion near .95 are then .017.
TRIALS = 1500
ALIKE, UNLIKE = [47] * 6, [5, 20, 40, 60, 70, 90]


@pytest.mark.slow
@pytest.mark.parametrize("tau2", [0.0, 0.01, 0.05])
@pytest.mark.parametrize("people", [ALIKE, UNLIKE, [5, 10, 90]])
def test_the_interval_covers_at_least_what_it_says(people: list[int], tau2: float) -> None:
    mean, _ = covered(people, tau2, at_least_fixed=True)
    assert mean >= 0.933


@pytest.mark.slow
@pytest.mark.parametrize("tau2", [0.0, 0.01, 0.05])
def test_sites_of_one_size_need_no_floor(tau2: float) -> None:
    mean, _ = covered(ALIKE, tau2, at_least_fixed=False)
    assert mean == pytest.approx(0.95, abs=0.017)


@pytest.mark.slow
def test_the_q_profile_covers_what_it_says() -> None:
    _, heterogeneity = covered(UNLIKE, 0.05, at_least_fixed=True)
    assert heterogeneity == pytest.approx(0.95, abs=0.017)
