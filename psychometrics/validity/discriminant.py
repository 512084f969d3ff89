"""Discriminant validity: whether two scales measure two things."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from psychometrics.errors import NO_REASON, DataError, Reason, check_option, reason
from psychometrics.stats.cfa.estimate import maximize_likelihood, objective
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.heterotrait import heterotrait_monotrait
from psychometrics.stats.moments import (
    BoolArray,
    FloatArray,
    Sums,
    correlation_of,
    pool_total,
    scatter_of,
)
from psychometrics.stats.reliability import average_variance_extracted
from psychometrics.stats.resampling import (
    Rng,
    bootstrap_sums,
    percentile_interval,
    seed_of,
)
from psychometrics.validity.arguments import check_level, check_samples, need_two_scales
from psychometrics.validity.factors import (
    ALL_SCALES,
    TWO_SCALES,
    FactorModels,
    factor_of,
)
from psychometrics.validity.selection import Scales, Selection, Units, first_groups, select
from psychometrics.validity.synthesis import synthesize
from psychometrics.validity.threads import one_blas_thread
from psychometrics.validity.units import UnitFits, tidy

Variant = Literal["htmt", "htmt2"]

UNGROUPED = "(no group)"

# The difference tests: scoring steps of a first search, and of a second from another start.
FIRST_SEARCH, SECOND_SEARCH = 30, 60
# A correlation of factors beyond this is no correlation on its way back.
FAR_OUTSIDE = 2.0

Tests = dict[tuple[int, str, str], dict[str, Any]]

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
    check_level(level)
    check_samples(n_boot)
    need_two_scales(scales)
    chosen = select(data, scales, group=group)
    return htmt_of(chosen, (variant,), n_boot, level, seed_of(rng), absolute=absolute)


@one_blas_thread()
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
    correlation = correlation_of(units.covariance)
    estimates = {v: ratio(correlation, membership, v, absolute=absolute) for v in variants}
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
                | on_scale(spread, unit, (a, b), signed=not absolute)
                for unit in range(len(units))
            ]
            own += synthesize(own, level, at_least=len(chosen.groups))
            rows += [{"scale_a": names[a], "scale_b": names[b], **row} for row in own]
    return tidy(rows, HTMT_COLUMNS)


def ratio(
    correlation: FloatArray, membership: FloatArray, variant: Variant, *, absolute: bool
) -> FloatArray:
    """Return HTMT or HTMT2 from correlations."""
    return heterotrait_monotrait(
        correlation, membership, geometric=variant == "htmt2", absolute=absolute
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
        correlation = correlation_of(unit_scatter(sums, n_groups))
        for variant in variants:
            parts[variant].append(ratio(correlation, membership, variant, absolute=absolute))
    return {variant: np.concatenate(found) for variant, found in parts.items()}


def unit_scatter(sums: Sums, n_groups: int) -> FloatArray:
    """Return sums of squares and products about the means, (replicate, units, p, p).

    The units stand in the order of ``Selection.units``.
    """
    total = scatter_of(pool_total(sums))
    if not n_groups:
        return total
    own = scatter_of(first_groups(sums, n_groups))
    if n_groups == 1:
        return np.concatenate([total, own], axis=1)
    return np.concatenate([total, own.sum(axis=1, keepdims=True), own], axis=1)


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
        row["reason"] = reason("interval_undefined")
    return row


def on_scale(
    spread: FloatArray | None, unit: int, pair: tuple[int, int], *, signed: bool
) -> dict[str, Any]:
    """Return what a synthesis needs: the bootstrap variance of the logarithm.

    A ratio of signed correlations may be negative and is taken as it is.
    """
    if spread is None:
        return {}
    values = spread[:, unit, pair[0], pair[1]]
    if not signed:
        with np.errstate(invalid="ignore", divide="ignore"):
            values = np.log(values)
    usable = values[np.isfinite(values)]
    return {
        "transformed": "identity" if signed else "log",
        "transformed_variance": float(usable.var(ddof=1)) if len(usable) > 1 else np.nan,
    }


def htmt_problem(
    chosen: Selection, units: Units, unit: int, pair: tuple[int, int], value: float
) -> Reason:
    """Say why a pair has no HTMT in a unit; empty if it has one."""
    names = list(chosen.keyed.scales)
    for scale in (names[pair[0]], names[pair[1]]):
        items = chosen.keyed.scales[scale]
        if len(items) < 2:
            return reason("too_few_items", n_items=len(items), needed=2)
    if units.n[unit] < 3 or units.df[unit] < 2:
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
        Size of the correlation that the chi-square difference tests against: a small p says that
        the correlation is smaller.
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
    if not 0 < cutoff <= 1:
        raise DataError(f"cutoff={cutoff!r} is no size of a correlation; give 0.9, say.")
    check_level(level)
    check_samples(n_boot)
    need_two_scales(scales)
    chosen = select(data, scales, group=group)
    ratios = htmt_of(chosen, ("htmt", "htmt2"), n_boot, level, seed_of(rng))
    return discriminant_of(FactorModels(chosen), ratios, cutoff, level)


@one_blas_thread()
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
    tests = difference_tests(models.together, list(combinations(models.scales, 2)), cutoff)
    for a, b in combinations(chosen.keyed.scales, 2):
        own = pair_rows(models, a, b, cutoff, level, tests)
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
    models: FactorModels, a: str, b: str, cutoff: float, level: float, tests: Tests
) -> list[dict[str, Any]]:
    """Return the rows of one pair: every unit, then the synthesis."""
    short = [s for s in (a, b) if s not in models.scales]
    together = models.together
    rows: list[dict[str, Any]] = []
    fallback, fallback_tests = None, tests
    if not short and any(together.reasons):
        fallback = models.alone(a, b)
        fallback_tests = difference_tests(fallback, [(a, b)], cutoff)
    for unit in range(len(together.units)):
        row = blank_row(together.units, unit, cutoff, level)
        if short:
            n_items = len(models.chosen.keyed.scales[short[0]])
            row["reason"] = reason("too_few_items", n_items=n_items, needed=2)
        elif not together.reasons[unit]:
            row |= latent_pair(together, unit, a, b, models, level, ALL_SCALES)
            row |= tests.get((unit, a, b), {})
        elif fallback is not None and not fallback.reasons[unit]:
            row["n_obs"] = int(fallback.units.n[unit])
            row |= latent_pair(fallback, unit, a, b, models, level, TWO_SCALES)
            row |= fallback_tests.get((unit, a, b), {})
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
        row["class_"] = "unavailable" if row["reason"] else classify(row["low"], row["high"])
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
    z, covariance = fitted.parameters(unit)
    place = correlation_place(fitted, a, b)
    estimate, se = float(z[place]), float(np.sqrt(max(covariance[place, place], 0.0)))
    width = float(stats.norm.isf((1 - level) / 2)) * se
    extracted = {}
    for name, scale in (("ave_a", a), ("ave_b", b)):
        items, factor = models.scales[scale], factor_of(scale)
        loadings, _ = fitted.slots(unit, [fitted.slot(factor, "=~", item) for item in items])
        residuals, _ = fitted.slots(unit, [fitted.slot(item, "~~", item) for item in items])
        extracted[name] = float(average_variance_extracted(loadings, residuals))
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


def difference_tests(fitted: UnitFits, pairs: Sequence[tuple[str, str]], cutoff: float) -> Tests:
    """Test whether the correlations of pairs lie below the cutoff in size, in every unit.

    The model is fitted again with one correlation held at the cutoff, all pairs and units at
    once. The search starts at the point that the free solution's information says is nearest.
    A correlation that is no smaller than the cutoff speaks against nothing: chi-square is 0.
    A unit and pair is left out where the likelihood has no maximum under the constraint.
    """
    cases = [(unit, at, pair) for pair in pairs for unit, at in fitted.usable()]
    if not cases or fitted.fits is None:
        return {}
    fits = fitted.fits
    place_of = {pair: correlation_place(fitted, *pair) for pair in pairs}
    at = np.array([replicate for _, replicate, _ in cases])
    place = np.array([place_of[pair] for _, _, pair in cases])
    each = np.arange(len(cases))
    z, spread, data = fits.optimum.z[at], fits.covariance[at], fits.data.take(at)
    target = np.where(z[each, place] >= 0, cutoff, -cutoff)
    slope = spread[each, :, place] / spread[each, place, place][:, None]
    start = z - slope * (z[each, place] - target)[:, None]
    start[each, place] = target
    factors = factor_places(fits.table, fits.layout)
    for i in np.flatnonzero(~np.isfinite(objective(fits.layout, start, data))):
        start[i] = merged_start(factors, z[i], place[i], target[i])
    found = maximize_likelihood(fits.layout, data, start, max_iterations=FIRST_SEARCH, held=place)
    again = np.flatnonzero(~found.converged & ~runs_away(found.z, factors))
    if len(again):
        second = np.array([merged_start(factors, z[i], place[i], target[i]) for i in again])
        retry = maximize_likelihood(
            fits.layout, data.take(again), second, max_iterations=SECOND_SEARCH, held=place[again]
        )
        found.fmin[again], found.converged[again] = retry.fmin, retry.converged
    chi2 = np.maximum((data.n * (found.fmin - fits.optimum.fmin[at])).sum(axis=1), 0.0)
    chi2[np.abs(z[each, place]) >= cutoff] = 0.0
    return {
        (unit, *pair): {
            "chi2_difference": float(chi2[i]),
            "df_difference": 1.0,
            "p_value": float(stats.chi2.sf(chi2[i], 1)),
        }
        for i, (unit, _, pair) in enumerate(cases)
        if found.converged[i]
    }


def correlation_place(fitted: UnitFits, a: str, b: str) -> int:
    """Return which free parameter is the correlation of two scales' factors."""
    if fitted.fits is None:
        raise LookupError("nothing was fitted")
    slot = fitted.slot(factor_of(a), "~~", factor_of(b))
    return int(np.flatnonzero(fitted.fits.layout.selection[0, slot])[0])


def factor_places(table: ParameterTable, layout: Layout) -> dict[frozenset[str], int]:
    """Return which free parameter is the correlation of which two factors."""
    rows = [table.rows[i] for i in layout.free_rows]
    return {
        frozenset((row.lhs, row.rhs)): i
        for i, row in enumerate(rows)
        if row.op == "~~" and row.lhs != row.rhs
    }


def runs_away(z: FloatArray, factors: dict[frozenset[str], int]) -> BoolArray:
    """Tell where correlations grow without end: one scale's loadings are on their way to 0."""
    return np.asarray(np.abs(z[:, list(factors.values())]).max(axis=1) > FAR_OUTSIDE)


def merged_start(
    factors: dict[frozenset[str], int], z: FloatArray, place: int, target: float
) -> FloatArray:
    """Return a start at which two factors relate alike to all others.

    Moving one correlation alone can leave a set of correlations that nothing can have.
    """
    a, b = next(tuple(pair) for pair, i in factors.items() if i == place)
    sign = -1.0 if target < 0 else 1.0
    moved = np.array(z)
    for other in {name for pair in factors for name in pair} - {a, b}:
        first, second = factors[frozenset((a, other))], factors[frozenset((b, other))]
        mean = (z[first] + sign * z[second]) / 2
        moved[first], moved[second] = 0.9 * mean, 0.9 * sign * mean
    moved[place] = target
    return moved
