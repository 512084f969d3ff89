"""Omega without each item against semTools, and its edges."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.deleted_omega import omega_if_deleted
from tests.reference.load import BFI_REVERSED, BFI_SCALES, array, load


@pytest.mark.parametrize("scale", BFI_SCALES)
def test_is_semtools(scale):
    items = tuple(item.lstrip("-") for item in BFI_SCALES[scale])
    rows = array("bfi", items, reverse=BFI_REVERSED)
    covariance = np.cov(rows[~np.isnan(rows).any(axis=1)].T)
    recorded = [row["omega_if_deleted"] for row in load("consistency")["omega_without"][scale]]
    # lavaan's search ends within about 1e-6 of the loadings.
    assert omega_if_deleted(covariance[None])[0].tolist() == pytest.approx(recorded, abs=1e-5)


def test_no_proper_solution():
    r = np.array([[1, 0.8, 0.8, 0], [0.8, 1, 0.4, 0], [0.8, 0.4, 1, 0], [0, 0, 0, 1.0]])
    assert np.isnan(omega_if_deleted(r[None])[0, 3])
