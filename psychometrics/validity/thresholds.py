"""Which side of a threshold an interval lies on: above, below, or both."""

from __future__ import annotations

import math
from typing import Any, Literal

import pandas as pd

from psychometrics.errors import DataError
from psychometrics.validity.criteria import CRITERIA

Side = Literal["above", "below", "undecided", "unavailable"]
Threshold = float | Literal["cosmin"] | None

THRESHOLD_COLUMNS = ("threshold", "threshold_source", "verdict")

GIVEN = "given with the call"


def side(low: float, high: float, threshold: float) -> Side:
    """Tell whether all of an interval lies at or above a threshold, below it, or neither.

    Parameters
    ----------
    low, high : float
        Limits; NaN where there is no interval, and then nothing is said.
    threshold : float

    Examples
    --------
    >>> side(0.71, 0.83, 0.7), side(0.5, 0.69, 0.7), side(0.66, 0.83, 0.7)
    ('above', 'below', 'undecided')
    """
    if math.isnan(low) or math.isnan(high):
        return "unavailable"
    if low >= threshold:
        return "above"
    return "below" if high < threshold else "undecided"


def threshold_of(given: Any) -> tuple[float, str]:
    """Return a threshold and who says so.

    Raises
    ------
    DataError
        A threshold that is no number between 0 and 1.
    """
    if given == "cosmin":
        return CRITERIA["alpha_070"].threshold, CRITERIA["alpha_070"].source
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given < 1:
        raise DataError(
            f"threshold={given!r} is none; give a number between 0 and 1, or 'cosmin' for .70."
        )
    return float(given), GIVEN


def with_verdicts(table: pd.DataFrame, given: Threshold) -> pd.DataFrame:
    """Add the columns ``threshold threshold_source verdict`` to a table of coefficients.

    The average correlation is no reliability and is held against nothing.
    """
    threshold, source = threshold_of(given)
    rows: list[tuple[float, str, Side]] = []
    for coefficient, low, high in zip(
        table["coefficient"], table["low"].to_numpy(), table["high"].to_numpy(), strict=True
    ):
        if coefficient == "average_r":
            rows.append((math.nan, "", "unavailable"))
        else:
            rows.append((threshold, source, side(float(low), float(high), threshold)))
    added = pd.DataFrame(rows, columns=list(THRESHOLD_COLUMNS), index=table.index)
    return pd.concat([table, added], axis=1)
