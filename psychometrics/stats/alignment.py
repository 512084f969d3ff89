"""Alignment of factor means and variances over groups, many samples at once.

A configural model leaves each group's factor with mean 0 and variance 1. Other means and variances
fit as well; alignment chooses those at which loadings and intercepts differ in few places rather
than a little everywhere. With a = 1 / SD and b = mean / SD, aligned loadings are linear in a and
aligned intercepts linear in b, so each loss is brought down by weighted least squares, reweighted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from psychometrics.stats.moments import BoolArray, FloatArray

Kind = Literal["fixed", "free"]

MOST_STEPS = 2000
LEAST_FALL = 1e-11
# Smoothing of the loss is brought down in steps, so that the search isn't caught early.
SMOOTHING = (1.0, 0.1)


@dataclass(frozen=True, slots=True)
class Aligned:
    """Aligned groups of one factor; leading axis (sample).

    Attributes
    ----------
    mean, sd : ndarray, shape (sample, group)
        Of the factor; the SDs have the product 1.
    loadings, intercepts : ndarray, shape (sample, group, item)
    loss : ndarray, shape (sample,)
        Sum of both losses.
    """

    mean: FloatArray
    sd: FloatArray
    loadings: FloatArray
    intercepts: FloatArray
    loss: FloatArray


def align(
    loadings: FloatArray,
    intercepts: FloatArray,
    n: FloatArray,
    *,
    power: tuple[float, float] = (0.5, 0.5),
    epsilon: float = 0.001,
    kind: Kind = "fixed",
    n_starts: int = 10,
    rng: np.random.Generator | None = None,
    start: tuple[FloatArray, FloatArray] | None = None,
    least_fall: float = LEAST_FALL,
) -> Aligned:
    """Align the groups' factors.

    Parameters
    ----------
    loadings, intercepts : ndarray, shape (sample, group, item)
        Of a configural model with factor means 0 and variances 1.
    n : ndarray, shape (group,)
        People; a pair of groups weighs the root of the product of its sizes.
    power : tuple of float
        Exponents of the absolute differences of loadings and of intercepts. Small ones allow few
        large differences (.5 after Asparouhov and Muthén), 2 is least squares: many small ones.
    epsilon : float
        Smooths the loss ``(x^2 + epsilon)^(power / 2)`` at 0.
    kind : {"fixed", "free"}
        Whether the first group's mean is 0, or estimated like the others.
    n_starts : int
        Random starts beside the least-squares solution; the lowest loss wins.
    rng : Generator, optional
        For the starts.
    start : tuple of ndarray, optional
        Means and SDs, shape (group,), of one more start.
    least_fall : float
        The search ends when the loss falls by less than this share of itself.

    References
    ----------
    Asparouhov, T., & Muthén, B. (2014). Multiple-group factor analysis alignment. Structural
    Equation Modeling, 21, 495-508. doi:10.1080/10705511.2014.919210
    Robitzsch, A. (2020). Lp loss functions in invariance alignment and Haberman linking with few
    or many groups. Stats, 3, 246-283. doi:10.3390/stats3030019
    """
    weight = np.sqrt(n[:, None] * n)
    np.fill_diagonal(weight, 0.0)
    n_samples, n_groups, _ = loadings.shape
    rng = np.random.default_rng(0) if rng is None else rng
    flat = np.ones((n_samples, n_groups))
    first_scale = scales_from(loadings, weight, 2.0, 1.0, flat)
    first_shift = shifts_from(loadings, intercepts, weight, 2.0, 1.0, 0 * flat, kind)
    scale_starts, shift_starts = [first_scale], [first_shift]
    if start is not None:
        scale_starts.append(np.broadcast_to(1 / start[1], flat.shape))
        shift_starts.append(np.broadcast_to(start[0] / start[1], flat.shape))
    for _ in range(n_starts):
        scale_starts.append(first_scale * np.exp(0.3 * rng.standard_normal(flat.shape)))
        moved = first_shift + 0.5 * rng.standard_normal(flat.shape)
        shift_starts.append(moved if kind == "free" else moved - moved[:, :1])
    stacked = np.concatenate([loadings] * len(scale_starts))
    levels = np.concatenate([intercepts] * len(scale_starts))
    scale, shift = np.concatenate(scale_starts), np.concatenate(shift_starts)
    # Smoothing can lead away from a narrow deep minimum, so random starts go without.
    eased = slice(0, (len(scale_starts) - n_starts) * n_samples)
    for smooth in (s for s in SMOOTHING if s > epsilon):
        scale[eased] = scales_from(
            stacked[eased], weight, power[0], smooth, scale[eased], least_fall
        )
        shift[eased] = shifts_from(
            stacked[eased], levels[eased], weight, power[1], smooth, shift[eased], kind, least_fall
        )
    scale = scales_from(stacked, weight, power[0], epsilon, scale, least_fall)
    shift = shifts_from(stacked, levels, weight, power[1], epsilon, shift, kind, least_fall)
    by_scale = total_loss(stacked * scale[..., None], weight, power[0], epsilon)
    by_shift = total_loss(levels - stacked * shift[..., None], weight, power[1], epsilon)
    pick = np.arange(n_samples)
    one = by_scale.reshape(-1, n_samples)
    two = by_shift.reshape(-1, n_samples)
    best_scale = scale.reshape(-1, n_samples, n_groups)[one.argmin(axis=0), pick]
    best_shift = shift.reshape(-1, n_samples, n_groups)[two.argmin(axis=0), pick]
    return Aligned(
        best_shift / best_scale,
        1 / best_scale,
        loadings * best_scale[..., None],
        intercepts - loadings * best_shift[..., None],
        one.min(axis=0) + two.min(axis=0),
    )


def total_loss(values: FloatArray, weight: FloatArray, power: float, epsilon: float) -> FloatArray:
    """Return the loss of the differences between all pairs of groups, (sample,)."""
    gap = values[:, :, None] - values[:, None]
    size = (gap**2 + epsilon) ** (power / 2)
    return np.asarray(0.5 * np.einsum("rghi,gh->r", size, weight))


def pair_weights(
    values: FloatArray, weight: FloatArray, power: float, epsilon: float
) -> FloatArray:
    """Return what squared differences weigh so that their sum touches the loss from above."""
    gap = values[:, :, None] - values[:, None]
    return np.asarray((gap**2 + epsilon) ** (power / 2 - 1) * weight[..., None])


def scales_from(
    loadings: FloatArray,
    weight: FloatArray,
    power: float,
    epsilon: float,
    start: FloatArray,
    least_fall: float = LEAST_FALL,
) -> FloatArray:
    """Bring the loss of the loadings down from a start; scales a have the product 1.

    With weights held, a'Qa under that constraint has its minimum where a'Qa / 2 - sum log a has
    its own, up to a factor: a convex function, so damped Newton steps are safe.
    """
    scale = normalized(np.array(start))
    loss = total_loss(loadings * scale[..., None], weight, power, epsilon)
    active = np.arange(len(scale))
    diagonal = np.arange(scale.shape[1])
    for _ in range(MOST_STEPS):
        mine = loadings[active]
        omega = pair_weights(mine * scale[active, :, None], weight, power, epsilon)
        matrix = -np.einsum("rghi,rgi,rhi->rgh", omega, mine, mine)
        matrix[:, diagonal, diagonal] += np.einsum("rghi,rgi->rg", omega, mine**2)
        own = scale[active]
        # The factor that makes Newton's first step about direction, not about size; loadings that
        # are alike to the last digit leave nothing to divide by.
        size = np.einsum("rg,rgh,rh->r", own, matrix, own)
        least = 1e-9 * np.einsum("rg,rgg->r", own**2, matrix)
        matrix *= (own.shape[1] / np.maximum(size, np.maximum(least, 1e-300)))[:, None, None]
        for _ in range(3):
            slope = np.einsum("rgh,rh->rg", matrix, own) - 1 / own
            bend = matrix.copy()
            bend[:, diagonal, diagonal] += 1 / own**2
            step = np.linalg.solve(bend, slope[..., None])[..., 0]
            length = np.sqrt(np.maximum((slope * step).sum(axis=1), 0.0))
            own = own - step / (1 + length)[:, None]
        scale[active] = normalized(own)
        value = total_loss(mine * scale[active, :, None], weight, power, epsilon)
        going = loss[active] - value > least_fall * loss[active]
        loss[active] = value
        active = active[going]
        if not len(active):
            break
    return scale


def normalized(scale: FloatArray) -> FloatArray:
    """Divide scales by their geometric mean."""
    return np.asarray(scale / np.exp(np.log(scale).mean(axis=1, keepdims=True)))


def shifts_from(
    loadings: FloatArray,
    intercepts: FloatArray,
    weight: FloatArray,
    power: float,
    epsilon: float,
    start: FloatArray,
    kind: Kind,
    least_fall: float = LEAST_FALL,
) -> FloatArray:
    """Bring the loss of the intercepts down from a start, by reweighted least squares."""
    shift = np.array(start)
    loss = total_loss(intercepts - loadings * shift[..., None], weight, power, epsilon)
    active = np.arange(len(shift))
    diagonal = np.arange(shift.shape[1])
    # The first group's mean may be held at 0. Where all loadings are alike a common shift changes
    # nothing: the least ridge keeps it where it is.
    first = 1 if kind == "fixed" else 0
    for _ in range(MOST_STEPS):
        mine, levels = loadings[active], intercepts[active]
        omega = pair_weights(levels - mine * shift[active, :, None], weight, power, epsilon)
        matrix = -np.einsum("rghi,rgi,rhi->rgh", omega, mine, mine)
        matrix[:, diagonal, diagonal] += np.einsum("rghi,rgi->rg", omega, mine**2)
        gap = levels[:, :, None] - levels[:, None]
        right = np.einsum("rghi,rghi,rgi->rg", omega, gap, mine)
        ridge = 1e-10 * np.maximum(matrix[:, diagonal, diagonal].max(axis=1), 1e-300)
        matrix[:, diagonal, diagonal] += ridge[:, None]
        right += ridge[:, None] * shift[active]
        found = np.linalg.solve(matrix[:, first:, first:], right[:, first:, None])[..., 0]
        shift[np.ix_(active, diagonal[first:])] = found
        value = total_loss(levels - mine * shift[active, :, None], weight, power, epsilon)
        going = loss[active] - value > least_fall * loss[active]
        loss[active] = value
        active = active[going]
        if not len(active):
            break
    return shift


def explained_share(
    loadings: FloatArray, intercepts: FloatArray, found: Aligned
) -> tuple[FloatArray, FloatArray]:
    """Return how much of the groups' differences factor means and variances explain, (sample,).

    R2 of the configural loadings and intercepts: 1 where all that differs are the people.

    References
    ----------
    Asparouhov & Muthén (2014), equations 13 and 14.
    """
    mean_loading = found.loadings.mean(axis=1, keepdims=True)
    mean_intercept = found.intercepts.mean(axis=1, keepdims=True)
    left_loading = loadings - found.sd[..., None] * mean_loading
    left_intercept = intercepts - mean_intercept - found.mean[..., None] * mean_loading
    return share(loadings, left_loading), share(intercepts, left_intercept)


def total_variance_share(
    loadings: FloatArray, intercepts: FloatArray, found: Aligned
) -> tuple[FloatArray, FloatArray]:
    """Return one less the squared rest over the squared parameters themselves, (sample,).

    A gentler R2 than :func:`explained_share`: what all groups share counts as explained.
    """
    mean_loading = found.loadings.mean(axis=1, keepdims=True)
    mean_intercept = found.intercepts.mean(axis=1, keepdims=True)
    rest_loading = loadings - found.sd[..., None] * mean_loading
    rest_intercept = intercepts - mean_intercept - found.mean[..., None] * mean_loading
    with np.errstate(invalid="ignore", divide="ignore"):
        return (
            np.asarray(1 - (rest_loading**2).sum(axis=(1, 2)) / (loadings**2).sum(axis=(1, 2))),
            np.asarray(1 - (rest_intercept**2).sum(axis=(1, 2)) / (intercepts**2).sum(axis=(1, 2))),
        )


def share(given: FloatArray, left: FloatArray) -> FloatArray:
    """Return one less the share of the variance over groups that is left."""
    total = ((given - given.mean(axis=1, keepdims=True)) ** 2).sum(axis=(1, 2))
    rest = ((left - left.mean(axis=1, keepdims=True)) ** 2).sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(total > 0, 1 - rest / total, np.nan))


def invariant_groups(
    estimate: FloatArray,
    covariance: FloatArray,
    *,
    pair_level: float = 0.01,
    group_level: float = 0.001,
) -> BoolArray:
    """Tell in which groups a parameter is the same, as far as the tests can tell.

    Start from the largest set of groups that are linked by pairs whose difference is not
    significant; then let groups in and out by the difference from the set's mean, until the set
    stays.

    Parameters
    ----------
    estimate : ndarray, shape (group,)
    covariance : ndarray, shape (group, group)
        Of the estimates.
    pair_level, group_level : float
        Significance of pairs, and of a group against the set.

    References
    ----------
    Asparouhov & Muthén (2014), p. 498.
    """
    n_groups = len(estimate)
    variance = np.diagonal(covariance)
    spread = variance[:, None] + variance - 2 * covariance
    gap = np.abs(estimate[:, None] - estimate)
    near = gap <= special.ndtri(1 - pair_level / 2) * np.sqrt(np.maximum(spread, 0.0))
    inside = largest_linked(near)
    seen: set[bytes] = set()
    while inside.tobytes() not in seen:
        seen.add(inside.tobytes())
        share_of = inside / inside.sum()
        distance = np.eye(n_groups) - share_of
        size = np.sqrt(np.maximum(np.einsum("gh,hk,gk->g", distance, covariance, distance), 0.0))
        fine = np.abs(distance @ estimate) <= special.ndtri(1 - group_level / 2) * size
        if not fine.any():
            break
        inside = np.asarray(fine)
    return inside


def largest_linked(near: BoolArray) -> BoolArray:
    """Return the largest set of groups that hang together by links."""
    reach = np.linalg.matrix_power(near.astype(float) + np.eye(len(near)), len(near)) > 0
    return np.asarray(reach[reach.sum(axis=1).argmax()])
