"""The section on comparing sites: it begins with what may be compared, and hides small sites."""

from __future__ import annotations

import pytest

from psychometrics.report.comparability import answers, basis, brief, comparability_section
from psychometrics.report.disclosure import protect
from psychometrics.report.source import Source, read_study
from tests.report.study_fixture import FakeStudy, make_study


@pytest.fixture(scope="module")
def source() -> Source:
    return read_study(make_study(), 0)


def test_the_section_begins_with_what_may_be_compared(source):
    told = [line.striptags() for line in answers(source)]
    assert told[0].startswith(
        "No item was found to work differently, so mean scores may be compared: Role"
    )
    assert told[0].endswith("between Ulm and Hamburg.")
    assert any("training_4 works differently" in line and "+0.12" in line for line in told)
    assert any(line.startswith("Not tested: ") for line in told)
    section = comparability_section(source)
    assert [block.kind for block in section.blocks][:3] == ["words", "words", "table"]
    assert brief(source) == told


def test_what_it_rests_on_and_does_not_show(source):
    told = " ".join(line.striptags() for line in basis(source, "site"))
    assert "published cut-offs" in told
    assert "don’t rule out" in told
    assert "wording and place can’t be told apart" in told


def test_small_sites_are_withheld_with_their_pairs():
    tables = protect(make_study().tables, 5).tables
    pairs = tables["comparability"].query("pooling == 'pair'")
    assert pairs["may_compare"].eq("unavailable").all()
    assert pairs["reason"].str.startswith("Withheld").all()
    congruent = tables["congruence"].set_index("group_a")
    assert congruent.loc["beer_sheva":"beer_sheva", "estimate"].isna().all()
    assert congruent.loc["ulm", "estimate"] == 0.97
    assert tables["invariance"]["n_obs"].isna().all()


def test_a_study_without_it_has_no_section(source):
    study: FakeStudy = make_study()
    study.tables["comparability"] = study.tables["comparability"].iloc[:0]
    bare = read_study(study, 0)
    assert comparability_section(bare).blocks == ()
    assert brief(bare) == []
