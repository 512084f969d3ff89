"""The quick communalities of one factor are those of the general search."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.efa import extract
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.one_factor import derivatives, one_factor_communalities
from psychometrics.stats.retention import normal_reference
from tests.reference.load import BFI_ITEMS, HS_ITEMS, array


def general(correlation: FloatArray) -> FloatArray:
    return np.asarray(extract(correlation, 1, "minres").loadings[..., 0] ** 2)


@pytest.mark.parametrize(("data", "items"), [("hs", HS_ITEMS), ("bfi", BFI_ITEMS)])
def test_of_data_they_are_the_same(data: str, items: tuple[str, ...]) -> None:
    rows = array(data, items)
    r = np.corrcoef(rows[~np.isnan(rows).any(axis=1)], rowvar=False)[None]
    np.testing.assert_allclose(one_factor_communalities(r), general(r), atol=1e-8)


@pytest.mark.parametrize(("n", "p"), [(300, 9), (2000, 25)])
def test_of_unrelated_items_they_are_nearly_always_the_same(n: int, p: int) -> None:
    (r,) = normal_reference(n, p, 300, np.random.default_rng(1))
    gap = np.abs(one_factor_communalities(r) - general(r)).max(axis=1)
    assert np.mean(gap < 1e-6) > 0.95


def test_an_improper_factor_is_that_of_the_general_search() -> None:
    r = np.array([[1.0, 0.9, 0.8], [0.9, 1.0, 0.5], [0.8, 0.5, 1.0]])[None]
    assert extract(r, 1, "minres").improper.any()
    np.testing.assert_allclose(one_factor_communalities(r), general(r), atol=1e-12)


def test_derivatives_are_those_of_the_value() -> None:
    rng = np.random.default_rng(1)
    r = np.corrcoef(rng.normal(size=(6, 40)))[None]
    at, step = rng.normal(scale=0.5, size=(1, 6)), 1e-5
    _, slope, bend = derivatives(r, at)
    for item in range(6):
        move = np.zeros((1, 6))
        move[0, item] = step
        up, down = derivatives(r, at + move), derivatives(r, at - move)
        assert slope[0, item] == pytest.approx((up[0] - down[0])[0] / (2 * step), abs=1e-9)
        np.testing.assert_allclose(bend[0, item], (up[1] - down[1])[0] / (2 * step), atol=1e-8)


def test_no_relation_at_all() -> None:
    found = one_factor_communalities(np.eye(5)[None])
    assert np.isfinite(found).all()
