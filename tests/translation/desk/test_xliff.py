"""XLIFF: what agencies get, what comes back, and what is refused."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from psychometrics.errors import CatalogError
from psychometrics.translation.catalog import load_catalog
from psychometrics.translation.desk.sheet import make_sheet
from psychometrics.translation.desk.sheet_import import SheetImport, apply_import, plan_import
from psychometrics.translation.desk.xliff import read_xliff, sheet_xliff
from tests.translation.drafts import instrument
from tests.translation.test_record import Project
from tests.translation.test_record import project as project

X = "{urn:oasis:names:tc:xliff:document:1.2}"


def exported(project: Project, role: str) -> str:
    sheet = make_sheet(project.instrument, "de_DE", role, translations=project.translations)
    return sheet_xliff(sheet).decode("utf-8")


def plan(project: Project, text: str, folder: Path, who: str, **told: object) -> SheetImport:
    file = folder / "back.xlf"
    file.write_text(text, encoding="utf-8")
    return plan_import(project.instrument, file, who=who, translations=project.translations, **told)


def test_ids_are_keys_with_notes_and_states(project: Project) -> None:
    project.translate()
    project.ispor("item.calm")
    project.sign("item.calm")
    root = ET.fromstring(exported(project, "reviewer"))
    (file,) = root.findall(f"{X}file")
    assert (file.get("source-language"), file.get("target-language")) == ("en", "de-DE")
    units = {unit.get("id"): unit for unit in root.iter(f"{X}trans-unit")}
    assert list(units) == [key for key in project.instrument.texts if key != "item.code_word"]
    calm = units["item.calm"]
    assert calm.get("approved") == "yes"
    assert calm.find(f"{X}target").get("state") == "signed-off"
    assert calm.find(f"{X}source").text == "I feel calm."
    assert calm.find(f"{X}note[@from='developer']").text == "Quiet, and not bored."
    assert units["item.glad"].find(f"{X}target").get("state") == "needs-review-translation"


def test_forward_translators_get_no_translation(project: Project) -> None:
    project.translate()
    assert "Deutsch" not in exported(project, "forward")
    blind = exported(project, "back")
    assert "I feel calm" not in blind
    assert "item.calm" not in blind
    assert 'source-language="de-DE" target-language="en"' in blind


@pytest.mark.parametrize("locale", ["he_IL", "hi_IN", "lg_UG", "en_IN"])
def test_what_nobody_touched_comes_back_as_it_was(locale: str, tmp_path: Path) -> None:
    sheet = make_sheet(instrument(), locale, "reviewer")
    file = tmp_path / "back.xlf"
    file.write_bytes(sheet_xliff(sheet))
    about, rows, _ = read_xliff(file)
    assert about == dict(sheet.about)
    assert [(row["Key"], row["Translation"], row["Do not change"]) for row in rows] == [
        (row["id"], row["translation"], row["check"]) for row in sheet.rows
    ]
    planned = plan_import(instrument(), file, who="V1")
    assert [each.code for each in planned.findings] == ["sheet_nothing"]


def test_an_agency_translates_and_a_reviewer_agrees(project: Project, tmp_path: Path) -> None:
    text = exported(project, "forward")
    unit = text.index('id="item.calm"')
    done = text[:unit] + text[unit:].replace(
        '<target state="new" />',
        '<target state="translated">Ich bin <g id="1">ruhig</g> &amp; froh.</target>'
        '<note>Or quiet?</note>', 1,
    )  # fmt: skip
    planned = plan(project, done, tmp_path, "AG1")
    assert [(one.key, one.after) for one in planned.changes] == [
        ("item.calm", "Ich bin ruhig & froh.")
    ]
    (event,) = apply_import(
        project.instrument, planned, when=project.now(), translations=project.translations
    )
    assert (event.kind, event.draft, event.comment) == ("forward", "A", "Or quiet?")
    project.translate()
    text = exported(project, "reviewer")
    at = text.index('id="item.calm"')
    final = text[:at] + text[at:].replace('state="needs-review-translation"', 'state="final"', 1)
    planned = plan(project, final, tmp_path, "V1")
    (step,) = planned.steps
    assert (step.kind, step.keys, step.told["decision"]) == ("review", ("item.calm",), "accepted")
    old = load_catalog("mood", "de_DE", translations=project.translations).text("item.calm")
    changed = plan(project, final.replace(f">{old}<", ">Ganz ruhig.<"), tmp_path, "V1")
    assert changed.is_sound
    assert {step.told["decision"] for step in changed.steps} == {"changed"}


def test_a_source_that_changed_meanwhile_is_told(project: Project, tmp_path: Path) -> None:
    text = exported(project, "forward")
    at = text.index('id="item.calm"')
    done = text[:at] + text[at:].replace('<target state="new" />', "<target>Ruhig.</target>", 1)
    without = "".join(line for line in done.splitlines(True) if 'from="check"' not in line)
    assert plan(project, without, tmp_path, "T1").is_sound  # tools may drop notes
    project.update(("I feel calm.", "I never feel calm."))
    for each in (done, without):
        assert [f.code for f in plan(project, each, tmp_path, "T1").findings] == [
            "sheet_row_outdated"
        ]


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LAUGHS + "<xliff/>", "document type or entities"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><xliff/>', "document type or entities"),
        ("<xliff", "it is no XML"),
        ("<xliff/>", "no XLIFF 1.2"),
        (f'<xliff xmlns="{X[1:-1]}"/>', "no XLIFF 1.2"),
        ("<a>" * 100_000, "it is no XML"),
        ("<a>" * 50_000 + "</a>" * 50_000, "no XLIFF 1.2"),
        (f'<xliff xmlns="{X[1:-1]}"><file category="forward" original="mood" '
         'source-language="en" target-language="../../x"/></xliff>', "no name of a locale"),
        (f'<xliff xmlns="{X[1:-1]}"><file category="boss"/></xliff>', "There is no role"),
        ("x" * 10_000_000, "at most 4000000 are read"),
    ],
)  # fmt: skip
def test_hostile_and_foreign_files_are_refused(
    project: Project, tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(CatalogError, match=said):
        plan(project, text, tmp_path, "T1")


def test_other_encodings_hide_no_declaration(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "back.xlf"
    file.write_bytes((f'<?xml version="1.0" encoding="utf-16"?>{LAUGHS}<xliff/>').encode("utf-16"))
    with pytest.raises(CatalogError, match="not UTF-8"):
        plan_import(project.instrument, file, who="T1", translations=project.translations)
