"""What a study's comparability lets be claimed, and what COSMIN's rating rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from psychometrics.errors import NO_REASON, Reason
from psychometrics.validity.comparability_ladders import ORDERED
from psychometrics.validity.comparability_samples import WHOLE
from psychometrics.validity.comparability_verdicts import MEANS, OPEN, UNAVAILABLE
from psychometrics.validity.criteria import NOT_SUPPORTED, SUPPORTED, UNDECIDED, Verdict
from psychometrics.validity.selection import SITE

VERDICTS: Mapping[str, Verdict] = {
    MEANS: SUPPORTED, OPEN: UNDECIDED, UNAVAILABLE: "unavailable"
}  # fmt: skip
"""What may be compared, as a verdict on mean scores as they stand; all else doesn't support it."""

Row = dict[str, Any]


def judged_scales(frame: pd.DataFrame) -> Iterator[tuple[str, list[Row]]]:
    """Yield every scale with its rows over sites: all of them, then each; pairs are left out."""
    rows = frame[(frame["grouping"] == SITE) & (frame["pooling"] != "pair")]
    for scale, part in rows.groupby("scale", sort=False, dropna=True):
        yield str(scale), [{str(k): v for k, v in row.items()} for row in part.to_dict("records")]


def verdict_of_row(row: Row) -> Verdict:
    """Return what a row says of mean scores."""
    return VERDICTS.get(str(row["may_compare"]), NOT_SUPPORTED)


def share_equal(row: Row) -> float:
    """Return the share of a scale's items that are equal; NaN where nothing is known."""
    if row["may_compare"] == UNAVAILABLE or not row["n_items"]:
        return float("nan")
    return float(row["n_equal"]) / float(row["n_items"])


def invariance_evidence(
    invariance: pd.DataFrame, comparability: pd.DataFrame
) -> Iterator[tuple[str, float, float, Reason]]:
    """Yield subject, largest drop of CFI, people of the smallest site, and why there is none.

    The drop is that from one level to the next, of loadings or of intercepts.
    """
    ordered = invariance["model"].astype(str).str.endswith(ORDERED)
    over_sites = invariance[(invariance["grouping"] == SITE) & ~ordered]
    sites = comparability[
        (comparability["grouping"] == SITE)
        & (comparability["pooling"] == SITE)
        & (comparability["may_compare"] != UNAVAILABLE)
    ]
    for model, part in over_sites.groupby("model", sort=False):
        drops = -part.loc[part["level"].isin(("metric", "scalar")), "delta_cfi"].astype(float)
        people = sites.loc[sites["model"] == model, "n_obs"]
        fewest = float(people.min()) if len(people) else float("nan")
        why = NO_REASON
        if not drops.notna().any():
            told = [one for one in part["reason"] if one]
            why = told[0] if told else NO_REASON
            if model == WHOLE and over_sites["model"].nunique() > 1:
                continue
        yield str(model), float(drops.max()), fewest, why
