"""Putting words into a catalog: the texts that are given, and nothing else in the file."""

from __future__ import annotations

from collections.abc import Mapping

from psychometrics.translation.po import PoEntry, PoFile
from psychometrics.translation.po_edit import FUZZY, with_flag, with_previous, with_text


def with_texts(file: PoFile, texts: Mapping[str, str], *, finished: bool = True) -> PoFile:
    """Return a catalog with other translations.

    Parameters
    ----------
    file : PoFile
        The catalog.
    texts : mapping
        Translations by key; keys that are in no entry in use are left out.
    finished : bool
        Whether the mark "fuzzy" and the previous source are taken away.
    """
    new: dict[int, PoEntry] = {}
    for at, entry in enumerate(file.entries):
        text = texts.get(entry.context or "")
        if entry.obsolete or text is None:
            continue
        made = entry if entry.text == text else with_text(entry, text, file.newline)
        if finished:
            made = finished_entry(made, file.newline)
        if made is not entry:
            new[at] = made
    return file.replaced(new)


def finished_entry(entry: PoEntry, newline: str) -> PoEntry:
    """Return an entry without the mark "fuzzy", and without the source it was made from before."""
    made = with_flag(entry, FUZZY, False, newline)
    return with_previous(made, None, newline) if made.told("previous") else made
