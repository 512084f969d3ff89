"""What a model of ordered items leaves of their correlations, and how far that varies by chance."""

from __future__ import annotations

import numpy as np

from psychometrics.stats.cfa.layout import Layout
from psychometrics.stats.cfa.ordinal_kernel import OrdinalData, covariance_of, implied_statistics
from psychometrics.stats.cfa.ordinal_robust import group_slopes, ordinal_robust
from psychometrics.stats.moments import FloatArray
from psychometrics.stats.ordinal_moments import OrdinalMoments


def fitted_correlations(layout: Layout, z: FloatArray, data: OrdinalData) -> FloatArray:
    """Return the implied correlations (covariances of continuous variables), (group, p, p)."""
    return np.asarray(
        covariance_of(data.layout, implied_statistics(layout, data.layout, z[None, :]))[0]
    )


def ordinal_residual_errors(
    layout: Layout, z: FloatArray, data: OrdinalData, moments: OrdinalMoments, group: int
) -> FloatArray:
    """Return standard errors of one group's residual correlations, (p, p); 0 where they can't vary.

    Residuals are ``(I - D (D'WD)^-1 D'W)`` times the statistics, whose asymptotic covariance is
    Gamma.

    Parameters
    ----------
    z : ndarray, shape (q,)
        Estimates.
    data : OrdinalData
        One replicate.
    moments : OrdinalMoments
        Where Gamma comes from.

    References
    ----------
    Maydeu-Olivares, A., & Shi, D. (2017). Effect sizes of model misfit in structural equation
    models: Standardized residual covariances and residual correlations. Methodology, 13, 23-30.
    doi:10.1027/1614-2241/a000129
    """
    found = ordinal_robust(layout, z, data, moments.groups)
    members = layout.plan.blocks.members(group)
    own = moments.groups[group]
    change = group_slopes(layout, z, data)[group]
    times = own.contract(data.weight[0, group][:, None] * change)
    bread = found.bread[np.ix_(members, members)]
    spread = found.corrected[np.ix_(members, members)]
    total = own.diagonal() / data.n[0, group]
    follows = ((change @ bread) * times).sum(axis=1)
    taken = ((change @ spread) * change).sum(axis=1)
    left = total - 2 * follows + taken
    variance = np.where(left > 1e-8 * total, left, 0.0)[data.layout.covariances]
    p = len(data.layout.ordered)
    square = np.zeros((p, p))
    square[data.layout.first, data.layout.second] = np.sqrt(variance)
    return np.asarray(square + square.T)
