"""Ways to compare groups that rest on no exact equality: alignment, and congruence of loadings."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, DataError, ModelError, Reason, reason
from psychometrics.validity.alignment import (
    AlignmentResult,
    alignment,
    recovery_advice,
    share_advice,
)
from psychometrics.validity.comparability_ladders import Effort
from psychometrics.validity.comparability_rows import about
from psychometrics.validity.comparability_samples import Carried, Grouped, Scales
from psychometrics.validity.congruence import WITHIN, factor_congruence
from psychometrics.validity.factors import factor_of
from psychometrics.validity.selection import SITE
from psychometrics.validity.small_n import in_force

ALIGNMENT_COLUMNS = (
    "grouping", "model", "scale", "statistic", "item", "group", "pooling", "estimate", "se",
    "low", "high", "average", "different", "level", "n_obs", "method", "reason", "explanation",
)  # fmt: skip
CONGRUENCE_COLUMNS = (
    "grouping", "scale", "group", "pooling", "group_a", "group_b", "estimate", "low", "high",
    "level", "n_a", "n_b", "n_items", "method", "reason",
)  # fmt: skip
SHARES = ("r2_loadings", "r2_intercepts", "share_different")

Row = dict[str, Any]


def aligned_rows(
    data: Grouped,
    carried: Carried,
    effort: Effort,
    level: float,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[list[Row], list[Row]]:
    """Return the rows of alignment, and its factor means; reasons where there are none."""
    if carried.why:
        return [], []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = alignment(
                carried.factors, data.of(carried.groups), data.grouping, small_groups="fit",
                n_boot=effort.align_boot, monte_carlo=effort.align_check, level=level, rng=seed,
                progress=progress,
            )  # fmt: skip
    except (DataError, ModelError) as problem:
        why = reason("alignment_failed", problem=str(problem))
        return [failed(data, carried, why)], []
    return list(parameter_rows(data, carried, found, level)), mean_rows(data, carried, found, level)


def failed(data: Grouped, carried: Carried, why: Reason) -> Row:
    """Return the one row that says why there is no alignment."""
    return about(data, carried) | {
        "scale": None, "statistic": "loading", "item": None, "group": None, "pooling": "total",
        "n_obs": sum(carried.n_obs.values()), "reason": why, "explanation": NO_REASON,
    }  # fmt: skip


def parameter_rows(
    data: Grouped, carried: Carried, found: AlignmentResult, level: float
) -> list[Row]:
    """Return aligned loadings and intercepts, and how well alignment did."""
    scales = {factor_of(scale): scale for scale in carried.scales}
    rows: list[Row] = []
    common = about(data, carried) | {
        "level": level, "method": found.method, "explanation": NO_REASON
    }  # fmt: skip
    for one in found.parameters.to_dict("records"):
        tested = "se" in one
        width = 1.959963984540054 * one["se"] if tested else np.nan
        rows.append(common | {
            "scale": scales[one["factor"]], "statistic": one["parameter"], "item": one["item"],
            "group": one["group"], "pooling": data.pooling, "estimate": one["estimate"],
            "se": one.get("se", np.nan), "low": one["estimate"] - width,
            "high": one["estimate"] + width, "average": one.get("average", np.nan),
            "different": bool(tested and not one["invariant"]),
            "n_obs": carried.n_obs[one["group"]],
        })  # fmt: skip
    pooled = common | {"item": None, "group": None, "pooling": "total", "n_obs": found.fit.n_obs}
    for one in found.summary.to_dict("records"):
        for name in SHARES:
            there = np.isfinite(one[name])
            rows.append(pooled | {
                "scale": scales[one["factor"]], "statistic": name, "estimate": one[name],
                "explanation": share_advice(one[name]) if name == "share_different" else NO_REASON,
                "reason": NO_REASON if there else share_advice(float("nan")),
            })  # fmt: skip
    for one in found.monte_carlo.to_dict("records"):
        there = np.isfinite(one["correlation"])
        rows.append(pooled | {
            "scale": scales[one["factor"]], "statistic": "recovery",
            "estimate": one["correlation"], "explanation": recovery_advice(one["correlation"]),
            "reason": NO_REASON if there else recovery_advice(one["correlation"]),
            "method": f"{found.method}; {one['n_samples']} samples at this n",
        })  # fmt: skip
    return rows


def mean_rows(data: Grouped, carried: Carried, found: AlignmentResult, level: float) -> list[Row]:
    """Return aligned factor means."""
    scales = {factor_of(scale): scale for scale in carried.scales}
    first = found.groups[0]
    return [
        about(data, carried) | {
            "scale": scales[one["factor"]], "group": one["group"], "pooling": data.pooling,
            "statistic": "alignment", "estimate": one["mean"],
            "low": one.get("mean_low", np.nan), "high": one.get("mean_high", np.nan),
            "level": level, "n_obs": carried.n_obs[one["group"]],
            "method": f"in SDs of {first}; alignment, {found.method}",
        }
        for one in found.means.to_dict("records")
    ]  # fmt: skip


def congruence_rows(
    data: Grouped, scales: Scales, effort: Effort, level: float, seed: int
) -> list[Row]:
    """Return Tucker's phi of each scale's loadings, between groups and with all of them."""
    rows: list[Row] = []
    for scale, items in scales.items():
        rows += scale_congruence(data, scale, list(items), effort, level, seed)
    return rows


def scale_congruence(
    data: Grouped, scale: str, items: list[str], effort: Effort, level: float, seed: int
) -> list[Row]:
    """Return the rows of one scale; groups of too few people are left out with the reason."""
    plain = [item.removeprefix("-") for item in items]
    signs = np.where([item.startswith("-") for item in items], -1.0, 1.0)
    keyed = data.frame[plain].to_numpy(dtype=float) * signs
    whole = np.isfinite(keyed).all(axis=1)
    label = data.frame[data.grouping].to_numpy(dtype=object)
    counts = {name: int((whole & (label == name)).sum()) for name in data.groups}
    common: Row = {
        "grouping": data.grouping, "scale": scale, "n_items": len(items), "level": level,
        "pooling": "pair", "method": "", "reason": NO_REASON,
    }  # fmt: skip

    def nothing(name: str, why: Reason) -> Row:
        return common | {"group_a": name, "group_b": WITHIN, "n_a": counts[name],
                         "n_b": int(whole.sum()), "reason": why}  # fmt: skip

    policy = in_force()
    refused = {
        name: why
        for name, n in counts.items()
        if (why := policy.refusal("congruence", SITE, n) or few_items(n, len(items)))
    }
    rows = [nothing(name, why) for name, why in refused.items()]
    able = [name for name in data.groups if name not in refused]
    if len(able) < 2:
        return rows
    kept = whole & np.isin(label, able)
    frame = pd.DataFrame(keyed[kept], columns=plain).assign(group=label[kept])
    try:
        found = factor_congruence(
            frame.rename(columns={"group": data.grouping}), 1, data.grouping, items=plain,
            n_boot=effort.congruence_boot, level=level, rng=seed,
        )  # fmt: skip
    except DataError as problem:
        why = reason("congruence_failed", problem=str(problem))
        return rows + [nothing(name, why) for name in able]
    return rows + [
        common | {
            "group_a": one["group"], "group_b": one["other"], "estimate": one["estimate"],
            "low": one["low"], "high": one["high"], "n_a": int(one["n_obs"]),
            "n_b": int(one["n_other"]), "method": one["method"], "reason": one["reason"],
        }
        for one in found[found["factor"] == "F1"].to_dict("records")
    ]  # fmt: skip


def few_items(n_obs: int, n_items: int) -> Reason:
    """Say that a scale is too short for a factor, or has more items than people."""
    if n_items < 2:
        return reason("too_few_items", n_items=n_items, needed=2)
    return (
        reason("more_items_than_people", n_obs=n_obs, n_items=n_items)
        if n_obs <= n_items
        else (NO_REASON)
    )
