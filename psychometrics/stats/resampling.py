"""Random streams that depend on names, and bootstrap samples as counts of rows.

A bootstrap sample is a row of counts, so that resampled moments are matrix products and not
loops over refits. Each analysis and site draws from a stream of its own: leaving a site out, or
running the analyses in another order, changes no other number.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from psychometrics.errors import DataError
from psychometrics.stats.moments import (
    FloatArray,
    IntArray,
    Sums,
    integer_centres,
    pack_products,
    unpack_sums,
)

# How many bootstrap samples are reduced at once: so many, or fewer where that many counts of
# people would not fit into memory. Streams are read in the same order whatever the portion.
REPLICATES_AT_ONCE = 250
COUNTS_AT_ONCE = 25_000_000

Rng = int | np.random.Generator | None


def seed_of(rng: Rng) -> int:
    """Return the whole number that all streams of one call are derived from.

    An int is used as it is, a generator gives one draw, None means 0: results repeat unless
    asked otherwise.

    Examples
    --------
    >>> seed_of(7), seed_of(None)
    (7, 0)
    """
    if rng is None:
        return 0
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(0, 2**63 - 1))
    try:
        seed = operator.index(rng)
    except TypeError:
        seed = -1
    if seed < 0:
        raise DataError(
            f"rng must be a whole number that is not negative, or a numpy Generator; got {rng!r}."
        )
    return seed


def stream(seed: int, *names: str) -> np.random.Generator:
    """Return the generator that belongs to a seed and a chain of names.

    Examples
    --------
    >>> bool(stream(1, "htmt", "ulm").random() == stream(1, "htmt", "ulm").random())
    True
    """
    keys = [crc32(name.encode("utf-8")) for name in names]
    return np.random.default_rng(np.random.SeedSequence([seed, *keys]))


def bootstrap_counts(n: int, n_boot: int, rng: np.random.Generator) -> FloatArray:
    """Draw bootstrap samples of n rows; how often each row was drawn.

    Returns
    -------
    ndarray, shape (n_boot, n)
        Whole numbers; each row sums to n.
    """
    drawn = rng.integers(0, n, size=(n_boot, n))
    drawn += np.arange(n_boot)[:, None] * n
    counts = np.bincount(drawn.ravel(), minlength=n_boot * n)
    return counts.reshape(n_boot, n).astype(float)


def bootstrap_sums(
    rows: FloatArray,
    strata: IntArray,
    names: tuple[str, ...],
    n_boot: int,
    seed: int,
    analysis: str,
    weights: FloatArray | None = None,
) -> Iterator[Sums]:
    """Reduce bootstrap samples, people drawn within strata, to sums by stratum.

    Parameters
    ----------
    rows : ndarray, shape (n, p)
        Complete rows.
    strata : ndarray of int, shape (n,)
        Stratum of each row: an index into `names`.
    names : tuple of str
        Names of the strata; a stream belongs to a name, not to a position.
    n_boot : int
        Number of samples.
    seed : int
        See :func:`seed_of`.
    analysis : str
        Name of the analysis the samples are for.
    weights : ndarray, shape (n,), optional
        Case weights; a person brings theirs each time they are drawn.

    Yields
    ------
    Sums
        Leading axes (replicate, stratum), some replicates at a time.
    """
    centre = integer_centres(rows)
    products = [pack_products(rows[strata == index], centre) for index in range(len(names))]
    if weights is not None:
        products = [own * weights[strata == i, None] for i, own in enumerate(products)]
    products = [as_single(own) for own in products]
    streams = [stream(seed, analysis, name) for name in names]
    width = products[0].shape[1] if products else 0
    largest = max((len(own) for own in products), default=0)
    portion = max(1, min(REPLICATES_AT_ONCE, COUNTS_AT_ONCE // max(1, largest)))
    for first in range(0, n_boot, portion):
        size = min(portion, n_boot - first)
        packed = np.zeros((size, len(names), width))
        for index, own in enumerate(products):
            if len(own):
                counts = bootstrap_counts(len(own), size, streams[index])
                packed[:, index] = counts.astype(own.dtype, copy=False) @ own
        yield unpack_sums(packed, centre)


def as_single(products: FloatArray) -> npt.NDArray[Any]:
    """Return single precision where it holds every sum of n of the rows exactly: much faster.

    Whole numbers are exact up to 2 to the 24, so the sums of coded answers lose nothing.
    """
    bound = len(products) * np.abs(products).max(initial=0.0)
    if bound < 2**24 and np.array_equal(products, np.round(products)):
        return products.astype(np.float32)
    return products


def percentile_interval(replicates: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Return the percentile interval over the first axis, leaving out undefined replicates.

    Where more than 5 % of the replicates are undefined there is no interval: NaN.

    References
    ----------
    Efron, B., & Tibshirani, R. J. (1993). An introduction to the bootstrap (ch. 13).
    """
    tail = (1 - level) / 2
    undefined = np.isnan(replicates).mean(axis=0)
    if not np.any(undefined):
        low, high = np.quantile(replicates, [tail, 1 - tail], axis=0)
        return low, high
    usable = undefined <= 0.05
    filled = np.where(usable, replicates, 0.0)
    low, high = np.nanquantile(filled, [tail, 1 - tail], axis=0)
    return np.where(usable, low, np.nan), np.where(usable, high, np.nan)
