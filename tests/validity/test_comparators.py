"""Scores and comparators: R's numbers, poolings, and what has no correlation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pingouin
import pytest

from psychometrics import read_responses
from psychometrics.errors import DataError
from psychometrics.stats.moments import Moments
from psychometrics.validity.comparators import comparator_correlations, correlate_frame
from tests.reference.load import BFI_SCALES, bfi, load
from tests.validity.small_instrument import small_answers

UNITS = ("total", "1", "2", "3", "4", "5")


@pytest.fixture(scope="module")
def by_education() -> pd.DataFrame:
    return correlate_frame(
        bfi(), BFI_SCALES, ["age"], group="education", methods=("pearson", "spearman")
    )


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    ("statistic", "name", "low"),
    [
        ("correlation", "pearson", "pearson_low"),
        ("rank_correlation", "spearman", "spearman_low_bonett_wright"),
    ],
)
def test_agrees_with_r(
    by_education: pd.DataFrame, unit: str, statistic: str, name: str, low: str
) -> None:
    rows = by_education[by_education["statistic"] == statistic]
    mine = rows[rows["pooling"] == "total"] if unit == "total" else rows[rows["group"] == unit]
    for row in load("comparators")["bfi_complete"]["age"][unit]:
        found = mine[mine["scale"] == row["scale"]].iloc[0]
        assert found["n_obs"] == row["n"]
        assert found["estimate"] == pytest.approx(row[name], abs=1e-12)
        assert found["low"] == pytest.approx(row[low], abs=1e-12)


def test_synthesis_agrees_with_metafor(by_education: pd.DataFrame) -> None:
    meta = by_education[
        (by_education["pooling"] == "meta") & (by_education["statistic"] == "correlation")
    ].set_index("scale")
    for scale, part in load("synthesis")["bfi_age_correlation"].items():
        back = part["back_transformed"]
        assert meta["estimate"][scale] == pytest.approx(back["estimate"], abs=1e-10)
        assert [meta["low"][scale], meta["high"][scale]] == pytest.approx(
            back["ci_hartung_knapp_at_least_wald"], abs=1e-10
        )
        assert meta["n_groups"][scale] == 5


def test_within_is_pingouin_s_partial_correlation_given_site() -> None:
    answers = small_answers()
    frame = answers.scores().assign(
        age=answers.frame["age"],
        south=(answers.frame["site"] == "south").astype(float),
        east=(answers.frame["site"] == "east").astype(float),
    )
    found = comparator_correlations(answers, methods=("pearson",))
    for scale in ("a", "b"):
        row = found[(found["scale"] == scale) & (found["pooling"] == "within")].iloc[0]
        other = pingouin.partial_corr(frame, scale, "age", covar=["south", "east"])
        assert row["n_obs"] == other["n"].iloc[0]
        assert row["estimate"] == pytest.approx(other["r"].iloc[0], abs=1e-12)
        # pingouin rounds its limits to two digits.
        limits = next(value for name, value in other.iloc[0].items() if "CI95" in str(name))
        assert [row["low"], row["high"]] == pytest.approx(list(limits), abs=0.00501)


def test_people_who_lack_a_value_are_left_out_of_that_pair_alone() -> None:
    answers = small_answers({"age": [np.nan, *np.arange(89.0)], "rank": np.arange(90.0)})
    total = comparator_correlations(answers).query("pooling == 'total' and scale == 'a'")
    assert total.set_index(["statistic", "comparator"])["n_obs"].to_dict() == {
        ("correlation", "age"): 89,
        ("correlation", "rank"): 90,
        ("rank_correlation", "age"): 89,
        ("rank_correlation", "rank"): 90,
    }


def test_rows_without_a_site_are_in_total_alone() -> None:
    site = np.resize(np.array(["north", "south", None], dtype=object), 90)
    found = comparator_correlations(small_answers({"site": site}), methods=("pearson",))
    mine = found[found["scale"] == "a"]
    assert mine["pooling"].tolist() == ["total", "within", "site", "site", "meta"]
    assert mine["n_obs"].tolist() == [90, 60, 30, 30, 60]


@pytest.mark.parametrize(
    ("column", "values", "code"),
    [
        ("colour", np.resize(["red", "blue", "green"], 90), "comparator_without_order"),
        ("town", np.resize([1.0, 2.0, 1.0], 90), "comparator_of_the_site"),
        ("age", np.resize([31.0, 42.0, 53.0], 90), "comparator_of_the_site"),
        ("age", np.full(90, 40.1), "constant_variable"),
        ("age", np.where(np.arange(90) < 3, np.arange(90.0), np.nan), "too_few_pairs"),
    ],
)
def test_what_has_no_correlation_says_why(column: str, values: object, code: str) -> None:
    found = comparator_correlations(small_answers({column: values}), methods=("pearson",))
    rows = found[(found["comparator"] == column) & (found["pooling"] != "meta")]
    assert {why.code for why in rows["reason"]} == {code}
    assert rows["estimate"].isna().all()
    meta = found[(found["comparator"] == column) & (found["pooling"] == "meta")]
    assert {why.code for why in meta["reason"]} == {"no_synthesis"}


def test_a_small_site_has_a_reason_and_the_others_a_synthesis() -> None:
    site = ["east"] * 3 + ["north"] * 40 + ["south"] * 47
    found = comparator_correlations(small_answers({"site": site}), methods=("pearson",))
    mine = found[found["scale"] == "a"]
    east, meta = mine[mine["group"] == "east"].iloc[0], mine[mine["pooling"] == "meta"].iloc[0]
    assert east["reason"] == "It needs at least 4 people with both values; there are 3."
    assert (meta["n_groups"], meta["n_obs"]) == (2, 87)


def test_robust_correlation_is_pingouin_s() -> None:
    answers = small_answers({"age": [*np.arange(88.0), 5000.0, np.nan]})
    found = comparator_correlations(answers, methods=("percentage_bend",))
    total, within = (
        found[(found["scale"] == "a") & (found["pooling"] == one)].iloc[0]
        for one in ("total", "within")
    )
    expected = pingouin.corr(
        answers.scores()["a"][:89], answers.frame["age"][:89], method="percbend"
    )
    assert total["estimate"] == pytest.approx(expected["r"].iloc[0], abs=1e-12)
    assert total["n_obs"] == 89
    assert total["statistic"] == "robust_correlation"
    assert within["reason"].code == "method_without_within"


def test_pearson_and_spearman_do_not_load_pingouin(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pingouin", None)
    assert comparator_correlations(small_answers())["estimate"].notna().any()


def test_an_instrument_without_sites_has_total_alone() -> None:
    frame = pd.DataFrame(
        {"x1": [1, 2, 3, 4, 5, 5], "x2": [2, 1, 3, 5, 4, 5], "y": [1, 2, 2, 3, 5, 4]}
    )
    found = correlate_frame(frame, {"s": ["x1", "x2"]}, ["y"])
    assert found["pooling"].tolist() == ["total"]
    expected = np.corrcoef(frame[["x1", "x2"]].mean(axis=1), frame["y"])[0, 1]
    assert found["estimate"][0] == pytest.approx(expected)


def test_turning_an_item_turns_the_correlation() -> None:
    frame = pd.DataFrame({"x": [1.0, 2, 3, 4, 5, 2], "y": [2.0, 1, 4, 3, 5, 1]})
    plain, turned = (correlate_frame(frame, {"s": [x]}, ["y"]) for x in ("x", "-x"))
    assert turned["estimate"][0] == pytest.approx(-plain["estimate"][0], abs=1e-14)


def test_comparators_must_be_numbers() -> None:
    frame = pd.DataFrame({"x": [1.0, 2, 3, 4], "colour": ["red", "red", "blue", "blue"]})
    with pytest.raises(DataError, match="'colour' holds text such as 'red'"):
        correlate_frame(frame, {"s": ["x"]}, ["colour"])


def test_moments_hold_no_comparators() -> None:
    moments = Moments([[1.0, 0.2], [0.2, 1.0]], None, 50, names=("x1", "x2"))
    with pytest.raises(DataError, match="pass the answers and the comparators"):
        correlate_frame(moments, {"s": ["x1", "x2"]}, ["y"])


def test_unknown_method() -> None:
    with pytest.raises(DataError, match="choose one of 'pearson', 'spearman', 'percentage_bend'"):
        comparator_correlations(small_answers(), methods=("kendall",))  # type: ignore[arg-type]


def test_no_comparator_in_the_data_gives_an_empty_table() -> None:
    answers = small_answers()
    answers = read_responses(
        answers.frame.drop(columns=["age", "row"]), answers.instrument, role="role"
    )
    found = comparator_correlations(answers)
    assert found.empty
    assert "reason" in found
