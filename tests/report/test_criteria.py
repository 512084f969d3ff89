from __future__ import annotations

import pytest

from psychometrics.report.criteria import (
    Criteria,
    criterion_words,
    fit_cutoffs,
    passes,
    short_source,
)
from psychometrics.report.source import read_study
from psychometrics.validity.criteria import CRITERIA
from tests.report.study_fixture import FakeStudy


@pytest.mark.parametrize("criterion", CRITERIA.values(), ids=CRITERIA)
def test_every_criterion_can_be_told_with_its_source(criterion: object) -> None:
    sentence = criterion_words(criterion)  # type: ignore[arg-type]
    assert sentence.startswith("Criterion: ")
    assert sentence.endswith(").")
    assert "{" not in sentence
    assert "_" not in sentence


@pytest.mark.parametrize(
    ("reference", "short"),
    [
        ("Kaiser, H. F. (1974). An index of factorial simplicity.", "Kaiser 1974"),
        ("Hu, L., & Bentler, P. M. (1999). Cutoff criteria.", "Hu & Bentler 1999"),
        ("Rönkkö, M., & Cho, E. (2022). An updated guideline.", "Rönkkö & Cho 2022"),
        ("de Vet, H. C. W., Terwee, C. B., & Bouter, L. M. (2006). When.", "de Vet et al. 2006"),
        ("Stated in the definition", "Stated in the definition"),
    ],
)
def test_references_are_cited_by_authors_and_year(reference: str, short: str) -> None:
    assert short_source(reference) == short


def test_fit_indices_have_their_own_cutoffs() -> None:
    cutoffs = fit_cutoffs()
    assert list(cutoffs) == ["cfi", "tli", "rmsea", "srmr"]
    assert passes(cutoffs["cfi"], 0.96) is True
    assert passes(cutoffs["srmr"], 0.09) is False
    assert passes(cutoffs["srmr"], float("nan")) is None


def test_the_page_lists_the_criteria_it_used(study: FakeStudy) -> None:
    found = Criteria.of(read_study(study, 5))
    used = [one.id for one in found.used]
    assert used == [
        "omega_070", "ave_050", "latent_correlation_090", "htmt_085", "cfi_095", "tli_095",
        "rmsea_006", "srmr_008", "hypotheses_075",
    ]  # fmt: skip
    assert found.reliability_line() == (0.7, "0.70 (Prinsen et al. 2018)")


def test_a_criterion_that_is_not_listed_is_told_by_its_threshold(study: FakeStudy) -> None:
    found = Criteria.of(read_study(study, 5))
    sentence = found.told({"criterion": "stated_in_the_definition", "threshold": 0.3})[1]
    assert sentence == "Criterion: 0.30, as the definition states."
    assert found.told({"criterion": None, "threshold": None}) == ("", "")
