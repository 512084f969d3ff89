"""Samples of ordinal answers as moments, many at a time, and the population they come from.

An answer is a normal latent response cut at thresholds. Items of one shape (same codes, same
thresholds) are cut together; nothing loops over people or over samples.

References
----------
Olsson, U. (1979). Maximum likelihood estimation of the polychoric correlation coefficient.
Psychometrika, 44, 443-460. doi:10.1007/BF02296207
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from psychometrics.stats.bivariate_normal import distribution
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.resampling import stream

NUMBERS_AT_ONCE = 4_000_000
SAMPLES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class ItemShape:
    """How an item is answered.

    Attributes
    ----------
    thresholds : tuple of float
        Rising cuts of the latent response; none for an item that is answered on a range.
    codes : tuple of float
        What each answer counts, one more than the thresholds; none likewise.
    """

    thresholds: tuple[float, ...] = ()
    codes: tuple[float, ...] = ()

    @property
    def steps(self) -> FloatArray:
        """Rise of the code at each threshold."""
        return np.diff(np.array(self.codes))

    def cut(self, latent: FloatArray) -> FloatArray:
        """Return the codes of latent responses; those of a range are the responses."""
        if not self.thresholds:
            return latent
        return np.array(self.codes)[np.searchsorted(np.array(self.thresholds), latent)]


def answer_covariance(a: ItemShape, b: ItemShape, correlation: float) -> float:
    """Return the covariance of two answers whose latent responses correlate so much.

    A code is its lowest plus a step at every threshold that the response exceeds, so the
    covariance is that of the exceedances, weighted with the steps. An item with itself is the
    case of a correlation of 1.

    Examples
    --------
    >>> binary = ItemShape((0.0,), (0.0, 1.0))
    >>> round(answer_covariance(binary, binary, 1.0), 12)
    0.25
    >>> round(answer_covariance(binary, binary, 0.5), 6)  # asin(.5) / (2 pi)
    0.083333
    """
    if not a.thresholds and not b.thresholds:
        return correlation
    if not a.thresholds or not b.thresholds:
        cut = a if a.thresholds else b
        density = np.exp(-np.square(cut.thresholds) / 2) / np.sqrt(2 * np.pi)
        return float(correlation * (cut.steps * density).sum())
    low, high = np.meshgrid(a.thresholds, b.thresholds, indexing="ij")
    if correlation == 1.0:
        both = ndtr(np.minimum(low, high))
    else:
        both = distribution(low, high, np.full(low.shape, correlation))
    joint = both - np.outer(ndtr(a.thresholds), ndtr(b.thresholds))
    return float(a.steps @ joint @ b.steps)


def population_covariance(
    shapes: Sequence[ItemShape], latent_correlation: FloatArray
) -> FloatArray:
    """Return the covariance matrix of answers, from the correlations of latent responses (p, p)."""
    p = len(shapes)
    made = np.empty((p, p))
    known: dict[tuple[ItemShape, ItemShape, float], float] = {}
    for i in range(p):
        for j in range(i, p):
            r = 1.0 if i == j else float(latent_correlation[i, j])
            key = (shapes[i], shapes[j], r)
            if key not in known:
                known[key] = answer_covariance(*key)
            made[i, j] = made[j, i] = known[key]
    return made


def loading_for_alpha(shapes: Sequence[ItemShape], alpha: float) -> float | None:
    """Return the loading, the same for all items, at which answers have this alpha.

    Returns
    -------
    float or None
        None where even nearly perfect latent responses have a lower alpha, because the answers
        are too coarse, or where any loading has a higher one.
    """
    k = len(shapes)

    def miss(loading: float) -> float:
        latent = np.full((k, k), loading**2)
        covariance = population_covariance(shapes, latent)
        return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())) - alpha

    low, high = 0.01, 0.999
    if miss(high) < 0 or miss(low) > 0:
        return None
    return float(brentq(miss, low, high, xtol=1e-10))


def answered_loading(shape: ItemShape, loading: float) -> float:
    """Return the standardised loading of answers whose latent responses load so much.

    Of items that are answered alike: the root of the correlation of two.
    """
    covariance = population_covariance((shape, shape), np.full((2, 2), loading**2))
    return float(np.sqrt(covariance[0, 1] / covariance[0, 0]))


def draw_answers(
    shapes: Sequence[ItemShape],
    loading: FloatArray,
    factor: Sequence[int],
    factor_correlation: float,
    n: int,
    n_samples: int,
    seed: int,
    *names: str,
) -> Iterator[FloatArray]:
    """Draw samples of n people and yield their answers, each less its mean, in blocks.

    Parameters
    ----------
    shapes : sequence of ItemShape
        One an item.
    loading : ndarray, shape (p,)
        Loadings on the item's factor.
    factor : sequence of int
        Factor of each item, 0 or 1.
    factor_correlation : float
        Correlation of the two factors.
    n, n_samples : int
        People a sample, and samples.
    seed : int
    *names : str
        What the samples are for; each chain of names, n and block has random numbers of its own,
        so that more samples add to those that were there.

    Yields
    ------
    ndarray, shape (block, n, p)
    """
    p = len(shapes)
    block = max(1, min(SAMPLES_AT_ONCE, NUMBERS_AT_ONCE // (n * (p + 2))))
    column = {
        shape: [i for i, s in enumerate(shapes) if s == shape] for shape in dict.fromkeys(shapes)
    }
    rest = np.sqrt(1 - loading**2)
    for first in range(0, n_samples, block):
        rng = stream(seed, *names, str(n), str(first))
        size = min(block, n_samples - first)
        latent = rng.standard_normal((size, n, p)) * rest
        scores = rng.standard_normal((size, n, 2))
        scores[..., 1] *= np.sqrt(1 - factor_correlation**2)
        scores[..., 1] += factor_correlation * scores[..., 0]
        latent += loading * scores[..., list(factor)]
        answers = np.empty_like(latent)
        for shape, at in column.items():
            answers[..., at] = shape.cut(latent[..., at])
        answers -= answers.mean(axis=1, keepdims=True)
        yield answers


def covariances(answers: FloatArray) -> FloatArray:
    """Return the covariance matrices of samples of centred answers; denominator n - 1."""
    return np.asarray(np.swapaxes(answers, 1, 2) @ answers / (answers.shape[1] - 1))


def draw_covariances(
    shapes: Sequence[ItemShape],
    loading: FloatArray,
    factor: Sequence[int],
    factor_correlation: float,
    n: int,
    n_samples: int,
    seed: int,
    *names: str,
) -> Iterator[FloatArray]:
    """Draw as :func:`draw_answers`, and yield covariance matrices, shape (block, p, p)."""
    drawn = draw_answers(shapes, loading, factor, factor_correlation, n, n_samples, seed, *names)
    for answers in drawn:
        yield covariances(answers)
