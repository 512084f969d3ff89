"""Sheets: who sees what, what comes back, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics.errors import CatalogError, finding
from psychometrics.translation.catalog import load_catalog
from psychometrics.translation.desk.sheet import Sheet, make_sheet
from psychometrics.translation.desk.sheet_html import sheet_html
from psychometrics.translation.desk.sheet_import import (
    SheetImport,
    apply_import,
    plan_import,
    read_sheet,
)
from psychometrics.translation.desk.sheet_rows import clean
from psychometrics.translation.desk.sheet_xlsx import sheet_xlsx
from psychometrics.translation.desk.xliff import sheet_xliff
from psychometrics.translation.record import record_of
from tests.translation.drafts import instrument
from tests.translation.test_record import Project
from tests.translation.test_record import project as project

SOURCES = ("I feel calm.", "Quiet, and not bored.")


def sheet_of(project: Project, role: str, **told: object) -> Sheet:
    return make_sheet(project.instrument, "de_DE", role, translations=project.translations, **told)


def filled(
    sheet: Sheet, file: Path, cells: dict[str, dict[str, str]], turned: bool = False
) -> Path:
    """Save a sheet as Excel would after cells were written, by row and heading."""
    book = openpyxl.load_workbook(BytesIO(sheet_xlsx(sheet)))
    page = book["Texts"]
    heads = {cell.value: cell.column for cell in page[1]}
    for line in page.iter_rows(min_row=2):
        for head, text in cells.get(line[0].value, {}).items():
            cell = page.cell(line[0].row, heads[head])
            cell.value = text
            if not text.startswith("=SUM"):
                cell.data_type = "s"
    if turned:  # columns the other way round, rows too
        rows = [[cell.value for cell in line][::-1] for line in page.iter_rows()]
        page.delete_rows(1, page.max_row)
        for line in [rows[0], *rows[:0:-1]]:
            page.append(line)
    book.save(file)
    return file


def plan(project: Project, file: Path, who: str, **told: object) -> SheetImport:
    return plan_import(project.instrument, file, who=who, translations=project.translations, **told)


def bring(project: Project, file: Path, who: str, **told: object) -> SheetImport:
    planned = plan(project, file, who, **told)
    apply_import(project.instrument, planned, when=project.now(), translations=project.translations)
    return planned


def everything(sheet: Sheet) -> str:
    return json.dumps([sheet.rows, sheet.about, sheet.brief, sheet.task], ensure_ascii=False)


# Who sees what


def test_a_forward_translator_sees_no_other_translation(project: Project) -> None:
    project.translate()
    project.step("forward", "T1", texts={"item.calm": "Von T1."}, origin="human", draft="A")
    told = everything(sheet_of(project, "forward", who="T2"))
    assert "Von T1." not in told
    assert "Deutsch" not in told
    assert all(text in told for text in SOURCES)
    assert "Von T1." in everything(sheet_of(project, "forward", who="T1"))


def test_a_back_translator_sees_the_translation_alone(project: Project) -> None:
    project.translate()
    sheet = sheet_of(project, "back")
    for told in (everything(sheet), sheet_html(sheet), sheet.file_stem):
        assert not [text for text in project.instrument.texts.values() if f'"{text}"' in told]
        assert "I feel calm" not in told
        assert "Quiet" not in told
        assert "item.calm" not in told
        assert "mood" not in told.casefold()
    assert "Deutsch" in everything(sheet)


def test_the_shipped_back_sheet_names_neither_keys_nor_measure() -> None:
    sheet = make_sheet(instrument(), "he_IL", "back")
    told = sheet_html(sheet)
    assert "peer_support" not in told
    assert not [text for text in instrument().texts.values() if len(text) > 8 and text in told]
    assert not [key for key in instrument().texts if "." in key and key in told]


@pytest.mark.parametrize("role", ["reconciler", "reviewer", "adjudicator"])
def test_who_judges_sees_everything(project: Project, role: str) -> None:
    project.translate()
    project.step("forward", "T1", texts={"item.calm": "Von T1."}, origin="human", draft="A")
    project.step("forward", "T2", texts={"item.calm": "Von T2."}, origin="human", draft="B")
    text = load_catalog("mood", "de_DE", translations=project.translations).text("item.calm")
    project.step("back_translation", "B1", texts={"item.calm": "I am at rest."}, blind=True)
    project.step("query", "T1", keys=["item.calm"], comment="Calm or quiet?")
    found = finding("status_queries", "warning", "de_DE", key="item.calm", locale="de_DE", count=7)
    sheet = sheet_of(project, role, findings=[found])
    (row,) = [row for row in sheet.rows if row["id"] == "item.calm"]
    assert (row["draft_A"], row["draft_B"]) == ("Von T1.", "Von T2.")
    assert row["back_seen"] == "I am at rest."
    assert row["translation"] == text
    assert "T1, query: Calm or quiet?" in row["remarks"]
    assert "7 queries" in row["findings"]


def test_an_adaptation_has_no_forward_translators() -> None:
    with pytest.raises(CatalogError, match="stays in one language"):
        make_sheet(instrument(), "en_IN", "forward")
    assert make_sheet(instrument(), "en_IN", "reconciler").rows


# Right to left, and cells that are texts


def test_right_to_left_sheets_run_from_right_to_left() -> None:
    page = openpyxl.load_workbook(
        BytesIO(sheet_xlsx(make_sheet(instrument(), "he_IL", "reviewer")))
    )["Texts"]
    assert page.sheet_view.rightToLeft
    heads = {cell.value: cell.column for cell in page[1]}
    assert page.cell(4, heads["Translation"]).alignment.readingOrder == 2
    assert page.cell(4, heads["Source text"]).alignment.readingOrder == 1
    left = openpyxl.load_workbook(
        BytesIO(sheet_xlsx(make_sheet(instrument(), "lg_UG", "reviewer")))
    )["Texts"]
    assert not left.sheet_view.rightToLeft


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "\t=1"])
def test_no_cell_is_ever_a_formula(project: Project, tmp_path: Path, text: str) -> None:
    project.translate()
    project.step("reconciliation", "R1", texts={"item.calm": text}, reason="A test.")
    raw = sheet_xlsx(sheet_of(project, "reviewer"))
    page = openpyxl.load_workbook(BytesIO(raw))["Texts"]
    cells = [cell for line in page.iter_rows() for cell in line]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert text.strip() in [str(cell.value).strip() for cell in cells]
    (tmp_path / "sheet.xlsx").write_bytes(raw)
    planned = plan(project, tmp_path / "sheet.xlsx", "V1")
    assert [each.code for each in planned.findings] == ["sheet_nothing"]


# What comes back


@pytest.mark.parametrize("turned", [False, True])
def test_two_forward_translations_come_back_apart(
    project: Project, tmp_path: Path, turned: bool
) -> None:
    for who, word in (("T1", "ruhig"), ("T2", "gelassen")):
        cells = {"item.calm": {"Translation": f"Ich bin {word}.", "Comment": "Or quiet?"}}
        file = filled(sheet_of(project, "forward"), tmp_path / f"{who}.xlsx", cells, turned)
        planned = bring(project, file, who)
        assert [(one.key, one.after) for one in planned.changes] == [
            ("item.calm", f"Ich bin {word}.")
        ]
    events = record_of(
        project.instrument, "de_DE", translations=project.translations
    ).of("forward")  # fmt: skip
    assert [(event.who, event.draft, event.origin) for event in events] == [
        ("T1", "A", "human"), ("T2", "B", "human"),
    ]  # fmt: skip
    assert events[0].texts["item.calm"].text == "Ich bin ruhig."
    catalog = load_catalog("mood", "de_DE", translations=project.translations)
    assert catalog.text("item.calm") == ""


def test_a_whole_round_by_sheets_ends_in_a_text_in_work(project: Project, tmp_path: Path) -> None:
    for who in ("T1", "T2"):
        cells = {"item.calm": {"Translation": f"Ruhig, sagt {who}."}}
        bring(project, filled(sheet_of(project, "forward"), tmp_path / "f.xlsx", cells), who)
    cells = {"item.calm": {"Translation": "Ich bin ruhig.", "Reason": "T1.", "Decision": "changed"}}
    bring(project, filled(sheet_of(project, "reconciler"), tmp_path / "r.xlsx", cells), "R1")
    back = sheet_of(project, "back")
    (row,) = back.rows
    assert row["target"] == "Ich bin ruhig."
    cells = {row["id"]: {"Back-translation": "I am calm."}}
    bring(project, filled(back, tmp_path / "b.xlsx", cells), "B1")
    status = project.text()
    assert status.done == ("forward_translation", "reconciliation", "back_translation")
    assert status.state == "in_work"


def test_a_dry_plan_writes_nothing_and_a_sheet_counts_once(
    project: Project, tmp_path: Path
) -> None:
    project.translate()
    file = filled(
        sheet_of(project, "reviewer"), tmp_path / "v.xlsx",
        {"item.calm": {"Translation": "Ich bin ruhig.", "Category": "register", "Comment": "So."},
         "item.glad": {"Decision": "accepted"}},
    )  # fmt: skip
    before = {f: f.read_bytes() for f in project.translations.rglob("*") if f.is_file()}
    planned = plan(project, file, "V1")
    assert before == {f: f.read_bytes() for f in project.translations.rglob("*") if f.is_file()}
    (change,) = planned.changes
    assert (change.key, change.after) == ("item.calm", "Ich bin ruhig.")
    assert change.before.startswith("Deutsch")
    assert {step.told["decision"] for step in planned.steps} == {"changed", "accepted"}
    bring(project, file, "V1")
    catalog = load_catalog("mood", "de_DE", translations=project.translations)
    assert catalog.text("item.calm") == "Ich bin ruhig."
    again = plan(project, file, "V1")
    assert [each.code for each in again.findings] == ["sheet_row_outdated"]


def test_what_the_page_saves_is_read_as_well(project: Project, tmp_path: Path) -> None:
    sheet = sheet_of(project, "forward")
    titles = {column.name: column.title for column in sheet.columns}
    rows = [{titles[name]: text for name, text in row.items()} for row in sheet.rows]
    rows[3]["Translation"] = "Ich bin ruhig.\x1b[31m"
    file = tmp_path / "saved.json"
    file.write_text(json.dumps({"about": dict(sheet.about), "rows": rows}), encoding="utf-8")
    planned = plan(project, file, "T1")
    assert [(one.key, one.after) for one in planned.changes] == [
        ("item.calm", "Ich bin ruhig.[31m")
    ]


# What is refused, all at once


def codes(planned: SheetImport) -> list[str]:
    return [each.code for each in planned.findings]


def test_every_fault_is_told_and_nothing_is_recorded(project: Project, tmp_path: Path) -> None:
    project.translate()
    cells = {
        "item.calm": {"Translation": '=SUM(1,2)'},
        "item.tense": {"Key": "item.tens", "Comment": "x"},
        "item.glad": {"Decision": "perhaps"},
        "title": {"Decision": "accepted", "Translation": "Anders"},
        "instructions": {"Translation": "x" * 20_001},
        "recall_period": {"Key": "scale.mood", "Decision": "accepted"},
    }  # fmt: skip
    planned = plan(project, filled(sheet_of(project, "reviewer"), tmp_path / "v.xlsx", cells), "V1")
    assert sorted(codes(planned)) == [
        "sheet_choice", "sheet_decision", "sheet_empty_translation", "sheet_formula",
        "sheet_key_twice", "sheet_key_unknown", "sheet_row_outdated", "sheet_text_too_long",
    ]  # fmt: skip
    assert not planned.is_sound
    before = sorted(project.translations.rglob("*"))
    with pytest.raises(CatalogError, match="Nothing was recorded"):
        apply_import(project.instrument, planned, translations=project.translations)
    assert sorted(project.translations.rglob("*")) == before


def test_nobody_reconciles_their_own_translation(project: Project, tmp_path: Path) -> None:
    project.translate()
    project.step("forward", "T1", keys=["item.calm"], origin="human", draft="A")
    cells = {"item.calm": {"Decision": "accepted", "Reason": "Mine is best."}}
    file = filled(sheet_of(project, "reconciler"), tmp_path / "r.xlsx", cells)
    assert codes(plan(project, file, "T1")) == ["same_person"]
    assert codes(plan(project, file, "R1")) == []


def test_a_rejection_takes_no_unknown_wording_over(project: Project, tmp_path: Path) -> None:
    project.translate()
    project.ispor("item.calm")
    old = load_catalog("mood", "de_DE", translations=project.translations).text("item.calm")
    project.edit(f'"{old}"', '"Von irgendwem"')
    assert project.text().state == "external"
    cells = {"item.calm": {"Decision": "rejected", "Comment": "Who wrote this?"}}
    bring(project, filled(sheet_of(project, "reviewer"), tmp_path / "v.xlsx", cells), "V1")
    assert project.text().state == "external"


def test_a_text_too_long_for_a_cell_is_told(project: Project) -> None:
    long = "ja " * 11_000
    file = project.translations / "de_DE" / "LC_MESSAGES" / "mood.po"
    own = f'\nmsgctxt "item.calm@ulm"\nmsgid "I feel calm."\nmsgstr "{long}"\n'
    file.write_text(file.read_text(encoding="utf-8") + own, encoding="utf-8")
    with pytest.raises(CatalogError, match="does not fit into a cell"):
        sheet_xlsx(sheet_of(project, "reviewer"))
    assert "ja ja" in sheet_html(sheet_of(project, "reviewer"))


def test_two_people_share_no_letter(project: Project, tmp_path: Path) -> None:
    project.translate()
    project.step("forward", "T1", keys=["item.calm"], origin="human", draft="A")
    cells = {"item.calm": {"Translation": "Ich bin ruhig."}}
    file = filled(sheet_of(project, "forward"), tmp_path / "f.xlsx", cells)
    assert codes(plan(project, file, "T2", draft="A")) == ["draft_taken"]
    assert codes(plan(project, file, "T2", draft="ab")) == ["draft_letter"]
    assert plan(project, file, "T2").steps[0].told["draft"] == "B"
    assert plan(project, file, "T1").steps[0].told["draft"] == "A"


def test_an_import_leaves_the_bytes_of_all_other_entries(project: Project, tmp_path: Path) -> None:
    project.translate()
    catalog = project.translations / "de_DE" / "LC_MESSAGES" / "mood.po"
    before = catalog.read_text(encoding="utf-8").splitlines()
    cells = {"item.calm": {"Translation": "Ganz ruhig.", "Reason": "Plainer."}}
    bring(project, filled(sheet_of(project, "reconciler"), tmp_path / "r.xlsx", cells), "R1")
    after = catalog.read_text(encoding="utf-8").splitlines()
    assert [line for line in after if line not in before] == ['msgstr "Ganz ruhig."']
    assert len(after) == len(before)


def test_a_reconciler_says_why(project: Project, tmp_path: Path) -> None:
    project.translate()
    file = filled(
        sheet_of(project, "reconciler"), tmp_path / "r.xlsx",
        {"item.calm": {"Decision": "accepted"}},
    )  # fmt: skip
    assert codes(plan(project, file, "R1")) == ["sheet_reason"]
    assert codes(plan(project, file, "R1", reason="Draft A is plainer.")) == []


def test_a_back_translation_of_an_earlier_wording_is_refused(
    project: Project, tmp_path: Path
) -> None:
    project.translate()
    sheet = sheet_of(project, "back")
    file = filled(sheet, tmp_path / "b.xlsx", {sheet.rows[0]["id"]: {"Back-translation": "Mood"}})
    first = load_catalog("mood", "de_DE", translations=project.translations).text("title")
    project.edit(f'"{first}"', '"Etwas anderes"')
    assert codes(plan(project, file, "B1")) == ["sheet_row_outdated"]


def test_a_bomb_is_not_unpacked(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "bomb.xlsx"
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    assert file.stat().st_size < 100_000
    with pytest.raises(CatalogError, match="larger than a sheet can be"):
        plan(project, file, "T1")


@pytest.mark.parametrize(
    "declared",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    ],
)
def test_entities_in_a_workbook_are_refused(
    project: Project, tmp_path: Path, declared: bytes
) -> None:
    good = ZipFile(BytesIO(sheet_xlsx(sheet_of(project, "forward"))))
    file = tmp_path / "entities.xlsx"
    with ZipFile(file, "w") as package:
        for each in good.infolist():
            raw = good.read(each)
            if each.filename.endswith("sheet1.xml"):
                raw = declared + raw
            package.writestr(each.filename, raw)
    with pytest.raises(CatalogError, match="declares a document type"):
        plan(project, file, "T1")


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.xlsx", b"not a workbook"),
        ("a.xlsx", b"PK\x05\x06" + b"\0" * 18),
        ("a.json", b"{"),
        ("a.json", b'{"about": [], "rows": 3}'),
        ("a.json", b"[" * 100_000),
        ("a.json", b'{"about": {"role": "forward", "locale": "../../etc"}, "rows": []}'),
        ("a.json", b'{"about": {"role": "boss", "locale": "de_DE"}, "rows": []}'),
        ("a.json", b'{"about": {"role": "forward", "locale": "de_DE", "instrument": "x"},'
                   b' "rows": []}'),
        ("a.json", b'"' + b"x" * 10_000_000 + b'"'),
        ("none.xlsx", None),
    ],
)  # fmt: skip
def test_what_is_no_sheet_is_told(
    project: Project, tmp_path: Path, name: str, raw: bytes | None
) -> None:
    file = tmp_path / name
    if raw is not None:
        file.write_bytes(raw)
    with pytest.raises(CatalogError):
        plan(project, file, "T1")


def test_hostile_texts_are_escaped(project: Project) -> None:
    evil = "</textarea></td><script>alert(1)</script><img src=x onerror=alert(1)>"
    project.step("reconciliation", "R1", texts={"item.calm": evil}, reason=evil)
    for role in ("back", "reviewer"):
        told = sheet_html(sheet_of(project, role))
        assert told.count("<script>") == 1
        assert "<img" not in told
        assert "&lt;img src=x onerror=alert(1)&gt;" in told


@settings(max_examples=40)
@given(text=st.text(min_size=1, max_size=60).filter(lambda text: bool(clean(text))))
def test_any_text_comes_back_as_it_was_written(text: str) -> None:
    sheet = make_sheet(instrument(), "he_IL", "reviewer")
    rows = tuple({**row, "translation": clean(text)} for row in sheet.rows[:2])
    changed = replace(sheet, rows=rows)
    with TemporaryDirectory() as folder:
        for name, raw in (("a.xlsx", sheet_xlsx(changed)), ("a.xlf", sheet_xliff(changed))):
            file = Path(folder, name)
            file.write_bytes(raw)
            _, read, formulas = read_sheet(file)
            assert not formulas
            assert {clean(row["Translation"]) for row in read} == {clean(text)}
