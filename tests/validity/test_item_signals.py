from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from psychometrics import load_instrument, simulate_responses
from psychometrics.errors import DataError
from psychometrics.plots import plot_item_curve
from psychometrics.plots.item_curve import item_curve_svg
from psychometrics.validity.item_curve import item_curve
from psychometrics.validity.item_signals import FEWEST, item_signals

INSTRUMENT = load_instrument("peer_support_implementation")
SCALES = INSTRUMENT.keyed_items
SITE = "beer_sheva"


def answers(n: int = 150, seed: int = 1) -> pd.DataFrame:
    return simulate_responses(INSTRUMENT, n, rng=seed).frame


def turned(frame: pd.DataFrame, item: str = "culture_2", site: str = SITE) -> pd.DataFrame:
    made = frame.copy()
    made.loc[made["site"] == site, item] = 6 - made.loc[made["site"] == site, item]
    return made


def flagged(found: pd.DataFrame, signal: str) -> list[tuple[str, str]]:
    own = found[found["flag"] & (found["signal"] == signal)]
    return list(dict.fromkeys(zip(own["item"], own["group"], strict=True)))


def test_a_turned_item_is_found_where_it_is_turned_and_nothing_beside_it() -> None:
    found = item_signals(turned(answers()), SCALES, "site")
    assert flagged(found, "item_rest") == [("culture_2", SITE)]
    assert flagged(found, "consistency") == []
    row = found[(found["signal"] == "item_rest") & found["flag"]].iloc[0]
    assert row["high"] < 0 < row["others"]
    assert row["low"] < row["estimate"] < row["high"]


def test_without_a_fault_no_item_runs_against_its_scale() -> None:
    assert flagged(item_signals(answers(), SCALES, "site"), "item_rest") == []


def test_noise_is_less_consistent_and_not_turned() -> None:
    frame = answers(200)
    here = frame["site"] == SITE
    frame.loc[here, "training_1"] = (
        frame.loc[here, "training_1"].sample(frac=1, random_state=1).to_numpy()
    )
    found = item_signals(frame, SCALES, "site")
    assert flagged(found, "item_rest") == []
    assert ("training_1", SITE) in flagged(found, "consistency")


def test_an_answer_that_nobody_gives_is_told() -> None:
    frame = answers(200)
    here = (frame["site"] == SITE) & (frame["attitudes_1"] == 4)
    frame.loc[here, "attitudes_1"] = 5
    found = item_signals(frame, {"s": SCALES["staff_attitudes"]}, "site")
    assert flagged(found, "category") == [("attitudes_1", SITE)]
    own = found[found["flag"] & (found["signal"] == "category")].set_index("category")["estimate"]
    assert own[4.0] < 0 < own[5.0]


def test_gaps_are_told_but_not_those_that_no_answer_could_fill() -> None:
    made = simulate_responses(INSTRUMENT, 150, rng=1)
    here = (made.frame["site"] == SITE) & (made.frame["row"] % 4 == 0)
    frame, status = made.frame.copy(), made.answer_status.copy()
    frame.loc[here, ["culture_1", "culture_3"]] = np.nan
    answers = INSTRUMENT.response_sets[INSTRUMENT.items["culture_3"].response_set]
    structural = next(one.key for one in answers.missing if one.structural)
    status.loc[here, "culture_1"], status.loc[here, "culture_3"] = "blank", structural
    found = item_signals(replace(made, frame=frame, answer_status=status), SCALES, "site")
    assert flagged(found, "missing") == [("culture_1", SITE)]
    plain = item_signals(frame, SCALES, "site")
    assert flagged(plain, "missing") == [("culture_1", SITE), ("culture_3", SITE)]


def test_of_a_few_people_nothing_is_said() -> None:
    frame = answers(150)
    few = frame[(frame["site"] != SITE) | (frame.groupby("site").cumcount() < FEWEST - 1)]
    found = item_signals(few, SCALES, "site")
    own = found[found["group"] == SITE]
    assert not own["flag"].any()
    assert own["estimate"].isna().all()
    assert {each.code for each in own["reason"]} == {"signal_too_few"}
    assert found[found["group"] == "ulm"]["estimate"].notna().all()


def test_the_order_of_people_and_the_direction_of_items_do_not_matter() -> None:
    frame = turned(answers())
    found = item_signals(frame, SCALES, "site")
    shuffled = item_signals(frame.sample(frac=1, random_state=2), SCALES, "site")
    pd.testing.assert_frame_equal(found, shuffled)
    reverse = frame.assign(culture_1=6 - frame["culture_1"])
    keyed = {
        **SCALES,
        "organisational_culture": ["-culture_1", "culture_2", "culture_3", "culture_4"],
    }
    again = item_signals(reverse, keyed, "site", response_range=(1, 5))
    pd.testing.assert_frame_equal(found, again)


def test_odd_data_give_no_number_and_no_error() -> None:
    frame = answers(40).assign(culture_1=3.0, culture_2=np.nan)
    found = item_signals(frame, SCALES, "site")
    assert not found["flag"][found["scale"] == "organisational_culture"].any()
    alone = item_signals(answers(40), {"s": ["culture_1"]}, "site")
    assert set(alone["signal"]) == {"missing"}
    with pytest.raises(DataError, match="significance=2"):
        item_signals(frame, SCALES, "site", significance=2)


def test_no_point_of_a_curve_is_a_single_person() -> None:
    frame = turned(answers(37))
    made = item_curve(frame, SCALES, "site", item="culture_2", focal=SITE)
    assert (made["n_obs"] >= 5).all()
    own = made[made["side"] == "group"].sort_values("standing")["mean"].to_numpy()
    others = made[made["side"] == "others"].sort_values("standing")["mean"].to_numpy()
    assert own[0] > own[-1]
    assert others[0] < others[-1]
    few = frame[(frame["site"] != SITE) | (frame.groupby("site").cumcount() < 4)]
    assert (
        item_curve(few, SCALES, "site", item="culture_2", focal=SITE).query("side == 'group'").empty
    )


def test_a_curve_shows_a_turned_item_as_it_was_answered() -> None:
    frame = answers(80)
    keyed = {"s": ["-culture_1", "culture_2", "culture_3", "culture_4"]}
    made = item_curve(frame, keyed, "site", item="culture_1", focal=SITE, response_range=(1, 5))
    plain = item_curve(
        frame, {"s": SCALES["organisational_culture"]}, "site", item="culture_1", focal=SITE
    )
    pd.testing.assert_frame_equal(made.drop(columns="scale"), plain.drop(columns="scale"))


def test_a_curve_of_nothing_is_refused() -> None:
    frame = answers(20)
    with pytest.raises(DataError, match="an item of none of the scales"):
        item_curve(frame, SCALES, "site", item="language", focal=SITE)
    with pytest.raises(DataError, match="Nobody is in the group"):
        item_curve(frame, SCALES, "site", item="culture_1", focal="nowhere")
    with pytest.raises(DataError, match="nothing to draw"):
        plot_item_curve(pd.DataFrame(columns=["item", "group", "side"]))


def test_the_picture_is_drawn_of_the_points_and_is_the_same_each_time() -> None:
    made = item_curve(turned(answers()), SCALES, "site", item="culture_2", focal=SITE)
    axes = plot_item_curve(made, simulated=True)
    lines = [line for line in axes.get_lines() if line.get_gid() == "curve"]
    for line, side in zip(lines, ("group", "others"), strict=True):
        expected = made[made["side"] == side].sort_values("standing")
        np.testing.assert_allclose(line.get_ydata(), expected["mean"])
    assert any("Simulated answers" in text.get_text() for text in axes.texts + axes.figure.texts)
    one, two = (item_curve_svg(made, prefix="f", description="x < y") for _ in range(2))
    assert one == two
    assert one.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert "x &lt; y" in one
