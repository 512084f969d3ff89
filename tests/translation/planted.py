"""Planted faults: texts with one known fault each, and texts that have none.

How they are written down says `tests/translation/corpus/README.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from psychometrics.errors import Finding
from psychometrics.translation.checks import LocaleTexts, Pair, check_texts, is_hint
from psychometrics.translation.checks.language import language_of
from psychometrics.translation.checks.pair import Term

CORPUS = Path(__file__).parent / "corpus"
CLEAN = "clean"

FAULTS: dict[str, tuple[str, ...]] = {
    "missing": ("translation_missing", "key_absent"),
    "stale": ("translation_stale",),
    "fuzzy": ("translation_fuzzy", "translation_stale"),
    "unsigned": ("translation_unsigned",),
    "unknown_key": ("key_unknown",),
    "repeated_key": ("key_repeated",),
    "incomplete_options": ("options_incomplete", "translation_missing"),
    "option_order": ("option_order",),
    "alike_options": ("options_alike",),
    "alike_items": ("one_target",),
    "inconsistent": ("one_source",),
    "placeholder": ("placeholder_lost", "placeholder_added"),
    "markup": ("markup_differs", "markup_unbalanced", "emphasis_differs"),
    "unsafe_markup": ("markup_unsafe",),
    "link": ("link_differs",),
    "line_break": ("newline_at_edge",),
    "escape": ("escape_left",),
    "bidi": ("bidi_override", "bidi_unbalanced"),
    "composition": ("not_composed",),
    "presentation_form": ("presentation_form",),
    "encoding": (
        "mojibake",
        "replacement_character",
        "lone_surrogate",
        "control_character",
        "private_use_character",
        "escape_left",
        "wrong_script",
        "invisible_character",
    ),
    "script": ("wrong_script", "foreign_letter"),
    "mixed_script": ("mixed_script_word", "foreign_letter"),
    "marks": ("mark_without_letter", "mark_twice", "too_many_marks"),
    "end_punctuation": ("end_punctuation",),
    "quotes": ("quotes_of_locale", "quotes_unbalanced", "quotes_lost"),
    "brackets": ("brackets_unbalanced",),
    "apostrophe": ("apostrophe_wrong", "apostrophe_differs"),
    "space": (
        "space_at_edge",
        "space_doubled",
        "space_before_sign",
        "space_after_sign",
        "space_after_apostrophe",
    ),
    "invisible": ("invisible_character",),
    "doubled_word": ("word_doubled", "hint_word_doubled"),
    "number": ("number_differs", "hint_number_lost"),
    "range": ("range_turned", "range_shown_reversed"),
    "digits": ("digits_foreign", "digits_mixed", "digits_differ"),
    "length": ("length_unusual", "text_too_long"),
    "untranslated": ("untranslated", "perhaps_untranslated", "partly_untranslated"),
    "term": ("term_not_used", "term_avoided"),
    "negation": ("hint_negation_lost", "hint_negation_added", "hint_antonym"),
    "opposite": ("hint_antonym", "hint_negation_lost", "hint_negation_added"),
}
"""What can be wrong, with the codes that count as finding it."""

HALF = re.compile(r"<U\+(D[89A-F][0-9A-F]{2})>")


@dataclass(frozen=True)
class Planted:
    """One text of the corpus with all that its catalog needs.

    Attributes
    ----------
    name, locale, fault, description : str
        Which text it is, and what is wrong with it.
    pair : Pair
        The text itself.
    beside : tuple of Pair
        Others of its catalog.
    keys : tuple of str or None
        Keys of the definition, where they matter.
    terms : Mapping
        Terms of the brief.
    has_entry : bool
        Whether the catalog has an entry of it.
    """

    name: str
    locale: str
    fault: str
    description: str
    pair: Pair
    beside: tuple[Pair, ...] = ()
    keys: tuple[str, ...] | None = None
    terms: Mapping[str, Term] = field(default_factory=dict)
    has_entry: bool = True

    @property
    def catalog(self) -> LocaleTexts:
        """The catalog that the rules look at."""
        own = (self.pair,) if self.has_entry else ()
        return LocaleTexts(self.locale, (*self.beside, *own), self.keys, self.terms)

    def findings(self) -> list[Finding]:
        """Return what the rules find in it."""
        return list(check_texts(self.catalog))

    def is_found(self, findings: list[Finding]) -> bool:
        """Return whether one of the findings is about the planted fault."""
        return any(each.code in FAULTS[self.fault] for each in findings)

    def others(self, findings: list[Finding]) -> list[Finding]:
        """Return the findings about something else, without hints: wrong ones, or by-products."""
        expected = FAULTS.get(self.fault, ())
        return [each for each in findings if each.code not in expected and not is_hint(each)]


def planted() -> Iterator[Planted]:
    """Yield the texts of the corpus."""
    for file in sorted(CORPUS.glob("*.yaml")):
        yield from read(file)


def read(file: Path) -> Iterator[Planted]:
    """Yield the texts of one file."""
    data = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    for text in data["texts"]:
        yield _planted(text, data["locale"], file)


def _planted(text: dict[str, Any], locale: str, file: Path) -> Planted:
    known = {
        "id", "fault", "description", "source", "target", "key", "previous_source", "fuzzy",
        "signed", "relation", "source_locale", "terms", "definition_keys", "beside", "entry",
    }  # fmt: skip
    if unknown := set(text) - known:
        raise ValueError(f"{file.name}: {text.get('id')} has the unknown fields {sorted(unknown)}")
    if text["fault"] not in (*FAULTS, CLEAN):
        raise ValueError(f"{file.name}: {text['id']} has the unknown fault {text['fault']!r}")
    own = {
        name: text[name]
        for name in ("fuzzy", "signed", "relation", "source_locale", "previous_source")
        if name in text
    }
    source_locale = text.get("source_locale", "en")
    if language_of(locale).code == language_of(source_locale).code:
        own.setdefault("relation", "adaptation")
    key = text.get("key", "item.x")
    terms = {
        name: Term(tuple(term.get("allowed", ())), tuple(term.get("avoided", ())))
        for name, term in text.get("terms", {}).items()
    }
    return Planted(
        name=text["id"],
        locale=locale,
        fault=text["fault"],
        description=text.get("description", ""),
        pair=Pair(key, _text(text["source"]), _text(text.get("target", "")), locale, **own),
        beside=tuple(
            Pair(each["key"], _text(each["source"]), _text(each["target"]), locale)
            for each in text.get("beside", ())
        ),
        keys=tuple(text["definition_keys"]) if "definition_keys" in text else None,
        terms=terms,
        has_entry=text.get("entry", True),
    )


def _text(text: str) -> str:
    return HALF.sub(lambda hit: chr(int(hit.group(1), 16)), text)
