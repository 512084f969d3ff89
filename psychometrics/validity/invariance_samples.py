"""Samples that a ladder of invariance is held against: people shuffled, or answers drawn."""

from __future__ import annotations

import numpy as np

from psychometrics.errors import DataError
from psychometrics.stats.cfa.batch import bollen_stine_rows, draw_moments
from psychometrics.stats.cfa.kernel import SampleMoments, imply
from psychometrics.stats.cfa.ordinal_batch import permuted_tables, samples_of_tables
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData
from psychometrics.stats.cfa.permutation import (
    permuted_moments,
    shuffled_groups,
    without_group_means,
)
from psychometrics.stats.moments import FloatArray, covariance_of, sum_rows
from psychometrics.stats.resampling import stream
from psychometrics.validity.cfa_bootstrap import ordinal_samples, resampled
from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.invariance_fits import Ladder

Samples = SampleMoments | OrdinalData


def shuffled(
    ladder: Ladder, fit: CFAResult, count: int, center_groups: bool, seed: int
) -> tuple[Samples, SampleMoments | None]:
    """Return shuffled groups, and the moments of all people in every group.

    The thresholds of ordered items have no mean that could be taken off.
    """
    if ladder.ordered:
        return shuffled_answers(fit, count, seed), None
    n_groups = len(ladder.groups)
    rows = np.concatenate([part.values for part in fit.fitted.sample.rows])
    group = np.repeat(np.arange(n_groups), fit.fitted.n_by_group)
    if center_groups:
        rows = without_group_means(rows, group, n_groups)
    rng = stream(seed, "invariance", "permutation")
    data = permuted_moments(rows, group, n_groups, count, rng)
    _, mean, covariance = covariance_of(sum_rows(rows, np.zeros_like(group), 1))
    n = np.array(fit.fitted.n_by_group, dtype=float)
    return data, moments_of(
        np.repeat(covariance, n_groups, axis=0), np.repeat(mean, n_groups, axis=0), n
    )


def shuffled_answers(fit: CFAResult, count: int, seed: int) -> OrdinalData:
    """Return thresholds and correlations of ordered answers of shuffled groups."""
    moments, data = fit.fitted.sample.ordinal, fit.fits.data
    if moments is None or not isinstance(data, OrdinalData):
        raise DataError("There are no ordered items here.")
    codes = np.concatenate([group.codes for group in moments.groups])
    group = np.repeat(np.arange(len(moments.groups)), [len(part.codes) for part in moments.groups])
    labels = shuffled_groups(group, count, stream(seed, "invariance", "permutation"))
    tables = [
        permuted_tables(codes, labels == g, data.layout.n_categories)
        for g in range(len(moments.groups))
    ]
    weighted = not fit.method.startswith("ULS")
    return samples_of_tables(data.layout, tables, np.rint(moments.n).astype(int), weighted=weighted)


def moments_of(covariance: FloatArray, mean: FloatArray, n: FloatArray) -> SampleMoments:
    """Return one sample of groups from covariances of denominator n."""
    sign = np.linalg.slogdet(covariance)
    return SampleMoments(covariance[None], mean[None], n[None], sign.logabsdet[None])


def implied_moments(fit: CFAResult) -> SampleMoments:
    """Return what a fitted model implies, as a sample."""
    implied = imply(fit.fits.layout, fit.fits.optimum.z[:1])
    n = np.array(fit.fitted.n_by_group, dtype=float)
    return moments_of(implied.covariance[0], implied.mean[0], n)


def population_of(fit: CFAResult) -> SampleMoments | None:
    """Return what a model of continuous items implies; None for ordered ones."""
    return None if fit.fits.table.ordered else implied_moments(fit)


def drawn_from(
    fit: CFAResult,
    population: SampleMoments | None,
    count: int,
    seed: int,
    name: str,
    *,
    turned: bool = False,
) -> Samples:
    """Draw samples of a fitted model: normal ones, or people turned so that the model holds."""
    if population is not None and turned:
        groups = [
            bollen_stine_rows(part.values, population.covariance[0, g], population.mean[0, g])
            for g, part in enumerate(fit.fitted.sample.rows)
        ]
        return resampled(groups, fit.groups, count, seed, f"invariance_{name}")
    if population is not None:
        return drawn(population, count, stream(seed, "invariance", name))
    moments = fit.fitted.sample.ordinal
    if moments is None:
        raise DataError("The answers behind the ordered items are not known.")
    own = int(stream(seed, "invariance", name).integers(0, 2**62))
    return ordinal_samples(fit, moments, count, "parametric", own, None)


def drawn(population: SampleMoments, count: int, rng: np.random.Generator) -> SampleMoments:
    """Draw normal samples."""
    return draw_moments(population.covariance[0], population.mean[0], population.n[0], count, rng)
