"""Protecting small groups in tables of forms, times and exclusions.

These tables count people by mode or language, which no rule for sites protects: what is shown of
the other modes would give the small one away. So single cells aren't withheld, but everything of
their kind.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from psychometrics.report.wording import say

FLAGGED = ("n_fast", "n_faster_than_others")


def protect_forms(frame: pd.DataFrame, minimum: int, hidden: Collection[str]) -> pd.DataFrame:
    """Return counts of languages, modes and versions without those that tell of few people.

    Where anybody's site has a small group, a variable keeps its totals alone; there, small groups
    are told together.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table ``sample_forms``.
    minimum : int
        Size below which a group is withheld.
    hidden : collection of str
        Sites that are withheld everywhere.
    """
    kept = []
    for _, own in frame.groupby("variable", sort=False):
        site = own["pooling"] == "site"
        few = (own["n_rows"] > 0) & (own["n_rows"] < minimum)
        if (site & (few | own["group"].isin(list(hidden)))).any() or _rest_is_few(own, minimum):
            own = own[~site]
        kept.append(pd.concat([_together(own[own["pooling"] != "site"], minimum),
                               own[own["pooling"] == "site"]]))  # fmt: skip
    return pd.concat(kept, ignore_index=True) if kept else frame.copy()


def _rest_is_few(own: pd.DataFrame, minimum: int) -> bool:
    """Say whether fewer people of any value than may be told are at no site."""
    by = own.assign(at_site=own["pooling"] == "site")
    sums = by.pivot_table(index="value", columns="at_site", values="n_rows", aggfunc="sum")
    if True not in sums or False not in sums:
        return False
    rest = sums[False].fillna(0) - sums[True].fillna(0)
    return bool(((rest > 0) & (rest < minimum)).any())


def _together(total: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Return totals with small groups told together; nothing where these are few even so."""
    made = total.sort_values("n_rows", ascending=False, kind="stable").reset_index(drop=True)
    small = ((made["n_rows"] > 0) & (made["n_rows"] < minimum)).to_numpy()
    if not small.any():
        return total
    first = int(np.argmax(small))
    while first > 0 and made["n_rows"][first:].sum() < minimum:
        first -= 1
    gone = made[first:]
    if not first or gone["n_rows"].sum() < minimum:
        return made.iloc[:0]
    rest = gone.iloc[[0]].assign(
        value=say("withheld.others", count=len(gone)), n_rows=gone["n_rows"].sum(),
        share=gone["share"].sum(),
    )  # fmt: skip
    return pd.concat([made[:first], rest])


def protect_exclusions(frame: pd.DataFrame, minimum: int, hidden: Collection[str]) -> pd.DataFrame:
    """Return what exclusions did, pooled, without what tells the answers of few people left out.

    The same number with and without one person is that person's answer.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table ``exclusions``.
    minimum, hidden
        As for :func:`protect_forms`; single sites are left out whatever their size.
    """
    made = frame[frame["pooling"] != "site"].reset_index(drop=True)
    out = made["n_all"] - made["n_obs"]
    few = ((out > 0) & (out < minimum)) | (made["n_obs"] < minimum)
    # Claims on shares and fit have no people of their own: they go with the others.
    few |= out.isna() & bool(few.any())
    told = ["estimate_all", "low_all", "high_all", "n_all", "difference"]
    made[told] = made[told].astype(float)
    made.loc[few, told] = np.nan
    return made


def protect_times(frame: pd.DataFrame, minimum: int, hidden: Collection[str]) -> pd.DataFrame:
    """Return how long people took without what tells of few of them.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table ``quality_times``.
    minimum, hidden
        As for :func:`protect_forms`.
    """
    made = frame.copy().reset_index(drop=True)
    few = (made["n_timed"] > 0) & (made["n_timed"] < minimum)
    if (few & made["mode"].notna()).any():
        made, few = made[made["mode"].isna()], few[made["mode"].isna()]
    gone = few | made["group"].isin(list(hidden))
    numbers = [name for name in made.columns if name not in ("group", "pooling", "mode")]
    made[numbers] = made[numbers].astype(float)
    made.loc[gone, numbers] = np.nan
    if gone.any():
        made.loc[made["pooling"] == "site", ["n_rows", "n_timed", *FLAGGED]] = np.nan
    kinds = np.where(made["mode"].notna(), "mode", made["pooling"].astype(str))
    for name in FLAGGED:
        small = ((made[name] > 0) & (made[name] < minimum)).to_numpy()
        made.loc[np.isin(kinds, np.unique(kinds[small])), name] = np.nan
    return made.reset_index(drop=True)
