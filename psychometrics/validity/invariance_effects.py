"""What unequal items do to scores: dMACS and bias, item by item and scale by scale."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from psychometrics.errors import NO_REASON, DataError, check_option, reason
from psychometrics.stats.cfa.dependent import complete_slots
from psychometrics.stats.cfa.inference import jacobian
from psychometrics.stats.cfa.kernel import imply_slots, matrices, slot_values
from psychometrics.stats.cfa.layout import THRESHOLD
from psychometrics.stats.dmacs import (
    OrderedItem,
    continuous_effects,
    ordered_effects,
    pooled_sd,
)
from psychometrics.stats.moments import FloatArray
from psychometrics.validity.cfa_result import CFAResult

EFFECT_COLUMNS = (
    "scale", "item", "group", "reference", "dmacs", "signed", "bias", "se", "low", "high",
    "n_items", "level", "n_obs", "n_reference", "method", "reason",
)  # fmt: skip


def effect_sizes(fit: CFAResult, reference: str | None = None) -> pd.DataFrame:
    """Say how much the items of each group differ from the reference group's.

    Parameters
    ----------
    fit : CFAResult
        A model of several groups whose factors are on one scale: most loadings and intercepts
        equal, factor means free, as a partial scalar model has them. Where factor means are held
        at 0 in all groups, differences of people count as differences of items.
    reference : str, optional
        The group that others are held against; the first by default.

    Returns
    -------
    DataFrame
        One row an item (of its scale) and group, then one a scale (``item`` None): ``dmacs``;
        ``signed``, positive where the group answers higher than people of the same standing in
        the reference group; ``bias``, the same in score points, for a scale of the sum of its
        items (divide by ``n_items`` for a mean score), with ``se low high``; all over the
        group's own factor distribution. Ordered items count their categories 0, 1, 2, ... and
        have no interval.

    Raises
    ------
    DataError
        For a model of one group, or without means.
    """
    if len(fit.groups) < 2 or not fit.fits.table.mean_structure:
        raise DataError("Effect sizes compare groups; they need a model of several, with means.")
    chosen = fit.groups[0] if reference is None else reference
    check_option("reference", chosen, fit.groups)
    base = fit.groups.index(chosen)
    rows: list[dict[str, Any]] = []
    if fit.fits.table.ordered:
        make = partial(ordered_rows, fit)
    else:
        make = partial(continuous_rows, fit, bias_covariance(fit, base))
    for g, name in enumerate(fit.groups):
        if g != base:
            about = {
                "group": name, "reference": chosen, "level": fit.level,
                "n_obs": fit.fitted.n_by_group[g], "n_reference": fit.fitted.n_by_group[base],
                "method": "over the group's factor distribution",
            }  # fmt: skip
            rows += [about | row for row in make(g, base)]
    made = pd.DataFrame(rows, columns=list(EFFECT_COLUMNS))
    made["reason"] = pd.Series([row["reason"] for row in rows], index=made.index, dtype=object)
    return made


def scales_of(fit: CFAResult) -> dict[str, list[int]]:
    """Return the places of each factor's observed items."""
    table = fit.fits.table
    found: dict[str, list[int]] = {}
    for row in table.rows:
        if row.op == "=~" and row.group == 0 and row.rhs in table.observed:
            found.setdefault(row.lhs, []).append(table.observed.index(row.rhs))
    return found


def biases(fit: CFAResult, base: int, z: FloatArray) -> FloatArray:
    """Return the bias of every item in every group, (replicate, q) -> (replicate, group, item)."""
    layout = fit.fits.layout
    slots = slot_values(layout, z)
    paths, _, level = matrices(layout, slots)
    centre = imply_slots(layout, slots).full_mean
    p = layout.n_observed
    slope = paths[..., :p, p:] - paths[:, base : base + 1, :p, p:]
    shift = level[..., :p] - level[:, base : base + 1, :p]
    return np.asarray(shift + (slope @ centre[..., p:, None])[..., 0])


def bias_covariance(fit: CFAResult, base: int) -> FloatArray:
    """Return the covariance of the items' biases by the delta method, (group, item, item)."""
    z = fit.fits.optimum.z[0]
    n_groups, p = len(fit.groups), fit.fits.layout.n_observed
    layout = fit.fits.layout
    # Variances and covariances move no bias, and are most of the parameters.
    about = [at for row, at in zip(fit.fits.table.rows, layout.row_slots, strict=True)
             if row.op != "~~"]  # fmt: skip
    moving = np.flatnonzero(np.abs(layout.selection[:, about]).max(axis=(0, 1)) > 0)

    def moved(part: Any) -> Any:
        point = np.repeat(z[None, :].astype(part.dtype), len(part), axis=0)
        point[:, moving] = part
        return biases(fit, base, point).reshape(len(part), -1)

    slopes = jacobian(moved, z[moving]).reshape(n_groups, p, -1)
    covariance = fit.fits.covariance[0][np.ix_(moving, moving)]
    return np.asarray(slopes @ covariance @ np.swapaxes(slopes, -1, -2))


def continuous_rows(
    fit: CFAResult, covariances: FloatArray, group: int, base: int
) -> list[dict[str, Any]]:
    """Return the rows of one group of continuous items, in closed form."""
    layout, z = fit.fits.layout, fit.fits.optimum.z[:1]
    p = layout.n_observed
    slots = slot_values(layout, z)
    paths, _, level = matrices(layout, slots)
    implied = imply_slots(layout, slots)
    n = fit.fitted.n_by_group
    spread = observed_covariance(fit)
    sds = np.sqrt(np.diagonal(spread, axis1=-2, axis2=-1))
    effects = continuous_effects(
        level[0, group, :p], paths[0, group, :p, p:], level[0, base, :p], paths[0, base, :p, p:],
        implied.full_mean[0, group, p:], implied.full[0, group, p:, p:],
        pooled_sd(sds[group], n[group], sds[base], n[base]),
    )  # fmt: skip
    covariance = covariances[group]
    width = float(special.ndtri((1 + fit.level) / 2))
    slope_gap = paths[0, group, :p, p:] - paths[0, base, :p, p:]
    rows: list[dict[str, Any]] = []
    for scale, items in scales_of(fit).items():
        for i in items:
            rows.append(
                {"scale": scale, "item": fit.fits.table.observed[i], "n_items": 1,
                 "dmacs": effects.dmacs[i],
                 "signed": effects.signed[i]}
                | interval(effects.bias[i], covariance[i, i], width)
            )  # fmt: skip
        at = np.array(items)
        sd = pooled_sd(*scale_sds(spread, at, group, base, n))
        bias = float(effects.bias[at].sum())
        steep = slope_gap[at].sum(axis=0)
        square = bias**2 + steep @ implied.full[0, group, p:, p:] @ steep
        rows.append(
            {"scale": scale, "item": None, "n_items": len(items),
             "dmacs": float(np.sqrt(square) / sd),
             "signed": float(bias / sd)}
            | interval(bias, float(covariance[np.ix_(at, at)].sum()), width)
        )  # fmt: skip
    return rows


def scale_sds(
    spread: FloatArray, at: Any, group: int, base: int, n: tuple[int, ...]
) -> tuple[Any, int, Any, int]:
    """Return the standard deviations of a sum score in two groups, each with its n."""
    own, other = (np.sqrt(spread[g][np.ix_(at, at)].sum()) for g in (group, base))
    return own, n[group], other, n[base]


def observed_covariance(fit: CFAResult) -> FloatArray:
    """Return the observed covariances over n - 1, (group, p, p)."""
    data = fit.fits.moments
    scale = 1.0 if data.unweighted else data.n / (data.n - 1)
    return np.asarray((data.covariance * np.asarray(scale)[..., None, None])[0])


def interval(bias: float, variance: float, width: float) -> dict[str, Any]:
    """Return a bias with its interval; none where both groups share the parameters."""
    if not variance > 1e-18:
        return {"bias": bias, "se": 0.0, "low": bias, "high": bias, "reason": NO_REASON}
    se = float(np.sqrt(variance))
    return {
        "bias": bias, "se": se, "low": bias - width * se, "high": bias + width * se,
        "reason": NO_REASON,
    }  # fmt: skip


def ordered_items(fit: CFAResult, group: int) -> tuple[list[OrderedItem], FloatArray, FloatArray]:
    """Return the items' parameters in one group, the factors' means and covariances."""
    layout, z = fit.fits.layout, fit.fits.optimum.z[:1]
    slots, implied = complete_slots(layout, z)
    paths, _, level = matrices(layout, slots)
    p = layout.n_observed
    spread = implied.full[0, group, p:, p:]
    items = []
    for i in range(p):
        loading = paths[0, group, i, p:]
        at = np.flatnonzero((layout.kind == THRESHOLD) & (layout.row == i))
        cuts = slots[0, group, at[np.argsort(layout.number[at])]]
        rest = implied.full[0, group, i, i] - loading @ spread @ loading
        one = loading[np.abs(loading) > 0]
        single = float(one[0]) if len(one) == 1 else float("nan")
        items.append(
            OrderedItem(float(level[0, group, i]), single, cuts, float(np.sqrt(max(rest, 0.0))))
        )
    return items, implied.full_mean[0, group, p:], spread


def ordered_rows(fit: CFAResult, group: int, base: int) -> list[dict[str, Any]]:
    """Return the rows of one group of ordered items, by quadrature."""
    table = fit.fits.table
    if set(table.ordered) != set(table.observed):
        raise DataError("Effect sizes are not available for ordered and continuous items together.")
    own, mean, spread = ordered_items(fit, group)
    other, _, _ = ordered_items(fit, base)
    moments = fit.fitted.sample.ordinal
    if moments is None:
        raise DataError("The answers behind the ordered items are not known.")
    codes = [moments.groups[g].codes.astype(float) for g in (group, base)]
    n = fit.fitted.n_by_group
    for one, part in zip(codes, (group, base), strict=True):
        one[one > table_categories(fit, part)] = np.nan
    sds = [np.nanstd(one, axis=0, ddof=1) for one in codes]
    rows: list[dict[str, Any]] = []
    for scale, items in scales_of(fit).items():
        factor = table.latent.index(scale)
        for i in items:
            row: dict[str, Any] = {"scale": scale, "item": table.observed[i], "n_items": 1}
            if not np.isfinite(own[i].loading):
                rows.append(row | {"reason": reason("item_of_several_factors")})
                continue
            sd = float(pooled_sd(sds[0][i], n[group], sds[1][i], n[base]))
            dmacs, signed, bias = ordered_effects(
                own[i], other[i], float(mean[factor]), float(spread[factor, factor]), sd
            )
            rows.append(row | {"dmacs": dmacs, "signed": signed, "bias": bias, "reason": NO_REASON})
        rows.append(
            scale_row(scale, rows[-len(items) :], codes, np.array(items), (n[group], n[base]))
        )
    return rows


def table_categories(fit: CFAResult, group: int) -> FloatArray:
    """Return the highest category of each ordered item."""
    moments = fit.fitted.sample.ordinal
    if moments is None:
        raise DataError("The answers behind the ordered items are not known.")
    return np.asarray(moments.groups[group].layout.n_categories, dtype=float) - 1


def scale_row(
    scale: str, rows: list[dict[str, Any]], codes: list[FloatArray], at: Any, n: tuple[int, int]
) -> dict[str, Any]:
    """Return the bias of the sum of ordered items; its shape over the factor is not summed up."""
    known = [row["bias"] for row in rows if "bias" in row]
    if len(known) < len(at):
        return {"scale": scale, "item": None, "reason": reason("item_of_several_factors")}
    sums = [np.nanstd(one[:, at].sum(axis=1), ddof=1) for one in codes]
    bias = float(np.sum(known))
    sd = float(pooled_sd(sums[0], n[0], sums[1], n[1]))
    return {
        "scale": scale, "item": None, "n_items": len(at), "dmacs": float("nan"),
        "signed": bias / sd, "bias": bias,
        "reason": NO_REASON,
    }  # fmt: skip
