"""Small frames with known structure, and ways to look rows up, shared by the tests here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import Reason

SCALES = {"calm": ["a1", "a2", "a3"], "bold": ["b1", "-b2", "b3"]}
ITEMS = ("a1", "a2", "a3", "b1", "b2", "b3")


def answers(n: int = 300, *, seed: int = 1, sites: Iterable[str] = ()) -> pd.DataFrame:
    """Return codes 1 to 5 of two related scales of three items, b2 asked the other way round."""
    rng = np.random.default_rng(seed)
    calm = rng.normal(size=n)
    bold = 0.4 * calm + 0.9 * rng.normal(size=n)
    latent = np.column_stack([calm] * 3 + [bold, -bold, bold])
    codes = np.clip(np.round(3 + 1.1 * latent + rng.normal(scale=0.9, size=(n, 6))), 1, 5)
    frame = pd.DataFrame(codes, columns=list(ITEMS))
    names = list(sites)
    if names:
        frame["site"] = [names[i % len(names)] for i in range(n)]
    return frame


def only(table: pd.DataFrame, **where: Any) -> pd.Series:
    """Return the one row that a table has for some values; None stands for a missing cell."""
    keep = np.ones(len(table), dtype=bool)
    for column, value in where.items():
        cells = table[column]
        keep &= (cells.isna() if value is None else cells == value).to_numpy(dtype=bool)
    if keep.sum() != 1:
        raise AssertionError(f"{keep.sum()} rows have {where}")
    return table[keep].iloc[0]


def unit(name: str) -> dict[str, Any]:
    """Return what marks the rows of a recorded group: total, within, or a site."""
    pooled = name in ("total", "within")
    return {"pooling": name if pooled else "site", "group": None if pooled else name}


def explained(table: pd.DataFrame, estimate: str = "estimate") -> None:
    """Check that every row has its number or says why not, in a sentence with a code."""
    for _, row in table.iterrows():
        assert isinstance(row["reason"], Reason), row.to_dict()
        assert np.isfinite(row[estimate]) or row["reason"].code, row.to_dict()
        assert not row["reason"] or row["reason"].endswith("."), row["reason"]


def same_numbers(left: pd.DataFrame, right: pd.DataFrame, rtol: float = 0.0) -> None:
    """Check two tables cell by cell; exactly, unless told how near."""
    pd.testing.assert_frame_equal(
        left.reset_index(drop=True),
        right.reset_index(drop=True),
        check_exact=rtol == 0.0,
        **({"rtol": rtol, "atol": rtol} if rtol else {}),
    )
