"""What an answer tells about the trait behind it, and where a scale tells enough.

Arrays run over (..., item, theta), with theta a grid of trait values; several groups stand in the
leading axis. A scale is all items of one factor, independent of each other given the factor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from psychometrics.stats.item_response import Graded
from psychometrics.stats.moments import BoolArray, FloatArray
from psychometrics.stats.normal_cells import normal_cells

LIMIT, STEP = 8.0, 0.02
GRID: FloatArray = np.linspace(-LIMIT, LIMIT, round(2 * LIMIT / STEP) + 1)
"""Where scales are searched and averaged, in standard deviations of the trait.

The sum over it, weighted by the normal density, is exact to rounding: the trapezoidal rule is for
smooth functions that vanish at both ends.
"""
WEIGHTS: FloatArray = np.exp(-0.5 * GRID**2) * STEP / np.sqrt(2 * np.pi)


def boundaries(graded: Graded, theta: FloatArray) -> FloatArray:
    """Return the limits between categories for the residual, (..., p, K + 1, t), descending.

    Phi of limit k is the probability of category k or a higher one.
    """
    line = graded.slope[..., None, None] * theta + graded.intercepts[..., None]
    unknown = np.isnan(graded.slope)[..., None, None]
    inner = np.where(np.isnan(graded.intercepts)[..., None] & ~unknown, -np.inf, line)
    ends = np.zeros((*inner.shape[:-2], 1, inner.shape[-1]))
    return np.concatenate([ends + np.inf, inner, ends - np.inf], axis=-2)


def category_probabilities(graded: Graded, theta: FloatArray) -> FloatArray:
    """Return the probability of each category, (..., p, K, t).

    0 for categories that an item doesn't have; NaN for continuous items and where the slope is.
    """
    limit = boundaries(graded, theta)
    found = np.exp(normal_cells(limit[..., :-1, :], limit[..., 1:, :]).log_probability)
    known = graded.ordered[:, None] & ~np.isnan(graded.slope)[..., None]
    return np.where(known[..., None], found, np.nan)


def item_information(graded: Graded, theta: FloatArray) -> FloatArray:
    """Return the information of each item about its trait, (..., p, t).

    The sum over categories of P' squared over P (Samejima, 1969, chapter 6). A continuous item has
    its squared slope everywhere.
    """
    limit = boundaries(graded, theta)
    cells = normal_cells(limit[..., :-1, :], limit[..., 1:, :])
    spread = (np.exp(cells.log_probability) * cells.slope**2).sum(axis=-2)
    return np.asarray(graded.slope[..., None] ** 2 * np.where(graded.ordered[:, None], spread, 1.0))


def expected_item_scores(graded: Graded, theta: FloatArray, codes: FloatArray) -> FloatArray:
    """Return the expected answer to each item, (..., p, t).

    Parameters
    ----------
    codes : ndarray, shape (p, K)
        The answers that the categories stand for; NaN where an item has fewer.

    Returns
    -------
    ndarray
        NaN for continuous items and where the slope is.
    """
    steps = np.where(np.isnan(codes), 0.0, codes)
    chance = category_probabilities(graded, theta)
    return np.asarray(np.einsum("...pkt,pk->...pt", chance, steps))


def membership(graded: Graded, n_factors: int) -> BoolArray:
    """Return which items make up each factor's scale, (m, p): those that load on it alone."""
    return np.asarray(graded.factor == np.arange(n_factors)[:, None])


def scale_information(graded: Graded, theta: FloatArray, n_factors: int) -> FloatArray:
    """Return the information of all items of each factor together, (..., m, t).

    NaN where an item of the scale has none, or the factor no item of its own.
    """
    members = membership(graded, n_factors)
    own = item_information(graded, theta)
    found = np.stack([own[..., mine, :].sum(axis=-2) for mine in members], axis=-2)
    return np.where(members.any(axis=1, keepdims=True), found, np.nan)


def standard_error_of_measurement(information: FloatArray) -> FloatArray:
    """Return 1 / sqrt(information): the spread of the trait's estimate from the answers alone."""
    with np.errstate(divide="ignore"):
        return np.asarray(1 / np.sqrt(information))


def posterior_sd(information: FloatArray, trait_sd: FloatArray | float = 1.0) -> FloatArray:
    """Return 1 / sqrt(information + 1 / variance): what is unknown once the population counts."""
    return np.asarray(1 / np.sqrt(information + 1 / np.asarray(trait_sd) ** 2))


def conditional_reliability(
    information: FloatArray, trait_sd: FloatArray | float = 1.0
) -> FloatArray:
    """Return I / (I + 1) for a trait of variance 1; in general I v / (I v + 1).

    Parameters
    ----------
    information : ndarray
        In the metric in which the trait's standard deviation is `trait_sd`.
    trait_sd : ndarray or float
        It broadcasts.
    """
    relative = information * np.asarray(trait_sd) ** 2
    return np.asarray(relative / (relative + 1))


@dataclass(frozen=True, slots=True)
class ScaleReliability:
    """How reliably scales measure the traits of each group, each in its own metric.

    Attributes
    ----------
    information : ndarray, shape (..., m, t)
        On ``GRID``.
    conditional : ndarray, shape (..., m, t)
        I / (I + 1) on ``GRID``.
    marginal : ndarray, shape (..., m)
        Its mean over the standard normal trait.
    by_slope : ndarray, shape (..., p)
        Derivative of the marginal reliability of an item's scale by its slope.
    by_intercept : ndarray, shape (..., p, K - 1)
        And by its intercepts.
    """

    information: FloatArray
    conditional: FloatArray
    marginal: FloatArray
    by_slope: FloatArray
    by_intercept: FloatArray


def scale_reliability(graded: Graded, n_factors: int) -> ScaleReliability:
    """Return conditional and marginal reliability of each scale.

    Parameters
    ----------
    graded : Graded
        In each group's own metric.

    References
    ----------
    Green, B. F., Bock, R. D., Humphreys, L. G., Linn, R. L., & Reckase, M. D. (1984). Technical
    guidelines for assessing computerized adaptive tests. Journal of Educational Measurement, 21,
    347-360.
    Cheng, Y., Yuan, K.-H., & Liu, C. (2012). Comparison of reliability measures under factor
    analysis and item response theory. Educational and Psychological Measurement, 72, 52-67.
    doi:10.1177/0013164411407315
    """
    information = scale_information(graded, GRID, n_factors)
    conditional = conditional_reliability(information)
    by_slope, by_intercept = _reliability_slopes(graded, information)
    return ScaleReliability(information, conditional, conditional @ WEIGHTS, by_slope, by_intercept)


def _reliability_slopes(graded: Graded, scale: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return derivatives of the marginal reliability by slopes and intercepts.

    With r the derivative of the log-probability of the cell above a limit z less that of the cell
    below, the information of a unit slope changes by -phi(z) r (2 z + sum of both) along z.
    """
    limit = boundaries(graded, GRID)
    cells = normal_cells(limit[..., :-1, :], limit[..., 1:, :])
    z = limit[..., 1:-1, :]
    above, below = cells.slope[..., 1:, :], cells.slope[..., :-1, :]
    z = np.where(np.isinf(z), 0.0, z)
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    absent = np.isnan(graded.intercepts)[..., None]
    steep = np.where(absent, 0.0, -density * (above - below) * (2 * z + above + below))
    spread = (np.exp(cells.log_probability) * cells.slope**2).sum(axis=-2)
    spread = np.where(graded.ordered[:, None], spread, 1.0)
    weight = WEIGHTS / (1 + scale[..., np.maximum(graded.factor, 0), :]) ** 2
    slope = graded.slope[..., None]
    change = 2 * slope * spread + slope**2 * GRID * steep.sum(axis=-2)
    by_slope = (weight * change).sum(axis=-1)
    by_intercept = (weight[..., None, :] * slope[..., None] ** 2 * steep).sum(axis=-1)
    return by_slope, by_intercept


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the trait over which a scale is reliable enough.

    Attributes
    ----------
    place : tuple of int
        Group and factor.
    low, high : float
        Its ends, in standard deviations of the group's trait; ends of the search (8 from the mean)
        where the scale is still reliable there.
    share : float
        Share of the group's people in it, by the normal trait of the model.
    """

    place: tuple[int, int]
    low: float
    high: float
    share: float


def reliable_stretches(conditional: FloatArray, threshold: float) -> list[Stretch]:
    """Return where the conditional reliability is at least `threshold`.

    Parameters
    ----------
    conditional : ndarray, shape (group, m, t)
        On ``GRID``.
    threshold : float
        Between 0 and 1.

    Returns
    -------
    list of Stretch
        In the order of groups, factors and the trait; ends are interpolated between points of the
        grid, to about 1e-4.
    """
    above = conditional >= threshold
    edge = np.zeros((*above.shape[:-1], 1), dtype=np.int8)
    change = np.diff(above.astype(np.int8), axis=-1, prepend=edge, append=edge)
    starts, ends = np.argwhere(change == 1), np.argwhere(change == -1)
    low = _crossing(conditional, starts, threshold)
    high = _crossing(conditional, ends, threshold)
    share = special.ndtr(high) - special.ndtr(low)
    return [
        Stretch((int(g), int(f)), float(a), float(b), float(part))
        for (g, f, _), a, b, part in zip(starts, low, high, share, strict=True)
    ]


def _crossing(conditional: FloatArray, at: Any, threshold: float) -> FloatArray:
    """Return where the reliability passes the threshold just before some points of the grid."""
    last = conditional.shape[-1]
    g, f, t = at[:, 0], at[:, 1], at[:, 2]
    right, left = np.minimum(t, last - 1), np.maximum(t - 1, 0)
    before, after = conditional[g, f, left], conditional[g, f, right]
    inside = (t > 0) & (t < last)
    gap = np.where(inside, after - before, 1.0)
    part = np.where(inside, (threshold - before) / gap, 0.0)
    return np.asarray(GRID[left] + part * STEP)
