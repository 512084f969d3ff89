"""The form that was answered: order of the items, kinds of answers, ends of the ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from psychometrics.responses import Responses
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.validity.selection import Keyed, ResponseRange, item_range, observed_range


@dataclass(frozen=True, eq=False)
class Form:
    """What is known of the items.

    Attributes
    ----------
    items : tuple of str
        In the order of the scales, as the columns of the answers.
    order : ndarray of int, shape (p,)
        Columns in the order of the form.
    blocks : tuple of int
        Kind of answers of each item: answers of one kind can be compared.
    lowest, highest : ndarray, shape (p,)
        Ends of the possible answers.
    signs : ndarray, shape (p,)
        -1 for an item that is keyed negatively.
    scales : dict of str to ndarray of int
        Columns of each scale's items.
    options : tuple of (ndarray or None)
        Possible answers of each item; None for numbers without options.
    known_range : bool
        Whether the ends are those of the form, and not the lowest and highest answer found.
    """

    items: tuple[str, ...]
    order: IntArray
    blocks: tuple[int, ...]
    lowest: FloatArray
    highest: FloatArray
    signs: FloatArray
    scales: dict[str, IntArray]
    options: tuple[FloatArray | None, ...]
    known_range: bool

    def categories(self, at: int) -> FloatArray | None:
        """Return the possible answers to an item; None where they aren't known."""
        return self.options[at]

    def varies(self, answers: FloatArray) -> BoolArray:
        """Return which items have two different answers."""
        filled = np.where(np.isnan(answers), np.inf, answers)
        low = filled.min(axis=0, initial=np.inf)
        high = np.where(np.isnan(answers), -np.inf, answers).max(axis=0, initial=-np.inf)
        return np.asarray(high > low)


def read_form(
    data: Any, columns: Sequence[str], keyed: Keyed, answers: FloatArray, given: ResponseRange
) -> Form:
    """Find out about the form from the definition, or from the frame and the range given."""
    scales = {scale: keyed.positions(scale) for scale in keyed.scales}
    if isinstance(data, Responses):
        instrument = data.instrument
        known = list(instrument.items)
        sets = [instrument.items[item].response_set for item in keyed.items]
        kinds = {name: at for at, name in enumerate(dict.fromkeys(sets))}
        ranges = [instrument.response_range(item) for item in keyed.items]
        options: list[FloatArray | None] = []
        for name in sets:
            codes = [option.code for option in instrument.response_sets[name].options or ()]
            options.append(np.array(codes, dtype=float) if codes else None)
        blocks = tuple(kinds[name] for name in sets)
        order = np.argsort([known.index(item) for item in keyed.items], kind="stable")
    else:
        pooled = observed_range(answers)
        ranges = [item_range(item, pooled, given) for item in keyed.items]
        blocks = (0,) * len(keyed.items)
        place = {name: at for at, name in enumerate(columns)}
        order = np.argsort([place[item] for item in keyed.items], kind="stable")
        options = [whole_numbers(low, high, answers[:, at]) if given is not None else None
                   for at, (low, high) in enumerate(ranges)]  # fmt: skip
    ends = np.array(ranges, dtype=float).reshape(-1, 2)
    return Form(
        keyed.items, order.astype(np.int64), blocks, ends[:, 0], ends[:, 1], keyed.signs, scales,
        tuple(options), isinstance(data, Responses) or given is not None,
    )  # fmt: skip


def whole_numbers(low: float, high: float, answers: FloatArray) -> FloatArray | None:
    """Return the codes from low to high; None where answers or ends are no whole numbers."""
    seen = answers[~np.isnan(answers)]
    if low % 1 or high % 1 or (seen % 1).any() or high - low > 100:
        return None
    return np.arange(low, high + 1)
