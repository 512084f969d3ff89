"""Tables of all pairs against counting one pair at a time."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.errors import DataError
from psychometrics.stats import pair_tables
from psychometrics.stats.pair_tables import item_pairs, tabulate_pairs, whole_codes


def small(n: int = 200, seed: int = 3):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, [3, 5, 2, 4], size=(n, 4)).astype(float)
    codes[rng.random(codes.shape) < 0.1] = np.nan
    return codes, rng.integers(-1, 2, n), rng.uniform(0.5, 2, n)


def counted(codes, group, weights, g, i, j, k):
    table = np.zeros((k + 1, k + 1))
    for row in np.flatnonzero(group == g):
        a, b = (k if np.isnan(codes[row, c]) else int(codes[row, c]) for c in (i, j))
        table[a, b] += weights[row]
    return table


@pytest.mark.parametrize("weighted", [False, True])
def test_every_table_is_what_counting_gives(weighted):
    codes, group, weights = small()
    whole, n_categories = whole_codes(codes)
    found = tabulate_pairs(whole, n_categories, group, 2, weights if weighted else None)
    used = weights if weighted else np.ones(len(codes))
    for g in range(2):
        for q, (i, j) in enumerate(zip(found.first, found.second, strict=True)):
            expected = counted(codes, group, used, g, i, j, 5)
            np.testing.assert_allclose(found.counts[g, q], expected, rtol=1e-13)
            np.testing.assert_allclose(found.margins[g, i], expected.sum(axis=1), rtol=1e-13)
            np.testing.assert_allclose(found.margins[g, j], expected.sum(axis=0), rtol=1e-13)
    assert found.answered.shape == (2, 6, 5, 5)
    assert n_categories.tolist() == [3, 5, 2, 4]


def test_blocks_of_rows_add_up(monkeypatch):
    codes, group, weights = small()
    whole, n_categories = whole_codes(codes)
    expected = tabulate_pairs(whole, n_categories, group, 2, weights)
    monkeypatch.setattr(pair_tables, "BLOCK_ROWS", 7)
    found = tabulate_pairs(whole, n_categories, group, 2, weights)
    np.testing.assert_allclose(found.counts, expected.counts, rtol=1e-13)


def test_counts_are_exact():
    codes, group, _ = small(1000)
    whole, n_categories = whole_codes(codes)
    found = tabulate_pairs(whole, n_categories, group, 2)
    assert np.array_equal(found.counts, np.round(found.counts))
    assert found.counts.sum() == 6 * (group >= 0).sum()


def test_pairs_are_in_order():
    first, second = item_pairs(4)
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == [
        (0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3),
    ]  # fmt: skip


def test_rows_of_no_group_bring_no_categories():
    whole, n_categories = whole_codes([[0.0], [1.0], [7.0]], np.array([0, 0, -1]))
    assert n_categories.tolist() == [2]
    assert whole.ravel().tolist() == [0, 1, 2]


@pytest.mark.parametrize("codes", [[[0.5]], [[-1.0]]])
def test_codes_that_are_none(codes):
    with pytest.raises(DataError, match="Codes must be 0, 1, 2"):
        whole_codes(codes)


def test_codes_that_are_no_table():
    with pytest.raises(DataError, match="must be a table"):
        whole_codes([0.0, 1.0])
