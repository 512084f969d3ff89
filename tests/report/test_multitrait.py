"""Multitrait scaling on the page."""

from __future__ import annotations

from dataclasses import replace

from psychometrics.report import ValidityReport
from psychometrics.report.multitrait import scaling_figure, scaling_table
from psychometrics.report.source import read_study
from tests.report.study_fixture import FakeStudy


def test_successes_of_each_scale_pooled(study: FakeStudy) -> None:
    made = scaling_table(read_study(study, 5), sites=False)
    assert made is not None
    first = made.rows[0]
    assert (first["group"], first["place"]) == ("Training", "Within sites")
    assert first["own"] == "0.41 to 0.62"
    assert first["other"] == "−0.05 to 0.30"
    assert first["n_convergent"] == "4 of 4"
    assert [first[key] for key in ("definite_success", "probable_success", "probable_error",
                                   "definite_error")] == ["5", "2", "1", "0"]  # fmt: skip
    assert first["scaling_success"] == "88%"
    assert any("0.40 counts as a success" in note for note in made.notes)


def test_a_site_that_is_withheld_has_no_counts(study: FakeStudy) -> None:
    made = scaling_table(read_study(study, 5), sites=True)
    assert made is not None
    small = next(row for row in made.rows if row["place"] == "באר שבע")
    assert {small[key] for key in ("n_obs", "own", "n_convergent", "definite_success")} == {"—"}
    at = made.rows.index(small)
    assert made.reasons[at, "n_obs"] == "Withheld: fewer than 5 people."


def test_the_figure_is_that_within_sites_and_says_its_numbers(study: FakeStudy) -> None:
    (block,) = scaling_figure(read_study(study, 5))
    assert block.title == "Items with scales, within sites"
    assert "role_1: Training " in block.svg
    assert "<script" not in block.svg


def test_the_figure_is_that_of_all_where_nothing_is_within(study: FakeStudy) -> None:
    items = study.tables["multitrait_items"]
    tables = {**study.tables, "multitrait_items": items[items["pooling"] != "within"]}
    (block,) = scaling_figure(read_study(replace(study, tables=tables), 5))
    assert block.title == "Items with scales, all together"


def test_a_study_without_it_has_neither_figure_nor_words(study: FakeStudy) -> None:
    kept = {k: frame for k, frame in study.tables.items() if not k.startswith("multitrait")}
    bare = replace(study, tables=kept)
    assert list(scaling_figure(read_study(bare, 5))) == []
    assert "fig-multitrait" not in ValidityReport(bare).to_html()
