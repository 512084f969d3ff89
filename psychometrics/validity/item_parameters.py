"""Item response parameters as rows, with standard errors and intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.stats.item_response import (
    LOGISTIC,
    multidimensional_items,
    standard_errors,
)
from psychometrics.stats.moments import FloatArray
from psychometrics.validity.item_response_model import ResponseModel

Row = dict[str, Any]


def item_rows(model: ResponseModel, level: float) -> list[Row]:
    """Return one row an item, group and parameter."""
    steep, places = model.graded.slope, model.graded.difficulties
    steep_se, places_se = model.by_parameters.slope_se, model.by_parameters.difficulty_se
    several = several_with_errors(model) if (model.own.factor == -1).any() else None
    width = float(stats.norm.isf((1 - level) / 2))
    rows: list[Row] = []
    for i in range(len(model.items)):
        for g in range(len(model.groups)):
            base = row_of(model, i, g)
            why = model.item_problem(i, g)
            if model.own.factor[i] == -1 and several is not None:
                rows += several_rows(model, base, several, i, g, width)
                continue
            slope, se = steep[g, i], steep_se[g, i]
            rows.append(base | value_of("discrimination", slope, se, width, why))
            logistic = value_of(
                "discrimination_logistic", LOGISTIC * slope, LOGISTIC * se, width, why
            )
            rows.append(base | logistic)
            flat = reason("loading_of_zero", item=model.items[i]) if slope == 0 else why
            for c in np.flatnonzero(~np.isnan(model.latent.thresholds[g, i])):
                rows.append(
                    base
                    | value_of(
                        f"difficulty_{c + 1}", places[g, i, c], places_se[g, i, c], width, flat
                    )
                )
    return rows


def row_of(model: ResponseModel, item: int, group: int) -> Row:
    """Return what the rows of an item in a group share."""
    factor = model.own.factor[item]
    return {
        "factor": model.factors[factor] if factor >= 0 else None,
        "item": model.items[item],
        "group": model.groups[group],
        "n_obs": model.n_by_group[group],
        "method": f"{model.method}, normal ogive, delta method",
    }


def value_of(name: str, estimate: float, se: float, width: float, why: Reason = NO_REASON) -> Row:
    """Return a parameter with its symmetric interval."""
    return {
        "parameter": name,
        "estimate": float(estimate),
        "se": float(se),
        "low": float(estimate - width * se),
        "high": float(estimate + width * se),
        "reason": why,
    }


def several_with_errors(model: ResponseModel) -> tuple[FloatArray, FloatArray]:
    """Return slopes, MDISC and MDIFF, (group, p, m + 1 + K - 1), and their standard errors."""

    def parameters(z: Any) -> Any:
        found = multidimensional_items(model.at(z))
        return np.concatenate(
            [found.slopes, found.discrimination[..., None], found.difficulties], axis=-1
        )

    with np.errstate(invalid="ignore", divide="ignore"):
        _, se = standard_errors(parameters, model.z, model.covariance)
    return np.asarray(parameters(model.z[None])[0]), se


def several_rows(
    model: ResponseModel,
    base: Row,
    found: tuple[FloatArray, FloatArray],
    item: int,
    group: int,
    width: float,
) -> list[Row]:
    """Return the rows of an item that loads on several factors."""
    value, se = (part[group, item] for part in found)
    m = len(model.factors)
    why = model.item_problem(item, group)
    rows = [base | {"parameter": "discrimination", "estimate": np.nan, "reason": why}]
    residual = float(model.latent.residual_variance[group, item])
    fault = NO_REASON
    if not residual > 0:
        fault = reason("no_residual_variance", item=model.items[item], value=residual)
    for f in np.flatnonzero((model.latent.loadings[:, item] != 0).any(axis=0)):
        own = value_of("slope", value[f], se[f], width, fault)
        rows.append(base | own | {"factor": model.factors[f]})
    rows.append(base | value_of("mdisc", value[m], se[m], width, fault))
    for c in np.flatnonzero(~np.isnan(model.latent.thresholds[group, item])):
        at = m + 1 + c
        rows.append(base | value_of(f"mdiff_{c + 1}", value[at], se[at], width, fault))
    return rows
