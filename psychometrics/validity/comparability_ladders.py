"""The ladder of one model over some groups, with the search for what is not equal."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from psychometrics.errors import NO_REASON, DataError, ModelError, Reason, reason
from psychometrics.stats.cfa.solve import Estimator
from psychometrics.validity.comparability_samples import Carried, Grouped
from psychometrics.validity.invariance import invariance
from psychometrics.validity.invariance_levels import LEAST_ORDERED, TOO_FEW
from psychometrics.validity.invariance_partial import PartialInvariance
from psychometrics.validity.invariance_result import InvarianceResult


@dataclass(frozen=True)
class Effort:
    """How much is computed.

    Attributes
    ----------
    estimator : str
        Of the ladders.
    permutations : int
        Shufflings that each level is tested with; 0 for difference tests alone.
    resample : int
        Bootstrap samples in which the search for unequal items is repeated.
    align_boot, align_check : int
        Bootstrap samples of alignment, and samples that check it at this n; 0 for none.
    align : bool
        Whether groups are aligned.
    congruence_boot : int
        Bootstrap samples of congruence.
    ordered : bool
        Whether a ladder of ordered answers is tried too.
    """

    estimator: Estimator = "ML"
    permutations: int = 0
    resample: int = 0
    align_boot: int = 0
    align_check: int = 0
    align: bool = False
    congruence_boot: int = 0
    ordered: bool = False


ORDERED = ", ordered"
"""What the name of a model ends with whose answers are taken as ordered categories."""

FEWEST_SAMPLES = 39
"""With fewer shufflings a p-value says little: the smallest is one over their number and one."""
ALIGN_SAMPLES = 200


def effort_of(preset: str, n_boot: int) -> Effort:
    """Return what a preset computes; samples follow the number of bootstrap samples.

    Examples
    --------
    >>> effort_of("quick", 200).permutations, effort_of("standard", 2000).permutations
    (0, 500)
    >>> effort_of("standard", 100).permutations
    0
    """
    if preset == "quick":
        return Effort()
    shufflings = min(n_boot // 4, 1000)
    few = min(n_boot // 10, ALIGN_SAMPLES)
    return Effort(
        estimator="MLR",
        permutations=shufflings if shufflings >= FEWEST_SAMPLES else 0,
        resample=few if preset == "full" and few >= FEWEST_SAMPLES else 0,
        align_boot=few if few >= FEWEST_SAMPLES else 0,
        align_check=few // 2 if few >= FEWEST_SAMPLES else 0,
        align=True,
        congruence_boot=n_boot // 10,
        ordered=preset == "full",
    )


@dataclass(frozen=True)
class Climbed:
    """A fitted ladder.

    Attributes
    ----------
    carried : Carried
        The model and its groups.
    result : InvarianceResult or None
        The ladder; None where it could not be fitted.
    partial : PartialInvariance or None
        What had to be set free; None where the search found no maximum.
    effects : DataFrame
        dMACS and bias against `reference`.
    reference : str
        The group with the fewest parameters of its own, the first of them.
    why : Reason
        Why there is no ladder, or no search; empty where there is.
    """

    carried: Carried
    result: InvarianceResult | None
    partial: PartialInvariance | None
    effects: pd.DataFrame
    reference: str
    why: Reason = NO_REASON


def climb(
    data: Grouped,
    model: Carried,
    effort: Effort,
    level: float,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> Climbed:
    """Fit the ladder of one model and search for what is not equal."""
    nothing = Climbed(model, None, None, pd.DataFrame(), "", model.why)
    if model.why:
        return nothing
    # What the fits warn of is in the tables: problems of a level are its reason.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = invariance(
                model.factors, data.of(model.groups), data.grouping, estimator=effort.estimator,
                small_groups="fit", permutations=effort.permutations, rng=seed, level=level,
                progress=progress,
            )  # fmt: skip
        except (DataError, ModelError) as problem:
            return Climbed(
                model, None, None, pd.DataFrame(), "", reason("ladder_failed", problem=str(problem))
            )
        try:
            partial = result.partial(resample=effort.resample, rng=seed)
        except (DataError, ModelError) as problem:
            why = reason("search_failed", problem=str(problem))
            return Climbed(model, result, None, pd.DataFrame(), "", why)
        reference = fewest_own(partial)
        return Climbed(model, result, partial, partial.effect_sizes(reference), reference)


def fewest_own(partial: PartialInvariance) -> str:
    """Return the group that the others are held against."""
    own = [sum(freed[3] == g for freed in partial.freed) for g in range(len(partial.groups))]
    return partial.groups[own.index(min(own))]


def first_level(data: Grouped, model: Carried) -> dict[str, Any] | None:
    """Return the fit of a model with everything free; None where there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = invariance(
                model.factors, data.of(model.groups), data.grouping, levels=("configural",),
                small_groups="fit",
            )  # fmt: skip
        except (DataError, ModelError):
            return None
    return dict(result.table.loc["configural"]) if result.fits else None


def climb_ordered(data: Grouped, model: Carried, level: float) -> Climbed:
    """Fit the ladder of ordered answers; groups too small for it are a reason, with what to do."""
    named = replace(model, model=f"{model.model}{ORDERED}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = invariance(
                model.factors, data.of(model.groups), data.grouping, ordered=True, level=level
            )
        except (DataError, ModelError) as problem:
            # The message of too few people names each group with its size, which may be withheld.
            few = str(problem).startswith(TOO_FEW)
            why = (
                reason("ordered_groups_too_small", needed=LEAST_ORDERED)
                if few
                else reason("ladder_failed", problem=str(problem))
            )
            return Climbed(named, None, None, pd.DataFrame(), "", why)
    return Climbed(named, result, None, pd.DataFrame(), "")
