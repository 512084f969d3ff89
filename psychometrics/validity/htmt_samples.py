"""Bootstrap samples of the heterotrait-monotrait ratio: of people, pairs of answers, clusters."""

from __future__ import annotations

from typing import Literal

import numpy as np

from psychometrics.stats.heterotrait import heterotrait_monotrait
from psychometrics.stats.moments import (
    FloatArray,
    IntArray,
    Sums,
    correlation_of,
    pool_total,
    scatter_of,
)
from psychometrics.stats.resampling import bootstrap_sums
from psychometrics.validity.reliability_sample import Resampling, ScaleSample
from psychometrics.validity.selection import Selection, Units, first_groups

Variant = Literal["htmt", "htmt2"]

UNGROUPED = "(no group)"

# Samples of pairs of answers that are held at once.
PAIRS_AT_ONCE = 500


def ratio(
    correlation: FloatArray, membership: FloatArray, variant: Variant, *, absolute: bool
) -> FloatArray:
    """Return HTMT or HTMT2 from correlations."""
    return heterotrait_monotrait(
        correlation, membership, geometric=variant == "htmt2", absolute=absolute
    )


def bootstrap_ratios(
    chosen: Selection,
    units: Units,
    variants: tuple[Variant, ...],
    n_boot: int,
    seed: int,
    *,
    absolute: bool,
    clusters: IntArray | None = None,
) -> dict[Variant, FloatArray]:
    """Return bootstrap replicates of HTMT in every unit, (n_boot, units, scales, scales).

    Units with complete rows draw people; those with missing answers draw people and use the pairs
    of answers they gave; with clusters, whole clusters are drawn.
    """
    wanted = list(units.incomplete) if clusters is None else list(range(len(units)))
    found: dict[Variant, FloatArray] = {}
    if len(wanted) < len(units):
        found = complete_ratios(chosen, variants, n_boot, seed, absolute=absolute)
    if wanted:
        pairs = pair_ratios(
            chosen, units, wanted, variants, n_boot, seed, absolute=absolute, clusters=clusters
        )
        if not found:
            return pairs
        for variant, own in pairs.items():
            found[variant][:, wanted] = own
    return found


def complete_ratios(
    chosen: Selection, variants: tuple[Variant, ...], n_boot: int, seed: int, *, absolute: bool
) -> dict[Variant, FloatArray]:
    """Return the replicates of people with complete rows.

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


def pair_ratios(
    chosen: Selection,
    units: Units,
    wanted: list[int],
    variants: tuple[Variant, ...],
    n_boot: int,
    seed: int,
    *,
    absolute: bool,
    clusters: IntArray | None = None,
) -> dict[Variant, FloatArray]:
    """Return the replicates of some units from all pairs of answers, (n_boot, wanted, s, s).

    Sums of pairs of all replicates are products of counts with what each row adds, too.
    """
    columns = np.arange(len(chosen.keyed.items))
    missing: Literal["pairwise", "listwise"] = "pairwise" if units.incomplete else "listwise"
    membership = chosen.keyed.membership
    parts: dict[Variant, list[FloatArray]] = {variant: [] for variant in variants}
    for first in range(0, n_boot, PAIRS_AT_ONCE):
        how = Resampling(min(PAIRS_AT_ONCE, n_boot - first), seed, clusters)
        sample = ScaleSample(chosen, columns, missing, f"htmt from {first}", how)
        covariance = np.stack(
            [sample.boot_covariance(units.pooling[at], units.group[at]) for at in wanted], axis=1
        )
        correlation = correlation_of(covariance)
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
