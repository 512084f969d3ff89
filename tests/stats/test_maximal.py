"""Coefficient H against semTools, and what it must not depend on."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.maximal import coefficient_h
from psychometrics.stats.reliability import omega_from_loadings


def test_is_the_reliability_of_the_best_weights():
    loadings, residual = np.array([0.8, 0.5, 0.3]), np.array([0.4, 0.7, 1.2])
    weights = loadings / residual
    best = (weights @ loadings) ** 2 / ((weights @ loadings) ** 2 + weights**2 @ residual)
    assert float(coefficient_h(loadings, residual)) == pytest.approx(best)
    assert coefficient_h(loadings, residual) > omega_from_loadings(loadings, residual)


def test_signs_and_units_do_not_matter():
    loadings, residual = np.array([0.8, 0.5, 0.3]), np.array([0.4, 0.7, 1.2])
    unit = np.array([-1.0, 10.0, 0.1])
    assert float(coefficient_h(loadings * unit, residual * unit**2)) == pytest.approx(
        float(coefficient_h(loadings, residual))
    )


def test_edges():
    assert float(coefficient_h(np.array([0.9, 0.5]), np.array([0.0, 0.7]))) == 1.0
    assert np.isnan(coefficient_h(np.array([0.9, 0.5]), np.array([-0.1, 0.7])))
    assert float(coefficient_h(np.zeros(3), np.ones(3))) == 0.0
