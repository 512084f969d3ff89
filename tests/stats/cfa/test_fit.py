from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.fit import Fits, fit_moments, sample_problem
from psychometrics.stats.cfa.kernel import slot_values
from psychometrics.stats.moments import FloatArray, covariance_of, sum_rows
from tests.reference.load import load
from tests.stats.cfa.cases import HS_GROUPS, HS_MODEL, answers, case, fit

NINE = tuple(f"x{i}" for i in range(1, 10))


def hs_rows() -> FloatArray:
    return answers("hs", "total", NINE)


def fit_rows(model: str, rows: FloatArray, **options: bool) -> Fits:
    return fit_moments(
        complete(model, **options), np.cov(rows.T)[None], np.array([float(len(rows))])
    )


def heywood() -> Fits:
    """Fit HS to its first forty pupils: one residual variance comes out negative."""
    return fit_rows(HS_MODEL, hs_rows()[:40])


# ---- weights and rows ------------------------------------------------------------------------


def test_weights_of_one_are_no_weights() -> None:
    rows, group = hs_rows(), np.zeros(301, dtype=np.int64)
    plain = covariance_of(sum_rows(rows, group, 1))
    weighted = covariance_of(sum_rows(rows, group, 1, np.ones(301)))
    fits = [fit_moments(complete(HS_MODEL), c, n) for n, _, c in (plain, weighted)]
    # Decimals: products with and without weights are summed in another order.
    np.testing.assert_allclose(fits[0].optimum.z, fits[1].optimum.z, rtol=0, atol=1e-9)


def test_whole_weights_are_repeated_rows() -> None:
    rows, weights = hs_rows(), (np.arange(301) % 3).astype(float)
    n, _, covariance = covariance_of(sum_rows(rows, np.zeros(301, dtype=np.int64), 1, weights))
    weighted = fit_moments(complete(HS_MODEL), covariance, n)
    repeated = fit_rows(HS_MODEL, np.repeat(rows, weights.astype(int), axis=0))
    np.testing.assert_allclose(weighted.optimum.z, repeated.optimum.z, atol=1e-8)
    np.testing.assert_allclose(weighted.covariance, repeated.covariance, atol=1e-9)


def test_order_of_people_changes_no_byte_of_coded_answers() -> None:
    table = complete({"A": ["A1", "A2", "A3", "A4", "A5"]}, std_lv=True)
    rows = answers("bfi", "total", table.observed)
    moved = rows[np.random.default_rng(1).permutation(len(rows))]
    group = np.zeros(len(rows), dtype=np.int64)
    fits = [
        fit_moments(table, c, n)
        for n, _, c in (covariance_of(sum_rows(r, group, 1)) for r in (rows, moved))
    ]
    assert fits[0].optimum.z.tobytes() == fits[1].optimum.z.tobytes()
    assert fits[0].covariance.tobytes() == fits[1].covariance.tobytes()


# ---- several groups --------------------------------------------------------------------------


def test_groups_without_equalities_are_fitted_apart() -> None:
    rows = [answers("hs", school, NINE) for school in HS_GROUPS[1:]]
    together = fit_moments(
        complete(HS_MODEL, n_groups=2),
        np.array([np.cov(r.T) for r in rows])[None],
        np.array([[float(len(r)) for r in rows]]),
    )
    apart = [fit_rows(HS_MODEL, r) for r in rows]
    np.testing.assert_allclose(
        together.optimum.fmin[0], [f.optimum.fmin[0, 0] for f in apart], rtol=1e-9
    )
    np.testing.assert_allclose(
        together.optimum.z[0], np.concatenate([f.optimum.z[0] for f in apart]), atol=1e-6
    )


def test_two_groups_of_the_same_people_are_one_group_twice() -> None:
    covariance = np.cov(hs_rows().T)
    text = "f =~ x1 + k2*x2 + k3*x3 + k4*x4\nf ~~ v*f\n"
    text += "\n".join(f"x{i} ~~ t{i}*x{i}" for i in range(1, 5))
    four = covariance[:4, :4]
    twice = fit_moments(
        complete(text, n_groups=2), np.stack([four, four])[None], np.array([[301.0, 301.0]])
    )
    once = fit_moments(complete(text), four[None], np.array([301.0]))
    np.testing.assert_allclose(twice.optimum.z, once.optimum.z, atol=1e-8)
    np.testing.assert_allclose(twice.covariance, once.covariance / 2, rtol=1e-6, atol=1e-12)


# ---- what is wrong with a solution -----------------------------------------------------------


def test_a_good_solution_has_no_problem() -> None:
    assert fit("hs_three_factor").problem(0) == ""
    assert fit("hs_three_factor").problem(0).code == ""


def test_a_heywood_case_names_the_variable() -> None:
    why = heywood().problem(0)
    assert why.code == "improper_solution"
    recorded = load("engine_hs")["bounds"]["ML"]["none"]
    negative = [
        r
        for r in recorded["parameters"]
        if r["op"] == "~~" and r["est"] < 0 and r["lhs"] == r["rhs"]
    ]
    assert not recorded["proper"]
    assert [why.params["parameter"]] == [r["lhs"] for r in negative]
    np.testing.assert_allclose(why.params["value"], negative[0]["est"], atol=1e-4)
    assert f"variance of {negative[0]['lhs']}" in why


def test_a_heywood_case_is_still_the_maximum_that_lavaan_finds() -> None:
    recorded = load("engine_hs")["bounds"]["ML"]["none"]
    found = heywood()
    np.testing.assert_allclose(
        40 * found.optimum.fmin[0, 0], recorded["fit"]["chisq"], rtol=0, atol=1e-4
    )


def test_a_heywood_case_by_construction() -> None:
    # With one factor and three items the residual of a is s_aa - s_ab s_ac / s_bc, here below 0.
    covariance = np.array([[1.0, 0.8, 0.8], [0.8, 1.0, 0.5], [0.8, 0.5, 1.0]])
    found = fit_moments(complete("f =~ a + b + c"), covariance[None], np.array([200.0]))
    why = found.problem(0)
    assert (why.code, why.params["parameter"]) == ("improper_solution", "a")
    expected = (1 - 0.8 * 0.8 / 0.5) * 199 / 200
    np.testing.assert_allclose(why.params["value"], expected, rtol=1e-6)


@pytest.mark.parametrize(
    "model",
    [
        "f =~ NA*x1 + x2 + x3 + x4",  # no scale
        "f =~ x1 + x2",  # fewer moments than parameters
        "f =~ 0*x1 + x2 + x3 + x4",  # a marker that carries nothing
        "f =~ x1 + x2 + x3 + x4\ng =~ x1 + x2 + x3 + x4",  # two of the same
        "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nvisual ~ textual\ntextual ~ visual",
    ],
)
def test_models_that_are_not_identified(model: str) -> None:
    found = fit_rows(model, answers("hs", "total", complete(model).observed))
    assert found.problem(0).code == "not_identified"
    assert found.problem(0) == "The model is not identified by these data."


def test_a_model_without_a_maximum_did_not_converge() -> None:
    found = fit_rows("f =~ x1 + x2 + x3\nx1 ~~ -5*x1", hs_rows()[:, :3])
    assert found.problem(0).code == "no_convergence"


def test_problems_belong_to_replicates() -> None:
    covariance = np.stack([np.cov(hs_rows().T), np.cov(hs_rows()[:40].T), np.ones((9, 9))])
    found = fit_moments(complete(HS_MODEL), covariance, np.array([301.0, 40.0, 100.0]))
    codes = [found.problem(r).code for r in range(3)]
    assert codes == ["", "improper_solution", "no_convergence"]


def test_slot_finds_a_parameter_either_way_round() -> None:
    fits = fit("hs_three_factor")
    values = slot_values(fits.layout, fits.optimum.z)[0, 0]
    assert fits.slot("visual", "~~", "speed") == fits.slot("speed", "~~", "visual")
    np.testing.assert_allclose(values[fits.slot("visual", "=~", "x2")], 0.5535, atol=1e-4)
    with pytest.raises(KeyError, match="visual =~ x4"):
        fits.slot("visual", "=~", "x4")


# ---- what is wrong with a sample -------------------------------------------------------------


def problem(covariance: FloatArray, n: float = 301.0, n_parameters: int = 21) -> tuple[str, str]:
    why = sample_problem(covariance, n, NINE, n_parameters)
    return why.code, str(why)


def test_a_good_sample_has_no_problem() -> None:
    assert problem(np.cov(hs_rows().T)) == ("", "")


def test_nobody_answered() -> None:
    for n in (0.0, 1.0):
        code, text = problem(np.full((9, 9), np.nan), n)
        assert code == "too_few_cases"
        assert f"at least 2 complete answers; there are {int(n)}" in text


def test_constant_items_are_named() -> None:
    rows = hs_rows().copy()
    rows[:, [2, 5]] = 3.3
    _, _, covariance = covariance_of(sum_rows(rows, np.zeros(301, dtype=np.int64), 1))
    code, text = problem(covariance[0])
    assert code == "constant_items"
    assert text.endswith("x3, x6.")


def test_fewer_people_than_parameters() -> None:
    code, text = problem(np.cov(hs_rows()[:21].T), 21.0)
    assert code == "fewer_people_than_parameters"
    assert "21 people can't carry a model with 21 free parameters" in text


def test_fewer_people_than_items() -> None:
    code, text = problem(np.cov(hs_rows()[:8].T), 8.0, 0)
    assert code == "covariance_singular"
    assert "8 people and 9 items" in text


def test_an_item_given_twice() -> None:
    rows = hs_rows().copy()
    rows[:, 1] = 2 * rows[:, 0] + 1
    assert problem(np.cov(rows.T))[0] == "items_determined"


def test_a_pair_that_nobody_answered_together() -> None:
    covariance = np.cov(hs_rows().T)
    covariance[0, 1] = covariance[1, 0] = np.nan
    code, text = problem(covariance)
    assert code == "never_answered_together"
    assert text.endswith("unknown: x1, x2.")


def test_pairwise_covariances_that_are_no_covariances() -> None:
    covariance = np.cov(hs_rows().T)
    covariance[0, 1] = covariance[1, 0] = 1.5 * np.sqrt(covariance[0, 0] * covariance[1, 1])
    assert problem(covariance)[0] == "covariance_singular"


def test_units_are_no_problem() -> None:
    scale = 10.0 ** np.arange(-4, 5)
    assert problem(np.cov(hs_rows().T) * np.outer(scale, scale)) == ("", "")


def test_every_recorded_sample_can_be_fitted() -> None:
    for name in ("hs_three_factor", "bfi_five_factor", "wheaton ML"):
        chosen = case(name)
        assert sample_problem(chosen.covariance, chosen.n, chosen.table.observed, 60) == ""
