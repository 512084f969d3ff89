from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from psychometrics.stats.normal_cells import log_cells, normal_cells


def test_probability_and_derivatives_of_ordinary_cells() -> None:
    upper, lower = np.array([0.5, 2.0, -1.0]), np.array([-0.3, 1.2, -1.4])
    cells = normal_cells(upper, lower)
    plain = special.ndtr(upper) - special.ndtr(lower)
    assert np.exp(cells.log_probability) == pytest.approx(plain, rel=1e-13)
    h = 1e-4

    def moved(by: float) -> np.ndarray:
        return special.ndtr(upper + by) - special.ndtr(lower + by)

    assert cells.slope == pytest.approx((moved(h) - moved(-h)) / (2 * h) / plain, rel=1e-6)
    second = (moved(h) - 2 * plain + moved(-h)) / h**2 / plain
    assert cells.bend == pytest.approx(second, rel=1e-5)


def test_tails_keep_their_digits_and_both_sides_are_alike() -> None:
    right = normal_cells(np.array([41.0, np.inf]), np.array([40.0, 300.0]))
    left = normal_cells(np.array([-40.0, -300.0]), np.array([-41.0, -np.inf]))
    assert np.array_equal(right.log_probability, left.log_probability)
    assert np.array_equal(right.slope, -left.slope)
    # Mills' ratio: the hazard of a far tail is its limit and a little more.
    assert left.slope == pytest.approx([40.025, 300.00333], rel=1e-5)
    assert ((left.curvature > 0.9) & (left.curvature < 1.1)).all()


def test_no_answer_says_nothing_and_an_empty_cell_has_no_probability() -> None:
    cells = normal_cells(np.array([np.inf, -np.inf, 1.0]), np.array([-np.inf, -np.inf, 1.0]))
    assert cells.log_probability.tolist() == [0.0, -np.inf, -np.inf]
    assert cells.slope.tolist() == [0.0, 0.0, 0.0]
    assert cells.curvature.tolist() == [0.0, 0.0, 0.0]


def test_the_short_form_is_the_same() -> None:
    upper = np.array([0.2, 9.0, -8.0, np.inf])
    lower = np.array([0.1, 8.5, -np.inf, -np.inf])
    assert np.array_equal(log_cells(upper, lower), normal_cells(upper, lower).log_probability)
