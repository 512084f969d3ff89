"""The texts of an instrument as translators get them: with a note, a place and an order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from psychometrics.instrument import Instrument, available_instruments
from psychometrics.instrument.parts import Meaning, ResponseSet
from psychometrics.instrument.shared import shared_file
from psychometrics.instrument.shipped import SHARED, available_shared_sets, data_folder
from psychometrics.instrument.yaml_tree import TREE_PATH, Tree, read_tree
from psychometrics.translation.keys import text_key

Kind = Literal[
    "title",
    "instructions",
    "recall_period",
    "item",
    "option",
    "missing",
    "unit",
    "scale",
    "comparator",
    "site",
]


@dataclass(frozen=True, slots=True)
class SourceString:
    """One text to translate.

    Attributes
    ----------
    key : str
        As in `Instrument.texts`: "item.culture_1", "option.agreement5.agree".
    text : str
        The wording in the source language.
    kind : str
        What it is: title, instructions, recall_period, item, option, missing, unit, scale (also
        higher-order constructs), comparator or site.
    note : str
        For the translator: what is meant, and where it is read.
    place : str
        "instruments/file.yaml:line" of the definition; without line where the file isn't known.
    order : int
        Position among the texts of the instrument, from 0.
    """

    key: str
    text: str
    kind: Kind
    note: str
    place: str
    order: int


def source_strings(
    instrument: Instrument, *, file: Path | None = None, lines: bool = True
) -> tuple[SourceString, ...]:
    """Return the texts of an instrument that are to be translated, in order.

    An item with `translatable: false` is left out: its text stays as it is in every language.

    Parameters
    ----------
    instrument : Instrument
        The definition.
    file : pathlib.Path, optional
        Its file, for the lines; that of the shipped definition if left out.
    lines : bool
        Whether places have lines, for which the file is read.

    Examples
    --------
    >>> from psychometrics import load_instrument
    >>> strings = source_strings(load_instrument("peer_support_implementation"))
    >>> strings[3].key, strings[3].kind, strings[3].place
    ('item.culture_1', 'item', 'instruments/peer_support_implementation.yaml:71')
    """
    if file is None:
        file = shipped_file(instrument.id)
    at = definition_lines(file) if file is not None and lines else {}
    name = f"{instrument.id.replace('.', '/')}.yaml" if file is None else _name(file)
    made = []
    for order, key in enumerate(instrument.own_texts):
        kind, note, path = _about(instrument, key)
        line = at.get(path)
        if kind == "item" and not instrument.items[path[1]].translatable:
            continue
        place = f"{name}:{line}" if line is not None else name
        made.append(SourceString(key, instrument.texts[key], kind, note, place, order))
    return tuple(made)


def shipped_file(name: str) -> Path | None:
    """Return the file of a shipped definition, by its id; None where none comes along."""
    if name in available_instruments():
        return data_folder("instruments") / f"{name}.yaml"
    if name in available_shared_sets():
        return shared_file(data_folder("instruments"), name.removeprefix(f"{SHARED}."))
    return None


def _name(file: Path) -> str:
    """Return what to call a definition file, the same from wherever it is called."""
    folder = file.absolute().parent
    if folder.name == SHARED and folder.parent.name == "instruments":
        return f"instruments/{SHARED}/{file.name}"
    return f"{folder.name}/{file.name}" if folder.name in ("instruments", SHARED) else file.name


def definition_lines(file: Path) -> dict[tuple[str, ...], int]:
    """Return the line of each text of a definition file, by section, key and inner key."""
    changed = file.stat()
    return _lines(file, (changed.st_mtime_ns, changed.st_size))


@lru_cache(maxsize=64)
def _lines(file: Path, changed: object) -> dict[tuple[str, ...], int]:
    """Return the lines of a file; `changed` makes an edited file count as a new one."""
    return dict(_named_lines(read_tree(file)))


def renamed_keys(instrument: Instrument) -> dict[str, list[str]]:
    """Return the earlier keys of texts, by their present key.

    Examples
    --------
    >>> from psychometrics import load_instrument
    >>> renamed_keys(load_instrument("hs1939"))
    {}
    """
    return {
        f"item.{item.key}": [f"item.{key}" for key in item.renamed_from]
        for item in instrument.items.values()
        if item.renamed_from
    }


def present_key(instrument: Instrument, key: str) -> str:
    """Return the key that a text has now, of one that it may have had before; variants too.

    Examples
    --------
    >>> from psychometrics import load_instrument
    >>> present_key(load_instrument("hs1939"), "item.x1@ulm")
    'item.x1@ulm'
    """
    parts = text_key(key)
    for new, earlier in renamed_keys(instrument).items():
        if parts.base in earlier:
            return str(parts._replace(base=new))
    return key


SECTIONS: Final = {
    "items": ("key", "text"),
    "scales": ("key", "title"),
    "higher_order": ("key", "title"),
    "comparators": ("key", "text"),
    "sites": ("id", "name"),
}


MEANINGS: Final[dict[Meaning, str]] = {
    "refused": "the person does not want to answer",
    "dont_know": "the person does not know",
    "not_applicable": "the question does not apply",
    "not_asked": "the question was not asked",
    "other": "there is no usable answer for another reason",
}


def _named_lines(tree: Tree) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield the path by keys and the line of every text of a definition."""
    data = tree.data if isinstance(tree.data, dict) else {}
    for field in ("title", "instructions", "recall_period"):
        yield (field,), tree.line((field,))
    for section, (name, field) in SECTIONS.items():
        for at, part in enumerate(data.get(section) or ()):
            path: TREE_PATH = (section, at, field)
            yield (section, part[name]), tree.line(path)
    if "response_sets" not in data and "key" in data:  # the file of a shared set
        yield from _lines_of_answers(tree, data, ())
    for at, part in enumerate(data.get("response_sets") or ()):
        if "key" in part:
            yield from _lines_of_answers(tree, part, ("response_sets", at))


def _lines_of_answers(
    tree: Tree, part: Mapping[str, Any], path: TREE_PATH
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield path and line of the texts of one response set."""
    yield ("response_sets", part["key"], "range"), tree.line((*path, "range"))
    for inner in ("options", "missing"):
        for i, answer in enumerate(part.get(inner) or ()):
            line = tree.line((*path, inner, i))
            yield ("response_sets", part["key"], inner, answer["key"]), line


def _about(instrument: Instrument, key: str) -> tuple[Kind, str, tuple[str, ...]]:
    """Return the kind of a text, the note for translators, and its path in the definition."""
    kind, _, rest = key.partition(".")
    match kind:
        case "title":
            return "title", f"Name of the questionnaire. {instrument.measured}", ("title",)
        case "instructions":
            return "instructions", "What the respondent reads first.", ("instructions",)
        case "recall_period":
            return "recall_period", "The time the answers are about.", ("recall_period",)
        case "item":
            return "item", instrument.items[rest].concept, ("items", rest)
        case "comparator":
            asked = instrument.comparators[rest].level == "respondent"
            of = "asked of each respondent" if asked else "one answer for a whole site"
            note = f"A question beside the scales, {of}."
            return "comparator", note, ("comparators", rest)
        case "site":
            note = f"Name of a place in {instrument.sites[rest].country}, for readers of reports."
            return "site", note, ("sites", rest)
        case "scale":
            scale = instrument.scales.get(rest)
            section = "scales" if scale else "higher_order"
            described = (scale or instrument.higher_order[rest]).description
            note = f"Name of a scale, for readers of reports. {described}"
            return "scale", note, (section, rest)
    return _about_answer(instrument, kind, rest)


def _about_answer(
    instrument: Instrument, kind: str, rest: str
) -> tuple[Kind, str, tuple[str, ...]]:
    """Return the same for a text of a response set."""
    set_key, _, answer = rest.partition(".")
    answers = instrument.response_sets[set_key]
    path = ("response_sets", set_key)
    if kind == "unit":
        note = f"Unit of an answer from {answers.minimum:g} to {answers.maximum:g}."
        return "unit", note, (*path, "range")
    if kind == "missing":
        (meaning,) = (one.meaning for one in answers.missing if one.key == answer)
        note = f"A choice beside the answers: {MEANINGS[meaning]}."
        return "missing", note, (*path, "missing", answer)
    return "option", _about_option(answers, answer), (*path, "options", answer)


def _about_option(answers: ResponseSet, key: str) -> str:
    """Return where an answer stands among the others; their steps should be as even as here."""
    keys = [option.key for option in answers.options]
    row = " | ".join(option.text for option in answers.options)
    return f"Answer {keys.index(key) + 1} of {len(keys)}: {row}"
