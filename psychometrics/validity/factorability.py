"""Whether the items' correlations are worth factoring: Kaiser-Meyer-Olkin and Bartlett."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.stats.moments import FloatArray
from psychometrics.validity.selection import SITE, TOTAL, Selection
from psychometrics.validity.units import tidy

FACTORABILITY_COLUMNS = (
    "group", "pooling", "kmo", "bartlett_chi2", "bartlett_df", "bartlett_p", "n_obs", "method",
    "reason",
)  # fmt: skip

METHOD = "complete rows"


def factorability(chosen: Selection) -> pd.DataFrame:
    """Return sampling adequacy and the test of sphericity of all items, in total and per site.

    Parameters
    ----------
    chosen : Selection
        The items.

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
    rows = [_row(TOTAL, None, chosen.values[complete], chosen.keyed.items)]
    for at, name in enumerate(chosen.groups):
        here = chosen.values[complete & (chosen.group == at)]
        rows.append(_row(SITE, name, here, chosen.keyed.items))
    return tidy(rows, FACTORABILITY_COLUMNS)


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
