from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychometrics import check_translations, load_instrument, simulate_responses
from psychometrics.errors import DataError, Finding
from psychometrics.validity.attribution import TextFact, attribute, text_faults
from psychometrics.validity.attribution_messages import MESSAGES
from psychometrics.validity.version_groups import ItemWords, Version, version_groups


def words(target: str, around: str = "form") -> dict[str, ItemWords]:
    return {"i": ItemWords("item.i", "source", target, around)}


def version(site: str, locale: str | None, target: str) -> Version:
    name = f"{site}, {locale}" if locale else site
    return Version(name, site, locale, (), words(target), 100)


PLACES = {
    each.name: each
    for each in (
        version("north", "de_DE", "german"),
        version("south", "de_DE", "german"),
        version("east", "hi_IN", "hindi"),
        version("east", "en_IN", "english"),
        version("west", "he_IL", "hebrew"),
    )
}
NORTH, SOUTH, HINDI, ENGLISH, WEST = PLACES


def row(a: str, b: str, **changed: Any) -> dict[str, Any]:
    usual = {"scale": "s", "item": "i", "group_a": a, "group_b": b, "kind": "uniform"}
    usual |= {"estimate": -0.6, "low": -0.8, "high": -0.4, "p_adjusted": 0.001, "flag": True}
    return usual | {"n_a": 100, "n_b": 100, "method": "made up", "reason": ""} | changed


def verdict(*rows: dict[str, Any], **settings: Any) -> list[str]:
    places = settings.pop("places", PLACES)
    return attribute(pd.DataFrame(rows), places, **settings)["verdict"].tolist()


@pytest.mark.parametrize(
    ("a", "b", "expected", "because"),
    [
        (WEST, "others", "version_difference", "attribution_one_site"),
        (WEST, NORTH, "version_difference", "attribution_one_site"),
        (NORTH, SOUTH, "same_words_site_difference", "attribution_same_words"),
        (HINDI, ENGLISH, "within_site_language_difference", "attribution_within_site"),
        (HINDI, "others", "version_difference", "attribution_one_site"),
        ("others", WEST, "version_difference", "attribution_version"),
    ],
)
def test_what_differs_is_told_by_the_design(a: str, b: str, expected: str, because: str) -> None:
    found = attribute(pd.DataFrame([row(a, b)]), PLACES).iloc[0]
    assert found["verdict"] == expected
    assert found["because"].code == because


def test_names_of_sites_and_languages_do_not_matter() -> None:
    """The same design under other names gives the same verdicts."""
    other = {
        name: replace(each, name=name, site=each.site[::-1], locale=f"{each.locale}"[::-1])
        for name, each in PLACES.items()
    }
    rows = [row(WEST, "others"), row(NORTH, SOUTH), row(HINDI, ENGLISH)]
    assert verdict(*rows) == verdict(*rows, places=other)


def test_same_words_only_while_the_texts_are_the_same() -> None:
    changed = PLACES | {SOUTH: replace(PLACES[SOUTH], words=words("other words"))}
    anchors = PLACES | {SOUTH: replace(PLACES[SOUTH], words=words("german", "other answers"))}
    unknown = PLACES | {SOUTH: replace(PLACES[SOUTH], words={})}
    for places, because in ((changed, "differ"), (anchors, "differ"), (unknown, "unknown")):
        found = attribute(pd.DataFrame([row(NORTH, SOUTH)]), places).iloc[0]
        assert found["verdict"] == "version_difference"
        assert found["because"].code == f"attribution_words_{because}"
        assert found["same_words_pair"] is None


def test_two_releases_at_one_site_are_versions() -> None:
    new = replace(PLACES[WEST], name="west, new", words=words("hebrew, again"))
    found = attribute(pd.DataFrame([row("west, new", WEST)]), PLACES | {"west, new": new}).iloc[0]
    assert (found["verdict"], found["because"].code) == (
        "version_difference", "attribution_releases",
    )  # fmt: skip


def test_a_language_that_is_not_known_decides_nothing() -> None:
    mixed = PLACES | {"east": version("east", None, "")}
    found = attribute(pd.DataFrame([row("east", WEST)]), mixed).iloc[0]
    assert found["verdict"] == "undecided"
    assert found["because"].code == "attribution_language_unknown"
    assert found["more"].code == "attribution_more_language"


def test_an_interval_within_the_bounds_is_equivalent_flagged_or_not() -> None:
    small = {"estimate": 0.1, "low": 0.02, "high": 0.18}
    rows = [row(WEST, NORTH, **small), row(WEST, NORTH, **small, flag=False)]
    assert verdict(*rows) == ["equivalent", "equivalent"]
    assert verdict(rows[0], smallest=0.15) == ["version_difference"]
    assert verdict(rows[1], smallest=0.15) == ["undecided"]
    # Bounds are in standard deviations of the item, so they say nothing of slopes.
    assert verdict(row(WEST, NORTH, **small, flag=False, kind="nonuniform")) == ["undecided"]


def test_not_shown_is_undecided_and_says_why() -> None:
    nan = float("nan")
    wide = row(WEST, NORTH, low=-0.9, high=0.2, flag=False)
    nothing = row(WEST, NORTH, estimate=nan, low=nan, high=nan, flag=False, reason="no one")
    found = attribute(pd.DataFrame([wide, nothing]), PLACES)
    assert found["verdict"].tolist() == ["undecided", "undecided"]
    assert [each.code for each in found["because"]] == [
        "attribution_too_wide", "attribution_no_estimate",
    ]  # fmt: skip
    assert found["reason"].tolist() == ["", "no one"]
    assert {each.code for each in found["more"]} == {"attribution_more_people"}


@given(
    sides=st.permutations(list(PLACES)).map(lambda names: names[:2]),
    estimate=st.floats(-2, 2),
    half=st.floats(0.01, 1),
    flag=st.booleans(),
)
def test_which_side_is_named_first_does_not_matter(
    sides: list[str], estimate: float, half: float, flag: bool
) -> None:
    a, b = sides
    effect = {"estimate": estimate, "low": estimate - half, "high": estimate + half, "flag": flag}
    mirrored = {"estimate": -estimate, "low": -estimate - half, "high": half - estimate}
    one = attribute(pd.DataFrame([row(a, b, **effect)]), PLACES).iloc[0]
    other = attribute(pd.DataFrame([row(b, a, **(effect | mirrored))]), PLACES).iloc[0]
    assert one["verdict"] == other["verdict"]
    if not flag:
        assert one["verdict"] in ("equivalent", "undecided")
    if one["verdict"] == "equivalent":
        assert max(abs(effect["low"]), abs(effect["high"])) < 0.25


def test_two_sites_with_the_same_words_stand_beside_every_row() -> None:
    beside = row(NORTH, SOUTH, estimate=0.3, low=-0.1, high=0.7, flag=False)
    found = attribute(pd.DataFrame([row(WEST, "others"), beside]), PLACES)
    assert found["same_words_pair"].tolist() == [f"{NORTH} - {SOUTH}"] * 2
    assert found["same_words_estimate"].tolist() == [0.3, 0.3]
    # It is shown and decides nothing: one contrast is no null distribution.
    assert found["verdict"].tolist() == ["version_difference", "undecided"]
    other_kind = attribute(pd.DataFrame([row(WEST, "others", kind="nonuniform"), beside]), PLACES)
    assert other_kind["same_words_pair"].tolist() == [None, f"{NORTH} - {SOUTH}"]


def test_what_would_identify_more_is_that_of_the_design() -> None:
    contrasts = ((WEST, "others"), (NORTH, "others"), (NORTH, SOUTH), (HINDI, "others"),
                 (HINDI, ENGLISH))  # fmt: skip
    found = attribute(pd.DataFrame([row(a, b) for a, b in contrasts]), PLACES)["more"]
    assert [each.code.removeprefix("attribution_more_") for each in found] == [
        "second_site", "shared", "same_words", "beside", "within_site",
    ]  # fmt: skip
    assert SOUTH in found[1]
    assert ENGLISH in found[3]
    assert "he_IL" in found[0]


def test_several_groups_may_be_one_side() -> None:
    found = attribute(
        pd.DataFrame([row("de_DE", "others")]), PLACES, sides={"de_DE": [NORTH, SOUTH]}
    ).iloc[0]
    assert found["verdict"] == "version_difference"
    assert found["because"].code == "attribution_version"
    assert found["more"].code == "attribution_more_bilingual"


def test_a_text_is_named_only_by_what_is_known_of_the_text() -> None:
    fault = TextFact("i", "he_IL", "hebrew", "fault", "Two answers have one text.")
    confirmed = TextFact("i", "he_IL", "hebrew", "confirmed", "R2: the negation is lost.")
    earlier = TextFact("i", "he_IL", "earlier hebrew", "confirmed", "R2: it was wrong.")
    rows = pd.DataFrame([row(WEST, "others"), row(WEST, "others", flag=False)])
    plain = attribute(rows, PLACES, facts=[earlier])
    assert plain["text"].tolist() == ["", ""]
    told = attribute(rows, PLACES, facts=[fault])
    assert [each.code for each in told["text"]] == ["attribution_text_fault", ""]
    both = attribute(rows, PLACES, facts=[fault, confirmed])
    assert both["text"][0].code == "attribution_text_confirmed"
    assert "R2" in both["text"][0]
    # The verdict stays: what the text shows doesn't make the design identify more.
    assert both["verdict"].tolist() == plain["verdict"].tolist()


def test_the_same_words_are_never_at_fault() -> None:
    fault = TextFact("i", "de_DE", "german", "fault", "Two answers have one text.")
    found = attribute(pd.DataFrame([row(NORTH, SOUTH)]), PLACES, facts=[fault])
    assert found["text"].tolist() == [""]


def test_no_other_sentence_speaks_of_translation() -> None:
    for code, sentence in MESSAGES.items():
        said = re.search("translat", sentence, re.IGNORECASE)
        assert bool(said) == code.startswith("attribution_text_")


def test_only_faults_of_words_are_facts() -> None:
    def found(code: str, key: str | None = "item.i@ulm") -> Any:
        return Finding(code, "warning", "file", "It is wrong.", key, "de_DE", "abc")

    made = text_faults(
        [found("double_space"), found("hint_antonym"), found("translation_unsigned"),
         found("double_space", "option.a.b"), found("double_space", None)]
    )  # fmt: skip
    assert [(each.item, each.locale, each.text_hash) for each in made] == [("i", "de_DE", "abc")]


def test_the_shipped_drafts_have_no_fault_that_would_be_told() -> None:
    assert text_faults(check_translations("peer_support_implementation")) == []


def test_evidence_that_lacks_columns_or_names_is_refused() -> None:
    with pytest.raises(DataError, match="lacks the columns p_adjusted, flag"):
        attribute(pd.DataFrame([row(WEST, NORTH)]).drop(columns=["p_adjusted", "flag"]), PLACES)
    with pytest.raises(DataError, match="'elsewhere' of the evidence isn't known"):
        attribute(pd.DataFrame([row(WEST, "elsewhere")]), PLACES)
    with pytest.raises(DataError, match="must be above 0"):
        attribute(pd.DataFrame([row(WEST, NORTH)]), PLACES, smallest=0)


def test_versions_are_those_of_the_definition() -> None:
    made = version_groups(simulate_responses("peer_support_implementation", 40, rng=1))
    assert [(each.site, each.locale) for each in made.groups.values()] == [
        ("ulm", "de_DE"), ("hamburg", "de_DE"), ("pune", "hi_IN"), ("pune", "en_IN"),
        ("beer_sheva", "he_IL"), ("dar_es_salaam", "sw_TZ"), ("kampala", "lg_UG"),
    ]  # fmt: skip
    assert sum(each.n for each in made.groups.values()) == len(made.frame) == 240
    ulm, hamburg = made.groups["ulm, de_DE"], made.groups["hamburg, de_DE"]
    assert all(ulm.words[item].same_as(hamburg.words[item]) for item in ulm.words)
    assert not ulm.words["culture_1"].same_as(made.groups["pune, hi_IN"].words["culture_1"])


def test_who_names_no_language_read_that_of_the_site_if_it_has_one() -> None:
    made = simulate_responses("peer_support_implementation", 10, rng=1)
    blank = replace(made, frame=made.frame.assign(language=None))
    groups = version_groups(blank).groups
    assert groups["ulm, de_DE"].locale == "de_DE"
    assert groups["pune"].locale is None
    assert groups["pune"].words == {}
    # Rows without a site are nobody's.
    lost = replace(made, frame=made.frame.assign(site=None))
    assert version_groups(lost).groups == {}
    assert version_groups(lost).frame["version"].isna().all()


def test_a_release_that_is_not_here_is_a_group_without_words() -> None:
    made = simulate_responses("peer_support_implementation", 10, rng=1)
    half = np.where(np.arange(len(made.frame)) % 2, "9.9", None)
    groups = version_groups(replace(made, frame=made.frame.assign(form_version=half))).groups
    assert {"ulm, de_DE, 9.9", "ulm, de_DE, no release named"} <= set(groups)
    assert groups["ulm, de_DE, 9.9"].words == {}
    assert groups["ulm, de_DE, 9.9"].releases == ("9.9",)
    assert load_instrument("peer_support_implementation").sites["ulm"].locales == ("de_DE",)
