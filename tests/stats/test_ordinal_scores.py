"""Scores of people from ordinal answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import special

from psychometrics.errors import ModelError
from psychometrics.stats.bivariate_normal import distribution
from psychometrics.stats.latent_responses import LatentResponses, latent_responses
from psychometrics.stats.normal_cells import log_cells
from psychometrics.stats.ordinal_posterior import posterior_scores
from psychometrics.stats.ordinal_scores import (
    Scores,
    distinct,
    likelihood,
    log_posterior,
    modal_scores,
    slope_and_precision,
)
from tests.reference.load import BFI_SCALES, HS_ITEMS, array, load, values
from tests.stats.latent_models import (
    FloatArray,
    recorded_model,
    simulated_answers,
    simulated_model,
)
from tests.stats.ordinal_cases import MIXED_ORDERED, NEUROTICISM, answers, bfi_case, hs_case

TWO_ITEMS = (*BFI_SCALES["N"], *(item.lstrip("-") for item in BFI_SCALES["E"]))


def two_scales() -> FloatArray:
    found = array("bfi", TWO_ITEMS, reverse=("E1", "E2")) - 1
    return found[~np.isnan(found).any(axis=1)][:1000]


def scores_of(record: dict[str, Any], group: int = 0) -> FloatArray:
    return values(record["scores"][group])


# The search of lavaan for a person ends up to 1e-4 from the mode; ours has a gradient below 1e-8.
CLOSE = 1e-4


def recorded_runs() -> list[tuple[str, tuple[str, ...], list[FloatArray]]]:
    """Return the recorded runs: key, items, and the answers of each group."""
    gender = bfi_case(by="gender")
    assert gender.groups is not None
    by_gender = [gender.values[gender.groups == group] for group in (0, 1)]
    mixed = [hs_case(MIXED_ORDERED).values]
    return [
        ("two_delta", TWO_ITEMS, [two_scales()]),
        ("two_theta", TWO_ITEMS, [two_scales()]),
        ("two_std_lv", TWO_ITEMS, [two_scales()]),
        ("mixed", HS_ITEMS, mixed),
        ("mixed_theta", HS_ITEMS, mixed),
        ("gender", NEUROTICISM, by_gender),
        ("gender_theta", NEUROTICISM, by_gender),
        ("missing", NEUROTICISM, [answers(NEUROTICISM)[:60]]),
    ]


def as_lavaan_scores(
    record: dict[str, Any], model: LatentResponses, items: tuple[str, ...]
) -> LatentResponses:
    """Return the matrices that lavaan 0.6-14 scores with.

    Thresholds less intercepts and the part of the factors' means, times delta, beside the first
    group's loadings times delta, and theta and nu as they are: the model's own only for one group
    by delta with means of 0. See tests/reference/README.md.
    """
    scale = np.array(
        [
            [values(one["delta"])[one["delta"]["rows"].index(item), 0] for item in items]
            for one in record["matrices"]
        ]
    )[..., None]
    centre = model.intercepts + np.einsum("gpf,gf->gp", model.loadings, model.factor_mean)
    first = (model.loadings * scale)[[0] * len(scale)]
    return replace(model, thresholds=(model.thresholds - centre[..., None]) * scale, loadings=first)


@pytest.mark.parametrize("run", recorded_runs(), ids=lambda run: run[0])
def test_modal_scores_with_lavaans_matrices_are_lavaans(
    run: tuple[str, tuple[str, ...], list[FloatArray]],
) -> None:
    key, items, data = run
    record = load("ordinal_scores")["EBM"][key]
    model = as_lavaan_scores(record, recorded_model(record, items), items)
    for group, rows in enumerate(data):
        found = modal_scores(model, rows, group)
        expected = scores_of(record, group)
        assert found.converged.all()
        assert found.estimate[: len(expected)] == pytest.approx(expected, abs=CLOSE)


@pytest.mark.parametrize("key", ["two_delta", "two_std_lv", "mixed", "missing"])
def test_one_group_by_delta_is_scored_by_lavaan_with_the_models_own_matrices(key: str) -> None:
    run = next(run for run in recorded_runs() if run[0] == key)
    record = load("ordinal_scores")["EBM"][key]
    found = modal_scores(recorded_model(record, run[1]), run[2][0])
    expected = scores_of(record)
    assert found.estimate[: len(expected)] == pytest.approx(expected, abs=CLOSE)


@pytest.mark.parametrize(
    ("delta", "theta"),
    [("two_delta", "two_theta"), ("mixed", "mixed_theta"), ("gender", "gender_theta")],
)
@pytest.mark.parametrize("method", [modal_scores, posterior_scores])
def test_delta_and_theta_give_the_same_scores_in_standard_deviations(
    method: Callable[..., Scores], delta: str, theta: str
) -> None:
    runs = {run[0]: run for run in recorded_runs()}
    standardised = []
    for key in (delta, theta):
        record = load("ordinal_scores")["EBM"][key]
        model = recorded_model(record, runs[key][1])
        reference = np.sqrt(np.diagonal(model.factor_covariance[0]))
        parts = [
            method(model, rows, group).estimate / reference
            for group, rows in enumerate(runs[key][2])
        ]
        standardised.append(np.concatenate(parts))
    # As far as the two recorded fits agree.
    assert standardised[0] == pytest.approx(standardised[1], abs=3e-4)


def test_the_gradient_vanishes_at_the_mode() -> None:
    model = simulated_model(3, 5, 4)
    _, codes = simulated_answers(model, 200)
    whole = likelihood(model, codes)
    found = modal_scores(model, codes)
    u = np.linalg.solve(whole.root, (found.estimate - whole.mean).T).T
    whole_rows = whole.part(whole.member)
    gradient, _ = slope_and_precision(whole_rows, u)
    assert np.abs(gradient).max() < 1e-8


def test_slopes_and_precision_are_derivatives() -> None:
    model = simulated_model(2, 3, 3)
    _, codes = simulated_answers(model, 5)
    whole = likelihood(model, codes)
    u = np.random.default_rng(0).normal(size=(len(whole.upper), 2))
    gradient, sharpness = slope_and_precision(whole, u)
    h = 1e-5
    for f in range(2):
        step = np.eye(2)[f] * h
        high, low = log_posterior(whole, u + step), log_posterior(whole, u - step)
        assert gradient[:, f] == pytest.approx((high - low) / (2 * h), abs=1e-7)
        ends = [slope_and_precision(whole, u + sign * step)[0] for sign in (1, -1)]
        assert -sharpness[:, f] == pytest.approx((ends[0] - ends[1]) / (2 * h), abs=1e-6)


def by_brute_force(
    model: LatentResponses, codes: FloatArray, n_nodes: int
) -> tuple[FloatArray, FloatArray]:
    """Return posterior means and SD by a plain grid over all factors."""
    whole = likelihood(model, codes)
    m = whole.slopes.shape[1]
    axis = np.linspace(-8, 8, n_nodes)
    u = np.stack([grid.ravel() for grid in np.meshgrid(*[axis] * m)], axis=1)
    moved = u @ whole.slopes.T
    eta = u @ whole.root.T
    mean, sd = np.empty((len(codes), m)), np.empty((len(codes), m))
    for row, pattern in enumerate(whole.member):
        log_p = log_cells(whole.upper[pattern] + moved, whole.lower[pattern] + moved).sum(axis=1)
        rest = whole.gap[pattern] - u @ whole.line.T
        log_p = log_p - 0.5 * (whole.weight[pattern] * rest**2).sum(axis=1) - 0.5 * (u**2).sum(1)
        share = np.exp(log_p - log_p.max())
        share /= share.sum()
        mean[row] = share @ eta
        sd[row] = np.sqrt(share @ (eta - mean[row]) ** 2)
    return whole.mean + mean, sd


@pytest.mark.parametrize(("m", "n_nodes", "tolerance"), [(1, 2001, 1e-6), (2, 241, 3e-5)])
def test_posterior_means_of_one_and_two_factors_are_integrals(
    m: int, n_nodes: int, tolerance: float
) -> None:
    model = simulated_model(m, 5, 4)
    _, codes = simulated_answers(model, 12)
    codes[0], codes[1], codes[2, :2] = 0, 3, np.nan
    mean, sd = by_brute_force(model, codes, n_nodes)
    found = posterior_scores(model, codes)
    assert found.estimate == pytest.approx(mean, abs=tolerance)
    assert found.se == pytest.approx(sd, rel=10 * tolerance)


def test_posterior_means_of_three_factors_are_close_to_integrals() -> None:
    model = simulated_model(3, 4, 4)
    _, codes = simulated_answers(model, 6)
    codes[0], codes[1], codes[2, :6] = 0, 3, np.nan
    mean, sd = by_brute_force(model, codes, 41)
    found = posterior_scores(model, codes)
    # What the module's docstring says of its accuracy, in posterior standard deviations.
    assert np.abs((found.estimate - mean) / sd).max() < 0.005
    assert found.se == pytest.approx(sd, rel=0.01)


def by_importance(model: LatentResponses, codes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return posterior means and SD from points around the posterior, laid again around it."""
    whole, found = likelihood(model, codes), modal_scores(model, codes)
    points = np.random.default_rng(1).normal(size=(2**13, model.loadings.shape[-1]))
    points = np.concatenate([points, -points])
    points = points @ np.linalg.inv(np.linalg.cholesky(points.T @ points / len(points))).T
    base, mean, sd = (points**2).sum(axis=1), found.estimate.copy(), found.se.copy()
    for row, pattern in enumerate(whole.member):
        part = whole.part(np.array([pattern]))
        centre = np.linalg.solve(whole.root, found.estimate[row] - whole.mean)
        spread = np.linalg.inv(slope_and_precision(part, centre[None])[1][0])
        for _ in range(4):
            u = centre + 1.2 * points @ np.linalg.cholesky(spread).T
            moved = u @ whole.slopes.T
            log_p = log_cells(part.upper + moved, part.lower + moved).sum(axis=1)
            log_p += 0.5 * (base - (u**2).sum(axis=1))
            share = np.exp(log_p - log_p.max())
            share /= share.sum()
            centre = share @ u
            spread = (u - centre).T @ ((u - centre) * share[:, None])
        eta = whole.mean + u @ whole.root.T
        mean[row] = share @ eta
        sd[row] = np.sqrt(share @ (eta - mean[row]) ** 2)
    return mean, sd


def test_posterior_means_of_five_factors_are_close_to_integrals() -> None:
    model = simulated_model(5, 5, 5, rho=0.8)
    _, codes = simulated_answers(model, 5)
    codes[0], codes[1], codes[2, :12], codes[3, 5:15] = 0, 4, np.nan, 0
    mean, sd = by_importance(model, codes)
    found = posterior_scores(model, codes)
    assert np.abs((found.estimate - mean) / sd).max() < 0.005
    assert found.se == pytest.approx(sd, rel=0.01)


def test_ordinal_and_continuous_items_together_are_integrals() -> None:
    thresholds = np.array([[-0.5, 0.6], [0.0, np.nan], [np.nan, np.nan], [np.nan, np.nan]])
    loadings = np.array([[0.7, 0.0], [0.0, 0.8], [1.2, 0.0], [0.0, -0.9]])
    model = latent_responses(
        loadings, thresholds, np.array([0.51, 0.36, 0.8, 1.5]), np.array([[1, 0.3], [0.3, 1.4]]),
        factor_mean=np.array([0.4, -0.2]), intercepts=np.array([0.0, 0.1, 3.0, 2.0]),
        ordered=np.array([True, True, False, False]),
    )  # fmt: skip
    _, data = simulated_answers(model, 10)
    data[0, 2], data[1, 0], data[2, 2:] = np.nan, np.nan, np.nan
    mean, sd = by_brute_force(model, data, 321)
    found = posterior_scores(model, data)
    assert found.estimate == pytest.approx(mean, abs=1e-5)
    assert found.se == pytest.approx(sd, rel=1e-4)


def test_continuous_items_alone_give_regression_scores_by_both_methods() -> None:
    loadings = np.array([[0.7], [0.8], [0.6]])
    model = latent_responses(
        loadings, np.full((3, 1), np.nan), np.array([0.5, 0.4, 0.6]), ordered=np.zeros(3, bool)
    )
    _, data = simulated_answers(model, 6)
    implied = loadings @ loadings.T + np.diag([0.5, 0.4, 0.6])
    expected = data @ np.linalg.solve(implied, loadings)
    for method in (modal_scores, posterior_scores):
        assert method(model, data).estimate == pytest.approx(expected, abs=1e-10)


def test_in_a_simulation_the_posterior_variance_is_the_squared_error() -> None:
    model = simulated_model(5, 5, 5)
    truth, codes = simulated_answers(model, 3000)
    found = posterior_scores(model, codes)
    assert found.converged.all()
    error = ((found.estimate - truth) ** 2).mean(axis=0)
    # Of 3,000 squared errors the mean has a standard error of sqrt(2 / 3000), 2.6 %.
    assert (found.se**2).mean(axis=0) == pytest.approx(error, rel=0.09)
    assert np.diag(np.corrcoef(found.estimate.T, truth.T)[:5, 5:]).min() > 0.85
    modal = modal_scores(model, codes).estimate
    assert ((modal - truth) ** 2).mean() >= error.mean()


def test_extreme_patterns_have_finite_scores() -> None:
    model = latent_responses(np.full((30, 1), 0.99), np.full((30, 1), 2.0))
    codes = np.array([np.zeros(30), np.ones(30), np.arange(30) % 2])
    for method in (modal_scores, posterior_scores):
        found = method(model, codes)
        assert np.isfinite(found.estimate).all()
        assert (found.se > 0).all()
        assert found.converged.all()
        assert found.estimate[0, 0] < found.estimate[2, 0] < found.estimate[1, 0]
    mean, sd = by_brute_force(model, codes, 20001)
    assert found.estimate == pytest.approx(mean, abs=0.01)
    assert found.se == pytest.approx(sd, abs=0.01)


def test_who_answered_nothing_has_no_score_and_one_answer_is_enough() -> None:
    model = simulated_model(3, 4, 4)
    codes = np.full((2, 12), np.nan)
    codes[1, 0] = 3
    for method in (modal_scores, posterior_scores):
        found = method(model, codes)
        assert np.isnan(found.estimate[0]).all()
        assert np.isnan(found.se[0]).all()
        # Correlated factors move along; the one with the answer moves most.
        assert found.estimate[1, 0] > found.estimate[1, 1] > 0


def test_order_of_people_and_items_does_not_matter() -> None:
    model = simulated_model(2, 4, 3)
    _, codes = simulated_answers(model, 50)
    order, items = np.random.default_rng(3).permutation(50), np.array([5, 0, 3, 7, 1, 6, 2, 4])
    other = latent_responses(
        model.loadings[:, items], model.thresholds[:, items], None, model.factor_covariance
    )
    for method in (modal_scores, posterior_scores):
        one, two = method(model, codes), method(other, codes[order][:, items])
        assert two.estimate == pytest.approx(one.estimate[order], abs=1e-9)


def test_patterns_are_counted_once() -> None:
    rows = np.array([[1.0, np.nan], [0, 2], [1, np.nan], [-0.0, 2]])
    patterns, member = distinct(rows)
    assert len(patterns) == 2
    assert np.array_equal(patterns[member], rows, equal_nan=True)


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    model = simulated_model(3, 3, 3)
    _, codes = simulated_answers(model, 60)
    whole = [method(model, codes) for method in (modal_scores, posterior_scores)]
    monkeypatch.setattr("psychometrics.stats.ordinal_scores.AT_ONCE", 7)
    monkeypatch.setattr("psychometrics.stats.ordinal_posterior.AT_ONCE", 7)
    monkeypatch.setattr("psychometrics.stats.ordinal_posterior.CHUNK", 300)
    for one, method in zip(whole, (modal_scores, posterior_scores), strict=True):
        found = method(model, codes)
        assert found.estimate == pytest.approx(one.estimate, abs=1e-12)
        assert found.se == pytest.approx(one.se, abs=1e-12)


def test_nobody_has_no_scores() -> None:
    model = simulated_model(2, 3, 3)
    for method in (modal_scores, posterior_scores):
        assert method(model, np.empty((0, 6))).estimate.shape == (0, 2)


def dependent_pair(r: float = 0.4) -> LatentResponses:
    """Return four items of one factor, of which two share more than it."""
    loadings = np.array([[0.7], [0.8], [0.6], [0.5]])
    theta = 1 - loadings[:, 0] ** 2
    between = np.zeros((4, 4))
    between[0, 1] = between[1, 0] = r * np.sqrt(theta[0] * theta[1])
    thresholds = np.array([[-0.5, 0.6], [0.0, 1.0], [-1.0, 0.3], [0.2, 0.9]])
    return latent_responses(loadings, thresholds, residual_covariance=between)


@pytest.mark.parametrize("r", [0.4, -0.3])
def test_dependent_answers_are_integrated_with_bivariate_probabilities(r: float) -> None:
    model = dependent_pair(r)
    codes = np.array([[a, b, 1, 2] for a in range(3) for b in range(3)], dtype=float)
    eta = np.linspace(-7, 7, 401)
    edges = np.pad(model.thresholds[0], ((0, 0), (1, 1)), constant_values=np.inf)
    edges[:, 0] = -np.inf
    sd = np.sqrt(model.residual_variance[0])
    limit = (edges[:, :, None] - model.loadings[0][:, :, None] * eta) / sd[:, None, None]
    mean, spread = [], []
    for a, b, c, d in codes.astype(int):
        corners = [
            sign * distribution(limit[0, a + i], limit[1, b + j], r)
            for i, j, sign in ((1, 1, 1), (0, 1, -1), (1, 0, -1), (0, 0, 1))
        ]
        others = [
            special.ndtr(limit[k, x + 1]) - special.ndtr(limit[k, x]) for k, x in ((2, c), (3, d))
        ]
        share = sum(corners) * np.prod(others, axis=0) * np.exp(-0.5 * eta**2)
        share = share / share.sum()
        mean.append(share @ eta)
        spread.append(np.sqrt(share @ (eta - mean[-1]) ** 2))
    found = posterior_scores(model, codes)
    assert found.estimate[:, 0] == pytest.approx(np.array(mean), abs=1e-5)
    assert found.se[:, 0] == pytest.approx(np.array(spread), rel=1e-4)


def test_dependent_answers_have_no_mode_and_covariances_must_leave_something() -> None:
    with pytest.raises(ModelError, match="not independent given the factors"):
        modal_scores(dependent_pair(), np.zeros((1, 4)))
    between = 0.6 * (np.ones((3, 3)) - np.eye(3))
    model = latent_responses(
        np.full((3, 1), 0.1), np.zeros((3, 1)), np.ones(3), residual_covariance=between
    )
    with pytest.raises(ModelError, match="take up all of its residual variance"):
        posterior_scores(model, np.zeros((1, 3)))


def test_improper_solutions_and_unknown_codes_are_refused() -> None:
    heywood = latent_responses(np.array([[1.2], [0.7]]), np.zeros((2, 1)))
    with pytest.raises(ModelError, match="Heywood"):
        modal_scores(heywood, np.zeros((1, 2)))
    same = latent_responses(np.eye(2) * 0.7, np.zeros((2, 1)), np.ones(2), np.ones((2, 2)))
    with pytest.raises(ModelError, match="not positive definite"):
        posterior_scores(same, np.zeros((1, 2)))
    model = simulated_model(1, 2, 3)
    with pytest.raises(ModelError, match="holds the code 3; its categories are 0 to 2"):
        modal_scores(model, np.array([[0.0, 3.0]]))
