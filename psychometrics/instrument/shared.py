"""Response sets that several instruments share: their file, and how an instrument takes one up.

``response_sets/<key>.yaml`` beside the definitions holds the answers; an instrument names it::

    response_sets:
      - use: agreement5
        version: "0.1"

The answers become part of the instrument when it is loaded. Their texts keep catalogs and a record
of their own, so that they are translated, checked and signed once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError, to_json

from psychometrics.errors import Finding
from psychometrics.instrument import rules_parts
from psychometrics.instrument.document import line_of, read_document
from psychometrics.instrument.fields import field_problems
from psychometrics.instrument.parts import (
    Frozen,
    Key,
    MissingAnswer,
    NumericRange,
    Option,
    Part,
    ResponseSet,
    SharedVersion,
    Text,
)
from psychometrics.instrument.rules import Draft, Problem, did_you_mean
from psychometrics.instrument.shipped import SHARED

WHAT: Final = "a shared response set"
ANSWERS: Final = ("options", "range", "missing")
LENGTH: Final = 16
KEY: Final = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


class SharedSetFile(Frozen):
    """What the file of a shared response set holds."""

    key: Key = Field(description="Stable name; the file is named after it.")
    version: Text = Field(description='Version of these answers, in quotes, such as "1.0".')
    title: Text = Field(description="Name for readers.")
    description: Text = Field(description="For the translator: what the answers are about.")
    licence: Text = Field(description="Under which terms the texts may be used.")
    provenance: Text = Field(description="Where the answers come from.")
    source_locale: Text = Field(description="Language of the texts in this file, such as en.")
    moved_from: tuple[Key, ...] = Field(
        default=(),
        description="Ids of instruments that held these answers themselves before; what was "
        "done to the texts there counts on.",
    )
    options: tuple[Option, ...] = Field(
        default=(), description="The answers, in the order in which they are shown."
    )
    range: NumericRange | None = Field(
        default=None, description="For numeric answers: lowest and highest value."
    )
    missing: tuple[MissingAnswer, ...] = Field(
        default=(), description="Codes that mean that there is no usable answer."
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.options) == (self.range is not None):
            raise PydanticCustomError("options_or_range", "options or range", {"key": self.key})
        return self

    @property
    def answers(self) -> ResponseSet:
        """The answers alone, as an instrument has them that doesn't share them."""
        return ResponseSet(
            key=self.key, options=self.options, range=self.range, missing=self.missing
        )

    @property
    def answers_hash(self) -> str:
        """16 hexadecimal digits for keys, codes, texts and order; version and remarks don't matter.

        Whoever takes the set up can write it beside the version, and is told when it changes.
        """
        told = self.model_dump(mode="json", include=set(ANSWERS))
        return sha256(to_json(told)).hexdigest()[:LENGTH]


class Use(Part):
    """How an instrument names a shared response set."""

    use: Key = Field(description="Key of the shared response set, as its file is called.")
    version: Text = Field(description="The version that was looked at for this instrument.")
    hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")] | None = Field(
        default=None, description="Its fingerprint then, if it is to be watched closely."
    )


@dataclass(frozen=True)
class Read:
    """A shared response set as its file has it: None where the file has errors."""

    value: SharedSetFile | None
    findings: tuple[Finding, ...]


def shared_file(folder: Path, key: str) -> Path:
    """Return the file of a shared set, in the folder of the definitions that use it."""
    return folder / SHARED / f"{key}.yaml"


def is_shared_file(file: Path) -> bool:
    """Tell whether a file is that of a shared response set, by where it lies."""
    return file.absolute().parent.name == SHARED


def files_changed(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what tells whether a shared set in a folder of definitions has changed."""
    place = folder / SHARED
    if not place.is_dir():
        return ()
    found = ((file.name, file.stat()) for file in sorted(place.glob("*.yaml")))
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in found)


def read_shared(file: Path) -> Read:
    """Read a shared response set, with everything that is wrong with it."""
    stat = file.stat() if file.is_file() else None
    return _read(file, (stat.st_mtime_ns, stat.st_size) if stat else None)


@lru_cache(maxsize=64)
def _read(file: Path, changed: object) -> Read:
    """Read a file; `changed` makes an edited file count as a new one."""
    document = read_document(file, SharedSetFile, WHAT)
    found = list(document.findings)
    value = document.value
    if value is not None:
        found += [document.finding(problem) for problem in _problems(value, file)]
        found.sort(key=line_of)
    if any(each.severity == "error" for each in found):
        value = None
    return Read(value, tuple(found))


def _problems(made: SharedSetFile, file: Path) -> Iterator[Problem]:
    """Yield what is wrong with the answers as a whole, at its place in the file."""
    if made.key != file.stem:
        yield Problem("shared_key_not_file_name", ("key",), {"key": made.key, "file": file.name})
    for rule in (rules_parts.response_sets, rules_parts.locales):
        for problem in rule(_draft(made)):
            path = problem.path[2:] if problem.path[:1] == ("response_sets",) else problem.path
            yield Problem(problem.code, path, problem.params, problem.severity)


def _draft(made: SharedSetFile) -> Draft:
    """Return a draft with nothing in it but the answers."""
    return Draft(
        source_locale=made.source_locale,
        response_sets={made.key: made.answers},
        items={},
        scales={},
        higher_order={},
        comparators={},
        sites={},
        distinct_pairs={},
        hypotheses={},
        known_groups={},
        columns={},
        retired_keys=(),
        declared={},
    )


def taken_up(data: dict[str, Any], folder: Path) -> Iterator[Problem]:
    """Put the answers of shared sets where a definition names them; yield what is wrong with it.

    Parameters
    ----------
    data : dict
        The definition as read; the entries of `response_sets` that say `use` are replaced.
    folder : pathlib.Path
        Where the definition lies.
    """
    entries = data.get("response_sets")
    if not isinstance(entries, list):
        return
    locale = data.get("source_locale")
    for at, entry in enumerate(entries):
        if not isinstance(entry, dict):
            continue
        path = ("response_sets", at)
        if "use" not in entry:
            if "shared" in entry:
                told = {"owner": "A response set", "field": "shared", "known": " Write `use:`."}
                yield Problem("field_unknown", (*path, "shared"), told)
                del entry["shared"]
            continue
        try:
            wanted = Use.model_validate(entry)
        except ValidationError as error:
            yield from field_problems(error, Use, path, f"The response set number {at + 1}")
            wanted = None
        named = entry["use"]
        key = named if isinstance(named, str) and KEY.fullmatch(named) else f"set{at + 1}"
        made, problems = _looked_up(key, wanted, folder, locale)
        yield from (Problem(p.code, (*path, *p.path), p.params, p.severity) for p in problems)
        entries[at] = made


def _looked_up(
    key: str, wanted: Use | None, folder: Path, locale: object
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the answers that a definition names, or a stand-in for them and what is wrong."""
    # anything sound will do: what is wrong is told, and is an error
    unknown: dict[str, Any] = {"key": key, "range": {"minimum": 0.0, "maximum": 1.0}}
    if wanted is None:
        return unknown, []
    file = shared_file(folder, wanted.use)
    if not file.is_file():
        known = sorted(each.stem for each in (folder / SHARED).glob("*.yaml"))
        told = {"key": key, "file": f"{SHARED}/{key}.yaml", "known": did_you_mean(key, known)}
        return unknown, [Problem("shared_set_unknown", ("use",), told)]
    read = read_shared(file).value
    if read is None:
        return unknown, [Problem("shared_set_faulty", ("use",), {"key": key, "file": str(file)})]
    told = {"key": key, "version": read.version, "hash": read.answers_hash}
    problems = []
    if locale != read.source_locale:
        languages = {"key": key, "own": str(locale)[:40], "other": read.source_locale}
        problems.append(Problem("shared_set_language", ("use",), languages))
    if wanted.version != read.version:
        found = {**told, "found": wanted.version}
        problems.append(Problem("shared_set_version", ("version",), found, "warning"))
    elif wanted.hash not in (None, read.answers_hash):
        found = {**told, "found": wanted.hash}
        problems.append(Problem("shared_set_changed", ("hash",), found, "warning"))
    return _as_entry(read), problems


def _as_entry(read: SharedSetFile) -> dict[str, Any]:
    """Return a shared set as the entry of a definition."""
    made = read.answers.model_dump(exclude_defaults=True)
    made["shared"] = shared_version(read)
    return made


def shared_version(read: SharedSetFile) -> SharedVersion:
    """Return what an instrument remembers of the shared set that it has taken up."""
    return SharedVersion(version=read.version, hash=read.answers_hash, moved_from=read.moved_from)
