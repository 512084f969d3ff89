"""LimeSurvey: one block a language, with the same rows in the same order."""

from __future__ import annotations

import csv
import html
from io import StringIO

import pytest
from hypothesis import HealthCheck, given, settings

from psychometrics.errors import CatalogError
from psychometrics.fielding.limesurvey import EXPRESSION, limesurvey, limesurvey_names
from psychometrics.fielding.questionnaire import questionnaire_of
from tests.fielding.forms import home_release, releases


def rows_of(release, **told):
    (file,) = limesurvey(questionnaire_of(release, **told)).files
    assert file.content.startswith(b"\xef\xbb\xbf")
    text = StringIO(file.content.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, dialect="excel-tab"))


def block(rows, language):
    return [r for r in rows if r["class"] in ("G", "Q", "SQ", "A") and r["language"] == language]


def test_every_language_has_the_same_rows_in_the_same_order():
    rows = rows_of(home_release())
    languages = ["de", "hi", "en", "he", "sw", "lg"]
    settings = {row["name"]: row["text"] for row in rows if row["class"] == "S"}
    assert settings["language"] == "de"
    assert settings["additional_languages"].split() == languages[1:]
    shapes = [
        [(row["id"], row["class"], row["type/scale"], row["name"]) for row in block(rows, each)]
        for each in languages
    ]
    assert all(shape == shapes[0] for shape in shapes)
    order = [row["language"] for row in rows if row["class"] == "Q"]
    assert list(dict.fromkeys(order)) == languages
    assert order == sorted(order, key=languages.index), "a language is one block"


def test_a_grid_has_items_below_and_codes_as_assessment_values():
    rows = block(rows_of(home_release()), "he")
    at = next(i for i, row in enumerate(rows) if row["name"] == "block1")
    assert rows[at]["type/scale"] == "F"
    below = rows[at + 1 : at + 12]
    assert [row["class"] for row in below] == ["SQ"] * 4 + ["A"] * 7
    assert [row["name"] for row in below[:4]] == ["culture1", "culture2", "culture3", "culture4"]
    assert [(row["name"], row["relevance"]) for row in below[4:]] == [
        (str(code), str(code)) for code in (1, 2, 3, 4, 5, 8, 9)
    ]
    assert below[7]["text"] == "מסכים/ה"


def test_names_are_letters_and_digits():
    names = limesurvey_names(questionnaire_of(home_release()).instrument)
    assert names["role_clarity_1"] == "roleclarity1"
    assert all(name.isalnum() and len(name) <= 20 for name in names.values())
    assert len(set(names.values())) == len(names)


def test_a_number_may_be_a_code_of_no_answer():
    row = next(r for r in rows_of(home_release()) if r["name"] == "yearsofwork")
    assert row["type/scale"] == "N"
    assert "self.NAOK <= 60) or self.NAOK == 99" in row["em_validation_q"]


def test_an_expression_is_refused_and_a_brace_alone_is_not():
    changed = home_release().model_copy(deep=True)
    changed.locales["de_DE"].texts["item.culture_1"] = "Wie alt ist {TOKEN:FIRSTNAME}?"
    with pytest.raises(CatalogError, match="TOKEN"):
        limesurvey(questionnaire_of(changed))
    changed.locales["de_DE"].texts["item.culture_1"] = "Ein { ist Text"
    limesurvey(questionnaire_of(changed))


@given(releases())
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
def test_any_instrument_keeps_its_texts_and_codes(release):
    form = questionnaire_of(release)
    if any(EXPRESSION.search(t) for texts in form.all_texts.values() for t in texts.values()):
        return
    rows = rows_of(release)
    names = limesurvey_names(form.instrument)
    for language in form.languages:
        own = block(rows, language.short)
        asked = {row["name"]: row for row in own if row["class"] in ("Q", "SQ")}
        for question in form.questions:
            text = asked[names[question.key]]["text"]
            said = html.unescape(text.replace("<br />", "\n"))
            assert said == question.texts[language.locale]
        shape = [(row["class"], row["name"]) for row in own]
        assert shape == [(r["class"], r["name"]) for r in block(rows, form.languages[0].short)]
