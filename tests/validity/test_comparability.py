"""What a study says of groups: who is compared, by which model, and what may be compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychometrics.errors import Reason
from psychometrics.responses import Responses, read_responses
from psychometrics.validity.comparability import LADDER_TABLES as TABLES
from psychometrics.validity.comparability import Comparability
from psychometrics.validity.comparability_ladders import climb_ordered, effort_of
from psychometrics.validity.comparability_samples import WHOLE, grouped, models_of
from psychometrics.validity.comparability_verdicts import least
from psychometrics.validity.invariance import invariance
from tests.validity.small import only
from tests.validity.small_instrument import small_instrument

# The run with the oldest versions leaves it out.
pytestmark = pytest.mark.slow

SITES = ("north", "south", "east")
ITEMS = tuple(f"{scale}{k}" for scale in "ab" for k in range(1, 5))
TEN = {"key": "ten", "range": {"minimum": 0, "maximum": 20}}


def instrument() -> Any:
    """Return two scales of four items; a4 is asked the other way round."""

    def item(key: str) -> dict[str, Any]:
        return {"key": key, "text": key, "concept": key, "rationale": key,
                "response_set": "ten", "keyed": -1 if key == "a4" else 1}  # fmt: skip

    def scale(key: str) -> dict[str, Any]:
        return {"key": key, "title": key, "description": key, "min_valid": 4,
                "measurement": "reflective",
                "items": [i for i in ITEMS if i[0] == key]}  # fmt: skip

    return small_instrument(
        response_sets=[TEN], items=[item(key) for key in ITEMS], scales=[scale("a"), scale("b")],
        hypotheses=[], known_groups=[], comparators=[],
    )  # fmt: skip


def answers(sizes: dict[str, int], shift: float = 0.0, seed: int = 3, **columns: Any) -> Responses:
    """Return answers; b2 lies higher in the east by so many points, whoever answers."""
    rng = np.random.default_rng(seed)
    site = np.repeat(list(sizes), list(sizes.values()))
    a = rng.normal(size=len(site)) + 0.4 * (site == "south")
    b = 0.5 * a + rng.normal(size=len(site))
    latent = np.column_stack([a, a, a, -a, b, b, b, b])
    codes = 10 + 1.5 * latent + 1.2 * rng.normal(size=latent.shape)
    codes[:, 5] += shift * (site == "east")
    frame = pd.DataFrame(np.clip(np.round(codes), 0, 20), columns=list(ITEMS))
    return read_responses(
        frame.assign(site=site, **columns), instrument(), wave="wave" if columns else None
    )


def compared(responses: Responses, preset: str = "quick", n_boot: int = 0, **more: Any) -> Any:
    scales = responses.instrument.keyed_items
    return Comparability(
        responses.instrument, responses, scales, preset, n_boot, 0.95, 1, **more
    )  # fmt: skip


@pytest.fixture(scope="module")
def planted() -> Comparability:
    return compared(answers(dict.fromkeys(SITES, 150), shift=1.5))


class TestVerdicts:
    def test_a_planted_shift_is_found_where_it_is(self, planted):
        table = planted.table("comparability")
        east = only(table, scale="b", group="east")
        assert (east.may_compare, east["items"], east.n_equal) == ("means_partial", "b2", 3)
        assert east["low"] < 1.5 / 4 < east["high"]
        assert only(table, scale="b", group="north").may_compare == "means"
        assert only(table, scale="b", group_a="south", group_b="east").may_compare == (
            "means_partial"
        )
        assert only(table, scale="b", group_a="north", group_b="south").may_compare == "means"
        assert (table.loc[table.scale == "a", "may_compare"] == "means").all()

    def test_every_row_is_told_in_words(self, planted):
        for name in TABLES:
            table = planted.table(name)
            assert list(table) == list(TABLES[name])
            assert table["reason"].map(lambda why: isinstance(why, Reason)).all()
        assert planted.table("comparability")["explanation"].map(len).min() > 10
        assert planted.table("invariance")["explanation"].map(len).min() > 10

    def test_score_tests_name_the_item(self, planted):
        table = planted.table("invariance_parameters")
        found = table[table.flag & (table.level == "scalar") & table.group.notna()]
        assert set(found["item"]) == {"b2"}
        east = only(table, level="scalar", item="b2", group="east")
        assert east.freed
        assert east.epc == pytest.approx(1.5, abs=0.4)
        assert east.p_adjusted >= east.p_value

    def test_effects_are_in_answer_points(self, planted):
        table = planted.table("invariance_effects")
        item = only(table, item="b2", group="east")
        score = only(table, scale="b", item=None, group="east")
        assert score.bias == pytest.approx(item.bias / 4)
        assert item.signed > 0
        assert item.reference == "north"

    def test_factor_means_are_those_of_the_partial_model(self, planted):
        table = planted.table("latent_means")
        south = only(table, scale="a", group="south", statistic="partial_scalar")
        assert south["low"] < 0.4 < south["high"]

    def test_two_groups_may_compare_what_both_allow(self):
        assert least(["means", "nothing", "means_partial"]) == "nothing"
        assert least([]) == "unavailable"


def test_the_ladder_is_that_of_invariance(planted):
    """The tables hold what the single call gives, digit by digit."""
    scales = {f"factor of {s}": i for s, i in planted.scales.items()}
    frame = grouped(planted.responses.frame, "site", SITES).frame
    alone = invariance(scales, frame, "site").table
    table = planted.table("invariance").set_index("level")
    for name in ("chi2", "df", "delta_chi2", "delta_p", "delta_cfi"):
        np.testing.assert_array_equal(table[name], alone[name])


class TestSmallSites:
    def test_scales_alone_where_the_whole_is_too_much(self):
        found = compared(answers({"north": 150, "south": 150, "east": 32}))
        ladder = found.table("invariance")
        whole = ladder[ladder.model == WHOLE]
        assert whole.reason.iloc[0].code in ("", "one_scale_at_a_time")
        assert set(ladder.model) in ({WHOLE}, {WHOLE, "a", "b"})

    def test_a_site_too_small_for_any_model_is_refused_with_the_alternative(self):
        found = compared(answers({"north": 150, "south": 150, "east": 20}))
        table = found.table("comparability")
        east = only(table, scale="a", group="east")
        assert east.may_compare == "unavailable"
        assert east.reason.code == "below_small_n"
        assert "congruence" in east.explanation
        assert only(table, scale="a", group="north").may_compare == "means"
        phi = found.table("congruence")
        pair = only(phi, scale="a", group_a="east", group_b="north")
        assert 0.8 < pair.estimate <= 1
        assert (pair.n_a, pair.n_b) == (20, 150)

    def test_nobody_carries_anything(self):
        found = compared(answers({"north": 12, "south": 11, "east": 8}))
        ladder = found.table("invariance")
        assert set(ladder.verdict) == {"unavailable"}
        assert "groups_too_small" in {why.code for why in ladder.reason}
        assert set(found.table("comparability").may_compare) == {"unavailable"}

    @pytest.mark.parametrize(("sizes", "code"), [({"north": 80}, "one_group")])
    def test_one_site_is_none_to_compare(self, sizes, code):
        found = compared(answers(sizes))
        assert found.table("invariance").reason.iloc[0].code == code
        assert len(found.table("comparability")) == 2

    def test_no_such_grouping(self):
        found = compared(answers(dict.fromkeys(SITES, 40)), groupings=("language",))
        assert found.table("invariance").reason.iloc[0].code == "no_grouping"


def test_ordered_answers_of_small_groups_are_refused_with_the_alternative():
    data = grouped(answers(dict.fromkeys(SITES, 50)).frame, "site", SITES)
    together, _ = models_of(data, {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"]})
    found = climb_ordered(data, together, 0.95)
    assert found.why.code == "ordered_groups_too_small"
    assert "continuous" in found.why
    assert found.carried.model == "correlated_factors, ordered"


def test_a_model_that_fits_by_no_index_gives_way_to_single_scales():
    responses = answers(dict.fromkeys(SITES, 120))
    swapped = {"a": ["a1", "a2", "b1", "b2"], "b": ["a3", "-a4", "b3", "b4"]}
    found = Comparability(
        responses.instrument, responses, swapped, "quick", 0, 0.95, 1
    )  # fmt: skip
    ladder = found.table("invariance")
    assert ladder.reason.iloc[0].code == "whole_misfits"
    assert set(ladder.model) == {WHOLE, "a", "b"}
    assert set(found.table("comparability").may_compare) == {"nothing"}


class TestItems:
    def test_quick_leaves_them_out_and_says_so(self, planted):
        for name in ("dif", "attribution"):
            assert [why.code for why in planted.table(name)["reason"]] == ["not_in_preset"]

    def test_a_planted_shift_is_a_version_difference(self):
        found = compared(answers(dict.fromkeys(SITES, 150), shift=1.5), "standard", 0)
        table = found.table("dif")
        flagged = table[table.flag.fillna(False).astype(bool) & (table.kind == "uniform")]
        assert set(flagged["item"]) == {"b2"}
        assert "east" in set(flagged.group_a)
        verdicts = found.table("attribution")
        assert {"site_a", "because", "more"} <= set(verdicts)
        assert (verdicts.loc[verdicts["item"] == "a1", "verdict"] != "version_difference").all()

    def test_one_site_has_nothing_to_tell(self):
        found = compared(answers({"north": 80}), "standard", 0)
        assert found.table("dif")["reason"].iloc[0].code == "one_group"
        assert found.table("attribution")["reason"].iloc[0].code == "dif_failed"


def test_other_groupings_are_no_sites():
    sizes = dict.fromkeys(SITES, 80)
    wave = np.where(np.arange(240) % 2, "one", "two")
    found = compared(answers(sizes, wave=wave), groupings=("site", "wave"))
    table = found.table("comparability")
    assert set(table.loc[table.grouping == "wave", "pooling"]) == {"total", "group", "pair"}
    assert set(table.loc[table.grouping == "wave", "group"].dropna()) == {"one", "two"}


def test_missing_answers_cost_whole_rows():
    responses = answers(dict.fromkeys(SITES, 100))
    responses.frame.loc[::10, "a1"] = np.nan
    ladder = compared(responses).table("invariance")
    assert set(ladder.n_obs) == {270}
    assert set(ladder.n_left_out) == {30}


class TestSamples:
    def test_permutations_decide_and_come_out_the_same(self):
        responses = answers(dict.fromkeys(SITES, 60), shift=2.0)
        first, second = (compared(responses, "standard", 160) for _ in range(2))
        table = first.table("invariance").set_index("level")
        assert table.permutation_p["scalar"] == pytest.approx(1 / 41)
        assert table.permutation_p["metric"] > 0.05
        assert np.isfinite(table.critical_cfi).all()
        for name in TABLES:
            pd.testing.assert_frame_equal(first.table(name), second.table(name), check_exact=True)
        parameters = first.table("invariance_parameters")
        east = only(parameters, level="scalar", item="b2", group="east")
        assert east.flag
        assert "shuffling" in east.adjusted_by
        assert len(first.table("alignment")) > 48

    def test_presets_follow_the_number_of_samples(self):
        assert effort_of("quick", 2000).permutations == 0
        assert effort_of("standard", 2000).permutations == 500
        assert effort_of("full", 10_000).permutations == 1000
        assert effort_of("full", 10_000).resample == 200
        assert effort_of("standard", 100).align_boot == 0
