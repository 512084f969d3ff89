"""From estimates to standard errors, standardised solutions, score tests and fit indices.

Functions of the parameters are differentiated by complex steps: exact to rounding, and no
formula has to be written twice (Squire & Trapp, 1998, SIAM Review, 40, 110-112,
doi:10.1137/S003614459631241X).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import special, stats

from psychometrics.stats.cfa.arrow import Arrow
from psychometrics.stats.cfa.dependent import complete_slots, dependent_slopes, variance_slopes
from psychometrics.stats.cfa.fit_indices import (
    FitIndices,
    baseline_chi2,
    close_fit_p,
    comparative_fit,
    rmsea,
    rmsea_interval,
    srmr,
    tucker_lewis,
)
from psychometrics.stats.cfa.kernel import (
    SampleMoments,
    imply,
)
from psychometrics.stats.cfa.layout import (
    COVARIANCE,
    MEAN,
    REGRESSION,
    SCALE,
    THRESHOLD,
    Layout,
)
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.stats.moments import FloatArray

STEP = 1e-30


def information_matrix(
    layout: Layout, z: FloatArray, data: SampleMoments | OrdinalData
) -> FloatArray:
    """Return the expected information of the whole sample at z, shape (replicate, q, q)."""
    return data.slopes(layout, z, observed=False)[1].dense()


def parameter_covariance(information: Arrow) -> FloatArray:
    """Invert the information, (replicate, q, q); NaN where singular: the model isn't identified."""
    return information.inverse()


def jacobian(function: Callable[[Any], Any], z: FloatArray) -> FloatArray:
    """Return the derivatives of a function of the parameters at one point.

    Parameters
    ----------
    function : callable
        From parameters (replicate, q), complex allowed, to values (replicate, k).
    z : ndarray, shape (q,)

    Returns
    -------
    ndarray, shape (k, q)
    """
    q = len(z)
    points = np.repeat(z[None, :].astype(complex), q, axis=0)
    points[np.arange(q), np.arange(q)] += 1j * STEP
    return np.asarray((function(points).imag / STEP).T)


def delta_method(
    function: Callable[[Any], Any], z: FloatArray, covariance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the value (k,) and covariance (k, k) of a function of the estimates.

    What has no value has no variance either: NaN.
    """
    value = np.asarray(function(z[None, :])[0])
    slope = jacobian(function, z)
    slope[~np.isfinite(value)] = np.nan
    return value, slope @ covariance @ slope.T


def standardize(layout: Layout, z: Any) -> Any:
    """Return the completely standardised slots, shape (replicate, group * m).

    Loadings and regressions are scaled by the standard deviations of both ends, variances by the
    total variance, covariances of residuals to correlations of residuals, intercepts by the
    standard deviation.
    """
    slots, implied = complete_slots(layout, z)
    sd = np.sqrt(np.diagonal(implied.full, axis1=-2, axis2=-1))
    spread = np.zeros_like(sd)
    own = (layout.kind == COVARIANCE) & (layout.row == layout.column)
    spread[..., layout.row[own]] = slots[..., own]
    # abs() is not analytic; a negative residual variance keeps its size this way.
    root = np.sqrt(spread * np.sign(spread.real))
    row, column = layout.row, layout.column
    with np.errstate(invalid="ignore", divide="ignore"):
        paths = slots * sd[..., column] / sd[..., row]
        shared = slots / (root[..., row] * root[..., column])
        variance = slots / sd[..., row] ** 2
        level = slots / sd[..., row]
    spreads = np.where(own, variance, shared)
    kind = layout.kind
    levels = (kind == MEAN) | (kind == THRESHOLD)
    scaled = np.where(kind == REGRESSION, paths, np.where(levels, level, spreads))
    scaled = np.where(kind == SCALE, slots * sd[..., row], scaled)
    return scaled.reshape(len(scaled), -1)


def standardize_group(
    layout: Layout,
    slots: FloatArray,
    effects: FloatArray,
    full: FloatArray,
    *,
    latent_only: bool = False,
) -> tuple[FloatArray, FloatArray]:
    """Return the standardised slots of one group and their derivatives.

    Parameters
    ----------
    slots : ndarray, shape (m,)
    effects, full : ndarray, shape (v, v)
        E = (I - A)^-1 and the covariance of all variables.
    latent_only : bool
        Scale the factors alone; observed variables keep their units.

    Returns
    -------
    values : ndarray, shape (m,)
    slopes : ndarray, shape (m, m)
        Derivative of each value by each slot.
    """
    row, column, kind = layout.row, layout.column, layout.kind
    m = len(kind)
    paths, spreads, scales = kind == REGRESSION, kind == COVARIANCE, kind == SCALE
    levels = (kind == MEAN) | (kind == THRESHOLD)
    own = spreads & (row == column)
    variance = np.diagonal(full).copy()
    kept = np.arange(len(variance)) < (layout.n_observed if latent_only else 0)
    # How the total variances move with the slots, as shares of themselves, halved.
    moved = 0.5 * variance_slopes(layout, effects, full) / variance[:, None]
    variance[kept], moved[kept] = 1.0, 0.0
    sd = np.sqrt(variance)
    residual = np.full(len(variance), np.nan)
    residual[row[own]] = slots[own]
    residual[kept] = 1.0
    size = np.sqrt(np.abs(residual))
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.where(
            paths,
            sd[column] / sd[row],
            np.where(own, 1 / variance[row], 1 / (size[row] * size[column])),
        )
    scale = np.where(levels, 1 / sd[row], np.where(scales, sd[row], scale))
    values = slots * scale
    weight_row = np.where(own, -2.0, np.where(paths | levels, -1.0, 0.0))
    weight_row = np.where(scales, 1.0, weight_row)
    slopes = weight_row[:, None] * moved[row] + np.where(paths, 1.0, 0.0)[:, None] * moved[column]
    slopes = values[:, None] * slopes
    slopes[np.arange(m), np.arange(m)] += scale
    place = np.full(len(variance), -1)
    place[row[own]] = np.flatnonzero(own)
    shared = np.flatnonzero(spreads & ~own)
    with np.errstate(invalid="ignore", divide="ignore"):
        for end in (row, column):
            at = place[end[shared]]
            known = (at >= 0) & ~kept[end[shared]]
            slopes[shared[known], at[known]] -= 0.5 * values[shared[known]] / slots[at[known]]
    return values, slopes


@dataclass(frozen=True, slots=True)
class Inference:
    """Estimates of every row of the parameter table with their uncertainty.

    Attributes
    ----------
    estimate, se : ndarray, shape (n_rows,)
        ``se`` is 0 for a fixed row.
    standardized_lv, standardized_lv_se : ndarray, shape (n_rows,)
        Solution in which factors, not observed variables, have variance 1.
    standardized, standardized_se : ndarray, shape (n_rows,)
        Completely standardised solution.
    covariance : ndarray, shape (q, q)
        Of the free parameters; NaN where the model is not identified.
    """

    estimate: FloatArray
    se: FloatArray
    standardized_lv: FloatArray
    standardized_lv_se: FloatArray
    standardized: FloatArray
    standardized_se: FloatArray
    covariance: FloatArray


def infer(
    table: ParameterTable, layout: Layout, z: FloatArray, covariance: FloatArray
) -> Inference:
    """Return estimates, standard errors and the standardised solution, row by row.

    Parameters
    ----------
    table, layout
        The model.
    z : ndarray, shape (q,)
        Estimates.
    covariance : ndarray, shape (q, q)
        Their covariance.

    Notes
    -----
    Moments of observed predictors are taken as known: they have no standard error, and add none
    to the standardised solution.
    """
    groups = np.array([row.group for row in table.rows])
    every, implied = complete_slots(layout, z[None, :])
    slots = every[0]
    known = np.zeros(layout.n_free, dtype=bool)
    for row, slot in zip(table.rows, layout.row_slots, strict=True):
        if row.exogenous:
            known |= layout.selection[row.group, slot] != 0
    covariance = np.where(known[:, None] | known, 0.0, covariance)
    se = np.zeros(len(groups))
    scaled, scaled_se = np.zeros((2, len(groups))), np.zeros((2, len(groups)))
    for group in range(table.n_groups):
        mine = np.flatnonzero(groups == group)
        at = layout.row_slots[mine]
        members = layout.plan.blocks.members(group)
        spread = covariance[np.ix_(members, members)]
        pattern = layout.selection[group][:, members]
        used = pattern[at].any(axis=1) | layout.dependent[at]
        pattern = dependent_slopes(layout, pattern, slots[group], implied, group)
        se[mine] = np.where(used, form_roots(pattern[at], spread), 0.0)
        matrices = implied.effects[0, group], implied.full[0, group]
        for kind, latent_only in enumerate((True, False)):
            values, slopes = standardize_group(
                layout, slots[group], *matrices, latent_only=latent_only
            )
            scaled[kind, mine] = values[at]
            scaled_se[kind, mine] = form_roots(slopes[at] @ pattern, spread)
    estimate = slots[groups, layout.row_slots]
    return Inference(estimate, se, scaled[0], scaled_se[0], scaled[1], scaled_se[1], covariance)


def form_roots(rows: FloatArray, covariance: FloatArray) -> FloatArray:
    """Return the standard errors of linear combinations; what has no value has none."""
    undefined = np.asarray(~np.isfinite(rows).all(axis=1))
    usable = np.where(undefined[:, None], 0.0, rows)
    variance = ((usable @ covariance) * usable).sum(axis=1)
    return np.where(undefined, np.nan, np.sqrt(np.maximum(variance, 0.0)))


def wald(estimate: FloatArray, se: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return z and its two-sided p value; NaN where there is no standard error."""
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(se > 0, estimate / se, np.nan)
    return z, 2 * special.ndtr(-np.abs(z))


def count_exogenous(table: ParameterTable) -> int:
    """Return the number of free moments of observed predictors, over all groups."""
    return sum(row.exogenous and row.free for row in table.rows)


def degrees_of_freedom(table: ParameterTable, layout: Layout) -> int:
    """Moments less free parameters."""
    p = layout.n_observed
    moments = p * (p + 1) // 2 + (p if table.mean_structure else 0)
    if table.ordered:
        thresholds = sum(row.op == "|" and row.group == 0 for row in table.rows)
        moments += thresholds - 2 * len(table.ordered)
    return moments * table.n_groups - layout.n_free


def predictors_last(table: ParameterTable, data: SampleMoments) -> SampleMoments:
    """Return the moments with the observed predictors behind the outcomes."""
    if not table.exogenous:
        return data
    order = [i for i, name in enumerate(table.observed) if name not in table.exogenous]
    order += [i for i, name in enumerate(table.observed) if name in table.exogenous]
    placed = np.array(order)
    return SampleMoments(
        data.covariance[..., placed[:, None], placed],
        data.mean[..., placed],
        data.n,
        data.log_determinant,
    )


def summarize_fit(
    table: ParameterTable,
    layout: Layout,
    z: FloatArray,
    fmin: FloatArray,
    data: SampleMoments,
) -> FitIndices:
    """Return the fit indices of one replicate.

    Parameters
    ----------
    z : ndarray, shape (q,)
    fmin : ndarray, shape (group,)
    data : SampleMoments
        One replicate.
    """
    n = float(data.n[0].sum())
    df = degrees_of_freedom(table, layout)
    # A saturated model is fitted exactly but for rounding.
    chi2 = float((data.n[0] * fmin).sum()) if df > 0 else 0.0
    chi2 = max(chi2, 0.0)
    sorted_data = predictors_last(table, data)
    base, df_base = baseline_chi2(sorted_data, len(table.exogenous))
    likelihood = log_likelihood(sorted_data, chi2, len(table.exogenous))
    n_parameters = layout.n_free - count_exogenous(table)
    low, high = rmsea_interval(chi2, df, n, table.n_groups)
    return FitIndices(
        chi2=chi2,
        df=df,
        p_value=float(stats.chi2.sf(chi2, df)) if df > 0 else float("nan"),
        chi2_baseline=float(base[0]),
        df_baseline=df_base,
        cfi=comparative_fit(chi2, df, float(base[0]), df_base),
        tli=tucker_lewis(chi2, df, float(base[0]), df_base),
        rmsea=rmsea(chi2, df, n, table.n_groups),
        rmsea_low=low,
        rmsea_high=high,
        rmsea_p=close_fit_p(chi2, df, n, table.n_groups),
        srmr=float(srmr(imply(layout, z[None, :]), data, table.mean_structure)[0]),
        log_likelihood=likelihood,
        aic=-2 * likelihood + 2 * n_parameters,
        bic=-2 * likelihood + float(np.log(n)) * n_parameters,
        n_obs=round(n),
        n_parameters=n_parameters,
    )


def log_likelihood(data: SampleMoments, chi2: float, n_exogenous: int) -> float:
    """Return the normal log-likelihood, given the observed predictors (which stand last)."""
    p = data.covariance.shape[-1]
    saturated = -0.5 * data.n * (p * np.log(2 * np.pi) + data.log_determinant + p)
    total = float(saturated.sum()) - chi2 / 2
    if n_exogenous:
        own = data.covariance[..., p - n_exogenous :, p - n_exogenous :]
        size = n_exogenous * (np.log(2 * np.pi) + 1)
        total += float((0.5 * data.n * (size + np.linalg.slogdet(own)[1])).sum())
    return total


@dataclass(frozen=True, slots=True)
class ScoreTests:
    """Modification indices of parameters that the model leaves out or fixes.

    Attributes
    ----------
    kind, row, column : ndarray of int, shape (k,)
        Where each candidate stands (see ``layout``).
    statistic : ndarray, shape (k,)
        Expected fall of chi-square (1 df).
    change : ndarray, shape (k,)
        Expected change of the parameter.
    """

    kind: Any
    row: Any
    column: Any
    statistic: FloatArray
    change: FloatArray


def candidates(layout: Layout) -> list[tuple[int, int, int]]:
    """List loadings of observed variables and residual covariances that aren't free."""
    free = {
        (int(k), int(r), int(c))
        for k, r, c, used in zip(
            layout.kind,
            layout.row,
            layout.column,
            np.asarray(layout.selection.any(axis=(0, 2))),
            strict=True,
        )
        if used
    }
    p, v = layout.n_observed, layout.n_variables
    paths = layout.kind == REGRESSION
    explained = set(layout.row[paths].tolist())
    predictors = set(layout.column[paths].tolist()) - explained
    loadings = [(REGRESSION, row, factor) for factor in range(p, v) for row in range(p)]
    # A predictor has no residual that could go with that of an item.
    pairs = [
        (COVARIANCE, row, column)
        for row in range(p)
        for column in range(row + 1, p)
        if (row in predictors) == (column in predictors)
    ]
    mirrored = {(k, c, r) for k, r, c in free if k == COVARIANCE}
    return [c for c in loadings + pairs if c not in free and c not in mirrored]


def modification_indices(
    layout: Layout,
    z: FloatArray,
    data: SampleMoments | OrdinalData,
    covariance: FloatArray,
    group: int = 0,
) -> ScoreTests:
    """Score tests of the parameters that one group leaves out.

    Parameters
    ----------
    z : ndarray, shape (q,)
        Estimates.
    data : SampleMoments or OrdinalData
        One replicate.
    covariance : ndarray, shape (q, q)
        Of the estimates, from the expected information.
    group : int
        The group.

    References
    ----------
    Sörbom, D. (1989). Model modification. Psychometrika, 54, 371-384. doi:10.1007/BF02294623
    """
    extra = candidates(layout)
    place = np.array(extra, dtype=np.intp).reshape(-1, 3)
    known = {
        (int(k), int(r), int(c)): i
        for i, (k, r, c) in enumerate(zip(layout.kind, layout.row, layout.column, strict=True))
    }
    n_groups = len(layout.selection)
    fixed_value = np.array(
        [[layout.fixed[g, known[e]] if e in known else 0.0 for e in extra] for g in range(n_groups)]
    ).reshape(n_groups, len(extra))
    none = np.zeros(len(extra), dtype=np.intp)
    wide = replace(
        layout,
        kind=np.concatenate([layout.kind, place[:, 0]]),
        row=np.concatenate([layout.row, place[:, 1]]),
        column=np.concatenate([layout.column, place[:, 2]]),
        selection=np.concatenate(
            [layout.selection, np.zeros((n_groups, len(extra), layout.n_free))], axis=1
        ),
        fixed=np.concatenate([layout.fixed, fixed_value], axis=1),
        number=np.concatenate([layout.number, none]),
        dependent=np.concatenate([layout.dependent, none.astype(bool)]),
    )
    parts = data.slot_derivatives(wide, z[None, :])
    n = data.n[0, group]
    m = len(layout.kind)
    chosen = layout.selection[group]
    score = -n * parts.gradient[0, group, m:]
    own = n * np.diagonal(parts.information[0, group])[m:]
    shared = n * parts.information[0, group, m:, :m] @ chosen
    left = own - np.einsum("kq,ql,kl->k", shared, covariance, shared)
    # Where the candidate is a mix of free parameters its information is rounding error.
    with np.errstate(invalid="ignore", divide="ignore"):
        usable = left > 1e-8 * own
        statistic = np.where(usable, score**2 / left, np.nan)
        change = np.where(usable, score / left, np.nan)
    return ScoreTests(place[:, 0], place[:, 1], place[:, 2], statistic, change)
