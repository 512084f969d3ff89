"""The corpus of planted faults: none missed among errors, few findings about anything else."""

from __future__ import annotations

from collections import Counter

import pytest

from psychometrics.translation.checks import CODES
from tests.translation.planted import CLEAN, FAULTS, Planted, planted

TEXTS = list(planted())
MOST_FALSE = 0.02
# What only a reader who knows the language can settle; the rules give hints.
HINTS_ONLY = {fault for fault, codes in FAULTS.items() if all("hint_" in code for code in codes)}


@pytest.mark.parametrize(
    "text",
    [each for each in TEXTS if each.fault not in {CLEAN, *HINTS_ONLY}],
    ids=lambda text: text.name,
)
def test_a_planted_fault_is_found(text: Planted) -> None:
    found = text.findings()
    assert text.is_found(found), f"{text.description}; found {[each.code for each in found]}"


def test_clean_texts_have_hardly_any_findings() -> None:
    clean = [each for each in TEXTS if each.fault == CLEAN]
    false = {each.name: [str(one) for one in each.others(each.findings())] for each in clean}
    wrong = {name: told for name, told in false.items() if told}
    assert len(wrong) <= MOST_FALSE * len(clean), wrong


def test_names_are_unique() -> None:
    assert [name for name, n in Counter(each.name for each in TEXTS).items() if n > 1] == []


def test_every_code_is_expected_by_a_fault() -> None:
    assert {code for codes in FAULTS.values() for code in codes} == set(CODES)
