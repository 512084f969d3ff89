"""Discriminant validity: are two scales measures of two things?"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from psychometrics.errors import NO_REASON, Reason, check_option, reason
from psychometrics.stats.cfa.estimate import maximize_likelihood, objective
from psychometrics.stats.cfa.inference import delta_method
from psychometrics.stats.cfa.kernel import slot_values
from psychometrics.stats.cfa.layout import lay_out
from psychometrics.stats.cfa.table import Parameter, ParameterTable
from psychometrics.stats.heterotrait import heterotrait_monotrait
from psychometrics.stats.moments import (
    FloatArray,
    Sums,
    correlation_of,
    covariance_of,
    pool_total,
    pool_within,
)
from psychometrics.stats.reliability import average_variance_extracted
from psychometrics.stats.resampling import (
    Rng,
    bootstrap_sums,
    percentile_interval,
    seed_of,
)
from psychometrics.validity.factors import ALL_SCALES, TWO_SCALES, FactorModels
from psychometrics.validity.selection import Scales, Selection, Units, select
from psychometrics.validity.synthesis import synthesize
from psychometrics.validity.units import UnitFits, tidy

Variant = Literal["htmt", "htmt2"]

UNGROUPED = "(no group)"

HTMT_COLUMNS = (
    "scale_a", "scale_b", "group", "pooling", "variant", "estimate", "low", "high", "level",
    "n_obs", "method", "reason", "n_groups", "tau2", "i2", "prediction_low", "prediction_high",
)  # fmt: skip

DISCRIMINANT_COLUMNS = (
    "scale_a", "scale_b", "group", "pooling", "correlation", "low", "high", "level", "class_",
    "htmt", "htmt_low", "htmt_high", "htmt2", "htmt2_low", "htmt2_high", "chi2_difference",
    "df_difference", "p_value", "cutoff", "ave_a", "ave_b", "shared_variance", "fornell_larcker",
    "n_obs", "method", "reason",
)  # fmt: skip


def htmt(
    data: Any,
    scales: Scales,
    *,
    group: str | None = None,
    variant: Variant = "htmt",
    absolute: bool = True,
    n_boot: int = 0,
    level: float = 0.95,
    rng: Rng = None,
) -> pd.DataFrame:
    """Estimate the heterotrait-monotrait ratio of every pair of scales, pooled and per site.

    Parameters
    ----------
    data : frame, Responses or Moments
        Answers as given; rows complete on all items are analysed.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one.
    group : str, optional
        Column of the sites.
    variant : {"htmt", "htmt2"}
        Arithmetic means (equal loadings) or geometric means (unequal loadings).
    absolute : bool
        Take absolute correlations.
    n_boot : int
        Bootstrap samples for the percentile interval; 0 for none. People are drawn within sites.
    level : float
        Coverage.
    rng : int or Generator, optional
        Seed; 0 by default.

    Returns
    -------
    DataFrame
        One row a pair and unit: estimate, low, high, n_obs, method, reason.

    Raises
    ------
    DataError
        Absent or non-numeric columns, scales that make no sense, unknown options.

    References
    ----------
    Henseler et al. (2015), Roemer et al. (2021): see :mod:`psychometrics.stats.heterotrait`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> person = np.random.default_rng(1).normal(size=(300, 2)).repeat(3, axis=1)
    >>> noise = np.random.default_rng(2).normal(size=(300, 6))
    >>> frame = pd.DataFrame(person + noise, columns=list("abcdef"))
    >>> table = htmt(frame, {"S": list("abc"), "T": list("def")}, n_boot=200)
    >>> bool(table["high"].iloc[0] < 0.85)
    True
    """
    check_option("variant", variant, ("htmt", "htmt2"))
    chosen = select(data, scales, group=group)
    return htmt_of(chosen, (variant,), n_boot, level, seed_of(rng), absolute=absolute)


def htmt_of(
    chosen: Selection,
    variants: tuple[Variant, ...] = ("htmt", "htmt2"),
    n_boot: int = 0,
    level: float = 0.95,
    seed: int = 0,
    *,
    absolute: bool = True,
) -> pd.DataFrame:
    """Estimate HTMT of a selection; see :func:`htmt`. Variants share their bootstrap samples."""
    columns = np.arange(len(chosen.keyed.items))
    units = chosen.units(columns)
    membership = chosen.keyed.membership
    estimates = {
        v: ratio(units.covariance, membership, v, absolute=absolute) for v in variants
    }
    replicates: dict[Variant, FloatArray] = {}
    if n_boot and chosen.moments is None:
        replicates = bootstrap_ratios(chosen, variants, n_boot, seed, absolute=absolute)
    rows: list[dict[str, Any]] = []
    names = list(chosen.keyed.scales)
    for variant in variants:
        spread = replicates.get(variant)
        limits = percentile_interval(spread, level) if spread is not None else None
        for a, b in combinations(range(len(names)), 2):
            own = [
                htmt_row(chosen, units, unit, (a, b), variant, estimates[variant], limits, spread)
                | {"level": level}
                for unit in range(len(units))
            ]
            own += synthesize(own, level, at_least=len(chosen.groups))
            rows += [{"scale_a": names[a], "scale_b": names[b], **row} for row in own]
    return tidy(rows, HTMT_COLUMNS)


def ratio(
    covariance: FloatArray, membership: FloatArray, variant: Variant, *, absolute: bool
) -> FloatArray:
    """Return HTMT or HTMT2 from covariances."""
    return heterotrait_monotrait(
        correlation_of(covariance), membership, geometric=variant == "htmt2", absolute=absolute
    )


def bootstrap_ratios(
    chosen: Selection, variants: tuple[Variant, ...], n_boot: int, seed: int, *, absolute: bool
) -> dict[Variant, FloatArray]:
    """Return bootstrap replicates of HTMT in every unit, (n_boot, units, scales, scales).

    Resampling is a matrix of counts: moments of all replicates are products with it.
    """
    keep = chosen.complete(np.arange(len(chosen.keyed.items)))
    x, label = chosen.values[keep], chosen.group[keep]
    n_groups = len(chosen.groups)
    strata = np.where(label < 0, n_groups, label)
    names = (*chosen.groups, UNGROUPED)
    membership = chosen.keyed.membership
    parts: dict[Variant, list[FloatArray]] = {variant: [] for variant in variants}
    weights = None if chosen.weights is None else chosen.weights[keep]
    for sums in bootstrap_sums(x, strata, names, n_boot, seed, "htmt", weights):
        covariance = unit_covariances(sums, n_groups)
        for variant in variants:
            parts[variant].append(ratio(covariance, membership, variant, absolute=absolute))
    return {variant: np.concatenate(found) for variant, found in parts.items()}


def unit_covariances(sums: Sums, n_groups: int) -> FloatArray:
    """Return covariances in the order of ``Selection.units``, (replicate, units, p, p)."""
    total = covariance_of(pool_total(sums))[2]
    if not n_groups:
        return total
    own = Sums(
        sums.weight[..., :n_groups],
        sums.first[..., :n_groups, :],
        sums.cross[..., :n_groups, :, :],
        sums.centre,
    )
    within = pool_within(own)[2]
    return np.concatenate([total, within[:, None], covariance_of(own)[2]], axis=1)


def htmt_row(
    chosen: Selection,
    units: Units,
    unit: int,
    pair: tuple[int, int],
    variant: Variant,
    estimate: FloatArray,
    limits: tuple[FloatArray, FloatArray] | None,
    spread: FloatArray | None,
) -> dict[str, Any]:
    """Return the row of one pair in one unit."""
    a, b = pair
    row: dict[str, Any] = {
        "group": units.group[unit],
        "pooling": units.pooling[unit],
        "variant": variant,
        "estimate": np.nan,
        "low": np.nan,
        "high": np.nan,
        "n_obs": int(units.n[unit]),
        "method": "no interval" if spread is None else f"percentile bootstrap, {len(spread)}",
        "reason": htmt_problem(chosen, units, unit, pair, float(estimate[unit, a, b])),
    }
    if row["reason"]:
        return row
    row["estimate"] = float(estimate[unit, a, b])
    if limits is None or spread is None:
        return row
    row["low"], row["high"] = float(limits[0][unit, a, b]), float(limits[1][unit, a, b])
    if np.isnan(row["low"]):
        return row | {"reason": reason("interval_undefined")}
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(spread[:, unit, a, b])
    usable = logs[np.isfinite(logs)]
    row["transformed"] = "log"
    row["transformed_variance"] = float(usable.var(ddof=1)) if len(usable) > 1 else np.nan
    return row


def htmt_problem(
    chosen: Selection, units: Units, unit: int, pair: tuple[int, int], value: float
) -> Reason:
    """Say why a pair has no HTMT in a unit; empty if it has one."""
    names = list(chosen.keyed.scales)
    for scale in (names[pair[0]], names[pair[1]]):
        items = chosen.keyed.scales[scale]
        if len(items) < 2:
            return reason("too_few_items", n_items=len(items), needed=2)
    if units.n[unit] < 3:
        return reason("too_few_cases", n_obs=int(units.n[unit]), needed=3)
    columns = np.concatenate([chosen.keyed.positions(names[i]) for i in pair])
    variance = np.diagonal(units.covariance[unit])[columns]
    constant = [chosen.keyed.items[c] for c, v in zip(columns, variance, strict=True) if not v > 0]
    if constant:
        return reason("constant_items", items=", ".join(constant))
    return NO_REASON if np.isfinite(value) else reason("nonpositive_correlations")


def discriminant_validity(
    data: Any,
    scales: Scales,
    *,
    group: str | None = None,
    cutoff: float = 0.9,
    level: float = 0.95,
    n_boot: int = 2000,
    rng: Rng = None,
) -> pd.DataFrame:
    """Judge for every pair of scales, pooled and per site, whether they are two things.

    Parameters
    ----------
    data : frame, Responses or Moments
        Answers as given.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one.
    group : str, optional
        Column of the sites.
    cutoff : float
        Size of the correlation that the chi-square difference tests against.
    level : float
        Coverage of the intervals.
    n_boot : int
        Bootstrap samples for HTMT; 0 for no interval.
    rng : int or Generator, optional
        Seed; 0 by default.

    Returns
    -------
    DataFrame
        One row a pair and unit: correlation of the factors with its interval, ``class_`` from
        the limit furthest from 0 (``none`` below .8, ``marginal`` below .9, ``moderate`` below 1,
        ``severe``), HTMT and HTMT2, chi-square difference against the cutoff, average variances
        extracted beside the shared variance (Fornell-Larcker).

    Raises
    ------
    DataError
        Absent or non-numeric columns, scales that make no sense.

    References
    ----------
    Rönkkö, M., & Cho, E. (2022). An updated guideline for assessing discriminant validity.
    Organizational Research Methods, 25, 6-47. doi:10.1177/1094428120968614

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> person = np.random.default_rng(1).normal(size=(300, 2)).repeat(3, axis=1)
    >>> noise = np.random.default_rng(2).normal(size=(300, 6))
    >>> frame = pd.DataFrame(person + noise, columns=list("abcdef"))
    >>> discriminant_validity(frame, {"S": list("abc"), "T": list("def")}, n_boot=0)["class_"][0]
    'none'
    """
    chosen = select(data, scales, group=group)
    ratios = htmt_of(chosen, ("htmt", "htmt2"), n_boot, level, seed_of(rng))
    return discriminant_of(FactorModels(chosen), ratios, cutoff, level)


def discriminant_of(
    models: FactorModels, ratios: pd.DataFrame, cutoff: float = 0.9, level: float = 0.95
) -> pd.DataFrame:
    """Judge the pairs from fitted models and HTMT; see :func:`discriminant_validity`."""
    chosen = models.chosen
    rows: list[dict[str, Any]] = []
    found = {
        (r["scale_a"], r["scale_b"], r["pooling"], r["group"], r["variant"]): r
        for r in ratios.to_dict("records")
    }
    for a, b in combinations(chosen.keyed.scales, 2):
        own = pair_rows(models, a, b, cutoff, level)
        for row in own:
            row |= {"scale_a": a, "scale_b": b}
            for variant in ("htmt", "htmt2"):
                key = (a, b, row["pooling"], row["group"], variant)
                ratio_row = found.get(key, {})
                row[variant] = ratio_row.get("estimate", np.nan)
                row[f"{variant}_low"] = ratio_row.get("low", np.nan)
                row[f"{variant}_high"] = ratio_row.get("high", np.nan)
        rows += own
    return tidy(rows, DISCRIMINANT_COLUMNS)


def classify(low: float, high: float) -> str:
    """Name the problem by the limit of the correlation's interval furthest from 0.

    Examples
    --------
    >>> classify(0.3, 0.7), classify(-0.95, -0.5), classify(0.7, 1.02)
    ('none', 'moderate', 'severe')
    """
    furthest = max(abs(low), abs(high))
    for bound, name in ((0.8, "none"), (0.9, "marginal"), (1.0, "moderate")):
        if furthest < bound:
            return name
    return "severe"


def pair_rows(
    models: FactorModels, a: str, b: str, cutoff: float, level: float
) -> list[dict[str, Any]]:
    """Return the rows of one pair: every unit, then the synthesis."""
    short = [s for s in (a, b) if s not in models.scales]
    together = models.together
    rows: list[dict[str, Any]] = []
    fallback = None
    if not short and any(together.reasons):
        fallback = models.alone(a, b)
    tests = difference_tests(together, a, b, cutoff)
    fallback_tests = difference_tests(fallback, a, b, cutoff) if fallback else {}
    for unit in range(len(together.units)):
        row = blank_row(together.units, unit, cutoff, level)
        if short:
            n_items = len(models.chosen.keyed.scales[short[0]])
            row["reason"] = reason("too_few_items", n_items=n_items, needed=2)
        elif not together.reasons[unit]:
            row |= latent_pair(together, unit, a, b, models, level, ALL_SCALES)
            row |= tests.get(unit, {})
        elif fallback is not None and not fallback.reasons[unit]:
            row["n_obs"] = int(fallback.units.n[unit])
            row |= latent_pair(fallback, unit, a, b, models, level, TWO_SCALES)
            row |= fallback_tests.get(unit, {})
        else:
            row["reason"] = (fallback or together).reasons[unit]
        rows.append(row)
    return rows + pooled_pair(rows, level, len(models.chosen.groups))


def pooled_pair(rows: list[dict[str, Any]], level: float, n_groups: int) -> list[dict[str, Any]]:
    """Return the synthesis of the sites' correlations."""
    renamed = [{**row, "estimate": row["correlation"]} for row in rows]
    made = synthesize(renamed, level, at_least=n_groups)
    empty = ("chi2_difference", "df_difference", "p_value", "ave_a", "ave_b", "shared_variance")
    for row in made:
        row["correlation"] = row["estimate"]
        row |= dict.fromkeys(empty, np.nan) | {"fornell_larcker": None}
        row["class_"] = (
            "unavailable" if row["reason"] else classify(row["low"], row["high"])
        )
    return made


def blank_row(units: Units, unit: int, cutoff: float, level: float) -> dict[str, Any]:
    """Begin the row of a pair in a unit."""
    empty = (
        "correlation", "low", "high", "chi2_difference", "df_difference", "p_value", "ave_a",
        "ave_b", "shared_variance",
    )  # fmt: skip
    return {
        "group": units.group[unit],
        "pooling": units.pooling[unit],
        **dict.fromkeys(empty, np.nan),
        "fornell_larcker": None,
        "class_": "unavailable",
        "cutoff": cutoff,
        "level": level,
        "n_obs": int(units.n[unit]),
        "method": "",
        "reason": NO_REASON,
    }


def latent_pair(
    fitted: UnitFits, unit: int, a: str, b: str, models: FactorModels, level: float, method: str
) -> dict[str, Any]:
    """Return the correlation of two factors, its class, and the variances beside it."""
    if fitted.fits is None:
        raise LookupError("nothing was fitted")
    fits = fitted.fits
    slot = fits.slot(a, "~~", b)
    z, covariance = fitted.parameters(unit)
    value, spread = delta_method(
        lambda p: slot_values(fits.layout, p)[:, 0, slot : slot + 1], z, covariance
    )
    estimate, se = float(value[0]), float(np.sqrt(max(spread[0, 0], 0.0)))
    width = float(stats.norm.isf((1 - level) / 2)) * se
    slots = slot_values(fits.layout, z[None, :])[0, 0]
    extracted = {}
    for name, scale in (("ave_a", a), ("ave_b", b)):
        items = models.scales[scale]
        extracted[name] = float(
            average_variance_extracted(
                slots[[fits.slot(scale, "=~", item) for item in items]],
                slots[[fits.slot(item, "~~", item) for item in items]],
            )
        )
    inside = abs(estimate) < 1 and se > 0
    return {
        "correlation": estimate,
        "low": estimate - width,
        "high": estimate + width,
        "class_": classify(estimate - width, estimate + width),
        **extracted,
        "shared_variance": estimate**2,
        "fornell_larcker": bool(min(extracted.values()) > estimate**2),
        "method": f"{method}, Wald interval",
        "transformed": "fisher_z",
        "transformed_variance": (se / (1 - estimate**2)) ** 2 if inside else np.nan,
    }


def constrained(table: ParameterTable, a: str, b: str, value: float) -> ParameterTable:
    """Fix the correlation of two factors."""
    rows = tuple(
        replace(row, free=False, value=value)
        if row.op == "~~" and {row.lhs, row.rhs} == {a, b}
        else row
        for row in table.rows
    )
    return replace(table, rows=rows)


def merged_start(
    table: ParameterTable, z: FloatArray, a: str, b: str, place: int
) -> FloatArray:
    """Return a start at which two factors relate alike to all others.

    Moving one correlation alone can leave a set of correlations that nothing can have.
    """
    names = {frozenset((r.lhs, r.rhs)): i for i, r in enumerate(free_rows_of(table))
             if r.op == "~~" and r.lhs != r.rhs}
    moved = np.array(z)
    for other in {n for pair in names for n in pair} - {a, b}:
        first, second = names[frozenset((a, other))], names[frozenset((b, other))]
        sign = np.where(z[:, place] < 0, -1.0, 1.0)
        mean = (z[:, first] + sign * z[:, second]) / 2
        moved[:, first], moved[:, second] = 0.9 * mean, 0.9 * sign * mean
    return np.delete(moved, place, axis=1)


def free_rows_of(table: ParameterTable) -> list[Parameter]:
    """Return the rows of the free parameters, in their order."""
    return [table.rows[i] for i in lay_out(table).free_rows]


def difference_tests(
    fitted: UnitFits | None, a: str, b: str, cutoff: float
) -> dict[int, dict[str, Any]]:
    """Test the correlation against the cutoff in every unit: fit again with it fixed.

    The search starts at the point that the free solution's information says is nearest.
    """
    if fitted is None or fitted.fits is None:
        return {}
    fits = fitted.fits
    if not any(row.op == "~~" and {row.lhs, row.rhs} == {a, b} for row in fits.table.rows):
        return {}
    slot = fits.slot(a, "~~", b)
    place = int(np.flatnonzero(fits.layout.selection[0, slot])[0])
    found: dict[int, dict[str, Any]] = {}
    usable = fitted.usable()
    for sign in (1.0, -1.0):
        mine = [
            (unit, at) for unit, at in usable
            if (fits.optimum.z[at, place] >= 0) == (sign > 0)
        ]
        if not mine:
            continue
        index = np.array([at for _, at in mine])
        layout = lay_out(constrained(fits.table, a, b, sign * cutoff))
        z, spread = fits.optimum.z[index], fits.covariance[index]
        slope = spread[:, :, place] / spread[:, place, place][:, None]
        moved = z - slope * (z[:, place] - sign * cutoff)[:, None]
        start = np.delete(moved, place, axis=1)
        data = fits.data.take(index)
        lost = ~np.isfinite(objective(layout, start, data))
        if lost.any():
            start[lost] = merged_start(fits.table, z[lost], a, b, place)
        optimum = maximize_likelihood(layout, data, start, max_iterations=60)
        missed = np.flatnonzero(~optimum.converged)
        if len(missed):
            again = merged_start(fits.table, z[missed], a, b, place)
            retry = maximize_likelihood(layout, data.take(missed), again, max_iterations=60)
            optimum.fmin[missed], optimum.converged[missed] = retry.fmin, retry.converged
        gap = (data.n * (optimum.fmin - fits.optimum.fmin[index])).sum(axis=1)
        for i, (unit, _) in enumerate(mine):
            if optimum.converged[i]:
                chi2 = max(float(gap[i]), 0.0)
                found[unit] = {
                    "chi2_difference": chi2,
                    "df_difference": 1.0,
                    "p_value": float(stats.chi2.sf(chi2, 1)),
                }
    return found
