"""Full-information maximum likelihood where means are free: they are taken out of the search.

A model of covariances says nothing about means, and people of several sites may each have their
site's. Given a covariance matrix the best means of a level (a site, or everybody) are a weighted
mean in closed form, so that only the model's own parameters are searched: the likelihood at the
best means is their profile likelihood, and its curvature is what is left of the information when
that about the means is taken out.

With complete rows in G levels the maximum has the scatter about the levels' means over N, where
the pooled-within covariance of complete rows counts N - G + 1 people. So people are counted as
``share = (N - G + 1) / N`` each, and deviations are stretched by one over its root: with nothing
missing this is the likelihood of N - G + 1 people with the pooled-within covariance, exactly. With
missing answers all items lose the same share of their people to the means, which for an item that
is missing more often than others is a little less than its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import special

from psychometrics.stats.cfa.arrow import Arrow
from psychometrics.stats.cfa.casewise import BLOCK, Rows, summed
from psychometrics.stats.cfa.fiml import kronecker_sum, slot_covariance_change
from psychometrics.stats.cfa.inference import parameter_covariance
from psychometrics.stats.cfa.kernel import Implied, gather_blocks, imply, invert, second_derivative
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.missing_completely import LittleTest
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.patterns import (
    EM_GAP,
    EM_STEPS,
    Patterns,
    Saturated,
    available_moments,
    batch_by_missing,
    extrapolate,
    find_patterns,
    pattern_precisions,
)


@dataclass(frozen=True, slots=True)
class LevelSums:
    """Sums over patterns at a covariance matrix and the means that are best with it.

    Attributes
    ----------
    value : float
        Minus twice the log-likelihood without its constant.
    pull : ndarray, shape (p, p)
        Its derivative by the covariance.
    inverse : ndarray, shape (pattern, p, p)
        Inverse of each pattern's part of the covariance, 0 where missing.
    gaps : ndarray, shape (pattern, p)
        The same times what the pattern's mean deviates from its level's.
    weights : ndarray, shape (level, p, p)
        Information about each level's means.
    mean : ndarray, shape (level, p)
        The best means; 0 for what nobody of a level has.
    """

    value: float
    pull: FloatArray
    inverse: FloatArray
    gaps: FloatArray
    weights: FloatArray
    mean: FloatArray


@dataclass(frozen=True, eq=False)
class FreeMeans:
    """Incomplete rows of one unit of analysis, by level and pattern, their means being free.

    Attributes
    ----------
    patterns : Patterns
        Those of all levels, one after the other; numbers of people and deviations as the module
        says.
    level : ndarray of int, shape (pattern,)
        Level of each pattern.
    bounds : ndarray of int, shape (level + 1,)
        Where each level's patterns begin.
    rows : ndarray, shape (n, p)
        The rows, as they are.
    row_level : ndarray of int, shape (n,)
    share : float
        What a person counts.
    """

    patterns: Patterns
    level: IntArray
    bounds: IntArray
    rows: FloatArray
    row_level: IntArray
    share: float

    @property
    def n_rows(self) -> int:
        """People with an answer."""
        return len(self.rows)

    @cached_property
    def n(self) -> float:
        """What counts as people: N - G + 1."""
        return float(self.patterns.n.sum())

    def take(self, index: Any) -> FreeMeans:
        """Return itself: incomplete rows are one replicate."""
        return self

    def sums(self, covariance: FloatArray) -> LevelSums:
        """Return the sums at a covariance matrix; an infinite value where it is none."""
        precision, log_determinant = invert(covariance[None])
        p = len(covariance)
        if not np.isfinite(log_determinant[0]):
            nothing = np.full((p, p), np.nan)
            return LevelSums(
                np.inf, nothing, nothing[None], nothing[:1], nothing[None], nothing[:1]
            )
        patterns, n = self.patterns, self.patterns.n
        inverse, logs = pattern_precisions(patterns, precision[0], float(log_determinant[0]))
        starts = self.bounds[:-1]
        weighted = n[:, None, None] * inverse
        weights = np.add.reduceat(weighted, starts, axis=0)
        towards = np.add.reduceat((weighted @ patterns.mean[..., None])[..., 0], starts, axis=0)
        # What nobody of a level has weighs nothing there, and its mean can be anything.
        unseen = ~np.logical_or.reduceat(patterns.observed, starts, axis=0)
        at = np.arange(p)
        solvable = weights.copy()
        solvable[:, at, at] += unseen
        mean = np.linalg.solve(solvable, towards[..., None])[..., 0]
        gap = (patterns.mean - mean[self.level]) * patterns.observed
        gaps = (inverse @ gap[..., None])[..., 0]
        several = self._several
        about = inverse[several] @ patterns.covariance[several]
        value = n @ (logs + (gaps * gap).sum(axis=1))
        value += n[several] @ np.trace(about, axis1=1, axis2=2)
        pull = weights.sum(axis=0) - (n[:, None] * gaps).T @ gaps
        pull -= np.tensordot(n[several], about @ inverse[several], axes=1)
        return LevelSums(float(value), pull, inverse, gaps, solvable, mean)

    @cached_property
    def _several(self) -> IntArray:
        """Patterns of more than one person; a single one does not vary about the own mean."""
        spread = np.diagonal(self.patterns.covariance, axis1=1, axis2=2)
        return np.flatnonzero((spread > 0).any(axis=1))

    @cached_property
    def saturated(self) -> Saturated:
        """Covariance of the maximum of the likelihood without any model, and the mean of means.

        By expectation and maximisation with the means always at their best, which climbs too
        (Liu & Rubin, 1994), sped up by extrapolation.

        References
        ----------
        Liu, C., & Rubin, D. B. (1994). The ECME algorithm: A simple extension of EM and ECM with
        faster monotone convergence. Biometrika, 81, 633-648. doi:10.1093/biomet/81.4.633
        """
        covariance = self.apart
        value = last = np.inf
        for _ in range(EM_STEPS):
            one, value = self._step(covariance)
            if not np.isfinite(value):
                # Too few people: the likelihood has no maximum, and the matrix no inverse.
                break
            if abs(value - last) < 2 * EM_GAP * (1 + abs(value) * 1e-6):
                return self._saturated(covariance, value, converged=True)
            two, last = self._step(one)
            covariance = self._jump(covariance, one, two)
        return self._saturated(covariance, value, converged=False)

    def _step(self, covariance: FloatArray) -> tuple[FloatArray, float]:
        found = self.sums(covariance)
        new = covariance - covariance @ found.pull @ covariance / self.n
        return (new + new.T) / 2, found.value

    @staticmethod
    def _jump(start: FloatArray, one: FloatArray, two: FloatArray) -> FloatArray:
        nothing = np.zeros(len(start))
        return extrapolate((nothing, start), (nothing, one), (nothing, two))[1]

    def _saturated(self, covariance: FloatArray, value: float, *, converged: bool) -> Saturated:
        if not converged:
            return Saturated(np.full(len(covariance), np.nan), covariance, np.nan, False)
        size = np.bincount(self.row_level, minlength=len(self.bounds) - 1)
        mean = size @ self.sums(covariance).mean * np.sqrt(self.share) / size.sum()
        return Saturated(mean, covariance, -0.5 * value, converged)

    @cached_property
    def centred_patterns(self) -> Patterns:
        """The patterns about the means of each level's available values."""
        patterns, starts = self.patterns, self.bounds[:-1]
        own = patterns.n[:, None] * patterns.observed
        size = np.add.reduceat(own, starts, axis=0)
        total = np.add.reduceat(own * patterns.mean, starts, axis=0)
        middle = total / np.where(size > 0, size, 1.0)
        mean = (patterns.mean - middle[self.level]) * patterns.observed
        return Patterns(
            patterns.observed,
            patterns.n,
            mean,
            patterns.covariance,
            patterns.member,
            patterns.missing_sets,
        )

    @cached_property
    def apart(self) -> FloatArray:
        """Covariance of the maximum of the likelihood of unrelated variables."""
        return available_moments(self.centred_patterns)[1]

    def independence(self) -> float:
        """Return the likelihood ratio of unrelated variables against the saturated moments."""
        return max(self.sums(self.apart).value + 2 * self.saturated.log_likelihood, 0.0)

    def objective(self, layout: Layout, z: FloatArray) -> FloatArray:
        """Minus the log-likelihood over that of the saturated moments, (replicate,)."""
        return np.asarray(0.5 * self.n * self.fit_function(layout, z)[:, 0])

    def fit_function(self, layout: Layout, z: FloatArray) -> FloatArray:
        """Likelihood ratio against the saturated moments, a person, (replicate, 1)."""
        best = -2 * self.saturated.log_likelihood
        found = np.empty((len(z), 1))
        for replicate, point in enumerate(z):
            with np.errstate(all="ignore"):
                implied = imply(layout, point[None, :])
            found[replicate] = (self.sums(implied.covariance[0, 0]).value - best) / self.n
        return found

    def value_and_gradient(self, layout: Layout, z: FloatArray) -> tuple[float, FloatArray]:
        """Return the objective at one point, shape (q,), and its gradient there."""
        with np.errstate(all="ignore"):
            implied = imply(layout, z[None, :])
        sums = self.sums(implied.covariance[0, 0])
        if not np.isfinite(sums.value):
            return np.inf, np.full(len(z), np.nan)
        directions = directions_of(layout, implied)
        pull = directions.T @ sums.pull @ directions
        gradient = (layout.factor * pull[layout.left, layout.right]) @ layout.selection[0]
        return 0.5 * (sums.value + 2 * self.saturated.log_likelihood), gradient

    def slopes(self, layout: Layout, z: FloatArray, *, observed: bool) -> tuple[FloatArray, Arrow]:
        """Gradient (1, q) of the objective and the information that is left of it."""
        implied = imply(layout, z[:1])
        sums = self.sums(implied.covariance[0, 0])
        narrow = layout.narrow
        directions = directions_of(narrow, implied)
        pull = directions.T @ sums.pull @ directions
        gradient = narrow.factor * pull[narrow.left, narrow.right]
        information = self.information(narrow, implied, sums, observed=observed)
        return gather_blocks(layout, gradient[None, None], information[None, None])

    def information(
        self, layout: Layout, implied: Implied, sums: LevelSums, *, observed: bool
    ) -> FloatArray:
        """Information about the slots, shape (m, m)."""
        change = slot_covariance_change(layout, implied, 0)
        p, n = layout.n_observed, self.patterns.n
        flat = change.reshape(len(change), p * p)
        weight = self.curvature(sums) if observed else 0.5 * sums.inverse
        tensor = kronecker_sum(weight, sums.inverse, n).reshape(p * p, p * p)
        found = flat @ tensor @ flat.T
        if not observed:
            return np.asarray(found)
        for beside, weights in zip(self.beside_means(flat, sums), sums.weights, strict=True):
            found -= beside @ np.linalg.solve(weights, beside.T)
        directions = directions_of(layout, implied)
        pull = (directions.T @ sums.pull @ directions)[None, None]
        return np.asarray(found + second_derivative(layout, implied, pull)[0, 0])

    def curvature(self, sums: LevelSums) -> FloatArray:
        """Return what the inverses are paired with in the observed information, by pattern."""
        several = self._several
        own = sums.inverse[several]
        weight = sums.gaps[:, :, None] * sums.gaps[:, None, :] - 0.5 * sums.inverse
        weight[several] += own @ self.patterns.covariance[several] @ own
        return np.asarray(weight)

    def beside_means(self, change: FloatArray, sums: LevelSums) -> list[FloatArray]:
        """Return what slots and each level's means have in common, a list of (m, p).

        Parameters
        ----------
        change : ndarray, shape (m, p * p)
            Derivatives of the covariance by the slots.
        """
        p = sums.gaps.shape[1]
        found = []
        for first, last in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            own = self.patterns.n[first:last, None] * sums.gaps[first:last]
            reach = sums.inverse[first:last].reshape(last - first, p * p).T @ own
            found.append(change @ reach.reshape(p, p * p).T)
        return found

    def sandwich(
        self, layout: Layout, z: FloatArray, clusters: IntArray | None = None
    ) -> FloatArray:
        """Return the Huber-White covariance of the estimates, shape (q, q); NaN if there is none.

        A person's score is what is left of it when that about the means is taken out.

        Parameters
        ----------
        z : ndarray, shape (q,)
        clusters : ndarray of int, shape (n,), optional
            Scores are summed by cluster.
        """
        bread = parameter_covariance(self.slopes(layout, z[None, :], observed=True)[1])[0]
        scores = summed(self.scores(layout, z), Rows(self.rows, None, clusters))
        return np.asarray(bread @ (scores.T @ scores) @ bread)

    def scores(self, layout: Layout, z: FloatArray) -> FloatArray:
        """Return each person's score by the free parameters, shape (n, q)."""
        implied = imply(layout, z[None, :])
        sums = self.sums(implied.covariance[0, 0])
        directions = directions_of(layout, implied)
        change = slot_covariance_change(layout, implied, 0)
        beside = self.beside_means(change.reshape(len(change), -1), sums)
        # The cross information is of stretched deviations; people's own are as they are.
        lean = np.array(
            [
                np.linalg.solve(weights, own.T) * np.sqrt(self.share)
                for own, weights in zip(beside, sums.weights, strict=True)
            ]
        )
        left, right, factor = layout.left, layout.right, layout.factor
        centre = (directions.T @ sums.inverse @ directions)[:, left, right]
        mean = sums.mean * np.sqrt(self.share)
        member = self.patterns.member
        parts = []
        for first in range(0, self.n_rows, BLOCK):
            at = slice(first, first + BLOCK)
            own, level = member[at], self.row_level[at]
            seen = self.patterns.observed[own]
            gap = np.where(seen, self.rows[at] - mean[level], 0.0)
            solved = (sums.inverse[own] @ gap[..., None])[..., 0]
            y = solved @ directions
            slots = factor * (y[:, left] * y[:, right] - centre[own])
            for index in np.unique(level):
                mine = level == index
                slots[mine] -= solved[mine] @ lean[index]
            parts.append(slots @ layout.selection[0])
        return np.concatenate(parts)


def little_of(data: FreeMeans) -> LittleTest:
    """Test whether values are missing completely at random, given whose level a row is of.

    NaN where there is nothing to compare: a single pattern in every level.

    References
    ----------
    Little (1988): see :func:`psychometrics.stats.missing_completely.little_test`.
    """
    patterns, starts = data.patterns, data.bounds[:-1]
    seen = np.logical_or.reduceat(patterns.observed, starts, axis=0)
    df = float(patterns.observed.sum() - seen.sum())
    converged = data.saturated.converged
    if df <= 0:
        return LittleTest(np.nan, df, np.nan, data.n_rows, len(patterns.n), converged)
    sums = data.sums(data.saturated.covariance * (data.n / (data.n - 1)))
    gap = (patterns.mean - sums.mean[data.level]) * patterns.observed
    chi2 = float(patterns.n @ (sums.gaps * gap).sum(axis=1))
    p_value = float(special.chdtrc(df, chi2))
    return LittleTest(chi2, df, p_value, data.n_rows, len(patterns.n), converged)


def directions_of(layout: Layout, implied: Implied) -> FloatArray:
    """Return the columns that derivatives of the covariance are made of, shape (p, 2v)."""
    p = layout.n_observed
    return np.concatenate([implied.effects[0, 0, :p, :], implied.full[0, 0, :p, :]], axis=-1)


def free_means(rows: FloatArray, level: IntArray) -> FreeMeans:
    """Reduce rows with missing values to the patterns of each level.

    Parameters
    ----------
    rows : ndarray, shape (n, p)
        NaN where missing; every row has a value.
    level : ndarray of int, shape (n,)
        Whose means a row deviates from; numbers need not follow each other.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.array([[1.0, 2.0], [3.0, np.nan], [2.0, 1.0], [0.0, 4.0], [2.0, 2.0]])
    >>> found = free_means(rows, np.zeros(5, dtype=int))
    >>> found.patterns.n.tolist(), found.share
    ([1.0, 4.0], 1.0)
    """
    _, place = np.unique(level, return_inverse=True)
    n_levels = int(place.max()) + 1
    share = (len(rows) - n_levels + 1) / len(rows)
    parts, member, begin = [], np.zeros(len(rows), dtype=np.int64), [0]
    for index in range(n_levels):
        mine = place == index
        own = find_patterns(rows[mine])
        member[mine] = own.member + begin[-1]
        begin.append(begin[-1] + len(own.n))
        parts.append(own)
    observed = np.concatenate([part.observed for part in parts])
    patterns = Patterns(
        observed,
        np.concatenate([part.n for part in parts]) * share,
        np.concatenate([part.mean for part in parts]) / np.sqrt(share),
        np.concatenate([part.covariance for part in parts]) / share,
        member,
        batch_by_missing(observed),
    )
    bounds = np.array(begin)
    which = np.repeat(np.arange(n_levels), np.diff(bounds))
    return FreeMeans(patterns, which, bounds, rows, place, share)
