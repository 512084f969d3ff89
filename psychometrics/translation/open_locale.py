"""One locale of one instrument, opened for work on it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from psychometrics.errors import CatalogError, Finding, finding
from psychometrics.instrument import Instrument, SharedSet
from psychometrics.instrument.rules import did_you_mean
from psychometrics.translation.catalog import Catalog, Entry, catalog_of, with_shared
from psychometrics.translation.events import (
    Event,
    EventKind,
)
from psychometrics.translation.files import (
    catalog_file,
    read_po,
    translations_folder,
    write_bytes,
)
from psychometrics.translation.keys import text_key
from psychometrics.translation.locales import Brief, load_brief
from psychometrics.translation.po import PoFile
from psychometrics.translation.record import Record, record_of, utc
from psychometrics.translation.status import (
    LocaleStatus,
    status_of,
)

PSEUDONYM: Final = re.compile(r"[A-Z]{1,4}[0-9]{1,4}")


@dataclass(frozen=True)
class OpenLocale:
    """One locale of one instrument, with everything that work on it needs.

    Made by :meth:`open`. Nothing is written before a function of this module says so.
    """

    instrument: Instrument
    locale: str
    translations: Path | None
    path: Path
    file: PoFile
    brief: Brief | None
    record: Record

    @classmethod
    def open(
        cls, instrument: Instrument, locale: str, translations: Path | None = None
    ) -> OpenLocale:
        """Read catalog, brief and record of a locale.

        Raises
        ------
        CatalogError
            If one of them can't be read.
        """
        path = catalog_file(translations, locale, instrument.id)
        record = record_of(instrument, locale, translations=translations)
        brief = load_brief(locale, instrument.id, translations=translations)
        return cls(instrument, locale, translations, path, read_po(path), brief, record)

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog."""
        own = catalog_of(self.file, self.instrument.id, self.locale, self.path)
        return with_shared(own, self.instrument, self.translations)

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """The entries in use by key; the first where a key is there twice."""
        return {entry.key: entry for entry in reversed(self.catalog.entries)}

    @cached_property
    def status(self) -> LocaleStatus:
        """How far the locale is."""
        return status_of(self.instrument, self.catalog, self.brief, self.record)

    def event(self, kind: EventKind, who: str, when: str | None, **told: Any) -> Event:
        """Make an event about this locale; it is not written yet."""
        return Event(
            kind=kind,
            who=who,
            when=when or utc(),
            instrument=self.instrument.id,
            version=self.instrument.version,
            locale=self.locale,
            **told,
        )


def chosen_keys(opened: OpenLocale, keys: Iterable[str] | None) -> list[str]:
    """Return the keys an event is about; by default those of all texts that are there."""
    if keys is None:
        return [entry.key for entry in opened.catalog.entries if entry.text.strip()]
    chosen = list(dict.fromkeys(keys))
    owners = {key: opened.instrument.catalog_id(text_key(key).base) for key in chosen}
    refuse(
        about_text(opened, "text_shared", key, owner=owner)
        for key, owner in owners.items()
        if owner != opened.instrument.id
    )
    refuse(
        finding("unknown_text_key", "error", opened.locale, locale=opened.locale, name=key[:200],
                known=did_you_mean(key, opened.entries))
        for key in chosen
        if key not in opened.entries
    )  # fmt: skip
    return chosen


def refuse_shared_set(instrument: Instrument) -> None:
    """Refuse a shared response set where a form is needed.

    Raises
    ------
    CatalogError
        If it is one.
    """
    if isinstance(instrument, SharedSet):
        found = finding("set_has_no_form", "error", instrument.id, name=instrument.id)
        raise CatalogError(found.message, [found])


def check_pseudonym(who: str) -> None:
    """Refuse what may be the name of a person.

    Raises
    ------
    CatalogError
        If it is no pseudonym.
    """
    if not PSEUDONYM.fullmatch(who):
        refuse([finding("pseudonym", "error", "who", found=who[:60])])


def made_event(
    opened: OpenLocale, kind: EventKind, who: str, when: str | None, **told: Any
) -> Event:
    """Make an event; what it lacks is told as an error of ours."""
    from pydantic import ValidationError

    try:
        return opened.event(kind, who, when, **told)
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}".removeprefix(": ")
            for one in error.errors(include_url=False, include_input=False)
        ]
        raise CatalogError(f"{opened.locale}: this can't be recorded. {'; '.join(lines)}") from None


def about_text(opened: OpenLocale, code: str, key: str, **params: str) -> Finding:
    """Return a finding about a text of the locale."""
    return finding(code, "error", opened.locale, key=key, locale=opened.locale, name=key, **params)


def refuse(found: Iterable[Finding]) -> None:
    """Raise an error that tells all findings, if there are any."""
    listed = list(found)
    if listed:
        told = "\n".join(f"  {each.where}: {each.message}" for each in listed[:20])
        more = f"\n  ... and {len(listed) - 20} more" if len(listed) > 20 else ""
        raise CatalogError(f"This can't be recorded:\n{told}{more}", listed)


def write_catalog(opened: OpenLocale, file: PoFile) -> None:
    """Write the catalog of the locale."""
    write_bytes(translations_folder(opened.translations), opened.path, file.dump().encode("utf-8"))
