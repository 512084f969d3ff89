"""Other files than definitions, read as carefully: plans, judgements, thresholds.

A document is a YAML file and the pydantic model of what it holds. It is read by the reader of
definitions, so nothing in it runs or grows, and every fault is told at once with file and line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from psychometrics.errors import DocumentError, Finding
from psychometrics.instrument.fields import field_problem
from psychometrics.instrument.parts import Part
from psychometrics.instrument.rules import Problem
from psychometrics.instrument.yaml_tree import Tree, described, read_tree
from psychometrics.messages import english

P = TypeVar("P", bound=Part)
Loc = tuple[str | int, ...]

OF_A_DEFINITION = {
    "definition_empty": "document_empty",
    "definition_too_large": "document_too_large",
}
"""Faults whose sentence speaks of definitions, and what to say of other files."""


@dataclass(frozen=True)
class Document(Generic[P]):
    """What a file holds, and everything that is wrong with it.

    Attributes
    ----------
    value : Part or None
        The content; None where it has errors.
    findings : tuple of Finding
        Faults, by line.
    tree : Tree
        Plain data with the line of every part.
    faulty : frozenset of str
        Fields of the file that hold a fault.
    """

    value: P | None
    findings: tuple[Finding, ...]
    tree: Tree
    faulty: frozenset[str] = frozenset()

    def sound(self, model: type[P], stand_ins: Mapping[str, Any]) -> P | None:
        """Return the content with stand-ins for the fields that are faulty or not there.

        What can be said about the other fields can then be said at once. None where nothing
        could be read.

        Parameters
        ----------
        model : type
            What the file holds.
        stand_ins : mapping
            Values for the fields that have to be there.
        """
        if self.value is not None or not isinstance(self.tree.data, dict):
            return self.value
        known = {info.alias or name for name, info in model.model_fields.items()}
        kept = {
            name: part
            for name, part in self.tree.data.items()
            if name in known and name not in self.faulty
        }
        try:
            return model.model_validate({**stand_ins, **kept})
        except ValidationError:  # a fault of fields together, which was told already
            return None

    def finding(self, problem: Problem) -> Finding:
        """Return a problem of the content with its file and line."""
        where = f"{self.tree.file}:{self.tree.line(problem.path)}"
        params = problem.params
        return Finding(problem.code, problem.severity, where, problem.message, params=params)


def read_document(path: str | PathLike[str], model: type[P], what: str) -> Document[P]:
    """Read a file and say everything that is wrong with it.

    Parameters
    ----------
    path : str or path
        The file.
    model : type
        What it holds.
    what : str
        The same in words, such as "a plan of analysis".

    Returns
    -------
    Document
        Its `value` is None where there are errors.
    """
    tree = read_tree(Path(path))
    faults = [_renamed(found, what) for found in tree.faults]
    if tree.data is None:
        if not faults:
            faults.append(_fault(tree, "document_empty", what=what))
        return Document(None, tuple(faults), tree)
    if not isinstance(tree.data, dict):
        faults.append(_fault(tree, "document_not_mapping", what=what, found=described(tree.data)))
        return Document(None, tuple(faults), tree)
    for name, info in model.model_fields.items():
        if not info.is_required() and tree.data.get(name, ...) is None:
            del tree.data[name]  # a heading with nothing under it yet
    value, problems = None, []
    try:
        value = model.model_validate(tree.data)
    except ValidationError as error:
        problems = list(_problems(error, model))
    told: Document[P] = Document(None, (), tree)
    faults += [told.finding(problem) for problem in problems]
    faults.sort(key=line_of)
    if any(found.severity == "error" for found in faults):
        value = None
    faulty = frozenset(str(problem.path[0]) for problem in problems if problem.path)
    return Document(value, tuple(faults), tree, faulty)


def load_document(path: str | PathLike[str], model: type[P], what: str) -> P:
    """Read a file that has to be right.

    Raises
    ------
    DocumentError
        If it isn't; ``findings`` lists every fault.
    """
    document = read_document(path, model, what)
    if document.value is None:
        raise_faults(str(path), document.findings)
        raise LookupError("a document without a value has an error")
    return document.value


def raise_faults(file: str, findings: Iterable[Finding]) -> None:
    """Raise all errors of a file as one.

    Raises
    ------
    DocumentError
        If there are any.
    """
    errors = [found for found in findings if found.severity == "error"]
    if errors:
        count = "one error" if len(errors) == 1 else f"{len(errors)} errors"
        told = "\n".join(f"  {found.where}: {found.message}" for found in errors)
        raise DocumentError(f"{file} has {count}:\n{told}", errors)


def line_of(found: Finding) -> int:
    """Return the line that a finding of a file names."""
    return int(found.where.rpartition(":")[2])


def _fault(tree: Tree, code: str, **params: Any) -> Finding:
    where = f"{tree.file}:{tree.line(())}"
    return Finding(code, "error", where, english(code, params), params=params)


def _renamed(found: Finding, what: str) -> Finding:
    """Return a fault of the file, told of this kind of file."""
    code = OF_A_DEFINITION.get(found.code)
    if code is None:
        return found
    params = {**found.params, "what": what}
    return Finding(code, found.severity, found.where, english(code, params), params=params)


def _problems(error: ValidationError, model: type[Part]) -> Iterator[Problem]:
    """Yield each refusal of a model, told of the entry that it stands in."""
    seen: set[Loc] = set()
    for detail in error.errors(include_url=False):
        loc = detail["loc"]
        inner, at = _innermost(model, loc)
        if at == loc and detail["type"] not in ("missing", "extra_forbidden"):
            at = loc[:-1]
        if loc in seen:
            continue
        seen.add(loc)
        rest: ErrorDetails = {**detail, "loc": loc[len(at) :]}
        if detail["type"] in ("value_error", "assertion_error") or not rest["loc"]:
            why = str(detail["msg"]).removeprefix("Value error, ")
            name = str(loc[-1]) if loc else "this file"
            told = {"field": name, "found": described(detail["input"]), "why": why}
            yield Problem("field_refused", loc, told)
        else:
            yield field_problem(rest, inner, at, _owner(at))


def _innermost(model: type[Part], loc: Loc) -> tuple[type[Part], Loc]:
    """Return the model that a path leads into, and where it stands."""
    inner, at = model, 0
    kind: Any = model
    for step, name in enumerate(loc):
        kind = _without_none(kind)
        if isinstance(kind, type) and issubclass(kind, Part):
            inner, at = kind, step
            info = next((f for key, f in kind.model_fields.items() if name in (key, f.alias)), None)
            if info is None:
                break
            kind = info.annotation
        else:
            kind = (
                get_args(kind)[-1 if get_origin(kind) is not tuple else 0]
                if get_args(kind)
                else None
            )
    return inner, loc[:at]


def _without_none(kind: Any) -> Any:
    """Return the kind of an optional field's value."""
    kinds = [each for each in get_args(kind) if each is not type(None)]
    return kinds[0] if type(None) in get_args(kind) and kinds else kind


def _owner(at: Loc) -> str:
    """Return what to call an entry in a sentence.

    Examples
    --------
    >>> _owner(("judgements", 0)), _owner(())
    ('Entry 1 of `judgements`', 'The file')
    """
    if not at:
        return "The file"
    if isinstance(at[-1], int):
        return f"Entry {at[-1] + 1} of `{'.'.join(str(step) for step in at[:-1])}`"
    return f"`{'.'.join(map(str, at))}`"
