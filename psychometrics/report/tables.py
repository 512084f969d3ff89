"""Tables for readers: a specification that great_tables turns into HTML.

A :class:`Table` holds texts only; numbers were rounded when it was made, last of all. What
great_tables renders is trimmed for a page with many tables: one style sheet for all, a caption,
and notes under the table, where they wrap on a phone while the table scrolls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from itertools import count as counter
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup, escape

from psychometrics.plots.numerals import NOTHING, is_missing
from psychometrics.plots.text import clean, isolated
from psychometrics.report.glossary import linked, linked_phrases
from psychometrics.report.wording import say

if TYPE_CHECKING:
    from great_tables import GT

Row = Mapping[str, str]
Mark = tuple[int, str]

_TABLE = re.compile(r"<table.*</table>", re.DOTALL)
_OPENING = re.compile(r"<table[^>]*>")
_FOOT = re.compile(r"<tfoot>.*?</tfoot>", re.DOTALL)
_NOTE = re.compile(r'<td class="gt_(?:sourcenote|footnote)"[^>]*>(.*?)</td>', re.DOTALL)
_SPARE = re.compile(r' (?:headers|id|rowspan|colspan="1"|style)(?:="[^"]*")?(?=[ >])')
_ROW = re.compile(r'<tr>(\s*)<th scope="row"')
_HEADING = re.compile(r'(<th class="gt_col_heading[^>]*>)(.*?)(</th>)', re.DOTALL)
_GROUP = re.compile(r'(<th [^>]*gt_group_heading"[^>]*>)(.*?)(</th>)', re.DOTALL)
_BODY_ROW = re.compile(r'<tr[^>]*>\s*<th scope="row".*?</tr>', re.DOTALL)
_CELL = re.compile(r"(<t[hd] [^>]*>)(.*?)(</t[hd]>)", re.DOTALL)
_CELL_TAG = re.compile(r"<(?:t[hd]|span) [^>]*>")


@dataclass(frozen=True)
class Table:
    """What a table says, in texts.

    Attributes
    ----------
    id : str
        Unique on the page; letters, digits and hyphens.
    caption : str
        What the table holds.
    labels : mapping of str to str
        Headings by column, in order; the first column names the row.
    rows : sequence of mappings of str to str
        The cells by column.
    group : str, optional
        A further key of `rows` whose values head the rows that share it.
    left : frozenset of str
        Columns that hold words; all others are aligned at the right.
    notes : tuple of str
        Sentences under the table.
    reasons : mapping of (int, str) to str
        Row and column of a cell, and why there is nothing in it.
    strong : frozenset of int
        Rows that are set apart, such as pooled ones.
    terms : mapping of str to str
        Columns whose heading is explained by other words than its own.
    explained : frozenset of str
        Columns whose cells are words of the glossary, such as the names of statistics.
    """

    id: str
    caption: str
    labels: Mapping[str, str]
    rows: Sequence[Row]
    group: str | None = None
    left: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    reasons: Mapping[Mark, str] = field(default_factory=dict)
    strong: frozenset[int] = frozenset()
    terms: Mapping[str, str] = field(default_factory=dict)
    explained: frozenset[str] = frozenset()

    @property
    def stub(self) -> str:
        """The column that names the row."""
        return next(iter(self.labels))


def as_gt(table: Table) -> GT:
    """Return a table as a great_tables object, with its id fixed."""
    from great_tables import GT, loc

    stub, names = table.stub, list(table.labels)
    keys = [*([table.group] if table.group else []), *names]
    cells = {key: [isolated(row.get(key, "")) for row in table.rows] for key in keys}
    frame = pd.DataFrame(cells, dtype=object)
    made = GT(frame, id=table.id, rowname_col=stub, groupname_col=table.group)
    made = made.cols_label({key: table.labels[key] for key in names if key != stub})
    made = made.tab_stubhead(table.labels[stub])
    right = [key for key in names if key not in table.left and key != stub]
    left = [key for key in names if key in table.left and key != stub]
    made = made.cols_align("right", right) if right else made
    made = made.cols_align("left", left) if left else made
    for text, marks in _by_reason(table).items():
        for column in dict.fromkeys(key for _, key in marks):
            lines = [row for row, key in marks if key == column]
            made = made.tab_footnote(isolated(text), loc.body(columns=column, rows=lines))
    for note in table.notes:
        made = made.tab_source_note(note)
    return made


def _by_reason(table: Table) -> dict[str, list[Mark]]:
    """Return the marked cells of each reason, the reason that comes first at the front."""
    found: dict[str, list[Mark]] = {}
    for mark, text in sorted(table.reasons.items(), key=lambda pair: pair[0][0]):
        found.setdefault(clean(text), []).append(mark)
    return found


def as_html(table: Table) -> Markup:
    """Return a table for a page: in a box that scrolls by itself, with its notes below."""
    # great_tables fills its frame cell by cell, which takes half as long in Python strings
    with pd.option_context("mode.string_storage", "python"):
        raw = as_gt(table).as_raw_html()
    found = _TABLE.search(raw)
    body = found[0] if found else ""
    notes = _NOTE.findall(body)
    body = _CELL_TAG.sub(lambda tag: _SPARE.sub("", tag[0]), _FOOT.sub("", body))
    caption = f'<table class="data"><caption>{escape(clean(table.caption))}</caption>'
    body = _OPENING.sub(lambda _: caption, body, count=1)
    position = counter()
    body = _ROW.sub(lambda tag: _opened(tag, next(position) in table.strong), body)
    body = _with_links(body, table)
    told = "".join(f"<p>{linked_phrases(note)}</p>" for note in notes)
    return Markup(
        f'<div class="scroll" id="{escape(table.id)}" tabindex="0" role="region" '
        f'aria-label="{escape(clean(table.caption))}">{body}</div>'
        + (f'<div class="notes">{told}</div>' if told else "")
    )


def _with_links(body: str, table: Table) -> str:
    """Return a table whose headings and explained cells lead to the glossary."""
    columns = iter(table.labels)

    def heading(found: re.Match[str]) -> str:
        key = next(columns)
        shown = table.labels[key]
        return f"{found[1]}{linked(shown, table.terms.get(key, shown))}{found[3]}"

    def cell(found: re.Match[str]) -> str:
        return f"{found[1]}{linked(unescape(found[2]))}{found[3]}"

    def row(found: re.Match[str]) -> str:
        inner = iter(names)

        def each(one: re.Match[str]) -> str:
            return cell(one) if next(inner) in table.explained else one[0]

        return _CELL.sub(each, found[0])

    body = _HEADING.sub(heading, body)
    if table.group in table.explained:
        body = _GROUP.sub(cell, body)
    names = list(table.labels)
    return _BODY_ROW.sub(row, body) if table.explained & set(names) else body


def _opened(tag: re.Match[str], strong: bool) -> str:
    """Return the start of a row, set apart if it is a strong one."""
    return f'<tr class="strong">{tag[1]}<th scope="row"' if strong else tag[0]


@dataclass
class Rows:
    """Rows being collected, with the reasons of their empty cells."""

    rows: list[dict[str, str]] = field(default_factory=list)
    reasons: dict[Mark, str] = field(default_factory=dict)
    strong: set[int] = field(default_factory=set)

    def add(self, cells: Mapping[str, str], *, reason: object = None, strong: bool = False) -> None:
        """Add a row; its reason is attached to the first cell that holds a dash."""
        at = len(self.rows)
        self.rows.append(dict(cells))
        if strong:
            self.strong.add(at)
        if not is_missing(reason):
            empty = next((key for key, text in cells.items() if text == NOTHING), None)
            if empty is not None:
                self.reasons[at, empty] = str(reason)

    def table(self, id: str, caption: str, labels: Mapping[str, str], **settings: Any) -> Table:
        """Return the table that the rows make."""
        return Table(
            id=id,
            caption=caption,
            labels=labels,
            rows=self.rows,
            reasons=self.reasons,
            strong=frozenset(self.strong),
            **settings,
        )


def matrix(
    rows: Sequence[tuple[str, str, Mapping[str, dict[str, Any]]]],
    columns: Mapping[str, str],
    cell: Callable[[dict[str, Any]], str],
) -> Rows:
    """Return rows with one column a place.

    Parameters
    ----------
    rows : sequence of (group, name, mapping of column to row of a frame)
        What each line is about, and its values by place.
    columns : mapping of str to str
        Columns in order.
    cell : callable
        From a row of the frame to the text of its cell.
    """
    made = Rows()
    for group, name, values in rows:
        cells = {"group": group, "name": name}
        for key in columns:
            row = values.get(key)
            cells[key] = NOTHING if row is None else cell(row)
            if row is not None and cells[key] == NOTHING and not is_missing(row.get("reason")):
                made.reasons[len(made.rows), key] = str(row["reason"])
        made.rows.append(cells)
    return made


def methods_note(frame: pd.DataFrame, by: str, names: Callable[[str], str]) -> tuple[str, ...]:
    """Return one sentence for each statistic of a frame, with the methods behind it."""
    if "method" not in frame or by not in frame:
        return ()
    methods: dict[str, dict[str, None]] = {}
    for key, method in zip(frame[by], frame["method"], strict=True):
        if not is_missing(method):
            methods.setdefault(str(key), {})[clean(method)] = None
    return tuple(
        say("note.method", statistic=names(key), method="; ".join(found))
        for key, found in methods.items()
    )
