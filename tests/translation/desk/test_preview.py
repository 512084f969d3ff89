"""Previews: what stands on them, and how a browser draws them on screen, phone and paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from psychometrics.translation.desk.preview import preview
from psychometrics.translation.desk.sheet import make_sheet
from psychometrics.translation.desk.sheet_html import sheet_html
from psychometrics.translation.desk.sheet_import import plan_import
from psychometrics.translation.locales import load_brief
from tests.translation.drafts import LOCALES, instrument
from tests.translation.test_record import Project
from tests.translation.test_record import project as project

WIDE = "document.documentElement.scrollWidth"
BRIEF = """\
locale: de_DE
relation: translation
source_locale: en
direction: ltr
address: Sie
register: Plain.
gender: None.
displays:
  - {target: paper, mode: self, code_order: descending, visual_direction: right_to_left,
     rendered: Seen on paper by M1.}
  - {target: odk, mode: self, code_order: ascending, visual_direction: top_to_bottom}
"""


def shown(locale: str) -> str:
    return preview(instrument(), locale).html


def codes(page: Any) -> list[str]:
    """Return the codes of the first scale from left to right, or from top to bottom."""
    return (
        page.locator(".answers")
        .first.locator("input")
        .evaluate_all(
            "parts => parts.map(part => [part.getBoundingClientRect(), part.value])"
            ".sort((a, b) => a[0].top - b[0].top || a[0].left - b[0].left).map(part => part[1])"
        )
    )


def in_brief(project: Project) -> None:
    (project.translations / "de_DE" / "brief.yaml").write_text(BRIEF, encoding="utf-8")


def mood_preview(project: Project, **told: Any) -> Any:
    return preview(project.instrument, "de_DE", translations=project.translations, **told)


def test_a_form_has_every_text_a_respondent_reads() -> None:
    made = preview(instrument(), "lg_UG")
    # Names for readers of reports, and the one question that sites answer, with its answers.
    unread = ("scale.", "site.", "comparator.employs_peer_workers", "option.yes_no.")
    for key in instrument().texts:
        assert (f'data-key="{key}"' in made.html) is not key.startswith(unread), key
    assert [each.code for each in made.findings] == ["form_unsigned"]


def test_texts_without_translation_are_marked(project: Project) -> None:
    made = mood_preview(project)
    assert "preview_untranslated" in {each.code for each in made.findings}
    assert '<span class="untranslated" data-key="item.calm" lang="en" dir="auto">' in made.html
    assert "ABC-1" in made.html  # which is never translated


def test_the_order_and_the_direction_that_are_agreed_are_kept(project: Project) -> None:
    project.translate()
    in_brief(project)
    web, paper = mood_preview(project), mood_preview(project, target="paper")
    assert "display_unrecorded" in {each.code for each in web.findings}
    assert "display_unrecorded" not in {each.code for each in paper.findings}
    (answers, *_) = [one.answers for one in paper.form.questions]
    assert [code for code, _ in answers.options] == [3, 2, 1]
    assert 'class="answers right_to_left" dir="rtl"' in paper.html
    assert "Seen on paper by M1." in paper.html
    assert 'class="answers left_to_right" dir="ltr"' in web.html


def test_what_was_drawn_otherwise_than_agreed_is_told(project: Project) -> None:
    seen = '{where: Collect, drawn: top_to_bottom, who: M1, when: "2026-01-02"}'
    text = BRIEF.replace("rendered: Seen on paper by M1.", f"renderings: [{seen}]")
    (project.translations / "de_DE" / "brief.yaml").write_text(text, encoding="utf-8")
    made = mood_preview(project, target="paper")
    [found] = [each for each in made.findings if each.code == "display_drawn_otherwise"]
    assert "run right to left, and were drawn otherwise: Collect: top to bottom" in found.message
    assert "<th>Seen: Collect</th><td>top to bottom (M1, 2026-01-02)</td>" in made.html
    assert "display_drawn_otherwise" not in {e.code for e in mood_preview(project).findings}


@pytest.mark.parametrize("locale", LOCALES)
def test_the_briefs_record_how_scales_are_shown(locale: str) -> None:
    brief = load_brief(locale)
    assert brief is not None
    shown = {(one.target, one.mode): one for one in brief.displays}
    assert {"web", "phone", "paper", "xlsform", "redcap", "limesurvey"} == {t for t, _ in shown}
    assert ("xlsform", "interview") in shown
    for one in brief.displays:
        assert one.reason
        assert not one.otherwise
    mirrored = {target for (target, _), one in shown.items() if one.mirrored}
    assert mirrored == ({"web", "paper"} if locale == "he_IL" else set())
    text = "yes: the answer that is read first stands at the right"
    assert (text in preview(instrument(), locale).html) is (locale == "he_IL")


@pytest.mark.browser
@pytest.mark.parametrize("locale", LOCALES)
def test_what_the_briefs_say_was_drawn_is_drawn(open_page: Any, locale: str) -> None:
    brief = load_brief(locale)
    assert brief is not None
    for target, width, media in (("web", 1000, "screen"), ("phone", 390, "screen"),
                                 ("paper", 686, "print")):  # fmt: skip
        display = brief.display(target, "self")
        assert display is not None
        opened = open_page(preview(instrument(), locale, target=target).html, width=width)
        opened.page.emulate_media(media=media)
        opened.page.evaluate("drawn()")
        told = opened.page.locator("#drawn")
        [seen] = display.renderings
        assert told.text_content() == seen.drawn.replace("_", " ")
        assert "otherwise" not in (told.get_attribute("class") or "")


@pytest.mark.browser
def test_the_page_says_what_is_not_drawn_as_agreed(open_page: Any) -> None:
    opened = open_page(shown("he_IL"), width=390)
    assert opened.page.locator("#drawn.otherwise").text_content() == "top to bottom"


def test_site_and_gender_have_their_own_words(project: Project) -> None:
    project.translate()
    in_brief(project)
    file = project.translations / "de_DE" / "LC_MESSAGES" / "mood.po"
    own = '\nmsgctxt "item.calm{}"\nmsgid "I feel calm."\nmsgstr "{}"\n'
    more = own.format("@ulm", "Ulmer Ruhe.") + own.format("[f]", "Die Ruhige.")
    file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
    assert "Ulmer Ruhe." in mood_preview(project, site="ulm").html
    assert "Die Ruhige." in mood_preview(project, gender="f").html
    assert "Ulmer Ruhe." not in mood_preview(project).html


@pytest.mark.browser
@pytest.mark.parametrize(
    ("locale", "drawn"),
    [("he_IL", "right to left"), ("hi_IN", "left to right"), ("lg_UG", "left to right")],
)
def test_wide_pages_draw_scales_in_the_direction_of_the_writing(
    open_page: Any, locale: str, drawn: str
) -> None:
    opened = open_page(shown(locale), width=1000)
    assert opened.page.evaluate(WIDE) <= 1000
    assert opened.page.locator("#drawn").text_content() == drawn
    expected = ["1", "2", "3", "4", "5"]
    assert codes(opened.page) == (expected[::-1] if locale == "he_IL" else expected)
    side = opened.page.evaluate("getComputedStyle(document.querySelector('h1')).direction")
    assert side == ("rtl" if locale == "he_IL" else "ltr")
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith("file:")] == []


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["he_IL", "hi_IN", "lg_UG"])
def test_a_phone_shows_answers_from_top_to_bottom(open_page: Any, locale: str) -> None:
    opened = open_page(shown(locale), width=320)
    assert opened.page.evaluate(WIDE) <= 320
    assert opened.page.locator("#drawn").text_content() == "top to bottom"
    assert codes(opened.page) == ["1", "2", "3", "4", "5"]
    label = opened.page.locator(".answers label").first
    box, circle = label.bounding_box(), label.locator("input").bounding_box()
    assert box is not None
    assert circle is not None
    near_left = circle["x"] - box["x"] < 30
    assert near_left is (locale != "he_IL")


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["he_IL", "hi_IN", "lg_UG"])
def test_paper_says_draft_on_every_page_and_nothing_to_reviewers(
    open_page: Any, locale: str
) -> None:
    opened = open_page(shown(locale), width=686)  # A4 less its margins
    assert not opened.page.locator(".mark").is_visible()
    opened.page.emulate_media(media="print")
    mark = opened.page.locator(".mark")
    assert mark.is_visible()
    assert mark.evaluate("part => getComputedStyle(part).position") == "fixed"
    assert not opened.page.locator(".about").is_visible()
    right = "parts => parts.filter(part => part.getBoundingClientRect().right > innerWidth + 1)"
    assert opened.page.locator(".answers").evaluate_all(f"{right}.length") == 0
    assert opened.page.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.browser
def test_a_scale_may_run_against_the_writing(open_page: Any, project: Project) -> None:
    project.translate()
    in_brief(project)
    opened = open_page(mood_preview(project, target="paper").html, width=1000)
    assert opened.page.locator("#drawn").text_content() == "right to left"
    assert codes(opened.page) == ["1", "2", "3"]  # the highest code first, from the right
    down = open_page(mood_preview(project, target="odk").html, width=1000)
    assert down.page.locator("#drawn").text_content() == "top to bottom"


@pytest.mark.browser
def test_hostile_texts_do_nothing(open_page: Any, project: Project) -> None:
    evil = "</title><script>alert(1)</script><img src=x onerror=alert(1)>"
    for key in ("title", "item.calm", "option.often3.never"):
        project.step("reconciliation", "R1", texts={key: evil}, reason="A test.")
    sheet = make_sheet(project.instrument, "de_DE", "reviewer", translations=project.translations)
    for text in (mood_preview(project).html, sheet_html(sheet)):
        opened = open_page(text)
        opened.page.wait_for_timeout(50)
        assert opened.complaints == []
        assert opened.page.locator("img").count() == 0
        assert opened.page.locator("script").count() == 1


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize(
    ("locale", "role"),
    [
        ("he_IL", "reviewer"),
        ("hi_IN", "adjudicator"),
        ("lg_UG", "reconciler"),
        ("he_IL", "forward"),
    ],
)
def test_sheets_fit_the_window_and_each_side_has_its_direction(
    open_page: Any, locale: str, role: str, width: int
) -> None:
    opened = open_page(sheet_html(make_sheet(instrument(), locale, role)), width=width)
    assert opened.page.evaluate(WIDE) <= width
    narrow = "parts => parts.filter(part => part.getBoundingClientRect().width < 200).length"
    assert opened.page.locator("tbody td:not(.read:empty, .id)").evaluate_all(narrow) == 0
    row = opened.page.locator("tbody tr").nth(3)
    side = "part => getComputedStyle(part).direction"
    wanted = "rtl" if locale == "he_IL" else "ltr"
    assert row.locator('td[data-title="Translation"] textarea').evaluate(side) == wanted
    assert row.locator('td[data-title="Source text"]').evaluate(side) == "ltr"


@pytest.mark.browser
def test_english_remarks_in_a_hebrew_brief_stay_english(open_page: Any) -> None:
    opened = open_page(sheet_html(make_sheet(instrument(), "he_IL", "forward")), width=1000)
    lines = opened.page.locator("details .line")
    found = lines.evaluate_all(
        "parts => parts.map(p => [p.textContent, getComputedStyle(p).direction])"
    )
    sides = dict(found)
    remark = next(text for text in sides if text.startswith("תמיכת עמיתים is established"))
    assert sides[remark] == "ltr"
    assert sides["הצוות"] == "rtl"
    assert {side for text, side in found if text[:1].isascii() and text} == {"ltr"}


@pytest.mark.browser
def test_what_is_written_into_a_page_is_saved_and_read(open_page: Any, tmp_path: Path) -> None:
    opened = open_page(sheet_html(make_sheet(instrument(), "he_IL", "back")), width=360)
    first = opened.page.locator("tbody tr").first
    first.locator("textarea").first.fill('Said "so" & so')
    with opened.page.expect_download() as waiting:
        opened.page.get_by_role("button").click()
    assert waiting.value.suggested_filename.endswith(".he_IL.back.json")
    assert "peer" not in waiting.value.suggested_filename
    saved = tmp_path / "saved.json"
    waiting.value.save_as(saved)
    planned = plan_import(instrument(), saved, who="B1")
    assert [(one.key, one.after) for one in planned.changes] == [("title", 'Said "so" & so')]
    assert planned.is_sound
