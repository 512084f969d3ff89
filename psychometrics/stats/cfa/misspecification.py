"""Populations in which a model is wrong by a stated amount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from psychometrics.errors import ModelError
from psychometrics.stats.cfa.kernel import Implied, matrices
from psychometrics.stats.cfa.layout import COVARIANCE, REGRESSION, Layout
from psychometrics.stats.moments import FloatArray

# No item may lose more of its residual variance to an added parameter than leaves this share of
# its variance.
LEAST_RESIDUAL = 0.05


@dataclass(frozen=True, slots=True)
class Omission:
    """A parameter that the population has and the model leaves out.

    Attributes
    ----------
    op : str
        ``=~`` (a cross-loading) or ``~~`` (a residual correlation).
    left, right : str
        Factor and item, or two items.
    size : float
        Standardised loading, or correlation of the residuals.
    """

    op: str
    left: str
    right: str
    size: float

    def __str__(self) -> str:
        return f"{self.left} {self.op} {self.right} = {self.size:.2f}"


def default_omissions(
    layout: Layout, loadings: Sequence[tuple[str, str, float]]
) -> tuple[Omission, ...]:
    """Return the omissions that a model of these standardised loadings is tried against.

    With several factors, the weakest item of the first also loads on the second, as strongly as on
    its own; with one, a third of the items, the weakest first, have residuals that correlate by
    .3 in pairs: the first levels of McNeish and Wolf.

    References
    ----------
    McNeish, D., & Wolf, M. G. (2023). Dynamic fit index cutoffs for confirmatory factor analysis
    models. Psychological Methods, 28, 61-88. doi:10.1037/met0000425
    """
    observed = set(layout.variables[: layout.n_observed])
    own = [(f, item, size) for f, item, size in loadings if item in observed]
    factors = list(dict.fromkeys(f for f, _, _ in own))
    if len(factors) > 1:
        first, second = factors[:2]
        _, item, size = min((row for row in own if row[0] == first), key=lambda row: abs(row[2]))
        return (Omission("=~", second, item, abs(size)),)
    weakest = [item for _, item, _ in sorted(own, key=lambda row: abs(row[2]))]
    count = max(1, len(weakest) // 6)
    pairs = zip(weakest[0 : 2 * count : 2], weakest[1 : 2 * count : 2], strict=False)
    return tuple(Omission("~~", a, b, 0.3) for a, b in pairs)


def misspecified_covariance(
    layout: Layout, slots: FloatArray, implied: Implied, omissions: Sequence[Omission]
) -> tuple[FloatArray, tuple[Omission, ...]]:
    """Return the covariances of the population with the omitted parameters, (group, p, p).

    Variances stay as they are: what an item gains by an added loading it loses in its residual. A
    loading that would take more than there is gets smaller; the sizes used come along, those of
    the first group.

    Raises
    ------
    ModelError
        An omission that names what the model doesn't hold, or already estimates.
    """
    place = {name: i for i, name in enumerate(layout.variables)}
    p = layout.n_observed
    paths, spread, _ = matrices(layout, slots[None])
    paths, spread = paths[0].copy(), spread[0].copy()
    used: list[Omission] = []
    for omission in omissions:
        row, column = places_of(layout, place, omission)
        size = omission.size
        for g in range(len(slots)):
            full = implied.full[0, g]
            if omission.op == "~~":
                root = np.sqrt(max(spread[g, row, row] * spread[g, column, column], 0.0))
                spread[g, row, column] += omission.size * root
                spread[g, column, row] = spread[g, row, column]
                continue
            size = loading_that_fits(paths[g], spread[g], full, row, column, omission.size)
            paths[g, row, column] += size * np.sqrt(full[row, row] / full[column, column])
        used.append(Omission(omission.op, omission.left, omission.right, float(size)))
    effects = np.linalg.inv(np.eye(layout.n_variables) - paths)
    found = (effects @ spread @ np.swapaxes(effects, 1, 2))[:, :p, :p]
    wanted = np.diagonal(implied.full[0], axis1=1, axis2=2)[:, :p]
    at = np.arange(p)
    changed = [place[o.right] for o in omissions if o.op == "=~"]
    for item in set(changed):
        found[:, item, item] = wanted[:, item]
    if np.linalg.eigvalsh(found)[:, 0].min() <= 0:
        raise ModelError(
            "No population has these omitted parameters beside the model's: its covariances are "
            "not positive definite. Make them smaller."
        )
    return found[:, at[:, None], at], tuple(used)


def places_of(layout: Layout, place: dict[str, int], omission: Omission) -> tuple[int, int]:
    """Return where an omitted parameter stands, and refuse what is none."""
    unknown = [name for name in (omission.left, omission.right) if name not in place]
    if unknown:
        raise ModelError(f"{omission}: the model has no {', '.join(unknown)}.")
    left, right = place[omission.left], place[omission.right]
    p = layout.n_observed
    loading = omission.op == "=~"
    if (loading and not (left >= p > right)) or (not loading and not (left < p > right)):
        raise ModelError(
            f"{omission}: write a cross-loading 'factor =~ item' or a residual correlation "
            "'item ~~ item'."
        )
    kind = REGRESSION if loading else COVARIANCE
    row, column = (right, left) if loading else (left, right)
    taken = (layout.kind == kind) & (
        ((layout.row == row) & (layout.column == column))
        | ((kind == COVARIANCE) & (layout.row == column) & (layout.column == row))
    )
    held = layout.selection.any(axis=(0, 2)) | (layout.fixed != 0).any(axis=0)
    if np.any(taken & held):
        raise ModelError(f"{omission}: the model has it already, so it is not left out.")
    return row, column


def loading_that_fits(
    paths: FloatArray, spread: FloatArray, full: FloatArray, row: int, column: int, size: float
) -> float:
    """Return the standardised loading, made smaller where the item's residual can't carry it."""
    variance = full[row, row]
    own = paths[row] / np.sqrt(variance)
    shared = float(own @ full[:, column]) / np.sqrt(full[column, column])
    explained = 1 - spread[row, row] / variance
    for _ in range(200):
        if explained + 2 * size * shared + size**2 <= 1 - LEAST_RESIDUAL:
            return size
        size *= 0.95
    return 0.0
