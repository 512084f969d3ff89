"""What is asked: the instrument that items, response sets, scales, sites and hypotheses make.

A part refuses what it can judge alone; what only the whole can tell (a scale naming an item that
does not exist) is judged by :mod:`psychometrics.instrument.rules` whenever an
:class:`Instrument` is made, from a file or in Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError, to_json

from psychometrics.errors import CatalogError, InstrumentError
from psychometrics.instrument import rules
from psychometrics.instrument.parts import (
    Comparator,
    DistinctPair,
    HigherOrder,
    Hypothesis,
    Item,
    ItemKey,
    Key,
    KnownGroups,
    MissingAnswer,
    NumericRange,
    Option,
    Part,
    ResponseSet,
    Scale,
    Site,
    Text,
)
from psychometrics.instrument.shipped import shared_id, translations_beside
from psychometrics.instrument.texts import (
    FormText,
    source_texts,
    text_status,
    translated_text,
)

__all__ = [
    "Comparator",
    "DistinctPair",
    "Head",
    "HigherOrder",
    "Hypothesis",
    "Instrument",
    "Item",
    "KnownGroups",
    "MissingAnswer",
    "NumericRange",
    "Option",
    "ResponseSet",
    "Scale",
    "Site",
]

SECTIONS = {
    "response_sets": "key",
    "items": "key",
    "scales": "key",
    "higher_order": "key",
    "comparators": "key",
    "sites": "id",
}
"""Sections written as lists in the file and kept as ordered mappings, with the naming field."""


class Head(Part):
    """The fields of an instrument that stand for themselves."""

    id: Key = Field(description="Stable name; the file is named after it.")
    version: Text = Field(description='Version of this definition, in quotes, such as "1.0".')
    title: Text = Field(description="Name for readers.")
    measured: Text = Field(alias="construct", description="What is measured, in whom.")
    citation: Text = Field(description="What to cite when the measure is used.")
    licence: Text = Field(description="Under which terms the texts may be used.")
    provenance: Text = Field(description="Where the items come from, and what is known of them.")
    source_locale: Text = Field(description="Language of the texts in this file, such as en.")
    instructions: Text = Field(description="What the respondent reads first.")
    recall_period: Text = Field(description="The time the answers are about.")
    columns: Mapping[str, Text] = Field(
        default_factory=dict,
        description="Usual column names in data files: of site, language, form_version, mode, "
        "respondent, cluster, wave, role, weight, an item or a comparator.",
    )
    retired_keys: tuple[ItemKey, ...] = Field(
        default=(), description="Keys that were used once and must not be used again."
    )


class Instrument(Head):
    """A measure: what is asked, how it is scored, where it is fielded, what is expected.

    Made by :func:`psychometrics.instrument.load_instrument` from a file. The sections
    `response_sets`, `items`, `scales`, `higher_order`, `comparators` and `sites` are lists in
    the file and ordered mappings here.

    Raises
    ------
    pydantic.ValidationError
        If a part is faulty, or the parts don't fit together.

    Examples
    --------
    >>> from psychometrics.instrument import load_instrument
    >>> instrument = load_instrument("hs1939")
    >>> instrument.keyed_items["visual"], instrument.response_range("x1")
    (['x1', 'x2', 'x3'], (0.0, 10.0))
    """

    response_sets: Mapping[str, ResponseSet] = Field(description="The kinds of answers.")
    items: Mapping[str, Item] = Field(description="The questions, in order.")
    scales: Mapping[str, Scale] = Field(description="Items that are scored together.")
    higher_order: Mapping[str, HigherOrder] = Field(
        default_factory=dict, description="Constructs made of scales."
    )
    distinct_pairs: tuple[DistinctPair, ...] = Field(
        default=(), description="Scales declared to be different things."
    )
    comparators: Mapping[str, Comparator] = Field(
        default_factory=dict, description="Variables that the scales are compared with."
    )
    hypotheses: tuple[Hypothesis, ...] = Field(
        default=(), description="What was expected before any data were seen."
    )
    known_groups: tuple[KnownGroups, ...] = Field(
        default=(), description="Groups that the scales should tell apart."
    )
    sites: Mapping[str, Site] = Field(
        default_factory=dict, description="Where the measure is fielded."
    )

    @model_validator(mode="before")
    @classmethod
    def _lists_to_mappings(cls, data: Any) -> Any:
        """Turn each list of parts into an ordered mapping; a repeated key is refused."""
        if not isinstance(data, Mapping):
            return data
        made = dict(data)
        for section, name in SECTIONS.items():
            parts = made.get(section)
            if isinstance(parts, Mapping):
                made[section] = _by_name(section, name, list(parts.values()))
            elif isinstance(parts, list | tuple):
                made[section] = _by_name(section, name, parts)
        return made

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Self:
        """Refuse an instrument whose parts contradict each other, naming every fault."""
        faults = [p for p in rules.problems(rules.Draft.of(self)) if p.severity == "error"]
        if faults:
            told = "; ".join(f"{p.place}: {p.message}" for p in faults)
            raise PydanticCustomError("instrument_faults", "{told}", {"told": told})
        return self

    @property
    def construct(self) -> str:  # type: ignore[override]  # hides a deprecated pydantic method
        """What is measured, in whom."""
        return self.measured

    @property
    def locales(self) -> tuple[str, ...]:
        """All languages: the source first, then those of the sites, in their order."""
        fielded = (locale for site in self.sites.values() for locale in site.locales)
        return tuple(dict.fromkeys((self.source_locale, *fielded)))

    @cached_property
    def file(self) -> Path | None:
        """The file it was read from; None where it was made in Python."""
        return None  # load_instrument puts it here

    @property
    def translations(self) -> Path | None:
        """Folder of the translations beside its file; None where there is none."""
        folder = translations_beside(self.file) if self.file is not None else None
        return folder if folder is not None and folder.is_dir() else None

    def catalog_id(self, key: str) -> str:
        """Return the name of the catalogs that hold a text: the id, or that of a shared set.

        Parameters
        ----------
        key : str
            One of the keys of `texts`.

        Examples
        --------
        >>> from psychometrics.instrument import load_instrument
        >>> load_instrument("peer_support_implementation").catalog_id("option.agreement5.agree")
        'response_sets.agreement5'
        """
        kind, _, rest = key.partition(".")
        if kind in ("option", "missing", "unit"):
            answers = self.response_sets.get(rest.partition(".")[0])
            if answers is not None and answers.shared is not None:
                return shared_id(answers.key)
        return self.id

    @cached_property
    def own_texts(self) -> Mapping[str, str]:
        """The texts that belong to this instrument alone: all but those of shared sets."""
        return {key: text for key, text in self.texts.items() if self.catalog_id(key) == self.id}

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """Every text a respondent or reader may see, in the source language, by its key."""
        return source_texts(self)

    def text(
        self,
        key: str,
        locale: str | None = None,
        *,
        site: str | None = None,
        translations: Path | None = None,
        signed: bool = False,
    ) -> FormText:
        """Return one text, such as "item.culture_1" or "option.agreement5.agree".

        Parameters
        ----------
        key : str
            One of the keys of `texts`.
        locale : str, optional
            Such as "de_DE"; the source language if left out.
        site : str, optional
            Id of a site, whose own wording is returned where it has one.
        translations : pathlib.Path, optional
            Folder of the catalogs; if left out, that beside the file of the definition, or the
            shipped one.
        signed : bool
            Whether only a text will do that somebody signed off as it stands. Without it drafts
            are returned too; `status` of what is returned tells them apart.

        Returns
        -------
        str
            The text, with `status` ("draft", "signed" ...; "source" in the source language) and
            `signed`.

        Raises
        ------
        InstrumentError
            If there is no text of that key.
        CatalogError
            If there is no finished translation of it, or it is not signed and has to be.

        Examples
        --------
        >>> from psychometrics.instrument import load_instrument
        >>> load_instrument("peer_support_implementation").text("option.agreement5.agree")
        'Agree'
        """
        if key not in self.texts:
            known = rules.did_you_mean(key, self.texts)
            raise InstrumentError(f"{self.id}: there is no text {key!r}.{known}")
        item = self.items.get(key.removeprefix("item.")) if key.startswith("item.") else None
        if locale is None or locale == self.source_locale or (item and not item.translatable):
            return FormText(self.texts[key], key, locale or self.source_locale, lambda: "source")
        folder = translations if translations is not None else self.translations
        text = translated_text(self.catalog_id(key), key, self.texts[key], locale, folder, site)
        made = FormText(text, key, locale, lambda: text_status(self, key, locale, site, folder))
        if signed and not made.signed:
            state = made.status.replace("_", " ")
            raise CatalogError(
                f"{self.id}: {key!r} is not signed off in {locale}; it is {state}. "
                "`psychometrics translations status` says what is left to do."
            )
        return made

    def model(self, higher_order: bool = False) -> str:
        """Return the measurement model in lavaan's syntax: a factor for each reflective scale.

        An item that is keyed positively comes first in its line, so that the marker gives the
        factor the direction of the scale. Formative scales and constructs are left out: their
        items are no indicators of a factor.

        Parameters
        ----------
        higher_order : bool
            Whether the reflective higher-order constructs are added.

        Examples
        --------
        >>> from psychometrics.instrument import load_instrument
        >>> print(load_instrument("hs1939").model())
        visual =~ x1 + x2 + x3
        textual =~ x4 + x5 + x6
        speed =~ x7 + x8 + x9
        """
        factors = [scale for scale in self.scales.values() if scale.measurement == "reflective"]
        lines = [
            (scale.key, sorted(scale.items, key=lambda key: -self.items[key].keyed))
            for scale in factors
        ]
        if higher_order:
            names = {scale.key for scale in factors}
            lines += [
                (node.key, [key for key in node.scales if key in names])
                for node in self.higher_order.values()
                if node.measurement == "reflective"
            ]
        return "\n".join(f"{key} =~ {' + '.join(parts)}" for key, parts in lines if parts)

    @property
    def keyed_items(self) -> dict[str, list[str]]:
        """Item names by scale, with a leading minus where the item is keyed negatively."""
        return {
            scale.key: [key if self.items[key].keyed == 1 else f"-{key}" for key in scale.items]
            for scale in self.scales.values()
        }

    def response_range(self, item_key: str) -> tuple[float, float]:
        """Return the lowest and highest possible answer to an item.

        Raises
        ------
        InstrumentError
            If there is no such item.
        """
        if item_key not in self.items:
            known = rules.did_you_mean(item_key, self.items)
            raise InstrumentError(f"{self.id}: there is no item {item_key!r}.{known}")
        answers = self.response_sets[self.items[item_key].response_set]
        return answers.minimum, answers.maximum

    @property
    def definition_hash(self) -> str:
        """SHA-256 of the definition, the same for the same content however it was written.

        Fields at their default are left out, so that a field added to the format later does
        not change the hash of a definition that doesn't use it.
        """
        shape = self.model_dump(mode="json", exclude_defaults=True)
        for section in SECTIONS:
            if section in shape:  # order counts here, and a list keeps it when keys are sorted
                shape[section] = list(shape[section].values())
        return sha256(to_json(_sorted_keys(shape))).hexdigest()

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(scale.title)}</td><td>{len(scale.items)}</td></tr>"
            for scale in self.scales.values()
        )
        return (
            f"<p><strong>{escape(self.title)}</strong> ({escape(self.id)} {escape(self.version)}): "
            f"{len(self.items)} items, {len(self.scales)} scales, {len(self.sites)} sites, "
            f"locales {escape(', '.join(self.locales))}</p>"
            f"<table><thead><tr><th>Scale</th><th>Items</th></tr></thead><tbody>{rows}</tbody>"
            "</table>"
        )


def _by_name(section: str, name: str, parts: list[Any] | tuple[Any, ...]) -> dict[str, Any]:
    """Return the parts of one section by their key."""
    made: dict[str, Any] = {}
    for at, part in enumerate(parts):
        named = part.get(name) if isinstance(part, Mapping) else getattr(part, name, None)
        label = named if isinstance(named, str) else f"{section}[{at}]"
        if label in made:
            told = {"section": section, "key": label}
            raise PydanticCustomError("repeated_key", "{section}: {key} is there twice", told)
        made[label] = part
    return made


def _sorted_keys(value: Any) -> Any:
    """Return JSON-like data with the keys of every mapping in alphabetical order."""
    if isinstance(value, dict):
        return {key: _sorted_keys(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted_keys(part) for part in value]
    return value
