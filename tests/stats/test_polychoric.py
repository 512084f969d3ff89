"""Polychoric correlations: against R, against quadrature, and what must hold for any table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from psychometrics.errors import DataError
from psychometrics.stats import pair_solver
from psychometrics.stats.pair_likelihood import Tables, log_likelihood, slopes
from psychometrics.stats.pair_likelihood import inner_distribution as inner
from psychometrics.stats.pair_solver import BOUNDARY, first_guess, solve_tables
from psychometrics.stats.polychoric import fill_two_by_two, polychoric_correlations
from tests.reference.load import BFI_ITEMS, load, values
from tests.stats import quadrature
from tests.stats.ordinal_cases import answers, bfi_case, cases, datcat_case, rows_of_table

CORRELATIONS = {
    "bfi_n_complete": lambda: bfi_case().values,
    "bfi_complete": lambda: bfi_case(BFI_ITEMS).values,
    "bfi_24_complete": lambda: bfi_case(BFI_ITEMS[:-1]).values,
    "datcat": lambda: datcat_case().values,
    "bfi_binary": lambda: cases()["bfi_binary"].values,
    "hs_cut": lambda: cases()["hs_cut"].values,
}
TABLES = load("ordinal")["tables"]


def correlation(counts, **options) -> float:
    return float(polychoric_correlations(rows_of_table(counts), **options).correlation[0, 1])


def finite(row):
    return row[np.isfinite(row)]


class TestAgainstR:
    @pytest.mark.parametrize("name", CORRELATIONS)
    def test_lavaan(self, name):
        recorded = load("ordinal")["correlations"][name]
        found = polychoric_correlations(CORRELATIONS[name]())
        # lavaan's search ends where the likelihood has become flat to eight digits.
        np.testing.assert_allclose(found.correlation, values(recorded["lavaan"]), atol=1e-7)
        thresholds = np.concatenate([finite(row) for row in found.thresholds])
        np.testing.assert_allclose(thresholds, list(recorded["thresholds"].values()), atol=1e-12)
        assert found.converged.all()
        assert not found.boundary.any()

    @pytest.mark.parametrize("name", CORRELATIONS)
    def test_psych(self, name):
        recorded = values(load("ordinal")["correlations"][name]["psych"])
        # psych minimises over one number with R's default tolerance.
        found = polychoric_correlations(CORRELATIONS[name]()).correlation
        np.testing.assert_allclose(found, recorded, atol=4e-5)

    @pytest.mark.parametrize("name", TABLES)
    def test_tables(self, name):
        recorded = TABLES[name]
        found = correlation(recorded["counts"])
        if "predicted" in name:
            # lavaan sets 1 or -1; so far out there is no maximum.
            assert found == np.sign(recorded["lavaan"]) * BOUNDARY
        else:
            assert found == pytest.approx(recorded["lavaan"], abs=3e-7)

    @pytest.mark.parametrize("name", TABLES)
    def test_psych_takes_empty_cells_as_they_are(self, name):
        recorded = TABLES[name]
        found = correlation(recorded["counts"], empty_cells="keep")
        if abs(found) == BOUNDARY:
            # psych stops on its way to 1.
            assert abs(recorded["psych_uncorrected"]) > 0.996
        else:
            assert found == pytest.approx(recorded["psych_uncorrected"], abs=3e-5)

    def test_lavaan_by_group_with_missing_answers(self):
        case = cases()["bfi_n_education_pairwise"]
        found = polychoric_correlations(case.values, groups=case.groups)
        for g, matrix in enumerate(
            load("ordinal")["moments"]["bfi_n_education_pairwise"]["covariance"]
        ):
            np.testing.assert_allclose(found.correlation[g], values(matrix), atol=1e-7)
        assert found.correlation.shape == (5, 5, 5)
        assert found.thresholds.shape == (5, 5, 5)
        seen = ~np.isnan(case.values[case.groups == 2])
        np.testing.assert_array_equal(found.n_obs[2], seen.T.astype(int) @ seen.astype(int))

    def test_weights(self):
        case = cases()["bfi_n_weighted"]
        found = polychoric_correlations(case.values, weights=case.weights)
        recorded = load("ordinal")["moments"]["bfi_n_weighted"]["covariance"][0]
        np.testing.assert_allclose(found.correlation, values(recorded), atol=1e-7)


def random_table(trial: int):
    """Return a table of a random shape, size and correlation; some hold a careless answer."""
    rng = np.random.default_rng(trial)
    shape = rng.integers(2, 8, 2)
    n, r = int(rng.choice([30, 100, 400, 2000])), rng.uniform(-0.97, 0.97)
    x = rng.normal(size=(n, 2))
    x[:, 1] = r * x[:, 0] + np.sqrt(1 - r * r) * x[:, 1]
    if trial % 5 == 0:
        x[0] = (-3, 3) if r > 0 else (3, 3)
    cuts = [np.sort(rng.normal(size=k - 1) * 1.2) for k in shape]
    cut = [np.searchsorted(own, column) for own, column in zip(cuts, x.T, strict=True)]
    codes = np.column_stack([np.unique(column, return_inverse=True)[1] for column in cut])
    # An item that came out constant is drawn again.
    return random_table(trial + 1000) if codes.max(axis=0).min() < 1 else codes.astype(float)


class TestMaximum:
    @pytest.mark.parametrize("trial", range(40))
    def test_the_score_by_quadrature_is_zero_there(self, trial):
        codes = random_table(trial)
        found = polychoric_correlations(codes, empty_cells="keep")
        h, k = finite(found.thresholds[0]), finite(found.thresholds[1])
        counts = np.zeros((len(h) + 1, len(k) + 1))
        np.add.at(counts, tuple(codes.T.astype(int)), 1)
        r = float(found.correlation[0, 1])
        if found.boundary[0, 1]:
            assert np.sign(r) * quadrature.score(r, counts, h, k) >= 0
            return
        width = min(0.02, (1 - abs(r)) / 2)
        root = optimize.brentq(quadrature.score, r - width, r + width, (counts, h, k), xtol=1e-13)
        assert r == pytest.approx(root, abs=1e-9)
        assert found.n_steps < 25

    @pytest.mark.parametrize("pair", [(0, 1), (3, 7), (12, 20)])
    def test_bounded_search_of_the_likelihood(self, pair):
        codes = bfi_case(BFI_ITEMS).values[:, pair]
        found = polychoric_correlations(codes)
        h, k = found.thresholds
        counts = np.zeros((6, 6))
        np.add.at(counts, tuple(codes.T.astype(int)), 1)
        best = optimize.minimize_scalar(
            lambda r: -quadrature.log_likelihood(r, counts, h, k),
            bounds=(-0.99, 0.99), method="bounded", options={"xatol": 1e-11},
        )  # fmt: skip
        # A search by values alone sees only the root of a float's precision.
        assert found.correlation[0, 1] == pytest.approx(best.x, abs=5e-8)

    def test_a_careless_answer_of_tiny_probability_counts(self):
        # Had its probability been floored, as is common, it would have no pull.
        counts = np.zeros((5, 5))
        counts[np.arange(5), np.arange(5)] = 60
        counts[np.arange(4), np.arange(1, 5)] = counts[np.arange(1, 5), np.arange(4)] = 3
        clean = correlation(counts.astype(int))
        counts[0, 4] = 1
        careless = correlation(counts.astype(int))
        found = polychoric_correlations(rows_of_table(counts.astype(int)))
        h, k = found.thresholds
        root = optimize.brentq(quadrature.score, 0.5, 0.98, (counts, h, k), xtol=1e-13)
        assert careless == pytest.approx(root, abs=1e-9)
        assert careless < clean - 0.02

    def test_of_two_maxima_the_higher_is_found(self):
        # Both items answered at the ends: two hills, of which the one downward is higher.
        counts = np.array([[30.0, 2, 40], [1, 1, 2], [40, 1, 30]])
        thresholds = special.ndtri([[0.35, 0.65]])
        tables = Tables(counts[None], thresholds, thresholds)
        grid = np.linspace(-0.99, 0.99, 1999)
        heights = [float(log_likelihood(tables, np.array([r]))[0]) for r in grid]
        found = solve_tables(tables)
        assert float(found.correlation[0]) == pytest.approx(grid[np.argmax(heights)], abs=2e-3)

    def test_few_steps_suffice(self):
        assert polychoric_correlations(bfi_case(BFI_ITEMS).values).n_steps <= 4

    def test_the_first_guess_is_near(self):
        found = polychoric_correlations(bfi_case(BFI_ITEMS).values)
        counts = np.zeros((1, 6, 6))
        codes = bfi_case(BFI_ITEMS).values[:, :2].astype(int)
        np.add.at(counts[0], tuple(codes.T), 1)
        guess = first_guess(Tables(counts, found.thresholds[:1], found.thresholds[1:2]))
        assert float(guess[0]) == pytest.approx(found.correlation[0, 1], abs=0.05)

    def test_slopes_are_derivatives(self):
        counts = np.array([[[20.0, 3, 0], [4, 18, 2], [0, 5, 21]]])
        tables = Tables(counts, np.array([[-0.4, 0.3]]), np.array([[-0.5, 0.6]]))
        r, step = np.array([0.6]), 1e-5
        up, down = (log_likelihood(tables, r + s) for s in (step, -step))
        found = slopes(tables, inner(tables, r), r)
        assert found.score == pytest.approx((up - down) / (2 * step), rel=1e-7)
        ends = [slopes(tables, inner(tables, r + s), r + s).score for s in (step, -step)]
        assert found.curvature == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-7)


counts_3x4 = st.lists(st.integers(0, 25), min_size=12, max_size=12).map(
    lambda cells: np.array(cells).reshape(3, 4)
)


def usable(counts) -> bool:
    return bool(counts.sum(axis=0).min() > 0 and counts.sum(axis=1).min() > 0)


class TestWhatMustHold:
    @settings(max_examples=40)
    @given(counts_3x4)
    def test_reversal_turns_the_sign_and_order_of_items_is_nothing(self, counts):
        assume(usable(counts))
        found = correlation(counts)
        assert correlation(counts[::-1]) == pytest.approx(-found, abs=1e-9)
        assert correlation(counts.T) == pytest.approx(found, abs=1e-9)
        assert -BOUNDARY <= found <= BOUNDARY

    @settings(max_examples=20)
    @given(counts_3x4, st.integers(2, 5))
    def test_everybody_twice_is_the_same(self, counts, times):
        assume(usable(counts))
        assert correlation(counts * times) == pytest.approx(correlation(counts), abs=1e-9)

    def test_weights_are_people(self):
        counts = np.array([[20, 3, 1], [4, 18, 2]])
        cells = np.argwhere(counts > 0)
        weighted = polychoric_correlations(
            cells.astype(float), weights=counts[counts > 0].astype(float)
        )
        assert weighted.correlation[0, 1] == pytest.approx(correlation(counts), abs=1e-12)
        assert weighted.n_obs[0, 1] == counts.sum()

    def test_merging_categories_of_a_normal_pair_changes_little(self):
        rng = np.random.default_rng(5)
        x = rng.normal(size=(20_000, 2))
        x[:, 1] = 0.6 * x[:, 0] + 0.8 * x[:, 1]
        fine = np.searchsorted([-1.0, -0.3, 0.4, 1.1], x).astype(float)
        coarse = np.searchsorted([1, 3], fine, side="left").astype(float)
        for codes in (fine, coarse):
            # Two standard errors of either: .0055 and .0068.
            found = polychoric_correlations(codes).correlation[0, 1]
            assert found == pytest.approx(0.6, abs=0.014)

    def test_items_are_independent_of_each_other(self):
        codes = answers(BFI_ITEMS)
        order = np.random.default_rng(0).permutation(25)
        whole = polychoric_correlations(codes)
        turned = polychoric_correlations(codes[:, order])
        np.testing.assert_allclose(
            turned.correlation, whole.correlation[np.ix_(order, order)], rtol=0, atol=1e-12
        )
        alone = polychoric_correlations(codes[:, [3, 11]])
        assert alone.correlation[0, 1] == pytest.approx(whole.correlation[3, 11], abs=1e-12)

    def test_groups_are_independent_of_each_other(self):
        case = bfi_case(by="gender")
        both = polychoric_correlations(case.values, groups=case.groups)
        own = polychoric_correlations(case.values[case.groups == 1])
        np.testing.assert_allclose(both.correlation[1], own.correlation, rtol=0, atol=1e-13)
        np.testing.assert_array_equal(both.thresholds[1], own.thresholds)

    def test_blocks_make_no_difference(self, monkeypatch):
        codes = bfi_case(BFI_ITEMS).values
        expected = polychoric_correlations(codes).correlation
        monkeypatch.setattr(pair_solver, "BLOCK_CELLS", 100)
        found = polychoric_correlations(codes).correlation
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)

    def test_items_of_different_length(self):
        codes = answers(("N1", "N2", "N3"))
        codes[:, 1] = codes[:, 1] >= 3
        codes[:, 2] = np.minimum(codes[:, 2], 3)
        found = polychoric_correlations(codes)
        assert found.n_categories.tolist() == [6, 2, 4]
        assert np.isfinite(found.thresholds).sum(axis=1).tolist() == [5, 1, 3]
        padded = polychoric_correlations(codes[:, [1, 2]])
        assert found.correlation[1, 2] == pytest.approx(padded.correlation[0, 1], abs=1e-13)

    def test_recovery(self):
        rng = np.random.default_rng(8)
        true = np.array([[1, 0.7, -0.3], [0.7, 1, 0.1], [-0.3, 0.1, 1]])
        latent = rng.multivariate_normal(np.zeros(3), true, size=20_000)
        codes = np.column_stack(
            [np.searchsorted([-1.0, 0.2, 1.5], latent[:, 0]), latent[:, 1] > 0.5,
             np.searchsorted([-0.4, 0.4], latent[:, 2])]
        ).astype(float)  # fmt: skip
        found = polychoric_correlations(codes)
        # The widest standard error here is .012.
        np.testing.assert_allclose(found.correlation, true, atol=0.03)
        np.testing.assert_allclose(found.thresholds[0], [-1.0, 0.2, 1.5], atol=0.04)


class TestTwoByTwo:
    def test_median_splits_are_known_in_closed_form(self):
        assert correlation([[30, 10], [10, 30]]) == pytest.approx(np.sin(np.pi / 4), abs=1e-12)

    @pytest.mark.parametrize(
        ("counts", "filled"),
        [
            ([[20, 0], [10, 15]], [[19.5, 0.5], [10.5, 14.5]]),
            ([[0, 12], [25, 13]], [[0.5, 11.5], [24.5, 13.5]]),
            ([[20, 5], [10, 15]], [[20, 5], [10, 15]]),
            ([[20, 0], [0, 15]], [[20, 0], [0, 15]]),
        ],
    )
    def test_half_a_person_keeps_the_margins(self, counts, filled):
        given = np.array([counts], dtype=float)
        found = fill_two_by_two(given, np.array([True]))
        np.testing.assert_array_equal(found[0], filled)
        np.testing.assert_array_equal(found.sum(axis=1), given.sum(axis=1))
        np.testing.assert_array_equal(fill_two_by_two(given, np.array([False])), given)

    def test_only_two_by_two_tables_are_filled(self):
        counts = [[15, 8, 0], [4, 11, 17]]
        assert correlation(counts) == correlation(counts, empty_cells="keep")

    def test_an_empty_cell_left_alone_is_at_the_boundary(self):
        found = polychoric_correlations(rows_of_table([[20, 0], [10, 15]]), empty_cells="keep")
        assert found.correlation[0, 1] == BOUNDARY
        assert found.boundary[0, 1]
        assert found.empty_cells[0, 1] == 1


class TestEdges:
    def test_one_item_follows_from_the_other(self):
        codes = answers(("N1", "N2"))
        copy = np.column_stack([codes, codes[:, 0], np.minimum(codes[:, 0], 2)])
        found = polychoric_correlations(copy)
        assert found.boundary[0, 2]
        assert found.boundary[0, 3]
        assert found.correlation[0, 2] == BOUNDARY
        assert found.converged[0, 2]
        assert not found.boundary[0, 1]

    def test_nobody_answered_both(self):
        found = polychoric_correlations([[0, np.nan], [1, np.nan], [np.nan, 1], [np.nan, 0]])
        assert np.isnan(found.correlation[0, 1])
        assert not found.converged[0, 1]
        assert found.n_obs.tolist() == [[2, 0], [0, 2]]

    def test_a_constant_item_has_no_correlation(self):
        found = polychoric_correlations(np.column_stack([[0.0, 1, 0, 1], np.zeros(4)]))
        assert np.isnan(found.correlation[0, 1])
        assert np.isnan(found.correlation[1, 1])
        assert found.correlation[0, 0] == 1

    def test_nothing_answered_at_all(self):
        found = polychoric_correlations(np.full((5, 2), np.nan))
        assert np.isnan(found.correlation).all()
        assert found.thresholds.shape == (2, 0)

    def test_one_item(self):
        found = polychoric_correlations([[0.0], [1.0], [1.0], [1.0]])
        assert found.correlation.tolist() == [[1.0]]
        assert found.thresholds[0, 0] == pytest.approx(special.ndtri(0.25))

    def test_a_category_that_a_group_lacks_has_an_infinite_threshold(self):
        codes = np.array([[0.0, 0], [1, 1], [2, 0], [0, 1], [1, 0], [1, 1], [0, 0], [1, 1]])
        found = polychoric_correlations(codes, groups=np.repeat([0, 1], [3, 5]))
        assert found.thresholds[1, 0, 1] == np.inf
        assert np.isfinite(found.thresholds[0, 0]).all()
        assert np.isfinite(found.correlation).all()

    def test_an_empty_group(self):
        found = polychoric_correlations([[0.0, 1], [1, 0], [1, 1]], groups=np.array([0, 0, 2]))
        assert np.isnan(found.correlation[1]).all()
        assert found.n_obs[1].tolist() == [[0, 0], [0, 0]]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"groups": [0, 0]}, "groups must hold"),
            ({"groups": [0.0, 1.0, 0.5]}, "groups must hold"),
            ({"groups": [-1, -1, -1]}, "No row is in a group"),
            ({"weights": [1.0, 1.0]}, "weights must hold"),
            ({"weights": [1.0, -1.0, 1.0]}, "weights must hold"),
            ({"weights": [1.0, np.nan, 1.0]}, "weights must hold"),
            ({"empty_cells": "add"}, "empty_cells='add' is not known"),
        ],
    )
    def test_refused(self, options, message):
        with pytest.raises(DataError, match=message):
            polychoric_correlations([[0.0, 1], [1, 0], [1, 1]], **options)
