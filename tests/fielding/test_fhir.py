"""FHIR: accepted by fhir.resources, and by the rules that it doesn't check."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings

from psychometrics.errors import DataError
from psychometrics.fielding.fhir import EXTENSIONS, fhir
from psychometrics.fielding.fhir_rules import faults
from psychometrics.fielding.questionnaire import questionnaire_of
from tests.fielding.forms import home_release, releases


def resource(release, version="R5", **told):
    return json.loads(fhir(questionnaire_of(release, **told), version=version).files[0].content)


def items(node):
    for item in node.get("item", ()):
        yield item
        yield from items(item)


def translations(node, field):
    """Return the words of a string by language."""
    told = {}
    for each in node.get(f"_{field}", {}).get("extension", ()):
        parts = {part["url"]: part for part in each["extension"]}
        told[parts["lang"]["valueCode"]] = parts["content"]["valueString"]
    return told


@pytest.mark.parametrize("version", ["R4B", "R5"])
@pytest.mark.parametrize("told", [{}, {"site": "pune"}, {"site": "ulm"}], ids=str)
def test_fhir_resources_reads_it_back_unchanged(version, told):
    pytest.importorskip("fhir.resources")
    if version == "R5":
        from fhir.resources.questionnaire import Questionnaire
    else:
        from fhir.resources.R4B.questionnaire import Questionnaire
    made = resource(home_release(), version, **told)
    read = Questionnaire.model_validate(made)
    assert json.loads(read.model_dump_json(exclude_none=True)) == made
    assert faults(made, version) == []


def test_every_text_is_there_in_every_language():
    form = questionnaire_of(home_release())
    made = {item["linkId"]: item for item in items(resource(home_release()))}
    for question in form.questions:
        item = made[question.key]
        told = {form.languages[0].tag: item["text"]} | translations(item, "text")
        assert told == {each.tag: question.texts[each.locale] for each in form.languages}
    agree = made["culture_1"]["answerOption"][3]["valueCoding"]
    assert agree["code"] == "agree"
    assert translations(agree, "display")["he-IL"] == "מסכים/ה"


@pytest.mark.parametrize(("version", "extension"), [("R4B", "ordinalValue"), ("R5", "itemWeight")])
def test_the_number_of_an_answer_is_its_weight_and_no_answer_has_none(version, extension):
    made = {item["linkId"]: item for item in items(resource(home_release(), version))}
    weights = {
        option["valueCoding"]["code"]: [
            (each["url"], each["valueDecimal"])
            for each in option["valueCoding"].get("extension", ())
        ]
        for option in made["culture_1"]["answerOption"]
    }
    assert weights["agree"] == [(EXTENSIONS + extension, 4)]
    assert weights["no_answer"] == []


def test_status_and_version_are_those_of_the_release():
    made = resource(home_release())
    assert (made["status"], made["version"]) == ("draft", "1.0-draft")
    assert made["title"].startswith("[DRAFT 1.0-draft] ")
    assert made["copyright"].startswith("BSD-3-Clause")


def test_a_number_has_its_limits_and_a_question_why_there_is_none():
    made = {item["linkId"]: item for item in items(resource(home_release()))}
    years = made["years_of_work"]
    assert [each["valueInteger"] for each in years["extension"]] == [0, 60]
    (none,) = made["years_of_work.no_answer"]["answerOption"]
    assert none["valueCoding"]["code"] == "no_answer"


def test_an_unknown_version_is_refused():
    with pytest.raises(DataError, match="R4B"):
        fhir(questionnaire_of(home_release()), version="R3")


@given(releases())
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
def test_any_instrument_keeps_the_rules(release):
    for version in ("R4B", "R5"):
        assert faults(resource(release, version), version) == []


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"status": "done"}, "status 'done'"),
        ({"status": "draft", "name": "lower"}, "name 'lower'"),
        ({"status": "draft", "item": [{"linkId": "a", "type": "string"}] * 2}, "que-2"),
        ({"status": "draft", "item": [{"linkId": "a", "type": "choice"}]}, "none of R5"),
        ({"status": "draft", "item": [{"linkId": "a", "type": "group"}]}, "que-1"),
        ({"status": "draft", "item": [{"linkId": "a", "type": "display", "required": True}]},
         "que-6"),
        ({"status": "draft", "item": [{"linkId": "a", "type": "string", "text": ""}]}, "empty"),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_told(broken, said):
    (told,) = faults(broken, "R5")
    assert said in told
