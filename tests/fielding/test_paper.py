"""The paper form: numbers, codes, direction, and a head on every page."""

from __future__ import annotations

import pytest

from psychometrics.fielding.paper import paper_form
from psychometrics.fielding.questionnaire import questionnaire_of
from tests.fielding.forms import LOCALES, home_release


def pages():
    files = paper_form(questionnaire_of(home_release())).files
    return {file.name[-10:-5]: file.content.decode() for file in files}


def test_there_is_one_a_language():
    assert set(pages()) == set(LOCALES)
    assert '<html lang="he-IL" dir="rtl">' in pages()["he_IL"]
    assert all("DRAFT" in text and "1.0-draft" in text for text in pages().values())


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["he_IL", "hi_IN"])
def test_every_item_has_a_number_and_a_circle_for_each_code(locale, open_page):
    form = questionnaire_of(home_release())
    page = open_page(pages()[locale]).page
    numbers = [text.strip() for text in page.locator(".at").all_inner_texts()]
    assert numbers == [f"{at}." for at in range(1, len(form.questions) + 1)]
    row = page.locator("tbody tr").first
    assert row.locator(".circle").count() == 7
    codes = page.locator("thead").first.locator(".code").all_inner_texts()
    assert codes == ["1", "2", "3", "4", "5", "8", "9"]
    left = [box.bounding_box()["x"] for box in row.locator(".circle").all()]
    assert left == sorted(left, reverse=locale == "he_IL"), "Hebrew runs from right to left"
    page.emulate_media(media="print")
    assert page.locator("body").bounding_box()["width"] <= 1280


def test_a_grid_prints_its_head_on_every_page():
    assert "thead { display: table-header-group }" in pages()["de_DE"]
