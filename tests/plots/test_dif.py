"""Plots of differential item functioning: what is drawn, not how it looks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import dif, dif_curves
from psychometrics.errors import DataError
from psychometrics.plots import Labels, plot_dif, plot_dif_curves
from tests.validity.test_dif import ITEMS, SCALES, SITES, answers


def drawn(axes, gid):
    return [line for line in axes.lines if line.get_gid() == gid]


def test_every_item_and_site_has_its_effect():
    found = dif(answers(), SCALES, "site", ordered=False)
    axes = plot_dif(found, simulated=True)
    assert len(drawn(axes, "estimate")) == 20
    (ring,) = drawn(axes, "different")
    row = found[(found["item"] == "c") & (found["group_a"] == "pune")].iloc[0]
    np.testing.assert_allclose(ring.get_xdata(), [row["estimate"]])
    matched = dif(answers(), SCALES, "site", method="ordinal_logistic")
    assert len(drawn(plot_dif(matched), "estimate")) == 20
    with pytest.raises(DataError, match="nothing to draw"):
        plot_dif(found, kind="total")


def test_an_item_s_curves_and_bins():
    curves = dif_curves(answers(), SCALES, "site", "c", ordered=False)
    labels = Labels(sites={"pune": "पुणे", "ulm": "Ulm"}, items={"c": "Third"})
    axes = plot_dif_curves(curves, labels=labels)
    assert len(drawn(axes, "fitted")) == len(SITES)
    assert len(drawn(axes, "bin")) == int((curves["kind"] == "binned").sum())
    # The order of the labels is that of the lines.
    first = curves[(curves["group"] == "pune") & (curves["kind"] == "fitted")]
    np.testing.assert_allclose(drawn(axes, "fitted")[0].get_ydata(), first["estimate"])
    assert "n = 150" in [text.get_text() for text in axes.texts]
    two = pd.concat([curves, curves.assign(item="d")])
    with pytest.raises(DataError, match="has 2"):
        plot_dif_curves(two)


@pytest.mark.parametrize("ordered", [True, False])
def test_curves_tell_what_was_planted(ordered):
    curves = dif_curves(answers(n=300), SCALES, "site", "c", ordered=ordered)
    fitted = curves[curves["kind"] == "fitted"].pivot_table(
        index="theta", columns="group", values="estimate"
    )
    middle = fitted.loc[np.abs(fitted.index) < 0.1].mean()
    assert middle["pune"] - middle.drop("pune").max() > 0.4
    binned = curves[curves["kind"] == "binned"]
    assert (binned["low"] < binned["estimate"]).all()
    assert binned["n_obs"].sum() <= 1200
    # Bins lie near the curves: people of a group answer as its own curve says.
    for group, own in binned.groupby("group"):
        line = np.interp(own["theta"], fitted.index, fitted[group])
        assert np.abs(line - own["estimate"]).mean() < 0.25


def test_curves_that_can_t_be():
    with pytest.raises(DataError, match="No scale has an item 'z'"):
        dif_curves(answers(), SCALES, "site", "z")
    with pytest.raises(DataError, match="Curves need"):
        dif_curves(answers(), {"S": ITEMS[:2]}, "site", "a")
    with pytest.raises(DataError, match="2 bins or more"):
        dif_curves(answers(), SCALES, "site", "a", n_bins=1)
