"""What a fitted factor model says of the sum of the items of each of its factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from psychometrics.stats.cfa.kernel import imply, matrices, slot_values
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.moments import BoolArray, FloatArray


@dataclass(frozen=True, slots=True)
class Composite:
    """The sum of the items below a factor.

    Attributes
    ----------
    factor : int
        Place of the factor among the model's variables.
    group : int
    weights : ndarray, shape (p,)
        1 for an item, -1 for one that the factor lowers, 0 for all others.
    """

    factor: int
    group: int
    weights: FloatArray


def composites(layout: Layout, z: FloatArray) -> tuple[Composite, ...]:
    """Return the composite of each factor with items below it, group by group.

    Parameters
    ----------
    layout : Layout
    z : ndarray, shape (q,)
        Estimates: they say which items are turned.
    """
    effects = imply(layout, z[None]).effects[0]
    below = reach(layout)
    p = layout.n_observed
    found = []
    for group in range(len(effects)):
        for factor in range(p, layout.n_variables):
            if below[:p, factor].any():
                size = effects[group, :p, factor]
                sign = np.where(size < 0, -1.0, 1.0)
                found.append(Composite(factor, group, np.where(below[:p, factor], sign, 0.0)))
    return tuple(found)


def reach(layout: Layout) -> BoolArray:
    """Return which variables (rows) are led to by which (columns), directly or not."""
    z = np.random.default_rng(0).uniform(0.5, 1.5, size=(1, layout.n_free))
    paths = matrices(layout, slot_values(layout, z))[0][0, 0]
    return np.asarray(np.linalg.matrix_power(np.eye(len(paths)) + np.abs(paths), len(paths)) > 0)


def is_higher(layout: Layout, factor: int) -> bool:
    """Tell whether a factor's effect on items goes through other factors alone."""
    z = np.random.default_rng(0).uniform(0.5, 1.5, size=(1, layout.n_free))
    paths = matrices(layout, slot_values(layout, z))[0][0, 0]
    p = layout.n_observed
    return not paths[:p, factor].any() and bool(paths[p:, factor].any())


def total_share(layout: Layout, z: Any, composite: Composite) -> Any:
    """Return the share of a composite's variance that comes from factors, (replicate,)."""
    spread = matrices(layout, slot_values(layout, z))[1][:, composite.group]
    p = layout.n_observed
    error = _variance(spread[:, :p, :p], composite.weights)
    return 1 - error / _variance(_implied(layout, z, composite), composite.weights)


def own_share(layout: Layout, z: Any, composite: Composite) -> Any:
    """Return the share of a composite's variance that its factor alone brings in, (replicate,).

    Of a factor below another: what that one leaves it.
    """
    own, _ = _own_variance(layout, z, composite)
    return own / _variance(_implied(layout, z, composite), composite.weights)


def share_without_specifics(layout: Layout, z: Any, composite: Composite) -> Any:
    """Return a higher factor's share of what it and the items' errors make, (replicate,).

    What the factors below have of their own is taken out.
    """
    own, spread = _own_variance(layout, z, composite)
    p = layout.n_observed
    return own / (own + _variance(spread[:, :p, :p], composite.weights))


def share_of_factors(layout: Layout, z: Any, composite: Composite) -> Any:
    """Return a higher factor's share of the sum of the factors below it, (replicate,).

    These are scaled to a variance of 1 each, so that the share does not depend on how the model
    scales them.
    """
    paths, spread, _ = matrices(layout, slot_values(layout, z))
    full = imply(layout, z).full[:, composite.group]
    p = layout.n_observed
    effect = paths[:, composite.group, p:, composite.factor]
    loads = np.asarray((np.abs(effect.real) > 0).any(axis=0))
    sd = np.sqrt(np.diagonal(full, axis1=-2, axis2=-1)[:, p:][:, loads])
    scaled = effect[:, loads] / sd
    sign = np.where(scaled.real < 0, -1.0, 1.0)
    own = (scaled * sign).sum(axis=-1) ** 2
    own = own * spread[:, composite.group, composite.factor, composite.factor]
    between = full[:, p:, p:][:, loads][:, :, loads] / (sd[:, :, None] * sd[:, None, :])
    return own / np.einsum("ri,rij,rj->r", sign, between, sign)


def _own_variance(layout: Layout, z: Any, composite: Composite) -> tuple[Any, Any]:
    """Return the variance that a factor alone brings into a composite, and S."""
    spread = matrices(layout, slot_values(layout, z))[1][:, composite.group]
    effects = imply(layout, z).effects[:, composite.group, : layout.n_observed, composite.factor]
    reached = (effects * composite.weights).sum(axis=-1)
    return reached**2 * spread[:, composite.factor, composite.factor], spread


def _implied(layout: Layout, z: Any, composite: Composite) -> Any:
    return imply(layout, z).covariance[:, composite.group]


def _variance(covariance: Any, weights: FloatArray) -> Any:
    return np.einsum("i,rij,j->r", weights, covariance, weights)
