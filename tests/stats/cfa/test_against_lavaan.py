"""Every recorded fit by maximum likelihood, quantity by quantity.

lavaan stops where its optimiser's criterion is met (a relative fall of 1e-10), which leaves its
estimates up to 2e-5 away from the maximum; ours end where chi-square can fall by 1e-12 at most. The
tolerances are what that difference asks for, with room for other machines.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.inference import modification_indices, wald
from psychometrics.stats.cfa.kernel import imply, sample_moments, slot_values
from psychometrics.stats.cfa.layout import REGRESSION
from psychometrics.stats.moments import FloatArray, correlation_of
from tests.reference.load import load, values
from tests.stats.cfa.cases import (
    CASES,
    FULL,
    HS_MODEL,
    KINDS,
    Case,
    answers,
    case,
    fit,
    fit_case,
    from_rows,
    indices,
    inference,
    row_of,
)

ESTIMATE = 1e-4  # times the larger of 1 and the estimate
ERROR = 1e-3
CHI2 = 1e-4
INDEX = 1e-5
MODIFICATION = 1e-3  # score tests double the distance of the estimates
STANDARDIZED = [
    *FULL,
    "bifactor",
    "correlated_uniqueness",
    "mimic",
    "latent_regression",
    "latent_mean",
    "equal_residuals_and_covariances",
    "path",
    "wheaton ML",
]
COVARIANCES = [*FULL, "bifactor", "correlated_uniqueness", "mimic", "latent_mean"]
MODIFIED = [*FULL, "mimic", "wheaton ML"]


def paired(name: str, ours: FloatArray, key: str) -> tuple[FloatArray, FloatArray]:
    """Return our numbers and lavaan's of every parameter that has one there."""
    table = case(name).table
    pairs = []
    for row in case(name).record["parameters"]:
        left_out = row["op"] == ":=" or (row["op"] == "~~" and (row["est"], row["se"]) == (0, 0))
        if not left_out and row.get(key) is not None:
            pairs.append((ours[row_of(table, row["lhs"], row["op"], row["rhs"])], row[key]))
    assert pairs
    return np.array(pairs).T[0], np.array(pairs).T[1]


def close(ours: Any, theirs: Any, tolerance: float) -> None:
    """Compare with a tolerance times the larger of 1 and the recorded number."""
    theirs = np.asarray(theirs, dtype=float)
    np.testing.assert_array_less(
        np.abs(np.asarray(ours) - theirs), tolerance * np.maximum(1, np.abs(theirs))
    )


def recorded_covariance(name: str) -> tuple[list[int], FloatArray]:
    """Return the free parameters in lavaan's order, and their recorded covariance."""
    fits, record = fit(name), case(name).record
    at = []
    for written in record["vcov"]["rows"]:
        op = next(op for op in ("=~", "~~", "~1", "~") if op in written)
        lhs, rhs = written.split(op)
        slot = fits.layout.row_slots[row_of(fits.table, lhs, op, rhs)]
        at.append(int(np.argmax(fits.layout.selection[0, slot])))
    return at, values(record["vcov"])


# ---- every case ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_it_converges_to_a_proper_solution(name: str) -> None:
    assert case(name).record["converged"]
    assert case(name).record["proper"]
    assert fit(name).problem(0) == ""


@pytest.mark.parametrize("name", CASES)
def test_discrepancy_is_not_above_lavaans(name: str) -> None:
    # lavaan's fmin is half the fit function. Where the optimum is flat, ours is lower.
    theirs = 2 * case(name).record["fit"]["fmin"]
    assert float(fit(name).optimum.fmin[0, 0]) <= theirs + 1e-12


@pytest.mark.parametrize("name", CASES)
def test_the_gradient_vanishes(name: str) -> None:
    fits = fit(name)
    gradient, arrow = fits.data.slopes(fits.layout, fits.optimum.z, observed=False)
    information = arrow.dense()
    # In units of each parameter's own information: chi-square can fall by its square.
    scaled = gradient[0] / np.sqrt(np.diagonal(information[0]))
    np.testing.assert_allclose(scaled, 0, atol=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_estimates(name: str) -> None:
    close(*paired(name, inference(name).estimate, "est"), ESTIMATE)


@pytest.mark.parametrize("name", CASES)
def test_standard_errors(name: str) -> None:
    ours, theirs = paired(name, inference(name).se, "se")
    np.testing.assert_allclose(ours, theirs, rtol=ERROR, atol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_z_values(name: str) -> None:
    found = inference(name)
    ours, theirs = paired(name, wald(found.estimate, found.se)[0], "z")
    np.testing.assert_allclose(ours, theirs, rtol=ERROR)


@pytest.mark.parametrize("name", CASES)
def test_p_values(name: str) -> None:
    found = inference(name)
    ours, theirs = paired(name, wald(found.estimate, found.se)[1], "pvalue")
    # Near z = 0 p moves by .8 of what z does. lavaan's 2 (1 - Phi) is 0 beyond |z| of about 8 and
    # coarse before; ours is the upper tail.
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=ESTIMATE)


@pytest.mark.parametrize("name", CASES)
def test_standardised_estimates(name: str) -> None:
    close(*paired(name, inference(name).standardized, "std.all"), ESTIMATE)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    ("ours", "theirs"), [("chi2", "chisq"), ("chi2_baseline", "baseline.chisq")]
)
def test_chi_squares(name: str, ours: str, theirs: str) -> None:
    close(getattr(indices(name), ours), case(name).record["fit"][theirs], CHI2)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("df", "df"), ("df_baseline", "baseline.df"), ("n_obs", "ntotal"), ("n_parameters", "npar")],
)
def test_counts(name: str, ours: str, theirs: str) -> None:
    assert getattr(indices(name), ours) == case(name).record["fit"][theirs]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("p_value", "pvalue"),
        ("cfi", "cfi"),
        ("tli", "tli"),
        ("rmsea", "rmsea"),
        ("rmsea_low", "rmsea.ci.lower"),
        ("rmsea_high", "rmsea.ci.upper"),
        ("rmsea_p", "rmsea.pvalue"),
        ("srmr", "srmr"),
    ],
)
def test_fit_indices(name: str, ours: str, theirs: str) -> None:
    found, recorded = getattr(indices(name), ours), case(name).record["fit"][theirs]
    if recorded is None:  # a saturated model has no test
        assert np.isnan(found)
        assert indices(name).df == 0
    else:
        np.testing.assert_allclose(found, recorded, rtol=0, atol=INDEX)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    ("ours", "theirs"), [("log_likelihood", "logl"), ("aic", "aic"), ("bic", "bic")]
)
def test_likelihood_and_information_criteria(name: str, ours: str, theirs: str) -> None:
    found, recorded = getattr(indices(name), ours), case(name).record["fit"][theirs]
    np.testing.assert_allclose(found, recorded, rtol=0, atol=CHI2)


# ---- fits recorded in full -------------------------------------------------------------------


@pytest.mark.parametrize("name", STANDARDIZED)
def test_standard_errors_of_the_standardised_solution(name: str) -> None:
    rows = case(name).record["standardized"]
    rows = rows["std.all"] if isinstance(rows, dict) else rows
    found, table = inference(name), case(name).table
    for row in rows:
        if row["op"] == ":=" or (row["op"] == "~~" and row["est.std"] == 0):
            continue
        at = row_of(table, row["lhs"], row["op"], row["rhs"])
        close(found.standardized[at], row["est.std"], ESTIMATE)
        np.testing.assert_allclose(found.standardized_se[at], row["se"], rtol=ERROR, atol=1e-7)


@pytest.mark.parametrize("name", COVARIANCES)
def test_covariance_of_the_estimates(name: str) -> None:
    at, recorded = recorded_covariance(name)
    scale = np.sqrt(np.diagonal(recorded))
    ours = fit(name).covariance[0][np.ix_(at, at)]
    # In units of the standard errors, so that covariances near zero count too.
    np.testing.assert_allclose(
        ours / np.outer(scale, scale), recorded / np.outer(scale, scale), atol=ERROR
    )


@pytest.mark.parametrize("name", FULL)
@pytest.mark.parametrize(("kind", "observed"), [("expected", False), ("observed", True)])
def test_standard_errors_by_kind_of_information(name: str, kind: str, observed: bool) -> None:
    fits = fit(name)
    information = fits.data.slopes(fits.layout, fits.optimum.z, observed=observed)[1].dense()[0]
    variance = np.diagonal(np.linalg.inv(information))
    for row in case(name).record["information"][kind]:
        at = row_of(fits.table, row["lhs"], row["op"], row["rhs"])
        if row["se"] > 0:
            slot = fits.layout.row_slots[at]
            ours = np.sqrt(variance @ fits.layout.selection[0, slot])
            np.testing.assert_allclose(ours, row["se"], rtol=ERROR)


@pytest.mark.parametrize("name", MODIFIED)
def test_modification_indices(name: str) -> None:
    ours = modification_rows(name)
    recorded = case(name).record["modification_indices"]
    for row in recorded:
        key = (row["lhs"], row["op"], row["rhs"])
        mirrored = (row["rhs"], row["op"], row["lhs"])
        found = ours.get(key) or ours[mirrored]
        close(found, (row["mi"], row["epc"]), MODIFICATION)


@pytest.mark.parametrize("name", MODIFIED)
def test_lavaan_lists_the_same_parameters_left_out(name: str) -> None:
    theirs = {
        (row["op"], frozenset((row["lhs"], row["rhs"])))
        for row in case(name).record["modification_indices"]
    }
    # What is a mix of free parameters, such as a marker, has no index in ours and no row in theirs.
    ours = {
        (op, frozenset((lhs, rhs)))
        for (lhs, op, rhs), (mi, _) in modification_rows(name).items()
        if np.isfinite(mi)
    }
    assert ours == theirs


def modification_rows(name: str) -> dict[tuple[str, str, str], tuple[float, float]]:
    """Return index and expected change by parameter."""
    fits = fit(name)
    found = modification_indices(fits.layout, fits.optimum.z[0], fits.data, fits.covariance[0])
    names = fits.layout.variables
    rows = {}
    for kind, r, c, mi, epc in zip(
        found.kind, found.row, found.column, found.statistic, found.change, strict=True
    ):
        loading = kind == REGRESSION
        key = (names[c], "=~", names[r]) if loading else (names[r], "~~", names[c])
        rows[key] = (float(mi), float(epc))
    return rows


@pytest.mark.parametrize("name", FULL)
def test_implied_covariances(name: str) -> None:
    place, recorded = placed(name, case(name).record["implied"]["cov"])
    implied = imply(fit(name).layout, fit(name).optimum.z).covariance[0, 0]
    close(implied[np.ix_(place, place)], recorded, ESTIMATE)


@pytest.mark.parametrize("name", [name for name in FULL if "means" in name])
def test_implied_means(name: str) -> None:
    recorded = case(name).record["implied"]["mean"]
    implied = imply(fit(name).layout, fit(name).optimum.z).mean[0, 0]
    ours = dict(zip(fit(name).table.observed, implied, strict=True))
    close([ours[item] for item in recorded], list(recorded.values()), ESTIMATE)


@pytest.mark.parametrize("name", FULL)
@pytest.mark.parametrize("kind", ["raw", "cor", "cor.bentler"])
def test_residuals(name: str, kind: str) -> None:
    place, recorded = placed(name, case(name).record["residuals"][kind]["cov"])
    observed = fit(name).data.covariance[0, 0]
    implied = imply(fit(name).layout, fit(name).optimum.z).covariance[0, 0]
    if kind == "cor":
        observed, implied = correlation_of(observed), correlation_of(implied)
    residual = observed - implied
    if kind == "cor.bentler":  # both divided by the observed standard deviations
        sd = np.sqrt(np.diagonal(observed))
        residual = residual / np.outer(sd, sd)
    np.testing.assert_allclose(residual[np.ix_(place, place)], recorded, atol=ESTIMATE)


@pytest.mark.parametrize("name", FULL)
def test_latent_covariances(name: str) -> None:
    record = case(name).record["latent_cov"]
    layout = fit(name).layout
    place = [layout.variables.index(factor) for factor in record["rows"]]
    full = imply(layout, fit(name).optimum.z).full[0, 0]
    close(full[np.ix_(place, place)], values(record), ESTIMATE)


@pytest.mark.parametrize("name", FULL)
def test_explained_variances(name: str) -> None:
    layout = fit(name).layout
    slots = slot_values(layout, fit(name).optimum.z)[0, 0]
    full = imply(layout, fit(name).optimum.z).full[0, 0]
    for variable, recorded in case(name).record["r_squared"].items():
        at = layout.variables.index(variable)
        own = (layout.kind == 1) & (layout.row == at) & (layout.column == at)
        np.testing.assert_allclose(1 - slots[own][0] / full[at, at], recorded, atol=ESTIMATE)


def placed(name: str, matrix: dict[str, Any]) -> tuple[list[int], FloatArray]:
    """Return the places of a recorded matrix' rows among our variables, and its values."""
    return [fit(name).table.observed.index(item) for item in matrix["rows"]], values(matrix)


# ---- other conventions -----------------------------------------------------------------------


def test_wishart_likelihood_is_n_minus_one() -> None:
    record = load("hs")["hs_three_factor_wishart"]
    rows = answers("hs", "total", complete(HS_MODEL).observed)
    fits = fit_case(Case(record, complete(HS_MODEL), np.cov(rows.T), rows.mean(axis=0), 300, False))
    close(300 * fits.optimum.fmin[0, 0], record["fit"]["chisq"], CHI2)
    free = [row["se"] for row in record["parameters"] if row["se"] > 0]
    ours = np.sort(np.sqrt(np.diagonal(fits.covariance[0])))
    np.testing.assert_allclose(ours, np.sort(free), rtol=ERROR)


def test_within_pooling_with_all_people_counted() -> None:
    # fit_moments takes N - G + 1 people for a pooled-within covariance; lavaan was given N - G.
    record = load("hs")["hs_within_school"]
    chosen = case("hs_within_school unbiased")
    df = record["n_obs"] - record["n_groups"]
    fits = fit_case(Case(record, chosen.table, chosen.covariance, chosen.mean, df + 1))
    chi2 = float((df + 1) * fits.optimum.fmin[0, 0])
    close(chi2 * df / (df + 1), record["unbiased_cov"]["fit"]["chisq"], CHI2)


def test_random_predictors_are_the_same_model() -> None:
    # lavaan's fixed.x = FALSE: the predictors' moments are estimated and counted.
    record = load("engine_hs")["kinds"]["mimic_random_x"]
    table = complete(KINDS["mimic"] + "\nageyr ~~ ageyr + sex\nsex ~~ sex")
    chosen = from_rows(record, "hs", table)
    fits = fit_case(chosen)
    assert fits.layout.n_free == record["fit"]["npar"]
    close(chosen.n * fits.optimum.fmin[0, 0], record["fit"]["chisq"], CHI2)
    slots = slot_values(fits.layout, fits.optimum.z)[0, 0][fits.layout.row_slots]
    for row in record["parameters"]:
        close(slots[row_of(table, row["lhs"], row["op"], row["rhs"])], row["est"], ESTIMATE)


def test_sample_moments_are_lavaans() -> None:
    chosen = case("hs_three_factor_means")
    data = sample_moments(
        chosen.covariance[None, None], chosen.mean[None, None], np.array([[301.0]])
    )
    recorded = chosen.record["sample"]
    np.testing.assert_allclose(data.covariance[0, 0], values(recorded["cov"]), rtol=1e-11)
    np.testing.assert_allclose(data.mean[0, 0], list(recorded["mean"].values()), rtol=1e-12)
