"""Linear constraints between parameters, met by writing some parameters through the others.

``a + b == 2`` leaves b free and makes a what remains; nothing is penalised. The parameters that
stay free keep their place in the table, so that they have starting values and bounds like any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from psychometrics.errors import ModelError
from psychometrics.stats.cfa.table import Constraint, Parameter, ParameterTable
from psychometrics.stats.moments import FloatArray

# Coefficients smaller than this are rounding.
TINY = 1e-10


@dataclass(frozen=True, slots=True)
class SolvedConstraints:
    """Parameters under constraints: ``theta = basis @ kept + offset``.

    Attributes
    ----------
    basis : ndarray, shape (q, q - constraints)
    offset : ndarray, shape (q,)
    kept : tuple of int
        Which parameters stay free.
    """

    basis: FloatArray
    offset: FloatArray
    kept: tuple[int, ...]


def solve_constraints(
    table: ParameterTable, free_index: Mapping[str | int, int]
) -> SolvedConstraints:
    """Eliminate one parameter a constraint.

    Parameters
    ----------
    table : ParameterTable
        The model with its constraints.
    free_index : mapping
        Place of each free parameter by its label, or by its row.

    Raises
    ------
    ModelError
        Constraints that contradict each other, or the fixed values.
    """
    q = len(free_index)
    system = np.array([one_row(c, table, free_index, q) for c in table.constraints])
    pivots: dict[int, int] = {}
    for at, constraint in enumerate(table.constraints):
        row = system[at]
        size = np.abs(row[:q])
        if not q or size.max() < TINY:
            if abs(row[q]) > 1e-8:
                raise ModelError(
                    f"The constraint {constraint.text!r} can't be met together with the fixed "
                    "values and the other constraints; leave one of them out."
                )
            continue
        pivot = int(size.argmax())
        system[at] = row / row[pivot]
        for other in range(len(system)):
            if other != at:
                system[other] = system[other] - system[other, pivot] * system[at]
        pivots[pivot] = at
    kept = tuple(i for i in range(q) if i not in pivots)
    basis, offset = np.zeros((q, len(kept))), np.zeros(q)
    basis[list(kept), np.arange(len(kept))] = 1.0
    for pivot, at in pivots.items():
        basis[pivot], offset[pivot] = -system[at, list(kept)], system[at, q]
    return SolvedConstraints(basis, offset, kept)


def one_row(
    constraint: Constraint, table: ParameterTable, free_index: Mapping[str | int, int], q: int
) -> FloatArray:
    """Return coefficients of the free parameters and the constant of ``row @ theta = c``."""
    row = np.zeros(q + 1)
    row[q] = constraint.constant
    for place, coefficient in constraint.terms:
        parameter: Parameter = table.rows[place]
        if parameter.free:
            row[free_index[place if parameter.label is None else parameter.label]] += coefficient
        else:
            row[q] -= coefficient * (parameter.value or 0.0)
    return row
