from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychometrics import Moments, multitrait_scaling
from psychometrics.errors import DataError
from psychometrics.validity.multitrait import scaling_outcome
from tests.reference.load import BFI_SCALES, HS_SCALES, bfi, hs, load, values
from tests.validity.small import SCALES, answers, explained, only, same_numbers, unit

RECORDED: dict[str, Any] = load("multitrait")["scaling"]


@pytest.mark.parametrize(
    ("name", "scales", "group"), [("hs", HS_SCALES, "school"), ("bfi", BFI_SCALES, "education")]
)
def test_every_site_is_that_of_r(name: str, scales: Any, group: str) -> None:
    frame = hs() if name == "hs" else bfi()
    found = multitrait_scaling(frame, scales, group=group).correlations
    for place, recorded in RECORDED[name].items():
        r = values(recorded["correlations"])
        columns = recorded["correlations"]["columns"]
        items = recorded["correlations"]["rows"]
        mine = found[(found["pooling"] == unit(place)["pooling"])]
        if place != "total":
            mine = mine[mine["group"] == place]
        assert set(mine["n_obs"]) == {recorded["n"]}
        assert len(mine) == r.size
        other = mine["other"].where(mine["other"].notna(), mine["scale"])
        expected = [
            r[items.index(item), columns.index(scale)]
            for item, scale in zip(mine["item"], other, strict=True)
        ]
        assert mine["estimate"].tolist() == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("difference", "outcome"),
    [
        (0.25, "definite_success"),
        (0.2, "definite_success"),
        (0.19, "probable_success"),
        (0.0, "probable_error"),
        (-0.19, "probable_error"),
        (-0.2, "definite_error"),
    ],
)
def test_two_standard_errors_of_a_hundred_people_are_a_fifth(
    difference: float, outcome: str
) -> None:
    assert scaling_outcome(difference, 100) == outcome


def test_counts_add_up_and_follow_from_the_correlations() -> None:
    found = multitrait_scaling(answers(300, sites="ab"), SCALES, group="site")
    for _, row in found.scales.iterrows():
        counted = sum(
            row[name]
            for name in ("definite_success", "probable_success", "probable_error", "definite_error")
        )
        assert counted == row["n_tests"] == 3
        mine = found.correlations[
            (found.correlations["scale"] == row["scale"])
            & (found.correlations["pooling"] == row["pooling"])
            & (found.correlations["group"].isna() == pd.isna(row["group"]))
            & ((found.correlations["group"] == row["group"]) | pd.isna(row["group"]))
        ]
        assert (mine["outcome"] == "convergent").sum() == row["n_convergent"]
        assert mine.loc[mine["own"], "estimate"].min() == row["own_lowest"]
        assert mine.loc[~mine["own"], "estimate"].max() == row["other_highest"]
        assert row["scaling_success"] == pytest.approx(
            (row["definite_success"] + row["probable_success"]) / 3
        )
    explained(found.correlations)


def test_an_item_of_the_wrong_scale_is_found() -> None:
    frame = answers(400)
    wrong = {"calm": ["a1", "a2", "b1"], "bold": ["a3", "-b2", "b3"]}
    found = multitrait_scaling(frame, wrong)
    table = found.correlations[~found.correlations["own"]]
    assert only(table, item="b1")["outcome"] == "definite_error"
    assert only(table, item="a3")["outcome"] == "definite_error"
    assert only(table, item="b1")["difference_high"] < 0
    assert found.scales["definite_error"].tolist() == [1, 1]
    assert repr(found).startswith("<MultitraitScaling: 4 of 6 discriminant tests")


def test_the_convergent_rule_can_be_another() -> None:
    frame = answers(300)
    strict = multitrait_scaling(frame, SCALES, convergent=0.99)
    assert strict.scales["n_convergent"].tolist() == [0, 0]
    assert multitrait_scaling(frame, SCALES, convergent=0.01).scales["n_convergent"].sum() == 6


def test_moments_are_enough() -> None:
    frame = answers(200)
    frame["b2"] = 6 - frame["b2"]
    plain = {name: [item.lstrip("-") for item in items] for name, items in SCALES.items()}
    items = [item for members in plain.values() for item in members]
    moments = Moments(frame[items].cov(), n=200)
    one, two = multitrait_scaling(frame, plain), multitrait_scaling(moments, plain)
    same_numbers(
        one.correlations.drop(columns="reason"), two.correlations.drop(columns="reason"), 1e-9
    )


def test_reverse_keying_is_turning_the_answers() -> None:
    frame = answers(200)
    turned = frame.assign(b2=6 - frame["b2"])
    plain = {name: [item.lstrip("-") for item in items] for name, items in SCALES.items()}
    one, two = multitrait_scaling(frame, SCALES), multitrait_scaling(turned, plain)
    same_numbers(
        one.correlations.drop(columns="reason"), two.correlations.drop(columns="reason"), 1e-9
    )


def test_printed_correlations_of_items_with_the_rest_of_their_scale() -> None:
    """psych's alpha() of bfi, as a tutorial prints it: the same definition, two digits."""
    printed = load("multitrait_printed")["r_drop"]["values"]
    scales = {name: BFI_SCALES[name] for name in ("A", "C")}
    found = multitrait_scaling(bfi(), scales, missing="pairwise").correlations
    own = found[found["own"] & (found["scale"] == "A")]
    assert dict(zip(own["item"], own["estimate"].round(2), strict=True)) == printed


def test_printed_table_of_items_by_scales() -> None:
    """The vignette's 75 correlations, two digits, from ours: it divides by the root of G6*, and
    leaves of an item in its own scale what the other items predict, where we take it out."""
    printed = load("multitrait_printed")["item_corrected"]
    items = [key.lstrip("-") for keys in BFI_SCALES.values() for key in keys]
    r = bfi()[items].corr()
    found = multitrait_scaling(Moments(r, n=2800), BFI_SCALES).correlations
    sign = {key.lstrip("-"): -1 if key[0] == "-" else 1 for s in BFI_SCALES.values() for key in s}
    predicted = pd.Series(1 - 1 / np.diag(np.linalg.inv(r)), index=items)
    titles = dict(zip(("A", "C", "E"), printed["columns"], strict=True))
    ours = {}
    for _, row in found.iterrows():
        scale = row["scale"] if row["own"] else row["other"]
        if scale in titles:
            members = [key.lstrip("-") for key in BFI_SCALES[scale]]
            keyed = np.array([sign[item] for item in members])
            together = pd.DataFrame(np.outer(keyed, keyed) * r.loc[members, members].to_numpy(),
                                    index=members, columns=members)  # fmt: skip
            spread = together.to_numpy().sum()
            reliability = 1 - (1 - predicted[members]).sum() / spread
            value, item = row["estimate"], row["item"]
            if row["own"]:
                rest = together.drop(index=item, columns=item).to_numpy().sum()
                value = (value * np.sqrt(rest) + predicted[item]) / np.sqrt(spread)
            ours[item, titles[scale]] = sign[item] * value / np.sqrt(reliability)
    expected = {
        (item, title): number
        for item, numbers in zip(printed["rows"], printed["values"], strict=True)
        for title, number in zip(printed["columns"], numbers, strict=True)
    }
    assert len(expected) == len(ours) == 75
    # Half a unit of the last digit, and rounding where a number lies on the border.
    for about, number in expected.items():
        assert ours[about] == pytest.approx(number, abs=0.005 + 1e-9), about


def test_an_item_that_is_in_the_scale_twice_has_no_interval_of_a_difference() -> None:
    frame = answers(80)
    frame["a2"] = frame["a3"] = frame["a1"]
    found = multitrait_scaling(frame, SCALES)
    tests = found.correlations[(found.correlations["scale"] == "calm") & ~found.correlations["own"]]
    assert {why.code for why in tests["reason"]} == {"perfect_with_a_scale"}
    assert tests["difference_low"].isna().all()
    assert not found.scales["reason"].map(str).any()


def test_missing_answers_are_left_out_or_used_pair_by_pair() -> None:
    frame = answers(200)
    frame.loc[:49, "a1"] = np.nan
    complete = multitrait_scaling(frame, SCALES)
    assert set(complete.correlations["n_obs"]) == {150}
    pairwise = multitrait_scaling(frame, SCALES, missing="pairwise")
    mine = only(pairwise.correlations, item="b1", own=False)
    assert "pairwise" in mine["method"]
    assert mine["estimate"] != only(complete.correlations, item="b1", own=False)["estimate"]


def test_what_can_not_be_had_has_a_reason() -> None:
    frame = answers(60, sites="abc")
    frame.loc[frame["site"] == "a", "a1"] = 3.0
    frame = pd.concat([frame, frame.iloc[[0]].assign(site="tiny")], ignore_index=True)
    found = multitrait_scaling(frame, {**SCALES, "one": ["b3"]}, group="site")
    explained(found.correlations)
    here = found.correlations[found.correlations["group"] == "a"]
    assert only(here, item="a1", own=True)["reason"].code == "constant_items"
    assert only(here, item="a1", other="bold")["outcome"] == "unavailable"
    alone = found.correlations[found.correlations["group"] == "tiny"]
    codes = set(alone["reason"].map(lambda r: r.code))
    assert codes == {"too_few_cases", "too_few_items"}
    single = found.correlations[(found.correlations["scale"] == "one")]
    assert only(single[single["own"]], pooling="total")["reason"].code == "too_few_items"
    # The item of two scales is never tested against a scale that has it.
    assert set(single.loc[~single["own"], "other"]) == {"calm"}


def test_misuse_is_refused() -> None:
    with pytest.raises(DataError, match="two scales or more"):
        multitrait_scaling(answers(), {"calm": ["a1", "a2"]})
    with pytest.raises(DataError, match=r"convergent=4 is no size of a correlation"):
        multitrait_scaling(answers(), SCALES, convergent=4)
    with pytest.raises(DataError, match="standard_errors=-1 must be 0 or more"):
        multitrait_scaling(answers(), SCALES, standard_errors=-1)
    with pytest.raises(DataError, match="no column 'zz'"):
        multitrait_scaling(answers(), {**SCALES, "z": ["zz"]})


def test_html_shows_the_scales() -> None:
    found = multitrait_scaling(answers(), SCALES)
    assert found.to_frame() is found.scales
    assert "scaling_success" in found._repr_html_()
