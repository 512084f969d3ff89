"""Plots of comparability: what is drawn, not how it looks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from psychometrics import alignment, invariance
from psychometrics.errors import DataError
from psychometrics.plots import Labels, plot_groups, plot_ladder
from tests.reference.load import HS_SCALES, hs


def estimates(axes) -> list[list[float]]:
    return [
        [float(x) for x in line.get_xdata()] for line in axes.lines if line.get_gid() == "estimate"
    ]


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


@pytest.fixture(scope="module")
def schools():
    return invariance(HS_SCALES, hs(), "school")


def test_ladder_shows_changes_and_the_nearest_cutoffs(schools):
    axes = schools.plot()
    found = estimates(axes)
    assert len(found) == 9
    table = schools.table
    assert found[0][0] == pytest.approx(table.loc["metric", "delta_cfi"])
    assert found[4][0] == pytest.approx(table.loc["scalar", "delta_rmsea"])
    ticks = [line.get_xdata()[0] for line in axes.lines if line.get_gid() == "cutoff"]
    assert ticks == [-0.010, 0.015, 0.030, -0.010, 0.015, 0.010, -0.010, 0.015, 0.010]
    assert {"Loadings", "Intercepts", "Residual variances", "p < 0.001", "CFI"} & set(texts(axes))
    assert not plot_ladder(table.iloc[:1]).texts[0].get_text().startswith("p")


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "item": ["a", "a", "b", "b"],
            "group": ["ulm", "beer", "ulm", "beer"],
            "estimate": [1.0, 1.2, 0.8, np.nan],
            "low": [0.9, 1.1, 0.7, np.nan],
            "high": [1.1, 1.3, 0.9, np.nan],
            "different": [False, True, False, False],
        }
    )


def test_every_site_has_its_line_in_every_block():
    axes = plot_groups(frame(), title="Loadings", labels=Labels(sites={"beer": "Be'er Sheva"}))
    # The order of the labels is the order of the lines; what is missing is left out.
    assert estimates(axes) == [[1.0], [1.2], [0.8]] or estimates(axes) == [[1.2], [1.0], [0.8]]
    rings = [line for line in axes.lines if line.get_gid() == "different"]
    assert [float(line.get_xdata()[0]) for line in rings] == [1.2]
    assert {"a", "b", "Be'er Sheva", "ulm", "Loadings"} <= set(texts(axes))
    low, high = axes.get_xlim()
    assert low < 0.7 < 1.3 < high


def test_scripts_of_the_sites_are_isolated_and_kept():
    labels = Labels(
        sites={"ulm": "Ulm", "beer": "\u05d1\u05d0\u05e8 \u05e9\u05d1\u05e2"},
        items={"a": "\u0938\u0939\u0915\u0930\u094d\u092e\u0940"},
    )
    shown = texts(plot_groups(frame(), labels=labels))
    assert "\u2067\u05d1\u05d0\u05e8 \u05e9\u05d1\u05e2\u2069" in shown
    assert "\u0938\u0939\u0915\u0930\u094d\u092e\u0940" in shown


def test_results_draw_themselves(schools):
    assert len(estimates(schools.plot("loadings"))) == 18
    assert len(estimates(schools.plot("intercepts"))) == 18
    partial = schools.partial()
    drawn = estimates(partial.plot())
    assert len(drawn) == 6
    assert [0.0] in drawn
    assert len(estimates(partial.plot("intercepts"))) == 18
    aligned = alignment(HS_SCALES, hs(), "school")
    assert len(estimates(aligned.plot())) == 6
    assert len(estimates(aligned.plot("loadings"))) == 18
    with pytest.raises(DataError, match="what"):
        schools.plot("means")
    with pytest.raises(DataError, match="no factor means"):
        schools.partial(until="metric").plot()
