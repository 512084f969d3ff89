"""The comparisons of sites that a plan names: the primary coefficient of every scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from psychometrics.stats.dif_adjust import Adjust, adjusted_p_values
from psychometrics.validity.analysis_plan import AnalysisPlan
from psychometrics.validity.reliability_differences import DIFFERENCE_COLUMNS

CONTRAST_COLUMNS = ("contrast", *DIFFERENCE_COLUMNS, "family")

FAMILIES: dict[str, Adjust] = {"holm": "holm", "benjamini_hochberg": "bh", "none": "none"}

TURNED = {"group_a": "group_b", "estimate_a": "estimate_b", "n_a": "n_b"}


def contrast_table(plan: AnalysisPlan | None, differences: pd.DataFrame) -> pd.DataFrame:
    """Return the planned comparisons, their p-values adjusted together as the plan says.

    Parameters
    ----------
    plan : AnalysisPlan or None
        Its contrasts, family and primary coefficient.
    differences : DataFrame
        All comparisons of two sites; see :func:`psychometrics.reliability_differences`.

    Returns
    -------
    DataFrame
        One row a contrast and scale, first site less second, with ``p_adjusted`` over all of them
        and not over the pairs that nobody planned; no rows without contrasts.
    """
    rows: list[dict[str, Any]] = []
    if plan is not None and len(differences):
        pairs = differences[differences["comparison"] == "pair"]
        known = pairs[pairs["coefficient"] == plan.coefficients[0]].to_dict("records")
        for contrast in plan.contrasts:
            for one in known:
                row = {str(name): cell for name, cell in one.items()}
                if (row["group_a"], row["group_b"]) == (contrast.b, contrast.a):
                    row = turned(row)
                if (row["group_a"], row["group_b"]) == (contrast.a, contrast.b):
                    rows.append({**row, "contrast": contrast.key, "family": plan.family})
    made = pd.DataFrame(rows, columns=list(CONTRAST_COLUMNS))
    if plan is not None and rows:
        p = made["p_value"].to_numpy(dtype=float)
        made["p_adjusted"] = adjusted_p_values(p, FAMILIES[plan.family])
        made["reason"] = pd.Series([row["reason"] for row in rows], index=made.index, dtype=object)
    return made


def turned(row: dict[str, Any]) -> dict[str, Any]:
    """Return a comparison the other way round."""
    other = dict(row)
    for a, b in TURNED.items():
        other[a], other[b] = row[b], row[a]
    other["difference"] = -row["difference"]
    other["low"], other["high"] = -row["high"], -row["low"]
    if np.isfinite(row["statistic"]) and "Feldt" in str(row["method"]):
        other["statistic"] = 1 / row["statistic"]
        other["df"], other["df2"] = row["df2"], row["df"]
    return other
