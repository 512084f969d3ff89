"""Score tests of equalities that could be released: what chi-square would fall by."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from psychometrics.stats.cfa.arrow import IndexArray
from psychometrics.stats.cfa.kernel import SampleMoments
from psychometrics.stats.cfa.layout import lay_out
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import FloatArray


@dataclass(frozen=True, slots=True)
class Release:
    """The test of one equality.

    Attributes
    ----------
    row, reference : int
        Row of the table that would be freed, and the row it equals now.
    statistic, p_value : float
        Expected fall of chi-square, 1 df.
    change : float
        Expected change of the freed parameter.
    """

    row: int
    reference: int
    statistic: float
    p_value: float
    change: float


def released_equalities(
    table: ParameterTable, z: FloatArray, data: SampleMoments | OrdinalData
) -> list[Release]:
    """Test each equality of labelled parameters alone, and nothing else released.

    Parameters
    ----------
    table : ParameterTable
        The model.
    z : ndarray, shape (q,)
        Estimates.
    data : SampleMoments
        One replicate.

    References
    ----------
    Lee, S.-Y., & Bentler, P. M. (1980). Some asymptotic properties of constrained generalized
    least squares estimation in covariance structure models. South African Statistical Journal,
    14, 121-136.
    Sörbom, D. (1989). Model modification. Psychometrika, 54, 371-384. doi:10.1007/BF02294623
    """
    layout = lay_out(table)
    pairs = label_pairs(table)
    if not pairs:
        return []
    free = replace(
        table,
        rows=tuple(replace(row, label=None) if row.free else row for row in table.rows),
        constraints=(),
    )
    wide = lay_out(free)
    column = {row: i for i, row in enumerate(wide.free_rows)}
    # Each free parameter of the wide model as it depends on those of the restricted one.
    down = np.zeros((wide.n_free, layout.n_free))
    for row, at in column.items():
        parameter = table.rows[row]
        down[at] = layout.selection[parameter.group, layout.row_slots[row]]
    point = down @ z + offsets(table, layout.fixed, layout.row_slots, column, wide.n_free)
    gradient, arrow = data.slopes(wide, point[None, :], observed=False)
    information = arrow.dense()[0]
    inner = np.linalg.inv(down.T @ information @ down)
    shared = information @ down
    found = []
    for row, reference in pairs:
        at = column[row]
        score = -float(gradient[0, at])
        left = float(information[at, at] - shared[at] @ inner @ shared[at])
        usable = left > 1e-8 * information[at, at]
        statistic = score**2 / left if usable else float("nan")
        change = score / left if usable else float("nan")
        found.append(Release(row, reference, statistic, float(stats.chi2.sf(statistic, 1)), change))
    return found


def label_pairs(table: ParameterTable) -> list[tuple[int, int]]:
    """Return rows that share a label with an earlier row, each with the first such row."""
    first: dict[str, int] = {}
    pairs = []
    for i, row in enumerate(table.rows):
        if row.label is None or not row.free:
            continue
        if row.label in first:
            pairs.append((i, first[row.label]))
        else:
            first[row.label] = i
    return pairs


def offsets(
    table: ParameterTable,
    fixed: FloatArray,
    row_slots: IndexArray,
    column: dict[int, int],
    n_free: int,
) -> FloatArray:
    """Return the constants of the parameters that linear constraints determine."""
    found = np.zeros(n_free)
    for row, at in column.items():
        found[at] = fixed[table.rows[row].group, row_slots[row]]
    return found
