"""Equivalence tests of a ladder of invariance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.stats.cfa.fit_indices import rmsea
from psychometrics.stats.equivalence import (
    GRADES,
    adjusted_cfi_cutoffs,
    adjusted_rmsea_cutoffs,
    grade,
    t_size_cfi,
    t_size_rmsea,
)
from psychometrics.validity.cfa_result import CFAResult

COLUMNS = (
    "about", "chi2", "df", "rmsea", "t_rmsea", *GRADES[:-1], "grade", "t_cfi", "t_cfi_grade",
)  # fmt: skip


def equivalence_frame(
    table: pd.DataFrame,
    fits: Mapping[str, CFAResult],
    n: int,
    n_groups: int,
    significance: float,
) -> pd.DataFrame:
    """Return T-size indices of every level; see ``InvarianceResult.equivalence``."""
    rows = []
    for level in table.index:
        own: dict[str, Any] = dict(table.loc[level])
        scaled = np.isfinite(own.get("chi2_scaled", np.nan))
        difference = np.isfinite(own["delta_chi2"])
        if difference:
            chi2, df = float(own["delta_chi2"]), float(own["delta_df"])
        else:
            chi2, df = float(own["chi2_scaled"] if scaled else own["chi2"]), float(own["df"])
        row = {"about": "difference" if difference else "model", "chi2": chi2, "df": df}
        rows.append(
            row
            | tested(chi2, df, n, n_groups, significance)
            | model_cfi(fits.get(level), significance)
        )
    return pd.DataFrame(rows, index=table.index, columns=list(COLUMNS))


def tested(chi2: float, df: float, n: int, n_groups: int, significance: float) -> dict[str, Any]:
    """Return T-size RMSEA with its cut-offs and grade."""
    if not df > 0 or not np.isfinite(chi2):
        return {"grade": ""}
    value = t_size_rmsea(chi2, df, n, n_groups, significance)
    cutoffs = adjusted_rmsea_cutoffs(df, n, n_groups, significance)
    named = dict(zip(GRADES, cutoffs, strict=False))
    plain = rmsea(chi2, df, n - n_groups, n_groups)
    return {"rmsea": plain, "t_rmsea": value, **named, "grade": grade(value, cutoffs)}


def model_cfi(fit: CFAResult | None, significance: float) -> dict[str, Any]:
    """Return the T-size CFI of a level's model, and its grade."""
    if fit is None or not fit.fit_indices["df"] > 0:
        return {"t_cfi": float("nan"), "t_cfi_grade": ""}
    found = fit.fit_indices
    given = float(found["chi2_baseline"]), float(found["df_baseline"])
    value = t_size_cfi(float(found["chi2"]), float(found["df"]), *given, significance)
    cutoffs = adjusted_cfi_cutoffs(float(found["df"]), *given, significance)
    return {"t_cfi": value, "t_cfi_grade": grade(value, cutoffs, high_is_good=True)}
