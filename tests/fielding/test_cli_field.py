"""From the command line: forms out, answers home."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from psychometrics.cli import app
from psychometrics.fielding.answer_files import as_kobo, drawn_answers
from psychometrics.fielding.questionnaire import questionnaire_of
from psychometrics.instrument import load_instrument
from psychometrics.instrument.shipped import data_folder
from psychometrics.translation.release import make_release
from tests.fielding.forms import home_release

HOME = "peer_support_implementation"


@pytest.fixture(scope="module")
def translations(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project") / "translations"
    shutil.copytree(data_folder("translations"), folder)
    instrument = load_instrument(HOME)
    make_release(instrument, "1.0", allow_draft=True, translations=folder)
    return folder


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_drafts_are_refused_and_nothing_is_written(translations, tmp_path):
    out = tmp_path / "forms"
    done = run("field", "export", "web", HOME, "--out", out, "--translations", translations)
    assert done.exit_code == 3
    assert "--allow-draft" in done.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("xlsform", ["peer_support_implementation_pune.xlsx"]),
        ("limesurvey", ["limesurvey_peer_support_implementation_pune.txt"]),
        ("fhir-r4b", ["fhir_R4B_peer_support_implementation_pune.json"]),
        ("web", ["web_peer_support_implementation_pune_en_IN.html",
                 "web_peer_support_implementation_pune_hi_IN.html"]),
        ("redcap", ["redcap_peer_support_implementation_pune.csv",
                    "redcap_peer_support_implementation_pune_en_IN.json",
                    "redcap_peer_support_implementation_pune_hi_IN.json"]),
    ],
)  # fmt: skip
def test_a_form_is_written_for_each_tool(target, names, translations, tmp_path):
    done = run(
        "field", "export", target, HOME, "--site", "pune", "--allow-draft", "--out", tmp_path,
        "--translations", translations, "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert {each["code"] for each in told["findings"]} >= {"field_unsigned"}


def test_paper(translations, tmp_path):
    done = run(
        "field", "paper", HOME, "--locale", "he_IL", "--allow-draft", "--out", tmp_path,
        "--translations", translations,
    )  # fmt: skip
    assert done.exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == [f"paper_{HOME}_he_IL.html"]


def test_check_compares_every_shape(translations):
    done = run("field", "check", "web", HOME, "--n", 20, "--translations", translations, "-q")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.count("all came home") == 2


def test_there_is_nothing_to_field_without_a_release(tmp_path):
    (tmp_path / "translations").mkdir()
    done = run(
        "field", "check", "web", HOME, "--translations", tmp_path / "translations"
    )  # fmt: skip
    assert done.exit_code == 3
    assert "has no release" in done.stderr


def test_an_export_with_labels_becomes_a_plain_table(translations, tmp_path):
    form = questionnaire_of(home_release())
    drawn = drawn_answers(form, 30, np.random.default_rng(3))
    export, plain = tmp_path / "kobo.csv", tmp_path / "plain.csv"
    export.write_bytes(as_kobo(form, drawn, "hi_IN").content)
    done = run(
        "answers", "convert", HOME, export, "--out", plain, "--release", "1.0-draft",
        "--translations", translations, "--source", "kobo", "--json",
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["rows"] == 30
    assert not [each for each in told["findings"] if each["code"] == "unknown_text"]
    again = run("answers", "convert", HOME, plain, "--out", tmp_path / "again.csv", "--json")
    assert json.loads(again.stdout)["rows"] == 30
    first, second = (pd.read_csv(path) for path in (plain, tmp_path / "again.csv"))
    # How long it took is taken from a plain table only where its column is named.
    pd.testing.assert_frame_equal(first.drop(columns="duration"), second)
