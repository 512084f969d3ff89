"""How reliably the means of services tell services apart, and how far their people agree."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import special

from psychometrics.errors import NO_REASON, DataError, Reason, reason
from psychometrics.stats.alpha_variance import as_clusters
from psychometrics.stats.group_means import (
    OneWay,
    icc1,
    icc2,
    icc_limits,
    one_way,
    scale_agreement,
    uniform_variance,
)
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray, Moments
from psychometrics.validity.arguments import check_level
from psychometrics.validity.items import rows_of_unit
from psychometrics.validity.reliability_call import cluster_codes
from psychometrics.validity.selection import (
    SITE,
    TOTAL,
    WITHIN,
    ResponseRange,
    Scales,
    Selection,
    item_range,
    observed_range,
    select,
)
from psychometrics.validity.units import tidy

GROUP_MEAN_COLUMNS = (
    "scale", "group", "pooling", "statistic", "estimate", "low", "high", "level", "n_obs",
    "n_clusters", "mean_size", "f", "df1", "df2", "p_value", "n_items", "method", "reason",
)  # fmt: skip

Row = dict[str, Any]
NullVariance = float | Literal["uniform"]


def group_mean_reliability(
    data: Any,
    scales: Scales,
    cluster: str,
    *,
    group: str | None = None,
    level: float = 0.95,
    response_range: ResponseRange = None,
    null_variance: NullVariance = "uniform",
) -> pd.DataFrame:
    """Tell how reliable the mean of a service is, and how far its people agree.

    Where a scale describes a service and not a person (its culture, its resources), consistency of
    items says nothing about whether services differ: these statistics do.

    Parameters
    ----------
    data : frame or Responses
        Answers as given; rows complete on a scale, with a cluster, are analysed.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one.
    cluster : str
        Column of the services, numbered within sites or throughout.
    group : str, optional
        Column of the sites. ``within`` rows leave out what differs between sites.
    level : float
        Coverage of the intervals.
    response_range : (low, high) or mapping of item to (low, high), optional
        Lowest and highest possible answer. By default the lowest and highest found in the scale.
    null_variance : "uniform" or float
        Variance of an item if people did not agree at all, for r_wg: that of equally likely
        answers, or a number such as 1.34 for slightly skewed answers from 1 to 5.

    Returns
    -------
    DataFrame
        For each scale and unit three rows: ``icc1``, the share of a person's variance that lies
        between services, with the F test that there is none; ``icc2``, the reliability of the mean
        of a service of average size; ``r_wg``, the mean over services of r_wg(j), with a t interval
        over services.

    Raises
    ------
    DataError
        Absent or non-numeric columns, scales that make no sense, Moments.

    References
    ----------
    Bliese (2000), James, Demaree & Wolf (1984), Shrout & Fleiss (1979), Thomas & Hultquist (1978):
    see :mod:`psychometrics.stats.group_means`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> service = np.repeat(np.arange(20), 6)
    >>> level = np.random.default_rng(1).normal(size=20)[service, None]
    >>> frame = pd.DataFrame(level + np.random.default_rng(2).normal(size=(120, 3)))
    >>> frame.columns = ["a", "b", "c"]
    >>> found = group_mean_reliability(
    ...     frame.assign(service=service), {"S": ["a", "b", "c"]}, "service"
    ... )
    >>> found["statistic"].tolist(), bool(found["estimate"][1] > found["estimate"][0])
    (['icc1', 'icc2', 'r_wg'], True)
    """
    check_level(level)
    if isinstance(data, Moments):
        raise DataError("group_mean_reliability() needs the answers: moments hold no clusters.")
    check_null_variance(null_variance)
    chosen = select(data, scales, group=group, response_range=response_range)
    clusters = cluster_codes(data, cluster, chosen)
    return group_means_of(chosen, clusters, level, response_range, null_variance)


def group_means_of(
    chosen: Selection,
    clusters: IntArray,
    level: float = 0.95,
    ranges: ResponseRange = None,
    null_variance: NullVariance = "uniform",
) -> pd.DataFrame:
    """Tell how reliable the means of clusters are; see :func:`group_mean_reliability`.

    `clusters` numbers the cluster of each row, -1 for a row without one.
    """
    rows: list[Row] = []
    for scale, items in chosen.keyed.scales.items():
        columns = chosen.keyed.positions(scale)
        complete = chosen.complete(columns) & (clusters >= 0)
        expected = [
            expected_variance(item, chosen, columns, ranges, null_variance) for item in items
        ]
        for pooling, name in units_of(chosen):
            mine = rows_of_unit(chosen, pooling, name) & complete
            found = unit_rows(chosen, columns, clusters, mine, pooling, level, np.array(expected))
            here = {"scale": scale, "group": name, "pooling": pooling, "n_items": len(items)}
            rows += [here | row for row in found]
    return tidy(rows, GROUP_MEAN_COLUMNS)


def check_null_variance(null_variance: Any) -> None:
    """Refuse what is no variance."""
    if null_variance != "uniform" and not (
        isinstance(null_variance, int | float) and null_variance > 0
    ):
        raise DataError(
            f"null_variance={null_variance!r} is none; give 'uniform' or a number above 0."
        )


def units_of(chosen: Selection) -> list[tuple[str, str | None]]:
    """Return the units: total, within sites, each site."""
    within: list[tuple[str, str | None]] = [(WITHIN, None)] if len(chosen.groups) > 1 else []
    return [(TOTAL, None), *within, *((SITE, name) for name in chosen.groups)]


def expected_variance(
    item: str,
    chosen: Selection,
    columns: IntArray,
    ranges: ResponseRange,
    null_variance: NullVariance,
) -> float:
    """Return the variance of an item's answers if people did not agree at all."""
    if null_variance != "uniform":
        return float(null_variance)
    low, high = item_range(item, observed_range(chosen.values[:, columns]), ranges)
    return uniform_variance(round(high - low) + 1)


def unit_rows(
    chosen: Selection,
    columns: IntArray,
    clusters: IntArray,
    mine: BoolArray,
    pooling: str,
    level: float,
    expected: FloatArray,
) -> list[Row]:
    """Return the three rows of a scale in one unit."""
    values, label = chosen.values[mine][:, columns], as_clusters(clusters[mine])
    n_clusters = int(label.max(initial=-1)) + 1
    base: Row = {
        "n_obs": len(values), "n_clusters": n_clusters, "level": level, "estimate": np.nan,
        "low": np.nan, "high": np.nan, "method": "", "reason": NO_REASON,
        "mean_size": len(values) / n_clusters if n_clusters else np.nan,
    }  # fmt: skip
    why = few_clusters(len(values), n_clusters)
    if why:
        return [base | {"statistic": name, "reason": why} for name in ("icc1", "icc2", "r_wg")]
    strata = as_clusters(chosen.group[mine]) if pooling == WITHIN else None
    found = one_way(values.mean(axis=1), label, strata)
    return [*icc_rows(found, level, base), agreement_row(values, label, expected, level, base)]


def few_clusters(n_obs: int, n_clusters: int) -> Reason:
    """Say why a unit can't be analysed by clusters; empty if it can."""
    if n_clusters < 2:
        return reason("too_few_clusters", n_clusters=n_clusters, needed=2)
    if n_obs <= n_clusters:
        return reason("clusters_of_one")
    return NO_REASON


def icc_rows(found: OneWay, level: float, base: Row) -> list[Row]:
    """Return ICC(1) with its F test, and ICC(2)."""
    test = {
        "f": found.f, "df1": found.df_between, "df2": found.df_within,
        "p_value": float(special.fdtrc(found.df_between, found.df_within, found.f)),
    }  # fmt: skip
    single, mean = icc_limits(found, level)
    balanced = np.ptp(found.sizes) == 0
    limits = "Shrout-Fleiss interval" if balanced else "Thomas-Hultquist interval"
    rows = []
    for name, value, (low, high) in (
        ("icc1", icc1(found), single), ("icc2", icc2(found), mean),
    ):  # fmt: skip
        row = base | {"statistic": name, "method": f"one-way random effects, {limits}"}
        if not np.isfinite(value):
            rows.append(row | {"reason": reason("means_do_not_vary")})
            continue
        row |= test if name == "icc1" else {}
        row |= {"estimate": value, "low": low, "high": high}
        rows.append(row if np.isfinite(low) else row | {"reason": reason("interval_of_icc")})
    return rows


def agreement_row(
    values: FloatArray, label: IntArray, expected: FloatArray, level: float, base: Row
) -> Row:
    """Return the mean of r_wg(j) over the clusters of two people or more."""
    sizes = np.bincount(label).astype(float)
    sums = np.stack([np.bincount(label, weights=column) for column in values.T], axis=1)
    squares = np.stack([np.bincount(label, weights=column**2) for column in values.T], axis=1)
    large = sizes >= 2
    n = sizes[large][:, None]
    variance = np.maximum(squares[large] - sums[large] ** 2 / n, 0.0) / (n - 1)
    method = "mean of r_wg(j) over clusters, t interval over clusters"
    row = base | {"statistic": "r_wg", "method": method, "n_clusters": int(large.sum())}
    if not (expected > 0).all():
        return row | {"reason": reason("one_possible_answer")}
    # Items with other response options have another variance without agreement.
    share = (variance / expected).mean(axis=1)
    agreement = scale_agreement(share, 1.0, values.shape[1])
    if not len(agreement):
        return row | {"reason": reason("too_few_clusters", n_clusters=0, needed=2)}
    row["estimate"] = float(agreement.mean())
    if len(agreement) < 2:
        why = reason("too_few_clusters", n_clusters=len(agreement), needed=2)
        return row | {"reason": why}
    half = float(special.stdtrit(len(agreement) - 1, (1 + level) / 2))
    half *= float(agreement.std(ddof=1)) / np.sqrt(len(agreement))
    low, high = max(row["estimate"] - half, 0.0), min(row["estimate"] + half, 1.0)
    return row | {"low": low, "high": high}
