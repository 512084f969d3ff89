"""Omegas of fitted models against semTools, lavaan's defined parameters, and each other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from psychometrics import Moments, cfa, model_reliability, reliability
from psychometrics.errors import DataError
from tests.reference.load import HS_SCALES, hs, load, values
from tests.validity.small import answers, only

FIRST = "\n".join(f"{scale} =~ {' + '.join(items)}" for scale, items in HS_SCALES.items())
SECOND = FIRST + "\ng =~ visual + textual + speed"
TESTS = [f"t{i}" for i in range(1, 10)]
BIFACTOR = (
    f"g =~ {' + '.join(TESTS)}\none =~ t1 + t2 + t3\ntwo =~ t4 + t5 + t6\n"
    "three =~ t7 + t8 + t9\ng ~~ 0*one + 0*two + 0*three\none ~~ 0*two + 0*three\ntwo ~~ 0*three"
)


@pytest.mark.parametrize("std_lv", [False, True])
class TestSecondOrder:
    def test_is_semtools(self, std_lv):
        table = model_reliability(cfa(SECOND, hs(), std_lv=std_lv))
        recorded = load("consistency")["second_order"]["hs_std_lv" if std_lv else "hs"]["level_2"]
        for coefficient, name in (
            ("omega_hierarchical", "omegaL1"), ("omega_partial", "partialOmegaL1"),
        ):  # fmt: skip
            row = only(table, factor="g", coefficient=coefficient)
            # lavaan's search ends within about 1e-6 of the loadings.
            assert row.estimate == pytest.approx(recorded[name], abs=1e-5)
        assert row.n_items == 9

    def test_share_of_the_factors_from_standardised_loadings(self, std_lv):
        fit = cfa(SECOND, hs(), std_lv=std_lv)
        loads = fit.parameters[(fit.parameters.lhs == "g") & (fit.parameters.op == "=~")].std_all
        between = np.outer(loads, loads)
        np.fill_diagonal(between, 1.0)
        row = only(model_reliability(fit), factor="g", coefficient="omega_second_order")
        assert row.estimate == pytest.approx(loads.sum() ** 2 / between.sum(), abs=1e-9)

    def test_first_order_factors(self, std_lv):
        table = model_reliability(cfa(SECOND, hs(), std_lv=std_lv))
        recorded = load("consistency")["second_order"]["hs"]["first"]
        omegas = dict(zip(recorded["columns"], recorded["values"][1], strict=True))
        for scale in HS_SCALES:
            row = only(table, factor=scale, coefficient="omega_total")
            assert row.estimate == pytest.approx(omegas[scale], abs=1e-5)


class TestBifactor:
    def test_is_lavaans(self):
        recorded = load("consistency")
        matrix = values(recorded["thurstone"]["correlation"])
        table = model_reliability(cfa(BIFACTOR, Moments(matrix, None, 213, TESTS), std_lv=True))
        for row in recorded["bifactor"]["thurstone"]["defined"]:
            name, _, group = row["lhs"].partition("_")
            found = {
                "omega": {"factor": "g", "coefficient": row["lhs"]},
                "subscale": {"factor": group, "coefficient": "omega_subscale"},
                "total": {"factor": group, "coefficient": "omega_total"},
            }[name]
            mine = only(table, **found)
            assert mine.estimate == pytest.approx(row["est"], abs=1e-5)
            centre = np.log(row["est"] / (1 - row["est"]))
            width = stats.norm.isf(0.025) * row["se"] / (row["est"] * (1 - row["est"]))
            limits = 1 / (1 + np.exp(-(centre + np.array([-width, width]))))
            assert [mine.low, mine.high] == pytest.approx(limits.tolist(), abs=1e-4)


class TestCorrelatedFactors:
    def test_omega_of_each_scale(self):
        table = model_reliability(cfa(FIRST, hs()))
        recorded = load("hs")["hs_coefficients"]["total"]["defined"]
        omegas = {row["lhs"]: row["est"] for row in recorded}
        assert set(table.coefficient) == {"omega_total"}
        for scale in HS_SCALES:
            assert only(table, factor=scale).estimate == pytest.approx(
                omegas[f"omega_{scale}"], abs=1e-6
            )

    def test_one_factor_is_omega_of_the_table(self):
        frame = answers()
        row = model_reliability(cfa({"S": ["a1", "a2", "a3"]}, frame)).iloc[0]
        other = reliability(frame, {"S": ["a1", "a2", "a3"]}, coefficients=["omega_total"]).iloc[0]
        assert [row.estimate, row.low, row.high] == pytest.approx(
            [other.estimate, other.low, other.high], abs=1e-7
        )

    def test_items_that_the_factor_lowers_are_turned(self):
        frame = answers()
        turned = frame.assign(b2=6 - frame.b2)
        row = model_reliability(cfa("f =~ b1 + b2 + b3", frame)).iloc[0]
        other = model_reliability(cfa("f =~ b1 + b2 + b3", turned)).iloc[0]
        assert row.turned == "b2"
        assert row.estimate == pytest.approx(other.estimate, abs=1e-8)

    def test_groups(self):
        fit = cfa(FIRST, hs(), group="school")
        table = model_reliability(fit)
        assert table.group.tolist() == [*["Pasteur"] * 3, *["Grant-White"] * 3]
        recorded = load("reliability")["hs"]["joint_multigroup"]["omega_implied"]
        for row in recorded:
            for scale in HS_SCALES:
                found = only(table, group=row["group"], factor=scale)
                assert found.estimate == pytest.approx(row[scale], abs=1e-5)

    def test_correlated_errors_are_error(self):
        fit = cfa("f =~ x1 + x2 + x3 + x4\nx1 ~~ x2", hs())
        row = model_reliability(fit).iloc[0]
        p = fit.parameters
        loads = p[p.op == "=~"].estimate.sum()
        variance = float(p[(p.lhs == "f") & (p.rhs == "f")].estimate.iloc[0])
        residual = p[(p.op == "~~") & (p.lhs != "f")]
        weight = np.where(residual.lhs == residual.rhs, 1, 2)
        error = (weight * residual.estimate).sum()
        true = loads**2 * variance
        assert row.estimate == pytest.approx(true / (true + error), abs=1e-9)


class TestRefusals:
    def test_ordered_items(self):
        fit = cfa("f =~ a1 + a2 + a3", answers(), ordered=True)
        with pytest.raises(DataError, match=r"model is of ordered items"):
            model_reliability(fit)

    def test_no_factor(self):
        with pytest.raises(DataError, match=r"no factor with items"):
            model_reliability(cfa("a1 ~ a2", answers()))

    def test_improper_solutions_have_a_reason(self):
        matrix = np.array([[1, 0.8, 0.8], [0.8, 1, 0.4], [0.8, 0.4, 1.0]])
        with pytest.warns(UserWarning, match=r"improper|negative"):
            fit = cfa("f =~ a + b + c", Moments(matrix, None, 100, ("a", "b", "c")))
        row = model_reliability(fit).iloc[0]
        assert row.reason.code == "improper_solution"
        assert np.isnan(row.estimate)
