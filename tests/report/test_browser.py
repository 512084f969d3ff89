"""The page in a browser: phone, download, print, and that it asks nothing of the network."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from psychometrics.report import ValidityReport
from tests.report.study_fixture import FakeStudy, make_study

WIDE = "document.documentElement.scrollWidth"


def open_details(page: Any) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_the_page_is_never_wider_than_the_window(
    open_page: Any, simulated_page: str, width: int
) -> None:
    opened = open_page(simulated_page, width=width)
    assert opened.page.evaluate(WIDE) <= width
    open_details(opened.page)
    assert opened.page.evaluate(WIDE) <= width


OVERLAPS = """lines => lines.filter(line => {
  const values = [...line.querySelectorAll(".value")];
  const rests = [...line.querySelectorAll(".statistic, .marks, .n")].map(
    part => part.getBoundingClientRect()).filter(box => box.width > 0);
  return values.map(part => part.getBoundingClientRect()).some(value => rests.some(box =>
    box.right > value.left + 1 && box.left < value.right &&
    box.bottom > value.top + 2 && box.top < value.bottom - 2));
}).map(line => line.textContent)"""


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_in_a_line_of_the_first_screen_overlaps(
    open_page: Any, study: FakeStudy, width: int
) -> None:
    claims = study.tables["claims"].assign(
        estimate=-0.28, low=-0.33, high=-0.23, n_obs=2236, pooling="within"
    )
    wide = ValidityReport(replace(study, tables={**study.tables, "claims": claims}))
    opened = open_page(wide.to_html(minimum_group_size=0), width=width)
    open_details(opened.page)
    assert opened.page.locator(".lines li").evaluate_all(OVERLAPS) == []


def test_nothing_is_asked_of_the_network_and_nothing_complains(
    open_page: Any, simulated_page: str
) -> None:
    opened = open_page(simulated_page)
    open_details(opened.page)
    opened.page.wait_for_timeout(100)
    assert [url for url in opened.requests if not url.startswith(("file:", "data:"))] == []
    assert opened.complaints == []


def test_hostile_texts_do_nothing(open_page: Any) -> None:
    hostile = {
        "training_1": "</title><script>alert(1)</script>",
        "training_2": "</svg><img src=x onerror=alert(1)>",
        "role_1": "\"><svg onload=alert(1)>",
    }  # fmt: skip
    opened = open_page(ValidityReport(make_study(texts=hostile)).to_html())
    open_details(opened.page)
    opened.page.wait_for_timeout(100)
    assert opened.complaints == []
    assert opened.page.locator("img").count() == 0
    assert opened.page.locator("script").count() == 1


def test_an_injected_script_does_not_run(open_page: Any, page: str) -> None:
    opened = open_page(page.replace("</main>", "<script>alert(1)</script></main>"))
    assert len(opened.complaints) == 1
    assert "Content Security Policy" in opened.complaints[0]


def test_a_table_is_saved_by_a_click(
    open_page: Any, page: str, study: FakeStudy, tmp_path: Path
) -> None:
    opened = open_page(page, width=360)
    with opened.page.expect_download() as waiting:
        opened.page.locator('a[download="fixture_reliability.csv"]').click()
    saved = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(saved)
    content = saved.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(StringIO(content.decode("utf-8-sig"), newline="")))
    assert len(rows) == len(study.tables["reliability"])
    assert [row["reason"] for row in rows if row["group"] == "beer_sheva"] == [
        "Withheld: fewer than 5 people."
    ] * 6


def test_print_opens_what_is_closed_and_closes_it_again(open_page: Any, page: str) -> None:
    opened = open_page(page)
    closed = "document.querySelectorAll('details:not([open])').length"
    before = opened.page.evaluate(closed)
    assert before > 3
    opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert opened.page.evaluate(closed) == 0
    opened.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert opened.page.evaluate(closed) == before


def test_simulated_answers_are_marked_on_paper(open_page: Any, simulated_page: str) -> None:
    opened = open_page(simulated_page)
    strip = opened.page.locator(".strip")
    assert not strip.is_visible()
    opened.page.emulate_media(media="print")
    assert strip.is_visible()
    assert strip.evaluate("part => getComputedStyle(part).position") == "fixed"
    assert opened.page.pdf(format="A4").startswith(b"%PDF")


def test_paper_holds_every_column(open_page: Any, simulated_page: str) -> None:
    opened = open_page(simulated_page, width=686)  # A4 less its margins
    opened.page.emulate_media(media="print")
    open_details(opened.page)
    wide = "parts => parts.filter(part => part.getBoundingClientRect().right > innerWidth + 1)"
    assert opened.page.locator("table.data").evaluate_all(f"{wide}.map(part => part.caption)") == []


def test_the_way_past_the_contents_is_there_for_the_keyboard(open_page: Any, page: str) -> None:
    opened = open_page(page)
    opened.page.keyboard.press("Tab")
    link = opened.page.locator(".skip")
    assert link.evaluate("part => part === document.activeElement")
    box = link.bounding_box()
    assert box is not None
    assert box["x"] >= 0


def test_dark_mode_turns_ink_and_paper_over(open_page: Any, page: str) -> None:
    opened = open_page(page, color_scheme="dark")
    drawn = "[...document.querySelectorAll('figure svg text')].find(t => t.textContent === 'Ulm')"
    ink = f"getComputedStyle({drawn}).fill"
    paper = "getComputedStyle(document.body).backgroundColor"
    assert opened.page.evaluate(ink) == "rgb(235, 233, 228)"
    assert opened.page.evaluate(paper) == "rgb(23, 22, 20)"


def test_a_word_opens_its_entry_by_mouse_and_by_keyboard(open_page: Any, page: str) -> None:
    opened = open_page(page)
    box, link = opened.page.locator("#entry"), opened.page.locator(".lines a.term").first
    assert not box.is_visible()
    link.click()
    assert box.is_visible()
    entry = opened.page.locator(str(link.get_attribute("href"))).locator("dd").first
    assert entry.text_content() in box.text_content()
    assert box.evaluate("part => part === document.activeElement")
    opened.page.keyboard.press("Escape")
    assert not box.is_visible()
    assert link.evaluate("part => part === document.activeElement")
    opened.page.keyboard.press("Enter")
    assert box.is_visible()
    box.locator(".see a.term").first.click()
    assert box.is_visible()
    box.get_by_role("button").click()
    assert not box.is_visible()
    assert opened.complaints == []


def test_the_glossary_leads_back(open_page: Any, page: str) -> None:
    opened = open_page(page, reduced_motion="reduce")
    before = opened.page.evaluate("scrollY")
    opened.page.locator(".lines a.term").first.click()
    opened.page.locator("#entry .ways a").click()
    assert not opened.page.locator("#entry").is_visible()
    target = opened.page.locator(".glossary > div:target")
    assert target.count() == 1
    assert opened.page.evaluate("scrollY") > before + 500
    target.locator(".back a").click()
    opened.page.wait_for_timeout(200)
    assert abs(opened.page.evaluate("scrollY") - before) < 400


def test_without_the_script_a_word_is_a_link_into_the_glossary(open_page: Any, page: str) -> None:
    opened = open_page(page, java_script_enabled=False)
    link = opened.page.locator(".lines a.term").first
    link.click()
    assert opened.page.url.endswith(str(link.get_attribute("href")))
    assert not opened.page.locator("#entry").is_visible()


def test_paper_holds_the_glossary_and_not_the_box(open_page: Any, page: str) -> None:
    opened = open_page(page)
    opened.page.emulate_media(media="print")
    assert opened.page.locator(".glossary").is_visible()
    assert not opened.page.locator(".glossary .back").first.is_visible()
