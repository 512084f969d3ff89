"""Correlations of scales with each other and with comparators, corrected for unreliability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, DataError, Reason, reason
from psychometrics.stats.disattenuation import Disattenuated, disattenuate
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.resampling import Rng, bootstrap_sums, percentile_interval, seed_of
from psychometrics.validity.arguments import check_level, check_samples, need_answers
from psychometrics.validity.htmt_samples import UNGROUPED, unit_scatter
from psychometrics.validity.selection import Scales, Selection, Units, parse_scales, select
from psychometrics.validity.synthesis import interval_variance, synthesize
from psychometrics.validity.threads import one_blas_thread
from psychometrics.validity.units import tidy

DISATTENUATED_COLUMNS = (
    "scale", "comparator", "kind", "group", "pooling", "estimate", "low", "high", "level",
    "observed", "scale_reliability", "comparator_reliability", "n_obs", "method", "reason",
    "n_groups", "tau2", "i2", "prediction_low", "prediction_high",
)  # fmt: skip

Row = dict[str, Any]


def disattenuated_correlations(
    data: Any,
    scales: Scales,
    *,
    comparators: Sequence[str] = (),
    reliabilities: Mapping[str, float] = MappingProxyType({}),
    group: str | None = None,
    n_boot: int = 2000,
    level: float = 0.95,
    rng: Rng = None,
) -> pd.DataFrame:
    """Correlate scales as if they had no error, pooled and per site.

    Parameters
    ----------
    data : frame or Responses
        Answers as given, and the comparators; rows complete on the pair are analysed.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one.
    comparators : sequence of str
        Columns of numbers. One without a known reliability is taken to have no error.
    reliabilities : mapping of str to float
        Known from elsewhere, of scales or comparators. Coefficient alpha of the same people is
        taken for the other scales.
    group : str, optional
        Column of the sites.
    n_boot : int
        Bootstrap samples for the percentile interval; 0 for none. People are drawn within sites,
        and the reliabilities are estimated anew in each sample.
    level : float
        Coverage.
    rng : int or Generator, optional
        Seed; 0 by default.

    Returns
    -------
    DataFrame
        One row two scales (``kind`` is ``scale``, and ``comparator`` the other scale), or a scale
        and a comparator (``comparator``), and unit. An estimate can be beyond 1: then the items
        of the two go together as well as those of each.

    Raises
    ------
    DataError
        Absent or non-numeric columns, reliabilities that are none.

    References
    ----------
    Spearman (1904): see :mod:`psychometrics.stats.disattenuation`.
    Padilla, M. A., & Veprinsky, A. (2012). Correlation attenuation due to measurement error: a new
    approach using the bootstrap procedure. Educational and Psychological Measurement, 72, 827-846.
    doi:10.1177/0013164412443963

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> person = np.random.default_rng(1).normal(size=(300, 1)).repeat(6, axis=1)
    >>> noise = np.random.default_rng(2).normal(size=(300, 6))
    >>> frame = pd.DataFrame(person + noise, columns=list("abcdef"))
    >>> found = disattenuated_correlations(frame, {"S": list("abc"), "T": list("def")}, n_boot=200)
    >>> bool(found["observed"].iloc[0] < 0.8 < found["low"].iloc[0])
    True
    """
    check_level(level)
    check_samples(n_boot)
    need_answers(data, "disattenuated_correlations()")
    keyed = parse_scales(scales)
    names = list(keyed.scales)
    refuse_no_reliability(reliabilities, [*names, *comparators])
    twice = [name for name in comparators if name in names]
    if twice:
        raise DataError(f"{', '.join(twice)} names a scale and a comparator; rename one.")
    pairs = [(a, b, "scale") for a, b in combinations(names, 2)]
    pairs += [(scale, name, "comparator") for scale in names for name in comparators]
    given = {name: list(items) for name, items in scales.items()}
    given |= {name: [name] for name in comparators}
    seed = seed_of(rng)
    rows: list[Row] = []
    for a, b, kind in pairs:
        chosen = select(data, {a: given[a], b: given[b]}, group=group)
        known = (reliabilities.get(a), reliabilities.get(b, 1.0 if kind == "comparator" else None))
        own = pair_rows(chosen, (a, b), known, n_boot, level, seed)
        own += synthesize(own, level, at_least=len(chosen.groups))
        rows += [{"scale": a, "comparator": b, "kind": kind, **row} for row in own]
    return tidy(rows, DISATTENUATED_COLUMNS)


def refuse_no_reliability(reliabilities: Mapping[str, float], names: Sequence[str]) -> None:
    """Refuse reliabilities that are none, or of something that is not there."""
    for name, value in reliabilities.items():
        if name not in names:
            raise DataError(f"reliabilities names {name!r}, which is no scale or comparator here.")
        if not 0 < value <= 1:
            raise DataError(f"{value!r} is no reliability of {name}; give a number up to 1.")


@one_blas_thread()
def pair_rows(
    chosen: Selection,
    pair: tuple[str, str],
    known: tuple[float | None, float | None],
    n_boot: int,
    level: float,
    seed: int,
) -> list[Row]:
    """Return the row of every unit of one pair."""
    columns = np.concatenate([chosen.keyed.positions(name) for name in pair])
    n_first = len(chosen.keyed.scales[pair[0]])
    units = chosen.units(columns)
    found = disattenuate(units.covariance, n_first, *known)
    samples = None
    if n_boot:
        samples = bootstrap_pair(chosen, columns, n_first, known, n_boot, seed, pair)
    limits = None if samples is None else percentile_interval(samples, level)
    return [
        unit_row(chosen, units, unit, pair, known, found, limits, level)
        for unit in range(len(units))
    ]


def bootstrap_pair(
    chosen: Selection,
    columns: IntArray,
    n_first: int,
    known: tuple[float | None, float | None],
    n_boot: int,
    seed: int,
    pair: tuple[str, str],
) -> FloatArray:
    """Return the corrected correlation of every sample and unit, (n_boot, units)."""
    keep = chosen.complete(columns)
    n_groups = len(chosen.groups)
    strata = np.where(chosen.group[keep] < 0, n_groups, chosen.group[keep])
    parts = [
        disattenuate(unit_scatter(sums, n_groups), n_first, *known).estimate
        for sums in bootstrap_sums(
            chosen.values[keep][:, columns], strata, (*chosen.groups, UNGROUPED), n_boot, seed,
            f"disattenuated {pair[0]} {pair[1]}",
        )
    ]  # fmt: skip
    return np.concatenate(parts)


def unit_row(
    chosen: Selection,
    units: Units,
    unit: int,
    pair: tuple[str, str],
    known: tuple[float | None, float | None],
    found: Disattenuated,
    limits: tuple[FloatArray, FloatArray] | None,
    level: float,
) -> Row:
    """Return the row of one unit."""
    why = pair_problem(chosen, units, unit, pair, known, found)
    row: Row = {
        "group": units.group[unit], "pooling": units.pooling[unit], "level": level,
        "estimate": np.nan, "low": np.nan, "high": np.nan, "n_obs": int(units.n[unit]),
        "method": "corrected for attenuation", "reason": why,
    }  # fmt: skip
    if why:
        return row
    row |= {
        "estimate": float(found.estimate[unit]), "observed": float(found.observed[unit]),
        "scale_reliability": float(found.first_reliability[unit]),
        "comparator_reliability": float(found.second_reliability[unit]),
    }  # fmt: skip
    if limits is None:
        return row
    low, high = float(limits[0][unit]), float(limits[1][unit])
    if not np.isfinite(low):
        return row | {"reason": reason("interval_undefined")}
    inside = abs(row["estimate"]) < 1 and abs(low) < 1 and abs(high) < 1
    variance = interval_variance(low, high, "fisher_z", level) if inside else np.nan
    return row | {
        "low": low, "high": high, "transformed": "fisher_z",
        "transformed_variance": float(variance),
        "method": "corrected for attenuation, percentile bootstrap",
    }  # fmt: skip


def pair_problem(
    chosen: Selection,
    units: Units,
    unit: int,
    pair: tuple[str, str],
    known: tuple[float | None, float | None],
    found: Disattenuated,
) -> Reason:
    """Say why a unit has no corrected correlation; empty if it has one."""
    shared = set(chosen.keyed.scales[pair[0]]) & set(chosen.keyed.scales[pair[1]])
    if shared:
        return reason("shared_items", items=", ".join(sorted(shared)))
    if units.n[unit] < 4 or units.df[unit] < 3:
        return reason("too_few_cases", n_obs=int(units.n[unit]), needed=4)
    variance = np.diagonal(units.covariance[unit])
    items = [item for name in pair for item in chosen.keyed.scales[name]]
    still = [item for item, v in zip(items, variance, strict=True) if not v > 0]
    if still:
        return reason("constant_items", items=", ".join(still))
    parts = (found.first_reliability[unit], found.second_reliability[unit])
    for name, value, given in zip(pair, parts, known, strict=True):
        n_items = len(chosen.keyed.scales[name])
        if given is None and n_items < 2:
            return reason("too_few_items", n_items=n_items, needed=2)
        if not value > 0:
            return reason("no_reliability", scale=name)
    return NO_REASON
