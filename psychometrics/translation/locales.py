"""What is agreed for a locale before anybody translates: its brief.

``translations/<locale>/brief.yaml`` says how the locale is related to the source, how it speaks to
people, and which words it has for the instrument's terms. Sheets show it, checks use it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from psychometrics.errors import CatalogError, Finding
from psychometrics.instrument.fields import field_problems
from psychometrics.instrument.parts import Key, Part, Text
from psychometrics.instrument.yaml_tree import Tree, described, read_tree
from psychometrics.messages import english
from psychometrics.translation.files import LOCALE, inside, locale_folder, translations_folder

FILE: Final = "brief.yaml"
Locale = Annotated[str, StringConstraints(pattern=f"^(?:{LOCALE.pattern})$")]
Relation = Literal["translation", "adaptation"]
Direction = Literal["ltr", "rtl"]


class Term(Part):
    """A term of the instrument, and the words that are agreed for it."""

    term: Text = Field(description="The term in the source language.")
    target: tuple[Text, ...] = Field(
        min_length=1, description="The words that may stand for it, the preferred one first."
    )
    avoid: tuple[Text, ...] = Field(default=(), description="Words that must not stand for it.")
    note: Text | None = Field(default=None, description="Why these words.")
    instrument: Key | None = Field(
        default=None, description="The only instrument it holds for; all if left out."
    )


class GenderStrategy(Part):
    """How texts speak to women and men where the language makes a difference."""

    strategy: Literal["neutral", "paired", "generic", "variants"] = Field(
        description="neutral: wording without gender; paired: both forms in one text; "
        "generic: one form for all; variants: a text for women [f] and one for men [m]."
    )
    note: Text | None = Field(default=None, description="How it is done, with an example.")
    variants: tuple[Text, ...] = Field(
        default=(), description="Keys of the texts that need a form [f] and a form [m]."
    )

    @model_validator(mode="after")
    def _variants_are_meant(self) -> Self:
        if self.variants and self.strategy != "variants":
            raise PydanticCustomError("variants", "keys are given, and the strategy is another one")
        return self


class ScaleDisplay(Part):
    """How an answer scale is shown in one target and mode: three things that can differ."""

    target: Text = Field(description="Where it is shown, such as paper, odk, redcap, web.")
    mode: Text = Field(description="How it is answered, such as self or interview.")
    code_order: Literal["ascending", "descending"] = Field(
        description="Whether the lowest code is read first or last."
    )
    visual_direction: Literal["left_to_right", "right_to_left", "top_to_bottom"] = Field(
        description="Where the answer that is read first stands, and where the next ones follow."
    )
    rendered: Text | None = Field(
        default=None, description="What was seen on the form itself, by whom and when."
    )


class Brief(Part):
    """The brief of a locale.

    Examples
    --------
    >>> brief = Brief(
    ...     locale="de_DE", relation="translation", of="en", direction="ltr", address="formal",
    ...     register="Plain everyday German.", gender={"strategy": "neutral"},
    ...     terms=[{"term": "recovery", "target": ["Recovery"]}],
    ... )
    >>> brief.allowed_terms("mood")
    {'recovery': ('Recovery',)}
    """

    locale: Locale = Field(description="The locale, as its folder is called, such as de_DE.")
    relation: Relation = Field(
        description="translation: another language than the source; adaptation: the same "
        "language, changed where the place asks for it (en_IN of en)."
    )
    of: Locale = Field(description="Locale of the source, such as en.")
    direction: Direction = Field(description="ltr: written from left to right; rtl: the reverse.")
    address: Literal["formal", "informal", "neutral"] = Field(
        description="How respondents are addressed: formal (Sie), informal (du), or not at all."
    )
    address_note: Text | None = Field(default=None, description="The words used, such as Sie.")
    language_register: Text = Field(
        alias="register", description="Whose language the texts are written in."
    )
    gender: GenderStrategy = Field(description="How texts speak to women and men.")
    workflow: Key | None = Field(
        default=None, description="Key of the workflow; that of the relation if left out."
    )
    guidance: tuple[Text, ...] = Field(default=(), description="What else translators must know.")
    terms: tuple[Term, ...] = Field(default=(), description="The termbase.")
    own_words: Mapping[Key, tuple[Text, ...]] = Field(
        default_factory=dict,
        description="Keys of the texts for which a site has its own wording, by site.",
    )
    displays: tuple[ScaleDisplay, ...] = Field(
        default=(), description="How answer scales are shown, by target and mode."
    )

    @model_validator(mode="after")
    def _terms_are_given_once(self) -> Self:
        seen: set[tuple[str, str | None]] = set()
        for term in self.terms:
            name = (term.term.casefold(), term.instrument)
            if name in seen:
                raise PydanticCustomError(
                    "term_twice", "{term} is there twice", {"term": term.term}
                )
            seen.add(name)
        return self

    def allowed_terms(self, instrument_id: str) -> dict[str, tuple[str, ...]]:
        """Return the agreed words for each term that holds for an instrument."""
        return {
            term.term: term.target
            for term in self.terms
            if term.instrument in (None, instrument_id)
        }

    def variant_keys(self, keys: Mapping[str, object]) -> dict[str, list[str]]:
        """Return the keys of variants that catalogs must have, by the key they belong to."""
        made: dict[str, list[str]] = {}
        for key in self.gender.variants:
            if key in keys:
                made.setdefault(key, []).extend((f"{key}[f]", f"{key}[m]"))
        for site, own in self.own_words.items():
            for key in own:
                if key in keys:
                    made.setdefault(key, []).append(f"{key}@{site}")
        return made


def load_brief(locale: str, *, translations: Path | None = None) -> Brief | None:
    """Read the brief of a locale; None if it has none.

    Parameters
    ----------
    locale : str
        Such as "de_DE".
    translations : pathlib.Path, optional
        Folder of the translations; the shipped one if left out.

    Raises
    ------
    CatalogError
        If the brief has faults; ``findings`` lists all of them, each with file and line.
    """
    file = locale_folder(translations, locale) / FILE
    if not file.exists():
        return None
    file = inside(translations_folder(translations), file)
    changed = file.stat()
    return _load(file, locale, (changed.st_mtime_ns, changed.st_size))


@lru_cache(maxsize=64)
def _load(file: Path, locale: str, changed: object) -> Brief:
    """Read a brief; `changed` makes an edited file count as a new one."""
    tree = read_tree(file)
    found = [each for each in tree.faults if each.severity == "error"]
    brief: Brief | None = None
    if not found and not isinstance(tree.data, dict):
        tree.fault("definition_not_mapping", 1, found=described(tree.data))
        found = tree.faults
    if not found:
        try:
            brief = Brief.model_validate(tree.data)
        except ValidationError as error:
            found = list(_faults(error, tree))
    if brief is not None and brief.locale != locale:
        params = {"locale": brief.locale, "folder": locale}
        found = [_placed("brief_locale", params, ("locale",), tree)]
    if brief is None or found:
        told = "\n".join(f"  {each.where}: {each.message}" for each in found)
        raise CatalogError(f"{file} has faults:\n{told}", found)
    return brief


def _faults(error: ValidationError, tree: Tree) -> Iterator[Finding]:
    """Yield each fault of a brief that its model refused."""
    for problem in field_problems(error, Brief, (), "The brief"):
        if problem.path in (("locale",), ("of",)) and problem.code == "field_key":
            found = str(tree.data.get(problem.path[0]))[:80]
            yield _placed("locale_name", {"found": found}, problem.path, tree)
        else:
            yield _placed(problem.code, problem.params, problem.path, tree)


def _placed(
    code: str, params: Mapping[str, Any], path: tuple[str | int, ...], tree: Tree
) -> Finding:
    """Return a fault as a finding with file and line."""
    where = f"{tree.file}:{tree.line(path)}"
    return Finding(code, "error", where, english(code, params), params=params)


def locale_direction(locale: str, brief: Brief | None = None) -> Direction:
    """Return the direction in which a locale is written; that of the brief comes first.

    Examples
    --------
    >>> locale_direction("he_IL"), locale_direction("sw_TZ"), locale_direction("xog_UG")
    ('rtl', 'ltr', 'ltr')
    """
    from babel import Locale as Known
    from babel import UnknownLocaleError

    if brief is not None:
        return brief.direction
    try:
        known = Known.parse(locale.partition("@")[0])
    except (UnknownLocaleError, ValueError):
        return "ltr"
    return "rtl" if known.text_direction == "rtl" else "ltr"


def is_adaptation(locale: str, source_locale: str, brief: Brief | None = None) -> bool:
    """Tell whether a locale has the language of the source, changed for a place.

    Examples
    --------
    >>> is_adaptation("en_IN", "en"), is_adaptation("de_DE", "en")
    (True, False)
    """
    if brief is not None:
        return brief.relation == "adaptation"
    return locale.partition("_")[0] == source_locale.partition("_")[0]
