"""The catalog of one instrument in one locale: what is translated, from which wording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from psychometrics.errors import CatalogError
from psychometrics.instrument import (
    Instrument,
    available_instruments,
    load_instrument,
    shared_sets,
)
from psychometrics.translation.files import catalog_file, read_po
from psychometrics.translation.keys import TextKey, text_key
from psychometrics.translation.po import PoEntry, PoFile


@dataclass(frozen=True, slots=True)
class Entry:
    """One text of a catalog.

    Attributes
    ----------
    key : str
        Key of the text, such as "item.culture_1"; "item.culture_1@ulm" is the wording of one site,
        "item.culture_1[f]" the one for women.
    source : str
        The text in the source language that the translation was made from (`msgid`). Where it
        differs from the instrument's present text, the translation is stale.
    text : str
        The translation; empty where there is none.
    fuzzy : bool
        Whether it is marked as one to look at again.
    previous_source : str or None
        The source text before the last change (`#| msgid`).
    comments : tuple of str
        The translators' own comments (`#`), a line each.
    notes : tuple of str
        What translators are told (`#.`), a line each.
    places : tuple of str
        Where the text stands (`#:`).
    flags : tuple of str
        Every flag, known or not, "fuzzy" among them.
    line : int
        Line of the file.
    """

    key: str
    source: str
    text: str
    fuzzy: bool = False
    previous_source: str | None = None
    comments: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    line: int = 0

    @property
    def site(self) -> str | None:
        """The site whose wording this is; None where it is that of the locale."""
        return text_key(self.key).site

    @property
    def gender(self) -> str | None:
        """Whom the text speaks to: "f", "m", or None where it is for everybody."""
        return text_key(self.key).gender

    @property
    def base_key(self) -> str:
        """The key of the instrument, without gender and site."""
        return text_key(self.key).base


@dataclass(frozen=True)
class Catalog:
    """The translations of one instrument in one locale.

    Attributes
    ----------
    instrument_id, locale : str
        What is translated, to what.
    entries : tuple of Entry
        In the order of the file. A key that is there twice is here twice.
    obsolete : tuple of Entry
        Texts that the instrument no longer has (`#~`), kept in the file.
    headers : Mapping
        Fields of the header, such as "Language".
    file : pathlib.Path or None
        Where it was read.
    shared : tuple of Catalog
        Catalogs of the response sets that the instrument shares with others; `get` and `text`
        look there too, `entries` are those of the instrument's own file.

    Examples
    --------
    >>> catalog = Catalog("mood", "de_DE", (Entry("item.calm", "I am calm.", "Ich bin ruhig."),))
    >>> catalog.text("item.calm"), catalog.get("item.tense")
    ('Ich bin ruhig.', None)
    """

    instrument_id: str
    locale: str
    entries: tuple[Entry, ...]
    obsolete: tuple[Entry, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None
    shared: tuple[Catalog, ...] = ()

    @property
    def all_entries(self) -> tuple[Entry, ...]:
        """Its own entries, then those of shared response sets."""
        return (*self.entries, *(entry for one in self.shared for entry in one.entries))

    @cached_property
    def _by_key(self) -> dict[str, Entry]:
        made: dict[str, Entry] = {}
        for entry in self.all_entries:
            made.setdefault(entry.key, entry)
        return made

    def get(self, key: str, *, site: str | None = None, gender: str | None = None) -> Entry | None:
        """Return the entry of a key, or None.

        Parameters
        ----------
        key : str
            Key of the text.
        site : str, optional
            Id of a site; its own entry is returned where it has one with a text.
        gender : {"f", "m"}, optional
            Whom the text speaks to; the form for everybody is returned where there is no own.
        """
        wanted = (TextKey(key, gender, site), TextKey(key, None, site), TextKey(key, gender))
        for one in dict.fromkeys(wanted):
            own = self._by_key.get(str(one))
            if own is not None and (own.text or str(one) == key):
                return own
        return self._by_key.get(key)

    def text(self, key: str, *, site: str | None = None, gender: str | None = None) -> str:
        """Return the translation of a key as it stands, finished or not; empty if there is none.

        Parameters are those of `get`.
        """
        entry = self.get(key, site=site, gender=gender)
        return entry.text if entry else ""

    def words_of(self, site: str) -> tuple[str, ...]:
        """Return the keys whose wording at a site differs from that of the locale."""
        differ = (
            entry.base_key
            for entry in self.all_entries
            if entry.site == site
            and entry.text
            and entry.text != self.text(entry.base_key, gender=entry.gender)
        )
        return tuple(dict.fromkeys(differ))


def load_catalog(
    instrument: Instrument | str, locale: str, *, translations: Path | None = None
) -> Catalog:
    r"""Read the catalog of an instrument in a locale.

    Parameters
    ----------
    instrument : Instrument or str
        The definition, or its id. The catalogs of the response sets that it shares with others
        come along; one that is not there yet is empty. Of an id that no shipped definition has,
        nobody knows which these are.
    locale : str
        Such as "de_DE".
    translations : pathlib.Path, optional
        Folder of the translations; the shipped one if left out.

    Returns
    -------
    Catalog
        Every entry of the file, finished or not.

    Raises
    ------
    CatalogError
        If there is no catalog, or it can't be read; ``findings`` tells every faulty line.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> file = folder / "de_DE" / "LC_MESSAGES" / "mood.po"
    >>> file.parent.mkdir(parents=True)
    >>> _ = file.write_text('msgctxt "item.calm"\nmsgid "I am calm."\nmsgstr "Ich bin ruhig."\n')
    >>> load_catalog("mood", "de_DE", translations=folder).text("item.calm")
    'Ich bin ruhig.'
    """
    if isinstance(instrument, str):
        made = own_catalog(instrument, locale, translations=translations)
        if instrument not in available_instruments():
            return made
        return with_shared(made, load_instrument(instrument), translations)
    made = own_catalog(instrument.id, locale, translations=translations)
    return with_shared(made, instrument, translations)


def own_catalog(name: str, locale: str, *, translations: Path | None = None) -> Catalog:
    """Read the catalog of one definition alone, by its id.

    Raises
    ------
    CatalogError
        If there is no catalog, or it can't be read; ``findings`` tells every faulty line.
    """
    file = catalog_file(translations, locale, name)
    if not file.is_file():
        raise CatalogError(
            f"{name}: there is no catalog for {locale}; it would be {file}. "
            "`psychometrics translations update` makes it."
        )
    return catalog_of(read_po(file), name, locale, file)


def empty_or_loaded(
    instrument: Instrument, locale: str, *, translations: Path | None = None
) -> Catalog:
    """Read a catalog as :func:`load_catalog` does; one that is not there is one without entries."""
    if catalog_file(translations, locale, instrument.id).is_file():
        return load_catalog(instrument, locale, translations=translations)
    return with_shared(Catalog(instrument.id, locale, ()), instrument, translations)


def with_shared(catalog: Catalog, instrument: Instrument, translations: Path | None) -> Catalog:
    """Return a catalog together with those of the response sets that its instrument shares."""
    shared = tuple(
        empty_or_loaded(one, catalog.locale, translations=translations)
        for one in shared_sets(instrument)
    )
    return replace(catalog, shared=shared) if shared else catalog


def catalog_of(read: PoFile, instrument_id: str, locale: str, file: Path | None = None) -> Catalog:
    """Return what the entries of a PO file say."""
    keyed = [entry for entry in read.entries if entry.context]
    return Catalog(
        instrument_id,
        locale,
        tuple(_entry(entry) for entry in keyed if not entry.obsolete),
        tuple(_entry(entry) for entry in keyed if entry.obsolete),
        read.header(),
        file,
    )


def _entry(read: PoEntry) -> Entry:
    return Entry(
        key=read.context or "",
        source=read.source,
        text=read.text,
        fuzzy=read.fuzzy,
        previous_source=read.previous_source,
        comments=read.told("comment"),
        notes=read.told("note"),
        places=read.told("place"),
        flags=read.flags,
        line=read.number,
    )
