"""What equal thresholds identify of ordered items in the later groups.

The variable behind an ordered item has neither origin nor unit of its own; the first group's are
taken as 0 and 1. Once thresholds are equal they carry both over to the other groups, whose
intercepts and scales (or residual variances) can then be estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from psychometrics.errors import ModelError
from psychometrics.stats.cfa.table import Parameter, ParameterTable

Identification = Literal["lavaan", "wu_estabrook"]
Exempt = set[tuple[str, str, str]]


def release_ordered(
    rows: list[Parameter],
    table: ParameterTable,
    group_equal: Sequence[str],
    exempt: Exempt,
    identification: Identification,
) -> list[Parameter]:
    """Free what equal thresholds identify in the later groups.

    Parameters
    ----------
    rows : list of Parameter
        The rows of the table, factor means and variances already freed.
    table : ParameterTable
        The model.
    group_equal : sequence of str
        What is equal.
    exempt : set of tuple of str
        Single parameters that are not.
    identification : {"lavaan", "wu_estabrook"}
        With ``lavaan`` equal thresholds free the scales and the factor means; intercepts stay 0.
        With ``wu_estabrook`` an item with two equal thresholds or more gets its own intercept and
        scale, and an item with one (a yes-no item) its intercept, until intercepts are equal; its
        scale is free once thresholds, loadings and intercepts are equal together.

    Raises
    ------
    ModelError
        Equal residual variances, which the delta parameterization can't state.

    References
    ----------
    Wu, H., & Estabrook, R. (2016). Identification of confirmatory factor analysis models of
    different levels of invariance for ordered categorical outcomes. Psychometrika, 81, 1014-1045.
    doi:10.1007/s11336-016-9506-0
    """
    if not table.ordered:
        if "thresholds" in group_equal:
            raise ModelError("group_equal names thresholds; no item of the model is ordered.")
        return rows
    if "residuals" in group_equal and table.parameterization == "delta":
        raise ModelError(
            "Equal residual variances of ordered items can't be stated with the delta "
            "parameterization; use parameterization='theta'."
        )
    if "thresholds" not in group_equal:
        return rows
    return [release_row(row, table, group_equal, exempt, identification) for row in rows]


def release_row(
    row: Parameter,
    table: ParameterTable,
    group_equal: Sequence[str],
    exempt: Exempt,
    identification: Identification,
) -> Parameter:
    """Free one row, if equal thresholds identify it."""
    if row.group == 0 or row.free or row.dependent or row.lhs not in table.ordered:
        return row
    given = "~*~" if table.parameterization == "delta" else "~~"
    is_scale = row.op == given and row.rhs == row.lhs
    is_origin = row.op == "~1"
    if not (is_scale and row.value == 1) and not (is_origin and row.value == 0):
        return row
    named = (row.lhs, row.op, row.rhs) in exempt
    if is_scale and "residuals" in group_equal and not named:
        return row
    if identification == "lavaan":
        return replace(row, free=True, value=None) if is_scale or named else row
    equal = equal_thresholds(row.lhs, row.group, table, exempt)
    together = {"thresholds", "loadings", "intercepts"} <= set(group_equal)
    if is_origin:
        wanted = equal > 0 and ("intercepts" not in group_equal or named)
    else:
        wanted = equal > 1 or (equal == 1 and together)
    return replace(row, free=True, value=None) if wanted else row


def equal_thresholds(item: str, group: int, table: ParameterTable, exempt: Exempt) -> int:
    """Count the thresholds of an item that are equal."""
    return sum(
        row.op == "|" and row.lhs == item and row.group == group
        and (item, "|", row.rhs) not in exempt
        for row in table.rows
    )  # fmt: skip
