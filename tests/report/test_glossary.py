"""Every word of a report leads to its entry, and entries say what they must."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from psychometrics import simulate_responses
from psychometrics.report import ValidityReport
from psychometrics.report.glossary import (
    Entry,
    Glossary,
    as_markdown,
    asked_for,
    by_words,
    described,
    glossary,
    linked,
    linked_phrases,
    source_of,
)
from psychometrics.report.tables import as_html
from psychometrics.report.wording import LABELS, SENTENCES, label
from psychometrics.responses import Clusters
from psychometrics.validity.coefficients import COEFFICIENTS
from psychometrics.validity.study import Plan, run_study
from tests.report.study_fixture import FakeStudy
from tests.report.test_tables import small

PAGE = Path(__file__).parents[2] / "docs" / "glossary.md"
HEADING = re.compile(r'<th class="gt_col_heading[^>]*>(.*?)</th>', re.DOTALL)
LINK = re.compile(r'<a class="term" href="#term-([a-z0-9_]+)">(.*?)</a>', re.DOTALL)
NOTE = re.compile(r'<div class="notes">(.*?)</div>', re.DOTALL)
TAG = re.compile(r"<[^>]+>")

# Columns of a study's tables whose cells are words that readers see.
WORDS = (
    "coefficient", "statistic", "variant", "class_", "decision", "verdict", "index", "model",
    "rating", "risk_of_bias", "quality", "severity", "property",
)  # fmt: skip
# A dash on the page.
# Counted in sentences.
SAME = {"decision": {"unavailable"}, "verdict": {"mixed", "equivalent"}}
PREFIX = {
    "decision": ("decision.",), "rating": ("rating.",), "quality": ("quality.",),
    "statistic": ("means.", "parameter."), "verdict": ("found.", "attribution."),
}  # fmt: skip
# Words that COSMIN's and PAPERS' own files title, and what a class shares with a quality.
TITLED = {"cosmin", "papers"}


@pytest.fixture(scope="module")
def full() -> ValidityReport:
    """Every coefficient, services, comparators, known groups, hypotheses, sites."""
    answers = simulate_responses(
        "peer_support_implementation", 40, rng=1, clusters=Clusters(size=6, icc=0.2)
    )
    plan = Plan(coefficients=tuple(COEFFICIENTS))
    return ValidityReport(run_study(answers.instrument, answers, n_boot=20, plan=plan))


@pytest.fixture(scope="module")
def pages(full: ValidityReport, page: str) -> str:
    return full.to_html(minimum_group_size=0) + page


def own_names(report: Any) -> set[str]:
    """Names that the definition gives: scales and sites need no entry."""
    instrument = report.instrument
    titles = {scale.title for scale in instrument.scales.values()}
    return titles | {site.name for site in instrument.sites.values()}


def test_every_heading_leads_to_its_entry(
    full: ValidityReport, study: FakeStudy, pages: str
) -> None:
    names = own_names(full.study) | own_names(study)
    shown = {heading for heading in HEADING.findall(pages)}
    plain = {unescape(TAG.sub("", text)) for text in shown if not LINK.search(text)}
    assert len(shown) > 60
    assert {text.strip("\u2068\u2069") for text in plain} - names - {""} == set()


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_a_table_has_an_entry(full: ValidityReport, word: str) -> None:
    found = {
        str(value)
        for name, frame in full.tables.items()
        if word in frame and not (word == "property" and name in TITLED)
        for value in frame[word].dropna().unique()
        if isinstance(value, str) and value
    }
    known = by_words()
    before = ("", *PREFIX.get(word, ()))
    unknown = {value for value in found if all(label(a + value) not in known for a in before)}
    # Models of one scale go by its name.
    unknown -= set(full.study.instrument.scales)
    assert found
    assert unknown - SAME.get(word, set()) == set()


def test_every_label_of_the_wording_has_an_entry() -> None:
    plain = {"yes", "no"}
    assert {key for key, text in LABELS.items() if text not in by_words()} == plain


def test_every_link_has_its_target_and_every_entry_is_asked_for(pages: str, page: str) -> None:
    asked = {name for name, _ in LINK.findall(pages)}
    known = {entry.id for entry in glossary().entries}
    assert asked <= known
    for one in (page,):
        targets = re.findall(r'<div id="term-([a-z0-9_]+)">', one)
        assert len(targets) == len(set(targets))
        assert {name for name, _ in LINK.findall(one)} <= set(targets)
        assert [entry.id for entry in asked_for(one)] == targets


def test_every_method_is_explained(full: ValidityReport) -> None:
    methods = {
        str(method)
        for frame in full.tables.values()
        if "method" in frame
        for method in frame["method"].unique()
        if method
    }
    assert len(methods) > 30
    assert {method for method in methods if not LINK.search(linked_phrases(method))} == set()
    told = NOTE.findall(full.to_html(minimum_group_size=0))
    # Services are in it, so alpha leaves each of them out in turn.
    assert any("#term-jackknife" in note for note in told)
    assert any("#term-interval" in note for note in told)


def test_every_phrase_and_source_is_used() -> None:
    entries = glossary().entries
    assert {entry.source for entry in entries} == set(glossary().sources)
    words = [text for entry in entries for text in entry.words]
    assert len(words) == len(set(words))
    assert all(label in LABELS or label in SENTENCES for entry in entries for label in entry.labels)


def test_entries_are_short_and_end_like_sentences() -> None:
    for entry in glossary().entries:
        for text in (entry.meaning, entry.computed, entry.limit):
            if text is not None:
                assert text.endswith((".", ")")), entry.id
                assert len(text) < 300, entry.id


def test_what_is_explained_is_escaped() -> None:
    assert linked("<b>") == "&lt;b&gt;"
    assert linked("x & y", "Alpha") == '<a class="term" href="#term-alpha">x &amp; y</a>'
    told = linked_phrases("Alpha: Feldt interval, pairwise covariances.")
    assert [name for name, _ in LINK.findall(told)] == ["feldt", "pairwise"]
    assert TAG.sub("", told) == "Alpha: Feldt interval, pairwise covariances."


def test_only_columns_that_are_explained_have_links_in_their_cells() -> None:
    made = str(as_html(small()))
    assert "#term-place" in made.partition("<tbody")[0]
    assert "term" not in made.partition("<tbody")[2].partition("</table>")[0]
    named = str(as_html(replace(small(), explained=frozenset({"word"}))))
    assert '<a class="term" href="#term-class">none</a>' in named.partition("<tbody")[2]


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"labels": ()}, "explains no label"),
        ({"computed": None}, "says how it is computed"),
        ({"limit": None}, "when not to be trusted"),
        ({"kind": "number"}, "kind"),
    ],
)
def test_an_entry_says_what_it_must(changes: dict[str, Any], match: str) -> None:
    good = {"id": "a", "kind": "statistic", "labels": ("alpha",), "meaning": "M.",
            "computed": "C.", "limit": "L.", "source": "here"}  # fmt: skip
    Entry(**good)
    with pytest.raises(ValidationError, match=match):
        Entry(**{**good, **changes})


@pytest.mark.parametrize(
    ("entries", "match"),
    [
        (({"see": ("b",)},), "there is no entry b"),
        (({"source": "nobody"},), "there is no source nobody"),
        (({}, {}), "twice"),
        (({}, {"id": "b"}), "twice"),
    ],
)
def test_a_glossary_hangs_together(entries: tuple[dict[str, Any], ...], match: str) -> None:
    good = {"id": "a", "kind": "column", "labels": ("alpha",), "meaning": "M.", "source": "here"}
    with pytest.raises(ValidationError, match=match):
        Glossary(sources={"here": "Here."}, entries=tuple(Entry(**{**good, **e}) for e in entries))


def test_the_page_of_the_documentation_is_the_glossary() -> None:
    assert PAGE.read_text(encoding="utf-8") == as_markdown(glossary().entries)


def test_a_notebook_explains_its_words_for_those_who_point_and_those_who_dont(
    full: ValidityReport,
) -> None:
    shown = full._repr_html_()
    alpha = by_words()["Alpha"]
    assert f'<abbr title="{described(alpha)}">Alpha</abbr>'.replace("'", "&#x27;") in shown
    assert f"<em>{source_of(alpha)}</em>".replace("'", "&#x27;").replace("&", "&amp;") in shown or (
        "Cronbach, L. J. (1951)" in shown
    )
    heads = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', shown)
    assert heads
    assert all(head.startswith("<abbr title=") for head in heads)
