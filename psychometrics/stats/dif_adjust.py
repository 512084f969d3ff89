"""p-values of a family of tests, adjusted so that they may be looked at together."""

from __future__ import annotations

from typing import Literal

import numpy as np

from psychometrics.stats.moments import FloatArray

Adjust = Literal["holm", "bh", "none"]


def adjusted_p_values(p_values: FloatArray, adjust: Adjust, n_tests: int = 0) -> FloatArray:
    """Adjust p-values; NaN stays NaN and counts as no test.

    Parameters
    ----------
    p_values : ndarray
        Any shape.
    adjust : {"holm", "bh", "none"}
        Holm's keep the chance of any false alarm, Benjamini and Hochberg's the expected share of
        false alarms among all alarms.
    n_tests : int
        Tests in the family, where it is larger than what is given: a plan fixed more.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal
    of Statistics, 6, 65-70.
    Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate: A practical and
    powerful approach to multiple testing. Journal of the Royal Statistical Society, Series B, 57,
    289-300.

    Examples
    --------
    >>> adjusted_p_values(np.array([0.01, 0.04, 0.03]), "holm").round(2).tolist()
    [0.03, 0.06, 0.06]
    >>> adjusted_p_values(np.array([0.01, 0.04, 0.03]), "bh").round(2).tolist()
    [0.03, 0.04, 0.04]
    """
    found = np.array(p_values, dtype=float)
    known = np.isfinite(found)
    values = found[known]
    if adjust == "none" or not len(values):
        return found
    m = max(len(values), n_tests)
    order = np.argsort(values, kind="stable")
    rank = np.arange(len(values))
    if adjust == "holm":
        steps = np.maximum.accumulate((m - rank) * values[order])
    else:
        steps = np.minimum.accumulate((m / (rank + 1) * values[order])[::-1])[::-1]
    values[order] = np.minimum(steps, 1.0)
    found[known] = values
    return found
