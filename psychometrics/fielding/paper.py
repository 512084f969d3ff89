"""A form on paper: ready to print, with the numbers and codes that whoever enters the data needs.

What is printed is what the release holds. Codes stand small under the answers, since they are for
data entry and not for respondents.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from markupsafe import Markup

from psychometrics.fielding.form_files import ExportedForm, FormFile
from psychometrics.fielding.hints import expected
from psychometrics.fielding.languages import Language
from psychometrics.fielding.questionnaire import Block, Choice, Question, Questionnaire
from psychometrics.translation.desk.page import page

TARGET: Final = "paper"
STYLE: Final = """
body { max-width: 60rem; font-size: .95rem }
.top { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .3rem 2rem;
       font-size: .85rem; color: #444 }
.box { display: inline-block; border: 1px solid #333; min-width: 9rem; height: 1.7rem;
       vertical-align: middle; margin-inline-start: .4rem }
table { border-collapse: collapse; width: 100%; margin: .4rem 0 1rem; table-layout: fixed }
th, td { border-bottom: 1px solid #999; padding: .35rem .25rem; vertical-align: middle;
         text-align: center; font-weight: 400; font-size: .85rem }
thead { display: table-header-group }
tr { break-inside: avoid }
th.asked, td.asked { text-align: start; width: 42%; font-size: .95rem }
.at { unicode-bidi: isolate; margin-inline-end: .35rem; color: #444 }
.circle { display: inline-block; width: 1.05rem; height: 1.05rem; border: 1.4px solid #222;
          border-radius: 50% }
.code { display: block; font-size: .65rem; color: #555 }
.missing { color: #555 }
.one { border-bottom: 1px solid #999; padding: .5rem 0; break-inside: avoid }
.one p { margin: 0 0 .4rem }
.choices { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem;
           list-style: none; padding: 0; margin: 0 }
.choices li { display: flex; gap: .35rem; align-items: center }
.choices .code { display: inline; margin-inline-start: .2rem }
.mark { position: fixed; top: 40%; left: 0; right: 0; text-align: center; font-size: 60pt;
        color: #a33; opacity: .18; transform: rotate(-30deg); pointer-events: none }
@media print {
  @page { size: A4; margin: 14mm 12mm }
  body { padding: 0; max-width: none; font-size: 10pt }
}
"""


def paper_form(form: Questionnaire, *, mode: str = "paper") -> ExportedForm:
    """Return a questionnaire as pages to print, one a language.

    Parameters
    ----------
    form : Questionnaire
        What is asked.
    mode : str
        How it is answered; printed at the top for data entry.

    Returns
    -------
    ExportedForm
        ``paper_<instrument>_<locale>.html`` for each language.
    """
    stem = f"paper_{form.instrument.id}" + (f"_{form.site}" if form.site else "")
    made = tuple(
        FormFile(f"{stem}_{each.locale}.html", _page(form, each, mode).encode("utf-8"))
        for each in form.languages
    )
    return ExportedForm(TARGET, made, form.findings)


def _page(form: Questionnaire, language: Language, mode: str) -> str:
    locale = language.locale
    title = form.titles.get(locale, form.instrument.title)
    noted = " · ".join(
        part for part in (form.instrument.id, form.release, locale, form.site or "", mode) if part
    )
    at, blocks = 1, []
    for block in form.blocks:
        blocks.append(_grid(form, block, locale, at) if block.is_grid else _single(
            form, block, locale, at))  # fmt: skip
        at += len(block.questions)
    before = (texts.get(locale, "") for texts in (form.instructions, form.recall_periods))
    body = Markup("{}{}{}<h1>{}</h1>\n{}\n{}").format(
        Markup('<p class="mark" lang="en" dir="ltr" aria-hidden="true">DRAFT</p>\n')
        if form.draft else "",
        Markup('<p class="draft" lang="en" dir="ltr">{}</p>\n').format(form.draft_mark.strip())
        if form.draft else "",
        Markup(
            '<div class="top" dir="ltr" lang="en"><span>{}</span>'
            '<span>ID<span class="box"></span> · site<span class="box"></span></span></div>\n'
        ).format(noted),
        title,
        _joined(Markup("<p>{}</p>").format(text) for text in before if text),
        _joined(blocks),
    )  # fmt: skip
    return page(
        title=form.draft_mark + title,
        lang=language.tag,
        direction=form.directions[locale],
        body=body,
        style=STYLE,
    )


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("\n").join(parts)


def _number(at: int, question: Question) -> Markup:
    """Return the number of a question; its key is there for whoever looks for it."""
    return Markup('<span class="at" title="{}">{}.</span>').format(question.key, at)


def _code(choice: Choice) -> Markup:
    return Markup('<span class="code" dir="ltr">{}</span>').format(choice.code)


def _grid(form: Questionnaire, block: Block, locale: str, at: int) -> Markup:
    """Return items as rows over their answers; the head is printed again on each page."""
    answers = form.answers_to(block.questions[0])
    choices = answers.choices if answers is not None else ()
    head = Markup("").join(
        Markup('<th scope="col" class="{}">{}{}</th>').format(
            "missing" if choice.missing else "", choice.texts[locale], _code(choice)
        )
        for choice in choices
    )
    circle = Markup('<td><span class="circle"></span></td>')
    rows = _joined(
        Markup('<tr><th scope="row" class="asked">{}{}</th>{}</tr>').format(
            _number(number, question), question.texts[locale], circle * len(choices)
        )
        for number, question in enumerate(block.questions, at)
    )
    return Markup(
        '<table><thead><tr><td class="asked"></td>{}</tr></thead>\n<tbody>{}</tbody></table>'
    ).format(head, rows)


def _single(form: Questionnaire, block: Block, locale: str, at: int) -> Markup:
    return _joined(
        Markup('<div class="one"><p>{}{}</p>{}</div>').format(
            _number(number, question), question.texts[locale], _answers(form, question, locale)
        )
        for number, question in enumerate(block.questions, at)
    )


def _answers(form: Questionnaire, question: Question, locale: str) -> Markup:
    """Return circles to tick, or a box to write in with the circles of no answer."""
    answers = form.answers_to(question)
    written = question.kind != "choice"
    shown = () if answers is None else (answers.missing if written else answers.choices)
    circles = Markup("").join(
        Markup('<li class="{}"><span class="circle"></span><span>{}</span>{}</li>').format(
            "missing" if choice.missing else "", choice.texts[locale], _code(choice)
        )
        for choice in shown
    )
    box = Markup("")
    if written:
        told = ""
        if answers is not None:
            told = expected(answers, locale, form.directions[locale]).partition(";")[0]
        box = Markup('<li><span class="box"></span><span>{}</span></li>').format(told)
    return Markup('<ul class="choices">{}{}</ul>').format(box, circles)
