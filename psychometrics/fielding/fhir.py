"""FHIR Questionnaire, R4B and R5, with every language in it.

Words are in the first language; the others are in the extension ``translation`` of each string.
Answers are coded by the key of the option, and its number is the weight of the answer
(``ordinalValue`` in R4B, ``itemWeight`` in R5), so that scoring needs nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, Literal
from uuid import NAMESPACE_URL, uuid5

from psychometrics.errors import check_option
from psychometrics.fielding import metadata
from psychometrics.fielding.fhir_rules import faults
from psychometrics.fielding.form_files import ExportedForm, FormFile
from psychometrics.fielding.questionnaire import (
    AnswerSet,
    Block,
    Choice,
    Question,
    Questionnaire,
    Texts,
)

Version = Literal["R4B", "R5"]
VERSIONS: Final = ("R4B", "R5")
TARGET: Final = "FHIR"
EXTENSIONS: Final = "http://hl7.org/fhir/StructureDefinition/"
CONTROLS: Final = "http://hl7.org/fhir/questionnaire-item-control"
WEIGHT: Final = {"R4B": f"{EXTENSIONS}ordinalValue", "R5": f"{EXTENSIONS}itemWeight"}
CHOICE: Final = {"R4B": "choice", "R5": "coding"}
NO_ANSWER: Final = ".no_answer"
"""What follows the key of a number in the linkId of the question why there is none."""

Json = dict[str, Any]


def fhir(form: Questionnaire, *, version: Version = "R5", mode: str = "fhir") -> ExportedForm:
    """Return a questionnaire as a FHIR Questionnaire.

    Parameters
    ----------
    form : Questionnaire
        What is asked.
    version : {"R5", "R4B"}
        Version of FHIR.
    mode : str
        How it is answered; noted with every answer.

    Returns
    -------
    ExportedForm
        One file, ``fhir_<version>_<instrument>.json``.

    Raises
    ------
    DataError
        If the version is another one.
    """
    check_option("version", version, VERSIONS)
    resource = questionnaire_resource(form, version, mode)
    wrong = faults(resource, version)
    if wrong:
        raise RuntimeError("a Questionnaire breaks the rules of FHIR: " + "; ".join(wrong))
    told = json.dumps(resource, ensure_ascii=False, indent=2) + "\n"
    stem = f"fhir_{version}_{form.instrument.id}" + (f"_{form.site}" if form.site else "")
    return ExportedForm(TARGET, (FormFile(f"{stem}.json", told.encode()),), form.findings)


def canonical_url(form: Questionnaire) -> str:
    """Return the address by which answers name the questionnaire: always the same for its id."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'survey-psychometrics/{form.instrument.id}')}"


def questionnaire_resource(form: Questionnaire, version: Version, mode: str) -> Json:
    """Return the resource."""
    words = _Words(form)
    name = re.sub(r"[^A-Za-z0-9]", "", form.instrument.id.title())
    titles = form.titles or dict.fromkeys(form.locales, form.instrument.title)
    marked = {locale: form.draft_mark + text for locale, text in titles.items()}
    return {
        "resourceType": "Questionnaire",
        "id": re.sub(r"[^A-Za-z0-9.-]", "-", form.instrument.id)[:64],
        "language": form.languages[0].tag,
        "url": canonical_url(form),
        "version": form.release,
        "name": name if name[:1].isalpha() else f"Q{name}",
        **words("title", marked),
        "status": "draft" if form.draft else "active",
        "description": form.instrument.construct,
        "copyright": form.instrument.licence,
        "item": [
            *_known(form, words, version, mode),
            *_head(form, words),
            *(_block(form, block, at, words, version) for at, block in enumerate(form.blocks, 1)),
        ],
    }


class _Words:
    """Makes a string with its translations."""

    def __init__(self, form: Questionnaire) -> None:
        self.first, *self.others = form.languages

    def __call__(self, field: str, texts: Texts) -> Json:
        made: Json = {field: texts[self.first.locale]}
        translations = [
            {
                "url": f"{EXTENSIONS}translation",
                "extension": [
                    {"url": "lang", "valueCode": language.tag},
                    {"url": "content", "valueString": texts[language.locale]},
                ],
            }
            for language in self.others
        ]
        if translations:
            made[f"_{field}"] = {"extension": translations}
        return made


def _known(form: Questionnaire, words: _Words, version: Version, mode: str) -> Iterator[Json]:
    """Note what is known beforehand in hidden items; release and language are in every answer."""
    told = {metadata.MODE: mode} | ({metadata.SITE: form.site} if form.site else {})
    for key, value in told.items():
        yield {
            "extension": [{"url": f"{EXTENSIONS}questionnaire-hidden", "valueBoolean": True}],
            "linkId": key,
            "text": key,
            "type": "string",
            "initial": [{"valueString": value}],
        }
    sites = form.instrument.sites
    if form.site is None and sites:
        label = " · ".join(site.name for site in sites.values())
        options = [
            {"valueCoding": {"system": f"{canonical_url(form)}#{metadata.SITE}", "code": site.id,
                             "display": site.name}}
            for site in sites.values()
        ]  # fmt: skip
        yield {
            "linkId": metadata.SITE,
            **words("text", dict.fromkeys(form.locales, label)),
            "type": CHOICE[version],
            "required": True,
            "answerOption": options,
        }


def _head(form: Questionnaire, words: _Words) -> Iterator[Json]:
    if form.instructions:
        yield {
            "linkId": "instructions", **words("text", form.instructions), "type": "display"
        }  # fmt: skip


def _block(form: Questionnaire, block: Block, at: int, words: _Words, version: Version) -> Json:
    """Return a question, or a group of them over the same answers."""
    items = [
        each for question in block.questions for each in _items(form, question, words, version)
    ]
    if len(items) == 1:
        return items[0]
    label = form.recall_periods or dict.fromkeys(form.locales, f"{at}/{len(form.blocks)}")
    made: Json = {"linkId": block.key, **words("text", label), "type": "group", "item": items}
    if len(block.questions) == 1:
        made = {"linkId": block.key, "type": "group", "item": items}
    if block.is_grid:
        control = {"coding": [{"system": CONTROLS, "code": "gtable"}]}
        made = {
            "extension": [
                {"url": f"{EXTENSIONS}questionnaire-itemControl", "valueCodeableConcept": control}
            ],
            **made,
        }
    return made


def _items(
    form: Questionnaire, question: Question, words: _Words, version: Version
) -> Iterator[Json]:
    answers = form.answers_to(question)
    made: Json = {"linkId": question.key, **words("text", question.texts)}
    if question.kind == "choice" and answers is not None:
        yield made | {
            "type": CHOICE[version],
            "required": bool(answers.missing),
            "answerOption": [
                _option(form, answers, choice, words, version) for choice in answers.choices
            ],
        }
        return
    if question.kind == "text":
        yield made | {"type": "string"}
        return
    whole = answers is not None and answers.whole
    made["type"] = "integer" if whole else "decimal"
    if answers is None:
        yield made
        return
    kind = "valueInteger" if whole else "valueDecimal"
    limits = {"minValue": answers.low, "maxValue": answers.high}
    yield {
        "extension": [
            {"url": f"{EXTENSIONS}{name}", kind: int(value) if whole else value}
            for name, value in limits.items()
            if value is not None
        ],
        **made,
    }
    if answers.missing:
        # A number can't say why it isn't there, so that is a question of its own.
        yield {
            "linkId": question.key + NO_ANSWER,
            "text": "–",
            "type": CHOICE[version],
            "answerOption": [
                _option(form, answers, choice, words, version) for choice in answers.missing
            ],
        }


def _option(
    form: Questionnaire, answers: AnswerSet, choice: Choice, words: _Words, version: Version
) -> Json:
    """Return an answer; one that means no usable answer has no weight."""
    coding: Json = {
        "system": f"{canonical_url(form)}#{answers.key}",
        "code": choice.key,
        **words("display", choice.texts),
    }
    if not choice.missing:
        weight = {"url": WEIGHT[version], "valueDecimal": choice.code}
        coding = {"extension": [weight], **coding}
    return {"valueCoding": coding}
