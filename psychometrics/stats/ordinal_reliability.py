"""Polychoric correlations and one factor of many weightings of the same ordinal answers.

The tables of all pairs are sums of indicators, so that those of bootstrap samples are one matrix
product; the correlations of all samples and pairs are then found together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from psychometrics.stats.bivariate_normal import distribution
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.ordinal_moments import OrdinalMoments
from psychometrics.stats.pair_likelihood import Tables
from psychometrics.stats.pair_solver import solve_tables
from psychometrics.stats.pair_tables import item_pairs
from psychometrics.stats.polychoric import fill_two_by_two, pair_matrix, thresholds_of
from psychometrics.stats.weighted_one_factor import weighted_one_factor


@dataclass(frozen=True, slots=True)
class OrdinalReplicates:
    """Polychoric correlations of each replicate.

    Attributes
    ----------
    correlation : ndarray, shape (replicate, p, p)
        NaN where an item has one answer alone.
    thresholds : ndarray, shape (replicate, p, K - 1)
        NaN where an item has fewer categories; infinite beyond the answers that were given.
    n : ndarray, shape (replicate,)
        People in the fullest margin.
    """

    correlation: FloatArray
    thresholds: FloatArray
    n: FloatArray


@dataclass(frozen=True, slots=True)
class OrdinalFactor:
    """One factor of the variables behind ordinal answers.

    Attributes
    ----------
    loadings : ndarray, shape (replicate, p)
        Standardised; NaN where there is no solution, or a loading above 1 that was not bounded.
    thresholds : ndarray, shape (replicate, p, K - 1)
    correlation : ndarray, shape (replicate, p, p)
        What the factor was fitted to.
    converged : ndarray of bool, shape (replicate,)
    improper : ndarray of bool, shape (replicate, p)
    """

    loadings: FloatArray
    thresholds: FloatArray
    correlation: FloatArray
    converged: np.ndarray
    improper: np.ndarray


def pair_indicators(codes: FloatArray, n_categories: int) -> FloatArray:
    """Return which pairs of answers each row gave, then which answers, (n, columns) of 0 and 1.

    Parameters
    ----------
    codes : ndarray, shape (n, p)
        Categories 0 to `n_categories` - 1; NaN where missing.
    n_categories : int
        K.
    """
    n, p = codes.shape
    k = n_categories
    own = (codes[:, :, None] == np.arange(k)).astype(np.float32)
    first, second = item_pairs(p)
    pairs = own[:, first, :, None] * own[:, second, None, :]
    return np.concatenate([pairs.reshape(n, -1), own.reshape(n, -1)], axis=1)


def ordinal_replicates(
    packed: FloatArray, n_items: int, n_categories: IntArray
) -> OrdinalReplicates:
    """Estimate thresholds and polychoric correlations from sums of :func:`pair_indicators`.

    Parameters
    ----------
    packed : ndarray, shape (replicate, columns)
    n_items : int
        p.
    n_categories : ndarray of int, shape (p,)
        Categories of each item.
    """
    p, k = n_items, int(n_categories.max())
    first, second = item_pairs(p)
    n_pairs, many = len(first), len(packed)
    packed = np.asarray(packed, dtype=float)
    counts = packed[:, : n_pairs * k * k].reshape(many * n_pairs, k, k)
    margins = packed[:, n_pairs * k * k :].reshape(many, p, k)
    padded = np.concatenate([margins, np.zeros((many, p, 1))], axis=-1)
    thresholds = thresholds_of(padded)
    binary = np.tile((n_categories[first] == 2) & (n_categories[second] == 2), many)
    tables = Tables(
        fill_two_by_two(counts, binary),
        thresholds[:, first].reshape(-1, k - 1),
        thresholds[:, second].reshape(-1, k - 1),
    )
    solved = solve_tables(tables).correlation.reshape(many, n_pairs)
    varies = (margins > 0).sum(axis=-1) > 1
    correlation = pair_matrix(solved, np.where(varies, 1.0, np.nan), first, second)
    number = np.arange(k - 1) < n_categories[:, None] - 1
    return OrdinalReplicates(
        correlation, np.where(number, thresholds, np.nan), margins.sum(axis=-1).max(axis=-1)
    )


def residual_weights(moments: OrdinalMoments, group: int = 0) -> FloatArray:
    """Return one over the sampling variance of each correlation, (p, p), 0 on the diagonal.

    A correlation whose variance is unknown, at the boundary, weighs as little as any.
    """
    layout = moments.layout
    variance = moments.groups[group].diagonal()[layout.covariances]
    usable = np.isfinite(variance) & (variance > 0)
    weight = np.where(usable, 1 / np.where(usable, variance, 1.0), np.nan)
    least = np.nanmin(weight) if usable.any() else 1.0
    size = int(layout.second.max()) + 1
    found = np.zeros((size, size))
    found[layout.first, layout.second] = np.where(usable, weight, least)
    return found + found.T


def one_factor_of_polychorics(
    found: OrdinalReplicates, weights: FloatArray | None, *, bounded: bool
) -> OrdinalFactor:
    """Fit one factor to polychoric correlations by diagonally weighted least squares.

    All that needs loadings and thresholds of ordinal items asks here.

    Parameters
    ----------
    found : OrdinalReplicates
    weights : ndarray, shape (p, p)
        See :func:`residual_weights`; equal for None.
    bounded : bool
        Hold a loading above 1 at just below it (bootstrap samples), instead of leaving it.
    """
    fitted = weighted_one_factor(found.correlation, weights)
    loadings = fitted.loadings
    if bounded:
        edge = np.sqrt(0.995)
        loadings = np.clip(loadings, -edge, edge)
    return OrdinalFactor(
        loadings, found.thresholds, found.correlation, fitted.converged, fitted.improper
    )


@dataclass(frozen=True, slots=True)
class SumVariances:
    """Variances of the sum of the answers, coded 0, 1, 2, ...; each (replicate,).

    Green and Yang's (2009) reliability is `true` over one of the totals; in parts, so that it can
    be pooled over sites.

    Attributes
    ----------
    true : ndarray
        What a second, equally related answer to the same items would share.
    implied : ndarray
        The variance with the correlations that the factor implies.
    observed : ndarray
        The variance with the correlations that the factor was fitted to.
    """

    true: FloatArray
    implied: FloatArray
    observed: FloatArray


def sum_variances(factor: OrdinalFactor) -> SumVariances:
    """Return true and total variances of the sum of the answers; see :class:`SumVariances`.

    An answer counts the thresholds below its variable, so two answers covary by the sum over pairs
    of thresholds of Phi2(s, t, r) - Phi(s) Phi(t). Each pair of items is worked out once.
    """
    many, p = factor.loadings.shape
    first, second = item_pairs(p)
    common = factor.loadings[:, first] * factor.loadings[:, second]
    sample = factor.correlation[:, first, second]
    found = np.full((3, many), np.nan)
    known = np.isfinite(common).all(axis=1) & np.isfinite(sample).all(axis=1)
    if not known.any():
        return SumVariances(*found)
    missing = np.isnan(factor.thresholds[known])
    limits = np.where(missing, np.inf, factor.thresholds[known])
    below = special.ndtr(limits)
    alone = limits, limits, factor.loadings[known] ** 2
    again = excess(*alone, below, below).sum(axis=-1)
    pair = (limits[:, first], limits[:, second])
    beside = (below[:, first], below[:, second])
    shared = 2 * excess(*pair, common[known], *beside).sum(axis=-1)
    seen = 2 * excess(*pair, sample[known], *beside).sum(axis=-1)
    # With correlation 1 the lower of two thresholds decides.
    lower = np.minimum(below[..., :, None], below[..., None, :])
    own = (lower - below[..., :, None] * below[..., None, :]).sum(axis=(-3, -2, -1))
    found[:, known] = again + shared, own + shared, own + seen
    return SumVariances(*found)


def excess(
    one: FloatArray, other: FloatArray, r: FloatArray, below: FloatArray, beside: FloatArray
) -> FloatArray:
    """Return the covariance of two answers, (replicate, pair), from their thresholds.

    Parameters
    ----------
    one, other : ndarray, shape (replicate, pair, K - 1)
        Thresholds; infinite where there is none.
    r : ndarray, shape (replicate, pair)
    below, beside : ndarray, shape (replicate, pair, K - 1)
        Normal probabilities below the thresholds.
    """
    together = distribution(one[..., :, None], other[..., None, :], r[..., None, None])
    return np.asarray((together - below[..., :, None] * beside[..., None, :]).sum(axis=(-2, -1)))
