"""The texts of an instrument by their key, in the source language and in others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from psychometrics.errors import CatalogError
from psychometrics.instrument.shipped import data_folder

if TYPE_CHECKING:
    from psychometrics.instrument.definition import Instrument


Status = Literal[
    "source", "missing", "outdated", "fuzzy", "external", "draft", "in_work", "ready", "signed"
]


class FormText(str):
    """A text of an instrument, which also knows how far its translation is.

    It is a string like any other. How far it is can't be seen by looking at it, so it can be asked.

    Attributes
    ----------
    key, locale : str
        Which text, in which language.

    Examples
    --------
    >>> from psychometrics.instrument import load_instrument
    >>> text = load_instrument("peer_support_implementation").text("item.culture_1", "de_DE")
    >>> text.startswith("Die Führungskräfte"), text.status, text.signed
    (True, 'draft', False)
    """

    key: str
    locale: str
    _ask: Callable[[], Status]

    def __new__(cls, text: str, key: str, locale: str, ask: Callable[[], Status]) -> FormText:
        """Make a text that asks for its status when somebody wants to know."""
        made = super().__new__(cls, text)
        made.key, made.locale, made._ask = key, locale, ask
        return made

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return (str, (str(self),))  # elsewhere there is no record that could be asked

    @property
    def status(self) -> Status:
        """How far it is: source, draft, in_work, ready, signed, or external.

        It is looked up in the record each time, so it holds for the words as they stand in the
        catalog now.
        """
        return self._ask()

    @property
    def signed(self) -> bool:
        """Whether respondents may read it: it is signed off as it stands, or is the source."""
        return self.status in ("source", "signed")


def text_status(
    instrument: Instrument, key: str, locale: str, site: str | None, translations: Path | None
) -> Status:
    """Return how far a translation is, from the record; the layer above keeps it."""
    above = import_module("psychometrics.translation.status")
    found: Status = above.status_of_text(instrument, key, locale, site, translations).state
    return found


def source_texts(instrument: Instrument) -> dict[str, str]:
    """Return every text for respondents and readers, in the source language, by its key."""
    made = {
        "title": instrument.title,
        "instructions": instrument.instructions,
        "recall_period": instrument.recall_period,
    }
    for item in instrument.items.values():
        made[f"item.{item.key}"] = item.text
    for answers in instrument.response_sets.values():
        for option in answers.options:
            made[f"option.{answers.key}.{option.key}"] = option.text
        for missing in answers.missing:
            made[f"missing.{answers.key}.{missing.key}"] = missing.text
        if answers.range and answers.range.unit:
            made[f"unit.{answers.key}"] = answers.range.unit
    for scale in instrument.scales.values():
        made[f"scale.{scale.key}"] = scale.title
    for node in instrument.higher_order.values():  # the two share one set of names
        made[f"scale.{node.key}"] = node.title
    for comparator in instrument.comparators.values():
        made[f"comparator.{comparator.key}"] = comparator.text
    for site in instrument.sites.values():
        made[f"site.{site.id}"] = site.name
    return made


def translated_text(
    instrument_id: str,
    key: str,
    source: str,
    locale: str,
    translations: Path | None = None,
    site: str | None = None,
) -> str:
    """Return the finished translation of one text, in the words of a site where it has its own.

    A translation marked as fuzzy was made from an earlier source text, so it is no finished one.

    Raises
    ------
    CatalogError
        If there is no catalog for the locale, or no finished translation in it.
    """
    folder = translations if translations is not None else data_folder("translations")
    file = folder / locale / "LC_MESSAGES" / f"{instrument_id}.po"
    if not file.is_file():
        raise CatalogError(
            f"{instrument_id}: there is no catalog for {locale}; "
            f"it would be {locale}/LC_MESSAGES/{file.name} in the folder of translations."
        )
    entries = _catalog(file, file.stat().st_mtime_ns)
    entry = entries.get(f"{key}@{site}") if site is not None else None
    if entry is None or entry[0] != source:
        entry = entries.get(key)
    if entry is None or entry[0] != source:
        state = "no finished translation" if entry is None else "only an outdated translation"
        raise CatalogError(
            f"{instrument_id}: {locale} has {state} of {key!r}; bring {file.name} up to date."
        )
    return entry[1]


@lru_cache(maxsize=32)
def _catalog(file: Path, changed: int) -> Mapping[str, tuple[str, str]]:
    """Return (source, translation) by text key; `changed` makes an edited file count as new."""
    from polib import pofile

    try:
        entries = pofile(str(file), encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(f"{file}: this is no PO file that can be read: {error}") from error
    return {
        entry.msgctxt: (entry.msgid, entry.msgstr)
        for entry in entries
        if entry.msgctxt and entry.msgstr and not entry.fuzzy and not entry.obsolete
    }
