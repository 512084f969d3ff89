"""Known groups: R's numbers, poolings, verdicts, and groups that can't be compared."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import load_instrument, read_responses
from psychometrics.validity.known_groups import known_groups_table
from tests.reference.load import bfi, load
from tests.validity.small_instrument import small_answers, small_instrument

LEVELS = {
    "some_high_school": "1", "finished_high_school": "2", "some_college": "3",
    "college_graduate": "4", "graduate_degree": "5",
}  # fmt: skip


@pytest.fixture(scope="module")
def women_and_men() -> pd.DataFrame:
    # R's scores need all five items.
    instrument = load_instrument("ipip_bfi25")
    scales = [one.model_dump() | {"min_valid": 5} for one in instrument.scales.values()]
    strict = instrument.model_validate(
        instrument.model_dump(exclude={"scales"}) | {"scales": scales}
    )
    return known_groups_table(read_responses(bfi(), strict, site="education"))


@pytest.mark.parametrize(("scale", "letter"), [("neuroticism", "N"), ("agreeableness", "A")])
def test_agrees_with_r(women_and_men: pd.DataFrame, scale: str, letter: str) -> None:
    mine = women_and_men[women_and_men["scale"] == scale]
    for _, found in mine[mine["pooling"].isin(["total", "site"])].iterrows():
        unit = LEVELS[found["group"]] if found["pooling"] == "site" else "total"
        rows = load("comparators")["bfi_complete"]["gender"][unit]
        row = next(row for row in rows if row["label"] == letter)
        assert (found["n_higher"], found["n_lower"]) == (row["n_higher"], row["n_lower"])
        assert found["estimate"] == pytest.approx(row["g"], abs=1e-12)
        assert [found["low"], found["high"]] == pytest.approx(
            [row["g_low_noncentral"], row["g_high_noncentral"]], abs=1e-6
        )
    meta = mine[mine["pooling"] == "meta"].iloc[0]
    recorded = load("synthesis")["bfi_gender_difference"][letter]["base"]
    assert meta["estimate"] == pytest.approx(recorded["estimate"], abs=1e-10)
    assert [meta["low"], meta["high"]] == pytest.approx(
        recorded["ci_hartung_knapp_at_least_wald"], abs=1e-10
    )


def test_synthesis_counts_the_people_of_the_sites(women_and_men: pd.DataFrame) -> None:
    for _, part in women_and_men.groupby("scale"):
        sites, meta = part[part["pooling"] == "site"], part[part["pooling"] == "meta"].iloc[0]
        assert meta["n_higher"] == sites["n_higher"].sum()
        assert meta["n_lower"] == sites["n_lower"].sum()
        assert meta["n_obs"] == meta["n_higher"] + meta["n_lower"]


def test_within_does_not_see_differences_between_sites() -> None:
    answers = small_answers()
    # The groups are no longer balanced over sites, and one site answers lower on everything.
    role = np.where((answers.frame["site"] == "east") & (np.arange(90) % 9 > 2), "new", "old")
    a1 = np.where(answers.frame["site"] == "east", 1, 3) - (role == "new") * 0
    noisy = np.clip(a1 + np.resize([0, 1, 0, -1, 1], 90), 1, 3)
    found = known_groups_table(small_answers({"role": role, "a1": noisy}))
    mine = found[found["scale"] == "a"].set_index("pooling")
    total, within = mine.loc["total", "estimate"], mine.loc["within", "estimate"]
    assert abs(within) < abs(total)


@pytest.mark.parametrize(
    ("smallest", "expected"), [(0.3, "confirmed"), (0.9, "undecided"), (9.0, "refuted")]
)
def test_verdict_against_the_stated_difference(smallest: float, expected: str) -> None:
    stated = small_instrument().known_groups[0].model_dump() | {"minimum_d": smallest}
    answers = small_answers(instrument=small_instrument(known_groups=[stated]))
    found = known_groups_table(answers)
    assert found.query("pooling == 'total' and scale == 'a'")["verdict"].tolist() == [expected]
    assert set(found["minimum_d"]) == {smallest}


def test_large_sample_interval_is_named() -> None:
    found = known_groups_table(small_answers(), interval="large_sample")
    row = found[found["pooling"] == "total"].iloc[0]
    assert row["method"] == "Hedges' g, large-sample interval"
    assert row["high"] - row["estimate"] == pytest.approx(row["estimate"] - row["low"])


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"role": ["old"] * 90}, "too_few_in_group"),
        ({"role": ["old"] + ["new"] * 89}, "too_few_in_group"),
        ({"role": [None] * 90}, "too_few_in_group"),
        ({"a1": 2, "a2": 2}, "constant_variable"),
    ],
)
def test_what_can_t_be_compared_says_why(columns: dict[str, object], code: str) -> None:
    found = known_groups_table(small_answers(columns)).query("pooling == 'total' and scale == 'a'")
    assert found["reason"].iloc[0].code == code
    assert found["verdict"].tolist() == ["unavailable"]
    assert np.isnan(found["estimate"].iloc[0])


def test_a_role_that_the_answers_don_t_tell() -> None:
    answers = small_answers()
    without = read_responses(answers.frame.drop(columns=["role", "row"]), answers.instrument)
    found = known_groups_table(without)
    told = found[found["pooling"] != "meta"]["reason"]
    assert set(told) == {"The answers don't say the respondents' role."}
    assert set(found["verdict"]) == {"unavailable"}


def test_no_known_groups_give_an_empty_table() -> None:
    found = known_groups_table(small_answers(instrument=small_instrument(known_groups=[])))
    assert found.empty
    assert "verdict" in found
