"""What the checks know of a language: its script, digits, quotes, words that negate or count."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

SCRIPT_NAMES = {
    "Arab": "ARABIC", "Armn": "ARMENIAN", "Beng": "BENGALI", "Cyrl": "CYRILLIC",
    "Deva": "DEVANAGARI", "Ethi": "ETHIOPIC", "Geor": "GEORGIAN", "Grek": "GREEK",
    "Gujr": "GUJARATI", "Guru": "GURMUKHI", "Hebr": "HEBREW", "Khmr": "KHMER", "Knda": "KANNADA",
    "Laoo": "LAO", "Latn": "LATIN", "Mlym": "MALAYALAM", "Mymr": "MYANMAR", "Orya": "ORIYA",
    "Sinh": "SINHALA", "Taml": "TAMIL", "Telu": "TELUGU", "Thai": "THAI", "Tibt": "TIBETAN",
}  # fmt: skip
"""How the Unicode names of a script's letters begin, by ISO 15924 code."""

RTL_SCRIPTS = frozenset({"ARABIC", "HEBREW", "SYRIAC", "THAANA", "NKO"})
JOINER_SCRIPTS = frozenset(
    {"ARABIC", "BENGALI", "DEVANAGARI", "GUJARATI", "GURMUKHI", "KANNADA", "KHMER", "MALAYALAM",
     "MYANMAR", "ORIYA", "SINHALA", "SYRIAC", "TAMIL", "TELUGU", "TIBETAN"}
)  # fmt: skip
"""Scripts in which joiner and non-joiner change what is read, so both are letters of the text."""


@dataclass(frozen=True, slots=True)
class Language:
    """Facts of one language.

    Attributes
    ----------
    code : str
        Language subtag, such as "de".
    script : str or None
        How the Unicode names of its letters begin; None where it isn't known.
    digits : str
        The native zero, or nothing.
    quotes, opening : str
        Signs of quotation in use, and those that may stand before a word; empty: not known.
    apostrophe : bool
        Whether an apostrophe is part of words (ng').
    length : tuple of float
        Lowest and highest usual length of a target for each character of an English source.
    doubling : {"blamed", "productive", "unknown"}
        Whether a word twice in a row is a slip.
    doubled : frozenset of str
        Exceptions to it.
    letters : str
        Letters of Latin-1 that the language has.
    numbers : Mapping
        Patterns of words for a number, by its digits.
    negates, may_negate : tuple of str
        Patterns of words that negate always, and sometimes.
    affirms : frozenset of str
        Words that fit such a pattern and negate nothing.
    """

    code: str
    script: str | None = None
    digits: str = ""
    quotes: str = ""
    opening: str = ""
    apostrophe: bool = False
    length: tuple[float, float] = (0.3, 3.0)
    doubling: Literal["blamed", "productive", "unknown"] = "unknown"
    doubled: frozenset[str] = frozenset()
    letters: str = ""
    numbers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    negates: tuple[str, ...] = ()
    may_negate: tuple[str, ...] = ()
    affirms: frozenset[str] = frozenset()

    @property
    def is_rtl(self) -> bool:
        """Whether it is written from right to left."""
        return self.script in RTL_SCRIPTS


@cache
def language_of(locale: str) -> Language:
    """Return the facts of a locale's language; of an unknown one its script, where CLDR has it.

    Examples
    --------
    >>> language_of("he_IL").script, language_of("he_IL").is_rtl, language_of("ru").script
    ('HEBREW', True, 'CYRILLIC')
    """
    subtags = locale.replace("-", "_").split("_")
    code = {"iw": "he"}.get(subtags[0].lower(), subtags[0].lower())
    written = next((SCRIPT_NAMES.get(each.title()) for each in subtags[1:] if len(each) == 4), None)
    facts = _all_facts().get(code)
    if facts is None:
        return Language(code, written or _likely_script(code))
    return _made(code, facts, written)


def _made(code: str, facts: Mapping[str, Any], written: str | None) -> Language:
    low, high = facts["length"]
    return Language(
        code=code,
        script=written or facts["script"],
        digits=facts.get("digits", ""),
        quotes=facts.get("quotes", ""),
        opening=facts.get("opening", ""),
        apostrophe=facts.get("apostrophe", False),
        length=(low, high),
        doubling=facts.get("doubling", "unknown"),
        doubled=frozenset(facts.get("doubled", ())),
        letters=facts.get("letters", ""),
        numbers={number: tuple(words) for number, words in facts.get("numbers", {}).items()},
        negates=tuple(facts.get("negates", ())),
        may_negate=tuple(facts.get("may_negate", ())),
        affirms=frozenset(facts.get("affirms", ())),
    )


def _likely_script(code: str) -> str | None:
    from babel.core import get_global

    subtags = str(get_global("likely_subtags").get(code, "")).split("_")
    return next((SCRIPT_NAMES.get(each) for each in subtags if len(each) == 4), None)


@cache
def _all_facts() -> dict[str, Any]:
    return tomllib.loads(_data("languages.toml"))


@cache
def opposites() -> tuple[Mapping[str, list[list[str]]], ...]:
    """Return the pairs of opposed words, each by language."""
    return tuple(tomllib.loads(_data("opposites.toml"))["pair"])


def _data(name: str) -> str:
    return files("psychometrics.translation.checks").joinpath(name).read_text(encoding="utf-8")


def first_match(words: str, patterns: tuple[str, ...]) -> str:
    """Return the first word that fits one of the patterns; empty if none does.

    The words have one space between them. A pattern is a word, or several that follow each other,
    with * for any letters at its beginning or end.

    Examples
    --------
    >>> first_match("keine rolle", ("nicht", "kein*")), first_match("no", ("not",))
    ('keine', '')
    """
    if not patterns:
        return ""
    hit = _compiled(patterns).search(words)
    return hit.group() if hit else ""


@lru_cache(maxsize=512)
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return one expression for all patterns; it begins at words, so it stays linear in time."""
    parts = [re.escape(each).replace(r"\*", r"\S*") for each in patterns]
    return re.compile(rf"(?<!\S)(?:{'|'.join(parts)})(?!\S)")
