"""Evidence for scales that their items make: distinct indicators that cover the whole.

Internal consistency and factor models say nothing about such a scale. What can be asked of the
answers instead: whether an indicator only repeats the others (its variance inflation factor), and
whether the score goes with a rating of the whole, which is the redundancy analysis of PLS and the
MIMIC model with one reflective indicator.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.instrument import Instrument
from psychometrics.stats.moments import FloatArray
from psychometrics.validity.formative import formative_scales
from psychometrics.validity.selection import META, ModelMissing, Selection, Units
from psychometrics.validity.units import tidy, with_moments

FORMATIVE_COLUMNS = (
    "scale", "group", "pooling", "statistic", "item", "comparator", "estimate", "low", "high",
    "level", "n_obs", "method", "reason",
)  # fmt: skip

VIF = "vif"
REDUNDANCY = "redundancy"
METHOD = "1 / (1 - R2) of the item on the scale's other items"
ROWS = {False: "complete rows", True: "ML moments of all answers"}


def formative_evidence(
    chosen: Selection,
    correlations: pd.DataFrame,
    instrument: Instrument,
    missing: ModelMissing = "listwise",
) -> pd.DataFrame:
    """Return collinearity and redundancy of the formative scales, in every unit.

    Parameters
    ----------
    chosen : Selection
        Answers and scales.
    correlations : DataFrame
        Rows with the statistic ``correlation``, as
        :func:`~psychometrics.validity.comparators.comparator_correlations` gives them.
    instrument : Instrument
        Says which scales are formative, and which comparator is a global rating of one.
    missing : {"listwise", "fiml"}
        Collinearity from complete rows, or from the maximum likelihood moments of all answers.

    Returns
    -------
    DataFrame
        One row an item (``vif``) and unit, and one a global rating (``redundancy``) and unit. A
        variance inflation factor has no interval here.
    """
    rows: list[dict[str, Any]] = []
    for scale in formative_scales(instrument):
        if scale in chosen.keyed.scales:
            rows += _collinearity(chosen, scale, missing)
        rows += _redundancy(correlations, instrument, scale)
    return tidy(rows, FORMATIVE_COLUMNS)


def _collinearity(chosen: Selection, scale: str, missing: ModelMissing) -> list[dict[str, Any]]:
    """Return the variance inflation factor of every item of a scale, in every unit."""
    items = chosen.keyed.scales[scale]
    units = with_moments(chosen.units(chosen.keyed.positions(scale), missing))
    rows: list[dict[str, Any]] = []
    for unit in range(len(units)):
        why = no_inflation(units, unit, items)
        values = np.full(len(items), np.nan) if why else inflation(units.covariance[unit])
        rows += [
            {
                "scale": scale, "group": units.group[unit], "pooling": units.pooling[unit],
                "statistic": VIF, "item": item, "estimate": float(value),
                "low": math.nan, "high": math.nan, "level": math.nan,
                "n_obs": int(units.n[unit]), "reason": why,
                "method": f"{METHOD}, {ROWS[unit in units.incomplete]}",
            }
            for item, value in zip(items, values, strict=True)
        ]  # fmt: skip
    return rows


def no_inflation(units: Units, unit: int, items: tuple[str, ...]) -> Reason:
    """Say why a unit has no variance inflation factors; empty if it has."""
    n_obs, n_items = int(units.n[unit]), len(items)
    if n_items < 2:
        return reason("too_few_items", n_items=n_items, needed=2)
    if units.df[unit] < n_items:
        return reason("more_items_than_people", n_obs=n_obs, n_items=n_items)
    variance = np.diagonal(units.covariance[unit])
    constant = [item for item, one in zip(items, variance, strict=True) if not one > 0]
    if constant:
        return reason("constant_items", items=", ".join(constant))
    if np.linalg.matrix_rank(units.covariance[unit], hermitian=True) < n_items:
        return reason("covariance_singular", n_obs=n_obs, n_items=n_items)
    return NO_REASON


def inflation(covariance: FloatArray) -> FloatArray:
    """Return the variance inflation factor of every variable, shape (p,).

    The diagonal of the inverse of the correlation matrix.

    Examples
    --------
    >>> inflation(np.array([[1.0, 0.6], [0.6, 1.0]])).round(4).tolist()
    [1.5625, 1.5625]
    """
    sd = np.sqrt(np.diagonal(covariance))
    inverse = np.linalg.solve(covariance / np.outer(sd, sd), np.eye(len(sd)))
    return np.asarray(np.diagonal(inverse))


def _redundancy(
    correlations: pd.DataFrame, instrument: Instrument, scale: str
) -> list[dict[str, Any]]:
    """Return the correlation of a scale's score with each global rating of it."""
    ratings = [key for key, one in instrument.comparators.items() if scale in one.global_rating_of]
    if not ratings:
        return []
    wanted = (
        (correlations["scale"] == scale)
        & (correlations["statistic"] == "correlation")
        & correlations["comparator"].isin(ratings)
        & (correlations["pooling"] != META)
    )
    taken = [name for name in FORMATIVE_COLUMNS if name != "statistic"]
    return [
        {**{str(name): cell for name, cell in row.items()}, "statistic": REDUNDANCY}
        for row in correlations.loc[wanted, taken].to_dict("records")
    ]
