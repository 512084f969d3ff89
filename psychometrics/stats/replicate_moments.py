"""Moments of many weightings of the same rows at once: bootstrap samples, rows left out.

Rows are reduced once to products; every set of weights is then one row of a matrix product. A
stratum (a site) keeps sums of its own, so that sites, all rows stacked, and the pooled-within
covariance come from the same samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psychometrics.stats.moments import FloatArray, integer_centres
from psychometrics.stats.resampling import as_single, bootstrap_counts

# Weights that are held at once.
WEIGHTS_AT_ONCE = 25_000_000


@dataclass(frozen=True, slots=True)
class PairSums:
    """Sums over the people who answered both items of a pair, for each weighting and stratum.

    Attributes
    ----------
    n : ndarray, shape (..., stratum, p, p)
        Sum of weights.
    first : ndarray, shape (..., stratum, p, p)
        Sum of the values of the row's item, about its centre, over those who answered both.
    cross : ndarray, shape (..., stratum, p, p)
        Sum of products.
    """

    n: FloatArray
    first: FloatArray
    cross: FloatArray


def pair_products(rows: FloatArray, centre: FloatArray) -> FloatArray:
    """Return what each row adds to the sums of pairs, (n, columns); see :func:`pair_sums`."""
    p = rows.shape[1]
    seen = ~np.isnan(rows)
    x = np.where(seen, rows - centre, 0.0)
    low, high = np.tril_indices(p)
    if seen.all():
        return np.concatenate([np.ones((len(x), 1)), x, x[:, low] * x[:, high]], axis=1)
    mask = seen.astype(float)
    one, two = np.divmod(np.arange(p * p), p)
    return np.concatenate(
        [mask[:, low] * mask[:, high], x[:, one] * mask[:, two], x[:, low] * x[:, high]], axis=1
    )


def unpack_pairs(packed: FloatArray, n_items: int) -> PairSums:
    """Turn sums of :func:`pair_products`, shape (..., columns), into matrices."""
    p = n_items
    low, high = np.tril_indices(p)
    place = np.zeros((p, p), dtype=np.intp)
    place[low, high] = place[high, low] = np.arange(len(low))
    if packed.shape[-1] == 1 + p + len(low):
        shape = (*packed.shape[:-1], p, p)
        n = np.broadcast_to(packed[..., :1, None], shape)
        first = np.broadcast_to(packed[..., 1 : 1 + p, None], shape)
        return PairSums(n, first, packed[..., 1 + p :][..., place])
    n = packed[..., : len(low)][..., place]
    first = packed[..., len(low) : len(low) + p * p].reshape(*packed.shape[:-1], p, p)
    return PairSums(n, first, packed[..., len(low) + p * p :][..., place])


def add_strata(sums: PairSums) -> PairSums:
    """Stack the strata: differences between them are mixed in."""
    return PairSums(
        sums.n.sum(axis=-3, keepdims=True),
        sums.first.sum(axis=-3, keepdims=True),
        sums.cross.sum(axis=-3, keepdims=True),
    )


def pair_covariance(sums: PairSums) -> FloatArray:
    """Return the covariance of each stratum, (..., stratum, p, p); each pair about its own means.

    A covariance of a pair that fewer than two people answered is NaN.
    """
    n = np.where(sums.n > 1, sums.n, np.nan)
    scatter = sums.cross - sums.first * sums.first.mT / n
    return np.asarray(drop_rounding(scatter, sums.cross) / (n - 1))


def pair_within(sums: PairSums) -> FloatArray:
    """Return the covariance about the strata's own means, (..., p, p), N - G below the line.

    Each stratum's mean of an item is over all who answered it, as the pairwise row of a table has
    it.
    """
    p = sums.n.shape[-1]
    own = np.arange(p)
    size = sums.n[..., own, own]
    mean = np.divide(sums.first[..., own, own], size, out=np.zeros_like(size), where=size > 0)
    row, column = mean[..., :, None], mean[..., None, :]
    first = (sums.first - sums.n * row).sum(axis=-3)
    cross = sums.cross - row * sums.first.mT - column * sums.first + sums.n * row * column
    n = sums.n.sum(axis=-3)
    spare = n - (size > 0).any(axis=-1).sum(axis=-1)[..., None, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        scatter = cross.sum(axis=-3) - first * first.mT / n
    kept = drop_rounding(scatter, sums.cross.sum(axis=-3))
    return np.asarray(kept / np.where(spare > 0, spare, np.nan))


def drop_rounding(scatter: FloatArray, cross: FloatArray) -> FloatArray:
    """Set the scatter of an item that does not vary to exact zeros."""
    own = np.diagonal(scatter, axis1=-2, axis2=-1)
    square = np.diagonal(cross, axis1=-2, axis2=-1)
    constant = own <= 1e-12 * square
    either = constant[..., :, None] | constant[..., None, :]
    return np.where(either & ~np.isnan(scatter), 0.0, scatter)


@dataclass(frozen=True)
class Strata:
    """Rows in strata, and the clusters within them, ready to be weighted anew.

    Attributes
    ----------
    rows : tuple of ndarray
        Row numbers of each stratum.
    unit : tuple of ndarray of int
        For each stratum, which sampling unit a row is in, 0, 1, ...: the rows themselves, or
        clusters.
    """

    rows: tuple[np.ndarray, ...]
    unit: tuple[np.ndarray, ...]

    @property
    def n_units(self) -> tuple[int, ...]:
        """Sampling units of each stratum."""
        return tuple(int(own.max()) + 1 if len(own) else 0 for own in self.unit)

    def reduce(self, products: FloatArray, stratum: int) -> FloatArray:
        """Return the sums of each sampling unit of a stratum, (units, columns)."""
        mine, unit = products[self.rows[stratum]], self.unit[stratum]
        n_units = self.n_units[stratum]
        if n_units == len(mine):
            return np.asarray(mine[np.argsort(unit, kind="stable")])
        total = np.zeros((n_units, products.shape[1]))
        np.add.at(total, unit, mine)
        return total


def bootstrap_packed(
    products: FloatArray, strata: Strata, streams: list[np.random.Generator], n_boot: int
) -> FloatArray:
    """Return the sums of bootstrap samples, units drawn within strata, (n_boot, stratum, columns).

    Parameters
    ----------
    products : ndarray, shape (n, columns)
        What each row adds.
    strata : Strata
        Rows, strata and units.
    streams : list of Generator
        One a stratum: what one stratum draws does not depend on the others.
    n_boot : int
        Samples.
    """
    packed = np.zeros((n_boot, len(strata.rows), products.shape[1]))
    for at, stream in enumerate(streams):
        own = as_single(strata.reduce(products, at))
        if not len(own):
            continue
        size = max(1, WEIGHTS_AT_ONCE // len(own))
        for first in range(0, n_boot, size):
            count = min(size, n_boot - first)
            drawn = bootstrap_counts(len(own), count, stream)
            packed[first : first + count, at] = drawn.astype(own.dtype, copy=False) @ own
    return packed


def deleted_packed(
    products: FloatArray, strata: Strata, stratum: int, most: int | None = None
) -> FloatArray:
    """Return the sums of a stratum without each unit in turn, (units, columns).

    Parameters
    ----------
    products : ndarray, shape (n, columns)
    strata : Strata
    stratum : int
    most : int, optional
        Leave out at most so many bundles of units in turn instead of single ones.
    """
    own = strata.reduce(products, stratum)
    if most is not None and len(own) > most:
        bundle = np.zeros((most, own.shape[1]))
        np.add.at(bundle, np.arange(len(own)) % most, own)
        own = bundle
    return np.asarray(own.sum(axis=0) - own)


def canonical_order(rows: FloatArray) -> np.ndarray:
    """Return an order of rows that does not depend on the order they came in."""
    filled = np.where(np.isnan(rows), np.inf, rows)
    return np.lexsort(filled.T[::-1]) if rows.shape[1] else np.arange(len(rows))


def centres(rows: FloatArray) -> FloatArray:
    """Return what products are centred on, so that sums of codes are exact."""
    return integer_centres(rows)
