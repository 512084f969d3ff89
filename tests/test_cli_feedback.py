"""From simulated answers with planted faults to the translators' files, by commands alone."""

from __future__ import annotations

import json
import shutil
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from psychometrics.cli import main
from psychometrics.instrument.shipped import data_folder
from tests.feedback_project import trust
from tests.test_cli import Terminal
from tests.test_cli import run as run

# The run with the oldest versions leaves it out.
pytestmark = pytest.mark.slow

HOME = "instruments/peer_support_implementation.yaml"
PLANTS = ("--plant", "he_IL:culture_2:reversed", "--plant", "sw_TZ:training_1:shift=-0.8")
NAME = "peer_support_implementation"
TRUST = "instruments/trust.yaml"


@dataclass(frozen=True)
class Done:
    code: int
    out: str


def call(folder: Path, *arguments: str) -> Done:
    """Run a command in a folder."""
    out = StringIO()
    with chdir(folder), redirect_stdout(out), redirect_stderr(StringIO()):
        with pytest.raises(SystemExit) as stopped:
            main(list(arguments))
    return Done(int(str(stopped.value.code)), out.getvalue())


def files(folder: Path) -> dict[str, bytes]:
    found = (each for each in folder.rglob("*") if each.is_file())
    return {str(each.relative_to(folder)): each.read_bytes() for each in found}


@dataclass(frozen=True)
class Planted:
    folder: Path
    before: dict[str, bytes]
    after: dict[str, bytes]
    told: Done


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """The home instrument in a project of its own, with answers in which two texts are faulty."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("instruments", "translations"):
        shutil.copytree(data_folder(name), folder / name)
    assert call(folder, "simulate", HOME, "--n-per-site", "200", "--seed", "1", *PLANTS, "--out",
                "answers.csv").code == 0  # fmt: skip
    before = files(folder)
    told = call(folder, "translations", "feedback", HOME, "--answers", "answers.csv", "--who", "M1")
    return Planted(folder, before, files(folder), told)


def catalog(locale: str) -> str:
    return f"translations/{locale}/LC_MESSAGES/{NAME}.po"


def test_two_planted_faults_and_nothing_else_reach_the_files(planted: Planted) -> None:
    assert planted.told.code == 1  # two texts wait for another look
    touched = {n for n in planted.after if planted.after[n] != planted.before.get(n)}
    kinds = sorted((name.split("/")[1], name.split("/")[2]) for name in touched)
    assert kinds == [
        (locale, kind) for locale in ("he_IL", "sw_TZ")
        for kind in ("LC_MESSAGES", "feedback", "record")
    ]  # fmt: skip
    assert set(planted.before) <= set(planted.after)


@pytest.mark.parametrize(
    ("locale", "item", "says", "look"),
    [
        ("he_IL", "culture_2", "the item runs against its scale", "Negation first"),
        ("sw_TZ", "training_1", "answer lower than the others", "How strong the words are"),
    ],
)
def test_the_translator_finds_it_in_the_catalog_explained(
    planted: Planted, locale: str, item: str, says: str, look: str
) -> None:
    lines = planted.after[catalog(locale)].decode("utf-8").split("\n")
    ours = [at for at, line in enumerate(lines) if line.startswith("# [answers] ")]
    told = " ".join(lines[at].removeprefix("# [answers] ") for at in ours)
    assert "From simulated answers" in told
    assert says in told
    assert look in told
    assert "the cause is not identifiable" in told
    assert f"second site that answers in {locale}" in told
    assert "translation" not in told
    assert all(len(lines[at]) <= 80 for at in ours)
    # It stands with its text, and no other byte of the file changed.
    assert next(line for line in lines[ours[-1] :] if "msgctxt" in line).endswith(f'"item.{item}"')
    rest = [line for at, line in enumerate(lines) if at not in ours]
    assert rest == planted.before[catalog(locale)].decode("utf-8").split("\n")


def test_the_record_says_what_is_shown_of_which_wording(planted: Planted) -> None:
    new = [name for name in planted.after if name not in planted.before and name.endswith(".json")]
    told = {event["locale"]: event for event in (json.loads(planted.after[name]) for name in new)}
    assert {each["shown"]["verdict"] for each in told.values()} == {"version_difference"}
    assert all(each["shown"]["simulated"] for each in told.values())
    assert list(told["he_IL"]["texts"]) == ["item.culture_2"]
    assert list(told["sw_TZ"]["texts"]) == ["item.training_1"]


def test_reviewers_find_it_in_their_sheet_and_translators_do_not(planted: Planted) -> None:
    for role, seen in (("forward", False), ("back", False), ("reviewer", True)):
        made = call(planted.folder, "translations", "sheet", HOME, "--locale", "he_IL", "--role",
                    role, "--format", "html", "--out", f"{role}.html")  # fmt: skip
        assert made.code == 0
        page = (planted.folder / f"{role}.html").read_text(encoding="utf-8")
        assert ("runs against its scale" in page) == seen
        assert ("data:image/svg+xml;base64," in page) == seen
    call(planted.folder, "translations", "sheet", HOME, "--locale", "he_IL", "--role",
         "adjudicator", "--out", "sheet.xlsx")  # fmt: skip
    page = openpyxl.load_workbook(planted.folder / "sheet.xlsx")["Texts"]
    assert any("runs against its scale" in str(cell.value) for row in page for cell in row)


def test_the_status_tells_it_and_nothing_is_voided(planted: Planted) -> None:
    told = json.loads(call(planted.folder, "translations", "status", HOME, "--json").out)
    notes = [
        (locale["locale"], block["message"])
        for locale in told["locales"]
        for block in locale["blocks"]
        if block["code"].startswith("status_feedback")
    ]
    assert notes == [
        ("he_IL", "1 to look at again, because of simulated answers: item.culture_2."),
        ("sw_TZ", "1 to look at again, because of simulated answers: item.training_1."),
    ]
    assert {state for locale in told["locales"] for state in locale["counts"]} == {"draft"}


def test_the_picture_shows_no_single_person_and_says_that_it_is_simulated(
    planted: Planted,
) -> None:
    (name,) = [each for each in planted.after if each.endswith(".svg") and "he_IL" in each]
    picture = planted.after[name].decode("utf-8")
    assert name.rpartition("/")[2].startswith("item.culture_2.")
    assert picture.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert "Simulated answers" in picture
    assert "Be&apos;er Sheva" in picture or "Be'er Sheva" in picture


# the life of a finding, in a small project


@pytest.fixture
def small(tmp_path: Path) -> Path:
    trust(tmp_path)
    plant = ("--plant", "he_IL:open:reversed")
    assert (
        call(tmp_path, "simulate", TRUST, "--n-per-site", "120", *plant, "--out", "a.csv").code == 0
    )
    return tmp_path


def bring(folder: Path, *more: str) -> Done:
    return call(folder, "translations", "feedback", TRUST, *more)


def record(folder: Path, kind: str, who: str, *more: str) -> Done:
    about = ("--locale", "he_IL", "--who", who)
    return call(folder, "translations", "record", TRUST, kind, *about, *more)


def test_nothing_is_written_in_a_dry_run_and_nothing_twice(small: Path) -> None:
    before = files(small)
    tried = bring(small, "--answers", "a.csv", "--dry-run")
    assert (tried.code, files(small)) == (1, before)
    assert "1 new finding would be recorded, 0 known already; 1 text to look at." in tried.out
    done = bring(small, "--answers", "a.csv", "--who", "M1")
    assert "1 new finding recorded, 0 known already; 1 text to look at." in done.out
    assert "can't be told either way." in done.out
    after = files(small)
    again = bring(small, "--answers", "a.csv", "--who", "M1")
    assert "0 new findings recorded, 1 known already; 1 text to look at." in again.out
    assert files(small) == after
    plain = bring(small)
    assert (plain.code, files(small)) == (1, after)
    assert "item.open: open" in plain.out


def test_it_lives_from_open_to_closed_by_commands(small: Path) -> None:
    bring(small, "--answers", "a.csv", "--who", "M1", "--quiet")
    told = json.loads(bring(small, "--json").out)
    (one,) = told["feedback"]
    assert (one["key"], one["locale"], one["state"]) == ("item.open", "he_IL", "open")
    told = ("--answers", one["event"], "--comment", "It says the opposite.")
    assert record(small, "answer", "R1", *told).code == 0
    done = bring(small)
    assert (done.code, "item.open: answered" in done.out) == (0, True)
    file = small / "translations" / "he_IL" / "LC_MESSAGES" / "trust.po"
    text = file.read_text(encoding="utf-8")
    assert "# [answers] Answer: R1: It says the opposite." in text
    file.write_text(text.replace('msgstr "עברית, 4."', 'msgstr "עברית, 44."'), encoding="utf-8")
    new = bring(small)
    assert "answered by a new text" in new.out
    assert "[answers]" not in file.read_text(encoding="utf-8")
    status = call(small, "translations", "status", TRUST, "--locale", "he_IL")
    assert "because of simulated answers, answered by a new text: item.open." in status.out
    assert record(small, "debriefing", "I1", "--key", "item.open", "--respondents", "5").code == 0
    assert json.loads(bring(small, "--json").out)["feedback"][0]["state"] == "debriefed_again"


def test_a_waived_finding_is_closed(small: Path) -> None:
    bring(small, "--answers", "a.csv", "--who", "M1", "--quiet")
    about = ("--locale", "he_IL", "--key", "item.open", "--code", "item_worth_a_look")
    told = ("--who", "M1", "--reason", "Agreed so.")
    assert call(small, "translations", "waive", TRUST, *about, *told).code == 0
    done = bring(small)
    assert (done.code, "item.open: closed" in done.out) == (0, True)


def test_what_can_not_be_used_is_refused_in_words(small: Path, run: Terminal) -> None:
    nobody = run("translations", "feedback", TRUST, "--answers", "a.csv")
    assert nobody.code == 3
    assert "Say who brings the findings" in nobody.err
    none = run("translations", "feedback", TRUST, "--answers", "no.csv", "--who", "M1")
    assert (none.code, "no.csv" in none.err) == (3, True)
    elsewhere = run("translations", "feedback", TRUST, "--locale", "fr_FR")
    assert (elsewhere.code, "no locale 'fr_FR'" in elsewhere.err) == (2, True)
    for plant, why in (
        ("he_IL:open", "it has to look like"),
        ("fr_FR:open:reversed", "no language and no site"),
        ("he_IL:shut:reversed", "no item 'shut'"),
        ("he_IL:open:shift=much", "what is planted is"),
        ("he_IL:open:shift=nan", "what is planted is"),
    ):
        wrong = run("simulate", TRUST, "--out", "b.csv", "--plant", plant)
        assert wrong.code == 2
        assert why in " ".join(wrong.err.replace("│", " ").split())


def test_a_plant_is_where_it_is_said_to_be_and_nowhere_else(small: Path) -> None:
    assert call(small, "simulate", TRUST, "--n-per-site", "120", "--out", "b.csv").code == 0
    odd, even = (pd.read_csv(small / name) for name in ("a.csv", "b.csv"))
    here = even["site"] == "haifa"
    pd.testing.assert_series_equal(odd["open"][~here], even["open"][~here])
    pd.testing.assert_series_equal(odd["open"][here], 6 - even["open"][here])
    pd.testing.assert_frame_equal(odd.drop(columns="open"), even.drop(columns="open"))
