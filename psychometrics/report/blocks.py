"""The parts a section of the page is made of; the template knows how each is laid out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from psychometrics.report.export import csv_bytes, data_uri, file_name
from psychometrics.report.figures import FigureBlock
from psychometrics.report.source import Source
from psychometrics.report.tables import Table, as_html
from psychometrics.report.wording import TABLE_NAMES, say


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences: one is a paragraph, several are a list."""

    sentences: tuple[Markup, ...]
    kind: str = "words"


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures side by side, as many as the width holds."""

    figures: tuple[FigureBlock, ...]
    kind: str = "figures"


@dataclass(frozen=True, slots=True)
class TableBlock:
    """One table."""

    html: Markup
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Download:
    """A link that saves a table."""

    name: str
    href: str
    text: str


@dataclass(frozen=True, slots=True)
class Downloads:
    """Links that save the tables of a section."""

    links: tuple[Download, ...]
    kind: str = "downloads"


@dataclass(frozen=True, slots=True)
class Details:
    """Blocks that are opened on demand, and always in print."""

    summary: str
    blocks: tuple[Block, ...]
    kind: str = "details"


Block = Words | Figures | TableBlock | Downloads | Details


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the page, with its heading."""

    id: str
    heading: str
    short: str
    blocks: tuple[Block, ...]


def section(id: str, blocks: Sequence[Block | None]) -> Section:
    """Return a section under its usual heading, without the blocks that are None."""
    kept = tuple(block for block in blocks if block is not None)
    return Section(id, say(f"heading.{id}"), say(f"short.{id}"), kept)


def words(*sentences: Markup | str) -> Words | None:
    """Return sentences as a block; None where there are none."""
    told = tuple(
        text if isinstance(text, Markup) else Markup("{}").format(text)
        for text in sentences
        if text
    )
    return Words(told) if told else None


def figures(found: Sequence[FigureBlock]) -> Figures | None:
    """Return figures as a block; None where there are none."""
    return Figures(tuple(found)) if found else None


def table(made: Table | None) -> TableBlock | None:
    """Return a table as a block; None where it has no rows."""
    return TableBlock(as_html(made)) if made is not None and made.rows else None


def details(summary: str, blocks: Sequence[Block | None]) -> Details | None:
    """Return blocks to be opened on demand; None where there are none."""
    kept = tuple(block for block in blocks if block is not None)
    return Details(summary, kept) if kept else None


def downloads(source: Source, *names: str) -> Downloads | None:
    """Return links to the whole tables behind a section, unrounded and protected."""
    links = []
    for name in names:
        frame = source.frame(name)
        if frame.empty:
            continue
        content = csv_bytes(frame, simulated=source.simulated)
        file = file_name(str(source.instrument.id), name, simulated=source.simulated)
        text = say("download", name=TABLE_NAMES.get(name, name), rows=len(frame))
        links.append(Download(file, data_uri(content), text))
    return Downloads(tuple(links)) if links else None
