"""Releases: what respondents were given, frozen under a version and a hash.

``translations/releases/<instrument>/<name>.json`` holds the definition, every text of every locale,
order, codes and direction. It is written once. The name of a release of drafts ends in ``-draft``,
so that answers to it say so for ever.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from psychometrics.errors import CatalogError, Finding, finding
from psychometrics.instrument import Instrument
from psychometrics.translation.catalog import Catalog, Entry, empty_or_loaded
from psychometrics.translation.events import Hash, Name, When
from psychometrics.translation.files import (
    NAME,
    inside,
    read_bytes,
    translations_folder,
    write_bytes,
)
from psychometrics.translation.form import Form, form_of, sites_with_own_words
from psychometrics.translation.locales import load_brief
from psychometrics.translation.open_locale import refuse_shared_set
from psychometrics.translation.record import record_of, utc
from psychometrics.translation.status import LocaleStatus, status_of
from psychometrics.translation.update import target_locales

VERSION: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){0,3}")
RELEASE: Final = re.compile(rf"{VERSION.pattern}(-draft)?")
DRAFT: Final = "-draft"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReleasedForm(_Model):
    """What respondents of a locale, or of one site in it, were given.

    Attributes
    ----------
    texts : Mapping
        Words by key, in the order of the form.
    codes : Mapping
        Codes of the answers of each response set, by their keys, in the order shown.
    direction : str
        ltr or rtl.
    displays : tuple of str
        How answer scales are shown, by target and mode: order of the codes, direction agreed, and
        how they were seen.
    form_hash : str
        The hash that the sign-off of the whole form is about.
    signed : bool
        Whether this form was signed off when it was released.
    """

    texts: Mapping[str, str]
    codes: Mapping[str, Mapping[str, int]]
    direction: str
    displays: tuple[str, ...] = ()
    form_hash: Hash
    signed: bool


class Release(_Model):
    """One release of an instrument.

    Attributes
    ----------
    instrument : str
        Id of the instrument.
    name : str
        The version, such as "1.0", or "1.0-draft".
    draft : bool
        Whether a form in it was not signed off.
    when : str
        UTC.
    definition : Mapping
        The whole definition.
    definition_hash : str
        Its hash.
    locales : Mapping
        The form of each locale; the source language is among them.
    sites : Mapping
        The form of each site that has words of its own, by "locale@site".
    """

    instrument: Name
    name: str = Field(pattern=f"^(?:{RELEASE.pattern})$")
    draft: bool
    when: When
    definition: Mapping[str, Any]
    definition_hash: str = Field(pattern="^[0-9a-f]{64}$")
    locales: Mapping[str, ReleasedForm]
    sites: Mapping[str, ReleasedForm] = Field(default_factory=dict)

    @property
    def hash(self) -> str:
        """SHA-256 of everything in it but the time."""
        told = self.model_dump(mode="json", exclude={"when"})
        # Order counts in texts and codes, which sorted keys would hide.
        for form in (*told["locales"].values(), *told["sites"].values()):
            form["texts"] = list(form["texts"].items())
            form["codes"] = [[key, list(codes.items())] for key, codes in form["codes"].items()]
            if not form["displays"]:  # a release that was made before they were kept has none
                del form["displays"]
        raw = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()

    def form(self, locale: str, site: str | None = None) -> ReleasedForm:
        """Return the form of a locale, or of a site in it.

        Raises
        ------
        CatalogError
            If the release has no such locale.
        """
        if locale not in self.locales:
            known = ", ".join(self.locales)
            raise CatalogError(f"{self.instrument} {self.name} has no locale {locale!r}: {known}.")
        return self.sites.get(f"{locale}@{site}", self.locales[locale])

    def site_words(self) -> dict[str, tuple[str, ...]]:
        """Return the keys of the words that only a site has, by "locale@site"."""
        return {
            name: differing(form, self.locales[name.partition("@")[0]])
            for name, form in self.sites.items()
        }


def differing(one: ReleasedForm, other: ReleasedForm) -> tuple[str, ...]:
    """Return the keys whose words, codes or order differ between two forms."""
    texts = [
        key for key in {**one.texts, **other.texts} if one.texts.get(key) != other.texts.get(key)
    ]
    sets = [
        key
        for key in {**one.codes, **other.codes}
        if list(one.codes.get(key, {}).items()) != list(other.codes.get(key, {}).items())
    ]
    return (*texts, *(f"option.{key}" for key in sets))


def make_release(
    instrument: Instrument,
    version: str,
    *,
    locales: Iterable[str] | None = None,
    allow_draft: bool = False,
    when: str | None = None,
    translations: Path | None = None,
) -> Release:
    """Freeze definition, texts, order and direction under a version, and write it.

    Parameters
    ----------
    instrument : Instrument
        The definition.
    version : str
        Numbers with dots, such as "1.0".
    locales : iterable of str, optional
        Those of the sites if left out.
    allow_draft : bool
        Whether forms that nobody signed are let through; the release is then named "1.0-draft".
    when : str, optional
        UTC; now if left out.
    translations : pathlib.Path, optional
        Folder of the translations; the shipped one if left out.

    Returns
    -------
    Release
        The release; the one that is there already if nothing has changed since.

    Raises
    ------
    CatalogError
        If a locale can't be fielded, a text is missing even in a draft, or the version was
        released with other words.
    """
    refuse_shared_set(instrument)
    if not VERSION.fullmatch(version):
        _refuse([finding("release_version", "error", "version", found=version[:60])])
    chosen = tuple(locales) if locales is not None else target_locales(instrument)
    forms: dict[str, ReleasedForm] = {instrument.source_locale: _source_form(instrument)}
    sites: dict[str, ReleasedForm] = {}
    blocks: list[Finding] = []
    for locale in dict.fromkeys(each for each in chosen if each != instrument.source_locale):
        status, made = _forms(instrument, locale, translations)
        blocks += [each for each in status.blocks if each.severity == "error"]
        forms[locale] = made.pop(locale)
        sites |= made
    if blocks and not allow_draft:
        _refuse([*blocks, finding("release_unsigned", "error", instrument.id)])
    if empty := list(_empty(forms)):
        _refuse(empty)
    draft = bool(blocks)
    release = Release(
        instrument=instrument.id,
        name=version + (DRAFT if draft else ""),
        draft=draft,
        when=when or utc(),
        definition=instrument.model_dump(mode="json", exclude_defaults=True),
        definition_hash=instrument.definition_hash,
        locales=forms,
        sites=sites,
    )
    return _written(release, translations)


def _written(release: Release, translations: Path | None) -> Release:
    """Write a release that is not there yet; a version is never released twice."""
    file = release_file(release.instrument, release.name, translations)
    if file.exists():
        there = load_release(release.instrument, release.name, translations=translations)
        if there.hash != release.hash:
            _refuse([finding("release_there", "error", str(file), name=release.name)])
        return there
    told = {"hash": release.hash, **release.model_dump(mode="json")}
    raw = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    write_bytes(translations_folder(translations), file, raw.encode("utf-8"))
    return release


def load_release(instrument_id: str, name: str, *, translations: Path | None = None) -> Release:
    """Read a release.

    Raises
    ------
    CatalogError
        If there is none of that name, or its file was changed since.
    """
    file = release_file(instrument_id, name, translations)
    if not file.is_file():
        known = ", ".join(release_names(instrument_id, translations=translations)) or "none"
        raise CatalogError(f"{instrument_id} has no release {name!r}; there are: {known}.")
    try:
        told = json.loads(read_bytes(file))
        stated = told.pop("hash")
        release = Release.model_validate(told)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError, ValidationError):
        _refuse([finding("release_unreadable", "error", str(file))])
    if release.hash != stated or (release.instrument, release.name) != (instrument_id, name):
        _refuse([finding("release_changed", "error", str(file))])
    return release


def release_names(instrument_id: str, *, translations: Path | None = None) -> tuple[str, ...]:
    """Return the names of the releases of an instrument."""
    folder = _folder(instrument_id, translations)
    found = folder.glob("*.json") if folder.is_dir() else ()
    return tuple(sorted(file.stem for file in found if RELEASE.fullmatch(file.stem)))


def release_file(instrument_id: str, name: str, translations: Path | None = None) -> Path:
    """Return the file of a release, which need not be there yet.

    Raises
    ------
    CatalogError
        If it is no name of a release.
    """
    if not RELEASE.fullmatch(name):
        _refuse([finding("release_version", "error", "version", found=name[:60])])
    return _folder(instrument_id, translations) / f"{name}.json"


def _folder(instrument_id: str, translations: Path | None) -> Path:
    if not NAME.fullmatch(instrument_id):
        _refuse([finding("instrument_name", "error", "release", found=instrument_id[:60])])
    root = translations_folder(translations)
    return inside(root, root / "releases" / instrument_id)


def _source_form(instrument: Instrument) -> ReleasedForm:
    """Return the form in the source language; whoever wrote it has nothing to sign."""
    entries = tuple(Entry(key, text, text) for key, text in instrument.texts.items())
    form = form_of(instrument, Catalog(instrument.id, instrument.source_locale, entries))
    return _released(form, True)


def _forms(
    instrument: Instrument, locale: str, translations: Path | None
) -> tuple[LocaleStatus, dict[str, ReleasedForm]]:
    """Return the status of a locale, and its forms: its own, and those of sites."""
    catalog = empty_or_loaded(instrument, locale, translations=translations)
    brief = load_brief(locale, instrument.id, translations=translations)
    record = record_of(instrument, locale, translations=translations)
    status = status_of(instrument, catalog, brief, record)
    made = {locale: _released(form_of(instrument, catalog, brief), status.can_be_fielded)}
    for site in sites_with_own_words(catalog):
        form = form_of(instrument, catalog, brief, site)
        made[f"{locale}@{site}"] = _released(form, status.can_be_fielded)
    return status, made


def _released(form: Form, signed: bool) -> ReleasedForm:
    return ReleasedForm(
        texts=dict(form.texts),
        codes={key: dict(codes) for key, codes in form.codes},
        direction=form.direction,
        displays=form.displays,
        form_hash=form.hash,
        signed=signed,
    )


def _empty(forms: Mapping[str, ReleasedForm]) -> Iterator[Finding]:
    """Yield the locales in which a respondent would find nothing to read."""
    for locale, form in forms.items():
        keys = [key for key, text in form.texts.items() if not text.strip()]
        if keys:
            shown = ", ".join(keys[:5]) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")
            yield finding(
                "status_missing", "error", locale, locale=locale, count=len(keys), keys=shown
            )


def _refuse(found: Iterable[Finding]) -> NoReturn:
    """Raise an error that tells all findings."""
    listed = list(found)
    told = "\n".join(f"  {each.where}: {each.message}" for each in listed[:20])
    more = f"\n  ... and {len(listed) - 20} more" if len(listed) > 20 else ""
    raise CatalogError(f"There is no such release:\n{told}{more}", listed)
