"""Forward search for what is not equal, in one sample or many at once.

Samples that have freed the same parameters so far share a model and are fitted together, so the
loop runs over different models and not over samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from scipy import stats

from psychometrics.stats.moments import FloatArray
from psychometrics.validity.invariance_candidates import Stage, stages_of
from psychometrics.validity.invariance_fits import Freed, Ladder
from psychometrics.validity.invariance_trials import SearchData, try_model

Adjust = Literal["holm", "bh"]


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
        By how much chi-square really fell, scaled as the score test is.
    consequence : bool
        An intercept set free because the item's loading is free in that group.
    scale : float
        What the score test was divided by.
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
    scale: float = 1.0


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
    data: SearchData,
    levels: Sequence[str],
    rules: Rules,
    wanted: Sequence[Freed] = (),
) -> Searched:
    """Set parameters free one at a time while a score test says so.

    Parameters
    ----------
    ladder : Ladder
    data : SearchData
    levels : sequence of {"thresholds", "metric", "scalar"}
        In this order.
    rules : Rules
    wanted : sequence of Freed
        Parameters with their groups whose estimates are returned.
    """
    states = [Search() for _ in range(len(data))]
    values = np.full((len(states), len(wanted)), np.nan)
    stages = stages_of(ladder.base)
    for level in levels:
        for state in states:
            state.open = not state.failed
            follow(state, level)
        while any(state.open for state in states):
            for freed, index in by_freed(states).items():
                advance(
                    ladder, data, states, index, freed, level, stages[level], rules, wanted, values
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
    data: SearchData,
    states: list[Search],
    index: list[int],
    freed: frozenset[Freed],
    level: str,
    stage: Stage,
    rules: Rules,
    wanted: Sequence[Freed],
    values: FloatArray,
) -> None:
    """Fit one model to the samples that are at it; each sets one parameter free, or ends."""
    # What is asked for may be no parameter of an earlier level.
    last = stage == list(stages_of(ladder.base).values())[-1]
    trial = try_model(ladder, data, index, freed, stage, rules.min_anchors, wanted if last else ())
    for k, sample in enumerate(index):
        state = states[sample]
        if not trial.converged[k]:
            state.open, state.failed = False, True
            values[sample] = np.nan
            continue
        settle_fall(state, float(trial.chi2[k]))
        if last:
            values[sample] = trial.values[k]
        state.open = False
        statistic = trial.statistic[k]
        p_value, adjusted = adjusted_smallest(stats.chi2.sf(statistic, 1), rules.adjust)
        if not adjusted < rules.significance:
            continue
        best = int(np.nanargmax(statistic))
        state.steps.append(
            Step(
                level, trial.candidates[best], float(statistic[best]),
                float(trial.change[k, best]), p_value, adjusted,
                int(np.isfinite(statistic).sum()), float("nan"), False, float(trial.scale[best]),
            )
        )  # fmt: skip
        state.freed |= {trial.candidates[best]}
        state.open = True


def settle_fall(state: Search, chi2: float) -> None:
    """Note by how much the last step made chi-square fall."""
    if state.steps and not state.steps[-1].consequence and np.isnan(state.steps[-1].fall):
        last = state.steps[-1]
        state.steps[-1] = replace(last, fall=(state.chi2 - chi2) / last.scale)
    state.chi2 = chi2


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
