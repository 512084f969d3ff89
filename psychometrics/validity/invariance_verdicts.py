"""What a ladder of invariance says, level by level: changes beside cut-offs, and words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import Reason, reason
from psychometrics.validity.invariance_criteria import NAMES, cutoffs_of, exceeded, nearest_source

SIGNIFICANCE = 0.05
INDICES = ("cfi", "rmsea", "srmr")


def index_changes(table: pd.DataFrame, level: str) -> dict[str, float]:
    """Return the changes of fit, those of robust indices where there are some."""
    row: dict[str, Any] = dict(table.loc[level])
    found = {}
    for index in INDICES:
        names = (f"delta_{index}_robust", f"delta_{index}_scaled", f"delta_{index}")
        values = [float(row[name]) for name in names if name in row and np.isfinite(row[name])]
        found[index] = values[0] if values else float("nan")
    return found


def cutoff_frame(table: pd.DataFrame, n_by_group: Sequence[int], *, ordered: bool) -> pd.DataFrame:
    """Set the changes of fit beside the published cut-offs."""
    nearest = nearest_source(n_by_group, ordered=ordered)
    rows: list[dict[str, Any]] = []
    for level in table.index:
        change = index_changes(table, level)
        if not np.isfinite(change["cfi"]):
            continue
        for one in cutoffs_of(level):
            for index, limit in (("cfi", one.cfi), ("rmsea", one.rmsea), ("srmr", one.srmr)):
                if limit is None:
                    continue
                beyond = change[index] < limit if index == "cfi" else change[index] > limit
                rows.append(
                    {
                        "level": level, "id": one.id, "index": index, "change": change[index],
                        "cutoff": limit, "exceeded": beyond,
                        "all_exceeded": exceeded(one, **change), "nearest": one.id == nearest,
                        "derived_from": one.derived_from, "source": one.source,
                    }
                )  # fmt: skip
    columns = [
        "level", "id", "index", "change", "cutoff", "exceeded", "all_exceeded", "nearest",
        "derived_from", "source",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def verdict_frame(
    table: pd.DataFrame,
    cutoffs: pd.DataFrame,
    resampled: pd.DataFrame | None = None,
    significance: float = SIGNIFICANCE,
) -> pd.DataFrame:
    """Say of every level what was found.

    Where a level was tested by resampling that test decides; else the difference test and the
    nearest cut-offs have to agree. Finding no difference is never called equality.
    """
    rows = [verdict_of(level, table, cutoffs, resampled, significance) for level in table.index]
    # Reasons keep their code only as the objects they are.
    words = pd.Series([told for _, told in rows], index=table.index, dtype=object)
    return pd.DataFrame({"verdict": [code for code, _ in rows]}, index=table.index).assign(
        explanation=words
    )


def verdict_of(
    level: str,
    table: pd.DataFrame,
    cutoffs: pd.DataFrame,
    resampled: pd.DataFrame | None,
    significance: float,
) -> tuple[str, Reason | str]:
    """Return the verdict on one level, and the words."""
    row: dict[str, Any] = dict(table.loc[level])
    if not np.isfinite(row["chi2"]):
        return "unavailable", reason("level_unavailable", problem=str(row["reason"]))
    if not np.isfinite(row["delta_cfi"]):
        return "base", base_words(row)
    if not row["delta_df"] > 0:
        return "unavailable", reason("level_adds_nothing")
    change = index_changes(table, level)
    numbers: dict[str, Any] = dict(change)
    if resampled is not None and level in resampled.index:
        found: dict[str, Any] = dict(resampled.loc[level])
        p_value, method = float(found["p_value"]), str(found["method"])
        code = "differs" if p_value < significance else "no_difference_found"
        words = reason(f"level_{code}_resampled", p_value=p_value, test=method, **numbers)
        return code, words
    p_value = float(row["delta_p"])
    if not np.isfinite(p_value):
        return "unavailable", reason("level_without_test", method=str(row["method"]))
    rejected = p_value < significance
    own = cutoffs[(cutoffs["level"] == level) & cutoffs["nearest"]]
    test: dict[str, Any] = {
        "chi2": float(row["delta_chi2"]),
        "df": int(float(row["delta_df"])),
        "p_value": p_value,
    }
    if own.empty:
        code = "differs" if rejected else "no_difference_found"
        return code, reason(f"level_{code}_by_test", **test, **numbers)
    beyond = bool(own["all_exceeded"].any())
    named = NAMES[str(own["id"].iloc[0])]
    code = "mixed" if beyond != rejected else "differs" if rejected else "no_difference_found"
    told = f"level_mixed_{'cutoffs' if beyond else 'test'}" if code == "mixed" else f"level_{code}"
    return code, reason(told, cutoffs=named, **test, **numbers)


def base_words(row: dict[str, Any]) -> Reason:
    """Say how the first model of a ladder fits."""
    scaled = np.isfinite(row.get("p_scaled", np.nan))
    chi2, p_value = (
        (row["chi2_scaled"], row["p_scaled"]) if scaled else (row["chi2"], row["p_value"])
    )
    cfi, rmsea = (
        next(
            float(row[name])
            for name in (f"{index}_robust", f"{index}_scaled", index)
            if name in row and np.isfinite(row[name])
        )
        for index in ("cfi", "rmsea")
    )
    exact = p_value >= SIGNIFICANCE
    return reason(
        "level_base_fits" if exact else "level_base_misfit",
        chi2=float(chi2), df=int(float(row["df"])), p_value=float(p_value), cfi=cfi, rmsea=rmsea,
        srmr=float(row["srmr"]),
    )  # fmt: skip
