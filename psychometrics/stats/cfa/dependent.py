"""Slots that follow from the others: residual variances of ordered items, or their scales.

The variable behind an ordered item has the standard deviation that its scale gives (delta), and
the residual variance is what the factors leave of it; or the residual variance is given (theta) and
the scale is one over the standard deviation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from psychometrics.stats.cfa.kernel import Implied, imply_slots, matrices, slot_values
from psychometrics.stats.cfa.layout import COVARIANCE, REGRESSION, SCALE, Layout
from psychometrics.stats.moments import FloatArray


def complete_slots(layout: Layout, z: Any) -> tuple[Any, Implied]:
    """Return all slots, (replicate, group, m), dependent ones filled in, and what they imply.

    Parameters
    ----------
    z : ndarray, shape (replicate, q)
        Free parameters; complex ones are allowed.
    """
    slots = slot_values(layout, z)
    implied = imply_slots(layout, slots)
    dependent = np.flatnonzero(layout.dependent)
    if not len(dependent):
        return slots, implied
    slots = slots.copy()
    at = layout.row[dependent]
    variance = implied.full[..., at, at]
    if layout.theta:
        slots[..., dependent] = variance**-0.5
        return slots, implied
    _, spread, _ = matrices(layout, slots)
    explained = implied.effects @ spread @ np.swapaxes(implied.effects, -1, -2)
    slots[..., dependent] = variance - explained[..., at, at]
    return slots, implied


def variance_slopes(layout: Layout, effects: FloatArray, full: FloatArray) -> FloatArray:
    """Return the derivatives of all variables' variances by the slots of one group, (v, m)."""
    row, column, kind = layout.row, layout.column, layout.kind
    by_path = 2 * effects[:, row] * full[:, column]
    by_spread = effects[:, row] * effects[:, column] * np.where(row == column, 1.0, 2.0)
    moved = np.where(kind == REGRESSION, by_path, 0.0)
    return np.where(kind == COVARIANCE, by_spread, moved)


def dependent_slopes(
    layout: Layout, pattern: FloatArray, slots: FloatArray, implied: Implied, group: int
) -> FloatArray:
    """Add to the slots' derivatives by the free parameters, (m, k), those of dependent slots."""
    dependent = np.flatnonzero(layout.dependent)
    if not len(dependent):
        return pattern
    at = layout.row[dependent]
    moved = variance_slopes(layout, implied.effects[0, group], implied.full[0, group])[at] @ pattern
    found = pattern.copy()
    if layout.theta:
        found[dependent] = -0.5 * slots[dependent, None] ** 3 * moved
        return found
    scales = np.flatnonzero(layout.kind == SCALE)
    place = np.full(layout.n_variables, -1)
    place[layout.row[scales]] = scales
    own = place[at]
    found[dependent] = -2 * slots[own, None] ** -3 * pattern[own] - moved
    return found
