from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from scipy import stats

from psychometrics.stats.campbell_fiske import (
    campbell_fiske,
    compared_places,
    heterotrait_triangles,
    validity_places,
)
from tests.reference.load import load, values

BROWN: dict[str, Any] = load("multitrait")["brown"]


def brown() -> Any:
    """Three traits by three methods, methods one after the other."""
    return values(BROWN["correlation"])


def random_matrix(seed: int, n_traits: int, n_methods: int) -> Any:
    rng = np.random.default_rng(seed)
    trait = np.tile(rng.normal(size=(60, n_traits)), n_methods)
    return np.corrcoef((0.5 * trait + rng.normal(size=(60, n_traits * n_methods))).T)


@pytest.mark.parametrize(("n_traits", "n_methods"), [(3, 3), (2, 2), (4, 3), (2, 5)])
def test_criteria_are_those_of_plain_loops(n_traits: int, n_methods: int) -> None:
    r = random_matrix(n_traits * 10 + n_methods, n_traits, n_methods)

    def at(method: int, trait: int) -> int:
        return method * n_traits + trait

    validities, hetero, mono = [], [], []
    for t in range(n_traits):
        for m, k in combinations(range(n_methods), 2):
            v = r[at(m, t), at(k, t)]
            validities.append(v)
            for other in set(range(n_traits)) - {t}:
                hetero += [v - r[at(m, t), at(k, other)], v - r[at(k, t), at(m, other)]]
                mono += [v - r[at(m, t), at(m, other)], v - r[at(k, t), at(k, other)]]
    found = campbell_fiske(r, n_traits, 60)
    for name, differences in (
        ("validity", validities),
        ("heterotrait_heteromethod", hetero),
        ("heterotrait_monomethod", mono),
    ):
        assert found[name].n_comparisons == len(differences)
        assert found[name].n_met == sum(d > 0 for d in differences)
        assert found[name].mean == pytest.approx(np.mean(differences))
        assert found[name].n_definite <= found[name].n_met


def test_brown_s_matrix_meets_the_first_three_everywhere() -> None:
    found = campbell_fiske(brown(), 3, 500)
    counts = {name: (one.n_met, one.n_comparisons) for name, one in found.items()}
    assert counts == {
        "validity": (9, 9), "heterotrait_heteromethod": (36, 36),
        "heterotrait_monomethod": (36, 36), "pattern": (48, 108),
    }  # fmt: skip
    mean = np.mean([0.587, 0.557, 0.664, 0.586, 0.644, 0.641, 0.681, 0.676, 0.749])
    assert found["validity"].mean == pytest.approx(mean)


def test_triangles_hold_every_heterotrait_correlation_once() -> None:
    r = brown()
    triangles = heterotrait_triangles(r, 3)
    assert triangles.shape == (9, 3)
    expected = sorted(r[i, j] for i, j in combinations(range(9), 2) if i % 3 != j % 3)
    assert sorted(triangles.ravel()) == pytest.approx(expected)


def test_one_pattern_everywhere_is_full_concordance() -> None:
    traits = np.array([[1.0, 0.5, 0.3], [0.5, 1.0, 0.1], [0.3, 0.1, 1.0]])
    r = np.kron(np.full((3, 3), 0.6), traits)
    np.fill_diagonal(r, 1.0)
    pattern = campbell_fiske(r, 3, 100)["pattern"]
    assert pattern.n_met == pattern.n_comparisons
    assert pattern.mean == pytest.approx(1.0)


def test_kendall_s_w_is_the_mean_rank_correlation() -> None:
    triangles = heterotrait_triangles(random_matrix(3, 4, 3), 4)
    m = len(triangles)
    pairs = [
        stats.spearmanr(triangles[a], triangles[b]).statistic for a, b in combinations(range(m), 2)
    ]
    w = campbell_fiske(random_matrix(3, 4, 3), 4, 60)["pattern"].mean
    assert np.mean(pairs) == pytest.approx((m * w - 1) / (m - 1))


def test_two_traits_have_no_pattern() -> None:
    pattern = campbell_fiske(random_matrix(4, 2, 3), 2, 60)["pattern"]
    assert (pattern.n_comparisons, pattern.n_met) == (0, 0)
    assert np.isnan(pattern.mean)


def test_too_few_people_leave_nothing_definite() -> None:
    found = campbell_fiske(random_matrix(5, 2, 2), 2, 3)
    assert np.isnan(
        [found["validity"].n_definite, found["heterotrait_monomethod"].n_definite]
    ).all()


def test_places_are_of_the_right_traits_and_methods() -> None:
    a, b = validity_places(9, 3)
    assert (a % 3 == b % 3).all()
    assert (a // 3 != b // 3).all()
    for mono in (True, False):
        one, two, other = compared_places(9, 3, mono=mono)
        assert (one % 3 == two % 3).all()
        assert (other % 3 != one % 3).all()
        assert (other // 3 == (one if mono else two) // 3).all()
