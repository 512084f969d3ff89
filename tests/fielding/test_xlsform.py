"""XLSForm: accepted by pyxform and ODK Validate without a warning, every label in its language."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings

from psychometrics.errors import CatalogError
from psychometrics.fielding.questionnaire import questionnaire_of
from psychometrics.fielding.xlsform import FORMATTING, REFERENCE, xlsform
from tests.conftest import ON_CI
from tests.fielding.forms import LOCALES, home_release, releases

openpyxl = pytest.importorskip("openpyxl")
pyxform = pytest.importorskip("pyxform.xls2xform")

FORM = {"": "http://www.w3.org/2002/xforms"}


@pytest.fixture(scope="module")
def java():
    """ODK Validate is a Java program; without Java the test is skipped, and fails in CI."""
    if shutil.which("java") is None:
        if ON_CI:
            pytest.fail("CI must have Java: see .ci/run.")
        pytest.skip("No Java is installed. On Debian: apt-get install default-jre-headless.")


def converted(content: bytes, folder: Path, *, validate: bool = False):
    path = folder / "form.xlsx"
    path.write_bytes(content)
    return pyxform.convert(str(path), validate=validate)


def straight(text: str) -> str:
    """What pyxform makes of curly quotation marks."""
    return text.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'})


def itexts(xform: str) -> dict[str, dict[str, str]]:
    """Return text by language and path of the question or answer."""
    root = ElementTree.fromstring(xform)
    found = {}
    for translation in root.iterfind(".//translation", FORM):
        texts = {}
        for text in translation.iterfind("text", FORM):
            value = text.find("value", FORM)
            texts[text.get("id")] = "".join(value.itertext()) if value is not None else ""
        found[translation.get("lang")] = texts
    return found


def sheet(content: bytes, name: str) -> list[dict[str, object]]:
    rows = list(openpyxl.load_workbook(BytesIO(content))[name].values)
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


FORMS = [{}, *({"site": site} for site in ("ulm", "pune", "beer_sheva")), {"locales": ["en"]}]


@pytest.mark.parametrize("told", FORMS, ids=str)
def test_odk_accepts_every_form_without_a_warning(told, tmp_path, java):
    form = questionnaire_of(home_release(), **told)
    made = converted(xlsform(form).files[0].content, tmp_path, validate=True)
    assert made.warnings == []


def test_each_label_arrives_in_its_language(tmp_path):
    form = questionnaire_of(home_release())
    xform = converted(xlsform(form).files[0].content, tmp_path).xform
    told = itexts(xform)
    assert len(told) == len(LOCALES)
    for language in form.languages:
        texts = told[f"{language.name} ({language.short})"]
        assert "-" not in texts.values(), "pyxform puts a dash where a label is missing"
        labels = {key.rpartition("/")[2].partition(":")[0]: text
                  for key, text in texts.items() if key.endswith(":label")}  # fmt: skip
        for question in form.questions:
            assert labels[question.key] == straight(question.texts[language.locale])
        agree = texts["agreement5-3"]
        assert agree == straight(form.answer_sets["agreement5"].choices[3].texts[language.locale])
    root = ElementTree.fromstring(xform)
    (opens,) = [t for t in root.iterfind(".//translation", FORM) if t.get("default")]
    assert opens.get("lang") == "Deutsch (de)"


def test_codes_are_the_names_of_answers_and_no_answer_can_be_chosen():
    made = xlsform(questionnaire_of(home_release()))
    choices = sheet(made.files[0].content, "choices")
    agreement = [row["name"] for row in choices if row["list_name"] == "agreement5"]
    assert agreement == ["1", "2", "3", "4", "5", "8", "9"]
    assert all(all(value for value in row.values()) for row in choices), "no label is blank"


def test_site_release_mode_and_language_come_back():
    rows = sheet(xlsform(questionnaire_of(home_release(), site="ulm")).files[0].content, "survey")
    noted = {row["name"]: row["calculation"] for row in rows if row["type"] == "calculate"}
    assert noted == {
        "form_version": "'1.0-draft'", "mode": "'odk'", "site": "'ulm'", "language": "'de_DE'"
    }  # fmt: skip
    rows = sheet(xlsform(questionnaire_of(home_release())).files[0].content, "survey")
    asked = {row["name"]: row["type"] for row in rows}
    assert (asked["site"], asked["language"]) == ("select_one sites", "select_one languages")


def test_a_draft_is_marked_on_the_form():
    content = xlsform(questionnaire_of(home_release())).files[0].content
    (settings,) = sheet(content, "settings")
    assert settings["form_title"].startswith("[DRAFT 1.0-draft] ")
    (title,) = [row for row in sheet(content, "survey") if row["name"] == "form_title"]
    labels = [text for column, text in title.items() if column.startswith("label::")]
    assert len(labels) == 6
    assert all(text.startswith("[DRAFT 1.0-draft] ") for text in labels)


def test_a_text_with_a_reference_is_refused_with_its_place():
    release = home_release()
    changed = release.model_copy(deep=True)
    changed.locales["de_DE"].texts["item.culture_1"] = "Wie alt ist ${name}?"
    with pytest.raises(CatalogError, match=r"de_DE: item\.culture_1") as caught:
        xlsform(questionnaire_of(changed))
    assert [each.code for each in caught.value.findings] == ["field_reference"]


def test_no_text_becomes_a_formula():
    changed = home_release().model_copy(deep=True)
    changed.locales["de_DE"].texts["item.culture_1"] = '=HYPERLINK("http://x","y")'
    content = xlsform(questionnaire_of(changed)).files[0].content
    cells = [cell for row in openpyxl.load_workbook(BytesIO(content))["survey"] for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)


@given(releases())
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture,
                                                  HealthCheck.too_slow])  # fmt: skip
def test_any_instrument_becomes_a_form_with_every_text(tmp_path, release):
    form = questionnaire_of(release)
    if any(REFERENCE.search(text) for texts in form.all_texts.values() for text in texts.values()):
        with pytest.raises(CatalogError, match="reference to another question"):
            xlsform(form)
        return
    content = xlsform(form).files[0].content
    told = itexts(converted(content, tmp_path).xform)
    for language in form.languages:
        arrived = told[f"{language.name} ({language.short})"]
        for question in form.questions:
            assert straight(question.texts[language.locale]) in arrived.values()


def test_formatting_is_told():
    assert FORMATTING.search("This is *important* here")
    assert FORMATTING.search("<b>bold</b>")
    assert not FORMATTING.search("2 * 3 = 6 and a_b_c")
