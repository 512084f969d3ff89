"""Schmid-Leiman and omegas against psych, the model they transform, and the edges."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.efa import extract
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.rotation import rotate
from psychometrics.stats.schmid_leiman import (
    SchmidLeiman,
    omega_hierarchical,
    omega_total,
    schmid_leiman,
    second_order_loadings,
)
from tests.reference.load import HS_ITEMS, array, load, values
from tests.stats.aligned import order_like

RECORDED = load("exploration")


def correlation(data: str) -> FloatArray:
    if data == "hs":
        return np.corrcoef(array("hs", HS_ITEMS), rowvar=False)
    return values(RECORDED["correlations"][data])


def solved(key: str) -> tuple[SchmidLeiman, FloatArray]:
    data, m, method = key.split("_")
    r = correlation(data)
    found = extract(r[None], int(m), method)
    rotation = rotate(found.loadings[0], "oblimin")
    made = schmid_leiman(rotation.loadings, rotation.factor_correlations, found.uniquenesses[0])
    return made, r


@pytest.mark.parametrize("key", list(RECORDED["schmid"]))
def test_agrees_with_psych(key: str) -> None:
    recorded = RECORDED["schmid"][key]
    found, r = solved(key)
    table = values(recorded["schmid"])
    m = found.groups.shape[1]
    # psych's searches stop early: the third decimal is the promise.
    np.testing.assert_allclose(found.general, table[:, 0], atol=1e-3)
    order, sign = order_like(found.groups, table[:, 1 : m + 1])
    np.testing.assert_allclose(found.groups[:, order] * sign, table[:, 1 : m + 1], atol=1e-3)
    columns = recorded["schmid"]["columns"]
    for ours, theirs in (
        (found.communalities, "h2"),
        (found.uniquenesses, "u2"),
        (found.general_share, "p2"),
    ):
        np.testing.assert_allclose(ours, table[:, columns.index(theirs)], atol=1.5e-3)
    parts = (found.general, found.groups, found.uniquenesses, r.sum())
    assert omega_hierarchical(*parts) == pytest.approx(recorded["omega_h"], abs=1e-3)
    assert omega_total(*parts) == pytest.approx(recorded["omega_tot"], abs=1e-3)
    limit = omega_hierarchical(*parts) / omega_total(*parts)
    assert limit == pytest.approx(recorded["omega_lim"], abs=1e-3)


def test_thurstone_s_published_omegas() -> None:
    # psych's documentation prints .74 and .93 for Thurstone's nine tests.
    found, r = solved("thurstone_3_minres")
    parts = (found.general, found.groups, found.uniquenesses, r.sum())
    assert omega_hierarchical(*parts) == pytest.approx(0.7360703, abs=1e-4)
    assert omega_total(*parts) == pytest.approx(0.9308254, abs=1e-4)


@pytest.mark.parametrize("key", ["thurstone_3_minres", "hs_3_minres", "thurstone_2_minres"])
def test_it_says_what_the_higher_order_model_says(key: str) -> None:
    data, m, method = key.split("_")
    first = extract(correlation(data)[None], int(m), method)
    rotation = rotate(first.loadings[0], "oblimin")
    found, _ = solved(key)
    second = np.outer(found.second_order, found.second_order)
    np.fill_diagonal(second, 1.0)
    # Three correlations, or one, are reproduced by one factor wholly.
    np.testing.assert_allclose(second, rotation.factor_correlations, atol=1e-7)
    implied = np.outer(found.general, found.general) + found.groups @ found.groups.T
    before = rotation.loadings @ rotation.factor_correlations @ rotation.loadings.T
    np.testing.assert_allclose(implied, before, atol=1e-7)


def test_omegas_divide_by_what_the_model_implies_unless_told() -> None:
    general, groups = np.array([0.6, 0.5, 0.4]), np.array([[0.3], [0.4], [0.2]])
    unique = 1 - general**2 - groups[:, 0] ** 2
    total = 1.5**2 + 0.9**2 + unique.sum()
    assert omega_hierarchical(general, groups, unique) == pytest.approx(1.5**2 / total)
    assert omega_total(general, groups, unique) == pytest.approx((1.5**2 + 0.9**2) / total)
    assert omega_hierarchical(general, groups, unique, 5.0) == pytest.approx(1.5**2 / 5)
    assert omega_total(general, groups, unique, 5.0) == pytest.approx(1 - unique.sum() / 5)


def test_omegas_take_many_solutions_at_once() -> None:
    rng = np.random.default_rng(1)
    general, groups = rng.random((4, 6)), rng.random((4, 6, 2))
    unique = rng.random((4, 6))
    for function in (omega_hierarchical, omega_total):
        together = function(general, groups, unique)
        for at in range(4):
            assert together[at] == pytest.approx(function(general[at], groups[at], unique[at]))


def test_two_factors_get_equal_loadings_with_the_sign_of_their_correlation() -> None:
    loadings, improper = second_order_loadings(np.array([[1.0, -0.49], [-0.49, 1.0]]))
    np.testing.assert_allclose(loadings, [0.7, -0.7])
    assert not improper.any()


def test_one_factor_is_the_general_one() -> None:
    loadings = np.array([[0.7], [0.6], [0.5]])
    found = schmid_leiman(loadings, np.eye(1), 1 - loadings[:, 0] ** 2)
    np.testing.assert_allclose(found.general, loadings[:, 0])
    assert not found.groups.any()
    assert found.explained_common_variance == pytest.approx(1.0)


def test_a_factor_that_is_the_general_one_is_marked() -> None:
    phi = np.array([[1.0, 0.9, 0.9], [0.9, 1.0, 0.5], [0.9, 0.5, 1.0]])
    found = schmid_leiman(np.kron(np.eye(3), np.full((3, 1), 0.7)), phi, np.full(9, 0.51))
    assert found.improper.tolist() == [True, False, False]
    assert np.isfinite(found.groups).all()
