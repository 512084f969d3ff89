from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import psychometrics
from psychometrics.report import ValidityReport, validate
from tests.report.study_fixture import FakeStudy, make_study


@pytest.mark.parametrize("name", ["matplotlib", "great_tables", "jinja2", "pandas"])
def test_importing_the_package_brings_in_nothing_heavy(name: str) -> None:
    code = f"import sys, psychometrics.report; print({name!r} in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        psychometrics.report.nonsense  # noqa: B018


def test_tables_and_findings_are_those_of_the_study(study: FakeStudy) -> None:
    report = ValidityReport(study)
    assert report.tables.keys() == study.tables.keys()
    assert report.tables["reliability"] is study.tables["reliability"]
    assert report.findings == study.findings
    assert report.study is study


def test_the_same_study_gives_the_same_bytes(page: str, tmp_path: Path) -> None:
    again = ValidityReport(make_study())
    assert again.to_html() == page
    digests = [
        [hashlib.sha256(path.read_bytes()).hexdigest() for path in again.write_tables(tmp_path)]
        for _ in range(2)
    ]
    assert digests[0] == digests[1]


def test_the_page_is_written_where_asked(study: FakeStudy, page: str, tmp_path: Path) -> None:
    path = ValidityReport(study).to_html(tmp_path / "new" / "report.html")
    assert path == tmp_path / "new" / "report.html"
    assert path.read_text(encoding="utf-8") == page


def test_tables_are_written_protected(study: FakeStudy, tmp_path: Path) -> None:
    paths = ValidityReport(study).write_tables(tmp_path / "tables")
    assert {path.name for path in paths} == {f"fixture_{name}.csv" for name in study.tables}
    found = pd.read_csv(tmp_path / "tables" / "fixture_reliability.csv", encoding="utf-8-sig")
    assert found.loc[found["group"] == "beer_sheva", "estimate"].isna().all()


def test_small_groups_are_written_when_asked(study: FakeStudy, tmp_path: Path) -> None:
    ValidityReport(study).write_tables(tmp_path, minimum_group_size=0)
    found = pd.read_csv(tmp_path / "fixture_sample.csv", encoding="utf-8-sig").set_index("group")
    assert found.loc["beer_sheva", "n_rows"] == 3


def test_the_page_shows_small_groups_when_asked(study: FakeStudy) -> None:
    page = ValidityReport(study).to_html(minimum_group_size=0)
    assert "Groups of every size are shown" in page
    assert "Withheld" not in page


def test_the_summary_fits_a_terminal(study: FakeStudy) -> None:
    found = ValidityReport(study).summary()
    lines = found.splitlines()
    assert lines[0] == "Fixture of influences <b>on</b> peer support (fixture 1.0)"
    assert lines[1].startswith("Claims: 11. Supported: 5; not supported: 2;")
    assert "  Internal consistency: Training, Omega total 0.81 [0.78, 0.84], n = 102" in lines
    assert "You can claim:" in lines
    assert lines[-1].startswith("Write the page with .to_html(path)")


def test_the_summary_says_that_answers_are_simulated(simulated_study: FakeStudy) -> None:
    assert "Simulated answers:" in ValidityReport(simulated_study).summary()


def test_in_a_notebook_it_shows_the_claims(simulated_study: FakeStudy) -> None:
    found = ValidityReport(simulated_study)._repr_html_()
    assert "Simulated answers" in found
    assert found.count("<tr>") == 12
    assert "<b>on</b>" not in found
    assert "0.81 [0.78, 0.84]" in found
    assert repr(ValidityReport(simulated_study)) == "ValidityReport(fixture 1.0)"


@pytest.mark.parametrize("instrument", ["hs1939", "object"])
def test_validate_runs_the_study_and_reports(instrument: str) -> None:
    definition = psychometrics.load_instrument("hs1939")
    answers = psychometrics.simulate_responses(
        definition, dict.fromkeys(definition.sites, 60), rng=np.random.default_rng(1)
    )
    stages: list[str] = []
    report = validate(
        "hs1939" if instrument == "hs1939" else definition,
        answers,
        n_boot=20,
        rng=3,
        progress=lambda stage, done, total: stages.append(stage),
    )
    assert isinstance(report, ValidityReport)
    assert report.study.simulated
    assert stages[0] == "quality"
    page = report.to_html()
    assert "Simulated answers" in page
    assert definition.scales["visual"].title in page
