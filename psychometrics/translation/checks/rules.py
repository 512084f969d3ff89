"""The rules by name, with the codes that each may report; a new rule is one line here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from psychometrics.errors import DataError, Finding
from psychometrics.translation.checks import (
    direction,
    encoding,
    hints,
    likeness,
    markup,
    numbers,
    punctuation,
    scripts,
    sets,
    spacing,
    state,
    terms,
)
from psychometrics.translation.checks.pair import LocaleTexts, Pair

HINT = "hint_"


@dataclass(frozen=True, slots=True)
class PairRule:
    """A rule about one source and its target.

    Attributes
    ----------
    name : str
        What `rules=` and `--rule` call it.
    check : callable
        From a pair to findings; its docstring says what is right.
    codes : tuple of str
        Codes of its findings.
    """

    name: str
    check: Callable[[Pair], Iterator[Finding]]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LocaleRule:
    """A rule about all texts of a locale; attributes as in :class:`PairRule`."""

    name: str
    check: Callable[[LocaleTexts], Iterator[Finding]]
    codes: tuple[str, ...]


STATE_RULES: tuple[PairRule, ...] = (
    PairRule("missing", state.missing, ("translation_missing",)),
    PairRule("stale", state.stale, ("translation_stale",)),
    PairRule("fuzzy", state.fuzzy, ("translation_fuzzy",)),
    PairRule("unsigned", state.unsigned, ("translation_unsigned",)),
)

GATE = PairRule("too_much", encoding.too_much, ("text_too_long", "too_many_marks"))
"""What keeps a text from the rules below."""

TEXT_RULES: tuple[PairRule, ...] = (
    PairRule("placeholders", markup.placeholders, ("placeholder_lost", "placeholder_added")),
    PairRule("tags", markup.tags, ("markup_differs", "markup_unbalanced")),
    PairRule("unsafe", markup.unsafe, ("markup_unsafe",)),
    PairRule("emphasis", markup.emphasis, ("emphasis_differs",)),
    PairRule("links", markup.links, ("link_differs",)),
    PairRule("newlines", markup.newlines_at_edges, ("newline_at_edge",)),
    PairRule("leftovers", markup.leftovers, ("escape_left",)),
    PairRule("bidi_overrides", direction.overrides, ("bidi_override",)),
    PairRule("bidi_balance", direction.balanced, ("bidi_unbalanced",)),
    PairRule("ranges_shown", direction.shown_reversed, ("range_shown_reversed",)),
    PairRule("replaced", encoding.replacement_characters, ("replacement_character",)),
    PairRule("mojibake", encoding.mojibake, ("mojibake",)),
    PairRule("surrogates", encoding.surrogates, ("lone_surrogate",)),
    PairRule("controls", encoding.control_characters, ("control_character",)),
    PairRule("private_use", encoding.private_characters, ("private_use_character",)),
    PairRule("composed", encoding.composed, ("not_composed",)),
    PairRule("presentation_forms", encoding.presentation_forms, ("presentation_form",)),
    PairRule("script", scripts.share, ("wrong_script",)),
    PairRule("mixed_words", scripts.mixed_words, ("mixed_script_word",)),
    PairRule("foreign_letters", scripts.foreign_letters, ("foreign_letter",)),
    PairRule("marks", scripts.marks, ("mark_without_letter", "mark_twice")),
    PairRule("end", punctuation.end, ("end_punctuation",)),
    PairRule("brackets", punctuation.brackets, ("brackets_unbalanced",)),
    PairRule("quotes", punctuation.quotes, ("quotes_of_locale",)),
    PairRule("quotes_balance", punctuation.quotes_balanced, ("quotes_unbalanced",)),
    PairRule("quotes_kept", punctuation.quotes_kept, ("quotes_lost",)),
    PairRule("apostrophe", punctuation.apostrophe, ("apostrophe_wrong",)),
    PairRule("edges", spacing.at_edges, ("space_at_edge",)),
    PairRule("doubled_spaces", spacing.doubled_spaces, ("space_doubled",)),
    PairRule(
        "around_signs",
        spacing.around_signs,
        ("space_before_sign", "space_after_sign", "space_after_apostrophe"),
    ),
    PairRule("doubled_words", spacing.doubled_words, ("word_doubled",)),
    PairRule("invisible", spacing.invisible, ("invisible_character",)),
    PairRule("numbers", numbers.same_numbers, ("number_differs",)),
    PairRule("ranges", numbers.range_order, ("range_turned",)),
    PairRule("digits", numbers.digits_of_one_kind, ("digits_foreign", "digits_mixed")),
    PairRule("length", likeness.length, ("length_unusual",)),
    PairRule("untranslated", likeness.untranslated, ("untranslated", "perhaps_untranslated")),
    PairRule("partly_untranslated", likeness.partly_untranslated, ("partly_untranslated",)),
    PairRule("negation", hints.negation, ("hint_negation_lost", "hint_negation_added")),
    PairRule("antonyms", hints.antonyms, ("hint_antonym",)),
    PairRule("numbers_in_words", hints.numbers_in_words, ("hint_number_lost",)),
    PairRule("perhaps_doubled", spacing.perhaps_doubled_words, ("hint_word_doubled",)),
)

LOCALE_RULES: tuple[LocaleRule, ...] = (
    LocaleRule("keys", sets.keys, ("key_absent", "key_unknown", "key_repeated")),
    LocaleRule("options_complete", sets.option_sets_complete, ("options_incomplete",)),
    LocaleRule("option_order", sets.option_order, ("option_order",)),
    LocaleRule("options_alike", sets.same_options, ("options_alike",)),
    LocaleRule("one_target", sets.one_target, ("one_target",)),
    LocaleRule("one_source", sets.one_source, ("one_source",)),
    LocaleRule("apostrophes", punctuation.apostrophes_consistent, ("apostrophe_differs",)),
    LocaleRule("digits_consistent", numbers.digits_consistent, ("digits_differ",)),
    LocaleRule("terms", terms.terms, ("term_not_used", "term_avoided")),
)

CODES: dict[str, str] = {
    code: rule.name
    for rules in (STATE_RULES, (GATE,), TEXT_RULES, LOCALE_RULES)
    for rule in rules
    for code in rule.codes
}
"""Every code with the name of its rule."""


def is_hint(finding: Finding) -> bool:
    """Return whether a finding is only a hint, from a list of words."""
    return finding.code.startswith(HINT)


def chosen_codes(rules: Iterable[str] | None) -> frozenset[str]:
    """Return the codes that are asked for, by the names of rules or by codes.

    Raises
    ------
    DataError
        If one of them is not known.
    """
    if rules is None:
        return frozenset(CODES)
    chosen: set[str] = set()
    for name in [rules] if isinstance(rules, str) else rules:
        found = {code for code, rule in CODES.items() if name in (code, rule)}
        if not found:
            known = ", ".join(dict.fromkeys(CODES.values()))
            raise DataError(f"There is no rule {name!r} for translations; choose of {known}.")
        chosen |= found
    return frozenset(chosen)


def check_pair(pair: Pair, codes: frozenset[str] = frozenset(CODES)) -> Iterator[Finding]:
    """Yield what the rules find in one pair."""
    for check in _state_checks(codes):
        yield from check(pair)
    if not pair.target.strip():
        return
    if not pair.is_readable:
        yield from _only(GATE.check(pair), codes)
        return
    for check in _text_checks(codes):
        yield from _only(check(pair), codes)


def check_texts(texts: LocaleTexts, codes: frozenset[str] = frozenset(CODES)) -> Iterator[Finding]:
    """Yield what the rules find in all texts of a locale: those of each pair, then the others."""
    for pair in texts.pairs:
        yield from check_pair(pair, codes)
    readable = tuple(pair for pair in texts.pairs if pair.is_readable)
    kept = texts
    if len(readable) < len(texts.pairs):
        kept = LocaleTexts(texts.locale, readable, texts.keys, texts.terms)
    for rule in LOCALE_RULES:
        if not codes.isdisjoint(rule.codes):
            yield from _only(rule.check(texts if rule.check is sets.keys else kept), codes)


@lru_cache(maxsize=128)
def _state_checks(codes: frozenset[str]) -> tuple[Callable[[Pair], Iterator[Finding]], ...]:
    return _checks(STATE_RULES, codes)


@lru_cache(maxsize=128)
def _text_checks(codes: frozenset[str]) -> tuple[Callable[[Pair], Iterator[Finding]], ...]:
    return _checks(TEXT_RULES, codes)


def _checks(
    rules: tuple[PairRule, ...], codes: frozenset[str]
) -> tuple[Callable[[Pair], Iterator[Finding]], ...]:
    """Return the functions of the rules that may report one of the codes."""
    return tuple(rule.check for rule in rules if not codes.isdisjoint(rule.codes))


def _only(found: Iterator[Finding], codes: frozenset[str]) -> Iterator[Finding]:
    return found if len(codes) == len(CODES) else (each for each in found if each.code in codes)
