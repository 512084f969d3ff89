"""From the parameter table to index arrays that the kernel gathers with.

Observed and latent variables stand in one vector of v variables. Three arrays hold a model:
A (v x v, who is regressed on or loads on whom), S (v x v, (residual) covariances) and m (v,
intercepts); see McArdle & McDonald (1984), British Journal of Mathematical and Statistical
Psychology, 37, 234-251. Ordered items add thresholds and scales. A parameter is a *slot*: one entry
of one of these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from psychometrics.errors import ModelError
from psychometrics.stats.cfa.arrow import Blocks, IndexArray
from psychometrics.stats.cfa.constraints import solve_constraints
from psychometrics.stats.cfa.table import Parameter, ParameterTable
from psychometrics.stats.moments import BoolArray, FloatArray

REGRESSION, COVARIANCE, MEAN, THRESHOLD, SCALE = 0, 1, 2, 3, 4


@dataclass(frozen=True)
class Plan:
    """How derivatives by the slots become derivatives by the free parameters.

    Attributes
    ----------
    blocks : Blocks
        Parameters by group, and common ones.
    slots : ndarray of int, shape (k,)
        Slots that derivatives are needed of. In a regular plan each belongs to one column of the
        groups' own parameters and the common ones, in their order.
    present : ndarray of bool, shape (group, k), or None
        Regular plans: which columns a group has; None where all groups have all.
    chosen : ndarray, shape (group, k, L + S), or None
        Other plans: the weight of each parameter in each slot.
    """

    blocks: Blocks
    slots: IndexArray
    present: BoolArray | None
    chosen: FloatArray | None


@dataclass(frozen=True)
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
    number : ndarray of int, shape (m,)
        Which threshold of its item a threshold's slot is, from 0 up; 0 for other slots.
    dependent : ndarray of bool, shape (m,)
        Slots that follow from the others: see :class:`Parameter`.
    ordered : ndarray of bool, shape (p,)
        Which observed variables are ordered items.
    theta : bool
        Whether residual variances of ordered items are parameters, and not their scales.
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
    number: IndexArray
    dependent: BoolArray
    ordered: BoolArray
    theta: bool

    @cached_property
    def left(self) -> IndexArray:
        """Column of ``[P, Q]`` on the left of each slot's derivative (see ``kernel``)."""
        return self.row

    @cached_property
    def right(self) -> IndexArray:
        """Column of ``[P, Q]`` on the right of each slot's derivative."""
        shift = np.where(self.kind == REGRESSION, self.n_variables, 0)
        return np.asarray(self.column + shift, dtype=np.intp)

    @cached_property
    def factor(self) -> FloatArray:
        """What a slot's derivative is multiplied by: 1/2 for a variance, 0 off the covariances."""
        half = np.where(self.row == self.column, 0.5, 1.0)
        moves = np.where(self.kind == COVARIANCE, half, np.where(self.kind == REGRESSION, 1.0, 0.0))
        return np.asarray(moves)

    @cached_property
    def source(self) -> IndexArray | None:
        """Free parameter of each slot, (group, m), q where fixed; None where slots mix them."""
        count = (self.selection != 0).sum(axis=-1)
        if (count > 1).any() or np.any((self.selection != 0) & (self.selection != 1)):
            return None
        return np.where(count == 1, self.selection.argmax(axis=-1), self.n_free)

    @cached_property
    def plan(self) -> Plan:
        """How derivatives are gathered."""
        return make_plan(self)

    @cached_property
    def narrow(self) -> Layout:
        """The same with only the slots that derivatives are needed of."""
        at = self.plan.slots
        return replace(
            self,
            kind=self.kind[at],
            row=self.row[at],
            column=self.column[at],
            selection=self.selection[:, at],
            fixed=self.fixed[:, at],
            number=self.number[at],
            dependent=self.dependent[at],
        )


def make_plan(layout: Layout) -> Plan:
    """Sort the free parameters into those of one group and those of several."""
    q, n_groups = layout.n_free, len(layout.selection)
    used = np.asarray((layout.selection != 0).any(axis=1))
    common = used.sum(axis=0) != 1 if n_groups > 1 else np.ones(q, dtype=bool)
    shared = np.flatnonzero(common)
    regular = regular_plan(layout, shared)
    if regular is not None:
        return regular
    own = [np.flatnonzero(used[g] & ~common) for g in range(n_groups)]
    local = np.full((n_groups, max(len(part) for part in own)), q)
    for g, part in enumerate(own):
        local[g, : len(part)] = part
    slots = np.flatnonzero((layout.selection != 0).any(axis=(0, 2)))
    padded = np.concatenate([layout.selection, np.zeros((*layout.selection.shape[:2], 1))], axis=2)
    chosen = np.stack(
        [padded[g][slots][:, np.concatenate([local[g], shared])] for g in range(n_groups)]
    )
    return Plan(Blocks(local, shared, q), slots, None, chosen)


def regular_plan(layout: Layout, shared: IndexArray) -> Plan | None:
    """Return the plan in which each parameter fills the same one slot in all of its groups.

    None where a parameter fills several slots of a group, or other slots in other groups.
    """
    source, q = layout.source, layout.n_free
    if source is None:
        return None
    common = np.zeros(q + 1, dtype=bool)
    common[shared] = True
    is_local = (source < q) & ~common[source]
    places = np.full((len(source), q + 1), -1)
    for g, row in enumerate(source):
        filled = np.flatnonzero(row < q)
        if len(np.unique(row[filled])) < len(filled):
            return None
        places[g, row[filled]] = filled
    own = places[:, shared]
    first = own.max(axis=0, initial=-1)
    if np.any((own >= 0) & (own != first)):
        return None
    local_slots = np.flatnonzero(is_local.any(axis=0))
    local = np.where(is_local[:, local_slots], source[:, local_slots], q)
    present = np.concatenate([is_local[:, local_slots], own >= 0], axis=1)
    return Plan(
        Blocks(local.astype(np.intp), shared, q),
        np.concatenate([local_slots, first]).astype(np.intp),
        None if present.all() else present,
        None,
    )


def position_of(row: Parameter, index: dict[str, int]) -> tuple[int, int, int, int]:
    """Return array, row and column of a parameter, and the number of a threshold."""
    left = index[row.lhs]
    if row.op == "~1":
        return MEAN, left, left, 0
    if row.op == "|":
        return THRESHOLD, left, left, int(row.rhs[1:]) - 1
    right = index[row.rhs]
    if row.op == "=~":
        return REGRESSION, right, left, 0
    if row.op == "~":
        return REGRESSION, left, right, 0
    return (SCALE if row.op == "~*~" else COVARIANCE), left, right, 0


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
    slots: dict[tuple[int, int, int, int], int] = {}
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
    selection = np.zeros((table.n_groups, len(slots), len(free_rows)))
    for group, slot, parameter in chosen:
        selection[group, slot, parameter] = 1.0
    if table.constraints:
        solved = solve_constraints(table, free_index)
        fixed = fixed + selection @ solved.offset
        selection = selection @ solved.basis
        free_rows = [free_rows[i] for i in solved.kept]
    if not free_rows:
        raise ModelError("The model has no free parameter: there is nothing to estimate.")
    place = np.array(list(slots), dtype=np.intp)
    dependent = np.zeros(len(slots), dtype=bool)
    dependent[[slot for slot, row in zip(row_slots, table.rows, strict=True) if row.dependent]] = (
        True
    )
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
        place[:, 3],
        dependent,
        np.isin(np.array(table.observed), np.array(table.ordered or [""])),
        table.parameterization == "theta",
    )
