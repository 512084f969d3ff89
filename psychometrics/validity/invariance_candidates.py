"""What a search for partial invariance may set free, level by level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from psychometrics.stats.cfa.table import Parameter, ParameterTable
from psychometrics.validity.invariance_fits import Freed

# What is searched at each level: the operator of its parameters, and what is equal.
Stage = tuple[str, tuple[str, ...]]
STAGES: dict[str, Stage] = {
    "metric": ("=~", ("loadings",)),
    "scalar": ("~1", ("loadings", "intercepts")),
}
ORDERED_STAGES: dict[str, Stage] = {
    "thresholds": ("|", ("thresholds",)),
    "metric": ("=~", ("thresholds", "loadings")),
    "scalar": ("~1", ("thresholds", "loadings", "intercepts")),
}
# Two equal thresholds carry the origin and the unit of an ordered item over to a group (Wu &
# Estabrook, 2016); the others can be told apart from these.
LEAST_THRESHOLDS = 2


def stages_of(table: ParameterTable) -> dict[str, Stage]:
    """Return the levels that are searched."""
    return ORDERED_STAGES if table.ordered else STAGES


def releasable(
    table: ParameterTable, op: str, freed: frozenset[Freed], min_anchors: int
) -> tuple[list[Freed], list[int]]:
    """Return what may be set free, and its row in the table.

    With two groups a parameter is equal or not, whichever group is named: the second one is.
    """
    members = loading_map(table)
    held: dict[tuple[str, str, str], dict[int, int]] = {}
    for at, row in enumerate(table.rows):
        if row.op == op and is_held(row, table):
            held.setdefault((row.lhs, op, row.rhs), {})[row.group] = at
    found: list[Freed] = []
    rows: list[int] = []
    for name, places in held.items():
        groups = [g for g in sorted(places) if (*name, g) not in freed]
        if len(groups) < 2:
            continue
        for g in groups[1:] if len(groups) == 2 else groups:
            candidate: Freed = (*name, g)
            if op == "|" and not keeps_thresholds(table, candidate, freed):
                continue
            if keeps_anchors(members, op, freed | {candidate}, table.n_groups, min_anchors):
                found.append(candidate)
                rows.append(places[g])
    return found, rows


def is_held(row: Parameter, table: ParameterTable) -> bool:
    """Tell whether a parameter is equal over groups: it shares a label, or is fixed alike.

    Equal intercepts of ordered items are 0 in all groups.
    """
    if row.op == "~1" and row.lhs not in table.observed:
        return False
    if row.op == "~1" and row.lhs in table.ordered:
        return not row.free
    return row.free and row.label is not None


def loading_map(table: ParameterTable) -> dict[str, list[str]]:
    """Return the observed items of each factor."""
    found: dict[str, list[str]] = {}
    for row in table.rows:
        if row.op == "=~" and row.group == 0 and row.rhs in table.observed:
            found.setdefault(row.lhs, []).append(row.rhs)
    return found


def keeps_thresholds(table: ParameterTable, candidate: Freed, freed: frozenset[Freed]) -> bool:
    """Tell whether enough thresholds of an item stay equal if one more is set free in a group."""
    item, op, _, group = candidate
    count = sum(row.op == op and row.lhs == item and row.group == group for row in table.rows)
    free = sum(one[0] == item and one[1] == op and one[3] == group for one in freed)
    return count - free - 1 >= LEAST_THRESHOLDS


def keeps_anchors(
    members: Mapping[str, Sequence[str]],
    op: str,
    freed: frozenset[Freed],
    n_groups: int,
    min_anchors: int,
) -> bool:
    """Tell whether every factor keeps enough equal items in every group.

    An item counts as equal in thresholds where all of them are.
    """
    apart = {(lhs, rhs if op == "=~" else "", g) for lhs, kind, rhs, g in freed if kind == op}
    for factor, items in members.items():
        anchored = np.zeros(n_groups, dtype=int)
        for item in items:
            name = (factor, item) if op == "=~" else (item, "")
            equal = [g for g in range(n_groups) if (*name, g) not in apart]
            if len(equal) > 1:
                anchored[equal] += 1
        if anchored.min() < min(min_anchors, len(items)):
            return False
    return True
