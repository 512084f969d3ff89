"""People matched by an observed score: tables of score, group and answer for every item."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from psychometrics.errors import NO_REASON, Finding, Reason, finding, reason
from psychometrics.stats.dif_adjust import Adjust, adjusted_p_values
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.proportional_odds import level_counts
from psychometrics.validity.dif_contrasts import Contrast
from psychometrics.validity.dif_sample import (
    ScaleSample,
    contrast_problem,
    item_problem,
)

Row = dict[str, Any]
Matching = Literal["total", "rest"]
# People that a side needs before it is compared.
FEWEST_PEOPLE = 5
MOST_ROUNDS = 10
# More answers than this make tables in which nobody stands beside anybody.
MOST_ANSWERS = 20


@dataclass(frozen=True)
class MatchOptions:
    """How people are matched.

    Attributes
    ----------
    matching : {"total", "rest"}
        Sum of the anchors and the item itself, or of the anchors alone.
    purify : bool
        Whether items that differ leave the sum, and all is done again.
    significance, adjust
        When they do: over the items and contrasts of a scale.
    min_anchors : int
    anchors : dict of str to tuple of str
        Given by the caller; the sum is theirs then.
    level : float
    """

    matching: Matching
    purify: bool
    significance: float
    adjust: Adjust
    min_anchors: int
    anchors: dict[str, tuple[str, ...]]
    level: float


@dataclass(frozen=True)
class Tables:
    """Tables of many items in many contrasts, padded to one shape.

    Attributes
    ----------
    counts : ndarray, shape (table, score, group, K)
        Of two sides: first ``group_b``, then ``group_a``. An item's own answers stand first.
    scores : ndarray, shape (table, score)
        Centred and in standard deviations.
    unit : ndarray, shape (table,)
        Points of the matching score in one of these.
    codes : ndarray, shape (table, K)
    """

    counts: FloatArray
    scores: FloatArray
    unit: FloatArray
    codes: FloatArray


@dataclass(frozen=True)
class Match:
    """One scale's items in one contrast.

    Attributes
    ----------
    sample : ScaleSample
    contrast : Contrast
        Without groups that are too small.
    problems : tuple of Reason
        Why an item can't be looked at; empty where it can.
    anchors : frozenset of int
        Items in the matching sum.
    rounds : int
        How often the sum was changed.
    """

    sample: ScaleSample
    contrast: Contrast
    problems: tuple[Reason, ...]
    anchors: frozenset[int]
    rounds: int = 0

    @property
    def open(self) -> list[int]:
        """Return the items that can be looked at."""
        return [j for j, why in enumerate(self.problems) if not why]


def start(sample: ScaleSample, contrast: Contrast, options: MatchOptions) -> Match:
    """Return a contrast with all items, or the given ones, in the matching sum."""
    kept = sample.large_enough(FEWEST_PEOPLE)
    own = contrast.within(kept)
    n_items = len(sample.items)
    why = contrast_problem(sample, contrast, own, FEWEST_PEOPLE)
    given = options.anchors.get(sample.scale, ())
    anchors = frozenset(j for j in sample.usable_items if not given or sample.items[j] in given)
    if not why and not anchors:
        why = reason("dif_no_anchor")
    problems = [why or match_problem(sample, own, j, options) for j in range(n_items)]
    return Match(sample, own, tuple(problems), anchors)


def match_problem(
    sample: ScaleSample, contrast: Contrast, item: int, options: MatchOptions
) -> Reason:
    """Say why an item can't be looked at; empty if it can."""
    why = item_problem(sample, contrast, item)
    name = sample.items[item]
    if why:
        return why
    if name in options.anchors.get(sample.scale, ()):
        return reason("dif_is_an_anchor", item=name)
    n = len(np.unique(sample.values[:, item]))
    if n > MOST_ANSWERS:
        return reason("dif_too_many_answers", item=name, count=n, limit=MOST_ANSWERS)
    return NO_REASON


def purified(
    sample: ScaleSample,
    contrasts: Sequence[Contrast],
    options: MatchOptions,
    p_values: Callable[[Tables], FloatArray],
) -> list[Match]:
    """Return every contrast with the items that don't differ in its matching sum.

    All items are in it at first; those that differ leave it, and the rest is tested again, until
    the same items differ twice.
    """
    found = [start(sample, one, options) for one in contrasts]
    if not options.purify or options.anchors.get(sample.scale):
        return found
    for _ in range(MOST_ROUNDS):
        place = [(at, j) for at, one in enumerate(found) for j in one.open]
        if not place:
            return found
        p = p_values(tables_of(found, options))
        differs = adjusted_p_values(p, options.adjust) < options.significance
        new = []
        for at, one in enumerate(found):
            own = [(j, value) for (a, j), value, yes in zip(place, p, differs, strict=True)
                   if a == at and yes]  # fmt: skip
            apart = {j for j, _ in sorted(own, key=lambda pair: pair[1])[: spare(one, options)]}
            anchors = frozenset(one.sample.usable_items) - apart
            new.append(Match(sample, one.contrast, one.problems, anchors, one.rounds + 1))
        same = all(a.anchors == b.anchors for a, b in zip(found, new, strict=True))
        if same:
            return found
        found = new
    return found


def spare(one: Match, options: MatchOptions) -> int:
    """Return how many items may leave the sum."""
    return max(0, len(one.sample.usable_items) - options.min_anchors)


def tables_of(matches: Sequence[Match], options: MatchOptions) -> Tables:
    """Return the tables of all contrasts together, in the order of contrasts and their items."""
    return padded([raw_table(one, item, options) for one in matches for item in one.open])


RawTable = tuple[FloatArray, FloatArray, FloatArray, float]


def raw_table(one: Match, item: int, options: MatchOptions) -> RawTable:
    """Return one item's counts, scores, answers and the unit of its scores."""
    sample, contrast = one.sample, one.contrast
    side = np.full(len(sample.groups), -1)
    if contrast.omnibus:
        for at, name in enumerate(contrast.groups):
            side[sample.groups.index(name)] = at
    else:
        side[sample.places(contrast.side_b)] = 0
        side[sample.places(contrast.side_a)] = 1
    own = side[sample.group]
    here = own >= 0
    members = set(one.anchors) - {item}
    if options.matching == "total":
        members |= {item}
    score = sample.values[here][:, sorted(members)].sum(axis=1)
    levels, at_level = np.unique(score, return_inverse=True)
    answers, at_answer = np.unique(sample.values[here, item], return_inverse=True)
    shape = (len(levels), int(own.max()) + 1, len(answers))
    counts = level_counts(at_level, own[here], at_answer, shape)
    unit = float(score.std()) or 1.0
    return counts, (levels - score.mean()) / unit, answers, unit


def padded(raw: Sequence[RawTable]) -> Tables:
    """Return tables of one shape; what is added is empty."""
    n_scores = max(len(scores) for _, scores, _, _ in raw)
    k = max(len(answers) for _, _, answers, _ in raw)
    n_sides = raw[0][0].shape[1]
    counts = np.zeros((len(raw), n_scores, n_sides, k))
    scores, codes = np.zeros((len(raw), n_scores)), np.zeros((len(raw), k))
    for at, (own, levels, answers, _) in enumerate(raw):
        counts[at, : own.shape[0], :, : own.shape[2]] = own
        scores[at, : len(levels)] = levels
        codes[at, : len(answers)] = answers
        codes[at, len(answers) :] = answers[-1]
    return Tables(counts, scores, np.array([unit for *_, unit in raw]), codes)


def n_other_anchors(one: Match, item: int) -> int:
    """Return the other items in an item's matching sum."""
    return len(one.anchors - {item})


def observed_score_finding(method: str, n_items: int) -> Finding:
    """Say what matching on an observed score does."""
    return finding("dif_observed_score", "warning", method, n_items=n_items)
