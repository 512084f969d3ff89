"""A fitted model as one of the variables behind ordinal answers, whatever its identification."""

from __future__ import annotations

from typing import Any

import numpy as np

from psychometrics.errors import ModelError
from psychometrics.stats.cfa.kernel import imply_slots, matrices, slot_values
from psychometrics.stats.cfa.layout import COVARIANCE, REGRESSION, SCALE, THRESHOLD, Layout
from psychometrics.stats.latent_responses import LatentResponses, delta_residuals


def latent_model(layout: Layout, z: Any) -> LatentResponses:
    """Return loadings, thresholds and variances at free parameters z, complex ones allowed.

    Factors that depend on others (second-order models, regressions) are taken with the covariances
    and means that the model implies for them.

    Parameters
    ----------
    layout : Layout
        Of a model in which observed variables are indicators alone.
    z : ndarray, shape (replicate, q)

    Returns
    -------
    LatentResponses
        With leading axes (replicate, group).

    Raises
    ------
    ModelError
        If an observed variable predicts something, or its residual covaries with a factor.
    """
    refuse_predictors(layout)
    p = layout.n_observed
    slots = slot_values(layout, z)
    implied = imply_slots(layout, slots)
    paths, spread, level = matrices(layout, slots)
    loadings = paths[..., :p, p:]
    between = implied.full[..., p:, p:]
    residual = np.diagonal(spread, axis1=-2, axis2=-1)[..., :p].copy()
    scaled = np.flatnonzero(layout.kind == SCALE)
    if scaled.size and not layout.theta:
        row = layout.row[scaled]
        own = delta_residuals(loadings[..., row, :], between, slots[..., scaled])
        residual[..., row] = own
    return LatentResponses(
        loadings,
        _thresholds(layout, slots),
        residual,
        between,
        implied.full_mean[..., p:],
        level[..., :p],
        layout.ordered,
        spread[..., :p, :p] * (1 - np.eye(p)),
    )


def refuse_predictors(layout: Layout) -> None:
    """Refuse models in which an observed variable is more than an indicator."""
    p, row, column = layout.n_observed, layout.row, layout.column
    predicts = (layout.kind == REGRESSION) & (column < p)
    mixed = (layout.kind == COVARIANCE) & ((row < p) != (column < p))
    wrong = np.flatnonzero(predicts | mixed)
    if wrong.size:
        name = layout.variables[min(int(row[wrong[0]]), int(column[wrong[0]]))]
        if predicts[wrong[0]]:
            name = layout.variables[column[wrong[0]]]
        raise ModelError(
            f"{name} is more than an answer to an item here: it predicts something, or goes with a "
            "factor beside its loading. Item response functions need models of factors and items."
        )


def _thresholds(layout: Layout, slots: Any) -> Any:
    """Fill thresholds from the slots, (replicate, group, p, K - 1)."""
    at = np.flatnonzero(layout.kind == THRESHOLD)
    most = int(layout.number[at].max(initial=-1)) + 1
    found = np.full((*slots.shape[:-1], layout.n_observed, most), np.nan, dtype=slots.dtype)
    found[..., layout.row[at], layout.number[at]] = slots[..., at]
    return found
