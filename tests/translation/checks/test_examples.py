"""Every example of docs/checks.md: the wrong text has the finding, the right one has none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from psychometrics.errors import Finding
from psychometrics.messages import AREAS
from psychometrics.translation.checks import CODES, LocaleTexts, Pair, check_texts, is_hint
from psychometrics.translation.checks.pair import Term

PAGE = (Path(__file__).parents[3] / "docs" / "checks.md").read_text(encoding="utf-8")
SECTION = re.compile(
    r"^### `(\w+)`\n\n(Error|Warning|Hint), rule `(\w+)`\.(.*?)^```yaml\n(.*?)^```",
    re.DOTALL | re.MULTILINE,
)
SURROGATE = re.compile(r"\\u(D[89A-F][0-9A-F]{2})")


def examples() -> Iterator[Any]:
    for code, severity, rule, _, block in SECTION.findall(PAGE):
        yield pytest.param(code, severity.lower(), rule, block, id=code)


def read(block: str) -> dict[str, Any]:
    """Read an example; YAML has no half characters, so they are put in afterwards."""
    kept = SURROGATE.sub(r"<<\1>>", block)
    data = YAML(typ="safe", pure=True).load(kept)
    text = json.dumps(data)
    return json.loads(re.sub(r"<<(\w{4})>>", r"\\u\1", text))


def texts_of(example: dict[str, Any], side: str) -> LocaleTexts:
    entries = example[side] if isinstance(example[side], list) else [example[side]]
    times = example.get("repeat", 1) if side == "wrong" else 1
    pairs = [
        Pair(locale=example["locale"], **{"key": f"item.{at}"} | each)
        if times == 1
        else Pair(f"item.{at}", each["source"], each["target"] * times, example["locale"])
        for at, each in enumerate(entries)
    ]
    terms = {
        name: Term(tuple(term["allowed"]), tuple(term["avoided"]))
        for name, term in example.get("terms", {}).items()
    }
    keys = tuple(example["keys"]) if "keys" in example else None
    return LocaleTexts(example["locale"], tuple(pairs), keys, terms)


def told(findings: list[Finding]) -> str:
    return "\n".join(f"{each.code} {each}" for each in findings)


@pytest.mark.parametrize(("code", "severity", "rule", "block"), list(examples()))
def test_the_wrong_text_is_found_and_the_right_one_left_alone(
    code: str, severity: str, rule: str, block: str
) -> None:
    example = read(block)
    found = list(check_texts(texts_of(example, "wrong")))
    mine = [each for each in found if each.code == code]
    assert mine, told(found)
    assert {each.severity for each in mine} == {"warning" if severity == "hint" else severity}
    assert is_hint(mine[0]) == (severity == "hint")
    assert CODES[code] == rule
    assert mine[0].locale == example["locale"]
    assert mine[0].key
    right = list(check_texts(texts_of(example, "right")))
    assert not right, told(right)


def test_every_code_has_an_example_and_no_other_is_explained() -> None:
    assert sorted(code for code, *_ in SECTION.findall(PAGE)) == sorted(CODES)
    assert len(re.findall(r"^### ", PAGE, re.MULTILINE)) == len(CODES)


def test_no_other_area_uses_a_code() -> None:
    codes = [code for area in AREAS for code in import_module(area).MESSAGES]
    assert {code for code in CODES if codes.count(code) != 1} == set()
