"""Models of one trait over groups: derivatives, maxima and tests of setting items free."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, special, stats

from psychometrics.stats.dif_graded import GradedItems
from psychometrics.stats.dif_linear import LinearItems
from psychometrics.stats.dif_model import (
    design,
    freed_covariance,
    freeing_tests,
    maximize,
    moved_eta,
    starting_eta,
)
from psychometrics.stats.dif_rows import GroupRows
from psychometrics.stats.dif_search import Rule, search
from tests.reference.load import BFI_SCALES, array, labels, load

MODELS = [LinearItems, GradedItems]


def answers(n=120, n_groups=3, shift=0.0, seed=1, blank=0.05, steeper=0.0):
    """Groups that differ in the mean and variance of the trait; item 1 is shifted in group 1."""
    rng = np.random.default_rng(seed)
    found = []
    for g in range(n_groups):
        trait = rng.normal(0.3 * g, 1 + 0.2 * g, n)
        y = trait[:, None] * [0.8, 1.0, 0.6, 0.9, 1.1] + rng.normal(size=(n, 5))
        if g == 1:
            y[:, 1] += shift + steeper * trait
        y = np.clip(np.round(y + 3), 1, 5)
        y[rng.random(y.shape) < blank] = np.nan
        found.append(GroupRows(y[~np.isnan(y).all(axis=1)]))
    return found


def fitted(items, members, freed=()):
    made = design(items, members, freed)
    return maximize(items, made, starting_eta(items, made))


@pytest.mark.parametrize("model", MODELS)
def test_derivatives_are_those_of_the_likelihood(model):
    items = model(answers())
    theta = items.start() + 0.05 * np.random.default_rng(2).normal(size=(3, items.n_parameters))
    theta[:, items.shared] = np.sort(theta[:, items.shared], axis=0)[[1]]
    found = items.sums(theta)
    step = 1e-5
    for at in range(items.n_parameters):
        move = np.zeros(items.n_parameters)
        move[at] = step
        up, down = items.sums(theta + move), items.sums(theta - move)
        slope = (up.log_likelihood - down.log_likelihood) / (2 * step)
        bend = -(up.gradient - down.gradient) / (2 * step)
        # The rule of equal steps is not differentiated itself, so it adds its own small error.
        np.testing.assert_allclose(found.gradient[:, at], slope, atol=2e-4)
        np.testing.assert_allclose(found.information[:, at], bend, atol=2e-3, rtol=2e-4)


def test_the_linear_likelihood_is_that_of_a_normal_distribution():
    rows = answers(n=40, blank=0.0)
    items = LinearItems(rows)
    theta = items.start()
    for g, part in enumerate(rows):
        own = theta[g]
        loadings = own[5:10]
        covariance = np.outer(loadings, loadings) * np.exp(own[16]) + np.diag(np.exp(own[10:15]))
        normal = stats.multivariate_normal(own[:5] + loadings * own[15], covariance)
        direct = normal.logpdf(part.values).sum()
        np.testing.assert_allclose(items.sums(theta).log_likelihood[g], direct, rtol=1e-12)


def test_the_graded_likelihood_is_the_integral_over_the_trait():
    rows = [GroupRows(part.values[:4]) for part in answers(n=30)]
    items = GradedItems(answers(n=30))
    theta = items.start()[1]
    theta[items.mean_at], theta[items.variance_at] = 0.4, np.log(1.7)
    sd = np.sqrt(1.7)

    def density(trait, person):
        size = stats.norm.pdf(trait, 0.4, sd)
        for j, answer in enumerate(person):
            if np.isnan(answer):
                continue
            at = int(np.searchsorted(items.categories[j], answer))
            line = theta[items.slopes[j]] * trait
            cut = theta[items.first[j] : items.first[j + 1]]
            above = special.expit(line - cut)
            size *= np.concatenate([[1.0], above])[at] - np.concatenate([above, [0.0]])[at]
        return size

    own = items.casewise(1, theta).log_likelihood[:4]
    for person, found in zip(rows[1].values, own, strict=True):
        exact = integrate.quad(density, -12, 12, args=(person,), epsabs=1e-14, limit=200)[0]
        np.testing.assert_allclose(found, np.log(exact), rtol=1e-8)


@pytest.mark.parametrize("model", MODELS)
def test_a_score_test_expects_what_a_fit_finds(model):
    items = model(answers(n=2000, shift=0.1, blank=0.02))
    members = np.eye(3, dtype=bool)
    equal = fitted(items, members)
    expected = freeing_tests(items, equal)
    wider = design(items, members, [(1, 1, False)])
    free = maximize(items, wider, moved_eta(wider, equal))
    assert equal.converged
    assert free.converged
    fall = 2 * (free.log_likelihood - equal.log_likelihood)
    np.testing.assert_allclose(expected.change[1, 1, 0], free.eta[-1], rtol=0.05)
    np.testing.assert_allclose(expected.statistic[1, 1, 0], fall, rtol=0.15)
    np.testing.assert_allclose(
        expected.se[1, 1, 0], np.sqrt(freed_covariance(free)[-1, -1]), rtol=0.1
    )


@pytest.mark.parametrize("model", MODELS)
def test_tests_don_t_depend_on_which_group_comes_first(model):
    rows = answers(shift=0.4)
    order = [2, 0, 1]
    one = fitted(model(rows), np.eye(3, dtype=bool))
    two = fitted(model([rows[g] for g in order]), np.eye(3, dtype=bool))
    np.testing.assert_allclose(one.log_likelihood, two.log_likelihood, rtol=1e-9)
    first = freeing_tests(model(rows), one).statistic
    second = freeing_tests(model([rows[g] for g in order]), two).statistic
    np.testing.assert_allclose(first[:, order], second, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("model", MODELS)
def test_the_search_finds_what_was_planted(model):
    items = model(answers(n=300, shift=1.0))
    found = search(items, np.eye(3, dtype=bool), Rule())
    assert [one[:2] for one in found.fit.design.freed] == [(1, 1)]
    assert found.statistic[1, 1, 0] > 20
    assert 0.5 < found.points[1, 1, 0] < 1.2
    others = np.delete(found.statistic[..., 0].ravel(), 4)
    assert np.nanmax(others) < 12


@pytest.mark.parametrize("model", MODELS)
def test_a_steeper_item_is_non_uniform(model):
    items = model(answers(n=400, steeper=-0.9))
    found = search(items, np.eye(3, dtype=bool), Rule())
    assert found.freed[1, 1] == 2
    assert found.points[1, 1, 1] < -0.5


def test_clusters_of_one_are_people():
    rows = answers()
    own = [GroupRows(part.values, None, np.arange(len(part.values))) for part in rows]
    one, two = LinearItems(rows), LinearItems(own)
    fit = fitted(one, np.eye(3, dtype=bool))
    first = freeing_tests(one, fit).statistic
    second = freeing_tests(two, fitted(two, np.eye(3, dtype=bool))).statistic
    np.testing.assert_allclose(first, second, rtol=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_a_weight_of_two_is_the_same_person_twice(model):
    rows = answers(n=60)
    twice = [GroupRows(np.repeat(part.values, 2, axis=0)) for part in rows]
    weighted = [GroupRows(part.values, np.full(len(part.values), 2.0)) for part in rows]
    members = np.eye(3, dtype=bool)
    one, two = fitted(model(twice), members), fitted(model(weighted), members)
    np.testing.assert_allclose(one.log_likelihood, two.log_likelihood, rtol=1e-9)
    np.testing.assert_allclose(one.theta, two.theta, atol=2e-3)


# lavaan's one-factor model of groups with equal loadings and intercepts

LAVAAN = load("dif")["one_factor"]
TEXTUAL = ("x3", "x4", "x5", "x6")


def recorded_rows(name):
    if name == "hs_textual":
        values, group = array("hs", TEXTUAL), labels("hs", "school")
    else:
        items = tuple(item.lstrip("-") for item in BFI_SCALES["A"])
        values, group = array("bfi", items, reverse=("A1",)), labels("bfi", "gender")
    known = ~np.isnan(values).any(axis=1)
    return [GroupRows(values[known & (group == g)]) for g in LAVAAN[name]["groups"]]


@pytest.mark.parametrize("name", ["hs_textual", "bfi_agreeableness"])
def test_the_linear_model_is_lavaan_s(name):
    items = LinearItems(recorded_rows(name))
    recorded = LAVAAN[name]
    members = np.array([[False, True]])
    equal = fitted(items, members)
    np.testing.assert_allclose(equal.log_likelihood, recorded["log_likelihood"], rtol=1e-9)
    for j, one in enumerate(recorded["free"]):
        for slope, key in ((False, "log_likelihood"), (True, "both_free")):
            wider = design(items, members, [(j, 0, slope)])
            free = maximize(items, wider, moved_eta(wider, equal), equal)
            np.testing.assert_allclose(free.log_likelihood, one[key], rtol=1e-9)
            if not slope:
                gap = one["intercepts"][1] - one["intercepts"][0]
                np.testing.assert_allclose(free.eta[-1], gap, atol=2e-4)
