"""YAML text to plain data with the line of every part.

Only what a definition needs of YAML 1.2 is read: mappings, lists and scalars of the core
schema. Anchors, aliases, tags and further documents are refused, so that a file can't grow
when it is read, makes no objects, and says everything where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, Final

from psychometrics.errors import Finding, Severity
from psychometrics.messages import english

MOST_BYTES: Final = 4_000_000
MOST_LEVELS: Final = 12

# line breaks and tabs are text; other control characters, surrogates and U+FFFE are not
NOT_TEXT: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
)
LITERALS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
INTEGER: Final = re.compile(r"[-+]?[0-9]{1,18}")
NUMBER: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
TREE_PATH = tuple[str | int, ...]


@dataclass(slots=True)
class Tree:
    """The data of one file, the line of each of its parts, and the faults met on the way."""

    file: str
    data: Any = None
    lines: dict[TREE_PATH, int] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)

    def line(self, path: TREE_PATH) -> int:
        """Return the line of a part, or of the smallest part around it that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(self, code: str, line: int, **params: Any) -> None:
        """Note a fault of the file."""
        severity: Severity = "warning" if code == "definition_bom" else "error"
        where = f"{self.file}:{line}"
        self.faults.append(Finding(code, severity, where, english(code, params), params=params))


def read_tree(path: FilePath) -> Tree:
    """Read a YAML file; what is wrong with it is in the `faults` of the result.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    Tree
        Its `data` is None where nothing could be read.
    """
    tree = Tree(str(path))
    text = _text(path, tree)
    if text is None or _refused(text, tree):
        return tree
    try:
        tree.data = _document(text, tree)
    except _Stop as stop:
        tree.fault(stop.code, stop.line, **stop.params)
    return tree


def _text(path: FilePath, tree: Tree) -> str | None:
    """Return the text of a file, or None with a fault noted."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        tree.fault("definition_not_found", 1, why=error.strerror or type(error).__name__)
        return None
    if len(raw) > MOST_BYTES:
        tree.fault("definition_too_large", 1, size=len(raw), most=MOST_BYTES)
        return None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        tree.fault("definition_not_utf8", 1, why="it looks like UTF-16")
        return None
    if raw.startswith(b"\xef\xbb\xbf"):
        tree.fault("definition_bom", 1)
        raw = raw[3:]
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        tree.fault("definition_not_utf8", line, why=f"byte {raw[error.start]:#04x}")
        return None


def _refused(text: str, tree: Tree) -> bool:
    """Note characters that are no text; an empty file is refused too."""
    found = NOT_TEXT.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        tree.fault("yaml_character", line, found=f"U+{ord(found.group()):04X}")
    elif all(line.split("#")[0].strip() in ("", "---", "...") for line in text.splitlines()):
        tree.fault("definition_empty", 1)
    else:
        return False
    return True


class _Stop(Exception):
    """Ends the reading of a file at a fault that leaves the rest without meaning."""

    def __init__(self, code: str, line: int, **params: Any) -> None:
        super().__init__(code)
        self.code, self.line, self.params = code, line, params


def _document(text: str, tree: Tree) -> Any:
    """Return the data of the first document of a text."""
    from ruamel.yaml.events import DocumentStartEvent, StreamEndEvent

    events = _events(text)
    data: Any = None
    n_documents = 0
    for event in events:
        if isinstance(event, DocumentStartEvent):
            n_documents += 1
            if n_documents > 1:
                tree.fault("yaml_second_document", event.start_mark.line + 1)
                return data
            data = _node(next(events), events, (), tree)
        elif isinstance(event, StreamEndEvent):
            break
    return data


def _events(text: str) -> Iterator[Any]:
    """Yield the parser's events, and stop with line and reason at what it can't read."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    rows = text.splitlines()
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        row = rows[line - 1] if line <= len(rows) else ""
        if "\t" in row[: len(row) - len(row.lstrip())]:
            raise _Stop("yaml_tab", line) from error
        why = " ".join(str(part) for part in (error.context, error.problem) if part)
        raise _Stop("yaml_syntax", line, why=why) from error
    except (YAMLError, ValueError, OverflowError) as error:  # such as an escape beyond Unicode
        raise _Stop("yaml_syntax", 1, why=str(error).split("\n")[0]) from error


def _node(event: Any, events: Iterator[Any], path: TREE_PATH, tree: Tree) -> Any:
    """Return the data of the node that starts with an event."""
    from ruamel.yaml.events import AliasEvent, MappingStartEvent, ScalarEvent

    line = event.start_mark.line + 1
    tree.lines.setdefault(path, line)
    if isinstance(event, AliasEvent):
        tree.fault("yaml_alias", line)
        return None
    if event.anchor is not None:
        tree.fault("yaml_alias", line)
    if event.tag is not None:
        tree.fault("yaml_tag", line, tag=str(event.tag).replace("tag:yaml.org,2002:", "!!"))
    if isinstance(event, ScalarEvent):
        return _scalar(event, line, tree)
    if len(path) >= MOST_LEVELS:
        raise _Stop("yaml_too_deep", line, most=MOST_LEVELS)
    if isinstance(event, MappingStartEvent):
        return _mapping(events, path, tree)
    return _sequence(events, path, tree)


def _sequence(events: Iterator[Any], path: TREE_PATH, tree: Tree) -> list[Any]:
    """Return the list whose start was just read."""
    from ruamel.yaml.events import SequenceEndEvent

    made: list[Any] = []
    for event in events:
        if isinstance(event, SequenceEndEvent):
            break
        made.append(_node(event, events, (*path, len(made)), tree))
    return made


def _mapping(events: Iterator[Any], path: TREE_PATH, tree: Tree) -> dict[str, Any]:
    """Return the mapping whose start was just read; the first of two equal keys stays."""
    from ruamel.yaml.events import MappingEndEvent

    made: dict[str, Any] = {}
    for event in events:
        if isinstance(event, MappingEndEvent):
            break
        line = event.start_mark.line + 1
        key = _node(event, events, (*path, "(name)", line), tree)
        if not isinstance(key, str):
            tree.fault("yaml_key_not_text", line, found=described(key))
            _node(next(events), events, (*path, "(unnamed)", line), tree)
        elif key in made:
            tree.fault("yaml_duplicate_key", line, key=key, first=tree.lines[(*path, key)])
            _node(next(events), events, (*path, "(repeated)", line), tree)
        else:
            tree.lines[(*path, key)] = line
            made[key] = _node(next(events), events, (*path, key), tree)
    return made


def _scalar(event: Any, line: int, tree: Tree) -> Any:
    """Return a scalar by the core schema of YAML 1.2; what is quoted is text."""
    value: str = event.value
    if found := NOT_TEXT.search(value):
        tree.fault("yaml_character", line, found=f"U+{ord(found.group()):04X}")
        return ""
    if event.style is not None:
        return value
    if value in LITERALS:
        return LITERALS[value]
    if INTEGER.fullmatch(value):
        return int(value)
    if NUMBER.fullmatch(value):
        return float(value)
    return value


def described(value: Any) -> str:
    """Return what a value is, in words for the author of a definition.

    Examples
    --------
    >>> described(None), described(True), described(2.5), described(["a"])
    ('nothing', 'true', '2.5', 'a list')
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "a group of `name: value` lines"
    text = str(value)
    short = text if len(text) <= 60 else f"{text[:57]}..."
    return repr(short) if isinstance(value, str) else short
