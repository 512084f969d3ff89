"""Who read which words: the groups that a site, a language and a release make.

A release with other words is another question, so its readers are a group of their own; releases
with the same words make one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import CatalogError
from psychometrics.instrument import Instrument
from psychometrics.responses import Responses
from psychometrics.stats.moments import IntArray
from psychometrics.translation.catalog import Catalog, load_catalog
from psychometrics.translation.release import Release, load_release
from psychometrics.translation.text_hash import text_hash

VERSION = "version"
"""Column of the groups in the frame of :class:`Versions`."""


@dataclass(frozen=True, slots=True)
class ItemWords:
    """What the readers of a version read of one item.

    Attributes
    ----------
    key : str
        Key of the text in the catalog: "item.calm", "item.calm@ulm" where the site has its own.
    source, target : str
        Hashes of the source text and of the words read; empty where the words aren't known.
    around : str
        Hash of instructions, recall period and answers, which are read with it.
    """

    key: str
    source: str
    target: str
    around: str

    def same_as(self, other: ItemWords) -> bool | None:
        """Tell whether two versions have the same words; None where that can't be known."""
        if not self.target or not other.target:
            return None
        return (self.target, self.around) == (other.target, other.around)


@dataclass(frozen=True, slots=True)
class Version:
    """Respondents of one site who read the same words.

    Attributes
    ----------
    name : str
        What frames call it, such as "pune, hi_IN".
    site : str
        Where they are.
    locale : str or None
        The language they read; None where it isn't known, or where it was several.
    releases : tuple of str
        Releases of these words, as far as answers name them.
    words : Mapping
        By item; empty where no text is known.
    n : int
        How many they are.
    """

    name: str
    site: str
    locale: str | None
    releases: tuple[str, ...]
    words: Mapping[str, ItemWords]
    n: int = 0


@dataclass(frozen=True, eq=False)
class Versions:
    """All versions that were answered.

    Attributes
    ----------
    groups : Mapping of str to Version
        By name, in the order of the definition's sites and locales.
    frame : pandas.DataFrame
        The answers, with the column "version"; None where the site isn't known.
    """

    groups: Mapping[str, Version]
    frame: pd.DataFrame


def version_groups(responses: Responses, *, translations: Path | None = None) -> Versions:
    """Group answers by what was read: site, language and release.

    Sites and languages are those of the definition; nothing is known of them but what it declares.
    Who answered without naming a language read that of the site, where it has one alone. Answers
    that name no release are taken to be about the texts as they are now.

    Parameters
    ----------
    responses : Responses
        What was answered.
    translations : pathlib.Path, optional
        Folder of the translations; the shipped one if left out.

    Examples
    --------
    >>> from psychometrics import simulate_responses
    >>> made = version_groups(simulate_responses("peer_support_implementation", 9, rng=1))
    >>> list(made.groups)[:4]
    ['ulm, de_DE', 'hamburg, de_DE', 'pune, hi_IN', 'pune, en_IN']
    """
    instrument = responses.instrument
    place, cells = _cells(responses)
    texts = _Texts(instrument, translations)
    read = {cell: texts.words(*cell) for cell in cells if cell[0]}
    forms = {cell: _form(cell, words) for cell, words in read.items()}
    names = _names(read, forms)
    label = np.array([names.get(cell) for cell in cells], dtype=object)
    counts = np.bincount(place, minlength=len(cells))
    sizes: dict[str, int] = defaultdict(int)
    for cell, count in zip(cells, counts, strict=True):
        sizes[names.get(cell, "")] += int(count)
    groups: dict[str, Version] = {}
    for cell in sorted(read, key=lambda each: _order(instrument, each)):
        site, locale, release = cell
        name = names[cell]
        before = groups.get(name)
        releases = (*(before.releases if before else ()), *((release,) if release else ()))
        groups[name] = Version(name, site, locale, releases, read[cell], sizes[name])
    labels = pd.Series(label[place], responses.frame.index, dtype=object)
    return Versions(groups, responses.frame.assign(**{VERSION: labels}))


Cell = tuple[str, str | None, str | None]


def _cells(responses: Responses) -> tuple[IntArray, list[Cell]]:
    """Return the place of each row in a list of site, language and release, and the list."""
    frame, sites = responses.frame, responses.instrument.sites
    columns = [name for name in ("site", "language", "form_version") if name in frame]
    told = frame[columns].astype(object).where(frame[columns].notna(), "")
    if told.empty:
        return np.zeros(0, dtype=np.int64), []
    place, found = pd.MultiIndex.from_frame(told).factorize()
    made: list[Cell] = []
    for values in found:
        row = dict(zip(columns, map(str, values), strict=True))
        declared = sites[row["site"]].locales if row["site"] in sites else ()
        only = declared[0] if len(declared) == 1 else None
        made.append((row["site"], row.get("language") or only, row.get("form_version") or None))
    return np.asarray(place, dtype=np.int64), made


def _order(instrument: Instrument, cell: Cell) -> tuple[int, int, str]:
    """Sort as the definition does; what it doesn't declare comes last."""
    sites = list(instrument.sites)
    site, locale, release = cell
    locales = instrument.sites[site].locales if site in instrument.sites else ()
    return (
        sites.index(site) if site in sites else len(sites),
        locales.index(locale) if locale in locales else len(locales),
        release or "",
    )


def _form(cell: Cell, words: Mapping[str, ItemWords]) -> tuple[Any, ...]:
    """Return what tells forms apart: their words, or the name of a release that isn't here."""
    if not words:
        return ("unknown", cell[2])
    return tuple((item, each.target, each.around) for item, each in words.items())


def _names(read: Mapping[Cell, Any], forms: Mapping[Cell, tuple[Any, ...]]) -> dict[Cell, str]:
    """Name the groups; the releases are in the name where one place had several forms."""
    made: dict[Cell, str] = {}
    for place in dict.fromkeys((site, locale) for site, locale, _ in read):
        own = [cell for cell in read if cell[:2] == place]
        base = ", ".join(part for part in place if part)
        distinct = dict.fromkeys(forms[cell] for cell in own)
        for form in distinct:
            same = [cell for cell in own if forms[cell] == form]
            told = "+".join(sorted(cell[2] or "no release named" for cell in same))
            made |= {cell: f"{base}, {told}" if len(distinct) > 1 else base for cell in same}
    return made


class _Texts:
    """The words of each site, language and release, read once."""

    def __init__(self, instrument: Instrument, translations: Path | None) -> None:
        self.instrument = instrument
        self.catalog = lru_cache(None)(lambda locale: _catalog(instrument, locale, translations))
        self.release = lru_cache(None)(lambda name: _release(instrument, name, translations))

    def words(self, site: str, locale: str | None, release: str | None) -> dict[str, ItemWords]:
        """Return what was read of each item; nothing where the texts aren't known."""
        if locale is None:
            return {}
        target = self._read(site, locale, release)
        source = self._read(site, self.instrument.source_locale, release)
        if target is None or source is None:
            return {}
        return dict(_item_words(self.instrument, site, source[0], *target))

    def _read(
        self, site: str, locale: str, release: str | None
    ) -> tuple[Mapping[str, str], frozenset[str]] | None:
        """Return the texts of a form, and the keys that only the site has so."""
        if release is not None:
            frozen: Release | None = self.release(release)
            if frozen is None or locale not in frozen.locales:
                return None
            texts, usual = frozen.form(locale, site).texts, frozen.locales[locale].texts
            return texts, frozenset(key for key, text in texts.items() if text != usual.get(key))
        if locale == self.instrument.source_locale:
            return self.instrument.texts, frozenset()
        catalog: Catalog | None = self.catalog(locale)
        if catalog is None:
            return None
        kept = {f"item.{i.key}" for i in self.instrument.items.values() if not i.translatable}
        texts = {
            key: source if key in kept else catalog.text(key, site=site)
            for key, source in self.instrument.texts.items()
        }
        return texts, frozenset(catalog.words_of(site))


def _item_words(
    instrument: Instrument,
    site: str,
    source: Mapping[str, str],
    texts: Mapping[str, str],
    own: frozenset[str],
) -> Iterator[tuple[str, ItemWords]]:
    """Yield what was read of each item."""
    head = [texts.get(key, "") for key in ("instructions", "recall_period")]
    for item in instrument.items.values():
        key, answers = f"item.{item.key}", item.response_set
        starts = tuple(f"{kind}.{answers}." for kind in ("option", "missing", "unit"))
        around = [text for name, text in texts.items() if f"{name}.".startswith(starts)]
        words = texts.get(key, "")
        yield (
            item.key,
            ItemWords(
                key=f"{key}@{site}" if key in own else key,
                source=text_hash(source.get(key, item.text)),
                target=text_hash(words) if words.strip() else "",
                around=text_hash("\n\n".join((*head, *around))),
            ),
        )


def _catalog(instrument: Instrument, locale: str, translations: Path | None) -> Catalog | None:
    try:
        return load_catalog(instrument, locale, translations=translations)
    except CatalogError:
        return None


def _release(instrument: Instrument, name: str, translations: Path | None) -> Release | None:
    try:
        return load_release(instrument.id, name, translations=translations)
    except CatalogError:
        return None
