"""Rows of the ladders, their items, effects and factor means, as a study's tables hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from psychometrics.errors import NO_REASON, reason
from psychometrics.stats.alpha_differences import holm
from psychometrics.validity.comparability_ladders import Climbed
from psychometrics.validity.comparability_samples import Carried, Grouped
from psychometrics.validity.factors import factor_of
from psychometrics.validity.invariance_levels import CONTINUOUS, equal_kinds
from psychometrics.validity.invariance_resampling import fit_observed, make_rungs
from psychometrics.validity.invariance_result import InvarianceResult
from psychometrics.validity.invariance_verdicts import INDICES, SIGNIFICANCE, index_changes

LADDER_COLUMNS = (
    "grouping", "model", "level", "group", "pooling", "chi2", "df", "p_value", "cfi", "rmsea",
    "srmr", "delta_chi2", "delta_df", "delta_p", "delta_cfi", "delta_rmsea", "delta_srmr",
    "permutation_p", "critical_cfi", "critical_rmsea", "critical_srmr", "n_samples", "n_failed",
    "cutoff_cfi", "cutoff_rmsea", "cutoff_srmr", "cutoffs", "t_rmsea", "equivalence", "verdict",
    "n_groups", "n_obs", "n_left_out", "method", "explanation", "reason",
)  # fmt: skip
PARAMETER_COLUMNS = (
    "grouping", "model", "level", "scale", "item", "parameter", "group", "pooling", "chi2", "df",
    "epc", "p_value", "p_adjusted", "adjusted_by", "flag", "freed", "n_obs", "method", "reason",
)  # fmt: skip
EFFECT_COLUMNS = (
    "grouping", "model", "scale", "item", "group", "pooling", "reference", "dmacs", "signed",
    "bias", "low", "high", "level", "n_items", "n_obs", "method", "reason",
)  # fmt: skip
MEAN_COLUMNS = (
    "grouping", "model", "scale", "group", "pooling", "statistic", "estimate", "low", "high",
    "level", "n_obs", "method", "reason",
)  # fmt: skip

Row = dict[str, Any]


def about(data: Grouped, carried: Carried) -> Row:
    """Return what all rows of a model begin with."""
    return {"grouping": data.grouping, "model": carried.model, "reason": NO_REASON}


def ladder_rows(data: Grouped, found: Climbed) -> list[Row]:
    """Return one row a level; one alone with the reason where there is no ladder."""
    carried, result = found.carried, found.result
    pooled = about(data, carried) | {"group": None, "pooling": "total"}
    if result is None:
        people = sum(carried.n_obs.values())
        total = sum(data.n_rows)
        return [pooled | {
            "level": "configural", "verdict": "unavailable", "n_groups": len(carried.groups),
            "n_obs": people, "n_left_out": total - people, "explanation": found.why,
            "reason": found.why,
        }]  # fmt: skip
    rows = dict(zip(data.groups, data.n_rows, strict=True))
    n_rows = sum(rows[name] for name in carried.groups)
    # The statistics of ordered answers have no T-size.
    sized = pd.DataFrame(columns=["t_rmsea", "grade"])
    equivalence = sized if result.ladder.ordered else result.equivalence()
    made = []
    for level in result.levels:
        row: Row = dict(result.table.loc[level])
        made.append(
            pooled | fit_cells(row, result, level) | sampled_cells(result, level) | {
                "level": level,
                "t_rmsea": equivalence["t_rmsea"].get(level, np.nan),
                "equivalence": equivalence["grade"].get(level, "") or "",
                "verdict": result.verdicts.at[level, "verdict"],
                "n_groups": len(result.groups), "n_obs": result.n_obs,
                "n_left_out": n_rows - result.n_obs, "method": method_of(found),
                "explanation": result.verdicts.at[level, "explanation"],
                "reason": row["reason"] or NO_REASON,
            }
        )  # fmt: skip
    return made


def method_of(found: Climbed) -> str:
    """Return how a ladder was fitted and tested."""
    result = found.result
    if result is None:
        return ""
    tested = result.permutation
    how = f"{tested.n_samples} permutations" if tested is not None else "difference tests"
    return f"{result.method}; {how}"


def fit_cells(row: Mapping[str, Any], result: InvarianceResult, level: str) -> Row:
    """Return the fit of a level, robust where the estimator is, with its changes and cut-offs."""

    def best(*names: str) -> float:
        values = [float(row[name]) for name in names if name in row and np.isfinite(row[name])]
        return values[0] if values else float("nan")

    cells: Row = {
        "chi2": best("chi2_scaled", "chi2"), "df": best("df"),
        "p_value": best("p_scaled", "p_value"), "cfi": best("cfi_robust", "cfi_scaled", "cfi"),
        "rmsea": best("rmsea_robust", "rmsea_scaled", "rmsea"), "srmr": best("srmr"),
        "delta_chi2": best("delta_chi2"), "delta_df": best("delta_df"),
        "delta_p": best("delta_p"), "cutoffs": "",
    }  # fmt: skip
    cells |= {f"delta_{name}": value for name, value in index_changes(result.table, level).items()}
    own = result.cutoffs[(result.cutoffs["level"] == level) & result.cutoffs["nearest"]]
    for one in own.to_dict("records"):
        cells |= {f"cutoff_{one['index']}": float(one["cutoff"]), "cutoffs": one["id"]}
    return cells


def sampled_cells(result: InvarianceResult, level: str) -> Row:
    """Return the permutation test of a level, and its cut-offs: what 5 % of shufflings exceed."""
    tested = result.permutation
    if tested is None:
        return {}
    own = tested.table[tested.table["level"] == level].set_index("index")
    if own.empty:
        return {}
    chi2: Row = dict(own.loc["chi2"])
    cells: Row = {
        "permutation_p": float(chi2["p_value"]), "n_samples": tested.n_samples,
        "n_failed": int(chi2["n_failed"]),
    }  # fmt: skip
    limits: Row = dict(own["critical"])
    return cells | {f"critical_{name}": float(limits[name]) for name in INDICES}


def parameter_rows(data: Grouped, found: Climbed) -> list[Row]:
    """Return the score test of every equal loading and intercept, in one group and in all."""
    result = found.result
    if result is None:
        return []
    tested = result.permutation
    frame = observed_scores(result) if tested is None else tested.parameters
    adjusted_by = "holm" if tested is None else "largest statistic of the level in each shuffling"
    scale_of = {
        item.removeprefix("-"): scale
        for scale, items in found.carried.scales.items()
        for item in items
    }
    freed = set() if found.partial is None else {
        (one[2] if one[1] == "=~" else one[0], one[1], result.groups[one[3]])
        for one in found.partial.freed
    }  # fmt: skip
    rows = []
    for one in frame[frame["level"].isin(("metric", "scalar"))].to_dict("records"):
        loading = one["op"] == "=~"
        item = one["rhs"] if loading else one["lhs"]
        if item not in scale_of:
            continue
        group = one["group"] if isinstance(one["group"], str) else None
        p = float(one["p_family"])
        scale = one["lhs"].removeprefix(factor_of("")) if loading else scale_of[item]
        rows.append(
            about(data, found.carried) | {
                "level": one["level"], "scale": scale, "item": item,
                "parameter": "loading" if loading else "intercept", "group": group,
                "pooling": "total" if group is None else data.pooling,
                "chi2": one["chi2"], "df": one["df"], "epc": one["epc"],
                "p_value": one["p_value"], "p_adjusted": p, "adjusted_by": adjusted_by,
                "flag": p < SIGNIFICANCE, "freed": (item, one["op"], group) in freed,
                "n_obs": result.n_obs if group is None else found.carried.n_obs[group],
                "method": "score test of the level's model",
                "reason": NO_REASON if np.isfinite(one["chi2"]) else reason("not_identified_free"),
            }
        )  # fmt: skip
    return rows


def observed_scores(result: InvarianceResult) -> pd.DataFrame:
    """Return the score tests of the fitted levels, adjusted after Holm within each level."""
    levels = [name for name in CONTINUOUS[:3] if name in result.fits]
    kinds = dict(zip(CONTINUOUS, equal_kinds(CONTINUOUS, ordered=False), strict=True))
    rows: list[Row] = []
    for rung in make_rungs(result.ladder, {name: kinds[name] for name in levels}):
        scores = fit_observed(rung, result.fits[rung.name]).scores
        if scores is None:
            continue
        single = holm(stats.chi2.sf(scores.statistic[0].ravel(), 1)).reshape(
            scores.statistic[0].shape
        )
        joint = holm(stats.chi2.sf(scores.together[0], len(result.groups) - 1))
        for k, place in enumerate(scores.parameters):
            row = rung.table.rows[rung.layout.free_rows[int(place)]]
            base: Row = {"level": rung.name, "lhs": row.lhs, "op": row.op, "rhs": row.rhs}
            for g, name in enumerate(result.groups):
                value = float(scores.statistic[0, g, k])
                rows.append(base | {
                    "group": name, "chi2": value, "df": 1, "epc": float(scores.change[0, g, k]),
                    "p_value": float(stats.chi2.sf(value, 1)), "p_family": float(single[g, k]),
                })  # fmt: skip
            value, df = float(scores.together[0, k]), len(result.groups) - 1
            rows.append(base | {
                "group": None, "chi2": value, "df": df, "epc": np.nan,
                "p_value": float(stats.chi2.sf(value, df)), "p_family": float(joint[k]),
            })  # fmt: skip
    columns = ["level", "lhs", "op", "rhs", "group", "chi2", "df", "epc", "p_value", "p_family"]
    return pd.DataFrame(rows, columns=columns)


def effect_rows(data: Grouped, found: Climbed) -> list[Row]:
    """Return dMACS and bias; those of a scale are about its mean score, in points of an answer."""
    scales = {factor_of(scale): scale for scale in found.carried.scales}
    rows = []
    for one in found.effects.to_dict("records"):
        whole = not isinstance(one["item"], str)
        each = int(one["n_items"]) if whole else 1
        rows.append(
            about(data, found.carried) | {
                "scale": scales[one["scale"]], "item": None if whole else one["item"],
                "group": one["group"], "pooling": data.pooling, "reference": one["reference"],
                "dmacs": one["dmacs"], "signed": one["signed"], "bias": one["bias"] / each,
                "low": one["low"] / each, "high": one["high"] / each, "level": one["level"],
                "n_items": one["n_items"], "n_obs": found.carried.n_obs[one["group"]],
                "method": f"partial scalar model, against {one['reference']}",
                "reason": one["reason"],
            }
        )  # fmt: skip
    return rows


def mean_rows(data: Grouped, found: Climbed) -> list[Row]:
    """Return the factor means of the partial scalar model."""
    if found.partial is None or found.result is None:
        return []
    scales = {factor_of(scale): scale for scale in found.carried.scales}
    first = found.result.groups[0]
    n_free = len(found.partial.freed)
    resampled = "samples" in found.partial.method
    how = "search repeated in bootstrap samples" if resampled else "what is free taken as known"
    rows = []
    for one in found.partial.means.to_dict("records"):
        rows.append(
            about(data, found.carried) | {
                "scale": scales[one["factor"]], "group": one["group"], "pooling": data.pooling,
                "statistic": "partial_scalar", "estimate": one["estimate"], "low": one["low"],
                "high": one["high"], "level": one["level"],
                "n_obs": found.carried.n_obs[one["group"]],
                "method": f"in SDs of {first}; {n_free} parameters free, {how}",
            }
        )  # fmt: skip
    return rows
