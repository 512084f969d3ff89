"""Convergent validity: what the items of a scale share, and what else the scale goes with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from psychometrics.errors import Reason, reason
from psychometrics.stats.cfa.inference import delta_method
from psychometrics.stats.reliability import average_variance_extracted, omega_from_loadings
from psychometrics.validity.arguments import check_level
from psychometrics.validity.factors import ALL_SCALES, ONE_SCALE, FactorModels, factor_of
from psychometrics.validity.reliability_factor import proportion
from psychometrics.validity.selection import Scales, select
from psychometrics.validity.synthesis import synthesize
from psychometrics.validity.units import UnitFits, tidy

CONVERGENT_COLUMNS = (
    "scale", "group", "pooling", "statistic", "item", "comparator", "estimate", "low", "high",
    "level", "n_obs", "method", "reason", "n_groups", "tau2", "i2", "prediction_low",
    "prediction_high",
)  # fmt: skip


def convergent_validity(
    data: Any,
    scales: Scales,
    *,
    group: str | None = None,
    comparators: Sequence[str] | None = None,
    level: float = 0.95,
    rng: Any = None,
) -> pd.DataFrame:
    """Estimate loadings, variance extracted and composite reliability, pooled and per site.

    Parameters
    ----------
    data : frame, Responses or Moments
        Answers as given.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one.
    group : str, optional
        Column of the sites.
    comparators : sequence of str, optional
        Columns to correlate the scales' mean scores with.
    level : float
        Coverage of the intervals.
    rng : int or Generator, optional
        Accepted for intervals that resample; unused by these.

    Returns
    -------
    DataFrame
        One row a scale, unit and statistic: ``loading`` (standardised, with its item), ``ave``,
        ``composite_reliability``, ``correlation`` (with its comparator).

    Raises
    ------
    DataError
        Absent or non-numeric columns, scales that make no sense.

    References
    ----------
    Fornell & Larcker (1981), Raykov (1997): see :mod:`psychometrics.stats.reliability`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> person = np.random.default_rng(1).normal(size=(300, 2)).repeat(3, axis=1)
    >>> noise = np.random.default_rng(2).normal(size=(300, 6))
    >>> frame = pd.DataFrame(person + noise, columns=list("abcdef"))
    >>> table = convergent_validity(frame, {"S": list("abc"), "T": list("def")})
    >>> table["statistic"].value_counts().to_dict()
    {'loading': 6, 'ave': 2, 'composite_reliability': 2}
    """
    check_level(level)
    chosen = select(data, scales, group=group)
    table = convergent_of(FactorModels(chosen), level)
    if not comparators:
        return table
    from psychometrics.validity.comparators import correlate_frame

    extra = correlate_frame(data, scales, comparators, group=group, level=level)
    return pd.concat([table, extra.reindex(columns=table.columns)], ignore_index=True)


def convergent_of(models: FactorModels, level: float = 0.95) -> pd.DataFrame:
    """Return loadings, AVE and composite reliability of fitted models."""
    rows: list[dict[str, Any]] = []
    for scale in models.chosen.keyed.scales:
        loadings: list[dict[str, Any]] = []
        shares: dict[str, list[dict[str, Any]]] = {"ave": [], "composite_reliability": []}
        for unit in range(len(models.together.units)):
            found = scale_in_unit(models, scale, unit, level)
            loadings += [row for row in found if row["statistic"] == "loading"]
            for name, own in shares.items():
                own += [row for row in found if row["statistic"] == name]
        rows += [{"scale": scale, **row} for row in loadings]
        for own in shares.values():
            at_least = 0 if scale in models.barred else len(models.chosen.groups)
            pooled = synthesize(own, level, at_least=at_least)
            rows += [{"scale": scale, **row} for row in own + pooled]
    return tidy(rows, CONVERGENT_COLUMNS)


def solution_for(models: FactorModels, scale: str, unit: int) -> tuple[UnitFits, str, Reason]:
    """Return the model that speaks for a scale in a unit, its name, and why it can't be used.

    Two items carry a factor only beside other scales.
    """
    items = models.chosen.keyed.scales[scale]
    together = models.together
    if scale in models.barred:
        return together, "", models.barred[scale]
    needed = 2 if models.scales.keys() - {scale} else 3
    if len(items) < needed:
        return together, "", reason("too_few_items", n_items=len(items), needed=needed)
    if not together.reasons[unit] or len(items) < 3:
        return models.by_cluster(together), ALL_SCALES, together.reasons[unit]
    alone = models.alone(scale)
    return models.by_cluster(alone), ONE_SCALE, alone.reasons[unit]


def scale_in_unit(
    models: FactorModels, scale: str, unit: int, level: float
) -> list[dict[str, Any]]:
    """Return the rows of one scale in one unit."""
    items = models.chosen.keyed.scales[scale]
    fitted, words, why = solution_for(models, scale, unit)
    method = fitted.told(words, unit) if words else ""
    base: dict[str, Any] = {
        "group": fitted.units.group[unit],
        "pooling": fitted.units.pooling[unit],
        "level": level,
        "n_obs": int(fitted.units.n[unit]),
        "estimate": np.nan,
        "low": np.nan,
        "high": np.nan,
        "item": None,
        "comparator": None,
        "reason": why,
    }
    if why:
        empty = [base | {"statistic": "loading", "item": item} for item in items]
        empty += [base | {"statistic": name} for name in ("ave", "composite_reliability")]
        return [row | {"method": method} for row in empty]
    rows = []
    level = fitted.normal_level(unit, level)
    errors = fitted.errors_told(unit)
    places = [fitted.slot(factor_of(scale), "=~", item) for item in items]
    value, se = (all_slots[places] for all_slots in fitted.standardized(unit))
    width = stats.norm.isf((1 - level) / 2) * se
    if not np.isfinite(se).all():
        base["reason"] = fitted.no_errors(unit)
    for i, item in enumerate(items):
        rows.append(
            base
            | {
                "statistic": "loading",
                "item": item,
                "estimate": float(value[i]),
                "low": float(value[i] - width[i]),
                "high": float(value[i] + width[i]),
                "method": f"{method}, standardised, delta method{errors}",
            }
        )
    for name, share in shares_of(fitted, scale, items, unit, level).items():
        rows.append(
            base
            | {"statistic": name, "method": f"{method}, delta method on the logit{errors}"}
            | share
        )
    return rows


def shares_of(
    fitted: UnitFits, scale: str, items: Sequence[str], unit: int, level: float
) -> dict[str, dict[str, Any]]:
    """Return AVE and composite reliability with their intervals."""
    k, factor = len(items), factor_of(scale)
    places = [fitted.slot(factor, "=~", item) for item in items]
    places += [fitted.slot(item, "~~", item) for item in items]
    values, covariance = fitted.slots(unit, places)
    found: dict[str, dict[str, Any]] = {}
    for name, formula in (
        ("ave", average_variance_extracted),
        ("composite_reliability", omega_from_loadings),
    ):

        def share(point: Any, formula: Any = formula) -> Any:
            return formula(point[:, :k], point[:, k:])[:, None]

        found[name] = proportion(*delta_method(share, values, covariance), level)
    return found
