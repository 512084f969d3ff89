"""What a machine lacks is said, with what to do about it."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from psychometrics.cli import app, environment
from psychometrics.cli.environment import examine


def test_everything_that_is_needed_is_here():
    states = {each.name: each.state for each in examine()}
    assert "wrong" not in states.values()
    assert states["Font for Hebrew"] == "there"


def test_what_is_lacking_comes_with_advice(monkeypatch):
    monkeypatch.setattr(environment.shutil, "which", lambda name: None)
    monkeypatch.setitem(environment.EXTRAS, "no_such_package", ("excel", "Excel files"))
    monkeypatch.setitem(environment.SCRIPTS, "Linear A", ("\U00010600", "a font of Minoan Crete"))
    lacking = {each.name: each for each in examine() if each.state == "lacking"}
    assert {"R", "Java", "A browser", "no_such_package"} <= set(lacking)
    assert lacking["no_such_package"].advice == 'pip install "survey-psychometrics[excel]"'
    assert all(each.advice for each in lacking.values())


def test_a_package_that_is_too_old_is_wrong(monkeypatch):
    monkeypatch.setattr(
        environment, "requires",
        lambda name: ["numpy>=999", "no-such-package>=1", 'x>=1; extra == "test"'],
    )  # fmt: skip
    monkeypatch.setattr(
        environment, "version", lambda name: "2.0" if name in ("numpy", "survey-psychometrics")
        else (_ for _ in ()).throw(environment.PackageNotFoundError(name)),
    )  # fmt: skip
    wrong = {each.name: each for each in examine() if each.state == "wrong"}
    assert set(wrong) == {"numpy", "no-such-package"}
    assert wrong["numpy"].advice == 'pip install --upgrade "numpy>=999"'


@pytest.mark.parametrize("words", [["doctor"], ["doctor", "--json"]])
def test_the_command(words):
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.stdout
    if "--json" in words:
        assert json.loads(done.stdout)["exit_code"] == 0
    else:
        assert "ok  Python:" in done.stdout
