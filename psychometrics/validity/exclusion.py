"""What leaving people out does to a result: each statistic with them and without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, DataError, reason
from psychometrics.stats.moments import BoolArray
from psychometrics.validity.arguments import need_answers
from psychometrics.validity.frames import to_narwhals
from psychometrics.validity.over_imputations import described_rows
from psychometrics.validity.quality import DataQuality

EFFECT_COLUMNS = (
    "excluded", "n_excluded", "estimate", "low", "high", "n_obs", "estimate_without",
    "low_without", "high_without", "n_obs_without", "difference", "reason",
)  # fmt: skip

Row = dict[str, Any]


def effect_of_exclusion(
    function: Callable[[pd.DataFrame], pd.DataFrame],
    data: Any,
    exclusions: DataQuality | Mapping[str, Any],
    *,
    columns: tuple[str, str, str] = ("estimate", "low", "high"),
) -> pd.DataFrame:
    """Run an analysis on everybody, and again without those of each exclusion, and of all.

    Parameters
    ----------
    function : callable
        From a frame to a table with one row a statistic, such as
        ``lambda frame: reliability(frame, scales, group="site")``.
    data : frame or Responses
        What the analysis is run on.
    exclusions : DataQuality or mapping of str to array_like of bool, shape (n,)
        Whom to leave out, by name; those that :func:`data_quality` flagged, or your own.
    columns : (str, str, str)
        Names of estimate and limits in the table.

    Returns
    -------
    DataFrame
        For each exclusion, and ``any`` of them where there are several, the table's rows with
        estimates and limits with everybody and ``_without`` those excluded. A row that is not
        there without them has a reason.

    Raises
    ------
    DataError
        No exclusion, or a mask of another length.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from psychometrics import data_quality, reliability
    >>> person = np.random.default_rng(1).normal(size=(100, 1))
    >>> x = np.clip(np.round(3 + person + np.random.default_rng(2).normal(size=(100, 8))), 1, 5)
    >>> x[:10] = 4
    >>> frame = pd.DataFrame(x, columns=list("abcdefgh"))
    >>> scales = {"S": ["a", "b", "c", "d"], "T": ["e", "f", "g", "h"]}
    >>> quality = data_quality(frame, scales)
    >>> found = effect_of_exclusion(lambda f: reliability(f, scales), frame, quality)
    >>> found["excluded"].unique().tolist(), int(found["n_obs_without"].iloc[0])
    (['straight_line'], 90)
    """
    need_answers(data, "effect_of_exclusion()")
    frame = to_narwhals(data).to_pandas()
    masks = read_masks(exclusions, len(frame))
    whole = function(frame).reset_index(drop=True)
    names = described_rows(whole, columns)
    rows: list[Row] = []
    for name, mask in masks.items():
        kept = function(frame.loc[~mask].reset_index(drop=True)).reset_index(drop=True)
        rows += compared_rows(whole, kept, names, name, int(mask.sum()), columns)
    made = pd.DataFrame(rows, columns=["excluded", "n_excluded", *names, *EFFECT_COLUMNS[2:]])
    for column in (*names, "reason"):
        made[column] = pd.Series([row[column] for row in rows], index=made.index, dtype=object)
    return made


def read_masks(given: DataQuality | Mapping[str, Any], n: int) -> dict[str, BoolArray]:
    """Return whom each exclusion leaves out, and all of them together.

    Raises
    ------
    DataError
        None at all, or one of another length.
    """
    named = given.exclusions if isinstance(given, DataQuality) else given
    masks = {str(name): np.asarray(mask, dtype=bool) for name, mask in named.items()}
    if not masks:
        raise DataError("Nobody is to be left out: exclusions is empty.")
    wrong = [name for name, mask in masks.items() if mask.shape != (n,)]
    if wrong:
        raise DataError(f"{', '.join(wrong)}: give a truth value for each of the {n} rows.")
    if len(masks) > 1:
        masks["any"] = np.any(list(masks.values()), axis=0)
    return masks


def compared_rows(
    whole: pd.DataFrame,
    kept: pd.DataFrame,
    names: list[str],
    excluded: str,
    n_excluded: int,
    columns: tuple[str, str, str],
) -> list[Row]:
    """Return the rows of one exclusion; rows are matched by what they are about."""
    value, low, high = columns

    def key(row: Mapping[Any, Any]) -> tuple[str, ...]:
        return tuple(str(row[name]) for name in names)

    found = {key(row): row for row in kept.to_dict("records")}
    rows: list[Row] = []
    for row in whole.to_dict("records"):
        other = found.get(key(row))
        about = {name: row[name] for name in names}
        made: Row = about | {
            "excluded": excluded, "n_excluded": n_excluded, "estimate": row[value],
            "low": row[low], "high": row[high], "n_obs": row.get("n_obs", np.nan),
            "reason": row.get("reason") or NO_REASON,
        }  # fmt: skip
        if other is None:
            rows.append(made | {"reason": reason("nobody_left", excluded=excluded)})
            continue
        rows.append(
            made
            | {
                "estimate_without": other[value], "low_without": other[low],
                "high_without": other[high], "n_obs_without": other.get("n_obs", np.nan),
                "difference": other[value] - row[value],
                "reason": made["reason"] or other.get("reason") or NO_REASON,
            }
        )  # fmt: skip
    return rows
