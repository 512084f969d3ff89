"""One factor beside each alpha: lavaan's fit, the common variance, reasons."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics import Moments, cfa, reliability, unidimensionality
from tests.reference.load import BFI_SCALES, bfi, load
from tests.validity.small import SCALES, answers, only


def test_fit_is_lavaans_one_factor_fit():
    recorded = load("bfi")["bfi_one_factor_by_scale"]
    table = unidimensionality(bfi(), BFI_SCALES, group="education")
    for group, place in (("total", {"pooling": "total"}), ("3", {"group": "3"})):
        for scale in BFI_SCALES:
            fit = recorded[group][scale]["fit"]
            row = only(table, scale=scale, **place)
            assert row.chi2 == pytest.approx(fit["chisq"], rel=1e-6)
            assert [row.cfi, row.rmsea, row.srmr] == pytest.approx(
                [fit["cfi"], fit["rmsea"], fit["srmr"]], abs=1e-6
            )
            assert row.n_obs == recorded[group][scale]["n_obs"]


def test_alpha_is_that_of_the_complete_rows():
    table = unidimensionality(bfi(), BFI_SCALES)
    alphas = reliability(bfi(), BFI_SCALES, coefficients=["alpha"], missing="listwise")
    assert table.alpha.tolist() == alphas.estimate.tolist()


def test_is_the_models_own_fit():
    row = unidimensionality(answers(), {"S": [*SCALES["calm"], "b1"]}).iloc[0]
    fit = cfa({"S": [*SCALES["calm"], "b1"]}, answers()).fit_indices
    names = ["chi2", "df", "p_value", "cfi", "tli", "rmsea", "srmr"]
    assert row[names].tolist() == pytest.approx(fit[names].tolist(), abs=1e-8)


def test_common_variance_tells_two_factors_where_alpha_does_not():
    one = np.full((6, 6), 0.4) + 0.6 * np.eye(6)
    block = np.kron(np.eye(2), np.full((3, 3), 0.6)) + 0.25 * np.kron(
        1 - np.eye(2), np.ones((3, 3))
    )
    np.fill_diagonal(block, 1.0)
    names = list("abcdef")
    first, second = (
        unidimensionality(Moments(matrix, None, 300, names=names), {"S": names}).iloc[0]
        for matrix in (one, block)
    )
    assert first.alpha == pytest.approx(second.alpha, abs=0.02)
    assert first.ecv == pytest.approx(1.0)
    assert second.ecv < 0.8
    assert first.cfi == pytest.approx(1.0)
    assert second.cfi < 0.9


def test_three_items_are_fitted_exactly():
    row = unidimensionality(answers(), {"S": SCALES["calm"]}).iloc[0]
    assert (row.df, row.chi2) == (0, 0.0)


def test_reasons():
    frame = answers(8)
    table = unidimensionality(frame, SCALES | {"pair": ["a1", "a2"]})
    pair = only(table, scale="pair")
    assert pair.reason.code == "too_few_items"
    assert np.isfinite(pair.alpha)
    few = unidimensionality(answers(5), {"S": SCALES["calm"]}).iloc[0]
    assert few.reason.code == "fewer_people_than_parameters"
    assert few.n_obs == 5
    constant = unidimensionality(frame.assign(a1=1.0), {"S": SCALES["calm"]}).iloc[0]
    assert constant.reason.code == "constant_items"
    assert np.isnan([constant.alpha, constant.ecv]).all()
