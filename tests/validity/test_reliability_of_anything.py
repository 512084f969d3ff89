"""Whatever the answers look like, every row has its numbers or a reason, and nothing warns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychometrics import group_mean_reliability, reliability, reliability_differences
from psychometrics.validity.coefficients import COEFFICIENTS, INTERVALS
from tests.validity.small import explained


def anything(rng: np.random.Generator) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """Return few people, few or many answers, gaps, copies, sites and services of any size."""
    n, k, n_options = (int(rng.integers(*limits)) for limits in ((0, 40), (1, 8), (1, 6)))
    rows = rng.choice([0, 0.5, 2]) * rng.normal(size=(n, 1)) + rng.normal(size=(n, k))
    if rng.random() < 0.8:
        rows = np.clip(np.round(rows + n_options / 2), 1, n_options)
    if rng.random() < 0.4:
        rows[rng.random(rows.shape) < rng.choice([0.05, 0.3, 0.8])] = np.nan
    if k > 1 and rng.random() < 0.1:
        rows[:, 1] = rows[:, 0]
    frame = pd.DataFrame(rows, columns=[f"i{at}" for at in range(k)])
    items = [("-" if rng.random() < 0.2 else "") + name for name in frame]
    frame["site"] = rng.choice(np.array(["a", "b", "c", None], dtype=object), size=n)
    frame["unit"] = rng.choice([1, 2, 3, 4, np.nan], size=n)
    return frame, {"S": items}


@pytest.mark.parametrize("seed", range(12))
def test_anything(seed):
    rng = np.random.default_rng(seed)
    frame, scales = anything(rng)
    interval = str(rng.choice(INTERVALS))
    clusters = interval not in ("feldt", "bonett", "delta") and rng.random() < 0.5
    options: dict[str, Any] = {
        "cluster": "unit" if clusters else None, "interval": interval, "n_boot": 20,
        "missing": str(rng.choice(["pairwise", "listwise"])),
    }  # fmt: skip
    table = reliability(frame, scales, group="site", coefficients=list(COEFFICIENTS), **options)
    explained(table)
    given = table[(table.reason == "") & (table.pooling != "meta")]
    assert np.isfinite(given[["low", "high"]]).all(axis=None)
    assert (given.low <= given.high + 1e-9).all()
    explained(group_mean_reliability(frame, scales, "unit", group="site"))
    found = reliability_differences(
        frame, scales, "site", coefficients=["alpha", "omega_categorical"], **options
    )
    explained(found, "p_value")
