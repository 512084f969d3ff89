from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import stats

from psychometrics.stats.cfa.arrow import whole
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.fit import Fits, fit_moments
from psychometrics.stats.cfa.inference import (
    degrees_of_freedom,
    delta_method,
    infer,
    jacobian,
    log_likelihood,
    modification_indices,
    parameter_covariance,
    standardize,
    summarize_fit,
    wald,
)
from psychometrics.stats.cfa.kernel import imply, slot_values
from psychometrics.stats.cfa.layout import COVARIANCE, REGRESSION, lay_out
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.reliability import (
    average_variance_extracted,
    logit_interval,
    omega_from_loadings,
)
from tests.reference.load import load
from tests.stats.cfa.cases import (
    CASES,
    FULL,
    HS_MODEL,
    KINDS,
    ONE_FACTOR,
    answers,
    case,
    fit,
    indices,
    inference,
    row_of,
    without_definitions,
)

ALL_KINDS = [
    "hs_three_factor",
    "hs_second_order",
    "hs_residual_covariance",
    "mimic_means",
    "latent_regression",
    "path",
    "bifactor",
    "wheaton ML",
]


def hs_fit(model: str, **options: bool) -> Fits:
    table = complete(model, **options)
    rows = answers("hs", "total", table.observed)
    return fit_moments(table, np.cov(rows.T)[None], np.array([301.0]), rows.mean(axis=0)[None])


def chi2_of(model: str) -> float:
    return float(301 * hs_fit(model).optimum.fmin[0, 0])


# ---- functions of the parameters -------------------------------------------------------------


@pytest.mark.parametrize("name", ALL_KINDS)
def test_complex_steps_are_derivatives(name: str) -> None:
    layout, z = fit(name).layout, fit(name).optimum.z[0]
    found = jacobian(lambda point: standardize(layout, point), z)
    step = 1e-6
    with np.errstate(invalid="ignore"):
        expected = np.array(
            [
                (standardize(layout, (z + e)[None])[0] - standardize(layout, (z - e)[None])[0])
                / (2 * step)
                for e in np.eye(len(z)) * step
            ]
        ).T
    np.testing.assert_allclose(found, expected, atol=1e-8 * max(1, np.nanmax(np.abs(expected))))


def test_delta_method_of_a_linear_function_is_exact() -> None:
    covariance = np.array([[2.0, 0.5], [0.5, 1.0]])
    weight = np.array([[1.0, 1.0], [2.0, -1.0]])
    value, spread = delta_method(lambda z: z @ weight.T, np.array([3.0, 4.0]), covariance)
    np.testing.assert_allclose(value, [7.0, 2.0])
    np.testing.assert_allclose(spread, weight @ covariance @ weight.T, rtol=1e-14)


def test_delta_method_by_simulation() -> None:
    fits = fit("hs_three_factor_std_lv")
    z, covariance = fits.optimum.z[0], fits.covariance[0] / 25  # a sample of 7,525
    draws = np.random.default_rng(1).multivariate_normal(z, covariance, size=4000)
    simulated = standardize(fits.layout, draws).std(axis=0)
    _, spread = delta_method(lambda point: standardize(fits.layout, point), z, covariance)
    moving = simulated > 1e-8
    # 4,000 draws know a standard deviation to 1.1 %; four of those.
    np.testing.assert_allclose(np.sqrt(np.diagonal(spread))[moving], simulated[moving], rtol=0.045)


# ---- standardised solution -------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL_KINDS)
def test_standardised_slots_by_hand(name: str) -> None:
    layout, z = fit(name).layout, fit(name).optimum.z
    slots, found = slot_values(layout, z)[0, 0], standardize(layout, z)[0]
    full = imply(layout, z).full[0, 0]
    spread = {
        int(r): slots[s]
        for s, (k, r, c) in enumerate(zip(layout.kind, layout.row, layout.column, strict=True))
        if k == COVARIANCE and r == c
    }
    for s, (kind, r, c) in enumerate(zip(layout.kind, layout.row, layout.column, strict=True)):
        if kind == REGRESSION:
            expected = slots[s] * np.sqrt(full[c, c] / full[r, r])
        elif kind == COVARIANCE and r == c:
            expected = slots[s] / full[r, r]
        elif kind == COVARIANCE:
            expected = slots[s] / np.sqrt(spread[int(r)] * spread[int(c)])
        else:
            expected = slots[s] / np.sqrt(full[r, r])
        np.testing.assert_allclose(found[s], expected, rtol=1e-12)


@pytest.mark.parametrize("name", FULL)
def test_explained_and_residual_shares_add_up_to_one(name: str) -> None:
    fits, found = fit(name), inference(name)
    layout = fits.layout
    scaled = standardize(layout, fits.optimum.z)[0]
    paths = np.zeros((layout.n_variables, layout.n_variables))
    at = layout.kind == REGRESSION
    paths[layout.row[at], layout.column[at]] = scaled[at]
    full = imply(layout, fits.optimum.z).full[0, 0]
    sd = np.sqrt(np.diagonal(full))
    explained = np.diagonal(paths @ (full / np.outer(sd, sd)) @ paths.T)
    for row, share in zip(fits.table.rows, found.standardized, strict=True):
        if row.op == "~~" and row.lhs == row.rhs:
            at_row = layout.variables.index(row.lhs)
            np.testing.assert_allclose(explained[at_row] + share, 1.0, rtol=1e-10)


@pytest.mark.parametrize(
    "model",
    [
        HS_MODEL,
        HS_MODEL + "\ng =~ visual + textual + speed",
        HS_MODEL + "\nx7 ~~ x8",
        without_definitions(KINDS["latent_regression"]),
    ],
)
def test_metric_of_the_factors_changes_neither_fit_nor_standardised_solution(model: str) -> None:
    marker, unit = hs_fit(model), hs_fit(model, std_lv=True)
    np.testing.assert_allclose(marker.optimum.fmin, unit.optimum.fmin, rtol=1e-10)
    solutions = [infer(f.table, f.layout, f.optimum.z[0], f.covariance[0]) for f in (marker, unit)]
    for row in marker.table.rows:
        at = [row_of(f.table, row.lhs, row.op, row.rhs) for f in (marker, unit)]
        for field in ("standardized", "standardized_se"):
            one, other = (getattr(s, field)[i] for s, i in zip(solutions, at, strict=True))
            np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("marker", ["x2", "x3"])
def test_the_choice_of_the_marker_changes_no_standardised_number(marker: str) -> None:
    model = HS_MODEL.replace("x1 + x2 + x3", f"{marker} + x1 + x2 + x3")
    other, first = hs_fit(model), fit("hs_three_factor")
    np.testing.assert_allclose(other.optimum.fmin, first.optimum.fmin, rtol=1e-10)
    found = infer(other.table, other.layout, other.optimum.z[0], other.covariance[0])
    expected = inference("hs_three_factor")
    for row in first.table.rows:
        mine = row_of(other.table, row.lhs, row.op, row.rhs)
        theirs = row_of(first.table, row.lhs, row.op, row.rhs)
        for field in ("standardized", "standardized_se"):
            np.testing.assert_allclose(
                getattr(found, field)[mine], getattr(expected, field)[theirs], atol=1e-6
            )


def test_units_of_the_items_change_no_standardised_number() -> None:
    scale = np.random.default_rng(3).uniform(0.05, 20, size=9)
    first = fit("hs_three_factor")
    covariance = case("hs_three_factor").covariance * np.outer(scale, scale)
    other = fit_moments(first.table, covariance[None], np.array([301.0]))
    np.testing.assert_allclose(other.optimum.fmin, first.optimum.fmin, rtol=1e-9)
    found = infer(other.table, other.layout, other.optimum.z[0], other.covariance[0])
    expected = inference("hs_three_factor")
    np.testing.assert_allclose(found.standardized, expected.standardized, atol=1e-6)
    np.testing.assert_allclose(found.standardized_se, expected.standardized_se, atol=1e-6)


def test_turning_an_item_turns_its_loading() -> None:
    sign = np.ones(9)
    sign[4] = -1
    first = fit("hs_three_factor")
    covariance = case("hs_three_factor").covariance * np.outer(sign, sign)
    other = fit_moments(first.table, covariance[None], np.array([301.0]))
    found = infer(other.table, other.layout, other.optimum.z[0], other.covariance[0])
    expected = inference("hs_three_factor")
    turned = [-1 if row.rhs == "x5" and row.op == "=~" else 1 for row in first.table.rows]
    np.testing.assert_allclose(found.estimate, expected.estimate * turned, atol=1e-6)
    np.testing.assert_allclose(found.se, expected.se, atol=1e-6)


def test_order_of_the_items_changes_nothing_but_the_marker() -> None:
    model = "\n".join(
        [
            "speed =~ NA*x9 + x8 + x7",
            "textual =~ NA*x6 + x4 + x5",
            "visual =~ NA*x2 + x3 + x1",
            "speed ~~ 1*speed",
            "textual ~~ 1*textual",
            "visual ~~ 1*visual",
        ]
    )
    other = hs_fit(model)
    found = infer(other.table, other.layout, other.optimum.z[0], other.covariance[0])
    expected = inference("hs_three_factor_std_lv")
    table = case("hs_three_factor_std_lv").table
    for i, row in enumerate(other.table.rows):
        at = row_of(table, row.lhs, row.op, row.rhs)
        np.testing.assert_allclose(found.estimate[i], expected.estimate[at], atol=1e-6)
        np.testing.assert_allclose(found.se[i], expected.se[at], atol=1e-6)


# ---- standard errors -------------------------------------------------------------------------


def test_covariance_is_the_inverse_of_the_information() -> None:
    fits = fit("bfi_five_factor")
    information = fits.data.slopes(fits.layout, fits.optimum.z, observed=False)[1].dense()[0]
    identity = information @ fits.covariance[0]
    np.testing.assert_allclose(identity, np.eye(len(identity)), atol=1e-8)


@pytest.mark.parametrize("name", ["hs_fixed_and_equal", "equal_residuals_and_covariances"])
def test_equal_parameters_have_one_standard_error(name: str) -> None:
    found, rows = inference(name), case(name).table.rows
    for label in {row.label for row in rows if row.label}:
        errors = {float(s) for s, row in zip(found.se, rows, strict=True) if row.label == label}
        assert len(errors) == 1


@pytest.mark.parametrize("name", CASES)
def test_what_is_fixed_or_known_has_no_standard_error(name: str) -> None:
    for row, se in zip(case(name).table.rows, inference(name).se, strict=True):
        assert (se > 0) == (row.free and not row.exogenous)


def test_singular_information_has_no_covariance() -> None:
    good, bad = np.diag([4.0, 9.0]), np.ones((2, 2))
    found = parameter_covariance(
        whole(np.stack([good, bad, np.full((2, 2), np.nan), np.zeros((2, 2))]))
    )
    np.testing.assert_allclose(found[0], np.diag([1 / 4, 1 / 9]), rtol=1e-14)
    assert np.isnan(found[1:]).all()


def test_scale_of_a_parameter_is_no_singularity() -> None:
    found = parameter_covariance(whole(np.diag([1e-12, 1e12])[None]))
    np.testing.assert_allclose(np.diagonal(found[0]), [1e12, 1e-12], rtol=1e-12)


def test_wald_is_two_sided_to_the_far_tail() -> None:
    z, p = wald(np.array([1.96, -1.96, 18.0, 0.5]), np.array([1.0, 1.0, 2.0, 0.0]))
    np.testing.assert_allclose(z[:3], [1.96, -1.96, 9.0])
    assert p[0] == p[1]
    np.testing.assert_allclose(p[0], 0.04999579, rtol=1e-6)
    np.testing.assert_allclose(p[2], 2 * stats.norm.sf(9), rtol=1e-12)  # 2.3e-19, not 0
    assert np.isnan([z[3], p[3]]).all()


# ---- one-factor models -----------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in ONE_FACTOR if n.startswith("hs")])
def test_one_factor_of_three_items_in_closed_form(name: str) -> None:
    # Three items and one factor: loadings from the three covariances, no search at all.
    s = fit(name).data.covariance[0, 0]
    expected = np.sqrt(
        [s[0, 1] * s[0, 2] / s[1, 2], s[0, 1] * s[1, 2] / s[0, 2], s[0, 2] * s[1, 2] / s[0, 1]]
    )
    loadings, residuals = one_factor_parts(name)
    np.testing.assert_allclose(np.abs(loadings), expected, rtol=1e-7)
    np.testing.assert_allclose(residuals, np.diagonal(s) - expected**2, rtol=1e-7)


@pytest.mark.parametrize("name", [n for n in ONE_FACTOR if n.startswith("bfi")])
def test_one_factor_by_joreskogs_eigenvalues(name: str) -> None:
    # Joreskog (1967): at the optimum the loadings are the leading eigenvector of the covariance
    # scaled by the residuals, with Theta = diag(S - Lambda Lambda').
    s = fit(name).data.covariance[0, 0]
    loadings, residuals = one_factor_parts(name)
    root = np.sqrt(residuals)
    value, vectors = np.linalg.eigh(s / np.outer(root, root))
    rebuilt = root * vectors[:, -1] * np.sqrt(value[-1] - 1)
    np.testing.assert_allclose(np.abs(rebuilt), np.abs(loadings), rtol=1e-6)
    np.testing.assert_allclose(residuals, np.diagonal(s) - rebuilt**2, rtol=1e-6)


def one_factor_parts(name: str) -> tuple[FloatArray, FloatArray]:
    rows, found = case(name).table.rows, inference(name).estimate
    loadings = [e for e, row in zip(found, rows, strict=True) if row.op == "=~"]
    own = [
        e
        for e, row in zip(found, rows, strict=True)
        if row.op == "~~" and row.lhs in case(name).table.observed
    ]
    return np.array(loadings), np.array(own)


def coefficient(name: str, which: str) -> Any:
    """Return a function from parameters to a coefficient of a one-factor model."""
    fits = fit(name)
    slots = fits.layout.row_slots
    loading = [s for row, s in zip(fits.table.rows, slots, strict=True) if row.op == "=~"]
    own = [
        s
        for row, s in zip(fits.table.rows, slots, strict=True)
        if row.op == "~~" and row.lhs in fits.table.observed
    ]

    def function(point: Any) -> Any:
        values = slot_values(fits.layout, point)[:, 0]
        lam, theta = values[:, loading], values[:, own]
        scaled = lam / np.sqrt(lam**2 + theta)
        found = {
            "omega": lambda: omega_from_loadings(lam, theta),
            "ave_unstandardized": lambda: average_variance_extracted(lam, theta),
            "cr": lambda: omega_from_loadings(scaled, 1 - scaled**2),
            "ave": lambda: average_variance_extracted(scaled, 1 - scaled**2),
        }[which]()
        return found[:, None]

    return function


@cache
def ours_and_theirs(name: str, which: str) -> tuple[float, float, dict[str, float]]:
    """Return our coefficient and its standard error, and lavaan's row."""
    data, group, scale = name.split()
    record = load(data)[f"{data}_one_factor_by_scale"][group][scale]["coefficients"]
    recorded = next(row for row in record["defined"] if row["lhs"] == f"{which}_{scale}")
    value, spread = delta_method(
        coefficient(name, which), fit(name).optimum.z[0], fit(name).covariance[0]
    )
    return float(value[0]), float(np.sqrt(spread[0, 0])), recorded


@pytest.mark.parametrize("which", ["omega", "ave_unstandardized", "cr", "ave"])
@pytest.mark.parametrize("name", ONE_FACTOR)
class TestCoefficientsAgainstLavaan:
    def test_estimate(self, name: str, which: str) -> None:
        value, _, recorded = ours_and_theirs(name, which)
        np.testing.assert_allclose(value, recorded["est"], atol=1e-5)

    def test_standard_error(self, name: str, which: str) -> None:
        _, error, recorded = ours_and_theirs(name, which)
        # lavaan differentiates := by differences; both know five digits.
        np.testing.assert_allclose(error, recorded["se"], rtol=1e-3)

    def test_logit_interval_lies_near_the_symmetric_one(self, name: str, which: str) -> None:
        value, error, recorded = ours_and_theirs(name, which)
        limits = logit_interval(np.array(value), np.array(error))
        # The same interval to the first order: they part by about the square of the error.
        room = 40 * error**2
        np.testing.assert_allclose(limits.low, recorded["ci.lower"], atol=room)
        np.testing.assert_allclose(limits.high, recorded["ci.upper"], atol=room)


# ---- score tests -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("added", "name"),
    [
        ("visual =~ x9", "visual=~x9"),
        ("x4 ~~ x7", "x4~~x7"),
        ("textual =~ x3", "textual=~x3"),
        ("x2 ~~ x7", "x2~~x7"),
    ],
)
def test_modification_indices_foretell_the_fall_of_chi_square(added: str, name: str) -> None:
    fits = fit("hs_three_factor")
    found = modification_indices(fits.layout, fits.optimum.z[0], fits.data, fits.covariance[0])
    names = fits.layout.variables
    index = {
        (f"{names[c]}=~{names[r]}" if k == REGRESSION else f"{names[r]}~~{names[c]}"): (mi, epc)
        for k, r, c, mi, epc in zip(
            found.kind, found.row, found.column, found.statistic, found.change, strict=True
        )
    }
    mi, epc = index[name]
    fall = chi2_of(HS_MODEL) - chi2_of(HS_MODEL + "\n" + added)
    # A quadratic guess at a step that is not small.
    assert 0.75 * fall < mi < 1.25 * fall
    freed = hs_fit(HS_MODEL + "\n" + added)
    lhs, op, rhs = added.split()
    estimate = infer(freed.table, freed.layout, freed.optimum.z[0], freed.covariance[0]).estimate
    np.testing.assert_allclose(epc, estimate[row_of(freed.table, lhs, op, rhs)], rtol=0.35)


def test_modification_index_is_exact_for_a_quadratic_likelihood() -> None:
    # By its definition: score over the information that is left once the free parameters adapt.
    fits, wider = fit("hs_three_factor"), hs_fit(HS_MODEL + "\nx2 ~~ x7")
    added = [wider.table.rows[i].name for i in wider.layout.free_rows].index("x2~~x7")
    names = [fits.table.rows[i].name for i in fits.layout.free_rows]
    z = np.zeros((1, wider.layout.n_free))
    for at, i in enumerate(wider.layout.free_rows):
        if at != added:
            z[0, at] = fits.optimum.z[0, names.index(wider.table.rows[i].name)]
    gradient, arrow = wider.data.slopes(wider.layout, z, observed=False)
    information = arrow.dense()
    left = 1 / np.linalg.inv(information[0])[added, added]
    expected = gradient[0, added] ** 2 / left, -gradient[0, added] / left
    found = modification_indices(fits.layout, fits.optimum.z[0], fits.data, fits.covariance[0])
    r, c = fits.layout.variables.index("x2"), fits.layout.variables.index("x7")
    at = int(np.flatnonzero((found.kind == COVARIANCE) & (found.row == r) & (found.column == c))[0])
    np.testing.assert_allclose((found.statistic[at], found.change[at]), expected, rtol=1e-6)


def test_what_is_a_mix_of_free_parameters_has_no_index() -> None:
    fits = fit("hs_three_factor")
    found = modification_indices(fits.layout, fits.optimum.z[0], fits.data, fits.covariance[0])
    names = fits.layout.variables
    undefined = {
        (names[c], names[r])
        for k, r, c, mi in zip(found.kind, found.row, found.column, found.statistic, strict=True)
        if np.isnan(mi)
    }
    assert undefined == {("visual", "x1"), ("textual", "x4"), ("speed", "x7")}


def test_saturated_models_have_nothing_to_add() -> None:
    fits = hs_fit("visual =~ x1 + x2 + x3", std_lv=True)
    found = modification_indices(fits.layout, fits.optimum.z[0], fits.data, fits.covariance[0])
    assert np.isnan(found.statistic).all()


# ---- fit of one replicate --------------------------------------------------------------------


def test_published_numbers_of_the_lavaan_tutorial() -> None:
    # As printed on lavaan's tutorial page and in Mplus 8.2's output for the same model.
    found = indices("hs_three_factor")
    assert (round(found.chi2, 3), found.df) == (85.306, 24)
    assert (round(found.chi2_baseline, 3), found.df_baseline) == (918.852, 36)
    assert (round(found.cfi, 3), round(found.tli, 3)) == (0.931, 0.896)
    assert round(found.log_likelihood, 3) == -3737.745
    assert (round(found.aic, 3), round(found.bic, 3)) == (7517.490, 7595.339)
    assert round(found.rmsea, 3) == 0.092
    assert (round(found.rmsea_low, 3), round(found.rmsea_high, 3)) == (0.071, 0.114)
    assert round(found.rmsea_p, 3) == 0.001
    assert round(found.srmr, 3) == 0.065
    assert round(indices("hs_three_factor_means").srmr, 3) == 0.060  # Mplus: means take part


@pytest.mark.parametrize(
    ("name", "estimate", "se"),
    [
        ("visual=~x2", 0.554, 0.100), ("visual=~x3", 0.729, 0.109), ("textual=~x5", 1.113, 0.065),
        ("textual=~x6", 0.926, 0.055), ("speed=~x8", 1.180, 0.165), ("speed=~x9", 1.082, 0.151),
        ("visual~~textual", 0.408, 0.074), ("visual~~speed", 0.262, 0.056),
        ("textual~~speed", 0.173, 0.049), ("visual~~visual", 0.809, 0.145),
        ("textual~~textual", 0.979, 0.112), ("speed~~speed", 0.384, 0.086),
        ("x1~~x1", 0.549, 0.114), ("x5~~x5", 0.446, 0.058), ("x9~~x9", 0.566, 0.071),
    ],
)  # fmt: skip
def test_published_estimates_of_the_lavaan_tutorial(name: str, estimate: float, se: float) -> None:
    rows, found = case("hs_three_factor").table.rows, inference("hs_three_factor")
    at = [row.name for row in rows].index(name)
    assert (round(found.estimate[at], 3), round(found.se[at], 3)) == (estimate, se)


def test_published_wheaton_model() -> None:
    # Wheaton et al. (1977) as in the lavaan tutorial: chi-square 4.735 with 4 df, p .316.
    found = indices("wheaton ML")
    assert (round(found.chi2, 3), found.df, round(found.p_value, 3)) == (4.735, 4, 0.316)
    rows, estimate = case("wheaton ML").table.rows, inference("wheaton ML").estimate
    by_name = {row.name: round(float(e), 3) for row, e in zip(rows, estimate, strict=True)}
    assert by_name["ses=~sei"] == 5.219
    assert by_name["alien67=~powerless67"] == 0.979
    assert by_name["alien71=~powerless71"] == 0.922
    assert by_name["alien71~alien67"] == 0.607
    assert (by_name["alien67~ses"], by_name["alien71~ses"]) == (-0.575, -0.227)


def test_log_likelihood_is_that_of_the_rows() -> None:
    fits = fit("hs_three_factor")
    rows = answers("hs", "total", fits.table.observed)
    implied = imply(fits.layout, fits.optimum.z).covariance[0, 0]
    expected = stats.multivariate_normal(rows.mean(axis=0), implied).logpdf(rows).sum()
    np.testing.assert_allclose(indices("hs_three_factor").log_likelihood, expected, rtol=1e-11)


def test_log_likelihood_is_conditional_on_the_predictors() -> None:
    fits = fit("mimic_means")
    rows = answers("hs", "total", fits.table.observed)
    implied = imply(fits.layout, fits.optimum.z)
    joint = stats.multivariate_normal(implied.mean[0, 0], implied.covariance[0, 0])
    x = rows[:, -2:]
    own = stats.multivariate_normal(x.mean(axis=0), np.cov(x.T, ddof=0))
    expected = joint.logpdf(rows).sum() - own.logpdf(x).sum()
    np.testing.assert_allclose(indices("mimic_means").log_likelihood, expected, rtol=1e-11)
    chi2 = indices("mimic_means").chi2
    np.testing.assert_allclose(log_likelihood(fits.data, chi2, 2), expected, rtol=1e-11)


@pytest.mark.parametrize(
    ("model", "df"),
    [(HS_MODEL, 24), ("f =~ x1 + x2 + x3", 0), ("f =~ x1 + x2", -1), (KINDS["mimic"], 36)],
)
def test_degrees_of_freedom(model: str, df: int) -> None:
    table = complete(model)
    assert degrees_of_freedom(table, lay_out(table)) == df
    groups = complete(model, n_groups=3, mean_structure=True)
    assert degrees_of_freedom(groups, lay_out(groups)) == 3 * df


def test_a_saturated_model_fits_exactly() -> None:
    found = indices("hs total visual")
    assert (found.chi2, found.df, found.rmsea, found.cfi, found.tli) == (0.0, 0, 0.0, 1.0, 1.0)
    assert np.isnan([found.p_value, found.rmsea_p]).all()
    assert found.srmr < 1e-6


def test_more_parameters_than_moments_is_no_error() -> None:
    fits = hs_fit("f =~ x1 + x2")
    assert fits.problem(0).code == "not_identified"
    found = summarize_fit(
        fits.table, fits.layout, fits.optimum.z[0], fits.optimum.fmin[0], fits.data
    )
    assert found.df == -1
    assert np.isnan([found.rmsea_low, found.rmsea_high]).all()


def test_a_search_that_ends_nowhere_is_no_error_and_comes_to_an_end() -> None:
    fits = hs_fit("f =~ x1 + x2 + x3\nx1 ~~ -5*x1")
    assert fits.problem(0).code == "no_convergence"
    found = summarize_fit(
        fits.table, fits.layout, fits.optimum.z[0], fits.optimum.fmin[0], fits.data
    )
    assert np.isinf(found.chi2)
    assert np.isnan([found.rmsea_low, found.rmsea_high]).all()
