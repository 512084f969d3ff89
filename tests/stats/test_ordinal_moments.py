"""Statistics of ordinal items and their sampling covariance: against lavaan and simulation."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from psychometrics.errors import DataError
from psychometrics.stats import ordinal_moments as module
from psychometrics.stats.ordinal_layout import lay_out_statistics
from psychometrics.stats.ordinal_moments import OrdinalMoments, ordinal_moments
from tests.stats.ordinal_cases import bfi_case, cases, recorded, rows_of_table

KEYS = tuple(cases())
# Gamma follows the correlations, of which lavaan has seven to eight digits.
RELATIVE = 5e-7


@cache
def fitted(key: str) -> OrdinalMoments:
    case = cases()[key]
    return ordinal_moments(case.values, case.ordered, groups=case.groups, weights=case.weights)


def probes(size: int):
    """Return the vectors that recorded products were made with."""
    k = np.arange(1, size + 1)
    return np.column_stack([np.ones(size), k % 7 - 3, (-1.0) ** k * (k % 5)])


def number_of(name: str) -> tuple[str, ...]:
    """Split lavaan's name of a statistic into variable and number, or two variables."""
    for sign in ("~~", "|t", "~1"):
        if sign in name:
            return tuple(name.split(sign))
    raise ValueError(name)


@pytest.mark.parametrize("key", KEYS)
class TestAgainstLavaan:
    def test_statistics(self, key):
        found = fitted(key).statistics
        # The second step's searches end within 1e-7, a continuous variable's variance counts too.
        np.testing.assert_allclose(found, recorded(key)["statistics"], rtol=0, atol=2e-7)

    def test_people(self, key):
        case = cases()[key]
        if case.weights is None:
            assert fitted(key).n.tolist() == recorded(key)["n_by_group"]
        else:
            # lavaan prints the rows of each group and works with the sums of weights.
            assert fitted(key).n.sum() == pytest.approx(sum(recorded(key)["n_by_group"]))

    def test_diagonal(self, key):
        expected = [group["diagonal"] for group in recorded(key)["gamma"]]
        np.testing.assert_allclose(fitted(key).diagonal(), expected, rtol=RELATIVE)

    def test_whole_or_products(self, key):
        for group, expected in zip(fitted(key).groups, recorded(key)["gamma"], strict=True):
            vectors = probes(group.layout.size)
            if "values" in expected:
                whole = np.array(expected["values"])
                np.testing.assert_allclose(
                    group.full(), whole, rtol=0, atol=RELATIVE * np.abs(whole).max()
                )
                products = whole @ vectors
            else:
                products = np.array(expected["products"])
            np.testing.assert_allclose(
                group.contract(vectors), products, rtol=0, atol=RELATIVE * np.abs(products).max()
            )

    def test_order(self, key):
        layout = fitted(key).layout
        items = recorded(key)["items"]
        names = [number_of(name) for name in recorded(key)["gamma"][0]["names"]]
        t, v = layout.n_thresholds, layout.n_variances
        for at, (variable, number) in enumerate(
            zip(layout.threshold_variable, layout.threshold_number, strict=True)
        ):
            told = "" if number < 0 else str(number + 1)
            assert names[at] == (items[variable], told)
        for at, variable in enumerate(layout.variance_variable):
            assert names[t + at] == (items[variable],) * 2
        for at, pair in enumerate(zip(layout.first, layout.second, strict=True)):
            assert names[t + v + at] == tuple(items[i] for i in pair)


@pytest.mark.parametrize("key", ["bfi_n_pairwise", "bfi_n_weighted", "hs_mixed_pairwise"])
class TestIdentities:
    def test_parts_are_those_of_the_whole(self, key):
        group = fitted(key).groups[0]
        whole = group.full()
        np.testing.assert_allclose(group.diagonal(), np.diag(whole), rtol=1e-10)
        vectors = probes(group.layout.size)
        scale = np.abs(whole).max()
        np.testing.assert_allclose(group.contract(vectors), whole @ vectors, atol=1e-10 * scale)
        assert np.linalg.eigvalsh(whole).min() > 0

    def test_influences_add_up_to_nothing(self, key):
        # The statistics solve their estimating equations.
        group = fitted(key).groups[0]
        total = sum(block.sum(axis=0) for _, block in group.influence())
        assert np.abs(total / group.n).max() < 1e-8

    def test_blocks_make_no_difference(self, key, monkeypatch):
        group = fitted(key).groups[0]
        expected = group.full()
        monkeypatch.setattr(module, "BLOCK_ENTRIES", 1000)
        np.testing.assert_allclose(group.full(), expected, rtol=0, atol=1e-10)


def test_influence_is_what_leaving_somebody_out_changes():
    # Of normal variables: elsewhere sums of products of scores differ from derivatives, on bfi by a
    # fifth, and the influence, lavaan's, is made of the former.
    rng = np.random.default_rng(6)
    x = rng.multivariate_normal(np.zeros(4), 0.5 + 0.5 * np.eye(4), size=20_000)
    ordered = np.array([True, False, True, False])
    x[:, ordered] = np.searchsorted([-0.8, 0.1, 1.2], x[:, ordered])
    x[:300, 0], x[200:500, 1] = np.nan, np.nan
    moments = ordinal_moments(x, ordered).groups[0]
    influence = np.concatenate([block for _, block in moments.influence()])
    for left_out in (0, 250, 450, 3000):
        rest = ordinal_moments(np.delete(x, left_out, axis=0), ordered).groups[0]
        moved = (moments.statistics - rest.statistics) * moments.n
        assert np.linalg.norm(moved - influence[left_out]) < 0.05 * np.linalg.norm(moved)


def test_sampling_covariance_is_that_of_repeated_samples():
    rng = np.random.default_rng(12)
    n_samples, n = 400, 300
    true = np.array([[1, 0.6, 0.3], [0.6, 1, -0.2], [0.3, -0.2, 1]])
    latent = rng.multivariate_normal(np.zeros(3), true, size=n_samples * n)
    codes = np.searchsorted([-0.7, 0.5], latent).astype(float)
    found = ordinal_moments(codes, groups=np.repeat(np.arange(n_samples), n))
    expected = np.cov(found.statistics, rowvar=False) * n
    gamma = np.mean([group.full() for group in found.groups], axis=0)
    # A variance from 400 samples has a standard error of 7 %, the mean of nine one of 4 %.
    scale = np.sqrt(np.outer(np.diag(gamma), np.diag(gamma)))
    assert np.abs((gamma - expected) / scale).max() < 0.22
    assert np.mean(np.diag(expected) / np.diag(gamma)) == pytest.approx(1, abs=0.1)


def test_thresholds_have_the_sampling_variance_of_a_quantile():
    group = fitted("bfi_n_complete").groups[0]
    tau = group.statistics[0]
    share = np.mean(cases()["bfi_n_complete"].values[:, 0] == 0)
    height = np.exp(-tau * tau / 2) / np.sqrt(2 * np.pi)
    assert group.diagonal()[0] == pytest.approx(share * (1 - share) / height**2, rel=1e-10)


def test_groups_are_independent():
    case = bfi_case(by="gender")
    alone = ordinal_moments(case.values[case.groups == 1]).groups[0]
    together = fitted("bfi_n_gender").groups[1]
    np.testing.assert_allclose(together.full(), alone.full(), rtol=0, atol=1e-10)


def test_rows_without_a_value_are_nobody():
    values = bfi_case().values
    more = np.concatenate([values, np.full((10, 5), np.nan)])
    assert ordinal_moments(more).n.tolist() == [len(values)]
    expected = ordinal_moments(values).diagonal()
    np.testing.assert_array_equal(ordinal_moments(more).diagonal(), expected)


def test_layout_of_mixed_variables():
    layout = lay_out_statistics(np.array([False, True, False]), np.array([3]))
    assert layout.threshold_variable.tolist() == [0, 1, 1, 2]
    assert layout.threshold_number.tolist() == [-1, 0, 1, -1]
    assert layout.variance_variable.tolist() == [0, 2]
    assert layout.covariances == slice(6, 9)
    assert layout.place.tolist() == [0, 0, 1]


class TestEdges:
    def test_at_the_boundary_there_is_no_influence(self):
        codes = bfi_case().values[:, [0, 0, 1]]
        found = ordinal_moments(codes)
        diagonal = found.groups[0].diagonal()[found.layout.covariances]
        assert np.isnan(diagonal).tolist() == [True, False, False]
        assert found.correlations.boundary[0, 0, 1]

    def test_a_table_with_half_a_person_added_has_a_variance(self):
        found = ordinal_moments(rows_of_table([[20, 0], [10, 15]]))
        assert np.isfinite(found.diagonal()).all()

    def test_one_item(self):
        found = ordinal_moments([[0.0], [1.0], [2.0], [1.0]])
        assert found.groups[0].full().shape == (2, 2)
        assert found.layout.size == 2

    def test_continuous_variables_alone(self):
        data = np.random.default_rng(0).normal(size=(80, 2))
        found = ordinal_moments(data, [False, False])
        assert found.layout.size == 5
        assert np.isfinite(found.groups[0].full()).all()
        np.testing.assert_allclose(found.statistics[0, :2], -data.mean(axis=0), rtol=1e-12)

    @pytest.mark.parametrize(
        ("values", "options", "message"),
        [
            ([[0.0, 0], [1, 1], [0, 2], [0, 1], [1, 2]], {"groups": np.array([0, 0, 0, 1, 1])},
             "Nobody in group 1 gave answer 0 to item 1"),
            ([[0.0, 0], [0, 1], [0, 1]], {}, "Item 0 has only one category"),
            ([[3.0, 0], [3, 1], [3, 1]], {"ordered": [False, True]}, "does not vary"),
            ([0.0, 1.0], {}, "must be a table"),
        ],
    )  # fmt: skip
    def test_refused(self, values, options, message):
        with pytest.raises(DataError, match=message):
            ordinal_moments(values, **options)
