"""Sheets as a page: read on any device, filled in in the browser, saved as a file to send back."""

from __future__ import annotations

from base64 import b64encode
from typing import Final

from markupsafe import Markup

from psychometrics.translation.desk.page import html_lang, page, prose_direction
from psychometrics.translation.desk.roles import Column
from psychometrics.translation.desk.sheet import Sheet

MOST_ABREAST: Final = 6
"""Columns that fit beside each other on a screen; with more, each text is a card."""
PICTURE: Final = "Mean answers of the group and of the others, by where they stand"
STYLE: Final = """
img { display: block; width: 100%; max-width: 34rem; background: #fff }
body { max-width: 100rem }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #ccc; padding: .4rem; text-align: start; vertical-align: top }
thead th { position: sticky; top: 0; background: #f3f3f1 }
.line { margin: .2rem 0 }
.id { font-size: .8rem; color: #555 }
.edit { background: #fdf3d0 }
textarea, select { width: 100%; font: inherit; border: 1px solid #998; background: #fff }
textarea { min-height: 4.5em; field-sizing: content }
.save { position: sticky; bottom: 0; background: #fff; padding: .6rem 0 }
button { font: inherit; padding: .4rem 1rem }
.lines { table-layout: fixed }
.lines th:first-child { width: 8rem }
.cards, .cards tbody { display: block }
.cards thead { position: absolute; left: -999rem }
.cards tr { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr));
            border: 2px solid #998; margin-bottom: 1rem }
.cards td:has(img) { grid-column: span 2 }
.cards td { border: 0; border-bottom: 1px solid #ddd }
.cards .id { grid-column: 1 / -1; background: #f3f3f1 }
.cards .read:empty { display: none }
.cards td::before { content: attr(data-title); display: block; font-size: .8rem; color: #555;
                    direction: ltr; unicode-bidi: isolate; text-align: left }
@media (max-width: 60rem) {
  table, tbody, td { display: block; width: 100% }
  table:not(.cards) tr { display: block; width: 100% }
  thead { position: absolute; left: -999rem }
  tr { border: 2px solid #998; margin-bottom: 1rem }
  td { border: 0; border-bottom: 1px solid #ddd }
  td::before { content: attr(data-title); display: block; font-size: .8rem; color: #555;
               direction: ltr; unicode-bidi: isolate; text-align: left }
}
@media print {
  .save { display: none }
  thead th { position: static }
  tr { break-inside: avoid }
  @page { size: landscape; margin: 12mm }
}
"""

SCRIPT: Final = """
"use strict";
let unsaved = false;
document.addEventListener("input", () => { unsaved = true; });
window.addEventListener("beforeunload", event => { if (unsaved) { event.preventDefault(); } });
document.querySelector("button").addEventListener("click", () => {
  const about = {...document.querySelector("table").dataset};
  const rows = [...document.querySelectorAll("tbody tr")].map(row =>
    Object.fromEntries([["Do not change", row.dataset.check],
      ...[...row.cells].map(cell => [cell.dataset.title,
        (cell.querySelector("textarea, select") || {value: cell.textContent}).value])]));
  const link = document.createElement("a");
  const text = JSON.stringify({about, rows}, null, 1);
  link.href = URL.createObjectURL(new Blob([text], {type: "application/json"}));
  link.download = `${about.instrument}.${about.locale}.${about.role}.json`;
  link.click();
  unsaved = false;
});
"""


def sheet_html(sheet: Sheet) -> str:
    """Return a sheet as a page with its texts escaped."""
    shown = [column for column in sheet.columns if column.name != "check"]
    about = Markup(" ").join(
        Markup('data-{}="{}"').format(name, text) for name, text in sheet.about.items()
    )
    heads = Markup("").join(Markup("<th>{}</th>").format(column.title) for column in shown)
    rows = Markup("\n").join(
        Markup('<tr data-check="{}">{}</tr>').format(
            row["check"],
            Markup("").join(
                _cell(sheet, column, row[column.name], sheet.pictures.get(row["id"]))
                for column in shown
            ),
        )
        for row in sheet.rows
    )
    layout = "cards" if len(shown) > MOST_ABREAST else "lines"
    title = f"{sheet.about['instrument']}, {sheet.locale}: {sheet.role}"
    body = Markup(
        "<h1>{}</h1>\n<p>{}</p>\n{}"
        '<table class="{}" {}>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody>\n</table>\n'
        '<p class="save"><button type="button">Save what I wrote</button> '
        "It goes into a file in your downloads; send that file back.</p>"
    ).format(title, sheet.task, _brief(sheet), layout, about, heads, rows)
    return page(
        title=title, lang="en", direction="ltr", body=body, style=STYLE, script=SCRIPT,
        pictures=bool(sheet.pictures),
    )  # fmt: skip


def _cell(sheet: Sheet, column: Column, text: str, picture: bytes | None = None) -> Markup:
    """Return a cell in the language and direction of its side."""
    sides = {
        "source": (html_lang(sheet.source_locale), sheet.source_direction),
        "target": (html_lang(sheet.locale), sheet.direction),
    }
    lang, direction = sides.get(column.side, ("en", "ltr"))
    if column.choices:
        offered = Markup("").join(
            Markup("<option>{}</option>").format(each) for each in ("", *column.choices)
        )
        inner = Markup('<select aria-label="{}">{}</select>').format(column.title, offered)
    elif column.editable:
        inner = Markup('<textarea aria-label="{}" lang="{}" dir="{}">\n{}</textarea>').format(
            column.title, lang, direction, text
        )
    else:
        inner = Markup("{}").format(text)
    if picture is not None and column.name == "answers":
        inner += Markup('<img alt="{}" src="data:image/svg+xml;base64,{}">').format(
            PICTURE, b64encode(picture).decode("ascii")
        )
    kind = "edit" if column.editable else "id" if column.name == "id" else "read"
    return Markup('<td class="{}" data-title="{}" lang="{}" dir="{}">{}</td>').format(
        kind, column.title, lang, direction, inner
    )


def _brief(sheet: Sheet) -> Markup:
    """Return what was agreed for the locale, closed until it is wanted."""
    if not sheet.brief:
        return Markup("")
    parts = []
    for name, text in sheet.brief:
        parts.append(Markup("<h2>{}</h2>").format(name))
        for line in text.split("\n"):
            direction = prose_direction(line, sheet.source_direction)
            parts.append(Markup('<p class="line" dir="{}">{}</p>').format(direction, line))
    told = Markup("").join(parts)
    return Markup("<details open><summary>The brief</summary>{}</details>\n").format(told)
