"""Every coefficient of reliability() against psych, semTools and lavaan, pooled and by site."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import Moments, cfa, reliability
from psychometrics.errors import DataError
from psychometrics.stats.categorical_omega import categorical_omega
from psychometrics.validity.coefficients import COEFFICIENTS
from tests.reference.load import BFI_SCALES, HS_SCALES, bfi, hs, load, values
from tests.validity.small import SCALES, answers, explained, only, same_numbers

ALL = tuple(COEFFICIENTS)
HS_ALL = {"all": [item for items in HS_SCALES.values() for item in items]}


def estimates(data, scales, *coefficients: str, **options) -> pd.DataFrame:
    """Return estimates alone, without the cost of intervals."""
    return reliability(data, scales, coefficients=coefficients, n_boot=0, **options)


@pytest.fixture(scope="module")
def by_education() -> pd.DataFrame:
    return estimates(
        bfi(), BFI_SCALES, "alpha_standardized", "lambda6", "average_r", "omega_total_observed",
        "coefficient_h", group="education", missing="listwise",
    )  # fmt: skip


class TestPsych:
    @pytest.mark.parametrize("scale", BFI_SCALES)
    @pytest.mark.parametrize("group", ["total", "1", "5"])
    def test_table_of_alpha(self, by_education, scale, group):
        recorded = load("reliability")["bfi"]["psych"][group][scale]["complete"]["total"]
        place = {"group": None, "pooling": "total"} if group == "total" else {"group": group}
        for coefficient, name in (
            ("alpha_standardized", "std_alpha"), ("lambda6", "G6"), ("average_r", "average_r"),
        ):  # fmt: skip
            row = only(by_education, scale=scale, coefficient=coefficient, **place)
            assert row.estimate == pytest.approx(recorded[name], abs=1e-9)

    @pytest.mark.parametrize("scale", BFI_SCALES)
    def test_pairwise(self, scale):
        recorded = load("reliability")["bfi"]["psych"]["total"][scale]["pairwise"]["total"]
        table = estimates(bfi(), {scale: BFI_SCALES[scale]}, "alpha_standardized", "average_r")
        assert table.estimate.tolist() == pytest.approx(
            [recorded["std_alpha"], recorded["average_r"]], abs=1e-9
        )

    def test_lambda_2_and_halves(self):
        scales = {"EN": [*BFI_SCALES["E"], *BFI_SCALES["N"]]}
        table = estimates(bfi(), scales, "lambda2", "split_half", "alpha", missing="listwise")
        recorded = load("consistency")["halves"]["bfi_EN"]["covariances"]
        assert table.estimate[0] == pytest.approx(recorded["lambda2"], abs=1e-9)
        half = only(table, coefficient="split_half")
        assert half.n_splits == 126
        assert half.split_min < half.estimate < half.split_max
        assert "mean of all 126 splits" in half.method
        # Guttman's formula is at most Spearman and Brown's for the same split.
        assert half.split_max >= recorded["highest"]

    def test_schmid_leiman(self):
        recorded = load("consistency")["psych_omega"]["hs"]["omega_h"]
        table = estimates(hs(), HS_ALL, "omega_hierarchical")
        # psych divides by the observed variance, this by the implied one.
        assert table.estimate[0] == pytest.approx(recorded, abs=1e-3)
        assert "Schmid-Leiman of 3 minres factors" in table.method[0]


class TestSemTools:
    @pytest.mark.parametrize("name", ["hs", "bfi"])
    def test_omega_over_observed_variance(self, name):
        scales = HS_SCALES if name == "hs" else BFI_SCALES
        table = estimates(hs() if name == "hs" else bfi(), scales, "omega_total_observed")
        for scale in scales:
            recorded = load("reliability")[name]["one_factor"]["total"][scale]["omega_observed"]
            row = only(table, scale=scale)
            # lavaan's search ends within about 1e-6 of the loadings.
            assert row.estimate == pytest.approx(recorded[scale], abs=1e-5)

    def test_coefficient_h(self):
        row = estimates(bfi(), {"N": BFI_SCALES["N"]}, "coefficient_h").iloc[0]
        assert row.estimate == pytest.approx(0.8500535, abs=1e-6)

    def test_ordinal(self):
        table = estimates(
            bfi(), {"N": BFI_SCALES["N"]}, "omega_categorical", "omega_categorical_observed",
            "alpha_ordinal", missing="listwise",
        )  # fmt: skip
        recorded = load("ordinal_models")["omega"]["n"]
        expected = [recorded["implied"]["N"], recorded["observed"]["N"], 0.8393552]
        assert table.estimate.tolist() == pytest.approx(expected, abs=1e-5)
        assert table.n_obs.tolist() == [2694] * 3

    def test_the_fitter_of_ordered_models_ends_at_the_same_omega(self):
        frame = bfi()[BFI_SCALES["N"]].dropna()
        fit = cfa({"N": BFI_SCALES["N"]}, frame, ordered=True, std_lv=True)
        loadings = fit.parameters[fit.parameters.op == "=~"].estimate.to_numpy()
        thresholds = fit.parameters[fit.parameters.op == "|"].estimate.to_numpy().reshape(5, 5)
        row = estimates(frame, {"N": BFI_SCALES["N"]}, "omega_categorical").iloc[0]
        assert row.estimate == pytest.approx(
            float(categorical_omega(loadings, thresholds)), abs=1e-6
        )


class TestBifactor:
    def test_is_lavaans(self):
        recorded = load("consistency")
        names = [f"t{i}" for i in range(1, 10)]
        groups = {"one": names[:3], "two": names[3:6], "three": names[6:]}
        moments = Moments(values(recorded["thurstone"]["correlation"]), None, 213, names=names)
        table = estimates(
            moments, {"T": names}, "omega_hierarchical", "omega_subscale", bifactor={"T": groups}
        )
        defined = {row["lhs"]: row["est"] for row in recorded["bifactor"]["thurstone"]["defined"]}
        assert table.estimate[0] == pytest.approx(defined["omega_hierarchical"], abs=1e-5)
        for group in groups:
            row = only(table, factor=group)
            assert row.estimate == pytest.approx(defined[f"subscale_{group}"], abs=1e-5)
        assert set(table.method) == {"bifactor ML, complete rows"} or table.reason.ne("").all()

    def test_group_factors_must_be_of_the_scale(self):
        with pytest.raises(DataError, match=r"bifactor names the scale 'other'"):
            estimates(hs(), HS_ALL, "omega_subscale", bifactor={"other": {"a": ["x1", "x2"]}})
        with pytest.raises(DataError, match=r"two items or more of the scale"):
            estimates(hs(), HS_ALL, "omega_subscale", bifactor={"all": {"a": ["x1", "y"]}})
        with pytest.raises(DataError, match=r"two items or more of the scale"):
            estimates(hs(), HS_ALL, "omega_subscale", bifactor={"all": {"a": ["x1"]}})

    def test_without_a_proper_solution_there_is_a_reason(self):
        table = estimates(hs(), HS_ALL, "omega_hierarchical", bifactor={"all": HS_SCALES})
        assert table.reason[0].code == "improper_solution"


class TestIdentities:
    def test_tau_equivalent_items_have_one_reliability(self):
        matrix = np.full((6, 6), 0.4) + 0.6 * np.eye(6)
        names = list("abcdef")
        table = estimates(
            Moments(matrix, None, 200, names=names), {"S": names}, "alpha", "alpha_standardized",
            "lambda2", "omega_total", "omega_total_observed", "coefficient_h", "split_half",
        )  # fmt: skip
        assert table.estimate.tolist() == pytest.approx([0.8] * 7, abs=1e-6)

    def test_whole_scale_is_alpha_of_its_row(self):
        table = estimates(answers(), SCALES, "alpha", "alpha_standardized")
        frame = answers()
        scaled = frame / frame.std()
        other = estimates(scaled, SCALES, "alpha")
        assert only(table, scale="calm", coefficient="alpha_standardized").estimate == (
            pytest.approx(only(other, scale="calm").estimate)
        )

    def test_subscales_of_the_schmid_leiman_solution_are_the_explorers(self):
        from psychometrics import efa

        found = efa(hs(), 3, method="minres", items=HS_ALL["all"]).schmid_leiman()
        table = estimates(hs(), HS_ALL, "omega_hierarchical", "omega_subscale")
        assert table.estimate[0] == pytest.approx(found.omega_hierarchical, abs=1e-6)
        assert set(table.factor[1:]) == {"F1", "F2", "F3"}

    def test_a_site_is_the_explorers_too(self):
        from psychometrics import efa

        table = estimates(hs(), HS_ALL, "omega_hierarchical", group="school")
        for school in ("Pasteur", "Grant-White"):
            frame = hs()[hs().school == school]
            found = efa(frame, 3, method="minres", items=HS_ALL["all"]).schmid_leiman()
            row = only(table, group=school)
            assert row.estimate == pytest.approx(found.omega_hierarchical, abs=1e-6)

    def test_two_sites_alike_have_the_totals_within(self):
        frame = answers(150)
        twice = pd.concat([frame.assign(site="x"), frame.assign(site="y")])
        table = estimates(twice, SCALES, *ALL, group="site")
        within, alone = (
            table[table.pooling == "within"].reset_index(),
            table[(table.pooling == "site") & (table.group == "x")].reset_index(),
        )
        known = alone.estimate.notna()
        assert known.sum() >= 20
        assert within.estimate[known].tolist() == pytest.approx(
            alone.estimate[known].tolist(), abs=1e-6
        )

    def test_order_of_people_and_keying(self):
        frame = answers(150)
        turned = frame.assign(b2=6 - frame.b2)
        scales = {name: [item.lstrip("-") for item in items] for name, items in SCALES.items()}
        expected = reliability(frame, SCALES, coefficients=ALL, n_boot=100)
        mixed = turned.iloc[np.random.default_rng(1).permutation(150)]
        same_numbers(reliability(mixed, scales, coefficients=ALL, n_boot=100), expected, rtol=1e-9)


class TestEdges:
    def test_every_coefficient_at_the_sizes_of_real_sites(self):
        parts = [answers(n, seed=n).assign(site=f"n{n}") for n in (2, 5, 12, 30, 47)]
        frame = pd.concat(parts)
        frame.loc[frame.site == "n12", "a1"] = 3.0
        frame["b1"] = frame["b1"].where(frame.site != "n30")
        table = reliability(
            frame, SCALES | {"six": [*SCALES["calm"], *SCALES["bold"]]}, group="site",
            coefficients=ALL, n_boot=40,
        )  # fmt: skip
        explained(table)
        given = table[(table.reason == "") & (table.pooling != "meta")]
        assert np.isfinite(given.low).all()
        assert (given.low <= given.estimate + 1e-9).all()
        assert (given.estimate <= given.high + 1e-9).all()
        constant = only(table, scale="calm", group="n12", coefficient="omega_categorical")
        assert constant.reason.code == "constant_items"

    @pytest.mark.parametrize("coefficient", ALL)
    def test_one_item(self, coefficient):
        table = estimates(answers(), {"one": ["a1"]}, coefficient)
        assert {why.code for why in table.reason} == {"too_few_items"}

    def test_answers_that_are_no_categories(self):
        frame = answers() + 0.5
        row = estimates(frame, {"S": SCALES["calm"]}, "omega_categorical").iloc[0]
        assert row.reason.code == "item_codes_not_whole"

    def test_items_that_follow_from_each_other(self):
        frame = answers()
        frame["a2"] = frame["a1"]
        row = estimates(frame, {"S": SCALES["calm"]}, "omega_categorical").iloc[0]
        assert row.reason.code == "perfectly_correlated"
        row = estimates(frame, {"S": SCALES["calm"]}, "lambda6").iloc[0]
        assert row.reason.code == "covariance_singular"

    def test_moments_have_no_ordinal_coefficients(self):
        frame = answers()[["a1", "a2", "a3"]]
        moments = Moments(frame.cov(), None, 300)
        table = reliability(
            moments, {"S": list(frame)}, coefficients=["alpha_ordinal", "lambda2", "omega_total"]
        )
        codes = [why.code for why in table.reason]
        assert codes == ["needs_answers", "interval_needs_answers", ""]

    def test_names_are_checked(self):
        with pytest.raises(DataError, match=r"coefficients='glb' is not known here"):
            reliability(answers(), SCALES, coefficients=["glb"])
        with pytest.raises(DataError, match=r"must be a list of names, such as \['alpha'\]"):
            reliability(answers(), SCALES, coefficients="alpha")

    def test_weights_repeat_people(self):
        frame = answers(200)
        frame["w"] = np.arange(200) % 3
        repeated = frame.loc[frame.index.repeat(frame.w)]
        names = [name for name in ALL if COEFFICIENTS[name].kind != "hierarchy"]
        weighted = estimates(frame, SCALES, *names, weights="w")
        plain = estimates(repeated, SCALES, *names)
        known = plain.estimate.notna()
        assert weighted.estimate[known].tolist() == pytest.approx(
            plain.estimate[known].tolist(), abs=1e-6
        )
