"""From a model text to its parameter table.

A model text names some parameters; the rest follow from rules that users of lavaan's ``cfa()``
know: the first indicator of a factor carries its scale, every variable has a (residual)
variance, exogenous factors covary, observed predictors keep their sample moments.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from psychometrics.errors import ModelError
from psychometrics.stats.cfa.expressions import read_constraints, read_definitions
from psychometrics.stats.cfa.ordered_rows import (
    add_ordered_rows,
    check_ordered,
    check_ordered_term,
    scale_single_indicators,
)
from psychometrics.stats.cfa.syntax import ModelText, Modifier, Term, parse_model, syntax_error
from psychometrics.stats.cfa.table import Constraint, Parameter, Parameterization, ParameterTable


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


def written_rows(
    text: ModelText, n_groups: int, ordered: Mapping[str, int]
) -> dict[tuple[str, str, str, int], Parameter]:
    """Turn the terms as written into rows; a parameter written twice is merged."""
    rows: dict[tuple[str, str, str, int], Parameter] = {}
    for term in text.terms:
        check_ordered_term(text, term, ordered)
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
    model: str | Mapping[str, Sequence[str]] | ModelText,
    *,
    n_groups: int = 1,
    std_lv: bool = False,
    mean_structure: bool = False,
    orthogonal: bool = False,
    effect_coding: Sequence[str] = (),
    ordered: Mapping[str, int] | None = None,
    parameterization: Parameterization = "delta",
) -> ParameterTable:
    """Complete a model into its parameter table.

    Parameters
    ----------
    model : str, mapping of str to sequence of str, or ModelText
        Model text, items by scale, or a text that is parsed already.
    n_groups : int
        Number of groups.
    std_lv : bool
        Fix the factors' (residual) variances to 1 instead of the first loadings.
    mean_structure : bool
        Model means even if the text has no intercept.
    orthogonal : bool
        Leave covariances of exogenous factors out.
    effect_coding : sequence of {"loadings", "intercepts"}
        Scale factors by loadings that are 1 on average, and means by intercepts that are 0 on
        average, instead of a marker (Little, Slegers & Card, 2006).
    ordered : mapping of str to int, optional
        Ordered items with the number of their categories: their thresholds are modelled, their
        intercepts are 0. Means are then modelled too.
    parameterization : {"delta", "theta"}
        Whether the scales of ordered items are 1, or their residual variances.

    Returns
    -------
    ParameterTable

    Raises
    ------
    ModelSyntaxError
        A text that can't be read.
    ModelError
        A model that makes no sense, such as a factor measured by itself.

    References
    ----------
    Little, T. D., Slegers, D. W., & Card, N. A. (2006). A non-arbitrary method of identifying and
    scaling latent variables in SEM and MACS models. Structural Equation Modeling, 13, 59-72.
    doi:10.1207/s15328007sem1301_3
    """
    if isinstance(model, str):
        text = parse_model(model)
    else:
        text = model if isinstance(model, ModelText) else text_of_scales(model)
    levels = dict(ordered or {})
    rows = written_rows(text, n_groups, levels)
    terms = text.terms
    latent, observed = named_variables(text)
    check_loops(terms)
    explained = {t.rhs for t in terms if t.op == "=~"} | {t.lhs for t in terms if t.op == "~"}
    predictors = unique([t.rhs for t in terms if t.op == "~"])
    free_moments = {n for t in terms if t.op in ("~~", "~1") for n in (t.lhs, t.rhs)}
    exogenous = [
        n for n in predictors if n in observed and n not in explained and n not in free_moments
    ]
    means = mean_structure or bool(levels) or any(t.op == "~1" for t in terms)
    check_ordered(levels, observed, exogenous, predictors, effect_coding)
    for group in range(n_groups):
        set_scales(rows, latent, group, std_lv, "loadings" in effect_coding)
        fix_single_indicators(rows, terms, group, levels)
        scale_single_indicators(rows, terms, levels, group, parameterization)
        add_ordered_rows(rows, levels, group, parameterization)
        add_variances(rows, observed + latent, set(exogenous), group)
        add_covariances(rows, latent, exogenous, explained, terms, group, orthogonal)
        if means:
            add_means(rows, observed, latent, set(exogenous), group, "intercepts" in effect_coding)
    placed = [row for group in range(n_groups) for row in rows.values() if row.group == group]
    labels = [row.label for row in placed if row.label is not None]
    written = read_constraints(text.definitions, labels, text.source)
    place = {row.label: i for i, row in reversed(list(enumerate(placed)))}
    constraints = [
        Constraint(tuple((place[label], weight) for label, weight in terms), constant, shown)
        for terms, constant, shown in written
    ]
    constraints += coded_effects(placed, latent, set(observed), n_groups, effect_coding)
    return ParameterTable(
        settle_labels(placed),
        tuple(observed),
        tuple(latent),
        tuple(exogenous),
        n_groups,
        means,
        read_definitions([d for d in text.definitions if d.op == ":="], labels, text.source),
        tuple(constraints),
        tuple(name for name in observed if name in levels),
        parameterization,
    )


def observed_names(model: str | Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the observed variables of a model, in the order of their first appearance.

    Raises
    ------
    ModelSyntaxError, ModelError
        As :func:`complete`.
    """
    text = parse_model(model) if isinstance(model, str) else text_of_scales(model)
    return tuple(named_variables(text)[1])


def named_variables(text: ModelText) -> tuple[list[str], list[str]]:
    """Return the latent and the observed variables of a model text."""
    terms = text.terms
    latent = unique([t.lhs for t in terms if t.op == "=~"])
    mentioned = [t.rhs for t in terms if t.op == "=~"]
    mentioned += [t.lhs for t in terms if t.op == "~"] + [t.rhs for t in terms if t.op == "~"]
    mentioned += [n for t in terms if t.op == "~~" for n in (t.lhs, t.rhs)]
    mentioned += [t.lhs for t in terms if t.op in ("~1", "|", "~*~")]
    observed = [name for name in unique(mentioned) if name not in latent]
    if not observed:
        raise ModelError("The model holds factors only; say which observed variables they have.")
    return latent, observed


def coded_effects(
    rows: list[Parameter],
    latent: list[str],
    observed: set[str],
    n_groups: int,
    effect_coding: Sequence[str],
) -> list[Constraint]:
    """Return the constraints of effects coding: loadings 1, intercepts 0 on average."""
    found: list[Constraint] = []
    for group in range(n_groups):
        for factor in latent:
            own = {
                r.rhs: i
                for i, r in enumerate(rows)
                if r.lhs == factor and r.op == "=~" and r.group == group
            }
            if "loadings" in effect_coding:
                terms = tuple((i, 1.0) for i in own.values())
                text = f"sum of the loadings of {factor} == {len(own)}"
                found.append(Constraint(terms, float(len(own)), text))
            if "intercepts" in effect_coding and observed & own.keys():
                terms = tuple(
                    (i, 1.0)
                    for i, r in enumerate(rows)
                    if r.op == "~1" and r.lhs in own and r.group == group
                )
                found.append(Constraint(terms, 0.0, f"sum of the intercepts of {factor} == 0"))
    return found


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
    rows: dict[tuple[str, str, str, int], Parameter],
    terms: tuple[Term, ...],
    group: int,
    ordered: Mapping[str, int],
) -> None:
    """Give the only indicator of a factor, if it is no other's, a residual variance of zero.

    The scale of an ordered item says how large its residual variance is.
    """
    measured = dict.fromkeys((t.lhs, t.rhs) for t in terms if t.op == "=~")
    for factor, item in measured:
        alone = sum(lhs == factor for lhs, _ in measured) == 1
        elsewhere = sum(rhs == item for _, rhs in measured) > 1
        key = (item, "~~", item, group)
        if alone and not elsewhere and key not in rows and item not in ordered:
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
    rows: dict[tuple[str, str, str, int], Parameter],
    latent: list[str],
    group: int,
    std_lv: bool,
    coded: bool,
) -> None:
    """Give each factor a scale: its first loading or, with `std_lv`, its variance fixed to 1.

    With effects coding (`coded`) a constraint does it.
    """
    if coded:
        return
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
    coded: bool,
) -> None:
    """Give observed variables free intercepts and factors a mean of zero; free if `coded`."""
    for name in observed:
        key = (name, "~1", "", group)
        if key not in rows:
            rows[key] = Parameter(name, "~1", "", group, True, exogenous=name in exogenous)
    for name in latent:
        key = (name, "~1", "", group)
        if key not in rows:
            rows[key] = Parameter(name, "~1", "", group, coded, None if coded else 0.0)
