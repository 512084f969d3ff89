"""The glossary: what every word of a report means, how it is computed, its limit and its source.

``glossary.yaml`` beside this module holds the entries; ``python -m psychometrics.report.glossary``
prints the page of the documentation that is made of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

from markupsafe import Markup, escape
from pydantic import Field, model_validator

from psychometrics.instrument.document import load_document
from psychometrics.instrument.parts import Frozen, Key, Part, Text
from psychometrics.report.wording import say, worded
from psychometrics.validity.rating_rules import refuse_repeated

WHAT = "a glossary"

Kind = Literal[
    "property", "statistic", "column", "verdict", "class", "flag", "pooling", "method", "rating"
]
KINDS: dict[Kind, str] = {
    "property": "Properties",
    "statistic": "Statistics",
    "verdict": "Verdicts",
    "class": "Classes",
    "pooling": "Ways of pooling",
    "method": "Methods",
    "flag": "Flags",
    "rating": "Ratings",
    "column": "Other columns",
}
"""What the documentation calls the kinds, in its order."""

INTRODUCTION = """# Glossary

Every word that a report uses for a number: what it means, how it is computed, when not to trust it,
and whose it is. In a report each of them leads to its entry. Written from
[`psychometrics/report/glossary.yaml`](../psychometrics/report/glossary.yaml) by
`python -m psychometrics.report.glossary > docs/glossary.md`; a test holds the two together."""

# Names of statistics that begin with a small letter.
AS_WRITTEN = ("n", "p", "r_wg")

# However whoever made the page escapes it.
_APOSTROPHE = "(?:'|&#39;|&#x27;)"
_HREF = re.compile(r'href="#term-([a-z0-9_]+)"')


class Entry(Part):
    """One meaning."""

    id: Key = Field(description="Stable name, and the anchor on the page.")
    kind: Kind = Field(description="What is explained.")
    labels: tuple[Text, ...] = Field(
        default=(), description="Keys of the wording whose words this explains."
    )
    phrases: tuple[Text, ...] = Field(
        default=(), description="Words by which notes name it, such as a method."
    )
    term: Text | None = Field(
        default=None, description="What the entry is headed with; else its first label or phrase."
    )
    meaning: Text = Field(description="What it means, in one or two sentences.")
    computed: Text | None = Field(default=None, description="The formula in words.")
    limit: Text | None = Field(default=None, description="When not to trust it.")
    source: Key = Field(description="Whose it is: a key of the sources.")
    see: tuple[Key, ...] = Field(default=(), description="Entries that belong to it.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Refuse an entry that leaves out what its kind must say."""
        if not self.labels and not self.phrases:
            raise ValueError("it explains no label and no phrase")
        if self.kind == "statistic" and self.computed is None:
            raise ValueError("a statistic says how it is computed")
        if self.kind != "column" and self.limit is None:
            raise ValueError("all but columns say when not to be trusted")
        return self

    @property
    def name(self) -> str:
        """What the entry is headed with."""
        name = self.term or (worded(self.labels[0]) if self.labels else self.phrases[0])
        small = name.split(",")[0].split("(")[0].split(" ")[0] in AS_WRITTEN
        return name if small else name[0].upper() + name[1:]

    @property
    def also(self) -> tuple[str, ...]:
        """The words that readers see for it and that its name doesn't say."""
        said = self.name.casefold()
        return tuple(words for words in self.words if words.casefold() not in said)

    @property
    def words(self) -> tuple[str, ...]:
        """The words that readers see for it."""
        return tuple(dict.fromkeys(map(worded, self.labels)))


class Glossary(Frozen):
    """All entries, with their sources."""

    sources: dict[Key, Text] = Field(description="Full references by key.")
    entries: tuple[Entry, ...] = Field(description="By subject.")

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        """Refuse names that are used twice, and those that lead nowhere."""
        known = [entry.id for entry in self.entries]
        refuse_repeated(known)
        refuse_repeated([label for entry in self.entries for label in entry.labels])
        for entry in self.entries:
            if entry.source not in self.sources:
                raise ValueError(f"{entry.id}: there is no source {entry.source}")
            lost = [name for name in entry.see if name not in known]
            if lost:
                raise ValueError(f"{entry.id}: there is no entry {', '.join(lost)}")
        return self


@cache
def glossary() -> Glossary:
    """Return the glossary that comes along."""
    return load_document(Path(str(files("psychometrics.report") / "glossary.yaml")), Glossary, WHAT)


@cache
def by_words() -> dict[str, Entry]:
    """Return the entry of everything that readers see; the first one where two share words."""
    found: dict[str, Entry] = {}
    for entry in glossary().entries:
        for words in entry.words:
            found.setdefault(words, entry)
    return found


@cache
def _by_phrase() -> tuple[re.Pattern[str], dict[str, Entry]]:
    """Return a pattern of all phrases as a page holds them, and the entry of each."""
    found = {phrase: entry for entry in glossary().entries for phrase in entry.phrases}
    longest = sorted(found, key=len, reverse=True)
    written = (_APOSTROPHE.join(map(_written, phrase.split("'"))) for phrase in longest)
    return re.compile(rf"(?<!\w)(?:{'|'.join(written)})(?!\w)"), found


def _written(text: str) -> str:
    """Return a pattern of a text on a page."""
    return re.escape(escape(text))


def linked(text: str, words: str | None = None) -> Markup:
    """Return a text as a link to its entry; as it is where there is none.

    Parameters
    ----------
    text : str
        What is shown.
    words : str, optional
        What is explained, where it is not the text itself.

    Examples
    --------
    >>> linked("Alpha"), linked("Ulm & Pune")
    (Markup('<a class="term" href="#term-alpha">Alpha</a>'), Markup('Ulm &amp; Pune'))
    """
    entry = by_words().get(text if words is None else words)
    return escape(text) if entry is None else _link(entry, escape(text))


def linked_phrases(html: str) -> str:
    """Return a note of a page with the methods that it names as links."""
    pattern, found = _by_phrase()

    def link(match: re.Match[str]) -> str:
        return _link(found[unescape(match[0])], Markup(match[0]))

    return pattern.sub(link, html)


def _link(entry: Entry, shown: Markup) -> Markup:
    return Markup('<a class="term" href="#term-{}">{}</a>').format(entry.id, shown)


def asked_for(page: str) -> list[Entry]:
    """Return the entries that a page leads to, and those that these lead to, by name."""
    known = {entry.id: entry for entry in glossary().entries}
    waiting, found = set(_HREF.findall(page)), set()
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= set(known[name].see) - found
    return sorted((known[name] for name in found), key=lambda entry: entry.name.casefold())


def source_of(entry: Entry) -> str:
    """Return the full reference of an entry."""
    return glossary().sources[entry.source]


def described(entry: Entry) -> str:
    """Return an entry as plain text, for where there is no room for more."""
    limit = f" {say('glossary.limit')}: {entry.limit}" if entry.limit else ""
    return f"{entry.meaning}{limit}"


def as_markdown(entries: Iterable[Entry]) -> str:
    """Return the page of the documentation."""
    lines = [INTRODUCTION]
    every = list(entries)
    for kind, title in KINDS.items():
        here = sorted((e for e in every if e.kind == kind), key=lambda e: e.name.casefold())
        if here:
            lines += ["", f"## {title}"]
        for entry in here:
            lines += ["", f"### {entry.name}", ""]
            lines += [f"Shown as {', '.join(entry.also)}."] if entry.also else []
            parts = {"computed": entry.computed, "limit": entry.limit, "source": source_of(entry)}
            told = [f"- {say(f'glossary.{part}')}: {text}" for part, text in parts.items() if text]
            lines += [entry.meaning, "", *told]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(as_markdown(glossary().entries))
