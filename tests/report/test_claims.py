from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from psychometrics.plots import Labels
from psychometrics.report.claims import (
    Claim,
    group_claims,
    headline,
    read_claims,
    subject_name,
)

LABELS = Labels(scales={"a": "Training", "b": "Attitudes"})


def row(name: str, subject: str, verdict: str, **more: Any) -> dict[str, Any]:
    base = {
        "property": name, "subject": subject, "pooling": "within", "verdict": verdict,
        "estimate": 0.8, "low": 0.75, "high": 0.85, "threshold": 0.7, "criterion": "alpha_070",
        "n_obs": 200, "sites_supported": 3, "sites_not_supported": 0, "sites_undecided": 1,
        "sites_unavailable": 1, "reason": "", "note": "",
    }  # fmt: skip
    return base | more


def told(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row["criterion"]).split("_")[0], f"Criterion: {row['criterion']}."


def read(*rows: dict[str, Any]) -> list[Claim]:
    return read_claims(pd.DataFrame(rows), LABELS, told)


def test_every_criterion_of_a_subject_is_a_claim() -> None:
    found = read(
        row("internal_consistency", "a", "supported"),
        row("internal_consistency", "a", "undecided", criterion="omega_070"),
    )
    assert [claim.statistic for claim in found] == ["alpha", "omega"]


def test_the_row_within_sites_is_the_headline() -> None:
    found = read(
        row("internal_consistency", "a", "supported", pooling="total", estimate=0.9),
        row("internal_consistency", "a", "undecided", pooling="within", estimate=0.7),
    )
    assert [(claim.pooling, claim.verdict) for claim in found] == [("within", "undecided")]


def test_without_a_row_within_sites_the_line_says_how_it_is_pooled() -> None:
    assert read(row("structure", "a", "supported", pooling="total"))[0].pooling == "total"


def test_properties_come_in_the_order_in_which_they_build_on_each_other() -> None:
    found = read(
        row("hypotheses", "", "supported"),
        row("discriminant", "a|b", "supported"),
        row("internal_consistency", "a", "supported"),
        row("structure", "correlated_factors", "supported"),
    )
    names = ["internal_consistency", "structure", "discriminant", "hypotheses"]
    assert [claim.property for claim in found] == names


def test_groups_are_by_verdict_and_lines_by_subject() -> None:
    groups = group_claims(
        read(
            row("internal_consistency", "a", "supported"),
            row("internal_consistency", "a", "supported", criterion="omega_070"),
            row("internal_consistency", "b", "not_supported"),
            row("discriminant", "a|b", "unavailable", reason="No solution."),
        )
    )
    assert [(group.verdict, group.size) for group in groups] == [
        ("supported", 2), ("not_supported", 1), ("undecided", 0), ("unavailable", 1),
    ]  # fmt: skip
    (line,) = groups[0].properties[0].lines
    assert [claim.statistic for claim in line.claims] == ["alpha", "omega"]
    assert groups[3].properties[0].lines[0].reasons == ("No solution.",)
    assert groups[0].properties[0].sentence == "The items of these scales agree with one another."


def test_the_closest_pairs_come_first() -> None:
    groups = group_claims(
        read(
            row("discriminant", "a|b", "supported", estimate=0.3),
            row("discriminant", "b|a", "supported", estimate=-0.6),
        )
    )
    lines = groups[0].properties[0].lines
    assert [line.subject for line in lines] == ["Attitudes and Training", "Training and Attitudes"]


def test_a_note_that_all_share_is_told_once() -> None:
    shared = "This rests on all rows together."
    groups = group_claims(
        read(
            row("convergent", "a", "supported", note=shared),
            row("convergent", "b", "supported", note=shared),
        )
    )
    part = groups[0].properties[0]
    assert part.notes == (shared,)
    assert [line.notes for line in part.lines] == [(), ()]


def test_a_note_of_its_own_stays_with_its_line() -> None:
    groups = group_claims(
        read(
            row("structure", "a", "supported", note="CFI 0.96."),
            row("structure", "b", "supported", note="CFI 0.97."),
        )
    )
    part = groups[0].properties[0]
    assert part.notes == ()
    assert [line.notes for line in part.lines] == [("CFI 0.96.",), ("CFI 0.97.",)]


def test_sites_are_told_as_marks_and_in_words() -> None:
    sites = read(row("convergent", "a", "supported"))[0].sites
    assert sites is not None
    assert "".join(mark for _, mark in sites.marks) == "✓✓✓?–"
    assert sites.sentence.startswith("Sites: 3 meet the criterion, 0 don’t, 1 can’t")


def test_without_counts_there_are_no_marks() -> None:
    gone = dict.fromkeys(
        [f"sites_{key}" for key in ("supported", "not_supported", "undecided", "unavailable")],
        float("nan"),
    )
    assert read(row("convergent", "a", "supported", **gone))[0].sites is None
    assert read(row("convergent", "a", "supported", **dict.fromkeys(gone, 0)))[0].sites is None


def test_fit_indices_have_three_decimals() -> None:
    found = read(row("structure", "a", "supported", estimate=0.0751, low=None, high=None))
    assert found[0].value == "0.075"


@pytest.mark.parametrize(
    ("subject", "kind", "name"),
    [
        ("a", "convergent", "Training"),
        ("a|new", "discriminant", "Training and new"),
        ("", "hypotheses", "Hypotheses stated beforehand"),
        ("", "structure", "All items together"),
        ("higher_order", "structure", "Higher-order factor"),
    ],
)
def test_subjects_are_named_as_readers_know_them(subject: str, kind: str, name: str) -> None:
    assert subject_name(subject, kind, LABELS) == name


def test_the_headline_counts_the_verdicts() -> None:
    found = read(row("convergent", "a", "supported"), row("convergent", "b", "undecided"))
    assert headline(found).startswith("Claims: 2. Supported: 1; not supported: 0; can’t be decided")
    assert headline([]).startswith("There is nothing to claim")
