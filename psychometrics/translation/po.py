"""PO files, read without losing a byte and written back by splicing.

An entry is kept as the lines that it has in the file. An edit replaces the lines of one field
and leaves all others as they are, so whatever an editor wrote (wrapping, `#~|`, comments of any
kind, flags nobody here knows, the order of comments, line ends) is still there afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, Literal

Role = Literal[
    "comment", "note", "place", "flags", "previous", "context", "source", "plural", "text", "blank"
]

BOM: Final = "\ufeff"
WIDTH: Final = 79
LINE: Final = re.compile(
    r"(?P<word>msgctxt|msgid_plural|msgid|msgstr(?:\[[0-9]{1,2}\])?)?[ \t]*"
    r'"(?P<quoted>[^"\\]*(?:\\.[^"\\]*)*)"'
)
ESCAPE: Final = re.compile(r"\\(x[0-9A-Fa-f]{2}|[0-7]{1,3}|.)", re.DOTALL)
NAMED: Final = {
    "n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v",
    "\\": "\\", '"': '"',
}  # fmt: skip
TO_ESCAPE: Final = {ord(char): f"\\{name}" for name, char in NAMED.items()}
ROLES: Final[dict[str, Role]] = {
    "msgctxt": "context", "msgid": "source", "msgid_plural": "plural", "msgstr": "text",
}  # fmt: skip
MARKS: Final[dict[str, Role]] = {".": "note", ":": "place", ",": "flags", "|": "previous"}
ORDER: Final[tuple[Role, ...]] = (
    "comment", "note", "place", "flags", "previous", "context", "source", "plural", "text",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: as it is there, what it belongs to, and the text in its quotes."""

    raw: str
    role: Role
    word: str = ""
    value: str = ""


@dataclass(frozen=True)
class PoEntry:
    """One entry of a PO file.

    Attributes
    ----------
    lines : tuple of Line
        Its lines, comments first, with their line ends.
    number : int
        Line of the file where it starts, from 1; 0 for an entry made here.
    obsolete : bool
        Whether its strings are commented out with `#~`.
    """

    lines: tuple[Line, ...]
    number: int = 0
    obsolete: bool = False

    @cached_property
    def context(self) -> str | None:
        """`msgctxt`, the key; None where there is none."""
        return self._joined("context")

    @cached_property
    def source(self) -> str:
        """`msgid`, the text in the source language that the translation was made from."""
        return self._joined("source") or ""

    @cached_property
    def text(self) -> str:
        """`msgstr`, the translation; the first form where there are several."""
        found = self.forms
        return found[min(found)] if found else ""

    @cached_property
    def forms(self) -> dict[int, str]:
        """`msgstr[n]` by n; a `msgstr` without number is 0."""
        made: dict[int, str] = {}
        at = 0
        for line in self.lines:
            if line.role == "text":
                if line.word:
                    at = int(line.word[7:-1] or 0) if "[" in line.word else 0
                made[at] = made.get(at, "") + line.value
        return made

    @cached_property
    def plural_source(self) -> str | None:
        """`msgid_plural`, where there is one."""
        return self._joined("plural")

    @cached_property
    def previous_source(self) -> str | None:
        """`#| msgid`, the source text that the translation was made from before."""
        return self._previous("msgid")

    @cached_property
    def previous_context(self) -> str | None:
        """`#| msgctxt`."""
        return self._previous("msgctxt")

    @cached_property
    def flags(self) -> tuple[str, ...]:
        """The words of the `#,` lines."""
        told = ",".join(line.value for line in self.lines if line.role == "flags")
        return tuple(word for word in (part.strip() for part in told.split(",")) if word)

    @property
    def fuzzy(self) -> bool:
        """Whether the translation is marked as one to look at again."""
        return "fuzzy" in self.flags

    def told(self, role: Role) -> tuple[str, ...]:
        """Return the lines of a kind of comment, without their mark."""
        return tuple(line.value for line in self.lines if line.role == role)

    def _joined(self, role: Role) -> str | None:
        parts = [line.value for line in self.lines if line.role == role]
        return "".join(parts) if parts else None

    def _previous(self, word: str) -> str | None:
        parts, inside = [], False
        for line in self.lines:
            if line.role == "previous":
                inside = line.word == word if line.word else inside
                if inside:
                    parts.append(line.value)
        return "".join(parts) if parts else None

    def with_lines(self, role: Role, lines: Iterable[Line]) -> PoEntry:
        """Return the entry with the lines of one role replaced, where those were."""
        new = tuple(lines)
        kept = [line for line in self.lines if line.role != role]
        at = next((i for i, line in enumerate(self.lines) if line.role == role), None)
        if at is None:  # before the first line of whatever comes later in an entry
            later = ORDER[ORDER.index(role) + 1 :]
            places = (i for i, line in enumerate(kept) if line.role in later)
            at = next(places, len(kept))
        return replace(self, lines=(*kept[:at], *new, *kept[at:]))


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that can't be read: its number, and why."""

    line: int
    why: str


@dataclass(frozen=True)
class PoFile:
    """A PO file: its entries, and what stands between them.

    Attributes
    ----------
    parts : tuple of str or PoEntry
        Everything in the file, in order; text between entries is blank lines, and comments at
        the end that belong to no entry.
    faults : tuple of Fault
        Lines that can't be read; they are part of the text between entries.
    """

    parts: tuple[str | PoEntry, ...]
    faults: tuple[Fault, ...] = field(default=())

    @property
    def entries(self) -> tuple[PoEntry, ...]:
        """The entries in order, the header and obsolete ones among them."""
        return tuple(part for part in self.parts if isinstance(part, PoEntry))

    @cached_property
    def newline(self) -> str:
        """What ends the lines of this file."""
        return "\r\n" if any("\r\n" in raw for raw in self._raws()) else "\n"

    def header(self) -> dict[str, str]:
        """Return the fields of the header entry."""
        for entry in self.entries:
            if entry.context is None and not entry.source and not entry.obsolete:
                pairs = (line.partition(":") for line in entry.text.split("\n"))
                return {name.strip(): value.strip() for name, sign, value in pairs if sign}
        return {}

    def dump(self) -> str:
        """Return the text of the file; encoded as UTF-8 it is what `parse` was given."""
        return "".join(self._raws())

    def _raws(self) -> Iterator[str]:
        for part in self.parts:
            if isinstance(part, str):
                yield part
            else:
                yield from (line.raw for line in part.lines)

    def replaced(self, new: Mapping[int, PoEntry]) -> PoFile:
        """Return the file with entries replaced, by their position in `entries`."""
        made, at = [], -1
        for part in self.parts:
            if isinstance(part, PoEntry):
                at += 1
                part = new.get(at, part)
            made.append(part)
        return PoFile(tuple(made), self.faults)


def parse(text: str) -> PoFile:
    """Read the text of a PO file; lines that can't be read are in its `faults`."""
    reader = _Reader()
    start = 0
    if text.startswith(BOM):
        reader.parts.append(BOM)
        start = 1
    number = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        number += 1
        reader.take(text[start:end], number)
        start = end
    return reader.finished()


class _Reader:
    """Puts lines together to entries."""

    def __init__(self) -> None:
        self.parts: list[str | PoEntry] = []
        self.faults: list[Fault] = []
        self.lines: list[Line] = []
        self.first = 0
        self.obsolete = False
        self.role: Role | None = None
        self.spoilt = False  # inside an entry of which a line can't be read

    def take(self, raw: str, number: int) -> None:
        """Take the next line."""
        body = raw.strip(" \t\r\n")
        if not body or body.startswith("#"):
            self.spoilt = False
        if not body:
            # A blank line between the strings of an entry means nothing, one after them ends it.
            self._blank(raw)
            return
        obsolete = body.startswith("#~")
        inner = body[2:].strip(" \t") if obsolete else ""
        if obsolete and inner and inner[0] not in "|#":
            self._string(raw, inner, number, True)
        elif body.startswith("#"):
            self._comment(raw, body, number)
        else:
            self._string(raw, body, number, False)

    def _blank(self, raw: str) -> None:
        if self.role == "text":
            self._close()
        if self.lines:
            self.lines.append(Line(raw, "blank"))
        else:
            self.parts.append(raw)

    def _comment(self, raw: str, body: str, number: int) -> None:
        if self.role == "text":
            self._close()
        self._open(number)
        mark = "|" if body.startswith("#~|") else body[1:2]
        role = MARKS.get(mark, "comment")
        rest = body[3:] if body.startswith("#~|") else body[2:]
        if role == "previous":
            found = LINE.fullmatch(rest.strip(" \t"))
            word, value = (found["word"] or "", unescaped(found["quoted"])) if found else ("", "")
            self.lines.append(Line(raw, role, word, value))
            return
        value = rest.strip() if role != "comment" else body[1:].strip()
        self.lines.append(Line(raw, role, "", value))

    def _string(self, raw: str, body: str, number: int, obsolete: bool) -> None:
        found = LINE.fullmatch(body)
        word = found["word"] if found else None
        if self.spoilt and found is not None:
            self.parts.append(raw)  # one fault is told once
            return
        if found is None or not self._fits(word, obsolete):
            self._fault(raw, body, number, found is None)
            return
        if word and (word in ("msgctxt", "msgid")) and self.role == "text":
            self._close()
        self._open(number)
        self.obsolete = obsolete
        role = ROLES[word.partition("[")[0]] if word else self.role
        if role is not None:  # `_fits` has seen to it
            self.role = role
            self.lines.append(Line(raw, role, word or "", unescaped(found["quoted"])))

    def _fits(self, word: str | None, obsolete: bool) -> bool:
        """Tell whether a string may stand here."""
        if word is None:
            return self.role is not None and self.obsolete == obsolete
        if self.role is not None and self.role != "text" and self.obsolete != obsolete:
            return False
        allowed: dict[str, tuple[Role | None, ...]] = {
            "msgctxt": (None, "text"),
            "msgid": (None, "context", "text"),
            "msgid_plural": ("source",),
            "msgstr": ("source", "plural", "text") if "[" in word else ("source",),
        }
        return self.role in allowed[word.partition("[")[0]]

    def _fault(self, raw: str, body: str, number: int, unreadable: bool) -> None:
        if body.startswith(("<<<<<<<", "=======", ">>>>>>>")):
            why = "two versions of the file were merged and the conflict is still there"
        elif unreadable:
            why = "it is neither a comment nor a word such as msgid with a text in quotes"
        else:
            why = "it is not expected at this place"
        self._close(told=True)
        self.faults.append(Fault(number, why))
        self.parts.append(raw)
        self.spoilt = True

    def _open(self, number: int) -> None:
        if not self.lines:
            self.first = number

    def _close(self, told: bool = False) -> None:
        """Put what was gathered in its place: an entry, or text that belongs to none."""
        if not self.lines:
            return
        after: list[str] = []
        while self.lines and self.lines[-1].role == "blank":
            after.insert(0, self.lines.pop().raw)
        if any(line.role == "source" for line in self.lines):
            if self.role != "text" and not told:
                self.faults.append(Fault(self.first, "this entry has no msgstr"))
            self.parts.append(PoEntry(tuple(self.lines), self.first, self.obsolete))
        else:
            if any(line.role == "context" for line in self.lines) and not told:
                self.faults.append(Fault(self.first, "this entry has no msgid"))
            self.parts.extend(line.raw for line in self.lines)
        self.parts.extend(after)
        self.lines, self.role, self.obsolete = [], None, False

    def finished(self) -> PoFile:
        """Return the file."""
        self._close()
        return PoFile(tuple(self.parts), tuple(self.faults))


def unescaped(quoted: str) -> str:
    r"""Return the text that stands between quotes in a PO file.

    Examples
    --------
    >>> unescaped(r'She said \"no\"\\n')
    'She said "no"\\n'
    """
    if "\\" not in quoted:
        return quoted

    def one(found: re.Match[str]) -> str:
        code = found[1]
        if code in NAMED:
            return NAMED[code]
        if code[0] == "x" and len(code) == 3:
            return chr(int(code[1:], 16))
        return chr(int(code, 8)) if code[0] in "01234567" else found[0]

    return ESCAPE.sub(one, quoted)


def escaped(text: str) -> str:
    """Return a text as it stands between quotes in a PO file."""
    return text.translate(TO_ESCAPE)


def string_lines(
    word: str, text: str, role: Role, newline: str = "\n", mark: str = ""
) -> tuple[Line, ...]:
    """Return the lines of one string, wrapped as gettext does it.

    Parameters
    ----------
    word : str
        Such as "msgid".
    text : str
        The text, not escaped.
    role : str
        What the lines are.
    newline : str
        The line end of the file.
    mark : str
        What stands before each line, such as "#| ".
    """
    pieces = _wrapped(text, WIDTH - len(mark) - 2)
    if len(pieces) > 1 or len(mark) + len(word) + len(escaped(text)) + 3 > WIDTH:
        pieces = ["", *pieces]
    made = []
    for at, piece in enumerate(pieces):
        start = f"{word} " if at == 0 else ""
        raw = f'{mark}{start}"{escaped(piece)}"{newline}'
        made.append(Line(raw, role, word if at == 0 else "", piece))
    return tuple(made)


def _wrapped(text: str, width: int) -> list[str]:
    """Return a text in pieces: one a line of it, and lines broken after spaces."""
    made: list[str] = []
    for line in _with_ends(text):
        piece = ""
        for word in re.findall(r"[^ ]* +|[^ ]+$", line):
            if piece and len(escaped(piece + word.rstrip(" "))) > width:
                made.append(piece)
                piece = ""
            piece += word
        if piece or not line:
            made.append(piece)
    return made


def _with_ends(text: str) -> list[str]:
    """Return the lines of a text with their ends; nothing follows the last end."""
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] or len(lines) == 1 else lines[:-1]
