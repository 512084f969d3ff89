"""The ordinal data of the recorded runs as arrays, and what was recorded for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.reference.load import BFI_ITEMS, HS_ITEMS, array, labels, load

FloatArray = npt.NDArray[np.float64]

NEUROTICISM = ("N1", "N2", "N3", "N4", "N5")
DATCAT_ITEMS = tuple(f"u{number}" for number in range(1, 9))
MIXED_ORDERED = ("x1", "x3", "x5", "x7")


@dataclass(frozen=True)
class Case:
    """Data of one recorded run: what `ordinal_moments` takes."""

    values: FloatArray
    ordered: npt.NDArray[np.bool_] | None = None
    groups: npt.NDArray[np.int64] | None = None
    weights: FloatArray | None = None


def answers(items: tuple[str, ...]) -> FloatArray:
    """Return answers of bfi as categories 0 to 5; NaN where missing."""
    return array("bfi", items) - 1


def bfi_case(
    items: tuple[str, ...] = NEUROTICISM,
    *,
    complete: bool = True,
    by: str | None = None,
    weighted: bool = False,
) -> Case:
    """Return answers of bfi, by gender or education in the order of lavaan's record."""
    values = answers(items)
    keep = ~np.isnan(values).any(axis=1) if complete else np.ones(len(values), dtype=bool)
    groups = None
    if by is not None:
        column = array("bfi", (by,))[:, 0]
        keep &= ~np.isnan(column)
        order = list(dict.fromkeys(column[keep].tolist()))
        groups = np.array([order.index(cell) for cell in column[keep]])
    weights = None
    if weighted:
        weights = (0.5 + (np.arange(1, len(values) + 1) % 5) / 2)[keep]
        weights = weights * keep.sum() / weights.sum()
    return Case(values[keep], None, groups, weights)


def hs_case(
    ordered: tuple[str, ...] = HS_ITEMS,
    *,
    by_school: bool = False,
    weighted: bool = False,
    missing: bool = False,
) -> Case:
    """Return Holzinger and Swineford's tests, some cut into categories at recorded values."""
    values = array("hs", HS_ITEMS)
    row = np.arange(1, len(values) + 1)
    for name in ordered:
        column = HS_ITEMS.index(name)
        cuts = load("ordinal")["rules"]["hs_cut_values"][name]
        values[:, column] = np.searchsorted(cuts, values[:, column], side="right")
    if missing:
        for i in range(len(HS_ITEMS)):
            values[row % (8 + i) == i + 1, i] = np.nan
    weights = None
    if weighted:
        weights = 0.5 + (row % 5) / 2
        weights = weights * len(row) / weights.sum()
    return Case(
        values,
        np.array([name in ordered for name in HS_ITEMS]),
        (labels("hs", "school") == "Grant-White").astype(int) if by_school else None,
        weights,
    )


def datcat_case(*, by_sex: bool = False) -> Case:
    """Return semTools' datCat as categories 0 to 4."""
    groups = (labels("datcat", "g") == "female").astype(int) if by_sex else None
    return Case(array("datcat", DATCAT_ITEMS) - 1, None, groups)


@cache
def cases() -> dict[str, Case]:
    """Return the data of every recorded set of moments, by its key."""
    plain = bfi_case()
    return {
        "bfi_n_complete": plain,
        "bfi_n_pairwise": bfi_case(complete=False),
        "bfi_n_gender": bfi_case(by="gender"),
        "bfi_n_education": bfi_case(by="education"),
        "bfi_n_education_pairwise": bfi_case(complete=False, by="education"),
        "bfi_complete": bfi_case(BFI_ITEMS),
        "bfi_pairwise": bfi_case(BFI_ITEMS, complete=False),
        "bfi_gender": bfi_case(BFI_ITEMS, by="gender"),
        "bfi_n_weighted": bfi_case(weighted=True),
        "bfi_n_weighted_gender": bfi_case(by="gender", weighted=True),
        "bfi_binary": Case((plain.values >= 3).astype(float)),
        "datcat": datcat_case(),
        "datcat_groups": datcat_case(by_sex=True),
        "hs_cut": hs_case(),
        "hs_mixed": hs_case(MIXED_ORDERED),
        "hs_mixed_school": hs_case(MIXED_ORDERED, by_school=True),
        "hs_mixed_pairwise": hs_case(MIXED_ORDERED, missing=True),
        "hs_mixed_weighted": hs_case(MIXED_ORDERED, weighted=True),
    }


def recorded(key: str) -> dict[str, Any]:
    """Return what lavaan had for one case."""
    found: dict[str, Any] = load("ordinal")["moments"][key]
    return found


def rows_of_table(counts: npt.ArrayLike) -> FloatArray:
    """Return the answers of everybody in a table, (n, 2)."""
    table = np.asarray(counts)
    first, second = np.nonzero(table)
    times = table[first, second]
    return np.column_stack([np.repeat(first, times), np.repeat(second, times)]).astype(float)
