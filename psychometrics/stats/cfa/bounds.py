"""Bounds that keep a search in small samples inside what parameters can be.

They follow from the observed variances: a residual variance is between 0 and the variance of its
item, a marker is reliable by a tenth at least, and a loading is no larger than its item's spread
allows (De Jonckere & Rosseel, 2022).
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from psychometrics.stats.cfa.estimate import Bounds
from psychometrics.stats.cfa.kernel import SampleMoments
from psychometrics.stats.cfa.layout import COVARIANCE, REGRESSION, Layout
from psychometrics.stats.moments import FloatArray

BoundKind = Literal["pos_var", "standard", "wide"]
# Least reliability of a marker: a factor's variance is at least this share of its marker's.
MARKER_RELIABILITY = 0.1
# By how much of a range the wide bounds go beyond it: below and above residual variances, above
# factor variances, on both sides of loadings.
WIDER_BELOW, WIDER_ABOVE, WIDER_FACTOR, WIDER_LOADING = 0.05, 0.2, 0.3, 0.1


def parameter_bounds(layout: Layout, data: SampleMoments, kind: BoundKind) -> Bounds:
    """Return the limits of the free parameters of one data set.

    Parameters
    ----------
    layout : Layout
        The model.
    data : SampleMoments
        One replicate.
    kind : {"pos_var", "standard", "wide"}
        Variances of at least 0; or also the other limits of the observed variances; or those a
        little wider, so that a maximum just outside is found too.

    References
    ----------
    De Jonckere, J., & Rosseel, Y. (2022). Using bounded estimation to avoid nonconvergence in
    small sample structural equation modeling. Structural Equation Modeling, 29, 412-427.
    doi:10.1080/10705511.2021.1982716
    """
    n_groups, m = layout.fixed.shape
    low, high = np.full((n_groups, m), -np.inf), np.full((n_groups, m), np.inf)
    own = (layout.kind == COVARIANCE) & (layout.row == layout.column)
    if kind == "pos_var":
        low[:, own] = 0.0
    else:
        for group in range(n_groups):
            low[group], high[group] = slot_limits(layout, data.covariance[0, group], group, kind)
    return of_parameters(layout, low, high)


def of_parameters(layout: Layout, low: FloatArray, high: FloatArray) -> Bounds:
    """Bring limits of slots to the parameters that alone fill them; the narrowest counts."""
    q = layout.n_free
    lower, upper = np.full(q, -np.inf), np.full(q, np.inf)
    for group, chosen in enumerate(layout.selection):
        plain = ((chosen != 0).sum(axis=1) == 1) & (chosen.max(axis=1, initial=0.0) == 1.0)
        for slot in np.flatnonzero(plain):
            at = int(chosen[slot].argmax())
            lower[at] = max(lower[at], low[group, slot])
            upper[at] = min(upper[at], high[group, slot])
    return Bounds(lower, upper)


def slot_limits(
    layout: Layout, covariance: FloatArray, group: int, kind: BoundKind
) -> tuple[FloatArray, FloatArray]:
    """Return the limits of each slot in one group."""
    p, wide = layout.n_observed, kind == "wide"
    variance = np.diagonal(covariance)
    low, high = np.full(len(layout.kind), -np.inf), np.full(len(layout.kind), np.inf)
    least, most = factor_variances(layout, variance, group)
    span = np.where(np.isfinite(most), most - least, 0.0)
    top = most + (WIDER_FACTOR * span if wide else 0.0)
    markers = set(marker_items(layout, group).values())
    explained = set(layout.row[layout.kind == REGRESSION].tolist())
    for s, (row, column) in enumerate(zip(layout.row, layout.column, strict=True)):
        if layout.kind[s] == COVARIANCE and row == column and row < p:
            ceiling = variance[row] * (1 - MARKER_RELIABILITY if row in markers else 1.0)
            low[s] = -WIDER_BELOW * ceiling if wide else 0.0
            high[s] = ceiling * (1 + WIDER_ABOVE if wide else 1.0)
        elif layout.kind[s] == COVARIANCE and row == column:
            low[s], high[s] = (0.0 if row in explained else least[row - p]), top[row - p]
        elif layout.kind[s] == COVARIANCE and row >= p and column >= p:
            high[s] = np.sqrt(top[row - p] * top[column - p])
            low[s] = -high[s]
        elif layout.kind[s] == REGRESSION and row < p and column >= p:
            reach = np.sqrt(variance[row] / least[column - p]) if least[column - p] > 0 else np.inf
            high[s] = reach * (1 + 2 * WIDER_LOADING if wide else 1.0)
            low[s] = -high[s]
    return low, high


def marker_items(layout: Layout, group: int) -> dict[int, int]:
    """Return the item whose loading of 1 scales each factor, by the factor's place."""
    fixed = ~(layout.selection[group] != 0).any(axis=1)
    found: dict[int, int] = {}
    for s in np.flatnonzero((layout.kind == REGRESSION) & fixed & (layout.fixed[group] == 1.0)):
        row, column = int(layout.row[s]), int(layout.column[s])
        if row < layout.n_observed <= column:
            found.setdefault(column, row)
    return found


def factor_variances(
    layout: Layout, variance: FloatArray, group: int
) -> tuple[FloatArray, FloatArray]:
    """Return the least and the largest variance of each factor; 0 and infinity where unknown."""
    p, count = layout.n_observed, layout.n_variables - layout.n_observed
    least, most = np.zeros(count), np.full(count, np.inf)
    for factor, item in marker_items(layout, group).items():
        least[factor - p] = MARKER_RELIABILITY * variance[item]
        most[factor - p] = variance[item]
    fixed = ~(layout.selection[group] != 0).any(axis=1)
    own = (layout.kind == COVARIANCE) & (layout.row == layout.column) & (layout.row >= p)
    for s in np.flatnonzero(own & fixed):
        least[layout.row[s] - p] = most[layout.row[s] - p] = layout.fixed[group, s]
    return least, most
