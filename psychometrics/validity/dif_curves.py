"""Curves of one item by group, over the trait of a model that the groups share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import DataError
from psychometrics.stats.dif_curves import answers_by_standing, fitted_curves
from psychometrics.stats.dif_graded import GradedItems
from psychometrics.stats.dif_linear import LinearItems
from psychometrics.stats.dif_rows import ItemModel
from psychometrics.stats.dif_search import Rule, search
from psychometrics.validity.arguments import check_level, need_answers
from psychometrics.validity.dif_sample import FEWEST_ITEMS, DifMissing, scale_sample
from psychometrics.validity.dif_trait import SPARE_PEOPLE
from psychometrics.validity.selection import ResponseRange, Scales, select
from psychometrics.validity.threads import one_blas_thread
from psychometrics.validity.units import tidy

CURVE_COLUMNS = (
    "scale", "item", "group", "kind", "theta", "estimate", "low", "high", "n_obs",
)  # fmt: skip
POINTS = 61


@one_blas_thread()
def dif_curves(
    data: Any,
    scales: Scales,
    group: str,
    item: str,
    *,
    n_bins: int = 6,
    ordered: bool | None = None,
    missing: DifMissing = "fiml",
    level: float = 0.95,
    weights: str | None = None,
    response_range: ResponseRange = None,
    group_order: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return what each group answers to one item over the trait: by a model, and as answered.

    The trait is that of :func:`psychometrics.dif`: all other items stay as its search left them,
    and this item is free in every group. Groups too small for a mean and variance of their own are
    left out.

    Parameters
    ----------
    data, scales, group, ordered, missing, weights, response_range, group_order
        As for :func:`psychometrics.dif`.
    item : str
        Name of the item, of the first scale that has it.
    n_bins : int
        People of all groups are sorted by their standing on the other items into so many bins.
    level : float
        Coverage of the curves' bands and of the bins' intervals, point by point.

    Returns
    -------
    DataFrame
        ``kind`` is ``fitted`` (expected answers at trait values) or ``binned`` (mean answers of a
        bin with its mean standing; only bins in which a group has 5 people); ``theta`` is in
        standard deviations within groups.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> site = np.repeat(["pune", "ulm"], 300)
    >>> answer = rng.normal(size=(600, 1)) + rng.normal(size=(600, 5))
    >>> answer[site == "pune", 2] += 0.8
    >>> frame = pd.DataFrame(answer, columns=list("abcde")).assign(site=site)
    >>> curves = dif_curves(frame, {"S": list("abcde")}, "site", "c")
    >>> middle = curves[(curves["kind"] == "fitted") & (curves["theta"].abs() < 0.01)]
    >>> pune, ulm = middle.groupby("group")["estimate"].mean()
    >>> bool(0.5 < pune - ulm < 1.1)
    True
    """
    check_level(level)
    need_answers(data, "dif_curves()")
    if n_bins < 2:
        raise DataError(f"n_bins={n_bins}: people are sorted into 2 bins or more.")
    chosen = select(
        data, scales, group=group, weights=weights, response_range=response_range,
        group_order=group_order,
    )  # fmt: skip
    name = item.removeprefix("-")
    scale = next((s for s, own in chosen.keyed.scales.items() if name in own), None)
    if scale is None:
        raise DataError(f"No scale has an item {name!r}.")
    sample = scale_sample(chosen, scale, missing, None)
    graded = sample.ordered() if ordered is None else ordered
    groups = sample.large_enough(SPARE_PEOPLE + (2 if graded else 2 + len(sample.items)))
    # Where an item has one answer only, its curve there is unknown.
    at = sample.items.index(name)
    groups = tuple(g for g in groups if sample.varies([g], at))
    items = tuple(j for j in range(len(sample.items)) if groups and sample.varies(groups, j))
    if len(groups) < 2 or len(items) < FEWEST_ITEMS:
        raise DataError(
            f"Curves need {FEWEST_ITEMS} items that vary and two groups with enough people in "
            f"which {name} does; {scale} has {len(items)} such items and {len(groups)} such groups."
        )
    rows = sample.rows(groups, items)
    model: ItemModel = GradedItems(rows) if graded else LinearItems(rows)
    fit = search(model, np.eye(len(groups), dtype=bool), Rule()).fit
    place = items.index(at)
    bins = answers_by_standing(model, fit, place, n_bins, level)
    ends = [(model.standing(g, fit.theta[g], place)) for g in range(len(groups))]
    reach = max(2.0, float(np.abs(np.concatenate(ends)).max()))
    trait = np.linspace(-reach, reach, POINTS)
    curves = fitted_curves(model, fit, place, trait, level)
    found: list[dict[str, Any]] = []
    for g, label in enumerate(groups):
        about = {"scale": scale, "item": name, "group": label}
        n_obs = sample.count([label], at)
        found += [
            about | {"kind": "fitted", "theta": t, "estimate": e, "low": lo, "high": hi,
                     "n_obs": n_obs}
            for t, e, lo, hi in zip(
                trait, curves.estimate[g], curves.low[g], curves.high[g], strict=True
            )
        ]  # fmt: skip
        found += [
            about | {"kind": "binned", "theta": t, "estimate": e, "low": lo, "high": hi,
                     "n_obs": int(n)}
            for t, e, lo, hi, n in zip(
                bins.trait[g], bins.estimate[g], bins.low[g], bins.high[g], bins.n[g], strict=True
            )
            if np.isfinite(e)
        ]  # fmt: skip
    return tidy(found, CURVE_COLUMNS)
