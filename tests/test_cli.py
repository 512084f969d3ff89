"""The command line: what it writes, says and returns, and that it never shows a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

import psychometrics.instrument
from psychometrics import load_instrument
from psychometrics.cli import main
from psychometrics.cli.columns import read_mapping
from psychometrics.cli.console import print_findings, progress_shown
from psychometrics.errors import DataError, Finding
from tests.instrument.small import SMALL, written

ROOT = Path(__file__).parent.parent
DATA = Path(__file__).parent / "reference" / "data"
HS = ("hs1939", str(DATA / "hs.csv"), "--site", "school", "--preset", "quick", "--bootstrap", "20")


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int | str | None
    out: str
    err: str


class Terminal:
    """Runs commands in this process, in a folder of its own."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self.capture = capture

    def __call__(self, *arguments: str | Path) -> Outcome:
        self.capture.readouterr()
        with pytest.raises(SystemExit, match=r"^\d+$") as stopped:
            main([str(argument) for argument in arguments])
        said = self.capture.readouterr()
        assert "Traceback" not in said.err
        return Outcome(stopped.value.code, said.out, said.err)


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    monkeypatch.chdir(tmp_path)
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return Terminal(capsys)


@pytest.fixture
def hs() -> pd.DataFrame:
    return pd.read_csv(DATA / "hs.csv")


# validate


def test_a_report_is_written_and_the_summary_is_on_standard_output(
    run: Terminal, tmp_path: Path
) -> None:
    done = run("validate", *HS, "--out", "new/folder/hs.html", "--tables", "tables")
    assert done.code == 0
    page = (tmp_path / "new" / "folder" / "hs.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "You can claim:" in done.out
    assert ".to_html" not in done.out
    assert "reading answers ..." in done.err
    assert "The report is in new/folder/hs.html" in done.err
    assert {"hs1939_reliability.csv", "hs1939_claims.csv"} <= {
        file.name for file in (tmp_path / "tables").iterdir()
    }


def test_the_default_report_is_in_the_current_folder(run: Terminal, tmp_path: Path) -> None:
    assert run("validate", *HS, "--quiet") == Outcome(0, "", "")
    assert (tmp_path / "report.html").is_file()


def test_quiet_tells_errors_and_nothing_else(run: Terminal, hs: pd.DataFrame) -> None:
    hs.loc[:9, "school"] = "Elsewhere"
    hs.loc[10:12, "school"] = None
    hs.to_csv("answers.csv", index=False)
    done = run("validate", "hs1939", "answers.csv", *HS[2:], "--quiet")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: answers.csv, column 'school': Rows whose site")
    assert "warning" not in done.err


def test_json_is_all_there_is_on_standard_output(run: Terminal, tmp_path: Path) -> None:
    done = run("validate", *HS, "--json", "--tables", tmp_path / "t", "--seed", "3")
    told = json.loads(done.out)
    assert told["instrument"]["id"] == "hs1939"
    assert told["answers"]["rows"] == 301
    assert told["answers"]["sites"]
    assert told["answers"]["simulated"] is False
    assert told["exit_code"] == done.code == 0
    assert told["findings"]["errors"] == 0
    assert all(Path(file).is_file() for file in (told["files"]["report"], *told["files"]["tables"]))
    claims = pd.DataFrame(told["claims"])
    assert set(claims["property"]) >= {"internal_consistency", "convergent", "discriminant"}
    assert set(claims["verdict"]) <= {"supported", "not_supported", "undecided", "unavailable"}
    settings = {row["name"]: row["value"] for row in told["settings"]}
    assert str(settings["seed"]) == "3"


def test_the_same_seed_gives_the_same_bytes(run: Terminal, tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        assert run("validate", *HS, "--seed", "5", "--out", name, "--quiet").code == 0
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_error_findings_are_told_with_the_report_and_the_exit_code(
    run: Terminal, tmp_path: Path, hs: pd.DataFrame
) -> None:
    hs.loc[:9, "school"] = "Elsewhere"
    hs.to_csv("answers.csv", index=False)
    arguments = ("hs1939", "answers.csv", *HS[2:])
    done = run("validate", *arguments)
    assert done.code == 1
    assert (tmp_path / "report.html").is_file()
    assert "error: answers.csv" in done.err
    assert "Elsewhere" in done.err
    allowed = run("validate", *arguments, "--allow-undeclared-sites")
    assert allowed.code == 0


def test_columns_are_mapped_one_by_one_and_from_a_file(
    run: Terminal, tmp_path: Path, hs: pd.DataFrame
) -> None:
    hs.rename(columns={"x1": "first", "x2": "second", "school": "place"}).to_csv(
        "answers.csv", index=False
    )
    Path("columns.yaml").write_text("x1: wrong\nsite: place\n", encoding="utf-8")
    pairs = ("--column", "x1=first", "--column", "x2=second")
    done = run(
        *("validate", "hs1939", "answers.csv", "--preset", "quick", "--bootstrap", "20", "--json"),
        *("--columns-file", "columns.yaml", *pairs),
    )
    assert done.code == 0
    told = json.loads(done.out)
    assert len(told["answers"]["sites"]) == 2
    assert "missing_item" not in {each["code"] for each in told["findings"]["list"]}


# Calling it wrongly


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("validate",), "INSTRUMENT"),
        (("validate", *HS, "--level", "2"), "--level"),
        (("validate", *HS, "--preset", "slow"), "--preset"),
        (("validate", *HS, "--column", "x1"), "not of the form"),
        (("validate", *HS, "--colum", "x1=x2"), "--colum"),
        (("simulate", "hs1939"), "--out"),
        (("validat",), "validat"),
    ],
)
def test_a_wrong_call_is_explained(run: Terminal, arguments: tuple[str, ...], told: str) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert told in done.err
    assert done.out == ""


# No report


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("hs1939", "nowhere.csv"), "nowhere.csv"),
        (("no_such_measure", str(DATA / "hs.csv")), "no_such_measure"),
        (("ipip_bfi25", str(DATA / "hs.csv")), "no column for any item"),
        ((*HS, "--column", "x99=x1"), "x99"),
        ((*HS, "--columns-file", "nowhere.yaml"), "nowhere.yaml: There is no such file"),
        ((*HS, "--out", "."), "is a folder"),
        ((*HS, "--out", "file/report.html"), "Nothing can be written to the folder file"),
        ((*HS, "--tables", "file/tables"), "Nothing can be written to the folder file"),
    ],
)
def test_what_stops_the_report_is_told_as_text_and_as_json(
    run: Terminal, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    Path("file").write_text("not a folder", encoding="utf-8")
    done = run("validate", *arguments)
    assert done.code == 3
    assert done.out == ""
    assert told in done.err
    assert not (tmp_path / "report.html").exists()
    as_json = json.loads(run("validate", *arguments, "--json").out)
    assert told in as_json["error"]
    assert as_json["exit_code"] == 3


def test_where_to_write_is_tried_before_anything_is_read(run: Terminal) -> None:
    done = run("validate", "hs1939", "nowhere.csv", "--out", ".")
    assert "is a folder" in done.err
    assert "nowhere.csv" not in done.err


def test_every_fault_of_a_definition_is_told(run: Terminal) -> None:
    Path("bad.yaml").write_text("id: bad\nversion: 1\n", encoding="utf-8")
    done = run("validate", "bad.yaml", DATA / "hs.csv")
    assert done.code == 3
    assert done.err.count("bad.yaml") >= 2


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (DataError("It can't be read."), "error: It can't be read."),
        (PermissionError(13, "Permission denied", "a.csv"), "a.csv: No permission"),
        (IsADirectoryError(21, "Is a directory", "a"), "a: This is a folder"),
        (OSError(28, "No space left on device", "a"), "a: No space left on device."),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "save it as UTF-8"),
    ],
)
def test_errors_become_sentences(run: Terminal, error: Exception, told: str) -> None:
    def stopped() -> Outcome:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(psychometrics.instrument, "load_instrument", failing)
            return run("instrument", "show", "hs1939")

    def failing(_: object) -> None:
        raise error

    done = stopped()
    assert done.code == 3
    assert told in done.err


def test_ctrl_c_is_quiet(run: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(psychometrics.instrument, "load_instrument", interrupted)
    done = run("validate", *HS)
    assert done.code == 130
    assert "KeyboardInterrupt" not in done.err


def test_a_fault_of_ours_is_shown_and_has_its_own_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        _ = 1 / 0

    monkeypatch.setattr(psychometrics.instrument, "load_instrument", broken)
    with pytest.raises(SystemExit, match="70"):
        main(["instrument", "show", "hs1939"])
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "ZeroDivisionError" in said
    assert "a fault of the program" in said


@pytest.mark.parametrize("command", [["schema"], ["show", "hs1939"]], ids=["schema", "show"])
def test_a_reader_that_leaves_is_no_error(command: list[str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "psychometrics", "instrument", *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), said) == (141, b"")


# What is said on a terminal, and in a log


FINDINGS = [
    Finding("odd", "warning", "file, x1", "Something is odd."),
    Finding("wrong", "error", "file, x2", "Something is wrong; mend it."),
]


def test_findings_are_lines_in_a_log_errors_first(capsys: pytest.CaptureFixture[str]) -> None:
    print_findings(FINDINGS)
    assert capsys.readouterr().err == (
        "error: file, x2: Something is wrong; mend it.\nwarning: file, x1: Something is odd.\n"
    )


def test_findings_are_a_table_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    print_findings(FINDINGS)
    said = capsys.readouterr().err
    assert "Findings" in said
    assert said.index("wrong; mend it") < said.index("Something is odd")


def test_many_findings_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    print_findings(FINDINGS * 30)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 41
    assert said[-1] == "... and 20 more: odd (20)"


def test_an_error_is_a_panel_on_a_terminal(run: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    done = run("validate", "hs1939", "nowhere.csv")
    assert "No result" in done.err
    assert "╭" in done.err


def test_progress_is_a_line_a_stage_in_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_shown(quiet=False) as show:
        for done in range(3):
            show("counting", done, 2)
    assert capsys.readouterr().err == "counting ...\n"


def test_progress_is_bars_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress_shown(quiet=False) as show:
        for done in range(3):
            show("counting", done, 2)
    assert "counting" in capsys.readouterr().err


# Mapping files


@pytest.mark.parametrize(
    ("name", "content", "mapping"),
    [
        ("m.csv", "a,Q1\nb,Q2\n", {"a": "Q1", "b": "Q2"}),
        ("m.csv", "\ufeffkey,column\na,Q1\n\n", {"a": "Q1"}),
        ("m.csv", 'item,column\na,"Q 1, first"\n', {"a": "Q 1, first"}),
        ("m.yaml", "a: Q1\nb: 2\n", {"a": "Q1", "b": "2"}),
        ("m.yml", "\ufeffa: Q1\n", {"a": "Q1"}),
    ],
)
def test_mapping_files_are_read(
    tmp_path: Path, name: str, content: str, mapping: dict[str, str]
) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    assert read_mapping(file) == mapping


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("m.csv", "a,Q1\nb\n", "line 2: found 'b'; expected a key and a column name"),
        ("m.csv", "a,Q1\na,Q2\n", "a is mapped to 'Q1' and to 'Q2'"),
        ("m.yaml", "- a\n- b\n", "expected lines such as"),
        ("m.yaml", "a: [b, c]\n", "expected the name of one column"),
        ("m.yaml", "a: {b\n", "m.yaml:2: This can't be read as YAML"),
        ("m.yaml", "", "expected lines such as"),
        ("m.yaml", "a: yes\nb: true\n", "m.yaml:2: found true for b"),
        ("m.yaml", "a: &x [y]\nb: *x\n", "Anchors and aliases"),
        ("m.yaml", "a: !!python/name:os.system x\n", "The tag !!python/name:os.system"),
    ],
)
def test_bad_mapping_files_are_refused(tmp_path: Path, name: str, content: str, told: str) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=told):
        read_mapping(file)


# simulate


def test_simulated_answers_say_so_all_the_way(run: Terminal, tmp_path: Path) -> None:
    made = run(
        *("simulate", "peer_support_implementation", "--n-per-site", "30", "--seed", "2"),
        *("--out", "made/answers.csv"),
    )
    assert made.code == 0
    assert "of simulated answers" in made.out
    assert pd.read_csv("made/answers.csv")["simulated"].all()
    done = run(
        *("validate", "peer_support_implementation", "made/answers.csv", "--json"),
        *("--preset", "quick", "--bootstrap", "20"),
    )
    told = json.loads(done.out)
    assert done.code == 0
    assert told["answers"]["simulated"] is True
    assert len(told["answers"]["sites"]) == 6
    assert "simulated" in (tmp_path / "report.html").read_text(encoding="utf-8").lower()


def test_the_same_seed_simulates_the_same_answers(run: Terminal) -> None:
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        run("simulate", "hs1939", "--n-per-site", "5", "--seed", seed, "--out", name)
    assert Path("a").read_bytes() == Path("b").read_bytes()
    assert Path("a").read_bytes() != Path("c").read_bytes()


# instrument


def test_good_definitions_pass_the_check(run: Terminal) -> None:
    files = sorted((ROOT / "instruments").glob("*.yaml"))
    done = run("instrument", "check", *files)
    assert (done.code, done.err) == (0, "")
    assert done.out.count("nothing to mend") == len(files)


def test_faults_are_told_by_file_and_line(run: Terminal) -> None:
    text = (ROOT / "instruments" / "hs1939.yaml").read_text(encoding="utf-8")
    Path("hs1939.yaml").write_text(text.replace("concept:", "concpt:"), encoding="utf-8")
    Path("empty.yaml").write_text("", encoding="utf-8")
    done = run("instrument", "check", "hs1939.yaml", "empty.yaml")
    assert done.code == 1
    assert "hs1939.yaml:" in done.err
    assert "empty.yaml" in done.err
    assert done.err.rstrip().endswith("in 2 files.")


def test_a_missing_definition_is_no_traceback(run: Terminal) -> None:
    done = run("instrument", "check", "nowhere.yaml")
    assert done.code == 3
    assert "nowhere.yaml" in done.err


def test_a_definition_is_shown(run: Terminal) -> None:
    done = run("instrument", "show", "ipip_bfi25")
    assert done.code == 0
    assert "A1" in done.out
    assert "(reversed)" in done.out


def test_a_definition_is_shown_whole(run: Terminal) -> None:
    out = run("instrument", "show", "peer_support_implementation").out
    definition = load_instrument("peer_support_implementation")
    for key, text in definition.texts.items():
        assert text in out, key
    parts = (*definition.comparators.values(), *definition.hypotheses, *definition.known_groups)
    assert all(part.key in out for part in parts)
    assert out.count("Distinct: ") == len(definition.distinct_pairs)
    assert "role_clarity with years_of_work, at most 0.20 in size" in out


def test_texts_that_are_not_translated_are_marked(run: Terminal, tmp_path: Path) -> None:
    done = run("instrument", "show", written(tmp_path, SMALL), "--locale", "de_DE")
    assert done.code == 0
    assert "[I sleep well.]" in done.out
    assert "not translated to de_DE" in done.err
    drafted = run("instrument", "show", "peer_support_implementation", "--locale", "sw_TZ")
    assert drafted.code == 0
    assert "drafts that nobody has agreed to" in drafted.err
    assert "not translated" not in drafted.err
    assert "Nakubaliana kabisa" in drafted.out
    unknown = run("instrument", "show", "peer_support_implementation", "--locale", "fr_FR")
    assert unknown.code == 3
    assert "no locale 'fr_FR'; it has en" in unknown.err


def test_shipped_definitions_are_listed(run: Terminal) -> None:
    done = run("instrument", "list")
    assert [line.split()[0] for line in done.out.splitlines()] == [
        "hs1939",
        "ipip_bfi25",
        "peer_support_implementation",
    ]


def test_the_schema_is_json(run: Terminal) -> None:
    assert json.loads(run("instrument", "schema").out)["properties"]["items"]


def test_the_version_is_told(run: Terminal) -> None:
    done = run("--version")
    assert done.out == f"survey-psychometrics {psychometrics.__version__}\n"


def test_it_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "psychometrics", "--version"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("survey-psychometrics ")
