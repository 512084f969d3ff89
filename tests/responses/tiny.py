"""A small instrument, written out, and what tests of answers to it share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from psychometrics.errors import Finding
from psychometrics.responses import Responses

DEFINITION = """
id: tiny
version: "1.0"
title: Tiny & small
construct: Something small.
citation: Nobody, 2026.
licence: CC0-1.0
provenance: Written for these tests.
source_locale: en
instructions: Answer all.
recall_period: Now.
response_sets:
  - key: agree4
    options:
      - {key: never, code: 1, text: Strongly disagree}
      - {key: rather_not, code: 2, text: Disagree}
      - {key: rather, code: 3, text: Agree}
      - {key: always, code: 4, text: Strongly agree}
    missing:
      - {key: not_applicable, code: -8, text: Does not apply, meaning: not_applicable,
         structural: true}
      - {key: refused, code: -9, text: I would rather not say, meaning: refused}
  - key: yes_no
    options:
      - {key: "no", code: 0, text: "No"}
      - {key: "yes", code: 1, text: "Yes"}
  - key: points
    range: {minimum: 0.0, maximum: 20.0, unit: points}
    missing:
      - {key: not_asked, code: -99, text: Not asked, meaning: not_asked,
         structural: true}
items:
  - {key: calm_1, text: I am calm., concept: Calm., rationale: Core., response_set: agree4}
  - {key: calm_2, text: I rest., concept: Calm., rationale: Core., response_set: agree4,
     renamed_from: [rest_1]}
  - {key: calm_3, text: I worry., concept: Not calm., rationale: Core., response_set: agree4,
     keyed: -1}
  - {key: skill_1, text: Task 1, concept: Skill., rationale: Core., response_set: points}
  - {key: skill_2, text: Task 2, concept: Skill., rationale: Core., response_set: points}
scales:
  - {key: calm, title: Calm, description: More is calmer., items: [calm_1, calm_2, calm_3],
     min_valid: 2, measurement: reflective}
  - {key: skill, title: Skill, description: More is better., items: [skill_1, skill_2],
     score: sum, min_valid: 1, measurement: reflective}
higher_order:
  - {key: whole, title: Whole, description: Both., scales: [calm, skill], measurement: formative}
comparators:
  - {key: health, text: General health, kind: numeric, level: respondent}
  - {key: employed, text: Employed?, kind: binary, level: respondent, response_set: yes_no}
  - {key: colour, text: Favourite colour, kind: nominal, level: respondent}
hypotheses:
  - {key: h1, scale: calm, comparator: health, kind: convergent, direction: positive, minimum: 0.3,
     rationale: Known.}
  - {key: h2, scale: skill, comparator: employed, kind: discriminant, direction: positive,
     maximum: 0.2, rationale: Known.}
known_groups:
  - {key: g1, variable: role, higher: manager, lower: worker, scales: [calm], minimum_d: 0.5,
     rationale: Known.}
sites:
  - {id: ulm, name: Ulm, country: DE, locales: [de_DE], aliases: ["1", "Ulm/Donau"]}
  - {id: pune, name: Pune, country: IN, locales: [hi_IN, en_IN], aliases: ["2"]}
columns: {site: Standort}
"""

ITEMS = ("calm_1", "calm_2", "calm_3", "skill_1", "skill_2")

Read = Callable[..., Responses]


def codes(responses: Responses) -> list[str]:
    return [found.code for found in responses.findings]


def only(findings: Sequence[Finding], code: str) -> Finding:
    (found,) = [one for one in findings if one.code == code]
    return found
