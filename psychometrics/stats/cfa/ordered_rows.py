"""Rows of the parameter table that ordered items add: thresholds, scales, fixed intercepts.

An answer shows between which thresholds a normal variable behind the item lies. That variable has
no unit of its own: with the *delta* parameterization its scale (one over its standard deviation)
is fixed at 1 and the residual variance follows; with *theta* it is the other way round (Muthén &
Asparouhov, 2002). Its intercept is 0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from psychometrics.errors import ModelError
from psychometrics.stats.cfa.syntax import ModelText, Term, syntax_error
from psychometrics.stats.cfa.table import Parameter, Parameterization

RowKey = tuple[str, str, str, int]


def check_ordered_term(text: ModelText, term: Term, ordered: Mapping[str, int]) -> None:
    """Refuse a threshold or scale of an item that isn't ordered, and a threshold it hasn't."""
    if term.op not in ("|", "~*~"):
        return
    if term.lhs not in ordered:
        what = "thresholds ('|')" if term.op == "|" else "scales ('~*~')"
        raise syntax_error(
            text.source,
            term.start,
            f"{what} belong to ordered items; name {term.lhs!r} in ordered=.",
        )
    if term.op == "~*~" and term.rhs != term.lhs:
        raise syntax_error(
            text.source, term.start, f"the scale of {term.lhs!r} is {term.lhs} ~*~ {term.lhs}."
        )
    last = ordered[term.lhs] - 1
    names = [f"t{k + 1}" for k in range(last)]
    if term.op == "|" and term.rhs not in names:
        known = "t1" if last == 1 else f"t1 to t{last}"
        hint = "" if re.fullmatch(r"t[1-9]\d*", term.rhs) else ", named from the lowest up"
        raise syntax_error(
            text.source,
            term.start,
            f"{term.lhs!r} has {last + 1} categories and so the thresholds {known}{hint}.",
        )


def check_ordered(
    ordered: Mapping[str, int],
    observed: Sequence[str],
    exogenous: Sequence[str],
    predictors: Sequence[str],
    effect_coding: Sequence[str],
) -> None:
    """Refuse what models of ordered items can't hold."""
    if not ordered:
        return
    unknown = [name for name in ordered if name not in observed]
    if unknown:
        raise ModelError(f"ordered names what the model doesn't have: {', '.join(unknown)}.")
    causes = [name for name in predictors if name in ordered]
    if causes:
        raise ModelError(
            f"{', '.join(causes)} is ordered and predicts something. Let a factor stand for it "
            f"(f =~ {causes[0]}) and predict from that, or take it as continuous."
        )
    if exogenous:
        raise ModelError(
            f"Observed predictors ({', '.join(exogenous)}) of ordered items are not available. Let "
            "each vary with the others as a continuous variable: give it a variance in the model, "
            f"as in '{exogenous[0]} ~~ {exogenous[0]}'."
        )
    if "intercepts" in effect_coding:
        raise ModelError(
            "effect_coding='intercepts' needs intercepts; those of ordered items are 0. Use "
            "'loadings' alone."
        )


def scale_single_indicators(
    rows: dict[RowKey, Parameter],
    terms: Sequence[Term],
    ordered: Mapping[str, int],
    group: int,
    parameterization: Parameterization,
) -> None:
    """Let a factor whose only indicator is an ordered item, no other's, be the variable behind it.

    That variable has no unit of its own: loading and variance are 1, and nothing is left over.
    """
    measured = dict.fromkeys((t.lhs, t.rhs) for t in terms if t.op == "=~")
    explained = {t.lhs for t in terms if t.op == "~"} | {item for _, item in measured}
    for factor, item in measured:
        alone = sum(lhs == factor for lhs, _ in measured) == 1
        elsewhere = sum(rhs == item for _, rhs in measured) > 1
        own = (factor, "~~", factor, group)
        taken = own in rows and not (rows[own].value == 1 and not rows[own].free)
        if item not in ordered or not alone or elsewhere or factor in explained or taken:
            continue
        loading = (factor, "=~", item, group)
        if rows[loading].free and not rows[loading].freed:
            rows[loading] = replace(rows[loading], free=False, value=1.0)
        rows[own] = Parameter(factor, "~~", factor, group, False, 1.0)
        if parameterization == "theta":
            rows.setdefault(
                (item, "~~", item, group), Parameter(item, "~~", item, group, False, 0.0)
            )


def add_ordered_rows(
    rows: dict[RowKey, Parameter],
    ordered: Mapping[str, int],
    group: int,
    parameterization: Parameterization,
) -> None:
    """Give ordered items their thresholds, scale, residual variance and intercept."""
    for item, n_categories in ordered.items():
        for k in range(1, n_categories):
            key = (item, "|", f"t{k}", group)
            rows.setdefault(key, Parameter(item, "|", f"t{k}", group, True))
        scale, residual = (item, "~*~", item, group), (item, "~~", item, group)
        given, follows = (scale, residual) if parameterization == "delta" else (residual, scale)
        rows.setdefault(given, Parameter(item, given[1], item, group, False, 1.0))
        if follows in rows:
            other = "theta" if parameterization == "delta" else "delta"
            raise ModelError(
                f"{item} {follows[1]} {item} follows from the rest of the model in the "
                f"{parameterization} parameterization; to set it, use parameterization={other!r}."
            )
        rows[follows] = Parameter(item, follows[1], item, group, False, dependent=True)
        rows.setdefault((item, "~1", "", group), Parameter(item, "~1", "", group, False, 0.0))
