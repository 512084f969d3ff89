"""The heterotrait-monotrait ratio of every pair of scales, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, Reason, check_option, reason
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray, correlation_of
from psychometrics.stats.resampling import Rng, percentile_interval, seed_of
from psychometrics.validity.arguments import check_level, check_samples, need_two_scales
from psychometrics.validity.coverage import short_words
from psychometrics.validity.htmt_samples import Variant, bootstrap_ratios, ratio
from psychometrics.validity.selection import ModelMissing, Scales, Selection, Units, select
from psychometrics.validity.small_n import in_force
from psychometrics.validity.synthesis import synthesize
from psychometrics.validity.threads import one_blas_thread
from psychometrics.validity.units import tidy

MIXED_WORDS: dict[Variant, str] = {
    "htmt": "of absolute correlations, as signs are mixed",
    "htmt2": "of absolute correlations, as signs are mixed (HTMT2 assumes that none is negative)",
}

PAIRS_WORDS = "correlations of all pairs of answers (missing completely at random)"

HTMT_COLUMNS = (
    "scale_a", "scale_b", "group", "pooling", "variant", "estimate", "low", "high", "level",
    "n_obs", "method", "reason", "n_groups", "tau2", "i2", "prediction_low", "prediction_high",
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
    barred: Mapping[str, Reason] = MappingProxyType({}),
    missing: ModelMissing = "listwise",
    clusters: IntArray | None = None,
) -> pd.DataFrame:
    """Estimate HTMT of a selection; see :func:`htmt`. Variants share their bootstrap samples.

    Scales in `barred` have items that need not go together, and why: their pairs have rows that
    say so, and their items cost nobody a place among the complete rows. With ``missing="fiml"``
    units that have missing answers use all pairs of answers. With `clusters` (one a row, -1 for
    none) whole clusters are drawn.
    """
    every, chosen = chosen, chosen.without(barred)
    columns = np.arange(len(chosen.keyed.items))
    units = chosen.units(columns, missing)
    membership = chosen.keyed.membership
    correlation = correlation_of(units.covariance)
    mixed = mixed_signs(correlation, membership)
    estimates = {v: ratio(correlation, membership, v, absolute=absolute) for v in variants}
    replicates: dict[Variant, FloatArray] = {}
    if n_boot and chosen.moments is None and len(chosen.keyed.scales) > 1:
        replicates = bootstrap_ratios(
            chosen, units, variants, n_boot, seed, absolute=absolute, clusters=clusters
        )
    rows: list[dict[str, Any]] = []
    names = list(chosen.keyed.scales)
    for variant in variants:
        spread = replicates.get(variant)
        limits = percentile_interval(spread, level) if spread is not None else None
        for first, second in combinations(every.keyed.scales, 2):
            pair = {"scale_a": first, "scale_b": second}
            why = barred.get(first) or barred.get(second)
            if why:
                rows += [pair | row for row in barred_rows(units, variant, level, why)]
                continue
            a, b = names.index(first), names.index(second)
            own = [
                htmt_row(
                    chosen,
                    units,
                    unit,
                    (a, b),
                    variant,
                    estimates[variant],
                    limits,
                    spread,
                    mixed=absolute and bool(mixed[unit, a, b]),
                    clustered=clusters is not None,
                )
                | {"level": level}
                | on_scale(spread, unit, (a, b), signed=not absolute)
                for unit in range(len(units))
            ]
            own += synthesize(own, level, at_least=len(chosen.groups))
            rows += [pair | row for row in own]
    return tidy(rows, HTMT_COLUMNS)


def barred_rows(units: Units, variant: Variant, level: float, why: Reason) -> list[dict[str, Any]]:
    """Return the rows of a pair of which one scale's items need not go together."""
    return [
        {
            "group": units.group[unit],
            "pooling": units.pooling[unit],
            "variant": variant,
            "n_obs": int(units.n[unit]),
            "level": level,
            "method": "",
            "reason": why,
        }
        for unit in range(len(units))
    ]


def htmt_row(
    chosen: Selection,
    units: Units,
    unit: int,
    pair: tuple[int, int],
    variant: Variant,
    estimate: FloatArray,
    limits: tuple[FloatArray, FloatArray] | None,
    spread: FloatArray | None,
    *,
    mixed: bool,
    clustered: bool,
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
        "method": how_made(
            variant,
            spread,
            mixed=mixed,
            n=float(units.n[unit]),
            pairs=unit in units.incomplete,
            clustered=clustered,
        ),
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


def how_made(
    variant: Variant,
    spread: FloatArray | None,
    *,
    mixed: bool,
    n: float,
    pairs: bool = False,
    clustered: bool = False,
) -> str:
    """Say how a ratio and its interval were made, and where they are not to be trusted."""
    whole = " of whole clusters" if clustered else ""
    told = ["no interval" if spread is None else f"percentile bootstrap{whole}, {len(spread)}"]
    if pairs:
        told.append(PAIRS_WORDS)
    short = "" if spread is None else short_words(variant, "bootstrap", n)
    if short:
        told.append(short)
    if mixed:
        told.append(MIXED_WORDS[variant])
    return ", ".join(told)


def mixed_signs(correlation: FloatArray, membership: FloatArray) -> BoolArray:
    """Tell which pairs of scales have correlations of both signs.

    Within a scale no correlation should be negative; between two scales, all should have one
    sign.

    Parameters
    ----------
    correlation : ndarray, shape (units, p, p)
    membership : ndarray, shape (p, s)

    Returns
    -------
    ndarray of bool, shape (units, s, s)
    """
    turned = membership.T
    negative = turned @ (correlation < 0).astype(float) @ membership
    positive = turned @ (correlation > 0).astype(float) @ membership
    within = np.diagonal(negative, axis1=-2, axis2=-1) > 0
    both = (negative > 0) & (positive > 0)
    return np.asarray(both | within[..., :, None] | within[..., None, :])


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
    refused = in_force().refusal("htmt", units.pooling[unit], float(units.n[unit]))
    if refused:
        return refused
    columns = np.concatenate([chosen.keyed.positions(names[i]) for i in pair])
    variance = np.diagonal(units.covariance[unit])[columns]
    constant = [chosen.keyed.items[c] for c, v in zip(columns, variance, strict=True) if not v > 0]
    if constant:
        return reason("constant_items", items=", ".join(constant))
    unknown = np.isnan(units.covariance[unit][np.ix_(columns, columns)]).any(axis=0)
    if unknown.any():
        apart = [chosen.keyed.items[c] for c, gap in zip(columns, unknown, strict=True) if gap]
        return reason("never_answered_together", items=", ".join(apart))
    return NO_REASON if np.isfinite(value) else reason("nonpositive_correlations")
