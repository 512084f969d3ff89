"""Whether the items of a scale go together as one thing: what alpha can't tell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import reason
from psychometrics.stats.common_variance import explained_common_variance
from psychometrics.stats.reliability import cronbach_alpha
from psychometrics.validity.factors import FactorModels
from psychometrics.validity.model_fit import fit_rows, judged_value
from psychometrics.validity.reliability_moments import alpha_problem
from psychometrics.validity.reliability_rows import row_of_unit
from psychometrics.validity.selection import Scales, select
from psychometrics.validity.units import tidy

UNIDIMENSIONALITY_COLUMNS = (
    "scale", "group", "pooling", "alpha", "ecv", "chi2", "df", "p_value", "cfi", "tli", "rmsea",
    "rmsea_low", "rmsea_high", "srmr", "n_obs", "n_items", "method", "reason",
)  # fmt: skip

FIT = ("chi2", "df", "p_value", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "srmr")
METHODS = {False: "one-factor ML, complete rows", True: "one-factor FIML, all answers"}


def unidimensionality(
    data: Any, scales: Scales, *, group: str | None = None, weights: str | None = None
) -> pd.DataFrame:
    """Tell how well one factor accounts for each scale, pooled and per site, beside its alpha.

    Parameters
    ----------
    data : frame, Responses or Moments
        Answers as given; complete rows on a scale are analysed.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one.
    group : str, optional
        Column of the sites.
    weights : str, optional
        Column of case weights.

    Returns
    -------
    DataFrame
        One row a scale and unit: alpha, explained common variance (``ecv``), and the fit of one
        factor. Three items are always fitted exactly (df 0): their fit says nothing. The reason
        says why a unit has no factor model; alpha and ECV may be there all the same.

    Raises
    ------
    DataError
        Absent or non-numeric columns, scales that make no sense.

    References
    ----------
    Ten Berge, J. M. F., & Sočan, G. (2004). The greatest lower bound to the reliability of a test
    and the hypothesis of unidimensionality. Psychometrika, 69, 613-625. doi:10.1007/BF02289858

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> person = np.random.default_rng(1).normal(size=(200, 1))
    >>> noise = np.random.default_rng(2).normal(size=(200, 4))
    >>> frame = pd.DataFrame(person + noise, columns=list("abcd"))
    >>> found = unidimensionality(frame, {"S": list("abcd")}).iloc[0]
    >>> int(found["df"]), bool(found["ecv"] > 0.9)
    (2, True)
    """
    return unidimensionality_of(FactorModels(select(data, scales, group=group, weights=weights)))


def unidimensionality_of(models: FactorModels) -> pd.DataFrame:
    """Tell how well one factor accounts for the scales of a selection."""
    rows: list[dict[str, Any]] = []
    for scale, items in models.chosen.keyed.scales.items():
        units = models.units(models.chosen.keyed.positions(scale))
        barred = models.barred.get(scale)
        alone = None if barred or len(items) < 3 else models.alone(scale)
        fitted = [] if alone is None else fit_rows(scale, alone)
        # Of incomplete units that were fitted, the moments are the maximum likelihood ones.
        units = units if alone is None else alone.units
        for unit in range(len(units)):
            row = {"scale": scale, **row_of_unit(units, unit, np.nan, len(items))}
            row["method"] = METHODS[unit in units.incomplete]
            short = reason("too_few_items", n_items=len(items), needed=3)
            row["reason"] = fitted[unit]["reason"] if fitted else (barred or short)
            if not barred and not alpha_problem(units, unit, items):
                covariance = units.covariance[unit]
                row["alpha"] = float(cronbach_alpha(covariance))
                row["ecv"] = float(explained_common_variance(covariance))
            if fitted:
                row |= {name: judged_value(fitted[unit], name) for name in FIT}
            rows.append(row)
    return tidy(rows, UNIDIMENSIONALITY_COLUMNS)
