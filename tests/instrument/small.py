"""A small sound definition that the tests of this folder spoil in one place each."""

from __future__ import annotations

from pathlib import Path

SMALL = """\
id: small
version: "1.0"
title: Rest and effort
construct: How rested and how busy a person is.
citation: None.
licence: Public domain.
provenance: Written for a test.
source_locale: en
instructions: How much do you agree?
recall_period: The past week.
columns:
  site: town
response_sets:
  - key: agree3
    options:
      - {key: not_at_all, code: 1, text: Not at all}
      - {key: partly, code: 2, text: Partly}
      - {key: fully, code: 3, text: Fully}
    missing:
      - {key: off, code: 8, text: Does not apply, meaning: not_applicable, structural: true}
      - {key: none_given, code: 9, text: No answer, meaning: refused}
  - key: hours
    range: {minimum: 0, maximum: 24, unit: hours}
    missing:
      - {key: none_given, code: 99, text: No answer, meaning: refused}
  - key: two
    options:
      - {key: day, code: 1, text: Day}
      - {key: night, code: 2, text: Night}
items:
  - key: rest_1
    text: I sleep well.
    concept: Sleep at night.
    rationale: Sleep gives rest.
    response_set: agree3
  - key: rest_2
    text: I feel fresh.
    concept: Fresh means rested, not cold.
    rationale: Freshness shows rest.
    response_set: agree3
  - key: rest_3
    text: I am tired.
    concept: Tired of effort, not bored.
    rationale: Tiredness is the opposite of rest.
    response_set: agree3
    keyed: -1
  - key: busy_1
    text: I have much to do.
    concept: Any kind of work.
    rationale: Tasks make a person busy.
    response_set: agree3
    renamed_from: [work_1]
  - key: busy_2
    text: My days are full.
    concept: Full of things to do.
    rationale: A full day is a busy one.
    response_set: agree3
  - key: busy_3
    text: I hurry.
    concept: In whatever one does.
    rationale: Hurry shows lack of time.
    response_set: agree3
scales:
  - key: rest
    title: Rest
    description: High is rested.
    items: [rest_1, rest_2, rest_3]
    min_valid: 2
    measurement: reflective
  - key: busy
    title: Busy
    description: High is busy.
    items: [busy_1, busy_2, busy_3]
    min_valid: 2
    measurement: reflective
distinct_pairs:
  - {a: rest, b: busy, rationale: One can be busy and rested.}
comparators:
  - {key: sleep, text: Hours of sleep, kind: numeric, level: respondent, response_set: hours}
  - {key: shift, text: Usual shift, kind: binary, level: respondent, response_set: two}
  - {key: colour, text: Favourite colour, kind: nominal, level: respondent}
  - {key: rain, text: Rain in the town, kind: numeric, level: site}
hypotheses:
  - key: rest_sleep
    scale: rest
    comparator: sleep
    kind: convergent
    direction: positive
    minimum: 0.3
    rationale: Sleep gives rest.
  - key: busy_shift
    scale: busy
    comparator: shift
    kind: discriminant
    direction: none
    maximum: 0.2
    rationale: Work is done in both shifts.
known_groups:
  - key: by_shift
    variable: shift
    higher: 1
    lower: 2
    scales: [rest]
    minimum_d: 0.2
    rationale: Nights are for sleep.
sites:
  - {id: ulm, name: Ulm, country: DE, locales: [de_DE], aliases: ["1"]}
  - {id: pune, name: Pune, country: IN, locales: [hi_IN, en_IN], aliases: ["2"],
     facts: {rain: much}}
retired_keys: [nap_1]
"""


def spoiled(old: str, new: str) -> str:
    """Return the small definition with its only occurrence of a text replaced."""
    if SMALL.count(old) != 1:
        raise ValueError(f"{old!r} is in the small definition {SMALL.count(old)} times")
    return SMALL.replace(old, new)


def written(folder: Path, text: str, name: str = "small.yaml") -> Path:
    """Write a definition and return its path."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def line_of(text: str, marker: str) -> int:
    """Return the number of the line on which a text first starts."""
    return text.count("\n", 0, text.index(marker)) + 1
