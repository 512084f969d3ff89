"""Explained common variance: by hand, bounds, edges."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.common_variance import explained_common_variance


def test_by_hand():
    rng = np.random.default_rng(1)
    r = np.corrcoef(rng.normal(size=(60, 1)) + rng.normal(size=(60, 5)), rowvar=False)
    reduced = r.copy()
    np.fill_diagonal(reduced, 1 - 1 / np.diagonal(np.linalg.inv(r)))
    values = np.linalg.eigvalsh(reduced)
    expected = values[-1] / values[values > 0].sum()
    assert float(explained_common_variance(r)) == pytest.approx(expected)
    assert float(explained_common_variance(9 * r)) == pytest.approx(expected)


def test_two_factors_alike_share_it():
    r = np.kron(np.eye(2), np.full((4, 4), 0.5))
    np.fill_diagonal(r, 1.0)
    assert float(explained_common_variance(r)) == pytest.approx(0.5, abs=1e-9)


@pytest.mark.parametrize("matrix", [np.eye(2), np.diag([1.0, 0.0, 1.0]), np.ones((3, 3))])
def test_edges(matrix):
    assert np.isnan(explained_common_variance(matrix))
