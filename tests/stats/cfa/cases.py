"""The recorded fits of one group by maximum likelihood, each with the model and the moments.

`CASES` maps a name to a recorded fit; `fit(name)` fits it once a run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.estimate import maximize_likelihood
from psychometrics.stats.cfa.fit import Fits, fit_moments
from psychometrics.stats.cfa.fit_indices import FitIndices
from psychometrics.stats.cfa.inference import (
    Inference,
    infer,
    summarize_fit,
)
from psychometrics.stats.cfa.kernel import sample_moments
from psychometrics.stats.cfa.layout import lay_out
from psychometrics.stats.cfa.start import start_values
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import FloatArray
from tests.reference.load import (
    BFI_REVERSED,
    BFI_SCALES,
    HS_SCALES,
    array,
    labels,
    load,
    values,
)

HS_GROUPS = ("total", "Pasteur", "Grant-White")
BFI_GROUPS = ("total", "1", "2", "3", "4", "5")
HS_MODEL = load("hs")["models"]["three_factor"]
BFI_MODEL = load("bfi")["models"]["five_factor"]
KINDS = load("engine_hs")["kinds"]["models"]


@dataclass(frozen=True)
class Case:
    """One recorded fit.

    Attributes
    ----------
    record : dict
        What R said.
    table : ParameterTable
        The model.
    covariance, mean, n
        The moments; the covariance has the denominator n - 1 where `unbiased`, else it is taken
        as it is.
    """

    record: dict[str, Any]
    table: ParameterTable
    covariance: FloatArray
    mean: FloatArray
    n: float
    unbiased: bool = True


def without_definitions(text: str) -> str:
    """Leave the defined parameters (``:=``) out of a model text."""
    return "\n".join(line for line in text.splitlines() if ":=" not in line)


@cache
def answers(data: str, group: str, items: tuple[str, ...], *, keyed: bool = True) -> FloatArray:
    """Return the complete rows of a group, bfi keyed unless told otherwise."""
    reverse = BFI_REVERSED if data == "bfi" and keyed else ()
    rows = array(data, items, reverse=reverse)
    if group != "total":
        rows = rows[labels(data, "school" if data == "hs" else "education") == group]
    return np.asarray(rows[~np.isnan(rows).any(axis=1)])


def from_rows(
    record: dict[str, Any], data: str, table: ParameterTable, group: str = "total", **options: Any
) -> Case:
    """Make a case from the rows of a data file."""
    rows = answers(data, group, table.observed, **options)
    return Case(record, table, np.cov(rows.T), rows.mean(axis=0), len(rows))


def from_matrix(
    record: dict[str, Any], matrix: dict[str, Any], table: ParameterTable, n: float, unbiased: bool
) -> Case:
    """Make a case from a recorded covariance matrix."""
    place = [matrix["columns"].index(name) for name in table.observed]
    covariance = values(matrix)[np.ix_(place, place)]
    return Case(record, table, covariance, np.zeros(len(place)), n, unbiased)


def full_cases() -> dict[str, Callable[[], Case]]:
    """Return the fits recorded with everything that a fit can show."""
    hs, bfi = load("hs"), load("bfi")
    models = hs["models"]
    tables: dict[str, tuple[str, dict[str, bool]]] = {
        "hs_three_factor": ("three_factor", {}),
        "hs_three_factor_std_lv": ("three_factor", {"std_lv": True}),
        "hs_three_factor_means": ("three_factor", {"mean_structure": True}),
        "hs_three_factor_std_lv_means": ("three_factor", {"std_lv": True, "mean_structure": True}),
        "hs_one_factor": ("one_factor", {}),
        "hs_second_order": ("second_order", {}),
        "hs_residual_covariance": ("residual_covariance", {}),
    }
    cases: dict[str, Callable[[], Case]] = {
        name: lambda name=name, model=model, options=options: from_rows(
            hs[name], "hs", complete(models[model], **options)
        )
        for name, (model, options) in tables.items()
    }
    for school in HS_GROUPS[1:]:
        cases[f"hs_by_school {school}"] = lambda school=school: from_rows(
            hs["hs_by_school"][school], "hs", complete(HS_MODEL), school
        )
    cases["bfi_five_factor"] = lambda: from_rows(bfi["bfi_five_factor"], "bfi", complete(BFI_MODEL))
    return cases


def more_cases() -> dict[str, Callable[[], Case]]:
    """Return the fits recorded with estimates, standard errors and fit indices."""
    hs, bfi = load("hs"), load("bfi")
    cases: dict[str, Callable[[], Case]] = {
        "hs_orthogonal": lambda: from_rows(
            hs["hs_orthogonal"], "hs", complete(HS_MODEL, orthogonal=True)
        ),
        "hs_second_order_std_lv": lambda: from_rows(
            hs["hs_second_order_std_lv"],
            "hs",
            complete(hs["models"]["second_order"], std_lv=True),
        ),
        "hs_fixed_and_equal": lambda: from_rows(
            hs["hs_fixed_and_equal"], "hs", complete(hs["models"]["fixed_and_equal"])
        ),
        "hs_free_marker": lambda: from_rows(
            hs["hs_free_marker"], "hs", complete(hs["models"]["free_marker"])
        ),
        "bfi_five_factor_raw": lambda: from_rows(
            bfi["bfi_five_factor_raw"], "bfi", complete(BFI_MODEL), keyed=False
        ),
        "bfi_five_factor_std_lv": lambda: from_rows(
            bfi["bfi_five_factor_std_lv"], "bfi", complete(BFI_MODEL, std_lv=True)
        ),
        "bfi_five_factor_means": lambda: from_rows(
            bfi["bfi_five_factor_means"], "bfi", complete(BFI_MODEL, mean_structure=True)
        ),
    }
    for school in HS_GROUPS[1:]:
        cases[f"hs_by_school_std_lv {school}"] = lambda school=school: from_rows(
            hs["hs_by_school_std_lv"][school], "hs", complete(HS_MODEL, std_lv=True), school
        )
    for level in BFI_GROUPS[1:]:
        cases[f"bfi_by_education {level}"] = lambda level=level: from_rows(
            bfi["bfi_by_education"][level], "bfi", complete(BFI_MODEL, std_lv=True), level
        )
    return cases


def moment_cases() -> dict[str, Callable[[], Case]]:
    """Return the fits to covariance matrices: pooled within groups, Wishart, Wheaton's."""
    cases: dict[str, Callable[[], Case]] = {}
    for data, name, model in (
        ("hs", "hs_within_school", HS_MODEL),
        ("bfi", "bfi_within_education", BFI_MODEL),
    ):
        record = load(data)[name]
        n, df = record["n_obs"], record["n_obs"] - record["n_groups"]

        def case(
            kind: str,
            size: float,
            shrink: float = 1.0,
            record: dict[str, Any] = record,
            model: str = model,
        ) -> Case:
            matrix = record["pooled_within_cov"]
            made = from_matrix(record[kind], matrix, complete(model, std_lv=True), size, False)
            return Case(made.record, made.table, made.covariance * shrink, made.mean, size, False)

        cases[f"{name} unbiased"] = lambda case=case, df=df: case("unbiased_cov", df)
        cases[f"{name} centred"] = lambda case=case, n=n, df=df: case("centred_rows", n, df / n)
    wheaton = load("engine_hs")["wheaton"]
    for name, options in (("ML", {}), ("ML_std_lv", {"std_lv": True})):
        cases[f"wheaton {name}"] = lambda name=name, options=options: from_matrix(
            wheaton[name],
            wheaton["cov"],
            complete(without_definitions(wheaton["model"]), **options),
            932,
            True,
        )
    return cases


def kind_cases() -> dict[str, Callable[[], Case]]:
    """Return the other kinds of model: bifactor, covariates, regressions, latent means."""
    record = load("engine_hs")["kinds"]
    options: dict[str, dict[str, bool]] = {
        "bifactor": {"orthogonal": True, "std_lv": True},
        "correlated_uniqueness": {},
        "mimic": {},
        "latent_regression": {},
        "path": {},
        "latent_mean": {},
        "start_and_fixed": {},
        "equal_residuals_and_covariances": {},
    }
    cases: dict[str, Callable[[], Case]] = {
        name: lambda name=name, chosen=chosen: from_rows(
            record[name], "hs", complete(without_definitions(KINDS[name]), **chosen)
        )
        for name, chosen in options.items()
    }
    cases["mimic_means"] = lambda: from_rows(
        record["mimic_means"], "hs", complete(KINDS["mimic"], mean_structure=True)
    )
    return cases


def one_factor_cases() -> dict[str, Callable[[], Case]]:
    """Return the one-factor fits of each scale in each group, factor variance 1."""
    cases: dict[str, Callable[[], Case]] = {}
    for data, groups, scales in (("hs", HS_GROUPS, HS_SCALES), ("bfi", BFI_GROUPS, BFI_SCALES)):
        for group in groups:
            for scale, items in scales.items():
                cases[f"{data} {group} {scale}"] = (
                    lambda data=data, group=group, scale=scale, items=items: from_rows(
                        load(data)[f"{data}_one_factor_by_scale"][group][scale],
                        data,
                        complete({scale: items}, std_lv=True),
                        group,
                    )
                )
    return cases


FULL = full_cases()
ONE_FACTOR = one_factor_cases()
CASES = FULL | more_cases() | moment_cases() | kind_cases() | ONE_FACTOR


@cache
def case(name: str) -> Case:
    """Return a case, made once."""
    return CASES[name]()


@cache
def fit(name: str) -> Fits:
    """Fit a case, once."""
    return fit_case(case(name))


def fit_case(chosen: Case) -> Fits:
    """Fit one model to one covariance matrix."""
    n = np.array([chosen.n], dtype=float)
    if chosen.unbiased:
        return fit_moments(chosen.table, chosen.covariance[None], n, chosen.mean[None])
    layout = lay_out(chosen.table)
    data = sample_moments(
        chosen.covariance[None, None], chosen.mean[None, None], n[:, None], unbiased=False
    )
    optimum = maximize_likelihood(layout, data, start_values(chosen.table, layout, data))
    return Fits(chosen.table, layout, data, optimum)


@cache
def inference(name: str) -> Inference:
    """Return estimates and standard errors of a case."""
    fits = fit(name)
    return infer(fits.table, fits.layout, fits.optimum.z[0], fits.covariance[0])


@cache
def indices(name: str) -> FitIndices:
    """Return the fit indices of a case."""
    fits = fit(name)
    return summarize_fit(
        fits.table, fits.layout, fits.optimum.z[0], fits.optimum.fmin[0], fits.data
    )


def row_of(table: ParameterTable, lhs: str, op: str, rhs: str, group: int = 0) -> int:
    """Return the row of a parameter, whichever way round a covariance is written."""
    for at, row in enumerate(table.rows):
        written = (row.lhs, row.rhs) == (lhs, rhs)
        mirrored = op == "~~" and (row.rhs, row.lhs) == (lhs, rhs)
        if row.group == group and row.op == op and (written or mirrored):
            return at
    raise LookupError(f"{lhs} {op} {rhs} is no parameter of this model")
