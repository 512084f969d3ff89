"""What answers show of single items in single groups: signals that a text deserves another look.

None of them says why. Differences at the same standing are found by :func:`psychometrics.dif`, on a
trait of the model; the others here describe an item that was found so, or one that runs against
its scale.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, DataError, Reason, reason
from psychometrics.responses import Responses
from psychometrics.stats import item_signals as kernels
from psychometrics.stats.alpha_differences import holm
from psychometrics.stats.item_signals import Compared
from psychometrics.stats.moments import BoolArray, FloatArray, IntArray
from psychometrics.validity.arguments import check_level, need_answers
from psychometrics.validity.selection import SITE, ResponseRange, Scales, Selection, select

SIGNALS: Final = ("item_rest", "consistency", "category", "missing")
FEWEST: Final = 10
"""Fewer people than this in a group and nothing is said of it."""

N_STRATA: Final = 5
MOST_CATEGORIES: Final = 11
COLUMNS: Final = (
    "scale", "item", "group", "signal", "category", "estimate", "low", "high", "own", "others",
    "n_obs", "n_others", "p_value", "p_adjusted", "flag", "level", "method", "reason",
)  # fmt: skip
METHODS: Final = {
    "item_rest": "Fisher's z, complete rows of the scale",
    "consistency": "difference of item-rest correlations, Zou interval, others within groups",
    "category": "share at the same place on the rest of the scale, standardised",
    "missing": "difference of shares, Newcombe interval",
}


@dataclass(frozen=True, slots=True)
class _Scale:
    """One scale: its answers, and the moments of each group."""

    name: str
    items: tuple[str, ...]
    values: FloatArray
    complete: BoolArray
    covariance: FloatArray
    df: FloatArray
    n: FloatArray


def item_signals(
    data: Any,
    scales: Scales,
    group: str,
    *,
    blank: pd.DataFrame | None = None,
    response_range: ResponseRange = None,
    significance: float = 0.05,
    level: float = 0.95,
) -> pd.DataFrame:
    """Describe how each group answers each item, held against the other groups.

    ``item_rest`` is the correlation with the rest of the scale; flagged where it is negative: the
    item then runs against its scale. ``consistency`` is how much it differs from that of the others
    (within their groups); flagged where it is lower. It is also lower where people of a group
    differ less from each other. ``category`` is the share of an answer, held against others who
    stand at the same place on the rest of the scale; ``missing`` the share without an answer.

    An item that runs against its scale in a group is left out of the rest of that group's others.

    Parameters
    ----------
    data : frame or Responses
        Answers as given.
    scales : mapping of str to sequence of str
        Items by scale, ``"-A1"`` for a reverse-keyed one. Categories are then told as keyed.
    group : str
        Column of the groups.
    blank : pandas.DataFrame, optional
        True where an answer could have been given and was not; by default wherever there is none,
        or for Responses wherever the answer could exist.
    response_range : (low, high) or mapping, optional
        Lowest and highest possible answer, for turning items.
    significance : float
        Of each kind of signal, over all items and groups (Holm; an item that runs against its
        scale is also found by Bonferroni's bound, one group and item after the other).
    level : float
        Coverage.

    Returns
    -------
    pandas.DataFrame
        One row a scale, item, group and signal; for ``category`` one an answer. Groups of fewer
        than ten have a `reason` and no numbers.

    Raises
    ------
    DataError
        Absent columns, moments.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> x = np.clip(np.round(rng.normal(size=(400, 1)) + 0.7 * rng.normal(size=(400, 4))), -2, 2)
    >>> x[:200, 0] *= -1
    >>> frame = pd.DataFrame(x, columns=list("abcd")).assign(site=["p"] * 200 + ["q"] * 200)
    >>> found = item_signals(frame, {"S": list("abcd")}, "site")
    >>> against = found[(found["signal"] == "item_rest") & found["flag"]]
    >>> against[["item", "group"]].to_numpy().tolist()
    [['a', 'p']]
    """
    check_level(level)
    need_answers(data, "item_signals()")
    if not 0 < significance < 1:
        raise DataError(f"significance={significance!r} must be between 0 and 1.")
    chosen = select(data, scales, group=group, response_range=response_range)
    gaps = _blank(data, chosen, blank)
    family = sum(len(items) for items in chosen.keyed.scales.values()) * len(chosen.groups)
    rows: list[dict[str, Any]] = []
    for name in chosen.keyed.scales:
        scale = _scale(chosen, name)
        against = kernels.against_the_scale(scale.covariance, scale.df, significance, family)
        rows += _rest_rows(scale, chosen, against, level)
        rows += _category_rows(scale, chosen, against, level)
        rows += _missing_rows(scale, chosen, gaps, level)
    return _adjusted(rows, significance)


def _blank(data: Any, chosen: Selection, given: pd.DataFrame | None) -> BoolArray:
    """Return which answers are missing that could exist."""
    items = list(chosen.keyed.items)
    if given is not None:
        return given[items].to_numpy(dtype=bool)
    if isinstance(data, Responses):
        known = data.instrument
        made = ~chosen.observed
        for at, item in enumerate(items):
            if item not in known.items:
                continue
            possible = known.response_sets[known.items[item].response_set].missing
            structural = [one.key for one in possible if one.structural]
            made[:, at] &= ~data.answer_status[item].isin(structural).to_numpy()
        return np.asarray(made)
    return ~chosen.observed


def _scale(chosen: Selection, name: str) -> _Scale:
    columns = chosen.keyed.positions(name)
    units = chosen.units(columns)
    own = [at for at, pooling in enumerate(units.pooling) if pooling == SITE]
    return _Scale(
        name,
        chosen.keyed.scales[name],
        chosen.values[:, columns],
        chosen.complete(columns),
        np.nan_to_num(units.covariance[own]),
        units.df[own],
        units.n[own],
    )


def _others(covariance: FloatArray, df: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the covariance of all other groups for each, within groups, and its df."""
    weight = np.maximum(df, 0.0)
    summed = weight[:, None, None] * covariance
    left = weight.sum() - weight
    with np.errstate(divide="ignore", invalid="ignore"):
        return (summed.sum(axis=0) - summed) / left[:, None, None], left


def _rest_rows(
    scale: _Scale, chosen: Selection, against: BoolArray, level: float
) -> list[dict[str, Any]]:
    """Return the item-rest correlations of every group, and how they differ from the others'."""
    k = len(scale.items)
    if k < 2:
        return []
    # What runs against the scale in a group is taken out of the rests that it is compared by too.
    own = kernels.rest_correlations(scale.covariance, ~against)
    turned = np.where(against, -1.0, 1.0)
    sound = scale.covariance * turned[:, :, None] * turned[:, None, :]
    pooled, pooled_df = _others(sound, scale.df)
    others = kernels.rest_correlations(np.nan_to_num(pooled), ~against)
    interval = kernels.sign_interval(own, scale.df, level)
    nothing = np.full(own.shape, np.nan)
    sign = Compared(
        own, np.asarray(interval.low), np.asarray(interval.high), own, others,
        kernels.sign_p_values(own, scale.df),
    )  # fmt: skip
    made = _rows(scale, chosen, "item_rest", sign, scale.n, level, flags=against)
    differ = kernels.correlation_difference(own, scale.df, others, pooled_df, level)
    p_value = np.where(against, nothing, differ.p_value)  # it is told as what it is, and once
    differ = Compared(differ.estimate, differ.low, differ.high, own, others, p_value)
    return made + _rows(scale, chosen, "consistency", differ, scale.n, level)


def _category_rows(
    scale: _Scale, chosen: Selection, against: BoolArray, level: float
) -> list[dict[str, Any]]:
    """Return how often every answer is given, held against others at the same place."""
    k = len(scale.items)
    rows: list[dict[str, Any]] = []
    here = scale.complete & (chosen.group >= 0)
    values, group = scale.values[here], chosen.group[here]
    n_groups = len(chosen.groups)
    for at, item in enumerate(scale.items):
        answers, code = np.unique(values[:, at], return_inverse=True)
        if k < 2 or not 2 <= answers.size <= MOST_CATEGORIES:
            continue
        rest = np.where(np.arange(k) != at, values, 0.0)
        rest = np.where(against[group], 0.0, rest).sum(axis=1) / _n_rest(against, at)[group]
        place = kernels.strata(rest, N_STRATA)
        shape = (n_groups, int(place.max(initial=0)) + 1, answers.size)
        flat = np.ravel_multi_index((group, place, code.reshape(-1)), shape)
        counts = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape).astype(float)
        found = kernels.matched_shares(counts, level)
        n_people = counts.sum(axis=(1, 2))
        for c, answer in enumerate(answers):
            column = Compared(
                *(
                    getattr(found, name)[:, c : c + 1]
                    for name in ("estimate", "low", "high", "own", "others", "p_value")
                )
            )
            own = _Scale(scale.name, (item,), values, here, scale.covariance, scale.df, n_people)
            rows += _rows(own, chosen, "category", column, n_people, level, category=float(answer))
    return rows


def _n_rest(against: BoolArray, at: int) -> FloatArray:
    """Return how many items the rest of one has, in each group."""
    kept = ~against
    kept[:, at] = False
    return np.maximum(kept.sum(axis=1), 1).astype(float)


def _missing_rows(
    scale: _Scale, chosen: Selection, gaps: BoolArray, level: float
) -> list[dict[str, Any]]:
    """Return the share without an answer, held against that of the others."""
    columns = chosen.keyed.positions(scale.name)
    here = chosen.group >= 0
    could = (gaps | chosen.observed)[:, columns]
    counts, totals = (
        _by_group(each[here], chosen.group[here], len(chosen.groups))
        for each in (gaps[:, columns], could)
    )
    found = kernels.share_difference(
        counts, totals, counts.sum(axis=0) - counts, totals.sum(axis=0) - totals, level
    )
    people = np.bincount(chosen.group[here], minlength=len(chosen.groups)).astype(float)
    return _rows(scale, chosen, "missing", found, people, level)


def _by_group(flags: BoolArray, group: IntArray, n_groups: int) -> FloatArray:
    """Count by group and column."""
    member = (np.arange(n_groups)[:, None] == group).astype(float)
    return np.asarray(member @ flags.astype(float))


def _rows(
    scale: _Scale,
    chosen: Selection,
    signal: str,
    found: Compared,
    n_people: FloatArray,
    level: float,
    *,
    flags: BoolArray | None = None,
    category: float = float("nan"),
) -> list[dict[str, Any]]:
    """Return a row for each group and item; a group that is too small has a reason."""
    rows = []
    total = float(n_people.sum())
    for g, name in enumerate(chosen.groups):
        n, n_others = float(n_people[g]), total - float(n_people[g])
        why = _why_not(n, n_others)
        for i, item in enumerate(scale.items):
            numbers = {
                column: float("nan") if why else float(getattr(found, column)[g, i])
                for column in ("estimate", "low", "high", "own", "others", "p_value")
            }
            none = not why and not np.isfinite(numbers["estimate"])
            rows.append(
                {
                    "scale": scale.name, "item": item, "group": name, "signal": signal,
                    "category": category, **numbers, "n_obs": int(n), "n_others": int(n_others),
                    "against": bool(flags is not None and flags[g, i]) and not why,
                    "level": level, "method": METHODS[signal],
                    "reason": reason("constant_items", items=item) if none else why,
                }
            )  # fmt: skip
    return rows


def _why_not(n: float, n_others: float) -> Reason:
    """Return why nothing is said of a group; empty where something is."""
    if min(n, n_others) < FEWEST:
        return reason("signal_too_few", n_obs=int(min(n, n_others)), needed=FEWEST)
    return NO_REASON


def _adjusted(rows: Sequence[Mapping[str, Any]], significance: float) -> pd.DataFrame:
    """Adjust p-values over each kind of signal, and flag."""
    found = pd.DataFrame(list(rows), columns=[*COLUMNS, "against"])
    found["p_adjusted"] = np.nan
    for signal in SIGNALS:
        own = (found["signal"] == signal).to_numpy()
        found.loc[own, "p_adjusted"] = holm(found.loc[own, "p_value"].to_numpy(dtype=float))
    shown = (found["p_adjusted"] < significance).to_numpy(dtype=bool)
    less = (found["estimate"] < 0).to_numpy(dtype=bool)
    kind = found["signal"]
    found["flag"] = (
        ((kind == "item_rest") & found["against"].astype(bool))
        | ((kind == "consistency") & shown & less)
        | ((kind == "category") & shown)
        | ((kind == "missing") & shown & ~less)
    )
    for name in ("item", "group", "reason"):
        cells = [row[name] for row in rows]
        found[name] = pd.Series(cells, index=found.index, dtype=object)
    return found[list(COLUMNS)]
