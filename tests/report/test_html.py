from __future__ import annotations

import base64
import csv
import re
from html.parser import HTMLParser
from io import StringIO
from itertools import pairwise

import pytest

from psychometrics.errors import DataError
from psychometrics.report import ValidityReport
from tests.report.study_fixture import FakeStudy, make_study

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Outline(HTMLParser):
    """Reads a page: every tag with its attributes, nesting, headings and texts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self.open and re.fullmatch(r"h[1-6]", self.open[-1]):
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def outline(page: str) -> Outline:
    return Outline(page)


def downloads(outline: Outline) -> dict[str, list[list[str]]]:
    """The rows of every CSV file on the page, by its name."""
    found = {}
    for link in outline.all("a"):
        if "download" in link:
            content = base64.b64decode(link["href"].split(",", 1)[1])
            assert content.startswith(b"\xef\xbb\xbf")
            text = content.decode("utf-8-sig")
            found[link["download"]] = list(csv.reader(StringIO(text, newline="")))
    return found


def test_tags_are_closed_in_order(outline: Outline) -> None:
    assert outline.faults == []
    assert outline.open == []


def test_ids_are_unique_and_targets_exist(outline: Outline) -> None:
    ids = [attrs["id"] for _, attrs in outline.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    asked = [link["href"][1:] for link in outline.all("a") if link["href"].startswith("#")]
    labelled = [
        name for _, attrs in outline.tags for name in attrs.get("aria-labelledby", "").split()
    ]
    assert asked
    assert set(asked) | set(labelled) <= set(ids)


def test_headings_go_down_one_level_at_a_time(outline: Outline) -> None:
    levels = [level for level, _ in outline.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_landmarks_and_the_way_past_them(outline: Outline) -> None:
    names = [tag for tag, _ in outline.tags]
    assert [names.count(tag) for tag in ("main", "nav", "header")] == [1, 1, 1]
    assert next(link for link in outline.all("a"))["href"] == "#claims"
    assert outline.all("html") == [{"lang": "en"}]


def test_the_first_screen_comes_first(outline: Outline) -> None:
    heads = [text for level, text in outline.headings if level == 2]
    assert heads[0] == "What can I claim, what can’t I?"
    assert heads[1:] == [
        "Sample and findings", "Data quality", "Items", "Internal consistency", "Structure",
        "Convergent validity", "Discriminant validity", "Hypotheses and known groups",
        "May the sites be compared?", "Ratings by COSMIN and PAPERS", "What the data can’t say",
        "Methods and settings", "Where the criteria come from",
        "Glossary: what the words and numbers mean",
    ]  # fmt: skip


def test_tables_have_captions_and_scopes(page: str, outline: Outline) -> None:
    assert len(outline.all("table")) == len(outline.all("caption")) > 10
    assert all("scope" in attrs for attrs in outline.all("th"))
    assert page.count('class="scroll"') == len(outline.all("table"))


def test_figures_have_text_alternatives_with_their_numbers(page: str) -> None:
    figures = re.findall(r"<svg .*?</svg>", page, re.DOTALL)
    assert len(figures) == 3 + 3 + 3 + 1 + 1 + 5
    for figure in figures:
        assert 'role="img"' in figure
        description = re.search(r"<desc[^>]*>(.*?)</desc>", figure, re.DOTALL)
        assert description is not None
        assert len(re.findall(r"\d", description[1])) > 20
    assert "Withheld: fewer than 5 people." in figures[0]


def test_nothing_is_asked_of_the_network(page: str, outline: Outline) -> None:
    for tag, attrs in outline.tags:
        for name in ("src", "href", "srcset", "action", "xlink:href", "poster"):
            value = attrs.get(name, "")
            assert value.startswith(("#", "data:")) or not value, (tag, name, value)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    assert "url(" not in style[1].replace("url(#", "")
    assert "@import" not in style[1]


def test_the_policy_lets_only_the_pages_own_script_run(page: str, outline: Outline) -> None:
    policy = next(meta for meta in outline.all("meta") if "http-equiv" in meta)["content"]
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert len(outline.all("script")) == 1
    assert not [name for _, attrs in outline.tags for name in attrs if name.startswith("on")]


def test_hostile_texts_stay_texts(page: str, outline: Outline) -> None:
    assert "<script>alert" not in page
    assert "<img" not in page
    assert not outline.all("img")
    assert "Costs between $5 and $6 <script>alert('item')</script>" in outline.text
    assert any("Kampala <img src=x onerror=alert(2)>" in text for text in outline.text)


def test_names_keep_their_own_direction(page: str) -> None:
    assert "<bdi>באר שבע</bdi>" in page


def test_nothing_of_a_withheld_site_is_in_the_page(page: str, study: FakeStudy) -> None:
    for name in ("reliability", "convergent", "items", "discriminant", "htmt"):
        frame = study.tables[name]
        rows = frame[frame["group"].isin(["beer_sheva", "kampala"])]
        column = "mean" if name == "items" else "n_obs"
        values = [repr(float(value)) for value in rows[column].dropna() if value % 1]
        assert not [value for value in values if value in page]
    files = downloads(Outline(page))
    for name, rows in files.items():
        head = rows[0]
        if "group" in head:
            here = [row for row in rows[1:] if row[head.index("group")] == "beer_sheva"]
            for row in here:
                told = dict(zip(head, row, strict=True))
                assert told["reason"].startswith("Withheld"), name
                numbers = [told.get(key, "") for key in ("estimate", "n_obs", "count", "share")]
                assert not any(numbers), name


def test_the_page_says_what_is_withheld_and_why(outline: Outline) -> None:
    text = " ".join("".join(outline.text).split())
    assert "Groups of fewer than 5 people are withheld in every table, figure and download" in text
    assert "Withheld throughout: באר שבע and Kampala <img src=x onerror=alert(2)>." in text


def test_every_table_can_be_downloaded_unrounded(outline: Outline, study: FakeStudy) -> None:
    files = downloads(outline)
    assert set(files) == {f"fixture_{name}.csv" for name in study.tables}
    head, *rows = files["fixture_reliability.csv"]
    assert len(rows) == len(study.tables["reliability"])
    shown = [float(row[head.index("estimate")]) for row in rows if row[head.index("estimate")]]
    assert set(shown) <= set(study.tables["reliability"]["estimate"])


def test_formulas_in_downloads_are_texts() -> None:
    study = make_study()
    study.tables["settings"].loc[0, "value"] = "=1+1"
    files = downloads(Outline(ValidityReport(study).to_html()))
    assert ["seed", "'=1+1"] in files["fixture_settings.csv"]


def test_fit_says_which_indices_are_within_their_cutoffs(outline: Outline) -> None:
    text = "".join(outline.text)
    assert "Correlated factors, within sites: SRMR within the cut-off, CFI, TLI, RMSEA outside" in (
        text
    )


def test_limits_say_what_the_design_can_not_tell(outline: Outline) -> None:
    text = "".join(outline.text)
    assert "the language and the site are one thing" in text
    assert "de_DE is used at Ulm and Hamburg" in text


def test_simulated_answers_say_so_everywhere(simulated_page: str) -> None:
    outline = Outline(simulated_page)
    text = "".join(outline.text)
    assert 'class="banner"' in simulated_page
    assert 'class="strip"' in simulated_page
    figures = re.findall(r"<svg .*?</svg>", simulated_page, re.DOTALL)
    assert all(figure.count("Simulated answers") >= 2 for figure in figures)
    assert text.count("Simulated answers.") >= len(outline.all("table")) + len(figures)
    for name, rows in downloads(outline).items():
        assert name.startswith("simulated_")
        assert rows[0][-1] == "data"
        assert {row[-1] for row in rows[1:]} <= {"simulated answers"}


def test_answers_of_people_do_not_say_that_they_are_simulated(page: str) -> None:
    assert "Simulated" not in page
    assert "simulated" not in page.split("</style>")[1]


def test_a_locale_without_report_is_refused(study: FakeStudy) -> None:
    with pytest.raises(DataError, match=r"no report in 'tlh' yet; choose one of en"):
        ValidityReport(study).to_html(locale="tlh")


def test_a_study_with_hardly_anything_still_has_a_page() -> None:
    study = make_study()
    for name, frame in study.tables.items():
        study.tables[name] = frame.iloc[:0]
    outline = Outline(ValidityReport(study).to_html())
    assert outline.faults == []
    text = "".join(outline.text)
    assert "There is nothing to claim" in text
    assert "Nothing was found that needs attention." in text
    assert "no hypotheses and no known groups" in text


def test_without_sites_the_page_speaks_of_people_alone() -> None:
    study = make_study()
    for name, frame in study.tables.items():
        if "pooling" in frame and name != "claims":
            study.tables[name] = frame[frame["pooling"] == "total"].reset_index(drop=True)
    page = ValidityReport(study).to_html()
    assert "111 people answered 12 items of 3 scales." in page
    assert "Show each site" not in page


def test_the_page_is_small(page: str) -> None:
    assert len(page.encode()) < 1_000_000
