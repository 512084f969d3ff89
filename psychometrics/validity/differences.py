"""What a Bland-Altman plot shows of two measurements, without showing anybody."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, DataError, Reason, check_option, reason
from psychometrics.stats.limits_of_agreement import INTERVALS, LimitsInterval
from psychometrics.stats.moments import FloatArray, IntArray
from psychometrics.validity.agreement import limit_rows
from psychometrics.validity.arguments import check_level
from psychometrics.validity.ratings import RatingTable, read_ratings

BIN_COLUMNS = ("mean", "difference", "sd", "n_targets")
LIMIT_COLUMNS = ("statistic", "estimate", "low", "high", "level", "n_targets", "method", "reason")

MOST_BINS = 12
FEWEST_SHOWN = 5


@dataclass(frozen=True, eq=False, repr=False)
class BlandAltmanResult:
    """Differences of two measurements by their mean, with the limits of agreement.

    Attributes
    ----------
    rater_a, rater_b : str
        The two raters, occasions or forms; a difference is the first less the second.
    limits : DataFrame
        ``mean_difference``, ``lower_limit``, ``upper_limit`` with their intervals.
    bins : DataFrame
        Targets of neighbouring means taken together: their mean, mean difference, standard
        deviation of the differences, and how many they are.
    points : DataFrame or None
        Mean and difference of every target; only where they were asked for.
    n_targets, n_dropped : int
        Targets that both rated; targets that one of them did not rate.
    reason : Reason
        Why nothing can be shown; empty if something can.
    """

    rater_a: str
    rater_b: str
    limits: pd.DataFrame
    bins: pd.DataFrame
    points: pd.DataFrame | None
    n_targets: int
    n_dropped: int
    reason: Reason

    def plot(self, **settings: Any) -> Any:
        """Draw the result; see :func:`psychometrics.plots.plot_agreement`."""
        return import_module("psychometrics.plots.agreement").plot_agreement(self, **settings)

    def to_frame(self) -> pd.DataFrame:
        """Return the limits."""
        return self.limits

    def __repr__(self) -> str:
        """Say whom it is about and where the limits are."""
        if self.reason:
            return f"<BlandAltmanResult: {self.reason}>"
        ends = dict(zip(self.limits["statistic"], self.limits["estimate"], strict=True))
        return (
            f"<BlandAltmanResult: {self.rater_a} less {self.rater_b}, {self.n_targets} targets: "
            f"{ends['mean_difference']:.2f} [{ends['lower_limit']:.2f}, "
            f"{ends['upper_limit']:.2f}]>"
        )

    def _repr_html_(self) -> str:
        """Show the limits; never a target."""
        return str(self.limits.to_html(index=False))


def bland_altman(
    data: Any,
    targets: str,
    raters: str,
    ratings: str,
    *,
    pair: tuple[str, str] | None = None,
    points: bool = False,
    minimum: int = FEWEST_SHOWN,
    level: float = 0.95,
    interval: LimitsInterval = "exact",
) -> BlandAltmanResult:
    """Set the differences of two measurements against their mean.

    Parameters
    ----------
    data : frame
        One row a rating.
    targets, raters, ratings : str
        As for :func:`agreement`.
    pair : (str, str), optional
        The two raters; may be left out where there are two.
    points : bool
        Keep every target's mean and difference. They are answers of single people: look at them
        yourself, and think before showing them to others.
    minimum : int
        Fewest targets that are shown together, and fewest that anything is shown of (unless
        `points`).
    level : float
        Share of differences between the limits, and coverage of the intervals.
    interval : {"exact", "approximate"}
        As for :func:`agreement`.

    Returns
    -------
    BlandAltmanResult

    Raises
    ------
    DataError
        As for :func:`agreement`; more than two raters and no pair.

    References
    ----------
    Bland & Altman (1986, 1999), Carkeet (2015): see
    :mod:`psychometrics.stats.limits_of_agreement`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> score = rng.normal(20, 4, 60).repeat(2) + rng.normal(size=120)
    >>> frame = pd.DataFrame({"person": np.arange(60).repeat(2), "occasion": [1, 2] * 60,
    ...                       "score": score})
    >>> found = bland_altman(frame, "person", "occasion", "score")
    >>> found.n_targets, int(found.bins["n_targets"].min()), found.points
    (60, 5, None)
    """
    check_level(level)
    check_option("interval", interval, INTERVALS)
    check_minimum(minimum)
    given = read_ratings(data, targets, raters, ratings, None)
    a, b = choose_pair(given.raters, raters, pair)
    both = given.values[:, [a, b]]
    names = (given.raters[a], given.raters[b])
    complete = both[~np.isnan(both).any(axis=1)]
    n_dropped = int((~np.isnan(both)).any(axis=1).sum()) - len(complete)
    mean, difference = complete.mean(axis=1), complete[:, 0] - complete[:, 1]
    limits = pd.DataFrame(
        [
            row | {"level": level}
            for row in limit_rows(RatingTable(complete, names), level, interval)
        ]
    )[list(LIMIT_COLUMNS)]
    why = NO_REASON
    if len(complete) < (2 if points else minimum):
        why = reason("too_few_to_show", n_targets=len(complete), needed=2 if points else minimum)
        limits = limits.iloc[:0]
    shown = pd.DataFrame({"mean": mean, "difference": difference}) if points and not why else None
    return BlandAltmanResult(
        *names, limits, bin_differences(mean, difference, minimum), shown, len(complete),
        n_dropped, why,
    )  # fmt: skip


def check_minimum(minimum: Any) -> None:
    """Refuse a number of targets that is none, or that would show single ones.

    Raises
    ------
    DataError
        If `minimum` is no whole number of 2 or more.
    """
    if not isinstance(minimum, Integral) or int(minimum) < 2:
        raise DataError(f"minimum={minimum!r} is no number of targets; give 2 or more, such as 5.")


def choose_pair(
    known: tuple[str, ...], column: str, pair: tuple[str, str] | None
) -> tuple[int, int]:
    """Return which columns are the two raters.

    Raises
    ------
    DataError
        No pair where there are not two raters; a pair that is none.
    """
    if pair is None:
        if len(known) != 2:
            raise DataError(
                f"The column {column!r} holds {len(known)} raters; name two of them: "
                f"pair=({', '.join(map(repr, known[:2]))})."
            )
        return 0, 1
    names = tuple(map(str, pair))
    if len(names) != 2 or names[0] == names[1] or not set(names) <= set(known):
        raise DataError(
            f"pair={pair!r} must be two different raters; there are {', '.join(known[:12])}."
        )
    return known.index(names[0]), known.index(names[1])


def bin_differences(mean: FloatArray, difference: FloatArray, minimum: int) -> pd.DataFrame:
    """Take targets of neighbouring means together, `minimum` or more of them.

    Targets of one mean stay together, so that no bin says who is in it by its edge.
    """
    if len(mean) < minimum:
        return pd.DataFrame(columns=list(BIN_COLUMNS), dtype=float)
    label = bin_labels(mean, minimum)
    n = np.bincount(label).astype(float)
    centre = np.bincount(label, mean) / n
    middle = np.bincount(label, difference) / n
    square = np.bincount(label, (difference - middle[label]) ** 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        sd = np.sqrt(square / (n - 1))
    made = pd.DataFrame(dict(zip(BIN_COLUMNS, (centre, middle, sd, n), strict=True)))
    return made.astype({"n_targets": int})


def bin_labels(mean: FloatArray, minimum: int) -> IntArray:
    """Return the bin of each target: equal numbers as far as equal means allow."""
    values, place, times = np.unique(mean, return_inverse=True, return_counts=True)
    wanted = max(minimum, -(-len(mean) // MOST_BINS))
    bins, at, filled = np.zeros(len(values), dtype=np.int64), 0, 0
    for i, count in enumerate(times):
        if filled >= wanted:
            at, filled = at + 1, 0
        bins[i] = at
        filled += int(count)
    if filled < minimum and at > 0:  # what is left over is too few to stand alone
        bins[bins == at] = at - 1
    return bins[place]
