"""From the parameter table to index arrays that the kernel gathers with.

Observed and latent variables stand in one vector of v variables. Three arrays hold a model:
A (v x v, who is regressed on or loads on whom), S (v x v, (residual) covariances) and m (v,
intercepts); see McArdle & McDonald (1984), British Journal of Mathematical and Statistical
Psychology, 37, 234-251. A parameter is a *slot*: one entry of one of the three.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psychometrics.errors import ModelError
from psychometrics.stats.cfa.table import Parameter, ParameterTable
from psychometrics.stats.moments import FloatArray

IndexArray = npt.NDArray[np.intp]

REGRESSION, COVARIANCE, MEAN = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each parameter stands, and how free parameters fill the slots.

    Attributes
    ----------
    variables : tuple of str
        The p observed names, then the latent ones.
    n_observed, n_variables, n_free : int
        p, v and q.
    kind, row, column : ndarray of int, shape (m,)
        Which array a slot is in, and where.
    selection : ndarray, shape (group, m, q)
        Slot values are ``selection @ z + fixed`` for free parameters z.
    fixed : ndarray, shape (group, m)
        Values of slots that are not free.
    depth : int or None
        Longest path through A; None where A has a loop.
    free_rows : tuple of int, length q
        For each free parameter, the first row of the table that it fills.
    row_slots : ndarray of int, shape (n_rows,)
        Slot of each row of the table.
    mean_structure : bool
        Whether means are modelled.
    """

    variables: tuple[str, ...]
    n_observed: int
    n_variables: int
    n_free: int
    kind: IndexArray
    row: IndexArray
    column: IndexArray
    selection: FloatArray
    fixed: FloatArray
    depth: int | None
    free_rows: tuple[int, ...]
    row_slots: IndexArray
    mean_structure: bool

    @property
    def left(self) -> IndexArray:
        """Column of ``[P, Q]`` on the left of each slot's derivative (see ``kernel``)."""
        return self.row

    @property
    def right(self) -> IndexArray:
        """Column of ``[P, Q]`` on the right of each slot's derivative."""
        shift = np.where(self.kind == REGRESSION, self.n_variables, 0)
        return np.asarray(self.column + shift, dtype=np.intp)

    @property
    def factor(self) -> FloatArray:
        """What a slot's derivative is multiplied by: 1/2 for a variance, 0 for a mean."""
        half = np.where(self.row == self.column, 0.5, 1.0)
        return np.where(self.kind == MEAN, 0.0, np.where(self.kind == COVARIANCE, half, 1.0))


def position_of(row: Parameter, index: dict[str, int]) -> tuple[int, int, int]:
    """Return array, row and column of a parameter."""
    left = index[row.lhs]
    if row.op == "~1":
        return MEAN, left, left
    right = index[row.rhs]
    if row.op == "=~":
        return REGRESSION, right, left
    if row.op == "~":
        return REGRESSION, left, right
    return COVARIANCE, left, right


def path_depth(kind: IndexArray, row: IndexArray, column: IndexArray, v: int) -> int | None:
    """Return the longest path through A, or None where it has a loop."""
    step = np.zeros((v, v), dtype=bool)
    paths = kind == REGRESSION
    step[row[paths], column[paths]] = True
    reach = step
    for depth in range(v + 1):
        if not reach.any():
            return depth
        reach = (reach.astype(int) @ step.astype(int)) > 0
    return None


def lay_out(table: ParameterTable) -> Layout:
    """Build the index arrays of a parameter table.

    Raises
    ------
    ModelError
        If nothing is free.
    """
    variables = table.observed + table.latent
    index = {name: i for i, name in enumerate(variables)}
    slots: dict[tuple[int, int, int], int] = {}
    row_slots = np.empty(len(table.rows), dtype=np.intp)
    for i, row in enumerate(table.rows):
        row_slots[i] = slots.setdefault(position_of(row, index), len(slots))
    free_index: dict[str | int, int] = {}
    free_rows: list[int] = []
    fixed = np.zeros((table.n_groups, len(slots)))
    chosen: list[tuple[int, int, int]] = []
    for i, row in enumerate(table.rows):
        if not row.free:
            fixed[row.group, row_slots[i]] = row.value or 0.0
            continue
        key: str | int = row.label if row.label is not None else i
        if key not in free_index:
            free_index[key] = len(free_rows)
            free_rows.append(i)
        chosen.append((row.group, int(row_slots[i]), free_index[key]))
    if not free_rows:
        raise ModelError("The model has no free parameter: there is nothing to estimate.")
    selection = np.zeros((table.n_groups, len(slots), len(free_rows)))
    for group, slot, parameter in chosen:
        selection[group, slot, parameter] = 1.0
    place = np.array(list(slots), dtype=np.intp)
    return Layout(
        variables,
        len(table.observed),
        len(variables),
        len(free_rows),
        place[:, 0],
        place[:, 1],
        place[:, 2],
        selection,
        fixed,
        path_depth(place[:, 0], place[:, 1], place[:, 2], len(variables)),
        tuple(free_rows),
        row_slots,
        table.mean_structure,
    )
