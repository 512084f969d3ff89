"""How much of each item's variance lies between sites."""

from __future__ import annotations

from typing import Any

import pandas as pd

from psychometrics.validity.group_mean_reliability import group_mean_reliability
from psychometrics.validity.selection import Scales, parse_scales

ICC_COLUMNS = (
    "scale", "item", "estimate", "low", "high", "level", "f", "df1", "df2", "p_value", "n_obs",
    "n_clusters", "mean_size", "method", "reason",
)  # fmt: skip


def item_clustering(
    data: Any, scales: Scales, cluster: str, *, level: float = 0.95
) -> pd.DataFrame:
    """Return the intraclass correlation of every item: the share of variance between sites.

    Where groups are too few or too small for models, an item whose share stands out from its
    scale's others is where to look first. Six sites say little about a share: see its interval.

    Parameters
    ----------
    data : frame or Responses
        Answers as given.
    scales : mapping of str to sequence of str
        Items by scale.
    cluster : str
        Column of the sites, languages or services.
    level : float
        Coverage.

    Returns
    -------
    DataFrame
        One row an item: ICC(1) from a one-way analysis of variance, with its interval and the F
        test that there is none.

    References
    ----------
    Shrout, P. E., & Fleiss, J. L. (1979). Intraclass correlations: Uses in assessing rater
    reliability. Psychological Bulletin, 86, 420-428. doi:10.1037/0033-2909.86.2.420

    Examples
    --------
    >>> import numpy as np
    >>> site = np.repeat(list("abcdef"), 20)
    >>> answers = np.random.default_rng(1).normal(size=(120, 3))
    >>> answers[:, 1] += np.repeat(np.arange(6), 20)
    >>> frame = pd.DataFrame(answers, columns=["x", "y", "z"]).assign(site=site)
    >>> item_clustering(frame, {"S": ["x", "y", "z"]}, "site")["estimate"].round(1).tolist()
    [-0.0, 0.8, 0.0]
    """
    keyed = parse_scales(scales)
    single = {item: [item] for item in keyed.items}
    found = group_mean_reliability(data, single, cluster, level=level)
    found = found[(found["statistic"] == "icc1") & (found["pooling"] == "total")]
    by_item = found.set_index("scale")
    rows = [
        {"scale": scale, "item": item} | dict(by_item.loc[item])
        for scale, items in keyed.scales.items()
        for item in items
    ]
    return pd.DataFrame(rows, columns=list(ICC_COLUMNS))
