"""Alpha and omega against psych, semTools and metafor, and what must hold for any answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from psychometrics import Moments, reliability
from psychometrics.errors import DataError
from tests.reference.load import BFI_SCALES, HS_SCALES, bfi, bfi_keyed, hs, load
from tests.validity.small import SCALES, answers, explained, only, same_numbers, unit

# Closed forms of the same covariances: only rounding is left.
CLOSED_FORM = 1e-11
# lavaan stops once a step changes the fit function by less than 1e-10 of itself, which leaves the
# seventh digit of a share open: its omegas of a saturated model, observed and implied, should be
# one number and differ by up to 1.5e-8; with misfit by more. test_structure checks that our
# likelihood is never lower than lavaan's.
ITERATED = 1e-6

DATA = {"hs": (hs, HS_SCALES, "school"), "bfi": (bfi, BFI_SCALES, "education")}


def scales_and_groups(name: str) -> list[tuple[str, str]]:
    recorded = load("reliability")[name]["psych"]
    return [(group, scale) for group in recorded for scale in recorded[group]]


CASES = [(name, *case) for name in DATA for case in scales_and_groups(name)]


@pytest.fixture(scope="module")
def alphas() -> dict[tuple[str, str], pd.DataFrame]:
    return {
        (name, missing): reliability(
            frame(), scales, group=group, coefficients=["alpha"], missing=missing
        )
        for name, (frame, scales, group) in DATA.items()
        for missing in ("pairwise", "listwise")
    }


@pytest.fixture(scope="module")
def omegas() -> dict[str, pd.DataFrame]:
    return {
        name: reliability(frame(), scales, group=group, coefficients=["omega_total"])
        for name, (frame, scales, group) in DATA.items()
    }


class TestAlpha:
    @pytest.mark.parametrize(("name", "group", "scale"), CASES)
    def test_is_psychs(self, alphas, name, group, scale):
        record = load("reliability")[name]["psych"][group][scale]
        for missing, kind in (("pairwise", "pairwise"), ("listwise", "complete")):
            row = only(alphas[name, missing], scale=scale, **unit(group))
            expected = record[kind]["total"]["raw_alpha"]
            assert row.estimate == pytest.approx(expected, rel=CLOSED_FORM)
            assert row.reason == ""

    @pytest.mark.parametrize(("name", "group", "scale"), CASES)
    def test_limits_of_complete_rows_are_feldts(self, alphas, name, group, scale):
        row = only(alphas[name, "listwise"], scale=scale, **unit(group))
        record = load("reliability")[name]["psych"][group][scale]["limits_complete"]
        assert row.n_obs == record["n_obs"]
        assert [row.low, row.high] == pytest.approx(record["feldt"], rel=1e-9)

    @pytest.mark.parametrize(("name", "group", "scale"), CASES)
    def test_pairwise_counts_the_scarcest_pair(self, alphas, name, group, scale):
        row = only(alphas[name, "pairwise"], scale=scale, **unit(group))
        frame, scales, column = DATA[name]
        data = frame()
        if group != "total":
            data = data[data[column].astype(str).str.removesuffix(".0") == group]
        seen = data[[item.lstrip("-") for item in scales[scale]]].notna().astype(int)
        n = int((seen.T @ seen).to_numpy().min())
        assert row.n_obs == n
        k, spread = row.n_items, 1 - row.estimate
        tails = stats.f.isf([0.025, 0.975], n - 1, (n - 1) * (k - 1))
        assert [row.low, row.high] == pytest.approx(list(1 - spread * tails), rel=1e-9)

    @pytest.mark.parametrize("name", DATA)
    def test_within_is_that_of_the_pooled_covariance(self, name):
        frame, scales, group = DATA[name]
        for interval in ("feldt", "bonett"):
            table = reliability(
                frame(), scales, group=group, coefficients=["alpha"], missing="listwise",
                interval=interval,
            )  # fmt: skip
            for scale, record in load("reliability")[name]["within"].items():
                row = only(table, scale=scale, pooling="within")
                assert row.n_obs == record["n_obs"]
                assert row.estimate == pytest.approx(record["alpha"], rel=CLOSED_FORM)
                limits = record["limits_n_minus_groups_plus_1"][interval]
                assert [row.low, row.high] == pytest.approx(limits, rel=1e-9)

    @pytest.mark.parametrize("name", DATA)
    def test_bonett(self, name):
        frame, scales, group = DATA[name]
        table = reliability(
            frame(), scales, group=group, coefficients=["alpha"], missing="listwise",
            interval="bonett",
        )  # fmt: skip
        for group_name, scale in scales_and_groups(name):
            record = load("reliability")[name]["psych"][group_name][scale]["limits_complete"]
            row = only(table, scale=scale, **unit(group_name))
            assert [row.low, row.high] == pytest.approx(record["bonett"], rel=1e-9)
            assert row.method == "Bonett interval, complete rows"

    def test_negative_alpha_is_told_as_it_is(self):
        frame = answers()
        table = reliability(frame, {"unkeyed": ["b1", "b2"]}, coefficients=["alpha"])
        assert table.estimate[0] < 0
        assert table.low[0] < table.estimate[0] < table.high[0]

    @pytest.mark.slow
    @pytest.mark.parametrize("interval", ["feldt", "bonett"])
    def test_interval_covers(self, interval):
        # Parallel normal items, where Feldt's interval is exact: alpha = 4(.5)/(1 + 3(.5)).
        rng, truth, hits, runs = np.random.default_rng(3), 0.8, 0, 2000
        for _ in range(runs):
            x = np.sqrt(0.5) * rng.normal(size=(30, 1)) + np.sqrt(0.5) * rng.normal(size=(30, 4))
            frame = pd.DataFrame(x, columns=list("abcd"))
            row = reliability(frame, {"S": "a b c d".split()}, coefficients=["alpha"],
                              interval=interval).iloc[0]  # fmt: skip
            hits += row.low <= truth <= row.high
        # Four standard errors of a coverage of .95; Bonett's is a large-sample interval.
        slack = 4 * np.sqrt(0.95 * 0.05 / runs) + (0.01 if interval == "bonett" else 0)
        assert hits / runs == pytest.approx(0.95, abs=slack)


class TestOmega:
    @pytest.mark.parametrize(("name", "group", "scale"), CASES)
    def test_is_semtools(self, omegas, name, group, scale):
        record = load("reliability")[name]["one_factor"][group][scale]
        if group == "total":
            # reliability()'s own row "omega" of the same one-factor model.
            printed = dict(
                zip(record["reliability"]["rows"], record["reliability"]["values"], strict=True)
            )
            assert printed["omega"][0] == pytest.approx(record["omega_implied"][scale], abs=1e-8)
        row = only(omegas[name], scale=scale, **unit(group))
        assert row.estimate == pytest.approx(record["omega_implied"][scale], abs=ITERATED)

    @pytest.mark.parametrize(("name", "group", "scale"), CASES)
    def test_limits_are_the_logit_of_lavaans_standard_error(self, omegas, name, group, scale):
        recorded = load(name)[f"{name}_one_factor_by_scale"][group][scale]
        defined = next(
            one for one in recorded["coefficients"]["defined"] if one["lhs"] == f"omega_{scale}"
        )
        row = only(omegas[name], scale=scale, **unit(group))
        centre = np.log(defined["est"] / (1 - defined["est"]))
        width = stats.norm.isf(0.025) * defined["se"] / (defined["est"] * (1 - defined["est"]))
        limits = 1 / (1 + np.exp(-(centre + np.array([-width, width]))))
        assert [row.low, row.high] == pytest.approx(list(limits), abs=ITERATED)
        assert row.n_obs == recorded["n_obs"]

    def test_within_takes_one_person_a_site_off(self):
        # The pooled covariance with N - G + 1 people is what a plain analysis of it would take.
        frame = hs()
        for scale, items in HS_SCALES.items():
            centred = frame[items] - frame.groupby("school")[items].transform("mean")
            pooled = centred.T @ centred / (301 - 2)
            plain = reliability(
                Moments(pooled, None, 300), {scale: items}, coefficients=["omega_total"]
            ).iloc[0]
            row = only(
                reliability(frame, {scale: items}, group="school"),
                coefficient="omega_total", pooling="within",
            )  # fmt: skip
            assert row.n_obs == 301
            assert [row.estimate, row.low, row.high] == pytest.approx(
                [plain.estimate, plain.low, plain.high], rel=1e-9
            )

    def test_two_items_have_none(self):
        row = reliability(answers(), {"pair": ["a1", "a2"]}).iloc[1]
        assert row.coefficient == "omega_total"
        assert row.reason.code == "too_few_items"
        assert row.reason.params == {"n_items": 2, "needed": 3}

    def test_names_may_be_anything(self):
        frame = answers().rename(columns={"a1": "item 1", "a2": "Q-2.1", "a3": "factor"})
        table = reliability(frame, {"Role clarity": ["item 1", "Q-2.1", "factor"]})
        expected = reliability(answers(), {"calm": ["a1", "a2", "a3"]})
        assert table.estimate.tolist() == expected.estimate.tolist()


def restricted(y: np.ndarray, v: np.ndarray) -> float:
    """Return the REML variance between sites by brute force."""

    def deviance(tau2: float) -> float:
        weight = 1 / (v + tau2)
        mean = weight @ y / weight.sum()
        return float(
            np.log(v + tau2).sum() + np.log(weight.sum()) + (weight * (y - mean) ** 2).sum()
        )

    found = optimize.minimize_scalar(
        deviance, bounds=(0, 4 * np.var(y) + 1e-9), method="bounded", options={"xatol": 1e-12}
    )
    return 0.0 if deviance(0.0) <= found.fun else float(found.x)


class TestSynthesis:
    @pytest.mark.parametrize("name", DATA)
    def test_alpha_is_metafors(self, name):
        frame, scales, group = DATA[name]
        table = reliability(
            frame(), scales, group=group, coefficients=["alpha"], missing="listwise"
        )
        for scale, record in load("synthesis")[f"{name}_alpha"].items():
            row = only(table, scale=scale, pooling="meta")
            back = record["back_transformed"]
            # The two searches for tau2 in R agree to 1e-11; ours ends within 1e-10 of them.
            assert row.estimate == pytest.approx(back["estimate"], rel=1e-9)
            limits = back["ci_hartung_knapp_at_least_wald"]
            assert [row.low, row.high] == pytest.approx(limits, rel=1e-8)
            assert row.tau2 == pytest.approx(record["base"]["tau2"], rel=1e-8, abs=1e-12)
            assert 100 * row.i2 == pytest.approx(
                record["metafor"]["hartung_knapp"]["I2"], rel=1e-5, abs=1e-7
            )
            ahead = back["prediction_higgins_k_minus_2_wald_se"]
            if ahead[0] is None:
                assert np.isnan(row.prediction_low)
                assert np.isnan(row.prediction_high)
            else:
                limits = [row.prediction_low, row.prediction_high]
                assert limits == pytest.approx(ahead, rel=1e-6)
            assert row.n_groups == len(record["groups"])
            assert row.n_obs == sum(record["n"])

    @pytest.mark.parametrize("name", DATA)
    def test_omega_on_the_logit_scale(self, omegas, name):
        # metafor's record is on another scale, so the same by hand from lavaan's omegas and SE.
        for scale, record in load("synthesis")[f"{name}_omega"].items():
            row = only(omegas[name], scale=scale, pooling="meta")
            omega, se = np.array(record["omega"]), np.array(record["se"])
            y, v = np.log(omega / (1 - omega)), (se / (omega * (1 - omega))) ** 2
            weight = 1 / (v + restricted(y, v))
            mean, k = weight @ y / weight.sum(), len(y)
            factor = max(1.0, weight @ (y - mean) ** 2 / (k - 1))
            width = stats.t.isf(0.025, k - 1) * np.sqrt(factor / weight.sum())
            limits = 1 / (1 + np.exp(-(mean + np.array([-width, width]))))
            # The bounded search for tau2 by hand is good to about 1e-6.
            assert row.estimate == pytest.approx(1 / (1 + np.exp(-mean)), rel=1e-5)
            assert [row.low, row.high] == pytest.approx(list(limits), rel=1e-4)


class TestPooling:
    def test_total_is_the_run_without_sites(self):
        frame = answers(sites=["x", "y", "z"])
        grouped = reliability(frame, SCALES, group="site")
        same_numbers(grouped[grouped.pooling == "total"], reliability(frame, SCALES))

    def test_site_is_the_run_of_its_rows(self):
        frame = answers(sites=["x", "y", "z"])
        grouped = reliability(frame, SCALES, group="site")
        alone = reliability(frame[frame.site == "y"], SCALES)
        columns = ["estimate", "low", "high", "n_obs"]
        same_numbers(grouped[grouped.group == "y"][columns], alone[columns])

    def test_one_site_is_not_pooled(self):
        table = reliability(answers(sites=["x"]), SCALES, group="site")
        assert set(table.pooling) == {"total", "site"}
        assert (
            table[table.pooling == "total"].estimate.tolist()
            == table[table.pooling == "site"].estimate.tolist()
        )

    def test_rows_without_a_site_are_in_the_total_alone(self):
        frame = answers(400, sites=["x", "y"])
        frame.loc[300:, "site"] = None
        table = reliability(frame, SCALES, group="site", coefficients=["alpha"])
        first = table[table.scale == "calm"].set_index("pooling")
        assert first.loc["total", "n_obs"] == 400
        assert first.loc["within", "n_obs"] == 300
        assert first.loc["site", "n_obs"].tolist() == [150, 150]
        rest = reliability(frame[:300], SCALES, group="site", coefficients=["alpha"])
        same_numbers(table[table.pooling != "total"], rest[rest.pooling != "total"])

    def test_shifting_a_site_leaves_within_alone(self):
        frame = answers(sites=["x", "y"])
        moved = frame.copy()
        moved.loc[moved.site == "x", ["a1", "a2", "a3"]] += 10
        before, after = (reliability(f, SCALES, group="site") for f in (frame, moved))
        within = before.pooling != "total"
        same_numbers(after[within], before[within], rtol=1e-9)
        calm = (before.scale == "calm") & (before.pooling == "total")
        assert (after[calm].estimate > before[calm].estimate).all()


class TestArguments:
    def test_unknown_words_are_listed(self):
        with pytest.raises(DataError, match=r"interval='exact' is not known.*'feldt', 'bonett'"):
            reliability(answers(), SCALES, interval="exact")
        with pytest.raises(DataError, match="missing='fiml' is not known here"):
            reliability(answers(), SCALES, missing="fiml")
        with pytest.raises(DataError, match="coefficients='omega' is not known here"):
            reliability(answers(), SCALES, coefficients=["alpha", "omega"])

    def test_keyed_name_is_the_turned_answer(self):
        bare = {scale: [i.lstrip("-") for i in items] for scale, items in BFI_SCALES.items()}
        same_numbers(
            reliability(bfi(), BFI_SCALES, group="education"),
            reliability(bfi_keyed(), bare, group="education"),
        )

    def test_moments_are_enough(self):
        frame = hs()
        items = [item for items in HS_SCALES.values() for item in items]
        moments = Moments(frame[items].cov(), frame[items].mean(), 301)
        same_numbers(reliability(moments, HS_SCALES), reliability(frame, HS_SCALES), rtol=1e-9)

    def test_level_widens(self):
        narrow, wide = (reliability(answers(), SCALES, level=level) for level in (0.8, 0.99))
        assert (wide.high - wide.low > narrow.high - narrow.low).all()

    @pytest.mark.parametrize("coefficient", ["alpha", "omega_total"])
    def test_weights_that_repeat_people(self, coefficient):
        # A weight of 2 gives the estimate of a person named twice, but counts one person.
        frame = answers(200, sites=["x", "y"])
        frame["w"] = np.arange(200) % 3
        repeated = frame.loc[frame.index.repeat(frame.w)]
        weighted = reliability(frame, SCALES, group="site", coefficients=[coefficient], weights="w")
        plain = reliability(repeated, SCALES, group="site", coefficients=[coefficient])
        shown = weighted.pooling != "meta"
        # The within covariance has N - G below the line, so its N matters to the ninth digit.
        assert weighted.estimate[shown].tolist() == pytest.approx(plain.estimate[shown].tolist())
        assert weighted.n_obs[0] == (frame.w > 0).sum()

    def test_only_ratios_of_weights_matter(self):
        frame = answers(200, sites=["x", "y"])
        frame["w"] = 1.0 + np.arange(200) % 3
        frame["v"] = 0.001 * frame.w
        for missing in ("listwise", "pairwise"):
            one, other = (
                reliability(frame, SCALES, group="site", weights=name, missing=missing)
                for name in ("w", "v")
            )
            same_numbers(one, other, rtol=1e-9)

    def test_a_sites_numbers_depend_on_its_own_weights_alone(self):
        frame = answers(200, sites=["x", "y"])
        frame["w"] = np.where(frame.site == "x", 1.0, 50.0) * (1 + np.arange(200) % 3)
        grouped = reliability(frame, SCALES, group="site", weights="w")
        alone = reliability(frame[frame.site == "x"], SCALES, weights="w")
        columns = ["estimate", "low", "high", "n_obs"]
        same_numbers(grouped[grouped.group == "x"][columns], alone[columns], rtol=1e-9)


codes = st.one_of(st.integers(1, 4).map(float), st.just(np.nan))


class TestAnyAnswers:
    @settings(max_examples=60)
    @given(
        rows=st.lists(
            st.tuples(codes, codes, codes, codes, st.sampled_from(["x", "y", "z", None])),
            max_size=14,
        )
    )
    def test_every_row_has_a_number_or_a_reason(self, rows):
        frame = pd.DataFrame(rows, columns=["a", "b", "c", "d", "site"])
        frame = frame.astype(dict.fromkeys("abcd", float))
        for missing in ("pairwise", "listwise"):
            table = reliability(
                frame, {"S": ["a", "-b", "c", "d"]}, group="site", missing=missing, n_boot=20
            )
            explained(table)
            given_ = table.reason == ""
            assert np.isfinite(table[given_ & (table.pooling != "meta")].low).all()

    @settings(max_examples=25)
    @given(order=st.permutations(range(40)))
    def test_order_of_people_is_irrelevant(self, order):
        frame = answers(40, sites=["x", "y"])
        frame.loc[3, "a1"] = np.nan
        expected = reliability(frame, SCALES, group="site", n_boot=50)
        # Sums of codes are exact; only the pairwise within row centres on means first.
        found = reliability(frame.iloc[list(order)], SCALES, group="site", n_boot=50)
        within = expected.pooling == "within"
        same_numbers(found[~within], expected[~within])
        same_numbers(found[within], expected[within], rtol=1e-12)

    @settings(max_examples=25)
    @given(
        slope=st.floats(0.01, 100), shift=st.floats(-1000, 1000), order=st.permutations(range(3))
    )
    def test_unit_and_order_of_items_are_irrelevant(self, slope, shift, order):
        frame = answers(80)
        # Bootstrap samples are drawn in an order that depends on the items' order; formulas don't.
        interval = {"omega_total": "delta"}
        expected = reliability(frame, SCALES, interval=interval)
        scales = {name: [items[i] for i in order] for name, items in SCALES.items()}
        moved = reliability(frame * slope + shift, scales, interval=interval)
        for column in ("estimate", "low", "high"):
            assert moved[column].tolist() == pytest.approx(expected[column].tolist(), rel=1e-7)
