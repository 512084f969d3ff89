"""Rules for what is expected: distinct pairs, comparators, hypotheses and known groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from psychometrics.instrument.rules import Draft, Path, Problem, Rule, did_you_mean
from psychometrics.instrument.rules_parts import scale_names

if TYPE_CHECKING:
    from psychometrics.instrument.parts import Hypothesis, KnownGroups

GROUPING_ROLES: Final = ("role", "language", "form_version", "mode", "wave")
"""Column roles whose values can be groups of respondents within a site."""


def distinct_pairs(draft: Draft) -> Iterator[Problem]:
    """Pairs of one scale with itself, pairs given twice, and unknown scales."""
    seen: set[frozenset[str]] = set()
    for at, pair in draft.distinct_pairs.items():
        path: Path = ("distinct_pairs", at)
        if pair.a == pair.b:
            yield Problem("pair_with_itself", path, {"key": pair.a})
        elif frozenset((pair.a, pair.b)) in seen:
            yield Problem("pair_twice", path, {"a": pair.a, "b": pair.b})
        seen.add(frozenset((pair.a, pair.b)))
        for side, key in (("a", pair.a), ("b", pair.b)):
            yield from _one_scale(draft, key, f"The distinct pair {at + 1}", (*path, side))


def _one_scale(
    draft: Draft, key: str, owner: str, path: Path, *, constructs: bool = False
) -> Iterator[Problem]:
    """Yield a problem if a single scale name is unknown."""
    for problem in scale_names(draft, [key], owner, path, constructs=constructs):
        yield Problem(problem.code, path, problem.params)


def comparators(draft: Draft) -> Iterator[Problem]:
    """Binary comparators with more than two answers, global ratings of unknown scales."""
    for key, comparator in draft.comparators.items():
        path: Path = ("comparators", key, "global_rating_of")
        yield from scale_names(
            draft, comparator.global_rating_of, f"The comparator {key}", path, constructs=True
        )
        answers = draft.response_sets.get(comparator.response_set or "")
        if answers and comparator.kind == "binary" and len(answers.codes) != 2:
            told = {"key": key, "set": answers.key, "n_codes": len(answers.codes) or "a range"}
            yield Problem("comparator_not_binary", ("comparators", key, "response_set"), told)


def repeated_keys(draft: Draft) -> Iterator[Problem]:
    """Hypotheses, or known groups, of the same key."""
    sections: dict[str, Mapping[int, Hypothesis] | Mapping[int, KnownGroups]]
    sections = {"hypotheses": draft.hypotheses, "known_groups": draft.known_groups}
    for section, parts in sections.items():
        seen: set[str] = set()
        for at, part in parts.items():
            if part.key in seen:
                told = {"section": section, "key": part.key}
                yield Problem("expectation_twice", (section, at, "key"), told)
            seen.add(part.key)


def hypotheses(draft: Draft) -> Iterator[Problem]:
    """Hypotheses about unknown things, about what can't correlate, or without a size."""
    for at, hypothesis in draft.hypotheses.items():
        path: Path = ("hypotheses", at)
        owner = f"The hypothesis {hypothesis.key}"
        scale = (*path, "scale")
        yield from _one_scale(draft, hypothesis.scale, owner, scale, constructs=True)
        yield from _comparator(draft, hypothesis, path)
        yield from _bounds(hypothesis, path)


def _comparator(draft: Draft, hypothesis: Hypothesis, path: Path) -> Iterator[Problem]:
    """Yield what keeps the comparator of a hypothesis from being a correlate."""
    key, here = hypothesis.comparator, (*path, "comparator")
    told = {"owner": hypothesis.key, "key": key}
    known = draft.declared["comparators"]
    if key not in known:
        yield Problem("unknown_comparator", here, {**told, "known": did_you_mean(key, known)})
        return
    comparator = draft.comparators.get(key)
    if comparator and comparator.level == "site":
        yield Problem("site_level_comparator", here, told)
    if comparator and comparator.kind == "nominal":
        yield Problem("nominal_comparator", here, told)


def _bounds(hypothesis: Hypothesis, path: Path) -> Iterator[Problem]:
    """Yield what is missing or impossible in the size a hypothesis names."""
    told = {"owner": hypothesis.key}
    low, high = hypothesis.minimum, hypothesis.maximum
    if hypothesis.kind == "convergent":
        if hypothesis.direction == "none":
            yield Problem("convergent_needs_direction", (*path, "direction"), told)
        if low is None:
            yield Problem("convergent_needs_minimum", path, told)
    else:
        if high is None:
            yield Problem("discriminant_needs_maximum", path, told)
        if low is not None:
            yield Problem("discriminant_with_minimum", (*path, "minimum"), told)
    for field, value in (("minimum", low), ("maximum", high)):
        if value is not None and not 0 < value <= 1:
            found = {**told, "field": field, "found": value}
            yield Problem("bound_not_correlation", (*path, field), found)
    if low is not None and high is not None and low > high:
        yield Problem("bounds_reversed", (*path, "minimum"), {**told, "low": low, "high": high})


def known_groups(draft: Draft) -> Iterator[Problem]:
    """Known groups of an unknown variable or value, of one group, or of no size."""
    for at, groups in draft.known_groups.items():
        path: Path = ("known_groups", at)
        owner = f"The known-groups comparison {groups.key}"
        yield from scale_names(draft, groups.scales, owner, (*path, "scales"), constructs=True)
        yield from _group_variable(draft, groups, path)
        told = {"owner": groups.key}
        if not groups.scales:
            yield Problem("groups_without_scales", path, told)
        if groups.higher == groups.lower:
            yield Problem("same_group", (*path, "lower"), {**told, "found": groups.lower})
        if groups.minimum_d <= 0:
            found = {**told, "found": groups.minimum_d}
            yield Problem("difference_not_positive", (*path, "minimum_d"), found)


def _group_variable(draft: Draft, groups: KnownGroups, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with the variable that makes the groups, and with its values."""
    key, here = groups.variable, (*path, "variable")
    told = {"owner": groups.key, "key": key}
    known = (*GROUPING_ROLES, *draft.declared["comparators"])
    if key not in known:
        listed = {"roles": ", ".join(GROUPING_ROLES), "known": did_you_mean(key, known)}
        yield Problem("unknown_group_variable", here, {**told, **listed})
    comparator = draft.comparators.get(key)
    if comparator is None:
        return
    if comparator.level == "site":
        yield Problem("site_level_groups", here, told)
    answers = draft.response_sets.get(comparator.response_set or "")
    if answers is None or not answers.codes:
        return
    for side, value in (("higher", groups.higher), ("lower", groups.lower)):
        if value not in answers.codes:
            codes = ", ".join(map(str, answers.codes))
            found = {"owner": groups.key, "found": value, "variable": key, "codes": codes}
            yield Problem("unknown_group_value", (*path, side), found)


RULES: Final[tuple[Rule, ...]] = (
    distinct_pairs,
    comparators,
    repeated_keys,
    hypotheses,
    known_groups,
)
