"""The heterotrait-monotrait ratio of correlations, for many data sets at once."""

from __future__ import annotations

import numpy as np

from psychometrics.stats.moments import FloatArray


def heterotrait_monotrait(
    correlation: FloatArray,
    membership: FloatArray,
    *,
    geometric: bool = False,
    absolute: bool = True,
) -> FloatArray:
    """HTMT, or HTMT2 with geometric means, of every pair of scales.

    Parameters
    ----------
    correlation : ndarray, shape (..., p, p)
        Item correlations, items keyed in one direction.
    membership : ndarray, shape (p, s)
        1 where an item belongs to a scale, else 0.
    geometric : bool
        HTMT2, for items with unequal loadings.
    absolute : bool
        Take absolute correlations first (the authors' later advice and semTools' default).
        Without it HTMT2 is undefined where a correlation is not positive.

    Returns
    -------
    ndarray, shape (..., s, s)
        Symmetric with ones on the diagonal. NaN where a scale has fewer than two items, holds an
        item without correlations, or has items whose own mean correlation is not positive.

    References
    ----------
    Henseler, J., Ringle, C. M., & Sarstedt, M. (2015). A new criterion for assessing
    discriminant validity. Journal of the Academy of Marketing Science, 43, 115-135.
    doi:10.1007/s11747-014-0403-8
    Roemer, E., Schuberth, F., & Henseler, J. (2021). HTMT2: an improved criterion. Industrial
    Management & Data Systems, 121, 2637-2650. doi:10.1108/IMDS-02-2021-0082

    Examples
    --------
    >>> import numpy as np
    >>> r = np.full((4, 4), 0.3) + np.kron(np.eye(2), np.full((2, 2), 0.3)) + 0.4 * np.eye(4)
    >>> m = np.kron(np.eye(2), np.ones((2, 1)))
    >>> float(heterotrait_monotrait(r, m)[0, 1].round(6))
    0.5
    """
    r = np.abs(correlation) if absolute else np.array(correlation)
    # The diagonal takes no part: it is no pair of items.
    diagonal = np.arange(r.shape[-1])
    r[..., diagonal, diagonal] = 1.0 if geometric else 0.0
    size = membership.sum(axis=0)
    pairs = np.outer(size, size) - np.swapaxes(membership, 0, 1) @ membership
    with np.errstate(invalid="ignore", divide="ignore"):
        block = block_sums(np.log(r) if geometric else r, membership)
        mean = np.where(pairs > 0, block / np.where(pairs > 0, pairs, 1.0), np.nan)
        own = np.diagonal(np.exp(mean) if geometric else mean, axis1=-2, axis2=-1)
        # A scale whose items are unrelated, or negatively related, measures no one thing.
        own = np.where(own > 0, own, np.nan)
        between = np.exp(mean) if geometric else mean
        ratio = between / np.sqrt(own[..., :, None] * own[..., None, :])
    scales = np.arange(len(size))
    ratio[..., scales, scales] = np.where(np.isnan(own), np.nan, 1.0)
    return np.asarray(ratio)


def block_sums(values: FloatArray, membership: FloatArray) -> FloatArray:
    """Sum the entries of each pair of scales; what isn't finite spoils its own pairs alone."""
    turned = np.swapaxes(membership, 0, 1)
    finite = np.isfinite(values)
    total = turned @ np.where(finite, values, 0.0) @ membership
    if finite.all():
        return np.asarray(total)
    lowest = turned @ np.isneginf(values).astype(float) @ membership > 0
    undefined = turned @ (~finite & ~np.isneginf(values)).astype(float) @ membership > 0
    return np.asarray(np.where(undefined, np.nan, np.where(lowest, -np.inf, total)))
