"""Known coverage: the figures are those of the simulations, and rows say where it is too little."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from psychometrics import discriminant_validity, htmt, reliability
from psychometrics.validity.coverage import (
    Coverage,
    Record,
    all_words,
    coverage,
    short_words,
    told_short,
)
from psychometrics.validity.small_n import Rule, SmallN, put_in_force
from tests.validity.small import SCALES, answers

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"
LATENT = {"standard": "latent", "robust": "latent_robust", "bootstrap": None}


def results(name: str, n: int) -> Any:
    return json.loads((RESULTS / f"{name}_{n}.json").read_text(encoding="utf-8"))


def simulated(record: Record, n: int) -> float:
    """The percentage that the recorded simulation found."""
    if "reliability" in record.script:
        counts = results("reliability", n)["counts"][f"{record.statistics[0]} {record.interval}"]
        return float(100 * counts["covered"] / (counts["tried"] - counts["failed"]))
    name = LATENT[record.interval] or record.statistics[0]
    chunks, held = results("discriminant", n), []
    for truth in ("0.5", "0.7", "0.85", "0.95"):
        counts = [chunk[truth][name]["counts"] for chunk in chunks]
        every, below, above = (
            sum(one.get(key, 0) for one in counts) for key in ("intervals", "below", "above")
        )
        held.append(100 * (1 - (below + above) / every))
    return float(min(held))


@pytest.mark.parametrize(
    "record", coverage().records, ids=lambda one: f"{one.statistics[0]}-{one.interval}"
)
def test_figures_are_those_of_the_simulations(record: Record) -> None:
    for one in record.held:
        assert one.percent == pytest.approx(simulated(record, one.n), abs=0.051)
    assert record.words


def test_between_two_sizes_it_is_between_and_beyond_them_the_nearest() -> None:
    record = next(one for one in coverage().records if one.interval == "robust")
    shares = [record.percent(n) for n in (1, 30, 45, 60, 80, 100, 200, 300, 5000)]
    assert all(earlier <= later for earlier, later in pairwise(shares))
    assert (shares[0], shares[-1]) == (record.held[0].percent, record.held[-1].percent)


def test_what_was_not_tried_is_not_called_short() -> None:
    assert short_words("lambda2", "bootstrap", 5) == ""
    assert short_words("correlation", "robust", 30).startswith("somewhat too narrow")
    assert short_words("correlation", "standard", 100_000) == "too narrow for skewed answers"


def test_rows_say_so() -> None:
    few, many = answers(30), answers(300)
    calls = {
        "alpha": lambda frame: reliability(frame, SCALES, coefficients=["alpha"], interval="adf"),
        "correlation": lambda frame: discriminant_validity(frame, SCALES, n_boot=0),
        "htmt": lambda frame: htmt(frame, SCALES, n_boot=100),
    }
    for name, call in calls.items():
        assert call(few if name == "alpha" else answers(60)).method.map(told_short).all(), name
        assert not call(many).method.map(told_short).any(), name
    assert not reliability(few, SCALES, coefficients=["alpha"]).method.map(told_short).any()


def test_a_bootstrap_that_the_small_n_policy_asks_for_says_so_too() -> None:
    rule = Rule(key="mine", statistic="alpha", effect="bootstrap", fewest=50, source="s", why="w")
    with put_in_force(SmallN(edition="mine", rules=(rule,))):
        found = reliability(answers(30), SCALES, coefficients=["alpha"], n_boot=100)
    assert found.method.str.contains("small-n rule mine").all()
    assert found.method.map(told_short).all()


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"held": ({"n": 60, "percent": 90.0}, {"n": 30, "percent": 80.0})}, "sizes rise"),
        ({"held": ({"n": 60, "percent": 190.0},)}, "percent"),
        ({"held": ()}, "held"),
    ],
)
def test_records_that_make_no_sense(changes: dict[str, Any], match: str) -> None:
    good = coverage().records[0].model_dump()
    with pytest.raises(ValidationError, match=match):
        Record.model_validate({**good, **changes})


def test_each_interval_stands_once() -> None:
    one = coverage().records[0]
    with pytest.raises(ValidationError, match="stands once"):
        Coverage(edition="e", enough=92.0, level=0.95, records=(one, one))
    assert all(told_short(f"x, {words}") for words in all_words())
