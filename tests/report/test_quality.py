"""Data quality on the page."""

from __future__ import annotations

from dataclasses import replace

from psychometrics.report import ValidityReport
from psychometrics.report.quality import (
    extremes_table,
    flags_table,
    missing_table,
    options_table,
    patterns_table,
    quality_section,
)
from psychometrics.report.source import Source, read_study
from tests.report.study_fixture import FakeStudy


def read(study: FakeStudy, minimum: int = 5) -> Source:
    return read_study(study, minimum)


def test_flags_are_counted_in_one_column_a_place(study: FakeStudy) -> None:
    made = flags_table(read(study))
    assert made is not None
    straight = made.rows[1]
    assert straight["name"] == "Straight-lining"
    assert straight["at:total:"] == "10 (9.0%)"
    assert straight["at:site:hamburg"] == "—"
    assert made.reasons[1, "at:site:hamburg"] == "Withheld: fewer than 5 people."
    shown = flags_table(read(study, 0))
    assert shown is not None
    assert shown.rows[1]["at:site:hamburg"] == "2 (5.0%)"


def test_missing_answers_and_options_by_item_and_place(study: FakeStudy) -> None:
    source = read(study)
    missing, options = missing_table(source), options_table(source)
    assert missing is not None
    assert options is not None
    by_item = {row["name"]: row for row in missing.rows}
    assert by_item["role_1"]["at:site:ulm"] == "10.6%"
    assert by_item["role_2"]["at:total:"] == "0.0%"
    assert options.rows[0]["at:site:ulm"] == "5 of 5"
    assert options.rows[0]["at:site:beer_sheva"] == "—"


def test_numbers_without_options_have_no_table_of_options(study: FakeStudy) -> None:
    items = study.tables["quality_items"].assign(n_categories=float("nan"))
    tables = {**study.tables, "quality_items": items}
    assert options_table(read(replace(study, tables=tables))) is None


def test_patterns_of_few_people_stand_in_one_row(study: FakeStudy) -> None:
    made = patterns_table(read(study))
    assert made is not None
    assert [row["pattern"] for row in made.rows] == [
        "no answer missing",
        "role_1",
        "2 patterns, each of fewer than 5 people or the next",
    ]
    assert [row["count"] for row in made.rows] == ["96", "9", "6"]


def test_floor_and_ceiling_have_their_intervals(study: FakeStudy) -> None:
    made = extremes_table(read(study), sites=False)
    assert made is not None
    assert made.rows[0]["scale"] == "Training"
    assert made.rows[0]["floor"] == "25% [15%, 35%]"
    by_site = extremes_table(read(study), sites=True)
    assert by_site is not None
    assert {row["place"] for row in by_site.rows} >= {"Ulm", "Hamburg"}
    assert [row["floor"] for row in by_site.rows if row["place"] == "באר שבע"] == ["—"] * 3


def test_the_section_stands_before_the_results_and_escapes_rules(page: str) -> None:
    assert page.index('id="sample"') < page.index('id="quality"') < page.index('id="items"')
    assert "&lt;b&gt;8&lt;/b&gt;" in page
    assert "<b>8</b>" not in page


def test_a_study_without_these_tables_has_no_section(study: FakeStudy) -> None:
    kept = {name: frame for name, frame in study.tables.items() if not name.startswith("quality")}
    bare = replace(study, tables=kept)
    assert quality_section(read(bare)).blocks == ()
    assert 'id="quality"' not in ValidityReport(bare).to_html()
