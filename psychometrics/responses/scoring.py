"""Scale scores from answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from psychometrics.instrument import Instrument
from psychometrics.instrument.definition import Scale


def scale_scores(frame: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Score every scale and higher-order construct.

    A negatively keyed answer is turned round within its response range (highest plus lowest
    possible answer, minus the answer). The mean of a person's usable answers is the score where
    at least `min_valid` of the scale's items have one; a sum is that mean times the number of
    items, so that somebody who left one out isn't given less for it. An item that does not apply
    to a person is no usable answer and doesn't count towards `min_valid`. A higher-order score is
    the mean of the scores of its scales, and needs all of them.

    Parameters
    ----------
    frame : pandas.DataFrame
        One column an item, codes as answered, NaN where there is no usable answer.
    instrument : Instrument
        Scales, keys and response ranges.

    Returns
    -------
    pandas.DataFrame
        One column a scale, then one a higher-order construct; NaN where there is no score. The
        index is that of `frame`.

    Examples
    --------
    >>> from psychometrics.instrument import load_instrument
    >>> bfi = load_instrument("ipip_bfi25")
    >>> answers = pd.DataFrame({item: [3.0, 5.0] for item in bfi.items})
    >>> scale_scores(answers, bfi).iloc[:, 0].round(1).tolist()
    [3.2, 4.4]
    """
    made = {scale.key: _score(frame, scale, instrument) for scale in instrument.scales.values()}
    for node in instrument.higher_order.values():
        made[node.key] = np.mean([made[key] for key in node.scales], axis=0)
    return pd.DataFrame(made, index=frame.index)


def _score(
    frame: pd.DataFrame, scale: Scale, instrument: Instrument
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return each person's score on one scale, NaN where fewer than `min_valid` are usable."""
    answers = frame[list(scale.items)].to_numpy(dtype=np.float64, copy=True)
    for at, item in enumerate(scale.items):
        if instrument.items[item].keyed == -1:
            low, high = instrument.response_range(item)
            answers[:, at] = high + low - answers[:, at]
    usable = ~np.isnan(answers)
    n_usable = usable.sum(axis=1)
    total = np.where(usable, answers, 0.0).sum(axis=1)
    enough = n_usable >= max(scale.min_valid, 1)
    mean = np.where(enough, total / np.maximum(n_usable, 1), np.nan)
    return mean * len(scale.items) if scale.score == "sum" else mean
