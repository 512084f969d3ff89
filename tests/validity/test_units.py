"""One model in every unit: which can carry it, and why the others can't."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.stats.cfa.completion import complete
from psychometrics.validity.factors import FactorModels, factor_of
from psychometrics.validity.selection import select
from psychometrics.validity.units import fit_units, tidy
from tests.validity.small import SCALES, answers

ONE = complete({"factor": ["a1", "a2", "a3"]}, std_lv=True)


def calm_units(frame: pd.DataFrame, **options):
    chosen = select(frame, {"calm": ["a1", "a2", "a3"]}, group="site", **options)
    return chosen.units(np.arange(3))


class TestFitUnits:
    def test_each_unit_as_if_alone(self):
        frame = answers(sites=["x", "y"])
        fitted = fit_units(ONE, calm_units(frame), ["a1", "a2", "a3"])
        assert fitted.replicate == (0, 1, 2, 3)
        assert fitted.reasons == (NO_REASON,) * 4
        alone = fit_units(ONE, calm_units(frame[frame.site == "y"]), ["a1", "a2", "a3"])
        for found, expected in zip(fitted.parameters(3), alone.parameters(1), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)

    def test_columns_in_any_order(self):
        frame = answers(sites=["x", "y"])
        chosen = select(frame, {"calm": ["a3", "a1", "a2"]}, group="site")
        turned = fit_units(ONE, chosen.units(np.arange(3)), ["a3", "a1", "a2"])
        plain = fit_units(ONE, calm_units(frame), ["a1", "a2", "a3"])
        np.testing.assert_allclose(turned.parameters(0)[0], plain.parameters(0)[0], rtol=1e-10)

    def test_units_that_cant_carry_it_say_why(self):
        frame = pd.concat(
            [
                answers(60, sites=["good"]),
                answers(5, sites=["small"]),
                answers(30, sites=["flat"]).assign(a2=3.0),
                answers(30, sites=["copy"]).assign(a2=lambda f: f.a1),
                answers(1, sites=["single"]),
            ]
        )
        units = calm_units(frame, group_order=["empty"])
        fitted = fit_units(ONE, units, ["a1", "a2", "a3"])
        why = dict(zip(units.group, fitted.reasons, strict=True))
        assert why["good"] == ""
        assert {name: why[name].code for name in why if why[name]} == {
            "empty": "too_few_cases",
            "single": "too_few_cases",
            "small": "fewer_people_than_parameters",
            "flat": "constant_items",
            "copy": "items_determined",
        }
        assert why["small"] == "5 people can't carry a model with 6 free parameters."
        assert "a2" in why["flat"]
        assert fitted.replicate[units.group.index("empty")] == -1
        assert [unit for unit, _ in fitted.usable()] == [0, 1, units.group.index("good")]

    def test_within_of_one_person_a_site_is_too_few_and_not_constant(self):
        units = calm_units(answers(9, sites="abcdefghi"))
        fitted = fit_units(ONE, units, ["a1", "a2", "a3"])
        assert fitted.reasons[1].code == "too_few_cases"

    def test_nobody_can(self):
        fitted = fit_units(ONE, calm_units(answers(4, sites=["x", "y"])), ["a1", "a2", "a3"])
        assert fitted.fits is None
        assert all(fitted.reasons)
        assert fitted.usable() == []
        with pytest.raises(LookupError, match="no unit could be fitted"):
            fitted.parameters(0)
        with pytest.raises(LookupError, match="no unit could be fitted"):
            fitted.slots(0, [0])

    def test_only_those_wanted(self):
        frame = answers(sites=["x", "y"])
        units = calm_units(frame)
        fitted = fit_units(ONE, units, ["a1", "a2", "a3"], wanted=[3, 1])
        assert fitted.replicate == (-1, 0, -1, 1)
        assert [unit for unit, _ in fitted.usable()] == [1, 3]
        every = fit_units(ONE, units, ["a1", "a2", "a3"])
        np.testing.assert_allclose(fitted.parameters(3)[0], every.parameters(3)[0], rtol=1e-12)

    def test_slots_by_name(self):
        fitted = fit_units(ONE, calm_units(answers(sites=["x", "y"])), ["a1", "a2", "a3"])
        places = [
            fitted.slot("factor", "=~", "a1"), fitted.slot("a1", "~~", "a1"),
            fitted.slot("factor", "~~", "factor"),
        ]  # fmt: skip
        value, covariance = fitted.slots(0, places)
        z, spread = fitted.parameters(0)
        assert value.tolist() == [z[0], z[3], 1.0]
        assert covariance[:2, :2].tolist() == spread[np.ix_([0, 3], [0, 3])].tolist()
        assert covariance[2].tolist() == [0, 0, 0]  # fixed
        standard, se = fitted.standardized(0)
        share = standard[places[0]] ** 2 + standard[places[1]]
        assert share == pytest.approx(1.0, rel=1e-12)
        assert (se[places[:2]] > 0).all()
        with pytest.raises(KeyError):
            fitted.slot("factor", "=~", "b1")


class TestFactorModels:
    def test_factors_are_not_taken_for_items(self):
        frame = answers().rename(columns={"a1": "calm"})
        models = FactorModels(select(frame, {"calm": ["calm", "a2", "a3"], "bold": ["b1", "b3"]}))
        assert models.together.reasons == (NO_REASON,)
        assert models.table("calm").latent == (factor_of("calm"),)

    def test_scales_of_one_item_have_no_factor(self):
        models = FactorModels(select(answers(), {"one": ["a1"], "calm": ["a2", "a3"],
                                                 "bold": ["b1", "b3"]}))  # fmt: skip
        assert list(models.scales) == ["calm", "bold"]
        assert models.together.fits is not None
        assert models.together.fits.table.observed == ("a2", "a3", "b1", "b3")

    def test_no_scale_of_two_items(self):
        models = FactorModels(select(answers(), {"one": ["a1"], "two": ["b1"]}))
        assert [why.code for why in models.together.reasons] == ["too_few_items"]
        assert models.together.usable() == []

    def test_alone_is_fitted_where_together_fails(self):
        frame = pd.concat([answers(200, sites=["big", "also"]), answers(12, sites=["small"])])
        models = FactorModels(select(frame, SCALES, group="site"))
        small = models.together.units.group.index("small")
        assert [bool(why) for why in models.together.reasons] == [False] * 4 + [True]
        pair = models.alone("calm", "bold")
        assert pair.replicate[:small] == (-1,) * small
        assert pair.reasons[small].code == "fewer_people_than_parameters"
        alone = models.alone("calm")
        assert alone.replicate == tuple(range(small + 1))
        assert models.alone("calm") is alone


class TestTidy:
    def test_types_dont_depend_on_the_rows(self):
        columns = ("group", "item", "estimate", "fornell_larcker", "n_obs", "reason")
        full = [{"group": "x", "item": "a", "estimate": 1.0, "fornell_larcker": True, "n_obs": 3,
                 "reason": reason("no_convergence")}]  # fmt: skip
        bare = [{"group": None, "estimate": np.nan, "n_obs": 0, "reason": ""}]
        one, other = tidy(full, columns), tidy(bare, columns)
        assert list(one) == list(columns)
        assert one.dtypes.to_dict() == other.dtypes.to_dict()
        assert other["group"][0] is None
        assert other["item"][0] is None
        for table in (one, other):
            assert isinstance(table["reason"][0], Reason)
        assert one["reason"][0].code == "no_convergence"
        empty = tidy([], columns)
        assert list(empty) == list(columns)
        assert empty.dtypes.to_dict() == one.dtypes.to_dict()
