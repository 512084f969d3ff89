"""Intervals that are known to be short are marked wherever they are shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from psychometrics.report import ValidityReport
from psychometrics.report.criteria import Criteria
from psychometrics.report.html import read_headline
from psychometrics.report.section_tables import reliability_table
from psychometrics.report.short_intervals import MARK, mark_note, with_mark
from psychometrics.report.source import read_study
from psychometrics.report.validity_tables import discriminant_sites_table, discriminant_table
from psychometrics.validity.coverage import all_words
from tests.report.study_fixture import FakeStudy

SHORT = all_words()[0]


@pytest.fixture
def short_study(study: FakeStudy) -> FakeStudy:
    """The study with short intervals at single sites and within them, not all together."""
    changed = {}
    for name in ("reliability", "discriminant", "htmt"):
        frame = study.tables[name].copy()
        frame.loc[frame["pooling"].isin(["site", "within"]), "method"] = f"ML; {SHORT}"
        changed[name] = frame
    return replace(study, tables={**study.tables, **changed})


def test_tables_mark_short_intervals_and_say_what_the_mark_means(short_study: FakeStudy) -> None:
    source = read_study(short_study, 0)
    made = reliability_table(source)
    assert made is not None
    within, total = made.rows[0], made.rows[1]
    assert within["alpha"].endswith(f"] {MARK}")
    assert not total["alpha"].endswith(MARK)
    note = next(note for note in made.notes if note.startswith(MARK))
    assert "fewer than 92 of 100" in note
    for table in (
        discriminant_table(source, ["within"], "tab-x", tests=True),
        discriminant_sites_table(source),
    ):
        assert table is not None
        assert any(note.startswith(MARK) for note in table.notes)
    pairs = discriminant_table(source, ["within"], "tab-x", tests=True)
    assert pairs is not None
    for key in ("correlation", "htmt", "htmt2"):
        assert all(row[key].endswith(MARK) for row in pairs.rows)


def test_nothing_is_marked_and_nothing_said_where_intervals_hold(study: FakeStudy) -> None:
    made = reliability_table(read_study(study, 0))
    assert made is not None
    assert MARK not in str(made.rows)
    assert not any(note.startswith(MARK) for note in made.notes)
    assert mark_note([]) == ""
    assert with_mark({"low": float("nan"), "method": SHORT}, "—") == "—"


def test_the_first_screen_and_the_summary_mark_them_too(short_study: FakeStudy) -> None:
    source = read_study(short_study, 0)
    claims = read_headline(source, Criteria.of(source))
    marked = {one.statistic for one in claims if one.value.endswith(MARK)}
    # The fixture claims omega and latent correlations; AVE has no known coverage.
    assert marked == {"Omega total", "Latent correlation"}
    report = ValidityReport(short_study)
    assert f"] {MARK}" in report.summary()
    page = report.to_html(minimum_group_size=0)
    assert 'href="#term-short_interval"' in page.partition('<section id="sample"')[0]
