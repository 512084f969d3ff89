"""Item response parameters and information of a factor model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import special

from psychometrics.stats.item_information import (
    GRID,
    WEIGHTS,
    category_probabilities,
    conditional_reliability,
    expected_item_scores,
    item_information,
    posterior_sd,
    reliable_stretches,
    scale_information,
    scale_reliability,
    standard_error_of_measurement,
)
from psychometrics.stats.item_response import (
    graded_parameters,
    multidimensional_items,
    standard_errors,
)
from psychometrics.stats.latent_responses import LatentResponses, latent_responses, only_factor
from tests.reference.load import load
from tests.stats.latent_models import recorded_model, simulated_model
from tests.stats.ordinal_cases import MIXED_ORDERED, NEUROTICISM

THETA = np.linspace(-3, 3, 13)


def small() -> LatentResponses:
    """Return four items, one with two categories fewer, one pointing the other way."""
    loadings = np.array([[0.6], [0.8], [-0.7], [0.5]])
    thresholds = np.array([[-1.0, 0.2, 1.5], [0.3, np.nan, np.nan], [-0.5, 0.1, 0.9], [-2, 0, 2]])
    return latent_responses(loadings, thresholds)


def test_standardised_solution_gives_the_textbook_formulas() -> None:
    found = graded_parameters(small())
    loading = np.array([0.6, 0.8, -0.7, 0.5])
    assert found.slope[0] == pytest.approx(loading / np.sqrt(1 - loading**2), rel=1e-14)
    assert found.difficulties[0, 1, 0] == pytest.approx(0.3 / 0.8, rel=1e-14)
    assert found.difficulties[0, 2] == pytest.approx(np.array([0.5, -0.1, -0.9]) / 0.7, rel=1e-14)


@pytest.mark.parametrize(
    ("one", "other"), [("two_delta", "two_theta"), ("two_std_lv", "two_delta")]
)
def test_identification_does_not_matter(one: str, other: str) -> None:
    record = load("ordinal_scores")["EBM"]
    items = tuple(record[one]["matrices"][0]["lambda"]["rows"])
    first, second = (graded_parameters(recorded_model(record[key], items)) for key in (one, other))
    # lavaan's own search ends about 1e-6 from the minimum.
    assert first.slope == pytest.approx(second.slope, abs=2e-5)
    assert first.difficulties == pytest.approx(second.difficulties, abs=2e-5)


def test_parameterisations_agree_in_the_metric_of_one_group() -> None:
    record = load("ordinal_scores")["EBM"]
    delta, theta = (recorded_model(record[key], NEUROTICISM) for key in ("gender", "gender_theta"))
    for reference in (None, 0, 1):
        one, two = (graded_parameters(model, reference) for model in (delta, theta))
        assert one.slope == pytest.approx(two.slope, abs=2e-4)
        assert one.difficulties == pytest.approx(two.difficulties, abs=2e-4)


def test_with_equal_loadings_and_thresholds_difficulties_are_the_same_in_a_common_metric() -> None:
    model = recorded_model(load("ordinal_scores")["EBM"]["gender"], NEUROTICISM)
    common = graded_parameters(model, 0)
    assert common.difficulties[0] == pytest.approx(common.difficulties[1], rel=1e-12)
    assert common.trait_mean[0] == pytest.approx(0, abs=1e-15)
    assert common.trait_sd[1, 0] == pytest.approx(
        np.sqrt(model.factor_covariance[1, 0, 0] / model.factor_covariance[0, 0, 0]), rel=1e-14
    )
    own = graded_parameters(model)
    # The same person has the same probabilities in either metric.
    at = common.trait_mean[1] + common.trait_sd[1] * THETA
    assert category_probabilities(own, THETA)[1] == pytest.approx(
        category_probabilities(common, at)[1], abs=1e-14
    )


def test_probabilities_sum_to_one_and_agree_with_the_factor_model() -> None:
    model = small()
    found = category_probabilities(graded_parameters(model), THETA)
    assert found.sum(axis=-2) == pytest.approx(1, abs=1e-14)
    assert (found[0, 1, 2:] == 0).all()
    sd = np.sqrt(1 - 0.7**2)
    above = special.ndtr((-0.7 * THETA - 0.1) / sd)
    assert found[0, 2, 2:].sum(axis=0) == pytest.approx(above, abs=1e-14)


def test_information_is_minus_the_expected_second_derivative() -> None:
    graded = graded_parameters(small())
    chance = category_probabilities(graded, THETA)
    h = 1e-4

    def log_chance(at: np.ndarray) -> np.ndarray:
        return np.log(np.where(chance > 0, category_probabilities(graded, at), 1.0))

    second = (log_chance(THETA + h) - 2 * log_chance(THETA) + log_chance(THETA - h)) / h**2
    # Second differences of logarithms lose half of their digits.
    expected = -(chance * second).sum(axis=-2)
    assert item_information(graded, THETA) == pytest.approx(expected, abs=2e-6)


def test_binary_information_is_the_normal_ogive_formula() -> None:
    graded = graded_parameters(latent_responses(np.array([[0.8]]), np.array([[0.4]])))
    z = 4 / 3 * (THETA - 0.5)
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    expected = (4 / 3 * density) ** 2 / (special.ndtr(z) * special.ndtr(-z))
    assert item_information(graded, THETA)[0, 0] == pytest.approx(expected, rel=1e-12)


def test_turning_an_item_leaves_its_information() -> None:
    graded = graded_parameters(small())
    turned = graded_parameters(latent_responses(np.array([[0.7]]), np.array([[-0.9, -0.1, 0.5]])))
    assert item_information(graded, THETA)[0, 2] == pytest.approx(
        item_information(turned, THETA)[0, 0], rel=1e-12
    )


def test_far_out_everything_stays_finite() -> None:
    graded = graded_parameters(small())
    found = item_information(graded, np.array([-1e3, -50.0, 50.0, 1e3]))
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert (found < 1e-100).all()


def test_a_continuous_item_informs_alike_everywhere() -> None:
    thresholds = np.array([[0.0], [np.nan]])
    model = latent_responses(
        np.array([[0.8], [1.5]]), thresholds, np.array([0.36, 2.0]),
        ordered=np.array([True, False]),
    )  # fmt: skip
    graded = graded_parameters(model)
    assert item_information(graded, THETA)[0, 1] == pytest.approx(1.5**2 / 2, rel=1e-14)
    assert np.isnan(category_probabilities(graded, THETA)[0, 1]).all()
    whole = scale_information(graded, THETA, 1)[0, 0]
    assert whole == pytest.approx(item_information(graded, THETA)[0].sum(axis=0), rel=1e-14)
    # Reliable everywhere: the stretch ends where the search does.
    (found,) = reliable_stretches(scale_reliability(graded, 1).conditional, 0.5)
    assert (found.low, found.high) == (-8.0, 8.0)
    assert found.share == pytest.approx(1, abs=1e-12)


def test_expected_scores_count_the_codes() -> None:
    graded = graded_parameters(small())
    codes = np.array([[1, 2, 3, 4], [0, 1, np.nan, np.nan], [1, 2, 3, 4], [1, 2, 3, 5.0]])
    found = expected_item_scores(graded, np.array([-30.0, 30.0]), codes)[0]
    assert found[:, 0] == pytest.approx([1, 0, 4, 1], abs=1e-12)
    assert found[:, 1] == pytest.approx([4, 1, 1, 5], abs=1e-12)


def test_marginal_reliability_is_the_mean_of_the_conditional_one() -> None:
    graded = graded_parameters(simulated_model(2, 5, 4))
    found = scale_reliability(graded, 2)
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    information = scale_information(graded, nodes, 2)
    expected = conditional_reliability(information) @ weights / np.sqrt(2 * np.pi)
    assert found.marginal == pytest.approx(expected, abs=1e-9)
    assert WEIGHTS.sum() == pytest.approx(1, abs=1e-13)
    assert found.conditional.shape == (1, 2, len(GRID))


def test_errors_of_measurement_and_reliability_are_one_thing_in_three_forms() -> None:
    information = np.array([0.5, 3.0, 9.0])
    sem = standard_error_of_measurement(information)
    assert sem == pytest.approx(information**-0.5)
    assert 1 - posterior_sd(information) ** 2 == pytest.approx(conditional_reliability(information))
    # In a metric twice as wide information is a quarter, and the reliability the same.
    wide = conditional_reliability(information / 4, 2.0)
    assert wide == pytest.approx(conditional_reliability(information))
    assert posterior_sd(information / 4, 2.0) == pytest.approx(2 * posterior_sd(information))


def test_derivatives_of_the_marginal_reliability() -> None:
    graded = graded_parameters(small())
    found = scale_reliability(graded, 1)
    h = 1e-5
    for item in range(4):
        step = np.zeros((1, 4))
        step[0, item] = h
        high, low = (
            scale_reliability(replace(graded, slope=graded.slope + sign * step), 1).marginal
            for sign in (1, -1)
        )
        assert found.by_slope[0, item] == pytest.approx((high - low).item() / (2 * h), abs=1e-8)
    step = np.zeros((1, 4, 3))
    step[0, 2, 1] = h
    high, low = (
        scale_reliability(replace(graded, intercepts=graded.intercepts + sign * step), 1).marginal
        for sign in (1, -1)
    )
    expected = (high - low).item() / (2 * h)
    assert found.by_intercept[0, 2, 1] == pytest.approx(expected, abs=1e-8)
    assert (found.by_intercept[0, 1, 1:] == 0).all()


def test_stretches_end_where_the_reliability_is_the_threshold() -> None:
    # Items at two ends of the trait leave a gap between them.
    thresholds = np.array([[-2.5], [-2.5], [-2.5], [2.5], [2.5], [2.5]])
    graded = graded_parameters(latent_responses(np.full((6, 1), 0.85), thresholds))
    found = reliable_stretches(scale_reliability(graded, 1).conditional, 0.7)
    assert len(found) == 2
    ends = np.array([edge for one in found for edge in (one.low, one.high)])
    reached = conditional_reliability(scale_information(graded, ends, 1))[0, 0]
    assert reached == pytest.approx(0.7, abs=1e-4)
    assert found[0].low == pytest.approx(-found[1].high, abs=1e-6)
    one = found[0]
    assert one.share == pytest.approx(special.ndtr(one.high) - special.ndtr(one.low), rel=1e-12)
    assert reliable_stretches(scale_reliability(graded, 1).conditional, 0.999) == []


def test_which_factor_an_item_is_of() -> None:
    loadings = np.array([[[0.5, 0.0], [0.4, 0.3], [0.0, 0.0], [0.0, 0.6]]])
    assert only_factor(loadings).tolist() == [0, -1, -2, 1]
    model = latent_responses(loadings, np.zeros((4, 1)))
    graded = graded_parameters(model)
    assert np.isnan(graded.slope[0, [1, 2]]).all()
    assert np.isfinite(scale_reliability(graded, 2).marginal).all()


def test_a_heywood_item_has_no_parameters_and_its_scale_no_information() -> None:
    model = latent_responses(np.array([[0.6], [1.1], [0.7]]), np.zeros((3, 1)))
    graded = graded_parameters(model)
    assert np.isnan(graded.slope[0]).tolist() == [False, True, False]
    assert np.isnan(scale_reliability(graded, 1).marginal).all()
    assert reliable_stretches(scale_reliability(graded, 1).conditional, 0.5) == []


def test_an_item_without_loading_has_no_difficulty() -> None:
    model = latent_responses(
        np.array([[[0.6], [0.5]], [[0.0], [0.5]]]), np.zeros((2, 1)), np.ones(2)
    )
    graded = graded_parameters(model)
    assert graded.slope[1, 0] == 0
    assert np.isnan(graded.difficulties[1, 0, 0])
    assert item_information(graded, THETA)[1, 0] == pytest.approx(0, abs=1e-15)


def test_multidimensional_items_reduce_to_reckases_formulas() -> None:
    loadings = np.array([[0.5, 0.4], [0.7, 0.0]])
    model = latent_responses(loadings, np.array([[0.3], [-0.2]]), np.array([0.59, 0.51]))
    found = multidimensional_items(model)
    slopes = loadings / np.sqrt([[0.59], [0.51]])
    assert found.slopes[0] == pytest.approx(slopes, rel=1e-14)
    length = np.sqrt((slopes**2).sum(axis=1))
    assert found.discrimination[0] == pytest.approx(length, rel=1e-14)
    assert found.difficulties[0, :, 0] == pytest.approx(
        -found.intercepts[0, :, 0] / length, rel=1e-14
    )
    # An item of one factor has the parameters of that factor.
    graded = graded_parameters(model)
    assert graded.slope[0, 1] == pytest.approx(found.discrimination[0, 1], rel=1e-14)


def test_multidimensional_discrimination_does_not_turn_with_the_factors() -> None:
    model = simulated_model(2, 4, 3)
    turn = np.array([[0.8, 0.6], [-0.6, 0.8]])
    turned = replace(
        model,
        loadings=model.loadings @ turn,
        factor_covariance=turn.T @ model.factor_covariance @ turn,
    )
    one, two = multidimensional_items(model), multidimensional_items(turned)
    assert one.discrimination == pytest.approx(two.discrimination, rel=1e-12)
    assert one.difficulties == pytest.approx(two.difficulties, rel=1e-12)


def test_standard_errors_are_those_of_the_delta_method() -> None:
    def slopes(z: np.ndarray) -> np.ndarray:
        model = latent_responses(z[:, None, :, None], np.zeros((3, 1)))
        return np.asarray(graded_parameters(model).slope)

    z = np.array([0.5, 0.7, 0.8])
    covariance = np.array([[4, 1, 0], [1, 9, 2], [0, 2, 5]]) * 1e-4
    by, se = standard_errors(slopes, z, covariance)
    slope = (1 - z**2) ** -1.5
    assert by[0] == pytest.approx(np.diag(slope), rel=1e-12)
    assert se[0] == pytest.approx(slope * np.sqrt(np.diag(covariance)), rel=1e-12)


def test_mixed_items_of_r_have_slopes_and_only_ordinal_ones_thresholds() -> None:
    record = load("ordinal_scores")["EBM"]["mixed"]
    items = tuple(record["matrices"][0]["lambda"]["rows"])
    model = recorded_model(record, items)
    assert [item for item, is_ordered in zip(items, model.ordered, strict=True) if is_ordered] == (
        list(MIXED_ORDERED)
    )
    graded = graded_parameters(model)
    assert np.isfinite(graded.slope).all()
    assert np.isnan(graded.difficulties[0, ~model.ordered]).all()
