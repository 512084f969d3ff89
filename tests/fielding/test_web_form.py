"""The web form in a browser: by keyboard, on a phone, in six languages, without a network."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from psychometrics.errors import DataError
from psychometrics.fielding.questionnaire import questionnaire_of
from psychometrics.fielding.web_form import _all_words, own_words, web_form
from tests.fielding.forms import LOCALES, home_release

PHONE = {"width": 390, "height": 800}


@pytest.fixture
def opened(browser, tmp_path):
    """Open a page from a file, in a window with a storage of its own."""
    contexts = []

    def open_form(content: bytes, **settings):
        path = tmp_path / "form.html"
        path.write_bytes(content)
        context = browser.new_context(viewport=PHONE, accept_downloads=True, **settings)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(path.as_uri())
        return page

    yield open_form
    for context in contexts:
        context.close()


def site_of(locale):
    """The first site that is fielded in a language."""
    sites = questionnaire_of(home_release()).instrument.sites.values()
    return next(site.id for site in sites if locale in site.locales)


def single(locale, **told):
    form = questionnaire_of(home_release(), locales=[locale], site=site_of(locale))
    (file,) = web_form(form, **told).files
    return form, file.content


def downloaded(page, button):
    with page.expect_download() as waiting:
        page.keyboard.press("Enter") if button is None else page.click(button)
    return Path(waiting.value.path()).read_bytes()


def fill_in_by_keyboard(page, form, value=4):
    """Answer every question with tab, space and arrows alone; return the expected codes."""
    expected = {}
    page.keyboard.press("Tab")
    for question in form.questions:
        for _ in range(6):
            focused = page.evaluate("document.activeElement.name || document.activeElement.id")
            if focused and focused.startswith(question.key):
                break
            page.keyboard.press("Tab")
        if question.kind == "choice":
            answers = form.answers_to(question)
            wanted = next(at for at, c in enumerate(answers.choices) if c.code == value)
            page.keyboard.press("Space")
            for _ in range(wanted):
                page.keyboard.press("ArrowDown")
            expected[question.key] = str(value)
        else:
            page.keyboard.type("7")
            expected[question.key] = "7"
        page.keyboard.press("Tab")
    return expected


@pytest.mark.browser
@pytest.mark.parametrize("locale", LOCALES)
def test_a_form_is_filled_in_by_keyboard_and_handed_over(locale, opened):
    form, content = single(locale)
    page = opened(content)
    expected = fill_in_by_keyboard(page, form)
    page.focus("#finish")
    page.keyboard.press("Enter")
    page.focus("#csv")
    raw = downloaded(page, None)
    assert raw.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(StringIO(raw.decode("utf-8-sig")))
    assert {key: row[key] for key in expected} == expected
    assert (row["language"], row["form_version"], row["mode"]) == (locale, "1.0-draft", "web")
    assert row["site"] == site_of(locale)
    assert row["start"] < row["end"]
    assert page.complaints == []
    assert [url for url in page.asked if not url.startswith(("file:", "blob:"))] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.browser
def test_where_several_sites_share_a_language_the_site_is_chosen(opened):
    (file,) = web_form(questionnaire_of(home_release(), locales=["de_DE"])).files
    page = opened(file.content)
    page.click("#finish")
    assert page.evaluate("document.activeElement.id") == "site"
    page.select_option("#site", "hamburg")
    page.reload()
    assert page.input_value("#site") == "hamburg"


@pytest.mark.browser
def test_a_reload_in_the_middle_loses_nothing(opened):
    form, content = single("sw_TZ")
    page = opened(content)
    page.check("#culture_1-4")
    page.fill("#years_of_work-value", "12")
    page.reload()
    assert page.is_checked("#culture_1-4")
    assert page.input_value("#years_of_work-value") == "12"
    assert page.inner_text("#count") == f"2 / {len(form.questions)}"


@pytest.mark.browser
def test_open_questions_are_shown_and_nothing_is_finished(opened):
    _, content = single("de_DE")
    page = opened(content)
    page.check("#culture_1-4")
    page.click("#finish")
    assert "26" in page.inner_text("#missing")
    assert page.evaluate("document.activeElement.name") == "culture_2"
    assert page.query_selector("#csv") is None


@pytest.mark.browser
def test_an_impossible_number_is_told_and_not_kept(opened):
    _, content = single("de_DE")
    page = opened(content)
    page.fill("#years_of_work-value", "99")
    assert "0 … 60" in page.inner_text("#years_of_work-fault")
    page.fill("#years_of_work-value", "१२")  # in Devanagari digits
    assert page.inner_text("#years_of_work-fault") == ""
    page.check("#years_of_work-99")
    assert page.input_value("#years_of_work-value") == ""
    kept = page.evaluate("JSON.parse(Object.values(localStorage)[0]).answers")
    assert kept == {"years_of_work": "99"}


@pytest.mark.browser
def test_languages_are_switched_and_the_page_turns_round(opened):
    form = questionnaire_of(home_release())
    page = opened(web_form(form, together=True).files[0].content)
    page.check("#culture_1-4")
    page.select_option("#language", "he_IL")
    root = page.evaluate("[document.documentElement.lang, document.documentElement.dir]")
    assert root == ["he-IL", "rtl"]
    assert page.is_checked("#culture_1-4"), "what was answered stays"
    assert form.questions[0].texts["he_IL"] in page.inner_text("#q-culture_1")


@pytest.mark.browser
def test_a_random_order_is_noted(opened):
    form, content = single("en_IN", random_order=True)
    page = opened(content)
    drawn = page.evaluate("[...document.querySelectorAll('fieldset')].map(f => f.id.slice(2))")
    assert sorted(drawn) == sorted(question.key for question in form.questions)
    assert sorted(drawn[:4]) == [f"culture_{at}" for at in range(1, 5)], "a scale stays together"
    page.evaluate("""() => {
        for (const field of document.querySelectorAll('fieldset')) {
            const box = field.querySelector('input[type=radio]');
            box.checked = true; box.dispatchEvent(new Event('change'));
        }}""")
    page.click("#finish")
    (row,) = json.loads(downloaded(page, "#json"))
    assert row["item_order"].split() == drawn


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["de_DE", "he_IL", "hi_IN"])
def test_axe_finds_nothing_serious(locale, opened):
    sync = pytest.importorskip("axe_playwright_python.sync_playwright")
    _, content = single(locale)
    page = opened(content, bypass_csp=True)
    found = sync.Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []


def test_no_text_can_end_the_script():
    changed = home_release().model_copy(deep=True)
    changed.locales["de_DE"].texts["item.culture_1"] = "</script><script>alert(1)</script>"
    (file,) = web_form(questionnaire_of(changed, locales=["de_DE"])).files
    assert file.content.count(b"<script") == 2


def test_the_form_says_the_same_in_every_language():
    known = _all_words()
    assert set(known) == {"en", "de", "hi", "he", "sw", "lg"}
    for told in known.values():
        assert set(told) == set(known["en"])
        assert {key for key, text in told.items() if "{count}" in text} == {
            "unanswered", "finished"
        }  # fmt: skip
    with pytest.raises(DataError, match="no words of its own in fr_FR"):
        own_words("fr_FR")
