"""A form of our own: one page that works without a network, on a phone, and by keyboard alone.

Answers stay on the device, are kept while they are given, and are handed over as a file. The page
asks nothing of the network and runs no script but its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from markupsafe import Markup
from ruamel.yaml import YAML

from psychometrics.errors import DataError
from psychometrics.fielding import metadata
from psychometrics.fielding.form_files import ExportedForm, FormFile, refuse
from psychometrics.fielding.hints import expected
from psychometrics.fielding.languages import Language
from psychometrics.fielding.questionnaire import AnswerSet, Choice, Question, Questionnaire
from psychometrics.translation.desk.page import page

TARGET: Final = "web"
NAMES: Final = (*metadata.NAMES, "respondent", "item_order")


def web_form(
    form: Questionnaire, *, mode: str = "web", random_order: bool = False, together: bool = False
) -> ExportedForm:
    """Return a questionnaire as pages that a browser opens from a file.

    Parameters
    ----------
    form : Questionnaire
        What is asked.
    mode : str
        How it is answered; noted with every answer.
    random_order : bool
        Whether the items of each scale come in an order of their own for each person, which is
        then noted.
    together : bool
        Whether one page holds all languages, to be switched; otherwise each has its own.

    Returns
    -------
    ExportedForm
        ``web_<instrument>_<locale>.html`` for each language, or ``web_<instrument>.html``.

    Raises
    ------
    CatalogError
        If a question bears the name of a column that every file of answers has.
    DataError
        If the form's own words are not there in a language.
    """
    found = metadata.taken_names(form, NAMES)
    if found:
        refuse(found)
    stem = f"web_{form.instrument.id}" + (f"_{form.site}" if form.site else "")
    sets = [form.languages] if together else [(each,) for each in form.languages]
    made = []
    for languages in sets:
        name = stem if together else f"{stem}_{languages[0].locale}"
        content = _page(form, languages, mode, random_order)
        made.append(FormFile(f"{name}.html", content.encode("utf-8")))
    return ExportedForm(TARGET, tuple(made), form.findings)


def own_words(locale: str) -> Mapping[str, str]:
    """Return what the form says by itself in a language.

    Raises
    ------
    DataError
        If nobody has written it in that language.
    """
    known = _all_words()
    subtag = locale.partition("_")[0].partition("@")[0]
    if subtag not in known:
        raise DataError(
            f"The web form has no words of its own in {locale}; it has them in {', '.join(known)}."
        )
    return known[subtag]


@cache
def _all_words() -> dict[str, dict[str, str]]:
    text = (files("psychometrics.fielding") / "web" / "words.yaml").read_text(encoding="utf-8")
    told: dict[str, dict[str, str]] = YAML(typ="safe", pure=True).load(text)["words"]
    return told


def _page(
    form: Questionnaire, languages: tuple[Language, ...], mode: str, random_order: bool
) -> str:
    folder = files("psychometrics.fielding") / "web"
    first = languages[0]
    data = json.dumps(_data(form, languages, mode, random_order), ensure_ascii=False)
    # A text may hold what ends a script; as JSON, the sign can be written in another way.
    data = data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    body = Markup('<script type="application/json" id="form">{}</script>').format(Markup(data))
    title = form.titles.get(first.locale, form.instrument.title)
    return page(
        title=form.draft_mark + title,
        lang=first.tag,
        direction=form.directions[first.locale],
        body=body,
        style=(folder / "form.css").read_text(encoding="utf-8"),
        script=(folder / "form.js").read_text(encoding="utf-8"),
    )


def _data(
    form: Questionnaire, languages: tuple[Language, ...], mode: str, random_order: bool
) -> dict[str, Any]:
    locales = [each.locale for each in languages]

    def kept(texts: Mapping[str, str]) -> dict[str, str]:
        return {locale: texts[locale] for locale in locales if locale in texts}

    def choice(each: Choice) -> dict[str, Any]:
        return {"code": each.code, "texts": kept(each.texts), "missing": each.missing}

    def answers(each: AnswerSet) -> dict[str, Any]:
        return {
            "choices": [choice(one) for one in each.choices],
            "missing": [choice(one) for one in each.missing],
            "low": each.low,
            "high": each.high,
            "whole": each.whole,
        }

    def question(each: Question) -> dict[str, Any]:
        told: dict[str, Any] = {
            "key": each.key, "kind": each.kind, "answers": each.answers, "texts": kept(each.texts),
        }  # fmt: skip
        found = form.answers_to(each)
        told["required"] = found is not None and bool(found.missing)
        if found is not None and each.kind == "number":
            told["hints"] = {
                locale: expected(found, locale, form.directions[locale]).partition(";")[0]
                for locale in locales
            }
        return told

    titles = form.titles or dict.fromkeys(locales, form.instrument.title)
    sites = [each for each in form.instrument.sites.values() if set(each.locales) & set(locales)]
    # One site is known, whoever asks.
    site = form.site or (sites[0].id if len(sites) == 1 else None)
    return {
        "id": form.instrument.id,
        "release": form.release,
        "release_hash": form.release_hash,
        "mark": form.draft_mark,
        "site": site,
        "sites": [] if site else [{"id": each.id, "name": each.name} for each in sites],
        "mode": mode,
        "random_order": random_order,
        "languages": [
            {"locale": each.locale, "tag": each.tag, "name": each.name,
             "direction": form.directions[each.locale]}
            for each in languages
        ],
        "words": {locale: dict(own_words(locale)) for locale in locales},
        "titles": kept(titles),
        "instructions": kept(form.instructions),
        "recall_periods": kept(form.recall_periods),
        "sets": {key: answers(each) for key, each in form.answer_sets.items()},
        "blocks": [
            {"key": block.key, "questions": [question(each) for each in block.questions]}
            for block in form.blocks
        ],
    }  # fmt: skip
