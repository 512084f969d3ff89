"""Bringing a catalog up to date with its definition, by key and by nothing else.

Guessing by similarity puts a wrong translation under a text sooner or later ("I rarely worry" gets
the words of "I often worry"), so nothing is ever copied from one key to another. What another key
has can be told in a note, where a person decides.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

from psychometrics.errors import Finding, finding
from psychometrics.translation.change import NO_CHANGE, Change, classify_change
from psychometrics.translation.keys import text_key
from psychometrics.translation.po import BOM, PoEntry, PoFile
from psychometrics.translation.po_edit import (
    FUZZY,
    as_live,
    as_obsolete,
    new_entry,
    with_comment_added,
    with_flag,
    with_key,
    with_previous,
    with_remarks,
    with_source,
)
from psychometrics.translation.source import SourceString
from psychometrics.translation.text_hash import plain_text

What = Literal["added", "changed", "renamed", "removed", "retired", "revived", "moved"]
RETIRED: Final = "Retired: this key is not used again."
NOTE_WIDTH: Final = 76


@dataclass(frozen=True, slots=True)
class KeyChange:
    """What became of one key of a catalog.

    Attributes
    ----------
    key : str
        The key, with the site where it is the wording of one.
    what : str
        added, changed (its source text), renamed, removed, retired, revived, or moved (to the
        catalog of a response set that instruments share).
    change : Change
        How much the source text changed.
    had_text : bool
        Whether there was a translation.
    previous_key : str or None
        For a renamed text.
    """

    key: str
    what: What
    change: Change = NO_CHANGE
    had_text: bool = False
    previous_key: str | None = None


@dataclass(frozen=True)
class Merged:
    """A catalog brought up to date: the file, what changed, and what was odd."""

    file: PoFile
    changes: tuple[KeyChange, ...]
    findings: tuple[Finding, ...] = ()


def merge(
    old: PoFile,
    strings: Sequence[SourceString],
    *,
    renamed: Mapping[str, Sequence[str]] | None = None,
    retired: Iterable[str] = (),
    moved: Iterable[str] = (),
    language: str = "en",
    where: str = "catalog",
) -> Merged:
    """Bring a catalog up to date with the texts of its definition.

    * A key that is there keeps its translation. If the source text differs by more than white
      space, the entry is marked fuzzy, with the source that it was translated from (`#|`).
    * A key that is new gets an empty entry, after that of the text before it.
    * A key that a text had before (`renamed`) hands its entry on.
    * A key that is no longer there becomes obsolete (`#~`); it comes back with its translation if
      the key does, unless it was retired.

    Comments, flags, headers, the order of entries and the bytes of entries without a change stay.

    Parameters
    ----------
    old : PoFile
        The catalog as it is.
    strings : sequence of SourceString
        The texts of the definition.
    renamed : mapping, optional
        Earlier keys of a text, by its key.
    retired : iterable of str
        Keys that must not be used again.
    moved : iterable of str
        Keys that another catalog holds now; their entries are kept out of use.
    language : str
        Source language, for the class of a change.
    where : str
        Name of the file, for findings.
    """
    gone = (frozenset(retired), frozenset(moved))
    work = _Merge(old, strings, renamed or {}, *gone, language, where)
    work.run()
    return Merged(work.finished(), tuple(work.changes), tuple(work.findings))


@dataclass
class _Merge:
    """The state of one merge: entries by position, and which keys are done."""

    old: PoFile
    strings: Sequence[SourceString]
    renamed: Mapping[str, Sequence[str]]
    retired: frozenset[str]
    moved: frozenset[str]
    language: str
    where: str
    changes: list[KeyChange] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    entries: list[PoEntry] = field(init=False)
    after: dict[int, list[PoEntry]] = field(default_factory=dict)

    def run(self) -> None:
        """Bring every entry up to date, then add what is missing."""
        self.entries = list(self.old.entries)
        self.newline = self.old.newline
        by_key = {string.key: string for string in self.strings}
        self._rename(by_key)
        self._revive(by_key)
        for at, entry in enumerate(self.entries):
            if entry.context is None:
                if entry.source and not entry.obsolete:
                    self._odd("entry_without_key", entry, source=entry.source[:60])
                continue
            string = by_key.get(text_key(entry.context).base)
            if string is None:
                self._drop(at, entry)
            elif not entry.obsolete:
                self.entries[at] = self._refreshed(entry, string)
        self._add()
        self._explain(by_key)

    def _live(self) -> dict[str, int]:
        """Return the position of the first live entry of each key."""
        made: dict[str, int] = {}
        for at, entry in enumerate(self.entries):
            if entry.context is not None and not entry.obsolete:
                made.setdefault(entry.context, at)
        return made

    def _rename(self, by_key: Mapping[str, SourceString]) -> None:
        """Hand the entries of earlier keys on, those of sites too."""
        new_names = {
            old: key for key, earlier in self.renamed.items() if key in by_key for old in earlier
        }
        if not new_names:
            return
        taken = set(self._live())
        # A live entry comes before an obsolete one of the same earlier key.
        order = sorted(range(len(self.entries)), key=lambda at: self.entries[at].obsolete)
        for at in order:
            entry = self.entries[at]
            old = text_key(entry.context or "")
            base = old.base
            name = str(old._replace(base=new_names.get(base, "")))
            if base not in new_names or base in by_key or name in taken:
                continue
            if RETIRED in entry.told("comment"):
                continue
            taken.add(name)
            self.entries[at] = with_key(as_live(entry), name, self.newline)
            self.changes.append(
                KeyChange(name, "renamed", had_text=bool(entry.text), previous_key=entry.context)
            )

    def _revive(self, by_key: Mapping[str, SourceString]) -> None:
        """Take obsolete entries back into use whose key is there again; the last one counts."""
        taken = set(self._live())
        for at in reversed(range(len(self.entries))):
            entry = self.entries[at]
            key = entry.context
            if key is None or not entry.obsolete or key in taken:
                continue
            if text_key(key).base not in by_key:
                continue
            if RETIRED in entry.told("comment"):
                self._odd("retired_key_reused", entry, name=key)
                continue
            taken.add(key)
            self.entries[at] = as_live(entry)
            self.changes.append(KeyChange(key, "revived", had_text=bool(entry.text)))

    def _refreshed(self, entry: PoEntry, string: SourceString) -> PoEntry:
        """Return the entry with the present source text, marked if that means something else."""
        if entry.source == string.text:
            return entry
        change = classify_change(entry.source, string.text, self.language)
        made = with_source(entry, string.text, self.newline)
        key = entry.context or ""
        if change.size == "none":
            return made
        has_text = any(entry.forms.values())
        self.changes.append(KeyChange(key, "changed", change, has_text))
        if not has_text:
            return made
        if entry.previous_source is not None and entry.fuzzy:
            if plain_text(entry.previous_source) == plain_text(string.text):
                # Back to what it was translated from; whoever marked it may have had other reasons.
                return with_previous(made, None, self.newline)
            return made  # what it was translated from stays
        made = with_previous(made, entry.source, self.newline)
        return with_flag(made, FUZZY, True, self.newline)

    def _drop(self, at: int, entry: PoEntry) -> None:
        """Make an entry obsolete whose key is no longer there."""
        key = entry.context or ""
        retired = text_key(key).base in self.retired
        made = as_obsolete(entry)
        if not entry.obsolete:
            made = with_remarks(made, "place", (), self.newline)
            gone: What = "moved" if text_key(key).base in self.moved else "removed"
            what: What = "retired" if retired else gone
            self.changes.append(KeyChange(key, what, had_text=bool(entry.text)))
        if retired and RETIRED not in made.told("comment"):
            made = with_comment_added(made, RETIRED, self.newline)
        self.entries[at] = made

    def _add(self) -> None:
        """Add an empty entry for each text that has none, behind the text before it."""
        live = self._live()
        last = next((at for at, e in enumerate(self.entries) if e.context is None), -1)
        for string in self.strings:
            if string.key in live:
                last = live[string.key]
                continue
            made = new_entry(string.key, string.text, newline=self.newline)
            self.after.setdefault(last, []).append(made)
            self.changes.append(KeyChange(string.key, "added"))

    def _explain(self, by_key: Mapping[str, SourceString]) -> None:
        """Write notes for translators and the place; what is the same keeps its bytes."""
        known = self._suggestions()
        for at, entry in enumerate(self.entries):
            if not entry.obsolete and entry.context:
                string = by_key.get(text_key(entry.context).base)
                if string is not None:
                    self.entries[at] = self._explained(entry, string, known)
        for added in self.after.values():
            for i, entry in enumerate(added):
                added[i] = self._explained(entry, by_key[entry.context or ""], known)

    def _suggestions(self) -> dict[str, tuple[str, str]]:
        """Return finished translations by their source text, with the key that has them."""
        made: dict[str, tuple[str, str]] = {}
        for entry in self.entries:
            if entry.context and entry.text and not entry.fuzzy and not entry.obsolete:
                made.setdefault(plain_text(entry.source), (entry.context, entry.text))
        return made

    def _explained(
        self, entry: PoEntry, string: SourceString, known: Mapping[str, tuple[str, str]]
    ) -> PoEntry:
        key = entry.context or ""
        told = [string.note]
        parts = text_key(key)
        if parts.gender:
            told.append(f"The form that speaks to a {'woman' if parts.gender == 'f' else 'man'}.")
        if parts.site:
            told.append(f"The wording of one site only: {parts.site}.")
        if earlier := self.renamed.get(string.key):
            told.append(f"Called {', '.join(earlier)} before.")
        if entry.fuzzy and entry.previous_source is not None:
            change = classify_change(entry.previous_source, string.text, self.language)
            about = f" ({'; '.join(change.about)})" if change.about else ""
            told.append(f"The source text has changed; kind of change: {change.size}{about}.")
        if not entry.text and plain_text(string.text) in known:
            other, text = known[plain_text(string.text)]
            if other != key:
                told.append(f"{other} has the same source text, translated there as: {text}")
        notes = [line for one in told for line in note_lines(one)]
        if " ".join(notes).split() != " ".join(entry.told("note")).split():
            entry = with_remarks(entry, "note", notes, self.newline)
        place = string.place.rpartition(":")[0] or string.place
        if not any(one.startswith(place) for one in entry.told("place")):
            entry = with_remarks(entry, "place", [place], self.newline)
        return entry

    def _odd(self, code: str, entry: PoEntry, **params: str) -> None:
        where = f"{self.where}:{entry.number}"
        self.findings.append(finding(code, "warning", where, key=entry.context, **params))

    def finished(self) -> PoFile:
        """Return the file with entries replaced and added."""
        parts: list[str | PoEntry] = []
        rest = list(self.old.parts)
        if rest[:1] == [BOM]:  # nothing comes before it
            parts.append(rest.pop(0))
        for entry in self.after.get(-1, ()):
            parts += [entry, self.newline]
        at = -1
        for part in rest:
            if isinstance(part, str):
                parts.append(part)
                continue
            at += 1
            entry = self.entries[at]
            parts.append(entry)
            for new in self.after.get(at, ()):
                if not entry.lines[-1].raw.endswith("\n"):
                    parts.append(self.newline)
                parts += [self.newline, new]
                entry = new
        return PoFile(tuple(parts))


@lru_cache(maxsize=4096)
def note_lines(note: str) -> tuple[str, ...]:
    """Return a note in lines; words stay whole, so that the same note is found again."""
    return tuple(textwrap.wrap(note, NOTE_WIDTH, break_long_words=False, break_on_hyphens=False))
