"""``psychometrics translations``: what it writes, says and returns."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
import pytest

from psychometrics.translation.catalog import load_catalog
from tests.test_cli import Terminal
from tests.test_cli import run as run
from tests.translation.sample import GETTEXT, MOOD, put
from tests.translation.test_record import ISPOR


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project: a definition in `instruments`, and a folder of translations beside it."""
    (tmp_path / "instruments").mkdir()
    (tmp_path / "instruments" / "mood.yaml").write_text(MOOD, encoding="utf-8")
    (tmp_path / "translations").mkdir()
    return tmp_path


DEFINITION = "instruments/mood.yaml"
FILE = Path("translations", "de_DE", "LC_MESSAGES", "mood.po")


def translated(folder: Path, run: Terminal) -> None:
    """Make the catalog and put a text into every entry."""
    run("translations", "update", DEFINITION)
    lines = (folder / FILE).read_text(encoding="utf-8").split("\n")
    for at, line in enumerate(lines):
        if line == 'msgstr ""' and at > 5:
            lines[at] = f'msgstr "Deutsch {at}"'
    (folder / FILE).write_text("\n".join(lines), encoding="utf-8")


def signed(folder: Path, run: Terminal) -> None:
    """Do all steps, and sign texts and form."""
    translated(folder, run)
    for kind, who, told in ISPOR:
        options = [
            "--blind" if value is True else f"--{name}={value}" for name, value in told.items()
        ]
        base = ("translations", "record", DEFINITION, kind, "--locale", "de_DE", "--who", who)
        assert run(*base, *options).code == 0
    base = ("translations", "sign", DEFINITION, "--locale", "de_DE", "--who", "M1")
    assert run(*base).code == 0
    assert run(*base, "--form").code == 0


def test_templates_are_written(folder: Path, run: Terminal) -> None:
    done = run("translations", "extract", DEFINITION, "--out", "pot")
    assert done.code == 0
    assert "pot/mood.pot: 15 texts." in done.out
    made = (folder / "pot" / "mood.pot").read_text(encoding="utf-8")
    line = MOOD[: MOOD.index("I feel calm.")].count("\n") + 1
    assert f'#: instruments/mood.yaml:{line}\nmsgctxt "item.calm"\nmsgid "I feel' in made


def test_a_catalog_is_made_and_then_up_to_date(folder: Path, run: Terminal) -> None:
    done = run("translations", "update", DEFINITION)
    assert (done.code, done.out) == (0, "mood de_DE: new, 15 texts.\n")
    assert (folder / FILE).is_file()
    again = run("translations", "update", DEFINITION, "--dry-run")
    assert (again.code, again.out) == (0, "mood de_DE: up to date.\n")
    assert "reading catalogs ..." in again.err


def test_a_dry_run_says_what_an_edit_would_void_and_writes_nothing(
    folder: Path, run: Terminal
) -> None:
    signed(folder, run)
    before = {file: file.read_bytes() for file in folder.rglob("*.*") if file.is_file()}
    file = folder / DEFINITION
    file.write_text(MOOD.replace("I feel calm.", "I never feel calm."), encoding="utf-8")
    done = run("translations", "update", DEFINITION, "--dry-run")
    assert done.code == 1
    assert "mood de_DE: 1 changed; now to be looked at: 1 in meaning." in done.out
    assert "2 sign-offs in 1 locale would no longer hold." in done.err
    assert "Nothing was written." in done.err
    after = {file: file.read_bytes() for file in folder.rglob("*.*") if file.is_file()}
    assert {file for file in after if after[file] != before.get(file)} == {folder / DEFINITION}
    told = json.loads(run("translations", "update", DEFINITION, "--dry-run", "--json").out)
    assert told["voided_sign_offs"] == 2
    (change,) = told["catalogs"][0]["changes"]
    assert (change["key"], change["size"]) == ("item.calm", "meaning")


def test_a_comma_is_confirmed_in_one_step(folder: Path, run: Terminal) -> None:
    signed(folder, run)
    assert run("translations", "status", DEFINITION).code == 0
    file = folder / DEFINITION
    file.write_text(MOOD.replace("I feel calm.", "I feel calm!"), encoding="utf-8")
    done = run("translations", "update", DEFINITION)
    assert "For punctuation alone: 1." in done.err
    assert run("translations", "status", DEFINITION).code == 1
    base = ("translations", "confirm", DEFINITION, "--who", "M1", "--key")
    assert run(*base, "item.calm").code == 0
    assert run("translations", "status", DEFINITION).code == 0
    wrong = run(*base, "item.glad")
    assert wrong.code == 3
    assert "no catalog has item.glad marked" in wrong.err


def test_an_edit_outside_is_recorded_by_the_next_update(folder: Path, run: Terminal) -> None:
    signed(folder, run)
    text = (folder / FILE).read_text(encoding="utf-8")
    (folder / FILE).write_text(text.replace("Deutsch", "Ganz anders", 1), encoding="utf-8")
    updated = run("translations", "update", DEFINITION)
    assert "changed outside of the record, nobody knows by whom: title." in updated.err
    (event,) = (folder / "translations" / "de_DE" / "record" / "mood").glob("*-external-*.json")
    assert json.loads(event.read_text(encoding="utf-8"))["who"] == "unknown"
    done = run("translations", "status", DEFINITION, "--keys")
    assert done.code == 1
    assert "1 external" in done.out
    assert "nobody knows by whom: title." in done.out
    assert "  item.calm: signed (human)" in done.out


def test_a_renamed_key_keeps_its_record_and_its_signature(folder: Path, run: Terminal) -> None:
    signed(folder, run)
    file = folder / DEFINITION
    new = MOOD.replace("- key: calm\n", "- key: quiet\n    renamed_from: [calm]\n")
    file.write_text(new.replace("[calm, ", "[quiet, "), encoding="utf-8")
    dry = run("translations", "update", DEFINITION, "--dry-run")
    assert "mood de_DE: 1 renamed." in dry.out
    done = run("translations", "update", DEFINITION)
    assert "outside of the record" not in done.err
    assert list((folder / "translations").rglob("*-external-*.json")) == []
    assert "  item.quiet: signed (human)" in run("translations", "status", DEFINITION, "--keys").out


def test_what_a_rename_with_other_words_would_void_is_counted(folder: Path, run: Terminal) -> None:
    signed(folder, run)
    file = folder / DEFINITION
    new = MOOD.replace("- key: calm\n", "- key: quiet\n    renamed_from: [calm]\n")
    new = new.replace("[calm, ", "[quiet, ").replace("I feel calm.", "I never feel calm.")
    file.write_text(new, encoding="utf-8")
    told = json.loads(run("translations", "update", DEFINITION, "--dry-run", "--json").out)
    assert told["catalogs"][0]["voids"]["texts"] == ["item.quiet"]


def test_status_of_the_shipped_instrument_names_every_locale(run: Terminal) -> None:
    done = run("translations", "status", "peer_support_implementation", "--json")
    told = json.loads(done.out)
    assert [each["locale"] for each in told["locales"]] == [
        "de_DE", "hi_IN", "en_IN", "he_IL", "sw_TZ", "lg_UG",
    ]  # fmt: skip
    assert {each["locale"]: each["workflow"] for each in told["locales"]}["en_IN"] == "adaptation"
    assert done.code == told["exit_code"]


def test_signing_too_early_says_why(folder: Path, run: Terminal) -> None:
    translated(folder, run)
    base = ("translations", "record", DEFINITION, "forward", "--locale", "de_DE", "--who", "T1")
    assert run(*base, "--origin", "machine", "--draft", "A").code == 0
    done = run("translations", "sign", DEFINITION, "--locale", "de_DE", "--who", "M1")
    assert done.code == 3
    assert "these steps are not done: Two independent forward translations" in done.err
    told = run("translations", "sign", DEFINITION, "--locale", "de_DE", "--who", "M. Muster",
               "--json")  # fmt: skip
    assert "is no pseudonym" in json.loads(told.out)["error"]


def test_a_waiver_is_recorded(folder: Path, run: Terminal) -> None:
    translated(folder, run)
    done = run(
        "translations", "waive", DEFINITION, "--locale", "de_DE", "--who", "M1",
        "--key", "item.calm", "--code", "length_unusual", "--reason", "German is long.",
    )  # fmt: skip
    assert done.code == 0
    assert done.out.startswith("Recorded: waiver of 1 text by M1, id ")


def test_releases(folder: Path, run: Terminal) -> None:
    translated(folder, run)
    refused = run("translations", "release", DEFINITION, "1.0")
    assert refused.code == 3
    assert "Only signed texts are released" in refused.err
    draft = run("translations", "release", DEFINITION, "1.0", "--allow-draft", "--json")
    assert json.loads(draft.out)["release"] == "1.0-draft"
    shutil.rmtree(folder / "translations" / "de_DE")
    signed(folder, run)
    done = run("translations", "release", DEFINITION, "1.0")
    assert done.code == 0
    assert done.out.startswith("mood 1.0: en, de_DE; hash ")
    assert (folder / "translations" / "releases" / "mood" / "1.0.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("update", DEFINITION, "--locale", "../../x"), 3, "no name of a locale"),
        (("update", "nothing.yaml"), 3, "no such file"),
        (("update", DEFINITION, "--translations", "nowhere"), 3, "There is no folder nowhere"),
        (("record", DEFINITION, "sign_off", "--locale", "de_DE", "--who", "M1"), 3,
         "nothing that is recorded like this"),
        (("record", DEFINITION, "reviw", "--locale", "de_DE", "--who", "M1"), 3,
         "Did you mean review?"),
        (("sign", DEFINITION, "--locale", "de_DE", "--who", "M1", "--site", "ulm"), 2, "--form"),
        (("release", DEFINITION, "../1"), 3, "is no version"),
        (("sheet", DEFINITION, "--locale", "../../x", "--role", "forward"), 3,
         "no name of a locale"),
        (("sheet", DEFINITION, "--locale", "de_DE", "--role", "boss"), 3, "There is no role"),
        (("sheet", DEFINITION, "--locale", "sw_TZ", "--role", "forward"), 3, "no such file"),
        (("preview", DEFINITION, "--locale", "../de_DE"), 3, "no name of a locale"),
        (("preview", DEFINITION, "--locale", "de_DE", "--site", "../ulm"), 3, "no site"),
        (("preview", DEFINITION, "--locale", "de_DE", "--gender", "x"), 2, "f or m"),
        (("export", DEFINITION, "--locale", "..", "--xliff"), 3, "no name of a locale"),
        (("import", DEFINITION, "none.xlsx", "--who", "T1"), 3, "No such file"),
        (("import", DEFINITION, "none.xlsx", "--who", "T. One"), 3, "is no pseudonym"),
    ],
)  # fmt: skip
def test_what_a_user_can_mend_is_told(
    folder: Path, run: Terminal, arguments: tuple[str, ...], code: int, said: str
) -> None:
    run("translations", "update", DEFINITION)
    done = run("translations", *arguments)
    assert done.code == code
    assert said in " ".join(done.err.split())


# The desk


def test_a_sheet_goes_out_and_comes_back(folder: Path, run: Terminal) -> None:
    run("translations", "update", DEFINITION)
    base = ("translations", "sheet", DEFINITION, "--locale", "de_DE", "--role")
    done = run(*base, "forward")
    assert (done.code, done.out) == (
        0, "mood.de_DE.forward.xlsx: 15 texts for the role forward.\n",
    )  # fmt: skip
    book = openpyxl.load_workbook(folder / "mood.de_DE.forward.xlsx")
    page = book["Texts"]
    column = next(cell.column for cell in page[1] if cell.value == "Translation")
    row = next(line[0].row for line in page.iter_rows() if line[0].value == "item.calm")
    page.cell(row, column).value = "Ich bin ruhig."
    book.save(folder / "filled.xlsx")
    back = ("translations", "import", DEFINITION, "filled.xlsx", "--who", "T1")
    before = sorted((folder / "translations").rglob("*"))
    dry = run(*back, "--dry-run")
    assert (dry.code, dry.out) == (
        0,
        "mood de_DE: forward T1, 1 text worked on, 1 change.\n  item.calm\n  + Ich bin ruhig.\n",
    )
    assert "Nothing written." in dry.err
    assert sorted((folder / "translations").rglob("*")) == before
    done = run(*back)
    assert done.code == 0
    assert "Recorded: 1 event." in done.err
    told = json.loads(run(*base, "reviewer", "--format", "html", "--json").out)
    assert told["file"] == "mood.de_DE.reviewer.html"
    assert "Ich bin ruhig." in (folder / told["file"]).read_text(encoding="utf-8")


def test_those_who_judge_see_what_the_checks_found(folder: Path, run: Terminal) -> None:
    translated(folder, run)
    words = (folder / FILE).read_text(encoding="utf-8")
    twice = words.replace('msgstr "Deutsch', 'msgstr "Deutsch Deutsch')
    (folder / FILE).write_text(twice, encoding="utf-8")
    base = ("translations", "sheet", DEFINITION, "--locale", "de_DE", "--format", "html", "--role")
    found = "is there twice in a row"
    for role, seen in (("reviewer", True), ("forward", False), ("back", False)):
        made = json.loads(run(*base, role, "--json").out)
        assert (found in (folder / made["file"]).read_text(encoding="utf-8")) == seen


def test_a_sheet_with_a_formula_is_not_recorded(folder: Path, run: Terminal) -> None:
    run("translations", "update", DEFINITION)
    run("translations", "sheet", DEFINITION, "--locale", "de_DE", "--role", "forward")
    book = openpyxl.load_workbook(folder / "mood.de_DE.forward.xlsx")
    book["Texts"]["D5"] = '=HYPERLINK("http://example.org","Ich")'
    book.save(folder / "filled.xlsx")
    done = run("translations", "import", DEFINITION, "filled.xlsx", "--who", "T1", "--json")
    assert done.code == 3
    (found,) = json.loads(done.out)["findings"]
    assert (found["code"], found["where"]) == ("sheet_formula", "filled.xlsx, Texts!D5")
    assert not (folder / "translations" / "de_DE" / "record").exists()


def test_a_preview_and_a_file_for_an_agency(folder: Path, run: Terminal) -> None:
    translated(folder, run)
    done = run("translations", "preview", DEFINITION, "--locale", "de_DE", "--out", "new/p.html")
    assert (done.code, done.out) == (0, "new/p.html: 5 questions.\n")
    assert "drafts that nobody has agreed to" in done.err
    assert "DRAFT" in (folder / "new" / "p.html").read_text(encoding="utf-8")
    done = run("translations", "export", DEFINITION, "--locale", "de_DE", "--xliff")
    assert done.code == 0
    assert (folder / "mood.de_DE.forward.xlf").is_file()
    back = run("translations", "import", DEFINITION, "mood.de_DE.forward.xlf", "--who", "T1")
    assert back.code == 0
    assert "Nobody has written anything into this sheet" in back.err


def test_a_signed_form_is_no_draft(folder: Path, run: Terminal) -> None:
    signed(folder, run)
    done = run("translations", "preview", DEFINITION, "--locale", "de_DE", "--out", "p.html")
    assert "drafts" not in done.err
    assert "DRAFT" not in (folder / "p.html").read_text(encoding="utf-8")


# Hostile files: nothing is executed, nothing is written elsewhere


def test_a_broken_catalog_stops_the_update_before_anything_is_written(
    folder: Path, run: Terminal
) -> None:
    broken = GETTEXT.replace('msgid "I am tense."', "msgid oops")
    put(folder / "translations", broken)
    line = broken[: broken.index("msgid oops")].count("\n") + 1
    before = (folder / FILE).read_bytes()
    done = run("translations", "update", DEFINITION, "--locale", "he_IL", "--locale", "de_DE")
    assert done.code == 3
    assert f"mood.po:{line}: This line can't be read" in done.err
    assert done.err.count("can't be read:") == 1
    assert (folder / FILE).read_bytes() == before
    assert not (folder / "translations" / "he_IL").exists()


def test_script_tags_are_text(folder: Path, run: Terminal) -> None:
    evil = "<script>alert(1)</script>{x.__class__}%s"
    put(folder / "translations", GETTEXT.replace("Ich fühle mich ruhig.", evil))
    assert run("translations", "update", DEFINITION).code == 0
    assert run("translations", "status", DEFINITION, "--keys").code == 1
    catalog = load_catalog("mood", "de_DE", translations=folder / "translations")
    assert catalog.text("item.calm") == evil


def test_a_string_of_ten_megabytes_is_refused(folder: Path, run: Terminal) -> None:
    put(folder / "translations", f'msgid "a"\nmsgstr "{"x" * 10_000_000}"\n')
    done = run("translations", "update", DEFINITION)
    assert done.code == 3
    assert "at most 4000000 are read" in done.err


def test_a_link_out_of_the_folder_is_not_followed(folder: Path, run: Terminal) -> None:
    outside = folder / "outside"
    outside.mkdir()
    (folder / "translations" / "de_DE").symlink_to(outside)
    done = run("translations", "update", DEFINITION)
    assert done.code == 3
    assert "leads out of the folder" in done.err
    assert list(outside.iterdir()) == []


def test_show_reads_the_translations_beside_the_definition(folder: Path, run: Terminal) -> None:
    translated(folder, run)
    done = run("instrument", "show", DEFINITION, "--locale", "de_DE")
    assert done.code == 0
    assert "Deutsch " in done.out
    assert "not translated" not in done.err
    assert "drafts that nobody has agreed to" in done.err
