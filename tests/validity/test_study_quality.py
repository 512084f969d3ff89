"""Data quality and multitrait scaling as a study tells them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from psychometrics import Responses, data_quality, multitrait_scaling, simulate_responses
from psychometrics.validity.study import Study, run_study
from psychometrics.validity.study_quality import study_quality
from tests.validity.small import only, same_numbers

SIZES = {"ulm": 40, "hamburg": 30, "pune": 12}


@pytest.fixture(scope="module")
def responses() -> Responses:
    made = simulate_responses("peer_support_implementation", SIZES, rng=1)
    frame, items = made.frame.copy(), list(made.instrument.items)
    frame.loc[[0, 1, 2, 50], items] = 4.0
    frame.loc[frame["site"] == "pune", items[0]] = np.nan
    frame.loc[frame["site"] == "pune", items[1]] = 3.0
    return dataclasses.replace(made, frame=frame)


@pytest.fixture(scope="module")
def study(responses: Responses) -> Study:
    return run_study(responses.instrument, responses, n_boot=20, rng=1)


def test_tables_are_those_of_the_single_call(study: Study, responses: Responses) -> None:
    single = data_quality(responses, responses.instrument.keyed_items)
    for name, table in (("quality", single.counts), ("quality_items", single.items),
                        ("quality_patterns", single.patterns),
                        ("quality_scales", single.scales)):  # fmt: skip
        same_numbers(study.tables[name], table)
    assert next(iter(study.tables)) == "quality"


def test_sites_stand_in_the_definitions_order(study: Study) -> None:
    for name in ("quality", "quality_items", "quality_scales"):
        assert study.tables[name]["group"].dropna().unique().tolist() == list(SIZES)


def test_findings_name_no_counts_of_sites(study: Study) -> None:
    (flagged,) = [one for one in study.findings if one.code == "people_straight_line"]
    assert flagged.params["count"] == 4
    assert "By site" not in str(flagged)
    row = only(study.tables["findings"], code="people_straight_line")
    assert row["count"] == 4
    assert only(study.tables["quality"], flag="straight_line", group="ulm")["count"] == 3


def test_items_of_single_sites_are_counted_once_a_site(study: Study, responses: Responses) -> None:
    single = data_quality(responses, responses.instrument.keyed_items)
    by_item = [one for one in single.findings
               if one.code == "item_options_unused" and "pune" in one.params["place"]]  # fmt: skip
    (counted,) = [one for one in study.findings
                  if one.code == "site_options_unused" and one.where == "pune"]  # fmt: skip
    assert counted.params["count"] == len(by_item) > 0
    assert "nobody chose at pune" in str(counted)
    item = next(iter(responses.instrument.items))
    total = only(study.tables["quality_items"], item=item, pooling="total")
    assert total["n_missing"] >= SIZES["pune"]
    often = [one for one in study.findings if one.code == "item_often_missing"]
    assert [one.where for one in often] == [item]


def test_without_rows_there_is_nothing_to_look_at(responses: Responses) -> None:
    nobody = dataclasses.replace(responses, frame=responses.frame.head(0),
                                 answer_status=responses.answer_status.head(0))  # fmt: skip
    found = study_quality(nobody, 0.95)
    assert found.findings == ()
    assert all(table.empty for table in found.tables.values())


def test_multitrait_is_that_of_the_single_call(study: Study, responses: Responses) -> None:
    single = multitrait_scaling(
        responses, responses.instrument.keyed_items, group="site", missing="pairwise"
    )
    for name, table in (("multitrait", single.scales), ("multitrait_items", single.correlations)):
        mine = study.tables[name]
        for column in ("n_obs", "estimate", "own_lowest", "definite_success"):
            if column in table:
                for pooling in ("total", "within"):
                    one = mine.loc[mine["pooling"] == pooling, column].to_numpy(dtype=float)
                    other = table.loc[table["pooling"] == pooling, column].to_numpy(dtype=float)
                    np.testing.assert_allclose(one, other, rtol=1e-12)
