"""From a frame and a mapping of scales to keyed numbers and their units of analysis.

Reverse keying happens here and nowhere else: an item written ``"-A1"`` is turned once, as
``minimum + maximum - x``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import narwhals as nw
import numpy as np

from psychometrics.errors import DataError, Finding, finding
from psychometrics.stats.cfa.free_means import FreeMeans, free_means
from psychometrics.stats.moments import (
    BoolArray,
    FloatArray,
    IntArray,
    Moments,
    Sums,
    covariance_of,
    pairwise_moments,
    pool_total,
    pool_within,
    sum_rows,
)
from psychometrics.validity.frames import (
    check_columns,
    group_codes,
    numeric_columns,
    raise_all,
    to_narwhals,
)

Scales = Mapping[str, Sequence[str]]
Missing = Literal["listwise", "pairwise"]
ModelMissing = Literal["fiml", "listwise"]
ResponseRange = tuple[float, float] | Mapping[str, tuple[float, float]] | None

TOTAL, WITHIN, SITE, META = "total", "within", "site", "meta"


@dataclass(frozen=True)
class Keyed:
    """Scales with the items' directions taken off their names.

    Attributes
    ----------
    scales : dict of str to tuple of str
        Item names by scale, without the minus.
    items : tuple of str
        All items, each once, in order.
    signs : ndarray, shape (p,)
        1, or -1 for an item that is turned.
    """

    scales: dict[str, tuple[str, ...]]
    items: tuple[str, ...]
    signs: FloatArray

    def positions(self, scale: str) -> IntArray:
        """Return the columns of a scale's items."""
        index = {item: i for i, item in enumerate(self.items)}
        return np.array([index[item] for item in self.scales[scale]], dtype=np.int64)

    @property
    def membership(self) -> FloatArray:
        """Return who belongs where, shape (p, scales)."""
        member = np.zeros((len(self.items), len(self.scales)))
        for column, scale in enumerate(self.scales):
            member[self.positions(scale), column] = 1.0
        return member


@dataclass(frozen=True)
class Units:
    """Moments of the units that one set of items is analysed in.

    Attributes
    ----------
    pooling, group : tuple
        What each unit is: ``site`` with its name, or ``total`` and ``within`` with None.
    n : ndarray, shape (units,)
        People analysed.
    df : ndarray, shape (units,)
        Degrees of freedom of the covariance: n - 1, or N - G within sites.
    mean : ndarray, shape (units, k)
    covariance : ndarray, shape (units, k, k)
        Denominator `df`.
    incomplete : mapping of int to FreeMeans
        The rows of units that are analysed with all answers there are, and have missing ones;
        their covariance is the pairwise one.
    """

    pooling: tuple[str, ...]
    group: tuple[str | None, ...]
    n: FloatArray
    df: FloatArray
    mean: FloatArray
    covariance: FloatArray
    incomplete: Mapping[int, FreeMeans] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.pooling)


@dataclass(frozen=True)
class Selection:
    """The answers of the items analysed, keyed, with the group of each row.

    Attributes
    ----------
    keyed : Keyed
        Scales and directions.
    values : ndarray, shape (n, p)
        Keyed answers; NaN where there is none.
    group : ndarray of int, shape (n,)
        Index into `groups`; -1 for a row that belongs to no group.
    groups : tuple of str
        Names of the groups; empty without grouping.
    weights : ndarray, shape (n,), or None
        Case weights.
    moments : Moments or None
        Given instead of answers.
    """

    keyed: Keyed
    values: FloatArray
    group: IntArray
    groups: tuple[str, ...]
    weights: FloatArray | None = None
    moments: Moments | None = None

    @cached_property
    def observed(self) -> BoolArray:
        """Return which answers there are, shape (n, p)."""
        return ~np.isnan(self.values)

    def without(self, scales: Collection[str]) -> Selection:
        """Return the selection without some scales, and without items that no other one has."""
        if not scales:
            return self
        kept = {name: items for name, items in self.keyed.scales.items() if name not in scales}
        wanted = {item for items in kept.values() for item in items}
        columns = [at for at, item in enumerate(self.keyed.items) if item in wanted]
        names = tuple(self.keyed.items[at] for at in columns)
        keyed = Keyed(kept, names, self.keyed.signs[columns])
        return replace(self, keyed=keyed, values=self.values[:, columns])

    def complete(self, columns: IntArray) -> BoolArray:
        """Return the rows that answered all of some items, and weigh something."""
        answered = self.observed[:, columns].all(axis=1)
        return np.asarray(answered if self.weights is None else answered & (self.weights > 0))

    def some(self, columns: IntArray) -> BoolArray:
        """Return the rows that answered any of some items, and weigh something."""
        answered = self.observed[:, columns].any(axis=1)
        return np.asarray(answered if self.weights is None else answered & (self.weights > 0))

    def members(self, pooling: str, group: str | None) -> BoolArray:
        """Return the rows of a unit: a site's, those that have a site, or all."""
        if pooling == TOTAL:
            return np.ones(len(self.values), dtype=bool)
        if pooling == WITHIN:
            return np.asarray(self.group >= 0)
        return np.asarray(self.group == self.groups.index(str(group)))

    def units(self, columns: IntArray, missing: Missing | ModelMissing = "listwise") -> Units:
        """Reduce the answers to some items to the moments of every unit.

        The order is total, within, then the sites; without grouping there is only total, and
        one site alone has no ``within``. Case weights are scaled to a mean of 1 in each unit, so
        that a site's numbers don't depend on the other sites' weights.
        """
        if self.moments is not None:
            return units_of_moments(self.moments, columns)
        if missing == "pairwise":
            return self.pairwise_units(columns)
        if missing == "fiml" and self.weights is None:
            return self.whole_units(columns)
        keep = self.complete(columns)
        x, label = self.values[keep][:, columns], self.group[keep]
        weight = None if self.weights is None else self.weights[keep]
        n_groups = len(self.groups)
        place = np.where(label < 0, n_groups, label)
        sums = sum_rows(x, place, n_groups + 1, weight)
        count = np.bincount(place, minlength=n_groups + 1).astype(float)
        n = np.concatenate([count.sum(keepdims=True), count[:n_groups]])
        mean, covariance = covariance_of(at_size(pool_total(sums), n[:1]))[1:]
        if not n_groups:
            return Units((TOTAL,), (None,), n, n - 1, mean, covariance)
        own = first_groups(sums, n_groups)
        own_mean, own_covariance = covariance_of(at_size(own, n[1:]))[1:]
        mean = np.concatenate([mean, own_mean])
        covariance = np.concatenate([covariance, own_covariance])
        pooling: tuple[str, ...] = (TOTAL, *[SITE] * n_groups)
        group: tuple[str | None, ...] = (None, *self.groups)
        df = n - 1
        if n_groups > 1:
            n_grouped = n[1:].sum()
            df_within, _, within = pool_within(at_size(own, n_grouped, together=True))
            with np.errstate(invalid="ignore", divide="ignore"):
                centre = own.centre + own.first.sum(axis=0) / own.weight.sum()
            pooling, group = (TOTAL, WITHIN, *pooling[1:]), (None, *group)
            n, df = np.insert(n, 1, n_grouped), np.insert(df, 1, np.round(df_within))
            mean = np.insert(mean, 1, centre, axis=0)
            covariance = np.insert(covariance, 1, within, axis=0)
        return Units(pooling, group, n, df, mean, covariance)

    def whole_units(self, columns: IntArray) -> Units:
        """Use everybody with an answer; units without a missing one are as with complete rows."""
        complete, some = self.complete(columns), self.some(columns)
        units = self.units(columns)
        if (complete == some).all():
            return units
        pairs = self.pairwise_units(columns)
        n, df = units.n.copy(), units.df.copy()
        mean, covariance = units.mean.copy(), units.covariance.copy()
        incomplete: dict[int, FreeMeans] = {}
        for unit, (pooling, group) in enumerate(zip(units.pooling, units.group, strict=True)):
            mine = some & self.members(pooling, group)
            if (complete[mine]).all():
                continue
            level = self.group[mine] if pooling == WITHIN else np.zeros(int(mine.sum()), np.int64)
            data = free_means(self.values[mine][:, columns], level)
            incomplete[unit] = data
            n[unit], df[unit] = data.n_rows, round(data.n) - 1
            mean[unit], covariance[unit] = pairs.mean[unit], pairs.covariance[unit]
        return replace(units, n=n, df=df, mean=mean, covariance=covariance, incomplete=incomplete)

    def pairwise_units(self, columns: IntArray) -> Units:
        """Use every pair of answers; n is then that of the scarcest pair."""
        x = self.values[:, columns]
        weighs = np.ones(len(x), dtype=bool) if self.weights is None else self.weights > 0
        parts: list[tuple[str, str | None, float, float, FloatArray, FloatArray]] = []

        def add(pooling: str, name: str | None, rows: BoolArray, lost: int) -> None:
            mine, seen = x[rows], self.observed[rows][:, columns].astype(float)
            weight = None if self.weights is None else self.weights[rows]
            if weight is not None and len(weight):
                weight = weight / weight.mean()
            if lost:
                mine = mine - group_means(mine, self.group[rows], len(self.groups), weight)
            n, mean, covariance = pairwise_moments(mine, weight)
            least = float((seen.T @ seen).min()) if seen.size else 0.0
            if lost:
                spare = np.where(n > lost, n - lost, np.nan)
                covariance = covariance * (n - 1) / spare
            parts.append((pooling, name, least, least - max(lost, 1), mean, covariance))

        add(TOTAL, None, weighs, 0)
        if len(self.groups) > 1:
            grouped = weighs & (self.group >= 0)
            add(WITHIN, None, grouped, len(np.unique(self.group[grouped])))
        for index, name in enumerate(self.groups):
            add(SITE, name, weighs & (self.group == index), 0)
        pooling, group, n, df, mean, covariance = zip(*parts, strict=True)
        return Units(
            pooling, group, np.array(n), np.array(df), np.array(mean), np.array(covariance)
        )


def first_groups(sums: Sums, n_groups: int) -> Sums:
    """Return the sums of the sites, without the rows that belong to none."""
    return Sums(
        sums.weight[..., :n_groups],
        sums.first[..., :n_groups, :],
        sums.cross[..., :n_groups, :, :],
        sums.centre,
    )


def at_size(sums: Sums, n: FloatArray | float, *, together: bool = False) -> Sums:
    """Scale weighted sums so that the weights add up to the number of people.

    Each group's weights to its own people, or all groups' `together` by one factor.
    """
    whole = sums.weight.sum(axis=-1, keepdims=True) if together else sums.weight
    factor = np.divide(n, whole, out=np.ones_like(whole), where=whole > 0)
    factor = np.broadcast_to(factor, sums.weight.shape)
    return Sums(
        sums.weight * factor,
        sums.first * factor[..., None],
        sums.cross * factor[..., None, None],
        sums.centre,
    )


def group_means(
    rows: FloatArray, group: IntArray, n_groups: int, weights: FloatArray | None = None
) -> FloatArray:
    """Return each row's group means of the answered values, shape (n, k)."""
    share = np.where(np.isnan(rows), 0.0, 1.0 if weights is None else weights[:, None])
    weighted = np.where(np.isnan(rows), 0.0, rows) * share
    means = np.zeros((n_groups, rows.shape[1]))
    for g in range(n_groups):
        mine = group == g
        size = share[mine].sum(axis=0)
        total = weighted[mine].sum(axis=0)
        means[g] = np.divide(total, size, out=np.zeros(rows.shape[1]), where=size > 0)
    return np.asarray(means[group])


def units_of_moments(moments: Moments, columns: IntArray) -> Units:
    """Use given moments as the one unit, or as the total of one group."""
    if moments.covariance.ndim != 2:
        raise DataError("Moments of several groups can't be used here; pass one group.")
    covariance = moments.covariance[np.ix_(columns, columns)]
    mean = np.full(len(columns), np.nan) if moments.mean is None else moments.mean[columns]
    n = np.array([float(moments.n)])
    return Units((TOTAL,), (None,), n, n - 1, mean[None], covariance[None])


def parse_scales(scales: Scales) -> Keyed:
    """Take the directions off the item names.

    Raises
    ------
    DataError
        No scale, a scale without items, an item twice in a scale, or an item keyed in two
        directions; all faults at once.
    """
    given: Any = scales
    if not isinstance(given, Mapping) or not given:
        raise DataError("scales must map each scale to its item names, as {'A': ['-A1', 'A2']}.")
    faults: list[Finding] = []
    direction: dict[str, int] = {}
    named: dict[str, tuple[str, ...]] = {}
    for scale, members in given.items():
        written = () if isinstance(members, str) else tuple(members)
        if not written:
            faults.append(finding("scale_has_no_items", "error", str(scale), scale=scale))
            continue
        names: list[str] = []
        for member in written:
            if not isinstance(member, str):
                faults.append(finding("item_name_not_text", "error", str(scale), item=member))
                continue
            item, sign = member.removeprefix("-"), -1 if member.startswith("-") else 1
            if item in names:
                faults.append(
                    finding("item_twice_in_scale", "error", str(scale), scale=scale, item=item)
                )
            elif direction.setdefault(item, sign) != sign:
                faults.append(finding("item_keyed_both_ways", "error", str(scale), item=item))
            else:
                names.append(item)
        named[str(scale)] = tuple(names)
    raise_all(faults)
    return Keyed(named, tuple(direction), np.array(list(direction.values()), dtype=float))


def item_range(item: str, pooled: tuple[float, float], given: ResponseRange) -> tuple[float, float]:
    """Return the lowest and highest possible answer of an item."""
    if isinstance(given, Mapping):
        low, high = given.get(item, pooled)
        return float(low), float(high)
    if given is not None:
        return float(given[0]), float(given[1])
    return pooled


def observed_range(values: FloatArray) -> tuple[float, float]:
    """Return the lowest and highest answer given."""
    found = values[~np.isnan(values)]
    return (float(found.min()), float(found.max())) if found.size else (0.0, 0.0)


def select(
    data: Any,
    scales: Scales,
    *,
    group: str | None = None,
    weights: str | None = None,
    response_range: ResponseRange = None,
    group_order: Sequence[str] | None = None,
) -> Selection:
    """Select, check and key the items of some scales.

    Parameters
    ----------
    data : frame, Responses or Moments
        Answers as given, not turned.
    scales : mapping of str to sequence of str
        Items by scale; ``"-A1"`` is turned.
    group : str, optional
        Column of the groups (sites).
    weights : str, optional
        Column of case weights; only their ratios matter, and a row without one takes no part.
    response_range : (low, high) or mapping of item to (low, high), optional
        Lowest and highest possible answer, for turning items. By default the lowest and highest
        answer found among the items of the scale.
    group_order : sequence of str, optional
        Groups to come first, in this order, with rows or without.

    Raises
    ------
    DataError
        Columns that are absent or hold no numbers, weights that are negative.
    """
    keyed = parse_scales(scales)
    if isinstance(data, Moments):
        return select_moments(data, keyed, group, weights)
    frame = to_narwhals(data)
    check_columns(frame, [*keyed.items, *(name for name in (group, weights) if name is not None)])
    values = numeric_columns(frame, keyed.items)
    codes, names = group_codes(frame, group, group_order)
    turn(values, keyed, response_range)
    return Selection(keyed, values, codes, names, case_weights(frame, weights))


def turn(values: FloatArray, keyed: Keyed, response_range: ResponseRange) -> None:
    """Turn the items that are keyed negatively, in place; an item of two scales once."""
    turned: set[int] = set()
    for scale in keyed.scales:
        columns = keyed.positions(scale)
        pooled = observed_range(values[:, columns])
        for column in columns[keyed.signs[columns] < 0]:
            if column not in turned:
                low, high = item_range(keyed.items[column], pooled, response_range)
                values[:, column] = low + high - values[:, column]
                turned.add(int(column))


def case_weights(frame: nw.DataFrame[Any], weights: str | None) -> FloatArray | None:
    """Return the case weights; a row without one weighs nothing."""
    if weights is None:
        return None
    column = numeric_columns(frame, [weights])[:, 0]
    if np.any(column < 0):
        raise_all([finding("weight_negative", "error", weights, count=int((column < 0).sum()))])
    filled = np.where(np.isnan(column), 0.0, column)
    if len(filled) and not np.any(filled > 0):
        raise_all([finding("weight_empty", "error", weights)])
    return filled


def select_moments(
    moments: Moments, keyed: Keyed, group: str | None, weights: str | None
) -> Selection:
    """Pick and key the items' moments."""
    if group is not None:
        raise DataError("Moments bring their own groups (a leading axis); leave group out.")
    if weights is not None:
        raise DataError("Moments hold no weights; leave weights out.")
    if moments.names is None:
        raise DataError("Moments need names= to find the items of the scales.")
    faults = [
        finding("column_absent", "error", item, column=item, hint="")
        for item in keyed.items
        if item not in moments.names
    ]
    raise_all(faults)
    place = np.array([moments.names.index(item) for item in keyed.items])
    sign = np.outer(keyed.signs, keyed.signs)
    covariance = moments.covariance[..., place[:, None], place] * sign
    # A turned item's mean depends on its range, which moments don't tell.
    mean = None if moments.mean is None or np.any(keyed.signs < 0) else moments.mean[..., place]
    groups = moments.groups
    picked = Moments(covariance, mean, moments.n, keyed.items, groups or None)
    nobody = np.empty((0, len(place))), np.empty(0, dtype=np.int64)
    return Selection(keyed, *nobody, groups, None, picked)
