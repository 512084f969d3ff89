"""Tables of a fitted factor model."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd
from scipy import special

from psychometrics.stats.cfa.assess import Fit
from psychometrics.stats.cfa.defined import defined_values
from psychometrics.stats.cfa.inference import Inference, delta_method, wald
from psychometrics.stats.cfa.solve import Solved
from psychometrics.stats.cfa.table import ParameterTable

FIT_NAMES = (
    "chi2", "df", "p_value", "chi2_baseline", "df_baseline", "cfi", "tli", "rmsea", "rmsea_low",
    "rmsea_high", "rmsea_p", "srmr", "log_likelihood", "aic", "bic", "n_obs", "n_parameters",
)  # fmt: skip


def fit_series(fit: Fit) -> pd.Series:
    """Return the fit indices under their public names."""
    values = asdict(fit.indices)
    found = {name: float(values[name]) for name in FIT_NAMES}
    if fit.robust is not None:
        found |= asdict(fit.robust)
    elif fit.corrected is not None:
        found |= asdict(fit.corrected)
    if fit.bartlett is not None:
        found["chi2_bartlett"] = fit.bartlett
        found["p_bartlett"] = float(special.chdtrc(fit.indices.df, fit.bartlett))
    return pd.Series(found, name="fit")


def with_definitions(frame: pd.DataFrame, solved: Solved, level: float) -> pd.DataFrame:
    """Add the defined parameters, with delta-method standard errors."""
    table = solved.table
    if not table.definitions:
        return frame
    value, spread = delta_method(
        lambda point: defined_values(table, solved.layout, point), solved.z, solved.covariance
    )
    se = np.sqrt(np.maximum(np.diagonal(spread), 0.0))
    z, p_value = wald(value, se)
    width = special.ndtri((1 + level) / 2) * se
    names = [name for name, _ in table.definitions]
    added = pd.DataFrame(
        {
            "lhs": names, "op": ":=", "rhs": "", "free": False, "estimate": value, "se": se,
            "z": z, "p_value": p_value, "low": value - width, "high": value + width,
            "std_lv": np.nan, "std_lv_se": np.nan, "std_all": np.nan, "std_se": np.nan,
        }
    )  # fmt: skip
    added.insert(3, "group", pd.Series([None] * len(names), dtype=object))
    return pd.concat([frame, added[list(frame.columns)]], ignore_index=True)


def parameter_frame(
    table: ParameterTable,
    inference: Inference,
    level: float,
    groups: tuple[str | None, ...] = (None,),
) -> pd.DataFrame:
    """Return one row a parameter and group."""
    se = np.where([row.free or row.dependent for row in table.rows], inference.se, 0.0)
    z, p_value = wald(inference.estimate, se)
    width = special.ndtri((1 + level) / 2) * se
    return pd.DataFrame(
        {
            "lhs": [row.lhs for row in table.rows],
            "op": [row.op for row in table.rows],
            "rhs": [row.rhs for row in table.rows],
            "group": pd.Series([groups[row.group] for row in table.rows], dtype=object),
            "free": [row.free for row in table.rows],
            "estimate": inference.estimate,
            "se": se,
            "z": z,
            "p_value": p_value,
            "low": inference.estimate - width,
            "high": inference.estimate + width,
            "std_lv": inference.standardized_lv,
            "std_lv_se": inference.standardized_lv_se,
            "std_all": inference.standardized,
            "std_se": inference.standardized_se,
        }
    )
