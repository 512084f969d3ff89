"""Changes of one entry of a PO file; each leaves the lines of all other fields as they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from psychometrics.translation.po import Line, PoEntry, Role, string_lines

FUZZY = "fuzzy"


def new_entry(
    key: str, source: str, *, text: str = "", newline: str = "\n", flags: Iterable[str] = ()
) -> PoEntry:
    """Return an entry that is in no file yet.

    Examples
    --------
    >>> entry = new_entry("item.calm", "I feel calm.", text="Ich bin ruhig.")
    >>> print("".join(line.raw for line in entry.lines))
    msgctxt "item.calm"
    msgid "I feel calm."
    msgstr "Ich bin ruhig."
    """
    made = PoEntry(
        (
            *string_lines("msgctxt", key, "context", newline),
            *string_lines("msgid", source, "source", newline),
            *string_lines("msgstr", text, "text", newline),
        )
    )
    for flag in flags:
        made = with_flag(made, flag, True, newline)
    return made


def with_source(entry: PoEntry, source: str, newline: str = "\n") -> PoEntry:
    """Return the entry with another source text."""
    return entry.with_lines("source", string_lines("msgid", source, "source", newline))


def with_text(entry: PoEntry, text: str, newline: str = "\n") -> PoEntry:
    """Return the entry with another translation; where there are plural forms, of the first."""
    word = "msgstr[0]" if entry.plural_source is not None else "msgstr"
    rest: list[Line] = []
    inside = True
    for line in entry.lines:
        if line.role == "text":
            inside = line.word in ("msgstr", "msgstr[0]") if line.word else inside
            if not inside:
                rest.append(line)
    return entry.with_lines("text", (*string_lines(word, text, "text", newline), *rest))


def with_key(entry: PoEntry, key: str, newline: str = "\n") -> PoEntry:
    """Return the entry under another key."""
    return entry.with_lines("context", string_lines("msgctxt", key, "context", newline))


def with_previous(entry: PoEntry, source: str | None, newline: str = "\n") -> PoEntry:
    """Return the entry with another previous source, or with none."""
    lines: tuple[Line, ...] = ()
    if source is not None:
        lines = string_lines("msgid", source, "previous", newline, mark="#| ")
    return entry.with_lines("previous", lines)


def with_flag(entry: PoEntry, flag: str, on: bool, newline: str = "\n") -> PoEntry:
    """Return the entry with a flag set or taken away; the other flags keep their lines."""
    if (flag in entry.flags) == on:
        return entry
    lines = [line for line in entry.lines if line.role == "flags"]
    if on:
        if not lines:
            return entry.with_lines("flags", [Line(f"#, {flag}{newline}", "flags", "", flag)])
        first = lines[0]
        value = f"{flag}, {first.value}"
        lines[0] = replace(first, raw=f"#, {value}{newline}", value=value)
        return entry.with_lines("flags", lines)
    made = []
    for line in lines:
        kept = [word for word in (part.strip() for part in line.value.split(",")) if word != flag]
        if flag not in [part.strip() for part in line.value.split(",")]:
            made.append(line)
        elif any(kept):
            value = ", ".join(kept)
            made.append(replace(line, raw=f"#, {value}{newline}", value=value))
    return entry.with_lines("flags", made)


def with_remarks(entry: PoEntry, role: Role, texts: Iterable[str], newline: str = "\n") -> PoEntry:
    """Return the entry with other lines of one kind of comment ("comment", "note", "place")."""
    mark = {"comment": "# ", "note": "#. ", "place": "#: "}[role]
    lines = [Line(f"{mark}{text}".rstrip() + newline, role, "", text) for text in texts]
    return entry.with_lines(role, lines)


def with_comment_added(entry: PoEntry, text: str, newline: str = "\n") -> PoEntry:
    """Return the entry with one more comment of translators, behind those it has."""
    comments = [line for line in entry.lines if line.role == "comment"]
    return entry.with_lines("comment", [*comments, Line(f"# {text}{newline}", "comment", "", text)])


def as_obsolete(entry: PoEntry) -> PoEntry:
    """Return the entry with its strings commented out; nothing of it is lost."""
    if entry.obsolete:
        return entry
    made = []
    for line in entry.lines:
        if line.role == "previous":
            line = replace(line, raw=_remarked(line.raw, "#|", "#~|"))
        elif line.role in ("context", "source", "plural", "text"):
            line = replace(line, raw=f"#~ {line.raw}")
        made.append(line)
    return replace(entry, lines=tuple(made), obsolete=True)


def as_live(entry: PoEntry) -> PoEntry:
    """Return an obsolete entry as one in use."""
    if not entry.obsolete:
        return entry
    made = []
    for line in entry.lines:
        if line.role == "previous":
            line = replace(line, raw=_remarked(line.raw, "#~|", "#|"))
        elif line.role in ("context", "source", "plural", "text"):
            body = line.raw.lstrip(" \t").removeprefix("#~")
            line = replace(line, raw=body.removeprefix(" "))
        made.append(line)
    return replace(entry, lines=tuple(made), obsolete=False)


def _remarked(raw: str, old: str, new: str) -> str:
    """Return a line with another mark at its start; a text in it may look like a mark."""
    body = raw.lstrip(" \t")
    return new + body.removeprefix(old) if body.startswith(old) else raw
