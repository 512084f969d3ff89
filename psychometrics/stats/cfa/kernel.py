"""Implied moments, the ML fit function, its gradient and expected information, batched.

All arrays carry the axes (replicate, group). With E = (I - A)^-1, the p observed rows P of E and
the p observed rows Q of E S E', the derivative of the implied covariance by any slot is
``c (a b' + b a')`` with a and b columns of W = [P, Q]. So everything is gathered from the small
matrices W'KW and W'GW and no derivative matrix is ever formed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from psychometrics.stats.cfa.arrow import Arrow
from psychometrics.stats.cfa.layout import COVARIANCE, MEAN, REGRESSION, SCALE, Layout
from psychometrics.stats.moments import FloatArray

Weight = Literal["model", "sample", "identity"]


@dataclass(frozen=True, slots=True)
class SampleMoments:
    """What the ML fit function needs of the data.

    Attributes
    ----------
    covariance : ndarray, shape (replicate, group, p, p)
        Denominator n (the ML convention).
    mean : ndarray, shape (replicate, group, p)
        Means; used only with a mean structure.
    n : ndarray, shape (replicate, group)
        People behind each.
    log_determinant : ndarray, shape (replicate, group)
        Of the covariance.
    weight : {"model", "sample", "identity"}
        What residuals are weighed by: the inverse of Sigma (maximum likelihood), for corrections
        after Mplus that of the sample covariances, or nothing (unweighted least squares: half the
        sum of squared residuals takes the place of the likelihood).
    """

    covariance: FloatArray
    mean: FloatArray
    n: FloatArray
    log_determinant: FloatArray
    weight: Weight = "model"

    @property
    def unweighted(self) -> bool:
        """Whether this is unweighted least squares."""
        return self.weight == "identity"

    def take(self, index: Any) -> SampleMoments:
        """Return some of the replicates."""
        return SampleMoments(
            self.covariance[index],
            self.mean[index],
            self.n[index],
            self.log_determinant[index],
            self.weight,
        )

    def objective(self, layout: Layout, z: FloatArray) -> FloatArray:
        """Half of ``sum_g n_g F_g``: minus the log-likelihood up to a constant, (replicate,)."""
        return np.asarray(0.5 * (self.n * self.fit_function(layout, z)).sum(axis=-1))

    def fit_function(self, layout: Layout, z: FloatArray) -> FloatArray:
        """ML fit function of each group, (replicate, group)."""
        with np.errstate(all="ignore"):
            return discrepancy(layout, imply(layout, z), self)

    def slopes(self, layout: Layout, z: FloatArray, *, observed: bool) -> tuple[FloatArray, Arrow]:
        """Gradient (replicate, q) of the objective and its information."""
        with np.errstate(all="ignore"):
            parts = derivatives(layout.narrow, imply(layout, z), self, observed=observed)
            return collect(layout, parts, self.n)

    def slot_derivatives(self, layout: Layout, z: FloatArray) -> Derivatives:
        """Gradient and expected information by all slots, of one person of each group."""
        return derivatives(layout, imply(layout, z), self)

    def narrow_derivatives(self, layout: Layout, z: FloatArray) -> Derivatives:
        """Gradient and expected information by the slots of ``layout.narrow``."""
        with np.errstate(all="ignore"):
            return derivatives(layout.narrow, imply(layout, z), self)


@dataclass(frozen=True, slots=True)
class Implied:
    """What a model implies at given parameter values; leading axes (replicate, group).

    Attributes
    ----------
    effects : ndarray, shape (..., v, v)
        E = (I - A)^-1.
    full : ndarray, shape (..., v, v)
        Covariance of all variables, E S E'.
    covariance : ndarray, shape (..., p, p)
        Covariance of the observed variables.
    full_mean : ndarray, shape (..., v)
        E m.
    mean : ndarray, shape (..., p)
    """

    effects: Any
    full: Any
    covariance: Any
    full_mean: Any
    mean: Any


def sample_moments(
    covariance: FloatArray, mean: FloatArray | None, n: FloatArray, *, unbiased: bool = True
) -> SampleMoments:
    """Bring covariances (denominator n - 1 where `unbiased`) to the ML convention."""
    size = np.asarray(n, dtype=float)
    scale = (size - 1) / size if unbiased else np.ones_like(size)
    matrix = covariance * scale[..., None, None]
    centre = np.zeros(matrix.shape[:-1]) if mean is None else np.asarray(mean, dtype=float)
    with np.errstate(invalid="ignore"):
        sign, log_determinant = np.linalg.slogdet(matrix)
    return SampleMoments(matrix, centre, size, np.where(sign > 0, log_determinant, np.nan))


def slot_values(layout: Layout, z: Any) -> Any:
    """Return the slots, shape (replicate, group, m), at free parameters z (replicate, q)."""
    source = layout.source
    if source is None:
        return np.einsum("gmq,rq->rgm", layout.selection, z) + layout.fixed
    padded = np.concatenate([z, np.zeros((len(z), 1), dtype=z.dtype)], axis=1)
    return padded[:, source] + layout.fixed


def matrices(layout: Layout, slots: Any) -> tuple[Any, Any, Any]:
    """Fill A, S and m from the slots."""
    shape = slots.shape[:-1]
    v = layout.n_variables
    paths = np.zeros((*shape, v, v), dtype=slots.dtype)
    spread = np.zeros((*shape, v, v), dtype=slots.dtype)
    level = np.zeros((*shape, v), dtype=slots.dtype)
    at = layout.kind == REGRESSION
    paths[..., layout.row[at], layout.column[at]] = slots[..., at]
    at = layout.kind == COVARIANCE
    spread[..., layout.row[at], layout.column[at]] = slots[..., at]
    spread[..., layout.column[at], layout.row[at]] = slots[..., at]
    at = layout.kind == MEAN
    level[..., layout.row[at]] = slots[..., at]
    return paths, spread, level


def imply(layout: Layout, z: Any) -> Implied:
    """Return what the model implies at z, shape (replicate, q); complex z is allowed."""
    return imply_slots(layout, slot_values(layout, z))


def imply_slots(layout: Layout, slots: Any) -> Implied:
    """Return what the model implies at slots, shape (replicate, group, m)."""
    paths, spread, level = matrices(layout, slots)
    identity = np.eye(layout.n_variables)
    if layout.depth is None:
        effects = np.linalg.inv(identity - paths)
    else:
        # Without loops the inverse is the finite sum I + A + A^2 + ...
        effects = identity + paths
        for _ in range(layout.depth - 1):
            effects = identity + paths @ effects
    full = effects @ spread @ np.swapaxes(effects, -1, -2)
    scaled = np.flatnonzero(layout.kind == SCALE)
    if len(scaled) and not layout.theta:
        # The residual variance of an ordered item is what its scale leaves for it.
        at = layout.row[scaled]
        full[..., at, at] = slots[..., scaled] ** -2
    full_mean = (effects @ level[..., None])[..., 0]
    p = layout.n_observed
    return Implied(effects, full, full[..., :p, :p], full_mean, full_mean[..., :p])


def invert(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the inverse and log-determinant of each matrix; NaN where not positive definite."""
    try:
        root = np.linalg.cholesky(matrix)
        inverse = np.linalg.inv(matrix)
        # Rounding lets a singular matrix pass: what is left of a variable's variance given the
        # others before it is then nothing.
        left = np.diagonal(root, axis1=-2, axis2=-1) ** 2
        own = np.diagonal(matrix, axis1=-2, axis2=-1)
        good = np.asarray((left > 1e-12 * own).all(axis=-1))
    except np.linalg.LinAlgError:
        finite = np.asarray(np.isfinite(matrix).all(axis=(-2, -1)))
        usable = np.where(finite[..., None, None], matrix, 0.0)
        smallest = np.linalg.eigvalsh(usable)
        good = np.asarray(smallest[..., 0] > 1e-12 * np.maximum(smallest[..., -1], 1e-300))
        safe = np.where(good[..., None, None], usable, np.eye(matrix.shape[-1]))
        root, inverse = np.linalg.cholesky(safe), np.linalg.inv(safe)
    log_determinant = 2 * np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(axis=-1)
    return (
        np.where(good[..., None, None], inverse, np.nan),
        np.where(good, log_determinant, np.nan),
    )


def discrepancy(layout: Layout, implied: Implied, data: SampleMoments) -> FloatArray:
    """ML fit function of each group, shape (replicate, group); inf where it isn't defined.

    ``log|Sigma| + tr(S Sigma^-1) - log|S| - p``, plus the mean term with a mean structure.
    """
    if data.unweighted:
        return unweighted_discrepancy(layout, implied, data)
    precision, log_determinant = invert(implied.covariance)
    value = (
        log_determinant
        + np.einsum("...ij,...ij->...", precision, data.covariance)
        - data.log_determinant
        - layout.n_observed
    )
    if layout.mean_structure:
        gap = data.mean - implied.mean
        value = value + np.einsum("...i,...ij,...j->...", gap, precision, gap)
    return np.where(np.isnan(value), np.inf, value)


def unweighted_discrepancy(layout: Layout, implied: Implied, data: SampleMoments) -> FloatArray:
    """Half the trace of the squared residuals, and the squared residual means."""
    residual = data.covariance - implied.covariance
    value = 0.5 * (residual**2).sum(axis=(-2, -1))
    if layout.mean_structure:
        value = value + ((data.mean - implied.mean) ** 2).sum(axis=-1)
    return np.where(np.isnan(value), np.inf, value)


@dataclass(frozen=True, slots=True)
class Derivatives:
    """Gradient of half the fit function, and information, of one person.

    Attributes
    ----------
    gradient : ndarray, shape (replicate, group, m)
        Of half the fit function by the slots.
    information : ndarray, shape (replicate, group, m, m)
        About the slots: expected, or observed (second derivatives of half the fit function).
    """

    gradient: FloatArray
    information: FloatArray


@dataclass(frozen=True, slots=True)
class Pieces:
    """What gradient and information are gathered from; leading axes (replicate, group).

    Attributes
    ----------
    metric, pull : ndarray, shape (..., 2v, 2v)
        W'KW and W'GW, with K the inverse of Sigma and G = K (Sigma - T) K.
    solved : ndarray, shape (..., p, 2v)
        K W.
    gap : ndarray, shape (..., p)
        Sample less implied means.
    change, pushed : ndarray, shape (..., p, m), or None
        Derivative of the implied means, and K times it.
    """

    metric: FloatArray
    pull: FloatArray
    solved: FloatArray
    gap: FloatArray
    change: FloatArray | None
    pushed: FloatArray | None


def gather_from(layout: Layout, implied: Implied, data: SampleMoments) -> Pieces:
    """Compute the small matrices that derivatives are gathered from."""
    p = layout.n_observed
    if data.unweighted:
        precision = np.broadcast_to(np.eye(p), implied.covariance.shape)
    else:
        own = data.covariance if data.weight == "sample" else implied.covariance
        precision, _ = invert(own)
    directions = np.concatenate([implied.effects[..., :p, :], implied.full[..., :p, :]], axis=-1)
    solved = precision @ directions
    metric = np.swapaxes(directions, -1, -2) @ solved
    target = data.covariance
    gap = data.mean - implied.mean
    change = pushed = None
    if layout.mean_structure:
        if not data.unweighted:
            target = target + gap[..., :, None] * gap[..., None, :]
        change = mean_change(layout, implied)
        pushed = precision @ change
    pull = np.swapaxes(solved, -1, -2) @ (implied.covariance - target) @ solved
    return Pieces(metric, pull, solved, gap, change, pushed)


def derivatives(
    layout: Layout,
    implied: Implied,
    data: SampleMoments,
    *,
    observed: bool = False,
    bends: bool = True,
) -> Derivatives:
    """Return gradient and expected (or observed) information by the slots.

    Without `bends`, the observed information is that of the implied moments, carried over to the
    slots as if the moments were straight lines in them.
    """
    pieces = gather_from(layout, implied, data)
    left, right, factor = layout.left, layout.right, layout.factor
    gradient = factor * pieces.pull[..., left, right]
    metric = pieces.metric
    cell = metric[..., left[:, None], left] * metric[..., right[:, None], right]
    cell += metric[..., left[:, None], right] * metric[..., right[:, None], left]
    information = cell * np.outer(factor, factor)
    if pieces.change is not None and pieces.pushed is not None:
        pulled = np.swapaxes(pieces.pushed, -1, -2) @ pieces.gap[..., None]
        gradient = gradient - pulled[..., 0]
        information = information + np.swapaxes(pieces.change, -1, -2) @ pieces.pushed
    if observed:
        information = information + curvature(
            layout, implied, pieces, bends=bends, weighted=not data.unweighted
        )
    return Derivatives(gradient, information)


def curvature(
    layout: Layout,
    implied: Implied,
    pieces: Pieces,
    *,
    bends: bool = True,
    weighted: bool = True,
) -> FloatArray:
    """Return what observed information adds to the expected one, shape (..., m, m).

    ``-tr(G S_k K S_l) + tr(G S_kl) / 2`` with S_k the first and S_kl the second derivatives of
    Sigma, and the terms of the means; zero on average where the model holds. Weights that don't
    move with Sigma (`weighted` is False) leave out what comes of their moving.
    """
    left, right, factor = layout.left, layout.right, layout.factor
    k_left, k_right = left[:, None], right[:, None]
    metric, pull = pieces.metric, pieces.pull
    first = metric[..., k_right, left] * pull[..., k_left, right]
    first += metric[..., k_right, right] * pull[..., k_left, left]
    first += metric[..., k_left, left] * pull[..., k_right, right]
    first += metric[..., k_left, right] * pull[..., k_right, left]
    total = -first * np.outer(factor, factor) * (1.0 if weighted else 0.0)
    if bends:
        total = total + second_derivative(layout, implied, pull)
    if pieces.change is not None:
        total = total + mean_curvature(layout, implied, pieces, bends=bends, weighted=weighted)
    return np.asarray(total)


def second_derivative(layout: Layout, implied: Implied, pull: FloatArray) -> FloatArray:
    """Return ``tr(G S_kl) / 2`` for all pairs of slots; zero unless one of a pair is a path."""
    v = layout.n_variables
    effects, full = implied.effects, implied.full
    paths = np.flatnonzero(layout.kind == REGRESSION)
    row, column = layout.row[paths], layout.column[paths]
    k_row, k_column, k_right = (a[:, None] for a in (layout.row, layout.column, layout.right))
    # The second of a pair is a path: both ends of the first's derivative move.
    near = pull[..., k_row, row]
    by_path = effects[..., column, k_row] * pull[..., k_right, row]
    own_spread = effects[..., column, k_column] * near
    own_path = full[..., column, k_column] * near
    own_path += effects[..., k_column, row] * pull[..., k_row, v + column]
    is_path = (layout.kind == REGRESSION)[:, None]
    block = layout.factor[:, None] * (by_path + np.where(is_path, own_path, own_spread))
    total = np.zeros((*block.shape[:-1], len(layout.kind)))
    total[..., paths, :] = np.swapaxes(block, -1, -2)
    total[..., paths] = block
    return total


def mean_curvature(
    layout: Layout,
    implied: Implied,
    pieces: Pieces,
    *,
    bends: bool = True,
    weighted: bool = True,
) -> FloatArray:
    """Return what the means add to :func:`curvature`; zero where they are saturated."""
    if pieces.change is None or pieces.pushed is None:
        raise ValueError("there are no means in this model")
    left, right, factor = layout.left, layout.right, layout.factor
    towards = (np.swapaxes(pieces.solved, -1, -2) @ pieces.gap[..., None])[..., 0]
    across = np.swapaxes(pieces.solved, -1, -2) @ pieces.change  # (..., 2v, m)
    mixed = across[..., left, :] * towards[..., right, None]
    mixed += across[..., right, :] * towards[..., left, None]
    mixed = factor[:, None] * mixed
    total = (mixed + np.swapaxes(mixed, -1, -2)) * (1.0 if weighted else 0.0)
    if bends:
        reach = towards[..., : layout.n_variables]
        total = total - second_mean_derivative(layout, implied, reach)
    return np.asarray(total)


def second_mean_derivative(layout: Layout, implied: Implied, reach: FloatArray) -> FloatArray:
    """Return the second derivatives of the implied means along a direction, (..., m, m).

    Parameters
    ----------
    reach : ndarray, shape (..., v)
        The observed rows of E, transposed, times the direction.
    """
    effects, centre = implied.effects, implied.full_mean
    paths = np.flatnonzero(layout.kind == REGRESSION)
    row, column = layout.row[paths], layout.column[paths]
    k_row, k_column = layout.row[:, None], layout.column[:, None]
    is_path = layout.kind == REGRESSION
    level = np.where(layout.kind == MEAN, 1.0, 0.0)
    weight = np.where(is_path, centre[..., layout.column], level)
    # The second of a pair is a path; where only the first is, the matrix is symmetric.
    block = reach[..., row][..., None, :] * effects[..., column, k_row] * weight[..., :, None]
    turned = reach[..., k_row] * effects[..., k_column, row] * is_path[:, None]
    block = block + turned * weight[..., None, paths]
    total = np.zeros((*block.shape[:-1], len(layout.kind)))
    total[..., paths, :] = np.swapaxes(block, -1, -2)
    total[..., paths] = block
    return total


def mean_change(layout: Layout, implied: Implied) -> FloatArray:
    """Return the derivative of the implied means by the slots, shape (..., p, m)."""
    observed = implied.effects[..., : layout.n_observed, :]
    amount = np.where(layout.kind == MEAN, 1.0, 0.0)
    weight = np.where(layout.kind == REGRESSION, implied.full_mean[..., layout.column], amount)
    return np.asarray(observed[..., layout.row] * weight[..., None, :])


def collect(layout: Layout, parts: Derivatives, n: FloatArray) -> tuple[FloatArray, Arrow]:
    """Sum over groups and go from slots to free parameters, weighted by n.

    Parameters
    ----------
    parts : Derivatives
        By the slots of ``layout.narrow``.

    Returns
    -------
    gradient : ndarray, shape (replicate, q)
        Of minus the log-likelihood.
    information : Arrow
        Of the whole sample.
    """
    return gather_blocks(
        layout, n[..., None] * parts.gradient, n[..., None, None] * parts.information
    )


def gather_blocks(
    layout: Layout, gradient: FloatArray, information: FloatArray
) -> tuple[FloatArray, Arrow]:
    """Bring sums by the needed slots, (replicate, group, k, ...), to the free parameters."""
    blocks = layout.plan.blocks
    n_local = blocks.local.shape[1]
    gradient, information = group_blocks(layout, gradient, information)
    arrow = Arrow(
        blocks,
        information[..., :n_local, :n_local],
        information[..., :n_local, n_local:],
        information[..., n_local:, n_local:].sum(axis=1),
    )
    summed = gradient[..., n_local:].sum(axis=1)
    return blocks.join(gradient[..., :n_local], summed), arrow


def group_blocks(
    layout: Layout, gradient: FloatArray, information: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Bring sums by the needed slots to each group's own parameters, then the common ones.

    What a group adds to the common parameters is still apart; gaps in the groups' own parameters
    have 1 on the diagonal of the information.
    """
    plan = layout.plan
    n_local = plan.blocks.local.shape[1]
    if plan.chosen is not None:
        gradient = np.einsum("rgk,gkc->rgc", gradient, plan.chosen)
        information = np.swapaxes(plan.chosen, 1, 2) @ information @ plan.chosen
    elif plan.present is not None:
        here = plan.present.astype(float)
        gradient = gradient * here
        information = information * (here[:, :, None] * here[:, None, :])
    gaps = plan.blocks.local == plan.blocks.n_free
    if gaps.any():
        information = np.array(information)
        at = np.arange(n_local)
        information[..., at, at] += gaps
    return gradient, information
