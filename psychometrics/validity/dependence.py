"""Answers that depend on each other: more than one wave, people of one cluster."""

from __future__ import annotations

import pandas as pd

from psychometrics.errors import Finding, finding
from psychometrics.responses import Responses


def dependence(responses: Responses) -> tuple[Finding, ...]:
    """Find what keeps rows from being so many independent people.

    Every number of a study counts a row as a person of its own. Where rows of one person in
    several waves, or of people of one service, are alike, intervals are narrower than they
    should be, and whoever reads them has to know.

    Parameters
    ----------
    responses : Responses
        What was answered, with its columns of respondent, wave and cluster, where there are any.
    """
    return tuple(found for found in (_waves(responses), _clusters(responses)) if found)


def _waves(responses: Responses) -> Finding | None:
    """Say that there are several waves, unless nobody is in two of them."""
    frame = responses.frame
    n_waves = frame["wave"].nunique() if "wave" in frame else 0
    if n_waves < 2:
        return None
    if "respondent" in frame and frame["respondent"].notna().all():
        waves = frame.groupby(["respondent", frame["site"].fillna("")])["wave"].nunique()
        if waves.max() < 2:
            return None
    return finding("several_waves", "warning", "wave", count=int(n_waves))


def _clusters(responses: Responses) -> Finding | None:
    """Say that people come in clusters, unless everybody is alone in one."""
    frame = responses.frame
    if "cluster" not in frame:
        return None
    # Services may be numbered anew at each site.
    named = frame[frame["cluster"].notna()]
    sizes: pd.Series[int] = named.groupby(["cluster", named["site"].fillna("")]).size()
    if sizes.empty or sizes.max() < 2:
        return None
    return finding(
        "answers_in_clusters",
        "warning",
        "cluster",
        count=len(sizes),
        mean_size=float(sizes.mean()),
    )
