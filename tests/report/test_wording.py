from __future__ import annotations

import re
from pathlib import Path

import psychometrics.report
from psychometrics.report.wording import (
    CAPTIONS,
    LABELS,
    SENTENCES,
    TABLE_NAMES,
    bdi,
    label,
    listed,
    say,
    say_html,
)

SOURCE = Path(psychometrics.report.__file__).parent
MADE = re.compile(r"\{[a-z_]+[^}]*\}")


def sources() -> str:
    files = [*SOURCE.glob("*.py"), *SOURCE.glob("templates/*")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_every_sentence_that_is_asked_for_is_written() -> None:
    asked = set(re.findall(r'(?:say|say_html)\(\s*"([a-z0-9_.]+)"', sources()))
    assert len(asked) > 60
    assert not asked - set(SENTENCES)


def test_no_sentence_is_written_in_vain() -> None:
    text = sources().replace(SOURCE.joinpath("wording.py").read_text(encoding="utf-8"), "")
    patterns = (
        "heading.", "short.", "pooling.", "name.", "criterion.", "expected.", "withheld.",
        "internal_consistency.", "convergent.", "discriminant.", "structure.", "hypotheses.",
        "subject.", "threshold.", "comparability.", "figure.loadings_by", "figure.intercepts_by",
    )  # fmt: skip
    unused = [
        code for code in SENTENCES if f'"{code}"' not in text and not code.startswith(patterns)
    ]
    assert unused == []


def test_sentences_are_whole() -> None:
    """What is told as a sentence ends like one; only names, heads and cells don't."""
    names = (
        "heading.", "short.", "name.", "pair", "subject.", "alt.answer", "alt.loading_value",
        "figure.", "download", "table.", "expected.", "hypothesis", "known_groups", "title",
        "version", "contents", "skip", "criterion.line", "withheld.fewer", "summary.",
        "simulated.column", "withheld.patterns", "count_of", "used_of", "range",
        "share_interval", "no_gaps", "not_known", "median_quartiles", "withheld.others",
        "claims.more", "claims.all", "provenance", "citation", "licence",
        "alt.no_value", "alt.htmt_missing", "note.comparator", "note.comparator_codes",
        "limits.unavailable",
        "criterion.reference", "overview.", "threshold.", "quality.at_most", "rated.by",
        "papers.about", "compare.points", "compare.no_points", "compare.change", "compare.tests",
        "compare.parameters", "compare.not_done", "compare.unavailable", "compare.refused",
        "items.pair", "alt.effect", "model.ordered", "items.details",
        "differences.one", "site_less_site", "statistic_below", "glossary.",
        "withheld.others", "not_known", "median_quartiles",
    )  # fmt: skip
    wrong = [
        code
        for code, text in SENTENCES.items()
        if not code.startswith(names) and not text.endswith((".", "?"))
    ]
    assert wrong == []


def test_labels_and_names_are_no_empty_words() -> None:
    for texts in (LABELS, CAPTIONS, TABLE_NAMES):
        assert all(text.strip() == text and text for text in texts.values())


def test_what_is_filled_in_is_escaped_for_the_page_alone() -> None:
    assert say("withheld.everywhere", sites="<b>") == "Withheld throughout: <b>."
    assert str(say_html("withheld.everywhere", sites="<b>")) == ("Withheld throughout: &lt;b&gt;.")
    assert str(say_html("withheld.everywhere", sites=bdi("<b>"))) == (
        "Withheld throughout: <bdi>&lt;b&gt;</bdi>."
    )


def test_braces_in_a_name_are_no_place_to_fill() -> None:
    assert str(say_html("withheld.everywhere", sites=bdi("{0.__class__}"))) == (
        "Withheld throughout: <bdi>{0.__class__}</bdi>."
    )


def test_names_are_listed_as_english_does() -> None:
    assert listed([]) == ""
    assert listed(["Ulm"]) == "Ulm"
    assert listed(["Ulm", "Pune"]) == "Ulm and Pune"


def test_an_unknown_word_is_shown_as_it_is() -> None:
    assert label("omega_total") == "Omega total"
    assert label("something_new") == "something_new"
