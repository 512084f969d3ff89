"""Cut-offs, verdicts by interval, and the page that documents them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from psychometrics.validity.criteria import (
    CRITERIA,
    FIT_CRITERIA,
    rate_structure_sample,
    size_limits,
    verdict,
)

PAGE = Path(__file__).parents[2] / "docs" / "criteria.md"


@pytest.mark.parametrize(
    ("name", "low", "high", "expected"),
    [
        ("alpha_070", 0.70, 0.80, "supported"),
        ("alpha_070", 0.69, 0.80, "undecided"),
        ("alpha_070", 0.50, 0.70, "undecided"),
        ("alpha_070", 0.50, 0.69, "not_supported"),
        ("htmt_085", 0.40, 0.849, "supported"),
        ("htmt_085", 0.40, 0.85, "undecided"),
        ("htmt_085", 0.85, 0.99, "not_supported"),
        ("cfi_095", 0.95, 0.95, "not_supported"),
        ("cfi_095", 0.951, 0.951, "supported"),
        ("alpha_070", math.nan, 0.80, "unavailable"),
        ("alpha_070", 0.80, math.nan, "unavailable"),
    ],
)
def test_verdict(name: str, low: float, high: float, expected: str) -> None:
    assert verdict(low, high, CRITERIA[name]) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.2, 0.5, (0.2, 0.5)), (-0.5, -0.2, (0.2, 0.5)), (-0.6, 0.1, (0.0, 0.6)), (0, 1, (0, 1))],
)
def test_size(low: float, high: float, expected: tuple[float, float]) -> None:
    assert size_limits(low, high) == expected


@pytest.mark.parametrize(
    ("n_obs", "n_items", "expected"),
    [
        (175, 25, "very_good"), (174, 25, "adequate"), (125, 25, "adequate"),
        (124, 25, "inadequate"), (99, 10, "adequate"), (60, 10, "adequate"),
        (59, 10, "doubtful"), (50, 10, "doubtful"), (49, 10, "inadequate"),
    ],
)  # fmt: skip
def test_sample_of_a_factor_analysis(n_obs: int, n_items: int, expected: str) -> None:
    assert rate_structure_sample(n_obs, n_items) == expected


def test_every_criterion_has_a_source_and_its_id_names_its_cutoff() -> None:
    for name, one in CRITERIA.items():
        assert one.id == name
        assert f"{one.threshold:.2f}".replace(".", "") in name
        assert "doi:" in one.source
        assert one.note.endswith(".")
    assert set(FIT_CRITERIA) <= set(CRITERIA)


@pytest.mark.parametrize("name", CRITERIA)
def test_the_page_says_what_the_code_does(name: str) -> None:
    one = CRITERIA[name]
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if f"`{name}`" in line]
    assert len(lines) == 1
    cells = [cell.strip() for cell in lines[0].strip("|").split("|")]
    assert cells[1] == f"`{one.statistic}`"
    assert cells[2] == f"{one.direction.replace('_', ' ')} {one.threshold:.2f}"
    assert one.source.rsplit("doi:", 1)[1] in PAGE.read_text(encoding="utf-8")
