"""The file of an instrument definition: reading it, and telling everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from psychometrics.errors import Finding, InstrumentError
from psychometrics.instrument import rules
from psychometrics.instrument.definition import Head, Instrument
from psychometrics.instrument.fields import PARTS, field_problems, owner_name, part_name
from psychometrics.instrument.rules import Draft, Problem, did_you_mean
from psychometrics.instrument.shared import (
    files_changed,
    is_shared_file,
    read_shared,
    shared_file,
    taken_up,
)
from psychometrics.instrument.shipped import (
    SHARED,
    available_instruments,
    available_shared_sets,
    data_folder,
)
from psychometrics.instrument.yaml_tree import Tree, described, read_tree
from psychometrics.messages import english

SUFFIXES = (".yaml", ".yml")
OPTIONAL = {name for name, info in Instrument.model_fields.items() if not info.is_required()}


def load_instrument(path_or_id: str | PathLike[str]) -> Instrument:
    """Load an instrument from its file, or a shipped one by its id.

    Parameters
    ----------
    path_or_id : str or path
        Path of a YAML file, or one of :func:`available_instruments`.

    Returns
    -------
    Instrument
        The definition. Warnings about it are told by :func:`check_instrument`.

    Raises
    ------
    InstrumentError
        If there is no such definition, or it has faults; ``findings`` lists all of them, each
        with file and line.

    Examples
    --------
    >>> load_instrument("hs1939").title
    'Holzinger and Swineford 1939: nine ability tests'
    >>> load_instrument("hs1940")
    Traceback (most recent call last):
    psychometrics.errors.InstrumentError: There is no definition 'hs1940'. Did you mean hs1939?...
    """
    file = _locate(path_or_id)
    changed = file.stat() if file.is_file() else None
    state = (changed.st_mtime_ns, changed.st_size) if changed else None
    return _load(file, (state, files_changed(file.parent)))


def check_instrument(path: str | PathLike[str]) -> list[Finding]:
    """Return everything that is wrong with a definition, by line; empty if nothing is.

    Parameters
    ----------
    path : str or path
        Path of a YAML file, of an instrument or of a shared response set, or the id of a shipped
        definition.

    Returns
    -------
    list of Finding
        Errors and warnings; ``where`` is ``file:line``.

    Raises
    ------
    InstrumentError
        If `path` is neither a path nor the id of a shipped definition.

    Examples
    --------
    >>> check_instrument("hs1939")
    []
    """
    file = _locate(path)
    return list(read_shared(file).findings) if is_shared_file(file) else _examine(file)[1]


def _locate(path_or_id: str | PathLike[str]) -> Path:
    """Return the file of a shipped definition, or the path as it was given."""
    name = str(path_or_id)
    shipped = available_instruments()
    if name in shipped:
        return data_folder("instruments") / f"{name}.yaml"
    if name in available_shared_sets():
        return shared_file(data_folder("instruments"), name.removeprefix(f"{SHARED}."))
    path = Path(path_or_id)
    if path.is_file() or path.suffix.lower() in SUFFIXES or len(path.parts) > 1:
        return path
    known = did_you_mean(name, shipped)
    if not known.startswith(" There are"):
        known += f" There are: {', '.join(shipped)}."
    params = {"name": name, "known": known}
    message = english("unknown_instrument", params)
    fault = Finding("unknown_instrument", "error", name, message, params=params)
    raise InstrumentError(message, [fault])


@lru_cache(maxsize=64)
def _load(file: Path, changed: object) -> Instrument:
    """Load a file; `changed` makes an edited file count as a new one."""
    instrument, findings = _examine(file)
    errors = [found for found in findings if found.severity == "error"]
    if instrument is None or errors:
        count = "one error" if len(errors) == 1 else f"{len(errors)} errors"
        told = "\n".join(f"  {found.where}: {found.message}" for found in errors)
        raise InstrumentError(f"{file} has {count}:\n{told}", findings)
    instrument.__dict__["file"] = file.resolve()  # which is no part of the content, and of no hash
    return instrument


def _examine(file: Path) -> tuple[Instrument | None, list[Finding]]:
    """Return the instrument of a file, None where it has errors, and all findings by line."""
    tree = read_tree(file)
    if any(found.severity == "error" for found in tree.faults) and tree.data is None:
        return None, tree.faults
    if not isinstance(tree.data, dict):
        tree.fault("definition_not_mapping", tree.line(()), found=described(tree.data))
        return None, tree.faults
    for name, value in list(tree.data.items()):
        if value is None and name in OPTIONAL:  # a heading with nothing under it yet
            del tree.data[name]
    if is_shared_file(file):
        tree.fault("definition_is_shared_set", 1)
        return None, tree.faults
    shared = [_placed(problem, tree) for problem in taken_up(tree.data, file.parent)]
    told = shared + [_placed(problem, tree) for problem in _problems(tree, file)]
    findings = [*((_line(found), found) for found in tree.faults), *told]
    findings.sort(key=lambda pair: pair[0])
    listed = list(dict.fromkeys(str(found) for _, found in findings))
    unique = {str(found): found for _, found in findings}
    if any(found.severity == "error" for found in unique.values()):
        return None, [unique[text] for text in listed]
    return Instrument.model_validate(tree.data), [unique[text] for text in listed]


def _problems(tree: Tree, file: Path) -> Iterator[Problem]:
    """Yield the faults of the fields, of the keys, and of how the parts fit together."""
    data: dict[str, Any] = tree.data
    parts: dict[str, dict[int, Any]] = {}
    for section in PARTS:
        parts[section] = {}
        raw = data.get(section)
        if raw is None:
            if section in ("response_sets", "items", "scales"):
                yield from _head_missing(section, section in data)
        elif not isinstance(raw, list):
            told = {"field": section, "found": described(raw)}
            yield Problem("field_not_list", (section,), told)
        else:
            yield from _section(section, raw, parts[section], tree)
    try:
        head = Head.model_validate({k: v for k, v in data.items() if k not in PARTS})
    except ValidationError as error:
        yield from _head_faults(error)
    else:
        if head.id != file.stem:
            told = {"id": head.id, "file": file.name}
            yield Problem("id_not_file_name", ("id",), told, "warning")
    yield from rules.problems(_draft(data, parts))


def _section(section: str, raw: list[Any], sound: dict[int, Any], tree: Tree) -> Iterator[Problem]:
    """Yield the faults of the parts of one section, and put the sound ones in `sound`."""
    seen: dict[str, int] = {}
    for at, entry in enumerate(raw):
        owner = owner_name(section, at, entry)
        try:
            sound[at] = PARTS[section].model_validate(entry)
        except ValidationError as error:
            yield from field_problems(error, PARTS[section], (section, at), owner)
        name = part_name(section, entry)
        # hypotheses and known groups have a rule of their own for this
        if name is None or section in ("hypotheses", "known_groups", "distinct_pairs"):
            continue
        if name in seen:
            field = "id" if section == "sites" else "key"
            first = tree.line((section, seen[name], field))
            told = {"section": f"`{section}:`", "name": field, "key": name, "first": first}
            yield Problem("duplicate_key", (section, at, field), told)
        seen.setdefault(name, at)


def _head_missing(section: str, named: bool) -> Iterator[Problem]:
    """Yield that a section that every definition has is missing or empty."""
    meaning = str(Instrument.model_fields[section].description)
    told = {"owner": "The definition", "field": section, "meaning": meaning}
    yield Problem("field_empty" if named else "field_missing", (section,) if named else (), told)


def _head_faults(error: ValidationError) -> Iterator[Problem]:
    """Yield the faults of the fields that stand for themselves."""
    for problem in field_problems(error, Head, (), "The definition"):
        if problem.code == "field_unknown" and len(problem.path) == 1:
            fields = [info.alias or name for name, info in Instrument.model_fields.items()]
            known = did_you_mean(str(problem.path[0]), fields)
            yield Problem(problem.code, problem.path, {**problem.params, "known": known})
        else:
            yield problem


def _draft(data: dict[str, Any], parts: dict[str, dict[int, Any]]) -> Draft:
    """Return the sound parts of a file, and the keys that it declares."""

    def words(section: str) -> tuple[str, ...]:
        raw = data.get(section)
        entries = raw if isinstance(raw, list) else []
        return tuple(dict.fromkeys(filter(None, (part_name(section, e) for e in entries))))

    def named(section: str) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for part in parts[section].values():
            made.setdefault(part.id if section == "sites" else part.key, part)
        return made

    columns, retired = data.get("columns"), data.get("retired_keys")
    locale = data.get("source_locale")
    mappings = ("response_sets", "items", "scales", "higher_order", "comparators", "sites")
    return Draft(
        source_locale=locale if isinstance(locale, str) and locale else None,
        **{section: named(section) for section in mappings},
        distinct_pairs=parts["distinct_pairs"],
        hypotheses=parts["hypotheses"],
        known_groups=parts["known_groups"],
        columns=_texts(columns.items() if isinstance(columns, dict) else ()),
        retired_keys=tuple(k for k in retired or () if isinstance(k, str))
        if isinstance(retired, list)
        else (),
        declared={section: words(section) for section in mappings},
    )


def _texts(pairs: Iterable[tuple[Any, Any]]) -> dict[str, str]:
    """Return the pairs of which both are text."""
    return {k: v for k, v in pairs if isinstance(k, str) and isinstance(v, str)}


def _placed(problem: Problem, tree: Tree) -> tuple[int, Finding]:
    """Return a problem as a finding with file and line, and the line."""
    path = problem.path
    if len(path) > 1 and isinstance(path[1], str) and isinstance(tree.data.get(path[0]), list):
        section = str(path[0])
        names = [part_name(section, entry) for entry in tree.data[section]]
        path = (section, names.index(path[1]), *path[2:])
    line = tree.line(path)
    where = f"{tree.file}:{line}"
    params = problem.params
    return line, Finding(problem.code, problem.severity, where, problem.message, params=params)


def _line(found: Finding) -> int:
    """Return the line that a finding of the file itself names."""
    return int(found.where.rpartition(":")[2])
