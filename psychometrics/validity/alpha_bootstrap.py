"""Bootstrap intervals of alpha, for units where the small-n policy asks for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from psychometrics.errors import NO_REASON, reason
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.reliability import cronbach_alpha
from psychometrics.stats.resampling import bootstrap_sums, percentile_interval
from psychometrics.validity.coverage import short_words
from psychometrics.validity.htmt_samples import UNGROUPED, unit_scatter
from psychometrics.validity.reliability_sample import Resampling, ScaleSample
from psychometrics.validity.selection import Missing, Selection
from psychometrics.validity.small_n import in_force


def with_bootstrap(
    rows: list[dict[str, Any]],
    chosen: Selection,
    columns: IntArray,
    scale: str,
    n_boot: int,
    seed: int,
    missing: Missing = "listwise",
) -> list[dict[str, Any]]:
    """Put the percentile bootstrap interval into the rows of units that are small by the policy.

    Parameters
    ----------
    rows : list of dict
        One a unit, in the order of ``Selection.units``.
    chosen : Selection
        Answers; moments can't be resampled, and keep their interval.
    columns : ndarray of int
        The scale's items.
    scale : str
        Its name, to which a stream of random numbers belongs.
    n_boot, seed : int
        Samples and where they come from.
    missing : {"listwise", "pairwise"}
        What samples are made of in units with missing answers: the rows complete on the scale, or
        all pairs of answers.
    """
    policy = in_force()
    rules = [policy.broken("alpha", "bootstrap", row["pooling"], row["n_obs"]) for row in rows]
    if chosen.moments is not None or not n_boot or not any(rules):
        return rows
    replicates = _replicates(chosen, columns, scale, n_boot, seed)
    pairs = incomplete_units(chosen, columns, rows) if missing == "pairwise" else []
    if pairs:
        sample = ScaleSample(chosen, columns, missing, scale, Resampling(n_boot, seed))
        for unit in pairs:
            drawn = sample.boot_covariance(rows[unit]["pooling"], rows[unit]["group"])
            replicates[:, unit] = cronbach_alpha(drawn)
    low, high = percentile_interval(replicates, rows[0]["level"])
    made = []
    for unit, (row, rule) in enumerate(zip(rows, rules, strict=True)):
        if rule is None or row["reason"]:
            made.append(row)
            continue
        of = "pairwise covariances" if unit in pairs else "complete rows"
        told = f"percentile bootstrap of {of}, {n_boot} (small-n rule {rule.key})"
        if short := short_words("alpha", "bootstrap", row["n_obs"]):
            told += f"; {short}"
        why = reason("interval_undefined") if np.isnan(low[unit]) else NO_REASON
        limits = {"low": float(low[unit]), "high": float(high[unit])}
        made.append({**row, **limits, "method": told, "reason": why})
    return made


def incomplete_units(chosen: Selection, columns: IntArray, rows: list[dict[str, Any]]) -> list[int]:
    """Return the units in which somebody answered some of the items and not all."""
    gaps = chosen.some(columns) & ~chosen.complete(columns)
    return [
        unit
        for unit, row in enumerate(rows)
        if (gaps & chosen.members(row["pooling"], row["group"])).any()
    ]


def _replicates(
    chosen: Selection, columns: IntArray, scale: str, n_boot: int, seed: int
) -> FloatArray:
    """Return alpha of every bootstrap sample in every unit, (n_boot, units)."""
    keep = chosen.complete(columns)
    x, label = chosen.values[keep][:, columns], chosen.group[keep]
    n_groups = len(chosen.groups)
    strata = np.where(label < 0, n_groups, label)
    weights = None if chosen.weights is None else chosen.weights[keep]
    names = (*chosen.groups, UNGROUPED)
    drawn = bootstrap_sums(x, strata, names, n_boot, seed, f"alpha {scale}", weights)
    # Alpha is a ratio of variances, so sums of squares do as well.
    return np.concatenate([cronbach_alpha(unit_scatter(sums, n_groups)) for sums in drawn])
