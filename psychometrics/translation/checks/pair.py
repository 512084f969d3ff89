"""What the rules look at: a source and its target, and all pairs of one locale together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from psychometrics.errors import Finding, Severity
from psychometrics.messages import english
from psychometrics.translation.checks.language import Language, language_of
from psychometrics.translation.checks.letters import is_readable, words_of
from psychometrics.translation.text_hash import text_hash

Relation = Literal["translation", "adaptation"]

# What stands for something else in a text. Each part is bounded and none overlaps with another, so
# the time grows with the length of the text alone.
PLACEHOLDER = re.compile(
    r"\$\{[^{}\s]{1,80}\}"  # XLSForm ${age}
    r"|\{\{[^{}]{1,80}\}\}|\{%[^{}%]{1,80}%\}"  # templates
    r"|\{[A-Za-z0-9_.!:\[\]]{0,60}\}"  # format {n}
    r"|%\([A-Za-z0-9_]{1,60}\)[-+#0-9.]{0,8}[A-Za-z]"  # named %(n)s
    r"|(?<![\d%])%(?:\d\$)?[sdifr](?![A-Za-z])"  # %s, %1$s; "50% daily" is none
    r"|\[[a-z][a-z0-9]{0,30}_[a-z0-9_]{1,60}\]"  # REDCap [visit_date]
)
TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,20}(?:\s[^<>]{0,500})?/?>")
LINK = re.compile(
    r"(?:https?://|www\.)\w[^\s<>\"'()“”‘’]{0,2000}|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"
)
STAND_IN = "\ufffc"
"""Stands where a placeholder or a link was, so that no rule reads it as a word of the text."""


@dataclass(frozen=True)
class Pair:
    """One text of an instrument: source and target, and what is known of them.

    Attributes
    ----------
    key : str
        Such as "item.culture_1" or "option.agreement5.agree".
    source, target : str
        The present source text and its translation (empty where there is none).
    locale, source_locale : str
        Such as "de_DE" and "en".
    kind : str
        First part of the key if left out: item, option, scale, ...
    relation : {"translation", "adaptation"}
        An adaptation (en to en_IN) may be a copy of the source.
    fuzzy : bool
        Marked so in the catalog: a person still has to look.
    previous_source : str or None
        The source that the target was made from, where it differs.
    signed : bool or None
        Whether the target is signed off as it stands; None where no record is kept.
    where : str
        File and line; locale and key if left out.
    """

    key: str
    source: str
    target: str
    locale: str
    kind: str = ""
    relation: Relation = "translation"
    fuzzy: bool = False
    previous_source: str | None = None
    signed: bool | None = None
    source_locale: str = "en"
    where: str = ""

    @cached_property
    def part(self) -> str:
        """What the text is: item, option, scale, ..."""
        return self.kind or self.key.partition(".")[0]

    @cached_property
    def language(self) -> Language:
        """Facts of the target's language."""
        return language_of(self.locale)

    @cached_property
    def source_language(self) -> Language:
        """Facts of the source's language."""
        return language_of(self.source_locale)

    @cached_property
    def place(self) -> str:
        """Where it stands."""
        return self.where or f"{self.locale}: {self.key}"

    @cached_property
    def is_readable(self) -> bool:
        """Whether rules can look at source and target; where not, one of them says why."""
        return is_readable(self.target) and is_readable(self.source)

    @cached_property
    def target_hash(self) -> str | None:
        """Fingerprint of the target; None where there is none, or it isn't readable."""
        return text_hash(self.target) if self.target and is_readable(self.target) else None

    @cached_property
    def is_copy(self) -> bool:
        """Whether the target is the source, whatever its case and white space."""
        return _wrapped(self.target) == _wrapped(self.source)

    @cached_property
    def bare_source(self) -> str:
        """The source without tags, a stand-in for every placeholder and link."""
        return bare(self.source)

    @cached_property
    def bare_target(self) -> str:
        """The target without tags, a stand-in for every placeholder and link."""
        return bare(self.target)

    @cached_property
    def source_words(self) -> list[str]:
        """Words of the source, in lower case."""
        return words_of(self.bare_source)

    @cached_property
    def target_words(self) -> list[str]:
        """Words of the target, in lower case."""
        return words_of(self.bare_target)


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the instrument in one language.

    Attributes
    ----------
    allowed, avoided : tuple of str
        Translations that were agreed on, and those that were decided against.
    """

    allowed: tuple[str, ...]
    avoided: tuple[str, ...] = ()


@dataclass(frozen=True)
class LocaleTexts:
    """All pairs of one locale.

    Attributes
    ----------
    locale : str
        Such as "hi_IN".
    pairs : tuple of Pair
        In the order of the catalog.
    keys : tuple of str or None
        Keys of the definition, in its order; None where only the pairs are known.
    terms : Mapping
        The terms of the locale's brief, by the term of the source.
    """

    locale: str
    pairs: tuple[Pair, ...]
    keys: tuple[str, ...] | None = None
    terms: Mapping[str, Term] = field(default_factory=dict)

    @cached_property
    def language(self) -> Language:
        """Facts of the language."""
        return language_of(self.locale)

    @cached_property
    def translated(self) -> tuple[Pair, ...]:
        """The pairs that have a target."""
        return tuple(pair for pair in self.pairs if pair.target.strip())


def bare(text: str) -> str:
    """Return a text without tags, a stand-in for every placeholder and link.

    Examples
    --------
    >>> bare("Dear {name}, <b>see</b> www.example.org").replace(STAND_IN, "_")
    'Dear _, see _'
    """
    if "<" in text:
        text = TAG.sub("", text)
    if "@" in text or "://" in text or "www." in text:
        text = LINK.sub(STAND_IN, text)
    if "{" in text or "%" in text or "[" in text:
        text = PLACEHOLDER.sub(STAND_IN, text)
    return text


def error(pair: Pair, code: str, **params: Any) -> Finding:
    """Return a fault of a pair that must be mended before the text is used."""
    return _found(pair, code, "error", params)


def warning(pair: Pair, code: str, **params: Any) -> Finding:
    """Return a trait of a pair that a person should look at."""
    return _found(pair, code, "warning", params)


def _found(pair: Pair, code: str, severity: Severity, params: Mapping[str, Any]) -> Finding:
    return Finding(
        code,
        severity,
        pair.place,
        english(code, params),
        pair.key,
        pair.locale,
        pair.target_hash,
        params,
    )


def _wrapped(text: str) -> str:
    return " ".join(text.split()).casefold()


def joined(values: Iterable[str]) -> str:
    """Return the distinct values in order, as a list in a sentence."""
    return ", ".join(dict.fromkeys(values))
