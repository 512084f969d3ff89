"""Correlations of scale scores with what they should, or should not, go with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, DataError, Reason, check_option, reason
from psychometrics.instrument.definition import Comparator
from psychometrics.responses import Responses
from psychometrics.stats.correlation import (
    CrossMoments,
    bonett_wright_variance,
    cross_moments,
    fisher_interval,
    fisher_variance,
    join_moments,
    pearson,
    pool_groups,
    within_ranks,
)
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.validity.frames import numeric_columns, to_narwhals
from psychometrics.validity.selection import SITE, TOTAL, WITHIN, Scales, select
from psychometrics.validity.sites import Sites, sites_of
from psychometrics.validity.small_n import in_force
from psychometrics.validity.synthesis import synthesize
from psychometrics.validity.units import tidy

CorrelationMethod = Literal["pearson", "spearman", "percentage_bend"]

STATISTICS: dict[str, str] = {
    "pearson": "correlation",
    "spearman": "rank_correlation",
    "percentage_bend": "robust_correlation",
}
METHODS: dict[str, str] = {
    "pearson": "Pearson, Fisher z interval",
    "spearman": "Spearman, Bonett-Wright interval",
    "percentage_bend": "percentage bend, Fisher z interval",
}
CORRELATION_COLUMNS = (
    "scale", "group", "pooling", "statistic", "item", "comparator", "estimate", "low", "high",
    "level", "n_obs", "method", "reason", "n_groups", "tau2", "i2", "prediction_low",
    "prediction_high",
)  # fmt: skip

# Fisher's z has the variance 1 / (n - 3).
FEWEST_PEOPLE = 4

Row = dict[str, Any]


def comparator_correlations(
    responses: Responses,
    *,
    methods: Sequence[CorrelationMethod] = ("pearson", "spearman"),
    level: float = 0.95,
) -> pd.DataFrame:
    """Correlate every scale score with every comparator that was asked, pooled and per site.

    People who lack one of the two values are left out of that pair alone. ``within`` holds the
    site constant: it is the partial correlation given site. A comparator without an order, or
    one that describes the site, gets a row that says why it has no correlation. Case weights
    take no part.

    Parameters
    ----------
    responses : Responses
        What was answered.
    methods : sequence of {"pearson", "spearman", "percentage_bend"}
        Rows with the statistic ``correlation``, ``rank_correlation``, ``robust_correlation``.
    level : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        Columns of the convergent table.
    """
    instrument = responses.instrument
    found = [one for key, one in instrument.comparators.items() if key in responses.frame]
    barred = {one.key: why for one in found if (why := no_correlate(one))}
    columns = [
        np.full(responses.n_obs, np.nan)
        if one.key in barred
        else responses.frame[one.key].to_numpy(dtype=float)
        for one in found
    ]
    values = np.column_stack(columns) if columns else np.empty((responses.n_obs, 0))
    scores = responses.scores()
    return _correlate(
        scores.to_numpy(dtype=float), [str(name) for name in scores.columns],
        values, [one.key for one in found], sites_of(responses),
        methods=methods, level=level, barred=barred,
    )  # fmt: skip


def no_correlate(comparator: Comparator) -> Reason:
    """Say why a comparator can't be a correlate; empty if it can."""
    if comparator.level == "site":
        return reason("comparator_of_the_site", comparator=comparator.key)
    if comparator.kind == "nominal":
        return reason("comparator_without_order", comparator=comparator.key)
    return NO_REASON


def correlate_frame(
    data: Any,
    scales: Scales,
    comparators: Sequence[str],
    *,
    group: str | None = None,
    methods: Sequence[CorrelationMethod] = ("pearson",),
    level: float = 0.95,
) -> pd.DataFrame:
    """Correlate the scales' mean scores with columns of a frame, pooled and per group.

    Parameters
    ----------
    data : frame or Responses
        Answers as given, and the comparators.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one. A score needs all items of its scale.
    comparators : sequence of str
        Columns of numbers.
    group : str, optional
        Column of the sites.
    methods, level
        As for :func:`comparator_correlations`.

    Returns
    -------
    DataFrame
        Columns of the convergent table.

    Raises
    ------
    DataError
        Absent or non-numeric columns, or moments in place of answers.

    Examples
    --------
    >>> answers = {"a": [1, 2, 3, 4, 5], "b": [2, 2, 3, 5, 5], "age": [20, 30, 25, 40, 41]}
    >>> frame = pd.DataFrame(answers)
    >>> correlate_frame(frame, {"S": ["a", "b"]}, ["age"])["estimate"].round(3).tolist()
    [0.905]
    """
    chosen = select(data, scales, group=group)
    if chosen.moments is not None:
        raise DataError("Moments hold no comparators; pass the answers and the comparators.")
    values = numeric_columns(to_narwhals(data), list(comparators))
    scores = [chosen.values[:, chosen.keyed.positions(s)].mean(axis=1) for s in chosen.keyed.scales]
    return _correlate(
        np.column_stack(scores), list(chosen.keyed.scales), values, list(comparators),
        Sites(chosen.group, chosen.groups), methods=methods, level=level, barred={},
    )  # fmt: skip


def _correlate(
    scores: FloatArray,
    scales: Sequence[str],
    values: FloatArray,
    comparators: Sequence[str],
    sites: Sites,
    *,
    methods: Sequence[CorrelationMethod],
    level: float,
    barred: Mapping[str, Reason],
) -> pd.DataFrame:
    """Return the rows of every method and pair."""
    rows: list[Row] = []
    for method in methods:
        check_option("methods", method, tuple(METHODS))
        for s, scale in enumerate(scales):
            for c, comparator in enumerate(comparators):
                pair = Pair.of(scale, comparator, scores[:, s], values[:, c], sites)
                why = barred.get(comparator, NO_REASON)
                own = pair.rows(method, sites, level, why)
                rows += own + synthesize(own, level, at_least=len(sites.names))
    return tidy(rows, CORRELATION_COLUMNS)


@dataclass(frozen=True, slots=True)
class Pair:
    """A scale's scores and a comparator, of the people who have both."""

    scale: str
    comparator: str
    x: FloatArray
    y: FloatArray
    codes: IntArray

    @classmethod
    def of(cls, scale: str, comparator: str, x: FloatArray, y: FloatArray, sites: Sites) -> Pair:
        """Keep the people who have both values."""
        both = ~(np.isnan(x) | np.isnan(y))
        return cls(scale, comparator, x[both], y[both], sites.codes[both])

    def moments(self, n_sites: int, *, ranked: bool) -> CrossMoments:
        """Reduce to total, within and each site, in this order; to total alone without sites."""
        x, y, codes = self.x, self.y, self.codes
        everyone = np.zeros(len(x), dtype=np.int64)
        a, b = (within_ranks(x, everyone), within_ranks(y, everyone)) if ranked else (x, y)
        total = cross_moments(a[:, None], b[:, None], everyone, 1)
        if not n_sites:
            return total
        a, b = (within_ranks(x, codes), within_ranks(y, codes)) if ranked else (x, y)
        own = cross_moments(a[:, None], b[:, None], codes, n_sites)
        return join_moments(total, pool_groups(own), own)

    def rows(
        self, method: CorrelationMethod, sites: Sites, level: float, barred: Reason
    ) -> list[Row]:
        """Return the row of every unit."""
        n_sites = len(sites.names)
        found = self.moments(n_sites, ranked=method == "spearman")
        names: list[tuple[str, str | None]] = [(TOTAL, None)]
        names += [(WITHIN, None)] if n_sites else []
        names += [(SITE, name) for name in sites.names]
        made = []
        for unit, (pooling, group) in enumerate(names):
            # A site with people costs a degree of freedom, all but one of them.
            held = max(int((found.n[2:] > 0).sum()) - 1, 0) if pooling == WITHIN else 0
            r = float(pearson(found)[unit, 0, 0])
            why = barred or self.problem(found, unit, held)
            if not why and method == "percentage_bend":
                r, why = self.percentage_bend(pooling, self.codes == unit - 2)
            row = correlation_row(method, r, int(found.n[unit, 0, 0]), held, level, why)
            about = {"scale": self.scale, "item": None, "comparator": self.comparator}
            made.append({**about, "group": group, "pooling": pooling, **row})
        return made

    def problem(self, found: CrossMoments, unit: int, held: int) -> Reason:
        """Say why the pair has no correlation in a unit; empty if it has one."""
        people = found.n[:, 0, 0]
        varies_x, varies_y = found.xx[:, 0, 0] > 0, found.yy[:, 0, 0] > 0
        if people[unit] < FEWEST_PEOPLE + held:
            return reason("too_few_pairs", n_obs=int(people[unit]), needed=FEWEST_PEOPLE + held)
        pooling = (TOTAL, WITHIN)[unit] if unit < 2 else SITE
        refused = in_force().refusal("correlation", pooling, float(people[unit]) - held)
        if refused:
            return refused
        # Where somebody shares a site with somebody else, equal values in each are no chance.
        shared = len(people) > 3 and people[1] > (people[2:] > 0).sum()
        if shared and varies_y[0] and not varies_y[1]:
            return reason("comparator_of_the_site", comparator=self.comparator)
        if not (varies_x[unit] and varies_y[unit]):
            still = self.comparator if varies_x[unit] else self.scale
            return reason("constant_variable", variable=still)
        return NO_REASON

    def percentage_bend(self, pooling: str, at_site: BoolArray) -> tuple[float, Reason]:
        """Return the percentage bend correlation of a unit, which takes pingouin's two seconds.

        People with missing values are gone by now: pingouin counts them in places.
        """
        if pooling == WITHIN:
            return np.nan, reason("method_without_within", method="percentage bend")
        from pingouin import corr

        rows = at_site if pooling == SITE else np.ones(len(self.x), dtype=bool)
        with np.errstate(invalid="ignore", divide="ignore"):
            r = float(corr(self.x[rows], self.y[rows], method="percbend")["r"].iloc[0])
        return r, NO_REASON if np.isfinite(r) else reason("robust_undefined")


def correlation_row(
    method: CorrelationMethod, r: float, n: int, held: int, level: float, why: Reason
) -> Row:
    """Return estimate, interval, and what a synthesis needs."""
    row: Row = {
        "statistic": STATISTICS[method], "estimate": np.nan, "low": np.nan, "high": np.nan,
        "level": level, "n_obs": n, "method": METHODS[method], "reason": why,
    }  # fmt: skip
    if why:
        return row
    variance = float(
        bonett_wright_variance(r, n, held) if method == "spearman" else fisher_variance(n, held)
    )
    limits = fisher_interval(r, variance, level)
    row |= {"estimate": r, "low": float(limits.low), "high": float(limits.high)}
    # At -1 and 1 the transformed value is infinite, so such a site can't join a synthesis.
    usable = abs(r) < 1
    return row | {"transformed": "fisher_z", "transformed_variance": variance if usable else np.nan}
