"""Standard errors and scaled tests that do not need normal answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from psychometrics.stats.cfa.arrow import Arrow
from psychometrics.stats.cfa.casewise import Rows, Spread, spread_of_group
from psychometrics.stats.cfa.inference import parameter_covariance
from psychometrics.stats.cfa.kernel import (
    SampleMoments,
    collect,
    derivatives,
    imply,
)
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.moments import FloatArray


@dataclass(frozen=True, slots=True)
class Robust:
    """Robust covariance of the estimates and the traces that scaled tests need.

    Attributes
    ----------
    sandwich : ndarray, shape (q, q)
        Huber-White covariance, bread from the observed information.
    corrected : ndarray, shape (q, q)
        Satorra-Bentler covariance, bread from the expected information.
    yuan_bentler : float
        Trace of U Gamma as Mplus estimates it for MLR.
    satorra_bentler : float
        Trace of U Gamma with fourth moments about the sample moments (MLM).
    bread, smooth : ndarray, shape (q, q)
        Inverse of the observed and of the expected information.
    meat : ndarray, shape (q, q)
        Spread of the scores.
    """

    sandwich: FloatArray
    corrected: FloatArray
    yuan_bentler: float
    satorra_bentler: float
    bread: FloatArray
    smooth: FloatArray
    meat: FloatArray


def pooled(parts: Sequence[FloatArray], layout: Layout) -> FloatArray:
    """Add the groups' slot matrices up to the free parameters, shape (q, q)."""
    return np.asarray(
        sum(layout.selection[g].T @ part @ layout.selection[g] for g, part in enumerate(parts))
    )


def robust_inference(
    layout: Layout,
    z: FloatArray,
    data: SampleMoments,
    rows: Sequence[Rows],
    inverse: Callable[[Arrow], FloatArray] = lambda matrix: parameter_covariance(matrix)[0],
) -> Robust:
    """Return robust covariances and traces of one fitted data set.

    Parameters
    ----------
    z : ndarray, shape (q,)
        Estimates.
    data : SampleMoments
        One replicate.
    rows : sequence of Rows
        The people of each group.
    inverse : callable
        Turns an information into a covariance; parameters at a bound are taken out there.

    References
    ----------
    White, H. (1982). Maximum likelihood estimation of misspecified models. Econometrica, 50,
    1-25. doi:10.2307/1912526
    Satorra, A., & Bentler, P. M. (1994). Corrections to test statistics and standard errors in
    covariance structure analysis.
    Yuan, K.-H., & Bentler, P. M. (2000). Three likelihood-based methods for mean and covariance
    structure analysis with nonnormal missing data. Sociological Methodology, 30, 165-200.
    doi:10.1111/0081-1750.00078
    """
    implied = imply(layout, z[None, :])
    spreads: list[Spread] = [
        spread_of_group(layout, implied, data, group_rows, g) for g, group_rows in enumerate(rows)
    ]
    narrow = layout.narrow
    observed = collect(layout, derivatives(narrow, implied, data, observed=True), data.n)[1]
    expected = collect(layout, derivatives(narrow, implied, data), data.n)[1]
    bread = inverse(observed)
    smooth = inverse(expected)
    meat = pooled([s.scores for s in spreads], layout)
    seen = pooled([s.centred for s in spreads], layout)
    n = data.n[0]
    clustered = any(group_rows.clusters is not None for group_rows in rows)
    # lavaan's convention for clusters: the test takes the information of the implied moments.
    straight = derivatives(narrow, implied, data, observed=True, bends=False)
    tested = inverse(collect(layout, straight, data.n)[1])
    saturated = float(sum(s.saturated / size for s, size in zip(spreads, n, strict=True)))
    fitted = float(sum(s.fitted / size for s, size in zip(spreads, n, strict=True)))
    return Robust(
        bread @ meat @ bread,
        smooth @ seen @ smooth,
        saturated - float(np.sum((tested if clustered else bread) * meat)),
        fitted - float(np.sum(smooth * seen)),
        bread,
        smooth,
        meat,
    )
