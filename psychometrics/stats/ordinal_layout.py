"""Which statistic of ordinal and continuous variables stands where, in lavaan's order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psychometrics.stats.mixed_correlations import MixedCorrelations
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class StatisticLayout:
    """Which statistic stands where, in lavaan's order.

    First the thresholds of each item in turn, with minus the mean in place of thresholds for a
    continuous variable; then the variances of continuous variables; then covariances, the second
    variable running faster: (0, 1), (0, 2), ..., (1, 2), ...

    Attributes
    ----------
    ordered : ndarray of bool, shape (p,)
    n_categories : ndarray of int, shape (p,)
        0 for a continuous variable.
    threshold_variable, threshold_number : ndarray of int, shape (t,)
        Variable of each of the first statistics, and which threshold it is from 0 up; -1 for a
        mean.
    variance_variable : ndarray of int, shape (c,)
    first, second : ndarray of int, shape (pair,)
        Variables of each covariance.
    """

    ordered: BoolArray
    n_categories: IntArray
    threshold_variable: IntArray
    threshold_number: IntArray
    variance_variable: IntArray
    first: IntArray
    second: IntArray

    @property
    def n_thresholds(self) -> int:
        """Number of thresholds and means."""
        return len(self.threshold_variable)

    @property
    def n_variances(self) -> int:
        """Number of variances."""
        return len(self.variance_variable)

    @property
    def size(self) -> int:
        """Number of statistics."""
        return self.n_thresholds + self.n_variances + len(self.first)

    @property
    def place(self) -> IntArray:
        """Return each variable's place among those of its kind."""
        return np.where(self.ordered, np.cumsum(self.ordered), np.cumsum(~self.ordered)) - 1

    @property
    def covariances(self) -> slice:
        """Where the covariances stand."""
        return slice(self.n_thresholds + self.n_variances, self.size)


def lay_out_statistics(ordered: BoolArray, n_categories: IntArray) -> StatisticLayout:
    """Order the statistics of variables; `n_categories`, (o,), is of the ordinal ones.

    Examples
    --------
    >>> import numpy as np
    >>> layout = lay_out_statistics(np.array([True, False]), np.array([3]))
    >>> layout.threshold_number.tolist(), layout.size
    ([0, 1, -1], 5)
    """
    counts = np.zeros(len(ordered), dtype=np.int64)
    counts[ordered] = n_categories
    numbers = [np.arange(k - 1) if k else np.array([-1]) for k in counts]
    first, second = np.triu_indices(len(ordered), 1)
    return StatisticLayout(
        ordered,
        counts,
        np.repeat(np.arange(len(ordered)), [len(number) for number in numbers]),
        np.concatenate([*numbers, np.empty(0, dtype=np.int64)]).astype(np.int64),
        np.flatnonzero(~ordered),
        first.astype(np.int64),
        second.astype(np.int64),
    )


def statistics_of(layout: StatisticLayout, correlations: MixedCorrelations, g: int) -> FloatArray:
    """Return the statistics of a group in the order of the layout."""
    variable, number = layout.threshold_variable, layout.threshold_number
    mean = correlations.mean[g][variable]
    own = -mean
    own[number >= 0] = correlations.thresholds[g][variable[number >= 0], number[number >= 0]]
    return np.concatenate(
        [
            own,
            correlations.variance[g][layout.variance_variable],
            correlations.covariance[g][layout.first, layout.second],
        ]
    )


def join_pairs(
    layout: StatisticLayout, oo: FloatArray, co: FloatArray, cc: FloatArray
) -> FloatArray:
    """Put values of the three kinds of pairs in the order of the covariances.

    Parameters
    ----------
    layout : StatisticLayout
    oo : ndarray, shape (n, pairs of ordinal items)
    co : ndarray, shape (n, c, o)
    cc : ndarray, shape (n, pairs of continuous variables)

    Returns
    -------
    ndarray, shape (n, pair)
    """
    one, two = layout.ordered[layout.first], layout.ordered[layout.second]
    first, second = layout.place[layout.first], layout.place[layout.second]
    out = np.empty((len(oo), len(one)))
    out[:, one & two] = oo
    out[:, ~one & ~two] = cc
    mixed = one != two
    continuous = np.where(one, second, first)[mixed]
    ordinal = np.where(one, first, second)[mixed]
    out[:, mixed] = co[:, continuous, ordinal]
    return out
