"""Starting values from the sample covariances, for many data sets at once.

Loadings by the centroid method on each factor's own indicators, then variances and covariances
of factors from block averages: one round of arithmetic, no iteration. The search that follows
needs a start in the right region, not a good one.
"""

from __future__ import annotations

import numpy as np

from psychometrics.stats.cfa.kernel import SampleMoments
from psychometrics.stats.cfa.layout import (
    COVARIANCE,
    MEAN,
    REGRESSION,
    SCALE,
    THRESHOLD,
    Layout,
)
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData, starting_moments
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import FloatArray

# A residual variance starts at no less than this share of its item's variance.
LEAST_RESIDUAL = 0.25


def block_loadings(covariance: FloatArray) -> FloatArray:
    """Centroid loadings of indicators on one factor of variance 1, (..., k, k) -> (..., k)."""
    k = covariance.shape[-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        sd = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
        if k == 1:
            return np.asarray(0.9 * sd)
        off = covariance / (sd[..., :, None] * sd[..., None, :]) * (1 - np.eye(k))
    # Signs by the leading eigenvector, so that unkeyed items don't cancel.
    _, vectors = np.linalg.eigh(np.where(np.isfinite(off), off, 0.0) + np.eye(k))
    leading = vectors[..., -1]
    sign = np.where(leading < 0, -1.0, 1.0)
    sign = sign * np.where(sign.sum(axis=-1, keepdims=True) < 0, -1.0, 1.0)
    aligned = off * sign[..., :, None] * sign[..., None, :]
    row = aligned.sum(axis=-1)
    total = np.maximum(row.sum(axis=-1, keepdims=True), 0.05 * k * (k - 1))
    size = np.clip(row / np.sqrt(total * (k - 1) / k), 0.1, 0.95)
    return np.asarray(size * sign * sd)


def factor_blocks(layout: Layout) -> dict[int, list[int]]:
    """Return the observed indicators of each latent variable, by their indices."""
    blocks: dict[int, list[int]] = {}
    for kind, row, column in zip(layout.kind, layout.row, layout.column, strict=True):
        if kind == REGRESSION and column >= layout.n_observed and row < layout.n_observed:
            blocks.setdefault(int(column), []).append(int(row))
    return blocks


def standardized_start(layout: Layout, data: SampleMoments) -> tuple[FloatArray, FloatArray]:
    """Return loadings (..., p, v) on unit factors and factor covariances (..., v, v)."""
    covariance = data.covariance
    shape = covariance.shape[:-2]
    v = layout.n_variables
    loadings = np.zeros((*shape, layout.n_observed, v))
    for factor, items in factor_blocks(layout).items():
        own = covariance[..., np.array(items)[:, None], np.array(items)]
        loadings[..., items, factor] = block_loadings(own)
    weight = np.sign(loadings)
    summed = np.swapaxes(weight, -1, -2) @ covariance @ weight
    size = np.abs(loadings).sum(axis=-2)
    with np.errstate(invalid="ignore", divide="ignore"):
        between = summed / (size[..., :, None] * size[..., None, :])
    between = np.clip(np.where(np.isfinite(between), between, 0.0), -0.8, 0.8)
    between[..., np.arange(v), np.arange(v)] = 1.0
    return loadings, between


def higher_order_start(layout: Layout, between: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return loadings of unit factors on factors above them, and correlations with those filled in.

    A higher factor takes direction and size from the correlations of its factors as these do from
    their items': factors can go against each other, and from wrong signs a search may not return.

    Parameters
    ----------
    layout : Layout
    between : ndarray, shape (..., v, v)
        Correlations of the factors of items.

    Returns
    -------
    tuple of ndarray, each of shape (..., v, v)
        Rows are factors, columns those above; 0 where there is no loading.
    """
    p = layout.n_observed
    low = set(factor_blocks(layout))
    blocks: dict[int, list[int]] = {}
    for kind, row, column in zip(layout.kind, layout.row, layout.column, strict=True):
        if kind == REGRESSION and row >= p and column >= p and column not in low:
            blocks.setdefault(int(column), []).append(int(row))
    loadings, filled = np.zeros(between.shape), np.array(between)
    pending = {factor: parts for factor, parts in blocks.items() if len(parts) > 1}
    # From the lowest up: those whose parts are known.
    while ready := [factor for factor, parts in pending.items() if low.issuperset(parts)]:
        factor = ready[0]
        parts = pending.pop(factor)
        own = block_loadings(filled[..., np.array(parts)[:, None], np.array(parts)])
        loadings[..., parts, factor] = own
        summed = (np.sign(own)[..., None, :] @ filled[..., parts, :])[..., 0, :]
        others = np.setdiff1d(np.arange(layout.n_variables), [*parts, factor])
        outside = np.clip(summed / np.abs(own).sum(axis=-1, keepdims=True), -0.8, 0.8)[..., others]
        filled[..., factor, others] = filled[..., others, factor] = outside
        low.add(factor)
    return loadings, filled


def start_values(
    table: ParameterTable, layout: Layout, given: SampleMoments | OrdinalData
) -> FloatArray:
    """Return starting values of the free parameters, shape (replicate, q).

    Equal parameters of several groups start at the mean of the groups' values.
    """
    data, spread = (given, None) if isinstance(given, SampleMoments) else in_units(layout, given)
    loadings, between = standardized_start(layout, data)
    above, between = higher_order_start(layout, between)
    p = layout.n_observed
    observed_variance = np.diagonal(data.covariance, axis1=-2, axis2=-1)
    scale = factor_scales(table, layout, loadings, above)
    with np.errstate(invalid="ignore"):
        scale[..., :p] = np.sqrt(observed_variance)
    magnitude = np.where(np.abs(scale) < 1e-8, 1.0, scale)
    outgoing = {int(c) for k, c in zip(layout.kind, layout.column, strict=True) if k == REGRESSION}
    incoming = {int(r) for k, r in zip(layout.kind, layout.row, strict=True) if k == REGRESSION}
    slots = np.zeros((*data.n.shape, len(layout.kind)))
    centre = latent_centres(layout, data, loadings / magnitude[..., None, :])
    explained = np.clip((loadings**2).sum(axis=-1), 0, (1 - LEAST_RESIDUAL) * observed_variance)
    for s, (kind, row, column) in enumerate(
        zip(layout.kind, layout.row, layout.column, strict=True)
    ):
        if kind == MEAN:
            slots[..., s] = centre[..., row]
        elif kind == THRESHOLD and isinstance(given, OrdinalData) and spread is not None:
            slots[..., s] = given.thresholds(row)[..., layout.number[s]] * spread[..., row]
        elif kind == SCALE:
            slots[..., s] = 1.0
        elif kind == REGRESSION and row < p and column >= p:
            slots[..., s] = loadings[..., row, column] / magnitude[..., column]
        elif kind == REGRESSION and row >= p and column >= p:
            size = above[..., row, column] if above[..., row, column].any() else 0.6
            slots[..., s] = size * magnitude[..., row] / magnitude[..., column]
        elif kind == COVARIANCE and row == column and row < p:
            both = row in incoming or row not in outgoing
            rest = observed_variance[..., row] - explained[..., row]
            slots[..., s] = rest if both else observed_variance[..., row]
        elif kind == COVARIANCE and row == column:
            known = (above[..., row, :] ** 2).sum(axis=-1)
            rest = np.where(known > 0, np.maximum(1 - known, LEAST_RESIDUAL), 0.6)
            share = rest if row in incoming else 1.0
            slots[..., s] = share * magnitude[..., row] ** 2
        elif kind == COVARIANCE and row >= p and column >= p:
            shrink = 0.5 if row in incoming or column in incoming else 1.0
            slots[..., s] = (
                shrink * between[..., row, column] * magnitude[..., row] * magnitude[..., column]
            )
        elif kind == COVARIANCE and table_is_exogenous(table, layout, s):
            slots[..., s] = data.covariance[..., row, column]
    start = parameters_of(layout, slots)
    for q, row_index in enumerate(layout.free_rows):
        wanted = table.rows[row_index].start
        if wanted is not None:
            start[:, q] = wanted
    return np.asarray(start)


def factor_scales(
    table: ParameterTable, layout: Layout, loadings: FloatArray, above: FloatArray
) -> FloatArray:
    """Return the standard deviations that the model's markers give its factors, (..., v); else 1.

    Parameters
    ----------
    table : ParameterTable
    layout : Layout
    loadings : ndarray, shape (..., p, v)
        On factors of variance 1.
    above : ndarray, shape (..., v, v)
        Those of factors on higher factors.
    """
    p = layout.n_observed
    scale = np.ones((*loadings.shape[:-2], layout.n_variables))
    fixed = np.abs(layout.selection).sum(axis=-1) == 0
    anchors = np.flatnonzero((layout.kind == REGRESSION) & fixed.all(axis=0))
    # From items up: a higher factor takes its scale from the factor that marks it.
    low = list(factor_blocks(layout))
    level = (layout.row >= p).astype(int) + ((layout.row >= p) & ~np.isin(layout.row, low))
    for slot in anchors[np.argsort(level[anchors], kind="stable")]:
        row, factor = layout.row[slot], layout.column[slot]
        value = layout.fixed[:, slot]
        if factor >= p and row < p and np.all(value != 0):
            scale[..., factor] = loadings[..., row, factor] / value
        elif row >= p and np.all(value != 0) and above[..., row, factor].any():
            scale[..., factor] = above[..., row, factor] * scale[..., row] / value
    scale_coded(table, layout, loadings, scale)
    return scale


def scale_coded(
    table: ParameterTable, layout: Layout, loadings: FloatArray, scale: FloatArray
) -> None:
    """Scale factors whose loadings have a given sum, as those of effects coding have."""
    for constraint in table.constraints:
        places = [at for at, _ in constraint.terms]
        rows = [table.rows[at] for at in places]
        one = len({(row.lhs, row.op, row.group) for row in rows}) == 1
        if not one or rows[0].op != "=~":
            continue
        slots = layout.row_slots[np.array(places)]
        items, factor = layout.row[slots], int(layout.column[slots[0]])
        if constraint.constant and (items < layout.n_observed).all():
            weights = np.array([weight for _, weight in constraint.terms])
            summed = loadings[:, rows[0].group, items, factor] @ weights
            scale[:, rows[0].group, factor] = summed / constraint.constant


def parameters_of(layout: Layout, slots: FloatArray) -> FloatArray:
    """Return the parameters that come closest to the values of slots, shape (replicate, q)."""
    pattern = layout.selection.reshape(-1, layout.n_free)
    if np.all((pattern == 0) | (pattern == 1)) and np.all((pattern != 0).sum(axis=1) <= 1):
        return np.asarray(slots.reshape(len(slots), -1) @ pattern / pattern.sum(axis=0))
    # Under constraints a slot is a sum of parameters and a constant.
    own = (slots - layout.fixed).reshape(len(slots), -1)
    return np.asarray(np.linalg.lstsq(pattern, own.T, rcond=None)[0].T)


def in_units(layout: Layout, data: OrdinalData) -> tuple[SampleMoments, FloatArray]:
    """Return the moments of ordered items in the model's units, and the standard deviations."""
    rough, _ = starting_moments(layout, data, np.zeros(data.mean.shape))
    loadings, _ = standardized_start(layout, rough)
    explained = np.clip((loadings**2).sum(axis=-1), 0, 1 - LEAST_RESIDUAL)
    return starting_moments(layout, data, explained)


def latent_centres(layout: Layout, data: SampleMoments, loadings: FloatArray) -> FloatArray:
    """Return where intercepts (..., p) and factor means start, shape (..., v).

    A free factor mean starts where the indicators with a fixed intercept put it; what the factors
    then explain is taken off the other indicators' intercepts.
    """
    p = layout.n_observed
    centre = np.zeros((*data.n.shape, layout.n_variables))
    centre[..., :p] = data.mean
    free = np.asarray(layout.selection.any(axis=-1))  # (group, slot)
    means = {int(layout.row[s]): int(s) for s in np.flatnonzero(layout.kind == MEAN)}
    for factor, items in factor_blocks(layout).items():
        if factor not in means or not free[:, means[factor]].any():
            continue
        anchored = np.array([i in means and not free[:, means[i]].any() for i in items])
        chosen = np.array(items)[anchored]
        if not len(chosen):
            continue
        known = layout.fixed[:, [means[i] for i in chosen]]
        weight = loadings[..., chosen, factor]
        gap = ((data.mean[..., chosen] - known) * weight).sum(axis=-1)
        square = (weight**2).sum(axis=-1)
        centre[..., factor] = gap / np.where(square > 0, square, 1.0)
    explained = (loadings[..., p:] * centre[..., None, p:]).sum(axis=-1)
    centre[..., :p] -= explained
    return centre


def table_is_exogenous(table: ParameterTable, layout: Layout, slot: int) -> bool:
    """Tell whether a slot is a moment of observed predictors."""
    return any(
        row.exogenous for row, at in zip(table.rows, layout.row_slots, strict=True) if at == slot
    )
