"""Differential item functioning on a model's trait, whose mean and variance groups differ in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special, stats

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.stats.dif_graded import GradedItems
from psychometrics.stats.dif_linear import LinearItems
from psychometrics.stats.dif_model import Freed
from psychometrics.stats.dif_search import Rule, TraitDif, search
from psychometrics.validity.dif_contrasts import Contrast, members_of, together
from psychometrics.validity.dif_sample import (
    FEWEST_ITEMS,
    ScaleSample,
    contrast_problem,
    item_problem,
)

Row = dict[str, Any]
KINDS = ("uniform", "nonuniform")
GRADED = "graded response model"
LINEAR = "linear factor model"
# People that a group needs beyond the parameters that are its own.
SPARE_PEOPLE = 3


@dataclass(frozen=True)
class TraitOptions:
    """How differences are looked for on a model's trait.

    Attributes
    ----------
    rule : Rule
    ordered : bool or None
        Graded response model or linear one; by the answers where None.
    anchors : mapping of str to tuple of str
        Items of a scale that are taken to be equal; none given for a scale means they are found.
    level : float
    """

    rule: Rule
    ordered: bool | None
    anchors: Mapping[str, tuple[str, ...]]
    level: float


def trait_rows(
    sample: ScaleSample, contrasts: Sequence[Contrast], options: TraitOptions
) -> list[Row]:
    """Return two rows, uniform and non-uniform, for each item in each contrast of one scale."""
    ordered = sample.ordered() if options.ordered is None else options.ordered
    needed = SPARE_PEOPLE + (2 if ordered else 2 + len(sample.items))
    kept = sample.large_enough(needed)
    own = [one.within(kept) for one in contrasts]
    problems = [
        contrast_problem(sample, *pair, needed) for pair in zip(contrasts, own, strict=True)
    ]
    blocks = together(contrasts)
    if len(kept) < 3 or options.anchors.get(sample.scale):
        blocks = [[at] for block in blocks for at in block]
    found: list[list[Row]] = [[] for _ in contrasts]
    for block in blocks:
        usable = [at for at in block if not problems[at]]
        made = Looked.at(sample, [own[at] for at in usable], ordered, options) if usable else None
        for at in block:
            if made is None or problems[at]:
                found[at] = refused(sample, contrasts[at], problems[at])
            else:
                found[at] = made.rows(usable.index(at))
    return [row for rows in found for row in rows]


@dataclass(frozen=True)
class Looked:
    """One model's contrasts.

    Attributes
    ----------
    sample : ScaleSample
    contrasts : sequence of Contrast
    items : tuple of int
        Items in the model.
    found : TraitDif or None
    problem : Reason
        Why there is no model.
    ordered : bool
    options : TraitOptions
    """

    sample: ScaleSample
    contrasts: Sequence[Contrast]
    items: tuple[int, ...]
    found: TraitDif | None
    problem: Reason
    ordered: bool
    options: TraitOptions

    @classmethod
    def at(
        cls,
        sample: ScaleSample,
        contrasts: Sequence[Contrast],
        ordered: bool,
        options: TraitOptions,
    ) -> Looked:
        """Fit the models of some contrasts that share their groups."""
        groups = [g for g in sample.groups if any(g in one.groups for one in contrasts)]
        items = tuple(j for j in range(len(sample.items)) if sample.varies(groups, j))
        told = (ordered, options)
        if len(items) < FEWEST_ITEMS:
            why = reason("dif_needs_items", needed=FEWEST_ITEMS, n_items=len(items))
            return cls(sample, contrasts, items, None, why, *told)
        eligible = np.array(
            [[not item_problem(sample, one, j) for one in contrasts] for j in items], dtype=bool
        )
        anchors = options.anchors.get(sample.scale, ())
        free: tuple[Freed, ...] = ()
        if anchors:
            is_anchor = np.array([sample.items[j] in anchors for j in items])
            if not is_anchor.any():
                return cls(sample, contrasts, items, None, reason("dif_no_anchor"), *told)
            eligible &= ~is_anchor[:, None]
            free = tuple((int(j), int(c), True) for j, c in np.argwhere(eligible))
        model = (GradedItems if ordered else LinearItems)(sample.rows(groups, items))
        found = search(model, members_of(contrasts, groups), options.rule, eligible, free)
        return cls(sample, contrasts, items, found, NO_REASON, *told)

    def rows(self, contrast: int) -> list[Row]:
        """Return the rows of one contrast."""
        one = self.contrasts[contrast]
        if self.found is None:
            return refused(self.sample, one, self.problem)
        return [
            self.row(item, contrast, kind)
            for item in range(len(self.sample.items))
            for kind in range(2)
        ]

    def row(self, item: int, contrast: int, kind: int) -> Row:
        """Return the row of one test."""
        one = self.contrasts[contrast]
        n_a = self.sample.count(one.side_a, item)
        row = blank(self.sample, one, item, KINDS[kind]) | {"method": self.method(item, contrast)}
        row |= {"n_a": n_a, "n_b": self.sample.count(self.rest(item, contrast), item)}
        row["n_anchors"] = self.n_anchors(item, contrast)
        row["reason"] = self.why_not(item, contrast, kind)
        if row["reason"] or self.found is None:
            return row
        at = (self.items.index(item), contrast, kind)
        chi2, points = float(self.found.statistic[at]), float(self.found.points[at])
        sd = self.sample.pooled_sd(one, item)
        se = float(self.found.se[at])
        width = special.ndtri((1 + self.options.level) / 2) * se / sd
        row |= {
            "estimate": points / sd, "estimate_points": points, "se": se / sd,
            "low": points / sd - width, "high": points / sd + width, "chi2": chi2, "df": 1.0,
            "p_value": float(stats.chi2.sf(chi2, 1)),
        }  # fmt: skip
        if not np.isfinite(se):
            row["reason"] = reason("dif_no_interval")
        return row

    def why_not(self, item: int, contrast: int, kind: int) -> Reason:
        """Say why there is no test; empty if there is one."""
        one = self.contrasts[contrast]
        name = self.sample.items[item]
        why = item_problem(self.sample, one, item)
        if why or self.found is None:
            return why
        if name in self.options.anchors.get(self.sample.scale, ()):
            return reason("dif_is_an_anchor", item=name)
        at = self.items.index(item), contrast
        if self.found.unfinished[at]:
            return reason("dif_no_maximum")
        if not np.isfinite(self.found.statistic[(*at, kind)]):
            return reason("dif_not_identified", item=name)
        return NO_REASON

    def freed_elsewhere(self, item: int, contrast: int) -> list[int]:
        """Return the other contrasts in which an item is free."""
        if self.found is None or item not in self.items:
            return []
        own = self.found.freed[self.items.index(item)]
        return [at for at in np.flatnonzero(own).tolist() if at != contrast]

    def rest(self, item: int, contrast: int) -> tuple[str, ...]:
        """Return the groups that a side is held against: those where the item is not free."""
        apart = {
            g for at in self.freed_elsewhere(item, contrast) for g in self.contrasts[at].side_a
        }
        return tuple(g for g in self.contrasts[contrast].side_b if g not in apart)

    def n_anchors(self, item: int, contrast: int) -> int:
        """Return the other items that are equal in a contrast."""
        if self.found is None:
            return 0
        equal = self.found.freed[:, contrast] == 0
        if item in self.items:
            equal = np.delete(equal, self.items.index(item))
        return int(equal.sum())

    def method(self, item: int, contrast: int) -> str:
        """Say how the test and the estimate were made."""
        if self.found is None or item not in self.items:
            return method_name(self.ordered)
        fitted = self.found.fitted[self.items.index(item), contrast]
        how = "estimate from a fit" if fitted else "estimate from one step"
        return f"{method_name(self.ordered)}, {how}"


def method_name(ordered: bool) -> str:
    """Name the model and the test."""
    model = GRADED if ordered else LINEAR
    return f"multiple-group {model}, trait means and variances free, generalized score test"


def refused(sample: ScaleSample, contrast: Contrast, why: Reason) -> list[Row]:
    """Return rows without numbers."""
    return [
        blank(sample, contrast, item, kind) | {"reason": why, "method": "mimic"}
        for item in range(len(sample.items))
        for kind in KINDS
    ]


def blank(sample: ScaleSample, contrast: Contrast, item: int, kind: str) -> Row:
    """Return a row that says what it is about and nothing more."""
    nan = float("nan")
    return {
        "scale": sample.scale, "item": sample.items[item], "contrast": contrast.name,
        "group_a": contrast.label_a, "group_b": contrast.label_b, "kind": kind, "estimate": nan,
        "low": nan, "high": nan, "estimate_points": nan, "se": nan, "chi2": nan, "df": nan,
        "p_value": nan, "n_a": sample.count(contrast.side_a, item),
        "n_b": sample.count(contrast.side_b, item), "n_anchors": 0, "reason": NO_REASON,
    }  # fmt: skip
