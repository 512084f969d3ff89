from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from psychometrics.stats.superiority import (
    placement_variance,
    probability_of_superiority,
    stratified_superiority,
    superiority,
)
from tests.reference.load import load

RECORDED: list[dict[str, Any]] = load("agreement")["superiority"]


@pytest.mark.parametrize("recorded", RECORDED)
def test_estimate_and_limits_are_those_of_r(recorded: Any) -> None:
    found = probability_of_superiority(
        np.array(recorded["higher"], dtype=float), np.array(recorded["lower"], dtype=float),
        recorded["level"],
    )  # fmt: skip
    assert found.estimate == pytest.approx(recorded["estimate"], rel=1e-12)
    assert found.low == pytest.approx(recorded["low"], rel=1e-7)
    assert found.high == pytest.approx(recorded["high"], rel=1e-7)


def scores(seed: int, m: int = 30, n: int = 40) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    return np.round(rng.normal(0.8, 1, m)), np.round(rng.normal(size=n))


def test_it_is_the_share_of_pairs() -> None:
    a, b = scores(1)
    pairs = np.sign(a[:, None] - b)
    assert superiority(a, b) == pytest.approx(((pairs + 1) / 2).mean())


def test_turning_the_groups_round_turns_everything() -> None:
    a, b = scores(2)
    one, two = probability_of_superiority(a, b), probability_of_superiority(b, a)
    assert one.estimate == pytest.approx(1 - two.estimate)
    assert one.low == pytest.approx(1 - two.high)


def test_only_the_order_of_scores_matters() -> None:
    a, b = scores(3)
    one, two = probability_of_superiority(a, b), probability_of_superiority(np.exp(a), np.exp(b))
    assert (one.low, one.high) == (two.low, two.high)


def test_groups_that_do_not_overlap_have_an_interval() -> None:
    found = probability_of_superiority(np.array([5.0, 6, 7]), np.array([1.0, 2, 3]))
    assert (found.estimate, found.high) == (1, 1)
    assert 0.3 < found.low < 0.9
    equal = probability_of_superiority(np.full(4, 2.0), np.full(5, 2.0))
    assert equal.estimate == 0.5
    assert equal.low < 0.5 < equal.high


def test_placements_have_the_variance_of_the_bootstrap() -> None:
    a, b = scores(4)
    rng = np.random.default_rng(5)
    drawn = [superiority(rng.choice(a, len(a)), rng.choice(b, len(b))) for _ in range(2000)]
    # A variance of 2,000 draws has a relative standard error of 3 %.
    assert placement_variance(a, b) == pytest.approx(np.var(drawn), rel=0.13)


def test_the_interval_holds_what_it_promises() -> None:
    rng = np.random.default_rng(6)
    truth = float(special.ndtr(0.8 / 2**0.5))
    inside = 0
    for _ in range(600):
        found = probability_of_superiority(rng.normal(0.8, 1, 15), rng.normal(size=25))
        inside += found.low <= truth <= found.high
    # Three binomial standard errors are .027.
    assert inside / 600 == pytest.approx(0.95, abs=0.027)


def test_one_stratum_is_the_plain_estimate_and_strata_of_one_group_take_no_part() -> None:
    a, b = scores(7)
    alone = stratified_superiority([(a, b)])
    assert alone.estimate == pytest.approx(superiority(a, b))
    more = stratified_superiority([(a, b), (a, b[:0]), (a[:1], b)])
    assert (more.estimate, more.low) == (alone.estimate, alone.low)
    assert np.isnan(stratified_superiority([(a[:1], b)]).estimate)


def test_levels_of_strata_do_not_matter() -> None:
    a, b = scores(8)
    shifted = stratified_superiority([(a, b), (a + 10, b + 10)])
    assert shifted.estimate == pytest.approx(superiority(a, b))
    apart = stratified_superiority([(a + 100, b)])
    assert apart.estimate == 1
    assert np.isnan(apart.low)
