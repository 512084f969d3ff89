"""Fit indices of incomplete rows that estimate what complete rows would show.

With missing answers the likelihood ratio weighs misfit by how much of each moment was observed, so
that indices built on it drift with the share missing. The correction puts the full-information
estimates into the complete-data discrepancy, and takes off what it would be on average if the
model held. All weights are taken at the saturated moments, as lavaan does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from psychometrics.stats.cfa.kernel import SampleMoments, imply
from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.moments import FloatArray


@dataclass(frozen=True, slots=True)
class CompleteDataMisfit:
    """Complete-data discrepancy at full-information estimates.

    Attributes
    ----------
    chi2 : float
        N times the discrepancy between the saturated and the model's moments.
    expected : float
        Its mean if the model holds.
    """

    chi2: float
    expected: float


def implied_statistics(layout: Layout, z: Any) -> Any:
    """Return covariances (packed by rows) and means of all groups, shape (replicate, s)."""
    implied = imply(layout, z)
    low, high = np.triu_indices(layout.n_observed)
    packed = [implied.covariance[..., low, high], implied.mean]
    return np.concatenate(packed, axis=-1).reshape(len(z), -1)


def complete_data_misfit(
    layout: Layout,
    z: FloatArray,
    slopes: FloatArray,
    moments: SampleMoments,
    saturated_layout: Layout,
    statistics: FloatArray,
    information: FloatArray,
    spread: FloatArray,
) -> CompleteDataMisfit:
    """Return the complete-data discrepancy and its expectation.

    Parameters
    ----------
    z : ndarray, shape (q,)
        Full-information estimates.
    slopes : ndarray, shape (s, q)
        Derivatives of the implied statistics.
    moments : SampleMoments
        Maximum likelihood moments of the incomplete rows.
    saturated_layout : Layout
        The unrestricted model, its parameters in the order of the statistics.
    statistics : ndarray, shape (s,)
        Saturated moments.
    information : ndarray, shape (s, s)
        Of the incomplete rows about the statistics.
    spread : ndarray, shape (s, s)
        Covariance of the saturated estimates.

    References
    ----------
    Zhang, X., & Savalei, V. (2023). New computations for RMSEA and CFI following FIML and TS
    estimation with missing data. Psychological Methods, 28, 263-283. doi:10.1037/met0000445
    """
    weight = moments.slopes(saturated_layout, statistics[None, :], observed=False)[1].dense()[0]
    weighted = information @ slopes
    left = np.eye(len(information)) - slopes @ np.linalg.solve(slopes.T @ weighted, weighted.T)
    expected = float(np.sum((left.T @ weight @ left) * spread))
    return CompleteDataMisfit(2 * float(moments.objective(layout, z[None, :])[0]), expected)
