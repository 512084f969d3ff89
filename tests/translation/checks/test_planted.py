"""The corpus of planted faults: none missed among errors, few findings about anything else."""

from __future__ import annotations

from collections import Counter

import pytest

from psychometrics.translation.checks import CODES, LocaleTexts, Pair, check_texts
from psychometrics.translation.checks.rules import HINT
from tests.translation.drafts import LOCALES
from tests.translation.planted import CLEAN, FAULTS, Planted, planted
from tests.translation.planted_by_rule import ONLY_IN, base, planted_by_rule

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


@pytest.mark.parametrize("text", list(planted_by_rule()), ids=lambda text: text.name)
def test_every_rule_works_in_every_locale(text: Planted) -> None:
    code = text.name.partition(".")[2]
    assert code in {each.code for each in text.findings()}


def test_what_the_faults_are_planted_in_has_none() -> None:
    for locale in LOCALES:
        for key in ("item.culture_1", "item.culture_2", "option.yes_no.no", "option.yes_no.yes"):
            assert list(check_texts(LocaleTexts(locale, (base(locale, key),)))) == []


def test_no_rule_is_left_out() -> None:
    planted_codes = {text.name.partition(".")[2] for text in planted_by_rule()}
    assert planted_codes == {code for code in CODES if not code.startswith(HINT)}
    assert set(ONLY_IN) <= planted_codes


def test_an_apostrophe_within_a_word_is_no_quotation_mark() -> None:
    source, target = 'I often say "no".', "Omulimu gw'abayambi ba bannaabwe."
    found = check_texts(LocaleTexts("lg_UG", (Pair("item.x", source, target, "lg_UG"),)))
    assert "quotes_lost" in {each.code for each in found}
    quoted = target.replace("abayambi ba", "abayambi 'ba'")
    found = check_texts(LocaleTexts("lg_UG", (Pair("item.x", source, quoted, "lg_UG"),)))
    assert "quotes_lost" not in {each.code for each in found}
