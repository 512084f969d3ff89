"""Forward search for what is not equal, in one sample or many at once.

Samples that have freed the same parameters so far share a model and are fitted together, so the
loop runs over different models and not over samples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy import stats

from psychometrics.stats.cfa.batch import fit_many
from psychometrics.stats.cfa.estimate import CHI2_GAP
from psychometrics.stats.cfa.fit import fit_moments
from psychometrics.stats.cfa.group_scores import group_scores
from psychometrics.stats.cfa.kernel import SampleMoments
from psychometrics.stats.cfa.layout import Layout, lay_out
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import FloatArray
from psychometrics.validity.invariance_fits import Freed, Ladder

Adjust = Literal["holm", "bh"]
# What is searched at each level: the operator of its parameters and what is equal.
STAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "metric": ("=~", ("loadings",)),
    "scalar": ("~1", ("loadings", "intercepts")),
}


@dataclass(frozen=True)
class Step:
    """One parameter that was set free.

    Attributes
    ----------
    level : str
        Level at which it was found.
    freed : tuple
        The parameter with its group.
    statistic, change, p_value, p_adjusted : float
        Score test, expected change and its p-values; NaN where `consequence`.
    n_tests : int
        How many equalities were tested beside it.
    fall : float
        By how much chi-square really fell.
    consequence : bool
        An intercept set free because the item's loading is free in that group.
    """

    level: str
    freed: Freed
    statistic: float
    change: float
    p_value: float
    p_adjusted: float
    n_tests: int
    fall: float
    consequence: bool


@dataclass
class Search:
    """The state of one sample's search."""

    freed: frozenset[Freed] = frozenset()
    steps: list[Step] = field(default_factory=list)
    chi2: float = float("nan")
    open: bool = True
    failed: bool = False


@dataclass(frozen=True)
class Searched:
    """Where a search ended.

    Attributes
    ----------
    states : list of Search
        One a sample.
    values : ndarray, shape (sample, k)
        Estimates of the wanted parameters; NaN where a sample has no maximum.
    """

    states: list[Search]
    values: FloatArray


@dataclass(frozen=True)
class Rules:
    """When a parameter is set free.

    Attributes
    ----------
    significance : float
    adjust : {"holm", "bh"}
    min_anchors : int
        Equal items that every factor keeps in every group.
    """

    significance: float = 0.05
    adjust: Adjust = "holm"
    min_anchors: int = 2


def forward_search(
    ladder: Ladder,
    data: SampleMoments,
    levels: Sequence[str],
    rules: Rules,
    wanted: Sequence[tuple[str, str, str, int]] = (),
) -> Searched:
    """Set parameters free one at a time while a score test says so.

    Parameters
    ----------
    ladder : Ladder
    data : SampleMoments
        Leading axes (sample, group).
    levels : sequence of {"metric", "scalar"}
        In this order.
    rules : Rules
    wanted : sequence of tuple
        Parameters with their groups whose estimates are returned.
    """
    states = [Search() for _ in range(len(data.n))]
    values = np.full((len(states), len(wanted)), np.nan)
    for level in levels:
        op, kinds = STAGES[level]
        for state in states:
            state.open = not state.failed
            follow(state, level)
        while any(state.open for state in states):
            for freed, index in by_freed(states).items():
                advance(
                    ladder, data, states, index, freed, (level, op, kinds), rules, wanted, values
                )
    return Searched(states, values)


def follow(state: Search, level: str) -> None:
    """Set the intercept of an item free where its loading is: it means nothing without it."""
    if level != "scalar":
        return
    for loading in sorted(state.freed, key=lambda one: (one[3], one[2])):
        if loading[1] == "=~":
            own: Freed = (loading[2], "~1", "", loading[3])
            if own not in state.freed:
                state.freed |= {own}
                nan = float("nan")
                state.steps.append(Step(level, own, nan, nan, nan, nan, 0, nan, True))


def by_freed(states: Sequence[Search]) -> dict[frozenset[Freed], list[int]]:
    """Sort the open searches by what they have set free."""
    found: dict[frozenset[Freed], list[int]] = {}
    for at, state in enumerate(states):
        if state.open:
            found.setdefault(state.freed, []).append(at)
    return found


def advance(
    ladder: Ladder,
    data: SampleMoments,
    states: list[Search],
    index: list[int],
    freed: frozenset[Freed],
    stage: tuple[str, str, tuple[str, ...]],
    rules: Rules,
    wanted: Sequence[tuple[str, str, str, int]],
    values: FloatArray,
) -> None:
    """Fit one model to the samples that are at it; each sets one parameter free, or ends."""
    level, op, kinds = stage
    table = ladder.table(kinds, freed)
    layout = lay_out(table)
    own = data.take(np.array(index))
    found = fit_many(table, layout, own, starting_point(table, own), gap=CHI2_GAP)
    chi2 = (own.n * found.fmin).sum(axis=1)
    candidates, places = releasable(table, layout, op, freed, rules.min_anchors)
    scores = None
    if candidates:
        parameters = np.array(sorted({place for place, _ in places}), dtype=np.intp)
        scores = group_scores(layout, found.z, own, parameters)
        column = {int(p): k for k, p in enumerate(parameters)}
        at = np.array([(g, column[place]) for place, g in places])
    reported = wanted_values(table, layout, found.z, wanted)
    for k, sample in enumerate(index):
        state = states[sample]
        if not found.converged[k]:
            state.open, state.failed = False, True
            values[sample] = np.nan
            continue
        settle_fall(state, float(chi2[k]))
        values[sample] = reported[k]
        state.open = False
        if scores is None:
            continue
        statistic = scores.statistic[k, at[:, 0], at[:, 1]]
        p_value, adjusted = adjusted_smallest(stats.chi2.sf(statistic, 1), rules.adjust)
        if not adjusted < rules.significance:
            continue
        best = int(np.nanargmax(statistic))
        state.steps.append(
            Step(
                level, candidates[best], float(statistic[best]),
                float(scores.change[k, at[best, 0], at[best, 1]]), p_value, adjusted,
                int(np.isfinite(statistic).sum()), float("nan"), False,
            )
        )  # fmt: skip
        state.freed |= {candidates[best]}
        state.open = True


def settle_fall(state: Search, chi2: float) -> None:
    """Note by how much the last step made chi-square fall."""
    if state.steps and not state.steps[-1].consequence and np.isnan(state.steps[-1].fall):
        last = state.steps[-1]
        state.steps[-1] = Step(
            last.level, last.freed, last.statistic, last.change, last.p_value, last.p_adjusted,
            last.n_tests, state.chi2 - chi2, last.consequence,
        )  # fmt: skip
    state.chi2 = chi2


def starting_point(table: ParameterTable, data: SampleMoments) -> FloatArray:
    """Return the optimum at the mean moments of the samples."""
    n = data.n[:1]
    scale = (n / (n - 1))[..., None, None]
    covariance = data.covariance.mean(axis=0, keepdims=True) * scale
    fits = fit_moments(table, covariance, n, data.mean.mean(axis=0, keepdims=True))
    return np.asarray(fits.optimum.z[0])


def releasable(
    table: ParameterTable, layout: Layout, op: str, freed: frozenset[Freed], min_anchors: int
) -> tuple[list[Freed], list[tuple[int, int]]]:
    """Return what may be set free, and each one's place among the free parameters with its group.

    With two groups a parameter is equal or not, whichever group is named: the second one is.
    """
    observed = set(table.observed)
    shared = set(layout.plan.blocks.shared.tolist())
    members = loading_map(table)
    found: list[Freed] = []
    places: list[tuple[int, int]] = []
    for at in sorted(shared):
        row = table.rows[layout.free_rows[at]]
        if row.op != op or (op == "~1" and row.lhs not in observed):
            continue
        groups = [g for g in range(table.n_groups) if (row.lhs, op, row.rhs, g) not in freed]
        if len(groups) < 2:
            continue
        for g in groups[1:] if len(groups) == 2 else groups:
            candidate: Freed = (row.lhs, op, row.rhs, g)
            if keeps_anchors(members, op, freed | {candidate}, table.n_groups, min_anchors):
                found.append(candidate)
                places.append((at, g))
    return found, places


def loading_map(table: ParameterTable) -> dict[str, list[str]]:
    """Return the observed items of each factor."""
    found: dict[str, list[str]] = {}
    for row in table.rows:
        if row.op == "=~" and row.group == 0 and row.rhs in table.observed:
            found.setdefault(row.lhs, []).append(row.rhs)
    return found


def keeps_anchors(
    members: Mapping[str, Sequence[str]],
    op: str,
    freed: frozenset[Freed],
    n_groups: int,
    min_anchors: int,
) -> bool:
    """Tell whether every factor keeps enough equal items in every group."""
    for factor, items in members.items():
        anchored = np.zeros(n_groups, dtype=int)
        for item in items:
            name = (factor, op, item) if op == "=~" else (item, op, "")
            equal = [g for g in range(n_groups) if (*name, g) not in freed]
            if len(equal) > 1:
                anchored[equal] += 1
        if anchored.min() < min(min_anchors, len(items)):
            return False
    return True


def adjusted_smallest(p_values: FloatArray, adjust: Adjust) -> tuple[float, float]:
    """Return the smallest p-value, as it is and adjusted for all.

    Examples
    --------
    >>> adjusted_smallest(np.array([0.01, 0.02, 0.5]), "holm")
    (0.01, 0.03)
    >>> adjusted_smallest(np.array([0.03, 0.03, 0.03]), "bh")
    (0.03, 0.03)
    """
    known = np.sort(p_values[np.isfinite(p_values)])
    if not len(known):
        return float("nan"), float("nan")
    count = len(known)
    if adjust == "holm":
        return float(known[0]), float(min(1.0, count * known[0]))
    steps = count * known / np.arange(1, count + 1)
    return float(known[0]), float(min(1.0, steps.min()))


def wanted_values(
    table: ParameterTable,
    layout: Layout,
    z: FloatArray,
    wanted: Sequence[tuple[str, str, str, int]],
) -> FloatArray:
    """Return estimates of some parameters, (sample, k)."""
    place = {(r.lhs, r.op, r.rhs, r.group): at for at, r in enumerate(table.rows)}
    found = np.zeros((len(z), len(wanted)))
    for k, name in enumerate(wanted):
        at = place[name]
        group, slot = table.rows[at].group, layout.row_slots[at]
        found[:, k] = z @ layout.selection[group, slot] + layout.fixed[group, slot]
    return found
