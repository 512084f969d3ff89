"""Differences of reliability, decisions on pairs, cross-loadings: tables, sentences, protection."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from psychometrics.report import ValidityReport
from psychometrics.report.cross_loadings import (
    cross_loadings_sites_table,
    cross_loadings_table,
    cross_loadings_told,
)
from psychometrics.report.differences import differences_table, differences_told, pairs_table
from psychometrics.report.disclosure import protect
from psychometrics.report.distinctness import (
    distinctness_sites_table,
    distinctness_table,
    distinctness_told,
)
from psychometrics.report.source import read_study
from tests.report.study_fixture import FakeStudy


def without(study: FakeStudy, *names: str) -> FakeStudy:
    empty = {name: study.tables[name].iloc[:0] for name in names}
    return replace(study, tables={**study.tables, **empty})


def test_each_scale_has_its_test_of_all_sites(study: FakeStudy) -> None:
    made = differences_table(read_study(study, 0))
    assert made is not None
    assert [row["statistic"] for row in made.rows] == ["Alpha", "Omega total"] * 3
    assert made.rows[0]["test_statistic"] == "9.10 (2)"
    assert made.rows[0]["p_value"] == "0.011"
    assert "Alpha: Hakstian-Whalen test." in made.notes


def test_differences_are_marked_by_the_adjusted_test(study: FakeStudy) -> None:
    made = pairs_table(read_study(study, 0))
    assert made is not None
    ulm_hamburg = made.rows[0]
    assert ulm_hamburg["name"] == "Ulm less Hamburg"
    assert ulm_hamburg["training"] == "0.10 [−0.10, 0.30] *"
    assert ulm_hamburg["role_clarity"] == "0.10 [−0.10, 0.30]"
    assert made.rows[1]["training"] == "—"


def test_the_summary_says_where_sites_differ_and_which_items_stand_out(study: FakeStudy) -> None:
    assert list(differences_told(read_study(study, 0))) == [
        "Sites differ in reliability: Training (alpha, p = 0.011) and Training (omega total, "
        "p = 0.011). Tests: 6."
    ]
    told = ValidityReport(study).summary()
    assert "  Sites differ in reliability: Training (alpha, p = 0.011)" in told
    assert "0.40 or more in size on another scale: 1 of 24 pairs" in told
    calm = without(study, "reliability_differences", "cross_loadings", "discriminant")
    assert "Also:" not in ValidityReport(calm).summary()


def test_no_difference_shown_is_told_as_that(study: FakeStudy) -> None:
    frame = study.tables["reliability_differences"].assign(p_value=0.2)
    calm = replace(study, tables={**study.tables, "reliability_differences": frame})
    (told,) = differences_told(read_study(calm, 0))
    assert told.startswith("No difference in reliability between sites was shown (tests: 6,")


def test_comparisons_with_a_withheld_site_are_withheld(study: FakeStudy) -> None:
    found = protect(study.tables, 5).tables["reliability_differences"]
    # Be'er Sheva has 3 people and takes Kampala with it.
    hidden = found["group_a"].isin(["beer_sheva", "kampala"])
    hidden |= found["group_b"].isin(["beer_sheva", "kampala"])
    numbers = ["difference", "low", "high", "n_obs", "n_a", "n_b", "p_value", "estimate_a"]
    assert found.loc[hidden, numbers].isna().all(axis=None)
    assert set(found.loc[hidden, "reason"]) == {"Withheld: fewer than 5 people."}
    shown = found[(found["group_a"] == "ulm") & (found["group_b"] == "hamburg")]
    assert shown[numbers].notna().all(axis=None)
    every = found[found["comparison"] == "all"]
    assert every[["n_obs", "n_groups"]].isna().all(axis=None)
    assert every["p_value"].notna().all()
    as_they_are = protect(study.tables, 0).tables["reliability_differences"]
    pd.testing.assert_frame_equal(
        as_they_are, study.tables["reliability_differences"], check_dtype=False
    )


def test_pairs_have_one_line_with_a_decision_for_each_threshold(study: FakeStudy) -> None:
    made = distinctness_table(read_study(study, 0), "within")
    assert made is not None
    assert len(made.rows) == 3
    assert list(made.labels.values())[2:4] == [
        "Latent correlation below 0.85", "Latent correlation below 0.90"
    ]  # fmt: skip
    decisions = {cell for row in made.rows for key, cell in row.items() if ":" in key}
    assert decisions <= {"distinct", "undecided"}


def test_decisions_are_counted_and_told_by_site(study: FakeStudy) -> None:
    source = read_study(study, 0)
    told = distinctness_told(source, "within")
    assert told.startswith("Pairs: 3. By the latent correlation against 0.90: distinct ")
    made = distinctness_sites_table(source)
    assert made is not None
    assert made.rows[0]["at:site:beer_sheva"] == "—"
    assert made.reasons[0, "at:site:beer_sheva"].startswith("It needs at least 10")
    assert distinctness_told(read_study(without(study, "distinctness"), 0), "within") == ""


def test_the_largest_cross_loading_comes_first_and_is_set_apart(study: FakeStudy) -> None:
    source = read_study(study, 0)
    made = cross_loadings_table(source, "within")
    assert made is not None
    first = made.rows[0]
    assert (first["item"], first["other_scale"], first["epc"]) == ("role_1", "Training", "−0.45")
    assert made.strong == {0}
    assert len(made.rows) == 10
    assert any("The 10 largest of 24" in note for note in made.notes)
    assert cross_loadings_told(read_study(without(study, "cross_loadings"), 0), "within") == ""


def test_sites_without_a_model_say_why(study: FakeStudy) -> None:
    made = cross_loadings_sites_table(read_study(study, 0))
    assert made is not None
    rows = {row["place"]: (at, row) for at, row in enumerate(made.rows)}
    assert rows["Ulm"][1]["item"] == "role_1"
    at, row = rows["पुणे"]
    assert row["item"] == "—"
    assert made.reasons[at, "item"] == "It needs at least 10 complete answers; there are 0."


def test_a_site_where_nothing_stands_out_says_so(study: FakeStudy) -> None:
    frame = study.tables["cross_loadings"]
    calm = replace(study, tables={**study.tables, "cross_loadings": frame.assign(epc=0.1)})
    made = cross_loadings_sites_table(read_study(calm, 0))
    assert made is not None
    assert {row["item"] for row in made.rows} == {"none"}
