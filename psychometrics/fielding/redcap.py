"""REDCap: a data dictionary, and one file of translations a language.

The dictionary has the eighteen columns that REDCap reads. Translations are files for Multi-Language
Management; REDCap's hash of a text, by which it sees that a default changed, is computed in a way
that is not public, so that it is left out, as REDCap allows. No server was at hand to try it.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any, Final

from psychometrics.errors import Finding, finding
from psychometrics.fielding import metadata
from psychometrics.fielding.form_files import ExportedForm, FormFile, refuse
from psychometrics.fielding.hints import expected, number_told
from psychometrics.fielding.languages import Language
from psychometrics.fielding.questionnaire import AnswerSet, Block, Question, Questionnaire
from psychometrics.fielding.short_names import short_names, small_letters
from psychometrics.instrument import Instrument

TARGET: Final = "REDCap"
COLUMNS: Final = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note",
    "Text Validation Type OR Show Slider Number", "Text Validation Min", "Text Validation Max",
    "Identifier?", "Branching Logic (Show field only if...)", "Required Field?",
    "Custom Alignment", "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?",
    "Field Annotation",
)  # fmt: skip
(NAME, FORM, HEADER, TYPE, LABEL, CHOICES, NOTE, VALIDATION, LOW, HIGH, _, BRANCHING, REQUIRED,
 ALIGNMENT, _, MATRIX, _, ANNOTATION) = COLUMNS  # fmt: skip
LONGEST_NAME: Final = 26
"""REDCap warns of longer names."""
RECORD: Final = "record_id"
NAMES: Final = (RECORD, metadata.SITE, metadata.RELEASE, metadata.MODE)
# [name] in a label is the answer to that field; [tag][other] and @ in annotations do things too.
PIPING: Final = re.compile(r"\[[a-z][a-z0-9_]*(:[^\]]*)?\]")

Row = dict[str, str]


def redcap(form: Questionnaire, *, mode: str = "redcap") -> ExportedForm:
    """Return a questionnaire as a REDCap data dictionary with its translations.

    Parameters
    ----------
    form : Questionnaire
        What is asked; the dictionary is in its first language.
    mode : str
        How it is answered; noted with every answer.

    Returns
    -------
    ExportedForm
        ``redcap_<instrument>.csv``, and ``redcap_<instrument>_<locale>.json`` for each language.

    Raises
    ------
    CatalogError
        If a question bears the name of a field that every form has, or a text holds what REDCap
        reads as the answer to another field.
    """
    found = list(_findings(form))
    errors = [each for each in found if each.severity == "error"]
    if errors:
        refuse(errors)
    stem = "redcap_" + form.instrument.id + (f"_{form.site}" if form.site else "")
    made = StringIO()
    writer = csv.DictWriter(made, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_dictionary(form, mode))
    files = [FormFile(f"{stem}.csv", made.getvalue().encode("utf-8-sig"))]
    for language in form.languages:
        told = json.dumps(_translation(form, language), ensure_ascii=False, indent=2) + "\n"
        files.append(FormFile(f"{stem}_{language.locale}.json", told.encode("utf-8-sig")))
    return ExportedForm(TARGET, tuple(files), (*form.findings, *found))


def redcap_names(instrument: Instrument) -> dict[str, str]:
    """Return the name of the field of each item and comparator in REDCap."""
    keys = [*NAMES, *instrument.items, *instrument.comparators]
    names = short_names(dict.fromkeys(keys), small_letters, LONGEST_NAME)
    return {key: names[key] for key in (*instrument.items, *instrument.comparators)}


def _findings(form: Questionnaire) -> Iterator[Finding]:
    yield from metadata.taken_names(form, NAMES)
    for key, texts in form.all_texts.items():
        for locale, text in texts.items():
            where = f"{locale}: {key}"
            if match := PIPING.search(text):
                yield finding(
                    "field_reference", "error", where, key=key, locale=locale,
                    found=match.group()[:40], target=TARGET,
                )  # fmt: skip
            elif key.startswith(("option.", "missing.")) and "|" in text:
                yield finding(
                    "field_lossy", "warning", where, key=key, locale=locale, target=TARGET,
                    what="the sign | in an answer", instead="¦ stands in its place",
                )  # fmt: skip


def _form_name(form: Questionnaire) -> str:
    return small_letters(form.instrument.id)


def _dictionary(form: Questionnaire, mode: str) -> Iterator[Row]:
    names = redcap_names(form.instrument)
    first = form.languages[0].locale
    name = _form_name(form)
    yield {NAME: RECORD, FORM: name, TYPE: "text", LABEL: "Record ID"}
    for key, value in (
        (metadata.RELEASE, form.release),
        (metadata.MODE, mode),
        *([(metadata.SITE, form.site)] if form.site else []),
    ):
        yield {
            NAME: key, FORM: name, TYPE: "text", LABEL: key,
            ANNOTATION: f"@HIDDEN @DEFAULT='{value}'",
        }  # fmt: skip
    if form.site is None and form.instrument.sites:
        sites = form.instrument.sites.values()
        yield {
            NAME: metadata.SITE, FORM: name, TYPE: "radio",
            LABEL: " · ".join(site.name for site in sites), REQUIRED: "y",
            CHOICES: " | ".join(f"{site.id}, {_choice(site.name)}" for site in sites),
        }  # fmt: skip
    title = form.draft_mark + form.titles.get(first, form.instrument.title)
    yield {
        NAME: "form_title", FORM: name, TYPE: "descriptive",
        LABEL: "\n\n".join(part for part in (title, form.instructions.get(first, "")) if part),
    }  # fmt: skip
    for at, block in enumerate(form.blocks, 1):
        for question in block.questions:
            row = _field(form, question, first) | {NAME: names[question.key], FORM: name}
            if question is block.questions[0] and len(block.questions) > 1:
                row[HEADER] = form.recall_periods.get(first, f"{at}/{len(form.blocks)}")
            if block.is_grid:
                row[MATRIX] = _matrix(block)
            yield row


def _matrix(block: Block) -> str:
    return block.key


def _field(form: Questionnaire, question: Question, locale: str) -> Row:
    """Return a field; its annotation keeps the key, whatever REDCap made of the name."""
    answers = form.answers_to(question)
    row: Row = {LABEL: question.texts[locale], ANNOTATION: f"key={question.text_key}"}
    if answers is not None:
        row[REQUIRED] = "y" if answers.missing else ""
    if question.kind == "choice" and answers is not None:
        row[TYPE] = "radio"
        row[CHOICES] = _choices(answers, locale)
        return row
    row[TYPE] = "text"
    if question.kind == "number":
        row[VALIDATION] = "integer" if answers is not None and answers.whole else "number"
    if answers is not None:
        # Codes of no answer lie out of the limits, and REDCap's limits are one range: it warns
        # of what lies outside and keeps it.
        row[LOW], row[HIGH] = number_told(answers.low), number_told(answers.high)
        row[NOTE] = expected(answers, locale, form.directions[locale])
    return row


def _choices(answers: AnswerSet, locale: str) -> str:
    return " | ".join(
        f"{choice.code}, {_choice(choice.texts[locale])}" for choice in answers.choices
    )


def _choice(text: str) -> str:
    """Return the words of an answer: | separates answers, and a line ends them."""
    return " ".join(text.replace("|", "¦").split())


def _translation(form: Questionnaire, language: Language) -> dict[str, Any]:
    """Return a language for Multi-Language Management.

    The structure is that of files which REDCap writes; what its own text calls essential is there:
    creator, key, display, rtl, and id and translation of every entry.
    """
    names, locale, name = redcap_names(form.instrument), language.locale, _form_name(form)
    fields: list[dict[str, Any]] = []
    title = form.draft_mark + form.titles.get(locale, form.instrument.title)
    head = "\n\n".join(part for part in (title, form.instructions.get(locale, "")) if part)
    fields.append({"id": "form_title", "form": name, "label": {"translation": head}})
    matrices: list[dict[str, Any]] = []
    for at, block in enumerate(form.blocks, 1):
        answers = form.answers_to(block.questions[0])
        header = form.recall_periods.get(locale, f"{at}/{len(form.blocks)}")
        if block.is_grid and answers is not None:
            matrices.append({
                "id": _matrix(block), "form": name, "header": {"translation": header},
                "enum": _enum(answers, locale),
            })  # fmt: skip
        for question in block.questions:
            entry: dict[str, Any] = {
                "id": names[question.key],
                "form": name,
                "label": {"translation": question.texts[locale]},
            }
            own = form.answers_to(question)
            if own is not None and question.kind == "choice" and not block.is_grid:
                entry["enum"] = _enum(own, locale)
            elif own is not None and question.kind == "number":
                note = expected(own, locale, form.directions[locale])
                entry["note"] = {"translation": note}
            if not block.is_grid and len(block.questions) > 1 and question is block.questions[0]:
                entry["header"] = {"translation": header}
            fields.append(entry)
    return {
        "creator": "REDCap MLM",
        "key": language.short,
        "display": language.name,
        "rtl": form.directions[locale] == "rtl",
        "sort": language.name,
        "formTranslations": [{"id": name, "name": {"translation": title}}],
        "fieldTranslations": fields,
        "matrixTranslations": matrices,
    }


def _enum(answers: AnswerSet, locale: str) -> list[dict[str, str]]:
    return [
        {"id": str(choice.code), "translation": _choice(choice.texts[locale])}
        for choice in answers.choices
    ]
