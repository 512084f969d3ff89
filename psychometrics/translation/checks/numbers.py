"""Numbers: the same as in the source, in one kind of digits, ranges the same way round."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator

from psychometrics.errors import Finding
from psychometrics.translation.checks.language import Language, first_match
from psychometrics.translation.checks.letters import shown
from psychometrics.translation.checks.pair import LocaleTexts, Pair, error, joined, warning

NUMBER = re.compile(r"\d+(?:[.,'’٫٬\u00a0\u202f]\d+)*")
DIGIT = re.compile(r"\d")
SEPARATOR = re.compile("[.,'’٫٬\u00a0\u202f]")
DATE_OR_TIME = re.compile(r"\d[:/]\d")
HALF_DAY = re.compile(r"\d\s?[ap]\.?m\b", re.IGNORECASE)
RANGE = re.compile(
    r"(?<![\d.,/:])(?<!\d-)(\d{1,9})\s?"
    r"(?:-|–|—|−|־|\.\.|to|and|bis|und|से|और|עד(?: ל-?)?|ל-?|ו-?|hadi|mpaka|na|ne|"
    r"okutuuka(?: ku)?)\s?"
    r"(\d{1,9})(?![\d/:-])"
)


def same_numbers(pair: Pair) -> Iterator[Finding]:
    """Every number of the source is in the target, in digits or as a word, and no other is."""
    if not _has_digit(pair.bare_source) and not _has_digit(pair.bare_target):
        return
    if HALF_DAY.search(pair.bare_source):  # 6 p.m. is 18 Uhr, or the 12th hour of the day
        return
    expected, found = _numbers(pair.bare_source), _numbers(pair.bare_target)
    if DATE_OR_TIME.search(pair.bare_source):  # 10:30 may be 10.30, and 24/12 be 24.12.
        expected, found = _parts(expected), _parts(found)
    lost = [
        number
        for number in expected - found
        if not _in_words(number, pair.target_words, pair.language)
    ]
    added = [
        number
        for number in found - expected
        if not _in_words(number, pair.source_words, pair.source_language)
    ]
    if lost or added:
        yield error(
            pair, "number_differs", lost=joined(lost) or "none", added=joined(added) or "none"
        )


def range_order(pair: Pair) -> Iterator[Finding]:
    """A range begins with the same number as in the source."""
    if not _has_digit(pair.bare_source):
        return
    expected = {(_ascii(a), _ascii(b)) for a, b in RANGE.findall(pair.bare_source)}
    found = {(_ascii(a), _ascii(b)) for a, b in RANGE.findall(pair.bare_target)}
    turned = [f"{a}-{b}" for a, b in found if (b, a) in expected and (a, b) not in expected]
    if turned:
        yield error(pair, "range_turned", found=joined(turned))


def digits_of_one_kind(pair: Pair) -> Iterator[Finding]:
    """Digits of one kind in a text, and those of Europe or of the language itself."""
    if pair.target.isascii():
        return
    zeros = {_zero(each) for each in pair.bare_target if each.isdecimal()}
    allowed = {"0", pair.language.digits}
    if foreign := zeros - allowed:
        if not any(each.isdecimal() and _zero(each) in foreign for each in pair.source):
            yield error(pair, "digits_foreign", found=shown("".join(sorted(foreign))))
    elif len(zeros) > 1:
        yield warning(pair, "digits_mixed")


def digits_consistent(texts: LocaleTexts) -> Iterator[Finding]:
    """One kind of digits in all texts of a locale, native ones or those of Europe."""
    if not texts.language.digits:
        return
    used: dict[str, list[Pair]] = defaultdict(list)
    for pair in texts.translated:
        zeros = {_zero(each) for each in pair.bare_target if each.isdecimal()}
        if len(zeros) == 1:
            used[zeros.pop()].append(pair)
    if len(used) < 2:
        return
    usual = max(used, key=lambda zero: (len(used[zero]), zero == "0"))
    for zero, pairs in used.items():
        for pair in pairs if zero != usual else ():
            yield warning(pair, "digits_differ", usual=shown(usual))


def _has_digit(text: str) -> bool:
    return DIGIT.search(text) is not None


def _numbers(text: str) -> Counter[str]:
    """Return the numbers of a text: digits in groups without a sign, a decimal sign as a point."""
    return Counter(_plain(each) for each in NUMBER.findall(text))


def _plain(number: str) -> str:
    parts = [_ascii(each) for each in SEPARATOR.split(number)]
    in_groups = len(parts[-1]) == 3 and all(len(each) in (2, 3) for each in parts[1:-1])
    return "".join(parts) if in_groups and len(parts[0]) <= 3 else ".".join(parts)


def _parts(numbers: Counter[str]) -> Counter[str]:
    """Return the parts of numbers by themselves, leading zeros left out."""
    return Counter(
        part.lstrip("0") or "0" for number in numbers.elements() for part in number.split(".")
    )


def _ascii(number: str) -> str:
    return "".join(str(unicodedata.decimal(each)) for each in number if each.isdecimal())


def _zero(digit: str) -> str:
    return chr(ord(digit) - unicodedata.decimal(digit))


def _in_words(number: str, words: list[str], language: Language) -> bool:
    """Return whether a number is there as a word; true where its words aren't known."""
    if not language.numbers:
        return True
    patterns = language.numbers.get(number)
    if patterns is None:
        return False
    # Number words take endings (zweite, twice), and prefixes where nouns have classes.
    return bool(first_match(" ".join(words), tuple(f"{each}*" for each in patterns)))
