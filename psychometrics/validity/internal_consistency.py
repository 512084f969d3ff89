"""Internal consistency: reliability coefficients and item statistics, pooled and per site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, Reason, check_option, reason
from psychometrics.stats.cfa.inference import delta_method
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.reliability import (
    bonett_interval,
    bonett_variance,
    cronbach_alpha,
    feldt_interval,
    logit_interval,
    omega_from_loadings,
)
from psychometrics.validity.alpha_bootstrap import with_bootstrap
from psychometrics.validity.arguments import check_level
from psychometrics.validity.factors import FactorModels, factor_of
from psychometrics.validity.selection import Missing, Scales, Units, select
from psychometrics.validity.small_n import in_force
from psychometrics.validity.synthesis import synthesize
from psychometrics.validity.units import UnitFits, tidy

AlphaInterval = Literal["feldt", "bonett"]

RELIABILITY_COLUMNS = (
    "scale", "group", "pooling", "coefficient", "estimate", "low", "high", "level", "n_obs",
    "n_items", "method", "reason", "n_groups", "tau2", "i2", "prediction_low", "prediction_high",
)  # fmt: skip

METHODS = {
    "feldt": "Feldt interval",
    "bonett": "Bonett interval",
    "listwise": "complete rows",
    "pairwise": "pairwise covariances",
}


def reliability(
    data: Any,
    scales: Scales,
    *,
    group: str | None = None,
    coefficients: Sequence[str] = ("alpha", "omega_total"),
    level: float = 0.95,
    interval: AlphaInterval = "feldt",
    missing: Missing = "pairwise",
    weights: str | None = None,
    rng: Any = None,
) -> pd.DataFrame:
    """Estimate how consistently the items of each scale measure, pooled and per site.

    Parameters
    ----------
    data : frame, Responses or Moments
        Answers as given; items to be turned are marked in `scales`.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one.
    group : str, optional
        Column of the sites. Adds a row a site, the pooled-within row and the synthesis.
    coefficients : sequence of {"alpha", "omega_total"}
        What to estimate.
    level : float
        Coverage of the intervals.
    interval : {"feldt", "bonett"}
        Interval of alpha.
    missing : {"pairwise", "listwise"}
        Covariances for alpha; ``n_obs`` is then the size of the scarcest pair, or of the complete
        rows. Omega always uses the rows complete on the scale.
    weights : str, optional
        Column of case weights.
    rng : int or Generator, optional
        Accepted for later coefficients that resample; unused by these.

    Returns
    -------
    DataFrame
        One row a scale, unit and coefficient: estimate, low, high, n_obs, n_items, method,
        reason; for ``meta`` rows also n_groups, tau2, i2 and a prediction interval.

    Raises
    ------
    DataError
        Absent or non-numeric columns, scales that make no sense, unknown options.

    References
    ----------
    Cronbach (1951), Feldt (1965), Bonett (2002), McDonald (1999): see
    :mod:`psychometrics.stats.reliability`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> person = np.random.default_rng(1).normal(size=(200, 1))
    >>> noise = np.random.default_rng(2).normal(size=(200, 3))
    >>> frame = pd.DataFrame(person + noise, columns=["a", "b", "c"])
    >>> table = reliability(frame, {"S": ["a", "b", "c"]})
    >>> list(table["coefficient"]), list(table["n_obs"])
    (['alpha', 'omega_total'], [200, 200])
    """
    check_option("interval", interval, ("feldt", "bonett"))
    check_option("missing", missing, ("pairwise", "listwise"))
    check_level(level)
    for name in coefficients:
        check_option("coefficients", name, ("alpha", "omega_total"))
    chosen = select(data, scales, group=group, weights=weights)
    return reliability_of(FactorModels(chosen), coefficients, level, interval, missing)


def reliability_of(
    models: FactorModels,
    coefficients: Sequence[str] = ("alpha", "omega_total"),
    level: float = 0.95,
    interval: AlphaInterval = "feldt",
    missing: Missing = "pairwise",
    n_boot: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Estimate the coefficients of a selection; see :func:`reliability`.

    Samples are drawn only where the small-n policy asks for intervals of the bootstrap.
    """
    chosen = models.chosen
    rows: list[dict[str, Any]] = []
    for scale, items in chosen.keyed.scales.items():
        columns = chosen.keyed.positions(scale)
        for coefficient in coefficients:
            if scale in models.barred:
                own = barred_rows(chosen.units(columns), len(items), level, models.barred[scale])
                rows += [{"scale": scale, "coefficient": coefficient, **row} for row in own]
                continue
            if coefficient == "alpha":
                own = alpha_rows(chosen.units(columns, missing), items, level, interval, missing)
                own = with_bootstrap(own, chosen, columns, scale, n_boot, seed)
            else:
                own = omega_rows(models, scale, level)
            own += synthesize(own, level, at_least=len(chosen.groups))
            rows += [{"scale": scale, "coefficient": coefficient, **row} for row in own]
    return tidy(rows, RELIABILITY_COLUMNS)


def row_of_unit(units: Units, unit: int, level: float, n_items: int) -> dict[str, Any]:
    """Begin the row of a unit."""
    n = units.n[unit]
    return {
        "group": units.group[unit],
        "pooling": units.pooling[unit],
        "level": level,
        "n_obs": int(n) if np.isfinite(n) else 0,
        "n_items": n_items,
        "estimate": np.nan,
        "low": np.nan,
        "high": np.nan,
        "reason": NO_REASON,
    }


def barred_rows(units: Units, n_items: int, level: float, why: Reason) -> list[dict[str, Any]]:
    """Return the rows of a scale whose items need not go together."""
    return [
        row_of_unit(units, unit, level, n_items) | {"method": "", "reason": why}
        for unit in range(len(units))
    ]


def alpha_problem(units: Units, unit: int, items: Sequence[str]) -> Reason:
    """Say why a unit has no alpha; empty if it has one."""
    if len(items) < 2:
        return reason("too_few_items", n_items=len(items), needed=2)
    if units.n[unit] < 3 or units.df[unit] < 2:
        return reason("too_few_cases", n_obs=int(units.n[unit]), needed=3)
    refused = in_force().refusal("alpha", units.pooling[unit], float(units.n[unit]))
    if refused:
        return refused
    covariance = units.covariance[unit]
    variance = np.diagonal(covariance)
    constant = [item for item, v in zip(items, variance, strict=True) if not v > 0]
    if constant:
        return reason("constant_items", items=", ".join(constant))
    if not covariance.sum() > 0:
        return reason("negative_total_variance")
    return NO_REASON


def alpha_rows(
    units: Units, items: Sequence[str], level: float, interval: AlphaInterval, missing: Missing
) -> list[dict[str, Any]]:
    """Return alpha with its interval for every unit."""
    k = len(items)
    estimate = cronbach_alpha(units.covariance)
    limits = feldt_interval if interval == "feldt" else bonett_interval
    # Where df is below 2 there is a reason and no interval.
    df = np.maximum(units.df, 2.0)
    found = limits(estimate, max(k, 2), df, level)
    variance = bonett_variance(max(k, 2), df)
    rows = []
    for unit in range(len(units)):
        row = row_of_unit(units, unit, level, k)
        row["method"] = f"{METHODS[interval]}, {METHODS[missing]}"
        row["reason"] = alpha_problem(units, unit, items)
        if not row["reason"]:
            row |= {
                "estimate": float(estimate[unit]),
                "low": float(found.low[unit]),
                "high": float(found.high[unit]),
                "transformed": "log_complement",
                "transformed_variance": float(variance[unit]),
            }
        rows.append(row)
    return rows


def omega_rows(models: FactorModels, scale: str, level: float) -> list[dict[str, Any]]:
    """Return omega total of the one-factor model for every unit."""
    items = models.chosen.keyed.scales[scale]
    k = len(items)
    if k < 3:
        units = models.chosen.units(models.chosen.keyed.positions(scale))
        short = reason("too_few_items", n_items=k, needed=3)
        return [
            row_of_unit(units, unit, level, k) | {"reason": short, "method": OMEGA_METHOD}
            for unit in range(len(units))
        ]
    fitted = models.alone(scale)
    rows = []
    for unit in range(len(fitted.units)):
        row = row_of_unit(fitted.units, unit, level, k)
        row |= {"method": OMEGA_METHOD, "reason": fitted.reasons[unit]}
        if not row["reason"]:
            row |= omega_of(fitted, unit, scale, items, level)
        rows.append(row)
    return rows


OMEGA_METHOD = "one-factor ML, delta method on the logit, complete rows"


def omega_of(
    fitted: UnitFits, unit: int, scale: str, items: Sequence[str], level: float
) -> dict[str, Any]:
    """Return one unit's omega with its interval and what a synthesis needs."""
    k, factor = len(items), factor_of(scale)
    places = [fitted.slot(factor, "=~", item) for item in items]
    places += [fitted.slot(item, "~~", item) for item in items]
    values, covariance = fitted.slots(unit, places)

    def omega(point: Any) -> Any:
        return omega_from_loadings(point[:, :k], point[:, k:])[:, None]

    return proportion(*delta_method(omega, values, covariance), level)


def proportion(value: FloatArray, covariance: FloatArray, level: float) -> dict[str, Any]:
    """Return a share between 0 and 1 with its logit interval."""
    estimate, variance = float(value[0]), float(covariance[0, 0])
    if not 0 < estimate < 1:
        return {"estimate": estimate}
    limits = logit_interval(np.array(estimate), np.array(np.sqrt(variance)), level)
    return {
        "estimate": estimate,
        "low": float(limits.low),
        "high": float(limits.high),
        "transformed": "logit",
        "transformed_variance": variance / (estimate * (1 - estimate)) ** 2,
    }
