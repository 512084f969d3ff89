"""What people enter: shown as theirs, and refused where it names what there is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from psychometrics.errors import DocumentError
from psychometrics.validity.judgements import NOBODY, Judgements, read_judgements
from psychometrics.validity.rating_rules import cosmin_rules, papers_rules
from tests.validity.small_instrument import small_instrument

SIGNED = "    by: rater_1\n    date: 2026-11-02\n    reason: Eight interviews.\n"
GOOD = (
    f'cosmin:\n  - property: content_validity\n    rating: "+"\n    scale: a\n{SIGNED}'
    "numbers:\n  - property: reliability\n    index: icc\n    estimate: 0.8\n    n_obs: 40\n"
    f"{SIGNED}"
    f"papers:\n  - criterion: cost\n    score: 4\n{SIGNED}"
)


def read(folder: Path, text: str) -> Judgements:
    path = folder / "judgements.yaml"
    path.write_text(text, encoding="utf-8")
    return read_judgements(path, small_instrument(), cosmin_rules(), papers_rules())


def test_what_is_entered(tmp_path: Path) -> None:
    made = read(tmp_path, GOOD)
    assert made.cosmin[0].by == "rater_1"
    assert made.cosmin[0].date.isoformat() == "2026-11-02"
    assert (made.numbers[0].estimate, made.papers[0].score) == (0.8, 4)
    given = (small_instrument(), cosmin_rules(), papers_rules())
    assert read_judgements(made, *given) == made
    assert read_judgements(None, *given) == NOBODY


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("scale: a", "scale: c", r":4: `scale` is c, which there is not. There are: a, b\."),
        ("property: content_validity", "property: contents_validity", "Did you mean content_val"),
        ("index: icc", "index: idc", r"`index` is idc.* Did you mean icc\?"),
        ("criterion: cost", "criterion: prize", "`criterion` is prize"),
        ("score: 4", "score: 5", "`score` is 5; it must be one of -1, 0, 1, 2, 3, 4"),
        ('rating: "+"', 'rating: "!"', r"`rating` is '!'; it must be one of"),
        ('    rating: "+"\n', "", "give `rating:`, `risk_of_bias:` or both"),
        (
            "date: 2026-11-02",
            "date: yesterday",
            "`date` must be a day such as 2026-03-01, and here it is 'yest",
        ),
        ("    by: rater_1\n", "", "has no `by`. Add it: Who rated: a pseudonym"),
        ("n_obs: 40", "n_obs: many", "`n_obs` must be a whole number"),
    ],
)
def test_faults_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        read(tmp_path, GOOD.replace(old, new, 1))


def test_faults_of_fields_and_of_names_come_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("scale: a", "scale: c").replace("score: 4", "score: 9")
    with pytest.raises(DocumentError, match="2 errors") as raised:
        read(tmp_path, text)
    assert [each.code for each in raised.value.findings] == ["judgement_unknown", "field_choice"]


def test_faults_of_content_are_found_in_python_too(tmp_path: Path) -> None:
    made = read(tmp_path, GOOD)
    other = small_instrument(scales=[
        {"key": "z", "title": "z", "description": "z", "items": ["a1", "a2", "b1", "b2"],
         "min_valid": 4, "measurement": "reflective"}
    ], hypotheses=[], known_groups=[])  # fmt: skip
    with pytest.raises(DocumentError, match="`scale` is a, which there is not"):
        read_judgements(made, other, cosmin_rules(), papers_rules())
