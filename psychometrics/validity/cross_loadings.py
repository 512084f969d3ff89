"""Whether items belong to other scales too: what the model leaves out, item by item."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from psychometrics.errors import NO_REASON, Reason
from psychometrics.stats.cfa.dependent import complete_slots
from psychometrics.stats.cfa.inference import modification_indices
from psychometrics.stats.cfa.layout import REGRESSION
from psychometrics.validity.arguments import need_two_scales
from psychometrics.validity.factors import ALL_SCALES, FactorModels, factor_of
from psychometrics.validity.selection import Scales, select
from psychometrics.validity.threads import one_blas_thread
from psychometrics.validity.units import UnitFits, tidy

CROSS_LOADING_COLUMNS = (
    "scale", "item", "other", "group", "pooling", "loading", "structure", "epc", "mi", "p_value",
    "n_obs", "method", "reason",
)  # fmt: skip

Pair = tuple[str, str]


@one_blas_thread()
def cross_loadings(data: Any, scales: Scales, *, group: str | None = None) -> pd.DataFrame:
    """Ask of every item how it relates to the scales that it is not on, pooled and per site.

    Parameters
    ----------
    data : frame, Responses or Moments
        Answers as given; rows complete on all items are analysed.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one.
    group : str, optional
        Column of the sites.

    Returns
    -------
    DataFrame
        One row an item, other scale and unit: ``loading`` on the own factor, ``structure`` (the
        correlation with the other factor that the model implies: own loading times the
        correlation of the factors), ``epc`` (the loading on the other factor to be expected if
        it were free; all three completely standardised), ``mi`` (what chi-square would fall by)
        and its ``p_value`` with 1 df.

    Raises
    ------
    DataError
        Absent or non-numeric columns, scales that make no sense.

    References
    ----------
    Saris, W. E., Satorra, A., & van der Veld, W. M. (2009). Testing structural equation models
    or detection of misspecifications? Structural Equation Modeling, 16, 561-582.
    doi:10.1080/10705510903203433

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> person = np.random.default_rng(1).normal(size=(300, 2)).repeat(4, axis=1)
    >>> person[:, 0] += person[:, 7]
    >>> noise = np.random.default_rng(2).normal(size=(300, 8))
    >>> frame = pd.DataFrame(person + noise, columns=list("abcdefgh"))
    >>> table = cross_loadings(frame, {"S": list("abcd"), "T": list("efgh")})
    >>> table.sort_values("mi").iloc[-1][["item", "other"]].tolist()
    ['a', 'T']
    """
    need_two_scales(scales)
    return cross_loadings_of(FactorModels(select(data, scales, group=group)))


def cross_loadings_of(models: FactorModels) -> pd.DataFrame:
    """Return the cross-loadings of fitted models; see :func:`cross_loadings`."""
    fitted = models.together
    found = [unit_values(fitted, unit) for unit in range(len(fitted.units))]
    rows: list[dict[str, Any]] = []
    for scale, items in models.scales.items():
        for item in items:
            others = [name for name, own in models.scales.items() if item not in own]
            for other in others:
                rows += [
                    {"scale": scale, "item": item, "other": other}
                    | cross_row(fitted, unit, found[unit], (factor_of(scale), item, other))
                    for unit in range(len(fitted.units))
                ]
    return tidy(rows, CROSS_LOADING_COLUMNS)


def cross_row(
    fitted: UnitFits,
    unit: int,
    found: dict[str, dict[Pair, float]],
    names: tuple[str, str, str],
) -> dict[str, Any]:
    """Return the row of an item and another scale in one unit."""
    own, item, other = names
    why: Reason = fitted.reasons[unit]
    row: dict[str, Any] = {
        "group": fitted.units.group[unit],
        "pooling": fitted.units.pooling[unit],
        **dict.fromkeys(("loading", "structure", "epc", "mi", "p_value"), np.nan),
        "n_obs": int(fitted.units.n[unit]),
        "method": "" if why else f"{fitted.told(ALL_SCALES, unit)}, score test",
        "reason": why or NO_REASON,
    }
    if why:
        return row
    there = (factor_of(other), item)
    statistic = found["mi"].get(there, np.nan)
    return row | {
        "loading": found["structure"][own, item],
        "structure": found["structure"][there],
        "epc": found["epc"].get(there, np.nan),
        "mi": statistic,
        "p_value": float(stats.chi2.sf(statistic, 1)),
    }


def unit_values(fitted: UnitFits, unit: int) -> dict[str, dict[Pair, float]]:
    """Return implied correlations of factors with items, and what freeing a loading would do."""
    if fitted.fits is None or fitted.reasons[unit]:
        return {}
    fits, at = fitted.fits, fitted.replicate[unit]
    layout, z = fits.layout, fits.optimum.z[at]
    names = layout.variables
    full = complete_slots(layout, z[None, :])[1].full[0, 0].real
    sd = np.sqrt(np.diagonal(full))
    n_items = len(fits.table.observed)
    factors = range(n_items, len(names))
    structure = {
        (names[f], names[i]): float(full[i, f] / (sd[i] * sd[f]))
        for f in factors
        for i in range(n_items)
    }
    tests = modification_indices(layout, z, fits.moments.take(np.array([at])), fits.covariance[at])
    mi, epc = {}, {}
    for k in np.flatnonzero(tests.kind == REGRESSION):
        pair = (names[tests.column[k]], names[tests.row[k]])
        mi[pair] = float(tests.statistic[k])
        epc[pair] = float(tests.change[k] * sd[tests.column[k]] / sd[tests.row[k]])
    return {"structure": structure, "mi": mi, "epc": epc}
