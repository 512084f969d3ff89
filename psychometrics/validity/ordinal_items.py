"""Ordinal items of a selection as categories, with findings about what is odd in their answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psychometrics.errors import Finding, finding
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.stats.ordinal_codes import MAX_CATEGORIES, CleanCodes, CodeProblem, clean_codes
from psychometrics.validity.frames import raise_all


@dataclass(frozen=True)
class OrdinalItems:
    """Items whose answers can be analysed as categories.

    Attributes
    ----------
    names : tuple of str
        The items.
    groups : tuple of str
        The groups; empty without.
    clean : CleanCodes
        Categories 0 to K - 1, and the answers that they stand for.
    findings : tuple of Finding
        What should be known about the answers; errors were raised.
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    clean: CleanCodes
    findings: tuple[Finding, ...]

    def category_label(self, item: int, category: int) -> str:
        """Return the answers of a category, such as ``4`` or ``4, 5`` where they were joined."""
        return ", ".join(f"{value:g}" for value in self.clean.categories[item][category])


def ordinal_items(
    values: FloatArray,
    names: tuple[str, ...],
    group: IntArray | None = None,
    groups: tuple[str, ...] = (),
    *,
    collapse: bool = False,
) -> OrdinalItems:
    """Turn answers to items into categories, alike in all groups.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        Answers; NaN where missing.
    names : tuple of str
        The items.
    group : ndarray of int, shape (n,), optional
        Group of each row; -1 for none.
    groups : tuple of str
        Names of the groups.
    collapse : bool
        Join categories that some group never used with a neighbour, in all groups.

    Raises
    ------
    DataError
        Everything at once that keeps the answers from being analysed: answers that are no whole
        numbers, too many categories, constant items, categories that a group lacks.
    """
    clean = clean_codes(values, group, max(1, len(groups)), collapse=collapse)
    found = code_findings(clean, names, groups)
    raise_all([each for each in found if each.severity == "error"])
    return OrdinalItems(names, groups, clean, tuple(found))


def code_findings(
    clean: CleanCodes, names: tuple[str, ...], groups: tuple[str, ...]
) -> list[Finding]:
    """Put problems of codes into words; what an item lacks in several groups is one finding."""
    found: list[Finding] = []
    told: set[int] = set()
    for problem in clean.problems:
        if problem.kind == "category_missing_in_group":
            if problem.item not in told:
                told.add(problem.item)
                found.append(_missing_category(clean, problem.item, names, groups))
            continue
        found.append(_finding_of(problem, names, groups))
    return found


CODES = {
    "not_whole": "item_codes_not_whole",
    "too_many_categories": "item_with_too_many_categories",
    "nobody_answered": "item_never_answered",
    "one_category": "item_with_one_category",
    "group_empty": "group_without_rows",
    "nobody_answered_in_group": "item_never_answered_in_group",
    "one_category_in_group": "item_with_one_category_in_group",
    "answered_once": "category_answered_once",
    "gaps": "codes_with_gaps",
    "collapsed": "categories_joined",
}


def _finding_of(problem: CodeProblem, names: tuple[str, ...], groups: tuple[str, ...]) -> Finding:
    """Put one problem into words."""
    item = names[problem.item] if problem.item >= 0 else ""
    group = groups[problem.group] if groups and problem.group >= 0 else ""
    first, second = (*problem.values, np.nan, np.nan)[:2]
    return finding(
        CODES[problem.kind],
        "error" if problem.is_error else "warning",
        item or group,
        item=item,
        group=group,
        place=f" in {group}" if group else "",
        value=first,
        neighbour=second,
        values=", ".join(f"{value:g}" for value in problem.values[:10]),
        count=problem.count,
        limit=MAX_CATEGORIES,
    )


def _missing_category(
    clean: CleanCodes, item: int, names: tuple[str, ...], groups: tuple[str, ...]
) -> Finding:
    """Tell how often each group gave each answer to an item."""
    counts = clean.counts[item]
    lines = [
        f"{name}: {'/'.join(map(str, row))}"
        for name, row in zip(groups, counts.tolist(), strict=True)
    ]
    return finding(
        "category_missing_in_group",
        "error",
        names[item],
        item=names[item],
        answers="/".join(f"{answer:g}" for answer in clean.answers[item]),
        table="; ".join(lines),
        counts=counts.tolist(),
    )


def scaled_weights(weights: FloatArray | None, label: IntArray) -> FloatArray | None:
    """Scale weights to a mean of 1 in each group; rows that are left out get 0."""
    if weights is None:
        return None
    scaled = np.zeros(len(weights))
    for g in np.unique(label[label >= 0]):
        mine = label == g
        scaled[mine] = weights[mine] / weights[mine].mean()
    return scaled
