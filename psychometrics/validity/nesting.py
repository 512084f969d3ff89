"""Whether one level of invariance is a special case of another, for items of two categories."""

from __future__ import annotations

from collections.abc import Sequence

from psychometrics.stats.cfa.table import Parameter, ParameterTable


def not_nested(restricted: ParameterTable, wider: ParameterTable) -> tuple[str, ...]:
    """Return the items of two categories because of which one model is no case of the other.

    One threshold carries over either the origin or the unit of such an item to another group. With
    equal loadings a model that fixes the unit is no case of one that fixes the origin, nor the
    other way round, though one of them may have fewer parameters (Wu & Estabrook, 2016).

    Parameters
    ----------
    restricted, wider : ParameterTable
        Models of the same answers.
    """
    if restricted.n_groups != wider.n_groups:
        return ()
    free = {name_of(row) for row in restricted.rows if row.free}
    two = two_categories(wider)
    found = set()
    for row in wider.rows:
        item = row.lhs
        if item not in two or row.free or row.group == 0 or not is_origin_or_unit(row):
            continue
        if name_of(row) in free and has_equal_loading(wider, item, row.group):
            found.add(item)
    return tuple(item for item in wider.observed if item in found)


def last_wider(tables: Sequence[ParameterTable]) -> int:
    """Return which of the models before the last one it is held against: the last wider one."""
    *before, own = tables
    at = len(before) - 1
    while at > 0 and not_nested(own, before[at]):
        at -= 1
    return at


def name_of(row: Parameter) -> tuple[str, str, str, int]:
    """Return what a parameter is called, with its group."""
    return row.lhs, row.op, row.rhs, row.group


def two_categories(table: ParameterTable) -> set[str]:
    """Return the ordered items with one threshold."""
    counts: dict[str, int] = {}
    for row in table.rows:
        if row.op == "|" and row.group == 0:
            counts[row.lhs] = counts.get(row.lhs, 0) + 1
    return {item for item, count in counts.items() if count == 1}


def is_origin_or_unit(row: Parameter) -> bool:
    """Tell whether a parameter is an intercept, a residual variance or a scale."""
    return row.op in ("~1", "~*~") or (row.op == "~~" and row.lhs == row.rhs)


def has_equal_loading(table: ParameterTable, item: str, group: int) -> bool:
    """Tell whether an item's loading is equal over groups."""
    return any(
        row.op == "=~" and row.rhs == item and row.group == group and row.label is not None
        for row in table.rows
    )
