"""Loadings, variance extracted and composite reliability against lavaan and semTools."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from psychometrics import Moments, convergent_validity, reliability
from psychometrics.errors import DataError
from tests.reference.load import (
    BFI_SCALES,
    HS_ITEMS,
    HS_SCALES,
    bfi,
    bfi_keyed,
    hs,
    load,
    rows,
)
from tests.validity.small import ITEMS, SCALES, answers, explained, only, same_numbers, unit

DATA = {"hs": (hs, HS_SCALES, "school"), "bfi": (bfi, BFI_SCALES, "education")}
CASES = [(name, group) for name in DATA for group in load("validity")[name]["discriminant"]]
# Functions of lavaan's estimates, which lie within some 1e-4 of a standard error of the maximum
# (see test_structure); a standard error here is .01 to .1. Its own two omegas of one model, by
# observed and implied moments, differ by as much.
ITERATED = 2e-5


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return {
        name: convergent_validity(frame(), scales, group=group)
        for name, (frame, scales, group) in DATA.items()
    }


def logit_limits(estimate: float, se: float) -> list[float]:
    centre, slope = np.log(estimate / (1 - estimate)), estimate * (1 - estimate)
    width = stats.norm.isf(0.025) * se / slope
    return [1 / (1 + np.exp(-(centre + side * width))) for side in (-1, 1)]


class TestAgainstR:
    @pytest.mark.parametrize(("name", "group"), CASES)
    def test_composite_reliability_and_ave_are_semtools(self, tables, name, group):
        record = load("reliability")[name]["joint"][group]
        for scale in DATA[name][1]:
            row = only(tables[name], scale=scale, statistic="composite_reliability", **unit(group))
            assert row.estimate == pytest.approx(record["omega_implied"][scale], abs=ITERATED)
            row = only(tables[name], scale=scale, statistic="ave", **unit(group))
            assert row.estimate == pytest.approx(record["ave_implied"][scale], abs=ITERATED)

    @pytest.mark.parametrize(("name", "group"), CASES)
    def test_limits_come_from_lavaans_standard_errors(self, tables, name, group):
        record = load(name)[f"{name}_coefficients"][group]
        defined = {one["lhs"]: one for one in record["defined"]}
        for scale in DATA[name][1]:
            for statistic, key in (("composite_reliability", "omega"),
                                   ("ave", "ave_unstandardized")):  # fmt: skip
                one = defined[f"{key}_{scale}"]
                row = only(tables[name], scale=scale, statistic=statistic, **unit(group))
                assert row.estimate == pytest.approx(one["est"], abs=ITERATED)
                assert [row.low, row.high] == pytest.approx(
                    logit_limits(one["est"], one["se"]), abs=2 * ITERATED
                )
                assert row.n_obs == record["n_obs"]

    @pytest.mark.parametrize("name", DATA)
    def test_standardised_loadings(self, tables, name):
        key = "hs_three_factor" if name == "hs" else "bfi_five_factor"
        record = rows(load(name)[key]["standardized"]["std.all"])
        for one in record[record["op"] == "=~"].itertuples():
            row = only(tables[name], scale=one.lhs, item=one.rhs, pooling="total")
            assert row.estimate == pytest.approx(record.loc[one.Index, "est.std"], abs=ITERATED)
            limits = record.loc[one.Index, ["ci.lower", "ci.upper"]].tolist()
            assert [row.low, row.high] == pytest.approx(limits, abs=2 * ITERATED)

    @pytest.mark.parametrize("name", DATA)
    def test_loadings_of_each_site(self, tables, name):
        records = load(name)["hs_by_school" if name == "hs" else "bfi_by_education"]
        for group, record in records.items():
            for one in record["parameters"]:
                if one["op"] == "=~":
                    row = only(tables[name], scale=one["lhs"], item=one["rhs"], group=group)
                    assert row.estimate == pytest.approx(one["std.all"], abs=5 * ITERATED)

    @pytest.mark.parametrize("name", DATA)
    def test_within_is_the_fit_of_the_pooled_covariance(self, tables, name):
        record = load(name)[f"{name}_within_{DATA[name][2]}"]
        unbiased = record["unbiased_cov"]
        for one in unbiased["parameters"]:
            if one["op"] == "=~":
                row = only(tables[name], scale=one["lhs"], item=one["rhs"], pooling="within")
                assert row.estimate == pytest.approx(one["std.all"], abs=ITERATED)
                assert row.n_obs == record["n_obs"]


class TestIdentities:
    def test_one_scale_is_the_one_factor_model(self):
        frame = answers(sites=["x", "y"])
        scale = {"calm": SCALES["calm"]}
        table = convergent_validity(frame, scale, group="site")
        omega = reliability(frame, scale, group="site", coefficients=["omega_total"])
        mine = table[table.statistic == "composite_reliability"]
        columns = ["estimate", "low", "high", "n_obs"]
        same_numbers(mine[columns], omega[columns], rtol=1e-9)

    def test_total_is_the_run_without_sites(self):
        frame = answers(sites=["x", "y", "z"])
        grouped = convergent_validity(frame, SCALES, group="site")
        same_numbers(grouped[grouped.pooling == "total"], convergent_validity(frame, SCALES))

    def test_site_is_the_run_of_its_rows(self):
        frame = answers(sites=["x", "y", "z"])
        grouped = convergent_validity(frame, SCALES, group="site")
        alone = convergent_validity(frame[frame.site == "z"], SCALES)
        columns = ["scale", "statistic", "item", "estimate", "low", "high", "n_obs", "method"]
        same_numbers(grouped[grouped.group == "z"][columns], alone[columns], rtol=1e-8)

    def test_one_site_is_not_pooled(self):
        table = convergent_validity(answers(sites=["x"]), SCALES, group="site")
        assert set(table.pooling) == {"total", "site"}

    def test_loadings_are_not_synthesised(self):
        table = convergent_validity(answers(sites=["x", "y"]), SCALES, group="site")
        meta = table[table.pooling == "meta"]
        assert meta.statistic.tolist() == ["ave", "composite_reliability"] * 2
        assert (meta.reason == "").all()
        assert meta.item.isna().all()
        assert meta.n_groups.tolist() == [2] * 4

    def test_keyed_name_is_the_turned_answer(self):
        bare = {scale: [i.lstrip("-") for i in items] for scale, items in BFI_SCALES.items()}
        same_numbers(convergent_validity(bfi(), BFI_SCALES), convergent_validity(bfi_keyed(), bare))

    def test_moments_are_enough(self):
        frame = hs()[list(HS_ITEMS)]
        moments = Moments(frame.cov(), None, 301)
        same_numbers(
            convergent_validity(moments, HS_SCALES), convergent_validity(frame, HS_SCALES),
            rtol=1e-7,
        )  # fmt: skip

    def test_order_of_people_and_scales(self):
        frame = answers()
        expected = convergent_validity(frame, SCALES)
        turned = convergent_validity(
            frame.iloc[::-1], {name: SCALES[name] for name in ("bold", "calm")}
        )
        for _, row in expected.iterrows():
            other = only(turned, scale=row.scale, statistic=row.statistic, item=row["item"])
            assert other.estimate == pytest.approx(row.estimate, rel=1e-8)
            assert other.low == pytest.approx(row.low, rel=1e-8)

    def test_an_item_of_two_scales_loads_on_both(self):
        scales = {"calm": ["a1", "a2", "a3"], "bold": ["b1", "-b2", "b3", "a1"]}
        table = convergent_validity(answers(), scales)
        found = table[(table.item == "a1") & (table.statistic == "loading")]
        assert found.scale.tolist() == ["calm", "bold"]
        assert found.estimate.iloc[0] > found.estimate.iloc[1]
        explained(table)

    def test_scale_and_item_of_one_name(self):
        frame = answers().rename(columns={"a1": "calm", "b1": "bold"})
        scales = {"calm": ["calm", "a2", "a3"], "bold": ["bold", "-b2", "b3"]}
        found, expected = convergent_validity(frame, scales), convergent_validity(answers(), SCALES)
        assert found.estimate.tolist() == expected.estimate.tolist()

    def test_comparators_add_correlations(self):
        frame = answers(sites=["x", "y"])
        frame["ready"] = frame.a1 + np.random.default_rng(0).normal(size=len(frame))
        plain = convergent_validity(frame, SCALES, group="site")
        table = convergent_validity(frame, SCALES, group="site", comparators=["ready"])
        same_numbers(table[: len(plain)], plain)
        own = table[len(plain) :]
        assert set(own.statistic) == {"correlation"}
        assert table.dtypes.to_dict() == plain.dtypes.to_dict()
        r = np.corrcoef(frame[["a1", "a2", "a3"]].mean(axis=1), frame.ready)[0, 1]
        assert only(own, scale="calm", pooling="total").estimate == pytest.approx(r, rel=1e-10)
        with pytest.raises(DataError, match=r"no column 'readi'. Did you mean ready"):
            convergent_validity(frame, SCALES, comparators=["readi"])


class TestSmallSites:
    def small(self, n: int) -> pd.DataFrame:
        frame = pd.concat([answers(200, sites=["big"]), answers(n, sites=["small"], seed=4)])
        return convergent_validity(frame, SCALES, group="site")

    def test_smaller_than_the_model_falls_back_to_the_scale_alone(self):
        # 13 parameters together, 6 alone.
        table = self.small(12)
        mine = table[table.group == "small"]
        assert mine.method.str.startswith("ML, the scale's factor alone").all()
        big = table[table.group == "big"]
        assert big.method.str.startswith("ML, all scales' factors together").all()
        explained(table)
        done = mine[mine.reason == ""]
        alone = convergent_validity(answers(12, seed=4), {"calm": SCALES["calm"]})
        columns = ["statistic", "estimate", "low", "high", "n_obs"]
        same_numbers(
            done[done.scale == "calm"][columns],
            alone[alone.reason == ""][columns],
            rtol=1e-8,
        )

    @pytest.mark.parametrize("n", [1, 2, 3, 5, 6])
    def test_smaller_than_any_model_says_so(self, n):
        table = self.small(n)
        mine = table[table.group == "small"]
        assert mine.estimate.isna().all()
        codes = {why.code for why in mine.reason}
        assert codes <= {"too_few_cases", "fewer_people_than_parameters", "constant_items"}
        assert set(mine.n_obs) == {n}
        meta = table[table.pooling == "meta"]
        assert {why.code for why in meta.reason} == {"no_synthesis"}
        explained(table)

    def test_n_is_that_of_the_model_that_speaks(self):
        frame = answers(200, sites=["x"])
        frame.loc[:, "b1"] = np.where(np.arange(200) < 190, np.nan, frame.b1)
        table = convergent_validity(frame, SCALES)
        calm = table[table.scale == "calm"]
        assert set(calm.n_obs) == {200}
        assert (calm.reason == "").all()
        bold = table[table.scale == "bold"]
        assert set(bold.n_obs) == {10}

    def test_constant_item_in_one_site_is_named(self):
        frame = answers(sites=["x", "y"])
        frame.loc[frame.site == "x", "a2"] = 4
        table = convergent_validity(frame, SCALES, group="site")
        calm = table[(table.group == "x") & (table.scale == "calm")]
        assert {why.code for why in calm.reason} == {"constant_items"}
        bold = table[(table.group == "x") & (table.scale == "bold")]
        assert (bold.reason == "").all()  # alone it can be had


class TestSmallScales:
    def test_two_items_beside_others(self):
        table = convergent_validity(answers(), {"pair": ["a1", "a2"], "bold": SCALES["bold"]})
        assert (table.reason == "").all()

    def test_two_items_alone(self):
        table = convergent_validity(answers(), {"pair": ["a1", "a2"]})
        assert len(table) == 4
        assert {(why.code, why.params["needed"]) for why in table.reason} == {("too_few_items", 3)}

    def test_one_item(self):
        table = convergent_validity(answers(), {"one": ["a1"], "bold": SCALES["bold"]})
        one = table[table.scale == "one"]
        assert {why.params["needed"] for why in one.reason} == {2}
        assert (table[table.scale == "bold"].reason == "").all()
        alone = convergent_validity(answers(sites=["x", "y"]), {"one": ["a1"]}, group="site")
        explained(alone)
        assert alone.estimate.isna().all()

    def test_nobody(self):
        frame = answers(40)
        frame["a1"] = np.nan
        table = convergent_validity(frame, SCALES)
        assert {why.code for why in table[table.scale == "calm"].reason} == {"too_few_cases"}
        assert (table[table.scale == "bold"].reason == "").all()
        explained(convergent_validity(answers().head(0), SCALES))


codes = st.one_of(st.integers(1, 3).map(float), st.just(np.nan))


@settings(max_examples=40)
@given(people=st.lists(st.tuples(*[codes] * 6, st.sampled_from(["x", "y", None])), max_size=30))
def test_every_row_has_a_number_or_a_reason(people):
    frame = pd.DataFrame(people, columns=[*ITEMS, "site"]).astype(dict.fromkeys(ITEMS, float))
    table = convergent_validity(frame, SCALES, group="site")
    explained(table)
    done = table[table.reason == ""]
    assert np.isfinite(done[["low", "high"]]).all(axis=None)
    assert done[done.statistic != "loading"].estimate.between(0, 1).all()
