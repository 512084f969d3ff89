"""A project to begin with: an instrument, briefs, catalogs and a record, ready for all commands.

Everything is made and checked in a folder of its own first, so that a project is there whole or not
at all, and nothing that is there already is ever written over.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import Final

from psychometrics.errors import CatalogError
from psychometrics.instrument import Instrument, json_schema, load_instrument
from psychometrics.instrument.yaml_tree import LITERALS
from psychometrics.translation.files import LOCALE, inside, write_bytes
from psychometrics.translation.locales import is_adaptation, locale_direction
from psychometrics.translation.update import target_locales, update_catalogs

FOLDER: Final = Path(__file__).parent / "data" / "project"
ID: Final = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)
COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)
MOST_TITLE: Final = 200
BABEL: Final = "[psychometrics: instruments/**.yaml]\n"
ATTRIBUTES: Final = (
    "# Catalogs keep every byte, whatever git does with line ends elsewhere.\n*.po -text\n"
)
KEPT: Final = "Events are added here by `psychometrics translations record` and its kin.\n"


@dataclass(frozen=True, slots=True)
class NewSite:
    """A place where a new instrument will be fielded.

    Examples
    --------
    >>> NewSite.read("beer_sheva:IL:he_IL,ar_IL")
    NewSite(id='beer_sheva', country='IL', locales=('he_IL', 'ar_IL'))
    """

    id: str
    country: str
    locales: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> NewSite:
        """Read a site as it is written on the command line: id:COUNTRY:locale,locale.

        Raises
        ------
        CatalogError
            If it is not written like that.
        """
        parts = [part.strip() for part in text.split(":")]
        if len(parts) != 3 or not all(parts):
            raise CatalogError(
                f"{text[:80]!r} is no site. Write its id, its country and its languages, such as "
                "ulm:DE:de_DE or pune:IN:hi_IN,en_IN."
            )
        name, country, locales = parts
        return cls(name, country, tuple(each.strip() for each in locales.split(",")))

    @classmethod
    def of_locale(cls, locale: str) -> NewSite:
        """Return a site for a language whose place is not known yet.

        Examples
        --------
        >>> NewSite.of_locale("he_IL").id
        'site_il'
        """
        country = locale.partition("@")[0].rpartition("_")[2]
        known = country if COUNTRY.fullmatch(country) else ""
        return cls(f"site_{(known or locale).lower()}", known, (locale,))


def id_of(folder: Path) -> str:
    """Return the id that the name of a folder suggests.

    Examples
    --------
    >>> id_of(Path("Sleep quality 2"))
    'sleep_quality_2'
    """
    plain = unicodedata.normalize("NFKD", folder.absolute().name)
    name = re.sub(r"[^a-z0-9]+", "_", plain.encode("ascii", "ignore").decode().lower()).strip("_")
    return name if ID.fullmatch(name) else "my_measure"


def plan_project(
    name: str, title: str, source_locale: str, sites: Sequence[NewSite], made: datetime
) -> dict[Path, bytes]:
    """Return the files of a new project; nothing is written.

    Parameters
    ----------
    name : str
        Id of the instrument.
    title : str
        Its name for readers.
    source_locale : str
        Language in which it is written, such as "en".
    sites : sequence of NewSite
        Where it will be fielded, in which languages.
    made : datetime.datetime
        Time for the header of the catalogs.

    Returns
    -------
    dict of pathlib.Path to bytes
        Content by path in the project.

    Raises
    ------
    CatalogError
        If an id, a language or a country is none; everything that is wrong is told at once.
    InstrumentError
        If the definition that comes of it has faults.
    """
    faults = list(_faults(name, title, source_locale, sites))
    if faults:
        raise CatalogError("There is no such project:\n" + "\n".join(f"  {f}" for f in faults))
    merged = _merged(sites)
    definition = _filled(
        "instrument.yaml", id=_scalar(name), title=_scalar(title),
        source_locale=_scalar(source_locale), sites="\n".join(map(_site, merged)),
    )  # fmt: skip
    files = {Path("instruments", f"{name}.yaml"): definition}
    with TemporaryDirectory() as folder:
        root = Path(folder)
        file = root / "instruments" / f"{name}.yaml"
        file.parent.mkdir()
        file.write_bytes(definition)
        instrument = load_instrument(file)
        (root / "translations").mkdir()
        for locale in target_locales(instrument):
            path = Path("translations", locale, "brief.yaml")
            files[path] = _brief(locale, source_locale, merged)
            write_bytes(root, root / path, files[path])
        catalogs = update_catalogs(
            instrument, translations=root / "translations", file=file, made=made
        )
        files |= {update.file.relative_to(root): update.made for update in catalogs}
    return files | _beside(instrument, title)


def write_project(root: Path, files: Mapping[Path, bytes]) -> None:
    """Write the files of a new project, none of which may be there already.

    Raises
    ------
    CatalogError
        If one is, or a link leads out of the folder; nothing is written then.
    """
    if root.exists() and not root.is_dir():
        raise CatalogError(f"{root} is a file; name a folder.")
    there = [path for path in files if (inside(root, path)).exists() or (root / path).is_symlink()]
    if there:
        shown = ", ".join(map(str, there[:5])) + (" ..." if len(there) > 5 else "")
        raise CatalogError(
            f"{root} holds {shown} already. Nothing was written; name another folder."
        )
    root.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        write_bytes(root, path, content)


def _faults(name: str, title: str, source_locale: str, sites: Sequence[NewSite]) -> Iterator[str]:
    """Yield what can't become a part of a path or a file."""
    if not ID.fullmatch(name):
        yield f"{name[:80]!r} is no id: small letters, digits and _, beginning with a letter."
    if not title.strip() or len(title) > MOST_TITLE or not title.isprintable():
        yield f"A title is one line of at most {MOST_TITLE} characters; here it is {title[:80]!r}."
    locales = [source_locale, *(locale for site in sites for locale in site.locales)]
    for locale in dict.fromkeys(locales):
        if not LOCALE.fullmatch(locale):
            yield f"{locale[:80]!r} is no language; write language and country, such as de_DE."
    for site in sites:
        if not ID.fullmatch(site.id):
            yield f"{site.id[:80]!r} is no id of a site: small letters, digits and _."
        if not COUNTRY.fullmatch(site.country):
            found = f"The site {site.id[:80]!r} has no country; write two capital letters"
            yield f"{found}, such as ulm:DE:de_DE, or a language with its country."
    if not any(locale != source_locale for site in sites for locale in site.locales):
        yield "There is no language to translate to; name one, such as de_DE."


def _merged(sites: Iterable[NewSite]) -> list[NewSite]:
    """Return the sites with the languages of one that is named twice put together."""
    made: dict[str, NewSite] = {}
    for site in sites:
        known = made.get(site.id)
        locales = (*(known.locales if known else ()), *site.locales)
        made[site.id] = NewSite(site.id, site.country, tuple(dict.fromkeys(locales)))
    return list(made.values())


def _filled(template: str, **values: str) -> bytes:
    """Return a file of the project, with our own values put in."""
    text = (FOLDER / template).read_text(encoding="utf-8")
    return Template(text).substitute(values).encode("utf-8")


def _scalar(text: str) -> str:
    """Return a text as a YAML scalar; in quotes where YAML might take it for something else.

    Examples
    --------
    >>> _scalar("de_DE"), _scalar("no"), _scalar("a: b")
    ('de_DE', '"no"', '"a: b"')
    """
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*( [A-Za-z0-9_]+)*", text)
    risky = text in LITERALS or text.lower() in ("no", "yes", "on", "off", "y", "n")
    return text if plain and not risky else json.dumps(text, ensure_ascii=False)


def _site(site: NewSite) -> str:
    """Return the lines of a site."""
    locales = ", ".join(map(_scalar, site.locales))
    name = _scalar(_site_name(site))
    return (
        f"  - id: {_scalar(site.id)}\n    name: {name}\n    country: {_scalar(site.country)}\n"
        f"    locales: [{locales}]"
    )


def _site_name(site: NewSite) -> str:
    """Return a name for readers: that of the country where nothing is known but a language."""
    from babel import Locale

    if site.id == f"site_{site.country.lower()}":
        return str(Locale("en").territories.get(site.country, site.country))
    return site.id.replace("_", " ").title()


def _brief(locale: str, source_locale: str, sites: Sequence[NewSite]) -> bytes:
    """Return the stub of a brief, with what is known already."""
    direction = locale_direction(locale)
    return _filled(
        "brief.yaml",
        locale=_scalar(locale),
        relation="adaptation" if is_adaptation(locale, source_locale) else "translation",
        source_locale=_scalar(source_locale),
        direction=direction,
        running="right_to_left" if direction == "rtl" else "left_to_right",
        sites=", ".join(_scalar(site.id) for site in sites if locale in site.locales),
    )


def _beside(instrument: Instrument, title: str) -> dict[Path, bytes]:
    """Return what else lies in a project."""
    locales = target_locales(instrument)
    made = {
        Path("README.md"): _filled(
            "README.md", id=instrument.id, title=escape(title, quote=False), first=locales[0]
        ),
        Path("babel.cfg"): BABEL.encode(),
        Path(".gitattributes"): ATTRIBUTES.encode(),
        Path("instruments", "instrument.schema.json"): (
            json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
        ).encode("utf-8"),
    }
    for place in (Path(), *map(Path, locales)):
        folder = Path("translations") / place / "record" / instrument.id
        made[folder / "README.txt"] = KEPT.encode()
    return made
