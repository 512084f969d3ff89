"""Faults of single fields, told in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from psychometrics.instrument.parts import (
    Comparator,
    DistinctPair,
    HigherOrder,
    Hypothesis,
    Item,
    KnownGroups,
    MissingAnswer,
    NumericRange,
    Option,
    Part,
    ResponseSet,
    Scale,
    Site,
)
from psychometrics.instrument.rules import Path, Problem, did_you_mean
from psychometrics.instrument.yaml_tree import described

PARTS: Final[Mapping[str, type[Part]]] = {
    "response_sets": ResponseSet,
    "items": Item,
    "scales": Scale,
    "higher_order": HigherOrder,
    "distinct_pairs": DistinctPair,
    "comparators": Comparator,
    "hypotheses": Hypothesis,
    "known_groups": KnownGroups,
    "sites": Site,
}
"""The list sections of a definition, in the order of the format, with the class of their parts."""

NOUNS: Final = {
    "response_sets": "response set",
    "items": "item",
    "scales": "scale",
    "higher_order": "construct",
    "distinct_pairs": "distinct pair",
    "comparators": "comparator",
    "hypotheses": "hypothesis",
    "known_groups": "known-groups comparison",
    "sites": "site",
    "options": "answer",
    "missing": "missing answer",
    "range": "range",
}
NESTED: Final[Mapping[str, type[Part]]] = {
    "options": Option,
    "missing": MissingAnswer,
    "range": NumericRange,
}
NOT_OF_TYPE: Final = {
    "int_type": "field_not_integer",
    "int_from_float": "field_not_integer",
    "float_type": "field_not_number",
    "finite_number": "field_not_number",
    "bool_type": "field_not_boolean",
    "date_type": "field_not_date",
    "date_parsing": "field_not_date",
    "date_from_datetime_parsing": "field_not_date",
    "tuple_type": "field_not_list",
    "dict_type": "field_not_mapping",
    "mapping_type": "field_not_mapping",
    "model_type": "field_not_mapping",
    "model_attributes_type": "field_not_mapping",
}


def field_problems(
    error: ValidationError, part: type[Part], path: Path, owner: str
) -> Iterator[Problem]:
    """Yield each fault of a part that its model refused.

    Parameters
    ----------
    error : pydantic.ValidationError
        What the model says.
    part : type
        The model.
    path : tuple
        Where the part stands in the definition.
    owner : str
        What to call it, such as "The item culture_1".
    """
    seen: set[Path] = set()
    for detail in error.errors(include_url=False):
        loc = detail["loc"]
        if loc and loc[0] in ("higher", "lower") and len(loc) > 1:  # one fault a union member
            loc = loc[:1]
            detail = {**detail, "type": "text_or_code", "loc": loc}
        if loc not in seen:
            yield field_problem(detail, part, path, owner)
        seen.add(loc)


def field_problem(detail: ErrorDetails, part: type[Part], path: Path, owner: str) -> Problem:
    """Return one refusal of a part's model as a problem with a code and a sentence of ours."""
    loc, value = detail["loc"], detail["input"]
    model, owner = _innermost(part, loc, owner)
    name = next((str(step) for step in reversed(loc) if isinstance(step, str)), "this entry")
    told: dict[str, Any] = {"owner": owner, "field": name, "found": described(value)}
    here = (*path, *loc)
    match detail["type"]:
        case "options_or_range":
            return Problem("options_or_range", here, {"key": detail["ctx"]["key"]})
        case "missing":
            told["meaning"] = _meaning(model, name)
            return Problem("field_missing", here[:-1], told)
        case "extra_forbidden":
            fields = [info.alias or field for field, info in model.model_fields.items()]
            return Problem("field_unknown", here, {**told, "known": did_you_mean(name, fields)})
        case "string_too_short" | "too_short":
            return Problem("field_empty", here, {**told, "meaning": _meaning(model, name)})
        case "string_type" if value is None:
            return Problem("field_empty", here, {**told, "meaning": _meaning(model, name)})
        case "string_type" if isinstance(value, list | dict):
            return Problem("field_not_one_text", here, told)
        case "string_type":
            return Problem("field_not_text", here, {**told, **_quoted(value)})
        case "string_pattern_mismatch":
            return _bad_pattern(detail, here, told)
        case "literal_error":
            allowed = detail["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
            told["allowed"] = ", ".join(allowed)
            told["known"] = did_you_mean(str(value), allowed) if isinstance(value, str) else ""
            told["known"] = told["known"] if "Did" in told["known"] else ""
            return Problem("field_choice", here, told)
        case "text_or_code":
            return Problem("field_not_text_or_code", here, told)
        case kind if kind in NOT_OF_TYPE:
            return Problem(NOT_OF_TYPE[kind], here, told)
    return Problem("field_refused", here, {**told, "why": detail["msg"]})


def _innermost(part: type[Part], loc: Path, owner: str) -> tuple[type[Part], str]:
    """Return the model that refused, and what to call the entry it belongs to."""
    if len(loc) > 1 and loc[0] in NESTED:
        noun = NOUNS[str(loc[0])]
        inner = f"{noun} {loc[1] + 1}" if isinstance(loc[1], int) else noun
        whole = owner[0].lower() + owner[1:]
        if len(loc) > 1 + isinstance(loc[1], int):
            return NESTED[str(loc[0])], f"The {inner} of {whole}"
    return part, owner


def _meaning(model: type[Part], name: str) -> str:
    """Return the description of a field, by its name in the file."""
    for field, info in model.model_fields.items():
        if name in (field, info.alias):
            return str(info.description)
    return ""


def _quoted(value: Any) -> dict[str, str]:
    """Return what a scalar that isn't text is, and how to write it as text."""
    kind = "true or false" if isinstance(value, bool) else "a number"
    return {"kind": kind, "quoted": f'"{described(value)}"'}


def _bad_pattern(detail: ErrorDetails, here: Path, told: Mapping[str, Any]) -> Problem:
    """Return the problem of a text that doesn't have the form of a key or a country."""
    pattern = detail["ctx"]["pattern"]
    if pattern.startswith("^[A-Z]{2}"):
        return Problem("field_country", here, told)
    letters = "letters without accents" if "A-Z" in pattern else "small letters without accents"
    return Problem("field_key", here, {**told, "allowed": letters})


def owner_name(section: str, at: int, raw: Any) -> str:
    """Return what to call a part in a sentence: by its key, or by its position.

    Examples
    --------
    >>> owner_name("items", 2, {"key": "culture_1"}), owner_name("items", 2, {})
    ('The item culture_1', 'The item number 3')
    """
    name = part_name(section, raw)
    return f"The {NOUNS[section]} {name}" if name else f"The {NOUNS[section]} number {at + 1}"


def part_name(section: str, raw: Any) -> str | None:
    """Return the key (or id, for a site) that a part of the file gives itself."""
    if not isinstance(raw, Mapping):
        return None
    name = raw.get("id" if section == "sites" else "key")
    return name if isinstance(name, str) and name else None
