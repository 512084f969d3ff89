"""Texts made to break a checker: findings come back, in time that grows with the text alone."""

from __future__ import annotations

import json
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychometrics.translation.checks import LocaleTexts, Pair, check_pair, check_texts
from psychometrics.translation.checks.letters import LONGEST_TEXT, shown
from psychometrics.translation.checks.pair import Term

SOURCE = "I am calm at work."
LOCALES = ("de_DE", "hi_IN", "he_IL", "sw_TZ", "lg_UG", "en_IN", "xx_XX")
# What makes a careless expression try everything: openings without an end, and long runs.
PATTERNS = {
    "letters": "a",
    "spaces": " ",
    "words": "ab ",
    "same word": "nein nein, ",
    "digits": "1",
    "numbers": "1.",
    "open tags": "<a ",
    "tags without end": "<a href=x",
    "open braces": "{",
    "placeholders": "{a}",
    "percent": "%(",
    "dollars": "${",
    "brackets": "(",
    "visit": "[a_",
    "addresses": "a@",
    "dots": "a.b@c.",
    "links": "https://",
    "apostrophes": "ng'",
    "quotes": '"a',
    "curly": "“a",
    "escapes": "&a",
    "mojibake": "Ã¼â€",
    "joiners": "\u200d",
    "isolates": "\u2066",
    "hebrew": "שלום ",
    "devanagari": "क्षत्रिय ",
    "line breaks": "\n",
    "on handlers": "on",
    "handlers in tags": "<a on",
    "handlers in a tag": "<img onx /onx ",
    "elided": "n' ",
    "sentences": "abc. ",
    "closers": "a“ ",
    "foreign marks": "\u0938\u09be",
    "vowels": "\u0905\u093e",
    "script": "< script",
    "dashes": "1–",
    "halves": "\ud83d",
    "nul": "\0",
    "mixed": "aа",
    "marks": "\u0301\u0316",  # putting them in canonical order would take minutes
}


def seconds(pattern: str, length: int, locale: str) -> float:
    """Return the best of some CPU times; the machine may be busy with other things."""
    text = (pattern * (length // len(pattern) + 1))[:length]
    times = []
    for _ in range(2):
        start = process_time()
        list(check_texts(LocaleTexts(locale, (Pair("item.x", SOURCE, text, locale),))))
        times.append(process_time() - start)
    return min(times)


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_time_grows_with_the_length_of_the_text(pattern: str) -> None:
    short, long = LONGEST_TEXT // 20, LONGEST_TEXT // 2
    for locale in ("de_DE", "he_IL"):
        # Ten times the text takes ten times as long if it is linear, a hundred times if square.
        assert seconds(pattern, long, locale) < 30 * seconds(pattern, short, locale) + 0.02


@pytest.mark.parametrize("locale", LOCALES)
def test_ten_megabytes_are_one_finding(locale: str) -> None:
    text = "<script>" + "ש\u0301\u0316" * 5_000_000
    found = list(check_pair(Pair("item.x", SOURCE, text[:10_000_000], locale)))
    assert [each.code for each in found] == ["text_too_long"]
    assert found[0].text_hash is None


def test_thousands_of_marks_are_one_finding() -> None:
    text = "a" + "\u0301\u0316" * 20_000
    texts = LocaleTexts("de_DE", (Pair("item.x", SOURCE, text, "de_DE", fuzzy=True),))
    found = [each.code for each in check_texts(texts)]
    assert found == ["translation_fuzzy", "too_many_marks"]


def test_what_a_browser_runs_is_an_error_and_is_quoted_harmlessly() -> None:
    for text in (
        "<script>alert(1)</script>",
        "<ScRiPt src=//x>",
        "<img src=x onerror = 'x'>",
        "<a href='javascript:x'>a</a>",
        "<svg/onload=x>",
        "<iframe>",
    ):
        codes = {each.code for each in check_pair(Pair("item.x", SOURCE, text, "de_DE"))}
        assert "markup_unsafe" in codes, text


def test_messages_hold_no_controls_and_no_direction_of_the_text() -> None:
    text = "\x1b[31m \u202e evil \ud800 \u200b {\u202e} “\u202e"
    for each in check_pair(Pair("item.x", SOURCE, text, "de_DE")):
        assert each.message.isprintable(), each
        json.dumps(dict(each.params)).encode("utf-8")


CHARACTERS = st.characters() | st.sampled_from(
    "<>{}[]()%$\"'“”„’ʼ\u200d\u200c\u202e\u2066१5–-.,?। "
)
WORDS = st.text(CHARACTERS, max_size=60)


@given(WORDS, WORDS, st.sampled_from(LOCALES), st.booleans())
def test_any_text_gives_findings_and_never_an_exception(
    source: str, target: str, locale: str, fuzzy: bool
) -> None:
    pairs = (
        Pair("item.x", source, target, locale, fuzzy=fuzzy, previous_source=target),
        Pair("option.a.x", target, source, locale),
    )
    terms = {"calm": Term(("ruhig", source), (target,))}
    for each in check_texts(LocaleTexts(locale, pairs, ("item.x",), terms)):
        assert each.locale == locale
        assert each.message


@given(WORDS)
def test_a_quoted_text_is_short_and_printable(text: str) -> None:
    told = shown(text)
    assert len(told) <= 40 * 10
    assert told.isprintable()


@pytest.mark.parametrize(
    ("locale", "text"),
    [("de_DE", "Die Führung hört zu."), ("hi_IN", "प्रबंधक सुनते हैं।"), ("he_IL", "המנהלים מקשיבים."),
     ("lg_UG", "Mmanyi eŋŋoma."), ("sw_TZ", "Nina ng’ombe.")],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_every_language_read_in_a_wrong_encoding_is_recognised(
    locale: str, text: str, encoding: str
) -> None:
    raw = text.encode()
    # Five bytes have no character in Windows-1252; browsers show controls there.
    wrong = "".join(
        bytes([byte]).decode(encoding, "ignore") or chr(byte)
        for byte in raw
    )  # fmt: skip
    codes = {each.code for each in check_pair(Pair("item.x", SOURCE, wrong, locale))}
    assert "mojibake" in codes
    assert "mojibake" not in {
        each.code for each in check_pair(Pair("item.x", SOURCE, text, locale))
    }


def test_a_lost_letter_read_in_a_wrong_encoding_is_recognised() -> None:
    for text in ("Die Fï¿½hrung hilft.", "Die F\ufffdhrung hilft.", "Die F?hrung hilft."):
        codes = {each.code for each in check_pair(Pair("item.x", SOURCE, text, "de_DE"))}
        assert codes & {"mojibake", "replacement_character"}, text
