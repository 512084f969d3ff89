from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from psychometrics import number_of_factors, parallel_analysis
from psychometrics.plots import plot_scree
from tests.validity.exploratory import two_factors


def frame() -> pd.DataFrame:
    number = [1, 2, 3, 4]
    components = pd.DataFrame(
        {
            "basis": "components", "number": number, "eigenvalue": [2.0, 1.3, 0.4, 0.5],
            "percentile": [1.3, 1.2, 0.5, 0.4],
        }
    )  # fmt: skip
    factors = components.assign(basis="factors", eigenvalue=[1.5, 0.1, 0.0, -0.2])
    return pd.concat([components, factors], ignore_index=True)


def lines(axes: Axes, gid: str) -> list[list[float]]:
    return [
        [float(y) for y in np.asarray(line.get_ydata())]
        for line in axes.lines
        if line.get_gid() == gid
    ]


def test_eigenvalues_and_percentiles_of_both_bases() -> None:
    axes = plot_scree(frame())
    assert lines(axes, "eigenvalue") == [[2.0, 1.3, 0.4, 0.5], [1.5, 0.1, 0.0, -0.2]]
    assert lines(axes, "percentile") == [[1.3, 1.2, 0.5, 0.4]] * 2


def test_only_those_before_the_first_failure_are_filled() -> None:
    axes = plot_scree(frame())
    assert lines(axes, "above") == [[2.0, 1.3], [1.5]]
    assert lines(axes, "below") == [[0.4, 0.5], [0.1, 0.0, -0.2]]
    shown = [text.get_text() for text in axes.texts]
    assert "components: 2 above the percentile of unrelated items" in shown
    assert "factors: 1 above it" in shown


def test_everything_is_inside_the_limits() -> None:
    low, high = plot_scree(frame()).get_ylim()
    assert low < -0.2
    assert high > 2.0


def test_many_items_are_cut_at_most() -> None:
    found = parallel_analysis(two_factors(), n_replicates=20).frame
    axes = plot_scree(found, most=5)
    assert [len(values) for values in lines(axes, "eigenvalue")] == [5, 5]
    assert axes.get_xlim() == (0.5, 5.5)


def test_results_draw_themselves() -> None:
    found = number_of_factors(two_factors(), n_replicates=20, n_samples=0)
    for result in (found, found.parallel):
        assert len(lines(result.plot(), "eigenvalue")) == 2


def test_one_basis_alone_and_simulated_answers() -> None:
    made = frame()
    axes = plot_scree(made[made["basis"] == "factors"], simulated=True)
    assert len(lines(axes, "eigenvalue")) == 1
    assert any(text.get_text() == "Simulated answers" for text in axes.figure.texts)
