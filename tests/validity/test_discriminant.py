"""HTMT and latent correlations against semTools, and the difference tests against lavaan."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics import Moments, discriminant_validity, htmt
from psychometrics.errors import DataError
from psychometrics.validity.discriminant import classify
from psychometrics.validity.htmt import htmt_of, mixed_signs
from psychometrics.validity.selection import select
from tests.reference.load import (
    BFI_SCALES,
    HS_ITEMS,
    HS_SCALES,
    bfi,
    bfi_keyed,
    hs,
    load,
    matrix,
)
from tests.validity.small import ITEMS, SCALES, answers, explained, only, same_numbers, unit

DATA = {"hs": (hs, HS_SCALES, "school"), "bfi": (bfi, BFI_SCALES, "education")}
CASES = [(name, group) for name in DATA for group in load("validity")[name]["discriminant"]]
# Means of correlations: only rounding is left.
CLOSED_FORM = 1e-11
# lavaan's estimates lie within some 1e-4 of a standard error of the maximum: see test_structure.
ITERATED = 5e-5
# With O against A or N held at -.9 or -1 in one group, O's loadings go to 0 and its correlations
# to infinity on the way down: there is no maximum, and lavaan gives up or stops somewhere (with
# correlations of 75). Ours says nothing.
NO_MAXIMUM = {("bfi", "4", "A", "O"), ("bfi", "5", "N", "O")}


@pytest.fixture(scope="module")
def ratios() -> dict[tuple[str, str, bool], pd.DataFrame]:
    return {
        (name, variant, absolute): htmt(
            frame(), scales, group=group, variant=variant, absolute=absolute
        )
        for name, (frame, scales, group) in DATA.items()
        for variant in ("htmt", "htmt2")
        for absolute in (True, False)
        if absolute or variant == "htmt"
    }


@pytest.fixture(scope="module")
def judged() -> dict[str, pd.DataFrame]:
    return {
        name: discriminant_validity(frame(), scales, group=group, n_boot=0, se="standard")
        for name, (frame, scales, group) in DATA.items()
    }


def oriented(record: dict[str, Any]) -> tuple[str, str]:
    return record["lhs"], record["rhs"]


class TestHtmtAgainstSemtools:
    @pytest.mark.parametrize(("name", "group"), [*CASES, ("hs", "within"), ("bfi", "within")])
    def test_each_pair(self, ratios, name, group):
        recorded = load("validity")[name]
        record = recorded["htmt_within"] if group == "within" else recorded["htmt"][group]
        for key, variant, absolute in (
            ("htmt_absolute", "htmt", True),
            ("htmt_signed", "htmt", False),
            ("htmt2_absolute", "htmt2", True),
        ):
            expected = matrix(record[key])
            # semTools fills the lower triangle.
            expected = expected.where(expected.notna(), expected.T)
            for a, b in combinations(DATA[name][1], 2):
                row = only(ratios[name, variant, absolute], scale_a=a, scale_b=b, **unit(group))
                assert row.estimate == pytest.approx(expected.loc[b, a], rel=CLOSED_FORM)
                assert row.n_obs == record.get("n_obs", row.n_obs)
                assert row.reason == ""

    def test_as_answered_signs_matter(self):
        record = load("validity")["bfi_unkeyed"]["htmt"]
        bare = {scale: [i.lstrip("-") for i in items] for scale, items in BFI_SCALES.items()}
        for key, absolute in (("htmt_absolute", True), ("htmt_signed", False)):
            expected = matrix(record[key])
            expected = expected.where(expected.notna(), expected.T)
            table = htmt(bfi(), bare, absolute=absolute)
            for a, b in combinations(bare, 2):
                row = only(table, scale_a=a, scale_b=b)
                theirs = expected.loc[b, a]
                # A scale whose items go apart on average has no ratio; of two such scales
                # semTools takes the root of a product of two negative means.
                if np.isnan(theirs) or min(expected.loc[a, a], expected.loc[b, b]) < 0:
                    assert np.isnan(row.estimate)
                    assert row.reason.code == "nonpositive_correlations"
                else:
                    assert row.estimate == pytest.approx(theirs, rel=CLOSED_FORM)


class TestDiscriminantAgainstR:
    @pytest.mark.parametrize(("name", "group"), CASES)
    def test_correlations_and_limits(self, judged, name, group):
        record = load("validity")[name]["discriminant"][group]
        for one in record["cutoff_0.9"]["rows"]:
            a, b = oriented(one)
            row = only(judged[name], scale_a=a, scale_b=b, **unit(group))
            assert row.correlation == pytest.approx(one["est"], abs=ITERATED)
            limits = [one["ci.lower"], one["ci.upper"]]
            assert [row.low, row.high] == pytest.approx(limits, abs=2 * ITERATED)
            assert row.shared_variance == pytest.approx(one["est"] ** 2, abs=ITERATED)
            assert row.n_obs == record["n_obs"]

    @pytest.mark.parametrize("cutoff", [0.9, 0.8, 1.0])
    @pytest.mark.parametrize("name", DATA)
    def test_difference_tests(self, judged, name, cutoff):
        frame, scales, column = DATA[name]
        table = judged[name]
        if cutoff != 0.9:
            table = discriminant_validity(frame(), scales, group=column, cutoff=cutoff, n_boot=0)
        compared = 0
        # Where a correlation exceeds the cutoff, chi-square is 0 for semTools and for us.
        for group, record in load("validity")[name]["discriminant"].items():
            for one in record[f"cutoff_{cutoff:g}"]["rows"]:
                a, b = oriented(one)
                row = only(table, scale_a=a, scale_b=b, **unit(group))
                assert row.cutoff == cutoff
                theirs = one.get("chisq_diff")
                mine = row.chi2_difference
                if cutoff > 0.8 and (name, group, a, b) in NO_MAXIMUM:
                    assert np.isnan([mine, row.df_difference, row.p_value]).all()
                    continue
                # Two searches of lavaan's, each good to about 1e-7.
                assert mine == pytest.approx(theirs, rel=1e-5, abs=1e-5)
                assert row.df_difference == 1
                if one.get("pvalue"):
                    assert row.p_value == pytest.approx(one["pvalue"], rel=1e-3, abs=1e-300)
                compared += 1
        assert compared == {"hs": 9, "bfi": 60 if cutoff == 0.8 else 58}[name]

    def test_average_variances_stand_beside(self, judged):
        for name in DATA:
            for group, record in load("reliability")[name]["joint"].items():
                ave = record["ave_implied"]
                rows = judged[name]
                where = unit(group)
                mine = rows[rows.pooling == where["pooling"]]
                if where["group"]:
                    mine = mine[mine.group == where["group"]]
                for _, row in mine.iterrows():
                    assert row.ave_a == pytest.approx(ave[row.scale_a], abs=2 * ITERATED)
                    assert row.ave_b == pytest.approx(ave[row.scale_b], abs=2 * ITERATED)
                    passed = min(row.ave_a, row.ave_b) > row.correlation**2
                    assert row.fornell_larcker == passed

    def test_within_is_the_fit_of_the_pooled_covariance(self, judged):
        for name, (_, _, column) in DATA.items():
            record = load(name)[f"{name}_within_{column}"]["unbiased_cov"]
            for one in record["parameters"]:
                if one["op"] == "~~" and one["lhs"] != one["rhs"]:
                    a, b = oriented(one)
                    row = only(judged[name], scale_a=a, scale_b=b, pooling="within")
                    assert row.correlation == pytest.approx(one["std.all"], abs=ITERATED)

    def test_what_the_whole_sample_says(self, judged):
        total = judged["bfi"][judged["bfi"].pooling == "total"]
        assert set(total.class_) == {"none"}
        # No pair of these five factors passes as one, but extraversion comes near in group 2.
        near = only(judged["bfi"], scale_a="A", scale_b="E", group="2")
        assert near.class_ in ("moderate", "marginal")
        assert near.p_value > 0.05
        assert near.correlation**2 > near.ave_a
        assert not near.fornell_larcker


class TestClasses:
    @pytest.mark.parametrize(
        ("low", "high", "expected"),
        [
            (-0.2, 0.3, "none"), (0.5, 0.79, "none"), (0.5, 0.8, "marginal"),
            (-0.85, 0.1, "marginal"), (0.7, 0.9, "moderate"), (0.7, 0.999, "moderate"),
            (0.7, 1.0, "severe"), (-1.2, -0.9, "severe"),
        ],
    )  # fmt: skip
    def test_by_the_limit_furthest_from_zero(self, low, high, expected):
        assert classify(low, high) == expected

    def test_one_thing_measured_twice_is_severe(self):
        rng = np.random.default_rng(0)
        x = rng.normal(size=(400, 1)) + rng.normal(size=(400, 6))
        table = discriminant_validity(pd.DataFrame(x, columns=list(ITEMS)), SCALES | {
            "bold": ["b1", "b2", "b3"]}, n_boot=0)  # fmt: skip
        assert table.class_[0] == "severe"
        # No evidence that it is below the cutoff, so none at all.
        assert table[["chi2_difference", "p_value"]].iloc[0].tolist() == [0, 1]


class TestIdentities:
    def test_htmt_by_hand(self):
        frame = answers()
        turned = frame.assign(b2=6 - frame.b2)[list(ITEMS)].corr().to_numpy()
        between = turned[:3, 3:]
        inside = [np.array([turned[i, j] for i, j in combinations(k, 2)])
                  for k in (range(3), range(3, 6))]  # fmt: skip
        expected = between.mean() / np.sqrt(inside[0].mean() * inside[1].mean())
        row = htmt(frame, SCALES).iloc[0]
        assert row.estimate == pytest.approx(expected, rel=1e-12)
        logs = [np.log(np.abs(m)).mean() for m in (between, *inside)]
        expected = np.exp(logs[0] - (logs[1] + logs[2]) / 2)
        row = htmt(frame, SCALES, variant="htmt2").iloc[0]
        assert row.estimate == pytest.approx(expected, rel=1e-12)

    def test_both_tables_hold_the_same_ratios(self):
        frame = answers(sites=["x", "y"])
        table = discriminant_validity(frame, SCALES, group="site", n_boot=60, rng=5)
        for variant in ("htmt", "htmt2"):
            own = htmt(frame, SCALES, group="site", variant=variant, n_boot=60, rng=5)
            assert own.pooling.tolist() == table.pooling.tolist()
            for mine, theirs in ((variant, "estimate"), (f"{variant}_low", "low"),
                                 (f"{variant}_high", "high")):  # fmt: skip
                assert table[mine].tolist() == own[theirs].tolist()

    def test_total_is_the_run_without_sites(self):
        frame = answers(sites=["x", "y", "z"])
        grouped = discriminant_validity(frame, SCALES, group="site", n_boot=0)
        plain = discriminant_validity(frame, SCALES, n_boot=0)
        same_numbers(grouped[grouped.pooling == "total"], plain, rtol=1e-9)

    def test_site_is_the_run_of_its_rows(self):
        frame = answers(sites=["x", "y", "z"])
        grouped = discriminant_validity(frame, SCALES, group="site", n_boot=0)
        alone = discriminant_validity(frame[frame.site == "y"], SCALES, n_boot=0)
        unnamed = ["group", "pooling"]
        same_numbers(
            grouped[grouped.group == "y"].drop(columns=unnamed),
            alone.drop(columns=unnamed), rtol=1e-7,
        )  # fmt: skip

    def test_one_site_is_not_pooled(self):
        frame = answers(sites=["x"])
        for table in (
            discriminant_validity(frame, SCALES, group="site", n_boot=20),
            htmt(frame, SCALES, group="site", n_boot=20),
        ):
            assert table.pooling.tolist() == ["total", "site"]

    def test_pair_the_other_way_round(self):
        frame = answers()
        one = discriminant_validity(frame, SCALES, n_boot=0).iloc[0]
        other = discriminant_validity(
            frame, {name: SCALES[name] for name in ("bold", "calm")}, n_boot=0
        ).iloc[0]
        assert (one.scale_a, one.scale_b) == (other.scale_b, other.scale_a)
        for key in ("correlation", "low", "high", "htmt", "htmt2", "chi2_difference"):
            assert one[key] == pytest.approx(other[key], rel=1e-7)
        assert one.ave_a == pytest.approx(other.ave_b, rel=1e-7)

    def test_turning_a_scale_turns_the_correlation(self):
        frame = answers()
        turned = SCALES | {"bold": ["-b1", "b2", "-b3"]}
        one = discriminant_validity(frame, SCALES, n_boot=0).iloc[0]
        other = discriminant_validity(frame, turned, n_boot=0).iloc[0]
        assert one.correlation == pytest.approx(-other.correlation, rel=1e-7)
        assert one.low == pytest.approx(-other.high, rel=1e-7)
        assert one.htmt == pytest.approx(other.htmt, rel=1e-12)
        # The cutoff takes the sign of the correlation.
        assert one.chi2_difference == pytest.approx(other.chi2_difference, rel=1e-6)

    def test_keyed_name_is_the_turned_answer(self):
        bare = {scale: [i.lstrip("-") for i in items] for scale, items in BFI_SCALES.items()}
        same_numbers(
            htmt(bfi(), BFI_SCALES, n_boot=10, rng=1), htmt(bfi_keyed(), bare, n_boot=10, rng=1)
        )

    def test_moments_are_enough(self):
        frame = hs()[list(HS_ITEMS)]
        found = discriminant_validity(Moments(frame.cov(), None, 301), HS_SCALES)
        same_numbers(
            found, discriminant_validity(frame, HS_SCALES, n_boot=0, se="standard"), rtol=1e-6
        )
        assert found.htmt_low.isna().all()

    def test_scale_and_item_of_one_name(self):
        frame = answers().rename(columns={"a1": "calm"})
        found = discriminant_validity(frame, SCALES | {"calm": ["calm", "a2", "a3"]}, n_boot=0)
        same_numbers(found, discriminant_validity(answers(), SCALES, n_boot=0))

    def test_meta_is_of_the_sites(self, judged):
        meta = judged["bfi"][judged["bfi"].pooling == "meta"]
        sites = judged["bfi"][judged["bfi"].pooling == "site"]
        assert len(meta) == 10
        for _, row in meta.iterrows():
            own = sites[(sites.scale_a == row.scale_a) & (sites.scale_b == row.scale_b)]
            assert own.correlation.min() < row.correlation < own.correlation.max()
            assert row.class_ == classify(row.low, row.high)
            assert row.n_obs == own.n_obs.sum()
            assert np.isnan([row.chi2_difference, row.ave_a]).all()
            assert row.fornell_larcker is pd.NA


class TestMixedSigns:
    def test_a_scale_with_a_negative_correlation_marks_all_its_pairs(self):
        r = np.full((6, 6), 0.3)
        r[0, 1] = r[1, 0] = -0.1
        found = mixed_signs(r[None], np.kron(np.eye(3), np.ones((2, 1))))
        assert found[0].tolist() == [[True, True, True], [True, False, False], [True, False, False]]

    def test_scales_that_go_in_opposite_directions_are_not_mixed(self):
        r = np.full((4, 4), 0.3)
        r[:2, 2:] = r[2:, :2] = -0.2
        membership = np.kron(np.eye(2), np.ones((2, 1)))
        assert not mixed_signs(r[None], membership).any()
        r[0, 2] = r[2, 0] = 0.1
        assert mixed_signs(r[None], membership)[0].tolist() == [[False, True], [True, False]]

    def test_the_row_says_so_and_signed_ratios_have_nothing_to_say(self):
        frame = pd.DataFrame(
            np.random.default_rng(4).normal(size=(40, 4)), columns=["a", "b", "c", "d"]
        )
        scales = {"S": ["a", "b"], "T": ["c", "d"]}
        for variant in ("htmt", "htmt2"):
            told = htmt(frame, scales, variant=variant).method.iloc[0]
            assert "signs are mixed" in told
            assert ("HTMT2 assumes" in told) == (variant == "htmt2")
        assert htmt(frame, scales, absolute=False).method.iloc[0] == "no interval"

    def test_small_samples_say_that_the_interval_lies_too_high(self):
        table = htmt(answers(100), SCALES, n_boot=100)
        assert "too high for skewed answers" in table.method.iloc[0]
        assert "too high" not in htmt(answers(300), SCALES, n_boot=100).method.iloc[0]


class TestBootstrap:
    @pytest.fixture
    def frame(self) -> pd.DataFrame:
        return answers(sites=["x", "y"])

    def test_same_seed_same_numbers(self, frame):
        one, other = (htmt(frame, SCALES, group="site", n_boot=100, rng=7) for _ in range(2))
        same_numbers(one, other)
        third = htmt(frame, SCALES, group="site", n_boot=100, rng=8)
        assert (one.low != third.low).all()
        assert one.estimate[:4].tolist() == third.estimate[:4].tolist()

    def test_without_a_seed_numbers_repeat(self, frame):
        same_numbers(htmt(frame, SCALES, n_boot=50), htmt(frame, SCALES, n_boot=50, rng=0))

    def test_a_generator_goes_on(self, frame):
        rng = np.random.default_rng(3)
        one, other = (htmt(frame, SCALES, n_boot=50, rng=rng) for _ in range(2))
        assert one.low[0] != other.low[0]
        again = htmt(frame, SCALES, n_boot=50, rng=np.random.default_rng(3))
        same_numbers(one, again)
        with pytest.raises(DataError, match="rng must be a whole number"):
            htmt(frame, SCALES, n_boot=50, rng=-1)

    def test_another_site_changes_no_interval(self, frame):
        more = pd.concat([frame, answers(90, sites=["w", "z"], seed=9)])
        one = htmt(frame, SCALES, group="site", n_boot=300, rng=2)
        other = htmt(more, SCALES, group="site", n_boot=300, rng=2)
        for name in ("x", "y"):
            same_numbers(one[one.group == name], other[other.group == name])

    def test_another_analysis_changes_no_interval(self, frame):
        one = htmt(frame, SCALES, n_boot=100, rng=2)
        both = discriminant_validity(frame, SCALES, n_boot=100, rng=2)
        assert both.htmt_low[0] == one.low[0]

    def test_order_of_sites_is_irrelevant(self, frame):
        # People of a site keep their order; the sites are told apart by name.
        shuffled = pd.concat([frame[frame.site == name] for name in ("y", "x")])
        one = htmt(frame, SCALES, group="site", n_boot=80, rng=1)
        same_numbers(htmt(shuffled, SCALES, group="site", n_boot=80, rng=1), one)

    def test_interval_is_about_as_wide_as_by_refits(self, frame):
        row = htmt(frame, SCALES, n_boot=2000, rng=1).iloc[0]
        rng = np.random.default_rng(11)
        by_hand = []
        for _ in range(400):
            drawn = frame.iloc[rng.integers(0, len(frame), len(frame))]
            by_hand.append(htmt(drawn, SCALES).estimate[0])
        low, high = np.quantile(by_hand, [0.025, 0.975])
        assert row.low < row.estimate < row.high
        # The tail quantiles of 400 replicates have a standard error of about an eighth of the sd.
        slack = 4 * 0.125 * np.std(by_hand)
        assert [row.low, row.high] == pytest.approx([low, high], abs=slack)
        assert row.method == "percentile bootstrap, 2000"

    def test_stratified_within_sites(self):
        # With all of x alike, resampling within sites never changes how many there are of each.
        frame = answers(60, sites=["x", "y"])
        frame.loc[frame.site == "x", list(ITEMS)] = [2, 2, 2, 4, 4, 4]
        table = htmt(frame, SCALES, group="site", n_boot=100)
        assert only(table, group="x").reason.code == "constant_items"
        within, site = only(table, pooling="within"), only(table, group="y")
        assert within.estimate == pytest.approx(site.estimate, rel=1e-12)
        assert [within.low, within.high] == pytest.approx([site.low, site.high], rel=1e-12)

    def test_no_samples_no_interval_and_no_synthesis(self, frame):
        table = htmt(frame, SCALES, group="site")
        assert table[["low", "high"]].isna().all(axis=None)
        assert table.method[:-1].str.startswith("no interval").all()
        meta = only(table, pooling="meta")
        assert meta.reason.code == "no_synthesis_of_variances"
        assert "ask for samples (n_boot)" in meta.reason

    def test_synthesis_of_signed_ratios_may_be_negative(self, frame):
        turned = SCALES | {"bold": ["-b1", "b2", "-b3"]}
        table = htmt(frame, turned, group="site", absolute=False, n_boot=200)
        assert (table.estimate < 0).all()
        meta = only(table, pooling="meta")
        assert meta.low < meta.estimate < 0
        assert meta.method.endswith("their own scale")
        plain = htmt(frame, SCALES, group="site", absolute=False, n_boot=200)
        assert only(plain, pooling="meta").estimate == pytest.approx(-meta.estimate, rel=1e-9)

    def test_few_people_have_no_interval_but_an_estimate(self):
        frame = answers(6, seed=3)
        table = htmt(frame, SCALES, n_boot=200)
        explained(table)
        row = table.iloc[0]
        if row.reason:
            assert row.reason.code in ("interval_undefined", "constant_items")

    def test_weights_of_any_size(self, frame):
        # Only correlations are resampled, so tiny weights are as good as large ones.
        frame["w"] = 1.0 + np.arange(300) % 2
        frame["tiny"] = frame.w / 4096
        one, other = (
            htmt_of(select(frame, SCALES, group="site", weights=name), n_boot=100)
            for name in ("w", "tiny")
        )
        same_numbers(one, other, rtol=1e-9)
        assert (one.reason == "").all()

    @pytest.mark.slow
    def test_interval_covers(self):
        # Equal loadings of .7 and a correlation of .5: HTMT's population value is .5.
        rng, runs, hits = np.random.default_rng(4), 200, 0
        for run in range(runs):
            factors = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], 150).repeat(3, axis=1)
            x = 0.7 * factors + np.sqrt(0.51) * rng.normal(size=(150, 6))
            frame = pd.DataFrame(x, columns=list("abcdef"))
            row = htmt(frame, {"S": list("abc"), "T": list("def")}, n_boot=400, rng=run).iloc[0]
            hits += row.low <= 0.5 <= row.high
        # Four standard errors of 200 runs, and a percentile interval of 150 people.
        assert 0.95 - 0.07 < hits / runs <= 1.0


class TestWhatCantBeHad:
    def test_one_scale(self):
        for call in (htmt, discriminant_validity):
            with pytest.raises(DataError, match="needs two scales or more; scales holds 'calm'"):
                call(answers(), {"calm": SCALES["calm"]})

    def test_unknown_variant(self):
        with pytest.raises(DataError, match="variant='HTMT' is not known here"):
            htmt(answers(), SCALES, variant="HTMT")

    def test_one_item_scales(self):
        table = discriminant_validity(answers(), {"one": ["a1"], "two": ["b1"]}, n_boot=20)
        assert table.reason[0].code == "too_few_items"
        assert table.class_[0] == "unavailable"
        mixed = discriminant_validity(
            answers(sites=["x", "y"]), {"one": ["a1"], **SCALES | {"calm": ["a2", "a3"]}},
            group="site", n_boot=20,
        )  # fmt: skip
        explained(mixed, "correlation")
        mine = mixed[mixed.scale_a == "one"]
        assert mine.correlation.isna().all()
        assert mine.htmt.isna().all()
        rest = mixed[mixed.scale_a != "one"]
        assert (rest.reason == "").all()

    def test_two_item_scales(self):
        scales = {"calm": ["a1", "a2"], "bold": ["b1", "b3"]}
        table = discriminant_validity(answers(), scales, n_boot=20)
        assert table.reason[0] == ""
        assert np.isfinite(table[["correlation", "htmt", "htmt2", "chi2_difference"]]).all(
            axis=None
        )

    def test_site_smaller_than_the_model_falls_back_to_the_pair(self):
        # Three factors of three items have 21 parameters, two have 13.
        rng = np.random.default_rng(0)
        names = [f"{scale}{i}" for scale in "pqr" for i in "123"]
        x = rng.normal(size=(218, 3)).repeat(3, axis=1) + 0.5 * rng.normal(size=(218, 9))
        frame = pd.DataFrame(x, columns=names).assign(site="big")
        frame.loc[200:, "site"] = "small"
        scales = {scale: [f"{scale}{i}" for i in "123"] for scale in "pqr"}
        table = discriminant_validity(frame, scales, group="site", n_boot=0)
        mine = table[table.group == "small"]
        assert mine.method.str.startswith("ML, the two scales' factors alone").all()
        others = table[~table.pooling.isin(["meta"]) & (table.group != "small")]
        assert others.method.str.startswith("ML, all scales' factors together").all()
        pair = {scale: scales[scale] for scale in "pq"}
        alone = discriminant_validity(frame[200:], pair, n_boot=0).iloc[0]
        row = only(mine, scale_a="p", scale_b="q")
        for key in ("correlation", "low", "high", "ave_a", "chi2_difference", "n_obs"):
            assert row[key] == pytest.approx(alone[key], rel=1e-6)
        assert row.n_obs == 18
        explained(table, "correlation")

    def test_a_test_without_a_maximum_is_left_out_alone(self):
        # See NO_MAXIMUM: the correlation itself is there all the same.
        scales = DATA["bfi"][1]
        frame = bfi()
        table = discriminant_validity(frame[frame.education == 4], scales, n_boot=0)
        row = only(table, scale_a="A", scale_b="O")
        assert row.reason == ""
        assert np.isfinite(row.correlation)
        assert np.isnan([row.chi2_difference, row.p_value]).all()
        assert table.chi2_difference.notna().sum() == 9

    def test_constant_item_and_empty_scale(self):
        frame = answers(sites=["x", "y"])
        frame.loc[frame.site == "x", "a2"] = 4
        table = discriminant_validity(frame, SCALES, group="site", n_boot=20)
        row = only(table, group="x")
        assert row.reason.code == "constant_items"
        assert "a2" in row.reason
        assert np.isnan([row.correlation, row.htmt]).all()
        assert only(table, group="y").reason == ""
        frame["a2"] = np.nan
        table = discriminant_validity(frame, SCALES, group="site", n_boot=20)
        assert {why.code for why in table.reason} <= {"too_few_cases", "no_synthesis"}

    def test_nobody(self):
        table = discriminant_validity(answers().head(0), SCALES, n_boot=20)
        assert table.reason[0].code == "too_few_cases"
        assert table.n_obs[0] == 0


codes = st.one_of(st.integers(1, 3).map(float), st.just(np.nan))


@settings(max_examples=40)
@given(
    people=st.lists(st.tuples(*[codes] * 6, st.sampled_from(["x", "y", None])), max_size=30),
    absolute=st.booleans(),
)
def test_every_row_has_a_number_or_a_reason(people, absolute):
    frame = pd.DataFrame(people, columns=[*ITEMS, "site"]).astype(dict.fromkeys(ITEMS, float))
    for variant in ("htmt", "htmt2"):
        explained(htmt(frame, SCALES, group="site", variant=variant, absolute=absolute, n_boot=30))
    table = discriminant_validity(frame, SCALES, group="site", n_boot=30)
    explained(table, "correlation")
    done = table.reason == ""
    assert np.isfinite(table[done][["low", "high"]]).all(axis=None)
    assert (done == (table.class_ != "unavailable")).all()
    assert table[done & (table.pooling != "meta")].fornell_larcker.notna().all()
