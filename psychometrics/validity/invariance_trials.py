"""One model of a search fitted to samples, with the tests of what could be set free in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from psychometrics.stats.cfa.batch import fit_many
from psychometrics.stats.cfa.estimate import CHI2_GAP, Optimum, maximize_likelihood
from psychometrics.stats.cfa.fiml import PatternData
from psychometrics.stats.cfa.fit import fit_moments
from psychometrics.stats.cfa.kernel import SampleMoments
from psychometrics.stats.cfa.layout import Layout, lay_out
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData
from psychometrics.stats.cfa.ordinal_search import least_squares
from psychometrics.stats.cfa.release_scores import release_scores, scale_factors
from psychometrics.stats.cfa.solve import Sample, log_likelihood_at
from psychometrics.stats.cfa.start import start_values
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.validity.invariance_candidates import Stage, releasable
from psychometrics.validity.invariance_fits import Freed, Ladder


@dataclass(frozen=True)
class SearchData:
    """Samples that are searched, and the answers they come from.

    Attributes
    ----------
    samples : SampleMoments, OrdinalData or PatternData
        Leading axes (sample, group); incomplete rows are one sample.
    origin : Sample
        The answers. Statistics of ordered items are scaled as these ask for, in all samples.
    """

    samples: SampleMoments | OrdinalData | PatternData
    origin: Sample

    def __len__(self) -> int:
        return 1 if isinstance(self.samples, PatternData) else len(self.samples.n)


@dataclass(frozen=True)
class Trial:
    """One model fitted to some samples.

    Attributes
    ----------
    candidates : list of Freed
        What could be set free.
    converged : ndarray of bool, shape (sample,)
    chi2 : ndarray, shape (sample,)
        Unscaled.
    statistic, change : ndarray, shape (sample, candidate)
        Score tests and expected changes.
    scale : ndarray, shape (candidate,)
        What the tests were divided by; 1 for maximum likelihood.
    values : ndarray, shape (sample, k)
        Estimates that were asked for.
    """

    candidates: list[Freed]
    converged: BoolArray
    chi2: FloatArray
    statistic: FloatArray
    change: FloatArray
    scale: FloatArray
    values: FloatArray


def try_model(
    ladder: Ladder,
    data: SearchData,
    index: Sequence[int],
    freed: frozenset[Freed],
    stage: Stage,
    min_anchors: int,
    wanted: Sequence[Freed],
) -> Trial:
    """Fit the model in which some parameters are free, and test the others of the stage.

    Parameters
    ----------
    index : sequence of int
        Which samples.
    stage : tuple
        Operator of what is searched, and what is equal.
    wanted : sequence of Freed
        Parameters with their groups whose estimates are returned.
    """
    op, kinds = stage
    table = ladder.table(kinds, freed)
    layout = lay_out(table)
    own = data.samples.take(np.array(index))
    found, chi2, near = fitted(table, layout, own, data.origin)
    candidates, rows = releasable(table, op, freed, min_anchors)
    scale = np.ones(len(candidates))
    statistic = change = np.zeros((len(index), 0))
    if candidates:
        slots = np.asarray(layout.row_slots[rows])
        groups = np.array([one[3] for one in candidates])
        # By the expected information: far from equality the observed one promises falls of
        # chi-square that don't come.
        scores = release_scores(layout, found.z, own, slots, groups)
        scale = scale_of(layout, near, data.origin, slots, groups)
        statistic, change = scores.statistic / scale, scores.change
    values = wanted_values(table, layout, found.z, wanted)
    return Trial(candidates, found.converged, chi2, statistic, change, scale, values)


def fitted(
    table: ParameterTable,
    layout: Layout,
    own: SampleMoments | OrdinalData | PatternData,
    origin: Sample,
) -> tuple[Optimum, FloatArray, FloatArray]:
    """Return the optima, chi-square, and the optimum that samples were started at."""
    if isinstance(own, PatternData):
        start = start_values(table, layout, origin.moments)
        found = maximize_likelihood(layout, own, start)
        chi2 = 2 * (origin.saturated - log_likelihood_at(layout, found.z[0], origin))
        return found, np.array([chi2]), found.z[0]
    if isinstance(own, OrdinalData):
        whole = origin.data
        near = least_squares(layout, whole, start_values(table, layout, whole)).z[0]  # type: ignore[arg-type]
    else:
        near = starting_point(table, own)
    found = fit_many(table, layout, own, near, gap=CHI2_GAP)
    return found, (own.n * found.fmin).sum(axis=1), near


def starting_point(table: ParameterTable, data: SampleMoments) -> FloatArray:
    """Return the optimum at the mean moments of the samples."""
    n = data.n[:1]
    scale = (n / (n - 1))[..., None, None]
    covariance = data.covariance.mean(axis=0, keepdims=True) * scale
    fits = fit_moments(table, covariance, n, data.mean.mean(axis=0, keepdims=True))
    return np.asarray(fits.optimum.z[0])


def scale_of(
    layout: Layout, z: FloatArray, origin: Sample, slots: IntArray, groups: IntArray
) -> FloatArray:
    """Return what score tests are divided by."""
    if origin.ordinal is None or not isinstance(origin.data, OrdinalData):
        return np.ones(len(slots))
    return scale_factors(layout, z, origin.data, origin.ordinal.groups, slots, groups)


def wanted_values(
    table: ParameterTable, layout: Layout, z: FloatArray, wanted: Sequence[Freed]
) -> FloatArray:
    """Return estimates of some parameters, (sample, k)."""
    place = {(r.lhs, r.op, r.rhs, r.group): at for at, r in enumerate(table.rows)}
    found = np.zeros((len(z), len(wanted)))
    for k, name in enumerate(wanted):
        at = place[name]
        group, slot = table.rows[at].group, layout.row_slots[at]
        found[:, k] = z @ layout.selection[group, slot] + layout.fixed[group, slot]
    return found
