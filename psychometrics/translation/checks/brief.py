"""What the checks take from the brief of a locale: its relation to the source, and its terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from psychometrics.errors import Finding
from psychometrics.instrument.yaml_tree import read_tree
from psychometrics.translation.checks.language import language_of
from psychometrics.translation.checks.pair import Relation, Term

FILE = "brief.yaml"


@dataclass(frozen=True, slots=True)
class Brief:
    """What was agreed on before anybody translated.

    Attributes
    ----------
    relation : {"translation", "adaptation"} or None
        None where the brief doesn't say.
    terms : Mapping
        The instrument's terms, by the term of the source.
    faults : tuple of Finding
        What is wrong with the file.
    """

    relation: Relation | None = None
    terms: Mapping[str, Term] = field(default_factory=dict)
    faults: tuple[Finding, ...] = ()


def read_brief(folder: Path, instrument_id: str) -> Brief:
    """Read the brief of a locale, if there is one and it is about this instrument.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the locale.
    instrument_id : str
        A brief that names other instruments only is left alone.
    """
    file = folder / FILE
    if not file.is_file():
        return Brief()
    changed = file.stat()
    about, brief = _read(file, (changed.st_mtime_ns, changed.st_size))
    return brief if not about or instrument_id in about else Brief()


def relation_of(brief: Brief, source_locale: str, locale: str) -> Relation:
    """Return what the brief says; if nothing, a text in the source's language is an adaptation."""
    if brief.relation is not None:
        return brief.relation
    same = language_of(source_locale).code == language_of(locale).code
    return "adaptation" if same else "translation"


@lru_cache(maxsize=64)
def _read(file: Path, changed: object) -> tuple[tuple[str, ...], Brief]:
    """Return the instruments that a brief is about, and what it says.

    `changed` makes an edited file count as a new one.
    """
    tree = read_tree(file)
    data = tree.data
    if not isinstance(data, dict):
        return (), Brief(faults=tuple(tree.faults))
    named = data.get("instrument", data.get("instruments", ()))
    about = (named,) if isinstance(named, str) else _texts(named)
    relation: Relation | None = None
    if data.get("relation") in ("translation", "adaptation"):
        relation = data["relation"]
    terms: dict[str, Term] = {}
    for each in data.get("termbase") or ():
        if isinstance(each, dict) and isinstance(each.get("term"), str):
            allowed = (*_texts(each.get("target")), *_texts(each.get("also")))
            terms[each["term"]] = Term(allowed, _texts(each.get("avoid")))
    return about, Brief(relation, terms, tuple(tree.faults))


def _texts(value: Any) -> tuple[str, ...]:
    """Return a text, or those of a list, as a tuple."""
    if isinstance(value, str):
        return (value,)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
