"""Tests of a latent correlation against a cutoff, all pairs and units in one search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats

from psychometrics.stats.cfa.estimate import Optimum, maximize_likelihood, objective
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.cfa.refine import refine
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.validity.factors import factor_of
from psychometrics.validity.units import UnitFits, put

# Scoring steps of a first search, and of a second from another start.
FIRST_SEARCH, SECOND_SEARCH = 30, 60
# Chi-square of incomplete rows is searched to this.
TEST_GAP = 1e-8
# A correlation of factors beyond this is no correlation on its way back.
FAR_OUTSIDE = 2.0

Tests = dict[tuple[int, str, str], dict[str, Any]]


def difference_tests(fitted: UnitFits, pairs: Sequence[tuple[str, str]], cutoff: float) -> Tests:
    """Test whether the correlations of pairs lie below the cutoff in size, in every unit.

    The model is fitted again with one correlation held at the cutoff, all pairs and units at
    once. The search starts at the point that the free solution's information says is nearest.
    A correlation that is no smaller than the cutoff speaks against nothing: chi-square is 0.
    A unit and pair is left out where the likelihood has no maximum under the constraint.
    """
    cases = [(unit, at, pair) for pair in pairs for unit, at in fitted.usable()]
    if not cases or fitted.fits is None:
        return {}
    fits = fitted.fits
    place_of = {pair: correlation_place(fitted, *pair) for pair in pairs}
    at = np.array([replicate for _, replicate, _ in cases])
    place = np.array([place_of[pair] for _, _, pair in cases])
    each = np.arange(len(cases))
    z, spread, data = fits.optimum.z[at], fits.covariance[at], fits.data.take(at)
    target = np.where(z[each, place] >= 0, cutoff, -cutoff)
    slope = spread[each, :, place] / spread[each, place, place][:, None]
    start = z - slope * (z[each, place] - target)[:, None]
    start[each, place] = target
    factors = factor_places(fits.table, fits.layout)
    for i in np.flatnonzero(~np.isfinite(objective(fits.layout, start, data))):
        start[i] = merged_start(factors, z[i], place[i], target[i])
    found = maximize_likelihood(fits.layout, data, start, max_iterations=FIRST_SEARCH, held=place)
    again = np.flatnonzero(~found.converged & ~runs_away(found.z, factors))
    if len(again):
        second = np.array([merged_start(factors, z[i], place[i], target[i]) for i in again])
        retry = maximize_likelihood(
            fits.layout, data.take(again), second, max_iterations=SECOND_SEARCH, held=place[again]
        )
        put(found, again, retry)
    with_all_answers(fitted, cases, place, found)
    chi2 = np.maximum((data.n * (found.fmin - fits.optimum.fmin[at])).sum(axis=1), 0.0)
    chi2[np.abs(z[each, place]) >= cutoff] = 0.0
    return {
        (unit, *pair): {
            "chi2_difference": float(chi2[i]),
            "df_difference": 1.0,
            "p_value": float(stats.chi2.sf(chi2[i], 1)),
        }
        for i, (unit, _, pair) in enumerate(cases)
        if found.converged[i]
    }


def with_all_answers(
    fitted: UnitFits,
    cases: Sequence[tuple[int, int, tuple[str, str]]],
    place: IntArray,
    found: Optimum,
) -> None:
    """Go on, in place, from the saturated moments of units with missing answers to their rows."""
    if fitted.fits is None:
        raise LookupError("nothing was fitted")
    layout, moments = fitted.fits.layout, fitted.fits.moments
    for i, (unit, at, _) in enumerate(cases):
        if unit not in fitted.incomplete or not found.converged[i]:
            continue
        data, one = fitted.incomplete[unit], moments.take(slice(at, at + 1))
        made = refine(layout, data, one, found.z[i], held=int(place[i]), gap=TEST_GAP)
        if not made.converged[0]:
            made = maximize_likelihood(
                layout,
                data,
                found.z[i : i + 1],
                max_iterations=SECOND_SEARCH,
                held=place[i : i + 1],
            )
        put(found, np.array([i]), made)


def correlation_place(fitted: UnitFits, a: str, b: str) -> int:
    """Return which free parameter is the correlation of two scales' factors."""
    if fitted.fits is None:
        raise LookupError("nothing was fitted")
    slot = fitted.slot(factor_of(a), "~~", factor_of(b))
    return int(np.flatnonzero(fitted.fits.layout.selection[0, slot])[0])


def factor_places(table: ParameterTable, layout: Layout) -> dict[frozenset[str], int]:
    """Return which free parameter is the correlation of which two factors."""
    rows = [table.rows[i] for i in layout.free_rows]
    return {
        frozenset((row.lhs, row.rhs)): i
        for i, row in enumerate(rows)
        if row.op == "~~" and row.lhs != row.rhs
    }


def runs_away(z: FloatArray, factors: dict[frozenset[str], int]) -> BoolArray:
    """Tell where correlations grow without end: one scale's loadings are on their way to 0."""
    return np.asarray(np.abs(z[:, list(factors.values())]).max(axis=1) > FAR_OUTSIDE)


def merged_start(
    factors: dict[frozenset[str], int], z: FloatArray, place: int, target: float
) -> FloatArray:
    """Return a start at which two factors relate alike to all others.

    Moving one correlation alone can leave a set of correlations that nothing can have.
    """
    a, b = next(tuple(pair) for pair, i in factors.items() if i == place)
    sign = -1.0 if target < 0 else 1.0
    moved = np.array(z)
    for other in {name for pair in factors for name in pair} - {a, b}:
        first, second = factors[frozenset((a, other))], factors[frozenset((b, other))]
        mean = (z[first] + sign * z[second]) / 2
        moved[first], moved[second] = 0.9 * mean, 0.9 * sign * mean
    moved[place] = target
    return moved
