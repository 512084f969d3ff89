from __future__ import annotations

from itertools import chain
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics.errors import DataError, reason
from psychometrics.report.disclosure import protect
from psychometrics.report.disclosure_rules import RULES
from psychometrics.report.limits import protection
from psychometrics.report.source import read_study
from tests.report import study_fixture
from tests.report.study_fixture import NO_SITE, FakeStudy, make_study

MINIMUM = 5


def sites_shown(frame: pd.DataFrame, column: str) -> dict[str, float]:
    """Number of people of every site that a frame shows."""
    rows = frame[(frame["pooling"] == "site") & frame[column].notna()]
    return dict(zip(rows["group"], rows[column], strict=True))


def families(name: str, frame: pd.DataFrame) -> list[pd.DataFrame]:
    """The rows that are about the same thing, once for every place."""
    keys = [key for key in RULES[name].family if key in frame]
    once = frame.drop_duplicates([*keys, "pooling", "group"])
    if not keys:
        return [once]
    return [part for _, part in once.groupby(keys, dropna=False)]


def test_a_site_of_three_people_is_shown_nowhere(study: FakeStudy) -> None:
    tables = protect(study.tables, MINIMUM).tables
    for name in RULES:
        rows = tables[name]
        rows = rows[rows["group"] == "beer_sheva"]
        kept = {"group", "pooling", "reason", *RULES[name].family, *RULES[name].keep}
        numbers = rows[[column for column in rows.columns if column not in kept]]
        assert len(rows)
        assert (numbers.isna() | numbers.isin(["", "unavailable"])).all(axis=None), name
        assert rows["reason"].str.startswith("Withheld").all(), name


def test_the_next_smallest_site_goes_with_it(study: FakeStudy) -> None:
    protected = protect(study.tables, MINIMUM)
    assert protected.sites == {"beer_sheva": "small", "kampala": "other"}
    told = protected.tables["sample"].set_index("group")["reason"]
    assert told["beer_sheva"] == "Withheld: fewer than 5 people."
    assert told["kampala"] == "Withheld to protect a smaller group."
    assert told["ulm"] == ""


def test_a_site_that_is_small_in_one_scale_is_withheld_there() -> None:
    study = make_study(sizes={"beer_sheva": 30})
    tables = protect(study.tables, MINIMUM).tables
    rows = tables["reliability"]
    rows = rows[rows["pooling"] == "site"]
    gone = rows[rows["reason"].str.startswith("Withheld")]
    assert set(gone["scale"]) == {"role_clarity"}
    assert set(gone["group"]) == {"kampala", "beer_sheva"}
    assert sites_shown(tables["sample"], "n_rows")["kampala"] == 12


def test_a_small_side_of_a_comparison_is_withheld() -> None:
    study = make_study(sizes={"beer_sheva": 30})
    protected = protect(study.tables, MINIMUM)
    rows = protected.tables["known_groups"].set_index(["pooling", "group"])
    assert rows.loc[("site", "ulm"), "reason"] == "Withheld: fewer than 5 people."
    assert pd.isna(rows.loc[("site", "ulm"), "n_lower"])
    assert rows.loc[("site", "kampala"), "reason"] == "Withheld to protect a smaller group."
    assert rows.loc[("site", "hamburg"), "n_higher"] == 20


def test_a_count_that_only_the_reason_tells_counts() -> None:
    frame = pd.DataFrame(
        {
            "scale": "s", "coefficient": "alpha", "pooling": ["total", "site", "site", "site"],
            "group": [None, "a", "b", "c"], "n_obs": [60, np.nan, 20, 30],
        }
    )  # fmt: skip
    told = ["", reason("too_few_cases", needed=10, n_obs=3), "", ""]
    frame["reason"] = pd.Series(told, dtype=object)
    found = protect({"reliability": frame}, MINIMUM).tables["reliability"]
    assert found["reason"].iloc[1] == "Withheld: fewer than 5 people."
    assert np.isnan(found["n_obs"].iloc[2])


@pytest.mark.parametrize("minimum", [0, 1])
def test_protection_can_be_switched_off(study: FakeStudy, minimum: int) -> None:
    protected = protect(study.tables, minimum)
    assert protected.withheld == ()
    for name in RULES:
        numbers = study.tables[name].select_dtypes("number")
        pd.testing.assert_frame_equal(protected.tables[name][numbers.columns], numbers)


def test_the_tables_given_are_left_alone(study: FakeStudy) -> None:
    before = {name: frame.copy() for name, frame in study.tables.items()}
    protect(study.tables, MINIMUM)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(study.tables[name], frame)


@pytest.mark.parametrize("minimum", [-1, 2.5, "5", None, True])
def test_what_is_no_size_of_a_group_is_refused(study: FakeStudy, minimum: Any) -> None:
    with pytest.raises(DataError, match=r"minimum_group_size=.* give a whole number"):
        protect(study.tables, minimum)


def test_a_site_where_nobody_answered_is_no_small_group() -> None:
    study = make_study(sizes={"beer_sheva": 30})
    sample = protect(study.tables, MINIMUM).tables["sample"].set_index("group")
    assert sample.loc["pune", "n_rows"] == 0
    assert sample.loc["pune", "reason"] == ""


def test_a_sample_that_is_small_as_a_whole_is_withheld() -> None:
    sizes = {"ulm": 2, "hamburg": 1, "beer_sheva": 0, "kampala": 0}
    study = make_study(sizes=sizes)
    tables = {
        name: frame.assign(
            **{
                column: np.where(frame["pooling"] == "total", 3, frame[column])
                for column in ("n_obs", "n_rows")
                if column in frame
            }
        )
        if "pooling" in frame and name != "claims"
        else frame
        for name, frame in study.tables.items()
    }
    found = protect(tables, MINIMUM).tables
    assert found["reliability"]["estimate"].isna().all()
    assert found["sample"]["n_rows"].dropna().eq(0).all()
    assert set(found["claims"]["verdict"]) == {"unavailable"}
    assert found["claims"]["estimate"].isna().all()


def test_findings_do_not_give_a_withheld_site_away(study: FakeStudy) -> None:
    names = {"beer_sheva": "באר שבע"}
    found = protect(study.tables, MINIMUM, names=names).tables["findings"].set_index("code")
    assert "3" not in found.loc["small_site", "message"]
    assert np.isnan(found.loc["small_site", "count"])
    assert found.loc["no_site", "count"] == NO_SITE


def test_a_finding_that_is_the_size_of_a_small_group_is_not_shown(study: FakeStudy) -> None:
    findings = pd.DataFrame(
        {
            "code": ["undeclared_site", "impossible_code"], "severity": "warning",
            "where": "answers.csv", "message": ["3 rows have a new site.", "3 cells are odd."],
            "count": [3, 3],
        }
    )  # fmt: skip
    found = protect({**study.tables, "findings": findings}, MINIMUM).tables["findings"]
    assert list(found["count"].isna()) == [True, False]
    assert "3" not in found["message"].iloc[0]


def test_settings_keep_the_folder_of_the_analyst_private(study: FakeStudy) -> None:
    rows = [("source", "/srv/private/answers.csv"), ("source", r"C:\Users\x\a.sav")]
    tables = {**study.tables, "settings": pd.DataFrame(rows, columns=["name", "value"])}
    assert list(protect(tables, 0).tables["settings"]["value"]) == ["answers.csv", "a.sav"]


def test_a_few_people_who_were_left_out_are_not_counted(study: FakeStudy) -> None:
    rows = [
        ("exclusion sparse", "Little said.", "3", "followed", ""),
        ("exclusion late", "Started late.", "12", "followed", ""),
        ("exclusion without_site", "", "2", "not_planned", "2 people have no site."),
        ("n_boot", "2", "2", "followed", ""),
    ]
    plan = pd.DataFrame(rows, columns=["part", "planned", "done", "status", "note"])
    found = protect({**study.tables, "plan": plan}, MINIMUM).tables["plan"]
    assert list(found["done"]) == ["<5", "12", "<5", "2"]
    assert list(found["note"]) == ["", "", "", ""]
    assert list(protect({"plan": plan}, 0).tables["plan"]["done"]) == ["3", "12", "2", "2"]


def test_claims_count_the_sites_that_are_shown(study: FakeStudy) -> None:
    found = protect(study.tables, MINIMUM).tables["claims"]
    reliability = found[found["property"] == "internal_consistency"].iloc[0]
    counts = [reliability[f"sites_{name}"] for name in ("supported", "not_supported", "undecided")]
    assert sum(counts) == 2  # Ulm and Hamburg
    assert reliability["sites_unavailable"] == 1  # Pune, where nobody answered
    structure = found[found["property"] == "structure"].iloc[0]
    assert np.isnan(structure["sites_supported"])


SIZES = st.fixed_dictionaries(
    {site: st.integers(0, 14) for site in ("ulm", "hamburg", "pune", "beer_sheva", "kampala")}
)


def study_without_site(sizes: dict[str, int], without_site: int) -> FakeStudy:
    """The hand-made study, where so many people have no site."""
    with patch.object(study_fixture, "NO_SITE", without_site):
        return make_study(sizes=sizes)


@settings(max_examples=25)
@given(sizes=SIZES, without_site=st.integers(0, 9), minimum=st.integers(2, 8))
def test_no_small_group_can_be_seen_or_worked_out(
    sizes: dict[str, int], without_site: int, minimum: int
) -> None:
    """From totals and sites, nobody gets at a group smaller than the limit."""
    study = study_without_site(sizes, without_site)
    protected = protect(study.tables, minimum)
    for name, rule in RULES.items():
        for column in rule.counts:
            pairs = zip(
                families(name, study.tables[name]),
                families(name, protected.tables[name]),
                strict=True,
            )
            for before, after in pairs:
                _check(before, after, column, minimum)


def _check(before: pd.DataFrame, after: pd.DataFrame, column: str, minimum: int) -> None:
    if column not in before:
        return
    truth = sites_shown(before, column)
    shown = sites_shown(after, column)
    assert not [size for size in shown.values() if 0 < size < minimum]
    hidden = {site: truth[site] for site in truth if site not in shown}
    every = before.loc[before["pooling"] == "total", column].dropna()
    total = after.loc[after["pooling"] == "total", column].dropna()
    rest = every.sum() - sum(truth.values())
    if not total.empty and shown and 0 < rest < minimum and any(truth.values()):
        assert total.iloc[0] - sum(shown.values()) >= minimum
        assert sum(hidden.values()) > 0
        within = after.loc[after["pooling"] == "within", column].dropna()
        assert within.empty
    for pooling in ("total", "within", "meta"):
        pooled = after.loc[after["pooling"] == pooling, column].dropna()
        if pooled.empty:
            continue
        assert not 0 < pooled.iloc[0] < minimum
        people = [size for size in hidden.values() if size > 0]
        if shown and any(size > 0 for size in shown.values()) and min(people, default=9) < minimum:
            assert len(people) >= 2
            assert sum(people) >= minimum


def test_tables_agree_on_which_site_protects_another() -> None:
    """Otherwise the counts of one table would give away what another withholds."""
    study = make_study(sizes={"ulm": 12, "hamburg": 12, "beer_sheva": 3, "kampala": 12})
    protected = protect(study.tables, MINIMUM)
    gone = {
        (entry.table, entry.family): {
            other.site
            for other in protected.withheld
            if (other.table, other.family) == (entry.table, entry.family) and other.site
        }
        for entry in protected.withheld
        if entry.table in {"reliability", "convergent", "htmt", "items", "sample"}
    }
    assert set(chain.from_iterable(gone.values())) == {"beer_sheva", "hamburg", "kampala"}
    assert gone["sample", ()] == {"beer_sheva", "hamburg"}
    assert all({"beer_sheva", "hamburg"} <= sites for sites in gone.values())


def test_people_without_a_site_are_no_difference_of_total_and_sites() -> None:
    """The answers of two people would be the counts of all minus those of the sites."""
    study = study_without_site({"beer_sheva": 30, "pune": 30, "kampala": 25}, 2)
    protected = protect(study.tables, MINIMUM)
    assert protected.sites == {"kampala": "other"}
    assert protected.few_without_site
    answers = protected.tables["responses"]
    assert answers.loc[answers["group"] == "kampala", "count"].isna().all()
    items = protected.tables["items"]
    assert items.loc[items["pooling"] == "within", "n_obs"].isna().all()
    assert items.loc[items["pooling"] == "within", "sd"].notna().all()
    told = " ".join(map(str, protection(read_study(study, MINIMUM))))
    assert "Fewer than 5 people have no site." in told
    assert "Withheld throughout: <bdi>Kampala" in told


@pytest.mark.parametrize("without_site", [0, 5])
def test_enough_people_without_a_site_cost_no_site(without_site: int) -> None:
    study = study_without_site({"beer_sheva": 30, "pune": 30, "kampala": 25}, without_site)
    assert not protect(study.tables, MINIMUM).sites
