"""REDCap: a dictionary that a reader takes apart into the same items, and a file a language."""

from __future__ import annotations

import csv
import json
from io import StringIO

import pytest
from hypothesis import HealthCheck, given, settings

from psychometrics.errors import CatalogError
from psychometrics.fielding.questionnaire import questionnaire_of
from psychometrics.fielding.redcap import COLUMNS, PIPING, redcap, redcap_names
from tests.fielding.forms import LOCALES, home_release, releases


def exported(release, **told):
    return {file.name: file.content for file in redcap(questionnaire_of(release, **told)).files}


def dictionary(files):
    (content,) = [content for name, content in files.items() if name.endswith(".csv")]
    assert content.startswith(b"\xef\xbb\xbf"), "Excel reads UTF-8 only with a byte order mark"
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"))))


def choices(row):
    pairs = (choice.split(",", 1) for choice in row[COLUMNS[5]].split(" | "))
    return {int(code): text.strip() for code, text in pairs}


def test_eighteen_columns_and_the_record_first():
    rows = dictionary(exported(home_release()))
    assert tuple(rows[0]) == COLUMNS
    assert len(COLUMNS) == 18
    assert rows[0][COLUMNS[0]] == "record_id"
    names = [row[COLUMNS[0]] for row in rows]
    assert len(names) == len(set(names))


def test_items_of_a_scale_are_a_matrix_with_the_same_codes():
    rows = {row[COLUMNS[0]]: row for row in dictionary(exported(home_release()))}
    form = questionnaire_of(home_release())
    for question in form.questions[:24]:
        row = rows[question.key]
        assert (row["Field Type"], row["Required Field?"]) == ("radio", "y")
        assert list(choices(row)) == [1, 2, 3, 4, 5, 8, 9]
        assert row["Field Annotation"] == f"key=item.{question.key}"
    matrices = [rows[q.key]["Matrix Group Name"] for q in form.questions[:24]]
    assert matrices == [f"block_{at}" for at in range(1, 7) for _ in range(4)]
    heads = [rows[q.key]["Section Header"] for q in form.questions[:24]]
    assert [bool(head) for head in heads] == [True, False, False, False] * 6


def test_release_and_site_are_noted():
    rows = {row[COLUMNS[0]]: row for row in dictionary(exported(home_release(), site="ulm"))}
    assert rows["site"]["Field Annotation"] == "@HIDDEN @DEFAULT='ulm'"
    assert rows["form_version"]["Field Annotation"] == "@HIDDEN @DEFAULT='1.0-draft'"


def test_a_file_a_language_for_multi_language_management():
    files = exported(home_release())
    form = questionnaire_of(home_release())
    for language in form.languages:
        name = f"redcap_peer_support_implementation_{language.locale}.json"
        told = json.loads(files[name].decode("utf-8-sig"))
        # What REDCap's own files call essential.
        assert told["creator"] == "REDCap MLM"
        assert told["key"] == language.short
        assert (told["display"], told["rtl"]) == (language.name, language.locale == "he_IL")
        fields = {each["id"]: each for each in told["fieldTranslations"]}
        assert all(each["form"] == "peer_support_implementation" for each in fields.values())
        for question in form.questions:
            label = fields[question.key]["label"]
            assert label == {"translation": question.texts[language.locale]}
        enum = {each["id"]: each["translation"] for each in told["matrixTranslations"][0]["enum"]}
        assert enum == {
            str(choice.code): choice.texts[language.locale]
            for choice in form.answer_sets["agreement5"].choices
        }
    assert len(files) == 1 + len(LOCALES)


def test_reproschema_reads_the_same_items_and_codes(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_ET", "1")
    reader = pytest.importorskip("reproschema.redcap2reproschema", exc_type=ImportError)
    files = exported(home_release())
    path = tmp_path / "dictionary.csv"
    path.write_bytes(files["redcap_peer_support_implementation.csv"])
    activities, _ = reader.process_csv(path)
    items = {item["id"]: item for item in activities["peer_support_implementation"]["items"]}
    form = questionnaire_of(home_release())
    for question in form.questions:
        answers = form.answers_to(question)
        if question.kind == "choice":
            read = items[question.key]["responseOptions"]["choices"]
            assert [choice["value"] for choice in read] == [c.code for c in answers.choices]


def test_what_redcap_reads_as_another_field_is_refused():
    changed = home_release().model_copy(deep=True)
    changed.locales["de_DE"].texts["item.culture_1"] = "Guten Tag, [first_name]!"
    with pytest.raises(CatalogError, match=r"\[first_name\]"):
        redcap(questionnaire_of(changed))


@given(releases())
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
def test_any_instrument_keeps_its_codes_and_labels(release):
    form = questionnaire_of(release)
    if any(PIPING.search(text) for texts in form.all_texts.values() for text in texts.values()):
        return
    files = {file.name: file.content for file in redcap(form).files}
    rows = {row[COLUMNS[0]]: row for row in dictionary(files)}
    names = redcap_names(form.instrument)
    first = form.languages[0].locale
    for question in form.questions:
        row, answers = rows[names[question.key]], form.answers_to(question)
        assert row["Field Label"] == question.texts[first]
        if question.kind == "choice":
            assert choices(row) == {
                choice.code: " ".join(choice.texts[first].replace("|", "¦").split())
                for choice in answers.choices
            }
