"""The parameter table: the one representation of a model from text to result.

A model text names some parameters; the rest follow from rules that users of lavaan's ``cfa()``
know: the first indicator of a factor carries its scale, every variable has a (residual)
variance, exogenous factors covary, observed predictors keep their sample moments.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from psychometrics.errors import ModelError
from psychometrics.stats.cfa.expressions import Node, read_definitions
from psychometrics.stats.cfa.syntax import ModelText, Modifier, Term, parse_model, syntax_error


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row of the parameter table.

    Attributes
    ----------
    lhs, op, rhs : str
        ``=~``, ``~~``, ``~`` or ``~1`` between two names.
    group : int
        Index of the group, from 0.
    free : bool
        Whether it is estimated.
    value : float or None
        The fixed value.
    start : float or None
        A starting value of the user's.
    label : str or None
        Parameters of one label are one parameter.
    exogenous : bool
        A moment of observed predictors: kept at its sample value, not counted as a parameter.
    freed : bool
        Set free by ``NA*``: an automatic marker must not fix it again.
    """

    lhs: str
    op: str
    rhs: str
    group: int
    free: bool
    value: float | None = None
    start: float | None = None
    label: str | None = None
    exogenous: bool = False
    freed: bool = False

    @property
    def name(self) -> str:
        """The parameter as one would write it."""
        return f"{self.lhs}{self.op}{self.rhs}"


@dataclass(frozen=True, slots=True)
class ParameterTable:
    """A completed model.

    Attributes
    ----------
    rows : tuple of Parameter
        All parameters of all groups; the groups one after another, in the same order.
    observed, latent : tuple of str
        Names; observed in the order of their first appearance as indicators.
    exogenous : tuple of str
        Observed predictors that nothing in the model explains.
    n_groups : int
        Number of groups.
    mean_structure : bool
        Whether means are modelled.
    definitions : tuple of (str, Node)
        Names and expressions of the defined parameters.
    """

    rows: tuple[Parameter, ...]
    observed: tuple[str, ...]
    latent: tuple[str, ...]
    exogenous: tuple[str, ...]
    n_groups: int
    mean_structure: bool
    definitions: tuple[tuple[str, Node], ...] = ()


def text_of_scales(scales: Mapping[str, Sequence[str]]) -> ModelText:
    """Make the model in which each scale is a factor; names may hold spaces and signs.

    Raises
    ------
    ModelError
        No scale, or a scale that is named like an item.

    Examples
    --------
    >>> [t.rhs for t in text_of_scales({"role clarity": ["-c 1", "c 2"]}).terms]
    ['c 1', 'c 2']
    """
    named = {
        str(scale): [item.removeprefix("-") for item in items] for scale, items in scales.items()
    }
    both = sorted(set(named) & {item for items in named.values() for item in items})
    if both:
        raise ModelError(
            f"{', '.join(map(repr, both))} names a scale and an item; give the scale another name."
        )
    if not any(named.values()):
        raise ModelError("There are no scales with items to make a model of.")
    terms = [
        Term(scale, "=~", item, Modifier(), 0) for scale, items in named.items() for item in items
    ]
    return ModelText(tuple(terms))


def unique(names: list[str]) -> list[str]:
    """Keep the first of each name."""
    return list(dict.fromkeys(names))


def pick(
    values: tuple[float | None, ...] | tuple[str | None, ...],
    group: int,
    n: int,
    text: ModelText,
    term: Term,
) -> float | str | None:
    """Return a modifier's entry for one group."""
    if not values:
        return None
    if len(values) == 1:
        return values[0]
    if len(values) != n:
        raise syntax_error(
            text.source,
            term.start,
            f"c(...) has {len(values)} entries, the model {n} group{'s' if n > 1 else ''}; "
            "give one entry a group.",
        )
    return values[group]


def written_rows(text: ModelText, n_groups: int) -> dict[tuple[str, str, str, int], Parameter]:
    """Turn the terms as written into rows; a parameter written twice is merged."""
    rows: dict[tuple[str, str, str, int], Parameter] = {}
    for term in text.terms:
        if term.op == "|":
            raise syntax_error(
                text.source, term.start, "thresholds ('|') belong to models of ordered items."
            )
        for group in range(n_groups):
            key = (term.lhs, term.op, term.rhs, group)
            mirrored = (term.rhs, term.op, term.lhs, group)
            if term.op == "~~" and mirrored in rows:
                key = mirrored
            rows[key] = apply_modifier(
                rows.get(key, Parameter(key[0], key[1], key[2], group, True)),
                term.modifier,
                text,
                term,
                n_groups,
            )
    return rows


def apply_modifier(
    row: Parameter, modifier: Modifier, text: ModelText, term: Term, n_groups: int
) -> Parameter:
    """Fix, free, start or label a row as its modifier says."""
    fixed = pick(modifier.fixed, row.group, n_groups, text, term)
    start = pick(modifier.starts, row.group, n_groups, text, term)
    label = pick(modifier.labels, row.group, n_groups, text, term)
    if isinstance(fixed, float):
        freed = math.isnan(fixed)
        row = replace(row, free=freed, value=None if freed else fixed, freed=freed)
    if isinstance(start, float):
        row = replace(row, start=start)
    if isinstance(label, str):
        row = replace(row, label=label)
    return row


def complete(
    model: str | Mapping[str, Sequence[str]],
    *,
    n_groups: int = 1,
    std_lv: bool = False,
    mean_structure: bool = False,
    orthogonal: bool = False,
) -> ParameterTable:
    """Complete a model into its parameter table.

    Parameters
    ----------
    model : str or mapping of str to sequence of str
        Model text, or items by scale.
    n_groups : int
        Number of groups.
    std_lv : bool
        Fix the factors' (residual) variances to 1 instead of the first loadings.
    mean_structure : bool
        Model means even if the text has no intercept.
    orthogonal : bool
        Leave covariances of exogenous factors out.

    Returns
    -------
    ParameterTable

    Raises
    ------
    ModelSyntaxError
        A text that can't be read.
    ModelError
        A model that makes no sense, such as a factor measured by itself.
    """
    text = parse_model(model) if isinstance(model, str) else text_of_scales(model)
    refuse_constraints(text)
    rows = written_rows(text, n_groups)
    terms = text.terms
    latent = unique([t.lhs for t in terms if t.op == "=~"])
    mentioned = [t.rhs for t in terms if t.op == "=~"]
    mentioned += [t.lhs for t in terms if t.op == "~"] + [t.rhs for t in terms if t.op == "~"]
    mentioned += [n for t in terms if t.op == "~~" for n in (t.lhs, t.rhs)]
    mentioned += [t.lhs for t in terms if t.op == "~1"]
    observed = [name for name in unique(mentioned) if name not in latent]
    if not observed:
        raise ModelError("The model holds factors only; say which observed variables they have.")
    check_loops(terms)
    explained = {t.rhs for t in terms if t.op == "=~"} | {t.lhs for t in terms if t.op == "~"}
    predictors = unique([t.rhs for t in terms if t.op == "~"])
    free_moments = {n for t in terms if t.op in ("~~", "~1") for n in (t.lhs, t.rhs)}
    exogenous = [
        n for n in predictors if n in observed and n not in explained and n not in free_moments
    ]
    means = mean_structure or any(t.op == "~1" for t in terms)
    for group in range(n_groups):
        set_scales(rows, latent, group, std_lv)
        fix_single_indicators(rows, terms, group)
        add_variances(rows, observed + latent, set(exogenous), group)
        add_covariances(rows, latent, exogenous, explained, terms, group, orthogonal)
        if means:
            add_means(rows, observed, latent, set(exogenous), group)
    ordered = [row for group in range(n_groups) for row in rows.values() if row.group == group]
    labels = [row.label for row in ordered if row.label is not None]
    return ParameterTable(
        settle_labels(ordered),
        tuple(observed),
        tuple(latent),
        tuple(exogenous),
        n_groups,
        means,
        read_definitions(text.definitions, labels, text.source),
    )


def refuse_constraints(text: ModelText) -> None:
    """Refuse what is read but not acted on, rather than leave it out in silence."""
    for definition in text.definitions:
        if definition.op == "==":
            raise syntax_error(
                text.source,
                definition.start,
                "constraints with '==' are not available; give parameters the same label instead.",
            )


def check_loops(terms: tuple[Term, ...]) -> None:
    """Refuse a variable that explains itself, and one path written in two ways."""
    for term in terms:
        if term.op in ("=~", "~") and term.lhs == term.rhs:
            raise ModelError(f"{term.lhs!r} stands on both sides of {term.op!r}.")
    measured = {(t.lhs, t.rhs) for t in terms if t.op == "=~"}
    for term in terms:
        if term.op == "~" and (term.rhs, term.lhs) in measured:
            raise ModelError(
                f"'{term.rhs} =~ {term.lhs}' and '{term.lhs} ~ {term.rhs}' are one parameter; "
                "leave one of them out."
            )


def fix_single_indicators(
    rows: dict[tuple[str, str, str, int], Parameter], terms: tuple[Term, ...], group: int
) -> None:
    """Give the only indicator of a factor, if it is no other's, a residual variance of zero."""
    measured = dict.fromkeys((t.lhs, t.rhs) for t in terms if t.op == "=~")
    for factor, item in measured:
        alone = sum(lhs == factor for lhs, _ in measured) == 1
        elsewhere = sum(rhs == item for _, rhs in measured) > 1
        key = (item, "~~", item, group)
        if alone and not elsewhere and key not in rows:
            rows[key] = Parameter(item, "~~", item, group, False, 0.0)


def settle_labels(rows: list[Parameter]) -> tuple[Parameter, ...]:
    """Let labels mean what they say.

    A label that is written like a parameter (``equal("f=~a")``) means that parameter; rows that
    share a label with a fixed one are fixed at its value.
    """
    used = {row.label for row in rows if row.label is not None}
    meant = {row.name: row.label or row.name for row in reversed(rows) if row.name in used}
    named = [replace(row, label=meant.get(row.label or row.name, row.label)) for row in rows]
    values: dict[str, float] = {}
    for row in named:
        if row.label is not None and row.value is not None and not row.free:
            values.setdefault(row.label, row.value)
    return tuple(
        replace(row, free=False, value=values[row.label])
        if row.label is not None and row.free and row.label in values
        else row
        for row in named
    )


def set_scales(
    rows: dict[tuple[str, str, str, int], Parameter], latent: list[str], group: int, std_lv: bool
) -> None:
    """Give each factor a scale: its first loading or, with `std_lv`, its variance fixed to 1."""
    for factor in latent:
        loadings = [key for key in rows if key[0] == factor and key[1] == "=~" and key[3] == group]
        if std_lv:
            key = (factor, "~~", factor, group)
            if key not in rows:
                rows[key] = Parameter(factor, "~~", factor, group, False, 1.0)
            continue
        first = rows[loadings[0]]
        if first.free and not first.freed:
            rows[loadings[0]] = replace(first, free=False, value=1.0)


def add_variances(
    rows: dict[tuple[str, str, str, int], Parameter],
    names: list[str],
    exogenous: set[str],
    group: int,
) -> None:
    """Give every variable its (residual) variance."""
    for name in names:
        key = (name, "~~", name, group)
        if key not in rows:
            rows[key] = Parameter(name, "~~", name, group, True, exogenous=name in exogenous)


def add_covariances(
    rows: dict[tuple[str, str, str, int], Parameter],
    latent: list[str],
    exogenous: list[str],
    explained: set[str],
    terms: tuple[Term, ...],
    group: int,
    orthogonal: bool,
) -> None:
    """Let exogenous factors covary, and so the outcomes that predict nothing; fix predictors'."""
    predictors = {t.rhs for t in terms if t.op == "~"}
    outcomes = [
        n
        for n in unique([t.lhs for t in terms if t.op == "~"])
        if n not in predictors and not any(t.op == "=~" and t.rhs == n for t in terms)
    ]
    sources = [] if orthogonal else [n for n in latent if n not in explained]
    for names, fixed_moments in ((sources, False), (outcomes, False), (exogenous, True)):
        for i, first in enumerate(names):
            for second in names[i + 1 :]:
                pair = {(first, "~~", second, group), (second, "~~", first, group)}
                if not pair & rows.keys():
                    rows[(first, "~~", second, group)] = Parameter(
                        first, "~~", second, group, True, exogenous=fixed_moments
                    )


def add_means(
    rows: dict[tuple[str, str, str, int], Parameter],
    observed: list[str],
    latent: list[str],
    exogenous: set[str],
    group: int,
) -> None:
    """Give observed variables free intercepts and factors a mean of zero."""
    for name in observed:
        key = (name, "~1", "", group)
        if key not in rows:
            rows[key] = Parameter(name, "~1", "", group, True, exogenous=name in exogenous)
    for name in latent:
        key = (name, "~1", "", group)
        if key not in rows:
            rows[key] = Parameter(name, "~1", "", group, False, 0.0)
