"""How much of an item's variance lies between sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.stats.group_means import OneWay, icc1, icc_limits, one_way
from psychometrics.validity.arguments import check_level, need_answers
from psychometrics.validity.selection import Scales, select
from psychometrics.validity.units import tidy

ICC_COLUMNS = (
    "scale", "item", "estimate", "low", "high", "level", "n_obs", "n_groups", "mean_size", "f",
    "df1", "df2", "p_value", "method", "reason",
)  # fmt: skip


def item_site_icc(
    data: Any, items: Scales | Sequence[str], group: str, *, level: float = 0.95
) -> pd.DataFrame:
    """Tell how much of each item's variance lies between sites, whatever it comes from.

    An item whose share is far above that of the other items of its scale differs between sites by
    more than the trait; :func:`psychometrics.dif` tells where. Six sites leave wide intervals.

    Parameters
    ----------
    data : frame or Responses
        Answers; everybody who answered an item counts for it.
    items : mapping of scale to items, or sequence of str
        Columns to look at.
    group : str
        Column of the sites.
    level : float
        Coverage.

    Returns
    -------
    DataFrame
        One row an item: ICC(1) (Smith, 1957) with the interval from the F distribution, exact for
        sites of one size (Searle, 1971), Thomas and Hultquist's (1978) for others; ``f``, its
        degrees of freedom and ``p_value``.

    References
    ----------
    Smith, C. A. B. (1957). On the estimation of intraclass correlation. Annals of Human Genetics,
    21, 363-373. doi:10.1111/j.1469-1809.1972.tb00287.x
    Searle, S. R. (1971). Linear models (chapter 9). Wiley.
    Thomas, J. D., & Hultquist, R. A. (1978). Interval estimation for the unbalanced case of the
    one-way random effects model. Annals of Statistics, 6, 582-587. doi:10.1214/aos/1176344202

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame(rng.normal(size=(300, 2)), columns=["a", "b"])
    >>> frame["site"] = ["ulm", "pune", "haifa"] * 100
    >>> frame["b"] += 2.0 * (frame["site"] == "haifa")
    >>> found = item_site_icc(frame, ["a", "b"], "site")
    >>> [bool(value > 0.3) for value in found["estimate"]]
    [False, True]
    """
    check_level(level)
    need_answers(data, "item_site_icc()")
    named = isinstance(items, dict) or hasattr(items, "keys")
    scales: Any = items if named else {"": items}
    chosen = select(data, scales, group=group)
    rows: list[dict[str, Any]] = []
    for scale, members in chosen.keyed.scales.items():
        for item, at in zip(members, chosen.keyed.positions(scale), strict=True):
            known = chosen.observed[:, at] & (chosen.group >= 0)
            present, place = np.unique(chosen.group[known], return_inverse=True)
            values = chosen.values[known, at]
            found = one_way(values, place.astype(np.int64)) if len(present) > 1 else None
            why = icc_problem(found, len(present))
            row: dict[str, Any] = {
                "scale": scale if named else None, "item": item, "level": level,
                "n_obs": len(values), "n_groups": len(present), "method": "ICC(1), F interval",
                "reason": why,
            }  # fmt: skip
            if found is not None and not why:
                row |= numbers(found, level)
            rows.append(row)
    return tidy(rows, ICC_COLUMNS)


def icc_problem(found: OneWay | None, n_groups: int) -> Reason:
    """Say why there is no intraclass correlation; empty if there is one."""
    if found is None:
        return reason("too_few_groups", needed=2, n_groups=n_groups)
    if found.df_within < 1:
        return reason("clusters_of_one")
    return NO_REASON if found.ms_within > 0 else reason("interval_of_icc")


def numbers(found: OneWay, level: float) -> dict[str, float]:
    """Return estimate, interval and test."""
    low, high = icc_limits(found, level)[0]
    return {
        "estimate": icc1(found), "low": low, "high": high, "mean_size": found.size, "f": found.f,
        "df1": found.df_between, "df2": found.df_within,
        "p_value": float(stats.f.sf(found.f, found.df_between, found.df_within)),
    }  # fmt: skip
