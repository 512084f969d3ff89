from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychometrics.stats.heterotrait import heterotrait_monotrait
from psychometrics.stats.moments import FloatArray, correlation_of, pool_within, sum_rows
from tests.reference.load import (
    BFI_REVERSED,
    BFI_SCALES,
    HS_SCALES,
    array,
    labels,
    load,
    values,
)

SCALES = {"hs": HS_SCALES, "bfi": BFI_SCALES}
GROUPS = {
    "hs": ("total", "Pasteur", "Grant-White"),
    "bfi": ("total", "1", "2", "3", "4", "5"),
}
UNITS = [(data, group) for data in SCALES for group in GROUPS[data]]
# semTools computes from lavaan's 15-digit moments.
DIGITS = 1e-9


def items_of(data: str) -> tuple[str, ...]:
    return tuple(item.lstrip("-") for items in SCALES[data].values() for item in items)


def membership_of(data: str) -> FloatArray:
    sizes = [len(items) for items in SCALES[data].values()]
    return np.asarray(np.repeat(np.eye(len(sizes)), sizes, axis=0))


@cache
def complete_rows(data: str, *, keyed: bool = True) -> tuple[FloatArray, FloatArray]:
    rows = array(data, items_of(data), reverse=BFI_REVERSED if keyed else ())
    keep = ~np.isnan(rows).any(axis=1)
    return rows[keep], labels(data, "school" if data == "hs" else "education")[keep]


def correlations(data: str, group: str = "total", *, keyed: bool = True) -> FloatArray:
    rows, names = complete_rows(data, keyed=keyed)
    return np.corrcoef(rows[names == group].T if group != "total" else rows.T)


def random_correlation(seed: int, p: int = 7) -> FloatArray:
    """Return positive correlations, as of items keyed in one direction."""
    rng = np.random.default_rng(seed)
    loadings = rng.uniform(0.4, 0.9, size=p)
    noise = rng.normal(scale=0.05, size=(p, p))
    r = np.outer(loadings, loadings) + (noise + noise.T) / 2
    np.fill_diagonal(r, 1.0)
    return np.clip(r, 0.05, 1.0)


M = np.repeat(np.eye(3), [3, 2, 2], axis=0)


# ---- identities ------------------------------------------------------------------------------


@pytest.mark.parametrize("geometric", [False, True])
@given(st.integers(0, 10_000))
def test_by_the_definition_pair_by_pair(geometric: bool, seed: int) -> None:
    r = random_correlation(seed)
    found = heterotrait_monotrait(r, M, geometric=geometric)

    def mean(pairs: list[float]) -> float:
        return float(np.exp(np.mean(np.log(pairs))) if geometric else np.mean(pairs))

    blocks = [np.flatnonzero(M[:, s]) for s in range(3)]
    for a in range(3):
        for b in range(a):
            hetero = mean([r[i, j] for i in blocks[a] for j in blocks[b]])
            mono = [mean([r[i, j] for i in g for j in g if i < j]) for g in (blocks[a], blocks[b])]
            np.testing.assert_allclose(found[a, b], hetero / np.sqrt(np.prod(mono)), rtol=1e-12)


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.85, 1.0])
def test_tau_equivalent_items_give_the_factor_correlation(phi: float) -> None:
    factor = np.array([[1, phi, 0.2], [phi, 1, 0.4], [0.2, 0.4, 1]])
    r = 0.49 * (M @ factor @ M.T)
    np.fill_diagonal(r, 1.0)
    np.testing.assert_allclose(heterotrait_monotrait(r, M), factor, atol=1e-14)


def test_unequal_loadings_give_the_factor_correlation_to_htmt2_alone() -> None:
    # Congeneric items: HTMT2 is consistent, HTMT is not (Roemer, Schuberth & Henseler, 2021).
    loadings = np.array([0.9, 0.5, 0.4, 0.95, 0.3, 0.8, 0.6])
    factor = np.array([[1, 0.5, 0.2], [0.5, 1, 0.4], [0.2, 0.4, 1]])
    r = np.outer(loadings, loadings) * (M @ factor @ M.T)
    np.fill_diagonal(r, 1.0)
    np.testing.assert_allclose(heterotrait_monotrait(r, M, geometric=True), factor, rtol=1e-12)
    assert abs(heterotrait_monotrait(r, M)[0, 1] - 0.5) > 0.01


@given(st.integers(0, 10_000), st.booleans())
def test_order_of_items_and_scales_changes_nothing(seed: int, geometric: bool) -> None:
    r, rng = random_correlation(seed), np.random.default_rng(seed)
    items, scales = rng.permutation(7), rng.permutation(3)
    straight = heterotrait_monotrait(r, M, geometric=geometric)
    moved = heterotrait_monotrait(
        r[np.ix_(items, items)], M[np.ix_(items, scales)], geometric=geometric
    )
    np.testing.assert_allclose(moved, straight[np.ix_(scales, scales)], rtol=1e-12)


@given(st.integers(0, 10_000))
def test_turning_a_whole_scale_turns_the_signed_ratio(seed: int) -> None:
    r = random_correlation(seed)
    sign = 1 - 2 * M[:, 1]
    turned = heterotrait_monotrait(r * np.outer(sign, sign), M, absolute=False)
    expected = heterotrait_monotrait(r, M) * np.outer([1, -1, 1], [1, -1, 1])
    np.testing.assert_allclose(turned, expected, rtol=1e-12)


@given(st.integers(0, 10_000), st.booleans())
def test_signs_are_ignored_where_absolute(seed: int, geometric: bool) -> None:
    r = random_correlation(seed)
    signs = np.sign(np.random.default_rng(seed).normal(size=7))
    keyed = heterotrait_monotrait(r, M, geometric=geometric)
    unkeyed = heterotrait_monotrait(r * np.outer(signs, signs), M, geometric=geometric)
    np.testing.assert_allclose(keyed, unkeyed, rtol=1e-12)


def test_batches_are_single_ones() -> None:
    batch = np.stack([random_correlation(seed) for seed in range(6)]).reshape(2, 3, 7, 7)
    for geometric in (False, True):
        found = heterotrait_monotrait(batch, M, geometric=geometric)
        for index in np.ndindex(2, 3):
            single = heterotrait_monotrait(batch[index], M, geometric=geometric)
            np.testing.assert_allclose(found[index], single, rtol=1e-13)


def test_the_argument_is_left_as_it_was() -> None:
    r = random_correlation(1)
    kept = r.copy()
    for absolute in (False, True):
        heterotrait_monotrait(r, M, absolute=absolute)
        heterotrait_monotrait(r, M, absolute=absolute, geometric=True)
    np.testing.assert_array_equal(r, kept)


def test_an_item_may_be_of_two_scales() -> None:
    r = random_correlation(2, 4)
    shared = np.array([[1, 0], [1, 1], [0, 1], [0, 1]], dtype=float)
    found = heterotrait_monotrait(r, shared)
    # The item with itself is no pair: five of six are left.
    between = (r[0, 1] + r[0, 2] + r[0, 3] + r[1, 2] + r[1, 3]) / 5
    own = r[0, 1], (r[1, 2] + r[1, 3] + r[2, 3]) / 3
    np.testing.assert_allclose(found[0, 1], between / np.sqrt(np.prod(own)), rtol=1e-12)


# ---- recorded by R ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "options"),
    [
        ("htmt_absolute", {}),
        ("htmt_signed", {"absolute": False}),
        ("htmt2_absolute", {"geometric": True}),
    ],
)
@pytest.mark.parametrize(("data", "group"), UNITS)
def test_against_semtools(data: str, group: str, key: str, options: dict[str, bool]) -> None:
    recorded = values(load("validity")[data]["htmt"][group][key])
    found = heterotrait_monotrait(correlations(data, group), membership_of(data), **options)
    np.testing.assert_allclose(found, recorded, rtol=DIGITS)


@pytest.mark.parametrize(
    ("key", "options"), [("htmt_absolute", {}), ("htmt2_absolute", {"geometric": True})]
)
@pytest.mark.parametrize("data", ["hs", "bfi"])
def test_within_groups_against_semtools(data: str, key: str, options: dict[str, bool]) -> None:
    rows, names = complete_rows(data)
    levels, group = np.unique(names[names != "NA"], return_inverse=True)
    sums = sum_rows(rows[names != "NA"], group, len(levels))
    recorded = load("validity")[data]["htmt_within"][key]
    r = correlation_of(pool_within(sums)[2])
    found = heterotrait_monotrait(r, membership_of(data), **options)
    np.testing.assert_allclose(found, values(recorded), rtol=DIGITS)


@pytest.mark.parametrize(
    ("key", "options"), [("htmt_absolute", {}), ("htmt2_absolute", {"geometric": True})]
)
def test_unkeyed_items_against_semtools(key: str, options: dict[str, bool]) -> None:
    recorded = values(load("validity")["bfi_unkeyed"]["htmt"][key])
    found = heterotrait_monotrait(correlations("bfi", keyed=False), membership_of("bfi"), **options)
    np.testing.assert_allclose(found, recorded, rtol=DIGITS)


def test_unkeyed_items_with_signs_against_semtools() -> None:
    recorded = values(load("validity")["bfi_unkeyed"]["htmt"]["htmt_signed"])
    found = heterotrait_monotrait(
        correlations("bfi", keyed=False), membership_of("bfi"), absolute=False
    )
    # C, E and O have a negative mean correlation of their own as answered. semTools takes the root
    # of the product of two of them, so signs cancel and 1.297 comes out for C and O, with -1 on the
    # diagonal; ours are undefined, since such a scale measures no one thing.
    negative = np.diagonal(recorded) == -1
    assert negative.tolist() == [False, True, True, False, True]
    undefined = negative[:, None] | negative
    assert np.isnan(found[undefined]).all()
    np.testing.assert_allclose(found[~undefined], recorded[~undefined], rtol=DIGITS)


# ---- degenerate ------------------------------------------------------------------------------


@pytest.mark.parametrize("geometric", [False, True])
def test_an_item_without_correlations_spoils_its_own_scale_alone(geometric: bool) -> None:
    r = random_correlation(3)
    r[0], r[:, 0] = np.nan, np.nan
    found = heterotrait_monotrait(r, M, geometric=geometric)
    assert np.isnan(found[0]).all()
    assert np.isnan(found[:, 0]).all()
    expected = heterotrait_monotrait(random_correlation(3), M, geometric=geometric)
    np.testing.assert_allclose(found[1:, 1:], expected[1:, 1:], rtol=1e-13)


def test_one_zero_correlation_makes_one_htmt2_zero() -> None:
    r = random_correlation(4)
    r[0, 3] = r[3, 0] = 0.0
    found = heterotrait_monotrait(r, M, geometric=True)
    assert found[0, 1] == found[1, 0] == 0
    assert np.isfinite(found).all()
    assert found[0, 2] > 0


def test_signed_htmt2_of_a_negative_correlation_is_undefined_for_that_pair() -> None:
    r = random_correlation(5)
    r[0, 3] = r[3, 0] = -0.1
    found = heterotrait_monotrait(r, M, geometric=True, absolute=False)
    assert np.isnan(found[0, 1])
    assert np.isfinite(found[[0, 1], [2, 2]]).all()


@pytest.mark.parametrize("geometric", [False, True])
def test_a_scale_of_unrelated_items_has_no_ratio(geometric: bool) -> None:
    r = random_correlation(6)
    r[3, 4] = r[4, 3] = 0.0
    found = heterotrait_monotrait(r, M, geometric=geometric)
    assert np.isnan(found[1]).all()
    assert np.isfinite(found[[0, 0, 2], [0, 2, 2]]).all()


def test_a_scale_of_one_item_has_no_ratio() -> None:
    member = np.repeat(np.eye(2), [3, 1], axis=0)
    found = heterotrait_monotrait(random_correlation(7, 4), member)
    assert found[0, 0] == 1
    assert np.isnan(found[[0, 1, 1], [1, 0, 1]]).all()


def test_items_of_no_scale_take_no_part() -> None:
    r = random_correlation(8)
    r[6], r[:, 6] = np.nan, np.nan
    member = M[:, :2]
    expected = heterotrait_monotrait(r[:6, :6], member[:6])
    np.testing.assert_allclose(heterotrait_monotrait(r, member), expected, rtol=1e-13)
