"""How wide intervals will be with so many people a site, and how many people are needed.

Not power at the values that were found: what was found is what an answer to this question must
not rest on. The population has the smallest effect that matters, declared beforehand, and the
shape of the measure: how many items a scale has, and how they are answered.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from psychometrics.errors import DataError, check_option
from psychometrics.instrument import Instrument, load_instrument
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.interval_width import (
    Limits,
    alpha_limits,
    correlation_limits,
    draw_mean_square_ratios,
    htmt_values,
    icc_limits,
    loading_limits,
    median_error,
    omega_limits,
)
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.ordinal_sampling import (
    ItemShape,
    answered_loading,
    covariances,
    draw_answers,
    loading_for_alpha,
)
from psychometrics.stats.resampling import Rng, seed_of, stream
from psychometrics.validity.analysis_plan import AnalysisPlan, SmallestEffects
from psychometrics.validity.arguments import check_level
from psychometrics.validity.criteria import CRITERIA
from psychometrics.validity.item_shapes import scale_shapes
from psychometrics.validity.threads import one_blas_thread

Statistic = Literal["alpha", "omega_total", "loading", "latent_correlation", "htmt", "icc"]
STATISTICS: tuple[Statistic, ...] = (
    "alpha", "omega_total", "loading", "latent_correlation", "htmt", "icc",
)  # fmt: skip
Progress = Callable[[str, int, int], None]

PRECISION_COLUMNS = (
    "statistic", "subject", "n_per_site", "truth", "threshold", "half_width", "mc_error",
    "decided", "decided_error", "failed", "n_sim", "level", "target", "n_needed",
    "n_needed_error", "method",
)  # fmt: skip
DECLARED = SmallestEffects(reliability=0.05, correlation=0.10, standardised_difference=0.20)
"""Smallest effects of interest where none are declared."""

METHODS: dict[str, str] = {
    "alpha": "Feldt interval",
    "omega_total": "one-factor ML, delta method on the logit",
    "loading": "one-factor ML, standardised, Wald interval by Huber-White errors",
    "latent_correlation": "two-factor ML, Wald interval by Huber-White errors",
    "htmt": "half of the central range of the estimates over samples",
    "icc": "ICC(C,1) of two occasions, exact interval, normal scores",
}
ICC_THRESHOLD = 0.70
OCCASIONS = 2
ROUNDS, MOST_PEOPLE = 4, 20_000
PARTS = 20
"""Portions of the samples by whose scatter the error of a range is judged."""


@dataclass(frozen=True)
class Case:
    """One statistic of scales of one shape.

    Attributes
    ----------
    statistic : str
    subject : str
        The scales, or pairs, that share the shape.
    shapes : tuple of ItemShape
        Items of the scale, or of both.
    sizes : tuple of int
        Items of each scale.
    truth, threshold : float
        Population value, and the cut-off that it is the smallest effect away from.
    loading : float
        Loading that gives the smallest reliability that would do.
    """

    statistic: Statistic
    subject: str
    shapes: tuple[ItemShape, ...]
    sizes: tuple[int, ...]
    truth: float
    threshold: float
    loading: float


@dataclass(frozen=True)
class Width:
    """What samples of one size gave."""

    half_width: float
    mc_error: float
    decided: float
    decided_error: float
    failed: float


@one_blas_thread()
def precision(
    instrument: Instrument | str | Path | Mapping[str, Any],
    n_per_site: int | Sequence[int],
    *,
    statistics: Sequence[Statistic] = STATISTICS,
    level: float = 0.95,
    rng: Rng | None = None,
    n_sim: int = 1000,
    smallest_effects: SmallestEffects | AnalysisPlan | None = None,
    target: float = 0.05,
    thresholds: Sequence[float] | None = None,
    n_categories: int = 5,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Simulate how wide intervals will be with so many people a site, before there are any.

    This is no power at fitted values, which would say what a result has said already. The
    population is declared: each reliability is the smallest effect of interest above its
    threshold, each correlation between scales as much below it. Scales with the same number of
    items that are answered alike share a row. People answer all items.

    Parameters
    ----------
    instrument : Instrument, id, path, or mapping of scale to items
        The measure: how many items each reflective scale has and how they are answered. With a
        mapping (to item names, or to their number) items have `n_categories` answers.
    n_per_site : int or sequence of int
        People at a site.
    statistics : sequence of str
        Of alpha, omega_total, loading, latent_correlation, htmt and icc; those between scales need
        two scales.
    level : float
        Coverage of the intervals.
    rng : int or Generator, optional
        Seed; 0 if left out.
    n_sim : int
        Samples of each size.
    smallest_effects : SmallestEffects or AnalysisPlan, optional
        What is declared: 0.05 for reliabilities and 0.10 for correlations if left out.
    target : float
        Half-width that the needed number of people is worked out for.
    thresholds : sequence of float, optional
        Cuts of the latent response, for items with one answer more; even between -1.5 and 1.5 if
        left out. Skewed answers need more people.
    n_categories : int
        Answers an item has, where a mapping is given.
    progress : callable, optional
        Called as ``progress(stage, done, total)``.

    Returns
    -------
    DataFrame
        One row a statistic, shape and n: ``half_width`` is the median over samples that have an
        interval, with its Monte Carlo standard error; ``decided`` the share of all samples whose
        interval lies wholly on the right side of the threshold (NaN for HTMT, whose intervals
        would have to be resampled within every sample, and for loadings, which have no
        threshold); ``failed`` the share without an
        interval. ``n_needed`` is the n at which the median half-width is `target`, with the
        error that simulation leaves; NaN beyond 20,000.

    Raises
    ------
    DataError
        Numbers that can't be meant, a measure without scales that could be simulated, or a
        reliability that its answers can't reach.

    Examples
    --------
    >>> table = precision({"a": 4, "b": 4}, [30, 93], statistics=["alpha"], n_sim=200)
    >>> table[["subject", "n_per_site", "truth", "threshold"]].values.tolist()
    [['a, b', 30, 0.75, 0.7], ['a, b', 93, 0.75, 0.7]]
    """
    sizes = [n_per_site] if isinstance(n_per_site, int) else list(n_per_site)
    _check(sizes, statistics, level, n_sim, target)
    effects = _declared(smallest_effects)
    known = instrument
    if isinstance(known, str | Path):
        known = load_instrument(known)
    scales = scale_shapes(known, thresholds, n_categories)
    cases = list(_cases(scales, statistics, effects))
    if not cases:
        raise DataError(
            "None of these statistics can be had: they need a reflective scale of two items or "
            "more (three for omega), and two such scales for what is between scales."
        )
    seed = seed_of(0 if rng is None else rng)
    rows: list[dict[str, Any]] = []
    for done, case in enumerate(cases):
        if progress:
            progress(case.statistic, done, len(cases))
        rows += _rows(case, sizes, level, n_sim, seed, target)
    if progress:
        progress("done", len(cases), len(cases))
    return pd.DataFrame(rows, columns=list(PRECISION_COLUMNS))


def _check(
    sizes: Sequence[int], statistics: Sequence[str], level: float, n_sim: int, target: float
) -> None:
    """Refuse what can't be meant."""
    for name in statistics:
        check_option("statistics", name, STATISTICS)
    check_level(level)
    wrong = [n for n in sizes if isinstance(n, bool) or n != int(n) or not 3 <= n <= MOST_PEOPLE]
    if wrong or not sizes:
        raise DataError(
            f"n_per_site={wrong[0] if wrong else '[]'} is no number of people; give whole numbers "
            f"from 3 to {MOST_PEOPLE}."
        )
    if n_sim < 100:
        raise DataError(
            f"n_sim={n_sim} is too few samples to tell a median from; give 100 or more."
        )
    if not 0 < target < 1:
        raise DataError(f"target={target} is no half-width; give a number between 0 and 1.")


def _declared(given: SmallestEffects | AnalysisPlan | None) -> SmallestEffects:
    if isinstance(given, AnalysisPlan):
        return given.smallest_effects
    return DECLARED if given is None else given


def _cases(
    scales: Mapping[str, tuple[ItemShape, ...]],
    statistics: Sequence[Statistic],
    effects: SmallestEffects,
) -> Iterator[Case]:
    """Yield every statistic of every shape, or pair of shapes, once."""
    reliable = CRITERIA["alpha_070"].threshold + effects.reliability
    kinds: dict[tuple[ItemShape, ...], list[str]] = {}
    for name, shapes in scales.items():
        kinds.setdefault(tuple(sorted(shapes, key=repr)), []).append(name)
    loadings = {shapes: _loading(shapes, reliable, names) for shapes, names in kinds.items()}
    for statistic in statistics:
        if statistic == "icc":
            yield Case("icc", "", (), (), ICC_THRESHOLD + effects.reliability, ICC_THRESHOLD, 0.0)
        elif statistic in ("alpha", "omega_total"):
            cut = CRITERIA["alpha_070" if statistic == "alpha" else "omega_070"].threshold
            for shapes, names in kinds.items():
                if len(shapes) >= (2 if statistic == "alpha" else 3):
                    subject, loading = ", ".join(names), loadings[shapes]
                    sizes = (len(shapes),)
                    yield Case(statistic, subject, shapes, sizes, reliable, cut, loading)
        elif statistic == "loading":
            for shapes, names in kinds.items():
                if len(shapes) >= 3:
                    truth = answered_loading(shapes[0], loadings[shapes])
                    yield Case(statistic, ", ".join(names), shapes, (len(shapes),), truth,
                               math.nan, loadings[shapes])  # fmt: skip
        else:
            name = "htmt_085" if statistic == "htmt" else "latent_correlation_090"
            cut = CRITERIA[name].threshold
            for a, b in combinations_with_replacement(kinds, 2):
                if a == b and len(kinds[a]) < 2:
                    continue
                sides = [", ".join(kinds[a])] if a == b else [", ".join(kinds[s]) for s in (a, b)]
                subject, shapes = " | ".join(sides), (*a, *b)
                # Scales of two shapes may differ in the loading that the reliability takes.
                loading = (loadings[a] * len(a) + loadings[b] * len(b)) / (len(a) + len(b))
                truth = cut - effects.correlation
                yield Case(statistic, subject, shapes, (len(a), len(b)), truth, cut, loading)


def _loading(shapes: tuple[ItemShape, ...], reliability: float, names: Sequence[str]) -> float:
    """Return the loading that a reliability takes, or say that there is none."""
    found = loading_for_alpha(shapes, reliability)
    if found is None:
        raise DataError(
            f"{len(shapes)} items answered as those of {names[0]} are can't have an alpha of "
            f"{reliability:g}. Declare another smallest effect, or leave the scale out."
        )
    return found


def _rows(
    case: Case, sizes: Sequence[int], level: float, n_sim: int, seed: int, target: float
) -> Iterator[dict[str, Any]]:
    """Yield the rows of one case."""
    found = {n: _width(case, n, level, n_sim, seed) for n in dict.fromkeys(sizes)}
    needed, error = _needed(case, found, level, n_sim, seed, target)
    for n in sizes:
        one = found[n]
        yield {
            "statistic": case.statistic, "subject": case.subject, "n_per_site": int(n),
            "truth": round(case.truth, 12), "threshold": case.threshold,
            "half_width": one.half_width, "mc_error": one.mc_error, "decided": one.decided,
            "decided_error": one.decided_error, "failed": one.failed, "n_sim": n_sim,
            "level": level, "target": target, "n_needed": needed, "n_needed_error": error,
            "method": METHODS[case.statistic],
        }  # fmt: skip


def _needed(
    case: Case, found: Mapping[int, Width], level: float, n_sim: int, seed: int, target: float
) -> tuple[float, float]:
    """Return the n at which the half-width is the target, and the error of simulating it.

    Half-widths fall about as 1 / sqrt(n), so a few rounds of that rule, each simulated, get there.
    """
    usable = {n: one.half_width for n, one in found.items() if one.half_width == one.half_width}
    n = max(usable, default=200)
    width = found[n] if n in usable else _width(case, n, level, n_sim, seed)
    for _ in range(ROUNDS):
        if math.isnan(width.half_width):
            return math.nan, math.nan
        guess = math.ceil(n * (width.half_width / target) ** 2)
        if guess > MOST_PEOPLE:
            return math.nan, math.nan
        guess = max(guess, 4)
        if guess == n:
            break
        n, width = guess, _width(case, guess, level, n_sim, seed)
    final = n * (width.half_width / target) ** 2
    return float(math.ceil(final)), 2 * final * width.mc_error / width.half_width


def _width(case: Case, n: int, level: float, n_sim: int, seed: int) -> Width:
    """Simulate samples of one size."""
    if case.statistic == "icc":
        rng = stream(seed, "precision", "icc", str(n))
        ratio = draw_mean_square_ratios(case.truth, n, OCCASIONS, n_sim, rng)
        return _summary(icc_limits(ratio, n, OCCASIONS, level), case)
    between = len(case.sizes) == 2
    factor = [side for side, size in enumerate(case.sizes) for _ in range(size)]
    loading = np.full(len(case.shapes), case.loading)
    blocks = draw_answers(
        case.shapes, loading, factor, case.truth if between else 0.0, n, n_sim, seed,
        "precision", case.statistic, case.subject,
    )  # fmt: skip
    if case.statistic == "htmt":
        membership = np.eye(2)[factor]
        values = np.concatenate([htmt_values(covariances(one), membership) for one in blocks])
        return _range(values, level)
    parts = [_limits(case, block, level) for block in blocks]
    low = np.concatenate([part.low for part in parts])
    return _summary(Limits(low, np.concatenate([part.high for part in parts])), case)


def _limits(case: Case, answers: FloatArray, level: float) -> Limits:
    """Return the intervals of a block of samples, (samples, n, p), each less its mean."""
    n = answers.shape[1]
    if case.statistic == "alpha":
        return alpha_limits(covariances(answers), n, level)
    names = [f"x{i}" for i in range(len(case.shapes))]
    at = np.cumsum([0, *case.sizes])
    table = complete(
        {f"f{i}": names[at[i] : at[i + 1]] for i in range(len(case.sizes))}, std_lv=True
    )
    n_free = 2 * len(names) + (len(case.sizes) == 2)
    if n <= n_free:
        return Limits(*np.full((2, len(answers)), np.nan))
    if case.statistic == "omega_total":
        return omega_limits(table, covariances(answers), n, level)
    estimate = loading_limits if case.statistic == "loading" else correlation_limits
    return estimate(table, answers, level)


def _summary(limits: Limits, case: Case) -> Width:
    """Sum up the intervals of all samples; one without an interval decides nothing."""
    half = (limits.high - limits.low) / 2
    there = np.isfinite(half)
    n_sim = len(half)
    if case.statistic == "latent_correlation":
        right = np.maximum(np.abs(limits.low), np.abs(limits.high)) < case.threshold
    else:
        right = limits.low >= case.threshold
    share = float((right & there).mean()) if case.threshold == case.threshold else math.nan
    error = math.sqrt(share * (1 - share) / n_sim)
    failed = float(1 - there.mean())
    if there.sum() < n_sim / 20:  # what few samples say is about those that got through
        return Width(math.nan, math.nan, share, error, failed)
    return Width(float(np.median(half[there])), median_error(half[there]), share, error, failed)


def _range(values: FloatArray, level: float) -> Width:
    """Sum up estimates by half of their central range, and its scatter over portions."""
    there = np.isfinite(values)
    failed = float(1 - there.mean())
    if failed > 0.05:
        return Width(math.nan, math.nan, math.nan, math.nan, failed)
    kept = values[there]
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(kept, tails)
    parts = np.array([np.diff(np.quantile(kept[at::PARTS], tails))[0] / 2 for at in range(PARTS)])
    error = float(parts.std(ddof=1) / math.sqrt(PARTS))
    return Width(float(high - low) / 2, error, math.nan, math.nan, failed)
