from __future__ import annotations

from psychometrics.report.overview import overviews
from tests.report.test_claims import read, row


def texts(*rows: dict) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (part.name, [(answer.mark, answer.subjects) for answer in part.answers])
        for part in overviews(read(*rows))
    ]


def test_every_property_says_what_it_holds_for_and_what_not() -> None:
    found = texts(
        row("internal_consistency", "a", "supported"),
        row("internal_consistency", "b", "not_supported"),
        row("convergent", "a", "undecided", criterion="ave_050"),
    )
    assert found == [
        ("Internal consistency", [("✓", "Training"), ("✗", "Attitudes")]),
        ("Convergent validity", [("?", "Training")]),
    ]


def test_a_subject_whose_criteria_disagree_names_them() -> None:
    found = texts(
        row("internal_consistency", "a", "supported"),
        row("internal_consistency", "a", "undecided", criterion="omega_070"),
        row("internal_consistency", "b", "supported"),
        row("internal_consistency", "b", "supported", criterion="omega_070"),
    )
    assert found[0][1] == [("✓", "Training (alpha) and Attitudes"), ("?", "Training (omega)")]


def test_many_pairs_are_counted() -> None:
    pairs = [row("discriminant", f"a|{other}", "supported") for other in "bcd"]
    assert texts(*pairs)[0][1] == [("✓", "Pairs of scales: 3")]
    assert texts(*pairs[:1])[0][1] == [("✓", "Training and Attitudes")]


def test_nothing_to_claim_has_no_lines() -> None:
    assert overviews([]) == ()
