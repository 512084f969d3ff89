"""Split-half reliability over all splits of a scale, or a random sample of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Literal

import numpy as np

from psychometrics.stats.moments import FloatArray

# 16 items have 6,435 splits into halves, 17 have 24,310.
MAX_SPLITS = 10_000
# Values of splits that are held at once while replicates are worked through.
VALUES_AT_ONCE = 4_000_000

Formula = Literal["spearman_brown", "guttman"]


@dataclass(frozen=True, slots=True)
class SplitHalves:
    """Reliability over the splits of a scale; arrays have the leading axes of the covariance.

    Attributes
    ----------
    mean, lowest, highest : ndarray, shape (...)
        NaN where a half does not vary.
    n_splits : int
        Splits that were tried.
    exhaustive : bool
        Whether these are all.
    """

    mean: FloatArray
    lowest: FloatArray
    highest: FloatArray
    n_splits: int
    exhaustive: bool


def count_splits(n_items: int) -> int:
    """Return in how many ways items can be split into halves; odd numbers leave one half longer.

    Examples
    --------
    >>> count_splits(4), count_splits(5), count_splits(16)
    (3, 10, 6435)
    """
    ways = comb(n_items, n_items // 2)
    return ways if n_items % 2 else ways // 2


def splits_of(n_items: int, rng: np.random.Generator, most: int = MAX_SPLITS) -> FloatArray:
    """Return splits as rows of 1 (first half) and 0, all of them or `most` drawn at random.

    Parameters
    ----------
    n_items : int
        k, two or more.
    rng : Generator
        Where random splits come from; not touched where all splits are listed.
    most : int
        Splits at most.
    """
    half = n_items // 2
    if count_splits(n_items) <= most:
        chosen = combinations(range(n_items), half)
        if n_items % 2 == 0:
            # Each split once: the half that holds the first item.
            chosen = combinations(range(1, n_items), half - 1)
        members = np.array(list(chosen), dtype=np.intp).reshape(count_splits(n_items), -1)
        found = np.zeros((len(members), n_items))
        found[np.arange(len(members))[:, None], members] = 1.0
        if n_items % 2 == 0:
            found[:, 0] = 1.0
        return found
    order = np.argsort(rng.random((most, n_items)), axis=1)
    return (order < half).astype(float)


def split_halves(
    covariance: FloatArray,
    rng: np.random.Generator,
    *,
    formula: Formula = "spearman_brown",
    most: int = MAX_SPLITS,
) -> SplitHalves:
    """Return the mean, lowest and highest split-half reliability.

    Parameters
    ----------
    covariance : ndarray, shape (..., k, k)
        Covariances of the k items of one scale, keyed in one direction.
    rng : Generator
        For the splits, where there are more than `most`.
    formula : {"spearman_brown", "guttman"}
        Spearman and Brown's, from the correlation of the halves; for an odd number of items in
        Horst's form for halves of unequal length. Or Guttman's lambda 4 (Flanagan and Rulon's),
        four times the covariance of the halves over the variance of the sum: what psych prints,
        of standardised items; its mean over equal halves is alpha.
    most : int
        Splits at most.

    References
    ----------
    Brown, W. (1910). Some experimental results in the correlation of mental abilities. British
    Journal of Psychology, 3, 296-322. doi:10.1111/j.2044-8295.1910.tb00207.x
    Horst, P. (1951). Estimating total test reliability from parts of unequal length. Educational
    and Psychological Measurement, 11, 368-371. doi:10.1177/001316445101100306
    Guttman, L. (1945). A basis for analyzing test-retest reliability. Psychometrika, 10, 255-282.
    doi:10.1007/BF02288892

    Examples
    --------
    >>> r = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    >>> found = split_halves(r, np.random.default_rng(1))
    >>> round(float(found.mean), 3), found.n_splits, found.exhaustive
    (0.8, 3, True)
    """
    k = covariance.shape[-1]
    outer = covariance.shape[:-2]
    if k < 2:
        nothing = np.full(outer, np.nan)
        return SplitHalves(nothing, nothing, nothing, 0, True)
    first = splits_of(k, rng, most)
    low, high = np.tril_indices(k)
    double = np.where(low == high, 1.0, 2.0)
    one, other = ((half[:, low] * half[:, high] * double).T for half in (first, 1 - first))
    flat = covariance.reshape(-1, k, k)
    packed = flat[:, low, high]
    found = np.full((3, len(flat)), np.nan)
    size = max(1, VALUES_AT_ONCE // len(first))
    for start in range(0, len(flat), size):
        part = slice(start, start + size)
        total = flat[part].sum(axis=(-2, -1))[:, None]
        value = _reliability(packed[part] @ one, packed[part] @ other, total, k, formula)
        found[:, part] = value.mean(axis=1), value.min(axis=1), value.max(axis=1)
    mean, lowest, highest = (row.reshape(outer) for row in found)
    return SplitHalves(mean, lowest, highest, len(first), count_splits(k) <= most)


def _reliability(
    one: FloatArray, other: FloatArray, total: FloatArray, n_items: int, formula: Formula
) -> FloatArray:
    """Return the reliability of each split from the variances of its halves and of the sum."""
    shared = (total - one - other) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        if formula == "guttman":
            return np.asarray(np.where(total > 0, 4 * shared / total, np.nan))
        r = shared / np.sqrt(one * other)
        if n_items % 2 == 0:
            return np.asarray(2 * r / (1 + r))
        return np.asarray(_horst(r, (n_items // 2) / n_items))


def _horst(r: FloatArray, share: float) -> FloatArray:
    """Return Horst's correction for halves that hold different shares of the items.

    With equal shares it is Spearman and Brown's formula.
    """
    apart = 4 * share * (1 - share)
    root = np.sqrt(r**2 + apart * (1 - r**2))
    return np.where(np.abs(r) < 1, 2 * r * (root - r) / (apart * (1 - r**2)), np.sign(r))
