"""Which groups can be compared by which model: all scales' factors together, or one scale alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from psychometrics.errors import NO_REASON, Reason, reason
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.fit import sample_problem
from psychometrics.stats.cfa.layout import lay_out
from psychometrics.stats.cfa.table import ParameterTable
from psychometrics.validity.factors import factor_of
from psychometrics.validity.selection import SITE
from psychometrics.validity.small_n import in_force

WHOLE = "correlated_factors"
"""The model of all scales together, as the fit table names it."""

FEWEST_ITEMS = 3
"""A factor of two items is not identified by itself."""

Scales = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Grouped:
    """Answers and the groups they are compared over.

    Attributes
    ----------
    grouping : str
        Column of the groups: ``site``, ``language`` ...
    frame : DataFrame
        Rows that have a group, in the order of the groups.
    groups : tuple of str
        Groups that have rows, in the order of the definition.
    n_rows : tuple of int
        Rows of each.
    names : mapping of str to str
        What readers call them, where that is known.
    """

    grouping: str
    frame: pd.DataFrame
    groups: tuple[str, ...]
    n_rows: tuple[int, ...]
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def pooling(self) -> str:
        """What rows about one group are called."""
        return SITE if self.grouping == SITE else "group"

    def listed(self, groups: Iterable[str]) -> str:
        """Return groups as readers call them, for a sentence."""
        return ", ".join(self.names.get(group, group) for group in groups)

    def of(self, groups: Sequence[str]) -> pd.DataFrame:
        """Return the rows of some groups."""
        return self.frame[self.frame[self.grouping].isin(list(groups))]


@dataclass(frozen=True)
class Carried:
    """A model and the groups that carry it.

    Attributes
    ----------
    model : str
        A scale, or :data:`WHOLE`.
    scales : mapping of str to sequence of str
        Keyed items of the scales in the model.
    groups : tuple of str
        Groups that carry it.
    n_obs : dict of str to int
        Complete rows of every group.
    refused : dict of str to Reason
        Groups that don't, with why.
    why : Reason
        Why there is nothing to compare; empty where there is.
    """

    model: str
    scales: Scales
    groups: tuple[str, ...]
    n_obs: dict[str, int]
    refused: dict[str, Reason] = field(default_factory=dict)
    why: Reason = NO_REASON

    @property
    def factors(self) -> dict[str, list[str]]:
        """The model: items by factor."""
        return {factor_of(scale): list(items) for scale, items in self.scales.items()}

    @property
    def n_items(self) -> int:
        """Items in the model, each once."""
        return len({item.removeprefix("-") for items in self.scales.values() for item in items})


def grouped(
    frame: pd.DataFrame,
    grouping: str,
    order: Sequence[str],
    names: Mapping[str, str] | None = None,
) -> Grouped:
    """Sort answers by their group, those of `order` first and the others by name.

    Examples
    --------
    >>> frame = pd.DataFrame({"site": ["pune", "ulm", None, "pune"], "a": [1, 2, 3, 4]})
    >>> found = grouped(frame, "site", ["ulm", "pune"])
    >>> found.groups, found.n_rows
    (('ulm', 'pune'), (1, 2))
    """
    if grouping not in frame:
        return Grouped(grouping, frame.iloc[:0], (), ())
    given = frame[grouping].astype(object)
    present = {str(name) for name in given.dropna().unique()}
    declared = [name for name in order if name in present]
    groups = (*declared, *sorted(present.difference(declared)))
    kept = frame[given.notna()].assign(**{grouping: given.dropna().astype(str)})
    place = kept[grouping].map({name: at for at, name in enumerate(groups)})
    kept = kept.iloc[np.argsort(place.to_numpy(), kind="stable")].reset_index(drop=True)
    counts = kept[grouping].value_counts()
    n_rows = tuple(int(counts[name]) for name in groups)
    return Grouped(grouping, kept, groups, n_rows, names or {})


def own_model(scales: Scales) -> ParameterTable:
    """Return the model of one group."""
    return complete({factor_of(scale): list(items) for scale, items in scales.items()}, std_lv=True)


def carried(data: Grouped, model: str, scales: Scales) -> Carried:
    """Say which groups carry a model."""
    if model != WHOLE and len(scales[model]) < FEWEST_ITEMS:
        why = reason("too_few_items", n_items=len(scales[model]), needed=FEWEST_ITEMS)
        return Carried(model, scales, (), {}, dict.fromkeys(data.groups, why), why)
    table = own_model(scales)
    n_free, names = lay_out(table).n_free, list(table.observed)
    values = data.frame[names].to_numpy(dtype=float)
    whole = np.isfinite(values).all(axis=1)
    label = data.frame[data.grouping].to_numpy(dtype=object)
    counts: dict[str, int] = {}
    refused: dict[str, Reason] = {}
    for name in data.groups:
        rows = values[whole & (label == name)]
        counts[name] = len(rows)
        why = too_few(rows, table.observed, n_free)
        if why:
            refused[name] = why
    able = tuple(name for name in data.groups if name not in refused)
    if len(able) >= 2:
        return Carried(model, scales, able, counts, refused)
    why = reason("groups_too_small", count=len(able), n_parameters=n_free)
    return Carried(model, scales, (), counts, refused, why)


def too_few(rows: np.ndarray, names: tuple[str, ...], n_parameters: int) -> Reason:
    """Say why the complete rows of one group carry no model of so many parameters."""
    if len(rows) < 2:
        return reason("too_few_cases", n_obs=len(rows), needed=2)
    policy = in_force()
    return policy.refusal(
        "invariance", SITE, len(rows), n_parameters=n_parameters
    ) or sample_problem(np.cov(rows.T), len(rows), names, n_parameters)


def models_of(data: Grouped, scales: Scales) -> tuple[Carried, list[Carried]]:
    """Return the model of all scales together, and the models of each alone."""
    alone = [carried(data, scale, {scale: items}) for scale, items in scales.items()]
    return carried(data, WHOLE, {s: items for s, items in scales.items() if len(items) >= 2}), alone


def left_out(together: Carried, alone: list[Carried]) -> list[str]:
    """Return the groups that the model of all scales leaves out and single scales would keep."""
    kept = {name for one in alone for name in one.groups}
    return [name for name in together.n_obs if name in kept and name not in together.groups]
