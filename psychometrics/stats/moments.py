"""Means and covariances per group in one pass, pooled in three meanings, with weights.

Rows are reduced once to sums; everything after works on the sums. Columns are centred on
integers first, so that for coded answers and whole-number weights every sum is exact and does
not depend on the number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from psychometrics.errors import DataError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

# Rows a block of the pass holds: keeps the block of cross products inside the cache.
BLOCK_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class Moments:
    """Covariance, mean and size of one or several groups: all that many estimators need.

    Parameters
    ----------
    covariance : array_like, shape (..., p, p)
        Sample covariance with denominator n - 1. A labelled square table (anything with
        ``columns``) gives the names as well.
    mean : array_like, shape (..., p), or None
        Sample means; None where only the covariance is known.
    n : array_like, shape (...)
        Number of people behind each covariance.
    names : sequence of str, optional
        Names of the variables.
    groups : sequence of str, optional
        Names of the groups, where there is a leading axis of them; ``1``, ``2`` ... by default.

    Examples
    --------
    >>> Moments([[1.0, 0.5], [0.5, 1.0]], None, 100, names=("a", "b")).n_variables
    2
    """

    covariance: FloatArray
    mean: FloatArray | None
    n: FloatArray
    names: tuple[str, ...] | None
    groups: tuple[str, ...]

    def __init__(
        self,
        covariance: Any,
        mean: Any = None,
        n: Any = None,
        names: Any = None,
        groups: Any = None,
    ) -> None:
        if names is None and hasattr(covariance, "columns"):
            names = tuple(str(name) for name in covariance.columns)
        matrix = np.array(covariance, dtype=float)
        if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
            raise DataError(f"covariance must be square; its shape is {matrix.shape}.")
        if not np.allclose(matrix, np.swapaxes(matrix, -1, -2), equal_nan=True):
            raise DataError("covariance must be symmetric; its two triangles differ.")
        if np.isinf(matrix).any():
            raise DataError("covariance holds infinite values; leave those variables out.")
        if n is None:
            raise DataError("Moments need n, the number of people behind the covariance.")
        size = np.array(n, dtype=float)
        if size.shape != matrix.shape[:-2] or not np.all(size >= 1):
            raise DataError(f"n must be one positive number a group; got {n!r}.")
        centre = None if mean is None else np.array(mean, dtype=float)
        if centre is not None and centre.shape != matrix.shape[:-1]:
            raise DataError(f"mean has shape {centre.shape}, expected {matrix.shape[:-1]}.")
        if names is not None and len(names) != matrix.shape[-1]:
            raise DataError(f"{len(names)} names for {matrix.shape[-1]} variables.")
        count = matrix.shape[0] if matrix.ndim == 3 else 0
        labels = tuple(str(i + 1) for i in range(count)) if groups is None else tuple(groups)
        if len(labels) != count or len(set(labels)) != count:
            raise DataError(
                f"groups names {len(labels)} groups, the covariance has {count}; name each once."
            )
        object.__setattr__(self, "covariance", matrix)
        object.__setattr__(self, "mean", centre)
        object.__setattr__(self, "n", size)
        object.__setattr__(self, "names", None if names is None else tuple(map(str, names)))
        object.__setattr__(self, "groups", tuple(map(str, labels)))

    @property
    def n_variables(self) -> int:
        """Number of variables p."""
        return int(self.covariance.shape[-1])


@dataclass(frozen=True, slots=True)
class Sums:
    """Weighted sums of rows, by group, about fixed centres.

    Attributes
    ----------
    weight : ndarray, shape (..., group)
        Sum of weights; the number of rows where rows are unweighted.
    first : ndarray, shape (..., group, p)
        Sum of ``x - centre``.
    cross : ndarray, shape (..., group, p, p)
        Sum of ``(x - centre)(x - centre)'``.
    centre : ndarray, shape (p,)
        What the columns were centred on.
    """

    weight: FloatArray
    first: FloatArray
    cross: FloatArray
    centre: FloatArray


def integer_centres(rows: FloatArray) -> FloatArray:
    """Return a round number near the mean of each column, ignoring missing values.

    For codes it is a whole number, which keeps their sums exact. A column whose values all lie
    within less than 1 would lose digits so far from its mean: it gets a binary fraction of its
    own size. A column of equal values gets that value, so that its variance is exactly 0; an
    empty column gets 0.
    """
    observed = ~np.isnan(rows)
    count = observed.sum(axis=0)
    total = np.where(observed, rows, 0.0).sum(axis=0)
    mean = np.divide(total, count, out=np.zeros(rows.shape[1]), where=count > 0)
    low = np.where(observed, rows, np.inf).min(axis=0, initial=np.inf)
    high = np.where(observed, rows, -np.inf).max(axis=0, initial=-np.inf)
    varies = high > low
    step = np.exp2(np.floor(np.log2(np.where(varies, np.minimum(high - low, 1.0), 1.0))))
    return np.asarray(np.where((count == 0) | varies, np.round(mean / step) * step, low))


def sum_rows(
    rows: FloatArray,
    group: IntArray,
    n_groups: int,
    weights: FloatArray | None = None,
    centre: FloatArray | None = None,
) -> Sums:
    """Reduce complete rows to sums by group in one pass.

    Parameters
    ----------
    rows : ndarray, shape (n, p)
        Complete rows: no missing values.
    group : ndarray of int, shape (n,)
        Group of each row, ``0 .. n_groups - 1``; rows with -1 are in none.
    n_groups : int
        Number of groups; a group without rows gets zeros.
    weights : ndarray, shape (n,), optional
        Case weights, not negative.
    centre : ndarray, shape (p,), optional
        Centres; the rounded column means by default.

    Returns
    -------
    Sums
        With one leading axis, the group.
    """
    p = rows.shape[1]
    middle = integer_centres(rows) if centre is None else centre
    weight = np.zeros(n_groups)
    first = np.zeros((n_groups, p))
    cross = np.zeros((n_groups, p, p))
    for start in range(0, len(rows), BLOCK_ROWS):
        block = rows[start : start + BLOCK_ROWS] - middle
        label = group[start : start + BLOCK_ROWS]
        share = None if weights is None else weights[start : start + BLOCK_ROWS]
        for g in np.unique(label[label >= 0]):
            mine = label == g
            x = block[mine]
            wx = x if share is None else x * share[mine, None]
            weight[g] += mine.sum() if share is None else share[mine].sum()
            first[g] += wx.sum(axis=0)
            cross[g] += wx.T @ x
    return Sums(weight, first, cross, middle)


def covariance_of(sums: Sums) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return n, mean and covariance (denominator n - 1) of each group.

    Groups with fewer than two rows get NaN covariances.
    """
    n = sums.weight
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums.centre + sums.first / n[..., None]
        covariance = scatter_of(sums) / (n - 1)[..., None, None]
    return n, mean, np.where(n[..., None, None] > 1, covariance, np.nan)


def scatter_of(sums: Sums) -> FloatArray:
    """Return the sum of squares and products about each group's own mean, (..., group, p, p).

    A variable whose values are all equal in a group gets exact zeros there.
    """
    n = np.where(sums.weight > 0, sums.weight, 1.0)
    scatter = sums.cross - sums.first[..., :, None] * sums.first[..., None, :] / n[..., None, None]
    # Equal values away from the centre leave rounding behind: at most this much of their squares.
    rounding = 2 * np.finfo(float).eps * np.maximum(n, 1.0)[..., None]
    square = np.diagonal(sums.cross, axis1=-2, axis2=-1)
    constant = np.diagonal(scatter, axis1=-2, axis2=-1) <= rounding * square
    if constant.any():
        scatter[constant[..., :, None] | constant[..., None, :]] = 0.0
    return np.asarray(scatter)


def pool_total(sums: Sums) -> Sums:
    """Stack all groups: between-group differences are mixed in. The group axis becomes one."""
    return Sums(
        sums.weight.sum(axis=-1, keepdims=True),
        sums.first.sum(axis=-2, keepdims=True),
        sums.cross.sum(axis=-3, keepdims=True),
        sums.centre,
    )


def pool_within(sums: Sums) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Pool the scatter about each group's own mean.

    Returns
    -------
    df : ndarray, shape (...)
        N - G, the degrees of freedom, over groups that have rows.
    n : ndarray, shape (...)
        N, the number of rows.
    covariance : ndarray, shape (..., p, p)
        Pooled-within covariance, denominator N - G.
    """
    n = sums.weight.sum(axis=-1)
    df = n - (sums.weight > 0).sum(axis=-1)
    scatter = scatter_of(sums).sum(axis=-3)
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = np.where(df[..., None, None] > 0, scatter / df[..., None, None], np.nan)
    return df, n, covariance


def pairwise_moments(
    rows: FloatArray, weights: FloatArray | None = None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return means, pairwise covariances and pair counts of rows with missing values.

    Each covariance uses the rows where both variables were answered and those rows' own means,
    as R's ``cov(use="pairwise")`` does; the matrix need not be positive definite.

    Returns
    -------
    n : ndarray, shape (p, p)
        Rows (sum of weights) behind each entry.
    mean : ndarray, shape (p,)
        Mean of the answered values.
    covariance : ndarray, shape (p, p)
        Denominator n_ij - 1; NaN where fewer than two rows are shared.
    """
    observed = ~np.isnan(rows)
    centre = integer_centres(rows)
    x = np.where(observed, rows - centre, 0.0)
    mask = observed.astype(float)
    w = np.ones(len(rows)) if weights is None else weights
    weighted = mask * w[:, None]
    n = weighted.T @ mask
    sum_i = (x * w[:, None]).T @ mask  # sum of x_i over rows where j is answered too
    cross = (x * w[:, None]).T @ x
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = np.where(n > 1, (cross - sum_i * sum_i.T / n) / (n - 1), np.nan)
        mean = centre + np.diagonal(sum_i) / np.diagonal(n)
    return n, mean, covariance


def pack_products(rows: FloatArray, centre: FloatArray) -> FloatArray:
    """Return 1, the centred values and their products for each row, (n, 1 + p + p(p+1)/2).

    A weighted sum of these columns holds all that moments need, so that the moments under many
    sets of weights are one matrix product: see :func:`unpack_sums`.
    """
    x = rows - centre
    low, high = np.tril_indices(rows.shape[1])
    return np.concatenate([np.ones((len(x), 1)), x, x[:, low] * x[:, high]], axis=1)


def unpack_sums(packed: FloatArray, centre: FloatArray) -> Sums:
    """Turn sums of :func:`pack_products`, shape (..., group, columns), into :class:`Sums`."""
    p = len(centre)
    low, high = np.tril_indices(p)
    place = np.zeros((p, p), dtype=np.intp)
    place[low, high] = place[high, low] = 1 + p + np.arange(len(low))
    return Sums(packed[..., 0], packed[..., 1 : 1 + p], np.take(packed, place, axis=-1), centre)


def correlation_of(covariance: FloatArray) -> FloatArray:
    """Return correlations; NaN for a variable that does not vary."""
    sd = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = covariance / (sd[..., :, None] * sd[..., None, :])
    return np.asarray(np.where(np.isfinite(scaled), scaled, np.nan))
