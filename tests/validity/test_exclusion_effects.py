"""What the exclusions of a plan did to every result of a study."""

from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np
import pandas as pd
import pytest

from psychometrics import simulate_responses
from psychometrics.report.disclosure_times import protect_exclusions
from psychometrics.validity.analysis_plan import AnalysisPlan, Exclusion, SmallestEffects
from psychometrics.validity.exclusion_effects import EXCLUSION_COLUMNS, exclusion_effects
from psychometrics.validity.exclusions import exclude
from psychometrics.validity.study import Study, run_study
from tests.validity.small import only

# The run with the oldest versions leaves it out.
pytestmark = pytest.mark.slow

STRAIGHT = Exclusion(key="straight", rule="flagged", flag="straight_line", reason="Not read.")


def plan(*rules: Exclusion) -> AnalysisPlan:
    effects = SmallestEffects(reliability=0.05, correlation=0.1, standardised_difference=0.2)
    return AnalysisPlan(
        instrument="peer_support_implementation", version="1.0", date=date(2026, 3, 1), by="p",
        analyses=("internal_consistency",), smallest_effects=effects, exclusions=rules, n_boot=20,
    )  # fmt: skip


@pytest.fixture(scope="module")
def study() -> Study:
    made = simulate_responses("peer_support_implementation", {"ulm": 60, "pune": 60}, rng=2)
    frame = made.frame.copy()
    frame.loc[:9, list(made.instrument.items)] = 4.0
    responses = dataclasses.replace(made, frame=frame)
    return run_study(made.instrument, responses, plan=plan(STRAIGHT))


def test_every_number_stands_with_everybody_and_without(study: Study) -> None:
    table = study.tables["exclusions"]
    assert list(table.columns) == list(EXCLUSION_COLUMNS)
    assert {"items", "reliability", "fit", "convergent", "htmt", "discriminant", "hypotheses",
            "known_groups", "claims"} <= set(table["table"])  # fmt: skip
    mine = table[table["table"] == "reliability"]
    row = only(mine, subject="training", statistic="alpha", pooling="within")
    now = only(study.tables["reliability"], scale="training", coefficient="alpha", pooling="within")
    assert row["estimate"] == now["estimate"]
    assert row["n_all"] - row["n_obs"] == 10
    assert row["difference"] == pytest.approx(row["estimate"] - row["estimate_all"])
    assert row["difference"] != 0
    claims = table[table["table"] == "claims"]
    # A claim that is made on one side alone (a model that only then can be fitted) has no other.
    both = claims[(claims["verdict_all"] != "") & (claims["verdict"] != "")]
    assert len(both) > 0.9 * len(claims)
    assert set(both["verdict_all"]) <= {"supported", "not_supported", "undecided", "unavailable"}


def test_flagged_people_are_left_out_by_rule(study: Study) -> None:
    assert only(study.tables["plan"], part="exclusion straight")["done"] in ("10", 10)
    made = simulate_responses("hs1939", {"pasteur": 10}, rng=1)
    kept, counted = exclude(made, [STRAIGHT])
    assert kept.n_obs == 10
    assert counted[0].count == 0


def test_without_exclusions_there_is_nothing() -> None:
    assert exclusion_effects(None, {}).empty
    made = simulate_responses("hs1939", {"pasteur": 60}, rng=1)
    assert run_study(made.instrument, made, n_boot=0).tables["exclusions"].empty


def test_few_people_left_out_are_not_given_away() -> None:
    common = {"table": "items", "statistic": "mean", "group": None, "low": np.nan, "high": np.nan,
              "low_all": np.nan, "high_all": np.nan, "verdict": "", "verdict_all": ""}  # fmt: skip
    frame = pd.DataFrame(
        [
            common | {"subject": "a", "pooling": "total", "estimate_all": 3.0, "n_all": 100,
                      "estimate": 2.9, "n_obs": 98, "difference": -0.1},
            common | {"subject": "a", "pooling": "site", "estimate_all": 3.0, "n_all": 50,
                      "estimate": 2.9, "n_obs": 40, "difference": -0.1},
            common | {"subject": "b", "pooling": "total", "estimate_all": 3.0, "n_all": 100,
                      "estimate": 2.9, "n_obs": 90, "difference": -0.1},
        ]
    )  # fmt: skip
    shown = protect_exclusions(frame, 5, ()).set_index("subject")
    assert shown["pooling"].tolist() == ["total", "total"]
    assert np.isnan(shown.loc["a", "estimate_all"])
    assert np.isnan(shown.loc["a", "n_all"])
    assert shown.loc["a", "estimate"] == 2.9
    assert shown.loc["b", "estimate_all"] == 3.0
