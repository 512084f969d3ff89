"""Templates for translators, and the extractor by which Babel finds the texts of definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from psychometrics.instrument import Instrument, load_instrument, load_shared_set
from psychometrics.instrument.shared import is_shared_file
from psychometrics.translation.po import Line, PoEntry, PoFile, string_lines
from psychometrics.translation.po_edit import new_entry, with_remarks
from psychometrics.translation.source import SourceString, source_strings

UNKNOWN_DATE = "YEAR-MO-DA HO:MI+ZONE"


def extract_definition(
    file: IO[bytes],
    keywords: Sequence[str],
    comment_tags: Sequence[str],
    options: Mapping[str, Any],
) -> Iterator[tuple[int, str, tuple[str, str], list[str]]]:
    """Yield the texts of a definition for `pybabel extract`, each under its key as the context.

    It is the extractor `psychometrics` of the entry points `babel.extractors`; a mapping file
    says which files it reads::

        [psychometrics: instruments/**.yaml]

    Shared response sets lie in ``instruments/response_sets`` and are found there.
    """
    path = Path(file.name)
    read = load_shared_set(path) if is_shared_file(path) else load_instrument(path)
    for string in source_strings(read, file=path):
        line = string.place.rpartition(":")[2]
        number = int(line) if line.isdigit() else 1
        yield number, "pgettext", (string.key, string.text), [string.note]


def template(instrument: Instrument, *, file: Path | None = None) -> PoFile:
    """Return the template of an instrument: every text with its note and place, none translated.

    Parameters
    ----------
    instrument : Instrument
        The definition.
    file : pathlib.Path, optional
        Its file, for the places.
    """
    parts: list[str | PoEntry] = [_header(instrument, "", UNKNOWN_DATE)]
    for string in source_strings(instrument, file=file):
        parts += ["\n", _entry(string)]
    return PoFile(tuple(parts))


def empty_catalog(instrument: Instrument, locale: str, made: datetime) -> PoFile:
    """Return a catalog without entries: a header that gettext's tools have nothing to say about.

    Parameters
    ----------
    instrument : Instrument
        The definition.
    locale : str
        Such as "de_DE".
    made : datetime.datetime
        When it is made.
    """
    return PoFile((_header(instrument, locale, made.strftime("%Y-%m-%d %H:%M+0000")),))


def _entry(string: SourceString) -> PoEntry:
    from psychometrics.translation.merge import note_lines

    made = new_entry(string.key, string.text)
    made = with_remarks(made, "note", note_lines(string.note))
    return with_remarks(made, "place", [string.place])


def _header(instrument: Instrument, locale: str, date: str) -> PoEntry:
    fields = {
        "Project-Id-Version": f"{instrument.id} {instrument.version}",
        "PO-Revision-Date": date,
        "Last-Translator": "none",
        "Language-Team": "none",
        "Language": locale,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    if plural := _plural_forms(locale):
        fields["Plural-Forms"] = plural
    title = Line(f"# {' '.join(instrument.title.split())}\n", "comment")
    body = "".join(f"{name}: {value}\n" for name, value in fields.items())
    flags = () if locale else (Line("#, fuzzy\n", "flags", "", "fuzzy"),)
    lines = [Line('msgid ""\n', "source", "msgid"), *string_lines("msgstr", body, "text")]
    return PoEntry((title, *flags, *lines))


def _plural_forms(locale: str) -> str | None:
    """Return the plural rule of CLDR; Babel's own table for catalogs is wrong for he and hi."""
    from babel import Locale, UnknownLocaleError
    from babel.plural import to_gettext

    try:
        return to_gettext(Locale.parse(locale.partition("@")[0]).plural_form)
    except (UnknownLocaleError, ValueError):
        return None
