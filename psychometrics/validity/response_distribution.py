"""How often each answer was chosen, item by item, in total and per site."""

from __future__ import annotations

import numpy as np
import pandas as pd

from psychometrics.responses import Responses
from psychometrics.validity.selection import SITE, TOTAL
from psychometrics.validity.sites import sites_of

RESPONSE_COLUMNS = ("item", "group", "pooling", "code", "option", "count", "share", "n_obs")


def response_distribution(responses: Responses) -> pd.DataFrame:
    """Count the answers to every item that has options, as they were given.

    Options that nobody chose are there with 0. Items answered with a number in a range have no
    options and no rows.

    Parameters
    ----------
    responses : Responses
        What was answered.

    Returns
    -------
    DataFrame
        item, group, pooling, code, option (its key), count, share (of those who answered; NaN
        where nobody did), n_obs.
    """
    instrument, sites = responses.instrument, sites_of(responses)
    units = [(TOTAL, None), *((SITE, name) for name in sites.names)]
    parts: list[pd.DataFrame] = []
    for key, item in instrument.items.items():
        options = instrument.response_sets[item.response_set].options
        if not options:
            continue
        codes = np.array([option.code for option in options], dtype=float)
        answers = responses.frame[key].to_numpy(dtype=float)
        chosen = answers[:, None] == codes
        count = np.stack([chosen[sites.rows(name)].sum(axis=0) for _, name in units])
        n_obs = np.stack([np.sum(~np.isnan(answers[sites.rows(name)])) for _, name in units])
        with np.errstate(invalid="ignore"):
            share = count / n_obs[:, None]
        k = len(options)
        parts.append(
            pd.DataFrame(
                {
                    "item": key,
                    "group": pd.Series([name for _, name in units for _ in options], dtype=object),
                    "pooling": np.repeat([pooling for pooling, _ in units], k),
                    "code": np.tile(codes.astype(int), len(units)),
                    "option": np.tile([option.key for option in options], len(units)),
                    "count": count.ravel(),
                    "share": share.ravel(),
                    "n_obs": np.repeat(n_obs, k),
                }
            )
        )
    made = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=RESPONSE_COLUMNS)
    return made[list(RESPONSE_COLUMNS)]
