"""The answers to one scale as differences between groups are looked for in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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

    def count(self, names: Sequence[str], item: int | None = None) -> int:
        """Return the people in some groups, or those who answered an item."""
        mine = np.isin(self.group, [self.groups.index(name) for name in names])
        if item is not None:
            mine &= ~np.isnan(self.values[:, item])
        return int(mine.sum())

    def varies(self, names: Sequence[str], item: int) -> bool:
        """Tell whether more than one answer to an item was given in some groups."""
        mine = np.isin(self.group, [self.groups.index(name) for name in names])
        column = self.values[mine, item]
        return len(np.unique(column[~np.isnan(column)])) > 1

    @property
    def usable_items(self) -> tuple[int, ...]:
        """Return the items with more than one answer."""
        return tuple(j for j in range(len(self.items)) if self.varies(self.groups, j))

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
        size = np.bincount(self.group, minlength=len(self.groups))
        return tuple(
            name for name, n in zip(self.groups, size, strict=True) if n >= needed
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
        square, df = 0.0, 0.0
        for name in contrast.groups:
            mine = self.group == self.groups.index(name)
            column = self.values[mine, item]
            known = ~np.isnan(column)
            if known.sum() < 2:
                continue
            own = column[known]
            weight = np.ones(len(own)) if self.weights is None else self.weights[mine][known]
            weight = weight / weight.mean()
            centre = float(weight @ own / weight.sum())
            square += float(weight @ (own - centre) ** 2)
            df += len(own) - 1
        return float(np.sqrt(square / df)) if df else np.nan


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
    for side, left in ((contrast.side_a, own.side_a), (contrast.side_b, own.side_b)):
        if not left:
            n = {name: sample.count([name]) for name in side}
            largest = max(n, key=lambda name: n[name])
            return reason("dif_small_group", group=largest, n_obs=n[largest], needed=needed)
    return NO_REASON


def item_problem(sample: ScaleSample, own: Contrast, item: int) -> Reason:
    """Say why an item can't be looked at in a contrast; empty if it can."""
    name = sample.items[item]
    if not sample.varies(sample.groups, item):
        return reason("dif_item_constant", item=name)
    for side, label in ((own.side_a, own.label_a), (own.side_b, own.label_b)):
        if not any(sample.varies([group], item) for group in side):
            return reason("dif_item_constant_in_group", item=name, group=label)
    return NO_REASON
