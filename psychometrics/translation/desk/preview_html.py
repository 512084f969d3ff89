"""A previewed form as a page: screen, phone and print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from markupsafe import Markup

from psychometrics.translation.desk.page import html_lang, page
from psychometrics.translation.desk.shown import Answers, Question, ShownForm, Words
from psychometrics.translation.locales import ScaleDisplay

STYLE: Final = """
body { max-width: 56rem }
.question { border-bottom: 1px solid #ccc; padding: .8rem 0; break-inside: avoid }
.asked { margin: 0; font-weight: 600 }
.at { margin-inline-end: .4rem; unicode-bidi: isolate }
.answers { display: flex; gap: .4rem; margin-top: .4rem }
.answers label { flex: 1 1 0; min-width: 0; text-align: center; padding: .3rem }
.answers input[type=radio] { display: block; margin: 0 auto .2rem; width: 1.2rem; height: 1.2rem }
.answers.top_to_bottom { flex-direction: column }
.beside { margin-top: .3rem }
.beside label { display: inline-block; margin-inline-end: 1.5rem; padding: .3rem 0; color: #555 }
.number { font: inherit; width: 6rem }
.untranslated { outline: 2px dashed #a33 }
.about { margin-top: 2rem; border-top: 3px double #888; font-size: .85rem; color: #444 }
.about table { border-collapse: collapse }
.about th, .about td { text-align: start; padding: .15rem .8rem .15rem 0; vertical-align: top }
.otherwise::after { content: " (not as agreed)"; color: #a33 }
.mark { display: none }
@media (max-width: 40rem) {
  .answers { flex-direction: column; gap: 0 }
  .answers label, .answers.top_to_bottom label { text-align: start; padding: .45rem 0 }
  .answers input[type=radio] { display: inline-block; margin: 0; margin-inline-end: .6rem;
                   vertical-align: middle }
}
.top_to_bottom label { text-align: start; flex: none }
.top_to_bottom input[type=radio] { display: inline-block; margin: 0; margin-inline-end: .6rem }
@media print {
  @page { size: A4; margin: 15mm }
  body { padding: 0; font-size: 10.5pt }
  .about { display: none }
  .mark { display: block; position: fixed; top: 40%; left: 0; right: 0; text-align: center;
          font-size: 60pt; color: #a33; opacity: .25; transform: rotate(-30deg) }
}
"""

SCRIPT: Final = """
"use strict";
function drawn() {
  const found = new Set();
  for (const scale of document.querySelectorAll(".answers")) {
    const boxes = [...scale.querySelectorAll("input[type=radio]")].map(
      part => part.getBoundingClientRect());
    if (boxes.length < 2) { continue; }
    const [first, second] = boxes;
    if (second.top > first.bottom - 1) { found.add("top to bottom"); }
    else { found.add(second.left > first.left ? "left to right" : "right to left"); }
  }
  const told = document.getElementById("drawn");
  const other = [...found].some(each => each !== told.dataset.agreed);
  told.textContent = [...found].join(", ") || "no scales";
  told.classList.toggle("otherwise", other);
}
window.addEventListener("load", drawn);
window.addEventListener("resize", drawn);
"""


def preview_html(form: ShownForm) -> str:
    """Return the page of a form, with its texts escaped."""
    lang = html_lang(form.locale)
    banner, mark = Markup(""), Markup("")
    if form.draft:
        banner = Markup('<p class="draft" lang="en" dir="ltr">DRAFT. {}</p>\n').format(form.draft)
        mark = Markup('<p class="mark" lang="en" dir="ltr" aria-hidden="true">DRAFT</p>\n')
    questions = _lines(_question(form, one, at) for at, one in enumerate(form.questions, start=1))
    body = Markup("{}{}<h1>{}</h1>\n{}\n{}\n{}").format(
        mark,
        banner,
        _words(form, form.title),
        _lines(Markup("<p>{}</p>").format(_words(form, each)) for each in form.before),
        questions,
        _about(form),
    )
    return page(
        title=form.title.text, lang=lang, direction=form.direction, body=body, style=STYLE,
        script=SCRIPT,
    )  # fmt: skip


def _lines(parts: Iterable[Markup]) -> Markup:
    return Markup("\n").join(parts)


def _words(form: ShownForm, words: Words) -> Markup:
    """Return a text; one that is still in the source language says so."""
    if words.translated or html_lang(form.locale) == html_lang(form.source_locale):
        return Markup('<span data-key="{}">{}</span>').format(words.key, words.text)
    return Markup('<span class="untranslated" data-key="{}" lang="{}" dir="auto">{}</span>').format(
        words.key, html_lang(form.source_locale), words.text
    )


def _question(form: ShownForm, one: Question, at: int) -> Markup:
    """Return a question with its answers."""
    answers = one.answers
    if answers.options:
        given = _row(form, answers, at)
    else:
        unit = _words(form, answers.unit) if answers.unit else Markup("")
        given = Markup(
            '<div class="answers"><span><input class="number" type="text" inputmode="decimal" '
            'aria-label="{}"> {}</span></div>'
        ).format(one.words.text, unit)
    beside = Markup("").join(_choice(form, at, code, words) for code, words in answers.beside)
    if beside:
        beside = Markup('<div class="beside">{}</div>').format(beside)
    return Markup(
        '<div class="question" role="group" aria-labelledby="asked{}"><p class="asked" '
        'id="asked{}"><span class="at">{}.</span>{}</p>{}{}</div>'
    ).format(at, at, at, _words(form, one.words), given, beside)


def _row(form: ShownForm, answers: Answers, at: int) -> Markup:
    """Return the answers of a scale in the direction that is agreed, whatever that of the page."""
    running = form.display.visual_direction
    direction = {"left_to_right": "ltr", "right_to_left": "rtl"}.get(running, form.direction)
    inner = Markup("").join(_choice(form, at, code, words) for code, words in answers.options)
    return Markup('<div class="answers {}" dir="{}">{}</div>').format(running, direction, inner)


def _choice(form: ShownForm, at: int, code: int, words: Words) -> Markup:
    return Markup('<label dir="{}"><input type="radio" name="q{}" value="{}">{}</label>').format(
        form.direction, at, code, _words(form, words)
    )


def _about(form: ShownForm) -> Markup:
    """Return what reviewers need to know and respondents don't see."""
    display = form.display
    agreed = "" if form.display_recorded else " (nobody has recorded this)"
    lines = (
        ("Form", f"{form.instrument_id} {form.version}, {form.locale}, hash {form.form_hash}"),
        ("Shown", f"target {display.target}, mode {display.mode}"),
        ("Order of the codes", display.code_order + agreed),
        ("Direction agreed", display.visual_direction.replace("_", " ") + agreed),
        ("Mirrored", _mirrored(form) + agreed),
        *((("Why", display.reason),) if display.reason else ()),
        *_seen(display),
    )
    rows = Markup("").join(Markup("<tr><th>{}</th><td>{}</td></tr>").format(*one) for one in lines)
    return Markup(
        '<div class="about" lang="en" dir="ltr"><p>For reviewers; respondents do not see this.</p>'
        '<table>{}<tr><th>As drawn here</th><td id="drawn" data-agreed="{}"></td></tr></table>'
        "</div>"
    ).format(rows, display.visual_direction.replace("_", " "))


def _mirrored(form: ShownForm) -> str:
    """Return in words whether the scale stands the other way round than in the source."""
    if form.display.mirrored:
        return "yes: the answer that is read first stands at the right"
    if form.direction == "rtl" and form.display.visual_direction == "left_to_right":
        return "no: the answer that is read first stands at the left, against the writing"
    return "no"


def _seen(display: ScaleDisplay) -> Iterator[tuple[str, str]]:
    """Yield what was seen on forms as they were drawn."""
    for one in display.renderings:
        drawn = one.drawn.replace("_", " ")
        yield f"Seen: {one.where}", f"{drawn} ({one.who}, {one.when})"
    if display.rendered or not display.renderings:
        yield "Seen on the form itself", display.rendered or "nobody has recorded it"
