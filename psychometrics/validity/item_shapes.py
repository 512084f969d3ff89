"""How the items of a measure are answered: what is needed to simulate it, and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from psychometrics.errors import DataError
from psychometrics.instrument import Instrument
from psychometrics.responses.simulation_plan import option_thresholds
from psychometrics.stats.ordinal_sampling import ItemShape

FEWEST_CATEGORIES, MOST_CATEGORIES = 2, 20


def scale_shapes(
    given: Instrument | Mapping[str, Any], thresholds: Sequence[float] | None, n_categories: int
) -> dict[str, tuple[ItemShape, ...]]:
    """Return the shape of every item of every scale of two items or more.

    Parameters
    ----------
    given : Instrument or mapping of scale to items, or to their number
        Formative scales are left out: nothing here is about them.
    thresholds : sequence of float, optional
        Cuts, for items with one answer more; even between -1.5 and 1.5 for others.
    n_categories : int
        Answers of every item of a mapping.

    Examples
    --------
    >>> from psychometrics import load_instrument
    >>> shapes = scale_shapes(load_instrument("peer_support_implementation"), None, 5)
    >>> len(shapes), shapes["training"][0].thresholds
    (6, (-1.5, -0.5, 0.5, 1.5))
    """
    if isinstance(given, Instrument):
        return {
            name: tuple(_shape(given, item, thresholds) for item in scale.items)
            for name, scale in given.scales.items()
            if scale.measurement == "reflective" and len(scale.items) > 1
        }
    if not FEWEST_CATEGORIES <= n_categories <= MOST_CATEGORIES:
        raise DataError(
            f"n_categories={n_categories} must be from {FEWEST_CATEGORIES} to {MOST_CATEGORIES}."
        )
    cuts = tuple(np.linspace(-1.5, 1.5, n_categories - 1)) if n_categories > 2 else (0.0,)
    if thresholds is not None:
        cuts = tuple(map(float, thresholds))
        if len(cuts) != n_categories - 1 or list(cuts) != sorted(cuts):
            raise DataError(
                f"thresholds={cuts} must be {n_categories - 1} rising numbers, one fewer than the "
                f"{n_categories} answers."
            )
    shape = ItemShape(cuts, tuple(float(code) for code in range(1, n_categories + 1)))
    sizes = {name: one if isinstance(one, int) else len(one) for name, one in given.items()}
    return {name: (shape,) * size for name, size in sizes.items() if size > 1}


def _shape(instrument: Instrument, item: str, thresholds: Sequence[float] | None) -> ItemShape:
    """Return how one item of an instrument is answered."""
    answers = instrument.response_sets[instrument.items[item].response_set]
    if answers.range is not None:
        return ItemShape()
    codes = tuple(float(code) for code in sorted(answers.codes))
    return ItemShape(option_thresholds(answers, thresholds), codes)
