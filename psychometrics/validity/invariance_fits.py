"""The models of a ladder of invariance, built and fitted from answers that are selected once."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from psychometrics.errors import DataError, check_option
from psychometrics.stats.cfa.completion import complete, observed_names
from psychometrics.stats.cfa.equality import constrain_groups
from psychometrics.stats.cfa.solve import Estimator, Information
from psychometrics.stats.cfa.table import Parameter, ParameterTable
from psychometrics.validity.arguments import check_level
from psychometrics.validity.cfa_fit import Settings, fit_ordinal, fit_selection
from psychometrics.validity.cfa_result import CFAResult
from psychometrics.validity.frames import appearance_order
from psychometrics.validity.ordinal_model import (
    OrdinalInput,
    ordered_names,
    ordinal_input,
    refuse_ordered,
)
from psychometrics.validity.selection import Selection, select
from psychometrics.validity.structure import ESTIMATORS, refuse_combinations

# A parameter of one group that is set free: lhs, op, rhs and the group's index.
Freed = tuple[str, str, str, int]


@dataclass(frozen=True)
class Ladder:
    """What the models of a ladder have in common.

    Attributes
    ----------
    base : ParameterTable
        The model of all groups, nothing equal; the factors' variances are 1 in the first group
        where no marker is asked for.
    chosen : Selection
        Answers of all rows.
    ordinal : OrdinalInput or None
        Answers to ordered items.
    settings : Settings
    groups : tuple of str
    caught : list of Warning
        What the fits warned of; told once, at the end.
    """

    base: ParameterTable
    chosen: Selection
    ordinal: OrdinalInput | None
    settings: Settings
    groups: tuple[str, ...]
    caught: list[Warning] = field(default_factory=list)

    @property
    def ordered(self) -> bool:
        """Whether items are ordered."""
        return self.ordinal is not None

    def table(self, kinds: Sequence[str], freed: Iterable[Freed] = ()) -> ParameterTable:
        """Return the model in which kinds of parameters are equal, except for those set free."""
        identification: Literal["lavaan", "wu_estabrook"] = (
            "wu_estabrook" if self.ordered else "lavaan"
        )
        table = constrain_groups(self.base, kinds, (), identification)
        wanted = set(freed)
        return replace(table, rows=tuple(released(row, wanted) for row in table.rows))

    def fit(self, table: ParameterTable) -> CFAResult:
        """Fit a model; what it warns of is kept."""
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            if self.ordinal is not None:
                found = fit_ordinal(table, self.ordinal, self.settings)
            else:
                found = fit_selection(table, self.chosen, self.settings)
        known = {str(one) for one in self.caught}
        self.caught.extend(
            w.message
            for w in heard
            if isinstance(w.message, Warning) and str(w.message) not in known
        )
        return found

    def tell(self) -> None:
        """Warn of what the fits warned of, each once."""
        for one in self.caught:
            warnings.warn(one, stacklevel=3)
        self.caught.clear()


def released(row: Parameter, freed: set[Freed]) -> Parameter:
    """Take a parameter out of its equality, if it is among those set free.

    Equal intercepts of ordered items are fixed at 0.
    """
    if (row.lhs, row.op, row.rhs, row.group) not in freed:
        return row
    return replace(row, label=None, free=True, value=None)


def n_own_parameters(table: ParameterTable) -> int:
    """Count the free parameters of the first group."""
    return sum(row.free and row.group == 0 for row in table.rows)


def prepare(
    model: str | Mapping[str, Sequence[str]],
    data: Any,
    group: str | None,
    *,
    estimator: Estimator | None = None,
    ordered: bool | Sequence[str] = False,
    missing: Literal["listwise", "fiml", "pairwise"] = "listwise",
    std_lv: bool = True,
    collapse: bool = True,
    level: float = 0.95,
) -> Ladder:
    """Select the answers and complete the model; nothing is fitted yet.

    Raises
    ------
    DataError
        Fewer than two groups, or what :func:`psychometrics.cfa` refuses.
    """
    if estimator is not None:
        check_option("estimator", estimator, ESTIMATORS)
    check_option("missing", missing, ("listwise", "fiml", "pairwise"))
    check_level(level)
    names = observed_names(model)
    categories = ordered_names(ordered, names)
    how: Estimator = estimator or ("WLSMV" if categories else "ML")
    if categories:
        refuse_ordered(data, how, missing, None, None, None, None)
    else:
        refuse_combinations(data, how, missing, None, None)
    scales = model if isinstance(model, Mapping) else {"model": list(names)}
    chosen = select(data, scales, group=group, group_order=appearance_order(data, group))
    if len(chosen.groups) < 2:
        raise DataError(
            f"Invariance is a comparison of groups; {group!r} holds {len(chosen.groups)}."
        )
    information: Information = "observed" if missing == "fiml" else "expected"
    form: Literal["delta", "theta"] = "theta" if categories else "delta"
    settings = Settings(how, missing, information, None, "lavaan", level, form)
    given = (
        ordinal_input(chosen, names, categories, missing, collapse=collapse) if categories else None
    )
    base = complete(
        model,
        std_lv=std_lv,
        mean_structure=True,
        n_groups=len(chosen.groups),
        ordered=None if given is None else given.n_categories,
        parameterization=form,
    )
    if chosen.moments is not None and chosen.moments.mean is None:
        raise DataError("Invariance needs the groups' means; these moments have none.")
    return Ladder(base, chosen, given, settings, chosen.groups)


def analysed_by_group(ladder: Ladder) -> tuple[int, ...]:
    """Count the people of each group that the models rest on."""
    chosen = ladder.chosen
    if chosen.moments is not None:
        return tuple(int(n) for n in np.atleast_1d(chosen.moments.n))
    seen = chosen.observed
    keep = seen.any(axis=1) if ladder.settings.missing != "listwise" else seen.all(axis=1)
    return tuple(int((keep & (chosen.group == g)).sum()) for g in range(len(ladder.groups)))
