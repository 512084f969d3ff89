"""Answers with known factors, and a stand-in for polychoric correlations, for the tests here."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from psychometrics.stats.moments import FloatArray

PATTERN = np.kron(np.eye(2), np.array([[0.8], [0.7], [0.6], [0.5]]))
ITEMS = tuple("abcdefgh")


def two_factors(n: int = 400, *, seed: int = 1, correlation: float = 0.3) -> pd.DataFrame:
    """Return answers to eight items of two correlated factors."""
    rng = np.random.default_rng(seed)
    phi = np.array([[1.0, correlation], [correlation, 1.0]])
    person = rng.normal(size=(n, 2)) @ np.linalg.cholesky(phi).T
    own = np.sqrt(1 - (PATTERN**2).sum(axis=1))
    return pd.DataFrame(person @ PATTERN.T + own * rng.normal(size=(n, 8)), columns=list(ITEMS))


def coded(n: int = 400, *, seed: int = 1) -> pd.DataFrame:
    """Return the same as codes 1 to 4."""
    latent = two_factors(n, seed=seed)
    return pd.DataFrame(np.digitize(latent, [-0.6, 0.3, 1.1]) + 1.0, columns=latent.columns)


@pytest.fixture
def pearson_for_polychoric(monkeypatch: pytest.MonkeyPatch) -> list[FloatArray]:
    """Let Pearson correlations times 1.1 stand for polychoric ones; return what was asked for."""
    asked: list[FloatArray] = []

    def polychoric_correlations(codes: FloatArray) -> SimpleNamespace:
        asked.append(codes)
        r = 1.1 * pd.DataFrame(codes).corr().to_numpy()
        np.fill_diagonal(r, 1.0)
        seen = (~np.isnan(codes)).astype(float)
        return SimpleNamespace(correlation=r, n_obs=seen.T @ seen)

    stand_in = ModuleType("psychometrics.stats.polychoric")
    stand_in.polychoric_correlations = polychoric_correlations  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
    return asked
