"""Factor models of latent responses for tests: simulated ones, and those that R recorded."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from psychometrics.stats.latent_responses import LatentResponses, latent_responses
from tests.reference.load import values

FloatArray = npt.NDArray[np.float64]


def simulated_model(
    n_factors: int, per_factor: int, n_categories: int, seed: int = 1, rho: float = 0.4
) -> LatentResponses:
    """Return a model of simple structure with correlated factors."""
    rng = np.random.default_rng(seed)
    p = n_factors * per_factor
    loadings = np.zeros((p, n_factors))
    loadings[np.arange(p), np.arange(p) // per_factor] = rng.uniform(0.5, 0.85, p)
    between = np.full((n_factors, n_factors), rho) + (1 - rho) * np.eye(n_factors)
    thresholds = np.sort(rng.normal(0, 1.1, (p, n_categories - 1)), axis=1)
    thresholds += 0.1 * np.arange(n_categories - 1)
    return latent_responses(loadings, thresholds, None, between)


def simulated_answers(
    model: LatentResponses, n: int, seed: int = 2
) -> tuple[FloatArray, FloatArray]:
    """Return factors and answers (categories, or values of continuous items) of n people."""
    rng = np.random.default_rng(seed)
    factors = rng.multivariate_normal(model.factor_mean[0], model.factor_covariance[0], n)
    behind = model.intercepts[0] + factors @ model.loadings[0].T
    behind = behind + rng.normal(size=behind.shape) * np.sqrt(model.residual_variance[0])
    codes = (behind[:, :, None] > model.thresholds[0]).sum(axis=2)
    return factors, np.where(model.ordered, codes, behind)


def recorded_model(record: dict[str, Any], items: tuple[str, ...]) -> LatentResponses:
    """Return the model of R's matrices, all groups."""
    parts = [one_group(group, items) for group in record["matrices"]]
    ordered = ~np.isnan(parts[0]["thresholds"]).all(axis=1)
    stacked = {key: np.stack([part[key] for part in parts]) for key in parts[0]}
    return latent_responses(**stacked, ordered=ordered)


def one_group(matrices: dict[str, Any], items: tuple[str, ...]) -> dict[str, FloatArray]:
    """Return R's matrices of one group as arrays with the thresholds of each item in a row."""
    names = matrices["lambda"]["rows"]
    order = [names.index(item) for item in items]
    thresholds = np.full((len(items), 9), np.nan)
    for name, value in zip(matrices["tau"]["rows"], values(matrices["tau"])[:, 0], strict=True):
        item, _, number = name.partition("|t")
        thresholds[items.index(item), int(number) - 1] = value
    most = int((~np.isnan(thresholds)).sum(axis=1).max())
    return {
        "loadings": values(matrices["lambda"])[order],
        "thresholds": thresholds[:, :most],
        "residual_variance": np.diagonal(values(matrices["theta"]))[order],
        "factor_covariance": values(matrices["psi"]),
        "factor_mean": values(matrices["alpha"])[:, 0],
        "intercepts": values(matrices["nu"])[order, 0],
    }
