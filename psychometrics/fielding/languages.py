"""What tools call a language: its own name, its tag, and the short tag while that is unique."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError


@dataclass(frozen=True)
class Language:
    """A language on a form.

    Attributes
    ----------
    locale : str
        As in files and calls, such as "hi_IN".
    tag : str
        As in HTML and FHIR (BCP 47), such as "hi-IN".
    short : str
        As in tools that know languages only, such as "hi"; the tag where two share it.
    subtag : str
        The language alone, whether others share it or not.
    name : str
        What it is called in itself, such as "Deutsch"; with its country where two share it.
    """

    locale: str
    tag: str
    short: str
    subtag: str
    name: str


def languages_of(locales: Iterable[str]) -> tuple[Language, ...]:
    """Return the languages of some locales.

    Examples
    --------
    >>> [each.name for each in languages_of(["de_DE", "sw_TZ", "en_IN"])]
    ['Deutsch', 'Kiswahili', 'English']
    >>> [(each.short, each.name) for each in languages_of(["en", "en_IN"])]
    [('en', 'English'), ('en-IN', 'English, India')]
    """
    chosen = tuple(locales)
    subtags = {locale: locale.partition("_")[0].partition("@")[0] for locale in chosen}
    shared = Counter(subtags.values())
    made = []
    for locale in chosen:
        subtag, alone = subtags[locale], shared[subtags[locale]] == 1
        tag = locale.replace("@", "-x-").replace("_", "-")
        made.append(Language(locale, tag, subtag if alone else tag, subtag, _name(locale, alone)))
    return tuple(made)


def _name(locale: str, alone: bool) -> str:
    """Return a language's own name; the locale where the CLDR doesn't have it."""
    try:
        known = Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        return locale
    name = known.get_language_name(known)
    if not name:
        return locale
    name = name[:1].upper() + name[1:]
    territory = known.get_territory_name(known)
    return f"{name}, {territory}" if territory and not alone else name
