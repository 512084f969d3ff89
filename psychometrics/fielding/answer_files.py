"""Answers in the shape in which each tool hands them over, to try whether they come home.

Shapes follow the public manuals and exports seen in public: ODK Central's CSV, Kobo's CSV with
labels, REDCap's raw and labelled CSV, LimeSurvey's CSV with codes or full answers, FHIR's
QuestionnaireResponse, and the files of our own web form.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.fielding import metadata
from psychometrics.fielding.fhir import NO_ANSWER, canonical_url
from psychometrics.fielding.form_files import FormFile
from psychometrics.fielding.limesurvey import limesurvey_names
from psychometrics.fielding.questionnaire import Choice, Question, Questionnaire
from psychometrics.fielding.redcap import redcap_names
from psychometrics.fielding.short_names import code_name, small_letters

Columns = dict[str, Sequence[Any]]


def as_odk(form: Questionnaire, answers: pd.DataFrame) -> FormFile:
    """Return answers as ODK Central exports them: groups before names, codes as answers."""
    columns: Columns = {"SubmissionDate": list(answers[metadata.END])}
    for name in metadata.NAMES:
        columns[name] = list(answers[name])
    for block in form.blocks:
        before = f"{block.key}-" if len(block.questions) > 1 else ""
        for question in block.questions:
            columns[before + question.key] = _codes(answers[question.key])
    keys = [f"uuid:{each}" for each in answers["respondent"]]
    columns |= {"meta-instanceID": keys, "KEY": keys, "Edits": ["0"] * len(answers)}
    return _csv("odk.csv", columns)


def as_kobo(form: Questionnaire, answers: pd.DataFrame, locale: str) -> FormFile:
    """Return answers as Kobo exports them with labels in a language and names in the head."""
    columns: Columns = {name: list(answers[name]) for name in (metadata.START, metadata.END)}
    columns[metadata.RELEASE] = list(answers[metadata.RELEASE])
    columns[metadata.MODE] = list(answers[metadata.MODE])
    sites = form.instrument.sites
    columns[metadata.SITE] = [sites[each].name for each in answers[metadata.SITE]]
    names = {each.locale: each.name for each in form.languages}
    columns[metadata.LANGUAGE] = [names[each] for each in answers[metadata.LANGUAGE]]
    for block in form.blocks:
        before = f"{block.key}/" if len(block.questions) > 1 else ""
        for question in block.questions:
            columns[before + question.key] = _labels(form, question, answers, locale)
    count = range(1, len(answers) + 1)
    columns |= {"_id": list(count), "_uuid": list(answers["respondent"]), "_index": list(count),
                "__version__": list(answers[metadata.RELEASE])}  # fmt: skip
    return _csv("kobo.csv", columns, ";")


def as_redcap(form: Questionnaire, answers: pd.DataFrame, locale: str | None = None) -> FormFile:
    """Return answers as REDCap exports them: raw, or with the labels of a language.

    A labelled export has labels for names too.
    """
    if locale is not None:
        return _redcap_labels(form, answers, locale)
    names = redcap_names(form.instrument)
    columns: Columns = {"record_id": list(answers["respondent"])}
    for name in (metadata.RELEASE, metadata.MODE, metadata.SITE, metadata.LANGUAGE):
        columns[name] = list(answers[name])
    columns |= {names[each.key]: _codes(answers[each.key]) for each in form.questions}
    columns[f"{small_letters(form.instrument.id)}_complete"] = ["2"] * len(answers)
    return _csv("redcap.csv", columns)


def _redcap_labels(form: Questionnaire, answers: pd.DataFrame, locale: str) -> FormFile:
    sites = form.instrument.sites
    columns: Columns = {"Record ID": list(answers["respondent"])}
    for name in (metadata.RELEASE, metadata.MODE, metadata.LANGUAGE):
        columns[name] = list(answers[name])
    columns[metadata.SITE] = [sites[each].name for each in answers[metadata.SITE]]
    for question in form.questions:
        told = _labels(form, question, answers, locale, lambda text: text.replace("|", "¦"))
        # Items that read the same can't be told apart by their words.
        head = question.texts[locale]
        columns[head if head not in columns else question.key] = told
    columns["Complete?"] = ["Complete"] * len(answers)
    return _csv("redcap_labels.csv", columns)


def as_limesurvey(
    form: Questionnaire, answers: pd.DataFrame, locale: str | None = None
) -> FormFile:
    """Return answers as LimeSurvey exports them: codes, or the full answers of a language."""
    names = limesurvey_names(form.instrument)
    tags = {each.locale: each.short for each in form.languages}
    sites = {site: f"s{at}" for at, site in enumerate(form.instrument.sites, 1)}
    columns: Columns = {
        "id": list(range(1, len(answers) + 1)),
        "submitdate": list(answers[metadata.END]),
        "startlanguage": [tags[each] for each in answers[metadata.LANGUAGE]],
        "seed": list(answers["respondent"]),
        "startdate": list(answers[metadata.START]),
        "formversion": list(answers[metadata.RELEASE]),
        "mode": list(answers[metadata.MODE]),
        "site": [each if form.site else sites[each] for each in answers[metadata.SITE]],
    }
    for at, block in enumerate(form.blocks, 1):
        for question in block.questions:
            name = names[question.key]
            head = f"block{at}[{name}]" if block.is_grid else name
            if locale is not None:
                columns[head] = _labels(form, question, answers, locale)
            elif question.kind == "choice":
                columns[head] = [
                    code_name(int(each)) if each else "" for each in _codes(answers[question.key])
                ]
            else:
                columns[head] = _codes(answers[question.key])
    return _csv("limesurvey.csv" if locale is None else "limesurvey_full.csv", columns)


def as_web(form: Questionnaire, answers: pd.DataFrame) -> FormFile:
    """Return answers as our own form saves them as a table."""
    columns: Columns = {"respondent": list(answers["respondent"])}
    columns |= {name: list(answers[name]) for name in metadata.NAMES}
    columns["item_order"] = [""] * len(answers)
    columns |= {each.key: _codes(answers[each.key]) for each in form.questions}
    return _csv("web.csv", columns)


def as_web_json(form: Questionnaire, answers: pd.DataFrame) -> FormFile:
    """Return answers as our own form saves them as JSON."""
    rows = [
        {name: text for name, text in row.items() if text != ""}
        for row in pd.read_csv(
            StringIO(as_web(form, answers).content.decode("utf-8-sig")), dtype=str,
            keep_default_na=False,
        ).to_dict("records")
    ]  # fmt: skip
    return FormFile("web.json", json.dumps(rows, ensure_ascii=False, indent=1).encode())


def as_fhir(form: Questionnaire, answers: pd.DataFrame) -> FormFile:
    """Return answers as a bundle of QuestionnaireResponses."""
    tags = {each.locale: each.tag for each in form.languages}
    name = f"{canonical_url(form)}|{form.release}"
    entries = []
    for row in answers.to_dict("records"):
        given = [{"linkId": key, "answer": [{"valueString": row[key]}]} for key in (metadata.MODE,)]
        site = {"system": f"{canonical_url(form)}#site", "code": row[metadata.SITE]}
        given.append({"linkId": metadata.SITE, "answer": [{"valueCoding": site}]})
        for block in form.blocks:
            items = [
                item
                for question in block.questions
                for item in _response(form, question, row[question.key])
            ]
            if len(block.questions) > 1 or len(items) > 1:
                given.append({"linkId": block.key, "item": items})
            else:
                given += items
        entries.append({"resource": {
            "resourceType": "QuestionnaireResponse",
            "id": row["respondent"],
            "language": tags[row[metadata.LANGUAGE]],
            "questionnaire": name,
            "status": "completed",
            "authored": row[metadata.END],
            "item": given,
        }})  # fmt: skip
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return FormFile("fhir.json", json.dumps(bundle, ensure_ascii=False).encode())


def _response(form: Questionnaire, question: Question, value: Any) -> list[dict[str, Any]]:
    if pd.isna(value):
        return []
    answers = form.answers_to(question)
    missing = {choice.code: choice for choice in answers.missing} if answers else {}
    choices = {choice.code: choice for choice in answers.choices} if answers else {}
    if question.kind == "choice":
        return [{"linkId": question.key, "answer": [_coding(choices[int(value)])]}]
    if value in missing:
        return [{"linkId": question.key + NO_ANSWER, "answer": [_coding(missing[int(value)])]}]
    if question.kind == "text":
        return [{"linkId": question.key, "answer": [{"valueString": str(value)}]}]
    whole = answers is not None and answers.whole
    told = {"valueInteger": int(value)} if whole else {"valueDecimal": float(value)}
    return [{"linkId": question.key, "answer": [told]}]


def _coding(choice: Choice) -> dict[str, Any]:
    return {"valueCoding": {"code": choice.key}}


def _codes(values: pd.Series) -> list[str]:
    return [_code(value) for value in values]


def _code(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if pd.isna(value) else f"{value:.15g}"


def _labels(
    form: Questionnaire,
    question: Question,
    answers: pd.DataFrame,
    locale: str,
    change: Callable[[str], str] = str,
) -> list[str]:
    """Return the words of chosen answers; numbers stay numbers."""
    found = form.answers_to(question)
    words: Mapping[float, str] = {}
    if found is not None and question.kind == "choice":
        words = {choice.code: change(choice.texts[locale]) for choice in found.choices}
    return [words.get(value, _code(value)) for value in answers[question.key]]


def _csv(name: str, columns: Columns, separator: str = ",") -> FormFile:
    made = StringIO()
    pd.DataFrame(columns).to_csv(made, index=False, sep=separator, lineterminator="\r\n")
    return FormFile(name, made.getvalue().encode("utf-8-sig"))


def drawn_answers(form: Questionnaire, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return answers to every question as drawn by lot, each possible code among them.

    They measure nothing: they are there to be carried.
    """
    sites = [form.site] if form.site else list(form.instrument.sites) or [""]
    site = [sites[at % len(sites)] for at in range(n)]
    locales = form.instrument.sites
    language = []
    for at, each in enumerate(site):
        known = [one for one in locales[each].locales if one in form.locales] if each else []
        known = known or list(form.locales)
        language.append(known[at % len(known)])
    made: dict[str, Any] = {
        "respondent": [f"{rng.integers(16**12):012x}" for _ in range(n)],
        metadata.SITE: site,
        metadata.LANGUAGE: language,
        metadata.RELEASE: [form.release] * n,
        metadata.MODE: ["simulated"] * n,
        metadata.START: ["2026-01-02T08:00:00.000Z"] * n,
        metadata.END: ["2026-01-02T08:09:30.000Z"] * n,
    }
    for question in form.questions:
        answers = form.answers_to(question)
        if question.kind == "text":
            made[question.key] = [f"text {at}" for at in range(n)]
            continue
        codes = [float(choice.code) for choice in answers.choices] if answers else []
        if answers is not None and question.kind == "number":
            low, high = int(answers.low or 0), int(answers.high or 0)
            codes += [float(each) for each in range(low, high + 1)]
        drawn = rng.choice([*codes, np.nan] if codes else [0.0, 1.0, np.nan], n)
        drawn[: min(n, len(codes))] = codes[:n]
        made[question.key] = drawn
    return pd.DataFrame(made)


Shape = Callable[[Questionnaire, pd.DataFrame], FormFile]


def shapes_of(target: str, form: Questionnaire) -> dict[str, Shape]:
    """Return the shapes in which a tool hands answers over, by a name for each."""
    if target == "xlsform":
        kobo = {f"Kobo, labels in {each}": partial(as_kobo, locale=each) for each in form.locales}
        return {"ODK Central": as_odk, **kobo}
    if target == "redcap":
        first = form.languages[0].locale
        return {"raw": as_redcap, "labels": partial(as_redcap, locale=first)}
    if target == "limesurvey":
        full = {
            f"full answers in {each}": partial(as_limesurvey, locale=each) for each in form.locales
        }
        return {"codes": as_limesurvey, **full}
    if target in ("fhir-r5", "fhir-r4b"):
        return {"QuestionnaireResponse": as_fhir}
    return {"table": as_web, "JSON": as_web_json}
