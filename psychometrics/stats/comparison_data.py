"""Comparison data: how well populations with 1, 2, 3 ... factors reproduce the eigenvalues.

Each population has the items' own distributions and, as near as its number of factors lets it,
their correlations. One more factor is kept as long as it brings the eigenvalues of samples clearly
nearer to those of the data.

References
----------
Ruscio, J., & Roche, B. (2012). Determining the number of factors to retain in an exploratory factor
analysis using comparison data of known factorial structure. Psychological Assessment, 24, 282-292.
doi:10.1037/a0025697
Ruscio, J., & Kaczetow, W. (2008). Simulating multivariate nonnormal data using an iterative
algorithm. Multivariate Behavioral Research, 43, 355-381. doi:10.1080/00273170802285693
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from psychometrics.stats.efa import extract, most_factors
from psychometrics.stats.moments import FloatArray, correlation_of
from psychometrics.stats.retention import portions, spectrum

POPULATION = 10_000
SAMPLES = 500
SIGNIFICANCE = 0.30
TRIALS = 5
NEGLIGIBLE = 1e-12
UNDEFINED = 0.05
"""More samples than this share without eigenvalues end the search."""


@dataclass(frozen=True, slots=True)
class ComparisonData:
    """How near comparison data come to the data.

    Attributes
    ----------
    n_factors : int
        The number kept: the last that was clearly better than one less.
    distances : ndarray, shape (numbers, samples)
        Root mean squared differences of the eigenvalues, for 1, 2, ... factors.
    p_values : ndarray, shape (numbers - 1,)
        One-sided Mann-Whitney tests of each number against one less.
    stopped : bool
        Whether a factor too many was seen; False where the largest number that was tried, or can
        be, was still better.
    """

    n_factors: int
    distances: FloatArray
    p_values: FloatArray
    stopped: bool

    @property
    def defined(self) -> bool:
        """Return whether samples have eigenvalues: False where an item often doesn't vary."""
        return bool(np.isnan(self.distances).mean(axis=1).max() <= UNDEFINED)


def comparison_data(
    rows: FloatArray,
    rng: np.random.Generator,
    *,
    most: int | None = None,
    n_population: int = POPULATION,
    n_samples: int = SAMPLES,
    significance: float = SIGNIFICANCE,
    progress: Callable[[int, int], None] | None = None,
) -> ComparisonData:
    """Determine the number of factors by comparison data.

    Parameters
    ----------
    rows : ndarray, shape (n, p)
        Complete answers.
    rng : Generator
        Where the populations and samples come from.
    most : int, optional
        Largest number tried; by default as many as the degrees of freedom allow.
    n_population, n_samples : int
        People in each population; samples drawn from it, each as large as the data.
    significance : float
        A further factor is kept while its test is below this; 0.30 is the authors' choice.
    progress : callable, optional
        Called with the numbers that are tried and all that may be; it ends when one is found.
    """
    observed = spectrum(correlation_of(np.cov(rows, rowvar=False)))
    limit = most_factors(rows.shape[1])
    limit = limit if most is None else min(most, limit)
    distances: list[FloatArray] = []
    p_values: list[float] = []
    for n_factors in range(1, limit + 1):
        population = finite_population(rows, n_factors, n_population, rng)
        sampled = sampled_spectra(population, len(rows), n_samples, rng)
        if progress is not None:
            progress(n_factors, limit)
        distances.append(np.sqrt(((sampled - observed) ** 2).mean(axis=1)))
        if np.isnan(distances[-1]).mean() > UNDEFINED:
            break
        if n_factors > 1:
            test = stats.mannwhitneyu(
                distances[-1], distances[-2], alternative="less", nan_policy="omit"
            )
            p_values.append(float(test.pvalue))
            if p_values[-1] >= significance:
                return ComparisonData(n_factors - 1, np.array(distances), np.array(p_values), True)
    return ComparisonData(len(distances), np.array(distances), np.array(p_values), False)


def finite_population(
    rows: FloatArray, n_factors: int, size: int, rng: np.random.Generator
) -> FloatArray:
    """Make a population with some factors, the items' distributions and nearly their correlations.

    Scores of a factor model are put in the place of their ranks by draws of the items' own
    answers; what that takes from the correlations is given back in the next round, in smaller
    steps when it no longer helps.
    """
    p = rows.shape[1]
    drawn = np.sort(rows[rng.integers(0, len(rows), (size, p)), np.arange(p)], axis=0)
    shared, own = rng.standard_normal((size, n_factors)), rng.standard_normal((size, p))
    goal = correlation_of(np.cov(rows, rowvar=False))
    aim, best, least = goal.copy(), goal.copy(), np.inf
    gap = np.zeros_like(goal)
    kept, trials = drawn, 0
    while trials < TRIALS:
        made = take_ranks(model_scores(aim, shared, own), drawn)
        residual = goal - correlation_of(np.cov(made, rowvar=False))
        size_now = float(np.sqrt((residual[np.tril_indices(p, -1)] ** 2).mean()))
        if size_now < least:
            least, best, gap, kept, trials = size_now, aim, residual, made, 0
            aim = best + gap
        else:
            trials += 1
            aim = best + 0.5**trials * gap
    return kept


def model_scores(aim: FloatArray, shared: FloatArray, own: FloatArray) -> FloatArray:
    """Return scores of items with the loadings that some correlations ask for, (size, p)."""
    loadings = extract(aim[None], shared.shape[1], "minres").loadings[0]
    common = (loadings**2).sum(axis=1)
    loadings = loadings / np.sqrt(np.maximum(common, 1.0))[:, None]
    return np.asarray(shared @ loadings.T + own * np.sqrt(np.maximum(1 - common, 0.0)))


def take_ranks(scores: FloatArray, drawn: FloatArray) -> FloatArray:
    """Put sorted answers in the place of the scores of the same rank, column by column."""
    made = np.empty_like(drawn)
    np.put_along_axis(made, np.argsort(scores, axis=0), drawn, axis=0)
    return made


def sampled_spectra(
    population: FloatArray, n: int, n_samples: int, rng: np.random.Generator
) -> FloatArray:
    """Return the eigenvalues of samples from a population, (sample, p).

    They are NaN for a sample in which an item does not vary.
    """
    size, p = population.shape
    centred = population - population.mean(axis=0)
    parts = []
    for count in portions(n_samples, n * p):
        drawn = centred[rng.integers(0, size, (count, n))]
        mean, cross = drawn.mean(axis=1), drawn.mT @ drawn / n
        covariance = cross - mean[:, :, None] * mean[:, None, :]
        # What is left of equal values is rounding.
        square, variance = (np.diagonal(m, axis1=-2, axis2=-1) for m in (cross, covariance))
        varies = np.asarray((variance > NEGLIGIBLE * square).all(axis=-1))
        found = np.full((count, p), np.nan)
        found[varies] = spectrum(correlation_of(covariance[varies]))
        parts.append(found)
    return np.concatenate(parts)
