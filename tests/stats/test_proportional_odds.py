"""Proportional-odds models of tables."""

from __future__ import annotations

import numpy as np
from scipy import optimize, special

from psychometrics.stats.dif_logistic import expected_gaps, logistic_dif
from psychometrics.stats.proportional_odds import (
    derivatives,
    expected_category,
    proportional_odds,
)
from tests.reference.load import BFI_SCALES, array, labels, load

RECORDED = load("dif")["logistic"]


def tables(scale, column, values):
    """Counts, scores and units of a scale's items as R had them, groups by the sum of the scale."""
    items = tuple(item.lstrip("-") for item in BFI_SCALES[scale])
    turned = tuple(item[1:] for item in BFI_SCALES[scale] if item[0] == "-")
    answers = array("bfi", items, reverse=turned)
    group = labels("bfi", column)
    known = ~np.isnan(answers).any(axis=1) & np.isin(group, values)
    answers, side = answers[known], np.searchsorted(values, group[known])
    total = answers.sum(axis=1)
    levels, at = np.unique(total, return_inverse=True)
    counts = np.zeros((len(items), len(levels), len(values), 6))
    for j in range(len(items)):
        np.add.at(counts[j], (at, side, answers[:, j].astype(int) - 1), 1)
    scores = np.tile(levels - total.mean(), (len(items), 1)) / total.std()
    return counts, scores, total.std()


def recorded(column, scale):
    return [row for row in RECORDED[column] if row["scale"] == scale]


def test_likelihoods_and_coefficients_are_those_of_clm():
    for column, values in (("gender", ["1", "2"]), ("education", list("12345"))):
        for scale in BFI_SCALES:
            counts, scores, unit = tables(scale, column, values)
            found = logistic_dif(counts, scores)
            assert found.usable.all()
            rows = recorded(column, scale)
            # clm stops at gradients of 1e-10.
            likelihood = [row["log_likelihood"] for row in rows]
            np.testing.assert_allclose(found.log_likelihood, likelihood, rtol=1e-10)
            group = [row["group"] for row in rows]
            np.testing.assert_allclose(found.level.effects[:, 1], group, atol=1e-6)
            k = counts.shape[3] - 1
            se = np.sqrt(found.level.covariance[:, k + 1, k + 1])
            np.testing.assert_allclose(se, [row["group_se"] for row in rows], rtol=1e-5)
            score = [row["score"] for row in rows]
            np.testing.assert_allclose(found.level.effects[:, 0] / unit, score, atol=1e-6)
            product = found.slope.effects[:, len(values)] / unit
            np.testing.assert_allclose(product, [row["product"] for row in rows], atol=1e-6)
            assert (found.df[:, 0] == len(values) - 1).all()


def negative(point, counts, x):
    k = counts.shape[1]
    cuts, effects = point[: k - 1], point[k - 1 :]
    if np.any(np.diff(cuts) <= 0):
        return 1e9
    above = special.expit((x @ effects)[:, None] - cuts)
    edge = np.ones((len(x), 1))
    chance = np.diff(np.concatenate([0 * edge, above[:, ::-1], edge], axis=1), axis=1)[:, ::-1]
    return -special.xlogy(counts, chance).sum()


def test_the_maximum_is_that_of_a_general_search():
    rng = np.random.default_rng(1)
    counts = rng.poisson(4, size=(1, 12, 4)).astype(float)
    x = rng.normal(size=(1, 12, 2))
    found = proportional_odds(counts, x, np.ones((1, 2), dtype=bool))
    start = np.concatenate([[-1.0, 0.0, 1.0], np.zeros(2)])
    best = optimize.minimize(negative, start, args=(counts[0], x[0]), options={"gtol": 1e-7})
    np.testing.assert_allclose(found.log_likelihood[0], -best.fun, rtol=1e-9)
    np.testing.assert_allclose(found.effects[0], best.x[3:], atol=1e-5)


def test_derivatives():
    rng = np.random.default_rng(2)
    counts = rng.poisson(3, size=(2, 8, 4)).astype(float)
    counts[1, :, 3] = 0
    x = rng.normal(size=(2, 8, 2))
    used = np.array([[True, True, True], [True, True, False]])
    point = np.array([[-1.0, 0.2, 0.9, 0.3, -0.4], [-0.5, 0.6, 0.0, 0.2, 0.1]])
    _, slope, bend = derivatives(counts, x, used, point)
    for at in range(5):
        move = 1e-6 * np.eye(5)[at]
        up, down = (derivatives(counts, x, used, point + sign * move) for sign in (1, -1))
        np.testing.assert_allclose(slope[:, at], (up[0] - down[0]) / 2e-6, atol=1e-6)
        np.testing.assert_allclose(bend[:, at], -(up[1] - down[1]) / 2e-6, atol=1e-6)


def test_items_of_fewer_answers_may_stand_beside_others():
    rng = np.random.default_rng(3)
    counts = rng.poisson(4, size=(1, 10, 3)).astype(float)
    x = rng.normal(size=(1, 10, 1))
    one = proportional_odds(counts, x, np.ones((1, 1), dtype=bool))
    wide = np.concatenate([counts, np.zeros((1, 10, 3))], axis=2)
    two = proportional_odds(wide, x, np.ones((1, 1), dtype=bool))
    np.testing.assert_allclose(one.effects, two.effects, rtol=1e-10)
    np.testing.assert_allclose(one.log_likelihood, two.log_likelihood, rtol=1e-12)
    assert np.isnan(two.thresholds[0, 2:]).all()


def test_separated_answers_are_told():
    counts = np.array([[[10.0, 0.0], [0.0, 10.0]], [[9.0, 1.0], [1.0, 9.0]]])
    x = np.array([[[0.0], [1.0]]] * 2)
    found = proportional_odds(counts, x, np.ones((2, 1), dtype=bool))
    assert found.separated.tolist() == [True, False]
    np.testing.assert_allclose(found.log_likelihood[0], 0.0, atol=1e-8)


def test_gaps_of_expected_answers():
    counts, scores, _ = tables("A", "gender", ["1", "2"])
    found = logistic_dif(counts, scores)
    codes = np.tile(np.arange(1.0, 7.0), (5, 1))
    gaps = expected_gaps(found, counts, scores, codes)
    model = found.level
    n = counts[0, :, 1].sum(axis=1)
    cells = np.stack([scores[0], np.ones_like(n), scores[0]], axis=1)
    plain = cells * [1, 0, 0]
    ends = [
        expected_category(model.thresholds[0], model.effects[0], part, codes[0])
        for part in (cells, plain)
    ]
    np.testing.assert_allclose(gaps.estimate[0], n @ (ends[0] - ends[1]) / n.sum(), rtol=1e-10)
    # A test of the effect and of the log-odds say the same.
    size = np.sqrt(model.covariance[:, 6, 6])
    np.testing.assert_allclose(gaps.estimate / gaps.se, model.effects[:, 1] / size, rtol=0.02)
    assert (gaps.most >= np.abs(gaps.estimate) * 0.5).all()
