"""The answers to one scale as differences between groups are looked for in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.stats.dif_rows import GroupRows
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.validity.dif_contrasts import Contrast
from psychometrics.validity.selection import Selection

DifMissing = Literal["listwise", "fiml"]
FEWEST_ITEMS = 3
# More categories than this are taken as numbers, unless the caller says otherwise.
MOST_CATEGORIES = 7


@dataclass(frozen=True)
class ScaleSample:
    """The rows of one scale.

    Attributes
    ----------
    scale : str
    items : tuple of str
        All of the scale's items, in order.
    values : ndarray, shape (n, p)
        Answers that are used; NaN where there is none.
    group : ndarray of int, shape (n,)
    groups : tuple of str
    weights : ndarray, shape (n,), or None
    cluster : ndarray of int, shape (n,), or None
    """

    scale: str
    items: tuple[str, ...]
    values: FloatArray
    group: IntArray
    groups: tuple[str, ...]
    weights: FloatArray | None = None
    cluster: IntArray | None = None

    @cached_property
    def answered(self) -> IntArray:
        """Return how many answers each item has in each group, (group, item)."""
        known = ~np.isnan(self.values)
        found = np.zeros((len(self.groups), len(self.items)), dtype=np.int64)
        np.add.at(found, self.group, known)
        return found

    @cached_property
    def differing(self) -> BoolArray:
        """Return where more than one answer was given, (group, item)."""
        low = np.full((len(self.groups), len(self.items)), np.inf)
        high = -low
        np.minimum.at(low, self.group, np.where(np.isnan(self.values), np.inf, self.values))
        np.maximum.at(high, self.group, np.where(np.isnan(self.values), -np.inf, self.values))
        return np.asarray(high > low)

    @cached_property
    def squares(self) -> FloatArray:
        """Return the sums of squares about the groups' means, (group, item)."""
        found = np.zeros((len(self.groups), len(self.items)))
        for g in range(len(self.groups)):
            mine = self.group == g
            column = self.values[mine]
            known = ~np.isnan(column)
            weight = np.ones(len(column)) if self.weights is None else self.weights[mine]
            share = known * weight[:, None]
            size = np.maximum(share.sum(axis=0), 1e-300)
            filled = np.where(known, column, 0.0)
            centre = (share * filled).sum(axis=0) / size
            found[g] = (share * (filled - centre) ** 2).sum(axis=0) / size * known.sum(axis=0)
        return found

    @cached_property
    def sizes(self) -> IntArray:
        """Return the people of each group who answered an item that varies in it, (group,)."""
        told = (~np.isnan(self.values) & self.differing[self.group]).any(axis=1)
        return np.bincount(self.group[told], minlength=len(self.groups))

    def places(self, names: Sequence[str]) -> list[int]:
        """Return where groups stand."""
        return [self.groups.index(name) for name in names]

    def count(self, names: Sequence[str], item: int) -> int:
        """Return the answers to an item in some groups."""
        return int(self.answered[self.places(names), item].sum())

    def varies(self, names: Sequence[str], item: int) -> bool:
        """Tell whether more than one answer to an item was given in one of some groups."""
        return bool(self.differing[self.places(names), item].any())

    @property
    def usable_items(self) -> tuple[int, ...]:
        """Return the items with more than one answer."""
        return tuple(np.flatnonzero(self.differing.any(axis=0)).tolist())

    def ordered(self) -> bool:
        """Tell whether all items hold few whole numbers."""
        known = self.values[~np.isnan(self.values)]
        if not len(known) or np.any(known != np.rint(known)):
            return False
        most = max(
            len(np.unique(column[~np.isnan(column)])) for column in self.values.T
        )  # fmt: skip
        return most <= MOST_CATEGORIES

    def large_enough(self, needed: int) -> tuple[str, ...]:
        """Return the groups with enough people."""
        return tuple(
            name for name, n in zip(self.groups, self.sizes, strict=True) if n >= needed
        )  # fmt: skip

    def rows(self, names: Sequence[str], items: Sequence[int]) -> list[GroupRows]:
        """Return the answers of some groups; an item that doesn't vary in one is left out there.

        A group's weights have a mean of 1.
        """
        found = []
        for name in names:
            mine = self.group == self.groups.index(name)
            values = np.array(self.values[mine][:, list(items)])
            for column in values.T:
                if len(np.unique(column[~np.isnan(column)])) < 2:
                    column[:] = np.nan
            weights = None if self.weights is None else self.weights[mine]
            if weights is not None:
                weights = weights / weights.mean()
            cluster = None if self.cluster is None else self.cluster[mine]
            some: BoolArray = ~np.isnan(values).all(axis=1)
            found.append(
                GroupRows(
                    values[some],
                    None if weights is None else weights[some],
                    None if cluster is None else cluster[some],
                )
            )
        return found

    def pooled_sd(self, contrast: Contrast, item: int) -> float:
        """Return the item's standard deviation within the groups of a contrast."""
        own = self.places(contrast.groups)
        df = np.maximum(self.answered[own, item] - 1, 0).sum()
        return float(np.sqrt(self.squares[own, item].sum() / df)) if df else np.nan


def scale_sample(
    chosen: Selection, scale: str, missing: DifMissing, cluster: IntArray | None
) -> ScaleSample:
    """Return the rows of one scale: those in a group that answered all items, or any."""
    columns = chosen.keyed.positions(scale)
    seen = chosen.observed[:, columns]
    # An item that nobody answered would cost everybody else.
    asked = seen.any(axis=0)
    answered = seen.any(axis=1) if missing == "fiml" else seen[:, asked].all(axis=1)
    keep = answered & (chosen.group >= 0) & bool(asked.any())
    if chosen.weights is not None:
        keep &= chosen.weights > 0
    return ScaleSample(
        scale,
        chosen.keyed.scales[scale],
        chosen.values[keep][:, columns],
        chosen.group[keep],
        chosen.groups,
        None if chosen.weights is None else chosen.weights[keep],
        None if cluster is None else cluster[keep],
    )


def contrast_problem(sample: ScaleSample, contrast: Contrast, own: Contrast, needed: int) -> Reason:
    """Say why a scale can't be looked at in a contrast; empty if it can."""
    n_items = len(sample.usable_items)
    if n_items < FEWEST_ITEMS:
        return reason("dif_needs_items", needed=FEWEST_ITEMS, n_items=n_items)
    if own.omnibus and len(own.groups) > 1:
        return NO_REASON
    for side, left in ((contrast.side_a, own.side_a), (contrast.side_b, own.side_b)):
        if not left:
            n = {name: int(sample.sizes[sample.groups.index(name)]) for name in side}
            largest = max(n, key=lambda name: n[name])
            return reason("dif_small_group", group=largest, n_obs=n[largest], needed=needed)
    return NO_REASON


def item_problem(sample: ScaleSample, own: Contrast, item: int) -> Reason:
    """Say why an item can't be looked at in a contrast; empty if it can."""
    name = sample.items[item]
    column = sample.values[:, item]
    if len(np.unique(column[~np.isnan(column)])) < 2:
        return reason("dif_item_constant", item=name)
    if own.omnibus:
        alike = [group for group in own.groups if not sample.varies([group], item)]
        if alike:
            return reason("dif_item_constant_in_group", item=name, group=", ".join(alike))
        return NO_REASON
    for side, label in ((own.side_a, own.label_a), (own.side_b, own.label_b)):
        if not sample.varies(side, item):
            return reason("dif_item_constant_in_group", item=name, group=label)
    return NO_REASON
