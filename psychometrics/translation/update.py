"""Bringing the catalogs of an instrument up to date with its definition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from psychometrics.errors import Finding
from psychometrics.instrument import Instrument, SharedSet
from psychometrics.translation.files import (
    catalog_file,
    read_po,
    translations_folder,
    write_bytes,
)
from psychometrics.translation.keys import text_key
from psychometrics.translation.locales import Brief, load_brief
from psychometrics.translation.merge import KeyChange, merge
from psychometrics.translation.po import PoFile
from psychometrics.translation.source import (
    SourceString,
    renamed_keys,
    source_strings,
)
from psychometrics.translation.template import empty_catalog


@dataclass(frozen=True)
class Update:
    """What bringing one catalog up to date does to it.

    Attributes
    ----------
    instrument_id, locale : str
        Which catalog.
    file : pathlib.Path
        Where it is, or will be.
    old : PoFile or None
        The catalog as it is; None if there is none yet.
    made : bytes
        The whole file as it will be.
    changes : tuple of KeyChange
        What becomes of which key.
    findings : tuple of Finding
        What is odd about the file.
    """

    instrument_id: str
    locale: str
    file: Path
    old: PoFile | None
    made: bytes
    changes: tuple[KeyChange, ...]
    findings: tuple[Finding, ...]

    @property
    def is_new(self) -> bool:
        """Whether there is no such file yet."""
        return self.old is None

    @property
    def rewrites(self) -> bool:
        """Whether any byte of the file will be another one."""
        return self.old is None or self.old.dump().encode("utf-8") != self.made

    @property
    def counts(self) -> dict[str, int]:
        """How often each thing happened, such as {"changed": 2}."""
        return dict(Counter(change.what for change in self.changes))

    @property
    def marked(self) -> tuple[KeyChange, ...]:
        """The translations whose source text changed."""
        return tuple(one for one in self.changes if one.what == "changed" and one.had_text)


def target_locales(instrument: Instrument) -> tuple[str, ...]:
    """Return the locales that an instrument is translated or adapted to.

    Examples
    --------
    >>> from psychometrics import load_instrument
    >>> target_locales(load_instrument("peer_support_implementation"))
    ('de_DE', 'hi_IN', 'en_IN', 'he_IL', 'sw_TZ', 'lg_UG')
    """
    return tuple(each for each in instrument.locales if each != instrument.source_locale)


def update_catalogs(
    instrument: Instrument,
    locales: Iterable[str] | None = None,
    *,
    translations: Path | None = None,
    file: Path | None = None,
    made: datetime | None = None,
) -> Iterator[Update]:
    """Yield what bringing each catalog up to date would do; nothing is written.

    Parameters
    ----------
    instrument : Instrument
        The definition.
    locales : iterable of str, optional
        Those of the sites if left out.
    translations : pathlib.Path, optional
        Folder of the translations; the shipped one if left out.
    file : pathlib.Path, optional
        File of the definition, for the places of texts.
    made : datetime.datetime, optional
        Time for the header of new catalogs; the clock's if left out.

    Raises
    ------
    CatalogError
        If a catalog can't be read, or a locale is no name of one.
    """
    strings = source_strings(instrument, file=file, lines=False)
    for locale in locales if locales is not None else target_locales(instrument):
        path = catalog_file(translations, locale, instrument.id)
        is_new = not path.is_file()
        old = (
            empty_catalog(instrument, locale, made or datetime.now(UTC))
            if is_new
            else read_po(path)
        )
        start, taken_over = _with_moved(old, instrument, locale, translations)
        merged = merge(
            start,
            _with_variants(strings, load_brief(locale, instrument.id, translations=translations)),
            renamed=renamed_keys(instrument),
            retired=_retired(old, instrument),
            moved=instrument.texts.keys() - instrument.own_texts.keys(),
            language=instrument.source_locale,
            where=str(path),
        )
        yield Update(
            instrument.id,
            locale,
            path,
            None if is_new else old,
            merged.file.dump().encode("utf-8"),
            (*taken_over, *merged.changes),
            merged.findings,
        )


def write_update(update: Update, *, translations: Path | None = None) -> bool:
    """Write one catalog, and tell whether its bytes changed."""
    return write_bytes(translations_folder(translations), update.file, update.made)


def _with_variants(
    strings: Sequence[SourceString], brief: Brief | None
) -> tuple[SourceString, ...]:
    """Return the texts with the variants that the brief asks for, each behind its text."""
    if brief is None:
        return tuple(strings)
    variants = brief.variant_keys({string.key: string for string in strings})
    made: list[SourceString] = []
    for string in strings:
        made.append(string)
        made += [replace(string, key=key) for key in variants.get(string.key, ())]
    return tuple(made)


def _with_moved(
    old: PoFile, instrument: Instrument, locale: str, translations: Path | None
) -> tuple[PoFile, tuple[KeyChange, ...]]:
    """Return the catalog of a shared set with what instruments had before they shared it.

    Entries come over byte for byte and under their own key; a text that is there already stays.
    """
    if not isinstance(instrument, SharedSet):
        return old, ()
    there = {entry.context for entry in old.entries}
    parts, made = list(old.parts), []
    for other in instrument.moved_from:
        path = catalog_file(translations, locale, other)
        for entry in read_po(path).entries if path.is_file() else ():
            key = entry.context
            if key and key not in there and text_key(key).base in instrument.texts:
                there.add(key)
                parts += [old.newline, entry]
                made.append(KeyChange(key, "moved", had_text=bool(entry.text)))
    return (PoFile(tuple(parts)), tuple(made)) if made else (old, ())


def _retired(old: PoFile, instrument: Instrument) -> set[str]:
    """Return the keys of a catalog that belong to something the definition has retired.

    A retired response set takes its options along: "option.agreement5.agree".
    """
    retired = set(instrument.retired_keys)
    keys = (text_key(entry.context).base for entry in old.entries if entry.context)
    return {key for key in keys if retired.intersection(key.split(".")[1:2])}
