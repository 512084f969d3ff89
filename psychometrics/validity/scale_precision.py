"""How precisely scales measure, over the trait and on the whole, as rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from psychometrics.errors import reason
from psychometrics.stats.item_information import (
    GRID,
    conditional_reliability,
    expected_item_scores,
    posterior_sd,
    reliable_stretches,
    scale_information,
    standard_error_of_measurement,
)
from psychometrics.stats.moments import FloatArray
from psychometrics.validity.internal_consistency import proportion
from psychometrics.validity.item_response_model import ResponseModel

Row = dict[str, Any]


def information_rows(model: ResponseModel) -> list[Row]:
    """Return one row a factor, group and trait value; one with a reason where there is none."""
    information = scale_information(model.graded, model.grid, len(model.factors))
    expected = mean_item_scores(model, model.grid, in_own_metric=False)
    rows: list[Row] = []
    for f, g in places(model):
        base = base_of(model, f, g)
        why = model.scale_problem(f, g)
        if why:
            rows.append(base | {"theta": np.nan, "reason": why})
            continue
        mean, sd = model.graded.trait_mean[g, f], model.graded.trait_sd[g, f]
        own = information[g, f]
        density = np.exp(-0.5 * ((model.grid - mean) / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
        columns = {
            "theta": model.grid,
            "information": own,
            "sem": standard_error_of_measurement(own),
            "posterior_sd": posterior_sd(own, sd),
            "reliability": conditional_reliability(own, sd),
            "expected_score": expected[g, f],
            "density": density,
        }
        values = np.column_stack(list(columns.values())).tolist()
        rows += [base | dict(zip(columns, row, strict=True)) for row in values]
    return rows


def places(model: ResponseModel) -> list[tuple[int, int]]:
    """Return every factor with every group."""
    return [(f, g) for f in range(len(model.factors)) for g in range(len(model.groups))]


def base_of(model: ResponseModel, factor: int, group: int) -> Row:
    """Return what rows of a factor in a group share."""
    return {
        "factor": model.factors[factor],
        "group": model.groups[group],
        "n_obs": model.n_by_group[group],
    }


def mean_item_scores(model: ResponseModel, grid: FloatArray, *, in_own_metric: bool) -> FloatArray:
    """Return the expected mean of the answers to a scale's ordered items, (group, m, t).

    Items that point against their factor count turned, so that the score rises with the trait.
    """
    graded = model.own if in_own_metric else model.graded
    scores = expected_item_scores(graded, grid, model.score_codes)
    found = np.full((len(model.groups), len(model.factors), len(grid)), np.nan)
    for f, mine in enumerate(model.members & model.latent.ordered):
        if mine.any():
            found[:, f] = scores[:, mine].mean(axis=1)
    return found


def well_rows(model: ResponseModel, thresholds: tuple[float, ...]) -> list[Row]:
    """Return where each scale measures well, one row a stretch, at each threshold."""
    conditional = model.reliability.conditional
    expected = mean_item_scores(model, GRID, in_own_metric=True)
    rows: list[Row] = []
    for threshold in thresholds:
        found = reliable_stretches(conditional, threshold)
        for f, g in places(model):
            base = base_of(model, f, g) | {"threshold": threshold}
            why = model.scale_problem(f, g)
            own = [one for one in found if one.place == (g, f)]
            if why or not own:
                rows.append(base | nothing(model, f, g, threshold, why))
                continue
            mean, sd = model.graded.trait_mean[g, f], model.graded.trait_sd[g, f]
            for number, one in enumerate(own, start=1):
                ends = np.array([one.low, one.high])
                score = np.interp(ends, GRID, expected[g, f])
                rows.append(
                    base
                    | {
                        "stretch": number, "low": mean + sd * one.low, "high": mean + sd * one.high,
                        "share_of_people": one.share, "score_low": score[0], "score_high": score[1],
                    }
                )  # fmt: skip
    rows.sort(key=lambda row: (model.factors.index(row["factor"]), row["threshold"]))
    return rows


def nothing(model: ResponseModel, factor: int, group: int, threshold: float, why: Any) -> Row:
    """Return the row of a scale that is nowhere reliable enough, or has no information."""
    if why:
        return {"stretch": np.nan, "share_of_people": np.nan, "reason": why}
    most = float(model.reliability.conditional[group, factor].max())
    return {
        "stretch": np.nan,
        "share_of_people": 0.0,
        "reason": reason("nowhere_as_reliable", threshold=threshold, highest=most),
    }


def summary_rows(model: ResponseModel, level: float, threshold: float) -> list[Row]:
    """Return the marginal reliability of each scale in each group."""
    variance = marginal_variance(model)
    stretches = reliable_stretches(model.reliability.conditional, threshold)
    several = [item for item, f in zip(model.items, model.own.factor, strict=True) if f == -1]
    rows = []
    for f, g in places(model):
        base = base_of(model, f, g) | {
            "threshold": threshold,
            "n_items": int(model.members[f].sum()),
            "left_out": ", ".join(item for item in several if loads(model, item, f)),
            "method": f"{model.method}, normal ogive, delta method on the logit",
        }
        why = model.scale_problem(f, g)
        if why:
            rows.append(base | {"marginal_reliability": np.nan, "reason": why})
            continue
        conditional = model.reliability.conditional[g, f]
        value = model.reliability.marginal[g, f]
        interval = proportion(np.array([value]), variance[g, f].reshape(1, 1), level)
        top = int(np.argmax(conditional))
        mean, sd = model.graded.trait_mean[g, f], model.graded.trait_sd[g, f]
        rows.append(
            base
            | {
                "marginal_reliability": float(value), "se": float(np.sqrt(variance[g, f])),
                "low": interval.get("low", np.nan), "high": interval.get("high", np.nan),
                "highest_reliability": float(conditional[top]),
                "highest_at": float(mean + sd * GRID[top]),
                "share_of_people": sum(one.share for one in stretches if one.place == (g, f)),
            }
        )  # fmt: skip
    return rows


def loads(model: ResponseModel, item: str, factor: int) -> bool:
    """Say whether an item loads on a factor in any group."""
    at = model.items.index(item)
    return bool((model.latent.loadings[:, at, factor] != 0).any())


def marginal_variance(model: ResponseModel) -> FloatArray:
    """Return the sampling variance of each marginal reliability, (group, m).

    Its slopes by the items' slopes and intercepts are known; those of the latter by the parameters
    come by complex steps.
    """
    by = np.concatenate(
        [model.reliability.by_slope[..., None], model.reliability.by_intercept], axis=-1
    )
    slopes = model.by_parameters.own
    # What has no threshold, or no slope, moves nothing.
    moved = np.where(np.isfinite(by)[..., None] & np.isfinite(slopes), by[..., None] * slopes, 0.0)
    by_item = moved.sum(axis=2)
    by_scale = np.einsum("fp,gpq->gfq", model.members.astype(float), by_item)
    return np.asarray(((by_scale @ model.covariance) * by_scale).sum(axis=-1))
