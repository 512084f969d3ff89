"""Whether the items' correlations are worth factoring: Kaiser-Meyer-Olkin and Bartlett."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.stats.moments import FloatArray, correlation_of
from psychometrics.validity.selection import WITHIN, ModelMissing, Selection, Units
from psychometrics.validity.units import tidy, unit_problem

FACTORABILITY_COLUMNS = (
    "group", "pooling", "kmo", "bartlett_chi2", "bartlett_df", "bartlett_p", "n_obs", "method",
    "reason",
)  # fmt: skip

METHOD = "complete rows"
METHOD_OF_ALL = "ML moments of all answers, likelihood ratio against unrelated items"


def factorability(chosen: Selection, missing: ModelMissing = "listwise") -> pd.DataFrame:
    """Return sampling adequacy and the test of sphericity of all items, in total and per site.

    Parameters
    ----------
    chosen : Selection
        The items.
    missing : {"listwise", "fiml"}
        Complete rows; or, where answers are missing, the maximum likelihood moments of all answers,
        with the likelihood ratio against unrelated items in the place of Bartlett's statistic.

    Returns
    -------
    DataFrame
        group, pooling, kmo, bartlett_chi2, bartlett_df, bartlett_p, n_obs, method, reason.

    References
    ----------
    Bartlett, M. S. (1951). The effect of standardization on a chi-square approximation in factor
    analysis. Biometrika, 38, 337-344. doi:10.1093/biomet/38.3-4.337
    Kaiser, H. F. (1974). An index of factorial simplicity. Psychometrika, 39, 31-36.
    doi:10.1007/BF02291575
    """
    complete = chosen.complete(np.arange(len(chosen.keyed.items)))
    items = chosen.keyed.items
    units = chosen.units(np.arange(len(items)), missing)
    rows = []
    for unit, (pooling, name) in enumerate(zip(units.pooling, units.group, strict=True)):
        if pooling == WITHIN:
            continue
        if unit in units.incomplete:
            rows.append(_row_of_all(units, unit, items))
        else:
            here = chosen.values[complete & chosen.members(pooling, name)]
            rows.append(_row(pooling, name, here, items))
    return tidy(rows, FACTORABILITY_COLUMNS)


def _row_of_all(units: Units, unit: int, items: tuple[str, ...]) -> dict[str, Any]:
    """Return the row of a unit from all answers there are."""
    data, p = units.incomplete[unit], len(items)
    why = unit_problem(units, unit, items, p) if p > 1 else NO_REASON
    if p < 2:
        why = reason("too_few_items", n_items=p, needed=2)
    kmo = chi2 = df = p_value = math.nan
    if not why:
        kmo, df = adequacy(correlation_of(data.saturated.covariance)), p * (p - 1) // 2
        chi2 = data.independence()
        p_value = float(special.chdtrc(df, chi2))
    return {
        "group": units.group[unit],
        "pooling": units.pooling[unit],
        "kmo": kmo,
        "bartlett_chi2": chi2,
        "bartlett_df": df,
        "bartlett_p": p_value,
        "n_obs": data.n_rows,
        "method": METHOD_OF_ALL,
        "reason": why,
    }


def adequacy(correlation: FloatArray) -> float:
    """Return the share of squared correlations in these and the squared partial ones.

    Examples
    --------
    >>> r = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    >>> round(adequacy(r), 4)
    0.6923
    """
    inverse = np.linalg.inv(correlation)
    scale = np.sqrt(np.diagonal(inverse))
    partial = inverse / np.outer(scale, scale)
    off = ~np.eye(len(correlation), dtype=bool)
    shared, left = (correlation[off] ** 2).sum(), (partial[off] ** 2).sum()
    return float(shared / (shared + left))


def _row(
    pooling: str, group: str | None, values: FloatArray, items: tuple[str, ...]
) -> dict[str, Any]:
    """Return the row of one unit."""
    why = problem(values, items)
    kmo, chi2, p_value = (math.nan,) * 3 if why else _adequacy(values)
    p = len(items)
    return {
        "group": group,
        "pooling": pooling,
        "kmo": kmo,
        "bartlett_chi2": chi2,
        "bartlett_df": math.nan if why else p * (p - 1) // 2,
        "bartlett_p": p_value,
        "n_obs": len(values),
        "method": METHOD,
        "reason": why,
    }


def problem(values: FloatArray, items: tuple[str, ...]) -> Reason:
    """Say why there is no statistic; empty if there is one."""
    n, p = values.shape
    if p < 2:
        return reason("too_few_items", n_items=p, needed=2)
    if n <= p:
        return reason("more_items_than_people", n_obs=n, n_items=p)
    constant = [
        item for item, spread in zip(items, np.ptp(values, axis=0), strict=True) if not spread
    ]
    if constant:
        return reason("constant_items", items=", ".join(constant))
    if np.linalg.matrix_rank(np.corrcoef(values, rowvar=False)) < p:
        return reason("covariance_singular", n_obs=n, n_items=p)
    return NO_REASON


def _adequacy(values: FloatArray) -> tuple[float, float, float]:
    """Return the overall KMO, and Bartlett's statistic with its p-value."""
    from factor_analyzer.factor_analyzer import calculate_bartlett_sphericity, calculate_kmo

    # factor_analyzer takes the determinant of the covariances for the test of singularity, which
    # depends on the unit of the answers; standardised, it says something about the items.
    z = (values - values.mean(axis=0)) / values.std(axis=0, ddof=1)
    with warnings.catch_warnings():
        # A small determinant makes it use the pseudo-inverse, which is the inverse: the matrix
        # has full rank by now.
        warnings.filterwarnings("ignore", "The inverse of the variance-covariance", UserWarning)
        _, kmo = calculate_kmo(z)
    chi2, p_value = calculate_bartlett_sphericity(z)
    return float(kmo), float(chi2), float(p_value)
