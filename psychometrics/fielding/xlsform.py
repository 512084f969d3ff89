"""XLSForm, for ODK, KoboToolbox, SurveyCTO and others (https://xlsform.org/en/ref-table/).

One workbook for all languages. Choices are named by their codes, so that an export holds codes
unless labels were asked for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Final

from psychometrics.errors import DataError, Finding, finding
from psychometrics.fielding import metadata
from psychometrics.fielding.form_files import ExportedForm, FormFile, refuse
from psychometrics.fielding.hints import expected, number_told
from psychometrics.fielding.languages import Language
from psychometrics.fielding.questionnaire import (
    AnswerSet,
    Block,
    Question,
    Questionnaire,
    Texts,
)

TARGET: Final = "XLSForm"
TITLE, INSTRUCTIONS = "form_title", "form_instructions"
SITES, LANGUAGES = "sites", "languages"
NAMES: Final = (*metadata.NAMES, TITLE, INSTRUCTIONS)

# pyxform takes ${name} in a label for the answer to that question.
REFERENCE: Final = re.compile(r"\$\{[^}]*\}")
# What ODK's and Kobo's clients show as formatting: Markdown and a few HTML tags.
FORMATTING: Final = re.compile(
    r"(?<!\w)([*_]{1,2})(?=\S).+?(?<=\S)\1(?!\w)|^#{1,6} |<\s*/?\s*[A-Za-z][^>]*>", re.MULTILINE
)
# pyxform 4.5 replaces them in every cell (parsing/sheet_headers.py).
STRAIGHTENED: Final = frozenset("\u2018\u2019\u201c\u201d")

Row = dict[str, str]


def xlsform(form: Questionnaire, *, mode: str = "odk", grids: bool = True) -> ExportedForm:
    """Return a questionnaire as an XLSForm workbook.

    Parameters
    ----------
    form : Questionnaire
        What is asked.
    mode : str
        How it is answered; noted with every answer, such as "odk" or "interview".
    grids : bool
        Whether items of a scale stand in a grid.

    Returns
    -------
    ExportedForm
        One file, ``<instrument>.xlsx``, or ``<instrument>_<site>.xlsx``.

    Raises
    ------
    CatalogError
        If a question bears the name of a field that every form has, or a text holds what XLSForm
        reads as a reference.
    DataError
        If openpyxl is not installed.
    """
    found = [*metadata.taken_names(form, NAMES), *_texts_at_fault(form)]
    errors = [each for each in found if each.severity == "error"]
    if errors:
        refuse(errors)
    columns = [f"{kind}::{_column(each)}" for kind in ("label", "hint") for each in form.languages]
    survey = [
        "type", "name", *columns, "required", "relevant", "appearance", "constraint",
        *(f"constraint_message::{_column(each)}" for each in form.languages), "calculation",
    ]  # fmt: skip
    choices = ["list_name", "name", *(f"label::{_column(each)}" for each in form.languages)]
    sheets = {
        "survey": (survey, _survey(form, mode, grids)),
        "choices": (choices, _choices(form)),
        "settings": (list(_settings(form)), [_settings(form)]),
    }
    name = form.instrument.id + (f"_{form.site}" if form.site else "")
    file = FormFile(f"{name}.xlsx", _workbook(sheets))
    return ExportedForm(TARGET, (file,), (*form.findings, *found))


def _column(language: Language) -> str:
    """Return what a language is called in a column: the short tag is one that pyxform knows."""
    return f"{language.name} ({language.subtag})"


def _labels(form: Questionnaire, texts: Texts, kind: str = "label") -> Row:
    return {f"{kind}::{_column(each)}": texts[each.locale] for each in form.languages}


def _settings(form: Questionnaire) -> Row:
    source = form.instrument.title
    return {
        "form_title": form.draft_mark + source,
        "form_id": form.instrument.id + (f"_{form.site}" if form.site else ""),
        "version": form.release,
        "default_language": _column(form.languages[0]),
        "clean_text_values": "no",  # or line breaks are lost
    }


def _survey(form: Questionnaire, mode: str, grids: bool) -> list[Row]:
    rows: list[Row] = [
        {"type": "start", "name": metadata.START},
        {"type": "end", "name": metadata.END},
        _constant(metadata.RELEASE, form.release),
        _constant(metadata.MODE, mode),
        *_site(form),
        *_language(form),
    ]
    titles = {locale: form.draft_mark + text for locale, text in form.titles.items()}
    if titles:
        rows.append({"type": "note", "name": TITLE, **_labels(form, titles)})
    if form.instructions:
        rows.append({"type": "note", "name": INSTRUCTIONS, **_labels(form, form.instructions)})
    for at, block in enumerate(form.blocks, 1):
        rows += _block(form, block, at, grids)
    return rows


def _constant(name: str, value: str) -> Row:
    return {"type": "calculate", "name": name, "calculation": f"'{value}'"}


def _site(form: Questionnaire) -> list[Row]:
    """Note the site: known beforehand, or chosen by whoever hands the form out."""
    sites = form.instrument.sites
    if form.site is not None:
        return [_constant(metadata.SITE, form.site)]
    if not sites:
        return []
    label = dict.fromkeys(form.locales, " · ".join(site.name for site in sites.values()))
    return [
        {"type": f"select_one {SITES}", "name": metadata.SITE, "required": "yes",
         **_labels(form, label)}
    ]  # fmt: skip


def _language(form: Questionnaire) -> list[Row]:
    """Note the language. No function of a form tells it, so with several it is chosen."""
    if len(form.languages) == 1:
        return [_constant(metadata.LANGUAGE, form.languages[0].locale)]
    label = dict.fromkeys(form.locales, " · ".join(each.name for each in form.languages))
    return [
        {"type": f"select_one {LANGUAGES}", "name": metadata.LANGUAGE, "required": "yes",
         **_labels(form, label)}
    ]  # fmt: skip


def _block(form: Questionnaire, block: Block, at: int, grids: bool) -> list[Row]:
    """Return the rows of a block; a group's label is the time asked about, or how far one is."""
    questions = [_question(form, question) for question in block.questions]
    if len(block.questions) == 1:
        return questions
    label = form.recall_periods or dict.fromkeys(form.locales, f"{at}/{len(form.blocks)}")
    look = "table-list" if grids and block.is_grid else "field-list"
    return [
        {"type": "begin_group", "name": block.key, "appearance": look, **_labels(form, label)},
        *questions,
        {"type": "end_group", "name": block.key},
    ]


def _question(form: Questionnaire, question: Question) -> Row:
    row: Row = {"name": question.key, **_labels(form, question.texts)}
    answers = form.answers_to(question)
    if question.kind == "choice" and answers is not None:
        row["type"] = f"select_one {answers.key}"
        # Whoever may say "I prefer not to answer" can be asked to say something.
        row["required"] = "yes" if answers.missing else "no"
        return row
    row["type"] = "text" if question.kind == "text" else "decimal"
    row["required"] = "no"
    if answers is not None:
        row["type"] = "integer" if answers.whole else "decimal"
        row["required"] = "yes" if answers.missing else "no"
        row["constraint"] = _constraint(answers)
        told = {
            locale: expected(answers, locale, form.directions[locale]) for locale in form.locales
        }
        row |= _labels(form, told, "hint") | _labels(form, told, "constraint_message")
    return row


def _constraint(answers: AnswerSet) -> str:
    limits = f"(. >= {number_told(answers.low)} and . <= {number_told(answers.high)})"
    return " or ".join([limits, *(f". = {choice.code}" for choice in answers.missing)])


def _choices(form: Questionnaire) -> list[Row]:
    rows: list[Row] = []
    if form.site is None:
        rows += [
            {"list_name": SITES, "name": site.id,
             **_labels(form, dict.fromkeys(form.locales, site.name))}
            for site in form.instrument.sites.values()
        ]  # fmt: skip
    if len(form.languages) > 1:
        rows += [
            {"list_name": LANGUAGES, "name": each.locale,
             **_labels(form, dict.fromkeys(form.locales, each.name))}
            for each in form.languages
        ]  # fmt: skip
    used = {question.answers for question in form.questions if question.kind == "choice"}
    for answers in form.answer_sets.values():
        if answers.key in used:
            rows += [
                {"list_name": answers.key, "name": str(choice.code), **_labels(form, choice.texts)}
                for choice in answers.choices
            ]
    return rows


def _texts_at_fault(form: Questionnaire) -> Iterable[Finding]:
    """Yield what XLSForm or its clients would read as something else than text."""
    curly: Counter[str] = Counter()
    for key, texts in form.all_texts.items():
        for locale, text in texts.items():
            curly[locale] += not STRAIGHTENED.isdisjoint(text)
            if match := REFERENCE.search(text):
                yield finding(
                    "field_reference", "error", f"{locale}: {key}", key=key, locale=locale,
                    found=match.group()[:40], target=TARGET,
                )  # fmt: skip
            elif match := FORMATTING.search(text):
                yield finding(
                    "field_formatting", "warning", f"{locale}: {key}", key=key, locale=locale,
                    found=match.group()[:40], target="the client",
                )  # fmt: skip
    for locale, count in curly.items():
        if count:
            yield finding(
                "field_straight_quotes", "warning", locale, locale=locale, count=count,
                target=TARGET,
            )  # fmt: skip


def _workbook(sheets: Mapping[str, tuple[Sequence[str], Sequence[Row]]]) -> bytes:
    """Return a workbook of text cells; no cell is a formula, whatever it begins with."""
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise DataError(
            "An XLSForm is an Excel workbook, which needs openpyxl: "
            "pip install 'survey-psychometrics[excel]'."
        ) from error
    book = Workbook()
    book.remove(book.active)
    for title, (columns, rows) in sheets.items():
        sheet = book.create_sheet(title)
        table = [list(columns), *([row.get(column, "") for column in columns] for row in rows)]
        for at, cells in enumerate(table, 1):
            for place, text in enumerate(cells, 1):
                if text:
                    cell = sheet.cell(at, place)
                    cell.value = text
                    cell.data_type = "s"
    made = BytesIO()
    book.save(made)
    return made.getvalue()
