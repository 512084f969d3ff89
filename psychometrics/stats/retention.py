"""How many factors: parallel analysis, minimum average partial, empirical Kaiser criterion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from psychometrics.errors import check_option
from psychometrics.stats.moments import BoolArray, FloatArray, correlation_of
from psychometrics.stats.one_factor import one_factor_communalities

Communalities = Literal["one_factor", "smc"]
COMMUNALITIES = ("one_factor", "smc")

VALUES_AT_ONCE, SHUFFLED_AT_ONCE = 1_000_000, 250_000
"""How many random numbers, and shuffled answers, are held at a time."""


@dataclass(frozen=True, slots=True)
class Eigenvalues:
    """Eigenvalues of correlation matrices, the largest first; leading axis replicate.

    Attributes
    ----------
    components : ndarray, shape (replicate, p)
        Of the correlations as they are.
    factors : ndarray, shape (replicate, p)
        With communalities on the diagonal.
    """

    components: FloatArray
    factors: FloatArray


@dataclass(frozen=True, slots=True)
class Parallel:
    """Eigenvalues of the data beside those of unrelated items.

    Attributes
    ----------
    observed : Eigenvalues
        Of the data, one replicate.
    reference : Eigenvalues
        Of unrelated items.
    """

    observed: Eigenvalues
    reference: Eigenvalues


def eigenvalues(
    correlation: FloatArray, communalities: Communalities = "one_factor"
) -> Eigenvalues:
    """Return the eigenvalues that parallel analysis compares.

    Parameters
    ----------
    correlation : ndarray, shape (replicate, p, p)
    communalities : {"one_factor", "smc"}
        What stands on the diagonal for factors: communalities of one minres factor, as psych's
        ``fa.parallel`` has it, or squared multiple correlations.
    """
    check_option("communalities", communalities, COMMUNALITIES)
    reduced = np.array(correlation)
    if communalities == "smc":
        own = 1 - 1 / np.diagonal(np.linalg.inv(correlation), axis1=-2, axis2=-1)
    else:
        own = one_factor_communalities(correlation)
    p = np.arange(correlation.shape[-1])
    reduced[:, p, p] = own
    return Eigenvalues(spectrum(correlation), spectrum(reduced))


def spectrum(matrix: FloatArray) -> FloatArray:
    """Return eigenvalues, the largest first, shape (..., p)."""
    return np.asarray(np.linalg.eigvalsh(matrix)[..., ::-1], dtype=float)


def normal_reference(
    n: int, n_items: int, n_replicates: int, rng: np.random.Generator
) -> Iterator[FloatArray]:
    """Yield correlations of unrelated normal items, (some, p, p), some at a time.

    Their sums of products have a Wishart distribution, so that its triangular root is drawn
    (Bartlett's decomposition) and nobody's answers.

    References
    ----------
    Smith, W. B., & Hocking, R. R. (1972). Algorithm AS 53: Wishart variate generator. Applied
    Statistics, 21, 341-345. doi:10.2307/2346290
    """
    low = np.tril_indices(n_items, -1)
    places = np.arange(n_items)
    for size in portions(n_replicates, n_items**2):
        root = np.zeros((size, n_items, n_items))
        root[:, places, places] = np.sqrt(rng.chisquare(n - 1 - places, (size, n_items)))
        root[:, low[0], low[1]] = rng.standard_normal((size, len(low[0])))
        yield correlation_of(root @ np.swapaxes(root, -1, -2))


def permuted_rows(
    rows: FloatArray, n_replicates: int, rng: np.random.Generator
) -> Iterator[FloatArray]:
    """Yield answers with each column shuffled by itself, (some, n, p), some at a time.

    Items keep their distributions and their number of missing answers, and lose all relations.

    References
    ----------
    Buja, A., & Eyuboglu, N. (1992). Remarks on parallel analysis. Multivariate Behavioral Research,
    27, 509-540. doi:10.1207/s15327906mbr2704_2
    """
    # An item's answers lie side by side, and few replicates are held: both keep them in the cache.
    columns = np.ascontiguousarray(rows.T)
    for size in portions(n_replicates, rows.size, SHUFFLED_AT_ONCE):
        made = np.array(np.broadcast_to(columns, (size, *columns.shape)))
        yield rng.permuted(made, axis=2, out=made).mT


def permuted_correlations(
    rows: FloatArray, n_replicates: int, rng: np.random.Generator
) -> Iterator[FloatArray]:
    """Yield correlations of :func:`permuted_rows`, (some, p, p)."""
    if np.isnan(rows).any():
        yield from map(pairwise_correlations, permuted_rows(rows, n_replicates, rng))
        return
    # Shuffling leaves means and lengths as they are, so only products are left to do.
    centred = rows - rows.mean(axis=0)
    for shuffled in permuted_rows(centred / np.sqrt((centred**2).sum(axis=0)), n_replicates, rng):
        yield shuffled.mT @ shuffled


def portions(total: int, each: int, at_a_time: int = VALUES_AT_ONCE) -> Iterator[int]:
    """Yield how many replicates of some size are held at a time."""
    at_once = max(1, at_a_time // max(1, each))
    for first in range(0, total, at_once):
        yield min(at_once, total - first)


def pairwise_correlations(rows: FloatArray) -> FloatArray:
    """Return the correlations of many sets of answers, each over the pairs that are there.

    Parameters
    ----------
    rows : ndarray, shape (replicate, n, p)
        NaN where missing.
    """
    seen = ~np.isnan(rows)
    count = seen.sum(axis=1, keepdims=True)
    mean = np.where(seen, rows, 0.0).sum(axis=1, keepdims=True) / np.maximum(count, 1)
    x = np.where(seen, rows - mean, 0.0)
    turned = np.swapaxes(x, -1, -2)
    if seen.all():
        return correlation_of(turned @ x)
    mask = seen.astype(float)
    n = np.swapaxes(mask, -1, -2) @ mask
    total = turned @ mask
    square = np.swapaxes(x**2, -1, -2) @ mask
    with np.errstate(invalid="ignore", divide="ignore"):
        cross = turned @ x - total * np.swapaxes(total, -1, -2) / n
        spread = square - total**2 / n
        return np.asarray(cross / np.sqrt(spread * np.swapaxes(spread, -1, -2)))


def parallel_analysis(
    correlation: FloatArray,
    reference: Iterable[FloatArray],
    communalities: Communalities = "one_factor",
) -> Parallel:
    """Compare the eigenvalues of the data with those of unrelated items.

    Parameters
    ----------
    correlation : ndarray, shape (p, p)
        Of the data.
    reference : iterable of ndarray, shape (some, p, p)
        Correlations of unrelated items, as from :func:`normal_reference`.
    communalities : {"one_factor", "smc"}
        See :func:`eigenvalues`.

    References
    ----------
    Horn, J. L. (1965). A rationale and test for the number of factors in factor analysis.
    Psychometrika, 30, 179-185. doi:10.1007/BF02289447
    """
    parts = [eigenvalues(some, communalities) for some in gathered(reference)]
    together = Eigenvalues(
        np.concatenate([part.components for part in parts]),
        np.concatenate([part.factors for part in parts]),
    )
    return Parallel(eigenvalues(correlation[None], communalities), together)


def gathered(parts: Iterable[FloatArray]) -> Iterator[FloatArray]:
    """Join small parts along the first axis, so that what is done to them is done less often."""
    held: list[FloatArray] = []
    for part in parts:
        held.append(part)
        if sum(each.size for each in held) >= VALUES_AT_ONCE:
            yield np.concatenate(held)
            held = []
    if held:
        yield np.concatenate(held)


def leading(passes: BoolArray) -> int:
    """Return how many pass before the first that does not.

    Examples
    --------
    >>> leading(np.array([True, True, False, True]))
    2
    """
    return int(np.cumprod(passes).sum())


@dataclass(frozen=True, slots=True)
class AveragePartials:
    """Velicer's criterion for every number of components.

    Attributes
    ----------
    squared, fourth : ndarray, shape (p - 1,)
        Mean second and fourth powers of the partial correlations, 0 to p - 2 components out.
    """

    squared: FloatArray
    fourth: FloatArray

    @property
    def n_factors(self) -> int:
        """Number with the lowest mean square (1976)."""
        return int(np.nanargmin(self.squared))

    @property
    def n_factors_fourth(self) -> int:
        """Number with the lowest mean fourth power (2000)."""
        return int(np.nanargmin(self.fourth))


def minimum_average_partial(correlation: FloatArray) -> AveragePartials:
    """Velicer's minimum average partial correlations.

    Parameters
    ----------
    correlation : ndarray, shape (p, p)

    References
    ----------
    Velicer, W. F. (1976). Determining the number of components from the matrix of partial
    correlations. Psychometrika, 41, 321-327. doi:10.1007/BF02293557
    Velicer, W. F., Eaton, C. A., & Fava, J. L. (2000). Construct explication through factor or
    component analysis. In R. D. Goffin & E. Helmes (Eds.), Problems and solutions in human
    assessment (pp. 41-71).

    Examples
    --------
    >>> r = np.kron(np.eye(2), np.full((4, 4), 0.5)) + 0.5 * np.eye(8)
    >>> minimum_average_partial(r).n_factors
    2
    """
    p = len(correlation)
    values, vectors = np.linalg.eigh(correlation)
    scaled = (vectors * np.sqrt(np.maximum(values, 0.0)))[:, ::-1]
    taken = np.einsum("ik,jk->kij", scaled[:, : p - 2], scaled[:, : p - 2]).cumsum(axis=0)
    partial = correlation - np.concatenate([np.zeros((1, p, p)), taken])
    # Where components take up an item wholly its partial correlations don't exist.
    exhausted = np.diagonal(partial, axis1=-2, axis2=-1).min(axis=-1) < 1e-10
    star = correlation_of(np.where(exhausted[:, None, None], np.eye(p), partial))
    star[exhausted] = np.nan
    off = ~np.eye(p, dtype=bool)
    return AveragePartials((star[:, off] ** 2).mean(axis=-1), (star[:, off] ** 4).mean(axis=-1))


def empirical_kaiser(values: FloatArray, n: float) -> FloatArray:
    """Return what each eigenvalue has to exceed by the empirical Kaiser criterion, (p,).

    The largest eigenvalue of unrelated items is near ``(1 + sqrt(p / n))^2``; each following one is
    given its share of the variance that is left, and none less than 1.

    Parameters
    ----------
    values : ndarray, shape (p,)
        Eigenvalues of the correlations, the largest first.
    n : float
        People.

    References
    ----------
    Braeken, J., & van Assen, M. A. L. M. (2017). An empirical Kaiser criterion. Psychological
    Methods, 22, 450-466. doi:10.1037/met0000074

    Examples
    --------
    >>> empirical_kaiser(np.array([2.0, 1.0, 0.6, 0.4]), 100).round(3).tolist()
    [1.44, 1.0, 1.0, 1.0]
    """
    p = len(values)
    before = np.concatenate([[0.0], np.cumsum(values)[:-1]])
    share = (p - before) / (p - np.arange(p))
    return np.asarray(np.maximum(share * (1 + np.sqrt(p / n)) ** 2, 1.0))
