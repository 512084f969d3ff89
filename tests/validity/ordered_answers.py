"""Answers to ordered items from a known model, with and without groups."""

from __future__ import annotations

import numpy as np
import pandas as pd

from psychometrics.stats.latent_responses import LatentResponses, latent_responses
from tests.stats.latent_models import simulated_answers

ITEMS = [f"{factor}{number}" for factor in "ab" for number in (1, 2, 3, 4)]
MODEL = "a =~ a1 + a2 + a3 + a4\nb =~ b1 + b2 + b3 + b4"


def model_behind() -> LatentResponses:
    """Return the model that made the answers."""
    loadings = np.zeros((8, 2))
    loadings[:4, 0] = 0.8, 0.6, 0.7, 0.75
    loadings[4:, 1] = 0.65, 0.8, 0.7, 0.6
    shift = np.array([-0.6, -0.2, 0.2, 0.5, -0.4, 0.0, 0.3, 0.1])
    thresholds = shift[:, None] + np.array([-0.9, 0.1, 0.9])
    return latent_responses(loadings, thresholds, None, np.array([[1, 0.4], [0.4, 1]]))


def two_scales(n: int = 600, seed: int = 2, *, turned: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return answers 1 to 4 to eight items of two factors."""
    _, codes = simulated_answers(model_behind(), n, seed)
    frame = pd.DataFrame(codes.astype(int) + 1, columns=ITEMS)
    for item in turned:
        frame[item] = 5 - frame[item]
    return frame


def two_sites(n: int = 500) -> pd.DataFrame:
    """Return the same with a column of sites, of which the second has more of both traits."""
    model = model_behind()
    frames = []
    for seed, (site, shift) in enumerate((("ulm", 0.0), ("pune", 0.5))):
        rng = np.random.default_rng(seed)
        factors = rng.multivariate_normal([shift, shift], model.factor_covariance[0], n)
        behind = factors @ model.loadings[0].T
        behind = behind + rng.normal(size=behind.shape) * np.sqrt(model.residual_variance[0])
        codes = (behind[:, :, None] > model.thresholds[0]).sum(axis=2) + 1
        frames.append(pd.DataFrame(codes, columns=ITEMS).assign(site=site))
    return pd.concat(frames, ignore_index=True)
