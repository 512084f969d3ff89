"""What FHIR asks of a Questionnaire beyond the names and types of its fields.

Generic validators check names and types. These are value sets and invariants of the specification
(hl7.org/fhir/R4B/questionnaire.html and R5), as far as they concern what is made here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

Json = dict[str, Any]

STATUS: Final = frozenset({"draft", "active", "retired", "unknown"})
COMMON: Final = frozenset({
    "group", "display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string",
    "text", "url", "attachment", "reference", "quantity",
})  # fmt: skip
TYPES: Final = {
    "R4B": COMMON | {"choice", "open-choice"},
    "R5": COMMON | {"question", "coding"},
}
CHOSEN: Final = {
    "R4B": frozenset({"choice", "open-choice", "decimal", "integer", "date", "dateTime", "time",
                      "string", "text", "url", "quantity"}),
    "R5": frozenset({"coding", "decimal", "integer", "date", "dateTime", "time", "string", "text",
                     "quantity", "reference"}),
}  # fmt: skip
CODE: Final = re.compile(r"\S+( \S+)*")
ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")
NAME: Final = re.compile(r"[A-Z][A-Za-z0-9_]{1,254}")
TAG: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


def faults(resource: Json, version: str) -> list[str]:
    """Return what a Questionnaire does wrong, in words; nothing where it is right.

    Parameters
    ----------
    resource : dict
        The resource as JSON.
    version : {"R4B", "R5"}
        Version of FHIR.

    Examples
    --------
    >>> faults({"resourceType": "Questionnaire", "status": "done"}, "R5")
    ["status 'done' is none of active, draft, retired, unknown"]
    """
    return [*_head(resource), *_items(resource, version), *_strings(resource, "Questionnaire")]


def _head(resource: Json) -> Iterator[str]:
    if resource.get("status") not in STATUS:
        known = ", ".join(sorted(STATUS))
        yield f"status {resource.get('status')!r} is none of {known}"
    for field, rule in (("id", ID), ("name", NAME), ("url", ABSOLUTE), ("language", TAG)):
        if field in resource and not rule.fullmatch(resource[field]):
            yield f"{field} {resource[field]!r} has not the form that FHIR asks for"


def _items(resource: Json, version: str) -> Iterator[str]:
    items = list(_all_items(resource))
    for link, count in Counter(item.get("linkId") for item in items).items():
        if count > 1:
            yield f"linkId {link!r} stands {count} times (que-2)"
    for item in items:
        kind, link = item.get("type"), item.get("linkId")
        if not link or not CODE.fullmatch(link):
            yield f"an item has the linkId {link!r}"
        if kind not in TYPES[version]:
            yield f"{link}: type {kind!r} is none of {version}"
        if kind == "group" and not item.get("item"):
            yield f"{link}: a group without items (que-1)"
        if kind == "display" and (item.get("item") or item.get("code")):
            yield f"{link}: a display with items or codes (que-1, que-3)"
        if kind in ("group", "display") and (item.get("initial") or "maxLength" in item):
            yield f"{link}: a {kind} with an initial value or a length (que-8, que-10)"
        if kind == "display" and ("required" in item or "repeats" in item):
            yield f"{link}: a display can't be required (que-6)"
        if item.get("answerOption") and kind not in CHOSEN[version]:
            yield f"{link}: a {kind} with answers to choose from (que-5)"
        if item.get("answerOption") and item.get("answerValueSet"):
            yield f"{link}: both a list and a value set of answers (que-4)"
        if item.get("answerOption") and item.get("initial"):
            yield f"{link}: answers to choose from and an initial value (que-11)"
        yield from _options(item)


def _options(item: Json) -> Iterator[str]:
    codes = Counter[tuple[str, str]]()
    for option in item.get("answerOption", ()):
        values = [name for name in option if name.startswith("value")]
        if len(values) != 1:
            yield f"{item.get('linkId')}: an answer with {len(values)} values"
        coding = option.get("valueCoding")
        if coding is not None:
            codes[coding.get("system", ""), coding.get("code", "")] += 1
            if not CODE.fullmatch(coding.get("code", "")):
                yield f"{item.get('linkId')}: {coding.get('code')!r} is no code"
    for (_, code), count in codes.items():
        if count > 1:
            yield f"{item.get('linkId')}: the answer {code!r} stands {count} times"


def _all_items(node: Json) -> Iterator[Json]:
    for item in node.get("item", ()):
        yield item
        yield from _all_items(item)


def _strings(node: Any, where: str) -> Iterator[str]:
    """Yield empty strings, lists and objects: FHIR has none of them."""
    if node in ("", [], {}):
        yield f"{where} is empty"
    elif isinstance(node, dict):
        for name, value in node.items():
            yield from _strings(value, f"{where}.{name}")
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value, where)
