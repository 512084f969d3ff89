"""What a study does with missing answers, and what leaving incomplete rows out would cost."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from psychometrics.errors import Finding, Reason, finding
from psychometrics.stats.cfa.free_means import FreeMeans, little_of
from psychometrics.stats.moments import BoolArray, IntArray
from psychometrics.validity.convergent import shares_of
from psychometrics.validity.difference_tests import correlation_place
from psychometrics.validity.factors import FactorModels
from psychometrics.validity.selection import ModelMissing, Selection
from psychometrics.validity.units import UnitFits, tidy

ALL = "correlated_factors"

MISSING_COLUMNS = (
    "model", "group", "pooling", "n_rows", "n_empty", "n_obs", "n_complete", "lost",
    "missing_share", "structural_share", "n_patterns", "scarcest_pair", "statistic", "estimate",
    "width", "estimate_listwise", "width_listwise", "level", "little_chi2", "little_df",
    "little_p", "treatment", "assumption", "reason",
)  # fmt: skip

FIML, LISTWISE, NOTHING = "fiml", "listwise", "nothing_missing"
ASSUMPTIONS = {FIML: "missing_at_random", LISTWISE: "missing_completely_at_random", NOTHING: ""}


def missing_findings(chosen: Selection, missing: ModelMissing) -> tuple[Finding, ...]:
    """Say that models with case weights leave rows out, where there are some to leave out."""
    if missing != "fiml" or chosen.weights is None:
        return ()
    columns = np.arange(len(chosen.keyed.items))
    lost = int((chosen.some(columns) & ~chosen.complete(columns)).sum())
    if not lost:
        return ()
    return (finding("rows_left_out_for_weights", "warning", "weight", count=lost),)


def missing_table(models: FactorModels, structural: BoolArray, level: float) -> pd.DataFrame:
    """Tell of each model and unit who is analysed, and what complete rows alone would give.

    Parameters
    ----------
    models : FactorModels
        The study's models.
    structural : ndarray of bool, shape (n, p)
        Answers that can't exist because the question did not apply, in the order of the
        selection's items.
    level : float
        Coverage of the intervals that are compared.

    Returns
    -------
    DataFrame
        One row a model (``correlated_factors``, then each scale) and unit. ``n_rows`` people, of
        whom ``n_empty`` answered none of the model's items, ``n_obs`` are analysed, ``n_complete``
        answered all; ``lost`` is the share of those with an answer that complete rows would leave
        out. ``missing_share``: answers that could exist and are not there; ``structural_share``:
        those that can't. ``scarcest_pair``: people who answered both of the two items seldom
        answered together. ``estimate`` and ``width`` of its interval beside the same of complete
        rows: omega total of a scale, the mean correlation of factors. Little's test says whether
        gaps go with answers; within sites it takes the sites' means as they are.
    """
    rows: list[dict[str, Any]] = []
    listwise = FactorModels(models.chosen, models.barred)
    for name, scales in parts_of(models):
        fitted = models.together if name == ALL else models.alone(*scales)
        again = listwise.together if name == ALL else listwise.alone(*scales)
        columns = np.array(
            [models.chosen.keyed.items.index(item) for s in scales for item in models.scales[s]]
        )
        columns = np.array(list(dict.fromkeys(columns.tolist())), dtype=np.int64)
        for unit in range(len(fitted.units)):
            row = {"model": name, "level": level, **people(models, fitted, columns, unit)}
            row |= cells(models.chosen, structural, columns, fitted, unit)
            row |= headline(fitted, unit, scales, level)
            other = headline(again, unit, scales, level)
            row |= {f"{key}_listwise": other[key] for key in ("estimate", "width")}
            rows.append(row)
    return tidy(rows, MISSING_COLUMNS)


def parts_of(models: FactorModels) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the models: all scales together, then each that can be fitted alone."""
    if models.chosen.moments is not None or not models.scales:
        return
    yield ALL, tuple(models.scales)
    for scale, items in models.scales.items():
        if len(items) > 2:
            yield scale, (scale,)


def people(models: FactorModels, fitted: UnitFits, columns: IntArray, unit: int) -> dict[str, Any]:
    """Count a unit's people, and say what is done with those who left something out."""
    chosen, units = models.chosen, fitted.units
    mine = chosen.members(units.pooling[unit], units.group[unit])
    if chosen.weights is not None:
        mine = mine & (chosen.weights > 0)
    some, complete = mine & chosen.some(columns), mine & chosen.complete(columns)
    n_some, n_complete = int(some.sum()), int(complete.sum())
    data = units.incomplete.get(unit)
    treatment = FIML if data is not None else LISTWISE
    if n_some == n_complete:
        treatment = NOTHING
    seen = chosen.observed[some][:, columns].astype(float)
    return {
        "group": units.group[unit],
        "pooling": units.pooling[unit],
        "n_rows": int(mine.sum()),
        "n_empty": int(mine.sum()) - n_some,
        "n_obs": n_complete if treatment == LISTWISE else n_some,
        "n_complete": n_complete,
        "lost": 1 - n_complete / n_some if n_some else np.nan,
        "n_patterns": len(np.unique(seen, axis=0)),
        "scarcest_pair": int((seen.T @ seen).min()),
        "treatment": treatment,
        "assumption": ASSUMPTIONS[treatment],
        "reason": fitted.reasons[unit],
        **little_row(data, fitted.reasons[unit]),
    }


def little_row(data: FreeMeans | None, why: Reason) -> dict[str, float]:
    """Return Little's test of a unit that was fitted with its incomplete rows."""
    names = ("little_chi2", "little_df", "little_p")
    if data is None or why:
        return dict.fromkeys(names, np.nan)
    found = little_of(data)
    return dict(zip(names, (found.chi2, found.df, found.p_value), strict=True))


def cells(
    chosen: Selection, structural: BoolArray, columns: IntArray, fitted: UnitFits, unit: int
) -> dict[str, float]:
    """Return the shares of answers that are missing, and of those that can't exist."""
    units = fitted.units
    mine = chosen.members(units.pooling[unit], units.group[unit]) & chosen.some(columns)
    gone, absent = ~chosen.observed[mine][:, columns], structural[mine][:, columns]
    possible = int((~absent).sum())
    return {
        "missing_share": int((gone & ~absent).sum()) / possible if possible else np.nan,
        "structural_share": int(absent.sum()) / absent.size if absent.size else np.nan,
    }


def headline(fitted: UnitFits, unit: int, scales: tuple[str, ...], level: float) -> dict[str, Any]:
    """Return a model's headline number in a unit and the width of its interval."""
    statistic = "omega_total" if len(scales) == 1 else "mean_factor_correlation"
    row = {"statistic": statistic, "estimate": np.nan, "width": np.nan}
    if fitted.fits is None or fitted.replicate[unit] < 0 or fitted.reasons[unit]:
        return row
    if len(scales) == 1:
        items = fitted.fits.table.observed
        found = shares_of(fitted, scales[0], items, unit, level)["composite_reliability"]
        width = found.get("high", np.nan) - found.get("low", np.nan)
        return row | {"estimate": found["estimate"], "width": width}
    z, covariance = fitted.parameters(unit)
    at = [correlation_place(fitted, a, b) for a, b in combinations(scales, 2)]
    error = np.sqrt(np.maximum(np.diagonal(covariance)[at], 0.0))
    width = 2 * float(stats.norm.isf((1 - level) / 2)) * float(error.mean())
    return row | {"estimate": float(z[at].mean()), "width": width}
