"""What a cell says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from psychometrics.instrument import Instrument
from psychometrics.responses.cells import (
    distinct,
    is_blank,
    parse_number,
    shown,
    shown_counts,
    shown_names,
    shown_rows,
    texts,
)
from psychometrics.responses.decode import answer_key, decode
from psychometrics.responses.table import Column, Spot
from tests.responses.tiny import Read, codes, only


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3.0), ("3,0", 3.0), (" -3.50 ", -3.5), ("+4", 4.0), (".5", 0.5), ("1e-1", 0.1),
        ("\u22123", -3.0), ("३", 3.0), ("٤", 4.0), ("1e999", math.inf), ("3,", None), ("3.", None),
        ("1,234.5", None), ("1_000", None), ("0x10", None), ("nan", None), ("inf", None),
        ("", None), (".", None), ("=1+1", None), ("1 2", None),
    ],
)  # fmt: skip
def test_parse_number(text: str, number: float | None) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["", "  ", "NA", "n/a", "#N/A", "NaN", "NULL", ".", "-", "\u2013"])
def test_blank(text: str) -> None:
    assert is_blank(text)


def test_nothing_else_is_blank() -> None:
    assert not any(map(is_blank, ("0", "--", "?", "no", "nana", "x")))


def test_distinct_values_and_texts() -> None:
    index, found = distinct(np.array(["b", None, "a", "b"], dtype=object))
    assert index.tolist() == [0, -1, 1, 0]
    assert found.tolist() == ["b", "a"]
    assert texts(np.array([1.0, np.nan, 2.5])).tolist() == ["1", None, "2.5"]
    assert texts(np.array([1, 2]), {1.0: "one"}).tolist() == ["one", "2"]


def test_quoting() -> None:
    assert shown("a\u202eb\n") == r"'a\u202eb\n'"
    assert shown(float("inf")) == "inf"
    assert shown("it's {braces}") == '"it\'s {braces}"'
    assert shown_counts(["b", "a", "c"], [1, 1, 3]) == "'c' x3, 'a' x1, 'b' x1"
    assert shown_counts(range(7), [1] * 7).endswith("4 x1, … (+2)")
    assert shown_rows(tuple(range(1, 13))) == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, … (+2)"
    assert (shown_names([]), shown_names(["a", "b"], 1)) == ("-", "'a', … (+1)")


# Answers


@pytest.mark.parametrize(
    ("cell", "code", "status"),
    [
        ("3", 3, "answered"), ("3,0", 3, "answered"), ("3.0", 3, "answered"),
        ("rather", 3, "answered"), ("Agree", 3, "answered"), ("  aGREE ", 3, "answered"),
        ("Strongly  agree", 4, "answered"), ("", None, "blank"), ("NA", None, "blank"),
        ("-8", None, "not_applicable"), ("Does not apply", None, "not_applicable"),
        ("refused", None, "refused"), ("-9.0", None, "refused"), ("5", None, "impossible"),
        ("2.5", None, "impossible"), ("1e999", None, "impossible"), ("agre", None, "impossible"),
    ],
)  # fmt: skip
def test_one_cell(cell: str, code: float | None, status: str, read: Read) -> None:
    responses = read(f'site;calm_1\nulm;"{cell}"\n')
    value = responses.frame["calm_1"][0]
    assert (None if np.isnan(value) else value) == code
    assert responses.answer_status["calm_1"][0] == status
    faulty = {"impossible_code", "unknown_text"} & set(codes(responses))
    assert bool(faulty) == (status == "impossible")


def test_a_text_of_two_answers_is_neither(tiny: Instrument) -> None:
    agree = tiny.response_sets["agree4"]
    options = [one.model_copy(update={"text": "Same"}) for one in agree.options[:2]]
    twins = agree.model_copy(update={"options": (*options, *agree.options[2:])})
    other = tiny.model_copy(update={"response_sets": {**tiny.response_sets, "agree4": twins}})
    key = answer_key(twins, other, [])

    decoded = decode(Column("q", np.array(["same", "never"], dtype=object)), key, Spot("q", "w", 0))

    assert decoded.status.tolist() == ["impossible", "answered"]


def test_texts_of_a_translation_are_understood(
    tiny: Instrument, monkeypatch: pytest.MonkeyPatch, read: Read
) -> None:
    def translated(self: Instrument, key: str, locale: str | None = None) -> str:
        return {"option.agree4.rather": "Stimme zu"}.get(key, "?") if locale else key

    monkeypatch.setattr(Instrument, "text", translated)
    responses = read("site,calm_1\nulm,stimme ZU\n")
    assert responses.frame["calm_1"].tolist() == [3.0]


def test_missing_code_inside_a_range_is_missing(tiny: Instrument) -> None:
    points = tiny.response_sets["points"]
    zero = points.missing[0].model_copy(update={"code": 0})
    key = answer_key(points.model_copy(update={"missing": (zero,)}), tiny, [])
    decoded = decode(Column("q", np.array([0.0, 0.5, 21.0])), key, Spot("q", "w", 0))
    assert decoded.status.tolist() == ["not_asked", "answered", "impossible"]


def test_comparators(read: Read) -> None:
    responses = read(
        """
        site;calm_1;health;employed;colour
        ulm;1;3,5;Yes;NA
        ulm;2;inf;no; deep  blue
        pune;2;much;2;7
        """
    )
    frame = responses.frame
    np.testing.assert_array_equal(frame["health"], [3.5, np.nan, np.nan])
    np.testing.assert_array_equal(frame["employed"], [1, 0, np.nan])
    assert frame["colour"].tolist() == [None, "deep blue", "7"]
    assert only(responses.findings, "impossible_code").params["name"] == "employed"
    assert only(responses.findings, "unknown_text").params["values"] == "'inf' x1, 'much' x1"
