"""Least squares on thresholds and correlations, by the shortest way.

Where a model leaves thresholds and means as they are, they are fitted exactly whatever the other
parameters are: correlations alone are searched on, with a quarter of the parameters, and the rest
follows in a step.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from psychometrics.stats.cfa.arrow import IndexArray
from psychometrics.stats.cfa.estimate import (
    CHI2_GAP,
    MAX_ITERATIONS,
    Bounds,
    Optimum,
    maximize_likelihood,
)
from psychometrics.stats.cfa.layout import MEAN, SCALE, THRESHOLD, Layout
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData
from psychometrics.stats.moments import BoolArray, FloatArray


def least_squares(
    layout: Layout,
    data: OrdinalData,
    start: FloatArray,
    *,
    max_iterations: int = MAX_ITERATIONS,
    gap: float = CHI2_GAP,
    bounds: Bounds | None = None,
) -> Optimum:
    """Fit thresholds and correlations; as :func:`maximize_likelihood`.

    Parameters
    ----------
    layout : Layout
        The model.
    data : OrdinalData
    start : ndarray, shape (replicate, q)
    max_iterations : int
    gap : float
    bounds : Bounds, optional
    """
    if bounds is not None or restricts_thresholds(layout):
        return maximize_likelihood(
            layout, data, start, max_iterations=max_iterations, gap=gap, bounds=bounds
        )
    narrow, kept = without_levels(layout)
    if not len(kept):
        return maximize_likelihood(layout, data, start, max_iterations=max_iterations, gap=gap)
    pairs = replace(data, with_levels=False)
    first = maximize_likelihood(
        narrow, pairs, start[:, kept], max_iterations=max_iterations, gap=gap
    )
    begin = np.array(start)
    begin[:, kept] = first.z
    whole = maximize_likelihood(
        layout, data, begin, max_iterations=max_iterations, gap=max(gap, CHI2_GAP)
    )
    return replace(
        whole,
        converged=whole.converged & first.converged,
        iterations=whole.iterations + first.iterations,
    )


def without_levels(layout: Layout) -> tuple[Layout, IndexArray]:
    """Return the model of variances and covariances, and which parameters it has."""
    at = np.flatnonzero((layout.kind != THRESHOLD) & (layout.kind != MEAN))
    kept = np.flatnonzero((layout.selection[:, at] != 0).any(axis=(0, 1)))
    narrow = replace(
        layout,
        n_free=len(kept),
        kind=layout.kind[at],
        row=layout.row[at],
        column=layout.column[at],
        selection=layout.selection[:, at][:, :, kept],
        fixed=layout.fixed[:, at],
        free_rows=tuple(layout.free_rows[i] for i in kept),
        mean_structure=False,
        number=layout.number[at],
        dependent=layout.dependent[at],
    )
    return narrow, kept


def restricts_thresholds(layout: Layout) -> bool:
    """Tell whether a model fits thresholds and means less than exactly, or through others."""
    levels = (layout.kind == THRESHOLD) | (layout.kind == MEAN)
    thresholds = layout.kind == THRESHOLD
    own = layout.selection[:, thresholds]
    if not (own != 0).any(axis=2).all() or ((own != 0).sum(axis=(0, 1)) > 1).any():
        return True
    moving = (layout.kind == SCALE) | ((layout.kind == MEAN) & ~on_continuous(layout))
    if (layout.selection[:, moving] != 0).any():
        return True
    means = levels & ~thresholds & on_continuous(layout)
    free = layout.selection[:, means] != 0
    return bool(not free.any(axis=2).all() or (free.sum(axis=(0, 1)) > 1).any())


def on_continuous(layout: Layout) -> BoolArray:
    """Tell which slots stand on a continuous observed variable."""
    continuous = np.zeros(layout.n_variables, dtype=bool)
    continuous[: layout.n_observed] = ~layout.ordered
    return np.asarray(continuous[layout.row])
