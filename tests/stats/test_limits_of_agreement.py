from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from psychometrics.errors import DataError
from psychometrics.stats.limits_of_agreement import limit_factors, limits_of_agreement
from tests.reference.load import load

RECORDED: dict[str, Any] = load("agreement")


def flow() -> Any:
    ratings = np.array(RECORDED["icc"]["flow"]["ratings"])
    return ratings[:, 0] - ratings[:, 1]


def test_bland_and_altman_print_these() -> None:
    """Peak flow of 17 people; their limits of 1986 are two standard deviations wide."""
    coverage = 2 * special.ndtr(2.0) - 1
    found = limits_of_agreement(flow(), coverage=coverage, interval="approximate")
    assert round(found.bias.estimate, 1) == -2.1
    assert round(found.sd, 1) == 38.8
    assert [round(v, 1) for v in (found.bias.low, found.bias.high)] == [-22.0, 17.8]
    # They print -79.7 and 75.5, made of the rounded -2.1 and 38.8.
    assert found.lower.estimate == pytest.approx(-79.7, abs=0.06)
    assert found.upper.estimate == pytest.approx(75.5, abs=0.11)


@pytest.mark.parametrize("recorded", RECORDED["limit_factors"], ids=lambda one: str(one["n"]))
def test_exact_factors_are_the_quantiles_of_noncentral_t(recorded: Any) -> None:
    found = limit_factors(recorded["n"], recorded["z"], recorded["level"])
    # R says itself that its noncentral t is not of full precision.
    assert found == pytest.approx(recorded["factors"], rel=1e-7)


@pytest.mark.parametrize("n", [5, 20])
def test_exact_intervals_hold_what_they_promise(n: int) -> None:
    x = np.random.default_rng(n).normal(size=(20_000, n))
    mean, sd = x.mean(axis=1), x.std(axis=1, ddof=1)
    inner, outer = limit_factors(n, 1.96)
    inside = np.mean((mean + inner * sd <= 1.96) & (mean + outer * sd >= 1.96))
    # Three binomial standard errors are .0046.
    assert inside == pytest.approx(0.95, abs=0.005)


def test_both_kinds_of_interval_agree_where_people_are_many() -> None:
    exact = limit_factors(20_000, 1.96)
    assert exact == pytest.approx(limit_factors(20_000, 1.96, interval="approximate"), abs=3e-4)


def test_turning_the_difference_round_turns_the_limits() -> None:
    one, two = limits_of_agreement(flow()), limits_of_agreement(-flow())
    assert one.upper.estimate == pytest.approx(-two.lower.estimate)
    assert (one.upper.low, one.upper.high) == pytest.approx((-two.lower.high, -two.lower.low))


def test_equal_differences_have_no_interval() -> None:
    found = limits_of_agreement(np.full(7, 0.1))
    assert found.bias.estimate == pytest.approx(0.1)
    assert found.sd == 0
    assert np.isnan([found.upper.low, found.bias.high]).all()


def test_unknown_intervals_are_refused() -> None:
    with pytest.raises(DataError, match="interval='bootstrap' is not known here"):
        limits_of_agreement(flow(), interval="bootstrap")  # type: ignore[arg-type]
