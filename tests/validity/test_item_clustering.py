"""How much of each item's variance lies between sites."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import item_clustering


def test_an_item_that_differs_between_sites_stands_out():
    rng = np.random.default_rng(3)
    site = np.repeat(list("abcdef"), 30)
    answers = rng.normal(size=(180, 3))
    answers[:, 1] += np.repeat(rng.normal(size=6), 30)
    frame = pd.DataFrame(answers, columns=["x", "y", "z"]).assign(site=site)
    found = item_clustering(frame, {"S": ["x", "y"], "T": ["-z"]}, "site").set_index("item")
    assert found["scale"].tolist() == ["S", "S", "T"]
    assert found.loc["y", "low"] > found.loc["x", "estimate"]
    parts = [frame.loc[frame["site"] == s, "y"] for s in "abcdef"]
    between = 30 * np.var([p.mean() for p in parts], ddof=1)
    within = np.mean([p.var(ddof=1) for p in parts])
    wanted = (between - within) / (between + 29 * within)
    assert found.loc["y", "estimate"] == pytest.approx(wanted)
    assert found.loc["y", "df1"] == 5
