"""``psychometrics init``: a project in which everything works, or nothing at all."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from psychometrics.errors import CatalogError
from psychometrics.instrument import check_instrument, load_instrument
from psychometrics.translation.locales import load_brief
from psychometrics.translation.new_project import (
    NewSite,
    id_of,
    plan_project,
    write_project,
)
from tests.test_cli import Terminal
from tests.test_cli import run as run

SITES = ("--site", "ulm:DE:de_DE", "--site", "pune:IN:hi_IN,en_IN")
HOSTILE = (
    "../x", "a/b", "a\\b", "..", "/etc/passwd", "response_sets.x", "x y", "X", "1a", "é", "a" * 61,
    "a\nb", "a\x00b", "${id}", "",
)  # fmt: skip


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


@pytest.mark.slow
def test_the_whole_chain_works_at_once(
    tmp_path: Path, run: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("init", "sleep", "--title", "Sleep", "--locale", "he_IL", *SITES, "--yes")
    assert done.code == 0, done.err
    assert "psychometrics instrument check" in done.out
    monkeypatch.chdir(tmp_path / "sleep")
    file = "instruments/sleep.yaml"
    assert run("instrument", "check", file).out == f"{file}: nothing to mend.\n"
    assert run("translations", "extract", file).code == 0
    assert run("translations", "update", file, "--dry-run").code == 0
    assert run("translations", "status", file).code == 1
    checked = run("translations", "check", file, "--locale", "he_IL", "--json")
    assert checked.code == 1
    assert json.loads(checked.out)["n_errors"] > 20
    for kind in ("forward", "back"):
        sheet = run("translations", "sheet", file, "--locale", "hi_IN", "--role", kind)
        assert sheet.code == 0, sheet.err
    assert run("translations", "preview", file, "--locale", "he_IL").code == 0
    assert run("simulate", file, "--out", "simulated.csv").code == 0
    validated = run("validate", file, "simulated.csv", "--out", "report.html", "--preset", "quick")
    assert validated.code == 0, validated.err
    assert (tmp_path / "sleep" / "report.html").stat().st_size > 10_000


def test_what_is_made_is_sound(tmp_path: Path, run: Terminal) -> None:
    folder = tmp_path / "a"
    told = ("--id", "rest", "--title", "Rest", "--locale", "he_IL", "--yes")
    done = run("init", str(folder), *told, *SITES)
    assert done.code == 0, done.err
    assert check_instrument(folder / "instruments" / "rest.yaml") == []
    instrument = load_instrument(folder / "instruments" / "rest.yaml")
    assert instrument.locales == ("en", "de_DE", "hi_IN", "en_IN", "he_IL")
    assert instrument.sites["site_il"].name == "Israel"
    assert instrument.sites["pune"].locales == ("hi_IN", "en_IN")
    for locale in instrument.locales[1:]:
        brief = load_brief(locale, "rest", translations=folder / "translations")
        assert brief is not None
        assert brief.relation == ("adaptation" if locale == "en_IN" else "translation")
        assert brief.direction == ("rtl" if locale == "he_IL" else "ltr")
    readme = (folder / "README.md").read_text("utf-8")
    assert "$" not in readme.replace("```", "")


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="gettext is not installed")
def test_the_catalogs_are_clean_for_gettext(tmp_path: Path, run: Terminal) -> None:
    run("init", str(tmp_path / "a"), "--locale", "he_IL", "--locale", "lg_UG", "--yes")
    for file in (tmp_path / "a").rglob("*.po"):
        command = ["msgfmt", "--check", "-o", str(tmp_path / "x.mo"), str(file)]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (made.returncode, made.stderr) == (0, "")


def test_what_is_not_said_is_asked_for(
    tmp_path: Path, run: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def answer(question: str, default: str, err: bool) -> str:
        asked.append(question)
        return {0: "calm", 1: "Calm: or not", 2: default, 3: "he_IL lg_UG"}[len(asked) - 1]

    monkeypatch.setattr("typer.prompt", answer)
    assert run("init", str(tmp_path / "x")).code == 0
    assert len(asked) == 4
    made = load_instrument(tmp_path / "x" / "instruments" / "calm.yaml")
    assert (made.title, made.locales) == ("Calm: or not", ("en", "he_IL", "lg_UG"))


def test_where_nobody_answers_the_usual_is_taken(
    tmp_path: Path, run: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert run("init", str(tmp_path / "Sleep quality 2")).code == 0
    file = tmp_path / "Sleep quality 2" / "instruments" / "sleep_quality_2.yaml"
    assert load_instrument(file).title == "Sleep quality 2"


def test_nothing_is_written_over(tmp_path: Path, run: Terminal) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert run("init", str(tmp_path), "--id", "a", "--yes").code == 0  # other files may be there
    before = snapshot(tmp_path)
    again = run("init", str(tmp_path), "--id", "a", "--title", "Other", "--yes")
    assert again.code == 3
    assert "already. Nothing was written" in again.err
    assert snapshot(tmp_path) == before
    file = run("init", str(tmp_path / "notes.txt"), "--yes")
    assert file.code == 3
    assert snapshot(tmp_path) == before


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path, run: Terminal) -> None:
    outside, project = tmp_path / "outside", tmp_path / "project"
    outside.mkdir()
    project.mkdir()
    (project / "translations").symlink_to(outside)
    done = run("init", str(project), "--yes")
    assert done.code == 3
    assert "leads out of the folder" in done.err
    assert snapshot(tmp_path) == {}
    (project / "translations").unlink()
    (project / "README.md").symlink_to(outside / "x")
    assert run("init", str(project), "--yes").code == 3
    assert snapshot(tmp_path) == {}


@pytest.mark.parametrize("bad", HOSTILE)
def test_hostile_names_make_nothing(tmp_path: Path, bad: str) -> None:
    made = datetime(2026, 1, 1, tzinfo=UTC)
    good = NewSite("ulm", "DE", ("de_DE",))
    for name, source, site in (
        (bad, "en", good),
        ("calm", bad, good),
        ("calm", "en", NewSite(bad, "DE", ("de_DE",))),
        ("calm", "en", NewSite("ulm", bad, ("de_DE",))),
        ("calm", "en", NewSite("ulm", "DE", (bad,))),
    ):
        with pytest.raises(CatalogError, match="There is no such project"):
            plan_project(name, "Calm", source, [site], made)


@pytest.mark.parametrize("title", ["", "a\nb", "a\x1bb", "x" * 201, "\u202eabc"])
def test_hostile_titles_are_refused(title: str) -> None:
    site = NewSite("ulm", "DE", ("de_DE",))
    with pytest.raises(CatalogError, match="A title is one line"):
        plan_project("calm", title, "en", [site], datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "title", ["no", "1.0", "{a: b}", "- x", "a: b # c", '"q"', "'q'", "*x", "${id}", "שלום", "\\n"]
)
def test_a_title_stays_what_it_is(tmp_path: Path, title: str) -> None:
    site = NewSite("ulm", "DE", ("de_DE",))
    files = plan_project("calm", title, "en", [site], datetime(2026, 1, 1, tzinfo=UTC))
    write_project(tmp_path / "a", files)
    assert load_instrument(tmp_path / "a" / "instruments" / "calm.yaml").title == title


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path, run: Terminal) -> None:
    done = run("init", str(tmp_path / "a"), "--id", "../x", "--site", "B!:de:deutsch", "--yes")
    assert done.code == 3
    for part in ("'../x' is no id", "'B!' is no id of a site", "no country", "'deutsch' is no lan"):
        assert part in done.err
    assert not (tmp_path / "a").exists()
    unknown = run("init", str(tmp_path / "a"), "--locale", "qx_QX", "--yes")
    assert unknown.code == 3
    assert not (tmp_path / "a").exists()


def test_a_site_without_its_parts_is_told(tmp_path: Path, run: Terminal) -> None:
    done = run("init", str(tmp_path / "a"), "--site", "ulm", "--yes")
    assert done.code == 3
    assert "'ulm' is no site" in done.err


def test_ids_of_folders() -> None:
    names = {"Sleep": "sleep", "9 lives": "my_measure", "Schlafqualität": "schlafqualitat"}
    assert {name: id_of(Path(name)) for name in names} == names
