"""A release as tools need it."""

from __future__ import annotations

import pytest

from psychometrics.errors import CatalogError
from psychometrics.fielding.languages import languages_of
from psychometrics.fielding.questionnaire import questionnaire_of
from tests.fielding.forms import LOCALES, home_release


def test_every_item_and_question_to_respondents_is_asked_in_order():
    form = questionnaire_of(home_release())
    items = list(form.instrument.items)
    keys = [question.key for question in form.questions]
    assert keys[: len(items)] == items
    # What is known of a site is not asked of people.
    assert keys[len(items) :] == ["readiness", "expect_in_post", "years_of_work"]
    assert form.locales == LOCALES
    assert all(set(question.texts) == set(LOCALES) for question in form.questions)


def test_items_of_a_scale_stand_together():
    form = questionnaire_of(home_release())
    assert [len(block.questions) for block in form.blocks] == [4] * 6 + [1] * 3
    assert [block.is_grid for block in form.blocks] == [True] * 6 + [False] * 3
    assert len({block.key for block in form.blocks}) == len(form.blocks)


def test_a_short_range_is_chosen_from_and_a_long_one_written():
    sets = questionnaire_of(home_release()).answer_sets
    assert [choice.code for choice in sets["readiness11"].choices] == [*range(11), 99]
    years = sets["years"]
    assert not years.counted
    assert (years.low, years.high, years.whole) == (0, 60, True)
    assert years.units["de_DE"] == "Jahre"
    assert [choice.code for choice in years.missing] == [99]
    assert "yes_no" not in sets, "only a fact of the site is answered with it"


def test_a_draft_says_so():
    form = questionnaire_of(home_release())
    assert form.draft
    assert form.draft_mark == "[DRAFT 1.0-draft] "
    assert [(each.code, each.where) for each in form.findings] == [
        ("field_unsigned", locale) for locale in LOCALES
    ]


def test_a_site_has_its_own_languages():
    form = questionnaire_of(home_release(), site="pune")
    assert form.locales == ("hi_IN", "en_IN")
    assert questionnaire_of(home_release(), site="pune", locales=["en_IN"]).locales == ("en_IN",)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"site": "pone"}, "no site 'pone'.*pune"),
        ({"locales": ["fr_FR"]}, "no locale 'fr_FR'"),
        ({"site": "ulm", "locales": ["he_IL"]}, "ulm is not fielded in he_IL"),
        ({"locales": []}, "needs a language"),
    ],
)
def test_what_the_release_does_not_have_is_refused(told, said):
    with pytest.raises(CatalogError, match=said):
        questionnaire_of(home_release(), **told)


def test_languages_bear_their_own_names_and_short_tags():
    told = [(each.short, each.tag, each.name) for each in languages_of(LOCALES)]
    assert told == [
        ("de", "de-DE", "Deutsch"),
        ("hi", "hi-IN", "हिन्दी"),
        ("en", "en-IN", "English"),
        ("he", "he-IL", "עברית"),
        ("sw", "sw-TZ", "Kiswahili"),
        ("lg", "lg-UG", "Luganda"),
    ]
    assert languages_of(["qaa"])[0].name == "qaa"
