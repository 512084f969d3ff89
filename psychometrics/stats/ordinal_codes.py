"""From answers coded in any whole numbers to categories 0, 1, 2, ..., alike in all groups.

What stands in the way is collected, not raised: the caller decides what of it is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from psychometrics.stats.moments import BoolArray, FloatArray, IntArray

# With more categories than this a pair's table has over 400 cells, most of them empty, and every
# category costs a threshold; cutting a normal variable into as many equal steps lowers its
# correlations by less than 1 % (Sheppard: step^2 / 12 of the variance), so it is as good as
# continuous.
MAX_CATEGORIES = 20

CodeProblemKind = Literal[
    "not_whole", "too_many_categories", "nobody_answered", "one_category", "group_empty",
    "nobody_answered_in_group", "one_category_in_group", "category_missing_in_group",
    "answered_once", "gaps", "collapsed",
]  # fmt: skip

ERRORS: frozenset[CodeProblemKind] = frozenset(
    {
        "not_whole", "too_many_categories", "nobody_answered", "one_category", "group_empty",
        "nobody_answered_in_group", "one_category_in_group", "category_missing_in_group",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CodeProblem:
    """Something about an item's answers that should be known before they are analysed.

    Attributes
    ----------
    kind : str
        What it is; see ``ERRORS`` for those that must be mended first.
    item : int
        Column; -1 where it is about a group.
    group : int
        -1 where it is about all groups.
    values : tuple of float
        Answers that it is about: the one that isn't whole, the unused ones of a gap, the one that
        was given once, those that a group lacks, the one joined and the one it was joined with.
    count : int
        How many: answers, or categories.
    """

    kind: CodeProblemKind
    item: int
    group: int = -1
    values: tuple[float, ...] = ()
    count: int = 0

    @property
    def is_error(self) -> bool:
        """Tell whether the answers can't be analysed as they are."""
        return self.kind in ERRORS


@dataclass(frozen=True, slots=True)
class CleanCodes:
    """Answers as categories 0 to K - 1.

    Attributes
    ----------
    codes : ndarray, shape (n, p)
        NaN where an answer is missing or its row in no group; all NaN for an item with an error in
        its answers.
    categories : tuple of tuple of tuple of float
        The answers that each category of each item stands for; more than one where categories were
        joined.
    counts : tuple of ndarray of int, shape (group, answers)
        How often each group gave each answer to an item, before anything was joined.
    answers : tuple of ndarray
        Which answers these are, ascending.
    problems : tuple of CodeProblem
    """

    codes: FloatArray
    categories: tuple[tuple[tuple[float, ...], ...], ...]
    counts: tuple[IntArray, ...]
    answers: tuple[FloatArray, ...]
    problems: tuple[CodeProblem, ...]

    @property
    def errors(self) -> tuple[CodeProblem, ...]:
        """Return what must be mended before the answers can be analysed."""
        return tuple(problem for problem in self.problems if problem.is_error)


def clean_codes(
    values: FloatArray,
    group: IntArray | None = None,
    n_groups: int = 1,
    *,
    collapse: bool = False,
) -> CleanCodes:
    """Turn answers into categories, the same in all groups, and collect what is odd about them.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        Answers as any whole numbers; NaN where missing. Gaps between them are closed.
    group : ndarray of int, shape (n,), optional
        Group of each row; rows with -1 are in none and don't count.
    n_groups : int
        Number of groups.
    collapse : bool
        Join a category that some group never used with its neighbour, in all groups: at the ends
        with the only one, else with the one that was answered less, else the lower one. Without it
        such a category is an error.

    Returns
    -------
    CleanCodes

    Examples
    --------
    >>> import numpy as np
    >>> found = clean_codes(np.array([[1.0], [2.0], [5.0], [1.0], [2.0], [5.0]]))
    >>> found.codes.ravel().tolist()
    [0.0, 1.0, 2.0, 0.0, 1.0, 2.0]
    >>> [problem.kind for problem in found.problems]
    ['gaps']
    """
    label = np.zeros(len(values), dtype=np.int64) if group is None else group
    n_groups = 1 if group is None else n_groups
    size = np.bincount(label[label >= 0], minlength=n_groups)
    empty = np.flatnonzero(size == 0) if n_groups > 1 else ()
    problems = [CodeProblem("group_empty", -1, int(g)) for g in empty]
    codes = np.full(values.shape, np.nan)
    categories, counts, answers = [], [], []
    for item in range(values.shape[1]):
        seen = np.flatnonzero(~np.isnan(values[:, item]) & (label >= 0))
        found, place = np.unique(values[seen, item], return_inverse=True)
        counted = _count(place.reshape(-1), label[seen], (n_groups, len(found)))
        own = _problems_of(item, found, counted, size)
        steps = np.arange(len(found))
        if not any(problem.is_error for problem in own):
            steps, joined = _join(item, found, counted, size > 0, collapse=collapse)
            own += joined + _problems_after(item, found, counted, steps, size > 0)
            if not any(problem.is_error for problem in own):
                codes[seen, item] = steps[place.reshape(-1)]
        problems += own
        categories.append(_members(found, steps))
        counts.append(counted)
        answers.append(found)
    return CleanCodes(codes, tuple(categories), tuple(counts), tuple(answers), tuple(problems))


def _count(place: IntArray, group: IntArray, shape: tuple[int, int]) -> IntArray:
    """Return how often each group gave each answer, (group, answers)."""
    return np.bincount(group * shape[1] + place, minlength=shape[0] * shape[1]).reshape(shape)


def _problems_of(
    item: int, found: FloatArray, counts: IntArray, size: IntArray
) -> list[CodeProblem]:
    """Return what is wrong with an item's answers before any are joined."""
    broken = found[found != np.floor(found)]
    if len(broken):
        at = np.isin(found, broken)
        return [CodeProblem("not_whole", item, -1, (float(broken[0]),), int(counts[:, at].sum()))]
    if len(found) == 0:
        return [CodeProblem("nobody_answered", item)]
    if len(found) == 1:
        return [CodeProblem("one_category", item, -1, (float(found[0]),), int(counts.sum()))]
    if len(found) > MAX_CATEGORIES:
        return [CodeProblem("too_many_categories", item, count=len(found))]
    problems = []
    for g in np.flatnonzero(size > 0):
        used = counts[g] > 0
        if not used.any():
            problems.append(CodeProblem("nobody_answered_in_group", item, int(g)))
        elif used.sum() == 1:
            only = float(found[used][0])
            count = int(counts[g].sum())
            problems.append(CodeProblem("one_category_in_group", item, int(g), (only,), count))
    gap = np.setdiff1d(np.arange(found[0], min(found[-1], found[0] + 1000)), found)
    if len(gap):
        problems.append(CodeProblem("gaps", item, -1, tuple(map(float, gap)), len(gap)))
    return problems


def _join(
    item: int, found: FloatArray, counts: IntArray, present: BoolArray, *, collapse: bool
) -> tuple[IntArray, list[CodeProblem]]:
    """Return the category of each answer after joining, and what was joined or should be."""
    steps = np.arange(len(found))
    lacking = counts[present] == 0
    if not lacking.any():
        return steps, []
    if not collapse:
        return steps, [
            CodeProblem(
                "category_missing_in_group",
                item,
                int(g),
                tuple(map(float, found[counts[g] == 0])),
                int((counts[g] == 0).sum()),
            )
            for g in np.flatnonzero(present)
            if np.any(counts[g] == 0)
        ]
    log: list[CodeProblem] = []
    while steps[-1] > 0:
        table = _merged(counts[present], steps)
        empty = np.flatnonzero((table == 0).any(axis=0))
        if not len(empty):
            break
        here, there = _neighbour(table, int(empty[0]))
        first = [float(found[steps == step][0]) for step in (here, there)]
        log.append(CodeProblem("collapsed", item, -1, (first[0], first[1])))
        low, high = min(here, there), max(here, there)
        steps = np.where(steps == high, low, steps)
        steps = np.where(steps > high, steps - 1, steps)
    return steps, log


def _neighbour(table: IntArray, empty: int) -> tuple[int, int]:
    """Return a category that a group lacks with the neighbour to join it with."""
    last = table.shape[1] - 1
    if empty in (0, last):
        return empty, 1 if empty == 0 else last - 1
    total = table.sum(axis=0)
    return empty, empty + 1 if total[empty + 1] < total[empty - 1] else empty - 1


def _merged(counts: IntArray, steps: IntArray) -> IntArray:
    """Sum the counts of answers that are one category."""
    member = (steps[:, None] == np.arange(steps.max() + 1)).astype(np.int64)
    return np.asarray(counts @ member)


def _problems_after(
    item: int, found: FloatArray, counts: IntArray, steps: IntArray, present: BoolArray
) -> list[CodeProblem]:
    """Return what is odd about the categories as they will be analysed."""
    table = _merged(counts, steps)
    if table.shape[1] < 2:
        return [CodeProblem("one_category", item, -1, (float(found[0]),), int(counts.sum()))]
    return [
        CodeProblem("answered_once", item, int(g), (float(found[steps == category][0]),), 1)
        for g in np.flatnonzero(present)
        for category in np.flatnonzero(table[g] == 1)
    ]


def _members(found: FloatArray, steps: IntArray) -> tuple[tuple[float, ...], ...]:
    """Return the answers of each category."""
    if not len(found):
        return ()
    return tuple(tuple(map(float, found[steps == step])) for step in range(int(steps.max()) + 1))
