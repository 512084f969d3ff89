"""Exploratory analyses with labels, against published and recorded numbers."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics import efa, factor_congruence, number_of_factors, parallel_analysis
from psychometrics.errors import DataError
from tests.reference.load import HS_ITEMS, bfi_keyed, hs

ITEMS = list(HS_ITEMS)


@pytest.mark.parametrize(("n_factors", "chi2", "df"), [(1, 312.264, 27), (2, 130.306, 19)])
def test_fit_of_maximum_likelihood_is_the_published_one(n_factors, chi2, df):
    found = efa(hs()[ITEMS], n_factors, rotation="oblimin")
    assert found.chi2 == pytest.approx(chi2, abs=5e-3)
    assert found.df == df


# So small an epsilon leaves poorer minima beside the lowest, which is what the warning says.
@pytest.mark.filterwarnings("ignore:.*poorer minima:psychometrics.errors.LocalMinimaWarning")
def test_three_factors_are_the_published_ones():
    found = efa(hs()[ITEMS], 3, rotation="geomin", epsilon=0.001)
    assert found.chi2 == pytest.approx(22.897, abs=5e-3)
    assert found.df == 12
    low = found.factor_correlations.to_numpy()[np.tril_indices(3, -1)]
    np.testing.assert_allclose(sorted(np.abs(low)), [0.306, 0.373, 0.432], atol=2e-3)  # Mplus
    assert list(found.loadings.index) == ITEMS


def test_parallel_analysis_of_bfi_finds_what_psych_does():
    frame = bfi_keyed()
    items = [f"{scale}{i}" for scale in "ACENO" for i in range(1, 6)]
    found = parallel_analysis(frame[items].dropna(), rng=1)
    assert found.n_factors == 6


def test_criteria_stand_side_by_side():
    found = number_of_factors(hs()[ITEMS], rng=1)
    assert "3" in str(found)


def test_congruence_between_schools():
    found = factor_congruence(hs()[[*ITEMS, "school"]], 3, group="school", rng=1)
    assert len(found)


@pytest.mark.parametrize("wrong", [0, 9, 2.5])
def test_numbers_of_factors_that_are_none(wrong):
    with pytest.raises(DataError):
        efa(hs()[ITEMS], wrong)
