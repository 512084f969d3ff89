from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from psychometrics.errors import DataError
from psychometrics.stats import moments as module
from psychometrics.stats.moments import (
    FloatArray,
    Moments,
    Sums,
    correlation_of,
    covariance_of,
    integer_centres,
    pack_products,
    pairwise_moments,
    pool_total,
    pool_within,
    scatter_of,
    sum_rows,
    unpack_sums,
)
from tests.reference.load import (
    BFI_ITEMS,
    BFI_REVERSED,
    HS_ITEMS,
    array,
    labels,
    load,
    values,
)


def bfi_rows() -> FloatArray:
    rows = array("bfi", BFI_ITEMS, reverse=BFI_REVERSED)
    return np.asarray(rows[~np.isnan(rows).any(axis=1)])


def one_group(rows: FloatArray, weights: FloatArray | None = None) -> Sums:
    return sum_rows(rows, np.zeros(len(rows), dtype=np.int64), 1, weights)


coded_rows = hnp.arrays(
    np.float64,
    st.tuples(st.integers(3, 40), st.integers(1, 5)),
    elements=st.integers(-3, 9).map(float),
)


# ---- identities ------------------------------------------------------------------------------


def test_covariance_is_the_textbook_one() -> None:
    rows = array("hs", HS_ITEMS)
    n, mean, covariance = covariance_of(one_group(rows))
    assert n[0] == 301
    np.testing.assert_allclose(mean[0], rows.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(covariance[0], np.cov(rows.T), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", ["hs", "bfi"])
def test_covariance_is_the_one_that_r_used(name: str) -> None:
    rows = array("hs", HS_ITEMS) if name == "hs" else bfi_rows()
    key = "hs_three_factor_means" if name == "hs" else "bfi_five_factor"
    recorded = values(load(name)[key]["sample"]["cov"])  # lavaan's: denominator n
    n, _, covariance = covariance_of(one_group(rows))
    # 15 digits were recorded.
    np.testing.assert_allclose(covariance[0] * (n[0] - 1) / n[0], recorded, rtol=1e-11)


def test_blocks_of_rows_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = bfi_rows()
    group = np.arange(len(rows)) % 3
    whole = sum_rows(rows, group, 3)
    monkeypatch.setattr(module, "BLOCK_ROWS", 100)
    blocked = sum_rows(rows, group, 3)
    # Codes are whole numbers about whole centres: equal to the last bit.
    assert whole.cross.tobytes() == blocked.cross.tobytes()
    assert whole.first.tobytes() == blocked.first.tobytes()


def test_total_is_within_plus_between() -> None:
    rows = array("hs", HS_ITEMS)
    group = (labels("hs", "school") == "Pasteur").astype(np.int64)
    sums = sum_rows(rows, group, 2)
    n, mean, _ = covariance_of(sums)
    spread = mean - rows.mean(axis=0)
    between = np.einsum("g,gi,gj->ij", n, spread, spread)
    total = scatter_of(pool_total(sums))[0]
    np.testing.assert_allclose(scatter_of(sums).sum(axis=0) + between, total, rtol=1e-10)


@pytest.mark.parametrize(
    ("data", "column", "record"),
    [("hs", "school", "hs_within_school"), ("bfi", "education", "bfi_within_education")],
)
def test_within_pooling_is_base_r(data: str, column: str, record: str) -> None:
    items = HS_ITEMS if data == "hs" else BFI_ITEMS
    rows = array(data, items, reverse=BFI_REVERSED)
    names = labels(data, column)
    keep = ~np.isnan(rows).any(axis=1) & (names != "NA")
    levels, group = np.unique(names[keep], return_inverse=True)
    df, n, covariance = pool_within(sum_rows(rows[keep], group, len(levels)))
    recorded = load(data)[record]
    assert n == recorded["n_obs"]
    assert df == recorded["n_obs"] - recorded["n_groups"]
    # 15 digits were recorded; sums of other orders differ in the last three.
    np.testing.assert_allclose(covariance, values(recorded["pooled_within_cov"]), rtol=1e-11)


def test_weights_of_one_are_no_weights() -> None:
    rows = bfi_rows()
    plain, weighted = one_group(rows), one_group(rows, np.ones(len(rows)))
    assert plain.cross.tobytes() == weighted.cross.tobytes()
    assert plain.weight.tobytes() == weighted.weight.tobytes()


def test_whole_weights_are_repeated_rows() -> None:
    rows = bfi_rows()[:200]
    weights = (np.arange(200) % 4).astype(float)
    weighted = covariance_of(one_group(rows, weights))
    repeated = covariance_of(one_group(np.repeat(rows, weights.astype(int), axis=0)))
    for ours, theirs in zip(weighted, repeated, strict=True):
        # The centres may differ by a whole number, so the last bits may.
        np.testing.assert_allclose(ours, theirs, rtol=1e-13)


def test_packed_products_hold_the_same_sums() -> None:
    rows = bfi_rows()[:300]
    centre = integer_centres(rows)
    packed = pack_products(rows, centre).sum(axis=0)[None]
    unpacked, summed = unpack_sums(packed, centre), one_group(rows)
    for name in ("weight", "first", "cross"):
        assert getattr(unpacked, name).tobytes() == getattr(summed, name).tobytes()


def test_pairwise_moments_of_complete_rows_are_the_usual_ones() -> None:
    rows = array("hs", HS_ITEMS)
    n, mean, covariance = pairwise_moments(rows)
    np.testing.assert_array_equal(n, 301)
    np.testing.assert_allclose(mean, rows.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(covariance, np.cov(rows.T), rtol=1e-11, atol=1e-13)


def test_pairwise_moments_use_the_rows_of_each_pair() -> None:
    rows = array("bfi", BFI_ITEMS[:6])
    _, mean, covariance = pairwise_moments(rows)
    for i in range(6):
        np.testing.assert_allclose(mean[i], np.nanmean(rows[:, i]), rtol=1e-13)
        for j in range(i):
            shared = rows[~np.isnan(rows[:, [i, j]]).any(axis=1)][:, [i, j]]
            np.testing.assert_allclose(covariance[i, j], np.cov(shared.T)[0, 1], rtol=1e-10)


def test_pairwise_moments_take_weights() -> None:
    rows = array("bfi", BFI_ITEMS[:4])[:100]
    weights = (np.arange(100) % 3).astype(float)
    weighted = pairwise_moments(rows, weights)
    repeated = pairwise_moments(np.repeat(rows, weights.astype(int), axis=0))
    for ours, theirs in zip(weighted, repeated, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_correlation_of_a_covariance() -> None:
    rows = array("hs", HS_ITEMS)
    ours = correlation_of(np.cov(rows.T))
    np.testing.assert_allclose(ours, np.corrcoef(rows.T), rtol=1e-12)


# ---- the same bytes --------------------------------------------------------------------------


def test_shuffled_rows_give_the_same_bytes() -> None:
    rows = bfi_rows()
    order = np.random.default_rng(5).permutation(len(rows))
    group = np.arange(len(rows)) % 4
    straight = sum_rows(rows, group, 4)
    shuffled = sum_rows(rows[order], group[order], 4)
    for one, other in zip(covariance_of(straight), covariance_of(shuffled), strict=True):
        assert one.tobytes() == other.tobytes()


@given(coded_rows, st.integers(0, 2**32 - 1))
def test_order_of_people_changes_nothing(rows: FloatArray, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(rows))
    straight, shuffled = one_group(rows), one_group(rows[order])
    assert straight.cross.tobytes() == shuffled.cross.tobytes()


@given(coded_rows, st.integers(0, 2**32 - 1))
def test_order_of_items_moves_the_entries(rows: FloatArray, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(rows.shape[1])
    straight, moved = one_group(rows).cross[0], one_group(rows[:, order]).cross[0]
    np.testing.assert_array_equal(straight[np.ix_(order, order)], moved)


@given(coded_rows)
def test_reverse_keying_turns_signs(rows: FloatArray) -> None:
    turned = rows.copy()
    turned[:, 0] = 7 - turned[:, 0]
    sign = np.ones(rows.shape[1])
    sign[0] = -1
    expected = covariance_of(one_group(rows))[2][0] * np.outer(sign, sign)
    np.testing.assert_allclose(covariance_of(one_group(turned))[2][0], expected, atol=1e-12)


@given(coded_rows, st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_units_scale_the_covariance(rows: FloatArray, factor: float, shift: float) -> None:
    other = covariance_of(one_group(rows * factor + shift))[2][0]
    expected = covariance_of(one_group(rows))[2][0] * factor**2
    # A shift of a thousand spreads costs six of the sixteen digits.
    np.testing.assert_allclose(other, expected, rtol=1e-9, atol=1e-9 * max(1.0, factor**2))


# ---- centres ---------------------------------------------------------------------------------


def test_codes_are_centred_on_whole_numbers() -> None:
    assert integer_centres(np.array([[1.0], [2.0], [5.0], [np.nan]])).tolist() == [3.0]


@pytest.mark.parametrize("value", [2.3, 0.1, 100.7, 1e9 + 0.1, -1e-7, 3.0])
def test_constant_decimals_have_no_variance(value: float) -> None:
    rows = np.random.default_rng(1).normal(size=(301, 3))
    rows[:, 1] = value
    _, mean, covariance = covariance_of(one_group(rows))
    assert mean[0, 1] == value
    np.testing.assert_array_equal(covariance[0, 1], 0.0)
    np.testing.assert_array_equal(covariance[0, :, 1], 0.0)


def test_an_item_that_is_constant_in_one_group_has_no_variance_there() -> None:
    rows = np.random.default_rng(2).normal(size=(2000, 2))
    group = np.repeat([0, 1], 1000)
    rows[group == 0, 0] = 0.1
    covariance = covariance_of(sum_rows(rows, group, 2))[2]
    np.testing.assert_array_equal(covariance[0, 0], 0.0)
    np.testing.assert_allclose(covariance[1], np.cov(rows[group == 1].T), rtol=1e-11)


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1.0, 1e6])
def test_small_numbers_far_from_zero_keep_their_digits(scale: float) -> None:
    rows = np.random.default_rng(3).normal(size=(400, 3)) * scale + 0.4999
    covariance = covariance_of(one_group(rows))[2][0]
    # What is left of 16 digits after the offset took its share, and the square of that.
    expected = np.cov((rows - rows[0]).T)
    np.testing.assert_allclose(covariance, expected, rtol=1e-10, atol=1e-10 * scale**2)


def test_an_empty_column_is_centred_on_zero() -> None:
    assert integer_centres(np.full((3, 1), np.nan)).tolist() == [0.0]


# ---- degenerate ------------------------------------------------------------------------------


def test_an_empty_group_is_nan_and_leaves_the_others_alone() -> None:
    rows = bfi_rows()[:50]
    n, mean, covariance = covariance_of(sum_rows(rows, np.zeros(50, dtype=np.int64), 2))
    assert n.tolist() == [50, 0]
    assert np.isnan(mean[1]).all()
    assert np.isnan(covariance[1]).all()
    np.testing.assert_allclose(covariance[0], np.cov(rows.T), rtol=1e-12)


def test_one_person_has_no_covariance() -> None:
    n, mean, covariance = covariance_of(one_group(np.array([[2.0, 5.0]])))
    assert n[0] == 1
    assert mean[0].tolist() == [2.0, 5.0]
    assert np.isnan(covariance[0]).all()


def test_rows_of_no_group_are_left_out() -> None:
    rows = bfi_rows()[:60]
    group = np.arange(60) % 3 - 1
    some = sum_rows(rows, group, 2)
    expected = sum_rows(rows[group >= 0], group[group >= 0], 2, centre=some.centre)
    np.testing.assert_array_equal(some.cross, expected.cross)
    assert some.weight.tolist() == [20, 20]


def test_pooling_within_groups_of_one_person_has_no_degrees_of_freedom() -> None:
    df, n, covariance = pool_within(sum_rows(np.eye(3), np.arange(3), 3))
    assert (df, n) == (0, 3)
    assert np.isnan(covariance).all()


def test_empty_groups_cost_no_degree_of_freedom() -> None:
    rows = bfi_rows()[:30]
    df, _, _ = pool_within(sum_rows(rows, np.arange(30) % 2, 5))
    assert df == 28


def test_a_pair_that_nobody_answered_together_is_nan() -> None:
    rows = np.array([[1.0, np.nan], [2.0, np.nan], [np.nan, 3.0], [np.nan, 5.0]])
    n, mean, covariance = pairwise_moments(rows)
    assert n.tolist() == [[2, 0], [0, 2]]
    assert mean.tolist() == [1.5, 4.0]
    assert np.isnan(covariance[0, 1])
    assert covariance[1, 1] == 2.0


def test_a_constant_variable_has_no_correlation() -> None:
    found = correlation_of(np.array([[1.0, 0.0], [0.0, 0.0]]))
    assert found[0, 0] == 1
    assert np.isnan(found[[0, 1, 1], [1, 0, 1]]).all()


# ---- Moments ---------------------------------------------------------------------------------


class Labelled:
    """A square table with column names, such as a data frame."""

    columns = ("a", 2)

    def __array__(self, dtype: object = None, copy: bool | None = None) -> FloatArray:
        return np.eye(2)


def test_moments_take_the_names_of_a_table() -> None:
    assert Moments(Labelled(), None, 10).names == ("a", "2")


def test_moments_of_several_groups() -> None:
    given_moments = Moments(np.stack([np.eye(3)] * 2), np.zeros((2, 3)), [10, 20])
    assert given_moments.n_variables == 3
    assert given_moments.n.tolist() == [10, 20]


def test_moments_keep_their_own_copy() -> None:
    matrix = np.eye(2)
    kept = Moments(matrix, None, 5)
    matrix[0, 0] = 9
    assert kept.covariance[0, 0] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0, 0.2]], None, 5), "must be square; its shape is (1, 2)"),
        (([[1.0, 0.2], [0.3, 1.0]], None, 5), "must be symmetric; its two triangles differ"),
        (([[1.0, np.inf], [np.inf, 1.0]], None, 5), "infinite values"),
        ((np.eye(2), None, None), "need n, the number of people"),
        ((np.eye(2), None, 0), "n must be one positive number a group; got 0"),
        ((np.eye(2), None, np.nan), "n must be one positive number a group; got nan"),
        ((np.eye(2), None, [3, 4]), "n must be one positive number a group; got [3, 4]"),
        ((np.eye(2), [0.0], 5), "mean has shape (1,), expected (2,)"),
        ((np.eye(2), None, 5, ("a",)), "1 names for 2 variables"),
    ],
)
def test_moments_refuse(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        Moments(*arguments)
