"""number_of_factors(): criteria, votes, sentences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import Moments, efa, number_of_factors, parallel_analysis
from psychometrics.errors import DataError
from psychometrics.stats.moments import FloatArray
from psychometrics.validity.number_of_factors import (
    COUNTED,
    CRITERIA,
    NumberOfFactors,
    most_named,
    summary_of,
)
from tests.reference.load import BFI_ITEMS, HS_ITEMS, bfi_keyed, hs, hs_missing, load
from tests.validity.exploratory import coded, pearson_for_polychoric, two_factors

__all__ = ["pearson_for_polychoric"]


@pytest.fixture(scope="module")
def found() -> NumberOfFactors:
    return number_of_factors(hs(), items=list(HS_ITEMS), n_samples=150, rng=1)


def said(found: NumberOfFactors) -> dict[str, float]:
    return dict(zip(found.criteria["criterion"], found.criteria["n_factors"], strict=True))


def test_criteria_of_holzinger_and_swineford(found: NumberOfFactors) -> None:
    assert list(found.criteria["criterion"]) == list(CRITERIA)
    assert said(found) == {
        "parallel_components": 3, "parallel_factors": 3, "map": 2, "empirical_kaiser": 3,
        "comparison_data": 3, "map_fourth": 2, "bic": 3, "rmsea_low": 3,
    }  # fmt: skip
    assert found.criteria.loc[found.criteria["counted"], "criterion"].tolist() == list(COUNTED)
    assert (found.n_factors, found.low, found.high) == (3, 2, 3)
    assert (found.criteria["n_obs"] == 301).all()


def test_progress_is_told_number_by_number() -> None:
    told: list[tuple[int, int]] = []
    number_of_factors(
        hs(), items=list(HS_ITEMS), n_samples=50, rng=1,
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert {total for _, total in told} == {5}


def test_the_summary_says_how_they_disagree(found: NumberOfFactors) -> None:
    assert found.summary == (
        "4 of 5 criteria say 3 factors (parallel analysis of components, parallel analysis of "
        "factors, empirical Kaiser criterion, comparison data). Others say 2 factors: minimum "
        "average partial. Compare the solutions with 2 to 3 factors by what they mean and how "
        "they replicate."
    )
    assert found.summary.code == "criteria_disagree"
    assert found.summary.params["low"] == 2


def test_fits_are_those_of_efa(found: NumberOfFactors) -> None:
    assert found.fits["n_factors"].tolist() == [1, 2, 3, 4]
    third = found.fits.iloc[2]
    solution = efa(hs(), 3, items=list(HS_ITEMS))
    for name in ("chi2", "df", "p_value", "cfi", "rmsea", "srmr", "bic"):
        assert third[name] == pytest.approx(solution.fit_indices[name], rel=1e-9)
    assert found.fits["reason"].iloc[3].code == "heywood_case"
    assert not found.fits["reason"].iloc[2]


def test_the_parallel_analysis_is_its_own(found: NumberOfFactors) -> None:
    alone = parallel_analysis(hs(), items=list(HS_ITEMS), rng=1)
    pd.testing.assert_frame_equal(found.parallel.frame, alone.frame)


def test_text_and_html(found: NumberOfFactors) -> None:
    assert str(found).startswith("Number of factors (Pearson correlations, complete rows), n = 301")
    assert found._repr_html_().count("<table") == 2
    assert "empirical Kaiser criterion" in found._repr_html_()


def test_criteria_agree_on_clear_data() -> None:
    found = number_of_factors(two_factors(600), n_samples=0, n_replicates=100)
    assert found.summary == "All 4 criteria say 2 factors."
    assert (found.low, found.high) == (2, 2)


def test_what_can_t_be_had_says_why() -> None:
    frame = two_factors()
    moments = number_of_factors(Moments(frame.corr(), None, 400), n_replicates=50)
    none = number_of_factors(frame, n_samples=0, n_replicates=50)
    missing = number_of_factors(hs_missing()[list(HS_ITEMS)], correlation="em", n_replicates=50)
    pairs = number_of_factors(hs_missing()[list(HS_ITEMS)], missing="pairwise", n_replicates=50)
    codes = [
        found.criteria.set_index("criterion").loc["comparison_data", "reason"].code
        for found in (moments, none, missing, pairs)
    ]
    assert codes == [
        "needs_answers_of_one_group", "not_asked_for", "needs_answers_of_one_group",
        "needs_complete_answers",
    ]  # fmt: skip
    assert said(missing)["map"] == 3
    bic = missing.criteria.set_index("criterion").loc["bic"]
    assert np.isnan(bic["n_factors"])
    assert bic["reason"].code == "no_likelihood"
    assert moments.summary == "All 4 criteria say 2 factors."


def test_samples_in_which_an_item_doesn_t_vary_are_no_comparison() -> None:
    frame = two_factors(40).assign(h=0.0)
    frame.loc[3, "h"] = 1.0
    found = number_of_factors(frame, n_replicates=20, n_samples=50)
    row = found.criteria.set_index("criterion").loc["comparison_data"]
    assert row["reason"].code == "samples_without_variation"
    assert np.isnan(row["n_factors"])


def test_polychoric_correlations_have_no_likelihood(
    pearson_for_polychoric: list[FloatArray],
) -> None:
    found = number_of_factors(coded(), correlation="polychoric", n_replicates=10)
    assert found.n_factors == 2
    assert np.isnan(said(found)["bic"])
    assert found.fits["srmr"].notna().all()
    assert found.fits["chi2"].isna().all()


def test_unrelated_items_have_no_factor() -> None:
    frame = pd.DataFrame(np.random.default_rng(4).normal(size=(300, 7)))
    found = number_of_factors(frame.rename(columns=str), n_replicates=100, n_samples=0)
    assert said(found)["parallel_components"] == 0
    assert said(found)["map"] == 0
    assert found.n_factors == 0
    assert found.fits["n_factors"].tolist() == [1, 2]


@pytest.mark.slow
def test_the_five_factors_of_bfi_are_in_doubt() -> None:
    found = number_of_factors(bfi_keyed(), items=list(BFI_ITEMS), n_samples=200, rng=1)
    assert said(found)["map"] == 5
    assert said(found)["parallel_components"] == 5
    assert said(found)["parallel_factors"] == 6
    assert found.n_factors == 5
    assert found.high >= 6


def test_adequacy_and_sphericity_are_psych_s(found: NumberOfFactors) -> None:
    recorded = load("items")["hs"]["factorability"]["total"]["all_items"]
    row = found.factorability.iloc[0]
    assert row["kmo"] == pytest.approx(recorded["kmo"], abs=1e-10)
    assert row["bartlett_chi2"] == pytest.approx(recorded["bartlett_chisq"], rel=1e-10)
    assert (row["bartlett_df"], row["n_obs"]) == (36, 301)
    moments = number_of_factors(Moments(two_factors().corr(), None, 400), n_replicates=20)
    assert moments.factorability["reason"].iloc[0].code == "needs_answers_of_one_group"


def test_votes() -> None:
    assert most_named([5, 6, 6], 5) == 6
    assert most_named([5, 6], 6) == 6
    assert most_named([3, 5], 4) == 3
    votes = pd.DataFrame(
        {"criterion": ["map", "empirical_kaiser", "parallel_factors"], "n_factors": [1.0, 1.0, 4.0]}
    )
    assert "2 of 3 criteria say 1 factor (minimum average partial, empirical" in summary_of(
        votes, 1
    )
    assert "4 factors: parallel analysis of factors" in summary_of(votes, 1)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [({"n_samples": -1}, "no number of samples"), ({"percentile": 5}, "between 50 and 100")],
)
def test_bad_options_are_named(options: dict[str, int], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        number_of_factors(two_factors(), **options)  # type: ignore[arg-type]
