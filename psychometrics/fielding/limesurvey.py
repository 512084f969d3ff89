"""LimeSurvey: a tab-separated survey, one block a language.

After the public manual ("Tab Separated Value survey structure"): UTF-8 with a byte order mark; the
base language first, then each other language with the same rows in the same order and the same ids.
No server was at hand to try it.
"""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Iterator
from io import StringIO
from typing import Final

from psychometrics.errors import Finding, finding
from psychometrics.fielding import metadata
from psychometrics.fielding.form_files import ExportedForm, FormFile, refuse
from psychometrics.fielding.hints import expected
from psychometrics.fielding.languages import Language
from psychometrics.fielding.questionnaire import (
    AnswerSet,
    Block,
    Choice,
    Question,
    Questionnaire,
)
from psychometrics.fielding.short_names import code_name, letters_and_digits, short_names
from psychometrics.instrument import Instrument

TARGET: Final = "LimeSurvey"
COLUMNS: Final = (
    "id", "class", "type/scale", "name", "relevance", "text", "help", "language", "validation",
    "mandatory", "other", "default", "same_default", "hidden", "num_value_int_only",
    "em_validation_q",
)  # fmt: skip
LONGEST_NAME: Final = 20
# LimeSurvey's own words for these exist; a survey in another language has buttons in English.
ARRAY, LIST, NUMBER, TEXT, EQUATION = "F", "L", "N", "S", "*"
# A brace that a space follows is text to LimeSurvey; any other begins an expression.
EXPRESSION: Final = re.compile(r"\{\S")
NAMES: Final = (metadata.SITE, "formversion", metadata.MODE)

Row = dict[str, str]


def limesurvey(form: Questionnaire, *, mode: str = "web") -> ExportedForm:
    """Return a questionnaire as a LimeSurvey survey.

    Parameters
    ----------
    form : Questionnaire
        What is asked.
    mode : str
        How it is answered; noted with every answer.

    Returns
    -------
    ExportedForm
        One file, ``limesurvey_<instrument>.txt``.

    Raises
    ------
    CatalogError
        If a text holds what LimeSurvey reads as an expression.
    """
    found = list(_findings(form))
    errors = [each for each in found if each.severity == "error"]
    if errors:
        refuse(errors)
    rows = [*_settings(form)]
    for language in form.languages:
        rows += [*_titles(form, language)]
    for language in form.languages:
        rows += [*_groups(form, language, mode)]
    made = StringIO()
    writer = csv.DictWriter(made, COLUMNS, dialect="excel-tab", restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    name = "limesurvey_" + form.instrument.id + (f"_{form.site}" if form.site else "")
    file = FormFile(f"{name}.txt", made.getvalue().encode("utf-8-sig"))
    return ExportedForm(TARGET, (file,), (*form.findings, *found))


def limesurvey_names(instrument: Instrument) -> dict[str, str]:
    """Return the code of each item and comparator in LimeSurvey."""
    keys = [*NAMES, *instrument.items, *instrument.comparators]
    names = short_names(dict.fromkeys(keys), letters_and_digits, LONGEST_NAME)
    return {key: names[key] for key in (*instrument.items, *instrument.comparators)}


def _findings(form: Questionnaire) -> Iterator[Finding]:
    yield from metadata.taken_names(form, (metadata.SITE, metadata.RELEASE, metadata.MODE))
    for key, texts in form.all_texts.items():
        for locale, text in texts.items():
            if match := EXPRESSION.search(text):
                yield finding(
                    "field_reference", "error", f"{locale}: {key}", key=key, locale=locale,
                    found=text[match.start() :][:40], target=TARGET,
                )  # fmt: skip


def _settings(form: Questionnaire) -> Iterator[Row]:
    first, *others = form.languages
    told = {
        "language": first.short,
        "additional_languages": " ".join(each.short for each in others),
        "format": "G",
        "datestamp": "Y",
        "allowprev": "Y",
        "assessments": "Y",
        "showgroupinfo": "D",
    }
    for name, text in told.items():
        yield {"class": "S", "name": name, "text": text}


def _titles(form: Questionnaire, language: Language) -> Iterator[Row]:
    title = form.titles.get(language.locale, form.instrument.title)
    told = {
        "surveyls_title": form.draft_mark + title,
        "surveyls_description": f"{form.instrument.id} {form.release}",
        "surveyls_welcometext": form.instructions.get(language.locale, ""),
    }
    for name, text in told.items():
        yield {"class": "SL", "name": name, "text": _shown(text), "language": language.short}


def _groups(form: Questionnaire, language: Language, mode: str) -> Iterator[Row]:
    """Return groups, questions and answers in one language; ids are the same in all."""
    names = limesurvey_names(form.instrument)
    number = 0
    tag = {"language": language.short}
    yield {"id": "1", "class": "G", "type/scale": "0", "name": form.draft_mark or "0", **tag}
    for name, value in _known(form, mode).items():
        number += 1
        yield {
            "id": str(number), "class": "Q", "type/scale": EQUATION, "name": name,
            "relevance": "1", "text": f"{{'{value}'}}", "hidden": "1", "mandatory": "N", **tag,
        }  # fmt: skip
    if form.site is None and form.instrument.sites:
        number += 1
        yield from _site(form, number, tag)
    for at, block in enumerate(form.blocks, 1):
        yield {
            "id": str(at + 1), "class": "G", "type/scale": str(at),
            "name": f"{at}/{len(form.blocks)}",
            "text": _shown(form.recall_periods.get(language.locale, "")) if block.is_grid else "",
            **tag,
        }  # fmt: skip
        for rows in _questions(form, block, at, language, names):
            if rows[0]["class"] == "Q":
                number += 1
            for row in rows:
                yield {**row, "id": str(number), **tag}


def _known(form: Questionnaire, mode: str) -> dict[str, str]:
    told = {"formversion": form.release, metadata.MODE: mode}
    if form.site is not None:
        told[metadata.SITE] = form.site
    return told


def _site(form: Questionnaire, number: int, tag: Row) -> Iterator[Row]:
    """Ask for the site where one survey serves all; answers are numbered as in the definition."""
    sites = form.instrument.sites.values()
    label = " · ".join(site.name for site in sites)
    yield {
        "id": str(number), "class": "Q", "type/scale": LIST, "name": metadata.SITE,
        "relevance": "1", "text": _shown(label), "mandatory": "Y", **tag,
    }  # fmt: skip
    for at, site in enumerate(sites, 1):
        yield {
            "id": str(number), "class": "A", "type/scale": "0", "name": f"s{at}",
            "relevance": "0", "text": _shown(site.name), **tag,
        }  # fmt: skip


def _questions(
    form: Questionnaire, block: Block, at: int, language: Language, names: dict[str, str]
) -> Iterator[list[Row]]:
    """Yield each question of a block with its subquestions and answers."""
    if block.is_grid:
        answers = form.answers_to(block.questions[0])
        rows: list[Row] = [_row(ARRAY, f"block{at}", "", answers)]
        rows += [
            {"class": "SQ", "type/scale": "0", "name": names[question.key], "relevance": "1",
             "text": _shown(question.texts[language.locale])}
            for question in block.questions
        ]  # fmt: skip
        yield rows + _answers(answers, language)
        return
    for question in block.questions:
        yield _single(form, question, language, names[question.key])


def _single(form: Questionnaire, question: Question, language: Language, name: str) -> list[Row]:
    answers = form.answers_to(question)
    text = _shown(question.texts[language.locale])
    if question.kind == "choice":
        return [_row(LIST, name, text, answers), *_answers(answers, language)]
    row = _row(TEXT if question.kind == "text" else NUMBER, name, text, answers)
    if question.kind == "number" and answers is not None:
        row["help"] = _shown(expected(answers, language.locale, form.directions[language.locale]))
        row["num_value_int_only"] = "1" if answers.whole else "0"
        limits = f"(self.NAOK >= {answers.low:.15g} and self.NAOK <= {answers.high:.15g})"
        others = [f"self.NAOK == {choice.code}" for choice in answers.missing]
        row["em_validation_q"] = " or ".join(["is_empty(self.NAOK)", limits, *others])
    return [row]


def _row(kind: str, name: str, text: str, answers: AnswerSet | None) -> Row:
    must = answers is not None and bool(answers.missing)
    return {
        "class": "Q", "type/scale": kind, "name": name, "relevance": "1", "text": text,
        "mandatory": "Y" if must else "N", "other": "N",
    }  # fmt: skip


def _answers(answers: AnswerSet | None, language: Language) -> list[Row]:
    def row(choice: Choice) -> Row:
        return {
            "class": "A", "type/scale": "0", "name": code_name(choice.code),
            "relevance": str(choice.code), "text": _shown(choice.texts[language.locale]),
        }  # fmt: skip

    return [row(choice) for choice in answers.choices] if answers is not None else []


def _shown(text: str) -> str:
    """Return a text as LimeSurvey shows it: it reads HTML."""
    return html.escape(text, quote=False).replace("\n", "<br />")
