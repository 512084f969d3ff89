"""English sentences of the findings of catalogs, records and locales, by code."""

from __future__ import annotations

FILES: dict[str, str] = {
    "locale_name": "{found!r} is no name of a locale; write language and country, such as de_DE.",
    "instrument_name": "{found!r} is no id of an instrument; ids are small letters, digits and _.",
    "outside_of_folder": "This leads out of the folder {folder}; nothing is read or written there.",
    "catalog_not_found": "There is no such file, or it can't be opened ({why}).",
    "catalog_too_large": "The file has {size} bytes; at most {most} are read. "
    "Is it really a file of translations?",
    "catalog_not_utf8": "The file is not text in UTF-8. Save it again with the encoding UTF-8.",
    "catalog_line": "This line can't be read: {why}. Mend it in a text editor, or take the file "
    "as it was before.",
}

CATALOGS: dict[str, str] = {
    "entry_without_key": "This entry has no key (msgctxt), so nobody knows what it translates: "
    "{source!r}. It is left as it is.",
    "retired_key_reused": "{name} was retired and is used again. The old translation stays out of "
    "use; give the new text a key of its own.",
}

LOCALES: dict[str, str] = {
    "brief_locale": "The brief says it is of {locale}, and it lies in the folder {folder}.",
}

MESSAGES: dict[str, str] = FILES | CATALOGS | LOCALES
