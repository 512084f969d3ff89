"""What is agreed for a locale before anybody translates: its brief.

``translations/<locale>/brief.yaml`` says how the locale is related to the source, how it speaks to
people, and which words it has for the instrument's terms. Sheets show it, checks use it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from psychometrics.errors import CatalogError, Finding
from psychometrics.instrument.fields import field_problems
from psychometrics.instrument.parts import Key, Part, Text
from psychometrics.instrument.shipped import SHARED
from psychometrics.instrument.yaml_tree import Tree, described, read_tree
from psychometrics.messages import english
from psychometrics.translation.events import Origin
from psychometrics.translation.files import LOCALE, inside, locale_folder, translations_folder

FILE: Final = "brief.yaml"
Locale = Annotated[str, StringConstraints(pattern=f"^(?:{LOCALE.pattern})$")]
Relation = Literal["translation", "adaptation"]
Direction = Literal["ltr", "rtl"]


def _in_a_list(value: object) -> object:
    """Return one text as a list of it: `target: word` is as good as `target: [word]`."""
    return (value,) if isinstance(value, str) else value


Listed = Annotated[tuple[Text, ...], BeforeValidator(_in_a_list)]
Names = Annotated[tuple[Key, ...], BeforeValidator(_in_a_list)]


class Term(Part):
    """A term of the instrument, and the words that are agreed for it."""

    term: Text = Field(description="The term in the source language.")
    target: Listed = Field(
        min_length=1, description="The form that the texts use; several where all are wanted."
    )
    also: Listed = Field(
        default=(), description="Other forms that are right, such as inflected ones."
    )
    avoid: Listed = Field(default=(), description="Words that must not stand for it.")
    note: Text | None = Field(default=None, description="Why these words.")

    @property
    def allowed(self) -> tuple[str, ...]:
        """Every form that may stand for the term."""
        return (*self.target, *self.also)


Running = Literal["left_to_right", "right_to_left", "top_to_bottom"]


class Rendering(Part):
    """How an answer scale was drawn, by somebody or something that looked."""

    where: Text = Field(description="On what, such as a phone of 390 px, or Collect 2025.1.")
    drawn: Running = Field(description="Where the first answer stood, and where the next followed.")
    who: Text = Field(description="Pseudonym of who looked, or the program that measured.")
    when: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[01][0-9]-[0-3][0-9]$")] = Field(
        description='The day, in quotes, such as "2026-11-25".'
    )


class ScaleDisplay(Part):
    """How an answer scale is shown in one target and mode: three things that can differ."""

    target: Text = Field(description="Where it is shown, such as paper, odk, redcap, web.")
    mode: Text = Field(description="How it is answered, such as self or interview.")
    code_order: Literal["ascending", "descending"] = Field(
        description="Whether the lowest code is read first or last."
    )
    visual_direction: Running = Field(
        description="Where the answer that is read first stands, and where the next ones follow."
    )
    reason: Text | None = Field(default=None, description="Why it was agreed like this.")
    rendered: Text | None = Field(
        default=None, description="What was seen on the form itself, in words."
    )
    renderings: tuple[Rendering, ...] = Field(
        default=(), description="How it was drawn, each time that somebody looked."
    )

    @property
    def mirrored(self) -> bool:
        """Whether the answer that is read first stands at the right, as against the source."""
        return self.visual_direction == "right_to_left"

    @property
    def otherwise(self) -> tuple[Rendering, ...]:
        """Where it was drawn in another direction than agreed."""
        return tuple(one for one in self.renderings if one.drawn != self.visual_direction)


class Brief(Part):
    """The brief of a locale.

    Examples
    --------
    >>> brief = Brief(
    ...     locale="de_DE", relation="translation", source_locale="en", direction="ltr",
    ...     address="Sie", register="Plain everyday German.", gender="Forms without gender.",
    ...     termbase=[{"term": "recovery", "target": "Recovery", "also": ["Genesung"]}],
    ... )
    >>> brief.terms
    {'recovery': ('Recovery', 'Genesung')}
    """

    locale: Locale = Field(description="The locale, as its folder is called, such as de_DE.")
    instrument: Names = Field(
        default=(), description="Ids of the instruments it is about; all if left out."
    )
    relation: Relation = Field(
        description="translation: another language than the source; adaptation: the same "
        "language, changed where the place asks for it (en_IN of en)."
    )
    source_locale: Locale = Field(description="Locale of the source, such as en.")
    direction: Direction = Field(description="ltr: written from left to right; rtl: the reverse.")
    sites: tuple[Key, ...] = Field(default=(), description="Ids of the sites that field it.")
    readers: Text | None = Field(default=None, description="Who reads the texts.")
    language_register: Text = Field(
        alias="register", description="Whose language the texts are written in."
    )
    address: Text = Field(description="How respondents are addressed, such as Sie.")
    gender: Text = Field(description="How texts speak to women and men, with examples.")
    gender_strategy: Literal["neutral", "paired", "generic", "variants"] | None = Field(
        default=None,
        description="neutral: wording without gender; paired: both forms in one text; "
        "generic: one form for all; variants: a text for women [f] and one for men [m].",
    )
    gender_variants: tuple[Text, ...] = Field(
        default=(), description="Keys of the texts that need a form [f] and a form [m]."
    )
    anchors: Text | None = Field(default=None, description="What answers have to look like.")
    punctuation: Text | None = Field(default=None, description="Marks and quotation marks.")
    digits: Text | None = Field(default=None, description="Which digits; decimal sign.")
    order: Text | None = Field(default=None, description="Order of the answers as shown.")
    orthography: Text | None = Field(default=None, description="Which spelling is followed.")
    noun_classes: Text | None = Field(
        default=None, description="How agreement works where nouns have classes."
    )
    rules: Text | None = Field(default=None, description="What else translators must know.")
    adapted: tuple[Text, ...] = Field(
        default=(), description="Keys of the texts that an adaptation changes."
    )
    workflow: Key | None = Field(
        default=None, description="Key of the workflow; that of the relation if left out."
    )
    termbase: tuple[Term, ...] = Field(default=(), description="The instrument's terms.")
    own_words: Mapping[Key, tuple[Text, ...]] = Field(
        default_factory=dict,
        description="Keys of the texts for which a site has its own wording, by site.",
    )
    displays: tuple[ScaleDisplay, ...] = Field(
        default=(), description="How answer scales are shown, by target and mode."
    )
    sources: tuple[Text, ...] = Field(default=(), description="Where words were looked up.")
    # What the author says of the texts; what counts is in the record.
    status: Text | None = Field(default=None, description="What the texts are, such as draft.")
    origin: Origin | None = Field(default=None, description="human, machine or published.")
    authors: StrictInt | None = Field(default=None, description="How many people wrote them.")
    signed: StrictBool | None = Field(default=None, description="Whether anybody has agreed.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        """Refuse terms and displays that are there twice, and variants that nobody wants."""
        shown = [(one.target, one.mode) for one in self.displays]
        for target, mode in shown:
            if shown.count((target, mode)) > 1:
                both = {"target": target, "mode": mode}
                text = "there are two displays for target {target} and mode {mode}"
                raise PydanticCustomError("display_twice", text, both)
        seen: set[str] = set()
        for term in self.termbase:
            if term.term.casefold() in seen:
                told = {"term": term.term}
                raise PydanticCustomError("term_twice", "{term} is there twice", told)
            seen.add(term.term.casefold())
        if self.gender_variants and self.gender_strategy != "variants":
            raise PydanticCustomError(
                "variants", "gender_variants need the gender_strategy: variants"
            )
        return self

    def is_about(self, instrument_id: str) -> bool:
        """Tell whether it holds for an instrument; for answers that instruments share it does."""
        is_shared = instrument_id.startswith(f"{SHARED}.")
        return is_shared or not self.instrument or instrument_id in self.instrument

    def display(self, target: str, mode: str) -> ScaleDisplay | None:
        """Return how answer scales are agreed to be shown in a target and mode."""
        return next((d for d in self.displays if (d.target, d.mode) == (target, mode)), None)

    @property
    def terms(self) -> dict[str, tuple[str, ...]]:
        """The agreed words for each term."""
        return {term.term: term.allowed for term in self.termbase}

    def variant_keys(self, keys: Mapping[str, object]) -> dict[str, list[str]]:
        """Return the keys of variants that catalogs must have, by the key they belong to."""
        made: dict[str, list[str]] = {}
        for key in self.gender_variants:
            if key in keys:
                made.setdefault(key, []).extend((f"{key}[f]", f"{key}[m]"))
        for site, own in self.own_words.items():
            for key in own:
                if key in keys:
                    made.setdefault(key, []).append(f"{key}@{site}")
        return made


def load_brief(
    locale: str, instrument_id: str | None = None, *, translations: Path | None = None
) -> Brief | None:
    """Read the brief of a locale; None if it has none, or one about other instruments.

    Parameters
    ----------
    locale : str
        Such as "de_DE".
    instrument_id : str, optional
        For which instrument; for any if left out.
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
    brief = _load(file, locale, (changed.st_mtime_ns, changed.st_size))
    return brief if instrument_id is None or brief.is_about(instrument_id) else None


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
        if problem.path in (("locale",), ("source_locale",)) and problem.code == "field_key":
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
