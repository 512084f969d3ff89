"""Answers that depend on each other: more than one wave, people of one cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from psychometrics.errors import Finding, finding
from psychometrics.responses import Responses
from psychometrics.validity.coefficients import IntervalName
from psychometrics.validity.units import FEW_CLUSTERS


def dependence(responses: Responses) -> tuple[Finding, ...]:
    """Find what keeps rows from being so many independent people.

    A study counts a row as a person of its own. Where rows of one person in several waves are
    alike, intervals are narrower than they should be, and whoever reads them has to know. People
    of one service are counted by cluster where there is a way to; the finding names the rest.

    Parameters
    ----------
    responses : Responses
        What was answered, with its columns of respondent, wave and cluster, where there are any.
    """
    waves = _waves(responses)
    return (*(() if waves is None else (waves,)), *_clusters(responses))


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


def in_clusters(responses: Responses) -> bool:
    """Tell whether people come in clusters, of which one at least holds several."""
    return bool(len(_sizes(responses))) and int(_sizes(responses).max()) > 1


def interval_by_cluster(asked: IntervalName, *, clustered: bool) -> IntervalName:
    """Return the interval of alpha: formulas that take people as independent are left."""
    independent = asked in ("feldt", "bonett")
    return "jackknife" if clustered and independent else asked


def _sizes(responses: Responses) -> pd.Series[int]:
    """Return the people of each cluster; services may be numbered anew at each site."""
    frame = responses.frame
    if "cluster" not in frame:
        return pd.Series(dtype=int)
    named = frame[frame["cluster"].notna()]
    return named.groupby(["cluster", named["site"].fillna("")]).size()


def _clusters(responses: Responses) -> Iterator[Finding]:
    """Say that people come in clusters, and what doesn't count them."""
    if not in_clusters(responses):
        return
    sizes = _sizes(responses)
    yield finding(
        "answers_in_clusters",
        "warning",
        "cluster",
        count=len(sizes),
        mean_size=float(sizes.mean()),
    )
    if len(sizes) < FEW_CLUSTERS:
        yield finding("few_clusters", "warning", "cluster", count=len(sizes), needed=FEW_CLUSTERS)
