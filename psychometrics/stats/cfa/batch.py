"""One model fitted to many samples at once: bootstraps, and samples drawn from a model.

Samples are drawn as moments wherever that is enough: a Wishart matrix costs p squared numbers, not
n times p. Replicates are fitted in portions, all started at one point.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from psychometrics.stats.cfa.estimate import Optimum, maximize_likelihood
from psychometrics.stats.cfa.fit_indices import baseline_chi2, srmr
from psychometrics.stats.cfa.inference import degrees_of_freedom, predictors_last
from psychometrics.stats.cfa.kernel import SampleMoments, imply, sample_moments
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.cfa.ordinal_indices import correlation_srmr, ordinal_baseline
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData
from psychometrics.stats.cfa.ordinal_search import least_squares
from psychometrics.stats.cfa.start import start_values
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import FloatArray

# Replicates fitted together: so many that the arrays stay inside the cache.
PORTION = 20
# A replicate ends where its chi-square can fall by no more than this.
BATCH_GAP = 1e-6
# Where no more than this is asked for, scoring alone gets there.
COARSE_GAP = 1e-3
# Usable replicates end within a few dozen steps; the others would go on for ever.
BATCH_STEPS = 60


def fit_many(
    table: ParameterTable,
    layout: Layout,
    data: SampleMoments | OrdinalData,
    start: FloatArray,
    *,
    gap: float = BATCH_GAP,
    progress: Callable[[int, int], None] | None = None,
) -> Optimum:
    """Fit a model to many samples from one starting point.

    What doesn't converge from there is tried again from starting values of its own.

    Parameters
    ----------
    data : SampleMoments or OrdinalData
        Leading axes (replicate, group).
    start : ndarray, shape (q,)
    gap : float
        See :func:`maximize_likelihood`.
    progress : callable, optional
        Called with the replicates done and all.
    """
    count = len(data.n)

    def portion(first: int) -> Optimum:
        mine = data.take(slice(first, min(first + PORTION, count)))
        begin = np.repeat(start[None, :], len(mine.n), axis=0)
        found = search(layout, mine, begin, gap)
        again = np.flatnonzero(~found.converged)
        if len(again):
            rest = mine.take(again)
            own = start_values(table, layout, rest)
            second = search(layout, rest, own, gap)
            found.z[again], found.fmin[again] = second.z, second.fmin
            found.converged[again] = second.converged
        return found

    parts = []
    # Portions don't depend on each other, so the numbers don't depend on the threads.
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for found in pool.map(portion, range(0, count, PORTION)):
            parts.append(found)
            if progress is not None:
                progress(min(len(parts) * PORTION, count), count)
    return Optimum(
        np.concatenate([part.z for part in parts]),
        np.concatenate([part.fmin for part in parts]),
        np.concatenate([part.converged for part in parts]),
        np.concatenate([part.iterations for part in parts]),
    )


def search(
    layout: Layout, data: SampleMoments | OrdinalData, start: FloatArray, gap: float
) -> Optimum:
    """Search each sample's optimum by the way that belongs to the data."""
    if isinstance(data, OrdinalData):
        return least_squares(layout, data, start, max_iterations=BATCH_STEPS, gap=gap)
    return maximize_likelihood(
        layout, data, start, max_iterations=BATCH_STEPS, gap=gap, coarse=gap >= COARSE_GAP
    )


def draw_moments(
    covariance: FloatArray, mean: FloatArray, n: FloatArray, count: int, rng: np.random.Generator
) -> SampleMoments:
    """Draw the moments of normal samples, by the Bartlett decomposition of Wishart matrices.

    Parameters
    ----------
    covariance : ndarray, shape (group, p, p)
    mean : ndarray, shape (group, p)
    n : ndarray, shape (group,)
        People in each group.
    count : int
        Number of samples.

    References
    ----------
    Smith, W. B., & Hocking, R. R. (1972). Algorithm AS 53: Wishart variate generator. Applied
    Statistics, 21, 341-345. doi:10.2307/2346290
    """
    n_groups, p = mean.shape
    root = np.linalg.cholesky(covariance)
    lower = np.tril(rng.standard_normal((count, n_groups, p, p)), -1)
    freedom = n[:, None] - 1 - np.arange(p)
    at = np.arange(p)
    lower[..., at, at] = np.sqrt(rng.chisquare(freedom, size=(count, n_groups, p)))
    half = root @ lower
    spread = half @ np.swapaxes(half, -1, -2) / (n[:, None, None] - 1)
    noise = (root @ rng.standard_normal((count, n_groups, p, 1)))[..., 0] / np.sqrt(n[:, None])
    size = np.broadcast_to(n, (count, n_groups)).astype(float)
    return sample_moments(spread, mean + noise, size)


@dataclass(frozen=True, slots=True)
class BatchIndices:
    """Fit indices of many fits, each of shape (replicate,); NaN where a fit didn't converge."""

    chi2: FloatArray
    cfi: FloatArray
    tli: FloatArray
    rmsea: FloatArray
    srmr: FloatArray


def batch_indices(
    table: ParameterTable, layout: Layout, found: Optimum, data: SampleMoments | OrdinalData
) -> BatchIndices:
    """Return the fit indices of many fits; formulas as in ``fit_indices``.

    Those of ordered items are of the unscaled statistic.
    """
    n, n_groups = data.n.sum(axis=1), table.n_groups
    df = degrees_of_freedom(table, layout)
    chi2 = np.maximum((data.n * found.fmin).sum(axis=1), 0.0)
    if isinstance(data, OrdinalData):
        base, df_base = ordinal_baseline(data)
    else:
        sorted_data = predictors_last(table, data)
        base, df_base = baseline_chi2(sorted_data, len(table.exogenous))
    misfit = np.maximum(chi2 - df, 0.0)
    worst = np.maximum(misfit, base - df_base)
    with np.errstate(invalid="ignore", divide="ignore"):
        cfi = np.where(worst > 0, 1 - misfit / worst, 1.0)
        tli = (base / df_base - chi2 / df) / (base / df_base - 1)
        rmsea = np.sqrt(misfit / (n * df) * n_groups)
    values = [chi2, cfi, tli, rmsea, batch_srmr(table, layout, found, data)]
    return BatchIndices(*(np.where(found.converged, value, np.nan) for value in values))


def batch_srmr(
    table: ParameterTable, layout: Layout, found: Optimum, data: SampleMoments | OrdinalData
) -> FloatArray:
    """Return the SRMR of many fits."""
    with np.errstate(all="ignore"):
        if isinstance(data, OrdinalData):
            return correlation_srmr(layout, found.z, data)
        return np.asarray(srmr(imply(layout, found.z), data, table.mean_structure))


def bollen_stine_rows(
    rows: FloatArray, covariance: FloatArray, mean: FloatArray | None = None
) -> FloatArray:
    """Turn rows so that their moments are those of the model exactly.

    References
    ----------
    Bollen, K. A., & Stine, R. A. (1992). Bootstrapping goodness-of-fit measures in structural
    equation models. Sociological Methods & Research, 21, 205-229.
    doi:10.1177/0049124192021002004
    """
    centre = rows.mean(axis=0)
    centred = rows - centre
    sample = centred.T @ centred / len(rows)
    here, there = np.linalg.cholesky(sample), np.linalg.cholesky(covariance)
    turned = np.linalg.solve(here, centred.T).T @ there.T
    return np.asarray(turned + (centre if mean is None else mean))
